"""What the tests share: flags of the command line, the built course, a site for tests, browsers.

pytest --renew           takes the pictures of today as the baselines of tests/baseline/
pytest --boot snapshot   runs the browser tests on one of the two starts of Python only
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOTS = ("snapshot", "ordinary")
CI = os.environ.get("CI") == "true"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="take today's pictures as baselines")
    parser.addoption("--boot", choices=[*BOOTS, "both"], default="both", help="starts to test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "boot" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--boot")
        boots = BOOTS if wanted == "both" else (wanted,)
        metafunc.parametrize("boot", boots, scope="session")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What failed before pytest was started stands above its closing line."""
    if failed := os.environ.get("FAILED_BEFORE_PYTEST"):
        terminalreporter.section("before pytest", sep="=", red=True)
        terminalreporter.line(f"FAILED {failed}: see above", red=True)


@pytest.fixture(autouse=True)
def numbers_are_numbers() -> Iterator[None]:
    """NumPy's division by zero, overflow, and invalid values are errors."""
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@pytest.fixture(scope="session")
def dist() -> Path:
    """The course, built."""
    command = [sys.executable, "build_bundle.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "dist"


@pytest.fixture(scope="session")
def copy_sources(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], Path]:
    """Makes copies of all that the build reads; each builds on its own, by its own code."""

    def copy() -> Path:
        target = tmp_path_factory.mktemp("course")
        for name in ("bundle", "py", "site"):
            hidden = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, target / name, ignore=hidden)
        for name in ("build_bundle.py", "pyproject.toml", "package.json", "package-lock.json"):
            shutil.copyfile(ROOT / name, target / name)
        (target / "node_modules").symlink_to(ROOT / "node_modules")
        return target

    return copy


def build(sources: Path, out: str = "dist") -> subprocess.CompletedProcess[str]:
    """Build a copy of the sources by its own build functions."""
    script = (
        "import sys; from pathlib import Path; from bundle import course\n"
        f"try: course.build(Path({out!r}))\n"
        "except course.BuildError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def test_site(copy_sources: Callable[[], Path]) -> Path:
    """A built site with the demos and lessons of tests/site/, and the course's own front page."""
    sources = copy_sources()
    for folder in ("py/demos", "site/lessons"):
        for old in (sources / folder).glob("*.*"):
            if old.stem != "__init__":
                old.unlink()
    shutil.copytree(ROOT / "tests" / "site" / "demos", sources / "py/demos", dirs_exist_ok=True)
    shutil.copytree(
        ROOT / "tests" / "site" / "lessons", sources / "site/lessons", dirs_exist_ok=True
    )
    shutil.copyfile(ROOT / "tests" / "site" / "index.html", sources / "site/index.html")
    done = build(sources)
    assert done.returncode == 0, done.stdout + done.stderr
    return sources / "dist"
