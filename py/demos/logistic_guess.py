"""Drag the boundary where you expect the best one, then check."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

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
    number,
    pair,
)
from stage.classification import Fit, fit, log_loss, sigmoid
from stage.linear_algebra import Numbers
from stage.text import count

EDGE, HIGH = 5.0, 3.0  # the frame reaches from (−5, −3) to (5, 3)
FAR = 14.0
NEAR = 0.5  # above the lowest log loss: the labels are e^0.5 = 1.6 times as likely under the best


class Group(NamedTuple):
    """Points of one class: the center, the angle of the long axis, the spreads along both axes."""

    y: int
    n: int
    center: tuple[float, float]
    angle: float
    spread: tuple[float, float]


# For each task the seed of its points, and its groups
TASKS: tuple[tuple[int, tuple[Group, ...]], ...] = (
    # The long axes are tilted, so the line halfway between the class means is far off
    (38, (Group(0, 16, (-1, 0), 42, (1.9, 0.6)), Group(1, 16, (1, 0), 42, (1.9, 0.6)))),
    # One class is rare
    (30, (Group(0, 26, (-1.2, -0.3), 0, (1.2, 1.2)), Group(1, 7, (1.2, 0.6), 0, (1.2, 1.2)))),
    # Some points of one class are far away: their loss is almost 0, but they move the class mean
    (
        19,
        (
            Group(0, 16, (-1.3, 0.3), 0, (1.0, 1.1)),
            Group(1, 11, (0.7, -0.2), 0, (0.95, 1.0)),
            Group(1, 7, (4.0, -2.2), 0, (0.5, 0.4)),
        ),
    ),
    (48, (Group(0, 16, (0.2, -0.9), -30, (1.9, 0.5)), Group(1, 16, (-0.2, 0.9), -30, (1.9, 0.5)))),
)


class Line(NamedTuple):
    """The points x with n·x = c, where n = (cos φ, sin φ)."""

    phi: float
    c: float

    def away(self, x: Numbers) -> Numbers:
        """The signed distances of points, shape (n, 2), from the line; shape (n,)."""
        return np.asarray(x @ np.array([math.cos(self.phi), math.sin(self.phi)]) - self.c)


def least_loss(x: Numbers, y: Numbers, line: Line) -> float:
    """The minimum Σ log loss of a model P = σ(k·d) with this boundary; d is the signed distance.

    It is where the derivative Σ d·(σ(kd) − y), which increases with the steepness k, is 0.
    """
    d = line.away(x)

    def derivative(k: float) -> float:
        return float(d @ (sigmoid(k * d) - y))

    low, high = -1.0, 1.0
    while derivative(low) > 0 and low > -1000:
        low *= 2
    while derivative(high) < 0 and high < 1000:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if derivative(middle) > 0 else (middle, high)
    return float(log_loss(low * d, y).sum())


def through(ends: PointList) -> Line | None:
    """The line through two points; None if they coincide."""
    (x, y), (to_x, to_y) = ends
    across, up = to_x - x, to_y - y
    if math.hypot(across, up) < 1e-9:
        return None
    phi = math.atan2(across, -up)
    return Line(phi, x * math.cos(phi) + y * math.sin(phi))


@lru_cache
def points(seed: int) -> tuple[Numbers, Numbers]:
    """The points of a task, shape (n, 2), with one decimal; and their classes, shape (n,)."""
    number_of_data, groups = TASKS[seed]
    rng = np.random.default_rng(number_of_data)
    rows, labels = [], []
    for y, n, (x1, x2), angle, spread in groups:
        along, across = rng.standard_normal((2, n)) * np.array(spread)[:, None]
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        rows.append(
            np.column_stack([x1 + cos * along - sin * across, x2 + sin * along + cos * across])
        )
        labels += [float(y)] * n
    return np.concatenate(rows).round(1), np.array(labels)


@lru_cache
def best(seed: int) -> tuple[Line, float, int]:
    """The fitted boundary, its log loss, and how many points it misclassifies."""
    x, y = points(seed)
    found: Fit = fit(tuple(map(tuple, x.tolist())), tuple(y.tolist()), 0.0)
    size = math.hypot(*found.w)
    line = Line(math.atan2(found.w[1], found.w[0]), -found.b / size)
    return line, least_loss(x, y, line), mistakes(x, y, line)


def mistakes(x: Numbers, y: Numbers, line: Line) -> int:
    """The number of misclassified points, with the better of both sides for class 1."""
    wrong = int(np.count_nonzero((line.away(x) > 0) != (y == 1)))
    return min(wrong, len(y) - wrong)


def halfway(x: Numbers, y: Numbers) -> Line:
    """The perpendicular bisector of the class means."""
    zero, one = x[y == 0].mean(axis=0), x[y == 1].mean(axis=0)
    (x1, x2), (right, up) = ((zero + one) / 2).tolist(), (one - zero).tolist()
    phi = math.atan2(up, right)
    return Line(phi, x1 * math.cos(phi) + x2 * math.sin(phi))


def turned(line: Line, other: Line) -> Line:
    """The same line, with φ as near as possible to that of the other line."""
    turns = round((other.phi - line.phi) / math.pi)
    return Line(line.phi + turns * math.pi, line.c * (-1) ** turns)


def demo(fig: Annotated[Figure, Shape(wide=1.75, narrow=1.4)]) -> Update:
    """Set the scene: two classes of points, and the reader's boundary; the best one waits."""
    ax = fig.subplots()
    ax.set(xlim=(-EDGE, EDGE), ylim=(-HIGH, HIGH), aspect="equal")
    ax.set(xlabel="feature x₁", ylabel="feature x₂", xticks=range(-4, 5, 2), yticks=(-2, 0, 2))
    ax.spines[:].set_visible(False)
    ax.set_title("filled: yes, hollow: no", color="data", size=10.5)
    no = artists.points(ax, color="data", mfc="surface", mew=1.6, markersize=7, zorder=2)
    yes = artists.points(ax, color="data", markersize=7, zorder=2)
    drawn = artists.line(ax, color="model", clip_on=True, zorder=2.4)
    ends_drawn = artists.points(ax, color="model", mfc="surface", markersize=9, mew=2, zorder=2.6)
    ends_drawn.set_clip_on(False)
    right = artists.line(ax, color="truth", clip_on=True, zorder=2.2)
    between = artists.points(
        ax, color="error", mfc="none", markersize=13, mew=1.8, zorder=2.3, clip_on=False
    )

    def update(
        guess: Annotated[
            PointList,
            Points(
                (-EDGE, EDGE),
                (-HIGH, HIGH),
                0.1,
                label="your boundary",
                names=("one end", "other end"),
                least=2,
                most=2,
                guess=True,
            ),
        ] = ((-4.0, -2.5), (4.0, -2.5)),
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        x, y = points(seed)
        no.set_data(*x[y == 0].T)
        yes.set_data(*x[y == 1].T)
        ends_drawn.set_data(*np.transpose(guess))
        line = through(guess)
        drawn.set_data(*_ends(line))
        for artist in (right, between):
            artist.set_visible(bool(answer))
        about = (
            f"Task {seed + 1}: {count(int((y == 1).sum()), 'filled point')} and "
            f"{count(int((y == 0).sum()), 'hollow point')}. Your boundary runs through "
            f"{pair(guess[0])} and {pair(guess[1])}."
        )
        if not answer:
            return Caption("Where does the fitted boundary lie?", detail=about)
        target, least, wrong = best(seed)
        start = turned(line, target) if line else target
        part = answer.part
        now = Line(*((1 - part) * a + part * z for a, z in zip(start, target, strict=True)))
        right.set_data(*_ends(now))
        apart = (now.away(x) > 0) != (start.away(x) > 0)
        shown = apart if line and not answer.skipped else np.zeros(len(y), dtype=bool)
        between.set_data(*x[shown].T)
        own = f"It misclassifies {mistakes(x, y, line)} of them; the" if line else "The"
        return Caption(
            told(seed, line, answer),
            detail=(
                f"{about} {own} fitted boundary misclassifies {wrong}, with a log loss of "
                f"{number(least)}. {round(100 * part)}% of the way to it is drawn, and rings mark "
                f"{count(int(shown.sum()), 'point')} between the two lines."
            ),
        )

    return update


def _ends(line: Line | None) -> tuple[list[float], list[float]]:
    """Two points of a line outside the frame; empty without a line."""
    if line is None:
        return [], []
    cos, sin = math.cos(line.phi), math.sin(line.phi)
    x, y = line.c * cos, line.c * sin
    return [x - FAR * sin, x + FAR * sin], [y + FAR * cos, y - FAR * cos]


def told(seed: int, line: Line | None, answer: Answer) -> str:
    """Both log losses, and the name of a common mistake."""
    x, y = points(seed)
    _, least, wrong = best(seed)
    if answer.skipped:
        return f"The fitted boundary has a log loss of {number(least)}, the lowest possible."
    if line is None:
        return "Two ends in the same place make no line, so you have no score."
    yours = least_loss(x, y, line)
    score = f"your log loss is {number(yours)}, and the lowest is {number(least)}"
    if yours - least < NEAR:
        return f"You found it: {score}."
    middle = halfway(x, y)
    same = turned(line, middle)
    center = x[y == 1].mean(axis=0) / 2 + x[y == 0].mean(axis=0) / 2
    if abs(same.phi - middle.phi) < math.radians(12) and abs(line.away(center)) < 0.4:
        return f"This is about halfway between the class means: {score}."
    if mistakes(x, y, line) <= wrong:
        return f"Few points on the wrong side are not enough: {score}."
    return f"The boundary lies elsewhere: {score}."
