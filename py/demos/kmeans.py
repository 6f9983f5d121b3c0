"""Play k-means step by step, then compare 200 starts."""

import math
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from stage import (
    Caption,
    Choice,
    Drag,
    Figure,
    Shape,
    Slider,
    Steps,
    Update,
    artists,
    narrow,
    number,
)
from stage.clustering import (
    TIED,
    Run,
    cells,
    inertia,
    lloyd,
    lloyd_ends,
    lowest,
    random_points,
    spread_points,
)
from stage.figures import axis_numbers
from stage.linear_algebra import Numbers
from stage.text import count

WIDTH, HEIGHT = 10.0, 8.0  # of the picture, in cm
MARKED = range(0, int(WIDTH) + 1, 2)  # the numbers along x


@lru_cache
def data(name: str) -> Numbers:
    """The points to cluster, shape (n, 2), rounded to hundredths."""
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
    """The factors for x and y to convert units: 1 cm is 10 mm."""
    return np.array([10.0, 1.0]) if name == "x in mm" else np.ones(2)


STARTS = {"random points": random_points, "spread points": spread_points}


@lru_cache(maxsize=2048)
def replay(name: str, k: int, init: str, seed: int) -> Run:
    """The run from start number `seed`: the same start gives the same run, every time."""
    points = data(name)
    return lloyd(points, STARTS[init](points, k, [seed])[0])


@lru_cache
def spread(name: str) -> float:
    """The inertia with one center, the mean: J(1) = Σᵢ ‖xᵢ − x̄‖²."""
    points = data(name)
    return float(inertia(points, np.zeros(len(points), dtype=np.intp), points.mean(axis=0)[None]))


@lru_cache(maxsize=16)
def ends(name: str, k: int, init: str) -> list[float]:
    """The inertias at which runs 0, 1, … end, in percent of that with one center."""
    return []


def final_shares(name: str, k: int, init: str, runs: int) -> list[float]:
    """The ends of the first `runs` runs; only new ones are computed, many at once."""
    done, points = ends(name, k, init), data(name)
    while len(done) < runs:  # in batches that fit into the processor's cache
        starts = STARTS[init](points, k, range(len(done), min(runs, len(done) + 50)))
        done += (100 * lloyd_ends(points, starts)[1] / spread(name)).tolist()
    return done[:runs]


def height(share: float) -> float:
    """The position of a share in percent on the scales: log₁₀, at least 0 (1%)."""
    return math.log10(max(share, 1.0))


def end_of_run(seed: int, shape: str, k: int, init: str) -> tuple[float, float]:
    """The dot of a run among all runs."""
    share = 100 * replay(shape, k, init, seed).inertias[-1] / spread(shape)
    return seed, height(share)


MOST = 6  # clusters
LAST = 60  # the maximum number of steps
RUNS = 200
LENGTHS = (16, 32, LAST)  # possible upper ends of the axis of steps
TOPS = (2.1, 2.75)  # possible upper ends of the axis of inertias: 126% and 562%
GOOD = 1.01  # a run that ends within 1% of the lowest inertia counts as one of the best


def demo(fig: Annotated[Figure, Shape(wide=1.85, narrow=0.74)]) -> Update:
    """Set the scene: points, centers and cells; beside them this run's inertia, or all runs'."""
    phone = narrow(fig)
    if phone:
        grid = fig.add_gridspec(2, 1, height_ratios=(2.2, 1))
    else:
        grid = fig.add_gridspec(1, 2, width_ratios=(1.75, 1))
    plane, fall, strip = (fig.add_subplot(spot) for spot in (grid[0], grid[1], grid[1]))

    plane.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), aspect="equal", ylabel="y (cm)")
    plane.set_xlabel("x (mm)", color="none")  # reserves space for the label
    below = plane.transAxes + ScaledTranslation(0, -0.24, fig.dpi_scale_trans)
    across = artists.label(plane, 0.5, 0, transform=below, ha="center", va="top")
    numbers = axis_numbers(plane, "x", MARKED, [number(10 * at) for at in MARKED])
    plane.grid(visible=False)
    plane.spines[:].set_visible(False)
    borders = artists.polygons(
        plane, facecolors="none", edgecolors="rule", linewidths=2, zorder=0.6
    )
    spokes = artists.segments(plane, colors="error", linewidths=0.8, zorder=1)
    trails = artists.segments(plane, colors="model", linewidths=1.4, zorder=3)
    dots = artists.points(plane, color="data", markersize=4.5, zorder=2)
    origins = artists.points(plane, color="model", mfc="surface", markersize=6, mew=1.6, zorder=4)
    size = 13 if phone else 15
    discs = artists.points(plane, color="model", mec="surface", markersize=size, zorder=5)
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "weight": "semibold"}
    names = [
        artists.label(plane, 0, 0, str(j + 1), color="surface", zorder=6, **style)
        for j in range(MOST)
    ]

    _scale(fall, "inertia (one center: 100%)")
    fall.set(xlabel="step")
    line = artists.line(fall, marker="o", color="error", linewidth=1.6, markersize=4)
    now = artists.points(fall, color="error", markersize=9)
    _scale(strip, "inertia at the end of each run")
    strip.set(xlim=(-6, RUNS + 5), xlabel="run", xticks=range(0, RUNS, 50))
    finished = artists.points(strip, color="error", markersize=3)
    stem = artists.line(strip, color="model", linewidth=1.2)
    own = artists.points(strip, color="model", markersize=9)

    def update(
        k: Annotated[int, Slider(1, MOST, 1, label="clusters k")] = 5,
        step: Annotated[int, Steps(LAST, label="step", rate=2.5)] = 0,
        seed: Annotated[
            int,
            Slider(
                *(0, RUNS - 1, 1),
                label="run (number of the start)",
                drag=Drag(at=end_of_run, to=lambda x, _y: x, axes=2),
            ),
        ] = 3,
        runs: Annotated[int, Slider(0, RUNS, 1, label="runs to compare")] = 0,
        shape: Annotated[
            str,
            Choice(
                *("blobs", "moons", "unequal sizes", "x in mm", "three places"),
                label="data",
                more=True,
            ),
        ] = "blobs",
        init: Annotated[
            str, Choice(*STARTS, label="initialization (spread: k-means++)", more=True)
        ] = "random points",
    ) -> str:
        points, run = data(shape), replay(shape, k, init, seed)
        last = len(run.centers) - 1
        done = min(step, last)
        centers, labels = run.centers[done], run.labels[done]
        shares = [100 * value / spread(shape) for value in run.inertias]

        shrink = 1 / unit(shape)  # the picture stays; the numbers along x change
        across.set_text(f"x ({'mm' if shape == 'x in mm' else 'cm'})")
        for text, at in zip(numbers, MARKED, strict=True):
            text.set_text(number(at * unit(shape)[0]))
        dots.set_data(*(points * shrink).T)
        spokes.set_visible(done > 0)
        spokes.set_segments(np.stack([points, centers[labels]], axis=1) * shrink)
        width, high = np.array([WIDTH, HEIGHT]) / shrink
        borders.set_verts([cell * shrink for cell in cells(centers, (0, 0), (width, high))])
        trails.set_segments(np.stack(run.centers[: done + 1], axis=1) * shrink)
        origins.set_data(*(run.centers[0] * shrink).T)
        discs.set_data(*(centers * shrink)[::-1].T)  # the first on top
        _name(names, centers * shrink, 0.6 if phone else 0.4)

        fall.set_visible(not runs)
        strip.set_visible(runs > 0)
        if runs:
            finals = final_shares(shape, k, init, runs)
            finished.set_data(range(runs), [height(share) for share in finals])
            x, y = end_of_run(seed, shape, k, init)
            stem.set_data([x, x], [0, y])
            own.set_data([x], [y])
            told = _compared(finals)
        else:
            _fit(fall, last, max(shares[1:]))
            line.set_data(range(1, done + 1), [height(share) for share in shares[1 : done + 1]])
            now.set_data([done] * (done > 0), [height(shares[done])] * (done > 0))
            told = _now(run, done, shares[done])
        state = f"Run {seed} ({shape}, k = {k}, {init}): {_step(run, done, shares[done])}"
        more = f" {_runs(finals)}" if runs else ""
        return Caption(told, detail=state + more)

    return update


# Drawing


def _scale(ax: Axes, title: str) -> None:
    """A logarithmic scale, on which equal factors have equal heights."""
    ax.set(ylim=(-0.06, TOPS[0]), yticks=(0, 1, 2))
    ax.set_yticklabels(["≤ 1%", "10%", "100%"])
    ax.set_title(title, size=10.5, color="error", zorder=0.6)
    ax.spines["left"].set_visible(False)


def _fit(ax: Axes, last: int, highest: float) -> None:
    """Fit the scales to the run; avoid new limits, which are slow to draw."""
    far = next(length for length in LENGTHS if last <= length)
    top = next(top for top in TOPS if height(highest) < top)
    if ax.get_xlim()[1] != far + 0.5:
        ax.set(xlim=(0, far + 0.5), xticks=range(0, far + 1, far // 4))
    if ax.get_ylim()[1] != top:
        ax.set_ylim(-0.06, top)


def _name(names: list[artists.Label], places: Numbers, near: float) -> None:
    """Show the number of each center, unless it is covered by the disc of an earlier one."""
    for j, text in enumerate(names):
        free = j < len(places) and all(math.dist(places[j], p) > near for p in places[:j])
        text.set_visible(free)
        if free:
            text.set_position(places[j].tolist())


# Captions


def _share(percent: float) -> str:
    return f"{number(percent)}%"


def _now(run: Run, done: int, share: float) -> str:
    """The step, and the inertia after it."""
    if done == 0:
        k = len(run.centers[0])
        serve = "serve as the first centers" if k > 1 else "serves as the first center"
        return f"Step 0: {k} of the points {serve}."
    if done == len(run.centers) - 1:
        what = f"At rest after step {done}"
    else:
        what = f"Step {done}, {'assign' if done % 2 else 'move'}"
    return f"{what}: the inertia is {_share(share)} of that of a single center."


def _step(run: Run, done: int, share: float) -> str:
    """What the last step did, and what the inertia is."""
    if done == 0:
        return f"{_now(run, 0, share)}"
    level = f"inertia {number(run.inertias[done])}, {_share(share)} of that of a single center"
    empty = len(run.centers[0]) - len(np.unique(run.labels[done]))
    if empty:
        level += f"; {count(empty, 'center')} without points"
    if done == len(run.centers) - 1:
        return f"at rest after step {done}, {level}."
    if done % 2 == 0:
        return f"step {done}, centers moved, {level}."
    changed = int(np.count_nonzero(run.labels[done] != run.labels[done - 1]))
    what = f"{count(changed, 'point')} changed" if done > 1 else "points assigned"
    return f"step {done}, {what}, {level}."


def _among_best(finals: list[float]) -> str:
    equal = sum(end <= GOOD * min(finals) for end in finals)
    return f"{equal} of {count(len(finals), 'run')} end{'s' * (equal == 1)} within"


def _compared(finals: list[float]) -> str:
    """How often the best end was reached."""
    return f"{_among_best(finals)} a hundredth of the lowest inertia."


def _runs(finals: list[float]) -> str:
    """How often the best end was reached, and how bad the worst is.

    Among runs that are equal except for rounding (TIED), the first is named.
    """
    best, worst = lowest(finals), max(finals)
    last = next(i for i, end in enumerate(finals) if end >= worst * (1 - TIED))
    told = f"{_among_best(finals)} 1% of the lowest, {_share(finals[best])} (run {best})"
    return f"{told}; the worst: {_share(worst)} (run {last})."
