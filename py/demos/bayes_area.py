"""Drag the two edges and compare the colored areas."""

from typing import Annotated, Any

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, percent
from stage.bayes import joint_probabilities

SENSITIVITY = 0.9


def belonging(ill: float, healthy: float) -> float | None:
    """P(ill | positive) = ill / (ill + healthy) for two areas; None if both are 0."""
    return ill / (ill + healthy) if ill + healthy else None


def demo(fig: Annotated[Figure, Small(1.05)]) -> Update:
    """Set the scene: a square of everyone, the ill to the left, the positives at the bottom."""
    ax = fig.subplots()
    ax.set(xlim=(-0.04, 1.08), ylim=(-0.14, 1.12))
    ax.set_axis_off()
    both = artists.polygons(ax, facecolors=["truth", "error"])
    frame = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    ax.plot(*frame.T, color="muted", linewidth=1)
    edge = artists.line(ax, color="data", linewidth=2)
    style: Any = {"va": "center", "weight": "semibold"}
    ax.text(0, -0.08, "ill, positive", color="truth", **style)
    ax.text(1, -0.08, "healthy, positive", color="error", ha="right", **style)

    def update(
        prior: Annotated[
            float, Slider(0, 1, 0.01, label="prior P(ill)", drag=Drag.horizontal(1.06))
        ] = 0.3,
        specificity: Annotated[
            float,
            Slider(
                0,
                1,
                0.01,
                label="specificity",
                drag=Drag(at=lambda value: (1.04, 1 - value), to=lambda _x, y: 1 - y),
            ),
        ] = 0.8,
    ) -> str:
        alarm = 1 - specificity
        boxes = ((0.0, prior, SENSITIVITY), (prior, 1.0, alarm))
        both.set_verts(np.array([[(a, 0), (b, 0), (b, top), (a, top)] for a, b, top in boxes]))
        edge.set_data([prior, prior], [0, 1.06])
        ill, healthy, *_ = joint_probabilities(prior, SENSITIVITY, specificity)
        after = belonging(ill, healthy)
        share = "none" if after is None else percent(after, 1)
        return Caption(
            "No one tests positive, so there is no colored area."
            if after is None
            else f"Of the colored area, {share} belongs to the ill.",
            detail=(
                f"A square with area 1. The ill are a strip of width {percent(prior)}, 90% of "
                f"which is positive. Of the healthy rest, {percent(alarm)} is positive. The two "
                f"positive areas are {percent(ill)} and {percent(healthy)} of the square."
            ),
        )

    return update
