"""The fast start: save Python's memory after all imports as a snapshot (docs/fast-start.md).

snapshot.mjs saves the memory in Node, and hot-functions.mjs splits the modules; course.py publishes
the result.
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

SCRIPTS = ROOT / "site" / "scripts" / "python"
SHARED = [ROOT / "bundle" / "reproducible.mjs", SCRIPTS / "restore.js"]
MAKER = [ROOT / "bundle" / "snapshot.mjs", ROOT / "bundle" / "trim.py", *SHARED]
SPLITTER = [
    ROOT / "bundle" / "hot-functions.mjs",
    SCRIPTS / "draw.js",
    SCRIPTS / "module-parts.js",
    *SHARED,
]
MAIN = "pyodide.asm.wasm"
STATES = 6  # random ones of each figure, besides defaults, links of lessons, and pairs of options
PACKAGES = ("stage", "demos")  # of the course's own
# CSS pixels on a wide page: of a figure beside a paragraph, and of any other.
SMALL, WIDE = 330, 720


@dataclass(frozen=True)
class Snapshot:
    """A snapshot: its id, its shared libraries in loading order, and its files by name.

    `scenes` are the figures that have a scene, NAME.scene, with its width in CSS pixels. `files`
    has the hot part of each WebAssembly module, and cold.bin; `whole` has the modules before that.
    """

    id: str
    libraries: list[str]
    scenes: dict[str, int]
    files: dict[str, Path]
    whole: dict[str, Path]


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
            _run(MAKER[0], runtime.CORE, site, folder, *wanted)

    folder = cache.made("snapshot", key, make)
    record = json.loads((folder / "record.json").read_text())
    libraries = [library["file"] for library in record["libraries"]]
    whole = {MAIN: runtime.CORE / MAIN} | {name: folder / name for name in libraries}
    published = [*sorted(folder.iterdir()), *sorted(_split(folder, record["id"]).iterdir())]
    return Snapshot(
        id=record["id"],
        libraries=libraries,
        scenes=dict(scenes),
        files={file.name: file for file in published},
        whole=whole,
    )


def _split(saved: Path, name: str) -> Path:
    """The folder with the hot parts of the modules of a snapshot, and the cold functions."""
    from bundle import states

    drawn = json.dumps(
        {
            demo: [*states.all_states(demo, STATES), *states.option_pairs(demo)]
            for demo in states.DEMOS
        }
    )

    def make(folder: Path) -> None:
        _run(SPLITTER[0], runtime.CORE, saved, folder, given=drawn)

    return cache.made("hot", cache.digest([*SPLITTER, name, drawn]), make)


def _run(script: Path, *arguments: str | Path, given: str = "") -> None:
    """Run a script in Node, `given` on its standard input; BuildError if it fails."""
    command = [NODE, script, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"Could not create the snapshot:\n{done.stderr[-4000:]}")
