"""Drag the point: each point of the map is a line."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number, rounded
from stage.figures import mixed
from stage.linear_algebra import Numbers

X = np.array([1.0, 2, 4, 6, 7])  # hours
Y = np.array([34.0, 54, 69, 63, 80])  # scores
BEST = (36.0, 6.0)
B0, B1 = (0.0, 80.0), (-2.0, 14.0)  # ranges of β₀ and β₁ on the map
RINGS = np.arange(200.0, 20, -25)  # the loss on a ring is the minimum plus the square of this


def loss(b0: float, b1: float) -> float:
    """The sum of the squared residuals, L = Σ(y − β₀ − β₁x)²."""
    r = Y - b0 - b1 * X
    return float(r @ r)


def ring(size: float) -> Numbers:
    """The lines with L = L(best) + size², an ellipse, shape (91, 2).

    With d = (β₀, β₁) − best, L − L(best) = n(d₀ + x̄d₁)² + Σ(x − x̄)²·d₁², where x̄ is the mean
    of x.
    """
    turn = np.linspace(0, 2 * math.pi, 91)
    mean = float(X.mean())
    d1 = size / math.sqrt(float(((X - mean) ** 2).sum())) * np.sin(turn)
    d0 = size / math.sqrt(len(X)) * np.cos(turn) - mean * d1
    return np.column_stack([BEST[0] + d0, BEST[1] + d1])


def demo(fig: Annotated[Figure, Small(0.95)]) -> Update:
    """Set the scene: the line above, and below it the map of all lines."""
    plane, field = fig.subplots(2, 1, height_ratios=(1, 1.35))
    plane.set(xlim=(-0.3, 8.3), ylim=(0, 100), xticks=[], yticks=[])
    plane.set_title("the line", size=10.5)
    plane.spines[:].set_color("rule")
    plane.spines[:].set_visible(True)
    artists.points(plane, X, Y, color="data", markersize=6, zorder=3)
    line = artists.line(plane, color="model")
    field.set(xlim=(B0[0] - 3, B0[1] + 3), ylim=(B1[0] - 1, B1[1] + 1))
    field.set(xlabel="intercept β₀", ylabel="slope β₁", xticks=range(0, 81, 20))
    field.set_title("its point on the map", size=10.5)
    field.set_facecolor(mixed("error", 0.5))
    field.spines[:].set_visible(False)
    field.grid(visible=False)
    for size, strength in zip(RINGS, np.linspace(0.44, 0.04, len(RINGS)), strict=True):
        field.fill(*ring(float(size)).T, facecolor=mixed("error", float(strength)), zorder=0.5)
    spot = artists.points(field, color="model", markersize=10)

    def update(
        line_at: Annotated[
            PointList, Points(B0, B1, (1, 0.1), label="intercept and slope", names=("β",), axes=1)
        ] = ((60.0, 0.0),),
    ) -> str:
        ((b0, b1),) = line_at
        line.set_data([-1, 9], [b0 - b1, b0 + 9 * b1])
        spot.set_data([b0], [b1])
        total = f"{rounded(loss(b0, b1), 0):,.0f}"
        return Caption(
            f"The loss of this line is {total}.",
            detail=(
                f"Five students and the line {number(b0)} {'−' if b1 < 0 else '+'} "
                f"{number(abs(b1))}x. On the map, intercepts go from left to right and "
                "slopes from bottom to top. The level curves of the loss are slanted ellipses."
            ),
            numbers={"b0": number(b0), "b1": number(b1), "loss": total},
        )

    return update
