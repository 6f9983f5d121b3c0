"""Drag u around the circle until Au lines up with it."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers, unit

ORIGIN = (0, 0)
TURN = math.radians(40)
MATRICES = {
    "symmetric": np.array([[1.5, 0.9], [0.9, 1.5]]),
    "rotation": np.array([[math.cos(TURN), -math.sin(TURN)], [math.sin(TURN), math.cos(TURN)]]),
}


def between(u: Numbers, v: Numbers) -> float:
    """The angle from u to v in degrees, from 0 to 180: atan2(|u × v|, u·v)."""
    cross = u[0] * v[1] - u[1] * v[0]
    return math.degrees(math.atan2(abs(cross), float(u @ v)))


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: the unit circle, the arrow u, and the arrow Au."""
    ax = fig.subplots()
    ax.set(xlim=(-2.9, 2.9), ylim=(-2.55, 2.55), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="rule", linewidth=1)
    ax.axvline(0, color="rule", linewidth=1)
    turn = np.linspace(0, 2 * math.pi, 121)
    ax.plot(np.cos(turn), np.sin(turn), color="muted", linewidth=1)
    span = artists.line(ax, color="model", alpha=0.4, linewidth=1)
    arrows = artists.arrows(ax, ["truth", "model"])
    centered = {"weight": "semibold", "ha": "center", "va": "center"}
    names = [
        artists.label(ax, 0, 0, text, color=color, **centered)
        for text, color in (("u", "model"), ("Au", "truth"))
    ]

    def update(
        theta: Annotated[
            float, Slider(0, 359, 1, label="angle of u", unit="°", drag=Drag.around(1))
        ] = 0.0,
        kind: Annotated[str, Choice(*MATRICES, label="matrix A")] = "symmetric",
    ) -> str:
        u = unit(theta)
        v = MATRICES[kind] @ u
        arrows.place((ORIGIN, v), (ORIGIN, u))
        span.set_data(*np.outer(u, (-4, 4)))
        side = 1 if u[0] * v[1] - u[1] * v[0] > 0 else -1  # of u, on which Au is
        for name, arrow, away_from in zip(names, (u, v), (side, -side), strict=True):
            x, y = arrow / math.hypot(*arrow)
            name.set_position(tuple(0.75 * arrow + 0.33 * away_from * np.array([y, -x])))
        away = between(u, v)
        return Caption(
            told(theta, away, math.hypot(*v)),
            detail=f"A maps u = {pair(u)} to Au = {pair(v)}.",
            numbers={"away": number(away, 1), "length": number(math.hypot(*v))},
        )

    return update


def told(theta: float, away: float, length: float) -> str:
    """Whether u is an eigenvector, and how far Au points away from it if not."""
    if away < 1e-9:
        return f"At {number(theta)}°, u is an eigenvector with eigenvalue {number(length)}."
    return f"At {number(theta)}°, Au points {number(away, 1)}° away from u."
