"""axe-core finds nothing, in every state that a page can be in.

All pages without Python: light, dark, forced colors, 320 pixels. With Python, one page for each
other state: ready, failed, embedded, on a screen in public, before and after a guess.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.pages import AXE_STATES, PATIENCE, lessons, violations
from support.servers import Server

# Nothing is ever near the reader: no figure asks for Python.
FAR = """window.IntersectionObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page where nothing moves by itself."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def check(page: Page) -> None:
    demos = page.locator("ml-demo").evaluate_all("(all) => all.map((e) => e.dataset.state)")
    for state in AXE_STATES:
        assert violations(page, state) == [], (page.url, demos, state)


def ready(page: Page) -> None:
    """Every figure of the page has come alive."""
    for demo in page.locator("ml-demo").locator("visible=true").all():
        demo.scroll_into_view_if_needed()
        expect(demo).to_have_attribute("data-state", "ready", timeout=PATIENCE)


@pytest.mark.parametrize("folder", ["", "lessons", "guide", "demos"])
def test_pages_before_python(page: Page, course_server: Server, dist: Path, folder: str) -> None:
    page.add_init_script(FAR)
    for path in (path for path in lessons(dist) if path.rpartition("/")[0] == folder):
        page.goto(course_server.url + path)
        check(page)


@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_every_control(page: Page, test_server: Server, query: str) -> None:
    page.goto(f"{test_server.url}lessons/01-controls.html{query}")
    ready(page)
    check(page)


def test_a_figure_that_failed(page: Page, test_server: Server) -> None:
    page.goto(test_server.url + "lessons/02-trouble.html#trouble?way=error")
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    check(page)


def test_small_figures_and_a_guess(page: Page, course_server: Server) -> None:
    """On a screen in public: what a page has there comes in addition."""
    page.goto(course_server.url + "lessons/08-gradient-descent.html?kiosk=1")
    ready(page)
    check(page)
    page.locator("[data-does=check]").click()
    expect(page.locator(".control.check [data-does=again]")).to_be_visible()
    check(page)


def test_the_front_page(page: Page, course_server: Server) -> None:
    page.goto(course_server.url + "index.html")
    ready(page)
    check(page)


def test_scripts_that_did_not_come(page: Page, tests: Server) -> None:
    tests.faults.of["/ml-demo.js"] = "portal"
    page.goto(tests.url + "lessons/01-controls.html")
    expect(page.locator("ml-demo").first).to_have_attribute("data-state", "failed")
    check(page)
