"""Lesson 7: a round hill, and its partial derivatives."""

from typing import Any

SHOWN = "slopes"
SOLUTION = {
    "    height: Numbers = 3 - np.square(x1) / 8 - np.square(x2) / 2": (
        "    height: Numbers = 3 - np.square(x1) / 8 - np.square(x2) / 8"
    ),
    "    return 0 - x1 / 4, 0 - x2": "    return 0 - x1 / 4, 0 - x2 / 4",
}


def check(code: Any) -> str:
    for x in (1.0, -2.0):
        across, back = float(code.f(x, 0.0)), float(code.f(0.0, x))
        if abs(across - (3 - x * x / 8)) > 1e-9:
            return "Along x₁, the hill has to stay as it is: f(x₁, 0) = 3 − x₁²/8."
        if abs(across - back) > 1e-9:
            return f"The hill is not round: f({x:g}, 0) = {across:g}, but f(0, {x:g}) = {back:g}."
    h = 1e-5
    for x1, x2 in ((1.0, 0.5), (-1.0, 1.0)):
        slope = float(code.f(x1, x2 + h) - code.f(x1, x2 - h)) / (2 * h)
        first, second = code.slopes(x1, x2)
        if abs(first + x1 / 4) > 1e-9 or abs(second - slope) > 1e-6:
            return f"At ({x1:g}, {x2:g}), ∂f/∂x₂ is {slope:.4g}, but slopes returns {second:.4g}."
    return ""
