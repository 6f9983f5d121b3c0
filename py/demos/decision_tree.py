"""Ask yes-or-no questions of points in two colours, and let a greedy tree ask the next ones."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from stage import (
    Choice,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Steps,
    Toggle,
    Update,
    artists,
    narrow,
    number,
)
from stage.linear_algebra import Numbers

Labels = NDArray[np.intp]

SIZE = 10.0  # of the plane
DATA = ("corner", "XOR", "diagonal", "one class", "y constant", "twins")


@lru_cache(maxsize=128)
def sample(name: str, p: tuple[float, float]) -> tuple[Numbers, Labels]:
    """The points, shape (n, 2), and their classes, 0 (discs) or 1 (squares); p is the last one.

    The others lie at 0.05, 0.15, …, so that none stands on a threshold of the slider. In `twins`
    each point, p too, has another of the other class in the same place.
    """
    rng = np.random.default_rng(18)
    count = 24 if name == "twins" else 47
    points = np.floor(rng.uniform(0.2, SIZE - 0.2, (count, 2)) * 10) / 10 + 0.05
    points = np.append(points, [p], axis=0).round(2)
    if name == "y constant":
        points[:, 1] = 5.05
    x, y = points[:-1].T
    if name == "XOR":
        labels = (x > 5) != (y > 5)
    elif name in ("diagonal", "twins"):
        labels = y > x
    elif name == "y constant":
        labels = (x > 3) & (x < 7)
    else:
        labels = (x > 4) & (y > 4)
    classes = np.append(np.ones_like(labels) if name == "one class" else labels, 1).astype(np.intp)
    if name == "twins":
        return np.repeat(points, 2, axis=0), np.column_stack([1 - classes, classes]).ravel()
    return points, classes


# The tree. A set of points is told by its counts: how many are of class 0, how many of class 1.


def entropy(counts: ArrayLike) -> Numbers:
    """H = −Σ pᵢ log₂ pᵢ in bits, over the last axis; 0 log 0 = 0, and 0 where there are no points.

    Shannon (1948), section 6.
    """
    number_of = np.asarray(counts, dtype=float)
    shares = number_of / np.maximum(number_of.sum(axis=-1, keepdims=True), 1)
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    result: Numbers = 0.0 - (shares * logs).sum(axis=-1)
    return result


def parts(values: Numbers, labels: Labels, thresholds: ArrayLike) -> tuple[Numbers, Numbers]:
    """The counts of the points with value ≤ t, and of the others; each of shape (thresholds, 2)."""
    yes = (values <= np.asarray(thresholds, dtype=float)[..., None]).astype(float)
    classes = np.column_stack([labels == 0, labels == 1]).astype(float)
    below = yes @ classes
    return below, classes.sum(axis=0) - below


def gain(values: Numbers, labels: Labels, thresholds: ArrayLike) -> Numbers:
    """What the question “value ≤ t?” tells about the class, in bits, for each of the thresholds t.

    That is the entropy of all minus the mean entropy of the two parts, weighted by their size. To
    twelve decimals, so that the last digit of a logarithm decides between no two questions.
    """
    yes, no = parts(values, labels, thresholds)
    after = yes.sum(axis=-1) * entropy(yes) + no.sum(axis=-1) * entropy(no)
    gained: Numbers = entropy(yes + no) - after / max(len(values), 1)
    return np.maximum(gained.round(12), 0.0)


class Split(NamedTuple):
    """The question whether the feature `axis` (0: x, 1: y) is at most `threshold`."""

    axis: int
    threshold: float


def best_split(points: Numbers, labels: Labels) -> Split | None:
    """The question with the largest gain; None where no question parts the points.

    Thresholds are halfway between neighbouring values. Of equally good ones x comes before y, and
    the lower threshold first.
    """
    best, most = None, -1.0
    for axis in (0, 1):
        values = np.unique(points[:, axis])
        halfway = (values[1:] + values[:-1]) / 2
        if len(halfway):
            gains = gain(points[:, axis], labels, halfway)
            if gains.max() > most:
                best, most = Split(axis, float(halfway[gains.argmax()])), float(gains.max())
    return best


@dataclass(frozen=True)
class Node:
    """A set of points, where it lies, and how it is parted."""

    counts: tuple[int, int]
    box: tuple[float, float, float, float]  # left, bottom, right, top
    split: Split | None = None  # None for a leaf
    children: tuple["Node", ...] = ()  # yes, no

    def wrong(self) -> int:
        """How many points are not of the class that most of their leaf has."""
        return sum(child.wrong() for child in self.children) if self.children else min(self.counts)


def grow(
    points: Numbers,
    labels: Labels,
    depth: int,
    first: Split | None = None,
    box: tuple[float, float, float, float] = (0.0, 0.0, SIZE, SIZE),
) -> Node:
    """A tree of at most `depth` questions in a row, each the best for its own points; greedy.

    `first` is asked before all others. A set of one class is left whole; so is one that no question
    parts. A question without gain is asked like any other.
    """
    ones = int(labels.sum())
    counts = (len(labels) - ones, ones)
    split = first or (best_split(points, labels) if depth and min(counts) else None)
    if not depth or split is None:
        return Node(counts, box)
    axis, threshold = split
    yes = points[:, axis] <= threshold
    lower, upper = list(box), list(box)
    lower[axis + 2] = upper[axis] = min(max(threshold, box[axis]), box[axis + 2])
    children = tuple(
        grow(points[side], labels[side], depth - 1, None, (part[0], part[1], part[2], part[3]))
        for side, part in ((yes, lower), (~yes, upper))
    )
    return Node(counts, box, split, children)


DEEP = 4  # levels of questions at most
THRESHOLDS = np.arange(101) / 10
LEVELED = 7  # nodes on the three upper levels: those that have a text


@lru_cache(maxsize=128)
def tree(name: str, p: tuple[float, float], depth: int, first: Split | None) -> Node:
    """The tree for a sample."""
    return grow(*sample(name, p), depth, first)


def demo(fig: Annotated[Figure, Shape(wide=1.55, narrow=0.56)]) -> Update:
    """Set the scene: the plane in pieces, the gain of every question, and the tree."""
    if narrow(fig):
        rows = fig.add_gridspec(3, 1, height_ratios=(2.1, 0.9, 1.2))
        spots = [rows[i] for i in range(3)]
    else:
        grid = fig.add_gridspec(2, 2, width_ratios=(1.6, 1), height_ratios=(1, 1.2))
        spots = [grid[:, 0], grid[0, 1], grid[1, 1]]
    plane, curve, diagram = (fig.add_subplot(spot) for spot in spots)

    plane.set(xlim=(0, SIZE), ylim=(0, SIZE), aspect="equal", xlabel="x", ylabel="y")
    plane.grid(visible=False)
    plane.spines[:].set_visible(False)
    areas = artists.polygons(plane, edgecolors="surface", linewidths=1.6, zorder=0.6)
    discs = artists.points(plane, color="data", markersize=6, zorder=2)
    squares = artists.points(plane, marker="s", color="model", markersize=4.6, zorder=2)
    ring = artists.points(plane, color="ink", mfc="none", markersize=12, mew=1.6, zorder=3)
    cut = artists.line(plane, color="ink", linewidth=1.8, linestyle=(0, (5, 3)), zorder=1.5)

    _gain_panel(curve)
    whole = artists.line(curve, [0, SIZE], [1, 1], color="error", linewidth=1.4)
    amount = artists.label(curve, 0.1, 1, color="error", va="bottom", size=9.5)
    lines = [artists.line(curve, color=color, linewidth=1.6) for color in ("truth", "gradient")]
    stem = artists.line(curve, color="ink", linewidth=1.6, linestyle=(0, (3, 2)), zorder=3)
    asked = artists.points(curve, color="ink", markersize=7, zorder=4)

    diagram.set(xlim=(0, 1), ylim=(-DEEP - 0.25, 0.4))
    diagram.set_axis_off()
    branches = artists.segments(diagram, colors="muted", linewidths=1.2, zorder=1)
    nodes = diagram.scatter([], [], edgecolors="ink", linewidths=1, zorder=2)
    diagram.text(0, 0, "yes: left\nno: right", color="muted", size=9.5, va="center")
    texts = [
        artists.label(diagram, *_spot(i), ha="center", size=9.5, zorder=3) for i in range(LEVELED)
    ]
    for text in texts:
        text.set(clip_on=True, visible=False)
    shown: tuple[object, ...] = ()

    def update(
        data: Annotated[str, Choice(*DATA, label="data")] = "corner",
        axis: Annotated[str, Choice("x", "y", label="my question is about")] = "x",
        t: Annotated[float, Slider(0, 10, 0.1, label="threshold t")] = 6.0,
        first: Annotated[bool, Toggle(label="ask my question first")] = True,
        depth: Annotated[int, Steps(DEEP, label="depth of the tree", rate=1)] = 1,
        p: Annotated[
            PointList,
            Points((0.05, 9.95), (0.05, 9.95), 0.1, label="point p", names=("p",)),
        ] = ((6.05, 5.05),),
    ) -> str:
        nonlocal shown
        points, labels = sample(data, (p[0][0], p[0][1]))
        mine = Split("xy".index(axis), t)
        root = tree(data, (p[0][0], p[0][1]), depth, mine if first and depth else None)

        if shown != (now := (data, p)):
            shown = now
            discs.set_data(points[labels == 0].T)
            squares.set_data(points[labels == 1].T)
            ring.set_data(points[-1:].T)
            for i, line in enumerate(lines):
                gains = gain(points[:, i], labels, THRESHOLDS)
                line.set_data(*artists.steps([*THRESHOLDS, SIZE], gains))
            bits = float(entropy(root.counts))
            whole.set_ydata([bits, bits])
            amount.set_text(f"all: {number(bits, 3)}")
            amount.set_y(bits + 0.02)
        cut.set_data(([t, t], [0, SIZE]) if axis == "x" else ([0, SIZE], [t, t]))
        gained = float(gain(points[:, mine.axis], labels, [t])[0])
        stem.set_data([t, t], [0, gained])
        asked.set_data([t], [gained])

        leaves, places, ends = [], [], []
        found = list(_walk(root, 0))
        for place, node in found:
            places.append(_spot(place))
            if node.children:
                for side, child in enumerate(node.children, 1):
                    (x, top), (below, end) = _spot(place), _spot(2 * place + side)
                    top -= 0.2 * (place < LEVELED)  # the question stands there
                    end += 0.25 * bool(child.children and 2 * place + side < LEVELED)
                    ends.append(((x, top), (below, end)))
            else:
                leaves.append(node)
        boxes = np.array([leaf.box for leaf in leaves])[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
        areas.set_verts(boxes)
        areas.set_facecolor([_shade(leaf, 0.3) for leaf in leaves])
        branches.set_segments(ends)
        nodes.set_offsets(places)
        nodes.set_sizes(
            [70 if not node.children else 12 * (place >= LEVELED) for place, node in found]
        )
        nodes.set_facecolor([_shade(node, 0 if node.children else 1) for _, node in found])
        by_place = dict(found)
        for i, text in enumerate(texts):
            words = _says(by_place[i]) if i in by_place else ""
            if text.get_text() != words:
                text.set_text(words)
                text.set_visible(bool(words))
                text.set_y(_spot(i)[1] - (0.6 if " : " in words else 0.12))

        return _told(data, points, labels, mine, gained, first, depth, root)

    return update


# The picture's parts


def _gain_panel(ax: Axes) -> None:
    ax.set(xlim=(0, SIZE), ylim=(-0.03, 1.2), yticks=(0, 0.5, 1), xticks=range(0, 11, 2))
    ax.set_xlabel("threshold t")
    ax.set_title("information gain (bits)", size=10.5, zorder=0.6)
    ax.spines["left"].set_visible(False)
    for at, name, color in ((0.86, "of x", "truth"), (1, "of y", "gradient")):
        ax.text(at, 1.03, name, color=color, transform=ax.transAxes, ha="right", weight="semibold")


def _walk(node: Node, place: int) -> list[tuple[int, Node]]:
    """Every node with its place: the root has 0, the children of i have 2i + 1 and 2i + 2."""
    below = [_walk(child, 2 * place + 1 + side) for side, child in enumerate(node.children)]
    return [(place, node), *(found for part in below for found in part)]


def _spot(place: int) -> tuple[float, float]:
    """Where a node stands in the diagram: its level, and its place among those of the level."""
    level = (place + 1).bit_length() - 1
    return ((place + 2 - 2**level) - 0.5) / 2**level, float(-level)


def _shade(node: Node, strength: float) -> tuple[float, float, float]:
    """The colour of the class that most have, on the background; paler the more it is mixed."""
    zeros, ones = node.counts
    pure = abs(ones - zeros) / max(ones + zeros, 1)
    color = np.array(to_rgb("model" if ones > zeros else "data"))
    surface = np.array(to_rgb("surface"))
    red, green, blue = surface + strength * (0.25 + 0.75 * pure) * (color - surface)
    return float(red), float(green), float(blue)


def _says(node: Node) -> str:
    """`x ≤ 5.2`, or the counts of a leaf, `24 : 2`."""
    if node.split:
        return _question(node.split)
    return f"{node.counts[0]} : {node.counts[1]}"


# The sentences


def _question(split: Split) -> str:
    return f"{'xy'[split.axis]} ≤ {number(split.threshold)}"


def _told(
    name: str,
    points: Numbers,
    labels: Labels,
    mine: Split,
    gained: float,
    first: bool,
    depth: int,
    root: Node,
) -> str:
    """What the reader's question gains, and what the tree makes of the points."""
    x, y = points[-1].tolist()
    all_of_it = number(float(entropy(root.counts)), 3)
    unit = "bit" if all_of_it == "1" else "bits"
    start = f"{name[0].upper()}{name[1:]}, p at ({number(x)}, {number(y)}): {_question(mine)}"
    start += f" gains {number(gained, 3)} of {all_of_it} {unit}."
    on = points[:, mine.axis] <= mine.threshold
    if on.all() or not on.any():
        start += " All points get the same answer."
    if not min(root.counts):
        if not root.children:
            return f"{start} All points are of one class, so there is nothing to ask."
        return f"{start} All points are of one class: asking first changes nothing."
    leaves = sum(not node.children for _, node in _walk(root, 0))
    wrong = f"{root.wrong()} of {len(labels)} points wrong"
    if not root.split:
        return f"{start} Without a question: {wrong}."
    whose = "it" if first else f"{_question(root.split)}, the best"
    deep = f"The tree of depth {depth} begins with {whose}: {leaves} leaves, {wrong}."
    return f"{start} {deep}" + (" No question parts twins." * (name == "twins"))
