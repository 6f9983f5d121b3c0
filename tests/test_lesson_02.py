"""Lesson 2: its small figures and its guess against NumPy, and the numbers in its texts."""

import math
import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from numpy.typing import NDArray
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import matrix_area, matrix_columns, matrix_guess, matrix_rank, matrix_transform
from stage import Answer, number, theme

RANDOM = np.random.default_rng(2)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 2), page("guide", 2)


# The small figures


def test_the_grid_follows_the_first_column() -> None:
    figure, update = made("matrix_columns")
    for column in RANDOM.integers(-10, 13, (20, 2)) / 10:
        a = np.column_stack([column, (0, 1)])
        np.testing.assert_array_equal(matrix_columns.matrix(tuple(column)), a)
        told = update(column=(tuple(column),))
        end = a @ matrix_columns.X
        assert told.numbers["x"] == number(end[0])
        assert told.numbers["y"] == number(end[1])
        square, letter = (p for p in figure.axes[0].patches if isinstance(p, Polygon))
        np.testing.assert_allclose(square.get_xy()[2], a @ (1, 1), atol=1e-12)
        np.testing.assert_allclose(letter.get_xy()[0], a @ matrix_columns.LETTER[0], atol=1e-12)


def test_the_determinant_is_that_of_numpy_and_an_area() -> None:
    figure, update = made("matrix_area")
    for column in RANDOM.integers(-20, 21, (40, 2)) / 10:
        a = np.column_stack([matrix_area.FIRST, column])
        det = matrix_area.determinant(a)
        assert det == pytest.approx(np.linalg.det(a), abs=1e-9)
        told = update(column=(tuple(column),))
        assert told.numbers["det"] == number(det)
        assert ("mirrored" in told) == (det < 0)
        square = next(p for p in figure.axes[0].patches[1:] if isinstance(p, Polygon))
        x, y = np.asarray(square.get_xy())[:4].T
        shoelace = 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
        assert shoelace == pytest.approx(det, abs=1e-9)
    for factor in (-1.2, 0, 1):  # on the line of the first column
        first, second = np.multiply(matrix_area.FIRST, factor)
        assert "collapses" in update(column=((first, second),))


def test_a_matrix_of_rank_1_maps_a_whole_line_to_one_point() -> None:
    _, update = made("matrix_rank")
    flat, full = matrix_rank.MATRICES.values()
    assert (np.linalg.matrix_rank(flat), np.linalg.matrix_rank(full)) == (1, 2)
    assert (flat != 0).all()  # no entry is 0, but the determinant is
    for x in RANDOM.integers(-20, 21, (20, 2)) / 10:
        others = matrix_rank.same(x)
        np.testing.assert_allclose(others @ flat.T, np.tile(flat @ x, (len(others), 1)), atol=1e-12)
        for kind, a in matrix_rank.MATRICES.items():
            told = update(x=(tuple(x),), kind=kind)
            assert numbers_in(told) >= {number(v) for v in a @ x}
            assert ("dashed" in told) == (a is flat)


# The guess


@pytest.mark.parametrize("width", [2.88, 3.58, 7.2])
def test_no_name_of_a_column_is_on_an_axis(width: float) -> None:
    theme.use("light")
    figure = Figure(figsize=(width, width / (1.45 if width < 5 else 1.6)))
    update = matrix_guess.demo(figure)
    for seed in range(len(matrix_guess.MATRICES)):
        update(seed=seed)
        figure.canvas.draw()
        for panel in figure.axes:
            x, y = panel.transData.transform((0, 0))
            names = [
                text for text in panel.texts if "e" in text.get_text() and len(text.get_text()) < 4
            ]
            assert len(names) == 2
            for box in (text.get_window_extent() for text in names):
                assert not box.x0 < x < box.x1
                assert not box.y0 < y < box.y1


@pytest.mark.parametrize("seed", range(len(matrix_guess.MATRICES)))
def test_a_guess_of_a_corner_is_scored(seed: int) -> None:
    _, update = made("matrix_guess")
    a = matrix_guess.MATRICES[seed]
    landed = a @ matrix_guess.CORNER

    def told(place: NDArray[Any], answer: Answer = SHOWN) -> Any:
        return update(guess=(tuple(place),), seed=seed, answer=answer)

    assert abs(np.linalg.det(a)) > 0.4
    assert "Exactly" in told(landed)
    beside = landed + np.array((0, 0.3))
    assert "found" in told(beside)
    assert "0.3" in numbers_in(told(beside))
    wrong = matrix_guess.mistakes(a)
    for what, place in wrong.items():
        assert math.dist(place, landed) > 2 * matrix_guess.NEAR
        assert what in told(place)
        assert number(math.dist(place, landed)) in numbers_in(told(place))
    for one, other in combinations(wrong.values(), 2):
        assert math.dist(one, other) > 2 * matrix_guess.NEAR
    skipped = told(landed, Answer(1.0, True))
    assert not re.search("you|exact", str(skipped), re.IGNORECASE)
    assert numbers_in(skipped) >= {number(landed[0]), number(landed[1])}


@pytest.mark.parametrize("seed", range(len(matrix_guess.MATRICES)))
def test_nothing_of_the_corner_is_shown_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("matrix_guess")
    update(seed=seed, answer=SHOWN)
    told = update(seed=seed, guess=((0.7, -0.4),), answer=Answer())
    a = matrix_guess.MATRICES[seed]
    given = (*a.flat, *matrix_guess.CORNER, 0.7, -0.4, seed)
    assert numbers_in(told) <= {number(x) for x in given}
    assert not told.numbers
    after = figure.axes[1]
    assert not any(patch.get_visible() for patch in after.patches)
    landed = a @ matrix_guess.CORNER
    for line in after.lines:
        if line.get_visible():
            drawn = np.column_stack([np.asarray(part, dtype=float) for part in line.get_data()])
            assert not np.isclose(drawn, landed, atol=1e-6).all(axis=1).any()


# The numbers in the texts


def test_the_numbers_of_lesson_2() -> None:
    formula = LESSON[LESSON.index('<section id="formula">') :]
    first, second = matrix_area.FIRST
    assert re.search(rf"data\{{{first}\}} .*data\{{{second}\}} = \\live", formula)
    second = matrix_columns.SECOND
    assert rf"model{{\begin{{pmatrix}} {second[0]:g} \\ {second[1]:g} \end" in formula
    across, up = matrix_guess.CORNER
    check_said(text_of(LESSON, "formula"), f"{across:g} steps along e₁", f"{up:g} along e₂")

    notice = text_of(LESSON, "notice")
    quarter = matrix_transform.preset("rotate", 90, 1).round(9) + 0.0
    for column in quarter.T:
        check_said(notice, f"({number(column[0])}, {number(column[1])})")
    assert matrix_transform.determinant(matrix_transform.preset("shear", 0, 1)) == 1
    reflection = matrix_transform.determinant(matrix_transform.preset("reflect", 30, 1))
    check_said(notice, "determinant", number(reflection))
    flat = np.array([[1, 0.5], [1, 0.5]])
    assert (flat @ (2, 1)).tolist() == (flat @ (1.5, 2)).tolist() == [2.5, 2.5]
    check_said(notice, "(2, 1) and (1.5, 2)", "(2.5, 2.5)")
    nearly = np.array([[1, 0.8], [1, 0.6]])
    check_said(notice, f"det A = {number(matrix_transform.determinant(nearly))}")

    check = text_of(LESSON, "check")
    assert (quarter @ (3, 2)).tolist() == [-2, 3]
    assert (quarter.T @ (3, 2)).tolist() == [2, -3]
    check_said(check, "= (−2, 3)", "(2, −3)", "transpose")
    a = np.array([[1, -2], [-0.5, 1]])
    assert matrix_transform.determinant(a) == 0
    assert (a @ (1, 1)).tolist() == (a @ (0, 0.5)).tolist() == [-1, 0.5]
    check_said(check, "rank is 1", "(−1, 0.5)")
    check_said(check, "200 × 3", "600")

    exercises = text_of(LESSON, "exercises")
    swap = np.array([[0, 1], [1, 0]])
    assert (swap @ (3, 1)).tolist() == [1, 3]
    assert (swap @ swap).tolist() == np.eye(2).tolist()
    check_said(exercises, "= (1, 3)", number(np.linalg.det(swap)))
    a = np.array([[2, 1], [1, 1]])
    inverse = np.linalg.inv(a).round(9)
    rows = [f"({number(row[0])}, {number(row[1])})" for row in inverse]
    check_said(exercises, f"the rows {rows[0]} and {rows[1]}")
    assert np.linalg.solve(a, (5, 3)).tolist() == pytest.approx([2, 1])
    check_said(exercises, "= (2, 1)", "k = 2")
    a[1, 0] = 2
    assert np.linalg.matrix_rank(a) == 1
    assert (a @ (1, 0)).tolist() == (a @ (0, 2)).tolist() == [2, 2]
    check_said(exercises, "(1, 0) and (0, 2)")


def test_the_numbers_of_the_guide_to_lesson_2() -> None:
    right = matrix_transform.preset("rotate", -90, 1).round(9) + 0.0
    rows = [f"({number(row[0])}, {number(row[1])})" for row in right]
    check_said(text_of(GUIDE, "plan"), f"the rows are {rows[0]} and {rows[1]}")
    squash = matrix_transform.squash(np.array([[1, 0.8], [1, 0.6]]))
    check_said(text_of(GUIDE, "questions"), "ellipse", number(squash.flat), "times")
