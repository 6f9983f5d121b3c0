"""Lesson 9: the mathematics of `backprop` against finite differences, dual numbers and formulas."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from demos import backprop
from stage import controls
from stage.drawing import Stage

RANDOM = np.random.default_rng(9)
KINDS = list(backprop.EXPRESSIONS)
SETTINGS = [tuple(map(float, RANDOM.uniform((-3, -3, -3, 0), (3, 3, 3, 1)))) for _ in range(40)]
EDGES = [
    *product((-3.0, 0.0, 3.0), (-3.0, 0.0, 3.0), (-3.0, 0.0, 3.0), (0.0, 1.0)),
    (1.5, 2.0, -2.0, 0.0),
]


# An automatic differentiation of another kind: forwards, with dual numbers a + a′δ, δ² = 0


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


def tanh(z: Dual) -> Dual:
    return Dual(math.tanh(z.value), z.slope / math.cosh(z.value) ** 2)


def squared_error(w: Dual, x: Dual, b: Dual, y: Dual) -> Dual:
    error = sigmoid(w * x + b) - y
    return error * error


DUAL: dict[str, Callable[..., Dual]] = {
    "squared error": squared_error,
    "cross-entropy": lambda w, x, b, y: softplus(w * x + b) - y * (w * x + b),
    "shared input": lambda w, x, b, y: w * x * x + b * x + y,
    "shared weight": lambda w, x, b, _: tanh(w * tanh(w * x + b) + b),
}


def dual_gradient(kind: str, at: tuple[float, ...]) -> tuple[float, list[float]]:
    runs = [
        DUAL[kind](*(Dual(value, float(i == j)) for j, value in enumerate(at))) for i in range(4)
    ]
    return runs[0].value, [run.slope for run in runs]


@pytest.mark.parametrize("kind", KINDS)
def test_both_passes_agree_with_dual_numbers(kind: str) -> None:
    for at in SETTINGS + EDGES:
        found = backprop.results(kind, *at)
        value, slopes = dual_gradient(kind, at)
        output = backprop.EXPRESSIONS[kind].output
        assert found.values[output] == pytest.approx(value, rel=1e-11, abs=1e-13)
        assert found.derivatives.totals[output] == 1
        for name, slope in zip("wxby", slopes, strict=True):
            total = found.derivatives.totals.get(name, 0.0)
            assert total == pytest.approx(slope, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_the_backward_pass_agrees_with_finite_differences(kind: str) -> None:
    expression = backprop.EXPRESSIONS[kind]
    for at in SETTINGS[:20]:
        totals = backprop.results(kind, *at).derivatives.totals
        start = np.array(at[: len(expression.inputs)])

        def output(point: Any) -> float:
            inputs = dict(zip(expression.inputs, point, strict=True))
            return float(backprop.forward(expression.ops, inputs)[expression.output])

        expected = scipy.optimize.approx_fprime(start, output, 1e-7)
        found = [totals[name] for name in expression.inputs]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_op_has_its_own_derivatives(kind: str) -> None:
    for op in backprop.EXPRESSIONS[kind].ops:
        for _ in range(20):
            at = RANDOM.uniform(0.1, 3, len(op.parents))  # above 0: ln(1 + u) gets an exponential
            expected = [
                (op.value(*(at + step)) - op.value(*(at - step))) / 2e-5
                for step in 1e-5 * np.eye(len(at))
            ]
            np.testing.assert_allclose(op.slopes(*at), expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_products_along_all_paths_add_up_to_the_derivative(kind: str) -> None:
    expression = backprop.EXPRESSIONS[kind]
    for at in SETTINGS:
        derivatives = backprop.results(kind, *at).derivatives
        for name in derivatives.totals:
            ways = backprop.paths(expression.ops, name)
            total = sum(
                math.prod(derivatives.factors[one, two] for two, one in pairwise(way))
                for way in ways
            )
            assert total == pytest.approx(derivatives.totals[name], rel=1e-12, abs=1e-15)
            handed = [c for (one, _), c in derivatives.contributions.items() if one == name]
            if name != expression.output:
                assert sum(handed) == pytest.approx(derivatives.totals[name])


def test_paths() -> None:
    def of(kind: str, name: str) -> set[str]:
        return {"".join(way) for way in backprop.paths(backprop.EXPRESSIONS[kind].ops, name)}

    assert of("squared error", "w") == {"Leŷzw"}
    assert of("squared error", "y") == {"Ley"}
    assert of("cross-entropy", "b") == {"Lzb", "Lvuzb"}
    assert of("shared input", "x") == {"fqx", "fqspx"}
    assert of("shared weight", "w") == {"frw", "frhzw"}
    assert of("shared weight", "y") == set()


@pytest.mark.parametrize("z", [0.0, 1e-9, 1.0, 6.0, -6.0, 15.0, -15.0, 30.0, -30.0])
def test_slopes_keep_their_digits_where_the_curves_are_flat(z: float) -> None:
    logistic = scipy.special.expit(z) * scipy.special.expit(-z)
    assert backprop.sigmoid_slope(z) == pytest.approx(logistic, rel=1e-14, abs=0)
    assert backprop.sigmoid(z) == pytest.approx(scipy.special.expit(z), rel=1e-14, abs=0)
    squashed = 4 * scipy.special.expit(2 * z) * scipy.special.expit(-2 * z)
    assert backprop.tanh_slope(z) == pytest.approx(squashed, rel=1e-13, abs=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_nudge_changes_the_output_by_what_the_formula_says(kind: str) -> None:
    for at in SETTINGS:
        found = backprop.results(kind, *at)
        for i, name in enumerate("wxby"):
            for nudge, change in list(zip(backprop.NUDGES, found.changes[name], strict=True))[::20]:
                after = (*at[:i], at[i] + nudge, *at[i + 1 :])
                expected = dual_gradient(kind, after)[0] - dual_gradient(kind, at)[0]
                assert change == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_difference_falls_with_the_square_of_the_nudge(kind: str) -> None:
    expression = backprop.EXPRESSIONS[kind]
    for at in SETTINGS[:15]:
        inputs = dict(zip(expression.inputs, at, strict=False))
        totals = backprop.results(kind, *at).derivatives.totals
        for name in inputs:
            # without the part that is odd in the nudge: half the nudge, a quarter of the rest
            gaps = [
                float(
                    backprop.change(expression, inputs, name, size)
                    + backprop.change(expression, inputs, name, -size)
                )
                for size in (0.02, 0.01)
            ]
            assert gaps[0] == pytest.approx(4 * gaps[1], rel=0.05, abs=1e-9)
            one = float(backprop.change(expression, inputs, name, 1e-3))
            assert one == pytest.approx(1e-3 * totals[name], rel=0.02, abs=3e-5)


def test_numbers_are_written_short() -> None:
    written = {
        0.0: "0",
        1.0: "1",
        -1.4621: "−1.46",
        0.99999: "1",
        9.996: "10",
        0.19661: "0.197",
        0.002467: "0.0025",
        162754.79: "162755",
        0.00012: "1·10⁻⁴",
        6.14e-6: "6·10⁻⁶",
        9.7e-7: "1·10⁻⁶",
        -2e-10: "−2·10⁻¹⁰",
    }
    for value, text in written.items():
        assert backprop.short(value) == text
    assert backprop.told(0.0024668) == "0.002467"
    assert backprop.told(-2.04e-10) == "−2.0·10⁻¹⁰"


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param / (1.6 if request.param > 5 else 0.6)))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return backprop.demo(figure)


LESSON = Path(__file__).parent.parent / "site/lessons/09-chain-rule-backpropagation.html"


def test_the_lessons_numbers(update: Any) -> None:
    parameters = controls.parameters(update)

    def told(query: str) -> str:
        link = f'"#backprop?{query}"'.replace("&", "&amp;")
        assert link in LESSON.read_text()
        return str(update(**controls.read(parameters, parse_qs(query))))

    start = told("b=-2")
    assert "1.462 · 1 · 0.1966 · 2 = 0.5749" in start
    saturated = told("b=3")
    assert "1.995 · 1 · 0.002467 · 2 = 0.009842" in saturated
    assert round(0.5749 / 0.009842) == 58
    assert "= 1.995, the sum over its 2 paths" in told("expression=cross-entropy&b=3")
    shared = told("expression=shared+input&nudge=x")
    assert "∂f/∂x = 1 · 1 + 1 · 2 · 1 · 1.5 = 4" in shared
    assert "by 2; it changes f by 2.375, a difference of 0.375" in shared
    assert "1 · 1 = 1 to x" in update(expression="shared input", step=6)
    assert "2 · 1.5 = 3 to x" in update(expression="shared input", step=8)
    assert "Step 7" in told("expression=shared+input&nudge=x&step=7")
    assert "of 0.09375" in told("expression=shared+input&nudge=x&epsilon=0.25")
    assert "1 · (−1) + 1 · 2 · 1 · (−1) = −3" in told(
        "expression=shared+input&nudge=x&w=-1&x=2&b=1"
    )
    values = backprop.results("squared error", 1.5, 2.0, -2.0, 0.0).values
    assert (values["z"], round(values["ŷ"], 4), round(2 * values["e"], 4)) == (1, 0.7311, 1.4621)
    values = backprop.results("squared error", 1.5, 2.0, 3.0, 0.0).values
    assert round(values["ŷ"], 4) == 0.9975
    assert f"{0.25**10:.8f}" == "0.00000095"
    assert backprop.sigmoid_slope(0) == 0.25


def test_every_link_of_the_lesson_is_a_state(update: Any) -> None:
    parameters = controls.parameters(update)
    links = re.findall(r'href="#backprop\?([^"]+)"', LESSON.read_text())
    assert len(links) >= 7
    for link in links:
        update(**controls.read(parameters, parse_qs(link.replace("&amp;", "&"))))


def written(figure: Figure, update: Any) -> list[str]:
    """Every string in the picture, as the drawing keeps them."""
    cells = dict(zip(update.__code__.co_freevars, update.__closure__, strict=True))
    shown = [g for g in cells["graphs"].cell_contents.values() if g.axes.get_visible()]
    assert len(shown) == 1
    words = (shown[0].given, shown[0].values, shown[0].derivatives)
    return [text for one in words for text in one.written.values() if text]


def test_the_steps_reveal_one_quantity_after_the_other(figure: Figure, update: Any) -> None:
    for kind in KINDS:
        counts = []
        for step in range(backprop.LAST + 1):
            update(expression=kind, step=step, w=1.1, x=0.7, b=-0.4, y=0.3)
            counts.append(" ".join(written(figure, update)))
        assert "∂" not in counts[backprop.FORWARD]
        for before, after in pairwise(counts[: backprop.LAST]):
            assert len(after) > len(before)
        totals = backprop.results(kind, 1.1, 0.7, -0.4, 0.3).derivatives.totals
        assert counts[-1].count("∂") == 2 * len(totals)
        for name, total in totals.items():
            assert f"/∂{name} = {backprop.short(total)}" in counts[-1]


def test_a_shared_quantity_waits_for_all_its_contributions(figure: Figure, update: Any) -> None:
    update(expression="shared input", step=7)
    assert "1 + …" in written(figure, update)
    assert not [text for text in written(figure, update) if "∂f/∂x" in text]
    update(expression="shared input", step=8)
    assert "1 + 3" in written(figure, update) or "3 + 1" in written(figure, update)
    assert "∂f/∂x = 4" in written(figure, update)


def test_the_paths_of_the_nudged_input_stand_out(update: Any) -> None:
    cells = dict(zip(update.__code__.co_freevars, update.__closure__, strict=True))
    for kind, nudge in product(KINDS, "wxby"):
        update(expression=kind, nudge=nudge, w=1.1, x=0.7, b=-0.4, y=0.3)
        graph = cells["graphs"].cell_contents[kind]
        full = graph.bands.get_colors().tolist().count([*to_rgb("gradient"), 1.0])
        ways = backprop.paths(backprop.EXPRESSIONS[kind].ops, nudge)
        links = {link for way in ways for link in pairwise(way)}
        assert full == (len(links) if ways else len(graph.ways))


@pytest.mark.parametrize("width", [720, 360])
def test_the_picture_depends_on_the_values_alone(width: int) -> None:
    stage = Stage(backprop.demo, width, 1, "light")
    states = [
        {"expression": ["shared weight"], "step": ["7"]},
        {"expression": ["shared weight"], "step": ["7"], "w": ["-2"]},
        {"expression": ["shared weight"], "w": ["-2"]},
        {"expression": ["shared weight"], "w": ["-2"], "nudge": ["b"]},
        {"expression": ["shared weight"], "w": ["-2"], "nudge": ["b"], "epsilon": ["-1"]},
        {"expression": ["shared weight"], "nudge": ["y"]},
        {"expression": ["cross-entropy"], "nudge": ["y"]},
        {"x": ["0"], "y": ["1"]},
        {},
    ]
    for state in states:
        stage.draw(state)
        fresh = Stage(backprop.demo, width, 1, "light")
        fresh.draw(state)
        drawn, expected = (
            np.asarray(one.canvas.buffer_rgba()).astype(int) for one in (stage, fresh)
        )
        assert abs(drawn - expected).max() <= 1, state


def test_degenerate_settings_get_a_sentence(update: Any) -> None:
    assert "y is not in this expression" in update(expression="shared weight", nudge="y")
    assert "A nudge of 0 changes nothing" in update(epsilon=0.0)
    assert "by just that, to 12 decimals" in update(expression="shared input", nudge="w")
    assert "= 0, the product" in update(x=0.0)
    # so flat that floating point sees no change
    told = update(expression="shared weight", w=3.0, x=3.0, b=3.0, nudge="x")
    assert "·10⁻¹⁴; it changes f by just that, to 12 decimals" in told


def test_every_sentence_is_whole(update: Any) -> None:
    for (w, x, b, y), kind in product(SETTINGS[:8] + EDGES[::3], KINDS):
        for step in (0, 3, 5, 7, 8, 9):
            nudge = str(RANDOM.choice(list("wxby")))
            epsilon = float(RANDOM.integers(-100, 101)) / 100
            told = update(kind, step, round(w, 1), round(x, 1), round(b, 1), y, nudge, epsilon)
            assert told.endswith(".")
            assert not re.search(r"nan|inf\b|(?<!cross)-|−0(?![.\d])|·10⁰|\+ −", told), told


def test_the_sentence_changes_with_the_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"step": step} for step in range(backprop.LAST + 1)),
        *({"expression": kind} for kind in KINDS[1:]),
        *({name: 0.5} for name in "wxby"),
        *({"nudge": name} for name in "xby"),
        {"epsilon": 0.51},
        {"step": 3, "epsilon": 0.51},
        {"step": 3, "nudge": "b"},
        {"step": 0, "y": 0.05},
    ]
    assert len({update(**state) for state in states}) == len(states)
