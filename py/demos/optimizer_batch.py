"""Drag the ring: the larger the batch, the less noise in its gradient."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Seed, Slider, Small, Toggle, Update, artists, number
from stage.linear_algebra import Numbers

COUNT = 64
PASSES = 4  # over the data
ETA = 0.2
START = (-2.4, 1.6)


def _cloud() -> Numbers:
    """Sixty-four points with mean 0, at a root mean square distance of 1.2 from it."""
    points = np.random.default_rng(10).standard_normal((COUNT, 2))
    points -= points.mean(axis=0)
    points *= 1.2 / math.sqrt((points**2).sum(axis=1).mean())
    return points


POINTS = _cloud()
SPREAD = float((POINTS**2).sum(axis=1).mean())  # the mean squared distance from the mean


def noise(batch: float) -> float:
    """The root mean square distance between the mean of a random batch and the mean of all points.

    √(s²/b · (N − b)/(N − 1)), since a batch is drawn without replacement. This is also the root
    mean square error of the batch's gradient.
    """
    return math.sqrt(SPREAD / batch * (COUNT - batch) / (COUNT - 1))


def batch_of(distance: float) -> float:
    """The batch size with this `noise`."""
    return SPREAD * COUNT / (distance**2 * (COUNT - 1) + SPREAD)


@lru_cache(maxsize=64)
def descend(batch: int, falling: bool, seed: int) -> Numbers:
    """Stochastic gradient descent on the mean of ½|w − xᵢ|²; the last batch may be smaller.

    The gradient of a batch is w minus the mean of its points. With `falling`, η is halved after
    each pass.
    """
    draws = np.random.default_rng(seed)
    w, eta = np.array(START), ETA
    path = [w]
    for _ in range(PASSES):
        order = draws.permutation(COUNT)
        for first in range(0, COUNT, batch):
            w = w - eta * (w - POINTS[order[first : first + batch]].mean(axis=0))
            path.append(w)
        eta = eta / 2 if falling else eta
    return np.array(path)


def last_pass(path: Numbers) -> float:
    """The root mean square distance from the minimum over the steps of the last pass."""
    steps = (len(path) - 1) // PASSES
    return math.sqrt((path[-steps:] ** 2).sum(axis=1).mean())


def demo(fig: Annotated[Figure, Small(1.4)]) -> Update:
    """Set the scene: the data, their mean, and a path to it."""
    ax = fig.subplots()
    ax.set(xlim=(-3.15, 3.15), ylim=(-2.25, 2.25), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.plot(*POINTS.T, "o", color="data", markersize=4, alpha=0.55)
    ax.plot(*START, "o", color="ink", markersize=7)
    ax.text(START[0], START[1] + 0.16, "start", ha="center", va="bottom", weight="semibold")
    path = artists.line(ax, color="model", marker="o", linewidth=1.1, markersize=2.4)
    ring = artists.line(ax, color="gradient", linewidth=2)
    ax.plot(0, 0, "+", color="ink", markersize=11, mew=2.4, zorder=5)
    turn = np.linspace(0, 2 * math.pi, 61)

    def update(
        batch: Annotated[
            int,
            Slider(
                1,
                COUNT,
                1,
                label="batch size b",
                drag=Drag(
                    at=lambda batch: (noise(batch), 0.0),
                    to=lambda x, y: batch_of(math.hypot(max(x, 0), y)),
                ),
            ),
        ] = COUNT,
        falling: Annotated[bool, Toggle(label="halve η after each pass")] = False,
        seed: Annotated[
            int, Seed(label="order of the data", more=True, when=lambda batch: batch < COUNT)
        ] = 1,
    ) -> str:
        points = descend(batch, falling, seed)
        steps = len(points) - 1
        path.set_data(*points.T)
        radius = noise(batch)
        order = (
            f" (order {seed})" if batch < COUNT else ""
        )  # with one batch of all points the order does not matter
        ring.set_data(radius * np.cos(turn), radius * np.sin(turn))
        away = last_pass(points)
        return Caption(
            f"The {steps} steps end about {number(away)} from the minimum.",
            detail=(
                f"{COUNT} points, their mean, and the path of w toward it in {PASSES} passes over "
                f"the data{order}, with batches of {batch}. The ring shows how far the "
                f"gradient of a batch is typically off: {number(radius)}. In the last pass, the "
                f"path is {number(away)} from the mean. The learning rate is {number(ETA)}"
                f"{', halved after each pass' if falling else ' throughout'}."
            ),
            numbers={"batch": str(batch), "steps": str(steps), "away": number(away)},
        )

    return update
