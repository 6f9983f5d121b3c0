"""Optimizers, and losses of two weights to run them on. The figures of lesson 10 use it.

A method updates each weight independently: g is the derivative of the loss with respect to one
weight, or an array of them; m and v are its state, 0 at the start; t is the step, counted from 1.
It returns the update, which is multiplied by −η, and the new m and v.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from stage.linear_algebra import Numbers
from stage.text import number, power

Pair = tuple[float, float]
Rule = Callable[[Any, Any, Any, int], tuple[Any, Any, Any]]

BETA = 0.9  # momentum: the decay rate of m
RHO = 0.9  # RMSProp: the decay rate of v
BETA_1, BETA_2 = 0.9, 0.999  # Adam: the decay rates of m and v
EPSILON = 1e-8  # avoids division by 0


def gradient_descent(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """Gradient descent: x ← x − ηg."""
    return g, m, v


def momentum(g: Any, m: Any, v: Any, t: int, beta: float = BETA) -> tuple[Any, Any, Any]:
    """m ← βm + g, x ← x − ηm. Polyak (1964), in the form used by libraries such as PyTorch."""
    m = beta * m + g
    return m, m, v


def rmsprop(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """v ← ρv + (1 − ρ)g², x ← x − ηg/(√v + ε). Tieleman and Hinton (2012), lecture 6.5."""
    v = RHO * v + (1 - RHO) * g * g
    return g / (v**0.5 + EPSILON), m, v


def adam(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x − ηm̂/(√v̂ + ε).

    With m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ), the bias correction. Kingma and Ba (2015),
    algorithm 1.
    """
    m = BETA_1 * m + (1 - BETA_1) * g
    v = BETA_2 * v + (1 - BETA_2) * g * g
    return m / (1 - BETA_1**t) / ((v / (1 - BETA_2**t)) ** 0.5 + EPSILON), m, v


def adam_uncorrected(g: Any, m: Any, v: Any, t: int) -> tuple[Any, Any, Any]:
    """`adam` with m̂ = m and v̂ = v: both averages are biased toward 0, v far more than m."""
    m = BETA_1 * m + (1 - BETA_1) * g
    v = BETA_2 * v + (1 - BETA_2) * g * g
    return m / (v**0.5 + EPSILON), m, v


METHODS = {  # with the color of each in all figures
    "gradient descent": "ink",
    "momentum": "data",
    "RMSProp": "truth",
    "Adam": "model",
}
MARKERS = ("o", "s", "^", "D")


def rules(correction: bool = True, beta: float = BETA) -> list[Rule]:
    """The methods, in the order of METHODS."""
    keeping: Rule = partial(momentum, beta=beta)
    return [gradient_descent, keeping, rmsprop, adam if correction else adam_uncorrected]


class Landscape(NamedTuple):
    """A function with the minimum value 0, its gradient, and a starting point."""

    formula: str
    height: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    start: Pair
    lowest: tuple[Pair, ...] = ((0, 0),)
    noise: float = 0.0  # standard deviation of the noise in each component of the gradient


def valley(kappa: float, theta: float = 0.0, noise: float = 0.0) -> Landscape:
    """½(u² + κw²), where u is along the valley, at θ degrees from the x axis, and w across it.

    The start is rotated with the valley. For κ ≥ 1, the condition number is κ.
    """
    c, s = math.cos(math.radians(theta)), math.sin(math.radians(theta))

    def height(x: Any, y: Any) -> Any:
        u, w = c * x + s * y, c * y - s * x
        return (u * u + kappa * w * w) / 2

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        u, w = c * x + s * y, c * y - s * x
        return c * u - s * kappa * w, s * u + c * kappa * w

    along, across = -2.5, 1.0
    factor = "" if kappa == 1 else number(kappa)
    turned = f", turned by {number(theta, 1)}°" if theta else ""
    return Landscape(
        f"½(x² + {factor}y²){turned}",
        height,
        gradient,
        (c * along - s * across, s * along + c * across),
        noise=noise,
    )


SADDLE = Landscape(
    "½x² − ½y² + ⅛y⁴ + ½",
    lambda x, y: (x * x - y * y) / 2 + y * y * y * y / 8 + 0.5,
    lambda x, y: (x, y * y * y / 2 - y),
    (2.5, 0.01),
    ((0, math.sqrt(2)), (0, -math.sqrt(2))),
)

FAR = 1000.0  # a path with |x| + |y| beyond this is stopped before its numbers overflow
TAIL = 10  # the final loss is the mean over so many last steps

# A path can be chaotic: then the last bits of its start decide where it goes, and its digits are
# rounding errors. So each path is computed again from slightly different starts, and losses that
# differ by more than TOLERANCE are not shown.
NUDGES = ((1.0, 1.0), (1 + 2.0**-48, 1 - 2.0**-48), (1 - 3 * 2.0**-48, 1 + 2.0**-47))
TOLERANCE = 1e-5  # relative to the loss, or to 1 if that is larger: a tenth of the last digit shown


def disagree(losses: Numbers) -> Any:
    """Whether runs from nudged starts disagree; the first axis of `losses` is the run."""
    return np.ptp(losses, axis=0) > TOLERANCE * np.maximum(losses[0], 1)


class Run(NamedTuple):
    """One method at one learning rate."""

    points: Numbers  # shape (steps + 1, 2); constant after step `stopped_at`
    losses: Numbers  # shape (steps + 1,)
    stopped_at: int  # the step at which the path was stopped (FAR); steps + 1: never
    unreliable_from: int  # the first step dominated by rounding errors; steps + 1: never


def run(
    rule: Rule, landscape: Landscape, eta: float, noise: Sequence[Sequence[float]], start: Pair
) -> Run:
    """A path from `start`, with a step for each pair of `noise`, which is added to the gradient."""
    x, y = start
    tries = [
        _walk(rule, landscape, eta, noise, (x * nudge_x, y * nudge_y))
        for nudge_x, nudge_y in NUDGES
    ]
    points = np.array([way for way, _ in tries])
    losses = landscape.height(*np.moveaxis(points, -1, 0))
    found = np.flatnonzero(disagree(losses))
    unreliable_from = int(found[0]) if len(found) else len(noise) + 1
    return Run(points[0], losses[0], tries[0][1], unreliable_from)


def _walk(
    rule: Rule, landscape: Landscape, eta: float, noise: Sequence[Sequence[float]], start: Pair
) -> tuple[list[Pair], int]:
    """The path of one method, and the step at which it was stopped."""
    (x, y), mx, my, vx, vy = start, 0.0, 0.0, 0.0, 0.0
    last = len(noise)
    points, stopped_at = [(x, y)], last + 1
    for t, (more_x, more_y) in enumerate(noise, 1):
        if stopped_at > last and abs(x) + abs(y) > FAR:
            stopped_at = t - 1
        if stopped_at > last:
            gx, gy = landscape.gradient(x, y)
            dx, mx, vx = rule(gx + more_x, mx, vx, t)
            dy, my, vy = rule(gy + more_y, my, vy, t)
            x, y = x - eta * dx, y - eta * dy
        points.append((x, y))
    if stopped_at > last and abs(x) + abs(y) > FAR:
        stopped_at = last
    return points, stopped_at


def final_losses(landscape: Landscape, rates: Numbers, steps: int) -> Numbers:
    """The mean loss over the last TAIL steps for each method and rate, shape (4, len(rates)).

    Without noise. NaN if rounding errors dominate.
    """
    every = np.tile(rates, len(NUDGES))
    ends = []
    for rule in rules():
        at = np.repeat((np.array(landscape.start) * np.array(NUDGES)).T, len(rates), axis=1)
        m, v = np.zeros_like(at), np.zeros_like(at)
        tail, wild = np.zeros(len(every)), np.zeros(len(rates), dtype=bool)
        for t in range(1, steps + 1):
            g = np.array(landscape.gradient(*at))
            going = abs(at).sum(axis=0) <= FAR
            # On a stopped path the derivative is set to 1, so that nothing can overflow.
            change, m, v = rule(np.where(going, g, 1), np.where(going, m, 0), v, t)
            v = np.where(going, v, 0)
            at = np.where(going, at - every * change, at)
            if t > steps - TAIL or t % TAIL == 0:  # once runs disagree, they are marked for good
                losses = landscape.height(*at)
                wild |= disagree(losses.reshape(len(NUDGES), -1))
                if t > steps - TAIL:
                    tail += losses / TAIL
        ends.append(np.where(wild, math.nan, tail[: len(rates)]))
    return np.array(ends)


# the learning rates that are compared, from 0.001 to 1
RATES: Numbers = np.power(10.0, -3 + 0.05 * np.arange(61), dtype=np.float64)


def nearest_rate(eta: float) -> int:
    """The index of the nearest of RATES on a logarithmic scale."""
    return min(max(round((math.log10(eta) + 3) / 0.05), 0), len(RATES) - 1)


def best(losses: Numbers) -> tuple[int, int]:
    """The indices of the method and of the rate with the lowest of the `final_losses`."""
    method, rate = divmod(int(np.nanargmin(losses)), losses.shape[1])
    return method, rate


def loss_text(loss: float) -> str:
    """A loss as text with two significant digits, or a bound."""
    if math.isnan(loss):
        return "decided by rounding errors"
    if loss > 1000:
        return "more than 1,000"
    if loss < 1e-10:
        return "less than 10⁻¹⁰"
    return power(loss, 2)
