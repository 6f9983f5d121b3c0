"""Pages with damaged, blocked, or replaced scripts: each says so and recovers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, Worker, expect
from support.pages import CONTROLS, Noted, Visit, fault, readable, said
from support.servers import Server

ALIVE = re.compile("starting|ready")


@pytest.mark.parametrize(
    ("what", "kind"),
    [("/ml-demo.js", "truncated for good"), ("/download.js", "portal"), ("/ml-demo.js", "missing")],
)
def test_a_page_that_does_not_come_alive_says_so_and_loads_itself_again(
    context: BrowserContext, tests: Server, noted: Noted, what: str, kind: str
) -> None:
    tests.faults.of[what] = tests.faults.of["/page.js"] = kind
    page = context.new_page()
    page.goto(tests.url + CONTROLS)
    demo = page.locator("ml-demo")
    expect(demo).to_have_attribute("data-state", "failed")
    trouble = demo.locator(".trouble")
    expect(trouble).to_contain_text("did not load")
    noted("script of the page damaged", said(trouble.locator("p").inner_text()))
    tests.faults.clear()
    trouble.get_by_role("button").click()
    expect(demo).to_have_attribute("data-state", ALIVE)
    expect(trouble).to_be_hidden()


def test_a_page_without_any_script_says_so_too(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    tests.faults.of["/scripts/"] = "portal"
    page = context.new_page()
    page.goto(tests.url + CONTROLS)
    words = page.locator("ml-demo .stalled")
    expect(words).to_be_hidden()
    words.evaluate("(e) => e.getAnimations()[0].finish()")  # it appears after 30 s
    expect(words).to_be_visible()
    noted("every script replaced", said(words.inner_text()))


def test_half_a_script_of_python_kept_for_good_does_no_harm(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    for pattern in ("/pyodide.asm.*.js", "/zstddec."):
        name = fault(tests, test_site, pattern, "truncated for good")
        tests.faults.once.add(name)
    for _ in range(2):
        page = context.new_page()
        visit = Visit(page, tests, CONTROLS, "snapshot").ready()
        assert visit.boot() == "snapshot"
        page.close()
    assert tests.faults.count(name) == 2
    noted("script of Python damaged", "nothing: the file is requested again")


def test_a_damaged_script_of_a_worker_is_fetched_again(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    tests.faults.of["/worker.js"] = "truncated for good"
    tests.faults.once.add("/worker.js")
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    assert (
        visit.page.evaluate("performance.getEntriesByName('ml-ready')[0].detail.host") == "worker"
    )


def test_a_download_worker_that_dies_is_noticed_at_once(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    name = fault(tests, test_site, "/snapshot.", "stalled")
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot")
    visit.near()

    def downloaders() -> list[Worker]:
        return [one for one in visit.page.workers if one.url.endswith("/download-worker.js")]

    expect(visit.demo().locator(".status")).to_contain_text("Fetching")
    while len(downloaders()) < 2 or not tests.faults.count(name):
        visit.page.wait_for_timeout(50)
    for downloader in downloaders():
        downloader.evaluate("self.close()")
    visit.ready()  # its time limit would be two minutes
    assert visit.boot() == "ordinary"
    noted("download worker ended", "the figure works, after an ordinary start")


@pytest.mark.parametrize("blocked", ["**/runtime/**", "**/scripts/{worker,download-worker}.js"])
def test_a_blocked_folder_is_not_called_an_old_browser(
    context: BrowserContext, tests: Server, noted: Noted, blocked: str
) -> None:
    page = context.new_page()

    def block(route: Route) -> None:
        route.abort("blockedbyclient")

    page.route(blocked, block)
    page.route("**/fallback-bundle.*.js", block)
    visit = Visit(page, tests, CONTROLS, "snapshot")
    words = visit.failed()
    assert "blocked" in words
    assert ("runtime/" if "runtime" in blocked else "assets/") in words
    assert not re.search(r"\bold\b", words)
    if "runtime" in blocked:
        noted("folder blocked", said(re.sub(r"\(.*?\)", "(…)", words)))
    readable(visit)
