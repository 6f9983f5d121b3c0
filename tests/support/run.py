"""Captions and texts of figures in given states, without drawing: in CPython or in Node's Pyodide.

As a script it reads `{figure: [state, …]}` from standard input and writes the answers.
"""

import importlib
import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from stage import controls, theme
from stage.caption import Caption
from stage.layout import shape_of


def answers(states: Mapping[str, Sequence[Mapping[str, Sequence[str]]]]) -> dict[str, list[Any]]:
    """For each figure and state, the caption, its details, and all visible texts of the picture.

    If a state raises an error, the error replaces the caption.
    """
    return {name: _answers_of(name, wanted) for name, wanted in states.items()}


def _answers_of(name: str, wanted: Sequence[Mapping[str, Sequence[str]]]) -> list[Any]:
    theme.use("light")
    demo = importlib.import_module(f"demos.{name}").demo
    fig = Figure(figsize=(7.2, 7.2 / shape_of(demo).wide))
    update = demo(fig)
    known = controls.parameters(update)
    texts: list[Any] = []
    found: list[Any] = []
    for state in wanted:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            try:
                caption = Caption.of(update(**controls.read(known, state)))
            except Exception as error:
                found.append([f"{type(error).__name__}: {error}"])
                continue
        texts = texts or fig.findobj(Text)
        told = [caption, caption.detail, repr(caption.numbers)]
        found.append([*told, *(text.get_text() for text in texts if text.get_visible())])
    return found


if __name__ == "__main__":
    warnings.simplefilter("error")
    json.dump(answers(json.load(sys.stdin)), sys.stdout)
