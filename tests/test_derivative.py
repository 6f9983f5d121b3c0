"""The laboratory of lesson 6 against exact fractions, complex steps, and SciPy."""

import math
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
import scipy.special
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from support.captions import check_visible, everything

from bundle.states import linked
from demos import derivative
from stage import controls
from stage.drawing import Stage
from stage.layout import shape_of

RANDOM = np.random.default_rng(6)
X = [-2.0, -1.3, -0.1, 0.0, 0.3, 1.0, 2.0, *RANDOM.integers(-20, 21, 12) / 10]
EPSILON = sys.float_info.epsilon

SMOOTH: dict[str, Callable[[Any], Any]] = {  # an independent version, for complex numbers
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
    # f′(x) = Im f(x + ih) / h loses no precision, however small h is
    for name, f in SMOOTH.items():
        if name == "sigmoid":  # SciPy's version accepts only real numbers
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
            # both ends of the secant are rounded, in x and in y
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
    # for a parabola the central quotient has only rounding error
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


# The picture and the caption


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
    return made


def states(count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        yield {
            "function": str(RANDOM.choice(list(derivative.FUNCTIONS))),
            "x": float(RANDOM.integers(-20, 21) / 10),
            "h": float(RANDOM.choice(derivative.H)),
            "panel": str(RANDOM.choice(derivative.PANELS)),
            "way": str(RANDOM.choice(list(derivative.WAYS))),
        }


def test_an_address_of_the_first_form_of_the_figure_is_still_read(update: Any) -> None:
    known = controls.parameters(update)
    old = {"function": ["sin x"], "x": ["0"], "h": ["0.001"], "way": ["backward"]}
    assert controls.read(known, old) == {
        "function": "sin x",
        "x": 0.0,
        "h": 0.001,
        "panel": "none",
        "way": "backward",
    }


def solid(axes: Any, color: str) -> Any:
    (found,) = [
        line for line in axes.lines if line.get_color() == color and line.get_linestyle() == "-"
    ]
    return found


def test_the_secant_passes_through_both_ends_and_the_tangent_touches(
    figure: Figure, update: Any
) -> None:
    graph, slopes, _, piece = figure.axes
    for state in states(120):
        update(**state)
        f = derivative.FUNCTIONS[state["function"]].f
        quotient = float(derivative.difference_quotient(f, state["x"], state["h"], state["way"]))
        true = derivative.derivative(state["function"], state["x"])
        x = state["x"] + state["h"] * np.array(derivative.WAYS[state["way"]])
        u, v = map(np.asarray, solid(graph, "model").get_data())
        np.testing.assert_allclose(np.interp(x, u, v), f(x), atol=1e-9)
        tangent = solid(graph, "gradient")
        assert tangent.get_visible() == (true is not None)
        if true is not None:
            u, v = map(np.asarray, tangent.get_data())
            assert (v[1] - v[0]) / (u[1] - u[0]) == pytest.approx(true, abs=1e-12)
            height = float(f(np.array(state["x"])))
            assert np.interp(state["x"], u, v) == pytest.approx(height, abs=1e-9)
        if state["panel"] == "magnified":  # keeps the secant's slope
            u, v = map(np.asarray, solid(piece, "model").get_data())
            steep = derivative.FUNCTIONS[state["function"]].steep
            assert (v[1] - v[0]) / (u[1] - u[0]) * steep == pytest.approx(quotient, abs=1e-12)
        if state["panel"] == "derivative":
            (mark,) = np.transpose(slopes.lines[-1].get_data())
            assert mark.tolist() == [state["x"], quotient]


def test_both_ends_of_the_secant_are_in_the_picture(figure: Figure, update: Any) -> None:
    graph, slopes = figure.axes[:2]
    for name, x, h, way in product(
        derivative.FUNCTIONS, (-2.0, 0.0, 1.4, 2.0), (1e-16, 0.3, 1.0), derivative.WAYS
    ):
        update(function=name, x=x, h=h, way=way, panel="derivative")
        for axes in (graph, slopes):
            for line in axes.lines:
                if line.get_marker() != "None" and line.get_visible():
                    low, high = axes.get_ylim()
                    y = np.asarray(line.get_ydata())
                    assert (low <= y).all(), (name, x, h, way)
                    assert (y <= high).all(), (name, x, h, way)


def test_the_dots_of_the_error_panel_are_the_errors_passed(figure: Figure, update: Any) -> None:
    gaps = figure.axes[2]
    found = derivative.errors("sin x", 0.7, "forward")
    for place, h in enumerate(derivative.H.tolist()):
        update(function="sin x", x=0.7, h=h, panel="error")
        trail, dot = gaps.lines
        assert np.asarray(dot.get_xdata()).tolist() == [h]
        assert np.asarray(dot.get_ydata()).tolist() == [max(found[place], derivative.FLOOR)]
        np.testing.assert_array_equal(trail.get_xdata(), derivative.H[place + 1 :])
        expected = np.maximum(found[place + 1 :], derivative.FLOOR)
        np.testing.assert_array_equal(trail.get_ydata(), expected)


@pytest.mark.whole
def test_every_caption_is_whole_and_changes_with_the_picture(update: Any) -> None:
    told: dict[str, dict[str, Any]] = {}
    steps = [{"h": h} for h in derivative.H.tolist()]
    for state in [*states(300), *steps]:
        caption = update(**state)
        check_visible(caption)
        assert told.setdefault(everything(caption), state) == state


def test_no_digit_is_said_that_depends_on_the_computer(update: Any) -> None:
    """A different last digit of f changes nothing, and the bound holds."""
    names = [name for name, known in derivative.FUNCTIONS.items() if not known.exact]
    assert names == ["sin x", "eˣ", "sigmoid"]
    for name, x, h in product(names, (-2.0, -0.3, 0.0, 1.0, 2.0), derivative.H.tolist()):
        f, true = derivative.FUNCTIONS[name].f, derivative.derivative(name, x)
        assert true is not None
        if not derivative._doubtful(name, x, h):
            continue
        most = derivative.bound(name, x, h)
        for way in derivative.WAYS:
            for places in (-1, 0, 1):  # the upper end of the secant, changed in the last digit
                left, right = derivative.WAYS[way]
                high = float(f(np.array(x + right * h)))
                high += places * math.ulp(high)
                quotient = (high - float(f(np.array(x + left * h)))) / ((right - left) * h)
                assert abs(quotient - true) < most
    assert "less than" in update(function="sin x", h=1e-9)
    assert "0 too small" not in update(function="sin x", h=1e-9)


def test_special_cases_get_a_sentence(update: Any) -> None:
    assert "same height" in everything(update(x=-0.5))
    assert "at the same number, 1." in everything(update(h=1e-16))
    assert "exactly" in update(function="ReLU", x=-1.0)
    assert "neither side" in update(function="ReLU", x=0.0, h=1e-16, way="central")
    assert "left has slope −1." in update(function="|x|", x=0.0, way="backward")
    assert "right has slope 1." in update(function="|x|", x=0.0)


@pytest.mark.parametrize(("way", "side"), [("forward", 1), ("central", 1), ("backward", -1)])
def test_the_second_point_is_dragged(way: str, side: int) -> None:
    stage = Stage(derivative.demo, 360, 1, "light")
    fields = {"way": [way], "x": ["0.5"]}
    picture = stage.draw(fields, moved=("h", 0.5 + side * 0.1, 0.0))
    assert float(picture.fields["h"][0]) == pytest.approx(0.1)
    assert picture.handles is not None
    across, up = picture.handles["h"]["at"]
    assert across == pytest.approx(0.5 + side * 0.1)
    assert up == pytest.approx(across**2)
    picture = stage.draw(fields, moved=("h", 0.5 - side, 0.0))  # past the first point
    assert float(picture.fields["h"][0]) == pytest.approx(derivative.DRAGGED)


@pytest.mark.whole
def test_words_do_not_overlap_or_leave_the_picture(figure: Figure, update: Any) -> None:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    known = controls.parameters(update)
    for state in [*(controls.read(known, state) for state in linked("derivative")), *states(200)]:
        update(**state)
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for axes in figure.axes
            if axes.get_visible()
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
