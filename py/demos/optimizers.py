"""Race four optimizers from one start, and turn the valley under them."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.path import Path

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
    power,
)
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.optimization import BETA, MARKERS, METHODS, SADDLE, Landscape, Run, rules, run, valley

FUNCTIONS = ("long valley", "noisy gradient", "saddle")
NOISE = 0.5  # standard deviation of the noise in each component of the noisy gradient
LAST = 100  # steps
SLOW, FAST = 0.001, 2.0  # the range of learning rates


@lru_cache(maxsize=64)
def landscape(name: str, kappa: float, theta: float) -> Landscape:
    """The landscape by name; κ and the angle θ (degrees) apply to the valleys."""
    if name == "saddle":
        return SADDLE
    return valley(kappa, theta, NOISE if name == "noisy gradient" else 0.0)


@lru_cache(maxsize=16)
def noise(name: str, seed: int) -> Numbers:
    """The gradient noise at each step, the same for all methods, shape (LAST, 2)."""
    draws = np.random.default_rng(seed).standard_normal((LAST, 2))
    return draws * (NOISE if name == "noisy gradient" else 0.0)


@lru_cache(maxsize=64)
def race(
    name: str, kappa: float, theta: float, eta: float, beta: float, correction: bool, seed: int
) -> list[Run]:
    """x ← x − η · (g, m, g/√v, or m̂/√v̂): all methods with the same start, rate, and noise."""
    place = landscape(name, kappa, theta)
    added = noise(name, seed).tolist()
    return [run(rule, place, eta, added, place.start) for rule in rules(correction, beta)]


ACROSS, UP = 3.0, 2.0  # half the width and height of the map
ZOOMS = (1, 2, 4)  # factors by which the map can be extended for a path
Limits = tuple[float, float]
LOW, HIGH = -4, 2  # log₁₀ of the range of the loss axis
REACH = 2.4  # distance from the minimum to the handle that rotates the valley


def last_inside(points: Numbers) -> int:
    """The last step before a path leaves the largest map."""
    outside = np.flatnonzero((abs(points) > (ZOOMS[-1] * ACROSS, ZOOMS[-1] * UP)).any(axis=1))
    return int(outside[0]) - 1 if len(outside) else len(points) - 1


def zoom(paths: list[Numbers]) -> int:
    """The smallest of ZOOMS that shows all these points."""
    reach = max(float((abs(points) / (ACROSS, UP)).max()) for points in paths)
    return next(zoomed for zoomed in ZOOMS if reach <= zoomed)


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.95)]) -> Update:
    """Set the scene: the paths of a race on a map; their losses on request."""
    fig.set_layout_engine("none")
    alone, above, below = (inset(fig, *spot) for spot in _spots(fig))
    # Two axes in one position: the map, which changes with the function, and the paths on top.
    ground, plane = (fig.add_axes(alone) for _ in range(2))
    curve = fig.add_axes(below)
    for axes in (ground, plane):
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.patch.set_visible(False)
        axes.grid(visible=False)
    show_map = _map(fig, ground)
    _key(fig)
    start = artists.points(plane, color="ink", markersize=11, mfc="none", mew=1.8)
    lowest = artists.points(plane, marker="+", color="ink", markersize=11, mew=2)
    axis = artists.line(plane, color="gradient", linewidth=1.4, linestyle="--", zorder=1)
    paths, here, falls, now = [], [], [], []
    for color, marker in zip(METHODS.values(), MARKERS, strict=True):
        paths.append(
            artists.line(plane, marker="o", color=color, linewidth=1.5, markersize=2.4, zorder=2)
        )
        style: dict[str, Any] = {"marker": marker, "color": color, "mec": "surface", "zorder": 4}
        here.append(artists.points(plane, markersize=8, **style))
        falls.append(artists.line(curve, color=color, linewidth=1.6))
        now.append(artists.points(curve, markersize=6.5, **style))
    _losses(curve)
    laid: tuple[object, ...] = ()

    def update(
        f: Annotated[str, Choice(*FUNCTIONS, label="function")] = "long valley",
        eta: Annotated[float, Slider(SLOW, FAST, 0.01, label="learning rate η", log=True)] = 0.06,
        loss: Annotated[bool, Toggle(label="loss curves")] = False,
        step: Annotated[int, Steps(LAST, label="step", rate=10)] = 3,
        theta: Annotated[
            float,
            Slider(
                0,
                45,
                1,
                label="direction of the valley",
                unit="°",
                more=True,
                when=lambda f: f != "saddle",
                drag=Drag(
                    at=lambda theta: (
                        REACH * math.cos(math.radians(theta)),
                        REACH * math.sin(math.radians(theta)),
                    ),
                    to=lambda x, y: math.degrees(math.atan2(y, max(x, 0.01))),
                    axes=1,
                ),
            ),
        ] = 0.0,
        kappa: Annotated[
            float,
            Slider(
                1,
                100,
                0.05,
                label="condition number κ",
                log=True,
                more=True,
                when=lambda f: f != "saddle",
            ),
        ] = 25.0,
        beta: Annotated[float, Slider(0, 0.99, 0.01, label="momentum β", more=True)] = BETA,
        correction: Annotated[bool, Toggle(label="Adam with bias correction", more=True)] = True,
        seed: Annotated[
            int,
            Seed(
                label="noise number",
                more=True,
                when=lambda f, step: f == "noisy gradient" and step > 0,
            ),
        ] = 1,
    ) -> str:
        nonlocal laid
        if f == "saddle":
            theta, kappa = 0.0, 25.0
        place = landscape(f, kappa, theta)
        runs = race(f, kappa, theta, eta, beta, correction, seed if place.noise else 0)
        ends = [min(step, one.unreliable_from - 1, last_inside(one.points)) for one in runs]
        zoomed = zoom([one.points[: end + 1] for one, end in zip(runs, ends, strict=True)])
        box = above if loss else alone
        limits = _limits(fig, box, zoomed)
        if laid != (now_laid := (loss, limits)):
            for axes in (ground, plane):
                axes.set_position(box)
                axes.set(xlim=(-limits[0], limits[0]), ylim=(-limits[1], limits[1]))
            curve.set_visible(loss)
            laid = now_laid
        show_map(f, kappa, theta, limits)
        start.set_data(np.transpose([place.start]))
        lowest.set_data(np.transpose(place.lowest))
        c, s = math.cos(math.radians(theta)), math.sin(math.radians(theta))
        axis.set_visible(f != "saddle")
        axis.set_data([-REACH * c, REACH * c], [-REACH * s, REACH * s])
        for i, (one, end) in enumerate(zip(runs, ends, strict=True)):
            paths[i].set_data(one.points[: end + 1].T)
            here[i].set_data(one.points[[end] * (end == step)].T)
            if loss:
                sure = min(step, one.unreliable_from - 1)
                heights = np.log10(np.maximum(one.losses[: sure + 1], 1e-9))
                falls[i].set_data(np.arange(sure + 1), heights)
                now[i].set_data(
                    [step] * (sure == step), heights[-1:].clip(LOW, HIGH)[: sure == step]
                )
        return Caption(
            _told(runs, ends, step),
            detail=_detail(f, place, eta, beta, correction, runs, ends, step)
            + (" The loss curves of the four are below the map." if loss else ""),
        )

    return update


# Drawing


BANDS = 11  # number of height bands; everything above has the color of the last one


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: map alone, map above the curves, curves."""
    _, high = css_size(fig)
    panel = 74 if narrow(fig) else 100
    return (
        (10, 56, 10, 8),
        (10, 56, 10, panel + 80),
        (52, high - panel - 46, 14, 46),
    )


def _key(fig: Figure) -> None:
    """The legend: the names of the methods with their markers, in a row above the map."""
    wide, high = css_size(fig)
    x, size = 14.0, 9.5 if narrow(fig) else 11.0
    widths = (117, 88, 75, 40) if narrow(fig) else (140, 104, 96, 60)
    row = fig.add_axes((0, 1 - 54 / high, 1, 22 / high))
    row.set(xlim=(0, wide), ylim=(-1, 1))
    row.set_axis_off()
    for (name, color), marker, width in zip(METHODS.items(), MARKERS, widths, strict=True):
        row.plot(x, 0, marker, color=color, markersize=7)
        row.text(x + 8, -0.08, name, color=color, va="center", weight="semibold", size=size)
        x += width


def _limits(fig: Figure, box: Rectangle, zoomed: int) -> Limits:
    """The extent of a map with this box to each side, at equal scales."""
    wide, high = fig.get_size_inches()
    shape = float(box[2] * wide / (box[3] * high))
    up = zoomed * max(UP, ACROSS / shape)
    return round(up * shape, 6), round(up, 6)


@lru_cache(maxsize=64)
def areas(name: str, kappa: float, theta: float, limits: Limits) -> list[Path]:
    """The map of a function: the area of each band of √f, from the lowest."""
    x, y = (
        np.linspace(-limit, limit, count) for limit, count in zip(limits, (81, 53), strict=True)
    )
    place = landscape(name, kappa, theta)
    height = np.sqrt(np.maximum(place.height(*np.meshgrid(x, y)), 0))
    top = float(height.max())
    edges = np.append(np.linspace(0, min(3.0 * limits[1], top), BANDS), top + 1)
    generator = contour_generator(x, y, height, fill_type=FillType.OuterCode)
    found = []
    for low, high in pairwise(edges):
        outlines, codes = generator.filled(low, high)  # type: ignore[misc]
        found.append(Path.make_compound_path(*map(Path, outlines, codes)))
    return found


def _map(fig: Figure, ax: Axes) -> Callable[[str, float, float, Limits], None]:
    """Height bands, darker for larger f; returns a function that shows the map of a function."""
    surface, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    colors = [surface + 0.3 * part * (shade - surface) for part in np.linspace(0, 1, BANDS)]
    bands = artists.polygons(
        ax, facecolors=colors, edgecolors="surface", linewidths=0.7, zorder=0.1
    )
    wide, high = css_size(fig)
    spot: dict[str, Any] = {"transform": fig.transFigure, "weight": "semibold", "va": "center"}
    formula = artists.label(ax, 10 / wide, 1 - 16 / high, **spot)
    laid: tuple[object, ...] = ()

    def show(name: str, kappa: float, theta: float, limits: Limits) -> None:
        nonlocal laid
        if laid == (now_laid := (name, kappa, theta, limits)):
            return
        laid = now_laid
        place = landscape(name, kappa, theta)
        formula.set_text(f"{place.formula}, noisy" if place.noise else place.formula)
        bands.set_paths(areas(name, kappa, theta, limits))

    return show


def _losses(ax: Axes) -> None:
    """Set up the panel of losses with its logarithmic scale."""
    ax.set(xlim=(-2, LAST + 2), ylim=(LOW - 0.3, HIGH + 0.3), xlabel="step")
    ax.set_title("loss", size=10.5, loc="left", zorder=0.6)
    ax.set_xticks(range(0, LAST + 1, 25))
    ax.set_yticks(range(LOW, HIGH + 1, 2), ["0.0001", "0.01", "1", "100"])
    ax.spines["left"].set_visible(False)


# Captions


def _loss(loss: float) -> str:
    if loss > 10000:
        return "more than 10,000"
    if loss < 0.0001:
        return "less than 0.0001"
    return number(loss, 4 if loss < 1 else 2)


def ranking(runs: list[Run], step: int) -> list[int]:
    """The methods, lowest loss first; those dominated by rounding errors come last.

    Compared to six digits, so that losses equal except for rounding keep the order of METHODS.
    """
    return sorted(
        range(len(runs)),
        key=lambda i: (step >= runs[i].unreliable_from, float(f"{runs[i].losses[step]:.6g}")),
    )


def _told(runs: list[Run], ends: list[int], step: int) -> str:
    """The caption: which method has the lowest loss."""
    if step == 0:
        return f"All four start at a loss of {_loss(runs[0].losses[0])}."
    if all(end < step for end in ends):
        return "All four have left the map or cannot be predicted."
    steps = f"{step} step{'s' * (step != 1)}"
    first = ranking(runs, step)[0]
    low = runs[first].losses[step]
    if low < 0.0001 and sum(runs[i].losses[step] < 0.0001 for i in range(len(runs))) > 1:
        return f"After {steps}, more than one method has a loss below 0.0001."
    return f"After {steps}, {list(METHODS)[first]} has the lowest loss, {_loss(low)}."


def _detail(
    name: str,
    place: Landscape,
    eta: float,
    beta: float,
    correction: bool,
    runs: list[Run],
    ends: list[int],
    step: int,
) -> str:
    """The detail: the settings, and the loss of each method, lowest first."""
    names = [key if key != "Adam" or correction else "Adam without correction" for key in METHODS]
    told = [
        f"{names[i]} too sensitive to rounding to predict after step {runs[i].unreliable_from - 1}"
        if step >= runs[i].unreliable_from
        else f"{names[i]} {_loss(runs[i].losses[step])}"
        if ends[i] == step
        else f"{names[i]} has left the map after step {ends[i]}"
        for i in ranking(runs, step)
    ]
    noisy = " with a noisy gradient" if place.noise else ""
    return (
        f"{name.capitalize()}, {place.formula}{noisy}; learning rate {power(eta, 3)}, momentum "
        f"{number(beta)}. Loss after {step} step{'s' * (step != 1)}: {', '.join(told)}."
    )
