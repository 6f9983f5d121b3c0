"""Lesson 7: its small figures and its guess against SciPy, and the numbers in its text."""

import math
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import optimize
from support.captions import check_visible, everything
from support.lessons import NUMBER, check_said, made, numbers_in, page, text_of

from demos import gradient_field, gradient_guess, gradient_slices, gradient_turn
from stage import Answer, controls, number, theme
from stage.artists import Arrows
from stage.linear_algebra import unit

RANDOM = np.random.default_rng(77)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 7), page("guide", 7)


def slope_of(f: Any, at: Any, u: Any) -> float:
    """The slope of f along u, from two heights close to each other."""
    step = 1e-5 * np.asarray(u, dtype=float)
    return (float(f(at + step)) - float(f(at - step))) / 2e-5


# gradient_slices


def test_the_slopes_of_slices_are_those_of_the_hill() -> None:
    figure, update = made("gradient_slices")
    view = figure.axes[1]
    for x1, x2 in [*RANDOM.integers((-30, -12), (31, 13), (60, 2)) / 10, (0.0, 0.0), (-2.0, 0.0)]:
        expected = [slope_of(lambda x: gradient_slices.f(*x), (x1, x2), u) for u in np.eye(2)]
        assert gradient_slices.slopes(x1, x2) == pytest.approx(expected)
        told = update(point=((x1, x2),))
        check_visible(told)
        said = [number(value + 0, 3) for value in gradient_slices.slopes(x1, x2)]
        assert [told.numbers["s1"], told.numbers["s2"]] == said
        assert set(said) <= numbers_in(told)
        # each tangent passes through the point with the slope that the view shows
        middle = gradient_slices.seen(x1, x2, gradient_slices.f(x1, x2))
        for line, u, slope in zip(view.lines[2:4], np.eye(2), expected, strict=True):
            start, end = np.transpose(line.get_data())
            np.testing.assert_allclose((start + end) / 2, middle)
            length = end - start
            step = gradient_slices.seen(*u, slope) - gradient_slices.seen(0, 0, 0)
            assert length[0] * step[1] == pytest.approx(length[1] * step[0], abs=1e-9)
    assert "level" in update(point=((0.0, 0.0),))


def test_all_of_the_hill_is_in_the_frame() -> None:
    figure, update = made("gradient_slices")
    view = figure.axes[1]
    for x1 in (-3.0, 0.0, 3.0):
        for x2 in (-1.2, 0.0, 1.2):
            update(point=((x1, x2),))
            for line in view.lines:
                x, y = map(np.asarray, line.get_data())
                assert view.get_xlim()[0] < x.min() <= x.max() < view.get_xlim()[1]
                assert view.get_ylim()[0] < y.min() <= y.max() < view.get_ylim()[1]


# gradient_turn


def test_the_slopes_of_a_plane_and_its_gradient() -> None:
    figure, update = made("gradient_turn")
    ax, below = figure.axes
    found = optimize.minimize_scalar(
        lambda a: -gradient_turn.slope_along(a), bounds=(0, 180), method="bounded"
    )
    assert found.x == pytest.approx(gradient_turn.STEEPEST, abs=1e-3)
    assert -found.fun == pytest.approx(np.linalg.norm(gradient_turn.SLOPES))
    every = [gradient_turn.slope_along(theta) for theta in range(360)]
    best, worst = int(np.argmax(every)), int(np.argmin(every))
    steepest = next(c for c in ax.collections if isinstance(c, Arrows))
    for theta in range(361):
        u = (math.cos(math.radians(theta)), math.sin(math.radians(theta)))
        slope = slope_of(lambda x: x[0] / 2 + x[1], (0, 0), u)
        assert gradient_turn.slope_along(theta) == pytest.approx(slope)
        told = update(theta=float(theta))
        check_visible(told)
        assert told.numbers["slope"] == number(slope)
        assert ("largest" in told) == (theta == best)
        assert ("smallest" in told) == (theta == worst)
        assert ("level" in told) == (theta in (best + 90, best + 270))
        curve = below.lines[-2]
        assert curve.get_xdata()[-1] == theta  # at most as far as u was turned
        assert curve.get_ydata()[-1] == pytest.approx(slope)
        assert steepest.get_visible() == (theta >= best)  # no answer before the reader finds it
        assert ("radient" in everything(told)) == (theta >= best)
    assert (best, worst) == (63, 243)


# gradient_guess

SEEDS = range(len(gradient_guess.HILLS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_direction_is_scored(seed: int) -> None:
    hill = gradient_guess.HILLS[seed]
    f = lambda x: gradient_guess.f(hill, x)  # noqa: E731
    top = optimize.minimize(lambda x: -f(x), hill.at).x
    np.testing.assert_allclose(top, hill.summit, atol=1e-4)
    expected = [slope_of(f, np.array(hill.at), u) for u in np.eye(2)]
    np.testing.assert_allclose(gradient_guess.gradient(hill), expected, atol=1e-6)
    most = float(np.linalg.norm(expected))
    way = math.degrees(math.atan2(expected[1], expected[0])) % 360
    to_top = gradient_guess.bearing(top - hill.at)
    assert gradient_guess.between(way, to_top) > 30  # the common mistake is named
    _, update = made("gradient_guess")
    for theta in range(0, 360, 3):
        told = update(theta=float(theta), seed=seed, answer=SHOWN)
        check_visible(told)
        mine = slope_of(f, np.array(hill.at), unit(theta))
        assert gradient_guess.slope_along(hill, theta) == pytest.approx(mine, abs=1e-6)
        assert {number(mine), number(most)} <= set(NUMBER.findall(told))
        off = abs((theta - way + 180) % 360 - 180)
        assert ("found" in told) == (off <= 5)
        assert ("ummit" in told) == (abs((theta - to_top + 180) % 360 - 180) <= 10)
        assert ("downhill" in told) == (off >= 170)
        assert ("level curve" in told) == (80 <= off <= 100)
    skipped = update(seed=seed, answer=Answer(1.0, True))
    assert number(most) in NUMBER.findall(skipped)
    assert "our" not in skipped


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fog_shows_nothing_of_the_answer(seed: int) -> None:
    figure, update = made("gradient_guess")
    ax, hill = figure.axes[0], gradient_guess.HILLS[seed]
    update(seed=seed, answer=SHOWN)
    told = update(theta=77.0, seed=seed, answer=Answer())
    check_visible(told.replace("?", "."))
    rises = gradient_guess.gradient(hill)
    secrets = [f"{gradient_guess.bearing(rises):.0f}", number(float(np.hypot(*rises)))]
    assert not {*secrets, *map(number, rises)} & numbers_in(told)
    assert "radient" not in everything(told)
    assert not told.numbers
    straight = next(line for line in ax.lines if line.get_color() == "gradient")
    assert not straight.get_visible()
    assert not any("gradient" in text.get_text() for text in ax.texts if text.get_visible())
    steepest, _ = (c for c in ax.collections if isinstance(c, Arrows))
    assert not steepest.get_visible()
    # everything except a small disk is covered, and the summit isn't in the disk
    (veil,) = gradient_guess.fog(np.array(hill.at), gradient_guess.CLEAR)
    rings = veil.to_polygons()
    reach = np.hypot(*(rings[1] - hill.at).T)
    assert len(rings) == 2
    assert reach.max() < 1 < math.dist(hill.at, hill.summit)
    shown = next(c for c in ax.collections if c.get_zorder() == 0.4)
    np.testing.assert_allclose(shown.get_paths()[0].vertices, veil.vertices)


def test_level_curves_of_the_fog_are_level() -> None:
    for hill in gradient_guess.HILLS:
        for drop, curve in zip(
            gradient_guess.DROPS, gradient_guess.level_curves(hill), strict=True
        ):
            np.testing.assert_allclose(gradient_guess.f(hill, curve), 3 - drop, atol=1e-12)


def test_the_handle_of_a_guess_follows_the_pointer() -> None:
    for seed in SEEDS:
        for theta in range(0, 360, 7):
            tip = gradient_guess._tip(theta, seed)
            assert gradient_guess._toward(*tip, seed) == pytest.approx(theta)
        x, y = gradient_guess._tip(359.7, seed)
        assert gradient_guess._toward(x, y, seed) < 1


# The text


def field_says(query: str) -> str:
    """The caption and description of the laboratory for a link."""
    theme.use("light")
    update = gradient_field.demo(Figure(figsize=(7.2, 5)))
    return everything(update(**controls.read(controls.parameters(update), parse_qs(query))))


def link_of(section: str, words: str) -> str:
    """The state of the link with this text."""
    (found,) = re.findall(rf'<section id="{section}">(.*?)</section>', LESSON, re.DOTALL)
    (query,) = re.findall(rf'#gradient_field\?([^"]*)">{words}</a>', " ".join(found.split()))
    return unescape(query)


def test_the_numbers_of_the_formulas() -> None:
    formula = text_of(LESSON, "formula")
    a, b = gradient_turn.SLOPES
    assert gradient_slices.slopes(-2, -1) == (a, b)
    check_said(formula, "(−2, −1)", f"({a:g}, {b:g})")
    assert rf"\data{{{a:g}}}" in formula
    assert rf"\truth{{{b:g}}}" in formula
    assert rf"\sqrt{{{a:g}^2 + {b:g}^2}} \approx {math.hypot(a, b):.3f}" in formula
    _, update = made("gradient_slices")
    assert update().numbers["place"] == "(−2, −1)"
    x1, x2 = 1.3, -0.7
    assert gradient_slices.f(x1, x2) == pytest.approx(3 - x1**2 / 8 - x2**2 / 2)


def test_what_the_notes_say() -> None:
    notice, at = text_of(LESSON, "notice"), np.array((2.0, 1.0))
    rises = gradient_field.gradient("long hill", at)
    to_top = gradient_field.bearing(-at) or 0.0
    assert gradient_field.between(to_top, 207) < 0.5
    way = gradient_field.bearing(rises) or 0.0
    toward, most = gradient_field.slope_along(rises, 207), float(np.hypot(*rises))
    apart = gradient_field.between(to_top, way)
    check_said(notice, "(2, 1)", number(toward, 3), f"{apart:.1f}°", number(most, 3))
    steps = np.linspace(0, 3, 3001)[:, np.newaxis]
    f = gradient_field.SURFACES["long hill"].f
    highest = float(f(*(at + steps * rises / most).T).max())
    check_said(notice, number(highest), f"{f(np.zeros(1), np.zeros(1))[0]:g} high")
    assert number(toward, 3) in field_says(link_of("notice", "toward the summit"))
    assert number(most, 3) in field_says(link_of("notice", "Along the gradient"))
    assert "same direction" in field_says(link_of("notice", "leads to its center"))
    assert f"{number(-most, 3)}: downhill" in field_says(link_of("notice", "At 63°"))
    check_said(notice, "63°", number(-most, 3))
    quarter = gradient_field.slope_along(rises, 333)
    assert abs(quarter) < 0.01
    assert number(quarter, 3) in field_says(link_of("notice", "at 333°"))
    assert "This is a summit" in field_says(link_of("notice", "on the summit"))
    assert "saddle point" in field_says(link_of("notice", "in the middle of a saddle"))
    saddle = gradient_field.SURFACES["saddle"].f
    s = np.array([-1.0, 1.0])
    assert (saddle(s, 0 * s) > 0).all()
    assert (saddle(0 * s, s) < 0).all()


def test_other_units_make_the_hill_round() -> None:
    assert "3 − z²/2 − x₂²/2" in text_of(LESSON, "use")
    z, x2 = RANDOM.uniform(-2, 2, (2, 20))
    np.testing.assert_allclose(gradient_slices.f(2 * z, x2), 3 - z**2 / 2 - x2**2 / 2)


def test_questions_and_exercises_compute_right() -> None:
    check = text_of(LESSON, "check")
    rises = optimize.approx_fprime([2, 5], lambda x: x[0] ** 2 + 3 * x[1])
    np.testing.assert_allclose(rises, (4, 3), atol=1e-6)
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    assert float(right) == pytest.approx(np.linalg.norm(rises))
    check_said(check, "(4, 3)", right, f"{sum(rises):.0f}", str(2**2 + 3 * 5))
    assert np.dot((3, 4), (-0.8, 0.6)) == pytest.approx(0)
    assert np.dot((3, 4), (0.6, 0.8)) == pytest.approx(np.linalg.norm((3, 4)))
    lengths, away = [], []
    for place in ((2, 0), (0, 1), (0, 2)):
        words = rf"at \({place[0]}, {place[1]}\)"
        length = number(float(np.hypot(*gradient_field.gradient("long hill", place))))
        assert f"{length} long" in field_says(link_of("check", words))
        lengths.append(length)
        away.append(number(math.hypot(*place)))
    check_said(check, f"{lengths[0]} long", f"{lengths[1]} long", f"{lengths[2]} long", *away)
    exercises = text_of(LESSON, "exercises")
    f = lambda x: x[0] ** 2 + x[0] * x[1]  # noqa: E731
    rises = optimize.approx_fprime([3, -2], f).round(5)
    check_said(exercises, f"({rises[0]:g}, {rises[1]:g})", f"{np.linalg.norm(rises):g}")
    for u in ((0.6, -0.8), (-0.6, 0.8)):
        assert rises @ u == pytest.approx(0)
    before, after = f((3, -2)), f((3.1, -2))
    check_said(exercises, f"= {before}", f"= {number(after)}", number(after - before))
    check_said(exercises, f"{rises[0]:g} · 0.1 = {number(0.1 * rises[0])}")


def test_the_numbers_of_the_page_for_teachers() -> None:
    plan, mistake = text_of(GUIDE, "plan"), text_of(GUIDE, "misconception")
    rises = gradient_field.gradient("long hill", (2, 1))
    for theta in (180, 207, 243):
        check_said(plan, f"{theta}°", number(gradient_field.slope_along(rises, theta), 3))
    check_said(mistake, "207°", number(gradient_field.slope_along(rises, 207), 3))
    check_said(mistake, "243°", number(gradient_field.slope_along(rises, 243), 3))
    lengths = [np.hypot(*gradient_field.gradient("long hill", at)) for at in ((2, 0), (0, 2))]
    check_said(mistake, "(2, 0)", "(0, 2)", *(number(float(each)) for each in lengths))
    assert np.dot((3, 4), (1, 0)) == 3
    check_said(plan, "(3, 4)", f"{np.linalg.norm((3, 4)):g} and 3")
