"""Guess how much of the bell lies in the shaded part, then check."""

import math
from typing import Annotated, NamedTuple

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
    rounded,
)
from stage.linear_algebra import Numbers


class Task(NamedTuple):
    """A range of values, in standard deviations from the mean, and common mistakes."""

    low: float
    high: float
    where: str
    mistakes: tuple[tuple[float, float, str], ...]  # from, to (in percent), and its name


TASKS = (
    Task(
        -1,
        1,
        "within one σ of the mean",
        (
            (38, 42, "that's the height of the bell at its top, not an area"),
            (48, 52, "σ doesn't mark off the middle half of the values"),
            (90, 100, "σ isn't the largest distance, only a typical one"),
        ),
    ),
    Task(
        -2,
        2,
        "within two σ of the mean",
        ((100, 100, "the tails never end"), (66, 70, "that's the share within one σ")),
    ),
    Task(
        1,
        math.inf,
        "more than one σ above the mean",
        (
            (30, 35, "that counts both tails, or the part from μ to μ + σ"),
            (48, 52, "that's the share above the mean"),
        ),
    ),
    Task(
        -0.5,
        0.5,
        "within half a σ of the mean",
        ((32, 36, "half the width holds more than half the share, as the bell is highest there"),),
    ),
    Task(
        -math.inf,
        -2,
        "more than two σ below the mean",
        ((4, 5.5, "that counts both tails"), (0, 0, "the tails never end")),
    ),
)
DOTS = 100  # each stands for 1% of the values
COLUMN = 0.25  # the width of a column of dots, in σ
EDGES = np.arange(-4, 4 + COLUMN, COLUMN)


def pdf(z: Numbers) -> Numbers:
    """The standard normal density exp(−½z²)/√(2π)."""
    return np.asarray(np.exp(-0.5 * z**2) / math.sqrt(2 * math.pi))


def cdf(z: float) -> float:
    """P(Z ≤ z) = ½ erfc(−z/√2) for the standard normal distribution."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def share(task: Task) -> float:
    """The percentage of the values that lie in the task's range."""
    return 100 * (cdf(task.high) - cdf(task.low))


def dots() -> Numbers:
    """100 dots below the bell, shape (100, 2), column by column from the left.

    Each dot represents an area of 0.01. The cumulative number of dots up to each column is the
    rounded cumulative area in percent.
    """
    below = [math.floor(DOTS * cdf(edge) + 0.5) for edge in EDGES]
    height = 1 / (DOTS * COLUMN)
    return np.array(
        [
            (left + COLUMN / 2, (k + 0.5) * height)
            for left, n in zip(EDGES[:-1], np.diff(below), strict=True)
            for k in range(n)
        ]
    )


PLACES = dots()


def demo(fig: Annotated[Figure, Shape(wide=2.0, narrow=1.1)]) -> Update:
    """Set the scene: a bell with a shaded part, and a gauge beside it; the dots wait."""
    phone = narrow(fig)
    ax, gauge = fig.subplots(1, 2, width_ratios=(3.4, 1) if phone else (6, 1))
    ax.set(xlim=(-3.6, 3.6), ylim=(0, 0.46), yticks=[], xlabel="x")
    names = (
        ["−2σ", "−σ", "μ", "+σ", "+2σ"] if phone else ["μ − 2σ", "μ − σ", "μ", "μ + σ", "μ + 2σ"]
    )
    ax.set_xticks([-2, -1, 0, 1, 2], names)
    ax.spines["left"].set_visible(False)
    gauge.set(xlim=(0, 1), ylim=(0, 100), xticks=[])
    gauge.set_yticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    gauge.spines[:].set_visible(False)
    shade = artists.area(ax, color="model", alpha=0.25)
    z = np.linspace(-3.6, 3.6, 181)
    artists.line(ax, z, pdf(z), color="ink")
    size = 4.6 if phone else 8.5
    outside = artists.points(ax, color="muted", markersize=size, alpha=0.45)
    inside = artists.points(ax, color="truth", markersize=size)
    fill = artists.area(gauge, color="model", alpha=0.25)
    level = artists.line(gauge, color="model", linewidth=3)
    counted = artists.line(gauge, color="truth", linewidth=3)
    gap = artists.line(gauge, color="error", linewidth=2)

    def update(
        guess: Annotated[
            float,
            Slider(0, 100, 1, label="your guess", unit="%", drag=Drag.vertical(0.5, 1), guess=True),
        ] = 10.0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        task, shown = TASKS[seed], bool(answer)
        left, right = max(task.low, -3.6), min(task.high, 3.6)
        part = np.linspace(left, right, 81)
        shade.set_data(part, 0, pdf(part))
        fill.set_data([0, 1], 0, [guess, guess])
        level.set_data([0, 1], [guess, guess])
        seen = PLACES[: round(DOTS * answer.part)]
        hit = (seen[:, 0] > task.low) & (seen[:, 0] < task.high)
        inside.set_data(*seen[hit].T)
        outside.set_data(*seen[~hit].T)
        right_share = share(task)
        so_far = right_share if answer.part == 1 else float(hit.sum())
        counted.set_data([0, 1], [so_far, so_far])
        gap.set_data([0.5, 0.5], [guess, so_far])
        for artist in (inside, outside, counted):
            artist.set_visible(shown)
        gap.set_visible(answer.part == 1 and not answer.skipped)
        scene = f"A bell-shaped curve, shaded {task.where}."
        if not shown:
            return Caption(
                f"What share of the values lies {task.where}?",
                detail=f"{scene} Your guess is {number(guess)}%.",
            )
        return Caption(
            told(task, guess, answer),
            detail=(
                f"{scene} Your guess is {number(guess)}%, the right share {number(right_share)}%. "
                f"Of {len(seen)} dots, each 1% of the values, {int(hit.sum())} are inside."
            ),
        )

    return update


def told(task: Task, guess: float, answer: Answer) -> str:
    """The score in percentage points, and the name of a common mistake."""
    right = share(task)
    text = f"{number(rounded(right, 1), 1)}%"
    if answer.skipped:
        return f"{text} of the values lie {task.where}."
    off = abs(guess - right)
    points = f"{number(rounded(off, 1), 1)} percentage points"
    if off <= 1:
        return f"You found it: {text} of the values lie {task.where}."
    for low, high, name in task.mistakes:
        if low <= guess <= high:
            return f"Off by {points} ({text} is right): {name}."
    if off <= 5:
        return f"Close: {text} lie {task.where}, and you are {points} off."
    return f"Off by {points}: {text} of the values lie {task.where}."
