"""See the Python, in any engine: a change that fits every figure, and the panel to make it in."""

import ast
import json
from collections.abc import Callable, Iterable
from typing import Any

from support.machine import wait_for

EXTRA = "extra"
IMPORTS = "from typing import Annotated\nfrom stage import Slider\n"
SLIDER = f'{EXTRA}: Annotated[float, Slider(0, 2, 0.5, label="{EXTRA}")] = 1.0,\n'


def functions(source: str) -> tuple[ast.Module, ast.FunctionDef]:
    """A figure's file, and its `update`."""
    tree = ast.parse(source)
    scene = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "demo"
    )
    update = next(
        node
        for node in ast.walk(scene)
        if isinstance(node, ast.FunctionDef) and node.name == "update"
    )
    return tree, update


def changed(source: str) -> str:
    """A figure's code with one more slider, which sets the color of the figure's background."""
    tree, update = functions(source)
    lines = source.splitlines(keepends=True)
    first = update.body[0]
    space = " " * first.col_offset
    lines[first.lineno - 1 : first.lineno - 1] = [
        f"{space}fig.set_facecolor(({EXTRA} / 2, 0.5, 0.5))\n",
        f'{space}print("{EXTRA} is", {EXTRA})\n',
    ]
    head = lines[update.lineno - 1]
    lines[update.lineno - 1] = head.replace("def update(", f"def update(\n{space}{SLIDER}{space}")
    lines.insert(tree.body[0].end_lineno or 1, IMPORTS)
    return "".join(lines)


Run = Callable[[str], Any]

PIXELS = """
    const canvas = demo.querySelector("canvas");
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
    return sum;
"""
STATE = """
    const words = (selector) => {
      const found = panel?.querySelector(selector);
      return found && !found.hidden ? found.textContent : "";
    };
    return {
      state: demo.dataset.state,
      frame: Number(demo.dataset.frame),
      live: demo.querySelector("canvas").width > 0, // not while the figure is far from the view
      controls: [...demo.querySelectorAll("form .control[data-name]")]
        .map(({dataset}) => dataset.name),
      told: words(".told"),
      wrong: words(".misread"),
      printed: words(".printed"),
      fixed: words(".fixed"),
      run: panel && !panel.querySelector(".row.changing").hidden ? words("[data-does=run]") : "",
      code: panel?.querySelector("textarea").value ?? "",
    };
"""
RUN = """
    const field = panel.querySelector("textarea");
    field.value = SOURCE;
    field.dispatchEvent(new Event("input", {bubbles: true}));
    panel.querySelector("[data-does=run]").click();
"""
WHOLE = """
    const part = panel.querySelector("select");
    part.value = "";
    part.dispatchEvent(new Event("change", {bubbles: true}));
"""
SET = f"""
    const slider = demo.querySelector("input[type=range][name={EXTRA}]");
    slider.value = 2;
    slider.dispatchEvent(new Event("input", {{bubbles: true}}));
"""


class Code:
    """A figure and the panel with its code; `run` executes a script in the page."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self.name = run, name

    def do(self, script: str) -> Any:
        demo = f"document.getElementById({json.dumps(self.name)})"
        panel = "demo.querySelector('.code-panel')"
        return self._run(f"const demo = {demo}; const panel = {panel}; {script}")

    def state(self) -> Any:
        return self.do(STATE)

    def until(self, what: str, so: Callable[[Any], bool], timeout: float = 240) -> Any:
        """Wait until something is so of the state; the state, with the pixels then."""

        def look() -> Any:
            found = self.state()
            return found if so(found) else None

        found = wait_for(f"{self.name}: {what}", look, timeout)
        return {**found, "pixels": self.do(PIXELS)}

    def open(self) -> Any:
        """Press the button once the figure is alive; what is shown then."""
        self.do("demo.scrollIntoView();")
        self.until("a picture", lambda it: it["state"] == "ready" and it["live"])
        if self.do("return !panel || panel.hidden;"):
            self.do("demo.querySelector('[data-does=code]').click();")
        return self.until("its code", lambda it: it["code"], 60)

    def source(self) -> str:
        self.do(WHOLE)
        source: str = self.state()["code"]
        return source

    def run(self, source: str) -> Any:
        """Run a source; the state once it is settled."""
        self.do(RUN.replace("SOURCE", json.dumps(source)))
        return self.until(
            "an end",
            lambda it: it["run"] == "Run" and (it["wrong"] or "Your version" in it["told"]),
        )

    def works(self, source: str) -> Any:
        """Run a source, which draws the figure then."""
        before = self.state()["frame"]
        said = self.run(source)
        assert not said["wrong"], said["wrong"]
        return self.until("a picture", lambda it: it["frame"] > before, 60)

    def moves(self, act: str) -> Any:
        """Do something that draws a picture; the state after it."""
        before = self.state()["frame"]
        self.do(act)
        return self.until("a picture", lambda it: it["frame"] > before, 60)

    def restore(self) -> Any:
        return self.moves("panel.querySelector('[data-does=original]').click();")


def is_changed(run: Run, name: str) -> Callable[[], None]:
    """The code opens, a changed line changes the picture, an argument adds a slider.

    Returns the check that the original comes back. Until it is called, changed code keeps its
    Python running, so that the next figure of the page need not start one.
    """
    code = Code(run, name)
    first = code.open()
    source = code.source()
    drawn = code.works(changed(source))
    assert set(drawn["controls"]) == {*first["controls"], EXTRA}
    assert drawn["pixels"] != first["pixels"]
    assert drawn["printed"] == f"{EXTRA} is 1.0\n"
    moved = code.moves(SET)
    assert moved["printed"] == f"{EXTRA} is 2.0\n"
    assert moved["pixels"] != drawn["pixels"]

    def is_restored() -> None:
        code.open()
        restored = code.restore()
        assert restored["controls"] == first["controls"]
        assert restored["pixels"] == first["pixels"]
        assert code.source() == source

    return is_restored


def is_changed_and_restored(run: Run, name: str) -> None:
    is_changed(run, name)()


def is_only_read(run: Run, name: str) -> None:
    """The code opens where it cannot be changed, and one sentence says so."""
    found = Code(run, name).open()
    assert "def " in found["code"]
    assert found["run"] == ""
    assert "not change it" in found["fixed"]
    assert found["fixed"].count(".") == 1


# The endless work of which each kind has to end in a usable page, and whether its line is named.
ENDLESS = {
    "while": ("while True: pass", True),
    "recursion": ("(lambda f: f(f))(lambda f: f(f))", True),
    "growth": ("top = []\n{space}while True: top.append(bytes(10**7))", True),
    "regular expression": ("import re; re.match('(a+)+$', 'a' * 60 + 'b')", False),
    "matrix": ("import numpy; numpy.ones((10**9, 10**9))", True),
}


def never_hangs(run: Run, name: str, kinds: Iterable[str] = ENDLESS) -> None:
    """Each kind of endless work ends in a sentence. After it, a change and the original draw."""
    code = Code(run, name)
    code.open()
    source = code.source()
    for kind in kinds:
        work, line = ENDLESS[kind]
        said = code.run(inside(source, work))
        assert said["wrong"].startswith("Line ") == line, (kind, said["wrong"])
        assert said["state"] == "ready", kind
        code.works(changed(source))
        code.restore()


def inside(source: str, work: str) -> str:
    """A figure's code with more lines at the beginning of `update`."""
    _, update = functions(source)
    first = update.body[0]
    lines = source.splitlines(keepends=True)
    space = " " * first.col_offset
    lines.insert(first.lineno - 1, f"{space}{work.format(space=space)}\n")
    return "".join(lines)


SCIPY = "import scipy.stats; print(scipy.stats.norm.cdf(1).round(4))"
# What the panel has shown so far, once `follow` has begun.
FOLLOW = """
    window.shown = [];
    const told = panel.querySelector(".told");
    new MutationObserver(() => told.hidden || window.shown.push(told.textContent))
      .observe(told, {childList: true, attributes: true});
"""


def imports(run: Run, name: str) -> None:
    """A listed package is loaded with progress; another one is refused in a sentence."""
    code = Code(run, name)
    code.open()
    source = code.source()
    code.do(FOLLOW)
    assert code.works(inside(source, SCIPY))["printed"] == "0.8413\n"
    shown = " ".join(run("return window.shown;"))
    assert "Fetching" in shown, shown
    assert " MB" in shown, shown
    wrong = code.run(source + "\nimport pandas\n")["wrong"]
    for word in ("pandas", "numpy", "scipy"):
        assert word in wrong, wrong
    code.restore()


# Whether the whole course is kept for offline use, the packages that come last included.
KEPT = """
    return (async () => {
      const names = (await caches.keys()).filter((name) => !name.includes("state"));
      const found = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return found.flat().some(({url}) => url.includes("scipy"));
    })();
"""
