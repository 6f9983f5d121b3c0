"""Frames: real parent pages that embed the course as learning platforms do.

Each host is a small script in tests/hosts/ that does what the platform's own script does, or our
own embed-parent.js. `pytest --renew` writes the table in docs/embedding.md; a normal run compares
it with what these tests do.
"""

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, Playwright, expect
from selenium import webdriver
from support import changes
from support.engines import MOVE, STATE
from support.machine import ROOT, wait_for
from support.pages import AXE_STATES, Visit, chromium, violations
from support.servers import Server

DOC = ROOT / "docs" / "embedding.md"
HOSTS = {
    "canvas": "Canvas (LTI)",
    "openedx": "Open edX",
    "h5p": "H5P",
    "sizer": "iframe-resizer",
    "own": "`embed-parent.js`",
}
ISOLATIONS = ("same origin", "another origin", "storage refused", "sandboxed")
# Every pair in Chromium. Messages are the same in all engines, so the others test a few pairs.
PLAN = {
    "Chromium": {isolation: list(HOSTS) for isolation in ISOLATIONS},
    "Firefox": {
        "same origin": ["canvas"],
        "another origin": ["openedx", "h5p"],
        "storage refused": ["sizer"],
        "sandboxed": ["own"],
    },
    "WebKit": {"same origin": ["canvas"], "another origin": ["h5p"], "sandboxed": ["own"]},
}
# Where the height doesn't follow, and why.
FIXED = {
    ("h5p", "sandboxed"): "H5P's own script answers to the origin of the frame, and a sandboxed "
    "frame has none. The frame keeps the height given in its code; the figure works."
}
# Where a frame needs another file of the course, and why.
INSTEAD = {
    ("WebKit", "sandboxed"): (
        "../packages/11-normal.html",
        "In WebKitGTK 2.50.6, `'self'` in the policy of a sandboxed page matches no URL (see "
        "[bug 308756](https://bugs.webkit.org/show_bug.cgi?id=308756) and "
        "[bug 316847](https://bugs.webkit.org/show_bug.cgi?id=316847)), so the page gets no "
        "styles and no scripts. Use the lesson's single file in such a frame, as the test does.",
    )
}
HEIGHT = 400  # px: the initial height of a frame
HEAD = (
    '<!doctype html><meta charset="utf-8"><title>A platform</title><link rel="icon" href="data:,">'
)
DEMO = "demos/normal.html"
STATE_OF_DEMO = "?embed=1#normal?sd=0.5"


class Window(Protocol):
    """A browser with a parent page; all three engines have these methods."""

    def open(self, url: str) -> None: ...
    def top(self, script: str) -> Any: ...
    def inside(self, index: int, script: str) -> Any: ...


@pytest.fixture(scope="session")
def parents(
    dist: Path,
    packages: Path,
    tmp_path_factory: pytest.TempPathFactory,
    serve_folder: Callable[[Path], Server],
) -> Server:
    """A server with the course in a folder, and room beside it for parent pages."""
    folder = tmp_path_factory.mktemp("parents")
    (folder / "course").symlink_to(dist)
    (folder / "packages").symlink_to(packages)
    (folder / "hosts").symlink_to(ROOT / "tests" / "hosts")
    return serve_folder(folder)


def folder_of(server: Server) -> Path:
    return Path(server.http.RequestHandlerClass.keywords["directory"])  # type: ignore[attr-defined]


def parent(server: Server, hosts: list[str], isolation: str, framed: str = DEMO) -> str:
    """Write a page with a frame for each host, and return its URL. localhost is another site."""
    here = server.url
    if isolation != "same origin":
        here = here.replace("127.0.0.1", "localhost")
    course = server.url + "course/"
    own = course + "embed-parent.js"
    scripts = [own if name == "own" else f"hosts/{name}.js" for name in hosts]
    sandbox = ' sandbox="allow-scripts"' if isolation == "sandboxed" else ""
    page = "".join(
        [
            HEAD,
            *(f'<script src="{script}"></script>' for script in scripts),
            *(
                f'<iframe id="frame-{name}" data-host="{name}" title="{name}"{sandbox}'
                f' data-src="{course}{framed}{STATE_OF_DEMO}"'
                f' style="width: 100%; height: {HEIGHT}px"></iframe><hr>'
                for name in hosts
            ),
        ]
    )
    name = f"{isolation.replace(' ', '-')}-{'-'.join(hosts)}.html"
    (folder_of(server) / name).write_text(page)
    return here + name


def own_apart(hosts: list[str]) -> list[list[str]]:
    """Our own script handles all frames of a page, so it gets a separate page."""
    others = [name for name in hosts if name != "own"]
    return [group for group in (others, ["own"] if "own" in hosts else []) if group]


LOADED = "return location.href !== 'about:blank' && document.readyState === 'complete';"
PLACE = "return document.querySelector('FIGURE .picture').getBoundingClientRect().top;"
INNER_HEIGHT = "return Math.ceil(document.documentElement.getBoundingClientRect().height);"


def try_hosts(window: Window, server: Server, engine: str, isolation: str) -> None:
    """In each frame Python starts, a slider changes pixels, and the height follows both ways."""
    framed, _ = INSTEAD.get((engine, isolation), (DEMO, ""))
    for hosts in own_apart(PLAN[engine][isolation]):
        window.open(parent(server, hosts, isolation, framed))
        for index, host in enumerate(hosts):
            try_host(window, index, host, fixed=(host, isolation) in FIXED)
            if (host, isolation) == ("own", "sandboxed"):
                changes.is_only_read(
                    lambda script, at=index: in_view(window, at, script, "#normal"), "normal"
                )


def loaded(window: Window, index: int) -> bool:
    """Whether a frame has left about:blank and has loaded its page."""
    try:
        return bool(window.inside(index, LOADED))
    except Error as error:
        if "because of a navigation" not in str(error):  # it left while it was asked
            raise
        return False


def in_view(window: Window, index: int, script: str, figure: str = "ml-demo") -> Any:
    """Scroll the parent page to a figure, as a reader does, then run a script in the frame.

    A frame on another site can't scroll its parent, and its figure has pixels only in view.
    """
    top = window.inside(index, PLACE.replace("FIGURE", figure))
    frame = f"document.querySelectorAll('iframe')[{index}]"
    window.top(f"scrollTo(0, {frame}.offsetTop + {top} - 100);")
    return window.inside(index, script)


def started(window: Window, index: int, host: str) -> Any:
    """Wait until Python draws. If a busy machine takes too long, do what the page suggests."""

    def state() -> Any:
        return in_view(window, index, STATE)

    wait_for(f"{host}: a start", lambda: state()["state"] in ("ready", "failed"))
    if "takes too long" in state()["trouble"]:
        window.inside(index, "document.querySelector('ml-demo .trouble button').click();")
        wait_for(f"{host}: a second start", lambda: state()["state"] == "ready")
    found = state()
    assert found["state"] == "ready", (host, found["trouble"])
    return found


def try_host(window: Window, index: int, host: str, fixed: bool) -> None:
    frame = f"document.querySelectorAll('iframe')[{index}]"

    def outer() -> int:
        height: int = window.top(f"return {frame}.clientHeight;")
        return height

    def inner() -> int:
        height: int = window.inside(index, INNER_HEIGHT)
        return height

    def follows() -> bool:
        return outer() == HEIGHT if fixed else abs(outer() - inner()) <= 1

    # One after the other: on two cores, five simultaneous starts would slow each other down.
    window.top(f"{frame}.src = {frame}.dataset.src; {frame}.scrollIntoView();")
    wait_for(f"{host}: its page", lambda: loaded(window, index), 60)
    before = started(window, index, host)
    wait_for(f"{host}: the height", follows, 30)
    window.inside(index, MOVE)
    wait_for(
        f"{host}: a picture", lambda: window.inside(index, STATE)["frame"] > before["frame"], 60
    )
    after = window.inside(index, STATE)
    assert after["pixels"] != before["pixels"]
    assert after["caption"] != before["caption"]
    wide = inner()
    window.top(f"{frame}.style.width = '340px';")
    wait_for(f"{host}: more height", lambda: inner() > wide and follows(), 30)
    window.top(f"{frame}.style.width = '100%';")
    wait_for(f"{host}: less height", lambda: inner() <= wide and follows(), 30)


class ChromiumWindow:
    """Chromium, with a list of its errors."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page = context.new_page()
        self.problems: list[str] = []
        own = (server.url, server.url.replace("127.0.0.1", "localhost"), "blob:", "data:")
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.problems.append(message.text)
                if message.type == "error" and "willReadFrequently" not in message.text
                else None
            ),
        )
        self.page.on(
            "request",
            lambda request: (
                self.problems.append(request.url) if not request.url.startswith(own) else None
            ),
        )

    def open(self, url: str) -> None:
        self.page.goto(url)

    def top(self, script: str) -> Any:
        return self.page.evaluate(f"() => {{ {script} }}")

    def inside(self, index: int, script: str) -> Any:
        frame = self.page.locator("iframe").nth(index).element_handle().content_frame()
        assert frame
        return frame.evaluate(f"() => {{ {script} }}")


@pytest.fixture
def window(browser: Browser, parents: Server) -> Iterator[ChromiumWindow]:
    context = browser.new_context(viewport={"width": 900, "height": 900})
    yield ChromiumWindow(context, parents)
    context.close()


@pytest.mark.parametrize("isolation", ["same origin", "another origin"])
def test_hosts_in_chromium(window: ChromiumWindow, parents: Server, isolation: str) -> None:
    try_hosts(window, parents, "Chromium", isolation)
    assert window.problems == []


def test_hosts_in_chromium_sandboxed(window: ChromiumWindow, parents: Server) -> None:
    try_hosts(window, parents, "Chromium", "sandboxed")
    # Chromium reports each file that it refuses to a page with an opaque origin, which then uses
    # the fallback bundle. H5P's script fails because of that origin, too.
    expected = ("blocked by CORS policy", "net::ERR_FAILED", "Invalid target origin 'null'")
    others = [text for text in window.problems if not any(known in text for known in expected)]
    assert others == []


STORAGE = "try { return String(window.localStorage.length); } catch (error) { return error.name; }"


def test_hosts_in_chromium_that_refuses_storage(
    playwright: Playwright, parents: Server, tmp_path: Path
) -> None:
    """Like the setting "block third-party cookies"."""
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    profile = {"cookie_controls_mode": 1, "block_third_party_cookies": True}
    settings.write_text(json.dumps({"profile": profile}))
    context = playwright.chromium.launch_persistent_context(
        tmp_path,
        **chromium(whole=True),
        viewport={"width": 900, "height": 900},
    )
    window = ChromiumWindow(context, parents)
    try_hosts(window, parents, "Chromium", "storage refused")
    assert window.inside(0, STORAGE) == "SecurityError"
    assert window.problems == []
    context.close()


class FirefoxWindow:
    def __init__(self, client: Any) -> None:
        self.client = client

    def open(self, url: str) -> None:
        self.client.switch_to_frame()
        self.client.navigate(url)

    def top(self, script: str) -> Any:
        self.client.switch_to_frame()
        return self.client.execute_script(script)

    def inside(self, index: int, script: str) -> Any:
        self.client.switch_to_frame()
        self.client.switch_to_frame(index)
        return self.client.execute_script(script)


@pytest.mark.filterwarnings("ignore")  # of marionette-driver itself
def test_hosts_in_firefox(firefox: Any, parents: Server) -> None:
    window = FirefoxWindow(firefox)
    for isolation in PLAN["Firefox"]:
        refuse = isolation == "storage refused"
        firefox.set_pref("network.cookie.cookieBehavior", 1 if refuse else 0)
        try_hosts(window, parents, "Firefox", isolation)
        if refuse:
            assert window.inside(0, STORAGE) == "SecurityError"


class WebKitWindow:
    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.switch_to.default_content()
        self.driver.get(url)

    def top(self, script: str) -> Any:
        self.driver.switch_to.default_content()
        return self.driver.execute_script(script)

    def inside(self, index: int, script: str) -> Any:
        self.driver.switch_to.default_content()
        self.driver.switch_to.frame(index)
        return self.driver.execute_script(script)


@pytest.mark.filterwarnings("ignore")  # of Selenium itself
def test_hosts_in_webkit(webkit: webdriver.WebKitGTK, parents: Server) -> None:
    for isolation in PLAN["WebKit"]:
        try_hosts(WebKitWindow(webkit), parents, "WebKit", isolation)


def table() -> str:
    """The table for the docs: everything that is tested here."""
    reasons = [*FIXED.values(), *(why for _, why in INSTEAD.values())]

    def cell(host: str, isolation: str) -> str:
        words = []
        for engine in (name for name, tried in PLAN.items() if host in tried.get(isolation, [])):
            why = FIXED.get((host, isolation)) or INSTEAD.get((engine, isolation), ("", ""))[1]
            words.append(f"{engine} ({reasons.index(why) + 1})" if why else engine)
        return ", ".join(words)

    lines = [
        "| | " + " | ".join(ISOLATIONS) + " |",
        "| --- " * (len(ISOLATIONS) + 1) + "|",
        *(
            f"| {words} | " + " | ".join(cell(host, isolation) for isolation in ISOLATIONS) + " |"
            for host, words in HOSTS.items()
        ),
        "",
        *(
            textwrap.fill(f"({number}) {why}", 100, break_on_hyphens=False) + "\n"
            for number, why in enumerate(reasons, 1)
        ),
    ]
    return "\n".join(lines)


def test_the_table_in_the_docs_is_what_these_tests_try(request: pytest.FixtureRequest) -> None:
    begin, end = "<!-- made by tests/test_frames.py -->\n", "\n<!-- end -->"
    before, first, rest = DOC.read_text().partition(begin)
    told, last, after = rest.partition(end)
    assert first + last == begin + end
    if request.config.getoption("--renew"):
        DOC.write_text(before + begin + table() + end + after)
    else:
        assert told == table()


# Messages


@pytest.fixture
def without_python(browser: Browser) -> Iterator[Page]:
    """A page in which Python never starts, because these tests don't need it."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    context.add_init_script(
        "window.Worker = class extends EventTarget { postMessage() {} terminate() {} };"
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert problems == []
    context.close()


def write_parent(server: Server, name: str, body: str) -> str:
    """The URL of a parent page on another site."""
    (folder_of(server) / name).write_text(HEAD + body)
    return server.url.replace("127.0.0.1", "localhost") + name


def frame_of(page: Page, index: int = 0) -> Frame:
    frame = page.locator("iframe").nth(index).element_handle().content_frame()
    assert frame
    frame.wait_for_load_state()
    return frame


LESSON = "lessons/01-vectors.html?embed=1"


def test_a_frame_hears_its_parent_alone_and_only_what_it_knows(
    without_python: Page, parents: Server
) -> None:
    page = without_python
    write_parent(parents, "sibling.html", "<p>sibling</p>")
    page.goto(
        write_parent(
            parents,
            "hearing.html",
            "<script>var got = [];"
            " addEventListener('message', ({data}) => got.push(data));</script>"
            f'<iframe title="a" src="{parents.url}course/{LESSON}"></iframe>'
            '<iframe title="b" src="sibling.html"></iframe>',
        )
    )
    frame_of(page, 0)
    sibling = frame_of(page, 1)
    page.wait_for_function("got.some(({action}) => action === 'hello')")

    def answers(*messages: Any, source: Any = page) -> list[Any]:
        """All messages until the frame has answered a question that it knows."""
        page.evaluate("got.length = 0")
        where = "parent.frames[0]" if source is sibling else "frames[0]"
        source.evaluate(
            f"(messages) => messages.forEach((one) => {where}.postMessage(one, '*'))", messages
        )
        page.evaluate("frames[0].postMessage({subject: 'ml.askHeight'}, '*')")
        page.wait_for_function("got.some(({type}) => type === 'plugin.resize')")
        got: list[Any] = page.evaluate("got")
        return [
            one
            for one in got
            if not (isinstance(one, str) and one.startswith("{"))
            and "plugin.resize" not in str(one)
            and "lti.frameResize" not in str(one)
        ]

    first = "[iFrameSizer]one:8:false:false:32:true"
    hello = {"context": "h5p", "action": "hello"}
    assert answers(first, hello, {"context": "h5p", "action": "ready"}, source=sibling) == []
    wrong = [None, 7, True, "", "[iFrameSizer]", "[iFrameSizer]one", "[iFrameSizer]:8:false:", "{}"]
    wrong += [[], {}, {"context": "h5p"}, {"subject": "lti.frameResize", "height": 9}]
    wrong += [
        {"context": "h5p", "action": "resize"},
        {"context": "h5p", "action": "resizePrepared"},
    ]
    assert answers(*wrong) == []
    assert answers({"context": "h5p", "action": "ready"}) == [hello]
    (prepare,) = answers(hello)[:1]
    height = prepare["scrollHeight"]
    assert prepare == {
        "context": "h5p",
        "action": "prepareResize",
        "height": height,
        "scrollHeight": height,
        "clientHeight": height,
    }
    (init, *_) = answers(first)
    assert init == f"[iFrameSizer]one:{height}:300:init"


def test_the_parent_script_sizes_our_frames_alone(without_python: Page, parents: Server) -> None:
    """Another frame can neither ask for our height nor receive it."""
    page = without_python
    (folder_of(parents) / "other.html").write_text(
        "<script>for (const height of [50, '60', -1, NaN, 1e9, null])"
        "  parent.postMessage({subject: 'lti.frameResize', height}, '*');</script>"
    )
    style = 'style="width: 700px; height: 123px"'
    page.goto(
        write_parent(
            parents,
            "own.html",
            f'<iframe title="other" {style} src="other.html"></iframe>'
            f'<iframe title="ours" {style} src="{parents.url}course/{LESSON}"></iframe>'
            f'<iframe title="bad" {style} src="other.html?embed=1"></iframe>'
            # last, when the frames may already have reported their heights
            f'<script src="{parents.url}course/embed-parent.js"></script>',
        )
    )
    inner = frame_of(page, 1).evaluate(
        "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    )
    page.wait_for_function(
        f"Math.abs(document.querySelectorAll('iframe')[1].clientHeight - {inner}) <= 1"
    )
    heights = page.evaluate(
        "[...document.querySelectorAll('iframe')].map((one) => one.style.height)"
    )
    assert heights[0] == "123px"
    assert heights[2] in ("123px", "50px", "60px")  # it may ask for its own height, within limits


def test_links_of_a_frame(without_python: Page, parents: Server) -> None:
    page = without_python
    write_parent(parents, "sibling.html", "<p>sibling</p>")
    page.goto(
        write_parent(
            parents,
            "links.html",
            '<iframe title="a" width="900" height="900"'
            f' src="{parents.url}course/lessons/04-dot-product.html?embed=1"></iframe>',
        )
    )
    frame = frame_of(page)
    for hidden in (".site-header", ".site-footer", ".neighbors", "[data-does=embed]"):
        expect(frame.locator(hidden).first).to_be_hidden()
    # the link to the full page keeps the state, but not `embed`
    frame.evaluate("location.hash = '#dot_product?c=1.5'")
    full = frame.get_by_role("link", name="Open the full page")
    full.focus()
    href = full.get_attribute("href") or ""
    assert href == frame.evaluate("location.href").replace("?embed=1", "")
    assert href.endswith("04-dot-product.html#dot_product?c=1.5")
    assert full.get_attribute("target") == "_blank"
    # a link to a state of the figure stays in the page
    frame.evaluate("window.same = true")
    frame.locator("#notice a[href^='#'][href*='?']").first.click()
    assert frame.evaluate("window.same")
    # a link out of the course leaves the frame
    out = page.url.replace("links.html", "sibling.html")
    frame.evaluate(
        "(href) => document.querySelector('#use').append(Object.assign("
        " document.createElement('a'), {href, id: 'out', textContent: 'out'}))",
        out,
    )
    with page.expect_popup() as popup:
        frame.locator("#out").click()
    assert popup.value.url == out
    popup.value.close()
    # another lesson is embedded, too
    inside = frame.locator(".lesson a[href$='.html']").first
    target = inside.evaluate("(link) => link.href")
    inside.click()
    wait_for("the other lesson", lambda: frame_of(page).url == f"{target}?embed=1", 30)


def test_no_page_takes_its_height_from_its_frame(
    without_python: Page, course_server: Server, dist: Path
) -> None:
    """Otherwise the frame and a parent that follows its height would never settle."""
    page = without_python
    pages = [*sorted(dist.glob("lessons/*.html")), *sorted(dist.glob("demos/*.html"))]
    assert len(pages) > 30
    for file in pages:
        page.goto(f"{course_server.url}{file.relative_to(dist)}?embed=1")
        for width in (390, 1200):
            page.set_viewport_size({"width": width, "height": 300})
            low = page.evaluate("document.documentElement.getBoundingClientRect().height")
            page.set_viewport_size({"width": width, "height": 3000})
            high = page.evaluate("document.documentElement.getBoundingClientRect().height")
            assert low == high, (file, width)


# Locked controls, and the panel that makes a teacher's link


def test_controls_are_hidden_and_fixed_by_link(browser: Browser, test_server: Server) -> None:
    """One of each kind; they always keep the values of the link."""
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    query = "?hide=rate,grid,seed,nonsense&fix=x,kind,on,every_control.step,pair,other.free"
    visit = Visit(
        context.new_page(),
        test_server,
        f"demos/every_control.html{query}#every_control?x=1.5&rate=2&kind=three&step=4"
        "&pair=1&pair=1&pair=2&pair=2&seed=9",
        "snapshot",
    )
    visit.ready()
    visit.says("x=1.5", "rate=2", "kind=three", "step=4", "pair=[[1.0, 1.0], [2.0, 2.0]]", "seed=9")
    (said,) = visit.problems
    assert "nonsense, other.free" in said
    visit.problems.clear()
    demo = visit.demo()
    for name in ("rate", "grid", "seed"):
        expect(demo.locator(f".control:has([name={name}])")).to_be_hidden()
    for name in ("x", "kind", "on", "step", "pair"):
        control = demo.locator(f".control:has([name={name}])")
        expect(control).to_be_visible()
        for part in control.locator("input, select, button").all():
            expect(part).to_be_disabled()
    for name in ("idle", "free"):
        expect(demo.locator(f".control:has([name={name}]) input").first).to_be_enabled()
    # only points that can be moved have a handle; the matrix and the pair have none
    expect(demo.locator(".handles button:visible")).to_have_count(2)
    # a link in the lesson, and Reset, change only the others
    state = "#every_control?x=-2&kind=two&idle=1&pair=0&pair=0&pair=3&pair=3"
    visit.page.evaluate(f"location.hash = '{state}'")
    visit.says("x=1.5", "kind=three", "idle=1", "pair=[[1.0, 1.0], [2.0, 2.0]]")
    demo.get_by_role("button", name="Reset", exact=True).click()
    visit.says("idle=0", "x=1.5", "rate=2", "kind=three", "step=4", "seed=9")
    assert visit.problems == []
    context.close()


def test_the_panel_makes_the_snippet(browser: Browser, test_server: Server) -> None:
    """With the keyboard; the frame behaves as the panel says."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1400},
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    visit = Visit(
        page, test_server, "lessons/01-controls.html?fix=idle,gone#every_control?x=1", "snapshot"
    )
    visit.ready()
    visit.problems.clear()
    tried: list[Any] = []
    page.expose_function("tried", lambda: tried.append(1))
    page.evaluate("document.querySelector('ml-demo').addEventListener('input', () => tried())")
    button = visit.demo().get_by_role("button", name="Embed")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name="Embed this figure")
    expect(panel).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(panel.get_by_label("The figure alone")).to_be_focused()
    expect(panel.locator(".wrong")).to_contain_text("names controls that are not here: gone")
    code, address = panel.get_by_label("Code for your page"), panel.get_by_label("Link to the same")
    alone = test_server.url + "demos/every_control.html"
    expect(address).to_have_value(f"{alone}?fix=idle#every_control?x=1")

    def frame() -> Any:
        return BeautifulSoup(code.input_value(), "html.parser").iframe

    assert frame()["src"] == f"{alone}?embed=1&fix=idle#every_control?x=1"
    assert frame()["title"] == "Move every kind of control there is."
    assert (frame()["loading"], frame()["allow"]) == ("lazy", "fullscreen; clipboard-write")
    # choose with the arrow keys, set two controls and a height
    page.keyboard.press("ArrowDown")
    expect(panel.get_by_label("The whole lesson")).to_be_checked()
    panel.get_by_label("rate").select_option("hide")
    panel.get_by_label("kind").select_option("fix")
    panel.get_by_label("Height in pixels").fill("777")
    panel.get_by_label("Let the height follow").check()
    lesson = test_server.url + "lessons/01-controls.html"
    held = "hide=every_control.rate&fix=every_control.kind,every_control.idle"
    expect(address).to_have_value(f"{lesson}?{held}#every_control?x=1")
    assert frame()["src"] == f"{lesson}?embed=1&{held}#every_control?x=1"
    assert frame()["title"] == "Controls"
    assert "height: 777px" in frame()["style"]
    script = BeautifulSoup(code.input_value(), "html.parser").script
    assert script["src"] == test_server.url + "embed-parent.js"
    assert tried == []  # none of this changes the figure
    # the state of the figure appears in the link at once
    visit.demo().locator("form [name=x]").press("ArrowRight")
    expect(address).to_have_value(f"{lesson}?{held}#every_control?x=1.1")
    wait_for("a change of the demo", lambda: tried, 10)
    # announced once the figure has come to rest; what is copied next is announced after it
    expect(page.locator("#said")).to_contain_text("x=1.1")
    panel.get_by_role("button", name="Copy code").click()
    expect(panel.get_by_role("button", name="Code copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code.input_value()
    panel.get_by_role("button", name="Copy address").click()
    expect(page.locator("#said")).to_have_text("Address copied")
    panel.get_by_label("The whole lesson").press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()
    assert visit.problems == []
    page.set_viewport_size({"width": 320, "height": 800})
    visit = Visit(page, test_server, "demos/every_control.html?hide=x,gone", "snapshot").ready()
    page.get_by_role("button", name="Embed").click()
    expect(panel).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for state in AXE_STATES:
        assert violations(page, state) == [], state
    context.close()
