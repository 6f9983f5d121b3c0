"""Guess where twenty steps end, then check."""

import math
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
    narrow,
    number,
)
from stage.linear_algebra import Numbers

STEPS = 20
KAPPA = 10.0
SETTINGS = (  # start, learning rate: none diverges, and none arrives
    ((-2.5, 1.0), 0.05),
    ((2.4, -0.9), 0.03),
    ((2.0, 1.1), 0.02),
    ((-2.2, -0.8), 0.06),
)


def descend(start: tuple[float, float], eta: float, steps: int = STEPS) -> Numbers:
    """Points of gradient descent on ½(x² + 10y²), shape (steps + 1, 2): (1 − η)x and (1 − 10η)y."""
    factors = np.array([1 - eta, 1 - KAPPA * eta])
    points: Numbers = np.array(start) * factors ** np.arange(steps + 1)[:, np.newaxis]
    return points


def equal_steps(start: tuple[float, float], eta: float, steps: int = STEPS) -> Numbers:
    """The end of `steps` steps of the first step's length, or the minimum if they pass it."""
    x, y = start
    return np.array([x * max(0.0, 1 - steps * eta), y * max(0.0, 1 - steps * KAPPA * eta)])


def demo(fig: Annotated[Figure, Shape(wide=2.2, narrow=1.25)]) -> Update:
    """Set the scene: a long valley, a start, a guess; the path waits."""
    ax = fig.subplots()
    beside = 0.35 if narrow(fig) else 0.2
    ax.set(xlim=(-3.1, 3.1), ylim=(-1.35, 1.35), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    turn = np.linspace(0, 2 * math.pi, 121)
    for radius in np.arange(0.4, 4.6, 0.4):
        ax.plot(
            radius * np.cos(turn),
            radius * np.sin(turn) / math.sqrt(KAPPA),
            color="error",
            alpha=0.45,
            linewidth=1,
        )
    ax.plot(0, 0, "+", color="muted", markersize=9, mew=2)
    begin = artists.points(ax, color="ink", markersize=8)
    start_name = artists.label(ax, 0, 0, "start", weight="semibold", ha="center", va="bottom")
    path = artists.line(ax, marker="o", color="truth", linewidth=1.6, markersize=4)
    gap = artists.line(ax, color="model", linewidth=2)
    ring = artists.points(ax, color="model", markersize=13, mfc="none", mew=2)
    ring_name = artists.label(ax, 0, 0, "your guess", color="model", weight="semibold", va="center")

    def update(
        guess: Annotated[
            PointList,
            Points((-3, 3), (-1.3, 1.3), 0.05, label="your guess", names=("guess",), guess=True),
        ] = ((0.0, -1.0),),
        seed: Annotated[int, Seed(label="task", last=len(SETTINGS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        start, eta = SETTINGS[seed]
        ((x, y),) = guess
        begin.set_data([start[0]], [start[1]])
        start_name.set_position((start[0], start[1] + 0.08))
        ring.set_data([x], [y])
        ring_name.set(position=(x + beside, y), ha="left")
        if x > 1.2:
            ring_name.set(position=(x - beside, y), ha="right")
        shown = bool(answer)
        walked = descend(start, eta)
        seen = walked[: 1 + round(STEPS * answer.part)]
        path.set_visible(shown)
        path.set_data(*seen.T)
        end = walked[-1]
        gap.set_visible(answer.part == 1 and not answer.skipped)
        gap.set_data([x, end[0]], [y, end[1]])
        task = f"{STEPS} steps with η = {number(eta)}"
        if not shown:
            return Caption(
                f"Where do {task} end?",
                detail=(
                    f"A long valley, its curvature 1 along it and 10 across it, and the start at "
                    f"({number(start[0])}, {number(start[1])}). Your guess is at "
                    f"({number(x)}, {number(y)})."
                ),
            )
        return Caption(
            told((x, y), start, eta, answer),
            detail=(
                f"{task} from ({number(start[0])}, {number(start[1])}) end at ({number(end[0])}, "
                f"{number(end[1])}); your guess is at ({number(x)}, {number(y)}). "
                f"{len(seen) - 1} of {STEPS} steps are drawn."
            ),
        )

    return update


def told(guess: tuple[float, float], start: tuple[float, float], eta: float, answer: Answer) -> str:
    """The score in units of the map, or the name of a common mistake."""
    end = descend(start, eta)[-1]
    left = number(math.dist(end, (0, 0)))
    if answer.skipped:
        return f"The path is still {left} away from the minimum."
    off = math.dist(guess, end)
    if off < 0.15:
        return f"You found it: your guess is only {number(off)} away."
    naive = equal_steps(start, eta)
    if math.dist(guess, naive) < 0.3 and math.dist(naive, end) > 0.3:
        return f"Off by {number(off)}: the steps get shorter as the slope gets smaller."
    if math.dist(guess, (0, 0)) < 0.3:
        return f"You expected the minimum, but the path is still {left} away from it."
    return f"Your guess is {number(off)} away from where the path ends."
