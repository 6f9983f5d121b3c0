"""Multiply two matrices one entry at a time, and see what the product does to the plane."""

from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike, NDArray

from stage import Choice, Figure, Grid, Matrix, Shape, Steps, Update, artists, narrow, number
from stage.figures import name, place_names, squared_paper
from stage.linear_algebra import GRID, LETTER, SQUARE, image

Numbers = NDArray[np.float64]


def part(grid: Grid, rows: int, columns: int) -> Numbers:
    """The upper left of a grid, shape (rows, columns)."""
    return np.array(grid, dtype=float)[:rows, :columns]


def terms(a: Numbers, b: Numbers, i: int, j: int) -> Numbers:
    """The products a_ik · b_kj for k = 0, 1, …, as far as both row i and column j have an entry."""
    row, column = a[i], b[:, j]
    pairs = min(len(row), len(column))
    found: Numbers = row[:pairs] * column[:pairs]
    return found


def product(a: Numbers, b: Numbers) -> Numbers:
    """C = AB, c_ij = Σ_k a_ik b_kj: m×n times n×p gives m×p. ValueError if A's n is not B's."""
    (m, n), (rows, p) = a.shape, b.shape
    if n != rows:
        raise ValueError(f"{m}×{n} times {rows}×{p}: {n} columns do not fit {rows} rows")
    return np.array([[terms(a, b, i, j).sum() for j in range(p)] for i in range(m)])


SHAPES = {  # of A and B: parts of a 2×3 and a 3×2 grid
    "2×2 times 2×2": ((2, 2), (2, 2)),
    "2×3 times 3×2": ((2, 3), (3, 2)),
    "2×3 times 3×1": ((2, 3), (3, 1)),
    "2×3 times 2×2": ((2, 3), (2, 2)),
}
DEEP = 3  # the most columns of A, and rows of B
LIMIT = 3.4  # of the planes
FAR = 8.0  # of the running sum: twice 2 · 2, and nearly every sum of three


def demo(fig: Annotated[Figure, Shape(wide=1.5, narrow=0.46)]) -> Update:
    """Set the scene: the two matrices round their product, the running sum, and three planes."""
    phone = narrow(fig)
    if phone:
        rows = fig.add_gridspec(3, 1, height_ratios=(1.05, 0.8, 2))
        low = rows[2].subgridspec(2, 2)
        board, sums, other = rows[0], rows[1], low[1, 1]
        planes = (low[0, 0], low[0, 1], low[1, 0])
    else:
        rows = fig.add_gridspec(2, 1, height_ratios=(0.88, 1))
        top, low = (
            rows[0].subgridspec(1, 3, width_ratios=(1.6, 1.1, 0.85)),
            rows[1].subgridspec(1, 3),
        )
        board, sums, other = top[0], top[1], top[2]
        planes = (low[0], low[1], low[2])
    falk = board.subgridspec(2, 2, width_ratios=(3.95, 3.05), height_ratios=(3.2, 2.2))
    size = 11.5 if phone else min(11.5, 1.65 * fig.get_figwidth())  # of the numbers
    left = _table(fig.add_subplot(falk[1, 0]), (-0.8, 3.15), (2.1, -0.1), 6, "data", size)
    above = _table(fig.add_subplot(falk[0, 1]), (-0.15, 2.9), (3.1, -0.1), 6, "model", size)
    result = _table(fig.add_subplot(falk[1, 1]), (-0.15, 2.9), (2.1, -0.1), 4, "truth", size)
    sizes = _sizes(fig.add_subplot(falk[0, 0]))
    ledger = _ledger(fig.add_subplot(sums))
    turned = _table(fig.add_subplot(other), (-0.9, 3.2), (3.2, -0.8), 9, "muted", size)
    after_b = _plane(fig.add_subplot(planes[0]), "after B", "model")
    after_ab = _plane(fig.add_subplot(planes[1]), "after AB", "truth")
    after_ba = _plane(fig.add_subplot(planes[2]), "after BA", "muted")
    pixel = 2 * LIMIT / (fig.get_figwidth() * (40 if phone else 28))  # nearly

    stands: dict[str, object] = {}  # what was drawn last: what has not changed is left alone

    def changed(what: str, now: object) -> bool:
        before, stands[what] = stands.get(what), now
        return before != now

    def update(
        shapes: Annotated[str, Choice(*SHAPES, label="sizes of A and B")] = "2×2 times 2×2",
        a: Annotated[
            Grid, Matrix(2, 3, -2, 2, 0.5, label="A (a size of 2×2 leaves the last column out)")
        ] = ((2.0, -1.0, 1.0), (1.0, 1.0, -1.0)),
        b: Annotated[
            Grid,
            Matrix(3, 2, -2, 2, 0.5, label="B (smaller sizes leave the last row or column out)"),
        ] = ((1.0, 1.0), (0.0, 1.0), (1.0, 0.0)),
        step: Annotated[int, Steps(12, label="products worked out", rate=1.5)] = 4,
    ) -> str:
        one, two = (part(grid, *size) for grid, size in zip((a, b), SHAPES[shapes], strict=True))
        (m, n), (q, p) = one.shape, two.shape
        fits = n == q
        ab = product(one, two) if fits else None
        ba = product(two, one) if p == m else None
        now = _progress(m, n, p, step)

        if changed("sizes", shapes):
            _frame(left, (m, n), "A", DEEP - n, 0)
            _frame(above, (q, p), "B", 0, DEEP - q)
            _frame(result, (m, p), "AB", 0, 0)
            _frame(turned, None if ba is None else (q, n), "BA", 0, 0)
            outcome = f"AB is {m}×{p}" if fits else "there is no AB"
            sizes.set_text(f"A is {m}×{n}\nB is {q}×{p}\n{outcome}")
        _write(left, one)
        _write(above, two)
        _write(turned, np.empty((0, 0)) if ba is None else ba)
        if ab is None:
            _write(result, np.full((m, p), np.nan))
        else:
            _reveal(result, ab, one, two, now)

        if changed("B", two.tolist()):
            _move(after_b, two, None if q == p == 2 else f"B gives {q} numbers:\nno longer a plane")
        if changed("AB", (m, p, ab is not None and ab.tolist())):
            _move(after_ab, ab, None if fits else f"B gives {q} numbers,\nA takes {n}")
        if changed("BA", (m, n, q, p, ba is not None and ba.tolist())):
            where = (
                f"A gives {m} numbers,\nB takes {p}" if ba is None else f"BA is {q}×{n}:\nno plane"
            )
            _move(after_ba, ba, None if n == q == p == 2 else where)

        if changed("lights", (shapes, now)):
            _light(left, now and (DEEP - n, now.i, n, 1), now and (DEEP - n + now.k, now.i))
            partner = (now.j, DEEP - q + now.k) if now and now.k < q else None
            _light(above, now and (now.j, DEEP - q, 1, q), partner)
            _light(result, now and (now.j, now.i, 1, 1), None)
        if changed("column of B", (two.tolist(), now)):
            _follow(after_b, two, now, None, pixel)
        so_far = float(terms(one, two, now.i, now.j)[: now.k + 1].sum()) if now else 0.0
        _follow(after_ab, ab, now, so_far, pixel)
        _add(ledger, one, two, now)
        return _told(one, two, ab, ba, now, step)

    return update


class Progress(NamedTuple):
    """Which product is worked out last: a_ik · b_kj, all counted from 0."""

    i: int
    j: int
    k: int


def _progress(m: int, n: int, p: int, step: int) -> Progress | None:
    """The last product after so many steps, entry by entry and row by row; None before the first.

    After all m·n·p of them it stays at the last.
    """
    if step == 0:
        return None
    entry, k = divmod(min(step, m * n * p) - 1, n)
    return Progress(*divmod(entry, p), k)


# The picture's parts


class Table(NamedTuple):
    """A matrix between brackets."""

    title: artists.Label
    brackets: artists.Line
    cells: list[artists.Label]
    band: artists.Area
    cell: artists.Area


def _table(
    ax: Axes,
    x: tuple[float, float],
    y: tuple[float, float],
    cells: int,
    color: str,
    size: float,
) -> Table:
    """Room for a matrix: cells are 1 wide and 1 high, with the first one's corner at (0, 0)."""
    ax.set(xlim=x, ylim=y)
    ax.set_axis_off()
    title = artists.label(
        ax, 0, 0, "", color=color, weight="semibold", size=12, va="center", zorder=1
    )
    brackets = artists.line(ax, color="ink", linewidth=1.2, zorder=1)
    texts = [
        artists.label(ax, 0, 0, ha="center", va="center", size=size, clip_on=True, zorder=3)
        for _ in range(cells)
    ]
    # The lights lie above the numbers, so that these need not be drawn again when they move.
    band = artists.area(ax, facecolors=(color, 0.18), zorder=4)
    cell = artists.area(ax, facecolors="none", edgecolors=color, linewidths=2, zorder=4)
    cell.set_joinstyle("miter")
    return Table(title, brackets, texts, band, cell)


def _frame(table: Table, size: tuple[int, int] | None, title: str, left: int, top: int) -> None:
    """Make room for a matrix of a size, with its first entry in the column `left`, row `top`."""
    table.brackets.set_visible(size is not None)
    if size is None:
        table.title.set_text(f"There is no {title}.")
        table.title.set_position((-0.8, 1.5))
        table.title.set_horizontalalignment("left")
        return
    rows, columns = size
    for text, (i, j) in zip(table.cells, np.ndindex(rows, columns), strict=False):
        text.set_position((left + j + 0.5, top + i + 0.5))
    start, end, low, high = left + 0.02, left + columns - 0.02, top + 0.06, top + rows - 0.06
    table.brackets.set_data(
        [start + 0.12, start, start, start + 0.12, np.nan, end - 0.12, end, end, end - 0.12],
        [low, low, high, high, np.nan, low, low, high, high],
    )
    before = title in ("A", "BA")
    table.title.set_text(title)
    table.title.set_position((left - 0.15 if before else left + columns + 0.15, top + rows / 2))
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
    """Light up a band (left, top, columns, rows) and frame a cell (left, top) of a matrix."""
    table.band.set_visible(band is not None)
    table.cell.set_visible(cell is not None)
    if band is not None:
        left, top, columns, rows = band
        across = left + 0.08, left + columns - 0.08
        table.band.set_data(across, top + 0.08, top + rows - 0.08)
    if cell is not None:
        table.cell.set_data((cell[0] + 0.1, cell[0] + 0.9), cell[1] + 0.1, cell[1] + 0.9)


def _reveal(table: Table, ab: Numbers, a: Numbers, b: Numbers, now: Progress | None) -> None:
    """Show the entries of C as far as they are worked out, the last with its sum so far."""
    columns = ab.shape[1]
    last = now.i * columns + now.j if now else -1
    so_far = ab.copy()
    if now:
        so_far[now.i, now.j] = terms(a, b, now.i, now.j)[: now.k + 1].sum()
    _write(table, so_far.flat[: last + 1])


def _sizes(ax: Axes) -> artists.Label:
    """The sizes of the matrices, in the corner that they leave free."""
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    return artists.label(ax, 0.02, 0.98, va="top", linespacing=1.5, clip_on=True)


class Ledger(NamedTuple):
    """The products of one entry, laid tip to tail, and their sum."""

    words: list[artists.Label]
    steps: artists.Arrows


def _ledger(ax: Axes) -> Ledger:
    """A number line with a row for each product and one for the sum."""
    ax.set(xlim=(-FAR - 0.6, FAR + 0.6), ylim=(4.05, 0), yticks=[])
    ax.xaxis.set_major_locator(MultipleLocator(4))
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    tops, bottoms = [row + 0.5 for row in range(4)], [row + 0.98 for row in range(4)]
    for x in range(-8, 9, 4):  # the lines of the scale stop short of the words
        color = "rule" if x else "muted"
        ax.vlines([x] * 4, tops, bottoms, color=color, linewidth=0.8, zorder=0.9)
    ax.hlines(3, -FAR - 0.6, FAR + 0.6, color="rule", linewidth=0.8)
    words = [
        artists.label(ax, -FAR, row + 0.27, va="center", clip_on=True, zorder=5) for row in range(4)
    ]
    words[3].set(color="truth", weight="semibold")
    return Ledger(words, artists.arrows(ax, ["ink"] * 3 + ["truth"], width=0.026))


def _add(ledger: Ledger, a: Numbers, b: Numbers, now: Progress | None) -> None:
    """Lay the products of the entry that is being worked out tip to tail."""
    placed: list[tuple[ArrayLike, ArrayLike]] = [((0, 0), (np.nan, np.nan))] * 4
    for text in ledger.words:
        text.set_text("")
    ledger.words[-2].set_color("ink")
    if now:
        i, j, last = now
        found = terms(a, b, i, j)[: last + 1]
        for k, value in enumerate(found):
            ledger.words[k].set_text(
                f"a{_index(i, k)}b{_index(k, j)} = {_times(a[i, k], b[k, j])} = {number(value)}"
            )
            placed[k] = ((found[:k].sum(), k + 0.74), (value, 0))
        if last >= len(b):
            ledger.words[last].set_color("error")
            ledger.words[last].set_text(f"a{_index(i, last)} = {number(a[i, last])} has no partner")
        if a.shape[1] == len(b):
            total = float(found.sum())
            ledger.words[3].set_text(f"c{_index(i, j)} = {_sum(found)}")
            placed[3] = ((0, 3.74), (total, 0))
    ledger.steps.place(*placed)


class Plane(NamedTuple):
    """What a matrix makes of the plane."""

    parts: tuple[artists.Line, artists.Polygons, artists.Polygons]  # grid, unit square, F
    message: artists.Label
    column: artists.Arrows
    walk: artists.Line
    leg: artists.Line
    name: artists.Label


def _plane(ax: Axes, title: str, color: str) -> Plane:
    """Squared paper with the unit square as it was, and a grid, a square and an F that move."""
    squared_paper(ax, LIMIT, major=2)
    ax.set_title(title).set_zorder(0.6)
    ax.add_patch(
        Polygon(SQUARE, fill=False, edgecolor="muted", linestyle=":", linewidth=1.2, zorder=1)
    )
    grid = artists.line(ax, color="muted", linewidth=0.8, alpha=0.5, zorder=1)
    edged: dict[str, Any] = {"edgecolors": color, "linewidths": 1, "joinstyle": "miter"}
    square = artists.polygons(ax, facecolors=(color, 0.3), zorder=1.2, **edged)
    letter = artists.polygons(ax, color="ink", linewidths=0.8, joinstyle="miter", zorder=1.4)
    message = artists.label(ax, 0, 1.9, ha="center", va="center", clip_on=True, zorder=1.5)
    message.set_bbox({"facecolor": "surface", "edgecolor": "none", "pad": 4})
    walk = artists.line(ax, linestyle=":", color=color, linewidth=1.4, zorder=2)
    column = artists.arrows(ax, [color], width=0.026)
    leg = artists.line(ax, color=color, linewidth=5, alpha=0.6, solid_capstyle="butt", zorder=2)
    return Plane((grid, square, letter), message, column, walk, leg, name(ax, "", color))


def _move(plane: Plane, matrix: Numbers | None, message: str | None) -> None:
    """Draw where a 2×2 matrix takes the plane, or say why there is nothing to draw."""
    drawn = matrix is not None and matrix.shape == (2, 2) and message is None
    for artist in plane.parts:
        artist.set_visible(drawn)
    plane.message.set_text(message or "")
    if matrix is not None and drawn:
        grid, square, letter = plane.parts
        grid.set_data(image(matrix, GRID).T)
        square.set_verts(image(matrix, SQUARE)[None])
        letter.set_verts(image(matrix, LETTER)[None])


def _follow(
    plane: Plane, matrix: Numbers | None, now: Progress | None, c: float | None, pixel: float
) -> None:
    """Draw the column that is being worked out as an arrow, and its entry `c` as a leg of it."""
    shown = now is not None and matrix is not None and len(matrix) == 2 and now.j < matrix.shape[1]
    for artist in (plane.column, plane.walk, plane.leg, plane.name):
        artist.set_visible(shown)
    if now is None or matrix is None or not shown:
        return
    x, y = matrix[:, now.j]
    plane.column.place(((0, 0), (x, y)))
    plane.walk.set_data([0, x, x], [0, 0, y])
    if c is None:
        return
    tail = np.array((0.0, 0.0) if now.i == 0 else (x, 0.0))
    tip = tail + ((c, 0) if now.i == 0 else (0, c))
    plane.leg.set_data(*np.column_stack([tail, tip]))
    plane.name.set_text(f"c{_index(now.i, now.j)}")
    spot = (tail + tip) / 2 if now.i == 0 else tail
    away = np.array((0.0, -1.4 if y >= 0 else 1.4))  # on the other side of the axis than the arrow
    place_names((plane.name, spot, away, True), pixel=pixel, limit=LIMIT)


# The sentences


def _index(i: int, j: int) -> str:
    return f"{i + 1}{j + 1}".translate(str.maketrans("123", "₁₂₃"))


def _times(x: float, y: float, first: bool = True) -> str:
    """`1 · 2`, `1 · (−2)`; where it is not the first in a sum also `(−1) · 2`."""
    left = number(x) if x >= 0 or first else f"({number(x)})"
    return f"{left} · {f'({number(y)})' if y < 0 else number(y)}"


def _sum(values: Numbers) -> str:
    """`2 − 1 = 1`; a single number stands alone."""
    added = number(values[0]) + "".join(
        f" {'−' if value < 0 else '+'} {number(abs(value))}" for value in values[1:]
    )
    return added if len(values) == 1 else f"{added} = {number(values.sum())}"


def _rows(matrix: Numbers) -> str:
    """`(1, 1) and (1, 3)`."""
    rows = [f"({', '.join(number(value) for value in row)})" for row in matrix]
    return f"{', '.join(rows[:-1])} and {rows[-1]}"


def _told(
    a: Numbers, b: Numbers, ab: Numbers | None, ba: Numbers | None, now: Progress | None, step: int
) -> str:
    """What is worked out, and what the two orders give."""
    (m, n), (q, p) = a.shape, b.shape
    told = f"A with the rows {_rows(a)} times B with {_rows(b)} "
    if ab is None:
        told += f"cannot be: a row of A has {n} numbers, a column of B {q}. So there is no AB."
        if now:
            i, j, k = now
            told += f" In row {i + 1} and column {j + 1}, a{_index(i, k)} = {number(a[i, k])} "
            told += f"meets b{_index(k, j)} = {number(b[k, j])}." if k < q else "has no partner."
    else:
        told += f"gives AB with {_rows(ab)}."
        if now is None:
            told += f" None of its {m * n * p} products is worked out yet."
        else:
            i, j, k = now
            pairs = zip(a[i, : k + 1], b[: k + 1, j], strict=True)
            worked = " + ".join(_times(x, y, first=not at) for at, (x, y) in enumerate(pairs))
            total = number(float(terms(a, b, i, j)[: k + 1].sum()))
            told += (
                f" Product {min(step, m * n * p)} of {m * n * p}: row {i + 1} and column {j + 1} "
                f"give c{_index(i, j)} = {worked} = {total}{'' if k == n - 1 else ' so far'}."
            )
    if ba is None:
        return (
            f"{told} There is no BA: a row of B has {p} number{'s' * (p > 1)}, a column of A {m}."
        )
    told += f" BA has {_rows(ba)}"
    if ab is None or ab.shape != ba.shape:
        return f"{told}: it is {q}×{n}."
    same = np.allclose(ab, ba, rtol=0, atol=1e-9)
    return f"{told}: {'here both orders give the same' if same else 'the order matters'}."
