"""Move and stretch the bell curve, and read off how much of it lies between two values."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike

from stage import Figure, Seed, Shape, Slider, Update, artists, narrow, number
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
    """P(a ≤ X ≤ b) = F(b) − F(a), and 0 where a > b: no value lies there.

    Above μ the mirror image is taken: there the difference of two small tails keeps its digits.
    """
    if a >= b:
        return 0.0
    if a > mean:
        a, b = 2 * mean - b, 2 * mean - a
    return cdf(b, mean, sd) - cdf(a, mean, sd)


@lru_cache(maxsize=8)
def standard_sample(n: int, seed: int) -> Numbers:
    """n draws from N(0, 1), shape (n,). With the same seed a larger n begins like a smaller one."""
    return np.random.default_rng(seed).standard_normal(n)


LEFT, RIGHT = -7.0, 7.0  # of both panels
Z = np.concatenate(
    [[-100.0], np.linspace(-6, 6, 361), [100.0]]
)  # where the curves are drawn, in σ from μ
PDF_Z = pdf(Z, 0, 1)
CDF_Z = np.array([cdf(z, 0, 1) for z in Z])
BINS = np.linspace(-5, 5, 41)  # edges of the histogram's bars, in σ from μ
PIECE = np.linspace(0, 1, 161)  # where the shaded area is drawn, from a to b


def demo(fig: Annotated[Figure, Shape(wide=1.38, narrow=0.78)]) -> Update:
    """Set the scene: the density above, the cumulative probability below, over the same x."""
    density, cumulative = fig.subplots(2, 1, sharex=True, height_ratios=(1.75, 1))
    _panels(density, cumulative)
    phone = narrow(fig)

    bars = artists.area(density, color="data", alpha=0.35)
    area = artists.area(density, color="truth", alpha=0.4)
    bell = artists.line(density, Z, PDF_Z, color="truth")
    walls = artists.line(density, color="truth", linewidth=1.2)
    peak = artists.points(density, color="truth", markersize=5)
    height = artists.label(density, 0, 0, color="truth", ha="center", va="bottom", clip_on=True)
    chance = artists.label(density, 0, 1.14 if phone else 1.04, color="truth")
    draws = artists.label(
        density, 0 if phone else 1, 1.04, "", color="data", ha="left" if phone else "right"
    )
    for text in (chance, draws):
        text.set(transform=density.transAxes, weight="semibold", size=12)

    counted = artists.line(cumulative, color="data", linewidth=1.4)
    rise = artists.line(cumulative, Z, CDF_Z, color="truth")
    levels = artists.line(cumulative, linestyle=":", color="truth", linewidth=1.4)
    gain = artists.line(cumulative, color="truth", linewidth=7, alpha=0.5, solid_capstyle="butt")

    def update(
        mean: Annotated[float, Slider(-3, 3, 0.1, label="mean μ")] = 0.0,
        sd: Annotated[float, Slider(0.2, 3, 0.05, label="standard deviation σ")] = 1.0,
        a: Annotated[float, Slider(-6, 6, 0.1, label="from a")] = -1.0,
        b: Annotated[float, Slider(-6, 6, 0.1, label="to b")] = 1.0,
        n: Annotated[int, Slider(0, 2000, 10, label="sample size n")] = 200,
        seed: Annotated[int, Seed(label="sample number")] = 38,
    ) -> str:
        size = round(n)
        standard = standard_sample(size, seed)
        sample = mean + sd * standard
        probability = between(a, b, mean, sd)
        top = float(pdf(mean, mean, sd))

        bell.set_data(mean + sd * Z, PDF_Z / sd)
        rise.set_data(mean + sd * Z, CDF_Z)
        peak.set_data([mean], [top])
        height.set_text(f"{top:.2f}")
        height.set_position((mean, top + 0.04))

        inside = a + (b - a) * PIECE if a < b else np.full_like(PIECE, a)
        area.set_data(inside, 0, pdf(inside, mean, sd))
        at_a, at_b = (float(pdf(x, mean, sd)) for x in (a, b))
        walls.set_data([a, a, math.nan, b, b], [0, at_a, math.nan, 0, at_b])
        below_a, below_b = cdf(a, mean, sd), cdf(b, mean, sd)
        levels.set_data(
            [a, a, LEFT, math.nan, b, b, LEFT],
            [0, below_a, below_a, math.nan, 0, below_b, below_b],
        )
        gain.set_data([LEFT, LEFT], [below_a, max(below_a, below_b)])
        chance.set_text(f"P({number(a)} ≤ X ≤ {number(b)}) {_probability(probability, a < b)}")

        counts, _ = np.histogram(standard, BINS)
        heights = counts / (max(size, 1) * np.diff(BINS) * sd)
        across, tops = artists.steps(mean + sd * BINS, heights)
        bars.set_data(across, 0, tops)
        values = np.concatenate([[LEFT - 99], np.sort(sample), [RIGHT + 99]])
        counted.set_data(*artists.steps(values, np.arange(size + 1) / max(size, 1)))
        draws.set_text(count(size, "draw"))
        for artist in (bars, counted, draws):
            artist.set_visible(size > 0)

        return f"{_curve(mean, sd, a, b, probability, top)} {_sample(sample, a, b)}"

    return update


# The picture's parts


def _panels(density: Axes, cumulative: Axes) -> None:
    """Scales that hold for every μ and σ, and a square of area 1 to compare with."""
    density.set(xlim=(LEFT, RIGHT), ylim=(0, 2.2), ylabel="density f(x)")
    density.yaxis.set_major_locator(MultipleLocator(0.5))
    cumulative.set(ylim=(0, 1.04), ylabel="F(x)", xlabel="x")
    cumulative.set_yticks([0, 0.5, 1])
    cumulative.xaxis.set_major_locator(MultipleLocator(2))
    density.tick_params(labelbottom=False)
    for axes in (density, cumulative):
        axes.spines["left"].set_visible(False)
    corner = 5.4
    density.add_patch(
        Rectangle((corner, 1), 1, 1, facecolor="rule", edgecolor="muted", linewidth=1, zorder=1)
    )
    density.text(corner + 0.5, 0.95, "area 1", color="muted", ha="center", va="top", size=9.5)


# The sentences


def _probability(p: float, possible: bool) -> str:
    """`= 0.6827`, or a bound where four decimals would wrongly say 0 or 1 (`possible`: a < b)."""
    if not possible:
        return "= 0"
    if 0.00005 <= p < 0.99995:
        return f"= {p:.4f}"
    return "< 0.0001" if p < 0.5 else "> 0.9999"


def _curve(mean: float, sd: float, a: float, b: float, probability: float, top: float) -> str:
    """What the curve and the shaded area show."""
    start = f"With μ = {number(mean)} and σ = {number(sd)} the density is highest at {number(mean)}"
    peak = f"{start}, where it is {top:.2f}{', more than 1' if top > 1 else ''};"
    if a > b:
        order = f"a = {number(a)} lies above b = {number(b)}"
        return f"{peak} {order}, so nothing lies from a to b: probability 0."
    if a == b:
        here = float(pdf(a, mean, sd))
        density = f"{here:.2f}" if here >= 0.005 else "below 0.005"
        return (
            f"{peak} the interval is the single value {number(a)}: "
            f"the density there is {density}, the probability 0."
        )
    share = (
        _probability(probability, True)
        .replace("= ", "")
        .replace("<", "below")
        .replace(">", "above")
    )
    return f"{peak} X lies between {number(a)} and {number(b)} with probability {share}."


def _verb(word: str, n: int) -> str:
    return word + "s" * (n == 1)


def _sample(sample: Numbers, a: float, b: float) -> str:
    """What the draws show."""
    size = len(sample)
    if size == 0:
        return "No sample is drawn."
    hits = int(np.count_nonzero((sample >= a) & (sample <= b)))
    mean = f"{rounded(float(sample.mean())):.2f}".replace("-", "−")
    told = (
        f"Of {count(size, 'draw')} {hits} ({percent(hits / size, 1)}) {_verb('lie', hits)} there; "
        f"{'its' if size == 1 else 'their'} mean is {mean} "
        f"and {'its' if size == 1 else 'their'} standard deviation {sample.std():.2f}"
    )
    lost = int(np.count_nonzero((sample < LEFT) | (sample > RIGHT)))
    return f"{told}; {lost} {_verb('fall', lost)} outside the picture." if lost else f"{told}."
