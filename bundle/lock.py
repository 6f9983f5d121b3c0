"""Renew the two lists of pinned packages from pyproject.toml (see CONTRIBUTING) with pip-tools."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-header",
           "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"]  # fmt: skip
TITLE = "# Made by bundle/lock.py from the [dependency-groups] in pyproject.toml.\n"


def main() -> None:
    """Write bundle/requirements.txt, and tests/requirements.txt, which has all of it and more."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    lists = {"bundle": groups["build"], "tests": groups["build"] + groups["test"]}
    for folder, packages in lists.items():
        with tempfile.TemporaryDirectory() as name:
            wanted, found = Path(name) / "wanted.in", Path(name) / "found.txt"
            wanted.write_text("\n".join(packages))
            command = [sys.executable, "-m", "piptools", "compile", *OPTIONS]
            subprocess.run([*command, "--output-file", found, wanted], check=True)
            (ROOT / folder / "requirements.txt").write_text(TITLE + found.read_text())


if __name__ == "__main__":
    main()
