"""Accessibility that axe can't check: keys of handles, focus, announcements, tab stops."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support.pages import TIMEOUT, Visit, field, handle, numbers, part
from support.servers import Server

CONTROLS = "lessons/01-controls.html"


@pytest.fixture(scope="module")
def shared(browser: Browser, test_server: Server) -> Iterator[Visit]:
    """One ready page, for all tests that leave it as they found it."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Visit(context.new_page(), test_server, CONTROLS, "snapshot").ready()


@pytest.fixture
def panel(shared: Visit) -> Iterator[Visit]:
    yield shared
    shared.page.get_by_role("button", name="Reset", exact=True).click()
    shared.says(
        "x=0 ", "kind=two ", "pair=[[2.0, 3.0], [-2.0, 3.0]]", "free=[[0.0, -2.0], [3.0, -2.0]]"
    )
    assert shared.problems == []


def pair(panel: Visit) -> Any:
    return numbers(panel.caption(), "pair")[0]


def test_ready_is_said_once(shared: Visit) -> None:
    expect(shared.page.locator("#said")).to_contain_text("Ready")


def test_every_field_and_handle_has_a_full_name(panel: Visit) -> None:
    inputs = panel.demo().locator("fieldset.points input")
    names = inputs.evaluate_all("(fields) => fields.map((e) => e.getAttribute('aria-label'))")
    assert names == [f"point {point}, {axis}" for point in ("a", "b", 1, 2) for axis in "xy"]
    handles = panel.demo().get_by_role("slider").and_(panel.demo().locator(".handle"))
    told = handles.evaluate_all("(all) => all.map((e) => [e.ariaLabel, e.ariaValueText])")
    assert told[2] == ["point a, at x 2, y 3", "x 2, y 3"]
    assert len({label for label, _ in told}) == len(told) == 6


def test_a_handle_takes_the_keys_of_a_slider(panel: Visit) -> None:
    grip, keys = handle(panel, 2), panel.page.keyboard
    grip.focus()
    for key, place in {
        "Home": [-5, 3],
        "End": [5, 3],
        "PageUp": [5, 4],
        "PageDown": [5, 3],
        "Shift+PageDown": [4, 3],
        "Control+Home": [4, -5],
        "Control+End": [4, 5],
        "ArrowLeft": [3.5, 5],
    }.items():
        keys.press(key)
        panel.says(f"pair=[[{float(place[0])}, {float(place[1])}]")
    expect(grip).to_have_attribute("aria-valuenow", "3.5")
    keys.press("Enter")
    expect(field(panel, "pair", 0)).to_be_focused()


def test_a_new_point_has_a_place_of_its_own_and_the_focus(panel: Visit) -> None:
    add = part(panel, "free", "add")
    add.press("Enter")
    expect(handle(panel, 6)).to_be_focused()
    add.press("Enter")  # now the button is disabled
    expect(add).to_be_disabled()
    expect(handle(panel, 7)).to_be_focused()
    points = field(panel, "free").locator("xpath=ancestor::fieldset").locator("li")
    values = points.evaluate_all(
        "(all) => all.map((e) => [...e.querySelectorAll('input')].map((f) => f.value).join())"
    )
    assert len(set(values)) == len(values) == 4
    panel.page.keyboard.press("ArrowUp")
    for _ in range(4):
        panel.page.keyboard.press("Delete")
    panel.says("free=[] ")
    expect(add).to_be_focused()


def test_what_is_spoken_begins_with_what_changed(panel: Visit) -> None:
    said = panel.page.locator("#said")
    field(panel, "x").press("Home")
    expect(said).to_contain_text("x=-3 ")  # earlier changes have been announced
    for act, lead in (
        (lambda: field(panel, "x").press("ArrowRight"), "x -2.9 m. "),
        (lambda: field(panel, "kind").select_option("three"), "kind three. "),
        (lambda: field(panel, "on").press("Space"), "on off. "),
        (lambda: handle(panel, 2).press("ArrowLeft"), "point a, x 1.5. "),
        (lambda: handle(panel, 0).press("ArrowUp"), "A, row 2, column 1 0.5. "),
        (lambda: part(panel, "free", "add").press("Enter"), "free, 3 points. "),
    ):
        act()
        expect(said).to_have_text(re.compile("^" + re.escape(lead) + "x=-2.9 "))


def test_a_link_that_moves_the_view_takes_the_focus_along(panel: Visit) -> None:
    link = panel.page.get_by_role("link", name="a state")
    link.focus()
    panel.page.keyboard.press("Enter")
    panel.says("x=2 ")
    expect(panel.demo()).to_be_focused()
    panel.page.keyboard.press("Tab")
    assert panel.demo().evaluate("(demo) => demo.contains(document.activeElement)")


def test_a_picture_says_what_it_shows(panel: Visit) -> None:
    canvas = panel.demo().locator("canvas")
    told = canvas.evaluate(
        """(e) => e.getAttribute("aria-describedby").split(" ")
          .map((id) => document.getElementById(id).textContent)"""
    )
    assert told[0].startswith("What this picture shows: ")
    assert told[1] == panel.caption()


def test_a_copied_link_leaves_the_focus_on_its_button(panel: Visit) -> None:
    button = panel.demo().locator("[data-does=link]")
    panel.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button.press("Enter")
    expect(button).to_have_text("Link copied")
    expect(button).to_be_focused()


def test_handles_of_a_hidden_view_are_gone(browser: Browser, course_server: Server) -> None:
    """All handles: the picture of the other view has none."""
    with browser.new_context() as context:
        visit = Visit(context.new_page(), course_server, "demos/logistic.html", "snapshot").ready()
        handles = visit.demo().locator(".handle >> visible=true")
        assert handles.count() == 13  # twelve students and the step control
        handles.first.focus()
        visit.page.evaluate("location.hash = '#logistic?view=two features'")
        expect(handles).to_have_count(0)
        assert visit.demo().evaluate("(demo) => !document.activeElement.matches('.handle, body')")
        visit.page.evaluate("location.hash = '#logistic'")
        expect(handles).to_have_count(13)


def test_only_formulas_that_scroll_are_stops(browser: Browser, course_server: Server) -> None:
    """Of formulas without colors; colored ones are tab stops because they highlight something."""
    path = "lessons/03-matrix-multiplication.html"
    count = "all.filter((e) => e.hasAttribute('tabindex')).length"
    scroll = "all.filter((e) => e.scrollWidth > e.clientWidth + 1).length"
    for width in (1280, 240):
        with browser.new_context(viewport={"width": width, "height": 800}) as context:
            page = context.new_page()
            page.goto(course_server.url + path)
            formulas = page.locator(".formula:not(:has([class*='is-']))")
            expect(page.locator("ml-demo").first).to_have_attribute(
                "data-state", re.compile("."), timeout=TIMEOUT
            )
            for formula in formulas.all():  # sections far away aren't laid out yet
                formula.scroll_into_view_if_needed()
            page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
            for _ in range(50):  # a formula that grows with its fonts is measured a frame later
                counted = formulas.evaluate_all(f"(all) => [{count}, {scroll}, all.length]")
                stops, wide, every = counted
                if stops == wide and (stops > 0) == (width < 1280):
                    break
                page.wait_for_timeout(100)
            assert stops == wide
            assert every
            assert (stops > 0) == (width < 1280)
