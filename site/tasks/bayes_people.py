"""Lesson 12: a test that finds everyone who is ill."""

from typing import Any

SHOWN = "counts"
SOLUTION = {
    "    missed, alarmed = ill * wrong, (100 - ill) * wrong": (
        "    missed, alarmed = 0, (100 - ill) * wrong"
    )
}


def check(code: Any) -> str:
    for ill, wrong in ((2, 5), (10, 1)):
        missed, found, alarmed, cleared = code.counts(ill, wrong)
        if missed:
            return f"With {ill} in 100 ill, the test still misses {missed} of 10,000 people."
        if (found, alarmed) != (100 * ill, (100 - ill) * wrong):
            return (
                "All who are ill have to be found, and the false alarms have to stay as they are."
            )
        if missed + found + alarmed + cleared != 10_000:
            return "The four groups have to add up to 10,000 people."
    return ""
