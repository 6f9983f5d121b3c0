"""Drag the base until the two curves meet."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, apart, artists, number
from stage.linear_algebra import Numbers

X = np.linspace(-2.2, 1.7, 101)


def power_of(base: float, x: ArrayLike) -> Numbers:
    """The exponential function aˣ."""
    found: Numbers = np.power(base, np.asarray(x, dtype=np.float64))
    return found


def ratio(base: float) -> float:
    """The derivative of aˣ divided by aˣ itself: log_e a, the same at every x."""
    return math.log(base)


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: an exponential function, and its slope at every x."""
    ax = fig.subplots()
    ax.set(xlim=(-2.2, 1.7), ylim=(-0.3, 6.2), xticks=[-2, -1, 0, 1], yticks=[0, 2, 4, 6])
    ax.set_xlabel("x")
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.text(-2.1, 5.6, "height", color="data", weight="semibold", size=12, zorder=0.8)
    ax.text(-2.1, 4.9, "slope", color="gradient", weight="semibold", size=12, zorder=0.8)
    height = artists.line(ax, color="data", linewidth=3)
    slope = artists.line(ax, color="gradient", linewidth=2)
    point = artists.points(ax, color="data", markersize=8)

    def update(
        base: Annotated[float, Slider(1.2, 4, 0.02, label="base a", drag=Drag.vertical(1.0))] = 2.0,
    ) -> str:
        curve = power_of(base, X)
        height.set_data(X, curve)
        slope.set_data(X, ratio(base) * curve)
        point.set_data([1], [base])
        times = apart(ratio(base), 2, 1)
        return Caption(
            told(base, times),
            detail=(
                f"The curve a to the power of x with a = {number(base, 5)}, and above or below it "
                f"its slope at every x: {times} times its height."
            ),
            numbers={"base": number(base, 5), "ratio": times},
        )

    return update


def told(base: float, times: str) -> str:
    """How the slope compares with the height, at every x alike."""
    if abs(ratio(base) - 1) < 0.002:
        return f"With base {number(base, 5)}, slope and height agree almost exactly."
    return f"With base {number(base, 5)}, the slope is {times} times the height everywhere."
