"""Grow the tree deeper and watch its boxes close around single points."""

from functools import lru_cache
from typing import Annotated

import numpy as np
from matplotlib.colors import to_rgb

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, percent
from stage.linear_algebra import Numbers
from stage.text import count
from stage.trees import SIZE, Labels, Node, grow

COUNT, NOISE, DEEP, SEED = 60, 0.15, 7, 4
WALL = 4.0  # a point is a square if x and y are both above it
SCALE = -1.6  # the height of the scale of depths
PLACES = np.linspace(0.4, SIZE - 0.4, DEEP + 1)


@lru_cache
def sample() -> tuple[Numbers, Labels]:
    """60 points spread evenly at random; 15% of the classes are swapped by chance."""
    rng = np.random.default_rng([18, SEED])
    points = (np.floor(rng.uniform(0.2, SIZE - 0.2, (COUNT, 2)) * 10) / 10 + 0.05).round(2)
    swapped = rng.random(COUNT) < NOISE
    return points, (((points > WALL).all(axis=1)) != swapped).astype(np.intp)


@lru_cache
def tree(depth: int) -> Node:
    """The greedy tree of the sample."""
    return grow(*sample(), depth)


def overlap(leaf: Node) -> float:
    """The area of a leaf's box in the corner where squares are the rule."""
    left, bottom, right, top = leaf.box
    return max(right - max(left, WALL), 0.0) * max(top - max(bottom, WALL), 0.0)


def new_error(root: Node) -> float:
    """The expected share of wrong predictions on new points = noise + (1 − 2·noise)·A.

    A is the share of the plane where the tree disagrees with the rule; new points are spread
    evenly, and their classes are swapped as often as those of the sample.
    """
    area = 0.0
    for leaf in root.leaves():
        left, bottom, right, top = leaf.box
        inside, all_of_it = overlap(leaf), (right - left) * (top - bottom)
        area += all_of_it - inside if leaf.label else inside
    return NOISE + (1 - 2 * NOISE) * area / SIZE**2


def demo(fig: Annotated[Figure, Small(0.92)]) -> Update:
    """Set the scene: the points in their boxes, and a scale of depths below."""
    ax = fig.subplots()
    ax.set(xlim=(-0.1, SIZE + 0.1), ylim=(SCALE - 0.9, SIZE + 0.1), aspect="equal")
    ax.set_axis_off()
    areas = artists.polygons(ax, edgecolors="surface", linewidths=1.2, zorder=0.6)
    points, labels = sample()
    discs = artists.points(ax, color="data", markersize=6)
    discs.set_data(*points[labels == 0].T)
    squares = artists.points(ax, marker="s", color="model", markersize=5)
    squares.set_data(*points[labels == 1].T)
    ax.plot(PLACES, [SCALE] * len(PLACES), "|-", color="muted", linewidth=1, zorder=0.7)
    for depth, x in enumerate(PLACES):
        ax.text(x, SCALE - 0.35, str(depth), ha="center", va="top", zorder=0.8)
    ax.text(PLACES[0], SCALE + 0.45, "depth", va="bottom", weight="semibold", zorder=0.8)
    here = artists.points(ax, color="truth", markersize=10)
    surface = np.array(to_rgb("surface"))
    tints = [surface + 0.3 * (np.array(to_rgb(name)) - surface) for name in ("data", "model")]

    def update(
        depth: Annotated[
            int,
            Slider(
                *(0, DEEP, 1),
                label="depth",
                drag=Drag(
                    at=lambda depth: (PLACES[depth].item(), SCALE),
                    to=lambda x, _y: DEEP * (x - 0.4) / (SIZE - 0.8),
                ),
            ),
        ] = 1,
    ) -> str:
        root = tree(depth)
        leaves = list(root.leaves())
        boxes = np.array([leaf.box for leaf in leaves])
        areas.set_verts(boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]])
        areas.set_facecolor([tuple(tints[leaf.label].tolist()) for leaf in leaves])
        here.set_data([PLACES[depth]], [SCALE])
        seen, new = root.wrong() / COUNT, new_error(root)
        return Caption(
            f"The tree gets {percent(seen, 0)} of the training points wrong, and "
            f"{percent(new, 0)} of new points.",
            detail=(
                f"{COUNT} points, and a tree of depth {depth} with "
                f"{count(len(leaves), 'leaf', 'leaves')}; {root.wrong()} points are wrong. The "
                f"expected error on new points is {number(new, 3)}."
            ),
            numbers={"depth": str(depth), "leaves": str(len(leaves))},
        )

    return update
