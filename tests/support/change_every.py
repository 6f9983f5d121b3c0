"""Change the code of every figure in a browser: `python tests/support/change_every.py firefox`.

For every figure of every lesson: its code opens, a changed line changes the picture, a new argument
adds a slider, and the original comes back. Then endless work of each kind ends in a usable page,
and the same lesson works without a network. tests/test_see_python.py and tests/test_engines.py do
the same for a few figures; for all, it takes ten minutes. With names of lessons, as in
`change_every.py chromium 11-normal`, only those are tried.
"""

import contextlib
import functools
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import pytest  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from bench import browsers  # noqa: E402
from bundle.project import ROOT  # noqa: E402
from support import changes  # noqa: E402
from support.machine import wait_for  # noqa: E402
from support.servers import Server  # noqa: E402

DIST = ROOT / "dist"
LESSON = "11-normal"
FIGURE = "normal_bell"

say = functools.partial(print, file=sys.__stdout__, flush=True)  # Marionette redirects the other


class Browser:
    """A browser's window: it opens pages, and runs scripts in them."""

    def __init__(self, go: changes.Run, run: changes.Run) -> None:
        self.go, self.run = go, run


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        browsers.chromium(playwright, Path(profile)) as context,
    ):
        page = context.new_page()
        yield Browser(page.goto, lambda script: page.evaluate(f"() => {{ {script} }}"))


@contextlib.contextmanager
def firefox() -> Iterator[Browser]:
    with browsers.firefox_client() as client:
        yield Browser(client.navigate, lambda script: client.execute_script(script, sandbox=None))


@contextlib.contextmanager
def told(what: str, failed: list[str]) -> Iterator[None]:
    """Say how something went."""
    began = time.monotonic()
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        failed.append(what)
        say(f"{what}: {type(error).__name__}: {str(error)[:300]}")
    else:
        say(f"{what}: ok, {time.monotonic() - began:.1f} s")


def figures(lesson: Path) -> list[str]:
    return re.findall(r'<ml-demo [^>]*\bid="(\w+)"', lesson.read_text())


def walk(browser: Browser, server: Server, lessons: list[Path]) -> list[str]:
    """What failed."""
    failed: list[str] = []
    for lesson in lessons:
        browser.go(f"{server.url}lessons/{lesson.name}")
        restored = None
        for name in figures(lesson):
            with told(name, failed):
                following = changes.is_changed(browser.run, name)
                if restored:
                    restored()
                restored = following
        if restored:
            with told("the last of them", failed):
                restored()
    browser.go(f"{server.url}lessons/{LESSON}.html")
    for kind in changes.ENDLESS:
        with told(kind, failed):
            changes.never_hangs(browser.run, FIGURE, [kind])
    wait_for("the course, kept", lambda: browser.run(changes.KEPT))
    server.close()
    browser.go(f"{server.url}lessons/{LESSON}.html")
    with told("without a network", failed):
        changes.is_changed_and_restored(browser.run, FIGURE)
        changes.imports(browser.run, FIGURE)
    return failed


if __name__ == "__main__":
    engine, *wanted = sys.argv[1:]
    every = sorted((DIST / "lessons").glob("*.html"))
    chosen = [lesson for lesson in every if not wanted or lesson.stem in wanted]
    with {"chromium": chromium, "firefox": firefox}[engine]() as found:
        missing = walk(found, Server(DIST), chosen)
    say(f"{engine}: {sum(len(figures(lesson)) for lesson in chosen)} figures; failed: {missing}")
    sys.exit(bool(missing))
