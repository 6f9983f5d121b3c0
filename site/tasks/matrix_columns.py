"""Lesson 2: a matrix that only turns and scales."""

from typing import Any

import numpy as np

SHOWN = "matrix"
SOLUTION = {
    "    return np.column_stack([first, SECOND])": (
        "    return np.column_stack([first, (-first[1], first[0])])"
    )
}


def check(code: Any) -> str:
    for first in ((1.0, 0.0), (0.0, 2.0), (3.0, -1.0)):
        found = np.asarray(code.matrix(first), dtype=float)
        if found.shape != (2, 2) or not np.allclose(found[:, 0], first):
            return f"The first column has to stay {first}."
        turned = (-first[1] + 0.0, first[0])
        if not np.allclose(found[:, 1], turned):
            second = ", ".join(f"{entry:g}" for entry in found[:, 1])
            return f"With the first column {first}, the second has to be {turned}, not ({second})."
    return ""
