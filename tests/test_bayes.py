"""Lesson 12: the mathematics of `bayes` against exact fractions, scikit-learn, and counting."""

import html
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from sklearn.naive_bayes import BernoulliNB  # type: ignore[import-untyped]
from support.captions import check_captions

from demos import bayes
from stage import controls
from stage.artists import Arrows

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "12-bayes.html"
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


def exact(prior: float, sensitivity: float, specificity: float, tests: int) -> Fraction | None:
    """The posterior in fractions, P(B|A)·P(A) / P(B), one test after the other."""
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
    expected = exact(*setting)
    assert expected is not None
    found = bayes.posterior(*setting)
    assert found is not None
    assert found == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("setting", TESTS)
def test_odds_form_gives_the_same(setting: tuple[float, float, float, int]) -> None:
    prior, sensitivity, specificity, tests = setting
    found, ratio = bayes.posterior(*setting), bayes.likelihood_ratio(sensitivity, specificity)
    assert found is not None
    assert ratio is not None
    product = bayes.odds(prior) * ratio**tests
    after = 1.0 if product == math.inf else product / (1 + product)
    assert after == pytest.approx(found, rel=1e-11)


@pytest.mark.parametrize("setting", [test for test in TESTS if 0 < test[0] < 1])
def test_posterior_is_that_of_naive_bayes(setting: tuple[float, float, float, int]) -> None:
    """Independent tests are what `BernoulliNB` assumes of its features."""
    prior, sensitivity, specificity, tests = setting
    model = BernoulliNB()
    model.classes_ = np.array([0, 1])
    model.n_features_in_ = tests
    model.class_log_prior_ = np.log([1 - prior, prior])
    model.feature_log_prob_ = np.log([[1 - specificity] * tests, [sensitivity] * tests])
    expected = model.predict_proba(np.ones((1, tests)))[0, 1]
    assert bayes.posterior(*setting) == pytest.approx(expected, rel=1e-9)


def test_the_number_of_the_syllabus() -> None:
    found = bayes.posterior(1 / 10_000, 0.99, 0.99)
    assert found == pytest.approx(99 / (99 + 9999))
    assert bayes.percent(found or 0) == "0.98%"


@pytest.mark.parametrize("sensitivity", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("specificity", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("tests", [1, 2])
def test_edges(sensitivity: float, specificity: float, tests: int) -> None:
    never = bayes.posterior(0, sensitivity, specificity, tests)
    assert never is None if specificity == 1 else never == 0
    always = bayes.posterior(1, sensitivity, specificity, tests)
    assert always is None if sensitivity == 0 else always == 1
    between = bayes.posterior(0.2, sensitivity, specificity, tests)
    ratio = bayes.likelihood_ratio(sensitivity, specificity)
    if sensitivity == 0 and specificity == 1:
        assert between is None
        assert ratio is None
    elif specificity == 1:
        assert between == 1
        assert ratio == math.inf
    else:
        assert between == pytest.approx(float(exact(0.2, sensitivity, specificity, tests) or 0))
    assert bayes.odds(1) == math.inf
    assert bayes.odds(0) == 0


def test_shares_and_heads_make_up_everybody() -> None:
    for setting in TESTS:
        parts = bayes.shares(*setting)
        assert sum(parts) == pytest.approx(1)
        assert min(parts) > -1e-12
        counts = bayes.heads(parts)
        assert sum(counts) == bayes.CROWD
        assert min(counts) >= 0
        np.testing.assert_allclose(np.array(counts) / bayes.CROWD, parts, atol=2 / bayes.CROWD)


def test_the_crowd_holds_each_kind_and_keeps_whom_it_has() -> None:
    for setting in TESTS[:20]:
        counts = bayes.heads(bayes.shares(*setting))
        kinds = bayes.crowd(counts)
        assert tuple(np.bincount(kinds.ravel(), minlength=4)) == counts
    fewer, more = (bayes.crowd(bayes.heads(bayes.shares(p, 1, 1))) for p in (0.01, 0.05))
    assert (more[fewer == 0] == 0).all()


@pytest.mark.parametrize(
    ("p", "said"),
    [
        *((0, "0%"), (1, "100%"), (0.5, "50%"), (0.0001, "0.01%"), (0.00980294, "0.98%")),
        *((0.9990001, "99.9%"), (0.99998, "99.998%"), (1e-7, "< 0.0001%")),
        (1 - 1e-7, "> 99.9999%"),
    ],
)
def test_percent_never_says_0_or_100_wrongly(p: float, said: str) -> None:
    assert bayes.percent(p) == said


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return bayes.demo(figure)


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    assert "99 ill and 99 healthy test positive" in told
    assert "probability 50%" in told
    known = controls.parameters(update)
    expected = {
        "prior=0.0001": ("0.99 ill and 99.99 healthy", "probability 0.98%"),
        "prior=0.5": ("probability 99%",),
        "prior=0.0001&second=1": ("two tests", "probability 49.5%"),
        "prior=0.0001&sensitivity=1": ("probability 0.99%",),
        "prior=0.0001&specificity=0.999": ("probability 9.01%", "and 10 healthy"),
        "nobody=1": ("every positive is a false alarm", "the posterior is 0%"),
        "prior=0.001&sensitivity=0.9&specificity=0.99": ("probability 8.26%",),
        "prior=0.02&sensitivity=0.9&specificity=0.95": ("probability 26.9%",),
        "sensitivity=1&specificity=0": ("Prior 1%", "probability 1%"),
        "sensitivity=0&specificity=1": ("nobody can test positive",),
    }
    text = LESSON.read_text()
    linked = re.findall(r'href="#bayes\?([^"]+)"', text)
    assert {html.unescape(link) for link in linked} == set(expected)
    for link, said in expected.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in said:
            assert words in told, (link, told)
    odds = [bayes.odds(bayes.posterior(0.0001, 0.99, 0.99, k) or 0) for k in (1, 2)]
    assert [f"{1 / value:.4g}" for value in odds] == ["101", "1.02"]
    assert "98.9%" in text
    assert bayes.posterior(0.5, 0.9, 0.99) == pytest.approx(0.989, abs=5e-4)
    assert pytest.approx(0.018) == 0.9 * 0.02
    assert pytest.approx(0.049) == 0.05 * 0.98
    assert bayes.posterior(0.2, 0.8, 0.9) == pytest.approx(2 / 3)  # 1 : 4, ratio 8
    assert pytest.approx(11.1) == 0.999 * 0.01 / (0.001 * 0.9)  # false alarms to a right one


def test_the_areas_are_the_shares(figure: Figure, update: Any) -> None:
    (regions,) = [art for art in figure.axes[0].collections if isinstance(art, PolyCollection)]
    for prior, sensitivity, specificity, tests in TESTS:
        if prior < 0.0001:
            continue
        update(prior=prior, sensitivity=sensitivity, specificity=specificity, second=tests == 2)
        areas = []
        for path in regions.get_paths():
            x, y = np.asarray(path.vertices)[:4].T
            areas.append(0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)))
        parts = bayes.shares(prior, sensitivity, specificity, tests)
        np.testing.assert_allclose(areas, parts, atol=1e-12)


def test_the_marks_and_arrows_lead_from_prior_to_posterior(figure: Figure, update: Any) -> None:
    line, scale = figure.axes[3:]
    (steps,) = [art for art in scale.collections if isinstance(art, Arrows)]
    for prior, sensitivity, specificity, tests in TESTS[:2] + TESTS[4:]:
        update(
            guess=37.0,
            prior=prior,
            sensitivity=sensitivity,
            specificity=specificity,
            second=tests == 2,
        )
        found = bayes.posterior(prior, sensitivity, specificity, tests)
        assert found is not None
        ends = [float(np.ravel(drawn.get_xdata())[-1]) for drawn in line.lines[1:]]
        assert ends == [found, prior, found, 0.37]
        reached = math.log10(bayes.odds(prior)) + float(np.nansum(steps.vectors[:, 0]))
        expected = np.clip(math.log10(bayes.odds(found)), -bayes.DECADES, bayes.DECADES)
        assert reached == pytest.approx(expected, abs=0.05)


def test_degenerate_settings_get_a_sentence(update: Any) -> None:
    assert "nobody is ill" in update(nobody=True)
    assert "nobody is ill" in update(nobody=True, sensitivity=0.0)
    assert "everybody is ill" in update(prior=1.0)
    assert "no ill person tests positive" in update(sensitivity=0.0)
    assert "no healthy person tests positive" in update(specificity=1.0, second=True)
    for impossible in (
        {"sensitivity": 0.0, "specificity": 1.0},
        {"nobody": True, "specificity": 1.0},
        {"prior": 1.0, "sensitivity": 0.0},
    ):
        assert "nobody can test positive" in update(**impossible)
    assert "too low" in update(guess=3.0)
    assert "you guessed 50%, which is right" in update(guess=50.0)


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"guess": float(x)} for x in range(0, 90, 3)),
        *({"prior": float(f"{10 ** (-k / 20):.3g}")} for k in range(81) if k != 40),
        *({"sensitivity": k / 20} for k in range(20)),
        *({"specificity": k / 20} for k in range(21)),
        *({"specificity": 0.99 + k / 1000} for k in range(1, 10)),
        *({"nobody": True, "specificity": k / 20} for k in range(21)),
        *({"second": True, "sensitivity": k / 20} for k in range(21)),
    ]
    check_captions(update, states, words=45)
