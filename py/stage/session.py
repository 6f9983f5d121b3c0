"""The Python side of a page: the worker calls `draw` and gets a picture."""

import gc
import importlib
import time
from collections.abc import Mapping

from stage import controls
from stage.drawing import Picture, Stage

REHEARSALS = 6  # pictures; WebAssembly engines first run new code in slower, unoptimized tiers
SMOOTH = 0.012  # seconds for a picture; if it is this fast, the engine has optimized the code

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
    """Draw a demo, `width` CSS pixels wide, for the fields of its form.

    The first call sets up the scene, and so does a call with another size or palette. `whole`
    requests the whole picture instead of the changed part, because the canvas was cleared. `moved`
    is the handle that the reader is dragging (see `Stage.draw`).
    """
    gc.disable()  # a garbage collection during a drag would cause a visible pause
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
    """Discard the scene of a demo; the next call of `draw` sets it up again."""
    _stages.pop(demo, None)
    _looks.pop(demo, None)


def tidy() -> None:
    """Collect garbage; the worker calls this while the page is idle."""
    gc.collect()


def _rehearse(stage: Stage) -> None:
    """Draw some invisible pictures, so that the reader's first drag is already smooth."""
    for name, parameter in stage.parameters.items():
        if isinstance(parameter.control, controls.Slider):
            for low in [True, False] * (REHEARSALS // 2):
                began = time.perf_counter()
                value = parameter.control.low if low else parameter.default
                stage.draw({name: parameter.control.write(value)})
                if time.perf_counter() - began < SMOOTH:
                    return
            return
