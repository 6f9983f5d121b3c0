"""Drag the line by its ends and change the activation function."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Choice, Figure, PointList, Points, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers
from stage.network import ACTIVATIONS, PLANE, SIZE, bare, field

Pair = tuple[float, float]

MARKED = (1.0, 1.0)  # x


def neuron(x: Numbers, w: Numbers, b: float, activation: str) -> Numbers:
    """y = f(w·x + b) for each x in an array of shape (…, 2)."""
    f, _ = ACTIVATIONS[activation]
    return f(np.asarray(x @ w + b))


def weights(ends: PointList) -> tuple[Numbers, float]:
    """w of length 1 and b such that w·x + b = 0 on the line; w points to its left.

    Both are 0 if the ends coincide.
    """
    (x1, y1), (x2, y2) = ends
    size = math.hypot(x2 - x1, y2 - y1)
    if not size:
        return np.zeros(2), 0.0
    w = np.array([y1 - y2, x2 - x1]) / size
    return w, -round(float(w @ (x1, y1)), 12) + 0.0


def strength(y: Numbers, activation: str) -> Numbers:
    """The color value of an output, from −1 to 1; 0 for the output on the line."""
    if activation == "tanh":
        return y
    return 2 * y - 1 if activation == "sigmoid" else y / SIZE


def demo(fig: Annotated[Figure, Small(1.1)]) -> Update:
    """Set the scene: the plane in the colors of y, the line, the arrow w, and a marked point."""
    ax = fig.subplots()
    bare(ax)
    show = field(ax)
    line = artists.line(ax, color="ink", linewidth=2)
    tips = artists.points(ax, color="ink", markersize=7)
    arrow = artists.arrows(ax, ["model"])
    mark = artists.points(ax, color="ink", marker="D", markersize=8)
    mark.set_data(*np.transpose([MARKED]))
    names = [
        artists.label(ax, 0, 0, text, color="ink", weight="semibold", size=12)
        for text in ("x", "w")
    ]
    for name in names:
        name.set(ha="center", va="center")

    def update(
        ends: Annotated[
            PointList, Points((-1.9, 1.9), (-1.9, 1.9), 0.1, label="ends", least=2, most=2)
        ] = ((-0.7, 1.6), (1.7, -1.6)),
        activation: Annotated[str, Choice(*ACTIVATIONS, label="activation f")] = "tanh",
    ) -> str:
        w, b = weights(ends)
        y = neuron(PLANE, w, b, activation)
        show(strength(y, activation) if w.any() else 0 * y)
        middle = np.mean(ends, axis=0)
        tips.set_data(*np.transpose(ends))
        line.set_data(*np.transpose([middle - 9 * _side(w), middle + 9 * _side(w)]))
        arrow.place((middle, w))
        near = _beside(w, b)
        spots = [middle + 0.55 * w + side * _side(w) for side in (0.28, -0.28)]
        free = max(spots, key=lambda spot: round(min(math.dist(spot, near), 0.5), 9))
        names[0].set_position(near.tolist())
        names[1].set_position(free.tolist())
        names[1].set_visible(bool(w.any()))
        z = float(np.dot(w, MARKED) + b)
        (found,) = neuron(np.array([MARKED]), w, b, activation).tolist()
        told = f"At the marked point, w·x + b = {number(z)} and y = {number(found)}."
        if not w.any():
            told = f"The ends coincide: there is no line, and y = {number(found)} everywhere."
        return Caption(
            told,
            detail=(
                f"A neuron with the activation function {activation}, w = {pair(w)}, and "
                f"b = {number(b)}. The line goes through {pair(ends[0])} and {pair(ends[1])}. "
                f"The marked point x is {pair(MARKED)}."
            ),
            numbers={
                "w1": _factor(float(w[0])),
                "w2": _factor(float(w[1])),
                "b": _factor(b),
                "z": number(z),
                "y": number(found),
            },
        )

    return update


def _side(w: Numbers) -> Numbers:
    """The direction of the line."""
    return np.array([w[1], -w[0]])


def _beside(w: Numbers, b: float) -> Numbers:
    """The position of the marked point's name, away from the line."""
    outward = w if w @ MARKED + b >= 0 else -w
    return np.add(MARKED, 0.35 * (outward if w.any() else np.array([0.0, 1.0])))


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("−") else text
