"""The Python side of a page: the worker calls `draw` and gets a picture."""

import gc
import importlib
import time
from collections.abc import Mapping

from stage import controls
from stage.drawing import Picture, Stage

SMOOTH = 0.024  # seconds for two pictures; if they are this fast, the engine has optimized the code

_stages: dict[str, Stage] = {}
_looks: dict[str, tuple[float, float, str]] = {}
_prepared: set[str] = set()  # the demos whose picture is drawn, but not yet on the page
_fields: dict[str, Mapping[str, list[str]]] = {}  # of the picture that the page shows


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
        _stages[demo] = Stage(importlib.import_module(f"demos.{demo}").demo, *look)
        _looks[demo] = look
    _fields[demo] = fields
    whole |= demo in _prepared
    _prepared.discard(demo)
    return _stages[demo].draw(fields, whole, moved)


def prepare(demo: str, width: float) -> None:
    """Draw a demo for a page that will ask for it later, in the same look."""
    draw(demo, {}, width, 1, "light")
    _prepared.add(demo)


def rehearse(demo: str) -> bool:
    """Draw two invisible pictures of a demo; whether more of them are worthwhile.

    WebAssembly engines first run new code in slower tiers: with this, the reader's first drag is
    already smooth. The first picture has the lowest value of a slider, the second is the one that
    the page shows.
    """
    if demo not in _stages:
        return False
    stage, fields = _stages[demo], _fields[demo]
    for name, parameter in stage.parameters.items():
        if isinstance(parameter.control, controls.Slider):
            began = time.perf_counter()
            lowest = parameter.control.write(parameter.control.low)
            for each in ({**fields, name: lowest}, fields):
                stage.draw(each)
            return time.perf_counter() - began > SMOOTH
    return False


def forget(demo: str) -> None:
    """Discard the scene of a demo; the next call of `draw` sets it up again."""
    _stages.pop(demo, None)
    _looks.pop(demo, None)


def tidy() -> None:
    """Collect garbage; the worker calls this while the page is idle."""
    gc.collect()
