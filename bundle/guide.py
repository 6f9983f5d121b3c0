"""The teacher's guide: rules for its pages in site/guide/, and the lesson's questions for each."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

# the sections of a page of the guide, in this order
SECTIONS = ("goal", "misconception", "plan", "questions")


@dataclass(frozen=True)
class Question:
    """One of a lesson's own questions, as the guide shows it."""

    asked: Markup
    right: Markup  # the correct option or number
    answer: Markup


def url(file: Path) -> str:
    """The URL of site/guide/NN-name.html; its file name must differ from the lesson's."""
    return f"guide/{file.stem}-guide.html"


def errors(soup: BeautifulSoup) -> Iterator[tuple[int, str]]:
    """The errors in a page of the guide, as (line, message)."""
    if title := soup.find("title"):
        yield title.sourceline or 1, "needs no <title>: it uses the lesson's title"
    for section in soup.find_all("section", recursive=False):
        line = section.sourceline or 1
        first = section.find(True, recursive=False)
        if first is None or first.name != "h2":
            yield line, f"the section {section.get('id')} begins with <h2>…</h2>"
        if section.get("id") == "plan" and not section.select(":is(ol, ul) > li"):
            yield line, "the plan is a list: <ol><li>1 minute: …</li>…</ol>"
        if section.get("id") == "questions":
            asked = section.find_all("details", recursive=False)
            if not 2 <= len(asked) <= 3:
                yield line, f"there are 2 or 3 questions to ask, here {len(asked)}"
            for tag in asked:
                if tag.find("summary", recursive=False) is None or len(tag.find_all(True)) < 2:
                    what = "write <details><summary>question</summary><p>answer</p></details>"
                    yield tag.sourceline or line, what


def questions(lesson: BeautifulSoup, lesson_url: str, guide_url: str) -> list[Question]:
    """The questions at the end of a lesson with their answers, links rewritten for the guide."""
    found = []
    for tag in map(copy.copy, lesson.select("#check > .question")):
        for link in tag.find_all("a", href=True):
            link["href"] = _rebased(str(link["href"]), lesson_url, guide_url)
        # `questions.check` ensures that these exist
        parts = [tag.select_one(part) for part in ("legend", "[data-right]", "details", "summary")]
        legend, right, answer, summary = (part for part in parts if part)
        summary.extract()
        texts = (legend.decode_contents(), _right(right), answer.decode_contents())
        found.append(Question(*map(Markup, texts)))
    return found


def _right(field: Tag) -> str:
    """The text of the correct option, or the correct number with its unit."""
    words = "".join(str(part) for part in field.next_siblings).strip()
    if field.get("type") == "radio":
        return words
    within = f"(within {field['data-within']})" if float(str(field["data-within"])) else ""
    return " ".join(filter(None, (str(field["data-right"]), words, within)))


def _rebased(href: str, lesson_url: str, guide_url: str) -> str:
    """A link of the lesson, relative to the page of the guide."""
    if urlsplit(href).scheme:
        return href
    return "../" * guide_url.count("/") + urljoin(lesson_url, href)
