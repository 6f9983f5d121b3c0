"""What "See the Python" shows of each figure."""

import ast
import re

from bundle import demos

EQUATION = re.compile("[=←∝]")


def code() -> dict[str, dict[str, str]]:
    """What "See the Python" shows of every demo: its source, and the function to begin with."""
    return {
        name: {"source": source, "shown": mathematics(source)}
        for name, source in demos.sources().items()
    }


def mathematics(source: str) -> str:
    """The function with the formula that the lesson explains.

    It is the first public one whose docstring has an equation; without any, the first public one.
    """
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    public = [function for function in functions if not function.name.startswith("_")]
    with_formula = (
        function.name
        for function in public
        if EQUATION.search(ast.get_docstring(function) or "") and function.name != "demo"
    )
    return next(with_formula, public[0].name if public else "")
