"""The questions of a lesson: check each `fieldset.question` and complete it for the page.

A question asks for one of several options (radio buttons, with `data-right` on the correct one) or
for a number (`data-right="85" data-within="0.5"`). questions.js reads the same attributes.
"""

import math
import re

from bs4 import Tag

from bundle.page import Page

FEWEST, MOST = 2, 3  # questions in a lesson
VALUE = re.compile(r"[a-z0-9-]{1,12}")  # short: SCORM 1.2 stores all answers in 4096 characters


def check(page: Page) -> None:
    """Report every error in the questions of a page."""
    questions = page.soup.select("fieldset.question")
    for question in questions:
        for what in _faults(page, question):
            page.wrong(question.sourceline, f"this question {what}")
    section = page.soup.find("section", id="check", recursive=False)
    if page.part and section and not FEWEST <= len(questions) <= MOST:
        page.wrong(
            section.sourceline,
            f"a lesson asks {FEWEST} or {MOST} questions; here: {len(questions)}",
        )


def _faults(page: Page, question: Tag) -> list[str]:
    """The errors in one question, each as the end of a sentence."""
    found = []
    if not page.part or question.find_parent("section", id="check") is not question.parent:
        found.append("is elsewhere than in the section check of a lesson")
    if not _words(question.find("legend", recursive=False)):
        found.append("has no <legend> with what is asked")
    answer = question.find("details", recursive=False)
    if not answer or not _words(answer.find("summary")) or not _words(answer.find("p")):
        found.append("has no <details><summary>Answer</summary><p>…</p></details>")
    fields = question.find_all("input")
    found += _wrong_names(page, question, fields)
    if any(field.find_parent("label") is None for field in fields):
        found.append("has a field outside of a <label>")
    if any(label.find(class_="katex") or "\\(" in _words(label) for label in question("label")):
        found.append("has a formula in a <label>, where it is read out wrong; write √5 or x²")
    kinds = {str(field.get("type")) for field in fields}
    if kinds == {"radio"}:
        found += _wrong_options(fields)
    elif kinds == {"number"} and len(fields) == 1:
        found += _wrong_number(fields[0])
    else:
        found.append("has neither radio buttons alone nor one number field")
    return found


def _words(tag: Tag | None) -> str:
    return tag.get_text(strip=True) if tag else ""


def _wrong_names(page: Page, question: Tag, fields: list[Tag]) -> list[str]:
    """Browsers treat all fields of one name in a page as one group, so names must differ."""
    names = {str(field.get("name", "")) for field in fields}
    if "" in names or len(names) > 1:
        return ['needs one name for its fields, as in name="check-1"']
    others = [field for field in page.soup.find_all("input") if field not in fields]
    taken = {
        str(field.get("name")) for field in others if field.find_parent("fieldset") is not question
    }
    return [f"has the name {name!r}, which another question has, too" for name in names & taken]


def _wrong_options(options: list[Tag]) -> list[str]:
    found = []
    if len(options) < 2:
        found.append("has fewer than two options")
    right = sum(option.has_attr("data-right") for option in options)
    if right != 1:
        found.append(f"has {right} options marked data-right, not one")
    values = [str(option.get("value", "")) for option in options]
    if len(set(values)) < len(values) or not all(map(VALUE.fullmatch, values)):
        found.append('needs another value for each option, as in value="a"')
    if any(not _words(option.find_parent("label")) for option in options):
        found.append("has an option without words")
    return found


def _wrong_number(field: Tag) -> list[str]:
    found = []
    for name, low, example in (("data-right", -math.inf, "85"), ("data-within", 0, "0.5")):
        try:
            value = float(str(field.get(name, "")))
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= low):
            found.append(f'needs {name}, a number, as in {name}="{example}"')
    if field.get("step") != "any":
        found.append('needs step="any": browsers reject numbers between steps')
    return found


def _unit(field: Tag) -> str:
    """The unit after a number field: "%" or "degrees"."""
    return "".join(text for text in field.next_siblings if isinstance(text, str)).strip()


def finish(page: Page) -> None:
    """Add an <output> for the page's feedback to each question, before its answer."""
    for question in page.soup.select("fieldset.question"):
        for field in question.find_all("input"):
            field["autocomplete"] = "off"  # only progress.js restores answers
            if field.get("type") == "number":  # in such a field, browsers drop a decimal comma
                field.attrs.update(type="text", inputmode="decimal", translate="no")
                field["data-number"], field["data-unit"] = "", _unit(field)
                del field["step"]
        answer = question.find("details", recursive=False)
        assert answer is not None  # `check` ensures it
        answer.insert_before(page.soup.new_tag("output"))
