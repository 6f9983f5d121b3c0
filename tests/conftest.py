"""Shared fixtures and options: the built course, a site for tests, servers, browsers.

pytest --renew           writes new baseline pictures into tests/baseline/, and what readers see of
                         each fault into docs/faults.md
pytest --boot snapshot   runs the browser tests with only one of Python's two ways to start
pytest --fast            leaves out tests that need a browser or a build, unless marked fast

Expensive things (sites, packages) are made once for all workers of pytest-xdist.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright
from selenium import webdriver
from support import faults, sites
from support.machine import ROOT, needed
from support.pages import chromium
from support.servers import Server

from bench import browsers

pytest_plugins = ["support.order"]
BOOTS = ("snapshot", "ordinary")

# What `python tests` has just built: "dist", and "packages" except with --fast.
BUILT = os.environ.get("BUILT_BEFORE_PYTEST", "").split()

Once = Callable[[str, Callable[[Path], None]], Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write new baseline pictures")
    parser.addoption("--boot", choices=[*BOOTS, "both"], default="both", help="starts to test")


def wanted_boots(config: pytest.Config) -> tuple[str, ...]:
    wanted = config.getoption("--boot")
    return BOOTS if wanted == "both" else (wanted,)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "boot" in metafunc.fixturenames:
        metafunc.parametrize("boot", wanted_boots(metafunc.config), scope="session")


@pytest.fixture(scope="session")
def boots(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The starts to test, for a test that compares them."""
    return wanted_boots(request.config)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what failed before pytest started, above its last line."""
    if failed := os.environ.get("FAILED_BEFORE_PYTEST"):
        terminalreporter.section("before pytest", sep="=", red=True)
        terminalreporter.line(f"FAILED {failed}: see above", red=True)


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares what the reader sees of a fault with docs/faults.md, or writes it there."""
    renew = bool(request.config.getoption("--renew"))
    return lambda name, sees: faults.check_row(name, sees, renew)


@pytest.fixture(autouse=True)
def numbers_are_numbers() -> Iterator[None]:
    """NumPy's division by zero, overflow, and invalid values are errors."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@pytest.fixture(autouse=True)
def random_numbers_of_its_own(request: pytest.FixtureRequest) -> None:
    """Reset RANDOM of the test's module, whatever ran before in this worker."""
    random = getattr(request.module, "RANDOM", None)
    if isinstance(random, np.random.Generator):
        started = request.module.__dict__.setdefault("_started", random.bit_generator.state)
        random.bit_generator.state = started


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Makes a folder that all workers share; the first one that needs it makes it."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = root / name, root / f"{name}.done"
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


def run_build(*options: str) -> None:
    command = [sys.executable, "build_bundle.py", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def dist(once: Once) -> Path:
    """The built course."""
    if "dist" not in BUILT:
        once("dist", lambda _: run_build())
    return ROOT / "dist"


@pytest.fixture(scope="session")
def packages(once: Once, dist: Path) -> Path:
    """The single files, the zip for a classroom, and the packages for learning platforms."""
    if "packages" not in BUILT:
        once("packages", lambda _: run_build("--packages"))
    return ROOT / "packages"


@pytest.fixture(scope="session")
def test_site(once: Once) -> Path:
    """A built site with the demos and lessons of tests/site/, and the course's own front page."""

    def make(folder: Path) -> None:
        sites.copy_test_sources(folder)
        done = sites.build(folder)
        assert done.returncode == 0, done.stdout + done.stderr

    return once("test-site", make) / "dist"


@pytest.fixture(scope="session")
def serve_folder() -> Iterator[Callable[[Path], Server]]:
    servers: list[Server] = []

    def start(folder: Path) -> Server:
        servers.append(Server(folder))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def course_server(dist: Path, serve_folder: Callable[[Path], Server]) -> Server:
    """A server for the course."""
    return serve_folder(dist)


@pytest.fixture(scope="session")
def test_server(test_site: Path, serve_folder: Callable[[Path], Server]) -> Server:
    """A server for the site of tests/site/."""
    return serve_folder(test_site)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        expect.set_options(timeout=10_000)
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium without service workers, whose caches would hide injected faults.

    Tests that need service workers use `Browser.new_context(browser)`.
    """
    started = playwright.chromium.launch(**chromium())

    def new_context(**options: Any) -> BrowserContext:
        context = Browser.new_context(started, **options)
        context.add_init_script("delete Navigator.prototype.serviceWorker")
        return context

    started.new_context = new_context  # type: ignore[method-assign]
    yield started
    started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A separate browser profile with a screen of ordinary size."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def tests(test_server: Server) -> Iterator[Server]:
    yield test_server
    test_server.faults.clear()


@pytest.fixture
def course(course_server: Server) -> Iterator[Server]:
    """A server for the course, with the faults that a test injects."""
    yield course_server
    course_server.faults.clear()


@pytest.fixture
def firefox() -> Iterator[Any]:
    needed("firefox-esr")
    with browsers.firefox_client() as client:
        yield client


@pytest.fixture
def webkit() -> Iterator[webdriver.WebKitGTK]:
    needed("Xvfb")
    needed("WebKitWebDriver")
    needed(browsers.mini_browser() or "MiniBrowser")
    with browsers.webkit_client() as client:
        yield client
