"""The project's own server, on 127.0.0.1, with faults on demand."""

import functools
import http.server
import threading
import time
from pathlib import Path

from bundle import serve
from bundle.server import Handler


class Faults:
    """The faults of a server: part of a path, and one of the names in FaultyHandler."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.once: set[str] = set()  # for these only the first request fails
        self.asked: list[str] = []
        self.released = threading.Event()  # ends stalled requests

    def take(self, path: str) -> str:
        self.asked.append(path)
        part = next((part for part in self.of if part in path), None)
        if part is None:
            return ""
        return self.of.pop(part) if part in self.once else self.of[part]

    def count(self, name: str) -> int:
        """How often a file was requested."""
        return sum(path.endswith(name) for path in self.asked)

    def clear(self) -> None:
        self.of.clear()
        self.once.clear()
        self.asked.clear()
        self.released.set()
        self.released = threading.Event()


ANSWERS = {"missing": 404, "broken server": 500}


class FaultyHandler(Handler):
    """The project's own server, with faults on demand."""

    faults: Faults
    fault = ""

    def is_inside(self, path: str) -> bool:
        """Links may lead outside, because some tests combine the course with other pages."""
        return Path(path).is_file()

    def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
        self.fault = fault = self.faults.take(self.path.split("?")[0])
        if not fault:
            return super().do_GET()
        if fault in ANSWERS:
            return self.send_error(ANSWERS[fault])
        file = Path(self.translate_path(self.path))
        data = file.read_bytes()
        kind = self.guess_type(str(file))
        if fault == "stalled":
            self.faults.released.wait(120)
            self.close_connection = True
            return None
        if fault == "broken off":  # the header has the full length, but the connection closes early
            self.send(kind, data[: len(data) // 2], len(data))
            self.close_connection = True
        elif fault in ("truncated", "truncated for good"):
            self.send(kind, data[: len(data) // 2])
        elif fault == "slow":  # takes some seconds instead of a moment
            self.send(kind, b"", len(data))
            for start in range(0, len(data), part := len(data) // 20 + 1):
                self.wfile.write(data[start : start + part])
                time.sleep(0.2)
        elif fault in ("changed", "changed for good"):
            middle = len(data) // 2
            self.send(kind, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        elif fault == "portal":  # the sign-in page of a network instead of the file
            self.send("text/html", b"<!doctype html><title>Sign in</title>")
        elif fault == "untyped":
            self.send("application/octet-stream", data)
        else:
            raise AssertionError(fault)
        return None

    def end_headers(self) -> None:
        if self.fault in ("", "untyped") or self.fault.endswith(" for good"):  # cacheable
            return super().end_headers()
        self.send_header("Cache-Control", "no-store")  # so that no fault is cached
        return http.server.SimpleHTTPRequestHandler.end_headers(self)

    def send(self, kind: str, data: bytes, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because the errors are intended."""


class Server:
    """A server for a folder on 127.0.0.1, with faults on demand."""

    def __init__(self, folder: Path) -> None:
        self.faults = Faults()
        handler = type("Handler", (FaultyHandler,), {"faults": self.faults})
        self.http = serve.server(folder, 0)
        self.http.RequestHandlerClass = functools.partial(handler, directory=str(folder))
        self.http.hosts = None  # any host name: some tests need another site, or an insecure one
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.faults.clear()
        self.http.shutdown()
        self.http.server_close()
