"""A local static server for the course and the plain page that counts the bytes it sends."""

import gzip
import hashlib
import sys
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bundle.server import TYPES

# Sent compressed. Wheels are zip files already.
SHRINKING = {".css", ".html", ".js", ".json", ".mjs", ".py", ".svg", ".wasm"}
EXTRA_TYPES = {".mjs": "text/javascript", ".py": "text/x-python"}
CHUNK = 16 << 10  # bytes written at a time
DELAY = 0.04  # seconds before each response, if the line is limited


@dataclass(frozen=True)
class Line:
    """The speed of the network: `rate` in Mbit/s for all connections together; 0: unlimited."""

    rate: float = 0.0


@dataclass(frozen=True)
class Answer:
    """A prepared response."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Sent:
    """Sent bytes: when (seconds since 1970), how many, and whether they began a response."""

    when: float
    count: int
    begins: bool
    path: str


class Server(ThreadingHTTPServer):
    """Serves the files of `folders` (URL prefix → folder or file) on a free port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folders: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = dict(_prepared(folders))
        self.sent: list[Sent] = []
        self.missing: list[str] = []
        self.line = Line()
        self._free = 0.0  # when the limited line will have sent everything so far
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        """The URL of a page."""
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def forget(self) -> None:
        """Reset the counts."""
        self.sent, self.missing = [], []

    def until(self, when: float) -> tuple[int, int]:
        """Bytes and requests since `forget`, up to a time in seconds since 1970."""
        before = [sent for sent in self.sent if sent.when <= when]
        return sum(sent.count for sent in before), sum(sent.begins for sent in before)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log errors, except closed connections."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def carry(self, count: int) -> None:
        """Wait as long as the limited line needs to send `count` bytes."""
        if not self.line.rate:
            return
        with self._lock:
            now = time.monotonic()
            self._free = max(now, self._free) + count * 8 / (self.line.rate * 1e6)
            wait = self._free - now
        time.sleep(wait)


def _prepared(folders: dict[str, Path]) -> list[tuple[str, Answer]]:
    """Every file by URL path, compressed in advance so that no visit waits for it."""
    found = []
    for prefix, place in folders.items():
        files = [place] if place.is_file() else sorted(f for f in place.rglob("*") if f.is_file())
        for file in files:
            path = prefix if place.is_file() else prefix + file.relative_to(place).as_posix()
            found.append((path, _answer(file)))
    return found


def _answer(file: Path) -> Answer:
    body = file.read_bytes()
    lasting = file.suffix != ".html"  # all other URLs contain a hash or a version
    headers = {
        "Content-Type": (TYPES | EXTRA_TYPES).get(file.suffix, "application/octet-stream"),
        "Cache-Control": "max-age=31536000, immutable" if lasting else "no-cache",
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
    }
    if file.suffix in SHRINKING:
        body = gzip.compress(body, 6, mtime=0)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Answer(body, {**headers, "Content-Length": str(len(body))})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # send the headers in one packet
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Respond with a file."""
        path = unquote(urlsplit(self.path).path).lstrip("/")
        if path.endswith("/") or not path:
            path += "index.html"
        answer = self.server.answers.get(path)
        if self.server.line.rate:
            time.sleep(DELAY)
        if answer is None:
            self.server.missing.append(path)
            self._send(path, HTTPStatus.NOT_FOUND, {"Content-Length": "0"}, b"")
        elif self.headers.get("If-None-Match") == answer.headers["ETag"]:
            headers = {key: answer.headers[key] for key in ("Cache-Control", "ETag")}
            self._send(path, HTTPStatus.NOT_MODIFIED, headers, b"")
        else:
            self._send(path, HTTPStatus.OK, answer.headers, answer.body)

    def _send(self, path: str, status: HTTPStatus, headers: dict[str, str], body: bytes) -> None:
        head = f"{self.protocol_version} {status.value} {status.phrase}\r\n"
        head += "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"
        try:
            self._count(path, head.encode(), begins=True)
            for start in range(0, len(body), CHUNK):
                self._count(path, body[start : start + CHUNK])
        except ConnectionError:
            self.close_connection = True  # the browser was closed, or canceled the request

    def _count(self, path: str, data: bytes, *, begins: bool = False) -> None:
        self.server.carry(len(data))
        self.wfile.write(data)
        self.wfile.flush()
        self.server.sent.append(Sent(time.time(), len(data), begins, path))

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
