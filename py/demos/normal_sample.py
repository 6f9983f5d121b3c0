"""Drag the sample size and watch the histogram settle."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Seed, Slider, Small, Update, artists, number, rounded
from stage.linear_algebra import Numbers

FEW, MANY = 20, 2000
BINS = np.linspace(-4, 4, 17)  # edges of the bars, half a gram each
TRACK = 0.83  # the height at which the handle moves
ENDS = (-2.9, 2.9)  # x of the ends of its track
SETTLED = 200  # from this sample size on, the curve is drawn


def pdf(x: Numbers) -> Numbers:
    """The standard normal density exp(−½x²)/√(2π)."""
    return np.asarray(np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi))


@lru_cache(maxsize=8)
def sample(n: int, seed: int) -> Numbers:
    """n draws from the standard normal distribution; a larger n extends the sample."""
    return np.random.default_rng([seed, 12]).standard_normal(n)


def heights(values: Numbers) -> Numbers:
    """The density of a histogram: the share of each bar divided by its width, shape (16,)."""
    counts, _ = np.histogram(values, BINS)
    return counts / (len(values) * np.diff(BINS))


def place(n: float) -> float:
    """The position of a sample size on the logarithmic track."""
    along = math.log(n / FEW) / math.log(MANY / FEW)
    return ENDS[0] + along * (ENDS[1] - ENDS[0])


def size_at(x: float) -> float:
    """The sample size at a position on the track, the inverse of `place`."""
    along = (x - ENDS[0]) / (ENDS[1] - ENDS[0])
    return float(FEW * (MANY / FEW) ** min(max(along, 0.0), 1.0))


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: an axis of weights, bars above it, and a track for the sample size."""
    ax = fig.subplots()
    ax.set(xlim=(-4, 4), ylim=(0, 0.9), yticks=[], xlabel="grams above the target weight")
    ax.spines["left"].set_visible(False)
    ax.plot(ENDS, [TRACK, TRACK], color="muted", linewidth=2, solid_capstyle="round")
    bars = artists.area(ax, color="data", alpha=0.4)
    outline = artists.line(ax, color="data", linewidth=1.2)
    curve = artists.line(ax, np.linspace(-4, 4, 161), pdf(np.linspace(-4, 4, 161)), color="truth")
    size = artists.label(ax, 0, 0, color="data", weight="semibold", ha="center", va="top")

    def update(
        n: Annotated[
            int,
            Slider(
                FEW,
                MANY,
                10,
                label="sample size n",
                drag=Drag(at=lambda n: (place(n), TRACK), to=lambda x, _y: size_at(x)),
            ),
        ] = FEW,
        seed: Annotated[int, Seed(label="sample", last=22)] = 3,
    ) -> str:
        values = sample(n, seed)
        across, tops = artists.steps(BINS, heights(values))
        bars.set_data(across, 0, tops)
        outline.set_data(across, tops)
        curve.set_visible(n >= SETTLED)
        size.set_text(f"{n:,} bags")
        size.set_position((min(max(place(n), -3.1), 3.0), TRACK - 0.05))
        mean, sd = float(values.mean()), float(values.std())
        return Caption(
            told(n, mean),
            detail=(
                f"A histogram of {n:,} weights, sample {seed}, in bars half a gram wide; their "
                f"standard deviation is {number(sd)}, and "
                f"the tallest bar is {number(float(tops.max()))} high. "
                + ("The bell-shaped curve runs along the tops of the bars." * (n >= SETTLED))
            ).strip(),
            numbers={"n": str(n), "mean": number(mean), "sd": number(sd)},
        )

    return update


def told(n: int, mean: float) -> str:
    """The caption: how far the mean is from the target, in words the lesson has introduced."""
    off = number(rounded(abs(mean), 2))
    where = "on target" if off == "0" else f"{off} grams {'above' if mean > 0 else 'below'} target"
    return f"On average, these {n:,} bags are {where}."
