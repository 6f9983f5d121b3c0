"""Lesson 10: its small figures and its guess against NumPy, and the numbers in its text."""

import html
import math
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from support.captions import check_visible
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import (
    optimizer_batch,
    optimizer_guess,
    optimizer_momentum,
    optimizer_rates,
    optimizers,
)
from stage import Answer, Caption, controls, number, power
from stage.optimization import BETA, METHODS, RATES, best, loss_text, rules, valley

SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 10), page("guide", 10)
NAMES = list(METHODS)


def heavy_ball(beta: float, eta: float, curvature: float, steps: int) -> NDArray[Any]:
    """The matrix that maps (x, m) to its value after `steps` steps of momentum."""
    one = np.array([[1 - eta * curvature, -eta * beta], [curvature, beta]])
    return np.linalg.matrix_power(one, steps)


# optimizer_momentum


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.63, 0.95])
def test_a_path_with_memory_has_its_closed_form(beta: float) -> None:
    points = optimizer_momentum.descend(beta)
    for axis, curvature in enumerate((1.0, optimizer_momentum.KAPPA)):
        start = optimizer_momentum.START[axis]
        for steps in (1, 2, 7, 40, 200):
            moved = heavy_ball(beta, optimizer_momentum.ETA, curvature, steps)
            assert points[steps, axis] == pytest.approx(start * moved[0, 0], abs=1e-10)
    steps = optimizer_momentum.steps_needed(points)
    left = np.linalg.norm(points, axis=1) / np.linalg.norm(points[0])
    assert (left[steps:] <= 0.01).all()
    assert left[steps - 1] > 0.01
    assert steps < optimizer_momentum.LAST - 100


def test_the_second_step_ends_where_it_is_dragged() -> None:
    figure, update = made("optimizer_momentum")
    for beta in (0.0, 0.25, 0.63, 0.95):
        x, y = optimizer_momentum.second(beta)
        np.testing.assert_allclose((x, y), optimizer_momentum.descend(beta, 2)[2])
        assert optimizer_momentum.dragged(x, y) == pytest.approx(beta)
        told = update(beta=beta)
        check_visible(told)
        assert told.numbers["y"] == number(y)
        steps = optimizer_momentum.steps_needed(optimizer_momentum.descend(beta))
        assert numbers_in(told) >= {number(beta), str(steps)}
        low, high = figure.axes[0].get_ylim()
        points = optimizer_momentum.descend(beta)
        assert low < points[:, 1].min() < points[:, 1].max() < high
        assert abs(points[:, 0]).max() < figure.axes[0].get_xlim()[1]


# optimizer_batch


def test_the_ring_is_the_typical_error_of_a_gradient() -> None:
    points, rng = optimizer_batch.POINTS, np.random.default_rng(3)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    for batch in (1, 4, 20, 63):
        means = np.array([rng.permutation(points)[:batch].mean(axis=0) for _ in range(2000)])
        error = math.sqrt((means**2).sum(axis=1).mean())
        assert optimizer_batch.noise(batch) == pytest.approx(error, rel=0.05)
    assert optimizer_batch.noise(optimizer_batch.COUNT) == 0
    for batch in range(1, optimizer_batch.COUNT + 1):
        assert optimizer_batch.batch_of(optimizer_batch.noise(batch)) == pytest.approx(batch)


@pytest.mark.parametrize("falling", [False, True])
def test_the_path_of_all_data_is_gradient_descent(falling: bool) -> None:
    found = optimizer_batch.descend(optimizer_batch.COUNT, falling, 5)
    w, eta = np.array(optimizer_batch.START), optimizer_batch.ETA
    for place in found:
        np.testing.assert_allclose(place, w, atol=1e-5)
        gradient = scipy.optimize.approx_fprime(
            w, lambda v: 0.5 * ((v - optimizer_batch.POINTS) ** 2).sum(axis=1).mean(), 1e-7
        )
        w, eta = w - eta * gradient, eta / 2 if falling else eta
    assert len(found) == 1 + optimizer_batch.PASSES


def test_small_batches_take_more_steps_and_a_schedule_lets_them_settle() -> None:
    _, update = made("optimizer_batch")
    for batch in (1, 3, 8, 33, 64):
        steps = optimizer_batch.PASSES * math.ceil(optimizer_batch.COUNT / batch)
        told = update(batch=batch)
        check_visible(told)
        assert told.numbers["steps"] == str(steps)
        assert str(steps) in told
    for batch in (1, 2, 4):
        ends = [
            np.mean([
                optimizer_batch.last_pass(optimizer_batch.descend(batch, falling, seed))
                for seed in range(20)
            ])
            for falling in (False, True)
        ]  # fmt: skip
        assert ends[1] < 0.7 * ends[0]


# optimizer_rates and optimizer_guess


@pytest.mark.parametrize("name", optimizer_rates.VALLEYS)
def test_a_rate_says_who_ends_lowest(name: str) -> None:
    _, update = made("optimizer_rates")
    losses = optimizer_rates.losses_in(name)
    for column in range(0, len(RATES), 6):
        told = update(eta=float(RATES[column]), valley=name)
        check_visible(told)
        first = int(np.nanargmin(losses[:, column]))
        assert f" {NAMES[first]} " in told
        assert loss_text(losses[first, column]) in told
        assert not told.sets
    assert update(eta=0.0123, valley=name).sets["eta"] == 0.0126
    assert not update(eta=0.0126, valley=name).sets
    assert not update(eta=0.02, valley=name).sets


def test_plain_gradient_descent_has_its_closed_form_at_every_rate() -> None:
    losses = optimizer_rates.losses_in("κ = 100")[0]
    last = np.arange(191, 201)
    for eta, loss in zip(RATES, losses, strict=True):
        if loss < 1000:
            x, y = -2.5 * (1 - eta) ** last, (1 - 100 * eta) ** last
            assert loss == pytest.approx((x * x + 100 * y * y).mean() / 2, rel=1e-6, abs=1e-20)


SEEDS = range(len(optimizer_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_method_and_its_rate_is_scored(seed: int) -> None:
    _, update = made("optimizer_guess")
    losses = optimizer_guess.answers(seed)
    first, rate = best(losses)
    assert losses[first, rate] == np.nanmin(losses)

    def told(row: int, column: int, answer: Answer = SHOWN) -> Caption:
        found = update(method=NAMES[row], eta=float(RATES[column]), seed=seed, answer=answer)
        check_visible(found)
        return found

    assert "found" in told(first, rate)
    least = loss_text(losses[first, rate])
    for row in range(4):
        for column in range(0, len(RATES), 10):
            found = told(row, column)
            close = losses[row, column] <= max(10 * losses[first, rate], 1e-10)
            assert ("found" in found) == close
            assert least in f"{found} {found.detail}"
            if losses[row, column] > 1000:
                assert "diverges" in found
    adam = NAMES.index("Adam")
    assert "default" in told(adam, 0)
    reach = int(np.nanargmin(losses[adam]))
    if losses[adam, reach] > max(10 * losses[first, rate], 1e-10):
        assert "not always" in told(adam, reach)
    skipped = told(adam, 0, Answer(1.0, True))
    assert "our" not in skipped
    assert NAMES[first] in skipped
    assert power(RATES[rate], 2) in skipped


def test_different_tasks_have_different_winners() -> None:
    winners = {best(optimizer_guess.answers(seed))[0] for seed in SEEDS}
    assert len(winners) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_no_curve_is_shown_before_the_guess_is_checked(seed: int) -> None:
    figure, update = made("optimizer_guess")
    update(seed=seed, answer=SHOWN)
    told = update(method="RMSProp", eta=0.001, seed=seed, answer=Answer())
    kappa, theta = optimizer_guess.KAPPAS[seed], optimizer_guess.ANGLES[seed]
    assert numbers_in(told) <= {"2", "200", "0.001", str(kappa), str(theta)}
    assert not told.numbers
    visible = [line for line in figure.axes[0].lines if line.get_visible()]
    assert [line.get_linestyle() for line in visible] == ["--"]


# The text


def state(query: str) -> dict[str, Any]:
    """The values of the laboratory's controls for a link."""
    raw = optimizers.demo(Figure(figsize=(7.2, 5)))
    return controls.read(controls.parameters(raw), parse_qs(html.unescape(query)))


def losses_of(query: str) -> list[float]:
    """The loss of each method for a link."""
    values = state(query)
    runs = optimizers.race(
        *(values[key] for key in ("f", "kappa", "theta", "eta", "beta", "correction")),
        values["seed"] if values["f"] == "noisy gradient" else 0,
    )
    return [float(run.losses[values["step"]]) for run in runs]


def links(source: str) -> list[str]:
    return re.findall(r"#optimizers\?([^\"]+)\"", source)


def test_who_leads_at_three_rates() -> None:
    for source, section in ((LESSON, "notice"), (GUIDE, "misconception")):
        text = text_of(source, section)
        for eta, name in (("0.005", "momentum"), ("0.06", "gradient descent"), ("0.5", "Adam")):
            query = f"eta={eta}&step=40"
            assert query in html.unescape(source)
            assert NAMES[int(np.argmin(losses_of(query)))] == name
        check_said(text, "momentum leads with", "0.005", "gradient descent with", "0.06")


def test_momentum_pays_off_in_long_valleys() -> None:
    notice = text_of(LESSON, "notice")
    plain = losses_of("eta=0.075&step=40")[0]
    check_said(notice, "η = 0.075", number(plain, 4))
    assert losses_of("eta=0.11&beta=0.44&step=40")[1] < 1e-10
    check_said(notice, "β = 0.44, η = 0.11", "below 10⁻¹⁰")
    for eta in (0.07, 0.072, 0.074, 0.076, 0.078):  # no learning rate is clearly better
        assert losses_of(f"eta={eta}&step=40")[0] > 0.98 * plain


@pytest.mark.parametrize("kappa", [25.0, 100.0, 10000.0])
def test_the_best_rates_of_convergence_are_those_of_the_exercise(kappa: float) -> None:
    """The largest eigenvalue of a step, at the best setting and next to it."""
    root = math.sqrt(kappa)

    def factor(eta: float, beta: float) -> float:
        return max(
            float(abs(np.linalg.eigvals(heavy_ball(beta, eta, curvature, 1))).max())
            for curvature in np.geomspace(1, kappa, 9)
        )

    eta, beta = 4 / (1 + root) ** 2, ((root - 1) / (root + 1)) ** 2
    lowest = factor(eta, beta)
    assert lowest == pytest.approx((root - 1) / (root + 1), abs=1e-6)
    assert factor(2 / (kappa + 1), 0) == pytest.approx((kappa - 1) / (kappa + 1))
    for by in (0.97, 1.03):
        assert factor(eta * by, beta) > lowest
        assert factor(eta, 1 - (1 - beta) * by) > lowest


def test_the_steps_of_the_exercise() -> None:
    text = text_of(LESSON, "exercises")
    assert math.log(0.01) == pytest.approx(-4.6, abs=0.01)
    for k in (10.0, 100.0, 10000.0):
        exact = math.log(0.01) / math.log((k - 1) / (k + 1))
        assert exact == pytest.approx(2.3 * k, rel=0.01)
    check_said(text, "2.3k", "about 230", "23,000", "about 23", "230", "√κ", "10", "100")
    x, y, m = 1.0, 1.0, 0.0
    plain, heavy, memory = [], [], []
    for _ in range(3):
        x -= 0.1 * 2 * x
        m = 0.5 * m + 2 * y
        y -= 0.1 * m
        plain.append(number(x, 3))
        heavy.append(number(y, 3))
        memory.append(number(m, 3))
    check_said(text, *plain)
    for a, b in zip(memory, heavy, strict=True):
        assert re.search(rf"{re.escape(a)}, x = {re.escape(b)}(?!\d)", text)


def test_turning_the_valley() -> None:
    notice = text_of(LESSON, "notice")
    before, after = losses_of("step=40"), losses_of("theta=45&step=40")
    np.testing.assert_allclose(before[:2], after[:2], rtol=1e-9)
    assert min(after[2] / before[2], after[3] / before[3]) > 5
    check_said(notice, "loss rises from", number(before[3], 2), number(after[3], 2))
    saddle = losses_of("f=saddle&step=40")
    check_said(notice, "its loss is still", number(saddle[0], 2), "others are", "0.11")
    assert max(saddle[1:]) == pytest.approx(0.11, abs=0.005)


def test_noise_never_lets_them_rest() -> None:
    for seed in range(5):
        runs = optimizers.race("noisy gradient", 25.0, 0.0, 0.06, BETA, True, seed)
        for run in runs:
            moves = np.linalg.norm(np.diff(run.points[-20:], axis=0), axis=1)
            assert moves.mean() > 0.002


def test_the_first_steps() -> None:
    formula, check = text_of(LESSON, "formula"), text_of(LESSON, "check")
    plain, _, _, adam = optimizers.race("long valley", 25.0, 0.0, 0.06, BETA, True, 0)
    for run in (adam, plain):
        x, y = run.points[1]
        assert f"({number(x)}, {number(y)})" in formula
    uncorrected = optimizers.race("long valley", 25.0, 0.0, 0.06, BETA, False, 0)[3]
    ratio = abs(uncorrected.points[1] - uncorrected.points[0]) / 0.06
    np.testing.assert_allclose(ratio, 0.1 / math.sqrt(0.001), rtol=1e-6)
    check_said(text_of(LESSON, "notice"), "0.1/√0.001 ≈", number(ratio[0]))
    m, steps = 0.0, []
    for _ in range(300):
        m = 0.9 * m + 2
        steps.append(m)
    check_said(check, "m is 2, then", *map(number, steps[1:3]))
    assert steps[-1] * 0.01 == pytest.approx(0.2)
    assert number(0.01 * steps[1], 3) in check
    assert f"≈ {number(math.sqrt(0.001 * 49), 4)}" in check
    assert f"≈ {number(0.06 * 0.7 / math.sqrt(0.049), 2)}" in check


def test_the_second_step_of_the_figure() -> None:
    formula = text_of(LESSON, "formula")
    place = valley(optimizer_momentum.KAPPA)
    g0 = place.gradient(*place.start)[1]
    y1 = float(optimizer_momentum.FIRST[1])
    g1 = place.gradient(*optimizer_momentum.FIRST)[1]
    check_said(formula, "η is 0.06", "from 1, where", number(g0), number(y1), number(g1))
    assert optimizer_momentum.ETA == 0.06
    _, update = made("optimizer_momentum")
    told = update(beta=0.63)
    assert told.numbers["m"] == number(0.63 * g0 + g1)
    assert told.numbers["y"] == number(y1 - 0.06 * (0.63 * g0 + g1))


def lowest(name: str) -> Sequence[float]:
    return [float(np.nanmin(row)) for row in optimizer_rates.losses_in(name)]


def test_each_method_at_its_best_rate() -> None:
    use = text_of(LESSON, "use")
    plain, heavy, rms, adam = lowest("κ = 100")
    check_said(use, "κ = 100", power(plain, 2), power(rms, 2), power(heavy, 1), power(adam, 1))
    plain, heavy, _, adam = lowest("κ = 10")
    assert plain < 1e-10 < min(heavy, adam)
    check_said(use, "κ = 10", "below 10⁻¹⁰", power(heavy, 1))
    turned = lowest("κ = 100, turned by 45°")
    np.testing.assert_allclose(turned[:2], lowest("κ = 100")[:2], rtol=1e-6)
    assert turned[3] == pytest.approx(lowest("κ = 100")[3], rel=1)
    least = [
        power(RATES[np.flatnonzero(optimizer_rates.losses_in(name)[3] < 0.01)[0]], 2)
        for name in ("κ = 100, turned by 45°", "κ = 100")
    ]
    check_said(use, "0.01", *least)


def test_the_guide() -> None:
    tasks = [(optimizer_guess.KAPPAS[i], optimizer_guess.ANGLES[i]) for i in range(3)]
    assert tasks == [(100, 0), (10, 0), (1000, 45)]
    winners = [NAMES[best(optimizer_guess.answers(i))[0]] for i in (1, 2)]
    assert winners == ["gradient descent", "momentum"]
    questions = text_of(GUIDE, "questions")
    counts = [len(optimizer_batch.descend(batch, False, 1)) - 1 for batch in (64, 8)]
    check_said(questions, "batches of 64", str(counts[0]), "batches of 8", str(counts[1]))
    first = optimizers.race("long valley", 25.0, 0.0, 0.06, BETA, True, 0)
    for run, moved in ((first[3], ("0.06",)), (first[0], ("0.15", "1.5"))):
        step = abs(run.points[1] - run.points[0])
        assert {number(float(part)) for part in step} == set(moved)


def test_every_link_leads_to_another_picture() -> None:
    _, update = made("optimizers")
    for source in (LESSON, GUIDE):
        asked = set(links(source))
        assert len(asked) >= 3
        told = set()
        for query in asked:
            caption = update(**state(query))
            check_visible(caption)
            told.add(f"{caption} {caption.detail}")
        assert len(told) == len(asked)


def test_the_exact_methods_are_those_of_the_text() -> None:
    symbols = text_of(LESSON, "formula")
    assert "0.9, 0.9, 0.9, and 0.999" in symbols
    m = v = 0.0
    _, m, v = rules()[3](1.0, m, v, 1)
    assert (m, v) == (pytest.approx(0.1), pytest.approx(0.001))
    assert rules()[1](1.0, 1.0, 0.0, 1)[1] == pytest.approx(1.9)
    assert rules()[2](1.0, 0.0, 1.0, 1)[2] == pytest.approx(1.0)
