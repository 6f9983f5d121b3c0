"""Build the course: `python build_bundle.py` makes dist/, and `--serve` shows it.

Needs only Python 3.11 or later. Everything else is installed into .venv next to this file, with the
versions and hashes of bundle/requirements.txt and package-lock.json. `python tests` and
`python bench` use `ensure_environment`, too.
"""

import argparse
import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")


OFFLINE = (
    "The first build downloads Python and npm packages. If this computer is offline, connect it to "
    "the internet and run the same command again; later builds work without a network."
)
ROOM = 100_000_000  # bytes; if less is free, a failed command probably ran out of disk space
FULL = (
    "The disk is full: {folder} has {free:.0f} MB left. The build needs about 1 GB for .venv, "
    "node_modules, dist and its cache (--packages about 1 GB more). Make room and run it again."
)


def run(*command: str | Path, hint: str = "") -> None:
    """Run a command in the project's folder; exit with an error message if it fails."""
    status = subprocess.run(list(map(str, command)), cwd=HERE, check=False).returncode
    if status:
        words = " ".join(map(str, command))
        if shutil.disk_usage(HERE).free < ROOM:
            hint = full_disk(HERE)
        sys.exit(
            f"\nbuild_bundle.py: this command failed (exit status {status}):\n  {words}\n{hint}"
        )


def full_disk(folder: Path) -> str:
    """The error message for a full disk."""
    return FULL.format(folder=folder, free=shutil.disk_usage(folder).free / 1e6)


def make_venv() -> None:
    """Create .venv; as root on Debian, first install python3-venv if it is missing."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, check=False, capture_output=True).returncode == 0:
        return
    apt = ["apt-get", "install", "--yes", "--no-install-recommends", "python3-venv"]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and Path("/usr/bin/apt-get").exists():
        run("apt-get", "update", "--quiet")
        run(*apt)
        run(*command)
        return
    sys.exit(
        "build_bundle.py: this Python cannot create a virtual environment.\n"
        f"On Debian or Ubuntu run: sudo {' '.join(apt)}\n"
        "On other systems, install a complete Python 3.11 or later, for example from python.org."
    )


def venv_fits() -> bool:
    """Whether .venv was created in this folder by this version of Python.

    The programs in .venv contain the folder's path, so they break when the project is moved.
    """
    try:
        settings = dict(
            line.split(" = ", 1)
            for line in (VENV / "pyvenv.cfg").read_text().splitlines()
            if " = " in line
        )
        program = next(SCRIPTS.glob("npm*"), SCRIPTS / "pip").read_bytes()
    except OSError:
        return False
    version = ".".join(map(str, sys.version_info[:3]))
    places = (str(SCRIPTS).encode(), str(SCRIPTS.resolve()).encode())
    return (
        (SCRIPTS / "python").exists()  # false if it links to a Python that was uninstalled
        and settings.get("version", "").startswith(version)
        and any(place in program for place in places)
    )


def ensure_environment(requirements: str) -> None:
    """Install `requirements` into .venv if they have changed, then rerun this command in .venv."""
    if sys.version_info < (3, 11):  # noqa: UP036 (an older Python may well run this file)
        sys.exit(f"build_bundle.py needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    lists = [HERE / requirements, HERE / "package-lock.json"]
    wanted = hashlib.sha256(
        b"".join(file.read_bytes() for file in lists) + sys.version.encode()
    ).hexdigest()
    done = VENV / f"installed-{requirements.replace('/', '-')}"
    inside = Path(sys.prefix).resolve() == VENV.resolve()  # .venv may be a link
    fits = inside or venv_fits()
    if not inside and (not fits or not done.exists() or done.read_text() != wanted):
        print(f"Installing the packages of {requirements} into .venv", flush=True)
        if not fits or not any(VENV.glob("installed-*")):
            make_venv()
        run(SCRIPTS / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--require-hashes", "--requirement", HERE / requirements,
            hint=OFFLINE)  # fmt: skip
        run(SCRIPTS / "npm", "ci", "--no-progress", "--loglevel", "error", hint=OFFLINE)
        done.write_text(wanted)
    if not inside:
        environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"}
        sys.exit(
            subprocess.run([SCRIPTS / "python", *sys.argv], env=environment, check=False).returncode
        )


def base_url(text: str) -> str:
    """The URL of a folder, with a trailing slash."""
    if not text.startswith(("https://", "http://")) or "?" in text or "#" in text:
        raise argparse.ArgumentTypeError(f"{text} is no address such as https://example.org/ml/")
    return text.rstrip("/") + "/"


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build the course into dist/.")
    parser.add_argument(
        "--serve", action="store_true", help="build, serve on 127.0.0.1, rebuild on change"
    )
    parser.add_argument(
        "--port", type=int, default=8000, help="port for --serve (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, default=HERE / "dist", help="where to build (default: dist/)"
    )
    parser.add_argument(
        "--base-url",
        type=base_url,
        metavar="https://…/",
        help="where dist/ will be hosted: the Common Cartridge links to it, and oEmbed files are "
        "written",
    )
    parser.add_argument(
        "--packages",
        action="store_true",
        help="also build the single files, the classroom zip and the packages for learning "
        "platforms (into packages/ next to dist/)",
    )
    parser.add_argument(
        "--downloads-url",
        type=base_url,
        metavar="https://…/",
        help="where the files of packages/ will be hosted: downloads.html links to them",
    )
    parser.add_argument(
        "--kiosk",
        type=int,
        nargs="?",
        const=90,
        default=0,
        metavar="SECONDS",
        help="build every page for a public screen: no external links, and a reset after this many "
        "seconds without input (default: 90)",
    )
    options = parser.parse_args()
    ensure_environment("bundle/requirements.txt")

    from bundle import course

    python: course.PythonBuild | None = None

    def build(again: bool) -> list[str]:
        """Build with all options; `again` reuses the Python of the previous build."""
        nonlocal python
        python = course.build(
            options.out,
            options.base_url or "",
            options.kiosk,
            packages_too=options.packages,
            downloads_url=options.downloads_url or "",
            python=python if again else None,
        )
        return list(python.edited())

    try:
        build(again=False)
        if options.serve:
            from bundle import serve

            serve.serve(options.out, options.port, build)
    except course.BuildError as error:
        sys.exit(f"\nThe course was not built.\n{error}")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        place = next(p for p in (options.out, *options.out.resolve().parents) if p.exists())
        sys.exit(f"\nThe course was not built.\n{full_disk(place)} ({error})")


if __name__ == "__main__":
    main()
