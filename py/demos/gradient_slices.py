"""Drag the point and watch the slopes of the two slices."""

import math
from itertools import pairwise
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number, pair
from stage.figures import mixed
from stage.linear_algebra import Numbers

ACROSS, UP = 3.4, 1.9  # extent of the map to each side of the summit
LEFT_RIGHT, FRONT_BACK = np.linspace(-ACROSS, ACROSS, 35), np.linspace(-UP, UP, 20)
TANGENT = np.array([-0.9, 0.9])


def f(x1: ArrayLike, x2: ArrayLike) -> Numbers:
    """The hill 3 − x₁²/8 − x₂²/2, with its summit at the origin."""
    height: Numbers = 3 - np.square(x1) / 8 - np.square(x2) / 2
    return height


def slopes(x1: float, x2: float) -> tuple[float, float]:
    """The partial derivatives ∂f/∂x₁ = −x₁/4 and ∂f/∂x₂ = −x₂."""
    return 0 - x1 / 4, 0 - x2


def seen(x1: ArrayLike, x2: ArrayLike, height: ArrayLike) -> Numbers:
    """The projection of a point in space to the view from the front and above, shape (2, …)."""
    across, back = np.broadcast_arrays(x1, x2)
    return np.array([across + 0.35 * back, 0.75 * back + 0.5 * np.asarray(height)])


def demo(fig: Annotated[Figure, Small(0.98)]) -> Update:
    """Set the scene: the map of a hill with two lines, and a view of the hill with two slices."""
    ax, view = fig.subplots(2, 1, height_ratios=(1.2, 1))
    ax.set(xlim=(-ACROSS, ACROSS), ylim=(-UP, UP), aspect="equal", xlabel="x₁", ylabel="x₂")
    ax.set(xticks=range(-3, 4), yticks=range(-1, 2))
    ax.spines[:].set_visible(False)
    turn = np.linspace(0, 2 * math.pi, 121)
    for drop in np.arange(0.25, 3.8, 0.5):  # level curves
        ax.plot(
            math.sqrt(8 * drop) * np.cos(turn),
            math.sqrt(2 * drop) * np.sin(turn),
            color="error",
            alpha=0.5,
            linewidth=1,
        )
    view.set(xlim=(-4.45, 4.45), ylim=(-1.75, 2.35), aspect="equal", xticks=[], yticks=[])
    view.spines[:].set_visible(False)
    _hill(view)
    ideas = ("data", "truth")
    walks = [artists.line(ax, color=idea, linewidth=2.4) for idea in ideas]
    slices = [artists.line(view, color=idea, linewidth=1.6) for idea in ideas]
    tangents = [artists.line(view, color=idea, linewidth=3.4) for idea in ideas]
    dots = [artists.points(panel, color="ink", markersize=8, zorder=4) for panel in (ax, view)]

    def update(
        point: Annotated[
            PointList, Points((-3, 3), (-1.2, 1.2), 0.1, label="point", names=("x",))
        ] = ((-2.0, -1.0),),
    ) -> str:
        ((x1, x2),) = point
        height = float(f(x1, x2))
        both = slopes(x1, x2)
        walks[0].set_data([-ACROSS, ACROSS], [x2, x2])
        walks[1].set_data([x1, x1], [-UP, UP])
        slices[0].set_data(seen(LEFT_RIGHT, x2, f(LEFT_RIGHT, x2)))
        slices[1].set_data(seen(x1, FRONT_BACK, f(x1, FRONT_BACK)))
        tangents[0].set_data(seen(x1 + TANGENT, x2, height + both[0] * TANGENT))
        tangents[1].set_data(seen(x1, x2 + TANGENT, height + both[1] * TANGENT))
        dots[0].set_data([x1], [x2])
        dots[1].set_data(seen([x1], [x2], [height]))
        first, second = (number(slope, 3) for slope in both)
        return Caption(
            told(x1, x2),
            detail=(
                f"The map of a hill with level curves, and the point {pair((x1, x2), 3)}, where "
                f"the height is {number(height)}. Below it, the hill from the front, with the "
                f"slices through the point: the slopes are {first} along x₁ and {second} along x₂."
            ),
            numbers={
                "x1": _factor(x1),
                "x2": _factor(x2),
                "place": pair((x1, x2)),
                "s1": first,
                "s2": second,
            },
        )

    return update


def _hill(ax: Axes) -> None:
    """The surface, drawn from the back to the front, so that nearer patches hide the others."""
    corners, colors = [], []
    for back, front in pairwise(FRONT_BACK[::-1]):
        for left, right in pairwise(LEFT_RIGHT[::2]):
            x1, x2 = np.array([(left, back), (right, back), (right, front), (left, front)]).T
            corners.append(seen(x1, x2, f(x1, x2)).T)
            colors.append(mixed("error", 0.05 + 0.09 * max(float(f(x1, x2).mean()) + 0.5, 0)))
    hill = artists.polygons(ax, facecolors=colors, edgecolors="surface", linewidths=0.4)
    hill.set(zorder=0.2)
    hill.set_verts(corners)


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if value < 0 else text


def told(x1: float, x2: float) -> str:
    """The caption: the two slopes, and what it means if they are 0."""
    first, second = slopes(x1, x2)
    if not first and not second:
        return "Both slices are level here, so both slopes are 0."
    return f"The slope is {number(first, 3)} along x₁ and {number(second, 3)} along x₂."
