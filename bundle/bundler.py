"""Bundle the page's scripts with esbuild, and put styles, fonts and pictures inside one file.

publish.py uses it for the site, pages.py for preloads and the hash of the sandbox's script, and
single.py for single files; bundler.mjs runs esbuild. The fallback bundle and the inline fonts are
for pages that get no modules, workers or font files: pages from disk, frames without an origin, and
servers that send scripts with a wrong MIME type (docs/inside.md).
"""

import base64
import codecs
import hashlib
import json
import math
import posixpath
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bundle import cache
from bundle.project import NODE, ROOT, BuildError

BUNDLER = ROOT / "bundle" / "bundler.mjs"
LOCK = ROOT / "package-lock.json"
SCRIPTS = ROOT / "site" / "scripts"
EDITOR, SANDBOX, SANDBOX_FRAME = (
    SCRIPTS / "see-python" / name
    for name in ("editor.js", "sandbox-worker.js", "sandbox-frame.html")
)
WORKERS = {
    "worker": SCRIPTS / "python" / "worker.js",
    "unpack": SCRIPTS / "python" / "unpack-worker.js",
}
MAX_SANDBOX_CHARACTERS = (2 << 20) * 3 // 4 - 100  # characters; in base64, a URL of 2 MiB
TEMPLATES = ROOT / "site" / "templates"
MODULE = re.compile(r'<script type="module" src="\{\{ assets \}\}/scripts/([\w.-]+)"')
# Entry points that no template of a page names: workers, the page around a SCORM package, and
# python.js, from which tests and the benchmark request pictures.
OTHER_ENTRY_POINTS = ("worker.js", "download-worker.js", "scorm-frame.js", "python.js")
# Pages and workers share these modules, so they are published as they are, like manifest.js and
# the editor (EXTERNAL in bundler.mjs).
EXTERNAL = ("error-messages.js", "download.js")
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
CSS_URL = re.compile(r"""(,?)\s*url\(["']?([^"')]+)["']?\)(\s*format\([^)]*\))?""")
FIRST_DENSE = 0x3400  # from here on, 2**15 characters are neither quotes nor surrogates
DENSE = re.compile('"([\u3400-\ub3ff]{9,})"')
OPTIONAL = re.compile(r"font-display:\s*optional")
MIME_TYPES = {".svg": "image/svg+xml", ".webp": "image/webp", ".woff2": "font/woff2"}

Files = Mapping[str, Path | bytes]


def _run(*arguments: str | Path) -> Any:
    done = subprocess.run(
        [NODE, BUNDLER, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"esbuild could not bundle the scripts:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout)


def _cached(kind: str, parts: list[bytes | str | Path], make: Callable[[], Any]) -> Any:
    """The result of `make`, from the cache if none of `parts` has changed."""

    def write(folder: Path) -> None:
        (folder / "made.json").write_text(json.dumps(make()))

    key = cache.digest([BUNDLER, Path(__file__), LOCK, *parts])
    return json.loads((cache.made(kind, key, write) / "made.json").read_text())


def script_file(name: str) -> Path:
    """The script `name`, in whichever folder of site/scripts it is.

    Scripts are published side by side in one folder, so each needs a name of its own.
    """
    found = sorted(SCRIPTS.rglob(name))
    if len(found) != 1:
        raise BuildError(f"site/scripts has {len(found)} files named {name}; there must be one")
    return found[0]


def entry_points() -> list[str]:
    """The modules that the templates of pages load."""
    templates = [file.read_text() for file in sorted(TEMPLATES.glob("*.html"))]
    return list(dict.fromkeys(name for text in templates for name in MODULE.findall(text)))


def modules() -> dict[str, str]:
    """The modules as they are published, by name.

    esbuild bundles each entry point with the modules that it alone imports; modules that several
    entry points import become chunks. `EXTERNAL` modules are published unchanged.
    """
    texts: dict[str, str] = _modules()["texts"]
    return texts | {name: script_file(name).read_text() for name in EXTERNAL}


def preloads() -> list[str]:
    """The chunks that the entry points of a page import, directly or through other chunks."""
    imports: dict[str, list[str]] = _modules()["imports"]
    found = [name for entry in entry_points() for name in imports[entry]]
    for name in found:  # it grows meanwhile
        found += [one for one in imports.get(name, ()) if one not in found]
    return list(dict.fromkeys(found))


def _modules() -> Any:
    names = [*entry_points(), *OTHER_ENTRY_POINTS]
    return _cached("modules", [SCRIPTS, *names], lambda: _run("modules", *map(script_file, names)))


def page_script(manifest: str) -> str:
    """All entry points of a page as one classic script, with this manifest.js inside."""
    names = [script_file(name).relative_to(SCRIPTS).as_posix() for name in entry_points()]

    def make() -> str:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
            Path(folder, "python", "manifest.js").write_text(manifest)
            Path(folder, EDITOR.relative_to(SCRIPTS)).write_text(editor())
            text: str = _run("page", folder, *names)
            return text

    text: str = _cached("page", [SCRIPTS, manifest, *names], make)
    return text


def editor() -> str:
    """The editor of "See the Python", with its styles, as one module."""
    text: str = _cached("editor", [EDITOR.parent], lambda: _run("module", EDITOR))
    return text


def sandbox() -> str:
    """The worker that runs code changed by the reader, as one module."""
    text: str = _cached("sandbox", [SCRIPTS], lambda: _run("module", SANDBOX))
    if len(text) > MAX_SANDBOX_CHARACTERS:
        raise BuildError(
            f"The sandbox for changed code has {len(text):,} characters; in an address, Chromium "
            f"takes {MAX_SANDBOX_CHARACTERS:,}"
        )
    return text


def sandbox_script_hash() -> str:
    """The source for a policy that allows the one script of the sandbox's frame."""
    (script,) = re.findall(r"<script>(.*)</script>", SANDBOX_FRAME.read_text(), re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def fallback_bundle(files: Files, python: Mapping[str, Any]) -> bytes:
    """fallback-bundle.js: a classic script that holds the scripts of the workers and these files.

    `python` is the code of each figure, as "See the Python" shows it. The script is in UTF-16, with
    15 bits of the files in each character, which takes a sixth less than base64 in UTF-8. Browsers
    recognize it by its byte order mark, whatever the server says
    (https://encoding.spec.whatwg.org/#decode).
    """

    def pack() -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            pairs = []
            for name, source in files.items():
                path = Path(folder, name)
                path.write_bytes(_bytes(source))
                pairs.append(f"{name}={path}")
            texts: dict[str, str] = _run("files", *pairs)
            return {name: _dense(base64.b64decode(text)) for name, text in texts.items()}

    def workers() -> dict[str, str]:
        return {name: _run("module", path) for name, path in WORKERS.items()}

    facts = {
        **_cached("workers", [SCRIPTS], workers),
        "files": _cached("fallback", [part for pair in files.items() for part in pair], pack),
        "python": python,
    }
    script = f"globalThis.fallbackBundle = {json.dumps(facts, ensure_ascii=False)};\n"
    return codecs.BOM_UTF16_LE + script.encode("utf-16-le")


def fallback_in_page(script: bytes) -> bytes:
    """The same script for a page in UTF-8, where base64 is shorter."""

    def replace(found: re.Match[str]) -> str:
        return f'"{base64.b64encode(_sparse(found[1])).decode()}"'

    return DENSE.sub(replace, script.decode("utf-16")).encode()


def _dense(data: bytes) -> str:
    """Bytes as a text: 15 bits in each character, after the number of bytes in two of them."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    padded = np.zeros((math.ceil(len(bits) / 15), 15), np.uint16)
    padded.reshape(-1)[: len(bits)] = bits
    codes = padded @ (1 << np.arange(14, -1, -1, dtype=np.uint16))
    text = (np.append(divmod(len(data), 1 << 15), codes) + FIRST_DENSE).astype("<u2")
    return text.tobytes().decode("utf-16-le")


def _sparse(text: str) -> bytes:
    """The inverse of `_dense`."""
    codes = np.frombuffer(text.encode("utf-16-le"), "<u2") - np.uint16(FIRST_DENSE)
    bits = codes[2:, None] >> np.arange(14, -1, -1, dtype=np.uint16) & 1
    return np.packbits(bits.astype(np.uint8)).tobytes()[: (int(codes[0]) << 15) + int(codes[1])]


def minified(texts: Mapping[str, str]) -> dict[str, str]:
    """Styles and classic scripts, by name, without comments and white space."""

    def make() -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, name) for name in texts]
            for path, text in zip(paths, texts.values(), strict=True):
                path.write_text(text)
            found: list[str] = _run("minified", *paths)
            return found

    return dict(zip(texts, _cached("minified", [*texts, *texts.values()], make), strict=True))


def joined_styles(styles: list[str], assets: Files, target: str) -> str:
    """Styles as one file, published as `target`, without the files that are not published."""

    def place(style: str, found: re.Match[str]) -> str:
        named = posixpath.normpath(posixpath.join(posixpath.dirname(style), found[2]))
        if named not in assets:
            return ""
        address = posixpath.relpath(named, posixpath.dirname(target))
        return f'{found[1]}url("{address}"){found[3] or ""}'

    texts = [(partial(place, style), _bytes(assets[style]).decode()) for style in styles]
    return "\n".join(CSS_URL.sub(replace, text) for replace, text in texts)


def inline_fonts(sheet: str, assets: Files) -> str:
    """The @font-face rules of a style, with the font files inside."""
    return "\n".join(FONT_FACE.findall(inlined(sheet, assets)))


def inlined(style: str, assets: Files) -> str:
    """A style with the files that it names inside, without those that are not published.

    Fonts that are inside are there at once, so text never has to be shown in another font.
    """

    def replace(found: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(style), found[2]))
        if place not in assets:
            return ""
        return f"{found[1]}url({data_url(place, assets[place])}){found[3] or ''}"

    text = OPTIONAL.sub("font-display: block", _bytes(assets[style]).decode())
    return CSS_URL.sub(replace, text)


def data_url(name: str, source: Path | bytes) -> str:
    """A file as a `data:` URL."""
    kind = MIME_TYPES[Path(name).suffix]
    return f"data:{kind};base64,{base64.b64encode(_bytes(source)).decode()}"


def _bytes(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()
