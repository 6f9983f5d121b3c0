"""The course, and each demo, as a single file that opens from disk, with live demos.

downloads.py writes them.

The scripts are those of every page; the fallback bundle, which they would otherwise load, is
inside (site/scripts/python/fallback-hosts.js).
"""

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Callable
from pathlib import Path

from bundle import bundler
from bundle.bundler import Files
from bundle.project import ROOT, BuildError

ROUTER = ROOT / "site" / "scripts" / "channels" / "router.js"
STYLE = "styles/single.css"
PICTURE = re.compile(r'(<(?:img|source)\b[^>]*?\s)(src|srcset)="([^"]+)"')
LINK = re.compile(r'(<a\b[^>]*?)\shref="([^"]*)"')
SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
SCRIPT = re.compile(r'<script src="([^"]+)"></script>')
EMBED_BUTTON = re.compile(r'\s*<button [^>]*data-does="embed"[^>]*>.*?</button>', re.DOTALL)
POLICY = (
    "default-src 'none'; script-src 'wasm-unsafe-eval' blob: data: {hashes}; "
    "worker-src blob: data:; connect-src blob: data:; img-src data: blob:; "
    "style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
# Without JavaScript the browser shows none of the pages in course.html.
NOSCRIPT = (
    "<noscript><p>This file holds a whole course, and JavaScript takes the pages out of it. Switch "
    "JavaScript on, or read the lessons one by one: each is a file of its own, which can be read "
    "and printed without.</p></noscript>"
)

Parts = tuple[bytes, ...]  # of a file; large parts that files share are stored only once


class _Maker:
    """Assembles single files from finished pages and their assets."""

    def __init__(self, pages: dict[str, str], files: Files, folder: str) -> None:
        self.pages = {url: EMBED_BUTTON.sub("", html) for url, html in pages.items()}
        self.folder = f"{folder}/"
        self.assets = {name.removeprefix(self.folder): source for name, source in files.items()}
        (name,) = (name for name in files if name.startswith("runtime/fallback-bundle."))
        self.fallback = bundler.fallback_in_page(_bytes(files[name]))
        self.script = _text(self.assets["scripts/page.js"])
        self.hashes = [_hash(self.fallback), _hash(self.script.encode())]

    def resolve(self, page: str, address: str) -> str:
        """The target of a link in a page, from the root of the site."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(page), address))

    def asset(self, page: str, address: str) -> str:
        """The name of an asset that a page refers to."""
        return self.resolve(page, address).removeprefix(self.folder)

    def picture(self, page: str, address: str) -> str:
        name = self.asset(page, address)
        return bundler.data_url(name, self.assets[name])

    def body(self, page: str, link: Callable[[str], str | None]) -> str:
        """A page's body with its links replaced by `link`; None turns a link into text."""

        def follow(found: re.Match[str]) -> str:
            address, mark, fragment = found[2].partition("#")
            if not address or re.match(r"\w+:|\?", address):
                return found[0]
            target = link(self.resolve(page, address))
            return found[1] if target is None else f'{found[1]} href="{target}{mark}{fragment}"'

        (inside,) = re.findall(r"<body[^>]*>(.*)</body>", self.pages[page], re.DOTALL)
        return LINK.sub(follow, inside)

    def head(self, pages: list[str], scripts: list[str]) -> str:
        """A page's head with all styles inline, and a policy that allows only these scripts."""
        first = self.pages[pages[0]]
        sheets = [
            self.asset(page, sheet) for page in pages for sheet in SHEET.findall(self.pages[page])
        ]
        styles = [bundler.inlined(name, self.assets) for name in dict.fromkeys([*sheets, STYLE])]
        early = [_text(self.assets[self.asset(pages[0], src)]) for src in SCRIPT.findall(first)]
        hashes = [_hash(text.encode()) for text in (*early, *scripts)] + self.hashes
        policy = POLICY.format(hashes=" ".join(hashes))
        icon = bundler.data_url("icon.svg", ROOT / "site" / "icon.svg")
        kept = re.findall(r"<meta (?!http-equiv)[^>]*>|<title>.*?</title>", first, re.DOTALL)
        return "\n".join(
            [
                '<head>\n<meta charset="utf-8">',
                f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
                *(tag for tag in kept if "charset" not in tag),
                f'<link rel="icon" href="{icon}" type="image/svg+xml">',
                *(f"<style>\n{style}\n</style>" for style in styles),
                *map(_script, early),
                "</head>",
            ]
        )

    def file(self, kind: str, pages: list[str], body: str, scripts: list[str]) -> Parts:
        """The whole file, with the visible content before the scripts."""
        start = f'<!doctype html>\n<html lang="en" class="{kind}">\n{self.head(pages, scripts)}'
        before = "\n".join([start, body, *map(_script, scripts), "<script>"])
        after = f"</script>\n{_script(self.script)}\n</body>\n</html>\n"
        return (before.encode(), self.fallback, after.encode())

    def lesson(self, page: str) -> Parts:
        """A single page; links to other pages become text."""

        def inside(found: re.Match[str]) -> str:
            return f'{found[1]}{found[2]}="{self.picture(page, found[3])}"'

        (start,) = re.findall(r"<body[^>]*>", self.pages[page])
        body = PICTURE.sub(inside, self.body(page, lambda _: None))
        return self.file("one-file one-page", [page], f"{start}{body}", [])

    def course(self, pages: list[str]) -> Parts:
        """All pages, one shown at a time: the first, or the one named in the URL."""
        pictures: dict[str, str] = {}
        templates = []
        for page in pages:

            def later(found: re.Match[str], page: str = page) -> str:
                name = self.asset(page, found[3])
                pictures[name] = self.picture(page, found[3])
                return f'{found[1]}data-picture="{name}"'

            html = self.pages[page]
            (title,) = re.findall(r"<title>(.*?)</title>", html, re.DOTALL)
            kind = re.findall(r'<body class="([^"]*)">', html)
            body = self.body(page, lambda target: f"?page={target}" if target in pages else None)
            templates.append(
                f'<template data-page="{page}" data-title="{title}" data-kind="{"".join(kind)}">'
                f"{PICTURE.sub(later, body)}</template>"
            )
        scripts = [f"globalThis.pictures = {json.dumps(pictures)};", ROUTER.read_text()]
        return self.file("one-file", pages, "\n".join(["<body>", NOSCRIPT, *templates]), scripts)


def made(pages: dict[str, str], files: Files, assets: str) -> dict[str, Parts]:
    """The single files by name: course.html with all pages, and one file for each lesson.

    `pages` are the finished pages by URL, `files` all published files, `assets` their folder there.
    """
    maker = _Maker(pages, files, assets)
    lessons = [page for page in pages if page.startswith("lessons/")]
    # Public screens have a server, and each demo is part of a lesson.
    left_out = ("demos/", "index.html", "kiosk.html")
    others = [page for page in pages if not page.startswith(left_out)]
    course = {"course.html": maker.course(["index.html", *others])}
    return course | {Path(page).name: maker.lesson(page) for page in lessons}


def _bytes(source: Path | bytes) -> bytes:
    return source.read_bytes() if isinstance(source, Path) else source


def _text(source: Path | bytes) -> str:
    return _bytes(source).decode()


def _script(text: str) -> str:
    if "</script" in text.lower():
        raise BuildError(f'A script contains "</script" and cannot be put inline: {text[:200]}')
    return f"<script>{text}</script>"


def _hash(text: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"
