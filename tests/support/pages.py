"""A page in Chromium: visit it, see what it shows, move its controls, shorten its time limits."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Locator,
    Page,
    Route,
    Worker,
    expect,
)

from bench import browsers
from support.machine import ROOT, wait_for
from support.servers import Server

# Debian's Chromium without a user interface, as Playwright's own, which draws pages with less work.
SHELL = Path("/usr/bin/chromium-headless-shell")
WHOLE = Path("/usr/bin/chromium")
FLAGS = [
    *browsers.FLAGS,
    "--host-resolver-rules=MAP course.test 127.0.0.1",  # a host name that isn't a secure context
    # WebAssembly stays in baseline code, because optimizing it takes nearly half of the
    # processor time of a short visit.
    "--js-flags=--liftoff-only",
]
TIMEOUT = 180_000  # ms for Python to start on a slow machine
CLICK = 5  # s from a tap to its click


def chromium(whole: bool = False) -> dict[str, Any]:
    """Launch options: the system's browser if installed, or else Playwright's.

    `whole` is the browser that people use: with its settings and its user interface.
    """
    wanted = [WHOLE] if whole else [SHELL, WHOLE]
    if found := next((path for path in wanted if path.exists()), None):
        return {"executable_path": found, "args": FLAGS}
    return {"channel": "chromium" if whole else None, "args": FLAGS}


# Records events and errors of a page from the beginning.
WATCH = """
window.seen = {states: [], events: [], shifts: []};
const words = ({node, previousRect: from, currentRect: to}) =>
  [node?.outerHTML?.slice(0, 90), from.toJSON(), to.toJSON()];
new PerformanceObserver((list) => {
  for (const {value, sources} of list.getEntries())
    seen.shifts.push([value, ...sources.map(words)]);
}).observe({type: "layout-shift", buffered: true});
for (const name of ["ml:ready", "ml:error"])
  document.addEventListener(name, (event) => seen.events.push([name, event.detail]));
const note = () => {
  const state = document.querySelector("ml-demo")?.dataset.state;
  if (state && state !== seen.states.at(-1)) seen.states.push(state);
};
const all = {subtree: true, childList: true, attributes: true};
new MutationObserver(note).observe(document, all);
"""

# Nothing ever comes into view, so no figure starts Python.
FAR = """window.IntersectionObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
}"""

# A sum over the pixels of a canvas.
PIXELS = """(canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
  return sum;
}"""


class Visit:
    """One visit to a page, with a list of everything that a healthy page doesn't do."""

    def __init__(self, page: Page, server: Server, path: str, boot: str) -> None:
        self.page, self.server = page, server
        self.problems: list[str] = []
        self.messages: list[ConsoleMessage] = []
        self.foreign: list[str] = []
        self.told = ""  # the caption with all controls at their defaults
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self._on_request)
        page.add_init_script(WATCH)
        page.goto(address(server, path, boot))

    def _on_console(self, message: ConsoleMessage) -> None:
        # The way the tests read pixels causes a warning that isn't about the page.
        if message.type in ("error", "warning") and "willReadFrequently" not in message.text:
            self.problems.append(message.text)
            self.messages.append(message)

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, "blob:", "data:")):
            self.foreign.append(request.url)

    def seen(self) -> Any:
        return self.page.evaluate("window.seen")

    def demo(self, name: str = "") -> Locator:
        return self.page.locator(f"ml-demo[name={name}]" if name else "ml-demo").first

    def near(self) -> None:
        """Scroll to the first figure."""
        self.demo().scroll_into_view_if_needed()

    def ready(self) -> "Visit":
        """Wait until Python draws."""
        self.near()
        settled = re.compile("ready|failed")
        expect(self.demo()).to_have_attribute("data-state", settled, timeout=TIMEOUT)
        assert self.demo().get_attribute("data-state") == "ready", self.problems
        return self

    def failed(self) -> str:
        """Wait until the figure reports a failure, and return the message."""
        self.near()
        expect(self.demo()).to_have_attribute("data-state", "failed", timeout=TIMEOUT)
        trouble = self.demo().locator(".trouble")
        expect(trouble).to_be_visible()
        expect(trouble.get_by_role("button")).to_be_visible()
        return trouble.locator("p").inner_text()

    def caption(self) -> str:
        return self.demo().locator(".caption").inner_text()

    def frame(self) -> int:
        return int(self.demo().get_attribute("data-frame") or 0)

    def pixels(self) -> int:
        found: int = self.demo().locator("canvas").evaluate(PIXELS)
        return found

    def picture(self) -> tuple[int, str, int]:
        """Frame number, caption, and pixels of the same picture."""
        frame, caption, pixels = self.demo().evaluate(
            "(demo) => [demo.dataset.frame, demo.querySelector('.caption').innerText,"
            f" ({PIXELS})(demo.querySelector('canvas'))]"
        )
        return int(frame), caption, pixels

    def says(self, *words: str) -> None:
        """Wait for a caption that contains these words."""
        for word in words:
            expect(self.demo().locator(".caption")).to_contain_text(word)

    def python(self) -> Worker:
        """The worker in which Python runs; other workers only download."""
        (worker,) = (one for one in self.page.workers if one.url.endswith("/worker.js"))
        return worker

    def complete(self) -> Worker:
        """The same, after the rest of Python has arrived, which a first picture doesn't need."""
        worker = self.python()
        arrived = "'numpy' in pyodide.loadedPackages"
        wait_for("the rest of Python", lambda: worker.evaluate(arrived))
        return worker

    def boot(self) -> str:
        found: str = self.page.evaluate(
            "performance.getEntriesByName('ml-ready')[0]?.detail?.boot ?? ''"
        )
        return found


def address(server: Server, path: str, boot: str) -> str:
    """The URL of a page; the fast start is the default."""
    path, _, fragment = path.partition("#")
    query = ("&" if "?" in path else "?") + "boot=ordinary" if boot == "ordinary" else ""
    return f"{server.url}{path}{query}" + (f"#{fragment}" if fragment else "")


def lessons(server_folder: Path) -> list[str]:
    return sorted(
        page.relative_to(server_folder).as_posix() for page in server_folder.rglob("*.html")
    )


class Change:
    """Check that an action produces a new picture: `with Change(panel): …`."""

    def __init__(self, visit: Visit, pixels: bool = True) -> None:
        self.visit, self.with_pixels = visit, pixels

    def __enter__(self) -> None:
        self.before = self.visit.picture()  # read now: another picture may be under way

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind:
            return
        frame, caption, pixels = self.before
        expect(self.visit.demo().locator(".caption")).not_to_have_text(caption)
        after = self.visit.picture()
        assert after[0] > frame
        assert (after[2] != pixels) == self.with_pixels


def field(visit: Visit, name: str, index: int = 0) -> Locator:
    return visit.demo().locator(f"form [name={name}]").nth(index)


def control(visit: Visit, name: str) -> Locator:
    return visit.demo().locator(f".control[data-name={name}], .control:has([name={name}])")


def part(visit: Visit, name: str, does: str) -> Locator:
    """A button that belongs to the control of a parameter."""
    return control(visit, name).locator(f"button[data-does={does}]")


def exact(visit: Visit, name: str) -> Locator:
    return control(visit, name).locator("input.exact")


def center(locator: Locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def tap(page: Page, x: float, y: float) -> None:
    """Tap with a finger, and again if Chromium makes no click of it.

    On a busy machine that happens: the page gets pointerdown, touchstart, pointerup, and touchend
    within a millisecond, and then nothing, not even a mouse event. A page that prevents the click
    of a touch fails at once.
    """
    page.evaluate(
        """() => {
          window.unclicked = true;
          window.prevented = [];
          addEventListener("click", () => delete window.unclicked, {capture: true, once: true});
          for (const touch of ["touchstart", "touchend"])
            addEventListener(touch, (event) => event.defaultPrevented && prevented.push(touch));
        }"""
    )
    for _ in range(3):
        page.touchscreen.tap(x, y)
        deadline = time.monotonic() + CLICK
        while time.monotonic() < deadline:
            with suppress(Error):  # the click has opened another page
                if not page.evaluate("window.unclicked"):
                    return
            time.sleep(0.05)
        assert page.evaluate("prevented") == []
    raise AssertionError(f"no click after three taps at {x}, {y}")


def drag(visit: Visit, grip: Locator, right: float, down: float) -> None:
    x, y = center(grip)
    mouse = visit.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right, y + down, steps=8)
    mouse.up()


def finger(visit: Visit, grip: Locator, right: float, down: float) -> None:
    """The same by touch."""
    x, y = center(grip)
    session = visit.page.context.new_cdp_session(visit.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x + right * step / 8, y + down * step / 8))
    touch("touchEnd")
    session.detach()


def hold_tab(page: Page, stops: int) -> None:
    """Hold the Tab key for so many stops, which takes half the time of single presses."""
    for _ in range(stops):
        page.keyboard.down("Tab")
    page.keyboard.up("Tab")


# The Tab key leads to the next stop that matches, and no further.
STOP_AT = """(wanted) => {
  const end = new AbortController();
  const {signal} = end;
  window.endOfTab = () => end.abort();
  window.tabbedTo = null;
  const note = () => { window.tabbedTo ||= document.activeElement.matches(wanted); };
  addEventListener("focusin", note, {signal});
  const stop = (event) => {
    if (event.key !== "Tab" || !window.tabbedTo) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("keydown", stop, {capture: true, signal});
}"""


def press_until(page: Page, selector: str) -> None:
    """Hold Tab until a matching element has the focus."""
    page.evaluate(STOP_AT, selector)
    for _ in range(25):
        hold_tab(page, 10)
        if page.evaluate("window.tabbedTo"):
            page.evaluate("window.endOfTab()")
            return
    raise AssertionError(f"the Tab key does not reach {selector} on {page.url}")


WAY = "performance.getEntriesByName('ml-ready')[0]?.detail"


def mover(demo: Locator) -> Locator:
    """The first visible slider or toggle of a figure, or else its first handle."""
    controls = demo.locator("input[type=range], input[type=checkbox]").locator("visible=true")
    handles = demo.locator(".handle").locator("visible=true")
    return (controls if controls.count() else handles).first


def moves(page: Page | Frame, host: str) -> None:
    """Python starts in this kind of host, and a slider or a handle changes pixels."""
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", re.compile("ready|failed"), timeout=TIMEOUT)
    assert demo.get_attribute("data-state") == "ready", demo.locator(".trouble").inner_text()
    canvas, caption = demo.locator("canvas"), demo.locator(".caption")
    expect(canvas).to_be_visible()
    assert page.evaluate(WAY) == {"boot": "snapshot", "host": host}
    before, words = canvas.evaluate(PIXELS), caption.inner_text()
    mover(demo).press("ArrowRight")
    expect(caption).not_to_have_text(words, timeout=TIMEOUT)
    assert canvas.evaluate(PIXELS) != before
    expect(demo.locator(".trouble")).to_be_hidden()


AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OF_COLORS = ["color-contrast", "link-in-text-block"]
AXE_OF_SIZES = ["target-size", "scrollable-region-focusable"]

# Color scheme, width, and the axe rules that are ignored there.
AXE_STATES: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {
    "light": (
        {"color_scheme": "light", "forced_colors": "none"},
        1280,
        {"runOnly": AXE_TAGS},
    ),
    "dark": (
        {"color_scheme": "dark", "forced_colors": "none"},
        1280,
        {"runOnly": AXE_OF_COLORS},
    ),
    "forced colors": (
        {"color_scheme": "dark", "forced_colors": "active"},
        1280,
        {"runOnly": AXE_OF_COLORS},
    ),
    "320 pixels": (
        {"color_scheme": "light", "forced_colors": "none"},
        320,
        {"runOnly": [*AXE_OF_SIZES, *AXE_OF_COLORS]},
    ),
}
# What a page adds or hides in these states doesn't change colors.
AXE_NO_COLORS = {"runOnly": AXE_TAGS, "rules": {name: {"enabled": False} for name in AXE_OF_COLORS}}

AXE = """async (options) => {
  await new Promise(requestAnimationFrame);
  const html = ({html}) => html.slice(0, 200);
  const {violations} = await axe.run({...options, resultTypes: ["violations"], preload: false});
  return violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map(html)]);
}"""


def violations(page: Page, state: str) -> Any:
    """The violations that axe-core finds in one of AXE_STATES."""
    media, width, options = AXE_STATES[state]
    page.emulate_media(**media)
    page.set_viewport_size({"width": width, "height": 900})
    wait_for("pictures of this width", lambda: page.evaluate(FITTING), 30)
    return axe(page, options)


# Whether Python has drawn the first figure at its current width (true without Python).
FITTING = """() => {
  const canvas = document.querySelector("ml-demo[data-state=ready] canvas");
  if (!canvas?.clientWidth) return true;
  canvas.scrollIntoView({block: "nearest"});
  return Math.abs(canvas.width - canvas.clientWidth * devicePixelRatio) < 2;
}"""


def axe(page: Page, options: dict[str, Any]) -> Any:
    """The violations that axe-core finds. Like the tests, it bypasses the page's policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text())
    return page.evaluate(AXE, options)


# Shortens time limits (ms) of a page: always, or once each.
TIMERS = """([limits, once]) => {
  const wait = setTimeout;
  window.setTimeout = (act, ms, ...rest) => {
    const short = limits[ms] ?? ms;
    if (once) delete limits[ms];
    return wait(act, short, ...rest);
  };
}"""


# From now on, every picture takes 1.5 s.
SLOW = """() => {
  const answer = self.onmessage;
  self.onmessage = (event) => {
    const end = performance.now() + (event.data.call === "draw" ? 1500 : 0);
    while (performance.now() < end);
    return answer(event);
  };
}"""


def impatient_once(visit: Visit, limits: dict[int, int]) -> None:
    """Shorten the next time limit of each of these lengths, but no later ones."""
    visit.page.evaluate(TIMERS, [limits, True])


def impatient_always(visit: Visit, limits: dict[int, int]) -> None:
    """Shorten the time limits of each of these lengths from now on."""
    visit.page.evaluate(TIMERS, [limits])


def impatient(context: BrowserContext, limits: dict[int, int]) -> None:
    """Shorten time limits (ms): timers of the page, and those in files that its workers load."""
    context.add_init_script(f"({TIMERS})([{json.dumps(limits)}])")

    def shorten(route: Route) -> None:
        text = route.fetch().text()
        for limit, short in limits.items():
            text = text.replace(f" = {limit:_}; //", f" = {short}; //")
        route.fulfill(body=text, content_type="text/javascript")

    context.route("**/scripts/download.js", shorten)


@contextmanager
def falls_back(page: Page) -> Iterator[Any]:
    """The page reports that the fast start failed, and downloads what the ordinary start needs."""
    with (
        page.expect_request("**/runtime/numpy-*", timeout=TIMEOUT),
        page.expect_console_message(
            lambda message: "fast start did not work" in message.text, timeout=TIMEOUT
        ) as told,
    ):
        yield told


def handle(visit: Visit, index: int) -> Locator:
    """The handles, in the order of their fields: columns of A, a and b, the free points."""
    return visit.demo().locator(".handles button").nth(index)


def numbers(caption: str, name: str) -> Any:
    """The list that a caption contains for a parameter."""
    found = re.search(rf"\b{name}=(\[.*?\])(?= [a-z]+=|\.$)", caption)
    assert found, caption
    return json.loads(found[1])


Noted = Callable[[str, str], None]
CONTROLS = "lessons/01-controls.html"


def readable(visit: Visit) -> None:
    """The text of the lesson and a picture are visible."""
    expect(visit.page.locator("#end")).to_contain_text("The end of the lesson.")
    expect(visit.demo().locator("picture img, canvas").locator("visible=true")).to_be_visible()


def said(words: str) -> str:
    return f"“{words}”"


def fault(server: Server, dist: Path, pattern: str, kind: str) -> str:
    """Make every request for the file fail; return part of its path."""
    files = [path for path in dist.rglob("*") if path.is_file()]
    wanted = re.compile(re.escape(pattern).replace(r"\*", r"[0-9a-f]{12}"))
    found = {path.name for path in files if wanted.search(f"/{path.name}")}
    assert len(found) == 1, (pattern, found)
    name = f"/{found.pop()}"
    server.faults.of[name] = kind
    return name
