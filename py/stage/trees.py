"""Entropy, information gain, and decision trees: shared by the figures of lesson 18."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stage.linear_algebra import Numbers

Labels = NDArray[np.intp]
Box = tuple[float, float, float, float]  # left, bottom, right, top

SIZE = 10.0  # of the plane

# The counts of a set of points: how many are in class 0, and how many in class 1.


def entropy(counts: ArrayLike) -> Numbers:
    """H = −Σ pᵢ log₂ pᵢ in bits, over the last axis, with 0 log₂ 0 = 0; 0 for an empty set.

    Shannon (1948), section 6.
    """
    totals = np.asarray(counts, dtype=float)
    shares = totals / np.maximum(totals.sum(axis=-1, keepdims=True), 1)
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    result: Numbers = 0.0 - (shares * logs).sum(axis=-1)
    return result


def sides(values: Numbers, labels: Labels, thresholds: ArrayLike) -> tuple[Numbers, Numbers]:
    """The counts of the points with value ≤ t, and of the others, each of shape (thresholds, 2)."""
    yes = (values <= np.asarray(thresholds, dtype=float)[..., None]).astype(float)
    classes = np.column_stack([labels == 0, labels == 1]).astype(float)
    below = yes @ classes
    return below, classes.sum(axis=0) - below


def gain(values: Numbers, labels: Labels, thresholds: ArrayLike) -> Numbers:
    """The information gain of “value ≤ t?”, H(S) − n_yes/n·H(S_yes) − n_no/n·H(S_no), for each t.

    In bits, rounded to twelve decimals, so that rounding errors do not decide between splits.
    """
    yes, no = sides(values, labels, thresholds)
    after = yes.sum(axis=-1) * entropy(yes) + no.sum(axis=-1) * entropy(no)
    gained: Numbers = entropy(yes + no) - after / max(len(values), 1)
    return np.maximum(gained.round(12), 0.0)


class Split(NamedTuple):
    """The question “is feature `axis` (0: x, 1: y) at most `threshold`?”."""

    axis: int
    threshold: float


def best_split(points: Numbers, labels: Labels) -> Split | None:
    """The split with the largest gain; None if no split separates any points.

    Thresholds are halfway between neighboring values. In a tie, x comes before y, and lower
    thresholds come first.
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
    """A node of a tree: its set of points, its box in the plane, and its split."""

    counts: tuple[int, int]
    box: Box
    split: Split | None = None  # None for a leaf
    children: tuple["Node", ...] = ()  # yes, no

    @property
    def label(self) -> int:
        """The majority class; class 0 in a tie."""
        return int(self.counts[1] > self.counts[0])

    def wrong(self) -> int:
        """How many points are misclassified by their leaf."""
        return sum(child.wrong() for child in self.children) if self.children else min(self.counts)

    def leaves(self) -> Iterator["Node"]:
        """The leaves from left to right."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def grow(
    points: Numbers,
    labels: Labels,
    depth: int,
    first: Split | None = None,
    box: Box = (0.0, 0.0, SIZE, SIZE),
) -> Node:
    """Grow a tree greedily to `depth`: each split is the best one for the points of its node.

    `first` overrides the split of the root. Pure nodes are not split again, nor are points that no
    split separates. A split without gain is allowed.
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
