"""Lesson 15: its small figures and its guess against NumPy, and the numbers in its text."""

import html
import re
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # type: ignore[import-untyped]
from sklearn.linear_model import LinearRegression  # type: ignore[import-untyped]
from support.captions import everything
from support.lessons import check_said, made, numbers_in, page, text_of

from demos import (
    linear_regression,
    regression_bowl,
    regression_guess,
    regression_projection,
    regression_squares,
)
from demos.linear_regression import LOSSES, Line, residuals
from stage import Answer, controls, number

LESSON, GUIDE = page("lessons", 15), page("guide", 15)
SHOWN = Answer(1.0)
Numbers = NDArray[np.float64]


def fitted(x: Any, y: Any) -> Line:
    """The least-squares line, by NumPy."""
    slope, height = np.polyfit(x, y, 1)
    return Line(float(height), float(slope))


def sum_of_squares(line: Any, x: Any, y: Any) -> float:
    return float(np.sum((np.asarray(y) - line[0] - line[1] * np.asarray(x)) ** 2))


def tex(value: float) -> str:
    """A whole number in a formula: `1{,}202`."""
    return f"{value:,.0f}".replace(",", "{,}")


# The states that the texts link to

STUDENTS = [f"data={x:g}&data={y:g}" for x, y in linear_regression.STUDENTS]
X, Y = np.array(linear_regression.STUDENTS).T
CROWD = 4  # the student with 2.5 hours; the last one has 10


def with_score(at: int, score: float) -> Numbers:
    scores = Y.copy()
    scores[at] = score
    return scores


def far(score: int) -> str:
    return "&".join([*STUDENTS[:9], f"data=10&data={score}", "show=best line"])


FAR = far(20)
MIDDLE = "&".join([*STUDENTS[:CROWD], "data=2.5&data=0", *STUDENTS[CROWD + 1 :], "show=best line"])
NINE = "&".join([*STUDENTS[:9], "show=best line"])
MAP = "panel=map of all lines"
LINKS: dict[str, tuple[str, ...]] = {
    FAR: ("61.28 − 3.23x", "longest residual is 16.62, at 4 hours", "leverage, 0.88"),
    "show=best line&panel=leverage": ("40.75 + 5.37x", "at 10 hours", "0.88", "strip"),
    MIDDLE: ("33.66 + 6.01x", "longest residual is −48.69, at 2.5 hours"),
    f"b0=51&b1=5.4&{MAP}": ("your line is 1,220", "map"),
    f"b0=51&b1=3.4&{MAP}": ("your line is 522.2", "map"),
    "show=best line": ("R² is 0.92", "40.75 + 5.37x"),
    NINE: ("R² is 0.63", "39.72 + 5.8x"),
    f"{MIDDLE}&loss=absolute": ("41.69 + 5.23x",),
    f"{FAR}&loss=absolute": ("65.71 − 4.57x",),
}
OF_GUIDE = {
    far(70): ("2.58x",),
    far(45): ("− 0.32x",),
    f"data=4&data=57&{MAP}": ("It stands at 4 hours",),
    f"data=3&data=50&data=3&data=60&{MAP}": ("All stand at 3 hours",),
}


def linked(source: str) -> set[str]:
    found = re.findall(r'href="[^"#]*#linear_regression\?([^"]+)"', source)
    return {html.unescape(link).replace("%20", " ") for link in found}


@pytest.fixture(scope="module")
def update() -> Any:
    return linear_regression.demo(Figure(figsize=(7.2, 4.5)))


def test_the_states_that_the_texts_link_to(update: Any) -> None:
    known = controls.parameters(update)
    assert linked(LESSON) == set(LINKS)
    assert linked(GUIDE) <= {*LINKS, *OF_GUIDE}
    for link, said_there in {**LINKS, **OF_GUIDE}.items():
        told = everything(update(**controls.read(known, parse_qs(link))))
        for words in said_there:
            assert words in told, (link, told)


# The numbers in the texts


def test_what_the_formulas_say() -> None:
    formula = text_of(LESSON, "formula")
    x, y = regression_squares.X, regression_squares.Y
    best = fitted(x, y)
    assert best == pytest.approx(regression_bowl.BEST)
    columns = np.column_stack([np.ones(5), x])
    (n, sx), (_, sxx) = (columns.T @ columns).tolist()
    sy, sxy = (columns.T @ y).tolist()
    left = rf"{n:g} & {sx:g} \\ {sx:g} & {sxx:g}"
    right = rf"\begin{{pmatrix}} {sy:g} \\ {tex(sxy)} \end{{pmatrix}}"
    assert left in LESSON
    assert right in LESSON
    check_said(formula, "The solution is", f"{best.b0:g} + {best.b1:g}x")
    least = sum_of_squares(best, x, y)
    check_said(formula, "loss of", f"{least:g}")
    check_said(formula, rf"bar x = {x.mean():g}", rf"bar y = {y.mean():g}")
    off = x - x.mean()
    products, squares = float(off @ (y - y.mean())), float(off @ off)
    assert rf"\frac{{{products:g}}}{{{squares:g}}} = {best.b1:g}" in LESSON
    assert rf"{y.mean():g} - {best.b1:g} \cdot {x.mean():g} = {best.b0:g}" in LESSON
    r = y - best.b0 - best.b1 * x
    listed = [number(value) for value in np.round(r, 9)]
    check_said(formula, f"{', '.join(listed[:4])}, and {listed[4]}")
    np.testing.assert_allclose(columns.T @ r, 0, atol=1e-9)
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = LinearRegression().fit(x[:, None], y).score(x[:, None], y)
    assert rf"\frac{{\error{{{least:g}}}}}{{{tex(spread)}}} = {r2:.2f}" in LESSON
    own, scores = regression_projection.X, regression_projection.Y
    check_said(formula, f"x = ({own[0]:g}, {own[1]:g})", f"y = ({scores[0]:g}, {scores[1]:g})")
    assert rf"{own @ scores:g} - {own @ own:g} \cdot" in LESSON


def test_what_the_notes_say() -> None:
    notice, mistake = text_of(LESSON, "notice"), text_of(GUIDE, "misconception")
    before, after = fitted(X, Y), fitted(X, with_score(9, 20))
    slopes = number(before.b1), number(after.b1)
    r = residuals(after, X, with_score(9, 20))
    for text in (notice, mistake):
        check_said(text, *slopes, number(r[9]))
    assert np.count_nonzero(abs(r) > abs(r[9])) == 4
    check_said(notice, number(abs(r).max()), f"at {X[np.argmax(abs(r))]:g} hours")
    spread = float(((X - X.mean()) ** 2).sum())
    hat = 0.1 + (10 - X.mean()) ** 2 / spread
    check_said(notice, f"0.1 + {(10 - X.mean()) ** 2:.2f}/{spread:g} = {hat:.2f}")
    in_crowd = 0.1 + (2.5 - X.mean()) ** 2 / spread
    middle = fitted(X, with_score(CROWD, 0))
    missed = residuals(middle, X, with_score(CROWD, 0))[CROWD]
    check_said(notice, f"{in_crowd:.2f}", number(middle.b1), number(missed))
    check_said(mistake, f"leverage is {hat:.2f}")
    raised, turned = (sum_of_squares(line, X, Y) for line in ((51, 5.4), (51, 3.4)))
    check_said(notice, f"{raised:,.0f}", f"{turned:.0f}")
    scores = [
        LinearRegression().fit(x[:, None], y).score(x[:, None], y)
        for x, y in ((X, Y), (X[:9], Y[:9]))
    ]
    check_said(notice, f"{scores[0]:.2f}", number(fitted(X[:9], Y[:9]).b1), f"{scores[1]:.2f}")
    check_said(notice, f"up to {linear_regression.DELTA:g}", "linear")
    huber = [
        number(LOSSES["Huber"].best(X, with_score(at, score)).b1)
        for at, score in ((CROWD, 0), (9, 20))
    ]
    check_said(notice, *huber)
    absolute = LOSSES["absolute"].best
    assert absolute(X, with_score(CROWD, 0)) == pytest.approx(absolute(X, Y))
    through = absolute(X, with_score(9, 20))
    assert residuals(through, X, with_score(9, 20))[9] == pytest.approx(0, abs=1e-9)


def test_what_the_guide_says() -> None:
    slopes = [number(fitted(X, with_score(9, score)).b1) for score in (94, 70, 45, 20)]
    plan = text_of(GUIDE, "plan")
    check_said(plan, *slopes)
    r = residuals(fitted(X, with_score(9, 20)), X, with_score(9, 20))
    check_said(plan, f"{X[np.argmax(abs(r))]:g} hours", number(abs(r).max()))
    check_said(plan, "2.5 hours", number(fitted(X, with_score(CROWD, 0)).b1))
    x, y = regression_guess.data(0)
    axis = regression_guess.long_axis(x, y)
    line = regression_guess.Line(float(y.mean() - axis * x.mean()), axis)
    best = number(regression_guess.best(0).b1)
    costs = f"{regression_guess.ratio(0, line):.2f}"
    check_said(text_of(GUIDE, "misconception"), f"slope {axis:.0f}", best, f"{costs} times")
    check_said(text_of(GUIDE, "questions"), number(fitted(X, Y).b1))


def test_questions_and_exercises_compute_right() -> None:
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    assert fitted([1, 2, 3], [2, 2, 5]) == pytest.approx((0, float(right)))
    five = np.array([1.0, 2, 3, 4, 5])
    pulls = linear_regression.leverage(five, five)
    check = text_of(LESSON, "check")
    check_said(check, *(f"{pull:g}" for pull in pulls[:3]))
    check_said(check, f"leverages add up to {pulls.sum():g}")
    check_said(check, f"5/60 = {5 / 60:.3f}")
    exercises = text_of(LESSON, "exercises")
    x, y = np.array([0.0, 1, 2, 3]), np.array([1.0, 3, 4, 4])
    sums = x.sum(), (x**2).sum(), y.sum(), (x * y).sum()
    check_said(exercises, "n = 4", *(f"= {value:g}" for value in sums))
    best = fitted(x, y)
    check_said(exercises, f"β₁ = {best.b1:g}", f"β₀ = {best.b0:g}")
    r = np.round(y - best.b0 - best.b1 * x, 9)
    check_said(exercises, ", ".join(number(value) for value in r))
    assert (r.sum(), r @ x) == (0, 0)
    least, spread = float(r @ r), float(((y - y.mean()) ** 2).sum())
    check_said(exercises, f"loss is {least:g}", f"= {spread:g}", f"{1 - least / spread:.2f}")
    other = fitted(y, x).b1
    assert other == pytest.approx(5 / 6)
    check_said(exercises, f"= {best.b1:g}", "= 5/6")
    check_said(exercises, "product of the slopes, here 5/6")
    assert best.b1 * other == pytest.approx(1 - least / spread)


# The small figures and the guess


@pytest.mark.parametrize(("left", "right"), [(40, 40), (0, 100), (100, 0), (36, 84), (71, 13)])
def test_the_squares_are_those_of_the_residuals(left: float, right: float) -> None:
    line = left, (right - left) / regression_squares.WIDE
    shapes = regression_squares.squares(*line)
    expected = regression_squares.Y - line[0] - line[1] * regression_squares.X
    sides = np.ptp(shapes, axis=1)
    np.testing.assert_allclose(sides[:, 0], regression_squares.HOURS * abs(expected), atol=1e-12)
    np.testing.assert_allclose(sides[:, 1], abs(expected), atol=1e-12)
    for corners in shapes:  # no square crosses the line: at most one corner is on it
        above = corners[:, 1] - line[0] - line[1] * corners[:, 0]
        assert (above > -1e-9).all() or (above < 1e-9).all()
    _, update = made("regression_squares")
    told = update(left=left, right=right)
    assert f"{np.floor(np.sum(expected**2) + 0.5):,.0f}" in told


def test_a_ring_of_the_map_is_a_level_curve() -> None:
    least = regression_bowl.loss(*regression_bowl.BEST)
    for size in regression_bowl.RINGS:
        found = [regression_bowl.loss(*line) for line in regression_bowl.ring(size)]
        np.testing.assert_allclose(found, least + size**2)
    np.testing.assert_array_equal(regression_bowl.X, regression_squares.X)
    np.testing.assert_array_equal(regression_bowl.Y, regression_squares.Y)


def test_the_shortest_residual_is_perpendicular() -> None:
    betas = np.round(np.arange(0, 3.05, 0.1), 10)
    best = betas[np.argmin([regression_projection.length(beta) for beta in betas])]
    assert regression_projection.product(best) == pytest.approx(0, abs=1e-12)
    _, update = made("regression_projection")
    assert "perpendicular" in update(beta=best)
    assert "perpendicular" not in update(beta=best - 0.1)
    assert "−" in update(beta=best + 0.1)  # x·r changes sign
    assert "−" not in update(beta=best - 0.1)


@pytest.mark.parametrize("task", range(len(regression_guess.TASKS)))
def test_a_guess_is_scored(task: int) -> None:
    x, y = regression_guess.data(task)
    best = regression_guess.best(task)
    assert best == pytest.approx(fitted(x, y), abs=1e-9)
    _, update = made("regression_guess")

    def told(left: float, right: float, answer: Answer = SHOWN) -> str:
        return str(update(left=left, right=right, seed=task, answer=answer))

    end = regression_guess.END
    assert "found" in told(best.b0 - end * best.b1, best.b0 + end * best.b1)
    times = sum_of_squares((4, 0), x, y) / sum_of_squares(best, x, y)
    high = told(4, 4)
    assert "high" in high
    assert number(times, 2 if times < 10 else 0) in high
    assert "low" in told(-4, -4)
    skipped = told(4, 4, Answer(1.0, True))
    assert number(best.b1) in skipped
    assert number(best.b1) not in numbers_in(update(left=4, right=4, seed=task))


def test_a_known_mistake_is_named() -> None:
    _, update = made("regression_guess")
    end = regression_guess.END
    for task in (0, 2):
        x, y = regression_guess.data(task)
        axis = regression_guess.long_axis(x, y)
        first = PCA(1).fit(np.column_stack([x, y])).components_[0]
        assert axis == pytest.approx(first[1] / first[0])
        middle = float(y.mean()) - axis * float(x.mean())
        ends = {"left": middle - end * axis, "right": middle + end * axis}
        assert "long axis" in update(**ends, seed=task, answer=SHOWN)
    alone = fitted(*(v[:-1] for v in regression_guess.data(1)))
    ends = {"left": alone.b0 - end * alone.b1, "right": alone.b0 + end * alone.b1}
    assert "single point" in update(**ends, seed=1, answer=SHOWN)


def test_the_gap_lies_between_the_lines() -> None:
    for one, other in (((0, 1), (1, -0.5)), ((2, 0.1), (0, 0.1)), ((3, 0.2), (0, 0.1))):
        lines = regression_guess.Line(*one), regression_guess.Line(*other)
        corners = regression_guess.between(*lines)
        areas = [
            abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2 for x, y in corners.transpose(0, 2, 1)
        ]
        x = np.linspace(-regression_guess.END, regression_guess.END, 20001)
        away = abs(one[0] - other[0] + (one[1] - other[1]) * x)
        assert sum(areas) == pytest.approx(np.trapezoid(away, x), rel=1e-6)
