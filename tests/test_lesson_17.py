"""Lesson 17: the numbers in its text, its small figures, and its guess."""

import html
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.special
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from support.captions import check_visible, everything
from support.lessons import check_said, made, page, text_of

from demos import network_fold, network_guess, network_neuron, network_triangle
from demos import neural_network as nn
from stage import Answer, controls, number
from stage.network import ACTIVATIONS, GRID, PLANE, sigmoid, zero_lines

LESSON, GUIDE = page("lessons", 17), page("guide", 17)
SHOWN, SKIPPED = Answer(1.0), Answer(1.0, True)
RANDOM = np.random.default_rng(17)


# The text

RELU = "m=3&activation=ReLU&eta=30"
SLOW = "m=3&eta=0.01&step=1000&view=the+loss"
XOR = "data=XOR&m=2"
LINKS = {
    "m=3&step=60": ("167 of 200", "0.558, 0.561, −0.999", "p = 0.574"),
    "m=3&step=1000&view=hidden+space": ("all points are right",),
    "m=2&step=1000": ("180 of 200 points are right",),
    "m=3&step=1000&off=2": ("unit 2 switched off", "161 of 200"),
    "data=spirals&m=8&step=1000": ("all points are right",),
    f"{XOR}&step=1000": ("157 of 200",),
    f"{XOR}&seed=4&step=1000": ("183 of 200",),
    SLOW: ("the loss is 0.675",),
    f"{RELU}&step=2": ("the loss is 25.578", "too long"),
    f"{RELU}&step=5": ("2 units are dead",),
    "m=3&step=0": ("before the first step, the loss is 0.811",),
}
OF_GUIDE = {"m=3&step=1000": ("200 of 200",)}


def linked(source: str) -> set[str]:
    found = re.findall(r'href="[^"#]*#neural_network\?([^"]+)"', source)
    return {html.unescape(link) for link in found}


def test_the_states_that_the_texts_link_to() -> None:
    """The texts contain what the laboratory says in these states; the next tests check that."""
    update = nn.demo(Figure(figsize=(7.2, 4.5)))
    known = controls.parameters(update)
    assert linked(LESSON) == set(LINKS)
    assert linked(GUIDE) <= {*LINKS, *OF_GUIDE}
    for link, words in {**LINKS, **OF_GUIDE}.items():
        told = everything(update(**controls.read(known, parse_qs(link))))
        for each in words:
            assert each in told, (link, told)


def after(steps: int, data: str = "circles", m: int = 3, eta: float = 1.0, **other: Any) -> Any:
    """The loss and the number of correct points, as the laboratory shows them."""
    activation, seed, off = (
        other.get(key, known) for key, known in (("activation", "tanh"), ("seed", 0), ("off", 0))
    )
    w = nn.without(nn.train(data, m, activation, eta, seed, steps)[steps], off)
    points, y = nn.sample(data)
    h, z = nn.forward(points, w, activation)
    right = int(np.sum((z > 0) == (y == 1)))
    return nn.loss(z, y), right, int(np.sum(~h.any(axis=0)))


def test_what_the_notes_say() -> None:
    notice, plan = text_of(LESSON, "notice"), text_of(GUIDE, "plan")
    assert f"{nn.LAST:,}" == "1,000"
    check_said(notice, "three units", f"all {after(1000)[1]} points are right")
    two = after(1000, m=2)[1]
    check_said(notice, f"{200 - two} of the 200 points stay wrong")
    opened = after(1000, off=2)[1]
    check_said(notice, "switch unit 2 off", f"only {opened} points are right")
    check_said(plan, f"{two} of 200", f"all {after(1000)[1]}", f"{opened} are right")
    assert after(1000, "spirals", 8)[1] == 200
    rights = [str(after(1000, "XOR", 2, seed=seed)[1]) for seed in (0, 4)]
    check_said(notice, "XOR", *rights)
    later = f"{after(3000, 'XOR', 2)[1]} right"
    check_said(text_of(GUIDE, "misconception"), "XOR", *rights, "3,000 steps", later)
    start, end = (f"{after(steps, eta=0.01)[0]:.3f}" for steps in (0, 1000))
    check_said(notice, "η = 0.01", start, end)
    check_said(text_of(GUIDE, "questions"), end, start)
    leap = after(2, eta=30.0, activation="ReLU")[0]
    losses = nn.training("circles", 3, "ReLU", 30.0, 0).up_to(5)[1]
    assert leap == max(losses)
    check_said(notice, "η = 30", f"{leap:.3f}", "step 2", "step 5", "two units")
    assert after(5, eta=30.0, activation="ReLU")[2] == 2


def test_two_units_enclose_nothing() -> None:
    """From each point of class 1 there is a direction in which z never decreases again."""
    for activation in ACTIVATIONS:
        for _ in range(20):
            w = nn.Weights(
                RANDOM.normal(size=(2, 2)), RANDOM.normal(size=2), RANDOM.normal(size=2), 0.1
            )
            way = np.linalg.solve(w.W, np.sign(w.v))
            for start in RANDOM.normal(size=(5, 2)):
                along = start + np.linspace(0, 30, 60)[:, None] * way
                assert (np.diff(nn.forward(along, w, activation)[1]) >= -1e-12).all()


def test_what_the_formulas_say() -> None:
    w = nn.train("circles", 3, "tanh", 1.0, 0, 60)[60]
    h, z = nn.forward(np.ones((1, 2)), w, "tanh")
    (w1, w2), b = w.W[0].round(3).tolist(), round(float(w.b[0]), 3)
    shown = f"{w1:.3f} \\cdot 1 - {-w2:.3f} \\cdot 1 + {b:.3f}) = \\tanh({w1 + w2 + b:.3f})"
    assert f"{shown} = {h[0, 0]:.3f} \\]" in LESSON
    assert f"The others give {h[0, 1]:.3f} and −{-h[0, 2]:.3f}" in LESSON
    v, values, c = w.v.round(3).tolist(), h[0].round(3).tolist(), round(w.c, 3)
    assert [value < 0 for value in v] == [True] * 3
    terms = f"{v[0]:.3f} \\cdot {values[0]:.3f} - {-v[1]:.3f} \\cdot {values[1]:.3f}"
    terms += f" + {-v[2]:.3f} \\cdot {-values[2]:.3f} - {-c:.3f}"
    by_hand = float(np.dot(v, values)) + c
    p = float(sigmoid(z)[0])
    assert f"\\sigma({terms}) = \\sigma({by_hand:.2f}) = {p:.2f} \\]" in LESSON
    assert by_hand == pytest.approx(float(z[0]), abs=0.005)
    formula = text_of(LESSON, "formula")
    check_said(formula, "each weight is", number(network_triangle.V))


def test_questions_and_exercises_compute_right() -> None:
    (right,) = re.findall(r'name="check-1" data-right="(\d+)"', LESSON)
    learned = [sum(np.size(part) for part in nn.first_weights(m, 0)) for m in (3, 8)]
    assert int(right) == learned[0]
    check_said(text_of(LESSON, "check"), f"{learned[0]}.", f"= {learned[1]}")
    exercises = text_of(LESSON, "exercises")
    inputs = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    total = inputs.sum(axis=1)
    h = np.maximum(np.column_stack([total, total - 1]), 0)
    z = h @ (1, -2)
    pairs = ", ".join(f"({a}, {b})" for a, b in h[:3])
    check_said(exercises, f"{pairs}, and ({h[3, 0]}, {h[3, 1]})")
    check_said(exercises, f"z is {z[0]}, {z[1]}, {z[2]}, and {z[3]}")

    w, b, v, c, x, eta = 0.5, 0.0, 2.0, -2.0, 2.0, 0.1

    def loss(w: float, b: float, v: float, c: float) -> float:
        return float(-np.log(scipy.special.expit(v * max(w * x + b, 0) + c)))

    at = np.array([w, b, v, c])
    slopes = [(loss(*(at + e)) - loss(*(at - e))) / 2e-6 for e in np.eye(4) * 1e-6]
    assert np.round(slopes, 6).tolist() == [-2, -1, -0.5, -0.5]
    w, b, v, c = (at - eta * np.round(slopes, 6)).tolist()
    hidden = w * x + b
    check_said(exercises, *(number(value) for value in (v, c, w, b)))
    p = scipy.special.expit(v * hidden + c)
    check_said(exercises, f"h = {number(hidden)}", f"z = {number(v * hidden + c, 3)}", f"{p:.3f}")


# The small figures


def test_a_neuron_is_one_of_logistic_regression() -> None:
    model = LogisticRegression()
    model.classes_ = np.array([0, 1])
    model.coef_, model.intercept_ = np.array([[0.8, 0.6]]), np.array([-0.4])
    x = RANDOM.normal(size=(30, 2))
    y = network_neuron.neuron(x, np.array([0.8, 0.6]), -0.4, "sigmoid")
    np.testing.assert_allclose(y, model.predict_proba(x)[:, 1])
    for activation, f in (("tanh", np.tanh), ("ReLU", lambda z: z * (z > 0))):
        y = network_neuron.neuron(x, np.array([0.8, 0.6]), -0.4, activation)
        np.testing.assert_allclose(y, f(x @ (0.8, 0.6) - 0.4))


def test_the_weights_belong_to_the_line() -> None:
    for _ in range(50):
        ends = [tuple(end) for end in RANDOM.uniform(-2.7, 2.7, (2, 2)).round(1).tolist()]
        w, b = network_neuron.weights(ends)
        np.testing.assert_allclose(np.array(ends) @ w + b, 0, atol=1e-9)
        assert np.linalg.norm(w) == pytest.approx(1)
        (x1, y1), (x2, y2) = ends
        assert (x2 - x1) * w[1] - (y2 - y1) * w[0] > 0  # to the left
    assert not network_neuron.weights([(1.0, 1.0), (1.0, 1.0)])[0].any()


def test_a_neuron_says_its_numbers() -> None:
    _, update = made("network_neuron")
    told = update()
    assert dict(told.numbers) == {"w1": "0.8", "w2": "0.6", "b": "(−0.4)", "z": "1", "y": "0.76"}
    assert update(activation="ReLU").numbers["y"] == "1"
    assert update(activation="sigmoid").numbers["y"] == "0.73"
    assert "coincide" in update(ends=((1.0, 1.0), (1.0, 1.0)))


def test_three_cuts_make_a_triangle() -> None:
    points, y = network_triangle.sample()
    turn = np.radians([90, 210, 330])
    feet = [tuple(foot) for foot in (1.3 * np.column_stack([np.cos(turn), np.sin(turn)])).round(1)]
    on = np.array([[x @ f < f @ f for f in np.array(feet)] for x in points])
    _, update = made("network_triangle")
    rights = []
    for agree in (1, 2, 3):
        z = network_triangle.output(points, feet, agree)
        sure = abs(sigmoid(z) - 0.5) > 0.45
        np.testing.assert_array_equal((z > 0)[sure], (on.sum(axis=1) >= agree)[sure])
        rights.append(int(np.sum((z > 0) == (y == 1))))
        assert f"{rights[-1]} " in update(feet=feet, agree=agree)
    assert rights[2] == 60
    assert rights[0] <= rights[1] < 60
    assert "All 60 points" in update(feet=feet)
    assert "All" not in update()
    assert update().numbers["c"] == "−50"
    W, b = network_triangle.layer([(0.0, 0.0), (1.0, 0.0), (0.0, -2.0)])  # noqa: N806
    np.testing.assert_allclose(W, [(0, -5), (-5, 0), (0, 5)])
    np.testing.assert_allclose(b, [0, 5, 10])


def test_the_boundary_of_the_fold_becomes_straight() -> None:
    points, y = network_fold.sample()
    z = network_fold.output(network_fold.hidden(points))
    np.testing.assert_array_equal(z > 0, y == 1)
    assert abs(z).min() > 0.5
    assert LogisticRegression(C=100).fit(points, y).score(points, y) < 0.8
    hidden = network_fold.hidden(points)
    assert LogisticRegression(C=100).fit(hidden, y).score(hidden, y) == 1
    figure, update = made("network_fold")
    border, flat, dots = figure.axes[0].lines[2:5]
    update(done=0)
    curve = np.asarray(border.get_xydata())
    curve = curve[~np.isnan(curve).any(axis=1)]
    np.testing.assert_allclose(network_fold.output(network_fold.hidden(curve)), 0, atol=0.05)
    np.testing.assert_allclose(dots.get_xydata(), points[y == 0])
    update(done=1)
    line = np.asarray(border.get_xydata()) / network_fold.SCALE
    line = line[~np.isnan(line).any(axis=1)]
    np.testing.assert_allclose(network_fold.output(line), 0, atol=0.2)
    whole = np.asarray(flat.get_xydata()) / network_fold.SCALE
    np.testing.assert_allclose(network_fold.output(whole), 0, atol=1e-12)
    np.testing.assert_allclose(np.asarray(dots.get_xydata()) / network_fold.SCALE, hidden[y == 0])
    for done in (0, 0.5, 1):
        check_visible(update(done=done))


def test_zero_lines() -> None:
    (circle,) = zero_lines((PLANE**2).sum(axis=1) - 4)
    np.testing.assert_allclose(np.linalg.norm(circle, axis=1), 2, atol=0.01)
    assert len(GRID) % 2 == 1


# The guess


def by_the_laboratory(task: int, units: int, steps: int) -> nn.Weights:
    """The trained network with `units` units, by the laboratory's functions."""
    start = network_guess.first()
    i, there = units - 1, slice(units)
    w = nn.Weights(start.W[i, there], start.b[i, there], start.v[i, there], 0.0)
    for _ in range(steps):
        gradient = nn.backward(*network_guess.sample(task), w, "tanh")
        w = nn.step_down(w, gradient, network_guess.ETA)
    return w


@pytest.mark.parametrize("task", range(len(network_guess.TASKS)))
def test_the_networks_of_the_guess_are_trained_like_that_of_the_laboratory(task: int) -> None:
    x, y = network_guess.sample(task)
    assert abs(x).max() < 2.9
    assert y.sum() == 50
    trained = network_guess.after(task, 40)
    for units in (1, 3, 8):
        w = by_the_laboratory(task, units, 40)
        for found, expected in zip(trained[:3], w[:3], strict=True):
            np.testing.assert_allclose(found[units - 1, :units], expected, rtol=1e-8, atol=1e-9)
            assert not found[units - 1, units:].any()
        assert trained.c[units - 1] == pytest.approx(w.c)


@pytest.mark.parametrize("task", range(len(network_guess.TASKS)))
def test_the_answer_is_the_fewest_units_that_get_all_right(task: int) -> None:
    least = network_guess.TASKS[task].least
    end = network_guess.after(task, network_guess.STEPS)
    right = network_guess.right(task, end).tolist()
    assert [value == 100 for value in right] == [m >= least for m in range(1, 9)]
    # rounding doesn't matter: a change in the tenth digit changes no point
    start = network_guess._walk(task)[0]
    w = network_guess.Networks(*(part * (1 + 1e-10) for part in start))
    for _ in range(network_guess.STEPS):
        w = network_guess.trained(*network_guess.sample(task), w)
    assert network_guess.right(task, w).tolist() == right
    np.testing.assert_allclose(w.v, end.v, atol=1e-4)
    for number_of_units, score in enumerate(right, 1):
        told = network_guess.told(task, number_of_units, SHOWN)
        assert str(score) in told
        assert ("found" in told) == (number_of_units == least)
        assert network_guess.WORDS[least] in told or number_of_units == least
    assert network_guess.WORDS[least] in network_guess.told(task, 8, SKIPPED).lower()


def test_the_plane_shows_the_guessed_network() -> None:
    figure, update = made("network_guess", 7.2)
    plane, chart = figure.axes
    border, lines = plane.collections
    for answer, shown in ((SHOWN, 2), (SKIPPED, 3)):
        told = update(units=2, answer=answer)
        assert f"with {shown} units." in told.detail
        w = by_the_laboratory(0, shown, network_guess.STEPS)
        assert len(lines.get_segments()) == shown  # type: ignore[attr-defined]
        for curve in border.get_segments():  # type: ignore[attr-defined]
            p = scipy.special.expit(nn.forward(np.asarray(curve), w, "tanh")[1])
            np.testing.assert_allclose(p, 0.5, atol=0.1)
    heights = np.asarray(chart.lines[1].get_ydata()).tolist()
    assert heights == network_guess.right(0, network_guess.after(0, 200)).tolist()
