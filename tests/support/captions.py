"""What every caption has to be: a whole sentence, true to form, and another for another picture."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

# A number that is none, a sign that is no minus (a hyphen in a word is one), −0, computer's powers
WRONG = re.compile(
    r"\bnan\b|\binf\b|\bNone\b(?! of)|(?<!\w)-|-(?=\d)|−0(\.0+)?(?![.\d])|\de[+-]?\d"
)


def check_whole(caption: str) -> None:
    """Fail where a caption is no sentence, or has a number that is none."""
    assert caption.endswith("."), caption
    assert not WRONG.search(caption), caption


NUMERAL = re.compile(
    r"(?:above |below |less than |more than )?−?\d[\d,]*(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
)


def check_visible(caption: str) -> None:
    """Fail where the visible caption is more than one sentence, or has more than two numbers."""
    check_whole(caption)
    assert len(re.findall(r"[.?!](?=\s|$)", caption)) == 1, caption
    assert len(NUMERAL.findall(caption)) <= 2, caption


def check_captions(
    update: Callable[..., str], states: Iterable[Mapping[str, Any]], words: int = 99
) -> None:
    """Fail unless all states, and the defaults, have captions of their own with so many words."""
    told = {update()}
    for state in states:
        caption = update(**state)
        check_whole(caption)
        assert len(caption.split()) <= words, caption
        assert caption not in told, (state, caption)
        told.add(caption)
