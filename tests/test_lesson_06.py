"""Lesson 6: its small figures and its guess, and the numbers in its text."""

import math
import re
from typing import Any

import numpy as np
import pytest
from scipy import optimize
from scipy.differentiate import derivative as differentiate
from support.captions import check_visible
from support.lessons import NUMBER, check_said, made, page, text_of

from bundle.states import parameters
from demos import (
    derivative,
    derivative_base,
    derivative_guess,
    derivative_secant,
    derivative_zoom,
)
from stage import Answer, number, power

RANDOM = np.random.default_rng(66)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 6), page("guide", 6)
TENTHS = [place / 10 for place in range(-17, 18)]
ZOOMS = [10 ** (tenth / 10) for tenth in range(31)]


# derivative_zoom


def test_the_slopes_of_the_magnified_curve() -> None:
    for x in TENTHS:
        m = derivative_zoom.slope(x)
        assert (m is None) == (x in (-1, 1))
        if m is not None:
            found = optimize.approx_fprime([x], lambda t: float(derivative_zoom.f(t)[0]), 1e-7)
            assert m == pytest.approx(found[0], abs=1e-6)


def test_a_smooth_place_gets_straighter_and_a_corner_does_not() -> None:
    for x in TENTHS:
        shares = [derivative_zoom.bend(x, zoom) for zoom in ZOOMS]
        if x in (-1, 1):
            assert set(shares) == {None}
            across, up = derivative_zoom.view(x, 1000)
            inward = across * x < 0  # toward the middle the curve rises again
            np.testing.assert_allclose(up, np.abs(across), atol=2e-3)
            assert up[inward].min() >= 0
            continue
        near = [share for share, zoom in zip(shares, ZOOMS, strict=True) if zoom > 20]  # no corner
        assert near == sorted(near, reverse=True)  # type: ignore[type-var]
        assert shares[-1] == pytest.approx(1 / 2000)  # ½|f″|w² over a view that is 2w wide


def test_the_view_is_the_curve() -> None:
    for x, zoom in zip(RANDOM.choice(TENTHS, 40), RANDOM.choice(ZOOMS, 40), strict=True):
        across, up = derivative_zoom.view(float(x), float(zoom))
        half = 2 / zoom
        np.testing.assert_allclose(
            derivative_zoom.f(x) + half * up, derivative_zoom.f(x + half * across), atol=1e-12
        )


def test_a_caption_says_how_straight_the_curve_is() -> None:
    _, update = made("derivative_zoom")
    for x in TENTHS:
        for zoom in (1.0, 2.0, 31.6, 1000.0):
            told = update(x=x, zoom=zoom)
            check_visible(told)
            share = derivative_zoom.bend(x, zoom)
            assert ("corner" in told) == (share is None)
            if share is not None:
                assert f"{number(100 * share)}%" in told


# derivative_secant


def test_the_slope_of_a_secant() -> None:
    figure, update = made("derivative_secant")
    for twentieth in range(-20, 21):
        h = twentieth / 20
        told = update(h=h)
        check_visible(told)
        secant = next(line for line in figure.axes[0].lines if line.get_color() == "model")
        assert secant.get_visible() == (h != 0)
        if h == 0:
            assert derivative_secant.slope(h) is None
            assert "no secant" in told
            assert told.numbers["slope"] == "?"
            continue
        found = derivative_secant.slope(h)
        assert found == pytest.approx(2 + h)
        assert told.numbers == {
            "h": number(h, 4),
            "rise": number((1 + h) ** 2 - 1, 4),
            "slope": number(2 + h, 4),
        }
        x, y = map(np.asarray, secant.get_data())
        np.testing.assert_allclose(np.interp([1, 1 + h], x, y), [1, (1 + h) ** 2], atol=1e-9)


# derivative_base


def test_the_slope_of_an_exponential_function() -> None:
    _, update = made("derivative_base")
    for base in np.arange(1.2, 4.01, 0.02):
        for x in (-1.5, 0.0, 1.0):
            low, high = derivative_base.power_of(base, [x - 1e-5, x + 1e-5])
            times = (high - low) / 2e-5 / derivative_base.power_of(base, x)
            assert derivative_base.ratio(base) == pytest.approx(times, rel=1e-8)
        told = update(base=float(base))
        check_visible(told)
        assert ("agree" in told) == (round(base, 2) == 2.72)
        assert told.numbers["ratio"] != "1"
    assert update(base=math.e).numbers["ratio"] == "1"


# derivative_guess

SEEDS = range(len(derivative_guess.TASKS))
PLACES = derivative_guess.PLACES


def guessed(values: Any) -> dict[str, float]:
    """Guesses that the sliders allow, in steps of 0.1."""
    return {f"m{i + 1}": round(float(value), 1) for i, value in enumerate(values)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_derivatives_of_the_tasks(seed: int) -> None:
    f, slope = derivative_guess.TASKS[seed]
    np.testing.assert_allclose(slope(PLACES), differentiate(f, PLACES).df, atol=1e-8)
    assert np.abs(slope(PLACES)).max() <= derivative_guess.STEEPEST
    low, high = made("derivative_guess")[0].axes[0].get_ylim()
    assert (low < f(PLACES)).all()
    assert (f(PLACES) < high).all()
    # copying the height gives a bad guess
    assert derivative_guess.off(f(PLACES).tolist(), slope(PLACES)) > 2 * derivative_guess.LIKE


@pytest.mark.parametrize("seed", SEEDS)
def test_guessed_slopes_are_scored(seed: int) -> None:
    _, update = made("derivative_guess")
    f, slope = derivative_guess.TASKS[seed]
    right = guessed(slope(PLACES))
    assert "found" in update(seed=seed, answer=SHOWN, **right)
    assert "how high" in update(seed=seed, answer=SHOWN, **guessed(f(PLACES)))
    falls = (slope(PLACES) < -0.1).any()
    told = update(seed=seed, answer=SHOWN, **guessed(np.abs(slope(PLACES))))
    assert ("negative" in told) == falls
    for _ in range(20):
        values = guessed(RANDOM.uniform(-3, 3, 5))
        told = update(seed=seed, answer=SHOWN, **values)
        check_visible(told)
        mean = np.abs(np.array(list(values.values())) - slope(PLACES)).mean()
        assert number(float(mean)) in NUMBER.findall(told)
    assert "your" not in update(seed=seed, answer=Answer(1.0, True))


@pytest.mark.parametrize("seed", SEEDS)
def test_slopes_are_hidden_until_they_are_asked_for(seed: int) -> None:
    figure, update = made("derivative_guess")
    update(seed=seed, answer=SHOWN)
    told = update(seed=seed, answer=Answer(), m1=0.7)
    assert set(NUMBER.findall(f"{told} {told.detail}")) <= {
        *("0.7", "0", "−2", "−1", "1", "2"),
        str(seed + 1),
    }
    assert not told.numbers
    hidden = [
        line
        for axes in figure.axes
        for line in axes.lines
        if line.get_color() in ("gradient", "error")
    ]
    assert len(hidden) == 3
    assert not any(line.get_visible() for line in hidden)
    _, slope = derivative_guess.TASKS[seed]
    update(seed=seed, answer=SHOWN)
    derivative_line = next(line for line in figure.axes[1].lines if line.get_color() == "gradient")
    drawn = np.asarray(derivative_line.get_ydata())
    np.testing.assert_allclose(drawn, slope(derivative_guess.X))


def test_each_dot_of_the_guess_is_a_handle_at_its_place() -> None:
    known = parameters("derivative_guess")
    for i, x in enumerate(PLACES):
        control = known[f"m{i + 1}"].control
        assert control.guess
        assert control.drag is not None
        assert control.drag.axes == 1
        assert control.drag.at(0.5) == (x, 0.5)


# The text


def error(name: str, x: float, h: float, way: str = "forward") -> float:
    """The error of a difference quotient."""
    true = derivative.derivative(name, x)
    assert true is not None
    f = derivative.FUNCTIONS[name].f
    return float(derivative.difference_quotient(f, x, h, way)) - true


def test_the_numbers_of_the_text() -> None:
    formula = text_of(LESSON, "formula")
    check_said(formula, f"approaches {number(2 * derivative_secant.X)} from both sides")
    assert derivative.derivative("x²", 1) == 2
    assert f"f'(1) = {derivative.derivative('x²', 1):g}" in formula
    assert f"e = {math.floor(math.e * 1e5) / 1e5}…" in formula

    notice = text_of(LESSON, "notice")
    offs = np.abs([error("x²", 1, h) for h in derivative.H])
    best = derivative.H[offs.argmin()]
    assert round(math.log10(best)) == -8  # written as 10⁻⁸
    check_said(notice, "10⁻⁸", "10⁻¹⁵", number(2 + error("x²", 1, 1e-15)), "10⁻¹⁶")
    check_said(notice, "10⁻¹⁶", f"it is {number(2 + error('x²', 1, 1e-16))}.")
    check_said(notice, "At −1", "x³ − 3x", "local maximum", "At 1", "local minimum")
    for x, curved in ((-1, -6), (1, 6)):
        assert derivative.derivative("x³ − 3x", x) == 0
        assert np.sign(curved) == np.sign(6 * x)
    corner = derivative.FUNCTIONS["|x|"].kink
    assert corner is not None
    check_said(notice, "right", f"slope {number(corner[1])}", "left", f"slope {number(corner[0])}")

    use = text_of(LESSON, "use")
    forward = error("x³ − 3x", 2, 0.001)
    central = error("x³ − 3x", 2, 0.001, "central")
    check_said(use, "h = 0.001", "forward", f"{forward:.3f}", "central", f"{central:.6f}")
    assert forward == pytest.approx(0.006, abs=1e-5)
    assert central == pytest.approx(1e-6, rel=1e-3)
    assert 0.5e-4 < abs(error("x²", 1, 1e-12)) < 1e-3  # the fourth decimal is wrong
    relu = derivative.FUNCTIONS["ReLU"]
    check_said(
        use, "ReLU", number(float(derivative.difference_quotient(relu.f, 0, 0.001, "central")))
    )


def test_the_numbers_of_the_questions() -> None:
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    square = derivative.FUNCTIONS["x²"].f
    quotient = float(derivative.difference_quotient(square, 3, 0.5))
    assert float(right) == quotient
    check = text_of(LESSON, "check")
    check_said(check, f"(12.25 − 9) / 0.5 = {number(quotient)}", number(12.25 - 9))
    assert 3.5**2 == 12.25
    assert derivative.derivative("x²", 3) == 6
    gap = math.nextafter(1, 2) - 1
    check_said(check, f"1 + {gap * 1e16:.1f} · 10⁻¹⁶")
    assert 1 + 1e-16 == 1
    absolute = derivative.FUNCTIONS["|x|"].f
    for h in (1, 0.1, 1e-9):
        assert derivative.difference_quotient(absolute, 0, h, "central") == 0


def test_the_numbers_of_the_exercises() -> None:
    exercises = text_of(LESSON, "exercises")

    def inverse(x: Any) -> Any:
        return 1 / x

    quotient = float(derivative.difference_quotient(inverse, 2, 0.5))
    check_said(exercises, "At h = 0.5", f"= {number(quotient)}")
    slope = float(differentiate(inverse, 2).df)
    check_said(exercises, f"f′(2) = {number(slope)}")

    def f(x: Any) -> Any:
        return x**2 * np.exp(x)

    def prime(x: Any) -> Any:
        return x * (2 + x) * np.exp(x)

    at = np.array([-3, -2, -1, 0, 1, 1.5])
    np.testing.assert_allclose(differentiate(f, at).df, prime(at), atol=1e-8)
    assert np.sign(prime(at)).tolist() == [1, 0, -1, 0, 1, 1]
    check_said(exercises, f"f(−2) is about {number(f(-2))}")
    assert f(1) == math.e
    assert f(1) > f(-2)


def test_the_numbers_of_the_guide() -> None:
    plan = text_of(GUIDE, "plan")
    shown = {"10⁻⁴": "0.0001", "10⁻⁸": "0.000 000 012", "10⁻¹⁶": "2"}
    for step, h in (("10⁻⁴", 1e-4), ("10⁻⁸", 1e-8), ("10⁻¹⁶", 1e-16)):
        check_said(plan, step, shown[step])
        assert abs(error("x²", 1, h)) == pytest.approx(
            float(shown[step].replace(" ", "")), rel=0.05
        )
    square = derivative.FUNCTIONS["x²"].f
    check_said(plan, f"16 − 9 = {derivative.difference_quotient(square, 3, 1):g}", "and 6")
    cubic = derivative.FUNCTIONS["x³ − 3x"].f
    mistake = text_of(GUIDE, "misconception")
    check_said(mistake, "−1", f"height is {float(cubic(np.array(-1.0))):g}", "slope is 0")
    check_said(mistake, power(1e-16), "quotient is 0", "slope is 2")
