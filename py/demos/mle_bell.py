"""Drag the bell over the points, and see what each point adds."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

DATA = np.array([-1.0, 0.0, 0.5, 1.0, 2.0])
PEAK = 1 / math.sqrt(2 * math.pi)
X = np.linspace(-4.6, 4.6, 185)


def log_density(x: ArrayLike, mu: float) -> Numbers:
    """The natural log of the normal density with σ = 1: −½(x − μ)² − ln √(2π)."""
    return -0.5 * (np.asarray(x, dtype=float) - mu) ** 2 - math.log(math.sqrt(2 * math.pi))


def demo(fig: Annotated[Figure, Small(1.3)]) -> Update:
    """Set the scene: five points on an axis, and a bell over them."""
    ax = fig.subplots()
    ax.set(xlim=(-4.6, 4.6), ylim=(-0.15, 0.46), yticks=[], xticks=range(-4, 5, 2))
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.6)
    ax.text(-4.5, -0.1, "ln f(x)", color="error", va="center", weight="semibold", zorder=0.8)
    bell = artists.line(ax, color="model")
    stems = artists.line(ax, color="error", linewidth=1.8)
    artists.points(ax, DATA, np.zeros(len(DATA)), color="data", markersize=9)
    top = artists.points(ax, color="model", markersize=9)
    logs = [
        artists.label(
            ax, x, -0.05 - 0.05 * (i % 2), color="error", size=9.5, ha="center", va="center"
        )
        for i, x in enumerate(DATA)
    ]

    def update(
        mu: Annotated[float, Slider(-4, 4, 0.1, label="mean μ", drag=Drag.horizontal(PEAK))] = -2.0,
    ) -> str:
        values = log_density(DATA, mu)
        bell.set_data(X, np.exp(log_density(X, mu)))
        top.set_data([mu], [PEAK])
        feet, tips = np.stack([DATA, 0 * DATA], 1), np.stack([DATA, np.exp(values)], 1)
        stems.set_data(artists.joined(feet, tips))
        for text, value in zip(logs, values, strict=True):
            text.set_text(number(float(value), 1))
        total = number(float(values.sum()))
        squares = ((DATA - mu) ** 2).sum()
        return Caption(
            f"With μ = {number(mu)}, the log-likelihood is {total}.",
            detail=(
                f"A bell with σ = 1 over points at {', '.join(number(x) for x in DATA)}. Their "
                f"log-densities are {', '.join(number(float(value)) for value in values)}."
            ),
            numbers={"mu": number(mu), "squares": number(float(squares)), "total": total},
        )

    return update
