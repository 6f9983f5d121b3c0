"""Lesson 15: the mathematics of `linear_regression` against NumPy, SciPy, and scikit-learn."""

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, QuantileRegressor
from support.captions import check_captions, everything

from demos import linear_regression
from demos.linear_regression import LOSSES, Line, residuals

Numbers = NDArray[np.float64]

RANDOM = np.random.default_rng(15)


def points(n: int) -> tuple[Numbers, Numbers]:
    """Data that a reader may set: hours in tenths, whole scores; some equal, some collinear."""
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
    """SciPy's ρ(z) = z or 2√z − 1 with z = (r/δ)² is our loss divided by δ²."""
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


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return linear_regression.demo(figure)


def test_the_line_the_dots_and_the_panels_show_what_they_say(figure: Figure, update: Any) -> None:
    plane, bowl, strip = figure.axes
    own, line, dots, grips = plane.lines
    for x, y in SLOPED[:12]:
        data = tuple(zip(x.tolist(), y.tolist(), strict=True))
        best = linear_regression.least_squares(x, y)
        for show, drawn, (b0, b1) in (("your line", own, (20, 3)), ("best line", line, best)):
            update(data=data, b0=20.0, b1=3.0, show=show)
            across, heights = map(np.asarray, drawn.get_data())
            np.testing.assert_allclose(heights, b0 + b1 * across)
            assert [drawn.get_visible(), grips.get_visible()] == [True, show == "your line"]
        assert not own.get_visible()
        np.testing.assert_array_equal(dots.get_xydata(), np.column_stack([x, y]))
        update(data=data, panel="leverage")
        pulls = np.asarray(strip.lines[2].get_ydata())
        np.testing.assert_allclose(pulls, linear_regression.leverage(x, x))
        assert [bowl.get_visible(), strip.get_visible()] == [False, True]
        for show, (b0, b1) in (("your line", (20, 3)), ("best line", best)):
            update(data=data, b0=20.0, b1=3.0, show=show, panel="map of all lines")
            spots = [np.asarray(spot.get_xydata()) for spot in bowl.lines if spot.get_visible()]
            inside = -20 < b0 < 120 and -10 < b1 < 20
            assert len(spots) == inside
            np.testing.assert_allclose(spots, [[(b0, b1)]] * inside)


def test_degenerate_points_get_a_sentence(figure: Figure, update: Any) -> None:
    def told(**values: Any) -> str:
        return everything(update(**values))

    plane, bowl, _ = figure.axes
    assert "There are no points" in told(data=())
    assert "It stands at 1 hour:" in told(data=((1.0, 57.0),))
    for loss in LOSSES:
        many = told(data=((4.0, 57.0),) * 3, loss=loss, show="best line")
        assert "3 points" in many
        assert "All stand at 4 hours: each line with height 57" in many
        assert "smallest loss, 0." in many
        assert not plane.lines[1].get_visible()
        assert "All stand at 4 hours" in told(data=((4.0, 50.0), (4.0, 60.0)), loss=loss)
        steep = ((4.0, 0.0), (4.1, 100.0))
        found = told(data=steep, loss=loss, show="best line", panel="map of all lines")
        assert "−4000 + 1000x, with a loss of 0" in found
        assert bowl.texts[0].get_visible()  # the best line is outside the map
    flat = told(data=((1.0, 50.0), (2.0, 50.0)), show="best line")
    assert "R²" not in flat  # nothing to explain


def test_the_share_explained_and_the_normal_equation() -> None:
    for x, y in SLOPED:
        design = np.column_stack([np.ones_like(x), x])
        left, right = linear_regression.normal_equation(x, y)
        line = linear_regression.least_squares(x, y)
        np.testing.assert_allclose(left @ line, right, rtol=1e-9)
        np.testing.assert_allclose(left, design.T @ design)
        score = LinearRegression().fit(x[:, None], y).score(x[:, None], y)
        if np.ptp(y):
            assert linear_regression.explained(line, x, y) == pytest.approx(score, abs=1e-9)
        else:
            assert linear_regression.explained(line, x, y) is None


@pytest.mark.whole
def test_every_description_is_whole_and_of_one_picture(update: Any) -> None:
    students = linear_regression.STUDENTS
    states: list[dict[str, Any]] = [
        *({"b0": float(b0)} for b0 in range(-20, 121, 10) if b0 != 50),
        *({"b1": round(b1, 1)} for b1 in np.linspace(-10, 20, 21).tolist() if round(b1, 1) != 2),
        *({"data": students[:n]} for n in range(len(students))),
        *({"data": (*students, (5.0, float(score)))} for score in range(0, 101, 10)),
        *({"loss": loss, "show": "best line"} for loss in LOSSES),
        *({"loss": loss} for loss in LOSSES if loss != "squared"),
        *({"panel": panel} for panel in linear_regression.PANELS[1:]),
    ]
    check_captions(lambda **values: everything(update(**values)), states, words=90)
