"""Drag the bell and the walls, and read off a probability."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike

from stage import (
    Caption,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Toggle,
    Update,
    artists,
    narrow,
    number,
)
from stage.layout import css_size
from stage.linear_algebra import Numbers
from stage.text import count, percent, rounded


def pdf(x: ArrayLike, mean: float, sd: float) -> Numbers:
    """The normal density f(x) = exp(−½((x − μ)/σ)²) / (σ√(2π)), sd > 0; the shape of x, in 1/x."""
    z = (np.asarray(x, dtype=float) - mean) / sd
    return np.exp(-0.5 * z**2) / (sd * math.sqrt(2 * math.pi))


def cdf(x: float, mean: float, sd: float) -> float:
    """F(x) = P(X ≤ x) = ½ erfc(−z/√2) with z = (x − μ)/σ, sd > 0; full precision in the lower tail.

    Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.22 and 26.2.29.
    """
    return 0.5 * math.erfc((mean - x) / (sd * math.sqrt(2)))


def between(a: float, b: float, mean: float, sd: float) -> float:
    """P(a ≤ X ≤ b) = F(b) − F(a), and 0 if a > b.

    Above μ it uses the mirror image, where the difference of two small tails is accurate.
    """
    if a >= b:
        return 0.0
    if a > mean:
        a, b = 2 * mean - b, 2 * mean - a
    return cdf(b, mean, sd) - cdf(a, mean, sd)


@lru_cache(maxsize=8)
def standard_sample(n: int, seed: int) -> Numbers:
    """n draws from N(0, 1), shape (n,). For the same seed, a larger n extends the sample."""
    return np.random.default_rng(seed).standard_normal(n)


LEFT, RIGHT = -6.6, 6.6  # of both panels
Z = np.concatenate([[-100.0], np.linspace(-6, 6, 361), [100.0]])  # x of the curves, in σ from μ
PDF_Z = pdf(Z, 0, 1)
CDF_Z = np.array([cdf(z, 0, 1) for z in Z])
PIECE = np.linspace(0, 1, 161)  # x of the shaded area, as fractions from a to b
LOWEST = 0.3  # the smallest upper limit of the density axis; others are 2, 4, 8, … times as high


def bins(n: int) -> Numbers:
    """The edges of the histogram's bars, in σ from μ; larger samples have narrower bars."""
    width = 1.0 if n < 100 else 0.5 if n < 500 else 0.25
    return np.arange(-5, 5 + width, width)


def frame(highest: float) -> float:
    """The upper limit of the density axis: the smallest one with space above `highest`."""
    return float(LOWEST * 2 ** math.ceil(max(math.log2(1.15 * highest / LOWEST), 0.0)))


def across_axes(x: float) -> float:
    """The position of a value between the left and the right end of the axes, 0 to 1."""
    return (x - LEFT) / (RIGHT - LEFT)


def demo(fig: Annotated[Figure, Shape(wide=1.75, narrow=1.1)]) -> Update:
    """Set the scene: the density; the cumulative distribution function waits below it."""
    density, cumulative = fig.subplots(2, 1)
    _panels(density, cumulative)
    arrange = _arrangement(fig, density, cumulative)

    bars = artists.area(density, color="data", alpha=0.35)
    area = artists.area(density, color="truth", alpha=0.4)
    bell = artists.line(density, Z, PDF_Z, color="truth")
    walls = artists.line(density, color="truth", linewidth=1.2)
    names = [
        artists.label(density, 0, 0, text, weight="semibold", ha="center", va="bottom")
        for text in "ab"
    ]
    height = artists.label(density, 0, 0, color="truth", ha="center", va="bottom")
    chance = artists.label(density, 0, 1.03, color="truth", weight="semibold", size=12)
    draws = artists.label(density, 1, 1.03, color="data", weight="semibold", ha="right")
    for text in (height, *names, chance, draws):
        text.set_transform(density.transAxes)
    beside = 0.5 if narrow(fig) else 0.3

    counted = artists.line(cumulative, color="data", linewidth=1.4)
    rise = artists.line(cumulative, Z, CDF_Z, color="truth")
    levels = artists.line(cumulative, linestyle=":", color="truth", linewidth=1.4)
    gain = artists.line(cumulative, color="truth", linewidth=7, alpha=0.5, solid_capstyle="butt")
    laid: tuple[bool, float] = (True, 0.0)

    def update(
        mean: Annotated[
            float,
            Slider(
                -3,
                3,
                0.1,
                label="mean μ",
                drag=Drag(
                    at=lambda mean, sd: (mean, float(pdf(mean, mean, sd))), to=lambda x, _y: x
                ),
            ),
        ] = 0.0,
        sd: Annotated[
            float,
            Slider(
                0.2,
                3,
                0.05,
                label="standard deviation σ",
                drag=Drag(
                    at=lambda sd, mean: (mean + sd, float(pdf(mean + sd, mean, sd))),
                    to=lambda x, _y, mean: x - mean,
                ),
            ),
        ] = 1.0,
        a: Annotated[float, Slider(-6, 6, 0.1, label="from a", drag=Drag.horizontal(0.0))] = -0.5,
        b: Annotated[float, Slider(-6, 6, 0.1, label="to b", drag=Drag.horizontal(0.0))] = 1.5,
        cumulated: Annotated[
            bool, Toggle(label="cumulative distribution function F", more=True)
        ] = False,
        n: Annotated[int, Slider(0, 2000, 10, label="sample size n", more=True)] = 0,
        seed: Annotated[int, Seed(label="sample number", more=True, when=lambda n: n > 0)] = 38,
    ) -> str:
        nonlocal laid
        sample = mean + sd * standard_sample(n, seed)
        probability = between(a, b, mean, sd)
        top = float(pdf(mean, mean, sd))

        edges = bins(n)
        counts, _ = np.histogram(standard_sample(n, seed), edges)
        across, tops = artists.steps(mean + sd * edges, counts / (max(n, 1) * np.diff(edges) * sd))
        bars.set_data(across, 0, tops)
        if laid != (now := (cumulated, frame(max(top, float(tops.max()))))):
            arrange(*now)
            laid = now

        bell.set_data(mean + sd * Z, PDF_Z / sd)
        height.set_text(f"{top:.2f}")
        height.set_position((across_axes(mean), top / now[1] + 0.06))
        inside = a + (b - a) * PIECE if a < b else np.full_like(PIECE, a)
        area.set_data(inside, 0, pdf(inside, mean, sd))
        at_a, at_b = (float(pdf(x, mean, sd)) for x in (a, b))
        walls.set_data([a, a, math.nan, b, b], [0, at_a, math.nan, 0, at_b])
        outward = beside if a <= b else -beside
        names[0].set_position((across_axes(a - outward), 0.04))
        names[1].set_position((across_axes(b + outward), 0.04))
        chance.set_text(f"P({number(a)} ≤ X ≤ {number(b)}) {_probability(probability, a < b)}")
        draws.set_text(f"{n:,} draw{'s' * (n != 1)}")

        if cumulated:
            rise.set_data(mean + sd * Z, CDF_Z)
            below_a, below_b = cdf(a, mean, sd), cdf(b, mean, sd)
            levels.set_data(
                [a, a, LEFT, math.nan, b, b, LEFT],
                [0, below_a, below_a, math.nan, 0, below_b, below_b],
            )
            gain.set_data([LEFT, LEFT], [below_a, max(below_a, below_b)])
            values = np.concatenate([[LEFT - 99], np.sort(sample), [RIGHT + 99]])
            counted.set_data(*artists.steps(values, np.arange(n + 1) / max(n, 1)))
        for artist in (bars, counted, draws):
            artist.set_visible(n > 0)

        detail = f"{_curve(mean, sd, a, b, top)} {_sample(sample, a, b)}"
        if cumulated:
            detail += f" Below, F rises to {_share(below_a)} at a and {_share(below_b)} at b."
        return Caption(_told(a, b, mean, sd, sample), detail=detail)

    return update


# Drawing


def _panels(density: Axes, cumulative: Axes) -> None:
    density.set(xlim=(LEFT, RIGHT), ylabel="density f(x)", xlabel="x")
    cumulative.set(
        xlim=(LEFT, RIGHT), ylim=(0, 1.04), ylabel="F(x)", xlabel="x", yticks=[0, 0.5, 1]
    )
    for axes in (density, cumulative):
        axes.xaxis.set_major_locator(MultipleLocator(2))
        axes.spines["left"].set_visible(False)


def _arrangement(fig: Figure, density: Axes, cumulative: Axes) -> Callable[[bool, float], None]:
    """A function that lays out one or both panels, and sets the limit of the density axis."""
    fig.set_layout_engine("none")
    wide, high = css_size(fig)
    low = round(0.27 * high)

    def box(top: float, bottom: float) -> tuple[float, float, float, float]:
        """The position of axes with these margins above and below, in CSS pixels."""
        parts = 52 / wide, bottom / high, (wide - 60) / wide, (high - top - bottom) / high
        x, y, width, height = (round(part, 6) for part in parts)
        return x, y, width, height

    def arrange(both: bool, top: float) -> None:
        cumulative.set_visible(both)
        density.set_position(box(28, low + 66 if both else 42))
        cumulative.set_position(box(high - low - 42, 42))
        density.xaxis.label.set_visible(not both)
        density.set(ylim=(0, top), yticks=top * np.linspace(0, 1, 4))

    return arrange


# Captions


def _probability(p: float, possible: bool) -> str:
    """`= 0.6827`, or a bound if four decimals would be rounded to 0 or 1 (`possible`: a < b)."""
    if not possible:
        return "= 0"
    if 0.00005 <= p < 0.99995:
        return f"= {p:.4f}"
    return "< 0.0001" if p < 0.5 else "> 0.9999"


def _share(p: float) -> str:
    """A probability with four decimals, or a bound as text."""
    return _probability(p, True).replace("= ", "").replace("<", "below").replace(">", "above")


def _told(a: float, b: float, mean: float, sd: float, sample: Numbers) -> str:
    """The caption: the probability of the range, and the share of the sample in it."""
    if a > b:
        return "Since a is above b, no value lies from a to b, and the probability is 0."
    if a == b:
        here = float(pdf(a, mean, sd))
        density = f"{here:.2f}" if here >= 0.005 else "below 0.005"
        return f"A range without width has probability 0, although the density is {density}."
    share = _share(between(a, b, mean, sd))
    if not len(sample):
        return f"The shaded area, the probability of a value from a to b, is {share}."
    hits = percent(_hits(sample, a, b) / len(sample), 1)
    return f"The probability of a value from a to b is {share}; {hits} of the sample is there."


def _curve(mean: float, sd: float, a: float, b: float, top: float) -> str:
    """The curve as text."""
    more = ", more than 1" if top > 1 else ""
    return (
        f"With μ = {number(mean)} and σ = {number(sd)}, the density is highest at {number(mean)}, "
        f"where it is {top:.2f}{more}; a is {number(a)} and b is {number(b)}."
    )


def _hits(sample: Numbers, a: float, b: float) -> int:
    return int(np.count_nonzero((sample >= a) & (sample <= b)))


def _sample(sample: Numbers, a: float, b: float) -> str:
    """The sample as text."""
    size = len(sample)
    if size == 0:
        return "No sample is drawn."
    hits = _hits(sample, a, b)
    mean = number(rounded(float(sample.mean())))
    told = (
        f"Of {count(size, 'draw')}, {hits} ({percent(hits / size, 1)}) "
        f"{_verb('lie', hits)} from a to b; {'its' if size == 1 else 'their'} mean is {mean} "
        f"and {'its' if size == 1 else 'their'} standard deviation {number(float(sample.std()))}"
    )
    lost = int(np.count_nonzero((sample < LEFT) | (sample > RIGHT)))
    return f"{told}; {lost} {_verb('fall', lost)} outside the picture." if lost else f"{told}."


def _verb(word: str, n: int) -> str:
    return word + "s" * (n == 1)
