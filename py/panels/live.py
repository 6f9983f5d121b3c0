"""A figure with the values of its controls: the model behind the window and the notebook panel.

Values are form fields as in the page, lists of strings (see `stage.controls`), and the picture is
drawn by the same stage as in the browser.
"""

import logging
import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stage import Answer, Caption, controls
from stage.controls import Control, ControlError, Matrix, Parameter, Points, Seed
from stage.drawing import Demo, Stage
from stage.layout import shape_of

# The font of the symbols has one weight, and matplotlib 3.11 warns about it in every figure.
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: "Course Symbols" not in record.getMessage()
)

Handle = tuple[str, int, float, float]  # control, index, and position as fractions of the picture


class Live:
    """A figure, the values of its controls, and its picture.

    `width` is in CSS pixels, `ratio` is the number of device pixels per CSS pixel. Values interact
    as in the page: changing a control hides the answer to a guess again.
    """

    def __init__(
        self,
        demo: Demo,
        width: float = 0,
        ratio: float = 1,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.demo = demo
        self.shape = shape_of(demo)
        self.width, self.ratio = width or (420 if self.shape.small else 720), ratio
        self.fields: dict[str, list[str]] = {}
        self.handles: dict[str, dict[str, Any]] = {}
        self.shown: list[str] = []
        self.caption = Caption("")
        self._set_scene()
        self.fields = {name: parameter.texts for name, parameter in self.parameters.items()}
        for name, value in (values or {}).items():
            if name not in self.parameters:
                known = ", ".join(self.parameters)
                raise ControlError(f"there is no control {name!r}; there are {known}")
            self.fields[name] = self.parameters[name].control.write(value)
        self.draw(whole=True)

    def _set_scene(self) -> None:
        self.stage = Stage(self.demo, self.width, self.ratio, "light")
        self.parameters: dict[str, Parameter] = self.stage.parameters

    def resize(self, width: float, ratio: float) -> None:
        """Draw the picture at another size."""
        if (width, ratio) != (self.width, self.ratio):
            self.width, self.ratio = width, ratio
            self._set_scene()
            self.draw(whole=True)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture as RGBA, (height, width, 4)."""
        return np.asarray(self.stage.canvas.buffer_rgba())

    def control(self, name: str) -> Control:
        """The control of a parameter."""
        return self.parameters[name].control

    def value(self, name: str) -> Any:
        """The value of a parameter."""
        return self.control(name).read(self.fields[name])

    @property
    def check(self) -> str:
        """The name of the parameter that shows the answer to a guess; "" in other figures."""
        kinds = ((name, parameter.control.kind) for name, parameter in self.parameters.items())
        return next((name for name, kind in kinds if kind == "check"), "")

    def rests(self, name: str) -> bool:
        """Whether a control is locked because its guess has been answered."""
        return self.control(name).guess and bool(self.check and self.value(self.check))

    # Changing values

    def draw(self, whole: bool = False, moved: tuple[str, float, float] | None = None) -> None:
        """Draw the values of the fields; ControlError, and no change, if they are invalid."""
        picture = self.stage.draw(self.fields, whole, moved)
        self.fields |= picture.fields
        self.caption, self.shown = picture.caption, picture.shown
        if picture.handles is not None:
            self.handles = picture.handles

    def set(self, name: str, value: Any) -> None:
        """Set a parameter and draw. ControlError if the value is invalid."""
        self.set_texts(name, self.control(name).write(value))

    def set_texts(self, name: str, texts: list[str]) -> None:
        """Set a parameter from form fields and draw. ControlError if they are invalid."""
        self.control(name).read(texts)
        self.fields[name] = texts
        if self.check and name != self.check:
            self.fields[self.check] = self.control(self.check).write(Answer())
        self.draw()

    def restart(self) -> None:
        """Start a guess again, with new random data if the figure has a seed."""
        for name, parameter in self.parameters.items():
            if isinstance(parameter.control, Seed):
                self.fields[name] = [str(random.randint(0, parameter.control.last))]
            elif parameter.control.guess or name == self.check:
                self.fields[name] = parameter.texts
        self.draw()

    def reset(self) -> None:
        """Reset all values to their defaults."""
        self.fields = {name: parameter.texts for name, parameter in self.parameters.items()}
        self.draw()

    # Handles on the picture

    def places(self) -> Iterator[Handle]:
        """The handles that can be dragged."""
        for name, box in self.handles.items():
            if name in self.shown and not self.rests(name):
                for index, place in enumerate(self._in_axes(name, box)):
                    x, y = (
                        (at - low) / (high - low)
                        for at, (low, high) in zip(place, (box["x"], box["y"]), strict=True)
                    )
                    across = box["left"] + x * (box["right"] - box["left"])
                    down = box["bottom"] + y * (box["top"] - box["bottom"])
                    if 0 <= across <= 1 and 0 <= down <= 1:
                        yield name, index, across, down

    def _in_axes(self, name: str, box: Mapping[str, Any]) -> list[tuple[float, float]]:
        """The positions of the handles of a control, in data coordinates."""
        if "at" in box:
            return [box["at"]]
        value = self.value(name)
        return list(zip(*value, strict=True)) if isinstance(self.control(name), Matrix) else value

    def drag(self, name: str, index: int, across: float, down: float) -> None:
        """Move a handle to a position, in fractions of the picture."""
        box = self.handles[name]
        x, y = (
            low + part * (high - low)
            for part, (low, high) in (
                ((across - box["left"]) / (box["right"] - box["left"]), box["x"]),
                ((down - box["bottom"]) / (box["top"] - box["bottom"]), box["y"]),
            )
        )
        control = self.control(name)
        if "at" in box:
            self.set(name, controls.dragged(self.parameters, self._values(), name, (x, y)))
        elif isinstance(control, Points):
            points = list(self.value(name))
            points[index] = nearest(control, x, y)
            self.set(name, points)
        elif isinstance(control, Matrix):
            rows = [list(row) for row in self.value(name)]
            for row, at in zip(rows, (x, y), strict=True):
                row[index] = controls.nearest(at, control.low, control.high, control.step)
            self.set(name, rows)

    def _values(self) -> dict[str, Any]:
        return controls.read(self.parameters, self.fields)

    def add_point(self, name: str) -> None:
        """Add a point in the middle, up to the maximum number."""
        control, points = self.control(name), list(self.value(name))
        assert isinstance(control, Points)
        if len(points) < control.most:
            self.set(name, [*points, nearest(control, sum(control.x) / 2, sum(control.y) / 2)])

    def remove_point(self, name: str) -> None:
        """Remove the last point, down to the minimum number."""
        control, points = self.control(name), list(self.value(name))
        assert isinstance(control, Points)
        if len(points) > control.least:
            self.set(name, points[:-1])


def nearest(control: Points, x: float, y: float) -> tuple[float, float]:
    """The valid point nearest to a position."""
    (step_x, step_y), (whole_x, whole_y) = control.steps, control.whole
    return (
        controls.nearest(x, *control.x, 1 if whole_x else step_x),
        controls.nearest(y, *control.y, 1 if whole_y else step_y),
    )


def decimals(step: float) -> int:
    """The number of decimals for values with this step."""
    return len(format(step, ".10f").rstrip("0").partition(".")[2])
