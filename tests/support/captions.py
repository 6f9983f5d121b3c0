"""Rules for every caption: a complete, well-formed sentence that differs for different pictures."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stage import Caption

# Not a number, a hyphen instead of a minus sign (except in words), −0, powers as in 1e-05
WRONG = re.compile(
    r"\bnan\b|\binf\b|\bNone\b(?! of)|(?<!\w)-|-(?=\d)|−0(\.0+)?(?![.\d])|\de[+-]?\d"
)


def everything(caption: str) -> str:
    """The visible caption and the description for screen readers."""
    return f"{caption} {Caption.of(caption).detail}".strip()


def check_whole(caption: str) -> None:
    """Fail if a caption isn't a sentence, or contains a malformed number."""
    assert caption.endswith("."), caption
    assert not WRONG.search(caption), caption


NUMERAL = re.compile(
    r"(?:above |below |less than |more than )?−?\d[\d,]*(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
)


def check_visible(caption: str) -> None:
    """Fail if the visible caption has more than one sentence or more than two numbers."""
    check_whole(caption)
    assert len(re.findall(r"[.?!](?=\s|$)", caption)) == 1, caption
    assert len(NUMERAL.findall(caption)) <= 2, caption


def check_captions(
    update: Callable[..., str], states: Iterable[Mapping[str, Any]], words: int = 99
) -> None:
    """Fail unless the defaults and all states have distinct captions with at most `words` words."""
    told = {update()}
    for state in states:
        caption = update(**state)
        check_whole(caption)
        assert len(caption.split()) <= words, caption
        assert caption not in told, (state, caption)
        told.add(caption)
