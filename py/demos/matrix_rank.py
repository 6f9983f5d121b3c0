"""Drag x and look for points that land in the same place."""

import math
from typing import Annotated, Any

import numpy as np

from stage import Caption, Choice, Figure, PointList, Points, Small, Update, artists, pair
from stage.linear_algebra import Numbers, image

MATRICES = {
    "on one line": np.array([[0.6, 0.3], [-0.3, -0.15]]),
    "in two directions": np.array([[0.8, -0.4], [0.4, 0.8]]),
}
LOST = np.array([1.0, -2.0])  # a direction that the first matrix maps to the zero vector
OTHERS = np.arange(-3, 4) / 2  # multiples of LOST from x


def same(x: Numbers) -> Numbers:
    """Points that the matrix of rank 1 maps to the same point as x, shape (7, 2)."""
    return x + np.outer(OTHERS, LOST)


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: a point x, the point Ax, and the points that land there, too."""
    ax = fig.subplots()
    ax.set(xlim=(-3.5, 3.5), ylim=(-3, 3), aspect="equal")
    ax.set(xticks=range(-3, 4), yticks=range(-3, 4))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    first = MATRICES["on one line"][:, 0]
    (line,) = ax.plot(*(7 * np.outer(first, (-1, 1))), color="truth", linewidth=7, alpha=0.25)
    ways = artists.line(ax, color="muted", linewidth=0.8, zorder=1.2)
    dashed = artists.line(ax, linestyle="--", color="ink", linewidth=1.2, zorder=1.4)
    others = artists.points(ax, color="muted", markersize=5, zorder=1.5)
    way = artists.arrows(ax, ["ink"], width=0.02)
    way.set_zorder(2)
    before = artists.points(ax, color="ink", markersize=8, zorder=3)
    after = artists.points(ax, color="truth", markersize=9, zorder=3)
    text: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center", "zorder": 4}
    name = artists.label(ax, 0, 0, "x", **text)
    name_after = artists.label(ax, 0, 0, "Ax", color="truth", **text)

    def update(
        x: Annotated[PointList, Points((-2.5, 2.5), (-2, 2), 0.1, label="x", names=("x",))] = (
            (1.0, 1.5),
        ),
        kind: Annotated[str, Choice(*MATRICES, label="columns of A")] = "on one line",
    ) -> str:
        a, point = MATRICES[kind], np.array(x[0])
        end = image(a, point)
        flat = kind == "on one line"
        for artist in (line, ways, dashed, others):
            artist.set_visible(flat)
        landing = same(point)
        landing[(abs(landing) > (3.4, 2.9)).any(axis=1)] = np.nan  # outside the frame
        others.set_data(*landing.T)
        dashed.set_data(*(point + np.outer((-4, 4), LOST)).T)
        ways.set_data(*artists.joined(landing, np.broadcast_to(end, landing.shape)))
        before.set_data([point[0]], [point[1]])
        after.set_data([end[0]], [end[1]])
        way.place((point, end - point))
        apart = end - point
        along = apart / math.hypot(*apart) if apart.any() else np.array([0.7, 0.7])
        name.set_position(tuple(point - 0.35 * along))
        name_after.set_position(tuple(end + 0.42 * along))
        told = f"A moves x = {pair(point)} to Ax = {pair(end)}."
        if flat:
            told += (
                " Both columns of A lie on one line. A thin line leads from each marked point "
                "on the dashed line to Ax."
            )
        return Caption(
            "Every point on the dashed line lands at Ax."
            if flat
            else "Only x lands at Ax, so there is a way back.",
            detail=told,
        )

    return update
