"""Drag the tip of the arrow and read its components."""

import math
from typing import Annotated, Any

import numpy as np

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number


def magnitude(a: tuple[float, float]) -> float:
    """‖a‖ = √(a₁² + a₂²), by the Pythagorean theorem."""
    return math.hypot(*a)


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: squared paper, an arrow from the origin, and its two components as legs."""
    ax = fig.subplots()
    ax.set(xlim=(-6.4, 6.4), ylim=(-5.2, 5.2), aspect="equal")
    ax.set(xticks=range(-6, 7), yticks=range(-5, 6))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    legs = artists.line(ax, color="data", linewidth=1.6, linestyle=":")
    arrow = artists.arrows(ax, ["data"])
    centered: Any = {"ha": "center", "va": "center"}
    name = artists.label(ax, 0, 0, "a", color="data", weight="semibold", size=12, **centered)
    across, up = (artists.label(ax, 0, 0, **centered) for _ in range(2))

    def update(
        tip: Annotated[
            PointList, Points((-5, 5), (-4, 4), 0.1, label="components of a", names=("a",))
        ] = ((4.0, 3.0),),
    ) -> str:
        ((x, y),) = tip
        long = magnitude((x, y))
        arrow.place(((0, 0), (x, y)))
        legs.set_data([0, x, x], [0, 0, y])
        below, right = (-1 if y >= 0 else 1), (1 if x >= 0 else -1)
        across.set(text=number(x), position=(x / 2, 0.5 * below))
        # leave space for the handle next to the tip
        aside = 1.0 if abs(y) < 1.4 else 0.6
        up.set(text=number(y), position=(x + aside * right, y / 2))
        name.set_visible(long > 1)
        if long > 1:
            outward = np.array([-right * abs(y), -below * abs(x)]) / long
            name.set_position(tuple(np.array([x, y]) / 2 + 0.45 * outward))
        return Caption(
            f"The arrow is {number(long)} long.",
            detail=(
                f"The vector a = ({number(x)}, {number(y)}), drawn from the origin. A dotted path "
                f"goes {number(x)} across and {number(y)} up to its tip."
            ),
            numbers={
                "x": number(x),
                "y": number(y),
                "equals": "=" if abs(long - round(long, 2)) < 1e-9 else "≈",
                "magnitude": number(long),
            },
        )

    return update
