"""Let k-means look for groups: play it step by step, then run it from 200 starts."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from stage import Choice, Figure, Shape, Slider, Steps, Update, artists, narrow, number
from stage.figures import axis_numbers, mixed
from stage.linear_algebra import Numbers

Labels = NDArray[np.intp]

WIDTH, HEIGHT = 10.0, 8.0  # of the picture, in cm
MARKED = range(0, int(WIDTH) + 1, 2)  # the numbers along x


@lru_cache
def data(name: str) -> Numbers:
    """The points that the demo clusters, shape (n, 2), rounded to hundredths."""
    rng = np.random.default_rng(19)

    def cloud(x: float, y: float, spread: float, count: int) -> Numbers:
        return rng.normal((x, y), spread, (count, 2))

    if name == "moons":
        turn = np.linspace(0, math.pi, 75)
        upper = np.column_stack([3.7 + 2.6 * np.cos(turn), 3.4 + 2.6 * np.sin(turn)])
        lower = np.column_stack([6.3 + 2.6 * np.cos(turn), 4.6 - 2.6 * np.sin(turn)])
        points = np.concatenate([upper, lower]) + rng.normal(0, 0.2, (150, 2))
    elif name == "unequal sizes":
        points = np.concatenate(
            [cloud(3.6, 4, 1.2, 110), cloud(8, 5.3, 0.35, 20), cloud(8, 2.7, 0.35, 20)]
        )
    elif name == "three places":
        points = np.repeat([(2.0, 2.0), (8.0, 3.0), (4.0, 6.5)], 10, axis=0)
    else:
        middles = ((1.7, 6.4), (3.4, 5.0), (3.0, 1.7), (8.0, 2.4), (8.1, 6.0))
        points = np.concatenate([cloud(x, y, 0.5, 30) for x, y in middles])
    return points.round(2) * unit(name)


def unit(name: str) -> Numbers:
    """By what x and y are multiplied: 1 cm is 10 mm."""
    return np.array([10.0, 1.0]) if name == "x in mm" else np.ones(2)


# k-means. Points have the shape (n, 2), centers (…, k, 2), labels (…, n): of each point its center.
# What stands before k and n is a number of runs that are made at once; it may be missing.

TIED = 1e-9  # two squared distances that differ by less of the larger one are equal


def squares(points: Numbers, centres: Numbers) -> Numbers:
    """The squared distance ‖xᵢ − cⱼ‖² of each point from each center, shape (…, n, k)."""
    across = centres[..., 0, None] - points[:, 0]  # points last: 150 of them, a few centers
    up = centres[..., 1, None] - points[:, 1]
    distances: Numbers = np.swapaxes(across * across + up * up, -1, -2)
    return distances


def assign(points: Numbers, centres: Numbers) -> Labels:
    """The nearest center of each point; of two equally near ones the first.

    Equal means equal but for rounding (TIED): the last digit of a distance decides nothing.
    """
    distances = squares(points, centres)
    nearest = distances.min(axis=-1, keepdims=True)
    labels: Labels = (distances <= nearest * (1 + TIED)).argmax(axis=-1)
    return labels


def move(points: Numbers, labels: Labels, centres: Numbers) -> Numbers:
    """Each center goes to the mean of its points; one without points stays where it is."""
    k = centres.shape[-2]
    runs = labels.reshape(-1, len(points))
    cells = (runs + k * np.arange(len(runs))[:, None]).ravel()
    count, x, y = (
        np.bincount(cells, None if of is None else np.tile(of, len(runs)), k * len(runs))
        for of in (None, *points.T)
    )
    means = np.column_stack([x, y]) / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, means, centres.reshape(-1, 2)).reshape(centres.shape)


def inertia(points: Numbers, labels: Labels, centres: Numbers) -> Numbers:
    """The sum over all points of the squared distance from their own center, shape (…)."""
    own = np.take_along_axis(centres, labels[..., None], axis=-2)
    squared = ((points - own) ** 2).reshape(*labels.shape[:-1], 2 * len(points))
    return np.asarray(squared.sum(axis=-1))


def random_points(points: Numbers, k: int, seeds: Sequence[int]) -> Numbers:
    """k of the points for each seed, each set as likely as any other, shape (seeds, k, 2).

    ValueError if k > n.
    """
    n = len(points)
    chosen = [np.random.default_rng(seed).choice(n, k, replace=False) for seed in seeds]
    return points[np.array(chosen)]


def spread_points(points: Numbers, k: int, seeds: Sequence[int]) -> Numbers:
    """k-means++ for each seed, shape (seeds, k, 2).

    The next center is a point drawn with a probability ∝ its squared distance from the nearest
    center so far. If no point has any, all are as likely. Arthur and Vassilvitskii (2007), section
    2.2. This is `Generator.choice(n, p=…)`, written out for many generators at once.
    """
    sources = [np.random.default_rng(seed) for seed in seeds]
    chosen = np.array([[source.integers(len(points))] for source in sources])
    nearest = squares(points, points[chosen])[..., 0]
    while chosen.shape[1] < k:
        total = nearest.sum(axis=1, keepdims=True)
        up_to = (nearest / np.where(total, total, 1)).cumsum(axis=1)
        # the number of points whose share, with those before them, lies below a random number
        picked = [
            int(np.searchsorted(row / row[-1], source.random(), "right"))
            if row[-1]
            else int(source.choice(len(points)))
            for source, row in zip(sources, up_to, strict=True)
        ]
        chosen = np.column_stack([chosen, picked])
        nearest = np.minimum(nearest, squares(points, points[chosen[:, -1:]])[..., 0])
    return np.asarray(points[chosen])


class Run(NamedTuple):
    """What Lloyd's algorithm does from a start: even steps move the centres, odd ones assign."""

    centres: list[Numbers]  # after each step, the start being step 0
    labels: list[Labels]  # after each step; before step 1 they mean nothing
    inertias: list[float]  # likewise; NaN at step 0, where no point has a centre yet


def lloyd(points: Numbers, centres: Numbers) -> Run:
    """Assign and move in turn, until no point changes its centre. Lloyd (1957, printed 1982)."""
    run = Run([centres], [np.zeros(len(points), dtype=np.intp)], [math.nan])
    while True:
        before, labels = run.labels[-1], assign(points, centres)
        settled = len(run.centres) > 1 and np.array_equal(labels, before)
        for assigned in (True, False)[: 1 if settled else 2]:
            centres = centres if assigned else move(points, labels, centres)
            run.centres.append(centres)
            run.labels.append(labels)
            run.inertias.append(float(inertia(points, labels, centres)))
        if settled:
            return run


def lloyd_ends(points: Numbers, centres: Numbers) -> Numbers:
    """The inertia at which each of many runs ends, shape (runs,), from starts (runs, k, 2).

    The runs are made at once, by the same two moves as one in `lloyd`; those at rest are left out.
    """
    found = np.zeros(len(centres))
    going, before = np.arange(len(centres)), np.full((len(centres), len(points)), -1)
    while len(going):
        labels = assign(points, centres)
        centres = move(points, labels, centres)
        still = (labels == before).all(axis=1)
        found[going[still]] = inertia(points, labels[still], centres[still])
        going, before, centres = going[~still], labels[~still], centres[~still]
    return found


STARTS = {"random points": random_points, "spread points": spread_points}


@lru_cache(maxsize=2048)
def replay(name: str, k: int, init: str, seed: int) -> Run:
    """The run from start number `seed`: the same start gives the same run, every time."""
    points = data(name)
    return lloyd(points, STARTS[init](points, k, [seed])[0])


@lru_cache(maxsize=16)
def ends(name: str, k: int, init: str) -> list[float]:
    """At what inertias runs 0, 1, … end, as percentages of that with one center."""
    return []


def final_shares(name: str, k: int, init: str, runs: int) -> list[float]:
    """The ends of the first `runs` runs; only new ones cost, and many at once cost little each."""
    done, points = ends(name, k, init), data(name)
    while len(done) < runs:  # as many at a time as stay in a processor's cache
        starts = STARTS[init](points, k, range(len(done), min(runs, len(done) + 25)))
        done += (100 * lloyd_ends(points, starts) / spread(name)).tolist()
    return done[:runs]


@lru_cache
def spread(name: str) -> float:
    """The inertia with one center, the mean of all points: what is there to be explained."""
    points = data(name)
    return float(inertia(points, np.zeros(len(points), dtype=np.intp), points.mean(axis=0)[None]))


def cells(centres: Numbers, width: float, height: float) -> list[Numbers]:
    """The Voronoi cells: for each centre the part of the rectangle that is nearest to it.

    The rectangle is cut along the line halfway to every other centre. Centres in one place share
    their cell.
    """
    found = []
    for j, own in enumerate(centres):
        cell = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
        for other in np.delete(centres, j, axis=0):
            a, b = (other - own).tolist()
            c = float(other @ other - own @ own) / 2
            cell = _cut(cell, a, b, c)
        found.append(np.array(cell))
    return found


def _cut(
    cell: list[tuple[float, float]], a: float, b: float, c: float
) -> list[tuple[float, float]]:
    """What of a polygon lies where ax + by ≤ c. Sutherland and Hodgman (1974)."""
    kept = []
    x0, y0 = cell[-1]
    over0 = a * x0 + b * y0 - c
    for x, y in cell:
        over = a * x + b * y - c
        if over * over0 < 0:
            part = over0 / (over0 - over)
            kept.append((x0 + part * (x - x0), y0 + part * (y - y0)))
        if over <= 0:
            kept.append((x, y))
        x0, y0, over0 = x, y, over
    return kept


MOST = 6  # clusters
LAST = 60  # steps that are shown
RUNS = 200
COLORS = ("data", "model", "truth", "error", "gradient", "ink")
LOW, HIGH = 1.0, 500.0  # of the inertias shown, as percentages of that with one centre
GOOD = 1.01  # a run that ends within 1% of the lowest inertia is counted with the best


def demo(fig: Annotated[Figure, Shape(wide=1.72, narrow=0.62)]) -> Update:
    """Set the scene: points, centres and cells; the inertia of this run; that of all runs."""
    if narrow(fig):
        rows = fig.add_gridspec(3, 1, height_ratios=(2.3, 1, 1))
        spots = [rows[i] for i in range(3)]
    else:
        grid = fig.add_gridspec(2, 2, width_ratios=(1.9, 1))
        spots = [grid[:, 0], grid[0, 1], grid[1, 1]]
    plane, fall, strip = (fig.add_subplot(spot) for spot in spots)

    plane.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal", ylabel="y (cm)")
    plane.set_xlabel("x (mm)", color="none")  # keeps the room for what is written there
    below = plane.transAxes + ScaledTranslation(0, -0.24, fig.dpi_scale_trans)
    across = artists.label(plane, 0.5, 0, transform=below, ha="center", va="top")
    numbers = axis_numbers(plane, "x", MARKED, [number(10 * at) for at in MARKED])
    plane.grid(visible=False)
    plane.spines[:].set_visible(False)
    tints = [mixed(c, 0.16) for c in COLORS]
    areas = artists.polygons(
        plane, facecolors=tints, edgecolors="surface", linewidths=2, zorder=0.6
    )
    trails = artists.segments(plane, colors="ink", linewidths=1.3, zorder=3)
    free = artists.points(plane, color="muted", markersize=4, zorder=1)
    groups = [artists.points(plane, color=c, markersize=4, zorder=2) for c in COLORS]
    origins = artists.points(plane, color="ink", mfc="surface", markersize=5, zorder=4)
    middles = [
        artists.points(plane, color=c, markersize=11.4, mec="ink", mew=1.8, zorder=5)
        for c in COLORS
    ]

    _scale(fall, HIGH, "inertia at each step")
    fall.set(xlim=(-1, LAST + 1), xlabel="step", xticks=range(0, LAST + 1, 20))
    line = artists.line(fall, marker="o", color="error", linewidth=1.4, markersize=2.6)
    now = artists.points(fall, color="error", markersize=7)
    _scale(strip, 110, "inertia at the end of each run")
    strip.set(xlim=(-4, RUNS + 3), xlabel="run", xticks=range(0, RUNS, 50))
    ends = artists.points(strip, color="muted", markersize=2.6)
    stem = artists.line(strip, color="error", linewidth=1)
    own = artists.points(strip, color="error", markersize=7)

    def update(
        shape: Annotated[
            str,
            Choice("blobs", "moons", "unequal sizes", "x in mm", "three places", label="data"),
        ] = "blobs",
        k: Annotated[int, Slider(1, MOST, 1, label="clusters k")] = 5,
        init: Annotated[str, Choice(*STARTS, label="start (spread: k-means++)")] = "random points",
        seed: Annotated[int, Slider(0, RUNS - 1, 1, label="run (seed of the start)")] = 3,
        step: Annotated[int, Steps(LAST, label="step", rate=2.5)] = 4,
        runs: Annotated[int, Steps(RUNS, label="runs made", rate=100)] = 0,
    ) -> str:
        points, run = data(shape), replay(shape, round(k), init, round(seed))
        done = min(step, len(run.centres) - 1)
        centres, labels = run.centres[done], run.labels[done]
        shares = [100 * value / spread(shape) for value in run.inertias]
        finals = final_shares(shape, round(k), init, runs)

        to_picture = 1 / unit(shape)  # the picture stays; the numbers along x are other ones
        across.set_text(f"x ({'mm' if shape == 'x in mm' else 'cm'})")
        for text, at in zip(numbers, MARKED, strict=True):
            text.set_text(number(at * unit(shape)[0]))
        free.set_data(points.T * to_picture[:, None])
        free.set_visible(done == 0)
        for j, group in enumerate(groups):
            group.set_data(points[labels == j].T * to_picture[:, None])
            group.set_visible(done > 0)
        width, height = np.array([WIDTH, HEIGHT]) / to_picture
        areas.set_verts([cell * to_picture for cell in cells(centres, width, height)])
        trails.set_segments(np.stack(run.centres[: done + 1], axis=1) * to_picture)
        origins.set_data(run.centres[0].T * to_picture[:, None])
        for j, middle in enumerate(middles):
            middle.set_data((centres * to_picture)[j : j + 1].T)

        line.set_data(range(done + 1), np.maximum(shares[: done + 1], LOW))
        now.set_data([done], [max(shares[done], LOW)])
        ends.set_data(range(runs), np.maximum(finals, LOW))
        stem.set_data([seed, seed], [LOW, max(shares[-1], LOW)])
        own.set_data([seed], [max(shares[-1], LOW)])

        started = f"Run {number(seed)} ({shape}, k = {number(k)}, {init})"
        return f"{started}, {_step(shape, run, done)} {_runs(finals)}"

    return update


# The picture's parts


def _scale(ax: Axes, high: float, title: str) -> None:
    """Powers of ten: a factor is as high everywhere, whatever the data and k."""
    ax.set(yscale="log", ylim=(LOW * 0.9, high), yticks=(1, 10, 100))
    ax.set_yticklabels(["1%", "10%", "100%"])
    ax.minorticks_off()
    ax.set_title(title, size=10.5, color="error", zorder=0.6)
    ax.spines["left"].set_visible(False)


# The sentences


def _share(percent: float) -> str:
    return f"{number(percent)}%"


def _step(name: str, run: Run, done: int) -> str:
    """What the last step did, and what the inertia is."""
    last, k = len(run.centres) - 1, len(run.centres[0])
    if done == 0:
        serve = "serve as the first centres" if k > 1 else "serves as the first centre"
        return f"step 0: {k} of the points {serve}."
    value = run.inertias[done]
    level = f"inertia {number(value)}, {_share(100 * value / spread(name))} of that with one centre"
    empty = k - len(np.unique(run.labels[done]))
    if empty:
        level += f"; {empty} empty centre{'s stay' if empty > 1 else ' stays'} put"
    if done == last:
        return f"at rest after step {last}: {level}."
    if done % 2 == 0:
        return f"step {done}, centres moved: {level}."
    changed = int(np.count_nonzero(run.labels[done] != run.labels[done - 1]))
    what = f"{changed} point{'s' * (changed > 1)} changed" if done > 1 else "points assigned"
    return f"step {done}, {what}: {level}."


def _runs(finals: list[float]) -> str:
    """How often the best end was reached, how bad the worst is.

    Of runs that end alike, but for rounding (TIED), the first is named.
    """
    if not finals:
        return "No other runs yet."
    best, worst = min(finals), max(finals)
    first = next(i for i, end in enumerate(finals) if end <= best * (1 + TIED))
    last = next(i for i, end in enumerate(finals) if end >= worst * (1 - TIED))
    equal = sum(end <= GOOD * best for end in finals)
    many = f"{equal} of {len(finals)} run{'s' * (len(finals) > 1)} end{'s' * (equal == 1)}"
    told = f"{many} within 1% of the lowest, {_share(best)} (run {first})"
    return f"{told}; the worst: {_share(worst)} (run {last})."
