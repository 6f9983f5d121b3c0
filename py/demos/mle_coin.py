"""Drag the point to where these tosses are most likely."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, power
from stage.linear_algebra import Numbers

TOSSES = 10
ORDER = (1, 3, 4, 5, 0, 7, 9, 6, 2, 8)  # tosses turn to heads in this order as k grows
P = np.linspace(0, 1, 201)


def likelihood(p: float | Numbers, heads: int) -> Numbers:
    """The probability of one sequence with k heads in n tosses: pᵏ(1 − p)ⁿ⁻ᵏ."""
    chance = np.asarray(p, dtype=float)
    return np.asarray(chance**heads * (1 - chance) ** (TOSSES - heads))


def log_likelihood(p: float, heads: int) -> float:
    """Its natural logarithm, k ln p + (n − k) ln(1 − p); −∞ if the tosses are impossible."""
    value = float(likelihood(p, heads))
    return math.log(value) if value > 0 else -math.inf


def height(p: float, heads: int) -> float:
    """The likelihood as a share of the largest one, which is at p = k/n."""
    return float(likelihood(p, heads) / likelihood(heads / TOSSES, heads))


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: a row of tosses, and the likelihood from p = 0 to the handle."""
    ax = fig.subplots()
    ax.set(xlim=(-0.04, 1.04), ylim=(0, 1.48), yticks=[], xticks=np.linspace(0, 1, 6))
    ax.set_xlabel("p, the probability of heads")
    ax.spines["left"].set_visible(False)
    ax.text(0, 1.4, "● heads", color="data", va="center", weight="semibold")
    ax.text(0.27, 1.4, "○ tails", color="data", va="center", weight="semibold")
    ax.text(1, 1.4, "likelihood", color="model", ha="right", va="center", weight="semibold")
    place = np.linspace(0.05, 0.95, TOSSES)
    up = artists.points(ax, color="data", markersize=11, mew=1.6)
    down = artists.points(ax, color="data", markersize=11, mfc="none", mew=1.6)
    curve = artists.line(ax, color="model")
    stem = artists.line(ax, color="model", linewidth=1.4, linestyle="--")
    here = artists.points(ax, color="model", markersize=9)

    def update(
        p: Annotated[
            float, Slider(0, 1, 0.01, label="probability p", drag=Drag.along(height))
        ] = 0.3,
        heads: Annotated[int, Slider(0, TOSSES, 1, label="heads k")] = 7,
    ) -> str:
        fell = np.isin(np.arange(TOSSES), ORDER[:heads])
        up.set_data(place[fell], np.full(heads, 1.22))
        down.set_data(place[~fell], np.full(TOSSES - heads, 1.22))
        seen = np.append(P[p > P], p)  # the handle uncovers the rest of the curve
        curve.set_data(seen, likelihood(seen, heads) / likelihood(heads / TOSSES, heads))
        stem.set_data([p, p], [0, height(p, heads)])
        here.set_data([p], [height(p, heads)])
        value, log = float(likelihood(p, heads)), log_likelihood(p, heads)
        return Caption(
            f"With p = {number(p)}, the likelihood of these tosses is {power(value, 2)}.",
            detail=(
                f"{TOSSES} tosses, {heads} of them heads, and the likelihood from p = 0 to "
                f"{number(p)}. Its natural logarithm is {_log(log)}."
            ),
            numbers={
                "p": number(p),
                "q": number(1 - p),
                "heads": str(heads),
                "tails": str(TOSSES - heads),
                "likelihood": power(value, 2),
                "log": _log(log),
            },
        )

    return update


def _log(value: float) -> str:
    return "−∞" if value == -math.inf else number(value)
