"""Lesson 4: its small figures and its guess against NumPy, and the numbers in its text."""

import math
import re
from typing import Any

import numpy as np
import pytest
from support.lessons import NUMBER, made, page, text_of

from demos import dot_cosine, dot_documents, dot_guess, dot_product, dot_shadow
from stage import Answer, number

RANDOM = np.random.default_rng(44)
SHOWN = Answer(1.0)
LESSON, GUIDE = page("lessons", 4), page("guide", 4)


def places(count: int, reach: int = 25) -> list[tuple[float, float]]:
    """Random points in steps of 0.1."""
    return [(float(x), float(y)) for x, y in RANDOM.integers(-reach, reach + 1, (count, 2)) / 10]


# dot_shadow


def test_the_shadow_is_the_projection() -> None:
    _, update = made("dot_shadow")
    w = np.array(dot_shadow.W)
    for x in [*places(200), (0.0, 0.0), (-1.0, 2.0), (1.0, -2.0)]:
        score = float(w @ x)
        assert dot_shadow.dot(x) == pytest.approx(score)
        foot = np.array(dot_shadow.foot(x))
        assert np.linalg.det([w, foot]) == pytest.approx(0, abs=1e-9)  # on the line of w
        assert w @ (np.array(x) - foot) == pytest.approx(0, abs=1e-9)  # at a right angle
        assert abs(dot_shadow.shadow(x)) == pytest.approx(np.linalg.norm(foot))
        told = update(x=(x,))
        assert number(score) in NUMBER.findall(told)
        if abs(score) < 1e-9:
            assert "no shadow" in told
        else:
            assert ("opposite" in told) == (score < 0)
            assert number(float(np.linalg.norm(foot))) in NUMBER.findall(told)


# dot_cosine


def test_the_dot_product_of_turned_arrows() -> None:
    figure, update = made("dot_cosine")
    for degrees in range(361):
        angle = math.radians(degrees)
        expected = np.dot((2, 0), (1.5 * math.cos(angle), 1.5 * math.sin(angle)))
        assert dot_cosine.dot(degrees) == pytest.approx(expected)
        told = update(theta=float(degrees))
        said = float(told.numbers["dot"].replace("−", "-"))
        assert said == pytest.approx(expected, abs=0.005)
        assert (abs(said) == 3) == (degrees % 180 == 0)
        assert (said == 0) == ("orthogonal" in told) == (degrees % 180 == 90)
        curve = figure.axes[1].lines[1]
        assert curve.get_xdata()[-1] == degrees  # at most as far as b was turned
        assert curve.get_ydata()[-1] == pytest.approx(expected)


# dot_documents


def test_the_scores_of_documents_are_those_of_numpy() -> None:
    _, update = made("dot_documents")
    for x, y in places(150, 40):
        q = (max(abs(x), 0.1), abs(y))
        for rule in dot_documents.RULES:
            expected = {
                name: float(np.dot(q, d)) / (np.linalg.norm(q) * np.linalg.norm(d))
                if rule == "cosine"
                else float(np.dot(q, d))
                for name, d in dot_documents.DOCUMENTS.items()
            }
            assert dot_documents.scores(q, rule) == pytest.approx(expected)
            told = update(q=(q,), rule=rule)
            best = max(expected.values())
            first = {name for name, score in expected.items() if score > best - 1e-9}
            assert set(told.numbers["first"].split(" and ")) == first
            assert ("share" in told) == (len(first) > 1)
            if rule == "dot product":
                assert first == {"H"}  # the lesson says so about every query


def test_a_cosine_of_1_is_said_only_of_one_direction() -> None:
    _, update = made("dot_documents")
    assert update(q=((1.5, 1.5),), rule="cosine").numbers["best"] == "1"
    assert update(q=((2.0, 0.5),), rule="cosine").numbers["best"] == "0.999"


# dot_guess

SEEDS = range(len(dot_guess.TASKS))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_guess_of_a_place_is_scored(seed: int) -> None:
    _, update = made("dot_guess")
    w = dot_guess.TASKS[seed]
    on_line = [
        (x / 10, y / 10)
        for x in range(-40, 41)
        for y in range(-40, 41)
        if abs(w[0] * x + w[1] * y - 30) < 1e-9
    ]
    assert len(on_line) > 5
    for x in on_line:
        assert "found" in update(x=(x,), seed=seed, answer=SHOWN)
    for x in places(60, 40):
        told = update(x=(x,), seed=seed, answer=SHOWN)
        assert ("found" in told) == (x in on_line)
        assert number(float(np.dot(w, x))) in NUMBER.findall(told)
    for end in dot_guess.line_at(w, 5):
        assert np.dot(w, end) == pytest.approx(3)
    skipped = update(seed=seed, answer=Answer(1.0, True))
    assert "our" not in skipped


def test_known_mistakes_are_named() -> None:
    _, update = made("dot_guess")
    assert "shadow" in update(x=((2.7, 1.3),), seed=0, answer=SHOWN)
    assert "3 long" in update(x=((0.0, 3.0),), seed=1, answer=SHOWN)
    assert "wrong side" in update(x=((-1.5, 0.0),), seed=0, answer=SHOWN)
    assert "close" in update(x=((1.4, 0.1),), seed=0, answer=SHOWN)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_place_shows_nothing_of_the_answer_before_it_is_asked_for(seed: int) -> None:
    figure, update = made("dot_guess")
    update(seed=seed, answer=SHOWN)
    told = update(x=((0.7, 0.4),), seed=seed, answer=Answer())
    w = {number(value) for value in dot_guess.TASKS[seed]}
    assert set(NUMBER.findall(f"{told} {told.detail}")) <= {"0.7", "0.4", "3"} | w
    assert not told.numbers
    level, gap = figure.axes[0].lines[2:]
    assert not level.get_visible()
    assert not gap.get_visible()
    assert not [t for t in figure.axes[0].texts if "3" in t.get_text() and t.get_visible()]


# The text


def test_the_numbers_of_the_text() -> None:
    idea = text_of(LESSON, "idea")
    assert f"2 · 3 + 4 · 1 = {np.dot((2, 4), (3, 1))}" in idea
    formula = text_of(LESSON, "formula")
    assert f"= {number(dot_cosine.A * dot_cosine.B)} \\cos\\theta" in formula
    w, x = dot_shadow.W, (1.0, 2.0)
    cosine = dot_product.cosine(w, x)
    angle = dot_product.angle(w, x)
    assert cosine is not None
    assert angle is not None
    assert f"{{{number(dot_shadow.dot(x))}}}{{\\sqrt{{5}} \\cdot \\sqrt{{5}}}}" in formula
    assert dot_product.length(w) == dot_product.length(x) == pytest.approx(math.sqrt(5))
    assert f"= {number(cosine)}, \\qquad \\theta \\approx {number(angle)}" in formula


@pytest.mark.parametrize(("page", "section"), [(LESSON, "notice"), (GUIDE, "plan")])
def test_the_places_that_links_lead_to(page: str, section: str) -> None:
    """Each linked `(2, 4)` is the point to which the link moves x."""
    (found,) = re.findall(rf'<section id="{section}">(.*?)</section>', page, re.DOTALL)
    links = re.findall(r"dot_product\?x=([-\d.]+)&amp;x=([-\d.]+)\">[^(<]*\(([^)]*)\)</a>", found)
    assert len(links) >= 2
    for x, y, said in links:
        assert said.replace("−", "-") == f"{x}, {y}"


def test_what_the_notes_say() -> None:
    notice, w = text_of(LESSON, "notice"), (2.0, 1.0)
    for x in ((0, 3), (2, -1), (3, -3)):
        assert f"({number(x[0])}, {number(x[1])})" in notice
        assert dot_product.dot(w, x) == 3
    for x, said, place in (((2.0, 4.0), "w·x = 8", 1), ((0.5, 1.0), "w·x = 2", 3)):
        documents: list[Any] = [*dot_product.DOCUMENTS, x]
        assert dot_product.standing([dot_product.dot(w, d) for d in documents], 4) == place
        assert dot_product.standing([dot_product.cosine(w, d) for d in documents], 4) == 2
        assert said == f"w·x = {number(dot_product.dot(w, x))}"
        assert said in notice
        assert dot_product.cosine(w, x) == pytest.approx(0.8)


def test_questions_and_exercises_compute_right() -> None:
    a, b = (3, -2), (4, 5)
    angle = math.degrees(math.acos(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)))
    (right,) = re.findall(r'name="check-1" data-right="([\d.]+)"', LESSON)
    assert float(right) == pytest.approx(angle, abs=0.5)
    check = text_of(LESSON, "check")
    assert f"{angle:.1f}°" in check
    assert f"about {math.cos(math.radians(angle)):.3f}" in check
    wrong = math.degrees(math.acos(22 / np.linalg.norm(a) / np.linalg.norm(b)))
    assert f"about {wrong:.0f}°" in check
    assert f"for (2, 1), it is {np.dot((2, 1), (2, 1))}" in check
    w, x = np.array((3, 4)), np.array((2, 1))
    exercises = text_of(LESSON, "exercises")
    shadow = w @ x / np.linalg.norm(w)
    p = shadow * w / np.linalg.norm(w)
    assert f"= {w @ x}, and w is {np.linalg.norm(w):g} long" in exercises
    assert f"= {shadow:g} long" in exercises
    assert f"({p[0]:g}, {p[1]:g})" in exercises
    assert f"({x[0] - p[0]:.1f}, {x[1] - p[1]:.1f})".replace("-", "−") in exercises
