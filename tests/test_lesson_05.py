"""Lesson 5: its small figures and its guess against NumPy and scikit-learn, and its numbers."""

import math
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import digits, eigen_circle, pca, pca_guess, pca_shadows
from stage import Answer, number

RANDOM = np.random.default_rng(58)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 5), page("guide", 5)


def at(degrees: float) -> NDArray[Any]:
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


# pca_shadows


def test_the_cloud_of_shadows_has_the_covariance_of_the_lesson() -> None:
    points = pca_shadows.POINTS
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.cov(points.T), [[2.5, 1.5], [1.5, 2.5]], atol=1e-12)


def test_shadows_keep_what_numpy_and_sklearn_say() -> None:
    cloud = RANDOM.normal(size=(30, 2)) @ RANDOM.normal(size=(2, 2)) + (3, -1)
    for points in (pca_shadows.POINTS, cloud):
        c = np.cov(points.T)
        for degrees in range(0, 180, 7):
            u = at(degrees)
            assert pca_shadows.kept(points, degrees) == pytest.approx(u @ c @ u / np.trace(c))
            along, foot = pca_shadows.shadows(points, degrees)
            np.testing.assert_allclose(foot, np.outer(along, u), atol=1e-12)
            np.testing.assert_allclose((points - foot) @ u, 0, atol=1e-12)
        found = PCA().fit(points)
        best = math.degrees(math.atan2(*found.components_[0][::-1]))
        assert pca_shadows.kept(points, best) == pytest.approx(found.explained_variance_ratio_[0])


# pca_guess

SEEDS = range(100)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_answers_about_a_cloud_are_those_of_numpy(seed: int) -> None:
    points, c = pca_guess.cloud(seed), pca_guess.covariance_of(seed)
    np.testing.assert_allclose(np.cov(points.T), c, atol=1e-12)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    values, vectors = np.linalg.eigh(c)
    best = at(pca_guess.best_angle(c))
    assert abs(best @ vectors[:, 1]) == pytest.approx(1)
    assert pca_guess.kept(c, pca_guess.best_angle(c)) == pytest.approx(values[1] / values.sum())
    slope, intercept = np.polyfit(*points.T, 1)
    assert intercept == pytest.approx(0, abs=1e-12)
    assert math.tan(math.radians(pca_guess.regression_angle(c))) == pytest.approx(slope)
    for degrees in (0, 30, 61, 120):
        m = math.tan(math.radians(degrees))
        misses = points[:, 1] - m * points[:, 0]
        assert pca_guess.missed(c, degrees) == pytest.approx(misses.var(ddof=1))
        shadows = points @ at(degrees)
        total = points.var(axis=0, ddof=1).sum()
        assert pca_guess.kept(c, degrees) == pytest.approx(shadows.var(ddof=1) / total)


@pytest.mark.parametrize("seed", range(0, 100, 7))
def test_a_guess_of_a_line_is_scored(seed: int) -> None:
    _, update = made("pca_guess")
    most, predict = pca_guess.TASKS
    points, c = pca_guess.cloud(seed), pca_guess.covariance_of(seed)
    ratio = PCA().fit(points).explained_variance_ratio_
    best = round(pca_guess.best_angle(c))
    told = update(theta=float(best), task=most, seed=seed, answer=SHOWN)
    assert "found" in told
    told = update(theta=float(best + 90), task=most, seed=seed, answer=SHOWN)
    assert {f"{100 * share:.0f}" for share in ratio} <= numbers_in(told)
    assert "found" not in told
    slope = np.polyfit(*points.T, 1)[0]
    least = f"{(points[:, 1] - slope * points[:, 0]).var(ddof=1):.1f}"
    for theta in (0.0, 150.0):
        told = update(theta=theta, task=predict, seed=seed, answer=SHOWN)
        assert least in numbers_in(told)
    told = update(theta=150.0, task=predict, seed=seed, answer=SHOWN)
    misses = points[:, 1] - math.tan(math.radians(150)) * points[:, 0]
    assert f"{misses.var(ddof=1):.1f}" in numbers_in(told)
    assert "vertical" in update(theta=90.0, task=predict, seed=seed, answer=SHOWN)
    skipped = update(theta=120.0, task=most, seed=seed, answer=Answer(1.0, True))
    assert f"{100 * ratio[0]:.0f}" in numbers_in(skipped)
    assert "Your" not in skipped


def test_every_cloud_fits_into_its_frame() -> None:
    figure, _ = made("pca_guess")
    frame = figure.axes[0].get_xlim()[1], figure.axes[0].get_ylim()[1]
    for seed in SEEDS:
        assert (abs(pca_guess.cloud(seed)).max(axis=0) < frame).all()


def test_a_line_across_the_cloud_is_named() -> None:
    _, update = made("pca_guess")
    for seed in range(0, 100, 9):
        across = (pca_guess.best_angle(pca_guess.covariance_of(seed)) + 90) % 180
        for off in (-8, 0, 8):
            told = update(theta=across + off, seed=seed, answer=SHOWN)
            assert "across the cloud" in told
        assert "across" not in update(theta=across + 20, seed=seed, answer=SHOWN)


def test_who_predicts_best_is_told_so() -> None:
    """Once, it was called the line of maximal variance when it was up to 4° away."""
    for seed in SEEDS:
        c = pca_guess.covariance_of(seed)
        predicts, keeps = round(pca_guess.regression_angle(c)), round(pca_guess.best_angle(c))
        assert "found" in pca_guess.told(c, predicts, True, SHOWN), seed
        if keeps - predicts > 3:
            assert "most variance" in pca_guess.told(c, keeps, True, SHOWN), seed


@pytest.mark.parametrize("task", pca_guess.TASKS)
def test_a_cloud_shows_nothing_of_the_answer_before_it_is_asked_for(task: str) -> None:
    figure, update = made("pca_guess")
    for seed in (3, 8, 41):
        update(task=task, seed=seed, answer=SHOWN)
        told = update(theta=133.0, task=task, seed=seed, answer=Answer())
        assert numbers_in(told) <= {str(seed), str(pca_guess.COUNT), "133"}
        assert not told.numbers
        _, curve = figure.axes
        assert all(not line.get_visible() or len(line.get_xdata()) == 0 for line in curve.lines)
        dashed = [line for line in figure.axes[0].lines if line.get_linestyle() == "--"]
        assert [line.get_visible() for line in dashed] == [False]


# eigen_circle


def test_the_arrows_line_up_at_the_eigenvectors() -> None:
    _, update = made("eigen_circle")
    symmetric = eigen_circle.MATRICES["symmetric"]
    values, vectors = np.linalg.eigh(symmetric)
    found = set()
    for degrees in range(360):
        told = update(theta=float(degrees))
        u, mapped = at(degrees), symmetric @ at(degrees)
        away = math.degrees(math.acos(min(1, u @ mapped / np.linalg.norm(mapped))))
        assert eigen_circle.between(u, mapped) == pytest.approx(away, abs=1e-5)
        if "eigenvector" in told:
            found.add((degrees, told.numbers["length"]))
        else:
            assert told.numbers["away"] == number(away, 1)
    expected = set()
    for value, vector in zip(values, vectors.T, strict=True):
        angle = round(math.degrees(math.atan2(vector[1], vector[0]))) % 180
        expected |= {(angle, number(value)), (angle + 180, number(value))}
    assert found == expected


def test_a_rotation_has_no_eigenvector() -> None:
    _, update = made("eigen_circle")
    assert (abs(np.linalg.eigvals(eigen_circle.MATRICES["rotation"]).imag) > 0.1).all()
    for degrees in range(0, 360, 5):
        told = update(theta=float(degrees), kind="rotation")
        assert "eigenvector" not in told
        assert told.numbers == {"away": "40", "length": "1"}


# digits


def test_the_digits_are_those_of_sklearn() -> None:
    np.testing.assert_array_equal(digits.IMAGES, load_digits().data)


def test_a_digit_is_rebuilt_as_by_sklearn() -> None:
    for k in (1, 20, 60):
        reduced = PCA(k, svd_solver="covariance_eigh").fit(digits.IMAGES)
        share = reduced.explained_variance_ratio_.sum()
        assert digits.explained(k) == pytest.approx(share, abs=1e-12)
        for seed in (0, 7, 1796):
            image = digits.IMAGES[seed]
            expected = reduced.inverse_transform(reduced.transform(image[None]))[0]
            np.testing.assert_allclose(digits.rebuilt(image, k), expected, atol=1e-9)
    np.testing.assert_allclose(digits.rebuilt(digits.IMAGES[3], 0), digits.IMAGES.mean(axis=0))
    np.testing.assert_allclose(digits.rebuilt(digits.IMAGES[3], 64), digits.IMAGES[3], atol=1e-9)


def test_all_of_the_variance_is_said_only_where_nothing_is_lost() -> None:
    _, update = made("digits")
    varying = np.count_nonzero(digits.IMAGES.std(axis=0))  # some pixels are always blank
    for k in range(65):
        kept = update(k=k).numbers["kept"]
        assert (kept == "100%") == (k >= varying)
        assert float(kept.rstrip("%")) == pytest.approx(100 * digits.explained(k), abs=1)


# The numbers in the texts


C = np.cov(pca_shadows.POINTS.T)


def test_what_is_said_of_the_covariance_matrix() -> None:
    formula = text_of(LESSON, "formula")
    check_said(formula, "variance", number(C[0, 0]), "covariance", number(C[0, 1]))
    along, across = (float(at(degrees) @ C @ at(degrees)) for degrees in (45, 135))
    check_said(formula, "(1, 1)", "eigenvalue", number(along), "(1, -1)", number(across))
    assert np.allclose(C @ (1, 1), along * np.ones(2))
    assert np.allclose(C @ (1, -1), across * np.array([1, -1]))
    check_said(formula, f"({number(C[0, 0])}, {number(C[0, 1])})")
    # the variance kept in a direction between the two
    (one, two) = re.findall(r"(\d+)\\cos\^2\\theta \+ (\d+)\\sin\^2", LESSON)[0]
    for degrees in range(0, 180, 10):
        mixed = int(one) * at(degrees)[0] ** 2 + int(two) * at(degrees)[1] ** 2
        u = at(45 + degrees)
        assert u @ C @ u == pytest.approx(mixed)


def test_what_the_notes_say() -> None:
    notice = text_of(LESSON, "notice")
    total = np.trace(C)
    for degrees in (0, 45):
        kept = total * pca_shadows.kept(pca_shadows.POINTS, degrees)
        check_said(notice, f"{degrees}°", number(kept), number(total - kept))
        np.testing.assert_allclose(pca.captured(C, degrees), kept)
    check_said(notice, "always", number(total))
    check_said(notice, number(eigen_circle.between(at(0), C @ at(0))), "away")
    for degrees, times in ((45, "4u"), (135, "u")):
        check_said(notice, f"{degrees}°", f"Cu = {times}")
        assert np.allclose(C @ at(degrees), float(times.rstrip("u") or 1) * at(degrees))
    flat = pca_guess.regression_angle(C)
    check_said(notice, "regression", number(flat), f"{number(C[0, 1])}/{number(C[0, 0])}")
    assert eigen_circle.between(at(flat), C @ (1, 0)) == pytest.approx(0, abs=1e-9)
    check_said(notice, number(pca_guess.missed(C, flat)), number(pca_guess.missed(C, 45)))


def test_what_is_said_of_digits_and_units() -> None:
    use = text_of(LESSON, "use")
    check_said(use, "64", f"{len(digits.IMAGES):,}", str(digits.IMAGES.shape[1]))
    in_centimeters = C * np.array([[1, 100], [100, 1e4]])
    best = pca_guess.best_angle(in_centimeters)
    check_said(use, f"{in_centimeters[1, 1] / C[1, 1]:,.0f}", "times")
    check_said(use, number(best), f"{number(100 * pca_guess.kept(in_centimeters, best))}%")


def test_questions_and_exercises_compute_right() -> None:
    check, exercises = text_of(LESSON, "check"), text_of(LESSON, "exercises")
    for vector in ((1, 2), (1, 1)):
        a, b = np.array([[2, 1], [2, 3]]) @ vector
        check_said(check, str(vector), "becomes", f"({a}, {b})")
    check_said(check, "keeps 7", "10", f"10 − 7 = {10 - 7}")
    assert f'name="check-2" data-right="{10 - 7}"' in LESSON
    c = np.cov(np.array([(2, 1), (-2, -1), (1, 2), (-1, -2)]).T)
    assert c.tolist() == pytest.approx(np.array([[10, 8], [8, 10]]) / 3)
    check_said(exercises, "10/3", "8/3", "6 · (1, 1)", "⅔ · (1, −1)")
    assert np.linalg.eigvalsh(c).tolist() == pytest.approx([2 / 3, 6])
    check_said(exercises, f"{number(100 * pca_guess.kept(c, 45))}%")


def test_the_numbers_of_the_guide() -> None:
    plan, mistake = text_of(GUIDE, "plan"), text_of(GUIDE, "misconception")
    for degrees in (20, 45):
        check_said(plan, f"{degrees}°", number(5 * pca_shadows.kept(pca_shadows.POINTS, degrees)))
    flat = pca_guess.regression_angle(C)
    check_said(mistake, "45°", number(pca_guess.missed(C, 45)))
    check_said(mistake, f"{number(flat)}°", number(pca_guess.missed(C, flat)))
    check_said(mistake, f"{number(pca_guess.best_angle(C * np.array([[1, 100], [100, 1e4]])))}°")
    check_said(text_of(GUIDE, "questions"), f"by {number(eigen_circle.between(at(0), C @ at(0)))}°")
