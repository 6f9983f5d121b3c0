"""Lesson 4: the mathematics of `dot_product` against NumPy, SciPy, and closed forms."""

import html
import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from support.captions import check_captions

from demos import dot_product
from stage import controls

SITE = Path(__file__).parent.parent / "site"
PAGES = [SITE / kind / "04-dot-product.html" for kind in ("lessons", "guide")]
RANDOM = np.random.default_rng(4)
PAIRS = [
    (w / 10, x / 10)
    for w, x in zip(
        RANDOM.integers(-20, 21, (200, 2)), RANDOM.integers(-40, 41, (200, 2)), strict=True
    )
    if w.any() and x.any()
]


@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_dot_is_that_of_numpy(n: int) -> None:
    for _ in range(20):
        a, b = RANDOM.normal(size=(2, n))
        assert dot_product.dot(a, b) == pytest.approx(np.dot(a, b), abs=1e-9)
        assert dot_product.length(a) == pytest.approx(np.linalg.norm(a), rel=1e-14)


def test_dot_of_tenths_is_exact() -> None:
    for w, x in PAIRS:
        tenths = [(round(10 * a), round(10 * b)) for a, b in zip(w, x, strict=True)]
        exact = float(sum(Fraction(a * b, 100) for a, b in tenths))
        assert dot_product.dot(w, x) == exact
    zero = dot_product.dot((1e-6,), (-1e-6,))
    assert math.copysign(1, zero) == 1


def test_dot_needs_as_many_numbers_on_both_sides() -> None:
    with pytest.raises(ValueError, match="no dot product"):
        dot_product.dot((1, 2), (1, 2, 3))


def test_cosine_and_angle_are_those_of_scipy() -> None:
    for w, x in PAIRS:
        likeness, turn = dot_product.cosine(w, x), dot_product.angle(w, x)
        assert likeness is not None
        assert turn is not None
        assert likeness == pytest.approx(1 - scipy.spatial.distance.cosine(w, x), abs=1e-12)
        assert math.cos(math.radians(turn)) == pytest.approx(likeness, abs=1e-12)
        assert abs(likeness) <= 1


@pytest.mark.parametrize("turn", [0, 1e-7, 36.9, 90, 120, 179.9999999, 180])
def test_angle_keeps_its_digits(turn: float) -> None:
    radians = math.radians(turn)
    found = dot_product.angle((2e3, 0), (3e3 * math.cos(radians), 3e3 * math.sin(radians)))
    assert found == pytest.approx(turn, abs=1e-9)


def test_both_sides_of_the_formula_are_equal() -> None:
    for w, x in PAIRS:
        turn = dot_product.angle(w, x)
        assert turn is not None
        lengths = dot_product.length(w) * dot_product.length(x)
        assert lengths * math.cos(math.radians(turn)) == pytest.approx(
            dot_product.dot(w, x), abs=1e-9
        )
        assert dot_product.shadow(x, w) * dot_product.length(w) == pytest.approx(
            dot_product.dot(w, x), abs=1e-9
        )


def test_the_foot_is_the_nearest_point_of_the_line() -> None:
    for w, x in PAIRS:
        foot = dot_product.foot(x, w)
        factor, *_ = np.linalg.lstsq(w[:, None], x, rcond=None)
        np.testing.assert_allclose(foot, factor * w, atol=1e-9)
        assert (x - foot) @ w == pytest.approx(0, abs=1e-9)
        assert dot_product.dot(w, foot) == pytest.approx(dot_product.dot(w, x), abs=1e-9)


def test_zero_vectors() -> None:
    assert dot_product.cosine((0, 0), (1, 2)) is None
    assert dot_product.angle((1, 2), (0, 0)) is None
    assert dot_product.shadow((1, 2), (0, 0)) == 0
    assert not any(dot_product.foot((1, 2), (0, 0)))
    assert dot_product.shadow((0, 0), (1, 2)) == 0


def test_ranking_and_standing_are_those_of_scipy() -> None:
    for _ in range(100):
        values = [float(value) for value in RANDOM.integers(-3, 4, 5)]
        scores: list[float | None] = list(values)
        ranks = scipy.stats.rankdata(-np.array(values), method="min")
        assert [dot_product.standing(scores, i) for i in range(5)] == list(ranks)
        order = dot_product.ranking(scores)
        assert order == list(np.argsort(-np.array(values), kind="stable"))
    assert dot_product.ranking([1.0, None, 2.0]) == [2, 0, 1]
    assert dot_product.standing([1.0, None, 2.0], 1) is None
    assert dot_product.standing([1.0, None, 2.0], 0) == 2


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return dot_product.demo(figure)


def told(update: Any, **values: Any) -> str:
    """The caption and the description."""
    caption = update(**values)
    return f"{caption} {caption.detail}"


def test_the_lessons_numbers(update: Any) -> None:
    start = told(update)
    for said in (
        *("w·x is 4,", "36.9°", "1.79 long"),
        "second by dot product (first is A with 6)",
        "second by cosine with 0.8 (first is B with 0.949)",
    ):
        assert said in start
    known = controls.parameters(update)
    expected = {
        "x=1&x=2": ("w·x is 4,",),
        "x=2&x=4": ("w·x is 8", "first by dot product", "second by cosine with 0.8 (first is B"),
        "x=0.5&x=1": (
            "w·x is 2",
            "third by dot product (first is A",
            "second by cosine with 0.8",
        ),
        "x=0&x=3": ("w·x is 3: x is on the dashed line",),
        "x=2&x=-1": ("w·x is 3: x is on the dashed line",),
        "x=3&x=-3": ("w·x is 3: x is on the dashed line",),
        "x=-1&x=2": ("w·x is 0", "orthogonal"),
        "x=-2&x=1": ("w·x is −3",),
        "w=-1&w=2": ("w·x is 3",),
        "w=1&w=0.5": ("w·x is 2", "second by dot", "second by cosine"),
        "x=1&x=-2&c=0": ("w·x is 0: x is on the dashed line",),
    }
    text = "".join(page.read_text() for page in PAGES)
    linked = re.findall(r'href="[^"#]*#dot_product\?([^"]+)"', text)
    assert {html.unescape(link) for link in linked} == set(expected)
    for link, said in expected.items():
        shown = told(update, **controls.read(known, parse_qs(link)))
        for words in said:
            assert words in shown, (link, shown)
    assert dot_product.dot((3, -2), (4, 5)) == 2
    assert dot_product.cosine((3, -2), (4, 5)) == pytest.approx(0.087, abs=5e-4)
    assert dot_product.angle((3, -2), (4, 5)) == pytest.approx(85.0, abs=0.05)
    assert dot_product.angle((2, 1), (1, 2)) == pytest.approx(36.87, abs=0.005)


def test_half_the_question_keeps_both_orders() -> None:
    documents = [*dot_product.DOCUMENTS, (1.0, 2.0)]
    for score in (dot_product.dot, dot_product.cosine):
        whole: list[float | None] = [score((2, 1), d) for d in documents]
        half: list[float | None] = [score((1, 0.5), d) for d in documents]
        assert dot_product.ranking(whole) == dot_product.ranking(half)


def ends_of(lines: LineCollection) -> Any:
    """The ends of each line, shape (n, 2, 2)."""
    return np.array([path.vertices for path in lines.get_paths()])


def test_level_lines_hold_their_level_at_right_angles_to_w(figure: Figure, update: Any) -> None:
    update()
    (lines,) = [
        found
        for found in figure.axes[0].collections
        if isinstance(found, LineCollection) and len(ends_of(found)) == 17
    ]
    for w, _ in PAIRS[:30]:
        c = float(RANDOM.integers(-18, 19)) / 2
        update(w=((float(w[0]), float(w[1])),), c=c)
        for level, ends in zip([*dot_product.LEVELS, c], ends_of(lines)[:16], strict=True):
            if abs(level) < math.hypot(*w) * math.sqrt(2) * dot_product.LIMIT:  # in the plane
                np.testing.assert_allclose(ends @ w, level, atol=1e-9)
                assert math.dist(*ends) > 2 * dot_product.CORNER
        axis = ends_of(lines)[16]
        assert np.linalg.det([axis[1], w]) == pytest.approx(0, abs=1e-9)
        assert axis[1] @ w > 0
    assert dot_product.LEVELS[-1] > 4 * dot_product.LIMIT - dot_product.GAP


def test_bars_are_sorted_and_as_long_as_their_scores(figure: Figure, update: Any) -> None:
    bars = [found for found in figure.axes[1].collections if isinstance(found, LineCollection)]
    for w, x in PAIRS[:30]:
        update(x=((float(x[0]), float(x[1])),), w=((float(w[0]), float(w[1])),))
        documents = [*dot_product.DOCUMENTS, tuple(x)]
        for drawn, score, most in zip(
            bars, (dot_product.dot, dot_product.cosine), (dot_product.MOST, 1), strict=True
        ):
            segments = ends_of(drawn)
            found = (segments[:, 1, 0] - segments[:, 0, 0]) / dot_product.REACH * most
            expected = np.array([score(w, d) for d in documents], dtype=float)
            np.testing.assert_allclose(found, expected, atol=1e-9)
            assert (np.diff(found[np.argsort(segments[:, 0, 1])]) <= 1e-9).all()


def test_degenerate_vectors_get_a_sentence(update: Any) -> None:
    zero = ((0.0, 0.0),)
    assert "w is the zero vector" in update(w=zero)
    assert "no x has w·x = 3" in told(update, w=zero)
    assert "every x has w·x = 0" in told(update, w=zero, c=0.0)
    assert "nothing to rank" in told(update, w=zero)
    assert "x is the zero vector" in told(update, x=zero)
    assert "has no cosine" in told(update, x=zero)
    assert "w is the zero vector" in update(x=zero, w=zero)
    assert "orthogonal" in told(update, x=((-1.0, 2.0),))
    assert "points opposite to w" in told(update, x=((-1.0, -2.0),))
    assert "points along w" in told(update)
    assert "first by cosine with 1." in told(update, x=((4.0, 2.0),))
    assert "last by cosine with −1 " in told(update, x=((-4.0, -2.0),))
    assert "first by cosine with above 0.999." in told(update, x=((3.9, 2.0),))
    assert "between w and x is 0°." in told(update, w=((1.9, 1.9),), x=((3.9, 3.9),))


def test_nearly_right_and_nearly_parallel_are_not_rounded_away(update: Any) -> None:
    w = ((2.0, 1.9),)
    assert "orthogonal" in told(update, w=w, x=((-3.8, 4.0),))
    assert "between w and x is 89.96°." in told(update, w=w, x=((-3.7, 3.9),))
    assert "between w and x is 0.04°." in told(update, w=w, x=((3.9, 3.7),))
    assert "0.04 above" not in update(x=((1.752, 0.0),), w=((2.0, 0.0),), c=3.5)
    assert "3.504" in update(x=((1.752, 0.0),), w=((2.0, 0.0),), c=3.5)


@pytest.mark.whole
def test_every_sentence_is_whole_and_describes_one_picture(update: Any) -> None:
    states: list[dict[str, Any]] = [
        *({"w": ((x, 1.0),)} for x in np.linspace(-2, 1.9, 14).round(1).tolist()),
        *({"w": ((2.0, x),)} for x in np.linspace(-2, 0.9, 13).round(1).tolist()),
        *({"c": x} for x in np.linspace(-9, 2.5, 24).tolist()),
        *({"x": (x,)} for x in {(float(a), float(b)) for _, (a, b) in PAIRS} - {(1.0, 2.0)}),
        *({"w": ((0.0, 0.0),), "x": ((float(a), 1.0),)} for a in range(-4, 5)),
    ]
    check_captions(lambda **values: told(update, **values), states)
    for state in states:
        assert len(re.findall(r"[\d.]+", update(**state).rstrip("."))) <= 2
