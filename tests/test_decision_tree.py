"""Lesson 18: the mathematics of `decision_tree` against scikit-learn, SciPy and search by hand."""

import html
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.stats
from matplotlib.figure import Figure
from sklearn.metrics import mutual_info_score
from sklearn.tree import DecisionTreeClassifier
from support.captions import check_captions

from demos import decision_tree
from demos.decision_tree import Node, Split
from stage import controls

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "18-decision-trees.html"
RANDOM = np.random.default_rng(18)
P = (6.05, 5.05)


def cloud(n: int) -> tuple[Any, Any]:
    """Points of eighths, which float32 holds exactly, as scikit-learn has them."""
    points = RANDOM.integers(0, 80, (n, 2)) / 8
    noisy = points[:, 0] + points[:, 1] + RANDOM.normal(0, 3, n) > 9
    return points, noisy.astype(int)


def test_entropy_is_that_of_scipy() -> None:
    for counts in RANDOM.integers(0, 40, (200, 2)):
        if counts.any():
            expected = scipy.stats.entropy(counts, base=2)
            assert float(decision_tree.entropy(counts)) == pytest.approx(expected, abs=1e-12)
    many = RANDOM.integers(0, 9, (7, 5, 4)) + np.array([1, 0, 0, 0])
    np.testing.assert_allclose(
        decision_tree.entropy(many), scipy.stats.entropy(many, base=2, axis=-1), atol=1e-12
    )


def test_entropy_at_its_ends() -> None:
    assert float(decision_tree.entropy((0, 0))) == 0
    assert float(decision_tree.entropy((0, 9))) == 0
    assert float(decision_tree.entropy((7, 7))) == 1
    assert not np.signbit(decision_tree.entropy((5, 0)))


def test_gain_is_the_mutual_information() -> None:
    for _ in range(40):
        points, labels = cloud(int(RANDOM.integers(1, 60)))
        values = points[:, 0]
        thresholds = RANDOM.uniform(-1, 11, 9)
        found = decision_tree.gain(values, labels, thresholds)
        expected = [mutual_info_score(values <= t, labels) / np.log(2) for t in thresholds]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_parts_count() -> None:
    points, labels = cloud(50)
    for t in (-1.0, 3.0, 5.5, 11.0):
        yes, no = decision_tree.parts(points[:, 1], labels, [t])
        on = points[:, 1] <= t
        assert yes[0].tolist() == [np.sum(on & (labels == 0)), np.sum(on & (labels == 1))]
        assert no[0].tolist() == [np.sum(~on & (labels == 0)), np.sum(~on & (labels == 1))]


def test_the_best_split_is_the_best_of_all() -> None:
    """Of equally good ones the first: x before y, the lower threshold first."""
    for _ in range(60):
        points, labels = cloud(int(RANDOM.integers(2, 25)))
        tried = []
        for axis in (0, 1):
            values = sorted(set(points[:, axis].tolist()))
            for low, high in pairwise(values):
                t = (low + high) / 2
                score = mutual_info_score(points[:, axis] <= t, labels) / np.log(2)
                tried.append((-round(score, 9), axis, t))
        found = decision_tree.best_split(points, labels)
        if not tried:
            assert found is None
        else:
            assert found is not None
            assert tuple(found) == min(tried)[1:]


def leaves_of(node: Node) -> list[Node]:
    return [leaf for child in node.children for leaf in leaves_of(child)] or [node]


def same(node: Node, tree: Any, index: int = 0) -> bool:
    """Whether a tree is that of scikit-learn, node by node."""
    values = tree.value[index][0] * tree.n_node_samples[index]
    assert np.round(values).astype(int).tolist() == list(node.counts)
    assert tree.impurity[index] == pytest.approx(
        float(decision_tree.entropy(node.counts)), abs=1e-12
    )
    if node.split is None:
        return bool(tree.children_left[index] == -1)
    assert node.split.axis == tree.feature[index]
    assert node.split.threshold == pytest.approx(tree.threshold[index], abs=1e-6)
    return same(node.children[0], tree, tree.children_left[index]) and same(
        node.children[1], tree, tree.children_right[index]
    )


def distinct(points: Any, labels: Any, depth: int) -> bool:
    """Whether at every node one question is better than all others: no rule for ties counts."""
    if not depth or len(set(labels.tolist())) < 2:
        return True
    gains = []
    for axis in (0, 1):
        values = np.unique(points[:, axis])
        gains += decision_tree.gain(
            points[:, axis], labels, (values[1:] + values[:-1]) / 2
        ).tolist()
    best = decision_tree.best_split(points, labels)
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
        root = decision_tree.grow(points, labels, depth)
        assert same(root, sklearn.tree_)
        assert root.wrong() == np.sum(sklearn.predict(points) != labels)
    assert compared >= 10


@pytest.mark.parametrize("name", decision_tree.DATA)
def test_first_splits_of_the_demo_gain_as_much_as_those_of_sklearn(name: str) -> None:
    points, labels = decision_tree.sample(name, P)
    root = decision_tree.grow(points, labels, 1)
    sklearn = DecisionTreeClassifier(criterion="entropy", max_depth=1, random_state=0)
    tree = sklearn.fit(points, labels).tree_
    assert (root.split is None) == (tree.node_count == 1)
    if root.split is not None:
        after = tree.n_node_samples[1:] @ tree.impurity[1:] / len(labels)
        gained = decision_tree.gain(points[:, root.split.axis], labels, [root.split.threshold])
        assert gained[0] == pytest.approx(tree.impurity[0] - after, abs=1e-12)


def test_boxes_tile_the_plane_and_hold_their_points() -> None:
    for _ in range(30):
        points, labels = cloud(60)
        first = Split(int(RANDOM.integers(2)), float(RANDOM.uniform(0, 10)))
        root = decision_tree.grow(points, labels, 4, first)
        assert root.split == first
        leaves = leaves_of(root)
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


def test_nothing_to_ask() -> None:
    points, _ = cloud(20)
    same_place = np.ones((6, 2))
    mixed = np.array([0, 1, 0, 1, 1, 1])
    assert decision_tree.grow(points, np.ones(20, dtype=int), 4).split is None
    assert decision_tree.best_split(same_place, mixed) is None
    leaf = decision_tree.grow(same_place, mixed, 4)
    assert leaf.split is None
    assert leaf.wrong() == 2
    empty = decision_tree.grow(points[:0], np.array([], dtype=int), 3)
    assert (empty.counts, empty.split) == ((0, 0), None)


def test_a_constant_feature_is_never_asked_about() -> None:
    points, labels = cloud(40)
    points[:, 0] = 3.0
    assert not decision_tree.gain(points[:, 0], labels, np.linspace(0, 10, 21)).any()
    asked = [node for _, node in decision_tree._walk(decision_tree.grow(points, labels, 4), 0)]
    assert {node.split.axis for node in asked if node.split} == {1}


def test_xor_of_four_points_gains_nothing_and_is_solved_by_two_questions() -> None:
    points = np.array([(0.0, 0), (0, 1), (1, 0), (1, 1)])
    labels = np.array([0, 1, 1, 0])
    assert decision_tree.gain(points[:, 0], labels, [0.5])[0] == 0
    root = decision_tree.grow(points, labels, 2)
    assert root.split == Split(0, 0.5)
    assert root.wrong() == 0


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


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return decision_tree.demo(figure)


EXPECTED = {
    "data=XOR&t=5&depth=2": ("x ≤ 5 gains 0.019 of 0.989", "4 leaves, 0 of 48 points wrong"),
    "data=XOR&t=5&depth=2&first=0": ("begins with y ≤ 0.3, the best", "17 of 48 points wrong"),
    "data=XOR&t=5&depth=4&first=0": ("0 of 48 points wrong",),
    "p=6.05&p=4.05&first=0&depth=2": ("begins with y ≤ 4, the best",),
    "p=6.05&p=3.95&first=0&depth=2": ("begins with x ≤ 4, the best",),
    "data=diagonal&first=0&depth=4": ("2 of 48 points wrong",),
    "data=twins&t=5&depth=4": ("25 of 50 points wrong. No question parts twins.",),
    "data=y constant&axis=y&t=6": ("y ≤ 6 gains 0 of", "All points get the same answer"),
}


def test_the_lessons_numbers(update: Any) -> None:
    assert "x ≤ 6 gains 0.153 of 0.989 bits" in update()
    known = controls.parameters(update)
    linked = re.findall(r'href="#decision_tree\?([^"]+)"', LESSON.read_text())
    assert {html.unescape(link).replace("%20", " ") for link in linked} == set(EXPECTED)
    for link, said in EXPECTED.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in said:
            assert words in told, (link, told)
    for depth in (1, 2, 3):
        told = update(data="XOR", t=5.0, depth=depth, first=False)
        assert " 0 of 48" not in told
    for depth in range(5):
        assert "25 of 50 points wrong" in update(data="twins", depth=depth)


def test_the_lessons_numbers_in_the_formulas() -> None:
    points, labels = decision_tree.sample("corner", P)
    yes, no = decision_tree.parts(points[:, 0], labels, [6.0])
    assert (yes[0].tolist(), no[0].tolist()) == ([20, 6], [7, 15])
    shares = np.array([27, 21]) / 48
    assert (-shares * np.log2(shares)).round(4).tolist() == [0.4669, 0.5218]
    entropies = decision_tree.entropy([(27, 21), (20, 6), (7, 15)])
    assert entropies.round(4).tolist() == [0.9887, 0.7793, 0.9024]
    assert round(0.9887 - 26 / 48 * 0.7793 - 22 / 48 * 0.9024, 4) == 0.1530
    xor, labels = decision_tree.sample("XOR", P)
    cut_off, _ = decision_tree.parts(xor[:, 1], labels, [0.3])
    assert cut_off.sum() == 2
    assert decision_tree.gain(xor[:, 1], labels, [0.3])[0] == pytest.approx(0.051, abs=5e-4)
    values, classes = np.array([0, 0, 0, 1, 0, 1, 1, 1]), np.array([0] * 4 + [1] * 4)
    third = decision_tree.gain(values, classes, [0.5])[0]
    assert third == pytest.approx(0.189, abs=5e-4)
    assert float(decision_tree.entropy((3, 1))) == pytest.approx(0.811, abs=5e-4)


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
        leaves = leaves_of(decision_tree.grow(points, labels, depth, mine))
        drawn = plane.collections[0].get_paths()
        for path, leaf in zip(drawn, leaves, strict=True):
            extent = path.get_extents()
            np.testing.assert_allclose([*extent.min, *extent.max], leaf.box)
        cut = np.array([np.asarray(part) for part in plane.lines[3].get_data()])
        assert cut[mine.axis].tolist() == [t, t]
        for i, line in enumerate(curve.lines[1:3]):
            expected = decision_tree.gain(points[:, i], labels, decision_tree.THRESHOLDS)
            np.testing.assert_allclose(np.asarray(line.get_ydata())[::2], expected)
        gained = decision_tree.gain(points[:, mine.axis], labels, [t])
        np.testing.assert_allclose(np.asarray(curve.lines[4].get_ydata()), gained)


def test_the_diagram_says_the_questions_and_the_counts(figure: Figure, update: Any) -> None:
    update(data="XOR", t=5.0, depth=2)
    said = {text.get_text() for text in figure.axes[2].texts}
    assert {"x ≤ 5", "y ≤ 4.7", "y ≤ 5.25", "11 : 0", "0 : 12", "0 : 9", "16 : 0"} <= said
    update(depth=0)
    assert "27 : 21" in {text.get_text() for text in figure.axes[2].texts}


def test_degenerate_states_get_a_sentence(update: Any) -> None:
    assert "nothing to ask" in update(data="one class", depth=0)
    assert "of one class: asking first changes nothing" in update(data="one class")
    assert "same answer" in update(t=0.0)
    assert "Without a question: 21 of 48 points wrong" in update(depth=0)


def test_every_sentence_is_whole_short_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"depth": x, "first": False} for x in range(5)),
        *({"t": x} for x in (0.0, 3.3, 5.9, 6.1, 10.0)),
        *({"data": name, "depth": 3} for name in decision_tree.DATA),
        *({"axis": "y", "t": x} for x in (2.0, 5.0)),
        *({"p": ((x, 1.05),)} for x in (0.05, 0.15, 9.95)),
    ]
    check_captions(update, states, words=45)
