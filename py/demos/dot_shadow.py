"""Drag x and watch its shadow on w."""

import math
from typing import Annotated

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number

W = (2.0, 1.0)


def dot(x: tuple[float, float]) -> float:
    """w·x = w₁x₁ + w₂x₂, rounded to 10 decimals: exact for x in steps of 0.1."""
    return round(W[0] * x[0] + W[1] * x[1], 10) + 0.0


def shadow(x: tuple[float, float]) -> float:
    """The scalar projection of x on w: w·x / ‖w‖, negative on the other side."""
    return dot(x) / math.hypot(*W)


def foot(x: tuple[float, float]) -> tuple[float, float]:
    """The projection (w·x / w·w) w, the point of the line of w that is closest to x."""
    share = dot(x) / (W[0] ** 2 + W[1] ** 2)
    return share * W[0], share * W[1]


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: the arrows w and x, the line of w, and the projection of x on it."""
    ax = fig.subplots()
    ax.set(xlim=(-3.6, 3.6), ylim=(-3, 3), aspect="equal", xticks=range(-3, 4), yticks=range(-2, 3))
    ax.spines[:].set_visible(False)
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.axvline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.plot([-4, 4], [-2, 2], color="model", linewidth=0.9, zorder=1)
    drop = artists.line(ax, linestyle=":", color="ink", linewidth=1.6)
    fallen = artists.line(ax, linewidth=7, alpha=0.5, solid_capstyle="butt")
    both = artists.arrows(ax, ["model", "data"])
    ax.text(2.12, 0.72, "w", color="model", weight="semibold", ha="center", va="center", size=12)
    name = artists.label(
        ax, 0, 0, "x", color="data", weight="semibold", ha="center", va="center", size=12
    )

    def update(
        x: Annotated[
            PointList, Points((-3, 3), (-2.5, 2.5), 0.1, label="vector x", names=("x",))
        ] = ((1.0, 2.0),),
    ) -> str:
        (point,) = x
        score, end = dot(point), foot(point)
        drop.set_data([point[0], end[0]], [point[1], end[1]])
        fallen.set_data([0, end[0]], [0, end[1]])
        fallen.set_color("error" if score < 0 else "truth")
        both.place(((0, 0), W), ((0, 0), point))
        size = math.hypot(*point)
        out = (point[0] / size, point[1] / size) if size else (0.0, 1.0)
        side = -1 if out[1] * W[0] < out[0] * W[1] else 1  # away from w
        name.set_position(
            (
                0.72 * point[0] - 0.32 * side * out[1],
                0.72 * point[1] + 0.32 * side * out[0],
            )
        )
        along = number(abs(shadow(point)))
        return Caption(
            told(point),
            detail=(
                f"w = ({number(W[0])}, {number(W[1])}) and x = ({number(point[0])}, "
                f"{number(point[1])}): w·x = {number(score)}. A dotted segment runs from the tip "
                f"of x to the line of w, which it meets at a right angle, {along} from the origin."
            ),
            numbers={
                "x1": _factor(point[0]),
                "x2": _factor(point[1]),
                "dot": number(score),
                "shadow": number(shadow(point)),
            },
        )

    return update


def _factor(value: float) -> str:
    text = number(value)
    return f"({text})" if value < 0 else text


def told(x: tuple[float, float]) -> str:
    """How long the shadow is, on which side it falls, and what w·x is."""
    score, along = dot(x), shadow(x)
    if not any(x):
        return "The zero vector has no direction and no shadow, so w·x = 0."
    if score == 0:
        return "x is orthogonal to w: it has no shadow, so w·x = 0."
    side = "along w" if along > 0 else "opposite to w"
    return f"The shadow is {number(abs(along))} long and points {side}, so w·x = {number(score)}."
