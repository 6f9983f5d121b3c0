"""Train a small network step by step, and watch its hidden layer make a flat boundary enough."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from numpy.typing import NDArray

from stage import Choice, Figure, Shape, Slider, Steps, Update, artists, narrow, number
from stage.linear_algebra import Numbers

SIZE = 3.0  # half the width of the plane
COUNT = 200  # points, half of each class
DATA = ("XOR", "circles", "moons", "spirals")


@lru_cache
def sample(name: str) -> tuple[Numbers, Numbers]:
    """The points, shape (200, 2), and their classes, 0 or 1, shape (200,)."""
    rng = np.random.default_rng(17)
    half = COUNT // 2
    y = np.repeat([0.0, 1.0], half)
    if name == "XOR":
        size = rng.uniform(0.25, 2.6, (COUNT, 2))
        side = rng.choice([-1, 1], COUNT)
        return np.column_stack([side, side * (1 - 2 * y)]) * size, y
    if name == "circles":
        radius = np.where(y == 0, rng.normal(2.3, 0.15, COUNT), 1.1 * np.sqrt(rng.random(COUNT)))
        turn = rng.uniform(0, 2 * math.pi, COUNT)
        return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]), y
    if name == "moons":
        turn = math.pi * (rng.random(COUNT) + y)
        x = 1.6 * np.column_stack([np.cos(turn), np.sin(turn)])
        x += np.column_stack([1.6 * y - 0.8, 0.8 * y - 0.4])
        return x + rng.normal(0, 0.17, (COUNT, 2)), y
    along = np.tile(np.sqrt(np.linspace(0.03, 1, half)), 2)
    turn = 1.25 * 2 * math.pi * along + math.pi * y
    x = 2.7 * along[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return x + rng.normal(0, 0.06, (COUNT, 2)), y


# The network: 2 inputs, m hidden units, one output. Points X (n, 2), classes y (n,).


class Weights(NamedTuple):
    """All that is learnt; gradients have the same shapes."""

    W: Numbers  # (m, 2): of the inputs, a row for each hidden unit
    b: Numbers  # (m,): the units' biases
    v: Numbers  # (m,): of the units, for the output
    c: float  # the output's bias


def sigmoid(z: Numbers) -> Numbers:
    """σ(z) = 1/(1 + e⁻ᶻ) = ½(1 + tanh(z/2)), which cannot overflow."""
    p: Numbers = 0.5 * (1 + np.tanh(0.5 * z))
    return p


Function = Callable[[Numbers], Numbers]
ACTIVATIONS: dict[str, tuple[Function, Function]] = {  # f(z), and f′(z) written with h = f(z)
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "ReLU": (lambda z: np.maximum(z, 0), lambda h: np.where(h > 0, 1.0, 0.0)),
    "sigmoid": (sigmoid, lambda h: h * (1 - h)),
}


def forward(X: Numbers, w: Weights, activation: str) -> tuple[Numbers, Numbers]:  # noqa: N803
    """What the hidden units hand on, shape (n, m), and the output before its sigmoid, (n,)."""
    f, _ = ACTIVATIONS[activation]
    h = f(X @ w.W.T + w.b)
    z = h @ w.v + w.c
    return h, z


def loss(z: Numbers, y: Numbers) -> float:
    """Mean of what each point loses."""
    return float(point_losses(z, y).mean())


def point_losses(z: Numbers, y: Numbers) -> Numbers:
    """Cross-entropy −y log p − (1 − y) log(1 − p) for p = σ(z); that is log(1 + eᶻ) − yz."""
    lost: Numbers = np.logaddexp(0, z) - y * z
    return lost


def losses_of(X: Numbers, y: Numbers, walk: list[Weights], activation: str) -> list[float]:  # noqa: N803
    """The loss at each of some weights, all worked out at once."""
    f, _ = ACTIVATIONS[activation]
    W, b, v, c = (np.array(part) for part in zip(*walk, strict=True))  # noqa: N806
    h = f(X @ W.transpose(0, 2, 1) + b[:, None])
    z = (h @ v[:, :, None])[:, :, 0] + c[:, None]
    found: list[float] = point_losses(z, y).mean(axis=1).tolist()
    return found


def backward(X: Numbers, y: Numbers, w: Weights, activation: str) -> Weights:  # noqa: N803
    """The gradient of the loss: the chain rule, from the output back to the inputs."""
    _, slope = ACTIVATIONS[activation]
    h, z = forward(X, w, activation)
    dz = (sigmoid(z) - y) / len(y)
    dh = np.outer(dz, w.v) * slope(h)
    return Weights(W=dh.T @ X, b=dh.sum(axis=0), v=dz @ h, c=float(dz.sum()))


def step_down(w: Weights, g: Weights, eta: float) -> Weights:
    """Gradient descent: w ← w − η∇L."""
    return Weights(w.W - eta * g.W, w.b - eta * g.b, w.v - eta * g.v, w.c - eta * g.c)


def first_weights(m: int, seed: int) -> Weights:
    """Random weights, so that no two units begin alike."""
    rng = np.random.default_rng(seed)
    return Weights(rng.normal(0, 0.7, (m, 2)), rng.normal(0, 0.7, m), rng.normal(0, 0.7, m), 0.0)


LAST = 1000  # steps
FAR = 1e6  # a weight beyond this ends the training, before numbers overflow
NUDGE = 1e-11  # about that part of themselves the twin's weights change at each step
PARTED = 1e-2  # of a weight: where twins differ by more, the run is chaotic


class Training:
    """The weights and losses after each step, worked out as far as they were asked for.

    The training ends where the weights diverge, and where it becomes chaotic. Too long a step can
    make small differences grow from step to step, until rounding in the sixteenth digit, which
    differs between machines, decides what is seen. So a twin is trained beside it, with random
    changes in the eleventh digit at each step: far larger ones than by rounding, and the same on
    every machine. Where the twins part, the training ends: the digits shown up to there hold.
    """

    def __init__(self, name: str, m: int, activation: str, eta: float, seed: int) -> None:
        self.data, self.activation, self.eta = sample(name), activation, eta
        first = first_weights(m, seed)
        self.walk = [first]
        self.rng = np.random.default_rng(0)
        self.twin = self.nudged(first)
        self.losses = losses_of(*self.data, self.walk, activation)
        self.end = ""  # why it ended

    def up_to(self, steps: int) -> tuple[list[Weights], list[float]]:
        """The weights and losses after each step, up to `steps` or the end; only new ones cost."""
        while len(self.walk) <= steps and not self.end:
            known, twins = len(self.walk), []
            for _ in range(min(steps + 1 - known, 100)):
                self.walk.append(self.after(self.walk[-1]))
                self.twin = self.nudged(self.after(self.twin))
                twins.append(self.twin)
                if diverged(self.walk[-1]):
                    self.end = "diverges"
                    break
            one, other = all_of(self.walk[known:]), all_of(twins)
            parted = (abs(one - other) > PARTED * np.maximum(1, abs(one))).any(axis=1)
            if parted.any():
                self.end = "is chaotic"
                del self.walk[known + int(parted.argmax()) + 1 :]
            self.losses += losses_of(*self.data, self.walk[known:], self.activation)
        return self.walk[: steps + 1], self.losses[: steps + 1]

    def after(self, w: Weights) -> Weights:
        """The weights after one more step."""
        return step_down(w, backward(*self.data, w, self.activation), self.eta)

    def nudged(self, w: Weights) -> Weights:
        """The weights with a change that is small, but large beside rounding errors."""
        W, b, v, c = (NUDGE * self.rng.standard_normal(np.shape(part)) for part in w)  # noqa: N806
        return Weights(w.W * (1 + W), w.b * (1 + b), w.v * (1 + v), w.c + float(c))


training = lru_cache(maxsize=12)(Training)


def train(name: str, m: int, activation: str, eta: float, seed: int, steps: int) -> list[Weights]:
    """The weights after each step, up to `steps` or to the end of the training."""
    return training(name, m, activation, eta, seed).up_to(steps)[0]


def all_of(walk: list[Weights]) -> Numbers:
    """All weights and biases, a row for each step."""
    return np.column_stack(
        [np.array(part).reshape(len(walk), -1) for part in zip(*walk, strict=True)]
    )


def diverged(w: Weights) -> bool:
    """Whether a weight is beyond FAR."""
    values = (*w.W.ravel().tolist(), *w.b.tolist(), *w.v.tolist(), w.c)
    return bool(max(map(abs, values)) > FAR)


def without(w: Weights, unit: int) -> Weights:
    """The network with a unit switched off, counted from 1; 0: none. What it hands on is 0."""
    return w._replace(v=w.v * (np.arange(len(w.v)) != unit - 1))


def hidden_view(h: Numbers, w: Weights) -> tuple[Numbers, Numbers]:
    """Where the points stand in hidden space, shape (n, 2), and two points of the flat boundary.

    With two units those are the axes. With more, the first axis is the distance from the
    boundary v·h + c = 0, and the second, at right angles to it, the direction in which the points
    vary most, turned so that its largest component (of equal ones the first) is positive; each is
    divided by its largest coordinate. With two, both are by the same.
    """
    size = float(np.linalg.norm(w.v)) or 1.0
    n = w.v / size
    if len(w.v) == 2:
        scale = max(1.0, float(abs(h).max()))
        foot, side = -w.c / size * n / scale, np.array([-n[1], n[0]])
        return h / scale, np.array([foot - 9 * side, foot + 9 * side])
    rest = h - h.mean(axis=0)
    rest = rest - np.outer(rest @ n, n)
    widest = np.linalg.eigh(rest.T @ rest)[1][:, -1]
    widest = widest * np.sign(widest[np.argmax(abs(widest).round(9))])
    seen = np.column_stack([h @ n + w.c / size, rest @ widest])
    largest = np.maximum(abs(seen).max(axis=0), 1e-9)
    return seen / largest, np.array([(0.0, -9.0), (0.0, 9.0)])


GRID = np.linspace(-SIZE, SIZE, 56)
PLANE = np.column_stack([part.ravel() for part in np.meshgrid(GRID, GRID)])
TOP = 1.0  # of the losses that are shown
STILL = 0.5  # below all that moves: drawn once


def demo(fig: Annotated[Figure, Shape(wide=1.22, narrow=0.5)]) -> Update:
    """Set the scene: the plane, the hidden space, the network and the loss."""
    if narrow(fig):
        grid = fig.add_gridspec(3, 2, height_ratios=(2.1, 1.15, 0.75))
        spots = [grid[0, :], grid[1, 1], grid[1, 0], grid[2, :]]
    else:
        grid = fig.add_gridspec(2, 2, height_ratios=(1.75, 1))
        spots = [grid[0, 0], grid[0, 1], grid[1, 0], grid[1, 1]]
    plane, space, net, curve = (fig.add_subplot(spot) for spot in spots)

    _bare(plane, SIZE, "the plane")
    _bare(space, 1.15, "hidden space")
    space.set_anchor("N")
    half = SIZE + (GRID[1] - GRID[0]) / 2
    surface = artists.cells(plane, (-half, half, -half, half), _ramp(), zorder=0.6)
    plane.set(aspect="equal", xlim=(-SIZE, SIZE), ylim=(-SIZE, SIZE))
    folds = artists.segments(
        plane, colors="muted", linewidths=1, linestyles=[(0, (4, 3))], zorder=1
    )
    border = artists.segments(plane, colors="ink", linewidths=2, zorder=1.2)
    marks = (("o", "data", 4), ("s", "model", 3.6))
    dots = [artists.points(plane, marker=m, color=c, markersize=s, zorder=2) for m, c, s in marks]
    moved = [artists.points(space, marker=m, color=c, markersize=s, zorder=2) for m, c, s in marks]
    flat = artists.line(space, color="ink", linewidth=2, zorder=1)

    show_network = _network(net, 0.36 if narrow(fig) else 0.17)
    curve.set(xlim=(-10, LAST + 10), ylim=(0, TOP), xlabel="step", yticks=(0, 0.5, 1))
    curve.set_title("loss", size=10.5, color="error", zorder=STILL)
    curve.spines["left"].set_visible(False)
    curve.spines["bottom"].set_zorder(STILL)
    fall = artists.line(curve, color="error", linewidth=1.8)
    now = artists.points(curve, color="error", markersize=7)
    shown = ""

    def update(
        data: Annotated[str, Choice(*DATA, label="data")] = "circles",
        m: Annotated[int, Slider(2, 8, 1, label="hidden units")] = 3,
        activation: Annotated[str, Choice(*ACTIVATIONS, label="activation f")] = "tanh",
        eta: Annotated[float, Slider(0.01, 30, 0.05, label="learning rate η", log=True)] = 1.0,
        seed: Annotated[int, Slider(0, 99, 1, label="seed of the first weights")] = 0,
        off: Annotated[
            str, Choice("none", *map(str, range(1, 9)), label="switch off unit")
        ] = "none",
        step: Annotated[int, Steps(LAST, label="training step", rate=40)] = 60,
    ) -> str:
        nonlocal shown
        X, y = sample(data)  # noqa: N806
        run = training(data, round(m), activation, eta, round(seed))
        walk, losses = run.up_to(step)
        unit = int(off) if off != "none" and int(off) <= round(m) else 0
        w = without(walk[-1], unit)
        h, z = forward(X, w, activation)

        if shown != data:
            shown = data
            for group, kind in zip(dots, (0, 1), strict=True):
                group.set_data(X[y == kind].T)
        _, level = forward(PLANE, w, activation)
        level = level.reshape(len(GRID), len(GRID))
        surface.set_cells((255 * sigmoid(level)).astype(np.uint8))
        border.set_segments(contour_generator(GRID, GRID, level).lines(0.0))
        folds.set_segments(_unit_lines(w, unit))
        places, ends = hidden_view(h, w)
        for group, kind in zip(moved, (0, 1), strict=True):
            group.set_data(places[y == kind].T)
        flat.set_data(ends.T)
        flat.set_visible(bool(w.v.any()))
        show_network(walk[-1], unit)

        done = len(walk) - 1
        every = np.append(np.arange(0, done, max(1, done // 150)), done)
        fall.set_data(every, np.minimum(np.array(losses)[every], 9))
        now.set_data([done], [min(losses[done], TOP)])

        told = f"{data[0].upper()}{data[1:]}, {round(m)} {activation} units, η = {eta:.4g}, "
        end = run.end if done == len(run.walk) - 1 else ""
        return f"{told}seed {round(seed)}: {_told(h, z, y, end, losses, unit)}"

    return update


# The picture's parts


def _bare(ax: Axes, limit: float, title: str) -> None:
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=(), yticks=())
    ax.grid(visible=False)
    ax.set_title(title, size=10.5, zorder=STILL)
    ax.spines[:].set(visible=True, color="rule", zorder=STILL)


def _ramp() -> NDArray[np.uint8]:
    """The colours of the outputs 0 to 1, shape (256, 3)."""
    surface, zero, one = (np.array(to_rgb(color)) for color in ("surface", "data", "model"))
    p = np.linspace(0, 1, 256)[:, None]
    strength = 0.06 + 0.34 * abs(2 * p - 1)
    ramp = surface + strength * (np.where(p < 0.5, zero, one) - surface)
    colors: NDArray[np.uint8] = (255 * ramp).round().astype(np.uint8)
    return colors


def _unit_lines(w: Weights, unit: int) -> Numbers:
    """For each unit that is on the line w·x + b = 0, where its plane crosses zero."""
    sizes = np.linalg.norm(w.W, axis=1)
    kept = (sizes > 1e-9) & (np.arange(len(sizes)) != unit - 1)
    normals = w.W[kept] / sizes[kept, None]
    foot = -normals * (w.b[kept] / sizes[kept])[:, None]
    along = 9 * np.column_stack([-normals[:, 1], normals[:, 0]])
    lines: Numbers = np.stack([foot - along, foot + along], axis=1)
    return lines


def _network(ax: Axes, gap: float) -> Callable[[Weights, int], None]:
    """Inputs, hidden units, output; names stand `gap` away. Returns what shows the weights."""
    ax.set(xlim=(-0.5, 2.5), ylim=(-0.08, 1.08))
    ax.set_axis_off()
    ax.set_title("the network", size=10.5, zorder=STILL)
    edges = artists.segments(ax, zorder=1, capstyle="round")
    nodes = ax.scatter([], [], s=110, facecolors="surface", edgecolors="ink", zorder=2)
    inputs = [(0.0, 0.72), (0.0, 0.28)]
    for (x, y), label in zip([*inputs, (2.0, 0.5)], ("x", "y", "p"), strict=True):
        at = x + gap if x else x - gap
        ax.text(at, y, label, ha="center", va="center", style="italic", zorder=STILL)
    colors = [to_rgba(color) for color in ("data", "model", "rule")]
    laid = (0, 0)

    def show(w: Weights, unit: int) -> None:
        nonlocal laid
        m = len(w.v)
        if laid != (m, unit):
            laid = (m, unit)
            units = [(1.0, 1 - (i + 0.5) / m) for i in range(m)]
            nodes.set_offsets([*inputs, *units, (2.0, 0.5)])
            gone = [i == unit + 1 and unit > 0 for i in range(m + 3)]
            nodes.set_facecolor(["rule" if is_gone else "surface" for is_gone in gone])
            edges.set_segments(
                [(start, end) for end in units for start in inputs]
                + [(start, (2.0, 0.5)) for start in units]
            )
        values = np.append(w.W.ravel(), w.v)
        owner = np.append(np.repeat(np.arange(m), 2), np.arange(m))
        edges.set_linewidth((0.4 + 5 * np.tanh(abs(values) / 5)).tolist())
        edges.set_color([colors[i] for i in np.where(owner == unit - 1, 2, values > 0)])

    return show


# The sentences


def _told(h: Numbers, z: Numbers, y: Numbers, end: str, losses: list[float], unit: int) -> str:
    """How well the network does, and what is the matter with it."""
    right = int(np.count_nonzero((z > 1e-9) == (y == 1)))
    now, step = loss(z, y), len(losses) - 1
    said = number(now, 3) if 0.0005 <= now < 100 else "above 100" if now > 1 else "below 0.001"
    result = (
        f"the loss is {said}, and {right} of {len(y)} points {'is' if right == 1 else 'are'} right."
    )
    if unit:
        result = f"with unit {unit} switched off {result}"
    if end:
        why = (
            "" if end == "diverges" else " (digits that no computer keeps would decide what comes)"
        )
        return f"the training {end} and is stopped after step {step}{why}: {result}"
    told = f"after {step} step{'s' * (step > 1)} {result}" if step else f"at the start {result}"
    if losses[-1] > 1.02 * losses[0]:
        told += " More than at the start: the steps are too long."
    dead = int(np.count_nonzero(~h.any(axis=0)))
    if dead:
        told += f" {dead} unit{'s are' if dead > 1 else ' is'} dead: 0 for every point."
    return told
