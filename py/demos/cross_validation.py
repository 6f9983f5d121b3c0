"""Change the degree and the folds, and compare the validation error with new data."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.transforms import offset_copy
from numpy.polynomial import legendre

from stage import (
    Caption,
    Choice,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Steps,
    Toggle,
    Update,
    artists,
    narrow,
    number,
)
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.text import count
from stage.validation import (
    DEGREE,
    MOST,
    Flags,
    fold_errors,
    folds,
    nested_fits,
    powers,
    scattered,
    size,
    wave,
)

CANDIDATES = 200  # features of pure noise that the best eight are chosen from
LAST = 500  # reshuffles
WAVE, NOISE, LEAK = "a wave", "pure noise", "pure noise with a leak"


@lru_cache
def on_line() -> Numbers:
    """The polynomials at the x of the drawn curves."""
    return powers(LINE)


class Data(NamedTuple):
    """A data set for a seed; more points are added without changing the others."""

    x: Numbers  # from 0 to 1, sorted, shape (n,)
    y: Numbers
    powers: Numbers  # polynomials of x, shape (n, 9)
    candidates: Numbers  # features that have nothing to do with y, shape (n, CANDIDATES)


@lru_cache(maxsize=32)
def drawn(kind: str, n: int, noise: float, seed: int) -> Data:
    """n points around the wave, or around 0, with normal noise with standard deviation `noise`.

    Only pure noise has candidate features.
    """
    rng = np.random.default_rng(seed)
    x, error = scattered(rng, n, noise)
    candidates = rng.standard_normal((MOST, 0 if kind == WAVE else CANDIDATES))[:n]
    order = np.argsort(x)
    y = (wave(x) if kind == WAVE else 0) + error
    return Data(x[order], y[order], powers(x[order]), candidates[order])


def best_features(data: Data, used: Flags) -> Numbers:
    """A column of ones, and the features that correlate most with y, shape (…, n, 9).

    Sorted by the correlation over the points `used`, shape (…, n), strongest first; ties (to twelve
    digits) keep their order.
    """
    weight = used.astype(float)
    count, total = weight.sum(-1, keepdims=True), weight @ data.candidates
    mean = weight @ data.y / count[..., 0]
    together = (weight * data.y) @ data.candidates - total * mean[..., None]
    spread = weight @ data.candidates**2 - total**2 / count
    strength = np.abs(together) / np.sqrt(spread)
    # sort keys as integers: the correlation to twelve digits, then the index of the candidate
    size = strength / strength.max(-1, keepdims=True)
    keys = (size * 2**40).round().astype(np.int64) * 256 + np.arange(255, 255 - CANDIDATES, -1)
    top = np.sort(np.partition(keys, -DEGREE, axis=-1)[..., -DEGREE:], axis=-1)[..., ::-1]
    order = 255 - top % 256
    chosen = np.moveaxis(data.candidates.T[order], -2, -1)
    return np.concatenate([np.ones((*chosen.shape[:-1], 1)), chosen], axis=-1)


def columns_for(kind: str, data: Data, used: Flags) -> Numbers:
    """The columns of a model that is fitted to the points `used`, shape (…, n, 9) or (n, 9).

    With data leakage, the features are chosen once, from all points, including validation points.
    """
    if kind == WAVE:
        return data.powers
    return best_features(data, used if kind == NOISE else np.ones(len(data.y), dtype=bool))


def errors(kind: str, data: Data, labels: Any, k: int) -> tuple[Numbers, Numbers]:
    """CV = (1/n) Σⱼ Σᵢ∈Fⱼ (yᵢ − ŷᵢ)², and the same for the training points; shapes (splits, 9).

    `labels` are the folds of each split, shape (splits, n).
    """
    training = labels[:, None, :] != np.arange(k)[:, None]
    return fold_errors(columns_for(kind, data, training), data.y, labels, k)


class Splits:
    """The errors of successive splits, computed on demand."""

    def __init__(self, kind: str, n: int, noise: float, k: int, seed: int) -> None:
        self.kind, self.k, self.seed = kind, k, seed
        self.data = drawn(kind, n, noise, seed)
        self.seen, self.hidden = np.empty((2, LAST + 1, DEGREE + 1))
        self.done = 0

    def up_to(self, count: int) -> tuple[Numbers, Numbers]:
        """The errors of the first `count` splits, (seen, hidden), each shape (count, 9)."""
        while self.done < count:
            more = range(
                self.done, min(count, self.done + 10)
            )  # small enough for the processor's cache
            size = len(self.data.y)
            labels = np.array([folds(size, self.k, self.seed, split) for split in more])
            found = errors(self.kind, self.data, labels, self.k)
            self.seen[more], self.hidden[more] = found
            self.done = more[-1] + 1
        return self.seen[:count], self.hidden[:count]


splits = lru_cache(maxsize=8)(Splits)


@lru_cache
def nodes() -> tuple[Numbers, Numbers]:
    """Nodes and weights of the quadrature for the mean of a function from 0 to 1."""
    x, weights = legendre.leggauss(40)
    return (x + 1) / 2, weights / 2


@lru_cache(maxsize=32)
def risk(kind: str, n: int, noise: float, seed: int) -> Numbers:
    """The expected squared error on new data of the models fitted to all points, shape (9,).

    Noise² plus the mean of (prediction − truth)²: over x by Gauss–Legendre quadrature; for features
    of pure noise, with mean 0 and variance 1, the sum of the squared coefficients.
    """
    data = drawn(kind, n, noise, seed)
    everything = np.ones(n, dtype=bool)
    columns = columns_for(kind, data, everything)
    if kind == WAVE:
        x, weights = nodes()
        off = nested_fits(columns, data.y, everything, powers(x)) - wave(x)[:, None]
        return np.asarray(noise**2 + weights @ off**2)
    # predictions at unit vectors are the coefficients of the features
    fits = nested_fits(columns, data.y, everything, np.eye(DEGREE + 1))
    return np.asarray(noise**2 + (fits**2).sum(axis=0))


LOW, HIGH = -2.2, 1.6  # log₁₀ of the range of errors on the axis
LINE = np.linspace(0, 1, 121)
DEGREES = np.arange(DEGREE + 1)


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.85)]) -> Update:
    """Set the scene: the errors for every degree; the fits and their folds on request."""
    fig.set_layout_engine("none")
    alone, beside, left, below = (inset(fig, *spot) for spot in _spots(fig))
    chart, plane, strip = fig.add_axes(alone), fig.add_axes(left), fig.add_axes(below)
    show_errors, show_fits, show_strip = _chart(fig, chart), _plane(plane), _strip(strip)
    laid: bool | None = None

    def update(
        kind: Annotated[str, Choice(WAVE, NOISE, LEAK, label="data")] = WAVE,
        degree: Annotated[
            int,
            Slider(0, DEGREE, 1, label="degree, or features", drag=Drag.horizontal(LOW)),
        ] = 3,
        k: Annotated[int, Slider(2, 10, 1, label="folds k")] = 5,
        reshuffles: Annotated[int, Steps(LAST, label="reshuffles", rate=250)] = 10,
        n: Annotated[int, Slider(20, MOST, 1, label="points n", more=True)] = 30,
        noise: Annotated[float, Slider(0.1, 1, 0.05, label="noise σ", more=True)] = 0.3,
        seed: Annotated[int, Seed(label="data set", more=True)] = 2,
        fits: Annotated[bool, Toggle(label="show the fits and the folds", more=True)] = False,
    ) -> str:
        nonlocal laid
        runs = splits(kind, n, noise, k, seed)
        seen, hidden = runs.up_to(reshuffles + 1)
        new = risk(kind, n, noise, seed)
        if laid != fits:
            chart.set_position(beside if fits else alone)
            plane.set_visible(fits)
            strip.set_visible(fits)
            laid = fits
        if fits:
            away = folds(n, k, seed, reshuffles) == np.arange(k)[:, None]
            show_fits(kind, runs.data, away, degree)
            show_strip(away)
        show_errors(seen, hidden, new, degree, noise)
        data = f"{kind[0].upper()}{kind[1:]}, {n} points, σ = {number(noise)}, data set {seed}"
        return _told(f"{data}, k = {k}", kind, degree, seen, hidden, new, fits)

    return update


# Drawing


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: errors alone or beside fits, fits, folds."""
    wide, high = css_size(fig)
    if narrow(fig):
        half = 0.56 * high
        return (
            (40, 46, 8, 42),
            (40, 46, 8, high - half + 42),
            (40, half + 18, 8, 66),
            (40, high - 48, 8, 8),
        )
    right, bottom = 0.52 * wide, 0.26 * high
    return (
        (46, 48, 12, 46),
        (46, 48, wide - right + 12, 46),
        (right + 28, 30, 12, bottom + 34),
        (right + 28, high - bottom, 12, 16),
    )


def _plane(ax: Axes) -> Callable[[str, Data, Flags, int], None]:
    """The points and the k fits over x; for noise, each y against its prediction."""
    ax.set(xlim=(-0.03, 1.03), ylim=(-2.4, 2.4), xticks=[], yticks=[-2, 0, 2])
    ax.spines[:].set_visible(False)
    heading = artists.label(
        ax, 0, 1.02, "", size=10.5, weight="semibold", transform=ax.transAxes, zorder=1
    )
    curve = artists.line(ax, color="truth", linewidth=1.8, zorder=1.5)
    dots = artists.points(ax, color="data", markersize=math.sqrt(26), zorder=2)
    fits = artists.segments(ax, colors="model", linewidths=1.4, zorder=2.5)

    def show(kind: str, data: Data, away: Flags, d: int) -> None:
        is_wave = kind == WAVE
        heading.set_text("one curve for each fold" if is_wave else "y against its prediction")
        x = LINE if is_wave else np.array([0.0, 1.0])
        curve.set_data(x, wave(x) if is_wave else 4 * x - 2)
        fits.set_visible(is_wave)
        columns = columns_for(kind, data, ~away)
        if is_wave:
            lines = nested_fits(columns, data.y, ~away, on_line())[..., d].clip(-9, 9)
            fits.set_segments(np.stack([np.broadcast_to(LINE, lines.shape), lines], axis=-1))
            dots.set_data(data.x, data.y)
        else:
            predicted = (nested_fits(columns, data.y, ~away)[..., d] * away).sum(0)
            dots.set_data((predicted.clip(-2, 2) + 2) / 4, data.y.clip(-2.4, 2.4))

    return show


def _strip(ax: Axes) -> Callable[[Flags], None]:
    """A row for each fit with a cell for each point from left to right, dark if it is held out."""
    ax.set(xlim=(0, 1), ylim=(1, 0))
    ax.set_axis_off()
    style: dict[str, Any] = {"size": 10.5, "weight": "semibold", "transform": ax.transAxes}
    for x, side, color, text in (
        (0, "left", "data", "training"),
        (1, "right", "error", "validation"),
    ):
        ax.text(x, 1.06, text, color=color, ha=side, zorder=0.6, **style)
    surface, blue = (np.array(to_rgb(color)) for color in ("surface", "data"))
    pale = 0.22 * blue + 0.78 * surface
    colors = (255 * np.array([pale, to_rgb("error")])).round().astype(np.uint8)
    table = artists.cells(ax, (0, 1, 0, 1), colors)

    def show(away: Flags) -> None:
        table.set_cells(away.astype(int))

    return show


def _chart(fig: Figure, ax: Axes) -> Callable[[Numbers, Numbers, Numbers, int, float], None]:
    """The errors for every degree; returns a function that shows them."""
    ax.set(xlim=(-0.3, DEGREE + 0.3), ylim=(LOW, HIGH), xticks=DEGREES)
    ax.set_xlabel("degree, or number of features")
    ax.set_yticks([-2, -1, 0, 1], ["0.01", "0.1", "1", "10"])
    ax.spines["left"].set_visible(False)
    # above the axes, where no line can be
    names = (
        (0, 22, "ink", "mean squared error"),
        (0, 4, "error", "validation"),
        (88, 4, "data", "training"),
        (160, 4, "truth", "new data"),
    )
    for right, up, color, text in names:
        corner = offset_copy(ax.transAxes, fig, 0.01 * right, 0.01 * up)
        ax.text(
            *(0, 1, text), color=color, zorder=0.6, size=10.5, weight="semibold", transform=corner
        )
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
            ring.set_data([d], [min(max(height, LOW), HIGH)])

    return show


def _logs(values: Numbers) -> Numbers:
    """log₁₀ of errors, clipped slightly beyond the range of the axis."""
    return np.asarray(np.log10(values.clip(1e-4, 1e3)))


# Captions


def _best(values: Numbers) -> int:
    """The degree with the smallest error; in a tie (to nine digits), the lowest."""
    return int(np.argmax(values <= values.min() * (1 + 1e-9)))


def _told(
    setting: str, kind: str, d: int, seen: Numbers, hidden: Numbers, new: Numbers, fits: bool
) -> Caption:
    """The caption: the validation error and the error on new data; the detail has all the rest."""
    what = f"degree {d}" if kind == WAVE else count(d, "feature")
    median = np.median(hidden, axis=0)
    low, high = (size(value) for value in np.quantile(hidden[:, d], (0.05, 0.95)))
    spread = f" (90%: {low} to {high})" if low != high else ""
    return Caption(
        f"The validation error is {size(median[d])}; on new data, the error is {size(new[d])}.",
        detail=(
            f"{setting}, {what}, {count(len(hidden), 'split')}: training error "
            f"{size(seen[:, d].mean())}, validation error {size(median[d])}{spread}, "
            f"error on new data {size(new[d])}. Validation favors {_best(median)}, "
            f"new data {_best(new)}."
            + (" The fits and the folds of the last split are shown." if fits else "")
        ),
    )
