"""Programming tasks: a `div.task` in the section `task` of a lesson, and a file in site/tasks/.

The lesson has the text (a paragraph, a hint, what the solution shows). The file has the function to
start from, the lines of the solution, and the check (see site/tasks/__init__.py).
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from bs4 import BeautifulSoup, Tag

from bundle import demos
from bundle.page import Page
from bundle.project import ROOT

FOLDER = ROOT / "site" / "tasks"
BUTTON = (
    '<p class="row"><button type="button" data-does="task">Open the code</button> '
    "<output></output></p>"
)


@dataclass(frozen=True)
class Task:
    """A task, as its file in site/tasks/ defines it."""

    figure: str
    shown: str  # the function to start from
    solution: dict[str, str]  # lines of the demo → their replacement
    source: str

    def solved(self, source: str) -> str:
        """The demo's source with the solution applied. ValueError names a line it lacks."""
        for old, new in self.solution.items():
            if source.count(f"{old}\n") != 1:
                raise ValueError(f"py/demos/{self.figure}.py has no line {old.strip()!r}")
            source = source.replace(f"{old}\n", f"{new}\n")
        return source


def all_of() -> dict[str, Task]:
    """Every task, by the name of its figure."""
    files = sorted(FOLDER.glob("*.py"))
    return {file.stem: _read(file) for file in files if file.stem != "__init__"}


def _read(file: Path) -> Task:
    spec = importlib.util.spec_from_file_location(f"tasks.{file.stem}", file)
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Task(file.stem, module.SHOWN, module.SOLUTION, file.read_text())


def check(page: Page) -> None:
    """Report every error in the tasks of a page."""
    tags = page.soup.select("div.task")
    known = all_of() if tags else {}
    for tag in tags:
        for what in _faults(page, tag, known):
            page.wrong(tag.sourceline, f"this task {what}")


def _faults(page: Page, tag: Tag, known: dict[str, Task]) -> list[str]:
    found = []
    if tag.find_parent("section", id="task") is not tag.parent:
        found.append("must be in the section task of a lesson")
    titles = [summary.get_text(strip=True) for summary in tag.select("details > summary")]
    if titles != ["Hint", "Solution"] or not tag.find("p", recursive=False):
        found.append("needs a <p>, a <details> with the <summary> Hint, and one with Solution")
    task = known.get(str(tag.get("data-figure")))
    if not task:
        found.append(f'needs data-figure="…", with a file in site/tasks/: {", ".join(known)}')
    elif task.figure not in page.demos:
        found.append(f"changes {task.figure}, which is a figure of another page")
    else:
        try:
            task.solved(demos.sources()[task.figure])
        except ValueError as error:
            found.append(f"has a solution that does not fit: {error}")
    return found


def finish(page: Page) -> None:
    """Add the button and the lines of the solution to each task."""
    tags = page.soup.select("div.task")
    known = all_of() if tags else {}
    for tag in tags:
        hint, solution = tag.select(":scope > details")
        hint.insert_before(BeautifulSoup(BUTTON, "html.parser"))
        pre = page.soup.new_tag("pre")
        code = page.soup.new_tag("code")
        lines = known[str(tag["data-figure"])].solution.values()
        code.string = "\n".join(dedent(line) for line in lines)
        pre.append(code)
        summary = solution.select_one("summary")
        assert summary is not None  # `check` ensures it
        summary.insert_after(pre)
