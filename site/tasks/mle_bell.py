"""Lesson 13: the log-density whose best center is the median."""

import math
from typing import Any

import numpy as np

SHOWN = "log_density"
SOLUTION = {
    "    return -0.5 * (np.asarray(x, dtype=float) - mu) ** 2 - math.log(math.sqrt(2 * math.pi))": (
        "    return -np.abs(np.asarray(x, dtype=float) - mu) - math.log(2)"
    )
}


def check(code: Any) -> str:
    for x, mu in ((3.0, 0.0), (-1.0, 1.5)):
        found, right = float(code.log_density(x, mu)), -abs(x - mu) - math.log(2)
        if abs(found - right) > 1e-9:
            return f"For x = {x:g} and μ = {mu:g}, ln f(x) has to be {right:.4f}, not {found:.4f}."
    grid = np.linspace(-30, 30, 60_001)
    area = float(np.exp(code.log_density(grid, 0.0)).sum() * (grid[1] - grid[0]))
    return "" if abs(area - 1) < 1e-3 else f"The area under f has to be 1, not {area:.3f}."
