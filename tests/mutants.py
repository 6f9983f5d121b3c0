"""Mutation testing: put forty small faults into the code, one at a time. Does a test fail?

    python tests/mutants.py                 all of them
    python tests/mutants.py 3 17            only these two
    python tests/mutants.py --checkout DIR  the tests of another checkout, such as an older one

Each fault flips a comparison, drops a line, or changes a constant in site/scripts, site/sw.js,
py/stage, or bundle. It is put into a copy of the checkout, where the test files named with it run
until the first failure. A fault that no test notices is reported as MISSED, and the exit status is
the number of missed faults. This isn't part of `python tests`: it takes about two hours.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = "test_browser* test_values* test_accessible* test_handles* test_form*"
LIMIT = 1500  # seconds for the tests of one fault
NO_TESTS = 5  # the exit status of pytest if it finds no tests: few files have slow ones


class Fault(NamedTuple):
    """Replace `right` by `wrong` in `file`; `tests` are patterns of test files that may notice."""

    file: str
    right: str
    wrong: str
    tests: str


FAULTS = (
    # The address and the controls
    Fault(
        "site/scripts/figure/address.js",
        "fields.set(key, [...(fields.get(key) ?? []), value])",
        "fields.set(key, [value])",
        f"{PAGE} test_frames*",
    ),
    Fault(
        "site/scripts/figure/address.js",
        "if (values.join() === defaults[key]?.join()) continue;",
        "",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/address.js",
        'for (const key of ["embed", "kiosk"])',
        'for (const key of ["kiosk"])',
        f"{PAGE} test_frames*",
    ),
    Fault(
        "site/scripts/figure/numbers.js",
        "Math.min(Math.max(whole ? Math.round(number) : number, low), high)",
        "Math.max(whole ? Math.round(number) : number, low)",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/controls.js",
        "toPrecision(exact ? 12 : 3)",
        "toPrecision(12)",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/controls.js",
        "count <= Number(set.dataset.most)",
        "count < Number(set.dataset.most)",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/controls.js",
        "if (range.value === range.max) stepTo(range, 0);",
        "",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/locked-controls.js",
        "[...known.values()].every((control) => control.hidden)",
        "[...known.values()].some((control) => control.hidden)",
        "test_frames*",
    ),
    # Handles and the figure
    Fault(
        "site/scripts/figure/handles.js",
        "distance(other) < distance(best)",
        "distance(other) > distance(best)",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/handles.js",
        "const FINE = 0.1;",
        "const FINE = 1;",
        PAGE,
    ),
    Fault(
        "site/scripts/figure/ml-demo.js",
        'addEventListener("pageshow", (event) => event.persisted',
        'addEventListener("pageshow", (event) => !event.persisted',
        f"{PAGE} test_faults*",
    ),
    Fault(
        "site/scripts/figure/demo.js",
        "canvas.width !== frame.width || canvas.height !== frame.height",
        "canvas.width !== frame.width",
        f"{PAGE} test_see_python*",
    ),
    # Progress and the learning platform
    Fault(
        "site/scripts/progress/progress-data.js",
        "b.answers[i] ?? a.answers[i]",
        "a.answers[i] ?? b.answers[i]",
        "test_progress*",
    ),
    Fault(
        "site/scripts/progress/progress-data.js",
        '.replace(/!/g, "%21")',
        "",
        "test_progress*",
    ),
    Fault(
        "site/scripts/progress/progress-data.js",
        'const list = written.join(",").replace(/,+$/, "");',
        'const list = written.filter(Boolean).join(",");',
        "test_progress*",
    ),
    Fault(
        "site/scripts/progress/questions.js",
        'return over < 0 ? "low" : "high";',
        'return over > 0 ? "low" : "high";',
        "test_progress* test_values*",
    ),
    Fault(
        "site/scripts/progress/scorm.js",
        "const MASTERY = 0.6;",
        "const MASTERY = 0.5;",
        "test_progress* test_packages*",
    ),
    Fault(
        "site/scripts/progress/scorm.js",
        "const passes = !this.#passed && ",
        "const passes = ",
        "test_progress* test_packages*",
    ),
    Fault(
        "site/scripts/progress/storage.js",
        "if (this.#inBrowser) this.#refused = !writeBrowser(report.text);",
        "if (this.#inBrowser) writeBrowser(report.text);",
        "test_progress*",
    ),
    # Frames and kiosks
    Fault(
        "site/scripts/channels/embed.js",
        "if (source !== window.parent) return;",
        "",
        "test_frames*",
    ),
    Fault(
        "site/scripts/channels/kiosk.js",
        "if (now - last < timeout * 1000) return;",
        "if (now - last < timeout * 4000) return;",
        "test_kiosk*",
    ),
    # The start of Python
    Fault(
        "site/scripts/python/restart-limit.js",
        "const RESTARTS = 3;",
        "const RESTARTS = 30;",
        "test_faults*",
    ),
    Fault(
        "site/scripts/python/python.js",
        "if (attempt === 2)",
        "if (attempt === 3)",
        "test_faults*",
    ),
    Fault(
        "site/scripts/python/download.js",
        'return attempt("reload");',
        "throw first;",
        "test_faults*",
    ),
    Fault(
        "site/scripts/python/restore.js",
        "if (checksum(M.HEAP32) !== expected)",
        "if (!expected)",
        "test_fast_start* test_faults*",
    ),
    Fault(
        "site/scripts/python/restore.js",
        "if (record?.version !== VERSION)",
        "if (!record?.version)",
        "test_fast_start*",
    ),
    # Offline use
    Fault(
        "site/sw.js",
        "known.shown >= TRIES",
        "known.shown > 100 * TRIES",
        "test_offline* test_faults*",
    ),
    Fault(
        "site/sw.js",
        "if (windows.length > 1) return;",
        "",
        "test_offline*",
    ),
    Fault(
        "site/sw.js",
        "if (quota - usage < needed)",
        "if (quota < 0)",
        "test_offline* test_faults*",
    ),
    # The figures' Python
    Fault(
        "py/stage/controls.py",
        "if len(texts) % 2:",
        "if not texts:",
        "test_stage* test_controls*",
    ),
    Fault(
        "py/stage/controls.py",
        "if not self.least <= len(points) <= self.most:",
        "if not len(points) <= self.most:",
        "test_stage* test_controls*",
    ),
    Fault(
        "py/stage/controls.py",
        "if argument.default is argument.empty:",
        "if argument.default is None:",
        "test_stage* test_controls* test_build* test_author*",
    ),
    Fault(
        "py/stage/session.py",
        "if _looks.get(demo) != look:",
        "if demo not in _looks:",
        "test_stage* test_browser*",
    ),
    Fault(
        "py/stage/layout.py",
        "self.narrow if width < NARROW",
        "self.narrow if width < NARROW / 2",
        "test_stage*",
    ),
    # The build
    Fault(
        "bundle/questions.py",
        "if right != 1:",
        "if right < 1:",
        "test_build* test_author*",
    ),
    Fault(
        "bundle/questions.py",
        "not FEWEST <= len(questions)",
        "not 0 <= len(questions)",
        "test_build* test_author*",
    ),
    Fault(
        "bundle/pages.py",
        "if name not in used",
        "if name in used and not used",
        "test_build* test_author*",
    ),
    Fault(
        "bundle/runtime.py",
        "return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256",
        "return file.exists()",
        "test_build*",
    ),
    Fault(
        "bundle/server.py",
        '".wasm": "application/wasm",',
        "",
        "test_build* test_classroom* test_server*",
    ),
    Fault(
        "bundle/offline.py",
        '"runtime/fallback-bundle.*": "for pages without a server, which have no service worker",',
        "",
        "test_offline* test_build*",
    ),
)


def copied(checkout: Path, target: Path) -> None:
    """A copy of the files that git tracks or would track, with links to the installed tools."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (checkout / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, target / name)
    for name in (".venv", "node_modules"):
        (target / name).symlink_to(checkout / name)


def test_files(checkout: Path, patterns: str) -> list[str]:
    """The test files that match one of the patterns, as paths from the checkout."""
    found = [
        file.relative_to(checkout).as_posix()
        for pattern in patterns.split()
        for file in sorted((checkout / "tests").rglob(f"{pattern}.py"))
    ]
    return list(dict.fromkeys(found))


def noticed(checkout: Path, fault: Fault) -> str:
    """The first line of output in which a test fails; empty if none does."""
    file = checkout / fault.file
    before = file.read_text()
    if before.count(fault.right) != 1:
        sys.exit(
            f"{fault.file}: {fault.right!r} is there {before.count(fault.right)} times, not once"
        )
    scripts = sorted(map(str, (checkout / "tests" / "scripts").glob("*.test.js")))
    python = str(checkout / ".venv" / "bin" / "python")
    node = str(checkout / ".venv" / "bin" / "node")
    environment = {
        **os.environ,
        "PATH": f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    commands = []
    if scripts and fault.file.startswith("site/"):
        commands.append([node, "--test", *scripts])
    tests = test_files(checkout, fault.tests)
    pytest = [python, "-m", "pytest", "-x", "-q", "--tb=line", "--boot=snapshot", *tests]
    commands += [[*pytest, "-m", marked] for marked in ("not slow", "slow")]
    try:
        file.write_text(before.replace(fault.right, fault.wrong))
        for command in commands:
            done = subprocess.run(
                command, cwd=checkout, env=environment, capture_output=True, text=True,
                check=False, timeout=LIMIT,
            )  # fmt: skip
            if done.returncode and done.returncode != NO_TESTS:
                lines = [
                    line
                    for line in done.stdout.splitlines()
                    if line.startswith(("FAILED", "ERROR", "not ok"))
                ]
                return lines[0] if lines else (done.stdout + done.stderr)[-300:]
    except subprocess.TimeoutExpired:
        return f"no end within {LIMIT} s"
    finally:
        file.write_text(before)
    return ""


def main() -> int:
    """Print a line for each fault; the exit status is the number of missed faults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("numbers", type=int, nargs="*", help="the faults to try (default: all)")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose tests (default: this)")
    options = parser.parse_args()
    wanted = options.numbers or range(1, len(FAULTS) + 1)
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "course"
        checkout.mkdir()
        copied(options.checkout.resolve(), checkout)
        for number in wanted:
            fault = FAULTS[number - 1]
            began = time.monotonic()
            how = noticed(checkout, fault)
            if not how:
                missed.append(number)
            print(
                f"{number:2} {fault.file}: {'noticed' if how else 'MISSED'}, "
                f"{time.monotonic() - began:.0f} s  {how}",
                flush=True,
            )
    print(f"{len(wanted) - len(missed)} of {len(wanted)} noticed; missed: {missed or 'none'}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
