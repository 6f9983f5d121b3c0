"""The return value of `update`: the caption, with optional data for the page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Caption(str):
    """The visible caption, one sentence, with optional data for the page.

    `detail` is a longer description of the picture for screen readers. `numbers` are texts, by
    name, that the lesson shows and keeps up to date: `{"kept": "80%"}`. `sets` are values that
    `update` has computed for its own controls, by parameter: `{"theta": 45.0, "snap": False}`; they
    are written back to the form.
    """

    detail: str
    numbers: Mapping[str, str]
    sets: Mapping[str, Any]

    def __new__(
        cls,
        text: str,
        *,
        detail: str = "",
        numbers: Mapping[str, str] = _NOTHING,
        sets: Mapping[str, Any] = _NOTHING,
    ) -> "Caption":
        self = super().__new__(cls, text)
        self.detail, self.numbers, self.sets = detail, numbers, sets
        return self

    @classmethod
    def of(cls, text: str) -> "Caption":
        """Convert a plain string to a caption."""
        return text if isinstance(text, cls) else cls(text)
