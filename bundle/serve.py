"""Show dist/ on this machine and build again when a source changes."""

import functools
import subprocess
import sys
import threading
from pathlib import Path

import watchfiles

from bundle.project import ROOT
from bundle.server import TYPES, Handler, Server

__all__ = ["TYPES", "Handler", "Server", "serve", "server"]

WATCHED = ("bundle", "py", "site", "pyproject.toml", "package.json")


class AuthorsHandler(Handler):
    """Has a browser forget what it keeps for offline use: an author wants to see what is new."""

    FORGET = b"""self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", () => self.registration.unregister());
"""

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
        if self.path != "/sw.js":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", TYPES[".js"])
        self.send_header("Content-Length", str(len(self.FORGET)))
        self.end_headers()
        self.wfile.write(self.FORGET)
        return None


def server(folder: Path, port: int, kind: type[Handler] = Handler) -> Server:
    """A server for `folder` on 127.0.0.1; port 0 takes a free one."""
    handler = functools.partial(kind, directory=str(folder))
    return Server(("127.0.0.1", port), handler)


def serve(folder: Path, port: int, kiosk: int = 0) -> None:
    """Serve until interrupted, building again on every change."""
    try:
        site = server(folder, port, AuthorsHandler)
    except OSError as error:
        sys.exit(
            f"Port {port} cannot be used ({error.strerror}). Choose another one: --port {port + 1}"
        )
    threading.Thread(target=site.serve_forever, daemon=True).start()
    print(f"\nThe course is at http://127.0.0.1:{site.server_port}/ (stop with Ctrl+C)", flush=True)
    places = [ROOT / name for name in WATCHED]
    ignored = watchfiles.DefaultFilter(ignore_dirs=(*watchfiles.DefaultFilter.ignore_dirs, "fonts"))
    try:
        for changes in watchfiles.watch(*places, watch_filter=ignored, raise_interrupt=False):
            for _, name in sorted(changes):
                print(f"changed: {Path(name).relative_to(ROOT)}", flush=True)
            # A process of its own: modules that changed are read anew.
            options: list[str | Path] = ["--out", folder, "--kiosk", str(kiosk)]
            subprocess.run([sys.executable, ROOT / "build_bundle.py", *options], check=False)
    finally:
        site.shutdown()
