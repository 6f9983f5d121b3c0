"""Lesson 11: a sample from another distribution with the same mean and standard deviation."""

import math
from typing import Any

import numpy as np

SHOWN = "sample"
SOLUTION = {
    "    return np.random.default_rng([seed, 12]).standard_normal(n)": (
        "    return np.random.default_rng([seed, 12]).uniform(-math.sqrt(3), math.sqrt(3), n)"
    )
}


def check(code: Any) -> str:
    values = np.asarray(code.sample(2000, 5), dtype=float)
    mean, sd, most = values.mean(), values.std(), float(abs(values).max())
    if abs(mean) > 0.1:
        return f"The mean has to be about 0, but this sample has {mean:.2f}."
    if abs(sd - 1) > 0.1:
        return f"The standard deviation has to be about 1, but this sample has {sd:.2f}."
    if most > math.sqrt(3) + 1e-9:
        return f"All values have to lie between −√3 and √3, but one is {most:.2f} away from 0."
    return ""
