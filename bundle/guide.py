"""The teachers' guide: a page for each lesson, whose last part comes from the lesson itself."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

# the sections of a page of the guide, in this order
SECTIONS = ("goal", "misconception", "plan", "questions")


@dataclass(frozen=True)
class Question:
    """One of a lesson's own questions, as the guide shows it."""

    asked: Markup
    right: Markup  # the option that is right, or the number; "" where nothing is to be chosen
    answer: Markup


def url(file: Path) -> str:
    """Where site/guide/NN-name.html is published: its base name is not that of the lesson."""
    return f"guide/{file.stem}-guide.html"


def errors(soup: BeautifulSoup) -> Iterator[tuple[int, str]]:
    """What a page of the guide lacks, as (line, what)."""
    if title := soup.find("title"):
        yield title.sourceline or 1, "needs no <title>: it has that of its lesson"
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
    """The questions at the end of a lesson with their answers, links led from the guide."""
    found = []
    for tag in lesson.select("#check > :is(fieldset, details)"):
        tag = copy.copy(tag)
        for link in tag.find_all("a", href=True):
            link["href"] = _led(str(link["href"]), lesson_url, guide_url)
        details = tag if tag.name == "details" else tag.find("details")
        asked = tag.find("summary" if tag.name == "details" else "legend")
        summary = details.find("summary") if details else None
        if asked is None or details is None or summary is None:
            continue
        if tag.name == "details":
            asked = summary
        summary.extract()
        right = "".join(_right(field) for field in tag.select("[data-right]"))
        found.append(
            Question(
                Markup(asked.decode_contents()), Markup(right), Markup(details.decode_contents())
            )
        )
    return found


def _right(field: Tag) -> str:
    """The words beside the right option; the number that is wanted, with its unit."""
    label = field.find_parent("label")
    if field.get("type") == "radio":
        return label.decode_contents().replace(str(field), "").strip() if label else ""
    unit = "".join(str(part) for part in field.next_siblings).strip()
    within = f" (within {field['data-within']})" if field.has_attr("data-within") else ""
    return f"{field['data-right']} {unit}{within}"


def _led(href: str, lesson_url: str, guide_url: str) -> str:
    """An address written in the lesson, as it must be in the guide."""
    if urljoin("https:", href) == href and ":" in href:
        return href
    there = urljoin(lesson_url, href) if not href.startswith("#") else lesson_url + href
    return "../" * guide_url.count("/") + there
