"""The course with a small server and a start script for each system, as one zip."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from bundle import cache
from bundle.project import ROOT

NAME = "math-for-ml-classroom"
SOURCES = ROOT / "site" / "classroom"
LEFT_OUT = "runtime/scipy-"  # 14 MB that no demo imports
PROGRAMS = (".sh", ".command")
PACKED = (".bin", ".webp", ".woff2", ".png")  # compressed already
DATE = (1980, 1, 1, 0, 0, 0)  # of every file: the same input gives the same bytes


def write(course: Mapping[str, Path | bytes], target: Path) -> None:
    """Write the zip with these files of the course, unless it holds them already."""
    files = {
        f"course/{name}": source for name, source in course.items() if not name.startswith(LEFT_OUT)
    }
    for source in sorted(SOURCES.iterdir()):
        data = source.read_bytes()
        # cmd.exe loses its way in a file with bare line feeds.
        windows = source.suffix in (".bat", ".txt")
        files[source.name] = data.replace(b"\n", b"\r\n") if windows else data
    names = sorted(files)
    parts = (part for name in names for part in (name, files[name]))
    key = cache.digest([Path(__file__), *parts]).encode()
    if target.exists() and _comment(target) == key:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    with zipfile.ZipFile(draft, "w") as archive:
        archive.comment = key
        for name in names:
            entry = zipfile.ZipInfo(f"{NAME}/{name}", DATE)
            entry.create_system = 3  # of files with the rights of Unix, wherever it was made
            entry.external_attr = (0o100755 if name.endswith(PROGRAMS) else 0o100644) << 16
            packed = name.endswith(PACKED)
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            content = files[name]
            archive.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())
    draft.replace(target)


def _comment(target: Path) -> bytes:
    try:
        with zipfile.ZipFile(target) as archive:
            return archive.comment
    except zipfile.BadZipFile:
        return b""
