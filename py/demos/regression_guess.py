"""Drag the ends of the line where you expect the best one, then check."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np

from stage import Answer, Caption, Check, Drag, Figure, Seed, Shape, Slider, Update, artists, number
from stage.linear_algebra import Numbers

COUNT = 40
WITHIN = 2.1  # standard deviations; draws farther out are dropped, so that each cloud fits
# Standard deviations of x and y, their correlation, a seed, and a point that is moved elsewhere
TASKS: tuple[tuple[float, float, float, int, tuple[float, float] | None], ...] = (
    (1.9, 1.9, 0.5, 3, None),
    (0.8, 1.0, 0.6, 5, (4.4, -3.2)),
    (1.9, 1.9, -0.45, 8, None),
    (1.8, 1.1, 0.7, 2, (-0.2, 4.2)),
    (1.8, 1.9, 0.0, 11, None),
)
END, TOP = 4.6, 4.4  # the ends of the line are at x = ±4.6, at most this high
FOUND = 1.03  # times the smallest loss
FLAT = 0.12  # a slope that is nearly 0


class Line(NamedTuple):
    """The line ŷ = β₀ + β₁x."""

    b0: float
    b1: float


def least_squares(x: Numbers, y: Numbers) -> Line:
    """The best line: β₁ = Σ(x − x̄)(y − ȳ) / Σ(x − x̄)² and β₀ = ȳ − β₁x̄."""
    off = x - x.mean()
    b1 = float(off @ (y - y.mean()) / (off @ off))
    return Line(float(y.mean()) - b1 * float(x.mean()), b1)


def loss(line: Line, x: Numbers, y: Numbers) -> float:
    """The sum of the squared residuals, Σ(y − β₀ − β₁x)²."""
    r = y - line.b0 - line.b1 * x
    return float(r @ r)


def long_axis(x: Numbers, y: Numbers) -> float:
    """The slope of the first principal component, tan(½ atan2(2b, a − d)); see lesson 5."""
    x, y = x - x.mean(), y - y.mean()
    return math.tan(0.5 * math.atan2(2 * float(x @ y), float(x @ x - y @ y)))


@lru_cache
def data(task: int) -> tuple[Numbers, Numbers]:
    """The points of a task: a cloud with exactly these spreads and correlation, and an outlier."""
    sd_x, sd_y, r, seed, far = TASKS[task]
    draws = np.random.default_rng(seed).standard_normal((6 * COUNT, 2))
    x, y = draws[np.hypot(*draws.T) < WITHIN][:COUNT].T
    x = x - x.mean()
    y = y - y.mean()
    y = y - (x @ y) / (x @ x) * x
    x, y = (v * math.sqrt(COUNT / float(v @ v)) for v in (x, y))
    x, y = sd_x * x, sd_y * (r * x + math.sqrt(1 - r * r) * y)
    if far:
        shift = (-1.2, 0.6) if task == 1 else (0.0, -0.4)
        x, y = (np.append(v + s, f) for v, s, f in zip((x, y), shift, far, strict=True))
    return x, y


@lru_cache
def best(task: int) -> Line:
    """The least-squares line of a task."""
    return least_squares(*data(task))


def ratio(task: int, line: Line) -> float:
    """The loss of a line divided by the minimum loss."""
    return loss(line, *data(task)) / loss(best(task), *data(task))


def through(left: float, right: float) -> Line:
    """The line with these heights at x = ±4.6."""
    return Line((left + right) / 2, (right - left) / (2 * END))


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=1.0)]) -> Update:
    """Set the scene: a cloud and a line; the best line waits."""
    ax = fig.subplots()
    ax.set(xlim=(-5, 5), ylim=(-4.9, 4.9), aspect="equal", xticks=[], yticks=[])
    ax.set(xlabel="x", ylabel="y")
    ax.spines[:].set_color("rule")
    ax.spines[:].set_visible(True)
    gap = artists.polygons(ax, facecolors="error", alpha=0.3, zorder=1)
    stems = artists.line(ax, color="error", alpha=0.6, linewidth=1.2, zorder=1.4)
    dots = artists.points(ax, color="data", markersize=6)
    line = artists.line(ax, color="model")
    ends = artists.points(ax, color="model", markersize=10)
    answer_line = artists.line(ax, color="truth")
    across = np.array([-END, END])

    def update(
        left: Annotated[
            float,
            Slider(-TOP, TOP, 0.1, label="left end", guess=True, drag=Drag.vertical(-END)),
        ] = 4.0,
        right: Annotated[
            float,
            Slider(-TOP, TOP, 0.1, label="right end", guess=True, drag=Drag.vertical(END)),
        ] = 4.0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        x, y = data(seed)
        yours, right_one, part = through(left, right), best(seed), answer.part
        dots.set_data(x, y)
        line.set_data(across, [left, right])
        ends.set_data(across, [left, right])
        # the guessed line moves to the best one
        now = Line(*((1 - part) * a + part * b for a, b in zip(yours, right_one, strict=True)))
        answer_line.set_data(across, now.b0 + now.b1 * across)
        answer_line.set_visible(bool(answer))
        done = part == 1
        gap.set_visible(done and not answer.skipped)
        stems.set_visible(done)
        if done:
            gap.set_verts(between(yours, right_one))
            foot = right_one.b0 + right_one.b1 * x
            stems.set_data(*artists.joined(np.stack([x, foot], 1), np.stack([x, y], 1)))
        asked = (
            f"Task {seed + 1}: {len(x)} points, and your line from {number(left)} on the left to "
            f"{number(right)} on the right."
        )
        if not answer:
            return Caption("Which line has the smallest sum of squared residuals?", detail=asked)
        return Caption(
            told(seed, yours, answer),
            detail=(
                f"{asked} The best line goes from {number(right_one.b0 - END * right_one.b1)} to "
                f"{number(right_one.b0 + END * right_one.b1)}. {round(100 * part)}% of the way to "
                "it is drawn."
            ),
        )

    return update


def between(one: Line, other: Line) -> Numbers:
    """The area between two lines, shape (2, 4, 2): two triangles if they cross, else one area."""
    turn = one.b1 - other.b1
    cross = (other.b0 - one.b0) / turn if turn else END
    cross = min(max(cross, -END), END)
    parts = []
    for low, high in ((-END, cross), (cross, END)):
        parts.append(
            [(x, line.b0 + line.b1 * x) for line, ends in ((one, (low, high)), (other, (high, low)))
             for x in ends]
        )  # fmt: skip
    return np.array(parts)


def told(task: int, line: Line, answer: Answer) -> str:
    """The loss divided by the minimum loss, and the name of a common mistake."""
    x, y = data(task)
    right = best(task)
    if answer.skipped:
        return f"The best line has slope {number(right.b1)}."
    times = ratio(task, line)
    score = f"your loss is {number(times, 2 if times < 10 else 0)} times the smallest"
    if times < 1.005:
        return "You found it: no line has a noticeably smaller loss."
    if times <= FOUND:
        return f"Very close: {score}."
    height = line.b0 + line.b1 * float(x.mean()) - float(y.mean())
    if len(x) * height**2 > (times - 1) * loss(right, x, y) / 2:
        return f"Too {'high' if height > 0 else 'low'} overall: {score}."
    if len(x) > COUNT and _nearer(line.b1, least_squares(x[:-1], y[:-1]).b1, right.b1):
        return f"You left out the single point, but it counts too: {score}."
    axis = long_axis(x, y)
    if axis * right.b1 > 0 and abs(right.b1) > FLAT and _nearer(line.b1, axis, right.b1):
        return f"You followed the long axis of the cloud, which is too steep: {score}."
    if abs(line.b1) < FLAT:
        return f"Almost flat, so x hardly matters: {score}."
    if line.b1 * right.b1 < 0 and abs(right.b1) > FLAT:
        return f"Your line slopes the wrong way: {score}."
    return f"Too {'steep' if abs(line.b1) > abs(right.b1) else 'flat'}: {score}."


def _nearer(slope: float, one: float, other: float) -> bool:
    return abs(slope - one) < abs(slope - other)
