"""Lesson 15: a line that also pays for its slope."""

from typing import Any

import numpy as np

SHOWN = "least_squares"
SOLUTION = {
    "    b1 = float(off @ (y - y.mean()) / (off @ off))": (
        "    b1 = float(off @ (y - y.mean()) / (off @ off + 40))"
    ),
}


def check(code: Any) -> str:
    x, y = np.array((0.0, 2.0, 6.0, 8.0)), np.array((1.0, 3.0, 2.0, 6.0))
    off = x - x.mean()
    best = float(off @ y / (off @ off + 40))
    line = code.least_squares(x, y)
    if abs(line.b1 - best) > 1e-9:
        return f"For four points of mine, the slope has to be {best:.3f}, not {line.b1:.3f}."
    if abs(line.b0 - (y.mean() - best * x.mean())) > 1e-9:
        return "The slope is right. The line still has to run through the point of the means."
    return ""
