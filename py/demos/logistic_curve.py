"""Drag the middle of the curve and its second point."""

import math
from typing import Annotated, Any

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.classification import chance_text, sigmoid
from stage.linear_algebra import Numbers
from stage.text import coordinate

FAILED = (1.0, 2.0, 2.5, 3.0, 4.0, 5.5)  # hours of study
PASSED = (3.5, 5.0, 6.0, 6.5, 7.0, 8.5)
STEEPEST = 3.0
X = np.linspace(0, 10, 161)


def chance(x: float, w: float, b: float) -> float:
    """The probability 1/(1 + e^(−(wx + b))) of passing after x hours."""
    return 1 / (1 + math.exp(-(w * x + b)))


def curve_of(middle: float, w: float) -> Numbers:
    """The probabilities at X for a curve with value ½ at `middle`: b = −w·middle."""
    return sigmoid(w * (X - middle))


def weight(height: float) -> float:
    """The w for which the curve has this height one hour after its middle: its log-odds."""
    height = min(max(height, 0.01), 0.99)
    return math.log(height / (1 - height))


def demo(fig: Annotated[Figure, Small(1.3)]) -> Update:
    """Set the scene: twelve students, and a curve with two points to hold it by."""
    ax = fig.subplots()
    ax.set(xlim=(-0.3, 10.3), ylim=(-0.12, 1.12), xlabel="hours studied, x")
    ax.set_xticks(range(0, 11, 2))
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    ax.set_title("probability of passing", color="muted", weight="normal", size=10)
    ax.spines[:].set_visible(False)
    style: Any = {"color": "data", "markersize": 8}
    artists.points(ax, FAILED, np.zeros(len(FAILED)), mfc="surface", mew=1.8, **style)
    artists.points(ax, PASSED, np.ones(len(PASSED)), **style)
    curve = artists.line(ax, color="model", zorder=1.8)
    rise = artists.line(ax, color="muted", linewidth=1, linestyle=":", zorder=1.6)
    grips = artists.points(ax, color="model", markersize=9, zorder=2.5)

    def update(
        middle: Annotated[
            float, Slider(1, 9, 0.1, label="middle", unit="h", drag=Drag.horizontal(0.5))
        ] = 8.0,
        w: Annotated[
            float,
            Slider(
                *(-STEEPEST, STEEPEST, 0.1),
                label="weight w",
                drag=Drag(
                    at=lambda w, middle: (middle + 1, chance(1, w, 0)),
                    to=lambda _x, y: weight(y),
                ),
            ),
        ] = 0.5,
    ) -> str:
        b = -w * middle
        high = chance(1, w, 0)
        curve.set_data(X, curve_of(middle, w))
        rise.set_data([middle, middle + 1, middle + 1], [0.5, 0.5, high])
        grips.set_data([middle, middle + 1], [0.5, high])
        flat = abs(w) < 1e-9
        later = chance_text(high)
        hours = f"{number(middle)} {'hour' if middle == 1 else 'hours'}"
        return Caption(
            "With w = 0, every student has a probability of ½."
            if flat
            else f"The probability of passing is ½ at {hours} and {later} one hour later.",
            detail=(
                f"An S-shaped curve with w = {number(w)} and b = {coordinate(b)}, over students "
                f"who failed, at height 0, and students who passed, at height 1. It is ½ high at "
                f"{number(middle)}, and {later} at {number(middle + 1)}."
            ),
            numbers={
                "w": number(w),
                "b": coordinate(b),
                "x": number(middle + 1),
                "z": number(w),
                "p": later,
            },
        )

    return update
