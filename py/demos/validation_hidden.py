"""Drag the degree until the curve fits, then uncover the hidden points."""

from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Toggle, Update, artists
from stage.linear_algebra import Numbers
from stage.text import count
from stage.validation import DEGREE, Flags, nested_fits, powers, scattered, size, wave

COUNT, NOISE, SEED = 18, 0.3, 6
SCALE = -2.75  # the height of the scale of degrees
LINE = np.linspace(0, 1, 161)


class Task(NamedTuple):
    """The points, the training points among them, and the curve of every degree."""

    x: Numbers
    y: Numbers
    training: Flags
    curves: Numbers  # along LINE, shape (161, 9)
    squares: Numbers  # squared errors at each point, shape (18, 9)


@lru_cache
def task() -> Task:
    """Every second point is a training point; the curves are fitted only to those."""
    x, noise = scattered(np.random.default_rng(SEED), COUNT, NOISE)
    x.sort()
    y = wave(x) + noise
    training = np.arange(COUNT) % 2 == 0
    curves = nested_fits(powers(x), y, training, powers(LINE))
    squares = (y[:, None] - nested_fits(powers(x), y, training)) ** 2
    return Task(x, y, training, curves, squares)


def errors(degree: int) -> tuple[float, float]:
    """The mean squared error on the training points and on the validation points."""
    squares, training = task().squares[:, degree], task().training
    return float(squares[training].mean()), float(squares[~training].mean())


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: the training points, the curve, a scale of degrees."""
    ax = fig.subplots()
    ax.set(xlim=(-0.05, 1.05), ylim=(SCALE - 0.75, 2.3), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    x, y, training, curves, _ = task()
    places = np.arange(DEGREE + 1) / DEGREE
    ax.plot(places, [SCALE] * len(places), "|-", color="muted", linewidth=1, zorder=0.7)
    for degree in range(DEGREE + 1):
        ax.text(degree / DEGREE, SCALE - 0.25, str(degree), ha="center", va="top", zorder=0.8)
    ax.text(0, SCALE + 0.32, "degree", va="bottom", weight="semibold", zorder=0.8)
    curve = artists.line(ax, color="model", linewidth=2.2, clip_on=True)
    artists.points(ax, color="data", markersize=8).set_data(x[training], y[training])
    others = artists.points(ax, color="error", markersize=8, mfc="none", mew=2)
    others.set_data(x[~training], y[~training])
    here = artists.points(ax, color="model", markersize=10)

    def update(
        degree: Annotated[
            int,
            Slider(
                0,
                DEGREE,
                1,
                label="degree of the curve",
                drag=Drag(at=lambda degree: (degree / DEGREE, SCALE), to=lambda x, _y: x * DEGREE),
            ),
        ] = 1,
        uncover: Annotated[bool, Toggle(label="uncover the hidden points")] = False,
    ) -> str:
        low = SCALE + 0.7  # the curve ends above the scale
        curve.set_data(
            LINE, np.where(curves[:, degree] > low, curves[:, degree], np.nan).clip(low, 3)
        )
        others.set_visible(uncover)
        here.set_data([degree / DEGREE], [SCALE])
        seen, missed = errors(degree)
        told = f"The training error is {size(seen)}"
        shown = f", and the validation error is {size(missed)}" if uncover else ""
        return Caption(
            f"{told}{shown}.",
            detail=(
                f"{count(int(training.sum()), 'training point')} and a polynomial of degree "
                f"{degree} fitted to them. The other {count(int((~training).sum()), 'point')} are "
                f"{'shown as rings' if uncover else 'hidden'}."
            ),
            numbers={"degree": str(degree), "training": size(seen)},
        )

    return update
