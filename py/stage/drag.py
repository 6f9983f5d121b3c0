"""Handles on the picture: the position of a handle, and the value for a position of the pointer.

A control declares its handle in the annotation, next to its range:

    theta: Annotated[float, Slider(0, 180, 1, label="angle θ", drag=Drag.around(2))] = 30

The functions of a `Drag` receive the control's own value (or the position of the pointer), and any
other arguments of `update` that they name:

    sd: Annotated[float, Slider(0.2, 3, 0.1, label="σ", drag=Drag(
        at=lambda sd, mean: (mean + sd, pdf(mean + sd, mean, sd)),
        to=lambda x, y, mean: abs(x - mean),
    ))] = 1.0

`named_arguments` and `call` pass those arguments; controls.py uses them for `when` as well.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

Place = tuple[float, float]
Coordinate = float | Callable[..., float]


@cache
def _names(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def named_arguments(function: Callable[..., Any], own: int) -> tuple[str, ...]:
    """The arguments of `update` that a function names, after its first `own` parameters."""
    return _names(function)[own:]


def call(function: Callable[..., Any], own: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
    """Call a function with its own arguments first, then the values that it names."""
    return function(*own, *(values[name] for name in named_arguments(function, len(own))))


@dataclass(frozen=True)
class Drag:
    """A handle that moves one control.

    `at(value, …)` is the handle's position (x, y), in data coordinates of the axes with the index
    `axes`. `to(x, y, …)` is the value for a position of the pointer; the control rounds it to its
    step and clips it to its range.
    """

    at: Callable[..., Place]
    to: Callable[..., Any]
    axes: int = 0

    @classmethod
    def horizontal(cls, y: Coordinate = 0.0, axes: int = 0) -> "Drag":
        """A handle that moves along x: for a vertical line, the edge of an area, a threshold."""
        return cls.along(y, axes) if callable(y) else cls(lambda value: (value, y), _x, axes)

    @classmethod
    def vertical(cls, x: float = 0.0, axes: int = 0) -> "Drag":
        """A handle that moves along y: for a horizontal line, a level, a height."""
        return cls(lambda value: (x, value), _y, axes)

    @classmethod
    def along(cls, curve: Callable[..., float], axes: int = 0) -> "Drag":
        """A handle on the curve y = curve(value, …), moved along x."""
        others = named_arguments(curve, 1)

        def at(value: float, *more: Any) -> Place:
            return value, float(curve(value, *more))

        at.__signature__ = _signature("value", *others)  # type: ignore[attr-defined]
        return cls(at, _x, axes)

    @classmethod
    def around(
        cls, radius: float = 1.0, center: Place = (0.0, 0.0), turn: float = 360.0, axes: int = 0
    ) -> "Drag":
        """A handle on a circle, for an angle in degrees, counterclockwise from the x axis.

        Angles are taken modulo `turn`: 180 for the direction of a line, which has two ends.
        """

        def at(degrees: float) -> Place:
            angle = math.radians(degrees)
            return center[0] + radius * math.cos(angle), center[1] + radius * math.sin(angle)

        def to(x: float, y: float) -> float:
            return math.degrees(math.atan2(y - center[1], x - center[0])) % turn

        return cls(at, to, axes)


def _x(x: float, _y: float) -> float:
    return x


def _y(_x: float, y: float) -> float:
    return y


def _signature(*names: str) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])
