"""Draw a figure whose code a reader has changed, in a Python of its own.

sandbox-worker.js puts it beside the course's packages, and calls it instead of `stage.session`.
Errors become one sentence, with the line of the reader's file.
"""

import ast
import functools
import gc
import importlib
import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, fields
from io import StringIO
from types import ModuleType
from typing import Any

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from stage import controls
from stage.drawing import Picture, Stage
from stage.layout import DPI, shape_of
from watchdog import TooLong, Watch

MOST_PRINTED = 5_000  # characters
WIDEST = 8_192  # device pixels of a picture, and down as well
FLATTEST, TALLEST = 10.0, 0.2  # width divided by height
ROOM = 100_000  # new objects before garbage is collected; a run makes about 10,000
FORBIDDEN = ("js", "pyodide_js", "_pyodide_core")  # the browser around Python

Look = tuple[float, float, str]


class CodeError(Exception):
    """What went wrong, as JSON: `sentence`, `line` (0: none), `printed`.

    `missing` says that a module or a file was not there, `module` which top-level module was not
    found ("": none), and `spent` that the memory was not enough.
    """


@dataclass(frozen=True)
class Printing(Picture):
    """A picture, and what was printed while it was drawn."""

    printed: str

    def for_page(self) -> str:
        return json.dumps({**json.loads(super().for_page()), "printed": self.printed})


class _Output(StringIO):
    """Takes what is printed, up to a limit."""

    def write(self, text: str) -> int:
        room = MOST_PRINTED - self.tell()
        if room > 0:
            super().write(text if len(text) <= room else f"{text[:room]} …")
        return len(text)


@dataclass
class _Edited:
    """A figure's changed code."""

    module: ModuleType
    watch: Watch
    look: Look | None = None
    stage: Stage = field(init=False)

    def set_scene(self, *look: *Look) -> None:
        """Set the scene for this width, ratio, and palette, if it is not."""
        if self.look == look:
            return
        self.look = None
        if not TALLEST <= shape_of(self.module.demo).at(look[0] / DPI) <= FLATTEST:
            raise ValueError(f"Shape: its numbers lie between {TALLEST} and {FLATTEST}")
        self.stage = Stage(self.module.demo, *look)
        self.look = look


_edited: dict[str, _Edited] = {}
_originals: dict[str, dict[str, dict[str, Any]]] = {}
_browser: dict[str, ModuleType] = {}  # those of FORBIDDEN that Pyodide had loaded


def run(demo: str, source: str, width: float, ratio: float, palette: str, pace: float = 1.0) -> str:
    """Take `source` for the code of a figure from now on, and set its scene.

    As JSON: the `controls` that its signature asks for, those of the original marked as `same`, and
    what was `printed`. CodeError if it does not work; the figure then keeps the code that it had.
    `pace` is that of the machine (see `Watch`).
    """
    if demo not in _originals:
        module = importlib.import_module(f"demos.{demo}")
        _originals[demo] = _signature(controls.parameters(module.demo(Figure())))
        _prepare()
    file = _file(demo)
    output = _Output()
    with _told(file, output):
        tree = ast.parse(source, file)
        code = compile(tree, file, "exec")
        _import_ahead(tree)
        module = ModuleType(f"demos.{demo}")
        module.__file__ = file
        watch = Watch(code, pace)
        with watch.running():
            exec(code, module.__dict__)
        if not callable(getattr(module, "demo", None)):
            raise NameError("there is no function named demo, which sets the scene")
        edited = _Edited(module, watch)
        with watch.running():
            edited.set_scene(width, ratio, palette)
            caption = edited.stage.update(**edited.stage.defaults)
        if not isinstance(caption, str):
            raise TypeError(f"update returned {caption!r}; end it with a sentence: return f'…'")
    _edited[demo] = edited
    known = edited.stage.parameters
    signature = _signature(known)
    for name, facts in signature.items():
        facts["same"] = facts == _originals[demo].get(name)
        facts["texts"] = known[name].texts
    return json.dumps({"controls": list(signature.values()), "printed": output.getvalue()})


def install(demo: str, packages: list[str], source: str) -> Any:
    """Install packages of Pyodide's distribution; an awaitable that also imports what is used."""

    async def installed() -> None:
        with _told(_file(demo), _Output()):
            with _opened():
                await importlib.import_module("micropip").install(packages)
            importlib.invalidate_caches()
            _import_ahead(ast.parse(source))

    return installed()


@contextmanager
def _opened() -> Iterator[None]:
    """Let micropip import the browser's modules: it asks the page for files through them."""
    closed = [name for name in FORBIDDEN if sys.modules.get(name, ...) is None]
    for name in closed:
        del sys.modules[name]
    sys.modules.update(_browser)
    try:
        yield
    finally:
        for name in closed:
            sys.modules[name] = None  # type: ignore[assignment]


def judge(demo: str, check: str) -> str:
    """What a task still finds wrong with the code of a figure, in a sentence; "" if it is solved.

    `check` is the source of a file of site/tasks/.
    """
    edited, task = _edited[demo], dict[str, Any]()
    exec(compile(check, "task", "exec"), task)
    with _told(_file(demo), _Output()), edited.watch.running():
        try:
            return str(task["check"](edited.module))
        except AttributeError as error:
            if error.obj is not edited.module:
                raise
            return f"The code has no {error.name} any more. Restore the original and start again."


def _import_ahead(tree: ast.Module) -> None:
    """Import what a source imports. A library's first import is no loop of the reader's code.

    What cannot be imported is found out, and told, where the source runs.
    """
    for node in _statements(tree):
        with suppress(Exception):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    importlib.import_module(alias.name)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                module = importlib.import_module(node.module)
                for alias in node.names:
                    if not hasattr(module, alias.name):
                        importlib.import_module(f"{node.module}.{alias.name}")


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements. `ast.walk` takes ten times as long, because it visits expressions."""
    for block in ("body", "handlers", "cases", "orelse", "finalbody"):
        for node in getattr(tree, block, ()):
            yield node
            yield from _statements(node)


def check(demo: str, source: str) -> None:
    """CodeError if `source` is no Python."""
    file = _file(demo)
    with _told(file, _Output()):
        compile(source, file, "exec")


def draw(
    demo: str,
    given: Mapping[str, list[str]],
    width: float,
    ratio: float,
    palette: str,
    whole: bool = False,
    moved: tuple[str, float, float] | None = None,
) -> Picture:
    """As `session.draw`. CodeError if the code of the figure fails."""
    edited, output = _edited[demo], _Output()
    with _told(_file(demo), output), edited.watch.running():
        edited.set_scene(width, ratio, palette)
        picture = edited.stage.draw(given, whole, moved)
        if abs(picture.across - width * ratio) > 1:
            edited.look = None
            raise ValueError("the page sets the size of the figure; Shape sets its proportions")
    return Printing(**vars(picture), printed=output.getvalue())


@functools.cache
def _prepare() -> None:
    """Close the way to the browser, limit the size of pictures, and collect garbage more seldom.

    The page's policy closes all other ways out. Garbage collections take a tenth of a run, and
    `tidy` collects between runs.
    """
    gc.set_threshold(ROOM)
    for name in FORBIDDEN:
        if name in sys.modules:
            _browser[name] = sys.modules[name]
        sys.modules[name] = None  # type: ignore[assignment]
    start: Any = RendererAgg.__init__

    def limited(self: RendererAgg, width: float, height: float, dpi: float) -> None:
        if max(width, height) > WIDEST:
            raise ValueError(f"a picture of {width:.0f} × {height:.0f} pixels is too large")
        start(self, width, height, dpi)

    RendererAgg.__init__ = limited  # type: ignore[method-assign]


def tidy() -> None:
    """As `session.tidy`."""
    gc.collect()


def forget(demo: str) -> None:
    """Give up the scene of a figure; its next picture sets it again."""
    if demo in _edited:
        _edited[demo].look = None


def _file(demo: str) -> str:
    package = importlib.import_module("demos")
    return f"{package.__path__[0]}/{demo}.py"


def _signature(known: Mapping[str, controls.Parameter]) -> dict[str, dict[str, Any]]:
    """What a page has to know of each control, but for the value at the start."""
    return {
        name: {"name": name, "kind": parameter.control.kind, **_plain(parameter.control)}
        for name, parameter in known.items()
    }


def _plain(control: controls.Control) -> dict[str, Any]:
    """The settings of a control that are no functions; of a handle, whether there is one."""
    values = {item.name: getattr(control, item.name) for item in fields(control)}
    kept = {key: value for key, value in values.items() if not callable(value)}
    return {**kept, "when": bool(values["when"]), "drag": bool(values["drag"])}


@contextmanager
def _told(file: str, output: StringIO) -> Iterator[None]:
    """Turn whatever happens into a sentence about the file; what is printed goes to `output`."""
    try:
        with redirect_stdout(output):
            yield
    except BaseException as error:
        facts = {
            "sentence": _sentence(error),
            "line": _line(error, file),
            "missing": isinstance(error, ImportError | FileNotFoundError) and not _forbidden(error),
            "module": _module_not_found(error),
            "spent": isinstance(error, MemoryError),
        }
        traceback.clear_frames(error.__traceback__)  # the last error lives on; its lists need not
        raise CodeError(json.dumps({**facts, "printed": output.getvalue()})) from None


def _sentence(error: BaseException) -> str:
    if isinstance(error, TooLong):
        return "This ran for too long, so Python stopped it. Does the loop end?"
    if isinstance(error, SyntaxError):
        return f"{error.msg[:1].upper()}{error.msg[1:]}."
    if _forbidden(error):
        return "The code of a figure can\u2019t reach the browser."
    if isinstance(error, MemoryError):
        return "This needs more memory than there is. Try less data, or a smaller array."
    words = "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
    return words[:300]


def _module_not_found(error: BaseException) -> str:
    """The top-level module that an import did not find; "" if the error is another one."""
    if not isinstance(error, ModuleNotFoundError) or _forbidden(error):
        return ""
    top = (error.name or "").partition(".")[0]
    return "" if top in sys.modules else top


def _forbidden(error: BaseException) -> bool:
    return isinstance(error, ImportError) and error.name in FORBIDDEN


def _line(error: BaseException, file: str) -> int:
    """The innermost line of the file that took part, from 1; 0 if none did."""
    if isinstance(error, SyntaxError):
        return error.lineno or 0
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == file]
    return lines[-1] if lines else 0
