"""Helpers for tests of a lesson: its text and its figures."""

import html
import re
from collections.abc import Callable
from functools import cache

from matplotlib.figure import Figure

from bundle.project import ROOT
from bundle.states import demo_of
from stage import Caption, theme

NUMBER = re.compile(r"−?\d+(?:\.\d+)?")


def page(folder: str, number: int) -> str:
    """The source of a lesson ("lessons") or of its teachers' page ("guide")."""
    (file,) = (ROOT / "site" / folder).glob(f"{number:02d}-*.html")
    return file.read_text()


def text_of(source: str, section: str) -> str:
    """The text of a section of a page, without tags."""
    (found,) = re.findall(rf'<section id="{section}">(.*?)</section>', source, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


def check_said(text: str, *words: str) -> None:
    """Fail unless these words and numbers appear in this order, at most a sentence apart."""
    pattern = r".{0,160}?".join(
        rf"(?<![\d.]){re.escape(word)}" + (r"(?![\d]|\.\d)" if word[-1:].isdigit() else "")
        for word in words
    )
    assert re.search(pattern, text), (words, text)


def numbers_in(told: Caption) -> set[str]:
    """All numbers that a reader sees or hears."""
    return set(NUMBER.findall(f"{told} {told.detail}"))


def made(name: str, width: float = 3.6) -> tuple[Figure, Callable[..., Caption]]:
    """A figure and its update; `width` is in inches. The tests of a file share it."""
    theme.use("light")
    return _shared(name, width)


def made_anew(name: str, width: float) -> tuple[Figure, Callable[..., Caption]]:
    """The same for a test that draws the figure, which fixes its layout."""
    theme.use("light")
    figure = Figure(figsize=(width, width / 1.2))
    update = demo_of(name)(figure)
    return figure, lambda **values: Caption.of(update(**values))


_shared = cache(made_anew)
