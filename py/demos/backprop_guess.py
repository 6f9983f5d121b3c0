"""Guess the loss after a change of the weight, then check."""

import math
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

W, STEP = 1.5, -0.5  # the weight, and by how much it is changed
NEAR = 0.02  # a guess this close is right


class Task(NamedTuple):
    """A neuron with one input and the target 0."""

    x: float
    b: float


TASKS = (Task(2.0, 3.0), Task(2.0, -2.0), Task(-2.0, 3.0), Task(0.2, 0.7))


def sigmoid(z: float) -> float:
    """σ(z) = 1 / (1 + e^(−z))."""
    return 1 / (1 + math.exp(-z))


def loss(task: Task, w: float) -> float:
    """L = (ŷ − 0)², where ŷ = σ(w·x + b)."""
    return sigmoid(w * task.x + task.b) ** 2


def slope(task: Task, w: float) -> float:
    """∂L/∂w = 2ŷ · ŷ(1 − ŷ) · x, by the chain rule."""
    p = sigmoid(w * task.x + task.b)
    return 2 * p * p * (1 - p) * task.x


def demo(fig: Annotated[Figure, Shape(wide=2.0, narrow=1.2)]) -> Update:
    """Set the scene: the loss at the present weight, and where the new one is to be guessed."""
    ax = fig.subplots()
    ax.set(xlim=(-0.5, 3), ylim=(-0.04, 1.1), xlabel="weight w", ylabel="loss L")
    ax.set(xticks=[0, 1, 1.5, 2, 3], xticklabels=["0", "1", "1.5", "2", "3"])
    ax.set(yticks=[0, 0.5, 1], yticklabels=["0", "0.5", "1"])
    ax.axvline(W + STEP, color="muted", linewidth=1, linestyle=":", zorder=0.9)
    title = ax.set_title("")
    curve = artists.line(ax, color="error")
    tangent = artists.line(ax, color="gradient", linewidth=1.6, linestyle="--")
    gap = artists.line(ax, color="model", linewidth=2)
    now = artists.points(ax, color="error", markersize=9)
    ring = artists.points(ax, color="model", markersize=13, mfc="none", mew=2)
    ring_name = artists.label(
        *(ax, W + STEP - (0.2 if narrow(fig) else 0.1), 0, "your guess"),
        color="model",
        weight="semibold",
        ha="right",
        va="center",
    )
    now_name = artists.label(
        ax, W + (0.16 if narrow(fig) else 0.08), 0, "now", weight="semibold", va="center"
    )
    weights = np.linspace(-0.5, 3, 141)

    def update(
        guess: Annotated[
            float,
            Slider(0, 1, 0.01, label="loss at w = 1", drag=Drag.vertical(W + STEP), guess=True),
        ] = 0.7,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        task = TASKS[seed]
        before = loss(task, W)
        title.set_text(f"x = {number(task.x)}, b = {number(task.b)}, target y = 0")
        now.set_data([W], [before])
        off = -0.09 if task.x > 0 else 0.09  # keeps the label away from the curve
        now_name.set_position((now_name.get_position()[0], before + off))
        ring.set_data([W + STEP], [guess])
        ring_name.set_position((ring_name.get_position()[0], guess))
        shown = bool(answer)
        ring_name.set_visible(not shown)
        reach = 2 * answer.part  # the curve grows in both directions from the current weight
        seen = weights[abs(weights - W) <= reach]
        curve.set_visible(shown)
        curve.set_data(seen, [loss(task, float(w)) for w in seen])
        ends = np.array([W - 0.7, W + 0.7])
        tangent.set_visible(shown)
        tangent.set_data(ends, before + slope(task, W) * (ends - W))
        after = loss(task, W + STEP)
        gap.set_visible(answer.part == 1 and not answer.skipped)
        gap.set_data([W + STEP] * 2, [guess, after])
        p = sigmoid(W * task.x + task.b)
        about = (
            f"A neuron with input x = {number(task.x)}, bias b = {number(task.b)} and weight "
            f"w = 1.5 answers ŷ = {number(p, 4)}; the target is 0, so the loss is "
            f"{number(before, 3)}. Your guess for w = 1 is {number(guess)}."
        )
        if not shown:
            return Caption("What will the loss be when w goes from 1.5 to 1?", detail=about)
        return Caption(
            told(task, guess, answer),
            detail=(
                f"{about} At w = 1, it is {number(after, 3)}. The slope at w = 1.5 is "
                f"{number(slope(task, W), 4)}. {round(100 * answer.part)}% of the curve is drawn."
            ),
        )

    return update


def told(task: Task, guess: float, answer: Answer) -> str:
    """The score in units of the loss, or the name of a common mistake."""
    before, after = loss(task, W), loss(task, W + STEP)
    if answer.skipped:
        return f"The loss goes from {number(before, 3)} to {number(after, 3)}."
    off = abs(guess - after)
    away = number(off)
    if off <= NEAR:
        return f"You found it: the loss becomes {number(after, 3)}."
    if (guess - before) * (after - before) < 0 and abs(guess - before) > NEAR:
        if task.x < 0:
            return f"Off by {away}: x is negative, so a smaller w makes z larger."
        return f"Off by {away}: a smaller w makes z smaller, and the loss falls."
    if abs(guess - before) < abs(after - before) - NEAR:
        return f"Off by {away}: no factor is small here, so the loss changes a lot."
    if task.x**2 < 1:
        return f"Off by {away}: x is a factor of the slope, and this x is small."
    if slope(task, W) ** 2 < 0.01:
        return f"Off by {away}: the error is large, but the sigmoid is flat here."
    return f"Your guess is off by {away}."
