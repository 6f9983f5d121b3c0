"""Lesson 7: the mathematics of `gradient_field` against finite differences, SciPy and geometry."""

import math
import re
from collections.abc import Iterator
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import numpy as np
import pytest
import scipy.optimize
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from support.captions import check_whole

from demos import gradient_field as field
from stage import controls
from stage.artists import Arrows
from stage.layout import shape_of

RANDOM = np.random.default_rng(7)
POINTS = [(0.0, 0.0), (3.0, 3.0), (-3.0, 3.0), *RANDOM.integers(-30, 31, (20, 2)) / 10]
LESSON = Path(__file__).parent.parent / "site" / "lessons" / "07-gradients.html"


def height(name: str, point: Any) -> float:
    x1, x2 = np.asarray(point, dtype=float)
    return float(field.SURFACES[name].f(x1, x2))


@pytest.mark.parametrize("name", field.SURFACES)
def test_gradients_are_finite_differences(name: str) -> None:
    for point in POINTS:
        found = field.gradient(name, point)
        at = np.asarray(point, dtype=float)
        steps = 1e-5 * np.eye(2)
        expected = [(height(name, at + h) - height(name, at - h)) / 2e-5 for h in steps]
        np.testing.assert_allclose(found, expected, atol=1e-9)
        forward = scipy.optimize.approx_fprime(at, lambda x: height(name, x))
        np.testing.assert_allclose(found, forward, atol=1e-6)


@pytest.mark.parametrize("name", field.SURFACES)
def test_partials_of_many_points_are_those_of_each(name: str) -> None:
    x1, x2 = np.array(POINTS).T
    together = np.transpose(field.SURFACES[name].partials(x1, x2))
    np.testing.assert_allclose(together, [field.gradient(name, point) for point in POINTS])
    heights = field.SURFACES[name].f(x1, x2)
    np.testing.assert_allclose(heights, [height(name, point) for point in POINTS])


@pytest.mark.parametrize("name", field.SURFACES)
def test_the_slope_in_a_direction_is_that_of_the_cut(name: str) -> None:
    for point in POINTS:
        for theta in RANDOM.uniform(0, 360, 5):
            ahead = np.array([math.cos(theta / 180 * math.pi), math.sin(theta / 180 * math.pi)])
            low, high = (height(name, point + s * ahead) for s in (-1e-5, 1e-5))
            found = field.slope_along(field.gradient(name, point), theta)
            assert found == pytest.approx((high - low) / 2e-5, abs=1e-9)


@pytest.mark.parametrize("name", field.SURFACES)
def test_no_direction_is_steeper_than_the_gradient(name: str) -> None:
    for point in POINTS:
        rises = field.gradient(name, point)
        every = [field.slope_along(rises, theta) for theta in np.arange(0, 360, 0.25)]
        way = field.bearing(rises)
        if way is None:
            assert max(every) == 0
            continue
        assert max(every) <= np.linalg.norm(rises) + 1e-12
        assert field.slope_along(rises, way) == pytest.approx(np.linalg.norm(rises))
        assert abs(field.slope_along(rises, way + 90)) < 1e-12


def test_bearings_and_the_angles_between() -> None:
    for x1, x2 in RANDOM.normal(size=(50, 2)):
        expected = float(np.angle(complex(x1, x2), deg=True)) % 360
        assert field.bearing((x1, x2)) == pytest.approx(expected)
        turned = field.bearing((x2, -x1))
        assert turned is not None
        assert field.between(expected, turned) == pytest.approx(90)
    assert field.bearing((0, 0)) is None
    assert field.bearing((-0.5, -1)) == pytest.approx(243.434949)
    assert field.between(350, 10) == pytest.approx(20)
    assert field.between(10, 350) == pytest.approx(20)
    assert field.between(0, 180) == pytest.approx(180)
    assert field.between(360, 0) == pytest.approx(0)


@pytest.mark.parametrize("name", ["long hill", "round hill", "two peaks"])
def test_summits_are_maxima_found_by_search(name: str) -> None:
    for summit in field.SURFACES[name].summits:
        found = scipy.optimize.minimize(
            lambda x: -height(name, x), summit + 0.2, method="BFGS", options={"gtol": 1e-9}
        )
        np.testing.assert_allclose(summit, found.x, atol=1e-6)
        assert np.linalg.norm(field.gradient(name, summit)) < 1e-12
    heights = [height(name, summit) for summit in field.SURFACES[name].summits]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("name", field.SURFACES)
def test_level_lines_have_one_height(name: str) -> None:
    for point in POINTS[3:]:
        line = field.level_line(name, height(name, point))
        line = line[~np.isnan(line[:, 0])]
        assert len(line) > 1
        heights = field.SURFACES[name].f(*line.T)
        np.testing.assert_allclose(heights, height(name, point), atol=2e-3)
        # it passes through the point
        parts = field.level_line(name, height(name, point))
        a, b = parts[:-1], parts[1:]
        inside = ~np.isnan(a[:, 0]) & ~np.isnan(b[:, 0])
        a, along = a[inside], (b - a)[inside]
        lengths = np.maximum((along**2).sum(axis=1), 1e-30)
        share = (((point - a) * along).sum(axis=1) / lengths).clip(0, 1)
        nearest = np.linalg.norm(a + share[:, None] * along - point, axis=1).min()
        # on the grid heights are taken as straight between its points, 0.075 apart
        assert nearest < 0.02 or np.linalg.norm(field.gradient(name, point)) < 0.1


def test_a_level_that_is_nowhere_gives_no_line() -> None:
    assert np.isnan(field.level_line("long hill", 9.0)).all()
    assert not np.isnan(field.level_line("long hill", 2.0)).all()


@pytest.mark.parametrize("name", field.SURFACES)
def test_bands_hold_what_lies_between_two_levels(name: str) -> None:
    paths, floors = field.bands(name)
    for point in POINTS[3:]:
        level = height(name, point)
        inside = set()
        for path, low in zip(paths, floors.tolist(), strict=True):
            rings = [Outline(ring) for ring in path.to_polygons()]  # the first, and its holes
            if sum(ring.contains_point(point) for ring in rings) % 2:
                inside.add(low)
        below = math.floor(level * 2) / 2
        if min(level - below, below + 0.5 - level) > 0.01:
            assert inside == {below}


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    tall = request.param / shape_of(field.demo).at(request.param)
    made = Figure(figsize=(request.param, tall))
    FigureCanvasAgg(made)
    return made


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    made = field.demo(figure)
    made()
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return made


def states(count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        x1, x2 = (RANDOM.integers(-30, 31, 2) / 10).tolist()
        yield {
            "surface": str(RANDOM.choice(list(field.SURFACES))),
            "point": ((x1, x2),),
            "theta": float(RANDOM.integers(361)),
            "show": bool(RANDOM.integers(2)),
        }


def test_the_lessons_numbers(update: Any) -> None:
    assert "height is 2. In the direction θ = 207° the slope is 0.899: uphill." in update()
    expected = {
        "theta=180": "slope is 0.5: uphill",
        "theta=207": "slope is 0.899: uphill",
        "theta=243": "slope is 1.118: uphill",
        "theta=243&show=1": "(−0.5, −1) points to 243.4°, the steepest way up, and is 1.118 long",
        "surface=round hill&theta=207&show=1": "The summit lies in the same direction.",
        "theta=63&show=1": "slope is −1.118: downhill",
        "theta=333&show=1": "slope is 0.008: uphill",
        "point=0&point=0&show=1": "level in every direction. This is a summit.",
        "surface=saddle&point=0&point=0&theta=0&show=1": "This is not a summit, but a saddle.",
        "surface=saddle&point=0&point=0&theta=90&show=1": "θ = 90° the slope is 0: level.",
        "surface=two peaks&point=-2.5&point=0&show=1": "The higher summit lies at 347.1°, 57.1°",
        "point=2&point=0&show=1": "is 0.5 long",
        "point=0&point=1&show=1": "is 1 long",
        "point=0&point=2&show=1": "is 2 long",
    }
    known = controls.parameters(update)
    links = re.findall(r'href="#gradient_field\?([^"]*)"', LESSON.read_text())
    found = {
        unquote(query): update(**controls.read(known, parse_qs(query)))
        for query in map(unescape, links)
    }
    assert set(found) == set(expected)
    for state, said in expected.items():
        assert said in found[state], (state, found[state])
    assert "The summit lies at 206.6°, 36.9° beside it." in found["theta=243&show=1"]
    steps = np.linspace(-3, 3, 60001)
    cut = [
        (2 + s * math.cos(math.radians(243)), 1 + s * math.sin(math.radians(243))) for s in steps
    ]
    assert max(height("long hill", point) for point in cut[::10]) == pytest.approx(2.74, abs=0.005)
    assert field.slope_along((3, 4), 0) == 3
    assert np.dot((3, 4), (-0.8, 0.6)) == pytest.approx(0)
    assert field.slope_along((-0.5, -1), 207) == pytest.approx(0.8995, abs=5e-5)
    # on the saddle the cut rises on both sides at 0°, and falls at 90°
    assert min(height("saddle", (-1, 0)), height("saddle", (1, 0))) > 0
    assert max(height("saddle", (0, -1)), height("saddle", (0, 1))) < 0


def test_the_arrows_are_the_direction_and_the_gradient(figure: Figure, update: Any) -> None:
    chart, slopes, cut = figure.axes
    for state in states(60):
        update(**{**state, "show": True})
        at = np.array(state["point"][0])
        rises = field.gradient(state["surface"], at)
        arrows, steepest, ahead = (c for c in chart.collections if isinstance(c, Arrows))
        for arrow, vector in ((steepest, rises), (ahead, field.unit(state["theta"]))):
            np.testing.assert_array_equal(arrow.tails, [at])
            np.testing.assert_allclose(arrow.vectors, [vector], atol=1e-12)
        for spot, drawn in zip(arrows.tails, arrows.vectors, strict=True):
            expected = field.SMALL * field.gradient(state["surface"], spot)
            np.testing.assert_allclose(drawn, expected, atol=1e-12)
        # the dotted line drops the gradient at right angles on the direction
        shadow = next(line for line in chart.lines if line.get_linestyle() == ":")
        tip, landed, foot = np.transpose(shadow.get_data())
        assert (tip - landed) @ field.unit(state["theta"]) == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(foot, at)
        # the dot lies on the curve of slopes, the tangent touches the cut
        curve, dot = slopes.lines[1], slopes.lines[-1]
        theta, rise = (float(values[0]) for values in dot.get_data())  # type: ignore[index]
        assert theta == state["theta"]
        on_curve = np.interp(theta, *map(np.asarray, curve.get_data()))
        assert rise == pytest.approx(on_curve, abs=2e-3)
        _, _, profile, tangent, _ = cut.lines
        s, v = map(np.asarray, tangent.get_data())
        assert (v[1] - v[0]) / (s[1] - s[0]) == pytest.approx(rise, abs=1e-9)
        here = np.interp(0, *map(np.asarray, profile.get_data()))
        assert here == pytest.approx(height(state["surface"], at), abs=1e-9)


def test_the_answer_is_hidden_until_it_is_asked_for(figure: Figure, update: Any) -> None:
    chart, slopes, _ = figure.axes
    assert "radient" not in update()
    quivers = [c for c in chart.collections if isinstance(c, Arrows)]
    assert [q.get_visible() for q in quivers] == [False, False, True]
    assert not any("gradient" in text.get_text() for text in chart.texts)
    assert not slopes.lines[1].get_visible()
    assert "gradient" in update(show=True)
    assert all(q.get_visible() for q in quivers)
    assert any(text.get_text() == "gradient (−0.5, −1)" for text in chart.texts)
    assert slopes.lines[1].get_visible()


def test_special_places_get_a_sentence(update: Any) -> None:
    origin = ((0.0, 0.0),)
    for theta in (0.0, 90.0, 217.0):
        told = update(point=origin, theta=theta, show=True)
        assert "The gradient is zero: the ground is level in every direction" in told
        assert "slope is 0: level." in told
    top = field.SURFACES["two peaks"].summits[1]
    told = update(surface="two peaks", point=((round(top[0], 4), round(top[1], 4)),), show=True)
    assert "shorter than 0.001" in told
    assert "This is a summit." in told
    assert "There is no summit." in update(surface="plane", show=True)
    assert "all but level" in update(surface="plane", theta=333.435)
    assert "The higher summit lies" in update(surface="two peaks", show=True)


def test_every_sentence_is_whole_and_changes_with_the_picture(update: Any) -> None:
    told: dict[str, dict[str, Any]] = {}
    for state in states(400):
        sentence = update(**state)
        check_whole(sentence)
        assert told.setdefault(sentence, state) == state


def test_words_do_not_overlap_or_leave_the_picture(figure: Figure, update: Any) -> None:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    steepest = {"point": ((-3.0, -2.9),), "show": True}
    for state in [{}, steepest, *states(200)]:
        update(**state)
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for axes in figure.axes
            for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label)
            if text.get_visible() and text.get_text()
        ]
        for text, box in boxes:
            assert min(box.x0, box.y0) >= 0, (text, state)
            assert box.x1 <= figure.bbox.width, (text, state)
            assert box.y1 <= figure.bbox.height, (text, state)
        for (one, a), (other, b) in combinations(boxes, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            up = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < -4 or up < 3, (one, other, state)
