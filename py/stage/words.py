"""Words on a picture that is drawn again and again: what they look like is worked out once.

Half of the time of a changed picture went into texts, most of which had not changed, or had only
moved: matplotlib measures, hints and rasterises them anew at each draw. Here the layout and the
glyphs of a text are kept for as long as its words and its font stay the same. The pixels are those
of matplotlib, whose own functions make them.
"""

import math
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

# A line of a text: its pixels, and where they lie, seen from the text's position (x, y up)
Line = tuple[NDArray[np.uint8], float, float, float, float]

# What a text looked like, by what decides it: its box around its position, and its lines; None
# for what only matplotlib itself draws: formulas, frames, effects.
Look = tuple[Bbox, list[Line] | None]

_known: WeakKeyDictionary[Text, tuple[tuple[object, ...], Look]] = WeakKeyDictionary()


def extent(text: Text, renderer: RendererAgg) -> Bbox:
    """What `text.get_window_extent(renderer)` finds, for a text that is visible and not empty."""
    x, y = text.get_transform().transform(text.get_unitless_position())
    return _look(text, renderer)[0].translated(x, y)


def draw(text: Text, renderer: RendererAgg) -> None:
    """Draw `text` as `text.draw(renderer)` does, from what is remembered of it."""
    if not text.get_visible() or not text.get_text():
        text.stale = False
        return
    _, lines = _look(text, renderer)
    x, y = text.get_transform().transform(text.get_unitless_position())
    if lines is None or not (math.isfinite(x) and math.isfinite(y)):
        text.draw(renderer)
        return
    gc = renderer.new_gc()
    gc.set_foreground(text.get_color())
    gc.set_alpha(text.get_alpha())  # type: ignore[arg-type]
    gc.set_antialiased(text.get_antialiased())
    text._set_gc_clip(gc)  # type: ignore[attr-defined]
    height = renderer.height
    for image, right, up, across, down in lines:
        renderer._renderer.draw_text_image(
            image,
            round(right + x + across),
            round(height - (up + y) + down) + 1,
            text.get_rotation(),
            gc,
        )
    gc.restore()
    text.stale = False


def _look(text: Text, renderer: RendererAgg) -> Look:
    """The box and the lines of a text, worked out anew if anything that decides them differs."""
    inside: Any = text
    prop = text.get_fontproperties()
    key = (
        text.get_text(),
        hash(prop),
        renderer.dpi,
        text.get_rotation(),
        text.get_rotation_mode(),
        text.get_horizontalalignment(),
        text.get_verticalalignment(),
        inside._multialignment,
        inside._linespacing,
        text.get_antialiased(),
    )
    known = _known.get(text)
    if known and known[0] == key:
        return known[1]
    box, placed, _ = inside._get_layout(renderer)
    plain = not (
        text.get_bbox_patch() or text.get_path_effects() or text.get_wrap() or text.get_usetex()
    )
    angle = math.radians(text.get_rotation())
    lines: list[Line] = []
    for words, _, right, up in placed:
        clean, mathematics = inside._preprocess_math(words)
        plain = plain and not mathematics
        if not plain:
            break
        image, across, down, descent = _glyphs(
            clean, prop.copy(), renderer.dpi, text.get_antialiased()
        )
        across += descent * math.sin(angle)
        lines.append((image, right, up, across, down + descent * math.cos(angle)))
    look = (box, lines if plain else None)
    _known[text] = (key, look)
    return look


@lru_cache(maxsize=1024)
def _glyphs(
    words: str, prop: FontProperties, dpi: float, antialiased: bool
) -> tuple[NDArray[np.uint8], float, float, float]:
    """The pixels of some words, where they begin, and their descent, as `RendererAgg.draw_text`."""
    font = RendererAgg(1, 1, dpi)._prepare_font(prop)
    font.set_text(words, 0, flags=get_hinting_flag())
    font.draw_glyphs_to_bitmap(antialiased=antialiased)
    across, down = font.get_bitmap_offset()
    image = np.array(font.get_image(), dtype=np.uint8)
    return image, across / 64, down / 64, font.get_descent() / 64
