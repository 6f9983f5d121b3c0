"""Bayes' theorem: what lesson 12's figures share."""

import math
from typing import NamedTuple


class Shares(NamedTuple):
    """The four kinds of people, as shares of all; together 1. Positive: in every test taken."""

    ill_positive: float
    healthy_positive: float
    ill_negative: float
    healthy_negative: float


def shares(prior: float, sensitivity: float, specificity: float, tests: int = 1) -> Shares:
    """P(A and B) = P(B|A)·P(A) for A ill or healthy and B positive or not; all arguments in [0, 1].

    Tests are independent given A: the probabilities of their results multiply.
    """
    ill = prior * sensitivity**tests
    healthy = (1 - prior) * (1 - specificity) ** tests
    return Shares(ill, healthy, prior - ill, 1 - prior - healthy)


def posterior(prior: float, sensitivity: float, specificity: float, tests: int = 1) -> float | None:
    """P(A|B) = P(B|A)·P(A) / P(B), with P(B) = P(B|A)·P(A) + P(B|not A)·P(not A).

    None where P(B) = 0: nothing can be concluded from a result that never happens.
    Bayes (1763), proposition 5.
    """
    ill, healthy, *_ = shares(prior, sensitivity, specificity, tests)
    return ill / (ill + healthy) if ill + healthy else None


def odds(p: float) -> float:
    """p : (1 − p) as one number; infinite for p = 1."""
    return p / (1 - p) if p < 1 else math.inf


def likelihood_ratio(sensitivity: float, specificity: float) -> float | None:
    """P(B|A) / P(B|not A), by which a positive test multiplies the odds; None for 0 / 0."""
    if specificity < 1:
        return sensitivity / (1 - specificity)
    return math.inf if sensitivity else None


def odds_text(value: float) -> str:
    """`1 : 99`, `1 : 1`, `4.5 : 1`."""
    if value in (0, math.inf):
        return "1 : 0" if value else "0 : 1"

    def side(size: float) -> str:
        return f"{size:.4g}" if size < 999.95 else f"{size:,.0f}"

    return f"1 : {side(1 / value)}" if value < 1 else f"{side(value)} : 1"
