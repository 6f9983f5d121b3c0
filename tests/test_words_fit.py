"""Texts of small figures and guesses stay in their frame and don't overlap, at every extreme."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from support.lessons import made_anew

from demos import (
    backprop,
    backprop_guess,
    bakery,
    dot_documents,
    dot_guess,
    gradient_guess,
    matrix_guess,
    network_guess,
    normal_guess,
    optimizer_guess,
    product_guess,
    vector_guess,
)
from stage import Answer

pytestmark = pytest.mark.whole


def grid(x: Sequence[float], y: Sequence[float]) -> list[tuple[tuple[float, float]]]:
    """All points with these coordinates, each as the value of a `Points` control."""
    return [(place,) for place in itertools.product(x, y)]


_CORNERS = [place for (place,) in grid((-1.9, 1.9), (-1.9, 1.9))]
FIGURES: list[tuple[str, dict[str, Sequence[Any]]]] = [
    ("vector_arrow", {"tip": grid((-5, 0, 0.5, 5), (-4, 0, 2, 4))}),
    ("vector_move", {"middle": grid((-3.5, 0.5, 3.5), (-3, 0, 3))}),
    ("tip_to_tail", {"tip": grid((-3, 0, 5), (-2, 4))}),
    ("vector_span", {"t": grid((-4, 0, 4), (-3, 3))}),
    ("matrix_columns", {"column": grid((-1.6, 0, 1.6), (-1, 1.2))}),
    ("matrix_area", {"column": grid((-2, 2), (-2, 0.5, 2))}),
    ("matrix_rank", {"x": grid((-2.5, 0, 2.5), (-2, 0, 2))}),
    ("bakery", {"entry": range(1, bakery.LAST + 1)}),
    ("product_order", {"theta": range(0, 360, 15)}),
    ("dot_shadow", {"x": [*grid((-3, 3), (-2.5, 2.5)), ((0, 0),), ((3, 1.5),)]}),
    ("dot_cosine", {"theta": range(0, 361, 15)}),
    ("optimizer_momentum", {"beta": (0, 0.5, 0.95)}),
    ("optimizer_batch", {"batch": (1, 8, 64), "falling": (False, True)}),
    ("optimizer_rates", {"eta": (0.001, 1)}),
    ("chain_dials", {"x": [0, 1, 3.9, 4]}),
    ("chain_tangent", {"slope": [-1, 0, 1.45, 3], "step": range(3)}),
    ("backprop_layer", {"d1": [-1.5, 0, 1.5], "d2": [-1.5, 0, 1.5]}),
    (
        "backprop",
        {
            "expression": list(backprop.GRAPHS),
            "step": [3, 7],
            "w": [-3, 1.7],
            "x": [-2.9, 3],
            "b": [-3, 2.9],
        },
    ),
    (
        "dot_documents",
        {"q": [*grid((0.1, 4), (0, 4)), ((2, 2),)], "rule": list(dot_documents.RULES)},
    ),
    ("bayes_people", {"prior": (0, 1, 50), "test": ("99 times in 100", "90 times in 100")}),
    ("normal_sample", {"n": (20, 200, 2000)}),
    ("normal_area", {"a": (-3, 0, 3), "b": (-3, 0, 3)}),
    ("normal_bell", {"mean": (-1.2, 1.2), "sd": (0.3, 1.1)}),
    ("tree_split", {"t": (1.5, 6.5, 7.5, 13.5)}),
    ("tree_entropy", {"cats_of_20": (0, 10, 20)}),
    ("tree_depth", {"depth": (0, 7)}),
    ("gradient_turn", {"theta": range(0, 361, 9)}),
    (
        "network_neuron",
        {"ends": [(one, other) for one, other in itertools.permutations(_CORNERS, 2)]},
    ),
    ("network_fold", {"done": (0, 0.5, 1)}),
]
MIDDLE = ((0.0, 0.0),)
GUESSES: list[tuple[str, int, dict[str, Sequence[Any]]]] = [
    ("vector_guess", len(vector_guess.TASKS), {"guess": [((0, -3),)]}),
    ("matrix_guess", len(matrix_guess.MATRICES), {"guess": [((4.5, -3),)]}),
    ("product_guess", len(product_guess.TASKS), {"guess": [*grid((-4.5, 4.5), (-3, 3)), MIDDLE]}),
    ("optimizer_guess", len(optimizer_guess.TASKS), {"method": ["Adam"]}),
    ("backprop_guess", len(backprop_guess.TASKS), {"guess": [0, 0.5, 1]}),
    ("dot_guess", len(dot_guess.TASKS), {"x": [*grid((-4, 4), (-4, 4)), MIDDLE]}),
    ("normal_guess", len(normal_guess.TASKS), {"guess": [0, 100]}),
    ("network_guess", len(network_guess.TASKS), {"units": (1, 4, 8)}),
    ("gradient_guess", len(gradient_guess.HILLS), {"theta": range(0, 360, 24)}),
]


@pytest.mark.parametrize(("name", "values"), FIGURES, ids=[name for name, _ in FIGURES])
def test_words_fit_at_both_ends_of_every_control(
    name: str, values: dict[str, Sequence[Any]]
) -> None:
    check_all(name, 3.6, values)


@pytest.mark.parametrize("width", [3.6, 7.2])
@pytest.mark.parametrize(("name", "tasks", "values"), GUESSES, ids=[name for name, *_ in GUESSES])
def test_words_fit_in_a_guess(
    name: str, tasks: int, values: dict[str, Sequence[Any]], width: float
) -> None:
    check_all(name, width, {"seed": range(tasks), "answer": [Answer(), Answer(1.0)], **values})


def check_all(name: str, width: float, values: dict[str, Sequence[Any]]) -> None:
    """Draw a figure, `width` inches wide, with every combination of these values."""
    figure, update = made_anew(name, width)
    for combination in itertools.product(*values.values()):
        update(**dict(zip(values, combination, strict=True)))
        check_words_fit(figure)


def check_words_fit(figure: Figure) -> None:
    """Fail if a text leaves its axes, which would change the layout, or overlaps another text."""
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        frame = axes.bbox.padded(2)
        taken: list[tuple[str, Bbox]] = []
        for text in axes.texts:
            if not (text.get_visible() and text.get_text()):
                continue
            box = text.get_window_extent()
            where = f"{text.get_text()!r} at {text.get_position()}"
            assert frame.contains(box.x0, box.y0), f"{where} is cut off"
            assert frame.contains(box.x1, box.y1), f"{where} is cut off"
            inner = box.padded(-2)
            for other, its in taken:
                assert not inner.overlaps(its), f"{where} stands on {other}"
            taken.append((where, inner))
