"""What an artist has drawn, kept as the calls that drew it, and drawn again by the same calls.

An artist of matplotlib works out its colours, clipping and paths anew at each draw, which costs
more than the drawing. What lies above something that moves, and has not changed itself, is drawn
from what is kept here. Lines, patches and collections of which only the data have changed are drawn
so too, with their new paths put in the place of the old. The calls, and so the pixels, are those
that matplotlib makes.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.cbook import STEP_LOOKUP_MAP
from matplotlib.collections import (
    Collection,
    FillBetweenPolyCollection,
    LineCollection,
    PathCollection,
    PolyCollection,
)
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Polygon, Rectangle, StepPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox, Transform
from numpy.typing import NDArray

from stage import words
from stage.marks import Arrows, Cells
from stage.words import Call

COLLECTIONS = (
    *(Arrows, FillBetweenPolyCollection, LineCollection, PathCollection, PolyCollection),
)


def _attributes(artist: Artist, *data: str) -> Callable[[Artist], tuple[Any, ...]]:
    """A function that takes all attributes of an artist of this kind, those in `data` left out."""
    left_out = {"_stale", "_callbacks", *data}
    return operator.attrgetter(*sorted(set(vars(artist)) - left_out))


_line_style = _attributes(
    Line2D([0], [0]),
    *("_invalidx", "_invalidy", "_path", "_subslice", "_transformed_path", "_x", "_x_filled"),
    *("_xorig", "_xy", "_y", "_yorig", "ind_offset"),
)
_CHANGING = (
    *("_paths", "_offsets", "_mapped_colors", "_face_is_mapped", "_edge_is_mapped"),
    "_hatch_color",
)
_LOOKS = ("_facecolors", "_edgecolors", "_linewidths", "_linestyles", "_antialiaseds", "_urls")
_collection_style = _attributes(
    LineCollection([]),
    *(*_CHANGING, *_LOOKS, "_A", "_alpha", "_us_lw", "_us_linestyles"),
    *("_original_facecolor", "_original_edgecolor"),
)
_looks = operator.attrgetter(*_LOOKS)
_patch_styles: dict[type[Artist], Callable[[Artist], tuple[Any, ...]]] = {
    type(patch): _attributes(patch, *data)
    for patch, *data in (
        (PathPatch(Path([(0, 0)])), "_path"),
        (Polygon([(0, 0)]), "_path"),
        (Rectangle((0, 0), 1, 1), "_x0", "_x1", "_y0", "_y1", "_width", "_height"),
        (StepPatch([0], [0, 1]), "_path", "_values", "_edges", "_baseline"),
    )
}


@dataclass
class Ink:
    """The calls that drew an artist, and what it was then, its data left out."""

    calls: list[Call]
    style: tuple[Any, ...] = ()
    # of a line, a polygon, a text: what it was drawn with, and what it has now, if that was asked
    data: Any = None
    now: Any = None
    # of a patch
    place: words.Place | None = None
    # of a line, once it has moved, and of a collection with one path
    path: Path | None = None
    looks: tuple[Any, ...] = ()
    # of what is hidden: what it had before
    shown: "Ink | None" = None


class _Noting:
    """matplotlib's renderer in C++; each call that draws is made, and noted."""

    def __init__(self, renderer: Any, calls: list[Call]) -> None:
        self._renderer = renderer
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._renderer, name)
        if not name.startswith("draw_"):
            return method

        def noting(*arguments: Any) -> None:
            self._calls.append((method, tuple(map(_kept, arguments))))
            method(*arguments)

        return noting


def _kept(argument: Any) -> Any:
    """An argument as it is now; copied if it will be used again for something else."""
    if isinstance(argument, GraphicsContextBase):
        context = GraphicsContextBase()
        context.copy_properties(argument)
        return context
    return np.array(argument) if isinstance(argument, FT2Font) else argument


def draw(artist: Artist, renderer: RendererAgg, known: Ink | None = None) -> Ink:
    """Draw an artist as it draws itself; what it takes to draw it again.

    `known` is its ink so far.
    """
    ink: Ink | None = None
    if type(artist) is Cells and artist.get_visible():
        ink = Ink([(np.copyto, artist.placed(renderer))])
    elif type(artist) is Text and artist.get_visible() and artist.get_text():
        state = _now(artist, known, renderer)
        calls = words.calls(artist, renderer, state)
        ink = None if calls is None else Ink(calls, data=state)
    if ink:
        repeat(ink)
        return ink
    ink = Ink([])
    noting = RendererAgg.__new__(RendererAgg)
    vars(noting).update(vars(renderer), _renderer=_Noting(renderer._renderer, ink.calls))
    noting._update_methods()
    artist.draw(noting)
    if type(artist) is Line2D:
        ink.style, ink.data = _line_style(artist), _data(artist, renderer)
    elif isinstance(artist, COLLECTIONS):
        ink.style = _collection_style(artist)
        ink.looks = _looks(artist)
        if len(paths := artist.get_paths()) == 1:
            ink.path = paths[0]
    elif style := _patch_styles.get(type(artist)):
        ink.style, ink.data = style(artist), _data(artist, renderer)
    return ink


def repeat(ink: Ink) -> None:
    """Draw once more what has not changed."""
    for method, arguments in ink.calls:
        method(*arguments)


def stands(artist: Artist, ink: Ink | None, renderer: RendererAgg) -> bool:
    """Whether what was touched was only set to what it was, so that its ink is still right."""
    if ink is None or ink.data is None or not artist.get_visible():
        return False
    now = _data(artist, renderer)
    if not _equal(ink.data, now):
        ink.now = now
        return False
    style = _line_style if type(artist) is Line2D else _patch_styles.get(type(artist))
    return style is None or _same(style(artist), ink.style)


def redraw(artist: Artist, ink: Ink | None, renderer: RendererAgg) -> Ink | None:
    """Draw what has changed, with as much of its ink as is still right; its new ink, if any."""
    ink = ink and (ink.shown or ink)
    if not artist.get_visible():
        return Ink([], shown=ink)
    if type(artist) is Line2D:
        if ink is None or not _redraw_line(artist, ink, renderer):
            return draw(artist, renderer)
    elif type(artist) in COLLECTIONS:
        assert isinstance(artist, Collection)
        if ink is None or not _redraw_collection(artist, ink):
            return draw(artist, renderer)
    elif type(artist) in _patch_styles:
        assert isinstance(artist, Patch)
        if ink is None or not _redraw_patch(artist, ink, renderer):
            return draw(artist, renderer)
    elif type(artist) in (Cells, Text):
        return draw(artist, renderer, ink)
    else:
        artist.draw(renderer)
        return None
    return ink


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(map(operator.is_, one, other))


def _equal(one: Any, other: Any) -> bool:
    if not isinstance(one, np.ndarray):
        return bool(one == other)
    known = isinstance(other, np.ndarray) and one.shape == other.shape
    return known and one.tobytes() == other.tobytes()


def _now(artist: Artist, ink: Ink | None, renderer: RendererAgg) -> Any:
    """The data of an artist, which may just have been asked for."""
    if ink is None or ink.now is None:
        return _data(artist, renderer)
    now, ink.now = ink.now, None
    return now


def _data(artist: Artist, renderer: RendererAgg) -> Any:
    """What changes in an artist of this kind when it moves, to be compared; None if unknown."""
    if type(artist) is Line2D:
        return _points(artist)
    if type(artist) is Polygon:
        return np.array(artist.get_xy())
    return words.state(artist, renderer) if type(artist) is Text else None


def _points(line: Line2D) -> NDArray[np.float64] | None:
    """The data of a line, shape (n, 2); None if they may have units, or not all are drawn."""
    inside: Any = line
    x, y = inside._xorig, inside._yorig
    known = (np.ndarray, list, tuple, range)
    few = len(x) == len(y) < inside._subslice_optim_min_size
    if not (few and type(x) in known and type(y) in known):
        return None
    xy: NDArray[np.float64] = np.empty((len(x), 2))
    xy[:, 0] = x
    xy[:, 1] = y
    return xy


def _redraw_line(line: Line2D, ink: Ink, renderer: RendererAgg) -> bool:
    """Draw a line of which only the data have changed; False if it is not so simple."""
    inside: Any = line
    xy, marked = _now(line, ink, renderer), inside._markevery
    if xy is None or not _same(_line_style(line), ink.style):
        return False
    if not ink.calls:
        return not len(xy)
    if not (marked is None or type(marked) is list):
        return False
    ink.data = xy
    if ink.path is None or np.shape(ink.path.vertices) != xy.shape:
        ink.path = Path(xy)
    else:
        np.copyto(np.asarray(ink.path.vertices), xy)  # a new path takes more time
    for number, (method, arguments) in enumerate(ink.calls):
        path = ink.path
        if len(arguments) == 6:  # the places of markers
            place = 3
            if marked is not None:
                path = Path(xy[marked])
        else:
            place = 1
            if inside._drawstyle != "default":
                path = Path(np.transpose(STEP_LOOKUP_MAP[inside._drawstyle](*xy.T)))
        path = inside._transform.transform_path_non_affine(path)
        given = (*arguments[:place], path, *arguments[place + 1 :])
        ink.calls[number] = (method, given)
        if len(path):
            method(*given)
    return True


def _redraw_patch(patch: Patch, ink: Ink, renderer: RendererAgg) -> bool:
    """Draw a patch that has moved or has another outline; False if more has changed."""
    if not (len(ink.calls) == 1 and _same(_patch_styles[type(patch)](patch), ink.style)):
        return False
    ((method, (context, _, _, face)),) = ink.calls
    transform, path = patch.get_transform(), patch.get_path()
    if not (ink.place and ink.place.follows(transform)):
        ink.place = words.Place(transform)
    matrix: Any = ink.place.matrix()
    if matrix is None:
        path, matrix = transform.transform_path_non_affine(path), transform.get_affine()
    given = (context, path, matrix, face)
    ink.calls[0] = (method, given)
    if type(patch) is Polygon:
        ink.data = _now(patch, ink, renderer)
    method(*given)
    return True


def _fits(path: Path, transform: Transform, bounds: Bbox) -> bool:
    """Whether a path is so small that matplotlib draws it as it draws markers."""
    vertices, codes = np.asarray(path.vertices), path.codes
    if not len(vertices) or (codes is not None and Path.CURVE4 in np.asarray(codes)):
        return False
    across, down = np.ptp(transform.transform(vertices), axis=0)
    return bool(across < bounds.width and down < bounds.height)


def _redraw_collection(collection: Collection, ink: Ink) -> bool:
    """Draw a collection with the same clipping and transform; False if it is not so simple."""
    inside: Any = collection
    if not (
        len(ink.calls) == 1
        and inside._gapcolor is None
        and inside._hatch is None
        and inside.get_transform().is_affine
        and _same(_collection_style(collection), ink.style)
    ):
        return False
    ((method, arguments),) = ink.calls
    _, offset_transform, offsets, paths = inside._prepare_points()
    if len(arguments) == 13:
        collection.update_scalarmappable()
        if len(sizes := getattr(collection, "_sizes", ())):
            inside.set_sizes(sizes, inside.figure.dpi)  # as it does itself when it is drawn
        faces, edges = collection.get_facecolor(), collection.get_edgecolor()
        if all(len(each) == 1 for each in (paths, faces, edges, inside._urls)):
            return False  # it may be drawn as a marker
        given = (
            *(*arguments[:2], paths, inside.get_transforms(), offsets, offset_transform),
            *(faces, edges, inside._linewidths, inside._linestyles),
            *arguments[10:],
        )
    elif (
        len(paths) == 1
        and inside._A is None
        and _same(_looks(collection), ink.looks)
        and (paths[0] is ink.path or _fits(paths[0], arguments[2], inside.figure.bbox))
    ):
        (ink.path,) = paths
        given = (
            *(arguments[0], ink.path, arguments[2]),
            *(Path(offsets), offset_transform, arguments[5]),
        )
    else:
        return False
    ink.calls[0] = (method, given)
    method(*given)
    return True
