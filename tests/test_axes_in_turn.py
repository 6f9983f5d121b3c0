"""Axes that return to an earlier state are drawn as they were then, unless their style has changed.

Each picture is compared with that of a scene that was set up for the same values.
"""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter
from numpy.typing import NDArray
from support.pictures import shown

from stage import Choice, Figure, Slider, Toggle, Update, artists
from stage.drawing import STATES, Stage

pytestmark = pytest.mark.whole

PLACES = ((0.1, 0.2, 0.3, 0.7), (0.2, 0.4, 0.3, 0.5))  # of the left axes


def _numbers(left: Any, right: Any, on: bool) -> None:
    left.set_xticks([0, 1], ["α", "β"] if on else ["0", "1"])


def _format(left: Any, right: Any, on: bool) -> None:
    left.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}!" if on else f"{x:g}"))


def _ticks(left: Any, right: Any, on: bool) -> None:
    left.yaxis.set_major_locator(FixedLocator((0, 0.5) if on else (0, 0.5, 1)))


def _minor(left: Any, right: Any, on: bool) -> None:
    left.yaxis.set_minor_locator(FixedLocator((0.25, 0.75) if on else ()))


def _new_tick(left: Any, right: Any, on: bool) -> None:
    left.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4])
    left.get_yticklabels()[4].set_color("red" if on else "black")


def _spine(left: Any, right: Any, on: bool) -> None:
    left.spines["bottom"].set_position(("outward", 12 if on else 0))


def _pad(left: Any, right: Any, on: bool) -> None:
    left.xaxis.labelpad = 14 if on else 4


STYLES: dict[str, Callable[[Any, Any, bool], object]] = {
    "numbers": _numbers,
    "format": _format,
    "ticks": _ticks,
    "minor ticks": _minor,
    "new tick": _new_tick,
    "spine": _spine,
    "label pad": _pad,
    "label": lambda left, _, on: left.set_xlabel("time" if on else "x"),
    "label color": lambda left, _, on: left.xaxis.label.set_color("red" if on else "black"),
    "color": lambda left, _, on: left.tick_params(labelcolor="red" if on else "black"),
    "size": lambda left, _, on: left.tick_params(labelsize=14 if on else 9),
    "one number": lambda left, _, on: left.get_xticklabels()[0].set_rotation(30 if on else 0),
    "grid": lambda left, _, on: left.grid(linewidth=3 if on else 1),
    "no grid": lambda left, _, on: left.xaxis.grid(visible=not on),
    "hidden": lambda left, _, on: left.yaxis.set_visible(not on),
    "on top": lambda left, _, on: left.set_axisbelow(not on),
    "off": lambda left, _, on: left.set_axis_off() if on else left.set_axis_on(),
    "other axes": lambda _, right, on: right.set(ylim=(0, 2 if on else 1), xlabel="y" * on),
}


def turning(fig: Figure, style: str = "label", align: bool = False, twin: bool = False) -> Update:
    """Two panels; the left one moves and zooms, and its axes change their style."""
    fig.set_layout_engine("none")
    left = fig.add_subplot(2, 2, 1) if align else fig.add_axes(PLACES[0])
    right = fig.add_axes((0.75, 0.2, 0.2, 0.7))
    left.set(xlabel="x", ylabel="y", title="left", xticks=(0, 1))
    right.set(ylabel="z", title="right")
    artists.line(left, [0, 1], [0, 1], color="model")
    left.text(0.5, 0.5, "text")
    # in the right axes, but at a place of the left ones
    right.annotate("there", (0.5, 0.5), (0.2, 0.8), xycoords=left.transData, arrowprops={})
    if twin:
        left.set_aspect("equal")
        left.twinx().plot([0, 1], [5, 3])
    if align:
        below = fig.add_subplot(2, 2, 3)
        below.set_ylabel("below")
        fig.align_ylabels([left, below])

    def update(
        zoom: Annotated[float, Slider(1, 50, 1, label="zoom")] = 1,
        moved: Annotated[bool, Toggle(label="moved")] = False,
        seen: Annotated[bool, Toggle(label="seen")] = True,
        on: Annotated[bool, Toggle(label="style")] = False,
        hue: Annotated[str, Choice("one", "two", label="changes nothing")] = "one",
    ) -> str:
        left.set_position(PLACES[moved])
        left.set(ylim=(0, 100**zoom if align else zoom))
        left.set_visible(seen)
        STYLES[style](left, right, on)
        return f"{zoom} {moved} {on} {seen} {hue}"

    return update


def scene(**settings: Any) -> Callable[[Figure], Update]:
    """A scene with these arguments."""

    def demo(fig: Figure) -> Update:
        return turning(fig, **settings)

    return demo


Fields = dict[str, list[str]]


def walk(demo: Callable[[Figure], Update], *steps: Fields) -> Stage:
    """Take the steps one after another; the pixels have to be those of a new scene each time."""
    stage = Stage(demo, 500, 1, "light")
    screen: NDArray[np.uint8] = shown(stage.draw({}))
    fields: Fields = {}
    for step in steps:
        fields |= step
        screen = shown(stage.draw(fields), screen)
        expected = shown(Stage(demo, 500, 1, "light").draw(fields))
        np.testing.assert_array_equal(screen, expected, str(fields))
    return stage


NEAR, FAR = {"zoom": ["1"]}, {"zoom": ["3"]}
HERE, THERE = {"moved": ["0"]}, {"moved": ["1"]}
PLAIN, STYLED = {"on": ["0"]}, {"on": ["1"]}


@pytest.mark.parametrize("style", STYLES)
def test_a_change_of_style_is_seen_in_every_state(style: str) -> None:
    walk(scene(style=style), FAR, NEAR | THERE, FAR | HERE | STYLED, NEAR | THERE, PLAIN)


@pytest.mark.parametrize("settings", [{"align": True}, {"twin": True}], ids=str)
def test_axes_that_depend_on_moved_axes_follow(settings: dict[str, bool]) -> None:
    walk(scene(**settings), FAR, THERE, NEAR, HERE, FAR)


def test_axes_that_move_while_hidden_come_back_at_their_place() -> None:
    hidden, seen = {"seen": ["0"]}, {"seen": ["1"]}
    walk(scene(), hidden, THERE | FAR, seen, hidden, HERE, seen, {"hue": ["two"]})


def test_an_earlier_state_is_not_drawn_by_matplotlib_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(scene(style="ticks"), 500, 1, "light")
    back_and_forth: list[Fields] = [NEAR | HERE, FAR | HERE, FAR | THERE, NEAR | THERE] * 2
    for fields in ({}, *back_and_forth):
        stage.draw(fields)
    drawn: list[Axis] = []
    monkeypatch.setattr(Axis, "draw", lambda axis, _renderer: drawn.append(axis))
    for fields in back_and_forth:
        stage.draw(fields)
    assert not drawn


def test_only_the_latest_states_are_kept() -> None:
    stage = Stage(scene(style="ticks"), 500, 1, "light")
    for zoom in range(1, 3 * STATES):
        stage.draw({"zoom": [str(zoom)]})
    kept = [len(item.looks) for item in stage._items]
    assert max(kept) == STATES
