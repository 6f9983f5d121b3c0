"""What `update` returns: the caption, and what else the page may be told about the picture."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Caption(str):
    """The visible caption, one sentence, with more for the page.

    `detail` is a longer description of the picture for screen readers. `numbers` are texts that
    the lesson can show as they change, by name: `{"kept": "80%"}`. `sets` are values that the
    figure has computed for its own controls, by parameter: `{"theta": 45.0, "snap": False}`; they
    are written back, so that the form and the picture agree.
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
        """The caption itself, or a plain sentence as one."""
        return text if isinstance(text, cls) else cls(text)
