"""Lesson 3: a matrix B for which the order does not matter."""

from typing import Any

import numpy as np

SHOWN = "products"
SOLUTION = {
    "STRETCH = np.array([[2.0, 0.0], [0.0, 1.0]])  # B: twice as wide": (
        "STRETCH = np.array([[2.0, 0.0], [0.0, 2.0]])  # B: twice as wide and twice as high"
    )
}


def check(code: Any) -> str:
    b = np.asarray(code.STRETCH, dtype=float)
    if np.allclose(b, np.eye(2)):
        return "With the identity as B, nothing changes at all. Find a B that changes the F."
    for degrees in (30, 90, 200):
        ab, ba = code.products(degrees)
        turn = np.radians(degrees)
        a = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        if not (np.allclose(ab, a @ b) and np.allclose(ba, b @ a)):
            return "A has to stay a rotation, and the products have to stay AB and BA."
        if not np.allclose(ab, ba):
            return f"At {degrees}°, AB and BA are still different."
    return ""
