"""Collect the files of the site by URL, check them against the limits of hosts, and write dist/."""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bundle import bundler, cache, demos, runtime, see_python, snapshot, thumbs
from bundle.project import ROOT, BuildError

SITE = ROOT / "site"
KATEX = ROOT / "node_modules" / "katex" / "dist"
# The first files that the fast start needs, in the order in which Python requests them.
START = (
    "zstddec.js",
    "pyodide.js",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
)
# The style sheets of a page are joined into one file, in this order; the scripts that run before
# the page is shown, into another.
SHEETS = (
    "styles/palette.css",
    "katex/katex.min.css",
    "styles/base.css",
    "styles/lesson.css",
    "styles/demo.css",
    "styles/frame.css",
    "styles/kiosk.css",
    "styles/guide.css",
    "styles/downloads.css",
    "styles/question.css",
)
FIRST = ("scripts/channels/embed.js", "scripts/channels/kiosk.js")
# The limits of free hosts: Cloudflare Pages allows 25 MiB per file, itch.io 1,000 files, etc.
MOST_BYTES = 90_000_000
MOST_IN_A_FILE = 24 << 20
MOST_FILES = 900
LONGEST_PATH = 200  # characters

FACT = re.compile(r"^export const (\w+) = (.*?);\n(?=export|\Z)", re.DOTALL | re.MULTILINE)

Files = Mapping[str, Path | bytes]


def add_runtime(
    files: dict[str, Path | bytes],
    wheels: dict[str, Path],
    course: Path,
    saved: snapshot.Snapshot,
    edited: dict[str, str],
) -> str:
    """Add the runtime's files with a hash in their names; return the script that lists them."""
    # Hosts that do not know the extension .mjs do not send it as a script.
    sources: dict[str, Path | bytes] = {
        name.replace(".mjs", ".js"): runtime.CORE / name for name in runtime.CORE_FILES
    }
    sources["pyodide-lock.json"] = runtime.published_lock()
    sources |= {file.name: file for file in wheels.values()}
    sources |= saved.files
    sources |= {
        course.name: course,
        "zstddec.js": ROOT / "node_modules" / "zstddec" / "dist" / "zstddec.mjs",
    }
    sources["sandbox-worker.js"] = bundler.sandbox().encode()
    start = runtime.needed(runtime.START)
    order = [*START, *saved.libraries, "record.json", "snapshot.bin"]
    # A page without a server can't fetch the cold functions later.
    fallback = {name: saved.whole.get(name, sources[name]) for name in order}
    sources["fallback-bundle.js"] = bundler.fallback_bundle(fallback, see_python.code())
    published = {}
    for name, source in sources.items():
        data = source if isinstance(source, bytes) else source.read_bytes()
        digest = hashlib.sha256(data).digest()
        stem, _, ending = name.rpartition(".")
        # Learning platforms reject archives in a package; hosts send unknown extensions as text.
        ending = ending if ending in ("js", "wasm", "json") else "bin"
        url = f"runtime/{stem}.{digest.hex()[:12]}.{ending}"
        files[url] = source
        published[name] = {
            "url": url,
            "bytes": len(data),
            "integrity": f"sha256-{base64.b64encode(digest).decode()}",
        }
    facts = {
        "files": published,
        "wheels": {name: wheels[name].name for name in start},
        "course": course.name,
        "packages": runtime.importable(),
        "snapshot": {"id": saved.id, "libraries": saved.libraries, "scenes": saved.scenes},
        "edited": edited,
    }
    return _module(facts).decode()


def without_ordinary_start(files: Files) -> dict[str, Path | bytes]:
    """The same site without the files for the ordinary start, for extra packages, and of scenes."""
    name = next((name for name in files if name.endswith("/scripts/manifest.js")), "")
    text = files.get(name)
    if not isinstance(text, bytes):  # only pages, no assets
        return dict(files)
    facts = {key: json.loads(value) for key, value in FACT.findall(text.decode())}
    published, saved = facts["files"], facts["snapshot"]
    ordinary = {file for file in published if file.endswith(".whl")} | {"python_stdlib.zip"}
    scenes = {snapshot.scene_file(name) for name in saved["scenes"]}
    gone = {published.pop(file)["url"] for file in ordinary | scenes}
    facts |= {"wheels": {}, "course": "", "packages": {}, "snapshot": {**saved, "scenes": {}}}
    kept = {url: source for url, source in files.items() if url not in gone}
    return kept | {name: _module(facts)}


def _module(facts: Mapping[str, object]) -> bytes:
    """A script module that exports these values."""
    return "".join(
        f"export const {name} = {json.dumps(value, indent=1)};\n" for name, value in facts.items()
    ).encode()


def add_assets(
    files: dict[str, Path | bytes],
    manifest: str,
    shown: dict[str, demos.Demo],
    web_fonts: Path,
    katex_fonts: Path,
) -> str:
    """Add styles, scripts, fonts, and pictures in a folder named by their hash; return its path."""
    inside: dict[str, Path | bytes] = {
        "scripts/manifest.js": manifest.encode(),
        "styles/palette.css": _palette().encode(),
    }
    inside |= {f"styles/{file.name}": file for file in sorted((SITE / "styles").glob("*.css"))}
    inside |= {f"scripts/{name}": text.encode() for name, text in bundler.modules().items()}
    inside |= {f"fonts/{file.name}": file for file in sorted(web_fonts.iterdir())}
    inside["katex/katex.min.css"] = KATEX / "katex.min.css"
    inside |= {f"katex/fonts/{file.name}": file for file in sorted(katex_fonts.iterdir())}
    inside["scripts/page.js"] = bundler.page_script(manifest).encode()
    inside["scripts/editor.js"] = bundler.editor().encode()
    inside |= {
        f"python/{name}.json": json.dumps(code).encode() for name, code in see_python.code().items()
    }
    _join(inside)
    inside["styles/inline-fonts.css"] = bundler.inline_fonts("styles/page.css", inside).encode()
    for demo in shown.values():
        inside |= {
            f"posters/{demo.name}-{file.name}": file
            for file in sorted(demo.pictures.glob("*.webp")) + thumbs.of(demo)
        }
    parts = (part for name, source in inside.items() for part in (name, source))
    folder = f"assets/{cache.digest(parts)[:12]}"
    files.update({f"{folder}/{name}": source for name, source in inside.items()})
    return folder


def _join(inside: dict[str, Path | bytes]) -> None:
    """Replace the style sheets and scripts that block a page by one of each."""
    first = "\n".join((SITE / name).read_text() for name in FIRST)
    made = bundler.minified(
        {
            "page.css": bundler.joined_styles(list(SHEETS), inside, "styles/page.css"),
            "first.js": first,
        }
    )
    for name in SHEETS:
        del inside[name]
    inside["styles/page.css"] = made["page.css"].encode()
    inside["scripts/first.js"] = made["first.js"].encode()


def add_extras(files: dict[str, Path | bytes]) -> None:
    """Add the files whose URLs must not change."""
    for name in ("icon.svg", "embed-parent.js"):
        files[name] = SITE / name


def _palette() -> str:
    """The figures' colors as CSS custom properties."""
    from stage.theme import PALETTES

    def block(name: str) -> str:
        return (
            ":root{" + "".join(f"--{key}:{value};" for key, value in PALETTES[name].items()) + "}"
        )

    return (
        f"{block('light')}\n"
        f"@media screen and (prefers-color-scheme:dark){{{block('dark')}}}\n"
        f"@media (forced-colors:active){{{block('contrast-light')}}}\n"
        "@media screen and (forced-colors:active) and (prefers-color-scheme:dark)"
        f"{{{block('contrast-dark')}}}\n"
    )


def size(source: Path | bytes) -> int:
    """The size of a file, in bytes."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def megabytes(files: Files) -> str:
    """The total size, such as "12.3 MB"."""
    return f"{sum(map(size, files.values())) / 1e6:.1f} MB"


def check(files: Files) -> None:
    """Check the site against the limits of free hosts. BuildError names file and limit."""
    errors = []
    for name, source in files.items():
        if size(source) > MOST_IN_A_FILE:
            errors.append(
                f"{name} has {size(source) / (1 << 20):.1f} MiB; a file may have "
                f"{MOST_IN_A_FILE >> 20} MiB (MOST_IN_A_FILE)"
            )
        if len(name) > LONGEST_PATH:
            errors.append(
                f"{name} has {len(name)} characters; a path may have {LONGEST_PATH} (LONGEST_PATH)"
            )
    if len(files) > MOST_FILES:
        folder, count = Counter(name.split("/")[0] for name in files).most_common(1)[0]
        errors.append(
            f"there are {len(files)} files, {count} of them in {folder}/; a site may have "
            f"{MOST_FILES} (MOST_FILES)"
        )
    if sum(map(size, files.values())) > MOST_BYTES:
        largest = max(files, key=lambda name: size(files[name]))
        errors.append(
            f"the site has {megabytes(files)}; it may have {MOST_BYTES / 1e6:.0f} MB (MOST_BYTES). "
            f"The largest file is {largest} with {size(files[largest]) / 1e6:.1f} MB"
        )
    if errors:
        raise BuildError(
            "Free hosts would reject this site (the limits are in bundle/publish.py):\n"
            + "\n".join(errors)
        )


def check_folder(out: Path) -> None:
    """BuildError if `out` has files that no build wrote, because `write` would delete them."""
    if out.exists() and not out.is_dir():
        raise BuildError(f"{out} is a file; choose a folder with --out")
    if out.exists() and any(out.iterdir()) and not (out / "sw.js").exists():
        raise BuildError(
            f"{out} has files that are not of this course, and the build would delete them; "
            "choose an empty folder with --out"
        )


def write(files: Files, out: Path) -> None:
    """Make `out` contain exactly these files; unchanged files keep their modification time."""
    out.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        target = out / name
        if isinstance(source, Path):
            cache.place(source, target)
        elif not target.exists() or target.read_bytes() != source:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source)
    for old in sorted(out.rglob("*"), reverse=True):
        if old.is_dir():
            if not any(old.iterdir()):
                old.rmdir()
        elif old.relative_to(out).as_posix() not in files:
            old.unlink()
