"""Make the illness more common and count the colored band."""

from typing import Annotated, Any

import numpy as np
from matplotlib.colors import to_rgb

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, percent

SIDE = 100  # people along each side of the square
TESTS = {"99 times in 100": 1, "90 times in 100": 10}  # wrong results in 100, ill or healthy


def counts(ill: int, wrong: int) -> tuple[int, int, int, int]:
    """Of 10,000 people with `ill` in 100 ill: missed, found, falsely alarmed, cleared.

    These are whole numbers, since both arguments are.
    """
    missed, alarmed = ill * wrong, (100 - ill) * wrong
    return missed, 100 * ill - missed, alarmed, 100 * (100 - ill) - alarmed


def demo(fig: Annotated[Figure, Small(0.95)]) -> Update:
    """Set the scene: 10,000 people in columns, the ill first, the positives side by side."""
    ax = fig.subplots()
    ax.set(xlim=(0, SIDE), ylim=(-5, SIDE + 15))
    ax.set_axis_off()
    surface = np.array(to_rgb("surface"))
    missed = 0.4 * np.array(to_rgb("truth")) + 0.6 * surface
    colors = np.array([missed, to_rgb("truth"), to_rgb("error"), to_rgb("rule")])
    palette = np.round(255 * colors).astype(np.uint8)
    crowd = artists.cells(ax, (0, SIDE, 0, SIDE), palette)
    style: Any = {"weight": "semibold", "va": "center"}
    found = artists.label(ax, 0, SIDE + 11, **style, color="truth")
    alarm = artists.label(ax, 0, SIDE + 4.5, **style, color="error")
    edge = artists.line(ax, color="data", linewidth=2)

    def update(
        prior: Annotated[
            int, Slider(0, 50, 1, label="prior P(ill)", unit="%", drag=Drag.horizontal(-2.5))
        ] = 1,
        test: Annotated[str, Choice(*TESTS, label="the test is right")] = "99 times in 100",
    ) -> str:
        kinds = counts(prior, TESTS[test])
        crowd.set_cells(np.repeat(np.arange(4), kinds).reshape(SIDE, SIDE).T)
        edge.set_data([prior, prior], [-5, 0])
        missing, ill, alarms, clear = kinds
        found.set_text(f"{ill:,} ill and positive")
        alarm.set_text(f"{alarms:,} healthy and positive")
        both = ill + alarms
        who = f"{ill:,} are ill" if ill > 1 else "1 is ill" if ill else "none is ill"
        return Caption(
            f"Of {both:,} people who test positive, {who}.",
            detail=(
                f"10,000 people, {100 * prior:,} of them ill. The test is right {test}. In order: "
                f"{missing:,} ill and negative, {ill:,} ill and positive, {alarms:,} healthy and "
                f"positive, {clear:,} healthy and negative. {percent(ill / both)} of the "
                f"positives are ill."
            ),
            numbers={
                "ill": f"{ill:,}",
                "alarms": f"{alarms:,}",
                "both": f"{both:,}",
                "posterior": percent(ill / both),
            },
        )

    return update
