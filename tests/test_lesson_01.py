"""Lesson 1: its small figures and its guess against NumPy, and the numbers in its texts."""

import math
import re
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import tip_to_tail, vector_addition, vector_arrow, vector_guess, vector_move, vector_span
from stage import Answer, apart, number, theme

RANDOM = np.random.default_rng(1)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 1), page("guide", 1)


# The small figures


def test_an_arrow_says_its_magnitude() -> None:
    _, update = made("vector_arrow")
    for place in RANDOM.integers(-50, 51, (40, 2)) / 10:
        told = update(tip=(tuple(place),))
        expected = float(np.linalg.norm(place))
        assert vector_arrow.magnitude(tuple(place)) == pytest.approx(expected)
        assert numbers_in(told) >= {number(place[0]), number(place[1]), number(expected)}
        exact = math.isclose(round(expected, 2) ** 2, place @ place, rel_tol=1e-12)
        assert told.numbers["equals"] == ("=" if exact else "≈")


def test_an_arrow_that_is_moved_stays_the_same_vector() -> None:
    figure, update = made("vector_move")
    drawn = []
    for middle in ((1.5, 1.0), (-3.5, 3.0), (3.5, -3.0)):
        tail, tip = vector_move.ends(middle)
        assert vector_move.vector(tail, tip) == vector_move.A
        assert np.allclose(np.add(tail, tip) / 2, middle)
        told = update(middle=(middle,))
        drawn.append(str(told))
        assert told.numbers["tip_x"] == number(tip[0])
        assert told.numbers["tail_y"] == number(tail[1])
        (arrow,) = figure.axes[0].collections
        assert tuple(arrow.tails[0]) == tail  # type: ignore[attr-defined]
    assert len(set(drawn)) == 1


def test_a_sum_goes_from_the_first_tail_to_the_last_tip() -> None:
    _, update = made("tip_to_tail")
    for tip in RANDOM.integers(-20, 41, (30, 2)) / 10:
        b = tip_to_tail.second(tuple(tip))
        assert np.allclose(np.add(tip_to_tail.A, b), tip)
        told = update(tip=(tuple(tip),))
        lengths = [float(np.linalg.norm(v)) for v in (tip, tip_to_tail.A, b)]
        assert lengths[0] <= lengths[1] + lengths[2] + 1e-12
        assert apart(lengths[0], 2, lengths[1] + lengths[2]) in numbers_in(told)
        assert told.numbers["b_x"] == number(b[0])
    a = tip_to_tail.A
    for factor in (0, 1, 1.5):  # b along a
        assert "add, too" in update(tip=(tuple(np.multiply(a, 1 + factor)),))
    assert "but" in update(tip=((a[0] / 2, a[1] / 2),))  # against it


@pytest.mark.parametrize("place", vector_span.SECOND)
def test_the_coefficients_are_those_of_least_squares(place: str) -> None:
    _, update = made("vector_span")
    b = vector_span.SECOND[place]
    columns = np.column_stack([vector_span.A, b])
    for t in RANDOM.integers(-8, 9, (30, 2)) / 2:
        alpha, beta = vector_span.coefficients(b, t)
        _, residuals, rank, _ = np.linalg.lstsq(columns, t, rcond=1e-9)
        missed = float(np.linalg.norm(columns @ (alpha, beta) - t))
        least = math.sqrt(residuals[0]) if len(residuals) else 0.0
        if rank == 1:
            along = vector_span.A / np.linalg.norm(vector_span.A)
            least = float(np.linalg.norm(t - (t @ along) * along))
        assert missed == pytest.approx(least, abs=1e-9)
        told = update(t=(tuple(t),), place=place)
        if missed > 1e-9:
            assert "can't" in told
            assert number(missed) in numbers_in(told)
        else:
            assert "can't" not in told
            assert told.numbers == {"alpha": number(alpha), "beta": number(beta)}


# The guess


@pytest.mark.parametrize("width", [2.88, 3.58, 7.2])
def test_no_name_is_on_the_start_or_on_another(width: float) -> None:
    theme.use("light")
    figure = Figure(figsize=(width, width / (1.6 if width < 5 else 2)))
    update = vector_guess.demo(figure)
    (ax,) = figure.axes
    for seed in range(len(vector_guess.TASKS)):
        update(seed=seed)
        figure.canvas.draw()
        dot = Bbox.from_extents(
            *ax.transData.transform((0, 0)) - 4, *ax.transData.transform((0, 0)) + 4
        )
        boxes = [text.get_window_extent() for text in ax.texts if text.get_visible()]
        assert len(boxes) == 4
        for one, other in combinations([dot, *boxes], 2):
            assert not one.overlaps(other), seed


@pytest.mark.parametrize("seed", range(len(vector_guess.TASKS)))
def test_a_guess_of_a_sum_is_scored(seed: int) -> None:
    _, update = made("vector_guess")
    a, b = (np.array(v) for v in vector_guess.TASKS[seed])
    c = a + b

    def told(place: NDArray[Any], answer: Answer = SHOWN) -> Any:
        return update(guess=(tuple(place),), seed=seed, answer=answer)

    assert "Exactly" in told(c)
    beside = np.add(c, (0.3, 0))
    assert "found" in told(beside)
    assert "0.3" in numbers_in(told(beside))
    wrong = vector_guess.mistakes(a, b)
    for what, place in wrong.items():
        assert math.dist(place, c) > 2 * vector_guess.NEAR
        assert what in told(place)
        assert number(math.dist(place, c)) in numbers_in(told(place))
    for one, other in pairwise(wrong.values()):
        assert math.dist(one, other) > 2 * vector_guess.NEAR
    assert "ou" not in str(told(c, Answer(1.0, True))).replace("out", "")
    assert numbers_in(told(c, Answer(1.0, True))) >= {number(c[0]), number(c[1])}


@pytest.mark.parametrize("seed", range(len(vector_guess.TASKS)))
def test_nothing_of_the_sum_is_shown_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("vector_guess")
    update(seed=seed, answer=SHOWN)
    told = update(seed=seed, guess=((0.7, -0.4),), answer=Answer())
    a, b = (np.array(v) for v in vector_guess.TASKS[seed])
    assert numbers_in(told) <= {number(x) for x in (*a, *b, 0.7, -0.4, seed)}
    assert not told.numbers
    (given,) = [arrows for arrows in figure.axes[0].collections if arrows.get_visible()]
    np.testing.assert_array_equal(given.vectors, (a, b))  # type: ignore[attr-defined]
    assert "a + b" not in [t.get_text() for t in figure.axes[0].texts if t.get_visible()]


# The numbers in the texts


def test_the_numbers_of_lesson_1() -> None:
    a, b = np.array((4.0, 3.0)), np.array((-4.0, -1.0))
    long_a, long_b = (float(np.linalg.norm(v)) for v in (a, b))
    both = float(np.linalg.norm(a + b))
    most, least = number(long_a + long_b), number(long_a - long_b)
    notice = text_of(LESSON, "notice")
    check_said(notice, f"{number(long_a)} and {number(long_b)} long", "sum", number(both))
    check_said(notice, f"{number(long_a)} + {number(long_b)} = {most}", f"= {least}")
    gap = vector_addition.reach((4, 2), (-2, -1), (5, -1))
    check_said(notice, "−0.5 times a", number(gap.distance))
    assert gap.rank == 1

    formula = LESSON[LESSON.index('<section id="formula">') :]
    first, second = tip_to_tail.A
    assert rf"{number(first)} \\ {number(second)}" in formula
    first, second = vector_move.A
    assert rf"{number(first)} \\ {number(second)}" in LESSON[: -len(formula)]

    check = text_of(LESSON, "check")
    assert vector_move.vector((2, 1), (5, 5)) == (3, 4)
    check_said(check, "(3, 4)", "(7, 6)")
    total = np.add((1, 2), (3, -1))
    (right,) = re.findall(r'name="check-2" data-right="([\d.]+)"', LESSON)
    assert float(right) == pytest.approx(np.linalg.norm(total), abs=0.005)
    check_said(check, f"({total[0]}, {total[1]})", f"√{total @ total}", right)
    wrong = math.sqrt(5) + math.sqrt(10)
    check_said(check, f"{wrong:.2f}", "√5 + √10")
    near = vector_addition.reach((2, 1), (-4, -2), (3, 4))
    check_said(check, number(near.distance), "(4, 2)", number(math.sqrt(5)))
    assert near.nearest.tolist() == pytest.approx([4, 2])
    check_said(check, "√10", number(math.dist((2, 1), (3, 4))))

    exercises = text_of(LESSON, "exercises")
    a, b = np.array((6, 8)), np.array((-3, 4))
    check_said(exercises, "‖a‖", f"{np.linalg.norm(a):g}", "‖b‖", f"{np.linalg.norm(b):g}")
    for v in (a + b, a - b):
        root = f"√{v @ v}"
        check_said(exercises, f"({v[0]}, {v[1]})", root, number(math.sqrt(v @ v)))
    found = vector_addition.reach((1, 2), (3, -1), (-1, 5))
    assert found.coefficients.tolist() == pytest.approx([2, -1])
    check_said(exercises, "α = 2", "β = −1")
    assert vector_addition.cross((1, 2), (3, 6)) == 0
    check_said(exercises, "k = 6", "(x, 2x)")


def test_the_numbers_of_the_guide_to_lesson_1() -> None:
    plan = text_of(GUIDE, "plan")
    a = np.array((4, 3))
    sums = [number(float(np.linalg.norm(a + b))) for b in ((4, -1), (-1, 4), (-4, -1))]
    check_said(plan, f"{sums[0]}, then {sums[1]}, then {sums[2]} long")
    check_said(plan, "5", number(math.sqrt(17)))
    check_said(plan, "√17", number(math.sqrt(17)), f"{math.sqrt(5) + math.sqrt(10):.2f}")
    check_said(text_of(GUIDE, "questions"), number(5 - math.sqrt(17)))
