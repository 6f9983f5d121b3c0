"""Drag what arrives at the outputs and see what the inputs get."""

from typing import Annotated, Any

import numpy as np
from matplotlib.patches import Circle

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

W = np.array([[2.0, 1.0], [-1.0, 3.0]])  # z = Wx + b: a row for each output
HEIGHTS = (1.0, -1.0)  # y of the first and second node
LEFT, RIGHT = 0.0, 3.0
AXIS = 4.75  # x of the start of the bars
SCALE = 0.75  # length of a bar for the value 1
SIZE = 0.33  # radius of a node


def back(d: tuple[float, float]) -> Numbers:
    """Wᵀd: from ∂L/∂z to ∂L/∂x. Each input sums the contributions along its weights."""
    found: Numbers = W.T @ np.array(d)
    return found


def _beside(i: int, j: int) -> tuple[float, float]:
    """The position of the number of the edge from output i to input j, away from all edges."""
    return (1.5, 1.3 * HEIGHTS[j]) if i == j else (0.55, 0.25 * HEIGHTS[j])


def demo(fig: Annotated[Figure, Small(1.55)]) -> Update:
    """Set the scene: two inputs, two outputs, and the four weights between them."""
    ax = fig.subplots()
    ax.set(xlim=(-1.15, 6.1), ylim=(-2.15, 2.15), aspect="equal")
    ax.set_axis_off()
    middle: Any = {"ha": "center", "va": "center"}
    for x, name, color in ((LEFT, "x", "data"), (RIGHT, "z", "ink")):
        for y, index in zip(HEIGHTS, "₁₂", strict=True):
            circle = Circle((x, y), SIZE, facecolor="surface", edgecolor=color, linewidth=1.5)
            circle.set_zorder(3)
            ax.add_patch(circle)
            ax.text(x, y, name + index, **middle, color=color, zorder=3.5)
    ax.plot([AXIS, AXIS], [-1.45, 1.45], color="muted", linewidth=1)
    for y, index in zip(HEIGHTS, "₁₂", strict=True):
        ax.text(AXIS + 0.1, y + 0.5, f"∂L/∂z{index}", va="center", color="gradient", zorder=0.8)
    edges = [(i, j) for i in (0, 1) for j in (0, 1)]  # from output i to input j
    ends = [((LEFT, HEIGHTS[j]), (RIGHT, HEIGHTS[i])) for i, j in edges]
    for one, two in ends:
        ax.plot(*np.transpose([one, two]), color="muted", linewidth=1, zorder=0.9)
    bands = artists.segments(ax, ends, colors="gradient", zorder=2)
    parts = [artists.label(ax, *_beside(i, j), **middle, size=9.5) for i, j in edges]
    totals = [
        artists.label(ax, LEFT, 1.72 * y, **middle, color="gradient", weight="semibold")
        for y in HEIGHTS
    ]
    bars = artists.segments(ax, colors="gradient", linewidths=6, capstyle="butt")
    tips = artists.points(ax, color="gradient", markersize=8)

    def handle(index: int) -> Drag:
        """A handle at the end of a bar."""
        return Drag(
            at=lambda value: (AXIS + SCALE * value, HEIGHTS[index]),
            to=lambda x, _: (x - AXIS) / SCALE,
        )

    def update(
        d1: Annotated[float, Slider(-1.5, 1.5, 0.1, label="∂L/∂z₁", drag=handle(0))] = 1.0,
        d2: Annotated[float, Slider(-1.5, 1.5, 0.1, label="∂L/∂z₂", drag=handle(1))] = 0.5,
    ) -> str:
        d = (d1, d2)
        given = back(d)
        moved = [AXIS + SCALE * value for value in d]
        bars.set_segments(
            np.array([[(AXIS, y), (x, y)] for x, y in zip(moved, HEIGHTS, strict=True)])
        )
        tips.set_data(moved, HEIGHTS)
        passed = [W[i, j] * d[i] for i, j in edges]
        bands.set_linewidth([min(2.2 * abs(value), 9.0) for value in passed])
        for label, value in zip(parts, passed, strict=True):
            label.set_text(number(value))
        for label, index, value in zip(totals, "₁₂", given, strict=True):
            label.set_text(f"∂L/∂x{index} = {number(float(value))}")
        first, second = (number(float(value)) for value in given)
        return Caption(
            f"The inputs get {first} and {second}.",
            detail=(
                f"Two outputs with ∂L/∂z = ({number(d1)}, {number(d2)}). Output 1 passes back "
                f"{number(passed[0])} to input 1 and {number(passed[1])} to input 2; output 2 "
                f"passes back {number(passed[2])} and {number(passed[3])}. The sums are {first} "
                f"and {second}."
            ),
            numbers={"d1": number(d1), "d2": number(d2), "g1": first, "g2": second},
        )

    return update
