"""Noisy points, polynomial fits of every degree, and folds: shared by the figures of lesson 14."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from stage.linear_algebra import Numbers
from stage.text import power

Flags = NDArray[np.bool_]

DEGREE = 8  # the highest degree
MOST = 60  # points
ROUNDING = 1e-20  # smaller squared errors count as 0


def wave(x: Any) -> Any:
    """The true curve sin(2πx), for x from 0 to 1."""
    return np.sin(2 * math.pi * x)


def scattered(rng: np.random.Generator, n: int, noise: float) -> tuple[Numbers, Numbers]:
    """n values x from 0 to 1, and normal noise with standard deviation `noise`, each shape (n,).

    A larger n adds points without changing the others.
    """
    return rng.random(MOST)[:n], noise * rng.standard_normal(MOST)[:n]


def powers(x: Numbers) -> Numbers:
    """Legendre polynomials of degree 0 to 8 at x, shape (n, 9), with the span of 1, x, x², …."""
    return np.asarray(legendre.legvander(2 * np.asarray(x) - 1, DEGREE))


def folds(n: int, k: int, seed: int, split: int) -> NDArray[np.intp]:
    """The fold, 0 to k − 1, of each point, shape (n,): shuffled, then divided into k parts.

    The sizes differ by at most one point, and the larger folds come first.
    """
    labels = np.empty(n, dtype=np.intp)
    labels[shuffled(n, seed, split)] = in_turn(n, k)
    return labels


@lru_cache(maxsize=1000)
def shuffled(n: int, seed: int, split: int) -> NDArray[np.intp]:
    """The indices of the n points in the random order of a split."""
    return np.random.default_rng([seed, split]).permutation(n)


@lru_cache
def in_turn(n: int, k: int) -> NDArray[np.intp]:
    """The folds 0, 0, …, 1, 1, … of n points in shuffled order."""
    return np.repeat(np.arange(k), [n // k + (fold < n % k) for fold in range(k)])


def nested_fits(columns: Numbers, y: Numbers, used: Flags, at: Numbers | None = None) -> Numbers:
    """The predictions of least-squares fits with the first column, the first two, and so on.

    Fitted to the points `used`, shape (…, n); predictions at the rows of `at`, or at all rows of
    `columns`, shape (…, n, 9).

    Uses the modified Gram–Schmidt process: each column is orthogonalized against the previous ones
    (over the points used), and its component of y is added to the prediction, independently of
    later columns. Unused rows go through the same steps, so they hold predictions. All fits are
    computed at once with sums and products only, so the result does not depend on a LAPACK library.
    Björck, "Numerical methods for least squares problems" (1996), section 2.4.
    """
    size, rows = len(y), columns
    if at is not None:
        rows = np.concatenate([columns, np.broadcast_to(at, (*columns.shape[:-2], *at.shape))], -2)
    shape = np.broadcast_shapes(rows.shape[:-2], used.shape[:-1])
    weight = np.zeros((*shape, rows.shape[-2]))
    weight[..., :size] = used
    left = weight * np.append(y, np.zeros(rows.shape[-2] - size))  # the residual of the used points
    # columns first, shape (9, …, n)
    basis = np.moveaxis(np.broadcast_to(rows, (*shape, *rows.shape[-2:])), -1, 0).copy()
    found = np.empty_like(basis)
    for j, column in enumerate(basis):
        seen = column * weight
        seen /= np.einsum("...i,...i", seen, column)[..., None]
        part = np.einsum("...i,...i", seen, left)[..., None]
        left -= part * weight * column
        found[j] = part * column
        if j:
            found[j] += found[j - 1]
        later = basis[j + 1 :]
        later -= np.einsum("...i,k...i->k...", seen, later)[..., None] * column
    return np.moveaxis(found if at is None else found[..., size:], 0, -1)


def fold_errors(
    columns: Numbers, y: Numbers, labels: NDArray[np.intp], k: int
) -> tuple[Numbers, Numbers]:
    """Mean squared errors on the training points and on the validation points, shape (splits, 9).

    `labels` are the folds of each split, shape (splits, n). `columns` are the columns of each fit,
    shape (splits, k, n, 9), or of all fits, shape (n, 9). Each point is in one validation fold.
    """
    hidden = labels[:, None, :] == np.arange(k)[:, None]  # shape (splits, k, n)
    squares = (y[:, None] - nested_fits(columns, y, ~hidden)) ** 2
    seen, missed = (
        np.einsum("skid,ski->sd", squares, part.astype(float)) for part in (~hidden, hidden)
    )
    return seen / ((k - 1) * len(y)), missed / len(y)


def size(value: float) -> str:
    """A squared error with three digits, or a bound; 0 for a curve through all its points."""
    if value < ROUNDING:
        return "0"
    return power(value) if value < 999.5 else "about 1,000" if value < 1000 else "over 1,000"
