"""k-means for many starts at once, and Voronoi cells: shared by the figures of lesson 19.

Points have shape (n, 2), centers (…, k, 2), and labels (…, n): the index of each point's center.
The optional leading dimension is the number of runs that are computed together.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stage.linear_algebra import Numbers

Labels = NDArray[np.intp]

TIED = 1e-9  # squared distances whose relative difference is smaller count as equal


def squares(points: Numbers, centers: Numbers) -> Numbers:
    """The squared distance ‖xᵢ − cⱼ‖² of each center from each point, shape (…, k, n)."""
    x, y = points.T.copy()
    across: Numbers = centers[..., 0, None] - x
    up = centers[..., 1, None] - y
    across *= across  # in place: allocating arrays would take longer than the arithmetic
    up *= up
    across += up
    return across


def assign(points: Numbers, centers: Numbers) -> Labels:
    """The nearest center of each point; in a tie, the first.

    Distances that are equal except for rounding (TIED) are ties.
    """
    distances = squares(points, centers)
    limit = distances.min(axis=-2) * (1 + TIED)
    last = centers.shape[-2] - 1
    labels: Labels = np.full(limit.shape, last, dtype=np.intp)
    for j in reversed(range(last)):
        np.copyto(labels, j, where=distances[..., j, :] <= limit)
    return labels


def move(points: Numbers, labels: Labels, centers: Numbers) -> Numbers:
    """Move each center to the mean of its points; a center without points stays in place."""
    k = centers.shape[-2]
    runs = labels.reshape(-1, len(points))
    own = (runs + k * np.arange(len(runs))[:, None]).ravel()
    count, x, y = (
        np.bincount(own, None if of is None else np.tile(of, len(runs)), k * len(runs))
        for of in (None, *points.T)
    )
    means = np.column_stack([x, y]) / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, means, centers.reshape(-1, 2)).reshape(centers.shape)


def inertia(points: Numbers, labels: Labels, centers: Numbers) -> Numbers:
    """The sum over all points of the squared distance from their own center, shape (…)."""
    own = np.take_along_axis(centers, labels[..., None], axis=-2)
    squared = ((points - own) ** 2).reshape(*labels.shape[:-1], 2 * len(points))
    return np.asarray(squared.sum(axis=-1))


def random_points(points: Numbers, k: int, seeds: Sequence[int]) -> Numbers:
    """k different points for each seed, uniformly at random, shape (seeds, k, 2).

    ValueError if k > n.
    """
    n = len(points)
    chosen = [np.random.default_rng(seed).choice(n, k, replace=False) for seed in seeds]
    return points[np.array(chosen)]


def spread_points(points: Numbers, k: int, seeds: Sequence[int]) -> Numbers:
    """k-means++ for each seed, shape (seeds, k, 2).

    Each next center is a point drawn with probability ∝ its squared distance from the nearest
    center so far, or uniformly if all these distances are 0. Arthur and Vassilvitskii (2007),
    section 2.2. Equivalent to `Generator.choice(n, p=…)` for many generators at once.
    """
    sources = [np.random.default_rng(seed) for seed in seeds]
    chosen = np.array([[source.integers(len(points))] for source in sources])
    nearest = squares(points, points[chosen])[..., 0, :]
    while chosen.shape[1] < k:
        total = nearest.sum(axis=1, keepdims=True)
        up_to = (nearest / np.where(total, total, 1)).cumsum(axis=1)
        # inverse transform sampling: the first index whose cumulative share exceeds the draw
        picked = [
            int(np.searchsorted(row / row[-1], source.random(), "right"))
            if row[-1]
            else int(source.choice(len(points)))
            for source, row in zip(sources, up_to, strict=True)
        ]
        chosen = np.column_stack([chosen, picked])
        nearest = np.minimum(nearest, squares(points, points[chosen[:, -1:]])[..., 0, :])
    return np.asarray(points[chosen])


class Run(NamedTuple):
    """A run of Lloyd's algorithm: odd steps assign points, even steps move the centers."""

    centers: list[Numbers]  # after each step; step 0 is the start
    labels: list[Labels]  # after each step; undefined at step 0
    inertias: list[float]  # after each step; NaN at step 0, before the first assignment


def lloyd(points: Numbers, centers: Numbers) -> Run:
    """Alternately assign and move until no label changes. Lloyd (1957, published 1982)."""
    run = Run([centers], [np.zeros(len(points), dtype=np.intp)], [math.nan])
    while True:
        before, labels = run.labels[-1], assign(points, centers)
        settled = len(run.centers) > 1 and np.array_equal(labels, before)
        for assigned in (True, False)[: 1 if settled else 2]:
            centers = centers if assigned else move(points, labels, centers)
            run.centers.append(centers)
            run.labels.append(labels)
            run.inertias.append(float(inertia(points, labels, centers)))
        if settled:
            return run


def lloyd_ends(points: Numbers, centers: Numbers) -> tuple[Numbers, Numbers]:
    """The final centers and inertias, shape (runs,), of many runs from starts (runs, k, 2).

    The runs are computed together, with the two steps of `lloyd`; converged runs drop out.
    """
    ends, found = centers.copy(), np.zeros(len(centers))
    going, before = np.arange(len(centers)), np.full((len(centers), len(points)), -1)
    while len(going):
        labels = assign(points, centers)
        centers = move(points, labels, centers)
        still = (labels == before).all(axis=1)
        if still.any():
            found[going[still]] = inertia(points, labels[still], centers[still])
            ends[going[still]] = centers[still]
            going, labels, centers = going[~still], labels[~still], centers[~still]
        before = labels
    return ends, found


def lowest(inertias: Sequence[float] | Numbers) -> int:
    """The index of the lowest inertia; the first one of those equal except for rounding."""
    values = np.asarray(inertias)
    return int(np.argmax(values <= values.min() * (1 + TIED)))


def best_of(points: Numbers, starts: Numbers) -> tuple[Numbers, float]:
    """The centers (k, 2) and the inertia of the best of many runs."""
    ends, found = lloyd_ends(points, starts)
    best = lowest(found)
    return ends[best], float(found[best])


def cells(centers: Numbers, low: Sequence[float], high: Sequence[float]) -> list[Numbers]:
    """The Voronoi cells: for each center, the part of a rectangle that is nearest to it.

    Each cell is the rectangle clipped by the perpendicular bisectors to all other centers.
    Coincident centers share their cell.
    """
    (left, bottom), (right, top) = low, high
    found = []
    for j, own in enumerate(centers):
        cell = [(left, bottom), (right, bottom), (right, top), (left, top)]
        for other in np.delete(centers, j, axis=0):
            a, b = (other - own).tolist()
            c = float(other @ other - own @ own) / 2
            cell = _cut(cell, a, b, c)
        found.append(np.array(cell).reshape(-1, 2))
    return found


def _cut(
    cell: list[tuple[float, float]], a: float, b: float, c: float
) -> list[tuple[float, float]]:
    """Clip a polygon to the half-plane ax + by ≤ c. Sutherland and Hodgman (1974)."""
    if not cell:
        return cell
    kept = []
    x0, y0 = cell[-1]
    over0 = a * x0 + b * y0 - c
    for x, y in cell:
        over = a * x + b * y - c
        if over * over0 < 0:
            part = over0 / (over0 - over)
            kept.append((x0 + part * (x - x0), y0 + part * (y - y0)))
        if over <= 0:
            kept.append((x, y))
        x0, y0, over0 = x, y, over
    return kept
