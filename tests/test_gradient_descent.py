"""Lesson 8: the mathematics of `gradient_descent` against SciPy and closed forms."""

import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
from matplotlib.figure import Figure
from matplotlib.path import Path as MatplotlibPath
from support.captions import check_captions, check_whole

from demos import gradient_descent as descent
from stage import controls

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "08-gradient-descent.html"
RANDOM = np.random.default_rng(8)
NAMES = list(descent.LANDSCAPES)
STARTS = [(round(x, 1), round(y, 1)) for x, y in RANDOM.uniform((-2.8, -1.8), (2.8, 1.8), (30, 2))]
QUADRATIC = {"round bowl": np.array([2.0, 2.0]), "long valley": np.array([1.0, 10.0])}


# The mathematics


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_the_finite_differences(name: str) -> None:
    land = descent.LANDSCAPES[name]
    for at in STARTS:
        gradient = scipy.optimize.approx_fprime(at, lambda p: land.height(*p), 1e-7)
        np.testing.assert_allclose(land.gradient(*at), gradient, rtol=1e-4, atol=1e-4)
        hessian = scipy.optimize.approx_fprime(at, lambda p: np.array(land.gradient(*p)), 1e-7)
        np.testing.assert_allclose(land.hessian(*at), hessian, rtol=1e-4, atol=1e-4)


def test_rosenbrock_is_that_of_scipy() -> None:
    # rosen = (1 − x)² + 100(y − x²)², so a tenth of it is ours but for nine tenths of (1 − x)².
    for x, y in STARTS:
        ours = descent.LANDSCAPES["Rosenbrock"].height(x, y)
        theirs = scipy.optimize.rosen([x, y])
        assert ours == pytest.approx(theirs / 10 + 0.9 * (1 - x) ** 2, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_level_places_are_level_and_nothing_is_lower(name: str) -> None:
    land = descent.LANDSCAPES[name]
    for called, at in land.flat.items():
        np.testing.assert_allclose(land.gradient(*at), 0, atol=1e-12)
        smallest = descent.curvatures(land, at)[0]
        assert (smallest < 0) == (called == "saddle")
    for start in STARTS[:10]:
        found = scipy.optimize.minimize(lambda p: land.height(*p), start)
        assert found.fun >= descent.lowest(land) - 1e-9
    first = next(iter(land.flat.values()))
    assert land.height(*first) == min(land.height(*at) for at in land.flat.values())


@pytest.mark.parametrize("name", QUADRATIC)
def test_path_in_a_quadratic_has_its_closed_form(name: str) -> None:
    lambdas = QUADRATIC[name]
    land = descent.LANDSCAPES[name]
    np.testing.assert_allclose(descent.curvatures(land, (0, 0)), lambdas)
    assert descent.limit(land, (0, 0)) == 2 / lambdas.max()
    edge = 2 / lambdas.max()
    for eta in (
        0.001,
        0.03,
        0.1,
        0.18,
        0.5 * edge,
        0.99 * edge,
        edge,
        1.01 * edge,
        1.3 * edge,
        2.0,
    ):
        for start in STARTS[:8]:
            walk = descent.descend(name, eta, start)
            k = np.arange(len(walk.points))[:, None]
            expected = (1 - eta * lambdas) ** k * start
            np.testing.assert_allclose(walk.points, expected, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(walk.losses, (lambdas * expected**2).sum(axis=1) / 2,
                                       rtol=1e-9, atol=1e-12)  # fmt: skip
            assert walk.lost == bool(np.hypot(*expected[-1]) > descent.FAR)
            assert walk.lost or len(walk.points) == descent.LAST + 1


@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_minus_eta_times_the_gradient(name: str) -> None:
    land = descent.LANDSCAPES[name]
    for start in STARTS:
        eta = float(10 ** RANDOM.uniform(-3, 0.301))
        walk = descent.descend(name, eta, start)
        assert tuple(walk.points[0]) == start
        for before, after in zip(walk.points[:-1], walk.points[1:], strict=True):
            slope = scipy.optimize.approx_fprime(before, lambda p: land.height(*p), 1e-6)
            bound = 1e-3 * eta * (1 + np.abs(land.hessian(*before)).max() + np.abs(slope).max())
            np.testing.assert_allclose(after, before - eta * slope, atol=bound)
        heights = [land.height(*at) for at in walk.points]
        np.testing.assert_allclose(walk.losses, np.array(heights) - descent.lowest(land), atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows_however_large_the_rate(name: str) -> None:
    corners = [(x, y) for x in (-2.8, 0.0, 2.8) for y in (-1.8, 0.0, 1.8)]
    for start in [*corners, *STARTS]:
        for eta in (0.5, 1.0, 1.5, 2.0):
            walk = descent.descend(name, eta, start)
            assert np.isfinite(walk.points).all()
            assert np.isfinite(walk.losses).all()
            assert walk.losses.max() < 1e45
            inside = np.hypot(*walk.points[:-1].T)
            assert (inside <= descent.FAR).all()


@pytest.mark.parametrize("name", ["Rosenbrock", "two wells", "saddle"])
def test_no_path_rests_at_a_well_beyond_its_limit(name: str) -> None:
    land = descent.LANDSCAPES[name]
    for called, at in land.flat.items():
        if called == "saddle":
            continue
        edge = descent.limit(land, at)
        _, vectors = np.linalg.eigh(np.array(land.hessian(*at), dtype=float))
        beside = tuple((np.array(at) + 1e-4 * vectors[:, 1]).tolist())
        for share, stays in ((0.9, True), (1.1, False)):
            walk = descent.descend(name, share * edge, beside)
            nearer = math.dist(walk.points[-1], at) < 1e-4
            assert nearer == stays, (called, share)


# The sentences and the picture


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return descent.demo(figure)


def from_link(update: Any, query: str) -> str:
    """The caption that a state link leads to."""
    found = controls.parameters(update)
    return str(update(**controls.read(found, parse_qs(query))))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("step=1", "at (−2.05, −0.8)"),
        ("step=22", "its loss 0.0008"),
        ("eta=0.21&step=0", "across it by −1.1: the path diverges"),
        ("eta=0.19&step=100", "the path converges, swinging from side to side"),
        ("eta=0.2&step=100", "at (0, 1), its loss 5 above the lowest."),
        ("eta=0.2&step=100", "the path oscillates for ever"),
        ("eta=0.21&step=12", "across it by −1.1: the path diverges"),
        ("eta=0.21&start=-2.5&start=0.1&step=30", "(0, 1.74)"),
        ("eta=0.02&step=100", "at (−0.33, 0)"),
        ("eta=0.02&step=100", "along the valley by 0.98"),
        ("f=round bowl&eta=0.5&step=1", "the path arrives in one step"),
        ("f=two wells&eta=0.1&start=-0.5&start=1&step=100", "to the deep well (−1.48, 0)"),
        ("f=two wells&eta=0.1&start=0.5&start=1&step=100", "the lowest is 0.85 further down"),
        ("f=saddle&eta=0.2&start=2.5&start=0&step=100", "less than 0.0001 from the saddle (0, 0)"),
        ("f=saddle&eta=0.2&start=2.5&start=0.1&step=30", "converged to the northern well"),
        ("f=saddle&eta=0.2&start=2.5&start=0.001&step=20", "its loss 0.4997"),
        ("f=saddle&eta=0.2&start=2.5&start=0.001&step=50", "its loss less than 0.0001"),
        ("f=Rosenbrock&eta=0.015&start=-1.5&start=1.5&step=100", "0.89 from the lowest"),
    ],
)  # fmt: skip
def test_the_lessons_links(update: Any, query: str, said: str) -> None:
    assert said in from_link(update, query)


def test_the_lessons_numbers(update: Any) -> None:
    losses = descent.descend("long valley", 0.18, (-2.5, 1.0)).losses
    assert np.argmax(losses < 0.001) == 22
    text = LESSON.read_text()
    for number in ("2/10", "13%", "n = 230", "2/6", "24/26", "58 steps"):
        assert number in text, number
    assert 0.99**230 < 0.1 < 0.99**229
    assert 0.125 < 0.98**100 < 0.135
    assert (24 / 26) ** 58 < 0.01 < (24 / 26) ** 57
    assert [(1 - 0.5 * 6) ** k for k in range(4)] == [1, -2, 4, -8]


def test_every_link_of_the_lesson_leads_to_a_sentence(update: Any) -> None:
    links = re.findall(r'"#gradient_descent\?([^"]+)"', LESSON.read_text())
    assert len(links) >= 9
    told = {from_link(update, link.replace("&amp;", "&")) for link in links}
    assert len(told) == len(set(links))


def test_degenerate_settings_get_a_sentence(update: Any) -> None:
    assert "no step moves the point" in update(start=((0.0, 0.0),))
    assert "no step moves the point" in update(f="round bowl", start=((0.0, 0.0),), eta=2.0)
    assert "the start has no part across" in update(start=((-2.5, 0.0),), eta=0.5)
    assert "the start has no part across" in update(start=((-2.0, 0.0),), eta=2.0)
    assert "stands on the saddle" in update(f="saddle", start=((0.0, 0.0),))
    assert "stands on the lowest point" in update(f="Rosenbrock", start=((1.0, 1.0),))
    assert "so the path is stopped. The path diverges: η is beyond" in update(f="Rosenbrock")
    steep = update(f="two wells", eta=0.4, start=((2.8, 0.0),), step=100)
    assert "η is below the limit 0.434" in steep
    assert "the ground where the path began is steeper" in steep
    assert "cannot come to rest at the deep well" in update(f="two wells", eta=0.48, step=60)
    assert "cannot come to rest" in update(f="saddle", eta=1.9, step=60)
    assert "more than 10000" in update(eta=0.5, step=4)


def test_the_picture_shows_the_walk(figure: Figure, update: Any) -> None:
    for name in NAMES:
        for start in STARTS[:4]:
            update(f=name, eta=0.02, start=(start,), step=17)
            walk = descent.descend(name, 0.02, start)
            lines = figure.axes[2].lines
            done = min(17, len(walk.points) - 1)
            np.testing.assert_array_equal(
                np.transpose(lines[0].get_data()), walk.points[: done + 1]
            )
            heights = figure.axes[3].lines[0].get_ydata()
            np.testing.assert_allclose(
                10 ** np.asarray(heights), walk.losses[: done + 1], rtol=1e-9
            )
            (arrow,) = figure.axes[2].collections
            (step,) = arrow.vectors  # type: ignore[attr-defined]
            expected = walk.points[done + 1] - walk.points[done] if not walk.lost else np.nan
            if np.hypot(*np.atleast_1d(expected * np.ones(2))) > 0.02 and abs(step).max() < 9:
                np.testing.assert_allclose(step, expected, atol=1e-12)


def test_the_scale_marks_the_limit(figure: Figure, update: Any) -> None:
    for name, edge in (("round bowl", 1), ("long valley", 0.2), ("saddle", 1)):
        update(f=name, eta=0.05)
        (beyond,) = figure.axes[4].collections[0].get_paths()
        assert 10 ** beyond.get_extents().x0 == pytest.approx(edge)
        rate = figure.axes[4].lines[1]
        assert 10 ** float(rate.get_xdata()[0]) == pytest.approx(0.05)


@pytest.mark.parametrize("name", NAMES)
def test_bands_cover_the_map_and_hold_their_heights(name: str) -> None:
    land = descent.LANDSCAPES[name]
    bands = descent.bands(name)
    assert len(bands) == descent.BANDS
    polygons = [[MatplotlibPath(p) for p in band.to_polygons()] for band in bands]
    edges = descent.band_edges(name)
    slack = 0.25 if name == "Rosenbrock" else 0.06  # for what bends between points of the grid
    for point in RANDOM.uniform((-2.95, -1.95), (2.95, 1.95), (100, 2)):
        # inside of an area and not of a hole in it: an odd number of outlines go round the point
        holding = [i for i, band in enumerate(polygons)
                   if sum(outline.contains_point(point) for outline in band) % 2]  # fmt: skip
        height = math.sqrt(land.height(*point) - descent.lowest(land))
        near = np.searchsorted(edges, [height - slack, height + slack]) - 1
        assert len(holding) == 1
        assert near[0] <= holding[0] <= near[1]


def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"eta": round(10**x, 4)} for x in np.linspace(-3, 0.3, 30)),
        *({"start": (start,)} for start in STARTS),
        *({"step": step} for step in range(101) if step != 25),
        *({"f": name} for name in NAMES if name != "long valley"),
        *({"f": "Rosenbrock", "eta": 0.006, "step": step} for step in range(101)),
    ]
    check_captions(update, states)
    for _ in range(500):
        start = STARTS[RANDOM.integers(len(STARTS))]
        eta = float(f"{10 ** RANDOM.uniform(-3, 0.301):.3g}")
        sentence = update(f=str(RANDOM.choice(NAMES)), eta=eta, start=(start,),
                          step=int(RANDOM.integers(101)))  # fmt: skip
        check_whole(sentence)
