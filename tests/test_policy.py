"""The Content-Security-Policy of pages in Chromium: what may run and what may not.

test_fallback.py tests that pages from a disk and in sandboxed frames still start, and
test_engines.py tests the other browsers.
"""

from playwright.sync_api import BrowserContext, Page, expect
from support.engines import MOVE, refuses_scripts
from support.machine import wait_for
from support.pages import TIMEOUT
from support.servers import Server


def refuses(page: Page) -> None:
    refuses_scripts(lambda script: page.evaluate(f"() => {{ {script} }}"))


def test_a_page_with_its_worker_takes_scripts_from_its_origin_alone(
    context: BrowserContext, course: Server
) -> None:
    page = context.new_page()
    page.goto(course.url + "demos/normal.html")
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    started = "performance.getEntriesByName('ml-ready').length"
    wait_for("the mark of the start", lambda: page.evaluate(started), 10)
    refuses(page)
    # Everything else still works: pictures, and a module that is loaded on demand.
    caption = demo.locator(".caption")
    words = caption.inner_text()
    page.evaluate(f"() => {{ {MOVE} }}")
    expect(caption).not_to_have_text(words)
    demo.locator("[data-does=embed]").click()
    expect(page.locator("textarea, dialog, .embed-panel").first).to_be_visible()


def test_a_page_without_demos_takes_none_from_the_start(
    context: BrowserContext, course: Server
) -> None:
    page = context.new_page()
    for path in ("gallery.html", "guide/01-vectors-guide.html"):
        page.goto(course.url + path)
        refuses(page)
