"""Lesson 3: its small figures and its guess against NumPy, and the numbers in its text."""

import math
import re
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import NDArray
from support.lessons import NUMBER, made, page, text_of

from demos import bakery, product_guess, product_order
from stage import Answer, number

SHOWN = Answer(1.0)
LESSON = page("lessons", 3)


def rows(text: str) -> list[NDArray[Any]]:
    """Every `rows (1, 2) and (0, 3)` of a text as a matrix."""
    pair = r"\((−?\d), (−?\d)\)"
    found = re.findall(rf"[Tt]he rows {pair} and {pair}", text)
    return [np.array([int(x.replace("−", "-")) for x in four]).reshape(2, 2) for four in found]


# bakery


def test_the_costs_are_the_product_of_numpy() -> None:
    figure, update = made("bakery")
    ab = bakery.ORDERS @ bakery.PRICES
    for entry in range(1, bakery.LAST + 1):
        i, j = divmod(entry - 1, 2)
        assert bakery.at(entry) == (i, j)
        assert bakery.cost(i, j) == ab[i, j]
        told = update(entry=entry)
        assert f"${number(ab[i, j])} " in told
        assert bakery.DAYS[i] in told
        assert bakery.SUPPLIERS[j] in told
        amounts = re.findall(r"(\d+) · ", told.numbers["sum"])
        assert [float(amount) for amount in amounts] == bakery.ORDERS[i].tolist()
        row, column, frame = (p for p in figure.axes[0].patches if isinstance(p, Rectangle))
        assert row.get_y() == frame.get_y() == bakery.TOP + i
        assert column.get_x() == frame.get_x() == bakery.LEFT + j


def test_no_cost_is_shown_before_its_entry() -> None:
    figure, update = made("bakery")
    update(entry=3)
    ab = bakery.ORDERS @ bakery.PRICES
    last = [text.get_text() for text in figure.axes[0].texts]
    assert {number(ab[3, 0]), number(ab[2, 1])}.isdisjoint(last)


def test_the_frame_is_where_it_is_dragged() -> None:
    for entry in range(1, bakery.LAST + 1):
        x, y = bakery.edge(entry)
        for dx, dy in ((0, 0), (0.3, -0.4), (-0.4, 0.3)):
            assert bakery.entry_at(x + dx, y + dy) == entry
    assert bakery.entry_at(-9, -9) == 1
    assert bakery.entry_at(99, 99) == bakery.LAST


# product_order


def test_the_order_matters_except_at_half_turns() -> None:
    figure, update = made("product_order")
    for degrees in range(360):
        ab, ba = product_order.products(degrees)
        turn = np.array(
            [
                [math.cos(math.radians(degrees)), -math.sin(math.radians(degrees))],
                [math.sin(math.radians(degrees)), math.cos(math.radians(degrees))],
            ]
        )
        np.testing.assert_allclose(ab, turn @ np.diag([2, 1]), atol=1e-12)
        np.testing.assert_allclose(ba, np.diag([2, 1]) @ turn, atol=1e-12)
        told = update(theta=float(degrees))
        assert ("same" in told) == (degrees in (0, 180))
        letters = [p.get_xy() for p in figure.axes[0].patches if isinstance(p, Polygon)]
        for letter, x, matrix in zip(letters, product_order.ORIGINS, (ab, ba), strict=True):
            moved = np.array([matrix @ corner + (x, 0) for corner in product_order.LETTER])
            np.testing.assert_allclose(letter[:-1], moved, atol=1e-12)
            low, high = figure.axes[0].get_xlim()
            assert low < letter[:, 0].min() < letter[:, 0].max() < high


# product_guess

SEEDS = range(len(product_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_corner_is_scored(seed: int) -> None:
    _, update = made("product_guess")
    a, b = product_guess.matrices(seed)
    first = b @ (1, 2)
    end = a @ first
    assert (abs(end) <= (4.5, 3)).all()
    told = update(guess=(tuple(end),), seed=seed, answer=SHOWN)
    assert "found" in told
    told = update(guess=(tuple(b @ a @ (1, 2)),), seed=seed, answer=SHOWN)
    assert "BA" in told
    assert "found" not in told
    assert "B alone" in update(guess=(tuple(first),), seed=seed, answer=SHOWN)
    assert "A alone" in update(guess=(tuple(a @ (1, 2)),), seed=seed, answer=SHOWN)
    far = (-4.4, -2.9)
    told = update(guess=(far,), seed=seed, answer=SHOWN)
    assert NUMBER.findall(told) == [number(math.dist(far, end))]
    skipped = update(seed=seed, answer=Answer(1.0, True))
    assert "our" not in skipped
    assert f"({number(end[0])}, {number(end[1])})" in skipped


@pytest.mark.parametrize("seed", SEEDS)
def test_the_four_places_of_a_task_are_far_apart(seed: int) -> None:
    a, b = product_guess.matrices(seed)
    places = [matrix @ (1, 2) for matrix in (a @ b, b @ a, a, b)]
    for i, place in enumerate(places):
        for other in places[:i]:
            assert math.dist(place, other) > 2 * product_guess.NEAR


@pytest.mark.parametrize("seed", SEEDS)
def test_a_corner_shows_nothing_of_the_answer_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("product_guess")
    update(seed=seed, answer=SHOWN)
    told = update(guess=((0.3, 0.4),), seed=seed, answer=Answer())
    assert set(NUMBER.findall(f"{told} {told.detail}")) == {"0.3", "0.4", "1", "2"}
    assert not told.numbers
    plane = max(figure.axes, key=lambda ax: len(ax.patches))
    assert [patch.get_visible() for patch in plane.patches] == [True, False]
    visible = [line for line in plane.lines if line.get_visible() and len(line.get_xdata()) == 1]
    assert len(visible) == 2  # the corner as it was, and the ring


@pytest.mark.parametrize("seed", SEEDS)
def test_b_comes_first_and_then_a(seed: int) -> None:
    a, b = product_guess.matrices(seed)
    np.testing.assert_allclose(product_guess.moved(seed, 0), np.eye(2))
    np.testing.assert_allclose(product_guess.moved(seed, 0.5), b, atol=1e-12)
    np.testing.assert_allclose(product_guess.moved(seed, 1), a @ b, atol=1e-12)


# The text


def test_the_numbers_of_the_bakery() -> None:
    idea = text_of(LESSON, "idea")
    terms = bakery.terms(0, 0)
    worked = " + ".join(
        f"{a:g} · {b:g}" for a, b in zip(bakery.ORDERS[0], bakery.PRICES[:, 0], strict=True)
    )
    assert f"{worked} = {number(terms.sum())} dollars" in idea
    formula = text_of(LESSON, "formula")
    (m, n), (_, p) = bakery.ORDERS.shape, bakery.PRICES.shape
    assert f"({m} × {n})({n} × {p})" in formula
    assert f"{n} and {n}, have to agree" in formula
    assert f"{m} and {p}, are the dimensions" in formula


def test_the_products_in_the_formula_are_those_of_the_figure() -> None:
    matrices = [
        np.array([[int(x) for x in row.split("&")] for row in body.split(r"\\")])
        for body in re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", LESSON)
    ]
    a, b, ab, b_again, a_again, ba = matrices
    np.testing.assert_array_equal(a, a_again)
    np.testing.assert_array_equal(b, b_again)
    np.testing.assert_array_equal(ab, a @ b)
    np.testing.assert_array_equal(ba, b @ a)
    np.testing.assert_allclose(product_order.products(90), (ab, ba), atol=1e-12)


def test_questions_and_exercises_compute_right() -> None:
    check = text_of(LESSON, "check")
    a, b, ab, ba, entries = rows(check)
    np.testing.assert_array_equal(a @ b, ab)
    np.testing.assert_array_equal(b @ a, ba)
    np.testing.assert_array_equal(a * b, entries)
    exercises = text_of(LESSON, "exercises")
    a, b, ab, ba = rows(exercises)
    np.testing.assert_array_equal(a @ b, ab)
    np.testing.assert_array_equal(b @ a, ba)
    x = np.array([1, -1])
    np.testing.assert_array_equal(ab @ x, (2, 0))
    np.testing.assert_array_equal(b @ x, (2, 0))
    assert "(AB)x = (4 − 2, 3 − 3) = (2, 0)" in exercises
    assert "Bx = (2, 0)" in exercises
    alpha, beta = 0.4, 1.1

    def rotation(angle: float) -> NDArray[Any]:
        return product_order.rotation(math.degrees(angle))

    product = rotation(alpha) @ rotation(beta)
    cos, sin = math.cos, math.sin
    assert product[0, 0] == pytest.approx(cos(alpha) * cos(beta) - sin(alpha) * sin(beta))
    assert product[1, 0] == pytest.approx(sin(alpha) * cos(beta) + cos(alpha) * sin(beta))
    np.testing.assert_allclose(product, rotation(beta) @ rotation(alpha))
