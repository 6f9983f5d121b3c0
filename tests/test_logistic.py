"""Lesson 16: the mathematics of logistic regression, and its laboratory, against SciPy."""

from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from support.captions import check_captions, check_visible, everything

from demos import logistic
from stage import Caption
from stage.classification import Fit, log_loss, separable, sigmoid, squared_error
from stage.classification import fit as fitted

Numbers = NDArray[np.float64]

RANDOM = np.random.default_rng(16)
PENALTIES = [0.001, 0.01, 0.1, 1.0, 10.0]
HOURS, PASSED = np.array(logistic.STUDENTS).T
PARTED = (HOURS > 4.5).astype(float)


def data(n: int, features: int) -> tuple[Numbers, Numbers]:
    """Points in tenths, of both classes; some are equal."""
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


def fit(x: Numbers, y: Numbers, penalty: float) -> Fit:
    return fitted(tuple(map(tuple, x.tolist())), tuple(y.tolist()), penalty)


def test_sigmoid_is_that_of_scipy() -> None:
    z = np.concatenate([np.linspace(-700, 700, 281), RANDOM.normal(0, 5, 100)])
    np.testing.assert_allclose(sigmoid(z), scipy.special.expit(z), rtol=1e-12)


def test_losses_are_those_of_the_probabilities() -> None:
    z = np.linspace(-30, 30, 121)
    p = scipy.special.expit(z)
    np.testing.assert_allclose(log_loss(z, 1), -scipy.special.log_expit(z), rtol=1e-12)
    np.testing.assert_allclose(log_loss(z, 0), -scipy.special.log_expit(-z), rtol=1e-12)
    np.testing.assert_allclose(squared_error(z, 1), (1 - p) ** 2, atol=1e-12)
    np.testing.assert_allclose(squared_error(z, 0), p**2, atol=1e-12)
    assert float(log_loss(-1000.0, 1)) == 1000
    assert float(squared_error(-1000.0, 1)) == 1


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_fit_is_that_of_scikit_learn(penalty: float) -> None:
    for x, y in CLOUDS:
        found = fit(x, y, penalty)
        sklearn = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10000).fit(x, y)

        def objective(w: Numbers, b: float, x: Numbers = x, y: Numbers = y) -> float:
            loss = log_loss(x @ w + b, y).sum()
            return float(loss + penalty * w @ w / 2)

        least = objective(sklearn.coef_[0], sklearn.intercept_[0])
        assert objective(np.array(found.w), found.b) <= least + 1e-9
        np.testing.assert_allclose(found.w, sklearn.coef_[0], rtol=2e-3, atol=2e-4)
        # the gradient, which determines the minimum to full precision
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
        lambda t: log_loss(t[0] * HOURS + t[1], PASSED).sum(), [1, -4], tol=1e-10
    )
    assert mixed[0] == pytest.approx(free.x[0], abs=1e-3)


def test_a_fit_needs_both_classes() -> None:
    for y in ((), (0.0,), (1.0, 1.0)):
        with pytest.raises(ValueError, match="both classes"):
            fitted(tuple((float(i),) for i in range(len(y))), y, 1.0)


def test_separable_is_what_a_linear_program_finds() -> None:
    """A w with (2y − 1)(wx + b) ≥ 0 for all points and > 0 for some: no fit without a penalty."""
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
        assert separable(x, y) == expected, (x, y)
        seen.add(expected)
    assert seen == {True, False}
    assert not separable(np.zeros(0), np.zeros(0))
    assert not separable(np.array([3.0, 3]), np.array([0.0, 1]))
    assert separable(np.array([5.0, 3, 3]), np.array([0.0, 0, 1]))


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return logistic.demo(figure)


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
            heights = np.clip(heights, *axes.get_ylim())  # off the scale: drawn at its edge
            np.testing.assert_allclose(np.asarray(dots.get_ydata()), heights)
            np.testing.assert_allclose(np.asarray(stairs.get_ydata()), heights[[0, 0, 1]])


def test_the_totals_are_sums_over_the_points(update: Any) -> None:
    z = HOURS - 4
    losses = -np.log(scipy.special.expit(np.where(PASSED == 1, z, -z)))
    squares = (PASSED - scipy.special.expit(z)) ** 2
    told = update()
    for words in (str(told), told.detail):
        assert f"{losses.sum():.2f}" in words
        assert f"{squares.sum():.2f}" in words
    assert f"worst of them {losses.max():.1f} and {squares.max():.3f}." in told.detail


def test_each_point_is_drawn_where_it_stands_and_at_its_loss(figure: Figure, update: Any) -> None:
    chance, *_, losses = figure.axes
    students = ((3.0, 1.0), (5.0, 0.0), (6.0, 1.0))
    update(students=students, costs=True)
    hollow, filled = chance.lines[-2:]
    assert hollow.get_xydata().tolist() == [[5, 0]]  # type: ignore[union-attr]
    assert filled.get_xydata().tolist() == [[3, 1], [6, 1]]  # type: ignore[union-attr]
    by_log, by_square = losses.lines[-2:]
    margins = np.array([-1.0, -1, 2])
    np.testing.assert_allclose(np.asarray(by_log.get_data()), [margins, np.log1p(np.exp(-margins))])
    np.testing.assert_allclose(
        np.asarray(by_square.get_ydata()), scipy.special.expit(-margins) ** 2
    )


def test_panels_come_on_request_and_lie_apart(figure: Figure, update: Any) -> None:
    """One main panel, with the other scales or the losses beside or below it."""
    one, two = logistic.VIEWS
    for view, odds, costs, expected in (
        (one, False, False, (0,)),
        (one, True, False, (0, 1, 2)),
        (one, True, True, (0, 4)),
        (one, False, True, (0, 4)),
        (two, False, False, (3,)),
        (two, True, False, (3,)),
        (two, True, True, (3, 4)),
    ):
        update(view=view, odds=odds, costs=costs)
        seen = [axes for axes in figure.axes if axes.get_visible()]
        assert [figure.axes.index(axes) for axes in seen] == list(expected)
        boxes = [axes.get_position() for axes in seen]
        for i, box in enumerate(boxes):
            assert min(box.width, box.height) > 0.1
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_the_step_begins_at_its_handle(figure: Figure, update: Any) -> None:
    for state in (
        {"x": 7.0},
        {"w": -2.5, "b": 12.0, "x": 3.3},
        {"fitted": True, "penalty": 0.01},
        {"students": (), "fitted": True},
    ):
        update(**state)
        full: dict[str, Any] = {"x": 4.0, "w": 1.0, "b": -4.0, "students": logistic.STUDENTS}
        full |= {"fitted": False, "penalty": 0.1} | state
        start = np.asarray(figure.axes[0].lines[2].get_xydata())[0]
        np.testing.assert_allclose(logistic._step_at(**full), start, atol=1e-9)


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
            inside = np.linalg.norm(ends.mean(axis=0) - logistic.CENTER) < logistic.FAR - 1e-9
            values = ends @ (w1, w2) + b
            assert values[0] == pytest.approx(values[1], abs=1e-9)
            if inside:
                assert values[0] == pytest.approx(level, abs=1e-9)
    update()
    assert not plane.get_visible()


def test_edges_get_a_sentence(update: Any) -> None:
    assert "there is no loss" in update(students=())
    assert "nothing to fit" in update(students=(), fitted=True)
    ones, zeros = ((3.0, 1.0), (4.0, 1.0)), ((3.0, 0.0),)
    assert "All students passed, so a larger b is always better" in update(
        students=ones, fitted=True
    )
    assert "No students passed, so a smaller b" in update(students=zeros, fitted=True)
    assert "only the penalty" in update(students=((3.0, 0.0), (4.0, 1.0)), fitted=True)
    same = update(students=((3.0, 0.0), (3.0, 1.0)), fitted=True)
    assert "from 4 to 5 hours, probability 0.5 becomes 0.5" in same.detail
    nowhere = update(view="two features", w=0.0, w2=0.0)
    assert "Without weights" in nowhere
    assert "the probability is 0.018 everywhere, so there is no boundary" in nowhere.detail
    assert "the boundary is level, at x₂ = 8" in update(view="two features", w=0.0).detail


def test_a_probability_is_never_written_as_0_or_1(figure: Figure, update: Any) -> None:
    for w, b in ((3.0, 15.0), (-3.0, -15.0), (0.0, 15.0), (3.0, -15.0)):
        for view in logistic.VIEWS:
            told = everything(update(w=w, w2=0.0, b=b, x=9.0, view=view))
            words = [text.get_text() for axes in figure.axes for text in axes.texts]
            for words_said in (told, *words):
                assert not any(
                    f"probability{between}{value}{after}" in words_said
                    for between in (" ", ": ", " of ", " is ")
                    for value in "01"
                    for after in (" ", ",", ";", ". ")
                ), words_said


@pytest.mark.whole
def test_every_sentence_is_whole_and_describes_one_picture(update: Any) -> None:
    both = {"view": "two features"}
    states: list[dict[str, Any]] = [
        *({"w": round(w, 1)} for w in np.linspace(-3, 3, 31).tolist() if round(w, 1) != 1),
        *({"b": float(b)} for b in range(-15, 16) if b != -4),
        *({"x": float(x)} for x in range(10) if x != 4),
        *({"students": logistic.STUDENTS[:n]} for n in range(12)),
        *({"fitted": True, "penalty": penalty} for penalty in PENALTIES),
        {"odds": True},
        {"costs": True},
        *({**both, "w2": round(w2, 1)} for w2 in np.linspace(-3, 3, 31).tolist()),
        *({**both, "fitted": True, "penalty": penalty} for penalty in PENALTIES),
    ]
    for state in states:
        check_visible(Caption.of(update(**state)))
    check_captions(lambda **state: everything(update(**state)), states, words=90)
