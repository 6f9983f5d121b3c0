"""Drag the bell by its top and by its shoulder."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

Z = np.concatenate([[-60.0], np.linspace(-5, 5, 161), [60.0]])  # in σ from μ


def pdf(x: ArrayLike, mean: float, sd: float) -> Numbers:
    """The normal density exp(−½((x − μ)/σ)²)/(σ√(2π)), sd > 0."""
    z = (np.asarray(x, dtype=float) - mean) / sd
    return np.asarray(np.exp(-0.5 * z**2) / (sd * math.sqrt(2 * math.pi)))


def top(sd: float) -> float:
    """The height at the mean, 1/(σ√(2π))."""
    return 1 / (sd * math.sqrt(2 * math.pi))


def width(sd: float) -> float:
    """The width σ√(2π) of the rectangle with the height and the area, 1, of the bell."""
    return sd * math.sqrt(2 * math.pi)


PDF_Z = pdf(Z, 0, 1)


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: a bell, the rectangle of the same area, and a mark at the shoulder."""
    ax = fig.subplots()
    ax.set(xlim=(-4.5, 4.5), ylim=(0, 1.45), xlabel="x", yticks=[0, 0.5, 1])
    ax.set_title("density f(x)", color="muted", weight="normal", size=10)
    ax.spines["left"].set_visible(False)
    below = artists.area(ax, color="truth", alpha=0.12)
    box = artists.line(ax, color="muted", linewidth=1.2, linestyle="--")
    sigma = artists.line(ax, color="model", linewidth=2)
    middle = artists.line(ax, color="muted", linewidth=1, linestyle=":")
    bell = artists.line(ax, color="truth")
    name = artists.label(
        ax, 0, 0, "σ", color="model-text", weight="semibold", ha="center", va="top"
    )

    def update(
        mean: Annotated[
            float,
            Slider(
                -1.2,
                1.2,
                0.1,
                label="mean μ",
                drag=Drag(at=lambda mean, sd: (mean, top(sd)), to=lambda x, _y: x),
            ),
        ] = 0.0,
        sd: Annotated[
            float,
            Slider(
                0.3,
                1.1,
                0.05,
                label="standard deviation σ",
                drag=Drag(
                    at=lambda sd, mean: (mean + sd, math.exp(-0.5) * top(sd)),
                    to=lambda x, _y, mean: x - mean,
                ),
            ),
        ] = 0.8,
    ) -> str:
        high, half = top(sd), width(sd) / 2
        x = mean + sd * Z
        bell.set_data(x, PDF_Z / sd)
        below.set_data(x, 0, PDF_Z / sd)
        box.set_data([mean - half, mean - half, mean + half, mean + half], [0, high, high, 0])
        shoulder = math.exp(-0.5) * high
        sigma.set_data([mean, mean + sd], [shoulder, shoulder])
        middle.set_data([mean, mean], [0, high])
        name.set_position((mean + sd / 2, shoulder - 0.02))
        return Caption(
            f"With σ = {number(sd)}, the top of the bell is {number(high)} high.",
            detail=(
                f"A bell-shaped curve with its top at μ = {number(mean)}. One σ to the right, at "
                f"{number(mean + sd)}, it is {number(shoulder)} high. A dashed rectangle as high "
                f"as the top and {number(width(sd))} wide has the same area as the bell."
            ),
            numbers={
                "mean": number(mean),
                "sd": number(sd),
                "top": number(high),
                "shoulder": number(shoulder),
                "width": number(width(sd)),
            },
        )

    return update
