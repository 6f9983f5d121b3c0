"""The stage also draws correctly with the newest matplotlib, so that the course can upgrade.

tests/requirements-next.txt pins that version. It is installed once, into a folder of the course's
cache, and used with the other packages unchanged.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from support.machine import ROOT

from bundle import cache
from bundle.states import DEMOS

REQUIREMENTS = ROOT / "tests" / "requirements-next.txt"
VERSION = re.findall(r"^matplotlib==([\d.]+)", REQUIREMENTS.read_text(), re.MULTILINE)[0]


@pytest.fixture(scope="module")
def newest() -> Path:
    """The folder with the newest matplotlib."""

    def install(folder: Path) -> None:
        command = "-m pip install --quiet --disable-pip-version-check --no-deps --require-hashes"
        arguments = [*command.split(), "--target", folder, "--requirement", REQUIREMENTS]
        subprocess.run([sys.executable, *arguments], check=True)

    key = cache.digest([REQUIREMENTS, sys.version, sys.platform])
    return cache.made("matplotlib", key, install)


def run(newest: Path, *arguments: str | Path) -> str:
    """The output of Python with that version; it has to succeed."""
    environment = {**os.environ, "PYTHONPATH": str(newest)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_the_next_matplotlib_is_newer_and_used(newest: Path) -> None:
    code = "import matplotlib; print(matplotlib.__version__, matplotlib.__file__)"
    version, file = run(newest, "-c", code).split()
    assert version == VERSION
    assert Path(file).is_relative_to(newest)
    pinned, next_ = ([*map(int, v.split("."))] for v in (matplotlib.__version__, version))
    assert next_ > pinned


@pytest.mark.slow
def test_every_figure_is_drawn_bit_by_bit_as_it_is_drawn_whole(newest: Path) -> None:
    said = run(newest, "tests/support/partial.py")
    assert f"matplotlib {VERSION}: {len(DEMOS)} of {len(DEMOS)} figures" in said


@pytest.mark.slow
def test_artists_are_drawn_as_those_of_matplotlib(newest: Path) -> None:
    """All tests of the stage that compare pixels, with none skipped."""
    compared = [
        "cross and 300",
        "walk and 360-light",
        "quiver",
        "plot",
        "texts",
        "cells",
        "artists",
    ]
    files = ["tests/test_stage.py", "tests/test_artists.py"]
    options = ["-q", "-n0", "-p", "no:cacheprovider", "-k", " or ".join(compared)]
    said = run(newest, "-m", "pytest", *files, *options)
    assert re.search(r"^\d+ passed, \d+ deselected in ", said, re.MULTILINE), said
