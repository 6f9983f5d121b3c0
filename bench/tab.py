"""The memory of a tab, in a Chromium that no debugger watches closely.

Playwright has the browser keep what it has fetched, up to 100 MB, so that tests can look at it. So
this module starts its own browser, and sends it only a few commands of the DevTools protocol
(https://chromedevtools.github.io/devtools-protocol/).
"""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import websocket
from playwright.sync_api import Playwright

from bench import browsers, measure
from bench.browsers import PageError
from bench.server import Server

REST = 30  # seconds after a drag

Record = dict[str, Any]


def memory(playwright: Playwright, server: Server, dist: Path, rounds: int) -> Iterator[Record]:
    """Bytes of resident memory of the renderer when ready, after moves and a drag, and at rest."""
    path = shutil.which("chromium") or playwright.chromium.executable_path
    for round_ in range(rounds):
        for variant in measure.variants(dist):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                facts = {"variant": variant.name, "round": round_}
                try:
                    yield facts | _visit(path, profile, server.url(variant.path), variant)
                except (PageError, OSError, websocket.WebSocketException) as error:
                    yield facts | {"failed": f"{type(error).__name__}: {error}", "console": []}


def _visit(path: str, profile: str, url: str, variant: measure.Variant) -> Record:
    size = f"--window-size={browsers.SIZE['width']},{browsers.SIZE['height']}"
    options = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}", size]
    command = [path, *browsers.FLAGS, *options, "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            tab = _Tab(Path(profile))
            tab.send("Page.enable")
            source = measure.INSIDE.read_text()
            tab.send("Page.addScriptToEvaluateOnNewDocument", source=source)
            tab.send("Page.navigate", url=url)
            tab.wait("window.bench?.times.ready")
            renderers = [
                child
                for child in psutil.Process(process.pid).children(recursive=True)
                if "--type=renderer" in child.cmdline()
            ]
            sizes = {"ready": max(child.memory_info().rss for child in renderers)}
            renderer = max(renderers, key=lambda child: child.memory_info().rss)
            if variant.demo:
                figure = f"document.querySelector({json.dumps(variant.demo)})"
                tab.run(f"{figure}.scrollIntoView()")
                tab.wait(f"{figure}.matches('[data-state=ready][data-live]')")
            place = json.dumps(variant.place)
            tab.run(f"bench.moves({place}, {measure.MOVES})")
            tab.run(f"bench.drag({place}, {measure.DRAG}, false)")
            sizes["drag"] = renderer.memory_info().rss
            time.sleep(REST)
            return sizes | {"rest": renderer.memory_info().rss}
        finally:
            process.kill()


class _Tab:
    """The first tab of a browser."""

    def __init__(self, profile: Path) -> None:
        port = profile / "DevToolsActivePort"
        deadline = time.monotonic() + browsers.TIMEOUT
        while not port.exists() or not port.read_text().strip():
            if time.monotonic() > deadline:
                raise PageError("the browser does not start")
            time.sleep(0.1)
        base = f"http://127.0.0.1:{port.read_text().split()[0]}"
        with urllib.request.urlopen(f"{base}/json/list") as answer:
            url = next(tab["webSocketDebuggerUrl"] for tab in json.load(answer))
        self._socket = websocket.create_connection(
            url, timeout=browsers.TIMEOUT, suppress_origin=True
        )
        self._last = 0

    def send(self, method: str, **parameters: Any) -> Any:
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while (answer := json.loads(self._socket.recv())).get("id") != self._last:
            pass
        return answer.get("result")

    def run(self, code: str) -> Any:
        """The value of an expression in the page."""
        found = self.send(
            "Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise PageError(found["exceptionDetails"]["text"])
        return found["result"].get("value")

    def wait(self, code: str) -> None:
        deadline = time.monotonic() + browsers.TIMEOUT
        while not self.run(code):
            if trouble := self.run("window.bench?.trouble()"):
                raise PageError(trouble)
            if time.monotonic() > deadline:
                raise PageError(f"not after {browsers.TIMEOUT} s: {code}")
            time.sleep(0.1)
