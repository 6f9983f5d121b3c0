"""Pick a method and its learning rate, then check."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import (
    Answer,
    Caption,
    Check,
    Choice,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Update,
    artists,
    power,
)
from stage.linear_algebra import Numbers
from stage.optimization import METHODS, RATES, best, final_losses, loss_text, nearest_rate, valley

KAPPAS = (100, 10, 1000, 30)
ANGLES = (0, 0, 45, 0)
TASKS = [valley(kappa, angle) for kappa, angle in zip(KAPPAS, ANGLES, strict=True)]
STEPS = 200
LOW, HIGH = -10, 3  # log₁₀ of the range of the loss axis
FOUND = 10.0  # times the lowest loss
DEFAULT = 0.001  # the default learning rate of Adam in libraries


@lru_cache
def answers(seed: int) -> Numbers:
    """The loss after STEPS steps for each method and each of RATES, shape (4, 61)."""
    return final_losses(TASKS[seed], RATES, STEPS)


def demo(fig: Annotated[Figure, Shape(wide=2.0, narrow=1.1)]) -> Update:
    """Set the scene: an empty panel of final loss against learning rate."""
    ax = fig.subplots()
    ax.set(xlim=(-3.05, 0.05), ylim=(LOW - 0.3, HIGH + 2.9), xlabel="learning rate η")
    ax.set_xticks([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"])
    ax.set_yticks(
        [LOW, -8, -6, -4, -2, 0, HIGH], ["≤ 10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1", "≥ 1,000"]
    )
    ax.spines["left"].set_visible(False)
    title = ax.set_title("", loc="left", size=10.5)
    colors = list(METHODS.values())
    for i, (name, color) in enumerate(METHODS.items()):
        spot = -3 + 1.6 * (i % 2), HIGH + 2.1 - 1.1 * (i // 2)
        ax.text(*spot, name, color=color, weight="semibold", va="center")
    curves = [artists.line(ax, color=color, linewidth=1.8) for color in colors]
    pick = artists.line(ax, linewidth=1.8, linestyle="--")
    gap = artists.line(ax, color="error", linewidth=2)
    yours = artists.points(ax, color="error", markersize=10, mfc="none", mew=2)
    lowest = artists.points(ax, color="error", markersize=8)
    drag = Drag(at=lambda eta: (math.log10(eta), 0.0), to=lambda x, _y: 10**x)

    def update(
        method: Annotated[str, Choice(*METHODS, label="method", guess=True)] = "gradient descent",
        eta: Annotated[
            float, Slider(0.001, 1, 0.05, label="learning rate η", log=True, guess=True, drag=drag)
        ] = 0.001,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        task, column, row = TASKS[seed], nearest_rate(eta), list(METHODS).index(method)
        x = np.log10(RATES)
        title.set_text(f"loss after {STEPS} steps on {task.formula}")
        pick.set_data([x[column]] * 2, [LOW - 0.3, HIGH])
        pick.set_color(colors[row])
        done = answer.part == 1
        for curve in curves:
            curve.set_visible(bool(answer))
        for mark in (gap, yours):
            mark.set_visible(done and not answer.skipped)
        lowest.set_visible(done)
        setting = f"{task.formula}, condition number {KAPPAS[seed]}, {STEPS} steps"
        picked = f"{method} with η = {power(RATES[column], 2)}"
        shown_rate = float(f"{RATES[column]:.3g}")
        moved = {} if math.isclose(eta, RATES[column], rel_tol=0.01) else {"eta": shown_rate}
        if not answer:
            return Caption(
                "Which method gets lowest, and at which learning rate?",
                detail=f"{setting}. You have picked {picked}.",
                sets=moved,
            )
        losses = answers(seed)
        powers = np.log10(np.maximum(losses, 1e-99)).clip(LOW, HIGH)
        seen = 1 + round((len(RATES) - 1) * answer.part)
        for curve, values in zip(curves, powers, strict=True):
            curve.set_data(x[:seen], values[:seen])
        first, rate = best(losses)
        ends = [x[column], x[rate]], [powers[row, column], powers[first, rate]]
        gap.set_data(*ends)
        yours.set_data(ends[0][:1], ends[1][:1])
        lowest.set_data(ends[0][1:], ends[1][1:])
        return Caption(
            told(losses, row, column, answer),
            detail=(
                f"{setting}. You picked {picked}; its final loss is "
                f"{loss_text(losses[row, column])}. "
                f"Each method at its best rate: {_tops(losses)}. "
                f"{round(100 * answer.part)}% of the curves is drawn."
            ),
            sets=moved,
        )

    return update


def _tops(losses: Numbers) -> str:
    """The lowest loss of each method, and its learning rate."""
    least = zip(METHODS, np.nanmin(losses, axis=1), np.nanargmin(losses, axis=1), strict=True)
    return "; ".join(
        f"{name} {loss_text(loss)} at η = {power(RATES[at], 2)}" for name, loss, at in least
    )


def told(losses: Numbers, row: int, column: int, answer: Answer) -> str:
    """The score, a loss, or the name of a common mistake."""
    names = list(METHODS)
    first, rate = best(losses)
    least, yours = loss_text(losses[first, rate]), loss_text(losses[row, column])
    if answer.skipped:
        return f"Lowest is {names[first]} with η = {power(RATES[rate], 2)}: it ends at {least}."
    if math.isnan(losses[row, column]):
        return f"With this η, rounding errors decide; {names[first]} can end at {least}."
    if losses[row, column] <= max(FOUND * losses[first, rate], 1e-10):
        return f"You found it: {names[row]} ends at {yours}."
    if losses[row, column] > 1000:
        return f"With this η, {names[row]} diverges; {names[first]} can end at {least}."
    if names[row] == "Adam" and column == nearest_rate(DEFAULT):
        return (
            f"The usual default for Adam, η = {DEFAULT}, is far too small here: it ends at {yours}."
        )
    reach = float(np.nanmin(losses[row]))
    if reach <= max(FOUND * losses[first, rate], 1e-10):
        return f"Right method, wrong rate: it ends at {yours} and could end at {loss_text(reach)}."
    if names[row] == "Adam":
        return f"Adam is not always best: it ends at {yours}, and {names[first]} at {least}."
    return f"Your pick ends at {yours}, and the best one, {names[first]}, at {least}."
