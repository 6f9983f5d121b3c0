"""Drag the split to separate the cats from the dogs."""

from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.text import count
from stage.trees import entropy, gain, sides

# Weights in kg; class 0: cats, class 1: dogs.
CATS, DOGS = (2, 3, 4, 6, 7, 10), (5, 8, 9, 11, 12, 13)
WEIGHTS = np.array([*CATS, *DOGS], dtype=float)
KINDS = np.repeat([0, 1], [len(CATS), len(DOGS)])
LOW, HIGH = 1.5, 13.5
TOP = 1.22  # the height of the row of cats; that of the dogs is above it
MIDDLE = 7.0


def gain_at(t: float) -> float:
    """gain = H(S) − n_yes/n · H(S_yes) − n_no/n · H(S_no) for “weight ≤ t?”, in bits."""
    found: float = gain(WEIGHTS, KINDS, [t])[0].item()
    return found


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: two rows of animals, their entropy, and the gain up to the split."""
    ax = fig.subplots()
    ax.set(xlim=(LOW - 0.5, HIGH + 0.5), ylim=(0, 1.62), xlabel="weight in kg")
    ax.set_xticks(range(2, 14))
    ax.set_yticks([0, 0.5, 1, TOP, TOP + 0.17], ["0 bits", "0.5 bits", "1 bit", "cats", "dogs"])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    artists.points(ax, color="data", markersize=9).set_data(CATS, [TOP] * len(CATS))
    squares = artists.points(ax, marker="s", color="model", markersize=7.5)
    squares.set_data(DOGS, [TOP + 0.17] * len(DOGS))
    whole = entropy([len(CATS), len(DOGS)]).item()
    artists.line(ax, [LOW, HIGH], [whole, whole], color="error", linewidth=1.4)
    words = artists.label(ax, 0, whole - 0.03, "entropy of all animals", color="error", va="top")
    cut = artists.line(ax, color="truth", linewidth=2.2, linestyle=(0, (5, 3)))
    curve = artists.line(ax, color="truth", linewidth=2)
    here = artists.points(ax, color="truth", markersize=9, clip_on=False)

    def update(
        t: Annotated[
            float,
            Slider(LOW, HIGH, 1, label="threshold t", unit="kg", drag=Drag.horizontal(TOP + 0.3)),
        ] = 3.5,
    ) -> str:
        # the rest of the curve comes with the line; the gain changes at each animal
        edges = np.array([LOW, *sorted(weight for weight in (*CATS, *DOGS) if weight < t), t])
        between = (edges[:-1] + edges[1:]) / 2
        curve.set_data(*artists.steps(edges, gain(WEIGHTS, KINDS, between)))
        found = gain_at(t)
        words.set_horizontalalignment("left" if t > MIDDLE else "right")
        words.set_x(LOW if t > MIDDLE else HIGH)  # on the side without the line
        cut.set_data([t, t], [0, TOP + 0.3])
        here.set_data([t], [found])
        (below,), (above,) = sides(WEIGHTS, KINDS, [t])
        (cats, dogs), (other_cats, other_dogs) = below.tolist(), above.tolist()
        own = "bit" if number(found, 3) == "1" else "bits"
        return Caption(
            f"Splitting at {number(t)} kg gains {number(found, 3)} {own}.",
            detail=(
                f"12 animals by weight. Up to {number(t)} kg: {_animals(cats, dogs)}, entropy "
                f"{number(entropy(below).item(), 3)}; above: {_animals(other_cats, other_dogs)}, "
                f"entropy {number(entropy(above).item(), 3)}."
            ),
            numbers={
                "t": number(t),
                "whole": number(whole, 3),
                "below": number(sum((cats, dogs))),
                "above": number(sum((other_cats, other_dogs))),
                "entropy_below": number(entropy(below).item(), 3),
                "entropy_above": number(entropy(above).item(), 3),
                "gain": number(found, 3),
            },
        )

    return update


def _animals(cats: float, dogs: float) -> str:
    return f"{count(int(cats), 'cat')} and {count(int(dogs), 'dog')}"
