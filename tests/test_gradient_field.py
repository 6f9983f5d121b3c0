"""Lesson 7: `gradient_field` against finite differences, SciPy, and geometry."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from support.captions import check_visible, check_whole, everything

from demos import gradient_field as field
from stage.artists import Arrows
from stage.layout import shape_of

RANDOM = np.random.default_rng(7)
POINTS = [(0.0, 0.0), (3.0, 3.0), (-3.0, 3.0), *RANDOM.integers(-30, 31, (20, 2)) / 10]


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
        # heights are linear between grid points, which are 0.075 apart
        assert nearest < 0.02 or np.linalg.norm(field.gradient(name, point)) < 0.1


def test_a_level_that_is_nowhere_gives_no_line() -> None:
    assert np.isnan(field.level_line("long hill", 9.0)).all()
    assert not np.isnan(field.level_line("long hill", 2.0)).all()


@pytest.mark.parametrize("name", field.SURFACES)
def test_bands_hold_what_lies_between_two_levels(name: str) -> None:
    paths, floors = field.bands(name)
    edges = [field.ENDS[0], *field.LEVELS, field.ENDS[1]]
    for point in POINTS[3:]:
        level = height(name, point)
        inside = set()
        for path, low in zip(paths, floors.tolist(), strict=True):
            rings = [Outline(ring) for ring in path.to_polygons()]  # the first, and its holes
            if sum(ring.contains_point(point) for ring in rings) % 2:
                inside.add(low)
        below = max(edge for edge in edges if edge <= level)
        if min(abs(level - edge) for edge in edges) > 0.01:
            assert inside == {below}


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    tall = request.param / shape_of(field.demo).at(request.param)
    made = Figure(figsize=(request.param, tall))
    FigureCanvasAgg(made)
    return made


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return field.demo(figure)


def states(count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        x1, x2 = (RANDOM.integers(-30, 31, 2) / 10).tolist()
        yield {
            "surface": str(RANDOM.choice(list(field.SURFACES))),
            "point": ((x1, x2),),
            "theta": float(RANDOM.integers(361)),
            "show": bool(RANDOM.integers(2)),
            "panel": str(RANDOM.choice(field.PANELS)),
            "arrows": bool(RANDOM.integers(2)),
        }


def test_the_picture_shows_what_is_computed(figure: Figure, update: Any) -> None:
    chart, slopes, cut = figure.axes
    for state in states(60):
        update(**{**state, "show": True, "panel": field.PANELS[1]})
        at = np.array(state["point"][0])
        rises = field.gradient(state["surface"], at)
        arrows, steepest, ahead = (c for c in chart.collections if isinstance(c, Arrows))
        for arrow, vector in ((steepest, rises), (ahead, field.unit(state["theta"]))):
            np.testing.assert_array_equal(arrow.tails, [at])
            np.testing.assert_allclose(arrow.vectors, [vector], atol=1e-12)
        for spot, drawn in zip(arrows.tails, arrows.vectors, strict=True):
            expected = field.SMALL * field.gradient(state["surface"], spot)
            np.testing.assert_allclose(drawn, expected, atol=1e-12)
        # the dotted line projects the gradient onto the direction
        shadow = next(line for line in chart.lines if line.get_linestyle() == ":")
        tip, landed, foot = np.transpose(shadow.get_data())
        assert (tip - landed) @ field.unit(state["theta"]) == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(foot, at)
        # the dot lies on the curve of slopes, and the tangent touches the slice
        curve, dot = slopes.lines[1], slopes.lines[-1]
        theta, rise = (float(values[0]) for values in dot.get_data())  # type: ignore[index]
        assert theta == state["theta"]
        on_curve = np.interp(theta, *map(np.asarray, curve.get_data()))
        assert rise == pytest.approx(on_curve, abs=2e-3)
        assert abs(np.asarray(curve.get_ydata())).max() < slopes.get_ylim()[1]
        update(**{**state, "panel": field.PANELS[2]})
        _, _, profile, tangent, _ = cut.lines
        s, v = map(np.asarray, tangent.get_data())
        assert (v[1] - v[0]) / (s[1] - s[0]) == pytest.approx(rise, abs=1e-9)
        here = np.interp(0, *map(np.asarray, profile.get_data()))
        assert here == pytest.approx(height(state["surface"], at), abs=1e-9)


def test_arrows_and_handles_stay_in_the_frame(figure: Figure, update: Any) -> None:
    chart = figure.axes[0]
    for surface, panel in itertools.product(field.SURFACES, field.PANELS[:2]):
        for x1, x2 in itertools.product((-3.0, 0.0, 3.0), repeat=2):
            for theta in (0.0, 90.0, 180.0, 270.0):
                tip = field._tip(theta, ((x1, x2),))
                assert field.between(field._toward(*tip, ((x1, x2),)), theta) < 1e-9
                update(surface=surface, point=((x1, x2),), theta=theta, show=True, panel=panel)
                ends = [tip, np.add(field.gradient(surface, (x1, x2)), (x1, x2))]
                for x, y in ends:
                    assert abs(x) < chart.get_xlim()[1]
                    assert abs(y) < chart.get_ylim()[1]


def test_one_unit_is_as_long_across_as_up(figure: Figure, update: Any) -> None:
    chart, slopes, cut = figure.axes
    for panel in field.PANELS:
        update(panel=panel)
        across, up = figure.bbox.size * chart.get_position().size
        (left, right), (low, high) = chart.get_xlim(), chart.get_ylim()
        assert (right - left) / across == pytest.approx((high - low) / up)
        assert slopes.get_visible() == (panel == field.PANELS[1])
        assert cut.get_visible() == (panel == field.PANELS[2])


def test_the_answer_is_hidden_until_it_is_asked_for(figure: Figure, update: Any) -> None:
    chart, slopes, _ = figure.axes
    assert "radient" not in everything(update(panel=field.PANELS[1]))
    arrows = [c for c in chart.collections if isinstance(c, Arrows)]
    assert [each.get_visible() for each in arrows] == [False, False, True]
    assert not any("gradient" in text.get_text() for text in chart.texts)
    peak = next(line for line in slopes.lines if line.get_color() == "gradient")
    assert not peak.get_visible()
    assert "gradient" in everything(update(show=True, panel=field.PANELS[1]))
    assert [each.get_visible() for each in arrows] == [False, True, True]
    assert any(text.get_text() == "gradient (−0.5, −1)" for text in chart.texts)
    assert peak.get_visible()


def test_special_places_get_a_sentence(update: Any) -> None:
    def told(**state: Any) -> str:
        return everything(update(**state))

    for theta in (0.0, 90.0, 217.0):
        said = told(point=((0.0, 0.0),), theta=theta, show=True)
        assert "The gradient is zero: the ground is level in every direction" in said
        assert "slope is 0: level." in said
    top = field.SURFACES["two peaks"].summits[1]
    said = told(surface="two peaks", point=((round(top[0], 4), round(top[1], 4)),), show=True)
    assert "shorter than 0.001" in said
    assert "This is a summit." in said
    assert "saddle point" in told(surface="saddle", point=((0.0, 0.0),), show=True)
    assert "There is no summit." in told(surface="plane", show=True)
    assert "almost level" in told(surface="plane", theta=333.435)
    assert "The higher summit lies" in told(surface="two peaks", show=True)


@pytest.mark.whole
def test_every_caption_is_one_sentence_and_changes_with_the_picture(update: Any) -> None:
    told: dict[str, dict[str, Any]] = {}
    for state in states(400):
        caption = update(**state)
        check_visible(caption)
        check_whole(caption.detail)
        assert told.setdefault(everything(caption), state) == state


@pytest.mark.whole
def test_words_do_not_overlap_or_leave_the_picture(figure: Figure, update: Any) -> None:
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    steepest = {"point": ((-3.0, -2.9),), "show": True}
    laid = ""
    for state in sorted([steepest, *states(150)], key=lambda state: state.get("panel", "")):
        update(**state)
        if laid != (laid := state.get("panel", "none")):
            figure.draw_without_rendering()  # only then do axis labels and numbers move
        boxes = [
            (text.get_text(), text.get_window_extent(renderer))
            for axes in figure.axes
            if axes.get_visible()
            for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label)
            if text.get_visible() and text.get_text()
        ]
        numbers = [
            (tick.label1.get_text(), tick.label1.get_window_extent(renderer))
            for axes in figure.axes
            if axes.get_visible()
            for axis in (axes.xaxis, axes.yaxis)
            for tick in axis._update_ticks()  # the visible ones
        ]
        boxes += numbers
        for text, box in boxes:
            assert min(box.x0, box.y0) >= 0, (text, state)
            assert box.x1 <= figure.bbox.width, (text, state)
            assert box.y1 <= figure.bbox.height, (text, state)
        for (one, a), (other, b) in itertools.combinations(boxes, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            up = min(a.y1, b.y1) - max(a.y0, b.y0)
            assert across < -4 or up < 3, (one, other, state)
