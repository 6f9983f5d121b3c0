"""Sliders for the coordinates of points, in the laboratory of lesson 1, stay in sync."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect
from support.pages import TIMEOUT, Visit, drag
from support.servers import Server

from demos import vector_addition
from stage import number

LESSON = "lessons/01-vectors.html"
START = [4.0, 3.0, -1.0, 4.0]


@pytest.fixture(scope="module")
def lesson(browser: Browser, course_server: Server) -> Iterator[Visit]:
    size = {"width": 1280, "height": 900}
    with browser.new_context(viewport=size, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        yield Visit(context.new_page(), course_server, LESSON, "snapshot").ready()


@pytest.fixture
def laboratory(lesson: Visit) -> Iterator[Locator]:
    found = lesson.demo("vector_addition")
    found.locator(".picture").scroll_into_view_if_needed()
    expect(found).to_have_attribute("data-live", "", timeout=TIMEOUT)
    yield found
    found.locator("[data-does=reset]").dispatch_event("click")
    says(found, START)
    assert lesson.problems == []


def says(laboratory: Locator, values: list[float]) -> None:
    """The sliders, the numbers beside them, and the caption."""
    numbers, sliders = (
        laboratory.locator(f"[data-name=points] {kind}")
        for kind in ("input[name]", "input[type=range]")
    )
    for index, value in enumerate(values):
        expect(numbers.nth(index)).to_have_value(number(value).replace("−", "-"))
        expect(sliders.nth(index)).to_have_value(f"{value:g}")
    both = vector_addition.length(vector_addition.combination(values[:2], values[2:]))
    expect(laboratory.locator(".caption")).to_contain_text(f"{number(both)} long")


def test_a_slider_moves_one_coordinate(laboratory: Locator) -> None:
    says(laboratory, START)
    for index, key, value in ((1, "ArrowRight", 3.1), (2, "Home", -5.0), (3, "End", 5.0)):
        laboratory.locator("[data-name=points] input[type=range]").nth(index).press(key)
        expected = [*START]
        expected[index] = value
        says(laboratory, expected)
        laboratory.locator("[data-does=reset]").dispatch_event("click")


def test_sliders_follow_a_tip_that_is_dragged(lesson: Visit, laboratory: Locator) -> None:
    handle = laboratory.locator(".handle").first
    drag(lesson, handle, 40, 60)
    numbers = laboratory.locator("[data-name=points] input[name]")
    expect(numbers.nth(1)).not_to_have_value("3")
    values = [float(numbers.nth(index).input_value()) for index in range(4)]
    assert values[0] > 4
    assert values[1] < 3
    says(laboratory, values)


def test_sliders_follow_a_number_that_is_typed_or_linked(
    lesson: Visit, laboratory: Locator
) -> None:
    laboratory.locator("[data-name=points] input[name]").nth(2).fill("2.5")
    says(laboratory, [4, 3, 2.5, 4])
    link = "#vector_addition?points=1&points=2&points=-3&points=0.5"
    lesson.page.evaluate("(link) => { location.hash = link; }", link)
    says(laboratory, [1, 2, -3, 0.5])
