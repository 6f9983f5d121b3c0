"""Let a point walk downhill, and find out how long its steps may be."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from numpy.typing import NDArray

from stage import (
    Choice,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Steps,
    Update,
    artists,
    coordinate,
    narrow,
    number,
)

Numbers = NDArray[np.float64]
Pair = tuple[float, float]


class Landscape(NamedTuple):
    """A function f(x, y) to walk down on, and its derivatives, worked out by hand."""

    formula: str
    height: Callable[[Any, Any], Any]  # f(x, y): numbers, or arrays of one shape
    gradient: Callable[[float, float], Pair]  # (∂f/∂x, ∂f/∂y)
    hessian: Callable[[float, float], tuple[Pair, Pair]]  # the second derivatives
    flat: dict[str, Pair]  # where the gradient is 0, the lowest point first
    quadratic: bool = False  # the second derivatives are the same everywhere, and ∂²f/∂x∂y is 0


_WELLS = sorted(np.roots([1, 0, -2, 0.3]).real.tolist())  # where x³ − 2x + 0.3 = 0
LANDSCAPES = {
    "round bowl": Landscape(
        "f = x² + y²",
        height=lambda x, y: x * x + y * y,
        gradient=lambda x, y: (2 * x, 2 * y),
        hessian=lambda x, y: ((2, 0), (0, 2)),
        flat={"lowest point": (0, 0)},
        quadratic=True,
    ),
    "long valley": Landscape(
        "f = ½(x² + 10y²)",
        height=lambda x, y: (x * x + 10 * y * y) / 2,
        gradient=lambda x, y: (x, 10 * y),
        hessian=lambda x, y: ((1, 0), (0, 10)),
        flat={"lowest point": (0, 0)},
        quadratic=True,
    ),
    "Rosenbrock": Landscape(  # Rosenbrock (1960), there with 100 in place of 10
        "f = (1 − x)² + 10(y − x²)²",
        height=lambda x, y: (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x),
        gradient=lambda x, y: (2 * (x - 1) - 40 * x * (y - x * x), 20 * (y - x * x)),
        hessian=lambda x, y: ((2 - 40 * y + 120 * x * x, -40 * x), (-40 * x, 20)),
        flat={"lowest point": (1, 1)},
    ),
    "two wells": Landscape(
        "f = ¼x⁴ − x² + 0.3x + ½y²",
        height=lambda x, y: x * x * x * x / 4 - x * x + 0.3 * x + y * y / 2,
        gradient=lambda x, y: (x * x * x - 2 * x + 0.3, y),
        hessian=lambda x, y: ((3 * x * x - 2, 0), (0, 1)),
        flat={
            "deep well": (_WELLS[0], 0),
            "shallow well": (_WELLS[2], 0),
            "saddle": (_WELLS[1], 0),
        },
    ),
    "saddle": Landscape(
        "f = ½x² − ½y² + ⅛y⁴",
        height=lambda x, y: (x * x - y * y) / 2 + y * y * y * y / 8,
        gradient=lambda x, y: (x, y * y * y / 2 - y),
        hessian=lambda x, y: ((1, 0), (0, 1.5 * y * y - 1)),
        flat={
            "southern well": (0, -math.sqrt(2)),
            "northern well": (0, math.sqrt(2)),
            "saddle": (0, 0),
        },
    ),
}

LAST = 100  # steps
FAR = 1000.0  # from the origin: there a path is stopped


class Walk(NamedTuple):
    """A path of gradient descent: a row for each step, the start being row 0."""

    points: Numbers  # shape (steps + 1, 2)
    losses: Numbers  # f there minus f at the lowest point, shape (steps + 1,)
    lost: bool  # whether it was stopped because it had gone too far
    chance: int  # the step from which on rounding errors decide; LAST + 1: they never do


def lowest(landscape: Landscape) -> float:
    """The least value of f."""
    return float(landscape.height(*next(iter(landscape.flat.values()))))


# A path can be chaotic: then the last bits of its start decide where it goes. Each is walked again
# from starts that differ by so little; what does not agree to SURE is not shown.
NUDGES = (2.0**-48, -3 * 2.0**-48)
SURE = 1e-6  # of the distance from the middle, or of 1 if that is more


@lru_cache(maxsize=32)
def descend(name: str, eta: float, start: Pair) -> Walk:
    """x ← x − η∇f(x), LAST times, from `start`; stopped once it is more than FAR from the origin.

    One more step from there leads at most to 1e11, at any η up to 2, where f is below 1e45: a path
    that diverges is stopped long before its numbers overflow.
    """
    landscape = LANDSCAPES[name]
    found = _path(landscape, eta, start)
    losses = landscape.height(*found.T) - lowest(landscape)
    chance = LAST + 1
    moves = bool((found[1] != found[0]).any())  # else it rests, by no chance, where ∇f is 0
    for nudge in NUDGES if moves else ():
        other = _path(landscape, eta, (start[0] * (1 + nudge), start[1] * (1 - nudge)))
        both = min(len(found), len(other))
        if len(found) == len(other) <= LAST:
            both -= 1  # both are lost in the same step, and of where only that is told
        allowed = SURE * np.maximum(np.hypot(*found[:both].T), 1)
        unsure = np.flatnonzero(np.hypot(*(found[:both] - other[:both]).T) > allowed)
        chance = min(chance, *unsure.tolist(), LAST + 1 if len(found) == len(other) else both)
    return Walk(found, np.maximum(losses, 0), math.hypot(*found[-1]) > FAR, chance)


def _path(landscape: Landscape, eta: float, start: Pair) -> Numbers:
    """The points of `descend`."""
    x, y = start
    points = [(x, y)]
    while len(points) <= LAST and math.hypot(x, y) <= FAR:
        slope_x, slope_y = landscape.gradient(x, y)
        x, y = x - eta * slope_x, y - eta * slope_y
        points.append((x, y))
    return np.array(points, dtype=float)


def curvatures(landscape: Landscape, at: Pair) -> Numbers:
    """The eigenvalues λ of the second derivatives at a place, the smallest first, shape (2,)."""
    return np.linalg.eigvalsh(np.array(landscape.hessian(*at), dtype=float))


def limit(landscape: Landscape, at: Pair) -> float:
    """2/λ_max: beyond this learning rate no path comes to rest at the lowest point `at`.

    Along an eigenvector with eigenvalue λ a step multiplies the distance by 1 − ηλ, exactly for a
    quadratic and nearly so close to any lowest point; that shrinks if and only if 0 < ηλ < 2.
    """
    return 2 / float(curvatures(landscape, at)[-1])


ACROSS, UP = 3.0, 2.0  # half the width and height of the map
LOW, HIGH = -4, 2  # powers of ten that the loss panel shows
SLOW, FAST = 0.001, 2.0  # the learning rates


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.7)]) -> Update:
    """Set the scene: the path on the map, the loss at each step, and a scale of learning rates."""
    phone = narrow(fig)
    if phone:
        cells = fig.add_gridspec(3, 1, height_ratios=(2.05, 1.15, 0.55))
        spots = cells[0], cells[1], cells[2]
    else:
        cells = fig.add_gridspec(2, 2, height_ratios=(3.7, 1), width_ratios=(1.9, 1))
        spots = cells[0, 0], cells[0, 1], cells[1, :]
    # On one spot: ticks at the bottom, the map that changes with the function, the walk on top.
    frame, ground, plane = (fig.add_subplot(spots[0]) for _ in range(3))
    curve, scale = (fig.add_subplot(spot) for spot in spots[1:])

    for axes in (frame, ground, plane):
        axes.set(xlim=(-ACROSS, ACROSS), ylim=(-UP, UP), aspect="equal")
    frame.set(xticks=range(-3, 4), yticks=range(-2, 3), xlabel="x", ylabel="y")
    frame.grid(visible=False)
    frame.spines[:].set_visible(False)
    frame.set_zorder(-9)
    ground.set_axis_off()
    plane.set_axis_off()
    show_map = _map(ground)
    path = artists.line(plane, marker="o", color="model", linewidth=1.6, markersize=3.2, zorder=2)
    origin = artists.points(plane, color="model", markersize=10, mfc="none", mew=1.8)
    following = artists.arrows(plane, ["gradient"])
    here = artists.points(plane, color="model", markersize=8, zorder=4)

    _loss_panel(curve)
    fall = artists.line(curve, marker="o", color="error", linewidth=1.6, markersize=2.6)
    now = artists.points(curve, color="error", markersize=7)

    show_rates = _rates(scale, 0.62 if phone else 0.28)

    def update(
        f: Annotated[str, Choice(*LANDSCAPES, label="function")] = "long valley",
        eta: Annotated[float, Slider(SLOW, FAST, 0.01, label="learning rate η", log=True)] = 0.18,
        start: Annotated[
            PointList,
            Points((-2.8, 2.8), (-1.8, 1.8), 0.1, label="start", names=("start",), axes=2),
        ] = ((-2.5, 1.0),),
        step: Annotated[int, Steps(LAST, label="step", rate=10)] = 25,
    ) -> str:
        landscape = LANDSCAPES[f]
        walk = descend(f, eta, (start[0][0], start[0][1]))
        wild = min(step, len(walk.points) - 1) >= walk.chance
        done = min(step, len(walk.points) - 1, walk.chance - 1)  # what is shown
        trace, losses = walk.points[: done + 1], walk.losses[: done + 1]
        x, y = trace[-1].tolist()

        show_map(f)
        path.set_data(trace.T)
        origin.set_data(trace[0, :1], trace[0, 1:])
        here.set_data([x], [y])
        onward = -eta * np.array(landscape.gradient(x, y))
        inside = abs(x) <= ACROSS and abs(y) <= UP and math.hypot(*onward) > 0.02
        following.place(((x, y), onward if inside else (math.nan, math.nan)))

        heights = np.log10(np.maximum(losses, 1e-9))
        fall.set_data(np.arange(done + 1), heights)
        now.set_data([done], [np.clip(heights[-1], LOW, HIGH)])

        show_rates(eta, limit(landscape, next(iter(landscape.flat.values()))))

        if wild:
            return _wild(f, landscape, eta, walk)
        return _told(f, landscape, eta, walk, done)

    return update


# The picture's parts


BANDS = 13  # of height; what lies above them has the colour of the last


def _grid() -> tuple[Numbers, Numbers]:
    return np.linspace(-ACROSS, ACROSS, 73), np.linspace(-UP, UP, 49)


def _heights(name: str) -> Numbers:
    """√(f − lowest) over the grid: on a parabola it grows evenly, so bands are equally wide."""
    landscape = LANDSCAPES[name]
    above = landscape.height(*np.meshgrid(*_grid())) - lowest(landscape)
    heights: Numbers = np.sqrt(np.maximum(above, 0))
    return heights


def band_edges(name: str) -> Numbers:
    """The edges of the bands, in √(f − lowest), shape (BANDS + 1,)."""
    top = float(_heights(name).max())
    return np.append(np.linspace(0, min(5.5, top), BANDS), top + 1)


@lru_cache
def bands(name: str) -> list[Path]:
    """The map of a function: for each band of height, from the lowest, the area that it fills."""
    generator = contour_generator(*_grid(), _heights(name), fill_type=FillType.OuterCode)
    found = []
    for low, high in pairwise(band_edges(name)):
        areas, codes = generator.filled(low, high)  # type: ignore[misc]
        found.append(Path.make_compound_path(*map(Path, areas, codes)))
    return found


def _map(ax: Axes) -> Callable[[str], None]:
    """Heights in bands, darker where f is larger, and the places where the ground is level.

    Returns what shows the map of a function.
    """
    surface, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    colors = [surface + 0.38 * part * (shade - surface) for part in np.linspace(0, 1, BANDS)]
    areas = artists.polygons(
        ax, facecolors=colors, edgecolors="surface", linewidths=0.7, zorder=0.1
    )
    wells = artists.points(ax, marker="+", color="truth", markersize=9, mew=2)
    saddle = artists.points(ax, marker="x", color="muted", markersize=8, mew=2)
    names = [artists.label(ax, 0, 0, size=9, va="top", clip_on=True) for _ in range(3)]
    formula = artists.label(ax, -ACROSS, UP + 0.1, weight="semibold")

    def show(name: str) -> None:
        landscape = LANDSCAPES[name]
        if formula.get_text() == landscape.formula:
            return
        formula.set_text(landscape.formula)
        areas.set_paths(bands(name))
        places = list(landscape.flat.items())
        wells.set_data(np.transpose([at for called, at in places if called != "saddle"]))
        saddle.set_visible("saddle" in landscape.flat)
        saddle.set_data(np.transpose([landscape.flat.get("saddle", (0, 0))]))
        crowded = any(x < -1 for _, (x, _) in places)
        for i, text in enumerate(names):
            called, (x, y) = places[min(i, len(places) - 1)]
            text.set(text=called, color="muted" if called == "saddle" else "ink")
            text.set(visible=i < len(places), ha="center" if crowded else "left")
            text.set_position((x if crowded else x + 0.15, y - 0.15))

    return show


def _loss_panel(ax: Axes) -> None:
    ax.set(xlim=(-2, LAST + 2), ylim=(LOW, HIGH), xlabel="step")
    ax.set_title("loss above the lowest", size=10.5, color="error", zorder=0.6)
    ax.set_yticks(range(LOW, HIGH + 1, 2), ["0.0001", "0.01", "1", "100"])
    ax.set_xticks(range(0, LAST + 1, 25))
    ax.spines["left"].set_visible(False)


def _rates(ax: Axes, half: float) -> Callable[[float, float], None]:
    """A logarithmic scale of learning rates; `half` the width of a name on it, in powers of ten.

    Returns what shows a learning rate and the limit.
    """
    ends = math.log10(SLOW), math.log10(FAST)
    ax.set(xlim=(ends[0] - 0.05, ends[1] + 0.05), ylim=(0, 3), yticks=[])
    ax.set_xlabel("learning rate η")
    ax.set_xticks([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.axhspan(1, 2, color="rule", linewidth=0)
    beyond = artists.area(ax, color="error", alpha=0.45)
    edge = artists.line(ax, color="error", linewidth=2)
    edge_name = artists.label(ax, 0, 2.4, color="error", va="bottom")
    rate = artists.points(ax, color="gradient", markersize=10, zorder=4)
    rate_name = artists.label(ax, 0, 0.8, color="gradient", va="top", zorder=4)
    for text in (edge_name, rate_name):
        text.set(weight="semibold", ha="center")

    def show(eta: float, most: float) -> None:
        x = math.log10(most)
        beyond.set_data([x, x + 9], 1, 2)
        edge.set_data([x, x], [1, 2.3])
        edge_name.set_text(f"limit 2/λ = {_digits(most)}")
        edge_name.set_x(_within(x, *ends, half))
        x = math.log10(eta)
        rate.set_data([x], [1.5])
        rate_name.set_text(f"η = {_digits(eta, 4)}")
        rate_name.set_x(_within(x, *ends, 0.6 * half))

    return show


def _within(x: float, low: float, high: float, half: float) -> float:
    """The x nearest to the one wanted at which a name of half that width stays inside."""
    return min(max(x, low + half), high - half)


# The sentences


def _digits(x: float, count: int = 3) -> str:
    """So many digits that count: `0.0197`, `1`."""
    return f"{x:.{count}g}"


def _pair(at: Any, decimals: int = 2) -> str:
    return f"({coordinate(at[0], decimals)}, {coordinate(at[1], decimals)})"


def _loss(loss: float) -> str:
    """A loss in words: its size may lie anywhere from 0 to 1e16."""
    if loss >= 10000:
        return "more than 10000"
    if loss < 0.0001:  # whether float64 finds it to be 0 is chance
        return "less than 0.0001"
    return number(loss, 4 if loss < 1 else 2)


def _told(name: str, landscape: Landscape, eta: float, walk: Walk, done: int) -> str:
    """Where the point is, what becomes of the path, and why."""
    start, at = walk.points[0], walk.points[done]
    setting = f"{name.capitalize()}, η = {_digits(eta, 4)}, start {_pair(start, 3)}:"
    if walk.lost and done == len(walk.points) - 1:
        where = f"after step {done} the point is more than {FAR:g} away, so the path is stopped."
    elif done == 0:
        where = f"the loss there is {_loss(walk.losses[0])} above the lowest."
    else:
        steps = f"{done} step{'s' * (done > 1)}"
        where = f"after {steps} the point is at {_pair(at)}"
        if max(abs(at)) > 100:
            where = f"after {steps} the point is {math.hypot(*at):.0f} away from the middle"
        where += f", its loss {_loss(walk.losses[done])} above the lowest."
    if landscape.quadratic:
        return f"{setting} {where} {_quadratic(landscape, eta, walk)}"
    return f"{setting} {where} {_curved(landscape, eta, walk, done)}"


def _wild(name: str, landscape: Landscape, eta: float, walk: Walk) -> str:
    """What can be said of a path once rounding errors decide where it is."""
    told = (
        f"{name.capitalize()}, η = {_digits(eta, 4)}, start {_pair(walk.points[0], 3)}: after step "
        f"{walk.chance - 1} the path is too sensitive to rounding to predict."
    )
    most = max(limit(landscape, at) for key, at in landscape.flat.items() if key != "saddle")
    if eta > most:
        return f"{told} It cannot come to rest: the limit 2/λ is {_digits(most)}, below η."
    return told


def _quadratic(landscape: Landscape, eta: float, walk: Walk) -> str:
    """What becomes of the path, from the eigenvalues 1 − ηλ of a step."""
    lambdas = [row[i] for i, row in enumerate(landscape.hessian(0, 0))]
    factors = [1 - eta * value for value in lambdas]
    most = f"2/{max(lambdas)} = {_digits(limit(landscape, (0, 0)))}"
    beyond = f"The limit is {most}."
    if lambdas[0] == lambdas[1]:
        told = f"Each step multiplies the distance from the middle by {number(factors[0], 3)}"
    else:
        told = (
            f"Each step multiplies the part along the valley by {number(factors[0], 3)} "
            f"and the part across it by {number(factors[1], 3)}"
        )
    felt = [factor for factor, part in zip(factors, walk.points[0], strict=True) if part]
    if not felt:
        return "The gradient is 0 there, so no step moves the point, whatever the learning rate."
    worst = max(map(abs, felt))
    swings = min(felt) < 0
    if worst == 0:
        end = "the path arrives in one step"
    elif math.isclose(worst, 1, rel_tol=1e-12):
        end = "the path oscillates for ever, neither coming nearer nor going away"
    elif worst > 1:
        end = "the path diverges, each swing longer than the one before"
    else:
        end = f"the path converges{', swinging from side to side' if swings else ''}"
    if worst < max(map(abs, factors)) and eta >= limit(landscape, (0, 0)):
        beyond = f"η is not below the limit {most}, but the start has no part across the valley."
    return f"{told}: {end}. {beyond}"


def _curved(landscape: Landscape, eta: float, walk: Walk, done: int) -> str:
    """Whether the path rests, and where; what the eigenvalues at the nearest level place say."""
    at = walk.points[done]
    nearest = min(landscape.flat, key=lambda name: math.dist(landscape.flat[name], at))
    spot = landscape.flat[nearest]
    named = f"the {nearest} {_pair(spot)}"
    most = limit(landscape, spot)
    low, high = (_digits(value).replace("-", "−") for value in curvatures(landscape, spot))
    if walk.lost and done == len(walk.points) - 1:
        first = next(iter(landscape.flat))
        bound = limit(landscape, landscape.flat[first])
        over = "beyond" if eta > bound else "below"
        return (
            f"The path diverges: η is {over} the limit {_digits(bound)} of the {first}"
            f"{'' if over == 'beyond' else ', but the ground where the path began is steeper'}."
        )
    slope = math.hypot(*landscape.gradient(*at))
    away = math.dist(spot, at)
    if slope == 0:
        told = f"It stands on {named}, where the gradient is 0, so no step moves it"
    elif nearest == "saddle":
        told = f"It is {_small(away)} from {named}, the gradient {_small(slope)} long"
    if nearest == "saddle":
        return f"{told}; the eigenvalues there are {low} and {high}: there is a way further down."
    rests = (
        f"the eigenvalues there are {low} and {high}, so the limit is 2/{high} = {_digits(most)}"
    )
    if slope == 0:
        return f"{told}; {rests}."
    if eta > most:
        return f"It cannot come to rest at {named}: {rests}, below η."
    if away < 0.005 and slope * eta < 0.005:
        higher = float(landscape.height(*spot)) - lowest(landscape)
        note = f", though the lowest is {number(higher)} further down" if higher > 1e-9 else ""
        return f"The path has converged to {named}{note}; {rests}."
    return f"It is {_small(away)} from {named}, the gradient {_small(slope)} long; {rests}."


def _small(x: float) -> str:
    return number(x, 2) if x >= 0.1 else number(x, 4) if x >= 0.0001 else "less than 0.0001"
