"""Drag the point, turn the arrow, and look for the steepest way up."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.path import Path
from numpy.typing import ArrayLike

from stage import (
    Caption,
    Choice,
    Drag,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Toggle,
    Update,
    apart,
    artists,
    degrees,
    narrow,
    number,
    pair,
)
from stage.figures import heading, mixed
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers, Vector, unit

# Two peaks: f = 3 exp(−d₁²/2.5) + 2 exp(−d₂²/2.5), d the distance to a center
CENTERS = np.array([[1.4, -0.9], [-1.4, 1.1]])
HEIGHTS = np.array([3.0, 2.0])
WIDTH = 2.5


def _bumps(x1: ArrayLike, x2: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """Each bump's height at the points, and the offset from its center; first axis: bumps."""
    across = np.subtract.outer(CENTERS[:, 0], np.asarray(x1, dtype=float))
    up = np.subtract.outer(CENTERS[:, 1], np.asarray(x2, dtype=float))
    tall = HEIGHTS.reshape((2,) + (1,) * (across.ndim - 1))
    return tall * np.exp(-(across**2 + up**2) / WIDTH), -across, -up


def _two_peaks(x1: Numbers, x2: Numbers) -> Numbers:
    found: Numbers = _bumps(x1, x2)[0].sum(axis=0)
    return found


def _two_peaks_gradient(x1: Numbers, x2: Numbers) -> tuple[Numbers, Numbers]:
    bumps, across, up = _bumps(x1, x2)
    return (-2 / WIDTH * bumps * across).sum(axis=0), (-2 / WIDTH * bumps * up).sum(axis=0)


def summit_near(center: ArrayLike) -> Vector:
    """The peak of the two bumps next to `center`, shape (2,).

    Where the gradient is zero, the point is the mean of the centers, weighted by the bumps there;
    iterating that mean converges to the peak (mean shift, Fukunaga and Hostetler 1975).
    """
    at = np.asarray(center, dtype=float)
    for _ in range(200):
        weights = _bumps(at[0], at[1])[0]
        at = weights @ CENTERS / weights.sum()
    return at


class Surface(NamedTuple):
    """A function on the plane, its gradient, and its summits, the highest first."""

    formula: str
    f: Callable[[Numbers, Numbers], Numbers]
    partials: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]  # (∂f/∂x₁, ∂f/∂x₂)
    summits: tuple[Vector, ...] = ()


SURFACES = {
    "long hill": Surface(
        "f = 3 − x₁²/8 − x₂²/2",
        lambda x1, x2: 3 - x1**2 / 8 - x2**2 / 2,
        lambda x1, x2: (-x1 / 4, -x2),
        (np.zeros(2),),
    ),
    "round hill": Surface(
        "f = 3 − (x₁² + x₂²)/4",
        lambda x1, x2: 3 - (x1**2 + x2**2) / 4,
        lambda x1, x2: (-x1 / 2, -x2 / 2),
        (np.zeros(2),),
    ),
    "two peaks": Surface(
        "two bell-shaped peaks",
        _two_peaks,
        _two_peaks_gradient,
        tuple(summit_near(center) for center in CENTERS),
    ),
    "saddle": Surface(
        "f = (x₁² − x₂²)/6",
        lambda x1, x2: (x1**2 - x2**2) / 6,
        lambda x1, x2: (x1 / 3, -x2 / 3),
    ),
    "plane": Surface(
        "f = x₁/4 + x₂/2",
        lambda x1, x2: x1 / 4 + x2 / 2,
        lambda x1, x2: (0 * x1 + 1 / 4, 0 * x2 + 1 / 2),
    ),
}


def gradient(name: str, point: ArrayLike) -> Vector:
    """∇f = (∂f/∂x₁, ∂f/∂x₂) at a point, both of shape (2,). KeyError for an unknown surface."""
    x1, x2 = np.asarray(point, dtype=float)
    return np.array(SURFACES[name].partials(x1, x2))


def bearing(v: ArrayLike) -> float | None:
    """The direction of a vector in degrees, 0 ≤ θ < 360; None for the zero vector."""
    x1, x2 = np.asarray(v, dtype=float)
    # the second remainder: −1e-17 % 360 is 360
    return math.degrees(math.atan2(x2, x1)) % 360 % 360 if x1 or x2 else None


def between(one: float, other: float) -> float:
    """The angle between two directions, all in degrees; 0 to 180."""
    return abs((one - other + 180) % 360 - 180)


def slope_along(slopes: ArrayLike, theta: float) -> float:
    """The slope in the direction θ: ∇f · u = ‖∇f‖ cos(angle between ∇f and u), ‖u‖ = 1."""
    return float(np.dot(np.asarray(slopes, dtype=float), unit(theta)))


LIMIT = 4.1  # the smallest extent of the map to each side of the origin
GRID = np.linspace(-6.6, 6.6, 166), np.linspace(-5.4, 5.4, 136)  # slightly larger than any map
LEVELS = np.arange(-5, 4.01, 0.5)  # heights of the level curves
ENDS = (-99.0, 99.0)  # below and above all of them
ALONG = np.linspace(-3, 3, 121)  # positions along the cut, from the point
TURN = np.linspace(0, 360, 121)  # directions for which the slope is drawn, in degrees
FIELD = np.array([(x1, x2) for x1 in range(-3, 4) for x2 in range(-3, 4)], dtype=float)
SMALL = 0.22  # scale of the arrows of the gradient field
PANELS = ("none", "slope in every direction", "height along u")


@lru_cache(maxsize=len(SURFACES))
def _heights(name: str) -> Numbers:
    """The heights on the grid of the map, lowest row first."""
    return SURFACES[name].f(*np.meshgrid(*GRID))


def level_line(name: str, height: float) -> Numbers:
    """The level curve of f at this height: points, shape (n, 2), with NaN between pieces."""
    pieces = contour_generator(*GRID, _heights(name)).lines(height)
    gap = np.full((1, 2), math.nan)
    return np.concatenate([gap, *(part for piece in pieces for part in (piece, gap))])


@lru_cache(maxsize=len(SURFACES))
def bands(name: str) -> tuple[list[Path], Numbers]:
    """The areas between consecutive level curves, and the height of each lower edge."""
    lines = contour_generator(*GRID, _heights(name), fill_type=FillType.OuterCode)
    paths, floors = [], []
    for low, high in pairwise((ENDS[0], *LEVELS, ENDS[1])):
        for outline, codes in zip(*lines.filled(low, high), strict=True):
            paths.append(Path(outline, codes))
            floors.append(low)
    return paths, np.array(floors)


def demo(fig: Annotated[Figure, Shape(wide=1.4, narrow=0.85)]) -> Update:
    """Set the scene: the map; the slope in each direction, or a cut along one, on request."""
    fig.set_layout_engine("none")
    alone, beside, second = (inset(fig, *spot) for spot in _spots(fig))
    chart, slopes, cut = fig.add_axes(alone), fig.add_axes(second), fig.add_axes(second)
    _dress(chart, slopes, cut)

    formula = artists.label(chart, 0, 1.02, transform=chart.transAxes, weight="semibold")
    gradient_here = artists.label(chart, 1, 1.02, transform=chart.transAxes, weight="semibold")
    gradient_here.set(color="gradient-text", ha="right")
    ground = artists.polygons(chart, edgecolors="surface", linewidths=0.7, zorder=0.6)
    tops = artists.points(chart, marker="^", color="ink", markersize=8, zorder=0.9)
    field = artists.arrows(chart, ["gradient"] * len(FIELD), width=0.016)
    field.set(zorder=0.8)
    level = artists.line(chart, color="error", linewidth=2.2)
    shadow = artists.line(chart, linestyle=":", color="ink", linewidth=1.6)
    steepest = artists.arrows(chart, ["gradient"], width=0.045)
    ahead = artists.arrows(chart, ["model"])
    here = artists.points(chart, color="ink", markersize=6, zorder=4)

    wave = artists.line(slopes, color="model")
    peak = artists.points(slopes, color="gradient", markersize=8)
    stem = artists.line(slopes, color="model", linewidth=1.4)
    slope_here = artists.points(slopes, color="model", markersize=8)
    slope = heading(slopes, "slope", 34, "model")

    top = artists.line(cut, linestyle=":", color="ink", linewidth=1.2)
    profile = artists.line(cut, color="error")
    tangent = artists.line(cut, color="model", linewidth=1.6)
    foot = artists.points(cut, color="ink", markersize=6)
    height = heading(cut, "height", 41, "error")
    laid = ""

    def update(
        surface: Annotated[str, Choice(*SURFACES, label="landscape")] = "long hill",
        theta: Annotated[
            float,
            Slider(0, 360, 1, label="direction θ", unit="°", drag=Drag(at=_tip, to=_toward)),
        ] = 207.0,
        show: Annotated[bool, Toggle(label="show the gradient")] = False,
        panel: Annotated[str, Choice(*PANELS, label="second panel")] = PANELS[0],
        point: Annotated[
            PointList,
            Points((-3, 3), (-3, 3), 0.1, label="point", names=("x",), more=True),
        ] = ((2.0, 1.0),),
        arrows: Annotated[bool, Toggle(label="gradients everywhere", more=True)] = False,
    ) -> str:
        nonlocal laid
        at = np.array(point[0])
        _, f, _, summits = SURFACES[surface]
        rises = gradient(surface, at)
        steep = float(np.hypot(*rises))
        direction = unit(theta)
        rise = slope_along(rises, theta)
        level_here = float(f(at[0], at[1]))

        if laid != panel:
            _lay(fig, chart, alone if panel == PANELS[0] else beside)
            slopes.set_visible(panel == PANELS[1])
            cut.set_visible(panel == PANELS[2])
            laid = panel
        paths, floors = bands(surface)
        if ground.get_paths() is not paths:  # the same list until the landscape changes
            ground.set_paths(paths)
            shades = 0.05 + 0.38 * (floors.clip(-3.5, 3) + 3.5) / 6.5
            ground.set_facecolor([mixed("error", shade) for shade in shades.tolist()])
            field.set_arrows(FIELD, SMALL * np.transpose(SURFACES[surface].partials(*FIELD.T)))
            tops.set_data(*(np.array(summits).reshape(-1, 2).T))
            top.set_data([-9, 9], [float(f(*summits[0]))] * 2 if summits else [math.nan] * 2)
            formula.set_text(SURFACES[surface].formula)

        level.set_data(*level_line(surface, level_here).T)
        ahead.place((at, direction))
        steepest.place((at, rises))
        shadow.set_data(*np.transpose([at + rises, at + rise * direction, at]))
        here.set_data(at[:1], at[1:])
        gradient_here.set_text(f"gradient {pair(rises)}" if show else "")
        field.set_visible(arrows)
        for artist in (shadow, steepest):
            artist.set_visible(show)

        if panel == PANELS[1]:
            wave.set_data(TURN, rises @ [np.cos(np.radians(TURN)), np.sin(np.radians(TURN))])
            way_up = bearing(rises)
            peak.set_data([] if way_up is None else [way_up], [] if way_up is None else [steep])
            peak.set_visible(show)
            stem.set_data([theta, theta], [0, rise])
            slope_here.set_data([theta], [rise])
            slope.set_text(number(rise, 3))
            limit = 1.3 if steep < 1.2 else 3.4
            if slopes.get_ylim()[1] != limit:  # avoid new limits, which are slow to draw
                slopes.set(ylim=(-limit, limit), yticks=[-int(limit), 0, int(limit)])
        if panel == PANELS[2]:
            path = at + np.outer(ALONG, direction)
            profile.set_data(ALONG, f(path[:, 0], path[:, 1]))
            tangent.set_data([-9, 9], [level_here - 9 * rise, level_here + 9 * rise])
            foot.set_data([0], [level_here])
            height.set_text(number(level_here))

        return Caption(
            _told(rises, theta, show),
            detail=(
                f"{_standing(surface, at, theta, rise, level_here)}"
                + (f" {_explained(surface, at, rises, theta)}" if show else "")
                + (f" {_second(panel, surface, show)}" if panel != PANELS[0] else "")
                + (" Small arrows show the gradient at 49 places." if arrows else "")
            ),
        )

    return update


def _tip(theta: float, point: PointList) -> tuple[float, float]:
    x, y = point[0] + unit(theta)
    return float(x), float(y)


def _toward(x: float, y: float, point: PointList) -> float:
    return bearing(np.subtract((x, y), point[0])) or 0.0


# Drawing


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: map alone, map beside a second panel, that panel."""
    wide, high = css_size(fig)
    if narrow(fig):
        return (46, 28, 6, 40), (46, 28, 6, 172), (46, high - 118, 14, 42)
    square = high - 68  # the map's height, and its width beside a panel
    left = 50 + square
    return (50, 28, 8, 40), (50, 28, wide - left, 40), (left + 46, 0.22 * high, 16, 0.22 * high)


def _lay(fig: Figure, chart: Axes, box: Rectangle) -> None:
    """Put the map into a box, at equal scales."""
    wide, high = css_size(fig)
    shape = box[2] * wide / (box[3] * high)
    across, up = round(LIMIT * max(shape, 1), 6), round(LIMIT * max(1 / shape, 1), 6)
    chart.set_position(box)
    chart.set(xlim=(-across, across), ylim=(-up, up))


def _dress(chart: Axes, slopes: Axes, cut: Axes) -> None:
    """Set limits, ticks and labels of the axes."""
    chart.set(xlabel="x₁", ylabel="x₂")
    chart.set(xticks=range(-6, 7, 2), yticks=range(-4, 5, 2))
    slopes.set(xlim=(-6, 366), xlabel="direction θ")
    slopes.set_xticks([0, 180, 360], ["0°", "180°", "360°"])
    cut.set(xlim=(-3, 3), ylim=(-3, 3.6), xlabel="distance along u")
    cut.set_xticks([-2, 0, 2])
    cut.set_yticks([-2, 0, 2])
    for axes in (slopes, cut):
        axes.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    for axes in (chart, slopes, cut):
        axes.spines[:].set_visible(False)


# Captions


def _told(rises: Vector, theta: float, show: bool) -> str:
    """The caption: the slope, and the steepest one once it is shown."""
    steep, rise = float(np.hypot(*rises)), slope_along(rises, theta)
    if show and steep < 5e-4:
        return "The gradient is zero, or nearly so: the ground is level in every direction."
    if show:
        most = number(steep, 3)
        return f"In your direction, the slope is {number(rise, 3)}; the steepest is {most}."
    return f"At {number(theta)}°, the slope is {number(rise, 3)}: {_ground(rise)}."


def _ground(rise: float) -> str:
    if abs(rise) < 5e-4:
        return "level" if abs(rise) < 1e-9 else "almost level"
    return "uphill" if rise > 0 else "downhill"


def _standing(surface: str, at: Vector, theta: float, rise: float, height: float) -> str:
    """The reader's position, and the slope in the direction θ."""
    return (
        f"{surface[:1].upper() + surface[1:]}, {SURFACES[surface].formula}: at {pair(at, 3)}, the "
        f"height is {number(height)}. In the direction {number(theta)}°, the slope is "
        f"{number(rise, 3)}: {_ground(rise)}."
    )


def _second(panel: str, surface: str, show: bool) -> str:
    """What the second panel shows."""
    if panel == PANELS[1]:
        marked = ", and a dot at its highest point, the gradient" if show else ""
        return f"The second panel shows the slope in every direction, a cosine curve{marked}."
    peak = ", and a dotted line at the height of the highest summit"
    return (
        "The second panel shows the height along u, with its tangent"
        f"{peak if SURFACES[surface].summits else ''}."
    )


def _explained(surface: str, at: Vector, rises: Vector, theta: float) -> str:
    """The slope computed from the gradient, and the direction of the summit."""
    steep = float(np.hypot(*rises))
    way = bearing(rises)
    summits = SURFACES[surface].summits
    if way is None or steep < 5e-4:
        zero = "zero" if way is None else "shorter than 0.001"
        told = f"The gradient is {zero}: the ground is level in every direction."
        if any(np.hypot(*(at - summit)) < 0.1 for summit in summits):
            return f"{told} This is a summit."
        return f"{told} This is not a summit, but a saddle point." if surface == "saddle" else told
    off = apart(between(theta, way), 1, 0, 90, 180)
    told = (
        f"The gradient {pair(rises, 3)} points to {degrees(way)}, the steepest way up, and is "
        f"{number(steep, 3)} long; {number(steep, 3)} · cos {off}° "
        f"= {number(slope_along(rises, theta), 3)}."
    )
    if not summits:
        return f"{told} There is no summit."
    name = "The higher summit" if len(summits) > 1 else "The summit"
    to_top = bearing(summits[0] - at)
    away = between(to_top or 0.0, way)
    if away < 0.05:
        return f"{told} {name} lies in the same direction."
    return f"{told} {name} lies at {degrees(to_top or 0.0)}, {number(away, 1)}° away from it."
