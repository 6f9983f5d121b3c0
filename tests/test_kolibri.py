"""The HTML5 zip in a real Kolibri: imported as a channel, opened, used, answered, and resumed.

Kolibri needs old libraries, so it is installed into a separate folder of the cache. It shows
content from its second server, in a sandboxed frame.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from support.machine import ROOT

from bundle import cache

TIMEOUT = 120_000  # ms for Python to start, or for a page of Kolibri, on a slow machine
PLATFORM = ROOT / "tests" / "platform"
CHANNEL, NODE = "1" * 32, "2" * 32
PIXELS = "(canvas) => canvas.toDataURL()"
SIGN_IN = """async () => {
  const [{id}] = await (await fetch("/api/auth/facility/")).json();
  const token = /kolibri_csrftoken=([^;]+)/.exec(document.cookie)[1];
  const body = JSON.stringify({username: "learner", password: "learner", facility: id});
  const headers = {"Content-Type": "application/json", "X-CSRFToken": token};
  return (await fetch("/api/auth/session/", {method: "POST", headers, body})).status;
}"""


def installed() -> Path:
    """Kolibri, installed into a separate folder."""
    wanted = PLATFORM / "kolibri.txt"

    def make(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        options = ["--require-hashes", "--disable-pip-version-check", "--target", str(folder)]
        subprocess.run([*command, *options, "--requirement", str(wanted)], check=True)

    return cache.made("kolibri", cache.digest([wanted, sys.version]), make)


def free_ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def kolibri(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running Kolibri that contains the HTML5 zip."""
    home, disk = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("disk")
    port, content_port = free_ports()
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed()),
        "KOLIBRI_HOME": str(home),
        "KOLIBRI_RUN_MODE": "test",
        "KOLIBRI_LISTEN_ADDRESS": "127.0.0.1",
        "KOLIBRI_HTTP_PORT": str(port),
        "KOLIBRI_ZIP_CONTENT_PORT": str(content_port),
    }

    def run(*arguments: str | Path) -> None:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    archive = packages / "math-for-ml-html5.zip"
    run(PLATFORM / "kolibri_channel.py", disk, archive, CHANNEL, NODE)
    manage = ("-m", "kolibri", "manage")
    run(*manage, "importchannel", "disk", CHANNEL, disk)
    run(*manage, "--skip-update", "importcontent", "--fail-on-error", "disk", CHANNEL, disk)
    run(*manage, "--skip-update", "provisiondevice", "--noinput", "--facility", "Test",
        "--preset", "informal", "--language_id", "en",
        "--superusername", "learner", "--superuserpassword", "learner")  # fmt: skip
    log = (home / "output.txt").open("w")
    command = [sys.executable, "-m", "kolibri", "start", "--foreground", "--skip-update"]
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{address}/api/public/info/", timeout=10):
                    break
            except OSError:
                assert server.poll() is None, (home / "output.txt").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(60)
        log.close()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(disk, ignore_errors=True)


def content(page: Page, address: str) -> Frame:
    """The course's page inside Kolibri."""
    page.goto(f"{address}/en/learn/#/topics/c/{NODE}")
    frame = page.frame_locator("iframe").frame_locator("iframe")
    expect(frame.locator("main h1")).to_be_visible(timeout=TIMEOUT)
    return page.frames[-1]


@pytest.mark.slow
def test_the_course_lives_in_kolibri(browser: Browser, kolibri: str) -> None:
    with urllib.request.urlopen(f"{kolibri}/api/content/contentnode/{NODE}/") as answer:
        node = json.load(answer)
    assert (node["kind"], node["available"]) == ("html5", True)

    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(f"{kolibri}/en/auth/#/signin")
    assert page.evaluate(SIGN_IN) == 200
    course = content(page, kolibri)
    assert ".zip/index.html" in course.url
    course.locator(".contents a").first.click()
    expect(course.locator("main h1")).to_contain_text("Vectors")
    expect(course.locator(".so-far .where")).to_contain_text("saved by the learning platform")

    demo = course.locator("ml-demo").first
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    before = demo.locator("canvas").evaluate(PIXELS)
    caption = demo.locator(".caption").inner_text()
    demo.locator(".handle").first.press("ArrowRight")
    expect(demo.locator(".caption")).not_to_have_text(caption, timeout=TIMEOUT)
    assert demo.locator("canvas").evaluate(PIXELS) != before

    right = course.locator(".question").first.locator("input[data-right]")
    right.check()
    expect(course.locator(".so-far .score")).to_have_text("You have 1 of 3 right.")
    # Kolibri saves it when the learner opens another of its pages.
    page.get_by_role("button", name="Back").or_(page.get_by_label("Back")).first.click()
    expect(page.locator("iframe")).to_have_count(0, timeout=TIMEOUT)

    course = content(page, kolibri)
    expect(course.locator(".so-far .score")).to_contain_text("read 1 of 19 lessons")
    expect(course.locator(".so-far .score")).to_contain_text("1 of them right")
    course.locator(".contents a").first.click()
    expect(course.locator(".question").first.locator("input[data-right]")).to_be_checked()
    context.close()
