"""The faults of docs/faults.md: how each is injected, and its time limit.

What the reader sees is written there by the tests.
"""

from support.machine import ROOT

DOCS = ROOT / "docs" / "faults.md"
HEAD = "| fault | injected by | the reader sees | at the latest |\n|---|---|---|---|\n"

STALL = "20 s without a byte, twice"
DOWNLOAD = "when it has come, twice"
START = "120 s after the last file"
GONE = "at once; where the browser does not tell, 15 s"
DRAW = "15 s, and a second try"

FAULTS = {
    # on the way
    "404": ("the server: a package is missing", DOWNLOAD),
    "500": ("the server answers 500 for a package", DOWNLOAD),
    "slow": ("the server sends a package in small pieces", "none, as long as something comes"),
    "stalled": ("the server sends nothing of a package", STALL),
    "broken off": ("the connection ends in the middle of a package", DOWNLOAD),
    "truncated": ("half of a package, as if that were all", DOWNLOAD),
    "bit flipped": ("one bit of a package", DOWNLOAD),
    "captive portal": ("an HTML page in place of a package", DOWNLOAD),
    "fails once": ("the standard library is cut short at the first request", DOWNLOAD),
    "main module damaged": ("half of pyodide.asm.wasm, in an ordinary start", DOWNLOAD),
    "snapshot damaged": ("404, half, one bit, HTML, broken off", DOWNLOAD),
    "snapshot stalled": ("the server sends nothing of the snapshot", STALL),
    "record damaged": ("404, half, one bit, HTML, broken off", DOWNLOAD),
    "library damaged": ("404, half, HTML, broken off", DOWNLOAD),
    "module bit flipped": ("one bit of a module that still compiles", "4 s after the start"),
    "module bit flipped always": ("the same at every request", "4 s after the start"),
    "wrong types": ("every file as application/octet-stream", "none"),
    "offline in mid-load": ("requests fail, the browser says it is offline", DOWNLOAD),
    "script of Python damaged": ("half of pyodide.asm.js, kept by the browser", DOWNLOAD),
    "script of a worker damaged": ("half of worker.js, kept by the browser", "at once"),
    "script of the page damaged": ("half of ml-demo.js, HTML, 404", "1.5 s after the page"),
    "every script replaced": ("HTML in place of each", "30 s after the page"),
    "folder blocked": ("requests for runtime/ are blocked", DOWNLOAD),
    # in the browser
    "plain http": ("a host name without https: no caches, no hashes", "none"),
    "opaque origin": ("a sandboxed frame", "60 s for each rung"),
    "storage refused": ("localStorage throws", "none"),
    "cache quota exceeded": ("a quota of 5 MB", "none"),
    "cache partial or evicted": ("all stored files deleted, then all caches", "none"),
    "cache corrupted": ("a stored snapshot, module, script replaced", DOWNLOAD),
    "tab frozen": ("DevTools: frozen for a while, then active", "none"),
    "back/forward cache": ("another page and back, the page restored whole", "none"),
    "canvas context lost": ("the canvas emptied, then contextrestored", "none"),
    "two tabs": ("the same lesson twice, used in turn", "none"),
    "very fast input": ("60 moves of a slider at once", "none"),
    # versions
    "update during a lesson": ("a new version published and installed", "none"),
    "update with a broken file": ("one file of the new version changed", "none"),
    "new version cannot start": ("its script throws", "the page is loaded anew at once"),
    "old page with new files": ("another version published, then Python's worker ended", DOWNLOAD),
    # in a demo
    "exception in a demo": ("the demo raises ValueError", "at once"),
    "out of memory": ("the demo asks for 8 TiB", "at once"),
    "worker ended": ("Python's worker closes itself", GONE),
    "download worker ended": ("the workers that bring Python's files close themselves", GONE),
    "worker ends again and again": ("four times in ten minutes", GONE),
    "endless loop": ("the demo never returns", DRAW),
}


def rows() -> dict[str, str]:
    """The rows of the table in the docs, by fault."""
    table = DOCS.read_text().partition(HEAD)[2].partition("\n\n")[0]
    return {line.split(" | ")[0].removeprefix("| "): line for line in table.splitlines()}


def note(name: str, sees: str, renew: bool) -> None:
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
