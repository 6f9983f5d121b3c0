"""Lesson 19: another way to scale features."""

from typing import Any

import numpy as np

SHOWN = "standardized"
SOLUTION = {
    "    return np.asarray((points - points.mean(axis=0)) / points.std(axis=0))": (
        "    low, high = points.min(axis=0), points.max(axis=0)\n"
        "    return np.asarray((points - low) / (high - low))"
    )
}


def check(code: Any) -> str:
    found = np.asarray(code.standardized(np.array([(1.0, 300.0), (3.0, 100.0), (2.0, 250.0)])))
    for values in found.T:
        if abs(values.min()) > 1e-9 or abs(values.max() - 1) > 1e-9:
            low, high = values.min(), values.max()
            return f"Each feature has to reach from 0 to 1, not from {low:.3g} to {high:.3g}."
    right = np.array([(0, 1), (1, 0), (0.5, 0.75)])
    return (
        ""
        if np.allclose(found, right)
        else "The values between 0 and 1 have to keep their distances."
    )
