"""Put x where w·x = 3, then check."""

import math
from typing import Annotated

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
    apart,
    artists,
    narrow,
    number,
    pair,
)

LEVEL = 3.0
TASKS = ((2.0, 1.0), (-1.0, 2.0), (1.5, -1.5), (0.5, 1.0))  # w
NEAR = 0.15

Pair = tuple[float, float]


def dot(w: Pair, x: Pair) -> float:
    """w·x = w₁x₁ + w₂x₂, rounded to 10 decimals: exact for steps of 0.1."""
    return round(w[0] * x[0] + w[1] * x[1], 10) + 0.0


def line_at(w: Pair, reach: float) -> tuple[Pair, Pair]:
    """Two points with w·x = 3, at distance `reach` on both sides of the one nearest to 0."""
    size = math.hypot(*w)
    middle = (LEVEL * w[0] / size**2, LEVEL * w[1] / size**2)
    side = (-w[1] / size * reach, w[0] / size * reach)
    return (
        (middle[0] - side[0], middle[1] - side[1]),
        (middle[0] + side[0], middle[1] + side[1]),
    )


def demo(fig: Annotated[Figure, Shape(wide=1.7, narrow=1.15)]) -> Update:
    """Set the scene: the arrow w, and a point x that the reader places."""
    ax = fig.subplots()
    wide = 5.2 if narrow(fig) else 7.4
    ax.set(xlim=(-wide, wide), ylim=(-4.3, 4.3), aspect="equal")
    ax.set(xticks=range(-int(wide), int(wide) + 1), yticks=range(-4, 5))
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.9)
    ax.axvline(0, color="muted", linewidth=0.8, zorder=0.9)
    both = artists.arrows(ax, ["model", "data"])
    title = ax.set_title("", color="model")
    name_w = artists.label(ax, 0, 0, "w", color="model", weight="semibold", va="center", size=12)
    level = artists.line(ax, color="truth", linewidth=2)
    level_name = artists.label(
        ax, 0, 0, "w·x = 3", color="truth", weight="semibold", ha="center", size=12
    )
    gap = artists.line(ax, color="error", linewidth=2)
    name_x = artists.label(ax, 0, 0, "x", color="data", weight="semibold", va="center", size=12)

    def update(
        x: Annotated[
            PointList, Points((-4, 4), (-4, 4), 0.1, label="x", names=("x",), guess=True)
        ] = ((-3.0, -2.0),),
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        (point,) = x
        w = TASKS[seed]
        size = math.hypot(*w)
        both.place(((0, 0), w), ((0, 0), point))
        title.set_text(f"w = {pair(w)}")
        name_w.set(position=(w[0] * (1 + 0.3 / size), w[1] * (1 + 0.3 / size)), ha="center")
        out = math.copysign(0.3, point[0])
        name_x.set(position=(point[0] + out, point[1]), ha="left" if out > 0 else "right")
        shown = bool(answer)
        (x1, y1), (x2, y2) = line_at(w, 12 * answer.part)
        level.set_visible(shown)
        level.set_data([x1, x2], [y1, y2])
        (x1, y1), _ = line_at(w, 2.6)
        level_name.set_visible(answer.part == 1)
        level_name.set(position=(x1 + 0.35 * w[0] / size, y1 + 0.35 * w[1] / size), va="center")
        level_name.set_rotation(_upright(math.degrees(math.atan2(w[0], -w[1]))))
        gap.set_visible(answer.part == 1 and not answer.skipped)
        away = (LEVEL - dot(w, point)) / size**2
        gap.set_data([point[0], point[0] + away * w[0]], [point[1], point[1] + away * w[1]])
        task = f"w = {pair(w)}, and x is at {pair(point)}."
        if not shown:
            return Caption("Where is w·x exactly 3?", detail=task)
        return Caption(
            told(w, point, answer),
            detail=(
                f"{task} All places with w·x = 3 form a straight line perpendicular to w, "
                f"{number(LEVEL / size)} from the origin. {round(100 * answer.part)}% of the line "
                "is drawn."
            ),
        )

    return update


def _upright(turn: float) -> float:
    """The angle of a text along a line at `turn` degrees, never upside down."""
    turn %= 180
    return turn - 180 if turn > 90 else turn


def told(w: Pair, x: Pair, answer: Answer) -> str:
    """The score of the guess, or the name of a common mistake."""
    if answer.skipped:
        return "Every x on the line has w·x = 3."
    score, size = dot(w, x), math.hypot(*w)
    if score == LEVEL:
        return "You found it: w·x = 3 here, and everywhere else on the line."
    told_score = apart(score, 2, LEVEL)
    if abs(score / size - LEVEL) < NEAR:
        return f"The shadow of your x is about 3 long, but w·x = {told_score}."
    if abs(math.hypot(*x) - LEVEL) < NEAR and score > 0:
        return f"Your x is about 3 long, but w·x = {told_score}."
    if abs(score + LEVEL) < NEAR * size:
        return f"That is the wrong side of the origin: w·x = {told_score}."
    if abs(score - LEVEL) < NEAR * size:
        return f"Very close: w·x = {told_score}."
    return f"Your x has w·x = {told_score} instead of 3."
