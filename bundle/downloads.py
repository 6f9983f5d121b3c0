"""downloads.html: the course in other forms, each with its size and whom it is for."""

from collections.abc import Mapping
from dataclasses import dataclass

from bundle import classroom, packages, pages
from bundle.pages import Page


@dataclass(frozen=True)
class Item:
    """A file to download."""

    url: str
    title: str
    size: str = ""  # in words; empty if the file was not built in this run
    note: str = ""  # one sentence: whom it is for


@dataclass(frozen=True)
class Group:
    """Files for the same people."""

    title: str
    note: str
    items: list[Item]


def groups(lessons: list[Page], base: str, sizes: Mapping[str, int]) -> list[Group]:
    """Everything that `--packages` builds; `base` is the folder where it is hosted."""

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
    """The finished page; without groups it explains how to build the files."""
    template = pages.templates().get_template("downloads.html")
    return template.render(
        root="", assets=assets, url="downloads.html", lessons=lessons, groups=groups
    ).encode()
