"""One smoke test each in Firefox and in WebKit: Python starts, a slider moves, pixels change.

Debian's own browsers, driven by what drives them best: Firefox by marionette, WebKitGTK by its own
WebDriver on a screen that is not there (Xvfb).
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CI, Server
from selenium import webdriver

PATIENCE = 240  # seconds for a start of Python: WebKit needs 20 of them on two idle cores
LESSON = "lessons/11-normal.html"

STATE = """
    const demo = document.querySelector("ml-demo");
    const canvas = demo.querySelector("canvas");
    let sum = 0;
    if (demo.dataset.state === "ready") {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
    }
    return {
      state: demo.dataset.state,
      frame: Number(demo.dataset.frame),
      caption: demo.querySelector(".caption").textContent,
      trouble: demo.querySelector(".trouble p").textContent,
      boot: performance.getEntriesByName("ml-ready")[0]?.detail?.boot ?? "",
      pixels: sum,
    };
"""
MOVE = """
    const slider = document.querySelector("ml-demo input[type=range]");
    slider.focus();
    slider.valueAsNumber += Number(slider.step) * 5;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
"""

Run = Callable[[str], Any]


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


def visit(server: Server, boot: str) -> str:
    return f"{server.url}{LESSON}" + ("?boot=ordinary" if boot == "ordinary" else "")


def smoke(run: Run, boot: str) -> None:
    """What every engine must do; `run` executes a script in the page."""
    run("document.querySelector('ml-demo').scrollIntoView();")
    wait_for("a start", lambda: run(STATE)["state"] in ("ready", "failed"))
    first = run(STATE)
    assert first["state"] == "ready", first["trouble"]
    wait_for("the mark of the start", lambda: run(STATE)["boot"], 10)
    assert run(STATE)["boot"] == boot
    for _ in range(2):
        before = run(STATE)
        run(MOVE)
        wait_for("another picture", lambda seen=before: run(STATE)["frame"] > seen["frame"], 30)
        after = run(STATE)
        assert after["caption"] != before["caption"]
        assert after["pixels"] != before["pixels"]


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


@pytest.mark.filterwarnings("ignore")  # of marionette-driver itself
def test_firefox(firefox: Any, course_server: Server, boot: str) -> None:
    firefox.navigate(visit(course_server, boot))
    smoke(lambda script: firefox.execute_script(script), boot)


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


@pytest.mark.filterwarnings("ignore")  # of Selenium itself
def test_webkit(webkit: webdriver.WebKitGTK, course_server: Server, boot: str) -> None:
    webkit.get(visit(course_server, boot))
    smoke(lambda script: webkit.execute_script(script), boot)
