"""Trees: the mathematics of `stage.trees` against scikit-learn, SciPy, and search by hand."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.stats
from matplotlib.figure import Figure
from sklearn.metrics import mutual_info_score
from sklearn.tree import DecisionTreeClassifier
from support.captions import check_captions, everything

from demos import decision_tree
from stage import trees
from stage.trees import Node, Split

RANDOM = np.random.default_rng(18)
P = (6.05, 5.05)


def cloud(n: int) -> tuple[Any, Any]:
    """Points in multiples of 1/8, which are exact in float32, as scikit-learn stores them."""
    points = RANDOM.integers(0, 80, (n, 2)) / 8
    noisy = points[:, 0] + points[:, 1] + RANDOM.normal(0, 3, n) > 9
    return points, noisy.astype(int)


def test_entropy_is_that_of_scipy() -> None:
    for counts in RANDOM.integers(0, 40, (200, 2)):
        if counts.any():
            expected = scipy.stats.entropy(counts, base=2)
            assert float(trees.entropy(counts)) == pytest.approx(expected, abs=1e-12)
    many = RANDOM.integers(0, 9, (7, 5, 4)) + np.array([1, 0, 0, 0])
    np.testing.assert_allclose(
        trees.entropy(many), scipy.stats.entropy(many, base=2, axis=-1), atol=1e-12
    )


def test_entropy_at_its_ends() -> None:
    assert float(trees.entropy((0, 0))) == 0
    assert float(trees.entropy((0, 9))) == 0
    assert float(trees.entropy((7, 7))) == 1
    assert not np.signbit(trees.entropy((5, 0)))


def test_gain_is_the_mutual_information() -> None:
    for _ in range(12):
        points, labels = cloud(int(RANDOM.integers(1, 60)))
        values = points[:, 0]
        thresholds = RANDOM.uniform(-1, 11, 9)
        found = trees.gain(values, labels, thresholds)
        expected = [mutual_info_score(values <= t, labels) / np.log(2) for t in thresholds]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_sides_count() -> None:
    points, labels = cloud(50)
    for t in (-1.0, 3.0, 5.5, 11.0):
        yes, no = trees.sides(points[:, 1], labels, [t])
        on = points[:, 1] <= t
        assert yes[0].tolist() == [np.sum(on & (labels == 0)), np.sum(on & (labels == 1))]
        assert no[0].tolist() == [np.sum(~on & (labels == 0)), np.sum(~on & (labels == 1))]


def gain_by_hand(below: Any, labels: Any) -> float:
    """H(all) − Σ (share of a side) · H(side), term by term."""

    def entropy(group: Any) -> float:
        shares = [np.mean(group == label).item() for label in set(group.tolist())]
        return -sum(share * math.log2(share) for share in shares)

    after = sum(len(side) / len(labels) * entropy(side) for side in (labels[below], labels[~below]))
    return float(entropy(labels) - after)


def test_the_best_split_is_the_best_of_all() -> None:
    """Ties go to the first: x before y, lower thresholds first."""
    for _ in range(60):
        points, labels = cloud(int(RANDOM.integers(2, 25)))
        tried = []
        for axis in (0, 1):
            values = sorted(set(points[:, axis].tolist()))
            for low, high in pairwise(values):
                t = (low + high) / 2
                score = gain_by_hand(points[:, axis] <= t, labels)
                tried.append((-round(score, 9), axis, t))
        found = trees.best_split(points, labels)
        if not tried:
            assert found is None
        else:
            assert found is not None
            assert tuple(found) == min(tried)[1:]


def same(node: Node, tree: Any, index: int = 0) -> bool:
    """Whether a tree equals scikit-learn's, node by node."""
    values = tree.value[index][0] * tree.n_node_samples[index]
    assert np.round(values).astype(int).tolist() == list(node.counts)
    assert tree.impurity[index] == pytest.approx(float(trees.entropy(node.counts)), abs=1e-12)
    if node.split is None:
        return bool(tree.children_left[index] == -1)
    assert node.split.axis == tree.feature[index]
    assert node.split.threshold == pytest.approx(tree.threshold[index], abs=1e-6)
    return same(node.children[0], tree, tree.children_left[index]) and same(
        node.children[1], tree, tree.children_right[index]
    )


def distinct(points: Any, labels: Any, depth: int) -> bool:
    """Whether one split is strictly best at every node, so that no tie rule matters."""
    if not depth or len(set(labels.tolist())) < 2:
        return True
    gains = []
    for axis in (0, 1):
        values = np.unique(points[:, axis])
        gains += trees.gain(points[:, axis], labels, (values[1:] + values[:-1]) / 2).tolist()
    best = trees.best_split(points, labels)
    if best is None:
        return True
    if len(gains) > 1 and np.diff(np.sort(gains))[-1] < 1e-9:
        return False
    on = points[:, best.axis] <= best.threshold
    return all(distinct(points[side], labels[side], depth - 1) for side in (on, ~on))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_trees_are_those_of_sklearn(depth: int) -> None:
    compared = 0
    for _ in range(150):
        points, labels = cloud(120)
        if not distinct(points, labels, depth):
            continue
        compared += 1
        sklearn = DecisionTreeClassifier(criterion="entropy", max_depth=depth, random_state=0)
        sklearn.fit(points, labels)
        root = trees.grow(points, labels, depth)
        assert same(root, sklearn.tree_)
        assert root.wrong() == np.sum(sklearn.predict(points) != labels)
    assert compared >= 10


@pytest.mark.parametrize("name", decision_tree.DATA)
def test_first_splits_of_the_demo_gain_as_much_as_those_of_sklearn(name: str) -> None:
    points, labels = decision_tree.sample(name, P)
    root = trees.grow(points, labels, 1)
    sklearn = DecisionTreeClassifier(criterion="entropy", max_depth=1, random_state=0)
    tree = sklearn.fit(points, labels).tree_
    assert (root.split is None) == (tree.node_count == 1)
    if root.split is not None:
        after = tree.n_node_samples[1:] @ tree.impurity[1:] / len(labels)
        gained = decision_tree.gained(points, labels, root.split)
        assert gained == pytest.approx(tree.impurity[0] - after, abs=1e-12)


def test_boxes_tile_the_plane_and_hold_their_points() -> None:
    for _ in range(30):
        points, labels = cloud(60)
        first = Split(int(RANDOM.integers(2)), float(RANDOM.uniform(0, 10)))
        root = trees.grow(points, labels, 4, first)
        assert root.split == first
        leaves = list(root.leaves())
        boxes = np.array([leaf.box for leaf in leaves])
        sizes = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        assert (boxes[:, 2:] >= boxes[:, :2]).all()
        assert sizes.sum() == pytest.approx(100)
        for leaf in leaves:
            left, bottom, right, top = leaf.box
            x, y = points.T
            held = (x <= right) & (y <= top) & ((x > left) | (left == 0))
            held &= (y > bottom) | (bottom == 0)
            assert leaf.counts == (np.sum(held & (labels == 0)), np.sum(held & (labels == 1)))
            assert leaf.label == (leaf.counts[1] > leaf.counts[0])


def test_nothing_to_split() -> None:
    points, _ = cloud(20)
    same_place = np.ones((6, 2))
    mixed = np.array([0, 1, 0, 1, 1, 1])
    assert trees.grow(points, np.ones(20, dtype=int), 4).split is None
    assert trees.best_split(same_place, mixed) is None
    leaf = trees.grow(same_place, mixed, 4)
    assert leaf.split is None
    assert leaf.wrong() == 2
    empty = trees.grow(points[:0], np.array([], dtype=int), 3)
    assert (empty.counts, empty.split) == ((0, 0), None)


def test_a_constant_feature_is_never_split() -> None:
    points, labels = cloud(40)
    points[:, 0] = 3.0
    assert not trees.gain(points[:, 0], labels, np.linspace(0, 10, 21)).any()
    asked = [node for _, node in decision_tree._walk(trees.grow(points, labels, 4), 0)]
    assert {node.split.axis for node in asked if node.split} == {1}


def test_samples() -> None:
    for name in decision_tree.DATA:
        points, labels = decision_tree.sample(name, P)
        assert points[-1].tolist() == list(P)
        assert labels[-1] == 1
        assert len(points) == (50 if name == "twins" else 48)
        offset = (points * 10) % 1
        np.testing.assert_allclose(offset, 0.5, atol=1e-6)
    twins, labels = decision_tree.sample("twins", P)
    np.testing.assert_array_equal(twins[::2], twins[1::2])
    assert (labels[::2] + labels[1::2] == 1).all()


# The laboratory


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return decision_tree.demo(figure)


def test_the_picture_shows_the_tree(figure: Figure, update: Any) -> None:
    plane, curve, _ = figure.axes
    for name, axis, t, depth in (
        ("XOR", "x", 5.0, 2),
        ("corner", "y", 3.3, 4),
        ("diagonal", "x", 7, 3),
    ):
        update(data=name, axis=axis, t=t, depth=depth)
        points, labels = decision_tree.sample(name, P)
        mine = Split("xy".index(axis), t)
        leaves = trees.grow(points, labels, depth, mine).leaves()
        drawn = plane.collections[0].get_paths()
        for path, leaf in zip(drawn, leaves, strict=True):
            extent = path.get_extents()
            np.testing.assert_allclose([*extent.min, *extent.max], leaf.box)
        cut = np.array([np.asarray(part) for part in plane.lines[3].get_data()])
        assert cut[mine.axis].tolist() == [t, t]
        _, other, own, _, here = curve.lines
        for line, i in ((own, mine.axis), (other, 1 - mine.axis)):
            expected = trees.gain(points[:, i], labels, decision_tree.THRESHOLDS)
            np.testing.assert_allclose(np.asarray(line.get_ydata())[::2], expected)
        gained = trees.gain(points[:, mine.axis], labels, [t])
        np.testing.assert_allclose(np.asarray(here.get_ydata()), gained)


def test_the_diagram_shows_the_splits_and_the_counts(figure: Figure, update: Any) -> None:
    update(data="XOR", t=5.0, depth=2, show_tree=True)
    said = {text.get_text() for text in figure.axes[2].texts}
    assert {"x ≤ 5", "y ≤ 4.7", "y ≤ 5.25", "11 : 0", "0 : 12", "0 : 9", "16 : 0"} <= said
    update(depth=0, show_tree=True)
    assert "27 : 21" in {text.get_text() for text in figure.axes[2].texts}
    update()
    assert not figure.axes[2].get_visible()
    assert figure.axes[1].get_visible()


def test_the_best_split_is_found_on_request(update: Any) -> None:
    """Its gain equals the best of all, and picture and controls agree."""
    for name in decision_tree.DATA:
        told = update(data=name, best=True)
        points, labels = decision_tree.sample(name, P)
        found = Split("xy".index(told.sets["axis"]), told.sets["t"])
        best = trees.best_split(points, labels) or found
        assert found.axis == best.axis
        expected = decision_tree.gained(points, labels, best)
        assert decision_tree.gained(points, labels, found) == expected
        assert everything(update(data=name, **told.sets)) == everything(told)
    assert not update().sets


def test_degenerate_states_get_a_sentence(update: Any) -> None:
    assert "no split is needed" in update(data="one class", depth=0).detail
    assert "no split is needed" in update(data="one class").detail
    assert "same answer" in update(t=0.0).detail
    assert "Without a split: 21 of 48 points wrong" in update(depth=0).detail


@pytest.mark.whole
def test_every_description_is_whole_and_of_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"depth": x, "first": False} for x in range(5)),
        *({"t": x} for x in (0.0, 3.3, 5.9, 6.1, 10.0)),
        *({"data": name, "depth": 3} for name in decision_tree.DATA),
        *({"axis": "y", "t": x} for x in (2.0, 5.0)),
        *({"p": ((x, 1.05),)} for x in (0.05, 0.15, 9.95)),
        {"show_tree": True},
    ]
    check_captions(lambda **values: everything(update(**values)), states, words=75)
