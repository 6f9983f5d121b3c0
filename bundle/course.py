"""From the sources to dist/: `build` is the table of contents."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bundle import (
    cache,
    carrier,
    classroom,
    demos,
    downloads,
    fonts,
    oembed,
    offline,
    packages,
    pages,
    runtime,
    single,
    snapshot,
)
from bundle.project import ROOT, BuildError

__all__ = ["BuildError", "build"]

SITE = ROOT / "site"
# What the fast start needs before the rest, in the order in which Python asks for it.
CARRIED = (
    "zstddec.js",
    "pyodide.js",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
)
# What the build writes into packages/.
OURS = ("[0-9][0-9]-*.html", "[0-9][0-9]-*-scorm12.zip")
KATEX = ROOT / "node_modules" / "katex" / "dist"


def build(
    out: Path,
    address: str = "",
    kiosk: int = 0,
    *,
    packages_too: bool = False,
    downloads_url: str = "",
) -> None:
    """Build the site into `out`, a folder of static files. BuildError says what to fix.

    `address` is where it will be hosted, if that is known: a Common Cartridge then links to it, and
    oEmbed is made, whose addresses are absolute. After `kiosk` seconds without input, a visit on a
    public screen ends. With `packages_too`, the other forms of the course are built into packages/
    next to `out`. `downloads_url` is where those are hosted.
    """
    began = time.monotonic()
    said(f"Python for the browser: Pyodide {runtime.version()}")
    wheels = runtime.wheels()
    said("Type")
    type_folder = fonts.made()
    _place_figure_fonts(type_folder / "figures")
    said("Demos: controls and first pictures")
    shown = {name: demos.load(name) for name in demos.names()}
    said("Lessons: mathematics, demos, links")
    written = [*pages.read_all(), *map(pages.of_demo, shown.values())]
    pages.set_mathematics(written)
    pages.keep_together(written)
    pages.check(written, shown)
    said("The course's own wheel")
    course = _pack()
    said("The snapshot of Python for the fast start (a minute, when something in it has changed)")
    saved = snapshot.made()
    said(f"Writing {out}")
    files: dict[str, Path | bytes] = {}
    manifest = _publish_runtime(files, wheels, course, saved)
    assets = _publish_assets(files, manifest, shown, type_folder / "web")
    finished = pages.render(written, shown, assets, address, kiosk)
    files |= {url: html.encode() for url, html in finished.items()}
    if address:
        files |= _answers(written, shown, assets, address)
    for name in ("icon.svg", "embed-parent.js"):
        files[name] = SITE / name
    offline.add_app(files)
    lessons = sorted((page for page in written if page.part), key=lambda page: page.number)
    sizes: dict[str, int] = {}
    if packages_too:
        sizes = _packages(files, finished, lessons, assets, address, _packages_folder(out))
    offered = downloads.groups(lessons, downloads_url, sizes) if downloads_url else []
    files["downloads.html"] = downloads.page(offered, lessons, assets)
    offline.add_worker(files)
    _write(files, out)
    took = time.monotonic() - began
    said(
        f"Built {len(written)} pages, {len(files)} files, {_megabytes(files)}, in {took:.1f} s: "
        f"{out}"
    )


def _megabytes(files: Mapping[str, Path | bytes]) -> str:
    total = sum(
        len(source) if isinstance(source, bytes) else source.stat().st_size
        for source in files.values()
    )
    return f"{total / 1e6:.1f} MB"


def _packages_folder(out: Path) -> Path:
    """Next to the site, never inside: nobody should publish a gigabyte by accident."""
    return out.resolve().parent / "packages"


def _packages(
    files: Mapping[str, Path | bytes],
    finished: dict[str, str],
    lessons: list[pages.Page],
    assets: str,
    address: str,
    folder: Path,
) -> dict[str, int]:
    """Write single files, the zip for a classroom, and packages for platforms; sizes by name."""
    said(f"Writing {folder}: single files")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, parts in single.made(finished, files, assets).items():
        data = b"".join(parts)
        target = folder / name
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
        sizes[name] = len(data)
    said(f"Writing {folder}: a zip for a classroom")
    room = folder / f"{classroom.NAME}.zip"
    taken = {**files, "downloads.html": downloads.page([], lessons, assets)}
    classroom.write({url: offline.without(source) for url, source in taken.items()}, room)
    sizes[room.name] = room.stat().st_size
    said(f"Writing {folder}: packages for learning platforms")
    sizes |= packages.write(packages.all_of(dict(files), lessons, address), folder)
    for pattern in OURS:  # a lesson that was renamed leaves nothing behind
        for file in folder.glob(pattern):
            if file.name not in sizes:
                file.unlink()
    for name, size in sizes.items():
        said(f"  {name}: {size / 1e6:.1f} MB")
    return sizes


def _answers(
    written: list[pages.Page], shown: dict[str, demos.Demo], assets: str, base: str
) -> dict[str, Path | bytes]:
    """For oEmbed, an answer for each page that can be framed."""
    return {
        oembed.url(page.url): oembed.answer(
            base,
            page.url,
            page.title,
            f"{assets}/posters/{page.demos[0]}-wide-light.webp",
            shown[page.demos[0]].pictures / "wide-light.webp",
        )
        for page in written
        if oembed.url(page.url) and page.demos
    }


def said(words: str) -> None:
    """Progress, a line each."""
    print(words, flush=True)


def _place_figure_fonts(source: Path) -> None:
    """The figures' fonts belong to the Python that draws, here as in the browser."""
    target = ROOT / "py" / "stage" / "fonts"
    for font in source.iterdir():
        cache.place(font, target / font.name)


def _pack() -> Path:
    """The course's wheel: py/stage and py/demos."""
    key = cache.digest([ROOT / "pyproject.toml", ROOT / "py"])

    def make(folder: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(folder),
        ]
        environment = {
            **os.environ,
            "SOURCE_DATE_EPOCH": "1577836800",
        }  # the same input gives the same bytes
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"The course's wheel could not be made:\n{done.stderr}")

    (wheel,) = cache.made("wheel", key, make).glob("*.whl")
    return wheel


def _publish_runtime(
    files: dict[str, Path | bytes],
    wheels: dict[str, Path],
    course: Path,
    saved: snapshot.Snapshot,
) -> str:
    """Add the runtime's files under names with their hash; the script module that lists them."""
    # Hosts that do not know the ending .mjs send it as something that is not a script.
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
    start = runtime.needed(runtime.START)
    order = [*CARRIED, *saved.libraries, "record.json", "snapshot.bin"]
    sources["carried.js"] = carrier.carried({name: sources[name] for name in order})
    published = {}
    for name, source in sources.items():
        data = source if isinstance(source, bytes) else source.read_bytes()
        digest = hashlib.sha256(data).digest()
        stem, _, ending = name.rpartition(".")
        # Learning platforms refuse archives in a package, hosts send what they do not know as text.
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
        "snapshot": {"id": saved.id, "libraries": saved.libraries},
    }
    return "".join(
        f"export const {name} = {json.dumps(value, indent=1)};\n" for name, value in facts.items()
    )


def _publish_assets(
    files: dict[str, Path | bytes], manifest: str, shown: dict[str, demos.Demo], web_fonts: Path
) -> str:
    """Add styles, scripts, fonts, and pictures in one folder named by the hash of all; its path."""
    inside: dict[str, Path | bytes] = {
        "scripts/manifest.js": manifest.encode(),
        "styles/palette.css": _palette().encode(),
    }
    for folder, pattern in (("styles", "*.css"), ("scripts", "*.js")):
        inside |= {f"{folder}/{file.name}": file for file in sorted((SITE / folder).glob(pattern))}
    inside |= {f"fonts/{file.name}": file for file in sorted(web_fonts.iterdir())}
    inside["katex/katex.min.css"] = KATEX / "katex.min.css"
    inside |= {
        f"katex/fonts/{file.name}": file for file in sorted((KATEX / "fonts").glob("*.woff2"))
    }
    inside["scripts/page.js"] = carrier.page(manifest).encode()
    inside["styles/faces.css"] = carrier.faces(inside).encode()
    for demo in shown.values():
        inside |= {
            f"posters/{demo.name}-{file.name}": file
            for file in sorted(demo.pictures.glob("*.webp"))
        }
    parts = (part for name, source in inside.items() for part in (name, source))
    folder = f"assets/{cache.digest(parts)[:12]}"
    files.update({f"{folder}/{name}": source for name, source in inside.items()})
    return folder


def _palette() -> str:
    """The figures' colours as custom properties of CSS."""
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


def _write(files: Mapping[str, Path | bytes], out: Path) -> None:
    """Make `out` hold exactly these files; a file that is there already keeps its time."""
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
