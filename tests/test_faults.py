"""Faults injected in Chromium: each ends in a usable page, with a message where one helps.

The tests keep docs/faults.md up to date (the list is in support/faults.py).
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from support.faults import FAULTS, lacks_functions, rows
from support.machine import wait_for
from support.pages import (
    CONTROLS,
    PIXELS,
    SLOW,
    TIMEOUT,
    Noted,
    Visit,
    chromium,
    falls_back,
    fault,
    field,
    impatient,
    impatient_always,
    impatient_once,
    readable,
    said,
)
from support.servers import Server
from support.sites import link

TROUBLE = "lessons/02-trouble.html"


def again(visit: Visit, button: str = "Try again") -> None:
    """Do what the message says, and check that it helps."""
    visit.demo().locator(".trouble").get_by_role("button", name=button).click()
    expect(visit.demo()).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    expect(visit.demo().locator(".trouble")).to_be_hidden()


def moves(visit: Visit) -> None:
    """Move a slider, and wait for a picture made by Python."""
    frame, caption = visit.frame(), visit.caption()
    slider = field(visit, "x")
    slider.press(
        "ArrowLeft" if slider.input_value() == slider.get_attribute("max") else "ArrowRight"
    )
    expect(visit.demo()).not_to_have_attribute("data-frame", str(frame), timeout=TIMEOUT)
    expect(visit.demo().locator(".caption")).not_to_have_text(caption)


# Faults in a figure


def test_an_error_in_a_demo_is_said_and_mended(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    visit = Visit(context.new_page(), tests, "lessons/02-trouble.html", "snapshot").ready()
    told = visit.caption()
    for way, name in (("error", "exception in a figure"), ("memory", "out of memory")):
        field(visit, "way").select_option(way)
        words = visit.failed()
        assert "Reset the controls" in words
        noted(name, said(words))
        assert visit.seen()["events"][-1] == ["ml:error", {"message": words}]
        visit.demo().locator(".trouble").get_by_role("button", name="Reset the controls").click()
        expect(visit.demo()).to_have_attribute("data-state", "ready")
        expect(visit.demo().locator(".trouble")).to_be_hidden()
        expect(visit.demo().locator(".caption")).to_have_text(told)
    field(visit, "way").select_option("error")
    visit.failed()
    field(visit, "way").select_option("none")  # so does going back
    expect(visit.demo()).to_have_attribute("data-state", "ready")
    causes = [
        message.args[0].evaluate("(e) => String(e.cause?.message)") for message in visit.messages
    ]
    assert "a wrong turn" in " ".join(causes)  # in the console, for the author


def test_a_link_to_an_error_leaves_a_page_that_can_be_used(
    context: BrowserContext, tests: Server
) -> None:
    path = "lessons/02-trouble.html#trouble?way=error"
    visit = Visit(context.new_page(), tests, path, "snapshot")
    visit.failed()
    expect(visit.demo().locator("picture img, canvas").first).to_be_visible()
    visit.demo().locator(".trouble").get_by_role("button").click()
    expect(visit.demo()).to_have_attribute("data-state", "ready")
    visit.says("Nothing is wrong at 1.")


def test_a_killed_worker_is_replaced(context: BrowserContext, tests: Server, noted: Noted) -> None:
    visit = Visit(context.new_page(), tests, TROUBLE, "snapshot").ready()
    impatient_once(visit, {15_000: 1_000})
    visit.python().evaluate("self.close()")
    field(visit, "x").press("Home")
    expect(visit.demo().locator(".caption")).to_have_text("Nothing is wrong at 0.", timeout=TIMEOUT)
    assert visit.demo().get_attribute("data-state") == "ready"
    field(visit, "x").press("ArrowRight")
    visit.says("Nothing is wrong at 0.01.")
    noted("worker ended", "the picture, drawn by a new worker")


SEVERAL = "lessons/03-several.html"


def starts_of_python(visit: Visit) -> list[str]:
    """A list that gets the URL of each Python worker that is opened from now on."""
    opened: list[str] = []
    visit.page.on(
        "worker", lambda one: opened.append(one.url) if one.url.endswith("/worker.js") else None
    )
    return opened


def starts_while_all_are_drawn(visit: Visit) -> int:
    """How often Python is started while every figure of the page is drawn again."""
    opened = starts_of_python(visit)
    figures = visit.page.locator("ml-demo")
    before = [figures.nth(i).get_attribute("data-frame") for i in range(figures.count())]
    visit.page.emulate_media(color_scheme="dark")
    for i, frame in enumerate(before):
        expect(figures.nth(i)).not_to_have_attribute("data-frame", frame or "", timeout=TIMEOUT)
        expect(figures.nth(i)).to_have_attribute("data-state", "ready")
    return len(opened)


def several(page: Page, tests: Server) -> Visit:
    """A page with three figures, once Python has drawn each."""
    visit = Visit(page, tests, SEVERAL, "snapshot").ready()
    for figure in visit.page.locator("ml-demo").all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    return visit


def test_a_picture_is_not_given_up_because_others_come_before_it(
    context: BrowserContext, tests: Server
) -> None:
    visit = several(context.new_page(), tests)
    visit.python().evaluate(SLOW)
    impatient_always(visit, {15_000: 4_000})
    assert starts_while_all_are_drawn(visit) == 0


def test_the_figure_that_is_changed_comes_before_those_that_wait(
    context: BrowserContext, tests: Server
) -> None:
    visit = several(context.new_page(), tests)
    last = visit.page.locator("ml-demo").last
    slider = last.locator("input[type=range]").locator("visible=true").first
    visit.python().evaluate(SLOW)
    visit.page.evaluate(
        """() => {
          window.drawn = [];
          const note = ([{target}]) => drawn.push(target.id);
          for (const demo of document.querySelectorAll("ml-demo"))
            new MutationObserver(note).observe(demo, {attributeFilter: ["data-frame"]});
        }"""
    )
    visit.page.emulate_media(color_scheme="dark")  # all are drawn again
    slider.press("ArrowRight")
    wait_for("all pictures", lambda: len(set(visit.page.evaluate("drawn"))) == 3, 30)
    drawn = visit.page.evaluate("drawn")
    name = last.get_attribute("id")
    assert drawn.index(name) <= 1, drawn
    assert drawn.count(name) == 1, drawn  # with the newest values


def test_a_worker_that_several_figures_wait_for_is_replaced_once(
    context: BrowserContext, tests: Server
) -> None:
    visit = several(context.new_page(), tests)
    impatient_once(visit, {15_000: 1_000})
    visit.python().evaluate("self.close()")
    assert starts_while_all_are_drawn(visit) == 1


def test_a_start_that_fails_is_tried_once_for_all_figures(
    context: BrowserContext, tests: Server
) -> None:
    visit = several(context.new_page(), tests)
    opened = starts_of_python(visit)
    visit.page.route("**/runtime/**", lambda route: route.abort("internetdisconnected"))
    impatient_once(visit, {15_000: 1_000})
    visit.python().evaluate("self.close()")
    visit.page.emulate_media(color_scheme="dark")
    for figure in visit.page.locator("ml-demo").all():
        expect(figure).to_have_attribute("data-state", "failed", timeout=TIMEOUT)
    assert len(opened) == 2  # from the snapshot, and the ordinary way


def test_an_endless_picture_does_not_stop_other_figures(
    context: BrowserContext, tests: Server
) -> None:
    visit = several(context.new_page(), tests)
    impatient_always(visit, {15_000: 5_000})
    field(visit, "way").select_option("endless")
    visit.page.emulate_media(color_scheme="dark")
    assert "takes too long" in visit.failed()
    for name in ("every_control", "every_handle"):
        expect(visit.demo(name)).to_have_attribute("data-tone", "dark", timeout=TIMEOUT)
        expect(visit.demo(name)).to_have_attribute("data-state", "ready")


def test_a_function_that_is_missing_is_fetched(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    plain = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    assert not any("/cold." in path for path in tests.faults.asked)
    page = context.new_page()
    lacks_functions(page, test_site)
    visit = Visit(page, tests, CONTROLS, "snapshot").ready()
    assert visit.picture()[1:] == plain.picture()[1:]
    assert visit.problems == ["Python has stopped: RuntimeError: unreachable"]
    assert sum("/cold." in path for path in tests.faults.asked) == 1
    moves(visit)
    noted("cold function called", "the picture, drawn by a new worker that has all functions")


def test_a_worker_that_dies_while_it_gets_all_functions(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    name = fault(tests, test_site, "/cold.", "stalled")
    tests.faults.once.add(name)
    page = context.new_page()
    lacks_functions(page, test_site)
    visit = Visit(page, tests, CONTROLS, "snapshot")
    visit.near()
    while not tests.faults.count(name):
        page.wait_for_timeout(50)
    impatient_once(visit, {120_000: 1_000})
    with falls_back(page):
        visit.python().evaluate("self.close()")
    moves(visit.ready())
    noted("worker ended with all functions", "the figure works, after an ordinary start")


def test_functions_that_cannot_be_fetched(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    fault(tests, test_site, "/cold.", "missing")
    page = context.new_page()
    lacks_functions(page, test_site)
    visit = Visit(page, tests, CONTROLS, "snapshot")
    words = visit.failed()
    assert "cold.bin" in words
    readable(visit)
    noted("cold functions damaged", said(words))
    tests.faults.clear()
    again(visit)
    moves(visit)


def test_a_worker_that_dies_again_and_again_is_left_alone(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    visit = Visit(context.new_page(), tests, TROUBLE, "snapshot").ready()
    for death in range(4):
        impatient_once(visit, {15_000: 1_000})
        visit.python().evaluate("self.close()")
        field(visit, "x").press("ArrowLeft")
        if death < 3:
            told = f"Nothing is wrong at {0.99 - death / 100:g}."
            expect(visit.demo().locator(".caption")).to_have_text(told, timeout=TIMEOUT)
    words = visit.failed()
    assert "several times" in words
    readable(visit)
    noted("worker ends again and again", said(words))


def test_an_endless_demo_is_ended(context: BrowserContext, tests: Server, noted: Noted) -> None:
    visit = Visit(context.new_page(), tests, TROUBLE, "snapshot").ready()
    for _ in range(2):  # it is drawn twice
        impatient_once(visit, {15_000: 2_000})
    opened = starts_of_python(visit)
    field(visit, "way").select_option("endless")
    words = visit.failed()
    assert "takes too long" in words
    assert len(opened) == 1  # for the second time
    noted("endless loop", said(words))
    visit.demo().locator(".trouble").get_by_role("button", name="Reset the controls").click()
    expect(visit.demo()).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    visit.says("Nothing is wrong at 1.")


# Faults while downloading


PACKAGE = "/numpy-"
# tests/scripts/download.test.js tries every fault for files loaded as bytes. The last two are
# loaded as scripts, about which a page learns little.
OTHERS = {
    "/pyodide.asm.*.wasm": ("truncated", "stalled"),
    "/python_stdlib.": ("broken off",),
    "/math_for_ml-": ("portal",),
    "/pyodide-lock.": ("missing",),
    "/pyodide.asm.*.js": ("missing", "truncated", "broken off", "portal", "stalled"),
    "/pyodide.*.js": ("missing", "portal", "stalled"),
}
# What the server does, and the name of the fault.
KINDS = {
    "missing": "404",
    "broken server": "500",
    "truncated": "truncated",
    "changed": "bit flipped",
    "broken off": "broken off",
    "portal": "captive portal",
    "stalled": "stalled",
}
LIMITS = {20_000: 1_500, 90_000: 3_000, 120_000: 15_000}


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        *((PACKAGE, kind) for kind in KINDS),
        *((pattern, kind) for pattern, kinds in OTHERS.items() for kind in kinds),
    ],
)
def test_a_file_that_does_not_come_ends_in_a_sentence(
    context: BrowserContext,
    tests: Server,
    test_site: Path,
    noted: Noted,
    pattern: str,
    kind: str,
) -> None:
    impatient(context, LIMITS)
    name = fault(tests, test_site, pattern, kind)
    visit = Visit(context.new_page(), tests, CONTROLS, "ordinary")
    words = visit.failed()
    assert re.search(r"[Tt]ry again", words), words
    assert tests.faults.count(name)
    readable(visit)
    assert visit.seen()["events"][-1] == ["ml:error", {"message": words}]
    if pattern == PACKAGE:
        noted(KINDS[kind], said(re.sub(r"\(numpy-.*?\)", "(numpy…)", words)))
    elif (pattern, kind) == ("/pyodide.asm.*.wasm", "truncated"):
        noted("main module damaged", said(words))


def test_a_slow_server_is_waited_for(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    impatient(context, {20_000: 4_000})
    fault(tests, test_site, PACKAGE, "slow")
    visit = Visit(context.new_page(), tests, CONTROLS, "ordinary")
    visit.near()
    words = visit.demo().locator(".status .words")
    expect(words).to_have_text(re.compile(r"Fetching Python, \d+\.\d of \d+\.\d MB"))
    moves(visit.ready())
    noted("slow", said("Fetching Python, … of … MB") + ", then the figure works")


@pytest.mark.parametrize(
    ("pattern", "way"),
    [
        (PACKAGE, "ordinary"),
        ("/pyodide.asm.*.js", "ordinary"),
        ("/pyodide.asm.*.js", "snapshot"),
    ],
)
def test_try_again_starts_python_once_the_fault_is_mended(
    context: BrowserContext, tests: Server, test_site: Path, pattern: str, way: str
) -> None:
    """With both starts; the fast one doesn't need every package."""
    fault(tests, test_site, pattern, "portal")
    visit = Visit(context.new_page(), tests, CONTROLS, way)
    visit.failed()
    tests.faults.clear()
    again(visit)


def test_a_file_that_fails_once_is_asked_for_again(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    name = fault(tests, test_site, "/python_stdlib.", "truncated")
    tests.faults.once.add(name)
    visit = Visit(context.new_page(), tests, CONTROLS, "ordinary").ready()
    assert tests.faults.count(name) == 2
    assert visit.boot() == "ordinary"
    noted("fails once", "nothing: the file is requested again")


@pytest.mark.parametrize(
    ("pattern", "kind", "name"),
    [
        ("/snapshot.", "stalled", "snapshot stalled"),
        ("/matplotlib.ft2font.", "truncated", "library damaged"),
        # The rest is the same, so the test doesn't wait for it.
        ("/zstddec.", "missing", ""),
        ("/matplotlib.ft2font.", "portal", ""),
    ],
)
def test_without_a_whole_snapshot_python_starts_the_ordinary_way(
    context: BrowserContext,
    tests: Server,
    test_site: Path,
    noted: Noted,
    pattern: str,
    kind: str,
    name: str,
) -> None:
    impatient(context, {20_000: 1_500, 90_000: 3_000})
    path = fault(tests, test_site, pattern, kind)
    page = context.new_page()
    with falls_back(page):
        visit = Visit(page, tests, CONTROLS, "snapshot")
        visit.near()
    assert tests.faults.count(path)
    if name:
        assert visit.ready().boot() == "ordinary"
        moves(visit)
        noted(name, "the figure works, after an ordinary start")


# Modules that still compile with one bit flipped.
FLIPPED = ["/pyodide.asm.*.wasm", "/matplotlib.backends._backend_agg.", "/numpy.random.mtrand."]


@pytest.mark.parametrize("pattern", FLIPPED)
def test_a_module_with_one_bit_flipped_is_found_out(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted, pattern: str
) -> None:
    path = fault(tests, test_site, pattern, "changed for good")
    tests.faults.once.add(path)
    page = context.new_page()
    visit = Visit(page, tests, CONTROLS, "snapshot")
    visit.near()
    wait_for("the module once more", lambda: tests.faults.count(path) == 2)
    expect(visit.demo()).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    moves(visit)
    visit = Visit(page, tests, CONTROLS, "snapshot").ready()
    assert visit.boot() == "snapshot"
    assert visit.problems == []
    noted("module bit flipped", "the figure works, if necessary after a second start")


def test_a_module_that_is_never_whole_ends_in_a_sentence(
    context: BrowserContext, tests: Server, test_site: Path, noted: Noted
) -> None:
    fault(tests, test_site, FLIPPED[0], "changed for good")
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot")
    words = visit.failed()
    assert "pyodide.asm.wasm" in words
    readable(visit)
    tests.faults.clear()
    again(visit)
    moves(visit)
    noted("module bit flipped always", said(words))


def test_wrong_types_of_files_do_no_harm(
    context: BrowserContext, tests: Server, noted: Noted, boot: str
) -> None:
    for ending in (".wasm", ".zip", ".whl", ".json", ".bin"):
        tests.faults.of[ending] = "untyped"
    visit = Visit(context.new_page(), tests, CONTROLS, boot).ready()
    assert visit.boot() == boot
    noted("wrong types", "the figure works")


def test_offline_in_the_middle_of_a_start(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    page = context.new_page()
    page.route("**/runtime/**", lambda route: route.abort("internetdisconnected"))
    visit = Visit(page, tests, CONTROLS, "snapshot")
    context.set_offline(True)
    words = visit.failed()
    assert "offline" in words
    readable(visit)
    context.set_offline(False)
    page.unroute("**/runtime/**")
    again(visit)
    # Either the script or a file of Python may be the first that fails.
    noted("offline in mid-load", said(re.sub(r"^A part of Python \(.*?\)", "Python", words)))


def test_a_page_older_than_the_files_of_the_server(
    context: BrowserContext,
    test_site: Path,
    serve_folder: Callable[[Path], Server],
    tmp_path: Path,
    noted: Noted,
) -> None:
    """Without a service worker, as on a first visit or over plain http."""
    site = tmp_path / "site"
    link(test_site, site)
    visit = Visit(context.new_page(), serve_folder(site), CONTROLS, "snapshot").ready()
    moves(visit)
    for folder in ("assets", "runtime"):
        (site / folder).rename(site / f"newer-{folder}")
    context.new_cdp_session(visit.page).send("Network.clearBrowserCache")
    visit.python().evaluate("self.close()")
    impatient_once(visit, {15_000: 1_000})
    field(visit, "x").press("ArrowRight")
    words = visit.failed()
    assert "Reload" in words
    readable(visit)
    noted("old page with new files", said(words) + "; with a service worker the lesson continues")


# Faults in the browser


def test_a_host_without_https(context: BrowserContext, tests: Server, noted: Noted) -> None:
    """FLAGS map course.test to this machine: a host name that isn't a secure context."""
    page = context.new_page()
    page.goto(tests.url.replace("127.0.0.1", "course.test") + CONTROLS)
    assert page.evaluate("[isSecureContext, 'caches' in window, crypto.subtle === undefined]") == [
        False,
        False,
        True,
    ]
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    slider = demo.locator("input[type=range]").first
    slider.press("ArrowRight")
    expect(demo.locator(".caption")).to_contain_text("x=0.1 ")
    expect(page.locator(".offline")).to_be_hidden()
    noted("plain http", "the figure works; nothing is stored for offline use")


def test_a_tab_that_was_frozen(context: BrowserContext, tests: Server, noted: Noted) -> None:
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    devtools = context.new_cdp_session(visit.page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    visit.page.wait_for_timeout(1_000)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    moves(visit)
    assert visit.problems == []
    noted("tab frozen", "the figure continues")


def test_a_page_from_the_back_forward_cache(
    playwright: Playwright, tests: Server, noted: Noted
) -> None:
    """Playwright disables that cache, so this test launches its own browser."""
    off = ["--disable-back-forward-cache"]
    started = playwright.chromium.launch(**chromium(whole=True), ignore_default_args=off)
    page = started.new_context().new_page()
    page.add_init_script(
        "addEventListener('pageshow', (event) => { window.persisted = event.persisted; });"
    )
    visit = Visit(page, tests, CONTROLS, "snapshot").ready()
    moves(visit)
    devtools = page.context.new_cdp_session(page)

    def ask(expression: str) -> Any:  # Playwright loses track of a restored page
        answer = devtools.send("Runtime.evaluate", {"expression": expression})
        return answer["result"].get("value")

    told = "document.querySelector('ml-demo .caption').textContent"
    pixels = f"({PIXELS})(document.querySelector('ml-demo canvas'))"
    before, frame = (ask(told), ask(pixels)), ask("document.querySelector('ml-demo').dataset.frame")
    page.goto(tests.url + "gallery.html")
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_url(f"**/{CONTROLS}*", wait_until="commit")
    wait_for("the page of before", lambda: ask("persisted"), 10)
    drawn_again = f"document.querySelector('ml-demo').dataset.frame > {frame}"
    wait_for("a whole picture: the canvas may have lost its own", lambda: ask(drawn_again), 30)
    assert (ask(told), ask(pixels)) == before
    ask(
        """{
          const slider = document.querySelector("ml-demo form [name=x]");
          slider.valueAsNumber = 2;
          slider.dispatchEvent(new Event("input", {bubbles: true}));
        }"""
    )
    wait_for("a new picture", lambda: "x=2 " in ask(told))
    assert ask(pixels) != before[1]
    started.close()
    noted("back/forward cache", "the figure as it was, and it continues")


def test_a_canvas_that_lost_its_picture(
    context: BrowserContext, tests: Server, noted: Noted
) -> None:
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    moves(visit)
    pixels, frame = visit.pixels(), visit.frame()
    canvas = visit.demo().locator("canvas")
    canvas.evaluate(
        "(c) => { c.getContext('2d').reset(); c.dispatchEvent(new Event('contextrestored')); }"
    )
    expect(visit.demo()).not_to_have_attribute("data-frame", str(frame))
    assert visit.pixels() == pixels
    noted("canvas context lost", "the picture is drawn again")


def test_two_tabs(context: BrowserContext, tests: Server, noted: Noted) -> None:
    first = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    second = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    for visit in (first, second, first):
        visit.page.bring_to_front()
        moves(visit)
    assert first.caption() != second.caption()
    assert first.problems == second.problems == []
    noted("two tabs", "the figures are independent")


def test_very_fast_input(context: BrowserContext, tests: Server, noted: Noted) -> None:
    """More events than pictures can be drawn: the last picture shows the last value."""
    visit = Visit(context.new_page(), tests, CONTROLS, "snapshot").ready()
    field(visit, "x").evaluate(
        """(slider) => {
          for (let move = 1; move <= 60; move += 1) {
            slider.valueAsNumber = -3 + move / 10;
            slider.dispatchEvent(new Event("input", {bubbles: true}));
          }
        }"""
    )
    visit.says("x=3 ")
    frames = visit.frame()
    assert frames < 30
    assert visit.demo().get_attribute("data-state") == "ready"
    noted("very fast input", "the last value, after as many pictures as could be drawn")


def test_the_docs_list_every_fault() -> None:
    assert [*rows()] == [*FAULTS]
