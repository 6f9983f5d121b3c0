"""Words on a picture that is drawn again and again: what they look like is worked out once.

Half of the time of a changed picture went into texts, most of which had not changed, or had only
moved, or say what another one has said: matplotlib measures, hints and rasterises them anew at each
draw. Here the layout and the glyphs of words are kept, for all texts that look alike. The pixels
are those of matplotlib, whose own functions make them.
"""

import io
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib import rcParams
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.transforms import BboxBase, Transform, TransformNode
from numpy.typing import NDArray

# A line of a text: its pixels, and where they lie, seen from the text's position (x, y up)
Line = tuple[NDArray[np.uint8], float, float, float, float]
Call = tuple[Callable[..., None], tuple[Any, ...]]  # of the renderer in C++
Extent = tuple[float, float, float, float]  # left, low, right, high, in pixels

# All that decides what a text looks like, but not where it stands
_style = operator.attrgetter(
    *sorted(set(vars(Text())) - {"_x", "_y", "_stale", "_callbacks", "_renderer", "_animated"})
)


class Place(TransformNode):
    """The matrix of a transform, worked out anew only after a change."""

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self._invalid = 1
        self.set_children(transform)
        self._transform = transform
        self._matrix: NDArray[np.float64] | None = None
        self._rows: list[list[float]] | None = None

    def follows(self, transform: Transform) -> bool:
        """Whether this is the place to ask for that transform."""
        return self._transform is transform

    def matrix(self) -> NDArray[np.float64] | None:
        """Of shape (3, 3); None if the transform is not affine."""
        if self._invalid:  # said by matplotlib when the transform changes
            self._matrix = self._transform.get_matrix() if self._transform.is_affine else None
            self._rows = None if self._matrix is None else self._matrix.tolist()
            self._invalid = 0
        return self._matrix

    def at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points lie on the canvas, y up; both of shape (n, 2)."""
        matrix = self.matrix()
        if matrix is None:
            found: NDArray[np.float64] = self._transform.transform(points)
            return found
        return points @ matrix[:2, :2].T + matrix[:2, 2]

    def of(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the canvas, y up."""
        self.matrix()
        if self._rows is None:
            x, y = self._transform.transform((x, y))
            return x, y
        (a, c, e), (b, d, f), _ = self._rows
        return a * x + c * y + e, b * x + d * y + f


@dataclass(eq=False)
class _Look:
    """What a text looked like when `style` was all that decides it, `ink` its colour and clipping.

    `box` lies around its position; `lines` is None for what only matplotlib itself draws: formulas,
    frames, effects.
    """

    style: tuple[object, ...]
    ink: tuple[object, ...]
    box: Extent
    lines: list[Line] | None
    context: GraphicsContextBase
    place: Place


State = tuple[_Look, float, float]  # and where it is

# What decides how the renderer fills in its pixels
_ink = operator.attrgetter("_color", "_alpha", "_antialiased", "clipbox", "_clippath", "_clipon")

# What decides how words are laid out around their position, besides font and resolution
_setting = operator.attrgetter(
    *("_text", "_rotation", "_rotation_mode", "_linespacing", "_parse_math", "_antialiased"),
    *("_horizontalalignment", "_verticalalignment", "_multialignment"),
)
MOST = 4096  # layouts; then memory is worth more than time

_known: WeakKeyDictionary[Text, _Look] = WeakKeyDictionary()
_layouts: dict[tuple[object, ...], tuple[Extent, list[Line] | None]] = {}


def forget() -> None:
    """Drop what can be worked out again."""
    _layouts.clear()
    _scribes.clear()


def plain(box: BboxBase) -> Extent:
    """A box of matplotlib as numbers, with which to reckon takes less time."""
    (x0, y0), (x1, y1) = box.get_points().tolist()
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def extent(text: Text, renderer: RendererAgg) -> Extent:
    """What `text.get_window_extent(renderer)` finds, for a text that is visible and not empty."""
    look, x, y = state(text, renderer)
    left, low, right, high = look.box
    return left + x, low + y, right + x, high + y


def calls(text: Text, renderer: RendererAgg, known: State) -> list[Call] | None:
    """The calls that `text.draw(renderer)` makes in this state; None if only matplotlib can tell.

    The text is visible and not empty.
    """
    text.stale = False
    look, x, y = known
    if look.lines is None or not (math.isfinite(x) and math.isfinite(y)):
        return None
    draw, height, angle = renderer._renderer.draw_text_image, renderer.height, text.get_rotation()
    return [
        (
            draw,
            (
                *(image, round(right + x + across), round(height - (up + y) + down) + 1),
                *(angle, look.context),
            ),
        )
        for image, right, up, across, down in look.lines
    ]


def state(text: Text, renderer: RendererAgg) -> State:
    """What a text looks like, and where: equal if nothing of it has changed."""
    look = _look(text, renderer)
    x, y = text.get_position()  # numbers, for no axis has dates or categories
    return look, *look.place.of(float(x), float(y))


def _look(text: Text, renderer: RendererAgg) -> _Look:
    """The box and the lines of a text, worked out anew if anything that decides them differs."""
    inside: Any = text
    prop = text.get_fontproperties()
    # its setters change the font in place
    style = (renderer.dpi, *vars(prop).values(), *_style(text))
    known = _known.get(text)
    if known and all(map(operator.is_, known.style, style)):
        return known
    own = (
        *(inside._transform_rotates_text, text.get_wrap(), text.get_usetex()),
        *(text.get_bbox_patch(), text.get_path_effects()),
    )
    if any(own):  # matplotlib draws it
        box, lines = plain(inside._get_layout(renderer)[0]), None
    else:
        key = (renderer.dpi, hash(prop), *_setting(text))
        if key not in _layouts:
            if len(_layouts) >= MOST:
                forget()
            _layouts[key] = _lay_out(text, renderer.dpi)
        box, lines = _layouts[key]
    ink = _ink(text)
    if known and all(map(operator.is_, known.ink, ink)):
        context = known.context
    else:
        context = renderer.new_gc()
        context.set_foreground(text.get_color())
        context.set_alpha(text.get_alpha())  # type: ignore[arg-type]
        context.set_antialiased(text.get_antialiased())
        inside._set_gc_clip(context)
    transform = text.get_transform()
    place = known.place if known and known.place.follows(transform) else Place(transform)
    look = _Look(style, ink, box, lines, context, place)
    _known[text] = look
    return look


@dataclass
class _Written:
    """Words in a font: their pixels, where these begin, and their size."""

    image: NDArray[np.uint8]
    across: float
    down: float
    width: float
    height: float
    descent: float


class _Scribe(RendererAgg):
    """Measures words as `RendererAgg` does, and in the same go takes their pixels."""

    def __init__(self, dpi: float, antialiased: bool) -> None:
        super().__init__(1, 1, dpi)  # type: ignore[no-untyped-call]
        self.antialiased = antialiased
        # by what fonts and words are, for their descriptions can change
        self.fonts: dict[int, FT2Font] = {}
        self.written: dict[tuple[str, int], _Written] = {}

    def _prepare_font(self, font_prop: FontProperties) -> FT2Font:
        """The font, found once, and read from memory: from a file each letter takes calls of it."""
        which = hash(font_prop)
        if which not in self.fonts:
            first, *rest = (
                io.BytesIO(Path(path).read_bytes())
                for path in fontManager._find_fonts_by_props(font_prop)  # type: ignore[attr-defined]
            )
            factor: int = rcParams["text.hinting_factor"]
            kerning: int = rcParams["text.kerning_factor"]
            others = [FT2Font(file, factor, _kerning_factor=kerning) for file in rest]
            font = FT2Font(first, factor, _fallback_list=others, _kerning_factor=kerning)
            self.fonts[which] = font
        font = self.fonts[which]
        font.clear()
        font.set_size(font_prop.get_size_in_points(), self.dpi)
        return font

    def write(self, words: str, prop: FontProperties) -> _Written:
        """What words in a font look like."""
        which = words, hash(prop)
        if which not in self.written:
            font = self._prepare_font(prop)
            font.set_text(words, 0, flags=get_hinting_flag())
            width, height = font.get_width_height()
            descent = font.get_descent() / 64
            font.draw_glyphs_to_bitmap(antialiased=self.antialiased)
            across, down = font.get_bitmap_offset()
            image = np.array(font.get_image(), dtype=np.uint8)
            size = width / 64, height / 64, descent
            self.written[which] = _Written(image, across / 64, down / 64, *size)
        return self.written[which]

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool | Literal["TeX"]
    ) -> tuple[float, float, float]:
        """In pixels."""
        if ismath:
            return super().get_text_width_height_descent(  # type: ignore[no-any-return, no-untyped-call]
                s, prop, ismath
            )
        written = self.write(s, prop)
        return written.width, written.height, written.descent


_scribes: dict[tuple[float, bool], _Scribe] = {}


def _lay_out(text: Text, dpi: float) -> tuple[Extent, list[Line] | None]:
    """The box and the lines of a text; no lines if it holds a formula, which matplotlib draws."""
    inside: Any = text
    key = (dpi, text.get_antialiased())
    scribe = _scribes.get(key) or _scribes.setdefault(key, _Scribe(*key))
    prop, angle = text.get_fontproperties(), math.radians(text.get_rotation())
    words, mathematics = inside._preprocess_math(text.get_text())
    if "\n" not in words and not (mathematics or angle or text.get_rotation_mode() == "anchor"):
        return _lay_line(text, scribe.write(words, prop), scribe.write("lp", prop))
    laid, placed, _ = inside._get_layout(scribe)
    box = plain(laid)
    lines: list[Line] = []
    for line, _, right, up in placed:
        words, mathematics = inside._preprocess_math(line)
        if mathematics:
            return box, None
        if not words:
            continue
        written = scribe.write(words, prop)
        across = written.across + written.descent * math.sin(angle)
        down = written.down + written.descent * math.cos(angle)
        lines.append((written.image, float(right), float(up), across, down))
    return box, lines


def _lay_line(text: Text, written: _Written, full: _Written) -> tuple[Extent, list[Line]]:
    """What `Text._get_layout` finds for one line that is not turned, without its small arrays.

    The line is as high and as deep as `full` at least.
    """
    width = written.width
    descent = max(written.descent, full.descent)
    rise = max(written.height, full.height) - descent
    low = -rise - descent
    right = {"left": 0.0, "center": width / 2, "right": width}[text.get_horizontalalignment()]
    up = {
        "bottom": low,
        "baseline": low + descent,
        "center": low / 2,
        "center_baseline": -rise / 2,
        "top": 0.0,
    }[text.get_verticalalignment()]
    box = (-right, low - up, -right + width, low - up - low)
    line = (written.image, -right, -rise - up, written.across, written.down + written.descent)
    return box, [line]
