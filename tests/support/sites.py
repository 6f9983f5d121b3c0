"""Copy the sources, build them, and make other versions of a site."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.machine import ROOT

OWN = ROOT / "tests" / "site"


def copy_sources(target: Path) -> Path:
    """Copy everything that the build reads, including its code."""
    for name in ("bundle", "py", "site"):
        hidden = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=hidden)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copyfile(file, target / file.name)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    return target


def copy_test_sources(target: Path) -> Path:
    """The same, with the figures, lessons, and pages of tests/site/ instead of the course's."""
    copy_sources(target)
    for folder in ("py/demos", "site/lessons", "site/guide"):
        for old in (target / folder).glob("*.*"):
            if not old.stem.startswith("__"):
                old.unlink()
        shutil.copytree(OWN / Path(folder).name, target / folder, dirs_exist_ok=True)
    shutil.copyfile(OWN / "index.html", target / "site/index.html")
    return target


def link(source: Path, target: Path) -> Path:
    """Make a folder with hard links to the same files; use `rewrite` to change one."""
    shutil.copytree(source, target, copy_function=os.link)
    return target


def rewrite(file: Path, text: str) -> None:
    """Write a file of `link` without changing the original."""
    file.unlink(missing_ok=True)
    file.write_text(text)


def build(
    sources: Path, out: str = "dist", packages: bool = False
) -> subprocess.CompletedProcess[str]:
    """Build a copy of the sources with its own build functions."""
    script = (
        "import sys; from pathlib import Path; from bundle import course\n"
        f"try: course.build(Path({out!r}), packages_too={packages})\n"
        "except course.BuildError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
