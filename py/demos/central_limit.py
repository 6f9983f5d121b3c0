"""Add up more and more draws and watch the sums pile up."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np

from stage import (
    Caption,
    Choice,
    Figure,
    Seed,
    Shape,
    Slider,
    Steps,
    Update,
    artists,
    narrow,
    number,
)
from stage.figures import axis_numbers
from stage.linear_algebra import Numbers
from stage.text import count as counted
from stage.text import percent


class Source(NamedTuple):
    """A distribution to draw from, and the name of one draw."""

    mean: float
    sd: float
    name: str


SOURCES = {
    "skewed": Source(1.0, 1.0, "waiting time"),
    "coin": Source(0.5, 0.5, "coin toss"),
    "uniform": Source(0.5, math.sqrt(1 / 12), "uniform draw"),
}
MOST_DRAWS, MOST_SUMS = 50, 4000


class Draws:
    """Sums of more and more draws, computed on demand."""

    def __init__(self, source: str, seed: int) -> None:
        self.source = source
        self.rng = np.random.default_rng(seed)
        self.sums = [np.zeros(MOST_SUMS)]

    def up_to(self, n: int) -> Numbers:
        """MOST_SUMS sums of n draws each: the sums of n − 1 draws plus one more draw."""
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


def standardized(total: Numbers, source: str, n: int) -> Numbers:
    """Z = (S − nμ) / (σ√n) for sums S of n draws: mean 0 and standard deviation 1, at any n."""
    _, sd, _ = known = SOURCES[source]
    return np.asarray((total - n * known.mean) / (sd * math.sqrt(n)))


def atoms(n: int) -> tuple[Numbers, Numbers]:
    """The values of Z for n tosses of a coin, and their probabilities C(n, k) / 2ⁿ."""
    chances = np.array([math.comb(n, k) for k in range(n + 1)]) / 2.0**n
    return standardized(np.arange(n + 1.0), "coin", n), chances


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
    """The density of the sum of n uniform draws from [0, 1], by a numerically stable recursion.

    f_m(s) = (s f_{m−1}(s) + (m − s) f_{m−1}(s − 1)) / (m − 1), from f_1 = 1 on [0, 1): the
    recursion of Cox and de Boor, because such a density is a B-spline.
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
    """Separate bars and their edges, as high as adjacent bars of area p would be."""
    apart = places[1] - places[0]
    heights = np.zeros(2 * len(places) - 1)
    heights[::2] = chances / apart
    return heights, np.repeat(places, 2) + np.tile([-0.3, 0.3], len(places)) * apart


class Exact(NamedTuple):
    """The exact distribution of Z, and its difference from the standard normal."""

    z: Numbers
    density: Numbers  # for a coin the outline of one bar for each value
    within: float  # P(−1 ≤ Z ≤ 1)
    gap: float  # the maximum of |P(Z ≤ z) − Φ(z)| over z


Z = np.linspace(-5, 5, 251)


@lru_cache(maxsize=256)
def exact(source: str, n: int) -> Exact:
    """The distribution of Z for n ≥ 1 draws: binomial, gamma or Irwin–Hall, standardized."""
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


HIGH = 0.6  # height of the tallest bar or curve; the rows of single sums are above
ROWS = 8
STACK = np.linspace(0.98, 0.68, ROWS)  # the heights of these rows
BINS = np.linspace(-5, 5, 41)
FAR = 3.6  # the frame extends so many standard deviations from the mean
TICKS = 6  # at most


def frame(source: str, n: int) -> tuple[float, float]:
    """The sums at the left and right end of the frame, which contains 0 and the whole bell."""
    known, draws = SOURCES[source], max(n, 1)
    mean, sd = draws * known.mean, known.sd * math.sqrt(draws)
    right = mean + FAR * sd
    left = min(0.0, mean - FAR * sd)
    return left - 0.03 * (right - left), right


def ticks(left: float, right: float) -> list[float]:
    """At most TICKS multiples of a round step from `left` to `right`."""
    for step in (0.5, 1, 2, 5, 10, 20):
        found = np.arange(math.ceil(left / step), math.floor(right / step) + 1) * step
        if len(found) <= TICKS:
            break
    return [float(value) + 0.0 for value in found]


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.95)]) -> Update:
    """Set the scene: rows of draws laid end to end, and below them the histogram of all sums.

    Sums are drawn at their place in the frame, from 0 to 1, so that the axes stay as they are.
    """
    ax = fig.subplots()
    phone = narrow(fig)
    ax.set(xlim=(0, 1), ylim=(0, 1.02), yticks=[], xlabel="sum of the draws")
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    numbers = axis_numbers(ax, "x", np.linspace(0.05, 0.95, TICKS).tolist(), ["−00"] * TICKS)
    zero = artists.line(ax, color="muted", linewidth=1, linestyle=":")
    thick = {"linewidth": 5 if phone else 7, "solid_capstyle": "butt"}
    odd = artists.line(ax, color="data", **thick)
    even = artists.line(ax, color="data", alpha=0.45, **thick)
    ends = artists.points(ax, color="data", markersize=6)
    bars = artists.area(ax, color="data", alpha=0.35)
    curve = artists.line(ax, color="truth", linewidth=1.8)
    bell = artists.line(ax, color="model")
    bell.set_linestyle((0, (5, 2)))
    titles = [
        artists.label(ax, 0.01, high, color=color, va="top", weight="semibold")
        for high, color in ((0.6, "data"), (0.54, "truth"), (0.48, "model"))
    ]
    for title, words in zip(titles[1:], ("exact", "normal"), strict=True):
        title.set_text(words)

    def update(
        source: Annotated[str, Choice(*SOURCES, label="one draw is")] = "skewed",
        n: Annotated[int, Steps(MOST_DRAWS, label="draws in each sum, n", rate=4)] = 1,
        count: Annotated[int, Slider(500, MOST_SUMS, 100, label="how many sums", more=True)] = 1000,
        seed: Annotated[int, Seed(label="sample number", more=True)] = 11,
    ) -> str:
        left, right = frame(source, n)
        known, draws = SOURCES[source], max(n, 1)
        mean, sd = draws * known.mean, known.sd * math.sqrt(draws)

        def place(sums: Numbers) -> Numbers:
            return np.asarray((sums - left) / (right - left))

        at = ticks(left, right)
        for label, value in zip(numbers, [*at, *[math.nan] * (TICKS - len(at))], strict=True):
            label.set_visible(value == value)
            label.set_text(number(value) if value == value else "")
            label.set_x(float(place(np.array(value))) if value == value else 0.0)
        origin = float(place(np.zeros(1))[0])
        zero.set_data([origin, origin], [HIGH + 0.05, 1])

        sums = drawn(source, seed)
        walked = place(np.array([sums.up_to(k)[:ROWS] for k in range(n + 1)]))
        for line, first in ((odd, 0), (even, 1)):
            starts, stops = walked[first:-1:2], walked[first + 1 :: 2]
            heights = np.broadcast_to(STACK, starts.shape)
            line.set_data(
                *artists.joined(
                    np.column_stack([starts.ravel(), heights.ravel()]),
                    np.column_stack([stops.ravel(), heights.ravel()]),
                )
            )
        ends.set_data(walked[-1], STACK)

        for artist in (bars, curve, bell, *titles):
            artist.set_visible(n > 0)
        if n == 0:
            return Caption(
                "Nothing has been added yet, so every sum is 0.",
                detail=f"{ROWS} rows, each with a dot at 0, where a {known.name} will be added.",
            )
        z = standardized(sums.up_to(n)[:count], source, n)
        exactly = exact(source, n)
        heights, edges = bars_of(z, source, n)
        across, tops = artists.steps(edges, heights)
        highest = max(
            float(tops.max()), float(exactly.density.max()), float(normal_density(Z).max())
        )
        scale = HIGH / highest
        bars.set_data(place(mean + sd * across), 0, scale * tops)
        curve.set_data(place(mean + sd * exactly.z), scale * exactly.density)
        bell.set_data(place(mean + sd * Z), scale * normal_density(Z))
        titles[0].set_text(f"{count:,} sums")
        return _told(source, n, z, exactly, seed)

    return update


# Drawing


def bars_of(z: Numbers, source: str, n: int) -> tuple[Numbers, Numbers]:
    """The heights of a histogram of area 1, and its edges; for a coin one bar for each value."""
    if source == "coin":
        places, _ = atoms(n)
        middles = np.append(places, places[-1] + 2 / math.sqrt(n)) - 1 / math.sqrt(n)
        counts, _ = np.histogram(z, middles)
        return _apart(counts / len(z), places)
    counts, _ = np.histogram(z, BINS)
    return counts / (len(z) * np.diff(BINS)), BINS


# Captions


def _told(source: str, n: int, z: Numbers, known: Exact, seed: int) -> Caption:
    """The caption: the difference from the normal distribution, exact and in the sums."""
    hits = float(np.mean(abs(z) <= 1 + 1e-9))
    name = SOURCES[source].name
    start = f"With {counted(n, 'draw')} in each sum,"
    gap = number(known.gap, 3)
    return Caption(
        f"{start} cumulative probabilities differ from normal ones by at most {gap}.",
        detail=(
            f"{len(z):,} sums (sample {seed}), each of {n} {plural(name, n)}; {ROWS} of them are "
            f"drawn as rows of draws laid end to end. {percent(hits, 1)} of the sums lie within "
            f"one standard deviation of their mean; exact is {percent(known.within, 1)}, and the "
            "normal distribution has 68.3%."
        ),
    )


def plural(name: str, n: int) -> str:
    """`coin toss`, `coin tosses`."""
    return name if n == 1 else name + ("es" if name.endswith("s") else "s")
