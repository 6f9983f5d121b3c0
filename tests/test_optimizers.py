"""Lesson 10: the mathematics of `optimizers` against closed forms, SciPy, and the rules anew."""

import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
import scipy.signal
from matplotlib.figure import Figure
from support.captions import check_captions

from demos import optimizers
from stage import controls

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "10-optimisation-algorithms.html"
RANDOM = np.random.default_rng(10)
NAMES = list(optimizers.LANDSCAPES)
SLOPES = RANDOM.normal(0, 3, (20, 60))  # twenty sequences of slopes


def changes(rule: optimizers.Rule, slopes: Any) -> np.ndarray:
    """What a method makes of a sequence of slopes."""
    m: Any = 0.0
    v: Any = 0.0
    found = []
    for t, g in enumerate(slopes, 1):
        change, m, v = rule(g, m, v, t)
        found.append(change)
    return np.array(found)


def average(x: Any, keep: float) -> Any:
    """Exponential moving average from 0, as a digital filter."""
    return scipy.signal.lfilter([1 - keep], [1, -keep], x)


# The methods


@pytest.mark.parametrize("slopes", SLOPES)
def test_methods_are_digital_filters_of_the_slopes(slopes: Any) -> None:
    t = np.arange(1, len(slopes) + 1)
    np.testing.assert_array_equal(changes(optimizers.plain, slopes), slopes)
    built_up = scipy.signal.lfilter([1], [1, -0.9], slopes)
    np.testing.assert_allclose(
        changes(optimizers.momentum, slopes), built_up, rtol=1e-10, atol=1e-12
    )
    scaled = slopes / (np.sqrt(average(slopes**2, 0.9)) + 1e-8)
    np.testing.assert_allclose(changes(optimizers.rmsprop, slopes), scaled, rtol=1e-10)
    m, v = average(slopes, 0.9), average(slopes**2, 0.999)
    np.testing.assert_allclose(
        changes(optimizers.adam_uncorrected, slopes), m / (np.sqrt(v) + 1e-8), rtol=1e-9, atol=1e-12
    )
    corrected = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(changes(optimizers.adam, slopes), corrected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("slope", [-250.0, -7.0, 0.02, 3.0, 1e6])
def test_a_slope_that_stays_has_closed_forms(slope: float) -> None:
    t = np.arange(1, 81)
    same = np.full(80, slope)
    np.testing.assert_allclose(changes(optimizers.momentum, same), slope * (1 - 0.9**t) / 0.1)
    np.testing.assert_allclose(changes(optimizers.adam, same), np.sign(slope), rtol=1e-6)
    expected = np.sign(slope) / np.sqrt(1 - 0.9**t)
    np.testing.assert_allclose(changes(optimizers.rmsprop, same), expected, rtol=1e-5)
    expected = np.sign(slope) * (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    np.testing.assert_allclose(changes(optimizers.adam_uncorrected, same), expected, rtol=1e-4)


def test_a_slope_of_zero_moves_nothing() -> None:
    for rule in (*optimizers.rules(True), optimizers.adam_uncorrected):
        assert not changes(rule, np.zeros(5)).any()


def test_adam_does_not_see_the_scale_of_the_loss() -> None:
    np.testing.assert_allclose(
        changes(optimizers.adam, 100 * SLOPES[0]), changes(optimizers.adam, SLOPES[0]), rtol=1e-5
    )


# The landscapes and the races


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_finite_differences_and_zero_is_lowest(name: str) -> None:
    land = optimizers.LANDSCAPES[name]
    for at in RANDOM.uniform((-3, -2), (3, 2), (20, 2)):
        expected = scipy.optimize.approx_fprime(at, lambda p: land.height(*p), 1e-7)
        np.testing.assert_allclose(land.gradient(*at), expected, rtol=1e-4, atol=1e-4)
        assert land.height(*at) >= 0
    for place in land.lowest:
        assert land.height(*place) == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(land.gradient(*place), 0, atol=1e-12)


def test_the_tilted_valley_is_the_long_one_turned() -> None:
    half = math.sqrt(0.5)
    for x, y in RANDOM.uniform(-3, 3, (20, 2)):
        turned = optimizers.LANDSCAPES["long valley"].height(half * (x + y), half * (y - x))
        assert optimizers.LANDSCAPES["tilted valley"].height(x, y) == pytest.approx(turned)


@pytest.mark.parametrize("eta", [0.001, 0.004, 0.02, 0.06, 0.079, 0.08])
def test_plain_and_momentum_in_the_valley_have_closed_forms(eta: float) -> None:
    runs = optimizers.race("long valley", eta, True, 0)
    for axis, curvature in enumerate((1, 25)):
        start = optimizers.LANDSCAPES["long valley"].start[axis]
        k = np.arange(optimizers.LAST + 1)
        np.testing.assert_allclose(
            runs[0].points[:, axis], start * (1 - eta * curvature) ** k, rtol=1e-9, atol=1e-12
        )
        # (x, m) after a step is linear in (x, m) before it.
        step = np.array([[1 - eta * curvature, -eta * 0.9], [curvature, 0.9]])
        for t in (1, 2, 10, 50, 100):
            expected = (np.linalg.matrix_power(step, t) @ [start, 0])[0]
            assert runs[1].points[t, axis] == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_every_step_of_a_race_follows_from_the_slopes_before(name: str, correction: bool) -> None:
    # Step by step, since a path amplifies rounding: RMSProp's in the tilted valley 10¹⁰ times.
    land = optimizers.LANDSCAPES[name]
    for seed, eta in ((0, 0.003), (3, 0.03), (7, 0.09), (9, 1.1)):
        runs = optimizers.race(name, eta, correction, seed)
        for method, run in zip(optimizers.METHODS, runs, strict=True):
            last = min(run.held, optimizers.LAST)
            at = run.points[: last + 1]
            np.testing.assert_array_equal(at[0], land.start)
            g = np.array([land.gradient(x, y) for x, y in at[:-1]])
            g += optimizers.noise(name, seed)[:last]
            t = np.arange(1, last + 1)[:, None]
            m, v = (
                np.apply_along_axis(average, 0, g, 0.9),
                np.apply_along_axis(average, 0, g * g, 0.999),
            )
            if correction:
                m, v = m / (1 - 0.9**t), v / (1 - 0.999**t)
            change = {
                "plain": g,
                "momentum": 10 * np.apply_along_axis(average, 0, g, 0.9),
                "RMSProp": g / (np.sqrt(np.apply_along_axis(average, 0, g * g, 0.9)) + 1e-8),
                "Adam": m / (np.sqrt(v) + 1e-8),
            }[method]
            np.testing.assert_allclose(
                np.diff(at, axis=0), -eta * change, rtol=1e-7, atol=1e-12 * (1 + abs(at).max())
            )
            np.testing.assert_allclose(run.losses[: last + 1], [land.height(*p) for p in at])


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize("name", ["long valley", "saddle", "noisy gradient"])
def test_a_race_is_that_of_the_rules_written_anew(name: str, correction: bool) -> None:
    land = optimizers.LANDSCAPES[name]
    for seed, eta in ((0, 0.003), (3, 0.02), (7, 0.09)):
        runs = optimizers.race(name, eta, correction, seed)
        added = optimizers.noise(name, seed)
        for method, run in zip(optimizers.METHODS, runs, strict=True):
            x, first, second = np.array(land.start, dtype=float), np.zeros(2), np.zeros(2)
            for t in range(1, min(run.held, optimizers.LAST) + 1):
                g = np.array(land.gradient(*x)) + added[t - 1]
                if method == "plain":
                    x = x - eta * g
                elif method == "momentum":
                    first = eta * g + 0.9 * first
                    x = x - first
                elif method == "RMSProp":
                    second = second + 0.1 * (g**2 - second)
                    x = x - eta * g / (np.sqrt(second) + 1e-8)
                else:
                    first = first + 0.1 * (g - first)
                    second = second + 0.001 * (g**2 - second)
                    a, b = (1 - 0.9**t, math.sqrt(1 - 0.999**t)) if correction else (1, 1)
                    x = x - eta * (first / a) / (np.sqrt(second) / b + 1e-8)
                # Divided by ever smaller slopes, a difference in the last digit grows.
                np.testing.assert_allclose(run.points[t], x, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_the_sweep_is_a_race_at_each_rate(name: str, correction: bool) -> None:
    results = optimizers.sweep(name, correction, 4)
    certain = np.isfinite(results)  # a path that rounding decides has no loss at the end
    assert certain.mean() > 0.9
    for column in range(0, len(optimizers.RATES), 6):
        runs = optimizers.race(name, float(optimizers.RATES[column]), correction, 4)
        expected = [optimizers.end_loss(run) for run in runs]
        # far out, and where a path is about to diverge, rounding grows
        np.testing.assert_allclose(results[:, column], expected, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows_at_any_rate(name: str) -> None:
    for eta in np.geomspace(optimizers.SLOW, optimizers.FAST, 40):
        for run in optimizers.race(name, float(eta), True, 1):
            assert np.isfinite(run.points).all()
            assert np.isfinite(run.losses).all()
            if run.held <= optimizers.LAST:
                assert abs(run.points[run.held]).sum() > optimizers.FAR
                assert abs(run.points[run.held - 1]).sum() <= optimizers.FAR
                assert (run.points[run.held :] == run.points[run.held]).all()
            else:
                assert abs(run.points).sum(axis=1).max() <= optimizers.FAR


def test_noise_is_the_same_for_all_and_only_where_it_is_said() -> None:
    for name in NAMES[:-1]:
        assert not optimizers.noise(name, 5).any()
    pooled = np.concatenate([optimizers.noise("noisy gradient", seed) for seed in range(100)])
    assert pooled.std() == pytest.approx(0.5, rel=0.02)
    assert pooled.mean() == pytest.approx(0, abs=0.02)
    assert not np.array_equal(
        optimizers.noise("noisy gradient", 1), optimizers.noise("noisy gradient", 2)
    )


def test_stretches_of_good_rates() -> None:
    losses = np.array([1, 0.001, 0.002, 1, 0.009, 0.01, 0.0])
    assert optimizers.runs_below(losses) == [(1, 2), (4, 4), (6, 6)]
    assert optimizers.runs_below(np.ones(4)) == []
    assert optimizers.runs_below(np.zeros(4)) == [(0, 3)]


# The sentences and the picture


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return optimizers.demo(figure)


def from_link(update: Any, query: str) -> str:
    """The caption that a state link leads to."""
    found = controls.parameters(update)
    return str(update(**controls.read(found, parse_qs(query))))


BARS = "plain 0.032 to 0.071; momentum 0.0025 to 0.14; RMSProp"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("eta=0.005", "40 steps: momentum"),
        ("eta=0.06", "40 steps: plain"),
        ("eta=0.5", "40 steps: Adam"),
        ("eta=0.06", BARS),
        ("eta=0.06", "Adam 0.04 to 2."),
        (
            "f=tilted valley",
            "plain 0.028 to 0.071; momentum 0.0025 to 0.14; RMSProp 0.045 to 0.056",
        ),
        ("f=tilted valley", "Adam 0.18 to 2."),
        ("f=noisy gradient&step=100", "plain 0.032 to 0.036"),
        ("step=1", "Adam 14.02"),
        ("step=1&correction=0", "Adam 0.0089 to 2."),
        ("step=1&correction=0", "uncorrected Adam 10.88"),
        ("f=saddle&eta=0.06", "momentum 0.1021, Adam 0.11, plain 0.5169."),
    ],
)
def test_the_lessons_links(update: Any, query: str, said: str) -> None:
    assert said in from_link(update, query)


def test_the_lessons_numbers(update: Any) -> None:
    plain, _, _, adam = optimizers.race("long valley", 0.06, True, 0)
    np.testing.assert_allclose(plain.points[1], (-2.35, -0.5))
    np.testing.assert_allclose(adam.points[1], (-2.44, 0.94), atol=1e-8)
    np.testing.assert_allclose(changes(optimizers.momentum, [2, 2, 2]), (2, 3.8, 5.42))
    assert 0.1 / math.sqrt(0.001) == pytest.approx(3.162, abs=5e-4)
    assert math.sqrt(0.001 * 49) == pytest.approx(0.2214, abs=5e-5)
    assert -0.06 * changes(optimizers.adam_uncorrected, [-7])[0] == pytest.approx(0.19, abs=0.001)
    text = LESSON.read_text()
    for said in ("-2.35", "-2.44", "14.02", "0.0089", "0.032 to 0.071", "0.2214", "at 0.52"):
        assert said in text


def test_every_link_of_the_lesson_leads_to_a_sentence(update: Any) -> None:
    links = re.findall(r'"#optimizers\?([^"]+)"', LESSON.read_text())
    assert len(links) >= 10
    told = {from_link(update, link.replace("&amp;", "&")) for link in links}
    assert len(told) == len(set(links))


def test_the_picture_shows_the_race_and_the_sweep(figure: Figure, update: Any) -> None:
    for name in NAMES:
        update(f=name, eta=0.03, step=33, seed=2, correction=False)
        seed = 2 if name == "noisy gradient" else 0
        runs = optimizers.race(name, 0.03, False, seed)
        results = optimizers.sweep(name, False, seed)
        plane, falls, ends, bands = figure.axes[2:6]
        for i, run in enumerate(runs):
            drawn = np.transpose(plane.lines[i].get_data())
            np.testing.assert_array_equal(drawn, run.points[:34])
            heights = 10 ** np.asarray(falls.lines[i].get_ydata())
            np.testing.assert_allclose(heights, np.maximum(run.losses[:34], 1e-9))
            x, y = map(np.asarray, ends.lines[i].get_data())
            np.testing.assert_allclose(10**x, optimizers.RATES)
            np.testing.assert_allclose(10**y, np.maximum(results[i], 1e-9))
        (bars,) = bands.collections
        for row, result in enumerate(results):
            covered = [s for s in bars.get_segments() if s[0, 1] == row]
            for rate, loss in zip(np.log10(optimizers.RATES), result, strict=True):
                inside = any(s[0, 0] < rate < s[1, 0] for s in covered)
                assert inside == (loss < optimizers.ENOUGH)
        assert 10 ** float(ends.lines[-1].get_xdata()[0]) == pytest.approx(0.03)


def test_degenerate_settings_get_a_sentence(update: Any) -> None:
    told = update(eta=2.0, step=100)
    assert "plain too far away after step 2, so held there" in told
    assert "momentum too far away after step 2" in told
    assert "plain none" in update(f="noisy gradient", seed=3)
    assert "loss after 0 steps: plain 15.63" in update(step=0)
    assert "more than 10000" in update(eta=0.3, step=3)


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"eta": round(10**x, 4)} for x in np.linspace(-3, 0.3, 30)),
        *({"step": step} for step in range(101) if step != 40),
        *({"f": name} for name in NAMES if name != "long valley"),
        *({"f": "noisy gradient", "seed": seed} for seed in range(2, 30)),
        {"correction": False},
    ]
    check_captions(update, states)
