"""The mathematics of the small figures against NumPy, SciPy, scikit-learn and plain stepping.

These are the figures beside the paragraphs of lessons 5 and 8, the guesses, and that of the front
page. The numbers in the lessons' texts are computed here with the figures' own functions.
"""

import html
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import optimize
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from support.states import ROOT, demo_of

from demos import (
    descent_bowl,
    descent_guess,
    descent_line,
    digits,
    eigen_circle,
    gradient_descent,
    pca,
    pca_guess,
    pca_shadows,
    whole_course,
)
from stage import Answer, Caption, number, theme

RANDOM = np.random.default_rng(58)
SHOWN = Answer(1.0)
NUMBER = re.compile(r"−?\d+(?:\.\d+)?")


def walked(gradient: Callable[[Any], Any], start: Any, eta: float, steps: int) -> NDArray[Any]:
    """Gradient descent as the lesson writes it, one step after the other."""
    points = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        points.append(points[-1] - eta * gradient(points[-1]))
    return np.array(points)


def at(degrees: float) -> NDArray[Any]:
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def made(name: str) -> tuple[Figure, Callable[..., Caption]]:
    """A figure and its update."""
    theme.use("light")
    figure = Figure(figsize=(7.2, 5))
    update = demo_of(name)(figure)
    return figure, lambda **values: Caption.of(update(**values))


def numbers_in(told: Caption) -> set[str]:
    return set(NUMBER.findall(f"{told} {told.detail}"))


# descent_line


def test_the_closed_form_on_a_line_is_stepping() -> None:
    for eta in np.linspace(0.1, 2.2, 43):
        found = descent_line.descend(2.5, eta, 10)
        np.testing.assert_allclose(found, walked(lambda x: x, 2.5, eta, 10), rtol=1e-9, atol=1e-12)
    slope = optimize.approx_fprime([1.7], lambda x: float(descent_line.f(x)[0]))
    assert slope[0] == pytest.approx(1.7, abs=1e-6)


def test_a_line_says_what_each_step_leaves() -> None:
    _, update = made("descent_line")
    for eta in np.arange(0.1, 2.2, 0.05):
        told = update(eta=float(eta))
        left = abs(walked(lambda x: x, 1.0, eta, 1)[1])
        if abs(eta - 1) > 0.01 and eta < 1.99:
            told_share = 1 - left if eta < 1 else left
            assert float(re.findall(r"([\d.]+)%", told)[0]) == pytest.approx(100 * told_share)
        landing = walked(lambda x: x, 2.5, eta, 1)[1]
        assert told.numbers["landing"] == number(landing)


@pytest.mark.parametrize("eta", [0.996, 0.9999, 1.004, 1.0001, 1.996, 1.9999])
def test_a_line_never_leaves_nothing_or_all_by_rounding(eta: float) -> None:
    (share,) = re.findall(r"([\d.]+)%", descent_line.told(eta))
    assert share not in ("0", "100")
    assert float(share) == pytest.approx(100 * (eta if eta < 1 else eta - 1))


# descent_bowl

KAPPAS = (1.0, 1.5, 2.0, 7.3, 10.0, 25.0)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_no_learning_rate_is_better_than_the_best(kappa: float) -> None:
    def larger(eta: float) -> float:
        """The larger factor of a step, along the valley or across it."""
        return max(abs(1 - eta), abs(1 - eta * kappa))

    bounds, options = (0, 2 / kappa), {"xatol": 1e-10}
    found = optimize.minimize_scalar(larger, bounds=bounds, method="bounded", options=options)
    assert descent_bowl.best_rate(kappa) == pytest.approx(found.x, abs=1e-6)
    assert descent_bowl.shrinkage(kappa) == pytest.approx(found.fun, abs=1e-6)


def test_the_steps_needed_are_those_of_a_simulation() -> None:
    for kappa in np.arange(1, 25.5, 0.5):
        path = walked(
            lambda x, kappa=kappa: x * (1, kappa),
            descent_bowl.START,
            2 / (1 + kappa),
            100,
        )
        left = np.linalg.norm(path, axis=1) / math.hypot(*descent_bowl.START)
        steps = int(np.argmax(left <= 0.01))
        assert descent_bowl.steps_needed(kappa) == steps
        np.testing.assert_allclose(descent_bowl.descend(kappa, steps), path[: steps + 1], atol=1e-9)
        _, update = made("descent_bowl") if kappa in KAPPAS else (None, None)
        if update:
            assert update(kappa=kappa).numbers["steps"] == str(steps)


def test_a_round_bowl_takes_one_step() -> None:
    assert descent_bowl.steps_needed(1) == 1
    np.testing.assert_array_equal(descent_bowl.descend(1, 1)[1], (0, 0))


# descent_guess


@pytest.mark.parametrize(("start", "eta"), descent_guess.SETTINGS)
def test_the_path_of_a_guess_is_stepping(start: Any, eta: float) -> None:
    path = walked(lambda x: x * (1, 10), start, eta, descent_guess.STEPS)
    np.testing.assert_allclose(descent_guess.descend(start, eta), path, atol=1e-12)
    left = np.linalg.norm(path, axis=1)
    assert (np.diff(left) < 0).all()
    assert left[-1] > 0.5  # so that the bottom is a wrong answer


@pytest.mark.parametrize("seed", range(len(descent_guess.SETTINGS)))
def test_a_guess_on_the_map_is_scored(seed: int) -> None:
    start, eta = descent_guess.SETTINGS[seed]
    end = walked(lambda x: x * (1, 10), start, eta, descent_guess.STEPS)[-1]
    _, update = made("descent_guess")

    def told(place: Any, answer: Answer = SHOWN) -> Caption:
        return update(guess=(tuple(place),), seed=seed, answer=answer)

    assert "found" in told(end + np.array([0.1, 0]))
    beside = told(end + np.array([0, 0.8]))
    assert "found" not in beside
    assert "0.8" in numbers_in(beside)
    # steps as long as the first one, which stop at the bottom
    first = end * 0 + start - walked(lambda x: x * (1, 10), start, eta, 1)[1]
    naive = np.array(start) - np.minimum(descent_guess.STEPS, np.array(start) / first) * first
    if math.dist(naive, end) > 0.3:
        assert "shorter" in told(naive)
        assert number(math.dist(naive, end)) in numbers_in(told(naive))
    if math.dist(naive, (0, 0)) > 0.3:
        assert "expected" in told((0, 0))
        assert number(math.hypot(*end)) in numbers_in(told((0, 0)))
    skipped = told((0, 0), Answer(1.0, True))
    assert "expected" not in skipped
    assert number(math.hypot(*end)) in numbers_in(skipped)


@pytest.mark.parametrize("seed", range(len(descent_guess.SETTINGS)))
def test_a_map_shows_nothing_of_the_answer_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("descent_guess")
    (x, y), eta = descent_guess.SETTINGS[seed]
    given = {number(value) for value in (x, y, eta, 0.7, -0.4, descent_guess.STEPS)}
    update(seed=seed, answer=SHOWN)  # what was shown before is hidden again
    told = update(guess=((0.7, -0.4),), seed=seed, answer=Answer())
    assert numbers_in(told) <= given
    assert not told.numbers
    path = descent_guess.descend((x, y), eta)
    for line in figure.axes[0].lines:
        if line.get_visible():
            drawn = np.column_stack([np.asarray(part) for part in line.get_data()])
            for place in path[1:]:
                assert not np.isclose(drawn, place, atol=1e-6).all(axis=1).any()


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


def test_who_predicts_best_is_told_so() -> None:
    """It was called the line of the most variance where that is less than 4° away."""
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
    varying = np.count_nonzero(digits.IMAGES.std(axis=0))  # some pixels are always paper
    for k in range(65):
        kept = update(k=k).numbers["kept"]
        assert (kept == "100%") == (k >= varying)
        assert float(kept.rstrip("%")) == pytest.approx(100 * digits.explained(k), abs=1)


# whole_course

CLOUDS = [np.array(whole_course.START)] + [
    np.array(whole_course.START) + RANDOM.normal(0, 0.5, (20, 2)).round(1) for _ in range(8)
]


@pytest.mark.parametrize("points", CLOUDS)
def test_the_whole_course_is_that_of_other_libraries(points: NDArray[Any]) -> None:
    turned = whole_course.rotated(points, 25)
    c, s = math.cos(math.radians(25)), math.sin(math.radians(25))
    np.testing.assert_allclose(turned.T, np.array([[c, -s], [s, c]]) @ points.T, atol=1e-12)

    found = PCA().fit(points)
    angle = whole_course.best_angle(points)
    assert abs(at(angle) @ found.components_[0]) == pytest.approx(1)
    assert whole_course.kept(points, angle) == pytest.approx(found.explained_variance_ratio_[0])

    design = np.column_stack([np.ones(20), points[:, 0]])
    limit, residuals, *_ = np.linalg.lstsq(design, points[:, 1], rcond=None)
    b, m, error = whole_course.descend(points, 400)
    np.testing.assert_allclose((b, m), limit, atol=1e-6)
    assert error == pytest.approx(residuals[0] / 20)
    errors = [whole_course.descend(points, steps)[2] for steps in range(40)]
    assert (np.diff(errors) <= 1e-12).all()


@pytest.mark.parametrize("points", CLOUDS)
def test_classes_and_clusters_are_those_of_other_libraries(points: NDArray[Any]) -> None:
    design = np.column_stack([np.ones(20), points])

    def cost(w: NDArray[Any]) -> float:
        z = design @ w
        return float((np.logaddexp(0, z) - whole_course.LABELS * z).sum() + 0.05 * (w[1:] @ w[1:]))

    best = optimize.minimize(cost, np.zeros(3), method="BFGS", options={"gtol": 1e-8})
    w = whole_course.classify(points, 8)
    assert cost(w) == pytest.approx(best.fun, abs=1e-3)
    np.testing.assert_allclose(whole_course.classify(points, 40), best.x, rtol=1e-3, atol=1e-3)

    first, _ = whole_course.cluster(tuple(map(tuple, points)), 0)
    found = KMeans(2, init=first.copy(), n_init=1, algorithm="lloyd", tol=0).fit(points)
    centers, groups = whole_course.cluster(tuple(map(tuple, points)), whole_course.FRAMES - 1)
    np.testing.assert_allclose(centers, found.cluster_centers_, atol=1e-9)
    np.testing.assert_array_equal(groups, found.labels_)


def test_the_whole_course_can_be_shown_for_any_points() -> None:
    _, update = made("whole_course")
    last = [whole_course.FRAMES * (i + 1) - 1 for i in range(len(whole_course.SCENES))]
    for points in (((0.5, 0.5),) * 20, ((-3.5, -2.4),) * 20, ((0.0, 0.0),) * 20):
        for scene in (*last, 60, 61):
            update(points=points, scene=scene)
    line = tuple((x / 10, x / 10) for x in range(20))
    share = update(points=(*line[:-1], (1.9, 1.8)), scene=last[3])
    assert "100%" not in share


# The numbers in the texts

LESSON_5, LESSON_8 = (
    (ROOT / "site" / "lessons" / f"{name}.html").read_text()
    for name in ("05-eigenvectors-pca", "08-gradient-descent")
)
GUIDE_5, GUIDE_8 = (
    (ROOT / "site" / "guide" / f"{name}.html").read_text()
    for name in ("05-eigenvectors-pca", "08-gradient-descent")
)


def text_of(page: str, section: str) -> str:
    """The words of a section of a page, without tags."""
    (found,) = re.findall(rf'<section id="{section}">(.*?)</section>', page, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


def check_said(text: str, *words: str) -> None:
    """Fail unless these words and numbers stand in this order, with at most a sentence between."""
    pattern = r".{0,160}?".join(
        rf"(?<![\d.]){re.escape(word)}" + (r"(?![\d]|\.\d)" if word[-1:].isdigit() else "")
        for word in words
    )
    assert re.search(pattern, text), (words, text)


def test_the_numbers_of_lesson_5() -> None:
    formula = text_of(LESSON_5, "formula")
    c = np.cov(pca_shadows.POINTS.T)
    check_said(formula, "variance", number(c[0, 0]), "covariance", number(c[0, 1]))
    along, across = (float(at(degrees) @ c @ at(degrees)) for degrees in (45, 135))
    check_said(formula, "(1, 1)", "eigenvalue", number(along), "(1, -1)", number(across))
    assert np.allclose(c @ (1, 1), along * np.ones(2))
    assert np.allclose(c @ (1, -1), across * np.array([1, -1]))
    check_said(formula, f"({number(c[0, 0])}, {number(c[0, 1])})")

    notice = text_of(LESSON_5, "notice")
    total = np.trace(c)
    for degrees in (0, 45):
        kept = total * pca_shadows.kept(pca_shadows.POINTS, degrees)
        check_said(notice, f"{degrees}°", number(kept), number(total - kept))
        np.testing.assert_allclose(pca.captured(c, degrees), kept)
    turned = eigen_circle.between(at(0), c @ at(0))
    check_said(notice, number(turned), "away")
    flat = pca_guess.regression_angle(c)
    check_said(notice, "regression", number(flat), number(pca_guess.missed(c, flat)))
    check_said(notice, number(pca_guess.missed(c, flat)), number(pca_guess.missed(c, 45)))

    use = text_of(LESSON_5, "use")
    check_said(use, f"{len(digits.IMAGES):,}", "64")
    in_centimeters = c * np.array([[1, 100], [100, 1e4]])
    best = pca_guess.best_angle(in_centimeters)
    check_said(use, f"{in_centimeters[1, 1] / c[1, 1]:,.0f}", "times")
    check_said(use, number(best), f"{number(100 * pca_guess.kept(in_centimeters, best))}%")

    samples = np.array([(2, 1), (-2, -1), (1, 2), (-1, -2)])
    c = np.cov(samples.T)
    exercises = text_of(LESSON_5, "exercises")
    assert c.tolist() == pytest.approx(np.array([[10, 8], [8, 10]]) / 3)
    check_said(exercises, "10/3", "8/3", "6 · (1, 1)", "⅔ · (1, −1)")
    assert np.linalg.eigvalsh(c).tolist() == pytest.approx([2 / 3, 6])
    check_said(exercises, f"{number(100 * pca_guess.kept(c, 45))}%")
    assert np.array_equal(np.array([[2, 1], [2, 3]]) @ (1, 2), (4, 8))
    assert np.array_equal(np.array([[2, 1], [2, 3]]) @ (1, 1), (3, 5))
    check_said(text_of(LESSON_5, "check"), "(4, 8)")
    check_said(text_of(LESSON_5, "check"), "(3, 5)")

    plan = text_of(GUIDE_5, "plan")
    for degrees in (20, 45):
        check_said(plan, f"{degrees}°", number(5 * pca_shadows.kept(pca_shadows.POINTS, degrees)))


def test_the_numbers_of_lesson_8() -> None:
    notice = text_of(LESSON_8, "notice")
    valley = gradient_descent.LANDSCAPES["long valley"]
    check_said(notice, "η = 0.21", number(1 - 10 * 0.21))
    assert gradient_descent.limit(valley, (0, 0)) == pytest.approx(2 / 10)
    check_said(notice, "2/10")
    left = descent_line.descend(1, 0.02, 100)
    check_said(notice, "0.02", f"{100 * (1 - left[1]):.0f}%", "100 steps", f"{100 * left[-1]:.0f}%")

    check = text_of(LESSON_8, "check")
    steps = int(np.argmax(descent_line.descend(1, 0.01, 400) < 0.1))
    check_said(check, "10", "100", str(steps))
    check_said(check, "n =", str(steps))
    check_said(check, "100 steps", f"{100 * descent_line.descend(1, 0.01, 100)[-1]:.0f}%")
    (limit,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON_8)
    assert float(limit) == pytest.approx(2 / 6, abs=5e-4)
    assert walked(lambda x: 6 * x, 1, 0.5, 3).tolist() == [1, -2, 4, -8]
    check_said(check, "1 to −2, to 4, to −8")
    saddle = gradient_descent.descend("saddle", 0.2, (2.5, 0.001))
    check_said(check, "20", number(0.5), "50", "0.0001")
    heights = saddle.losses
    assert heights[20] == pytest.approx(0.5, abs=0.1)
    assert heights[50] < 1e-4

    exercises = text_of(LESSON_8, "exercises")
    path = walked(lambda x: 4 * x - 8, 0, 0.1, 2)
    check_said(exercises, "= " + number(path[1]), number(path[2]))
    away = [number(2 - x) for x in path]
    check_said(exercises, ", ".join(away), number((2 - path[1]) / 2), "0.5")
    rate, q = descent_bowl.best_rate(25), descent_bowl.shrinkage(25)
    check_said(exercises, "2/26", number(rate, 3), "24/26", f"{100 * q:.0f}%")
    check_said(exercises, str(descent_bowl.steps_needed(25)), "steps", "99%")

    grown = walked(lambda x: x * (1, 10), (-2.5, 0.1), 0.21, 30)[-1]
    check_said(text_of(GUIDE_8, "plan"), "0.1 grows to", number(abs(grown[1])))
