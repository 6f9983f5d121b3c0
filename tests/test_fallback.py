"""Pages whose browser refuses modules or workers: every fallback host of Python.

Each test opens a real page under such conditions, moves a slider, and checks the pixels.
"""

import base64
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect
from support import changes
from support.machine import ROOT
from support.pages import TIMEOUT, TIMERS, moves
from support.servers import Server

from bundle import bundler
from bundle.project import NODE

LESSON = "lessons/11-normal.html"


def only_reads_code(page: Page | Frame) -> None:
    """The code can be read, and the panel says why it can't be changed."""
    changes.is_only_read(lambda script: page.evaluate(f"() => {{ {script} }}"), "normal_bell")


def asked(page: Page) -> list[str]:
    """The list of URLs that a page requests from now on."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    return urls


def test_a_page_from_disk(context: BrowserContext, dist: Path) -> None:
    page = context.new_page()
    urls = asked(page)
    page.goto((dist / LESSON).as_uri())
    moves(page, "data")  # in Chromium a worker from a blob ends silently on such a page
    only_reads_code(page)
    assert {url.split(":")[0] for url in urls} <= {"file", "data", "blob"}
    page.evaluate("document.fonts.ready.then(() => {})")
    loaded = "[...document.fonts].filter((face) => face.status === 'loaded').map((f) => f.family)"
    families = " ".join(page.evaluate(loaded))
    for family in ("Source Serif 4", "Source Sans 3", "KaTeX_Main", "KaTeX_Math"):
        assert family in families


def only_itself(urls: list[str], file: Path) -> bool:
    """Whether a page has requested only itself and its own contents."""
    others = [url for url in urls if not url.startswith((file.as_uri(), "data:", "blob:"))]
    return others == []


def test_the_course_in_one_file(context: BrowserContext, packages: Path) -> None:
    file = packages / "course.html"
    page = context.new_page()
    urls, problems = asked(page), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    expect(page).to_have_title("Math for Machine Learning")
    page.get_by_role("link", name="Lesson 12").click()
    expect(page).to_have_title(re.compile("^Bayes.* · Math for Machine Learning"))
    moves(page, "data")
    expect(page.locator("picture img").first).to_have_attribute(
        "src", re.compile("^data:image/webp")
    )
    # The state is in the URL.
    page.wait_for_url("**/course.html?page=lessons/12-bayes.html#bayes_test?*")
    shown = page.locator("ml-demo .caption").first.inner_text()
    page.get_by_role("link", name="Lesson 13").click()
    expect(page).to_have_title(re.compile("^Maximum"))
    page.go_back()
    expect(page).to_have_title(re.compile("^Bayes"))
    expect(page.locator("ml-demo .caption").first).to_have_text(shown, timeout=TIMEOUT)
    page.go_back()
    expect(page).to_have_title("Math for Machine Learning")
    assert only_itself(urls, file)
    assert [words for words in problems if "willReadFrequently" not in words] == []


def test_a_lesson_in_one_file(context: BrowserContext, packages: Path) -> None:
    file = packages / "11-normal.html"
    page = context.new_page()
    urls = asked(page)
    page.goto(file.as_uri())
    moves(page, "data")
    only_reads_code(page)
    assert only_itself(urls, file)


def links_of(file: Path) -> set[str]:
    """The targets of the links in a single file."""
    text = file.read_text().split("globalThis.fallbackBundle")[0]
    return set(re.findall(r'<a\b[^>]*?\shref="([^"]*)"', text))


def test_no_link_of_a_single_file_is_dead(packages: Path) -> None:
    course, *alone = sorted(packages.glob("*.html"), key=lambda file: file.name[0].isdigit())
    assert len(alone) == 19
    for file in alone:
        assert not [link for link in links_of(file) if not re.match(r"#|https:|\?$", link)], file
    pages = set(re.findall(r'<template data-page="([^"]+)"', course.read_text()))
    found = links_of(course)
    inside = {link.removeprefix("?page=").split("#")[0] for link in found if "?page=" in link}
    assert {"index.html", "gallery.html", "lessons/19-k-means.html"} <= inside <= pages
    assert not [link for link in found if not re.match(r"#|https:|\?", link)]


def test_single_files_without_scripts(browser: Browser, packages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((packages / "course.html").as_uri())
    assert "JavaScript takes the pages out of it" in page.locator("body").inner_text()
    page.goto((packages / "11-normal.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("normal")
    expect(page.locator("picture img").first).to_be_visible()
    context.close()


def test_a_frame_without_an_origin(
    context: BrowserContext,
    course: Server,
    serve_folder: Callable[[Path], Server],
    tmp_path: Path,
    noted: Callable[[str, str], None],
) -> None:
    url = course.url.replace("127.0.0.1", "localhost") + LESSON
    (tmp_path / "index.html").write_text(
        f'<!doctype html><iframe sandbox="allow-scripts" src="{url}" width="900" height="700">'
    )
    page = context.new_page()
    page.goto(serve_folder(tmp_path).url)
    frame = page.frames[1]
    moves(frame, "data")
    assert frame.evaluate("origin") == "null"
    only_reads_code(frame)
    noted("opaque origin", "the figure works, from the fallback bundle")


def untyped(course: Server, context: BrowserContext) -> None:
    """The server sends scripts with a type that isn't JavaScript's."""
    course.faults.of[".js"] = "untyped"


def without_worker(course: Server, context: BrowserContext) -> None:
    course.faults.of["/worker.js"] = "missing"


def without_end(course: Server, context: BrowserContext) -> None:
    """The worker's script never arrives, neither at first nor when it is fetched again."""
    course.faults.of["/worker.js"] = "stalled"
    context.add_init_script(f"({TIMERS})([{{60000: 3000, 20000: 3000}}])")


def without_workers(course: Server, context: BrowserContext) -> None:
    context.add_init_script("window.Worker = function () { throw new Error('no workers'); };")


PLIGHTS = {
    "wrong types": (untyped, "blob"),
    "no script for the worker": (without_worker, "blob"),
    "a script that does not come": (without_end, "blob"),
    "no workers at all": (without_workers, "page"),
}


@pytest.mark.parametrize(("plight", "host"), PLIGHTS.values(), ids=PLIGHTS.keys())
def test_a_server_that_gives_no_worker(
    context: BrowserContext,
    course: Server,
    plight: Callable[[Server, BrowserContext], None],
    host: str,
) -> None:
    plight(course, context)
    page = context.new_page()
    page.goto(course.url + LESSON)
    moves(page, host)
    assert course.faults.count(".js")


def test_a_page_that_can_have_a_worker_fetches_nothing_of_this(
    context: BrowserContext, course: Server
) -> None:
    page = context.new_page()
    urls = asked(page)
    page.goto(course.url + LESSON)
    moves(page, "worker")
    spare = re.compile(
        r"/(page\.js|inline-fonts\.(js|css)|unpack-worker\.js|fallback-bundle\.\w+\.js)$"
    )
    assert [url for url in urls if spare.search(url)] == []


UNPACK = """
import {createHash} from "node:crypto";
import fs from "node:fs";
import {zstdDecompressSync} from "node:zlib";
import {merge} from "./site/scripts/python/module-parts.js";

const {packed, modules, cold} = JSON.parse(fs.readFileSync(0, "utf8"));
const sum = (bytes) => "sha256-" + createHash("sha256").update(bytes).digest("base64");
const parts = Object.values(modules).map((file) => new Uint8Array(fs.readFileSync(file)));
const whole = merge(parts, new Uint8Array(zstdDecompressSync(fs.readFileSync(cold))));
const inside = Object.entries(packed).map(([name, text]) => {
  const bytes = Buffer.from(text, "base64");
  const asItIs = name === "snapshot.bin" || name === "zstddec.js";
  return [name, sum(asItIs ? bytes : zstdDecompressSync(bytes))];
});
const merged = Object.keys(modules).map((name, i) => [name, sum(whole[i])]);
console.log(JSON.stringify([inside, merged].map(Object.fromEntries)));
"""


def published(dist: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The published files of Python, and the facts of the snapshot."""
    (file,) = dist.glob("assets/*/scripts/manifest.js")
    text = file.read_text()
    files, snapshot = (
        json.loads(re.findall(rf"export const {name} = (.*?);\n", text, re.DOTALL)[0])
        for name in ("files", "snapshot")
    )
    return files, snapshot


def test_the_fallback_bundle_holds_what_is_published(dist: Path) -> None:
    """The same files; of modules, what their hot parts and the cold functions are together."""
    files, snapshot = published(dist)
    bundle = (dist / files["fallback-bundle.js"]["url"]).read_bytes()
    script = bundler.fallback_in_page(bundle).decode()
    assert len(bundle) < 0.9 * len(script)
    facts = json.loads(script.removeprefix("globalThis.fallbackBundle = ").removesuffix(";\n"))
    modules = ["pyodide.asm.wasm", *snapshot["libraries"]]
    given = {
        "packed": facts["files"],
        "modules": {name: str(dist / files[name]["url"]) for name in modules},
        "cold": str(dist / files["cold.bin"]["url"]),
    }
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", UNPACK], input=json.dumps(given), capture_output=True,
        text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    inside, merged = json.loads(done.stdout)
    assert {"snapshot.bin", "record.json", *modules} <= set(inside)
    assert inside == {name: merged.get(name, files[name]["integrity"]) for name in inside}


def test_the_fonts_of_all_styles_are_in_one(dist: Path) -> None:
    (style,) = dist.glob("assets/*/styles/inline-fonts.css")
    inside = re.findall(r"url\(data:font/woff2;base64,([^)]+)\)", style.read_text())
    assert style.read_text().count("url(") == len(inside)
    published = {font.read_bytes() for font in style.parent.parent.rglob("*.woff2")}
    assert {base64.b64decode(text) for text in inside} == published
