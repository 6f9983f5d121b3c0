"""Logistic regression: shared by the figures of lesson 16."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stage.linear_algebra import Numbers
from stage.text import number, rounded


def sigmoid(z: ArrayLike) -> Numbers:
    """σ(z) = 1/(1 + e^(−z)), between 0 and 1; the shape of z. Never overflows."""
    return np.asarray(np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float))))


def margin(z: ArrayLike, y: ArrayLike) -> Numbers:
    """The log-odds of the true class: z where y = 1, −z where y = 0."""
    return np.asarray((2 * np.asarray(y, dtype=float) - 1) * z)


def log_loss(z: ArrayLike, y: ArrayLike) -> Numbers:
    """−ln of the probability that log-odds z give to the true class y, 0 or 1; the shape of z."""
    return np.asarray(np.logaddexp(0, -margin(z, y)))


def squared_error(z: ArrayLike, y: ArrayLike) -> Numbers:
    """(y − σ(z))², below 1; the shape of z."""
    return sigmoid(-margin(z, y)) ** 2


def separable(x: Numbers, y: Numbers) -> bool:
    """Whether one threshold separates the two classes; x and y of shape (n,).

    Points of both classes may lie on the threshold, unless all points do.
    """
    zeros, ones = x[y == 0], x[y == 1]
    if not len(zeros) or not len(ones) or np.ptp(x) == 0:
        return False
    return bool(zeros.max() <= ones.min() or ones.max() <= zeros.min())


class Fit(NamedTuple):
    """The weights w of the features, and the bias b."""

    w: tuple[float, ...]
    b: float


@lru_cache(maxsize=64)
def fit(x: tuple[tuple[float, ...], ...], y: tuple[float, ...], penalty: float) -> Fit:
    """Minimize Σ log loss + λ‖w‖²/2 by Newton's method; λ is `penalty`. Rows of x are points.

    The minimum is unique if both classes occur and λ > 0, or if λ = 0 and the classes are not
    separable. A step that does not decrease the objective is halved until it does (Boyd and
    Vandenberghe, "Convex Optimization", algorithm 9.5). ValueError if a class is missing.
    """
    if set(y) != {0, 1}:
        raise ValueError("a fit needs points of both classes")
    rows, labels = np.array(x, dtype=float), np.array(y)
    middle = rows.mean(axis=0)
    design = np.column_stack([rows - middle, np.ones(len(rows))])
    weight = np.append(np.full(rows.shape[1], penalty), 0.0)

    def objective(theta: Numbers) -> float:
        return float(log_loss(design @ theta, labels).sum() + weight @ theta**2 / 2)

    theta = np.zeros(design.shape[1])
    for _ in range(200):
        p = sigmoid(design @ theta)
        gradient = design.T @ (p - labels) + weight * theta
        if abs(gradient).max() < 1e-11:
            break
        hessian = (design.T * (p * (1 - p))) @ design + np.diag(weight)
        step = np.linalg.solve(hessian, gradient)
        before = objective(theta)
        while objective(theta - step) > before and abs(step).max() > 1e-14:
            step /= 2
        theta = theta - step
    # a weight that is 0 by symmetry becomes exactly 0, without a sign
    weights = theta[:-1].round(10) + 0.0
    return Fit(tuple(weights.tolist()), rounded(float(theta[-1] - weights @ middle), 10))


# Formatting of probabilities, odds and losses


def chance_text(p: float) -> str:
    """A probability with three decimals, or a bound: never 0 or 1."""
    if p < 0.0005:
        return "below 0.001"
    return "above 0.999" if p >= 0.9995 else number(p, 3)


def odds_text(odds: float) -> str:
    """Odds as one number with about three digits; bounds for very large or tiny ones."""
    if odds < 0.0005:
        return "below 0.001"
    if odds >= 9999.5:
        return "above 9,999"
    return f"{odds:,.0f}" if odds >= 100 else number(odds, 3 if odds < 1 else 2)


def loss_text(loss: float) -> str:
    """The loss of a model on points; a positive loss is never written as 0."""
    if 1e-9 < loss < 0.0005:
        return "below 0.001"
    return number(loss, 3 if loss < 1 else 2)
