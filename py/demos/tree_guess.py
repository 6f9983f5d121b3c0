"""Put the first split where it gains the most, then check."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Choice,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
)
from stage.linear_algebra import Numbers
from stage.trees import SIZE, Labels, Split, best_split, gain, sides

COUNT = 30
# For each task: where squares are the rule, the share of randomly swapped classes, and the seed
TASKS: tuple[tuple[Callable[[Any, Any], Any], float, int], ...] = (
    (lambda x, y: y > x, 0.0, 0),
    (lambda x, y: (x > 2.5) & (x < 6.5), 0.1, 1),
    (lambda x, y: (x > 5) != (y > 5), 0.0, 3),
    (lambda x, y: y > 0.45 * x + 3.2, 0.1, 1),
)
THRESHOLDS = np.arange(101) / 10
EDGE = 9.5  # where the handle is along its line


@lru_cache
def sample(task: int) -> tuple[Numbers, Labels]:
    """The points of a task, shape (30, 2), and their classes, 0 (discs) or 1 (squares)."""
    rule, noise, number_of = TASKS[task]
    rng = np.random.default_rng([18, number_of])
    points = (np.floor(rng.uniform(0.3, 9.7, (COUNT, 2)) * 10) / 10 + 0.05).round(2)
    swapped = rng.random(COUNT) < noise
    return points, (rule(*points.T) != swapped).astype(np.intp)


@lru_cache
def gains(task: int) -> Numbers:
    """The gain H(S) − n_yes/n·H(S_yes) − n_no/n·H(S_no) = gain of each split, shape (2, 101)."""
    points, labels = sample(task)
    return np.array([gain(points[:, axis], labels, THRESHOLDS) for axis in (0, 1)])


@lru_cache
def best(task: int) -> Split:
    """The split with the largest gain."""
    found = best_split(*sample(task))
    assert found
    return found


def gained(task: int, split: Split) -> float:
    """The gain of one split, in bits."""
    points, labels = sample(task)
    found: float = gain(points[:, split.axis], labels, [split.threshold])[0].item()
    return found


def mistakes(task: int, axis: int, thresholds: Any) -> Numbers:
    """The number of points outside the majority class of their side, for each threshold."""
    points, labels = sample(task)
    yes, no = sides(points[:, axis], labels, thresholds)
    return np.asarray(yes.min(axis=-1) + no.min(axis=-1))


def demo(fig: Annotated[Figure, Shape(wide=2.05, narrow=0.72)]) -> Update:
    """Set the scene: the points and a line; the gain of all other splits waits."""
    phone = narrow(fig)
    rows, columns = (2, 1) if phone else (1, 2)
    ratios: Any = {"height_ratios": (1.9, 1)} if phone else {"width_ratios": (1, 1.05)}
    plane, chart = fig.subplots(rows, columns, **ratios)
    plane.set(xlim=(0, SIZE), ylim=(0, SIZE), aspect="equal", xlabel="x", ylabel="y")
    plane.set(xticks=range(0, 11, 2), yticks=range(0, 11, 2))
    plane.grid(visible=False)
    chart.set(xlim=(0, SIZE), ylim=(0, 1.05), xlabel="threshold", xticks=range(0, 11, 2))
    chart.set_yticks([0, 0.5, 1], ["0 bits", "0.5 bits", "1 bit"])
    chart.spines["left"].set_visible(False)
    heading = artists.label(chart, 0, 1.03, "information gain", transform=chart.transAxes)
    of_axis = [artists.label(chart, 1, 1.03, "", transform=chart.transAxes) for _ in range(2)]
    heading.set(size=10.5, weight="semibold", zorder=0.8)
    waiting = artists.label(
        chart, SIZE / 2, 0.5, "after your guess", color="muted", ha="center", va="center"
    )
    discs = artists.points(plane, color="data", markersize=7)
    squares = artists.points(plane, marker="s", color="model", markersize=6)
    mine = artists.line(plane, color="ink", linewidth=2.2, linestyle=(0, (5, 3)))
    answer_line = artists.line(plane, color="truth", linewidth=2.6)
    curves = [
        artists.line(chart, color="truth", linewidth=1.8, linestyle=style)
        for style in ("-", (0, (2, 1.5)))
    ]
    gap = artists.line(chart, color="error", linewidth=3)
    here = artists.points(chart, color="ink", markersize=9, clip_on=False)
    top = artists.points(chart, color="truth", markersize=11, mfc="none", mew=2)
    for text, place, words in zip(of_axis, (0.72, 1), ("x: solid", "y: dashed"), strict=True):
        text.set(x=place, color="truth", text=words, ha="right", size=10.5, weight="semibold")

    def update(
        axis: Annotated[str, Choice("x", "y", label="split on", guess=True)] = "x",
        t: Annotated[
            float,
            Slider(
                *(0, SIZE, 0.1),
                label="threshold",
                guess=True,
                drag=Drag(
                    at=lambda t, axis: (t, EDGE) if axis == "x" else (EDGE, t),
                    to=lambda x, y, axis: x if axis == "x" else y,
                ),
            ),
        ] = 1.0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        points, labels = sample(seed)
        discs.set_data(points[labels == 0].T)
        squares.set_data(points[labels == 1].T)
        split = Split("xy".index(axis), t)
        mine.set_data(*_line(split))
        done = answer.part == 1
        waiting.set_visible(not answer)
        for mark in (*curves, here, *of_axis):
            mark.set_visible(bool(answer))
        answer_line.set_visible(done)
        top.set_visible(done)
        gap.set_visible(done and not answer.skipped)
        asked = f"Task {seed + 1}: {COUNT} points; your split is {_question(split)}."
        if not answer:
            return Caption("Which first split gains the most?", detail=asked)
        seen = 1 + round(100 * answer.part)
        for curve, heights in zip(curves, gains(seed), strict=True):
            curve.set_data(THRESHOLDS[:seen], heights[:seen])
        found = gained(seed, split)
        right = best(seed)
        most = gained(seed, right)
        here.set_data([t], [found])
        top.set_data([right.threshold], [most])
        gap.set_data([t, t], [found, most])
        answer_line.set_data(*_line(right))
        of_x, of_y = (number(heights[:seen].max().item(), 3) for heights in gains(seed))
        return Caption(
            told(seed, split, answer),
            detail=(
                f"{asked} It gains {number(found, 3)} bits. Splits on x gain up to {of_x} bits, "
                f"splits on y up to {of_y}"
                + (f"; the best is {_question(right)}." if done else " so far.")
            ),
        )

    return update


def _line(split: Split) -> tuple[list[float], list[float]]:
    """Both ends of a split's line."""
    across, along = [split.threshold] * 2, [0.0, SIZE]
    return (across, along) if split.axis == 0 else (along, across)


def _question(split: Split) -> str:
    return f"{'xy'[split.axis]} ≤ {number(split.threshold)}"


def told(task: int, split: Split, answer: Answer) -> str:
    """The score in bits, and the name of a common mistake."""
    points, labels = sample(task)
    right = best(task)
    most, found = gained(task, right), gained(task, split)
    top = number(most, 3)
    if answer.skipped:
        return f"The best first split is {_question(right)}, which gains {top} bits."
    if found == most:
        return f"You found the best first split: it gains {top} bits."
    score = f"your split gains {number(found, 3)} bits, and the best one {top}"
    ((yes,), (no,)) = sides(points[:, split.axis], labels, [split.threshold])
    small = min(yes, no, key=lambda side: side.sum().item())
    if not small.sum():
        return f"All points are on one side: {score}."
    fewest = min(mistakes(task, axis, THRESHOLDS).min() for axis in (0, 1))
    if mistakes(task, *split).item() == fewest < mistakes(task, *right).item():
        return f"The fewest mistakes don't give the most information: {score}."
    if abs(yes.sum() - no.sum()) <= 2:
        return f"Two equal halves are not two pure halves: {score}."
    if not small.min() and small.sum() <= COUNT / 6:
        return f"That side is pure but small: {score}."
    if split.axis != right.axis:
        return f"The other feature is better here: {score}."
    return f"{score[0].upper()}{score[1:]}."
