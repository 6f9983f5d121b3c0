"""The course's demos: each module is a demo, and `<ml-demo name="MODULE">` in a lesson shows it.

Outside the browser, `python -m demos normal` opens a demo in a window, and in a notebook
`from demos import normal`, then `normal`, shows it with its controls (see `panels`).
"""

import sys
from functools import partial
from types import ModuleType
from typing import Any


def _panel(demo: ModuleType, **options: Any) -> Any:
    from panels.notebook import bundle

    return bundle(demo, **options)


class _Demos(ModuleType):
    """The package; it gives each imported demo the method by which notebooks display objects."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType):
            vars(value)["_repr_mimebundle_"] = partial(_panel, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Demos
