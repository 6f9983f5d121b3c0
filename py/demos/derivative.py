"""Shrink the step h, and compare the secant with the tangent."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from stage import (
    Caption,
    Choice,
    Drag,
    Figure,
    Shape,
    Slider,
    Update,
    apart,
    artists,
    narrow,
    number,
    power,
)
from stage.layout import css_size
from stage.linear_algebra import Numbers


def sigmoid(x: ArrayLike) -> Numbers:
    """σ(x) = 1 / (1 + e⁻ˣ), the shape of x."""
    found: Numbers = 1 / (1 + np.exp(-np.asarray(x, dtype=float)))
    return found


def difference_quotient(
    f: Callable[[Numbers], Numbers], x: ArrayLike, h: ArrayLike, way: str = "forward"
) -> Numbers:
    """The slope of a secant of f in plain float64 arithmetic, h > 0; x and h are broadcast.

    forward (f(x + h) − f(x)) / h, backward (f(x) − f(x − h)) / h, central (f(x + h) − f(x − h)) /
    2h. KeyError for any other `way`.
    """
    x, h = np.asarray(x, dtype=float), np.asarray(h, dtype=float)
    left, right = WAYS[way]
    found: Numbers = (f(x + right * h) - f(x + left * h)) / ((right - left) * h)
    return found


WAYS = {"forward": (0, 1), "backward": (-1, 0), "central": (-1, 1)}  # a secant's two ends, in h


Range = tuple[float, float]


class Function(NamedTuple):
    """A function, its derivative, and how the panels show them."""

    f: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]  # f′; NaN at a kink
    heights: tuple[Range, ...]  # y limits of the main panel: the first that fits the secant is used
    slopes: tuple[Range, ...]  # y limits of the panel with f′, likewise
    steep: float  # the slope that appears as a diagonal in the magnified view
    kink: tuple[float, float] | None = None  # the slopes left and right of 0
    exact: bool = True  # whether f gives the same digits on every computer


FUNCTIONS = {
    "x²": Function(lambda x: x * x, lambda x: 2 * x, ((-1, 10),), ((-7, 7),), 4),
    "x³ − 3x": Function(
        lambda x: x * x * x - 3 * x,
        lambda x: 3 * x * x - 3,
        ((-5, 5), (-20, 20)),
        ((-5, 10), (-5, 26)),
        9,
    ),
    "sin x": Function(np.sin, np.cos, ((-1.5, 1.5),), ((-1.3, 1.3),), 1, exact=False),
    "eˣ": Function(np.exp, np.exp, ((-1, 9), (-2, 21)), ((-1, 9), (-2, 21)), 7, exact=False),
    "sigmoid": Function(
        sigmoid,
        lambda x: sigmoid(x) * sigmoid(-x),
        ((-0.2, 1.2),),
        ((-0.05, 0.3),),
        0.25,
        exact=False,
    ),
    "|x|": Function(
        np.abs,
        lambda x: np.where(x == 0, math.nan, np.sign(x)),
        ((-1, 3.5),),
        ((-1.5, 1.5),),
        1,
        (-1, 1),
    ),
    "ReLU": Function(
        lambda x: np.maximum(x, 0.0),
        lambda x: np.where(x == 0, math.nan, np.where(x > 0, 1.0, 0.0)),
        ((-1, 3.5),),
        ((-0.5, 1.5),),
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


def bound(name: str, x: float, h: float) -> float:
    """A power of ten that bounds the error of a quotient on every computer.

    The truncation error is at most 10h, since |f″| ≤ 20 near the points. The rounding error is a
    few units in the last place of each height, divided by h.
    """
    size = 1 + abs(float(FUNCTIONS[name].f(np.asarray(x))))
    off: float = 10.0 ** math.ceil(math.log10(10 * h + 4 * EPSILON * size / h))
    return off


EPSILON = 2.0**-52
SAFE = 1e-6  # for larger steps, no displayed digit depends on the computer
EDGE = 3.0  # x limit of the panels, which x + h can reach
X = np.linspace(-EDGE, EDGE, 241)  # where the curves are drawn
H = np.array([float(f"{10 ** (tenth / 10):.3g}") for tenth in range(-160, 1)])  # as the slider's
NEAR = np.linspace(-2, 2, 321)  # x of the magnified view, in units of h from x
FLOOR = 1e-18  # where the logarithmic panel shows an error of 0
DRAGGED = 0.001  # the smallest step that the handle sets; the slider sets smaller ones
FAR = 9.0  # lines across the panels extend so far from x
PANELS = ("none", "derivative", "error", "magnified")


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.95)]) -> Update:
    """Set the scene: f with a secant and the tangent; one more panel on request."""
    fig.set_layout_engine("none")
    alone, above, below = _boxes(fig)
    graph, slopes, gaps, piece = _panels(fig, alone, below)

    curve = artists.line(graph, color="data", zorder=1.9)
    tangent = artists.line(graph, color="gradient", linewidth=3)  # seen below the secant too
    rise = artists.line(graph, linestyle=":", color="muted", linewidth=1.4)
    secant = artists.line(graph, color="model", linewidth=1.6)
    first = artists.points(graph, color="ink", markersize=7)
    ends = artists.points(graph, color="model")
    secant_slope, tangent_slope = (
        artists.label(graph, x, 1.03, transform=graph.transAxes, color=color, **BOLD)
        for x, color in ((0, "model"), (0.56, "gradient"))
    )

    slope_curve = artists.line(slopes, color="gradient", zorder=1.8)
    jump = artists.points(slopes, color="gradient", zorder=1.9)
    jump.set(markerfacecolor="surface", markeredgewidth=1.6)
    gap = artists.line(slopes, color="error", linewidth=2)
    here = artists.points(slopes, color="gradient", markersize=8)
    quotient_here = artists.points(slopes, color="model")

    cloud = artists.points(gaps, color="error", markersize=2.4, zorder=1.9)
    cloud.set_markeredgewidth(0)
    at_h = artists.points(gaps, color="error", markersize=8)
    nothing = artists.label(gaps, 0.5, 0.5, "no derivative here, so no error", ha="center")
    nothing.set(transform=gaps.transAxes, color="muted")

    near_curve = artists.line(piece, color="data", linewidth=3.8)
    near_tangent = artists.line(piece, color="gradient", linewidth=2.6)
    near_secant = artists.line(piece, color="model", linewidth=1.2)
    near_ends = artists.points(piece, color="model")
    laid = ""

    def update(
        function: Annotated[str, Choice(*FUNCTIONS, label="function f")] = "x²",
        x: Annotated[
            float,
            Slider(
                -2,
                2,
                0.1,
                label="point x",
                drag=Drag.along(lambda x, function: FUNCTIONS[function].f(np.asarray(x))),
            ),
        ] = 1.0,
        h: Annotated[
            float,
            Slider(
                1e-16,
                1,
                0.1,
                label="step h",
                log=True,
                drag=Drag(
                    at=lambda h, function, x, way: second_point(function, x, h, way),
                    to=lambda across, _y, x, way: max(
                        x - across if way == "backward" else across - x, DRAGGED
                    ),
                ),
            ),
        ] = 1.0,
        panel: Annotated[str, Choice(*PANELS, label="second panel")] = "none",
        way: Annotated[str, Choice(*WAYS, label="finite difference", more=True)] = "forward",
    ) -> str:
        nonlocal laid
        chosen = FUNCTIONS[function]
        f = chosen.f
        true = derivative(function, x)
        quotient = float(difference_quotient(f, x, h, way))
        sides = np.array(WAYS[way], dtype=float)  # in h from x
        places = x + sides * h
        heights = f(places)
        base = float(f(np.asarray(x)))

        if panel != laid:
            graph.set_position(alone if panel == "none" else above)
            for axes, shown in ((slopes, "derivative"), (gaps, "error"), (piece, "magnified")):
                axes.set_visible(panel == shown)
            laid = panel
        _fit(graph, chosen.heights, heights)
        curve.set_data(X, f(X))
        through = places[0] + np.array([-FAR, FAR])
        secant.set_data(through, heights[0] + quotient * (through - places[0]))
        first.set_data([x], [base])
        ends.set_data(places[sides != 0], heights[sides != 0])
        rise.set_data(places[[0, 1, 1]], heights[[0, 0, 1]])
        tangent.set_visible(true is not None)
        said = _slope(function, x, h, quotient, true)
        secant_slope.set_text(f"secant: {said}")
        tangent_slope.set_text(f"tangent: {'none' if true is None else number(true, 6)}")
        if true is not None:
            tangent.set_data(through, base + true * (through - x))

        if panel == "derivative":
            _fit(slopes, chosen.slopes, np.array([quotient, quotient if true is None else true]))
            slope_curve.set_data(X, chosen.slope(X))
            jump.set_data([0.0, 0.0] if chosen.kink else [], chosen.kink or ())
            quotient_here.set_data([x], [quotient])
            here.set_visible(true is not None)
            gap.set_visible(true is not None)
            if true is not None:
                here.set_data([x], [true])
                gap.set_data([x, x], [true, quotient])
        elif panel == "error":
            for artist in (cloud, at_h):
                artist.set_visible(true is not None)
            nothing.set_visible(true is None)
            if true is not None:
                larger = h * (1 + 1e-9) < H  # what the reader has passed on the way from 1 to h
                found = errors(function, x, way)[larger]
                cloud.set_data(H[larger], np.maximum(found, FLOOR))
                at_h.set_data([h], [max(abs(quotient - true), FLOOR)])
        elif panel == "magnified":  # h is 1 across, and a rise of h times `steep` is 1 up
            unit = h * chosen.steep
            near_curve.set_data(NEAR, (f(x + NEAR * h) - base) / unit)
            near_heights = (heights - base) / unit
            steps = np.array([-FAR, FAR])
            near_secant.set_data(
                sides[0] + steps, near_heights[0] + quotient / chosen.steep * steps
            )
            near_ends.set_data(sides, near_heights)
            near_tangent.set_visible(true is not None)
            if true is not None:
                near_tangent.set_data(steps, true / chosen.steep * steps)

        return Caption(
            _told(function, x, h, way, quotient, true),
            detail=_detail(function, x, h, way, said, true, panel),
            numbers={"secant": said, "h": power(h)},
        )

    return update


def second_point(function: str, x: float, h: float, way: str) -> tuple[float, float]:
    """The other end of the secant: right of x, or left of it for the backward quotient."""
    left, right = WAYS[way]
    at = x + (right or left) * h
    return at, float(FUNCTIONS[function].f(np.asarray(at)))


# Drawing

BOLD: Any = {"weight": "semibold", "size": 12}
Box = tuple[float, float, float, float]


def _boxes(fig: Figure) -> tuple[Box, Box, Box]:
    """Left, bottom, width, height: the main panel alone, above a second one, and that one."""
    wide, high = css_size(fig)  # CSS pixels
    left, width = 48 / wide, 1 - 60 / wide
    panel = 0.3 if narrow(fig) else 0.34
    bottom, top = 40 / high, 1 - 30 / high
    middle = bottom + panel * (top - bottom)
    return (
        _box(left, bottom, width, top - bottom),
        _box(left, middle + 52 / high, width, top - middle - 52 / high),
        _box(left, bottom, width, middle - bottom),
    )


def _box(left: float, bottom: float, width: float, height: float) -> Box:
    """Rounded as the stage rounds layouts, so that a panel returns to the same position."""
    return round(left, 6), round(bottom, 6), round(width, 6), round(height, 6)


def _panels(fig: Figure, alone: Box, below: Box) -> tuple[Axes, Axes, Axes, Axes]:
    """The graph, and in a shared position the slopes, the errors and the magnified view."""
    graph = fig.add_axes(alone)
    slopes, gaps, piece = (fig.add_axes(below) for _ in range(3))
    for axes in (graph, slopes):
        axes.set(xlim=(-EDGE, EDGE), xticks=range(-3, 4))
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
        axes.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    slopes.set_xlabel("x")
    piece.set(xlim=(-2, 2), ylim=(-2.1, 2.1), yticks=[])
    piece.axhline(0, color="rule", linewidth=0.8, zorder=0.6)
    piece.set_xticks([-1, 0, 1], ["x − h", "x", "x + h"])
    gaps.set(xscale="log", yscale="log", xlim=(2e-17, 20), ylim=(FLOOR / 5, 1e3), xlabel="h")
    gaps.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1], ["10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "1"])
    gaps.set_yticks([FLOOR, 1e-12, 1e-6, 1], ["0", "10⁻¹²", "10⁻⁶", "1"])
    gaps.minorticks_off()
    for axes, words, color in (
        (slopes, "derivative f′(x)", "gradient"),
        (gaps, "error of the secant's slope", "error"),
        (piece, "around x, magnified", "data"),
    ):
        axes.text(0, 1.04, words, transform=axes.transAxes, color=color, zorder=0.8, **BOLD)
    for axes in (graph, slopes, gaps, piece):
        axes.spines[:].set_visible(False)
    return graph, slopes, gaps, piece


def _fit(ax: Axes, ranges: tuple[Range, ...], values: Numbers) -> None:
    """Use the first range that fits the values; avoid new limits, which are slow to draw."""
    low, high = next(
        (found for found in ranges if found[0] <= values.min() and values.max() <= found[1]),
        ranges[-1],
    )
    if (low, high) != ax.get_ylim():
        ax.set_ylim(low, high)


# Captions


def _doubtful(function: str, x: float, h: float) -> bool:
    """Whether the last digits of f, which differ between computers, are visible in the quotient."""
    return h < SAFE and not FUNCTIONS[function].exact and x - h < x < x + h


def _slope(function: str, x: float, h: float, quotient: float, true: float | None) -> str:
    """The secant's slope, with only those digits that are the same on every computer."""
    if _doubtful(function, x, h):
        reach = bound(function, x, h)
        decimals = min(6, max(0, -round(math.log10(reach)) - 1))
        return "unreliable" if reach > 0.05 else f"about {number(quotient, decimals)}"
    return apart(quotient, 6, *(() if true is None else (true,)))


def _told(function: str, x: float, h: float, way: str, quotient: float, true: float | None) -> str:
    """The caption: how far the secant's slope is from the tangent's."""
    if true is None:
        if way == "central":
            return f"This secant has slope {number(quotient)}, a slope that neither side has."
        side = "right" if way == "forward" else "left"
        return f"At the corner, every secant to the {side} has slope {number(quotient)}."
    if _doubtful(function, x, h):
        return f"The secant's slope is off by less than {power(bound(function, x, h), 1)}."
    off = abs(quotient - true)
    slope = _slope(function, x, h, quotient, true)
    if off == 0:
        return f"The secant's slope, {slope}, is exactly the tangent's."
    which = "large" if quotient > true else "small"
    if off < 1e-9:
        return f"The secant's slope is {power(off)} too {which}."
    return f"The secant's slope, {slope}, is {power(off)} too {which}."


def _detail(
    function: str, x: float, h: float, way: str, said: str, true: float | None, panel: str
) -> str:
    """The detail: the settings, both slopes, and the reason for the secant's error."""
    left, right = WAYS[way]
    one, two = x + left * h, x + right * h
    f = FUNCTIONS[function].f
    told = (
        f"f(x) = {function} at x = {number(x, 4)}, where its slope is "
        f"{'not defined' if true is None else number(true, 6)}. The {way} difference with "
        f"h = {power(h)} has slope {said}."
    )
    if one == two:
        told += f" In float64, both ends of the secant are at the same number, {number(x, 4)}."
    elif FUNCTIONS[function].exact and f(np.asarray(one)) == f(np.asarray(two)):
        told += " Both ends of the secant have the same height."
    return (
        told
        + {
            "none": "",
            "derivative": " Below is the derivative at every x.",
            "error": " Below is the error for this h and all larger ones, on logarithmic scales.",
            "magnified": " Below is the piece around x, so large that h is a quarter of its width.",
        }[panel]
    )
