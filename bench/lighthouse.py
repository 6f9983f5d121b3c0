"""Lighthouse scores of the course on a phone, compared with the goals: `python bench lighthouse`.

Lighthouse simulates a phone: a slow network, and a processor with a quarter of this machine's
speed. Other load on the machine lowers the performance score, so the median of several rounds
counts. The table also shows Lighthouse's benchmark index: about 1000 or more on an idle computer.
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

LIGHTHOUSE = "lighthouse@13.5.0"  # Apache-2.0; 180 MB, so it is installed only on request
# Keeps Puppeteer, on which it is based, from downloading a browser.
NO_BROWSER = {"PUPPETEER_SKIP_DOWNLOAD": "1", "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD": "1"}
TIMEOUT = 480  # seconds for a page
STOP_SIGNAL = signal.SIGTERM if sys.platform == "win32" else signal.SIGINT
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FRONT, OTHERS = 90, 95  # goals for performance; all other goals are 100
# The performance metrics: Lighthouse's name, abbreviation, format, factor.
METRICS = (
    ("first-contentful-paint", "FCP", "{:.2f} s", 1e-3),
    ("largest-contentful-paint", "LCP", "{:.2f} s", 1e-3),
    ("total-blocking-time", "TBT", "{:.0f} ms", 1),
    ("cumulative-layout-shift", "CLS", "{:.3f}", 1),
    ("speed-index", "SI", "{:.2f} s", 1e-3),
)
PAGES = (
    "index.html",
    "lessons/01-vectors.html",
    "lessons/05-eigenvectors-pca.html",
    "lessons/08-gradient-descent.html",
    "demos/normal.html",
    "demos/kmeans.html",
    "gallery.html",
    "guide/teachers.html",
)

Report = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """The result for one page: scores, performance metrics, and failed audits."""

    page: str
    scores: dict[str, int]
    spread: tuple[int, int]  # the lowest and the highest performance score of all rounds
    metrics: dict[str, str]
    machine: int  # Lighthouse's benchmark index
    faults: list[str]

    def misses(self) -> list[str]:
        """The categories that are below their goals."""
        return [name for name, score in self.scores.items() if score < goal(self.page, name)]


def goal(page: str, category: str) -> int:
    """The goal for the score of a page."""
    if category != "performance":
        return 100
    return FRONT if page == "index.html" else OTHERS


def main(arguments: list[str]) -> None:
    """Build, audit each page, and print the results. Exits with 1 if a page misses a goal."""
    parser = argparse.ArgumentParser(prog="python bench lighthouse", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each page (default: %(default)s)")
    parser.add_argument("--dist", type=Path, help="audit this folder instead of building one")
    parser.add_argument("--reports", type=Path, help="save Lighthouse's reports here")
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
            report = _audit(program, server.url(page))
            reports.append(report)
            if options.reports:
                name = f"{page.removesuffix('.html').replace('/', '-')}-{number}.json"
                options.reports.mkdir(parents=True, exist_ok=True)
                (options.reports / name).write_text(json.dumps(report))
        results.append(median_result(page, reports))
        done = results[-1]
        print(f"  {page}: {done.scores} {done.metrics} {done.machine}", flush=True)
    server.shutdown()
    print(f"\n{LIGHTHOUSE}, phone, median of {options.rounds}; in brackets the goal\n")
    print(table(results))
    sys.exit(any(result.misses() for result in results))


def median_result(page: str, reports: list[Report]) -> Result:
    """The result of the median round; only performance differs between rounds."""
    ordered = sorted(reports, key=lambda report: _score(report, "performance"))
    middle = ordered[(len(ordered) - 1) // 2]
    audits = middle["audits"]
    found = Result(
        page,
        {name: _score(middle, name) for name in CATEGORIES},
        (_score(ordered[0], "performance"), _score(ordered[-1], "performance")),
        {
            short: form.format(audits[name]["numericValue"] * unit)
            for name, short, form, unit in METRICS
        },
        round(middle["environment"]["benchmarkIndex"]),
        [],
    )
    for name in found.misses():
        for reference in middle["categories"][name]["auditRefs"]:
            audit = audits[reference["id"]]
            if reference["weight"] and (audit["score"] or 0) < 0.9 and audit["score"] is not None:
                value = audit.get("displayValue", "")
                found.faults.append(f"{page}: {audit['title']} {value}".strip())
    return found


def _score(report: Report, category: str) -> int:
    return round(100 * (report["categories"][category]["score"] or 0))


def table(results: list[Result]) -> str:
    """A row for each page with scores, goals and metrics; below, the failed audits."""
    names = [*CATEGORIES, "of all rounds", *(short for _, short, _, _ in METRICS), "machine"]
    lines = ["| page | " + " | ".join(names) + " |", "| --- |" + " --: |" * len(names)]
    for result in results:
        cells = [
            f"**{score}** ({goal(result.page, name)})"
            if name in result.misses()
            else f"{score} ({goal(result.page, name)})"
            for name, score in result.scores.items()
        ]
        low, high = result.spread
        cells += [f"{low}–{high}", *result.metrics.values(), str(result.machine)]
        lines.append(f"| {result.page} | " + " | ".join(cells) + " |")
    faults = [fault for result in results for fault in result.faults]
    return "\n".join(lines + (["", *faults] if faults else []))


def _installed() -> Path:
    """The path of Lighthouse, which is installed in the build cache."""

    def make(folder: Path) -> None:
        print(f"Installing {LIGHTHOUSE} (180 MB, once)", flush=True)
        (folder / "package.json").write_text('{"private": true}')
        # None of its packages needs an install script.
        wanted = ["install", "--ignore-scripts", "--no-audit", "--no-fund", LIGHTHOUSE]
        npm = NODE.parent / ("npm.cmd" if sys.platform == "win32" else "npm")
        done = subprocess.run([npm, *wanted], cwd=folder, env=_environment(), check=False)
        if done.returncode:
            sys.exit(f"npm could not install {LIGHTHOUSE}; see its messages above.")

    folder = cache.made("lighthouse", cache.digest([LIGHTHOUSE]), make)
    return folder / "node_modules" / "lighthouse" / "cli" / "index.js"


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])
    return {**os.environ, **NO_BROWSER, "PATH": path, "CHROME_PATH": _chromium()}


def _chromium() -> str:
    """The path of the system's Chromium, or else Playwright's, as in the other benchmarks.

    Best is its shell without windows, which leaves more of the processors to the page.
    """
    found = [shutil.which(name) for name in ("chromium-headless-shell", "chromium")]
    for path in (os.environ.get("CHROME_PATH"), *found):
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _audit(program: Path, url: str) -> Report:
    """Lighthouse's report on a page, visited with a new browser."""
    with _temporary_folder() as folder:
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
                _, said = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.send_signal(STOP_SIGNAL)  # Lighthouse then closes its browser
                _, said = process.communicate()
                said = f"Timed out after {TIMEOUT} s.\n{said}"
        if not (folder / "report.json").exists():
            sys.exit(f"Lighthouse did not finish {url}:\n{said[-4000:]}")
        report: Report = json.loads((folder / "report.json").read_text())
    if "runtimeError" in report:
        sys.exit(f"Lighthouse could not audit {url}: {report['runtimeError']['message']}")
    return report


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name)
