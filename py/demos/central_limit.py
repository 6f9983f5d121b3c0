"""Add up draws that are nothing like a bell, and watch what their sums look like."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator

from stage import Choice, Figure, Seed, Shape, Slider, Update, artists, narrow, number
from stage.linear_algebra import Numbers


class Source(NamedTuple):
    """A distribution to draw from, and what its draws are called."""

    mean: float
    sd: float
    name: str


SOURCES = {
    "skewed": Source(1.0, 1.0, "waiting times (exponential)"),
    "coin": Source(0.5, 0.5, "tosses of a fair coin, 0 or 1"),
    "uniform": Source(0.5, math.sqrt(1 / 12), "numbers from 0 to 1, all alike"),
}
MOST_DRAWS, MOST_SUMS = 50, 4000


class Draws:
    """Sums of more and more draws, worked out as far as they were asked for."""

    def __init__(self, source: str, seed: int) -> None:
        self.source = source
        self.rng = np.random.default_rng(seed)
        self.sums = [np.zeros(MOST_SUMS)]

    def up_to(self, n: int) -> Numbers:
        """MOST_SUMS sums of n draws each; one draw more is added to each of the sums of n − 1."""
        while len(self.sums) <= n:
            self.sums.append(self.sums[-1] + self.draw())
        return self.sums[n]

    def draw(self) -> Numbers:
        """One draw for each of the sums."""
        if self.source == "skewed":
            return self.rng.standard_exponential(MOST_SUMS)
        if self.source == "coin":
            return self.rng.integers(0, 2, MOST_SUMS).astype(float)
        return self.rng.random(MOST_SUMS)


drawn = lru_cache(maxsize=4)(Draws)


def standardised(total: Numbers, source: str, n: int) -> Numbers:
    """Z = (S − nμ) / (σ√n) for sums S of n draws: mean 0 and standard deviation 1, at any n."""
    _, sd, _ = known = SOURCES[source]
    return np.asarray((total - n * known.mean) / (sd * math.sqrt(n)))


def atoms(n: int) -> tuple[Numbers, Numbers]:
    """The values of Z for n tosses of a coin, and their probabilities C(n, k) / 2ⁿ."""
    chances = np.array([math.comb(n, k) for k in range(n + 1)]) / 2.0**n
    return standardised(np.arange(n + 1.0), "coin", n), chances


def gamma_density(s: Numbers, n: int) -> Numbers:
    """The density s^(n−1) e^(−s) / (n − 1)! of the sum of n exponential draws of mean 1."""
    inside = np.maximum(s, 0)
    found = np.exp(-inside) * (s >= 0)
    for k in range(1, n):
        found *= inside / k
    return found


def gamma_cumulative(s: Numbers, n: int) -> Numbers:
    """P(S ≤ s) = 1 − Σ_{k<n} s^k e^(−s) / k! for the sum of n exponential draws of mean 1."""
    inside = np.maximum(s, 0)
    term = np.exp(-inside)
    rest = term.copy()
    for k in range(1, n):
        term = term * inside / k
        rest += term
    return 1 - rest


def irwin_hall_density(s: Numbers, n: int) -> Numbers:
    """The density of the sum of n uniform draws from [0, 1], by a recursion that cancels nothing.

    f_m(s) = (s f_{m−1}(s) + (m − s) f_{m−1}(s − 1)) / (m − 1), from f_1 = 1 on [0, 1): the
    recursion of Cox and de Boor, for such a density is a B-spline.
    """
    return np.asarray(_splines(s, n)[0])


def irwin_hall_cumulative(s: Numbers, n: int) -> Numbers:
    """P(S ≤ s) = Σ_{j≥0} f_{n+1}(s − j): the derivative of f_{n+1} is f_n(s) − f_n(s − 1)."""
    return np.asarray(np.minimum(_splines(np.minimum(s, n), n + 1, n + 1).sum(axis=0), 1))


def _splines(s: Numbers, n: int, rows: int = 1) -> Numbers:
    """f_n at s, s − 1, …, s − rows + 1, shape (rows, len(s))."""
    at = s - np.arange(n + rows - 1.0)[:, None]
    found = ((at >= 0) & (at < 1)).astype(float)
    for m in range(2, n + 1):
        at = at[:-1]
        found = (at * found[:-1] + (m - at) * found[1:]) / (m - 1)
    return found


def normal_density(z: Numbers) -> Numbers:
    """The standard normal density e^(−z²/2) / √(2π)."""
    return np.asarray(np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))


def normal_cumulative(z: Numbers) -> Numbers:
    """Φ(z) = ½ erfc(−z/√2)."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z])


def _apart(chances: Numbers, places: Numbers) -> tuple[Numbers, Numbers]:
    """Bars with gaps between them, and their edges; as high as bars of area p that touch."""
    apart = places[1] - places[0]
    heights = np.zeros(2 * len(places) - 1)
    heights[::2] = chances / apart
    return heights, np.repeat(places, 2) + np.tile([-0.3, 0.3], len(places)) * apart


class Exact(NamedTuple):
    """What is known of Z without drawing: its curve, and how it compares with the normal."""

    z: Numbers
    density: Numbers  # for a coin the outline of one bar for each value
    within: float  # P(−1 ≤ Z ≤ 1)
    gap: float  # the largest |P(Z ≤ z) − Φ(z)| of all z


Z = np.linspace(-5, 5, 251)


@lru_cache(maxsize=256)
def exact(source: str, n: int) -> Exact:
    """The distribution of Z for n ≥ 1 draws: binomial, gamma or Irwin–Hall, standardised."""
    width = SOURCES[source].sd * math.sqrt(n)
    if source == "coin":
        places, chances = atoms(n)
        up_to, normal = chances.cumsum(), normal_cumulative(places)
        gap = max(abs(up_to - normal).max(), abs(up_to - chances - normal).max())
        within = chances[abs(places) <= 1 + 1e-9].sum()
        heights, edges = _apart(chances, places)
        steps = np.concatenate([[0], np.repeat(heights, 2), [0]])
        return Exact(np.repeat(edges, 2), steps, float(within), float(gap))
    ends = n * SOURCES[source].mean / width  # with the ends of what is possible
    jumps = ends * np.array([-1 - 1e-9, -1 + 1e-9, 1 - 1e-9, 1 + 1e-9])
    z = np.unique(np.concatenate([Z, jumps[abs(jumps) < 5]]))
    s = n * SOURCES[source].mean + width * z
    if source == "skewed":
        density, total = gamma_density(s, n), gamma_cumulative
    else:
        density, total = irwin_hall_density(s, n), irwin_hall_cumulative
    gap = abs(total(s, n) - normal_cumulative(z)).max()
    low, high = total(n * SOURCES[source].mean + width * np.array([-1.0, 1.0]), n)
    return Exact(z, width * density, float(high - low), float(gap))


def demo(fig: Annotated[Figure, Shape(wide=1.45, narrow=0.85)]) -> Update:
    """Set the scene: single draws above, their sums below, on one scale of standard deviations."""
    single, summed = fig.subplots(2, 1, sharex=True, height_ratios=(1, 2.1))
    _panels(single, summed)
    phone = narrow(fig)

    one_bars = artists.area(single, color="data", alpha=0.35)
    one_curve = artists.line(single, color="truth", linewidth=1.8)
    bars = artists.area(summed, color="data", alpha=0.35)
    curve = artists.line(summed, color="truth", linewidth=1.8)
    bell = artists.line(summed, Z, normal_density(Z), color="model", zorder=1.9)
    bell.set_linestyle((0, (5, 2)))

    says_one = artists.label(single, 0, 1.06)
    says_sums = artists.label(summed, 0, 1.03)
    for text, axes in ((says_one, single), (says_sums, summed)):
        text.set(transform=axes.transAxes, color="data", weight="semibold")
    right, high = 0.99, 0.95
    for words, color in (("exact", "truth"), ("normal", "model")):
        label = artists.label(summed, right, high, words, color=color, ha="right", va="top")
        label.set(transform=summed.transAxes, weight="semibold")
        high -= 0.12 if phone else 0.1
    laid = ""

    def update(
        source: Annotated[str, Choice(*SOURCES, label="one draw is")] = "skewed",
        n: Annotated[int, Slider(2, MOST_DRAWS, 1, label="draws in each sum, n")] = 4,
        count: Annotated[int, Slider(500, MOST_SUMS, 100, label="how many sums")] = 1000,
        seed: Annotated[int, Seed(label="sample number")] = 11,
    ) -> str:
        nonlocal laid
        draws, many = round(n), round(count)
        sums = drawn(source, seed)
        z = standardised(sums.up_to(draws)[:many], source, draws)
        known = exact(source, draws)

        if laid != source:
            laid = source
            one = exact(source, 1)
            one_curve.set_data(one.z, one.density)
        _count(one_bars, standardised(sums.up_to(1)[:many], source, 1), source, 1)
        says_one.set_text(f"{many} single {SOURCES[source].name}")
        _count(bars, z, source, draws)
        curve.set_data(known.z, known.density)
        says_sums.set_text(f"{many} sums of {draws} such draws")
        return _told(source, draws, z, known, seed)

    return update


# The picture's parts

BINS = np.linspace(-5, 5, 41)


def _panels(single: Axes, summed: Axes) -> None:
    """Scales that hold for every source and n."""
    single.set(ylim=(0, 1.08), yticks=[0, 1], ylabel="density")
    summed.set(ylim=(0, 0.75), xlim=(-4.2, 4.2), ylabel="density")
    summed.set_yticks([0, 0.2, 0.4, 0.6])
    summed.set_xlabel("standard deviations from the mean")
    summed.xaxis.set_major_locator(MultipleLocator(1))
    single.tick_params(labelbottom=False)
    for axes in (single, summed):
        axes.spines["left"].set_visible(False)


def bars_of(z: Numbers, source: str, n: int) -> tuple[Numbers, Numbers]:
    """The heights of a histogram of area 1, and its edges; for a coin one bar for each value."""
    if source == "coin":
        places, _ = atoms(n)
        middles = np.append(places, places[-1] + 2 / math.sqrt(n)) - 1 / math.sqrt(n)
        counts, _ = np.histogram(z, middles)
        return _apart(counts / len(z), places)
    counts, _ = np.histogram(z, BINS)
    return counts / (len(z) * np.diff(BINS)), BINS


def _count(drawn: artists.Area, z: Numbers, source: str, n: int) -> None:
    heights, edges = bars_of(z, source, n)
    across, tops = artists.steps(edges, heights)
    drawn.set_data(across, 0, tops)


# The sentences


def _told(source: str, n: int, z: Numbers, known: Exact, seed: int) -> str:
    """How many sums lie within one standard deviation, and how far the exact law is from normal."""
    hits = float(np.mean(abs(z) <= 1 + 1e-9))
    what = {"skewed": "skewed draws", "coin": "coin tosses", "uniform": "uniform draws"}[source]
    return (
        f"Of {len(z)} sums of {n} {what} (sample {seed}) {100 * hits:.1f}% lie within one "
        f"standard deviation of the mean; exact is {100 * known.within:.1f}%, "
        "the normal has 68.3%. "
        f"The probabilities P(Z ≤ z) of the two differ by at most {number(known.gap, 3)}."
    )
