"""Serve the course: to this computer or, with --lan, to the room.

In the zip for a classroom (classroom.py) this file stands alone, with the course in a folder beside
it. So it needs Python 3.8 or later and nothing else.
"""

import argparse
import functools
import http.server
import pathlib
import socket
import sys
import webbrowser

COURSE = pathlib.Path(__file__).resolve().parent / "course"
TYPES = {
    "": "application/octet-stream",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
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
    """Takes it as it comes that a whole class asks at once, and that a browser breaks off."""

    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell of all errors but those."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server(host: str, port: int) -> Server:
    """A server on this port, or the next one that is free."""
    handler = functools.partial(Handler, directory=str(COURSE))
    for candidate in [*range(port, port + 50), 0]:
        try:
            return Server((host, candidate), handler)
        except OSError:
            continue
    raise SystemExit("No port is free on this computer.")


def own_address() -> str:
    """The address of this computer in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that belongs to nobody
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the course from this folder.")
    parser.add_argument("--lan", action="store_true", help="serve to all computers in the network")
    parser.add_argument("--port", type=int, default=8000, help="first port to try (%(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    options = parser.parse_args()
    course = server("0.0.0.0" if options.lan else "127.0.0.1", options.port)
    port = course.server_address[1]
    print(f"\nOn this computer: http://127.0.0.1:{port}/")
    if options.lan:
        print(f"In the room:      http://{own_address()}:{port}/")
        print("If the others cannot open it, let Python through the firewall of this computer.")
    else:
        print("To serve the room, too, start it with --lan.")
    print("Keep this window open. Stop with Ctrl+C.", flush=True)
    if not options.no_browser:
        webbrowser.open(f"http://127.0.0.1:{port}/")
    try:
        course.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        course.server_close()


if __name__ == "__main__":
    main()
