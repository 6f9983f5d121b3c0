"""Guess where a walk along a and then b ends."""

import math
from typing import Annotated, Any

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Figure,
    PointList,
    Points,
    Seed,
    Shape,
    Update,
    artists,
    narrow,
    number,
    pair,
)
from stage.linear_algebra import Numbers, away

TASKS = (  # a and b: never parallel, and common mistakes end far from a + b
    ((4.0, 1.0), (-1.0, 2.0)),
    ((-3.0, 2.0), (5.0, 0.5)),
    ((2.0, -2.5), (2.5, 1.5)),
    ((-2.0, -1.0), (-1.5, 3.0)),
    ((5.0, 1.5), (-3.5, -2.5)),
)
NEAR = 0.4  # of the answer or of a mistake, in units of the map


def added(a: Numbers, b: Numbers) -> Numbers:
    """The sum a + b, component by component, shape (2,)."""
    return a + b


def mistakes(a: Numbers, b: Numbers) -> dict[str, Numbers]:
    """The results of not moving b to the tip of a, by description."""
    return {
        "the point halfway between the two tips": (a + b) / 2,
        "b − a instead of the sum": b - a,
        "a − b instead of the sum": a - b,
    }


def demo(fig: Annotated[Figure, Shape(wide=2, narrow=1.6)]) -> Update:
    """Set the scene: two arrows from one start, and the guess; the sum waits."""
    ax = fig.subplots()
    half = 6.6
    ax.set(xlim=(-half, half), ylim=(-half / 2, half / 2), aspect="equal", xticks=[], yticks=[])
    if narrow(fig):
        ax.set(ylim=(-half / 1.6, half / 1.6))
    ax.spines[:].set_visible(False)
    ax.plot(0, 0, "o", color="ink", markersize=7)
    start = artists.label(ax, 0, 0, "start", weight="semibold", ha="center", va="center")
    room = np.array((1.2, 0.68) if narrow(fig) else (0.5, 0.35))  # from the dot to this name
    aside = 0.65 if narrow(fig) else 0.45
    beside = 0.55 if narrow(fig) else 0.35
    given, total = artists.arrows(ax, ["data", "model"]), artists.arrows(ax, ["truth"])
    carried = artists.arrows(ax, ["model"], alpha=0.5)
    style: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center"}
    name_a, name_b, name_sum = (
        artists.label(ax, 0, 0, name, color=color, **style)
        for name, color in (("a", "data"), ("b", "model"), ("a + b", "truth"))
    )
    gap = artists.line(ax, color="error", linewidth=2)
    ring = artists.points(ax, color="ink", markersize=13, mfc="none", mew=2)
    ring_name = artists.label(ax, 0, 0, "your guess", weight="semibold", va="center")

    def update(
        guess: Annotated[
            PointList,
            Points((-6, 6), (-3, 3), 0.1, label="your guess", names=("guess",), guess=True),
        ] = ((-5.5, 2.8),),
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        a, b = (np.array(v) for v in TASKS[seed])
        c = added(a, b)
        place = np.array(guess[0])
        given.set_arrows(np.zeros((2, 2)), (a, b))
        for name, v, other in ((name_a, a, b), (name_b, b, a)):
            name.set_position(tuple(v / 2 + aside * away(v, other)))
        start.set_position(tuple(-c / (abs(c) / room).max()))
        ring.set_data([place[0]], [place[1]])
        ring_name.set(position=(place[0] + beside, place[1]), ha="left")
        if place[0] > 3:
            ring_name.set(position=(place[0] - beside, place[1]), ha="right")
        ring_name.set_visible(not answer)
        # first b moves to the tip of a, then the sum grows
        carry, grow = min(answer.part / 0.6, 1), max(answer.part - 0.6, 0) / 0.4
        for artist in (carried, total):
            artist.set_visible(bool(answer))
        carried.place((carry * a, b))
        total.place(((0, 0), grow * c))
        name_sum.set_visible(answer.part == 1)
        name_sum.set_position(tuple(0.6 * c + (0.7, 0.5) * away(c, a)))
        gap.set_visible(answer.part == 1 and not answer.skipped)
        gap.set_data([place[0], c[0]], [place[1], c[1]])
        shown = f"{round(100 * answer.part)}% of the answer is drawn."
        return Caption(
            told(place, a, b, answer)
            if answer
            else "Walk along a, then along b: where do you end up?",
            detail=(
                f"Task {seed}: from the start, a = {pair(a)} and b = {pair(b)}. Your guess is "
                f"at {pair(place)}." + (f" The sum a + b is {pair(c)}. {shown}" if answer else "")
            ),
        )

    return update


def told(place: Numbers, a: Numbers, b: Numbers, answer: Answer) -> str:
    """The score in units of the map, or the name of a common mistake."""
    c = added(a, b)
    if answer.skipped:
        return f"The walk ends at {pair(c)}."
    off = math.hypot(*(place - c))
    if off < 1e-9:
        return "Exactly right: the walk ends where your guess is."
    if off <= NEAR:
        return f"You found it: your guess is only {number(off)} away."
    for what, wrong in mistakes(a, b).items():
        if math.hypot(*(place - wrong)) <= NEAR:
            return f"You marked {what}, {number(off)} away from the end of the walk."
    return f"Your guess is {number(off)} away from the end of the walk."
