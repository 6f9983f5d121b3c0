"""Drag the tip of b and watch the sum."""

import math
from typing import Annotated, Any

import numpy as np

from stage import Caption, Figure, PointList, Points, Small, Update, apart, artists, number, pair
from stage.linear_algebra import Numbers

A = (2.0, 1.5)


def second(total: tuple[float, float]) -> tuple[float, float]:
    """The b from the tip of a to a position: b = (a + b) − a, rounded to tenths."""
    return round(total[0] - A[0], 9), round(total[1] - A[1], 9)


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: an arrow a, an arrow b that begins at the tip of a, and their sum."""
    ax = fig.subplots()
    ax.set(xlim=(-3.9, 5.9), ylim=(-3.2, 4.9), aspect="equal")
    ax.set(xticks=range(-3, 6), yticks=range(-3, 5))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    colors = ("truth", "data", "model")
    arrows = artists.arrows(ax, colors)
    style: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center"}
    names = [
        artists.label(ax, 0, 0, text, color=color, **style)
        for text, color in zip(("a + b", "a", "b"), colors, strict=True)
    ]

    def update(
        tip: Annotated[
            PointList, Points((-3, 5), (-2, 4), 0.1, label="tip of a + b", names=("tip",))
        ] = ((1.0, 3.0),),
    ) -> str:
        a, c = np.array(A), np.array(tip[0])
        b = np.array(second(tip[0]))
        arrows.place(((0, 0), c), ((0, 0), a), (a, b))
        left = a[0] * b[1] - a[1] * b[0] >= 0
        for name, start, way, side in zip(
            names, (np.zeros(2), np.zeros(2), a), (c, a, b), (left, not left, not left), strict=True
        ):
            name.set_visible(math.hypot(*way) > 0.6)
            aside = (0.85, 0.5) if way is c else (0.4, 0.45)
            name.set_position(tuple(start + way / 2 + aside * _turned(way, side)))
        long, summed = math.hypot(*c), math.hypot(*a) + math.hypot(*b)
        return Caption(
            told(long, summed),
            detail=(
                f"The arrow a = {pair(a)} starts at the origin, b = {pair(b)} starts at the tip "
                f"of a, and a + b = {pair(c)} goes straight from the origin to the tip of b."
            ),
            numbers={
                "b_x": number(b[0]),
                "b_y": number(b[1]),
                "x": number(c[0]),
                "y": number(c[1]),
            },
        )

    return update


def _turned(v: Numbers, left: bool) -> Numbers:
    """The direction at a right angle to v, to its left or right; (0, 1) for the zero vector."""
    long = math.hypot(*v)
    if not long:
        return np.array([0.0, 1.0])
    return np.array([-v[1], v[0]]) / long * (1 if left else -1)


def told(long: float, summed: float) -> str:
    """The caption: the length of the sum, compared with the sum of the lengths."""
    if summed - long < 1e-9:
        return f"Here the lengths add, too: a + b is {number(long)} long."
    one, both = apart(long, 2, summed), apart(summed, 2, long)
    return f"a + b is {one} long, but the lengths of a and b add up to {both}."
