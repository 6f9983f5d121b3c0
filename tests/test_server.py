"""The server of the classroom zip and of --serve, over real sockets."""

import errno
import functools
import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.machine import ROOT

from bundle import server

pytestmark = pytest.mark.whole

DATA = bytes(range(256)) * 1024
LASTING = "max-age=31536000, immutable"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, with private files beside and inside it."""
    above = tmp_path_factory.mktemp("served")
    course = above / "course"
    for name, data in {
        "index.html": b"<p>front</p>",
        "assets/1/a.js": b"export {};",
        "runtime/big.bin": DATA,
        "lessons/01-x.html": b"<p>x</p>",
        "space and ü.html": b"<p>name</p>",
        ".git/config": b"hidden",
    }.items():
        file = course / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (above / "secret.txt").write_text("secret")
    (course / "out.txt").symlink_to(above / "secret.txt")
    (course / "beside").symlink_to(above)
    (course / "inside.html").symlink_to(course / "index.html")
    os.mkfifo(course / "pipe.html")
    return course


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[server.Server]:
    made = server.Server(("127.0.0.1", 0), functools.partial(server.Handler, directory=str(folder)))
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


Answer = tuple[int, dict[str, str], bytes]


def ask(
    site: server.Server, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", site.server_port, timeout=10)
    connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def say(site: server.Server, words: bytes) -> bytes:
    """Everything that the server sends until it closes the connection."""
    with socket.create_connection(("127.0.0.1", site.server_port), timeout=10) as line:
        line.sendall(words)
        return b"".join(iter(lambda: line.recv(1 << 16), b""))


def test_files_come_with_type_length_and_a_time_to_keep_them(site: server.Server) -> None:
    status, headers, data = ask(site, "/")
    assert (status, data) == (200, b"<p>front</p>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    status, headers, data = ask(site, "/runtime/big.bin?v=1")
    assert (status, data) == (200, DATA)
    assert headers["Cache-Control"] == LASTING
    assert headers["Content-Type"] == "application/octet-stream"
    assert ask(site, "/assets/1/a.js")[1]["Content-Type"] == "text/javascript"
    assert ask(site, "/space%20and%20%C3%BC.html")[2] == b"<p>name</p>"
    assert ask(site, "/inside.html")[2] == b"<p>front</p>"  # a link to a file inside
    status, headers, data = ask(site, "/runtime/big.bin", "HEAD")
    assert (status, data, headers["Content-Length"]) == (200, b"", str(len(DATA)))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/assets/nothere.js", 404),
        ("/runtime/nothere.bin", 404),
        ("/assets/", 404),
        ("/assets", 404),
        ("/lessons/", 404),
        ("/out.txt", 404),
        ("/beside/secret.txt", 404),
        ("/../secret.txt", 404),
        ("/%2e%2e/secret.txt", 404),
        ("/lessons/..%2f..%2fsecret.txt", 404),
        ("/lessons/..%5c..%5csecret.txt", 404),
        ("//secret.txt", 404),
        ("/C:/secret.txt", 404),
        ("/index.html::$DATA", 404),
        ("/.git/config", 404),
        ("/pipe.html", 404),
        ("/" + "a" * 5000, 404),
        ("/index.html/x", 404),
        ("/%00", 400),
        ("/assets/%00.js", 400),
        ("/%ff", 400),
        ("index.html", 400),
        ("*", 400),
    ],
)
def test_no_error_is_kept_and_nothing_outside_is_sent(
    site: server.Server, capfd: pytest.CaptureFixture[str], path: str, status: int
) -> None:
    for method in ("GET", "HEAD"):
        found, headers, body = ask(site, path, method)
        assert (found, headers["Cache-Control"]) == (status, "no-store")
        assert b"secret\n" not in body
        assert "hidden" not in body.decode()
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 150 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # TLS
        (b"GET\r\n\r\n", 400),
        (b"GET http://[/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 501),
        (b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n" + b"a" * 99999, 501),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_request_gets_an_answer_and_the_line_is_closed(
    site: server.Server, capfd: pytest.CaptureFixture[str], words: bytes, status: int
) -> None:
    head, _, _ = say(site, words).partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first.split()[:2] == ["HTTP/1.1", str(status)]
    assert "Cache-Control: no-store" in headers
    printed = capfd.readouterr().err
    assert "Traceback" not in printed
    assert not [sign for sign in printed if ord(sign) < 32 and sign != "\n"]


def test_a_body_is_not_taken_for_the_next_request(site: server.Server) -> None:
    body = b"GET /runtime/big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    answer = say(site, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + length + body)
    assert answer.count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=262000-", 262000, 262144),
        ("bytes=262000-999999", 262000, 262144),
        ("bytes=-5", 262139, 262144),
        ("bytes=-999999", 0, 262144),
    ],
)
def test_a_range_of_a_file(site: server.Server, wanted: str, start: int, end: int) -> None:
    status, headers, data = ask(site, "/runtime/big.bin", Range=wanted)
    assert (status, data) == (206, DATA[start:end])
    assert headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert headers["Cache-Control"] == LASTING
    whole = ask(site, "/runtime/big.bin")[1]
    for mark in (whole["ETag"], whole["Last-Modified"]):
        assert ask(site, "/runtime/big.bin", Range=wanted, If_Range=mark)[0] == 206
    assert ask(site, "/runtime/big.bin", Range=wanted, If_Range='"another"')[0] == 200


def test_ranges_that_cannot_be(site: server.Server) -> None:
    for wanted in ("bytes=262144-", "bytes=-0", "bytes=999999-9999999"):
        status, headers, data = ask(site, "/runtime/big.bin", Range=wanted)
        assert (status, data) == (416, b"")
        assert headers["Content-Range"] == f"bytes */{len(DATA)}"
        assert headers["Cache-Control"] == "no-store"
    for wanted in ("bytes=0-1,4-5", "bytes=5-1", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=²-³"):
        assert ask(site, "/runtime/big.bin", Range=wanted)[::2] == (200, DATA)


def test_a_browser_that_has_the_file_gets_it_from_itself(site: server.Server, folder: Path) -> None:
    headers = ask(site, "/index.html")[1]
    for condition in (
        {"If_None_Match": headers["ETag"]},
        {"If_None_Match": f'"x", W/{headers["ETag"]}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": headers["Last-Modified"]},
    ):
        status, again, data = ask(site, "/index.html", **condition)
        assert (status, data, again["ETag"]) == (304, b"", headers["ETag"])
    for condition in (
        {"If_None_Match": '"x"', "If_Modified_Since": headers["Last-Modified"]},
        {"If_Modified_Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert ask(site, "/index.html", **condition)[0] == 200
    before = folder.joinpath("index.html").stat().st_mtime_ns
    os.utime(folder / "index.html", ns=(before, before + 1))  # within the same second
    assert ask(site, "/index.html", If_None_Match=headers["ETag"])[0] == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:8000", "[::1]:8000"])
def test_this_computer_is_known_by_its_names(site: server.Server, host: str) -> None:
    assert ask(site, "/", Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example"])
def test_a_page_from_elsewhere_cannot_rename_this_computer(
    site: server.Server, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, headers, _ = ask(site, "/", Host=host)
    assert (status, headers["Cache-Control"]) == (421, "no-store")
    monkeypatch.setattr(site, "hosts", None)  # like --lan
    assert ask(site, "/", Host=host)[0] == 200


def test_only_the_loopback_address_asks_for_names() -> None:
    for address, hosts in {"127.0.0.1": server.LOOPBACK, "0.0.0.0": None}.items():
        made = server.Server((address, 0), server.Handler)
        made.server_close()
        assert made.hosts == hosts


def test_without_a_descriptor_for_a_file_browsers_are_asked_to_come_again(
    site: server.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def refuse(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(server, "SHORT_WAIT", 0.1)
    monkeypatch.setattr(server, "open", refuse, raising=False)
    status, headers, _ = ask(site, "/assets/1/a.js")
    assert (status, headers["Cache-Control"]) == (503, "no-store")
    assert int(headers["Retry-After"]) > 0
    assert tries > 1
    monkeypatch.undo()
    assert ask(site, "/assets/1/a.js")[0] == 200


@pytest.mark.parametrize("words", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
def test_idle_connections_are_closed(
    site: server.Server, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    """Connections without a request, with half a request, and with an answered request."""
    monkeypatch.setattr(server, "IDLE", 0.1)
    assert (b"front" in say(site, words)) == words.endswith(b"\r\n\r\n")


def test_a_request_that_trickles_in_does_not_keep_its_place(
    site: server.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "IDLE", 0.1)
    with socket.create_connection(("127.0.0.1", site.server_port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        started = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 (some of these are still taken)
            while time.monotonic() < started + 10:
                line.sendall(b"X: y\r\n")
                time.sleep(0.01)


def test_more_connections_than_places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle connections are closed to make room; if none is idle, the answer is 503."""
    monkeypatch.setattr(server, "connection_limit", lambda: 2)
    monkeypatch.setattr(server, "SHORT_WAIT", 0.05)
    site = server.Server(("127.0.0.1", 0), functools.partial(server.Handler, directory=str(folder)))
    threading.Thread(target=site.serve_forever, args=(0.02,), daemon=True).start()
    idle = [http.client.HTTPConnection("127.0.0.1", site.server_port) for _ in range(2)]
    for connection in idle:
        connection.request("GET", "/")
        connection.getresponse().read()
    assert ask(site, "/")[0] == 200
    assert ask(site, "/")[0] == 200

    busy = threading.Event()
    monkeypatch.setattr(server, "TIMEOUT", 0.1)
    monkeypatch.setattr(server.Handler, "do_GET", lambda self: busy.wait(10) and None)
    lines = [socket.create_connection(("127.0.0.1", site.server_port)) for _ in range(2)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    status, headers, _ = ask(site, "/")
    assert (status, headers["Cache-Control"]) == (503, "no-store")
    assert int(headers["Retry-After"]) > 0
    busy.set()
    for connection in [*idle, *lines]:
        connection.close()
    site.shutdown()
    site.server_close()


def test_a_class_of_fifty_with_few_descriptors(folder: Path, tmp_path: Path) -> None:
    """Each browser opens six connections; the server has descriptors for a third of them."""
    shutil.copyfile(ROOT / "bundle" / "server.py", tmp_path / "serve.py")
    shutil.copytree(folder, tmp_path / "course", ignore=lambda *_: ["pipe.html", "beside"])
    command = f"ulimit -n 256; exec {sys.executable} serve.py --no-browser --port 0"
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        fifty_browsers(process)
    finally:
        process.terminate()
        printed, _ = process.communicate()
    assert "Traceback" not in printed


def fifty_browsers(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    port = next(int(line.rsplit(":")[-1].strip("/\n")) for line in process.stdout if "://" in line)
    held: list[http.client.HTTPConnection] = []

    def browse(_: int) -> set[tuple[int, str | None]]:
        found = set()
        for path in ("/", "/assets/1/a.js", "/runtime/big.bin", "/assets/nothere.js"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            held.append(connection)
            connection.request("GET", path)
            answer = connection.getresponse()
            assert len(answer.read()) == int(answer.headers["Content-Length"])
            found.add((answer.status, answer.headers["Cache-Control"]))
        return found

    with ThreadPoolExecutor(50) as pupils:
        answers = set().union(*pupils.map(browse, range(75)))
    assert len(held) == 300
    assert answers == {(200, "no-cache"), (200, LASTING), (404, "no-store")}
    for connection in held:
        connection.close()
