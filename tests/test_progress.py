"""Questions, and what a learner has done: said at once, kept, restored, reported.

No test here needs Python in the page: its files are not given out, which leaves the pictures still.
"""

import re
from collections.abc import Iterator

import pytest
from conftest import Server
from playwright.sync_api import Browser, BrowserContext, Page, expect

LESSON = "lessons/01-controls.html"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.route("**/runtime/**", lambda route: route.abort())
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, test_server: Server) -> Page:
    made = context.new_page()
    made.goto(test_server.url + LESSON)
    return made


def test_an_option_is_judged_at_once_and_the_next_step_is_named(page: Page) -> None:
    question = page.locator(".question").nth(0)
    said = question.locator("output")
    expect(said).to_be_empty()
    question.get_by_label("12").check()
    expect(said).to_have_text("Not yet. Look at the demo and try again, or open the answer below.")
    expect(said.get_by_role("link", name="the demo")).to_have_attribute("href", "#demo")
    expect(question).to_have_class(re.compile("is-not-yet"))
    question.get_by_label("3").check()
    expect(said).to_have_text("Right. The answer below says why.")
    expect(question).to_have_class(re.compile("is-right"))
    expect(question).not_to_have_class(re.compile("is-not-yet"))
    question.get_by_text("Answer", exact=True).click()
    expect(question.get_by_text("One and two are three.")).to_be_visible()


def test_a_number_is_judged_when_it_is_complete(page: Page) -> None:
    question = page.locator(".question").nth(1)
    said, field = question.locator("output"), question.get_by_label("Your number")
    field.press_sequentially("1.4")
    expect(said).to_be_empty()
    field.press("Enter")
    expect(said).to_contain_text("Not yet: too small.")
    for number, words in {
        "1.43": "Not yet: too large.",
        "1.4042": "Right.",
        "1.4242": "Right.",
        "-1.41": "Not yet: too small.",
        "": "",
    }.items():
        field.fill(number)
        field.blur()
        expect(said).to_have_text(re.compile(f"^{re.escape(words)}.*" if words else "^$"))
    field.press_sequentially("e")
    field.blur()
    expect(said).to_contain_text("That is not a number.")


def test_without_scripts_questions_can_be_read_and_opened(
    browser: Browser, test_server: Server
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(test_server.url + LESSON)
    question = page.locator(".question").first
    question.get_by_label("12").check()
    question.get_by_text("Answer", exact=True).click()
    expect(question.get_by_text("One and two are three.")).to_be_visible()
    expect(question.locator("output")).to_be_empty()
    context.close()
