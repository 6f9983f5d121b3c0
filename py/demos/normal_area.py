"""Drag the walls a and b to cut out a probability."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, rounded
from stage.linear_algebra import Numbers


def pdf(x: ArrayLike) -> Numbers:
    """The standard normal density exp(−½x²)/√(2π)."""
    return np.asarray(np.exp(-0.5 * np.asarray(x, dtype=float) ** 2) / math.sqrt(2 * math.pi))


def cdf(x: float) -> float:
    """F(x) = P(X ≤ x) = ½ erfc(−x/√2) for the standard normal distribution."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def between(a: float, b: float) -> float:
    """P(a ≤ X ≤ b) = F(b) − F(a), the area below the density from a to b; a ≤ b."""
    if a > 0:  # the mirror image, where the difference of two small tails is accurate
        a, b = -b, -a
    return cdf(b) - cdf(a)


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: a bell, and two walls below it."""
    ax = fig.subplots()
    ax.set(xlim=(-3.6, 3.6), ylim=(0, 0.46), xlabel="x: grams above the target weight")
    ax.set(yticks=[0, 0.1, 0.2, 0.3, 0.4])
    ax.set_title("density, per gram", color="muted", weight="normal", size=10)
    ax.spines["left"].set_visible(False)
    piece = np.linspace(0, 1, 81)
    shade = artists.area(ax, color="truth", alpha=0.4)
    x = np.linspace(-3.6, 3.6, 181)
    artists.line(ax, x, pdf(x), color="truth")
    walls = artists.line(ax, color="truth", linewidth=1.6)
    names = [
        artists.label(ax, 0, 0, text, weight="semibold", ha="center", va="bottom") for text in "ab"
    ]

    def update(
        a: Annotated[
            float, Slider(-3, 3, 0.1, label="wall a", drag=Drag.along(lambda x: pdf(x).item()))
        ] = -0.5,
        b: Annotated[
            float, Slider(-3, 3, 0.1, label="wall b", drag=Drag.along(lambda x: pdf(x).item()))
        ] = 1.0,
    ) -> str:
        left, right = min(a, b), max(a, b)
        inside = left + (right - left) * piece
        shade.set_data(inside, 0, pdf(inside))
        at_a, at_b = (pdf(wall).item() for wall in (a, b))
        walls.set_data([a, a, math.nan, b, b], [0, at_a, math.nan, 0, at_b])
        outward = 0.2 if a <= b else -0.2
        names[0].set_position((a - outward, 0.01))
        names[1].set_position((b + outward, 0.01))
        share = between(left, right)
        below_low, below_high = rounded(cdf(left), 4), rounded(cdf(right), 4)
        return Caption(
            told(left, right, share),
            detail=(
                f"A bell-shaped curve with its top at 0, {number(pdf(0).item())} high, shaded from "
                f"a = {number(a)} to b = {number(b)}; the curve is {number(at_a, 3)} high at a "
                f"and {number(at_b, 3)} at b."
            ),
            numbers={
                "low": number(left),
                "high": number(right),
                "below_low": f"{below_low:.4f}",
                "below_high": f"{below_high:.4f}",
                "share": f"{below_high - below_low:.4f}",
            },
        )

    return update


def told(a: float, b: float, share: float) -> str:
    """The caption: the share of all values from a to b."""
    if a == b:
        return f"The density there is {number(pdf(a).item(), 3)}, but the probability is 0."
    return f"The shaded area is the probability of a value from a to b: {number(share, 3)}."
