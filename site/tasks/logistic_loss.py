"""Lesson 16: the losses of a student who passes."""

import math
from typing import Any

SHOWN = "losses"
SOLUTION = {"    return -math.log1p(-p), p * p": "    return -math.log(p), (1 - p) ** 2"}


def check(code: Any) -> str:
    for x in (1.0, 5.0):
        p = 1 / (1 + math.exp(-(code.W * x + code.B)))
        log, square = code.losses(x)
        if abs(log + math.log(p)) > 1e-9:
            return f"After {x:g} hours, P = {p:.3f}, so −ln P is {-math.log(p):.3f}, not {log:.3f}."
        if abs(square - (1 - p) ** 2) > 1e-9:
            return f"After {x:g} hours, the squared error is {(1 - p) ** 2:.3f}, not {square:.3f}."
    return ""
