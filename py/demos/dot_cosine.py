"""Turn b and watch the dot product."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, apart, artists, number

A, B = 2.0, 1.5  # the lengths of a and b


def dot(theta: float) -> float:
    """a·b = ‖a‖‖b‖ cos θ for an angle in degrees."""
    return A * B * math.cos(math.radians(theta))


def demo(fig: Annotated[Figure, Small(0.95)]) -> Update:
    """Set the scene: the arrows a and b above, and the dot product at each angle below."""
    ax, below = fig.subplots(2, 1, height_ratios=(1.75, 1))
    ax.set(xlim=(-2.6, 2.6), ylim=(-1.75, 1.75), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    turn = np.radians(np.arange(361))
    ax.plot(B * np.cos(turn), B * np.sin(turn), color="muted", linewidth=1)
    both = artists.arrows(ax, ["data", "model"])
    ax.text(2.2, 0, "a", color="data", weight="semibold", ha="center", va="center", size=12)
    name = artists.label(
        ax, 0, 0, "b", color="model", weight="semibold", ha="center", va="center", size=12
    )
    wedge = artists.line(ax, color="muted", linewidth=1.4)
    below.set(xlim=(-12, 372), ylim=(-3.4, 3.4), xlabel="angle from a to b", ylabel="a·b")
    below.set_xticks([0, 90, 180, 270, 360], ["0°", "90°", "180°", "270°", "360°"])
    below.set_yticks([-3, 0, 3])
    below.axhline(0, color="muted", linewidth=0.8)
    curve = artists.line(below, color="truth")
    here = artists.points(below, color="truth", markersize=9, clip_on=False)

    def update(
        theta: Annotated[
            float, Slider(0, 360, 1, label="angle θ", unit="°", drag=Drag.around(B))
        ] = 30.0,
    ) -> str:
        angle = math.radians(theta)
        tip = np.array([math.cos(angle), math.sin(angle)])
        both.place(((0, 0), (A, 0)), ((0, 0), B * tip))
        name.set_position((0.95 * tip[0] - 0.24 * tip[1], 0.95 * tip[1] + 0.24 * tip[0]))
        arc = np.linspace(0, angle, 90)
        wedge.set_data(0.45 * np.cos(arc), 0.45 * np.sin(arc))
        seen = np.arange(0, theta + 0.5)
        curve.set_data(seen, A * B * np.cos(np.radians(seen)))
        here.set_data([theta], [dot(theta)])
        value = apart(dot(theta), 2, -A * B, 0, A * B)
        cosine = apart(math.cos(angle), 2, -1, 0, 1)
        return Caption(
            told(theta, value),
            detail=(
                f"a is {number(A)} long and b is {number(B)} long. At {number(theta)}°, the cosine "
                f"is {cosine}, so a·b is {value}."
            ),
            numbers={"theta": number(theta), "cosine": cosine, "dot": value},
        )

    return update


def told(theta: float, value: str) -> str:
    """The dot product at an angle, and where it is largest, zero, and smallest."""
    start = f"At {number(theta)}°, a·b = {value}"
    if theta in (0, 360):
        return f"{start}, the most it can be."
    if theta in (90, 270):
        return f"{start}: a and b are orthogonal."
    if theta == 180:
        return f"{start}, the least it can be."
    return f"{start}."
