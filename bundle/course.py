"""Build the course from its sources.

build_bundle.py calls `build`, which runs each step in order.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle import (
    demos,
    downloads,
    fonts,
    formulas,
    offline,
    page,
    pages,
    publish,
    runtime,
    sharing,
    snapshot,
    wheel,
)
from bundle.project import BuildError, say

__all__ = ["BuildError", "PythonBuild", "build"]


@dataclass(frozen=True)
class PythonBuild:
    """The Python that the site delivers to the browser, and the demo sources it contains."""

    wheels: dict[str, Path]
    course: Path  # the course's own wheel
    saved: snapshot.Snapshot
    sources: dict[str, str]

    @classmethod
    def made(cls, scenes: Mapping[str, int]) -> "PythonBuild":
        """Build it, or take it from the cache if no input has changed.

        `scenes` are the figures that get a scene, with its width in CSS pixels.
        """
        say("The snapshot of Python for the fast start (a minute if demos or the stage changed)")
        return cls(runtime.wheels(), wheel.made(), snapshot.made(scenes), demos.sources())

    def edited(self) -> dict[str, str]:
        """The sources of the demos that have changed since, by name; they run from source."""
        now = demos.sources().items()
        return {name: source for name, source in now if self.sources.get(name) != source}


def build(
    out: Path,
    address: str = "",
    kiosk: int = 0,
    *,
    packages_too: bool = False,
    downloads_url: str = "",
    python: PythonBuild | None = None,
) -> PythonBuild:
    """Build the site into `out`, a folder of static files. BuildError says what to fix.

    `address` is the URL where the site will be hosted, if known: the Common Cartridge then links to
    it, and oEmbed files, link previews and a sitemap, which need absolute URLs, are written. A
    public screen is reset after `kiosk` seconds without input (0: not a public screen). With
    `packages_too`, the other formats of the course are built into packages/ next to `out`;
    `downloads_url` is where those will be hosted. `python` is the result of an earlier build:
    demos that have changed since then run from source.
    """
    began = time.monotonic()
    publish.check_folder(out)
    say(f"Python for the browser: Pyodide {runtime.version()}")
    runtime.wheels()
    say("Fonts")
    type_folder = fonts.made()
    fonts.place(type_folder)
    say("Demos: controls, first pictures, both ends of every control")
    shown = demos.load_all()
    say("Lessons: mathematics, demos, links")
    written = [*page.read_all(), *map(page.of_demo, shown.values())]
    formulas.put_numbers(written, shown)
    formulas.set_mathematics(written, shown)
    formulas.keep_together(written)
    pages.check(written, shown)
    python = python or PythonBuild.made(snapshot.first_figures(written, shown))
    files: dict[str, Path | bytes] = {}
    manifest = publish.add_runtime(
        files, python.wheels, python.course, python.saved, python.edited()
    )
    assets = publish.add_assets(
        files,
        manifest,
        shown,
        type_folder / "web",
        fonts.mathematics(formulas.in_formulas(written)),
    )
    finished = pages.render(written, shown, assets, address, kiosk)
    files |= {url: html.encode() for url, html in finished.items()}
    publish.add_extras(files)
    sharing.add(files, written, shown, assets, address)
    offline.add_app(files)
    lessons = sorted((one for one in written if one.part), key=lambda one: one.number)
    sizes: dict[str, int] = {}
    if packages_too:
        folder = downloads.folder(out)
        sizes = downloads.write(files, finished, lessons, assets, address, folder)
    offered = downloads.groups(lessons, downloads_url, sizes) if downloads_url else []
    files["downloads.html"] = downloads.page(offered, lessons, assets)
    offline.add_worker(files)
    publish.check(files)
    publish.write(files, out)
    took = time.monotonic() - began
    say(
        f"Built {len(written)} pages, {len(files)} files, {publish.megabytes(files)}, "
        f"in {took:.1f} s: {out}"
    )
    return python
