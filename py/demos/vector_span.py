"""Drag the target and watch how much of a and b it takes."""

import math
from typing import Annotated, Any

import numpy as np

from stage import Caption, Choice, Figure, PointList, Points, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers

A = np.array([2.0, 1.0])
SECOND = {
    "off the line of a": np.array([-0.5, 1.0]),
    "on the line of a": np.array([-1.0, -0.5]),
}


def coefficients(b: Numbers, t: Numbers) -> tuple[float, float]:
    """The α and β with αa + βb = t, by Cramer's rule; if b is on the line of a, β = 0.

    Then αa is the point on the line closest to t: α = a·t / ‖a‖².
    """
    determinant = float(A[0] * b[1] - A[1] * b[0])
    if not determinant:
        return float(A @ t / (A @ A)), 0.0
    return (
        float(t[0] * b[1] - t[1] * b[0]) / determinant,
        float(A[0] * t[1] - A[1] * t[0]) / determinant,
    )


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: two arrows, a target, and the way to it along the arrows."""
    ax = fig.subplots()
    ax.set(xlim=(-5, 5), ylim=(-4.1, 4.1), aspect="equal")
    ax.set(xticks=range(-5, 6), yticks=range(-4, 5))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    (span,) = ax.plot(*(4 * np.outer(A, (-1, 1))), color="truth", linewidth=7, alpha=0.25)
    first = artists.line(ax, color="data", linestyle=":")
    then = artists.line(ax, color="model", linestyle=":")
    gap = artists.line(ax, color="error", linewidth=1.6)
    both = artists.arrows(ax, ["data", "model"])
    text: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center"}
    ax.text(0.8, 0.85, "a", color="data", **text)
    name_b = artists.label(ax, 0, 0, "b", color="model", **text)
    name_t = artists.label(ax, 0, 0, "t", **text)
    target = artists.points(ax, color="ink", markersize=7)

    def update(
        t: Annotated[PointList, Points((-4, 4), (-3, 3), 0.5, label="target t", names=("t",))] = (
            (2.0, 3.0),
        ),
        place: Annotated[str, Choice(*SECOND, label="arrow b")] = "off the line of a",
    ) -> str:
        goal, b = np.array(t[0]), SECOND[place]
        alpha, beta = coefficients(b, goal)
        corner = alpha * A
        reached = corner + beta * b
        missed = math.hypot(*(goal - reached))
        both.set_arrows(np.zeros((2, 2)), (A, b))
        name_b.set_position((-0.75, 0.5) if place == "off the line of a" else (-0.45, -0.7))
        span.set_visible(place == "on the line of a")
        first.set_data([0, corner[0]], [0, corner[1]])
        then.set_data([corner[0], reached[0]], [corner[1], reached[1]])
        gap.set_data([reached[0], goal[0]], [reached[1], goal[1]])
        target.set_data([goal[0]], [goal[1]])
        name_t.set_position((goal[0], goal[1] + (0.55 if goal[1] > 0 else -0.55)))
        return Caption(
            told(alpha, beta, missed, place),
            detail=(
                f"From the origin, a = {pair(A)} and b = {pair(b)}. The target is at "
                f"{pair(goal)}; the dotted way goes {number(alpha)} times along a and "
                f"{number(beta)} times along b, to {pair(reached)}."
            ),
            numbers={"alpha": number(alpha), "beta": number(beta)},
        )

    return update


def _times(factor: float, name: str) -> str:
    """`a`, `−a`, `2.5a`."""
    return {1.0: name, -1.0: f"−{name}"}.get(round(factor, 9), f"{number(factor)}{name}")


def told(alpha: float, beta: float, missed: float, place: str) -> str:
    """The caption: the combination that reaches t, or the distance of the closest one."""
    if missed > 1e-9:
        return f"a and b can't reach t: the closest point is {number(missed)} away."
    if place == "on the line of a":
        return f"This t is on the line that a and b reach, for example as t = {_times(alpha, 'a')}."
    combined = f"{_times(alpha, 'a')} {'−' if beta < 0 else '+'} {_times(abs(beta), 'b')}"
    return f"t = {combined}, and no other two numbers work."
