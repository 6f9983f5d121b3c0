"""Put the bell where the points are most likely, then check."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Answer, Caption, Check, Drag, Figure, Seed, Shape, Slider, Update, artists, number
from stage.linear_algebra import Numbers

TASKS = (
    (-1.2, -0.4, 0.3, 0.9, 1.5, 2.1, 2.9, 4.3),
    (-2.6, -2.3, -2.0, -1.8, -1.5, -1.1, 3.8),  # one value far from the others
    (-3.2, -2.8, -2.5, 1.9, 2.2, 2.4, 2.7),  # two groups
    (0.4, 1.1, 1.6, 2.0, 2.3, 3.0, 3.6),
    (-5.1, -3.9, -3.0, -1.7, -0.8, 0.1, 2.0),
)
NEAR = 0.5  # below the best log-likelihood: the data are e^0.5 = 1.6 times as likely under the best
EDGE = 6.4
X = np.linspace(-EDGE, EDGE, 193)


def log_density(x: ArrayLike, mu: float, sigma: float) -> Numbers:
    """The natural log of the normal density: −½((x − μ)/σ)² − ln(σ√(2π))."""
    z = (np.asarray(x, dtype=float) - mu) / sigma
    return -0.5 * z * z - math.log(sigma * math.sqrt(2 * math.pi))


def log_likelihood(seed: int, mu: float, sigma: float) -> float:
    """The sum of the log-densities of a task's points."""
    return float(log_density(TASKS[seed], mu, sigma).sum())


def best(seed: int) -> tuple[float, float]:
    """The maximum likelihood estimates: mean, and standard deviation with denominator n."""
    data = np.array(TASKS[seed])
    return float(data.mean()), float(data.std())


def peak(sigma: float) -> float:
    """The height of the bell at its mean, 1/(σ√(2π))."""
    return 1 / (sigma * math.sqrt(2 * math.pi))


def shoulder(sigma: float, mu: float) -> tuple[float, float]:
    """The point of the bell one σ from the mean, on the side with more space."""
    return (mu - sigma if mu > 0 else mu + sigma), peak(sigma) * math.exp(-0.5)


def demo(fig: Annotated[Figure, Shape(wide=2.2, narrow=1.3)]) -> Update:
    """Set the scene: points on an axis, and the reader's bell; the best one waits."""
    ax = fig.subplots()
    ax.set(xlim=(-EDGE, EDGE), ylim=(-0.03, 0.6), yticks=[], xticks=range(-6, 7, 2))
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.axhline(0, color="muted", linewidth=0.8, zorder=0.6)
    style = {"weight": "semibold", "va": "center", "zorder": 0.8}
    ax.text(-EDGE + 0.1, 0.565, "your bell", color="model", **style)  # type: ignore[arg-type]
    answer_name = artists.label(ax, EDGE - 0.1, 0.565, "best bell", color="truth", ha="right")
    answer_name.set(weight="semibold", va="center")
    right = artists.line(ax, color="truth")
    bell = artists.line(ax, color="model")
    gap = artists.line(ax, color="error", linewidth=2)
    artists_of_points = artists.points(ax, color="data", markersize=9, zorder=3)
    top = artists.points(ax, color="model", markersize=9)
    side = artists.points(ax, color="model", markersize=9, mfc="none", mew=2)

    def update(
        mu: Annotated[
            float,
            Slider(
                -4,
                4,
                0.1,
                label="mean μ",
                guess=True,
                drag=Drag(at=lambda mu, sigma: (mu, peak(sigma)), to=lambda x, _y: x),
            ),
        ] = 0.0,
        sigma: Annotated[
            float,
            Slider(
                0.7,
                4,
                0.1,
                label="standard deviation σ",
                guess=True,
                drag=Drag(at=shoulder, to=lambda x, _y, mu: abs(x - mu)),
            ),
        ] = 1.0,
        seed: Annotated[int, Seed(label="task", last=len(TASKS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008
    ) -> str:
        data = TASKS[seed]
        artists_of_points.set_data(data, np.zeros(len(data)))
        bell.set_data(X, np.exp(log_density(X, mu, sigma)))
        top.set_data([mu], [peak(sigma)])
        side.set_data(*np.transpose([shoulder(sigma, mu)]))
        for artist in (right, answer_name):
            artist.set_visible(bool(answer))
        gap.set_visible(answer.part == 1 and not answer.skipped)
        points = f"{len(data)} points at {', '.join(number(x) for x in data)}"
        yours = f"a bell with μ = {number(mu)} and σ = {number(sigma)}"
        if not answer:
            return Caption(
                "Under which bell are these points most likely?", detail=f"{points}, under {yours}."
            )
        center, spread = best(seed)
        # the guessed bell morphs into the best one
        part = answer.part
        now = mu + part * (center - mu), sigma * (spread / sigma) ** part
        right.set_data(X, np.exp(log_density(X, *now)))
        gap.set_data([mu, center], [peak(sigma), peak(spread)])
        return Caption(
            told(seed, mu, sigma, answer),
            detail=(
                f"{points}, under {yours}. The best bell has μ = {number(center)} and "
                f"σ = {number(spread)}; {round(100 * part)}% of the way to it is drawn."
            ),
        )

    return update


def told(seed: int, mu: float, sigma: float, answer: Answer) -> str:
    """Both log-likelihoods, and the name of a common mistake."""
    center, spread = best(seed)
    if answer.skipped:
        return f"The best bell has μ = {number(center)} and σ = {number(spread)}."
    yours, most = log_likelihood(seed, mu, sigma), log_likelihood(seed, center, spread)
    score = f"your log-likelihood is {number(yours)}, and the best is {number(most)}"
    if most - yours < NEAR:
        return f"You found it: {score}."
    middle = float(np.median(TASKS[seed]))
    if abs(mu - middle) < 0.3 < abs(mu - center) and abs(middle - center) > 0.6:
        return f"You used the median, not the mean: {score}."
    if sigma < 0.75 * spread:
        return f"Too narrow, so the outer points cost too much: {score}."
    if sigma > 1.4 * spread:
        return f"Too wide, so every density is low: {score}."
    return f"Off-center: {score}."
