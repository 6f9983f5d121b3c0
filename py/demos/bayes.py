"""Guess how likely an illness is after a positive test, then count the people it comes from."""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from stage import Figure, Shape, Slider, Toggle, Update, artists, narrow, number
from stage.linear_algebra import Numbers
from stage.text import rounded

Pixels = NDArray[np.uint8]


class Shares(NamedTuple):
    """The four kinds of people, as shares of all; together 1. Positive: in every test taken."""

    ill_positive: float
    healthy_positive: float
    ill_negative: float
    healthy_negative: float


def shares(prior: float, sensitivity: float, specificity: float, tests: int = 1) -> Shares:
    """P(A and B) = P(B|A)·P(A) for A ill or healthy and B positive or not; all arguments in [0, 1].

    Tests are independent given A: the chances of one result after another multiply.
    """
    ill = prior * sensitivity**tests
    healthy = (1 - prior) * (1 - specificity) ** tests
    return Shares(ill, healthy, prior - ill, 1 - prior - healthy)


def posterior(prior: float, sensitivity: float, specificity: float, tests: int = 1) -> float | None:
    """P(A|B) = P(B|A)·P(A) / P(B), with P(B) = P(B|A)·P(A) + P(B|not A)·P(not A).

    None where P(B) = 0: what never happens tells nothing. Bayes (1763), proposition 5.
    """
    ill, healthy, *_ = shares(prior, sensitivity, specificity, tests)
    return ill / (ill + healthy) if ill + healthy else None


def odds(p: float) -> float:
    """p : (1 − p) as one number; infinite for p = 1."""
    return p / (1 - p) if p < 1 else math.inf


def likelihood_ratio(sensitivity: float, specificity: float) -> float | None:
    """P(B|A) / P(B|not A), what a positive test multiplies the odds by; None: 0 / 0."""
    if specificity < 1:
        return sensitivity / (1 - specificity)
    return math.inf if sensitivity else None


SIDE = 100  # people along each side of the crowd
CROWD = SIDE**2


def heads(parts: Shares) -> tuple[int, int, int, int]:
    """How many of the crowd are of each kind, in whole people, none below 0; together CROWD."""
    ill, ill_positive, healthy_positive = (
        round(rounded(CROWD * share, 6))  # half a person is half a person on every machine
        for share in (
            parts.ill_positive + parts.ill_negative,
            parts.ill_positive,
            parts.healthy_positive,
        )
    )
    ill_positive = min(ill_positive, ill)
    healthy_positive = min(healthy_positive, CROWD - ill)
    return (
        ill_positive,
        healthy_positive,
        ill - ill_positive,
        CROWD - ill - healthy_positive,
    )


@lru_cache(maxsize=1)
def places() -> NDArray[np.intp]:
    """Where in the crowd each person stands, shape (CROWD,): mixed, but always in the same way."""
    return np.random.default_rng(29).permutation(CROWD)


def crowd(counts: tuple[int, int, int, int]) -> NDArray[np.intp]:
    """The kind, 0 to 3, of each place, shape (SIDE, SIDE). Growing kinds keep whom they have."""
    ill_positive, healthy_positive, ill_negative, _ = counts
    kinds = np.full(CROWD, 3)
    kinds[: ill_positive + ill_negative] = 2
    kinds[:ill_positive] = 0
    kinds[CROWD - healthy_positive :] = 1
    mixed = np.empty_like(kinds)
    mixed[places()] = kinds
    return mixed.reshape(SIDE, SIDE)


KINDS = ("ill, positive", "healthy, positive", "ill, negative", "healthy, negative")
DECADES = 6  # the scale of odds reaches from 1 : 10⁶ to 10⁶ : 1


def demo(fig: Annotated[Figure, Shape(wide=1.42, narrow=0.7)]) -> Update:
    """Set the scene: the same shares as an area, as a crowd, on a line, and as odds."""
    phone = narrow(fig)
    fig.set_layout_engine("none")
    spots = (
        ((0.02, 0.63, 0.46, 0.322), (0.52, 0.63, 0.46, 0.322), (0.02, 0.41, 0.96, 0.2))
        if phone
        else ((0.012, 0.44, 0.345, 0.49), (0.375, 0.44, 0.345, 0.49), (0.74, 0.44, 0.25, 0.49))
    )
    area, people, key = (fig.add_axes(spot) for spot in spots)
    line = fig.add_axes((0.06, 0.225, 0.88, 0.11) if phone else (0.03, 0.232, 0.94, 0.107))
    scale = fig.add_axes((0.06, 0.047, 0.88, 0.088) if phone else (0.03, 0.05, 0.94, 0.087))
    colors = kinds_colors()

    area.set(xlim=(0, 1), ylim=(0, 1))
    area.set_title("everybody, as an area", size=10.5, zorder=0.6)
    regions = artists.polygons(area, facecolors=colors, zorder=0.7)

    people.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    people.set_title("10,000 people, mixed", size=10.5, zorder=0.6)
    palette = np.array([[round(255 * part) for part in color] for color in colors], dtype=np.uint8)
    dots = artists.cells(people, (0, SIDE, 0, SIDE), palette)
    rings = artists.points(people, color="truth", mfc="none", markersize=9, mew=1.8, zorder=2)
    for axes in (area, people, key):
        axes.set_axis_off()

    expected, note = _key(key, phone)
    guessed, after = _line(line, 0.0235 if phone else 0.011)
    multiply, product = _scale(scale)
    shown: tuple[float, ...] = ()  # what is drawn; while the guess moves the rest is not touched

    def update(
        guess: Annotated[float, Slider(0, 100, 1, label="your guess", unit="%")] = 90.0,
        prior: Annotated[float, Slider(0.0001, 1, 0.05, label="prior P(ill)", log=True)] = 0.01,
        nobody: Annotated[bool, Toggle(label="nobody is ill (prior 0)")] = False,
        sensitivity: Annotated[float, Slider(0, 1, 0.01, label="sensitivity P(+ | ill)")] = 0.99,
        specificity: Annotated[
            float, Slider(0, 1, 0.001, label="specificity P(− | healthy)")
        ] = 0.99,
        second: Annotated[bool, Toggle(label="a second test, also positive")] = False,
    ) -> str:
        nonlocal shown
        before = 0.0 if nobody else prior
        tests = 2 if second else 1
        setting = before, sensitivity, specificity, tests
        parts = shares(*setting)
        found = posterior(*setting)

        guessed(guess / 100)
        if setting != shown:
            shown = setting
            show(*setting, parts, found)
        return _told(guess, setting, parts, found)

    def show(
        prior: float,
        sensitivity: float,
        specificity: float,
        tests: int,
        parts: Shares,
        found: float | None,
    ) -> None:
        split = prior, sensitivity**tests, (1 - specificity) ** tests
        regions.set_verts(_rectangles(*split))
        counts = heads(parts)
        kinds = crowd(counts)
        dots.set_cells(kinds)
        few = np.argwhere(kinds == 0) if counts[0] <= 12 else np.empty((0, 2))
        rings.set_data(few[:, 1] + 0.5, few[:, 0] + 0.5)
        for text, part in zip(expected, parts, strict=True):
            text.set_text(_people(part))
        note.set_text("positive: in both tests" if tests > 1 else "")

        after(prior, found, _fraction(parts, found))
        ratio = likelihood_ratio(sensitivity, specificity)
        multiply(prior, ratio, tests)
        product.set_text(_product(prior, ratio, tests, found))

    return update


# The picture's parts


def kinds_colors() -> list[tuple[float, ...]]:
    """The colours of the four kinds: of the ill, of false alarms, of those missed, of the rest."""
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


def _key(ax: Axes, phone: bool) -> tuple[list[artists.Label], artists.Label]:
    """The names of the kinds; the texts for their numbers, and for a note."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    rows = (0.66, 0.46, 0.26, 0.06) if phone else (0.8, 0.65, 0.5, 0.35)
    left, top = (0.24, 0.9) if phone else (0.42, 0.97)
    ax.scatter([0.03] * 4, rows, s=70, marker="s", color=kinds_colors(), zorder=1)
    ax.text(0, top, "of 10,000, on average", va="center", weight="semibold", zorder=1)
    expected = []
    for row, kind in zip(rows, KINDS, strict=True):
        ax.text(left + 0.03, row, kind, va="center", size=10, zorder=1)
        expected.append(artists.label(ax, left, row, va="center", ha="right", weight="semibold"))
    note = artists.label(
        ax, 1 if phone else 0, top if phone else 0.18, "", va="center", color="muted"
    )
    note.set(ha="right" if phone else "left")
    for text in (*expected, note):
        text.set(clip_on=True, zorder=3)
    note.set(size=10, zorder=2)
    return expected, note


def _line(
    ax: Axes, word: float
) -> tuple[Callable[[float], None], Callable[[float, float | None, str], None]]:
    """A line of probabilities: what shows a guess on it, and what shows prior and posterior.

    `word` is the width of a letter, as a part of the line's.
    """
    _strip(ax, (-22, 32))
    ax.set_title("P(ill | positive)", size=10.5, zorder=0.6)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    rise = artists.line(ax, color="truth", linewidth=3.5, solid_capstyle="butt")
    start, end, guess = (
        artists.points(ax, marker=marker, color=color, markersize=size, clip_on=False)
        for marker, color, size in (("o", "muted", 7), ("o", "truth", 9), ("v", "model", 9))
    )
    found_name, guess_name = (
        artists.label(
            ax, 0, y, "", color=color, ha="center", va="center", weight="semibold", clip_on=True
        )
        for y, color in ((-14, "truth"), (23, "model"))
    )
    for artist in (guess, guess_name):
        artist.set_zorder(1.5)

    def within(p: float, text: str) -> float:
        half = word * len(text) / 2
        return min(max(p, half), 1 - half)

    def guessed(p: float) -> None:
        if guess_name.get_text() == f"guess {percent(p)}":
            return
        guess.set_data([p], [9])
        guess_name.set_text(f"guess {percent(p)}")
        guess_name.set_x(within(p, "guess 100%"))

    def after(prior: float, p: float | None, told: str) -> None:
        spots = [] if p is None else [p]
        start.set_data([prior], [0])
        end.set_data(spots, [0] * len(spots))
        rise.set_data([prior, *spots], [0] * (1 + len(spots)))
        found_name.set_text(told)
        found_name.set_x(within(0.5 if p is None else p, told))

    return guessed, after


def _scale(ax: Axes) -> tuple[Callable[[float, float | None, int], None], artists.Label]:
    """A logarithmic scale of odds: what shows the step of each test, and the text above it."""
    _strip(ax, (-10, 34))
    ax.set_xlim(-DECADES - 0.2, DECADES + 0.2)
    ax.set_xticks([-6, -3, 0, 3, 6], ["1 : 10⁶", "1 : 1000", "1 : 1", "1000 : 1", "10⁶ : 1"])
    product = artists.label(
        ax, -DECADES - 0.2, 22, "", weight="semibold", va="center", clip_on=True
    )
    start = artists.points(ax, color="muted", markersize=7)
    steps = artists.arrows(ax, ["gradient"] * 2)
    end = artists.points(ax, color="truth", markersize=9, zorder=2.5)

    def multiply(prior: float, ratio: float | None, tests: int) -> None:
        at = [_decades(odds(prior))]
        if ratio is not None and 0 < prior < 1:
            at += [_decades(odds(prior) * ratio**k) for k in range(1, tests + 1)]
        impossible = ratio is None or (prior, ratio) in ((0, math.inf), (1, 0))
        start.set_data(at[:1], [0])
        end.set_data([] if impossible else at[-1:], [] if impossible else [0])
        moves = [b - a if abs(b - a) > 0.02 else math.nan for a, b in pairwise(at)]
        moves += [math.nan] * (2 - len(moves))
        tails = [at[0], at[min(1, len(at) - 1)]]
        steps.place(*(((x, 0), (move, 0)) for x, move in zip(tails, moves, strict=True)))

    return multiply, product


def _strip(ax: Axes, height: tuple[float, float]) -> None:
    """Axes that are a line, with room for `height` pixels below and above it."""
    ax.set(ylim=height, yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=1.2, zorder=0.6)


def _decades(value: float) -> float:
    """log₁₀ of odds, at the end of the scale where they lie beyond it."""
    return (
        min(max(math.log10(value), -DECADES), DECADES)
        if 0 < value < math.inf
        else (DECADES if value else -DECADES)
    )


# The sentences


def percent(p: float) -> str:
    """Three digits of the smaller of p and 1 − p; a bound where these lie below 0.0001%."""
    if p in (0, 1):
        return f"{100 * p:.0f}%"
    rest = 100 * min(p, 1 - p)
    if rest < 0.0001:
        return "< 0.0001%" if p < 0.5 else "> 99.9999%"
    return f"{number(100 * p, min(4, 2 - math.floor(math.log10(rest))))}%"


def _people(share: float) -> str:
    """The average number in the crowd, to a hundredth."""
    average = CROWD * share
    return "< 0.01" if 1e-9 < average < 0.005 else number(average)


def _fraction(parts: Shares, found: float | None) -> str:
    if found is None:
        return "nobody is positive: no answer"
    ill, both = _people(parts.ill_positive), _people(parts.ill_positive + parts.healthy_positive)
    return f"{ill} of {both} = {percent(found)}"


def _odds(value: float) -> str:
    """`1 : 99`, `1 : 1`, `4.5 : 1`."""
    if value in (0, math.inf):
        return "1 : 0" if value else "0 : 1"

    def side(size: float) -> str:
        return f"{size:.4g}" if size < 9999.5 else f"{size:,.0f}"

    return f"1 : {side(1 / value)}" if value < 1 else f"{side(value)} : 1"


def _product(prior: float, ratio: float | None, tests: int, found: float | None) -> str:
    if ratio is None or found is None:
        return f"odds {_odds(odds(prior))}, and no positive result to multiply by"
    factor = "∞" if ratio == math.inf else f"{ratio:.4g}" if ratio < 9999.5 else f"{ratio:,.0f}"
    return f"odds {_odds(odds(prior))}{f' × {factor}' * tests} = {_odds(odds(found))}"


def _told(
    guess: float,
    setting: tuple[float, float, float, int],
    parts: Shares,
    found: float | None,
) -> str:
    """Who is positive, what that means for one of them, and how far the guess is off."""
    prior, sensitivity, specificity, tests = setting
    told = (
        f"Prior {percent(prior)}, sensitivity {percent(sensitivity)}, "
        f"specificity {percent(specificity)}{', two tests' if tests > 1 else ''}: "
    )
    guessed = f"you guessed {percent(guess / 100)}"
    if found is None:
        return f"{told}nobody can test positive, so there is nothing to work out; {guessed}."
    if found in (0, 1):
        why = {
            prior == 0: "nobody is ill, so every positive is a false alarm",
            prior == 1: "everybody is ill, whatever a test says",
            0 < prior < 1 and found == 0: "no ill person tests positive, so a positive is healthy",
            0 < prior < 1 and found == 1: "no healthy person tests positive, so a positive is ill",
        }[True]
        return f"{told}{why}: the posterior is {percent(found)}; {guessed}."
    ill, healthy = _people(parts.ill_positive), _people(parts.healthy_positive)
    off = guess - 100 * found
    points = number(abs(off), 1)
    how = f"{points} point{'s' * (points != '1')} too {'high' if off > 0 else 'low'}"
    if abs(off) < 0.05:
        how = "which is right"
    return (
        f"{told}of 10,000 people {ill} ill and {healthy} healthy test positive. "
        f"So positive means ill with probability {percent(found)}; {guessed}, {how}."
    )
