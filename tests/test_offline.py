"""Offline use: complete versions, updates, versions that fail, damaged files, refused storage.

Only these tests enable service workers, as readers' browsers do.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect
from support import walks
from support.machine import ROOT
from support.pages import TIMEOUT, TIMERS, Visit, chromium, lessons, mover
from support.servers import Server
from support.sites import link, rewrite

from bundle import offline

KEPT = re.compile(r"Ready for offline use \(\d+ MB\)")
LESSON = "lessons/01-controls.html"
OTHER = "lessons/02-trouble.html"

# What is stored: the URLs of each version, and the service worker's state.
STORED = """async () => {
  const found = {versions: {}, state: {}};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    if (name.startsWith("math-for-ml-state")) {
      const [key] = await cache.keys();
      if (key) found.state = await (await cache.match(key)).json();
      continue;
    }
    const addresses = (await cache.keys()).map(({url}) => url);
    found.versions[name.split(" ").at(-1)] = addresses;
  }
  return found;
}"""


# How many files the page has fetched; 0 before it checks the last modules of Python.
REQUESTS = """() => {
  const names = performance.getEntriesByType("resource").map(({name}) => name);
  return names.some((name) => name.includes("/numpy.random.mtrand.")) ? names.length : 0;
}"""


def listed(site: Path) -> Any:
    """The list that the build writes into sw.js."""
    line = (site / "sw.js").read_text().split("\n", 1)[0]
    return json.loads(line.removeprefix("const BUILD = ").removesuffix(";"))


class Published:
    """A site on a server that publishes one version after the other."""

    def __init__(self, first: Path, folder: Path, serve: Callable[[Path], Server]) -> None:
        self.first, self.folder = first, folder
        self.now = folder / "now"
        self.publish("first version")
        self.server = serve(self.now)

    def publish(self, words: str, change: Callable[[Path], None] = lambda _: None) -> str:
        """Publish a version whose lessons end with these words and whose assets have new names."""
        site = self.folder / words.replace(" ", "-")
        link(self.first, site)
        (assets,) = (site / "assets").iterdir()
        name = f"{abs(hash(words)):012x}"[:12]
        assets.rename(assets.with_name(name))
        for page in site.rglob("*.html"):
            text = page.read_text().replace(assets.name, name)
            rewrite(page, text.replace("The end of the lesson.", f"The end, {words}."))
        change(site)
        (site / "sw.js").unlink()
        files: dict[str, Path | bytes] = {
            file.relative_to(site).as_posix(): file for file in site.rglob("*") if file.is_file()
        }
        offline.add_worker(files)
        assert isinstance(files["sw.js"], bytes)
        (site / "sw.js").write_bytes(files["sw.js"])
        self.now.unlink(missing_ok=True)
        self.now.symlink_to(site)
        version: str = listed(site)["version"]
        return version


@pytest.fixture
def published(
    test_site: Path, tmp_path: Path, serve_folder: Callable[[Path], Server]
) -> Iterator[Published]:
    site = Published(test_site, tmp_path, serve_folder)
    yield site
    site.server.faults.clear()


@pytest.fixture
def keeping(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context with service workers."""
    context = Browser.new_context(browser)
    yield context
    context.close()


def opened(context: BrowserContext, server: Server, path: str = LESSON) -> Visit:
    return Visit(context.new_page(), server, path, "snapshot").ready()


def footer(page: Page) -> Any:
    return page.locator(".site-footer .offline")


def kept(visit: Visit) -> Visit:
    """Wait until the published version is stored completely."""
    expect(footer(visit.page)).to_have_text(KEPT, timeout=TIMEOUT)
    return visit


def stored(page: Page) -> Any:
    return page.evaluate(STORED)


def until(page: Page, so: Callable[[Any], bool], timeout: int = TIMEOUT) -> Any:
    """Wait for a condition on what is stored."""
    found: Any = None
    for _ in range(timeout // 100):
        with contextlib.suppress(Error):  # the page is reloading
            if so(found := stored(page)):
                return found
        page.wait_for_timeout(100)
    raise AssertionError(found["state"], [*found["versions"]])


def alive(page: Page) -> None:
    """Wait until the page's scripts run."""
    for _ in range(TIMEOUT // 100):
        with contextlib.suppress(Error):
            if page.evaluate("customElements.get('ml-demo') !== undefined"):
                return
        page.wait_for_timeout(100)
    raise AssertionError("the page's scripts do not run")


def on_trial(visit: Visit, version: str) -> Any:
    """Wait until this version is on trial, while the browser checks for updates.

    It checks repeatedly, as at each navigation, because a check may join an earlier one that began
    before the version was published.
    """
    for _ in range(TIMEOUT // 10_000):
        update(visit)
        with contextlib.suppress(AssertionError):
            return until(visit.page, lambda it: it["state"].get("trial") == version, 10_000)
    raise AssertionError(stored(visit.page), visit.problems)


def move(visit: Visit) -> None:
    """Move a control, and wait for a picture by Python."""
    frame = visit.frame()
    control = mover(visit.demo())
    if control.get_attribute("type") == "checkbox":
        control.press("Space")
    else:
        highest = control.get_attribute("max") or control.get_attribute("aria-valuemax")
        now = control.get_attribute("aria-valuenow") or control.evaluate("(e) => e.value")
        control.press("ArrowLeft" if now == highest else "ArrowRight")
    expect(visit.demo()).not_to_have_attribute("data-frame", str(frame), timeout=TIMEOUT)
    assert visit.demo().get_attribute("data-state") == "ready"


def import_scipy(visit: Visit) -> None:
    """Run changed code that imports a package that no figure uses."""
    visit.page.locator("[data-does=code]").click()
    panel = visit.page.locator(".code-panel")
    panel.locator("select").select_option("")
    field = panel.locator("textarea")
    line = "        top = float(pdf(mean, mean, sd))\n"
    source = field.input_value().replace("import math\n", "import math\nfrom scipy import stats\n")
    field.fill(source.replace(line, f"{line}        print(stats.norm.cdf(0))\n"))
    field.press("Control+Enter")
    expect(panel.locator(".printed")).to_have_text("0.5\n", timeout=TIMEOUT)


def update(visit: Visit) -> None:
    """Let the browser check for a new service worker, as it does at each navigation.

    Wait before until the page has checked Python's modules. Chromium stops the old worker for the
    new one, but starts it again for a request that comes just then, and only stops it once it has
    been idle for half a minute: never, while Playwright watches it as a debugger.
    """
    last = 0
    while (count := visit.page.evaluate(REQUESTS)) != last or not count:
        last = count
        visit.page.wait_for_timeout(1_000)
    visit.page.evaluate("navigator.serviceWorker.ready.then((found) => found.update())")


# The list


def test_every_published_file_is_kept_or_left_out_for_a_reason(dist: Path) -> None:
    published = {path.relative_to(dist).as_posix() for path in dist.rglob("*") if path.is_file()}
    build = listed(dist)
    names = [name for name, _, _ in build["files"]]
    later = [name for name, _, _ in build["later"]]
    assert [name.split("-")[0] for name in later] == ["runtime/scipy"]
    assert sorted(names + later) == sorted(
        name for name in published - {"sw.js"} if offline.kept(name)
    )
    assert names.index("index.html") < min(names.index(n) for n in names if "numpy-" in n)
    for name, size, _ in build["files"]:
        assert (dist / name).stat().st_size == size
    for name in published:
        if name.startswith("runtime/fallback-bundle."):
            assert not offline.kept(name)
    total = sum(size for _, size, _ in build["files"])
    assert total < offline.LIMIT
    told = re.search(r"about\s+(\d+)\s+MB\s+in\s+all", (ROOT / "docs" / "offline.md").read_text())
    assert told, "docs/offline.md says how much is stored"
    assert float(told[1]) == pytest.approx(total / 1e6, rel=0.1)


def test_it_can_be_installed_as_an_app(keeping: BrowserContext, published: Published) -> None:
    visit = kept(opened(keeping, published.server))
    devtools = keeping.new_cdp_session(visit.page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{published.server.url}app.webmanifest"
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in errors} <= {"in-incognito"}  # this context is
    for icon in json.loads(manifest["data"])["icons"]:
        assert (published.now / icon["src"]).read_bytes()[:4] == b"\x89PNG"
    assert visit.problems == []


# Without a network


def test_the_whole_course_without_a_network(
    playwright: Playwright, dist: Path, tmp_path: Path, serve_folder: Callable[[Path], Server]
) -> None:
    """Visit once, cut the network, restart the browser, and walk through the course by keyboard."""
    server = serve_folder(dist)
    profile = tmp_path / "profile"
    with playwright.chromium.launch_persistent_context(profile, **chromium()) as context:
        visit = kept(opened(context, server, "lessons/01-vectors.html"))
        files = listed(dist)["files"] + listed(dist)["later"]
        late = server.url + files[-1][0]
        here = until(visit.page, lambda it: late in next(iter(it["versions"].values())))
        (addresses,) = here["versions"].values()
        assert sorted(addresses) == sorted(server.url + name for name, _, _ in files)
        # Stored as they came: a rebuilt response has no URL, and its code would be compiled again.
        wrong = visit.page.evaluate(
            """async () => {
              const wrong = [];
              for (const name of await caches.keys()) if (!name.includes("state")) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                  const {url, type, ok, headers} = await cache.match(request);
                  const ending = request.url.split(".").at(-1);
                  const types = {html: "text/html", js: "text/javascript"};
                  const wanted = {...types, wasm: "application/wasm"}[ending] ?? "";
                  if (url !== request.url || type !== "basic" || !ok
                    || !headers.get("content-type").startsWith(wanted)) wrong.push(request.url);
                }
              }
              return wrong;
            }"""
        )  # fmt: skip
        assert wrong == []
        assert visit.problems == []
    server.close()
    with playwright.chromium.launch_persistent_context(profile, **chromium()) as context:
        context.add_init_script(f"({TIMERS})([{{15000: 60000}}])")  # the machine may be busy
        page = context.new_page()
        visit = Visit(page, server, "index.html", "snapshot")
        walks.by_keyboard(visit, ".ways-in .start")
        course_in_order = lessons(dist / "lessons")
        for lesson, following in zip(course_in_order, [*course_in_order[1:], ""], strict=True):
            page.wait_for_url(f"**/{lesson}")
            walks.by_keyboard(visit, f".neighbors .{'next' if following else 'previous'}")
            assert visit.problems == []
        page.wait_for_url(f"**/{course_in_order[-2]}")
        assert visit.ready().boot() == "snapshot"
        page.reload()
        move(visit.ready())
        assert visit.problems == []
        for path in ("", "index.html?embed=1", "gallery.html", "icon.svg"):
            answer = page.goto(server.url + path)
            assert answer
            assert answer.ok
        Visit(page, server, "lessons/11-normal.html", "ordinary").ready()  # the fallback
        import_scipy(Visit(page, server, "demos/normal.html", "snapshot").ready())
        page.goto(server.url + "packages/none.zip")
        expect(page.locator("h1")).to_have_text("You are offline")
        page.get_by_role("link", name="go to the course").click()
        expect(page.locator(".front-header h1")).to_be_visible()


def test_the_page_that_is_open_goes_on_without_a_network(
    keeping: BrowserContext, published: Published
) -> None:
    visit = kept(opened(keeping, published.server))
    published.server.close()
    visit.python().evaluate("self.close()")  # a new worker needs every file again
    move(visit)
    visit.page.reload()
    move(visit.ready())


# Versions


def test_a_new_version_takes_over_between_lessons(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None]
) -> None:
    first = listed(published.now)["version"]
    old = kept(opened(keeping, published.server))
    assert stored(old.page)["state"]["current"] == first
    script = old.page.evaluate("document.querySelector('script[type=module]').src")
    second = published.publish("second version")
    published.server.faults.asked.clear()
    here = on_trial(old, second)
    # Unchanged files aren't downloaded again.
    assert not [path for path in published.server.faults.asked if "/runtime/" in path]
    assert set(here["versions"]) == {first, second}
    # The lesson continues with its own files, including those that are no longer published.
    move(old)
    assert old.page.evaluate("(script) => fetch(script).then((r) => r.status)", script) == 200
    expect(old.page.locator("#end")).to_have_text("The end, first version.")
    new = opened(keeping, published.server, OTHER)
    assert "second" in (new.page.locator("article").text_content() or "")
    here = until(new.page, lambda it: it["state"]["current"] == second)
    assert set(here["versions"]) == {first, second}  # the old page is still open
    old.python().evaluate("self.close()")
    move(old)
    old.page.close()
    new.page.reload()
    new.ready()
    here = until(new.page, lambda it: len(it["versions"]) == 1)
    assert set(here["versions"]) == {second}
    assert here["state"]["trial"] == ""
    noted(
        "update during a lesson", "the lesson continues unchanged; the next page is the new version"
    )


def test_an_update_with_a_broken_file_changes_nothing(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None]
) -> None:
    first = listed(published.now)["version"]
    visit = kept(opened(keeping, published.server))
    second = published.publish("second version")
    published.server.faults.of["/styles/page.css"] = "changed"
    refused = "not kept for offline use"
    with keeping.expect_event("console", lambda m: refused in m.text, timeout=TIMEOUT):
        update(visit)
    visit.page.goto(published.server.url + LESSON)
    visit.ready()
    expect(visit.page.locator("#end")).to_have_text("The end, first version.")
    assert stored(visit.page)["state"]["current"] == first
    move(visit)
    noted("update with a broken file", "the previous version, until the file is repaired")
    published.server.faults.clear()
    visit.page.reload()
    visit.ready()
    on_trial(visit, second)
    visit.page.reload()
    visit.ready()
    expect(visit.page.locator("#end")).to_have_text("The end, second version.")


def broken(*names: str) -> Callable[[Path], None]:
    """Scripts that throw at once, published as by the build."""

    def change(site: Path) -> None:
        for name in names:
            (script,) = site.glob(f"assets/*/scripts/{name}")
            rewrite(script, "throw new Error('broken as published');")

    return change


def test_a_version_that_cannot_start_is_set_aside(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None]
) -> None:
    first = listed(published.now)["version"]
    visit = kept(opened(keeping, published.server))
    second = published.publish("second version", broken("ml-demo.js"))
    on_trial(visit, second)
    visit.page.goto(published.server.url + OTHER)  # the page notices and reloads
    until(visit.page, lambda it: it["state"]["aside"] == second)
    alive(visit.page)
    move(visit.ready())
    assert stored(visit.page)["state"]["current"] == first
    noted("new version cannot start", "the page again, in the previous version")
    third = published.publish("third version")
    on_trial(visit, third)
    visit.page.goto(published.server.url + LESSON)
    visit.ready()
    expect(visit.page.locator("#end")).to_have_text("The end, third version.")


def test_a_version_that_says_nothing_is_set_aside(
    keeping: BrowserContext, published: Published
) -> None:
    visit = kept(opened(keeping, published.server))
    second = published.publish("second version", broken("ml-demo.js", "offline.js"))
    on_trial(visit, second)
    for _ in range(3):
        visit.page.goto(published.server.url + LESSON)
        expect(visit.page.locator("#end")).to_have_text("The end, second version.")
    visit.page.goto(published.server.url + LESSON)
    visit.ready()
    expect(visit.page.locator("#end")).to_have_text("The end, first version.")


def test_pages_left_early_do_not_speak_against_a_version(
    keeping: BrowserContext, published: Published
) -> None:
    visit = kept(opened(keeping, published.server))
    second = published.publish("second version")
    on_trial(visit, second)
    for _ in range(4):
        visit.page.goto(published.server.url + LESSON, wait_until="load")
    visit.ready()
    expect(visit.page.locator("#end")).to_have_text("The end, second version.")
    until(visit.page, lambda it: it["state"]["current"] == second)


# Damaged files


EMPTY = """async () => {
  for (const name of await caches.keys()) if (!name.includes("state")) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) await cache.delete(request);
  }
}"""
SPOIL = """async (part) => {
  for (const name of await caches.keys()) if (!name.includes("state")) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) if (request.url.includes(part)) {
      const headers = {"content-type": (await cache.match(request)).headers.get("content-type")};
      await cache.put(request, new Response("spoilt", {headers}));
    }
  }
}"""


SPOILT = """async () => {
  let count = 0;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys())
      count += (await (await cache.match(request)).text()) === "spoilt";
  }
  return count;
}"""


def test_what_went_comes_again(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None]
) -> None:
    visit = kept(opened(keeping, published.server))
    files = {published.server.url + name for name, _, _ in listed(published.now)["files"]}
    for loss in (
        EMPTY,
        "async () => { for (const name of await caches.keys()) caches.delete(name) }",
    ):
        visit.page.evaluate(loss)
        visit.page.reload()
        move(visit.ready())
        kept(visit)
        # Packages for later may be stored already.
        until(
            visit.page,
            lambda it: [files <= set(here) for here in it["versions"].values()] == [True],
        )
    assert visit.problems == []

    noted("cache partial or evicted", "the figure works; missing files are downloaded again")


@pytest.mark.parametrize("part", ["/snapshot.", "/pyodide.asm.", "/ml-demo.js"])
def test_a_damaged_file_is_found_and_replaced(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None], part: str
) -> None:
    visit = kept(opened(keeping, published.server))
    visit.page.evaluate(SPOIL, part)
    visit.page.reload()
    expect(visit.demo()).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    move(visit)
    kept(visit)
    assert visit.page.evaluate(SPOILT) == 0
    noted("cache corrupted", "the figure works; the file is downloaded again and the page reloads")


# Refused or full storage, metered connections


def test_without_room_the_page_works_and_says_so(
    keeping: BrowserContext, published: Published, noted: Callable[[str, str], None]
) -> None:
    page = keeping.new_page()
    keeping.new_cdp_session(page).send(
        "Storage.overrideQuotaForOrigin",
        {"origin": published.server.url.rstrip("/"), "quotaSize": 5_000_000},
    )
    visit = Visit(page, published.server, LESSON, "snapshot").ready()
    expect(footer(page)).to_contain_text("more than this browser can store", timeout=TIMEOUT)
    move(visit)
    assert stored(page)["versions"] == {}
    words = re.sub(r"\d+ MB", "… MB", footer(page).inner_text())
    noted("cache quota exceeded", f"“{words}” at the foot of the page; the figure works")


def test_what_has_no_room_is_not_fetched(keeping: BrowserContext, published: Published) -> None:
    worker = published.now / "sw.js"
    estimate = "navigator.storage.estimate = async () => ({quota: 5_000_000, usage: 0});\n"
    worker.write_text(estimate + worker.read_text())
    visit = opened(keeping, published.server)
    expect(footer(visit.page)).to_contain_text("more than this browser can store", timeout=TIMEOUT)
    assert not any(path.endswith("/gallery.html") for path in published.server.faults.asked)


@pytest.mark.parametrize(
    "refusal",
    [
        "Object.defineProperty(navigator, 'serviceWorker', {get() { throw Error('refused'); }})",
        "navigator.serviceWorker.register = () => Promise.reject(new DOMException('refused'))",
        "delete Navigator.prototype.serviceWorker",
    ],
)
def test_where_it_is_refused_the_page_is_as_ever(
    keeping: BrowserContext, published: Published, refusal: str
) -> None:
    keeping.add_init_script(refusal)
    visit = opened(keeping, published.server)
    move(visit)
    visit.page.wait_for_timeout(2_500)  # by then it would have started
    expect(footer(visit.page)).to_be_hidden()
    assert "/sw.js" not in published.server.faults.asked
    assert [text for text in visit.problems if "not kept for offline use here" not in text] == []


def test_where_bytes_cost_it_waits_for_a_button(
    keeping: BrowserContext, published: Published
) -> None:
    keeping.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    visit = opened(keeping, published.server)
    button = footer(visit.page).get_by_role("button", name="Save for offline use")
    expect(button).to_be_visible()
    assert "/sw.js" not in published.server.faults.asked
    button.click()
    kept(visit)
    published.publish("second version")
    update(visit)
    fetch = footer(visit.page).get_by_role("button", name="Download the latest version")
    expect(fetch).to_be_visible(timeout=TIMEOUT)
    fetch.click()
    kept(visit)


def test_a_frame_keeps_nothing(keeping: BrowserContext, published: Published) -> None:
    (published.now / "parent.html").write_text(
        f'<!doctype html><iframe src="{LESSON}?embed=1" width="900" height="900"></iframe>'
    )
    page = keeping.new_page()
    page.goto(published.server.url + "parent.html")
    demo = page.frame_locator("iframe").locator("ml-demo").first
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    page.wait_for_timeout(2_500)  # by then it would have started
    assert "/sw.js" not in published.server.faults.asked
