"""Walk downhill, and find out how long the steps can be."""

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
from matplotlib.ticker import MaxNLocator

from stage import (
    Caption,
    Choice,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Steps,
    Toggle,
    Update,
    artists,
    coordinate,
    narrow,
    number,
)
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers

Pair = tuple[float, float]


class Flat(NamedTuple):
    """A point where the gradient is 0."""

    kind: str  # "minimum", "local minimum" (there is a lower one), or "saddle point"
    at: Pair


class Landscape(NamedTuple):
    """A function f(x, y) to descend on, and its derivatives in closed form."""

    formula: str
    height: Callable[[Any, Any], Any]  # f(x, y): numbers, or arrays of one shape
    gradient: Callable[[float, float], Pair]  # (∂f/∂x, ∂f/∂y)
    hessian: Callable[[float, float], tuple[Pair, Pair]]  # the second derivatives
    flat: tuple[Flat, ...]  # where the gradient is 0, the minimum first
    quadratic: bool = False  # the second derivatives are the same everywhere, and ∂²f/∂x∂y is 0


_WELLS = sorted(np.roots([1, 0, -2, 0.3]).real.tolist())  # where x³ − 2x + 0.3 = 0
LANDSCAPES = {
    "round bowl": Landscape(
        "f = x² + y²",
        height=lambda x, y: x * x + y * y,
        gradient=lambda x, y: (2 * x, 2 * y),
        hessian=lambda x, y: ((2, 0), (0, 2)),
        flat=(Flat("minimum", (0, 0)),),
        quadratic=True,
    ),
    "long valley": Landscape(
        "f = ½(x² + 10y²)",
        height=lambda x, y: (x * x + 10 * y * y) / 2,
        gradient=lambda x, y: (x, 10 * y),
        hessian=lambda x, y: ((1, 0), (0, 10)),
        flat=(Flat("minimum", (0, 0)),),
        quadratic=True,
    ),
    "Rosenbrock": Landscape(  # Rosenbrock (1960), there with 100 in place of 10
        "f = (1 − x)² + 10(y − x²)²",
        height=lambda x, y: (1 - x) * (1 - x) + 10 * (y - x * x) * (y - x * x),
        gradient=lambda x, y: (2 * (x - 1) - 40 * x * (y - x * x), 20 * (y - x * x)),
        hessian=lambda x, y: ((2 - 40 * y + 120 * x * x, -40 * x), (-40 * x, 20)),
        flat=(Flat("minimum", (1, 1)),),
    ),
    "two wells": Landscape(
        "f = ¼x⁴ − x² + 0.3x + ½y²",
        height=lambda x, y: x * x * x * x / 4 - x * x + 0.3 * x + y * y / 2,
        gradient=lambda x, y: (x * x * x - 2 * x + 0.3, y),
        hessian=lambda x, y: ((3 * x * x - 2, 0), (0, 1)),
        flat=(
            Flat("minimum", (_WELLS[0], 0)),
            Flat("local minimum", (_WELLS[2], 0)),
            Flat("saddle point", (_WELLS[1], 0)),
        ),
    ),
    "saddle": Landscape(
        "f = ½x² − ½y² + ⅛y⁴",
        height=lambda x, y: (x * x - y * y) / 2 + y * y * y * y / 8,
        gradient=lambda x, y: (x, y * y * y / 2 - y),
        hessian=lambda x, y: ((1, 0), (0, 1.5 * y * y - 1)),
        flat=(
            Flat("minimum", (0, -math.sqrt(2))),
            Flat("minimum", (0, math.sqrt(2))),
            Flat("saddle point", (0, 0)),
        ),
    ),
}

LAST = 100  # steps
FAR = 1000.0  # distance from the origin at which a path is stopped
NEAR = 0.005  # distance at which a path has reached a minimum


class Walk(NamedTuple):
    """A path of gradient descent: a row for each step, the start being row 0."""

    points: Numbers  # shape (steps + 1, 2)
    losses: Numbers  # f there minus f at the minimum, shape (steps + 1,)
    lost: bool  # whether it was stopped at FAR
    chance: int  # the first step dominated by rounding errors; LAST + 1: none


def lowest(landscape: Landscape) -> float:
    """The minimum value of f."""
    return float(landscape.height(*landscape.flat[0].at))


def points(landscape: Landscape, eta: float, start: Pair) -> Numbers:
    """x ← x − η∇f(x), LAST times: the points from `start`, shape (steps + 1, 2).

    A path is stopped once it is more than FAR from the origin.
    """
    x, y = start
    found = [(x, y)]
    while len(found) <= LAST and math.hypot(x, y) <= FAR:
        slope_x, slope_y = landscape.gradient(x, y)
        x, y = x - eta * slope_x, y - eta * slope_y
        found.append((x, y))
    return np.array(found, dtype=float)


# A path can be chaotic: then the last bits of its start decide where it goes. So each path is
# computed again from slightly different starts; where the paths disagree, nothing is shown.
NUDGES = (2.0**-48, -3 * 2.0**-48)
SURE = 1e-6  # relative to the distance from the origin, or to 1 if that is larger


@lru_cache(maxsize=32)
def descend(name: str, eta: float, start: Pair) -> Walk:
    """The walk from `start` on a landscape, with its losses.

    A step beyond FAR leads at most to 1e11 for any η up to 2, where f is below 1e45, so a diverging
    path is stopped long before its numbers overflow.
    """
    landscape = LANDSCAPES[name]
    found = points(landscape, eta, start)
    losses = landscape.height(*found.T) - lowest(landscape)
    chance = LAST + 1
    moves = bool((found[1] != found[0]).any())  # otherwise it stays exactly where ∇f = 0
    for nudge in NUDGES if moves else ():
        other = points(landscape, eta, (start[0] * (1 + nudge), start[1] * (1 - nudge)))
        both = min(len(found), len(other))
        if len(found) == len(other) <= LAST:
            both -= 1  # both are stopped in the same step, and only that is shown
        allowed = SURE * np.maximum(np.hypot(*found[:both].T), 1)
        unsure = np.flatnonzero(np.hypot(*(found[:both] - other[:both]).T) > allowed)
        chance = min(chance, *unsure.tolist(), LAST + 1 if len(found) == len(other) else both)
    return Walk(found, np.maximum(losses, 0), math.hypot(*found[-1]) > FAR, chance)


def curvatures(landscape: Landscape, at: Pair) -> Numbers:
    """The eigenvalues λ of the Hessian at a point in ascending order, shape (2,)."""
    return np.linalg.eigvalsh(np.array(landscape.hessian(*at), dtype=float))


def limit(landscape: Landscape, at: Pair) -> float:
    """2/λ_max: above this learning rate no path converges to the minimum `at`.

    Along an eigenvector with eigenvalue λ, a step multiplies the distance by 1 − ηλ: exactly for a
    quadratic, approximately near any minimum. The distance shrinks if and only if 0 < ηλ < 2.
    """
    return 2 / float(curvatures(landscape, at)[-1])


ACROSS, UP = 3.0, 2.0  # the smallest extent of the map to each side of the origin
ZOOMS = (1, 3, 10, 30, 100, 300, 600)  # factors by which the map can be extended for a path
LOW = -4  # log₁₀ of the lower end of the loss axis
HIGHS = (2, 6, 14)  # log₁₀ of its upper end
SLOW, FAST = 0.001, 2.0  # the range of learning rates


def zoom(walk: Walk, done: int) -> int:
    """The smallest of ZOOMS that shows the path so far and the next step, up to FAR."""
    near = walk.points[: done + 2]
    near = near[np.hypot(*near.T) <= FAR]
    reach = float((abs(near) / (ACROSS, UP)).max())
    return next(zoomed for zoomed in ZOOMS if reach <= zoomed)


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=1.1)]) -> Update:
    """Set the scene: a map of the landscape and the path on it; the loss curve on request."""
    fig.set_layout_engine("none")
    alone, above, below = (inset(fig, *spot) for spot in _spots(fig))
    # Three axes in one position: the scales, the map, which changes with the function, the path.
    frame, ground, plane = (fig.add_axes(alone) for _ in range(3))
    curve = fig.add_axes(below)

    frame.set_xlabel("x")
    frame.text(0, 1.02, "y  ", transform=frame.transAxes, ha="right")
    frame.grid(visible=False)
    frame.spines[:].set_visible(False)
    frame.set_zorder(-9)
    for axis in (frame.xaxis, frame.yaxis):
        axis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace("-", "−"))
    for axes in (ground, plane):  # their scales are those of the frame
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.patch.set_visible(False)
        axes.grid(visible=False)
    show_map = _map(ground)
    show_flat = _flat(plane)
    path = artists.line(plane, marker="o", color="truth", linewidth=1.6, markersize=3.2, zorder=2)
    origin = artists.points(plane, color="truth", markersize=10, mfc="none", mew=1.8)
    following = artists.arrows(plane, ["gradient"])
    here = artists.points(plane, color="truth", markersize=8, zorder=4)

    show_scale = _loss_panel(curve)
    fall = artists.line(curve, marker="o", color="error", linewidth=1.6, markersize=2.6)
    now = artists.points(curve, color="error", markersize=7)
    laid: tuple[object, ...] = ()

    def update(
        f: Annotated[str, Choice(*LANDSCAPES, label="landscape")] = "long valley",
        eta: Annotated[float, Slider(SLOW, FAST, 0.01, label="learning rate η", log=True)] = 0.18,
        step: Annotated[int, Steps(LAST, label="step", rate=10)] = 0,
        loss: Annotated[bool, Toggle(label="loss curve")] = False,
        start: Annotated[
            PointList,
            Points(
                *((-2.8, 2.8), (-1.8, 1.8), 0.1),
                label="start",
                names=("start",),
                axes=2,
                more=True,
            ),
        ] = ((-2.5, 1.0),),
    ) -> str:
        nonlocal laid
        landscape = LANDSCAPES[f]
        walk = descend(f, eta, (start[0][0], start[0][1]))
        wild = min(step, len(walk.points) - 1) >= walk.chance
        done = min(step, len(walk.points) - 1, walk.chance - 1)
        shown = done - (
            walk.lost and done == len(walk.points) - 1
        )  # the last point is too far away
        trace = walk.points[: shown + 1]
        x, y = trace[-1].tolist()

        box, zoomed = (above if loss else alone), zoom(walk, shown)
        across, up = _reach(fig, box, zoomed)
        if laid != (now_laid := (f, loss, zoomed)):
            for axes in (frame, ground, plane):
                axes.set_position(box)
                axes.set(xlim=(-across, across), ylim=(-up, up))
            curve.set_visible(loss)
            show_map(f, across, up)
            laid = now_laid
        show_flat(f, (start[0][0], start[0][1]), across, up, zoomed == 1)
        path.set_data(trace.T)
        origin.set_data(trace[0, :1], trace[0, 1:])
        here.set_data([x], [y])
        onward = -eta * np.array(landscape.gradient(x, y))
        seen = math.hypot(*onward) > 0.01 * up
        following.place(((x, y), onward if seen else (math.nan, math.nan)))

        if loss:
            heights = np.log10(np.maximum(walk.losses[: shown + 1], 10.0**LOW))
            show_scale(float(heights.max()))
            fall.set_data(np.arange(shown + 1), heights)
            now.set_data([shown], heights[-1:])

        return Caption(
            _told(landscape, eta, walk, done, wild),
            detail=_detail(f, landscape, eta, walk, done, wild)
            + (f" {_curve(walk.losses[: shown + 1])}" if loss else ""),
            numbers={"step": str(done), "loss": _loss(walk.losses[done])},
        )

    return update


# Drawing


BANDS = 13  # number of height bands; everything above has the color of the last one


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: map alone, map above the loss curve, loss curve."""
    _, high = css_size(fig)
    panel = 62 if narrow(fig) else 96
    return (
        (46, 26, 8, 38),
        (46, 26, 8, panel + 94),
        (46, high - panel - 36, 8, 36),
    )


def _reach(fig: Figure, box: Rectangle, zoomed: int) -> Pair:
    """The extent of a map with this box to each side, at equal scales."""
    wide, high = css_size(fig)
    shape = box[2] * wide / (box[3] * high)
    up = zoomed * max(UP, ACROSS / shape)
    return round(up * shape, 6), round(up, 6)


def _heights(name: str, across: float, up: float) -> tuple[Numbers, Numbers, Numbers]:
    """√(f − minimum) on a grid; on a parabola it is linear, so bands have equal widths."""
    landscape = LANDSCAPES[name]
    x, y = np.linspace(-across, across, 81), np.linspace(-up, up, 53)
    above = landscape.height(*np.meshgrid(x, y)) - lowest(landscape)
    heights: Numbers = np.sqrt(np.maximum(above, 0))
    return x, y, heights


def band_edges(name: str, across: float, up: float) -> Numbers:
    """The edges of the bands, in √(f − minimum), shape (BANDS + 1,)."""
    top = float(_heights(name, across, up)[2].max())
    return np.append(np.linspace(0, min(2.75 * up, top), BANDS), top + 1)


@lru_cache(maxsize=64)
def bands(name: str, across: float, up: float) -> list[Path]:
    """The map of a function: the area of each height band, from the lowest."""
    generator = contour_generator(*_heights(name, across, up), fill_type=FillType.OuterCode)
    found = []
    for low, high in pairwise(band_edges(name, across, up)):
        areas, codes = generator.filled(low, high)  # type: ignore[misc]
        found.append(Path.make_compound_path(*map(Path, areas, codes)))
    return found


def _map(ax: Axes) -> Callable[[str, float, float], None]:
    """Height bands, darker for larger f; returns a function that shows a part of a landscape."""
    surface, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    colors = [surface + 0.38 * part * (shade - surface) for part in np.linspace(0, 1, BANDS)]
    areas = artists.polygons(
        ax, facecolors=colors, edgecolors="surface", linewidths=0.7, zorder=0.1
    )
    formula = artists.label(ax, 0, 1.02, transform=ax.transAxes, weight="semibold")

    def show(name: str, across: float, up: float) -> None:
        formula.set_text(LANDSCAPES[name].formula)
        areas.set_paths(bands(name, across, up))

    return show


def _flat(ax: Axes) -> Callable[[str, Pair, float, float, bool], None]:
    """The points with zero gradient, drawn below the path, with names that avoid the path."""
    minima = artists.points(ax, marker="+", color="ink", markersize=9, mew=2, zorder=1)
    saddle = artists.points(ax, marker="x", color="muted", markersize=8, mew=2, zorder=1)
    names = [artists.label(ax, 0, 0, size=9, clip_on=True, zorder=1) for _ in range(3)]
    laid: tuple[object, ...] = ()

    def show(name: str, start: Pair, across: float, up: float, named: bool) -> None:
        nonlocal laid
        flat = LANDSCAPES[name].flat
        # A path arrives from the side of the start; a straight path leaves at the opposite side.
        sides = [tuple(one >= two for one, two in zip(start, at, strict=True)) for _, at in flat]
        if laid == (now := (name, sides, across, up, named)):
            return
        laid = now
        minima.set_data(np.transpose([at for kind, at in flat if kind != "saddle point"]))
        saddle.set_data(
            np.transpose([at for kind, at in flat if kind == "saddle point"] or [(9e9, 0)])
        )
        beside = len({at[0] for _, at in flat}) == 1
        for text, (kind, (x, y)), (right, above) in zip(names, flat, sides, strict=False):
            text.set(text=kind, color="muted" if kind == "saddle point" else "ink")
            gap = 0.075 * up
            if beside:
                text.set(ha="right" if right else "left", va="bottom" if above else "top")
                text.set_position((x - gap if right else x + gap, y + gap if above else y - gap))
            else:  # side by side: the name of the saddle point keeps out of the others' way
                under = above != (kind == "saddle point")
                text.set(ha="center", va="top" if under else "bottom")
                text.set_position((x, y - gap if under else y + gap))
        for i, text in enumerate(names):
            text.set_visible(named and i < len(flat))

    return show


def _loss_panel(ax: Axes) -> Callable[[float], None]:
    """A logarithmic loss axis; returns a function that extends it to a loss (log₁₀)."""
    ax.set(xlim=(-2, LAST + 2), xlabel="step")
    ax.set_title("loss above the minimum", size=10.5, color="error", loc="left", zorder=0.6)
    ax.set_xticks(range(0, LAST + 1, 25))
    ax.spines["left"].set_visible(False)
    shown = 0

    def show(largest: float) -> None:
        nonlocal shown
        high = next((high for high in HIGHS if largest <= high), HIGHS[-1])
        if high == shown:
            return
        shown = high
        marks = range(LOW, high + 1, 2 if high == HIGHS[0] else 4 if high == HIGHS[1] else 6)
        names = [
            f"10{str(mark).translate(RAISED)}" if mark > 4 else f"{10.0**mark:,g}" for mark in marks
        ]
        ax.set_ylim(LOW - 0.25, high + 0.25)
        ax.set_yticks(list(marks), names)

    return show


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


# Captions


def _digits(x: float, count: int = 3) -> str:
    """With `count` significant digits: `0.0197`, `1`."""
    return f"{x:.{count}g}"


def _pair(at: Any, decimals: int = 2) -> str:
    return f"({coordinate(at[0], decimals)}, {coordinate(at[1], decimals)})"


def _loss(loss: float) -> str:
    """A loss as text, for any size from 0 to 1e16."""
    if loss >= 10000:
        return "more than 10,000"
    if loss < 0.0001:  # below this, float64 may or may not give exactly 0
        return "less than 0.0001"
    if loss >= 1000:
        return f"{loss:,.0f}"
    return number(loss, 4 if loss < 0.1 else 2)


def _nearest(landscape: Landscape, at: Any) -> Flat:
    return min(landscape.flat, key=lambda flat: math.dist(flat.at, at))


def _a(landscape: Landscape, kind: str) -> str:
    """`the minimum`, `a local minimum`; `a minimum` where there are two equally low ones."""
    alone = [flat.kind for flat in landscape.flat].count("minimum") == 1
    return f"the {kind}" if kind == "minimum" and alone else f"a {kind}"


def _told(landscape: Landscape, eta: float, walk: Walk, done: int, wild: bool) -> str:
    """The caption: how far the path has come."""
    steps = f"{done} step{'s' * (done != 1)}"
    if wild:
        return f"After step {walk.chance - 1}, the path is too sensitive to rounding to predict."
    if walk.lost and done == len(walk.points) - 1:
        return f"After {steps}, the point is more than {FAR:,.0f} away, and the path stops."
    at, loss = walk.points[done], walk.losses[done]
    above = f"{_loss(loss)} above the minimum"
    if not any(landscape.gradient(*at)) and done == 0:
        kind = _nearest(landscape, at).kind
        return (
            f"The start is {_a(landscape, kind)}: the gradient is zero, so no step moves the point."
        )
    if done == 0:
        return f"At the start, the loss is {above}."
    kind, spot = _nearest(landscape, at)
    jump = math.dist(walk.points[done - 1], at)
    if math.dist(spot, at) < NEAR and (jump < 4 * NEAR or not any(at - spot)):
        if kind == "minimum":
            return f"After {steps}, the path has reached {_a(landscape, kind)}."
        return f"After {steps}, the path has reached a {kind}, {above}."
    if loss > max(walk.losses[0], walk.losses[done - 1]):
        return f"The loss grows: after {steps}, it is {above}."
    if landscape.quadratic and done > 1 and math.isclose(loss, walk.losses[done - 1], rel_tol=1e-3):
        factors = [abs(1 - eta * value) for value in curvatures(landscape, (0, 0))]
        if math.isclose(max(factors), 1, rel_tol=1e-12):
            return f"After {steps}, the loss is still {above}: the path swings forever."
    return f"After {steps}, the loss is {above}."


def _detail(name: str, landscape: Landscape, eta: float, walk: Walk, done: int, wild: bool) -> str:
    """The detail: the settings, the position of the point, and the reason for the path."""
    setting = (
        f"{name[:1].upper() + name[1:]}, {landscape.formula}, learning rate {_digits(eta, 4)}, "
        f"start {_pair(walk.points[0], 3)}."
    )
    if wild:
        most = max(limit(landscape, at) for kind, at in landscape.flat if kind != "saddle point")
        if eta > most:
            return f"{setting} It cannot come to rest: the limit 2/λ is {_digits(most)}, below η."
        return setting
    if done == 0:
        return f"{setting} The loss there is {_loss(walk.losses[0])} above the minimum."
    at = walk.points[done]
    if walk.lost and done == len(walk.points) - 1:
        where = "The last point is outside the picture."
    elif max(abs(at)) > 100:
        where = f"After step {done}, the point is {math.hypot(*at):.0f} away from the origin."
    else:
        where = f"After step {done}, the point is at {_pair(at)}."
    why = (_quadratic if landscape.quadratic else _curved)(landscape, eta, walk, done)
    return f"{setting} {where} {why}"


def _quadratic(landscape: Landscape, eta: float, walk: Walk, _done: int) -> str:
    """The behavior of the path, from the factors 1 − ηλ of a step."""
    lambdas = [row[i] for i, row in enumerate(landscape.hessian(0, 0))]
    factors = [1 - eta * value for value in lambdas]
    most = f"2/{max(lambdas)} = {_digits(limit(landscape, (0, 0)))}"
    beyond = f"The limit for η is {most}."
    if lambdas[0] == lambdas[1]:
        told = f"Each step multiplies x and y by {number(factors[0], 3)}"
    else:
        told = f"Each step multiplies x by {number(factors[0], 3)} and y by {number(factors[1], 3)}"
    felt = [factor for factor, part in zip(factors, walk.points[0], strict=True) if part]
    if not felt:
        return "The gradient is 0 there, so no step moves the point, whatever the learning rate."
    worst = max(map(abs, felt))
    swings = min(felt) < 0
    if worst == 0:
        end = "the path arrives in one step"
    elif math.isclose(worst, 1, rel_tol=1e-12):
        end = "the path oscillates forever"
    elif worst > 1:
        end = "the path diverges, each swing longer than the one before"
    else:
        end = f"the path converges{', swinging from side to side' if swings else ''}"
    if worst < max(map(abs, factors)) and eta >= limit(landscape, (0, 0)):
        beyond = f"η is not below the limit {most}, but this path starts at y = 0."
    return f"{told}: {end}. {beyond}"


def _curved(landscape: Landscape, eta: float, walk: Walk, done: int) -> str:
    """Whether and where the path converges, and the eigenvalues at the nearest flat point."""
    at = walk.points[done]
    nearest, spot = _nearest(landscape, at)
    named = f"{_a(landscape, nearest)} {_pair(spot)}"
    most = limit(landscape, spot)
    low, high = (_digits(value).replace("-", "−") for value in curvatures(landscape, spot))
    if walk.lost and done == len(walk.points) - 1:
        bound = limit(landscape, landscape.flat[0].at)
        over = "beyond" if eta > bound else "below"
        steep = "" if over == "beyond" else ", but the ground is steeper where the path began"
        return f"The path diverges: η is {over} the limit {_digits(bound)} of the minimum{steep}."
    slope = math.hypot(*landscape.gradient(*at))
    away = math.dist(spot, at)
    told = f"The distance to {named} is {_small(away)}, and the gradient has length {_small(slope)}"
    if slope == 0:
        told = f"The point is exactly at {named}, where the gradient is 0, so no step moves it"
    values = f"the eigenvalues of the Hessian there are {low} and {high}"
    if nearest == "saddle point":
        return f"{told}; {values}, so the ground falls away in one direction."
    rests = f"{values}, so the limit for η is 2/{high} = {_digits(most)}"
    if slope == 0:
        return f"{told}; {rests}."
    if eta > most:
        return f"The path cannot come to rest at {named}: {rests}."
    if away < NEAR and slope * eta < NEAR:
        return f"The path has converged to {named}; {rests}."
    return f"{told}; {rests}."


def _curve(losses: Numbers) -> str:
    """The loss curve below the map."""
    if len(losses) == 1:
        return "The loss curve below has its first point."
    ends = f"from {_loss(losses[0])} to {_loss(losses[-1])}"
    return f"The loss curve below goes {ends}, over {len(losses) - 1} step{'s'[: len(losses) > 2]}."


def _small(x: float) -> str:
    return number(x, 2) if x >= 0.1 else number(x, 4) if x >= 0.0001 else "less than 0.0001"
