"""The fast start: save Python's memory after all imports as a snapshot (docs/fast-start.md).

snapshot.mjs does the work in Node; course.py publishes the result.
"""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bundle import cache, runtime
from bundle.project import NODE, ROOT, BuildError

MAKER = [
    ROOT / "bundle" / "snapshot.mjs",
    ROOT / "bundle" / "trim.py",
    ROOT / "site" / "scripts" / "python" / "restore.js",
]
PACKAGES = ("stage", "demos")  # of the course's own


@dataclass(frozen=True)
class Snapshot:
    """A snapshot: its id, its shared libraries in loading order, and its files by name."""

    id: str
    libraries: list[str]
    files: dict[str, Path]


def made() -> Snapshot:
    """The snapshot of this course, from the cache if no input has changed."""
    wheels = runtime.wheels()
    start = runtime.needed(runtime.START)
    key = cache.digest(
        [
            *MAKER,
            *(wheels[name].name for name in start),
            runtime.version(),
            *(ROOT / "py" / package for package in PACKAGES),
        ]
    )

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            site = Path(name)
            runtime.unpack(start, site)
            for package in PACKAGES:
                shutil.copytree(
                    ROOT / "py" / package,
                    site / package,
                    ignore=shutil.ignore_patterns("__pycache__", "__main__.py"),
                )
            for unwanted in site.glob("*.dist-info"):
                shutil.rmtree(unwanted)
            done = subprocess.run([NODE, MAKER[0], runtime.CORE, site, folder], cwd=ROOT,
                                  capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise BuildError(f"Could not create the snapshot:\n{done.stderr[-4000:]}")

    folder = cache.made("snapshot", key, make)
    record = json.loads((folder / "record.json").read_text())
    return Snapshot(
        id=record["id"],
        libraries=[library["file"] for library in record["libraries"]],
        files={file.name: file for file in sorted(folder.iterdir())},
    )
