"""The measurements of `python bench`: start, response to input, memory, and the cost of a step.

__main__.py runs them; each result, or failure, is a plain dictionary.
"""

import functools
import importlib
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, takewhile
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from playwright.sync_api import BrowserContext, Page, Playwright

from bench import browsers
from bench.browsers import PageError, Slowdown, Watch
from bench.server import Line, Server
from bundle.page import SECTIONS
from bundle.project import ROOT

HERE = Path(__file__).resolve().parent
INSIDE = HERE / "inside.js"
LIMIT = 600  # seconds for one visit before its browser is killed
REST = 5  # seconds after a visit for the browser to write its caches
MOVES = 40
DRAG = 60  # changes in one second
WARM = 20  # seconds of uncounted steps, because the engine compiles hot code for a while
WARM_UP = 12  # uncounted steps of each control
STEPS = 30
RUNS = 8  # of edited code
ALL_STEPS = 3600  # seconds for the visit that steps all controls
STEP_TIMEOUT = 6  # seconds for the steps of one control
WIDTH = 720  # CSS pixels of the figures whose steps are timed

Record = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """A page to visit, with the selectors of its picture and slider."""

    name: str
    path: str
    slider: str
    demo: str = ""  # selector of the <ml-demo>; the plain page has none
    state: str = ""  # the URL that sets the slider to {value}

    @property
    def place(self) -> dict[str, str]:
        """The selectors for inside.js."""
        return {"demo": self.demo, "slider": self.slider}


PLAIN = Variant("plain", "plain/plain.html", "[name=mean]")


def variants(dist: Path) -> list[Variant]:
    """The plain page, and the course's page with the same figure for each way to start Python.

    As for a reader, the lesson is opened at its top, and the figure is scrolled to afterwards.
    """
    found = pages(dist).items()
    page = next(url for url, names in found if "normal" in names and url.startswith("lessons/"))
    demo = "ml-demo[name=normal]"
    return [
        PLAIN,
        *(
            Variant(name, f"{page}{query}", f"{demo} [name=mean]", demo,
                    f"{page}{query}#normal?mean={{value}}")
            for name, query in (("course", ""), ("course, ordinary start", "?boot=ordinary"))
        ),
    ]  # fmt: skip


def pages(dist: Path) -> dict[str, list[str]]:
    """The pages in dist/ with demos, the front page last: URL → names of the demos."""
    found = {}
    for file in sorted(dist.rglob("*.html"), key=lambda file: (file.parent == dist, file)):
        soup = BeautifulSoup(file.read_text(), "html.parser")
        if names := [str(tag["name"]) for tag in soup.find_all("ml-demo", attrs={"name": True})]:
            found[file.relative_to(dist).as_posix()] = names
    return found


@dataclass
class Visit:
    """A page that is open in a browser."""

    page: Page
    context: BrowserContext
    server: Server
    watch: Watch

    def call(self, name: str, *arguments: object) -> Any:
        """Call a function of inside.js in the page."""
        return self.page.evaluate("([name, given]) => bench[name](...given)", [name, arguments])

    def begin(self, url: str) -> Record:
        """Open a page and wait until it is ready: times in ms, bytes and requests until then."""
        self.server.forget()
        self.page.goto(url, wait_until="commit")
        deadline = time.monotonic() + browsers.TIMEOUT
        while not self.page.evaluate("window.bench?.times.ready ?? 0"):
            if trouble := self.page.evaluate("window.bench?.trouble() ?? ''"):
                raise PageError(trouble)
            if time.monotonic() > deadline:
                raise PageError(f"not ready after {browsers.TIMEOUT} s")
            time.sleep(0.1)
        memory = self.watch.present
        start: Record = self.call("start")
        count, requests = self.server.until((start["origin"] + start["ready"]) / 1000)
        return {**start, "bytes": count, "requests": requests, "memory": memory}


def visit(
    playwright: Playwright,
    server: Server,
    profile: Path,
    url: str,
    act: Callable[[Visit], Record],
    limit: float = LIMIT,
    slower: float = 1.0,
) -> Record:
    """Visit a page with a new browser process, and return what `act` measures there.

    A failure is returned with the page's console output. `slower` is the factor by which the
    processor is slowed down.
    """
    words: list[str] = []
    with Watch(profile, limit) as watch, Slowdown(profile, slower):
        try:
            with browsers.chromium(playwright, profile) as context:
                context.add_init_script(path=INSIDE)
                page = context.new_page()
                page.on("console", lambda message: words.append(f"{message.type}: {message.text}"))
                page.on("pageerror", lambda error: words.append(f"uncaught: {error}"))
                time.sleep(1)  # let the browser finish starting
                here = Visit(page, context, server, watch)
                found = here.begin(url)
                found |= act(here)
                time.sleep(REST)
        except Exception as error:  # record any failure instead of a number
            reason = f"killed after {limit} s" if watch.late else f"{type(error).__name__}: {error}"
            return {"failed": reason, "console": words, "missing": server.missing}
    return {**found, "console": words}


def start_and_use(
    playwright: Playwright, server: Server, dist: Path, rounds: int, *, start: bool, use: bool
) -> Iterator[Record]:
    """For each variant a first visit with an empty profile, and a second one in a new process.

    The first visit moves the slider, as a reader would, because browsers cache only compiled code
    that was used. The last visit also measures moves and a drag.
    """
    for round_ in range(rounds):
        for variant in variants(dist):
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                url = server.url(variant.path)
                facts = {"variant": variant.name, "round": round_}
                if start:
                    touch = functools.partial(_touch, variant)
                    found = visit(playwright, server, Path(folder), url, touch)
                    yield {**facts, "visit": "first", **found}
                act = functools.partial(_use, variant) if use else _look
                found = visit(playwright, server, Path(folder), url, act)
                yield {**facts, "visit": "second" if start else "first", **found}


def _look(here: Visit) -> Record:
    return {}


def _scroll_to(variant: Variant, here: Visit) -> None:
    if variant.demo:
        here.page.locator(variant.demo).scroll_into_view_if_needed()
        here.page.wait_for_selector(
            f"{variant.demo}[data-state=ready][data-live]", timeout=browsers.TIMEOUT * 1000
        )


def _touch(variant: Variant, here: Visit) -> Record:
    _scroll_to(variant, here)
    here.call("moves", variant.place, MOVES)
    return {}


def _use(variant: Variant, here: Visit) -> Record:
    _scroll_to(variant, here)
    time.sleep(1)
    moves = here.call("moves", variant.place, MOVES)
    drag = here.call("drag", variant.place, DRAG, True)
    if variant.demo:
        fresh = here.context.new_page()  # a new page with its own Python, at the same values
        fresh.goto(here.server.url(variant.state.format(value=drag["value"])))
        ready = f"{variant.demo}[data-state=ready]"
        fresh.wait_for_selector(ready, timeout=browsers.TIMEOUT * 1000)
        afresh = fresh.evaluate("(place) => bench.pixels(place)", variant.place)
    else:
        afresh = here.call("again", variant.place)
    return {"moves": moves, "drag": drag, "right": afresh == drag["last"]}


def limited(
    playwright: Playwright, server: Server, dist: Path, rounds: int, rate: float, slower: float
) -> Iterator[Record]:
    """First visits over a network of `rate` Mbit/s (0: unlimited), with a processor slowed down."""
    server.line = Line(rate)
    try:
        for round_ in range(rounds):
            for variant in variants(dist)[:2]:
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    url = server.url(variant.path)
                    found = visit(playwright, server, Path(folder), url, _look, slower=slower)
                    yield {"variant": variant.name, "round": round_, **found}
    finally:
        server.line = Line()


def other_engines(server: Server, dist: Path, rounds: int) -> Iterator[Record]:
    """First visits in Firefox and WebKit: ms from navigation to ready."""
    for round_ in range(rounds):
        for variant in variants(dist):
            for engine in (browsers.firefox, browsers.webkit):
                server.forget()
                facts = {"engine": engine.__name__, "variant": variant.name, "round": round_}
                try:
                    yield {**facts, **engine(server.url(variant.path))}
                except Exception as error:
                    failed = f"{type(error).__name__}: {error}"
                    words = traceback.format_exc().splitlines()
                    yield {**facts, "failed": failed, "console": words, "missing": server.missing}


# The cost of a step


def steps(
    playwright: Playwright, server: Server, dist: Path, rounds: int, chosen: Sequence[str] = ()
) -> Iterator[Record]:
    """The time of a step in the worker for each control of each demo, at pixel ratios 1 and 2.

    With `chosen`, only for these demos. Each round goes through all controls.
    """
    found: list[Record] = []
    shown = pages(dist)
    demos = chosen or sorted({name for names in shown.values() for name in names})
    drags = [_drag(demo, control) for demo in demos for control in _controls(demo)]

    def act(here: Visit) -> Record:
        end = time.monotonic() + WARM
        for drag in takewhile(lambda _: time.monotonic() < end, cycle(drags)):
            _steps(here, drag, 1)
        found.extend(_steps(here, drag, ratio) for drag in drags for ratio in (1, 2))
        return {}

    page, (demo, *_) = next(iter(shown.items()))
    address = server.url(f"{page}#{demo}")
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            end = visit(playwright, server, Path(folder), address, act, ALL_STEPS)
        yield from found
        found.clear()
        if "failed" in end:
            yield end


def _controls(demo: str) -> list[Any]:
    from stage import controls

    module = importlib.import_module(f"demos.{demo}")
    return list(controls.parameters(module.demo(Figure(figsize=(7.2, 4.5)))).values())


@dataclass(frozen=True)
class Drag:
    """A drag of a control: the form fields of each step, and whether it redraws axes."""

    demo: str
    control: str
    kind: str
    track: list[dict[str, list[str]]]
    anew: list[bool]


def _drag(demo: str, parameter: Any) -> Drag:
    track = [{parameter.name: texts} for texts in _track(parameter, WARM_UP + STEPS)]
    kind = parameter.control.kind
    return Drag(demo, parameter.name, kind, track, _drawn_anew(demo, track))


def _steps(here: Visit, drag: Drag, ratio: int) -> Record:
    requests = [_request(drag.demo, {}, ratio, whole=True)]
    requests += [_request(drag.demo, fields, ratio) for fields in drag.track]
    answers = here.call("steps", requests, STEP_TIMEOUT * 1000)[1 + WARM_UP :]
    return {
        "demo": drag.demo,
        "ratio": ratio,
        "control": drag.control,
        "kind": drag.kind,
        "ms": [answer["ms"] for answer in answers],
        "bytes": [answer["bytes"] for answer in answers],
        "anew": drag.anew[WARM_UP : WARM_UP + len(answers)],
    }


def _request(
    demo: str, fields: dict[str, list[str]], ratio: int = 1, *, whole: bool = False
) -> Record:
    """A request as python.js takes it."""
    place = {"width": WIDTH, "ratio": ratio, "theme": "light"}
    return {"demo": demo, "fields": fields, "whole": whole, **place}


def _drawn_anew(demo: str, track: Sequence[dict[str, list[str]]]) -> list[bool]:
    """Which steps redraw axes with all their ticks, found by running the same code natively."""
    from stage.drawing import Stage

    draw = Axes.draw
    count = 0

    def counted(axes: Axes, renderer: RendererBase) -> None:
        nonlocal count
        count += 1
        draw(axes, renderer)

    stage = Stage(importlib.import_module(f"demos.{demo}").demo, WIDTH, 1, "light")
    Axes.draw = counted  # type: ignore[method-assign, assignment]
    try:
        stage.draw({})
        found = []
        for fields in track:
            before = count
            stage.draw(fields)
            found.append(count > before)
        return found
    finally:
        Axes.draw = draw  # type: ignore[method-assign]


def _track(parameter: Any, count: int) -> list[list[str]]:
    """`count` settings of a control, each different from the one before, moving back and forth."""
    found: list[list[str]] = []
    number = 0
    while len(found) < count:
        texts = _setting(parameter, number)
        if texts != (found[-1] if found else parameter.texts):
            found.append(texts)
        number += 1
        if number > 100 * count:
            raise PageError(f"the control {parameter.name} has only one setting")
    return found


def _setting(parameter: Any, number: int) -> list[str]:
    control = parameter.control
    match control.kind:
        case "slider":
            low, high = control.low, control.high
            if not control.log:
                return list(control.write(_to_and_fro(low, high, control.step, number)))
            decades = math.log10(low), math.log10(high)
            value = 10 ** _to_and_fro(*decades, control.step, number)
            return list(control.write(min(max(float(f"{value:.3g}"), low), high)))
        case "steps":
            return list(control.write(round(_to_and_fro(0, control.last, 1, number))))
        case "seed":
            return list(control.write((parameter.default + 1 + number) % control.last))
        case "choice":
            return [control.options[number % len(control.options)]]
        case "toggle" | "button":
            return [str(number % 2)]
        case "check":  # the answer comes in
            return [format(number % 11 / 10, "g")]
        case "matrix":
            texts = list(parameter.texts)
            value = _to_and_fro(control.low, control.high, control.step, number)
            texts[number // 10 % len(texts)] = format(value, ".12g")
            return texts
        case "points":
            texts = list(parameter.texts) or ["0", "0"]
            for axis, (low, high) in enumerate((control.x, control.y)):
                value = _to_and_fro(low, high, control.steps[axis], number)
                texts[2 * (number // 10 % (len(texts) // 2)) + axis] = format(value, ".12g")
            return texts
    raise PageError(f"cannot move a control of the kind {control.kind}")


def _to_and_fro(low: float, high: float, step: float, number: int) -> float:
    """The position after `number` moves of a twentieth of the range, rounded to the steps."""
    last = max(1, round((high - low) / step))
    stride = max(1, last // 20)
    place = abs((number * stride + last) % (2 * last) - last)
    return min(low + place * step, high)


# Ten demos


def ten_demos(playwright: Playwright, rounds: int) -> Iterator[Record]:
    """A page with ten demos compared with a page with one, in a course built only for this."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        project = Path(folder) / "project"
        _make_project(project)
        code = "import pathlib; from bundle import course; course.build(pathlib.Path('dist'))"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=project, text=True, capture_output=True, check=False)
        if done.returncode:
            words = [done.stdout, done.stderr]
            yield {"failed": "the course with ten demos was not built", "console": words}
            return
        server = Server({"": project / "dist"})
        try:
            for round_ in range(rounds):
                for name in ("01-one", "02-ten"):
                    url = server.url(f"lessons/{name}.html#{_names(project)[0]}")
                    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                        found = visit(playwright, server, Path(profile), url, _wake_all)
                    yield {"page": name, "round": round_, **found}
        finally:
            server.shutdown()


def lessons(playwright: Playwright, dist: Path, rounds: int) -> Iterator[Record]:
    """The lesson with the most figures, with only its first figure, and that figure's own page."""
    found = {path: names for path, names in pages(dist).items() if path.startswith("lessons/")}
    path, names = max(found.items(), key=lambda item: len(item[1]))
    soup = BeautifulSoup((dist / path).read_text(), "html.parser")
    for figure in soup.find_all("ml-demo")[1:]:
        figure.decompose()
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.html"
        one.write_text(str(soup))
        own = Server({"": dist, "lessons/one.html": one})
        addresses = {"alone": f"demos/{names[0]}.html", "one": "lessons/one.html", "all": path}
        try:
            for round_ in range(rounds):
                for name, address in addresses.items():
                    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                        url = own.url(address)
                        facts = visit(playwright, own, Path(profile), url, _wake_all)
                    yield {"page": name, "path": address, "round": round_, **facts}
        finally:
            own.shutdown()


# Runs the code in the panel; returns the ms from the click to the new picture.
RUN = """() => new Promise((resolve, reject) => {
  const panel = document.querySelector(".code-panel");
  const began = performance.now();
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - began));
  }).observe(panel.closest("ml-demo"), {attributeFilter: ["data-frame"]});
  new MutationObserver(() => {
    const wrong = panel.querySelector(".misread:not([hidden])");
    if (wrong) reject(new Error(wrong.textContent));
  }).observe(panel, {subtree: true, childList: true, attributes: true});
  panel.querySelector("[data-does=run]").click();
})"""


def changed_code(
    playwright: Playwright, server: Server, dist: Path, rounds: int
) -> Iterator[Record]:
    """The start of a page, and the time from *Run* to the picture of edited code."""
    url = server.url(next(url for url, names in pages(dist).items() if names == ["normal"]))
    for round_ in range(rounds):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            yield {
                "page": "changed code",
                "round": round_,
                **visit(playwright, server, Path(profile), url, _run_changed),
            }


def _run_changed(here: Visit) -> Record:
    here.page.locator("[data-does=code]").click()
    panel = here.page.locator(".code-panel")
    panel.locator("select").select_option("")
    field = panel.locator("textarea")
    original, line = field.input_value(), "        top = float(pdf(mean, mean, sd))\n"
    runs = []
    for number in range(RUNS):
        field.fill(original.replace(line, f"{line}        mean += {number + 1} / 10\n"))
        runs.append(here.page.evaluate(RUN))
    return {"runs": runs}


def _wake_all(here: Visit) -> Record:
    demos = here.call("wakeAll")
    time.sleep(1)
    (worker,) = (one for one in here.page.workers if one.url.endswith("/worker.js"))
    wasm = worker.evaluate("globalThis.pyodide?._module.HEAPU8.byteLength ?? null")
    return {"demos": demos, "used": here.watch.present, "wasm": wasm}


def _names(project: Path) -> list[str]:
    files = (project / "py" / "demos").glob("*.py")
    return sorted(file.stem for file in files if file.stem != "__init__")


def _make_project(project: Path) -> None:
    """A course with ten demos, some copied if there are fewer: a page with one, a page with all."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("bundle", "py", "site"):
        shutil.copytree(ROOT / name, project / name, ignore=ignore)
    for name in ("pyproject.toml", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, project)
    os.symlink(ROOT / "node_modules", project / "node_modules", target_is_directory=True)
    demos = project / "py" / "demos"
    originals = _names(project)
    for extra in originals[10:]:
        (demos / f"{extra}.py").unlink()
    for number in range(10 - len(originals)):
        original = originals[number % len(originals)]
        shutil.copy(demos / f"{original}.py", demos / f"{original}_copy_{number}.py")
    shutil.rmtree(project / "site" / "lessons")
    names = _names(project)
    head = '<title>{0}</title><meta name="description" content="{0}.">'
    (project / "site" / "lessons").mkdir()
    (project / "site" / "index.html").write_text(head.format("Ten demos"))
    for title, shown in (("01-one", names[:1]), ("02-ten", names)):
        page = head.format(title) + '<meta name="part" content="1">'
        for part in SECTIONS:
            tags = [f'<ml-demo name="{name}"></ml-demo>' for name in shown if part == "demo"]
            page += f'<section id="{part}"><h2>{part}</h2>{"".join(tags)}</section>'
        (project / "site" / "lessons" / f"{title}.html").write_text(page)
