"""The fast start: save Python's memory after all imports as a snapshot (docs/fast-start.md).

snapshot.mjs does the work in Node; course.py publishes the result.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle import cache, runtime
from bundle.demos import Demo
from bundle.page import Page
from bundle.project import NODE, ROOT, BuildError

MAKER = [
    ROOT / "bundle" / "snapshot.mjs",
    ROOT / "bundle" / "trim.py",
    ROOT / "site" / "scripts" / "python" / "restore.js",
]
PACKAGES = ("stage", "demos")  # of the course's own
# CSS pixels on a wide page: of a figure beside a paragraph, and of any other.
SMALL, WIDE = 330, 720


@dataclass(frozen=True)
class Snapshot:
    """A snapshot: its id, its shared libraries in loading order, and its files by name.

    `scenes` are the figures that have a scene, NAME.scene, with its width in CSS pixels.
    """

    id: str
    libraries: list[str]
    scenes: dict[str, int]
    files: dict[str, Path]


def first_figures(pages: Iterable[Page], shown: Mapping[str, Demo]) -> dict[str, int]:
    """The first figure of the front page and of each lesson, with its width on a wide page."""
    first = [page.demos[0] for page in pages if page.kind in ("", "lessons") and page.demos]
    return {name: SMALL if shown[name].small else WIDE for name in first if name in shown}


def scene_file(name: str) -> str:
    """The file with the scene of a figure."""
    return f"{name}.scene"


def made(scenes: Mapping[str, int]) -> Snapshot:
    """The snapshot of this course, from the cache if no input has changed.

    `scenes` are the figures that get a scene, with its width in CSS pixels.
    """
    wheels = runtime.wheels()
    start = runtime.needed(runtime.START)
    wanted = [f"{name}={width}" for name, width in scenes.items()]
    key = cache.digest(
        [
            *MAKER,
            *(wheels[name].name for name in start),
            runtime.version(),
            *(ROOT / "py" / package for package in PACKAGES),
            *wanted,
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
            command: list[str | Path] = [NODE, MAKER[0], runtime.CORE, site, folder, *wanted]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"Could not create the snapshot:\n{done.stderr[-4000:]}")

    folder = cache.made("snapshot", key, make)
    record = json.loads((folder / "record.json").read_text())
    return Snapshot(
        id=record["id"],
        libraries=[library["file"] for library in record["libraries"]],
        scenes=dict(scenes),
        files={file.name: file for file in sorted(folder.iterdir())},
    )
