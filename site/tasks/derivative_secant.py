"""Lesson 6: the central difference."""

from typing import Any

SHOWN = "slope"
SOLUTION = {
    "    return rise(h) / h if h else None": (
        "    return float(f(X + h) - f(X - h)) / (2 * h) if h else None"
    )
}


def check(code: Any) -> str:
    for h in (0.5, 1.5, -0.25):
        found = code.slope(h)
        if found is None or abs(found - 2) > 1e-9:
            return f"With h = {h}, the slope between 1 − h and 1 + h is 2, not {found}."
    return ""
