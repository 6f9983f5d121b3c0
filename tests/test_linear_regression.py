"""Lesson 15: the mathematics of `linear_regression` against NumPy, SciPy and scikit-learn."""

import html
import itertools
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import QuantileRegressor
from support.captions import check_whole

from demos import linear_regression
from demos.linear_regression import LOSSES, Line, residuals
from stage import controls

Numbers = NDArray[np.float64]

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "15-linear-regression.html"
RANDOM = np.random.default_rng(15)


def points(n: int) -> tuple[Numbers, Numbers]:
    """As a reader may set them: hours in tenths, whole scores; some alike, some in a row."""
    x, y = RANDOM.integers(0, 101, n) / 10, RANDOM.integers(0, 101, n).astype(float)
    if n % 3 == 0:
        y = np.round(20 + 6 * x)
    return x, y


CLOUDS = [points(n) for n in (*range(2, 14), 30, 31, 200)] + [
    (np.array([1.0, 1, 1, 5]), np.array([3.0, 3, 3, 40])),
    (np.array([0.0, 1, 2, 3, 10]), np.array([50.0, 50, 50, 50, 0])),
    tuple(np.array(linear_regression.STUDENTS).T),
]
SLOPED = [(x, y) for x, y in CLOUDS if np.ptp(x)]
LEVEL = [
    (np.array([4.0]), np.array([57.0])),
    (np.full(3, 4.0), np.full(3, 57.0)),
    (np.full(4, 0.0), np.array([10.0, 20, 60, 90])),
]


def total(loss: str, line: Line, x: Numbers, y: Numbers) -> float:
    return float(LOSSES[loss].of(residuals(line, x, y)).sum())


def test_least_squares_is_that_of_lstsq() -> None:
    for x, y in SLOPED:
        design = np.column_stack([np.ones_like(x), x])
        expected, *_ = np.linalg.lstsq(design, y)
        np.testing.assert_allclose(linear_regression.least_squares(x, y), expected, atol=1e-8)


def test_a_weight_counts_a_point_so_many_times() -> None:
    for x, y in SLOPED:
        w = RANDOM.integers(1, 4, len(x))
        found = linear_regression.weighted_line(x, y, w.astype(float))
        expected = np.polynomial.polynomial.polyfit(np.repeat(x, w), np.repeat(y, w), 1)
        np.testing.assert_allclose(found, expected, atol=1e-8)


def test_least_absolute_loses_no_more_than_any_line_through_two_points() -> None:
    for x, y in SLOPED:
        found = total("absolute", linear_regression.least_absolute(x, y), x, y)
        if len(x) < 40:
            pairs = [(i, j) for i, j in itertools.combinations(range(len(x)), 2) if x[i] != x[j]]
            slopes = [(y[i] - y[j]) / (x[i] - x[j]) for i, j in pairs]
            lines = [Line(y[i] - b1 * x[i], b1) for (i, _), b1 in zip(pairs, slopes, strict=True)]
            least = min(total("absolute", line, x, y) for line in lines)
            assert found == pytest.approx(least, abs=1e-8)
        fitted = QuantileRegressor(quantile=0.5, alpha=0, solver="highs").fit(x[:, None], y)
        of_sklearn = Line(fitted.intercept_, fitted.coef_[0])
        assert found == pytest.approx(total("absolute", of_sklearn, x, y), abs=1e-6)


def test_least_huber_is_that_of_scipy() -> None:
    """SciPy's soft loss ρ(z) = z or 2√z − 1 of z = (r/δ)² is ours, divided by δ²."""
    for x, y in SLOPED:
        line = linear_regression.least_huber(x, y)
        solved = scipy.optimize.least_squares(
            lambda b, x=x, y=y: y - b[0] - b[1] * x,
            linear_regression.least_squares(x, y),
            loss="huber",
            f_scale=linear_regression.DELTA,
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-12,
        )
        assert total("huber".capitalize(), line, x, y) <= 2 * solved.cost + 1e-6
        pulls = np.clip(residuals(line, x, y), -10, 10)
        np.testing.assert_allclose([pulls.sum(), pulls @ x], 0, atol=1e-6)  # the gradient


def test_huber_is_a_square_and_then_a_straight_line() -> None:
    r = np.array([-30.0, -10, -3, 0, 3, 10, 11, 30])
    np.testing.assert_allclose(linear_regression.huber(r), [500, 100, 9, 0, 9, 100, 120, 500])


@pytest.mark.parametrize(("x", "y"), LEVEL)
def test_where_all_x_are_equal_the_flat_line_is_the_best_height(x: Numbers, y: Numbers) -> None:
    assert linear_regression.level(x)
    for name, loss in LOSSES.items():
        line = loss.best(x, y)
        assert line.b1 == 0
        heights = np.linspace(0, 100, 20001)
        least = min(total(name, Line(float(height), 0), x, y) for height in heights[::20])
        assert total(name, line, x, y) <= least + 1e-9
    assert linear_regression.least_squares(x, y).b0 == pytest.approx(y.mean())
    assert linear_regression.least_absolute(x, y).b0 == pytest.approx(np.median(y))
    np.testing.assert_allclose(linear_regression.leverage(x, x), 1 / len(x))


def test_leverage_is_the_diagonal_of_the_hat_matrix() -> None:
    for x, y in SLOPED:
        design = np.column_stack([np.ones_like(x), x])
        hat = design @ np.linalg.pinv(design)
        found = linear_regression.leverage(x, x)
        np.testing.assert_allclose(found, np.diag(hat), atol=1e-9)
        assert found.sum() == pytest.approx(2)
        moved = y + 7 * (np.arange(len(x)) == 0)
        before, after = (linear_regression.least_squares(x, scores) for scores in (y, moved))
        rise = after.b0 - before.b0 + (after.b1 - before.b1) * x[0]
        assert rise == pytest.approx(7 * found[0], abs=1e-8)


def test_a_ring_is_a_level_line_of_the_loss() -> None:
    for x, y in [*SLOPED, *LEVEL]:
        best = linear_regression.least_squares(x, y)
        drawn = linear_regression.rings(x, best)
        for worse, ring in zip(linear_regression.RINGS, drawn, strict=True):
            losses = [total("squared", Line(*spot), x, y) for spot in ring]
            expected = total("squared", best, x, y) + len(x) * worse**2
            np.testing.assert_allclose(losses, expected, rtol=1e-6)


def area(corners: Numbers) -> float:
    """The shoelace formula."""
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_area_is_as_large_as_the_loss_of_its_point(loss: str) -> None:
    for x, y in [*SLOPED, *LEVEL]:
        line = Line(float(RANDOM.uniform(0, 100)), float(RANDOM.uniform(-10, 10)))
        shapes = linear_regression.outlines(loss, line, x, y, 0.25)
        expected = LOSSES[loss].of(residuals(line, x, y))
        np.testing.assert_allclose([area(s) / 0.25 for s in shapes], expected, atol=1e-8)


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return linear_regression.demo(figure)


STUDENTS = [f"data={x:g}&data={y:g}" for x, y in linear_regression.STUDENTS]
FAR = "&".join([*STUDENTS[:9], "data=10&data=20"])
MIDDLE = "&".join([*STUDENTS[:4], "data=2.5&data=0", *STUDENTS[5:]])


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    for said in ("40.75 + 5.37x loses 148.9", "50 + 2x 837", "leverage: 0.88, at 10 hours"):
        assert said in told
    known = controls.parameters(update)
    expected: dict[str, tuple[str, ...]] = {
        f"{FAR}&show=best line": (
            "61.28 − 3.23x loses 848.8",
            "misses most at 4 hours, where the score is 16.62 above it",
            "0.88, at 10 hours",
        ),
        f"{MIDDLE}&show=best line": (
            "33.66 + 6.01x",
            "misses most at 2.5 hours, where the score is 48.69 below it",
        ),
        "b0=51&b1=5.4": ("51 + 5.4x 1220.2",),
        "b0=51&b1=3.4": ("51 + 3.4x 522.2",),
        f"{MIDDLE}&show=best line&loss=absolute": ("41.69 + 5.23x",),
        "show=best line&loss=absolute": ("41.69 + 5.23x",),
        f"{FAR}&show=best line&loss=absolute": ("65.71 − 4.57x", "misses most at 4 hours"),
        f"{MIDDLE}&show=best line&loss=Huber": ("39.83 + 5.45x",),
        f"{FAR}&show=best line&loss=Huber": ("61.81 − 3.49x",),
        "data=4&data=57": ("it stands at 4 hours, so there is no single best line",),
    }
    linked = re.findall(r'href="#linear_regression\?([^"]+)"', LESSON.read_text())
    assert {html.unescape(link).replace("%20", " ") for link in linked} == set(expected)
    for link, words_said in expected.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in words_said:
            assert words in told, (link, told)


def test_the_lessons_arithmetic() -> None:
    x, y = np.array(linear_regression.STUDENTS).T
    assert (x.mean(), y.mean()) == pytest.approx((3.25, 58.2))
    assert np.sum((x - 3.25) * (y - 58.2)) == pytest.approx(312)
    assert np.sum((x - 3.25) ** 2) == pytest.approx(58.125)
    assert 6.75**2 == 45.5625
    moved = y.copy()
    moved[9] = 20
    before, after = (linear_regression.least_squares(x, scores) for scores in (y, moved))
    drop = residuals(after, x, y)[9] - residuals(before, x, y)[9]
    assert drop == pytest.approx(65.4, abs=0.05)
    assert drop / 74 == pytest.approx(0.884, abs=5e-4)
    r = residuals(after, x, moved)
    assert r[9] == pytest.approx(-9.03, abs=0.005)
    assert np.count_nonzero(abs(r) > abs(r[9])) == 4
    exact = linear_regression.least_absolute(x, moved)
    assert residuals(exact, x, moved)[9] == pytest.approx(0, abs=1e-9)
    # the questions
    assert linear_regression.least_squares(
        np.array([1.0, 2, 3]), np.array([2.0, 2, 5])
    ) == pytest.approx((0, 1.5))
    five = np.array([1.0, 2, 3, 4, 5])
    np.testing.assert_allclose(linear_regression.leverage(five, five), [0.6, 0.3, 0.2, 0.3, 0.6])


def test_lines_dots_and_the_areas_are_drawn_where_they_are_told(
    figure: Figure, update: Any
) -> None:
    plane, strip, bowl = figure.axes
    for x, y in SLOPED[:12]:
        update(data=tuple(zip(x.tolist(), y.tolist(), strict=True)), b0=20.0, b1=3.0)
        best = linear_regression.least_squares(x, y)
        own, line, dots = plane.lines
        for drawn, (b0, b1) in ((own, (20, 3)), (line, best)):
            across, heights = map(np.asarray, drawn.get_data())
            np.testing.assert_allclose(heights, b0 + b1 * across)
        np.testing.assert_array_equal(dots.get_xydata(), np.column_stack([x, y]))
        pulls = np.asarray(strip.lines[2].get_ydata())
        np.testing.assert_allclose(pulls, linear_regression.leverage(x, x))
        spots = [np.asarray(line.get_data()).ravel() for line in bowl.lines]
        np.testing.assert_allclose(spots, [best, (20, 3)])


def test_degenerate_points_get_a_sentence(figure: Figure, update: Any) -> None:
    assert "There are no points" in update(data=())
    assert "it stands at 1 hour, so there is no single best line" in update(data=((1.0, 57.0),))
    for loss in LOSSES:
        told = update(data=((4.0, 57.0),) * 3, loss=loss, show="best line")
        assert "3 points: all stand at 4 hours, so there is no single best line" in told
        assert "every one of height 57 there loses 0," in told
        assert "misses no point" in told
        told = update(data=((4.0, 50.0), (4.0, 60.0)), loss=loss)
        assert "all stand at 4 hours" in told
        assert not figure.axes[0].lines[1].get_visible()
        steep = update(data=((4.0, 0.0), (4.1, 100.0)), loss=loss)
        assert "the best line −4000 + 1000x loses 0" in steep
        assert figure.axes[2].texts[0].get_visible()  # the best line lies off the map


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    told = {update()}
    students = linear_regression.STUDENTS
    states: list[dict[str, Any]] = [
        *({"b0": float(b0)} for b0 in range(-20, 121, 10) if b0 != 50),
        *({"b1": round(b1, 1)} for b1 in np.linspace(-10, 20, 21).tolist() if round(b1, 1) != 2),
        *({"data": students[:n]} for n in range(len(students))),
        *({"data": (*students, (5.0, float(score)))} for score in range(0, 101, 10)),
        *({"loss": loss, "show": "best line"} for loss in LOSSES),
        *({"loss": loss} for loss in LOSSES if loss != "squared"),
    ]
    for state in states:
        sentence = update(**state)
        assert sentence.endswith(".")
        assert len(sentence.split()) <= 50
        check_whole(sentence)
        assert sentence not in told, state
        told.add(sentence)
