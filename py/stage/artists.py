"""Fast artists for demos: after a change of data they redraw in a fraction of matplotlib's time.

    curve = line(ax, x, y, color="model")
    curve.set_data(x, other)

Each is a subclass of a matplotlib artist, with the same setters and the same pixels. matplotlib
calls `draw`, which computes how the artist looks and caches that; the stage (drawing.py) calls
`redraw` if only the data has changed. Unsupported styles are drawn by matplotlib. `letters.py`
renders the text of labels.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.cbook import normalize_kwargs
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import ArrayLike, NDArray

from stage.letters import letters_of

Numbers = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels
NOWHERE: Box = (math.inf, math.inf, -math.inf, -math.inf)  # the empty box


class Call(NamedTuple):
    """A recorded renderer call: the method, the graphics context, the other arguments."""

    method: str
    context: GraphicsContextBase
    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Probe(RendererBase):
    """A renderer that records the calls of an artist without drawing anything."""

    def __init__(self, renderer: Any) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.points_to_pixels = renderer.points_to_pixels  # type: ignore[method-assign]
        self.get_canvas_width_height = renderer.get_canvas_width_height  # type: ignore[method-assign]

    def _keep(self, method: str, gc: Any, arguments: tuple[Any, ...], options: Any) -> None:
        context = self.new_gc()
        context.copy_properties(gc)
        self.calls.append(Call(method, context, arguments, options))

    def draw_path(self, gc: Any, *arguments: Any, **options: Any) -> None:
        self._keep("draw_path", gc, arguments, options)

    def draw_markers(self, gc: Any, *arguments: Any, **options: Any) -> None:
        self._keep("draw_markers", gc, arguments, options)

    def draw_path_collection(self, gc: Any, *arguments: Any, **options: Any) -> None:
        self._keep("draw_path_collection", gc, arguments, options)


def _data_setter(name: str) -> Callable[..., None]:
    """matplotlib's setter, but it keeps the cached look, and ignores unchanged values."""

    def setter(self: Any, *values: Any) -> None:
        value = values[0] if len(values) == 1 else values
        if getattr(self, f"get_{name}")() == value:
            return
        look = self.look
        getattr(super(Fast, self), f"set_{name}")(*values)
        self.look = look

    setter.__doc__ = f"Set {name}."
    return setter


def _style_setter(name: str) -> Callable[..., None]:
    """matplotlib's setter, but it ignores unchanged values."""

    def setter(self: Any, value: Any) -> None:
        if self.look is None or value != getattr(self, f"get_{name}")():
            getattr(super(Fast, self), f"set_{name}")(value)

    setter.__doc__ = f"Set {name}."
    return setter


if TYPE_CHECKING:
    _Mixin = Artist
else:  # matplotlib adds a `draw` to subclasses of Artist that would hide the other base's `draw`
    _Mixin = object


class Fast(_Mixin):
    """An artist with a cached `look`, which `draw` computes and `redraw` uses; None: not cached."""

    look: Any = None

    @property
    def stale(self) -> bool:
        """Whether something has changed since the last draw; a change of style clears the look."""
        return bool(super().stale)

    @stale.setter
    def stale(self, changed: bool) -> None:
        if changed:
            self.look = None
        Artist.stale.fset(self, changed)  # type: ignore[attr-defined]

    def data_changed(self) -> None:
        """Mark the artist as stale but keep the look."""
        look = self.look
        self.stale = True
        self.look = look

    set_visible = _data_setter("visible")

    def set(self, **values: Any) -> None:  # type: ignore[override]
        """Set several properties; unlike in matplotlib, unchanged ones do not make it stale."""
        for name, value in normalize_kwargs(values, self).items():
            getattr(self, f"set_{name}")(value)

    def redraw(self, renderer: Any) -> None:
        """Draw the current data with the cached look."""
        raise NotImplementedError


class Line(Fast, Line2D):
    """A line, or markers. `set_data`, `set_xdata` and `set_ydata` are fast."""

    path: Path | None = None  # the data

    set_color = _style_setter("color")

    def __init__(self, x: ArrayLike, y: ArrayLike, **style: Any) -> None:
        super().__init__([1.0], [1.0], **style)  # one point is enough to find the look
        self.path = Path(np.empty((0, 2)))
        self.set_data(x, y)

    def set_data(self, *args: Any) -> None:
        """Set x and y, each of shape (n,): two arguments, or one with two rows."""
        x, y = args if len(args) == 2 else args[0]
        if self.path is None:
            self._set_own(x, y)
            return
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} values, y has {len(y)}")
        points = np.empty((len(x), 2))
        points[:, 0] = x
        points[:, 1] = y
        old: Any = self.path.vertices
        if old.shape != points.shape:
            self.path = Path(points)
        elif old.tobytes() == points.tobytes():
            return
        else:
            np.copyto(old, points)  # faster than a new path
        self.data_changed()

    def _set_own(self, x: ArrayLike, y: ArrayLike) -> None:
        """Set the data of the base class, for drawing by matplotlib."""
        super().set_xdata(x)
        super().set_ydata(y)

    def set_xdata(self, x: ArrayLike) -> None:
        """Set x, of shape (n,)."""
        self.set_data(x, self.get_ydata())

    def set_ydata(self, y: ArrayLike) -> None:
        """Set y, of shape (n,)."""
        self.set_data(self.get_xdata(), y)

    def get_path(self) -> Path:
        return super().get_path() if self.path is None else self.path

    def get_xydata(self) -> Numbers:
        return np.array(self.get_path().vertices)

    def get_xdata(self, orig: bool = True) -> Numbers:
        return self.get_xydata()[:, 0]

    def get_ydata(self, orig: bool = True) -> Numbers:
        return self.get_xydata()[:, 1]

    def draw(self, renderer: Any) -> None:
        self.look = None
        if not self.get_visible():
            return
        if self.get_markevery() is not None or self.get_drawstyle() != "default":
            self._set_own(*self.get_xydata().T)
            super().draw(renderer)
            return
        super().draw(probe := Probe(renderer))
        self.look = probe.calls, self.get_transform()
        self.redraw(renderer)

    def redraw(self, renderer: Any) -> None:
        if not self.get_visible():
            return
        calls, transform = self.look
        path = self.get_path()
        if not transform.is_affine:
            path = transform.transform_path_non_affine(path)
        if len(path):
            for method, context, arguments, options in calls:
                if method == "draw_path":
                    renderer.draw_path(context, path, *arguments[1:], **options)
                else:  # the marker and its transform come first
                    marker, placed, _, *rest = arguments
                    renderer.draw_markers(context, marker, placed, path, *rest, **options)


class _Shapes(Fast):
    """The base of polygons and segments: several paths, each with its own color."""

    paths: Sequence[Path] = ()
    points: Numbers = np.empty((0, 0, 2))  # if all paths have equally many points: their vertices

    def get_paths(self) -> Any:
        return self.paths

    def set_paths(self, paths: Iterable[Path]) -> None:
        """Set arbitrary paths; nothing is redrawn if it is the same list as before."""
        if paths is self.paths:
            return
        self.paths = paths if isinstance(paths, list) else list(paths)
        self.points = np.empty((0, 0, 2))
        self.data_changed()

    def set_points(self, shapes: Any, closed: bool) -> None:
        """Set the points of the shapes; fast for an array of shape (n, m, 2)."""
        if len({len(shape) for shape in shapes}) != 1:
            self.set_paths([_path(np.asarray(shape, dtype=float), closed) for shape in shapes])
            return
        points = np.array(shapes, dtype=float)
        if points.ndim != 3 or points.shape[2] != 2:
            raise ValueError(f"shapes are points (x, y): an array (n, m, 2), not {points.shape}")
        if closed:
            points = np.concatenate((points, points[:, :1]), axis=1)
        if points.shape != self.points.shape:
            self.set_paths(Path(own, closed=closed) for own in points)
            self.points = points
        elif points.tobytes() != self.points.tobytes():
            np.copyto(self.points, points)
            self.data_changed()

    def draw(self, renderer: Any) -> None:
        self.look = None
        if not self.get_visible():
            return
        super().draw(probe := Probe(renderer))
        if [call.method for call in probe.calls] == ["draw_path_collection"]:
            self.look = probe.calls[0], self.get_transform()
            self.redraw(renderer)
        else:
            super().draw(renderer)

    def redraw(self, renderer: Any) -> None:
        if not self.get_visible():
            return
        call, transform = self.look
        paths = self.get_paths()
        if not transform.is_affine:
            paths = [transform.transform_path_non_affine(path) for path in paths]
        master, _, *rest = call.arguments
        renderer.draw_path_collection(call.context, master, paths, *rest, **call.options)


def _path(points: Numbers, closed: bool) -> Path:
    return Path(np.vstack((points, points[:1])) if closed else points, closed=closed)


# With two URLs, matplotlib draws each shape separately; otherwise it would draw one as a marker.
_EACH_ON_ITS_OWN = (None, None)


class Polygons(_Shapes, PolyCollection):  # type: ignore[misc]
    """Filled polygons. `set_verts` is fast, especially for an array of shape (n, m, 2)."""

    def __init__(self, verts: Any, **style: Any) -> None:
        super().__init__(verts, urls=_EACH_ON_ITS_OWN, **style)

    def set_verts(self, verts: Any, closed: bool = True) -> None:
        """Set the corners of the polygons."""
        self.set_points(verts, closed)


class Segments(_Shapes, LineCollection):  # type: ignore[misc]
    """Lines in several colors or widths. `set_segments` is fast, especially for (n, m, 2)."""

    def __init__(self, segments: Any, **style: Any) -> None:
        super().__init__(segments, urls=_EACH_ON_ITS_OWN, **style)

    def set_segments(self, segments: Any) -> None:
        """Set the points of the lines."""
        self.set_points(segments, closed=False)

    def get_segments(self) -> list[Numbers]:
        """The points of each line, shape (m, 2)."""
        return [np.array(path.vertices) for path in self.paths]


class Area(Polygons):
    """The area between two curves. `set_data` is fast."""

    def set_data(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Fill from `low` to `high`, each a number or of the shape of x, (n,)."""
        across = np.asarray(x, dtype=float)
        for edge, values in (("low", low), ("high", high)):
            if np.shape(values) not in ((), across.shape):
                raise ValueError(f"x has {len(across)} values, {edge} has {np.size(values)}")
        outline = np.empty((1, 2 * len(across), 2))
        outline[0, : len(across), 0] = across
        outline[0, : len(across), 1] = high
        outline[0, len(across) :, 0] = across[::-1]
        outline[0, len(across) :, 1] = np.broadcast_to(low, across.shape)[::-1]
        self.set_verts(outline)


# The outline of an arrow along x, in units of the shaft's width; the arrow's length is added to the
# points with a 1 in BEFORE_HEAD
HEAD = 5
OUTLINE = np.array((0.5j, -4.6 + 0.5j, -5 + 2.1j, 0, -5 - 2.1j, -4.6 - 0.5j, -0.5j, 0.5j))
BEFORE_HEAD = np.array((0, 1, 1, 1, 1, 1, 0, 0))
DOT = 0.5 * np.exp(1j * np.arange(8) * math.pi / 3)  # for arrows shorter than their width


class Arrows(Polygons):
    """Arrows whose heads have a fixed size on the screen, as in `quiver`. `set_arrows` is fast."""

    def __init__(self, axes: Axes, colors: Sequence[str], alpha: float, width: float) -> None:
        nowhere = np.zeros((len(colors), len(OUTLINE), 2))
        rgba = [to_rgba(color, alpha) for color in colors]
        super().__init__([], facecolors=rgba, linewidths=0, zorder=3)
        self.set_transform(IdentityTransform())
        self._plane = axes.transData
        self._width = width
        self._outlines = nowhere.view(complex)[..., 0]
        self.paths = [Path(outline) for outline in nowhere]
        self._ends = np.empty(0)
        self.set_arrows(np.full((len(colors), 2), math.nan), np.zeros((len(colors), 2)))

    def set_arrows(self, tails: ArrayLike, vectors: ArrayLike) -> None:
        """Set the tails and the vectors, both of shape (n, 2), in data units."""
        ends = np.array((tails, vectors), dtype=float)
        if ends.shape != (2, len(self.paths), 2):
            raise ValueError(f"{len(self.paths)} arrows need tails and vectors of shape (n, 2)")
        if ends.tobytes() != self._ends.tobytes():
            self._ends = ends
            self.tails, self.vectors = ends
            self.data_changed()

    def place(self, *arrows: tuple[ArrayLike, ArrayLike]) -> None:
        """Set each arrow by its tail and its vector, both of shape (2,)."""
        if len(arrows) != len(self.paths):
            raise ValueError(f"{len(arrows)} arrows for {len(self.paths)} colors")
        self.set_arrows(*zip(*arrows, strict=True))

    def draw(self, renderer: Any) -> None:
        self._matrix = self._plane.get_matrix() if self._plane.is_affine else None
        super().draw(renderer)

    def get_paths(self) -> Any:
        ends = self._ends.cumsum(axis=0).reshape(-1, 2)
        if self._matrix is None:
            ends = self._plane.transform(ends)
        else:
            ends = ends @ self._matrix[:2, :2].T + self._matrix[:2, 2]
        tails, tips = ends.view(complex).reshape(2, -1, 1)
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
        return self.paths

    _matrix: Numbers | None = None


class Cells(Fast, Artist):
    """A table of colors that fills axes, each entry a rectangle, as `imshow` without interpolation.

    The cells begin and end at whole pixels. `set_cells` is quick.
    """

    def __init__(
        self, axes: Axes, extent: tuple[float, float, float, float], colors: ArrayLike
    ) -> None:
        super().__init__()
        self._plane = axes.transData
        self._corners = np.reshape(extent, (2, 2)).T
        opaque = np.insert(np.asarray(colors, dtype=np.uint8), 3, 255, axis=1)
        self._colors = opaque.view(np.uint32)[:, 0]
        self.which = np.zeros((1, 1), dtype=int)

    def set_cells(self, which: ArrayLike) -> None:
        """Set the color index of each cell, shape (rows, columns), with the first row at y₀."""
        numbers = np.asarray(which)
        if numbers.ndim != 2 or not np.issubdtype(numbers.dtype, np.integer):
            raise ValueError("cells need whole numbers of shape (rows, columns)")
        if numbers.min() < 0 or numbers.max() >= len(self._colors):
            raise ValueError(f"the number of a color is 0 to {len(self._colors) - 1}")
        self.which = numbers
        self.data_changed()

    def draw(self, renderer: Any) -> None:
        self.look = self._place(renderer)
        self.redraw(renderer)
        self.stale = False

    def _place(self, renderer: Any) -> Any:
        """The rows and columns of the canvas, and the relative position of each in the cells."""
        assert self.axes
        (x0, y0), (x1, y1) = self._plane.transform(self._corners).tolist()
        left, low, right, high = map(round, self.axes.bbox.extents)
        left, right = max(left, round(min(x0, x1))), min(right, round(max(x0, x1)))
        low, high = max(low, round(min(y0, y1))), min(high, round(max(y0, y1)))
        down = (np.arange(low, high) + (0.5 - y0)) / (y1 - y0)
        across = (np.arange(left, right) + (0.5 - x0)) / (x1 - x0)
        return slice(-high, -low or None), slice(left, right), down[::-1], across

    def redraw(self, renderer: Any) -> None:
        if not self.get_visible():
            return
        rows, columns, down, across = self.look
        table = self._colors[self.which]
        down, across = (
            (part * size).astype(int)
            for part, size in zip((down, across), table.shape, strict=True)
        )
        drawn = table.take(across, axis=1, mode="clip").take(down, axis=0, mode="clip")
        place = np.asarray(renderer.buffer_rgba())[rows, columns]
        np.copyto(place, drawn.view(np.uint8).reshape(place.shape))


# Labels


class _Style(NamedTuple):
    """The cached look of a label: its images by text, and the transform of its anchor."""

    images: dict[str, tuple[NDArray[np.uint8], float, float, int, int]]
    context: GraphicsContextBase
    transform: Any
    matrix: list[list[float]] | None


class Label(Fast, Text):
    """A text. `set_text` and `set_position` are fast for a single horizontal line.

    Glyphs are positioned in eighths of a pixel. Formulas, multiple lines, boxes and rotated text
    are drawn by matplotlib.
    """

    set_text = _data_setter("text")
    set_position = _data_setter("position")

    set_color = _style_setter("color")
    set_horizontalalignment = _style_setter("horizontalalignment")
    set_verticalalignment = _style_setter("verticalalignment")
    set_rotation = _style_setter("rotation")
    set_fontweight = _style_setter("fontweight")

    def set_x(self, x: float) -> None:
        """Set the x of the anchor."""
        look = self.look
        super().set_x(x)
        self.look = look

    def set_y(self, y: float) -> None:
        """Set the y of the anchor."""
        look = self.look
        super().set_y(y)
        self.look = look

    def draw(self, renderer: Any) -> None:
        images = self.look.images if self.look else {}
        self.look = None
        if not self._is_simple():
            super().draw(renderer)
            return
        context = renderer.new_gc()
        if self.get_clip_on():
            context.set_clip_rectangle(self.get_clip_box())
            context.set_clip_path(self.get_clip_path())
        transform = self.get_transform()
        matrix = transform.get_matrix().tolist() if transform.is_affine else None
        self.look = _Style(images, context, transform, matrix)
        self.redraw(renderer)
        self.stale = False

    def _is_simple(self) -> bool:
        text = self.get_text()
        special = (
            *("\n" in text, "$" in text, self.get_rotation(), self.get_usetex(), self.get_wrap()),
            *(self.get_bbox_patch(), self.get_path_effects()),
        )
        return not any(special) and self.get_antialiased()

    def redraw(self, renderer: Any) -> None:
        if "\n" in self.get_text() or "$" in self.get_text():
            super().draw(renderer)
        elif self.get_visible() and self.get_text():
            image, left, low, _, _ = self._placed(renderer)
            if math.isfinite(left + low):
                renderer.draw_image(self.look.context, round(left), round(low), image)

    def box(self, renderer: Any) -> Box | None:
        """The area that the label covers; None if only matplotlib can measure it."""
        if not self.get_text():
            return NOWHERE
        if self.look is None or "\n" in self.get_text() or "$" in self.get_text():
            return None
        transform = self.look.transform
        if transform.is_affine:  # the axis limits may have changed since the label was drawn
            self.look = self.look._replace(matrix=transform.get_matrix().tolist())
        _, left, low, across, up = self._placed(renderer)
        return left, low, left + across, low + up

    def _placed(self, renderer: Any) -> tuple[NDArray[np.uint8], float, float, int, int]:
        """The image of the label, its left and bottom edge on the canvas, its width and height."""
        look, text = self.look, self.get_text()
        if text not in look.images:
            if len(look.images) > 200:
                look.images.clear()
            look.images[text] = self._write(text, renderer.dpi)
        image, right, above, across, up = look.images[text]
        x, y = self.get_position()
        if look.matrix is None:
            x, y = look.transform.transform((x, y))
        else:
            (a, c, e), (b, d, f), _ = look.matrix
            x, y = a * x + c * y + e, b * x + d * y + f
        return image, x + right, y + above, across, up

    def _write(self, text: str, dpi: float) -> tuple[NDArray[np.uint8], float, float, int, int]:
        letters = letters_of(self.get_fontproperties().copy(), dpi)
        glyph, width, height, depth = letters.write(text)
        descent = max(depth, letters.descent)
        ascent = max(height, letters.height) - descent
        right = {"left": 0.0, "center": -width / 2, "right": -width}[self.get_horizontalalignment()]
        above = {  # of the baseline above the anchor
            "bottom": descent,
            "baseline": 0.0,
            "center": (descent - ascent) / 2,
            "center_baseline": -ascent / 2,
            "top": -ascent,
        }[self.get_verticalalignment()]
        rows, columns = glyph.cover.shape
        red, green, blue, alpha = to_rgba(self.get_color(), self.get_alpha())
        image = np.empty((rows, columns, 4), dtype=np.uint8)
        image[..., :3] = [round(255 * part) for part in (red, green, blue)]
        image[..., 3] = glyph.cover[::-1] if alpha == 1 else (alpha * glyph.cover[::-1]).round()
        return image, right + glyph.left, above - glyph.top - rows, columns, rows


# The functions for authors; `style` takes the keyword arguments of matplotlib's functions.


def line(ax: Axes, x: ArrayLike = (), y: ArrayLike = (), **style: Any) -> Line:
    """A line through points, as `ax.plot` draws it; NaN leaves a gap."""
    _check_axes(ax)
    drawn = Line(x, y, **style)
    ax.add_line(drawn)
    return drawn


def points(ax: Axes, x: ArrayLike = (), y: ArrayLike = (), marker: str = "o", **style: Any) -> Line:
    """Markers at points, as `ax.plot` draws them."""
    return line(ax, x, y, marker=marker, linestyle="none", **style)


def polygons(ax: Axes, verts: Any = (), **style: Any) -> Polygons:
    """Filled polygons, shape (n, m, 2), as a `PolyCollection` draws them."""
    return _added(ax, Polygons(verts, **{"linewidths": 0, **style}))


def area(
    ax: Axes, x: ArrayLike = (), low: ArrayLike = 0, high: ArrayLike = 0, **style: Any
) -> Area:
    """The area between two curves over x, as `ax.fill_between` draws it."""
    drawn = _added(ax, Area([], **{"linewidths": 0, **style}))
    drawn.set_data(x, low, high)
    return drawn


def segments(ax: Axes, lines: Any = (), **style: Any) -> Segments:
    """Lines in several colors or widths, as a `LineCollection` draws them."""
    return _added(ax, Segments(lines, **style))


def steps(edges: ArrayLike, heights: ArrayLike) -> tuple[Numbers, Numbers]:
    """The outline of a histogram: x and y of the tops of n bars between n + 1 edges."""
    return np.repeat(np.asarray(edges, dtype=float), 2)[1:-1], np.repeat(heights, 2)


def joined(starts: ArrayLike, ends: ArrayLike) -> Numbers:
    """Segments as a single line with gaps: x and y, shape (2, 3n), from two arrays (n, 2)."""
    gaps = np.full(np.shape(starts), math.nan)
    return np.stack((starts, ends, gaps), axis=1).reshape(-1, 2).T


Shapes = TypeVar("Shapes", bound=_Shapes)


def _added(ax: Axes, drawn: Shapes) -> Shapes:
    _check_axes(ax)
    ax.add_collection(drawn, autolim=False)  # type: ignore[arg-type]
    return drawn


def _check_axes(ax: Axes) -> None:
    if not isinstance(ax, Axes):
        raise TypeError(f"the first argument is the axes to draw on, not {type(ax).__name__}")


def arrows(ax: Axes, colors: Sequence[str], alpha: float = 1.0, width: float = 0.032) -> Arrows:
    """One arrow per color, drawn in that order; `width` is in inches."""
    _check_axes(ax)
    return _added(ax, Arrows(ax, colors, alpha, width))


def label(ax: Axes, x: float, y: float, text: str = "", **style: Any) -> Label:
    """A text, as `ax.text` draws it."""
    _check_axes(ax)
    drawn = Label(x, y, text, **{"transform": ax.transData, "clip_on": False, **style})
    ax.add_artist(drawn)
    return drawn


def cells(
    ax: Axes,
    extent: tuple[float, float, float, float],
    colors: ArrayLike,
    zorder: float = 0.7,
) -> Cells:
    """A grid of colored cells; `extent` is (x₀, x₁, y₀, y₁) in data units.

    `colors`, of shape (n, 3), are the possible colors of a cell: RGB, 0 to 255.
    """
    _check_axes(ax)
    drawn = Cells(ax, extent, colors)
    drawn.set_zorder(zorder)
    ax.add_artist(drawn)
    return drawn
