"""The course's own Python, py/stage and py/demos, as a wheel."""

import os
import subprocess
import sys
from pathlib import Path

from bundle import cache
from bundle.project import ROOT, BuildError


def made() -> Path:
    """The course's wheel: py/stage and py/demos."""
    key = cache.digest([ROOT / "pyproject.toml", ROOT / "py"])

    def make(folder: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "hatchling",
            "build",
            "--target",
            "wheel",
            "--directory",
            str(folder),
        ]
        environment = {
            **os.environ,
            "SOURCE_DATE_EPOCH": "1577836800",
        }  # the same input gives the same bytes
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"The course's wheel could not be made:\n{done.stderr}")

    (wheel,) = cache.made("wheel", key, make).glob("*.whl")
    return wheel
