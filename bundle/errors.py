"""What can stop the build: said with file, line and mend, for the author."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BuildError(Exception):
    """Stops the build; the message is for the author."""


def at(file: Path, line: int, what: str) -> str:
    """One error as `file:line: what`, the file relative to the project where it lies inside."""
    name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return f"{name}:{line}: {what}"
