"""Vectors and matrices for the demos, and the shapes that they transform."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
Vector = NDArray[np.float64]  # shape (2,)

SQUARE = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), dtype=float)
LETTER = np.array(  # an F, which differs from its mirror image
    (
        *((0.26, 0.14), (0.42, 0.14), (0.42, 0.45), (0.68, 0.45), (0.68, 0.59)),
        *((0.42, 0.59), (0.42, 0.72), (0.78, 0.72), (0.78, 0.86), (0.26, 0.86)),
    )
)
EDGE = 3  # the grid reaches from −3 to 3


def grid_lines(last: int, reach: float) -> Numbers:
    """Grid lines at −last, …, last, from −reach to reach: one line with gaps, shape (n, 2)."""
    gap = (math.nan, math.nan)
    up = [point for k in range(-last, last + 1) for point in ((k, -reach), (k, reach), gap)]
    return np.array(up + [(y, x) for x, y in up], dtype=float)


GRID = grid_lines(EDGE, EDGE)


def image(matrix: Numbers, points: ArrayLike) -> Numbers:
    """Ax = x₁a₁ + x₂a₂ for each x in `points`, shape (…, 2); a₁ and a₂ are the columns of A."""
    return np.asarray(points, dtype=float) @ matrix.T


def unit(degrees: float) -> Vector:
    """The unit vector at an angle from the x axis, shape (2,)."""
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def away(v: Vector, other: Vector) -> Vector:
    """The unit vector perpendicular to v that points away from `other`; 0 for v = 0. Shape (2,)."""
    side = np.array([-v[1], v[0]]) / (math.hypot(*v) or 1)
    return -side if side @ other > 0 else side
