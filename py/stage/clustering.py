"""k-means for many starts at once, and Voronoi cells: what lesson 19's figures share.

Points have the shape (n, 2), centers (…, k, 2), labels (…, n): for each point the number of its
center. What stands before k and n is a number of runs that are computed together; it may be absent.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stage.linear_algebra import Numbers

Labels = NDArray[np.intp]

TIED = 1e-9  # two squared distances that differ by less of the larger one are equal


def squares(points: Numbers, centers: Numbers) -> Numbers:
    """The squared distance ‖xᵢ − cⱼ‖² of each center from each point, shape (…, k, n)."""
    x, y = points.T.copy()
    across: Numbers = centers[..., 0, None] - x
    up = centers[..., 1, None] - y
    across *= across  # in place: a new array would take longer than its numbers
    up *= up
    across += up
    return across


def assign(points: Numbers, centers: Numbers) -> Labels:
    """The nearest center of each point; of equally near ones the first.

    Equal means equal except for rounding (TIED): the last digit of a distance decides nothing.
    """
    distances = squares(points, centers)
    limit = distances.min(axis=-2) * (1 + TIED)
    last = centers.shape[-2] - 1
    labels: Labels = np.full(limit.shape, last, dtype=np.intp)
    for j in reversed(range(last)):
        np.copyto(labels, j, where=distances[..., j, :] <= limit)
    return labels


def move(points: Numbers, labels: Labels, centers: Numbers) -> Numbers:
    """Each center goes to the mean of its points; one without points stays where it is."""
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
    """k of the points for each seed, each set as likely as any other, shape (seeds, k, 2).

    ValueError if k > n.
    """
    n = len(points)
    chosen = [np.random.default_rng(seed).choice(n, k, replace=False) for seed in seeds]
    return points[np.array(chosen)]


def spread_points(points: Numbers, k: int, seeds: Sequence[int]) -> Numbers:
    """k-means++ for each seed, shape (seeds, k, 2).

    The next center is a point drawn with a probability ∝ its squared distance from the nearest
    center so far; if all of these are 0, each point is as likely. Arthur and Vassilvitskii (2007),
    section 2.2. This is `Generator.choice(n, p=…)`, written out for many generators at once.
    """
    sources = [np.random.default_rng(seed) for seed in seeds]
    chosen = np.array([[source.integers(len(points))] for source in sources])
    nearest = squares(points, points[chosen])[..., 0, :]
    while chosen.shape[1] < k:
        total = nearest.sum(axis=1, keepdims=True)
        up_to = (nearest / np.where(total, total, 1)).cumsum(axis=1)
        # how many points have a share that, with those before them, lies below a random number
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
    """What Lloyd's algorithm does from a start: odd steps assign, even steps move the centers."""

    centers: list[Numbers]  # after each step, the start being step 0
    labels: list[Labels]  # after each step; before step 1 they mean nothing
    inertias: list[float]  # likewise; NaN at step 0, where no point has a center yet


def lloyd(points: Numbers, centers: Numbers) -> Run:
    """Assign and move in turn, until no point changes its center. Lloyd (1957, printed 1982)."""
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
    """Where many runs end, from starts (runs, k, 2): the centers, and the inertias, shape (runs,).

    The runs are computed together, by the two moves of `lloyd`; those at rest are left out.
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
    """The run with the lowest inertia; of runs that are equal except for rounding, the first."""
    values = np.asarray(inertias)
    return int(np.argmax(values <= values.min() * (1 + TIED)))


def best_of(points: Numbers, starts: Numbers) -> tuple[Numbers, float]:
    """The centers (k, 2) and the inertia of the best of many runs."""
    ends, found = lloyd_ends(points, starts)
    best = lowest(found)
    return ends[best], float(found[best])


def cells(centers: Numbers, low: Sequence[float], high: Sequence[float]) -> list[Numbers]:
    """The Voronoi cells: for each center, the part of a rectangle that is nearest to it.

    The rectangle is cut along the line halfway to every other center. Centers in one place share
    their cell.
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
    """What of a polygon lies where ax + by ≤ c. Sutherland and Hodgman (1974)."""
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
