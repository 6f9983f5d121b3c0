"""Follow a loss forward through its graph, then carry the derivative back."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

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
    power,
)
from stage.figures import mixed
from stage.linear_algebra import Numbers

Link = tuple[str, str]  # an edge of the graph: from a parent to a quantity computed from it


class Op(NamedTuple):
    """One node of the graph: a quantity computed from its parents."""

    name: str
    formula: str
    parents: tuple[str, ...]
    value: Callable[..., float]  # of the parents' values
    slopes: Callable[..., tuple[float, ...]]  # the partial derivative by each parent


def sigmoid(z: float) -> float:
    """σ(z) = 1 / (1 + e^(−z)), for |z| < 700."""
    return 1 / (1 + math.exp(-z))


def sigmoid_slope(z: float) -> float:
    """σ′(z) = σ(z)(1 − σ(z)), written so that no digits are lost where σ is nearly 0 or 1."""
    tail = math.exp(-abs(z))
    return tail / (1 + tail) ** 2


def cross_entropy(p: float, y: float) -> float:
    """−y ln p − (1 − y) ln(1 − p), the loss of a probability p, 0 < p < 1, for a target y."""
    return -y * math.log(p) - (1 - y) * math.log1p(-p)


INPUTS = ("w", "x", "b", "y")
_Z = Op("z", "w·x + b", ("w", "x", "b"), lambda w, x, b: w * x + b, lambda w, x, _: (x, w, 1.0))
_P = Op("ŷ", "σ(z)", ("z",), sigmoid, lambda z: (sigmoid_slope(z),))
GRAPHS: Mapping[str, tuple[Op, ...]] = {
    "squared error": (
        *(_Z, _P),
        Op(
            *("L", "(ŷ − y)²", ("ŷ", "y"), lambda p, y: (p - y) ** 2),
            lambda p, y: (2 * (p - y), -2 * (p - y)),
        ),
    ),
    "cross-entropy": (
        *(_Z, _P),
        Op(
            *("L", "−y ln ŷ − (1 − y) ln(1 − ŷ)", ("ŷ", "y"), cross_entropy),
            lambda p, y: ((p - y) / (p * (1 - p)), math.log1p(-p) - math.log(p)),
        ),
    ),
    "shared input": (
        _Z,
        Op("q", "x·z", ("z", "x"), lambda z, x: z * x, lambda z, x: (x, z)),
        Op("f", "q + y", ("q", "y"), lambda q, y: q + y, lambda _q, _y: (1.0, 1.0)),
    ),
}


def forward(ops: Sequence[Op], inputs: Mapping[str, float]) -> dict[str, float]:
    """The forward pass: the value of every quantity."""
    values = dict(inputs)
    for op in ops:
        values[op.name] = op.value(*(values[parent] for parent in op.parents))
    return values


class Derivatives(NamedTuple):
    """What the backward pass finds."""

    factors: dict[Link, float]  # ∂child/∂parent, the local derivative
    passed: dict[Link, float]  # ∂output/∂child times the factor: what the parent receives
    totals: dict[str, float]  # ∂output/∂quantity, the sum of what it receives


def backward(ops: Sequence[Op], values: Mapping[str, float]) -> Derivatives:
    """The backward pass: the derivative of the last op by everything before it.

    ∂L/∂parent = Σ over its children of ∂L/∂child · ∂child/∂parent, from ∂L/∂L = 1: reverse
    accumulation (Linnainmaa 1970; Rumelhart, Hinton and Williams 1986). Every parent comes before
    its children.
    """
    factors: dict[Link, float] = {}
    passed: dict[Link, float] = {}
    totals = dict.fromkeys(values, 0.0)
    totals[ops[-1].name] = 1.0
    for op in reversed(ops):
        slopes = op.slopes(*(values[parent] for parent in op.parents))
        for parent, slope in zip(op.parents, slopes, strict=True):
            factors[parent, op.name] = slope
            passed[parent, op.name] = totals[op.name] * slope
            totals[parent] += passed[parent, op.name]
    return Derivatives(factors, passed, totals)


def change(ops: Sequence[Op], inputs: Mapping[str, float], name: str, nudge: float) -> float:
    """The change of the output when one input changes by `nudge`."""
    after = forward(ops, {**inputs, name: inputs[name] + nudge})
    return after[ops[-1].name] - forward(ops, inputs)[ops[-1].name]


# Positions in CSS pixels on a picture that is 720 or 360 pixels wide, y downward. A node is an
# input, by its name, or "1", "2", "3": the result of that step.

Place = tuple[float, float]


class Route(NamedTuple):
    """The line of an edge from parent to child, and the position of its number."""

    line: tuple[Place, ...]
    at: Place
    ha: str = "left"


class Layout(NamedTuple):
    """The layout for wide pages, or for phones."""

    size: Place
    nodes: Mapping[str, Place]
    routes: Mapping[Link, Route]
    beside: Mapping[str, tuple[float, float, str]]  # position of the derivative of a node
    trial: Place  # the first of two lines about the nudge


_BELOW = (0.0, 38.0, "center")
WIDE = Layout(
    (720, 330),
    {
        **{"x": (80, 75), "w": (80, 165), "b": (80, 255), "y": (455, 275)},
        **{"1": (280, 165), "2": (455, 165), "3": (640, 165)},
    },
    {
        ("w", "1"): Route(((126, 165), (221, 165)), (173, 153), "center"),
        ("x", "1"): Route(((126, 75), (221, 150)), (184, 103)),
        ("b", "1"): Route(((126, 255), (221, 180)), (184, 227)),
        ("1", "2"): Route(((339, 165), (396, 165)), (368, 131), "center"),
        ("x", "2"): Route(((126, 75), (362, 75), (420, 141)), (300, 63), "center"),
        ("2", "3"): Route(((514, 165), (581, 165)), (548, 131), "center"),
        ("y", "3"): Route(((501, 275), (590, 189)), (537, 226), "right"),
    },
    dict.fromkeys("xwby123", _BELOW),
    (640, 232),
)
_ABOVE, _RIGHT = (0.0, -36.0, "center"), (66.0, 0.0, "left")
PHONE = Layout(
    (360, 480),
    {
        **{"x": (62, 74), "w": (180, 74), "b": (298, 74), "y": (302, 335)},
        **{"1": (180, 175), "2": (180, 270), "3": (180, 400)},
    },
    {
        ("w", "1"): Route(((180, 98), (180, 151)), (186, 122)),
        ("x", "1"): Route(((62, 98), (135, 151)), (108, 114)),
        ("b", "1"): Route(((298, 98), (225, 151)), (258, 137)),
        ("1", "2"): Route(((180, 199), (180, 246)), (188, 221)),
        ("x", "2"): Route(((62, 98), (62, 200), (121, 262)), (69, 180)),
        ("2", "3"): Route(((180, 294), (180, 376)), (188, 330)),
        ("y", "3"): Route(((256, 340), (222, 376)), (250, 368)),
    },
    dict.fromkeys("xwby", _ABOVE) | dict.fromkeys("123", _RIGHT),
    (180, 442),
)
LAST = 7  # steps: 0 shows the inputs; then three forward, three backward, and the nudge
FORWARD = 3
TRACK = 36.0  # half the length of the track on which an input is moved
RANGES = {"w": (-3.0, 3.0), "x": (-3.0, 3.0), "b": (-3.0, 3.0), "y": (0.0, 1.0)}


def demo(fig: Annotated[Figure, Shape(wide=720 / 330, narrow=0.75)]) -> Update:
    """Set the scene: four inputs that can be dragged, and three nodes computed from them."""
    layout = PHONE if narrow(fig) else WIDE
    fig.set_layout_engine("none")  # all positions are explicit
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, layout.size[0]), ylim=(layout.size[1], 0))
    ax.set_axis_off()
    graph = _graph(ax, layout)

    def handle(name: str) -> Drag:
        """Along the track of an input."""
        (x, _), (low, high) = layout.nodes[name], RANGES[name]
        scale = (high - low) / (2 * TRACK)
        return Drag(
            at=lambda value: _on_track(layout, name, value),
            to=lambda across, _: (across - x) * scale + (low + high) / 2,
        )

    def nudged(step: int) -> bool:
        return step == LAST

    def update(
        expression: Annotated[str, Choice(*GRAPHS, label="expression")] = "squared error",
        step: Annotated[int, Steps(LAST, label="step", rate=0.8)] = FORWARD,
        w: Annotated[float, Slider(-3, 3, 0.1, label="weight w", drag=handle("w"))] = 1.5,
        b: Annotated[float, Slider(-3, 3, 0.1, label="bias b", drag=handle("b"))] = -2.0,
        x: Annotated[float, Slider(-3, 3, 0.1, label="input x", drag=handle("x"), more=True)] = 2.0,
        y: Annotated[
            float, Slider(0, 1, 0.05, label="target y", drag=handle("y"), more=True)
        ] = 0.0,
        nudge: Annotated[
            str, Choice(*INPUTS, label="input to nudge", when=nudged, more=True)
        ] = "w",
        epsilon: Annotated[
            float, Slider(-1, 1, 0.01, label="nudge ε", when=nudged, more=True)
        ] = 0.5,
    ) -> str:
        ops = GRAPHS[expression]
        inputs = {"w": w, "x": x, "b": b, "y": y}
        values = forward(ops, inputs)
        known = Known(step, ops, values, backward(ops, values), None)
        if step == LAST:
            predicted = epsilon * known.derivatives.totals[nudge]
            actual = change(ops, inputs, nudge, epsilon)
            known = known._replace(trial=Trial(nudge, epsilon, predicted, actual))
        _show(graph, known)
        return Caption(_told(known), detail=_detail(expression, known))

    return update


class Trial(NamedTuple):
    """The predicted and the actual change of the output after a nudge of one input."""

    name: str
    nudge: float
    predicted: float  # ε · ∂L/∂input
    actual: float


class Known(NamedTuple):
    """All values of the graph, and the step up to which they are shown."""

    step: int
    ops: Sequence[Op]
    values: Mapping[str, float]
    derivatives: Derivatives
    trial: Trial | None  # in the last step

    @property
    def output(self) -> str:
        return self.ops[-1].name

    @property
    def passed(self) -> Sequence[Op]:
        """The ops that the backward pass has processed."""
        return self.ops[::-1][: max(self.step - FORWARD, 0)]

    def links(self) -> list[Link]:
        return [(parent, op.name) for op in self.ops for parent in op.parents]

    def reached(self) -> list[Link]:
        """The edges that the backward pass has processed."""
        return [(parent, op.name) for op in self.passed for parent in op.parents]

    def total(self, name: str) -> str:
        """The derivative for a quantity; `1 + …` while one of two contributions is missing."""
        arrived, links = self.reached(), [link for link in self.links() if link[0] == name]
        there = [link for link in links if link in arrived]
        if len(there) == len(links) and self.step > FORWARD:
            return f"∂{self.output}/∂{name} = {short(self.derivatives.totals[name])}"
        return f"{short(self.derivatives.passed[there[0]])} + …" if there else ""


# Drawing


class Graph(NamedTuple):
    """The artists of the graph, by node or by edge."""

    layout: Layout
    title: artists.Label
    formulas: Mapping[str, artists.Label]
    values: Mapping[str, artists.Label]
    derivatives: Mapping[str, artists.Label]
    factors: Mapping[Link, artists.Label]
    dots: artists.Line  # of the inputs, on their tracks
    edges: artists.Line
    bands: artists.Segments
    onward: artists.Polygons  # arrowheads that point at the child
    back: artists.Polygons  # arrowheads that point at the parent
    focus: artists.Line
    trial: Sequence[artists.Label]


def _graph(ax: Axes, layout: Layout) -> Graph:
    """Draw the boxes, and create the artists that `_show` fills in."""
    middle: Any = {"ha": "center", "va": "center"}
    formulas, values, derivatives = {}, {}, {}
    for node, (x, y) in layout.nodes.items():
        given = node in INPUTS
        left, low = x - _half(node)[0], y - _half(node)[1]
        ax.add_patch(
            FancyBboxPatch(
                *((left, low), 2 * _half(node)[0], 2 * _half(node)[1]),
                boxstyle="round,pad=0,rounding_size=3",
                facecolor=mixed("data", 0.1) if given else "surface",
                edgecolor="data" if given else "muted",
                linewidth=1.2,
                zorder=1,
            )
        )
        if given:
            ax.plot([x - TRACK, x + TRACK], [y + 10] * 2, color="muted", linewidth=1.5, zorder=1.1)
        color = "data-text" if given else "ink"
        values[node] = artists.label(
            *(ax, x, y - 10 if given else y + 10), **middle, color=color, weight="semibold"
        )
        formulas[node] = artists.label(ax, x, y - 10, **middle, size=9.5)
        right, down, ha = layout.beside[node]
        derivatives[node] = artists.label(
            *(ax, x + right, y + down), ha=ha, va="center", color="gradient", weight="semibold"
        )
    factors = {
        link: artists.label(ax, *route.at, ha=route.ha, va="center", size=9.5, color="gradient")
        for link, route in layout.routes.items()
    }
    x, y = layout.trial
    return Graph(
        layout,
        artists.label(ax, 10, 14, weight="semibold", va="center"),
        formulas,
        values,
        derivatives,
        factors,
        artists.points(ax, color="data", markersize=7, zorder=3),
        artists.line(ax, color="muted", linewidth=1.1, zorder=0.9),
        artists.segments(ax, colors="gradient", zorder=2, capstyle="butt"),
        artists.polygons(ax, facecolors="muted", zorder=2),
        artists.polygons(ax, facecolors="gradient", zorder=2),
        artists.line(ax, color="gradient", linewidth=2.2, zorder=1.7),
        [
            artists.label(ax, x, y, **middle, color="gradient"),
            artists.label(ax, x, y + 20, **middle, color="truth"),
        ],
    )


def _half(node: str) -> Place:
    """Half the width and half the height of a node's box."""
    return (46.0 if node in INPUTS else 59.0), 24.0


def _on_track(layout: Layout, name: str, value: float) -> Place:
    """The position of an input's dot."""
    (x, y), (low, high) = layout.nodes[name], RANGES[name]
    return x + (value - (low + high) / 2) * 2 * TRACK / (high - low), y + 10


def _show(graph: Graph, known: Known) -> None:
    """Update the picture."""
    node = dict(zip(INPUTS, INPUTS, strict=True))
    node |= {op.name: str(number) for number, op in enumerate(known.ops, 1)}
    graph.title.set_text(f"{known.output} = {_whole(known.ops)}")
    for op in known.ops:
        graph.formulas[node[op.name]].set_text(_formula(op))
    for name, place in node.items():
        value = short(known.values[name])
        text = f"{name} = {value}" if name in INPUTS or len(name + value) < 2 else value
        graph.values[place].set_text(text if name in INPUTS or int(place) <= known.step else "?")
        graph.derivatives[place].set_text(known.total(name))
    spots = [_on_track(graph.layout, name, known.values[name]) for name in INPUTS]
    graph.dots.set_data(*zip(*spots, strict=True))

    routes = {link: graph.layout.routes[node[link[0]], node[link[1]]] for link in known.links()}
    reached = known.reached()
    written = {
        routes[link].at: f"×{_factor(short(known.derivatives.factors[link]))}" for link in reached
    }
    for pair, label in graph.factors.items():
        label.set_text(written.get(graph.layout.routes[pair].at, ""))
    lines = {link: np.array(route.line, dtype=float) for link, route in routes.items()}
    gap = np.full((1, 2), math.nan)
    graph.edges.set_data(np.vstack([part for line in lines.values() for part in (line, gap)]).T)
    widths = [
        min(max(3 * math.sqrt(abs(known.derivatives.passed[link])), 0.8), 7) for link in reached
    ]
    heads = [
        _head(lines[link], 7 + 1.3 * width) for link, width in zip(reached, widths, strict=True)
    ]
    graph.back.set_verts(heads)
    graph.bands.set_segments(
        [
            np.vstack([head[1:].mean(axis=0), lines[link][1:]])
            for link, head in zip(reached, heads, strict=True)
        ]
    )
    graph.bands.set_linewidth(widths)
    graph.onward.set_verts(
        [_head(line[::-1], 8) for link, line in lines.items() if link not in reached]
    )

    active = _active(known)
    graph.focus.set_color("gradient" if known.step > FORWARD else "ink")
    corners: list[Place] = []
    if active:
        (x, y), (across, up) = graph.layout.nodes[node[active]], _half(node[active])
        corners = [(x + i * across, y + j * up) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    graph.focus.set_data(*zip(*corners, corners[0], strict=True) if corners else ((), ()))
    texts = ("", "")
    if known.trial:
        texts = (
            f"predicted {short(known.trial.predicted)}",
            f"actual {short(known.trial.actual)}",
        )
    for label, text in zip(graph.trial, texts, strict=True):
        label.set_text(text)


def _head(line: Numbers, size: float) -> Numbers:
    """An arrowhead at the first point of a line, shape (3, 2), tip first."""
    along = line[0] - line[1]
    along *= size / math.hypot(*along)
    side = 0.55 * along[::-1] * (-1, 1)
    return np.array([line[0], line[0] - along + side, line[0] - along - side])


def _active(known: Known) -> str:
    """The node that the current step computes."""
    if known.trial:
        return known.trial.name
    if known.passed:
        return known.passed[-1].name
    return known.ops[known.step - 1].name if known.step else ""


# Captions


def short(value: float, digits: int = 3) -> str:
    """With `digits` significant digits; values below 10⁻¹² count as rounding errors of 0."""
    return power(value if abs(value) > 1e-12 else 0.0, digits)


def _formula(op: Op) -> str:
    """The formula in a node's box, shortened to fit."""
    return f"{op.name} = {op.formula}" if len(op.formula) < 12 else f"{op.name}: cross-entropy"


def _whole(ops: Sequence[Op]) -> str:
    """The output as an expression of the quantities before it."""
    *_, before, last = ops
    return last.formula if before.name == "ŷ" else "x·(w·x + b) + y"


def _told(known: Known) -> str:
    """The caption for the current step."""
    if known.trial:
        predicted, actual = short(known.trial.predicted), short(known.trial.actual)
        if not known.trial.nudge:
            return "A nudge of 0 changes nothing."
        if predicted == actual:
            return f"The derivative predicts a change of {predicted}, and {predicted} it is."
        return f"The derivative predicts a change of {predicted}; the actual change is {actual}."
    if known.passed:
        op = known.passed[-1]
        total = short(known.derivatives.totals[op.parents[0]])
        return f"Backward through {op.name}: ∂{known.output}/∂{op.parents[0]} = {total}."
    if not known.step:
        return "Only the inputs are known."
    op = known.ops[known.step - 1]
    return f"Forward: {_formula(op).split(':')[0]} comes to {short(known.values[op.name])}."


def _detail(expression: str, known: Known) -> str:
    """All numbers in the picture, and the products they come from."""
    shown = [*INPUTS, *(op.name for op in known.ops[: known.step])]
    values = ", ".join(f"{name} = {short(known.values[name], 4)}" for name in shown)
    parts = [f"The graph of {known.output} = {_whole(known.ops)} ({expression}). {values}."]
    for op in known.passed:
        own = short(known.derivatives.totals[op.name], 4)
        handed = ", ".join(
            f"{_factor(own)} · {_factor(short(known.derivatives.factors[parent, op.name], 4))} = "
            f"{short(known.derivatives.passed[parent, op.name], 4)} to {parent}"
            for parent in op.parents
        )
        parts.append(f"{op.name} passes back {handed}.")
    if known.trial:
        name, nudge = known.trial.name, known.trial.nudge
        total = short(known.derivatives.totals[name], 4)
        parts.append(
            f"∂{known.output}/∂{name} = {total}. Nudging {name} by {number(nudge)} should change "
            f"{known.output} by {short(known.trial.predicted, 4)}; it changes it by "
            f"{short(known.trial.actual, 4)}."
        )
    return " ".join(parts)


def _factor(text: str) -> str:
    """A number as a factor in a product: negative numbers in parentheses."""
    return f"({text})" if text.startswith("−") else text
