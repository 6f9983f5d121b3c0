"""The start from a snapshot: each check that can reject it, and what works afterwards."""

import base64
import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
)
from support.faults import lacks_functions
from support.pages import PIXELS, Visit, falls_back
from support.servers import Server

LESSON = "lessons/11-normal.html"
DOCS = Path(__file__).resolve().parent.parent / "docs" / "fast-start.md"


class Tampered:
    """Replace a published file, with a manifest that fits the change."""

    def __init__(self, page: Page, dist: Path) -> None:
        self.page = page
        (self.manifest,) = dist.glob("assets/*/scripts/manifest.js")
        self.text = self.manifest.read_text()
        self.dist = dist
        self.page.route("**/scripts/manifest.js", self._manifest)

    def _manifest(self, route: Route) -> None:
        route.fulfill(body=self.text, content_type="text/javascript")

    def _facts(self, name: str) -> dict[str, Any]:
        files = re.search(r"export const files = (\{.*?\n\});", self.text, re.DOTALL)
        assert files
        facts: dict[str, Any] = json.loads(files[1])[name]
        return facts

    def replace(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Serve a changed `name`, with matching hash and length."""
        facts = self._facts(name)
        data = change((self.dist / facts["url"]).read_bytes())
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        self.text = self.text.replace(facts["integrity"], f"sha256-{digest}")
        self.text = self.text.replace(
            f'"bytes": {facts["bytes"]},\n  "integrity": "sha256-{digest}"',
            f'"bytes": {len(data)},\n  "integrity": "sha256-{digest}"',
        )
        kinds = {"wasm": "application/wasm", "js": "text/javascript"}
        kind = kinds.get(name.rsplit(".")[-1], "application/octet-stream")
        self.page.route(
            f"**/{facts['url']}", lambda route: route.fulfill(body=data, content_type=kind)
        )

    def record(self, **changes: Any) -> None:
        """Serve a changed record; `memory__sum` names a nested key."""

        def change(data: bytes) -> bytes:
            record = json.loads(data)
            for key, value in changes.items():
                *outer, inner = key.split("__")
                place = record
                for name in outer:
                    place = place[name]
                place[inner] = value(place[inner]) if callable(value) else value
            return json.dumps(record).encode()

        self.replace("record.json", change)


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


def reversed_libraries(tampered: Tampered) -> None:
    found = re.search(r'"libraries": (\[.*?\])', tampered.text, re.DOTALL)
    assert found
    other = json.dumps(json.loads(found[1])[::-1])
    tampered.text = tampered.text.replace(found[1], other)


def hanging_runtime(tampered: Tampered) -> None:
    """A runtime that never starts when it is given a snapshot."""

    def hang(data: bytes) -> bytes:
        text = data.decode()
        found = re.search(r"export\{(\w+) as loadPyodide,", text)
        assert found
        hanging = (
            "const never = (options) => options._loadSnapshot ? new Promise(() => {}) : "
            f"{found[1]}(options); export{{never as loadPyodide,"
        )
        return text.replace(found[0], hanging).encode()

    tampered.replace("pyodide.js", hang)


def packed(*words: int) -> bytes:
    """Words as one uncompressed block of Zstandard (RFC 8878)."""
    data = struct.pack(f"<{len(words)}i", *words)
    header = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    return header + (len(data) << 3 | 1).to_bytes(3, "little") + data


def wrong_sum(tampered: Tampered) -> None:
    """A wrong checksum of the memory, which counts where no scene is added to it."""
    tampered.page.route("**/runtime/normal_sample.*", lambda route: route.abort())
    tampered.record(memory__sum=1)


# The fault, and words of the message in the console.
GUARDS: dict[str, tuple[Callable[[Tampered], None], str]] = {
    "version": (lambda t: t.record(version=99), "record has version 99"),
    "pyodide": (lambda t: t.record(pyodide="0.0.0"), "snapshot of 0.0.0"),
    "build id of the runtime": (lambda t: t.record(buildId="other"), "another build id"),
    "build": (lambda t: t.record(id="other"), "page wants"),
    "table": (
        lambda t: t.record(table=lambda table: [[*table[0][:2], "nonsense"], *table[1:]]),
        "no function nonsense",
    ),
    "library": (reversed_libraries, "is not the library of the snapshot"),
    "memory": (lambda t: t.record(memory__length=1 << 36), "fast start"),
    "memory's sum": (wrong_sum, "memory differs"),
    "files' sum": (lambda t: t.record(filesSum=1), "damaged files"),
    "snapshot cut": (
        lambda t: t.replace("snapshot.bin", lambda data: data[: len(data) // 2]),
        "bytes, not",
    ),
    "snapshot flipped": (lambda t: t.replace("snapshot.bin", flipped), "fast start: "),
    "record unreadable": (
        lambda t: t.replace("record.json", lambda _: b"<!doctype html>"),
        "record",
    ),
    "library cut": (
        lambda t: t.replace("matplotlib._path.wasm", lambda data: data[: len(data) // 2]),
        "matplotlib._path.wasm",
    ),
    "scene": (
        lambda t: t.replace("normal_sample.scene", lambda _: packed(0, 0, 9)),
        "a scene of 3 words",
    ),
    "scene's sum": (
        lambda t: t.replace("normal_sample.scene", lambda _: packed(0, 0, 0)),
        "memory differs",
    ),
    "timeout": (hanging_runtime, "it took more than"),
}


# For these the test waits for the ordinary start; for the others it would be the same.
TO_THE_END = {"memory's sum", "timeout"}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_falls_back_to_the_ordinary_start(
    context: BrowserContext, dist: Path, course: Server, guard: str
) -> None:
    tamper, words = GUARDS[guard]
    page = context.new_page()
    tampered = Tampered(page, dist)
    tamper(tampered)
    with falls_back(page) as told:
        visit = Visit(page, course, LESSON, "snapshot")
        visit.near()
    assert words in told.value.text
    if guard in TO_THE_END:
        assert visit.ready().boot() == "ordinary"


@pytest.mark.parametrize("fault", ["missing", "truncated", "changed", "portal", "broken off"])
@pytest.mark.parametrize("file", ["snapshot.", "record."])
def test_a_damaged_download_falls_back(
    context: BrowserContext,
    course: Server,
    noted: Callable[[str, str], None],
    file: str,
    fault: str,
) -> None:
    course.faults.of[f"runtime/{file}"] = fault
    page = context.new_page()
    with falls_back(page):
        visit = Visit(page, course, LESSON, "snapshot")
        visit.near()
    asked = [path for path in course.faults.asked if f"runtime/{file}" in path]
    assert len(asked) == 2  # requested again, past the cache
    if fault == "truncated":
        assert visit.ready().boot() == "ordinary"
    noted(f"{file[:-1]} damaged", "the figure works, after an ordinary start")


@pytest.mark.parametrize("fault", ["missing", "truncated", "another figure's"])
def test_without_its_scene_the_first_figure_is_built_in_the_browser(
    context: BrowserContext, dist: Path, course: Server, fault: str
) -> None:
    page = context.new_page()
    if fault == "another figure's":
        (other,) = dist.glob("runtime/vector_arrow.*")
        Tampered(page, dist).replace("normal_sample.scene", lambda _: other.read_bytes())
    else:
        course.faults.of["runtime/normal_sample."] = fault
    visit = Visit(page, course, LESSON, "snapshot").ready()
    assert visit.boot() == "snapshot"
    whole = page.evaluate(TWICE, [["normal_sample", 330]])
    first = page.locator("ml-demo[name=normal_sample] canvas")
    assert first.evaluate(PIXELS) == whole[0][1]


# Draws each figure with a new Python that starts with its scene, and again without it.
TWICE = """async (scenes) => {
  const script = document.querySelector("script[src$='/ml-demo.js']").src;
  const {draw, forget, restart} = await import(new URL("python.js", script).href);
  const found = [];
  const requests = scenes.map(([demo, width]) =>
    ({demo, fields: {}, width, ratio: 1, theme: "light", whole: true}));
  await draw(() => requests[0]); // after what the figures of the page have asked for
  for (const request of requests) {
    const {demo} = request;
    await restart();
    const first = await draw(() => request);
    await forget(demo);
    const again = await draw(() => request);
    const same = first.pixels.every((byte, i) => byte === again.pixels[i]);
    const sum = again.pixels.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0); // as PIXELS
    found.push([same && first.caption === again.caption && first.pixels.length > 1e5, sum]);
  }
  return found;
}"""


def test_scenes_are_what_python_builds_in_the_browser(
    context: BrowserContext, dist: Path, course: Server
) -> None:
    (manifest,) = dist.glob("assets/*/scripts/manifest.js")
    found = re.search(r'"scenes": (\{.*?\})', manifest.read_text(), re.DOTALL)
    assert found
    scenes = json.loads(found[1])
    lessons = list((dist / "lessons").glob("*.html"))
    assert len(scenes) == 1 + len(lessons)  # one for the front page
    some = list(scenes.items())[::4]
    visit = Visit(context.new_page(), course, "lessons/18-decision-trees.html", "snapshot").ready()
    assert [same for same, _ in visit.page.evaluate(TWICE, some)] == [True] * len(some)
    for name, _ in some:
        assert any(f"runtime/{name}." in path for path in course.faults.asked)


@pytest.mark.parametrize(
    ("width", "ratio", "scheme"),
    [(1280, 1, "light"), (1280, 1, "dark"), (1280, 2, "light"), (390, 1, "light")],
)
def test_pages_ask_for_the_scene_of_their_first_figure_if_it_has_their_look(
    browser: Browser, course: Server, width: int, ratio: int, scheme: Any
) -> None:
    size: Any = {"width": width, "height": 800}
    with browser.new_context(
        viewport=size, device_scale_factor=ratio, color_scheme=scheme
    ) as context:
        Visit(context.new_page(), course, LESSON, "snapshot").ready()
    asked = [path for path in course.faults.asked if "runtime/normal_sample." in path]
    assert len(asked) == ((width, ratio, scheme) == (1280, 1, "light"))


AFTER = """
import sqlite3
from io import BytesIO
import numpy as np
from matplotlib.figure import Figure

fig = Figure()
ax, other = fig.subplots(1, 2)
ax.set_title(r"$\\frac{\\alpha}{\\sqrt{x}}$")
ax.imshow(np.eye(4))
other.contour(np.outer(np.arange(5), np.arange(5)))
other.set_yscale("symlog")
sizes = {}
for kind in ("png", "svg", "pdf"):
    with BytesIO() as file:
        fig.savefig(file, format=kind)
        sizes[kind] = len(file.getvalue())
assert min(sizes.values()) > 4000, sizes
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
"""

CHANCE = """
import random
import numpy as np
repr((random.random(), float(np.random.random())))
"""

BRING = """async (url) => {
  await pyodide.loadPackage("scipy");
  pyodide.globals.set("url", url);
  return await pyodide.runPythonAsync(`
    import micropip
    await micropip.install(url)
    import brought
    from scipy import stats
    (brought.ANSWER, float(stats.norm.cdf(0)))
  `).then((value) => value.toJs());
}"""


def test_everything_can_be_imported_later(
    browser: Browser, test_server: Server, test_site: Path
) -> None:
    """By a Python with whole modules."""
    name = "brought-1.0-py3-none-any.whl"
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("brought.py", "ANSWER = 42\n")
        archive.writestr(
            "brought-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n"
        )
        archive.writestr("brought-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("brought-1.0.dist-info/RECORD", "")
    with browser.new_context() as context:
        chance = []
        for _ in range(2):
            page = context.new_page()
            lacks_functions(page, test_site)
            visit = Visit(page, test_server, "lessons/01-controls.html", "snapshot").ready()
            assert visit.boot() == "snapshot"
            worker = visit.complete()
            chance.append(worker.evaluate(f"pyodide.runPython({CHANCE!r})"))
        assert chance[0] != chance[1]  # random numbers differ from the build's
        worker.evaluate(f"pyodide.runPython({AFTER!r})")
        url = f"{test_server.url}{name}"
        context.route(url, lambda route: route.fulfill(body=wheel.getvalue()))
        got = worker.evaluate(BRING, url)
        assert list(got) == [42, 0.5]
        assert page.locator("ml-demo canvas").first.evaluate(PIXELS)


def test_the_docs_list_the_checks() -> None:
    table = DOCS.read_text().split("## Checks")[1].split("##")[0]
    for cause in (
        "version",
        "pyodide",
        "build",
        "table",
        "library",
        "memory",
        "snapshot",
        "timeout",
    ):
        assert f"`{cause}`" in table
