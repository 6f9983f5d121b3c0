"""Fail in the chosen way, but only in a browser, because the build draws every option."""

import sys
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
        if sys.platform != "emscripten":
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
