"""Show dist/ on this machine and build again when a source changes."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import watchfiles

from bundle.project import ROOT

WATCHED = ("bundle", "py", "site", "pyproject.toml", "package.json")
TYPES = {
    "": "application/octet-stream",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files with the right types, and has pages asked for anew each time."""

    extensions_map = TYPES
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        """What has its hash in its name never changes."""
        lasting = self.path.startswith(("/assets/", "/runtime/"))
        self.send_header("Cache-Control", "max-age=31536000, immutable" if lasting else "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say only what went wrong."""
        if len(args) > 1 and str(args[1])[:1] in "45":
            super().log_message(format, *args)


class Server(http.server.ThreadingHTTPServer):
    """Takes it as it comes that a browser breaks a connection off."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of all errors but those."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def server(folder: Path, port: int) -> Server:
    """A server for `folder` on 127.0.0.1; port 0 takes a free one."""
    handler = functools.partial(Handler, directory=str(folder))
    return Server(("127.0.0.1", port), handler)


def serve(folder: Path, port: int) -> None:
    """Serve until interrupted, building again on every change."""
    try:
        site = server(folder, port)
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
            subprocess.run([sys.executable, ROOT / "build_bundle.py", "--out", folder], check=False)
    finally:
        site.shutdown()
