"""Which degree has the lowest validation error? Drag it there, then check."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from stage import Answer, Caption, Check, Drag, Figure, Seed, Shape, Slider, Update, artists, narrow
from stage.linear_algebra import Numbers
from stage.validation import DEGREE, fold_errors, folds, nested_fits, powers, scattered, size, wave

COUNT, FOLDS, SPLITS = 30, 5, 11
# For each task: the true curve, the noise, and the seed
TASKS: tuple[tuple[Callable[[Any], Any], float, int], ...] = (
    (lambda x: np.sin(3 * math.pi * x), 0.3, 3),
    (lambda x: 1.2 - 2.4 * x, 0.5, 4),
    (wave, 0.3, 1),
    (lambda x: np.abs(4 * x - 2) - 1, 0.25, 6),
)
LOW, HIGH = -2.0, 1.5  # log₁₀ of the range of the error axis
DEGREES = np.arange(DEGREE + 1)
LINE = np.linspace(0, 1, 121)
FOUND = 1.05  # times the lowest error


@lru_cache
def data(task: int) -> tuple[Numbers, Numbers]:
    """The points of a task, from left to right."""
    curve, noise, seed = TASKS[task]
    x, error = scattered(np.random.default_rng(seed), COUNT, noise)
    order = np.argsort(x)
    return x[order], (curve(x) + error)[order]


@lru_cache
def fits(task: int) -> tuple[Numbers, Numbers]:
    """The curve of every degree, shape (121, 9), and its training error, shape (9,).

    All points are training points here.
    """
    x, y = data(task)
    everything = np.ones(COUNT, dtype=bool)
    curves = nested_fits(powers(x), y, everything, powers(LINE))
    squares = (y[:, None] - nested_fits(powers(x), y, everything)) ** 2
    return curves, squares.mean(axis=0)


@lru_cache
def validation(task: int) -> Numbers:
    """The cross-validated error of every degree, the median of 11 splits, shape (9,)."""
    x, y = data(task)
    labels = np.array([folds(COUNT, FOLDS, TASKS[task][2], split) for split in range(SPLITS)])
    return np.asarray(np.median(fold_errors(powers(x), y, labels, FOLDS)[1], axis=0))


def demo(fig: Annotated[Figure, Shape(wide=2.1, narrow=0.9)]) -> Update:
    """Set the scene: the points with one fit, and the training error of every degree."""
    rows, columns = (2, 1) if narrow(fig) else (1, 2)
    plane, chart = fig.subplots(rows, columns)
    plane.set(xlim=(-0.03, 1.03), ylim=(-2.6, 2.6), xticks=[], yticks=[])
    plane.spines[:].set_visible(False)
    plane.set_title("data, and the curve of your degree", loc="left", size=10.5)
    chart.set(xlim=(-0.4, DEGREE + 0.4), ylim=(LOW, HIGH), xticks=DEGREES, xlabel="degree")
    chart.set_yticks([-2, -1, 0, 1], ["0.01", "0.1", "1", "10"])
    chart.spines["left"].set_visible(False)
    style: dict[str, Any] = {"size": 10.5, "weight": "semibold", "transform": chart.transAxes}
    chart.text(0, 1.03, "training error", color="data", zorder=0.8, **style)
    other = artists.label(chart, 1, 1.03, "validation error", color="error", ha="right", **style)
    dots = artists.points(plane, color="data", markersize=6)
    curve = artists.line(plane, color="model", linewidth=2.2)
    training = artists.line(chart, color="data", marker="o", markersize=5, linewidth=1.8)
    pick = artists.line(chart, color="model", linewidth=1.8, linestyle="--")
    hidden = artists.line(chart, color="error", marker="o", markersize=5, linewidth=1.8)
    gap = artists.line(chart, color="error", linewidth=3, alpha=0.5)
    lowest = artists.points(chart, color="error", markersize=11, mfc="none", mew=2)

    def update(
        degree: Annotated[
            int,
            Slider(
                *(0, DEGREE, 1),
                label="your degree",
                guess=True,
                drag=Drag.horizontal(LOW + 0.25, axes=1),
            ),
        ] = 0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        curves, seen = fits(seed)
        dots.set_data(*data(seed))
        curve.set_data(LINE, curves[:, degree].clip(-4, 4))
        training.set_data(DEGREES, np.log10(seen))
        pick.set_data([degree, degree], [LOW, HIGH])
        done = answer.part == 1
        for mark in (other, hidden):
            mark.set_visible(bool(answer))
        lowest.set_visible(done)
        gap.set_visible(done and not answer.skipped)
        asked = (
            f"Task {seed + 1}: {COUNT} points and a polynomial of degree {degree} fitted to them."
        )
        if not answer:
            return Caption("Which degree has the lowest validation error?", detail=asked)
        missed = validation(seed)
        heights = np.log10(missed).clip(LOW, HIGH)
        shown = 1 + round(DEGREE * answer.part)
        hidden.set_data(DEGREES[:shown], heights[:shown])
        best = int(np.argmin(missed))
        lowest.set_data([best], [heights[best]])
        gap.set_data([degree, degree], [heights[best], heights[degree]])
        listed = ", ".join(size(value) for value in missed[:shown])
        return Caption(
            told(seed, degree, answer),
            detail=(
                f"{asked} Validation errors from degree 0 on, each the median of {SPLITS} "
                f"splits into {FOLDS} folds: {listed}."
            ),
        )

    return update


def told(task: int, degree: int, answer: Answer) -> str:
    """The score, an error, or the name of a common mistake."""
    missed = validation(task)
    best = int(np.argmin(missed))
    least, yours = size(missed[best]), size(missed[degree])
    if answer.skipped:
        return f"The validation error is lowest at degree {best}: {least}."
    if degree == best:
        return f"You found the lowest validation error: {yours}."
    if missed[degree] <= FOUND * missed[best]:
        return f"As good as the best: your validation error is {yours}, and the lowest is {least}."
    if degree == DEGREE:
        return (
            f"The lowest training error misled you: it validates at {yours}, the best at {least}."
        )
    if degree > best:
        return f"Your curve overfits: its validation error is {yours}, and the lowest is {least}."
    return f"Your curve underfits: its validation error is {yours}, and the lowest is {least}."
