"""Drag the first column and watch the grid follow."""

import math
from typing import Annotated, Any

import numpy as np
from matplotlib.patches import Polygon

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number
from stage.linear_algebra import GRID, LETTER, SQUARE, Numbers, image

SECOND = (0.0, 1.0)  # the second column stays
X = np.array([2.0, 1.0])  # a point that moves with the grid


def matrix(first: tuple[float, float]) -> Numbers:
    """The matrix with this first column and e₂ as its second, shape (2, 2)."""
    return np.column_stack([first, SECOND])


def demo(fig: Annotated[Figure, Small(1.12)]) -> Update:
    """Set the scene: a grid with an F, the two columns as arrows, and a point x."""
    ax = fig.subplots()
    ax.set(xlim=(-3.7, 3.7), ylim=(-2.3, 4.3), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    grid = artists.line(ax, color="muted", linewidth=0.8, alpha=0.6)
    square = Polygon(SQUARE, closed=True, facecolor=("truth", 0.3), edgecolor="truth", zorder=1.2)
    letter = Polygon(LETTER, closed=True, color="ink", linewidth=0, zorder=1.4)
    ax.add_patch(square)
    ax.add_patch(letter)
    along = artists.line(ax, color="data", linestyle=":", zorder=2)
    then = artists.line(ax, color="model", linestyle=":", zorder=2)
    columns = artists.arrows(ax, ["data", "model"])
    point = artists.points(ax, color="ink", markersize=7, zorder=4)
    text: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center"}
    name_second = artists.label(ax, 0, 0, "Ae₂", color="model", **text)
    name_first = artists.label(ax, 0, 0, "Ae₁", color="data", **text)
    name_point = artists.label(ax, 0, 0, "Ax", **text)

    def update(
        column: Annotated[
            PointList,
            Points((-1.6, 1.6), (-1, 1.2), 0.1, label="first column of A", names=("Ae₁",)),
        ] = ((1.0, 0.0),),
    ) -> str:
        a = matrix(column[0])
        (p, q), end = a[:, 0], image(a, X)
        grid.set_data(image(a, GRID).T)
        square.set_xy(image(a, SQUARE))
        letter.set_xy(image(a, LETTER))
        columns.set_arrows(np.zeros((2, 2)), a.T)
        corner = X[0] * a[:, 0]
        along.set_data([0, corner[0]], [0, corner[1]])
        then.set_data([corner[0], end[0]], [corner[1], end[1]])
        point.set_data([end[0]], [end[1]])
        side = 1 if p >= 0 else -1  # away from the F
        long = math.hypot(p, q) or 1
        below = np.array([q, -p]) if p or q else np.array([0, -1])
        name_first.set_position(
            (p + 0.5 * side * below[0] / long, q + 0.42 * side * below[1] / long)
        )
        name_second.set_position((-0.45 * side, 0.85))
        name_point.set_position((end[0], end[1] + 0.4))
        return Caption(
            f"The first column of A is ({number(p)}, {number(q)}).",
            detail=(
                f"A grid with an F in its unit square. A moves e₁ to ({number(p)}, {number(q)}), "
                f"leaves e₂ at ({number(SECOND[0])}, {number(SECOND[1])}), and moves x = "
                f"({number(X[0])}, {number(X[1])}) to ({number(end[0])}, {number(end[1])})."
            ),
            numbers={
                "p": number(p),
                "q": number(q),
                "x": number(end[0]),
                "y": number(end[1]),
            },
        )

    return update
