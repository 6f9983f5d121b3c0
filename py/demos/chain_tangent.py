"""Turn the line until it touches the curve, link by link."""

import math
from collections.abc import Callable
from typing import Annotated, NamedTuple

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Steps, Update, artists, number, power

Z, X = 1.0, 2.0  # the neuron's z = w·x + b and its input; the target is 0
REACH = 1.25  # distance of the handle from the point
NEAR = 0.03  # tolerance: slightly more than half a step of the handle


def sigmoid(z: float) -> float:
    """σ(z) = 1 / (1 + e^(−z))."""
    return 1 / (1 + math.exp(-z))


ANSWER = sigmoid(Z)


class Link(NamedTuple):
    """One link of the chain rule: a function, and its value and derivative at the current point."""

    name: str
    input: str
    output: str
    change: Callable[[float], float]
    slope: float


LINKS = (  # from the loss back to the weight
    Link(*("∂L/∂ŷ", "ŷ", "L"), lambda step: (ANSWER + step) ** 2 - ANSWER**2, 2 * ANSWER),
    Link(*("∂ŷ/∂z", "z", "ŷ"), lambda step: sigmoid(Z + step) - ANSWER, ANSWER * (1 - ANSWER)),
    Link(*("∂z/∂w", "w", "z"), lambda step: X * step, X),
)


def found(link: Link, slope: float) -> bool:
    """Whether a line of this slope touches the curve."""
    return abs(slope - link.slope) <= NEAR


def chain(step: int, slope: float) -> str:
    """∂L/∂w as the product of the derivatives found so far."""
    known = step + found(LINKS[step], slope)
    factors = [power(link.slope) if k < known else "?" for k, link in enumerate(LINKS)]
    result = f" = {power(math.prod(link.slope for link in LINKS))}" if known == len(LINKS) else ""
    return f"∂L/∂w = {' · '.join(factors)}{result}"


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: the curve of a link around the point where the neuron is, and a line."""
    ax = fig.subplots()
    ax.set(xlim=(-1.7, 1.7), ylim=(-1.4, 1.4), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="rule", linewidth=1, zorder=0.8)
    ax.axvline(0, color="rule", linewidth=1, zorder=0.8)
    title = ax.set_title("", color="gradient")
    curve = artists.line(ax, color="ink")
    line = artists.line(ax, color="gradient", linewidth=2)
    tip = artists.points(ax, color="gradient", markersize=8)
    ax.plot(0, 0, "o", color="ink", markersize=7, zorder=3)
    across = artists.label(ax, 1.67, -0.16, color="muted", ha="right", va="top")
    up = artists.label(ax, -0.08, 1.37, color="muted", ha="right", va="top")
    steps = np.linspace(-1.7, 1.7, 121)

    def update(
        slope: Annotated[
            float,
            Slider(
                -1,
                3,
                0.05,
                label="slope of the line",
                drag=Drag(
                    at=lambda slope: (
                        REACH / math.hypot(1, slope),
                        slope * REACH / math.hypot(1, slope),
                    ),
                    to=lambda x, y: y / max(x, 0.1),
                ),
            ),
        ] = 0.0,
        step: Annotated[int, Steps(len(LINKS) - 1, label="links done", rate=0.5)] = 0,
    ) -> str:
        link = LINKS[step]
        size = math.hypot(1, slope)
        curve.set_data(steps, [link.change(float(d)) for d in steps])
        ends = np.array([-1.0, 1.0]) * REACH / size
        line.set_data(ends, slope * ends)
        tip.set_data(ends[1:], slope * ends[1:])
        across.set_text(f"change in {link.input}")
        up.set_text(f"change in {link.output}")
        title.set_text(chain(step, slope))
        return Caption(
            told(step, slope),
            detail=(
                f"Link {step + 1} of 3: the curve shows how {link.output} changes with "
                f"{link.input}, and the line through the point has slope {number(slope)}. "
                f"{chain(step, slope)}."
            ),
        )

    return update


def told(step: int, slope: float) -> str:
    """Whether the line touches the curve, and what comes next."""
    link = LINKS[step]
    if not found(link, slope):
        return f"The line does not touch the curve yet, so its slope is not {link.name}."
    if step == len(LINKS) - 1:
        return f"{link.name} = {power(link.slope)}, and the chain is complete."
    return f"{link.name} = {power(link.slope)}: it touches, so go on to the next link."
