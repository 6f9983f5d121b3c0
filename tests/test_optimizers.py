"""The mathematics of `stage.optimization` and `optimizers` against closed forms and SciPy."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.signal
from support.captions import check_captions, check_visible
from support.lessons import made

from demos import optimizers
from stage import optimization

RANDOM = np.random.default_rng(10)
NAMES = optimizers.FUNCTIONS
PLACES = {
    "long valley": optimization.valley(25),
    "turned valley": optimization.valley(7, 30),
    "saddle": optimization.SADDLE,
}
SLOPES = RANDOM.normal(0, 3, (20, 60))  # twenty sequences of gradients


def changes(rule: optimization.Rule, slopes: Any) -> np.ndarray:
    """The steps of a method for a sequence of gradients."""
    m: Any = 0.0
    v: Any = 0.0
    found = []
    for t, g in enumerate(slopes, 1):
        change, m, v = rule(g, m, v, t)
        found.append(change)
    return np.array(found)


def average(x: Any, keep: float) -> Any:
    """An exponential moving average that starts at 0, as a digital filter."""
    return scipy.signal.lfilter([1 - keep], [1, -keep], x)


# The methods


@pytest.mark.parametrize("slopes", SLOPES)
def test_methods_are_digital_filters_of_the_slopes(slopes: Any) -> None:
    t = np.arange(1, len(slopes) + 1)
    np.testing.assert_array_equal(changes(optimization.gradient_descent, slopes), slopes)
    built_up = scipy.signal.lfilter([1], [1, -0.9], slopes)
    np.testing.assert_allclose(
        changes(optimization.momentum, slopes), built_up, rtol=1e-10, atol=1e-12
    )
    scaled = slopes / (np.sqrt(average(slopes**2, 0.9)) + 1e-8)
    np.testing.assert_allclose(changes(optimization.rmsprop, slopes), scaled, rtol=1e-10)
    m, v = average(slopes, 0.9), average(slopes**2, 0.999)
    np.testing.assert_allclose(
        changes(optimization.adam_uncorrected, slopes),
        m / (np.sqrt(v) + 1e-8),
        rtol=1e-9,
        atol=1e-12,
    )
    corrected = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(changes(optimization.adam, slopes), corrected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("slope", [-250.0, -7.0, 0.02, 3.0, 1e6])
def test_a_slope_that_stays_has_closed_forms(slope: float) -> None:
    t = np.arange(1, 81)
    same = np.full(80, slope)
    np.testing.assert_allclose(changes(optimization.momentum, same), slope * (1 - 0.9**t) / 0.1)
    np.testing.assert_allclose(changes(optimization.adam, same), np.sign(slope), rtol=1e-6)
    expected = np.sign(slope) / np.sqrt(1 - 0.9**t)
    np.testing.assert_allclose(changes(optimization.rmsprop, same), expected, rtol=1e-5)
    expected = np.sign(slope) * (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    np.testing.assert_allclose(changes(optimization.adam_uncorrected, same), expected, rtol=1e-4)


def test_a_slope_of_zero_moves_nothing() -> None:
    for rule in (*optimization.rules(True), optimization.adam_uncorrected):
        assert not changes(rule, np.zeros(5)).any()


def test_adam_does_not_see_the_scale_of_the_loss() -> None:
    np.testing.assert_allclose(
        changes(optimization.adam, 100 * SLOPES[0]),
        changes(optimization.adam, SLOPES[0]),
        rtol=1e-5,
    )


# The landscapes and the races


@pytest.mark.parametrize("name", PLACES)
def test_gradients_are_finite_differences_and_zero_is_lowest(name: str) -> None:
    land = PLACES[name]
    for at in RANDOM.uniform((-3, -2), (3, 2), (20, 2)):
        expected = scipy.optimize.approx_fprime(at, lambda p: land.height(*p), 1e-7)
        np.testing.assert_allclose(land.gradient(*at), expected, rtol=1e-4, atol=1e-4)
        assert land.height(*at) >= 0
    for place in land.lowest:
        assert land.height(*place) == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(land.gradient(*place), 0, atol=1e-12)


@pytest.mark.parametrize("theta", [10, 30, 45])
def test_a_turned_valley_is_the_valley_turned(theta: float) -> None:
    straight, turned = optimization.valley(25), optimization.valley(25, theta)
    c, s = math.cos(math.radians(theta)), math.sin(math.radians(theta))
    for x, y in [straight.start, *RANDOM.uniform(-3, 3, (20, 2))]:
        there = (c * x - s * y, s * x + c * y)
        assert turned.height(*there) == pytest.approx(straight.height(x, y))
    x, y = straight.start
    np.testing.assert_allclose(turned.start, (c * x - s * y, s * x + c * y))
    for eta in (0.005, 0.03, 0.07):
        before = optimizers.race("long valley", 25.0, 0.0, eta, 0.9, True, 0)
        after = optimizers.race("long valley", 25.0, float(theta), eta, 0.9, True, 0)
        for i in (0, 1):  # these two rotate with it; the others treat each weight separately
            np.testing.assert_allclose(before[i].losses, after[i].losses, rtol=1e-6, atol=1e-12)
        assert not math.isclose(before[3].losses[40], after[3].losses[40], rel_tol=0.02)


@pytest.mark.parametrize("eta", [0.001, 0.004, 0.02, 0.06, 0.079, 0.08])
@pytest.mark.parametrize("beta", [0.0, 0.44, 0.9])
def test_plain_and_momentum_in_the_valley_have_closed_forms(eta: float, beta: float) -> None:
    runs = optimizers.race("long valley", 25.0, 0.0, eta, beta, True, 0)
    for axis, curvature in enumerate((1, 25)):
        start = PLACES["long valley"].start[axis]
        k = np.arange(optimizers.LAST + 1)
        np.testing.assert_allclose(
            runs[0].points[:, axis], start * (1 - eta * curvature) ** k, rtol=1e-9, atol=1e-12
        )
        # (x, m) after a step is linear in (x, m) before it.
        step = np.array([[1 - eta * curvature, -eta * beta], [curvature, beta]])
        for t in (1, 2, 10, 50, 100):
            expected = (np.linalg.matrix_power(step, t) @ [start, 0])[0]
            assert runs[1].points[t, axis] == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize(
    ("name", "theta"), [*((name, 0.0) for name in NAMES), ("long valley", 45.0)]
)
def test_every_step_of_a_race_follows_from_the_slopes_before(
    name: str, theta: float, correction: bool
) -> None:
    # Step by step, because paths amplify rounding errors: RMSProp's in a rotated valley by 10¹⁰.
    land = optimizers.landscape(name, 25.0, theta)
    for seed, eta in ((0, 0.003), (3, 0.03), (7, 0.09), (9, 1.1)):
        runs = optimizers.race(name, 25.0, theta, eta, 0.9, correction, seed)
        for method, run in zip(optimization.METHODS, runs, strict=True):
            last = min(run.stopped_at, optimizers.LAST)
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
                "gradient descent": g,
                "momentum": 10 * np.apply_along_axis(average, 0, g, 0.9),
                "RMSProp": g / (np.sqrt(np.apply_along_axis(average, 0, g * g, 0.9)) + 1e-8),
                "Adam": m / (np.sqrt(v) + 1e-8),
            }[method]
            np.testing.assert_allclose(
                np.diff(at, axis=0), -eta * change, rtol=1e-7, atol=1e-12 * (1 + abs(at).max())
            )
            np.testing.assert_allclose(run.losses[: last + 1], [land.height(*p) for p in at])


@pytest.mark.parametrize("place", [optimization.valley(10), optimization.valley(100, 45)])
def test_final_losses_are_those_of_a_run_at_each_rate(place: optimization.Landscape) -> None:
    steps = 60
    losses = optimization.final_losses(place, optimization.RATES, steps)
    assert np.isfinite(losses).mean() > 0.85  # if rounding decides the path, no final loss is shown
    for column in range(0, len(optimization.RATES), 12):
        eta = float(optimization.RATES[column])
        for i, rule in enumerate(optimization.rules()):
            run = optimization.run(rule, place, eta, [(0.0, 0.0)] * steps, place.start)
            if math.isfinite(losses[i, column]):
                expected = run.losses[-optimization.TAIL :].mean()
                assert losses[i, column] == pytest.approx(expected, rel=1e-3, abs=1e-9)
            else:
                assert run.unreliable_from <= steps


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows_at_any_rate(name: str) -> None:
    for eta in np.geomspace(optimizers.SLOW, optimizers.FAST, 15):
        for run in optimizers.race(name, 100.0, 20.0, float(eta), 0.99, True, 1):
            assert np.isfinite(run.points).all()
            assert np.isfinite(run.losses).all()
            if run.stopped_at <= optimizers.LAST:
                assert abs(run.points[run.stopped_at]).sum() > optimization.FAR
                assert abs(run.points[run.stopped_at - 1]).sum() <= optimization.FAR
                assert (run.points[run.stopped_at :] == run.points[run.stopped_at]).all()
            else:
                assert abs(run.points).sum(axis=1).max() <= optimization.FAR


def test_noise_is_the_same_for_all_and_only_where_it_is_said() -> None:
    for name in ("long valley", "saddle"):
        assert not optimizers.noise(name, 5).any()
    pooled = np.concatenate([optimizers.noise("noisy gradient", seed) for seed in range(100)])
    assert pooled.std() == pytest.approx(0.5, rel=0.02)
    assert pooled.mean() == pytest.approx(0, abs=0.02)
    assert not np.array_equal(
        optimizers.noise("noisy gradient", 1), optimizers.noise("noisy gradient", 2)
    )


def test_rates_have_the_index_that_is_nearest() -> None:
    for i, eta in enumerate(optimization.RATES):
        for off in (0.95, 1.0, 1.05):
            assert optimization.nearest_rate(float(eta * off)) == i


# The captions and the picture


@pytest.mark.parametrize("width", [7.2, 3.6])
@pytest.mark.parametrize("name", NAMES)
def test_the_picture_shows_the_race(name: str, width: float) -> None:
    figure, update = made("optimizers", width)
    update(f=name, eta=0.03, step=33, seed=2, correction=False, loss=True)
    seed = 2 if name == "noisy gradient" else 0
    runs = optimizers.race(name, 25.0, 0.0, 0.03, 0.9, False, seed)
    plane, falls = figure.axes[1:3]
    drawn = [np.transpose(line.get_data()) for line in plane.lines]
    heights = [10 ** np.asarray(line.get_ydata()) for line in falls.lines]
    for run in runs:
        assert any(np.array_equal(path, run.points[:34]) for path in drawn)
        expected = np.maximum(run.losses[:34], 1e-9)
        assert any(len(h) == 34 and np.allclose(h, expected) for h in heights)


@pytest.mark.parametrize("width", [7.2, 3.6])
def test_no_path_leaves_the_map(width: float) -> None:
    figure, update = made("optimizers", width)
    plane = figure.axes[1]
    for eta in np.geomspace(optimizers.SLOW, optimizers.FAST, 12):
        for beta in (0.0, 0.99):
            for theta in (0.0, 45.0):
                update(eta=float(eta), beta=beta, theta=theta, kappa=100.0, step=100)
                for line in plane.lines:
                    x, y = (np.asarray(part) for part in line.get_data())
                    assert (abs(x) <= plane.get_xlim()[1]).all()
                    assert (abs(y) <= plane.get_ylim()[1]).all()


def test_degenerate_settings_get_a_sentence() -> None:
    _, update = made("optimizers")
    told = update(eta=2.0, step=100)
    assert "gradient descent has left the map after step 0" in told.detail
    assert "momentum has left the map after step 0" in told.detail
    assert "15.63" in update(step=0)
    assert "more than one" in update(eta=0.11, beta=0.44, step=40)


@pytest.mark.whole
def test_every_sentence_is_whole_and_tells_one_picture() -> None:
    _, update = made("optimizers")
    states: list[dict[str, Any]] = [
        *({"eta": round(10**x, 4), "step": 40} for x in np.linspace(-3, 0.3, 15)),
        *({"step": step} for step in range(101) if step != 3),  # it starts at 3
        *({"f": name, "step": 40} for name in NAMES[1:]),
        *({"f": "noisy gradient", "seed": seed, "step": 40} for seed in range(2, 12)),
        *({"theta": theta, "step": 40} for theta in (1.0, 20.0, 45.0)),
        *({"kappa": kappa, "step": 40} for kappa in (1.0, 3.0, 100.0)),
        {"correction": False, "step": 40},
    ]
    check_captions(lambda **values: f"{(told := update(**values))} {told.detail}", states)
    for state in states:
        check_visible(update(**state))
