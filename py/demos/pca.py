"""Turn the line and see how much of the variance it keeps."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from stage import (
    Button,
    Caption,
    Choice,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Toggle,
    Update,
    artists,
    degrees,
    narrow,
    number,
    percent,
    rounded,
)
from stage.figures import axis_numbers, mixed, name, place_names, squared_paper
from stage.linear_algebra import Numbers, Vector


@lru_cache(maxsize=16)
def standard_cloud(n: int, seed: int) -> Numbers:
    """Draw n ≥ 3 points, shape (n, 2), with mean 0 and the identity as sample covariance matrix.

    Normal draws are centered and multiplied by the inverse Cholesky factor of their covariance
    matrix, so that a cloud made of them has exactly the requested spreads. The factor
    [[l, 0], [m, k]] has l > 0 and k > 0.
    """
    draws = np.random.default_rng(seed).standard_normal((n, 2))
    draws -= draws.mean(axis=0)
    (p, q), (_, r) = covariance(draws)
    first = draws[:, 0] / math.sqrt(p)
    second = (draws[:, 1] - q / math.sqrt(p) * first) / math.sqrt(r - q * q / p)
    return np.column_stack([first, second])


def cloud(along: float, across: float, tilt: float, n: int, seed: int) -> Numbers:
    """Points, shape (n, 2), with standard deviation `along` at `tilt` degrees, `across` at 90°."""
    turn = math.radians(tilt)
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    points: Numbers = standard_cloud(n, seed) * (along, across) @ axes
    return points


def covariance(points: ArrayLike) -> Numbers:
    """C = Xᵀ X / (n − 1) with X centered and points as rows: (n, d) gives (d, d)."""
    rows = np.asarray(points, dtype=float)
    centered: Numbers = rows - rows.mean(axis=0)
    found: Numbers = centered.T @ centered / (len(rows) - 1)
    return found


class Eigen(NamedTuple):
    """The eigenvalues of a covariance matrix, and the direction of the first eigenvector."""

    first: float  # the larger eigenvalue
    second: float
    angle: float | None  # degrees, 0 ≤ angle < 180; None if the eigenvalues are equal


def eigen(c: ArrayLike) -> Eigen:
    """Solve C v = λ v for a symmetric matrix C = [[p, q], [q, r]] without negative eigenvalues.

    λ = (p + r)/2 ± √(((p − r)/2)² + q²), and the first v is at the angle ½ atan2(2q, p − r).
    Eigenvalues that differ by less than 1e-9 of their sum count as equal.
    """
    (p, q), (_, r) = np.asarray(c, dtype=float)
    middle, radius = (p + r) / 2, math.hypot((p - r) / 2, q)
    first = middle + radius
    second = max((p * r - q * q) / first, 0.0) if first > 0 else 0.0  # accurate near 0
    if radius <= 1e-9 * middle:
        return Eigen(float(first), float(second), None)
    angle = math.degrees(math.atan2(2 * q, p - r)) / 2 % 180
    return Eigen(float(first), float(second), 0.0 if 180 - angle < 1e-9 else angle)


def direction(angle: float) -> Vector:
    """The unit vector u at an angle in degrees, shape (2,)."""
    return np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])


def captured(c: ArrayLike, angle: ArrayLike) -> Numbers:
    """uᵀ C u ≥ 0, the variance of the shadows on a line at `angle` degrees; the shape of angle."""
    (p, q), (_, r) = np.asarray(c, dtype=float)
    turn = np.radians(np.asarray(angle, dtype=float))
    u, v = np.cos(turn), np.sin(turn)
    return np.asarray(np.maximum(p * u**2 + 2 * q * u * v + r * v**2, 0))  # not −1e-17


def upright(c: ArrayLike, slope: float) -> float:
    """The variance of y − slope·x: the mean squared vertical error of a line through the mean."""
    (p, q), (_, r) = np.asarray(c, dtype=float)
    return float(r - 2 * slope * q + slope**2 * p)


def regression(c: ArrayLike) -> float | None:
    """The slope q/p that minimizes `upright`; None if x does not vary."""
    (p, q), (_, r) = np.asarray(c, dtype=float)
    return float(q / p) if p > 1e-12 * (p + r) else None


LIMIT = 6.0  # of the plane: 2.4 times the largest standard deviation
MARKED = (-5, 0, 5)  # the numbers on its scales, in meters
FAR = 20.0  # well outside
ANGLES = np.linspace(0, 180, 181)
SMALLER = 100  # centimeters in a meter
BEST = 0.006  # tolerance in degrees for the first component, the precision of a link


def demo(fig: Annotated[Figure, Shape(wide=1.55, narrow=0.9)]) -> Update:
    """Set the scene: the cloud with the line, and the variance that each angle keeps."""
    phone = narrow(fig)
    if phone:
        plane, curves = fig.subplots(2, 1, height_ratios=(4, 1))
    else:
        plane, curves = fig.subplots(1, 2, width_ratios=(1.6, 1))

    squared_paper(plane, LIMIT)
    longest = [amount(SMALLER * place) for place in MARKED]
    scales = [axis_numbers(plane, "x", MARKED, longest), axis_numbers(plane, "y", MARKED, longest)]
    if phone:  # in the row of the tick labels, because the pinned picture must be short
        below = plane.get_xaxis_transform()
        plane.text(2.5, -0.02, "x (m)", transform=below, ha="center", va="top", zorder=0.8)
    else:
        plane.set_xlabel("x (m)")
    points = artists.points(plane, color="data", markersize=4, zorder=1.5)
    band = artists.line(plane, color="truth", linewidth=11, alpha=0.3, zorder=1.8)
    band.set_solid_capstyle("butt")
    line = artists.line(plane, color="model", zorder=2)
    second = artists.line(plane, color="model", linewidth=1.2, zorder=2, linestyle=(0, (6, 3)))
    misses = artists.line(plane, color="error", linewidth=1, zorder=2.1)
    shadows = artists.points(plane, color="truth", markersize=3.5, zorder=2.2)
    upright_misses = artists.line(plane, color="ink", linewidth=0.8, zorder=2.1)
    fitted = artists.line(plane, color="ink", linewidth=1.8, linestyle=(0, (4, 2)), zorder=2.3)
    both = artists.arrows(plane, ["truth", "model"])
    name_u, name_cu = name(plane, "u", "model"), name(plane, "Cu", "truth")
    units = artists.label(plane, 0, 1.025)
    beside = artists.label(plane, 1, 1.025, ha="right", weight="semibold")
    for text in (beside, units):
        text.set(transform=plane.transAxes, zorder=5)

    _scales(curves, phone)
    kept, lost = (
        artists.area(curves, facecolors=mixed(color, strength), zorder=0.6)
        for color, strength in (("truth", 0.25), ("error", 0.2))
    )
    curve = artists.line(curves, color="truth", zorder=0.8)
    bar_kept = artists.line(curves, color="truth", linewidth=5, zorder=2)
    bar_lost = artists.line(curves, color="error", linewidth=5, zorder=2)
    for bar in (bar_kept, bar_lost):
        bar.set_solid_capstyle("butt")
    other = artists.line(curves, color="ink", linewidth=1.6, linestyle=(0, (4, 2)), zorder=2)
    dot = artists.points(curves, color="model", markersize=8, zorder=3)
    high = 1.06 if phone else 1.025
    says_kept = artists.label(curves, 0, high, color="truth", size=12, weight="semibold")
    says_lost = artists.label(
        curves, 1, high, color="error", size=12, weight="semibold", ha="right"
    )
    for text in (says_kept, says_lost):
        text.set(transform=curves.transAxes, zorder=5)

    pixel = LIMIT / 7 * (1 / 21 if phone else 1 / 28)  # a CSS pixel in units of the plane, nearly
    laid: tuple[object, ...] = ()

    def update(
        theta: Annotated[
            float,
            Slider(0, 180, 1, label="angle of the line", unit="°", drag=Drag.around(5, turn=180)),
        ] = 0.0,
        snap: Annotated[
            bool,
            Button(
                label="Snap to the first component",
                when=lambda along, across, cm: along + across > 0 and (cm or along != across),
            ),
        ] = False,
        show: Annotated[
            str, Choice("distances", "covariance times u", "regression", label="draw")
        ] = "distances",
        along: Annotated[float, Slider(0, 2.5, 0.1, label="spread along", more=True)] = 2.0,
        across: Annotated[float, Slider(0, 2.5, 0.1, label="spread across", more=True)] = 1.0,
        tilt: Annotated[
            float,
            Slider(0, 180, 5, label="angle of the cloud", unit="°", when=_spreads, more=True),
        ] = 45.0,
        n: Annotated[
            int, Slider(3, 200, 1, label="number of points", when=_spreads, more=True)
        ] = 60,
        seed: Annotated[int, Seed(label="sample number", when=_spreads, more=True)] = 41,
        cm: Annotated[bool, Toggle(label="y in centimeters", when=_spreads, more=True)] = False,
    ) -> str:
        nonlocal laid
        # In centimeters, all numbers except x are 100 times those in meters. So on scales with 100
        # times the range, x shrinks and y stays in place.
        data = cloud(along, across, tilt, round(n), seed) / ((SMALLER, 1) if cm else (1, 1))
        c = covariance(data)
        answer = eigen(c)
        angle = theta
        if snap and answer.angle is not None:
            angle = rounded(answer.angle) % 180
        u = direction(angle)
        total = float(np.trace(c))
        keeps = float(captured(c, angle))
        slope = regression(c)
        shown = show == "covariance times u"

        if laid != (now := (cm, shown, along, across, tilt, n, seed)):
            points.set_data(*data.T)
            shares = captured(c, ANGLES) / (total or 1)
            kept.set_data(ANGLES, 0, shares)
            lost.set_data(ANGLES, 1, shares)
            curve.set_data(ANGLES, shares)
            for artist in (kept, lost, curve):
                artist.set_visible(total > 0)
            if not laid or laid[0] != cm:
                for texts in scales:
                    for text, mark in zip(texts, MARKED, strict=True):
                        text.set_text(amount((SMALLER if cm else 1) * mark))
                units.set_text(f"y ({'cm' if cm else 'm'})")
            points.set_alpha(0.35 if shown else 1)
            laid = now

        feet = np.outer(data @ u, u)
        line.set_data(*np.outer(u, (-FAR, FAR)))
        band.set_data(*np.outer(u, math.sqrt(keeps) * np.array([-1, 1])))
        second.set_data(*np.outer((-u[1], u[0]), (-FAR, FAR)))
        second.set_visible(_is_best(answer, angle))
        misses.set_data(*artists.joined(data, feet))
        shadows.set_data(*feet.T)
        for artist in (misses, shadows, band):
            artist.set_visible(show == "distances")

        compared = show == "regression" and slope is not None
        for artist in (fitted, upright_misses, other):
            artist.set_visible(compared)
        if compared and slope is not None:
            at = math.degrees(math.atan(slope)) % 180
            fitted.set_data([-FAR, FAR], [-FAR * slope, FAR * slope])
            on_it = np.column_stack([data[:, 0], slope * data[:, 0]])
            upright_misses.set_data(*artists.joined(data, on_it))
            other.set_data([at, at], [0, 1])

        multiplied = c @ u
        both.set_visible(shown)
        both.place(((0, 0), multiplied), ((0, 0), u))
        right = np.array((u[1], -u[0]))
        turned = 1.0 if right @ multiplied > 1e-9 * total else -1.0  # −1 for an eigenvector
        place_names(
            (name_u, u, 0.7 * (u - turned * right), shown),
            (name_cu, multiplied, turned * right, shown),
            pixel=pixel,
            limit=LIMIT,
        )

        share = keeps / total if total else 0.0
        bar_kept.set_data([angle, angle], [0, share])
        bar_lost.set_data([angle, angle], [share, 1])
        dot.set_data([angle], [share])
        for artist in (bar_kept, bar_lost, dot):
            artist.set_visible(total > 0)
        scale = SMALLER**2 if cm else 1
        beside.set_text(
            ""
            if show == "distances"
            else f"Cu = {_times_u(c, u, scale)}"
            if shown
            else "no regression line"
            if slope is None
            else f"regression at {degrees(math.degrees(math.atan(slope)), 2, 180)}"
        )
        kept_of_it, lost_of_it = _parts(scale * keeps, scale * total)
        says_kept.set_text(f"kept {kept_of_it}")
        says_lost.set_text(f"lost {lost_of_it}")

        if not total:
            told = "All points lie in one place, so there is no variance to keep."
        elif shown:
            told = _multiplied(c, u, scale)
        elif show == "regression":
            told = _regressed(c, angle, scale)
        else:
            told = _kept(c, answer, angle)
        outside = int(np.count_nonzero((abs(data) > LIMIT).any(axis=1)))
        detail = (
            f"{round(n)} points (sample {seed}) with spread {number(along)} along {number(tilt)}° "
            f"and {number(across)} across{', y in centimeters' if cm else ''}"
            f"{f', {outside} of them outside the picture' if outside else ''}. "
            f"The line is at {_at(angle)}: it keeps {kept_of_it} of the variance "
            f"{amount(scale * total)} and loses {lost_of_it}."
        )
        if _is_best(answer, angle):
            detail += (
                " It is the first principal component. C is symmetric, so the second one is "
                f"perpendicular to it; its variance is {amount(scale * answer.second)}."
            )
        if shown:
            rows = scale * c.round(9)
            detail += f" C has the rows {_pair(rows[0])} and {_pair(rows[1])}, and Cu = "
            detail += f"{_times_u(c, u, scale)}."
            if cm:
                detail += " The arrow Cu is drawn to a scale of 1 to 10,000."
        if compared and slope is not None:
            at = math.degrees(math.atan(slope))
            detail += f" The regression line of y on x is at {degrees(at, 2, 180)}."
        return Caption(
            told,
            detail=detail,
            numbers={"theta": number(angle), "kept": _percent(share)},
            sets={"theta": angle} if snap else {},
        )

    return update


def _spreads(along: float, across: float) -> bool:
    """Whether the points are not all equal."""
    return along + across > 0


# Drawing


def _scales(ax: Axes, phone: bool) -> None:
    """Angles from 0° to 180°, shares from 0% to 100%."""
    ax.set(xlim=(-5, 185), ylim=(0, 1.025))  # space for the markers at the ends
    if not phone:
        ax.set(xlabel="angle of the line", ylabel="share of the variance")
    ax.set_xticks([0, 45, 90, 135, 180], ["0°", "45°", "90°", "135°", "180°"])
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


# Captions


def amount(value: float, decimals: int = 2) -> str:
    """As `number`, with a thousands separator: `25,000`."""
    text = number(value, decimals)
    whole, point, rest = text.removeprefix("−").partition(".")
    if not whole.isdigit():
        return text  # a power of ten
    return f"{'−' * text.startswith('−')}{int(whole):,}{point}{rest}"


def _percent(share: float) -> str:
    """`80%`, with decimals next to 0% and 100%."""
    return percent(share, 0 if 0.01 <= share <= 0.99 else 2)


def _pair(v: ArrayLike, decimals: int = 2) -> str:
    first, second = np.asarray(v, dtype=float)
    return f"({amount(first, decimals)}, {amount(second, decimals)})"


def _at(angle: float) -> str:
    """An angle as text; computed angles are below 180°, only the reader's can be 180°."""
    return "180°" if angle == 180 else degrees(angle, 2, 180)


def _parts(keeps: float, total: float) -> tuple[str, str]:
    """The kept and the lost variance, rounded so that they add up to the rounded total.

    If one of them is next to 0 but not 0, each is rounded independently.
    """
    kept, lost = rounded(keeps), rounded(rounded(total) - rounded(keeps))
    if (not kept and keeps > 1e-9 * total) or (lost <= 0 and total - keeps > 1e-9 * total):
        return amount(keeps), amount(total - keeps)
    return amount(kept), amount(max(lost, 0.0))


def _is_best(answer: Eigen, angle: float) -> bool:
    """Whether a line is the first principal component."""
    if answer.angle is None:
        return False
    return abs((angle - answer.angle + 90) % 180 - 90) < BEST


def _kept(c: Numbers, answer: Eigen, angle: float) -> str:
    """The caption: the share of the variance that the line keeps, and whether it is the best."""
    total = float(np.trace(c))
    keeps = float(captured(c, angle))
    told = f"At {_at(angle)}, the line keeps {_percent(keeps / total)} of the variance"
    if answer.angle is None:
        return f"{told}, as every line through a round cloud does."
    if _is_best(answer, angle):
        return f"{told}, and no line keeps more."
    if _is_best(answer, angle + 90):
        return f"{told}, and no line keeps less."
    return f"{told}."


def _away(c: Numbers, u: Vector) -> float:
    """The angle between u and Cu in degrees; 0 if it is below the precision of a link."""
    turned = c @ u
    across = abs(float(u[0] * turned[1] - u[1] * turned[0]))
    away = math.degrees(math.atan2(across, float(u @ turned)))
    return 0.0 if across <= 1e-9 * np.trace(c) or away < BEST else away


def _times_u(c: Numbers, u: Vector, scale: float) -> str:
    """`(2.5, 1.5)`, or `4u` for an eigenvector."""
    if not _away(c, u):
        return _times(amount(scale * float(u @ c @ u)))
    return _pair(scale * (c @ u))


def _times(value: str) -> str:
    """`4u`, and `u` for 1."""
    return "u" if value == "1" else f"{value}u"


def _multiplied(c: Numbers, u: Vector, scale: float) -> str:
    """The product Cu as text."""
    away = _away(c, u)
    if away:
        return f"Cu points {number(away)}° away from u, so u is not an eigenvector."
    value = amount(scale * float(u @ c @ u))
    return f"Cu = {_times(value)}, so u is an eigenvector, and its eigenvalue is {value}."


def _regressed(c: Numbers, angle: float, scale: float) -> str:
    """The mean squared vertical errors of the regression line and of the reader's."""
    slope = regression(c)
    if slope is None:
        return "x does not vary, so there is no regression line."
    least = amount(scale * max(upright(c, slope), 0.0))
    if abs(angle - 90) < 1e-9:
        return (
            f"The mean squared vertical error of the regression line is {least}; "
            "a vertical line predicts no y."
        )
    line = amount(scale * max(upright(c, math.tan(math.radians(angle))), 0.0))
    return (
        f"The mean squared vertical error is {line} for your line "
        f"and {least} for the regression line."
    )
