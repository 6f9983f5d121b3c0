"""What browsers still take where they refuse modules, workers and files of type.

That is so for pages from disk, in frames without an origin, and from servers that call a script
something else (docs/inside.md).
"""

import base64
import hashlib
import json
import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bundle import cache
from bundle.project import NODE, ROOT, BuildError

MAKER = ROOT / "bundle" / "carrier.mjs"
LOCK = ROOT / "package-lock.json"
SCRIPTS = ROOT / "site" / "scripts"
EDITOR, SANDBOX, FRAME = (
    SCRIPTS / "see-python" / name for name in ("editor.js", "sandbox.js", "frame.html")
)
LONGEST_SANDBOX = (2 << 20) * 3 // 4 - 100  # characters; in base64, an address of 2 MiB
TEMPLATES = ROOT / "site" / "templates"
MODULE = re.compile(r'<script type="module" src="\{\{ assets \}\}/scripts/([\w.-]+)"')
# What starts elsewhere than in the pages of the course: workers, and the page around a package.
# python.js has a name of its own, so that tests and the benchmark can ask a page for pictures.
ENTRIES = ("worker.js", "supply.js", "package.js", "python.js")
# Shared by pages and workers. With manifest.js, which the build makes last, they stay modules of
# their own (carrier.mjs), as does the editor.
APART = ("causes.js", "download.js")
FACE = re.compile(r"@font-face\s*\{[^}]*\}")
SOURCE = re.compile(r"""(,?)\s*url\(["']?([^"')]+)["']?\)(\s*format\([^)]*\))?""")
OPTIONAL = re.compile(r"font-display:\s*optional")
TYPES = {".svg": "image/svg+xml", ".webp": "image/webp", ".woff2": "font/woff2"}

Files = Mapping[str, Path | bytes]


def _run(*arguments: str | Path) -> Any:
    done = subprocess.run(
        [NODE, MAKER, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"The carrier could not be made:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout)


def _made(kind: str, parts: list[bytes | str | Path], make: Callable[[], Any]) -> Any:
    """What `make` gives, from the cache if nothing that goes in has changed."""

    def write(folder: Path) -> None:
        (folder / "made.json").write_text(json.dumps(make()))

    key = cache.digest([MAKER, Path(__file__), LOCK, *parts])
    return json.loads((cache.made(kind, key, write) / "made.json").read_text())


def asked_for() -> list[str]:
    """The modules that the pages' templates ask for by name."""
    templates = [file.read_text() for file in sorted(TEMPLATES.glob("*.html"))]
    return list(dict.fromkeys(name for text in templates for name in MODULE.findall(text)))


def modules() -> dict[str, str]:
    """The modules as they are published, by name.

    Each that a page or a worker asks for is joined with what it alone imports; what several import
    is in files of its own. Those in `APART` are published as they are.
    """
    texts: dict[str, str] = _modules()["texts"]
    return texts | {name: (SCRIPTS / name).read_text() for name in APART}


def preloads() -> list[str]:
    """The modules that a page's own import at once, and these in turn."""
    imports: dict[str, list[str]] = _modules()["imports"]
    found = [name for asked in asked_for() for name in imports[asked]]
    for name in found:  # it grows meanwhile
        found += [one for one in imports.get(name, ()) if one not in found]
    return list(dict.fromkeys(found))


def _modules() -> Any:
    names = [*asked_for(), *ENTRIES]
    return _made("modules", [SCRIPTS, *names], lambda: _run("modules", SCRIPTS, *names))


def page(manifest: str) -> str:
    """All modules that the templates ask for, as one classic script, with this manifest.js."""
    names = asked_for()

    def make() -> str:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
            Path(folder, "manifest.js").write_text(manifest)
            Path(folder, "editor.js").write_text(editor())
            text: str = _run("page", folder, *names)
            return text

    text: str = _made("page", [SCRIPTS, manifest, *names], make)
    return text


def editor() -> str:
    """The editor of "See the Python", with its styles, as one module."""
    text: str = _made("editor", [EDITOR.parent], lambda: _run("module", EDITOR))
    return text


def sandbox() -> str:
    """Python for code that a reader has changed, as one module."""
    text: str = _made("sandbox", [SCRIPTS], lambda: _run("module", SANDBOX))
    if len(text) > LONGEST_SANDBOX:
        raise BuildError(
            f"The sandbox for changed code has {len(text):,} characters; in an address, Chromium "
            f"takes {LONGEST_SANDBOX:,}"
        )
    return text


def sandbox_script() -> str:
    """The source for a policy that allows the one script of the sandbox's frame."""
    (script,) = re.findall(r"<script>(.*)</script>", FRAME.read_text(), re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def carried(files: Files, python: Mapping[str, Any]) -> bytes:
    """carried.js: a classic script with the scripts of Python's workers and with these files.

    `python` is the code of each figure, as "See the Python" has it.
    """

    def pack() -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            pairs = []
            for name, source in files.items():
                path = Path(folder, name)
                path.write_bytes(_bytes(source))
                pairs.append(f"{name}={path}")
            texts: dict[str, str] = _run("files", *pairs)
            return texts

    facts = {
        **_made("workers", [SCRIPTS], lambda: _run("workers", SCRIPTS)),
        "files": _made("carried", [part for pair in files.items() for part in pair], pack),
        "python": python,
    }
    return f"globalThis.carried = {json.dumps(facts)};\n".encode()


def shrunk(texts: Mapping[str, str]) -> dict[str, str]:
    """Styles and classic scripts, by name, without what only their authors read."""

    def make() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, name) for name in texts]
            for path, text in zip(paths, texts.values(), strict=True):
                path.write_text(text)
            found: list[str] = _run("shrunk", *paths)
            return found

    return dict(zip(texts, _made("shrunk", [*texts, *texts.values()], make), strict=True))


def joined(styles: list[str], assets: Files, target: str) -> str:
    """Styles as one, to be published as `target`; files that are not published are left out."""

    def place(style: str, found: re.Match[str]) -> str:
        named = posixpath.normpath(posixpath.join(posixpath.dirname(style), found[2]))
        if named not in assets:
            return ""
        address = posixpath.relpath(named, posixpath.dirname(target))
        return f'{found[1]}url("{address}"){found[3] or ""}'

    texts = [(partial(place, style), _bytes(assets[style]).decode()) for style in styles]
    return "\n".join(SOURCE.sub(replace, text) for replace, text in texts)


def faces(sheet: str, assets: Files) -> str:
    """A style with the type of the pages' style inside it."""
    return "\n".join(FACE.findall(inlined(sheet, assets)))


def inlined(style: str, assets: Files) -> str:
    """A style with the files that it names inside; what is not published is left out.

    Type that is inside comes at once: no text need be shown without it.
    """

    def replace(found: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(style), found[2]))
        if place not in assets:
            return ""
        return f"{found[1]}url({address(place, assets[place])}){found[3] or ''}"

    text = OPTIONAL.sub("font-display: block", _bytes(assets[style]).decode())
    return SOURCE.sub(replace, text)


def address(name: str, source: Path | bytes) -> str:
    """A file as an address that holds it."""
    kind = TYPES[Path(name).suffix]
    return f"data:{kind};base64,{base64.b64encode(_bytes(source)).decode()}"


def _bytes(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()
