"""Lesson 14: what the errors become if the model has seen the points."""

from typing import Any

import numpy as np

SHOWN = "rounds"
SOLUTION = {
    "    predicted = nested_fits(columns, y, ~away)[..., DEGREE]": (
        "    predicted = nested_fits(columns, y, np.ones_like(away))[..., DEGREE]"
    )
}


def check(code: Any) -> str:
    away, predicted, _ = code.rounds()
    if not np.array_equal(away.sum(axis=0), np.ones(code.COUNT)):
        return "Each point still has to be in one validation fold."
    if np.ptp(np.asarray(predicted), axis=0).max() > 1e-9:
        return "The rounds still differ, so some points were not used for fitting."
    x, y = code.data()
    fit = np.polynomial.Polynomial.fit(x, y, code.DEGREE)(x)
    if not np.allclose(predicted[0], fit):
        return f"The predictions have to be those of the degree {code.DEGREE} fitted to all points."
    return ""
