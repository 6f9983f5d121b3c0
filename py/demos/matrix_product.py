"""Multiply two matrices one entry at a time and see what the product does."""

from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from stage import (
    Caption,
    Choice,
    Figure,
    Grid,
    Matrix,
    Shape,
    Steps,
    Update,
    artists,
    narrow,
    number,
)
from stage.figures import fitting, name, place_names, squared_paper, zoom
from stage.linear_algebra import GRID, LETTER, SQUARE, Numbers, image

SHAPES = {  # of A and B
    "2×2 times 2×2": ((2, 2), (2, 2)),
    "2×3 times 3×2": ((2, 3), (3, 2)),
    "2×3 times 2×2": ((2, 3), (2, 2)),
}
LIMIT = 3.4  # of the plane, if everything fits
FRAMES = (LIMIT, 5.5, 8.5, 13.2, 26.5)
WORDS = ("one", "two")
DEEP = 3  # the maximum number of columns of A, and of rows of B
GAP = 0.55  # between the tables, in widths of a cell


def terms(a: Numbers, b: Numbers, i: int, j: int) -> Numbers:
    """The products a_ik · b_kj for k = 0, 1, …, while row i and column j both have an entry."""
    row, column = a[i], b[:, j]
    pairs = min(len(row), len(column))
    found: Numbers = row[:pairs] * column[:pairs]
    return found


def product(a: Numbers, b: Numbers) -> Numbers:
    """C = AB, c_ij = Σ_k a_ik b_kj: m×n times n×p gives m×p. ValueError if the n differ."""
    (m, n), (rows, p) = a.shape, b.shape
    if n != rows:
        raise ValueError(f"{m}×{n} times {rows}×{p}: {n} columns do not fit {rows} rows")
    return np.array([[terms(a, b, i, j).sum() for j in range(p)] for i in range(m)])


def factors(shapes: str, a: Grid, a3: Grid, b: Grid, b3: Grid) -> tuple[Numbers, Numbers]:
    """A and B of these shapes; `a3` is the third column of A, `b3` the third row of B."""
    (_, n), (q, _) = SHAPES[shapes]
    one, two = np.array(a, dtype=float), np.array(b, dtype=float)
    if n == 3:
        one = np.hstack((one, np.array(a3, dtype=float)))
    if q == 3:
        two = np.vstack((two, np.array(b3, dtype=float)))
    return one, two


def demo(fig: Annotated[Figure, Shape(wide=1.62, narrow=0.72)]) -> Update:
    """Set the scene: A, B above their product AB, and what AB and BA do to the letter F."""
    if narrow(fig):
        rows = fig.add_gridspec(2, 1, height_ratios=(1.25, 1))
        low = rows[1].subgridspec(1, 2, width_ratios=(1.5, 1))
        board, plane, other = rows[0], low[0], low[1]
    else:
        columns = fig.add_gridspec(1, 2, width_ratios=(1.5, 1))
        right = columns[1].subgridspec(2, 1, height_ratios=(2, 1))
        board, plane, other = columns[0], right[0], right[1]
    board_ax = _blank(fig.add_subplot(board))
    board_ax.set(xlim=(-0.85, DEEP + GAP + 2.85), ylim=(DEEP + GAP + 3, -0.1))
    left, above, result = (
        _table(board_ax, title, cells, color)
        for title, cells, color in (("A", 6, "data"), ("B", 6, "model"), ("AB", 4, "truth"))
    )
    middle: dict[str, Any] = {"ha": "center", "va": "center", "clip_on": False}
    sizes = artists.label(board_ax, -0.85, 0.1, color="muted", ha="left", va="top", linespacing=1.4)
    worked = artists.label(board_ax, 0, 0, size=12, zorder=5, **middle)
    other_ax = _blank(fig.add_subplot(other))
    other_ax.set(xlim=(-1, 3.2), ylim=(3.2, -0.2))
    turned = _table(other_ax, "BA", 9, "muted")
    none = artists.label(other_ax, 1.1, 1.5, color="muted", **middle)
    moved = _plane(fig.add_subplot(plane))
    pixel = 2 * LIMIT / (fig.get_figwidth() * (55 if narrow(fig) else 38))  # nearly

    def update(
        shapes: Annotated[str, Choice(*SHAPES, label="dimensions")] = "2×2 times 2×2",
        a: Annotated[Grid, Matrix(2, 2, -2, 2, 0.5, label="A")] = ((2.0, -1.0), (1.0, 1.0)),
        b: Annotated[Grid, Matrix(2, 2, -2, 2, 0.5, label="B")] = ((1.0, 1.0), (0.0, 1.0)),
        step: Annotated[int, Steps(12, label="products computed", rate=1.5)] = 4,
        a3: Annotated[
            Grid,
            Matrix(
                *(2, 1, -2, 2, 0.5),
                label="third column of A",
                more=True,
                when=lambda shapes: "2×3" in shapes,
            ),
        ] = ((1.0,), (-1.0,)),
        b3: Annotated[
            Grid,
            Matrix(
                *(1, 2, -2, 2, 0.5),
                label="third row of B",
                more=True,
                when=lambda shapes: "3×2" in shapes,
            ),
        ] = ((1.0, 0.0),),
    ) -> str:
        one, two = factors(shapes, a, a3, b, b3)
        (m, n), (q, p) = one.shape, two.shape
        ab = product(one, two) if n == q else None
        ba = product(two, one) if p == m else None
        now = _progress(m, n, p, step)

        left_edge, top = (DEEP - n) / 2, (DEEP - q) / 2  # the middle of the room there is
        down, across = top + q + GAP, left_edge + n + GAP
        worked.set_position((0.5 * (left_edge + across + p), down + m + 0.6))
        outcome = f"AB is {m} × {p}" if n == q else "AB doesn't exist"
        sizes.set_text(f"A is {m} × {n}\nB is {q} × {p}\n{outcome}")
        _frame(left, (left_edge, down), (m, n))
        _frame(above, (across, top), (q, p))
        _frame(result, (across, down), (m, p))
        _frame(turned, (0, 0), (q, n) if ba is not None else None)
        _write(left, one)
        _write(above, two)
        _write(result, np.full((m, p), np.nan) if ab is None else _so_far(ab, one, two, now))
        _write(turned, np.empty((0, 0)) if ba is None else ba)
        none.set_text("" if ba is not None else "There is no BA")

        _light(left, now and (0, now.i, n, 1), now and (now.k, now.i))
        _light(above, now and (now.j, 0, 1, q), (now.j, now.k) if now and now.k < q else None)
        _light(result, now and (now.j, now.i, 1, 1), None)
        worked.set_text(_line(one, two, now))
        worked.set_color("error" if now and now.k >= q else "ink")

        square = n == q == p == 2
        _move(moved, ab, ba if square else None, "" if n == q else "AB doesn't exist")
        _follow(moved, ab, one, two, now, pixel)
        return Caption(_told(one, two, now), detail=_detail(one, two, ab, ba, now, step))

    return update


class Progress(NamedTuple):
    """The product that is computed last: a_ik · b_kj, with indices from 0."""

    i: int
    j: int
    k: int


def _progress(m: int, n: int, p: int, step: int) -> Progress | None:
    """The last product after `step` steps, entry by entry and row by row; None before the first.

    After all m·n·p products it stays at the last one.
    """
    if step == 0:
        return None
    entry, k = divmod(min(step, m * n * p) - 1, n)
    return Progress(*divmod(entry, p), k)


# Drawing


class Table(NamedTuple):
    """A matrix in brackets at `origin`, with cells of size 1; y points down."""

    title: artists.Label
    brackets: artists.Line
    cells: list[artists.Label]
    band: artists.Area
    cell: artists.Area
    origin: list[float]


def _blank(ax: Axes) -> Axes:
    """Axes for tables: no frame, and cells that are square."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    return ax


def _table(ax: Axes, title: str, cells: int, color: str) -> Table:
    """Create the artists of a matrix."""
    names: dict[str, Any] = {"weight": "semibold", "size": 12, "va": "center", "zorder": 1}
    titled = artists.label(ax, 0, 0, title, color=color, **names)
    brackets = artists.line(ax, color="ink", linewidth=1.2, zorder=1)
    texts = [
        artists.label(ax, 0, 0, ha="center", va="center", size=12, zorder=3) for _ in range(cells)
    ]
    # The highlights are above the numbers, so that moving them does not redraw the numbers.
    band = artists.area(ax, facecolors=(color, 0.18), zorder=4)
    cell = artists.area(ax, facecolors="none", edgecolors=color, linewidths=2, zorder=4)
    cell.set_joinstyle("miter")
    return Table(titled, brackets, texts, band, cell, [0.0, 0.0])


def _frame(table: Table, origin: tuple[float, float], size: tuple[int, int] | None) -> None:
    """Lay out a matrix of a size; None: hide it, because the matrix does not exist."""
    table.origin[:] = origin
    table.brackets.set_visible(size is not None)
    table.title.set_visible(size is not None)
    if size is None:
        return
    (left, top), (rows, columns) = origin, size
    for text, (i, j) in zip(table.cells, np.ndindex(rows, columns), strict=False):
        text.set_position((left + j + 0.5, top + i + 0.5))
    right, low, foot = left + columns, top + 0.06, top + rows - 0.06
    table.brackets.set_data(
        [left + 0.12, left, left, left + 0.12, np.nan, right - 0.12, right, right, right - 0.12],
        [low, low, foot, foot, np.nan, low, low, foot, foot],
    )
    before = table.title.get_text() in ("A", "BA")
    table.title.set_position((left - 0.2 if before else right + 0.2, top + rows / 2))
    table.title.set_horizontalalignment("right" if before else "left")


def _write(table: Table, entries: Numbers) -> None:
    """Write the entries of a matrix, or the first of them, row by row; `?` for NaN."""
    for at, text in enumerate(table.cells):
        text.set_visible(at < entries.size)
        if at < entries.size:
            value = float(entries.flat[at])
            text.set_text("?" if np.isnan(value) else number(value))


def _light(
    table: Table, band: tuple[int, int, int, int] | None, cell: tuple[int, int] | None
) -> None:
    """Highlight a band (column, row, columns, rows) and frame a cell (column, row) of a matrix."""
    x, y = table.origin
    table.band.set_visible(band is not None)
    table.cell.set_visible(cell is not None)
    if band is not None:
        left, top, columns, rows = band
        across = x + left + 0.08, x + left + columns - 0.08
        table.band.set_data(across, y + top + 0.08, y + top + rows - 0.08)
    if cell is not None:
        across = x + cell[0] + 0.1, x + cell[0] + 0.9
        table.cell.set_data(across, y + cell[1] + 0.1, y + cell[1] + 0.9)


def _so_far(ab: Numbers, a: Numbers, b: Numbers, now: Progress | None) -> Numbers:
    """The entries of C computed so far, the last one as a partial sum; shape (entries,)."""
    if now is None:
        return np.empty(0)
    so_far = ab.copy()
    so_far[now.i, now.j] = terms(a, b, now.i, now.j)[: now.k + 1].sum()
    found: Numbers = so_far.flat[: now.i * ab.shape[1] + now.j + 1]
    return found


class Plane(NamedTuple):
    """The letter F after AB, and in gray after BA."""

    axes: Axes
    grid: artists.Line
    square: artists.Polygons
    letter: artists.Polygons
    other: artists.Polygons
    key: artists.Label
    message: artists.Label
    column: artists.Arrows
    leg: artists.Line
    name: artists.Label


def _plane(ax: Axes) -> Plane:
    """Squared paper with the original unit square, and the artists that move."""
    squared_paper(ax, LIMIT, major=2)
    ax.set_title("after AB", color="truth").set_zorder(0.6)
    dotted: dict[str, Any] = {"edgecolor": "muted", "linestyle": ":", "linewidth": 1.2}
    ax.add_patch(Polygon(SQUARE, fill=False, zorder=1, **dotted))
    grid = artists.line(ax, color="muted", linewidth=0.8, alpha=0.5, zorder=1)
    edged: dict[str, Any] = {"edgecolors": "truth", "linewidths": 1, "joinstyle": "miter"}
    square = artists.polygons(ax, facecolors=("truth", 0.3), zorder=1.2, **edged)
    letter = artists.polygons(
        ax, facecolors="ink", edgecolors="ink", linewidths=0.8, joinstyle="miter", zorder=1.4
    )
    other = artists.polygons(
        ax, facecolors=("muted", 0.4), edgecolors="muted", linewidths=1, zorder=1.3
    )
    key = artists.label(ax, 1, 1.03, "", ha="right", color="muted", transform=ax.transAxes)
    message = artists.label(ax, 0, 1.9, ha="center", va="center", zorder=1.7)
    message.set_bbox({"facecolor": "surface", "edgecolor": "none", "pad": 4})
    column = artists.arrows(ax, ["truth"], width=0.026)
    leg = artists.line(ax, color="truth", linewidth=5, alpha=0.6, solid_capstyle="butt", zorder=2)
    label = name(ax, "", "truth")
    return Plane(ax, grid, square, letter, other, key, message, column, leg, label)


def _move(plane: Plane, ab: Numbers | None, ba: Numbers | None, message: str) -> None:
    """Draw the letter under AB and BA; None for a product that is not 2×2."""
    for artist in (plane.grid, plane.square, plane.letter):
        artist.set_visible(ab is not None)
    plane.other.set_visible(ba is not None)
    plane.key.set_text("gray: after BA" if ba is not None else "")
    plane.message.set_text(message)
    if ab is not None:
        plane.grid.set_data(image(ab, GRID).T)
        plane.square.set_verts(image(ab, SQUARE)[None])
        plane.letter.set_verts(image(ab, LETTER)[None])
    if ba is not None:
        plane.other.set_verts(image(ba, LETTER)[None])
    drawn = [image(m, shape) for m, shape in ((ab, SQUARE), (ba, LETTER)) if m is not None]
    zoom(plane.axes, fitting(FRAMES, *drawn) if drawn else LIMIT, 2)


def _follow(
    plane: Plane, ab: Numbers | None, a: Numbers, b: Numbers, now: Progress | None, pixel: float
) -> None:
    """Draw the column that is being computed as an arrow, and its entry as a component."""
    shown = now is not None and ab is not None
    for artist in (plane.column, plane.leg, plane.name):
        artist.set_visible(shown)
    if now is None or ab is None:
        return
    x, y = ab[:, now.j]
    plane.column.place(((0, 0), (x, y)))
    c = float(terms(a, b, now.i, now.j)[: now.k + 1].sum())
    tail = np.array((0.0, 0.0) if now.i == 0 else (x, 0.0))
    tip = tail + ((c, 0) if now.i == 0 else (0, c))
    plane.leg.set_data(*np.column_stack([tail, tip]))
    plane.name.set_text(f"c{_index(now.i, now.j)}")
    spot = (tail + tip) / 2 if now.i == 0 else tail
    away = np.array((0.0, -1.4 if y >= 0 else 1.4))  # on the side of the axis opposite to the arrow
    limit = plane.axes.get_xlim()[1]
    place_names((plane.name, spot, away, True), pixel=pixel * limit / LIMIT, limit=limit)


# Captions


def _index(i: int, j: int) -> str:
    return f"{i + 1}{j + 1}".translate(str.maketrans("123", "₁₂₃"))


def _times(x: float, y: float, first: bool = True) -> str:
    """`1 · 2`, `1 · (−2)`; not as the first term of a sum: `(−1) · 2`."""
    left = number(x) if x >= 0 or first else f"({number(x)})"
    return f"{left} · {f'({number(y)})' if y < 0 else number(y)}"


def _worked(a: Numbers, b: Numbers, now: Progress) -> str:
    """`c₁₂ = 2 · 1 + (−1) · 1 = 1`, up to the current step."""
    i, j, k = now
    pairs = zip(a[i, : k + 1], b[: k + 1, j], strict=True)
    sum_ = " + ".join(_times(x, y, first=not at) for at, (x, y) in enumerate(pairs))
    total = number(float(terms(a, b, i, j)[: k + 1].sum()))
    return f"c{_index(i, j)} = {sum_} = {total}"


def _line(a: Numbers, b: Numbers, now: Progress | None) -> str:
    """The line of text below the tables."""
    if now is None:
        return ""
    if a.shape[1] == len(b):
        return _worked(a, b, now) + ("" if now.k == len(b) - 1 else " so far")
    i, j, k = now
    if k < len(b):
        return f"a{_index(i, k)}b{_index(k, j)} = {_times(a[i, k], b[k, j])}"
    return f"a{_index(i, k)} = {number(a[i, k])} has no partner"


def _rows(matrix: Numbers) -> str:
    """`(1, 1) and (1, 3)`."""
    rows = [f"({', '.join(number(value) for value in row)})" for row in matrix]
    return f"{', '.join(rows[:-1])} and {rows[-1]}"


def _told(a: Numbers, b: Numbers, now: Progress | None) -> str:
    """The caption: what is being computed."""
    if a.shape[1] != len(b):
        return f"AB doesn't exist: a row of A has {a.shape[1]} numbers, a column of B {len(b)}."
    if now is None:
        return "No entry of AB is computed yet."
    i, j, k = now
    entry = f"The entry in row {WORDS[i]} and column {WORDS[j]}"
    total = number(float(terms(a, b, i, j)[: k + 1].sum()))
    return f"{entry} is {total}{'' if k == len(b) - 1 else ' so far'}."


def _detail(
    a: Numbers, b: Numbers, ab: Numbers | None, ba: Numbers | None, now: Progress | None, step: int
) -> str:
    """The detail: both matrices, the current computation, and the products in both orders."""
    (m, n), (q, p) = a.shape, b.shape
    told = f"A has the rows {_rows(a)}, B has the rows {_rows(b)}."
    if ab is None:
        if now:
            i, j, k = now
            told += f" In row {i + 1} and column {j + 1}, a{_index(i, k)} = {number(a[i, k])} "
            told += f"meets b{_index(k, j)} = {number(b[k, j])}." if k < q else "has no partner."
    else:
        told += f" AB has the rows {_rows(ab)}."
        if now is None:
            told += f" None of its {m * n * p} products is computed yet."
        else:
            so_far = "" if now.k == n - 1 else " so far"
            told += f" Product {min(step, m * n * p)} of {m * n * p}: {_worked(a, b, now)}{so_far}."
    if ba is None:
        return f"{told} BA doesn't exist: a row of B has {p} numbers, a column of A {m}."
    told += f" BA has the rows {_rows(ba)}"
    if ab is None or ab.shape != ba.shape:
        return f"{told}: it is {q} × {n}."
    same = np.allclose(ab, ba, rtol=0, atol=1e-9)
    return f"{told}: {'both orders give the same matrix' if same else 'the order matters'}."
