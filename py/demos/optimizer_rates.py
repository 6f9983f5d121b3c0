"""Drag the learning rate and see which method comes lowest."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, power
from stage.linear_algebra import Numbers
from stage.optimization import METHODS, RATES, final_losses, loss_text, nearest_rate, valley

VALLEYS = {
    "κ = 10": valley(10),
    "κ = 100": valley(100),
    "κ = 100, turned by 45°": valley(100, 45),
}
STEPS = 200
LOW, HIGH = -10, 3  # log₁₀ of the range of the loss axis


@lru_cache
def losses_in(name: str) -> Numbers:
    """The loss after STEPS steps for each method and each of RATES, shape (4, 61)."""
    return final_losses(VALLEYS[name], RATES, STEPS)


def shown(losses: Numbers) -> Numbers:
    """log₁₀ of losses, clipped to the panel."""
    powers: Numbers = np.log10(np.maximum(losses, 1e-99)).clip(LOW, HIGH)
    return powers


def demo(fig: Annotated[Figure, Small(1.12)]) -> Update:
    """Set the scene: final loss against learning rate, both on logarithmic scales."""
    ax = fig.subplots()
    ax.set(xlim=(-3.05, 0.05), ylim=(LOW - 0.3, HIGH + 2.9), xlabel="learning rate η")
    ax.set_xticks([-3, -2, -1, 0], ["0.001", "0.01", "0.1", "1"])
    ax.set_yticks(
        [LOW, -8, -6, -4, -2, 0, HIGH], ["≤ 10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "0.01", "1", "≥ 1,000"]
    )
    ax.set_title(f"loss after {STEPS} steps", loc="left", size=10.5)
    ax.spines["left"].set_visible(False)
    for i, (name, color) in enumerate(METHODS.items()):
        spot = -3 + 1.6 * (i % 2), HIGH + 2.1 - 1.1 * (i // 2)
        ax.text(*spot, name, color=color, weight="semibold", va="center")
    curves = [artists.line(ax, color=color, linewidth=1.8) for color in METHODS.values()]
    lowest = [artists.points(ax, color=color, markersize=8) for color in METHODS.values()]
    rate = artists.line(ax, color="gradient", linewidth=1.6)
    here = [
        artists.points(ax, color=c, mfc="surface", markersize=6, mew=1.8) for c in METHODS.values()
    ]
    drag = Drag(at=lambda eta: (math.log10(eta), 1.4), to=lambda x, _y: 10**x)

    def update(
        eta: Annotated[
            float, Slider(0.001, 1, 0.05, label="learning rate η", log=True, drag=drag)
        ] = 0.001,
        valley: Annotated[str, Choice(*VALLEYS, label="valley")] = "κ = 100",
    ) -> str:
        losses = losses_in(valley)
        column = nearest_rate(eta)
        shown_rate = float(f"{RATES[column]:.3g}")
        x = np.log10(RATES)
        rate.set_data([x[column]] * 2, [LOW - 0.3, HIGH])
        for method, row in enumerate(losses):
            powers = shown(row)
            curves[method].set_data(x, powers)
            least = int(np.nanargmin(row))
            lowest[method].set_data(x[[least]], powers[[least]])
            here[method].set_data(x[[column]], powers[[column]])
        names = list(METHODS)
        first = int(np.nanargmin(losses[:, column]))
        each = ", ".join(
            f"{name} {loss_text(loss)}" for name, loss in zip(names, losses[:, column], strict=True)
        )
        tops = "; ".join(
            f"{name} {loss_text(float(np.nanmin(row)))} at η = {power(RATES[np.nanargmin(row)], 2)}"
            for name, row in zip(names, losses, strict=True)
        )
        return Caption(
            f"At η = {power(RATES[column], 2)}, {names[first]} ends lowest, at "
            f"{loss_text(losses[first, column])}.",
            detail=(
                f"Valley with {valley}; final loss of four methods against the learning rate. "
                f"Here: {each}. Each at its best rate, marked by a dot: {tops}."
            ),
            sets={} if math.isclose(eta, RATES[column], rel_tol=0.01) else {"eta": shown_rate},
        )

    return update
