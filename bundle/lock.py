"""Rewrite the requirements files with pinned versions and hashes, using pip-tools.

Run by hand after a change of the dependency groups in pyproject.toml (see CONTRIBUTING).
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ["--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-header",
           "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host",
           "--annotation-style=line"]  # fmt: skip
TITLE = "# Made by bundle/lock.py from the [dependency-groups] in pyproject.toml.\n"


def main() -> None:
    """Write bundle/requirements.txt, and tests/requirements.txt, which adds the test packages.

    tests/requirements-next.txt has only the newest matplotlib, to be used with the same packages.
    """
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    lists = {
        "bundle/requirements.txt": groups["build"],
        "tests/requirements.txt": groups["build"] + groups["test"],
        "tests/requirements-next.txt": groups["next"],
    }
    for file, packages in lists.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "build.in").write_text("\n".join(packages))
            found = folder / "found.txt"
            shutil.copyfile(ROOT / file, found)  # what fits stays as it is
            command = [sys.executable, "-m", "piptools", "compile", *OPTIONS]
            subprocess.run(
                [*command, "--output-file", found.name, "build.in"], cwd=folder, check=True
            )
            text = found.read_text()
            if packages == groups["next"]:  # without its dependencies
                blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
                (block,) = (block for block in blocks if block.startswith(packages[0]))
                text = block.split("    # via")[0]
            (ROOT / file).write_text(TITLE + text)


if __name__ == "__main__":
    main()
