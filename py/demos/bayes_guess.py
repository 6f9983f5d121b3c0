"""Drag the ring to your answer, then check."""

from typing import Annotated, NamedTuple

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
    percent,
)
from stage.bayes import posterior


def chance(prior: float, sensitivity: float, specificity: float) -> float:
    """P(A|B) = P(B|A)·P(A) / P(B), where a positive result is possible: P(B) > 0."""
    found = posterior(prior, sensitivity, specificity)
    assert found is not None
    return found


class Task(NamedTuple):
    """A condition, its prior in words and as a number, and a test for it."""

    what: str  # the condition
    common: str
    prior: float
    sensitivity: float
    specificity: float

    @property
    def after(self) -> float:
        """The answer: P(A|B)."""
        return chance(self.prior, self.sensitivity, self.specificity)


TASKS = (
    Task("the illness", "1 person in 10,000 is ill", 0.0001, 0.99, 0.99),
    Task("the tumor", "1 patient in 100 has a tumor", 0.01, 0.8, 0.9),
    Task("spam", "half of all emails are spam", 0.5, 0.99, 0.99),
    Task("the defect", "1 part in 10 has a defect", 0.1, 0.95, 0.95),
)
NEAR = 3.0  # percentage points


def demo(fig: Annotated[Figure, Shape(wide=3.4, narrow=1.35)]) -> Update:
    """Set the scene: an empty line from 0% to 100%."""
    ax = fig.subplots()
    ax.set(xlim=(-3, 103), ylim=(-0.9, 2.6 if narrow(fig) else 2.2), yticks=[])
    ax.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    ax.set_xlabel("probability after a positive result")
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.axhline(0, color="muted", linewidth=1.2, zorder=0.6)
    top = 2.15 if narrow(fig) else 1.75
    first = artists.label(ax, -2, top, va="center", weight="semibold")
    second = artists.label(ax, -2, top - 0.5, va="center")
    gap = artists.line(ax, color="error", linewidth=3)
    ring = artists.points(ax, color="model", mfc="surface", markersize=10, mew=2.4)
    ring.set_zorder(3)
    dot = artists.points(ax, color="truth", markersize=9, zorder=2.8)
    name = artists.label(ax, 0, -0.55, ha="center", va="center", color="truth", weight="semibold")

    def update(
        guess: Annotated[
            float,
            Slider(0, 100, 1, label="your guess", unit="%", drag=Drag.horizontal(0), guess=True),
        ] = 50.0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        task = TASKS[seed]
        quality = (
            f"sensitivity {percent(task.sensitivity)}, specificity {percent(task.specificity)}"
        )
        first.set_text(task.common)
        second.set_text(quality)
        ring.set_data([guess], [0])
        right = 100 * task.after
        here = guess + (right - guess) * answer.part
        done = answer.part == 1
        gap.set_visible(bool(answer) and not answer.skipped)
        gap.set_data([guess, here], [0, 0])
        dot.set_visible(bool(answer))
        dot.set_data([here], [0])
        name.set_visible(done)
        name.set_text(percent(task.after))
        name.set_x(min(max(right, 4), 96))
        about = f"{task.common[0].upper()}{task.common[1:]}. The test has {quality}."
        if not answer:
            return Caption(
                f"The test is positive: how likely is {task.what} now?",
                detail=f"{about} Your guess is {number(guess)}%.",
            )
        return Caption(
            told(task, guess, answer),
            detail=(
                f"{about} The posterior is {percent(task.after)}; your guess was {number(guess)}%. "
                f"{round(100 * answer.part)}% of the way to the answer is drawn."
            ),
        )

    return update


def told(task: Task, guess: float, answer: Answer) -> str:
    """The score in percentage points, or the name of a common mistake."""
    after = percent(task.after)
    if answer.skipped:
        return f"The posterior is {after}."
    off = abs(guess - 100 * task.after)
    away = f"{number(off, 1)} percentage point{'s' * (number(off, 1) != '1')}"
    if off <= NEAR:
        return f"You found it: the posterior is {after}, {away} from your guess."
    likely = 100 * task.sensitivity
    if abs(guess - likely) <= NEAR:
        return f"Off by {away}: you gave the sensitivity and ignored the base rate."
    if abs(guess - 100 * task.prior) <= NEAR:
        return f"Off by {away}: you gave the prior, as if the result meant nothing."
    if task.after < guess:
        return f"Off by {away}: the posterior is {after}, because false alarms are so common."
    return f"Off by {away}: the posterior is {after}."
