"""Put the ring where the corner of the F lands under AB, then check."""

import math
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
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
from stage.linear_algebra import Numbers

MOVES = {  # a 2×2 matrix for each movement of the plane
    "a quarter turn left": ((0, -1), (1, 0)),
    "a quarter turn right": ((0, 1), (-1, 0)),
    "twice as wide": ((2, 0), (0, 1)),
    "a flip, left to right": ((-1, 0), (0, 1)),
    "a flip, top to bottom": ((1, 0), (0, -1)),
    "a shear to the right": ((1, 1), (0, 1)),
}
TASKS = (  # A, B
    ("a shear to the right", "a flip, top to bottom"),
    ("a flip, left to right", "a quarter turn left"),
    ("twice as wide", "a quarter turn right"),
    ("a quarter turn left", "a shear to the right"),
)
CORNER = np.array([1.0, 2.0])
LETTER = np.array(  # an F, 1 wide and 2 high, with its upper right corner at (1, 2)
    (
        *((0, 0), (0.3, 0), (0.3, 0.85), (0.75, 0.85), (0.75, 1.15)),
        *((0.3, 1.15), (0.3, 1.7), (1, 1.7), (1, 2), (0, 2)),
    )
)
NEAR = 0.35


def matrices(seed: int) -> tuple[Numbers, Numbers]:
    """The matrices A and B of a task, each of shape (2, 2)."""
    a, b = (np.array(MOVES[name], dtype=float) for name in TASKS[seed])
    return a, b


def toward(matrix: Numbers, part: float) -> Numbers:
    """Interpolate from the identity (part 0) to a matrix (part 1).

    For rotations, interpolate the angle; for other matrices, each entry.
    """
    if np.linalg.det(matrix) > 0 and matrix[0, 0] == 0:
        angle = math.copysign(part * math.pi / 2, matrix[1, 0])
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    blended: Numbers = (1 - part) * np.eye(2) + part * matrix
    return blended


def moved(seed: int, part: float) -> Numbers:
    """The animation of AB: first B is applied, then A."""
    a, b = matrices(seed)
    return toward(a, max(0.0, 2 * part - 1)) @ toward(b, min(1.0, 2 * part))


def demo(fig: Annotated[Figure, Shape(wide=1.9, narrow=1.0)]) -> Update:
    """Set the scene: an F with a marked corner, two matrices, and a ring for the guess."""
    phone = narrow(fig)
    if phone:
        rows = fig.add_gridspec(2, 1, height_ratios=(1, 2.6))
        ax, words = (fig.add_subplot(rows[place]) for place in (1, 0))  # handles are in the first
    else:
        ax, words = fig.subplots(1, 2, width_ratios=(2.3, 1))
    ax.set(xlim=(-4.95, 4.95), ylim=(-3.5, 3.5), aspect="equal")
    ax.set(xticks=range(-4, 5), yticks=range(-3, 4))
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.axvline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.add_patch(Polygon(LETTER, facecolor=("muted", 0.35), edgecolor="muted", zorder=1))
    ax.plot(*CORNER, "o", color="ink", markersize=7)
    ax.text(1.2, 2.2, "corner", weight="semibold", va="center")
    shape = Polygon(LETTER, facecolor=("truth", 0.6), edgecolor="truth", zorder=2)
    ax.add_patch(shape)
    landed = artists.points(ax, color="truth", markersize=9)
    gap = artists.line(ax, color="error", linewidth=2)
    ring = artists.points(ax, color="ink", markersize=13, mfc="none", mew=2)
    name = artists.label(ax, 0, 0, "your guess", weight="semibold", va="center")
    words.set(xlim=(0, 2 if phone else 1), ylim=(1, 0) if phone else (2, 0))
    words.set_axis_off()
    blocks = [
        _block(words, symbol, place, 0 if phone else at, at if phone else 0)
        for at, (symbol, place) in enumerate((("A", "data"), ("B", "model")))
    ]

    def update(
        guess: Annotated[
            PointList,
            Points((-4.5, 4.5), (-3, 3), 0.1, label="your guess", names=("guess",), guess=True),
        ] = ((-3.5, -2.5),),
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        ((x, y),) = guess
        a, b = matrices(seed)
        for texts, matrix, words in zip(blocks, (a, b), TASKS[seed], strict=True):
            texts[0].set_text(words.removeprefix("a "))
            for text, value in zip(texts[1:], matrix.flat, strict=True):
                text.set_text(number(float(value)))
        ring.set_data([x], [y])
        left = x > 2.4
        name.set(position=(x + (-0.35 if left else 0.35), y), ha="right" if left else "left")
        shown = bool(answer)
        now = moved(seed, answer.part)
        shape.set_xy(LETTER @ now.T)
        corner = now @ CORNER
        landed.set_data([corner[0]], [corner[1]])
        gap.set_data([x, corner[0]], [y, corner[1]])
        name.set_visible(not shown)
        shape.set_visible(shown)
        landed.set_visible(shown)
        gap.set_visible(answer.part == 1 and not answer.skipped)
        task = f"A is {TASKS[seed][0]}, B is {TASKS[seed][1]}"
        place = f"Your guess is at {pair(guess[0])}."
        if not shown:
            return Caption(
                "Where does AB take the corner of the F?",
                detail=f"{task}. The corner of the F is at {pair(CORNER)}. {place}",
            )
        return Caption(
            told((x, y), seed, answer),
            detail=f"{task}. AB takes the corner of the F to {pair(a @ b @ CORNER)}. {place} "
            f"{round(100 * answer.part)}% of the movement is drawn.",
        )

    return update


def told(guess: tuple[float, float], seed: int, answer: Answer) -> str:
    """The distance of the guess from the answer, or the name of a common mistake."""
    a, b = matrices(seed)
    end = a @ b @ CORNER
    if answer.skipped:
        return f"AB takes the corner to {pair(end)}."
    off = math.dist(guess, end)
    if off < NEAR:
        return f"You found it: B acts first, then A, and the corner lands at {pair(end)}."
    if math.dist(guess, b @ a @ CORNER) < NEAR:
        return "That is where BA takes the corner: in AB, B acts first."
    if math.dist(guess, b @ CORNER) < NEAR:
        return "That is where B alone takes the corner: now apply A to the result."
    if math.dist(guess, a @ CORNER) < NEAR:
        return "That is where A alone takes the corner, but B acts before it."
    return f"Your guess is {number(off)} away from where AB takes the corner."


def _block(ax: Axes, symbol: str, color: str, top: float, left: float) -> list[artists.Label]:
    """The artists of a matrix: its name, its description, and four numbers in brackets."""
    ax.text(left + 0.02, top + 0.2, symbol, color=color, weight="semibold", size=14, va="center")
    words = artists.label(ax, left + 0.12, top + 0.2, "", va="center")
    for x, turn in ((0.12, 0.04), (0.62, -0.04)):
        ax.plot(
            [left + x + turn, left + x, left + x, left + x + turn],
            [top + 0.34, top + 0.34, top + 0.9, top + 0.9],
            color=color,
            linewidth=1.4,
        )
    return [words] + [
        artists.label(
            ax, left + 0.24 + 0.26 * j, top + 0.48 + 0.28 * i, ha="center", va="center", size=12
        )
        for i in (0, 1)
        for j in (0, 1)
    ]
