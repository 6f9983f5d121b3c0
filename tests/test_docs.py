"""The guides in Markdown: short lines, links that lead somewhere, one small table of speeds."""

import re
from pathlib import Path

import pytest
from support.machine import ROOT

WIDTH = 100
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(guide: Path) -> list[tuple[int, str]]:
    """The numbered lines outside code blocks."""
    lines, code = [], False
    for number, line in enumerate(guide.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and not line.startswith("    "):
            lines.append((number, line))
    return lines


def anchors(guide: Path) -> set[str]:
    """The anchors that code hosts make for the headings of a guide."""
    headings = (line.lstrip("# ") for _, line in prose(guide) if line.startswith("#"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_lines_are_short_except_tables_and_links(guide: Path) -> None:
    for number, line in prose(guide):
        exempt = line.startswith(("|", "<")) or "://" in line
        assert exempt or len(line) <= WIDTH, f"{guide.name}, line {number}: {len(line)} characters"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_lead_to_files_and_headings_that_exist(guide: Path) -> None:
    for target in LINK.findall(guide.read_text()):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = guide.parent / name if name else guide
        assert file.exists(), f"{guide.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{guide.name}: {target}"


def test_the_readme_has_one_table_of_at_most_six_lines_with_a_date() -> None:
    text = (ROOT / "README.md").read_text()
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 1
    assert len(tables[0].splitlines()) <= 2 + 6  # with the head and the rule below it
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text)
