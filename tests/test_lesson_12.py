"""Lesson 12: Bayes' theorem against exact fractions and scikit-learn; the numbers in its text."""

import html
import math
import re
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.naive_bayes import BernoulliNB  # type: ignore[import-untyped]
from support.captions import check_captions, check_visible
from support.lessons import NUMBER, check_said, made, numbers_in, page, text_of

from demos import bayes, bayes_area, bayes_guess, bayes_people, bayes_second
from stage import Answer, controls, number, percent
from stage.artists import Arrows, Polygons
from stage.bayes import Joint, joint_probabilities, likelihood_ratio, odds, odds_text, posterior

SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 12), page("guide", 12)
RANDOM = np.random.default_rng(12)
TESTS = [
    (0.0001, 0.99, 0.99, 1),
    (0.0001, 0.99, 0.99, 2),
    (1.0, 0.9, 0.8, 1),
    (0.0, 0.9, 0.8, 2),
    *(
        (*(RANDOM.integers(1, 1000, 3) / 1000).tolist(), int(RANDOM.integers(1, 3)))
        for _ in range(60)
    ),
]


# stage.bayes


def exact(prior: float, sensitivity: float, specificity: float, tests: int) -> Fraction | None:
    """The posterior P(B|A)·P(A) / P(B) in exact fractions, one test after the other."""
    p, hit, clear = (Fraction(str(value)) for value in (prior, sensitivity, specificity))
    for _ in range(tests):
        positive = hit * p + (1 - clear) * (1 - p)
        if not positive:
            return None
        p = hit * p / positive
    return p


@pytest.mark.parametrize("setting", TESTS)
def test_posterior_is_exact_and_a_second_test_starts_from_the_first(
    setting: tuple[float, float, float, int],
) -> None:
    expected, found = exact(*setting), posterior(*setting)
    assert expected is not None
    assert found == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("setting", TESTS)
def test_odds_form_gives_the_same(setting: tuple[float, float, float, int]) -> None:
    prior, sensitivity, specificity, tests = setting
    found, ratio = posterior(*setting), likelihood_ratio(sensitivity, specificity)
    assert ratio is not None
    product = odds(prior) * ratio**tests
    after = 1.0 if product == math.inf else product / (1 + product)
    assert after == pytest.approx(found, rel=1e-11)


@pytest.mark.parametrize("setting", [test for test in TESTS if 0 < test[0] < 1])
def test_posterior_is_that_of_naive_bayes(setting: tuple[float, float, float, int]) -> None:
    """`BernoulliNB` assumes independent features, which these tests are."""
    prior, sensitivity, specificity, tests = setting
    model = BernoulliNB()
    model.classes_ = np.array([0, 1])
    model.n_features_in_ = tests
    model.class_log_prior_ = np.log([1 - prior, prior])
    model.feature_log_prob_ = np.log([[1 - specificity] * tests, [sensitivity] * tests])
    expected = model.predict_proba(np.ones((1, tests)))[0, 1]
    assert posterior(*setting) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("sensitivity", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("specificity", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("tests", [1, 2])
def test_edges(sensitivity: float, specificity: float, tests: int) -> None:
    never = posterior(0, sensitivity, specificity, tests)
    assert never is None if specificity == 1 else never == 0
    always = posterior(1, sensitivity, specificity, tests)
    assert always is None if sensitivity == 0 else always == 1
    between = posterior(0.2, sensitivity, specificity, tests)
    ratio = likelihood_ratio(sensitivity, specificity)
    if sensitivity == 0 and specificity == 1:
        assert between is None
        assert ratio is None
    elif specificity == 1:
        assert between == 1
        assert ratio == math.inf
    else:
        assert between == pytest.approx(float(exact(0.2, sensitivity, specificity, tests) or 0))
    assert odds(1) == math.inf
    assert odds(0) == 0


def test_odds_are_written_as_ratios() -> None:
    written = [odds_text(value) for value in (0, math.inf, 1, 1 / 99, 4.5, 1 / 9999, 98.01 / 99.99)]
    assert written == ["0 : 1", "1 : 0", "1 : 1", "1 : 99", "4.5 : 1", "1 : 9,999", "1 : 1.02"]


# The laboratory


def test_shares_and_heads_make_up_everyone() -> None:
    for setting in TESTS:
        parts = joint_probabilities(*setting)
        assert sum(parts) == pytest.approx(1)
        assert min(parts) > -1e-12
        counts = bayes.heads(parts)
        assert sum(counts) == bayes.CROWD
        assert min(counts) >= 0
        np.testing.assert_allclose(np.array(counts) / bayes.CROWD, parts, atol=2 / bayes.CROWD)


def test_whole_people_give_the_posterior() -> None:
    """No 0.99 sick people: the group is large enough for whole numbers."""
    for setting in TESTS:
        parts, found = joint_probabilities(*setting), posterior(*setting)
        people = bayes.population(parts)
        ill, healthy, *_ = bayes.heads(parts, people)
        assert found is not None
        assert ill / (ill + healthy) == pytest.approx(found, abs=0.0005)
        assert (ill > 0, healthy > 0) == (found > 0, found < 1)
    for setting, expected in (
        ((0.0001, 0.99, 0.99), (10**6, (99, 9999, 1, 989_901))),
        ((0.01, 0.99, 0.99), (10**4, (99, 99, 1, 9801))),
    ):
        parts = joint_probabilities(*setting)
        assert (bayes.population(parts), bayes.heads(parts, expected[0])) == expected
    assert bayes.population(Joint(0, 0, 0.5, 0.5)) == bayes.CROWD
    assert bayes.population(joint_probabilities(0.0001, 0.01, 0.999, 2)) <= bayes.MOST


def test_the_crowd_holds_each_kind_and_keeps_whom_it_has() -> None:
    for setting in TESTS[:20]:
        counts = bayes.heads(joint_probabilities(*setting))
        kinds = bayes.crowd(counts)
        assert tuple(np.bincount(kinds.ravel(), minlength=4)) == counts
    fewer, more = (bayes.crowd(bayes.heads(joint_probabilities(p, 1, 1))) for p in (0.01, 0.05))
    assert (more[fewer == 0] == 0).all()


def corner_areas(regions: Polygons) -> list[float]:
    """Areas of rectangles by the shoelace formula."""
    areas = []
    for path in regions.get_paths():
        x, y = np.asarray(path.vertices)[:4].T
        areas.append(0.5 * abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))))
    return areas


@pytest.mark.parametrize("width", [7.2, 3.6])
def test_each_view_shows_the_same(width: float) -> None:
    figure, update = made("bayes", width)
    people, area, scale, _ = figure.axes
    (regions,) = [art for art in area.collections if isinstance(art, Polygons)]
    (steps,) = [art for art in scale.collections if isinstance(art, Arrows)]
    for prior, sensitivity, specificity, tests in TESTS:
        if prior < 0.0001:
            continue
        state: dict[str, Any] = {"prior": prior, "sensitivity": sensitivity}
        state |= {"specificity": specificity, "second": tests == 2}
        told = {str(update(view=view, **state)) for view in bayes.VIEWS}
        assert len(told) == 1
        assert [axes.get_visible() for axes in (people, area, scale)] == [False, False, True]
        parts = joint_probabilities(prior, sensitivity, specificity, tests)
        found = posterior(prior, sensitivity, specificity, tests)
        assert found is not None
        reached = math.log10(odds(prior)) if prior < 1 else bayes.DECADES
        reached += float(np.nansum(steps.vectors[:, 1]))
        expected = bayes.DECADES if found == 1 else math.log10(odds(found))
        expected = np.clip(expected, -bayes.DECADES, bayes.DECADES)
        assert reached == pytest.approx(expected, abs=0.05)
        update(view="area", **state)
        np.testing.assert_allclose(corner_areas(regions), parts, atol=1e-12)


def test_degenerate_settings_get_a_sentence() -> None:
    _, update = made("bayes", 7.2)
    assert "No one is ill" in update(nobody=True)
    assert "No one is ill" in update(nobody=True, sensitivity=0.0)
    assert "Everyone is ill" in update(prior=1.0)
    assert "No ill person tests positive" in update(sensitivity=0.0)
    assert "No healthy person tests positive" in update(specificity=1.0, second=True)
    assert "changes nothing" in update(sensitivity=0.5, specificity=0.5)
    assert "A positive result lowers" in update(sensitivity=0.2, specificity=0.5)
    assert "Two positive results raise" in update(second=True)
    for impossible in (
        {"sensitivity": 0.0, "specificity": 1.0},
        {"nobody": True, "specificity": 1.0},
        {"prior": 1.0, "sensitivity": 0.0},
    ):
        assert "no posterior" in update(**impossible)


def test_captions_of_the_laboratory() -> None:
    _, update = made("bayes", 7.2)
    states: list[dict[str, Any]] = [
        *({"prior": float(f"{10 ** (-k / 20):.3g}")} for k in range(81) if k != 40),
        *({"sensitivity": k / 20} for k in range(20)),
        *({"specificity": k / 20} for k in range(20)),
        *({"specificity": 0.991 + k / 1000} for k in range(9)),
        *({"second": True, "sensitivity": k / 20} for k in range(1, 20)),
    ]
    for state in states:
        check_visible(update(**state))
    check_captions(lambda **state: f"{update(**state)} {update(**state).detail}", states, words=120)


# Small figures


def test_a_test_marks_so_many_people() -> None:
    figure, update = made("bayes_test")
    positives = figure.axes[0].lines[2:4]
    for sensitivity, specificity in [
        (0, 0),
        (100, 100),
        (99, 99),
        (1, 37),
        *RANDOM.integers(0, 101, (5, 2)),
    ]:
        told = update(sensitivity=int(sensitivity), specificity=int(specificity))
        check_visible(told)
        seen = [len(np.asarray(dots.get_xydata())) for dots in positives]
        assert seen == [sensitivity, 100 - specificity]


def test_the_band_of_positives_is_counted_exactly() -> None:
    _, update = made("bayes_people")
    for prior in range(51):
        for name, wrong in bayes_people.TESTS.items():
            kinds = bayes_people.counts(prior, wrong)
            found, healthy, missed, clear = joint_probabilities(
                prior / 100, 1 - wrong / 100, 1 - wrong / 100
            )
            expected = [10_000 * share for share in (missed, found, healthy, clear)]
            np.testing.assert_allclose(kinds, expected, atol=1e-6)
            told = update(prior=prior, test=name)
            check_visible(told)
            share = posterior(prior / 100, 1 - wrong / 100, 1 - wrong / 100)
            assert told.numbers["posterior"] == percent(share or 0)
            boxes, joints = bayes_people.bar(kinds)
            assert boxes[0][1][0] == pytest.approx(100 * (share or 0))  # the ill end there
            edges = joints[:, 0, 0]  # of the band of positives in the square
            np.testing.assert_allclose(100 * np.diff(edges), kinds[1] + kinds[2])


def test_the_colored_areas_are_those_of_the_formula() -> None:
    figure, update = made("bayes_area")
    (both,) = [art for art in figure.axes[0].collections if isinstance(art, Polygons)]
    for prior, _, specificity, _ in TESTS:
        told = update(prior=prior, specificity=specificity)
        check_visible(told)
        ill, healthy, *_ = joint_probabilities(prior, bayes_area.SENSITIVITY, specificity)
        np.testing.assert_allclose(corner_areas(both), [ill, healthy], atol=1e-12)
        assert percent(ill / (ill + healthy), 1) in told
    assert "no colored area" in update(prior=0.0, specificity=1.0)
    assert f"sensitivity is {percent(bayes_area.SENSITIVITY)}" in text_of(LESSON, "formula")


def test_each_test_moves_the_odds_by_the_same_step() -> None:
    figure, update = made("bayes_second")
    (steps,) = [art for art in figure.axes[0].collections if isinstance(art, Arrows)]
    for prior in (0.0001, 0.01, 0.5):
        assert bayes_second.probability(bayes_second.decades(prior)) == pytest.approx(prior)
        for tests in range(4):
            told = update(prior=prior, tests=tests)
            check_visible(told)
            moves = steps.vectors[~np.isnan(steps.vectors[:, 0]), 0]
            np.testing.assert_allclose(moves, [math.log10(99)] * tests)
            expected = exact(prior, 0.99, 0.99, tests)
            assert told.numbers["posterior"] == percent(float(expected or 0))


# The guess

SEEDS = range(len(bayes_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_is_scored_in_percentage_points(seed: int) -> None:
    _, update = made("bayes_guess")
    task = bayes_guess.TASKS[seed]
    right = 100 * float(exact(task.prior, task.sensitivity, task.specificity, 1) or 0)
    for guess in range(101):
        told = update(guess=float(guess), seed=seed, answer=SHOWN)
        check_visible(told)
        off = abs(guess - right)
        assert ("found" in told) == (off <= bayes_guess.NEAR)
        assert number(off, 1) in NUMBER.findall(told)
        assert not re.search(r"(?<![\d.])1 points|(?<![ ])\d point\b", told)
    skipped = update(seed=seed, answer=Answer(1.0, True))
    assert NUMBER.findall(skipped) == [percent(right / 100).removesuffix("%")]


def test_known_mistakes_are_named() -> None:
    _, update = made("bayes_guess")
    assert "base rate" in update(guess=99.0, seed=0, answer=SHOWN)
    assert "the sensitivity" in update(guess=80.0, seed=1, answer=SHOWN)
    assert "the prior" in update(guess=50.0, seed=2, answer=SHOWN)
    assert "the prior" in update(guess=10.0, seed=3, answer=SHOWN)
    assert "false alarms" in update(guess=40.0, seed=0, answer=SHOWN)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_shows_nothing_of_the_answer_before_it_is_checked(seed: int) -> None:
    _, update = made("bayes_guess")
    update(seed=seed, answer=SHOWN)  # the previous answer is hidden again
    task = bayes_guess.TASKS[seed]
    told = update(guess=61.0, seed=seed, answer=Answer())
    given = set(NUMBER.findall(f"{task.common} 61"))
    given |= {number(100 * share) for share in (task.sensitivity, task.specificity)}
    assert numbers_in(told) <= given
    assert not told.numbers


# The text


def bayes_update() -> Any:
    return bayes.demo(Figure(figsize=(7.2, 4.4)))


def after(query: str) -> str:
    """The posterior for a link in the lesson, as written."""
    assert f'#bayes?{query.replace("&", "&amp;")}"' in LESSON, query
    known = controls.parameters(bayes_update())
    values = controls.read(known, parse_qs(query))
    tests = 2 if values["second"] else 1
    before = 0.0 if values["nobody"] else values["prior"]
    found = posterior(before, values["sensitivity"], values["specificity"], tests)
    assert found is not None
    return percent(found)


def test_the_numbers_of_the_formula() -> None:
    formula = text_of(LESSON, "formula")
    ill, healthy, *_ = joint_probabilities(0.01, 0.99, 0.99)
    assert rf"\truth{{{ill:g}}}}}{{{ill + healthy:g}}} = {posterior(0.01, 0.99, 0.99):g}" in LESSON
    ratio = likelihood_ratio(0.99, 0.99)
    assert ratio is not None
    assert f"0.99/0.01 = {ratio:.0f}" in formula
    assert "20% means odds of " + odds_text(odds(0.2)) in formula


def test_the_numbers_of_the_notes() -> None:
    notice = text_of(LESSON, "notice")
    rare = after("prior=0.0001")
    ill, alarms, *_ = bayes.heads(joint_probabilities(0.0001, 0.99, 0.99), 10**6)
    check_said(notice, rare, f"{ill} ill people", f"{alarms:,} false alarms")
    assert f"it is {after('prior=0.5')}" in notice
    path = [odds_text(odds(posterior(0.0001, 0.99, 0.99, k) or 0)) for k in range(3)]
    assert " to ".join(path) in notice
    check_said(notice, f"posterior is {after('view=odds&prior=0.0001&second=1')}")
    check_said(notice, rare, after("prior=0.0001&sensitivity=1"))
    check_said(notice, f"raises it to {after('prior=0.0001&specificity=0.999')}")
    assert after("nobody=1") == "0%"


def test_the_numbers_of_the_use() -> None:
    use = text_of(LESSON, "use")
    check_said(use, percent(posterior(0.5, 0.9, 0.99) or 0, 1))
    assert f"only {after('prior=0.001&sensitivity=0.9&specificity=0.99')} of its alarms" in use
    right, false, *_ = joint_probabilities(0.001, 0.9, 0.99)
    assert round(false / right) == 11
    check_said(use, "eleven false alarms")


def test_the_task_of_the_lesson_is_the_first_one() -> None:
    task, guess = bayes_guess.TASKS[0], text_of(LESSON, "guess")
    check_said(guess, task.common.removesuffix(" is ill"))
    check_said(guess, percent(task.sensitivity), percent(task.specificity))


def test_questions_and_exercises_compute_right() -> None:
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    found = after("prior=0.02&sensitivity=0.9&specificity=0.95")
    assert number(posterior(0.02, 0.9, 0.95) or 0, 3) == number(float(right) / 100, 3)
    assert float(found.removesuffix("%")) == pytest.approx(float(right), abs=0.05)
    check, exercises = text_of(LESSON, "check"), text_of(LESSON, "exercises")
    ill, healthy, *_ = joint_probabilities(0.02, 0.9, 0.95)
    check_said(check, f"0.02 = {ill:g}", f"0.98 = {healthy:g}", f"= {right}%")
    rain = Fraction(1, 4) * 8
    assert f"probability is {rain / (1 + rain)}" in check
    assert after("sensitivity=1&specificity=0") == percent(0.01)
    assert posterior(0.01, 0, 1) is None
    coin = exact(0.5, 1, 0.875, 1)  # "positive" is three heads
    assert f"the probability is {coin}" in exercises
    ratio = Fraction("0.9") / Fraction("0.05")
    check_said(exercises, f"0.90/0.05 = {ratio}", f"1 : {ratio}", f"{Fraction(1, 1 + int(ratio))}")
    check_said(exercises, f"about {float(100 / (1 + ratio)):.1f}%")
    check_said(exercises, f"18² = {ratio**2}", f"18³ = {int(ratio**3):,}")
    assert ratio**2 < 999 < ratio**3
    check_said(exercises, f"about {float(ratio**3 / 999):.2f} : 1")


def test_the_numbers_of_the_guide() -> None:
    plan, misconception = text_of(GUIDE, "plan"), text_of(GUIDE, "misconception")
    answers = [percent(posterior(p, 0.99, 0.99) or 0) for p in (0.5, 0.1, 0.01, 0.001, 0.0001)]
    assert f"{', '.join(answers[:-1])}, and {answers[-1]}" in plan
    assert f"9 of 108 is {percent(posterior(0.01, 0.9, 0.9) or 0)}" in plan
    check_said(misconception, answers[-1])
    check_said(misconception, f"posterior is {answers[0]}")
    questions = text_of(GUIDE, "questions")
    check_said(questions, answers[-1], percent(posterior(0.0001, 1, 0.99) or 0))
    check_said(questions, percent(posterior(0.0001, 0.99, 0.999) or 0))
    check_said(questions, percent(posterior(0.0001, 0.99, 0.99, 2) or 0))


def test_every_link_is_a_state_with_a_sentence() -> None:
    _, update = made("bayes", 7.2)
    known = controls.parameters(bayes_update())
    links = re.findall(r'href="[^"#]*#bayes\?([^"]+)"', LESSON + GUIDE)
    assert len(links) > 15
    for link in links:
        check_visible(update(**controls.read(known, parse_qs(html.unescape(link)))))
