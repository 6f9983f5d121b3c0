"""Shrink the step h, and compare the slope of the secant with that of the tangent."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from stage import Choice, Figure, Shape, Slider, Update, artists, narrow, number
from stage.figures import heading
from stage.linear_algebra import Numbers


def sigmoid(x: ArrayLike) -> Numbers:
    """σ(x) = 1 / (1 + e⁻ˣ), the shape of x."""
    found: Numbers = 1 / (1 + np.exp(-np.asarray(x, dtype=float)))
    return found


def difference_quotient(
    f: Callable[[Numbers], Numbers], x: ArrayLike, h: ArrayLike, way: str = "forward"
) -> Numbers:
    """The slope of a secant of f, in float64 as it comes, h > 0; x and h are broadcast.

    forward (f(x + h) − f(x)) / h, backward (f(x) − f(x − h)) / h, central (f(x + h) − f(x − h)) /
    2h. KeyError for another way.
    """
    x, h = np.asarray(x, dtype=float), np.asarray(h, dtype=float)
    left, right = WAYS[way]
    found: Numbers = (f(x + right * h) - f(x + left * h)) / ((right - left) * h)
    return found


WAYS = {"forward": (0, 1), "backward": (-1, 0), "central": (-1, 1)}  # a secant's two ends, in h


class Scale(NamedTuple):
    """What the five fixed lines of a panel stand for: `low`, and `unit` more with each."""

    low: float
    unit: float

    def at(self, y: ArrayLike) -> Numbers:
        """Where y is drawn; the first line is 0, the second 1."""
        return (np.asarray(y, dtype=float) - self.low) / self.unit


class Function(NamedTuple):
    """A function, its derivative, and how the panels show them."""

    f: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]  # f′; NaN at a kink
    f_scale: Scale
    slope_scale: Scale
    steep: float  # the slope that is drawn as a diagonal in the enlarged piece
    kink: tuple[float, float] | None = None  # the slopes left and right of 0


FUNCTIONS = {
    "x²": Function(lambda x: x * x, lambda x: 2 * x, Scale(0, 2), Scale(-6, 3), 4),
    "x³ − 3x": Function(
        lambda x: x * x * x - 3 * x, lambda x: 3 * x * x - 3, Scale(-4, 2), Scale(-3, 3), 9
    ),
    "sin x": Function(np.sin, np.cos, Scale(-1, 0.5), Scale(-1, 0.5), 1),
    "eˣ": Function(np.exp, np.exp, Scale(0, 2), Scale(0, 2), 7),
    "sigmoid": Function(
        sigmoid,
        lambda x: sigmoid(x) * sigmoid(-x),
        Scale(0, 0.25),
        Scale(0, 0.1),
        0.25,
    ),
    "|x|": Function(
        np.abs,
        lambda x: np.where(x == 0, math.nan, np.sign(x)),
        Scale(-1, 1),
        Scale(-2, 1),
        1,
        (-1, 1),
    ),
    "ReLU": Function(
        lambda x: np.maximum(x, 0.0),
        lambda x: np.where(x == 0, math.nan, np.where(x > 0, 1.0, 0.0)),
        Scale(-1, 1),
        Scale(-0.5, 0.5),
        1,
        (0, 1),
    ),
}


def derivative(name: str, x: float) -> float | None:
    """f′(x) from the rules of calculus; None at a kink. KeyError for an unknown function."""
    found = float(FUNCTIONS[name].slope(np.asarray(x, dtype=float)))
    return None if math.isnan(found) else found


@lru_cache(maxsize=64)
def errors(name: str, x: float, way: str) -> Numbers:
    """|difference quotient − f′(x)| in float64 for every h in `H`. ValueError at a kink."""
    true = derivative(name, x)
    if true is None:
        raise ValueError(f"{name} has no derivative at {x:g}, so a quotient has no error")
    return np.abs(difference_quotient(FUNCTIONS[name].f, x, H, way) - true)


EDGE = 3.0  # of the panels; x + h reaches it
X = np.linspace(-EDGE, EDGE, 241)  # where the curves are drawn
H = np.array([float(f"{10 ** (tenth / 10):.3g}") for tenth in range(-160, 1)])  # as the slider's
NEAR = np.linspace(-2, 2, 321)  # where the enlarged piece is drawn, in h from x
FLOOR = 1e-18  # where the logarithmic panel shows an error of 0
FAR = 9.0  # lines through the panels reach that far from x


def demo(fig: Annotated[Figure, Shape(wide=1.3, narrow=0.6)]) -> Update:
    """Set the scene: f and f′ over the same x, the piece around x enlarged, error against h."""
    graph, slopes, piece, gaps = _panels(fig)

    f_frame, slope_frame = _frame(graph, "f(x)"), _frame(slopes, "f′(x)")
    curve = artists.line(graph, color="data", zorder=1.9)
    tangent = artists.line(graph, color="gradient", linewidth=3)  # seen below the secant too
    rise = artists.line(graph, linestyle=":", color="muted", linewidth=1.4)
    secant = artists.line(graph, color="model", linewidth=1.2)
    ends = artists.points(graph, color="model")
    secant_slope = heading(graph, "secant", 41, "model")

    slope_curve = artists.line(slopes, color="gradient", zorder=1.8)
    jump = artists.points(slopes, color="gradient", zorder=1.9)
    jump.set(markerfacecolor="surface", markeredgewidth=1.6)
    quotients = artists.line(slopes, color="model", linewidth=1)
    gap = artists.line(slopes, color="error", linewidth=2)
    here = artists.points(slopes, color="gradient")
    quotient_here = artists.points(slopes, color="model")
    tangent_slope = heading(slopes, "tangent", 47, "gradient")

    near_curve = artists.line(piece, color="data", linewidth=3.8)
    near_tangent = artists.line(piece, color="gradient", linewidth=2.6)
    near_secant = artists.line(piece, color="model", linewidth=1.2)
    near_ends = artists.points(piece, color="model")

    cloud = artists.points(gaps, color="error", markersize=2.4, zorder=1.9)
    cloud.set_markeredgewidth(0)
    level = artists.line(gaps, linestyle=":", color="error", linewidth=1.4)
    at_h = artists.points(gaps, color="error", markersize=8)
    error = heading(gaps, "error", 32, "error")
    nothing = artists.label(
        gaps, 0.5, 0.5, "no derivative here,\nso no error", color="muted", size=9.5, ha="center"
    )
    nothing.set(transform=gaps.transAxes, clip_on=True)

    def update(
        function: Annotated[str, Choice(*FUNCTIONS, label="function f")] = "x²",
        x: Annotated[float, Slider(-2, 2, 0.1, label="point x")] = 1.0,
        h: Annotated[float, Slider(1e-16, 1, 0.1, label="step h", log=True)] = 1.0,
        way: Annotated[str, Choice(*WAYS, label="difference quotient")] = "forward",
    ) -> str:
        chosen = FUNCTIONS[function]
        f, f_scale, slope_scale = chosen.f, chosen.f_scale, chosen.slope_scale
        true = derivative(function, x)
        quotient = float(difference_quotient(f, x, h, way))
        sides = np.array(WAYS[way], dtype=float)  # in h from x
        places = x + sides * h
        heights = f(places)

        f_frame.show(f_scale)
        slope_frame.show(slope_scale)
        curve.set_data(X, f_scale.at(f(X)))
        slope_curve.set_data(X, slope_scale.at(chosen.slope(X)))
        jump.set_data([0.0, 0.0] if chosen.kink else [], slope_scale.at(chosen.kink or ()))
        quotients.set_data(X, slope_scale.at(difference_quotient(f, X, h, way)))

        through = places[0] + np.array([-FAR, FAR])
        secant.set_data(through, f_scale.at(heights[0] + quotient * (through - places[0])))
        ends.set_data(places, f_scale.at(heights))
        rise.set_data(places[[0, 1, 1]], f_scale.at(heights[[0, 0, 1]]))
        secant_slope.set_text(_decimals(quotient))
        quotient_here.set_data([x], slope_scale.at([quotient]))

        # The enlarged piece: h is 1 across, and a rise of h times `steep` is 1 up.
        unit = h * chosen.steep
        base = float(f(np.asarray(x)))
        near_curve.set_data(NEAR, (f(x + NEAR * h) - base) / unit)
        near_heights = (heights - base) / unit
        steps = np.array([-FAR, FAR])
        near_secant.set_data(sides[0] + steps, near_heights[0] + quotient / chosen.steep * steps)
        near_ends.set_data(sides, near_heights)

        for artist in (tangent, near_tangent, here, gap, cloud, level, at_h):
            artist.set_visible(true is not None)
        nothing.set_visible(true is None)
        if true is None:
            tangent_slope.set_text("none")
            error.set_text("")
            return _kink(function, h, way, quotient)
        tangent.set_data(through, f_scale.at(base + true * (through - x)))
        near_tangent.set_data(steps, true / chosen.steep * steps)
        here.set_data([x], slope_scale.at([true]))
        gap.set_data([x, x], slope_scale.at([true, quotient]))
        tangent_slope.set_text(_decimals(true))

        off = abs(quotient - true)
        larger = h * (1 + 1e-9) < H  # what the reader has passed on the way from 1 to h
        found = errors(function, x, way)[larger]
        cloud.set_data(H[larger], np.maximum(found, FLOOR))
        level.set_data([h, h, H[0] / 9], [FLOOR / 9, max(off, FLOOR), max(off, FLOOR)])
        at_h.set_data([h], [max(off, FLOOR)])
        error.set_text(_size(off))
        return f"{_slopes(function, x, h, way, quotient, true)} {_best(H[larger], found, off)}"

    return update


# The picture's parts


class _Frame(NamedTuple):
    """The five numbers and the line at 0 of a panel whose scale is the function's own."""

    numbers: list[artists.Label]
    zero: artists.Line

    def show(self, scale: Scale) -> None:
        for line, text in enumerate(self.numbers):
            text.set_text(number(scale.low + line * scale.unit))
        self.zero.set_data([-EDGE, EDGE], scale.at([0, 0]))


def _panels(fig: Figure) -> tuple[Axes, Axes, Axes, Axes]:
    """The graph, the slopes, the enlarged piece and the errors, with all that stands still."""
    if narrow(fig):
        cells = fig.add_gridspec(3, 2, height_ratios=(1.5, 1, 1.2))
        graph, slopes = fig.add_subplot(cells[0, :]), fig.add_subplot(cells[1, :])
        piece, gaps = fig.add_subplot(cells[2, 0]), fig.add_subplot(cells[2, 1])
    else:
        cells = fig.add_gridspec(2, 2, height_ratios=(1.3, 1), width_ratios=(1.15, 1))
        graph, slopes = fig.add_subplot(cells[0, 0]), fig.add_subplot(cells[1, 0])
        piece, gaps = fig.add_subplot(cells[0, 1]), fig.add_subplot(cells[1, 1])
    graph.tick_params(labelbottom=False)
    slopes.set_xlabel("x")

    piece.set(xlim=(-2, 2), ylim=(-2.1, 2.1), yticks=[0])
    piece.set_xticks([-1, 0, 1], ["x − h", "x", "x + h"])
    piece.tick_params(labelleft=False)
    piece.spines[:].set_visible(False)

    gaps.set(xscale="log", yscale="log", xlim=(2e-17, 20), ylim=(FLOOR / 5, 1e3), xlabel="h")
    gaps.set_xticks([1e-16, 1e-8, 1], ["10⁻¹⁶", "10⁻⁸", "1"])
    gaps.set_yticks([FLOOR, 1e-12, 1e-8, 1e-4, 1], ["0", "10⁻¹²", "10⁻⁸", "10⁻⁴", "1"])
    gaps.minorticks_off()
    gaps.spines[:].set_visible(False)

    # Words that stay lie below all that moves, or else they would be drawn again on top of it.
    piece.text(0, 1.03, "around x, enlarged", transform=piece.transAxes, zorder=0.8)
    words = artists.label(
        slopes, 1, 1.03, "secants of all x", transform=slopes.transAxes, zorder=0.8
    )
    words.set(color="model", ha="right")
    return graph, slopes, piece, gaps


def _frame(axes: Axes, label: str) -> _Frame:
    """Five fixed lines with numbers that change: new ticks would cost more than all the rest."""
    axes.set(xlim=(-EDGE, EDGE), ylim=(-0.3, 4.5))
    axes.set_xticks(range(-3, 4))
    axes.set_yticks(range(5), [""] * 5)
    axes.set_ylabel(label, labelpad=24)
    axes.spines[:].set_visible(False)
    zero = artists.line(axes, color="muted", linewidth=0.8, zorder=0.9)
    numbers = [
        artists.label(
            axes, -0.015, line, "", color="muted", size=9.5, ha="right", va="center", zorder=0.8
        )
        for line in range(5)
    ]
    for text in numbers:
        text.set_transform(axes.get_yaxis_transform())
        text.set_in_layout(False)
    return _Frame(numbers, zero)


# The sentences

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _decimals(x: float) -> str:
    """At most six decimals, for the picture."""
    return number(x, 6)


def _size(x: float) -> str:
    """Three digits of x ≥ 0: `0.5`, `0.0398`, `2·10⁻⁸`, `10⁻⁸`."""
    if x == 0 or x >= 0.000995:
        return number(float(f"{x:.3g}"), 6)
    digits, power = f"{x:.2e}".split("e")
    factor = number(float(digits))
    ten = f"10{str(int(power)).translate(_RAISED)}"
    return ten if factor == "1" else f"{factor}·{ten}"


def _eight(x: float) -> str:
    """Eight decimals, or three digits of a small x; `about` where that is not all of it."""
    sign = "−" if x < 0 else ""
    said = number(abs(x), 8) if x == 0 or abs(x) >= 0.001 else _size(abs(x))
    whole = x == round(x, 8) and (x == 0 or abs(x) >= 0.001)
    return f"{'' if whole else 'about '}{sign}{said}"


def _slopes(function: str, x: float, h: float, way: str, quotient: float, true: float) -> str:
    """The secant's slope beside the tangent's, and how it can be wrong."""
    at = number(x, 4)
    told = f"At x = {at} the graph of {function} has a slope f′({at}) of {_eight(true)}."
    told += f" The {way} difference quotient with h = {_size(h)} is {_eight(quotient)}"
    off = abs(quotient - true)
    f = FUNCTIONS[function].f
    left, right = WAYS[way]
    first, second = x + left * h, x + right * h
    if off == 0:
        return f"{told}, which is exactly that."
    told += f", {_size(off)} too {'large' if quotient > true else 'small'}"
    if first == second:
        return f"{told}: in float64 the two ends of the secant are the same number, {at}."
    if f(np.asarray(first)) == f(np.asarray(second)):
        digits = ", to the last digit of float64" if h < 1e-6 else ""
        return f"{told}: both ends of the secant have the same height{digits}."
    return f"{told}."


def _best(larger: Numbers, found: Numbers, off: float) -> str:
    """Whether any of the larger h in the picture, with the errors `found`, came nearer."""
    if not len(larger):
        return "No larger h is in the picture."
    among = "Of the larger h in the picture"
    exact = int(np.count_nonzero(found == 0))
    if exact and off:
        return f"{among}, {exact} gave no error at all."
    best = int(found.argmin())
    if found[best] < off:
        return f"{among}, {_size(larger[best])} came nearest: {_size(found[best])} off."
    return f"{among}, none came nearer."


def _kink(function: str, h: float, way: str, quotient: float) -> str:
    """What the secants do where there is no tangent."""
    low, high = FUNCTIONS[function].kink or (math.nan, math.nan)
    told = (
        f"At x = 0 the graph of {function} has a kink: to the left every secant has the slope "
        f"{number(low)}, to the right {number(high)}, however small h is, so there is no f′(0)."
    )
    told += f" The {way} difference quotient with h = {_size(h)} is {_eight(quotient)}"
    return f"{told}, a slope that neither side has." if way == "central" else f"{told}."
