"""For authors: show dist/ on this computer, build again when a source changes, reload the page.

A changed lesson takes a second or two. A changed demo, too: Python still starts from the snapshot
of the first build, and the demo runs from its new source. A change in py/stage/ needs a new
snapshot, which takes about a minute; a change in bundle/ starts everything again.
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

__all__ = ["TYPES", "Handler", "Server", "serve", "server"]

SITE = ("py", "site")
BUILDER = ("bundle", "build_bundle.py", "pyproject.toml", "package.json", "package-lock.json")
SCRIPT = ROOT / "bundle" / "author.js"
WAIT = 25  # seconds until an open question is answered with no news

Build = Callable[["State"], None]


class State:
    """What the open pages are told: how often the site was built, and what is wrong with it."""

    def __init__(self) -> None:
        self.builds = 0
        self.error = ""
        self.edited: list[str] = []  # demos that run from their source
        self._changed = threading.Condition()

    def publish(self, error: str, edited: list[str]) -> None:
        """Tell all pages that a build has ended."""
        with self._changed:
            self.builds, self.error, self.edited = self.builds + 1, error, edited
            self._changed.notify_all()

    def wait(self, known: int) -> dict[str, object]:
        """The news, as soon as there is a build that the page does not know."""
        with self._changed:
            self._changed.wait_for(lambda: self.builds != known, WAIT)
            return {"builds": self.builds, "error": self.error, "edited": self.edited}


class AuthorsHandler(Handler):
    """Adds a script to each page, which reloads it, and has the browser keep nothing offline."""

    state = State()
    FORGET = b"""self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", () => self.registration.unregister());
"""

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
        """Send a page with the script, or what the script asks for."""
        url = urlsplit(self.path)
        if url.path == "/sw.js":
            return self._answer(self.FORGET, TYPES[".js"])
        if url.path == "/author.js":
            return self._answer(SCRIPT.read_bytes(), TYPES[".js"])
        if url.path == "/author.json":
            known = int(url.query) if url.query.isdigit() else -1
            return self._answer(json.dumps(self.state.wait(known)).encode(), TYPES[".json"])
        try:
            file = self.find()
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
    """A server for `folder` on 127.0.0.1; port 0 takes a free one."""
    handler = functools.partial(kind, directory=str(folder))
    return Server(("127.0.0.1", port), handler)


def serve(folder: Path, port: int, build: Callable[[bool], list[str]]) -> None:
    """Serve until interrupted, building again on every change.

    `build(True)` builds with the Python of the build before, `build(False)` makes a new one; both
    give the names of the demos that run from their source.
    """
    try:
        site = server(folder, port, AuthorsHandler)
    except OSError as error:
        sys.exit(f"Port {port} is not free ({error.strerror}). Choose another: --port {port + 1}")
    state = AuthorsHandler.state = State()
    gc.freeze()  # what the first build keeps is not looked through again in each of the others
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
    """Build; what is wrong, in words for the author, and the demos that run from their source."""
    stage = any(name.startswith("py/stage/") for name in changed)
    forget("stage" if stage else "", *(_module(name) for name in changed))
    try:
        return "", build(not stage)
    except BuildError as error:
        words = str(error)
    except Exception:  # of the builder itself: the author goes on
        words = traceback.format_exc()
    print(f"\nThe course was not built.\n{words}", file=sys.stderr, flush=True)
    return words, []


def _module(name: str) -> str:
    """The name of the module in a file of py/."""
    return name.removeprefix("py/").removesuffix(".py").replace("/", ".")


def forget(*modules: str) -> None:
    """Have these modules read anew when they are next imported; "stage" stands for all."""
    gone = {"stage", "demos"} if "stage" in modules else set()
    for name in list(sys.modules):
        if name in modules or name.split(".")[0] in gone:
            del sys.modules[name]


def _start_again() -> None:
    """Run the same command once more: its own code has changed."""
    command = [sys.executable, *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)
