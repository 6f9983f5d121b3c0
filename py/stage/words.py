"""Words on a picture that is drawn again and again: what they look like is worked out once.

Half of the time of a changed picture went into texts, most of which had not changed, or had only
moved, or say what another one has said: matplotlib measures, hints and rasterises them anew at each
draw. Here the layout and the glyphs of words are kept, for all texts that look alike. The pixels
are those of matplotlib, whose own functions make them.
"""

import math
import operator
from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import BboxBase, Transform, TransformNode
from numpy.typing import NDArray

# A line of a text: its pixels, and where they lie, seen from the text's position (x, y up)
Line = tuple[NDArray[np.uint8], float, float, float, float]
Extent = tuple[float, float, float, float]  # left, low, right, high, in pixels

# All that decides what a text looks like, but not where it stands
_style = operator.attrgetter(
    *sorted(set(vars(Text())) - {"_x", "_y", "_stale", "_callbacks", "_renderer", "_animated"})
)


class _Place(TransformNode):
    """The matrix of a transform, worked out anew only after a change."""

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self._invalid = 1
        self.set_children(transform)
        self._transform = transform

    def follows(self, transform: Transform) -> bool:
        """Whether this is the place to ask for that transform."""
        return self._transform is transform

    def of(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies on the canvas, y up."""
        if not self._transform.is_affine:
            x, y = self._transform.transform((x, y))
            return x, y
        if self._invalid:  # said by matplotlib when the transform changes
            self._matrix = self._transform.get_matrix().tolist()
            self._invalid = 0
        (a, c, e), (b, d, f), _ = self._matrix
        return a * x + c * y + e, b * x + d * y + f


@dataclass
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
    place: _Place


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
    look = _look(text, renderer)
    x, y = _position(text, look)
    left, low, right, high = look.box
    return left + x, low + y, right + x, high + y


def draw(text: Text, renderer: RendererAgg) -> None:
    """Draw `text` as `text.draw(renderer)` does, from what is remembered of it."""
    if not text.get_visible() or not text.get_text():
        text.stale = False
        return
    look = _look(text, renderer)
    x, y = _position(text, look)
    if look.lines is None or not (math.isfinite(x) and math.isfinite(y)):
        text.draw(renderer)
        return
    height = renderer.height
    for image, right, up, across, down in look.lines:
        renderer._renderer.draw_text_image(
            image,
            round(right + x + across),
            round(height - (up + y) + down) + 1,
            text.get_rotation(),
            look.context,
        )
    text.stale = False


def _position(text: Text, look: _Look) -> tuple[float, float]:
    x, y = text.get_position()  # numbers, for no axis has dates or categories
    return look.place.of(float(x), float(y))


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
    place = known.place if known and known.place.follows(transform) else _Place(transform)
    look = _Look(style, ink, box, lines, context, place)
    _known[text] = look
    return look


class _Scribe(RendererAgg):
    """Measures words as `RendererAgg` does, and in the same go takes their pixels.

    `written` has for each words in a font their pixels, where they begin, and their descent.
    """

    def __init__(self, dpi: float, antialiased: bool) -> None:
        super().__init__(1, 1, dpi)  # type: ignore[no-untyped-call]
        self.antialiased = antialiased
        self.written: dict[
            tuple[str, FontProperties], tuple[NDArray[np.uint8], float, float, float]
        ] = {}

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: bool | Literal["TeX"]
    ) -> tuple[float, float, float]:
        """In pixels."""
        if ismath:
            return super().get_text_width_height_descent(  # type: ignore[no-any-return, no-untyped-call]
                s, prop, ismath
            )
        font = self._prepare_font(prop)  # type: ignore[no-untyped-call]
        font.set_text(s, 0, flags=get_hinting_flag())
        width, height = font.get_width_height()
        descent = font.get_descent() / 64
        font.draw_glyphs_to_bitmap(antialiased=self.antialiased)
        across, down = font.get_bitmap_offset()
        image = np.array(font.get_image(), dtype=np.uint8)
        self.written[s, prop] = (image, across / 64, down / 64, descent)
        return width / 64, height / 64, descent


_scribes: dict[tuple[float, bool], _Scribe] = {}


def _lay_out(text: Text, dpi: float) -> tuple[Extent, list[Line] | None]:
    """The box and the lines of a text; no lines if it holds a formula, which matplotlib draws."""
    inside: Any = text
    key = (dpi, text.get_antialiased())
    scribe = _scribes.get(key) or _scribes.setdefault(key, _Scribe(*key))
    laid, placed, _ = inside._get_layout(scribe)
    box = plain(laid)
    angle = math.radians(text.get_rotation())
    lines: list[Line] = []
    for words, _, right, up in placed:
        clean, mathematics = inside._preprocess_math(words)
        if mathematics:
            return box, None
        if not clean:
            continue
        image, across, down, descent = scribe.written[clean, text.get_fontproperties()]
        across += descent * math.sin(angle)
        down += descent * math.cos(angle)
        lines.append((image, float(right), float(up), across, down))
    return box, lines
