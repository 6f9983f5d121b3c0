"""Lesson 2: the mathematics of `matrix_transform` against NumPy, SciPy, and closed forms."""

import functools
import math
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.linalg
from matplotlib.figure import Figure
from support.captions import check_whole, everything

from demos import matrix_transform as matrices
from stage import controls

RANDOM = np.random.default_rng(2)
TYPED = RANDOM.integers(-20, 21, (200, 2, 2)) / 10  # the values that fields and handles allow
SINGULAR = [
    ((1.0, 0.5), (1.0, 0.5)),
    ((0.1, 0.3), (0.3, 0.9)),  # 0.1 * 0.9 and 0.3 * 0.3 differ in the last digit
    ((1.1, 0.0), (1.3, 0.0)),
    ((0.0, 0.0), (0.0, -1.7)),
    ((1.0, -2.0), (-0.5, 1.0)),
    ((0.7, -0.7), (-0.7, 0.7)),
]
ANGLES = [-180.0, -135.0, -5.0, 0.0, 30.0, 45.0, 90.0, 175.0]


@pytest.mark.parametrize("a", TYPED[:40])
def test_image_is_so_much_of_each_column(a: Any) -> None:
    points = RANDOM.uniform(-3, 3, (7, 2))
    for point, found in zip(points, matrices.image(a, points), strict=True):
        np.testing.assert_allclose(found, point[0] * a[:, 0] + point[1] * a[:, 1], atol=1e-14)
    np.testing.assert_array_equal(matrices.image(a, np.eye(2)), a.T)


def test_determinant_is_that_of_numpy_and_the_signed_area() -> None:
    for a in TYPED:
        assert matrices.determinant(a) == pytest.approx(np.linalg.det(a), abs=1e-12)
        x, y = matrices.image(a, matrices.SQUARE).T
        area = 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))  # the shoelace formula
        assert matrices.determinant(a) == pytest.approx(area, abs=1e-12)


@pytest.mark.parametrize("a", SINGULAR)
def test_singular_matrices_have_determinant_zero_and_lose_a_direction(a: Any) -> None:
    found = matrices.squash(np.array(a))
    assert matrices.determinant(np.array(a)) == 0
    assert (found.rank, found.flat) == (1, 0)
    kernel = scipy.linalg.null_space(np.array(a), rcond=1e-9)[:, 0]
    assert abs(found.lost @ kernel) == pytest.approx(1)
    np.testing.assert_allclose(matrices.image(np.array(a), found.lost), 0, atol=1e-12)
    assert abs(np.linalg.det([found.line, np.array(a) @ [0.3, 0.2]])) < 1e-12


def test_squash_says_what_the_matrix_does_to_a_circle() -> None:
    turns = np.linspace(0, math.pi, 20001)
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    for a in TYPED[:60]:
        lengths = np.linalg.norm(matrices.image(a, circle), axis=1)
        found = matrices.squash(a)
        assert found.flat == pytest.approx(lengths.min() / lengths.max(), abs=1e-3)
        longest = matrices.image(a, found.kept)
        assert np.linalg.norm(longest) == pytest.approx(lengths.max(), rel=1e-6)
        assert found.line @ longest == pytest.approx(np.linalg.norm(longest))
        assert found.line[0] >= -1e-9
        assert found.kept @ found.lost == pytest.approx(0, abs=1e-12)


def test_zero_matrix_keeps_nothing() -> None:
    found = matrices.squash(np.zeros((2, 2)))
    assert (found.rank, found.flat) == (0, 0)
    assert not found.line.any()


@pytest.mark.parametrize("theta", ANGLES)
def test_presets_are_what_they_are_called(theta: float) -> None:
    turn = math.radians(theta)
    along, across = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    rotate, reflect, project = (
        matrices.preset(kind, theta, 1.0) for kind in ("rotate", "reflect", "project")
    )
    generator = np.array([[0, -1], [1, 0]])
    np.testing.assert_allclose(rotate, scipy.linalg.expm(turn * generator), atol=1e-12)
    np.testing.assert_allclose(
        reflect @ np.array([along, across]).T, np.array([along, -across]).T, atol=1e-12
    )
    np.testing.assert_allclose(
        project @ np.array([along, across]).T, np.array([along, 0 * across]).T, atol=1e-12
    )
    assert matrices.determinant(rotate) == pytest.approx(1)
    assert matrices.determinant(reflect) == pytest.approx(-1)
    assert matrices.determinant(project) == 0


@pytest.mark.parametrize("s", [-2.0, -0.3, 0.0, 1.0, 2.0])
def test_scale_and_shear(s: float) -> None:
    scale, shear = (matrices.preset(kind, 0.0, s) for kind in ("scale", "shear"))
    np.testing.assert_array_equal(matrices.image(scale, (3, -1)), (3 * s, -s))
    np.testing.assert_array_equal(matrices.image(shear, (3, 2)), (3 + 2 * s, 2))
    assert matrices.determinant(scale) == pytest.approx(s * s)
    assert matrices.determinant(shear) == 1


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    """The caption and the description for a state."""
    draw = matrices.demo(figure)
    return functools.wraps(draw)(lambda **state: everything(draw(**state)))


def told(update: Any, link: str) -> str:
    """The caption for a state link."""
    return str(update(**controls.read(controls.parameters(update), parse_qs(link))))


def test_the_lessons_numbers(update: Any) -> None:
    start = update()
    assert "e₁ to (1.5, 0.5) and e₂ to (−0.5, 1)" in start
    assert "x = (2, 1) to (2.5, 2)." in start
    assert "det A = 1.75" in start
    flat = told(update, "matrix=1&matrix=0.5&matrix=1&matrix=0.5")
    assert "x = (2, 1) to (2.5, 2.5)" in flat
    assert "det A = 0" in flat
    assert "such as x and (1.5, 2)" in flat
    assert "det A = −0.2." in told(update, "matrix=1&matrix=0.8&matrix=1&matrix=0.6")
    still = told(update, "matrix=1&matrix=0&matrix=0&matrix=1")
    assert "x = (2, 1) to (2, 1)" in still
    assert "e₁ to (0, 1) and e₂ to (−1, 0)" in told(update, "kind=rotate&theta=90")
    assert "area 4:" in told(update, "kind=scale&s=2")
    assert "area 1: det A = 1." in told(update, "kind=shear&s=1")
    assert "area 1, and the F is mirrored: det A = −1." in told(update, "kind=reflect&theta=30")
    assert "x = (3, 2) to (−2, 3)" in told(update, "kind=rotate&theta=90&x=3&x=2")
    check = told(update, "matrix=1&matrix=-2&matrix=-0.5&matrix=1&x=1&x=1")
    assert "det A = 0" in check
    assert "x = (1, 1) to (−1, 0.5)" in check
    assert "such as x and (0, 0.5)" in check


def test_the_plane_after_is_the_matrix_times_the_plane_before(figure: Figure, update: Any) -> None:
    before, after = figure.axes[:2]
    for a in TYPED[:20]:
        update(matrix=a, x=((-1.3, 2.4),))
        for i in (0, 1):  # the unit square, the F
            (one,), (other,) = (ax.collections[i].get_paths() for ax in (before, after))
            np.testing.assert_allclose(other.vertices, one.vertices @ a.T, atol=1e-12)
        # squared_paper() draws two lines below it
        grids = [np.asarray(ax.lines[2].get_xydata()) for ax in (before, after)]
        assert len(grids[0]) == 42
        np.testing.assert_allclose(grids[1], grids[0] @ a.T, atol=1e-12)
        np.testing.assert_allclose(
            after.lines[-1].get_xydata(), before.lines[-1].get_xydata() @ a.T, atol=1e-12
        )
        bar = figure.axes[4].lines[-2]
        assert np.asarray(bar.get_xdata())[1] == pytest.approx(np.linalg.det(a), abs=1e-12)


@pytest.mark.parametrize("a", SINGULAR)
def test_dots_have_one_colour_where_they_land_in_one_place(
    figure: Figure, update: Any, a: Any
) -> None:
    update(matrix=a)
    before, after = figure.axes[:2]
    dots, landed = before.collections[2], after.collections[2]
    np.testing.assert_array_equal(dots.get_facecolor(), landed.get_facecolor())
    colors, places = np.asarray(dots.get_facecolor()), np.asarray(landed.get_offsets())
    spot = np.asarray(dots.get_offsets()) @ np.array(a).T
    np.testing.assert_allclose(places, spot, atol=1e-12)
    for here in places:
        same = np.linalg.norm(places - here, axis=1) < 1e-9
        assert len(np.unique(colors[same], axis=0)) == 1
    assert len(np.unique(colors.round(2), axis=0)) >= 5


def test_dots_show_only_where_the_plane_is_nearly_flat(figure: Figure, update: Any) -> None:
    dots = figure.axes[0].collections[2]
    for a, shown in ((((1.0, 0.0), (0.0, 1.0)), False), (((1.0, 0.8), (1.0, 0.6)), True)):
        update(matrix=a)
        assert dots.get_visible() == shown
    update(matrix=((0.0, 0.0), (0.0, 0.0)))
    assert len(np.unique(np.asarray(dots.get_facecolor()), axis=0)) == 1


def test_handles_rest_while_a_preset_is_the_matrix(figure: Figure, update: Any) -> None:
    parameter = controls.parameters(update)["matrix"]
    grip = figure.axes[parameter.control.axes]  # type: ignore[union-attr]
    for kind in ("none", "rotate", "scale", "shear", "reflect", "project", "none"):
        update(kind=kind)
        assert grip.get_visible() == (kind == "none")


def test_degenerate_matrices_get_a_sentence(update: Any) -> None:
    assert "every point of the plane lands on the origin" in update(matrix=((0.0, 0.0), (0.0, 0.0)))
    assert "onto the line through (0, 1) and" in update(matrix=((0.0, 0.0), (0.0, -1.7)))
    assert "an ellipse 0.07 times" in update(matrix=((1.0, 0.8), (1.0, 0.6)))
    assert "lands on the origin." in update(kind="scale", s=0.0)


@pytest.mark.whole
def test_every_sentence_is_whole(update: Any) -> None:
    kinds = ("rotate", "scale", "shear", "reflect", "project")
    for a in [*TYPED, *SINGULAR]:
        x = RANDOM.integers(-30, 31, 2) / 10
        states = [
            {"matrix": a},
            {"kind": kinds[RANDOM.integers(5)], "theta": 5.0 * RANDOM.integers(-36, 37)},
            {"kind": "shear", "s": RANDOM.integers(-20, 21) / 10},
        ]
        for state in states:
            sentence = update(x=(tuple(x),), **state)
            check_whole(sentence)


def test_the_sentence_changes_with_the_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        {},
        {"matrix": ((1.5, -0.5), (0.5, 1.1))},
        {"x": ((2.0, 1.1),)},
        *({"kind": kind} for kind in ("rotate", "scale", "shear", "reflect", "project")),
        {"kind": "rotate", "theta": 35.0},
        {"kind": "reflect", "theta": -150.0},
        {"kind": "scale", "s": 1.4},
    ]
    assert len({update(**state) for state in states}) == len(states)


def test_a_preset_is_written_into_the_matrix() -> None:
    draw = matrices.demo(Figure(figsize=(7.2, 4.8)))
    known = controls.parameters(draw)
    defaults = {name: parameter.default for name, parameter in known.items()}
    for kind in ("rotate", "scale", "shear", "reflect", "project"):
        told = draw(kind=kind, theta=75.0, s=-1.3)
        written = np.array(told.sets["matrix"])
        np.testing.assert_allclose(written, matrices.preset(kind, 75, -1.3))
        texts = known["matrix"].control.write(told.sets["matrix"])
        again = draw(matrix=known["matrix"].control.read(texts))  # "none" continues from there
        assert str(again) == str(told)
        shown = set(controls.effective(known, defaults | {"kind": kind}))
        assert shown == {"x", "kind", "theta" if kind in matrices.TURNED else "s"}
    quarter = draw(kind="rotate", theta=90.0).sets["matrix"]
    assert known["matrix"].control.write(quarter) == ["0", "-1", "1", "0"]
    assert not draw().sets
    assert set(controls.effective(known, defaults)) == {"matrix", "x", "kind"}
    for matrix in TYPED[:40]:
        told = draw(matrix=matrix)
        assert len(re.findall(r"\d+(?:\.\d+)?", told)) <= 2
        assert told.count(".") - len(re.findall(r"\d\.\d", told)) == 1
