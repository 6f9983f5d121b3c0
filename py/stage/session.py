"""The Python side of the page: one call in, one picture out. The page's worker calls it."""

import importlib
from collections.abc import Mapping

from stage.drawing import Picture, Stage

_stages: dict[str, Stage] = {}
_looks: dict[str, tuple[float, float, str]] = {}


def draw(
    demo: str,
    fields: Mapping[str, list[str]],
    width: float,
    ratio: float,
    palette: str,
    whole: bool = False,
) -> Picture:
    """Draw a demo, `width` CSS pixels wide, for what its form's fields hold.

    Its scene is set at the first call, and again when the size or the colours differ from the call
    before. With `whole` the picture is not only what has changed: the canvas has lost what it had.
    """
    look = (width, ratio, palette)
    if _looks.get(demo) != look:
        _stages[demo] = Stage(importlib.import_module(f"demos.{demo}").demo, *look)
        _looks[demo] = look
    return _stages[demo].draw(fields, whole)
