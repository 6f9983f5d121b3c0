"""Drag the fifth value far out, and see which center follows it."""

from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

OTHERS = (-1.0, 0.0, 0.5, 1.0)
X = np.linspace(-2.2, 9.2, 229)


def centers(x: float) -> tuple[float, float]:
    """The minimizers of the squared errors and of the absolute errors: the mean, the median."""
    data = np.array([*OTHERS, x])
    return float(data.mean()), float(np.median(data))


def errors(c: Numbers, x: float) -> tuple[Numbers, Numbers]:
    """The sum of (xᵢ − c)² and of |xᵢ − c| at each c, shape (n,)."""
    away = np.array([*OTHERS, x])[:, None] - c
    return (away**2).sum(axis=0), abs(away).sum(axis=0)


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: five points, and two losses for each center; each as a share of its range."""
    ax = fig.subplots()
    ax.set(xlim=(-2.2, 9.2), ylim=(-0.16, 1.34), yticks=[], xticks=range(-2, 9, 2))
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.6)
    for y, color, name in ((1.26, "model", "squared error"), (1.12, "truth", "absolute error")):
        ax.text(9.1, y, name, color=color, ha="right", va="center", weight="semibold", zorder=0.8)
    curves = [artists.line(ax, color=color, linewidth=1.8) for color in ("model", "truth")]
    lows = [
        artists.points(ax, color=color, marker=marker, markersize=10)
        for color, marker in (("model", "v"), ("truth", "^"))
    ]
    artists.points(ax, OTHERS, np.zeros(len(OTHERS)), color="data", markersize=9)
    moved = artists.points(ax, color="data", markersize=9)

    def update(
        x: Annotated[
            float, Slider(-2, 9, 0.1, label="fifth value", drag=Drag.horizontal(0.0))
        ] = 2.0,
    ) -> str:
        moved.set_data([x], [0])
        mean, median = centers(x)
        for curve, low, center, losses, y in zip(
            curves, lows, (mean, median), errors(X, x), (0.1, -0.09), strict=True
        ):
            curve.set_data(X, 0.22 + 0.8 * (losses - losses.min()) / np.ptp(losses))
            low.set_data([center], [y])
        told = (
            f"The mean and the median are both {number(mean)}."
            if abs(mean - median) < 1e-9
            else f"The mean is {number(mean)}, and the median is {number(median)}."
        )
        return Caption(
            told,
            detail=(
                f"Points at {', '.join(number(value) for value in (*OTHERS, x))}. The sum of "
                f"squared errors is least at the mean, {number(mean)}, and the sum of absolute "
                f"errors at the median, {number(median)}."
            ),
            numbers={"x": number(x), "mean": number(mean), "median": number(median)},
        )

    return update
