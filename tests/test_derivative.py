"""Lesson 6: the mathematics of `derivative` against exact fractions, complex steps and SciPy."""

import math
import re
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import numpy as np
import pytest
import scipy.special
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from support.captions import check_whole

from demos import derivative
from stage import controls
from stage.layout import shape_of

RANDOM = np.random.default_rng(6)
X = [-2.0, -1.3, -0.1, 0.0, 0.3, 1.0, 2.0, *RANDOM.integers(-20, 21, 12) / 10]
EPSILON = sys.float_info.epsilon
LESSON = Path(__file__).parent.parent / "site" / "lessons" / "06-derivatives.html"

SMOOTH: dict[str, Callable[[Any], Any]] = {  # written anew, and for complex numbers
    "x²": lambda z: z**2,
    "x³ − 3x": lambda z: z**3 - 3 * z,
    "sin x": np.sin,
    "eˣ": np.exp,
    "sigmoid": scipy.special.expit,
}
EXACT: dict[str, Callable[[Fraction], Fraction]] = {
    "x²": lambda q: q**2,
    "x³ − 3x": lambda q: q**3 - 3 * q,
    "|x|": abs,
    "ReLU": lambda q: max(q, Fraction(0)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_are_those_of_numpy_and_scipy(name: str) -> None:
    x = np.linspace(-4, 4, 801)
    found = derivative.FUNCTIONS[name].f(x)
    np.testing.assert_allclose(found, SMOOTH[name](x), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("x", X)
def test_smooth_derivatives_are_complex_steps(x: float) -> None:
    # f′(x) = Im f(x + ih) / h loses no digits, however small h is
    for name, f in SMOOTH.items():
        if name == "sigmoid":  # SciPy's is for real numbers only
            expected = 1 / (4 * math.cosh(x / 2) ** 2)
        else:
            expected = np.imag(f(x + 1e-30j)) / 1e-30
        assert derivative.derivative(name, x) == pytest.approx(expected, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("name", ["|x|", "ReLU"])
def test_kinks_have_no_derivative_and_never_straighten(name: str) -> None:
    f = derivative.FUNCTIONS[name].f
    low, high = {"|x|": (-1, 1), "ReLU": (0, 1)}[name]
    assert derivative.derivative(name, 0.0) is None
    assert derivative.derivative(name, -0.0) is None
    for x, slope in ((-1e-300, low), (-2.0, low), (1e-300, high), (2.0, high)):
        assert derivative.derivative(name, x) == slope
    assert derivative.FUNCTIONS[name].kink == (low, high)
    for way, slope in (("forward", high), ("backward", low), ("central", (low + high) / 2)):
        found = derivative.difference_quotient(f, 0.0, derivative.H, way)
        np.testing.assert_array_equal(found, np.full(len(derivative.H), slope))
    with pytest.raises(ValueError, match="no derivative at 0"):
        derivative.errors(name, 0.0, "forward")


@pytest.mark.parametrize("way", ["forward", "backward", "central"])
@pytest.mark.parametrize("name", EXACT)
def test_quotients_are_the_exact_fraction_but_for_rounding(name: str, way: str) -> None:
    f, exact = derivative.FUNCTIONS[name].f, EXACT[name]
    for x in X:
        for h in (1.0, 0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-16):
            at, step = Fraction(x), Fraction(h)
            if way == "forward":
                expected = (exact(at + step) - exact(at)) / step
            elif way == "backward":
                expected = (exact(at) - exact(at - step)) / step
            else:
                expected = (exact(at + step) - exact(at - step)) / (2 * step)
            found = float(derivative.difference_quotient(f, x, h, way))
            # each end of the secant is rounded, as a place and as a height
            rounding = 60 * EPSILON * (1 + abs(x) + h) ** 3 / h
            assert abs(found - float(expected)) <= rounding


def test_the_step_that_is_lost_in_rounding() -> None:
    square = derivative.FUNCTIONS["x²"].f
    assert float(derivative.difference_quotient(square, 1.0, 1e-16)) == 0
    # 1 + 1e-15 is rounded to 1 + 5 ε, and ε is 2.2e-16
    assert float(derivative.difference_quotient(square, 1.0, 1e-15)) == pytest.approx(
        2 * 5 * EPSILON / 1e-15, rel=1e-6
    )
    assert float(derivative.difference_quotient(square, 0.0, 1e-16)) == 1e-16
    # an exact parabola: the central quotient has no error but rounding
    assert float(derivative.difference_quotient(square, 1.0, 0.5, "central")) == 2


def test_an_unknown_quotient_is_refused() -> None:
    with pytest.raises(KeyError):
        derivative.difference_quotient(np.sin, 1.0, 0.1, "sideways")


@pytest.mark.parametrize(("way", "order"), [("forward", 1), ("backward", 1), ("central", 2)])
@pytest.mark.parametrize(("name", "x"), [("x³ − 3x", 1.7), ("sin x", 1.0), ("eˣ", 0.3)])
def test_the_error_is_a_v(name: str, x: float, way: str, order: int) -> None:
    found = derivative.errors(name, x, way)
    log_h = np.log10(derivative.H)
    right = (log_h > (-6 if order == 1 else -3.5)) & (log_h < -1)
    rise = np.polyfit(log_h[right], np.log10(found[right]), 1)[0]
    assert rise == pytest.approx(order, abs=0.05)
    left = (log_h > -14) & (log_h < (-10 if order == 1 else -7)) & (found > 0)
    fall = np.polyfit(log_h[left], np.log10(found[left]), 1)[0]
    assert fall == pytest.approx(-1, abs=0.25)
    bottom = log_h[found.argmin()]
    expected = math.log10(EPSILON) / (order + 1)
    assert bottom == pytest.approx(expected, abs=2)


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    height = request.param / shape_of(derivative.demo).at(request.param)
    made = Figure(figsize=(request.param, height))
    FigureCanvasAgg(made)
    return made


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    made = derivative.demo(figure)
    made()
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return made


def states(count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        yield {
            "function": str(RANDOM.choice(list(derivative.FUNCTIONS))),
            "x": float(RANDOM.integers(-20, 21) / 10),
            "h": float(RANDOM.choice(derivative.H)),
            "way": str(RANDOM.choice(list(derivative.WAYS))),
        }


def links() -> dict[str, str]:
    """What each link of the lesson says, by the state that it sets."""
    found = re.findall(r'href="#derivative\?([^"]*)">(.*?)</a>', LESSON.read_text(), re.DOTALL)
    return {unescape(query): " ".join(text.split()) for query, text in found}


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    assert "slope f′(1) of 2." in told
    assert "with h = 1 is 3, 1 too large" in told
    assert "is about 2.1, 0.1 too large" in update(h=0.1)
    expected = {
        "h=0.0001": "10⁻⁴ too large",
        "h=1e-8": "1.22·10⁻⁸ too small",
        "h=1e-12": "about 2.0001778, 1.78·10⁻⁴ too large",
        "h=1e-15": "2.22044605",
        "h=1e-16": "is 0, 2 too small: in float64 the two ends of the secant are the same",
        "function=sin x&h=0.01": "f′(1) of about 0.54030231",
        "function=|x|&x=0&h=0.0001": "h = 10⁻⁴ is 1.",
        "function=|x|&x=0&h=0.0001&way=backward": "h = 10⁻⁴ is −1.",
        "function=sin x&x=0&h=0.001": "f′(0) of 1.",
        "function=x³ − 3x&x=-1&h=0.001": "f′(−1) of 0.",
        "function=x³ − 3x&x=2&h=0.001": "9.006001, 0.006 too large",
        "function=x³ − 3x&x=2&h=0.001&way=central": "9.000001, 10⁻⁶ too large",
        "function=ReLU&x=0&h=0.001&way=central": "is 0.5, a slope that neither side has",
        "function=|x|&x=0&h=0.1&way=central": "is 0, a slope that neither side has",
    }
    known = controls.parameters(update)
    found = {unquote(query): update(**controls.read(known, parse_qs(query))) for query in links()}
    assert set(found) == set(expected)
    for state, said in expected.items():
        assert said in found[state], state
    square = derivative.FUNCTIONS["x²"].f
    assert float(derivative.difference_quotient(square, 3.0, 0.5)) == 6.5
    assert float(derivative.FUNCTIONS["x³ − 3x"].f(np.array(-1.0))) == 2
    assert float(derivative.FUNCTIONS["x³ − 3x"].f(np.array(3.0))) > 2
    # the prediction: of the three answers 10⁻⁸ comes nearest
    off = [
        abs(float(derivative.difference_quotient(square, 1.0, h)) - 2) for h in (1e-4, 1e-8, 1e-16)
    ]
    assert off[1] == min(off)
    assert math.nextafter(1, 2) - 1 == pytest.approx(2.2e-16, rel=0.02)


def test_the_secant_passes_through_both_ends_and_the_tangent_touches(
    figure: Figure, update: Any
) -> None:
    graph, slopes, piece, _ = figure.axes
    for state in states(60):
        update(**state)
        scale = derivative.FUNCTIONS[state["function"]].f_scale
        f = derivative.FUNCTIONS[state["function"]].f
        by_color = {line.get_color(): line for line in graph.lines if line.get_linestyle() == "-"}
        (ends,) = [line for line in graph.lines if line.get_marker() == "o"]
        x, y = map(np.asarray, ends.get_data())
        np.testing.assert_allclose(y * scale.unit + scale.low, f(x), atol=1e-12)
        u, v = map(np.asarray, by_color["model"].get_data())
        np.testing.assert_allclose(np.interp(x, u, v), y, atol=1e-9)
        true = derivative.derivative(state["function"], state["x"])
        assert by_color["gradient"].get_visible() == (true is not None)
        if true is not None:
            u, v = map(np.asarray, by_color["gradient"].get_data())
            assert (v[1] - v[0]) / (u[1] - u[0]) * scale.unit == pytest.approx(true, abs=1e-12)
            at = np.interp(state["x"], u, v) * scale.unit + scale.low
            assert at == pytest.approx(float(f(np.array(state["x"]))), abs=1e-9)
        # the enlarged piece keeps the secant's slope
        (enlarged,) = [
            line
            for line in piece.lines
            if line.get_color() == "model" and line.get_marker() == "None"
        ]
        u, v = map(np.asarray, enlarged.get_data())
        quotient = float(derivative.difference_quotient(f, state["x"], state["h"], state["way"]))
        steep = derivative.FUNCTIONS[state["function"]].steep
        assert (v[1] - v[0]) / (u[1] - u[0]) * steep == pytest.approx(quotient, abs=1e-12)
        # and the panel of slopes marks it above x
        scale = derivative.FUNCTIONS[state["function"]].slope_scale
        marked = slopes.lines[-1].get_data()
        assert float(marked[0][0]) == state["x"]  # type: ignore[index]
        assert float(marked[1][0]) * scale.unit + scale.low == pytest.approx(quotient)  # type: ignore[index]


def test_the_dot_in_the_error_panel_is_the_last_of_the_trail(figure: Figure, update: Any) -> None:
    gaps = figure.axes[3]
    for place, h in enumerate(derivative.H.tolist()):
        update(function="sin x", x=0.7, h=h)
        trail, _, dot = gaps.lines
        found = derivative.errors("sin x", 0.7, "forward")
        assert np.asarray(dot.get_xdata()).tolist() == [h]
        assert np.asarray(dot.get_ydata()).tolist() == [max(found[place], derivative.FLOOR)]
        np.testing.assert_array_equal(trail.get_xdata(), derivative.H[place + 1 :])
        expected = np.maximum(found[place + 1 :], derivative.FLOOR)
        np.testing.assert_array_equal(trail.get_ydata(), expected)


def test_every_sentence_is_whole_and_changes_with_the_picture(update: Any) -> None:
    told: dict[str, dict[str, Any]] = {}
    for state in states(300):
        sentence = update(**state)
        check_whole(sentence)
        assert told.setdefault(sentence, state) == state
    for h in derivative.H.tolist():
        state = {"function": "x²", "x": 1.0, "h": h, "way": "forward"}
        assert told.setdefault(update(**state), state) == state


def test_special_cases_get_a_sentence(update: Any) -> None:
    assert "both ends of the secant have the same height." in update(x=-0.5)
    told = update(function="sin x", x=1.5, h=3e-16)
    assert "same height, to the last digit of float64" in told
    assert "which is exactly that" in update(function="ReLU", x=-1.0)
    assert "gave no error at all" in update(function="x³ − 3x", x=-1.0, h=1e-8, way="central")
    assert "No larger h" in update()
    assert "9.0601, 0.0601 too large" in update(function="x³ − 3x", x=2.0, h=0.01)
    assert "none came nearer" in update(h=0.1)
    assert "1.26·10⁻⁸ came nearest: 6.88·10⁻⁹ off" in update(h=1e-8)
    assert "has a kink" in update(function="ReLU", x=0.0, h=1e-16)


def test_words_do_not_overlap_or_leave_the_picture(figure: Figure, update: Any) -> None:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for state in [{}, *states(200)]:
        update(**state)
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for axes in figure.axes
            for text in axes.texts
            if text.get_visible() and text.get_text()
        ]
        for text, box in boxes:
            assert min(box.x0, box.y0) >= 0, (text, state)
            assert box.x1 <= figure.bbox.width, (text, state)
            assert box.y1 <= figure.bbox.height, (text, state)
        for (one, a), (other, b) in combinations(boxes, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            up = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < 2 or up < 3, (one, other, state)
