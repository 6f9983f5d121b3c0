"""Building blocks of figures: squared paper, changing axis numbers, names beside arrows."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import FixedLocator, MultipleLocator
from matplotlib.transforms import ScaledTranslation, offset_copy
from numpy.typing import ArrayLike

from stage.artists import Label, label
from stage.linear_algebra import Vector

_TRIES = [  # candidate positions of a name: distance in pixels, cosine and sine of the rotation
    (gap, math.cos(turn), math.sin(turn))
    for gap in (5, 18, 34)
    for turn in map(math.radians, (0, 45, -45, 90, -90, 135, -135, 180))
]
BOLD: Any = {"weight": "semibold", "size": 12}


def squared_paper(ax: Axes, limit: float, major: float = 5) -> None:
    """Squared paper from −limit to limit: a line at each unit, a number every `major` units."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MultipleLocator(major))
        axis.set_minor_locator(MultipleLocator(1))
    ax.grid(which="minor", linewidth=0.4)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.axvline(0, color="muted", linewidth=0.8, zorder=0.9)


def fitting(limits: Sequence[float], *points: ArrayLike) -> float:
    """The first limit of a plane that fits all points and their names, or else the last limit."""
    farthest = max(float(abs(np.asarray(point)).max()) for point in points)
    return next((limit for limit in limits if farthest <= 0.915 * limit), limits[-1])


def zoom(ax: Axes, limit: float, major: float) -> None:
    """Show squared paper up to another limit, with lines and numbers at suitable distances."""
    if ax.get_xlim()[1] == limit:
        return
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MultipleLocator(major) if limit < 6 else FixedLocator((-5, 0, 5)))
        axis.set_minor_locator(MultipleLocator(1 if limit < 14 else 5))


def axis_numbers(
    ax: Axes, along: Literal["x", "y"], places: Sequence[float], widest: Sequence[str]
) -> list[Label]:
    """Labels that replace the tick labels of an axis whose numbers change.

    Changing the tick labels themselves would make matplotlib redraw the whole axes; they stay as
    invisible placeholders with the texts `widest`, which reserve the space. `along` is "x" or "y".
    """
    ax.set(**{f"{along}ticks": places, f"{along}ticklabels": widest})
    ax.tick_params(along, labelcolor="none")
    figure = ax.get_figure()
    assert figure
    below = along == "x"
    right, up = (0.0, -PAD) if below else (-PAD, 0.0)
    gap = ScaledTranslation(right, up, figure.dpi_scale_trans)
    return [
        label(
            ax,
            place if below else 0,
            0 if below else place,
            "",
            ha="center" if below else "right",
            va="top" if below else "center_baseline",
            transform=(ax.get_xaxis_transform() if below else ax.get_yaxis_transform()) + gap,
            color="muted",
            size=9.5,
        )
        for place in places
    ]


PAD = 3.5 / 72  # inches between axes and their numbers


def heading(ax: Axes, text: str, width: float, color: str) -> Label:
    """A title of `width` points above a panel, and the label of a changing value next to it."""
    beside = offset_copy(ax.transAxes, ax.get_figure(root=True), x=width, units="points")
    ax.text(0, 1.03, text, transform=ax.transAxes, zorder=0.8, color=color, **BOLD)
    return label(ax, 0, 1.03, transform=beside, color=color, **BOLD)


def name(ax: Axes, text: str, color: str) -> Label:
    """The name of an arrow or a point, readable on a tinted plane; see `place_names`."""
    centered = {"ha": "center", "va": "center", "clip_on": True, "zorder": 5}
    own = color if color in ("ink", "muted") else f"{color}-text"
    return label(ax, 0, 0, text, color=own, **BOLD, **centered)


def place_names(*names: tuple[Label, Vector, Vector, bool], pixel: float, limit: float) -> None:
    """Place each name next to its spot: in its direction if that is free, or else around it.

    Each name is a tuple: label, spot, direction, and whether to show it. Earlier names have
    priority. A name whose spot is outside the plane is hidden. The plane reaches from −limit to
    limit; `pixel` is the size of a CSS pixel in units of the plane.
    """
    taken: list[_Box] = []
    for text, spot, direction, wanted in names:
        (x, y), (right, up) = spot.tolist(), direction.tolist()
        shown = wanted and abs(x) < limit and abs(y) < limit
        text.set_visible(shown)
        if not shown:
            continue
        wide, high = pixel * (5.5 * len(text.get_text()) + 1), pixel * 8
        least, best = math.inf, (x, y, wide, high)
        for gap, cos, sin in _TRIES:
            across = x + (cos * right - sin * up) * (wide + gap * pixel)
            above = y + (sin * right + cos * up) * (high + gap * pixel)
            box = _within(across, limit - wide), _within(above, limit - high), wide, high
            shared = sum(_shared(box, other) for other in taken)
            if shared < least:
                least, best = shared, box
            if not least:
                break
        text.set_position(best[:2])
        taken.append(best)


_Box = tuple[float, float, float, float]  # center x and y, half the width, half the height


def _within(value: float, edge: float) -> float:
    return min(max(value, -edge), edge)


def _shared(one: _Box, other: _Box) -> float:
    """The area of the overlap of two boxes."""
    x, y, wide, high = one
    other_x, other_y, other_wide, other_high = other
    across = min(wide + other_wide - abs(x - other_x), 2 * wide, 2 * other_wide)
    up = min(high + other_high - abs(y - other_y), 2 * high, 2 * other_high)
    return max(across, 0.0) * max(up, 0.0)


def mixed(color: str, strength: float) -> tuple[float, float, float]:
    """A color blended with the background; opaque, because large opaque areas fill faster."""
    over, under = np.array(to_rgb(color)), np.array(to_rgb("surface"))
    red, green, blue = (strength * over + (1 - strength) * under).tolist()
    return red, green, blue
