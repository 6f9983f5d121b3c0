"""Start Chromium, Firefox and WebKit with empty profiles, as for a first visit, with timeouts.

Used by measure.py and by the browser tests.
"""

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Playwright
from selenium import webdriver

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = {"width": 1280, "height": 900}  # CSS pixels
TIMEOUT = 120  # seconds for a page to be ready

READY = """
    const names = ["ml-ready", "plain-ready"];
    const [mark] = names.flatMap((name) => performance.getEntriesByName(name));
    const trouble = document.querySelector("ml-demo[data-state=failed] .trouble")?.textContent;
    const boot = mark?.detail?.boot ?? "";
    return JSON.stringify({ ready: mark?.startTime ?? 0, boot, trouble: trouble?.trim() ?? "" });
"""


class PageError(Exception):
    """The page failed, or did not become ready in time."""


@contextlib.contextmanager
def chromium(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A new Chromium process: the system's Chromium if installed, or else Playwright's."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=shutil.which("chromium"),
        args=FLAGS,
        viewport=SIZE,  # type: ignore[arg-type]
        color_scheme="light",
    )
    try:
        yield context
    finally:
        with contextlib.suppress(Exception):  # `Watch` may have killed the browser
            context.close()


def chromium_version(playwright: Playwright) -> str:
    """The version of the Chromium that is measured."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    try:
        return browser.version
    finally:
        browser.close()


class Watch(threading.Thread):
    """Tracks the memory of Chromium's largest renderer, and kills the browser after `limit` s."""

    def __init__(self, profile: Path, limit: float) -> None:
        super().__init__(daemon=True)
        self.present = 0  # bytes of resident memory
        self.late = False
        self._profile = profile
        self._deadline = time.monotonic() + limit
        self._done = threading.Event()

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self.join()

    def run(self) -> None:
        """Sample ten times a second; look for new processes, which is slower, once a second."""
        renderers: list[psutil.Process] = []
        looks = 0
        while not self._done.wait(0.1):
            if looks % 10 == 0:
                renderers = self._renderers()
            looks += 1
            sizes = [0]
            for process in renderers:
                with contextlib.suppress(psutil.Error):
                    sizes.append(process.memory_info().rss)
            self.present = max(sizes)
            if time.monotonic() > self._deadline and not self.late:
                self.late = True
                for process in self._browser():
                    process.kill()

    def _browser(self) -> list[psutil.Process]:
        return [one for one in _processes(self._profile) if "--type=" not in _command(one)]

    def _renderers(self) -> list[psutil.Process]:
        return [one for one in _processes(self._profile) if "--type=renderer" in _command(one)]


class Slowdown(threading.Thread):
    """Lets Chromium run only a part of the time, as if the processor were `factor` times slower.

    Chromium's own throttling slows down the main thread alone, but Python runs in a worker.
    """

    PERIOD = 0.04  # seconds

    def __init__(self, profile: Path, factor: float) -> None:
        super().__init__(daemon=True)
        self._profile = profile
        self._factor = factor
        self._done = threading.Event()

    def __enter__(self) -> "Slowdown":
        if self._factor > 1:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._factor > 1:
            self.join()

    def run(self) -> None:
        """Suspend and resume all processes; look for new ones, which is slower, once a second."""
        looked = -1.0
        processes: list[psutil.Process] = []
        while not self._done.wait(self.PERIOD / self._factor):
            if time.monotonic() - looked > 1:
                processes, looked = _processes(self._profile), time.monotonic()
            for act, seconds in (
                (psutil.Process.suspend, self.PERIOD * (1 - 1 / self._factor)),
                (psutil.Process.resume, 0),
            ):
                for process in processes:
                    with contextlib.suppress(psutil.Error):
                        act(process)
                time.sleep(seconds)


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _processes(profile: Path) -> list[psutil.Process]:
    """The processes of the Chromium with this profile."""
    found = []
    for browser in psutil.process_iter():
        words = _command(browser)
        if f"--user-data-dir={profile}" in words and "--type=" not in words:
            with contextlib.suppress(psutil.Error):
                found += [browser, *browser.children(recursive=True)]
    return found


def _await_ready(ask: Callable[[], str | None]) -> dict[str, Any]:
    """Poll with READY until the page is ready; during navigation the answer may be None."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        answer: dict[str, Any] = json.loads(ask() or "{}")
        if answer.get("ready"):
            return answer
        if answer.get("trouble"):
            raise PageError(answer["trouble"])
        time.sleep(0.25)
    raise PageError(f"not ready after {TIMEOUT} s")


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def firefox_client(**capabilities: object) -> Iterator[Any]:
    """A new headless Firefox, driven by Marionette."""
    from marionette_driver.marionette import (  # type: ignore[import-untyped]
        Marionette,
    )

    said = io.TextIOWrapper(io.BytesIO())  # Marionette prints a lot at startup
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        client = Marionette(
            bin=shutil.which("firefox-esr") or shutil.which("firefox"),
            port=free_port(),
            headless=True,
            gecko_log=str(Path(folder) / "gecko.log"),
            startup_timeout=TIMEOUT,
            socket_timeout=2 * TIMEOUT,
            # These features would contact Mozilla's servers and wait for responses.
            prefs={
                "app.normandy.enabled": False,
                "network.captive-portal-service.enabled": False,
                "network.connectivity-service.enabled": False,
                "datareporting.policy.dataSubmissionEnabled": False,
            },
        )
        try:
            client.start_session(capabilities)
            client.timeout.script = TIMEOUT
            yield client
        finally:
            client.cleanup()


def firefox(url: str) -> dict[str, Any]:
    """A first visit in a new Firefox: ms from navigation to ready, and how Python started."""
    with firefox_client(pageLoadStrategy="none") as client:
        version = client.session_capabilities["browserVersion"]
        client.set_window_rect(width=SIZE["width"], height=SIZE["height"])
        time.sleep(1)
        client.navigate(url)
        return {**_await_ready(lambda: client.execute_script(READY)), "version": version}


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A virtual display (Xvfb) for browsers that have no headless mode; yields its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def mini_browser() -> Path | None:
    """The path of WebKitGTK's MiniBrowser, which WebKitWebDriver starts."""
    return next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)


@contextlib.contextmanager
def webkit_client(page_load_strategy: str = "normal") -> Iterator[webdriver.WebKitGTK]:
    """A new WebKitGTK with an empty profile."""
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(mini_browser())
    options.add_argument("--automation")
    options.page_load_strategy = page_load_strategy
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, screen() as display:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "GDK_BACKEND": "x11",
            "HOME": home,
            "XDG_CACHE_HOME": f"{home}/cache",
            "XDG_DATA_HOME": f"{home}/data",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # the sandbox does not work as root
        }
        program = shutil.which("WebKitWebDriver")
        service = webdriver.WebKitGTKService(executable_path=program, env=environment)
        driver = webdriver.WebKitGTK(options=options, service=service)
        try:
            driver.set_script_timeout(TIMEOUT)
            yield driver
        finally:
            driver.quit()


def webkit(url: str) -> dict[str, Any]:
    """A first visit in a new WebKitGTK, as in `firefox`."""
    with webkit_client("none") as driver:
        driver.set_window_size(SIZE["width"], SIZE["height"])
        time.sleep(1)
        driver.get(url)
        version = driver.capabilities["browserVersion"]
        return {**_await_ready(lambda: driver.execute_script(READY)), "version": version}
