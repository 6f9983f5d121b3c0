"""Rules for figures, checked at both ends of every control: sizes, frames, and hidden answers.

This covers the small figures, guesses, and laboratories of every lesson that has a guess.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from support.captions import check_visible
from support.pictures import shown

from bundle.project import ROOT
from bundle.states import DEMOS, State, demo_of, ends
from stage import Answer, Caption, Check, Choice, Matrix, Points, Seed, Toggle, controls, drag
from stage.artists import Arrows
from stage.drawing import Stage
from stage.layout import shape_of

pytestmark = pytest.mark.whole

TAG = re.compile(r'<ml-demo name="(\w+)"')
NUMBER = re.compile(r"−?\d+(?:,\d{3})*(?:\.\d+)?")
TASKS = 6  # values of a guess; most have fewer

Values = dict[str, Any]


@cache
def stage(name: str, width: int = 360) -> Stage:
    """A figure, shared by all tests, because none depends on earlier states."""
    return Stage(demo_of(name), width, 1, "light")


def is_guess(name: str) -> bool:
    return any(isinstance(known.control, Check) for known in stage(name).parameters.values())


def _laboratories() -> set[str]:
    """The laboratories: the last figures of these lessons."""
    found = set()
    for page in sorted((ROOT / "site" / "lessons").glob("*.html")):
        text = page.read_text()
        if '<section id="guess">' in text:
            (section,) = re.findall(r'<section id="demo">(.*?)</section>', text, re.DOTALL)
            found.update(TAG.findall(section))
    return found


SMALL = [name for name in DEMOS if shape_of(demo_of(name)).small]
LABORATORIES = sorted(_laboratories())
GUESSES = [name for name in DEMOS if name.endswith("_guess")]
FIGURES = sorted({*SMALL, *LABORATORIES, *GUESSES})


def corners(control: controls.Control) -> Iterator[list[str]]:
    """Both ends of a control; for points, each in every corner of its range in turn."""
    if isinstance(control, Points):
        for x, y in itertools.product(control.x, control.y):
            yield [format(end, "g") for end in (x, y)] * control.least
    else:
        yield from ends(control)


def read(name: str, fields: State) -> Values:
    return controls.read(stage(name).parameters, fields)


def views(name: str) -> Iterator[State]:
    """The defaults, and each option of each choice: the states in which controls are tried."""
    yield {}
    for key, known in stage(name).parameters.items():
        if isinstance(known.control, Choice | Toggle | Check) and known.control.kind != "button":
            yield from ({key: texts} for texts in ends(known.control) if texts != known.texts)


def effective(name: str, fields: State) -> list[str]:
    return controls.effective(stage(name).parameters, read(name, fields))


def states(name: str) -> Iterator[State]:
    """Each view, and both ends of every control that is visible in it."""
    for view in views(name):
        yield view
        for key in effective(name, view):
            yield from (
                view | {key: texts} for texts in corners(stage(name).parameters[key].control)
            )


def said(name: str, fields: State) -> Caption:
    return Caption.of(stage(name).update(**read(name, fields)))


def everything(told: Caption) -> tuple[str, str, Mapping[str, str]]:
    return str(told), told.detail, dict(told.numbers)


def test_all_figures_are_found() -> None:
    assert set(GUESSES) == {name for name in DEMOS if is_guess(name)}
    assert {"vector_addition", "gradient_descent"} <= set(LABORATORIES)
    assert not set(SMALL) & set(GUESSES)


@pytest.mark.parametrize("name", FIGURES)
def test_few_controls_are_in_view(name: str) -> None:
    """Two for a small figure, four for a laboratory; and a small figure has a handle."""
    known = stage(name).parameters
    for fields in states(name):
        seen = [key for key in effective(name, fields) if not known[key].control.more]
        assert len(seen) <= (2 if name in SMALL else 4), (fields, seen)
    grips = [key for key, found in known.items() if controls.axes_of(found.control) is not None]
    assert grips or name in LABORATORIES, "nothing in the picture can be grabbed"


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_in_view_has_an_effect_and_no_hidden_one_has(name: str) -> None:
    known = stage(name).parameters
    for view in views(name):
        told, seen = everything(said(name, view)), effective(name, view)
        checked = any(
            read(name, view)[key] for key in known if isinstance(known[key].control, Check)
        )
        for key, found in known.items():
            if checked and (found.control.guess or isinstance(found.control, Check)):
                continue  # a guess is locked once its answer is shown
            others = [everything(said(name, view | {key: t})) for t in corners(found.control)]
            if key in seen:
                assert any(other != told for other in others), f"{key} does nothing in {view}"
            else:
                assert all(other == told for other in others), f"{key} is hidden in {view}"


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_in_view_changes_the_picture(name: str) -> None:
    drawn = stage(name)
    for key in effective(name, {}):
        pictures = set()
        for texts in (drawn.parameters[key].texts, *corners(drawn.parameters[key].control)):
            pictures.add(shown(drawn.draw({key: texts}, whole=True)).tobytes())
        assert len(pictures) > 1, key


# Frames


def handles(name: str, values: Values) -> Iterator[tuple[Axes, tuple[float, float]]]:
    """The positions of the handles, each with its axes."""
    drawn = stage(name)
    for key in controls.effective(drawn.parameters, values):
        control = drawn.parameters[key].control
        if (index := controls.axes_of(control)) is None:
            continue
        axes = drawn.figure.axes[index]
        if control.drag:
            yield axes, drag.call(control.drag.at, (values[key],), values)
        elif isinstance(control, Points):
            yield from ((axes, point) for point in values[key])
        elif isinstance(control, Matrix):
            yield from ((axes, column) for column in zip(*values[key], strict=True))


def inside(axes: Axes, place: Any) -> bool:
    """Whether a position is in the frame, up to 1% of it, or isn't finite, or diverges."""
    if np.isnan(place).any():
        return True
    away = abs(axes.transAxes.inverted().transform(axes.transData.transform(place)) - 0.5).max()
    return bool(away <= 0.51 or away > 100)


def marks(axes: Axes) -> Iterator[Any]:
    """The visible tips of arrows, and points."""
    for artist in axes.collections:
        if isinstance(artist, Arrows) and artist.get_visible():
            yield from artist.tails + artist.vectors
    for line in axes.lines:
        if line.get_visible() and line.get_linestyle() == "None":
            yield from np.asarray(line.get_xydata())


@pytest.mark.parametrize("name", FIGURES)
def test_handles_arrows_and_points_stay_in_the_frame(name: str) -> None:
    for fields in states(name):
        values = read(name, fields)
        stage(name).update(**values)
        for axes, place in handles(name, values):
            assert inside(axes, place), f"{fields}: the handle at {place} leaves the frame"
        for axes in stage(name).figure.axes:
            for mark in marks(axes) if axes.get_visible() else ():
                assert inside(axes, mark), f"{fields}: {mark} leaves the frame"


@pytest.mark.parametrize("width", [360, 720])
@pytest.mark.parametrize("name", FIGURES)
def test_the_caption_is_short_and_no_word_is_cut_off(name: str, width: int) -> None:
    """The caption is one sentence with at most two numbers."""
    drawn = stage(name, width)
    for fields in states(name):
        told = Caption.of(drawn.update(**controls.read(drawn.parameters, fields)))
        check_visible(f"{told.removesuffix('?')}." if told.endswith("?") else told)
        for axes in drawn.figure.axes:
            axes.apply_aspect()
        frame = drawn.figure.bbox.padded(1)
        for axes in drawn.figure.axes:
            for text in (*axes.texts, axes.title):
                if axes.get_visible() and text.get_visible() and text.get_text():
                    box = text.get_window_extent()
                    fits = frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1)
                    assert fits, f"{fields}: {text.get_text()!r} at {text.get_position()}"


# Guesses


def parts(name: str) -> tuple[str, str, list[str]]:
    """The controls of a guess: the task, *Check*, and the guess itself."""
    known = {key: found.control for key, found in stage(name).parameters.items()}
    (seed,) = (key for key, control in known.items() if isinstance(control, Seed))
    (check,) = (key for key, control in known.items() if isinstance(control, Check))
    return seed, check, [key for key, control in known.items() if control.guess]


def tasks(name: str) -> range:
    seed, _, _ = parts(name)
    return range(min(TASKS, stage(name).parameters[seed].control.last + 1))  # type: ignore[attr-defined]


def guesses(name: str) -> Iterator[State]:
    """The initial guess, and both ends of its range."""
    yield {}
    for key in parts(name)[2]:
        yield from ({key: texts} for texts in corners(stage(name).parameters[key].control))


def written(name: str, fields: State) -> set[str]:
    """Every number that a reader sees or hears: caption, description, lesson, picture."""
    told = said(name, fields)
    words = [
        text.get_text()
        for axes in stage(name).figure.axes
        for text in (*axes.texts, axes.title)
        if axes.get_visible() and text.get_visible()
    ]
    return set(NUMBER.findall(" ".join([told, told.detail, *told.numbers.values(), *words])))


@pytest.mark.parametrize("name", GUESSES)
def test_nothing_depends_on_how_good_a_guess_is_before_it_is_checked(name: str) -> None:
    """Only the guess's own number changes, so readers can't find the answer by trying."""
    seed, _, _ = parts(name)
    for task in tasks(name):
        first = said(name, {seed: [str(task)]})
        known = written(name, {seed: [str(task)]})
        for fields in guesses(name):
            told = said(name, fields | {seed: [str(task)]})
            assert told == first
            own = {t.replace("-", "−") for texts in fields.values() for t in texts}
            new = written(name, fields | {seed: [str(task)]}) - known
            assert new <= own, (fields, new - own)


def drawing(name: str, fields: State) -> dict[Any, bytes | str]:
    """The visible artists and their data; an artist without data shows nothing."""
    stage(name).update(**read(name, fields))
    found: dict[Any, bytes | str] = {}
    for axes in stage(name).figure.axes:
        for artist in axes.get_children() if axes.get_visible() else ():
            if not artist.get_visible():
                continue
            looks: bytes | str = ""
            if isinstance(artist, Line2D):
                places = np.asarray(artist.get_xydata(), dtype=float)
                looks = places[~np.isnan(places).any(axis=1)].tobytes()
            elif isinstance(artist, Arrows):
                looks = np.stack([artist.tails, artist.vectors]).tobytes()
            elif isinstance(artist, Polygon):
                looks = np.asarray(artist.get_xy()).tobytes()
            elif isinstance(artist, Text):
                looks = artist.get_text()
            else:
                looks = "something else"
            if looks:
                found[artist] = looks
    return found


@pytest.mark.parametrize("name", GUESSES)
def test_what_belongs_to_the_answer_is_hidden_before_it_is_checked(name: str) -> None:
    """Everything that the answer adds or changes is absent at every guess."""
    seed, check, _ = parts(name)
    for task in tasks(name):
        own: State = {seed: [str(task)]}
        asked, answered = drawing(name, own), drawing(name, own | {check: ["1"]})
        belongs = {artist for artist, looks in answered.items() if asked.get(artist) != looks}
        assert belongs, "the answer is not drawn"
        for fields in guesses(name):
            early = belongs & set(drawing(name, own | fields))
            assert not early, f"task {task} shows of its answer at {fields}: {early}"


@pytest.mark.parametrize("name", GUESSES)
def test_a_checked_guess_is_scored_and_a_skipped_one_is_not(name: str) -> None:
    seed, check, _ = parts(name)
    for task in tasks(name):
        own: State = {seed: [str(task)]}
        asked, scored = said(name, own), said(name, own | {check: ["1"]})
        skipped = said(name, own | {check: ["skip"]})
        assert len({asked, scored, skipped}) == 3
        assert not re.search(r"\byou", skipped, re.IGNORECASE), skipped
        assert read(name, own | {check: ["skip"]})[check] == Answer(1.0, True)


@pytest.mark.parametrize("folder", ["lessons", "guide"])
def test_a_percentage_is_written_without_a_space(folder: str) -> None:
    for page in sorted((ROOT / "site" / folder).glob("*.html")):
        assert not re.search(r"\d(\s|&nbsp;)+%", page.read_text()), page.name
