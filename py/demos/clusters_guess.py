"""Put three centers where the inertia is lowest, then check."""

from functools import lru_cache
from itertools import permutations
from typing import Annotated

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Figure,
    PointList,
    Points,
    Seed,
    Shape,
    Update,
    artists,
    pair,
    rounded,
)
from stage.clustering import assign, best_of, cells, lloyd, random_points
from stage.linear_algebra import Numbers

WIDTH, HEIGHT = 10.0, 8.0
ROUND, SMALL, FLAT = (0.5, 0.5), (0.35, 0.35), (2.0, 0.35)
Group = tuple[tuple[float, float], tuple[float, float], int]  # middle, spread along x and y, points
TASKS: tuple[tuple[Group, ...], ...] = (
    (((3.2, 4.0), (1.2, 1.2), 110), ((7.9, 5.0), SMALL, 20), ((7.9, 3.0), SMALL, 20)),
    (
        *(((2.0, 5.8), ROUND, 30), ((4.0, 6.4), ROUND, 30)),
        *(((8.2, 5.6), ROUND, 30), ((5.6, 1.7), ROUND, 30)),
    ),
    (((5.0, 6.2), FLAT, 60), ((5.0, 4.0), FLAT, 60), ((5.0, 1.8), FLAT, 60)),
    (((2.4, 5.4), ROUND, 40), ((7.4, 5.8), ROUND, 40), ((5.2, 1.9), ROUND, 40)),
)
RUNS = 200
NEAR = 1.05  # times the lowest inertia: found
STUCK = 1.1  # times the lowest inertia: k-means from there ends in a worse arrangement
BESIDE = 0.7  # from the middle of a group


@lru_cache
def data(task: int) -> Numbers:
    """The points of a task, shape (n, 2)."""
    rng = np.random.default_rng([task, 0])
    groups = [rng.normal(middle, spread, (n, 2)) for middle, spread, n in TASKS[task]]
    return np.concatenate(groups).clip((0.3, 0.3), (WIDTH - 0.3, HEIGHT - 0.3)).round(2)


@lru_cache
def best(task: int) -> tuple[Numbers, float]:
    """The centers, shape (3, 2), and the inertia of the best of 200 runs of k-means."""
    return best_of(data(task), random_points(data(task), 3, range(RUNS)))


def inertia(points: Numbers, centers: Numbers) -> float:
    """J = Σᵢ ‖xᵢ − c(i)‖², where c(i) is the nearest center."""
    own = centers[assign(points, centers)]
    return float(((points - own) ** 2).sum())


def matched(guess: Numbers, task: int) -> Numbers:
    """The best centers, matched to the guess with the smallest sum of squared distances."""
    found, _ = best(task)
    orders = [found[list(order)] for order in permutations(range(3))]
    sums = np.array([((order - guess) ** 2).sum() for order in orders])
    return orders[int(np.argmax(sums <= sums.min() * (1 + 1e-9)))]


def marks_groups(guess: Numbers, task: int) -> bool:
    """Whether the task has three groups, each with a center of the guess near its middle."""
    middles = np.array([middle for middle, _, _ in TASKS[task]])
    if len(middles) != len(guess):
        return False
    near = ((middles[:, None] - guess) ** 2).sum(axis=2) <= BESIDE**2
    return any(all(near[i, order[i]] for i in range(3)) for order in permutations(range(3)))


def demo(fig: Annotated[Figure, Shape(wide=1.75, narrow=1.2)]) -> Update:
    """Set the scene: the points, each joined to the nearest center of the guess; the best waits."""
    ax = fig.subplots()
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    borders = artists.polygons(ax, facecolors="none", edgecolors="rule", linewidths=2, zorder=0.7)
    spokes = artists.segments(ax, colors="error", linewidths=0.8, zorder=1.5)
    dots = artists.points(ax, color="data", markersize=4.5)
    other = artists.polygons(ax, facecolors="none", edgecolors="truth", linewidths=1.6, zorder=2.5)
    gaps = artists.line(ax, color="truth", linewidth=2.4, zorder=3)
    mine = artists.points(ax, color="model", mec="surface", markersize=12, zorder=4)
    right = artists.points(ax, color="truth", mec="surface", markersize=12, zorder=5)

    def update(
        guess: Annotated[
            PointList,
            Points(
                *((0.0, WIDTH), (0.0, HEIGHT), 0.1),
                label="your centers",
                names=("1", "2", "3"),
                least=3,
                most=3,
                guess=True,
            ),
        ] = ((4.5, 7.5), (5.5, 7.5), (6.5, 7.5)),
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        points, at = data(seed), np.array(guess)
        dots.set_data(*points.T)
        borders.set_verts(cells(at, (0, 0), (WIDTH, HEIGHT)))
        spokes.set_segments(np.stack([points, at[assign(points, at)]], axis=1))
        mine.set_data(*at.T)
        for mark in (right, gaps, other):
            mark.set_visible(bool(answer))
        about = f"Task {seed + 1}: {len(points)} points and three centers of yours at "
        about += f"{', '.join(map(pair, at))}."
        if not answer:
            return Caption("Where is the inertia of three centers lowest?", detail=about)
        here = at + answer.part * (matched(at, seed) - at)
        right.set_data(*here.T)
        gaps.set_visible(not answer.skipped)
        gaps.set_data(artists.joined(at, here))
        other.set_visible(answer.part == 1)
        other.set_verts(cells(matched(at, seed), (-1, -1), (WIDTH + 1, HEIGHT + 1)))
        found, least = best(seed)
        return Caption(
            told(at, seed, answer),
            detail=(
                f"{about} The best of {RUNS} runs of k-means ends with centers at "
                f"{', '.join(map(pair, found))} and inertia {whole(least)}. "
                f"{round(100 * answer.part)}% of the way there is drawn."
            ),
        )

    return update


def told(guess: Numbers, task: int, answer: Answer) -> str:
    """The two inertias, or the name of a common mistake."""
    points, (_, lowest) = data(task), best(task)
    least = whole(lowest)
    if answer.skipped:
        return f"The best run ends with inertia {least}."
    value = inertia(points, guess)
    yours = whole(value)
    if value <= NEAR * lowest:
        return f"You found it: your inertia is {yours}, and the best run ends at {least}."
    if marks_groups(guess, task):
        return (
            f"You marked the groups, at inertia {yours}; the lowest, {least}, cuts through a group."
        )
    end = lloyd(points, guess).inertias[-1]
    if end > STUCK * lowest:
        return (
            f"From your centers, k-means gets stuck at inertia {whole(end)}; "
            f"the best run reaches {least}."
        )
    return f"Your inertia is {yours}, and the best run ends at {least}."


def whole(value: float) -> str:
    """A number without decimals: `1,234`."""
    return f"{rounded(value, 0):,.0f}"
