"""Drag the tip of the second step to give the path a memory."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers
from stage.optimization import valley

KAPPA, ETA = 25.0, 0.06
NEAR = 0.01  # of the starting distance
LAST = 400  # steps, enough for the slowest path to come near
DRAWN = 60  # the number of steps that are drawn
VALLEY = valley(KAPPA)
START = VALLEY.start


def descend(beta: float, steps: int = LAST) -> Numbers:
    """m ← βm + ∇f, x ← x − ηm on ½(x² + 25y²), from m = 0; points of shape (steps + 1, 2)."""
    (x, y), mx, my = START, 0.0, 0.0
    points = [(x, y)]
    for _ in range(steps):
        gx, gy = VALLEY.gradient(x, y)
        mx, my = beta * mx + gx, beta * my + gy
        x, y = x - ETA * mx, y - ETA * my
        points.append((x, y))
    return np.array(points)


def steps_needed(points: Numbers) -> int:
    """The first step from which on at most 1% of the starting distance is left."""
    left = np.hypot(*points.T) / math.hypot(*START)
    return int(np.flatnonzero(left > NEAR)[-1]) + 1


FIRST = descend(0, 1)[1]
PULL = -ETA * np.array(VALLEY.gradient(*FIRST))  # what plain gradient descent does next
LAST_STEP = FIRST - START


def second(beta: float) -> tuple[float, float]:
    """The end of the second step: the gradient step plus β times the first step."""
    x, y = (FIRST + PULL + beta * LAST_STEP).tolist()
    return x, y


def dragged(x: float, y: float) -> float:
    """The β whose second step ends nearest to a position."""
    away = np.array((x, y)) - FIRST - PULL
    return float(away @ LAST_STEP / (LAST_STEP @ LAST_STEP))


def demo(fig: Annotated[Figure, Small(1.6)]) -> Update:
    """Set the scene: level curves of a long valley, and a path across them."""
    ax = fig.subplots()
    ax.set(xlim=(-3, 3), ylim=(-1.5, 1.5), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    turn = np.linspace(0, 2 * math.pi, 121)
    for radius in np.arange(0.75, 9, 0.75):
        x, y = radius * np.cos(turn), radius * np.sin(turn) / math.sqrt(KAPPA)
        ax.plot(x, y, color="error", alpha=0.4, linewidth=1)
    ax.plot(0, 0, "+", color="ink", markersize=10, mew=2)
    ax.plot(*START, "o", color="ink", markersize=7)
    ax.text(START[0], START[1] + 0.12, "start", ha="center", va="bottom", weight="semibold")
    path = artists.line(ax, marker="o", color="data", linewidth=1.2, markersize=3.5)
    both = artists.arrows(ax, ["gradient", "data"])

    def update(
        beta: Annotated[
            float, Slider(0, 0.95, 0.01, label="momentum β", drag=Drag(at=second, to=dragged))
        ] = 0.0,
    ) -> str:
        points = descend(beta)
        steps = steps_needed(points)
        path.set_data(*points[: min(steps, DRAWN) + 1].T)
        both.place((tuple(FIRST), tuple(PULL)), (tuple(FIRST + PULL), tuple(beta * LAST_STEP)))
        m = beta * VALLEY.gradient(*START)[1] + VALLEY.gradient(*FIRST)[1]
        return Caption(
            f"With β = {number(beta)}, it takes {steps} steps to get close.",
            detail=(
                f"A valley 25 times as steep across as along, learning rate {number(ETA)}, start "
                f"{pair(START)}. The second step goes from {pair(FIRST)} to {pair(second(beta))}: "
                f"first where plain gradient descent would go, then {number(beta)} times the step "
                f"before. After step {steps}, at most 1% of the starting distance is left."
            ),
            numbers={
                "beta": number(beta),
                "m": number(m),
                "y": number(second(beta)[1]),
                "steps": str(steps),
            },
        )

    return update
