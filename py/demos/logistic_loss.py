"""Drag the failed student to the right, and compare two losses."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.classification import chance_text, loss_text, sigmoid
from stage.linear_algebra import Numbers

W, B = 1.0, -4.0
X = np.linspace(0, 10, 161)
COLORS = ("error", "truth")
REACH = 0.9  # half the length, in hours, of the tangent lines


def losses(x: float) -> tuple[float, float]:
    """Log loss −ln(1 − P) and squared error (0 − P)² of a student who fails after x hours."""
    p = 1 / (1 + math.exp(-(W * x + B)))
    return -math.log1p(-p), p * p


def slopes(x: float) -> tuple[float, float]:
    """Their derivatives with respect to the log-odds: P, and 2P²(1 − P)."""
    p = 1 / (1 + math.exp(-(W * x + B)))
    return p, 2 * p * p * (1 - p)


def curves() -> tuple[Numbers, Numbers]:
    """Both losses at every X."""
    z = W * X + B
    return np.logaddexp(0, z), sigmoid(z) ** 2


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: two losses over the hours, and what one student costs in each."""
    ax = fig.subplots()
    ax.set(xlim=(-0.3, 10.3), ylim=(-0.75, 7.1), xlabel="hours studied, but failed")
    ax.set_xticks(range(0, 11, 2))
    ax.set_yticks(range(0, 7, 2))
    ax.spines[:].set_visible(False)
    for y, color, text in ((6.6, "error", "log loss"), (5.55, "truth", "squared error")):
        ax.text(0, y, text, color=color, weight="semibold", va="center", zorder=0.8)
    for color, values in zip(COLORS, curves(), strict=True):
        artists.line(ax, X, values, color=color, linewidth=1.8, zorder=1.5)
    drop = artists.line(ax, color="muted", linewidth=1, linestyle=":", zorder=1.4)
    student = artists.points(ax, color="data", mfc="surface", markersize=9, mew=2, zorder=2.5)
    tangents = [artists.line(ax, color=color, linewidth=4, alpha=0.5) for color in COLORS]
    marks = [artists.points(ax, color=color, markersize=8, zorder=2.4) for color in COLORS]

    def update(
        x: Annotated[
            float, Slider(0, 10, 0.1, label="hours studied", unit="h", drag=Drag.horizontal(-0.45))
        ] = 4.0,
    ) -> str:
        found, steep = losses(x), slopes(x)
        student.set_data([x], [-0.45])
        drop.set_data([x, x], [-0.45, max(found)])
        ends = np.array([max(x - REACH, 0.0), min(x + REACH, 10.0)])
        for tangent, mark, loss, slope in zip(tangents, marks, found, steep, strict=True):
            tangent.set_data(ends, loss + W * slope * (ends - x))
            mark.set_data([x], [loss])
        by_log, by_square = map(loss_text, found)
        p = chance_text(steep[0])
        return Caption(
            f"This failure costs {by_log} in log loss and {by_square} in squared error.",
            detail=(
                f"After {number(x)} hours, the model gave a probability of {p} to passing, but the "
                f"student failed. The slope of the log loss is {number(steep[0], 3)}, and that of "
                f"the squared error is {number(steep[1], 3)}."
            ),
            numbers={
                "x": number(x),
                "p": p,
                "log": by_log,
                "square": by_square,
            },
        )

    return update
