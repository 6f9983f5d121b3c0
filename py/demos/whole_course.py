"""Drag a point, then play the whole course with one cloud."""

import math
from functools import lru_cache
from typing import Annotated

import numpy as np

from stage import (
    Caption,
    Figure,
    PointList,
    Points,
    Shape,
    Steps,
    Update,
    apart,
    artists,
    narrow,
    number,
)
from stage.linear_algebra import Numbers, unit

TURN = 25.0  # degrees, of the matrix
SCENES = ("data", "vectors", "matrix", "best line", "descent", "classes", "clusters")
FRAMES = 12  # pictures of each scene
LAST = FRAMES * len(SCENES) - 1
HALF = 10  # the first points are of one class, the others of the other
START: tuple[tuple[float, float], ...] = (
    (-3.1, -1.1), (-2.6, -0.4), (-2.4, -1.7), (-1.9, -0.9), (-1.8, 0.2),
    (-1.5, -1.6), (-1.2, -0.5), (-0.8, -1.2), (-3.1, -1.8), (-0.6, 0.3),
    (0.4, -0.3), (0.8, 0.9), (1.2, 0.2), (1.5, 1.3), (1.9, 0.5),
    (2.2, 1.6), (2.6, 0.9), (2.9, 1.8), (3.3, 1.1), (0.8, 1.8),
)  # fmt: skip
LABELS = np.array([0.0] * HALF + [1.0] * (len(START) - HALF))


def rotated(points: Numbers, degrees: float) -> Numbers:
    """Every point (row) multiplied by the rotation matrix (cos, −sin; sin, cos)."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned: Numbers = points @ np.array([[c, s], [-s, c]])
    return turned


def best_angle(points: Numbers) -> float:
    """The direction of the first principal component, in degrees: ½ atan2(2b, a − d)."""
    (a, b), (_, d) = np.cov(points.T)
    return math.degrees(0.5 * math.atan2(2 * b, a - d))


def kept(points: Numbers, degrees: float) -> float:
    """The share of the variance along a direction; 1 if nothing varies."""
    u = unit(degrees)
    total = float(points.var(axis=0).sum())
    return float((points @ u).var()) / total if total > 0 else 1.0


def descend(points: Numbers, steps: int) -> tuple[float, float, float]:
    """Intercept, slope, and mean squared error after gradient descent on that error from (2, −1).

    The learning rate is 1/λ, where λ is the largest eigenvalue of the Hessian, so it converges.
    """
    design = np.column_stack([np.ones(len(points)), points[:, 0]])
    hessian = 2 * design.T @ design / len(points)
    half, mean = 0.5 * (hessian[0, 0] - hessian[1, 1]), 0.5 * (hessian[0, 0] + hessian[1, 1])
    rate = 1 / (mean + math.hypot(half, hessian[0, 1]))
    w = np.array([2.0, -1.0])
    for _ in range(steps):
        w = w - rate * 2 * design.T @ (design @ w - points[:, 1]) / len(points)
    error = float(((design @ w - points[:, 1]) ** 2).mean())
    return float(w[0]), float(w[1]), error


def classify(points: Numbers, steps: int) -> Numbers:
    """Bias and weights (b, w₁, w₂) of logistic regression after Newton steps, penalty 0.05‖w‖²."""
    design = np.column_stack([np.ones(len(points)), points])
    penalty = 0.1 * np.diag([0.0, 1.0, 1.0])
    w: Numbers = np.array([0.0, 0.0, 0.6])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ w, -30, 30)))
        gradient = design.T @ (p - LABELS) + penalty @ w
        hessian = (design.T * np.maximum(p * (1 - p), 1e-4)) @ design + penalty
        w = np.asarray(w - np.linalg.solve(hessian, gradient), dtype=np.float64)
    w[1:] *= float(abs(w[1:]).max()) > 1e-9
    return w


@lru_cache(maxsize=4)
def cluster(points: tuple[tuple[float, float], ...], steps: int) -> tuple[Numbers, Numbers]:
    """Centers, shape (2, 2), and the cluster of each point, after steps of Lloyd's algorithm.

    The start is fixed. In a tie, a point belongs to the first center; an empty cluster keeps its
    center.
    """
    data = np.array(points)
    centers = np.array([[-0.4, 2.0], [0.4, -2.0]])
    for _ in range(steps):
        nearest = assigned(data, centers)
        for k in (0, 1):
            if np.any(nearest == k):
                centers[k] = data[nearest == k].mean(axis=0)
    return centers, assigned(data, centers)


def assigned(data: Numbers, centers: Numbers) -> Numbers:
    """The nearest center of each point, 0 or 1; in a tie, the first."""
    first, second = (((data - center) ** 2).sum(axis=1) for center in centers)
    return np.where(second < first - 1e-12, 1.0, 0.0)


def demo(fig: Annotated[Figure, Shape(wide=2.3, narrow=1.2)]) -> Update:
    """Set the scene: one cloud, and what each part of the course draws on it."""
    ax = fig.subplots()
    reach = 3.6 if narrow(fig) else 5.2
    ax.set(xlim=(-reach, reach), ylim=(-3.0, 3.0), xticks=[], yticks=[], aspect="equal")
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="rule", linewidth=1)
    ax.axvline(0, color="rule", linewidth=1)
    arrows = artists.line(ax, color="data", alpha=0.55, linewidth=1.4)
    drops = artists.line(ax, color="error", alpha=0.6, linewidth=1.2)
    line = artists.line(ax, color="model", linewidth=2.5)
    first = artists.points(ax, color="data", markersize=6.4, zorder=3)
    second = artists.points(ax, color="model", markersize=6.4, zorder=3)
    centers = artists.points(ax, marker="X", color="ink", markersize=12, zorder=4)
    name = artists.label(
        ax, 0.01, 0.99, "", transform=ax.transAxes, va="top", weight="semibold", size=12
    )

    def update(
        points: Annotated[
            PointList,
            Points((-3.5, 3.5), (-2.4, 2.4), 0.1, label="points", least=20, most=20),
        ] = START,
        scene: Annotated[int, Steps(LAST, label="scene", rate=7)] = 0,
    ) -> str:
        number_of, frame = divmod(scene, FRAMES)
        now, part = SCENES[number_of], (frame + 1) / FRAMES
        data = np.array(points)
        shown = rotated(data, TURN * part) if now == "matrix" else data
        groups = np.zeros(len(data))
        if now == "classes":
            groups = LABELS
        elif now == "clusters":
            middles, groups = cluster(tuple(points), frame)
            centers.set_data(*middles.T)
        first.set_data(*shown[groups == 0].T)
        second.set_data(*shown[groups == 1].T)
        name.set_text(f"{number_of + 1}. {now}")

        grown = {"vectors": part, "matrix": 1.0}.get(now, 0.0)
        arrows.set_data(*artists.joined(np.zeros_like(shown), grown * shown))
        angle = part * best_angle(data) if now == "best line" else 0.0
        b = m = 0.0
        if now == "best line":
            u = unit(angle)
            middle = data.mean(axis=0)
            feet = middle + np.outer((data - middle) @ u, u)
            drops.set_data(*artists.joined(data, feet))
            line.set_data(*(middle + np.outer([-9, 9], u)).T)
        elif now == "descent":
            x, (b, m, error) = data[:, 0], descend(data, 3 * frame)
            drops.set_data(*artists.joined(data, np.column_stack([x, b + m * x])))
            line.set_data([-9, 9], [b - 9 * m, b + 9 * m])
        elif now == "classes":
            w = classify(data, min(frame, 8))
            line.set_data(*_boundary(w))
        for artist, scenes in (
            (arrows, ("vectors", "matrix")),
            (drops, ("best line", "descent")),
            (line, ("best line", "descent", "classes")),
            (centers, ("clusters",)),
        ):
            artist.set_visible(now in scenes)

        if now == "best line":
            share = apart(100 * kept(data, angle), 0, 0, 100)
            told = f"This line keeps {share}% of the variance."
        elif now == "descent":
            steps = 3 * frame
            told = f"After {steps} steps, the mean squared error is {number(error)}."
        elif now == "classes" and not w[1:].any():
            told = "All points are in one place: no boundary separates them."
        elif now == "classes":
            right = int((((data @ w[1:] + w[0]) > 1e-9) == (LABELS > 0)).sum())
            told = f"The boundary puts {right} of {len(data)} points on the correct side."
        elif now == "clusters":
            told = "Points join their nearest center, and centers move to the mean of their points."
        else:
            told = {
                "data": f"{len(data)} samples with two features each: drag one.",
                "vectors": "Every sample is a vector.",
                "matrix": f"One matrix turns every vector by {round(TURN * part)}°.",
            }[now]
        return Caption(
            told,
            detail=(
                f"Scene {number_of + 1} of {len(SCENES)}, {now}, {round(100 * part)}% done. "
                f"The points are at {', '.join(f'({number(x)}, {number(y)})' for x, y in points)}."
            ),
        )

    return update


def _boundary(w: Numbers) -> tuple[list[float], list[float]]:
    """Two distant points on the line w₀ + w₁x + w₂y = 0; empty if w₁ = w₂ = 0."""
    if not w[1:].any():
        return [], []
    length = float(w[1] ** 2 + w[2] ** 2)
    x, y = (-float(w[0]) * w[1:] / length).tolist()
    scale = 9 / math.sqrt(length)
    return [x - scale * w[2], x + scale * w[2]], [y + scale * w[1], y - scale * w[1]]
