"""Lesson 11: the mathematics of `normal` against SciPy and closed forms."""

import math
from typing import Any

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from matplotlib.figure import Figure
from support.captions import check_visible, check_whole, everything
from support.pictures import bars

from demos import normal
from stage.artists import Area

RANDOM = np.random.default_rng(11)
CURVES = [
    (0.0, 1.0),
    (-3.0, 0.2),
    (3.0, 3.0),
    *zip(RANDOM.uniform(-3, 3, 20), RANDOM.uniform(0.2, 3, 20), strict=True),
]


@pytest.mark.parametrize(("mean", "sd"), CURVES)
def test_pdf_and_cdf_are_those_of_scipy(mean: float, sd: float) -> None:
    x = mean + sd * np.linspace(-30, 30, 241)
    np.testing.assert_allclose(
        normal.pdf(x, mean, sd), scipy.stats.norm.pdf(x, mean, sd), rtol=1e-12
    )
    found = [normal.cdf(value, mean, sd) for value in x]
    np.testing.assert_allclose(found, scipy.stats.norm.cdf(x, mean, sd), rtol=1e-11)


@pytest.mark.parametrize(("mean", "sd"), CURVES)
def test_the_area_below_the_density_is_the_probability(mean: float, sd: float) -> None:
    for _ in range(5):
        a, b = np.sort(RANDOM.uniform(mean - 4 * sd, mean + 4 * sd, 2))
        area, _ = scipy.integrate.quad(lambda x: float(normal.pdf(x, mean, sd)), a, b)
        assert normal.between(a, b, mean, sd) == pytest.approx(area, abs=1e-10)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("z", [1, 5, 8, 20, 35])
def test_far_tails_keep_their_digits(side: int, z: float) -> None:
    a, b = sorted((side * z, side * (z + 1)))
    expected = scipy.stats.norm.sf(z) - scipy.stats.norm.sf(z + 1)
    assert normal.between(a, b, 0, 1) == pytest.approx(expected, rel=1e-11, abs=0)


def test_between_of_known_ranges() -> None:
    for k, expected in ((1, 0.682689492137086), (2, 0.954499736103642), (3, 0.997300203936740)):
        assert normal.between(-k, k, 0, 1) == pytest.approx(expected, abs=1e-15)
        assert normal.between(2 - k * 0.5, 2 + k * 0.5, 2, 0.5) == pytest.approx(
            expected, abs=1e-15
        )
    assert normal.between(1, 1, 0, 1) == 0
    assert normal.between(1, -1, 0, 1) == 0
    assert normal.between(-100, 100, 0, 1) == 1


def test_the_highest_density_passes_one() -> None:
    assert float(normal.pdf(0, 0, 0.2)) == pytest.approx(5 / math.sqrt(2 * math.pi))
    assert float(normal.pdf(0, 0, 0.2)) > 1


def test_a_sample_is_normal_and_grows_without_changing() -> None:
    large = normal.standard_sample(2000, 5)
    np.testing.assert_array_equal(normal.standard_sample(20, 5), large[:20])
    assert not np.array_equal(normal.standard_sample(20, 6), large[:20])
    pooled = np.concatenate([normal.standard_sample(2000, seed) for seed in range(20)])
    assert scipy.stats.kstest(pooled, "norm").pvalue > 0.01


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return normal.demo(figure)


def test_the_histogram_and_the_steps_count_the_sample(figure: Figure, update: Any) -> None:
    density, cumulative = figure.axes
    (histogram, _) = (art for art in density.collections if isinstance(art, Area))
    for mean, sd in CURVES[:8]:
        update(mean=mean, sd=sd, n=500, seed=3, cumulated=True)
        sample = mean + sd * normal.standard_sample(500, 3)
        heights, edges = bars(histogram)
        expected, _ = np.histogram(sample, edges, density=True)
        np.testing.assert_allclose(heights, expected, atol=1e-12)
        assert heights @ np.diff(edges) == pytest.approx(1)
        values, shares = map(np.asarray, cumulative.lines[0].get_data())
        for x in RANDOM.uniform(-6, 6, 10):
            last = np.searchsorted(values, x, side="right") - 1
            assert shares[last] == pytest.approx(np.mean(sample <= x))


def test_the_bar_beside_the_cumulative_curve_is_the_probability(
    figure: Figure, update: Any
) -> None:
    update(mean=0.5, sd=0.7, a=0.0, b=2.0, cumulated=True)
    low, high = np.asarray(figure.axes[1].lines[-1].get_ydata())
    assert high - low == pytest.approx(scipy.stats.norm(0.5, 0.7).cdf([0, 2]) @ [-1, 1])


def test_degenerate_ranges_get_a_sentence(update: Any) -> None:
    assert "a is above b" in update(a=1.0, b=-1.0)
    assert "probability 0, although the density is 0.35" in update(a=0.5, b=0.5)
    assert "below 0.005" in update(sd=0.2, a=6.0, b=6.0)
    assert "below 0.0001" in update(mean=-3.0, sd=0.2, a=5.9, b=6.0)
    assert "above 0.9999" in update(sd=0.2, a=-6.0, b=6.0)
    assert "No sample" in update(n=0).detail
    assert "fall outside the picture" in update(mean=3.0, sd=3.0, n=2000).detail


@pytest.mark.parametrize("n", [0, 10, 200, 2000])
def test_the_bell_fills_its_frame_and_nothing_leaves_it(
    figure: Figure, update: Any, n: int
) -> None:
    density = figure.axes[0]
    for sd in np.linspace(0.2, 3, 57):
        update(sd=float(sd), n=n)
        top = density.get_ylim()[1]
        drawn = [
            np.asarray(path.vertices)[:, 1].max() for path in density.collections[0].get_paths()
        ]
        highest = max(float(normal.pdf(0, 0, sd)), *drawn) if n else float(normal.pdf(0, 0, sd))
        assert highest < top
        assert highest > 0.4 * top


@pytest.mark.whole
def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"mean": x} for x in np.linspace(-3, 3, 13).round(1).tolist() if x),
        *({"sd": x} for x in (0.2, 0.25, 0.5, 2.0, 3.0)),
        *({"a": x} for x in (-6.0, -0.9, 0.0, 1.0, 1.1, 6.0)),
        *({"b": x} for x in (-1.5, -2.0, 0.9, 6.0)),
        *({"n": x} for x in (10, 190, 210, 2000)),
        *({"n": 200, "seed": x} for x in range(20)),
        {"cumulated": True},
    ]
    told = {everything(update())}
    for state in states:
        caption = update(**state)
        check_visible(caption)
        check_whole(caption.detail)
        assert everything(caption) not in told, (state, caption)
        told.add(everything(caption))
