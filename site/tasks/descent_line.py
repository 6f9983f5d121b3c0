"""Lesson 8: a parabola with twice the curvature."""

from typing import Any

import numpy as np

SHOWN = "descend"
SOLUTION = {
    "    return 0.5 * np.asarray(x, dtype=np.float64) ** 2": (
        "    return np.asarray(x, dtype=np.float64) ** 2"
    ),
    "    return x * np.power(1 - eta, np.arange(steps + 1), dtype=np.float64)": (
        "    return x * np.power(1 - 2 * eta, np.arange(steps + 1), dtype=np.float64)"
    ),
}


def check(code: Any) -> str:
    if abs(float(code.f(3.0)) - 9) > 1e-9:
        return f"The function has to be x², so f(3) has to be 9, not {float(code.f(3.0)):g}."
    for eta in (0.25, 0.75):
        path = np.asarray(code.descend(1.0, eta, 2), dtype=float)
        x = 1 - 2 * eta  # from 1, where the slope of x² is 2
        if path.shape != (3,) or not np.allclose(path, (1, x, x * x)):
            return f"With η = {eta}, the first step from 1 has to lead to {x:g}."
    return ""
