"""Hide a part of the data from the fit in turn, and see which model really foretells new points."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.polynomial import legendre
from numpy.typing import NDArray

from stage import Choice, Figure, Seed, Shape, Slider, Steps, Update, artists, narrow, number
from stage.linear_algebra import Numbers
from stage.text import count, power

Flags = NDArray[np.bool_]

DEGREE = 8  # the highest; the columns of a model are the powers 0 to 8, or 1 and eight features
MOST = 60  # points
CANDIDATES = 200  # features of pure noise that the best eight are chosen from
LAST = 500  # reshuffles
WAVE, NOISE, LEAK = "a wave", "pure noise", "pure noise with a leak"


def truth(x: Any) -> Any:
    """The curve that the points of the wave scatter around, for x from 0 to 1."""
    return np.sin(2 * math.pi * x)


@lru_cache
def on_line() -> Numbers:
    """What `powers` gives along the curves that are drawn."""
    return powers(LINE)


def powers(x: Numbers) -> Numbers:
    """Polynomials of degree 0 to 8 at x, shape (n, 9): Legendre's, with the span of 1, x, x² …."""
    return np.asarray(legendre.legvander(2 * np.asarray(x) - 1, DEGREE))


class Data(NamedTuple):
    """A data set, the same for the same seed: more points are added, none are changed."""

    x: Numbers  # from 0 to 1, sorted, shape (n,)
    y: Numbers
    powers: Numbers  # polynomials of x, shape (n, 9)
    candidates: Numbers  # features that have nothing to do with y, shape (n, CANDIDATES)


@lru_cache(maxsize=32)
def drawn(kind: str, n: int, noise: float, seed: int) -> Data:
    """n points around the wave, or around 0, with normal noise of that standard deviation.

    The wave has no candidates: none of them is asked for.
    """
    rng = np.random.default_rng(seed)
    x, error = rng.random(MOST)[:n], noise * rng.standard_normal(MOST)[:n]
    candidates = rng.standard_normal((MOST, 0 if kind == WAVE else CANDIDATES))[:n]
    order = np.argsort(x)
    y = (truth(x) if kind == WAVE else 0) + error
    return Data(x[order], y[order], powers(x[order]), candidates[order])


def folds(n: int, k: int, seed: int, split: int) -> NDArray[np.intp]:
    """The fold, 0 to k − 1, of each point, shape (n,): shuffled, then cut into k parts.

    The parts differ by one point at most, the first being the larger ones.
    """
    labels = np.empty(n, dtype=np.intp)
    labels[shuffled(n, seed, split)] = in_turn(n, k)
    return labels


@lru_cache(maxsize=2 * LAST)
def shuffled(n: int, seed: int, split: int) -> NDArray[np.intp]:
    """The n points in the order of that split."""
    return np.random.default_rng([seed, split]).permutation(n)


@lru_cache
def in_turn(n: int, k: int) -> NDArray[np.intp]:
    """The folds 0, 0, …, 1, 1, … of n points that nobody has shuffled."""
    return np.repeat(np.arange(k), [n // k + (fold < n % k) for fold in range(k)])


def best_features(data: Data, used: Flags) -> Numbers:
    """A column of ones, and the features that correlate most with y, shape (…, n, 9).

    The correlation, strongest first, is that over the points `used`, shape (…, n). Of features
    that correlate equally, to twelve digits, the first comes first.
    """
    weight = used.astype(float)
    count, total = weight.sum(-1, keepdims=True), weight @ data.candidates
    mean = weight @ data.y / count[..., 0]
    together = (weight * data.y) @ data.candidates - total * mean[..., None]
    spread = weight @ data.candidates**2 - total**2 / count
    strength = np.abs(together) / np.sqrt(spread)
    # whole numbers: the strength to twelve digits, and below it the place among the candidates
    size = strength / strength.max(-1, keepdims=True)
    keys = (size * 2**40).round().astype(np.int64) * 256 + np.arange(255, 255 - CANDIDATES, -1)
    top = np.sort(np.partition(keys, -DEGREE, axis=-1)[..., -DEGREE:], axis=-1)[..., ::-1]
    order = 255 - top % 256
    chosen = np.moveaxis(data.candidates.T[order], -2, -1)
    return np.concatenate([np.ones((*chosen.shape[:-1], 1)), chosen], axis=-1)


def nested_fits(columns: Numbers, y: Numbers, used: Flags, at: Numbers | None = None) -> Numbers:
    """Least squares with the first column, the first two, and so on: what each predicts.

    Fitted to the points `used`, shape (…, n); predictions at the rows of `at`, or at all rows of
    `columns`, shape (…, n, 9).

    By the modified Gram–Schmidt process: each column, once it is at right angles to those before
    it (over the points used), adds its part of y to the prediction, whatever comes after it. The
    rows that are not used go through the same steps, so that they hold the prediction. All fits
    are made at once, and by sums and products alone, so that no library decides on signs. Björck,
    "Numerical methods for least squares problems" (1996), section 2.4.
    """
    size, rows = len(y), columns
    if at is not None:
        rows = np.concatenate([columns, np.broadcast_to(at, (*columns.shape[:-2], *at.shape))], -2)
    shape = np.broadcast_shapes(rows.shape[:-2], used.shape[:-1])
    weight = np.zeros((*shape, rows.shape[-2]))
    weight[..., :size] = used
    left = weight * np.append(y, np.zeros(rows.shape[-2] - size))  # of y, where it is fitted
    # a column after the other, shape (9, …, n)
    basis = np.moveaxis(np.broadcast_to(rows, (*shape, *rows.shape[-2:])), -1, 0).copy()
    found = np.empty_like(basis)
    for j, column in enumerate(basis):
        seen = column * weight
        seen /= np.einsum("...i,...i", seen, column)[..., None]
        part = np.einsum("...i,...i", seen, left)[..., None]
        left -= part * weight * column
        found[j] = part * column
        if j:
            found[j] += found[j - 1]
        later = basis[j + 1 :]
        later -= np.einsum("...i,k...i->k...", seen, later)[..., None] * column
    return np.moveaxis(found if at is None else found[..., size:], 0, -1)


def columns_for(kind: str, data: Data, used: Flags) -> Numbers:
    """The columns of a model that is fitted to the points `used`, shape (…, n, 9) or (n, 9).

    With a leak the features are chosen once, by all points, those to be hidden included.
    """
    if kind == WAVE:
        return data.powers
    return best_features(data, used if kind == NOISE else np.ones(len(data.y), dtype=bool))


def errors(kind: str, data: Data, labels: NDArray[np.intp], k: int) -> tuple[Numbers, Numbers]:
    """Mean squared errors on the points fitted to, and on those hidden, each shape (splits, 9).

    `labels` are the folds of each split, shape (splits, n). Every point is hidden once.
    """
    hidden = labels[:, None, :] == np.arange(k)[:, None]  # shape (splits, k, n)
    fitted = nested_fits(columns_for(kind, data, ~hidden), data.y, ~hidden)
    squares = (data.y[:, None] - fitted) ** 2
    seen, missed = (
        np.einsum("skid,ski->sd", squares, part.astype(float)) for part in (~hidden, hidden)
    )
    return seen / ((k - 1) * len(data.y)), missed / len(data.y)


class Splits:
    """The errors of one split after another, worked out as far as they were asked for."""

    def __init__(self, kind: str, n: int, noise: float, k: int, seed: int) -> None:
        self.kind, self.k, self.seed = kind, k, seed
        self.data = drawn(kind, n, noise, seed)
        self.seen, self.hidden = np.empty((2, LAST + 1, DEGREE + 1))
        self.done = 0

    def up_to(self, count: int) -> tuple[Numbers, Numbers]:
        """The errors of the first `count` splits, (seen, hidden), each shape (count, 9)."""
        while self.done < count:
            more = range(self.done, min(count, self.done + 10))  # stays in a processor's cache
            size = len(self.data.y)
            labels = np.array([folds(size, self.k, self.seed, split) for split in more])
            found = errors(self.kind, self.data, labels, self.k)
            self.seen[more], self.hidden[more] = found
            self.done = more[-1] + 1
        return self.seen[:count], self.hidden[:count]


splits = lru_cache(maxsize=8)(Splits)


@lru_cache
def nodes() -> tuple[Numbers, Numbers]:
    """Where to look at a function, and with which weights, for its mean from 0 to 1."""
    x, weights = legendre.leggauss(40)
    return (x + 1) / 2, weights / 2


@lru_cache(maxsize=32)
def risk(kind: str, n: int, noise: float, seed: int) -> Numbers:
    """The mean squared error on endless new data of the models fitted to all points, shape (9,).

    Noise² and the mean of (prediction − truth)²: over x by Gauss and Legendre's rule, and for
    features of pure noise, which have mean 0 and variance 1, the sum of the squared coefficients.
    """
    data = drawn(kind, n, noise, seed)
    everything = np.ones(n, dtype=bool)
    columns = columns_for(kind, data, everything)
    if kind == WAVE:
        x, weights = nodes()
        off = nested_fits(columns, data.y, everything, powers(x)) - truth(x)[:, None]
        return np.asarray(noise**2 + weights @ off**2)
    # what a model predicts where one feature is 1 and all others are 0 is that one's coefficient
    fits = nested_fits(columns, data.y, everything, np.eye(DEGREE + 1))
    return np.asarray(noise**2 + (fits**2).sum(axis=0))


LOW, HIGH = -2.2, 1.6  # powers of ten of the errors that are shown
LINE = np.linspace(0, 1, 121)
DEGREES = np.arange(DEGREE + 1)


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.6)]) -> Update:
    """Set the scene: the fits and their folds, and the errors for every degree."""
    phone = narrow(fig)
    if phone:
        grid = fig.add_gridspec(3, 1, height_ratios=(1.5, 0.5, 1.7))
        spots = [grid[i] for i in range(3)]
    else:
        grid = fig.add_gridspec(2, 2, width_ratios=(1.1, 1), height_ratios=(3.2, 1))
        spots = [grid[0, 0], grid[1, 0], grid[:, 1]]
    plane, strip, chart = (fig.add_subplot(spot) for spot in spots)
    show_fits, show_strip, show_errors = (
        _plane(plane),
        _strip(strip),
        _chart(chart, 0.085 if phone else 0.055),
    )

    def update(
        kind: Annotated[str, Choice(WAVE, NOISE, LEAK, label="data")] = WAVE,
        degree: Annotated[int, Slider(0, DEGREE, 1, label="degree (noise: features)")] = 3,
        k: Annotated[int, Slider(2, 10, 1, label="folds k")] = 5,
        n: Annotated[int, Slider(20, MOST, 1, label="points n")] = 30,
        noise: Annotated[float, Slider(0.1, 1, 0.05, label="noise σ")] = 0.3,
        seed: Annotated[int, Seed(label="data number")] = 2,
        reshuffles: Annotated[int, Steps(LAST, label="reshuffles done", rate=250)] = 10,
    ) -> str:
        size, parts, d = round(n), round(k), round(degree)
        runs = splits(kind, size, noise, parts, seed)
        seen, hidden = runs.up_to(reshuffles + 1)
        new = risk(kind, size, noise, seed)

        labels = folds(size, parts, seed, reshuffles)
        away = labels == np.arange(parts)[:, None]
        show_fits(kind, runs.data, away, d)
        show_strip(away)
        show_errors(seen, hidden, new, d, noise)
        setting = f"{kind[0].upper()}{kind[1:]}, {size} points, σ = {number(noise)}, k = {parts}"
        return _told(setting, kind, d, seen, hidden, new)

    return update


# The picture's parts


def _plane(ax: Axes) -> Callable[[str, Data, Flags, int], None]:
    """The points and the k fits over x; of noise, each point against what it was foretold to be."""
    ax.set(xlim=(-0.03, 1.03), ylim=(-2.4, 2.4), xticks=[], yticks=[-2, -1, 0, 1, 2], ylabel="y")
    ax.spines[:].set_visible(False)
    heading = artists.label(
        ax, 0, 1.02, "", size=10.5, weight="semibold", transform=ax.transAxes, zorder=1
    )
    curve = artists.line(ax, color="truth", linewidth=1.8, zorder=1.5)
    dots = artists.points(ax, color="data", markersize=math.sqrt(26), zorder=2)
    fits = artists.segments(ax, colors="model", linewidths=1.4, zorder=2.5)
    drawn_now: Data | None = None

    def show(kind: str, data: Data, away: Flags, d: int) -> None:
        nonlocal drawn_now
        wave = kind == WAVE
        if drawn_now is not data:
            heading.set_text(
                "one curve for each fold, and the truth"
                if wave
                else "y, against what was foretold while hidden"
            )
            x = LINE if wave else np.array([0.0, 1.0])
            curve.set_data(x, truth(x) if wave else 4 * x - 2)
            fits.set_visible(wave)
        columns = columns_for(kind, data, ~away)
        if wave:
            lines = nested_fits(columns, data.y, ~away, on_line())[..., d].clip(-9, 9)
            fits.set_segments(np.stack([np.broadcast_to(LINE, lines.shape), lines], axis=-1))
            dots.set_data(data.x, data.y)
        else:
            foretold = (nested_fits(columns, data.y, ~away)[..., d] * away).sum(0)
            dots.set_data((foretold.clip(-2, 2) + 2) / 4, data.y)
        drawn_now = data

    return show


def _strip(ax: Axes) -> Callable[[Flags], None]:
    """A row for each fit, a cell for each point from left to right, dark where it is hidden."""
    ax.set(xlim=(0, 1), ylim=(1, 0))
    ax.set_axis_off()
    ax.set_title("a row for each fit", size=10.5, zorder=0.6)
    for x, color, text in ((0.78, "data", "fitted to"), (1, "error", "hidden")):
        label = artists.label(
            ax, x, 1.06, text, color=color, size=10.5, weight="semibold", ha="right"
        )
        label.set(transform=ax.transAxes, zorder=0.6)
    surface, blue = (np.array(to_rgb(color)) for color in ("surface", "data"))
    pale = 0.22 * blue + 0.78 * surface
    colors = (255 * np.array([pale, to_rgb("error")])).round().astype(np.uint8)
    ax.set(xlim=(0, 1), ylim=(1, 0))
    table = artists.cells(ax, (0, 1, 0, 1), colors)

    def show(away: Flags) -> None:
        table.set_cells(away.astype(int))

    return show


def _chart(ax: Axes, gap: float) -> Callable[[Numbers, Numbers, Numbers, int, float], None]:
    """The errors for every degree; what shows them. `gap`: from one name to the next, of 1."""
    ax.set(xlim=(-0.3, DEGREE + 0.3), ylim=(LOW, HIGH), xticks=DEGREES)
    ax.set_xlabel("degree, or number of features")
    ax.set_yticks([-2, -1, 0, 1], ["0.01", "0.1", "1", "10"])
    ax.spines["left"].set_visible(False)
    style: dict[str, Any] = {"size": 10.5, "weight": "semibold", "transform": ax.transAxes}
    for x, y, color, text in (
        (0, 1.02, "ink", "mean squared error"),
        (0.04, 0.99 - gap, "error", "on hidden points"),
        (0.04, 0.99 - 2 * gap, "data", "on points fitted to"),
        (0.04, 0.99 - 3 * gap, "truth", "on new data"),
    ):
        ax.text(x, y, text, color=color, zorder=0.6, **style)
    band = artists.area(ax, facecolors="error", alpha=0.25, zorder=1.5)
    floor = artists.line(ax, linestyle=":", color="muted", linewidth=1.4, zorder=1.6)
    fresh = artists.line(ax, marker="o", color="truth", linewidth=1.8, markersize=4, zorder=1.8)
    inside = artists.line(ax, marker="o", color="data", linewidth=1.8, markersize=4, zorder=2)
    outside = artists.line(ax, marker="o", color="error", linewidth=1.8, markersize=4, zorder=2.2)
    rings = [
        artists.points(ax, color=color, mfc="none", markersize=9.5, mew=1.8, zorder=3)
        for color in ("truth", "data", "error")
    ]

    def show(seen: Numbers, hidden: Numbers, new: Numbers, d: int, noise: float) -> None:
        low, high = _logs(np.quantile(hidden, (0.05, 0.95), axis=0))
        band.set_data(DEGREES, low, high)
        lines = _logs(np.array([new, seen.mean(0), np.median(hidden, axis=0)]))
        for line, heights in zip((fresh, inside, outside), lines, strict=True):
            line.set_data(DEGREES, heights)
        floor.set_data([-1, DEGREE + 1], [2 * math.log10(noise)] * 2)
        for ring, height in zip(rings, lines[:, d], strict=True):
            ring.set_data([d], [min(height, HIGH)])

    return show


def _logs(values: Numbers) -> Numbers:
    """Powers of ten, not far beyond what is shown."""
    return np.asarray(np.log10(values.clip(1e-4, 1e3)))


# The sentences


def _size(value: float) -> str:
    """Three digits, or a bound."""
    return power(value) if value < 999.5 else "about 1000" if value < 1000 else "over 1000"


def _best(values: Numbers) -> int:
    """The first of the degrees with the smallest error, to nine digits."""
    return int(np.argmax(values <= values.min() * (1 + 1e-9)))


def _told(setting: str, kind: str, d: int, seen: Numbers, hidden: Numbers, new: Numbers) -> str:
    """The three errors at this degree, and the degree that each of two would choose."""
    what = f"degree {d}" if kind == WAVE else count(d, "feature")
    median = np.median(hidden, axis=0)
    low, high = (_size(value) for value in np.quantile(hidden[:, d], (0.05, 0.95)))
    spread = f" (90%: {low} to {high})" if low != high else ""
    told = (
        f"{setting}, {what}, {count(len(hidden), 'split')}: "
        f"error {_size(seen[:, d].mean())} on points fitted to, "
        f"{_size(median[d])} on hidden ones{spread}, {_size(new[d])} on new data."
    )
    return f"{told} Hidden points favour {_best(median)}, new data {_best(new)}."
