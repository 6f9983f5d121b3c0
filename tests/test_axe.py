"""axe-core finds no violation, in any state of a page.

Without Python, on all pages: light, dark, forced colors, 320 pixels, embedded, and as a kiosk. With
Python, on a page of each kind: ready, failed, before and after a guess.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page, expect
from support.pages import AXE_NO_COLORS, AXE_STATES, FAR, TIMEOUT, axe, lessons, violations
from support.servers import Server

SINGLE = "demos/normal.html"
SHARES = 4  # parts of the list of pages, so that workers can share it


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without animations."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def check(page: Page) -> None:
    found = {state: violations(page, state) for state in AXE_STATES}
    assert not any(found.values()), (page.url, found)


def ready(page: Page) -> None:
    """Wait until every figure of the page is ready."""
    for demo in page.locator("ml-demo").locator("visible=true").all():
        demo.scroll_into_view_if_needed()
        expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)


@pytest.mark.parametrize("share", range(SHARES))
def test_all_pages_before_python(page: Page, course_server: Server, dist: Path, share: int) -> None:
    page.add_init_script(FAR)
    faults = {}
    # Pages of single figures differ only in their figures, which are on these pages, too.
    checked = [path for path in lessons(dist) if not path.startswith("demos/") or path == SINGLE]
    for path in checked[share::SHARES]:
        page.goto(course_server.url + path, wait_until="domcontentloaded")
        for state in AXE_STATES:
            faults[path, state] = violations(page, state)
        for query in ("embed=1", "kiosk=1"):
            page.goto(f"{course_server.url}{path}?{query}", wait_until="domcontentloaded")
            faults[path, query] = axe(page, AXE_NO_COLORS)
    assert {place: found for place, found in faults.items() if found} == {}


Elements = list[tuple[str, dict[str, str | list[str]]]]


def elements(part: Tag) -> Elements:
    """All elements with their attributes, without what they name or link to."""
    own = {"content", "data-page", "decoding", "fetchpriority", "href", "src", "srcset"}
    return [
        (tag.name, {key: tag[key] for key in tag.attrs if key not in own}) for tag in part(True)
    ]


def parts(file: Path) -> tuple[Elements, dict[str, Elements]]:
    """A page without its figures, and its figures, with titles as in a lesson."""
    page = BeautifulSoup(file.read_text(), "html.parser")
    assert page.title
    assert page.title.text.strip()
    figures = {}
    for demo in page("ml-demo"):
        (title,) = demo.find_all(re.compile("^h[1-6]$"))
        title.name = "h3"
        figures[str(demo["id"])] = elements(demo)
        demo.replace_with("")
    if page.body:
        page.body.attrs.clear()  # the figure of the front page has other styles
    return elements(page), figures


def test_pages_of_single_figures_differ_only_in_their_figures(dist: Path) -> None:
    pages = [*(dist / "lessons").glob("*.html"), dist / "index.html"]
    shown = {name: figure for page in pages for name, figure in parts(page)[1].items()}
    around, _ = parts(dist / SINGLE)
    for file in sorted((dist / "demos").glob("*.html")):
        assert parts(file) == (around, {file.stem: shown[file.stem]}), file.name


@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_every_control(page: Page, test_server: Server, query: str) -> None:
    page.goto(f"{test_server.url}lessons/01-controls.html{query}")
    ready(page)
    check(page)


def test_a_figure_that_failed(page: Page, test_server: Server) -> None:
    page.goto(test_server.url + "lessons/02-trouble.html#trouble?way=error")
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "failed", timeout=TIMEOUT)
    check(page)


def test_small_figures_and_a_guess(page: Page, course_server: Server) -> None:
    """As a kiosk, where pages have additional elements."""
    page.goto(course_server.url + "lessons/08-gradient-descent.html?kiosk=1")
    ready(page)
    check(page)
    page.locator("[data-does=check]").first.click()
    expect(page.locator(".control.check [data-does=again]").first).to_be_visible()
    check(page)


@pytest.mark.parametrize("path", ["index.html", "demos/normal.html?embed=1"])
def test_other_pages_with_figures(page: Page, course_server: Server, path: str) -> None:
    page.goto(course_server.url + path)
    ready(page)
    check(page)


def test_scripts_that_did_not_come(page: Page, tests: Server) -> None:
    tests.faults.of["/ml-demo.js"] = "truncated for good"
    page.goto(tests.url + "lessons/01-controls.html")
    expect(page.locator("ml-demo").first).to_have_attribute("data-state", "failed")
    check(page)
