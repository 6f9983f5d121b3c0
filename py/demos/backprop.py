"""Follow an expression forwards, number by number, then carry its derivative back to the inputs."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from stage import Choice, Figure, Shape, Slider, Steps, Update, artists, narrow, number
from stage.figures import mixed
from stage.layout import DPI
from stage.linear_algebra import Numbers

Link = tuple[str, str]  # an edge of the graph: from a quantity to the one computed from it


class Op(NamedTuple):
    """One step of an expression: a quantity computed from others, its parents."""

    name: str
    formula: str
    parents: tuple[str, ...]
    value: Callable[..., Any]  # of the parents' values, numbers or arrays of one shape
    slopes: Callable[..., tuple[float, ...]]  # its partial derivative by each parent, of numbers


class Expression(NamedTuple):
    """Inputs, and what is computed from them in order; the last one is the output."""

    title: str
    inputs: tuple[str, ...]
    ops: tuple[Op, ...]

    @property
    def output(self) -> str:
        return self.ops[-1].name


def sigmoid(z: float) -> float:
    """σ(z) = 1 / (1 + e^(−z)), for numbers and arrays; z must be above −700."""
    return 1 / (1 + np.exp(-z))  # type: ignore[no-any-return]


def sigmoid_slope(z: float) -> float:
    """σ′(z) = σ(z)(1 − σ(z)), written so that no digits are lost where σ is nearly 0 or 1."""
    tail = math.exp(-abs(z))
    return tail / (1 + tail) ** 2


def tanh_slope(z: float) -> float:
    """tanh′(z) = 1 − tanh²(z) = 1 / cosh²(z), for |z| < 350."""
    return 1 / math.cosh(z) ** 2


_SUM = (lambda w, x, b: w * x + b, lambda w, x, _: (x, w, 1.0))
EXPRESSIONS: Mapping[str, Expression] = {
    "squared error": Expression(
        "L = (σ(w·x + b) − y)²",
        ("w", "x", "b", "y"),
        (
            Op("z", "w·x + b", ("w", "x", "b"), *_SUM),
            Op("ŷ", "σ(z)", ("z",), sigmoid, lambda z: (sigmoid_slope(z),)),
            Op("e", "ŷ − y", ("ŷ", "y"), lambda p, y: p - y, lambda _p, _y: (1.0, -1.0)),
            Op("L", "e²", ("e",), lambda e: e**2, lambda e: (2 * e,)),
        ),
    ),
    "cross-entropy": Expression(
        "L = ln(1 + exp(w·x + b)) − y·(w·x + b)",
        ("w", "x", "b", "y"),
        (
            Op("z", "w·x + b", ("w", "x", "b"), *_SUM),
            Op("u", "exp(z)", ("z",), np.exp, lambda z: (math.exp(z),)),
            Op("v", "ln(1 + u)", ("u",), np.log1p, lambda u: (1 / (1 + u),)),
            Op(
                "L",
                "v − y·z",
                ("v", "y", "z"),
                lambda v, y, z: v - y * z,
                lambda _, y, z: (1.0, -z, -y),
            ),
        ),
    ),
    "shared input": Expression(
        "f = x·(w·x + b) + y",
        ("w", "x", "b", "y"),
        (
            Op("p", "w·x", ("w", "x"), lambda w, x: w * x, lambda w, x: (x, w)),
            Op("s", "p + b", ("p", "b"), lambda p, b: p + b, lambda _p, _b: (1.0, 1.0)),
            Op("q", "x·s", ("x", "s"), lambda x, s: x * s, lambda x, s: (s, x)),
            Op("f", "q + y", ("q", "y"), lambda q, y: q + y, lambda _q, _y: (1.0, 1.0)),
        ),
    ),
    "shared weight": Expression(
        "f = tanh(w·tanh(w·x + b) + b)",
        ("w", "x", "b"),
        (
            Op("z", "w·x + b", ("w", "x", "b"), *_SUM),
            Op("h", "tanh(z)", ("z",), np.tanh, lambda z: (tanh_slope(z),)),
            Op("r", "w·h + b", ("w", "h", "b"), *_SUM),
            Op("f", "tanh(r)", ("r",), np.tanh, lambda r: (tanh_slope(r),)),
        ),
    ),
}


def forward(ops: Sequence[Op], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every quantity; inputs are numbers, or arrays of one shape."""
    values = dict(inputs)
    for op in ops:
        values[op.name] = op.value(*(values[parent] for parent in op.parents))
    return values


class Derivatives(NamedTuple):
    """What the backward pass finds."""

    factors: dict[Link, float]  # ∂child/∂parent, the derivative of one op alone
    contributions: dict[Link, float]  # ∂output/∂child times the factor: what the parent receives
    totals: dict[str, float]  # ∂output/∂quantity, the sum of what it receives


def backward(ops: Sequence[Op], values: Mapping[str, float]) -> Derivatives:
    """The derivative of the last op by everything before it, in one pass from last to first.

    ∂L/∂parent = Σ over its children of ∂L/∂child · ∂child/∂parent, from ∂L/∂L = 1: reverse
    accumulation (Linnainmaa 1970; Rumelhart, Hinton and Williams 1986). The ops are in an order in
    which every parent comes before its children.
    """
    factors: dict[Link, float] = {}
    contributions: dict[Link, float] = {}
    totals = dict.fromkeys(values, 0.0)
    totals[ops[-1].name] = 1.0
    for op in reversed(ops):
        slopes = op.slopes(*(values[parent] for parent in op.parents))
        for parent, slope in zip(op.parents, slopes, strict=True):
            factors[parent, op.name] = float(slope)
            contributions[parent, op.name] = float(totals[op.name] * slope)
            totals[parent] += contributions[parent, op.name]
    return Derivatives(factors, contributions, totals)


def paths(ops: Sequence[Op], start: str) -> list[tuple[str, ...]]:
    """Every way from the output back to `start`, as the names passed; [] if there is none."""
    parents = {op.name: op.parents for op in ops}
    found: list[tuple[str, ...]] = []
    ways: list[tuple[str, ...]] = [(ops[-1].name,)]
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            found.append(way)
        ways += [(*way, parent) for parent in parents.get(way[-1], ())]
    return found


NUDGES = np.linspace(-1, 1, 81)  # where the curve below the graph is drawn


class Results(NamedTuple):
    """All that is known of an expression at one setting of its inputs."""

    values: dict[str, float]
    derivatives: Derivatives
    changes: dict[str, Numbers]  # for each input: of the output, when it is nudged by NUDGES


@lru_cache(maxsize=16)
def results(kind: str, w: float, x: float, b: float, y: float) -> Results:
    """Both passes and the effect of nudges, once for each setting."""
    expression = EXPRESSIONS[kind]
    given = dict(zip("wxby", (w, x, b, y), strict=True))
    inputs = {name: given[name] for name in expression.inputs}
    values = {name: float(value) for name, value in forward(expression.ops, inputs).items()}
    changes = {name: change(expression, inputs, name, NUDGES) for name in given}
    return Results(values, backward(expression.ops, values), changes)


def change(
    expression: Expression, inputs: Mapping[str, float], name: str, nudge: float | Numbers
) -> Numbers:
    """By how much the output changes when one input is nudged, by a number or each of an array.

    0 where the expression has no such input, and where the difference is rounding error.
    """
    size = np.asarray(nudge, dtype=float)
    if name not in inputs:
        return np.zeros_like(size)
    before = forward(expression.ops, inputs)[expression.output]
    after = forward(expression.ops, {**inputs, name: inputs[name] + size})[expression.output]
    return np.asarray(after - before, dtype=float)


# Where everything stands: in CSS pixels on a picture 720 or 360 wide, y downwards


class Edge(NamedTuple):
    """How an edge runs from parent to child, and where its number stands.

    It leaves and arrives so far off the middle of a box's side; `late` makes it run straight until
    the last gap. The number stands at the fraction `along` of the way, `dx` and `dy` off the line:
    to the right for `dx` above 0, to the left below 0, and centred for 0.
    """

    parent: str
    child: str
    leave: float = 0
    arrive: float = 0
    late: bool = False
    along: float = 0.5
    dx: float = 0
    dy: float = 0


class Plan(NamedTuple):
    """The layout of one expression for one width."""

    at: Mapping[str, tuple[float, float]]  # the centres of the boxes
    edges: tuple[Edge, ...]


C0, C1, C2, C3, C4 = 55, 215, 366, 517, 668  # columns, and
R0, R1, R2 = 62, 144, 226  # rows on a wide page
WIDE: Mapping[str, Plan] = {
    "squared error": Plan(
        {"w": (C0, R0), "x": (C0, R1), "b": (C0, R2), "z": (C1, R1), "ŷ": (C2, R1),
         "y": (C2, R2), "e": (C3, R1), "L": (C4, R1)},
        (
            Edge("w", "z", arrive=-12, dx=10, dy=-6),
            Edge("x", "z", along=0.36, dy=-11),
            Edge("b", "z", arrive=12, dx=10, dy=6),
            Edge("z", "ŷ", dy=-11),
            Edge("ŷ", "e", dy=-11),
            Edge("y", "e", arrive=12, dx=10, dy=6),
            Edge("e", "L", dy=-11),
        ),
    ),
    "cross-entropy": Plan(
        {"w": (C0, R0), "x": (C0, R1), "b": (C0, R2), "z": (C1, R1), "u": (C2, R0),
         "v": (C3, R0), "y": (C3, R2), "L": (C4, R1)},
        (
            Edge("w", "z", arrive=-12, dx=10, dy=-6),
            Edge("x", "z", along=0.36, dy=-11),
            Edge("b", "z", arrive=12, dx=10, dy=6),
            Edge("z", "u", leave=-8, dx=-10, dy=-6),
            Edge("u", "v", dy=-11),
            Edge("v", "L", arrive=-12, dx=10, dy=-6),
            Edge("z", "L", dy=-11),
            Edge("y", "L", arrive=12, dx=10, dy=6),
        ),
    ),
    "shared input": Plan(
        {"w": (C0, R1), "x": (C0, R2), "p": (C1, R1), "b": (C1, R0), "s": (C2, R1),
         "q": (C3, R1), "y": (C3, R0), "f": (C4, R1)},
        (
            Edge("w", "p", dy=-11),
            Edge("x", "p", leave=-5, arrive=12, dx=10, dy=7),
            Edge("p", "s", dy=-11),
            Edge("b", "s", arrive=-12, dx=10, dy=-6),
            Edge("s", "q", dy=-11),
            Edge("x", "q", leave=5, arrive=12, late=True, along=0.5, dy=-11),
            Edge("q", "f", dy=-11),
            Edge("y", "f", arrive=-12, dx=10, dy=-6),
        ),
    ),
    "shared weight": Plan(
        {"w": (C0, R0), "x": (C0, R1), "b": (C0, R2), "z": (C1, R1), "h": (C2, R1),
         "r": (C3, R1), "f": (C4, R1)},
        (
            Edge("w", "z", leave=5, arrive=-12, dx=10, dy=-6),
            Edge("x", "z", along=0.36, dy=-11),
            Edge("b", "z", leave=-5, arrive=12, dx=10, dy=6),
            Edge("z", "h", dy=-11),
            Edge("w", "r", leave=-5, arrive=-12, late=True, dy=-11),
            Edge("h", "r", dy=-11),
            Edge("b", "r", leave=5, arrive=12, late=True, dy=11),
            Edge("r", "f", dy=-11),
        ),
    ),
}  # fmt: skip

A, M, Z = 60, 180, 300  # columns, and
T0, T1, T2, T3, T4 = 54, 140, 224, 308, 392  # rows on a phone
NARROW: Mapping[str, Plan] = {
    "squared error": Plan(
        {"w": (A, T0), "x": (M, T0), "b": (Z, T0), "z": (M, T1), "ŷ": (M, T2),
         "y": (Z + 5, T2), "e": (M, T3), "L": (M, T4)},
        (
            Edge("w", "z", arrive=-30, along=0.42, dx=-1, dy=13),
            Edge("x", "z", along=0.38, dx=7),
            Edge("b", "z", arrive=30, along=0.42, dx=1, dy=13),
            Edge("z", "ŷ", dx=8),
            Edge("ŷ", "e", dx=-8),
            Edge("y", "e", arrive=30, along=0.42, dx=1, dy=13),
            Edge("e", "L", dx=8),
        ),
    ),
    "cross-entropy": Plan(
        {"w": (A, T0), "x": (M, T0), "b": (Z, T0), "z": (M, T1), "u": (A + 14, T2),
         "v": (A + 14, T3), "y": (Z, T3), "L": (M, T4)},
        (
            Edge("w", "z", arrive=-30, along=0.42, dx=-1, dy=13),
            Edge("x", "z", along=0.38, dx=7),
            Edge("b", "z", arrive=30, along=0.42, dx=1, dy=13),
            Edge("z", "u", leave=-30, along=0.58, dx=-1, dy=-13),
            Edge("u", "v", dx=8),
            Edge("v", "L", arrive=-30, along=0.42, dx=-1, dy=13),
            Edge("z", "L", dx=8),
            Edge("y", "L", arrive=30, along=0.42, dx=1, dy=13),
        ),
    ),
    "shared input": Plan(
        {"x": (A, T0), "w": (M, T0), "p": (M, T1), "b": (Z + 5, T1), "s": (M, T2),
         "q": (M, T3), "y": (Z + 5, T3), "f": (M, T4)},
        (
            Edge("w", "p", along=0.4, dx=8),
            Edge("x", "p", leave=14, arrive=-30, along=0.42, dx=-1, dy=13),
            Edge("p", "s", dx=-8),
            Edge("b", "s", arrive=30, along=0.42, dx=1, dy=13),
            Edge("s", "q", dx=8),
            Edge("x", "q", leave=-24, arrive=-30, late=True, along=0.4, dx=8),
            Edge("q", "f", dx=-8),
            Edge("y", "f", arrive=30, along=0.42, dx=1, dy=13),
        ),
    ),
    "shared weight": Plan(
        {"w": (A, T0), "x": (M, T0), "b": (Z, T0), "z": (M, T1), "h": (M, T2),
         "r": (M, T3), "f": (M, T4)},
        (
            Edge("w", "z", leave=14, arrive=-30, along=0.42, dx=-1, dy=13),
            Edge("x", "z", along=0.38, dx=7),
            Edge("b", "z", leave=-14, arrive=30, along=0.42, dx=1, dy=13),
            Edge("z", "h", dx=8),
            Edge("w", "r", leave=-24, arrive=-30, late=True, along=0.4, dx=8),
            Edge("h", "r", dx=8),
            Edge("b", "r", leave=24, arrive=30, late=True, along=0.4, dx=-8),
            Edge("r", "f", dx=8),
        ),
    ),
}  # fmt: skip

LAST = 9  # the inputs at 0, four ops forwards, four backwards, and the nudge
FORWARD = 4


class Slot(NamedTuple):
    """A place for a string: where, how large (in points), how aligned, and how heavy."""

    x: float
    y: float  # of the middle of a digit
    size: float
    align: float = 0.5  # the part of the string that lies left of x
    weight: str = "normal"


class Words(NamedTuple):
    """Strings of one colour, drawn as one shape: many short texts would cost several times more."""

    shape: artists.Polygons
    slots: dict[object, Slot]
    written: dict[object, str]  # what stands in the slots now
    zoom: float  # pixels of the picture to a point of type


class Graph(NamedTuple):
    """The artists of one expression."""

    axes: Axes
    equations: dict[str, str]  # what stands before a value: all there is to it, or its name
    given: Words  # the inputs
    values: Words
    derivatives: Words  # by quantity its total, by link its factor, and by "+…" the sum
    ways: dict[Link, Numbers]  # the lines of the edges, from parent to child
    starts: dict[Link, tuple[Numbers, Numbers]]  # the direction of each, how far its points lie so
    bands: artists.Segments
    onward: artists.Polygons  # arrowheads that point at the child
    back: artists.Polygons  # arrowheads that point at the parent
    focus: artists.Line
    outlines: dict[str, Numbers]
    lit: dict[Link, bool]  # of the bands that are shown, whether they are bright


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.6)]) -> Update:
    """Set the scene: a graph for each expression, one of them shown, and the nudge below it."""
    phone = narrow(fig)
    fig.set_layout_engine("none")  # everything stands where it is put
    width, height, cut = (360, 600, 420) if phone else (720, 450, 286)
    zoom = fig.get_figwidth() * DPI / width
    scale = min(max(zoom, 0.75), 1.15) / zoom  # of the type, which grows less than the picture
    graphs = {
        kind: _graph(_sheet(fig, 0, cut - 4, width, height), kind, phone, scale)
        for kind in EXPRESSIONS
    }
    trial = _trial(_sheet(fig, cut + 4, height, width, height), phone, scale)
    drawn: tuple[object, ...] = ()

    def update(
        expression: Annotated[str, Choice(*EXPRESSIONS, label="expression")] = "squared error",
        step: Annotated[int, Steps(LAST, label="step", rate=0.8)] = LAST,
        w: Annotated[float, Slider(-3, 3, 0.1, label="w")] = 1.5,
        x: Annotated[float, Slider(-3, 3, 0.1, label="x")] = 2.0,
        b: Annotated[float, Slider(-3, 3, 0.1, label="b")] = -2.0,
        y: Annotated[float, Slider(0, 1, 0.05, label="y")] = 0.0,
        nudge: Annotated[str, Choice("w", "x", "b", "y", label="input to nudge")] = "w",
        epsilon: Annotated[float, Slider(-1, 1, 0.01, label="nudge ε")] = 0.5,
    ) -> str:
        nonlocal drawn
        found = results(expression, w, x, b, y)
        inputs = {name: found.values[name] for name in EXPRESSIONS[expression].inputs}
        for kind, graph in graphs.items():
            graph.axes.set_visible(kind == expression)
        if drawn != (wanted := (expression, step, w, x, b, y, nudge)):  # not for another ε
            _show(graphs[expression], expression, found, step, nudge)
            drawn = wanted
        check = _checked(expression, inputs, nudge, epsilon, found) if step == LAST else None
        _show_trial(trial, expression, nudge, epsilon, found, check)
        return _sentence(expression, step, nudge, epsilon, found, check)

    return update


class Check(NamedTuple):
    """What a nudge should do to the output, and what it does."""

    before: float  # the input, before the nudge
    predicted: float  # ε · ∂L/∂input
    actual: float
    gap: float  # actual − predicted; 0 where it is rounding error


EXACT = 1e-12  # differences below this are rounding: the quantities are below 100, but for exp(z)


def _checked(
    kind: str, inputs: Mapping[str, float], name: str, epsilon: float, found: Results
) -> Check | None:
    """The nudge of one input; None where the expression has no such input."""
    if name not in inputs:
        return None
    predicted = epsilon * found.derivatives.totals[name]
    actual = float(change(EXPRESSIONS[kind], inputs, name, epsilon))
    gap = actual - predicted
    return Check(inputs[name], predicted, actual, gap if abs(gap) >= EXACT else 0.0)


# The picture's parts


def _sheet(fig: Figure, top: float, bottom: float, width: float, height: float) -> Axes:
    """A strip of the figure, measured in CSS pixels at the figure's usual size, y downwards."""
    ax = fig.add_axes((0, 1 - bottom / height, 1, (bottom - top) / height))
    ax.set(xlim=(0, width), ylim=(bottom, top))
    ax.set_axis_off()
    return ax


Outline = NDArray[np.complex128]  # points x + iy: to scale and to move them is one step


@lru_cache(maxsize=256)
def _glyph(char: str, weight: str) -> tuple[Outline, NDArray[np.uint8], float]:
    """The outline of a character at 1 pixel of size, y downwards, and its advance."""
    font = FontProperties(weight=weight, size=100)
    outline, codes = text_to_path.get_text_path(font, char)  # at 100 pixels, y upwards
    one, two = (
        text_to_path.get_text_width_height_descent(f"|{char * times}|", font, False)[0]
        for times in (1, 2)
    )
    x, y = np.array(outline, dtype=float).reshape(-1, 2).T / 100
    return x - 1j * y, np.array(codes, dtype=np.uint8), (two - one) / 100


NOTHING = np.empty(0, dtype=complex), np.empty(0, dtype=np.uint8)


@lru_cache(maxsize=1024)
def _line(text: str, weight: str) -> tuple[Outline, NDArray[np.uint8], float]:
    """What `_glyph` gives, of a string."""
    if not text:
        return *NOTHING, 0.0
    outlines, codes, advances = zip(*(_glyph(char, weight) for char in text), strict=True)
    *starts, across = accumulate(advances, initial=0.0)
    moved = np.array(starts).repeat([len(code) for code in codes])
    return np.concatenate(outlines) + moved, np.concatenate(codes), across


def _words(ax: Axes, color: str, scale: float, depth: float = 4) -> Words:
    """No strings yet; `scale` is that of the type."""
    shape = artists.polygons(ax, facecolors=color, zorder=depth)
    return Words(shape, {}, {}, scale / 0.72)


def _write(words: Words, texts: Mapping[Any, str]) -> None:
    """Put strings into their slots, the other slots empty; nothing is touched if all is there."""
    if words.written == texts:
        return
    words.written.clear()
    words.written.update(texts)
    placed = (_placed(text, words.slots[key], words.zoom) for key, text in texts.items())
    outlines, codes = zip(NOTHING, *placed, strict=True)
    points = np.concatenate(outlines).view(float).reshape(-1, 2)
    words.shape.set_paths([Path(points, np.concatenate(codes))] * bool(len(points)))


@lru_cache(maxsize=1024)
def _placed(text: str, slot: Slot, zoom: float) -> tuple[Outline, NDArray[np.uint8]]:
    """The outline of a string in its slot, and its codes."""
    outline, codes, across = _line(text, slot.weight)
    size = slot.size * zoom
    return size * outline + complex(
        slot.x - slot.align * size * across, slot.y + 0.325 * size
    ), codes


def _way(edge: Edge, start: tuple[float, float], end: tuple[float, float], gap: float) -> Numbers:
    """The line of an edge that runs right, shape (n, 2): straight, then an S in its last `gap`."""
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        return np.array([start, end], dtype=float)
    bend = x1 - gap if edge.late else x0
    t = np.linspace(0, 1, 33)
    x = bend + (x1 - bend) * (1.5 * t * (1 - t) ** 2 + 1.5 * t**2 * (1 - t) + t**3)
    y = y0 + (y1 - y0) * (3 * t**2 - 2 * t**3)
    bent = np.column_stack([x, y])
    return np.vstack([[start], bent]) if edge.late else bent


def _ways(plan: Plan, sizes: Mapping[str, tuple[float, float]], phone: bool) -> dict[Link, Numbers]:
    """The lines of all edges between boxes of these half widths and half heights."""
    found = {}
    turn = (1, 0) if phone else (0, 1)  # on a phone, right is down
    for edge in plan.edges:
        (x0, y0), (x1, y1) = plan.at[edge.parent], plan.at[edge.child]
        (across0, up0), (across1, up1) = sizes[edge.parent], sizes[edge.child]
        if phone:
            start, end = (y0 + up0, x0 + edge.leave), (y1 - up1, x1 + edge.arrive)
        else:
            start, end = (x0 + across0, y0 + edge.leave), (x1 - across1, y1 + edge.arrive)
        gap = 42.0 if phone else 59.0
        found[edge.parent, edge.child] = _way(edge, start, end, gap)[:, turn]
    return found


def _graph(ax: Axes, kind: str, phone: bool, scale: float) -> Graph:
    """Boxes, edges and empty numbers of one expression."""
    expression = EXPRESSIONS[kind]
    plan = (NARROW if phone else WIDE)[kind]
    formulas = {op.name: f"{op.name} = {op.formula}" for op in expression.ops}
    equations = {name: name for name in expression.inputs} | (formulas if phone else {})
    children = [edge.parent for edge in plan.edges]
    outlines, sizes = {}, {}
    given_words, values, derivatives = (
        _words(ax, color, scale) for color in ("data", "ink", "gradient")
    )

    fixed = _words(ax, "ink", scale, 1.2)  # on the boxes
    fixed.slots[expression.title] = Slot(8, 12, 11.5, 0, "semibold")
    for name, (x, y) in plan.at.items():
        given, shared = name in expression.inputs, children.count(name) > 1
        radius = 7.0
        if phone:
            half = (52.0 if given and y == T0 else 50.0 if given else 67.0, 21.0 + 7.5 * shared)
            line, below = y - half[1] + 12, y - half[1] + 30
        elif given:
            half, radius = (34.0, 15.0), 15.0
            line, below = y, y + 27
        else:
            half = (46.0, 21.0)
            line, below = y + 9, y + 33
        ax.add_patch(
            FancyBboxPatch(
                (x - half[0], y - half[1]),
                2 * half[0],
                2 * half[1],
                boxstyle=f"round,pad=0,rounding_size={radius}",
                facecolor=mixed("data", 0.1) if given else "surface",
                edgecolor="data" if given else "muted",
                linewidth=1.2,
                zorder=1,
            )
        )
        sizes[name] = half
        outlines[name] = _rounded(x, y, half[0], half[1], radius)
        if not given and not phone:
            fixed.slots[formulas[name]] = Slot(x, y - 9, 10)
        words = given_words if given else values
        words.slots[name] = Slot(x, line, 10.5 if phone else 11, weight="semibold")
        derivatives.slots[name] = Slot(x, below, 10, weight="semibold")
        if shared:
            derivatives.slots[f"+{name}"] = Slot(x, below + 15, 9.5)

    _write(fixed, {text: str(text) for text in fixed.slots})

    ways = _ways(plan, sizes, phone)
    starts = {}
    for link, way in ways.items():
        along = (way[1] - way[0]) / math.hypot(*(way[1] - way[0]))
        starts[link] = along, (way[1:] - way[0]) @ along
    for edge in plan.edges:
        link = edge.parent, edge.child
        x, y = _spot(ways[link], edge.along)
        align = 0.0 if edge.dx > 0 else 1.0 if edge.dx < 0 else 0.5
        derivatives.slots[link] = Slot(x + edge.dx, y + edge.dy, 9.5, align)
    artists.segments(ax, list(ways.values()), colors="muted", linewidths=1.1, zorder=0.9)
    bands = artists.segments(ax, colors="gradient", zorder=2, capstyle="butt")
    onward = artists.polygons(ax, facecolors="muted", zorder=2)
    back = artists.polygons(ax, facecolors="gradient", zorder=2)
    focus = artists.line(ax, linewidth=2.2, zorder=1.7)
    return Graph(
        *(ax, equations, given_words, values, derivatives, ways, starts, bands, onward, back),
        *(focus, outlines, {}),
    )


def _rounded(x: float, y: float, across: float, up: float, radius: float) -> Numbers:
    """The outline of a box, shape (n, 2)."""
    turns = np.linspace(0, math.pi / 2, 9)
    corners = []
    for quarter, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angle = turns + quarter * math.pi / 2
        middle = np.array([x + sx * (across - radius), y + sy * (up - radius)])
        corners.append(middle + radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    outline = np.vstack(corners)
    return np.vstack([outline, outline[:1]])


def _spot(way: Numbers, along: float) -> tuple[float, float]:
    """The point of a line that lies at a fraction of its length."""
    steps = np.hypot(*np.diff(way, axis=0).T)
    length = np.concatenate([[0], np.cumsum(steps)])
    at = along * length[-1]
    return float(np.interp(at, length, way[:, 0])), float(np.interp(at, length, way[:, 1]))


def _heads(ends: list[Numbers], sizes: list[float]) -> Numbers:
    """Arrowheads from the second to the first of each two points; shape (n, 3, 2)."""
    tips, behind = np.reshape(ends, (-1, 2, 2)).swapaxes(0, 1)
    along = tips - behind
    along *= np.divide(sizes, np.hypot(along[:, 0], along[:, 1]))[:, None]
    side = 0.55 * along[:, ::-1] * (-1, 1)
    return np.stack([tips, tips - along + side, tips - along - side], axis=1)


def _show(graph: Graph, kind: str, found: Results, step: int, nudge: str) -> None:
    """Write what is known at a step into the graph."""
    ops = EXPRESSIONS[kind].ops
    output = ops[-1].name
    inputs = EXPRESSIONS[kind].inputs
    known = {*inputs, *(op.name for op in ops[:step])}
    passed = ops[::-1][: max(step - FORWARD, 0)]  # backwards through these
    reached = {(parent, op.name) for op in passed for parent in op.parents}
    lit = reached
    if step == LAST and nudge in inputs:
        lit = {(one, two) for way in paths(ops, nudge) for two, one in pairwise(way)}

    written: dict[object, str] = {}
    for name in graph.outlines:
        value = short(found.values[name]) if name in known else ""
        equation = graph.equations.get(name, "")
        written[name] = " = ".join(filter(None, (equation, value)))
    for words in (graph.given, graph.values):
        _write(words, {name: written[str(name)] for name in words.slots})
    written = {}
    for name in graph.outlines:
        waiting = [link for link in graph.ways if link[0] == name and link not in reached]
        done = step > FORWARD if name == output else not waiting
        if done:
            written[name] = f"∂{output}/∂{name} = {short(found.derivatives.totals[name])}"
        if f"+{name}" in graph.derivatives.slots:
            written[f"+{name}"] = _addends(name, graph, found, reached)
    for link in reached:
        written[link] = f"×{short(found.derivatives.factors[link])}"
    _write(graph.derivatives, written)

    shown = [link for link in graph.ways if link in reached]
    strengths = [abs(found.derivatives.contributions[link]) for link in shown]
    widths = [min(max(3 * math.sqrt(strength), 0.8), 7) for strength in strengths]
    sizes = [7 + 1.3 * width for width in widths]
    graph.bands.set_segments([_trimmed(graph, *of) for of in zip(shown, sizes, strict=True)])
    graph.bands.set_linewidth(widths)
    graph.back.set_verts(_heads([graph.ways[link][:2] for link in shown], sizes))
    if graph.lit != (now := {link: link in lit for link in shown}) or not shown:
        graph.lit.clear()
        graph.lit.update(now)
        colors = [mixed("gradient", 1 if bright else 0.42) for bright in now.values()]
        graph.bands.set_color(colors)
        graph.back.set_facecolor(colors)
        others = [way for link, way in graph.ways.items() if link not in reached]
        graph.onward.set_verts(_heads([way[:-3:-1] for way in others], [8] * len(others)))

    active = None
    if 0 < step <= FORWARD:
        active = ops[step - 1].name
    elif FORWARD < step < LAST:
        active = passed[-1].name
    elif step == LAST and nudge in inputs:
        active = nudge
    color = "data" if step == LAST else "ink" if step <= FORWARD else "gradient"
    graph.focus.set_data(*(graph.outlines[active].T if active else ((), ())))
    if graph.focus.get_color() != color:
        graph.focus.set_color(color)


def _trimmed(graph: Graph, link: Link, size: float) -> Numbers:
    """The line of an edge without the part that lies under its arrowhead, of such a size."""
    way, (along, lies) = graph.ways[link], graph.starts[link]
    cut = 0.8 * size
    return np.concatenate(((way[0] + cut * along)[None], way[1:][lies > cut]))


def _addends(name: str, graph: Graph, found: Results, reached: set[Link]) -> str:
    """`3 + 1`, or `3 + …` while the second contribution is on its way."""
    own = [link for link in graph.ways if link[0] == name]
    own.sort(key=lambda link: link not in reached)
    if own[0] not in reached:
        return ""
    first, second = (
        short(found.derivatives.contributions[link]) if link in reached else "…" for link in own
    )
    return f"{first} − {second[1:]}" if second.startswith("−") else f"{first} + {second}"


class Trial(NamedTuple):
    """The artists of the nudge."""

    words: tuple[Words, ...]  # the heading; what is predicted, what comes, the difference
    ends: Words  # of the scale: the largest change at the top, its opposite at the foot
    curve: artists.Line
    tangent: artists.Line
    gap: artists.Line
    predicted: artists.Line
    actual: artists.Line
    box: tuple[float, float, float, float]  # left, right, middle, half the height


def _trial(ax: Axes, phone: bool, scale: float) -> Trial:
    """Words, and beside or below them the change of the output against the nudge."""
    left, right, middle, half = (66.0, 344.0, 542.0, 36.0) if phone else (420.0, 704.0, 364.0, 58.0)
    centre, end = (left + right) / 2, left - 6
    rows = (434.0, 452.0, 470.0, 488.0) if phone else (312.0, 342.0, 368.0, 394.0)

    words = []
    for color, y in zip(("ink", "gradient", "truth", "error"), rows, strict=True):
        line = _words(ax, color, scale)
        line.slots[""] = Slot(8, y, *((11, 0, "semibold") if color == "ink" else (10.5, 0)))
        words.append(line)
    ends = _words(ax, "muted", scale, 1.8)
    for sign in (1, -1):
        ends.slots[sign] = Slot(end, middle - sign * (half - 4), 9.5, 1)
    fixed = _words(ax, "muted", scale, 1)
    fixed.slots["change"] = Slot(end, middle, 9.5, 1)
    for nudge, text in ((-1, "−1"), (0, "nudge 0"), (1, "1")):
        fixed.slots[text] = Slot(centre + nudge * (right - centre), middle + half + 11, 9.5)
    _write(fixed, {text: str(text) for text in fixed.slots})

    ax.plot([left, right], [middle] * 2, color="muted", linewidth=0.8, zorder=0.9)
    ax.plot([centre] * 2, [middle - half, middle + half], color="muted", linewidth=0.8, zorder=0.9)
    curve = artists.line(ax, color="truth", zorder=2)
    tangent = artists.line(ax, linestyle="--", color="gradient", linewidth=1.8, zorder=2)
    gap = artists.line(ax, color="error", linewidth=3, solid_capstyle="butt", zorder=3)
    predicted = artists.points(ax, color="gradient", markersize=5, zorder=3)
    actual = artists.points(ax, color="truth", markersize=5, zorder=3)
    lines = (curve, tangent, gap, predicted, actual)
    return Trial(tuple(words), ends, *lines, (left, right, middle, half))


def _show_trial(
    trial: Trial, kind: str, name: str, epsilon: float, found: Results, check: Check | None
) -> None:
    """The change of the output that was predicted, and the one that came."""
    output = EXPRESSIONS[kind].output
    lines = (trial.curve, trial.tangent, trial.gap, trial.predicted, trial.actual)
    for artist in (trial.ends.shape, *lines):
        artist.set_visible(check is not None)
    if check is None:
        absent = name not in EXPRESSIONS[kind].inputs
        why = "is not in this expression" if absent else "is nudged in the last step"
        for words, text in zip(trial.words, (f"{name} {why}", "", "", ""), strict=True):
            _write(words, {"": text})
        return

    slope = found.derivatives.totals[name]
    told = (
        f"Nudge {name} by ε = {number(epsilon)}: "
        f"{number(check.before)} → {number(check.before + epsilon)}",
        f"predicted change of {output}: {number(epsilon)} · {_factor(slope, short)} "
        f"= {short(check.predicted)}",
        f"actual change of {output}: {_actual(check, short)}",
        f"difference: {short(check.gap)}",
    )
    for words, text in zip(trial.words, told, strict=True):
        _write(words, {"": text})

    left, right, middle, half = trial.box
    changes = found.changes[name]
    reach = max(float(abs(changes).max()), abs(slope), EXACT)
    if reach > EXACT:
        _write(trial.ends, {1: f"+{short(reach)}", -1: f"−{short(reach)}"})
    else:
        _write(trial.ends, {})

    def place(nudge: Any, change: Any) -> tuple[Any, Any]:
        x = (left + right) / 2 + np.asarray(nudge) * (right - left) / 2
        return x, middle - np.asarray(change) / reach * half

    trial.curve.set_data(*place(NUDGES, changes))
    trial.tangent.set_data(*place([-1, 1], [-slope, slope]))
    trial.gap.set_data(*place([epsilon] * 2, [check.predicted, check.actual]))
    trial.predicted.set_data(*place([epsilon], [check.predicted]))
    trial.actual.set_data(*place([epsilon], [check.actual]))


# The sentences


def short(value: float, digits: int = 3, decimals: int = 4) -> str:
    """So many digits, in at most so many decimals: `1.46`, `0.0025`, `6·10⁻⁶`, `162755`."""
    size = abs(value)
    if not size:
        return "0"
    if size >= 0.001:
        return number(value, min(max(digits - 1 - math.floor(math.log10(size)), 0), decimals))
    mantissa, _, exponent = f"{value:.{digits - 3}e}".partition("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{raised}".replace("-", "−")


def told(value: float) -> str:
    """As captions tell numbers: a digit more than the picture has room for."""
    return short(value, 4, 6)


def _actual(check: Check, write: Callable[[float], str]) -> str:
    """The change that came, or its bound where rounding hides it."""
    if abs(check.actual) >= EXACT or not check.predicted:
        return write(check.actual)
    return "less than 10⁻¹²"


def _factor(value: float, write: Callable[[float], str] = told) -> str:
    """As a factor in a product: in brackets if below 0."""
    text = write(value)
    return f"({text})" if text.startswith("−") else text


def _list(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _sentence(
    kind: str, step: int, nudge: str, epsilon: float, found: Results, check: Check | None
) -> str:
    expression = EXPRESSIONS[kind]
    given = _list([f"{name} = {number(found.values[name])}" for name in expression.inputs])
    start = f"{expression.title} with {given}."
    if step == 0:
        sentence = "Step 0: only these inputs are known."
    elif step <= FORWARD:
        op = expression.ops[step - 1]
        value = told(found.values[op.name])
        sentence = f"Step {step}, forwards: {op.name} = {op.formula} = {value}."
    elif step < LAST:
        sentence = _passing(expression, step, found)
    else:
        return f"{start} {_finished(expression, nudge, epsilon, found, check)}"
    later = f"{nudge} will be nudged by {number(epsilon)} in step {LAST}."
    return f"{start} {sentence} {later}"


def _passing(expression: Expression, step: int, found: Results) -> str:
    """What one step backwards hands on."""
    derivatives = found.derivatives
    op = expression.ops[::-1][step - FORWARD - 1]
    own = derivatives.totals[op.name]
    handed = [
        f"{_factor(own)} · {_factor(derivatives.factors[parent, op.name])} = "
        f"{told(derivatives.contributions[parent, op.name])} to {parent}"
        for parent in op.parents
    ]
    return (
        f"Step {step}, backwards: {op.name} = {op.formula} has ∂{expression.output}/∂{op.name} = "
        f"{told(own)} and hands on {_list(handed)}."
    )


def _finished(
    expression: Expression, nudge: str, epsilon: float, found: Results, check: Check | None
) -> str:
    """The derivative by the nudged input as products along paths, and how well it foretells."""
    output = expression.output
    derivatives = found.derivatives
    result = f"{output} = {told(found.values[output])}"
    if check is None:
        return (
            f"{result}; {nudge} is not in this expression, "
            f"so a nudge of {number(epsilon)} changes nothing."
        )
    ways = paths(expression.ops, nudge)
    products = [
        " · ".join(_factor(derivatives.factors[one, two]) for two, one in pairwise(way))
        for way in ways
    ]
    total = told(derivatives.totals[nudge])
    several = f"the sum over its {len(ways)} paths"
    along = several if len(ways) > 1 else "the product along its path"
    derivative = f"∂{output}/∂{nudge} = {' + '.join(products)} = {total}, {along}."
    if not epsilon:
        return f"{result} and {derivative} A nudge of 0 changes nothing."
    same = f"by {_actual(check, told)}, a difference of {told(check.gap)}"
    if not check.gap:
        same = "by just that, to 12 decimals"
    return (
        f"{result} and {derivative} A nudge of {nudge} by {number(epsilon)} should change {output} "
        f"by {told(check.predicted)}; it changes {output} {same}."
    )
