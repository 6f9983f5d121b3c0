"""Move the hour along the curve, then change the scale."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, number
from stage.classification import chance_text, odds_text

W, B = 1.0, -4.0
LAST = 7.0  # the latest start of the hour
SCALES = ("probability", "odds", "log-odds")
TICKS: dict[str, tuple[float, ...]] = {
    SCALES[0]: (0, 0.5, 1),
    SCALES[1]: (1, 20, 40, 60),
    SCALES[2]: (-4, -2, 0, 2, 4),
}
LIMITS = {SCALES[0]: (-0.08, 1.08), SCALES[1]: (-4.5, 61), SCALES[2]: (-4.7, 4.7)}
X = np.linspace(0, LAST + 1, 129)


def height(x: float, scale: str) -> float:
    """On its scale: the log-odds z = wx + b, the odds e^z, or the probability 1/(1 + e^(−z))."""
    z = W * x + B
    if scale == "log-odds":
        return z
    return math.exp(z) if scale == "odds" else 1 / (1 + math.exp(-z))


def change(x: float, scale: str) -> str:
    """The effect of one more hour on a scale: `+0.231`, `×2.72`."""
    low, high = height(x, scale), height(x + 1, scale)
    return f"×{number(high / low)}" if scale == "odds" else f"+{number(high - low, 3)}"


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: one line, seen on one of three scales, and a step along it."""
    ax = fig.subplots()
    ax.set(xlim=(-0.3, LAST + 1.3), xlabel="hours studied, x", xticks=range(9))
    ax.spines[:].set_visible(False)
    ax.tick_params("y", pad=2)
    name = artists.label(ax, 0, 1.03, transform=ax.transAxes, color="model", weight="semibold")
    told = artists.label(ax, 1, 1.03, transform=ax.transAxes, color="gradient", ha="right")
    told.set_fontweight("semibold")
    curve = artists.line(ax, color="model", zorder=1.8)
    stair = artists.line(ax, color="gradient", linewidth=2.6, zorder=2.2)
    grips = artists.points(ax, color="gradient", markersize=8, zorder=2.5)
    laid = ""

    def update(
        x: Annotated[
            float,
            Slider(0, LAST, 0.1, label="one hour more, from", unit="h", drag=Drag.along(height)),
        ] = 4.0,
        scale: Annotated[str, Choice(*SCALES, label="scale")] = SCALES[0],
    ) -> str:
        nonlocal laid
        if laid != scale:
            ax.set_ylim(LIMITS[scale])
            ax.set_yticks(TICKS[scale], [number(tick) for tick in TICKS[scale]])
            curve.set_data(X, [height(at, scale) for at in X.tolist()])
            laid = scale
        low, high = height(x, scale), height(x + 1, scale)
        stair.set_data([x, x + 1, x + 1], [low, low, high])
        grips.set_data([x, x + 1], [low, high])
        name.set_text(scale)
        told.set_text(f"one hour: {change(x, scale)}")
        ends = {
            SCALES[0]: chance_text,
            SCALES[1]: odds_text,
            SCALES[2]: number,
        }[scale]
        step = f"from {ends(low)} to {ends(high)}"
        return Caption(
            f"This hour raises the {scale} {step}.",
            detail=(
                f"From {number(x)} to {number(x + 1)} hours, the {scale} goes {step}, which is "
                f"{change(x, scale)}. On all three scales, the same hour: "
                f"{', '.join(f'{each} {change(x, each)}' for each in SCALES)}."
            ),
        )

    return update
