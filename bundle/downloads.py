"""The other formats of the course: write packages/, and downloads.html, which lists its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle import cache, classroom, offline, packages, pages, single, wheel
from bundle.page import Page
from bundle.project import say

# The files written for each lesson.
OF_LESSONS = ("[0-9][0-9]-*.html", "[0-9][0-9]-*-scorm12.zip")


@dataclass(frozen=True)
class Item:
    """A file to download."""

    url: str
    title: str
    size: str = ""  # such as "4.2 MB"; empty if this run did not build the file
    note: str = ""  # one sentence: who it is for


@dataclass(frozen=True)
class Group:
    """Files for the same audience."""

    title: str
    note: str
    items: list[Item]


def groups(lessons: list[Page], base: str, sizes: Mapping[str, int]) -> list[Group]:
    """Everything that `--packages` builds; `base` is the URL of the folder that hosts it."""

    def item(name: str, title: str, note: str = "") -> Item:
        size = f"{sizes[name] / 1e6:.1f} MB" if name in sizes else ""
        return Item(base + name, title, size, note)

    def each(ending: str) -> list[Item]:
        return [
            item(f"{lesson.file.stem}{ending}", f"Lesson {lesson.number}, {lesson.title}")
            for lesson in lessons
        ]

    return [
        Group(
            "The course in one file",
            "Save it, for example on a USB stick, and double-click it. All figures work without "
            "internet and without installing anything.",
            [item("course.html", "All lessons")],
        ),
        Group(
            "For a classroom",
            "One computer with Python serves the course to itself or to the whole room, without "
            "internet: unpack the zip and double-click the start script.",
            [item(f"{classroom.NAME}.zip", "Zip with start scripts")],
        ),
        Group(
            "A lesson in one file",
            "One lesson, for a class or for homework. It opens with a double click, too.",
            each(".html"),
        ),
        Group(
            "For Python and Jupyter",
            "The figures on your own computer. Install the file with pip; then “python -m demos "
            "normal” opens a figure in a window, and a notebook shows it with its controls.",
            [item(wheel.NAME, "Python package (wheel)")],
        ),
        Group(
            "The course for a learning platform",
            "Upload the file as it is. The platform keeps what a learner has read, tried and "
            "answered, and gets the score.",
            [
                item(
                    f"{packages.NAME}-scorm12.zip",
                    "SCORM 1.2",
                    "For Moodle, Open edX and most other platforms.",
                ),
                item(f"{packages.NAME}-cc11.imscc", "Common Cartridge 1.1", "For Canvas."),
                item(f"{packages.NAME}-html5.zip", "HTML5", "For Kolibri."),
            ],
        ),
        Group(
            "A lesson for a learning platform",
            "One lesson as SCORM 1.2: an activity with its own score.",
            each("-scorm12.zip"),
        ),
    ]


def page(groups: list[Group], lessons: list[Page], assets: str) -> bytes:
    """The finished downloads.html; without groups it explains how to build the files."""
    template = pages.templates().get_template("downloads.html")
    return template.render(
        root="", assets=assets, url="downloads.html", lessons=lessons, groups=groups
    ).encode()


def folder(out: Path) -> Path:
    """packages/ next to the site, so that a gigabyte is not published by accident."""
    return out.resolve().parent / "packages"


def write(
    files: Mapping[str, Path | bytes],
    finished: dict[str, str],
    lessons: list[Page],
    assets: str,
    address: str,
    folder: Path,
) -> dict[str, int]:
    """Write single files, the classroom zip, and LMS packages; return their sizes by name."""
    say(f"Writing {folder}: single files")
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, parts in single.made(finished, files, assets).items():
        data = b"".join(parts)
        target = folder / name
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
        sizes[name] = len(data)
    say(f"Writing {folder}: the classroom zip")
    room = folder / f"{classroom.NAME}.zip"
    taken = {**files, "downloads.html": page([], lessons, assets)}
    classroom.write({url: offline.without(source) for url, source in taken.items()}, room)
    sizes[room.name] = room.stat().st_size
    say(f"Writing {folder}: the Python package")
    package = wheel.to_take_home()
    for old in folder.glob("math_for_ml-*.whl"):
        old.unlink()
    cache.place(package, folder / package.name)
    sizes[package.name] = package.stat().st_size
    say(f"Writing {folder}: packages for learning platforms")
    sizes |= packages.write(packages.all_of(dict(files), lessons, address), folder)
    for pattern in OF_LESSONS:  # remove the files of renamed lessons
        for file in folder.glob(pattern):
            if file.name not in sizes:
                file.unlink()
    for name, size in sizes.items():
        say(f"  {name}: {size / 1e6:.1f} MB")
    return sizes
