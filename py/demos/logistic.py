"""Set w and b by hand, then switch on the best fit."""

import math
from functools import partial
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import offset_copy

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
    artists,
    narrow,
    number,
)
from stage.classification import (
    Fit,
    chance_text,
    fit,
    log_loss,
    loss_text,
    margin,
    odds_text,
    separable,
    sigmoid,
    squared_error,
)
from stage.figures import mixed
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.text import count, rounded


def chances(x: Numbers, w: Numbers, b: float) -> Numbers:
    """P(y = 1 | x) = σ(w·x + b) for each row of x, shape (n, features); shape (n,)."""
    return sigmoid(x @ w + b)


HOURS = (0.0, 10.0)
STUDENTS = (
    *((1.0, 0.0), (2.0, 0.0), (2.5, 0.0), (3.0, 0.0), (3.5, 1.0), (4.0, 0.0)),
    *((5.0, 1.0), (5.5, 0.0), (6.0, 1.0), (6.5, 1.0), (7.0, 1.0), (8.5, 1.0)),
)
# hours of study, hours of sleep minus 7, passed (1) or failed (0)
RESTED = np.array(
    [
        *((1, 1.5, 0), (1.5, -2, 0), (2, 3.5, 0), (2.5, -0.5, 0), (3, 2.5, 1), (3.5, -3.5, 0)),
        *((4, 0.5, 0), (4.5, -1.5, 0), (5, 2, 1), (5, -3, 1), (6, -0.5, 1), (6.5, -4, 0)),
        *((7, 1, 1), (8, -2, 1), (8.5, 3, 1)),
    ]
)
W, B = (-3.0, 3.0), (-15.0, 15.0)
VIEWS = ("one feature", "two features")


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.85)]) -> Update:
    """Set the scene: the curve or the plane; on request the other scales, or the losses."""
    fig.set_layout_engine("none")
    spots = _spots(fig)
    chance, middle, straight, plane, losses = (fig.add_axes(spots[name]) for name in FIRST)
    scales = (chance, middle, straight)
    headings = [_above(fig, axes, "model") for axes in (chance, plane)]
    steps = [_above(fig, axes, "gradient") for axes in scales]
    headings[0].set_transform(offset_copy(chance.transAxes, fig, 0, 0.23))
    headings[1].set_transform(offset_copy(plane.transAxes, fig, 0, 0.23))

    _scales(*scales)
    curves = [artists.line(axes, color="model", zorder=2) for axes in scales]
    stairs = [artists.line(axes, color="gradient", zorder=3) for axes in scales]
    ends = [artists.points(axes, color="gradient", markersize=7, zorder=3.1) for axes in scales]
    for mark in ends:
        mark.set_clip_on(False)
    style: Any = {"color": "data", "markersize": 8, "zorder": 4}
    failed = artists.points(chance, mfc="surface", mew=1.8, **style)
    passed = artists.points(chance, **style)
    _plane(fig, plane)
    paint = _Paint(plane)
    show_losses = _losses(fig, losses)
    laid: str = ""

    def update(
        view: Annotated[str, Choice(*VIEWS, label="view", more=True)] = VIEWS[0],
        w: Annotated[
            float, Slider(*W, 0.1, label="weight w (w₁)", when=lambda fitted: not fitted)
        ] = 1.0,
        b: Annotated[
            float, Slider(*B, 0.1, label="intercept b", when=lambda fitted: not fitted)
        ] = -4.0,
        x: Annotated[
            float,
            Slider(
                *(0, 9, 0.1),
                label="one hour more, from",
                unit="h",
                when=lambda view: view == VIEWS[0],
                drag=Drag(at=_step_at, to=lambda x, _y: x),
            ),
        ] = 4.0,
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
                when=lambda view: view == VIEWS[0],
                more=True,
            ),
        ] = STUDENTS,
        fitted: Annotated[bool, Toggle(label="best fit")] = False,
        penalty: Annotated[
            float,
            Slider(0.001, 10, 0.1, label="penalty λ", log=True, when=lambda fitted: fitted),
        ] = 0.1,
        w2: Annotated[
            float,
            Slider(
                *(*W, 0.1),
                label="weight w₂",
                when=lambda view, fitted: view == VIEWS[1] and not fitted,
            ),
        ] = 0.5,
        odds: Annotated[
            bool,
            Toggle(
                label="show odds and log-odds",
                when=lambda view, costs: view == VIEWS[0] and not costs,
                more=True,
            ),
        ] = False,
        costs: Annotated[bool, Toggle(label="show the loss of each point", more=True)] = False,
    ) -> str:
        nonlocal laid
        one = view == VIEWS[0]
        rows = tuple((hours,) for hours, _ in students) if one else _rows(RESTED[:, :2])
        # a class is 0 or 1, whatever is typed
        y = np.array([y >= 0.5 for _, y in students], dtype=float) if one else RESTED[:, 2]
        used, start = _used(rows, y, Fit((w,) if one else (w, w2), b), fitted, penalty)
        z = np.array(rows, dtype=float).reshape(len(y), -1) @ used.w + used.b if len(y) else y

        layout = "losses" if costs else "odds" if one and odds else "alone"
        if laid != f"{view} {layout}":
            laid = f"{view} {layout}"
            for axes, name in zip((*scales, plane, losses), FIRST, strict=True):
                spot = spots.get(f"{layout} {name}")
                axes.set_visible(bool(spot) and (axes is losses or one == (axes is not plane)))
                if spot:
                    axes.set_position(spot)
            if bool(chance.get_xlabel()) != (lowest := layout != "odds"):
                chance.tick_params(labelbottom=lowest)
                chance.set_xlabel("hours studied, x" if lowest else "")
        if one:
            headings[0].set_text(f"P(passed) = σ({_terms(('x',), used)})")
            log_odds = np.array([rounded(used.w[0] * at + used.b, 9) for at in (x, x + 1)])
            line = used.w[0] * ACROSS + used.b
            for i, name in enumerate(SCALES):
                curves[i].set_data(ACROSS, _on_scale(line, name))
                # clip values to the scale, so that no panel is empty
                low, high = np.clip(_on_scale(log_odds, name), *LIMITS[name]).tolist()
                stairs[i].set_data([x, x + 1, x + 1], [low, low, high])
                ends[i].set_data([x, x + 1], [low, high])
                said = dict.fromkeys(_said(float(at), name) for at in log_odds)
                steps[i].set_text(f"{name}: {' → '.join(said)}")
            hours = np.array([hours for hours, _ in students])
            failed.set_data(hours[y == 0], y[y == 0])
            passed.set_data(hours[y == 1], y[y == 1])
            what = _stepped(x, log_odds)
        else:
            headings[1].set_text(f"P(passed) = σ({_terms(('x₁', 'x₂'), used)})")
            paint.lay(np.array(used.w), used.b)
            what = _boundary(used)
        if costs:
            show_losses(margin(z, y))
        totals = float(log_loss(z, y).sum()), float(squared_error(z, y).sum())
        wrong = int(np.count_nonzero(margin(z, y) < -1e-9))
        told = start or _told(used, one, len(y), totals, wrong, fitted)
        shown = {"losses": " The loss of each point is drawn as well.", "odds": BELOW, "alone": ""}
        return Caption(
            told,
            detail=(
                f"{_setting(used)}{f', fitted with λ = {penalty:.3g}' if fitted else ''}: {what}. "
                f"{_lost(z, y)}{shown[layout]}"
            ),
        )

    return update


def _rows(x: Numbers) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, x.tolist()))


def _step_at(
    x: float, w: float, b: float, students: PointList, fitted: bool, penalty: float
) -> tuple[float, float]:
    """The start of the one-hour step on the curve."""
    y = np.array([y >= 0.5 for _, y in students], dtype=float)
    used, _ = _used(tuple((hours,) for hours, _ in students), y, Fit((w,), b), fitted, penalty)
    return x, 1 / (1 + math.exp(-(used.w[0] * x + used.b)))


def _used(
    rows: tuple[tuple[float, ...], ...], y: Numbers, own: Fit, fitted: bool, penalty: float
) -> tuple[Fit, str]:
    """The reader's or the fitted w and b, and a caption if the fit needs an explanation."""
    if not fitted:
        return own, ""
    classes = set(y.tolist())
    if len(classes) < 2:
        end = B[1] if classes == {1.0} else B[0] if classes else 0.0
        used = Fit((0.0,) * len(own.w), end)
        if not classes:
            return used, "There are no students, so there is nothing to fit."
        which, way = ("All", "larger") if end > 0 else ("No", "smaller")
        return used, f"{which} students passed, so a {way} b is always better."
    used = fit(rows, tuple(y.tolist()), penalty)
    if len(own.w) == 1 and separable(np.array(rows)[:, 0], y):
        return used, (
            f"A threshold separates the classes: only the penalty λ = {penalty:.3g} keeps w "
            f"at {number(used.w[0])}."
        )
    return used, ""


# Drawing

SCALES = ("probability", "odds", "log-odds")
FIRST = (*SCALES, "plane", "losses")  # the axes, in order
ACROSS = np.linspace(-0.3, 10.3, 213)
LIMITS = {"probability": (-0.1, 1.1), "odds": (-0.4, 12.0), "log-odds": (-8.0, 8.0)}
SURE = 6.0  # limit of the log-odds in the panel of losses; larger values are clipped
BELOW = " The odds and the log-odds are drawn below."


def _on_scale(z: Numbers, scale: str) -> Numbers:
    """Log-odds z converted to a probability, to odds e^z, or unchanged."""
    if scale == "probability":
        return sigmoid(z)
    return np.asarray(np.exp(z)) if scale == "odds" else z


def _spots(fig: Figure) -> dict[str, Rectangle]:
    """The position of each axes by layout and name, as in `"odds probability"`."""
    wide, high = css_size(fig)
    box = partial(inset, fig)
    phone = narrow(fig)
    whole = box(44, 52, 14, 44)
    first = 0.46 * (high - 96)  # of the probability, above the other scales
    rest = (high - 96 - first) / 2
    part = 0.55 * wide
    found = {"alone probability": whole, "alone plane": whole}
    found["odds probability"] = box(44, 52, 14, high - 52 - first)
    found["odds odds"] = box(44, 52 + first + 22, 14, high - 52 - first - rest)
    found["odds log-odds"] = box(44, 52 + first + rest + 22, 14, 44)
    half = 0.58 * high
    beside = box(44, 52, 14, high - half + 44) if phone else box(44, 52, wide - part + 14, 44)
    found["losses probability"] = found["losses plane"] = beside
    found["losses losses"] = box(44, half + 44, 14, 44) if phone else box(part + 44, 52, 14, 44)
    for name in FIRST:
        found[name] = next(spot for key, spot in found.items() if key.endswith(f" {name}"))
    return found


def _above(fig: Figure, axes: Axes, color: str) -> artists.Label:
    """A line of text just above axes."""
    place = offset_copy(axes.transAxes, fig, 0, 0.05)
    return artists.label(
        *(axes, 0, 1, ""), transform=place, color=color, weight="semibold", zorder=5, size=10.5
    )


def _scales(*scales: Axes) -> None:
    """Three scales with a shared x axis, whose numbers are below the last one."""
    ticks: tuple[list[float], ...] = ([0, 0.5, 1], [1, 5, 10], [-5, 0, 5])
    for axes, marks, name in zip(scales, ticks, SCALES, strict=True):
        axes.set(xlim=(HOURS[0] - 0.3, HOURS[1] + 0.3), ylim=LIMITS[name])
        axes.set_xticks(range(0, 11, 2))
        axes.set_yticks(marks, [number(mark) for mark in marks])
        axes.spines[:].set_visible(False)
        axes.tick_params(labelbottom=axes is not scales[1])
    scales[-1].set_xlabel("hours studied, x")


def _plane(fig: Figure, ax: Axes) -> None:
    ax.set(xlim=HOURS, ylim=(-5, 5), aspect="equal", xlabel="hours studied, x₁")
    ax.set_ylabel("hours of sleep over 7, x₂", labelpad=0)
    place = offset_copy(ax.transAxes, fig, 0, 0.05)
    ax.text(0, 1, "a line at each whole log-odds; thick: 0", transform=place)
    ax.set_anchor("NW" if narrow(fig) else "N")
    ax.spines[:].set_visible(False)
    ax.set_xticks(range(0, 10, 3))
    ax.set_yticks(range(-5, 6, 5))
    for passed, face in ((0, "surface"), (1, "data")):
        x1, x2, _ = RESTED[RESTED[:, 2] == passed].T
        ax.plot(x1, x2, "o", color="data", mfc=face, mew=1.6, markersize=7, zorder=3)


def _losses(fig: Figure, ax: Axes) -> Any:
    """Loss against the log-odds of the true class; returns a function that shows the points."""
    at = np.linspace(-SURE, SURE, 121)
    ax.plot(at, log_loss(at, 1), color="error", linewidth=1.6, zorder=1)
    ax.plot(at, squared_error(at, 1), color="truth", linewidth=1.6, zorder=1)
    ax.set(xlim=(-SURE - 0.4, SURE + 0.4), ylim=(-0.15, SURE + 0.4))
    ax.set_xlabel("log-odds of the true class")
    ax.set_xticks([-6, -3, 0, 3, 6])
    ax.set_yticks([0, 1, 2, 4, 6])
    ax.spines[:].set_visible(False)
    by_log = artists.points(ax, color="error", markersize=6, zorder=3)
    by_square = artists.points(ax, marker="s", color="truth", markersize=4.5, zorder=3)
    says_log, says_square = (_above(fig, ax, color) for color in ("error", "truth"))
    says_log.set_transform(offset_copy(ax.transAxes, fig, 0, 0.23))

    def show(margins: Numbers) -> None:
        inside = np.clip(margins, -SURE, SURE)
        by_log.set_data(inside, log_loss(inside, 1))
        by_square.set_data(inside, squared_error(inside, 1))
        says_log.set_text(f"● log loss: {loss_text(float(log_loss(margins, 1).sum()))}")
        says_square.set_text(
            f"■ squared error: {loss_text(float(squared_error(margins, 1).sum()))}"
        )

    return show


CENTER = np.array((5.0, 0.0))  # of the plane
HALF = 4.9  # slightly less than half its width
FAR = 12.0  # a distance from the center outside of the plane
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
        """Place bands and lines perpendicular to w, and the arrow w; hide all of them if w = 0."""
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
        away = np.clip((LEVELS - (w @ CENTER + b)) / size, -FAR, FAR)
        middles = CENTER + np.multiply.outer(np.concatenate([[-FAR], away, [FAR]]), unit)
        one, other = middles - side, middles + side
        self.bands.set_verts(np.stack([one[:-1], one[1:], other[1:], other[:-1]], axis=1))
        self.lines.set_segments(np.stack([one, other], axis=1)[1:-1])
        foot = middles[1 + len(LEVELS) // 2]  # on the boundary if the arrow fits there
        if abs(np.array([foot, foot + w]) - CENTER).max() > HALF:
            foot = CENTER - w / 2
        self.arrow.place((foot, w))


# Captions


def _said(z: float, scale: str) -> str:
    """Log-odds z as text on a scale; a probability is never written as 0 or 1."""
    if scale == "probability":
        return chance_text(float(sigmoid(z)))
    return odds_text(math.exp(z)) if scale == "odds" else number(z)


def _terms(names: tuple[str, ...], used: Fit) -> str:
    """`x − 4`, `x₁ + 0.5x₂ − 4`."""
    text = ""
    for value, name in zip((*used.w, used.b), (*names, ""), strict=True):
        size = number(abs(value))
        sign = "−" if value < 0 and size != "0" else "+" if text else ""
        size = "" if name and size == "1" else size
        text += f" {sign} {size}{name}" if text else f"{sign}{size}{name}"
    return text


def _setting(used: Fit) -> str:
    w = ", ".join(map(number, used.w))
    return f"w = {w if len(used.w) == 1 else f'({w})'} and b = {number(used.b)}"


def _stepped(x: float, log_odds: Numbers) -> str:
    """The effect of one more hour on the three scales."""
    low, high = log_odds.tolist()
    changes = [f"{name} {_said(low, name)} becomes {_said(high, name)}" for name in SCALES]
    return f"from {number(x)} to {number(x + 1)} hours, {', '.join(changes)}"


def _boundary(used: Fit) -> str:
    """The boundary, where the probability is ½, as text."""
    w1, w2 = used.w
    if not any(used.w):
        everywhere = chance_text(float(sigmoid(used.b)))
        return f"the probability is {everywhere} everywhere, so there is no boundary"
    if abs(w1) >= 1e-9:
        return f"the boundary crosses x₂ = 0 at x₁ = {number(-used.b / w1)}"
    return f"the boundary is level, at x₂ = {number(-used.b / w2)}"


def _told(
    used: Fit, one: bool, n: int, totals: tuple[float, float], wrong: int, fitted: bool
) -> str:
    """The caption: the losses of the model, or its misclassified points in the plane."""
    if not n:
        return "There are no students, so there is no loss."
    by_log, by_square = map(loss_text, totals)
    if fitted and one:
        return f"The best fit has w = {number(used.w[0])} and a log loss of {by_log}."
    if one:
        return f"The log loss is {by_log}, and the squared error is {by_square}."
    if not any(used.w):
        p = chance_text(float(sigmoid(used.b)))
        return f"Without weights, every student gets a probability of {p}."
    who = "The best fit" if fitted else "This boundary"
    return f"{who} misclassifies {count(wrong, 'student')}, and the log loss is {by_log}."


def _lost(z: Numbers, y: Numbers) -> str:
    """The total loss, and the largest loss of a point."""
    n = len(y)
    if not n:
        return "No student loses anything."
    by_log, by_square = log_loss(z, y), squared_error(z, y)
    total = (
        f"log loss {loss_text(float(by_log.sum()))}, "
        f"squared error {loss_text(float(by_square.sum()))}"
    )
    if n == 1:
        return f"One student: {total}."
    return (
        f"{n} students: {total}; the worst of them "
        f"{loss_text(float(by_log.max()))} and {loss_text(float(by_square.max()))}."
    )
