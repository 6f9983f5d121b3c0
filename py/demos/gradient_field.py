"""Drag a point over a landscape, choose a direction, and read off how steep the way is."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.path import Path
from numpy.typing import ArrayLike

from stage import (
    Choice,
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
from stage.figures import heading
from stage.linear_algebra import Numbers, Vector, unit

# Two peaks: f = 3 exp(−d₁²/2.5) + 2 exp(−d₂²/2.5), d the distance to a centre
CENTRES = np.array([[1.4, -0.9], [-1.4, 1.1]])
HEIGHTS = np.array([3.0, 2.0])
WIDTH = 2.5


def _bumps(x1: ArrayLike, x2: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """Each bump's height at the points, and the way there from its centre; first axis: bumps."""
    across = np.subtract.outer(CENTRES[:, 0], np.asarray(x1, dtype=float))
    up = np.subtract.outer(CENTRES[:, 1], np.asarray(x2, dtype=float))
    tall = HEIGHTS.reshape((2,) + (1,) * (across.ndim - 1))
    return tall * np.exp(-(across**2 + up**2) / WIDTH), -across, -up


def _two_peaks(x1: Numbers, x2: Numbers) -> Numbers:
    found: Numbers = _bumps(x1, x2)[0].sum(axis=0)
    return found


def _two_peaks_gradient(x1: Numbers, x2: Numbers) -> tuple[Numbers, Numbers]:
    bumps, across, up = _bumps(x1, x2)
    return (-2 / WIDTH * bumps * across).sum(axis=0), (-2 / WIDTH * bumps * up).sum(axis=0)


def summit_near(centre: ArrayLike) -> Vector:
    """The peak of the two bumps next to `centre`, shape (2,).

    Where the gradient is zero, the point is the mean of the centres weighted with the bumps there;
    taking that mean again and again climbs to it (mean shift, Fukunaga and Hostetler 1975).
    """
    at = np.asarray(centre, dtype=float)
    for _ in range(200):
        weights = _bumps(at[0], at[1])[0]
        at = weights @ CENTRES / weights.sum()
    return at


class Surface(NamedTuple):
    """A height over the plane, its gradient, and its summits, the highest first."""

    f: Callable[[Numbers, Numbers], Numbers]
    partials: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]  # (∂f/∂x₁, ∂f/∂x₂)
    summits: tuple[Vector, ...] = ()


SURFACES = {
    "long hill": Surface(
        lambda x1, x2: 3 - x1**2 / 8 - x2**2 / 2,
        lambda x1, x2: (-x1 / 4, -x2),
        (np.zeros(2),),
    ),
    "round hill": Surface(
        lambda x1, x2: 3 - (x1**2 + x2**2) / 4,
        lambda x1, x2: (-x1 / 2, -x2 / 2),
        (np.zeros(2),),
    ),
    "two peaks": Surface(
        _two_peaks, _two_peaks_gradient, tuple(summit_near(centre) for centre in CENTRES)
    ),
    "saddle": Surface(lambda x1, x2: (x1**2 - x2**2) / 4, lambda x1, x2: (x1 / 2, -x2 / 2)),
    "plane": Surface(
        lambda x1, x2: x1 / 4 + x2 / 2, lambda x1, x2: (0 * x1 + 1 / 4, 0 * x2 + 1 / 2)
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


LIMIT = 3.2  # of the map
GRID = np.linspace(-3.3, 3.3, 89)  # a little more than the map
LEVELS = np.arange(-3.5, 3.01, 0.5)  # heights of the level lines
ALONG = np.linspace(-3, 3, 121)  # where the cut is drawn, from the point on
TURN = np.linspace(0, 360, 121)  # where the slope is drawn, in degrees
FIELD = np.array([(x1, x2) for x1 in range(-3, 4) for x2 in range(-3, 4)], dtype=float)
SMALL = 0.22  # the arrows of the field are that much shorter than the gradient


@lru_cache(maxsize=len(SURFACES))
def _heights(name: str) -> Numbers:
    """The heights over the grid of the map, rows upwards."""
    return SURFACES[name].f(*np.meshgrid(GRID, GRID))


def level_line(name: str, height: float) -> Numbers:
    """Where on the map f has this height: points of shape (n, 2), NaN between pieces."""
    pieces = contour_generator(GRID, GRID, _heights(name)).lines(height)
    gap = np.full((1, 2), math.nan)
    return np.concatenate([gap, *(part for piece in pieces for part in (piece, gap))])


@lru_cache(maxsize=len(SURFACES))
def bands(name: str) -> tuple[list[Path], Numbers]:
    """The map's areas from one of `LEVELS` to the next, and the height of each one's lower edge."""
    lines = contour_generator(GRID, GRID, _heights(name), fill_type=FillType.OuterCode)
    paths, floors = [], []
    for low, high in pairwise(LEVELS):
        for outline, codes in zip(*lines.filled(low, high), strict=True):
            paths.append(Path(outline, codes))
            floors.append(low)
    return paths, np.array(floors)


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.53)]) -> Update:
    """Set the scene: the map; beside it the slope in each direction, and a cut along one."""
    chart, slopes, cut = _panels(fig)

    ground = artists.polygons(chart, edgecolors="data", linewidths=0.7, zorder=0.6)
    tints = LinearSegmentedColormap.from_list("tints", [to_rgba("surface"), to_rgba("data")])
    tops = artists.points(chart, marker="^", color="ink", markersize=7, zorder=0.9)
    field = artists.arrows(chart, ["gradient"] * len(FIELD), width=0.016)
    field.set(zorder=0.8)
    level = artists.line(chart, color="data", linewidth=2)
    shadow = artists.line(chart, linestyle=":", color="ink", linewidth=1.4)
    steepest = artists.arrows(chart, ["gradient"], width=0.045)
    ahead = artists.arrows(chart, ["model"])
    here = artists.points(chart, color="ink", markersize=5, zorder=4)
    gradient_here = heading(chart, "", 0, "gradient")

    wave = artists.line(slopes, color="gradient")
    peak = artists.points(slopes, color="gradient")
    to_summit = artists.points(slopes, marker="^", color="ink", markersize=6, zorder=4)
    stem = artists.line(slopes, color="model", linewidth=1.4)
    slope_here = artists.points(slopes, color="model", markersize=8)
    slope = heading(slopes, "slope", 34, "model")

    top = artists.line(cut, linestyle=":", color="ink", linewidth=1.2)
    profile = artists.line(cut, color="data")
    tangent = artists.line(cut, color="model", linewidth=1.6)
    foot = artists.points(cut, color="ink", markersize=5)
    height = heading(cut, "height", 41, "data")

    def update(
        surface: Annotated[str, Choice(*SURFACES, label="landscape")] = "long hill",
        point: Annotated[PointList, Points((-3, 3), (-3, 3), 0.1, label="point", names=("x",))] = (
            (2.0, 1.0),
        ),
        theta: Annotated[float, Slider(0, 360, 1, label="direction θ", unit="°")] = 207.0,
        show: Annotated[bool, Toggle(label="show the gradient")] = False,
    ) -> str:
        at = np.array(point[0])
        f, _, summits = SURFACES[surface]
        rises = gradient(surface, at)
        steep = float(np.hypot(*rises))
        direction = unit(theta)
        rise = slope_along(rises, theta)
        level_here = float(f(at[0], at[1]))

        paths, floors = bands(surface)
        if ground.get_paths() is not paths:  # drawn anew only for another landscape
            ground.set_paths(paths)
            ground.set_facecolor(
                [tuple(tint) for tint in tints((floors + 3.5) / 15)]
            )  # paler than the lines
            field.set_arrows(FIELD, SMALL * np.transpose(SURFACES[surface].partials(*FIELD.T)))
            tops.set_data(*(np.array(summits).reshape(-1, 2).T))
            top.set_data([-9, 9], [float(f(*summits[0]))] * 2 if summits else [math.nan] * 2)

        level.set_data(*level_line(surface, level_here).T)
        ahead.place((at, direction))
        steepest.place((at, rises))
        tip, shade_tip = at + rises, at + rise * direction
        shadow.set_data(*np.transpose([tip, shade_tip, at]))
        here.set_data(at[:1], at[1:])
        gradient_here.set_text(f"gradient {pair(rises)}" if show else "")

        wave.set_data(TURN, rises @ [np.cos(np.radians(TURN)), np.sin(np.radians(TURN))])
        way_up = bearing(rises)
        peak.set_data([] if way_up is None else [way_up], [] if way_up is None else [steep])
        to_top = bearing(summits[0] - at) if summits else None
        if to_top is not None:
            to_summit.set_data([to_top], [slope_along(rises, to_top)])
        stem.set_data([theta, theta], [0, rise])
        slope_here.set_data([theta], [rise])
        slope.set_text(number(rise, 3))
        for artist in (field, shadow, steepest, wave, peak):
            artist.set_visible(show)
        to_summit.set_visible(show and to_top is not None)

        path = at + np.outer(ALONG, direction)
        profile.set_data(ALONG, f(path[:, 0], path[:, 1]))
        tangent.set_data([-9, 9], [level_here - 9 * rise, level_here + 9 * rise])
        foot.set_data([0], [level_here])
        height.set_text(number(level_here))

        told = _standing(surface, at, theta, rise, level_here)
        return f"{told} {_explained(surface, at, rises, theta)}" if show else told

    return update


# The picture's parts


def _panels(fig: Figure) -> tuple[Axes, Axes, Axes]:
    """The map, the slope against the direction, and the cut, with scales that hold for all."""
    if narrow(fig):
        cells = fig.add_gridspec(3, 1, height_ratios=(2.3, 1, 1))
        chart, slopes, cut = (fig.add_subplot(cells[row]) for row in range(3))
    else:
        cells = fig.add_gridspec(2, 2, width_ratios=(1.45, 1))
        chart = fig.add_subplot(cells[:, 0])
        slopes, cut = fig.add_subplot(cells[0, 1]), fig.add_subplot(cells[1, 1])
    chart.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), aspect="equal", xlabel="x₁", ylabel="x₂")
    slopes.set(xlim=(-6, 366), ylim=(-3.4, 3.4), xlabel="direction θ")
    slopes.set_xticks(range(0, 361, 90), [f"{angle}°" for angle in range(0, 361, 90)])
    cut.set(xlim=(-3, 3), ylim=(-3, 3.6), xlabel="steps ahead along θ")
    for axes in (chart, cut):
        axes.set_xticks(range(-3, 4))
    chart.set_yticks(range(-3, 4))
    for axes in (slopes, cut):
        axes.set_yticks([-2, 0, 2])
        axes.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    for axes in (chart, slopes, cut):
        axes.spines[:].set_visible(False)
    note = artists.label(chart, 1, 1.03, "lines 0.5 apart", transform=chart.transAxes, zorder=0.8)
    note.set(color="muted", ha="right")
    return chart, slopes, cut


# The sentences


def _standing(surface: str, at: Vector, theta: float, rise: float, height: float) -> str:
    """Where the reader stands, and how the ground runs in the direction θ."""
    if abs(rise) < 5e-4:
        ground = "level" if abs(rise) < 1e-9 else "all but level"
    else:
        ground = "uphill" if rise > 0 else "downhill"
    return (
        f"Landscape “{surface}”: at x = {pair(at, 3)} the height is {number(height)}. "
        f"In the direction θ = {number(theta)}° the slope is {number(rise, 3)}: {ground}."
    )


def _explained(surface: str, at: Vector, rises: Vector, theta: float) -> str:
    """What the gradient says about that slope, and where the summit is."""
    steep = float(np.hypot(*rises))
    way = bearing(rises)
    summits = SURFACES[surface].summits
    if way is None or steep < 5e-4:
        zero = "zero" if way is None else "shorter than 0.001"
        told = f"The gradient is {zero}: the ground is level in every direction."
        if any(np.hypot(*(at - summit)) < 0.1 for summit in summits):
            return f"{told} This is a summit."
        return f"{told} This is not a summit, but a saddle." if surface == "saddle" else told
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
    beside = between(to_top or 0.0, way)
    if beside < 0.05:
        return f"{told} {name} lies in the same direction."
    return f"{told} {name} lies at {degrees(to_top or 0.0)}, {number(beside, 1)}° beside it."
