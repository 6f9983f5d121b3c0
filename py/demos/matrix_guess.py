"""Guess where the corner of the F lands."""

import math
from typing import Annotated, Any

import numpy as np
from matplotlib.patches import Polygon

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
from stage.linear_algebra import Numbers, away, image

CORNER = np.array([2.0, 3.0])
LETTER = np.array(  # an F from the origin to the corner
    (
        *((0, 0), (0.7, 0), (0.7, 1.2), (1.5, 1.2), (1.5, 1.8), (0.7, 1.8)),
        *((0.7, 2.4), (2, 2.4), (2, 3), (0, 3)),
    )
)
MATRICES = tuple(  # chosen so that common mistakes end far from the image of the corner
    np.array(rows)
    for rows in (
        ((0.5, -1.0), (1.0, 0.5)),
        ((1.0, 0.5), (-0.5, 1.0)),
        ((-1.0, 0.5), (0.0, 1.0)),
        ((0.5, 1.0), (-1.0, 0.0)),
        ((0.5, 1.0), (0.5, -0.5)),
    )
)
NEAR = 0.4  # of the answer or of a mistake


def mistakes(a: Numbers) -> dict[str, Numbers]:
    """The results of common mistakes, by description."""
    return {
        "swapped the two components": image(a, CORNER[::-1]),
        "went along each column only once": image(a, (1, 1)),
        "left the corner where it was": CORNER,
    }


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=1.45)]) -> Update:
    """Set the scene: the F before, and the two columns after; the F after waits."""
    ax, after = fig.subplots(1, 2, width_ratios=(4, 9.4))
    ax.set(xlim=(-1.1, 2.9), title="before", xticks=range(3))
    after.set(xlim=(-4.7, 4.7), title="after", xticks=range(-4, 5))
    for panel in (ax, after):
        panel.set(ylim=(-3.8, 4.7), aspect="equal")
        panel.set(yticks=range(-3, 5))
        panel.tick_params(labelbottom=False, labelleft=False)
        panel.spines[:].set_visible(False)
        panel.axhline(0, color="muted", linewidth=0.8)
        panel.axvline(0, color="muted", linewidth=0.8)
    ax.add_patch(Polygon(LETTER, closed=True, facecolor=("truth", 0.35), zorder=1.2))
    letter = Polygon(LETTER, closed=True, facecolor=("truth", 0.35), zorder=1.2)
    after.add_patch(letter)
    colors = ("data", "model")
    artists.arrows(ax, colors).set_arrows(np.zeros((2, 2)), np.eye(2))
    columns = artists.arrows(after, colors)
    text: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center", "zorder": 4}
    ax.text(1.1, -0.45, "e₁", color="data", **text)
    ax.text(-0.6 if narrow(fig) else -0.35, 0.95, "e₂", color="model", **text)
    names = [
        artists.label(after, 0, 0, f"Ae{sign}", color=color, **text)
        for sign, color in zip("₁₂", colors, strict=True)
    ]
    ax.plot(*CORNER, "o", color="ink", markersize=7)
    ax.text(CORNER[0], CORNER[1] + 0.5, "corner", **text)
    aside = np.array((0.95, 0.65) if narrow(fig) else (0.6, 0.45))
    room = np.array((0.95, 0.6) if narrow(fig) else (0.45, 0.3))  # from the axes to a name
    beside = 0.7 if narrow(fig) else 0.4
    way = artists.line(after, color="muted", linestyle=":", zorder=2)
    gap = artists.line(after, color="error", linewidth=2)
    end = artists.points(after, color="ink", markersize=7, zorder=4)
    ring = artists.points(after, color="ink", markersize=13, mfc="none", mew=2)
    ring_name = artists.label(after, 0, 0, "your guess", weight="semibold", va="center", zorder=4)

    def update(
        guess: Annotated[
            PointList,
            Points(
                (-4.5, 4.5),
                (-3.5, 4.5),
                0.1,
                label="your guess",
                names=("guess",),
                axes=1,
                guess=True,
            ),
        ] = ((-3.5, -2.5),),
        seed: Annotated[int, Seed(label="task", last=len(MATRICES) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        a, place = MATRICES[seed], np.array(guess[0])
        columns.set_arrows(np.zeros((2, 2)), a.T)
        for name, column, other in zip(names, a.T, a.T[::-1], strict=True):
            side = away(column, other)
            spot = 0.6 * column + aside * side
            name.set_position(tuple(np.copysign(np.maximum(abs(spot), room), spot)))
        ring.set_data([place[0]], [place[1]])
        left = place[0] > 1.5
        ring_name.set(
            position=(place[0] - beside if left else place[0] + beside, place[1]),
            ha="right" if left else "left",
        )
        # the plane moves from the identity to A
        moved = np.eye(2) + answer.part * (a - np.eye(2))
        landed = image(moved, CORNER)
        letter.set_xy(image(moved, LETTER))
        end.set_data([landed[0]], [landed[1]])
        corner = CORNER[0] * a[:, 0]
        way.set_data([0, corner[0], landed[0]], [0, corner[1], landed[1]])
        gap.set_data([place[0], landed[0]], [place[1], landed[1]])
        letter.set_visible(bool(answer))
        ring_name.set_visible(not answer)
        end.set_visible(bool(answer))
        way.set_visible(answer.part == 1)
        gap.set_visible(answer.part == 1 and not answer.skipped)
        given = (
            f"Task {seed}: A moves e₁ to {pair(a[:, 0])} and e₂ to {pair(a[:, 1])}. "
            f"Your guess is at {pair(place)}."
        )
        if not answer:
            return Caption(f"Where does A move the corner {pair(CORNER)}?", detail=given)
        return Caption(
            told(place, a, answer),
            detail=(
                f"{given} The corner lands at {pair(image(a, CORNER))}. "
                f"{round(100 * answer.part)}% of the answer is drawn."
            ),
        )

    return update


def told(place: Numbers, a: Numbers, answer: Answer) -> str:
    """The score in units of the plane, or the name of a common mistake."""
    landed = image(a, CORNER)
    if answer.skipped:
        return f"The corner lands at {pair(landed)}."
    off = math.hypot(*(place - landed))
    if off < 1e-9:
        return "Exactly right: the corner lands on your guess."
    if off <= NEAR:
        return f"You found it: your guess is only {number(off)} away."
    for what, wrong in mistakes(a).items():
        if math.hypot(*(place - wrong)) <= NEAR:
            return f"Off by {number(off)}: you {what}."
    return f"Your guess is {number(off)} away from where the corner lands."
