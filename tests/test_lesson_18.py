"""Lesson 18: the numbers in its text, its small figures, and its guess."""

import html
import math
import re
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.tree import DecisionTreeClassifier
from support.captions import everything
from support.lessons import check_said, made, page, text_of

from demos import decision_tree, tree_depth, tree_entropy, tree_guess, tree_split
from stage import Answer, controls, number
from stage.trees import Split, best_split, entropy, gain, grow, sides

LESSON, GUIDE = page("lessons", 18), page("guide", 18)
SHOWN = Answer(1.0)
P = (6.05, 5.05)


# The states that the texts link to

LINKS = {
    "data=XOR&t=5&depth=2": ("x ≤ 5 gains 0.019 of 0.989", "4 leaves, 0 of 48 points wrong"),
    "data=XOR&t=5&depth=2&first=0": ("begins with y ≤ 0.3, the best", "17 of 48 points wrong"),
    "data=XOR&t=5&depth=4&first=0&show_tree=1": ("6 leaves, 0 of 48 points wrong",),
    "p=6.05&p=4.05&first=0&depth=2&show_tree=1": ("begins with y ≤ 4, the best",),
    "p=6.05&p=3.95&first=0&depth=2&show_tree=1": ("begins with x ≤ 4, the best",),
    "data=diagonal&first=0&depth=4": ("Up to depth 4: ", "2 of 48 points wrong"),
    "data=twins&t=5&depth=4": ("25 of 50 points wrong. No split separates twins.",),
    "data=y constant&axis=y&t=6": ("y ≤ 6 gains 0 of", "All points get the same answer"),
}
OF_GUIDE = {"data=XOR&t=5&depth=1": ("x ≤ 5 gains 0.019",)}


def linked(source: str) -> set[str]:
    found = re.findall(r'href="[^"#]*#decision_tree\?([^"]+)"', source)
    return {html.unescape(link).replace("%20", " ") for link in found}


def test_the_states_that_the_texts_link_to() -> None:
    update = decision_tree.demo(Figure(figsize=(7.2, 4.5)))
    known = controls.parameters(update)
    assert linked(LESSON) == set(LINKS)
    assert linked(GUIDE) <= {*LINKS, *OF_GUIDE}
    for link, said_there in {**LINKS, **OF_GUIDE}.items():
        told = everything(update(**controls.read(known, parse_qs(link))))
        for words in said_there:
            assert words in told, (link, told)


def test_what_the_notes_say() -> None:
    notice, mistake = text_of(LESSON, "notice"), text_of(GUIDE, "misconception")
    points, labels = decision_tree.sample("XOR", P)
    mine = Split(0, 5.0)
    own = decision_tree.gained(points, labels, mine)
    best = best_split(points, labels)
    assert best
    most = decision_tree.gained(points, labels, best)
    asked = f"{'xy'[best.axis]} ≤ {number(best.threshold)}"
    whole = entropy(np.bincount(labels)).item()
    greedy = [grow(points, labels, depth) for depth in range(5)]
    assert grow(points, labels, 2, mine).wrong() == 0
    left = f"{greedy[2].wrong()} of {len(labels)} points"
    check_said(notice, "x ≤ 5", number(own, 3), number(whole, 3), "no mistakes")
    check_said(notice, "best first split", asked, number(most, 3), left)
    check_said(mistake, "x ≤ 5", number(own, 3), number(most, 3), left)
    assert [tree.wrong() == 0 for tree in greedy] == [False] * 4 + [True]
    words = {4: "four", 6: "six"}
    leaves = [len(list(tree.leaves())) for tree in (greedy[4], grow(points, labels, 2, mine))]
    check_said(notice, "depth 4", f"{words[leaves[0]]} leaves instead of {words[leaves[1]]}")
    plan = text_of(GUIDE, "plan")
    check_said(plan, "my tree , 0", "its tree", f"{greedy[2].wrong()}", asked, "two points")
    check_said(plan, "depth 4", "six leaves instead of four")
    assert sides(points[:, best.axis], labels, [best.threshold])[0].sum() == 2
    for y, root in ((4.05, "y ≤ 4"), (3.95, "x ≤ 4")):
        split = decision_tree.tree("corner", (6.05, y), 2, None).split
        assert split
        assert f"{'xy'[split.axis]} ≤ {number(split.threshold)}" == root
        assert root in notice
    stairs = decision_tree.tree("diagonal", P, 4, None)
    check_said(notice, "at depth 4", f"{stairs.wrong()} points")
    above, squares = decision_tree.sample("diagonal", P)
    assert np.flatnonzero((above[:, 1] > above[:, 0]) != squares).tolist() == [47]  # only p
    for text in (text_of(LESSON, "check"), text_of(GUIDE, "questions")):
        for depth in range(5):
            wrong = decision_tree.tree("twins", P, depth, None).wrong()
            check_said(text, f"{wrong} of 50")


def test_questions_and_exercises_compute_right() -> None:
    def gained(yes: tuple[int, int], no: tuple[int, int]) -> float:
        labels = np.repeat([0, 1, 0, 1], [*yes, *no])
        answers = np.repeat([0.0, 1.0], [sum(yes), sum(no)])
        return float(gain(answers, labels, [0.5])[0])

    check, exercises = text_of(LESSON, "check"), text_of(LESSON, "exercises")
    left, won = number(entropy((3, 1)).item(), 3), number(gained((3, 1), (1, 3)), 3)
    assert f'name="check-1" data-right="{won}"' in LESSON
    check_said(check, left, f"1 − {left} = {won}")
    for text in (check, text_of(GUIDE, "plan")):
        check_said(text, "4 : 0 and 0 : 4")
    assert (gained((4, 0), (0, 4)), gained((2, 2), (2, 2))) == (1, 0)
    # spam and other mail: 3 and 1 with a link, 4 and 2 from unknown senders
    check_said(exercises, left, won)
    sender = entropy((4, 2)).item()
    assert sender == pytest.approx(math.log2(3) - 2 / 3)
    assert number(1.585 - 2 / 3, 3) == number(sender, 3)
    check_said(exercises, "⅔ =", number(sender, 3), f"(6/8) · {number(sender, 3)} =")
    check_said(exercises, number(gained((4, 2), (0, 2)), 3), "two mistakes")
    assert [min(3, 1) + min(1, 3), min(4, 2) + min(0, 2)] == [2, 2]
    corners, classes = np.array([(0.0, 0), (1, 1), (0, 1), (1, 0)]), np.array([0, 0, 1, 1])
    for axis in (0, 1):
        assert gain(corners[:, axis], classes, [0.5]).item() == 0
    tree = grow(corners, classes, 2)
    assert tree.split == Split(0, 0.5)  # the first of two equally good splits
    assert (tree.wrong(), len(list(tree.leaves()))) == (0, 4)


def test_what_the_formulas_show() -> None:
    """The text contains the figures' numbers, including twelve animals and the number of points."""
    for name, following in re.findall(r"live\{(\w+)\.(\w+)\}", LESSON):
        _, update = made(name)
        assert following in update().numbers
    assert len(tree_split.WEIGHTS) == 12
    check_said(text_of(LESSON, "idea"), "six", "cats", "six", "dogs")
    assert (len(tree_split.CATS), len(tree_split.DOGS)) == (6, 6)
    (example,) = re.findall(r"at most ([\d.]+) kg", text_of(LESSON, "idea"))
    assert tree_split.gain_at(float(example)) < tree_split.gain_at(best_weight()) / 2  # no spoiler
    check_said(text_of(LESSON, "guess"), f"{tree_guess.COUNT} points")
    check_said(text_of(LESSON, "guess"), "probability", f"{number(100 * tree_depth.NOISE)}%")


def best_weight() -> float:
    """The threshold for the animals with the largest gain."""
    found = best_split(np.column_stack([tree_split.WEIGHTS] * 2), tree_split.KINDS)
    assert found
    return found.threshold


# The small figures


def test_the_formula_of_the_split_adds_up() -> None:
    _, update = made("tree_split")
    for t in np.arange(1.5, 14).tolist():
        numbers = {key: float(text) for key, text in update(t=t).numbers.items()}
        assert numbers["below"] + numbers["above"] == 12
        after = sum(numbers[s] * numbers[f"entropy_{s}"] for s in ("below", "above")) / 12
        assert numbers["gain"] == pytest.approx(numbers["whole"] - after, abs=1.1e-3)
        assert numbers["gain"] == pytest.approx(tree_split.gain_at(t), abs=5e-4)


def test_the_curve_of_gain_is_no_longer_than_the_line_has_come() -> None:
    figure, update = made("tree_split")
    (ax,) = figure.axes
    _, _, _, _, curve, _ = ax.lines
    for t in (1.5, 6.5, 13.5):
        update(t=t)
        x, y = np.asarray(curve.get_data())
        assert x.max() == t
        middle = (x[::2] + x[1::2]) / 2
        assert y[::2].tolist() == [tree_split.gain_at(at) for at in middle.tolist()]


def test_the_entropy_of_two_classes() -> None:
    _, update = made("tree_entropy")
    for k in range(21):
        p = k / 20
        expected = -sum(share * math.log2(share) for share in (p, 1 - p) if share)
        assert tree_entropy.bits(p) == pytest.approx(expected, abs=1e-12)
        told = update(cats_of_20=k)
        assert number(expected, 3) in told
        assert told.numbers["bits"] == number(expected, 3)
        assert float(told.numbers["p"]) + float(told.numbers["q"]) == pytest.approx(1)


def test_errors_by_depth_are_those_of_new_points() -> None:
    points, labels = tree_depth.sample()
    rng = np.random.default_rng(5)
    fresh = rng.uniform(0, 10, (200_000, 2))
    truth = ((fresh > tree_depth.WALL).all(axis=1)) != (rng.random(len(fresh)) < tree_depth.NOISE)
    for depth in (0, 1, 2, 5, 7):
        root = tree_depth.tree(depth)
        predicted = np.full(len(fresh), -1)
        for leaf in root.leaves():
            left, bottom, right, top = leaf.box
            x, y = fresh.T
            predicted[(x > left) & (x <= right) & (y > bottom) & (y <= top)] = leaf.label
        assert (predicted >= 0).all()
        assert tree_depth.new_error(root) == pytest.approx(np.mean(predicted != truth), abs=0.005)
        sklearn = DecisionTreeClassifier(criterion="entropy", max_depth=max(depth, 1))
        seen = sklearn.fit(points, labels).predict(points)
        if depth in (1, 2):
            assert root.wrong() == np.sum(seen != labels)
    errors = [tree_depth.new_error(tree_depth.tree(depth)) for depth in range(8)]
    assert tree_depth.tree(7).wrong() == 0
    assert errors[7] > 1.2 * min(errors)
    assert errors[0] > 1.2 * min(errors)


# The guess


@pytest.mark.parametrize("task", range(len(tree_guess.TASKS)))
def test_a_guess_is_scored(task: int) -> None:
    points, labels = tree_guess.sample(task)
    tree = DecisionTreeClassifier(criterion="entropy", max_depth=1).fit(points, labels).tree_
    most = tree.impurity[0] - tree.n_node_samples[1:] @ tree.impurity[1:] / len(labels)
    right = tree_guess.best(task)
    assert tree_guess.gained(task, right) == pytest.approx(most, abs=1e-12)
    assert tree_guess.gains(task).max() == pytest.approx(most, abs=1e-12)
    assert np.bincount(labels).min() >= 8
    _, update = made("tree_guess")

    def told(split: Split, answer: Answer = SHOWN) -> str:
        return str(
            update(axis="xy"[split.axis], t=split.threshold, seed=task, answer=answer),
        )

    assert "found" in told(right)
    score = number(most, 3)
    for axis in (0, 1):
        for t in range(11):
            split = Split(axis, float(t))
            own = number(gain(points[:, axis], labels, [t])[0].item(), 3)
            words = told(split)
            assert score in words
            assert own in words
            if not 0 < np.sum(points[:, axis] <= t) < len(points):
                assert "one side" in words
    skipped = told(Split(0, 5.0), Answer(1.0, True))
    assert number(right.threshold) in skipped
    assert score in skipped


@pytest.mark.parametrize(
    ("task", "split", "mistake"),
    [
        (0, Split(0, 4.4), "fewest mistakes"),
        (0, Split(1, 5.8), "halves"),
        (0, Split(0, 1.0), "pure but small"),
        (0, Split(1, 2.0), "other feature"),
        (1, Split(0, 4.0), "halves"),
        (2, Split(0, 5.0), "halves"),
    ],
)
def test_known_mistakes_are_named(task: int, split: Split, mistake: str) -> None:
    points, labels = tree_guess.sample(task)
    yes, no = sides(points[:, split.axis], labels, [split.threshold])
    assert mistake in tree_guess.told(task, split, SHOWN)
    if mistake == "halves":
        assert abs(yes.sum() - no.sum()) <= 2
    if mistake == "fewest mistakes":
        right = tree_guess.best(task)
        wrong = yes.min() + no.min()
        assert wrong < tree_guess.mistakes(task, right.axis, [right.threshold])[0]
