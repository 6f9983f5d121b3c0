"""Build the course: `python build_bundle.py` makes dist/, and `--serve` shows it.

Needs Python 3.11 or later and nothing else: what the build uses is installed into .venv beside this
file, in the versions and with the hashes of bundle/requirements.txt and package-lock.json.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")


def run(*command: str | Path) -> None:
    """Run a command in the project's folder; exit with one sentence if it fails."""
    status = subprocess.run(list(map(str, command)), cwd=HERE, check=False).returncode
    if status:
        words = " ".join(map(str, command))
        sys.exit(f"\nbuild_bundle.py: this command failed (exit status {status}):\n  {words}")


def make_venv() -> None:
    """Make .venv; on Debian as root, bring the module that makes it if it is missing."""
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
        "build_bundle.py: this Python cannot make a virtual environment.\n"
        f"On Debian or Ubuntu run: sudo {' '.join(apt)}\nElsewhere install Python 3.11+ whole."
    )


def ensure_environment(requirements: str) -> None:
    """Install what `requirements` lists into .venv, if that has changed, and go on in there."""
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one may well run this file)
        sys.exit(f"build_bundle.py needs Python 3.11 or later; this is {sys.version.split()[0]}.")
    lists = [HERE / requirements, HERE / "package-lock.json"]
    wanted = hashlib.sha256(
        b"".join(file.read_bytes() for file in lists) + sys.version.encode()
    ).hexdigest()
    done = VENV / f"installed-{requirements.replace('/', '-')}"
    inside = Path(sys.prefix).resolve() == VENV.resolve()  # .venv may be a link
    if not inside and (not done.exists() or done.read_text() != wanted):
        print(f"Installing what {requirements} lists, into .venv", flush=True)
        if not SCRIPTS.exists() or not any(VENV.glob("installed-*")):
            make_venv()
        run(SCRIPTS / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--require-hashes", "--requirement", HERE / requirements)  # fmt: skip
        run(SCRIPTS / "npm", "ci", "--no-progress", "--loglevel", "error")
        done.write_text(wanted)
    if not inside:
        environment = {**os.environ, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"}
        sys.exit(
            subprocess.run([SCRIPTS / "python", *sys.argv], env=environment, check=False).returncode
        )


def base_url(text: str) -> str:
    """The address of a folder, with a slash at its end."""
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
        help="where dist/ will be hosted: a Common Cartridge links to it, and oEmbed is made",
    )
    parser.add_argument(
        "--packages",
        action="store_true",
        help="also build the single files, the classroom zip and the packages for learning "
        "platforms, into packages/ next to dist/",
    )
    parser.add_argument(
        "--downloads-url",
        type=base_url,
        metavar="https://…/",
        help="where the files of packages/ are hosted: downloads.html links to them",
    )
    parser.add_argument(
        "--kiosk",
        type=int,
        nargs="?",
        const=90,
        default=0,
        metavar="SECONDS",
        help="every page is for a screen in public: no way out, and a clean start after so many "
        "seconds without input (90)",
    )
    options = parser.parse_args()
    ensure_environment("bundle/requirements.txt")

    from bundle import course, serve

    try:
        course.build(
            options.out,
            options.base_url or "",
            options.kiosk,
            packages_too=options.packages,
            downloads_url=options.downloads_url or "",
        )
    except course.BuildError as error:
        sys.exit(f"\nThe course was not built.\n{error}")
    if options.serve:
        serve.serve(options.out, options.port, options.kiosk)


if __name__ == "__main__":
    main()
