"""The demos: every file in py/demos/, with its controls and first pictures, by its own code."""

import ast
import importlib
import json
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from bundle import cache
from bundle.project import ROOT, BuildError, at

PY = ROOT / "py"
WIDTHS = {"wide": 720, "narrow": 360}  # CSS pixels of the pictures made at build time
RATIO = 2  # device pixels to each
PALETTES = ("light", "dark")


@dataclass(frozen=True)
class Demo:
    """One demo as the templates see it."""

    name: str
    title: str
    overview: str  # what the picture shows, for those who do not see it
    wide: float
    narrow: float
    parameters: list[Any]  # stage.controls.Parameter
    caption: str
    pictures: Path  # folder with wide-light.webp and so on


def names() -> list[str]:
    """Every demo there is: a file in py/demos/."""
    return sorted(file.stem for file in (PY / "demos").glob("*.py") if file.stem != "__init__")


def load(name: str) -> Demo:
    """Import a demo, check its controls, draw its pictures. BuildError names file and line."""
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
        parameters = _parameters(module)
        key = cache.digest([Path(__file__), PY / "stage", file, sys.version])
        pictures = cache.made("pictures", key, lambda folder: _draw(module, folder))
    except BuildError:
        raise
    except controls.ControlError as error:
        raise BuildError(at(file, _line_of(file, str(error)), str(error))) from error
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == file]
        line = (frames[-1].lineno if frames else None) or getattr(error, "lineno", None) or 1
        raise BuildError(at(file, line, f"{type(error).__name__}: {error}")) from error
    caption = json.loads((pictures / "caption.json").read_text())
    overview = _overview(module, title)
    return Demo(
        name,
        title,
        overview,
        shape.wide,
        shape.narrow,
        list(parameters.values()),
        caption,
        pictures,
    )


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
    """What the picture shows: the first line of `demo`'s docstring, or else that of the file."""
    said = (module.demo.__doc__ or title).strip().splitlines()[0]
    said = said.removeprefix("Set the scene: ")
    return said[:1].upper() + said[1:]


def _check_source(file: Path) -> None:
    """A demo knows nothing of the browser, and draws on the figure that it is given."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in modules:
            if name.split(".")[0] == "demos":
                what = f"imports {name}; demos know nothing of each other, share it in py/stage/"
                raise BuildError(at(file, node.lineno, what))
            if name.split(".")[0] in ("js", "pyodide", "pyodide_js") or name == "matplotlib.pyplot":
                raise BuildError(
                    at(
                        file,
                        node.lineno,
                        f"imports {name}; draw on the figure that demo() is given",
                    )
                )


def _parameters(module: ModuleType) -> dict[str, Any]:
    from stage import controls

    return controls.parameters(module.demo(Figure(figsize=(7.2, 4.5))))


def _line_of(file: Path, message: str) -> int:
    """The line of the argument or label that a message names in quotes, else that of `demo`."""
    lines = file.read_text().splitlines()
    for quoted in re.findall(r"'([^']+)'", message):
        for number, line in enumerate(lines, 1):
            if re.match(rf"\s+{re.escape(quoted)}\s*[:=,)]", line) or f'"{quoted}"' in line:
                return number
    return next((n for n, line in enumerate(lines, 1) if line.startswith("def demo")), 1)


def _draw(module: ModuleType, folder: Path) -> None:
    """Draw the demo at its defaults, both widths and palettes, by the code of the browser."""
    from stage.drawing import Stage

    for layout, width in WIDTHS.items():
        for palette in PALETTES:
            picture = Stage(module.demo, width, RATIO, palette).draw({})
            rgba = np.frombuffer(picture.pixels, np.uint8).reshape(picture.down, picture.across, 4)
            image = Image.fromarray(rgba[:, :, :3])
            image.save(folder / f"{layout}-{palette}.webp", lossless=True, quality=90, method=4)
            (folder / "caption.json").write_text(json.dumps(picture.caption))
