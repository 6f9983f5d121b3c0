"""Lesson 8: the mathematics of `gradient_descent` against SciPy and closed forms."""

import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.optimize
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as MatplotlibPath
from support.captions import check_captions, check_visible, check_whole

from bundle.states import all_states
from demos import gradient_descent as descent
from stage import Caption, controls

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "08-gradient-descent.html"
RANDOM = np.random.default_rng(8)
NAMES = list(descent.LANDSCAPES)
STARTS = [(round(x, 1), round(y, 1)) for x, y in RANDOM.uniform((-2.8, -1.8), (2.8, 1.8), (30, 2))]
EPS = 1e-6  # of finite differences
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
    # rosen = (1 − x)² + 100(y − x²)²; a tenth of it plus 0.9 (1 − x)² is our function.
    for x, y in STARTS:
        ours = descent.LANDSCAPES["Rosenbrock"].height(x, y)
        theirs = scipy.optimize.rosen([x, y])
        assert ours == pytest.approx(theirs / 10 + 0.9 * (1 - x) ** 2, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_level_places_are_level_and_nothing_is_lower(name: str) -> None:
    land = descent.LANDSCAPES[name]
    for called, at in land.flat:
        np.testing.assert_allclose(land.gradient(*at), 0, atol=1e-12)
        smallest = descent.curvatures(land, at)[0]
        assert (smallest < 0) == (called == "saddle point")
    for start in STARTS[:10]:
        found = scipy.optimize.minimize(lambda p: land.height(*p), start)
        assert found.fun >= descent.lowest(land) - 1e-9
    heights = {kind: land.height(*at) for kind, at in land.flat}
    assert land.flat[0].kind == "minimum"
    assert land.height(*land.flat[0].at) == min(heights.values())
    assert heights.get("local minimum", math.inf) > heights["minimum"] + 0.1


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
        before, after = walk.points[:-1], walk.points[1:]
        heights, (x, y) = land.height(*walk.points.T), before.T
        ahead = np.stack([land.height(x + EPS, y), land.height(x, y + EPS)], axis=1)
        slopes = (ahead - heights[:-1, None]) / EPS  # finite differences
        bends = np.array([np.abs(land.hessian(*at)).max() for at in before])
        bound = 1e-3 * eta * (1 + bends + np.abs(slopes).max(axis=1))
        wanted = before - eta * slopes
        assert (np.abs(after - wanted) <= bound[:, None] + 1e-7 * np.abs(wanted)).all()
        np.testing.assert_allclose(walk.losses, heights - descent.lowest(land), atol=1e-9)


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
    for called, at in land.flat:
        if called == "saddle point":
            continue
        edge = descent.limit(land, at)
        _, vectors = np.linalg.eigh(np.array(land.hessian(*at), dtype=float))
        beside = tuple((np.array(at) + 1e-4 * vectors[:, 1]).tolist())
        for share, stays in ((0.9, True), (1.1, False)):
            walk = descent.descend(name, share * edge, beside)
            nearer = math.dist(walk.points[-1], at) < 1e-4
            assert nearer == stays, (called, share)


# The captions and the picture


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return descent.demo(figure)


def words(caption: str) -> str:
    """The caption and the longer description."""
    return f"{caption} {Caption.of(caption).detail}"


def from_link(update: Any, query: str) -> str:
    """The caption and description for a state link."""
    found = controls.parameters(update)
    return words(update(**controls.read(found, parse_qs(query))))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("step=1", ["(−2.05, −0.8)"]),
        ("step=22", ["22 steps", "0.0008"]),
        ("eta=0.19&step=100", ["reached the minimum", "converges"]),
        ("eta=0.2&step=100", ["(0, 1)", "still 5 above", "swings forever"]),
        ("eta=0.21&step=12", ["49.26", "y by −1.1", "diverges", "(−0.15, 3.14)"]),
        ("eta=0.21&start=-2.5&start=0.1&step=30", ["(0, 1.74)"]),
        ("eta=0.02&step=100", ["(−0.33, 0)", "x by 0.98"]),
        ("f=round bowl&eta=0.5&step=1", ["reached the minimum", "arrives in one step"]),
        ("f=two wells&eta=0.1&start=-0.5&start=1&step=100", ["the minimum (−1.48, 0)"]),
        ("f=two wells&eta=0.1&start=0.5&start=1&step=100", ["a local minimum, 0.85 above"]),
        ("f=saddle&eta=0.2&start=2.5&start=0&step=100", ["a saddle point (0, 0)", "falls away"]),
        ("f=saddle&eta=0.2&start=2.5&start=0.1&step=30", ["a minimum (0, 1.41)"]),
        ("f=saddle&eta=0.2&start=2.5&start=0.001&step=20", ["the loss is 0.5 above"]),
        ("f=saddle&eta=0.2&start=2.5&start=0.001&step=60", ["reached a minimum"]),
        ("f=Rosenbrock&eta=0.015&start=-1.5&start=1.5&step=100", ["(1, 1) is 0.89"]),
    ],
)  # fmt: skip
def test_the_lessons_links(update: Any, query: str, said: list[str]) -> None:
    told = from_link(update, query)
    for part in said:
        assert part in told


def test_every_link_of_the_lesson_leads_to_a_sentence(update: Any) -> None:
    links = re.findall(r'"#gradient_descent\?([^"]+)"', LESSON.read_text())
    assert len(links) >= 9
    told = {from_link(update, link.replace("&amp;", "&")) for link in links}
    assert len(told) == len(set(links))


def test_degenerate_settings_get_a_sentence(update: Any) -> None:
    def told(**state: Any) -> str:
        return words(update(**state))

    for state in ({"eta": 0.18}, {"f": "round bowl", "eta": 2.0}):
        assert "gradient is zero" in told(**state, start=((0.0, 0.0),))
    assert "starts at y = 0" in told(start=((-2.5, 0.0),), eta=0.5, step=9)
    assert "starts at y = 0" in told(start=((-2.0, 0.0),), eta=2.0, step=9)
    assert "The start is a saddle point" in told(f="saddle", start=((0.0, 0.0),))
    assert "The start is the minimum" in told(f="Rosenbrock", start=((1.0, 1.0),))
    lost = told(f="Rosenbrock", step=100)
    assert "more than 1,000 away" in lost
    assert "η is beyond the limit" in lost
    steep = told(f="two wells", eta=0.4, start=((2.8, 0.0),), step=100)
    assert "η is below the limit 0.434" in steep
    assert "steeper where the path began" in steep
    assert "cannot come to rest at the minimum" in told(f="two wells", eta=0.48, step=60)
    assert "cannot come to rest" in told(f="saddle", eta=1.9, step=60)
    assert "more than 10,000" in told(eta=0.5, step=4)


def test_nothing_is_said_of_the_path_before_the_first_step(update: Any) -> None:
    for eta in (0.01, 0.19, 0.21, 1.5):
        told = words(update(eta=eta))
        assert not re.search("converge|diverge|limit|swing", told), told


def drawn(plane: Axes) -> Line2D:
    """The path: the only line that connects its points."""
    (path,) = [line for line in plane.lines if line.get_linestyle() == "-"]
    return path


def test_the_picture_shows_the_walk(figure: Figure, update: Any) -> None:
    plane, curve = figure.axes[2:]
    path = next(
        line for line in plane.lines if line.get_marker() == "o" and line.get_linestyle() == "-"
    )
    (arrow,) = plane.collections
    for name in NAMES:
        for start in STARTS[:4]:
            update(f=name, eta=0.02, start=(start,), step=17, loss=True)
            walk = descent.descend(name, 0.02, start)
            done = min(17, len(walk.points) - 1)
            shown = walk.points[: done + 1 - (walk.lost and done < 17)]
            np.testing.assert_array_equal(np.transpose(path.get_data()), shown)
            heights = np.asarray(curve.lines[0].get_ydata())
            expected = np.maximum(walk.losses[: len(shown)], 1e-4)
            np.testing.assert_allclose(10**heights, expected, rtol=1e-9)
            if len(shown) == 18:
                (step,) = arrow.vectors  # type: ignore[attr-defined]
                if not np.isnan(step).any():
                    np.testing.assert_allclose(step, walk.points[18] - walk.points[17], atol=1e-12)


def test_the_loss_curve_comes_on_request(figure: Figure, update: Any) -> None:
    frame, curve = figure.axes[0], figure.axes[3]
    update()
    assert not curve.get_visible()
    alone = frame.get_position()
    update(loss=True, step=9)
    assert curve.get_visible()
    assert curve.get_position().y1 < frame.get_position().y0
    update()
    np.testing.assert_array_equal(frame.get_position(), alone)


@pytest.mark.parametrize("loss", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_frame_follows_the_path(figure: Figure, update: Any, name: str, loss: bool) -> None:
    """Path and next step are inside, axes are equal, and there are few sizes and no jitter."""
    plane = figure.axes[2]
    path = next(
        line for line in plane.lines if line.get_marker() == "o" and line.get_linestyle() == "-"
    )
    (arrow,) = plane.collections
    across, up = figure.bbox.size * plane.get_position().size
    for eta in (0.02, 0.21, 0.6, 2.0):
        sizes = []
        for step in (*range(0, 101, 4), 100):
            update(f=name, eta=eta, start=(STARTS[3],), step=step, loss=loss)
            (left, right), (low, high) = plane.get_xlim(), plane.get_ylim()
            across, up = figure.bbox.size * plane.get_position().size
            assert (right - left) / across == pytest.approx((high - low) / up, rel=1e-4)
            x, y = np.asarray(path.get_data(), dtype=float)
            assert max(abs(x)) <= right
            assert max(abs(y)) <= high
            (vector,) = arrow.vectors  # type: ignore[attr-defined]
            tip = np.array([x[-1], y[-1]]) + vector
            if np.hypot(*tip) <= descent.FAR:
                assert abs(tip[0]) <= right
                assert abs(tip[1]) <= high
            sizes.append(right)
        assert sizes == sorted(sizes)
        assert len(set(sizes)) <= len(descent.ZOOMS)


def test_the_loss_curve_stays_in_its_frame(figure: Figure, update: Any) -> None:
    curve = figure.axes[3]
    for name in NAMES:
        for eta in (0.001, 0.18, 0.21, 2.0):
            for step in (0, 1, 12, 100):
                update(f=name, eta=eta, step=step, loss=True)
                heights = np.asarray(curve.lines[0].get_ydata())
                low, high = curve.get_ylim()
                assert low < heights.min()
                assert heights.max() < high


@pytest.mark.parametrize("reach", [(3.2, 2.0), (4.9, 2.0), (30.0, 20.0)])
@pytest.mark.parametrize("name", NAMES)
def test_bands_cover_the_map_and_hold_their_heights(name: str, reach: tuple[float, float]) -> None:
    land = descent.LANDSCAPES[name]
    bands = descent.bands(name, *reach)
    assert len(bands) == descent.BANDS
    polygons = [[MatplotlibPath(p) for p in band.to_polygons()] for band in bands]
    edges = descent.band_edges(name, *reach)
    # tolerance for curvature between grid points: the maximum over 4,000 points is 0.133
    slack = 0.15 * reach[1] if name == "Rosenbrock" else 0.03 * reach[1]
    if reach[1] > 2 and not land.quadratic:
        slack *= 40
    for point in RANDOM.uniform(np.multiply(reach, -0.98), np.multiply(reach, 0.98), (100, 2)):
        # inside an area, but not in a hole of it: an odd number of outlines enclose the point
        holding = [i for i, band in enumerate(polygons)
                   if sum(outline.contains_point(point) for outline in band) % 2]  # fmt: skip
        height = math.sqrt(land.height(*point) - descent.lowest(land))
        near = np.searchsorted(edges, [height - slack, height + slack]) - 1
        assert len(holding) == 1
        assert near[0] <= holding[0] <= near[1]


@pytest.mark.whole
def test_every_sentence_is_whole_and_tells_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"eta": round(10**x, 4)} for x in np.linspace(-3, 0.3, 30)),
        *({"start": (start,)} for start in STARTS),
        *({"step": step} for step in range(1, 101)),
        *({"f": name} for name in NAMES if name != "long valley"),
        *({"f": "Rosenbrock", "eta": 0.006, "step": step} for step in range(1, 101)),
    ]
    check_captions(lambda **state: words(update(**state)), states)


@pytest.mark.whole
def test_the_visible_caption_is_one_sentence_with_two_numbers(update: Any) -> None:
    known = controls.parameters(update)
    for state in all_states("gradient_descent", 150):
        caption = update(**controls.read(known, state))
        check_visible(caption)
        check_whole(caption.detail)
    for name in NAMES:
        for eta in (0.001, 0.2, 0.5, 1.0, 2.0):
            for start in ((-2.8, -1.8), (0.0, 0.0), (1.0, 1.0), (2.8, 1.8)):
                for step in (0, 1, 2, 100):
                    check_visible(update(f=name, eta=eta, start=(start,), step=step))
