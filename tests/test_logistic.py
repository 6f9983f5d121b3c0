"""Lesson 16: the mathematics of `logistic` against SciPy and scikit-learn."""

import html
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from support.captions import check_captions

from demos import logistic
from stage import controls

Numbers = NDArray[np.float64]

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "16-logistic-regression.html"
RANDOM = np.random.default_rng(16)
PENALTIES = [0.001, 0.01, 0.1, 1.0, 10.0]
HOURS, PASSED = np.array(logistic.STUDENTS).T
PARTED = (HOURS > 4.5).astype(float)


def data(n: int, features: int) -> tuple[Numbers, Numbers]:
    """Points in tenths, of both classes; some of them alike."""
    x = RANDOM.integers(0, 101, (n, features)) / 10
    y = (x.sum(axis=1) + RANDOM.normal(0, 3, n) > 5 * features).astype(float)
    y[:2] = 0, 1
    return x, y


CLOUDS = [
    *(data(n, features) for n in (2, 3, 5, 12, 30) for features in (1, 2)),
    (HOURS[:, None], PASSED),
    (HOURS[:, None], PARTED),
    (logistic.RESTED[:, :2], logistic.RESTED[:, 2]),
    (np.full((3, 1), 3.0), np.array([0.0, 1, 1])),
]


def fit(x: Numbers, y: Numbers, penalty: float) -> logistic.Fit:
    return logistic.fit(tuple(map(tuple, x.tolist())), tuple(y.tolist()), penalty)


def test_sigmoid_is_that_of_scipy() -> None:
    z = np.concatenate([np.linspace(-700, 700, 281), RANDOM.normal(0, 5, 100)])
    np.testing.assert_allclose(logistic.sigmoid(z), scipy.special.expit(z), rtol=1e-12)


def test_losses_are_those_of_the_probabilities() -> None:
    z = np.linspace(-30, 30, 121)
    p = scipy.special.expit(z)
    np.testing.assert_allclose(logistic.log_loss(z, 1), -scipy.special.log_expit(z), rtol=1e-12)
    np.testing.assert_allclose(logistic.log_loss(z, 0), -scipy.special.log_expit(-z), rtol=1e-12)
    np.testing.assert_allclose(logistic.squared_error(z, 1), (1 - p) ** 2, atol=1e-12)
    np.testing.assert_allclose(logistic.squared_error(z, 0), p**2, atol=1e-12)
    assert float(logistic.log_loss(-1000.0, 1)) == 1000
    assert float(logistic.squared_error(-1000.0, 1)) == 1


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_fit_is_that_of_scikit_learn(penalty: float) -> None:
    for x, y in CLOUDS:
        found = fit(x, y, penalty)
        sklearn = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10000).fit(x, y)

        def objective(w: Numbers, b: float, x: Numbers = x, y: Numbers = y) -> float:
            loss = logistic.log_loss(x @ w + b, y).sum()
            return float(loss + penalty * w @ w / 2)

        least = objective(sklearn.coef_[0], sklearn.intercept_[0])
        assert objective(np.array(found.w), found.b) <= least + 1e-9
        np.testing.assert_allclose(found.w, sklearn.coef_[0], rtol=2e-3, atol=2e-4)
        # the gradient, by which the minimum is known to all digits
        p = scipy.special.expit(x @ found.w + found.b)
        np.testing.assert_allclose((p - y).sum(), 0, atol=1e-9)
        np.testing.assert_allclose(x.T @ (p - y), -penalty * np.array(found.w), atol=1e-8)


def test_classes_that_are_parted_drive_w_up_until_the_penalty_holds_it() -> None:
    parted = [fit(HOURS[:, None], PARTED, penalty).w[0] for penalty in PENALTIES]
    mixed = [fit(HOURS[:, None], PASSED, penalty).w[0] for penalty in PENALTIES]
    assert (np.diff(parted) < 0).all()
    assert parted[0] > parted[1] + 3 > parted[2] + 5
    assert mixed[0] - mixed[1] < 0.01
    free = scipy.optimize.minimize(
        lambda t: logistic.log_loss(t[0] * HOURS + t[1], PASSED).sum(), [1, -4], tol=1e-10
    )
    assert mixed[0] == pytest.approx(free.x[0], abs=1e-3)


def test_a_fit_needs_both_classes() -> None:
    for y in ((), (0.0,), (1.0, 1.0)):
        with pytest.raises(ValueError, match="both classes"):
            logistic.fit(tuple((float(i),) for i in range(len(y))), y, 1.0)


def test_separable_is_what_a_linear_programme_finds() -> None:
    """A w with (2y − 1)(wx + b) ≥ 0 for all points, > 0 for some: no fit without penalty."""
    seen = set()
    for _ in range(200):
        x = RANDOM.integers(0, 5, 4).astype(float)
        y = RANDOM.integers(0, 2, 4).astype(float)
        sign = 2 * y - 1
        rows = np.column_stack([sign * x, sign])
        solved = scipy.optimize.linprog(
            -rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(4), bounds=[(-1, 1), (-9, 9)]
        )
        both = 0 < y.sum() < 4
        expected = bool(both and solved.fun < -1e-9)
        assert logistic.separable(x, y) == expected, (x, y)
        seen.add(expected)
    assert seen == {True, False}
    assert not logistic.separable(np.zeros(0), np.zeros(0))
    assert not logistic.separable(np.array([3.0, 3]), np.array([0.0, 1]))
    assert logistic.separable(np.array([5.0, 3, 3]), np.array([0.0, 0, 1]))


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return logistic.demo(figure)


def fields(points: list[tuple[float, float]]) -> str:
    return "&".join(f"students={x:g}&students={y:g}" for x, y in points)


SURE = fields([*logistic.STUDENTS[:-1], (8.5, 0)])
SURER = fields([*logistic.STUDENTS[:-1], (10, 0)])
SPLIT = fields(list(zip(HOURS.tolist(), PARTED.tolist(), strict=True)))


def test_the_lessons_numbers(update: Any) -> None:
    known = controls.parameters(update)
    expected: dict[str, tuple[str, ...]] = {
        "x=4": ("probability 0.5 becomes 0.731", "odds 1 becomes 2.72", "log-odds 0 becomes 1."),
        "x=7": (
            "probability 0.953 becomes 0.982", "odds 20.09 becomes 54.6", "log-odds 3 becomes 4."
        ),
        SURE: ("the worst point 4.51 and 0.978",),
        SURER: ("the worst point 6 and 0.995",),
        f"{SPLIT}&fitted=1&penalty=1": ("λ = 1 alone holds w = 1.43",),
        f"{SPLIT}&fitted=1&penalty=0.1": ("λ = 0.1 alone holds w = 3.07",),
        f"{SPLIT}&fitted=1&penalty=0.001": ("λ = 0.001 alone holds w = 9.36",),
        "fitted=1&penalty=0.001": ("w = 1.16",),
        "view=two features": ("crosses x₂ = 0 at x₁ = 4;",),
        "view=two features&w=2&w2=1&b=-8": ("crosses x₂ = 0 at x₁ = 4;",),
    }  # fmt: skip
    linked = re.findall(r'href="#logistic\?([^"]+)"', LESSON.read_text())
    assert {html.unescape(link).replace("%20", " ") for link in linked} == set(expected)
    for link, words_said in expected.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in words_said:
            assert words in told, (link, told)
    assert update() == update(x=4.0)


def test_the_lessons_arithmetic() -> None:
    sigmoid = scipy.special.expit
    assert math.exp(-1) == pytest.approx(0.368, abs=5e-4)
    assert sigmoid(1) == pytest.approx(0.731, abs=5e-4)
    assert -math.log(1 - sigmoid(1)) == pytest.approx(1.31, abs=5e-3)
    assert 1 / sigmoid(-4.5) == pytest.approx(91, abs=0.5)
    assert sigmoid(8 - 4) - sigmoid(7 - 4) == pytest.approx(0.03, abs=0.005)
    assert math.exp(0.7) == pytest.approx(2.01, abs=5e-3)
    assert sigmoid(0.7) == pytest.approx(0.668, abs=5e-4)
    assert sigmoid(scipy.special.logit(0.99) + 0.7) == pytest.approx(0.995, abs=5e-4)
    assert math.log(1.5) == pytest.approx(0.405, abs=5e-4)
    assert sigmoid(0.405) == pytest.approx(0.6, abs=5e-4)


def test_the_three_scales_show_one_line(figure: Figure, update: Any) -> None:
    for w, b in RANDOM.uniform((-1, -4), (1, 4), (10, 2)):
        update(w=float(w), b=float(b))
        p, odds, z = (np.asarray(axes.lines[0].get_ydata()) for axes in figure.axes[:3])
        x = np.asarray(figure.axes[2].lines[0].get_xdata())
        np.testing.assert_allclose(z, w * x + b, atol=1e-12)
        np.testing.assert_allclose(odds, p / (1 - p), rtol=1e-9)
        np.testing.assert_allclose(np.log(odds), z, atol=1e-12)


def test_the_stairs_rise_from_x_to_an_hour_more(figure: Figure, update: Any) -> None:
    for w, b, x in RANDOM.uniform((-1, -4, 0), (1, 4, 9), (10, 3)):
        update(w=float(w), b=float(b), x=float(x))
        z = w * np.array([x, x + 1]) + b
        for axes, heights in zip(figure.axes, (scipy.special.expit(z), np.exp(z), z), strict=False):
            _, stairs, dots = axes.lines[:3]
            heights = np.clip(heights, *axes.get_ylim())  # what is off the scale is at its edge
            np.testing.assert_allclose(np.asarray(dots.get_ydata()), heights)
            np.testing.assert_allclose(np.asarray(stairs.get_ydata()), heights[[0, 0, 1]])


def test_the_totals_are_sums_over_the_points(update: Any) -> None:
    z = HOURS - 4
    losses = -np.log(scipy.special.expit(np.where(PASSED == 1, z, -z)))
    squares = (PASSED - scipy.special.expit(z)) ** 2
    told = update()
    assert f"log-loss {losses.sum():.2f}, squared error {squares.sum():.2f}" in told
    assert f"the worst point {losses.max():.1f} and {squares.max():.3f}." in told


def test_each_point_is_drawn_where_it_stands_and_at_its_loss(figure: Figure, update: Any) -> None:
    chance, *_, losses = figure.axes
    students = ((3.0, 1.0), (5.0, 0.0), (6.0, 1.0))
    update(students=students)
    hollow, filled = chance.lines[-2:]
    assert hollow.get_xydata().tolist() == [[5, 0]]  # type: ignore[union-attr]
    assert filled.get_xydata().tolist() == [[3, 1], [6, 1]]  # type: ignore[union-attr]
    by_log, by_square = losses.lines[-2:]
    margins = np.array([-1.0, -1, 2])
    np.testing.assert_allclose(np.asarray(by_log.get_data()), [margins, np.log1p(np.exp(-margins))])
    np.testing.assert_allclose(
        np.asarray(by_square.get_ydata()), scipy.special.expit(-margins) ** 2
    )


def test_the_plane_has_level_lines_at_right_angles_to_w(figure: Figure, update: Any) -> None:
    plane = figure.axes[3]
    update(view="two features")
    lines = [
        found
        for found in plane.collections
        if isinstance(found, LineCollection) and len(found.get_segments()) == 9
    ]
    for w1, w2, b in RANDOM.uniform((-3, -3, -4), (3, 3, 4), (20, 3)):
        update(view="two features", w=float(w1), w2=float(w2), b=float(b))
        assert plane.get_visible()
        for level, ends in zip(logistic.LEVELS, lines[0].get_segments(), strict=True):
            inside = np.linalg.norm(ends.mean(axis=0) - logistic.CENTRE) < logistic.FAR - 1e-9
            values = ends @ (w1, w2) + b
            assert values[0] == pytest.approx(values[1], abs=1e-9)
            if inside:
                assert values[0] == pytest.approx(level, abs=1e-9)
    update()
    assert not plane.get_visible()


def test_edges_get_a_sentence(update: Any) -> None:
    assert "No point loses anything" in update(students=())
    assert "No points, so nothing to fit" in update(students=(), fitted=True)
    ones, zeros = ((3.0, 1.0), (4.0, 1.0)), ((3.0, 0.0),)
    assert "All passed, so no b is ever far enough out" in update(students=ones, fitted=True)
    assert "None passed, so no b" in update(students=zeros, fitted=True)
    assert "alone holds w" in update(students=((3.0, 0.0), (4.0, 1.0)), fitted=True)
    same = update(students=((3.0, 0.0), (3.0, 1.0)), fitted=True)
    assert "w = 0 and b = 0: from 4 to 5 hours probability 0.5 becomes 0.5" in same
    nowhere = update(view="two features", w=0.0, w2=0.0)
    assert "the probability is 0.018 everywhere, so there is no boundary" in nowhere
    assert "the boundary is level, at x₂ = 8" in update(view="two features", w=0.0)


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"w": round(w, 1)} for w in np.linspace(-3, 3, 31).tolist() if round(w, 1) != 1),
        *({"b": float(b)} for b in range(-15, 16) if b != -4),
        *({"x": float(x)} for x in range(10) if x != 4),
        *({"students": logistic.STUDENTS[:n]} for n in range(12)),
        *({"fitted": True, "penalty": penalty} for penalty in PENALTIES),
        *({"view": "two features", "w2": round(w2, 1)} for w2 in np.linspace(-3, 3, 31).tolist()),
        *({"view": "two features", "fitted": True, "penalty": penalty} for penalty in PENALTIES),
    ]
    check_captions(update, states, words=50)
