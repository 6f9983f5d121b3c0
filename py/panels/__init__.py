"""Figures outside the browser: in a matplotlib window, or in a Jupyter notebook.

Part of the package `math-for-ml` for readers' own computers; the website does not need it.
"""

from types import ModuleType
from typing import Any

from panels.catalog import named
from panels.notebook import panel
from stage.drawing import Demo

__all__ = ["named", "show"]


def show(figure: str | ModuleType | Demo, **values: Any) -> Any:
    """The panel of a figure, as the last line of a notebook cell. ImportError without ipywidgets.

    `figure` is a name (`"normal"`), a module of `demos`, or a `demo` function. `values` set its
    controls: `show("normal", mean=1.0)`.
    """
    return panel(named(figure)[0], values)
