"""Lesson 8: its small figures and its guess against plain stepping, and the numbers in its text."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import descent_bowl, descent_guess, descent_line, gradient_descent
from stage import Answer, Caption, number

SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 8), page("guide", 8)


def walked(gradient: Callable[[Any], Any], start: Any, eta: float, steps: int) -> NDArray[Any]:
    """Gradient descent as the lesson writes it, one step after the other."""
    points = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        points.append(points[-1] - eta * gradient(points[-1]))
    return np.array(points)


# descent_line


def test_the_closed_form_on_a_line_is_stepping() -> None:
    for eta in np.linspace(0.1, 2.2, 43):
        found = descent_line.descend(2.5, eta, 10)
        np.testing.assert_allclose(found, walked(lambda x: x, 2.5, eta, 10), rtol=1e-9, atol=1e-12)
    slope = optimize.approx_fprime([1.7], lambda x: float(descent_line.f(x)[0]))
    assert slope[0] == pytest.approx(1.7, abs=1e-6)


def test_a_line_says_what_each_step_leaves() -> None:
    _, update = made("descent_line")
    for eta in np.arange(0.1, 2.2, 0.05):
        told = update(eta=float(eta))
        left = abs(walked(lambda x: x, 1.0, eta, 1)[1])
        if abs(eta - 1) > 0.01 and eta < 1.99:
            told_share = 1 - left if eta < 1 else left
            assert float(re.findall(r"([\d.]+)%", told)[0]) == pytest.approx(100 * told_share)
        landing = walked(lambda x: x, 2.5, eta, 1)[1]
        assert told.numbers["landing"] == number(landing)


@pytest.mark.parametrize("eta", [0.996, 0.9999, 1.004, 1.0001, 1.996, 1.9999])
def test_a_line_never_leaves_nothing_or_all_by_rounding(eta: float) -> None:
    (share,) = re.findall(r"([\d.]+)%", descent_line.told(eta))
    assert share not in ("0", "100")
    assert float(share) == pytest.approx(100 * (eta if eta < 1 else eta - 1))


# descent_bowl

KAPPAS = (1.0, 1.5, 2.0, 7.3, 10.0, 25.0)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_no_learning_rate_is_better_than_the_best(kappa: float) -> None:
    def larger(eta: float) -> float:
        """The larger factor of a step: along the valley or across it."""
        return max(abs(1 - eta), abs(1 - eta * kappa))

    bounds, options = (0, 2 / kappa), {"xatol": 1e-10}
    found = optimize.minimize_scalar(larger, bounds=bounds, method="bounded", options=options)
    assert descent_bowl.best_rate(kappa) == pytest.approx(found.x, abs=1e-6)
    assert descent_bowl.shrinkage(kappa) == pytest.approx(found.fun, abs=1e-6)


def test_the_steps_needed_are_those_of_a_simulation() -> None:
    for kappa in np.arange(1, 25.5, 0.5):
        path = walked(
            lambda x, kappa=kappa: x * (1, kappa),
            descent_bowl.START,
            2 / (1 + kappa),
            100,
        )
        left = np.linalg.norm(path, axis=1) / math.hypot(*descent_bowl.START)
        steps = int(np.argmax(left <= 0.01))
        assert descent_bowl.steps_needed(kappa) == steps
        np.testing.assert_allclose(descent_bowl.descend(kappa, steps), path[: steps + 1], atol=1e-9)
        _, update = made("descent_bowl") if kappa in KAPPAS else (None, None)
        if update:
            assert update(kappa=kappa).numbers["steps"] == str(steps)


def test_a_round_bowl_takes_one_step() -> None:
    assert descent_bowl.steps_needed(1) == 1
    np.testing.assert_array_equal(descent_bowl.descend(1, 1)[1], (0, 0))


# descent_guess


@pytest.mark.parametrize(("start", "eta"), descent_guess.SETTINGS)
def test_the_path_of_a_guess_is_stepping(start: Any, eta: float) -> None:
    path = walked(lambda x: x * (1, 10), start, eta, descent_guess.STEPS)
    np.testing.assert_allclose(descent_guess.descend(start, eta), path, atol=1e-12)
    left = np.linalg.norm(path, axis=1)
    assert (np.diff(left) < 0).all()
    assert left[-1] > 0.5  # so that the minimum is a wrong answer


@pytest.mark.parametrize("seed", range(len(descent_guess.SETTINGS)))
def test_a_guess_on_the_map_is_scored(seed: int) -> None:
    start, eta = descent_guess.SETTINGS[seed]
    end = walked(lambda x: x * (1, 10), start, eta, descent_guess.STEPS)[-1]
    _, update = made("descent_guess")

    def told(place: Any, answer: Answer = SHOWN) -> Caption:
        return update(guess=(tuple(place),), seed=seed, answer=answer)

    assert "found" in told(end + np.array([0.1, 0]))
    beside = told(end + np.array([0, 0.8]))
    assert "found" not in beside
    assert "0.8" in numbers_in(beside)
    # constant steps of the first length, which stop at the minimum
    first = end * 0 + start - walked(lambda x: x * (1, 10), start, eta, 1)[1]
    naive = np.array(start) - np.minimum(descent_guess.STEPS, np.array(start) / first) * first
    if math.dist(naive, end) > 0.3:
        assert "shorter" in told(naive)
        assert number(math.dist(naive, end)) in numbers_in(told(naive))
    if math.dist(naive, (0, 0)) > 0.3:
        assert "expected" in told((0, 0))
        assert number(math.hypot(*end)) in numbers_in(told((0, 0)))
    skipped = told((0, 0), Answer(1.0, True))
    assert "expected" not in skipped
    assert number(math.hypot(*end)) in numbers_in(skipped)


@pytest.mark.parametrize("seed", range(len(descent_guess.SETTINGS)))
def test_a_map_shows_nothing_of_the_answer_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("descent_guess")
    (x, y), eta = descent_guess.SETTINGS[seed]
    given = {number(value) for value in (x, y, eta, 0.7, -0.4, descent_guess.STEPS, 1, 10)}
    update(seed=seed, answer=SHOWN)  # the previous answer is hidden again
    told = update(guess=((0.7, -0.4),), seed=seed, answer=Answer())
    assert numbers_in(told) <= given
    assert not told.numbers
    path = descent_guess.descend((x, y), eta)
    for line in figure.axes[0].lines:
        if line.get_visible():
            drawn = np.column_stack([np.asarray(part) for part in line.get_data()])
            for place in path[1:]:
                assert not np.isclose(drawn, place, atol=1e-6).all(axis=1).any()


# The numbers in the texts


def test_what_the_formula_and_the_notes_say() -> None:
    formula, notice = text_of(LESSON, "formula"), text_of(LESSON, "notice")
    check_said(formula, f"at {number(descent_line.START)} the slope is also", "2.5")
    check_said(formula, f"{number(100 * (1 - descent_bowl.NEAR))}%", "of the distance")
    valley = gradient_descent.LANDSCAPES["long valley"]
    low, high = gradient_descent.curvatures(valley, (0, 0))
    check_said(text_of(LESSON, "guess"), number(low), number(high), "twenty steps")
    assert descent_guess.STEPS == 20
    assert high == descent_guess.KAPPA
    check_said(notice, "η = 0.21", number(1 - high * 0.21))
    assert gradient_descent.limit(valley, (0, 0)) == pytest.approx(2 / high)
    check_said(notice, f"2/{number(high)}")
    left = descent_line.descend(1, 0.02, 100)
    check_said(notice, "0.02", f"{100 * (1 - left[1]):.0f}%", "100 steps", f"{100 * left[-1]:.0f}%")
    use = text_of(LESSON, "use")
    check_said(use, "30 times", f"30² = {30**2} times")
    check_said(use, "learning rate by", str(30**2))


def test_questions_compute_right() -> None:
    check = text_of(LESSON, "check")
    (limit,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    assert float(limit) == pytest.approx(2 / 6, abs=5e-4)
    assert walked(lambda x: 6 * x, 1, 0.5, 3).tolist() == [1, -2, 4, -8]
    check_said(check, "1 to −2, to 4, to −8")
    check_said(check, "0.667", "3x²")
    steps = int(np.argmax(descent_line.descend(1, 0.01, 400) < 0.1))
    check_said(check, "n =", str(steps))
    options = re.findall(r'name="check-2" value="."( data-right)?> (\d+)<', LESSON)
    assert options == [("", "10"), ("", str(round(0.9 / 0.01))), (" data-right", str(steps))]
    check_said(check, "90 steps", f"{100 * descent_line.descend(1, 0.01, 90)[-1]:.0f}%")
    fastest = int(np.argmax(descent_line.descend(1, 2 / 100, 400) < 0.1))
    assert fastest / steps == pytest.approx(0.5, abs=0.01)  # "only about halve"
    heights = gradient_descent.descend("saddle", 0.2, (2.5, 0.001)).losses
    check_said(check, "20", "0.5", "50", "0.0001")
    assert heights[20] == pytest.approx(0.5, abs=0.05)
    assert heights[50] < 1e-4


def test_exercises_compute_right() -> None:
    exercises = text_of(LESSON, "exercises")
    path = walked(lambda x: 4 * x - 8, 0, 0.1, 2)
    check_said(exercises, "= " + number(path[1]), number(path[2]))
    away = [number(2 - x) for x in path]
    check_said(exercises, ", ".join(away), number((2 - path[1]) / 2), f"2/4 = {2 / 4}")
    rate, q = descent_bowl.best_rate(25), descent_bowl.shrinkage(25)
    check_said(exercises, "2/26", number(rate, 3), "24/26", f"{100 * q:.0f}%")
    assert (rate, q) == pytest.approx((2 / 26, 24 / 26))
    check_said(exercises, str(descent_bowl.steps_needed(25)), "steps", "99%")


def test_the_numbers_of_the_guide() -> None:
    plan, mistake = text_of(GUIDE, "plan"), text_of(GUIDE, "misconception")
    grown = walked(lambda x: x * (1, 10), (-2.5, 0.1), 0.21, 30)[-1]
    check_said(plan, "0.1 grows to", number(abs(grown[1])))
    check_said(plan, f"factor is {number(1 - 10 * 0.18)}", number(1 - 10 * 0.21), "2/10")
    one, two = walked(lambda x: 6 * x, 1, 0.5, 2)[1:]
    check_said(plan, f"1 − 3 = {number(one)}", f"−2 + 6 = {number(two)}")
    losses = gradient_descent.descend("long valley", 0.18, (-2.5, 1.0)).losses
    check_said(mistake, f"{int(np.argmax(losses < 0.001))} steps")
    check_said(mistake, number(abs(1 - 10 * 0.21)), "times as long")
    slow = descent_line.descend(1, 0.02, 100)
    questions = text_of(GUIDE, "questions")
    check_said(questions, f"{100 * slow[1]:.0f}%", "100 steps", f"{100 * slow[-1]:.0f}%")
