"""Set points and lay your own line through them, beside the line of least loss."""

import math
from collections.abc import Callable
from typing import Annotated, NamedTuple

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.path import Path

from stage import Choice, Figure, PointList, Points, Shape, Slider, Update, artists, narrow, number
from stage.linear_algebra import Numbers
from stage.text import count


class Line(NamedTuple):
    """The line ŷ = β₀ + β₁x."""

    b0: float
    b1: float


def residuals(line: Line, x: Numbers, y: Numbers) -> Numbers:
    """y − (β₀ + β₁x): how far above the line each point lies; all of shape (n,)."""
    return y - line.b0 - line.b1 * x


def level(x: Numbers) -> bool:
    """Whether all x are equal (or there are none): then many lines are equally good."""
    return not len(x) or bool(x.max() - x.min() < 1e-9)


def weighted_line(x: Numbers, y: Numbers, w: Numbers) -> Line:
    """The line that makes Σ w·residual² least: β₁ = Σw(x−x̄)(y−ȳ) / Σw(x−x̄)², β₀ = ȳ − β₁x̄.

    x̄ and ȳ are means with the weights w ≥ 0, not all 0. Where all x are equal: the flat line.
    """
    middle_x, middle_y = float(w @ x / w.sum()), float(w @ y / w.sum())
    off = x - middle_x
    spread = float(w @ off**2)
    slope = 0.0 if level(x) or spread <= 0 else float(w @ (off * (y - middle_y)) / spread)
    return Line(middle_y - slope * middle_x, slope)


def least_squares(x: Numbers, y: Numbers) -> Line:
    """The line that makes Σ residual² least; n ≥ 1 points."""
    return weighted_line(x, y, np.ones(len(x)))


def least_absolute(x: Numbers, y: Numbers) -> Line:
    """A line that makes Σ |residual| least; n ≥ 1 points.

    Some best line passes through two of the points, so its slope is that of a pair. With the best
    β₀ for it, the median of y − β₁x, the loss is a convex function of the slope: halve the list.
    Of slopes that are equally good (to nine digits) the lowest is taken, of medians the middle.
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


DELTA = 10.0  # points of score: from here on Huber's loss grows no faster than a straight line


def huber(r: Numbers) -> Numbers:
    """r² up to |r| = δ, beyond it 2δ|r| − δ²: the square, less a square of side |r| − δ.

    That is twice the function of Huber (1964), "Robust estimation of a location parameter".
    """
    return np.asarray(r**2 - np.maximum(abs(r) - DELTA, 0) ** 2)


def least_huber(x: Numbers, y: Numbers) -> Line:
    """The line that makes Σ huber(residual) least; n ≥ 1 points.

    Least squares again and again, in which a point that the line before missed by |r| > δ has the
    weight δ/|r|: that never goes up, and rests only at the best line (Huber and Ronchetti, "Robust
    statistics", section 7.8). It is stopped where no step moves the line by more than 1e-11.
    """
    line = least_squares(x, y)
    for _ in range(500):
        missed = np.maximum(abs(residuals(line, x, y)), DELTA)
        before, line = line, weighted_line(x, y, DELTA / missed)
        if math.dist(before, line) < 1e-11:
            break
    return line


def leverage(x: Numbers, at: Numbers) -> Numbers:
    """1/n + (x − x̄)²/Σ(x − x̄)²: on its own x a point's entry in the diagonal of the hat matrix.

    The hat matrix H = X(XᵀX)⁻¹Xᵀ turns the scores y into the heights ŷ of the least-squares line.
    The shape of `at`; n ≥ 1 points. Where all x are equal, 1/n: the line's height is the mean.
    """
    off = x - x.mean()
    bend = 0.0 if level(x) else 1 / float(off @ off)
    found: Numbers = 1 / len(x) + bend * (at - x.mean()) ** 2
    return found


class Loss(NamedTuple):
    """What one residual costs, and the line that makes the sum of it least."""

    of: Callable[[Numbers], Numbers]
    best: Callable[[Numbers, Numbers], Line]


LOSSES = {
    "squared": Loss(np.square, least_squares),
    "absolute": Loss(np.abs, least_absolute),
    "Huber": Loss(huber, least_huber),
}

HOURS, SCORE = (0.0, 10.0), (0.0, 100.0)
B0, B1 = (-20.0, 120.0), (-10.0, 20.0)  # the lines on the map
RINGS = np.linspace(50, 5, 10)  # points of score: how much worse, see `rings`
STUDENTS = (
    *((1.0, 44.0), (1.5, 53.0), (2.0, 46.0), (2.0, 57.0), (2.5, 50.0)),
    *((3.0, 61.0), (3.0, 52.0), (3.5, 60.0), (4.0, 65.0), (10.0, 94.0)),
)


def demo(fig: Annotated[Figure, Shape(wide=1.42, narrow=0.62)]) -> Update:
    """Set the scene: the points with both lines, their leverage below, and the map of all lines."""
    phone = narrow(fig)
    if phone:
        cells = fig.add_gridspec(3, 1, height_ratios=(3, 0.75, 2))
        spots = cells[0], cells[1], cells[2]
    else:
        cells = fig.add_gridspec(2, 2, height_ratios=(4.2, 1), width_ratios=(1.5, 1))
        spots = cells[0, 0], cells[1, 0], cells[:, 1]
    plane, strip, bowl = (fig.add_subplot(spot) for spot in spots)

    _panels(plane, strip)
    # one path for all: 200 patches would take ten times as long to draw
    areas = artists.polygons(plane, facecolors=(*to_rgb("error"), 0.16), edgecolors="error")
    areas.set(linewidths=0.9, zorder=1, joinstyle="miter")
    own_line = artists.line(plane, color="ink", linewidth=1.8, linestyle=(0, (5, 2.5)), zorder=2)
    best_line = artists.line(plane, color="model", zorder=2.1)
    dots = artists.points(plane, color="data", markersize=5.5, zorder=3)
    says_best = artists.label(
        plane, 0, 1.115 if phone else 1.09, "", color="model", weight="semibold", size=11.5
    )
    says_own = artists.label(plane, 0, 1.03, weight="semibold", size=11.5)
    for text in (says_best, says_own):
        text.set(transform=plane.transAxes, zorder=5)

    bend = artists.line(strip, color="muted", linewidth=1.2, zorder=1)
    bars = artists.line(strip, color="data", linewidth=2.4, zorder=2, solid_capstyle="butt")
    ends = artists.points(strip, color="data", markersize=4.5, zorder=3)

    ground = _map(bowl)
    best_spot = artists.points(bowl, color="model", markersize=9, zorder=3)
    own_spot = artists.points(bowl, marker="D", color="ink", markersize=7, zorder=4)
    off_map = artists.label(
        bowl, 0.5, 0.02, "the best line lies off this map", ha="center", va="bottom"
    )
    off_map.set(transform=bowl.transAxes, color="model", size=9.5, zorder=2)
    laid: tuple[object, ...] = ()
    best: Line | None = None

    def update(
        data: Annotated[
            PointList,
            Points(HOURS, SCORE, (0.1, 1), label="students (hours, score)", least=0, most=200),
        ] = STUDENTS,
        b0: Annotated[float, Slider(*B0, 1, label="your line: β₀")] = 50.0,
        b1: Annotated[float, Slider(*B1, 0.1, label="your line: β₁")] = 2.0,
        loss: Annotated[str, Choice(*LOSSES, label="loss")] = "squared",
        show: Annotated[str, Choice("your line", "best line", label="draw the loss of")] = (
            "your line"
        ),
    ) -> str:
        nonlocal laid, best
        x, y = np.array(data, dtype=float).reshape(-1, 2).T
        own = Line(b0, b1)
        if laid != (data, loss):
            laid = (data, loss)
            best = LOSSES[loss].best(x, y) if len(x) else None
            _lay_map(ground, x, y, loss, best)
            dots.set_data(x, y)
            for artist in (bend, bars, ends):
                artist.set_visible(len(x) > 0)
            if len(x):
                heights = leverage(x, x)
                bend.set_data(ACROSS, leverage(x, ACROSS))
                bars.set_data(*_uprights(x, heights))
                ends.set_data(x, heights)
            sure = best is not None and not level(x)
            for artist in (best_line, best_spot):
                artist.set_visible(sure)
            off_map.set_visible(False)
            if best is not None:
                best_line.set_data(ENDS, best.b0 + best.b1 * ENDS)
                best_spot.set_data([best.b0], [best.b1])
                inside = B0[0] < best.b0 < B0[1] and B1[0] < best.b1 < B1[1]
                off_map.set_visible(sure and not inside)
            if best is None or not sure:
                says_best.set_text("● no single best line")
            else:
                says_best.set_text(
                    f"● best line  {_line(best)}, loss {_size(_total(loss, best, x, y))}"
                )

        own_line.set_data(ENDS, b0 + b1 * ENDS)
        own_spot.set_data([b0], [b1])
        says_own.set_text(f"◆ your line  {_line(own)}, loss {_size(_total(loss, own, x, y))}")
        drawn = own if show == "your line" or best is None else best
        # how many hours are as long on the picture as one point of score
        square = plane.bbox.height / plane.bbox.width * (HOURS[1] - HOURS[0] + 2 * PAD) / 104
        areas.set_paths([_joined(outlines(loss, drawn, x, y, square))])
        return _told(loss, x, y, own, best, show)

    return update


# The picture's parts

PAD = 0.25  # hours of room at the sides
ENDS = np.array([-1.0, 11.0])
ACROSS = np.linspace(-1, 11, 61)


def _panels(plane: Axes, strip: Axes) -> None:
    plane.set(xlim=(HOURS[0] - PAD, HOURS[1] + PAD), ylim=(-2, 102), ylabel="test score")
    strip.set(xlim=(HOURS[0] - PAD, HOURS[1] + PAD), ylim=(0, 1.08))
    strip.set(xlabel="hours studied", ylabel="leverage")
    plane.set_yticks(range(0, 101, 20))
    strip.set_yticks([0, 1])
    for axes in (plane, strip):
        axes.set_xticks(range(0, 11, 2))
        axes.spines["left"].set_visible(False)
    plane.tick_params(labelbottom=False)


def _map(ax: Axes) -> artists.Polygons:
    """The map of all lines, darker where the loss is larger; the rings that `_lay_map` fills."""
    ax.set(xlim=B0, ylim=B1, xlabel="β₀", ylabel="β₁")
    ax.set_title("every line is a point here", size=10.5)
    ax.set_xticks(range(0, 121, 40))
    ax.set_yticks(range(-10, 21, 5))
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    under, over = np.array(to_rgb("surface")), np.array(to_rgb("error"))
    shades = [under + part * (over - under) for part in np.linspace(0.42, 0.04, len(RINGS) + 1)]
    ax.set_facecolor(shades[0].tolist())
    style = {"edgecolors": "surface", "linewidths": 0.7, "zorder": 0.6}
    return artists.polygons(ax, facecolors=shades[1:], **style)


GRID = np.linspace(*B0, 29), np.linspace(*B1, 25)
AROUND = np.linspace(0, 2 * np.pi, 73)
CIRCLE = np.column_stack([np.cos(AROUND), np.sin(AROUND)])


def rings(x: Numbers, best: Line) -> list[Numbers]:
    """For each s in RINGS the lines whose squared loss is n·s² above the least: shape (73, 2).

    With d = (β₀, β₁) − best that is dᵀXᵀX d = n·s², an ellipse. Such a line differs from the best
    by s points of score, in the mean square. Where all x are equal, it is a strip: shape (4, 2).
    """
    middle = float(x.mean())
    if level(x):
        far = np.array([[-1, -99], [1, -99], [1, 99], [-1, 99]], dtype=float)
        # β₀ + β₁x is the same along a strip
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
    """For each point an area as large as its loss, shape (n, 6, 2).

    On the picture `square` hours are as long as one point of score. The area hangs on the residual:
    it is its square, or a strip one point wide; for Huber's loss the square with a square of side
    |r| − δ cut out.
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
    """One path of all the closed shapes, (n, 6, 2)."""
    closed = np.concatenate([shapes, shapes[:, :1]], axis=1)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 5, Path.CLOSEPOLY], len(shapes))
    return Path(closed.reshape(-1, 2), codes)


def _uprights(x: Numbers, heights: Numbers) -> tuple[Numbers, Numbers]:
    """A line that goes from (x, 0) to (x, height) for each point, and is broken between."""
    gaps = np.full_like(x, math.nan)
    up = np.column_stack([np.zeros_like(x), heights, gaps])
    return np.repeat(x, 3), up.reshape(-1)


# The sentences


def _total(loss: str, line: Line, x: Numbers, y: Numbers) -> float:
    return float(LOSSES[loss].of(residuals(line, x, y)).sum())


def _size(loss: float) -> str:
    return number(loss, 1 if loss < 10000 else 0)


def _line(line: Line) -> str:
    """`40.75 + 5.37x`."""
    rest = number(abs(line.b1))
    return f"{number(line.b0)} {'−' if line.b1 < 0 and rest != '0' else '+'} {rest}x"


def _hours(x: float) -> str:
    """`1 hour`, `2.5 hours`."""
    return f"{number(float(x))} {'hour' if x == 1 else 'hours'}"


def _told(loss: str, x: Numbers, y: Numbers, own: Line, best: Line | None, show: str) -> str:
    """Both lines with their losses, and the point that the drawn line misses most."""
    yours = f"your line {_line(own)}"
    if best is None:
        return f"There are no points, so no line is better than another; {yours} loses nothing."
    least, lost = _size(_total(loss, best, x, y)), _size(_total(loss, own, x, y))
    n = len(x)
    start = f"{loss.capitalize()} loss, {count(n, 'point')}:"
    if level(x):
        where = _hours(x[0])
        stand = f"all stand at {where}" if n > 1 else f"it stands at {where}"
        start += (
            f" {stand}, so there is no single best line; every one of height "
            f"{number(best.b0)} there loses {least}, {yours} {lost}."
        )
    else:
        start += f" the best line {_line(best)} loses {least}, {yours} {lost}."
    r = residuals(own if show == "your line" else best, x, y)
    worst = int(np.argmax(np.round(abs(r), 9)))
    who = "Your line" if show == "your line" else "The best line"
    side = "above" if r[worst] > 0 else "below"
    if abs(r[worst]) < 1e-9:
        missed = f"{who} misses no point"
    else:
        missed = (
            f"{who} misses most at {_hours(x[worst])}, "
            f"where the score is {number(abs(float(r[worst])))} {side} it"
        )
    if level(x):
        return f"{start} {missed}."
    pull = leverage(x, x)
    most = int(np.argmax(np.round(pull, 9)))
    return f"{start} {missed}; most leverage: {number(pull[most])}, at {_hours(x[most])}."
