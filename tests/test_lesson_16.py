"""Lesson 16: its small figures and its guess against SciPy, and the numbers in its text."""

import html
import math
import re
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from support.captions import check_visible
from support.lessons import check_said, made, page, text_of

from demos import logistic, logistic_curve, logistic_guess, logistic_loss, logistic_step
from stage import Answer, controls, number
from stage.classification import (
    Fit,
    chance_text,
    fit,
    log_loss,
    loss_text,
    odds_text,
    separable,
    squared_error,
)

SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 16), page("guide", 16)
EXPIT, LOGIT = scipy.special.expit, scipy.special.logit

# The small figures


@pytest.mark.parametrize("w", [-3.0, -0.7, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("middle", [1.0, 4.0, 9.0])
def test_the_curve_is_held_by_its_middle_and_one_hour_later(w: float, middle: float) -> None:
    figure, update = made("logistic_curve")
    told = update(middle=middle, w=w)
    check_visible(told)
    curve, _, grips = figure.axes[0].lines[-3:]
    b = -w * middle
    np.testing.assert_allclose(np.asarray(curve.get_ydata()), EXPIT(w * logistic_curve.X + b))
    np.testing.assert_allclose(np.asarray(grips.get_ydata()), [0.5, EXPIT(w)])
    assert logistic_curve.chance(middle + 1, w, b) == pytest.approx(EXPIT(w))
    assert logistic_curve.weight(EXPIT(w)) == pytest.approx(w)
    assert told.numbers["p"] == chance_text(EXPIT(w))
    assert float(told.numbers["b"].replace("−", "-")) == pytest.approx(b, abs=0.005)


def test_the_students_of_the_curve_are_those_of_the_laboratory() -> None:
    own = {(x, 0.0) for x in logistic_curve.FAILED} | {(x, 1.0) for x in logistic_curve.PASSED}
    assert own == set(logistic.STUDENTS)


def test_an_hour_adds_to_the_log_odds_and_multiplies_the_odds() -> None:
    figure, update = made("logistic_step")
    inverse: dict[str, Any] = {"probability": LOGIT, "odds": np.log, "log-odds": np.asarray}
    for scale, back in inverse.items():
        for x in (0.0, 2.3, 4.0, 7.0):
            told = update(x=x, scale=scale)
            check_visible(told)
            curve, stair, ends = figure.axes[0].lines[-3:]
            np.testing.assert_allclose(
                back(curve.get_ydata()), logistic_step.X + logistic_step.B, atol=1e-9
            )
            heights = back(np.array([logistic_step.height(at, scale) for at in (x, x + 1)]))
            np.testing.assert_allclose(heights, [x - 4, x - 3], atol=1e-9)
            np.testing.assert_allclose(back(ends.get_ydata()), heights, atol=1e-9)
            assert np.asarray(stair.get_xdata()).tolist() == [x, x + 1, x + 1]
    changes = {logistic_step.change(x, scale) for x in (0, 4, 7) for scale in ("odds", "log-odds")}
    assert changes == {f"×{number(math.e)}", "+1"}


def test_both_losses_and_their_slopes() -> None:
    _, update = made("logistic_loss")
    for x in (0.0, 3.9, 4.0, 8.5, 10.0):
        check_visible(update(x=x))
        z = np.array(logistic_loss.W * x + logistic_loss.B)
        expected = [float(loss(z, 0)) for loss in (log_loss, squared_error)]
        assert logistic_loss.losses(x) == pytest.approx(expected)
        for slope, loss in zip(logistic_loss.slopes(x), (log_loss, squared_error), strict=True):
            near = (loss(z + 1e-5, 0) - loss(z - 1e-5, 0)) / 2e-5
            assert slope == pytest.approx(float(near), abs=1e-9)
    for curve, loss in zip(logistic_loss.curves(), (log_loss, squared_error), strict=True):
        np.testing.assert_allclose(curve, loss(logistic_loss.X - 4, 0))


def test_how_probabilities_odds_and_losses_are_written() -> None:
    assert [chance_text(p) for p in (1e-9, 0.0005, 0.5, 0.9994, 0.9995, 1 - 1e-16)] == [
        *("below 0.001", "0.001", "0.5", "0.999", "above 0.999", "above 0.999")
    ]
    assert [odds_text(odds) for odds in (1e-5, 0.1353, 2.718, 54.6, 1234.4, 1e9)] == [
        *("below 0.001", "0.135", "2.72", "54.6", "1,234", "above 9,999")
    ]
    assert [loss_text(loss) for loss in (0, 1e-5, 0.6931, 4.637)] == [
        *("0", "below 0.001", "0.693", "4.64")
    ]


# The guess

SEEDS = range(len(logistic_guess.TASKS))


def ends(line: logistic_guess.Line) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two points on a line."""
    cos, sin = math.cos(line.phi), math.sin(line.phi)
    x, y = line.c * cos, line.c * sin
    return (x - sin, y + cos), (x + sin, y - cos)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fitted_boundary_is_that_of_scikit_learn(seed: int) -> None:
    x, y = logistic_guess.points(seed)
    line, least, wrong = logistic_guess.best(seed)
    model = LogisticRegression(C=1e9, tol=1e-10, max_iter=10000).fit(x, y)
    z = model.decision_function(x)
    assert least == pytest.approx(float(log_loss(z, y).sum()), abs=1e-4)
    assert wrong == int((model.predict(x) != y).sum())
    normal = model.coef_[0] / np.linalg.norm(model.coef_)
    assert abs(normal @ [math.cos(line.phi), math.sin(line.phi)]) == pytest.approx(1, abs=1e-5)
    # no line does better, and none separates the classes
    assert wrong > 0
    for phi in np.linspace(0, math.pi, 19):
        for c in np.linspace(-2, 2, 17):
            other = logistic_guess.Line(float(phi), float(c))
            assert logistic_guess.least_loss(x, y, other) >= least - 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_boundary_is_scored_with_its_best_steepness(seed: int) -> None:
    x, y = logistic_guess.points(seed)
    for guess in (
        ((-4.0, -2.5), (4.0, -2.5)),
        ((0.0, -3.0), (0.3, 3.0)),
        ((-5.0, -3.0), (5.0, 3.0)),
    ):
        line = logistic_guess.through(guess)
        assert line
        np.testing.assert_allclose(line.away(np.array(guess)), 0, atol=1e-12)
        distance = line.away(x)
        found = scipy.optimize.minimize_scalar(
            lambda k, d=distance: float(log_loss(k * d, y).sum()), bounds=(-60, 60),
            method="bounded", options={"xatol": 1e-9},
        )  # fmt: skip
        assert logistic_guess.least_loss(x, y, line) == pytest.approx(found.fun, abs=1e-6)
    assert logistic_guess.through(((1.0, 1.0), (1.0, 1.0))) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_is_scored_and_known_mistakes_are_named(seed: int) -> None:
    figure, update = made("logistic_guess")
    x, y = logistic_guess.points(seed)
    line, least, _ = logistic_guess.best(seed)
    told = update(guess=ends(line), seed=seed, answer=SHOWN)
    check_visible(told)
    assert "found it" in told
    assert number(least) in told
    between = figure.axes[0].lines[-1]
    assert not len(np.asarray(between.get_xdata()))
    halfway = logistic_guess.halfway(x, y)
    means = np.array([x[y == label].mean(axis=0) for label in (0, 1)])
    np.testing.assert_allclose(halfway.away(means).sum(), 0, atol=1e-12)
    told = update(guess=ends(halfway), seed=seed, answer=SHOWN)
    check_visible(told)
    assert "halfway between the class means" in told
    assert number(logistic_guess.least_loss(x, y, halfway)) in told
    assert len(np.asarray(between.get_xdata()))
    no_line = update(guess=((0.0, 0.0), (0.0, 0.0)), seed=seed, answer=SHOWN)
    assert "no line" in no_line
    skipped = update(seed=seed, answer=Answer(1.0, True))
    check_visible(skipped)
    assert number(least) in skipped


@pytest.mark.parametrize(
    ("seed", "guess"),
    [
        (0, ((-2.1, -3.0), (2.2, 3.0))),
        (1, ((2.3, -3.0), (-0.8, 3.0))),
        (2, ((2.1, -3.0), (-2.5, 3.0))),
        (3, ((-5.0, 2.1), (5.0, -2.9))),
    ],
)
def test_as_few_mistakes_as_the_best_are_not_the_least_loss(seed: int, guess: Any) -> None:
    _, update = made("logistic_guess")
    line = logistic_guess.through(guess)
    assert line
    x, y = logistic_guess.points(seed)
    _, least, wrong = logistic_guess.best(seed)
    assert logistic_guess.mistakes(x, y, line) <= wrong
    yours = logistic_guess.least_loss(x, y, line)
    assert yours > least + logistic_guess.NEAR
    told = update(guess=guess, seed=seed, answer=SHOWN)
    assert "Few points on the wrong side" in told
    assert number(yours) in told


def test_the_answer_comes_in_from_the_guess_to_the_best() -> None:
    figure, update = made("logistic_guess")
    guess = ((0.0, -3.0), (0.0, 3.0))
    drawn, _, right, _ = figure.axes[0].lines[-4:]
    for part in (1e-9, 1.0):
        update(guess=guess, answer=Answer(part))
        line = logistic_guess.through(guess) if part < 1 else logistic_guess.best(0)[0]
        assert line
        np.testing.assert_allclose(line.away(np.asarray(right.get_xydata())), 0, atol=1e-6)
    update(guess=guess)
    assert drawn.get_visible()
    assert not right.get_visible()


# The text


@pytest.fixture(scope="module")
def update() -> Any:
    return logistic.demo(Figure(figsize=(7.2, 4.5)))


def links(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="[^"#]*#logistic\?([^"]+)"', page)]


def state(update: Any, query: str) -> dict[str, Any]:
    """The values of a link, which must appear in the lesson."""
    assert query in [link.replace("%20", " ") for link in links(LESSON)], query
    return controls.read(controls.parameters(update), parse_qs(query))


def students(points: Any) -> str:
    return "&".join(f"students={x:g}&students={y:g}" for x, y in points)


SURE = students([*logistic.STUDENTS[:-1], (8.5, 0)])
SURER = students([*logistic.STUDENTS[:-1], (10, 0)])
SPLIT = students([(x, x > 4.5) for x, _ in logistic.STUDENTS])


def best(values: dict[str, Any]) -> tuple[Fit, NDArray[np.float64], NDArray[np.float64]]:
    """The fit of a state and its students."""
    x, y = np.array(values["students"], dtype=float).T
    return fit(tuple((hours,) for hours in x.tolist()), tuple(y.tolist()), values["penalty"]), x, y


def said(z: float) -> tuple[str, str, str]:
    """Log-odds as a probability, as odds, and unchanged."""
    return chance_text(EXPIT(z)), odds_text(math.exp(z)), number(z)


def test_the_numbers_of_the_formula(update: Any) -> None:
    formula = text_of(LESSON, "formula")
    low, high = (chance_text(logistic_step.height(x, "probability")) for x in (4, 5))
    check_said(formula, f"from {low} to {high}")
    assert f"of 0.75 means odds of {number(0.75 / 0.25)}" in formula
    log, square = (number(slope, 3) for slope in logistic_loss.slopes(8.5))
    check_said(formula, "At 8.5 hours", square, log)
    assert (logistic_loss.W, logistic_loss.B) == (1, -4)
    _, told = made("logistic_curve")
    assert {"w", "x", "b", "z", "p"} <= set(told().numbers)
    for figure in ("logistic_curve", "logistic_loss"):
        known = set(made(figure)[1]().numbers)
        assert set(re.findall(rf"\\live{{{figure}\.(\w+)}}", LESSON)) <= known


def test_the_numbers_of_the_notes(update: Any) -> None:
    notice = text_of(LESSON, "notice")
    for x in (4.0, 7.0):
        assert state(update, f"x={x:g}&odds=1")["x"] == x
    before, after = (said(0), said(1)), (said(3), said(4))
    check_said(notice, f"{before[0][0]} to {before[1][0]}", f"{after[0][0]} to {after[1][0]}")
    check_said(notice, f"{before[0][1]} to {before[1][1]}", f"{after[0][1]} to {after[1][1]}")
    check_said(LESSON, rf"e^w = {number(math.e)} \)")
    for link, hours in ((SURE, 8.5), (SURER, 10.0)):
        values = state(update, f"{link}&costs=1")
        assert values["students"][-1] == (hours, 0)
        z = np.array(values["w"] * hours + values["b"])
        costs = [loss_text(float(loss(z, 0))) for loss in (log_loss, squared_error)]
        check_said(notice, number(hours), *costs)
        worst = update(**values).detail
        assert " and ".join(costs) in worst
    check_said(notice, f"1 in {1 / EXPIT(-4.5):.0f}")


def test_the_weights_of_the_notes(update: Any) -> None:
    notice = text_of(LESSON, "notice")
    for link, parts, penalties in ((f"{SPLIT}&", True, (1, 0.001)), ("", False, (0.1, 0.001))):
        weights = []
        for penalty in penalties:
            values = state(update, f"{link}fitted=1&penalty={penalty:g}")
            found, x, y = best(values)
            assert separable(x, y) == parts
            weights.append(f"{number(found.w[0])} for λ = {penalty:g}")
            assert number(found.w[0]) in update(**values)
        check_said(notice, *weights)
    hours, passed = np.array(logistic.STUDENTS).T
    free = scipy.optimize.minimize(
        lambda t: log_loss(t[0] * hours + t[1], passed).sum(), [1, -4], tol=1e-10
    )
    assert f"is {number(free.x[0])} for λ = 0.001" in notice.replace("1.12 for λ = 0.1 and ", "is ")


def test_doubling_everything_leaves_the_boundary(update: Any) -> None:
    one, two = (state(update, f"view=two features{rest}") for rest in ("", "&w=2&w2=1&b=-8"))
    for name in ("w", "w2", "b"):
        assert two[name] == 2 * one[name]
    boundary = "the boundary crosses x₂ = 0 at x₁ = 4."
    assert all(boundary in update(**values).detail for values in (one, two))


def test_questions_and_exercises_compute_right() -> None:
    check, exercises = text_of(LESSON, "check"), text_of(LESSON, "exercises")
    check_said(check, number(math.exp(0.7)), "0.5", number(EXPIT(0.7), 3))
    check_said(check, "0.99", number(EXPIT(LOGIT(0.99) + 0.7), 3))
    (right,) = re.findall(r'name="check-2" data-right="([\d.]+)"', LESSON)
    assert float(right) == pytest.approx(3 / 5)
    check_said(check, f"= {right}", number(3 / 2), number(math.log(1.5), 3), number(2 / 3, 3))
    w, b = math.log(2), -math.log(8)
    check_said(
        exercises, f"−ln 8 ≈ {number(b)}", f"ln 2 ≈ {number(w, 3)}", f"= {number(-b / w)} years"
    )
    odds = [Fraction(2) ** x / 8 for x in (0, 3, 5)]
    check_said(exercises, *map(str, odds))
    chances = [each / (1 + each) for each in odds]
    check_said(exercises, f"{chances[0]} ≈ {number(float(chances[0]), 3)}", *map(str, chances[1:]))
    for x, chance in zip((0, 3, 5), chances, strict=True):
        assert EXPIT(w * x + b) == pytest.approx(float(chance))


def test_the_step_of_the_exercise() -> None:
    exercises = text_of(LESSON, "exercises")
    x, y = np.array([1.0, 2, 6]), np.array([0.0, 0, 1])
    off = EXPIT(0 * x) - y
    gradient = off @ x, off.sum()
    near = 1e-6
    for i, shift in enumerate(np.eye(2) * near):
        up, down = (log_loss(sign * (shift[0] * x + shift[1]), y).sum() for sign in (1, -1))
        assert gradient[i] == pytest.approx((up - down) / (2 * near), abs=1e-6)
    check_said(exercises, f"= {number(gradient[0])}", f"= {number(gradient[1])}")
    w, b = (-0.2 * slope for slope in gradient)
    check_said(exercises, "learning rate 0.2")
    check_said(exercises, f"w = {number(w)} and b = {number(b)}")


def test_the_numbers_of_the_guide(update: Any) -> None:
    plan, misconception = text_of(GUIDE, "plan"), text_of(GUIDE, "misconception")
    rises = {x: (said(x - 4), said(x - 3)) for x in (1, 4, 7)}
    for x in (4, 7):
        check_said(misconception, f"from {rises[x][0][0]} to {rises[x][1][0]}")
    check_said(misconception, number(math.e))
    check_said(plan, f"from {rises[4][0][0]} to {rises[4][1][0]}")
    check_said(plan, f"from {rises[1][0][0]} to {rises[1][1][0]}")
    check_said(plan, *(f"from {rises[x][0][1]} to {rises[x][1][1]}" for x in (1, 4, 7)))
    hours, passed = np.array(logistic.STUDENTS).T
    own = float(log_loss(hours - 4, passed).sum())
    found = fit(tuple((x,) for x in hours.tolist()), tuple(passed.tolist()), 0.001)
    least = float(log_loss(found.w[0] * hours + found.b, passed).sum())
    check_said(plan, loss_text(own), loss_text(least))
    assert loss_text(least) in update(fitted=True, penalty=0.001)
    check_said(plan, number(math.exp(0.7)))
    questions = text_of(GUIDE, "questions")
    values = controls.read(controls.parameters(update), parse_qs(f"{SPLIT}&fitted=1&penalty=1"))
    check_said(questions, *(number(best(values | {"penalty": k})[0].w[0]) for k in (1, 0.001)))
    check_said(questions, *map(loss_text, logistic_loss.losses(8.5)))


def test_every_link_is_a_state_with_a_sentence(update: Any) -> None:
    known = controls.parameters(update)
    found = links(LESSON) + links(GUIDE)
    assert len(found) > 20
    for link in found:
        check_visible(update(**controls.read(known, parse_qs(link))))


@pytest.mark.parametrize(
    "link", ["w=3&b=15&x=9", "view=two features&w=2&w2=1&b=-8", "fitted=1&penalty=0.1", "x=7"]
)
def test_addresses_from_before_can_still_be_read(update: Any, link: str) -> None:
    check_visible(update(**controls.read(controls.parameters(update), parse_qs(link))))
