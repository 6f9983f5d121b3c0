"""Add and drag points, and compare your line with the best one."""

import math
from collections.abc import Callable
from typing import Annotated, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.path import Path

from stage import (
    Caption,
    Choice,
    Drag,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Update,
    apart,
    artists,
    narrow,
    number,
    rounded,
)
from stage.figures import mixed
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.text import count


class Line(NamedTuple):
    """The line ŷ = β₀ + β₁x."""

    b0: float
    b1: float


def residuals(line: Line, x: Numbers, y: Numbers) -> Numbers:
    """r = y − (β₀ + β₁x), the signed vertical distances from the line; all of shape (n,)."""
    return y - line.b0 - line.b1 * x


def level(x: Numbers) -> bool:
    """Whether all x are equal (or there are none), so that the best line is not unique."""
    return not len(x) or bool(x.max() - x.min() < 1e-9)


def weighted_line(x: Numbers, y: Numbers, w: Numbers) -> Line:
    """The line that minimizes Σ w·residual²: β₁ = Σw(x−x̄)(y−ȳ) / Σw(x−x̄)², β₀ = ȳ − β₁x̄.

    x̄ and ȳ are means with the weights w ≥ 0, not all 0. If all x are equal: the horizontal line.
    """
    middle_x, middle_y = float(w @ x / w.sum()), float(w @ y / w.sum())
    off = x - middle_x
    spread = float(w @ off**2)
    slope = 0.0 if level(x) or spread <= 0 else float(w @ (off * (y - middle_y)) / spread)
    return Line(middle_y - slope * middle_x, slope)


def least_squares(x: Numbers, y: Numbers) -> Line:
    """The line that minimizes Σ residual²; n ≥ 1 points."""
    return weighted_line(x, y, np.ones(len(x)))


def least_absolute(x: Numbers, y: Numbers) -> Line:
    """A line that minimizes Σ |residual|; n ≥ 1 points.

    Some optimal line passes through two of the points, so its slope is the slope of a pair. With
    the optimal β₀, the median of y − β₁x, the loss is a convex function of the slope, so bisection
    finds the minimum. In a tie (to nine digits), the lowest slope and the middle median are used.
    """
    one, other = np.triu_indices(len(x), 1)
    across, up = x[one] - x[other], y[one] - y[other]
    slopes = up[across != 0] / across[across != 0] if not level(x) else np.zeros(1)
    slopes = slopes[np.unique(np.round(slopes, 9), return_index=True)[1]]

    def loss(slope: float) -> float:
        left = y - slope * x
        return float(abs(left - np.median(left)).sum())

    low, high = 0, len(slopes) - 1
    while low < high:
        middle = (low + high) // 2
        if loss(slopes[middle]) <= loss(slopes[middle + 1]) * (1 + 1e-9) + 1e-9:
            high = middle
        else:
            low = middle + 1
    return Line(float(np.median(y - slopes[low] * x)), float(slopes[low]))


DELTA = 10.0  # points of score: for larger residuals, Huber's loss is linear


def huber(r: Numbers) -> Numbers:
    """r² up to |r| = δ, beyond it 2δ|r| − δ², which is r² minus a square of side |r| − δ.

    That is twice the function of Huber (1964), "Robust estimation of a location parameter".
    """
    return np.asarray(r**2 - np.maximum(abs(r) - DELTA, 0) ** 2)


def least_huber(x: Numbers, y: Numbers) -> Line:
    """The line that minimizes Σ huber(residual); n ≥ 1 points.

    Iteratively reweighted least squares: a point with |r| > δ from the previous line gets the
    weight δ/|r|. The loss never increases, and the only fixed point is the optimal line (Huber and
    Ronchetti, "Robust statistics", section 7.8). Stops when the line moves by less than 1e-11.
    """
    line = least_squares(x, y)
    for _ in range(500):
        missed = np.maximum(abs(residuals(line, x, y)), DELTA)
        before, line = line, weighted_line(x, y, DELTA / missed)
        if math.dist(before, line) < 1e-11:
            break
    return line


def leverage(x: Numbers, at: Numbers) -> Numbers:
    """1/n + (x − x̄)²/Σ(x − x̄)²: for the x of a point, its diagonal entry of the hat matrix.

    The hat matrix H = X(XᵀX)⁻¹Xᵀ maps the scores y to the predictions ŷ of the least-squares line.
    The shape of `at`; n ≥ 1 points. 1/n if all x are equal, since all predictions are the mean.
    """
    off = x - x.mean()
    bend = 0.0 if level(x) else 1 / float(off @ off)
    found: Numbers = 1 / len(x) + bend * (at - x.mean()) ** 2
    return found


def explained(line: Line, x: Numbers, y: Numbers) -> float | None:
    """R² = 1 − Σ residual² / Σ(y − ȳ)² of the least-squares line; None if all y are equal."""
    spread = float(((y - y.mean()) ** 2).sum())
    return 1 - float((residuals(line, x, y) ** 2).sum()) / spread if spread > 1e-9 else None


def normal_equation(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """XᵀX and Xᵀy, shapes (2, 2) and (2,); X has a column of ones and the column x."""
    columns = np.column_stack([np.ones(len(x)), x])
    return columns.T @ columns, columns.T @ y


class Loss(NamedTuple):
    """A loss: its value for a residual, and the line that minimizes the sum."""

    of: Callable[[Numbers], Numbers]
    best: Callable[[Numbers, Numbers], Line]


LOSSES = {
    "squared": Loss(np.square, least_squares),
    "absolute": Loss(np.abs, least_absolute),
    "Huber": Loss(huber, least_huber),
}

HOURS, SCORE = (0.0, 10.0), (0.0, 100.0)
B0, B1 = (-20.0, 120.0), (-10.0, 20.0)  # ranges of β₀ and β₁ on the map
RINGS = np.linspace(50, 5, 10)  # points of score; see `rings`
STUDENTS = (
    *((1.0, 44.0), (1.5, 53.0), (2.0, 46.0), (2.0, 57.0), (2.5, 50.0)),
    *((3.0, 61.0), (3.0, 52.0), (3.5, 60.0), (4.0, 65.0), (10.0, 94.0)),
)
OWN, BEST = "your line", "best line"
PANELS = ("none", "map of all lines", "leverage")


def _grip(score: float) -> float:
    """The height of a handle of the line, which may leave the frame there."""
    return min(max(score, SCORE[0]), SCORE[1])


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.9)]) -> Update:
    """Set the scene: the points with one line and its loss; on request, one more panel."""
    fig.set_layout_engine("none")
    spots = [inset(fig, *spot) for spot in _spots(fig)]
    plane, bowl, strip = (fig.add_axes(spot) for spot in (spots[0], *spots[3:]))
    places = dict(zip(PANELS, spots[:3], strict=True))
    _panels(plane, strip)
    # one path for all of them, because 200 patches would be ten times slower
    areas = artists.polygons(plane, facecolors="error", edgecolors="error", alpha=0.22)
    areas.set(linewidths=0.9, zorder=1, joinstyle="miter")
    lines = {
        name: artists.line(plane, color=color, zorder=2)
        for name, color in ((OWN, "model"), (BEST, "truth"))
    }
    dots = artists.points(plane, color="data", markersize=6, zorder=3)
    grips = artists.points(plane, color="model", markersize=9, zorder=3.1, clip_on=False)
    says = {
        name: artists.label(plane, 0, 1.03, color=color, weight="semibold", size=11.5)
        for name, color in ((OWN, "model"), (BEST, "truth"))
    }
    for text in says.values():
        text.set(transform=plane.transAxes, zorder=5)

    bend = artists.line(strip, color="muted", linewidth=1.2, zorder=1)
    bars = artists.line(strip, color="data", linewidth=2.4, zorder=2, solid_capstyle="butt")
    ends = artists.points(strip, color="data", markersize=4.5, zorder=3, clip_on=False)
    ground = _map(bowl)
    spot = {
        name: artists.points(bowl, color=color, markersize=9, zorder=3)
        for name, color in ((OWN, "model"), (BEST, "truth"))
    }
    off_map = artists.label(bowl, 0.5, 0.02, "the best line is off this map", ha="center")
    off_map.set(transform=bowl.transAxes, color="truth-text", size=9.5, zorder=2, va="bottom")
    laid = ""
    seen: tuple[object, ...] = ()
    mapped: tuple[object, ...] = ()
    best: Line | None = None

    def update(
        data: Annotated[
            PointList,
            Points(HOURS, SCORE, (0.1, 1), label="students (hours, score)", least=0, most=200),
        ] = STUDENTS,
        show: Annotated[str, Choice(OWN, BEST, label="show")] = OWN,
        b0: Annotated[
            float,
            Slider(
                *B0,
                1,
                label="intercept β₀",
                when=lambda show: show == OWN,
                drag=Drag(at=lambda b0: (0.0, _grip(b0)), to=lambda _x, y: y),
            ),
        ] = 50.0,
        b1: Annotated[
            float,
            Slider(
                *B1,
                0.1,
                label="slope β₁",
                when=lambda show: show == OWN,
                drag=Drag(
                    at=lambda b1, b0: (10.0, _grip(b0 + 10 * b1)),
                    to=lambda _x, y, b0: (y - b0) / 10,
                ),
            ),
        ] = 2.0,
        loss: Annotated[str, Choice(*LOSSES, label="loss", more=True)] = "squared",
        panel: Annotated[str, Choice(*PANELS, label="second panel", more=True)] = "none",
    ) -> str:
        nonlocal laid, seen, mapped, best
        x, y = np.array(data, dtype=float).reshape(-1, 2).T
        if seen != (data, loss):
            seen = (data, loss)
            best = LOSSES[loss].best(x, y) if len(x) else None
            dots.set_data(x, y)
        if laid != panel:
            plane.set_position(places[panel])
            for name, axes in zip(PANELS[1:], (bowl, strip), strict=True):
                axes.set_visible(name == panel)
            laid = panel
        own = Line(b0, b1)
        sure = best is not None and not level(x)
        drawn = own if show == OWN else best if sure else None
        for name in (OWN, BEST):
            lines[name].set_visible(name == show and drawn is not None)
            says[name].set_visible(name == show)
        grips.set_visible(show == OWN)
        grips.set_data([0, 10], [_grip(b0), _grip(b0 + 10 * b1)])
        says[show].set_text(f"{show}: {_line(drawn)}" if drawn else "no single best line")
        areas.set_visible(drawn is not None)
        if drawn:
            lines[show].set_data(ENDS, drawn.b0 + drawn.b1 * ENDS)
            # hours per point of score, so that squares look square
            square = plane.bbox.height / plane.bbox.width * (HOURS[1] - HOURS[0] + 2 * PAD) / 104
            areas.set_paths([_joined(outlines(loss, drawn, x, y, square))])
        if panel == "map of all lines":
            if mapped != seen:
                mapped = seen
                _lay_map(ground, x, y, loss, best)
            inside = sure and best and B0[0] < best.b0 < B0[1] and B1[0] < best.b1 < B1[1]
            spot[OWN].set_visible(show == OWN)
            spot[OWN].set_data([b0], [b1])
            spot[BEST].set_visible(show == BEST and bool(inside))
            if best and inside:
                spot[BEST].set_data([best.b0], [best.b1])
            off_map.set_visible(sure and show == BEST and not inside)
        elif panel == "leverage":
            for artist in (bend, bars, ends):
                artist.set_visible(len(x) > 0)
            if len(x):
                heights = leverage(x, x)
                bend.set_data(ACROSS, leverage(x, ACROSS))
                bars.set_data(*_uprights(x, heights))
                ends.set_data(x, heights)
        return _told(loss, x, y, own, best, show, panel)

    return update


# Drawing

PAD = 0.25  # margin at the sides, in hours
ENDS = np.array([-1.0, 11.0])
ACROSS = np.linspace(-1, 11, 61)


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels.

    The points alone, with the map, and with the leverage; the map; the leverage.
    """
    wide, high = css_size(fig)
    alone = (50, 32, 14, 44)
    strip = 74 if narrow(fig) else 84
    below = (50, 32, 14, strip + 66)
    under = (50, high - strip - 10, 14, 10)
    if narrow(fig):
        half = 0.43 * high
        return alone, (50, 32, 14, half + 44), below, (50, high - half + 20, 14, 44), under
    half = 0.38 * wide
    return alone, (50, 32, half + 14, 44), below, (wide - half + 50, 32, 14, 44), under


def _panels(plane: Axes, strip: Axes) -> None:
    plane.set(xlim=(HOURS[0] - PAD, HOURS[1] + PAD), ylim=(-2, 102), ylabel="test score")
    strip.set(xlim=(HOURS[0] - PAD, HOURS[1] + PAD), ylim=(0, 1.08), ylabel="leverage")
    plane.set(yticks=range(0, 101, 20), xlabel="hours studied")
    strip.set_yticks([0, 1])
    for axes in (plane, strip):
        axes.set_xticks(range(0, 11, 2))
        axes.spines["left"].set_visible(False)
    strip.tick_params(labelbottom=False)


def _map(ax: Axes) -> artists.Polygons:
    """The map of all lines, in a stronger color for a larger loss. `_lay_map` sets its rings."""
    ax.set(xlim=B0, ylim=B1, xlabel="intercept β₀", ylabel="slope β₁")
    ax.set_xticks(range(0, 121, 40))
    ax.set_yticks(range(-10, 21, 10))
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    shades = [mixed("error", part) for part in np.linspace(0.42, 0.04, len(RINGS) + 1).tolist()]
    ax.set_facecolor(shades[0])
    style = {"edgecolors": "surface", "linewidths": 0.7, "zorder": 0.6}
    return artists.polygons(ax, facecolors=shades[1:], **style)


GRID = np.linspace(*B0, 29), np.linspace(*B1, 25)
AROUND = np.linspace(0, 2 * np.pi, 73)
CIRCLE = np.column_stack([np.cos(AROUND), np.sin(AROUND)])


def rings(x: Numbers, best: Line) -> list[Numbers]:
    """For each s in RINGS the lines whose squared loss is n·s² above the minimum, shape (73, 2).

    With d = (β₀, β₁) − best, that is the ellipse dᵀXᵀX d = n·s². The root mean square difference
    from the best line is s points of score. If all x are equal, it is a strip, shape (4, 2).
    """
    middle = float(x.mean())
    if level(x):
        far = np.array([[-1, -99], [1, -99], [1, 99], [-1, 99]], dtype=float)
        # β₀ + β₁x is constant along a strip
        return [best + far * (s, 1) - np.outer(far[:, 1], (middle, 0)) for s in RINGS]
    turn = CIRCLE / (1, float(x.std()))
    turn[:, 0] -= middle * turn[:, 1]
    return [best + s * turn for s in RINGS]


def _lay_map(
    ground: artists.Polygons, x: Numbers, y: Numbers, loss: str, best: Line | None
) -> None:
    ground.set_visible(best is not None)
    if best is None:
        return
    if loss == "squared":
        ground.set_paths([Path(corners) for corners in rings(x, best)])
        return
    b0, b1 = np.meshgrid(*GRID)
    heights = LOSSES[loss].of(y - b0[..., None] - b1[..., None] * x).mean(axis=-1)
    least = _total(loss, best, x, y) / len(x)
    generator = contour_generator(*GRID, heights, fill_type=FillType.OuterCode)
    found = []
    for rise in LOSSES[loss].of(RINGS):
        corners, codes = generator.filled(-1, least + float(rise))  # type: ignore[misc]
        found.append(Path.make_compound_path(*map(Path, corners, codes)))
    ground.set_paths(found)


def outlines(loss: str, line: Line, x: Numbers, y: Numbers, square: float) -> Numbers:
    """For each point a polygon with an area proportional to its loss, shape (n, 6, 2).

    `square` hours are as long on the picture as one point of score. Each polygon has the residual
    as a side: a square, or a strip one point wide; for Huber's loss, a square without a smaller
    square of side |r| − δ.
    """
    r = residuals(line, x, y)
    size = abs(r)
    if loss == "absolute":
        wide, deep, arm = np.ones_like(r), size, np.ones_like(r)
    else:
        arm = size if loss == "squared" else np.minimum(size, DELTA)
        wide, deep = size, arm
    up = np.sign(r)
    side = square * -up * (1 if line.b1 >= 0 else -1)  # away from the line
    foot, shelf = y - r, y - up * deep
    across = np.stack([x, x, x + side * wide, x + side * wide, x + side * arm, x + side * arm])
    height = np.stack([foot, y, y, shelf, shelf, foot])
    return np.stack([across.T, height.T], axis=-1)


def _joined(shapes: Numbers) -> Path:
    """A single path with all closed polygons, shape (n, 6, 2)."""
    closed = np.concatenate([shapes, shapes[:, :1]], axis=1)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 5, Path.CLOSEPOLY], len(shapes))
    return Path(closed.reshape(-1, 2), codes)


def _uprights(x: Numbers, heights: Numbers) -> Numbers:
    """Vertical lines from (x, 0) to (x, height) for each point, as one line with gaps."""
    return artists.joined(np.stack([x, np.zeros(len(x))], 1), np.stack([x, heights], 1))


# Captions


def _total(loss: str, line: Line, x: Numbers, y: Numbers) -> float:
    return float(LOSSES[loss].of(residuals(line, x, y)).sum())


def _size(loss: float) -> str:
    """A loss with one decimal below 1,000, and otherwise as `1,234`."""
    return number(loss, 1) if loss < 999.95 else f"{rounded(loss, 0):,.0f}"


def _line(line: Line) -> str:
    """`40.75 + 5.37x`."""
    rest = number(abs(line.b1))
    return f"{number(line.b0)} {'−' if line.b1 < 0 and rest != '0' else '+'} {rest}x"


def _hours(x: float) -> str:
    """`1 hour`, `2.5 hours`."""
    return f"{number(float(x))} {'hour' if x == 1 else 'hours'}"


def _told(
    loss: str, x: Numbers, y: Numbers, own: Line, best: Line | None, show: str, panel: str
) -> Caption:
    """The caption: the loss of the current line; the detail has all the rest."""
    detail = {
        "none": "",
        "map of all lines": "  A map of all lines is shown; a stronger color means a larger loss.",
        "leverage": " A strip shows the leverage of each point.",
    }[panel]
    mine = f"Your line is {_line(own)}. " if show == OWN else ""
    if best is None:
        told = "There are no points, so no line is better than another."
        return Caption(told, detail=f"{loss.capitalize()} loss. {mine}{detail}".strip())
    (n, sx), (_, sxx) = normal_equation(x, y)[0].tolist()
    sy, sxy = normal_equation(x, y)[1].tolist()
    numbers = {"n": n, "sx": sx, "sxx": sxx, "sy": sy, "sxy": sxy}
    least, lost = _size(_total(loss, best, x, y)), _size(_total(loss, own, x, y))
    if show == OWN:
        told = f"The {loss} loss of your line is {lost}; the smallest possible is {least}."
    elif level(x):
        told = "No single line is best: many have the same smallest loss."
    else:
        told = f"The smallest {loss} loss is {least}."
        r2 = explained(best, x, y) if loss == "squared" else None
        if r2 is not None:
            told = f"The smallest squared loss is {least}, and R² is {apart(r2, 2, 0, 1)}."
    return Caption(
        told,
        detail=f"{_detail(loss, x, y, own, best, show)}{detail}",
        numbers={name: f"{rounded(value, 2):,.12g}" for name, value in numbers.items()},
    )


def _detail(loss: str, x: Numbers, y: Numbers, own: Line, best: Line, show: str) -> str:
    """The points, the line with its loss, and the largest residual and leverage."""
    least, lost = _size(_total(loss, best, x, y)), _size(_total(loss, own, x, y))
    told = f"{count(len(x), 'point')}, {loss} loss."
    if level(x):
        stand = f"All stand at {_hours(x[0])}" if len(x) > 1 else f"It stands at {_hours(x[0])}"
        height = number(best.b0)
        told += f" {stand}: each line with height {height} there has the smallest loss, {least}."
        if show == BEST:
            return told
    line = own if show == OWN else best
    who = "Your line" if show == OWN else "The best line"
    told += f" {who} is {_line(line)}, with a loss of {lost if show == OWN else least}."
    r = residuals(line, x, y)
    worst = int(np.argmax(np.round(abs(r), 9)))
    if abs(r[worst]) < 1e-9:
        told += " It misses no point."
    else:
        told += (
            f" Its longest residual is {number(float(r[worst]))}, at {_hours(x[worst])} with a "
            f"score of {number(y[worst])}."
        )
    if level(x):
        return told
    pull = leverage(x, x)
    most = int(np.argmax(np.round(pull, 9)))
    return f"{told} The point at {_hours(x[most])} has the most leverage, {number(pull[most])}."
