"""Handles, guesses, and conditional controls, as the annotations of `update` declare them."""

import math
import textwrap
from pathlib import Path
from typing import Annotated, Any

import pytest

from stage import (
    Answer,
    Button,
    Caption,
    Check,
    Choice,
    Drag,
    Figure,
    PointList,
    Points,
    Slider,
    Small,
    Steps,
    Update,
)
from stage.controls import ControlError, effective, parameters
from stage.drawing import Stage
from stage.layout import shape_of

ROOT = Path(__file__).resolve().parent.parent


def turned(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Turn a line, guess the best angle, snap to it."""
    ax = fig.subplots()
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    (line,) = ax.plot([0, 1], [0, 0])
    (best,) = ax.plot([0, 0], [0, 1])

    def update(
        theta: Annotated[
            float, Slider(0, 175, 5, label="angle θ", drag=Drag.around(1.5, turn=180), guess=True)
        ] = 0.0,
        view: Annotated[str, Choice("line", "height", label="view")] = "line",
        height: Annotated[
            float,
            Slider(-1, 1, 0.1, label="h", drag=Drag.vertical(), when=lambda view: view == "height"),
        ] = 0.5,
        width: Annotated[
            float,
            Slider(
                0.1,
                2,
                0.1,
                label="w",
                drag=Drag(
                    at=lambda width, height: (width, height),
                    to=lambda x, y, height: abs(x - height),
                ),
            ),
        ] = 1.0,
        snap: Annotated[bool, Button(label="Snap")] = False,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        if snap:
            theta = 90.0
        line.set_data([0, math.cos(math.radians(theta))], [0, math.sin(math.radians(theta))])
        best.set_visible(bool(answer))
        sets = {"theta": theta, "snap": False} if snap else {}
        return Caption(f"At {theta:g}° {view} {height:g} {width:g} {answer.part:g}.", sets=sets)

    return update  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    return Stage(turned, 360, 1, "light")


def test_a_small_figure_has_one_shape_everywhere() -> None:
    shape = shape_of(turned)
    assert (shape.wide, shape.narrow, shape.small) == (1.2, 1.2, True)


def test_a_handle_on_a_circle_turns_an_angle(stage: Stage) -> None:
    picture = stage.draw({}, moved=("theta", -1.0, -1.0))
    assert picture.fields == {"theta": ["45"]}  # the other end of a line at 225°
    assert picture.caption.startswith("At 45°")
    assert picture.handles is not None
    x, y = picture.handles["theta"]["at"]
    assert (x, y) == pytest.approx((1.5 * math.sqrt(0.5), 1.5 * math.sqrt(0.5)))


def test_a_dragged_value_is_rounded_to_a_step_and_kept_in_range(stage: Stage) -> None:
    assert stage.draw({}, moved=("theta", 1.0, -0.03)).fields == {"theta": ["175"]}
    assert stage.draw({}, moved=("width", 9.0, 0.0)).fields == {"width": ["2"]}
    assert stage.draw({}, moved=("width", 0.84, 0.0)).fields == {"width": ["0.3"]}  # |0.84 − 0.5|


def test_the_handle_of_a_control_without_effect_is_not_there(stage: Stage) -> None:
    first = stage.draw({})
    assert "height" not in first.shown
    assert first.handles is not None
    assert "height" not in first.handles
    second = stage.draw({"view": ["height"]})
    assert "height" in second.shown
    assert second.handles is not None
    assert second.handles["height"]["at"] == (0.0, 0.5)


def test_a_computed_value_is_written_back(stage: Stage) -> None:
    picture = stage.draw({"snap": ["1"]})
    assert picture.fields == {"theta": ["90"], "snap": ["0"]}
    again = stage.draw({"theta": ["90"], "snap": ["0"]})
    assert again.caption == picture.caption


def test_an_answer_is_hidden_until_it_is_asked_for() -> None:
    check = Check()
    assert not check.read(["0"])
    assert check.read(["0.5"]) == Answer(0.5)
    assert check.read(["skip"]) == Answer(1.0, skipped=True)
    assert [check.write(check.read([text])) for text in ("0", "1", "skip")] == [
        ["0"],
        ["1"],
        ["skip"],
    ]
    with pytest.raises(ControlError):
        check.read(["2"])


def test_a_handle_on_a_logarithmic_slider_moves_by_steps_of_its_decades() -> None:
    slider = Slider(0.001, 1, 0.5, label="η", log=True)
    assert slider.nearest(0.012) == pytest.approx(0.01)
    assert slider.nearest(-3) == pytest.approx(0.001)


def test_only_a_slider_has_a_handle_of_its_own_making() -> None:
    """Once, handles of points with `drag` shared one place, and steps failed when dragged."""
    ring = Drag.around(1)

    def points(
        x: Annotated[PointList, Points((0, 1), (0, 1), 0.1, label="x", drag=ring)] = ((0.0, 0.0),),
    ) -> str:
        return str(x)

    def steps(x: Annotated[int, Steps(9, label="x", drag=ring)] = 0) -> str:
        return str(x)

    for update in (points, steps):
        with pytest.raises(ControlError, match="'x' has drag="):
            parameters(update)


def test_a_function_that_asks_for_an_unknown_argument_is_an_error() -> None:
    def update(
        x: Annotated[float, Slider(0, 1, 0.1, label="x", when=lambda mode: mode)] = 0.0,
    ) -> str:
        return str(x)

    with pytest.raises(ControlError, match="'mode'"):
        parameters(update)


def test_which_controls_have_an_effect() -> None:
    found = parameters(turned(Figure()))
    values = {name: parameter.default for name, parameter in found.items()}
    assert "height" not in effective(found, values)
    assert "height" in effective(found, values | {"view": "height"})


def test_the_example_of_contributing_is_a_small_figure_that_works() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    code = textwrap.dedent(text.partition("```python\n")[2].partition("```")[0])
    assert len(code.splitlines()) <= 40
    module: dict[str, Any] = {}
    exec(compile(code, "example", "exec"), module)
    assert shape_of(module["demo"]).small
    stage = Stage(module["demo"], 360, 1, "light")
    first = stage.draw({})
    second = stage.draw({}, moved=("slope", 0.5, 0.8))  # 0.8/0.5
    assert second.fields == {"slope": ["1.6"]}
    assert second.caption != first.caption
    assert second.caption.numbers["x"] == "0.53"  # 1/√(1 + 1.6²)
