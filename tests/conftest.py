"""What the tests share: flags of the command line, the built course, a site for tests, browsers.

pytest --renew           takes the pictures of today as the baselines of tests/baseline/, and
                         what readers see of faults for docs/faults.md
pytest --boot snapshot   runs the browser tests on one of the two starts of Python only
"""

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faults
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright
from selenium import webdriver

from bench import browsers
from bundle import serve

ROOT = Path(__file__).resolve().parent.parent
BOOTS = ("snapshot", "ordinary")
PATIENCE = 240  # seconds for a start of Python: WebKit needs 20 of them on two idle cores
CI = os.environ.get("CI") == "true"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *browsers.FLAGS,
    "--host-resolver-rules=MAP course.test 127.0.0.1",  # a host that is no secure context
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="take today's pictures as baselines")
    parser.addoption("--boot", choices=[*BOOTS, "both"], default="both", help="starts to test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "boot" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--boot")
        boots = BOOTS if wanted == "both" else (wanted,)
        metafunc.parametrize("boot", boots, scope="session")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What failed before pytest was started stands above its closing line."""
    if failed := os.environ.get("FAILED_BEFORE_PYTEST"):
        terminalreporter.section("before pytest", sep="=", red=True)
        terminalreporter.line(f"FAILED {failed}: see above", red=True)


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Takes down, or compares, what the reader sees of a fault (docs/faults.md)."""
    renew = bool(request.config.getoption("--renew"))
    return lambda name, sees: faults.note(name, sees, renew)


@pytest.fixture(autouse=True)
def numbers_are_numbers() -> Iterator[None]:
    """NumPy's division by zero, overflow, and invalid values are errors."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@pytest.fixture(scope="session")
def dist() -> Path:
    """The course, built."""
    command = [sys.executable, "build_bundle.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "dist"


@pytest.fixture(scope="session")
def packages() -> Path:
    """The single files, the zip for a classroom, and the packages for learning platforms."""
    command = [sys.executable, "build_bundle.py", "--packages"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "packages"


@pytest.fixture(scope="session")
def copy_sources(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Path]:
    """Makes copies of all that the build reads; each builds on its own, by its own code."""

    def copy() -> Path:
        target = tmp_path_factory.mktemp("course")
        for name in ("bundle", "py", "site"):
            hidden = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, target / name, ignore=hidden)
        for file in ROOT.iterdir():
            if file.is_file():
                shutil.copyfile(file, target / file.name)
        (target / "node_modules").symlink_to(ROOT / "node_modules")
        return target

    return copy


def build(
    sources: Path, out: str = "dist", packages: bool = False
) -> subprocess.CompletedProcess[str]:
    """Build a copy of the sources by its own build functions."""
    script = (
        "import sys; from pathlib import Path; from bundle import course\n"
        f"try: course.build(Path({out!r}), packages_too={packages})\n"
        "except course.BuildError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def test_site(copy_sources: Callable[[], Path]) -> Path:
    """A built site with the demos and lessons of tests/site/, and the course's own front page."""
    sources = copy_sources()
    for folder in ("py/demos", "site/lessons", "site/guide"):
        for old in (sources / folder).glob("*.*"):
            if old.stem != "__init__":
                old.unlink()
    shutil.copytree(ROOT / "tests" / "site" / "demos", sources / "py/demos", dirs_exist_ok=True)
    shutil.copytree(
        ROOT / "tests" / "site" / "lessons", sources / "site/lessons", dirs_exist_ok=True
    )
    shutil.copytree(ROOT / "tests" / "site" / "guide", sources / "site/guide", dirs_exist_ok=True)
    shutil.copyfile(ROOT / "tests" / "site" / "index.html", sources / "site/index.html")
    done = build(sources)
    assert done.returncode == 0, done.stdout + done.stderr
    return sources / "dist"


class Faults:
    """What a server shall do wrong: for each part of a path, one of the words of FaultyHandler."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.once: set[str] = set()  # of these only the first request goes wrong
        self.asked: list[str] = []
        self.released = threading.Event()  # lets go of what is stalled

    def take(self, path: str) -> str:
        self.asked.append(path)
        part = next((part for part in self.of if part in path), None)
        if part is None:
            return ""
        return self.of.pop(part) if part in self.once else self.of[part]

    def count(self, name: str) -> int:
        """How often a file was asked for."""
        return sum(path.endswith(name) for path in self.asked)

    def clear(self) -> None:
        self.of.clear()
        self.once.clear()
        self.asked.clear()
        self.released.set()
        self.released = threading.Event()


ANSWERS = {"missing": 404, "broken server": 500}


class FaultyHandler(serve.Handler):
    """The project's own server, with faults on demand."""

    faults: Faults
    fault = ""

    def is_inside(self, path: str) -> bool:
        """Links may lead out: some tests put the course and pages of their own together."""
        return Path(path).is_file()

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
        self.fault = fault = self.faults.take(self.path.split("?")[0])
        if not fault:
            return super().do_GET()
        if fault in ANSWERS:
            return self.send_error(ANSWERS[fault])
        file = Path(self.translate_path(self.path))
        data = file.read_bytes()
        kind = self.guess_type(str(file))
        if fault == "stalled":
            self.faults.released.wait(120)
            self.close_connection = True
            return None
        if fault == "broken off":  # the length is told, the connection ends before
            self.send(kind, data[: len(data) // 2], len(data))
            self.close_connection = True
        elif fault == "truncated":
            self.send(kind, data[: len(data) // 2])
        elif fault == "slow":  # some seconds for what takes a moment
            self.send(kind, b"", len(data))
            for start in range(0, len(data), part := len(data) // 20 + 1):
                self.wfile.write(data[start : start + part])
                time.sleep(0.2)
        elif fault in ("changed", "changed for good"):
            middle = len(data) // 2
            self.send(kind, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        elif fault == "portal":  # the login page of a network in place of every file
            self.send("text/html", b"<!doctype html><title>Sign in</title>")
        elif fault == "untyped":
            self.send("application/octet-stream", data)
        else:
            raise AssertionError(fault)
        return None

    def end_headers(self) -> None:
        if self.fault in ("", "untyped", "changed for good"):  # which a browser keeps
            return super().end_headers()
        self.send_header("Cache-Control", "no-store")  # else the fault would outlive its mending
        return http.server.SimpleHTTPRequestHandler.end_headers(self)

    def send(self, kind: str, data: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Not a word: the faults are meant."""


class Server:
    """A folder on 127.0.0.1, and what shall go wrong there."""

    def __init__(self, folder: Path) -> None:
        self.faults = Faults()
        handler = type("Handler", (FaultyHandler,), {"faults": self.faults})
        self.http = serve.server(folder, 0)
        self.http.RequestHandlerClass = functools.partial(handler, directory=str(folder))
        self.http.hosts = None  # any: some tests need another site, or one that is not secure
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.faults.clear()
        self.http.shutdown()
        self.http.server_close()


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
    """The course."""
    return serve_folder(dist)


@pytest.fixture(scope="session")
def test_server(test_site: Path, serve_folder: Callable[[Path], Server]) -> Server:
    """The site of tests/site/."""
    return serve_folder(test_site)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        expect.set_options(timeout=10_000)
        yield started


def chromium() -> dict[str, Any]:
    """How it is started."""
    return {"executable_path": str(CHROMIUM) if CHROMIUM.exists() else None, "args": FLAGS}


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium without service workers: what one keeps would stand between a page and the faults.

    Where they are wanted, `Browser.new_context(browser)` makes a context that has them.
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
    """A profile of its own, on a screen of a usual size."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def tests(test_server: Server) -> Iterator[Server]:
    yield test_server
    test_server.faults.clear()


@pytest.fixture
def course(course_server: Server) -> Iterator[Server]:
    """The course, and what shall go wrong there in this test."""
    yield course_server
    course_server.faults.clear()


def needed(program: str) -> str:
    """The program's path; without it the test is skipped, but never in CI."""
    path = shutil.which(program)
    if path is None:
        assert not CI, f"{program} is not installed"
        pytest.skip(f"{program} is not installed")
    return path


def wait_for(what: str, ask: Callable[[], Any], patience: float = PATIENCE) -> Any:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.1)
    pytest.fail(f"{what}: not within {patience} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Any]:
    from marionette_driver.marionette import Marionette  # warns as soon as it is imported

    program = needed("firefox-esr")
    client = Marionette(
        bin=program,
        port=free_port(),
        headless=True,
        gecko_log=str(tmp_path / "gecko.log"),
        startup_timeout=120,
        socket_timeout=PATIENCE,
        # These would ask hosts of their own, and wait for answers that do not come.
        prefs={
            "app.normandy.enabled": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
        },
    )
    client.start_session()
    yield client
    client.quit(in_app=False)


@pytest.fixture
def screen() -> Iterator[str]:
    """A screen that is not there; its name."""
    reading, writing = os.pipe()
    command = [needed("Xvfb"), "-displayfd", str(writing), "-screen", "0", "1280x1000x24"]
    process = subprocess.Popen(
        [*command, "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait()


@pytest.fixture
def webkit(
    screen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[webdriver.WebKitGTK]:
    driver = needed("WebKitWebDriver")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if not browsers:
        assert not CI, "WebKitGTK's MiniBrowser is not installed"
        pytest.skip("WebKitGTK's MiniBrowser is not installed")
    for name, value in {
        "DISPLAY": screen,
        "GDK_BACKEND": "x11",
        "HOME": str(tmp_path),  # a profile of its own
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # as root it cannot have one
    }.items():
        monkeypatch.setenv(name, value)
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(browsers[-1])
    options.add_argument("--automation")
    service = webdriver.WebKitGTKService(executable_path=driver)
    client = webdriver.WebKitGTK(options=options, service=service)
    client.set_script_timeout(PATIENCE)
    yield client
    client.quit()
