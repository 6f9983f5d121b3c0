"""Offline use and installation as an app: add sw.js, app.webmanifest, and icons to the site."""

import base64
import hashlib
import json
import re
from fnmatch import fnmatch
from pathlib import Path

from resvg_py import svg_to_bytes

from bundle import cache, runtime
from bundle.project import ROOT, BuildError

SITE = ROOT / "site"
GROUND = "#f7f7f4"  # --ground of base.css, and INK --accent-0
INK = "#1d2330"
MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>\s*')
LIMIT = 60_000_000  # bytes of offline storage; raise it only on purpose

# All files are stored for offline use except these, each with the reason.
NOT_KEPT = {
    "sitemap.xml": "for search engines",
    "robots.txt": "for search engines",
    "oembed/*": "for other sites",
    "runtime/fallback-bundle.*": "for pages without a server, which have no service worker",
}


def kept(name: str) -> bool:
    """Whether a published file is stored for offline use."""
    return not any(fnmatch(name, pattern) for pattern in NOT_KEPT)


def add_app(files: dict[str, Path | bytes]) -> None:
    """Add the app's manifest and icons."""
    files |= {file.name: file for file in sorted(_icons().iterdir())}
    files["app.webmanifest"] = json.dumps(_app(), indent=1).encode()


def without(source: Path | bytes) -> Path | bytes:
    """A page without the link to the app, so that it starts no service worker."""
    return MANIFEST.sub(b"", source) if isinstance(source, bytes) else source


def add_worker(files: dict[str, Path | bytes]) -> None:
    """Add the service worker with the list of files to store; call it after all other files."""
    listed: list[tuple[str, int, str]] = []
    later: list[tuple[str, int, str]] = []
    # packages that only edited code imports are stored after the rest
    edited = tuple(f"runtime/{file.removesuffix('.whl')}." for file in runtime.more_wheels())
    for name in sorted(filter(kept, files), key=_order):
        source = files[name]
        data = source if isinstance(source, bytes) else source.read_bytes()
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        item = name, len(data), f"sha256-{digest}"
        (later if name.startswith(edited) else listed).append(item)
    total = sum(size for _, size, _ in listed)
    if total > LIMIT:
        raise BuildError(
            f"Offline use would take {total / 1e6:.0f} MB, more than {LIMIT / 1e6:.0f}: "
            "leave something out in NOT_KEPT of bundle/offline.py, or raise LIMIT there."
        )
    version = cache.digest([json.dumps([*listed, *later])])
    build = {"version": version, "files": listed, "later": later}
    text = f"const BUILD = {json.dumps(build)};\n\n{(SITE / 'sw.js').read_text()}"
    files["sw.js"] = text.encode()


def _order(name: str) -> tuple[int, str]:
    """Sort key: pages and their assets first, then Python, its ordinary start last."""
    last = ("runtime/*-py[23]*", "runtime/*-cp3*", "runtime/python_stdlib*", "runtime/math_for_ml*")
    if any(fnmatch(name, pattern) for pattern in last):
        return 2, name
    return int(name.startswith("runtime/")), name


def _app() -> dict[str, object]:
    """The web app manifest. Without an `id` the start URL identifies the app, in any folder."""
    return {
        "name": "Math for Machine Learning",
        "short_name": "Math for ML",
        "description": "An open textbook with live figures",
        "lang": "en",
        "start_url": "index.html",
        "scope": "./",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "categories": ["education"],
        "icons": [
            {"src": "icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "icon-512.png", "sizes": "512x512", "type": "image/png"},
            {"src": "icon-maskable-512.png", "sizes": "512x512", "type": "image/png",
             "purpose": "maskable"},
        ],
    }  # fmt: skip


def _icons() -> Path:
    """The course's icon in the sizes and shapes that home screens use."""
    drawing = (SITE / "icon.svg").read_text()

    def make(folder: Path) -> None:
        # A maskable icon may be cropped to a circle of 4/5 of its width.
        for name, size, part, corner in (
            ("icon-192.png", 192, 0.8, 6),
            ("icon-512.png", 512, 0.8, 6),
            ("icon-maskable-512.png", 512, 0.62, 0),
        ):
            edge = 16 * (1 - part)
            place = f'x="{edge:g}" y="{edge:g}" width="{32 * part:g}" height="{32 * part:g}"'
            inner = drawing.replace("<svg ", f"<svg {place} ")
            svg = (
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
                f'<rect width="32" height="32" rx="{corner}" fill="{GROUND}"/>{inner}</svg>'
            )
            data = svg_to_bytes(svg_string=svg, width=size, height=size)
            (folder / name).write_bytes(bytes(data))

    return cache.made("icons", cache.digest([drawing, Path(__file__)]), make)
