"""How many hidden units does it take? Drag the line, then check."""

import math
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np

from stage import Answer, Caption, Check, Drag, Figure, Seed, Shape, Slider, Update, artists, narrow
from stage.linear_algebra import Numbers
from stage.network import PLANE, bare, boundary, cuts, field, sigmoid
from stage.text import count

HALF = 50  # points of each class
MOST = 8  # hidden units
STEPS, ETA, SEED = 200, 2.0, 1  # of the training
WORDS = ("no unit", "one unit", "two units", "three units")
LOW, HIGH = 44.0, 106.0  # of the chart


class Task(NamedTuple):
    """The groups of points, and the minimum number of units that classify all correctly."""

    about: str
    discs: tuple[str, tuple[float, ...]]
    squares: tuple[str, tuple[float, ...]]
    least: int


# ("arc", from and to, in degrees) is a part of a ring; ("groups", x, y, x, y, …, radius)
TASKS = (
    Task("A ring of discs around squares.", ("arc", (0, 360)), ("groups", (0, 0, 1.1)), 3),
    Task(
        "Discs and squares in opposite corners.",
        ("groups", (1.5, 1.5, -1.5, -1.5, 0.8)),
        ("groups", (-1.5, 1.5, 1.5, -1.5, 0.8)),
        2,
    ),
    Task(
        "A group of discs and a group of squares.",
        ("groups", (-1.2, -0.8, 1.35)),
        ("groups", (1.2, 0.9, 1.35)),
        1,
    ),
    Task("Discs on three sides of squares.", ("arc", (60, 300)), ("groups", (0, 0, 1.1)), 2),
)


@lru_cache
def sample(task: int) -> tuple[Numbers, Numbers]:
    """The points of a task, shape (100, 2), and their classes, 0 or 1, shape (100,)."""
    rng = np.random.default_rng([17, task])
    parts = [_drawn(rng, *kind) for kind in (TASKS[task].discs, TASKS[task].squares)]
    return np.vstack(parts), np.repeat([0.0, 1.0], HALF)


def _drawn(rng: np.random.Generator, kind: str, size: tuple[float, ...]) -> Numbers:
    if kind == "arc":
        low, high = size
        turn = np.radians(rng.uniform(low, high, HALF))
        radius, middle = rng.uniform(2.0, 2.6, HALF), np.zeros((HALF, 2))
    else:
        turn, radius = rng.uniform(0, 2 * math.pi, HALF), size[-1] * np.sqrt(rng.random(HALF))
        middles = np.reshape(size[:-1], (-1, 2))
        middle = np.repeat(middles, HALF // len(middles), axis=0)
    found: Numbers = middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return found


class Networks(NamedTuple):
    """Eight networks with 1, 2, …, 8 tanh units; missing units have zero weights."""

    W: Numbers  # shape (8, 8, 2)
    b: Numbers  # (8, 8)
    v: Numbers  # (8, 8)
    c: Numbers  # (8,)


THERE = np.arange(MOST) < np.arange(1, MOST + 1)[:, None]  # mask of the units of each network


def first() -> Networks:
    """Random weights for each number of units."""
    rng = np.random.default_rng(SEED)
    W, b, v = (rng.normal(0, 1, (MOST, MOST, size)) * THERE[..., None] for size in (2, 1, 1))  # noqa: N806
    return Networks(W, b[..., 0], v[..., 0], np.zeros(MOST))


def outputs(x: Numbers, w: Networks) -> tuple[Numbers, Numbers]:
    """h = tanh(Wx + b), shape (8, n, 8), and z = v·h + c, shape (8, n)."""
    h = np.tanh(x @ w.W.transpose(0, 2, 1) + w.b[:, None])
    return h, (h @ w.v[..., None])[..., 0] + w.c[:, None]


def trained(x: Numbers, y: Numbers, w: Networks) -> Networks:
    """The networks after one more step of gradient descent on the log loss."""
    h, z = outputs(x, w)
    dz = (sigmoid(z) - y) / len(y)
    dh = dz[..., None] * w.v[:, None] * (1 - h * h) * THERE[:, None]
    slopes = (dh.transpose(0, 2, 1) @ x, dh.sum(axis=1), (dz[:, None] @ h)[:, 0] * THERE)
    return Networks(
        *(old - ETA * slope for old, slope in zip(w, (*slopes, dz.sum(axis=1)), strict=True))
    )


@lru_cache
def _walk(task: int) -> list[Networks]:
    """The networks after each step computed so far."""
    return [first()]


def after(task: int, steps: int) -> Networks:
    """The networks after `steps` steps; only new steps are computed."""
    walk = _walk(task)
    while len(walk) <= steps:
        walk.append(trained(*sample(task), walk[-1]))
    return walk[steps]


def right(task: int, w: Networks) -> Any:
    """The number of correctly classified points of each of the eight networks, shape (8,)."""
    x, y = sample(task)
    return ((outputs(x, w)[1] > 1e-9) == (y == 1)).sum(axis=1)


def demo(fig: Annotated[Figure, Shape(wide=2.0, narrow=0.8)]) -> Update:
    """Set the scene: the points, and an empty chart with a line for the guess."""
    rows, columns = (2, 1) if narrow(fig) else (1, 2)
    sizes: dict[str, Any] = {"height_ratios": (1.45, 1)} if narrow(fig) else {}
    plane, chart = fig.subplots(rows, columns, **sizes)
    bare(plane)
    show_field, show_boundary = field(plane), boundary(plane)
    lines = artists.segments(
        plane, colors="ink", linewidths=1.2, linestyles=[(0, (4, 3))], zorder=1
    )
    tint = plane.artists[0]
    border = plane.collections[0]
    dots = [
        artists.points(plane, marker=marker, color=color, markersize=5)
        for marker, color in (("o", "data"), ("s", "model"))
    ]
    chart.set(xlim=(0.5, MOST + 0.5), ylim=(LOW, HIGH), xticks=range(1, MOST + 1))
    chart.set(xlabel="hidden units", yticks=(50, 75, 100))
    chart.spines["left"].set_visible(False)
    chart.set_title("points right, of 100", size=10.5)
    gap = artists.line(chart, color="error", linewidth=5, zorder=2.5)
    scores = artists.points(chart, color="truth", markersize=9, zorder=3)
    pick = artists.line(chart, color="ink", linewidth=1.8, linestyle="--")

    def update(
        units: Annotated[
            int,
            Slider(
                *(1, MOST, 1),
                label="hidden units",
                guess=True,
                drag=Drag.horizontal(LOW + 6, axes=1),
            ),
        ] = 6,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        task = TASKS[seed]
        x, y = sample(seed)
        for kind, group in enumerate(dots):
            group.set_data(*x[y == kind].T)
        pick.set_data([units, units], [LOW, HIGH])
        for artist in (tint, border, lines, scores):
            artist.set_visible(bool(answer))
        done = answer.part == 1
        gap.set_visible(done and not answer.skipped)
        about = f"Task {seed + 1}. {task.about}"
        if not answer:
            return Caption(
                "How many hidden units does the network need to get all points right?",
                detail=f"{about} Your guess is {count(units, 'unit')}.",
            )
        step = round(STEPS * answer.part)
        now = after(seed, step)
        shown = task.least if answer.skipped else units
        own = Networks(*(part[shown - 1 : shown] for part in now))
        _, level = outputs(PLANE, own)
        show_field(2 * sigmoid(level[0]) - 1)
        show_boundary(level[0])
        lines.set_segments(cuts(own.W[0], own.b[0]))
        found = right(seed, now)
        scores.set_data(np.arange(1, MOST + 1), found)
        missed = units < task.least
        gap.set_data(
            [units if missed else task.least, units],
            [int(found[units - 1]) if missed else 100, 100],
        )
        listed = ", ".join(map(str, found))
        guessed = "The dashed line is at" if answer.skipped else "Your guess was"
        setting = f"{about} {guessed} {count(units, 'unit')}."
        return Caption(
            told(seed, units, answer),
            detail=(
                f"{setting} After {count(step, 'step')} of training, the networks with "
                f"1 to {MOST} units get {listed} points right. The plane shows the network with "
                f"{count(shown, 'unit')}."
            ),
        )

    return update


def told(seed: int, units: int, answer: Answer) -> str:
    """The score in points that are right, or the name of a common mistake."""
    task = TASKS[seed]
    least = task.least
    few = f"{WORDS[least]} {'is' if least == 1 else 'are'} enough"
    if answer.skipped:
        return f"{few[0].upper()}{few[1:]} to get all points right."
    score = int(right(seed, after(seed, STEPS))[units - 1])
    if units < least:
        return f"Your network gets {score} of 100 points right; {few}."
    if units == least:
        fewer = "a single line does it" if least == 1 else f"{WORDS[least - 1]} cannot do it"
        return f"You found it: all {score} points are right, and {fewer}."
    if seed in (0, 3) and units >= 6:
        return f"All {score} points are right, but a round shape needs few lines: {few}."
    why = {
        (0, 4): "a box is more than it takes",
        (1, 4): "it does not take a unit for each group",
        (2, 2): "it does not take a unit for each class",
        (3, 3): "the open side needs no line",
    }.get((seed, units), "that is more than it takes")
    return f"All {score} points are right, but {why}: {few}."
