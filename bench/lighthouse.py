"""What Lighthouse says of the course on a phone, beside the goals: `python bench lighthouse`.

Its phone is simulated: a slow line, and a processor of a quarter of this machine's speed. What
else the machine does makes the performance worse, so the best of some rounds counts.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.browsers import FLAGS
from bench.server import Server
from bundle import cache, course
from bundle.project import NODE, ROOT

LIGHTHOUSE = "lighthouse@13.5.0"  # Apache-2.0; 180 MB, so only who asks for this has it
# Puppeteer, which it is built on, would else fetch a browser.
NO_BROWSER = {"PUPPETEER_SKIP_DOWNLOAD": "1", "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD": "1"}
PATIENCE = 480  # seconds for a page
STOP = signal.SIGTERM if sys.platform == "win32" else signal.SIGINT
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FRONT, OTHERS = 90, 95  # what the performance shall be; all else shall be 100
PAGES = (
    "index.html",
    "lessons/01-vectors.html",
    "lessons/08-gradient-descent.html",
    "demos/normal.html",
    "gallery.html",
    "guide/teachers.html",
    "guide/08-gradient-descent.html",
)

Report = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """What is said of one page: each category's score, and what is amiss."""

    page: str
    scores: dict[str, int]
    faults: list[str]

    def misses(self) -> list[str]:
        """The categories that are below their goals."""
        return [name for name, score in self.scores.items() if score < goal(self.page, name)]


def goal(page: str, category: str) -> int:
    """The score that a page shall have."""
    if category != "performance":
        return 100
    return FRONT if page == "index.html" else OTHERS


def main(arguments: list[str]) -> None:
    """Build, have each page looked at, tell. It ends with 1 if a page is below a goal."""
    parser = argparse.ArgumentParser(prog="python bench lighthouse", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each page (default: %(default)s)")
    parser.add_argument("--dist", type=Path, help="look at this folder instead of building one")
    parser.add_argument("--reports", type=Path, help="keep Lighthouse's own reports here")
    parser.add_argument("pages", nargs="*", default=PAGES, help="such as gallery.html")
    options = parser.parse_args(arguments)
    dist: Path = options.dist or ROOT / "dist"
    if not options.dist:
        try:
            course.build(dist)
        except course.BuildError as error:
            sys.exit(f"\nThe course was not built.\n{error}")
    program = _installed()
    server = Server({"": dist})
    results = []
    for page in options.pages:
        reports = []
        for number in range(1, options.rounds + 1):
            report = _asked(program, server.url(page))
            reports.append(report)
            if options.reports:
                name = f"{page.removesuffix('.html').replace('/', '-')}-{number}.json"
                options.reports.mkdir(parents=True, exist_ok=True)
                (options.reports / name).write_text(json.dumps(report))
        results.append(told(page, reports))
        print(f"  {page}: {results[-1].scores}", flush=True)
    server.shutdown()
    print(f"\n{LIGHTHOUSE}, phone, best of {options.rounds}; in brackets the goal\n")
    print(table(results))
    sys.exit(any(result.misses() for result in results))


def told(page: str, reports: list[Report]) -> Result:
    """The best score of each category, and the faults that the last report names."""
    scores = {
        name: max(round(100 * (report["categories"][name]["score"] or 0)) for report in reports)
        for name in CATEGORIES
    }
    found = Result(page, scores, [])
    audits = reports[-1]["audits"]
    for name in found.misses():
        for reference in reports[-1]["categories"][name]["auditRefs"]:
            audit = audits[reference["id"]]
            if reference["weight"] and (audit["score"] or 0) < 0.9 and audit["score"] is not None:
                value = audit.get("displayValue", "")
                found.faults.append(f"{page}: {audit['title']} {value}".strip())
    return found


def table(results: list[Result]) -> str:
    """A line for each page, a column for each category, and what is below its goal."""
    lines = ["| page | " + " | ".join(CATEGORIES) + " |", "| --- |" + " --: |" * len(CATEGORIES)]
    for result in results:
        cells = [
            f"**{score}** ({goal(result.page, name)})"
            if name in result.misses()
            else f"{score} ({goal(result.page, name)})"
            for name, score in result.scores.items()
        ]
        lines.append(f"| {result.page} | " + " | ".join(cells) + " |")
    faults = [fault for result in results for fault in result.faults]
    return "\n".join(lines + (["", *faults] if faults else []))


def _installed() -> Path:
    """Lighthouse's program, in the cache outside the project."""

    def make(folder: Path) -> None:
        print(f"Installing {LIGHTHOUSE} (180 MB, once)", flush=True)
        (folder / "package.json").write_text('{"private": true}')
        # No package of it needs a script to run when it is installed.
        wanted = ["install", "--ignore-scripts", "--no-audit", "--no-fund", LIGHTHOUSE]
        npm = NODE.parent / ("npm.cmd" if sys.platform == "win32" else "npm")
        done = subprocess.run([npm, *wanted], cwd=folder, env=_environment(), check=False)
        if done.returncode:
            sys.exit(f"npm could not install {LIGHTHOUSE}; its words stand above.")

    folder = cache.made("lighthouse", cache.digest([LIGHTHOUSE]), make)
    return folder / "node_modules" / "lighthouse" / "cli" / "index.js"


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])
    return {**os.environ, **NO_BROWSER, "PATH": path, "CHROME_PATH": _chromium()}


def _chromium() -> str:
    """The system's Chromium where there is one, else Playwright's, as in the other parts."""
    found = os.environ.get("CHROME_PATH") or shutil.which("chromium")
    if found:
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _asked(program: Path, url: str) -> Report:
    """Lighthouse's report on a page, visited by a new browser."""
    with _folder() as folder:
        flags = ["--headless=new", *FLAGS]
        command: list[str | Path] = [
            NODE,
            program,
            url,
            "--output=json",
            f"--output-path={folder / 'report.json'}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(flags)}",
            "--form-factor=mobile",
            "--throttling-method=simulate",
            "--no-enable-error-reporting",
            "--quiet",
        ]
        with subprocess.Popen(
            command, env=_environment(), stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                _, said = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.send_signal(STOP)  # it ends its browser, too
                _, said = process.communicate()
                said = f"{PATIENCE} s were not enough.\n{said}"
        if not (folder / "report.json").exists():
            sys.exit(f"Lighthouse did not come to an end with {url}:\n{said[-4000:]}")
        report: Report = json.loads((folder / "report.json").read_text())
    if "runtimeError" in report:
        sys.exit(f"Lighthouse could not look at {url}: {report['runtimeError']['message']}")
    return report


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)
