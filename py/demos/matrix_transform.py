"""Drag the two columns of a matrix and watch the plane."""

import math
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MultipleLocator

from stage import (
    Caption,
    Choice,
    Figure,
    Grid,
    Matrix,
    PointList,
    Points,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
    pair,
    rounded,
)
from stage.figures import fitting, name, place_names, squared_paper, zoom
from stage.linear_algebra import EDGE, GRID, LETTER, SQUARE, Numbers, Vector, image


def determinant(matrix: Numbers) -> float:
    """The signed area of the image of the unit square: det A = a₁₁a₂₂ − a₁₂a₂₁.

    Up to 1e-9 times the product of the columns' lengths, it counts as 0 with a rounding error.
    """
    (a, b), (c, d) = matrix
    found = float(a * d - b * c)
    return found if abs(found) > 1e-9 * math.hypot(a, c) * math.hypot(b, d) else 0.0


def preset(kind: str, theta: float, s: float) -> Numbers:
    """The matrix that rotates by θ (degrees), scales by s, shears by s, reflects, or projects.

    The last two use the line through the origin at the angle θ. KeyError for any other kind.
    """
    turn = math.radians(theta)
    cos, sin = math.cos(turn), math.sin(turn)
    return np.array(
        {
            "rotate": ((cos, -sin), (sin, cos)),
            "scale": ((s, 0), (0, s)),
            "shear": ((1, s), (0, 1)),
            "reflect": (
                (math.cos(2 * turn), math.sin(2 * turn)),
                (math.sin(2 * turn), -math.cos(2 * turn)),
            ),
            "project": ((cos * cos, cos * sin), (cos * sin, sin * sin)),
        }[kind]
    )


class Squash(NamedTuple):
    """How a matrix flattens the plane, by its singular value decomposition."""

    kept: Vector  # the unit vector that A stretches most
    lost: Vector  # the unit vector that A stretches least, perpendicular to `kept`
    line: Vector  # the unit vector along A·kept, pointing right; (0, 0) for A = 0
    flat: float  # ratio σ₂/σ₁, from 1 (a circle stays a circle) to 0 (it becomes a line)
    rank: int  # dimension of the image of the plane: 2, 1 (a line) or 0 (a point)


def squash(matrix: Numbers) -> Squash:
    """The directions that A stretches most and least, from A = UΣVᵀ, with a sign convention.

    `kept` is the first eigenvector of AᵀA = [[p, q], [q, r]], at the angle ½ atan2(2q, p − r), or
    (1, 0) if all directions are stretched equally (to 1e-9). Its sign is such that `line` points
    right, or up if it is vertical; `lost` is `kept` rotated by 90°.
    """
    determined = determinant(matrix)
    rank = 2 if determined else int(matrix.any())
    kept, line, flat = np.array((1.0, 0.0)), np.zeros(2), 0.0
    if rank:
        (a, b), (c, d) = matrix
        p, q, r = a * a + c * c, a * b + c * d, b * b + d * d
        middle, radius = (p + r) / 2, math.hypot((p - r) / 2, q)
        if radius > 1e-9 * middle:
            turn = math.atan2(2 * q, p - r) / 2
            kept = np.array((math.cos(turn), math.sin(turn)))
        line = _unit(image(matrix, kept))
        if (round(float(line[0]), 9), line[1]) < (0, 0):
            kept, line = -kept, -line
        flat = abs(determined) / (middle + radius)  # σ₂/σ₁ = σ₁σ₂/σ₁²
    return Squash(kept, np.array((-kept[1], kept[0])), line, flat, rank)


TURNED = ("rotate", "reflect", "project")  # the presets that have an angle
SCALED = ("scale", "shear")  # and those that have a factor
LIMIT = 3.5  # of both planes, if all arrows and points fit
FRAMES = (LIMIT, 5.5, 8.5, 13.2)  # the last one fits every Ax: components are at most 12
_LINES = np.arange(-EDGE, EDGE + 1.0)
NODES = np.stack(np.meshgrid(_LINES, _LINES), axis=-1).reshape(-1, 2)
FLAT = 0.3  # below this ratio σ₂/σ₁ the grid points are colored


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.435)]) -> Update:
    """Set the scene: the plane before and after; below, the matrix and the signed area."""
    phone = narrow(fig)
    if phone:
        rows = fig.add_gridspec(3, 1, height_ratios=(1, 1, 0.27))
        top, low = [rows[0], rows[1]], rows[2].subgridspec(1, 2, width_ratios=(1, 1.45))
    else:
        rows = fig.add_gridspec(2, 1, height_ratios=(1, 0.24))
        halves = rows[0].subgridspec(1, 2)
        top, low = [halves[0], halves[1]], rows[1].subgridspec(1, 2, width_ratios=(1, 2.5))
    places = (top[0], top[1], top[1], low[0], low[1])
    before, after, grip, written, strip = (fig.add_subplot(spot) for spot in places)

    first = _plane(before, "before", ("x", "e₁", "e₂"))
    second = _plane(after, "after", ("Ax", "Ae₁", "Ae₂"))
    _move(first, np.eye(2))
    # The handles are in separate axes, which are hidden for presets.
    grip.set(xlim=after.get_xlim(), ylim=after.get_ylim(), aspect="equal")
    grip.set_axis_off()
    grip.set_clip_box(grip.bbox)  # so that hiding it cannot change the layout
    entries = _written(written)
    bar, end, heading = _strip(strip, phone)
    landing = LinearSegmentedColormap.from_list("landing", ["data", "truth", "gradient", "error"])
    across = fig.get_figwidth() * (84 if phone else 44)  # of a plane in CSS pixels, nearly
    pixel = 2 * LIMIT / across  # one of them in units of the planes

    def update(
        matrix: Annotated[
            Grid,
            Matrix(
                *(2, 2, -2, 2, 0.1),
                label="matrix A",
                handles="columns",
                axes=2,
                when=lambda kind: kind == "none",
            ),
        ] = ((1.5, -0.5), (0.5, 1.0)),
        x: Annotated[PointList, Points((-3, 3), (-3, 3), 0.1, label="point", names=("x",))] = (
            (2.0, 1.0),
        ),
        kind: Annotated[
            str,
            Choice("none", "rotate", "scale", "shear", "reflect", "project", label="preset for A"),
        ] = "none",
        theta: Annotated[
            float, Slider(-180, 180, 5, label="angle θ", unit="°", when=lambda kind: kind in TURNED)
        ] = 30.0,
        s: Annotated[
            float, Slider(-2, 2, 0.1, label="factor s", when=lambda kind: kind in SCALED)
        ] = 1.5,
    ) -> str:
        a = np.array(matrix, dtype=float) if kind == "none" else preset(kind, theta, s)
        point = np.array(x[0])
        det = determinant(a)
        found = squash(a)

        _move(second, a)
        limit = fitting(FRAMES, point, image(a, point), a)
        known = (*first.point.get_xydata().flat, before.get_xlim()[1])
        for ax in (before, after, grip):
            zoom(ax, limit, 1)
        if known != (*point, limit):  # otherwise the left plane stays unchanged
            _walk(first, np.eye(2), point, pixel, limit)
        _walk(second, a, point, pixel, limit)

        color = "error" if det < 0 else "truth"
        bar.set_data([0, det], [0, 0])
        end.set_data([det], [0])
        if bar.get_color() != color:
            bar.set_color(color)
            end.set_color(color)
            second.square.set(facecolor=(color, 0.3), edgecolor=color)
        heading.set_text(f"det A {_sum(a[0, 0] * a[1, 1], -a[0, 1] * a[1, 0], det)}")
        for text, entry in zip(entries, a.flat, strict=True):
            text.set_text(number(entry))

        tint = max(1 - found.flat / FLAT, 0.0)
        along = NODES @ found.kept / (EDGE * abs(found.kept).sum()) * bool(found.rank)
        hues = (along.round(9) + 1) / 2  # rounded, so that equal ones are equal
        mirrored = kind in ("reflect", "project")
        turn = math.radians(theta)
        for plane in (first, second):
            plane.nodes.set_visible(tint > 0)
            plane.mirror.set_visible(mirrored)
            if tint > 0:
                plane.nodes.set_facecolor(landing(hues, alpha=tint))
            if mirrored:
                plane.mirror.set_data(*np.outer((math.cos(turn), math.sin(turn)), (-20, 20)))
        grip.set_visible(kind == "none")
        return Caption(
            _changed(det, found),
            detail=_told(a, _purpose(kind, theta, s), point, det, found),
            sets={}
            if kind == "none"
            else {"matrix": tuple(map(tuple, (a.round(12) + 0.0).tolist()))},
        )

    return update


# Drawing


class Plane(NamedTuple):
    """The artists of a plane, before or after the transformation."""

    grid: artists.Line
    square: artists.Polygons
    letter: artists.Polygons
    nodes: PathCollection
    mirror: artists.Line
    walk: artists.Segments
    columns: artists.Arrows
    point: artists.Line
    names: tuple[artists.Label, artists.Label, artists.Label]  # of the point and the two columns


def _plane(ax: Axes, title: str, names: tuple[str, str, str]) -> Plane:
    """Squared paper, and on it a grid, the unit square with an F, two arrows, and a point."""
    squared_paper(ax, LIMIT, major=1)
    ax.set_title(title).set_zorder(0.6)  # below everything that moves, so that it is not redrawn
    grid = artists.line(ax, color="muted", linewidth=0.8, alpha=0.6, zorder=1)
    square = artists.polygons(ax, linewidths=1, joinstyle="miter", zorder=1.2)
    square.set(facecolor=("truth", 0.3), edgecolor="truth")
    letter = artists.polygons(ax, color="ink", linewidths=1, joinstyle="miter", zorder=1.4)
    nodes = ax.scatter(NODES[:, 0], NODES[:, 1], s=26, linewidths=0, zorder=1.6)
    mirror = artists.line(ax, linestyle="--", color="ink", linewidth=1, zorder=1.7)
    walk = artists.segments(ax, colors=("data", "model"), linestyles=":", linewidths=1.6, zorder=2)
    columns = artists.arrows(ax, ["data", "model"])
    point = artists.points(ax, color="ink", markersize=6, zorder=4)
    colors = ("ink", "data", "model")
    labels = [name(ax, text, color) for text, color in zip(names, colors, strict=True)]
    return Plane(
        grid, square, letter, nodes, mirror, walk, columns, point, (labels[0], labels[1], labels[2])
    )


def _move(plane: Plane, a: Numbers) -> None:
    """Draw the images of the grid, its nodes, the square, the F, and e₁ and e₂."""
    plane.grid.set_data(image(a, GRID).T)
    plane.square.set_verts(image(a, SQUARE)[None])
    plane.letter.set_verts(image(a, LETTER)[None])
    plane.nodes.set_offsets(image(a, NODES))
    plane.columns.place(((0, 0), a[:, 0]), ((0, 0), a[:, 1]))


def _walk(plane: Plane, a: Numbers, x: Vector, pixel: float, limit: float) -> None:
    """Draw the path to Ax, x₁ times the first column plus x₂ times the second, and the names."""
    corner, end = x[0] * a[:, 0], image(a, x)
    plane.walk.set_segments(np.array([(np.zeros(2), corner), (corner, end)]))
    plane.point.set_data(end[:1], end[1:])
    one, two = a.T
    turn = -1.0 if determinant(a) < 0 else 1.0
    aside = (_aside(one, -turn), _aside(two, turn))
    place_names(
        (plane.names[0], end, 1.5 * (_unit(end) if end.any() else aside[0]), True),
        (plane.names[1], one, 1.5 * (aside[0] if one.any() else -_unit(two)), True),
        (plane.names[2], two, 1.5 * (aside[1] if two.any() else -_unit(one)), True),
        pixel=pixel * limit / LIMIT,
        limit=limit,
    )


def _unit(v: Vector) -> Vector:
    """v / ‖v‖, and (−1, 0) for the zero vector."""
    return v / math.hypot(*v) if v.any() else np.array((-1.0, 0.0))


def _aside(v: Vector, turn: float) -> Vector:
    """The unit vector perpendicular to v, to its left for turn = 1 and to its right for −1."""
    x, y = _unit(v)
    return turn * np.array((-y, x))


def _written(ax: Axes) -> list[artists.Label]:
    """Draw the matrix in brackets, with columns in the arrows' colors; return its numbers."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    ax.text(0.02, 0.5, "A =", weight="semibold", size=12, va="center")
    for x, inward in ((0.3, 0.04), (0.98, -0.04)):
        ax.plot(
            [x + inward, x, x, x + inward], [0.98, 0.98, 0.02, 0.02], color="ink", linewidth=1.2
        )
    entries = [
        artists.label(
            ax, x, y, "", color=color, weight="semibold", size=12, ha="center", va="center"
        )
        for y in (0.74, 0.26)
        for x, color in ((0.48, "data"), (0.8, "model"))
    ]
    for entry in entries:
        entry.set(clip_on=True, zorder=5)
    return entries


def _strip(ax: Axes, phone: bool) -> tuple[artists.Line, artists.Line, artists.Label]:
    """A scale of signed areas with the bar that ends at the determinant, and its heading."""
    ax.set(xlim=(-8.5, 8.5), ylim=(-1, 2.4), yticks=[])
    ax.xaxis.set_major_locator(MultipleLocator(4 if phone else 2))
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    for x in range(-8, 9, 4 if phone else 2):  # the lines of the scale stop short of the words
        ax.vlines(x, -1, 1, color="rule" if x else "muted", linewidth=0.8, zorder=0.9)
    if not phone:
        ax.text(-8.5, 1.8, "signed area", weight="semibold", va="center", zorder=0.9)
    bar = artists.line(ax, linewidth=8, solid_capstyle="butt")
    end = artists.points(ax, markersize=9)
    heading = artists.label(ax, 8.5, 1.8, ha="right", va="center", clip_on=True, zorder=5)
    return bar, end, heading


# Captions


def _equals(x: float) -> str:
    """`= 1.75`, `≈ 0.33`."""
    return f"{'=' if abs(x - rounded(x)) < 1e-9 else '≈'} {number(x)}"


def _sum(first: float, second: float, total: float) -> str:
    """`= 1.5 + 0.25 = 1.75`, with ≈ if a number is rounded."""
    exact = abs(first - rounded(first)) < 1e-9 and abs(second - rounded(second)) < 1e-9
    adds_up = abs(rounded(first) + rounded(second) - total) < 1e-9
    return (
        f"{'=' if exact else '≈'} {number(first)} {'−' if number(second).startswith('−') else '+'} "
        f"{number(abs(second))} {'=' if adds_up else '≈'} {number(total)}"
    )


def _purpose(kind: str, theta: float, s: float) -> str:
    """The description of a preset; empty for the reader's matrix."""
    degrees, factor = f"{number(theta)}°", number(s)
    return {
        "none": "",
        "rotate": f"rotate by {degrees}",
        "scale": f"scale by {factor}",
        "shear": f"shear by {factor}",
        "reflect": f"reflect in the dashed line at {degrees}",
        "project": f"project onto the dashed line at {degrees}",
    }[kind]


def _changed(det: float, found: Squash) -> str:
    """The effect on areas, or the image of the plane if it is flattened."""
    if found.rank < 2:
        left = "a line, and points of one color land together" if found.rank else "the origin"
        return f"The determinant is 0: the plane collapses onto {left}."
    mirrored = ", and the plane is mirrored" if det < 0 else ""
    value = f"{'' if _equals(det)[0] == '=' else 'about '}{number(det)}"
    return f"The determinant is {value}: every area is multiplied by {number(abs(det))}{mirrored}."


def _told(a: Numbers, purpose: str, x: Vector, det: float, found: Squash) -> str:
    """The caption: the columns, the point, and the effect on areas."""
    end = image(a, x)
    moved = (
        f"{f'To {purpose}, ' if purpose else ''}A moves e₁ to {pair(a[:, 0])} and e₂ to "
        f"{pair(a[:, 1])}, its two columns, and so x = {pair(x)} to {pair(end)}."
    )
    if found.rank == 0:
        return f"{moved} det A = 0: every point of the plane lands on the origin."
    if found.rank == 1:
        step = found.lost / abs(found.lost).max()
        # the nearer to the middle; of two equally near the left one, or the lower one
        other = min((x + step, x - step), key=lambda v: (round(math.hypot(*v), 9), *v))
        line = found.line / abs(found.line).max()
        return (
            f"{moved} det A = 0: the plane falls onto the line through {pair(line)} and the "
            f"origin. Points of one color land in one place, such as x and {pair(other)}."
        )
    mirrored = ", and the F is mirrored" if det < 0 else ""
    area = f"The unit square gets the area {number(abs(det))}{mirrored}: det A {_equals(det)}."
    if found.flat < FLAT:
        area += (
            f" A circle becomes an ellipse {number(found.flat)} times as wide as it is long: "
            "points of similar color land close together."
        )
    return f"{moved} {area}"
