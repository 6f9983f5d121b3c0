"""The data of "See the Python" for each figure: its source, its main function, and its task.

publish.py writes it as python/NAME.json for the pages.
"""

import ast
import html
import re

from bundle import demos, tasks, wheel
from bundle.project import ROOT

TITLE = re.compile("<title>(.*?)</title>")
DEMO = re.compile(r'<ml-demo\b[^>]*\bname="(\w+)"')
EQUATION = re.compile("[=←∝]")


def code() -> dict[str, dict[str, str]]:
    """For every demo its source and the function shown first.

    Downloaded notebooks also name its lesson and the package that it needs. If the lesson has a
    task in this code: the function to change, and the source of the check.
    """
    lessons = _lessons()
    posed = {
        name: {"task": task.shown, "check": task.source} for name, task in tasks.all_of().items()
    }
    return {
        name: {
            "source": source,
            "shown": mathematics(source),
            "lesson": lessons.get(name, ""),
            "wheel": wheel.NAME,
            **posed.get(name, {}),
        }
        for name, source in demos.sources().items()
    }


def _lessons() -> dict[str, str]:
    """The number and title of the lesson of each demo that is used in one."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / "site" / "lessons").glob("*.html")):
        text = file.read_text()
        title, number = TITLE.search(text), int(file.name.split("-")[0])
        for name in DEMO.findall(text):
            found.setdefault(name, f"lesson {number}, {html.unescape(title[1])}" if title else "")
    return found


def mathematics(source: str) -> str:
    """The name of the function with the formula that the lesson explains.

    That is the first public function whose docstring has an equation, or else the first public one.
    """
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    public = [function for function in functions if not function.name.startswith("_")]
    with_formula = (
        function.name
        for function in public
        if EQUATION.search(ast.get_docstring(function) or "") and function.name != "demo"
    )
    return next(with_formula, public[0].name if public else "")
