"""The course on the kinds of server found in classrooms, and the zip with its own server."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from support.machine import answers, needed, running, wait_for
from support.pages import moves
from support.servers import Server

from bench.browsers import free_port

LESSON = "lessons/11-normal.html"

NGINX = """
daemon off;
user root;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/a;
  proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e;
  {types}
  server {{ listen 127.0.0.1:{port}; root {dist}; }}
}}
"""


TYPES = {
    "scripts of no type that is known": (
        "types { text/html html; text/css css; } default_type application/octet-stream;",
        "blob",
    ),
    "scripts as text": (
        "types { text/html html; text/css css; } default_type text/plain;",
        "blob",
    ),
    "no types at all": ("types {} default_type '';", "blob"),
}


@pytest.mark.parametrize(("types", "host"), TYPES.values(), ids=TYPES.keys())
def test_nginx_without_types(
    context: BrowserContext, dist: Path, tmp_path: Path, types: str, host: str
) -> None:
    port = free_port()
    settings = tmp_path / "nginx.conf"
    settings.write_text(NGINX.format(folder=tmp_path, port=port, dist=dist, types=types))
    with running([needed("nginx"), "-c", str(settings), "-e", f"{tmp_path}/error.log"]):
        url = f"http://127.0.0.1:{port}/"
        wait_for("nginx", lambda: answers(url), 30)
        page = context.new_page()
        page.goto(url + LESSON)
        moves(page, host)
        assert page.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length)")


def test_pythons_own_server(context: BrowserContext, dist: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with running(command, cwd=dist):
        url = f"http://127.0.0.1:{port}/"
        wait_for("the server", lambda: answers(url), 30)
        page = context.new_page()
        page.goto(url + LESSON)
        moves(page, "worker")


def test_plain_http_in_the_network_of_a_school(
    context: BrowserContext, course_server: Server
) -> None:
    """On such a URL a browser has no service worker, no Cache API, and no crypto.subtle."""
    course_server.faults.clear()
    page = context.new_page()
    page.goto(course_server.url.replace("127.0.0.1", "course.test") + LESSON)
    lacking = "[isSecureContext, 'caches' in window, 'serviceWorker' in navigator, !!crypto.subtle]"
    assert page.evaluate(lacking) == [False, False, False, False]
    moves(page, "worker")


def unpacked(packages: Path, folder: Path) -> Path:
    """The classroom zip, unpacked with its file permissions."""
    with zipfile.ZipFile(packages / "math-for-ml-classroom.zip") as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            os.chmod(folder / entry.filename, entry.external_attr >> 16)
    return folder / "math-for-ml-classroom"


def test_the_zip_for_a_classroom(context: BrowserContext, packages: Path, tmp_path: Path) -> None:
    place = unpacked(packages, tmp_path)
    assert {file.name for file in place.iterdir()} == {
        "READ-ME.txt", "course", "serve.py", "start-linux.sh", "start-macos.command",
        "start-windows.bat",
    }  # fmt: skip
    batch = (place / "start-windows.bat").read_bytes()
    assert batch.count(b"\n") == batch.count(b"\r\n") > 3
    assert os.access(place / "start-macos.command", os.X_OK)
    command: list[str | Path] = [place / "start-linux.sh", "--no-browser"]
    port = free_port()

    def address(process: subprocess.Popen[str], words: str) -> str:
        assert process.stdout
        for line in process.stdout:
            if found := re.search(words + r":\s+(http://\S+)", line):
                return found[1]
        pytest.fail(f"nothing was said of an address {words}")

    with (
        running([*command, "--port", str(port)], cwd="/") as own,
        running([*command, "--lan", "--port", str(port)], cwd="/") as shared,
    ):
        url = address(own, "On this computer")
        assert address(shared, "In the room") != url  # another port, because the first is in use
        page = context.new_page()
        page.goto(url + LESSON)
        moves(page, "worker")
        page.goto(url + "downloads.html")
        assert page.locator("main a").count() == 0  # the folder contains only files from the zip
