"""Wheels of the course's own Python: one for the browser, one to install at home."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from bundle import cache
from bundle.project import ROOT, BuildError

AT_HOME = ("py/panels", "py/demos/__main__.py")  # not needed in the browser
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}-py3-none-any.whl"
SINCE = "1577836800"  # modification time of all files, so that equal input gives equal bytes


def made() -> Path:
    """The wheel for the browser: only the code that draws the figures."""
    return _wheel("wheel", AT_HOME)


def to_take_home() -> Path:
    """The package `math-for-ml`: the figures with windows and notebook panels."""
    return _wheel("wheel-to-take-home", ())


def _wheel(kind: str, without: Iterable[str]) -> Path:
    files = ("pyproject.toml", "LICENSE", "THIRD-PARTY.md", "py")
    key = cache.digest([Path(__file__), *(ROOT / name for name in files)])

    def make(folder: Path) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] = list(without)
        if without:
            del project["project"]["license-files"]  # the site publishes them anyway
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = SINCE
        try:
            builder = WheelBuilder(str(ROOT), config=project)
            list(builder.build(directory=str(folder), versions=["standard"]))
        except Exception as error:
            raise BuildError(f"Could not build the course's wheel:\n{error}") from error
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]
            else:
                os.environ["SOURCE_DATE_EPOCH"] = before

    (wheel,) = cache.made(kind, key, make).glob("*.whl")
    return wheel
