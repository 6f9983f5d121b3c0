"""Train a network and watch each hidden unit find its line."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from stage import (
    Caption,
    Choice,
    Figure,
    PointList,
    Points,
    Seed,
    Shape,
    Slider,
    Steps,
    Update,
    artists,
    narrow,
    number,
    pair,
    power,
)
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.network import ACTIVATIONS, PLANE, SIZE, bare, boundary, cuts, field, sigmoid
from stage.text import count

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
    """All that is learned; gradients have the same shapes."""

    W: Numbers  # (m, 2): of the inputs, a row for each hidden unit
    b: Numbers  # (m,): the units' biases
    v: Numbers  # (m,): of the units, for the output
    c: float  # the output's bias


def forward(X: Numbers, w: Weights, activation: str) -> tuple[Numbers, Numbers]:  # noqa: N803
    """h = f(Wx + b), shape (n, m), and z = v·h + c, shape (n,): the output before its sigmoid."""
    f, _ = ACTIVATIONS[activation]
    h = f(X @ w.W.T + w.b)
    z = h @ w.v + w.c
    return h, z


def loss(z: Numbers, y: Numbers) -> float:
    """The mean of the losses of all points."""
    return float(point_losses(z, y).mean())


def point_losses(z: Numbers, y: Numbers) -> Numbers:
    """Log loss −y ln p − (1 − y) ln(1 − p) for p = σ(z); that is ln(1 + eᶻ) − yz."""
    found: Numbers = np.logaddexp(0, z) - y * z
    return found


def losses_of(X: Numbers, y: Numbers, walk: list[Weights], activation: str) -> list[float]:  # noqa: N803
    """The loss for each of several weights, computed together."""
    f, _ = ACTIVATIONS[activation]
    W, b, v, c = (np.array(part) for part in zip(*walk, strict=True))  # noqa: N806
    h = f(X @ W.transpose(0, 2, 1) + b[:, None])
    z = (h @ v[:, :, None])[:, :, 0] + c[:, None]
    found: list[float] = point_losses(z, y).mean(axis=1).tolist()
    return found


def backward(X: Numbers, y: Numbers, w: Weights, activation: str) -> Weights:  # noqa: N803
    """The gradient of the loss by the chain rule, starting with ∂L/∂z = (p − y)/n.

    It is propagated back along the weights v, times f′, to the units, and from there to W and b.
    """
    _, slope = ACTIVATIONS[activation]
    h, z = forward(X, w, activation)
    dz = (sigmoid(z) - y) / len(y)
    dh = np.outer(dz, w.v) * slope(h)
    return Weights(W=dh.T @ X, b=dh.sum(axis=0), v=dz @ h, c=float(dz.sum()))


def step_down(w: Weights, g: Weights, eta: float) -> Weights:
    """Gradient descent: w ← w − η∇L."""
    return Weights(w.W - eta * g.W, w.b - eta * g.b, w.v - eta * g.v, w.c - eta * g.c)


def first_weights(m: int, seed: int) -> Weights:
    """Random initial weights, so that no two units are equal."""
    rng = np.random.default_rng(seed)
    return Weights(rng.normal(0, 0.7, (m, 2)), rng.normal(0, 0.7, m), rng.normal(0, 0.7, m), 0.0)


LAST = 1000  # steps
FAR = 1e6  # a larger weight stops the training before numbers overflow
NUDGE = 1e-11  # relative size of the random changes of the twin's weights at each step
APART = 1e-2  # if the weights of the twins differ by more than this, the run is chaotic


class Training:
    """The weights and losses after each step, computed on demand.

    The training stops when the weights diverge or become chaotic. Large steps can amplify small
    differences until rounding errors in the sixteenth digit, which differ between computers,
    dominate the result. So a twin network is trained, too, with random changes in the eleventh
    digit at each step: far larger than rounding errors, and the same on every computer. Training
    stops when the twins disagree, so all digits shown are correct.
    """

    def __init__(self, name: str, m: int, activation: str, eta: float, seed: int) -> None:
        self.data, self.activation, self.eta = sample(name), activation, eta
        first = first_weights(m, seed)
        self.walk = [first]
        self.rng = np.random.default_rng(0)
        self.twin = self.nudged(first)
        self.losses = losses_of(*self.data, self.walk, activation)
        self.end = ""  # the reason why it stopped

    def up_to(self, steps: int) -> tuple[list[Weights], list[float]]:
        """The weights and losses up to `steps` or the end; only new steps are computed."""
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
            apart_now = (abs(one - other) > APART * np.maximum(1, abs(one))).any(axis=1)
            if apart_now.any():
                self.end = "is chaotic"
                del self.walk[known + int(apart_now.argmax()) + 1 :]
            self.losses += losses_of(*self.data, self.walk[known:], self.activation)
        return self.walk[: steps + 1], self.losses[: steps + 1]

    def after(self, w: Weights) -> Weights:
        """The weights after one more step."""
        return step_down(w, backward(*self.data, w, self.activation), self.eta)

    def nudged(self, w: Weights) -> Weights:
        """The weights with small random changes, but much larger than rounding errors."""
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
    """The network with a unit switched off, that is, with value 0; units count from 1, 0: none."""
    return w._replace(v=w.v * (np.arange(len(w.v)) != unit - 1))


def hidden_view(h: Numbers, w: Weights) -> tuple[Numbers, Numbers]:
    """The points in hidden space, shape (n, 2), and two points of the linear boundary.

    With two units, the axes are h₁ and h₂ with a common scale. With more, the first axis is the
    distance from the boundary v·h + c = 0, and the second is the direction of maximum variance
    perpendicular to it, with a positive largest component (the first one in a tie); each axis is
    scaled by its largest coordinate.
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


TOP = 1.0  # upper limit of the loss axis
NETWORK, HIDDEN, LOSS = "the network", "hidden space", "the loss"
MOST = 8  # hidden units


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.63)]) -> Update:
    """Set the scene: the plane, and beside it the network, the hidden space, or the loss."""
    fig.set_layout_engine("none")
    places = [inset(fig, *spot) for spot in _spots(fig)]
    plane, net, space, curve = (fig.add_axes(place) for place in places)

    bare(plane)
    show_field, show_boundary = field(plane), boundary(plane)
    lines = artists.segments(plane, colors="ink", linewidths=1, linestyles=[(0, (4, 3))], zorder=1)
    numbers = [
        artists.label(plane, 0, 0, str(i), ha="center", va="center", color="muted", size=9.5)
        for i in range(1, MOST + 1)
    ]
    kinds = (("o", "data", 4.5), ("s", "model", 4.2))
    dots, moved = (
        [artists.points(ax, marker=m, color=c, markersize=s, zorder=2) for m, c, s in kinds]
        for ax in (plane, space)
    )
    cross = artists.points(plane, color="ink", marker="D", markersize=8, zorder=3)
    show_network = _network(net, narrow(fig))
    bare(space, 1.12)
    flat = artists.line(space, color="ink", linewidth=2, zorder=1)
    show_loss = _loss_panel(curve)
    panels = {NETWORK: net, HIDDEN: space, LOSS: curve}
    shown = laid = ""

    def network_shown(view: str) -> bool:
        return view == NETWORK

    def update(
        data: Annotated[str, Choice(*DATA, label="data")] = "circles",
        m: Annotated[int, Slider(2, MOST, 1, label="hidden units")] = 4,
        step: Annotated[int, Steps(LAST, label="training step", rate=40)] = 20,
        view: Annotated[str, Choice(NETWORK, HIDDEN, LOSS, label="beside the plane")] = NETWORK,
        activation: Annotated[str, Choice(*ACTIVATIONS, label="activation f", more=True)] = "tanh",
        eta: Annotated[
            float, Slider(0.01, 30, 0.05, label="learning rate η", log=True, more=True)
        ] = 1.0,
        seed: Annotated[int, Seed(label="first weights", last=99, more=True)] = 0,
        off: Annotated[
            str, Choice("none", *map(str, range(1, 9)), label="switch off unit", more=True)
        ] = "none",
        x: Annotated[
            PointList,
            Points(
                (-2.8, 2.8),
                (-2.8, 2.8),
                0.1,
                label="point x",
                names=("x",),
                more=True,
                when=network_shown,
            ),
        ] = ((1.0, 1.0),),
    ) -> str:
        nonlocal shown, laid
        points, y = sample(data)
        run = training(data, m, activation, eta, seed)
        walk, losses = run.up_to(step)
        unit = int(off) if off != "none" and int(off) <= m else 0
        w = without(walk[-1], unit)
        h, z = forward(points, w, activation)

        if shown != data:
            shown = data
            for group, kind in zip(dots, (0, 1), strict=True):
                group.set_data(points[y == kind].T)
        if laid != view:
            laid = view
            for name, panel in panels.items():
                panel.set_visible(name == view)
        _, level = forward(PLANE, w, activation)
        show_field(2 * sigmoid(level) - 1)
        show_boundary(level)
        kept = np.arange(1, m + 1) != unit
        lines.set_segments(cuts(w.W[kept], w.b[kept]))
        _number(numbers, w, unit)
        cross.set_visible(view == NETWORK)
        cross.set_data(*np.transpose(x))
        values = Values(np.array(x[0]), *forward(np.array(x), w, activation))
        if view == NETWORK:
            show_network(walk[-1], unit, values)
        elif view == HIDDEN:
            places, ends = hidden_view(h, w)
            for group, kind in zip(moved, (0, 1), strict=True):
                group.set_data(places[y == kind].T)
            flat.set_data(ends.T)
            flat.set_visible(bool(w.v.any()))
        else:
            show_loss(losses)

        setting = (
            f"{data[0].upper()}{data[1:]}, {count(m, f'{activation} unit')}, η = {eta:.4g}, "
            f"first weights {seed}"
        )
        end = run.end if len(walk) == len(run.walk) else ""
        told, more = _told(h, z, y, end, losses, unit)
        seen = {NETWORK: _values_told(values, unit), HIDDEN: "Hidden space is shown."}
        return Caption(
            told,
            detail=f"{setting}: {more} {seen.get(view, 'The loss at every step is shown.')}",
            sets={} if unit or off == "none" else {"off": "none"},
        )

    return update


class Values(NamedTuple):
    """The values of all units for a point."""

    x: Numbers  # shape (2,)
    h: Numbers  # (1, m)
    z: Numbers  # (1,)

    @property
    def p(self) -> float:
        return float(sigmoid(self.z)[0])


# Drawing


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: plane, network, hidden space, loss."""
    wide, high = css_size(fig)
    if narrow(fig):
        side = min(wide - 36, 0.62 * high)
        below = (18, side + 44, 18, 8)
        return (18, 20, 18, high - side - 20), below, below, (38, side + 66, 24, 48)
    side = min(high - 40, 0.62 * wide)
    beside = (side + 56, 20, 12, 20)
    lower = (side + 76, 0.25 * high, 24, 0.25 * high)
    return (20, 20, wide - side - 20, high - side - 20), beside, beside, lower


def _number(labels: list[artists.Label], w: Weights, unit: int) -> None:
    """Show the number of each unit where its line leaves the plane, just outside the frame."""
    taken: list[tuple[float, float]] = []
    for i, label in enumerate(labels):
        label.set_visible(False)
        if i >= len(w.b) or i == unit - 1:
            continue
        for x, y in _exits(w.W[i].tolist(), float(w.b[i])):
            place = tuple(part * 1.055 if abs(part) > SIZE - 1e-6 else part for part in (x, y))
            if all(math.dist(place, other) > 0.3 for other in taken):
                taken.append((place[0], place[1]))
                label.set_position(place)
                label.set_visible(True)
                break


def _exits(w: list[float], b: float) -> list[tuple[float, float]]:
    """The intersections of the line w·x + b = 0 with the frame, the upper one first."""
    found = []
    for i in (1, 0):
        for edge in (SIZE, -SIZE):
            if abs(w[1 - i]) > 1e-9:
                other = -(w[i] * edge + b) / w[1 - i]
                if abs(other) < SIZE:
                    found.append((other, edge) if i else (edge, other))
    return sorted(found, key=lambda place: -place[1])


def _loss_panel(ax: Axes) -> Callable[[list[float]], None]:
    """The loss after each step so far; returns a function that shows it."""
    ax.set(xlim=(-10, LAST + 10), ylim=(0, TOP), xlabel="step", yticks=(0, 0.5, 1))
    ax.set_title("loss", size=10.5, color="error")
    ax.spines["left"].set_visible(False)
    fall = artists.line(ax, color="error", linewidth=1.8)
    now = artists.points(ax, color="error", markersize=7)

    def show(losses: list[float]) -> None:
        done = len(losses) - 1
        every = np.append(np.arange(0, done, max(1, done // 150)), done)
        fall.set_data(every, np.minimum(np.array(losses)[every], 9))
        now.set_data([done], [min(losses[done], TOP)])

    return show


def _network(ax: Axes, lying: bool) -> Callable[[Weights, int, Values], None]:
    """Inputs, hidden units, output, as circles with values; returns a function that shows them.

    The layers are side by side, or below each other.
    """
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_axis_off()
    edges = artists.segments(ax, zorder=1, capstyle="round")
    size, text = (24, 8.0) if lying else (27, 9.0)
    style: dict[str, Any] = {"markersize": size, "color": "ink", "mew": 1.2, "clip_on": False}
    nodes = artists.points(ax, mfc="surface", zorder=2, **style)
    gone = artists.points(ax, mfc="rule", zorder=2, **style)
    middle: Any = {"ha": "center", "va": "center", "zorder": 3}
    written = [artists.label(ax, 0, 0, **middle, size=text) for _ in range(MOST + 3)]

    def at(along: float, across: float) -> tuple[float, float]:
        """A position by layer and position in the layer, both from 0 to 1."""
        return (across, 0.86 - 0.72 * along) if lying else (0.08 + 0.82 * along, 1 - across)

    ends = [at(0, 0.3), at(0, 0.7), at(1, 0.5)]
    away = (-0.075, 0.075, 0.075) if lying else (0, 0, 0)
    up = (0, 0, 0) if lying else (0.065, 0.065, 0.065)
    for (x, y), right, above, name in zip(ends, away, up, ("x₁", "x₂", "p"), strict=True):
        ax.text(x + right, y + above, name, **middle | {"zorder": 0.8})
    colors = [to_rgba(color) for color in ("data", "model", "rule")]

    def show(w: Weights, unit: int, values: Values) -> None:
        m = len(w.v)
        units = [at(0.5, (i + 0.5) / m) for i in range(m)]
        places = [*ends, *units]
        there = [i for i in range(m + 3) if i != unit + 2 or not unit]
        nodes.set_data(*np.transpose([places[i] for i in there]))
        gone.set_data(*np.transpose([places[unit + 2]] if unit else np.empty((0, 2))))
        told = [*values.x.tolist(), values.p, *values.h[0].tolist()]
        for i, label in enumerate(written):
            label.set_visible(i < m + 3)
            if i < m + 3:
                label.set_position(places[i])
                label.set_text("off" if unit and i == unit + 2 else _short(told[i]))
        first, second, last = ends
        edges.set_segments(
            np.array(
                [(start, end) for end in units for start in (first, second)]
                + [(start, last) for start in units]
            )
        )
        strengths = np.append(w.W.ravel(), w.v)
        owner = np.append(np.repeat(np.arange(m), 2), np.arange(m))
        edges.set_linewidth((0.4 + 5 * np.tanh(abs(strengths) / 5)).tolist())
        edges.set_color([colors[i] for i in np.where(owner == unit - 1, 2, strengths > 0)])

    return show


def _short(value: float) -> str:
    """A number that fits into a circle."""
    if abs(value) < 1e-3:
        return "0"
    return power(value, 1) if abs(value) >= 999 else number(value, 2 if abs(value) < 9.99 else 0)


# Captions


def _told(
    h: Numbers, z: Numbers, y: Numbers, end: str, losses: list[float], unit: int
) -> tuple[str, str]:
    """The caption and detail: how well the network does."""
    right = int(np.count_nonzero((z > 1e-9) == (y == 1)))
    now, step = loss(z, y), len(losses) - 1
    size = number(now, 3) if 0.0005 <= now < 100 else "above 100" if now > 1 else "below 0.001"
    points = f"{right} of {len(y)} points {'is' if right == 1 else 'are'} right"
    dead = 0 if unit else int(np.count_nonzero(~h.any(axis=0)))
    if end:
        told = f"The training {end} and stops here, after {count(step, 'step')}."
    elif dead:
        told = f"The loss is {size}, and {count(dead, 'unit')} {'is' if dead == 1 else 'are'} dead."
    else:
        some = f"{count(right, 'point')} {'is' if right == 1 else 'are'} right"
        told = f"The loss is {size}, and {'all points are right' if right == len(y) else some}."
    when = f"after {count(step, 'step')}" if step else "before the first step"
    more = f"{when}, the loss is {size}, and {points}."
    if unit:
        more = f"with unit {unit} switched off, {more}"
    if end == "is chaotic":
        more += " Digits that no computer keeps would decide what comes next."
    if losses[-1] > 1.02 * losses[0]:
        more += f" At the start, the loss was {number(losses[0], 3)}: the steps are too long."
    if dead:
        one = dead == 1
        more += (
            f" {count(dead, 'unit')} {'is' if one else 'are'} dead, which means 0 at every point."
        )
    return told, more


def _values_told(values: Values, unit: int) -> str:
    """The values of all units for the point x as text."""
    listed = ", ".join(
        "off" if i == unit else number(value, 3) if abs(value) < 1e6 else power(value, 3)
        for i, value in enumerate(values.h[0].tolist(), 1)
    )
    return (
        f"For x = {pair(values.x)}, the hidden units are {listed}, and p = {number(values.p, 3)}."
    )
