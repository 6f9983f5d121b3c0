"""Lesson 17: hidden units with ReLU."""

from typing import Any

import numpy as np

SHOWN = "hidden"
SOLUTION = {"    h: Numbers = np.tanh(x @ W.T + B)": "    h: Numbers = np.maximum(x @ W.T + B, 0)"}


def check(code: Any) -> str:
    x = np.array([(0.5, -1.0), (-2.0, 1.5), (1.0, 1.0)])
    found, right = np.asarray(code.hidden(x)), np.maximum(x @ code.W.T + code.B, 0)
    if found.shape != right.shape:
        return f"For {len(x)} inputs, hidden has to return the shape {right.shape}."
    if (found < 0).any():
        return "ReLU returns 0 for every negative number, but here an output is below 0."
    if not np.allclose(found, right):
        return "For positive numbers, ReLU returns the number itself, and here an output differs."
    return ""
