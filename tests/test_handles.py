"""In every figure and view, handles appear only if moving them has an effect."""

from collections.abc import Iterator

import pytest
from support.pictures import shown

from bundle.states import DEMOS, demo_of, parameters
from stage import controls
from stage.drawing import Stage

pytestmark = pytest.mark.whole


def views(name: str) -> Iterator[dict[str, list[str]]]:
    """The defaults, and each option and toggle."""
    yield {}
    for key, parameter in parameters(name).items():
        match parameter.control:
            case controls.Choice(options=options):
                yield from ({key: [option]} for option in options if option != parameter.default)
            case controls.Button():  # a button is pressed for only one picture
                pass
            case controls.Toggle():
                yield {key: ["0" if parameter.default else "1"]}


def elsewhere(texts: list[str], control: controls.Control) -> list[str]:
    """The value with its first coordinates at one end of their range."""
    match control:
        case controls.Points(x, y):
            return [format(x[1], "g"), format(y[0], "g"), *texts[2:]]
        case controls.Matrix(low=low):
            return [format(low, "g"), *texts[1:]]
        case controls.Slider(low, high):
            middle = (low + high) / 2  # both ends may be the same: a full turn
            return [format(middle if float(texts[0]) != middle else high, "g")]
    raise AssertionError(control)


@pytest.mark.parametrize("name", DEMOS)
def test_a_handle_on_the_picture_does_something(name: str) -> None:
    stage = Stage(demo_of(name), 360, 1, "light")
    for fields in views(name):
        first = stage.draw(fields, whole=True)
        assert first.handles is not None
        pixels = shown(first).copy()  # a picture is valid until the next one
        for key in first.handles:
            parameter = stage.parameters[key]
            moved = fields | {key: elsewhere(parameter.texts, parameter.control)}
            second = stage.draw(moved, whole=True)
            changed = first.caption != second.caption or (pixels != shown(second)).any()
            assert changed, f"{key} does nothing with {fields}"
            stage.draw(fields)
