"""Drag the line by its ends, and watch the squares."""

from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, rounded
from stage.linear_algebra import Numbers

X = np.array([1.0, 2, 4, 6, 7])  # hours
Y = np.array([34.0, 54, 69, 63, 80])  # scores
WIDE, HIGH = 8.0, 100.0  # the ends of the line are at 0 and 8 hours
HOURS = 0.06  # hours per point of the score, so that squares look square


def residuals(b0: float, b1: float) -> Numbers:
    """r = y − (β₀ + β₁x): how far each point lies above the line, shape (5,)."""
    return Y - b0 - b1 * X


def loss(b0: float, b1: float) -> float:
    """The sum of the squared residuals, L = Σr²."""
    r = residuals(b0, b1)
    return float(r @ r)


def squares(b0: float, b1: float) -> Numbers:
    """A square on each residual, on the side where it doesn't cross the line: shape (5, 4, 2)."""
    r = residuals(b0, b1)
    side = -HOURS * r if b1 >= 0 else HOURS * r
    across = np.stack([X, X, X + side, X + side], axis=1)
    return np.stack([across, np.stack([Y - r, Y, Y, Y - r], axis=1)], axis=2)


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: five students, a line through the frame, and the squares."""
    ax = fig.subplots()
    ax.set(xlim=(-0.3, WIDE + 0.3), ylim=(-5, HIGH + 5), xticks=range(0, 9, 2))
    ax.set(xlabel="hours studied", ylabel="test score", aspect=HOURS)
    ax.spines[:].set_visible(False)
    shapes = artists.polygons(ax, facecolors="error", edgecolors="error", alpha=0.22, zorder=1)
    gaps = artists.line(ax, color="error", linewidth=2, zorder=1.5)
    line = artists.line(ax, color="model", zorder=2)
    artists.points(ax, X, Y, color="data", markersize=8, zorder=3)
    ends = artists.points(ax, color="model", markersize=10, zorder=3)

    def update(
        left: Annotated[
            float, Slider(0, HIGH, 1, label="score at 0 hours", drag=Drag.vertical(0.0))
        ] = 40.0,
        right: Annotated[
            float, Slider(0, HIGH, 1, label="score at 8 hours", drag=Drag.vertical(WIDE))
        ] = 40.0,
    ) -> str:
        b0, b1 = left, (right - left) / WIDE
        r = residuals(b0, b1)
        shapes.set_verts(squares(b0, b1))
        gaps.set_data(*artists.joined(np.stack([X, Y - r], 1), np.stack([X, Y], 1)))
        line.set_data([0, WIDE], [left, right])
        ends.set_data([0, WIDE], [left, right])
        total = f"{rounded(loss(b0, b1), 0):,.0f}"
        return Caption(
            f"The squares add up to {total}.",
            detail=(
                f"Five students and the line {number(b0)} {'−' if b1 < 0 else '+'} "
                f"{number(abs(b1), 3)}x. The residuals are "
                f"{', '.join(number(value) for value in r)}."
            ),
            numbers={"b0": number(b0), "b1": number(b1, 3), "loss": total},
        )

    return update
