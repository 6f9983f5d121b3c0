"""Lesson 9: another gear, and its derivative."""

from typing import Any

SHOWN = "inner"
SOLUTION = {
    "    return x / 2": "    return x / 4",
    "    first, second = 0.5, 2 * inner(x)": "    first, second = 0.25, 2 * inner(x)",
}


def check(code: Any) -> str:
    if abs(code.inner(2.0) - 0.5) > 1e-9:
        return f"g(x) has to be x/4, so g(2) has to be 0.5, not {code.inner(2.0):g}."
    h = 1e-5
    for x in (1.0, 3.0):
        inner, outer, both = code.rates(x)
        slope = (code.inner(x + h) - code.inner(x - h)) / (2 * h)
        if abs(inner - slope) > 1e-6:
            return f"The derivative du/dx is now {slope:g}, but rates returns {inner:g}."
        chain = (code.outer(code.inner(x + h)) - code.outer(code.inner(x - h))) / (2 * h)
        if abs(both - chain) > 1e-6 or abs(inner * outer - both) > 1e-9:
            return f"At x = {x:g}, dy/dx is {chain:.4g}, but rates returns {both:.4g}."
    return ""
