"""Import every demo in py/demos/, check it, and draw its first pictures with the stage.

`load_all` gives the pages what they need to know about each demo. A mistake in a demo becomes a
BuildError that names file and line.
"""

import ast
import functools
import importlib
import inspect
import json
import math
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from bundle import cache
from bundle.project import ROOT, BuildError, at

PY = ROOT / "py"
WIDTHS = {"wide": 720, "narrow": 360}  # of the pictures drawn at build time, in CSS pixels
RATIO = 2  # device pixels per CSS pixel
PALETTES = ("light", "dark")
# matplotlib's error messages for an unknown color
COLOR = re.compile(
    r"'([^']+)' is not a valid (?:value for )?color|Invalid RGBA argument: '([^']+)'"
)


@dataclass(frozen=True)
class Demo:
    """One demo as the templates see it."""

    name: str
    title: str
    overview: str  # what the picture shows, for screen readers
    wide: float
    narrow: float
    parameters: list[Any]  # stage.controls.Parameter
    small: bool  # beside a paragraph, with the same shape on all screens
    caption: str
    detail: str  # a longer description, for screen readers
    numbers: dict[str, str]  # that the text of the lesson can show
    shown: list[str]  # controls that have an effect at the defaults
    pictures: Path  # folder with wide-light.webp and so on

    @property
    def guesses(self) -> bool:
        """Whether readers guess before the demo shows the answer."""
        return any(parameter.control.kind == "check" for parameter in self.parameters)

    def picture(self, layout: str, palette: str) -> Path:
        """The file of a picture; a small figure has only the narrow layout."""
        return self.pictures / f"{'narrow' if self.small else layout}-{palette}.webp"

    def poster(self, layout: str, palette: str) -> str:
        """The published file name of a picture."""
        return f"{self.name}-{self.picture(layout, palette).name}"


def main(names: list[str], known: Mapping[str, Demo]) -> Demo:
    """The figure that represents a page: its first laboratory, or else its first figure."""
    kinds = [known[name] for name in names]
    return next((demo for demo in kinds if not (demo.small or demo.guesses)), kinds[0])


def names() -> list[str]:
    """The name of every demo: the files in py/demos/ except `__init__` and `__main__`."""
    files = (PY / "demos").glob("*.py")
    return sorted(file.stem for file in files if not file.stem.startswith("__"))


def sources() -> dict[str, str]:
    """The source of every demo, by name."""
    return {name: (PY / "demos" / f"{name}.py").read_text() for name in names()}


def load(name: str) -> Demo:
    """Import a demo, check its controls, and draw its pictures. BuildError names file and line."""
    if str(PY) not in sys.path:
        sys.path.insert(0, str(PY))
    from stage import controls
    from stage.layout import shape_of

    file = PY / "demos" / f"{name}.py"
    try:
        _check_source(file)
        module = importlib.import_module(f"demos.{name}")
        title = _title(module, file)
        shape = shape_of(module.demo)
        known = parameters(module.demo)
        pictures = cache.made(
            "pictures", _key(name), lambda folder: _make(module, file, folder, shape.small)
        )
    except BuildError:
        raise
    except controls.ControlError as error:
        raise BuildError(at(file, _line_of(file, str(error)), str(error))) from error
    except Exception as error:
        raise BuildError(_message(file, error)) from error
    facts = json.loads((pictures / "facts.json").read_text())
    return Demo(
        name,
        title,
        _overview(module, title),
        shape.wide,
        shape.narrow,
        list(known.values()),
        shape.small,
        facts["caption"],
        facts["detail"],
        facts["numbers"],
        facts["shown"],
        pictures,
    )


def load_all() -> dict[str, Demo]:
    """Every demo by name; missing pictures are drawn in parallel on all processors."""
    missing = [name for name in names() if not (cache.FOLDER / "pictures" / _key(name)).exists()]
    if len(missing) > 1:
        workers = min(len(missing), os.cpu_count() or 1)
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            list(pool.map(_prepare, missing))
    return {name: _loaded(name, _key(name)) for name in names()}


@functools.cache
def _loaded(name: str, key: str) -> Demo:
    """Load a demo only if its key is new, however often --serve builds."""
    return load(name)


def _prepare(name: str) -> None:
    """Fill the cache in a worker process."""
    load(name)


def _key(name: str) -> str:
    """A hash of everything that the pictures of a demo depend on."""
    file = PY / "demos" / f"{name}.py"
    return cache.digest([Path(__file__), PY / "stage", file, sys.version])


def _message(file: Path, error: Exception, state: str = "") -> str:
    """The build error for an exception that a demo raised: its line, and what to do."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file]
    line = (frames[-1].lineno if frames else None) or getattr(error, "lineno", None)
    what = f"{type(error).__name__}: {error}"
    color = COLOR.search(str(error)) if isinstance(error, ValueError) else None
    if color:
        what = _color(color[1] or color[2])
        line = _line_of(file, f"'{color[1] or color[2]}'")
    return at(file, line or 1, what + state)


def _color(name: str) -> str:
    from stage.theme import PALETTES

    known = list(PALETTES["light"])
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"there is no color {name!r}{hint} The palette has {', '.join(known)}"


def _title(module: ModuleType, file: Path) -> str:
    if not (module.__doc__ or "").strip():
        raise BuildError(
            at(file, 1, 'has no docstring; begin the file with """What the demo shows."""')
        )
    if not callable(getattr(module, "demo", None)):
        raise BuildError(at(file, 1, "has no function demo(fig: Figure) -> Update"))
    assert module.__doc__
    return module.__doc__.strip().splitlines()[0]


def _overview(module: ModuleType, title: str) -> str:
    """What the picture shows: the first line of `demo`'s docstring, or else of the module's."""
    said = (module.demo.__doc__ or title).strip().splitlines()[0]
    said = said.removeprefix("Set the scene: ")
    return said[:1].upper() + said[1:]


def _check_source(file: Path) -> None:
    """Check that a demo imports no browser module and no pyplot, and that `demo` is complete."""
    tree = ast.parse(file.read_text())
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == "demo":
            _check_function(file, function)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in modules:
            if name.split(".")[0] == "demos":
                what = f"imports {name}; demos cannot import each other: move it to py/stage/"
                raise BuildError(at(file, node.lineno, what))
            if name.split(".")[0] in ("js", "pyodide", "pyodide_js") or name == "matplotlib.pyplot":
                raise BuildError(
                    at(
                        file,
                        node.lineno,
                        f"imports {name}; draw on the figure that is passed to demo()",
                    )
                )


def _check_function(file: Path, demo: ast.FunctionDef) -> None:
    """Check that `demo` takes an annotated figure and returns its update function."""
    arguments = demo.args.args
    if len(arguments) != 1 or arguments[0].annotation is None:
        what = "demo needs one argument with its type: write def demo(fig: Figure) -> Update:"
        raise BuildError(at(file, demo.lineno, what))
    inner = [node for node in demo.body if isinstance(node, ast.FunctionDef)]
    own = [part for outer in demo.body if outer not in inner for part in ast.walk(outer)]
    if not any(isinstance(part, ast.Return) and part.value for part in own):
        name = inner[-1].name if inner else "update"
        line = demo.body[-1].end_lineno or demo.lineno
        raise BuildError(at(file, line, f"demo returns nothing; end it with: return {name}"))


@functools.cache
def parameters(demo: Callable[[Figure], Any]) -> dict[str, Any]:
    """The controls of a figure (`stage.controls.Parameter`) by name, from its function `demo`."""
    from stage import controls

    return controls.parameters(demo(Figure(figsize=(7.2, 4.5))))


def _line_of(file: Path, message: str) -> int:
    """The line of the argument or label that a message quotes, or else the line of `demo`."""
    lines = file.read_text().splitlines()
    for quoted in re.findall(r"'([^']+)'", message):
        for number, line in enumerate(lines, 1):
            if re.match(rf"\s+{re.escape(quoted)}\s*[:=,)]", line) or any(
                f"{mark}{quoted}{mark}" in line for mark in ("'", '"')
            ):
                return number
    return next((n for n, line in enumerate(lines, 1) if line.startswith("def demo")), 1)


def _make(module: ModuleType, file: Path, folder: Path, small: bool) -> None:
    _try(module, file)
    _draw(module, folder, small)


def _try(module: ModuleType, file: Path) -> None:
    """Draw the demo with each control at both ends and in the middle; BuildError if that fails."""
    from stage import controls
    from stage.drawing import Stage

    stage = Stage(module.demo, WIDTHS["narrow"], 1, "light")
    code = inspect.unwrap(stage.update).__code__
    for state, fields in _states(stage.parameters):
        try:
            caption = stage.update(**controls.read(stage.parameters, fields))
            if isinstance(caption, str) and caption.strip():
                stage.draw(fields)
                continue
        except Exception as error:
            raise BuildError(_message(file, error, f" (with {state})")) from error
        what = f'update returned {caption!r} with {state}; end it with the caption: return f"…"'
        raise BuildError(at(file, code.co_firstlineno, what))


def _states(parameters: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The defaults, then each control at both ends and in the middle, others at their defaults.

    Yields a description for error messages, and the form fields.
    """
    yield "all controls at their defaults", {}
    for name, parameter in parameters.items():
        for value in _places(parameter.control):
            texts = parameter.control.write(value)
            yield f"{name}={', '.join(texts)}", {name: texts}


def _places(control: Any) -> list[Any]:
    """Both ends and the middle of a control's range; every option of a choice."""
    from stage import controls

    match control:
        case controls.Slider(low=low, high=high):
            between = math.sqrt(low * high) if control.log else (low + high) / 2
            return [low, control.nearest(between), high]
        case controls.Steps(last=last) | controls.Seed(last=last):
            return [0, last // 2, last]
        case controls.Choice(options=options):
            return list(options)
        case controls.Toggle():
            return [False, True]
        case controls.Check():
            return [controls.Answer(), controls.Answer(0.5), controls.Answer(1.0)]
        case controls.Matrix(rows=rows, columns=columns, low=low, high=high):
            return [[[value] * columns] * rows for value in (low, (low + high) / 2, high)]
        case controls.Points(x=x, y=y, least=least, most=most):
            ends = zip(x, y, strict=True)
            corners = [[place] * max(least, 1) for place in ends]
            middle = (sum(x) / 2, sum(y) / 2)
            return [*([[]] if least == 0 else []), *corners, [middle] * most]
    return []


def _draw(module: ModuleType, folder: Path, small: bool) -> None:
    """Draw the demo at its defaults in all widths and palettes, with the code of the browser."""
    from stage.drawing import Stage

    for layout, width in WIDTHS.items():
        if small and layout == "wide":
            continue  # small figures are never that wide
        for palette in PALETTES:
            picture = Stage(module.demo, width, RATIO, palette).draw({})
            rgba = np.frombuffer(picture.pixels, np.uint8).reshape(picture.down, picture.across, 4)
            image = Image.fromarray(rgba[:, :, :3])
            image.save(folder / f"{layout}-{palette}.webp", lossless=True, quality=90, method=4)
            (folder / "facts.json").write_text(picture.for_page())
