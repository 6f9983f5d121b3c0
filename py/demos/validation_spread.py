"""Drag the degree and watch how far the fits spread."""

from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Seed, Slider, Small, Update, artists
from stage.linear_algebra import Numbers
from stage.text import power
from stage.validation import DEGREE, nested_fits, powers, wave

COUNT, NOISE, SAMPLES = 20, 0.3, 12
SCALE = -2.4  # the height of the scale of degrees
X = (np.arange(COUNT) + 0.5) / COUNT  # the same in every sample
LINE = np.linspace(0, 1, 101)
ALL = np.ones(COUNT, dtype=bool)


@lru_cache(maxsize=32)
def fits(seed: int) -> Numbers:
    """What polynomials predict along LINE, each fitted to its own sample, shape (12, 101, 9)."""
    rng = np.random.default_rng([14, seed])
    noise = NOISE * rng.standard_normal((SAMPLES, COUNT))
    return np.array([nested_fits(powers(X), wave(X) + e, ALL, powers(LINE)) for e in noise])


@lru_cache
def averages() -> Numbers:
    """The mean of the fits to all possible samples, along LINE: the fit to the true curve."""
    return nested_fits(powers(X), wave(X), ALL, powers(LINE))


def squared_bias(degree: int) -> float:
    """The mean over the x of the data of (average fit − true curve)²."""
    average = nested_fits(powers(X), wave(X), ALL)[:, degree]
    return float(np.mean((average - wave(X)) ** 2))


def variance(degree: int) -> float:
    """The mean over the x of the data of the variance of the fits: σ²(d + 1)/n."""
    return NOISE**2 * (degree + 1) / COUNT


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: the true curve, the fits, their average, a scale of degrees."""
    ax = fig.subplots()
    ax.set(xlim=(-0.05, 1.05), ylim=(SCALE - 0.6, 2.2), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    places = np.arange(DEGREE + 1) / DEGREE
    ax.plot(places, [SCALE] * len(places), "|-", color="muted", linewidth=1, zorder=0.7)
    for degree in range(DEGREE + 1):
        ax.text(degree / DEGREE, SCALE - 0.2, str(degree), ha="center", va="top", zorder=0.8)
    ax.text(0, SCALE + 0.26, "degree", va="bottom", weight="semibold", zorder=0.8)
    for x, color, text in (
        (0.4, "model", "12 fits"),
        (0.62, "ink", "average"),
        (0.86, "truth", "true curve"),
    ):
        ax.text(x, 1.75, text, color=color, ha="center", weight="semibold", zorder=0.8)
    ax.plot(LINE, wave(LINE), color="truth", linewidth=2.4, zorder=1.5)
    lines = artists.segments(ax, colors="model", linewidths=1, alpha=0.7)
    middle = artists.line(ax, color="ink", linewidth=2, linestyle="--")
    here = artists.points(ax, color="model", markersize=10)

    def update(
        degree: Annotated[
            int,
            Slider(
                0,
                DEGREE,
                1,
                label="degree of the fits",
                drag=Drag(at=lambda degree: (degree / DEGREE, SCALE), to=lambda x, _y: x * DEGREE),
            ),
        ] = 0,
        seed: Annotated[int, Seed(label="samples", more=True)] = 1,
    ) -> str:
        curves = fits(seed)[..., degree].clip(SCALE + 0.7, 1.6)
        lines.set_segments(np.stack([np.broadcast_to(LINE, curves.shape), curves], axis=-1))
        middle.set_data(LINE, averages()[:, degree])
        here.set_data([degree / DEGREE], [SCALE])
        bias, spread = (power(value(degree), 2) for value in (squared_bias, variance))
        return Caption(
            f"The squared bias is {bias}, and the variance is {spread}.",
            detail=(
                f"Polynomials of degree {degree} fitted to {SAMPLES} samples (number {seed}) of "
                f"{COUNT} points each, the average of all possible fits, and the true curve. "
                f"Squared bias {bias}, variance {spread}."
            ),
            numbers={
                "degree": str(degree),
                "bias": bias,
                "variance": spread,
                "sum": power(NOISE**2 + squared_bias(degree) + variance(degree), 2),
            },
        )

    return update
