"""See the Python: the first function shown, changed code, and the limits of the sandbox.

tests/scripts/see-python.test.js tests the parsing of code and the writing of values.
"""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support import changes
from support.machine import wait_for
from support.pages import TIMEOUT
from support.servers import Server

import edited_figure
import watchdog
from bundle import demos, runtime, see_python
from bundle.project import BuildError

LOOK = (360, 1, "light")
SOURCE = demos.sources()["normal"]
NEEDS_MONITORING = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="this Python has no sys.monitoring; the browser's has"
)


# Which function is shown first


@pytest.mark.parametrize("name", demos.names())
def test_every_figure_has_a_function_to_begin_with(name: str) -> None:
    shown = see_python.mathematics(demos.sources()[name])
    module = importlib.import_module(f"demos.{name}")
    assert callable(getattr(module, shown))
    assert shown != "demo", "the drawing is not the mathematics"


def test_the_laboratories_begin_with_the_formula_of_their_lesson() -> None:
    shown = {name: see_python.mathematics(source) for name, source in demos.sources().items()}
    assert shown["gradient_descent"] == "points"
    assert shown["optimizers"] == "race"
    assert shown["cross_validation"] == "errors"


def test_the_function_with_an_equation_comes_first() -> None:
    source = 'def data():\n    """Points."""\n\ndef _own():\n    """x = 1"""\n'
    assert see_python.mathematics(source) == "data"
    assert see_python.mathematics(source + '\ndef g(x):\n    """g(x) = x²"""\n') == "g"


# Changed code in this Python, without the watchdog


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeping:
        def __init__(self, code: object, pace: float) -> None:
            self.running = nullcontext

    monkeypatch.setattr(edited_figure, "Watch", Sleeping)
    monkeypatch.setattr(edited_figure, "_prepare", lambda: None)


def run(source: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(edited_figure.run("normal", source, *LOOK))
    return found


def refusal(source: str) -> dict[str, Any]:
    with pytest.raises(edited_figure.CodeError) as caught:
        run(source)
    found: dict[str, Any] = json.loads(str(caught.value))
    return found


@pytest.mark.whole
@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize("name", demos.names())
def test_every_figure_can_be_changed(name: str) -> None:
    """What is tried in browsers for some (test_engines.py)."""

    def ran(source: str) -> dict[str, bool]:
        found = json.loads(edited_figure.run(name, source, *LOOK))
        return {control["name"]: control["same"] for control in found["controls"]}

    def drawn(given: dict[str, list[str]]) -> tuple[bytes, str]:
        picture = edited_figure.draw(name, given, *LOOK, whole=True)
        return bytes(picture.pixels), json.loads(picture.for_page())["printed"]

    source = demos.sources()[name]
    controls = ran(source)
    assert all(controls.values())
    original, _ = drawn({})
    assert ran(changes.changed(source)) == {changes.EXTRA: False, **controls}
    changed, printed = drawn({})
    assert printed == f"{changes.EXTRA} is 1.0\n"
    moved, printed = drawn({changes.EXTRA: ["2"]})
    assert printed == f"{changes.EXTRA} is 2.0\n"
    assert len({original, changed, moved}) == 3


@pytest.mark.usefixtures("unwatched")
class TestChangedCode:
    def test_the_original_has_its_own_controls(self) -> None:
        found = run(SOURCE)
        assert [control["name"] for control in found["controls"]] == [
            *("mean", "sd", "a", "b", "cumulated", "n", "seed")
        ]
        assert all(control["same"] for control in found["controls"])

    def test_the_signature_is_the_control_panel(self) -> None:
        more = SOURCE.replace(
            "        n: Annotated[int, Slider(0, 2000, 10,",
            '        k: Annotated[float, Slider(0, 5, 0.5, label="k")] = 2.0,\n'
            "        n: Annotated[int, Slider(0, 500, 10,",
        )
        by_name = {control["name"]: control for control in run(more)["controls"]}
        assert by_name["mean"]["same"]
        assert not by_name["n"]["same"]
        assert by_name["n"]["high"] == 500
        assert by_name["k"]["texts"] == ["2"]
        assert by_name["k"]["kind"] == "slider"

    def test_a_changed_line_changes_the_picture_and_prints(self) -> None:
        run(SOURCE)
        before = edited_figure.draw("normal", {}, *LOOK)
        line = "        top = float(pdf(mean, mean, sd))\n"
        run(
            SOURCE.replace(line, f'{line}        print("top", round(top, 2))\n        mean = 2.0\n')
        )
        after = edited_figure.draw("normal", {}, *LOOK)
        assert bytes(after.pixels) != bytes(before.pixels)
        assert json.loads(after.for_page())["printed"] == "top 0.4\n"

    def test_what_fails_leaves_the_code_that_drew_before(self) -> None:
        run(SOURCE)
        line = SOURCE[: SOURCE.index("top = float(pdf(mean, mean, sd))")].count("\n") + 1
        told = refusal(
            SOURCE.replace(
                "top = float(pdf(mean, mean, sd))", "top = float(pdf(mean, mean, sd)) // 0"
            )
        )
        assert told["line"] == line
        assert "ZeroDivisionError" in told["sentence"]
        assert edited_figure.draw("normal", {}, *LOOK).caption

    @pytest.mark.parametrize(
        ("old", "new", "line", "word"),
        [
            ("import math\n", "import math(\n", 3, "syntax"),
            ("import math\n", "import mathematics\n", 3, "mathematics"),
            ("def demo(", "def scene(", 0, "demo"),
            ("        ] = 1.0,", "        ] = 9.0,", 0, "sd"),
            ("Shape(wide=1.75, narrow=1.1)", "Shape(wide=1.75, narrow=0.001)", 0, "Shape"),
            ("        top = float(pdf(mean, mean, sd))", "        return 1", 0, "caption|sentence"),
        ],
    )
    def test_each_fault_is_told_in_a_sentence(
        self, old: str, new: str, line: int, word: str
    ) -> None:
        assert old in SOURCE
        told = refusal(SOURCE.replace(old, new, 1))
        assert told["line"] == line
        assert any(part in told["sentence"] for part in word.split("|"))

    def test_print_has_a_limit(self) -> None:
        found = run(
            SOURCE.replace("import math\n", 'import math\nfor _ in range(999): print("x" * 99)\n')
        )
        assert len(found["printed"]) < edited_figure.MOST_PRINTED + 10

    def test_a_missing_module_is_fetched_and_the_browser_is_none(self) -> None:
        assert refusal("import mathematics")["missing"]
        sys.modules["js"] = None  # type: ignore[assignment]
        told = refusal("import js")
        del sys.modules["js"]
        assert not told["missing"]
        assert "browser" in told["sentence"]


# The watchdog


ENDLESS = {
    "a loop": "while True: pass",
    "a loop that counts": "x = 0\nwhile x >= 0:\n    x += 1",
    "a loop that catches": "while 1:\n    try:\n        while 1: pass\n    except Exception: pass",
    "a generator": "def g():\n    while True:\n        yield 1\nfor _ in g():\n    pass",
    "functions": "def f(n):\n    return n and f(n - 1)\nwhile True: f(9)",
    "a list": "all = []\nwhile True: all.append(0)",
    "what sleeps": "import time\nwhile True:\n    time.sleep(0.05)",
}


@NEEDS_MONITORING
@pytest.mark.parametrize("kind", ENDLESS)
def test_code_that_does_not_end_is_stopped(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "SECONDS", 0.05)
    monkeypatch.setattr(watchdog, "LONGEST", 0.2)
    code = compile(ENDLESS[kind], "endless.py", "exec")
    with pytest.raises(watchdog.TooLong), watchdog.Watch(code).running():
        exec(code, {})


# Packages that the figures do not use


@pytest.mark.usefixtures("unwatched")
class TestImports:
    def test_what_is_not_there_is_named(self) -> None:
        for code, module in (
            ("import mathematics.sub", "mathematics"),
            ("from mathematics import sums", "mathematics"),
            ("import numpy.nothing", ""),
            ("from math import nothing", ""),
            ("open('nothing')", ""),
        ):
            told = refusal(SOURCE.replace("import math\n", f"import math\n{code}\n"))
            assert (told["module"], told["missing"]) == (module, True), code

    @pytest.mark.parametrize(
        "code",
        [
            "from wave import (\n    open as opened,\n)",
            "def f():\n    if f:\n        return\n    else:\n        import wave",
            "try: f\nexcept NameError: import wave",
            "try: f\nexcept NameError: pass\nfinally:\n    with open: import wave",
            "class C:\n    def f(x):\n        match x:\n            case 1: import wave",
        ],
    )
    def test_a_library_is_imported_before_the_time_of_the_code_counts(
        self, monkeypatch: pytest.MonkeyPatch, code: str
    ) -> None:
        there = []

        class Looking:
            def __init__(self, code: object, pace: float) -> None:
                there.append("wave" in sys.modules)
                self.running = nullcontext

        monkeypatch.setattr(edited_figure, "Watch", Looking)
        monkeypatch.delitem(sys.modules, "wave", raising=False)
        with suppress(edited_figure.CodeError):
            run(SOURCE.replace("import math\n", f"import math\n{code}\n"))
        assert there == [True]

    def test_packages_come_by_micropip(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        async def install(packages: list[str]) -> None:
            assert "js" not in sys.modules
            asked.extend(packages)

        micropip = ModuleType("micropip")
        monkeypatch.setattr(micropip, "install", install, raising=False)
        monkeypatch.setitem(sys.modules, "micropip", micropip)
        monkeypatch.delitem(sys.modules, "wave", raising=False)
        monkeypatch.setitem(sys.modules, "js", None)
        with pytest.raises(StopIteration):  # it doesn't wait for anything here
            edited_figure.install("normal", ["scipy"], "import wave").send(None)
        assert sys.modules["js"] is None
        assert asked == ["scipy"]
        assert "wave" in sys.modules


def test_one_list_says_what_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    known = runtime.importable()
    assert known["numpy"] == "numpy"
    assert known["scipy"] == "scipy"
    assert "micropip" not in known
    assert {f"{name}-" for name in runtime.more()} <= {
        f"{file.split('-')[0]}-" for file in runtime.more_wheels()
    }
    monkeypatch.setattr(runtime, "lock", lambda: {})
    with pytest.raises(BuildError, match=r"scipy.*pyproject\.toml"):
        runtime.more()


# In a page. Python for changed code starts once: the tests share a page, and each starts with the
# original.


class Panel:
    """A figure's panel, opened with its button."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.demo = page.locator("ml-demo").first
        self.root = page.locator(".code-panel")
        self.field = self.root.locator("textarea")
        self.trouble = self.root.locator(".misread")
        self.told = self.root.locator(".told")

    def source(self) -> str:
        self.root.locator("select").select_option("")
        return self.field.input_value()

    def change(self, old: str, new: str) -> None:
        """Change the original, once it is loaded."""
        source = self.source()
        assert old in source
        self.field.fill(source.replace(old, new, 1))

    def works(self, source: str) -> None:
        """Run a source that draws the figure."""
        self.field.fill(source)
        said = self.said()
        assert said.startswith("Your version"), said

    def run(self, old: str, new: str) -> str:
        """Run a change; the message that follows."""
        self.change(old, new)
        return self.said()

    def said(self) -> str:
        """The message after the code in the editor has run, started with the keyboard."""
        self.field.press("Control+Enter")
        settled = self.root.locator(".told:visible", has_text="Your version").or_(
            self.root.locator(".misread:visible")
        )
        expect(settled).to_be_visible(timeout=TIMEOUT)
        return settled.inner_text()

    def controls(self) -> list[str]:
        found: list[str] = self.demo.locator("form").evaluate(
            "(form) => [...form.querySelectorAll('.control')].map(({dataset}) => dataset.name)"
        )
        return found

    def frame(self) -> int:
        return int(self.demo.get_attribute("data-frame") or 0)

    def set(self, name: str, value: float) -> None:
        """Move a slider, and wait for the picture."""
        slider = self.demo.locator(f"input[type=range][name={name}]")
        move = "(e, to) => {e.value = to; e.dispatchEvent(new Event('input', {bubbles: true}))}"
        self.draws(lambda: slider.evaluate(move, value))

    def draws(self, act: Callable[[], object]) -> None:
        """Wait for the picture that an action produces."""
        before = self.frame()
        act()
        wait_for("a picture", lambda: self.frame() > before, 30)


@pytest.fixture(scope="module")
def opened(browser: Browser, course_server: Server) -> Iterator[Panel]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: print(message.text))
    course_server.faults.asked.clear()  # others have used it before
    page.goto(course_server.url + "demos/normal.html")
    demo = page.locator("ml-demo").first
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    assert not [path for path in course_server.faults.asked if re.search("editor|sandbox", path)]
    demo.get_by_role("button", name="See the Python").click()
    expect(page.locator(".code-panel")).to_be_visible()
    yield Panel(page, course_server)
    context.close()


@pytest.fixture
def panel(opened: Panel) -> Panel:
    original = opened.root.get_by_role("button", name="Restore the original")
    if original.is_enabled():
        original.click()
    return opened


def test_the_mathematics_comes_first_and_the_call_follows_the_controls(panel: Panel) -> None:
    panel.root.locator("select").select_option("pdf")
    assert panel.field.input_value().startswith("def pdf(")
    assert "exp(" in panel.field.input_value()
    call = panel.root.locator(".call")
    assert not re.search(r",\s*\)$", call.inner_text()), "a hidden argument leaves no comma"
    sd = call.locator("label", has_text="sd=").locator("input")
    slider = panel.demo.locator("input[name=sd]")
    panel.draws(lambda: sd.fill("2.5"))
    assert slider.input_value() == "2.5"
    expect(panel.demo.locator("[data-pointed]")).to_have_attribute("data-name", "sd")
    sd.blur()
    panel.set("sd", 1)
    expect(sd).to_have_value("1")


def test_a_keyboard_gets_in_and_out(panel: Panel) -> None:
    panel.field.focus()
    panel.page.keyboard.press("Tab")
    expect(panel.field).not_to_be_focused()
    panel.root.get_by_label("Tab key indents").check()
    panel.field.focus()
    before = panel.field.input_value()
    panel.page.keyboard.press("Tab")
    expect(panel.field).to_be_focused()
    assert panel.field.input_value() != before
    panel.page.keyboard.press("Escape")
    panel.page.keyboard.press("Tab")
    expect(panel.field).not_to_be_focused()
    panel.root.get_by_label("Tab key indents").uncheck()


def test_changed_code_draws_and_its_signature_is_the_control_panel(panel: Panel) -> None:
    added = '        k: Annotated[float, Slider(0, 2, 0.5, label="<b>k</b>")] = 1.0,\n'
    first = "        probability = between(a, b, mean, sd)\n"
    before = panel.demo.locator(".caption").inner_text()
    panel.change("        n: Annotated", f"{added}        n: Annotated")
    more = f'        mean -= k\n        print("k is", k)\n{first}'
    panel.draws(lambda: panel.works(panel.field.input_value().replace(first, more)))
    assert panel.controls() == ["mean", "sd", "a", "b", "k", "cumulated", "n", "seed"]
    assert panel.demo.locator("b").count() == 0, "a label is text"
    expect(panel.root.locator(".printed")).to_have_text("k is 1.0\n")
    assert panel.demo.locator(".caption").inner_text() != before
    panel.set("k", 2)
    expect(panel.root.locator(".printed")).to_have_text("k is 2.0\n")
    panel.draws(panel.root.get_by_role("button", name="Restore the original").click)
    assert panel.controls() == ["mean", "sd", "a", "b", "cumulated", "n", "seed"]
    expect(panel.demo.locator(".caption")).to_have_text(before)


def test_the_canvas_follows_a_changed_shape(panel: Panel) -> None:
    size = "({width, height}) => [width, height]"
    canvas = panel.demo.locator("canvas")
    across, down = canvas.evaluate(size)
    panel.change("Shape(wide=1.75", "Shape(wide=1.25")
    panel.draws(lambda: panel.works(panel.field.input_value()))
    assert canvas.evaluate(size) == [across, pytest.approx(down * 1.75 / 1.25, abs=2)]
    panel.draws(panel.root.get_by_role("button", name="Restore the original").click)
    assert canvas.evaluate(size) == [across, down]


def test_undone_changes_are_the_original_again(panel: Panel) -> None:
    restore = panel.root.get_by_role("button", name="Restore the original")
    written = panel.source()
    panel.field.press("End")
    panel.page.keyboard.insert_text("# mine ")
    expect(restore).to_be_enabled()
    panel.field.press("Control+z")
    expect(panel.field).to_have_value(written)
    expect(restore).to_be_disabled()
    panel.page.keyboard.insert_text("# mine ")
    assert panel.said().startswith("Your version")
    panel.field.press("Control+z")
    expect(panel.field).to_have_value(written)
    expect(restore).to_be_enabled()  # the figure is still drawn by the changed code
    panel.field.press("Control+Enter")
    expect(panel.told).to_have_text("The original draws the figure now.", timeout=TIMEOUT)
    restore.click()  # back to the Python of the course
    expect(panel.told).to_have_text("The original draws the figure again.")
    expect(restore).to_be_disabled()


def test_a_fault_is_told_at_its_line_and_the_picture_stays(panel: Panel) -> None:
    source = panel.source()
    line = source[: source.index("top = float(pdf(mean, mean, sd))")].count("\n") + 1
    before = panel.demo.locator(".caption").inner_text()
    assert f"Line {line}: ZeroDivisionError" in panel.run(
        "top = float(pdf(mean, mean, sd))", "top = float(pdf(mean, mean, sd)) / 0"
    )
    expect(panel.root.locator(".at-line")).to_contain_text("ZeroDivisionError")
    expect(panel.demo.locator(".caption")).to_have_text(before)
    expect(panel.demo).to_have_attribute("data-state", "ready")
    panel.change("import math\n", "import math(\n")  # not run: only the syntax is checked
    expect(panel.trouble).to_contain_text("Line 3", timeout=30_000)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("while True: top = 1", True),
        ("top = (lambda f: f(f))(lambda f: f(f))", True),
        ("top = []\n        while True: top.append([0] * 100_000)", True),
        ("top = []\n        while True: top.append(bytes(10**7))", True),
        ("import re; re.match('(a+)+$', 'a' * 60 + 'b'); top = 1", False),
        ("top = np.ones((10**9, 10**9))", True),
        ("top = 1; fig.set_size_inches(900, 900)", False),
        ("print('x' * 10**7); raise ValueError('x' * 10**7)", True),
    ],
)
def test_what_would_never_end_ends_in_a_usable_page(panel: Panel, code: str, line: bool) -> None:
    before = panel.demo.locator(".caption").inner_text()
    told = panel.run("top = float(pdf(mean, mean, sd))", code)
    assert told.startswith("Line ") == line, told
    assert len(told) < 6_000
    panel.set("mean", 1)
    panel.demo.get_by_role("button", name="Reset", exact=True).click()
    expect(panel.demo.locator(".caption")).to_have_text(before)


def test_code_has_the_same_memory_after_code_that_used_it_up(panel: Panel) -> None:
    """Memory held by the last error must be free for the next picture."""
    line = "top = float(pdf(mean, mean, sd))"
    original = panel.source()
    assert line in original
    more = original.replace(line, f"{line} + 0 * len(bytes(6 * 10**8))")
    for code in (
        "top = [bytes(10**8) for _ in range(6)]; top / 0",
        "top = []\n        while True: top.append(bytes(10**8))",
    ):
        panel.field.fill(original.replace(line, code))
        assert panel.said().startswith("Line ")
        panel.draws(lambda: panel.works(more))


def test_a_package_comes_when_it_is_imported(panel: Panel) -> None:
    panel.server.faults.asked.clear()
    source = panel.source().replace("import math\n", "import math\nfrom scipy import stats\n", 1)
    line = "        top = float(pdf(mean, mean, sd))\n"
    shown = panel.page.evaluate_handle(
        """() => {
          const seen = new Set();
          const told = document.querySelector(".code-panel .told");
          const add = () => told.hidden || seen.add(told.textContent);
          new MutationObserver(add).observe(told, {childList: true, attributes: true});
          return seen;
        }"""
    )
    panel.works(source.replace(line, f"{line}        print(stats.norm.cdf(1).round(4))\n"))
    expect(panel.root.locator(".printed")).to_have_text("0.8413\n")
    asked = [path for path in panel.server.faults.asked if "scipy" in path]
    assert len(asked) == 1
    words = " ".join(shown.evaluate("(seen) => [...seen]"))
    assert re.search(r"scipy: [\d.]+ of 14\.\d MB", words), words
    expect(panel.root.locator("progress")).to_be_hidden()


def test_a_package_that_is_not_there_is_told_with_those_that_are(panel: Panel) -> None:
    said = panel.run("import math\n", "import math\nimport pandas as pd\n")
    assert said.startswith("Line 4: ")
    for name in ("pandas", "numpy", "matplotlib", "scipy"):
        assert name in said
    assert "micropip" not in said


ATTEMPTS = (Path(__file__).parent / "support" / "attempts.py").read_text()
REPORT = '        print("\\n".join(SAID))\n        top = float(pdf(mean, mean, sd))\n'


def test_changed_code_reaches_nothing_outside(
    panel: Panel, serve_folder: Callable[[Path], Server], tmp_path: Path
) -> None:
    other = serve_folder(tmp_path)
    attempts = f"HOSTS = {[panel.server.url, other.url]}\n{ATTEMPTS}"
    source = panel.source().replace("import math\n", f"import math\n{attempts}", 1)
    source = source.replace("        top = float(pdf(mean, mean, sd))\n", REPORT, 1)
    panel.draws(lambda: panel.works(source))
    printed = panel.root.locator(".printed")
    for value in (1, 2, 1, 2):  # later refusals are reported with the next picture
        panel.set("mean", value)
    said = printed.inner_text()
    assert "refused" in said
    got = [line for line in said.splitlines() if "GOT" in line and "status 404" not in line]
    assert not got, said
    for server in (panel.server, other):
        assert not [path for path in server.faults.asked if "stolen" in path]


def test_a_flood_to_the_page_ends_the_sandbox_alone(panel: Panel) -> None:
    flood = """
import sys
for module in ("js", "_pyodide_core"):
    if sys.modules.get(module, 0) is None: del sys.modules[module]
import js
from pyodide.ffi import create_proxy
post = js.MessagePort.prototype.postMessage
def taken(port, *message):
    for _ in range(5_000): post.call(port, "flood")
js.MessagePort.prototype.postMessage = create_proxy(taken, capture_this=True)
"""
    told = panel.run("import math\n", f"import math\n{flood}")
    assert told
    panel.draws(panel.demo.get_by_role("button", name="Reset", exact=True).click)
    expect(panel.demo).to_have_attribute("data-state", "ready")


def test_a_frame_shows_the_code_only_if_it_is_asked_to(
    context: BrowserContext, course: Server
) -> None:
    page = context.new_page()
    page.goto(course.url + "demos/normal.html?embed=1")
    expect(page.locator("[data-does=code]")).to_be_hidden()
    page.goto(course.url + "demos/normal.html?embed=1&code=1")
    expect(page.locator(".code-panel")).to_be_visible()
    expect(page.locator(".code-panel").get_by_role("button", name="Run")).to_be_visible()


def test_on_a_screen_in_public_the_code_is_there_to_read(
    context: BrowserContext, course: Server
) -> None:
    page = context.new_page()
    page.goto(course.url + "demos/normal.html?kiosk=1&code=1")
    panel = page.locator(".code-panel")
    expect(panel.locator(".fixed")).to_be_visible()
    expect(panel.get_by_role("button", name="Run")).to_be_hidden()
    expect(panel.locator("textarea")).to_have_attribute("aria-readonly", "true")


def test_a_link_carries_a_change_that_never_runs_by_itself(panel: Panel) -> None:
    panel.works(
        panel.source().replace(
            "top = float(pdf(mean, mean, sd))", "top = float(pdf(mean, mean, sd)) + 10"
        )
    )
    panel.page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    panel.root.get_by_role("button", name="Copy link to this version").click()
    copied = wait_for("the link", lambda: panel.page.evaluate("window.copied"), 10)
    change = re.search(r"python=([\w-]+)", copied)[1]  # type: ignore[index]
    panel.server.faults.asked.clear()
    page = panel.page.context.new_page()
    page.goto(f"{panel.server.url}demos/normal.html#normal?mean=1&python={change}")
    opened = page.locator(".code-panel")
    expect(opened.locator(".told")).to_contain_text("Run")
    expect(opened.locator("textarea")).to_have_value(re.compile("sd\\)\\) \\+ 10"))
    demo = page.locator("ml-demo").first
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    expect(demo.locator("input[name=mean][type=range]")).to_have_value("1")
    expect(demo.locator(".from-link")).to_be_hidden()
    assert not [path for path in panel.server.faults.asked if "runtime/sandbox" in path]
    page.goto("about:blank")
    page.goto(f"{panel.server.url}demos/normal.html#normal?python={change[:-5]}")
    expect(page.locator(".code-panel .misread")).to_contain_text("be read")
    page.close()


def test_the_version_that_ran_last_stays_beside_the_original_and_comes_home(panel: Panel) -> None:
    line = "top = float(pdf(mean, mean, sd))"
    panel.works(panel.source().replace(line, f"{line} + 20"))
    with panel.page.expect_download() as file:
        panel.root.get_by_role("link", name="Download normal.py").click()
    assert file.value.suggested_filename == "normal.py"
    assert f"{line} + 20" in file.value.path().read_text()
    panel.page.reload()
    demo = panel.page.locator("ml-demo").first
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    demo.get_by_role("button", name="See the Python").click()
    assert "+ 20" not in panel.source(), "the original comes first"
    with panel.page.expect_download() as download:
        panel.root.get_by_role("button", name="Download notebook").click()
    assert download.value.suggested_filename == "normal.ipynb"
    cells = json.loads(download.value.path().read_text())["cells"]
    assert "math_for_ml-" in "".join(cells[0]["source"])
    assert "lesson 11" in "".join(cells[0]["source"])
    assert "show(demo, mean=0, " in "".join(cells[2]["source"])
    assert f"{line} + 20" in "".join(cells[4]["source"])
    panel.root.get_by_role("button", name="Your last version").click()
    expect(panel.told).to_contain_text("Run")
    assert "+ 20" in panel.source()
