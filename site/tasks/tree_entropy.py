"""Lesson 18: the Gini impurity."""

from typing import Any

SHOWN = "bits"
SOLUTION = {"    found: float = entropy([p, 1 - p]).item()": "    found: float = 2 * p * (1 - p)"}


def check(code: Any) -> str:
    for p in (0.5, 0.25, 1.0):
        found, right = code.bits(p), 2 * p * (1 - p)
        if abs(found - right) > 1e-9:
            return f"For p = {p:g}, the Gini impurity is {right:g}, but bits returns {found:.4g}."
    return ""
