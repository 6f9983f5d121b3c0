"""A page as its author wrote it: read the HTML fragments in site/ and check their structure.

Every later step (formulas.py, pages.py, questions.py, …) works on a `Page` and adds to its errors.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from bundle import guide
from bundle.demos import Demo
from bundle.project import ROOT, at

SITE = ROOT / "site"
# the required sections of the pages in each folder, in this order
SECTIONS = {
    "lessons": ("idea", "formula", "demo", "notice", "use", "check"),
    "guide": guide.SECTIONS,
}
# optional sections of a lesson: the guess, and the parts at the end
MORE_SECTIONS = {"guess", "exercises", "task", "further"}


@dataclass(frozen=True)
class Part:
    """One of the four parts of the course."""

    number: int
    title: str
    lead: str


PARTS = (
    Part(1, "Linear algebra", "the language data is written in"),
    Part(2, "Calculus", "finding the best"),
    Part(3, "Probability and statistics", "reasoning under uncertainty"),
    Part(4, "Machine-learning concepts", "the mathematics at work"),
)


@dataclass
class Page:
    """A page: a fragment of HTML from site/, and the errors found in it."""

    file: Path
    url: str  # relative to the root of the site
    soup: BeautifulSoup
    title: str
    description: str
    kind: str = ""  # "lessons", "guide", "demos", or "" for the front page
    part: int = 0  # 0: not a lesson
    number: int = 0
    questions: int = 0
    demos: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def wrong(self, line: int | None, what: str) -> None:
        """Report an error to the author."""
        self.errors.append(at(self.file, line or 1, what))


def read_all() -> list[Page]:
    """Every page in site/: the front page, the lessons, and the teacher's guide."""
    files = [SITE / "index.html"]
    for folder in SECTIONS:
        files += sorted((SITE / folder).glob("*.html"))
    return [read(file) for file in files]


def read(file: Path) -> Page:
    """Read a page and check its structure; lessons are numbered by their file names."""
    soup = BeautifulSoup(file.read_text(), "html.parser")
    kind = file.parent.name if file.parent.name in SECTIONS else ""
    page = Page(file, file.relative_to(SITE).as_posix(), soup, "", "", kind)
    page.description = _take(page, "meta[name=description]", lambda tag: tag["content"],
                             '<meta name="description" content="one sentence">')  # fmt: skip
    if kind == "guide":
        page.url = guide.url(file)
        for line, what in guide.errors(soup):
            page.wrong(line, what)
    else:
        page.title = _take(page, "title", lambda tag: tag.get_text(strip=True), "<title>…</title>")
    if kind == "lessons":
        number = re.match(r"(\d\d)-[a-z0-9-]+\.html$", file.name)
        if not number:
            page.wrong(1, "the file of a lesson must be named like 01-vectors.html")
        page.number = int(number[1]) if number else 0
        part = _take(
            page, "meta[name=part]", lambda tag: tag["content"], '<meta name="part" content="1">'
        )
        page.part = next((known.number for known in PARTS if str(known.number) == part), 0)
        if not page.part:
            page.wrong(1, f"there is no part {part!r}, only 1 to {len(PARTS)}")
    if kind:
        wanted = SECTIONS[kind]
        found = [tag.get("id") for tag in soup.find_all("section", recursive=False)]
        if kind == "lessons":
            found = [name for name in found if name not in MORE_SECTIONS]
        if found != list(wanted):
            what = "a lesson" if kind == "lessons" else "a page of the guide"
            page.wrong(
                1, f"{what} needs the sections {', '.join(wanted)}, in this order; here: {found}"
            )
        if soup.find("section", id="guess"):
            _check_laboratory(page)
    page.demos = [str(tag.get("name")) for tag in soup.find_all("ml-demo")]
    page.questions = len(soup.select("fieldset.question"))
    return page


def _check_laboratory(page: Page) -> None:
    """The figure stays in view beside the notes, so it would cover anything after it."""
    for after in page.soup.select("#demo > ml-demo ~ *"):
        page.wrong(after.sourceline, "nothing follows the figure in the section demo")


def of_demo(demo: Demo) -> Page:
    """The generated page of one demo."""
    tag = f'<ml-demo name="{demo.name}"></ml-demo>'
    file = ROOT / "py" / "demos" / f"{demo.name}.py"
    page = Page(file, f"demos/{demo.name}.html", BeautifulSoup(tag, "html.parser"), demo.title, "")
    page.kind, page.demos = "demos", [demo.name]
    return page


def _take(page: Page, selector: str, value: Callable[[Tag], object], example: str) -> str:
    """Remove a tag from a page and return its value; report an error if it is missing."""
    tag = page.soup.select_one(selector)
    if tag is None:
        page.wrong(1, f"is missing {example}")
        return ""
    tag.extract()
    return str(value(tag))


def resolved(page_url: str, link: str) -> str:
    """The target of a relative link in a page, from the root of the site."""
    if not link:
        return page_url
    return posixpath.normpath(posixpath.join(posixpath.dirname(page_url), link))
