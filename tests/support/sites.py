"""Copies of the sources, builds of them, and sites in another version."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.machine import ROOT

OWN = ROOT / "tests" / "site"


def copy_sources(target: Path) -> Path:
    """Copy all that the build reads; the copy is built by its own code."""
    for name in ("bundle", "py", "site"):
        hidden = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=hidden)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copyfile(file, target / file.name)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    return target


def copy_test_sources(target: Path) -> Path:
    """The same, with the demos, lessons and pages of tests/site/ in place of the course's."""
    copy_sources(target)
    for folder in ("py/demos", "site/lessons", "site/guide"):
        for old in (target / folder).glob("*.*"):
            if not old.stem.startswith("__"):
                old.unlink()
        shutil.copytree(OWN / Path(folder).name, target / folder, dirs_exist_ok=True)
    shutil.copyfile(OWN / "index.html", target / "site/index.html")
    return target


def link(source: Path, target: Path) -> Path:
    """A folder with the same files, as hard links; to change one, use `rewrite`."""
    shutil.copytree(source, target, copy_function=os.link)
    return target


def rewrite(file: Path, text: str) -> None:
    """Write a file of `link` without a change of the one that it was linked to."""
    file.unlink(missing_ok=True)
    file.write_text(text)


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
