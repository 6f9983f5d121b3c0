"""Points around a curve, polynomials of every degree fitted to them, and folds, for lesson 14."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from stage.linear_algebra import Numbers
from stage.text import power

Flags = NDArray[np.bool_]

DEGREE = 8  # the highest
MOST = 60  # points
ROUNDING = 1e-20  # a squared error below it is a rounding error of 0


def wave(x: Any) -> Any:
    """The curve that the points scatter around, for x from 0 to 1."""
    return np.sin(2 * math.pi * x)


def scattered(rng: np.random.Generator, n: int, noise: float) -> tuple[Numbers, Numbers]:
    """n places x from 0 to 1, and normal noise with that standard deviation, each shape (n,).

    A larger n adds points and changes none.
    """
    return rng.random(MOST)[:n], noise * rng.standard_normal(MOST)[:n]


def powers(x: Numbers) -> Numbers:
    """Polynomials of degree 0 to 8 at x, shape (n, 9): Legendre's, with the span of 1, x, x² …."""
    return np.asarray(legendre.legvander(2 * np.asarray(x) - 1, DEGREE))


def folds(n: int, k: int, seed: int, split: int) -> NDArray[np.intp]:
    """The fold, 0 to k − 1, of each point, shape (n,): shuffled, then cut into k parts.

    The parts differ by one point at most, and the larger ones come first.
    """
    labels = np.empty(n, dtype=np.intp)
    labels[shuffled(n, seed, split)] = in_turn(n, k)
    return labels


@lru_cache(maxsize=1000)
def shuffled(n: int, seed: int, split: int) -> NDArray[np.intp]:
    """The n points in the order of that split."""
    return np.random.default_rng([seed, split]).permutation(n)


@lru_cache
def in_turn(n: int, k: int) -> NDArray[np.intp]:
    """The folds 0, 0, …, 1, 1, … of n points before they are shuffled."""
    return np.repeat(np.arange(k), [n // k + (fold < n % k) for fold in range(k)])


def nested_fits(columns: Numbers, y: Numbers, used: Flags, at: Numbers | None = None) -> Numbers:
    """Least squares with the first column, the first two, and so on: what each predicts.

    Fitted to the points `used`, shape (…, n); predictions at the rows of `at`, or at all rows of
    `columns`, shape (…, n, 9).

    By the modified Gram–Schmidt process: each column is made orthogonal to those before it (over
    the points used); its share of y is then added to the prediction and does not depend on later
    columns. The rows that are not used go through the same steps, so that they hold the prediction.
    All fits are made at once, and by sums and products alone, so that no library decides on signs.
    Björck, "Numerical methods for least squares problems" (1996), section 2.4.
    """
    size, rows = len(y), columns
    if at is not None:
        rows = np.concatenate([columns, np.broadcast_to(at, (*columns.shape[:-2], *at.shape))], -2)
    shape = np.broadcast_shapes(rows.shape[:-2], used.shape[:-1])
    weight = np.zeros((*shape, rows.shape[-2]))
    weight[..., :size] = used
    left = weight * np.append(y, np.zeros(rows.shape[-2] - size))  # of y, where it is fitted
    # a column after the other, shape (9, …, n)
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

    `labels` are the folds of each split, shape (splits, n). `columns` are those of each fit, shape
    (splits, k, n, 9), or the same for all, shape (n, 9). Every point is in one validation fold.
    """
    hidden = labels[:, None, :] == np.arange(k)[:, None]  # shape (splits, k, n)
    squares = (y[:, None] - nested_fits(columns, y, ~hidden)) ** 2
    seen, missed = (
        np.einsum("skid,ski->sd", squares, part.astype(float)) for part in (~hidden, hidden)
    )
    return seen / ((k - 1) * len(y)), missed / len(y)


def size(value: float) -> str:
    """A squared error in three digits, or a bound; 0 for a curve through all its points."""
    if value < ROUNDING:
        return "0"
    return power(value) if value < 999.5 else "about 1,000" if value < 1000 else "over 1,000"
