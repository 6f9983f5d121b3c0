"""The figures by name: list them, and find a figure's function and title."""

import ast
import importlib
import inspect
import pkgutil
from difflib import get_close_matches
from importlib.resources import files
from types import ModuleType

import demos
from stage.drawing import Demo


class UnknownFigureError(LookupError):
    """No figure has this name; the message lists all names."""


def names() -> list[str]:
    """The names of all figures."""
    found = (module.name for module in pkgutil.iter_modules(demos.__path__))
    return sorted(name for name in found if not name.startswith("_"))


def module_of(name: str) -> ModuleType:
    """The module of a figure. UnknownFigureError if no figure has this name."""
    if name not in (known := names()):
        near = get_close_matches(name, known, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        listed = ", ".join(known)
        raise UnknownFigureError(f"There is no figure {name!r}.{hint} There are {listed}.")
    return importlib.import_module(f"demos.{name}")


def title(name: str) -> str:
    """What the reader does with a figure, read from its source without importing it."""
    source = files(demos) / f"{name}.py"
    return _first_line(ast.get_docstring(ast.parse(source.read_text("utf-8"))))


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().partition("\n")[0]


def named(figure: str | ModuleType | Demo) -> tuple[Demo, str]:
    """The `demo` function of a figure, and its title.

    `figure` is a name (`"normal"`), a module of `demos`, or a `demo` function.
    """
    if isinstance(figure, str):
        figure = module_of(figure)
    if isinstance(figure, ModuleType):
        return figure.demo, _first_line(figure.__doc__)
    module = inspect.getmodule(figure)
    return figure, _first_line(module.__doc__ if module else figure.__doc__)
