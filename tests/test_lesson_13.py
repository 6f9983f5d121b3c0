"""Lesson 13: its small figures and its guess against SciPy, and the numbers in its text."""

import html
import math
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from matplotlib.figure import Figure
from support.captions import check_visible
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import mle, mle_bell, mle_coin, mle_guess, mle_outlier
from stage import Answer, Caption, controls, number

SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 13), page("guide", 13)
DATA = (-1.0, 0.0, 0.5, 1.0, 2.0)


# The small figures


@pytest.mark.parametrize("heads", [0, 1, 7, 10])
def test_the_likelihood_of_tosses_is_a_product_of_bernoulli_probabilities(heads: int) -> None:
    tosses = np.arange(mle_coin.TOSSES) < heads
    for p in (0.1, 0.5, 0.7):
        expected = scipy.stats.bernoulli.logpmf(tosses, p).sum()
        assert mle_coin.log_likelihood(p, heads) == pytest.approx(expected)
        assert float(mle_coin.likelihood(p, heads)) == pytest.approx(math.exp(expected))
    assert mle_coin.height(heads / 10, heads) == 1
    assert (mle_coin.likelihood(mle_coin.P, heads) <= mle_coin.likelihood(heads / 10, heads)).all()
    assert sorted(mle_coin.ORDER) == list(range(mle_coin.TOSSES))


def test_the_curve_of_the_coin_comes_with_the_handle() -> None:
    figure, update = made("mle_coin")
    for p in (0.0, 0.3, 1.0):
        told = update(p=p, heads=7)
        check_visible(told)
        curve = figure.axes[0].lines[2]
        assert np.asarray(curve.get_xdata()).max() == p
        assert told.numbers["p"] == number(p)
    assert "−∞" in update(p=1.0, heads=7).detail


@pytest.mark.parametrize("mu", [-4.0, -2.0, 0.0, 0.5, 4.0])
def test_the_bell_adds_up_the_log_densities(mu: float) -> None:
    _, update = made("mle_bell")
    told = update(mu=mu)
    check_visible(told)
    logs = scipy.stats.norm.logpdf(mle_bell.DATA, mu, 1)
    np.testing.assert_allclose(mle_bell.log_density(mle_bell.DATA, mu), logs)
    assert told.numbers["total"] == number(logs.sum())
    assert {number(value) for value in logs} <= numbers_in(told)
    squares = float(told.numbers["squares"])
    assert -squares / 2 - 4.595 == pytest.approx(logs.sum(), abs=0.01)


def test_each_error_is_least_at_its_center() -> None:
    _, update = made("mle_outlier")
    for x in (-2.0, 0.3, 2.0, 4.0, 9.0):
        check_visible(update(x=x))
        for i, center in enumerate(mle_outlier.centers(x)):
            found = scipy.optimize.minimize_scalar(
                lambda c, i=i, x=x: float(mle_outlier.errors(np.array([c]), x)[i][0]),
                bounds=(-3, 10),
                method="bounded",
                options={"xatol": 1e-8},
            )
            assert center == pytest.approx(found.x, abs=1e-5)


# The guess


@pytest.mark.parametrize("seed", range(len(mle_guess.TASKS)))
def test_the_best_bell_is_the_one_of_scipy(seed: int) -> None:
    data = mle_guess.TASKS[seed]
    fit = scipy.stats.norm.fit(data)
    assert mle_guess.best(seed) == pytest.approx(fit)
    assert mle_guess.log_likelihood(seed, *fit) == pytest.approx(
        scipy.stats.norm.logpdf(data, *fit).sum()
    )
    _, update = made("mle_guess")
    mu, sigma = (round(value, 1) for value in fit)
    told = update(mu=mu, sigma=sigma, seed=seed, answer=SHOWN)
    check_visible(told)
    assert "found" in told
    known = {key: one.control for key, one in controls.parameters(update_of()).items()}
    assert known["mu"].low < fit[0] < known["mu"].high  # type: ignore[attr-defined]
    assert known["sigma"].low < fit[1] < known["sigma"].high  # type: ignore[attr-defined]
    narrow = update(mu=mu, sigma=round(0.6 * fit[1], 1), seed=seed, answer=SHOWN)
    wide = update(mu=mu, sigma=4.0, seed=seed, answer=SHOWN)
    assert "narrow" in narrow or seed == 3
    assert "wide" in wide
    skipped = update(seed=seed, answer=Answer(1.0, True))
    assert number(fit[0]) in skipped


def update_of() -> Any:
    return mle_guess.demo(Figure(figsize=(3.6, 3)))


def test_the_median_is_named_where_it_was_guessed() -> None:
    _, update = made("mle_guess")
    told = update(mu=-1.8, sigma=1.0, seed=1, answer=SHOWN)
    assert "median" in told
    check_visible(told)


def test_the_best_bell_grows_out_of_the_guess() -> None:
    figure, update = made("mle_guess")
    right, bell = figure.axes[0].lines[1:3]
    update(mu=2.0, sigma=3.0, answer=Answer(1e-9))
    np.testing.assert_allclose(right.get_xydata(), bell.get_xydata(), atol=1e-6)
    update(mu=2.0, sigma=3.0, answer=SHOWN)
    expected = scipy.stats.norm.pdf(mle_guess.X, *mle_guess.best(0))
    np.testing.assert_allclose(np.asarray(right.get_ydata()), expected)


# The text


def state(query: str) -> dict[str, Any]:
    """The values of the laboratory's controls for a link."""
    known = controls.parameters(mle.demo(Figure(figsize=(7.2, 5))))
    return controls.read(known, parse_qs(html.unescape(query)))


def told(query: str) -> Caption:
    return made("mle", 7.2)[1](**state(query))


def test_every_link_leads_to_another_picture() -> None:
    for source in (LESSON, GUIDE):
        asked = set(re.findall(r"#mle\?([^\"]+)\"", source))
        assert len(asked) >= 3
        captions = [told(query) for query in asked]
        for caption in captions:
            check_visible(caption)
        assert len({f"{caption} {caption.detail}" for caption in captions}) == len(asked)


def test_a_bell_of_the_wrong_width() -> None:
    best = mle.best_normal(DATA)
    assert best.at == pytest.approx((0.5, 1))
    widths = [float(mle.normal(DATA, 0.5, sigma).sum()) for sigma in (0.5, 2)]
    assert widths[0] < widths[1]
    notice, guide = text_of(LESSON, "notice"), text_of(GUIDE, "misconception")
    check_said(notice, number(best.value), number(widths[0]), number(widths[1]))
    check_said(guide, "from", number(best.value), "to", number(widths[0]))
    for query, value in (("mu=0.5&sigma=0.5", widths[0]), ("mu=0.5&sigma=2", widths[1])):
        assert query in html.unescape(LESSON)
        assert number(value) in told(query)


def test_a_loss_can_be_negative() -> None:
    query = "data=-0.1&data=0&data=0&data=0&data=0.1&data=0&sigma=0.2"
    assert query in html.unescape(LESSON)
    value = number(float(mle.normal([-0.1, 0, 0.1], 0, 0.2).sum()))
    assert value in told(query)
    check_said(text_of(LESSON, "notice"), value)
    assert "always raise" in told("data=1&data=0&mu=1&sigma=0.2")


def test_yes_or_no() -> None:
    (p,) = mle.best_bernoulli(DATA).at
    yes = sum(x > 0 for x in DATA)
    assert p == yes / len(DATA)
    check_said(text_of(LESSON, "notice"), f"{yes} of {len(DATA)}")
    assert f"model=Bernoulli&p={number(p)}" in html.unescape(LESSON)
    assert "largest possible." in told(f"model=Bernoulli&p={number(p)}")
    assert "−∞" in told("model=Bernoulli&p=1")


def test_an_outlier_moves_the_mean_alone() -> None:
    before, after = mle_outlier.centers(2.0), mle_outlier.centers(4.0)
    assert before == (0.5, 0.5)
    assert after[1] == before[1]
    check_said(text_of(LESSON, "use"), "from 2 to 4", number(before[0]), number(after[0]))
    check_said(text_of(GUIDE, "misconception"), "to 4", number(after[0]), number(after[1]))
    pulled = "data=-1&data=0&data=0&data=0&data=0.5&data=0&data=1&data=0&data=4&data=0"
    for source in (LESSON, GUIDE):
        assert f"{pulled}&panel=map" in html.unescape(source)
    assert f"the mean {number(after[0])} " in told(f"{pulled}&panel=map").detail
    laplace = told(f"{pulled}&model=Laplace&panel=map")
    assert f"the median {number(after[1])} " in laplace.detail


def test_the_numbers_of_the_formulas() -> None:
    assert math.log(math.sqrt(2 * math.pi)) == pytest.approx(0.919, abs=5e-4)
    assert math.isclose(5 * 0.919, 4.595)
    formula = text_of(LESSON, "formula")
    assert tuple(mle_bell.DATA) == DATA
    check_said(formula, "−1, 0, 0.5, 1, and 2")
    check_said(formula, "−½(x − μ)² − 0.919")
    check_said(formula, "5 \\cdot 0.919", "4.595")
    mu, sigma = mle.best_normal(DATA).at
    check_said(formula, "{2.5}{5}", f"= {number(mu)}", "{5}{5}", f"= {number(sigma)}")
    assert sum(DATA) == 2.5


def test_the_answers_to_the_questions() -> None:
    check = text_of(LESSON, "check")
    best, fair = (mle_coin.log_likelihood(p, 7) for p in (0.7, 0.5))
    check_said(check, number(best), number(fair), number(best - fair))
    check_said(check, "≈", number(math.exp(best - fair), 1))
    assert pytest.approx(10.5, abs=0.05) == 1.4**7
    sigma = mle.best_normal((2, 4, 6)).at[1]
    assert f'data-right="{sigma:.3f}"' in LESSON
    check_said(check, "√(8/3) ≈", number(sigma))
    assert np.std([2, 4, 6], ddof=1) == 2
    least = math.exp(mle.best_normal(DATA).value)
    check_said(check, number(mle.best_normal(DATA).value), "≈", number(least, 4))
    check_said(text_of(GUIDE, "questions"), number(least, 4))


def test_the_exercises() -> None:
    text = text_of(LESSON, "exercises")
    for last in (10, 15):
        data = (1.0, 2.0, 3.0, 4.0, float(last))
        mu, sigma = mle.best_normal(data).at
        median, b = mle.best_laplace(data).at
        assert median == 3
        digits = 2 if last == 10 else 1
        check_said(text, number(mu), f"≈ {number(sigma, digits)}", number(b))
    check_said(text_of(GUIDE, "plan"), "1, 2, 3, 4, and 10", "4, the mean", "3, the median")
