"""--serve, for authors: what changes is built again at once, and the page shows it."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.sites import copy_test_sources

from bundle import serve
from bundle.project import BuildError

PATIENCE = 240  # seconds: a machine may be busy


@pytest.fixture
def site(tmp_path: Path) -> Iterator[serve.Server]:
    (tmp_path / "index.html").write_text("<head><title>A page</title></head>")
    serve.AuthorsHandler.state = serve.State()
    started = serve.server(tmp_path, 0, serve.AuthorsHandler)
    threading.Thread(target=started.serve_forever, daemon=True).start()
    yield started
    started.shutdown()
    started.server_close()


def get(site: serve.Server, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", site.server_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200, path
    text = answer.read().decode()
    connection.close()
    return text


def test_a_page_gets_the_authors_script_from_the_server_alone(
    site: serve.Server, tmp_path: Path
) -> None:
    tag = '<script src="/author.js" data-builds="0"></script></head>'
    assert tag in get(site, "/")
    assert tag in get(site, "/index.html?embed=1")
    assert "author" not in (tmp_path / "index.html").read_text()
    assert "location.reload()" in get(site, "/author.js")
    assert "unregister" in get(site, "/sw.js")


def test_pages_hear_of_a_build_when_it_has_ended(site: serve.Server) -> None:
    state = serve.AuthorsHandler.state
    assert json.loads(get(site, "/author.json?"))["builds"] == 0  # at once: it knows of none
    heard: list[str] = []
    asking = threading.Thread(target=lambda: heard.append(get(site, "/author.json?0")))
    asking.start()
    state.publish("lesson.html:3: no", ["normal"])
    asking.join(10)
    assert json.loads(heard[0]) == {
        "builds": 1, "error": "lesson.html:3: no", "edited": ["normal"],
    }  # fmt: skip


def test_a_change_of_the_stage_alone_needs_a_new_snapshot() -> None:
    kept: list[bool] = []

    def build(again: bool) -> list[str]:
        kept.append(again)
        return ["normal"] if again else []

    assert serve._built(build, ["py/demos/normal.py"]) == ("", ["normal"])
    assert serve._built(build, ["site/lessons/11-normal.html"]) == ("", ["normal"])
    assert serve._built(build, ["py/demos/normal.py", "py/stage/ink.py"]) == ("", [])
    assert kept == [True, True, False]


def test_a_build_that_fails_is_told_and_serving_goes_on() -> None:
    def wrong(again: bool) -> list[str]:
        raise BuildError("site/index.html:3: the link nowhere.html leads nowhere")

    def broken(again: bool) -> list[str]:
        raise KeyError("a fault of the builder")

    assert serve._built(wrong, []) == (
        "site/index.html:3: the link nowhere.html leads nowhere", [],
    )  # fmt: skip
    assert "a fault of the builder" in serve._built(broken, [])[0]


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The course of tests/site/, served with options; its sources and its address."""
    sources = copy_test_sources(tmp_path_factory.mktemp("author"))
    script = (
        "import build_bundle, sys; build_bundle.ensure_environment = lambda _: None\n"
        "build_bundle.main()"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--serve", "--port", str(port), "--out", "public", "--base-url", "https://x.org/ml"]
    command = [sys.executable, "-c", script, *options]
    process = subprocess.Popen(
        command, cwd=sources, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    told = []
    for line in process.stdout:
        told.append(line)
        if "The course is at" in line:
            break
    else:
        pytest.fail("".join(told))
    drain = threading.Thread(target=process.stdout.read, daemon=True)
    drain.start()
    yield sources, f"http://127.0.0.1:{port}/"
    os.kill(process.pid, signal.SIGINT)
    process.wait(30)
    drain.join()
    process.stdout.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, file
    file.write_text(text.replace(old, new, 1))


def test_an_author_sees_a_changed_lesson_and_a_changed_demo(
    author: tuple[Path, str], page: Page
) -> None:
    sources, url = author
    lesson = "lessons/01-controls.html"
    page.goto(f"{url}{lesson}")
    heading = page.locator("h1")
    change(sources / "site" / lesson, "<title>", "<title>Changed: ")
    expect(heading).to_contain_text("Changed: ", timeout=PATIENCE * 1000)
    assert (sources / "public" / "oembed").is_dir()  # built again with the same options
    assert "https://x.org/ml/" in (sources / "public" / "sitemap.xml").read_text()
    assert page.locator("#author-note").count() == 0

    change(sources / "site" / lesson, "<section", '<p><a href="none.html">none</a></p><section')
    expect(page.locator("#author-note")).to_contain_text(
        re.compile(r"01-controls.html:\d+: the link none.html"), timeout=PATIENCE * 1000
    )
    change(sources / "site" / lesson, '<p><a href="none.html">none</a></p><section', "<section")
    expect(page.locator("#author-note")).to_have_count(0, timeout=PATIENCE * 1000)


def test_a_changed_demo_runs_from_its_source(author: tuple[Path, str], page: Page) -> None:
    sources, url = author
    page.goto(f"{url}lessons/01-controls.html#every_control?x=2")
    demo = page.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "ready", timeout=PATIENCE * 1000)
    caption = demo.locator(".caption")
    expect(caption).to_contain_text("x=2 ")
    change(sources / "py/demos/every_control.py", 'f"x={x:g} rate', 'f"changed: x={x:g} rate')
    expect(caption).to_contain_text("changed: x=2 ", timeout=PATIENCE * 1000)  # its state is kept
    expect(demo).to_have_attribute("data-state", "ready", timeout=PATIENCE * 1000)
    assert page.evaluate("performance.getEntriesByName('ml-ready')[0].detail.boot") == "snapshot"
    expect(page.locator("#author-note")).to_contain_text("py/demos/every_control.py")
