"""Every guess of the course, made with keys alone: Tab, arrows, Enter, Space.

The list of guesses comes from the lessons, so new ones are included. All tests share one ready
page: the first guess is in its lesson, and the others are moved there from theirs.
"""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from support.pages import TIMEOUT, Visit, press_until
from support.servers import Server

from bundle import demos
from bundle.project import ROOT
from bundle.states import DEMOS

# The figures that use `Check`. Their sources say so, which takes no time when tests are collected.
GUESSES = {name for name, source in demos.sources().items() if "Check()" in source}
LESSONS = {
    name: f"lessons/{file.name}"
    for file in sorted((ROOT / "site" / "lessons").glob("*.html"))
    for name in re.findall(r'<ml-demo name="(\w+)"', file.read_text())
    if name in GUESSES
}
ARROWS = ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown")

# Move a figure from another page to this one, and return its position.
BRING = """async ([name, path]) => {
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
  const figure = document.importNode(page.querySelector(`ml-demo[name=${name}]`), true);
  document.querySelector("main").append(figure);
}"""
# The form's values that belong to the guess, the other values, and what the page announces.
HELD = """(demo, guessed) => [...demo.querySelectorAll("form [name]")]
  .filter((field) => field.closest(".control")?.matches("[data-guess]") === guessed)
  .map((field) => field.value).join(" ")"""
TOLD = """(demo) => [".caption", ".detail"].map((part) => demo.querySelector(part).textContent)"""


@pytest.fixture(scope="module")
def page(browser: Browser, course_server: Server) -> Iterator[Visit]:
    """The answer appears at once, because the page prefers reduced motion."""
    path = next(iter(LESSONS.values()))
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    ) as context:
        yield Visit(context.new_page(), course_server, path, "snapshot").ready()


@pytest.fixture
def guess(page: Visit, request: pytest.FixtureRequest) -> Locator:
    """The figure, ready and visible."""
    name = request.param
    if not page.page.locator(f"ml-demo[name={name}]").count():
        page.page.evaluate(BRING, [name, f"{page.server.url}{LESSONS[name]}"])
    found = page.demo(name)
    found.locator(".picture").scroll_into_view_if_needed()
    expect(found).to_have_attribute("data-live", "", timeout=TIMEOUT)
    expect(found).to_have_attribute("data-state", "ready")
    return found


def told(guess: Locator) -> list[str]:
    words: list[str] = guess.evaluate(TOLD)
    return words


def changed(guess: Locator, before: Any) -> list[str]:
    """The announcement, once it has changed."""
    expect(guess.locator(".detail")).not_to_have_text(before[1])
    return told(guess)


def test_each_lesson_has_one_guess_at_most() -> None:
    assert len(set(LESSONS.values())) == len(LESSONS)
    assert {name for name in DEMOS if name.endswith("_guess")} <= set(LESSONS)


@pytest.mark.parametrize("guess", LESSONS, indirect=True)
def test_a_guess_is_made_by_keys_alone(page: Visit, guess: Locator) -> None:
    name = guess.get_attribute("name")
    here, keys = f"ml-demo[name={name}]", page.page.keyboard
    first = told(guess)
    guess.evaluate("(demo) => { demo.tabIndex = -1; demo.focus(); }")

    # Tab leads to the handle, or to the control if there is no handle; arrows move it
    grip = ".handle" if guess.locator(".handle").count() else "[data-guess] :is(input, select)"
    press_until(page.page, f"{here} {grip}")
    held = guess.evaluate(HELD, True)
    for key, _ in zip(cycle(ARROWS), range(8), strict=False):
        keys.press(key)
        if guess.evaluate(HELD, True) != held:
            break
    guessed = changed(guess, first)
    assert guess.evaluate(HELD, True) != held
    if grip == ".handle":
        keys.press("Enter")  # to its number field, for typing
        assert page.page.evaluate("document.activeElement.closest('[data-guess]') !== null")

    # Check
    press_until(page.page, f"{here} [data-does=check]")
    keys.press("Enter")
    answered = changed(guess, guessed)
    assert answered[0] != guessed[0]
    expect(guess.locator(".check input[type=hidden]")).to_have_value("1")
    expect(guess.locator(".handle")).to_have_count(0)
    assert "answer" not in page.page.url

    # Try again: new data, if there are any, and no answer
    expect(guess.locator("[data-does=again]")).to_be_focused()
    keys.press("Space")
    again = changed(guess, answered)
    assert again[0] != answered[0]
    assert guess.evaluate(HELD, True) == held
    expect(guess.locator(".check input[type=hidden]")).to_have_value("0")
    expect(guess.locator("[data-does=check]")).to_be_focused()
    assert page.problems == []


@pytest.mark.parametrize("guess", ["pca_guess"], indirect=True)
def test_another_task_hides_the_answer_again(page: Visit, guess: Locator) -> None:
    """After checking one task, the reader still has to guess the other one."""
    first = told(guess)
    guess.locator("[data-does=check]").press("Enter")
    changed(guess, first)
    expect(guess.locator(".caption")).to_contain_text("%")
    task = guess.locator("[name=task]:checked, select[name=task]").first
    task.focus()
    page.page.keyboard.press("ArrowDown")
    expect(guess.locator(".caption")).to_contain_text("predicts y")
    expect(guess.locator(".caption")).not_to_contain_text(re.compile(r"\d"))
    expect(guess.locator(".check input[type=hidden]")).to_have_value("0")
    expect(guess.locator("[data-does=check]")).to_be_visible()
    expect(guess.locator(".handle")).to_have_count(1)
    guess.locator("[data-does=reset]").dispatch_event("click")
