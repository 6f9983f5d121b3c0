"""Lesson 19: the numbers in its text, its small figures, and its guess, against scikit-learn."""

import html
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]
from support.captions import everything
from support.lessons import check_said, made, numbers_in, page, text_of
from threadpoolctl import threadpool_limits

from demos import clusters_elbow, clusters_guess, clusters_moves, clusters_units, kmeans
from stage import Answer, controls, number, percent
from stage.clustering import assign, lloyd, move

LESSON, GUIDE = page("lessons", 19), page("guide", 19)
SHOWN = Answer(1.0)
RANDOM, SPREAD = kmeans.STARTS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The data are small, so more threads would only wait for each other."""
    with threadpool_limits(1):
        yield


def fitted(points: Any, centers: Any) -> KMeans:
    """scikit-learn's k-means from these centers."""
    return KMeans(len(centers), init=centers, n_init=1, algorithm="lloyd", tol=0).fit(points)


def share(shape: str, k: int, seed: int, init: str = RANDOM) -> float:
    """The final inertia of a run, in percent of that with one center."""
    found = fitted(kmeans.data(shape), kmeans.replay(shape, k, init, seed).centers[0])
    one = ((kmeans.data(shape) - kmeans.data(shape).mean(axis=0)) ** 2).sum()
    return float(100 * found.inertia_ / one)


def good(shape: str, k: int, init: str = RANDOM) -> int:
    """The number of 200 runs that end within 1% of the lowest inertia."""
    ends = np.array(kmeans.final_shares(shape, k, init, 200))
    return int((ends <= 1.01 * ends.min()).sum())


# The laboratory in the texts


LINKS = {
    "step=60": ("At rest after step 13", "15.56%"),
    "seed=0&step=60": ("At rest", "3.95%"),
    "step=60&runs=200": ("77 of 200 runs", "lowest, 3.95%", "the worst: 27.06%"),
    "init=spread points&step=60&runs=200": ("152 of 200 runs", "3.95%"),
    "shape=moons&k=2&step=60&runs=200": ("200 of 200 runs",),
    "shape=unequal sizes&k=3&step=60&runs=200": ("26.06% of that", "lowest, 26.06%"),
    "shape=x in mm&seed=1&step=60": ("x in mm", "at rest"),
    "k=6&seed=20&step=60&runs=200": ("3.36% of that", "lowest, 3.36% (run 20)"),
    "shape=three places&k=5&seed=0&step=60": ("inertia is 0%", "2 centers without points"),
    "shape=three places&k=5&seed=50&step=60": ("3 centers without points",),
    "shape=three places&k=3&seed=0&step=60": ("1 center without points",),
}


def linked(source: str) -> set[str]:
    found = re.findall(r'href="[^"#]*#kmeans\?([^"]+)"', source)
    return {html.unescape(link).replace("%20", " ") for link in found}


def test_the_states_that_the_texts_link_to() -> None:
    update = kmeans.demo(Figure(figsize=(3.6, 4.8)))
    known = controls.parameters(update)
    assert linked(LESSON) == set(LINKS)
    assert linked(GUIDE) <= {*LINKS, "step=0"}
    for link, said in LINKS.items():
        told = everything(update(**controls.read(known, parse_qs(link))))
        for words in said:
            assert words in told, (link, told)


def test_addresses_of_the_old_form_can_still_be_read() -> None:
    known = controls.parameters(kmeans.demo(Figure(figsize=(3.6, 4.8))))
    old = "shape=moons&k=2&init=spread points&seed=199&step=60&runs=200"
    assert controls.read(known, parse_qs(old)) == {
        **{"shape": "moons", "k": 2, "init": "spread points"},
        **{"seed": 199, "step": 60, "runs": 200},
    }


def test_what_the_notes_say() -> None:
    notice, guide = text_of(LESSON, "notice"), text_of(GUIDE, "misconception")
    stuck, found = (f"{share('blobs', 5, seed):.2f}%" for seed in (3, 0))
    run = kmeans.replay("blobs", 5, RANDOM, 3)
    last = len(run.centers) - 1
    check_said(notice, "Run 3", f"step {last}", stuck)
    check_said(notice, "Run 0", found)
    check_said(guide, "run 3", stuck)
    check_said(guide, "run 0", found)
    assert (np.diff(run.inertias[1:-1]) < 0).all()  # up to the last step, which changes nothing
    assert run.inertias[-1] == run.inertias[-2]
    best = kmeans.replay("blobs", 5, RANDOM, 0).labels[-1].reshape(5, 30)
    counts = np.array([np.bincount(group, minlength=5) for group in best])
    assert counts.max(axis=1).min() >= 27  # all points except a few between two groups
    assert len(set(counts.argmax(axis=1))) == 5
    groups = [set(run.labels[-1][30 * i : 30 * i + 30].tolist()) for i in range(5)]
    assert groups[3] == groups[4]  # on the right: one center for two groups
    assert len(groups[0]) == 2
    ends = kmeans.final_shares("blobs", 5, RANDOM, 200)
    worst = int(np.argmax(ends))
    starts = f"{good('blobs', 5)}"
    check_said(notice, "200 random starts", starts, f"{share('blobs', 5, worst):.2f}%")
    check_said(notice, "k-means++", f"{good('blobs', 5, SPREAD)} of 200")
    check_said(text_of(GUIDE, "plan"), "200 starts", starts)
    check_said(text_of(GUIDE, "plan"), "k-means++", f"{good('blobs', 5, SPREAD)} of 200")
    check_said(text_of(GUIDE, "plan"), f"after step {last}")
    six = f"{min(kmeans.final_shares('blobs', 6, RANDOM, 200)):.2f}% with 6"
    check_said(text_of(GUIDE, "questions"), f"{found} with 5", six)


def test_where_k_means_misses_the_groups() -> None:
    check_said(text_of(LESSON, "notice"), "moons", f"all {good('moons', 2)} runs agree")
    for seed in range(0, 200, 10):
        cut = kmeans.replay("moons", 2, RANDOM, seed).labels[-1]
        assert all(0 < cut[half].sum() < 75 for half in (slice(0, 75), slice(75, 150)))
    large = kmeans.replay("unequal sizes", 3, RANDOM, 3).labels[-1]
    assert share("unequal sizes", 3, 3) == pytest.approx(
        min(kmeans.final_shares("unequal sizes", 3, RANDOM, 200)), rel=1e-3
    )
    assert np.sort(np.bincount(large[:110], minlength=3))[1] > 30  # one group is split
    assert len(np.unique(large[110:])) == 1  # the two small groups share a center
    labels = kmeans.replay("x in mm", 5, RANDOM, 1).labels[-1]
    for low, high in ((1, 2), (3, 4)):  # groups above each other are divided by the same strips
        groups = [set(labels[30 * i : 30 * i + 30].tolist()) for i in (low, high)]
        assert len(set.intersection(*groups)) >= 2


def test_what_the_formulas_say() -> None:
    _, update = made("clusters_moves")
    start = update().numbers
    centers = np.array(((5.0, 7.2), (9.0, 6.5), (9.0, 7.3)))
    assert (7.1, 5.3) in set(map(tuple, clusters_moves.POINTS.tolist()))
    squares = [f"{((centers[j] - (7.1, 5.3)) ** 2).sum():.2f}" for j in range(3)]
    assert min(squares) == squares[1]
    for j, square in enumerate(squares[:2]):
        x, y = (f"{value:g}" for value in centers[j])
        assert f"(7.1 - {x})^2 + (5.3 - {y})^2 = {square}" in LESSON
    check_said(text_of(LESSON, "formula"), "For center 3", squares[2])
    labels = assign(clusters_moves.POINTS, centers)
    total = ((clusters_moves.POINTS - centers[labels]) ** 2).sum()
    assert start["total"] == number(total, 1)
    shown = [float(start[name]) for name in ("first", "second", "third")]
    assert sum(shown) == pytest.approx(total, abs=0.15)


def test_questions_and_exercises_compute_right() -> None:
    points = np.array([(1.0, 0), (2, 0), (6, 0), (9, 0)])
    run = lloyd(points, points[:2])
    (right,) = re.findall(r'name="check-1" data-right="(\d+)"', LESSON)
    assert float(right) == run.inertias[-1]
    check = text_of(LESSON, "check")
    check_said(check, f"about {run.centers[2][1, 0]:.2f}", f"inertia of {run.inertias[2]:.2f}")
    check_said(check, "move to", *(f"{x:g}" for x in run.centers[-1][:, 0]), f"= {right}")
    best = [min(kmeans.final_shares("blobs", k, RANDOM, 200)) for k in (3, 4, 5, 6)]
    listed = [f"{value:.2f}%" for value in best]
    check_said(check, "the best of 200 runs", *listed)
    assert best[1] < best[0] / 2
    assert best[2] < best[1] / 2
    check_said(check, "removes only", f"{100 * (1 - best[3] / best[2]):.0f}%")
    for seed in range(kmeans.RUNS):
        filled = np.unique(kmeans.replay("three places", 5, RANDOM, seed).labels[-1])
        assert len(filled) <= 3
    assert len(np.unique(kmeans.replay("three places", 3, RANDOM, 0).centers[0], axis=0)) == 2

    exercises = text_of(LESSON, "exercises")
    corners = np.array([(0.0, 0), (0, 2), (6, 0), (6, 2)])
    for start, rest in (((0, 1), "(3, 0) and (3, 2)"), ((0, 3), "(0, 1) and (6, 1)")):
        end = lloyd(corners, corners[list(start)])
        places = " and ".join(f"({x:g}, {y:g})" for x, y in end.centers[-1])
        assert places == rest
        check_said(exercises, places)
        check_said(exercises, f"= {end.inertias[-1]:g}")
    line = np.array([2.0, 3, 7])
    at = {c: float(((c - line) ** 2).sum()) for c in (line.mean(), 3.0)}
    check_said(exercises, "the mean", *(f"= {value:g}" for value in at.values()))
    exit_points = np.array([(0.0, 0), (1, 0), (10, 0), (11, 0)])
    run = lloyd(exit_points, exit_points[:2])
    way = [f"{x:.3g}" for x in (*run.centers[-1][:, 0], run.centers[2][1, 0])]
    check_said(text_of(GUIDE, "plan"), "where do they rest".capitalize(), *way)


# The small figures


def test_pressing_until_rest_is_k_means_of_scikit_learn() -> None:
    _, update = made("clusters_moves")
    for start in (
        ((5.0, 7.2), (9.0, 6.5), (9.0, 7.3)),
        ((1.5, 5.0), (2.5, 5.0), (6.5, 3.5)),
        ((1.0, 1.0), (2.0, 1.0), (3.0, 1.0)),
    ):
        centers: Any = start
        told = update(centers=centers)
        while "At rest" not in told:
            before = float(told.numbers["total"])
            told = update(centers=centers, step=True)
            centers = told.sets["centers"]
            assert told.sets["step"] is False
            assert everything(told) == everything(update(centers=centers))
            assert float(told.numbers["total"]) < before
        found = fitted(clusters_moves.POINTS, np.array(start))
        expected = sorted(found.cluster_centers_.tolist())  # it renumbers empty clusters
        np.testing.assert_allclose(sorted(centers), expected, atol=0.006)
        assert told.numbers["total"] == number(found.inertia_, 1)


def test_moves_of_the_small_figure_are_those_of_the_others() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        at = rng.uniform((0, 0), (10, 8), (3, 2))
        labels = clusters_moves.assign(at)
        np.testing.assert_array_equal(labels, assign(clusters_moves.POINTS, at))
        expected = move(clusters_moves.POINTS, labels, at)
        np.testing.assert_allclose(clusters_moves.move(labels, at), expected, atol=0.0051)


def test_the_lesson_asks_for_a_start_that_ends_badly() -> None:
    """Two centers in the left group, the third one between the other two groups."""
    best = lloyd(clusters_moves.POINTS, np.array(((5.0, 7.2), (9.0, 6.5), (9.0, 7.3))))
    groups = best.labels[-1].reshape(3, 8)
    assert all(len(set(group)) == 1 for group in groups.tolist())  # the default start ends well
    rng = np.random.default_rng(3)
    for _ in range(30):
        start = np.concatenate(
            [rng.uniform((1.4, 4.3), (3, 5.9), (2, 2)), rng.uniform((6, 3), (7, 4), (1, 2))]
        )
        end = lloyd(clusters_moves.POINTS, start)
        assert end.inertias[-1] > 3 * best.inertias[-1]


@pytest.mark.parametrize("kind", [clusters_elbow.GROUPS, clusters_elbow.NONE])
def test_the_curve_has_an_elbow_only_with_groups(kind: str) -> None:
    points = clusters_elbow.data(kind)
    shares = [clusters_elbow.share(kind, k) for k in range(1, clusters_elbow.MOST + 1)]
    falls = 1 - np.array(shares[1:]) / shares[:-1]  # removed by each new center
    assert (falls > 0).all()
    for k in (2, 4, 5, 8):
        best = KMeans(k, n_init=5, random_state=0, tol=0).fit(points).inertia_
        assert clusters_elbow.best(kind, k)[1] <= 1.02 * best
    if kind == clusters_elbow.GROUPS:  # the fourth center helps a lot, the next ones hardly
        assert falls[2] > 0.7
        assert falls[3:].max() < 0.2
    else:
        assert falls.max() < 0.5
    _, update = made("clusters_elbow")
    for k in (1, 5):
        told = update(k=k, kind=kind)
        assert told.numbers["share"] == percent(shares[k - 1], 1)
        later = {percent(value, 1).removesuffix("%") for value in shares[k:]}
        assert not later & numbers_in(told)  # the caption mentions nothing that wasn't reached


def test_units_decide_until_features_are_standardized() -> None:
    points = clusters_units.data()
    for stretch in (0.25, 1.0, 1.25, 1.75, 3.0):
        scaled, centers, labels = clusters_units.found(stretch, False)
        np.testing.assert_allclose(scaled, points * (stretch, 1))
        found = KMeans(2, n_init=5, random_state=0, tol=0).fit(scaled)
        assert ((scaled - centers[labels]) ** 2).sum() == pytest.approx(found.inertia_, rel=0.01)
        match = clusters_units.agreement(labels)
        assert match == 1 if stretch < 1.5 else match < 0.6
    np.testing.assert_allclose(
        clusters_units.standardized(points), StandardScaler().fit_transform(points), atol=1e-12
    )
    assert clusters_units.agreement(clusters_units.found(1.0, True)[2]) == 1
    _, update = made("clusters_units")
    assert len({everything(update(stretch=s, equal=True)) for s in (0.25, 1, 3)}) == 1


# The guess


@pytest.mark.parametrize("task", range(len(clusters_guess.TASKS)))
def test_a_guess_is_scored(task: int) -> None:
    points = clusters_guess.data(task)
    centers, least = clusters_guess.best(task)
    found = KMeans(3, n_init=10, random_state=1, tol=0).fit(points)
    assert least == pytest.approx(found.inertia_, rel=0.002)
    _, update = made("clusters_guess")

    def told(guess: Any, answer: Answer = SHOWN) -> str:
        return str(update(guess=tuple(map(tuple, guess)), seed=task, answer=answer))

    lowest = clusters_guess.whole(least)
    assert "You found it" in told(centers)
    for order in ([1, 2, 0], [2, 1, 0]):  # the best centers are matched to the guess in any order
        np.testing.assert_allclose(clusters_guess.matched(centers[order], task), centers[order])
    skipped = told(centers, Answer(1.0, True))
    assert lowest in skipped
    assert "ou" not in skipped.split()
    groups = np.array([middle for middle, _, _ in clusters_guess.TASKS[task]])
    if task in (0, 2):  # the mistake that the lesson explains
        said = told(groups)
        assert "You marked the groups" in said
        assert lowest in said
        own = ((points[:, None] - groups) ** 2).sum(axis=2).min(axis=1).sum()
        assert clusters_guess.whole(own) in said
        assert own > 1.2 * least
    elif len(groups) == 3:
        assert "You found it" in told(groups)
    else:
        stuck = [told(groups[list(three)]) for three in combinations(range(4), 3)]
        assert any("gets stuck" in said for said in stuck)
    far = told([(0, 0), (0, 0), (0, 0)])
    own = (points**2).sum()
    assert clusters_guess.whole(own) in far or "gets stuck" in far


def test_a_center_for_each_group_can_be_in_any_order() -> None:
    groups = np.array([middle for middle, _, _ in clusters_guess.TASKS[0]])
    for order in ([0, 1, 2], [2, 0, 1]):
        assert clusters_guess.marks_groups(groups[order], 0)
    assert not clusters_guess.marks_groups(groups[[0, 1, 1]], 0)
    assert not clusters_guess.marks_groups(groups, 1)


def test_the_words_around_the_guess_fit_it() -> None:
    check_said(text_of(LESSON, "guess"), f"best of {clusters_guess.RUNS} runs")
