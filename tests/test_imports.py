"""No module of the Python packages imports itself through others."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"bundle": ROOT, "bench": ROOT, "stage": ROOT / "py", "panels": ROOT / "py",
           "demos": ROOT / "py"}  # fmt: skip


def modules() -> dict[str, Path]:
    """Every module by its dotted name; a package has the name of its folder."""
    found = {}
    for package, root in FOLDERS.items():
        for file in (root / package).rglob("*.py"):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(source: str, known: set[str]) -> set[str]:
    """What a source imports of the known modules, also in functions and for types alone."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found |= {inner if inner in known else node.module} & known
    return found


def cycle(sources: dict[str, str]) -> list[str]:
    """The names along a cycle of imports; empty if there is none."""
    graph = {name: imports(source, {*sources}) for name, source in sources.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = {name: file.read_text() for name, file in modules().items()}
    assert {"bundle.pages", "bench.measure", "stage", "panels.live", "demos.pca"} <= found.keys()
    assert cycle(found) == []


@pytest.mark.parametrize(
    "back", ["import a.one", "from a import one", "def f():\n    from a.one import x"]
)
def test_a_circle_is_found_wherever_the_import_is(back: str) -> None:
    sources = {"a": "", "a.one": "from a.two import y", "a.two": "from b import z", "b": back}
    assert {*cycle(sources)} == {"a.one", "a.two", "b"}
