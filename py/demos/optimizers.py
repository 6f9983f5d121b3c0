"""Race four ways of stepping from one start, then see at which learning rates each is any good."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.path import Path

from stage import (
    Choice,
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
from stage.linear_algebra import Numbers

Pair = tuple[float, float]

# The methods. Each is elementwise: g is the slope in one component, or an array of slopes; m and v
# are what the method remembers of earlier slopes, 0 at the start; t counts the steps from 1. A
# method returns by what to multiply −η for the step, and the new m and v.

BETA = 0.9  # momentum: how much of m is kept
RHO = 0.9  # RMSProp: how much of v is kept
BETA_1, BETA_2 = 0.9, 0.999  # Adam: how much of m and of v is kept
EPSILON = 1e-8  # so that nothing is divided by 0

Rule = Callable[[Any, Any, Any, int], tuple[Any, Any, Any]]


def plain(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """Gradient descent: x ← x − ηg."""
    return g, m, v


def momentum(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """m ← βm + g, x ← x − ηm. Polyak (1964), in the form that the libraries use."""
    m = BETA * m + g
    return m, m, v


def rmsprop(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """v ← ρv + (1 − ρ)g², x ← x − ηg/(√v + ε). Tieleman and Hinton (2012), lecture 6.5."""
    v = RHO * v + (1 - RHO) * g * g
    return g / (v**0.5 + EPSILON), m, v


def adam(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x − ηm̂/(√v̂ + ε).

    With m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ), the bias correction. Kingma and Ba (2015),
    algorithm 1.
    """
    m = BETA_1 * m + (1 - BETA_1) * g
    v = BETA_2 * v + (1 - BETA_2) * g * g
    return m / (1 - BETA_1**t) / ((v / (1 - BETA_2**t)) ** 0.5 + EPSILON), m, v


def adam_uncorrected(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """`adam` with m̂ = m and v̂ = v: its averages start too small, v far more so than m."""
    m = BETA_1 * m + (1 - BETA_1) * g
    v = BETA_2 * v + (1 - BETA_2) * g * g
    return m / (v**0.5 + EPSILON), m, v


METHODS = {"plain": "ink", "momentum": "data", "RMSProp": "truth", "Adam": "model"}  # and colours


def rules(correction: bool) -> list[Rule]:
    """The methods, in the order of METHODS."""
    return [plain, momentum, rmsprop, adam if correction else adam_uncorrected]


class Landscape(NamedTuple):
    """A function whose lowest value is 0, its gradient, and where to start."""

    formula: str
    height: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    start: Pair
    lowest: tuple[Pair, ...] = ((0, 0),)
    noise: float = 0.0  # standard deviation of what is added to each component of the gradient


def _valley(x: Any, y: Any) -> Any:
    return (x * x + 25 * y * y) / 2


LANDSCAPES = {
    "long valley": Landscape("½(x² + 25y²)", _valley, lambda x, y: (x, 25 * y), (-2.5, 1)),
    "tilted valley": Landscape(  # u = (x + y)/√2 along the valley, w = (y − x)/√2 across it
        "the long valley, turned by 45°",
        lambda x, y: ((x + y) * (x + y) + 25 * (y - x) * (y - x)) / 4,
        lambda x, y: (13 * x - 12 * y, 13 * y - 12 * x),
        (-2.5, -0.4),
    ),
    "saddle": Landscape(
        "½x² − ½y² + ⅛y⁴ + ½",
        lambda x, y: (x * x - y * y) / 2 + y * y * y * y / 8 + 0.5,
        lambda x, y: (x, y * y * y / 2 - y),
        (2.5, 0.01),
        ((0, math.sqrt(2)), (0, -math.sqrt(2))),
    ),
    "noisy gradient": Landscape(
        "½(x² + 25y²), slopes with noise",
        _valley,
        lambda x, y: (x, 25 * y),
        (-2.5, 1),
        noise=0.5,
    ),
}

LAST = 100  # steps
TAIL = 10  # how many of the last steps the loss at the end is the mean of
FAR = 1000.0  # |x| + |y| there: a path that has come so far is held, before its numbers overflow
ENOUGH = 0.01  # a loss at the end below this is called good
SLOW, FAST = 0.001, 2.0  # the learning rates
RATES = np.logspace(math.log10(SLOW), math.log10(FAST), 67)
SPACING = math.log10(FAST / SLOW) / (len(RATES) - 1)  # of these, in powers of ten


# A path can be chaotic: then the last bits of its start decide where it goes, and its digits are
# rounding errors. Each is run again from starts that differ by so little; what does not agree to
# SURE is not shown.
NUDGES = ((1.0, 1.0), (1 + 2.0**-48, 1 - 2.0**-48), (1 - 3 * 2.0**-48, 1 + 2.0**-47))
SURE = 1e-5  # of a loss, or of 1 if that is more: a tenth of the last digit shown


@lru_cache(maxsize=16)
def noise(name: str, seed: int) -> Numbers:
    """What is added to the gradient at each step, the same for all methods, shape (LAST, 2)."""
    draws = np.random.default_rng(seed).standard_normal((LAST, 2))
    return LANDSCAPES[name].noise * draws


class Run(NamedTuple):
    """One method at one learning rate."""

    points: Numbers  # shape (LAST + 1, 2); after `held` steps they stay where they are
    losses: Numbers  # shape (LAST + 1,)
    held: int  # steps until the path had gone too far; LAST + 1: it never has
    chance: int  # the step from which on rounding errors decide; LAST + 1: they never do


@lru_cache(maxsize=64)
def race(name: str, eta: float, correction: bool, seed: int) -> list[Run]:
    """Every method from the same start with the same learning rate and the same noise."""
    landscape = LANDSCAPES[name]
    added = noise(name, seed).tolist()
    x, y = landscape.start
    runs = []
    for rule in rules(correction):
        tries = [
            _walk(rule, landscape, eta, added, (x * nudge_x, y * nudge_y))
            for nudge_x, nudge_y in NUDGES
        ]
        points = np.array([way for way, _ in tries])
        losses = landscape.height(*np.moveaxis(points, -1, 0))
        unsure = np.flatnonzero(_unsure(losses))
        chance = int(unsure[0]) if len(unsure) else LAST + 1
        runs.append(Run(points[0], losses[0], tries[0][1], chance))
    return runs


def _walk(
    rule: Rule, landscape: Landscape, eta: float, added: list[list[float]], start: Pair
) -> tuple[list[Pair], int]:
    """The path of one method, and how many steps it took until it was held."""
    (x, y), mx, my, vx, vy = start, 0.0, 0.0, 0.0, 0.0
    points, held = [(x, y)], LAST + 1
    for t, (more_x, more_y) in enumerate(added, 1):
        if held > LAST and abs(x) + abs(y) > FAR:
            held = t - 1
        if held > LAST:
            gx, gy = landscape.gradient(x, y)
            dx, mx, vx = rule(gx + more_x, mx, vx, t)
            dy, my, vy = rule(gy + more_y, my, vy, t)
            x, y = x - eta * dx, y - eta * dy
        points.append((x, y))
    if held > LAST and abs(x) + abs(y) > FAR:
        held = LAST
    return points, held


def _unsure(losses: Numbers) -> Any:
    """Where runs from nudged starts disagree; the first axis of `losses` are the runs."""
    return np.ptp(losses, axis=0) > SURE * np.maximum(losses[0], 1)


@lru_cache(maxsize=16)
def sweep(name: str, correction: bool, seed: int) -> Numbers:
    """The loss at the end of every method at each of RATES, shape (4, 67): all rates at once.

    NaN where rounding errors decide.
    """
    landscape = LANDSCAPES[name]
    added = noise(name, seed)
    rates = np.tile(RATES, len(NUDGES))
    ends = []
    for rule in rules(correction):
        at = np.repeat((np.array(landscape.start) * np.array(NUDGES)).T, len(RATES), axis=1)
        m, v = np.zeros_like(at), np.zeros_like(at)
        tail, unsure = np.zeros(len(rates)), np.zeros(len(RATES), dtype=bool)
        for t in range(1, LAST + 1):
            g = np.array(landscape.gradient(*at)) + added[t - 1][:, None]
            going = abs(at).sum(axis=0) <= FAR
            # Where a path is held, the slope is taken as 1: nothing there can overflow.
            change, m, v = rule(np.where(going, g, 1), np.where(going, m, 0), v, t)
            v = np.where(going, v, 0)
            at = np.where(going, at - rates * change, at)
            losses = landscape.height(*at)
            unsure |= _unsure(losses.reshape(len(NUDGES), -1))
            if t > LAST - TAIL:
                tail += losses / TAIL
        ends.append(np.where(unsure, math.nan, tail[: len(RATES)]))
    return np.array(ends)


def runs_below(result: Numbers) -> list[tuple[int, int]]:
    """The first and the last index of each stretch of RATES whose loss at the end is good."""
    good = np.flatnonzero(result < ENOUGH)
    parts = np.split(good, np.flatnonzero(np.diff(good) > 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if len(part)]


def end_loss(run: Run) -> float:
    """The mean loss over the last TAIL steps, where a path that swings counts as it is; or NaN."""
    return float(run.losses[-TAIL:].mean()) if run.chance > LAST else math.nan


ACROSS, UP = 3.0, 2.0  # half the width and height of the map
LOW, HIGH = -4, 2  # powers of ten of the losses that are shown


def demo(fig: Annotated[Figure, Shape(wide=1.3, narrow=0.5)]) -> Update:
    """Set the scene: the paths and the losses of one race, and the outcome of all races."""
    if narrow(fig):
        # Laid out by hand: four rows leave matplotlib's solver a choice in the last digit.
        fig.set_layout_engine("none")
        cells = fig.add_gridspec(4, 1, height_ratios=(3.7, 3, 3, 2), hspace=0.55)
        cells.update(left=0.24, right=0.97, bottom=0.065, top=0.97)
        spots = [cells[i] for i in range(4)]
    else:
        cells = fig.add_gridspec(2, 2, width_ratios=(1.3, 1), height_ratios=(1.55, 1))
        spots = [cells[0, 0], cells[1, 0], cells[0, 1], cells[1, 1]]
    # On one spot: ticks at the bottom, the map that changes with the function, the paths on top.
    frame, ground, plane = (fig.add_subplot(spots[0]) for _ in range(3))
    falls, ends, bands = (fig.add_subplot(spot) for spot in spots[1:])
    colors = [to_rgba(color) for color in METHODS.values()]

    for axes in (frame, ground, plane):
        axes.set(xlim=(-ACROSS, ACROSS), ylim=(-UP, UP), aspect="equal")
    frame.set(xticks=range(-3, 4), yticks=range(-2, 3), zorder=-9)
    frame.grid(visible=False)
    frame.spines[:].set_visible(False)
    ground.set_axis_off()
    plane.set_axis_off()
    show_map = _map(ground)
    _losses(falls, "loss of this race")
    falls.set(xlim=(-2, LAST + 2), xlabel="step", xticks=range(0, LAST + 1, 25))
    _losses(ends, f"loss after {LAST} steps, by η")
    ends.axhspan(LOW, math.log10(ENOUGH), color="rule", alpha=0.6, linewidth=0, zorder=0.4)
    _rates(ends)
    ends.tick_params(labelbottom=False)  # they stand below the bars
    show_bands = _bands(bands)

    paths, curves, outcomes = [], [], []
    for color in METHODS.values():
        style: dict[str, Any] = {"marker": "o", "linewidth": 1.4, "markersize": 2.6}
        paths.append(artists.line(plane, color=color, zorder=2, **style))
        curves.append(artists.line(falls, color=color, linewidth=1.6, zorder=2))
        outcomes.append(artists.line(ends, color=color, linewidth=1.6, zorder=2))
    here, now, reached = (
        [artists.points(ax, color=c, markersize=6.3, mec="surface", zorder=4) for c in colors]
        for ax in (plane, falls, ends)
    )
    rate = artists.line(ends, [0, 0], [LOW, HIGH], color="gradient", linewidth=1.6, zorder=1.8)
    rate_below = artists.line(bands, [0, 0], [-9, 9], color="gradient", linewidth=1.6, zorder=4)

    def update(
        f: Annotated[str, Choice(*LANDSCAPES, label="function")] = "long valley",
        eta: Annotated[float, Slider(SLOW, FAST, 0.01, label="learning rate η", log=True)] = 0.06,
        correction: Annotated[bool, Toggle(label="Adam with bias correction")] = True,
        seed: Annotated[int, Seed(label="noise number")] = 1,
        step: Annotated[int, Steps(LAST, label="step", rate=10)] = 40,
    ) -> str:
        seed = seed if LANDSCAPES[f].noise else 0  # without noise one race is as any other
        runs = race(f, eta, correction, seed)
        results = sweep(f, correction, seed)

        show_map(f)
        show_bands(results)
        for outcome, result in zip(outcomes, _logs(results), strict=True):
            outcome.set_data(np.log10(RATES), result)
        steps = np.arange(step + 1)
        for path, curve, run in zip(paths, curves, runs, strict=True):
            shown = min(step + 1, run.chance)
            path.set_data(run.points[:shown].T)
            curve.set_data(steps[:shown], _logs(run.losses[:shown]))
        place = math.log10(eta)
        rate.set_xdata([place, place])
        rate_below.set_xdata([place, place])
        losses = _logs([run.losses[step] for run in runs]).clip(LOW, HIGH)
        final = _logs([end_loss(run) for run in runs]).clip(LOW, HIGH)
        for i, run in enumerate(runs):
            sure = slice(i, i + (step < run.chance))  # nothing once chance decides
            here[i].set_data(run.points[[step] * (step < run.chance)].T)
            now[i].set_data([step] * (step < run.chance), losses[sure])
            reached[i].set_data([place], final[i : i + 1])

        return f"{_raced(f, eta, correction, runs, step)} {_usable(results)}"

    return update


# The picture's parts


def _logs(losses: Any) -> Numbers:
    """Powers of ten; what is next to 0 lies below the panel."""
    logs: Numbers = np.log10(np.maximum(losses, 1e-9))
    return logs


BANDS = 11  # of height on the map; what lies above them has the colour of the last


@lru_cache
def areas(name: str) -> list[Path]:
    """The map of a function: for each band of √f, from the lowest, the area that it fills."""
    x, y = np.linspace(-ACROSS, ACROSS, 73), np.linspace(-UP, UP, 49)
    height = np.sqrt(np.maximum(LANDSCAPES[name].height(*np.meshgrid(x, y)), 0))
    top = float(height.max())
    edges = np.append(np.linspace(0, min(6.0, top), BANDS), top + 1)
    generator = contour_generator(x, y, height, fill_type=FillType.OuterCode)
    found = []
    for low, high in pairwise(edges):
        outlines, codes = generator.filled(low, high)  # type: ignore[misc]
        found.append(Path.make_compound_path(*map(Path, outlines, codes)))
    return found


def _map(ax: Axes) -> Callable[[str], None]:
    """Heights in bands, darker where f is larger. Returns what shows the map of a function."""
    surface, shade = (np.array(to_rgb(color)) for color in ("surface", "error"))
    colors = [surface + 0.3 * part * (shade - surface) for part in np.linspace(0, 1, BANDS)]
    bands = artists.polygons(
        ax, facecolors=colors, edgecolors="surface", linewidths=0.7, zorder=0.1
    )
    start = artists.points(ax, color="ink", markersize=10, mfc="none", mew=1.8)
    lowest = artists.points(ax, marker="+", color="muted", markersize=11, mew=2)
    formula = artists.label(ax, -ACROSS, UP + 0.1, weight="semibold")

    def show(name: str) -> None:
        landscape = LANDSCAPES[name]
        if formula.get_text() == landscape.formula:
            return
        formula.set_text(landscape.formula)
        bands.set_paths(areas(name))
        start.set_data(np.transpose([landscape.start]))
        lowest.set_data(np.transpose(landscape.lowest))

    return show


def _losses(ax: Axes, title: str) -> None:
    """A panel whose height is a loss, on a logarithmic scale."""
    ax.set(ylim=(LOW, HIGH))
    ax.set_title(title, size=10.5, zorder=0.6)
    ax.set_yticks(range(LOW, HIGH + 1, 2), ["0.0001", "0.01", "1", "100"])
    ax.spines["left"].set_visible(False)


def _rates(ax: Axes) -> None:
    """Learning rates along the bottom, on a logarithmic scale."""
    ax.set_xlim(math.log10(SLOW) - 0.05, math.log10(FAST) + 0.05)
    ax.set_xticks([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"])


def _bands(ax: Axes) -> Callable[[Numbers], None]:
    """A bar for each method over its good learning rates. Returns what shows these."""
    _rates(ax)
    ax.set(ylim=(len(METHODS) - 0.5, -0.5), xlabel="learning rate η")
    ax.set_title(f"where that is below {ENOUGH:g}", size=10.5, zorder=0.6)
    ax.set_yticks(range(len(METHODS)), list(METHODS))
    for label, color in zip(ax.get_yticklabels(), METHODS.values(), strict=True):
        label.set(color=color, weight="semibold", size=10.5)
    ax.grid(visible=False, axis="y")
    ax.spines["left"].set_visible(False)
    bars = artists.segments(ax, linewidths=9, capstyle="butt", zorder=2)
    known: list[Numbers] = []

    def show(results: Numbers) -> None:
        if known and np.array_equal(known[0], results, equal_nan=True):
            return
        known[:] = [results]
        segments, colors = [], []
        for row, (result, color) in enumerate(zip(results, METHODS.values(), strict=True)):
            for first, last in runs_below(result):
                ends = math.log10(RATES[first]) - SPACING / 2, math.log10(RATES[last]) + SPACING / 2
                segments.append([(end, row) for end in ends])
                colors.append(to_rgba(color))
        bars.set_segments(segments)
        bars.set_color(colors)

    return show


# The sentences


def _loss(loss: float) -> str:
    if loss > 10000:
        return "more than 10000"
    if loss < 0.0001:
        return "below 0.0001"
    return number(loss, 4 if loss < 1 else 2)


def _raced(name: str, eta: float, correction: bool, runs: list[Run], step: int) -> str:
    """The losses of the race so far, the best first."""
    names = [key if key != "Adam" or correction else "uncorrected Adam" for key in METHODS]
    # six digits: losses that are equal but for rounding stay in the order of METHODS
    order = sorted(
        range(len(runs)),
        key=lambda i: (step >= runs[i].chance, float(f"{runs[i].losses[step]:.6g}")),
    )
    told = [
        f"{names[i]} too sensitive to rounding to predict after step {runs[i].chance - 1}"
        if step >= runs[i].chance
        else f"{names[i]} {_loss(runs[i].losses[step])}"
        if step < runs[i].held
        else f"{names[i]} too far away after step {runs[i].held}, so held there"
        for i in order
    ]
    steps = f"{step} step{'s' * (step != 1)}"
    return f"{name.capitalize()}, η = {eta:.4g}, loss after {steps}: {', '.join(told)}."


def _usable(results: Numbers) -> str:
    """How wide the band of good learning rates is for each method."""
    told = []
    for name, result in zip(METHODS, results, strict=True):
        parts = [
            f"{RATES[first]:.2g} to {RATES[last]:.2g}"
            if first < last
            else f"about {RATES[first]:.2g}"
            for first, last in runs_below(result)
        ]
        told.append(f"{name} {' and '.join(parts) or 'none'}")
    return f"Rates that lead below {ENOUGH:g} at the end: {'; '.join(told)}."
