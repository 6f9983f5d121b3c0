"""Lesson 5: the mathematics of `pca` against NumPy, SciPy, scikit-learn, and closed forms."""

import html
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.stats
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from support.captions import check_captions, check_visible, check_whole

from bundle.states import all_states
from demos import pca
from stage import Caption, controls

SITE = Path(__file__).parent.parent / "site"
LESSON = SITE / "lessons" / "05-eigenvectors-pca.html"
GUIDE = SITE / "guide" / "05-eigenvectors-pca.html"
RANDOM = np.random.default_rng(5)
CLOUDS = [
    (
        float(RANDOM.integers(0, 26)) / 10,
        float(RANDOM.integers(0, 26)) / 10,
        float(RANDOM.integers(0, 37)) * 5,
        int(RANDOM.integers(3, 201)),
        int(RANDOM.integers(0, 9999)),
    )
    for _ in range(40)
]
LONG = [spec for spec in CLOUDS if abs(spec[0] - spec[1]) > 0.05]


@pytest.mark.parametrize("n", [3, 4, 10, 60, 200])
def test_the_standard_cloud_is_standard(n: int) -> None:
    for seed in range(20):
        points = pca.standard_cloud(n, seed)
        assert points.shape == (n, 2)
        np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(np.cov(points.T), np.eye(2), atol=1e-9)
    assert not np.allclose(pca.standard_cloud(n, 1), pca.standard_cloud(n, 2))


def test_the_standard_cloud_is_normal() -> None:
    pooled = np.concatenate([pca.standard_cloud(200, seed).ravel() for seed in range(20)])
    assert scipy.stats.kstest(pooled, "norm").pvalue > 0.01


@pytest.mark.parametrize("spec", CLOUDS)
def test_a_cloud_has_the_spreads_that_were_asked_for(spec: Any) -> None:
    along, across, tilt, _, _ = spec
    points = pca.cloud(*spec)
    turn = math.radians(tilt)
    ways = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    np.testing.assert_allclose((points @ ways.T).std(axis=0, ddof=1), (along, across), atol=1e-9)


def test_covariance_is_that_of_numpy() -> None:
    for n, d in ((3, 2), (50, 2), (20, 5)):
        points = RANDOM.normal(3, 2, (n, d))
        np.testing.assert_allclose(pca.covariance(points), np.cov(points.T), rtol=1e-12)


def test_eigen_is_that_of_numpy() -> None:
    for _ in range(200):
        points = RANDOM.normal(size=(5, 2)) * 10.0 ** RANDOM.uniform(-3, 3, 2)
        c = np.cov(points.T)
        values, vectors = np.linalg.eigh(c)
        found = pca.eigen(c)
        assert found.first == pytest.approx(values[1], rel=1e-10)
        assert found.second == pytest.approx(values[0], rel=1e-6, abs=1e-12 * values[1])
        assert found.angle is not None
        assert 0 <= found.angle < 180
        u = pca.direction(found.angle)
        assert abs(u @ vectors[:, 1]) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(c @ u, found.first * u, atol=1e-9 * values[1])


@pytest.mark.parametrize("cm", [False, True])
@pytest.mark.parametrize("spec", LONG)
def test_the_answer_is_that_of_scikit_learn(spec: Any, cm: bool) -> None:
    points = pca.cloud(*spec) * (1, 100 if cm else 1)
    fit = PCA(2).fit(points)
    found = pca.eigen(pca.covariance(points))
    if found.angle is None:
        assert fit.explained_variance_[0] == pytest.approx(fit.explained_variance_[1])
        return
    assert found.first == pytest.approx(fit.explained_variance_[0], rel=1e-9)
    assert found.second == pytest.approx(fit.explained_variance_[1], abs=1e-9 * found.first)
    assert abs(pca.direction(found.angle) @ fit.components_[0]) == pytest.approx(1, abs=1e-12)


def test_equal_eigenvalues_have_no_direction() -> None:
    for spread in (0.0, 0.3, 2.5):
        for seed in range(20):
            found = pca.eigen(pca.covariance(pca.cloud(spread, spread, 25.0, 30, seed)))
            assert found.angle is None
            assert found.first == pytest.approx(spread**2, abs=1e-12)
            assert found.second == pytest.approx(spread**2, abs=1e-12)
    assert pca.eigen([[2, 0], [0, 2.0001]]).angle == 90
    assert pca.eigen([[3, 0], [0, 1]]) == (3, 1, 0)
    assert pca.eigen([[1, -1], [-1, 1]]) == (2, 0, pytest.approx(135))


@pytest.mark.parametrize("spec", CLOUDS)
def test_captured_is_the_variance_of_the_shadows_and_lost_that_of_the_distances(spec: Any) -> None:
    points = pca.cloud(*spec)
    c = pca.covariance(points)
    for angle in RANDOM.uniform(0, 180, 10):
        turn = math.radians(angle)
        shadows = points @ (math.cos(turn), math.sin(turn))
        distances = points @ (-math.sin(turn), math.cos(turn))
        keeps = float(pca.captured(c, angle))
        assert keeps == pytest.approx(np.var(shadows, ddof=1), abs=1e-12)
        assert np.trace(c) - keeps == pytest.approx(np.var(distances, ddof=1), abs=1e-12)


@pytest.mark.parametrize("spec", LONG)
def test_no_angle_captures_more_than_the_answer(spec: Any) -> None:
    c = pca.covariance(pca.cloud(*spec))
    found = pca.eigen(c)
    assert found.angle is not None
    every = pca.captured(c, np.linspace(0, 180, 3601))
    assert every.max() <= pca.captured(c, found.angle) + 1e-12
    assert every.max() == pytest.approx(found.first, abs=1e-5)
    assert every.min() == pytest.approx(found.second, abs=1e-5)


@pytest.mark.parametrize("spec", CLOUDS)
def test_regression_is_that_of_scipy(spec: Any) -> None:
    points = pca.cloud(*spec)
    c = pca.covariance(points)
    slope = pca.regression(c)
    if np.ptp(points[:, 0]) < 1e-9:
        assert slope is None
        return
    assert slope is not None
    expected = scipy.stats.linregress(*points.T)
    assert slope == pytest.approx(expected.slope, abs=1e-9)
    misses = points[:, 1] - slope * points[:, 0]
    assert pca.upright(c, slope) == pytest.approx(np.var(misses, ddof=1), abs=1e-9)
    for other in slope + RANDOM.normal(size=5):
        assert pca.upright(c, other) >= pca.upright(c, slope)


def test_points_without_spread_in_x_have_no_regression() -> None:
    assert pca.regression(pca.covariance(pca.cloud(2.0, 0.0, 90.0, 20, 1))) is None
    assert pca.regression(np.zeros((2, 2))) is None


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return pca.demo(figure)


def words(caption: str) -> str:
    """The caption and the longer description."""
    return f"{caption} {Caption.of(caption).detail}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("theta=0", ["50%", "keeps 2.5 of the variance 5 and loses 2.5"]),
        ("theta=20", ["keeps 3.46 ", "loses 1.54"]),
        ("theta=45", ["80%", "keeps 4 ", "loses 1.", "no line keeps more", "perpendicular"]),
        ("theta=135", ["20%", "keeps 1 ", "no line keeps less"]),
        ("theta=0&show=covariance times u", ["(2.5, 1.5) and (1.5, 2.5)", "30.96° away"]),
        ("theta=45&show=covariance times u", ["Cu = 4u", "eigenvalue is 4"]),
        ("theta=135&show=covariance times u", ["Cu = u", "eigenvalue is 1", "keeps 1 "]),
        ("theta=45&show=regression", ["is 2 for your line", "1.6 for the", "at 30.96°"]),
        ("cm=1&theta=89.66", ["89.66°", "99.99%", "no line keeps more"]),
        ("across=2&theta=70", ["50%", "every line", "round cloud"]),
    ],
)  # fmt: skip
def test_the_lessons_links(update: Any, query: str, said: list[str]) -> None:
    told = words(update(**controls.read(controls.parameters(update), parse_qs(query))))
    for part in said:
        assert part in told


def test_every_link_of_the_lesson_is_a_state_of_its_own() -> None:
    text = "".join(file.read_text() for file in (LESSON, GUIDE))
    linked = {html.unescape(link) for link in re.findall(r'#pca\?([^"]+)"', text)}
    assert len(linked) >= 8
    assert not any("snap" in link for link in linked)


def test_snap_writes_the_angle_of_the_first_component_back(update: Any) -> None:
    for along, across, tilt, n, seed in LONG:
        for cm in (False, True):
            cloud: dict[str, Any] = {"along": along, "across": across, "tilt": tilt, "n": n}
            cloud |= {"seed": seed, "cm": cm}
            caption = update(theta=17.0, snap=True, **cloud)
            points = pca.cloud(along, across, tilt, n, seed) * (1, 100 if cm else 1)
            best = PCA(2).fit(points).components_[0]
            angle = caption.sets["theta"]
            assert abs(pca.direction(angle) @ best) == pytest.approx(1, abs=1e-8)
            assert "no line keeps more" in caption
            assert update(theta=angle, **cloud) == caption
            eigenvector = update(theta=angle, show="covariance times u", **cloud)
            assert "is an eigenvector" in eigenvector
    assert update(snap=True).sets == {"theta": 45}
    assert update(theta=17.0).sets == {}


def test_controls_without_effect_are_hidden(update: Any) -> None:
    known = controls.parameters(update)

    def hidden(**state: Any) -> set[str]:
        values = {name: found.default for name, found in known.items()} | state
        return set(known) - set(controls.effective(known, values))

    assert hidden() == set()
    assert hidden(along=1.0, across=1.0) == {"snap"}
    assert hidden(along=1.0, across=1.0, cm=True) == set()
    assert hidden(along=0.0, across=0.0) == {"snap", "tilt", "n", "seed", "cm"}
    assert sum(not found.control.more for found in known.values()) <= 4


def test_what_is_drawn_is_what_is_told(figure: Figure, update: Any) -> None:
    plane, curves = figure.axes
    lines = {line.get_color(): line for line in plane.lines if line.get_marker() == "o"}
    for along, across, tilt, n, seed in CLOUDS[:15]:
        theta = float(RANDOM.integers(0, 181))
        update(theta=theta, along=along, across=across, tilt=tilt, n=n, seed=seed)
        points = lines["data"].get_xydata()
        shadows = lines["truth"].get_xydata()
        np.testing.assert_allclose(points, pca.cloud(along, across, tilt, n, seed))
        u = pca.direction(theta)
        np.testing.assert_allclose((points - shadows) @ u, 0, atol=1e-9)
        np.testing.assert_allclose(np.outer(shadows @ u, u), shadows, atol=1e-9)
        total = along**2 + across**2
        if not total:
            continue
        texts = [text.get_text() for text in curves.texts]
        # near 0 a share is rounded separately, and can be written as 3·10⁻⁶
        tiny = any("10⁻" in text for text in texts)
        kept, lost = (0.0 if "10⁻" in text else float(text.split()[-1]) for text in texts)
        assert kept == pytest.approx(np.var(shadows @ u, ddof=1), abs=0.006)
        apart = 0.0051 if tiny or min(kept, lost) < 0.01 else 1e-9
        assert kept + lost == pytest.approx(round(total, 2), abs=apart)
        (dot,) = [line for line in curves.lines if line.get_marker() == "o"]
        at, share = dot.get_xydata()[0]
        assert (at, share) == (theta, pytest.approx(np.var(shadows @ u, ddof=1) / total))


def test_centimeters_change_the_scales_and_back(figure: Figure, update: Any) -> None:
    def scale() -> list[str]:
        """The tick labels along x and y."""
        return [text.get_text() for text in figure.axes[0].texts[:6]]

    update(cm=True)
    assert scale() == ["−500", "0", "500"] * 2
    assert "y (cm)" in [text.get_text() for text in figure.axes[0].texts]
    update()
    assert scale() == ["−5", "0", "5"] * 2


def test_amounts_have_commas() -> None:
    assert pca.amount(25000.9) == "25,000.9"
    assert pca.amount(-1234) == "−1,234"
    assert pca.amount(999.5) == "999.5"
    assert pca.amount(3e-6) == "3·10⁻⁶"


def test_degenerate_clouds_get_a_sentence(update: Any) -> None:
    def told(**state: Any) -> str:
        return words(update(**state))

    nothing = {"along": 0.0, "across": 0.0}
    for show in ("distances", "covariance times u", "regression"):
        assert "all points lie in one place" in told(**nothing, show=show).lower()
    assert "every line" in told(along=1.0, across=1.0, snap=True)
    assert "100% of the variance" in told(across=0.0, theta=45.0)
    assert "keeps 4 of the variance 4 and loses 0" in told(across=0.0, theta=45.0)
    assert "0% of the variance" in told(across=0.0, theta=135.0)
    assert "x does not vary" in told(across=0.0, tilt=90.0, show="regression")
    assert "predicts no y" in told(theta=90.0, show="regression")
    assert "above 99.99%" in told(along=2.5, across=0.1, tilt=90.0, cm=True, snap=True)
    assert "below 0.01%" in told(along=2.5, across=0.1, tilt=90.0, cm=True, theta=0.0)
    assert "3 points" in told(n=3)
    assert re.search(r"\d+ of them outside the picture", told(n=200, along=2.5, across=2.5))


@pytest.mark.whole
def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"theta": float(x)} for x in range(1, 181)),
        *({"along": x / 10} for x in range(26) if x != 20),
        *({"across": x / 10} for x in range(26) if x not in (10, 20)),
        *({"tilt": float(x), "theta": 10.0} for x in range(5, 96, 5) if x != 45),
        *({"n": x} for x in (3, 4, 59, 200)),
        *({"seed": x} for x in range(10)),
        {"cm": True},
        {"show": "regression"},
        {"show": "covariance times u"},
    ]
    check_captions(lambda **state: words(update(**state)), states)


@pytest.mark.whole
def test_the_visible_caption_is_one_sentence_with_two_numbers(update: Any) -> None:
    known = controls.parameters(update)
    ends = [{name: [text]} for name in ("along", "across") for text in ("0", "2.5")]
    ends += [{"theta": ["0"]}, {"theta": ["180"]}, {"tilt": ["180"]}, {"n": ["3"]}, {"cm": ["1"]}]
    shows = [["distances"], ["covariance times u"], ["regression"]]
    for state in [
        *all_states("pca", 150),
        *({**end, "show": show} for end in ends for show in shows),
    ]:
        caption = update(**controls.read(known, state))
        check_visible(caption)
        check_whole(caption.detail)
