"""Lesson 4: a dot product in which one word counts more."""

from typing import Any

SHOWN = "dot"
SOLUTION = {
    "    return round(q[0] * d[0] + q[1] * d[1], 10) + 0.0": (
        "    return round(q[0] * d[0] + 3 * q[1] * d[1], 10) + 0.0"
    )
}


def check(code: Any) -> str:
    for q, d, score in (((1, 1), (1, 1), 4), ((2, 0), (3, 5), 6), ((0, 2), (3, 5), 30)):
        found = code.dot(q, d)
        if abs(found - score) > 1e-9:
            return f"For q = {q} and d = {d}, the score has to be {score}, not {found:g}."
    return ""
