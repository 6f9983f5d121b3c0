"""Start from another prior, then add positive tests."""

import math
from typing import Annotated

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, percent
from stage.bayes import likelihood_ratio, odds, odds_text, posterior
from stage.text import count

SENSITIVITY = SPECIFICITY = 0.99
MOST = 3  # tests
TICKS = {-4: "1 : 10,000", -2: "", 0: "1 : 1", 2: "", 4: "10,000 : 1", 6: ""}


def decades(p: float) -> float:
    """log₁₀ of the odds."""
    return math.log10(odds(p))


def probability(power: float) -> float:
    """The probability with odds 10 to the power of `power`."""
    value: float = 10**power
    return value / (1 + value)


def demo(fig: Annotated[Figure, Small(1.45)]) -> Update:
    """Set the scene: a logarithmic scale of odds, and a row for each test."""
    ax = fig.subplots()
    ax.set(xlim=(-4.6, 6.6), ylim=(MOST + 0.5, -0.5), xlabel="odds of being ill")
    ax.set_xticks(list(TICKS), list(TICKS.values()))
    ax.set_yticks(range(MOST + 1), ["prior", *(count(k, "test") for k in range(1, MOST + 1))])
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color="muted", linewidth=1)
    steps = artists.arrows(ax, ["gradient"] * MOST)
    marks = artists.points(ax, color="truth", markersize=8)
    start = artists.points(ax, color="data", markersize=9)
    ratio = likelihood_ratio(SENSITIVITY, SPECIFICITY)
    assert ratio
    step = math.log10(ratio)

    def update(
        prior: Annotated[
            float,
            Slider(
                0.0001,
                0.5,
                0.05,
                label="prior P(ill)",
                log=True,
                drag=Drag(
                    at=lambda p: (decades(p), 0.0), to=lambda x, _y: probability(min(x, 0.0))
                ),
            ),
        ] = 0.0001,
        tests: Annotated[int, Slider(0, MOST, 1, label="positive tests")] = 1,
    ) -> str:
        at = [decades(prior) + k * step for k in range(tests + 1)]
        start.set_data(at[:1], [0])
        marks.set_data(at[1:], range(1, tests + 1))
        none = ((math.nan, 0), (math.nan, 0))
        shown = [((at[k], k), (step, 1)) for k in range(tests)]
        steps.place(*shown, *[none] * (MOST - tests))
        found = [posterior(prior, SENSITIVITY, SPECIFICITY, k) or 0.0 for k in range(tests + 1)]
        told = percent(found[-1])
        path = " → ".join(odds_text(odds(p)) for p in found)
        after = count(tests, "positive test") if tests else "no test"
        return Caption(
            f"After {after}, the probability of illness is {told}.",
            detail=f"Each positive test multiplies the odds by 99. The odds: {path}.",
            numbers={"odds": odds_text(odds(found[-1])), "posterior": told},
        )

    return update
