"""Lesson 1: the length of a walk along the streets."""

from typing import Any

SHOWN = "magnitude"
SOLUTION = {"    return math.hypot(*a)": "    return abs(a[0]) + abs(a[1])"}


def check(code: Any) -> str:
    for a, blocks in (((3.0, 4.0), 7), ((-1.5, 2.0), 3.5), ((0.0, -2.0), 2)):
        found = code.magnitude(a)
        if abs(found - blocks) > 1e-9:
            return f"From (0, 0) to {a} it is {blocks} blocks, but magnitude returns {found:.4g}."
    return ""
