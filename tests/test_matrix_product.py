"""Lesson 3: the mathematics of `matrix_product` against NumPy and what a product is for."""

from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
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
        a, b = products.part(grids[0], 2, 3), products.part(grids[1], 3, 2)
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


def test_part_is_the_upper_left() -> None:
    grid = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    np.testing.assert_array_equal(products.part(grid, 2, 2), [[1, 2], [4, 5]])
    np.testing.assert_array_equal(products.part(grid, 1, 3), [[1, 2, 3]])


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return products.demo(figure)


def told(update: Any, link: str) -> str:
    """The sentence for a state link."""
    return str(update(**controls.read(controls.parameters(update), parse_qs(link))))


def written(figure: Figure, table: int) -> list[str]:
    """The entries of a matrix that can be seen, row by row."""
    cells = figure.axes[table].texts[1:]
    return [text.get_text().replace("−", "-") for text in cells if text.get_visible()]


def test_the_lessons_numbers(update: Any) -> None:
    start = update()
    assert "c₁₂ = 2 · 1 + (−1) · 1 = 1." in start
    assert "gives AB with (2, 1) and (1, 2)" in start
    assert start == told(update, "step=4")
    assert "c₂₂ = 1 · 1 + 1 · 1 = 2." in told(update, "step=8")
    turn, stretch = "a=0&a=-1&a=1&a=1&a=0&a=-1&", "b=2&b=0&b=0&b=1&b=1&b=0&"
    both = told(update, turn + stretch + "step=8")
    assert "AB with (0, −1) and (2, 0)" in both
    assert "BA has (0, −2) and (1, 0): the order matters" in both
    even = told(update, turn + "b=2&b=0&b=0&b=2&b=1&b=0&step=8")
    assert "here both orders give the same" in even
    deep = told(update, "shapes=2×3+times+3×2&step=12")
    assert "Product 12 of 12" in deep
    assert "it is 3×3" in deep
    vector = told(update, "shapes=2×3+times+3×1&step=6")
    assert "Product 6 of 6" in vector
    assert "There is no BA" in vector
    unfit = told(update, "shapes=2×3+times+2×2&step=3")
    assert "So there is no AB" in unfit
    assert "a₁₃ = 1 has no partner" in unfit
    check = told(update, "a=1&a=2&a=1&a=0&a=1&a=-1&b=0&b=1&b=1&b=0&b=1&b=0&step=8")
    assert "AB with (2, 1) and (1, 0)" in check
    assert "BA has (0, 1) and (1, 2)" in check
    np.testing.assert_array_equal(np.array([[1, 2], [0, 1]]) * [[0, 1], [1, 0]], [[0, 2], [0, 0]])


@pytest.mark.parametrize("shapes", FITTING)
def test_the_entries_appear_one_after_the_other(figure: Figure, update: Any, shapes: str) -> None:
    (m, n), (_, p) = products.SHAPES[shapes]
    for a, b in [*GRIDS[:5], ZERO]:
        whole = (a[:m, :n] @ b[:n, :p]).ravel()
        for step in range(13):
            update(shapes=shapes, a=a, b=b, step=step)
            done = min(step, m * n * p)
            entry, k = divmod(done - 1, n)
            shown = [float(text) for text in written(figure, 2)]
            assert len(shown) == (entry + 1 if done else 0)
            if done:
                np.testing.assert_allclose(shown[:-1], whole[:entry], atol=1e-9)
                i, j = divmod(entry, p)
                assert shown[-1] == pytest.approx(a[i, : k + 1] @ b[: k + 1, j], abs=1e-9)


@pytest.mark.parametrize("shapes", products.SHAPES)
def test_every_table_holds_its_matrix(figure: Figure, update: Any, shapes: str) -> None:
    size_a, size_b = products.SHAPES[shapes]
    for a, b in GRIDS[:5]:
        update(shapes=shapes, a=a, b=b)
        one, two = products.part(a, *size_a), products.part(b, *size_b)
        assert [float(text) for text in written(figure, 0)] == one.ravel().tolist()
        assert [float(text) for text in written(figure, 1)] == two.ravel().tolist()
        expected = (two @ one).ravel().tolist() if size_b[1] == size_a[0] else []
        assert [float(text) for text in written(figure, 5)] == expected


def test_one_entry_is_lit_in_every_view(figure: Figure, update: Any) -> None:
    left, above, result, _, ledger, _, _, after_ab, _ = figure.axes
    for a, b in GRIDS[:10]:
        update(shapes="2×3 times 3×2", a=a, b=b, step=11)  # a₂₂ · b₂₂: i = j = k = 2
        for table, number, corner in ((left, 1, 1.1), (above, 1, 1.1), (result, 0, 1.08)):
            (outline,) = table.collections[number].get_paths()
            assert outline.get_extents().min == pytest.approx((corner, corner))
        so_far = a[1, :2] @ b[:2, 1]
        steps = ledger.collections[-1]
        along = steps.vectors[:, 0]  # type: ignore[attr-defined]
        assert along[3] == pytest.approx(so_far)
        np.testing.assert_allclose(along[:2], a[1, :2] * b[:2, 1])
        leg = after_ab.lines[-1]
        np.testing.assert_allclose(np.diff(leg.get_ydata()), [so_far])
        np.testing.assert_allclose(leg.get_xdata(), [(a @ b)[0, 1]] * 2)


def test_the_planes_are_moved_by_b_ab_and_ba(figure: Figure, update: Any) -> None:
    for a, b in GRIDS[:10]:
        update(a=a, b=b)
        one, two = a[:, :2], b[:2]
        for axes, matrix in zip(figure.axes[6:], (two, one @ two, two @ one), strict=True):
            (square,) = axes.collections[0].get_paths()
            moved = [image for x, y in products.SQUARE for image in [matrix @ (x, y)]]
            np.testing.assert_allclose(square.vertices[:4], moved, atol=1e-12)


@pytest.mark.parametrize(
    ("shapes", "drawn"),
    [
        ("2×2 times 2×2", (True, True, True)),
        ("2×3 times 3×2", (False, True, False)),
        ("2×3 times 3×1", (False, False, False)),
        ("2×3 times 2×2", (True, False, False)),
    ],
)
def test_what_is_no_plane_is_not_drawn_as_one(
    figure: Figure, update: Any, shapes: str, drawn: tuple[bool, ...]
) -> None:
    update(shapes=shapes)
    for axes, shown in zip(figure.axes[6:], drawn, strict=True):
        assert axes.collections[0].get_visible() == shown
        arrow = axes.get_title(loc="left") == "after AB" and shapes.endswith("3×1")
        assert bool(axes.texts[0].get_text()) == (not shown and not arrow)


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
        products.demo(fresh)(shapes=shapes, a=a, b=b, step=6)
        update(shapes=shapes, a=a, b=b, step=6)
        assert seen(fresh) == seen(figure)


def test_degenerate_states_get_a_sentence(update: Any) -> None:
    assert "None of its 8 products is worked out yet" in update(step=0)
    assert update(step=8) == update(step=12)
    zero = update(a=ZERO[0], b=ZERO[1], step=8)
    assert "c₂₂ = 0 · 0 + 0 · 0 = 0." in zero
    assert "both orders give the same" in zero
    assert "a₁₁ = 2 meets b₁₁ = 1. BA has" in update(shapes="2×3 times 2×2", step=1)
    assert "So there is no AB." in update(shapes="2×3 times 2×2", step=0)


def test_every_sentence_is_whole(update: Any) -> None:
    for a, b in [*GRIDS, ZERO]:
        for shapes in products.SHAPES:
            sentence = update(shapes=shapes, a=a, b=b, step=int(RANDOM.integers(13)))
            check_whole(sentence)


@pytest.mark.parametrize("shapes", products.SHAPES)
def test_the_sentence_changes_with_the_picture(update: Any, shapes: str) -> None:
    (m, n), (_, p) = products.SHAPES[shapes]
    last = m * n * p
    assert len({update(shapes=shapes, step=step) for step in range(last + 1)}) == last + 1
    size_a, size_b = products.SHAPES[shapes]
    for grid, size in (("a", size_a), ("b", size_b)):
        for at in np.ndindex(size):  # an entry that meets only zeros tells no less
            one, other = np.zeros((2, 3) if grid == "a" else (3, 2)), ZERO[grid == "a"]
            one[at] = 0.5
            grids = {"a": one, "b": other} if grid == "a" else {"a": other, "b": one}
            start = update(shapes=shapes, step=0, a=ZERO[0], b=ZERO[1])
            assert update(shapes=shapes, step=0, **grids) != start
