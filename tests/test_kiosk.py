"""Kiosk mode: no way out, a clean start after idle time, and the slide show."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, expect
from support.pages import FAR, TIMEOUT, Visit, field, impatient_once, lessons
from support.servers import Server

LESSON = "lessons/01-controls.html"

LINKS = """[...document.querySelectorAll("a[href]")].map((link) => [link.href, link.target])"""
SEEN = """[...document.querySelectorAll("[data-does=save], [data-does=link], [data-does=embed]")]
  .filter((button) => button.checkVisibility()).length"""


def test_nothing_leads_out(context: BrowserContext, course: Server, dist: Path) -> None:
    context.add_init_script(FAR)  # only the links matter here
    page = context.new_page()
    out = 0
    for path in lessons(dist):
        if re.match(r"guide/|(downloads|gallery)\.html", path):
            continue  # no link leads there
        page.goto(f"{course.url}{path}?kiosk=1&idle=400")
        found = page.evaluate(LINKS)
        for href, target in found:
            where = urlsplit(href)
            assert target == ""
            assert href.startswith(course.url), (path, href)
            assert re.search(r"(^|/)(index|kiosk|\d\d-[a-z0-9-]+|[a-z_0-9]+)\.html$", where.path)
            assert not re.search(r"/(downloads|gallery)\.|/guide/", where.path)
            same = where.path == urlsplit(page.url).path and where.fragment
            assert same or parse_qs(where.query)["kiosk"] == ["1"], (path, href)
            assert same or parse_qs(where.query)["idle"] == ["400"], (path, href)
        assert page.evaluate(SEEN) == 0, path
        out += page.locator("a:not([href])").count()
    assert out  # there were some before


def test_keys_and_clicks_that_would_lead_out(context: BrowserContext, course: Server) -> None:
    course.faults.of["/runtime/"] = "missing"
    page = context.new_page()
    page.goto(course.url + "lessons/01-vectors.html?kiosk=1")
    opened: list[Page] = []
    context.on("page", lambda other: opened.append(other))
    prevented = page.evaluate(
        """() => ["contextmenu", "dragstart", "drop"].map((kind) =>
          !document.body.dispatchEvent(new Event(kind, {bubbles: true, cancelable: true})))"""
    )
    assert prevented == [True, True, True]
    link = page.locator(".neighbors .next")
    link.click(modifiers=["Control"])
    page.wait_for_url(re.compile(r"/lessons/02-[a-z-]+\.html\?kiosk=1$"))
    page.locator(".neighbors .next").click(button="middle")
    assert opened == []
    assert len(context.pages) == 1


def memory(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage)")
    return found


def test_who_is_gone_is_warned_and_then_forgotten(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    page.clock.install()
    # Long enough that a slow start doesn't count as idle time. Nothing may still be downloaded,
    # because it would seem stalled after the clock is moved forward.
    visit = Visit(page, tests, LESSON + "?kiosk=1&idle=900", "").ready()
    with page.expect_event("requestfinished", lambda request: "numpy.random.mtrand" in request.url):
        page.clock.fast_forward(5_000)  # then the modules are checked, mtrand last
    page.evaluate("localStorage.setItem('ml-test', '1'); localStorage.setItem('other', '1')")
    slider = field(visit, "x")
    slider.press("ArrowRight")
    expect(visit.demo().locator(".caption")).to_contain_text("x=0.1 ", timeout=TIMEOUT)
    warning = page.get_by_role("alertdialog", name="Are you still there?")
    page.clock.fast_forward(600_000)
    expect(warning).to_be_hidden()
    page.clock.fast_forward(301_000)
    expect(warning).to_be_visible()
    button = warning.get_by_role("button", name="Continue")
    expect(button).to_be_focused()
    page.clock.fast_forward(15_000)
    expect(warning).to_contain_text(re.compile(r"In [3-5] seconds"))
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(slider).to_be_focused()
    assert "/lessons/" in page.url
    page.clock.fast_forward(901_000)
    expect(warning).to_be_visible()
    page.mouse.click(5, 5)  # a touch counts as activity
    expect(warning).to_be_hidden()
    page.clock.fast_forward(901_000)
    expect(warning).to_be_visible()
    page.clock.fast_forward(21_000)
    page.wait_for_url("**/kiosk.html?kiosk=1&idle=900")
    assert memory(page) == ["other"]
    assert visit.problems == []


def test_setting_the_clock_neither_sends_away_nor_keeps(
    context: BrowserContext, tests: Server
) -> None:
    tests.faults.of["/runtime/"] = "missing"
    page = context.new_page()
    page.clock.install()
    page.goto(tests.url + LESSON + "?kiosk=1&idle=30")
    warning = page.get_by_role("alertdialog", name="Are you still there?")
    set_clock = "hours => { const now = Date.now; Date.now = () => now() + hours * 3_600_000; }"
    page.evaluate(set_clock, 1)
    page.clock.run_for(3_000)
    expect(warning).to_be_hidden()
    page.evaluate(set_clock, -2)
    page.clock.fast_forward(29_000)
    expect(warning).to_be_visible()
    page.evaluate(set_clock, 2)
    page.clock.run_for(3_000)
    expect(warning).to_contain_text(re.compile(r"In 1[5-8] seconds"))
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    page.clock.fast_forward(3_600_000)  # a page that wakes up an hour late warns first
    expect(warning).to_contain_text("In 20 seconds")
    page.clock.fast_forward(21_000)
    page.wait_for_url("**/kiosk.html?kiosk=1&idle=30")


def test_meanwhile_the_course_is_shown(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    asked: list[str] = []  # only by this page; the server may still be busy with the previous one
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(tests.url + "kiosk.html?kiosk=1")
    shown = page.locator(".slide:visible h2")
    first = shown.text_content() or ""
    page.clock.run_for(8_500)
    expect(shown).not_to_have_text(first)
    second = shown.text_content() or ""
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(30_000)
    expect(shown).to_have_text(second)
    assert page.workers == []
    assert asked
    assert not [url for url in asked if "/runtime/" in url]
    expect(page.get_by_role("link", name="Touch the screen to begin")).to_be_visible()
    page.mouse.click(5, 5)
    page.wait_for_url("**/index.html?kiosk=1")
    page.goto(tests.url + "kiosk.html?kiosk=1")
    page.keyboard.press("x")
    page.wait_for_url("**/index.html?kiosk=1")
    page.emulate_media(reduced_motion="reduce")
    page.goto(tests.url + "kiosk.html?kiosk=1")
    page.clock.run_for(30_000)
    expect(shown).to_have_text(first)
    expect(page.get_by_role("button", name="Show the others")).to_be_visible()


def test_a_course_built_for_it_needs_no_parameter(
    context: BrowserContext, test_site: Path, tests: Server
) -> None:
    script = (
        "from pathlib import Path; from bundle import course; course.build(Path('kiosk'), kiosk=45)"
    )
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=test_site.parent, check=True, capture_output=True)
    page = context.new_page()
    page.clock.install()
    html = (test_site.parent / "kiosk" / LESSON).read_text()
    assert 'data-kiosk="45"' in html
    page.route(f"**/{LESSON}", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(tests.url + LESSON)
    assert page.evaluate(SEEN) == 0
    page.clock.fast_forward(46_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.clock.fast_forward(21_000)
    page.wait_for_url("**/kiosk.html")


def test_a_runner_that_dies_too_often_is_left_alone(context: BrowserContext, tests: Server) -> None:
    visit = Visit(context.new_page(), tests, "lessons/02-trouble.html?kiosk=1", "").ready()
    for death in range(4):
        impatient_once(visit, {15_000: 1_000})
        visit.python().evaluate("self.close()")
        field(visit, "x").press("ArrowLeft")
        if death < 3:
            visit.demo().locator(".caption", has_text=f"{0.99 - death / 100:g}").wait_for(
                timeout=TIMEOUT
            )
    assert "stand still" in visit.failed()
    visit.page.goto(tests.url + LESSON + "?kiosk=1")
    assert "stand still" in visit.failed()
    assert visit.page.workers == []
    expect(visit.demo().locator("picture img")).to_be_visible()
