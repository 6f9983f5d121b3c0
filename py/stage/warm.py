"""Prepare the snapshot: import everything and draw every demo once.

`bundle/snapshot.mjs` calls `warm()` at build time and saves the memory afterwards; `prepare()` adds
the scene of a figure to that. In the browser, only `wake()` and `unpack()` run.
"""

import gc
import importlib
import linecache
import os
import pkgutil
import random
import sys
import time
from collections.abc import Awaitable, Callable
from types import ModuleType

import matplotlib
import matplotlib.text
import numpy as np
import numpy.random  # numpy imports it lazily, which would be too late for wake()

import demos
from stage import session
from stage.drawing import Stage
from stage.matplotlib_private import close_fonts

_demos: list[ModuleType] = []


def draw(module: ModuleType) -> int:
    """Draw one demo at its defaults; return the number of bytes in the picture."""
    return Stage(module.demo, 360, 1, "light").draw({}).pixels.nbytes


def warm() -> int:
    """Import every demo in alphabetical order and draw each once; return their number."""
    matplotlib.use("agg")
    names = sorted(module.name for module in pkgutil.iter_modules(demos.__path__))
    _demos[:] = [importlib.import_module(f"demos.{name}") for name in names]
    return again()


def again() -> int:
    """Draw every demo once more; return their number."""
    for module in _demos:
        draw(module)
    clean()
    return len(_demos)


def prepare(demo: str, width: float) -> None:
    """Build and draw the scene of a demo, `width` CSS pixels wide, for the page's first picture."""
    session.prepare(demo, width)
    clean()
    gc.collect()  # each full collection flips a bit of every object: twice leaves them as they were


def clean() -> None:
    """Drop what a snapshot cannot contain (open files) or need not contain (caches, garbage)."""
    for module in (*_demos, matplotlib.text):
        for value in list(vars(module).values()):
            if callable(clear := getattr(value, "cache_clear", None)):
                clear()
    close_fonts()
    linecache.clearcache()
    importlib.invalidate_caches()
    sys._clear_internal_caches()  # type: ignore[attr-defined, unused-ignore]
    gc.collect()


def wake(seed: int) -> None:
    """After a restore, seed the random numbers differently for each reader; 0 ≤ seed < 2**30."""
    random.seed(seed)
    np.random.seed(seed)


async def unpack(wheels: list[str], target: str, pause: Callable[[], Awaitable[None]]) -> None:
    """Extract archives into `target`, with a `pause` every few milliseconds so that demos can draw.

    Existing files are kept: they are in use, or identical.
    """
    import zipfile

    began = time.monotonic()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                if info.is_dir() or os.path.exists(os.path.join(target, info.filename)):
                    continue
                path = os.path.join(target, info.filename)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb", buffering=0) as file:
                    # At once: a file that grows leaves copies of its memory behind.
                    file.write(archive.read(info))
                if time.monotonic() - began > 0.008:
                    await pause()
                    began = time.monotonic()
        os.unlink(wheel)
    importlib.invalidate_caches()
