"""Drag three cuts until all squares are inside and all discs outside."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Figure, PointList, Points, Slider, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers
from stage.network import PLANE, bare, boundary, cuts, field, sigmoid
from stage.text import count

HALF = 30  # points of each class
STEEP = 5.0  # ‖w‖ of each hidden unit
V = 20.0  # each weight of the output


@lru_cache
def sample() -> tuple[Numbers, Numbers]:
    """A ring of discs, class 0, around squares, class 1: points (60, 2), classes (60,)."""
    rng = np.random.default_rng(3)
    y = np.repeat([0.0, 1.0], HALF)
    turn = 2 * math.pi * (np.tile(np.arange(HALF), 2) + rng.uniform(-0.4, 0.4, 2 * HALF)) / HALF
    radius = np.where(y == 0, rng.uniform(2.0, 2.5, 2 * HALF), 0.9 * np.sqrt(rng.random(2 * HALF)))
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]), y


def layer(feet: PointList) -> tuple[Numbers, Numbers]:
    """W and b of three units: each line is perpendicular to the vector from center to handle.

    Each unit is on at the center. A handle in the center counts as just above it.
    """
    places = np.array(feet)
    sizes = np.linalg.norm(places, axis=1, keepdims=True)
    outward = np.where(sizes > 0, places / np.maximum(sizes, 1e-9), (0.0, 1.0))
    return -STEEP * outward, STEEP * sizes[:, 0]


def output(x: Numbers, feet: PointList, agree: int) -> Numbers:
    """z = v·h + c with h = σ(Wx + b): positive where at least `agree` of the three units are on.

    Each weight is 20, and c = −20·(agree − ½).
    """
    W, b = layer(feet)  # noqa: N806
    h = sigmoid(x @ W.T + b)
    z: Numbers = V * (h.sum(axis=1) - (agree - 0.5))
    return z


def demo(fig: Annotated[Figure, Small(1.1)]) -> Update:
    """Set the scene: the points, three cuts, and the boundary of the network."""
    ax = fig.subplots()
    bare(ax)
    show_field, show_boundary = field(ax), boundary(ax)
    lines = artists.segments(ax, colors="ink", linewidths=1.2, linestyles=[(0, (4, 3))], zorder=1)
    points, y = sample()
    for kind, marker, color in ((0, "o", "data"), (1, "s", "model")):
        group = artists.points(ax, marker=marker, color=color, markersize=5)
        group.set_data(*points[y == kind].T)
    grips = artists.points(ax, color="ink", markersize=8, zorder=3)

    def update(
        feet: Annotated[
            PointList,
            Points(
                *((-2.7, 2.7), (-2.7, 2.7), 0.1),
                label="cuts",
                names=("1", "2", "3"),
                least=3,
                most=3,
            ),
        ] = ((0.3, 1.4), (-1.9, 0.9), (0.6, -0.4)),
        agree: Annotated[int, Slider(1, 3, 1, label="units that must be on")] = 3,
    ) -> str:
        level = output(PLANE, feet, agree)
        show_field(2 * sigmoid(level) - 1)
        show_boundary(level)
        lines.set_segments(cuts(*layer(feet)))
        grips.set_data(*np.transpose(feet))
        z = output(points, feet, agree)
        right = int(np.count_nonzero((z > 1e-9) == (y == 1)))
        told = f"{right} of {len(y)} points {'is' if right == 1 else 'are'} right."
        if right == len(y):
            told = f"All {right} points are right."
        return Caption(
            told,
            detail=(
                f"Thirty discs form a ring around thirty squares. The cuts go through "
                f"{pair(feet[0])}, {pair(feet[1])}, and {pair(feet[2])}. The output is above one "
                f"half where at least {count(agree, 'unit')} {'is' if agree == 1 else 'are'} on."
            ),
            numbers={"c": number(-V * (agree - 0.5))},
        )

    return update
