"""Drag the centers, then let them move until they rest."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from stage import Button, Caption, Figure, PointList, Points, Small, Update, artists, number, pair
from stage.clustering import TIED, cells
from stage.linear_algebra import Numbers
from stage.text import count

WIDTH, HEIGHT = 10.0, 8.0  # of the picture
POINTS = np.concatenate(  # three groups of eight
    [
        np.random.default_rng([19, i]).normal(middle, 0.75, (8, 2))
        for i, middle in enumerate(((2.0, 5.2), (7.6, 5.0), (5.4, 1.7)))
    ]
).round(1)


def squares(centers: Numbers) -> Numbers:
    """The squared distance ‖xᵢ − cⱼ‖² of each point from each center, shape (24, k)."""
    return np.asarray(((POINTS[:, None] - centers) ** 2).sum(axis=2))


def assign(centers: Numbers) -> NDArray[np.intp]:
    """The label of each point: the nearest center; of equally near ones the first."""
    distances = squares(centers)
    nearest = distances.min(axis=1, keepdims=True)
    return np.asarray(np.argmax(distances <= nearest * (1 + TIED), axis=1))


def move(labels: NDArray[np.intp], centers: Numbers) -> Numbers:
    """The mean of each center's points, to hundredths; a center without points stays."""
    own = [POINTS[labels == j] for j in range(len(centers))]
    means = [p.mean(axis=0) if len(p) else c for p, c in zip(own, centers, strict=True)]
    return np.array(means).round(2)


def parts(labels: NDArray[np.intp], centers: Numbers) -> list[float]:
    """What each center's points add to the inertia J = Σᵢ ‖xᵢ − c(i)‖²."""
    own = squares(centers)[np.arange(len(POINTS)), labels]
    return [float(own[labels == j].sum()) for j in range(len(centers))]


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: the points, each joined to its center, and where the centers will move."""
    ax = fig.subplots()
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    borders = artists.polygons(ax, facecolors="none", edgecolors="rule", linewidths=2, zorder=0.7)
    spokes = artists.line(ax, color="error", linewidth=1, zorder=1.5)
    artists.points(ax, *POINTS.T, color="data", markersize=6)
    goals = artists.points(ax, color="gradient", mfc="none", markersize=12, mew=2, zorder=3)
    ways = artists.arrows(ax, ["gradient"] * 3)
    discs = artists.points(ax, color="model", mec="surface", markersize=12, zorder=4)

    def update(
        centers: Annotated[
            PointList,
            Points(
                *((0.0, WIDTH), (0.0, HEIGHT), 0.1),
                label="centers",
                names=("1", "2", "3"),
                least=3,
                most=3,
            ),
        ] = ((5.0, 7.2), (9.0, 6.5), (9.0, 7.3)),
        step: Annotated[bool, Button(label="Move the centers")] = False,
    ) -> str:
        at = np.array(centers)
        if step:
            at = move(assign(at), at)
        labels = assign(at)
        means = move(labels, at)
        borders.set_verts(cells(at, (0, 0), (WIDTH, HEIGHT)))
        spokes.set_data(artists.joined(POINTS, at[labels]))
        discs.set_data(*at.T)
        going = np.flatnonzero((abs(means - at) > 1e-9).any(axis=1))
        goals.set_data(*means[going].T)
        ways.set_arrows(*np.where(np.isin(range(3), going)[:, None], (at, means - at), np.nan))
        own = parts(labels, at)
        total, later = number(sum(own), 1), number(sum(parts(assign(means), means)), 1)
        fall = "hardly lowers it" if later == total else f"lowers it to {later}"
        told = (
            f"The inertia is {total}; the next move {fall}."
            if len(going)
            else f"At rest: no center moves, and the inertia stays at {total}."
        )
        sizes = np.bincount(labels, minlength=3)
        each = "; ".join(
            f"center {j + 1} at {pair(at[j])} with {count(int(sizes[j]), 'point')}"
            for j in range(3)
        )
        names = ("first", "second", "third")
        return Caption(
            told,
            detail=f"Three centers and {len(POINTS)} points in three groups: {each}.",
            numbers={"total": total}
            | {name: number(value, 1) for name, value in zip(names, own, strict=True)},
            sets={"centers": tuple(map(tuple, at.tolist())), "step": False} if step else {},
        )

    return update
