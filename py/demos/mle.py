"""Fit a noise model to the data by hand, and see which loss belongs to it."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike

from stage import (
    Button,
    Caption,
    Choice,
    Drag,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
)
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.text import count

Data = tuple[float, ...]


def normal(x: ArrayLike, mu: float, sigma: float) -> Numbers:
    """The natural log of the normal density, −½((x − μ)/σ)² − ln(σ√(2π)): the squared error."""
    z = (np.asarray(x, dtype=float) - mu) / sigma
    return -0.5 * z * z - math.log(sigma * math.sqrt(2 * math.pi))


def laplace(x: ArrayLike, mu: float, b: float) -> Numbers:
    """The natural log of the Laplace density, −|x − μ|/b − ln 2b: the absolute error."""
    z = np.abs(np.asarray(x, dtype=float) - mu) / b
    return -z - math.log(2 * b)


def bernoulli(x: ArrayLike, p: float) -> Numbers:
    """The natural log of P(x): ln p where x > 0, heads, and ln(1 − p) elsewhere: cross-entropy.

    −∞ if the value has probability 0.
    """
    heads, tails = (math.log(q) if q > 0 else -math.inf for q in (p, 1 - p))
    return np.where(np.asarray(x, dtype=float) > 0, heads, tails)


class Best(NamedTuple):
    """The parameters at which the likelihood is largest, and its logarithm there."""

    at: tuple[float, ...]  # (μ̂, σ̂), (μ̂, b̂) or (p̂,)
    value: float  # infinite if the spread is 0, because the density at the points is unbounded


def best_normal(x: ArrayLike) -> Best:
    """The mean, and the standard deviation with n in the denominator."""
    data = np.asarray(x, dtype=float)
    mu = float(data.mean())
    return _best((mu, math.sqrt(((data - mu) ** 2).mean())), data, normal)


def best_laplace(x: ArrayLike) -> Best:
    """The median (the middle one of the equally good ones if n is even), and the mean |x − μ̂|."""
    data = np.asarray(x, dtype=float)
    mu = float(np.median(data))
    return _best((mu, float(np.abs(data - mu).mean())), data, laplace)


def best_bernoulli(x: ArrayLike) -> Best:
    """The share of heads, the values above 0."""
    p = float((np.asarray(x, dtype=float) > 0).mean())
    return Best((p,), float(bernoulli(x, p).sum()))


def _best(
    at: tuple[float, float], data: Numbers, log_density: Callable[[Numbers, float, float], Numbers]
) -> Best:
    if at[1] < 1e-9:
        return Best((at[0], 0.0), math.inf)
    return Best(at, float(log_density(data, *at).sum()))


MODELS = ("normal", "Laplace", "Bernoulli")
PANELS = ("none", "losses", "total", "map")
FORMULAS = {
    "normal": "f(x) = exp(−(x − μ)²/2σ²) / (σ√(2π))",
    "Laplace": "f(x) = exp(−|x − μ|/b) / (2b)",
    "Bernoulli": "heads (x > 0): p; tails (x ≤ 0): 1 − p",
}
EDGE = 4.0  # data and μ lie from −4 to 4
NARROWEST, WIDEST = 0.2, 4.0  # spreads
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
    """The log-likelihood at each p, strictly between 0 and 1: k ln p + (n − k) ln(1 − p)."""
    heads = sum(x > 0 for x in data)
    return np.asarray(heads * np.log(p) + (len(data) - heads) * np.log(1 - p))


def peak(model: str, spread: float) -> float:
    """The density at the center."""
    return 1 / (2 * spread if model == "Laplace" else spread * math.sqrt(2 * math.pi))


def shoulder(sigma: float, mu: float, model: str) -> tuple[float, float]:
    """The point of the curve one spread from the center, on the side with more space."""
    fall = math.exp(-1.0 if model == "Laplace" else -0.5)
    return (mu - sigma if mu > 0 else mu + sigma), peak(model, sigma) * fall


TOPS = (0.25, 0.5, 0.6, 1.15, 2.7)  # possible upper limits of the density axis
LOSSES = (3.0, 8.0, 30.0, 120.0, 1000.0)  # possible upper limits of the loss axis
X = np.linspace(-4.4, 4.4, 221)
P = np.linspace(0.005, 0.995, 100)
BANDS = np.array([0.25, 0.5, 1, 2, 4, 8, 16, 32, 64])  # below the maximum, on the map


def demo(fig: Annotated[Figure, Shape(wide=1.75, narrow=1.0)]) -> Update:
    """Set the scene: the curve over the data; below it, on request, one more panel."""
    fig.set_layout_engine("none")
    alone, above, below = (inset(fig, *spot) for spot in _spots(fig))
    density = fig.add_axes(alone)
    loss, total, plane = (fig.add_axes(below) for _ in range(3))

    _over_data(density)
    _over_data(loss)
    loss.set_title("loss of each point, −ln f(x)", size=10.5, color="error", zorder=0.6)
    formula = artists.label(density, 0, 1.03, transform=density.transAxes, weight="semibold")
    formula.set(color="model", va="bottom")
    curve = artists.line(density, color="model", zorder=2.2)
    grips = artists.points(density, color="model", markersize=8, zorder=2.4)
    dots = artists.points(density, color="data", markersize=8, zorder=3, clip_on=False)
    bend = artists.line(loss, color="error", zorder=2.2)
    marks = artists.points(loss, color="data", markersize=6, zorder=3, clip_on=False)
    stems = [
        artists.line(axes, color=color, linewidth=2, zorder=2)
        for axes, color in ((density, "data"), (loss, "error"))
    ]
    show_total, show_best = _total(total), _map(plane)
    laid = ""

    def update(
        data: Annotated[
            PointList,
            Points(
                (-EDGE, EDGE),
                (0, 0.01),
                (0.1, 0.01),
                label="data (only x counts)",
                least=1,
                most=10,
            ),
        ] = ((-1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (2.0, 0.0)),
        model: Annotated[str, Choice(*MODELS, label="noise model")] = "normal",
        mu: Annotated[
            float,
            Slider(
                -EDGE,
                EDGE,
                0.1,
                label="center μ",
                when=lambda model: model != "Bernoulli",
                drag=Drag(at=lambda mu, sigma, model: (mu, peak(model, sigma)), to=lambda x, _y: x),
            ),
        ] = 0.0,
        sigma: Annotated[
            float,
            Slider(
                NARROWEST,
                WIDEST,
                0.05,
                label="spread σ (Laplace: b)",
                when=lambda model: model != "Bernoulli",
                drag=Drag(at=shoulder, to=lambda x, _y, mu: abs(x - mu)),
            ),
        ] = 1.0,
        p: Annotated[
            float,
            Slider(
                0,
                1,
                0.01,
                label="probability p of heads",
                when=lambda model: model == "Bernoulli",
                drag=Drag.vertical(3.0),
            ),
        ] = 0.3,
        panel: Annotated[str, Choice(*PANELS, label="second panel", more=True)] = "none",
        fit: Annotated[bool, Button(label="Find the best", more=True)] = False,
    ) -> str:
        nonlocal laid
        x = tuple(sorted(point[0] for point in data))
        found = best(model, x)
        sets: dict[str, Any] = {}
        if fit:
            place = [round(value, 2) for value in found.at]
            if model == "Bernoulli":
                (p,) = place
                sets = {"p": p}
            else:
                mu, sigma = place[0], min(max(place[1], NARROWEST), WIDEST)
                sets = {"mu": mu, "sigma": sigma}
            sets["fit"] = False
        one = model == "Bernoulli"
        at = (p,) if one else (mu, sigma)
        logs, line = _logs(model, x, at), _logs(model, X, at)

        if laid != panel:
            density.set_position(alone if panel == "none" else above)
            for name, axes in zip(PANELS[1:], (loss, total, plane), strict=True):
                axes.set_visible(name == panel)
            laid = panel
        formula.set_text(FORMULAS[model])
        height = np.exp(logs)
        _reach(
            density,
            next(top for top in TOPS if 1.04 * (1 if one else peak(*_of(model, at))) <= top),
        )
        curve.set_data(X, np.exp(line))
        grips.set_data(
            *np.transpose(
                [(3.0, p)] if one else [(mu, peak(model, sigma)), shoulder(sigma, mu, model)]
            )
        )
        dots.set_data(x, np.zeros(len(x)))
        _stand(stems[0], x, height)
        if panel == "losses":
            far = float(np.max(-logs)) if np.isfinite(logs).all() else LOSSES[0]
            high = next(high for high in LOSSES if far <= 0.95 * high)
            reached = np.minimum(-logs, high)
            _reach(loss, high, -1.0 if (line > 0).any() else 0.0)
            bend.set_data(X, np.minimum(-line, 2 * high))
            marks.set_data(x, reached)
            _stand(stems[1], x, reached)
        elif panel == "total":
            show_total(-logs, found)
        elif panel == "map":
            show_best(model, x, at, found)
        value = float(logs.sum())
        return Caption(
            _told(value, found), detail=_detail(model, x, at, value, found, panel), sets=sets
        )

    return update


# Drawing


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: curve alone, curve above a panel, that panel."""
    _, high = css_size(fig)
    panel = 92 if narrow(fig) else 130
    return (
        (40, 34, 14, 36),
        (40, 34, 14, panel + 98),
        (40, high - panel - 42, 14, 42),
    )


def _of(model: str, at: tuple[float, ...]) -> tuple[str, float]:
    return model, at[1]


def _logs(model: str, x: ArrayLike, at: tuple[float, ...]) -> Numbers:
    if model == "Bernoulli":
        return bernoulli(x, *at)
    return normal(x, *at) if model == "normal" else laplace(x, *at)


def _over_data(ax: Axes) -> None:
    ax.set(xlim=(-4.3, 4.3), xticks=range(-4, 5, 2))
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.6)
    ax.tick_params("x", pad=8)  # because the points are on the axis
    ax.spines[:].set_visible(False)
    ax.locator_params("y", nbins=4)


def _reach(ax: Axes, high: float, low: float = 0.0) -> None:
    """Set the upper limit to `high`; avoid new limits, which are slow to draw."""
    if ax.get_ylim() != (low, high):
        ax.set_ylim(low, high)


def _stand(drawn: artists.Line, x: Data, heights: Numbers) -> None:
    """A vertical line from the axis up to the height of each point."""
    feet = np.stack([x, np.zeros(len(x))], axis=1)
    drawn.set_data(artists.joined(feet, np.stack([x, heights], axis=1)))


def _total(ax: Axes) -> Callable[[Numbers, Best], None]:
    """The cumulative losses, a row for each point; returns a function that shows them."""
    ax.set(ylim=(1, 0), yticks=[])
    ax.set_title("total loss = −log-likelihood", size=10.5, color="error", zorder=0.6)
    ax.spines["left"].set_visible(False)
    ax.locator_params("x", nbins=6)
    name = artists.label(ax, 1, 1.03, "least possible", color="truth", transform=ax.transAxes)
    name.set(weight="semibold", ha="right", va="bottom")
    rows = artists.polygons(ax, facecolors="error", zorder=2)
    least = artists.line(ax, linestyle="--", color="truth", linewidth=1.8, zorder=2.2)
    sum_ = artists.line(ax, color="error", linewidth=1.8, zorder=2.1)

    def show(losses: Numbers, found: Best) -> None:
        sums = np.concatenate([[0], np.cumsum(losses)])
        known = math.isfinite(found.value)
        furthest = float(sums.max()) if np.isfinite(sums).all() else 30.0
        furthest = max(furthest, -found.value if known else 0.0)
        high = next(high for high in (12.0, 30.0, 120.0, 600.0, 10000.0) if furthest <= high)
        low = min(float(sums.min()), -found.value if known else 0.0)
        limits = 0.0 if low >= 0 else -high * max(0.1, -1.1 * low / high), high
        if ax.get_xlim() != limits:
            ax.set_xlim(limits)
        ends = np.minimum(sums, 2 * high)
        edges = np.linspace(0, 1, len(losses) + 1)
        top, bottom = edges[:-1] + 0.012, edges[1:] - 0.012
        a, b = ends[:-1], ends[1:]
        corners = np.stack([a, top, b, top, b, bottom, a, bottom], axis=-1)
        rows.set_verts(corners.reshape(-1, 4, 2))
        sum_.set_data([ends[-1]] * 2, [0, 1])
        name.set_visible(known)
        least.set_data([-found.value] * 2 if known else [], [0, 1] if known else [])

    return show


def _map(ax: Axes) -> Callable[[str, Data, tuple[float, ...], Best], None]:
    """The log-likelihood: over μ and the spread, darker where it is lower, or as a curve over p.

    Both use the same axes, −4 to 4 by 0.2 to 4, with their own tick labels. Returns a function that
    shows it with the current and the best parameters.
    """
    ax.set(xlim=(-4.3, 4.3), ylim=(NARROWEST, WIDEST))
    ax.set_axis_off()
    style: dict[str, Any] = {
        "size": 10.5,
        "weight": "semibold",
        "transform": ax.transAxes,
        "va": "bottom",
    }
    ax.text(0.035, 1.03, "log-likelihood", zorder=0.6, **style)
    ax.text(0.74, 1.03, "● yours", color="model", ha="right", zorder=0.6, **style)
    ax.text(0.965, 1.03, "× best", color="truth", ha="right", zorder=0.6, **style)
    base, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    parts = np.linspace(0, 0.55, len(BANDS) + 1)[:, None]
    colors = (255 * (base + parts * (shade - base))).round().astype(np.uint8)
    picture = artists.cells(ax, (-EDGE, EDGE, NARROWEST, WIDEST), colors)
    under: dict[str, Any] = {
        "color": "muted",
        "size": 9.5,
        "ha": "center",
        "va": "top",
        "zorder": 0.8,
    }
    beside = {**under, "ha": "right", "va": "center"}
    texts = [artists.label(ax, x, NARROWEST - 0.1, **under) for x in (-EDGE, 0, EDGE)]
    texts += [artists.label(ax, -EDGE - 0.15, y, **beside) for y in (1, 2, 3, 4)]
    texts.append(artists.label(ax, 0, NARROWEST - 0.62, **{**under, "color": "ink"}))
    curve = artists.line(ax, color="error", zorder=1)
    peak = artists.points(
        ax, marker="x", color="truth", markersize=10, mew=2.6, zorder=3, clip_on=False
    )
    here = artists.points(ax, color="model", markersize=10, mec="surface", zorder=4)
    here.set_clip_on(False)
    shown: list[object] = []

    def over_p(share: Any, value: Any) -> tuple[Any, Any]:
        """The position of p and a log-likelihood in these axes."""
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


LETTERING = {  # x label, y label, and x tick labels
    "normal": ("−4", "0", "4", "1", "2", "3", "σ = 4", "center μ; up the side, the spread σ"),
    "Laplace": ("−4", "0", "4", "1", "2", "3", "b = 4", "center μ; up the side, the spread b"),
    "Bernoulli": (
        "0",
        "0.5",
        "1",
        "−15",
        "−10",
        "−5",
        "0",
        "p, the probability of heads",
    ),
}


# Captions


def _told(value: float, found: Best) -> str:
    """The caption: how well the model fits, compared with the best fit."""
    if value == -math.inf:
        return "This model calls some values impossible, so the log-likelihood is −∞."
    if not math.isfinite(found.value):
        return f"The log-likelihood is {number(value)}, and a narrower curve can always raise it."
    if abs(value - found.value) < 0.005:
        return f"The log-likelihood is {number(value)}, the largest possible."
    return f"The log-likelihood is {number(value)}; the largest possible is {number(found.value)}."


def _detail(
    model: str, x: Data, at: tuple[float, ...], value: float, found: Best, panel: str
) -> str:
    """The detail: the points, the model, and the second panel."""
    size = len(x)
    points = f"{count(size, 'point')} at {', '.join(number(a, 3) for a in x)}"
    names = {"normal": ("μ", "σ"), "Laplace": ("μ", "b"), "Bernoulli": ("p",)}[model]
    setting = " and ".join(f"{name} = {number(a, 3)}" for name, a in zip(names, at, strict=True))
    told = f"{points}. The {model} model with {setting}."
    if panel == "losses":
        losses = ", ".join(number(-a) if a > -math.inf else "∞" for a in _logs(model, x, at))
        return f"{told} The losses are {losses}."
    if panel == "total":
        return f"{told} The total loss is {number(-value) if value > -math.inf else '∞'}."
    return f"{told} {_where(model, x, found, names[-1])}" if panel == "map" else told


def _where(model: str, x: Data, found: Best, spread: str) -> str:
    """The maximum likelihood estimates as text."""
    size = len(x)
    if not math.isfinite(found.value):
        where = "All points lie in one place" if size > 1 else "There is only one point"
        return f"{where}: μ = {number(found.at[0], 3)} is best, and no {spread} is."
    if model == "Bernoulli":
        heads = sum(a > 0 for a in x)
        tosses, are = "toss" if size == 1 else "tosses", "is" if heads == 1 else "are"
        return (
            f"Best is p = {number(found.at[0], 3)}, because {heads} of {size} {tosses} {are} heads."
        )
    place = "the mean"
    if model == "Laplace":
        low, high = x[(size - 1) // 2], x[size // 2]
        place = (
            "the median"
            if low == high
            else f"any μ from {number(low)} to {number(high)}, for example"
        )
    return f"Best is {place} {number(found.at[0], 3)} with {spread} = {number(found.at[1], 3)}."
