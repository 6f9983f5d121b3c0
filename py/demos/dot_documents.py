"""Drag the query and see which document comes first."""

import math
from typing import Annotated

from stage import Caption, Choice, Figure, PointList, Points, Small, Update, apart, artists, number

DOCUMENTS = {  # how often the words "goal" and "vote" appear in each
    "E": (5.0, 1.0),
    "F": (1.0, 4.0),
    "G": (2.0, 2.0),
    "H": (6.0, 5.0),
    "J": (3.0, 0.0),
}
RULES = ("cosine", "dot product")

Pair = tuple[float, float]


def dot(q: Pair, d: Pair) -> float:
    """q·d, rounded to 10 decimals: exact for steps of 0.1."""
    return round(q[0] * d[0] + q[1] * d[1], 10) + 0.0


def cosine(q: Pair, d: Pair) -> float:
    """q·d / (‖q‖‖d‖), at most 1, rounded to 10 decimals. Neither may be the zero vector."""
    return min(round(dot(q, d) / (math.hypot(*q) * math.hypot(*d)), 10), 1.0)


def scores(q: Pair, rule: str) -> dict[str, float]:
    """The score of every document for a query."""
    score = cosine if rule == RULES[0] else dot
    return {name: score(q, document) for name, document in DOCUMENTS.items()}


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: five documents as arrows, and the query."""
    ax = fig.subplots()
    ax.set(xlim=(0, 7.6), ylim=(-0.3, 6.1), xlabel="“goal” in the text")
    ax.set(ylabel="“vote” in the text", xticks=range(8), yticks=range(7))
    lines, names = {}, {}
    for name, document in DOCUMENTS.items():
        lines[name] = artists.arrows(ax, ["muted"], width=0.025)
        lines[name].place(((0, 0), document))
        names[name] = artists.label(ax, document[0] + 0.12, document[1] + 0.14, va="bottom")
    names["G"].set(position=(1.9, 2.1), ha="right")
    names["J"].set(position=(3.05, 0.2))
    asked = artists.arrows(ax, ["model"])
    query = artists.label(
        ax, 0, 0, "q", color="model", weight="semibold", ha="center", va="center", size=12
    )

    def update(
        q: Annotated[PointList, Points((0.1, 4), (0, 4), 0.1, label="query q", names=("q",))] = (
            (2.0, 0.5),
        ),
        rule: Annotated[str, Choice(*RULES, label="rank by")] = RULES[1],
    ) -> str:
        (point,) = q
        found = scores(point, rule)
        best = max(found.values())
        first = [name for name, score in found.items() if score == best]
        for name, score in found.items():
            leads = name in first
            lines[name].set_color("truth" if leads else "muted")
            lines[name].set_alpha(1.0 if leads else 0.45)
            names[name].set_text(f"{name}  {written(score, rule)}")
            names[name].set(color="truth" if leads else "ink", weight="bold" if leads else "normal")
        asked.place(((0, 0), point))
        size = math.hypot(*point)
        query.set_position((point[0] * (1 + 0.3 / size), point[1] * (1 + 0.3 / size)))
        listed = ", ".join(f"{name} {written(score, rule)}" for name, score in found.items())
        return Caption(
            told(first, written(best, rule), rule),
            detail=(
                f"Five documents as arrows and the query at ({number(point[0])}, "
                f"{number(point[1])}). Their scores by {rule}: {listed}."
            ),
            numbers={"first": " and ".join(first), "best": written(best, rule)},
        )

    return update


def written(score: float, rule: str) -> str:
    """A score with two decimals; more if a cosine would be rounded to 1."""
    return apart(score, 2, 1) if rule == RULES[0] else number(score)


def told(first: list[str], best: str, rule: str) -> str:
    """The caption: which document ranks first, and with which score."""
    who = f"document {first[0]} comes first"
    if len(first) > 1:
        who = f"documents {' and '.join(first)} share first place"
    return f"By {rule}, {who} with {best}."
