"""The course's demos: each module is one, and `<ml-demo name="MODULE">` in a lesson shows it.

Outside of the browser `python -m demos normal` opens one in a window, and in a notebook
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
    """The package: each demo that is imported gets the function by which a notebook shows it."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType):
            vars(value)["_repr_mimebundle_"] = partial(_panel, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Demos
