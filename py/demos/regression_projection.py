"""Drag the prediction along its line until the residual is shortest."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, pair

X = np.array([2.0, 1.0])  # the hours of two students
Y = np.array([3.0, 4.0])  # their scores


def product(beta: float) -> float:
    """The dot product of x and the residual, x·(y − βx) = x·y − β x·x."""
    return float(X @ Y - beta * (X @ X))


def length(beta: float) -> float:
    """‖y − βx‖, the length of the residual."""
    return math.hypot(*(Y - beta * X))


def demo(fig: Annotated[Figure, Small(1.35)]) -> Update:
    """Set the scene: the vector y, all multiples of x, and the residual between them."""
    ax = fig.subplots()
    ax.set(xlim=(-0.7, 7.1), ylim=(-0.8, 4.8), aspect="equal", xticks=range(8), yticks=range(5))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.set(xlabel="first student", ylabel="second student")
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    ax.plot([0, 2 * 3.4], [0, 3.4], color="model", linewidth=1, linestyle=":")
    style = {"weight": "semibold", "size": 12, "ha": "center", "va": "center"}
    ax.text(1.1, 2.1, "y", color="data", **style)  # type: ignore[arg-type]
    scores, predictions = artists.arrows(ax, ["data"]), artists.arrows(ax, ["model"])
    gap = artists.line(ax, color="error")
    corner = artists.line(ax, color="error", linewidth=1.2)
    side = X / math.hypot(*X) * 0.28
    up = np.array([-side[1], side[0]])
    foot = float(X @ Y / (X @ X)) * X
    corner.set_data(*np.array([foot - side, foot - side + up, foot + up]).T)
    scores.place(((0, 0), tuple(Y)))
    name = artists.label(ax, 0, 0, "βx", color="model", **style)

    def update(
        beta: Annotated[
            float,
            Slider(
                0,
                3,
                0.1,
                label="slope β",
                drag=Drag(
                    at=lambda beta: tuple(beta * X),
                    to=lambda x, y: (X[0] * x + X[1] * y) / (X @ X),
                ),
            ),
        ] = 0.8,
    ) -> str:
        tip = beta * X
        predictions.place(((0, 0), tuple(tip)))
        gap.set_data([tip[0], Y[0]], [tip[1], Y[1]])
        name.set_position((tip[0] + 0.25, tip[1] - 0.42))
        dot = product(beta)
        square = abs(dot) < 1e-9
        corner.set_visible(square)
        far = number(length(beta))
        return Caption(
            f"The residual is perpendicular to x, and its length is {far}."
            if square
            else f"The residual has length {far}; its dot product with x is {number(dot)}.",
            detail=(
                f"The scores are y = {pair(Y)}, the hours x = {pair(X)}. With β = {number(beta)}, "
                f"the predictions are βx = {pair(tip)}, and the residual is {pair(Y - tip)}."
            ),
            numbers={"beta": number(beta), "dot": number(dot), "length": far},
        )

    return update
