"""Parts of a lesson: handles, numbers in formulas, guesses, notes, and figures far away.

The tests share one ready page, lesson 8. Each leaves its figures at their defaults.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from support.lessons import made
from support.pages import TIMEOUT, Visit, center, drag, finger, press_until
from support.servers import Server

from demos.descent_guess import SETTINGS, descend
from stage import number

LESSON = "lessons/08-gradient-descent.html"
START = 2.5  # the initial value of descent_line


@pytest.fixture(scope="module")
def shared(browser: Browser, course_server: Server) -> Iterator[Visit]:
    """One page for all tests, with touch enabled."""
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, has_touch=True, reduced_motion="reduce"
    ) as context:
        yield Visit(context.new_page(), course_server, LESSON, "snapshot").ready()


def figure(lesson: Visit, name: str) -> Locator:
    """A figure, scrolled into view and drawn."""
    found = lesson.demo(name)
    found.locator(".picture").scroll_into_view_if_needed()
    expect(found).to_have_attribute("data-live", "", timeout=TIMEOUT)
    expect(found).to_have_attribute("data-state", "ready")
    return found


@pytest.fixture
def lesson(shared: Visit) -> Iterator[Visit]:
    yield shared
    shared.page.set_viewport_size({"width": 1280, "height": 900})
    for name in ("descent_line", "descent_guess", "gradient_descent"):
        shared.demo(name).locator("[data-does=reset]").dispatch_event("click")
    assert shared.problems == []


@pytest.fixture
def line(lesson: Visit) -> Locator:
    return figure(lesson, "descent_line")


@pytest.fixture
def guess(lesson: Visit) -> Locator:
    return figure(lesson, "descent_guess")


# The handle of a number control


def says_eta(lesson: Visit, line: Locator, eta: float) -> None:
    """Slider, handle, caption, and the numbers in the lesson's formula all show the value."""
    expect(line.locator("[name=eta]")).to_have_value(f"{eta:g}")
    expect(line.locator(".caption")).to_contain_text(f"η = {number(eta)},")
    expect(line.locator(".handle")).to_have_attribute("aria-valuenow", f"{eta:g}")
    for name, value in {"eta": eta, "landing": (1 - eta) * START}.items():
        follows = lesson.page.locator(f'[data-follows="descent_line.{name}"]')
        expect(follows).to_have_text(number(value))


@pytest.mark.parametrize(("by", "width"), [(drag, 1280), (finger, 390)])
def test_the_handle_of_a_number_is_dragged(
    lesson: Visit, by: Callable[..., None], width: int
) -> None:
    """To the minimum and back."""
    lesson.page.set_viewport_size({"width": width, "height": 900})
    line = figure(lesson, "descent_line")
    handle = line.locator(".handle")
    places = []
    for eta in (1, 0.3):
        lesson.page.evaluate("(eta) => { location.hash = `#descent_line?eta=${eta}`; }", eta)
        says_eta(lesson, line, eta)
        places.append(center(handle)[0])
    right = places[0] - places[1]
    assert right < -50
    by(lesson, handle, right, 0)
    says_eta(lesson, line, 1)
    by(lesson, handle, -right, 0)
    says_eta(lesson, line, 0.3)


def test_the_handle_of_a_number_takes_keys(lesson: Visit, line: Locator) -> None:
    handle, keys = line.locator(".handle"), lesson.page.keyboard
    expect(handle).to_have_attribute("aria-label", "learning rate η")
    handle.focus()
    for key, eta in {
        "Home": 0.1,
        "ArrowRight": 0.15,
        "ArrowUp": 0.2,
        "ArrowLeft": 0.15,
        "End": 2.2,
        "ArrowDown": 2.15,
    }.items():
        keys.press(key)
        says_eta(lesson, line, eta)
    expect(handle).to_be_focused()
    keys.press("Enter")
    typed = line.locator("input.exact").first
    expect(typed).to_be_focused()


def test_a_typed_number_moves_the_handle(lesson: Visit, line: Locator) -> None:
    handle = line.locator(".handle")
    before = handle.get_attribute("style")
    line.locator("details.more").evaluate("(more) => (more.open = true)")
    line.locator("input.exact").first.fill("1.75")
    says_eta(lesson, line, 1.75)
    expect(handle).not_to_have_attribute("style", str(before))
    line.locator("details.more").evaluate("(more) => (more.open = false)")


# Guesses

# The caption, the description of the canvas, and the content of the form.
TOLD = """(demo) => {
  const canvas = demo.querySelector("canvas");
  const spoken = canvas.getAttribute("aria-describedby").split(" ");
  return [demo.querySelector(".caption"), demo.querySelector(".detail"),
    ...spoken.map((id) => document.getElementById(id)), document.getElementById("said")]
    .map((part) => part.textContent)
    .concat([canvas.ariaLabel, location.href])
    .concat([...demo.querySelector("form").elements].map((field) => field.value)).join("\\n");
}"""


def end_of(guess: Locator) -> list[str]:
    """The end of the path for the current task, as the figure would write it, and its distance."""
    start, eta = SETTINGS[int(guess.locator("[name=seed]").input_value())]
    end = descend(start, eta)[-1]
    return [number(float(end[0])), number(float((end**2).sum() ** 0.5))]


def hides_its_answer(guess: Locator) -> None:
    """The answer isn't revealed anywhere."""
    expect(guess.locator(".caption")).to_contain_text("?")
    expect(guess.locator("[name=answer]")).to_have_value("0")
    expect(guess.page.locator("#said")).not_to_contain_text("away")  # the previous task's answer
    told = guess.evaluate(TOLD)
    for word in (*end_of(guess), "away", "drawn"):
        assert word not in told
    assert "answer=" not in told
    expect(guess.locator("[data-does=check]")).to_be_visible()
    expect(guess.locator("[data-does=again]")).to_be_hidden()


def tells_its_answer(guess: Locator) -> None:
    expect(guess.locator(".detail")).to_contain_text(end_of(guess)[0])
    expect(guess.locator(".detail")).to_contain_text("20 of 20 steps are drawn")
    expect(guess.locator(".caption")).to_contain_text("away")
    for does, hidden in {"check": True, "skip": True, "again": False}.items():
        expect(guess.locator(f"[data-does={does}]")).to_be_visible(visible=not hidden)
    expect(guess.locator(".handle")).to_have_count(0)  # the guess doesn't change


def test_a_guess_is_made_checked_and_tried_again_by_keys_alone(
    lesson: Visit, guess: Locator
) -> None:
    page, keys = lesson.page, lesson.page.keyboard
    hides_its_answer(guess)
    lesson.demo("descent_bowl").locator("[name]").first.focus()
    press_until(page, "ml-demo[name=descent_guess] .handle")
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        keys.press(key)
    expect(guess.locator(".detail")).to_contain_text(f"({number(-0.05)}, {number(-1.1)})")
    page.wait_for_url(re.compile(r"#descent_guess\?guess="))  # but not the answer
    hides_its_answer(guess)
    press_until(page, "ml-demo[name=descent_guess] [data-does=check]")
    keys.press("Enter")
    tells_its_answer(guess)
    assert "answer" not in page.url
    again, task = guess.locator("[data-does=again]"), guess.locator("[name=seed]").input_value()
    expect(again).to_be_focused()
    keys.press("Space")
    expect(guess.locator("[name=seed]")).not_to_have_value(task)
    expect(guess.locator(".handle")).to_have_count(1)
    expect(guess.locator("[data-does=check]")).to_be_focused()
    hides_its_answer(guess)


def test_who_skips_a_guess_is_told_the_answer_and_no_score(lesson: Visit, guess: Locator) -> None:
    guess.evaluate(
        "(demo) => { demo.guessed = 0;"
        " demo.addEventListener('ml:guessed', () => { demo.guessed += 1; }); }"
    )
    guess.locator("[data-does=skip]").click()
    tells_its_answer(guess)
    caption = guess.locator(".caption")
    expect(caption).to_contain_text(end_of(guess)[1])
    expect(caption).not_to_contain_text(re.compile("you", re.IGNORECASE))
    assert guess.evaluate("(demo) => demo.guessed") == 0
    guess.locator("[data-does=again]").click()
    guess.locator("[data-does=check]").click()
    tells_its_answer(guess)
    expect(caption).to_contain_text(re.compile("you", re.IGNORECASE))
    assert guess.evaluate("(demo) => demo.guessed") == 1


@pytest.mark.parametrize("answer", ["1", "skip"])
def test_a_link_reveals_no_answer(lesson: Visit, guess: Locator, answer: str) -> None:
    link = f"#descent_guess?guess=1&guess=0.5&answer={answer}"
    lesson.page.evaluate("(link) => { location.hash = link; }", link)
    expect(guess.locator(".detail")).to_contain_text("(1, 0.5)")
    hides_its_answer_behind(guess, link)
    page = lesson.page.context.new_page()  # also before Python has started
    page.goto(f"{lesson.server.url}{LESSON}{link}")
    fresh = page.locator("ml-demo[name=descent_guess]")
    expect(fresh.locator("[name=guess]").first).to_have_value("1")
    expect(fresh.locator("[name=answer]")).to_have_value("0")
    page.close()


def hides_its_answer_behind(guess: Locator, link: str) -> None:
    """The page also removes the answer from its own URL."""
    expect(guess.page).not_to_have_url(re.compile(re.escape(link)))
    hides_its_answer(guess)


# Notes, and figures far away


@pytest.mark.parametrize("width", [1280, 390])
def test_a_note_changes_the_picture_in_view_and_is_marked(lesson: Visit, width: int) -> None:
    """The picture stays beside the notes, or pinned above them."""
    lesson.page.set_viewport_size({"width": width, "height": 900})
    laboratory = figure(lesson, "gradient_descent")
    _, update = made("gradient_descent")
    expect(laboratory.locator(".caption")).to_have_text(update())  # the last test's is gone
    note = lesson.page.locator(".notice li").first
    for index in (0, 1):
        link = note.get_by_role("link").nth(index)
        link.scroll_into_view_if_needed()
        before: Any = lesson.page.evaluate("scrollY")
        caption = laboratory.locator(".caption").inner_text()
        link.click()
        expect(laboratory.locator(".caption")).not_to_have_text(caption)
        expect(lesson.page.locator(".notice li.is-shown")).to_have_count(1)
        expect(note).to_have_class(re.compile("is-shown"))
        expect(note.locator("a[data-shown]")).to_have_text(link.inner_text())
        assert lesson.page.evaluate("scrollY") == before
        expect(laboratory.locator("canvas")).to_be_in_viewport(ratio=0.5)
    other = lesson.demo("descent_line").locator("[name=eta]")
    other.evaluate(
        """(field) => {
          field.value = 1;
          field.dispatchEvent(new Event("input", {bubbles: true}));
        }"""
    )
    lesson.page.wait_for_url("**#descent_line?eta=1")  # that figure has come to rest
    expect(note).to_have_class(re.compile("is-shown"))
    laboratory.locator("[data-does=forward]").click()  # now it shows another picture
    expect(lesson.page.locator(".notice li.is-shown")).to_have_count(0)


def test_a_figure_far_away_gives_its_canvas_back(lesson: Visit, line: Locator) -> None:
    width = "(canvas) => canvas.width"
    canvas, poster = line.locator("canvas"), line.locator("picture img")
    line.locator(".handle").press("End")
    says_eta(lesson, line, 2.2)
    before = canvas.evaluate(width)
    assert before > 0
    lesson.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(line).not_to_have_attribute("data-live", "")
    assert canvas.evaluate(width) == 0
    expect(poster).to_be_visible()
    lesson.page.evaluate("scrollTo(0, 0)")
    expect(line).to_have_attribute("data-live", "")
    assert canvas.evaluate(width) == before
    expect(poster).to_be_hidden()
    says_eta(lesson, line, 2.2)  # with its previous values
