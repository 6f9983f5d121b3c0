"""Guess the slope at five places, then check."""

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
)
from stage.linear_algebra import Numbers


class Task(NamedTuple):
    """A function and its derivative."""

    f: Callable[[Numbers], Numbers]
    slope: Callable[[Numbers], Numbers]


TASKS = (  # at the five places together, height and slope are far from each other
    Task(lambda x: 0.25 * x**3 - 0.75 * x, lambda x: 0.75 * x**2 - 0.75),
    Task(lambda x: 1.6 - 0.4 * x**2, lambda x: -0.8 * x),
    Task(lambda x: 1.5 * np.sin(x), lambda x: 1.5 * np.cos(x)),
    Task(lambda x: 0.1 * x**4 - 0.5 * x**2 + 0.6, lambda x: 0.4 * x**3 - x),
    Task(lambda x: 1 + np.tanh(x), lambda x: 1 - np.tanh(x) ** 2),
)
PLACES = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
EDGE = 2.5  # x limit of the panels
X = np.linspace(-EDGE, EDGE, 101)
STEEPEST = 3.0  # a slope that can be guessed
FOUND, LIKE = 0.15, 0.3  # maximum mean distance of a good guess, and from a known mistake


def off(guess: Sequence[float], values: Numbers) -> float:
    """The mean distance of the five guesses from five values."""
    return float(np.abs(np.array(guess) - values).mean())


def slope_at(place: int) -> Slider:
    """The slider of one guess, with its handle in the panel of slopes."""
    x = float(PLACES[place])
    return Slider(
        -STEEPEST,
        STEEPEST,
        0.1,
        label=f"slope at {number(x)}",
        drag=Drag.vertical(x, axes=1),
        guess=True,
        more=True,
    )


def demo(fig: Annotated[Figure, Shape(wide=2.05, narrow=0.66)]) -> Update:
    """Set the scene: the graph of f, and five slopes to set; the derivative waits."""
    phone = narrow(fig)
    graph, slopes = fig.subplots(2, 1, height_ratios=(1.35, 1)) if phone else fig.subplots(1, 2)
    graph.set(xlim=(-EDGE, EDGE), ylim=(-1.8, 2.4), aspect="equal", yticks=range(-1, 3))
    graph.set_title("height f(x)", color="data")
    slopes.set(xlim=(-EDGE, EDGE), ylim=(-4.1, 4.1), yticks=range(-4, 5), xlabel="x")
    slopes.set_title("slope of f, as you guess it", color="model")
    for axes in (graph, slopes):
        axes.set_xticks(PLACES, [number(x) for x in PLACES])
        axes.spines[:].set_visible(False)
        axes.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    curve = artists.line(graph, color="data")
    tangents = artists.line(graph, color="gradient", linewidth=2.4)
    dots = artists.points(graph, color="data", markersize=7)
    derivative = artists.line(slopes, color="gradient")
    gaps = artists.line(slopes, color="error", linewidth=2)
    guesses = artists.points(slopes, color="model", markersize=9)

    def update(
        m1: Annotated[float, slope_at(0)] = 0.0,
        m2: Annotated[float, slope_at(1)] = 0.0,
        m3: Annotated[float, slope_at(2)] = 0.0,
        m4: Annotated[float, slope_at(3)] = 0.0,
        m5: Annotated[float, slope_at(4)] = 0.0,
        seed: Annotated[int, Seed(label="curve", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        guess = (m1, m2, m3, m4, m5)
        f, slope = TASKS[seed]
        heights, true = f(PLACES), slope(PLACES)
        curve.set_data(X, f(X))
        dots.set_data(PLACES, heights)
        guesses.set_data(PLACES, guess)
        run = 0.36 / np.hypot(1, true) * answer.part  # so that all tangents have equal length
        tangents.set_data(
            *artists.joined(
                np.column_stack([PLACES - run, heights - run * true]),
                np.column_stack([PLACES + run, heights + run * true]),
            )
        )
        tangents.set_visible(bool(answer))
        seen = X[: round(len(X) * answer.part)]
        derivative.set_data(seen, slope(seen))
        derivative.set_visible(bool(answer))
        gaps.set_visible(answer.part == 1 and not answer.skipped)
        gaps.set_data(
            *artists.joined(np.column_stack([PLACES, guess]), np.column_stack([PLACES, true]))
        )
        set_to = ", ".join(
            f"{number(m)} at {number(x)}" for m, x in zip(guess, PLACES, strict=True)
        )
        at = f"The graph of function {seed + 1}. Your slopes are {set_to}."
        if not answer:
            return Caption("How steep is f at each of the five places?", detail=at)
        right = ", ".join(f"{number(m)} at {number(x)}" for m, x in zip(true, PLACES, strict=True))
        return Caption(
            told(guess, seed, answer),
            detail=(
                f"{at} The derivative is {right}. {round(100 * answer.part)}% of it is drawn, "
                "and of a tangent at each place."
            ),
        )

    return update


def told(guess: Sequence[float], seed: int, answer: Answer) -> str:
    """The mean error in units of slope, or the name of a common mistake."""
    f, slope = TASKS[seed]
    true, heights = slope(PLACES), f(PLACES)
    if answer.skipped:
        return "The derivative f′ is the slope of f at every x."
    mean = off(guess, true)
    if mean <= FOUND:
        return f"You found them: on average, your slopes are only {number(mean)} off."
    if off(guess, heights) <= min(LIKE, mean):
        return f"You marked how high f is, not how steep: on average, {number(mean)} off."
    if off(guess, np.abs(true)) <= min(LIKE, mean):
        return f"Where f falls, its slope is negative: on average, you are {number(mean)} off."
    return f"On average, your slopes are {number(mean)} off."
