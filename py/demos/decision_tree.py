"""Split the points, watch the gain, and let the tree continue."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from stage import (
    Button,
    Caption,
    Choice,
    Drag,
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
from stage.layout import Rectangle, css_size, inset
from stage.linear_algebra import Numbers
from stage.text import count
from stage.trees import SIZE, Labels, Node, Split, entropy, gain, grow, sides

DATA = ("corner", "XOR", "diagonal", "one class", "y constant", "twins")
Place = tuple[float, float]


@lru_cache(maxsize=128)
def sample(name: str, p: Place) -> tuple[Numbers, Labels]:
    """The points, shape (n, 2), and their classes, 0 (discs) or 1 (squares); p is the last one.

    The others are at 0.05, 0.15, …, so that none is on a threshold of the slider. In `twins`, each
    point, including p, coincides with one of the other class.
    """
    rng = np.random.default_rng(18)
    n = 24 if name == "twins" else 47
    points = np.floor(rng.uniform(0.2, SIZE - 0.2, (n, 2)) * 10) / 10 + 0.05
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


def gained(points: Numbers, labels: Labels, split: Split) -> float:
    """gain = H(S) − n_yes/n · H(S_yes) − n_no/n · H(S_no), the information gain of a split in bits.

    S are all points, S_yes those for which the answer is yes, S_no the others.
    """
    found: float = gain(points[:, split.axis], labels, [split.threshold])[0].item()
    return found


def highest(points: Numbers, labels: Labels) -> tuple[str, float]:
    """The feature and the threshold of the slider with the largest gain; in a tie, the first."""
    gains = [gain(points[:, axis], labels, THRESHOLDS) for axis in (0, 1)]
    axis = int(gains[1].max() > gains[0].max())
    return "xy"[axis], THRESHOLDS[gains[axis].argmax()].item()


DEEP = 4  # splits in a row at most
THRESHOLDS = np.arange(101) / 10
LEVELED = 7  # nodes on the three upper levels: those that have a text
EDGE = 9.5  # where the handle of the split is, along its line


@lru_cache(maxsize=128)
def tree(name: str, p: Place, depth: int, first: Split | None) -> Node:
    """The tree for a sample."""
    return grow(*sample(name, p), depth, first)


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=0.6)]) -> Update:
    """Set the scene: the plane and the gain of every split; the tree on request."""
    fig.set_layout_engine("none")
    phone = narrow(fig)
    main, alone, above, below = (inset(fig, *spot) for spot in _spots(fig))
    plane, curve, diagram = fig.add_axes(main), fig.add_axes(alone), fig.add_axes(below)
    draw_plane, draw_gain, draw_tree = _plane(plane), _curve(curve), _diagram(diagram)
    laid: bool | None = None

    def update(
        data: Annotated[str, Choice(*DATA, label="data")] = "corner",
        axis: Annotated[str, Choice("x", "y", label="my split is on")] = "x",
        t: Annotated[
            float,
            Slider(
                *(0, SIZE, 0.1),
                label="threshold t",
                drag=Drag(
                    at=lambda t, axis: (t, EDGE) if axis == "x" else (EDGE, t),
                    to=lambda x, y, axis: x if axis == "x" else y,
                ),
            ),
        ] = 6.0,
        first: Annotated[
            bool,
            Toggle(label="begin with my split", more=True, when=lambda depth: depth > 0),
        ] = True,
        depth: Annotated[int, Steps(DEEP, label="depth of the tree", rate=1)] = 1,
        best: Annotated[bool, Button(label="Find the best split", more=True)] = False,
        p: Annotated[
            PointList,
            Points(*((0.05, 9.95), (0.05, 9.95), 0.1), label="point p", names=("p",), more=True),
        ] = ((6.05, 5.05),),
        show_tree: Annotated[bool, Toggle(label="show the tree", more=True)] = False,
    ) -> str:
        nonlocal laid
        place = (p[0][0], p[0][1])
        points, labels = sample(data, place)
        sets: dict[str, object] = {}
        if best:
            axis, t = highest(points, labels)
            sets = {"axis": axis, "t": t}
        mine = Split("xy".index(axis), t)
        root = tree(data, place, depth, mine if first and depth else None)
        if laid != show_tree:
            curve.set_position(above if show_tree else alone)
            curve.set_visible(not (show_tree and phone))
            diagram.set_visible(show_tree)
            laid = show_tree
        draw_plane(points, labels, mine, root)
        draw_gain((data, place), points, labels, mine)
        if show_tree:
            draw_tree(root)
        return _told(data, points, labels, mine, first, depth, root, show_tree, sets)

    return update


# Drawing


def _spots(fig: Figure) -> tuple[Rectangle, ...]:
    """The margins of each panel in CSS pixels: plane, gain alone, gain above the tree, tree.

    On a phone, the tree takes the place of the gain.
    """
    wide, high = css_size(fig)
    if narrow(fig):
        side = min(wide - 52, 0.55 * high)
        top = side + 86
        return (
            (42, 6, wide - side - 42, high - side - 6),
            (42, top, 10, 42),
            (42, top, 10, 42),
            (10, top - 34, 10, 6),
        )
    side = min(high - 50, 0.62 * wide)
    left = side + 100
    return (
        (44, 8, wide - side - 44, high - side - 8),
        (left, 34, 12, 44),
        (left, 34, 12, 0.56 * high),
        (left - 20, 0.55 * high, 6, 8),
    )


def _plane(ax: Axes) -> Callable[[Numbers, Labels, Split, Node], None]:
    """The points, the boxes of the leaves, and the line of the reader's split."""
    ax.set(xlim=(0, SIZE), ylim=(0, SIZE), xlabel="x", ylabel="y")
    ax.set(xticks=range(0, 11, 2), yticks=range(0, 11, 2))
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    areas = artists.polygons(ax, edgecolors="surface", linewidths=1.6, zorder=0.6)
    discs = artists.points(ax, color="data", markersize=6, zorder=2)
    squares = artists.points(ax, marker="s", color="model", markersize=4.6, zorder=2)
    ring = artists.points(ax, color="ink", mfc="none", markersize=12, mew=1.6, zorder=3)
    cut = artists.line(ax, color="truth", linewidth=2.2, linestyle=(0, (5, 3)), zorder=1.5)

    def show(points: Numbers, labels: Labels, mine: Split, root: Node) -> None:
        leaves = list(root.leaves())
        areas.set_verts(
            np.array([leaf.box for leaf in leaves])[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
        )
        areas.set_facecolor([_shade(leaf, 0.3) for leaf in leaves])
        discs.set_data(points[labels == 0].T)
        squares.set_data(points[labels == 1].T)
        ring.set_data(points[-1:].T)
        ends = [[mine.threshold] * 2, [0, SIZE]]
        cut.set_data(*(ends if mine.axis == 0 else ends[::-1]))

    return show


def _curve(ax: Axes) -> Callable[[tuple[str, Place], Numbers, Labels, Split], None]:
    """The entropy of all points, the gain of every threshold, and that of the reader's split."""
    ax.set(xlim=(0, SIZE), ylim=(-0.03, 1.2), yticks=(0, 0.5, 1), xticks=range(0, 11, 2))
    ax.set_xlabel("threshold t")
    ax.spines["left"].set_visible(False)
    heading = artists.label(ax, 0, 1.03, "", color="truth", transform=ax.transAxes)
    other = artists.label(ax, 1, 1.03, "", color="muted", transform=ax.transAxes, ha="right")
    for text in (heading, other):
        text.set(size=10.5, weight="semibold", zorder=0.8)
    whole = artists.line(ax, [0, SIZE], [1, 1], color="error", linewidth=1.4)
    amount = artists.label(ax, SIZE, 1, color="error", va="bottom", ha="right", size=9.5)
    beside = artists.line(ax, color="muted", linewidth=1.2, alpha=0.7)
    line = artists.line(ax, color="truth", linewidth=2)
    stem = artists.line(ax, color="truth", linewidth=2.2, linestyle=(0, (5, 3)), zorder=3)
    here = artists.points(ax, color="truth", markersize=8, zorder=4)
    shown: object = None
    gains: list[Numbers] = []

    def show(setting: tuple[str, Place], points: Numbers, labels: Labels, mine: Split) -> None:
        nonlocal shown, gains
        if shown != setting:
            shown = setting
            gains = [gain(points[:, axis], labels, THRESHOLDS) for axis in (0, 1)]
            bits = entropy(sides(points[:, 0], labels, [SIZE])[0])[0].item()
            whole.set_ydata([bits, bits])
            amount.set_text(f"entropy of all: {number(bits, 3)}")
            amount.set_y(bits + 0.02)
        name, rest = "xy"[mine.axis], "yx"[mine.axis]
        heading.set_text(f"gain of {name} ≤ t, in bits")
        other.set_text(f"of {rest} ≤ t")
        line.set_data(*artists.steps([*THRESHOLDS, SIZE], gains[mine.axis]))
        beside.set_data(*artists.steps([*THRESHOLDS, SIZE], gains[1 - mine.axis]))
        height = gained(points, labels, mine)
        stem.set_data([mine.threshold] * 2, [0, height])
        here.set_data([mine.threshold], [height])

    return show


def _diagram(ax: Axes) -> Callable[[Node], None]:
    """The tree: the split of each node, the counts of each leaf."""
    ax.set(xlim=(0, 1), ylim=(-DEEP - 0.25, 0.4))
    ax.set_axis_off()
    branches = artists.segments(ax, colors="muted", linewidths=1.2, zorder=1)
    nodes = ax.scatter([], [], edgecolors="ink", linewidths=1, zorder=2)
    ax.text(0, 0, "yes: left\nno: right", color="muted", size=9.5, va="center")
    texts = [artists.label(ax, *_spot(i), ha="center", size=9.5, zorder=3) for i in range(LEVELED)]
    for text in texts:
        text.set(clip_on=True, visible=False)

    def show(root: Node) -> None:
        places, ends = [], []
        found = list(_walk(root, 0))
        for place, node in found:
            places.append(_spot(place))
            for side, child in enumerate(node.children, 1):
                (x, top), (under, end) = _spot(place), _spot(2 * place + side)
                top -= 0.2 * (place < LEVELED)  # the question is there
                end += 0.25 * bool(child.children and 2 * place + side < LEVELED)
                ends.append(((x, top), (under, end)))
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

    return show


def _walk(node: Node, place: int) -> list[tuple[int, Node]]:
    """Every node with its place: the root has 0, the children of i have 2i + 1 and 2i + 2."""
    below = [_walk(child, 2 * place + 1 + side) for side, child in enumerate(node.children)]
    return [(place, node), *(found for part in below for found in part)]


def _spot(place: int) -> Place:
    """Where a node is in the diagram: its level, and its position in that level."""
    level = (place + 1).bit_length() - 1
    return ((place + 2 - 2**level) - 0.5) / 2**level, float(-level)


def _shade(node: Node, strength: float) -> tuple[float, float, float]:
    """The color of the class that most points have, on the background; paler if it is mixed."""
    zeros, ones = node.counts
    pure = abs(ones - zeros) / max(ones + zeros, 1)
    color = np.array(to_rgb("model" if node.label else "data"))
    surface = np.array(to_rgb("surface"))
    red, green, blue = surface + strength * (0.25 + 0.75 * pure) * (color - surface)
    return float(red), float(green), float(blue)


# Captions


def _says(node: Node) -> str:
    """The split of a node, `x ≤ 5.2`, or the counts of a leaf, `24 : 2`."""
    return _question(node.split) if node.split else f"{node.counts[0]} : {node.counts[1]}"


def _question(split: Split) -> str:
    return f"{'xy'[split.axis]} ≤ {number(split.threshold)}"


def _told(
    name: str,
    points: Numbers,
    labels: Labels,
    mine: Split,
    first: bool,
    depth: int,
    root: Node,
    diagram: bool,
    sets: dict[str, object],
) -> Caption:
    """What the reader's split gains, and how many points the tree gets wrong."""
    found = number(gained(points, labels, mine), 3)
    whole = number(entropy(root.counts).item(), 3)
    bits = "bit" if whole == "1" else "bits"
    own = "bit" if found == "1" else "bits"
    wrong = root.wrong()
    who = "the tree that begins with it" if first else "the tree of best splits"
    if not root.split:
        who = "predicting the majority"
    x, y = points[-1].tolist()
    detail = f"{name[0].upper()}{name[1:]}, p at ({number(x)}, {number(y)}): {_question(mine)}"
    detail += f" gains {found} of {whole} {bits}."
    yes = points[:, mine.axis] <= mine.threshold
    if yes.all() or not yes.any():
        detail += " All points get the same answer."
    leaves = count(sum(1 for _ in root.leaves()), "leaf", "leaves")
    if not min(root.counts):
        detail += " All points are of one class, so no split is needed."
    if root.split:
        detail += f" The tree begins with {_question(root.split)}"
        detail += f"{'' if first else ', the best split'}. Up to depth {depth}: {leaves},"
    else:
        detail += f" Up to depth {depth}, there is no split:" if depth else " Without a split:"
    detail += f" {wrong} of {len(labels)} points wrong."
    if name == "twins":
        detail += " No split separates twins."
    if diagram:
        listed = (f"{leaf.counts[0]} : {leaf.counts[1]}" for leaf in root.leaves())
        detail += f" The tree is drawn; its leaves hold {', '.join(listed)}."
    return Caption(
        f"Your split gains {found} {own}; {who} gets {count(wrong, 'point')} wrong.",
        detail=detail,
        sets=sets,
    )
