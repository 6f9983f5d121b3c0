"""The classroom zip: the course, a small server, and a start script for each operating system.

downloads.py writes it.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

from bundle import archives, cache
from bundle.project import ROOT

NAME = "math-for-ml-classroom"
SOURCES = ROOT / "site" / "classroom"


def write(course: Mapping[str, Path | bytes], target: Path) -> None:
    """Write the zip with these files of the course, unless it is up to date."""
    files = {f"course/{name}": source for name, source in course.items()}
    files["serve.py"] = ROOT / "bundle" / "server.py"
    for source in sorted(SOURCES.iterdir()):
        data = source.read_bytes()
        # cmd.exe misreads batch files whose lines end with bare line feeds.
        windows = source.suffix in (".bat", ".txt")
        files[source.name] = data.replace(b"\n", b"\r\n") if windows else data
    parts = (part for name in sorted(files) for part in (name, files[name]))
    key = cache.digest([Path(__file__), Path(archives.__file__), *parts]).encode()
    if archives.key_of(target) == key:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    with zipfile.ZipFile(draft, "w") as archive:
        archive.comment = key
        archives.add(archive, {f"{NAME}/{name}": source for name, source in files.items()})
    draft.replace(target)
