"""Drag the second point toward the first."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

X = 1.0  # the first point
EDGES = (-0.45, 2.45)  # of the picture


def f(x: ArrayLike) -> Numbers:
    """The parabola x²; its derivative is 2x."""
    at = np.asarray(x, dtype=np.float64)
    return at * at


def rise(h: float) -> float:
    """f(1 + h) − f(1) = 2h + h², rounded to 10 decimals: exact for steps of 0.05."""
    return round(float(f(X + h) - f(X)), 10) + 0.0


def slope(h: float) -> float | None:
    """The slope of the secant, the rise divided by the run h; None for h = 0."""
    return rise(h) / h if h else None


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: a parabola, its tangent, and the line through two of its points."""
    ax = fig.subplots()
    ax.set(xlim=EDGES, ylim=(-1.2, 4.9), xticks=[0, 1, 2], yticks=[0, 1, 2, 3, 4], xlabel="x")
    ax.spines[:].set_visible(False)
    grid = np.linspace(*EDGES, 101)
    ax.plot(grid, f(grid), color="data")
    ends = np.array(EDGES)
    ax.plot(ends, f(X) + 2 * X * (ends - X), "--", color="gradient", linewidth=1.6)
    legs = artists.line(ax, linestyle=":", color="ink", linewidth=1.6)
    secant = artists.line(ax, color="model", linewidth=2)
    ax.plot(X, f(X), "o", color="ink", markersize=7)
    second = artists.points(ax, color="model", markersize=8)

    def update(
        h: Annotated[
            float,
            Slider(
                -1,
                1,
                0.05,
                label="step h",
                drag=Drag(at=lambda h: (X + h, float(f(X + h))), to=lambda x, _y: x - X),
            ),
        ] = 1.0,
    ) -> str:
        h = 0.0 if abs(h) < 1e-9 else h
        m, y = slope(h), float(f(X + h))
        second.set_data([X + h], [y])
        legs.set_data([X, X + h, X + h], [f(X), f(X), y])
        secant.set_visible(m is not None)
        if m is not None:
            secant.set_data(ends, f(X) + m * (ends - X))
        return Caption(
            told(h),
            detail=(
                f"The parabola f(x) = x² with its tangent at x = 1, which has slope 2. The second "
                f"point is at x = {number(X + h, 4)}. The run is {number(h, 4)}, and the rise is "
                f"{number(rise(h), 4)}."
            ),
            numbers={
                "h": number(h, 4),
                "rise": number(rise(h), 4),
                "slope": "?" if m is None else number(m, 4),
            },
        )

    return update


def told(h: float) -> str:
    """The caption: the slope of the secant, or why there is none."""
    m = slope(h)
    if m is None:
        return "With h = 0, the two points coincide, and there is no secant."
    return f"With h = {number(h, 4)}, the secant has slope {number(m, 4)}."
