"""The command line: `python -m demos NAME`."""

import argparse
import os
from pathlib import Path

from matplotlib import pyplot
from matplotlib.backends.registry import BackendFilter, backend_registry

from panels import catalog
from panels.live import Live
from stage.drawing import Demo

NO_WINDOW = (
    "No window can be opened: this Python has no GUI toolkit that matplotlib can use. "
    "Install one (pip install PyQt6), or save the picture with --save FILE.png."
)


def main(arguments: list[str] | None = None) -> str | None:
    """Run the command line; return an error message, or None."""
    parser = argparse.ArgumentParser(
        prog="python -m demos", description="Open a figure of the course in a window."
    )
    parser.add_argument("name", nargs="?", help="the figure, for example normal")
    parser.add_argument("--list", action="store_true", help="list all figures")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="save the picture instead of opening a window"
    )
    options = parser.parse_args(arguments)
    if options.list:
        for name in catalog.names():
            print(f"{name:20} {catalog.title(name)}")
        return None
    if not options.name:
        return f"Which figure? There are {', '.join(catalog.names())}."
    try:
        demo, title = catalog.named(options.name)
    except catalog.UnknownFigureError as error:
        return str(error)
    if options.save:
        shown = Live(demo, ratio=2)
        pyplot.imsave(options.save, shown.pixels)
        print(shown.caption)
        return None
    return _open(demo, title)


def _open(demo: Demo, title: str) -> str | None:
    from panels.window import Window

    try:
        pyplot.close(pyplot.figure())
    except Exception as error:  # each GUI toolkit has its own error for an unusable screen
        return f"No window can be opened: {error}. Save the picture with --save FILE.png."
    window = Window(Live(demo), title)
    interactive = backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    if pyplot.get_backend().lower() not in interactive and "MPLBACKEND" not in os.environ:
        return NO_WINDOW
    print(window.live.caption)
    pyplot.show()
    return None
