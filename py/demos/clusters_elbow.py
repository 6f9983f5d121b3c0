"""Add centers one by one and watch the inertia fall."""

from functools import lru_cache
from typing import Annotated, Any

import numpy as np

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, percent
from stage.clustering import assign, best_of, cells, spread_points
from stage.linear_algebra import Numbers
from stage.text import count

MOST, RUNS = 8, 50
WIDTH, HEIGHT = 10.0, 6.4  # of the area with the points
BASE, SCALE = -4.2, 3.2  # y of the zero line, and length, of the scale of inertias below it
GROUPS, NONE = "groups", "no groups"


@lru_cache
def data(kind: str) -> Numbers:
    """80 points, shape (80, 2): four groups, or spread evenly over a disc."""
    rng = np.random.default_rng(4)
    if kind == NONE:
        places = rng.uniform(-2.9, 2.9, (200, 2))
        inside = places[np.hypot(*places.T) < 2.9][:80]
        return np.asarray(inside + np.array([WIDTH / 2, HEIGHT / 2]))
    middles = ((1.7, 4.6), (4.9, 1.5), (5.6, 5.0), (8.4, 2.5))
    return np.concatenate([rng.normal(middle, 0.5, (20, 2)) for middle in middles])


@lru_cache(maxsize=32)
def best(kind: str, k: int) -> tuple[Numbers, float]:
    """The centers and the inertia of the best of 50 runs of k-means."""
    points = data(kind)
    return best_of(points, spread_points(points, k, range(RUNS)))


def share(kind: str, k: int) -> float:
    """The inertia with k centers as a share of that with one: J(k) / J(1)."""
    return best(kind, k)[1] / best(kind, 1)[1]


def place(kind: str, k: float) -> tuple[float, float]:
    """The position of the mark for k."""
    return (k - 0.5) * WIDTH / MOST, BASE + SCALE * share(kind, round(k))


def demo(fig: Annotated[Figure, Small(0.95)]) -> Update:
    """Set the scene: the points with their centers; below, the inertia of every k so far."""
    ax = fig.subplots()
    ax.set(xlim=(0, WIDTH), ylim=(BASE - 1.1, HEIGHT), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.plot([0, WIDTH], [BASE, BASE], color="muted", linewidth=1, zorder=0.7)
    for k in range(1, MOST + 1):
        ax.text(place(GROUPS, k)[0], BASE - 0.2, str(k), ha="center", va="top", zorder=0.8)
    style: dict[str, Any] = {"color": "error", "weight": "semibold", "ha": "right", "va": "center"}
    ax.text(WIDTH, BASE + SCALE - 0.1, "inertia for each k", zorder=0.8, **style)
    borders = artists.polygons(ax, facecolors="none", edgecolors="rule", linewidths=2, zorder=0.7)
    spokes = artists.line(ax, color="error", linewidth=0.8, zorder=1.5)
    dots = artists.points(ax, color="data", markersize=5)
    discs = artists.points(ax, color="model", mec="surface", markersize=11, zorder=4)
    curve = artists.line(ax, color="error", marker="o", markersize=6, linewidth=2)
    here = artists.points(ax, color="model", markersize=10, zorder=4)

    def update(
        k: Annotated[
            int,
            Slider(
                *(1, MOST, 1),
                label="clusters k",
                drag=Drag(
                    at=lambda k, kind: place(kind, k), to=lambda x, _y: x * MOST / WIDTH + 0.5
                ),
            ),
        ] = 1,
        kind: Annotated[str, Choice(GROUPS, NONE, label="data")] = GROUPS,
    ) -> str:
        points, (centers, _) = data(kind), best(kind, k)
        borders.set_verts(cells(centers, (0, 0), (WIDTH, HEIGHT)))
        spokes.set_data(artists.joined(points, centers[assign(points, centers)]))
        dots.set_data(*points.T)
        discs.set_data(*centers.T)
        curve.set_data(*np.transpose([place(kind, j) for j in range(1, k + 1)]))
        here.set_data(*np.transpose([place(kind, k)]))
        now = percent(share(kind, k), 1)
        listed = ", ".join(percent(share(kind, j), 1) for j in range(1, k + 1))
        return Caption(
            f"For k = {k}, the inertia is {now} of the inertia of a single center.",
            detail=(
                f"{len(points)} points, {'four groups' if kind == GROUPS else 'without groups'}, "
                f"and {count(k, 'center')}, the best of {RUNS} runs. Inertias from k = 1 on: "
                f"{listed}."
            ),
            numbers={"k": str(k), "share": now},
        )

    return update
