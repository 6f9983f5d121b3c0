"""Render lines of text from cached glyphs with subpixel positions, for the labels in artists.py."""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from numpy.typing import NDArray


class Glyph(NamedTuple):
    """The image of a character, with its position relative to the pen."""

    cover: NDArray[np.uint8]
    left: int
    top: int  # rows from the baseline down to the first row


class Letters:
    """The glyphs of a font, each drawn once by matplotlib, and the distances between them."""

    STEPS = 8  # subpixel positions of the pen

    def __init__(self, prop: FontProperties, dpi: float) -> None:
        self.prop, self.dpi = prop, dpi
        self.glyphs: dict[tuple[str, int], Glyph] = {}
        self.sizes: dict[str, tuple[float, float, float]] = {}
        self.gaps: dict[str, float] = {}
        line = Text(0, 0, "lp", fontproperties=prop, figure=Figure(dpi=dpi))
        room = line.get_window_extent(RendererAgg(1, 1, dpi))  # the minimum size of each line
        self.height, self.descent = room.height, -room.y0
        # matplotlib starts at whole pixels; these prefixes move the pen to each subpixel position
        starts = [head + n * " " for head in ("", ".", "i", "n") for n in range(2, 12)]
        self.starts = [
            min(starts, key=lambda start: abs((self.size(start)[0] - part + 0.5) % 1 - 0.5))
            for part in np.arange(self.STEPS) / self.STEPS
        ]

    def size(self, text: str) -> tuple[float, float, float]:
        """matplotlib's width, height and descent of a text, in pixels."""
        if text not in self.sizes:
            renderer: Any = RendererAgg(1, 1, self.dpi)
            self.sizes[text] = renderer.get_text_width_height_descent(text, self.prop, ismath=False)
        return self.sizes[text]

    def gap(self, pair: str) -> float:
        """The advance of the pen from the first of two characters to the second, with kerning."""
        if pair not in self.gaps:
            self.gaps[pair] = self.size(pair)[0] - self.size(pair[1])[0]
        return self.gaps[pair]

    def glyph(self, char: str, step: int) -> Glyph:
        """The glyph of a character at subpixel position `step` of `STEPS`."""
        if (char, step) not in self.glyphs:
            text = self.starts[step] + char
            width, height, _ = self.size(text)
            pen = width - self.size(char)[0]
            pad = math.ceil(height) + 2
            baseline = 2 * pad
            renderer: Any = RendererAgg(math.ceil(width) + 2 * pad, 3 * pad, self.dpi)
            renderer.draw_text(renderer.new_gc(), pad, baseline, text, self.prop, 0)
            cover = np.array(renderer.buffer_rgba())[..., 3]
            cover[:, : pad + round(pen - self.size(" ")[0])] = 0  # erase the prefix
            rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
            whole = pad + round(pen - step / self.STEPS)
            if not len(rows):  # a space
                rows, columns = np.array([baseline]), np.array([whole])
            top, left = int(rows[0]), int(columns[0])
            part = cover[top : rows[-1] + 1, left : columns[-1] + 1].copy()
            self.glyphs[char, step] = Glyph(part, left - whole, top - baseline)
        return self.glyphs[char, step]

    def write(self, text: str) -> tuple[Glyph, float, float, float]:
        """The image of a line of text, and its width, height and descent, all in pixels."""
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
def letters_of(prop: FontProperties, dpi: float) -> Letters:
    """The cached glyphs of a font."""
    return Letters(prop, dpi)
