"""Lesson 19: the mathematics of `kmeans` against scikit-learn, SciPy and counting by hand."""

import html
import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
from matplotlib.figure import Figure
from sklearn.cluster import KMeans

from demos import kmeans
from stage import controls

LESSON = Path(__file__).parent.parent / "site" / "lessons" / "19-k-means.html"
SHAPES = ("blobs", "moons", "unequal sizes", "x in mm", "three places")
RANDOM = np.random.default_rng(19)


def by_sklearn(points: Any, centres: Any) -> KMeans:
    return KMeans(
        len(centres), init=centres, n_init=1, algorithm="lloyd", tol=0, max_iter=1000
    ).fit(points)


@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("init", kmeans.STARTS)
@pytest.mark.parametrize("k", range(1, 7))
def test_a_run_ends_as_that_of_sklearn_from_the_same_start(shape: str, init: str, k: int) -> None:
    points = kmeans.data(shape)
    for seed in range(8):
        run = kmeans.replay(shape, k, init, seed)
        if len(np.unique(run.labels[-1])) < k:
            continue  # scikit-learn sends empty centres elsewhere
        found = by_sklearn(points, run.centres[0])
        np.testing.assert_array_equal(run.labels[-1], found.labels_)
        np.testing.assert_allclose(run.centres[-1], found.cluster_centers_, rtol=1e-10)
        assert run.inertias[-1] == pytest.approx(found.inertia_, rel=1e-10)


def test_random_clouds_end_as_those_of_sklearn() -> None:
    for _ in range(40):
        n, k = int(RANDOM.integers(2, 60)), int(RANDOM.integers(1, 7))
        points = RANDOM.normal(size=(n, 2)) * RANDOM.uniform(0.1, 50, 2)
        k = min(k, n)
        run = kmeans.lloyd(points, kmeans.random_points(points, k, [0])[0])
        if len(np.unique(run.labels[-1])) == k:
            found = by_sklearn(points, run.centres[0])
            np.testing.assert_array_equal(run.labels[-1], found.labels_)
            assert run.inertias[-1] == pytest.approx(found.inertia_, rel=1e-9, abs=1e-12)


def test_no_step_raises_the_inertia_and_every_run_ends_in_time() -> None:
    for shape in SHAPES:
        for k in range(1, kmeans.MOST + 1):
            for init in kmeans.STARTS:
                for seed in range(0, kmeans.RUNS, 8):
                    run = kmeans.replay(shape, k, init, seed)
                    assert len(run.centres) - 1 <= kmeans.LAST
                    assert (np.diff(run.inertias[1:]) <= 1e-9 * run.inertias[1]).all()
                    assert np.array_equal(run.labels[-1], run.labels[-2])
                    shares = 100 * np.array(run.inertias[1:]) / kmeans.spread(shape)
                    assert shares.max() < kmeans.HIGH


def test_the_moves_are_those_of_scipy_and_the_means() -> None:
    for _ in range(30):
        points, centres = RANDOM.normal(size=(40, 2)), RANDOM.normal(size=(5, 2))
        distances = scipy.spatial.distance.cdist(points, centres, "sqeuclidean")
        np.testing.assert_allclose(kmeans.squares(points, centres), distances, rtol=1e-12)
        labels = kmeans.assign(points, centres)
        np.testing.assert_array_equal(labels, distances.argmin(axis=1))
        assert kmeans.inertia(points, labels, centres) == pytest.approx(distances.min(axis=1).sum())
        moved = kmeans.move(points, labels, centres)
        for j in range(5):
            mine = [point for point, label in zip(points, labels, strict=True) if label == j]
            expected = np.mean(mine, axis=0) if mine else centres[j]
            np.testing.assert_allclose(moved[j], expected, rtol=1e-12)


def test_of_equally_near_centres_the_first_is_taken_and_empty_ones_stay() -> None:
    points = np.array([(0.0, 0.0), (2.0, 0.0)])
    same = np.array([(1.0, 5.0), (1.0, -5.0), (1.0, 5.0)])
    labels = kmeans.assign(points, same)
    assert labels.tolist() == [0, 0]
    assert kmeans.move(points, labels, same).tolist() == [[1, 0], [1, -5], [1, 5]]


def test_identical_points() -> None:
    points = np.ones((7, 2))
    for start in kmeans.STARTS.values():
        run = kmeans.lloyd(points, start(points, 4, [3])[0])
        assert run.inertias[1:] == [0.0] * (len(run.inertias) - 1)
        assert set(run.labels[-1]) == {0}
        np.testing.assert_array_equal(run.centres[-1], np.ones((4, 2)))


def test_as_many_centres_as_points_and_more() -> None:
    points = RANDOM.normal(size=(5, 2))
    for start in kmeans.STARTS.values():
        assert kmeans.lloyd(points, start(points, 5, [0])[0]).inertias[-1] == 0
    with pytest.raises(ValueError, match="larger sample"):
        kmeans.random_points(points, 6, [0])


def test_random_points_are_drawn_evenly() -> None:
    points = np.arange(8.0).reshape(4, 2)
    starts = kmeans.random_points(points, 2, range(3000))
    drawn = [tuple(sorted(start[:, 0].tolist())) for start in starts]
    counts = [drawn.count(pair) for pair in combinations(points[:, 0].tolist(), 2)]
    assert sum(counts) == 3000
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_spread_points_are_drawn_with_squared_distances() -> None:
    points = np.array([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])
    starts = kmeans.spread_points(points, 2, range(3000))
    drawn = [tuple(start[:, 0].tolist()) for start in starts]
    expected = {}
    for first in (0, 1, 3):
        weights = {x: (x - first) ** 2 for x in (0, 1, 3)}
        for second, weight in weights.items():
            if weight:
                expected[first, second] = 3000 / 3 * weight / sum(weights.values())
    counts = [drawn.count(pair) for pair in expected]
    assert sum(counts) == 3000
    assert scipy.stats.chisquare(counts, list(expected.values())).pvalue > 0.001


def test_a_start_is_the_same_every_time_and_others_differ() -> None:
    points = kmeans.data("blobs")
    for start in kmeans.STARTS.values():
        every = start(points, 5, range(200))
        np.testing.assert_array_equal(start(points, 5, [7])[0], every[7])
        assert len({chosen.tobytes() for chosen in every}) > 195


def test_cells_hold_what_is_nearest() -> None:
    for _ in range(60):
        k = int(RANDOM.integers(1, 7))
        centres = RANDOM.uniform((0, 0), (10, 8), (k, 2))
        found = kmeans.cells(centres, 10, 8)
        areas = [scipy.spatial.ConvexHull(cell).volume for cell in found]
        assert sum(areas) == pytest.approx(80)
        tree = scipy.spatial.cKDTree(centres)
        for j, cell in enumerate(found):
            inside = RANDOM.dirichlet(np.ones(len(cell)), 30) @ cell
            distance, _ = tree.query(inside)
            np.testing.assert_allclose(np.linalg.norm(inside - centres[j], axis=1), distance)


def test_centres_in_one_place_share_their_cell() -> None:
    one, other = kmeans.cells(np.array([(2.0, 2.0), (2.0, 2.0)]), 10, 8)
    np.testing.assert_array_equal(one, other)
    assert scipy.spatial.ConvexHull(one).volume == pytest.approx(80)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("init", kmeans.STARTS)
def test_runs_made_at_once_end_as_those_made_alone(shape: str, init: str) -> None:
    for k in (1, 3, 6):
        for runs in (2, 30, 40):  # going on from what is known
            ends = kmeans.final_shares(shape, k, init, runs)
            assert len(ends) == runs
        for seed in range(0, 40, 3):
            alone = kmeans.replay(shape, k, init, seed).inertias[-1]
            assert ends[seed] == 100 * alone / kmeans.spread(shape)


def test_starts_are_those_of_generator_choice() -> None:
    points = kmeans.data("moons")
    for seed, start in enumerate(kmeans.spread_points(points, 3, range(20))):
        rng = np.random.default_rng(seed)
        chosen = [int(rng.integers(len(points)))]
        while len(chosen) < 3:
            nearest = kmeans.squares(points, points[chosen]).min(axis=1)
            chosen.append(int(rng.choice(len(points), p=nearest / nearest.sum())))
        np.testing.assert_array_equal(start, points[chosen])


def test_the_last_digit_decides_neither_a_label_nor_which_run_is_named() -> None:
    points = np.array([(0.1 + 0.2, 0.0), (0.3, 0.0)])
    centres = np.array([(0.0, 0.0), (0.6, 0.0)])  # as far from 0.3, but for rounding
    for order in ([0, 1], [1, 0]):
        assert kmeans.assign(points, centres[order]).tolist() == [0, 0]
    up, down = 4 * (1 + 1e-15), 4 * (1 - 1e-15)
    for one, other in ((up, down), (down, up)):
        told = kmeans._runs([27.0 * one, one, other, 27.0 * other])
        assert "(run 1)" in told
        assert told.endswith("(run 0).")


# The picture and its sentence


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return kmeans.demo(figure)


EXPECTED = {
    "step=0": ("step 0: 5 of the points",),
    "step=60": ("Run 3 ", "at rest after step 13", "15.56%"),
    "seed=0&step=60": ("at rest", "3.95%"),
    "step=60&runs=200": (
        "77 of 200 runs end within 1% of the lowest, 3.95%",
        "the worst: 27.06%",
    ),
    "init=spread points&step=60&runs=200": ("152 of 200 runs end within 1% of", "3.95%"),
    "shape=moons&k=2&step=60&runs=200": ("200 of 200 runs end within 1%",),
    "shape=unequal sizes&k=3&step=60&runs=200": ("26.06% of that", "the lowest, 26.06%"),
    "shape=x in mm&seed=1&step=60": ("x in mm", "at rest"),
    "k=6&seed=20&step=60&runs=200": ("inertia 56, 3.36%", "the lowest, 3.36% (run 20)"),
    "shape=three places&k=5&seed=0&step=60": ("inertia 0, 0%", "2 empty centres stay put"),
    "shape=three places&k=5&seed=50&step=60": ("3 empty centres stay put",),
    "shape=three places&k=3&seed=0&step=60": ("1 empty centre stays put",),
}


def test_the_lessons_numbers(update: Any) -> None:
    told = update()
    assert "step 4, centres moved: inertia 375.28" in told
    known = controls.parameters(update)
    linked = re.findall(r'href="#kmeans\?([^"]+)"', LESSON.read_text())
    links = {html.unescape(link).replace("%20", " ") for link in linked}
    assert links == set(EXPECTED)
    for link, said in EXPECTED.items():
        told = update(**controls.read(known, parse_qs(link)))
        for words in said:
            assert words in told, (link, told)


def test_the_lessons_numbers_in_the_formulas() -> None:
    run, points = kmeans.replay("blobs", 5, "random points", 3), kmeans.data("blobs")
    np.testing.assert_array_equal(points[0], (1.51, 6.90))
    assert run.centres[0][[0, 4]].tolist() == [[1.98, 6.38], [1.63, 6.62]]
    distances = kmeans.squares(points[:1], run.centres[0])[0]
    assert distances[[0, 4]].round(3).tolist() == [0.491, 0.093]
    assert run.labels[1][0] == 4
    green = points[run.labels[4] == 2]
    assert len(green) == 7
    assert green.sum(axis=0).round(2).tolist() == [8.52, 42.73]
    assert run.centres[4][2].round(2).tolist() == [1.22, 6.10]
    parts = [
        ((points[run.labels[4] == j] - run.centres[4][j]) ** 2).sum().round(2) for j in range(5)
    ]
    assert parts == [21.26, 223.21, 0.73, 128.88, 1.20]
    assert sum(parts) == pytest.approx(375.28)
    best = [min(kmeans.final_shares("blobs", k, "random points", 200)) for k in (3, 4, 5, 6)]
    assert np.round(best, 2).tolist() == [20.02, 8.05, 3.95, 3.36]


def test_the_lessons_statements() -> None:
    fall = np.diff(kmeans.replay("blobs", 5, "random points", 3).inertias[1:])
    assert (fall[:-1] < 0).all()
    assert fall[-1] == 0
    labels = kmeans.replay("x in mm", 5, "random points", 1).labels[-1]
    for low, high in ((1, 2), (3, 4)):  # groups that stand above each other share their clusters
        groups = (set(labels[30 * group : 30 * group + 30].tolist()) for group in (low, high))
        assert len(set.intersection(*groups)) >= 2
    for seed in range(kmeans.RUNS):
        assert (
            len(np.unique(kmeans.replay("three places", 5, "random points", seed).labels[-1])) < 4
        )


def test_the_lessons_questions() -> None:
    points = np.array([(1.0, 0), (2, 0), (6, 0), (9, 0)])
    run = kmeans.lloyd(points, points[:2])
    assert run.centres[2][:, 0].round(2).tolist() == [1, 5.67]
    assert run.centres[-1][:, 0].tolist() == [1.5, 7.5]
    assert run.inertias[-1] == 5
    assert len(run.centres) - 1 == 5
    wrong = kmeans.replay("three places", 3, "random points", 0)
    assert len(np.unique(wrong.centres[0], axis=0)) == 2
    large = kmeans.replay("unequal sizes", 3, "random points", 3).labels[-1]
    assert (np.bincount(large[:110])[:2] > 30).all()
    assert np.bincount(large[:110])[2] < 5
    assert len(np.unique(large[110:])) == 1
    for seed in (1, 3):
        cut = kmeans.replay("moons", 2, "random points", seed).labels[-1]
        assert all(0 < cut[half].sum() < 75 for half in (slice(0, 75), slice(75, 150)))


def test_the_picture_shows_the_step(figure: Figure, update: Any) -> None:
    plane, fall, strip = figure.axes
    for shape, k, step, runs in (("blobs", 5, 7, 40), ("x in mm", 4, 3, 0), ("moons", 2, 60, 9)):
        update(shape=shape, k=float(k), seed=2.0, step=step, runs=runs)
        run = kmeans.replay(shape, k, "random points", 2)
        done = min(step, len(run.centres) - 1)
        scale = kmeans.unit(shape)
        cells, _ = plane.collections
        middles = np.concatenate([np.transpose(line.get_data()) for line in plane.lines[-6:]])
        np.testing.assert_allclose(middles * scale, run.centres[done])
        assert len(cells.get_paths()) == k
        for centre, cell in zip(run.centres[done] / scale, cells.get_paths(), strict=True):
            assert cell.contains_point(centre)
        for j, group in enumerate(plane.lines[1:7]):
            drawn = np.column_stack([np.asarray(part) for part in group.get_data()]) * scale
            mine = kmeans.data(shape)[run.labels[done] == j]
            np.testing.assert_allclose(drawn.reshape(-1, 2), mine)
        assert fall.lines[1].get_xdata() == [done]
        shares = 100 * run.inertias[done] / kmeans.spread(shape)
        np.testing.assert_allclose(np.asarray(fall.lines[1].get_ydata()), [shares])
        assert len(np.asarray(strip.lines[0].get_xdata())) == runs


def test_one_dot_of_the_strip_is_the_end_of_the_run_with_its_number(
    figure: Figure, update: Any
) -> None:
    update(runs=30, step=60)
    dots = np.asarray(figure.axes[2].lines[0].get_ydata())
    for seed in (0, 3, 17, 29):
        update(seed=float(seed), runs=30, step=60)
        assert figure.axes[1].lines[1].get_ydata() == [dots[seed]]
        assert figure.axes[2].lines[2].get_ydata() == [dots[seed]]


def test_every_sentence_is_whole_short_and_tells_one_picture(update: Any) -> None:
    told: set[str] = set()
    states: list[dict[str, Any]] = [
        *({"step": x} for x in range(13)),
        *({"seed": float(x)} for x in range(20) if x != 3),
        *({"k": float(x)} for x in (1, 2, 3, 4, 6)),
        *({"shape": x, "step": 60} for x in SHAPES),
        *({"runs": x, "seed": 1.0} for x in (1, 2, 10, 199, 200)),
        *({"init": "spread points", "shape": x} for x in SHAPES),
    ]
    for state in states:
        sentence = update(**state)
        assert sentence.endswith(".")
        assert len(sentence.split()) <= 48
        assert not re.search(r"nan|inf\b|\b1 points|\b1 centres", sentence)
        assert sentence not in told or state == {"step": 4}, state
        told.add(sentence)
    assert math.isnan(kmeans.replay("blobs", 5, "random points", 3).inertias[0])
