"""The course's own artists: what they show can be changed for a fraction of matplotlib's time.

    curve = line(ax, x, y, color="model")
    curve.set_data(x, other)

Each is one of matplotlib's artists, with its setters and its pixels. `draw` is called by
matplotlib, works out how the artist looks and keeps that; `redraw` is called by the stage when
nothing but the data has changed. What does not fit into that scheme is drawn by matplotlib.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.cbook import normalize_kwargs
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, low, right, high, in pixels
NOWHERE: Box = (math.inf, math.inf, -math.inf, -math.inf)  # what covers nothing


class Call(NamedTuple):
    """A call of a renderer: which method, the graphics context, the other arguments."""

    method: str
    context: GraphicsContextBase
    arguments: tuple[Any, ...]
    options: dict[str, Any]


class Probe(RendererBase):
    """A renderer that draws nothing and keeps the calls: how an artist would be drawn."""

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
    """A setter of matplotlib's that leaves the look as it is, and does nothing without a change."""

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
    """A setter of matplotlib's that does nothing without a change."""

    def setter(self: Any, value: Any) -> None:
        if self.look is None or value != getattr(self, f"get_{name}")():
            getattr(super(Fast, self), f"set_{name}")(value)

    setter.__doc__ = f"Set {name}."
    return setter


if TYPE_CHECKING:
    _Mixin = Artist
else:  # matplotlib would give a subclass of Artist a `draw` that hides that of the other base
    _Mixin = object


class Fast(_Mixin):
    """An artist with a `look`: what `draw` has worked out, and `redraw` uses. None: ask `draw`."""

    look: Any = None

    @property
    def stale(self) -> bool:
        """Whether something was changed since the last draw; a change of style drops the look."""
        return bool(super().stale)

    @stale.setter
    def stale(self, changed: bool) -> None:
        if changed:
            self.look = None
        Artist.stale.fset(self, changed)  # type: ignore[attr-defined]

    def data_changed(self) -> None:
        """Ask to be redrawn, with the look as it is."""
        look = self.look
        self.stale = True
        self.look = look

    set_visible = _data_setter("visible")

    def set(self, **values: Any) -> None:  # type: ignore[override]
        """Set several properties; unlike matplotlib, do nothing where none is new."""
        for name, value in normalize_kwargs(values, self).items():
            getattr(self, f"set_{name}")(value)

    def redraw(self, renderer: Any) -> None:
        """Draw with the data as they are now and the look of the last draw."""
        raise NotImplementedError


class Line(Fast, Line2D):
    """A line, or markers. `set_data`, `set_xdata` and `set_ydata` are quick."""

    path: Path | None = None  # the data

    set_color = _style_setter("color")

    def __init__(self, x: ArrayLike, y: ArrayLike, **style: Any) -> None:
        super().__init__([1.0], [1.0], **style)  # one point, to find the look
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
            np.copyto(old, points)  # a new path would take more time
        self.data_changed()

    def _set_own(self, x: ArrayLike, y: ArrayLike) -> None:
        """Set the data that matplotlib itself would draw."""
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
    """Several paths, each with its own color; the part that polygons and segments share."""

    paths: Sequence[Path] = ()
    points: Numbers = np.empty(
        (0, 0, 2)
    )  # of paths with equally many points, which are views of it

    def get_paths(self) -> Any:
        return self.paths

    def set_paths(self, paths: Iterable[Path]) -> None:
        """Set the paths, whatever they are; nothing is redrawn if they are the same list."""
        if paths is self.paths:
            return
        self.paths = paths if isinstance(paths, list) else list(paths)
        self.points = np.empty((0, 0, 2))
        self.data_changed()

    def set_points(self, shapes: Any, closed: bool) -> None:
        """Set the points of the shapes: quick for an array of shape (n, m, 2)."""
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


# Of two addresses each shape has its own, or else matplotlib would draw a single one as a marker.
_EACH_ON_ITS_OWN = (None, None)


class Polygons(_Shapes, PolyCollection):  # type: ignore[misc]
    """Filled polygons. `set_verts` is quick, best for an array of shape (n, m, 2)."""

    def __init__(self, verts: Any, **style: Any) -> None:
        super().__init__(verts, urls=_EACH_ON_ITS_OWN, **style)

    def set_verts(self, verts: Any, closed: bool = True) -> None:
        """Set the corners of the polygons."""
        self.set_points(verts, closed)


class Segments(_Shapes, LineCollection):  # type: ignore[misc]
    """Lines in several colors or widths. `set_segments` is quick, best for shape (n, m, 2)."""

    def __init__(self, segments: Any, **style: Any) -> None:
        super().__init__(segments, urls=_EACH_ON_ITS_OWN, **style)

    def set_segments(self, segments: Any) -> None:
        """Set the points of the lines."""
        self.set_points(segments, closed=False)

    def get_segments(self) -> list[Numbers]:
        """The points of each line, shape (m, 2)."""
        return [np.array(path.vertices) for path in self.paths]


class Area(Polygons):
    """What lies between two curves. `set_data` is quick."""

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


# The outline of an arrow along x, in widths of its shaft: where its length is added, and the rest
HEAD = 5
OUTLINE = np.array((0.5j, -4.6 + 0.5j, -5 + 2.1j, 0, -5 - 2.1j, -4.6 - 0.5j, -0.5j, 0.5j))
BEFORE_HEAD = np.array((0, 1, 1, 1, 1, 1, 0, 0))
DOT = 0.5 * np.exp(1j * np.arange(8) * math.pi / 3)  # for what is shorter than wide


class Arrows(Polygons):
    """Arrows whose heads have one size on the screen, however long they are, as `quiver` has them.

    `set_arrows` is quick.
    """

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
        """Set where the arrows begin and how far they go; both of shape (n, 2), in data units."""
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
        """Set the number of the color of each cell: (rows, columns), the first row at y₀."""
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
        """Where the axes lie on the canvas, and how far each pixel of them is through the cells."""
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


class Glyph(NamedTuple):
    """A character in a font: the pixels it covers, and where they are, seen from the pen."""

    cover: NDArray[np.uint8]
    left: int
    top: int  # rows from the baseline down to the first


class Letters:
    """The characters of a font, drawn by matplotlib once each, and the distances between them."""

    STEPS = 8  # places of the pen within a pixel

    def __init__(self, prop: FontProperties, dpi: float) -> None:
        self.prop, self.dpi = prop, dpi
        self.glyphs: dict[tuple[str, int], Glyph] = {}
        self.sizes: dict[str, tuple[float, float, float]] = {}
        self.gaps: dict[str, float] = {}
        line = Text(0, 0, "lp", fontproperties=prop, figure=Figure(dpi=dpi))
        room = line.get_window_extent(RendererAgg(1, 1, dpi))  # each line has at least this
        self.height, self.descent = room.height, -room.y0
        # matplotlib begins at whole pixels: what brings the pen to each of its places within one
        starts = [head + n * " " for head in ("", ".", "i", "n") for n in range(2, 12)]
        self.starts = [
            min(starts, key=lambda start: abs((self.size(start)[0] - part + 0.5) % 1 - 0.5))
            for part in np.arange(self.STEPS) / self.STEPS
        ]

    def size(self, text: str) -> tuple[float, float, float]:
        """How wide, high and deep matplotlib sets a text, in pixels."""
        if text not in self.sizes:
            renderer: Any = RendererAgg(1, 1, self.dpi)
            self.sizes[text] = renderer.get_text_width_height_descent(text, self.prop, ismath=False)
        return self.sizes[text]

    def gap(self, pair: str) -> float:
        """How far the pen goes from the first of two characters to the second."""
        if pair not in self.gaps:
            self.gaps[pair] = self.size(pair)[0] - self.size(pair[1])[0]
        return self.gaps[pair]

    def glyph(self, char: str, step: int) -> Glyph:
        """A character whose pen is at `step` of `STEPS` within a pixel."""
        if (char, step) not in self.glyphs:
            text = self.starts[step] + char
            width, height, _ = self.size(text)
            pen = width - self.size(char)[0]
            pad = math.ceil(height) + 2
            baseline = 2 * pad
            renderer: Any = RendererAgg(math.ceil(width) + 2 * pad, 3 * pad, self.dpi)
            renderer.draw_text(renderer.new_gc(), pad, baseline, text, self.prop, 0)
            cover = np.array(renderer.buffer_rgba())[..., 3]
            cover[:, : pad + round(pen - self.size(" ")[0])] = 0  # the start
            rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
            whole = pad + round(pen - step / self.STEPS)
            if not len(rows):  # a space
                rows, columns = np.array([baseline]), np.array([whole])
            top, left = int(rows[0]), int(columns[0])
            part = cover[top : rows[-1] + 1, left : columns[-1] + 1].copy()
            self.glyphs[char, step] = Glyph(part, left - whole, top - baseline)
        return self.glyphs[char, step]

    def write(self, text: str) -> tuple[Glyph, float, float, float]:
        """What a line of text covers, and its width, height and depth, all in pixels."""
        pen, pens = 0.0, []
        for i, char in enumerate(text):
            pens.append((char, *divmod(round(pen * self.STEPS), self.STEPS)))
            pen += self.gap(text[i : i + 2]) if i + 1 < len(text) else self.size(char)[0]
        glyphs = [(whole, self.glyph(char, step)) for char, whole, step in pens]
        left = min(whole + glyph.left for whole, glyph in glyphs)
        right = max(whole + glyph.left + glyph.cover.shape[1] for whole, glyph in glyphs)
        top = min(glyph.top for _, glyph in glyphs)
        low = max(glyph.top + len(glyph.cover) for _, glyph in glyphs)
        cover = np.zeros((low - top, right - left), dtype=np.uint8)
        for whole, glyph in glyphs:
            x, y = whole + glyph.left - left, glyph.top - top
            high, wide = glyph.cover.shape
            part = cover[y : y + high, x : x + wide]
            np.maximum(part, glyph.cover, out=part)
        _, heights, descents = zip(*map(self.size, text), strict=True)
        descent = max(descents)
        above = max(map(float.__sub__, heights, descents))
        return Glyph(cover, left, top), pen, above + descent, descent


@lru_cache(maxsize=64)
def _letters(prop: FontProperties, dpi: float) -> Letters:
    return Letters(prop, dpi)


class _Style(NamedTuple):
    """The look of a label: its images by text, and where its anchor is."""

    images: dict[str, tuple[NDArray[np.uint8], float, float, int, int]]
    context: GraphicsContextBase
    transform: Any
    matrix: list[list[float]] | None


class Label(Fast, Text):
    """A text. `set_text` and `set_position` are quick for a single line that is not turned.

    Its letters are set at eighths of a pixel. Formulas, several lines, frames and rotated texts
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
        """What the label covers; None if only matplotlib can measure it."""
        if not self.get_text():
            return NOWHERE
        if self.look is None or "\n" in self.get_text() or "$" in self.get_text():
            return None
        transform = self.look.transform
        if transform.is_affine:  # the limits may have changed since the label was drawn
            self.look = self.look._replace(matrix=transform.get_matrix().tolist())
        _, left, low, across, up = self._placed(renderer)
        return left, low, left + across, low + up

    def _placed(self, renderer: Any) -> tuple[NDArray[np.uint8], float, float, int, int]:
        """The pixels of the label, where they begin on the canvas (y up), and how many they are."""
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
        letters = _letters(self.get_fontproperties().copy(), dpi)
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


# What an author calls. `style` is that of matplotlib's own functions.


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
    """As many arrows as colors, drawn in that order. `width` is in inches."""
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
    """Cells between x₀ and x₁, y₀ and y₁, in data units: `extent` is (x₀, x₁, y₀, y₁).

    `colors`, of shape (n, 3), are those that a cell can have: RGB, 0 … 255.
    """
    _check_axes(ax)
    drawn = Cells(ax, extent, colors)
    drawn.set_zorder(zorder)
    ax.add_artist(drawn)
    return drawn
