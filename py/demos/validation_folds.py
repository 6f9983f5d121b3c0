"""Drag from fold to fold: each is the validation set once."""

from functools import lru_cache
from itertools import pairwise
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers
from stage.validation import folds, nested_fits, powers, scattered, wave

COUNT, NOISE, SEED, FOLDS, DEGREE = 30, 0.3, 2, 5, 3  # the defaults of the laboratory
STRIP = -2.6  # the height of the strip of folds
LINE = np.linspace(0, 1, 101)


@lru_cache
def data() -> tuple[Numbers, Numbers]:
    """The points, from left to right."""
    x, noise = scattered(np.random.default_rng(SEED), COUNT, NOISE)
    order = np.argsort(x)
    return x[order], (wave(x) + noise)[order]


@lru_cache
def rounds() -> tuple[Numbers, Numbers, Numbers]:
    """For each round: the held-out points, the predictions for all points, and the curve."""
    x, y = data()
    away = folds(COUNT, FOLDS, SEED, 0) == np.arange(FOLDS)[:, None]
    columns = powers(x)
    predicted = nested_fits(columns, y, ~away)[..., DEGREE]
    return away, predicted, nested_fits(columns, y, ~away, powers(LINE))[..., DEGREE]


def errors() -> Numbers:
    """The mean squared error on each fold of the model fitted without it, shape (5,)."""
    away, predicted, _ = rounds()
    return np.array([np.mean((data()[1] - predicted[j])[away[j]] ** 2) for j in range(FOLDS)])


def demo(fig: Annotated[Figure, Small(1.1)]) -> Update:
    """Set the scene: the points, the fit of a round, a strip with the error of each fold."""
    ax = fig.subplots()
    ax.set(xlim=(-0.03, 1.03), ylim=(STRIP - 0.75, 2.2), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    x, y = data()
    away, predicted, curves = rounds()
    ax.text(0, STRIP + 0.5, "validation error of each fold", va="bottom", zorder=0.8)
    edges = np.arange(FOLDS + 1) / FOLDS
    for left, right in pairwise(edges.tolist()):
        sides = [left + 0.01, right - 0.01, right - 0.01, left + 0.01, left + 0.01]
        ax.plot(sides, np.array([-1, -1, 1, 1, -1]) * 0.4 + STRIP, color="rule", zorder=0.7)
    fit = artists.line(ax, color="model", linewidth=2.2)
    gaps = artists.segments(ax, colors="error", linewidths=1.8)
    used = artists.points(ax, color="data", markersize=6)
    held = artists.points(ax, color="error", markersize=8, mfc="none", mew=2)
    frame = artists.line(ax, color="error", linewidth=2.4)
    names = [
        artists.label(ax, (j + 0.5) / FOLDS, STRIP, "", color="error", ha="center", va="center")
        for j in range(FOLDS)
    ]

    def update(
        fold: Annotated[
            int,
            Slider(
                1,
                FOLDS,
                1,
                label="fold",
                drag=Drag(
                    at=lambda fold: ((fold - 0.5) / FOLDS, STRIP - 0.4),
                    to=lambda x, _y: x * FOLDS + 0.5,
                ),
            ),
        ] = 1,
    ) -> str:
        j = fold - 1
        out = away[j].astype(bool)
        fit.set_data(LINE, curves[j].clip(-1.8, 3))
        used.set_data(x[~out], y[~out])
        held.set_data(x[out], y[out])
        ends = np.stack([y, predicted[j]], axis=-1)[out]
        gaps.set_segments(np.stack([np.repeat(x[out, None], 2, axis=1), ends], axis=-1))
        left, right = j / FOLDS + 0.01, fold / FOLDS - 0.01
        sides = np.array([-1, -1, 1, 1, -1]) * 0.4 + STRIP
        frame.set_data([left, right, right, left, left], sides)
        found = errors()
        for i, name in enumerate(names):
            name.set_text(number(found[i], 3) if i <= j else "")
        mean = f"; the mean of all folds is {number(found.mean(), 3)}" if fold == FOLDS else ""
        return Caption(
            f"The error on this fold is {number(found[j], 3)}{mean}.",
            detail=(
                f"{COUNT} points in {FOLDS} folds. Fold {fold} is the validation set: "
                f"{int(out.sum())} rings, joined to the curve of degree {DEGREE} that was fitted "
                f"to the other {int((~out).sum())} points. Errors so far: "
                f"{', '.join(number(value, 3) for value in found[:fold])}."
            ),
            numbers={"fold": str(fold), "error": number(found[j], 3)},
        )

    return update
