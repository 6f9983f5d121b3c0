"""What has happened by the time the reader arrives: everything imported, every demo drawn once.

`bundle/snapshot.mjs` calls `warm()` while the course is built and saves the memory that it leaves.
Nothing here runs in a browser, except `wake()`.
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
import numpy.random  # comes when it is first used, if no demo draws lots: too late for wake()

import demos
import stage.session  # noqa: F401  (what the worker calls)
from stage.drawing import Stage
from stage.matplotlib_private import close_fonts

_demos: list[ModuleType] = []


def draw(module: ModuleType) -> int:
    """Draw one demo at its defaults; return the number of bytes in the picture."""
    return Stage(module.demo, 360, 1, "light").draw({}).pixels.nbytes


def warm() -> int:
    """Import every demo, in alphabetical order, and draw each once; return how many there are."""
    matplotlib.use("agg")
    names = sorted(module.name for module in pkgutil.iter_modules(demos.__path__))
    _demos[:] = [importlib.import_module(f"demos.{name}") for name in names]
    return again()


def again() -> int:
    """Draw every demo once more; return how many there are."""
    for module in _demos:
        draw(module)
    clean()
    return len(_demos)


def clean() -> None:
    """Drop what a snapshot cannot carry (open files) or need not carry (caches, garbage)."""
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
    """After a restore: give each reader other random numbers. `seed` is 0 … 2**32 - 1."""
    random.seed(seed)
    np.random.seed(seed)


async def unpack(wheels: list[str], target: str, pause: Callable[[], Awaitable[None]]) -> None:
    """Extract archives into `target`, with a `pause` every few milliseconds, in which demos draw.

    A file that is there already stays: it is in use, or is the very same.
    """
    import zipfile

    began = time.monotonic()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                if info.is_dir() or os.path.exists(os.path.join(target, info.filename)):
                    continue
                archive.extract(info, target)
                if time.monotonic() - began > 0.008:
                    await pause()
                    began = time.monotonic()
        os.unlink(wheel)
    importlib.invalidate_caches()
