"""How controls read the text in their fields; `int` values are rounded before `update`."""

from typing import Annotated

import pytest

from bundle.states import DEMOS, parameters
from stage import PointList, Points, Slider, controls


def update(
    k: Annotated[int, Slider(1, 8, 1, label="k")] = 3,
    x: Annotated[float, Slider(1, 8, 1, label="x")] = 3.0,
    data: Annotated[
        PointList, Points((0, 9), (0, 1), (0.1, 1), label="data", most=2, whole=(False, True))
    ] = ((1.0, 0.0),),
) -> str:
    return f"{k} {x} {data}."


def read(**fields: list[str]) -> dict[str, object]:
    return controls.read(controls.parameters(update), fields)


@pytest.mark.parametrize(
    ("text", "whole"), [("2.5", 3), ("3.5", 4), ("2.4", 2), ("1", 1), ("7.99", 8)]
)
def test_an_argument_that_is_an_int_gets_a_whole_number(text: str, whole: int) -> None:
    found = read(k=[text])["k"]
    assert found == whole
    assert type(found) is int
    assert read(x=[text])["x"] == float(text)


def test_whole_numbers_along_one_axis_of_points() -> None:
    assert read(data=["1.25", "0.5", "2", "0.2"])["data"] == ((1.25, 1), (2, 0))


def test_an_int_needs_whole_ends_and_steps() -> None:
    def wrong(k: Annotated[int, Slider(1, 8, 0.5, label="k")] = 3) -> str:
        return f"{k}."

    with pytest.raises(controls.ControlError, match=r"'k'.*whole"):
        controls.parameters(wrong)


@pytest.mark.parametrize("name", DEMOS)
def test_no_demo_gets_a_part_of_what_is_counted(name: str) -> None:
    """If an argument is a count (clusters, folds, units, points), 2.5 is drawn as 3."""
    for key, parameter in parameters(name).items():
        whole = getattr(parameter.control, "whole", False) is True
        assert whole == (isinstance(parameter.default, int) and whole), key
        counts = ("k", "n", "m", "degree", "count", "seed", "step", "runs", "reshuffles")
        if key in counts and not isinstance(parameter.control, controls.Button):
            low = getattr(parameter.control, "low", 0)
            value = parameter.control.read([str(low + 0.5)])
            assert (type(value), value) == (int, low + 1), key


def test_there_are_controls_that_count() -> None:
    assert {key for name in DEMOS for key in parameters(name)} >= {
        "k",
        "n",
        "m",
        "degree",
        "count",
        "seed",
    }
