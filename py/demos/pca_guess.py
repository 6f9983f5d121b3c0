"""Turn the line to where you expect the answer, then check."""

import math
from typing import Annotated

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
)
from stage.figures import axis_numbers
from stage.linear_algebra import Numbers, unit

COUNT = 60
ENDS = (-8, 8)  # of a line through the mean: outside the frame
WITHIN = 2.2  # standard deviations; draws farther out are dropped, so that each cloud fits
TASKS = ("keep the most variance", "predict y from x")
MOST = 10.0  # upper end of the scale of the error variance
SCALES = {TASKS[0]: ("0%", "50%", "100%"), TASKS[1]: ("0", "5", "10")}


def covariance_of(seed: int) -> Numbers:
    """A covariance matrix, shape (2, 2): spreads 2 and 0.8 to 1.2 along a tilted direction."""
    rng = np.random.default_rng([seed, 5])
    tilt, across = math.radians(rng.integers(25, 66)), rng.uniform(0.8, 1.2)
    u = np.array([math.cos(tilt), math.sin(tilt)])
    v = np.array([-u[1], u[0]])
    return 4 * np.outer(u, u) + across**2 * np.outer(v, v)


def cloud(seed: int) -> Numbers:
    """Points, shape (60, 2), with mean 0 and exactly this covariance (n − 1 in the denominator)."""
    draws = np.random.default_rng(seed).standard_normal((3 * COUNT, 2))
    x, y = draws[np.hypot(*draws.T) < WITHIN][:COUNT].T
    x = x - x.mean()
    y = y - y.mean()
    y = y - (x @ y) / (x @ x) * x
    x, y = (v * math.sqrt((COUNT - 1) / float(v @ v)) for v in (x, y))
    (a, b), (_, d) = covariance_of(seed)
    first = math.sqrt(a)  # the Cholesky factor of the matrix, written out
    return np.column_stack([first * x, b / first * x + math.sqrt(d - b * b / a) * y])


def kept(c: Numbers, degrees: float) -> float:
    """The share uᵀCu / tr C of the variance along a line."""
    u = unit(degrees)
    return float(u @ c @ u / np.trace(c))


def best_angle(c: Numbers) -> float:
    """The angle of the first principal component in degrees, 0 to 180: ½ atan2(2b, a − d)."""
    (a, b), (_, d) = c
    return math.degrees(0.5 * math.atan2(2 * b, a - d)) % 180


def missed(c: Numbers, degrees: float) -> float:
    """The mean squared vertical distance d − 2mb + m²a to a line of slope m through the mean."""
    (a, b), (_, d) = c
    m = math.tan(math.radians(degrees))
    return float(d - 2 * m * b + m * m * a)


def regression_angle(c: Numbers) -> float:
    """The angle of the least-squares line of y on x, slope b/a, in degrees."""
    return math.degrees(math.atan2(c[0][1], c[0][0])) % 180


def demo(fig: Annotated[Figure, Shape(wide=2.1, narrow=0.85)]) -> Update:
    """Set the scene: a cloud and a line; the curve over all angles waits."""
    phone = narrow(fig)
    ax, curve_ax = fig.subplots(2, 1, height_ratios=(1.7, 1)) if phone else fig.subplots(1, 2)
    ax.set(xlim=(-5.6, 5.6), ylim=(-4.9, 4.9), aspect="equal", xlabel="x", ylabel="y")
    ax.set(xticks=[], yticks=[])
    dots = artists.points(ax, color="data", markersize=4)
    drops = artists.line(ax, color="error", alpha=0.5, linewidth=1)
    line = artists.line(ax, color="model")
    best = artists.line(ax, color="truth", linestyle="--")
    curve_ax.set(xlim=(0, 180), xlabel="angle of the line", ylim=(0, 1.05))
    curve_ax.set_xticks([0, 45, 90, 135, 180], ["0°", "45°", "90°", "135°", "180°"])
    scale = axis_numbers(curve_ax, "y", (0, 0.5, 1), SCALES[TASKS[0]])
    title = artists.label(
        curve_ax, 0, 1.03, transform=curve_ax.transAxes, size=10.5, weight="semibold"
    )
    waiting = artists.label(
        curve_ax, 90, 0.5, "after your guess", color="muted", ha="center", va="center"
    )
    angles = np.arange(0, 181, 1.0)
    curve = artists.line(curve_ax, color="muted")
    mine = artists.points(curve_ax, color="model", markersize=8)
    above = artists.points(curve_ax, marker="^", color="model", markersize=8)
    top = artists.points(curve_ax, color="truth", markersize=8)

    def update(
        theta: Annotated[
            float,
            Slider(
                0,
                179,
                1,
                label="your line",
                unit="°",
                drag=Drag.around(4.3, turn=180),
                guess=True,
            ),
        ] = 120.0,
        task: Annotated[str, Choice(*TASKS, label="task")] = TASKS[0],
        seed: Annotated[int, Seed(label="cloud", last=99)] = 3,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        points, c = cloud(seed), covariance_of(seed)
        predicts = task == TASKS[1]
        dots.set_data(*points.T)
        line.set_data(*np.outer(unit(theta), ENDS))
        u = unit(theta)
        steep = abs(theta - 90) < 1e-9
        if predicts:
            feet = points if steep else np.column_stack([points[:, 0], points[:, 0] * u[1] / u[0]])
        else:
            feet = np.outer(points @ u, u)
        drops.set_data(*artists.joined(points, feet))
        target = regression_angle(c) if predicts else best_angle(c)
        best.set_visible(bool(answer))
        best.set_data(*np.outer(unit(theta + (target - theta) * answer.part), ENDS))
        for text, mark in zip(scale, SCALES[task], strict=True):
            text.set_text(mark)
        title.set_text("variance of the errors" if predicts else "share of the variance kept")

        def height(angle: float) -> float:
            """The height of the curve at an angle, as a fraction of its scale."""
            return missed(c, angle) / MOST if predicts else kept(c, angle)

        seen = angles[: 1 + round(180 * answer.part)] if answer else angles[:0]
        curve.set_data(seen, [height(angle) for angle in seen])
        fits = height(theta) <= 1
        mine.set_data([theta] * fits, [height(theta)] * fits)
        above.set_data([theta] * (not fits), [1] * (not fits))  # it lies above the scale
        top.set_data([target], [height(target)])
        for artist in (mine, above, top):
            artist.set_visible(bool(answer))
        waiting.set_visible(not answer)
        what = "predicts y best" if predicts else "keeps the most variance"
        if not answer:
            return Caption(
                f"Turn the line until you think it {what}.",
                detail=(f"Cloud {seed}: {COUNT} points and a line through its mean at {theta:g}°."),
            )
        return Caption(
            told(c, theta, predicts, answer),
            detail=(
                f"Cloud {seed}: the line that {what} is at {target:.0f}°, yours is at {theta:g}°. "
                f"{round(100 * answer.part)}% of the answer is drawn."
            ),
        )

    return update


def told(c: Numbers, theta: float, predicts: bool, answer: Answer) -> str:
    """The score in the model's own units, or the name of a common mistake."""
    if predicts:
        least = missed(c, regression_angle(c))
        if answer.skipped:
            return f"With the best line, the errors in y have variance {least:.1f}."
        if abs(math.cos(math.radians(theta))) < 0.05:
            return "A vertical line can't predict y: it gives one x every value of y."
        miss = f"{missed(c, theta):.1f}"
        off, beside = abs(theta - regression_angle(c)), abs(theta - best_angle(c))
        if off <= min(3, beside):
            rest = "no line does better" if miss == f"{least:.1f}" else f"the least is {least:.1f}"
            return f"You found it: your line's errors have variance {miss}; {rest}."
        if beside <= 4:
            return f"That line keeps the most variance, but its errors have variance {miss}."
        return f"Your line's errors have variance {miss}; the best line's have {least:.1f}."
    most = f"{100 * kept(c, best_angle(c)):.0f}%"
    if answer.skipped:
        return f"The best line keeps {most} of the variance."
    share = f"{100 * kept(c, theta):.0f}%"
    off = abs((theta - best_angle(c) + 90) % 180 - 90)
    if off >= 80:
        return f"Your line runs across the cloud and keeps {share}; the best one keeps {most}."
    if off <= 3:
        return f"You found it: your line keeps {share} of the variance, and no line keeps more."
    return f"Your line keeps {share} of the variance; the best one keeps {most}."
