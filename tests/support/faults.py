"""The table in docs/faults.md: each fault, how it is injected, and its time limit.

test_faults.py and others inject them, and report what the reader sees through the fixture `noted`.
"""

from pathlib import Path

from playwright.sync_api import Page

from support.machine import ROOT

DOCS = ROOT / "docs" / "faults.md"
HEAD = "| fault | how it is injected | what the reader sees | time limit |\n|---|---|---|---|\n"

# time limits
STALL = "twice 20 s without a byte"
DOWNLOAD = "after the second download"
WORKER_GONE = "none, or 15 s in browsers without an event for it"
DRAW = "15 s, twice"

FAULTS = {
    # while downloading
    "404": ("a package is missing on the server", DOWNLOAD),
    "500": ("the server answers 500 for a package", DOWNLOAD),
    "slow": ("the server sends a package in small pieces", "none while bytes arrive"),
    "stalled": ("the server accepts a request for a package and sends nothing", STALL),
    "broken off": ("the connection closes in the middle of a package", DOWNLOAD),
    "truncated": ("the server sends half of a package as a complete response", DOWNLOAD),
    "bit flipped": ("one bit of a package is flipped", DOWNLOAD),
    "captive portal": ("an HTML page instead of a package", DOWNLOAD),
    "fails once": ("the standard library is truncated in the first response only", DOWNLOAD),
    "main module damaged": ("half of pyodide.asm.wasm, with `?boot=ordinary`", DOWNLOAD),
    "snapshot damaged": ("404, truncated, bit flipped, HTML, broken off", DOWNLOAD),
    "snapshot stalled": ("the server accepts the request and sends nothing", STALL),
    "record damaged": ("404, truncated, bit flipped, HTML, broken off", DOWNLOAD),
    "library damaged": ("404, truncated, HTML, broken off", DOWNLOAD),
    "module bit flipped": (
        "one bit of a module is flipped, and it still compiles",
        "4 s after the start",
    ),
    "module bit flipped always": ("the same, in every response", "4 s after the start"),
    "wrong types": ("every file as application/octet-stream", "none"),
    "offline in mid-load": ("requests fail, and the browser reports that it is offline", DOWNLOAD),
    "script of Python damaged": ("half of pyodide.asm.js, from the browser's cache", DOWNLOAD),
    "script of a worker damaged": ("half of worker.js, from the browser's cache", "none"),
    "script of the page damaged": ("half of ml-demo.js, HTML, or 404", "1.5 s after the page"),
    "every script replaced": ("HTML instead of each", "30 s after the page"),
    "folder blocked": ("requests for runtime/ are blocked", DOWNLOAD),
    # in the browser
    "plain http": ("a host name without https: no Cache API, no hashes", "none"),
    "opaque origin": ("a sandboxed frame", "60 s for each attempt"),
    "storage refused": ("localStorage throws", "none"),
    "cache quota exceeded": ("a quota of 5 MB", "none"),
    "cache partial or evicted": ("all stored files are deleted, then all caches", "none"),
    "cache corrupted": ("a stored snapshot, module, or script is replaced", DOWNLOAD),
    "tab frozen": ("DevTools: frozen for a while, then active", "none"),
    "back/forward cache": ("the reader opens another page and goes back", "none"),
    "canvas context lost": ("the canvas is cleared, then `contextrestored`", "none"),
    "two tabs": ("the same lesson twice, used alternately", "none"),
    "very fast input": ("60 slider events in one task", "none"),
    # versions
    "update during a lesson": ("a new version is published and installed", "none"),
    "update with a broken file": ("one file of the new version is damaged", "none"),
    "new version cannot start": ("its script throws", "none"),
    "old page with new files": ("a new version is published, then Python's worker ends", DOWNLOAD),
    # in a figure
    "exception in a figure": ("the figure raises ValueError", "none"),
    "out of memory": ("the figure allocates 8 TiB", "none"),
    "worker ended": ("Python's worker closes itself", WORKER_GONE),
    "cold function called": ("a figure needs a function that its modules lack", "none"),
    "worker ended with all functions": (
        "it closes itself while it gets them",
        "none, or 2 min after the last file in browsers without an event for it",
    ),
    "cold functions damaged": ("404 for cold.bin, once they are needed", DOWNLOAD),
    "download worker ended": ("the workers that load Python's files close themselves", WORKER_GONE),
    "worker ends again and again": ("four times in ten minutes", WORKER_GONE),
    "endless loop": ("`update` never returns", DRAW),
}


def rows() -> dict[str, str]:
    """The rows of the table in the docs, by fault."""
    table = DOCS.read_text().partition(HEAD)[2].partition("\n\n")[0]
    return {line.split(" | ")[0].removeprefix("| "): line for line in table.splitlines()}


def check_row(name: str, sees: str, renew: bool) -> None:
    """Write what the reader sees of a fault into the docs, or compare it with them."""
    injected, limit = FAULTS[name]
    row = f"| {name} | {injected} | {sees} | {limit} |"
    known = rows()
    if not renew:
        assert known.get(name) == row, "docs/faults.md differs; check it, then run pytest --renew"
        return
    known[name] = row
    before, head, rest = DOCS.read_text().partition(HEAD)
    table = "\n".join(known[fault] for fault in FAULTS if fault in known)
    DOCS.write_text(before + head + table + "\n\n" + rest.partition("\n\n")[2])


def lacks_functions(page: Page, site: Path) -> None:
    """Once, serve a library whose functions are traps; every picture needs some of them."""
    (file,) = (site / "runtime").glob("matplotlib.backends._backend_agg.*")
    body = _all_traps(file.read_bytes())
    page.route(
        f"**/{file.name}",
        lambda route: route.fulfill(body=body, content_type="application/wasm"),
        times=1,
    )


def _all_traps(module: bytes) -> bytes:
    """A WebAssembly module in which every function is a trap, without its start function."""
    start_section, code_section = 8, 10
    made, at = [module[:8]], 8
    while at < len(module):
        length, start = _number(module, at + 1)
        end = start + length
        if module[at] == code_section:
            count, first = _number(module, start)
            code = module[start:first] + b"\3\0\0\x0b" * count
            low = [len(code) >> shift & 127 | 128 for shift in (0, 7, 14)]
            made.append(bytes([code_section, *low, len(code) >> 21]) + code)
        elif module[at] != start_section:
            made.append(module[at:end])
        at = end
    return b"".join(made)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128, and where it ends."""
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return number, at
