"""k-means against scikit-learn, SciPy, and counting by hand; and the laboratory of lesson 19."""

import math
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
from matplotlib.figure import Figure
from sklearn.cluster import KMeans
from support.captions import check_captions, check_visible, everything
from threadpoolctl import threadpool_limits

from demos import kmeans
from stage import clustering

SHAPES = ("blobs", "moons", "unequal sizes", "x in mm", "three places")
RANDOM = np.random.default_rng(19)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The data are small, so more threads would only wait for each other."""
    with threadpool_limits(1):
        yield


def by_sklearn(points: Any, centers: Any) -> KMeans:
    return KMeans(
        len(centers), init=centers, n_init=1, algorithm="lloyd", tol=0, max_iter=1000
    ).fit(points)


@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("init", kmeans.STARTS)
@pytest.mark.parametrize("k", range(1, 7))
def test_a_run_ends_as_that_of_sklearn_from_the_same_start(shape: str, init: str, k: int) -> None:
    points = kmeans.data(shape)
    for seed in range(8):
        run = kmeans.replay(shape, k, init, seed)
        if len(np.unique(run.labels[-1])) < k:
            continue  # scikit-learn relocates empty centers
        found = by_sklearn(points, run.centers[0])
        np.testing.assert_array_equal(run.labels[-1], found.labels_)
        np.testing.assert_allclose(run.centers[-1], found.cluster_centers_, rtol=1e-10)
        assert run.inertias[-1] == pytest.approx(found.inertia_, rel=1e-10)


def test_random_clouds_end_as_those_of_sklearn() -> None:
    for _ in range(40):
        n, k = int(RANDOM.integers(2, 60)), int(RANDOM.integers(1, 7))
        points = RANDOM.normal(size=(n, 2)) * RANDOM.uniform(0.1, 50, 2)
        k = min(k, n)
        run = clustering.lloyd(points, clustering.random_points(points, k, [0])[0])
        if len(np.unique(run.labels[-1])) == k:
            found = by_sklearn(points, run.centers[0])
            np.testing.assert_array_equal(run.labels[-1], found.labels_)
            assert run.inertias[-1] == pytest.approx(found.inertia_, rel=1e-9, abs=1e-12)


def test_no_step_raises_the_inertia_and_every_run_ends_in_time() -> None:
    for shape in SHAPES:
        for k in range(1, kmeans.MOST + 1):
            for init in kmeans.STARTS:
                for seed in range(0, kmeans.RUNS, 25):
                    run = kmeans.replay(shape, k, init, seed)
                    assert len(run.centers) - 1 <= kmeans.LAST
                    assert (np.diff(run.inertias[1:]) <= 1e-9 * run.inertias[1]).all()
                    assert np.array_equal(run.labels[-1], run.labels[-2])
                    shares = 100 * np.array(run.inertias[1:]) / kmeans.spread(shape)
                    assert kmeans.height(shares.max()) < kmeans.TOPS[-1]


def test_the_moves_are_those_of_scipy_and_the_means() -> None:
    for _ in range(30):
        points, centers = RANDOM.normal(size=(40, 2)), RANDOM.normal(size=(5, 2))
        distances = scipy.spatial.distance.cdist(points, centers, "sqeuclidean")
        np.testing.assert_allclose(clustering.squares(points, centers), distances.T, rtol=1e-12)
        labels = clustering.assign(points, centers)
        np.testing.assert_array_equal(labels, distances.argmin(axis=1))
        assert clustering.inertia(points, labels, centers) == pytest.approx(
            distances.min(axis=1).sum()
        )
        moved = clustering.move(points, labels, centers)
        for j in range(5):
            mine = [point for point, label in zip(points, labels, strict=True) if label == j]
            expected = np.mean(mine, axis=0) if mine else centers[j]
            np.testing.assert_allclose(moved[j], expected, rtol=1e-12)


def test_of_equally_near_centers_the_first_is_taken_and_empty_ones_stay() -> None:
    points = np.array([(0.0, 0.0), (2.0, 0.0)])
    same = np.array([(1.0, 5.0), (1.0, -5.0), (1.0, 5.0)])
    labels = clustering.assign(points, same)
    assert labels.tolist() == [0, 0]
    assert clustering.move(points, labels, same).tolist() == [[1, 0], [1, -5], [1, 5]]


def test_identical_points() -> None:
    points = np.ones((7, 2))
    for start in kmeans.STARTS.values():
        run = clustering.lloyd(points, start(points, 4, [3])[0])
        assert run.inertias[1:] == [0.0] * (len(run.inertias) - 1)
        assert set(run.labels[-1]) == {0}
        np.testing.assert_array_equal(run.centers[-1], np.ones((4, 2)))


def test_as_many_centers_as_points_and_more() -> None:
    points = RANDOM.normal(size=(5, 2))
    for start in kmeans.STARTS.values():
        assert clustering.lloyd(points, start(points, 5, [0])[0]).inertias[-1] == 0
    with pytest.raises(ValueError, match="larger sample"):
        clustering.random_points(points, 6, [0])


def test_random_points_are_drawn_evenly() -> None:
    points = np.arange(8.0).reshape(4, 2)
    starts = clustering.random_points(points, 2, range(3000))
    drawn = [tuple(sorted(start[:, 0].tolist())) for start in starts]
    counts = [drawn.count(pair) for pair in combinations(points[:, 0].tolist(), 2)]
    assert sum(counts) == 3000
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_spread_points_are_drawn_with_squared_distances() -> None:
    points = np.array([(0.0, 0.0), (1.0, 0.0), (3.0, 0.0)])
    starts = clustering.spread_points(points, 2, range(3000))
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
        centers = RANDOM.uniform((0, 0), (10, 8), (k, 2))
        found = clustering.cells(centers, (0, 0), (10, 8))
        areas = [scipy.spatial.ConvexHull(cell).volume for cell in found]
        assert sum(areas) == pytest.approx(80)
        tree = scipy.spatial.cKDTree(centers)
        for j, cell in enumerate(found):
            inside = RANDOM.dirichlet(np.ones(len(cell)), 30) @ cell
            distance, _ = tree.query(inside)
            np.testing.assert_allclose(np.linalg.norm(inside - centers[j], axis=1), distance)


def test_centers_in_one_place_share_their_cell() -> None:
    one, other = clustering.cells(np.array([(2.0, 2.0), (2.0, 2.0)]), (0, 0), (10, 8))
    np.testing.assert_array_equal(one, other)
    assert scipy.spatial.ConvexHull(one).volume == pytest.approx(80)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("init", kmeans.STARTS)
def test_runs_made_at_once_end_as_those_made_alone(shape: str, init: str) -> None:
    for k in (1, 3, 6):
        for runs in (2, 30, 60):  # continues from the known steps
            ends = kmeans.final_shares(shape, k, init, runs)
            assert len(ends) == runs
        for seed in range(0, 60, 5):
            alone = kmeans.replay(shape, k, init, seed).inertias[-1]
            assert ends[seed] == 100 * alone / kmeans.spread(shape)


def test_starts_are_those_of_generator_choice() -> None:
    points = kmeans.data("moons")
    for seed, start in enumerate(clustering.spread_points(points, 3, range(20))):
        rng = np.random.default_rng(seed)
        chosen = [int(rng.integers(len(points)))]
        while len(chosen) < 3:
            nearest = clustering.squares(points, points[chosen]).min(axis=0)
            chosen.append(int(rng.choice(len(points), p=nearest / nearest.sum())))
        np.testing.assert_array_equal(start, points[chosen])


def test_the_last_digit_decides_neither_a_label_nor_which_run_is_named() -> None:
    points = np.array([(0.1 + 0.2, 0.0), (0.3, 0.0)])
    centers = np.array([(0.0, 0.0), (0.6, 0.0)])  # equally far from 0.3 but for rounding
    for order in ([0, 1], [1, 0]):
        assert clustering.assign(points, centers[order]).tolist() == [0, 0]
    up, down = 4 * (1 + 1e-15), 4 * (1 - 1e-15)
    for one, other in ((up, down), (down, up)):
        told = kmeans._runs([27.0 * one, one, other, 27.0 * other])
        assert "(run 1)" in told
        assert told.endswith("(run 0).")


# The laboratory


@pytest.fixture(scope="module", params=[7.2, 3.6])
def figure(request: pytest.FixtureRequest) -> Figure:
    return Figure(figsize=(request.param, request.param))


@pytest.fixture(scope="module")
def update(figure: Figure) -> Any:
    return kmeans.demo(figure)


def drawn(line: Any) -> Any:
    return np.asarray(line.get_xydata())


def test_the_picture_shows_the_step(figure: Figure, update: Any) -> None:
    plane, fall, strip = figure.axes
    for shape, k, step in (("blobs", 5, 0), ("blobs", 5, 7), ("x in mm", 4, 3), ("moons", 2, 60)):
        update(shape=shape, k=k, seed=2, step=step)
        run = kmeans.replay(shape, k, "random points", 2)
        done = min(step, len(run.centers) - 1)
        scale, points = kmeans.unit(shape), kmeans.data(shape)
        dots, origins, discs = plane.lines
        borders, spokes, _ = plane.collections
        np.testing.assert_allclose(drawn(dots) * scale, points)
        np.testing.assert_allclose(drawn(origins) * scale, run.centers[0])
        np.testing.assert_allclose(drawn(discs)[::-1] * scale, run.centers[done])
        assert spokes.get_visible() == (done > 0)
        if done:  # their squared lengths add up to the inertia
            ends = np.array(spokes.get_segments()) * scale
            squared = ((ends[:, 1] - ends[:, 0]) ** 2).sum()
            assert squared == pytest.approx(run.inertias[done])
        cells = borders.get_paths()
        assert len(cells) == k
        for center, cell in zip(run.centers[done] / scale, cells, strict=True):
            assert cell.contains_point(center)
        assert fall.get_visible()
        assert not strip.get_visible()
        shares = 100 * np.array(run.inertias[1 : done + 1]) / kmeans.spread(shape)
        expected = np.column_stack([range(1, done + 1), np.log10(shares)])
        np.testing.assert_allclose(drawn(fall.lines[0]), expected.reshape(-1, 2))
        np.testing.assert_allclose(drawn(fall.lines[1]), expected[-1:].reshape(-1, 2))


def test_one_dot_of_the_strip_is_the_end_of_the_run_with_its_number(
    figure: Figure, update: Any
) -> None:
    _, fall, strip = figure.axes
    finished, _, own = strip.lines
    for seed in (0, 3, 17, 29):
        update(seed=seed, runs=30, step=60)
        assert strip.get_visible()
        assert not fall.get_visible()
        assert len(drawn(finished)) == 30
        np.testing.assert_array_equal(drawn(own), drawn(finished)[seed : seed + 1])
        assert kmeans.end_of_run(seed, "blobs", 5, "random points") == tuple(drawn(own)[0])


def test_of_centers_in_one_place_the_first_is_numbered(figure: Figure, update: Any) -> None:
    def shown(**values: Any) -> list[str]:
        update(**values)
        texts = [text for text in figure.axes[0].texts if text.get_weight() == "semibold"]
        return [text.get_text() for text in texts if text.get_visible()]

    centers = kmeans.replay("three places", 5, "random points", 50).centers[-1]
    _, first = np.unique(centers, axis=0, return_index=True)
    assert shown(shape="three places", k=5, seed=50, step=60) == [
        str(j + 1) for j in np.sort(first)
    ]
    assert shown(seed=0, step=60) == list("12345")


STATES: list[dict[str, Any]] = [
    *({"step": x} for x in range(1, 13)),
    *({"seed": x} for x in range(20) if x != 3),
    *({"k": x} for x in (1, 2, 3, 4, 6)),
    *({"shape": x, "step": 60} for x in SHAPES),
    *({"runs": x, "seed": 1} for x in (1, 2, 10, 199, 200)),
    *({"init": "spread points", "shape": x} for x in SHAPES),
]


@pytest.mark.whole
def test_every_description_is_whole_and_of_one_picture(update: Any) -> None:
    check_captions(lambda **values: everything(update(**values)), STATES, words=70)
    for state in STATES:
        check_visible(update(**state))
        assert not re.search(r"\b1 points|\b1 centers|centre", everything(update(**state)))
    assert math.isnan(kmeans.replay("blobs", 5, "random points", 3).inertias[0])


def test_captions_agree_in_number_and_at_the_ends(update: Any) -> None:
    assert "1 of 1 run ends within" in update(runs=1)
    assert "1 of the points serves as the first center." in update(k=1)
    assert "100% of that" in update(k=1, step=60)
    assert "0% of that" in update(shape="three places", k=5, seed=0, step=60)
    assert "1 center without points" in everything(
        update(shape="three places", k=3, seed=0, step=60)
    )
