"""A static file server for the course: for this computer or, with --lan, for the local network.

classroom.py puts this file into the classroom zip as serve.py, next to the folder with the course,
so it needs Python 3.8 or later and nothing else. bundle/serve.py extends it for authors with
rebuilding.

A class full of browsers must not overload the server, and nobody must be able to read files outside
of the course:

- The number of connections is limited by the file descriptors. When all are in use, idle
  connections are closed, and new ones wait; if that does not help, the response is 503 with
  `Retry-After`.
- Files with a hash in their URL are cached for a year; errors are never cached.
- Only files inside the folder are served: no directory listings, and no symbolic links that lead
  out of it.
- With --lan, requests for any host name are answered, because the school's network may have given
  this computer one. So a web page from elsewhere could read the course through a browser in the
  room (DNS rebinding). That reveals nothing: the course is public, and the server has no other
  data, accepts none, and sets no cookies. Without --lan, only the names of this computer are
  accepted.
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
except ImportError:  # Windows has no such limit
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
SPARE_FILES = 40  # file descriptors that are not for connections
IDLE = 15.0  # seconds that a connection may wait for the rest of a request, or for the next one
STALLED = 30.0  # timeout in seconds for sending the next 64 kB
SHORT_WAIT = 0.5  # seconds after which an idle connection is closed if others need its slot
TIMEOUT = 10.0  # seconds that a new connection waits for a free slot
RETRY_AFTER = 2  # seconds, sent to the browser
CHUNK = 1 << 16
RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})")  # a single range, as browsers send it


def connection_limit() -> int:
    """The limit set by the file descriptors: each connection needs one, and one for its file."""
    if resource is None:
        return MOST_CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(4, min(MOST_CONNECTIONS, (limit - SPARE_FILES) // 2))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends files with their MIME types, ranges, and cache headers."""

    server: Server
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # responses of HTTP/0.9 have no status line for errors
    server_version = "course"
    sys_version = ""
    timeout = STALLED
    status = 0  # of the response that is being sent
    broken = False  # whether the connection may be closed before the whole request was read

    # Requests

    def handle_one_request(self) -> None:
        """Handle a request; while none has arrived, the server may close the connection."""
        self.status, self.path = 0, ""
        with self.server.marked_idle(self.connection):
            self.raw_requestline = self.rfile.readline(CHUNK + 1)
            if not self.raw_requestline:
                self.close_connection = True
                return
            readable = self.parse_request()
        if not readable:
            return
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # request bodies are not read
        answer = getattr(self, f"do_{self.command}", None)
        if answer is None:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED, f"Unsupported method ({self.command!r})")
        elif self.headers.get_all("Host", []) and not self.is_permitted_host():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "This server is only for this computer")
        else:
            answer()

    def handle(self) -> None:
        """Handle requests until the connection is closed or times out."""
        with contextlib.suppress(socket.timeout):
            super().handle()

    def parse_request(self) -> bool:
        """Parse a request, and reject malformed ones that the base class accepts."""
        if len(self.raw_requestline) > CHUNK:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
            return False
        if self.raw_requestline.startswith(b"PRI "):  # HTTP/2 without negotiation
            self.requestline, self.request_version, self.command = "PRI", "", ""
            self.send_error(HTTPStatus.BAD_REQUEST, "This server speaks HTTP/1.1")
            return False
        if not super().parse_request():
            return False
        hosts = len(self.headers.get_all("Host", []))
        if hosts > 1 or (not hosts and self.request_version == "HTTP/1.1"):
            self.send_error(HTTPStatus.BAD_REQUEST, "Send exactly one Host header")
            return False
        return True

    def is_permitted_host(self) -> bool:
        """Whether the Host header is a permitted name of this computer."""
        name = re.sub(r":\d*$", "", self.headers["Host"].strip().lower())
        return self.server.hosts is None or name in self.server.hosts

    def requested_file(self) -> str | None:
        """The requested file; None if it does not exist. ValueError for a malformed path."""
        address = urllib.parse.urlsplit(self.path)
        if not address.path.startswith("/"):
            raise ValueError(self.path)
        parts = urllib.parse.unquote(address.path, errors="strict").split("/")[1:]
        if any("\0" in part for part in parts):
            raise ValueError(self.path)
        if not parts[-1]:
            parts[-1] = "index.html"
        # Hidden files, and names with a special meaning on Windows: drives, streams, parents.
        if any(
            not part or part[0] == "." or re.search(r'[\\:*?"<>|]|[. ]$', part) for part in parts
        ):
            return None
        path = os.path.join(self.directory, *parts)
        return path if self.is_inside(path) else None

    def is_inside(self, path: str) -> bool:
        """Whether a path is a file inside the folder, with all links resolved."""
        folder, real = os.path.realpath(self.directory), os.path.realpath(path)
        return os.path.commonpath([folder, real]) == folder and os.path.isfile(real)

    # Responses

    def do_GET(self) -> None:
        """Send a file, or the requested range of it."""
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send the headers only."""
        self.answer(with_body=False)

    def answer(self, with_body: bool) -> None:
        """Send a file, 304 Not Modified, or an error."""
        try:
            path = self.requested_file()
            if path is None:
                return self.send_error(HTTPStatus.NOT_FOUND)
            with self.server.opened(path) as file:
                self.send_file(path, file, with_body)
        except ValueError:
            self.send_error(HTTPStatus.BAD_REQUEST)
        except OSError as error:
            if self.status:  # the response has begun: the browser closed the connection
                raise
            if error.errno in EXHAUSTED:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
            elif error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EISDIR):
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)

    def send_file(self, path: str, file: BinaryIO, with_body: bool) -> None:
        """Send all of a file, one range of it, or 304 if the browser's copy is current."""
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
            if not data:  # the file was truncated meanwhile
                self.close_connection = True
                return
            self.wfile.write(data)
            left -= len(data)

    def has(self, tag: str, modified: float) -> bool:
        """Whether the browser's cached copy is current."""
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
        """Start and end of the requested range; None for the whole file."""
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
        """The MIME type by file extension, independent of this computer's configuration."""
        return TYPES.get(os.path.splitext(path)[1].lower(), TYPES[""])

    def send_response_only(self, code: int, message: str | None = None) -> None:
        """Remember the status for `end_headers`."""
        self.status = int(code)
        super().send_response_only(code, message)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Put the message in the body, not in the status line: it may repeat what was sent."""
        self.broken = True
        super().send_error(code, None, explain or message)

    def end_headers(self) -> None:
        """Cache files with a hash in their name forever, pages after validation, errors never."""
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
        """Make sure that an error arrives: closing with unread input resets the connection."""
        super().finish()
        if self.broken:
            self.server.drain(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Log only errors."""
        if len(args) > 1 and str(args[1])[:1] in "45":
            words = (arg if isinstance(arg, int) else ascii(str(arg))[1:-1] for arg in args)
            super().log_message(format, *words)


class Server(http.server.ThreadingHTTPServer):
    """A threading server for a whole class, with a limited number of connections."""

    request_queue_size = 128
    allow_reuse_address = os.name != "nt"  # on Windows two servers could then share a port
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self.hosts = LOOPBACK if address[0].startswith("127.") else None
        self._places = threading.BoundedSemaphore(connection_limit())
        self._waiting: dict[socket.socket, float] = {}  # idle connections, and since when
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without looking up the computer's full name, which is slow without internet."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; if no file descriptor is free, let it wait."""
        try:
            return super().get_request()
        except OSError:
            self.close_idle(SHORT_WAIT)
            time.sleep(0.05)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for a connection once a slot is free."""
        deadline = time.monotonic() + TIMEOUT
        while not self._places.acquire(timeout=0.05):
            self.close_idle(SHORT_WAIT)
            if time.monotonic() > deadline:
                return self.refuse(request)
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no more threads
            self._places.release()
            self.refuse(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection, then release its slot."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def refuse(self, request: socket.socket) -> None:
        """Respond with 503 and Retry-After."""
        with contextlib.suppress(OSError):
            request.settimeout(SHORT_WAIT)
            request.sendall(
                b"HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-store\r\n"
                b"Retry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % RETRY_AFTER
            )
        self.drain(request)
        self.shutdown_request(request)

    @contextlib.contextmanager
    def marked_idle(self, connection: socket.socket) -> Any:
        """Mark a connection as idle, so that it may be closed."""
        with self._lock:
            self._waiting[connection] = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._waiting[connection]

    def close_idle(self, after: float) -> None:
        """Close connections that have been idle for `after` seconds."""
        now = time.monotonic()
        with self._lock:
            for connection, since in self._waiting.items():
                if now - since >= after:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)  # received requests are still answered

    def service_actions(self) -> None:
        """Close idle connections; called periodically by `serve_forever`."""
        self.close_idle(IDLE)

    def drain(self, connection: socket.socket) -> None:
        """Stop sending, and read the remaining input for a moment."""
        deadline = time.monotonic() + SHORT_WAIT
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(SHORT_WAIT)
            while connection.recv(CHUNK) and time.monotonic() < deadline:
                pass

    def opened(self, path: str) -> BinaryIO:
        """Open a file; if no file descriptor is free, wait a moment."""
        deadline = time.monotonic() + SHORT_WAIT
        while True:
            try:
                file = open(path, "rb")  # noqa: SIM115 (the caller closes it)
            except OSError as error:
                if error.errno not in EXHAUSTED or time.monotonic() > deadline:
                    raise
                self.close_idle(SHORT_WAIT)
                time.sleep(0.05)
            else:
                return file

    def handle_error(self, request: object, client_address: object) -> None:
        """Log all errors except closed connections and timeouts."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, socket.timeout)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server(host: str, port: int) -> Server:
    """A server on this port, or on the next free one."""
    handler = functools.partial(Handler, directory=str(COURSE))
    for candidate in [*range(port, port + 50), 0]:
        try:
            return Server((host, candidate), handler)
        except OSError:
            continue
    raise SystemExit("No port is free on this computer.")


def own_address() -> str:
    """The address of this computer in its network, found without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the course from this folder.")
    parser.add_argument("--lan", action="store_true", help="serve the whole local network")
    parser.add_argument("--port", type=int, default=8000, help="first port to try (%(default)s)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    options = parser.parse_args()
    course = server("0.0.0.0" if options.lan else "127.0.0.1", options.port)
    port = course.server_address[1]
    print(f"\nOn this computer: http://127.0.0.1:{port}/")
    if options.lan:
        print(f"In the room:      http://{own_address()}:{port}/")
        print("If the others cannot open it, allow Python in the firewall of this computer.")
    else:
        print("To serve other computers in the room, start it with --lan.")
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
