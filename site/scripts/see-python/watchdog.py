"""Stop code that does not come to an end, and name its line.

Events are asked for in the code of one file alone, so that all other code runs at full speed.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

SECONDS = 2.0  # for one call of the file's code that has gone round more than TURNS times
TURNS = 20_000
LONGEST = 5.0  # seconds for any other: what a library does in between counts as well

_monitoring: Any = vars(sys).get("monitoring")  # from Python 3.12 on: browsers have it


class TooLong(BaseException):
    """The code ran too long. `except Exception` does not catch it."""


class Watch:
    """Watches all functions of a file that was compiled to `code`, on a machine of this pace.

    A `pace` of 2 is that of one which needs twice as long as usual.
    """

    def __init__(self, code: CodeType, pace: float = 1.0) -> None:
        self._longest = LONGEST * pace
        self._turns = 0
        self._started = 0.0
        self._tool = _monitoring.DEBUGGER_ID
        self._events = (_monitoring.events.JUMP, _monitoring.events.PY_START)
        if _monitoring.get_tool(self._tool) is None:
            _monitoring.use_tool_id(self._tool, "watch")
        for part in _all_in(code):
            _monitoring.set_local_events(self._tool, part, sum(self._events))

    def _look(self, *_: object) -> None:
        """Called at each jump and at the start of each function."""
        self._turns += 1
        ran = time.monotonic() - self._started
        if ran > self._longest or (ran > SECONDS and self._turns > TURNS):
            raise TooLong

    @contextmanager
    def running(self) -> Iterator[None]:
        """One call of the file's code, whose time counts from here."""
        self._turns, self._started = 0, time.monotonic()
        for event in self._events:
            _monitoring.register_callback(self._tool, event, self._look)
        try:
            yield
        finally:
            for event in self._events:
                _monitoring.register_callback(self._tool, event, None)


def _all_in(code: CodeType) -> Iterator[CodeType]:
    """The code of a file and of all functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_in(constant)
