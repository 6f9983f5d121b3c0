"""Make the crowd purer or more mixed, and read its entropy."""

from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.text import count
from stage.trees import entropy

COUNT = 20
P = np.linspace(0, 1, 201)
TOP = 1.2  # the height of the lower row of animals


def bits(p: float) -> float:
    """The entropy H = −p log₂ p − (1 − p) log₂(1 − p) of two classes with shares p and 1 − p."""
    found: float = entropy([p, 1 - p]).item()
    return found


def demo(fig: Annotated[Figure, Small(1.2)]) -> Update:
    """Set the scene: a crowd of 20 animals, and the entropy up to the handle."""
    ax = fig.subplots()
    ax.set(xlim=(-0.04, 1.04), ylim=(0, 1.5), xlabel="p, the share of cats")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    ax.set_yticks([0, 0.5, 1], ["0 bits", "0.5 bits", "1 bit"])
    ax.spines["left"].set_visible(False)
    cats = artists.points(ax, color="data", markersize=9)
    dogs = artists.points(ax, marker="s", color="model", markersize=7.5)
    curve = artists.line(ax, color="error")
    stem = artists.line(ax, color="error", linewidth=1.4, linestyle="--")
    here = artists.points(ax, color="error", markersize=9, clip_on=False)
    column, row = np.divmod(np.arange(COUNT), 2)
    places = np.column_stack([(column + 0.5) / (COUNT // 2), TOP + 0.16 * row])
    heights = np.array([bits(p) for p in P.tolist()])

    def update(
        cats_of_20: Annotated[
            int,
            Slider(
                *(0, COUNT, 1),
                label="cats",
                drag=Drag(at=lambda k: (k / COUNT, bits(k / COUNT)), to=lambda x, _y: COUNT * x),
            ),
        ] = 3,
    ) -> str:
        p = cats_of_20 / COUNT
        cats.set_data(*places[:cats_of_20].T)
        dogs.set_data(*places[cats_of_20:].T)
        found = bits(p)
        curve.set_data(np.append(P[p > P], p), np.append(heights[p > P], found))
        stem.set_data([p, p], [0, found])
        here.set_data([p], [found])
        whole = number(found, 3)
        share, rest = number(p), number(1 - p)
        unit = "bit" if whole == "1" else "bits"
        return Caption(
            f"With {number(100 * p)}% cats, the entropy is {whole} {unit}.",
            detail=(
                f"{COUNT} animals: {count(cats_of_20, 'cat')} and "
                f"{count(COUNT - cats_of_20, 'dog')}. The entropy is drawn from 0% up to here."
            ),
            numbers={"p": share, "q": rest, "bits": whole},
        )

    return update
