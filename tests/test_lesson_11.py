"""Lesson 11: its small figures and its guess against SciPy, and the numbers in its text."""

import math
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.stats
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from support.lessons import NUMBER, check_said, made, page, text_of

from bundle.states import parameters
from demos import central_limit, normal, normal_area, normal_bell, normal_guess, normal_sample
from stage import Answer, controls, number

LESSON, GUIDE = page("lessons", 11), page("guide", 11)
STANDARD = scipy.stats.norm
SHOWN = Answer(1.0)


def xs(line: Line2D) -> NDArray[np.float64]:
    return np.asarray(line.get_xdata(), dtype=np.float64)


# normal_sample


def test_a_sample_grows_without_changing_and_its_bars_have_its_area() -> None:
    figure, update = made("normal_sample")
    for seed in range(23):
        large = normal_sample.sample(2000, seed)
        for n in (20, 50, 200, 2000):
            values = normal_sample.sample(n, seed)
            np.testing.assert_array_equal(values, large[:n])
            inside = abs(values) <= 4
            heights = normal_sample.heights(values)
            expected, _ = np.histogram(values[inside], normal_sample.BINS, density=True)
            np.testing.assert_allclose(heights, expected * inside.mean())
            assert heights.max() < normal_sample.TRACK - 0.05  # below the track of the handle
            told = update(n=n, seed=seed)
            assert told.numbers["mean"] == number(float(values.mean()))
            assert told.numbers["sd"] == number(float(np.sqrt(values.var())))
    pooled = np.concatenate([normal_sample.sample(2000, seed) for seed in range(23)])
    assert scipy.stats.kstest(pooled, "norm").pvalue > 0.01
    (curve,) = (line for line in figure.axes[0].lines if len(xs(line)) == 161)
    for n in (20, 190, 200, 2000):
        update(n=n)
        assert curve.get_visible() == (n >= 200)  # as the lesson says
    np.testing.assert_allclose(np.asarray(curve.get_ydata()), STANDARD.pdf(xs(curve)))
    assert "from 200 bags on" in text_of(LESSON, "idea")


def test_the_track_of_the_sample_size_leads_back() -> None:
    for n in (20, 30, 200, 1990, 2000):
        assert normal_sample.size_at(normal_sample.place(n)) == pytest.approx(n)
    assert normal_sample.size_at(-9) == 20
    assert normal_sample.size_at(9) == pytest.approx(2000)


# normal_area


def test_the_area_between_the_walls_is_that_of_scipy() -> None:
    _, update = made("normal_area")
    walls = np.linspace(-3, 3, 13).round(1).tolist()
    np.testing.assert_allclose(normal_area.pdf(walls), STANDARD.pdf(walls))
    for a in walls:
        for b in walls:
            share = STANDARD.cdf(max(a, b)) - STANDARD.cdf(min(a, b))
            assert normal_area.between(min(a, b), max(a, b)) == pytest.approx(share, abs=1e-12)
            told = update(a=a, b=b)
            assert number(float(share) if a != b else 0.0, 3) in NUMBER.findall(told)
            low, high, said = (
                float(told.numbers[key]) for key in ("below_low", "below_high", "share")
            )
            assert said == pytest.approx(high - low, abs=1e-9)
            assert said == pytest.approx(share, abs=1.1e-4)


# normal_bell


def test_the_bell_is_that_of_scipy_and_has_the_area_of_the_rectangle() -> None:
    figure, update = made("normal_bell")
    for sd in np.linspace(0.3, 1.1, 17):
        for mean in (-1.2, 0.0, 1.2):
            known = scipy.stats.norm(mean, sd)
            assert normal_bell.top(sd) == pytest.approx(known.pdf(mean))
            assert normal_bell.top(sd) * normal_bell.width(sd) == pytest.approx(1)
            told = update(mean=mean, sd=float(sd))
            assert told.numbers["top"] == number(float(known.pdf(mean)))
            assert told.numbers["shoulder"] == number(float(known.pdf(mean + sd)))
            bell = max(figure.axes[0].lines, key=lambda line: len(xs(line)))
            x = xs(bell)
            np.testing.assert_allclose(np.asarray(bell.get_ydata()), known.pdf(x), atol=1e-12)
            slope = np.gradient(known.pdf(np.linspace(mean, mean + 3 * sd, 3001)))
            assert np.argmin(slope) == pytest.approx(1000, abs=2)  # steepest at the shoulder


# normal_guess

SEEDS = range(len(normal_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_share_is_scored(seed: int) -> None:
    _, update = made("normal_guess")
    task = normal_guess.TASKS[seed]
    right = 100 * float(STANDARD.cdf(task.high) - STANDARD.cdf(task.low))
    assert normal_guess.share(task) == pytest.approx(right)
    for guess in range(101):
        told = update(guess=float(guess), seed=seed, answer=SHOWN)
        found = NUMBER.findall(told)
        assert number(right, 1) in found
        assert ("found" in told) == (abs(guess - right) <= 1)
        if "found" not in told:
            assert number(abs(guess - right), 1) in found
    skipped = update(guess=50.0, seed=seed, answer=Answer(1.0, True))
    assert NUMBER.findall(skipped) == [number(right, 1)]


def test_known_mistakes_are_named() -> None:
    _, update = made("normal_guess")
    for seed, guess, word in (
        (0, 40, "height"),
        (0, 50, "half"),
        (0, 95, "typical"),
        (1, 68, "one σ"),
        (1, 100, "tails"),
        (2, 32, "both"),
        (3, 34, "highest"),
        (4, 5, "both"),
    ):
        assert word in update(guess=float(guess), seed=seed, answer=SHOWN)


def test_each_dot_is_one_percent() -> None:
    figure, update = made("normal_guess")
    assert normal_guess.PLACES.shape == (100, 2)
    assert (normal_guess.PLACES[:, 1] < STANDARD.pdf(normal_guess.PLACES[:, 0]) + 0.04).all()
    for seed in SEEDS:
        task = normal_guess.TASKS[seed]
        update(seed=seed, answer=SHOWN)
        inside = max(
            (line for line in figure.axes[0].lines if line.get_linestyle() == "None"),
            key=lambda line: line.get_alpha() is None,
        )
        assert len(xs(inside)) == pytest.approx(normal_guess.share(task), abs=1)


# The numbers in the text


def said(demo: str, query: str) -> Any:
    """The caption and description of a figure for a link."""
    _, update = made(demo, 7.2)
    return update(**controls.read(parameters(demo), parse_qs(query)))


def test_every_link_of_the_notes_is_said_right() -> None:
    links = re.findall(r'href="#(\w+)\?([^"]+)"', LESSON.replace("&amp;", "&"))
    assert len(links) > 10
    for demo, query in links:
        assert said(demo, query)


def test_the_numbers_of_the_formulas() -> None:
    formula = text_of(LESSON, "formula")
    assert math.exp(-0.5) == pytest.approx(0.60653, abs=5e-6)
    assert normal_bell.top(1) == pytest.approx(0.39894, abs=5e-6)
    density = float(normal.pdf(1, 0, 1))
    assert f"{normal_bell.top(1):.5f} \\cdot {math.exp(-0.5):.5f} \\approx {density:.5f}" in formula
    check_said(formula, "always", f"{math.exp(-0.5):.5f}", "times")
    check_said(formula, "about", number(normal_bell.width(1), 1), "standard deviations")


def test_the_numbers_of_the_notes() -> None:
    notice = text_of(LESSON, "notice")
    check_said(notice, "σ = 0.2", f"{float(normal.pdf(0, 0, 0.2)):.2f}")
    shares = [f"{normal.between(-k, k, 0, 1):.4f}" for k in (1, 2, 3)]
    check_said(notice, "one σ", shares[0], "two", shares[1], "three", shares[2])
    rounded = [f"{100 * normal.between(-k, k, 0, 1):.{k // 3}f}" for k in (1, 2, 3)]
    check_said(notice, "–".join(rounded), "rule")
    assert shares[0] in said("normal", "mean=2&sd=0.5&a=1.5&b=2.5")
    for n, place in ((20, "20"), (2000, "2,000")):
        inside = abs(normal.standard_sample(n, 38)) <= 1
        check_said(notice, place, f"{number(100 * float(inside.mean()), 1)}%")
    check_said(notice, f"{100 * normal.between(-1, 1, 0, 1):.2f}%")
    sums = text_of(LESSON, "use")
    for source, n in (("skewed", 16), ("uniform", 4)):
        check_said(sums, str(n), number(central_limit.exact(source, n).gap, 3))
    assert "4,000 sums" in said("central_limit", "count=4000").detail
    assert "36 draws" in said("central_limit", "n=36")


def test_the_numbers_of_the_uses_and_the_questions() -> None:
    top = float(normal.pdf(0, 0, 0.2))
    check_said(text_of(LESSON, "use"), "0.2", f"{top:.2f}", f"{math.log(top):.2f}")
    check = text_of(LESSON, "check")
    above = 100 * normal.between(90, 10_000, 70, 10)
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    assert float(right) == pytest.approx(above, abs=0.005)
    inside = 100 * normal.between(50, 90, 70, 10)
    check_said(check, f"{inside:.2f}%", f"{100 - inside:.2f}%", f"{above:.1f}%")
    assert "0.0228" in said("normal", "a=2&b=6")
    check_said(check, "1.5 · 0.01", number(1.5 * 0.01, 3))


def test_the_numbers_of_the_exercises() -> None:
    exercises = text_of(LESSON, "exercises")
    check_said(exercises, f"{float(normal.pdf(1.7, 1.7, 0.1)):.3f}", "per meter")
    check_said(exercises, f"{float(normal.pdf(170, 170, 10)):.5f}", "per centimeter")
    below, above = (round(normal.between(-k, k, 0, 1), 4) / 2 for k in (1, 2))
    both = normal.between(1.6, 1.9, 1.7, 0.1)
    assert below + above == pytest.approx(both, abs=5e-5)
    check_said(exercises, f"{below:.5f} + {above:.5f} = {both:.4f}", f"{100 * both:.0f}%")
    rolls = np.arange(1, 7)
    variance, sd = rolls.var(), rolls.std()
    squares = ", ".join(number(float(square)) for square in (rolls[:-1] - 3.5) ** 2)
    check_said(exercises, f"mean (1 + 2 + 3 + 4 + 5 + 6)/6 = {number(rolls.mean())}", squares)
    check_said(exercises, f"17.5/6 ≈ {number(variance, 3)}", f"{sd:.3f}")
    check_said(exercises, number(100 * rolls.mean()), f"{10 * sd:.2f}", f"350 ± {20 * sd:.0f}")
    check_said(exercises, f"from {350 - 20 * sd:.0f} to {350 + 20 * sd:.0f}")


def test_the_numbers_of_the_guide() -> None:
    plan = text_of(GUIDE, "plan")
    tops = [f"{float(normal.pdf(0, 0, sd)):.2f}" for sd in (0.5, 0.25, 0.2)]
    check_said(plan, "top is", *tops)
    check_said(plan, f"{normal.between(-0.2, 0.2, 0, 0.2):.4f}")
    questions = text_of(GUIDE, "questions")
    for n, written in ((20, "20"), (2000, "2,000")):
        hits = int((abs(normal.standard_sample(n, 38)) <= 1).sum())
        check_said(questions, f"{hits:,} of {written}", f"{number(100 * hits / n, 1)}%")
