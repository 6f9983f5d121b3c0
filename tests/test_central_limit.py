"""Lesson 11, second demo: the mathematics of `central_limit` against SciPy."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import scipy.stats
from matplotlib.figure import Figure
from support.captions import check_visible, everything
from support.pictures import bars

from demos import central_limit
from stage.artists import Area

COUNTS = [1, 2, 3, 4, 7, 12, 25, 50]
S = np.linspace(-3, 90, 373)


@pytest.mark.parametrize("n", COUNTS)
def test_gamma_is_that_of_scipy(n: int) -> None:
    known = scipy.stats.gamma(n)
    inside = S[S != 0]  # at 0 the density jumps for n = 1
    np.testing.assert_allclose(
        central_limit.gamma_density(inside, n), known.pdf(inside), rtol=1e-10, atol=1e-300
    )
    np.testing.assert_allclose(central_limit.gamma_cumulative(S, n), known.cdf(S), atol=1e-13)


@pytest.mark.parametrize("n", COUNTS)
def test_irwin_hall_is_that_of_scipy_or_its_sums(n: int) -> None:
    s = np.linspace(-1, n + 1, 301)
    s = s[abs(s - np.round(s)) > 1e-9]  # for n = 1 the density jumps there
    if n <= 12:
        known = scipy.stats.irwinhall(n)
        density, total = known.pdf(s), known.cdf(s)
    else:  # by numerical integration of the characteristic function (sin(t/2) / (t/2))ⁿ
        t = np.linspace(-40, 40, 40001)
        wave = np.sinc(t / 2 / np.pi) ** n
        step = t[1] - t[0]
        density = np.array([(wave * np.cos(t * (x - n / 2))).sum() for x in s]) * step / 2 / np.pi
        total = None
    np.testing.assert_allclose(central_limit.irwin_hall_density(s, n), density, atol=1e-9)
    found = central_limit.irwin_hall_cumulative(s, n)
    if total is not None:
        np.testing.assert_allclose(found, total, atol=1e-9)
    assert found[0] == 0
    assert found[-1] == pytest.approx(1, abs=1e-12)
    assert (np.diff(found) >= -1e-12).all()
    fine = np.linspace(0, n / 3, 2001)
    areas = np.diff(fine) * (
        central_limit.irwin_hall_density((fine[1:] + fine[:-1]) / 2, n)
    )  # the midpoint rule
    assert areas.sum() == pytest.approx(
        float(central_limit.irwin_hall_cumulative(np.array([n / 3]), n)[0]), abs=1e-5
    )


@pytest.mark.parametrize("n", COUNTS)
def test_the_atoms_of_a_coin_are_binomial(n: int) -> None:
    places, chances = central_limit.atoms(n)
    known = scipy.stats.binom(n, 0.5)
    np.testing.assert_allclose(chances, known.pmf(np.arange(n + 1)), rtol=1e-10)
    np.testing.assert_allclose(places, (np.arange(n + 1) - known.mean()) / known.std(), atol=1e-12)


def test_the_normal_curve_is_that_of_scipy() -> None:
    z = np.linspace(-8, 8, 161)
    np.testing.assert_allclose(central_limit.normal_density(z), scipy.stats.norm.pdf(z))
    np.testing.assert_allclose(central_limit.normal_cumulative(z), scipy.stats.norm.cdf(z))


@pytest.mark.parametrize("source", central_limit.SOURCES)
@pytest.mark.parametrize("n", COUNTS)
def test_the_gap_and_the_share_within_one_are_those_of_scipy(source: str, n: int) -> None:
    found = central_limit.exact(source, n)
    normal = scipy.stats.norm
    if source == "coin":
        known = scipy.stats.binom(n, 0.5)
        k = np.arange(n + 1)
        z = normal.cdf((k - known.mean()) / known.std())
        gap = max(abs(known.cdf(k) - z).max(), abs(known.cdf(k - 1) - z).max())
        inside = abs(k - known.mean()) <= known.std() + 1e-9
        within = known.pmf(k)[inside].sum()
    else:
        known = scipy.stats.gamma(n) if source == "skewed" else scipy.stats.irwinhall(min(n, 12))
        if source == "uniform" and n > 12:
            return  # SciPy's alternating sum loses precision there
        half = source == "uniform"  # both curves are symmetric, and SciPy's is slow
        z = np.linspace(-6, 0, 1201) if half else np.linspace(-6, 6, 24001)
        gap = abs(known.cdf(known.mean() + known.std() * z) - normal.cdf(z)).max()
        within = np.diff(known.cdf(known.mean() + known.std() * np.array([-1, 1])))[0]
    assert found.gap == pytest.approx(gap, abs=5e-5)
    assert found.within == pytest.approx(within, abs=1e-9)


@pytest.mark.parametrize("source", central_limit.SOURCES)
def test_the_gap_shrinks_to_nothing(source: str) -> None:
    gaps = [central_limit.exact(source, n).gap for n in (2, 4, 8, 16, 32, 50)]
    assert (np.diff(gaps) < 0).all()
    assert gaps[-1] < gaps[0] / 4


@pytest.mark.parametrize("source", central_limit.SOURCES)
def test_sums_follow_their_law(source: str) -> None:
    sums = central_limit.Draws(source, 3)
    table = np.array([sums.up_to(n) for n in range(1, central_limit.MOST_DRAWS + 1)])
    assert table.shape == (central_limit.MOST_DRAWS, central_limit.MOST_SUMS)
    draws = np.diff(table, axis=0, prepend=0)
    known = central_limit.SOURCES[source]
    assert draws.mean() == pytest.approx(known.mean, abs=0.01)
    assert draws.std() == pytest.approx(known.sd, abs=0.01)
    for n in (1, 4, 30):
        z = central_limit.standardized(table[n - 1], source, n)
        assert z.mean() == pytest.approx(0, abs=0.08)
        assert z.std() == pytest.approx(1, abs=0.05)
        if source == "coin":
            ones = np.bincount(np.round(table[n - 1]).astype(int), minlength=n + 1)
            expected = scipy.stats.binom(n, 0.5).pmf(np.arange(n + 1)) * len(z)
            usual = expected > 5
            off = (ones - expected)[usual] / np.sqrt(expected[usual])
            assert abs(off).max() < 4
        else:
            total = (
                central_limit.gamma_cumulative
                if source == "skewed"
                else central_limit.irwin_hall_cumulative
            )
            assert scipy.stats.kstest(table[n - 1], lambda s, n=n, f=total: f(s, n)).pvalue > 0.01


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return central_limit.demo(figure)


def stretched(source: str, n: int) -> tuple[float, float]:
    """The width of one standard deviation of the sum in the frame, and the position of the mean."""
    left, right = central_limit.frame(source, n)
    known = central_limit.SOURCES[source]
    return known.sd * np.sqrt(n) / (right - left), (n * known.mean - left) / (right - left)


@pytest.mark.parametrize("source", central_limit.SOURCES)
def test_the_bars_count_the_sums(figure: Figure, update: Any, source: str) -> None:
    (ax,) = figure.axes
    (histogram,) = [art for art in ax.collections if isinstance(art, Area)]
    for n in (1, 2, 5, 50):
        update(source=source, n=n, count=2000, seed=5)
        z = central_limit.standardized(central_limit.drawn(source, 5).up_to(n)[:2000], source, n)
        heights, edges = bars(histogram)
        sd, mean = stretched(source, n)
        shares = np.array([np.mean((z > a) & (z < b)) for a, b in pairwise((edges - mean) / sd)])
        areas = heights * np.diff(edges)
        if source == "coin":
            areas, shares = heights[::2], shares[::2]
            assert not heights[1::2].any()
        assert shares.sum() == pytest.approx(1, abs=0.005)
        np.testing.assert_allclose(areas / areas.sum(), shares / shares.sum(), atol=1e-12)
        assert heights.max() <= central_limit.HIGH + 1e-12


@pytest.mark.parametrize("source", ["skewed", "uniform"])
def test_the_curves_and_the_bars_have_one_scale(figure: Figure, update: Any, source: str) -> None:
    (histogram,) = [art for art in figure.axes[0].collections if isinstance(art, Area)]
    for n in (1, 2, 10, 50):
        update(source=source, n=n, count=4000)
        heights, edges = bars(histogram)
        area = heights @ np.diff(edges)
        exact, normal = figure.axes[0].lines[-2:]
        for curve in (exact, normal):
            x, density = (np.asarray(part) for part in curve.get_data())
            assert np.trapezoid(density, x) == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize("source", central_limit.SOURCES)
def test_each_row_ends_at_its_sum_and_everything_is_in_the_frame(
    figure: Figure, update: Any, source: str
) -> None:
    ends = next(line for line in figure.axes[0].lines if np.size(line.get_xdata()) == 8)
    for n in (0, 1, 4, 50):
        update(source=source, n=n, seed=3)
        left, right = central_limit.frame(source, n)
        sums = central_limit.drawn(source, 3).up_to(n)[: central_limit.ROWS]
        np.testing.assert_allclose(np.asarray(ends.get_xdata()), (sums - left) / (right - left))
        assert left <= 0 < right
        assert len(central_limit.ticks(left, right)) in range(2, central_limit.TICKS + 1)


@pytest.mark.whole
def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"n": n} for n in range(51) if n != 1),
        *({"source": "coin", "n": n} for n in range(1, 51)),
        *({"source": "uniform", "n": n} for n in range(1, 51)),
        *({"count": count} for count in range(500, 4001, 100) if count != 1000),
        *({"seed": seed} for seed in range(11)),
    ]
    told = {everything(update())}
    for state in states:
        caption = update(**state)
        check_visible(caption)
        assert everything(caption) not in told, (state, caption)
        told.add(everything(caption))
