"""Turn A and compare the two orders."""

import math
from typing import Annotated

import numpy as np
from matplotlib.patches import Polygon

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number, pair
from stage.linear_algebra import Numbers

STRETCH = np.array([[2.0, 0.0], [0.0, 1.0]])  # B: twice as wide
LETTER = np.array(  # an F, 0.8 wide and 1.1 high
    (
        *((0, 0), (0.22, 0), (0.22, 0.44), (0.65, 0.44), (0.65, 0.64)),
        *((0.22, 0.64), (0.22, 0.9), (0.8, 0.9), (0.8, 1.1), (0, 1.1)),
    )
)
ORIGINS = (-3.0, 2.35)  # x of the origins of the two pictures


def rotation(degrees: float) -> Numbers:
    """A, the counterclockwise rotation, shape (2, 2)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])


def products(degrees: float) -> tuple[Numbers, Numbers]:
    """AB (stretch, then turn) and BA (turn, then stretch)."""
    a = rotation(degrees)
    return a @ STRETCH, STRETCH @ a


def demo(fig: Annotated[Figure, Small(1.6)]) -> Update:
    """Set the scene: the letter F after AB on the left, and after BA on the right."""
    ax = fig.subplots()
    ax.set(xlim=(-5.35, 5.35), ylim=(-2.3, 3.9), aspect="equal", xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    turn = np.radians(np.arange(0, 361, 3))
    circle = np.array([np.cos(turn), np.sin(turn)])
    words = (("AB", "stretch, then turn", 2.0), ("BA", "turn, then stretch", 1.0))
    letters, arms = [], []
    for x, (order, told_so, high) in zip(ORIGINS, words, strict=True):
        ax.plot([x - 2.25, x + 2.25], [0, 0], color="rule", linewidth=1, zorder=0.8)
        ax.plot([x, x], [-2.2, 2.2], color="rule", linewidth=1, zorder=0.8)
        ax.plot(x + 2 * circle[0], high * circle[1], color="data", alpha=0.4, linewidth=1)
        ax.text(x, 3.5, order, ha="center", va="center", color="truth", weight="semibold", size=13)
        ax.text(x, 2.8, told_so, ha="center", va="center", color="muted")
        letter = Polygon(LETTER, facecolor="truth", edgecolor="none")
        ax.add_patch(letter)
        letters.append(letter)
        arms.append(artists.line(ax, color="data", linewidth=2, zorder=3))

    def update(
        theta: Annotated[
            float,
            Slider(0, 359, 1, label="angle of A", unit="°", drag=Drag.around(2, (ORIGINS[0], 0))),
        ] = 0.0,
    ) -> str:
        both = products(theta)
        for x, letter, arm, matrix in zip(ORIGINS, letters, arms, both, strict=True):
            letter.set_xy(LETTER @ matrix.T + (x, 0))
            arm.set_data([x, x + matrix[0, 0]], [0, matrix[1, 0]])
        return Caption(
            told(theta, *both),
            detail=(
                f"A turns by {number(theta)}°, B makes everything twice as wide. AB takes e₁ to "
                f"{pair(both[0][:, 0])}, BA takes it to {pair(both[1][:, 0])}."
            ),
            numbers={"theta": number(theta)},
        )

    return update


def told(theta: float, ab: Numbers, ba: Numbers) -> str:
    """Whether the order matters at this angle."""
    if np.allclose(ab, ba, rtol=0, atol=1e-9):
        return f"At {number(theta)}°, both orders give the same F."
    return f"At {number(theta)}°, the two orders give different Fs."
