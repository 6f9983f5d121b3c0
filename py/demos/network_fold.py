"""Drag the points through the hidden layer."""

from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, percent
from stage.linear_algebra import Numbers, grid_lines
from stage.network import PLANE, SIZE, zero_lines

# Set by hand: unit 1 is below 0 only at the lower left, unit 2 above 0 only at the upper right
W = np.array([[1.5, 0.9], [0.9, 1.5]])
B = np.array([1.9, -1.9])
V, C = np.array([4.0, -4.0]), -2.8  # of the output
SCALE = 2.2  # magnification of hidden space
TRACK = -3.15  # y of the track below
LOW, HIGH = -2.1, 1.0  # its ends
GROUP = 12  # points in each of the four groups


def hidden(x: Numbers) -> Numbers:
    """h = tanh(Wx + b) for each row x, shape (n, 2)."""
    h: Numbers = np.tanh(x @ W.T + B)
    return h


def output(h: Numbers) -> Numbers:
    """z = v·h + c for each row h; z = 0 is a straight line in hidden space."""
    z: Numbers = h @ V + C
    return z


@lru_cache
def sample() -> tuple[Numbers, Numbers]:
    """Four groups in the corners of a square: class 1 where the signs differ."""
    rng = np.random.default_rng(5)
    middles = 1.5 * np.array([(1, 1), (-1, -1), (-1, 1), (1, -1)])
    x = np.repeat(middles, GROUP, axis=0) + rng.uniform(-0.45, 0.45, (4 * GROUP, 2))
    return x, np.repeat([0.0, 1.0], 2 * GROUP)


def between(x: Numbers, part: float) -> Numbers:
    """Interpolate points between the plane and hidden space."""
    return (1 - part) * x + part * SCALE * hidden(x)


def demo(fig: Annotated[Figure, Small(1.05)]) -> Update:
    """Set the scene: squared paper with the points, and the boundary of the network."""
    ax = fig.subplots()
    ax.set(xlim=(-SIZE, SIZE), ylim=(TRACK - 0.45, 2.55), aspect="equal", xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.plot([LOW, HIGH], [TRACK, TRACK], color="muted", linewidth=1.2, zorder=0.7)
    for place, text, side in ((LOW, "plane", "right"), (HIGH, "hidden space", "left")):
        away = -0.2 if side == "right" else 0.2
        ax.text(place + away, TRACK, text, ha=side, va="center", zorder=0.8)
    paper = _paper()
    grid = artists.line(ax, color="muted", linewidth=0.7)
    border = artists.line(ax, color="ink", linewidth=2.4)
    flat = artists.line(ax, color="ink", linewidth=2.4)
    across = np.array([-1.09 - C / V[0], 1.09])  # where h₁ − h₂ = −c/v₁, in the frame
    flat.set_data(SCALE * across, SCALE * (across + C / V[0]))
    points, y = sample()
    dots = [
        artists.points(ax, marker=marker, color=color, markersize=6)
        for marker, color in (("o", "data"), ("s", "model"))
    ]
    here = artists.points(ax, color="ink", markersize=9)
    gap = np.full((1, 2), np.nan)
    curve = np.vstack([part for line in zero_lines(output(hidden(PLANE))) for part in (line, gap)])
    curve = np.where((abs(curve) <= 2.4).all(axis=1, keepdims=True), curve, np.nan)

    def update(
        done: Annotated[
            float,
            Slider(
                *(0, 1, 0.01),
                label="moved",
                drag=Drag(
                    at=lambda done: (LOW + (HIGH - LOW) * done, TRACK),
                    to=lambda x, _: (x - LOW) / (HIGH - LOW),
                ),
            ),
        ] = 0.0,
    ) -> str:
        grid.set_data(*between(paper, done).T)
        border.set_data(*between(curve, done).T)
        for kind, group in enumerate(dots):
            group.set_data(*between(points[y == kind], done).T)
        flat.set_visible(done == 1)
        here.set_data([LOW + (HIGH - LOW) * done], [TRACK])
        told = f"The points have moved {percent(done)} of the way to hidden space."
        if done == 0:
            told = "In the plane, the boundary consists of two curves."
        if done == 1:
            told = "In hidden space, the same boundary is one straight line."
        return Caption(
            told,
            detail=(
                f"Discs at the lower left and the upper right, squares at the other two corners. "
                f"{percent(done)} of the move from x to h = tanh(Wx + b) is done. The boundary "
                "separates the discs from the squares all the way."
            ),
        )

    return update


def _paper() -> Numbers:
    """Fine squared paper as one line with gaps, shape (n, 2)."""
    lines = grid_lines(6, 6.0).reshape(-1, 3, 2)[:, :2] * 0.4
    part = np.linspace(0, 1, 41)[:, None]
    finer = lines[:, :1] + part * (lines[:, 1:] - lines[:, :1])
    gaps = np.full((len(lines), 1, 2), np.nan)
    return np.concatenate([finer, gaps], axis=1).reshape(-1, 2)
