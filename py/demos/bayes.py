"""Set the prior and the test, and see the people in three ways."""

import math
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from stage import Caption, Choice, Figure, Shape, Slider, Toggle, Update, artists, narrow, percent
from stage.bayes import Joint, joint_probabilities, likelihood_ratio, odds, odds_text, posterior
from stage.linear_algebra import Numbers
from stage.text import rounded

SIDE = 100  # people along each side of the crowd
CROWD = SIDE**2
MOST = 10**10  # people
KINDS = ("ill, positive", "healthy, positive", "ill, negative", "healthy, negative")
VIEWS = ("people", "area", "odds")
DECADES = 6  # the scale of odds reaches from 1 : 10⁶ to 10⁶ : 1
TICKS = {-6: "1 : 10⁶", -4: "1 : 10⁴", -2: "1 : 100", 0: "1 : 1", 2: "100 : 1", 4: "10⁴ : 1"}


def heads(parts: Joint, people: int = CROWD) -> tuple[int, int, int, int]:
    """The number of people of each kind, as nonnegative integers that sum to `people`."""
    ill, ill_positive, healthy_positive = (
        round(rounded(people * share, 6))  # so that ties are rounded alike on every computer
        for share in (
            parts.ill_positive + parts.ill_negative,
            parts.ill_positive,
            parts.healthy_positive,
        )
    )
    ill_positive = min(ill_positive, ill)
    healthy_positive = min(healthy_positive, people - ill)
    return (
        ill_positive,
        healthy_positive,
        ill - ill_positive,
        people - ill - healthy_positive,
    )


def population(parts: Joint) -> int:
    """The smallest power of ten, at least 10,000, whose integer counts give the right posterior.

    That means with a relative error below 1/2,000; fractions of people would make no sense.
    """
    both = parts.ill_positive + parts.healthy_positive
    people = CROWD
    while people < MOST:
        counts = heads(parts, people)
        found = counts[0] + counts[1]
        if not both or (
            found
            and abs(counts[0] / found - parts.ill_positive / both) * 2000
            <= min(parts.ill_positive, parts.healthy_positive) / both + 1e-12
        ):
            break
        people *= 10
    return people


@lru_cache(maxsize=1)
def places() -> NDArray[np.intp]:
    """The position of each person in the crowd, shape (CROWD,): a fixed random order."""
    return np.random.default_rng(29).permutation(CROWD)


def crowd(counts: tuple[int, int, int, int]) -> NDArray[np.intp]:
    """The kind, 0 to 3, at each position, shape (SIDE, SIDE). A growing kind keeps its people."""
    ill_positive, healthy_positive, ill_negative, _ = counts
    kinds = np.full(CROWD, 3)
    kinds[: ill_positive + ill_negative] = 2
    kinds[:ill_positive] = 0
    kinds[CROWD - healthy_positive :] = 1
    mixed = np.empty_like(kinds)
    mixed[places()] = kinds
    return mixed.reshape(SIDE, SIDE)


def demo(fig: Annotated[Figure, Shape(wide=1.62, narrow=0.74)]) -> Update:
    """Set the scene: one panel for each view, of which one is visible, and a key."""
    phone = narrow(fig)
    fig.set_layout_engine("none")
    square = (0.04, 0.285, 0.92, 0.68) if phone else (0.015, 0.03, 0.56, 0.907)
    people, area, scale, key = (
        fig.add_axes(spot, label=str(i))
        for i, spot in enumerate(
            (
                square,
                square,
                (0.2, 0.32, 0.76, 0.61) if phone else (0.11, 0.06, 0.46, 0.85),
                (0.04, 0.01, 0.92, 0.25) if phone else (0.61, 0.1, 0.38, 0.8),
            )
        )
    )
    colors = kinds_colors()
    people.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    palette = np.array([[round(255 * part) for part in color] for color in colors], dtype=np.uint8)
    dots = artists.cells(people, (0, SIDE, 0, SIDE), palette)
    rings = artists.points(people, color="truth", mfc="none", markersize=11, mew=2, zorder=2)
    rings.set_clip_on(False)
    area.set(xlim=(0, 1), ylim=(0, 1))
    regions = artists.polygons(area, facecolors=colors, zorder=0.7)
    for axes in (people, area, key):
        axes.set_axis_off()
    steps, start, end = _ladder(scale)
    total, expected, result = _key(key, phone)

    def update(
        view: Annotated[str, Choice(*VIEWS, label="view")] = VIEWS[0],
        prior: Annotated[
            float,
            Slider(0.0001, 1, 0.05, label="prior P(ill)", log=True, when=lambda nobody: not nobody),
        ] = 0.01,
        sensitivity: Annotated[float, Slider(0, 1, 0.01, label="sensitivity P(+ | ill)")] = 0.99,
        specificity: Annotated[
            float, Slider(0, 1, 0.001, label="specificity P(− | healthy)")
        ] = 0.99,
        second: Annotated[bool, Toggle(label="a second test, also positive", more=True)] = False,
        nobody: Annotated[bool, Toggle(label="no one is ill (prior 0)", more=True)] = False,
    ) -> str:
        before = 0.0 if nobody else prior
        tests = 2 if second else 1
        parts = joint_probabilities(before, sensitivity, specificity, tests)
        found = posterior(before, sensitivity, specificity, tests)
        for axes, name in zip((people, area, scale), VIEWS, strict=True):
            axes.set_visible(name == view)
        if view == VIEWS[0]:
            counts = heads(parts)
            kinds = crowd(counts)
            dots.set_cells(kinds)
            few = np.argwhere(kinds == 0) if counts[0] <= 12 else np.empty((0, 2))
            rings.set_data(few[:, 1] + 0.5, few[:, 0] + 0.5)
        elif view == VIEWS[1]:
            regions.set_verts(_rectangles(before, sensitivity**tests, (1 - specificity) ** tests))
        ratio = likelihood_ratio(sensitivity, specificity)
        at = [_decades(odds(before))]
        if ratio is not None and 0 < before < 1:
            at += [_decades(odds(before) * ratio**k) for k in range(1, tests + 1)]
        start.set_data([0.3], at[:1])
        end.set_data(
            [] if found is None else [0.3 + 0.25 * tests], [] if found is None else at[-1:]
        )
        moves = [b - a if abs(b - a) > 0.02 else math.nan for a, b in pairwise(at)]
        moves += [math.nan] * (2 - len(moves))
        tails = [(0.3 + 0.25 * k, y) for k, y in enumerate([at[0], at[min(1, len(at) - 1)]])]
        steps.place(*((tail, (0.25, move)) for tail, move in zip(tails, moves, strict=True)))

        size = population(parts)
        each = heads(parts, size)
        total.set_text(f"of {size:,} people")
        for text, n in zip(expected, each, strict=True):
            text.set_text(f"{n:,}")
        result.set_text("posterior: none" if found is None else f"posterior: {percent(found)}")
        ends = "" if found is None else f" They become {odds_text(odds(found))}."
        factor = "" if ratio is None else f", the likelihood ratio is {_factor(ratio)}"
        return Caption(
            told(before, found, tests),
            detail=(
                f"View: {view}. Sensitivity {percent(sensitivity)}, specificity "
                f"{percent(specificity)}, {'two tests' if second else 'one test'}. Of {size:,} "
                f"people, {each[0]:,} are ill and positive, {each[1]:,} healthy and positive, "
                f"{each[2]:,} ill and not, {each[3]:,} healthy and not. The odds start at "
                f"{odds_text(odds(before))}{factor}.{ends}"
            ),
        )

    return update


# Drawing


def kinds_colors() -> list[tuple[float, ...]]:
    """The colors of true positives, false positives, false negatives, and true negatives."""
    surface = np.array(to_rgb("surface"))
    missed = 0.4 * np.array(to_rgb("truth")) + 0.6 * surface
    return [to_rgb("truth"), to_rgb("error"), tuple(map(float, missed)), to_rgb("rule")]


def _rectangles(ill: float, hit: float, alarm: float) -> Numbers:
    """The square of all people, in the order of KINDS: the ill to the left, the positive below.

    Shape (4, 4, 2).
    """
    boxes = ((0, ill, 0, hit), (ill, 1, 0, alarm), (0, ill, hit, 1), (ill, 1, alarm, 1))
    return np.array(
        [
            [(left, low), (right, low), (right, high), (left, high)]
            for left, right, low, high in boxes
        ]
    )


def _ladder(ax: Axes) -> tuple[artists.Arrows, artists.Line, artists.Line]:
    """A logarithmic scale of odds: an arrow for each test, the prior, and the posterior."""
    ax.set(xlim=(0, 1.1), ylim=(-DECADES - 0.4, DECADES + 0.4), xticks=[])
    ax.set_yticks([*TICKS, DECADES], [*TICKS.values(), "10⁶ : 1"])
    ax.set_title("odds of being ill", size=10.5)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=1)
    steps = artists.arrows(ax, ["gradient"] * 2)
    return (
        steps,
        artists.points(ax, color="data", markersize=9),
        artists.points(ax, color="truth", markersize=9, zorder=2.5),
    )


def _key(ax: Axes, phone: bool) -> tuple[artists.Label, list[artists.Label], artists.Label]:
    """The key: names and numbers of the kinds, the unit of the numbers, and the posterior."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    rows = (0.7, 0.52, 0.34, 0.16) if phone else (0.72, 0.62, 0.52, 0.42)
    bold: Any = {"va": "center", "weight": "semibold"}
    ax.scatter([0.03] * 4, rows, s=60, marker="s", color=kinds_colors(), zorder=1)
    for row, kind in zip(rows, KINDS, strict=True):
        ax.text(0.08, row, kind, va="center", zorder=0.8)
    total = artists.label(ax, 0, 0.93 if phone else 0.85, **bold)
    spot = (0.97, 0.93) if phone else (0, 0.27)
    result = artists.label(ax, *spot, **bold, ha="right" if phone else "left", color="truth")
    numbers = [artists.label(ax, 0.97, row, **bold, ha="right") for row in rows]
    return total, numbers, result


def _decades(value: float) -> float:
    """log₁₀ of odds, clipped to the scale."""
    return (
        min(max(math.log10(value), -DECADES), DECADES)
        if 0 < value < math.inf
        else (DECADES if value else -DECADES)
    )


# Captions


def _factor(ratio: float) -> str:
    if ratio == math.inf:
        return "infinite"
    return f"{ratio:.4g}" if ratio < 999.95 else f"{ratio:,.0f}"


def told(prior: float, found: float | None, tests: int = 1) -> str:
    """The caption: how positive results change the probability of illness."""
    if found is None:
        return "No one can test positive, so there is no posterior."
    if prior == 0:
        return "No one is ill, so every positive result is a false alarm."
    if prior == 1:
        return "Everyone is ill, whatever the test says."
    if found == 0:
        return "No ill person tests positive, so whoever does is healthy."
    if found == 1:
        return "No healthy person tests positive, so whoever does is ill."
    before, after = percent(prior), percent(found)
    if abs(found - prior) < 1e-9:
        return f"This changes nothing: the probability of illness stays at {before}."
    way = "raise" if found > prior else "lower"
    what = f"Two positive results {way}" if tests > 1 else f"A positive result {way}s"
    return f"{what} the probability of illness from {before} to {after}."
