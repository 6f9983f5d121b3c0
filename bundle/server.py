"""Serve the course: to this computer or, with --lan, to the room.

In the zip for a classroom (classroom.py) this file stands alone, with the course in a folder beside
it. So it needs Python 3.8 or later and nothing else.

A room full of browsers must not break it, and nobody in the room should be able to make it show
more than the course:

- It has only as many connections as there are file descriptors for. When all are taken, idle ones
  are closed, and new ones wait; only if that does not help is the answer 503 with `Retry-After`.
- A browser may keep what it got for a year, but never an error.
- Only files inside the folder are sent: no listings, no symbolic links that lead out of it.
- With --lan it answers to any host name, since a school may have given this computer one. A web
  page from elsewhere could then read the course through a browser in the room (DNS rebinding).
  It would learn nothing by that: the course is public, and the server has nothing else, takes
  nothing in, and sets no cookies. Without --lan only the names of this computer are answered.
"""

from __future__ import annotations

import argparse
import contextlib
import email.utils
import errno
import functools
import http.server
import os
import pathlib
import re
import socket
import socketserver
import sys
import threading
import time
import urllib.parse
import webbrowser
from http import HTTPStatus
from typing import Any, BinaryIO

try:
    import resource
except ImportError:  # Windows, which knows no such limit
    resource = None  # type: ignore[assignment]

COURSE = pathlib.Path(__file__).resolve().parent / "course"
TYPES = {
    "": "application/octet-stream",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
MOST_CONNECTIONS = 256
SPARE_FILES = 40  # descriptors for what is not a connection
IDLE = 15.0  # seconds that a connection may wait for the rest of a request, or for the next one
STALLED = 30.0  # seconds for the next 64 kB to get through
BRIEFLY = 0.5  # seconds after which an idle connection is closed if others need its place
PATIENCE = 10.0  # seconds that a new connection waits for a place
RETRY_AFTER = 2  # seconds, as it is told to browsers
CHUNK = 1 << 16
RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})")  # one range, as browsers ask for it


def most_connections() -> int:
    """As many as there are file descriptors for: one for each, and one for the file it sends."""
    if resource is None:
        return MOST_CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(4, min(MOST_CONNECTIONS, (limit - SPARE_FILES) // 2))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends files with the right types, and has pages asked for anew each time."""

    server: Server
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # 0.9 has no place for a status, and so none for an error
    server_version = "course"
    sys_version = ""
    timeout = STALLED
    status = 0  # of the answer that is being sent
    broken = False  # whether the connection may end before everything in it was read

    # What may be asked for

    def handle_one_request(self) -> None:
        """Until a request is there, the server may close the connection."""
        self.status, self.path = 0, ""
        with self.server.waits(self.connection):
            self.raw_requestline = self.rfile.readline(CHUNK + 1)
            if not self.raw_requestline:
                self.close_connection = True
                return
            readable = self.parse_request()
        if not readable:
            return
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # nothing here reads a body
        answer = getattr(self, f"do_{self.command}", None)
        if answer is None:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED, f"Unsupported method ({self.command!r})")
        elif self.headers.get_all("Host", []) and not self.is_known():
            self.send_error(
                HTTPStatus.MISDIRECTED_REQUEST, "This server is for this computer alone"
            )
        else:
            answer()

    def handle(self) -> None:
        """Answer until either side has had enough."""
        with contextlib.suppress(socket.timeout):
            super().handle()

    def parse_request(self) -> bool:
        """Also refuse what can only be a mistake."""
        if len(self.raw_requestline) > CHUNK:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            return False
        if self.raw_requestline.startswith(b"PRI "):  # HTTP/2 without having asked
            self.requestline, self.request_version, self.command = "PRI", "", ""
            self.send_error(HTTPStatus.BAD_REQUEST, "This server speaks HTTP/1.1")
            return False
        if not super().parse_request():
            return False
        hosts = len(self.headers.get_all("Host", []))
        if hosts > 1 or (not hosts and self.request_version == "HTTP/1.1"):
            self.send_error(HTTPStatus.BAD_REQUEST, "One Host is needed")
            return False
        return True

    def is_known(self) -> bool:
        """Whether the browser asks for this computer by a name that it may use."""
        name = re.sub(r":\d*$", "", self.headers["Host"].strip().lower())
        return self.server.hosts is None or name in self.server.hosts

    def find(self) -> str | None:
        """The file that is asked for; None if there is none. Raises ValueError for nonsense."""
        address = urllib.parse.urlsplit(self.path)
        if not address.path.startswith("/"):
            raise ValueError(self.path)
        parts = urllib.parse.unquote(address.path, errors="strict").split("/")[1:]
        if any("\0" in part for part in parts):
            raise ValueError(self.path)
        if not parts[-1]:
            parts[-1] = "index.html"
        # Hidden files; and what means something else on Windows: other drives, streams, parents.
        if any(
            not part or part[0] == "." or re.search(r'[\\:*?"<>|]|[. ]$', part) for part in parts
        ):
            return None
        path = os.path.join(self.directory, *parts)
        return path if self.is_inside(path) else None

    def is_inside(self, path: str) -> bool:
        """Whether this is a file of the folder, wherever links lead."""
        folder, real = os.path.realpath(self.directory), os.path.realpath(path)
        return os.path.commonpath([folder, real]) == folder and os.path.isfile(real)

    # What is sent

    def do_GET(self) -> None:
        """Send a file, or the part of it that is asked for."""
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send what is to be said of it."""
        self.answer(with_body=False)

    def answer(self, with_body: bool) -> None:
        """Send a file, an error, or word that the browser has the file already."""
        try:
            path = self.find()
            if path is None:
                return self.send_error(HTTPStatus.NOT_FOUND)
            with self.server.opened(path) as file:
                self.send_file(path, file, with_body)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
        except OSError as error:
            if self.status:  # the answer is under way, and this is the browser's end of it
                raise
            if error.errno in EXHAUSTED:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            elif error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EISDIR):
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)

    def send_file(self, path: str, file: BinaryIO, with_body: bool) -> None:
        """All of it, one range of it, or 304 if it is the browser's own."""
        facts = os.fstat(file.fileno())
        size = facts.st_size
        tag = f'"{facts.st_mtime_ns:x}-{size:x}"'
        date = email.utils.formatdate(int(facts.st_mtime), usegmt=True)
        start, end = 0, size
        if self.has(tag, facts.st_mtime):
            self.send_response(HTTPStatus.NOT_MODIFIED)
        else:
            part = self.part(size, tag, date) if with_body else None
            if part is None:
                self.send_response(HTTPStatus.OK)
            elif part[0] >= part[1]:
                self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                self.send_header("Content-Range", f"bytes */{size}")
                start, end = 0, 0
            else:
                start, end = part
                self.send_response(HTTPStatus.PARTIAL_CONTENT)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Length", str(end - start))
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", tag)
        self.send_header("Last-Modified", date)
        self.end_headers()
        if not with_body or self.status == HTTPStatus.NOT_MODIFIED:
            return
        file.seek(start)
        left = end - start
        while left:
            data = file.read(min(CHUNK, left))
            if not data:  # it has become shorter meanwhile
                self.close_connection = True
                return
            self.wfile.write(data)
            left -= len(data)

    def has(self, tag: str, modified: float) -> bool:
        """Whether the browser has the file as it is."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or tag in re.findall(r'"[^"]*"', tags)
        since = self.headers.get("If-Modified-Since")
        try:
            then = email.utils.parsedate_to_datetime(since) if since else None
        except (TypeError, ValueError, IndexError, OverflowError):
            return False
        return then is not None and int(modified) <= then.timestamp()

    def part(self, size: int, tag: str, date: str) -> tuple[int, int] | None:
        """Start and end of the range that is asked for; None for all of it."""
        found = RANGE.fullmatch(self.headers.get("Range", "").strip())
        condition = self.headers.get("If-Range", "").strip()
        if not found or (condition and condition not in (tag, date)):
            return None
        first, last = found.groups()
        if not first:
            return max(0, size - int(last)) if int(last) else size, size
        if last and int(last) < int(first):
            return None
        return int(first), min(size, int(last) + 1) if last else size

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        """By the end of the name: what this computer calls its files does not matter."""
        return TYPES.get(os.path.splitext(path)[1].lower(), TYPES[""])

    def send_response_only(self, code: int, message: str | None = None) -> None:
        """Keep the status, by which `end_headers` goes."""
        self.status = int(code)
        super().send_response_only(code, message)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say in the page, not in the first line, what was wrong: it may be what was sent."""
        self.broken = True
        super().send_error(code, None, explain or message)

    def end_headers(self) -> None:
        """What has its hash in its name never changes; an error may be over in a moment."""
        if self.status >= 400:
            lasting = "no-store"
        elif self.status >= 200 and self.path.startswith(("/assets/", "/runtime/")):
            lasting = "max-age=31536000, immutable"
        else:
            lasting = "no-cache"
        if self.status >= 200:
            self.send_header("Cache-Control", lasting)
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", str(RETRY_AFTER))
        super().end_headers()

    def finish(self) -> None:
        """Let an error arrive: whoever closes with words unread resets the connection."""
        super().finish()
        if self.broken:
            self.server.drain(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Say only what went wrong."""
        if len(args) > 1 and str(args[1])[:1] in "45":
            words = (arg if isinstance(arg, int) else ascii(str(arg))[1:-1] for arg in args)
            super().log_message(format, *words)


class Server(http.server.ThreadingHTTPServer):
    """Takes it as it comes that a whole class asks at once, and that a browser breaks off."""

    request_queue_size = 128
    allow_reuse_address = os.name != "nt"  # where it would let two servers have one port
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.hosts = LOOPBACK if address[0].startswith("127.") else None
        self._places = threading.BoundedSemaphore(most_connections())
        self._waiting: dict[socket.socket, float] = {}  # and since when
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without the question for the computer's full name, which takes long without internet."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Without a descriptor for it, a connection waits."""
        try:
            return super().get_request()
        except OSError:
            self.close_idle(BRIEFLY)
            time.sleep(0.05)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection a thread as soon as there is a place."""
        deadline = time.monotonic() + PATIENCE
        while not self._places.acquire(timeout=0.05):
            self.close_idle(BRIEFLY)
            if time.monotonic() > deadline:
                return self.refuse(request)
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no more threads
            self._places.release()
            self.refuse(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def refuse(self, request: socket.socket) -> None:
        """Ask a browser to come back."""
        with contextlib.suppress(OSError):
            request.settimeout(BRIEFLY)
            request.sendall(
                b"HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\n"
                b"Retry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % RETRY_AFTER
            )
        self.drain(request)
        self.shutdown_request(request)

    @contextlib.contextmanager
    def waits(self, connection: socket.socket) -> Any:
        """While a connection has no request, it may be closed."""
        with self._lock:
            self._waiting[connection] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._waiting[connection]

    def close_idle(self, after: float) -> None:
        """Close connections that have been waiting for so long."""
        now = time.monotonic()
        with self._lock:
            for connection, since in self._waiting.items():
                if now - since >= after:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)  # what has arrived is answered

    def service_actions(self) -> None:
        """From time to time, close what nobody needs any more."""
        self.close_idle(IDLE)

    def drain(self, connection: socket.socket) -> None:
        """Read what is left for a moment, after the last word."""
        deadline = time.monotonic() + BRIEFLY
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(BRIEFLY)
            while connection.recv(CHUNK) and time.monotonic() < deadline:
                pass

    def opened(self, path: str) -> BinaryIO:
        """A file, after a while if all descriptors are taken."""
        deadline = time.monotonic() + BRIEFLY
        while True:
            try:
                file = open(path, "rb")  # noqa: SIM115 (the caller closes it)
            except OSError as error:
                if error.errno not in EXHAUSTED or time.monotonic() > deadline:
                    raise
                self.close_idle(BRIEFLY)
                time.sleep(0.05)
            else:
                return file

    def handle_error(self, request: object, client_address: object) -> None:
        """Tell of all errors but those."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, socket.timeout)):
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
