"""The size of figures on a wide page and on a phone, and the position of axes in CSS pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from matplotlib.figure import Figure

DPI = 100  # CSS pixels per inch, so a font of 10 points is 13.9 CSS pixels high on the page
NARROW = 5.6  # inches; narrower columns get the phone layout

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """Width divided by height of a demo's figure: `fig: Annotated[Figure, Shape(wide=2)]`.

    `wide` is for widths of at least 560 CSS pixels, `narrow` for smaller ones. A `small` figure is
    shown beside a paragraph (see `Small`); any other is as wide as the page allows.
    """

    wide: float = 1.6
    narrow: float = 1.0
    small: bool = False

    def at(self, width: float) -> float:
        """Width divided by height for a figure of `width` inches."""
        return self.narrow if width < NARROW else self.wide


class Small(Shape):
    """The shape of a small figure for one idea: `fig: Annotated[Figure, Small(1.2)]`."""

    def __init__(self, ratio: float = 1.25) -> None:
        super().__init__(ratio, ratio, small=True)


def narrow(fig: Figure) -> bool:
    """Whether the figure uses the phone layout, with panels below each other."""
    return bool(fig.get_figwidth() < NARROW)


def css_size(fig: Figure) -> tuple[float, float]:
    """The width and height of a figure in CSS pixels."""
    width, height = fig.get_size_inches()
    return DPI * float(width), DPI * float(height)


def inset(fig: Figure, left: float, top: float, right: float, bottom: float) -> Rectangle:
    """The position of axes, as `set_position` takes it, with these margins in CSS pixels.

    Rounded as the stage rounds layouts, so that a panel returns to exactly the same position.
    """
    wide, high = css_size(fig)
    parts = left / wide, bottom / high, 1 - (left + right) / wide, 1 - (top + bottom) / high
    x, y, width, height = (round(part, 6) for part in parts)
    return x, y, width, height


def shape_of(demo: Callable[..., Any]) -> Shape:
    """The shape in the annotation of a demo's figure, or else the default shape."""
    hints = get_type_hints(demo, include_extras=True)
    figure_hint = next(iter(hints.values()))
    return next((item for item in get_args(figure_hint) if isinstance(item, Shape)), Shape())
