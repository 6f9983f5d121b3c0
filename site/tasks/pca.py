"""Lesson 5: the covariance matrix of standardized data."""

from typing import Any

import numpy as np

SHOWN = "covariance"
SOLUTION = {
    "    centered: Numbers = rows - rows.mean(axis=0)": (
        "    centered: Numbers = (rows - rows.mean(axis=0)) / rows.std(axis=0, ddof=1)"
    )
}
POINTS = np.array([(1.0, 20.0), (2.0, 10.0), (4.0, 60.0), (5.0, 30.0)])


def check(code: Any) -> str:
    found = np.asarray(code.covariance(POINTS), dtype=float)
    for i in range(2):
        if abs(found[i, i] - 1) > 1e-9:
            return f"Each feature has to have the variance 1, but one has {found[i, i]:.4g}."
    if not np.allclose(found, np.corrcoef(POINTS.T)):
        return "The variances are 1, but the covariance is not that of the standardized features."
    return ""
