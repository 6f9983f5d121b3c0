"""Drag the data, fit the curve by hand, and watch each point add its loss to the total."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike

from stage import Choice, Figure, PointList, Points, Shape, Slider, Update, artists, narrow, number
from stage.linear_algebra import Numbers
from stage.text import count

Data = tuple[float, ...]


def normal(x: ArrayLike, mu: float, sigma: float) -> Numbers:
    """The log of the normal density, log f(x) = −½((x − μ)/σ)² − log(σ√(2π)): the squared error."""
    z = (np.asarray(x, dtype=float) - mu) / sigma
    return -0.5 * z * z - math.log(sigma * math.sqrt(2 * math.pi))


def laplace(x: ArrayLike, mu: float, b: float) -> Numbers:
    """The log of the Laplace density, log f(x) = −|x − μ|/b − log 2b: the absolute error."""
    z = np.abs(np.asarray(x, dtype=float) - mu) / b
    return -z - math.log(2 * b)


def bernoulli(x: ArrayLike, p: float) -> Numbers:
    """The log of P(x): log p where x > 0, a yes, and log(1 − p) elsewhere: the cross-entropy.

    −∞ where the model says that this cannot come.
    """
    yes, no = (math.log(q) if q > 0 else -math.inf for q in (p, 1 - p))
    return np.where(np.asarray(x, dtype=float) > 0, yes, no)


class Best(NamedTuple):
    """The parameters at which the likelihood is largest, and its logarithm there."""

    at: tuple[float, ...]  # (μ̂, σ̂), (μ̂, b̂) or (p̂,)
    value: float  # infinite where the spread is 0: the density on the points grows without bound


def best_normal(x: ArrayLike) -> Best:
    """The mean, and the standard deviation with n in the denominator."""
    data = np.asarray(x, dtype=float)
    mu = float(data.mean())
    return _best((mu, math.sqrt(((data - mu) ** 2).mean())), data, normal)


def best_laplace(x: ArrayLike) -> Best:
    """The median (the middle one of many that are as good if n is even), and the mean |x − μ̂|."""
    data = np.asarray(x, dtype=float)
    mu = float(np.median(data))
    return _best((mu, float(np.abs(data - mu).mean())), data, laplace)


def best_bernoulli(x: ArrayLike) -> Best:
    """The share of yes."""
    p = float((np.asarray(x, dtype=float) > 0).mean())
    return Best((p,), float(bernoulli(x, p).sum()))


def _best(
    at: tuple[float, float], data: Numbers, log_density: Callable[[Numbers, float, float], Numbers]
) -> Best:
    if at[1] < 1e-9:
        return Best((at[0], 0.0), math.inf)
    return Best(at, float(log_density(data, *at).sum()))


MODELS = ("normal", "Laplace", "Bernoulli")
EDGE = 4.0  # data and μ lie from −4 to 4
NARROWEST, WIDEST = 0.5, 4.0  # spreads
MU = np.linspace(-EDGE, EDGE, 100)
SIGMA = np.linspace(NARROWEST, WIDEST, 80)


@lru_cache(maxsize=64)
def best(model: str, data: Data) -> Best:
    """The maximum of the likelihood under a model."""
    find = {"normal": best_normal, "Laplace": best_laplace, "Bernoulli": best_bernoulli}
    return find[model](data)


@lru_cache(maxsize=16)
def surface(model: str, data: Data) -> Numbers:
    """The log-likelihood at each σ of SIGMA (rows) and μ of MU (columns), shape (80, 100)."""
    x, n, sigma = np.array(data)[:, None], len(data), SIGMA[:, None]
    if model == "normal":
        squares = ((x - MU) ** 2).sum(axis=0)
        heights = -squares / (2 * sigma**2) - n * np.log(sigma * math.sqrt(2 * math.pi))
    else:
        heights = -np.abs(x - MU).sum(axis=0) / sigma - n * np.log(2 * sigma)
    return np.asarray(heights)


def bernoulli_curve(data: Data, p: Numbers) -> Numbers:
    """The log-likelihood at each p, strictly between 0 and 1: k log p + (n − k) log(1 − p)."""
    yes = sum(x > 0 for x in data)
    return np.asarray(yes * np.log(p) + (len(data) - yes) * np.log(1 - p))


TOP, DEEP = 1.06, -0.5  # the highest density that is shown, and the lowest loss
LOSS, TOTAL = 6.0, 24.0  # the highest loss of a point, and in total
X = np.linspace(-4.4, 4.4, 221)
P = np.linspace(0.005, 0.995, 100)
BANDS = np.array([0.25, 0.5, 1, 2, 4, 8, 16, 32, 64])  # below the maximum, on the map


def demo(fig: Annotated[Figure, Shape(wide=1.4, narrow=0.5)]) -> Update:
    """Set the scene: the curve and its logarithm over the data, their sum, and where it is best."""
    phone = narrow(fig)
    if phone:
        cells = fig.add_gridspec(4, 1, height_ratios=(1.1, 1, 0.8, 1.5))
        spots = [cells[i] for i in range(4)]
    else:
        cells = fig.add_gridspec(2, 2, width_ratios=(1.15, 1), height_ratios=(1.25, 1))
        spots = [cells[0, 0], cells[1, 0], cells[1, 1], cells[0, 1]]
    density, loss, total, plane = (fig.add_subplot(spot) for spot in spots)

    _over_data(density, "how likely each value is", (0, TOP))
    _over_data(loss, "loss of each point, −log of that", (DEEP, LOSS))
    density.set_yticks([0, 0.5, 1])
    loss.set_yticks([0, 2, 4, 6])
    curve = artists.line(density, color="model", zorder=2.2)
    dots = artists.points(density, color="data", markersize=8, zorder=3, clip_on=False)
    bend = artists.line(loss, color="error", zorder=2.2)
    marks = artists.points(loss, color="data", markersize=6, zorder=3, clip_on=False)
    stems = [
        artists.segments(axes, colors=color, linewidths=2, zorder=2)
        for axes, color in ((density, "data"), (loss, "error"))
    ]
    show_total = _total(total)
    show_best = _map(plane)

    def update(
        data: Annotated[
            PointList,
            Points(
                (-EDGE, EDGE),
                (0, 0.01),
                (0.1, 0.01),
                label="data (x alone counts)",
                least=1,
                most=10,
            ),
        ] = ((-1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.0)),
        model: Annotated[str, Choice(*MODELS, label="noise model")] = "normal",
        mu: Annotated[float, Slider(-EDGE, EDGE, 0.1, label="centre μ")] = 0.0,
        sigma: Annotated[
            float, Slider(NARROWEST, WIDEST, 0.05, label="spread σ (Laplace: b)")
        ] = 1.0,
        p: Annotated[float, Slider(0, 1, 0.01, label="P(x > 0) = p (Bernoulli)")] = 0.3,
    ) -> str:
        x = tuple(sorted(point[0] for point in data))
        at = (p,) if model == "Bernoulli" else (mu, sigma)
        logs, line = _logs(model, x, at), _logs(model, X, at)
        found = best(model, x)

        height = np.exp(logs)
        curve.set_data(X, np.exp(line))
        bend.set_data(X, np.minimum(-line, 2 * LOSS))
        dots.set_data(x, np.zeros(len(x)))
        reached = np.clip(-logs, DEEP, LOSS)
        marks.set_data(x, reached)
        for drawn, ends in zip(stems, (height, reached), strict=True):
            feet, tips = np.zeros(len(x)), np.asarray(ends)
            drawn.set_segments(np.stack([x, feet, x, tips], axis=-1).reshape(-1, 2, 2))
        show_total(-logs, found)

        show_best(model, x, at, found)
        return _told(model, x, at, float(logs.sum()), found)

    return update


# The picture's parts


def _logs(model: str, x: ArrayLike, at: tuple[float, ...]) -> Numbers:
    if model == "Bernoulli":
        return bernoulli(x, *at)
    return normal(x, *at) if model == "normal" else laplace(x, *at)


def _over_data(ax: Axes, title: str, height: tuple[float, float]) -> None:
    ax.set(xlim=(-4.3, 4.3), ylim=height, xticks=range(-4, 5, 2))
    ax.set_title(title, size=10.5, zorder=0.6)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.6)
    ax.tick_params("x", pad=8)  # points stand on the axis
    ax.spines[:].set_visible(False)


def _total(ax: Axes) -> Callable[[Numbers, Best], None]:
    """The losses one after the other, a row for each point; what shows them."""
    ax.set(
        xlim=(-3, TOTAL),
        ylim=(1, 0),
        xticks=range(0, 21, 5),
        yticks=[],
        xlabel="total loss = −log-likelihood",
    )
    ax.set_title("one after the other", size=10.5, zorder=0.6)
    ax.spines["left"].set_visible(False)
    rows = artists.polygons(ax, facecolors="error", zorder=2)
    least = artists.line(ax, linestyle="--", color="truth", linewidth=1.8, zorder=1.8)
    sum_ = artists.line(ax, color="error", linewidth=1.8, zorder=2.1)

    def show(losses: Numbers, found: Best) -> None:
        ends = np.clip(np.concatenate([[0], np.cumsum(losses)]), -9, 2 * TOTAL)
        edges = np.linspace(0, 1, len(losses) + 1)
        low, high = edges[:-1] + 0.012, edges[1:] - 0.012
        a, b = ends[:-1], ends[1:]
        corners = np.stack([a, low, b, low, b, high, a, high], axis=-1)
        rows.set_verts(corners.reshape(-1, 4, 2))
        sum_.set_data([ends[-1]] * 2, [0, 1])
        known = math.isfinite(found.value)
        least.set_data([-found.value] * 2 if known else [], [0, 1] if known else [])

    return show


def _map(ax: Axes) -> Callable[[str, Data, tuple[float, ...], Best], None]:
    """The log-likelihood: over μ and the spread, darker where it is lower, or as a curve over p.

    Both are drawn in the same axes, −4 to 4 by 0.5 to 4, with numbers of their own. Returns what
    shows it, with the current and the best parameters.
    """
    ax.set(xlim=(-EDGE, EDGE), ylim=(NARROWEST, WIDEST))
    ax.set_axis_off()
    style: dict[str, Any] = {
        "size": 10.5,
        "weight": "semibold",
        "transform": ax.transAxes,
        "va": "bottom",
    }
    ax.text(0, 1.03, "log-likelihood", zorder=0.6, **style)
    ax.text(0.8, 1.03, "● yours", color="model", ha="right", zorder=0.6, **style)
    ax.text(1, 1.03, "× best", color="truth", ha="right", zorder=0.6, **style)
    base, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    parts = np.linspace(0, 0.55, len(BANDS) + 1)[:, None]
    colors = (255 * (base + parts * (shade - base))).round().astype(np.uint8)
    ax.set(xlim=(-EDGE, EDGE), ylim=(NARROWEST, WIDEST))
    picture = artists.cells(ax, (-EDGE, EDGE, NARROWEST, WIDEST), colors)
    under: dict[str, Any] = {
        "color": "muted",
        "size": 9.5,
        "ha": "center",
        "va": "top",
        "zorder": 0.8,
    }
    beside = {**under, "ha": "right", "va": "center"}
    texts = [artists.label(ax, x, NARROWEST - 0.12, **under) for x in (-EDGE, 0, EDGE)]
    texts += [artists.label(ax, -EDGE - 0.15, y, **beside) for y in (1, 2, 3, 4)]
    texts.append(artists.label(ax, 0, NARROWEST - 0.5, **{**under, "color": "ink", "size": 10.5}))
    curve = artists.line(ax, color="error", zorder=1)
    peak = artists.points(
        ax, marker="x", color="truth", markersize=10, mew=2.6, zorder=3, clip_on=False
    )
    here = artists.points(ax, color="model", markersize=10, mec="surface", zorder=4)
    here.set_clip_on(False)
    shown: list[object] = []

    def over_p(share: Any, value: Any) -> tuple[Any, Any]:
        """Where p and a log-likelihood lie in these axes."""
        return EDGE * (2 * share - 1), WIDEST + np.maximum(value, -16.5) / 5

    def show(model: str, data: Data, at: tuple[float, ...], found: Best) -> None:
        one = model == "Bernoulli"
        value = float(_logs(model, data, at).sum())
        x, y = over_p(at[0], value) if one else at
        here.set_data([x], [y])
        if shown == [model, data]:
            return
        shown[:] = [model, data]
        curve.set_visible(one)
        picture.set_visible(not one)
        for text, said in zip(texts, LETTERING[model], strict=True):
            text.set_text(said)
        if one:
            curve.set_data(over_p(P, bernoulli_curve(data, P)))
            x, y = over_p(found.at[0], found.value)
        else:
            heights = surface(model, data)
            picture.set_cells(np.searchsorted(BANDS, heights.max() - heights))
            x, y = found.at[0], max(found.at[1], NARROWEST)
        peak.set_data([x], [y])

    return show


LETTERING = {  # along the bottom, up the side, and what the bottom shows
    "normal": ("−4", "0", "4", "1", "2", "3", "σ = 4", "centre μ, and up the side the spread σ"),
    "Laplace": ("−4", "0", "4", "1", "2", "3", "b = 4", "centre μ, and up the side the spread b"),
    "Bernoulli": ("0", "0.5", "1", "−15", "−10", "−5", "0", "p, the chance of a value above 0"),
}


# The sentences


def _told(model: str, x: Data, at: tuple[float, ...], value: float, found: Best) -> str:
    """The points, how well the model fits them, and what would fit best."""
    size = len(x)
    points = f"{count(size, 'point')} at {', '.join(number(a, 3) for a in x)}"
    names = {"normal": ("μ", "σ"), "Laplace": ("μ", "b"), "Bernoulli": ("p",)}[model]
    setting = ", ".join(f"{name} = {number(a, 3)}" for name, a in zip(names, at, strict=True))
    reached = "−∞, for it calls impossible what has come" if value == -math.inf else number(value)
    told = f"{points}. {model[0].upper()}{model[1:]} with {setting}: log-likelihood {reached};"
    if not math.isfinite(found.value):
        where = "All lie in one place" if size > 1 else "With one point"
        return (
            f"{told} {where.lower()}: μ = {number(found.at[0], 3)} is best, "
            f"and a narrower curve is always better, so no {names[1]} is."
        )
    if model == "Bernoulli":
        yes = sum(a > 0 for a in x)
        lie = "lies" if yes == 1 else "lie"
        share = f"p = {number(found.at[0], 3)}, for {yes} of {size} {lie} above 0"
        return f"{told} the best is {number(found.value)}, at {share}."
    centre, spread = found.at
    place = "the mean"
    if model == "Laplace":
        low, high = x[(size - 1) // 2], x[size // 2]
        place = "the median" if low == high else f"any μ from {number(low)} to {number(high)}, as"
    return (
        f"{told} the best is {number(found.value)}, at {place} {number(centre, 3)} "
        f"with {names[1]} = {number(spread, 3)}."
    )
