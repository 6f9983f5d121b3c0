"""Stretch the bowl and watch the path start to zigzag."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, apart, artists, number
from stage.linear_algebra import Numbers

START = (-2.6, 0.9)
LEVEL = 1.75  # half the length of the level curve that the reader drags
NEAR = 0.01  # of the starting distance


def best_rate(kappa: float) -> float:
    """η = 2/(λ_max + λ_min), the fixed learning rate that shrinks ½(x² + κy²) fastest; κ ≥ 1.

    Nocedal and Wright, "Numerical Optimization", 2nd edition, section 3.3.
    """
    return 2 / (kappa + 1)


def shrinkage(kappa: float) -> float:
    """(κ − 1)/(κ + 1), the factor by which a step with the best rate shrinks the distance."""
    return (kappa - 1) / (kappa + 1)


def steps_needed(kappa: float) -> int:
    """The first step after which at most 1% of the starting distance is left."""
    q = shrinkage(kappa)
    return 1 if q <= NEAR else math.ceil(math.log(NEAR) / math.log(q) - 1e-9)


def descend(kappa: float, steps: int) -> Numbers:
    """The points of gradient descent on ½(x² + κy²) with the best rate, shape (steps + 1, 2)."""
    eta = best_rate(kappa)
    factors = np.array([1 - eta, 1 - eta * kappa])
    points: Numbers = np.array(START) * factors ** np.arange(steps + 1)[:, np.newaxis]
    return points


def demo(fig: Annotated[Figure, Small(1.35)]) -> Update:
    """Set the scene: level curves of a bowl, and a path across them."""
    ax = fig.subplots()
    ax.set(xlim=(-3, 3), ylim=(-1.9, 1.9), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    turn = np.linspace(0, 2 * math.pi, 121)
    circle = np.cos(turn), np.sin(turn)
    radii = np.arange(0.5, 10, 0.5)
    levels = [artists.line(ax, color="error", alpha=0.5, linewidth=1) for _ in radii]
    dragged = artists.line(ax, color="error", linewidth=2)
    path = artists.line(ax, marker="o", color="truth", linewidth=1.6, markersize=4)
    ax.plot(*START, "o", color="ink", markersize=7)
    ax.text(START[0], START[1] + 0.18, "start", ha="center", va="bottom", weight="semibold")

    def update(
        kappa: Annotated[
            float,
            Slider(
                1,
                25,
                0.5,
                label="condition number κ",
                drag=Drag(
                    at=lambda kappa: (0.0, LEVEL / math.sqrt(kappa)),
                    to=lambda _x, y: (LEVEL / max(y, 0.1)) ** 2,
                ),
            ),
        ] = 2.0,
    ) -> str:
        narrow = 1 / math.sqrt(kappa)
        for radius, line in zip(radii, levels, strict=True):
            line.set_data(radius * circle[0], radius * narrow * circle[1])
        dragged.set_data(LEVEL * circle[0], LEVEL * narrow * circle[1])
        steps = steps_needed(kappa)
        path.set_data(*descend(kappa, steps).T)
        return Caption(
            told(kappa, steps),
            detail=(
                f"Level curves of ½(x² + {number(kappa)}y²) and the path of gradient descent from "
                f"({number(START[0])}, {number(START[1])}) with the best fixed learning rate, "
                f"{number(best_rate(kappa))}; each step leaves "
                f"{apart(100 * shrinkage(kappa), 0, 0, 100)}% of the distance."
            ),
            numbers={"kappa": number(kappa), "steps": str(steps)},
        )

    return update


def told(kappa: float, steps: int) -> str:
    """The caption: the number of steps at the best learning rate."""
    if kappa == 1:
        return "In a round bowl, one step reaches the minimum."
    many = f"{steps} step{'s' if steps > 1 else ''}"
    return f"With condition number {number(kappa)}, it takes {many} to get close."
