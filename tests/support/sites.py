"""Builds of copies of the sources."""

import subprocess
import sys
from pathlib import Path


def build(
    sources: Path, out: str = "dist", packages: bool = False
) -> subprocess.CompletedProcess[str]:
    """Build a copy of the sources by its own build functions."""
    script = (
        "import sys; from pathlib import Path; from bundle import course\n"
        f"try: course.build(Path({out!r}), packages_too={packages})\n"
        "except course.BuildError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
