"""Stretch x, as another unit would, and watch the clusters."""

from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import (
    Caption,
    Drag,
    Figure,
    Slider,
    Small,
    Toggle,
    Update,
    artists,
    number,
    pair,
    percent,
)
from stage.clustering import Labels, assign, best_of, cells, random_points
from stage.linear_algebra import Numbers

COUNT, RUNS = 30, 20  # points in each group; runs of k-means
RULER = -3.6  # the height of the mark that shows how wide x is
FRAME = (-6.6, -4.1), (6.6, 2.9)


@lru_cache
def data() -> Numbers:
    """Two groups, one above the other, shape (60, 2); x says nothing about the group."""
    rng = np.random.default_rng(7)
    x = np.tile(np.linspace(-2, 2, COUNT), 2) + rng.normal(0, 0.05, 2 * COUNT)
    y = np.repeat([1.5, -1.5], COUNT) + rng.uniform(-0.8, 0.8, 2 * COUNT)
    return np.column_stack([x, y]).clip((-2, -4), (2, 4))


def standardized(points: Numbers) -> Numbers:
    """Each feature with mean 0 and standard deviation 1: z = (x − mean) / standard deviation."""
    return np.asarray((points - points.mean(axis=0)) / points.std(axis=0))


@lru_cache(maxsize=128)
def found(stretch: float, equal: bool) -> tuple[Numbers, Numbers, Labels]:
    """The scaled points, the two centers, and the labels of the best of 20 runs."""
    points = 1.5 * standardized(data()) if equal else data() * (stretch, 1.0)
    centers, _ = best_of(points, random_points(points, 2, range(RUNS)))
    return points, centers, assign(points, centers)


def agreement(labels: Labels) -> float:
    """The share of points whose cluster matches their group, with the better of both matchings."""
    upper = float(np.mean(labels == np.repeat([0, 1], COUNT)))
    return max(upper, 1 - upper)


def demo(fig: Annotated[Figure, Small(1.7)]) -> Update:
    """Set the scene: two groups, two centers, the border between them."""
    ax = fig.subplots()
    (left, low), (right, high) = FRAME
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    borders = artists.polygons(ax, facecolors="none", edgecolors="rule", linewidths=2, zorder=0.7)
    spokes = artists.line(ax, color="error", linewidth=0.8, zorder=1.5)
    upper = artists.points(ax, color="data", markersize=6)
    lower = artists.points(ax, color="data", mfc="surface", mew=1.6, markersize=6)
    discs = artists.points(ax, color="model", mec="surface", markersize=12, zorder=4)
    ruler = artists.line(ax, color="model", linewidth=2)
    end = artists.points(ax, color="model", markersize=9, zorder=4)
    name = artists.label(ax, 0, RULER + 0.3, "x", color="model", weight="semibold", ha="center")

    def update(
        stretch: Annotated[
            float,
            Slider(
                *(0.25, 3, 0.05),
                label="stretch of x",
                when=lambda equal: not equal,
                drag=Drag(at=lambda s: (2 * s, RULER), to=lambda x, _y: x / 2),
            ),
        ] = 1.0,
        equal: Annotated[bool, Toggle(label="standardize both features")] = False,
    ) -> str:
        points, centers, labels = found(round(stretch, 6), equal)
        borders.set_verts(cells(centers, (left, RULER + 1), (right, high)))
        spokes.set_data(artists.joined(points, centers[labels]))
        upper.set_data(*points[:COUNT].T)
        lower.set_data(*points[COUNT:].T)
        discs.set_data(*centers.T)
        for mark in (ruler, end, name):
            mark.set_visible(not equal)
        ruler.set_data([-2 * stretch, 2 * stretch], [RULER, RULER])
        end.set_data([2 * stretch], [RULER])
        same = percent(agreement(labels), 0)
        what = "both features standardized" if equal else f"x times {number(stretch)}"
        return Caption(
            f"With {what}, the clusters match the groups for {same} of the points.",
            detail=(
                f"Two groups of {COUNT} points, dots above and rings below, and the two centers "
                f"that k-means finds with {what}: {' and '.join(map(pair, centers))}."
            ),
            numbers={"same": same},
        )

    return update
