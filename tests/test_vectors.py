"""Lesson 1: the mathematics of `vector_addition` against NumPy, SciPy, and closed forms."""

import math
import re
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
from matplotlib.figure import Figure
from support.captions import check_whole, everything

from demos import vector_addition as vectors
from stage import controls

RANDOM = np.random.default_rng(20)
PAIRS = RANDOM.integers(-50, 51, (200, 2, 2)) / 10  # the values that sliders and handles allow
PARALLEL = [
    ((4.0, 2.0), (-2.0, -1.0)),
    ((0.1, 0.3), (0.3, 0.9)),  # 0.1 * 0.9 and 0.3 * 0.3 differ in the last digit
    ((1.0, 5.0), (0.7, 3.5)),  # the computed smaller singular value is 1e-16
    ((3.0, 0.0), (0.0, 0.0)),
    ((0.0, 0.0), (0.0, -2.5)),
]


@pytest.mark.parametrize(("a", "b"), PAIRS[:50])
def test_combination_is_a_matrix_times_its_coefficients(a: Any, b: Any) -> None:
    alpha, beta = RANDOM.uniform(-3, 3, 2)
    expected = np.array([a, b]).T @ [alpha, beta]
    np.testing.assert_allclose(vectors.combination(a, b, alpha, beta), expected, atol=1e-14)
    np.testing.assert_array_equal(vectors.combination(a, b), a + b)


@pytest.mark.parametrize(("a", "b"), PAIRS[:50])
def test_length_and_cross(a: Any, b: Any) -> None:
    assert vectors.length(a) == pytest.approx(np.linalg.norm(a), rel=1e-15)
    assert vectors.cross(a, b) == pytest.approx(np.linalg.det([a, b]), abs=1e-12)
    # the parallelogram law
    both = vectors.length(a + b) ** 2 + vectors.length(a - b) ** 2
    assert both == pytest.approx(2 * vectors.length(a) ** 2 + 2 * vectors.length(b) ** 2)


def test_angle_is_that_of_scipy() -> None:
    for a, b in PAIRS:
        found = vectors.angle(a, b)
        assert found is not None
        expected = scipy.linalg.subspace_angles(a[:, None], b[:, None])[0]  # of lines: 0–90°
        expected = math.degrees(expected if a @ b >= 0 else math.pi - expected)
        assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("turn", [0, 1e-7, 1, 60, 90, 120, 179.9999999, 180])
def test_angle_keeps_its_digits(turn: float) -> None:
    radians = math.radians(turn)
    found = vectors.angle((2, 0), (3 * math.cos(radians), 3 * math.sin(radians)))
    assert found == pytest.approx(turn, abs=1e-9 if turn > 1e-6 else 1e-7)


def test_zero_vector_has_no_angle() -> None:
    assert vectors.angle((0, 0), (1, 2)) is None
    assert vectors.angle((1, 2), (0, 0)) is None
    assert vectors.angle((0, 0), (0, 0)) is None


def test_reach_solves_what_can_be_solved() -> None:
    for a, b in PAIRS:
        if vectors.cross(a, b) == 0:
            continue
        target = RANDOM.integers(-80, 81, 2) / 10
        found = vectors.reach(a, b, target)
        expected = np.linalg.solve(np.array([a, b]).T, target)
        np.testing.assert_allclose(found.coefficients, expected, rtol=1e-8, atol=1e-10)
        assert found.rank == 2
        assert found.distance == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize(("a", "b"), PARALLEL)
def test_reach_projects_on_the_line_of_parallel_vectors(a: Any, b: Any) -> None:
    along = np.array(a if any(a) else b) / np.linalg.norm(a if any(a) else b)
    for target in RANDOM.integers(-80, 81, (20, 2)) / 10:
        found = vectors.reach(a, b, target)
        assert found.rank == 1
        np.testing.assert_allclose(found.nearest, (target @ along) * along, atol=1e-12)
        assert found.distance == pytest.approx(abs(np.linalg.det([along, target])), abs=1e-12)
        least_norm = np.linalg.pinv(np.array([a, b]).T, rcond=1e-9) @ target
        np.testing.assert_allclose(found.coefficients, least_norm, atol=1e-12)


@pytest.mark.parametrize(("a", "b"), PARALLEL)
def test_parallel_vectors_have_cross_zero(a: Any, b: Any) -> None:
    assert vectors.cross(a, b) == 0


def test_reach_of_two_zero_vectors_is_the_origin() -> None:
    found = vectors.reach((0, 0), (0, 0), (3, 4))
    assert (found.rank, found.distance) == (0, 5)
    assert not found.coefficients.any()
    assert not found.nearest.any()


def test_no_search_finds_anything_nearer() -> None:
    for (a, b), target in zip(PAIRS[:20], RANDOM.uniform(-8, 8, (20, 2)), strict=True):
        found = vectors.reach(a, b, target)

        def miss(factors: Any, a: Any = a, b: Any = b, target: Any = target) -> float:
            return float(np.linalg.norm(vectors.combination(a, b, *factors) - target))

        searched = scipy.optimize.minimize(miss, (0, 0), method="Nelder-Mead")
        assert found.distance <= searched.fun + 1e-9


# The captions


@pytest.fixture(scope="module", params=[7.2, 3.6])
def update(request: pytest.FixtureRequest) -> Any:
    """The caption and the description for a state."""
    draw = vectors.demo(Figure(figsize=(request.param, request.param)))
    return lambda **state: everything(draw(**state))


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    for said in ("(3, 7)", "a is 5 long", "b 4.12", "the sum 7.62", "67.2°"):
        assert said in told
    assert "the sum 2, 7.12 less" in update(points=((4.0, 3.0), (-4.0, -1.0)))
    assert "reaches t = (5, −1)" in update(target="aim", beta=-1.0)
    assert "α = 1 and β = −1" in update(target="solve")
    assert "3.13 away" in update(points=((4.0, 2.0), (-2.0, -1.0)), target="aim")


def test_degenerate_vectors_get_a_sentence(update: Any) -> None:
    zero = (0.0, 0.0)
    assert "point the same way" in update(points=((2.0, 1.0), (4.0, 2.0)))
    assert "exactly as long" in update(points=((2.0, 1.0), (4.0, 2.0)))
    assert "opposite ways" in update(points=((2.0, 1.0), (-4.0, -2.0)))
    assert "b is the zero vector" in update(points=((2.0, 1.0), zero))
    assert "a is the zero vector" in update(points=(zero, (2.0, 1.0)))
    assert "Both a and b" in update(points=(zero, zero))
    assert "only the line along a" in update(points=((2.0, 1.0), zero), target="aim")
    assert "t is on it" in update(points=((2.0, 1.0), (4.0, 2.0)), target="aim", t=((6.0, 3.0),))
    told = update(points=(zero, zero), target="solve", t=((3.0, 4.0),))
    assert "Both vectors are zero" in told
    assert "t is 5 away" in told
    assert "t is there" in update(points=(zero, zero), target="solve", t=(zero,))


@pytest.mark.whole
def test_every_sentence_is_whole(update: Any) -> None:
    for points in [*PAIRS, *PARALLEL, ((0.0, 0.0), (0.0, 0.0))]:
        for target in ("none", "aim", "solve"):
            alpha, beta = RANDOM.integers(-30, 31, 2) / 10
            pairs = tuple((float(x), float(y)) for x, y in points)
            told = update(points=pairs, alpha=float(alpha), beta=float(beta), target=target)
            check_whole(told)


def test_the_sentence_changes_with_the_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        {},
        {"copies": True},
        {"target": "aim", "alpha": 1.1},
        {"target": "aim", "beta": -1.0},
        {"target": "aim"},
        {"target": "solve"},
        {"target": "aim", "t": ((5.0, -1.1),)},
        {"points": ((4.0, 3.0), (-1.0, 4.1))},
    ]
    assert len({update(**state) for state in states}) == len(states)


# The laboratory's form


def test_the_frame_fits_what_is_drawn(figure_and_update: Any) -> None:
    figure, update = figure_and_update
    plane = figure.axes[0]
    widest = 0
    for points in [*PAIRS[:30], ((1.0, 1.0), (-1.0, 2.0)), ((5.0, 5.0), (5.0, 5.0))]:
        a, b = np.array(points)
        update(points=points)
        limit = plane.get_xlim()[1]
        needed = abs(np.array([a, b, a + b])).max()
        assert needed + vectors.ROOM <= limit + 1e-9
        smaller = [frame for frame in vectors.FRAMES if frame < limit]
        assert all(needed + vectors.ROOM > frame for frame in smaller)
        widest = max(widest, limit)
    assert widest == vectors.LIMIT
    update(points=((1.0, 1.0), (-1.0, 2.0)), target="aim", t=((8.0, 0.0),))
    assert plane.get_xlim()[1] > 8
    update(points=((5.0, 5.0), (5.0, 5.0)), alpha=3.0, target="aim")
    assert plane.get_xlim()[1] > 20


def test_factors_count_only_where_they_are_shown(figure_and_update: Any) -> None:
    _, update = figure_and_update
    known = controls.parameters(update)
    defaults = {name: parameter.default for name, parameter in known.items()}
    assert {"alpha", "beta", "t"}.isdisjoint(controls.effective(known, defaults))
    assert everything(update(alpha=2.0, beta=-3.0)) == everything(update())
    aiming = controls.effective(known, defaults | {"target": "aim"})
    assert {"alpha", "beta", "t"} <= set(aiming)
    for state in ({}, {"target": "aim"}):
        told = update(**state)
        assert len(re.findall(r"\d+(?:\.\d+)?", told)) <= 2
        assert told.count(".") - len(re.findall(r"\d\.\d", told)) == 1


@pytest.fixture(scope="module")
def figure_and_update() -> tuple[Figure, Any]:
    figure = Figure(figsize=(7.2, 4.5))
    return figure, vectors.demo(figure)
