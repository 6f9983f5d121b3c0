"""Packages for learning platforms: SCORM 1.2, Common Cartridge 1.1, and HTML5 for Kolibri.

Each is a zip of published files whose pages link only to files in the package. All zips begin with
the same members, the files of Python: these are compressed once, and each zip is a copy of them
with its pages added at the end. The comment of a zip holds a hash of its inputs, so the next build
can skip it.
"""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bundle import archives, cache, publish
from bundle.page import PARTS, Page, resolved
from bundle.project import ROOT
from bundle.wheel import PROJECT

TEMPLATES = ROOT / "bundle" / "templates"
COURSE = "Math for Machine Learning"
NAME = "math-for-ml"
START = "scorm.html"  # the page around the course, which holds the session with the platform
# Files that are useless in a package: downloads, and everything for a site of its own.
LEFT_OUT = re.compile(
    r"((downloads|kiosk)\.html|sw\.js|app\.webmanifest|icon-.*\.png"
    r"|sitemap\.xml|robots\.txt|oembed/.*)$"
)
# Every page says PRIVATE; in a package, the platform receives the progress.
PRIVATE = "Nothing you do here leaves it."
TOLD = "Your progress is reported to the learning platform, and to no one else."
# For pages from disk and in frames without an origin; a platform with an API is never either.
FALLBACK = "runtime/fallback-bundle."
TO_DOWNLOADS = re.compile(r'<span class="to-downloads">.*?</span>', re.DOTALL)
LINK = re.compile(r'<(a|link)\b[^>]*?\shref="([^"#?:]+)["#?][^>]*>')

Files = dict[str, Path | bytes]


@dataclass(frozen=True)
class Package:
    """A zip to be written, and its contents."""

    file: str
    files: Files


def all_of(files: Files, lessons: list[Page], address: str = "") -> list[Package]:
    """Every package of the course. `files` are all published files."""
    # Only the fast start: with the ordinary start, too, most of Python would be included twice.
    lean = publish.without_ordinary_start(files)
    whole = {name: source for name, source in lean.items() if not LEFT_OUT.match(name)}
    kept = {name: source for name, source in whole.items() if not name.startswith(FALLBACK)}
    (assets,) = {"/".join(name.split("/")[:2]) for name in files if name.startswith("assets/")}
    pages = sorted(name for name in kept if name.endswith(".html"))
    around = _rendered("package.html", title=COURSE, assets=assets, pages=pages)
    course = _scorm({**_adapted(kept, "course"), START: around}, NAME, COURSE, START)
    cartridge = _cartridge(kept, lessons, address)
    made = [
        Package(f"{NAME}-scorm12.zip", course),
        Package(f"{NAME}-cc11.imscc", cartridge),
        Package(f"{NAME}-html5.zip", _adapted(whole, "html5")),
    ]
    for lesson in lessons:
        stem = lesson.file.stem
        inside = _scorm(_adapted(_of_lesson(kept, lesson), "lesson"), f"{NAME}-{stem}",
                        f"{lesson.number}. {lesson.title}", lesson.url)  # fmt: skip
        made.append(Package(f"{stem}-scorm12.zip", inside))
    return made


def write(packages: list[Package], folder: Path) -> dict[str, int]:
    """Write the packages that have changed; return the size of each by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    digests: dict[Path, str] = {}
    for package in packages:
        target = folder / package.file
        key = _key(package.files, digests)
        if archives.key_of(target) == key.encode():
            continue
        shared = {name: source for name, source in package.files.items() if _is_shared(name)}
        draft = target.with_suffix(".part")
        if shared:
            shutil.copyfile(_base(shared, digests), draft)
        with zipfile.ZipFile(draft, "a" if shared else "w") as archive:
            archives.add(
                archive, {name: package.files[name] for name in package.files.keys() - shared}
            )
            archive.comment = key.encode()
        draft.replace(target)
    return {package.file: (folder / package.file).stat().st_size for package in packages}


def _is_shared(name: str) -> bool:
    return name.startswith("runtime/") and not name.startswith(FALLBACK)


def _key(files: Files, digests: dict[Path, str]) -> str:
    """A hash of the names, the contents, and the code that packs them."""
    total = hashlib.sha256(Path(__file__).read_bytes() + Path(archives.__file__).read_bytes())
    for name, source in sorted(files.items()):
        if isinstance(source, Path):
            if source not in digests:
                digests[source] = hashlib.sha256(source.read_bytes()).hexdigest()
            digest = digests[source]
        else:
            digest = hashlib.sha256(source).hexdigest()
        total.update(f"{name}\0{digest}\0".encode())
    return total.hexdigest()


def _base(files: Files, digests: dict[Path, str]) -> Path:
    """A zip of the files that all packages share."""

    def make(folder: Path) -> None:
        with zipfile.ZipFile(folder / "base.zip", "w") as archive:
            archives.add(archive, files)

    return cache.made("package-base", _key(files, digests)[:20], make) / "base.zip"


def _of_lesson(files: Files, lesson: Page) -> Files:
    """The files of one lesson: its page, the pages and pictures of its demos, shared files."""

    def belongs(name: str) -> bool:
        folder, _, file = name.rpartition("/")
        if folder.endswith("/posters"):
            demo, layout, _ = file.rsplit("-", 2)
            return demo in lesson.demos and layout != "thumb"  # thumbs are for the gallery
        if folder.endswith("/python"):
            return file.removesuffix(".json") in lesson.demos
        if folder == "demos":
            return file.removesuffix(".html") in lesson.demos
        return name in (lesson.url, "icon.svg") or name.startswith(("assets/", "runtime/"))

    return {name: source for name, source in files.items() if belongs(name)}


def _adapted(files: Files, kind: str) -> Files:
    """The same files, with pages that name the kind of package and link only to files in it."""
    return {
        name: _page(name, source, kind, files.keys().__contains__)
        if name.endswith(".html") and isinstance(source, bytes)
        else source
        for name, source in files.items()
    }


def _page(name: str, html: bytes, kind: str, is_inside: Callable[[str], bool]) -> bytes:
    """One page: a link out of the package becomes plain text, such navigation is removed."""
    text = html.decode()
    if kind:
        text = text.replace("<html ", f'<html data-package="{kind}" ', 1).replace(PRIVATE, TOLD)
    text = TO_DOWNLOADS.sub("", text)

    def leads_out(link: re.Match[str]) -> bool:
        return not is_inside(resolved(name, link[2]))

    # Parse the page only if, after these replacements, links lead out of the package.
    text = LINK.sub(lambda link: "" if link[1] == "link" and leads_out(link) else link[0], text)
    out = {link[2] for link in LINK.finditer(text) if leads_out(link)}
    if not out:
        return text.encode()
    soup = BeautifulSoup(text, "html.parser")
    for tag in soup.find_all("a", href=True):
        if tag.decomposed or re.split("[#?]", str(tag["href"]))[0] not in out:
            continue
        navigation = tag.find_parent(class_=["lesson-menu", "ways-on"]) or tag.find_parent("nav")
        if navigation:
            navigation.decompose()
        else:
            tag.name = "span"
            for attribute in ("href", "target", "rel", "data-lesson", "data-questions"):
                del tag[attribute]
    return str(soup).encode()


def _rendered(name: str, **values: object) -> bytes:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return templates.get_template(name).render(values).encode()


def _scorm(files: Files, identifier: str, title: str, start: str) -> Files:
    """The files with a manifest of SCORM 1.2: a single SCO with every file."""
    listed = [start, *sorted(files.keys() - {start})]
    manifest = _rendered("scorm12.xml", identifier=identifier, version=PROJECT["version"],
                         title=title, start=start, files=listed)  # fmt: skip
    return {**files, "imsmanifest.xml": manifest}


def _cartridge(files: Files, lessons: list[Page], address: str) -> Files:
    """The lessons as a cartridge: links to the hosted course, or else the course itself."""
    inside: Files = {}
    if address:
        for lesson in lessons:
            link = _rendered("link.xml", lesson=lesson, address=address.rstrip("/") + "/")
            inside[f"links/lesson-{lesson.number}.xml"] = link
    else:
        inside = _adapted(files, "")
    own = {lesson.url for lesson in lessons} | {
        name for name in inside if name.startswith("links/")
    }
    manifest = _rendered("cc11.xml", identifier=f"{NAME}-cc11", title=COURSE,
                         parts=PARTS, lessons=lessons, address=address,
                         files=sorted(inside.keys() - own))  # fmt: skip
    return {**inside, "imsmanifest.xml": manifest}
