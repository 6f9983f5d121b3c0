"""Drag the two levels: what the test does in each group."""

from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists
from stage.linear_algebra import Numbers
from stage.text import count

SIDE = 10  # people along each side of a group
GAP = 4.0  # between the groups
RIGHT = SIDE + GAP  # where the healthy begin


def places(left: float) -> Numbers:
    """The positions of the 100 people of a group, row by row from the bottom, shape (2, 100)."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    return np.array([left + column + 0.5, row + 0.5])


def demo(fig: Annotated[Figure, Small(1.45)]) -> Update:
    """Set the scene: 100 ill people, 100 healthy ones, and a level in each group."""
    ax = fig.subplots()
    ax.set(xlim=(-1.6, RIGHT + SIDE + 1.6), ylim=(-1.7, SIDE + 1.7), aspect="equal")
    ax.set_axis_off()
    groups = [places(0), places(RIGHT)]
    for left, name in ((0, "100 ill people"), (RIGHT, "100 healthy people")):
        ax.text(left + SIDE / 2, SIDE + 0.9, name, ha="center", va="center", weight="semibold")
    ax.text(SIDE / 2, -0.9, "positive", ha="center", va="center", color="truth")
    ax.text(RIGHT + SIDE / 2, -0.9, "positive", ha="center", va="center", color="error")
    for group in groups:
        ax.plot(*group, "o", color="rule", markersize=5.5, zorder=0.7)
    positive = [artists.points(ax, color=c, markersize=5.5) for c in ("truth", "error")]
    levels = [artists.line(ax, color=c, linewidth=1.6) for c in ("truth", "error")]

    def update(
        sensitivity: Annotated[
            int,
            Slider(
                0,
                100,
                1,
                label="sensitivity",
                unit="%",
                drag=Drag(at=lambda k: (-0.8, k / SIDE), to=lambda _x, y: y * SIDE),
            ),
        ] = 99,
        specificity: Annotated[
            int,
            Slider(
                0,
                100,
                1,
                label="specificity",
                unit="%",
                drag=Drag(
                    at=lambda k: (RIGHT + SIDE + 0.8, (100 - k) / SIDE),
                    to=lambda _x, y: 100 - y * SIDE,
                ),
            ),
        ] = 99,
    ) -> str:
        alarms = 100 - specificity
        for group, dots, n in zip(groups, positive, (sensitivity, alarms), strict=True):
            dots.set_data(*group[:, :n])
        levels[0].set_data([-0.8, SIDE], [sensitivity / SIDE] * 2)
        levels[1].set_data([RIGHT, RIGHT + SIDE + 0.8], [alarms / SIDE] * 2)
        return Caption(
            f"The test finds {count(sensitivity, 'ill person', 'ill people')} and raises "
            f"{count(alarms, 'false alarm')}.",
            detail=(
                f"Two groups of 100. Of the ill, {sensitivity} test positive: sensitivity "
                f"{sensitivity}%. Of the healthy, {specificity} test negative: specificity "
                f"{specificity}%."
            ),
            numbers={"sensitivity": f"{sensitivity}%", "specificity": f"{specificity}%"},
        )

    return update
