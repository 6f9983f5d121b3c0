"""Lesson 3: `matrix_product` against NumPy, and against the composition of maps."""

import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from support.captions import check_whole

from demos import matrix_product as products
from stage import controls

RANDOM = np.random.default_rng(3)
GRIDS = [
    (RANDOM.integers(-4, 5, (2, 3)) / 2, RANDOM.integers(-4, 5, (3, 2)) / 2) for _ in range(40)
]
ZERO = (np.zeros((2, 3)), np.zeros((3, 2)))
FITTING = [name for name, (a, b) in products.SHAPES.items() if a[1] == b[0]]


@pytest.mark.parametrize(
    "sizes", [(2, 2, 2), (2, 3, 2), (2, 3, 1), (1, 4, 5), (3, 1, 3), (4, 3, 2)]
)
def test_product_is_that_of_numpy(sizes: tuple[int, int, int]) -> None:
    m, n, p = sizes
    for _ in range(20):
        a, b = RANDOM.uniform(-2, 2, (m, n)), RANDOM.uniform(-2, 2, (n, p))
        found = products.product(a, b)
        assert found.shape == (m, p)
        np.testing.assert_allclose(found, np.einsum("ik,kj->ij", a, b), atol=1e-14)


def test_a_product_moves_as_its_factors_do_one_after_the_other() -> None:
    for grids in GRIDS:
        a, b = grids
        x = RANDOM.uniform(-3, 3, 2)
        np.testing.assert_allclose(products.product(a, b) @ x, a @ (b @ x), atol=1e-13)


@pytest.mark.parametrize(
    ("first", "second"), [((2, 3), (2, 2)), ((2, 2), (3, 2)), ((3, 1), (2, 3))]
)
def test_sizes_that_do_not_fit_are_an_error(first: Any, second: Any) -> None:
    with pytest.raises(ValueError, match=r"\d columns do not fit \d rows"):
        products.product(np.ones(first), np.ones(second))


def test_terms_add_up_to_the_entry_and_stop_where_a_partner_is_missing() -> None:
    for a, b in GRIDS:
        for i, j in np.ndindex(2, 2):
            found = products.terms(a, b, i, j)
            np.testing.assert_array_equal(found, a[i] * b[:, j])
            assert found.sum() == pytest.approx(a[i] @ b[:, j])
            np.testing.assert_array_equal(products.terms(a, b[:2], i, j), found[:2])


def test_larger_sizes_have_a_third_column_and_a_third_row() -> None:
    a, b = ((1.0, 2.0), (4.0, 5.0)), ((1.0, 4.0), (2.0, 5.0))
    wide, deep = ((3.0,), (6.0,)), ((3.0, 6.0),)
    for shapes, sizes in products.SHAPES.items():
        one, two = products.factors(shapes, a, wide, b, deep)
        assert (one.shape, two.shape) == sizes
        np.testing.assert_array_equal(one, np.array([[1, 2, 3], [4, 5, 6]])[:, : sizes[0][1]])
        np.testing.assert_array_equal(two, np.array([[1, 4], [2, 5], [3, 6]])[: sizes[1][0]])


# The picture and the caption


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return products.demo(figure)


def split(a: Any, b: Any) -> dict[str, Any]:
    """A (2×3) and B (3×2) as the controls contain them."""
    return {"a": a[:, :2], "a3": a[:, 2:], "b": b[:2], "b3": b[2:]}


def told(update: Any, link: str) -> str:
    """The caption and the description for a state link."""
    caption = update(**controls.read(controls.parameters(update), parse_qs(link)))
    return f"{caption} {caption.detail}"


def tables(figure: Figure) -> dict[str, list[Text]]:
    """The visible labels of each matrix, row by row."""
    found: dict[str, list[Text]] = {}
    for axes in figure.axes:
        for text in axes.texts:
            if text.get_text() in ("A", "B", "AB", "BA"):
                own = found.setdefault(text.get_text(), [])
            elif re.fullmatch(r"−?[\d.]+|[?]", text.get_text()) and text.get_visible():
                own.append(text)
    return found


def written(figure: Figure, table: str) -> list[float]:
    """The visible entries of a matrix, row by row."""
    return [float(text.get_text().replace("−", "-")) for text in tables(figure)[table]]


def test_the_lessons_numbers(update: Any) -> None:
    start = told(update, "")
    assert "c₁₂ = 2 · 1 + (−1) · 1 = 1." in start
    assert "AB has the rows (2, 1) and (1, 2)" in start
    assert start == told(update, "step=4")
    assert "c₂₂ = 1 · 1 + 1 · 1 = 2." in told(update, "step=8")
    turn, stretch = "a=0&a=-1&a=1&a=0&", "b=2&b=0&b=0&b=1&"
    both = told(update, turn + stretch + "step=8")
    assert "AB has the rows (0, −1) and (2, 0)" in both
    assert "BA has the rows (0, −2) and (1, 0): the order matters" in both
    even = told(update, turn + "b=2&b=0&b=0&b=2&step=8")
    assert "both orders give the same" in even
    deep = told(update, "shapes=2×3+times+3×2&step=12")
    assert "Product 12 of 12" in deep
    assert "it is 3 × 3" in deep
    unfit = told(update, "shapes=2×3+times+2×2&step=3")
    assert "AB doesn't exist" in unfit
    assert "a₁₃ = 1 has no partner" in unfit
    check = told(update, "a=1&a=2&a=0&a=1&b=0&b=1&b=1&b=0&step=8")
    assert "AB has the rows (2, 1) and (1, 0)" in check
    assert "BA has the rows (0, 1) and (1, 2)" in check
    np.testing.assert_array_equal(np.array([[1, 2], [0, 1]]) * [[0, 1], [1, 0]], [[0, 2], [0, 0]])


@pytest.mark.parametrize("shapes", FITTING)
def test_the_entries_appear_one_after_the_other(figure: Figure, update: Any, shapes: str) -> None:
    (m, n), (_, p) = products.SHAPES[shapes]
    for a, b in [*GRIDS[:5], ZERO]:
        whole = (a[:m, :n] @ b[:n, :p]).ravel()
        for step in range(13):
            update(shapes=shapes, step=step, **split(a, b))
            done = min(step, m * n * p)
            entry, k = divmod(done - 1, n)
            shown = written(figure, "AB")
            assert len(shown) == (entry + 1 if done else 0)
            if done:
                np.testing.assert_allclose(shown[:-1], whole[:entry], atol=1e-9)
                i, j = divmod(entry, p)
                assert shown[-1] == pytest.approx(a[i, : k + 1] @ b[: k + 1, j], abs=1e-9)


@pytest.mark.parametrize("shapes", products.SHAPES)
def test_every_table_holds_its_matrix(figure: Figure, update: Any, shapes: str) -> None:
    (m, n), (q, p) = products.SHAPES[shapes]
    for a, b in GRIDS[:5]:
        update(shapes=shapes, **split(a, b))
        one, two = a[:m, :n], b[:q, :p]
        assert written(figure, "A") == one.ravel().tolist()
        assert written(figure, "B") == two.ravel().tolist()
        expected = (two @ one).ravel().tolist() if p == m else []
        assert written(figure, "BA") == expected


def test_no_number_stands_on_another(figure: Figure, update: Any) -> None:
    for shapes in products.SHAPES:
        update(shapes=shapes, step=12)
        places = [
            (axes, text.get_position())
            for axes in figure.axes
            for text in axes.texts
            if text.get_text() and text.get_visible()
        ]
        assert len(set(places)) == len(places)


def test_one_entry_is_lit_in_every_view(figure: Figure, update: Any) -> None:
    plane = next(axes for axes in figure.axes if axes.get_title(loc="left"))
    board = next(axes for axes in figure.axes if len(axes.collections) == 6)
    for a, b in GRIDS[:10]:
        update(shapes="2×3 times 3×2", step=11, **split(a, b))  # a₂₂ · b₂₂: i = j = k = 2
        origins = {"A": (0, 3 + products.GAP), "B": (3 + products.GAP, 0)}
        for (band, cell), name in zip(
            zip(board.collections[:4:2], board.collections[1:4:2], strict=True), "AB", strict=True
        ):
            left, top = origins[name]
            framed = cell.get_paths()[0].vertices
            assert framed.min(axis=0) == pytest.approx((left + 1.1, top + 1.1))
            lit = band.get_paths()[0].vertices
            assert lit.min(axis=0) == pytest.approx(
                (left + 0.08, top + 1.08) if name == "A" else (left + 1.08, top + 0.08)
            )
        so_far = a[1, :2] @ b[:2, 1]
        leg = plane.lines[-1]
        np.testing.assert_allclose(np.diff(leg.get_ydata()), [so_far])
        np.testing.assert_allclose(leg.get_xdata(), [(a @ b)[0, 1]] * 2)


def test_the_plane_is_moved_by_ab_and_by_ba(figure: Figure, update: Any) -> None:
    plane = next(axes for axes in figure.axes if axes.get_title(loc="left"))
    square, _, other = plane.collections[:3]
    for a, b in GRIDS[:10]:
        update(**split(a, b))
        one, two = a[:, :2], b[:2]
        shapes = (square, products.SQUARE, one @ two), (other, products.LETTER, two @ one)
        for drawn, shape, matrix in shapes:
            moved = [image for x, y in shape for image in [matrix @ (x, y)]]
            corners = drawn.get_paths()[0].vertices[: len(shape)]
            np.testing.assert_allclose(corners, moved, atol=1e-12)


@pytest.mark.parametrize(
    ("shapes", "after_ab", "after_ba"),
    [
        ("2×2 times 2×2", True, True),
        ("2×3 times 3×2", True, False),
        ("2×3 times 2×2", False, False),
    ],
)
def test_what_is_no_plane_is_not_drawn_as_one(
    figure: Figure, update: Any, shapes: str, after_ab: bool, after_ba: bool
) -> None:
    update(shapes=shapes)
    plane = next(axes for axes in figure.axes if axes.get_title(loc="left"))
    square, letter, other = plane.collections[:3]
    assert square.get_visible() == letter.get_visible() == after_ab
    assert other.get_visible() == after_ba
    said = [text.get_text() for text in plane.texts]
    assert any("exist" in text for text in said) == (not after_ab)


def test_a_state_is_drawn_alike_from_wherever_it_is_reached(figure: Figure, update: Any) -> None:
    def seen(drawn: Figure) -> list[object]:
        return [
            (text.get_text(), text.get_position(), text.get_color())
            for axes in drawn.axes
            for text in axes.texts
            if text.get_visible() and text.get_text()
        ]

    a, b = GRIDS[0]
    for shapes in products.SHAPES:
        fresh = Figure(figsize=figure.get_size_inches())
        products.demo(fresh)(shapes=shapes, step=6, **split(a, b))
        update(shapes=shapes, step=6, **split(a, b))
        assert seen(fresh) == seen(figure)


def test_degenerate_states_get_a_sentence(update: Any) -> None:
    assert "None of its 8 products is computed yet" in update(step=0).detail
    assert update(step=8).detail == update(step=12).detail
    zero = update(step=8, **split(*ZERO)).detail
    assert "c₂₂ = 0 · 0 + 0 · 0 = 0." in zero
    assert "both orders give the same" in zero
    assert "a₁₁ = 2 meets b₁₁ = 1. BA has" in update(shapes="2×3 times 2×2", step=1).detail
    assert "AB doesn't exist" in update(shapes="2×3 times 2×2", step=0)


@pytest.mark.whole
def test_every_sentence_is_whole(update: Any) -> None:
    for a, b in [*GRIDS, ZERO]:
        for shapes in products.SHAPES:
            caption = update(shapes=shapes, step=int(RANDOM.integers(13)), **split(a, b))
            check_whole(caption)
            check_whole(caption.detail)
            assert len(re.findall(r"\d+", caption)) <= 2


@pytest.mark.parametrize("shapes", products.SHAPES)
def test_the_sentence_changes_with_the_picture(update: Any, shapes: str) -> None:
    (m, n), (q, p) = products.SHAPES[shapes]
    last = m * n * p
    told = {update(shapes=shapes, step=step).detail for step in range(last + 1)}
    assert len(told) == last + 1
    start = update(shapes=shapes, step=0, **split(*ZERO)).detail
    for grid, size in (("a", (m, n)), ("b", (q, p))):
        for at in np.ndindex(size):  # an entry that meets only zeros is described, too
            one = [np.zeros((2, 3)), np.zeros((3, 2))]
            one["ab".index(grid)][at] = 0.5
            assert update(shapes=shapes, step=0, **split(*one)).detail != start
