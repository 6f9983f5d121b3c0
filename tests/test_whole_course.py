"""The figure of the front page against NumPy, SciPy, and scikit-learn."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from support.lessons import made

from demos import whole_course

RANDOM = np.random.default_rng(58)


def at(degrees: float) -> NDArray[Any]:
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


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
