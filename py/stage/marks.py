"""What demos share: squared paper, arrows, cells, and names that keep out of each other's way."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MultipleLocator
from matplotlib.transforms import IdentityTransform, ScaledTranslation, offset_copy
from numpy.typing import ArrayLike, NDArray

from stage.words import Place

Vector = NDArray[np.float64]  # shape (2,)
Numbers = NDArray[np.float64]

_TRIES = [  # for a name: how many pixels away, and cosine and sine of how far off its direction
    (gap, math.cos(turn), math.sin(turn))
    for gap in (5, 18, 34)
    for turn in map(math.radians, (0, 45, -45, 90, -90, 135, -135, 180))
]


SQUARE = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), dtype=float)
LETTER = np.array(  # an F, which can be told from its mirror image
    (
        *((0.26, 0.14), (0.42, 0.14), (0.42, 0.45), (0.68, 0.45), (0.68, 0.59)),
        *((0.42, 0.59), (0.42, 0.72), (0.78, 0.72), (0.78, 0.86), (0.26, 0.86)),
    )
)
EDGE = 3  # the grid that is moved reaches from −3 to 3


def crossed(last: int, reach: float) -> Numbers:
    """Lines at −last, …, last, across and up, from −reach to reach: one with gaps, shape (n, 2)."""
    gap = (math.nan, math.nan)
    up = [point for k in range(-last, last + 1) for point in ((k, -reach), (k, reach), gap)]
    return np.array(up + [(y, x) for x, y in up], dtype=float)


GRID = crossed(EDGE, EDGE)


def squared(ax: Axes, limit: float, major: float = 5) -> None:
    """Squared paper from −limit to limit: a line at every unit, a number at every `major`."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MultipleLocator(major))
        axis.set_minor_locator(MultipleLocator(1))
    ax.grid(which="minor", linewidth=0.4)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.axvline(0, color="muted", linewidth=0.8, zorder=0.9)


def written(
    ax: Axes, along: Literal["x", "y"], places: Sequence[float], widest: Sequence[str]
) -> list[Text]:
    """Texts in the place of the numbers of an axis, whose numbers are to change.

    Were the axis's own numbers changed, matplotlib would have to draw all of the axes anew; these
    keep the room for them, as wide as the `widest`. `along` is "x" or "y".
    """
    ax.set(**{f"{along}ticks": places, f"{along}ticklabels": widest})
    ax.tick_params(along, labelcolor="none")
    figure = ax.get_figure()
    assert figure
    below = along == "x"
    right, up = (0.0, -PAD) if below else (-PAD, 0.0)
    gap = ScaledTranslation(right, up, figure.dpi_scale_trans)
    return [
        ax.text(
            place if below else 0,
            0 if below else place,
            "",
            ha="center" if below else "right",
            va="top" if below else "center_baseline",
            transform=(ax.get_xaxis_transform() if below else ax.get_yaxis_transform()) + gap,
            color="muted",
            size=9.5,
        )
        for place in places
    ]


PAD = 3.5 / 72  # inches between axes and their numbers


class Arrows(PolyCollection):
    """Arrows whose heads have one size on the screen, however long they are. See `arrows`.

    As matplotlib's `quiver` draws them, for a fraction of its time.
    """

    def __init__(self, ax: Axes, colors: Sequence[str], alpha: float, width: float) -> None:
        # two addresses, or else matplotlib would draw a single arrow as a marker, at whole pixels
        super().__init__(
            [],
            facecolors=[to_rgba(color, alpha) for color in colors],
            linewidths=0,
            urls=[None, None],
            zorder=3,
        )
        self.set_transform(IdentityTransform())
        self._plane = Place(ax.transData)
        self._width = width
        self._outlines = np.empty((len(colors), len(OUTLINE)), dtype=complex)
        self._paths = [
            Path(outline) for outline in self._outlines.view(float).reshape(-1, len(OUTLINE), 2)
        ]
        self._placed = np.empty(0)
        self.place(np.full((len(colors), 2), math.nan), np.zeros((len(colors), 2)))

    def place(self, tails: ArrayLike, vectors: ArrayLike) -> None:
        """Where the arrows begin, and how far they go; both of shape (n, 2), in data units."""
        placed = np.array((tails, vectors), dtype=float)
        if placed.tobytes() != self._placed.tobytes():
            self._placed = placed
            self.tails, self.vectors = placed
            self.stale = True

    def get_paths(self) -> list[Path]:
        """The outlines, in pixels; the same paths each time, with what they are now."""
        ends = self._placed.cumsum(axis=0).reshape(-1, 2)
        tails, tips = self._plane.at(ends).view(complex).reshape(2, -1, 1)
        figure = self.get_figure(root=True)
        assert figure
        width = self._width * figure.dpi
        steps = (tips - tails) / width
        length = abs(steps)
        outlines = OUTLINE + BEFORE_HEAD * np.maximum(length, HEAD)
        outlines *= np.minimum(length / HEAD, 1)
        short = length < 1
        if short.any():
            outlines = np.where(short, DOT, outlines)
            steps = np.where(length > 0, steps, length + 1)
            length = abs(steps)
        outlines *= steps * (width / length)
        np.add(tails, outlines, out=self._outlines)
        return self._paths


# The outline of an arrow along x, in widths of its shaft: where its length is added, and the rest
HEAD = 5
OUTLINE = np.array((0.5j, -4.6 + 0.5j, -5 + 2.1j, 0, -5 - 2.1j, -4.6 - 0.5j, -0.5j, 0.5j))
BEFORE_HEAD = np.array((0, 1, 1, 1, 1, 1, 0, 0))
DOT = 0.5 * np.exp(1j * np.arange(8) * math.pi / 3)  # for what is shorter than wide


def arrows(ax: Axes, colors: Sequence[str], alpha: float = 1.0, width: float = 0.032) -> Arrows:
    """As many arrows as colours, drawn in that order; `place` says where. `width` is in inches."""
    drawn = Arrows(ax, colors, alpha, width)
    ax.add_collection(drawn, autolim=False)
    return drawn


def place(drawn: Arrows, *placed: tuple[ArrayLike, ArrayLike]) -> None:
    """Draw each arrow of `arrows` from a tail, as a vector; both of shape (2,)."""
    tails, vectors = zip(*placed, strict=True)
    drawn.place(tails, vectors)


class Cells(Artist):
    """A table of colours that fills axes, each entry a rectangle. See `cells`.

    As matplotlib's `imshow` without interpolation, for a fraction of its time: the cells begin and
    end at whole pixels.
    """

    def __init__(
        self, ax: Axes, extent: tuple[float, float, float, float], colors: ArrayLike, zorder: float
    ) -> None:
        super().__init__()
        self.set_zorder(zorder)
        self._plane = ax.transData
        self._corners = np.reshape(extent, (2, 2)).T
        opaque = np.insert(np.asarray(colors, dtype=np.uint8), 3, 255, axis=1)
        self._colors = opaque.view(np.uint32)[:, 0]
        self.show(np.zeros((1, 1), dtype=int))

    def show(self, which: ArrayLike) -> None:
        """The number of the colour of each cell; shape (rows, columns), the first row at y₀."""
        self.which = np.asarray(which)
        self.stale = True

    def placed(self, renderer: RendererAgg) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """What lies inside the axes: the place on the canvas, and RGBA of what belongs there."""
        assert self.axes
        (x0, y0), (x1, y1) = self._plane.transform(self._corners).tolist()
        left, low, right, high = map(round, self.axes.bbox.extents)
        left, right = max(left, round(min(x0, x1))), min(right, round(max(x0, x1)))
        low, high = max(low, round(min(y0, y1))), min(high, round(max(y0, y1)))
        rows, columns = (
            ((np.arange(start, end) + (0.5 - first)) * (size / (last - first))).astype(int)
            for start, end, first, last, size in (
                (low, high, y0, y1, len(self.which)),
                (left, right, x0, x1, len(self.which[0])),
            )
        )
        table = self._colors[self.which]
        drawn = table.take(columns, axis=1, mode="clip").take(rows[::-1], axis=0, mode="clip")
        canvas = np.asarray(renderer.buffer_rgba())
        place = canvas[len(canvas) - high : len(canvas) - low, left:right]
        return place, drawn.view(np.uint8).reshape(place.shape)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it, if it is visible."""
        assert isinstance(renderer, RendererAgg)
        if self.get_visible():
            np.copyto(*self.placed(renderer))
        self.stale = False


def cells(
    ax: Axes,
    extent: tuple[float, float, float, float],
    colors: ArrayLike,
    zorder: float = 0.7,
) -> Cells:
    """Cells between x₀ and x₁, y₀ and y₁, in data units: `extent` is (x₀, x₁, y₀, y₁).

    `colors`, of shape (n, 3), are those that a cell can have: RGB, 0 … 255.
    """
    drawn = Cells(ax, extent, colors, zorder)
    ax.add_artist(drawn)
    return drawn


def heading(ax: Axes, words: str, width: float, color: str) -> Text:
    """A word above a panel that stays, `width` points, and beside it a value that changes."""
    beside = offset_copy(ax.transAxes, ax.get_figure(root=True), x=width, units="points")
    label = ax.text(0, 1.03, words, transform=ax.transAxes, zorder=0.8)
    value = ax.text(0, 1.03, "", transform=beside)
    for text in (label, value):
        text.set(color=color, weight="semibold", size=12)
    return value


def move(line: Line2D, x: ArrayLike, y: ArrayLike) -> None:
    """Set the line's data if they are others: what has not changed need not be drawn again."""
    for old, new in zip(line.get_data(), (x, y), strict=True):
        if np.asarray(old, dtype=float).tobytes() != np.asarray(new, dtype=float).tobytes():
            line.set_data(x, y)
            return


def name(ax: Axes, text: str, color: str) -> Text:
    """The name of an arrow or a point, on a plane that may be tinted; `spread` says where."""
    return ax.text(
        0,
        0,
        text,
        color=color if color in ("ink", "muted") else f"{color}-text",
        weight="semibold",
        size=12,
        ha="center",
        va="center",
        clip_on=True,
        zorder=5,
    )


def spread(*names: tuple[Text, Vector, Vector, bool], pixel: float, limit: float) -> None:
    """Put each name beside its place: in its direction if nothing stands there, else around it.

    Earlier names choose first. A name whose last entry is False, or whose place is off the plane,
    is hidden. Each is a text, its place, its direction, and whether it is wanted. The plane
    reaches from −limit to limit; `pixel` is the size of a CSS pixel in its units.
    """
    taken: list[_Box] = []
    for text, spot, direction, wanted in names:
        (x, y), (right, up) = spot.tolist(), direction.tolist()
        shown = wanted and abs(x) < limit and abs(y) < limit
        text.set_visible(shown)
        if not shown:
            continue
        wide, high = pixel * (5.5 * len(text.get_text()) + 1), pixel * 8
        least, best = math.inf, (x, y, wide, high)
        for gap, cos, sin in _TRIES:
            across = x + (cos * right - sin * up) * (wide + gap * pixel)
            above = y + (sin * right + cos * up) * (high + gap * pixel)
            box = _within(across, limit - wide), _within(above, limit - high), wide, high
            shared = sum(_shared(box, other) for other in taken)
            if shared < least:
                least, best = shared, box
            if not least:
                break
        text.set_position(best[:2])
        taken.append(best)


_Box = tuple[float, float, float, float]  # its centre, and half its width and height


def _within(value: float, edge: float) -> float:
    return min(max(value, -edge), edge)


def _shared(one: _Box, other: _Box) -> float:
    """The area that two boxes have in common."""
    x, y, wide, high = one
    other_x, other_y, other_wide, other_high = other
    across = min(wide + other_wide - abs(x - other_x), 2 * wide, 2 * other_wide)
    up = min(high + other_high - abs(y - other_y), 2 * high, 2 * other_high)
    return max(across, 0.0) * max(up, 0.0)


def mixed(color: str, strength: float) -> tuple[float, float, float]:
    """A colour laid over the background: opaque, so that large areas are quick to fill."""
    over, under = np.array(to_rgb(color)), np.array(to_rgb("surface"))
    red, green, blue = (strength * over + (1 - strength) * under).tolist()
    return red, green, blue


def polygons(drawn: PolyCollection, corners: Numbers) -> None:
    """Move closed polygons to `corners`, shape (n, m, 2)."""
    if not _moved(drawn, np.concatenate((corners, corners[:, :1]), axis=1)):
        drawn.set_verts(corners)  # type: ignore[arg-type]


def segments(drawn: LineCollection, points: Numbers) -> None:
    """Move lines to `points`, shape (n, m, 2)."""
    if not _moved(drawn, points):
        drawn.set_segments(list(np.array(points)))


def _moved(drawn: PolyCollection | LineCollection, points: Numbers) -> bool:
    """Write the points into the paths that are there, as new ones take more time; False: cannot."""
    paths = drawn.get_paths()
    if not len(paths) == len(points) > 1 or np.shape(paths[0].vertices) != points[0].shape:
        return False
    for path, own in zip(paths, points, strict=True):
        np.copyto(np.asarray(path.vertices), own)
    drawn.stale = True
    return True


def image(matrix: Numbers, points: ArrayLike) -> Numbers:
    """Ax = x₁a₁ + x₂a₂ for each x in `points`, shape (…, 2); a₁ and a₂ are the columns of A."""
    return np.asarray(points, dtype=float) @ matrix.T
