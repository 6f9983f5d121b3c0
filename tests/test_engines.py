"""Firefox and WebKit: Python starts, a slider moves, pixels change, changed code runs.

The browsers are Debian's. Marionette drives Firefox, and WebKitGTK's own WebDriver drives WebKit on
a virtual display (Xvfb).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from support import changes
from support.engines import MOVE, STATE, refuses_scripts
from support.machine import wait_for
from support.servers import Server

LESSON = "lessons/11-normal.html"
FIGURE = "normal_bell"  # of this lesson; support/change_every.py goes through all figures

Run = Callable[[str], Any]


def visit(server: Server, boot: str) -> str:
    return f"{server.url}{LESSON}" + ("?boot=ordinary" if boot == "ordinary" else "")


def smoke(run: Run, boot: str) -> None:
    """What every engine has to do; `run` executes a script in the page."""
    run("document.querySelector('ml-demo').scrollIntoView();")
    wait_for("a start", lambda: run(STATE)["state"] in ("ready", "failed"))
    first = run(STATE)
    assert first["state"] == "ready", first["trouble"]
    wait_for("the mark of the start", lambda: run(STATE)["boot"], 10)
    assert run(STATE)["boot"] == boot
    for _ in range(2):
        # The first pictures of two other figures may come before it; the page allows 15 s for each.
        before = run(STATE)
        run(MOVE)
        wait_for("another picture", lambda seen=before: run(STATE)["frame"] > seen["frame"], 45)
        after = run(STATE)
        assert after["caption"] != before["caption"]
        assert after["pixels"] != before["pixels"]


@pytest.mark.filterwarnings("ignore")  # of marionette-driver itself
def test_firefox(firefox: Any, course_server: Server, boot: str) -> None:
    def run(script: str) -> Any:
        return firefox.execute_script(script, sandbox=None)

    firefox.navigate(visit(course_server, boot))
    smoke(run, boot)
    refuses_scripts(run)
    if boot == "snapshot":
        changes.is_changed_and_restored(run, FIGURE)
        changes.never_hangs(run, FIGURE, ["while"])


@pytest.mark.filterwarnings("ignore")  # of marionette-driver itself
def test_firefox_from_disk(firefox: Any, dist: Path, packages: Path) -> None:
    for file, figure in (
        (dist / LESSON, FIGURE),
        (packages / "course.html", "whole_course"),  # on the front page
    ):
        firefox.navigate(file.as_uri())
        smoke(lambda script: firefox.execute_script(script), "snapshot")
        changes.is_only_read(firefox.execute_script, figure)


@pytest.mark.filterwarnings("ignore")  # of Selenium itself
def test_webkit_from_disk(webkit: webdriver.WebKitGTK, packages: Path) -> None:
    webkit.get((packages / "11-normal.html").as_uri())
    smoke(lambda script: webkit.execute_script(script), "snapshot")
    changes.is_only_read(webkit.execute_script, FIGURE)


@pytest.mark.filterwarnings("ignore")  # of Selenium itself
def test_webkit(webkit: webdriver.WebKitGTK, course_server: Server, boot: str) -> None:
    webkit.get(visit(course_server, boot))
    smoke(lambda script: webkit.execute_script(script), boot)
    refuses_scripts(lambda script: webkit.execute_script(script))
