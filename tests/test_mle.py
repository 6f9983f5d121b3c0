"""Lesson 13: the mathematics of `mle` against SciPy's distributions, fits, and optimizer."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import log_loss  # type: ignore[import-untyped]
from support.captions import check_visible

from demos import mle

RANDOM = np.random.default_rng(13)
SAMPLES = [np.round(RANDOM.uniform(-4, 4, n), 1) for n in (2, 3, 4, 5, 6, 9, 10) for _ in range(4)]
X = np.linspace(-4, 4, 81)


def points(x: Any) -> tuple[tuple[float, float], ...]:
    return tuple((float(value), 0.0) for value in x)


def test_log_densities_are_those_of_scipy() -> None:
    for mu, spread in zip(RANDOM.uniform(-4, 4, 30), RANDOM.uniform(0.3, 4, 30), strict=True):
        np.testing.assert_allclose(
            mle.normal(X, mu, spread), scipy.stats.norm.logpdf(X, mu, spread), rtol=1e-12
        )
        np.testing.assert_allclose(
            mle.laplace(X, mu, spread), scipy.stats.laplace.logpdf(X, mu, spread), rtol=1e-12
        )
    for p in (0.0, 0.2, 0.7, 1.0):
        np.testing.assert_allclose(
            mle.bernoulli(X, p), scipy.stats.bernoulli.logpmf(X > 0, p), rtol=1e-12
        )


@pytest.mark.parametrize("x", SAMPLES)
def test_the_best_parameters_are_those_of_scipy(x: NDArray[np.float64]) -> None:
    for find, family in (
        (mle.best_normal, scipy.stats.norm),
        (mle.best_laplace, scipy.stats.laplace),
    ):
        found = find(x)
        expected = family.fit(x)
        assert found.at == pytest.approx(expected, abs=1e-9)
        assert found.value == pytest.approx(family.logpdf(x, *expected).sum(), abs=1e-9)


@pytest.mark.parametrize("x", SAMPLES[::3])
@pytest.mark.parametrize(
    ("find", "log_density"),
    [(mle.best_normal, mle.normal), (mle.best_laplace, mle.laplace)],
)
def test_no_search_finds_better(
    x: NDArray[np.float64],
    find: Callable[..., mle.Best],
    log_density: Callable[..., NDArray[np.float64]],
) -> None:
    found = find(x)
    result = scipy.optimize.minimize(
        lambda at: -log_density(x, at[0], math.exp(at[1])).sum(),
        (0.1, 0.3),
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 2000},
    )
    assert -result.fun == pytest.approx(found.value, abs=1e-4)
    assert -result.fun <= found.value + 1e-9


def test_cross_entropy_is_that_of_scikit_learn() -> None:
    for x in SAMPLES:
        yes = x > 0
        for p in (0.05, 0.3, 0.9):
            loss = log_loss(yes, np.full(len(x), p), normalize=False, labels=[False, True])
            assert -mle.bernoulli(x, p).sum() == pytest.approx(loss)
        found = mle.best_bernoulli(x)
        assert found.at == (yes.mean(),)
        grid = mle.bernoulli_curve(tuple(x), mle.P)
        assert found.value >= grid.max() - 1e-12
        expected = [mle.bernoulli(x, p).sum() for p in mle.P]
        np.testing.assert_allclose(grid, expected, atol=1e-9)


def test_the_surface_is_the_sum_of_log_densities() -> None:
    for x in SAMPLES[:8]:
        for model, log_density in (("normal", mle.normal), ("Laplace", mle.laplace)):
            heights = mle.surface(model, tuple(x))
            for i, j in RANDOM.integers((0, 0), (len(mle.SIGMA), len(mle.MU)), (20, 2)):
                expected = log_density(x, mle.MU[j], mle.SIGMA[i]).sum()
                assert heights[i, j] == pytest.approx(expected)
            assert heights.max() <= mle.best(model, tuple(x)).value + 1e-9


@pytest.mark.parametrize("x", [(1.5,), (0.0,), (-0.3, -0.3, -0.3)])
def test_points_in_one_place_have_no_best_spread(x: tuple[float, ...]) -> None:
    for find in (mle.best_normal, mle.best_laplace):
        found = find(x)
        assert found.at == pytest.approx((x[0], 0), abs=0)
        assert found.value == math.inf
    assert mle.best_bernoulli(x) == mle.Best((float(x[0] > 0),), 0.0)


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return mle.demo(figure)


def test_stems_and_bars_show_each_point(figure: Figure, update: Any) -> None:
    density, loss, total, _ = figure.axes
    for x in SAMPLES[::2]:
        mu, sigma = (float(value) for value in RANDOM.uniform((-1, 1.5), (1, 3)))
        x = np.sort(x)
        expected = scipy.stats.norm.pdf(x, mu, sigma)
        update(data=points(x), mu=mu, sigma=sigma, panel="losses")
        for axes, heights in ((density, expected), (loss, -np.log(expected))):
            stems = [line for line in axes.lines if len(line.get_xydata()) == 3 * len(x)]
            ends = np.asarray(stems[0].get_xydata()).reshape(-1, 3, 2)
            np.testing.assert_allclose(ends[:, 1, 0], x)
            np.testing.assert_allclose(ends[:, 1, 1], heights, atol=1e-12)
            assert axes.get_ylim()[1] >= heights.max()
        update(data=points(x), mu=mu, sigma=sigma, panel="total")
        (bars,) = [art for art in total.collections if isinstance(art, PolyCollection)]
        edges = [np.asarray(path.vertices)[:2, 0] for path in bars.get_paths()]
        sums = np.cumsum(-np.log(expected))
        np.testing.assert_allclose([b for _, b in edges], sums, atol=1e-9)
        np.testing.assert_allclose([a for a, _ in edges[1:]], sums[:-1], atol=1e-9)
        assert total.get_xlim()[1] >= sums.max()


def test_the_marks_stand_at_the_current_and_the_best(figure: Figure, update: Any) -> None:
    plane = figure.axes[3]
    _, peak, here = plane.lines

    def at(drawn: Any) -> tuple[float, float]:
        return float(drawn.get_xdata()[0]), float(drawn.get_ydata()[0])

    for x in SAMPLES:
        update(data=points(x), mu=-1.5, sigma=2.5, panel="map")
        assert at(here) == (-1.5, 2.5)
        mean, spread = x.mean(), max(x.std(), mle.NARROWEST)
        assert at(peak) == pytest.approx((mean, spread))
        update(data=points(x), model="Bernoulli", p=0.25, panel="map")
        assert at(here)[0] == pytest.approx(-2)
        assert at(peak)[0] == pytest.approx(8 * (x > 0).mean() - 4)


def test_the_button_writes_the_best_into_the_controls(update: Any) -> None:
    for x in SAMPLES[:8]:
        told = update(data=points(x), fit=True)
        mean, spread = x.mean(), min(max(x.std(), mle.NARROWEST), mle.WIDEST)
        assert told.sets["mu"] == pytest.approx(mean, abs=0.0051)
        assert told.sets["sigma"] == pytest.approx(spread, abs=0.0051)
        told = update(data=points(x), model="Bernoulli", fit=True)
        assert told.sets["p"] == pytest.approx((x > 0).mean(), abs=0.0051)


def test_handles_lie_on_the_curve_and_in_the_frame() -> None:
    for model, family in (("normal", scipy.stats.norm), ("Laplace", scipy.stats.laplace)):
        for mu in (-4.0, -0.1, 0.0, 1.0, 4.0):
            for sigma in (0.2, 1.0, 4.0):
                x, y = mle.shoulder(sigma, mu, model)
                assert abs(x) <= 4
                assert abs(x - mu) == pytest.approx(sigma)
                assert y == pytest.approx(family.pdf(x, mu, sigma))
                assert mle.peak(model, sigma) == pytest.approx(family.pdf(mu, mu, sigma))


def test_degenerate_data_get_a_sentence(update: Any) -> None:
    one, same = points([1.0]), points([1.0, 1.0, 1.0])
    for model in ("normal", "Laplace"):
        assert "only one point" in update(data=one, model=model, panel="map").detail
        assert "All points lie in one place" in update(data=same, model=model, panel="map").detail
        assert "narrower" in update(data=same, model=model)
    assert (
        "p = 1, because 1 of 1 toss is heads"
        in update(data=one, model="Bernoulli", panel="map").detail
    )
    assert "−∞" in update(data=one, model="Bernoulli", p=0.0)
    assert "is 0, the largest" in update(data=one, model="Bernoulli", p=1.0)
    even = update(data=points([-2, 0, 1, 3]), model="Laplace", panel="map").detail
    assert "any μ from 0 to 1" in even


@pytest.mark.whole
def test_every_sentence_is_whole(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"mu": k / 10} for k in range(-40, 41, 3)),
        *({"sigma": k / 20} for k in range(4, 81, 5)),
        *({"model": "Laplace", "sigma": k / 20} for k in range(4, 81, 5)),
        *({"model": "Bernoulli", "p": k / 100} for k in range(0, 101, 5)),
        *({"data": points(x), "model": model} for x in SAMPLES for model in mle.MODELS),
    ]
    for fields in states:
        check_visible(update(**fields))
