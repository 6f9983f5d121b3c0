"""Drag the tip of the first step to change the learning rate."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Steps, Update, apart, artists, number
from stage.linear_algebra import Numbers

START = 2.5
LAST = 10


def f(x: ArrayLike) -> Numbers:
    """The parabola ½x²; its derivative is x, its second derivative 1."""
    return 0.5 * np.asarray(x, dtype=np.float64) ** 2


def descend(x: float, eta: float, steps: int) -> Numbers:
    """The points of gradient descent on f, shape (steps + 1,): x ← x − ηf′(x) = (1 − η)x."""
    return x * np.power(1 - eta, np.arange(steps + 1), dtype=np.float64)


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: a parabola, and the points of the path on it."""
    ax = fig.subplots()
    ax.set(yticks=[], xlabel="x")
    ax.spines["left"].set_visible(False)
    curve = artists.line(ax, color="ink")
    bottom = artists.line(ax, color="muted", linewidth=1, linestyle=":")
    path = artists.line(ax, marker="o", color="truth", linewidth=1.6, markersize=5)
    first = artists.line(ax, color="gradient", linewidth=3)
    here = artists.points(ax, color="truth", markersize=10)
    start = artists.label(ax, 0, 0, "start", ha="left", va="center", weight="semibold")

    def update(
        eta: Annotated[
            float,
            Slider(
                0.1,
                2.2,
                0.05,
                label="learning rate η",
                drag=Drag(
                    at=lambda eta: ((1 - eta) * START, float(f((1 - eta) * START))),
                    to=lambda x, _y: 1 - x / START,
                ),
            ),
        ] = 0.3,
        step: Annotated[int, Steps(LAST, label="step", rate=3)] = 1,
    ) -> str:
        x = descend(START, eta, step)
        half = 1.2 * max(START, float(abs(x).max()))
        if half != ax.get_xlim()[1]:  # avoid new limits, which are slow to draw
            ax.set(xlim=(-half, half), ylim=(-0.08 * float(f(half)), float(f(half))))
        grid = np.linspace(-half, half, 101)
        curve.set_data(grid, f(grid))
        bottom.set_data([0, 0], [0, float(f(half))])
        path.set_data(x, f(x))
        here.set_data(x[-1:], f(x[-1:]))
        landing = (1 - eta) * START
        first.set_data([START, landing], f([START, landing]))
        start.set(position=(START + 0.06 * half, float(f(START))), visible=half < 1.3 * START)
        return Caption(
            told(eta),
            detail=(
                f"A parabola with its minimum at 0, and {step} "
                f"{'step' if step == 1 else 'steps'} of gradient descent from x = {number(START)}, "
                f"ending at x = {number(float(x[-1]))}."
            ),
            numbers={
                "eta": number(eta),
                "slope": number(START),
                "start": number(START),
                "landing": number(landing),
            },
        )

    return update


def told(eta: float) -> str:
    """The caption: how the distance changes, which each step multiplies by |1 − η|."""
    left = abs(1 - eta)
    if abs(eta - 1) < 1e-9:
        return "With η = 1, the first step lands exactly on the minimum."
    if eta < 1:
        share = apart(100 * eta, 0, 0, 100)
        return f"With η = {number(eta)}, each step covers {share}% of what is left."
    jumps = f"With η = {number(eta)}, each step overshoots the minimum and"
    if abs(eta - 2) < 1e-9:
        return f"{jumps} never gets closer."
    if eta < 2:
        return f"{jumps} leaves {apart(100 * left, 0, 0, 100)}% of the distance."
    return f"{jumps} ends {number(left)} times as far away."
