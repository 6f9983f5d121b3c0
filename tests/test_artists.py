"""The course's own artists: their interface, and what they rely on in matplotlib.

test_stage.py and test_demos.py compare their pixels with matplotlib's.
"""

import importlib
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.path import Path
from support.machine import ROOT

from stage import Figure, artists, matplotlib_private

X = np.linspace(-3, 3, 61)


def wrong_uses(ax: Axes) -> list[tuple[Callable[[], object], str]]:
    """Arguments that an author may pass by mistake, and words of the error."""
    both = artists.arrows(ax, ["data", "model"])
    table = artists.cells(ax, (0, 2, 0, 2), [(0, 0, 0), (9, 9, 9)])
    plain: Any = X
    return [
        (lambda: artists.line(plain, X), "the axes to draw on, not ndarray"),
        (lambda: artists.label(plain, 0, 0), "the axes to draw on"),
        (lambda: artists.polygons(plain), "the axes to draw on"),
        (lambda: artists.arrows(plain, ["data"]), "the axes to draw on"),
        (lambda: artists.cells(plain, (0, 1, 0, 1), [(0, 0, 0)]), "the axes to draw on"),
        (lambda: artists.line(ax, color="no color"), "no color"),
        (lambda: artists.points(ax).set_data([1, 2], [3]), "x has 2 values, y has 1"),
        (lambda: artists.area(ax, [1, 2, 3], 0, [1, 2]), "x has 3 values, high has 2"),
        (lambda: artists.polygons(ax, [[1, 2, 3]]), r"an array \(n, m, 2\), not \(1, 3\)"),
        (lambda: artists.segments(ax).set_segments(np.zeros((4, 2, 3))), r"not \(4, 2, 3\)"),
        (lambda: both.place(((0, 0), (1, 1))), "1 arrows for 2 colors"),
        (lambda: both.set_arrows([(0, 0)], [(1, 1)]), "2 arrows need tails and vectors"),
        (lambda: table.set_cells([0, 1]), r"shape \(rows, columns\)"),
        (lambda: table.set_cells([[0.5]]), "whole numbers"),
        (lambda: table.set_cells([[0, 2]]), "the number of a color is 0 to 1"),
    ]


def test_wrong_uses_of_artists_are_refused_in_words() -> None:
    for use, words in wrong_uses(Figure().subplots()):
        with pytest.raises((TypeError, ValueError), match=words):
            use()


def test_what_is_set_already_is_not_drawn_anew() -> None:
    ax = Figure().subplots()
    paths = [Path(((0, 0), (1, 0), (1, 1)))]
    shapes = artists.polygons(ax)
    shapes.set_paths(paths)
    text = artists.label(ax, 0, 0, "here", ha="center", color="data")
    text.look = "known"
    shapes.stale = text.stale = False
    shapes.set_paths(paths)
    text.set(ha="center", color="data", text="here", position=(0, 0), rotation=0)
    assert not shapes.stale
    assert not text.stale
    assert text.look == "known"
    text.set_horizontalalignment("left")
    assert text.look is None


def test_segments_join_into_one_line_with_gaps() -> None:
    x, y = artists.joined([(0, 1), (2, 3)], [(4, 5), (6, 7)])
    np.testing.assert_array_equal(x, [0, 4, math.nan, 2, 6, math.nan])
    np.testing.assert_array_equal(y, [1, 5, math.nan, 3, 7, math.nan])


def test_private_names_of_matplotlib_are_in_one_file_alone() -> None:
    """There are fewer than ten, and each is checked when that module is imported."""
    needed = [name for names in matplotlib_private._NEEDED.values() for name in names]
    assert 0 < len(needed) < 10
    private = re.compile(r"(?<![\w.])(?!self\b|cls\b|sys\b)[\w)\]]+\._(?!replace)[a-z]\w*")
    for file in sorted((ROOT / "py").rglob("*.py")):
        names = {match.rpartition(".")[2] for match in private.findall(file.read_text())}
        allowed = {*needed, "_agg"} if file.name == "matplotlib_private.py" else set()
        assert names <= allowed, file


def test_a_matplotlib_without_a_private_name_is_refused_at_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(Axes.__base__, "_update_title_position")
    with pytest.raises(ImportError, match=r"_update_title_position.*docs/inside\.md"):
        importlib.reload(matplotlib_private)
