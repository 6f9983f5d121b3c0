"""The Python package: figures in a window, in a notebook, and from the command line."""

import ast
import importlib
import json
import logging
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib import pyplot, widgets
from matplotlib.backend_bases import MouseButton, MouseEvent

from bundle import see_python, states, wheel
from bundle.project import NODE, ROOT
from panels import catalog, command, named, notebook, show
from panels.live import Live
from panels.window import Window
from stage import controls
from stage.controls import ControlError

# A figure with its values

pytestmark = pytest.mark.whole


def of(name: str) -> Live:
    return Live(named(name)[0], width=360)


def test_every_figure_is_listed_and_an_unknown_one_is_told_with_the_names() -> None:
    assert catalog.names() == states.DEMOS
    told = r"'nomral'.*mean normal\?.*backprop, .*vector_"
    with pytest.raises(catalog.UnknownFigureError, match=told):
        named("nomral")


def test_a_value_changes_the_picture_and_a_wrong_one_leaves_it() -> None:
    figure = of("normal")
    before, said = figure.pixels.copy(), str(figure.caption)
    figure.set("mean", 2.0)
    assert (figure.pixels != before).any()
    assert figure.caption != said
    with pytest.raises(ControlError, match="between -3 and 3"):
        figure.set("mean", 99.0)
    assert figure.value("mean") == 2.0
    figure.reset()
    assert (figure.pixels == before).all()
    with pytest.raises(ControlError, match=r"'nu'.*mean"):
        Live(figure.demo, values={"nu": 1})


def test_the_one_weight_of_the_symbols_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("matplotlib.font_manager")
    log.warning("findfont: Failed to find font weight semibold for %s, now using 400.", "a font")
    log.warning("findfont: Failed to find font weight semibold for Course Symbols, now using 400.")
    assert [record.args for record in caplog.records] == [("a font",)]


def test_an_answer_hides_again_when_the_task_is_another() -> None:
    figure = of("normal_guess")
    assert figure.check == "answer"
    guess = next(name for name, p in figure.parameters.items() if p.control.guess)
    figure.set("answer", controls.Answer(1.0))
    assert figure.rests(guess)
    assert not [name for name, *_ in figure.places() if name == guess]
    figure.set("seed", 3)
    assert not figure.value("answer")
    figure.set("answer", controls.Answer(1.0))
    figure.restart()
    assert not figure.rests(guess)


@pytest.mark.parametrize("name", ["normal", "vector_addition", "matrix_transform"])
def test_every_handle_can_be_dragged_and_follows(name: str) -> None:
    figure = of(name)
    places = list(figure.places())
    assert places
    for control, index, across, down in places:
        figure.reset()
        box = figure.handles[control]
        before = figure.fields[control]
        figure.drag(control, index, across, down)
        old = list(map(float, before))
        assert list(map(float, figure.fields[control])) == pytest.approx(old, abs=0.1), "stays"
        figure.drag(control, index, across + (box["right"] - box["left"]) / 5, down)
        assert figure.fields[control] != before, (control, index)


def test_points_are_added_and_removed_within_their_number() -> None:
    figure = of("mle")
    (name,) = (n for n, p in figure.parameters.items() if isinstance(p.control, controls.Points))
    count = len(figure.value(name))
    figure.add_point(name)
    assert len(figure.value(name)) == count + 1
    for _ in range(20):
        figure.remove_point(name)
    assert len(figure.value(name)) == 1


# In a window, drawn by Agg


@pytest.fixture
def agg() -> Iterator[None]:
    backend = mpl.get_backend()
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(backend)


def window(name: str) -> Window:
    demo, title = named(name)
    return Window(Live(demo, width=360), title)


def widget(shown: Window, name: str, kind: type) -> list[widgets.AxesWidget]:
    return [
        cell for row in shown.rows if row.name == name for cell in row.cells
        if isinstance(cell, kind)
    ]  # fmt: skip


def seen(shown: Window) -> np.ndarray:
    shown.figure.canvas.draw()
    return np.asarray(shown.figure.canvas.buffer_rgba()).copy()


def press(shown: Window, button: widgets.AxesWidget) -> None:
    """Click in the middle of a button."""
    box = button.ax.bbox
    click(shown, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


def click(shown: Window, *path: float) -> None:
    """Press at the start of a path, move along it, and release at its end."""
    canvas = shown.figure.canvas
    at = list(zip(path[::2], path[1::2], strict=True))
    for name, place in [
        ("button_press_event", at[0]),
        *(("motion_notify_event", place) for place in at[1:]),
        ("button_release_event", at[-1]),
    ]:
        canvas.callbacks.process(name, MouseEvent(name, canvas, *place, MouseButton.LEFT))


# Together these have every kind of control in the course.
EVERY_KIND = ("matrix_transform", "matrix_product", "mle", "vector_addition", "whole_course")


@pytest.mark.usefixtures("agg")
class TestWindow:
    def test_a_slider_changes_the_picture_and_shows_its_value(self) -> None:
        shown = window("normal")
        (mean,) = widget(shown, "mean", widgets.Slider)
        shown.rings.set_visible(False)  # these follow the pointer over the picture
        before, picture = seen(shown), shown.live.pixels.copy()
        box = mean.ax.bbox
        click(shown, box.x0 + 0.5 * box.width, box.y0 + 0.5 * box.height,
              box.x0 + 0.75 * box.width, box.y0 + 0.5 * box.height)  # fmt: skip
        assert shown.live.value("mean") == pytest.approx(1.5)
        assert mean.valtext.get_text() == "1.5"
        after = seen(shown)
        rows, columns, _ = picture.shape
        assert (shown.live.pixels != picture).any()
        assert (after[:rows, :columns] != before[:rows, :columns]).any()

    def test_a_handle_on_the_picture_is_dragged(self) -> None:
        shown = window("normal")
        place = next((x, y) for name, _, x, y in shown.live.places() if name == "mean")
        x, y = shown._on_window(*place)
        click(shown, x, y, x + 40, y)
        assert shown.live.value("mean") > 0.5

    def test_a_choice_a_toggle_and_the_controls_that_come_with_them(self) -> None:
        shown = window("normal")
        (box,) = widget(shown, "cumulated", widgets.CheckButtons)
        press(shown, box)
        box.set_active(0)
        seed = widget(shown, "seed", widgets.Slider)
        assert not seed[0].ax.get_visible()
        (n,) = widget(shown, "n", widgets.Slider)
        n.set_val(200)
        assert shown.live.value("n") == 200
        assert seed[0].ax.get_visible()
        (new,) = widget(shown, "seed", widgets.Button)
        before = shown.live.value("seed")
        for _ in range(3):
            press(shown, new)
        assert shown.live.value("seed") != before

    def test_a_guess_is_checked_and_tried_again(self) -> None:
        shown = window("normal_guess")
        check, skip = widget(shown, "answer", widgets.Button)
        press(shown, check)
        assert shown.live.value("answer")
        assert check.label.get_text() == "Try again"
        assert not skip.ax.get_visible()
        press(shown, check)
        assert not shown.live.value("answer")

    def test_steps_are_played_to_the_end(self) -> None:
        shown = window("descent_line")
        name = next(
            n for n, p in shown.live.parameters.items() if isinstance(p.control, controls.Steps)
        )
        last = shown.live.control(name).last
        back, play, on = widget(shown, name, widgets.Button)
        shown.live.set(name, last - 1)
        press(shown, play)
        (timer,) = shown._timers.values()
        timer._on_timer()
        assert shown.live.value(name) == last
        assert play.label.get_text() == "Play"
        press(shown, on)
        assert shown.live.value(name) == last
        press(shown, back)
        assert shown.live.value(name) == last - 1

    def test_another_size_of_the_window_is_one_of_the_picture(self) -> None:
        shown = window("normal")
        before = shown.live.pixels.shape
        shown.figure.set_size_inches(12, 7)
        shown._resize()
        assert shown.live.pixels.shape[1] > before[1]

    @pytest.mark.parametrize("name", EVERY_KIND)
    def test_every_kind_of_control_has_its_widgets(self, name: str) -> None:
        shown = window(name)
        for parameter, known in shown.live.parameters.items():
            many = isinstance(known.control, controls.Points) and known.control.least > 3
            assert many or [row for row in shown.rows if row.name == parameter and row.cells]
        assert shown.caption.get_text().split() == shown.live.caption.split()


# In a notebook


def test_a_module_shows_itself_as_a_panel() -> None:
    normal = importlib.import_module("demos.normal")
    found = normal._repr_mimebundle_(include=None, exclude=None)
    assert "application/vnd.jupyter.widget-view+json" in found


def test_a_panel_follows_its_widgets() -> None:
    panel = notebook.Panel(Live(named("normal")[0], width=360, values={"mean": 1.0}))
    before = panel.image.value
    assert panel.fields["mean"].value == 1.0
    assert panel.root.children[0].layout.flex_flow == "row wrap", "no control is cut off"
    panel.fields["mean"].value = 2.0
    assert panel.live.value("mean") == 2.0
    assert panel.image.value != before
    assert panel.fields["seed"].layout.display == "none"
    panel.fields["n"].value = 50
    assert panel.fields["seed"].layout.display != "none"
    panel.fields["cumulated"].value = True
    assert panel.live.value("cumulated") is True
    assert panel.caption.value


def test_a_panel_hides_an_answer_and_lets_the_guess_rest() -> None:
    panel = notebook.Panel(Live(named("normal_guess")[0], width=360))
    check, _, again = panel.fields["answer"].children
    guess = next(name for name, p in panel.live.parameters.items() if p.control.guess)
    check.click()
    assert panel.fields[guess].disabled
    again.click()
    assert not panel.fields[guess].disabled


def test_points_are_typed_in_a_panel() -> None:
    panel = notebook.Panel(Live(named("logistic")[0], width=360))
    (name,) = (
        n for n, p in panel.live.parameters.items() if isinstance(p.control, controls.Points)
    )
    panel.fields[name].value = "(2, 0), (3, 1), (4, 1)"
    assert len(panel.live.value(name)) == 3
    panel.fields[name].value = "(2, 0"
    assert len(panel.live.value(name)) == 3
    assert panel.caption.value != panel.live.caption


def test_without_ipywidgets_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="install ipywidgets"):
        show("normal")
    assert "ipywidgets" in notebook.bundle(catalog.module_of("normal"))["text/plain"]


# As the notebook that the page makes


MAKE = """
import { notebook } from "./site/scripts/see-python/notebook.js";
import { text } from "node:stream/consumers";
process.stdout.write(notebook(JSON.parse(await text(process.stdin))));
"""


def test_a_notebook_is_valid_and_its_code_runs() -> None:
    code = see_python.code()["normal"]
    mine = code["source"].replace("mean μ", "my mean")
    facts = {"name": "normal", **code, "original": code["source"], "values": "mean=1.5, sd=0.5"}
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", MAKE],
        cwd=ROOT, input=json.dumps(facts | {"mine": mine, "changed": True}),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    book = nbformat.reads(done.stdout, as_version=nbformat.NO_CONVERT)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    nbformat.validate(book)
    assert wheel.NAME in book.cells[0].source
    assert "lesson 11, Distributions and the normal" in book.cells[0].source
    space: dict[str, Any] = {"__name__": "notebook"}
    panels = []
    for cell in book.cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, cell.id, "exec"), space)
            if last is not None:
                panels.append(eval(ast.unparse(last), space))
    assert len(panels) == 2
    original, own = (panel.children[0].children[1].children[0] for panel in panels)
    assert (original.description, original.value) == ("mean μ", 0.0)
    assert (own.description, own.value) == ("my mean", 1.5)


# From the command line


def test_the_command_saves_a_picture_and_lists_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "normal.png"
    assert command.main(["normal", "--save", str(picture)]) is None
    assert "probability" in capsys.readouterr().out
    assert pyplot.imread(picture).shape[1] == 1440
    assert command.main(["--list"]) is None
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == states.DEMOS
    assert all(len(line.split()) > 2 for line in listed)
    for wrong in (["nomral"], []):
        assert "vector_span" in str(command.main(wrong))


@pytest.mark.usefixtures("agg")
def test_where_no_window_can_be_opened_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)
    assert "--save" in str(command.main(["normal"]))

    def refused() -> None:
        raise RuntimeError("Invalid DISPLAY variable")

    monkeypatch.setattr(pyplot, "figure", refused)
    assert re.search("DISPLAY.*--save", str(command.main(["normal"])))


# The wheel, without the project


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", folder, wheel.to_take_home()], check=True)
    return folder


def test_the_wheel_alone_opens_a_figure(installed: Path) -> None:
    opened = subprocess.run(
        [sys.executable, "-m", "demos", "normal"],
        cwd=installed, env={"PYTHONPATH": str(installed), "MPLBACKEND": "agg", "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert opened.returncode == 0, opened.stderr
    assert "probability" in opened.stdout


def test_what_is_for_home_is_not_brought_to_browsers() -> None:
    def inside(file: Path) -> set[str]:
        return {name for name in zipfile.ZipFile(file).namelist() if "dist-info" not in name}

    at_home = inside(wheel.to_take_home()) - inside(wheel.made())
    assert at_home >= {"demos/__main__.py", "panels/window.py"}
    assert all(name.startswith(("panels/", "demos/__main__")) for name in at_home)
