"""All private names of matplotlib that the stage uses, checked at import.

If one is missing, this version of matplotlib is not supported yet. drawing.py uses `record` (two
of the names) for fast redraws, `settle_title` (one) to place titles, and `aligned` (one) to know
which axes depend on each other; warm.py uses `close_fonts` (one) before the snapshot.
"""

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

Call = tuple[Callable[..., None], tuple[Any, ...]]

_NEEDED: dict[Any, tuple[str, ...]] = {
    font_manager: ("_get_font",),
    RendererAgg(1, 1, 72): ("_renderer", "_update_methods"),
    Axes: ("_update_title_position",),
    Figure(): ("_align_label_groups",),
}
for _owner, _names in _NEEDED.items():
    for _name in _names:
        if not hasattr(_owner, _name):
            raise ImportError(
                f"matplotlib {matplotlib.__version__} has no {_owner!r}.{_name}, which "
                f"stage/{__name__.rpartition('.')[2]}.py uses: see docs/inside.md, “Drawing”"
            )


def settle_title(axes: Any, renderer: RendererAgg) -> None:
    """Put the title of axes above their ticks."""
    axes._update_title_position(renderer)


def aligned(figure: Any) -> bool:
    """Whether labels or titles of several axes are aligned, so that they depend on each other."""
    groups = figure._align_label_groups.values()
    return any(len(group.get_siblings(axes)) > 1 for group in groups for axes in figure.axes)


def close_fonts() -> None:
    """Close the open fonts: each has a file descriptor, which is invalid after a restore."""
    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]


class _Recorder:
    """A proxy of Agg's renderer that performs and records each drawing call."""

    def __init__(self, agg: Any, calls: list[Call]) -> None:
        self._agg = agg
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._agg, name)
        if not name.startswith("draw_"):
            return method

        def recorded(*arguments: Any) -> None:
            self._calls.append((method, tuple(map(_snapshot, arguments))))
            method(*arguments)

        return recorded


def _snapshot(argument: Any) -> Any:
    """An argument in its present state, copied if matplotlib reuses the object."""
    if isinstance(argument, GraphicsContextBase):
        context = GraphicsContextBase()
        context.copy_properties(argument)
        return context
    return np.array(argument) if isinstance(argument, FT2Font) else argument


def record(artist: Artist, renderer: Any) -> list[Call]:
    """Draw an artist, and return the calls to Agg that draw it again unchanged."""
    calls: list[Call] = []
    agg = renderer._renderer
    renderer._renderer = _Recorder(agg, calls)
    renderer._update_methods()
    try:
        artist.draw(renderer)
    finally:
        renderer._renderer = agg
        renderer._update_methods()
    return calls
