"""Bend a straight line into a probability, and see what one step along it is worth."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
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
    artists,
    narrow,
    number,
)
from stage.figures import mixed
from stage.linear_algebra import Numbers
from stage.text import rounded


def sigmoid(z: ArrayLike) -> Numbers:
    """σ(z) = 1 / (1 + e^(−z)), from 0 to 1; the shape of z. Overflows nowhere."""
    return np.asarray(np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float))))


def odds(z: ArrayLike) -> Numbers:
    """p/(1 − p) = e^z for the probability p = σ(z); the shape of z."""
    return np.asarray(np.exp(z))


def log_odds(z: ArrayLike) -> Numbers:
    """z itself, as numbers of its shape."""
    return np.asarray(z, dtype=float)


SCALES: dict[str, Callable[[ArrayLike], Numbers]] = {
    "probability": sigmoid,
    "odds": odds,
    "log-odds": log_odds,
}


def log_loss(z: ArrayLike, y: ArrayLike) -> Numbers:
    """−ln of the probability that log-odds z give to the true class y, 0 or 1; the shape of z."""
    return np.asarray(np.logaddexp(0, -_margin(z, y)))


def squared_error(z: ArrayLike, y: ArrayLike) -> Numbers:
    """(y − σ(z))², at most 1; the shape of z."""
    return sigmoid(-_margin(z, y)) ** 2


def _margin(z: ArrayLike, y: ArrayLike) -> Numbers:
    """The log-odds that are given to the true class: z for y = 1, −z for y = 0."""
    return np.asarray((2 * np.asarray(y, dtype=float) - 1) * z)


def separable(x: Numbers, y: Numbers) -> bool:
    """Whether one threshold parts the classes, which both occur; x and y of shape (n,).

    Points of both classes on the threshold itself do no harm, as long as some lie beside it.
    """
    zeros, ones = x[y == 0], x[y == 1]
    if not len(zeros) or not len(ones) or np.ptp(x) == 0:
        return False
    return bool(zeros.max() <= ones.min() or ones.max() <= zeros.min())


class Fit(NamedTuple):
    """The weights w of the features, and b."""

    w: tuple[float, ...]
    b: float


@lru_cache(maxsize=32)
def fit(x: tuple[tuple[float, ...], ...], y: tuple[float, ...], penalty: float) -> Fit:
    """The w and b that make Σ log-loss + λ‖w‖²/2 least, by Newton's method; a row of x a point.

    There is exactly one such pair if λ > 0 and both classes occur. A step that does not go down is
    halved until it does (Boyd and Vandenberghe, "Convex optimization", algorithm 9.5).
    ValueError if not both classes occur.
    """
    if set(y) != {0, 1}:
        raise ValueError("a fit needs points of both classes")
    rows, labels = np.array(x, dtype=float), np.array(y)
    middle = rows.mean(axis=0)
    design = np.column_stack([rows - middle, np.ones(len(rows))])
    weight = np.append(np.full(rows.shape[1], penalty), 0.0)

    def objective(theta: Numbers) -> float:
        return float(log_loss(design @ theta, labels).sum() + weight @ theta**2 / 2)

    theta = np.zeros(design.shape[1])
    for _ in range(200):
        p = sigmoid(design @ theta)
        gradient = design.T @ (p - labels) + weight * theta
        if abs(gradient).max() < 1e-11:
            break
        hessian = (design.T * (p * (1 - p))) @ design + np.diag(weight)
        step = np.linalg.solve(hessian, gradient)
        before = objective(theta)
        while objective(theta - step) > before and abs(step).max() > 1e-14:
            step /= 2
        theta = theta - step
    # a weight that is 0 by symmetry is 0, and has no sign
    weights = theta[:-1].round(10) + 0.0
    return Fit(tuple(weights.tolist()), rounded(float(theta[-1] - weights @ middle), 10))


HOURS = (0.0, 10.0)
STUDENTS = (
    *((1.0, 0.0), (2.0, 0.0), (2.5, 0.0), (3.0, 0.0), (3.5, 1.0), (4.0, 0.0)),
    *((5.0, 1.0), (5.5, 0.0), (6.0, 1.0), (6.5, 1.0), (7.0, 1.0), (8.5, 1.0)),
)
# hours studied, hours of sleep more or less than 7, passed or not
RESTED = np.array(
    [
        *((1, 1.5, 0), (1.5, -2, 0), (2, 3.5, 0), (2.5, -0.5, 0), (3, 2.5, 1), (3.5, -3.5, 0)),
        *((4, 0.5, 0), (4.5, -1.5, 0), (5, 2, 1), (5, -3, 1), (6, -0.5, 1), (6.5, -4, 0)),
        *((7, 1, 1), (8, -2, 1), (8.5, 3, 1)),
    ]
)
W, B = (-3.0, 3.0), (-15.0, 15.0)
VIEWS = ("one feature", "two features")


def demo(fig: Annotated[Figure, Shape(wide=1.35, narrow=0.56)]) -> Update:
    """Set the scene: three scales of one line, or the plane; beside it what each point loses."""
    phone = narrow(fig)
    if phone:
        cells = fig.add_gridspec(4, 1, height_ratios=(1.7, 1, 1, 1.5))
        spots = [*(cells[i, 0] for i in range(3)), cells[:3, 0], cells[3, 0]]
    else:
        cells = fig.add_gridspec(3, 2, height_ratios=(1.7, 1, 1), width_ratios=(1.65, 1))
        spots = [*(cells[i, 0] for i in range(3)), cells[:, 0], cells[:, 1]]
    chance, middle, straight, plane, losses = (fig.add_subplot(spot) for spot in spots)
    scales = (chance, middle, straight)

    _scales(*scales)
    curves = [artists.line(axes, color="model", zorder=2) for axes in scales]
    stairs = [artists.line(axes, color="gradient", zorder=3) for axes in scales]
    spots_on = [artists.points(axes, color="gradient", zorder=3.1) for axes in scales]
    failed = artists.points(chance, color="data", mfc="surface", mew=1.6, zorder=4)
    passed = artists.points(chance, color="data", zorder=4)
    told = [artists.label(axes, 0, 1.03) for axes in scales]
    for text, axes in zip(told, scales, strict=True):
        text.set(transform=axes.transAxes, color="gradient", weight="semibold", zorder=5)

    _plane(plane)
    paint = _Paint(plane)
    headings = artists.label(chance, 0, 1.24 if phone else 1.17), artists.label(plane, 0, 1.08)
    for text, axes in zip(headings, (chance, plane), strict=True):
        text.set(transform=axes.transAxes, color="model", weight="semibold", size=12, zorder=5)

    _losses(losses)
    by_log = artists.points(losses, color="error", markersize=6, zorder=3)
    by_square = artists.points(losses, marker="s", color="ink", markersize=4.5, zorder=3)
    says_log = artists.label(losses, 0, 1.13, color="error", weight="semibold")
    says_square = artists.label(losses, 0, 1.03, weight="semibold")
    if not phone:
        says_log.set_y(1.075)
        says_square.set_y(1.025)
    for text in (says_log, says_square):
        text.set(transform=losses.transAxes, zorder=5)

    laid: Fit | None = None  # what the curves show
    shown: PointList | None = None

    def update(
        view: Annotated[str, Choice(*VIEWS, label="view")] = "one feature",
        w: Annotated[float, Slider(*W, 0.1, label="w (in two features: w₁)")] = 1.0,
        b: Annotated[float, Slider(*B, 0.1, label="b")] = -4.0,
        x: Annotated[float, Slider(0, 9, 0.1, label="one hour more, from x", unit="h")] = 4.0,
        students: Annotated[
            PointList,
            Points(
                HOURS,
                (0, 1),
                (0.1, 1),
                label="students (hours, passed)",
                least=0,
                most=30,
                whole=(False, True),
            ),
        ] = STUDENTS,
        fitted: Annotated[bool, Toggle(label="fitted: the best w and b")] = False,
        penalty: Annotated[float, Slider(0.001, 10, 0.1, label="penalty λ", log=True)] = 0.1,
        w2: Annotated[float, Slider(*W, 0.1, label="w₂ (two features)")] = 0.5,
    ) -> str:
        nonlocal laid, shown
        one = view == VIEWS[0]
        rows = tuple(map(tuple, RESTED[:, :2].tolist())) if not one else _column(students)
        # a class is 0 or 1, whatever is typed
        y = np.array([y >= 0.5 for _, y in students], dtype=float) if one else RESTED[:, 2]
        used, note = _used(rows, y, Fit((w,) if one else (w, w2), b), fitted, penalty)
        z = np.array(rows, dtype=float).reshape(len(y), -1) @ used.w + used.b if len(y) else y

        for axes in scales:
            axes.set_visible(one)
        plane.set_visible(not one)
        if one:
            at = np.array([x, x + 1])
            ends = (used.w[0] * at + used.b).round(9)
            for i, (name, height) in enumerate(SCALES.items()):
                if laid != used:
                    curves[i].set_data(ACROSS, height(used.w[0] * ACROSS + used.b))
                low, high = height(ends).tolist()
                # what is off the scale stands at its edge, so that no panel is empty
                foot, top = np.clip([low, high], *LIMITS[name]).tolist()
                stairs[i].set_data([x, x + 1, x + 1], [foot, foot, top])
                spots_on[i].set_data(at, [foot, top])
                ends_said = dict.fromkeys((_short(low, name), _short(high, name)))
                told[i].set_text(f"{name} {' → '.join(ends_said)}")
            laid = used
            if shown != students:
                shown = students
                hours = np.array([hours for hours, _ in students])
                failed.set_data(hours[y == 0], y[y == 0])
                passed.set_data(hours[y == 1], y[y == 1])
            headings[0].set_text(f"P(passed) = σ({_terms(('x',), used)})")
        else:
            paint.lay(np.array(used.w), used.b)
            headings[1].set_text(f"P(passed) = σ({_terms(('x₁', 'x₂'), used)})")

        margin = np.clip(_margin(z, y), -SURE, SURE)
        by_log.set_data(margin, log_loss(margin, 1))
        by_square.set_data(margin, squared_error(margin, 1))
        lost = log_loss(z, y), squared_error(z, y)
        says_log.set_text(f"● log-loss {_short(lost[0].sum())}")
        says_square.set_text(f"■ squared error {_short(lost[1].sum())}")

        start = note or f"With {_setting(used)}:"
        if one:
            what = _stepped(x, used)
        else:
            what = _boundary(used, int(np.count_nonzero(_margin(z, y) < -1e-9)))
        return f"{start} {what}. {_lost(*lost, brief=len(start) > 60)}"

    return update


def _column(points: PointList) -> tuple[tuple[float, ...], ...]:
    return tuple((x,) for x, _ in points)


def _used(
    rows: tuple[tuple[float, ...], ...], y: Numbers, own: Fit, fitted: bool, penalty: float
) -> tuple[Fit, str]:
    """The reader's w and b, or the best; and how a sentence on the best begins."""
    if not fitted:
        return own, ""
    classes = set(y.tolist())
    if len(classes) < 2:
        end = B[1] if classes == {1.0} else B[0] if classes else 0.0
        used = Fit((0.0,) * len(own.w), end)
        if not classes:
            return used, f"No points, so nothing to fit; with {_setting(used)}:"
        which = "All passed" if end > 0 else "None passed"
        return used, f"{which}, so no b is ever far enough out; with {_setting(used)}:"
    used = fit(rows, tuple(y.tolist()), penalty)
    start = f"Fitted with λ = {penalty:.3g},"
    if len(own.w) == 1 and separable(np.array(rows)[:, 0], y):
        start = f"A threshold parts the classes; λ = {penalty:.3g} alone holds"
    return used, f"{start} {_setting(used)}:"


# The picture's parts

ACROSS = np.linspace(-0.5, 10.5, 221)
LIMITS = {"probability": (-0.08, 1.08), "odds": (-0.4, 12.0), "log-odds": (-8.0, 8.0)}
SURE = 6.0  # of the log-odds in the panel of losses; what lies further out stands at its edge


def _scales(*scales: Axes) -> None:
    """Three scales over one x, whose numbers stand below the last."""
    ticks: tuple[list[float], ...] = ([0, 0.5, 1], [1, 5, 10], [-5, 0, 5])
    for axes, marks, (name, limit) in zip(scales, ticks, LIMITS.items(), strict=True):
        axes.set(xlim=(HOURS[0] - 0.3, HOURS[1] + 0.3), ylim=limit, ylabel=name)
        axes.set_xticks(range(0, 11, 2))
        axes.set_yticks(marks)
        axes.spines[:].set_visible(False)
        axes.tick_params(labelbottom=axes is scales[-1])
    scales[-1].set_xlabel("hours studied, x")


def _plane(ax: Axes) -> None:
    ax.set(xlim=HOURS, ylim=(-5, 5), aspect="equal", xlabel="hours studied, x₁")
    ax.set_ylabel("hours of sleep over 7, x₂")
    ax.text(0, 1.02, "a line at each whole log-odds; thick: 0", transform=ax.transAxes)
    ax.set_anchor("N")
    ax.spines[:].set_visible(False)
    ax.set_xticks(range(0, 10, 3))
    ax.set_yticks(range(-5, 6, 5))
    for passed, face in ((0, "surface"), (1, "data")):
        x1, x2, _ = RESTED[RESTED[:, 2] == passed].T
        ax.plot(x1, x2, "o", color="data", mfc=face, mew=1.6, markersize=7, zorder=3)


def _losses(ax: Axes) -> None:
    """The loss of a point against the log-odds that the true answer got."""
    at = np.linspace(-SURE, SURE, 121)
    ax.plot(at, log_loss(at, 1), color="error", linewidth=1.6, zorder=1)
    ax.plot(at, squared_error(at, 1), color="ink", linewidth=1.6, linestyle=(0, (4, 2)), zorder=1)
    ax.set(xlim=(-SURE - 0.4, SURE + 0.4), ylim=(-0.15, SURE + 0.4), ylabel="loss of a point")
    ax.set_xlabel("log-odds of the true answer")
    ax.set_xticks([-6, -3, 0, 3, 6])
    ax.set_yticks([0, 1, 2, 4, 6])
    ax.spines[:].set_visible(False)


CENTRE = np.array((5.0, 0.0))  # of the plane
FAR = 12.0  # from there: outside
LEVELS = np.arange(-4.0, 5.0)  # log-odds


class _Paint:
    """The plane of lesson 4, painted by w·x + b in bands between level lines of the log-odds."""

    def __init__(self, ax: Axes) -> None:
        middles = np.concatenate([[-6], LEVELS[:-1] + 0.5, [6]])
        colors = [
            mixed("truth" if z > 0 else "error", abs(float(sigmoid(z)) - 0.5)) for z in middles
        ]
        self.bands = artists.polygons(ax, facecolors=colors, antialiased=False, zorder=0.6)
        at = range(-5, 6)
        artists.segments(
            ax,
            [((5 + k, -5), (5 + k, 5)) for k in at] + [((0, k), (10, k)) for k in at],
            colors="surface",
            linewidths=0.7,
            zorder=0.7,
        )
        self.lines = artists.segments(
            ax,
            colors=["ink" if z == 0 else "truth" if z > 0 else "error" for z in LEVELS],
            linewidths=[2.0 if z == 0 else 0.9 for z in LEVELS],
            zorder=0.95,
        )
        self.arrow = artists.arrows(ax, ["model"])
        self.laid: tuple[float, ...] = ()

    def lay(self, w: Numbers, b: float) -> None:
        """Lay bands and lines at right angles to w, and w on the boundary; none if w = 0."""
        now = (*w.tolist(), b)
        if self.laid == now:
            return
        self.laid = now
        size = float(np.linalg.norm(w))
        for artist in (self.bands, self.lines, self.arrow):
            artist.set_visible(size > 1e-9)
        if size <= 1e-9:
            return
        unit = w / size
        side = FAR * np.array([unit[1], -unit[0]])
        away = np.clip((LEVELS - (w @ CENTRE + b)) / size, -FAR, FAR)
        middles = CENTRE + np.multiply.outer(np.concatenate([[-FAR], away, [FAR]]), unit)
        one, other = middles - side, middles + side
        self.bands.set_verts(np.stack([one[:-1], one[1:], other[1:], other[:-1]], axis=1))
        self.lines.set_segments(np.stack([one, other], axis=1)[1:-1])
        self.arrow.place((middles[1 + len(LEVELS) // 2], w))


# The sentences


def _short(value: float, scale: str = "") -> str:
    """Three digits, with bounds for what is very large or nearly 0.

    A probability is never 0 or 1, and odds are never 0.
    """
    if abs(value) >= 9999.5:
        return "> 9999" if value > 0 else "< −9999"
    if scale in ("probability", "odds") and value < 0.0005:
        return "< 0.001"
    if scale == "probability" and value >= 0.9995:
        return "> 0.999"
    if scale == "log-odds":
        return number(value)
    if 1e-9 < value < 0.0005:
        return "< 0.001"
    return number(value, 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0)


def _terms(names: tuple[str, ...], used: Fit) -> str:
    """`1x − 4`, `1x₁ + 0.5x₂ − 4`."""
    text = ""
    for value, name in zip((*used.w, used.b), (*names, ""), strict=True):
        size = number(abs(value))
        sign = "−" if value < 0 and size != "0" else "+" if text else ""
        text += f" {sign} {size}{name}" if text else f"{sign}{size}{name}"
    return text


def _setting(used: Fit) -> str:
    w = ", ".join(map(number, used.w))
    return f"w = {w if len(used.w) == 1 else f'({w})'} and b = {number(used.b)}"


def _stepped(x: float, used: Fit) -> str:
    """What one hour more changes, on the three scales."""
    low, high = (rounded(used.w[0] * at + used.b, 9) for at in (x, x + 1))
    changes = [
        f"{name} {_said(height(low), name)} becomes {_said(height(high), name)}"
        for name, height in SCALES.items()
    ]
    return f"from {number(x)} to {number(x + 1)} hours {', '.join(changes)}"


def _said(value: ArrayLike, scale: str = "") -> str:
    text = _short(float(np.asarray(value)), scale)
    return text.replace("< ", "below ").replace("> ", "above ")


def _boundary(used: Fit, wrong: int) -> str:
    """Where the probability is ½, and how many points lie on the wrong side."""
    w1, w2 = used.w
    if not any(used.w):
        everywhere = _said(sigmoid(used.b), "probability")
        return f"the probability is {everywhere} everywhere, so there is no boundary"
    if abs(w1) >= 1e-9:
        told = f"the boundary crosses x₂ = 0 at x₁ = {number(-used.b / w1)}"
    else:
        told = f"the boundary is level, at x₂ = {number(-used.b / w2)}"
    return f"{told}; {wrong} of {len(RESTED)} points lie on the wrong side"


def _lost(by_log: Numbers, by_square: Numbers, brief: bool) -> str:
    n = len(by_log)
    if not n:
        return "No point loses anything."
    points = f"{n} points: log-loss" if n > 1 else "One point: log-loss"
    told = f"{points} {_said(by_log.sum())}, squared error {_said(by_square.sum())}"
    if n == 1 or brief:
        return f"{told}."
    return f"{told}; the worst point {_said(by_log.max())} and {_said(by_square.max())}."
