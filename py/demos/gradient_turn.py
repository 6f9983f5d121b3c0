"""Turn the arrow and watch the slope."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, pair
from stage.figures import mixed
from stage.linear_algebra import unit

SLOPES = np.array([0.5, 1.0])  # ∇f
STEEPEST = math.degrees(math.atan2(SLOPES[1], SLOPES[0]))
ACROSS, UP = 2.1, 1.4  # extent of the map to each side of the point


def slope_along(theta: float) -> float:
    """The directional derivative ∇f·u = 0.5 cos θ + sin θ, for an angle in degrees."""
    return float(SLOPES @ unit(theta))


def demo(fig: Annotated[Figure, Small(0.95)]) -> Update:
    """Set the scene: a tilted plane and a direction above, the slope at each angle below."""
    ax, below = fig.subplots(2, 1, height_ratios=(1.7, 1))
    ax.set(xlim=(-ACROSS, ACROSS), ylim=(-UP, UP), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.set_title("stronger color: higher ground", size=9.5, color="muted", weight="normal")
    edges = np.array([(-ACROSS, 0.5 * ACROSS), (ACROSS, -0.5 * ACROSS)])
    levels = np.arange(-2.75, 2.51, 0.25)  # 0.5a + b from one level curve to the next
    strips = artists.polygons(
        ax,
        facecolors=[mixed("error", 0.105 + 0.037 * level) for level in levels],
        edgecolors="surface",
        linewidths=1.4,
        zorder=0.2,
    )
    lower, upper = edges[np.newaxis], edges[np.newaxis, ::-1]
    rise = np.column_stack([0 * levels, levels])[:, np.newaxis]
    strips.set_verts(np.concatenate([lower + rise, upper + rise + (0, 0.25)], axis=1))
    ax.plot(*edges.T, color="error", linewidth=2)
    turn = np.radians(np.arange(361))
    ax.plot(np.cos(turn), np.sin(turn), color="muted", linewidth=1)
    drop = artists.line(ax, linestyle=":", color="ink", linewidth=1.6)
    steepest = artists.arrows(ax, ["gradient"])
    ahead = artists.arrows(ax, ["model"])
    bold = {"weight": "semibold", "va": "center", "size": 12}
    name = artists.label(ax, 0, 0, "u", color="model-text", ha="center", **bold)
    found = artists.label(ax, 0.62, 1.13, "gradient", color="gradient-text", ha="left", **bold)
    below.set(xlim=(-12, 372), ylim=(-1.4, 1.4), xlabel="direction of u", ylabel="slope")
    below.set_xticks([0, 90, 180, 270, 360], ["0°", "90°", "180°", "270°", "360°"])
    below.set_yticks([-1, 0, 1], ["−1", "0", "1"])
    below.axhline(0, color="muted", linewidth=0.8)
    below.plot([0], [SLOPES[0]], "s", color="data", markersize=7)
    below.plot([90], [SLOPES[1]], "s", color="truth", markersize=7)
    curve = artists.line(below, color="model")
    here = artists.points(below, color="model", markersize=9, clip_on=False)

    def update(
        theta: Annotated[
            float, Slider(0, 360, 1, label="direction θ", unit="°", drag=Drag.around(1.0))
        ] = 20.0,
    ) -> str:
        u, slope = unit(theta), slope_along(theta)
        ahead.place(((0, 0), u))
        name.set_position((0.6 * u[0] - 0.2 * u[1], 0.6 * u[1] + 0.2 * u[0]))
        passed = theta > STEEPEST - 1  # the gradient appears once its direction has been passed
        steepest.place(((0, 0), SLOPES))
        drop.set_data(*np.transpose([SLOPES, slope * u]))
        for artist in (steepest, drop, found):
            artist.set_visible(passed)
        seen = np.arange(0, theta + 0.5)
        curve.set_data(seen, SLOPES @ [np.cos(np.radians(seen)), np.sin(np.radians(seen))])
        here.set_data([theta], [slope])
        return Caption(
            told(theta),
            detail=(
                f"A tilted plane that rises by {number(SLOPES[0])} to the right and by "
                f"{number(SLOPES[1])} upward. The direction u, at {number(theta)}°, is "
                f"{pair(u, 3)}, and the slope along u is {number(slope, 3)}."
                + (
                    " The gradient points to "
                    f"{number(STEEPEST)}°, across the level curves. A dotted line from its tip "
                    "meets the line of u at a right angle."
                    if passed
                    else ""
                )
            ),
            numbers={
                "theta": number(theta),
                "u1": _factor(u[0]),
                "u2": _factor(u[1]),
                "slope": number(slope),
            },
        )

    return update


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if value < 0 else text


def told(theta: float) -> str:
    """The caption: the slope at an angle, and whether it is largest, nearly 0, or smallest."""
    at, slope = f"At {number(theta)}°", number(slope_along(theta))
    off = (theta - STEEPEST) % 360
    if abs(off - 180) <= 0.5:
        return f"{at}, the slope is {slope}, the smallest at any whole degree."
    if min(off, 360 - off) <= 0.5:
        return f"{at}, the slope is {slope}, the largest at any whole degree."
    if min(abs(off - 90), abs(off - 270)) <= 0.5:
        return f"{at}, u almost follows the level curve, and the slope is only {slope}."
    return f"{at}, the slope is {slope}."
