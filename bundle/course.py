"""From the sources to dist/: `build` is the table of contents."""

import time
from dataclasses import dataclass
from pathlib import Path

from bundle import (
    demos,
    downloads,
    fonts,
    offline,
    pages,
    publish,
    runtime,
    sharing,
    snapshot,
    wheel,
)
from bundle.project import BuildError, say

__all__ = ["BuildError", "Python", "build"]


@dataclass(frozen=True)
class Python:
    """The Python that the site brings to the browser, and the demos that went into it."""

    wheels: dict[str, Path]
    course: Path  # the course's own wheel
    saved: snapshot.Snapshot
    sources: dict[str, str]

    @classmethod
    def made(cls) -> "Python":
        """Make it, or take it from the cache if nothing that goes in has changed."""
        say("The snapshot of Python for the fast start (a minute if demos or the stage changed)")
        return cls(runtime.wheels(), wheel.made(), snapshot.made(), demos.sources())

    def edited(self) -> dict[str, str]:
        """The demos that have changed since, by name: these run from their source."""
        now = demos.sources().items()
        return {name: source for name, source in now if self.sources.get(name) != source}


def build(
    out: Path,
    address: str = "",
    kiosk: int = 0,
    *,
    packages_too: bool = False,
    downloads_url: str = "",
    python: Python | None = None,
) -> Python:
    """Build the site into `out`, a folder of static files. BuildError says what to fix.

    `address` is where it will be hosted, if that is known: a Common Cartridge then links to it, and
    oEmbed, previews and a sitemap are made, whose addresses are absolute. After `kiosk` seconds
    without input, a visit on a public screen ends. With `packages_too`, the other forms of the
    course are built into packages/ next to `out`. `downloads_url` is where those are hosted.
    `python` is that of an earlier build: a demo that has changed since then runs from its source.
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
    written = [*pages.read_all(), *map(pages.of_demo, shown.values())]
    pages.put_numbers(written, shown)
    pages.set_mathematics(written, shown)
    pages.keep_together(written)
    pages.check(written, shown)
    python = python or Python.made()
    files: dict[str, Path | bytes] = {}
    manifest = publish.add_runtime(
        files, python.wheels, python.course, python.saved, python.edited()
    )
    assets = publish.add_assets(
        files, manifest, shown, type_folder / "web", fonts.mathematics(pages.in_formulas(written))
    )
    finished = pages.render(written, shown, assets, address, kiosk)
    files |= {url: html.encode() for url, html in finished.items()}
    publish.add_extras(files)
    sharing.add(files, written, shown, assets, address)
    offline.add_app(files)
    lessons = sorted((page for page in written if page.part), key=lambda page: page.number)
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
