"""Lesson 9: its figures against finite differences and dual numbers; the numbers in its text."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.figure import Figure
from support.captions import check_captions, check_visible
from support.lessons import NUMBER, check_said, made, numbers_in, page, text_of

from bundle.states import linked
from demos import backprop, backprop_guess, backprop_layer, chain_dials, chain_tangent
from stage import Answer, controls, number, power

RANDOM = np.random.default_rng(9)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 9), page("guide", 9)
KINDS = list(backprop.GRAPHS)
SETTINGS = [tuple(map(float, RANDOM.uniform((-3, -3, -3, 0), (3, 3, 3, 1)))) for _ in range(40)]
EDGES = [
    *product((-3.0, 0.0, 3.0), (-3.0, 0.0, 3.0), (-3.0, 0.0, 3.0), (0.0, 1.0)),
    (1.5, 2.0, -2.0, 0.0),
]


# backprop against forward-mode automatic differentiation with dual numbers a + a′δ, δ² = 0


@dataclass(frozen=True)
class Dual:
    value: float
    slope: float = 0.0

    def __add__(self, other: "Dual") -> "Dual":
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: "Dual") -> "Dual":
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: "Dual") -> "Dual":
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)


def sigmoid(z: Dual) -> Dual:
    value = scipy.special.expit(z.value)
    return Dual(value, value * scipy.special.expit(-z.value) * z.slope)


def softplus(z: Dual) -> Dual:
    return Dual(np.logaddexp(0, z.value), scipy.special.expit(z.value) * z.slope)


def squared_error(w: Dual, x: Dual, b: Dual, y: Dual) -> Dual:
    error = sigmoid(w * x + b) - y
    return error * error


DUAL: dict[str, Callable[..., Dual]] = {
    "squared error": squared_error,
    # −y ln σ(z) − (1 − y) ln(1 − σ(z)) = ln(1 + e^z) − y·z
    "cross-entropy": lambda w, x, b, y: softplus(w * x + b) - y * (w * x + b),
    "shared input": lambda w, x, b, y: w * x * x + b * x + y,
}


def dual_gradient(kind: str, at: tuple[float, ...]) -> tuple[float, list[float]]:
    runs = [
        DUAL[kind](*(Dual(value, float(i == j)) for j, value in enumerate(at))) for i in range(4)
    ]
    return runs[0].value, [run.slope for run in runs]


def passes(kind: str, at: tuple[float, ...]) -> tuple[dict[str, float], backprop.Derivatives]:
    ops = backprop.GRAPHS[kind]
    values = backprop.forward(ops, dict(zip("wxby", at, strict=True)))
    return values, backprop.backward(ops, values)


@pytest.mark.parametrize("kind", KINDS)
def test_both_passes_agree_with_dual_numbers(kind: str) -> None:
    output = backprop.GRAPHS[kind][-1].name
    for at in SETTINGS + EDGES:
        values, derivatives = passes(kind, at)
        value, slopes = dual_gradient(kind, at)
        assert values[output] == pytest.approx(value, rel=1e-9, abs=1e-13)
        assert derivatives.totals[output] == 1
        for name, slope in zip("wxby", slopes, strict=True):
            assert derivatives.totals[name] == pytest.approx(slope, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_the_backward_pass_agrees_with_finite_differences(kind: str) -> None:
    ops = backprop.GRAPHS[kind]
    for at in SETTINGS[:20]:

        def output(point: Any) -> float:
            return backprop.forward(ops, dict(zip("wxby", point, strict=True)))[ops[-1].name]

        expected = scipy.optimize.approx_fprime(np.array(at), output, 1e-7)
        _, derivatives = passes(kind, at)
        found = [derivatives.totals[name] for name in "wxby"]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_op_has_its_own_derivatives(kind: str) -> None:
    for op in backprop.GRAPHS[kind]:
        for _ in range(20):
            at = RANDOM.uniform(0.1, 0.9, len(op.parents))  # cross-entropy needs a probability
            expected = [
                (op.value(*(at + step)) - op.value(*(at - step))) / 2e-5
                for step in 1e-5 * np.eye(len(at))
            ]
            np.testing.assert_allclose(op.slopes(*at), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("z", [0.0, 1e-9, 1.0, 6.0, -6.0, 15.0, -15.0, 30.0, -30.0])
def test_the_slope_of_the_sigmoid_keeps_its_digits(z: float) -> None:
    logistic = scipy.special.expit(z) * scipy.special.expit(-z)
    assert backprop.sigmoid_slope(z) == pytest.approx(logistic, rel=1e-14, abs=0)
    assert backprop.sigmoid(z) == pytest.approx(scipy.special.expit(z), rel=1e-14, abs=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_nudge_changes_the_output_by_what_the_formula_says(kind: str) -> None:
    ops = backprop.GRAPHS[kind]
    for at in SETTINGS:
        for i, name in enumerate("wxby"):
            for nudge in (-0.9, -0.25, 0.5):
                after = (*at[:i], at[i] + nudge, *at[i + 1 :])
                expected = dual_gradient(kind, after)[0] - dual_gradient(kind, at)[0]
                found = backprop.change(ops, dict(zip("wxby", at, strict=True)), name, nudge)
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def texts(figure: Any) -> list[str]:
    """All texts in a picture."""
    return [t.get_text() for t in figure.axes[0].texts if t.get_text() and t.get_visible()]


@pytest.mark.parametrize("width", [3.6, 7.2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_steps_reveal_one_quantity_after_the_other(kind: str, width: float) -> None:
    figure, update = made("backprop", width)
    at = {"w": 1.1, "x": 0.7, "b": -0.4, "y": 0.3}
    values, derivatives = passes(kind, tuple(at.values()))
    output = backprop.GRAPHS[kind][-1].name
    seen = []
    for step in range(backprop.LAST + 1):
        check_visible(update(expression=kind, step=step, **at))
        seen.append(texts(figure))
        assert seen[-1].count("?") == max(3 - step, 0)
    assert not [text for text in seen[3] if "∂" in text]
    counts = [sum("∂" in text for text in step) for step in seen]
    assert counts == [0, 0, 0, 0, 3, counts[5], 7, 7]
    for name in values:
        assert f"∂{output}/∂{name} = {power(derivatives.totals[name])}" in seen[-1]


def test_a_shared_quantity_waits_for_all_its_contributions() -> None:
    figure, update = made("backprop", 7.2)
    update(expression="shared input", step=5)
    assert "1 + …" in texts(figure)
    assert not [text for text in texts(figure) if "∂f/∂x" in text]
    update(expression="shared input", step=6)
    assert "∂f/∂x = 4" in texts(figure)


def test_captions_of_the_laboratory_differ() -> None:
    _, update = made("backprop", 7.2)
    check_captions(
        lambda **state: update(**state).detail and update(**state),
        [{"step": step} for step in range(8) if step != backprop.FORWARD],
    )
    for at in SETTINGS[:10]:
        for step, nudge in product(range(8), "wxby"):
            state = dict(zip("wxby", at, strict=True))
            check_visible(update(step=step, nudge=nudge, **state))
    assert "changes nothing" in update(step=backprop.LAST, epsilon=0.0)


# chain_dials


def test_the_rates_of_the_dials_are_finite_differences_and_multiply() -> None:
    _, update = made("chain_dials")
    for x in np.arange(0, 4.05, 0.1):
        first, second, both = chain_dials.rates(float(x))
        u, step = chain_dials.inner(float(x)), 1e-5
        inner = (chain_dials.inner(x + step) - chain_dials.inner(x - step)) / (2 * step)
        outer = (chain_dials.outer(u + step) - chain_dials.outer(u - step)) / (2 * step)
        whole = chain_dials.outer(chain_dials.inner(x + step)) - chain_dials.outer(
            chain_dials.inner(x - step)
        )
        assert first == pytest.approx(inner)
        assert second == pytest.approx(outer, abs=1e-9)
        assert both == pytest.approx(whole / (2 * step), abs=1e-9)
        told = update(x=float(x))
        check_visible(told)
        assert told.numbers["both"] == number(both)
    assert "exactly as fast" in update(x=2.0)
    assert "stands still" in update(x=0.0)


def test_a_place_on_the_first_dial_is_its_value() -> None:
    for x in np.arange(0, 4.05, 0.1):
        assert chain_dials.value_at(*chain_dials.on_dial(0, x, 1.1)) == pytest.approx(x, abs=1e-9)
    assert chain_dials.value_at(0.1, -1) > 4  # the slider clips it to its range
    assert chain_dials.value_at(-0.1, -1) == 0


# chain_tangent


def test_the_slopes_of_the_links_are_finite_differences() -> None:
    for link in chain_tangent.LINKS:
        expected = (link.change(1e-5) - link.change(-1e-5)) / 2e-5
        assert link.slope == pytest.approx(expected, rel=1e-7)
        assert link.change(0) == 0


def test_a_slope_is_told_only_when_it_has_been_found() -> None:
    figure, update = made("chain_tangent")
    for step, link in enumerate(chain_tangent.LINKS):
        right = power(link.slope)
        for slope in np.arange(-1, 3.01, 0.05):
            told = update(slope=float(slope), step=step)
            check_visible(told)
            touches = abs(slope - link.slope) <= 0.03
            assert ("yet" not in told) == touches
            formula = figure.axes[0].get_title("left")
            assert formula.count("?") == 3 - step - touches
            if not touches:
                assert right not in NUMBER.findall(f"{told} {formula}")
    whole = math.prod(link.slope for link in chain_tangent.LINKS)
    update(slope=2.0, step=2)
    assert figure.axes[0].get_title("left").endswith(f"= {power(whole)}")


# backprop_layer


def test_a_layer_passes_back_what_numpy_and_finite_differences_say() -> None:
    _, update = made("backprop_layer")
    w = backprop_layer.W
    for d1, d2 in RANDOM.integers(-15, 16, (50, 2)) / 10:
        d = np.array([d1, d2])
        found = backprop_layer.back((float(d1), float(d2)))

        def loss(x: Any, d: Any = d) -> float:
            return float(d @ (w @ x))  # any loss with ∂L/∂z = d

        expected = scipy.optimize.approx_fprime(np.array([0.3, -0.8]), loss)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        told = update(d1=float(d1), d2=float(d2))
        check_visible(told)
        assert [told.numbers["g1"], told.numbers["g2"]] == [number(float(g)) for g in d @ w]
    (transposed,) = re.findall(r"\\begin\{pmatrix\} (2 .*?) \\end", LESSON)
    rows = [[float(n) for n in row.split("&")] for row in transposed.split(r"\\")]
    np.testing.assert_array_equal(rows, w.T)


# backprop_guess

SEEDS = range(len(backprop_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_loss_is_scored(seed: int) -> None:
    _, update = made("backprop_guess")
    task = backprop_guess.TASKS[seed]
    before, after = (scipy.special.expit(w * task.x + task.b) ** 2 for w in (1.5, 1.0))
    assert backprop_guess.loss(task, 1.0) == pytest.approx(after)
    numeric = scipy.optimize.approx_fprime([1.5], lambda w: backprop_guess.loss(task, w[0]), 1e-7)
    assert backprop_guess.slope(task, 1.5) == pytest.approx(numeric[0], abs=1e-6)
    for guess in np.arange(0, 1.005, 0.01):
        told = update(guess=float(guess), seed=seed, answer=SHOWN)
        check_visible(told)
        off = abs(guess - after)
        assert ("found" in told) == (off <= 0.02)
        if off > 0.02:
            assert number(float(off)) in NUMBER.findall(told)
    skipped = update(seed=seed, answer=Answer(1.0, True))
    check_visible(skipped)
    assert "our" not in skipped
    assert NUMBER.findall(skipped) == [number(float(before), 3), number(float(after), 3)]


def test_known_mistakes_are_named() -> None:
    _, update = made("backprop_guess")
    assert "flat" in update(guess=0.5, seed=0, answer=SHOWN)
    assert "smaller w" in update(guess=0.8, seed=1, answer=SHOWN)
    assert "changes a lot" in update(guess=0.5, seed=1, answer=SHOWN)
    assert "x is negative" in update(guess=0.1, seed=2, answer=SHOWN)
    assert "x is small" in update(guess=0.3, seed=3, answer=SHOWN)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loss_shows_nothing_of_the_answer_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("backprop_guess")
    task = backprop_guess.TASKS[seed]
    update(seed=seed, answer=SHOWN)  # the previous answer is hidden again
    told = update(guess=0.61, seed=seed, answer=Answer())
    p = scipy.special.expit(1.5 * task.x + task.b)
    given = {number(task.x), number(task.b), number(p, 4), number(p**2, 3), "0.61", "1.5", "1", "0"}
    assert numbers_in(told) <= given
    assert not told.numbers
    curve, tangent, gap = figure.axes[0].lines[1:4]
    assert not any(line.get_visible() for line in (curve, tangent, gap))


# The text


def state(query: str) -> tuple[dict[str, float], backprop.Derivatives, dict[str, Any]]:
    """The texts of the laboratory for a link in the lesson."""
    assert f'#backprop?{query.replace("&", "&amp;")}"' in LESSON
    values = controls.read(controls.parameters(backprop_update()), parse_qs(query))
    found = passes(values["expression"], tuple(values[name] for name in "wxby"))
    return *found, values


def backprop_update() -> Any:
    return backprop.demo(Figure(figsize=(7.2, 3.3)))


def test_the_numbers_of_the_formula() -> None:
    values, found, _ = state("step=6")
    formula = text_of(LESSON, "formula")
    check_said(formula, "z = 1", f"ŷ = {number(values['ŷ'], 4)}")
    factors = [found.factors[link] for link in (("ŷ", "L"), ("z", "ŷ"), ("w", "z"))]
    one = r"\\gradient\{([\d.]+)\}"
    written = re.search(rf"{one} \\cdot {one} \\cdot {one} = ([\d.]+)", formula)
    assert written
    expected = [*factors, found.totals["w"]]
    assert [float(n) for n in written.groups()] == [round(value, 4) for value in expected]
    assert f"about {math.e:.3f}" in formula
    tangent = [link.slope for link in chain_tangent.LINKS]
    assert tangent == pytest.approx(factors)


def test_the_numbers_of_the_notes() -> None:
    notice = text_of(LESSON, "notice")
    start, flat = state("step=6"), state("b=3&step=6")
    (grown, small), (was, steep) = (
        [one[1].factors[link] for link in (("ŷ", "L"), ("z", "ŷ"))] for one in (flat, start)
    )
    check_said(notice, f"{was:.3f}", f"{grown:.3f}", f"{steep:.4f}", power(small, 4))
    check_said(notice, f"{start[1].totals['w'] / flat[1].totals['w']:.0f} times smaller")
    _, cross, _ = state("expression=cross-entropy&b=3&step=6")
    factor = power(cross.factors["ŷ", "L"], 4)
    assert f"factor is {factor}" in notice
    assert f"= {factor} · {power(small, 4)} · 2 = {power(cross.totals['w'], 4)}" in notice
    _, shared, _ = state("expression=shared+input&step=6")
    one, two = shared.passed["x", "q"], shared.passed["x", "z"]
    check_said(notice, f"receives {one:g}", f"{two:g}", f"{one:g} + {two:g} = {one + two:g}")
    gaps = []
    for query in ("", "&epsilon=0.25"):
        values, shared, read = state(f"expression=shared+input&nudge=x{query}&step=7")
        inputs = {name: values[name] for name in "wxby"}
        ops = backprop.GRAPHS["shared input"]
        actual = backprop.change(ops, inputs, "x", read["epsilon"])
        gaps.append(actual - read["epsilon"] * shared.totals["x"])
    check_said(notice, "change of 2", f"{0.5 * 4 + gaps[0]:g}")
    check_said(notice, f"{gaps[0]:g}", f"{gaps[1]:g}", "a quarter")
    assert gaps[0] == 4 * gaps[1]


def test_the_numbers_of_the_guess_and_the_guide() -> None:
    p = scipy.special.expit(1.5 * backprop_guess.TASKS[0].x + backprop_guess.TASKS[0].b)
    assert f"answers {p:.4f}" in text_of(LESSON, "guess")
    _, start, _ = state("step=6")
    values, flat, _ = state("b=3&step=6")
    misconception = text_of(GUIDE, "misconception")
    check_said(misconception, f"{values['ŷ']:.4f}", f"{start.factors['ŷ', 'L']:.3f}")
    check_said(misconception, f"{flat.factors['ŷ', 'L']:.3f}", f"{start.totals['w']:.4f}")
    check_said(misconception, f"{start.totals['w']:.4f}", power(flat.totals["w"], 4))
    factors = [power(start.factors[link]) for link in (("ŷ", "L"), ("z", "ŷ"), ("w", "z"))]
    assert " times ".join(factors) in text_of(GUIDE, "plan")
    assert f"1.10 · 150 = {1.10 * 150:g}" in text_of(LESSON, "idea")


def test_questions_and_exercises_compute_right() -> None:
    (right,) = re.findall(r'name="check-1" data-right="(\d+)"', LESSON)
    slope = scipy.optimize.approx_fprime([1.0], lambda x: float((3 * x[0] + 1) ** 2))
    assert float(right) == pytest.approx(slope[0], abs=1e-4)
    check = text_of(LESSON, "check")
    _, shared = passes("shared input", (-1.0, 2.0, 1.0, 0.0))
    one, two, both = shared.passed["x", "q"], shared.passed["x", "z"], shared.totals["x"]
    check_said(check, f"w·x + b = {number(one)}", f"= {number(two)}", f"add: {number(both)}")
    (told,) = re.findall(r'value="a" data-right> (−?\d)<', LESSON)
    assert told == number(both)
    assert f"{backprop.sigmoid_slope(0) ** 10:.8f}" in check
    x, w1, w2, y, eta = 2.0, 3.0, 0.5, 1.0, 0.01
    by_w1, by_w2 = scipy.optimize.approx_fprime(
        [w1, w2], lambda w: float((w[1] * w[0] * x - y) ** 2), 1e-8
    )
    exercises = text_of(LESSON, "exercises")
    check_said(exercises, "∂L/∂w₂", f"= {by_w2:.0f}", "∂L/∂w₁", f"= {by_w1:.0f}")
    w1, w2 = round(w1 - eta * by_w1, 4), round(w2 - eta * by_w2, 4)
    check_said(exercises, f"{w1:g}", f"{w2:g}", f"h = {w1 * x:g}", f"ŷ = {w1 * x * w2:.4f}")
    assert f"about {(w1 * x * w2 - y) ** 2:.2f}" in exercises


def test_every_link_of_the_lesson_is_a_state() -> None:
    update = backprop_update()
    parameters = controls.parameters(update)
    assert len(linked("backprop")) >= 9
    for query in linked("backprop"):
        check_visible(update(**controls.read(parameters, query)))
