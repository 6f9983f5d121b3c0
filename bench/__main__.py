"""Compare the course with a plain page: tables in bench/report.md, numbers in bench/result.json.

The plain page (plain.html) does what Pyodide tutorials do: everything on the main thread,
loadPackage(), a PNG for each input. Both get the same runtime from the same local server, with the
same compression, and are visited in alternation. Times depend on the machine and its load; ratios
carry over to other machines.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from build_bundle import ensure_environment  # noqa: E402  (found through the line above)

ROOT = Path(sys.path[0])
RESULT = ROOT / "bench" / "result.json"
REPORT = ROOT / "bench" / "report.md"
PARTS = {
    1: "start: first and second visit, bytes, requests, long tasks",
    2: "from an input to its pixels",
    3: "a drag",
    4: "memory of the tab",
    5: "the cost of each control's step in the worker",
    6: "start in Firefox and WebKit",
    7: "a page with ten demos",
    8: "a lesson with all its figures, compared with only the first one",
    9: "edited code: from Run to the new picture",
}
MOVING, ALL = 8.0, 16.0  # limits in ms for a step: if only artists move, and otherwise

Record = dict[str, Any]


def main() -> None:
    """Read the command line, build, measure, and print the results."""
    if sys.argv[1:2] == ["lighthouse"]:
        ensure_environment("tests/requirements.txt")
        sys.path.insert(1, str(ROOT / "py"))
        from bench import lighthouse

        return lighthouse.main(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="python bench",
        description="Compare the course with a plain page.",
        epilog="parts: "
        + "; ".join(f"{number} {what}" for number, what in PARTS.items())
        + ". Lighthouse scores on a phone: python bench lighthouse",
    )
    parser.add_argument("--rounds", type=int, default=5, help="of visits (default: %(default)s)")
    parser.add_argument(
        "--only", help="only these parts, as in 1,2", default=",".join(map(str, PARTS))
    )
    parser.add_argument("--mbit", help="also start at these line speeds, as in 10,50", default="")
    parser.add_argument(
        "--slower", help="also start with a processor so many times slower, as in 2,4", default=""
    )
    parser.add_argument("--quick", action="store_true", help="one round, to check that it works")
    parser.add_argument("--demos", help="only these demos in part 5, as in pca,bayes", default="")
    parser.add_argument("--dist", type=Path, help="measure this folder instead of building one")
    options = parser.parse_args()
    parts = {int(part) for part in options.only.split(",")}
    ensure_environment("tests/requirements.txt")
    sys.path.insert(1, str(ROOT / "py"))

    from playwright.sync_api import sync_playwright

    from bench import browsers, measure, tab
    from bench.server import Server
    from bundle import course, runtime

    dist: Path = options.dist or ROOT / "dist"
    if not options.dist:
        try:
            course.build(dist)
        except course.BuildError as error:
            sys.exit(f"\nThe course was not built.\n{error}")
    chosen = [name for name in options.demos.split(",") if name]
    rounds = 1 if options.quick else options.rounds
    others = 1 if options.quick else min(3, options.rounds)
    wheels = {f"plain/pyodide/{file.name}": file for file in runtime.wheels().values()}
    plain = {f"plain/{file.name}": file for file in (ROOT / "bench").glob("plain.*")}
    server = Server({"": dist, **plain, "plain/pyodide/": runtime.CORE, **wheels})
    result: Record = {**_circumstances(), "rounds": rounds, "pyodide": runtime.version()}

    loads: list[float] = []  # load averages of the machine, of which the benchmark causes 1 or 2

    with sync_playwright() as playwright:

        def take(name: str, records: Iterator[Record]) -> list[Record]:
            found: list[Record] = result.setdefault(name, [])
            for record in records:
                loads.append(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0)
                found.append({**record, "load": loads[-1]})
                _say(record)
                RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
            return found

        result["chromium"] = browsers.chromium_version(playwright)
        tables: list[str] = []
        if parts & {1, 2, 3}:
            visits = measure.start_and_use(
                playwright, server, dist, rounds, start=1 in parts, use=bool(parts & {2, 3})
            )
            tables.append(_visits(take("visits", visits)))
        rates = [(float(rate), 1.0) for rate in options.mbit.split(",") if rate]
        factors = [(0.0, float(factor)) for factor in options.slower.split(",") if factor]
        for rate, slower in rates + factors:
            title = f"over {rate:g} Mbit/s" if rate else f"on a {slower:g} times slower processor"
            visits = measure.limited(playwright, server, dist, others, rate, slower)
            tables.append(_limited(take(f"first visit {title}", visits), title))
        if 4 in parts:
            tables.append(_tabs(take("tabs", tab.memory(playwright, server, dist, others))))
        if 6 in parts:
            tables.append(_engines(take("engines", measure.other_engines(server, dist, others))))
        if 7 in parts:
            pair = take("ten demos", measure.ten_demos(playwright, others))
            tables.append(_several(pair, {"01-one": "one demo", "02-ten": "ten demos"}))
        if 8 in parts:
            three = take("lessons", measure.lessons(playwright, dist, others))
            every = {"all": f"all {max(record.get('demos', 0) for record in three)} figures"}
            tables.append(_several(three, {"one": "a lesson with its first figure"} | every))
            tables.append(_several(three, {"alone": "that figure on its own page"} | every))
        if 9 in parts:
            found = measure.changed_code(playwright, server, dist, others)
            tables.append(_changed(take("changed code", found)))
        if 5 in parts:
            tables.append(
                _steps(take("steps", measure.steps(playwright, server, dist, rounds, chosen)))
            )
    server.shutdown()
    heading = (
        f"{result['date']}, {result['cores']} cores, {result['memory'] / 2**30:.0f} GiB, "
        f"Chromium {result['chromium']}, Pyodide {result['pyodide']}; "
        f"{rounds} round{'s' * (rounds > 1)}, median (least–most); "
        f"load {min(loads, default=0):.1f}–{max(loads, default=0):.1f}"
    )
    report = "\n\n".join(filter(None, [heading, _goals(result), *tables])) + "\n"
    REPORT.write_text(report)
    print(f"\n{report}")
    names = " and ".join(str(file.relative_to(ROOT)) for file in (REPORT, RESULT))
    print(f"The tables and every single measurement are in {names}.")


def _circumstances() -> Record:
    import psutil  # type: ignore[import-untyped]

    command = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit.stdout.strip(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "python": platform.python_version(),
        **{name: version(name) for name in ("playwright", "numpy", "matplotlib")},
    }


def _say(record: Record) -> None:
    """Print one line of progress."""
    keys = ("engine", "variant", "visit", "page", "demo", "control", "ratio")
    facts = [str(record[key]) for key in keys if key in record]
    if "failed" in record:
        facts.append(f"FAILED: {record['failed'].splitlines()[0]}")
    elif "rest" in record:
        facts.append(f"memory {record['ready'] / 1e6:.0f} MB, at rest {record['rest'] / 1e6:.0f}")
    elif "ready" in record:
        facts.append(f"ready after {record['ready']:.0f} ms {record['boot']}")
    print("  " + ", ".join(facts), flush=True)


# Tables


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(values: Sequence[float], digits: int) -> str:
    """The median, and the minimum and maximum if they differ."""
    if not values:
        return "–"
    numbers = (statistics.median(values), min(values), max(values))
    middle, least, most = (f"{number:.{digits}f}" for number in numbers)
    return middle if least == most else f"{middle} ({least}–{most})"


def _failures(records: Sequence[Record]) -> str:
    """A text below a table that describes each kind of failure once."""
    told: dict[str, str] = {}
    for record in records:
        if "failed" in record:
            keys = ("engine", "variant", "visit", "page")
            of = ", ".join(str(record[key]) for key in keys if key in record)
            missing = [f"404: {path}" for path in record.get("missing", [])]
            words = [f"{of} failed: {record['failed']}", *record.get("console", [])[-8:], *missing]
            told.setdefault(of, "\n".join(words).replace("\n", "\n    "))
    return "".join(f"\n\n{words}" for words in told.values())


def _names(records: Sequence[Record]) -> list[str]:
    """The variants, without "ordinary start" if no visit used the snapshot."""
    names = list(dict.fromkeys(record["variant"] for record in records))
    if "snapshot" not in {record.get("boot") for record in records}:
        names = [name for name in names if name != "course, ordinary start"]
    return names


@dataclass(frozen=True)
class Row:
    """A quantity: how to read it from a record (None: missing), and whether less is better."""

    label: str
    value: Callable[[Record], float | None]
    digits: int
    better: str = "less"

    def ratio(self, plain: Sequence[float], ours: Sequence[float]) -> str:
        """By which factor it is better than on the plain page."""
        one, other = (statistics.median(values) if values else 0 for values in (plain, ours))
        if not (self.better and one and other):
            return "–"
        times = one / other if self.better == "less" else other / one
        return f"{times:.0f}" if times >= 10 else f"{times:.2f}"


def _compare(title: str, records: Sequence[Record], rows: Sequence[Row]) -> str:
    """A row for each quantity, a column for each variant, and the factor of improvement."""
    names = _names(records)

    def heading(name: str) -> str:
        own = [record for record in records if record["variant"] == name]
        found = sorted({record["boot"] for record in own if record.get("boot")})
        return f"{name} ({' or '.join(found)})" if found and name == "course" else name

    lines = []
    for row in rows:
        columns = []
        for name in names:
            own = [record for record in records if record["variant"] == name]
            found = [row.value(record) for record in own if "failed" not in record]
            columns.append([number for number in found if number is not None])
        if any(columns):
            ratios = [row.ratio(columns[0], column) for column in columns[1:]]
            lines.append([row.label, *(_cell(column, row.digits) for column in columns), *ratios])
    for name in names:
        bad = sum("failed" in record for record in records if record["variant"] == name)
        if bad:
            lines.append(
                [f"visits that failed, see below: {bad}, {name}", *["–"] * (2 * len(names) - 1)]
            )
    better = [f"times better: {name}" for name in names[1:]]
    return _table([title, *map(heading, names), *better], lines)


def _visits(records: Sequence[Record]) -> str:
    def of(visit: str, key: str, scale: float = 1.0) -> Callable[[Record], Any]:
        return lambda record: record[key] * scale if record["visit"] == visit else None

    def used(take: Callable[[Record], Any]) -> Callable[[Record], Any]:
        return lambda record: take(record) if "moves" in record else None

    rows: list[Row] = []
    for visit in ("first", "second"):
        task = f"{visit} visit: longest main-thread task until ready, ms (0: none over 50)"
        rows += [
            Row(f"{visit} visit: first picture on screen, ms", of(visit, "picture"), 0),
            Row(f"{visit} visit: ready, ms", of(visit, "ready"), 0),
            Row(f"{visit} visit: MB until ready", of(visit, "bytes", 1e-6), 2),
            Row(f"{visit} visit: requests until ready", of(visit, "requests"), 0, ""),
            Row(task, of(visit, "task"), 0),
        ]
    rows += [
        Row("input → new pixels, median, ms", used(lambda r: statistics.median(r["moves"])), 1),
        Row("input → new pixels, 95 %, ms", used(lambda r: _percentile(r["moves"], 95)), 1),
        Row("drag, 60 changes in 1 s: changes taken", used(lambda r: r["drag"]["events"]), 0, ""),
        Row("drag: different pictures", used(lambda r: r["drag"]["pictures"]), 0, "more"),
        Row("drag: the last picture is right (1: yes)", used(lambda r: int(r["right"])), 0, ""),
        Row(
            "drag: longest main-thread task, ms (0: none over 50)",
            used(lambda r: r["drag"]["task"]),
            0,
        ),
    ]
    return _compare("Chromium", records, rows) + _failures(records)


def _tabs(records: Sequence[Record]) -> str:
    rows = [
        Row("memory of the tab when ready, MB", lambda record: record["ready"] * 1e-6, 0),
        Row("memory of the tab after a drag, MB", lambda record: record["drag"] * 1e-6, 0),
        Row("memory of the tab half a minute later, MB", lambda record: record["rest"] * 1e-6, 0),
    ]
    return _compare("Chromium", records, rows) + _failures(records)


@dataclass(frozen=True)
class Goal:
    """A ratio to the plain page that the course should not exceed, of medians of `key`.

    `kind` names a list of records; only those count that have the facts `where`.
    """

    name: str
    kind: str
    where: Record
    key: str
    most: float


FIRST, SECOND = {"visit": "first"}, {"visit": "second"}
GOALS = (
    Goal("first visit: ready after", "visits", FIRST, "ready", 0.22),
    Goal("second visit: ready after", "visits", SECOND, "ready", 0.13),
    Goal("first visit: bytes until ready", "visits", FIRST, "bytes", 0.60),
    Goal("memory of the tab when ready", "tabs", {}, "ready", 1.0),
    Goal("memory of the tab after a drag", "tabs", {}, "drag", 1.0),
    Goal("memory of the tab half a minute later", "tabs", {}, "rest", 1.0),
    Goal("Firefox, first visit: ready after", "engines", {"engine": "firefox"}, "ready", 0.25),
    Goal("WebKit, first visit: ready after", "engines", {"engine": "webkit"}, "ready", 0.33),
)


def _goals(result: Record) -> str:
    """Each goal that was measured, next to its result."""
    rows = []
    for goal in GOALS:
        medians = []
        for variant in ("course", "plain"):
            facts = {**goal.where, "variant": variant}
            found = [
                record for record in result.get(goal.kind, []) if facts.items() <= record.items()
            ]
            values = [record[goal.key] for record in found if goal.key in record]
            medians += [statistics.median(values)] if values else []
        if len(medians) == 2:
            ratio = medians[0] / medians[1]
            reached = "yes" if ratio <= goal.most else "no"
            rows.append([goal.name, f"{goal.most:.2f}", f"{ratio:.2f}", reached])
    return _table(["ratio to the plain page", "goal", "result", "reached"], rows) if rows else ""


def _limited(records: Sequence[Record], title: str) -> str:
    rows = [
        Row("first picture on screen, ms", lambda record: record["picture"], 0),
        Row("ready, ms", lambda record: record["ready"], 0),
    ]
    return _compare(f"Chromium, first visit {title}", records, rows) + _failures(records)


def _engines(records: Sequence[Record]) -> str:
    tables = []
    for engine in ("firefox", "webkit"):
        own = [record for record in records if record["engine"] == engine]
        if not own:
            continue
        version = next((record["version"] for record in own if "version" in record), "")
        title = f"{'Firefox' if engine == 'firefox' else 'WebKitGTK'} {version}"
        tables.append(
            _compare(title, own, [Row("first visit: ready, ms", lambda record: record["ready"], 0)])
        )
    return "\n\n".join(tables) + _failures(records)


def _several(records: Sequence[Record], names: dict[str, str]) -> str:
    """A page with one figure compared with one with several; `names` are the two pages."""
    good = [record for record in records if "failed" not in record]
    pages = [[record for record in good if record["page"] == name] for name in names]
    quantities = [
        ("first figure ready, ms", "ready", 1.0, 0),
        ("WebAssembly memory, all figures shown, MB", "wasm", 1e-6, 1),
        ("memory of the tab, first figure ready, MB", "memory", 1e-6, 0),
        ("memory of the tab, all figures shown, MB", "used", 1e-6, 0),
    ]
    rows = []
    for label, key, scale, digits in quantities:
        one, several = ([record[key] * scale for record in page if record[key]] for page in pages)
        both = one and several
        ratio = f"{statistics.median(several) / statistics.median(one):.2f}" if both else "–"
        rows.append([label, _cell(one, digits), _cell(several, digits), ratio])
    return _table(["Chromium", *names.values(), "ratio"], rows) + _failures(records)


def _changed(records: Sequence[Record]) -> str:
    """How long readers wait for the picture of edited code, relative to a start of the course."""
    good = [record for record in records if "failed" not in record]
    starts = [record["ready"] for record in good]
    first = [record["runs"][0] for record in good]
    later = [statistics.median(record["runs"][1:]) for record in good]

    def ratios(times: Sequence[float]) -> str:
        return _cell([time / start for time, start in zip(times, starts, strict=True)], 2)

    rows = [
        ("start of the course", _cell(starts, 0), "1"),
        ("from Run to the new picture, first time", _cell(first, 0), ratios(first)),
        ("from Run to the new picture, later", _cell(later, 0), ratios(later)),
    ]
    return _table(["Chromium, changed code", "ms", "of a start"], rows) + _failures(records)


def _steps(records: Sequence[Record]) -> str:
    good = [record for record in records if "failed" not in record and record["ms"]]
    rows = []
    for demo, control in dict.fromkeys((r["demo"], r["control"]) for r in good):
        own = [r for r in good if (r["demo"], r["control"]) == (demo, control)]
        anew, count = sum(own[0]["anew"]), len(own[0]["anew"])
        cells = []
        for ratio in (1, 2):
            # the fastest round: other load on the machine can only make a step slower
            rounds = [record["ms"] for record in own if record["ratio"] == ratio]
            quiet = [min(step) for step in zip(*rounds, strict=False)]
            middle = statistics.median(quiet)
            over = middle > (ALL if anew > count / 2 else MOVING)
            cells += [
                f"**{middle:.1f}**" if over else f"{middle:.1f}",
                f"{_percentile(quiet, 95):.1f}",
            ]
        what = f"{anew} of {count}" if anew else "none"
        rows.append([f"{demo}: {control}", own[0]["kind"], what, *cells])
    head = ["a step in the worker, ms", "kind", "axes anew", "ratio 1", "95 %", "ratio 2", "95 %"]
    limits = f"Bold: over {ALL:g} ms, or over {MOVING:g} ms where only artists move."
    return f"{_table(head, rows)}\n\n{limits}{_failures(records)}"


def _percentile(values: Sequence[float], percent: int) -> float:
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
