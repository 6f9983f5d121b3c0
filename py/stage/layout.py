"""The space a figure is given: its proportions on a wide page and on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from matplotlib.figure import Figure

DPI = 100  # CSS pixels per inch: a font of 10 points is 13.9 CSS pixels high on the page
NARROW = 5.6  # inches; a column narrower than this is a phone's


@dataclass(frozen=True)
class Shape:
    """Width divided by height of a demo's figure: `fig: Annotated[Figure, Shape(wide=2)]`.

    `wide` holds from 560 CSS pixels of width on, `narrow` below. A `small` figure stands beside a
    paragraph (see `Small`); any other is as wide as the page allows.
    """

    wide: float = 1.6
    narrow: float = 1.0
    small: bool = False

    def at(self, width: float) -> float:
        """Width divided by height for a figure of `width` inches."""
        return self.narrow if width < NARROW else self.wide


class Small(Shape):
    """The shape of a small figure, which shows one idea: `fig: Annotated[Figure, Small(1.2)]`."""

    def __init__(self, ratio: float = 1.25) -> None:
        super().__init__(ratio, ratio, small=True)


def narrow(fig: Figure) -> bool:
    """Whether the figure is drawn for a phone, where panels stand below each other."""
    return bool(fig.get_figwidth() < NARROW)


def shape_of(demo: Callable[..., Any]) -> Shape:
    """The shape a demo asks for in the annotation of its figure, or the usual one."""
    hints = get_type_hints(demo, include_extras=True)
    figure_hint = next(iter(hints.values()))
    return next((item for item in get_args(figure_hint) if isinstance(item, Shape)), Shape())
