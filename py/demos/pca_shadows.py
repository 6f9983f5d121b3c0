"""Turn the line and watch the shadows of the points."""

import math
from typing import Annotated

import numpy as np

from stage import Caption, Drag, Figure, Slider, Small, Update, apart, artists, number
from stage.linear_algebra import Numbers, unit

COUNT, SEED = 40, 12
SPREAD = (2.0, 1.0)  # standard deviation along the diagonal, and across it


def cloud() -> Numbers:
    """Points, shape (40, 2), with mean 0 and exactly the covariance matrix (2.5, 1.5; 1.5, 2.5).

    Normal draws, made uncorrelated (Gram–Schmidt), then stretched and rotated.
    """
    x, y = np.random.default_rng(SEED).standard_normal((2, COUNT))
    x = x - x.mean()
    y = y - y.mean()
    y = y - (x @ y) / (x @ x) * x
    along, across = (
        spread * v * math.sqrt((COUNT - 1) / float(v @ v))
        for spread, v in zip(SPREAD, (x, y), strict=True)
    )
    return np.column_stack([along - across, along + across]) / math.sqrt(2)


POINTS = cloud()


def shadows(points: Numbers, degrees: float) -> tuple[Numbers, Numbers]:
    """The coordinate t = u·x of each point along the line, and its projection tu, shape (n, 2)."""
    u = unit(degrees)
    t = points @ u
    return t, t[:, np.newaxis] * u


def kept(points: Numbers, degrees: float) -> float:
    """The share of the variance that the projections keep: var(u·x) over the total variance."""
    t, _ = shadows(points, degrees)
    return float(t.var(ddof=1) / points.var(axis=0, ddof=1).sum())


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: a cloud, a line through its mean, and the perpendiculars to it."""
    ax = fig.subplots()
    ax.set(xlim=(-5.2, 5.2), ylim=(-4.5, 4.5), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    line = artists.line(ax, color="model", linewidth=1.6)
    drops = artists.line(ax, color="error", alpha=0.5, linewidth=1)
    ax.plot(*POINTS.T, "o", color="data", markersize=4)
    feet = artists.points(ax, color="model", markersize=4.5)

    def update(
        theta: Annotated[
            float,
            Slider(0, 179, 1, label="angle of the line", unit="°", drag=Drag.around(4, turn=180)),
        ] = 0.0,
    ) -> str:
        line.set_data(*np.outer(unit(theta), (-6, 6)))
        _, foot = shadows(POINTS, theta)
        feet.set_data(*foot.T)
        drops.set_data(*artists.joined(POINTS, foot))
        share = f"{apart(100 * kept(POINTS, theta), 0, 0, 100)}%"
        return Caption(
            f"At {number(theta)}°, the shadows keep {share} of the variance.",
            detail=(
                f"{COUNT} points around the origin and a line through it. From each point, a thin "
                "segment runs at a right angle to the line and ends at the point's shadow."
            ),
            numbers={"theta": number(theta), "kept": share},
        )

    return update
