"""Fail in the chosen way, but only for a reader: the build draws every option.

Its Python in Node, as in the browser, is for Emscripten, but its clock stands still in 2000.
"""

import sys
import time
from typing import Annotated

import numpy as np

from stage import Choice, Figure, Slider, Update


def demo(fig: Figure) -> Update:
    axes = fig.subplots()
    (line,) = axes.plot([0, 1], [0, 1])

    def update(
        way: Annotated[str, Choice("none", "error", "endless", "memory", label="way")] = "none",
        x: Annotated[float, Slider(0, 1, 0.01, label="x")] = 1.0,
    ) -> str:
        if sys.platform != "emscripten" or time.gmtime().tm_year == 2000:
            way = "none"
        if way == "error":
            raise ValueError("a wrong turn")
        while way == "endless":
            pass
        if way == "memory":
            np.ones(1 << 40)
        line.set_ydata([0, x])
        return f"Nothing is wrong at {x:g}."

    return update
