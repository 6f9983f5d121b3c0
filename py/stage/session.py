"""The Python side of the page: one call in, one picture out. The page's worker calls it."""

import gc
import importlib
import time
from collections.abc import Mapping

from stage import controls
from stage.drawing import Picture, Stage

REHEARSALS = 6  # pictures; an engine first runs new code slowly, ten times in a first drag
SMOOTH = 0.012  # seconds for a picture: an engine that has kept its code needs no more rehearsal

_stages: dict[str, Stage] = {}
_looks: dict[str, tuple[float, float, str]] = {}


def draw(
    demo: str,
    fields: Mapping[str, list[str]],
    width: float,
    ratio: float,
    palette: str,
    whole: bool = False,
    moved: tuple[str, float, float] | None = None,
) -> Picture:
    """Draw a demo, `width` CSS pixels wide, for what its form's fields hold.

    Its scene is set at the first call, and again when the size or the colours differ from the call
    before. With `whole` the picture is not only what has changed: the canvas has lost what it had.
    `moved` is the handle that the reader is dragging (see `Stage.draw`).
    """
    gc.disable()  # a pause of the collector in the middle of a drag can be seen
    look = (width, ratio, palette)
    if _looks.get(demo) != look:
        first = not _stages
        _stages[demo] = Stage(importlib.import_module(f"demos.{demo}").demo, *look)
        _looks[demo] = look
        if first:
            _rehearse(_stages[demo])
            whole = True
    return _stages[demo].draw(fields, whole, moved)


def forget(demo: str) -> None:
    """Give up the scene of a demo; its next picture sets it again."""
    _stages.pop(demo, None)
    _looks.pop(demo, None)


def tidy() -> None:
    """Collect what the last pictures left behind; called when nobody moves anything."""
    gc.collect()


def _rehearse(stage: Stage) -> None:
    """Draw some pictures that nobody sees, so that the reader's first drag is already smooth."""
    for name, parameter in stage.parameters.items():
        if isinstance(parameter.control, controls.Slider):
            for low in [True, False] * (REHEARSALS // 2):
                began = time.perf_counter()
                value = parameter.control.low if low else parameter.default
                stage.draw({name: parameter.control.write(value)})
                if time.perf_counter() - began < SMOOTH:
                    return
            return
