"""`--serve`, for authors: serve dist/, rebuild when a source changes, and reload the page.

A changed lesson or demo takes a second or two: Python still starts from the snapshot of the first
build, and a changed demo runs from source. A change in py/stage/ needs a new snapshot, which takes
about a minute; a change in bundle/ restarts the whole program. The server itself is server.py.
"""

import functools
import gc
import http.server
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import watchfiles

from bundle.project import ROOT, BuildError
from bundle.server import TYPES, Handler, Server

SITE = ("py", "site")
BUILDER = ("bundle", "build_bundle.py", "pyproject.toml", "package.json", "package-lock.json")
SCRIPT = ROOT / "bundle" / "author.js"
WAIT = 25  # seconds until a long-polling request is answered without news


class State:
    """The status that open pages poll: the number of builds, and the error of the last one."""

    def __init__(self) -> None:
        self.builds = 0
        self.error = ""
        self.edited: list[str] = []  # demos that run from source
        self._changed = threading.Condition()

    def publish(self, error: str, edited: list[str]) -> None:
        """Notify all pages that a build has finished."""
        with self._changed:
            self.builds, self.error, self.edited = self.builds + 1, error, edited
            self._changed.notify_all()

    def wait(self, known: int) -> dict[str, object]:
        """The status, once there is a build that the page does not know, or after WAIT."""
        with self._changed:
            self._changed.wait_for(lambda: self.builds != known, WAIT)
            return {"builds": self.builds, "error": self.error, "edited": self.edited}


class AuthorsHandler(Handler):
    """Adds a script to each page that reloads it, and removes the offline service worker."""

    state = State()
    FORGET = b"""self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", () => self.registration.unregister());
"""

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
        """Send a page with the script, or one of the files that the script requests."""
        url = urlsplit(self.path)
        if url.path == "/sw.js":
            return self._answer(self.FORGET, TYPES[".js"])
        if url.path == "/author.js":
            return self._answer(SCRIPT.read_bytes(), TYPES[".js"])
        if url.path == "/author.json":
            known = int(url.query) if url.query.isdigit() else -1
            return self._answer(json.dumps(self.state.wait(known)).encode(), TYPES[".json"])
        try:
            file = self.requested_file()
        except ValueError:
            file = None
        if file and file.endswith(".html"):
            html = Path(file).read_bytes()
            tag = f'<script src="/author.js" data-builds="{self.state.builds}"></script></head>'
            return self._answer(html.replace(b"</head>", tag.encode(), 1), TYPES[".html"])
        return super().do_GET()

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def server(
    folder: Path, port: int, kind: type[http.server.SimpleHTTPRequestHandler] = Handler
) -> Server:
    """A server for `folder` on 127.0.0.1; port 0 picks a free port."""
    handler = functools.partial(kind, directory=str(folder))
    return Server(("127.0.0.1", port), handler)


def serve(folder: Path, port: int, build: Callable[[bool], list[str]]) -> None:
    """Serve until interrupted, and rebuild on every change.

    `build(True)` reuses the Python of the previous build, `build(False)` builds a new one; both
    return the names of the demos that run from source.
    """
    try:
        site = server(folder, port, AuthorsHandler)
    except OSError as error:
        sys.exit(f"Port {port} is not free ({error.strerror}). Choose another: --port {port + 1}")
    state = AuthorsHandler.state = State()
    gc.freeze()  # so that later builds do not scan the objects of the first one
    threading.Thread(target=site.serve_forever, daemon=True).start()
    print(f"\nThe course is at http://127.0.0.1:{site.server_port}/ (stop with Ctrl+C)", flush=True)
    places = [ROOT / name for name in (*SITE, *BUILDER)]
    ignored = watchfiles.DefaultFilter(ignore_dirs=(*watchfiles.DefaultFilter.ignore_dirs, "fonts"))
    try:
        for changes in watchfiles.watch(
            *places, watch_filter=ignored, raise_interrupt=False, debounce=200, step=50
        ):
            names = sorted({Path(name).relative_to(ROOT).as_posix() for _, name in changes})
            print("\nchanged: " + ", ".join(names), flush=True)
            if any(name.startswith(BUILDER) for name in names):
                site.shutdown()
                site.server_close()
                _start_again()
            state.publish(*_built(build, names))
    finally:
        site.shutdown()


def _built(build: Callable[[bool], list[str]], changed: list[str]) -> tuple[str, list[str]]:
    """Build; return the error message for the author, and the demos that run from source."""
    stage = any(name.startswith("py/stage/") for name in changed)
    forget("stage" if stage else "", *(_module(name) for name in changed))
    try:
        return "", build(not stage)
    except BuildError as error:
        words = str(error)
    except Exception:  # a bug in the builder must not stop the server
        words = traceback.format_exc()
    print(f"\nThe course was not built.\n{words}", file=sys.stderr, flush=True)
    return words, []


def _module(name: str) -> str:
    """The module name of a file in py/."""
    return name.removeprefix("py/").removesuffix(".py").replace("/", ".")


def forget(*modules: str) -> None:
    """Make the next import reload these modules; "stage" also reloads every demo."""
    gone = {"stage", "demos"} if "stage" in modules else set()
    for name in list(sys.modules):
        if name in modules or name.split(".")[0] in gone:
            del sys.modules[name]


def _start_again() -> None:
    """Run the same command again, because its own code has changed."""
    command = [sys.executable, *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)
