"""downloads.html: what can be taken along, each with its size and for whom it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from bundle import pages
from bundle.packages import Package
from bundle.pages import Page


@dataclass(frozen=True)
class Item:
    """A file to take along."""

    url: str
    title: str
    note: str  # one sentence: for whom
    bytes: int

    @property
    def size(self) -> str:
        """Its size in words."""
        return f"{self.bytes / 1e6:.1f} MB"


@dataclass(frozen=True)
class Group:
    """Files for the same people."""

    title: str
    note: str
    items: list[Item]


def groups(sizes: Mapping[str, int], room: str, lessons: list[Page]) -> list[Group]:
    """What there is, by URL with its size; `room` is the zip for a classroom."""
    course = "single/course.html"
    whole = Item(course, "All lessons", "For everybody, and for who teaches.", sizes[course])
    each = [
        Item(url, f"Lesson {lesson.number}, {lesson.title}", "", sizes[url])
        for lesson in lessons
        if (url := f"single/{lesson.file.name}") in sizes
    ]
    note = (
        "Save it, on a USB stick too, and open it by double click: every figure lives, "
        "without internet and without anything to install."
    )
    server = (
        "One computer serves the course, to itself or to the whole room, with Python as it comes: "
        "unpack, and start it by double click. Nobody needs internet."
    )
    alone = "For an hour, or for homework: the lesson alone, in the same way."
    return [
        Group("The course in one file", note, [whole]),
        Group("For a classroom", server, [Item(room, "Zip with start scripts", "", sizes[room])]),
        Group("A lesson in one file", alone, each),
    ]


def packed(packages: list[Package], sizes: Mapping[str, int]) -> list[Group]:
    """The packages for learning platforms; `sizes` by URL."""

    def items(lessons: bool) -> list[Item]:
        return [
            Item(one.url, one.title, one.note, sizes[one.url])
            for one in packages
            if one.of_lesson == lessons
        ]

    note = (
        "Upload the file as it is. The platform keeps what a learner has read, tried and answered, "
        "and is told the score."
    )
    alone = "SCORM 1.2, the lesson alone: an activity for each, with a score of its own."
    return [
        Group("The course for a learning platform", note, items(lessons=False)),
        Group("A lesson for a learning platform", alone, items(lessons=True)),
    ]


def page(groups: list[Group], lessons: list[Page], assets: str) -> bytes:
    """The finished page; without groups, that of a copy that has nothing more to take along."""
    template = pages.templates().get_template("downloads.html")
    return template.render(
        root="", assets=assets, url="downloads.html", lessons=lessons, groups=groups
    ).encode()
