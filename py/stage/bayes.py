"""Bayes' theorem for a medical test: joint probabilities, posterior, and odds.

The figures of lesson 12 use it.
"""

import math
from typing import NamedTuple


class Joint(NamedTuple):
    """Joint probabilities of ill or healthy and positive or negative: shares of all people.

    Their sum is 1. Positive means: in every test taken.
    """

    ill_positive: float
    healthy_positive: float
    ill_negative: float
    healthy_negative: float


def joint_probabilities(
    prior: float, sensitivity: float, specificity: float, tests: int = 1
) -> Joint:
    """P(A and B) = P(B|A)·P(A) for A ill or healthy, B positive or not; all arguments in [0, 1].

    Tests are conditionally independent given A, so the probabilities of their results multiply.
    """
    ill = prior * sensitivity**tests
    healthy = (1 - prior) * (1 - specificity) ** tests
    return Joint(ill, healthy, prior - ill, 1 - prior - healthy)


def posterior(prior: float, sensitivity: float, specificity: float, tests: int = 1) -> float | None:
    """P(A|B) = P(B|A)·P(A) / P(B), with P(B) = P(B|A)·P(A) + P(B|not A)·P(not A).

    None if P(B) = 0: the posterior is then undefined. Bayes (1763), proposition 5.
    """
    ill, healthy, *_ = joint_probabilities(prior, sensitivity, specificity, tests)
    return ill / (ill + healthy) if ill + healthy else None


def odds(p: float) -> float:
    """The odds p / (1 − p); infinite for p = 1."""
    return p / (1 - p) if p < 1 else math.inf


def likelihood_ratio(sensitivity: float, specificity: float) -> float | None:
    """P(B|A) / P(B|not A), the factor of the odds for a positive test; None for 0 / 0."""
    if specificity < 1:
        return sensitivity / (1 - specificity)
    return math.inf if sensitivity else None


def odds_text(value: float) -> str:
    """Odds as text: `1 : 99`, `1 : 1`, `4.5 : 1`."""
    if value in (0, math.inf):
        return "1 : 0" if value else "0 : 1"

    def side(size: float) -> str:
        return f"{size:.4g}" if size < 999.95 else f"{size:,.0f}"

    return f"1 : {side(1 / value)}" if value < 1 else f"{side(value)} : 1"
