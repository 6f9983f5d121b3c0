"""Point straight uphill in the fog, then check."""

import math
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from matplotlib.path import Path

from stage import (
    Answer,
    Caption,
    Check,
    Drag,
    Figure,
    Seed,
    Shape,
    Slider,
    Update,
    artists,
    narrow,
    number,
    pair,
)
from stage.figures import mixed
from stage.linear_algebra import Numbers, Vector, unit

Pair = tuple[float, float]
TOP, ALONG, ACROSS = 3.0, 0.1, 0.6  # height of a summit; its negated second derivatives
LENGTH = 0.9  # of the arrows
CLEAR, FAR = 0.62, 9.0  # visibility in the fog, and without it
DROPS = np.arange(12, 0, -0.25)  # of the level curves below the summit, the lowest first
RIGHT, NEAR = 5.0, 10.0  # tolerances in degrees for the answer, and for a known mistake


class Hill(NamedTuple):
    """A long hill with height 3 at its summit, and a place on its flank."""

    at: Pair
    summit: Pair
    turn: float  # direction of its ridge, in degrees


HILLS = (
    Hill((1.4, -0.9), (-1.7, 1.0), 170),
    Hill((-1.4, -0.8), (1.6, 1.3), 60),
    Hill((1.3, 0.9), (-1.3, -1.5), 10),
    Hill((-1.4, 0.9), (1.8, -1.0), 120),
    Hill((0.6, -1.0), (-0.4, 1.7), 150),
)


def f(hill: Hill, x: Numbers) -> Numbers:
    """Heights at points of shape (…, 2): 3 − 0.05p² − 0.3q², p along the ridge, q across it."""
    away = np.asarray(x, dtype=float) - hill.summit
    p, q = away @ unit(hill.turn), away @ unit(hill.turn + 90)
    height: Numbers = TOP - ALONG / 2 * p**2 - ACROSS / 2 * q**2
    return height


def gradient(hill: Hill) -> Vector:
    """∇f at the reader's position, shape (2,)."""
    away = np.subtract(hill.at, hill.summit)
    ridge, side = unit(hill.turn), unit(hill.turn + 90)
    return -ALONG * (away @ ridge) * ridge - ACROSS * (away @ side) * side


def bearing(v: Vector) -> float:
    """The direction of a vector in degrees, 0 to 360."""
    return math.degrees(math.atan2(v[1], v[0])) % 360


def between(one: float, other: float) -> float:
    """The angle between two directions in degrees, 0 to 180."""
    return abs((one - other + 180) % 360 - 180)


def slope_along(hill: Hill, theta: float) -> float:
    """The directional derivative ∇f·u at the reader's position."""
    return float(gradient(hill) @ unit(theta))


@lru_cache(maxsize=len(HILLS))
def level_curves(hill: Hill) -> list[Numbers]:
    """An ellipse around the summit for each of `DROPS`, shape (n, 2)."""
    turn = np.radians(np.arange(0, 360, 4))
    ridge, side = unit(hill.turn), unit(hill.turn + 90)
    p, q = np.sqrt(2 * DROPS / ALONG), np.sqrt(2 * DROPS / ACROSS)
    return [
        hill.summit + a * np.outer(np.cos(turn), ridge) + b * np.outer(np.sin(turn), side)
        for a, b in zip(p, q, strict=True)
    ]


def fog(at: Vector, sight: float) -> list[Path]:
    """The whole map except a disk around a point."""
    turn = np.radians(np.arange(0, 361, 3))
    disk = at + sight * np.column_stack([np.cos(turn), np.sin(turn)])
    frame = 20 * np.array([(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)])
    return [Path.make_compound_path(Path(frame, closed=True), Path(disk, closed=True))]


def demo(fig: Annotated[Figure, Shape(wide=1.7, narrow=1.15)]) -> Update:
    """Set the scene: a hill in fog, clear only around the reader's feet, and an arrow."""
    ax = fig.subplots()
    wide, high = (2.65, 2.3) if narrow(fig) else (3.75, 2.2)
    ax.set(xlim=(-wide, wide), ylim=(-high, high), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    strengths = 0.04 + 0.24 * np.exp(-DROPS / 3)
    ground = artists.polygons(
        ax,
        facecolors=[mixed("error", strength) for strength in strengths],
        edgecolors="surface",
        linewidths=1.8,
        zorder=0.2,
    )
    veil = artists.polygons(ax, facecolors=[mixed("muted", 0.09)], zorder=0.4)
    summit = artists.points(ax, marker="^", color="ink", markersize=9)
    straight = artists.line(ax, color="gradient", linestyle="--", linewidth=1.6)
    steepest = artists.arrows(ax, ["gradient"])
    mine = artists.arrows(ax, ["model"])
    here = artists.points(ax, color="ink", markersize=7, zorder=4)
    bold = {"weight": "semibold", "ha": "center", "va": "center"}
    summit_name = artists.label(ax, 0, 0, "summit", **bold)
    mine_name = artists.label(ax, 0, 0, "your guess", color="model-text", **bold)
    steepest_name = artists.label(ax, 0, 0, "gradient", color="gradient-text", **bold)

    def update(
        theta: Annotated[
            float,
            Slider(
                0,
                359,
                1,
                label="your direction",
                unit="°",
                drag=Drag(at=_tip, to=_toward),
                guess=True,
            ),
        ] = 20.0,
        seed: Annotated[int, Seed(label="task", last=len(HILLS) - 1)] = 0,
        answer: Annotated[Answer, Check()] = Answer(),  # noqa: B008 (frozen)
    ) -> str:
        hill = HILLS[seed]
        at, rises = np.array(hill.at), gradient(hill)
        way = bearing(rises)
        sight = CLEAR + (FAR - CLEAR) * answer.part**2
        ground.set_verts(level_curves(hill))
        veil.set_paths(fog(at, sight))
        summit.set_data([hill.summit[0]], [hill.summit[1]])
        summit_name.set_position((hill.summit[0], hill.summit[1] + 0.25))
        here.set_data(at[:1], at[1:])
        mine.place((at, LENGTH * unit(theta)))
        over = answer.part == 1
        steepest.place((at, LENGTH * unit(way)))
        straight.set_data(*np.transpose([at, at + FAR * unit(way)]))
        for artist in (steepest, straight, steepest_name):
            artist.set_visible(over)
        tip, above = at + LENGTH * unit(theta), 0.25 if theta <= 180 else -0.25
        edge = wide - 0.72
        mine_name.set_position((float(min(max(tip[0], -edge), edge)), float(tip[1] + above)))
        mine_name.set_visible(not over or between(theta, way) > 50)
        steepest_name.set_position(_beside(hill, theta))
        place = f"You are at {pair(hill.at)}, and the summit is at {pair(hill.summit)}."
        if not answer:
            return Caption(
                "Which direction is the steepest way up?",
                detail=(
                    f"A hill in fog. {place} Around your feet, the level curves run in the "
                    f"direction {(way + 90) % 180:.0f}°. Your arrow points to {number(theta)}°."
                ),
            )
        return Caption(
            told(hill, theta, answer),
            detail=(
                f"{place} The gradient is {pair(rises)} and points to {way:.0f}°; the summit is "
                f"at {bearing(np.subtract(hill.summit, hill.at)):.0f}°, and your arrow points to "
                f"{number(theta)}°. {round(100 * answer.part)}% of the fog is gone."
            ),
        )

    return update


def _tip(theta: float, seed: int) -> Pair:
    x, y = HILLS[seed].at + LENGTH * unit(theta)
    return float(x), float(y)


def _toward(x: float, y: float, seed: int) -> float:
    return bearing(np.subtract((x, y), HILLS[seed].at)) % 359.5  # 359.7° counts as 0°, not 359°


def _beside(hill: Hill, theta: float) -> Pair:
    """The position of the gradient's name: next to its tip, away from the guess."""
    way = gradient(hill) / float(np.hypot(*gradient(hill)))
    side = np.array([-way[1], way[0]])
    if side @ unit(theta) > 0:
        side = -side
    x, y = hill.at + 0.8 * LENGTH * way + side * (0.2 + 0.42 * abs(side[0]))
    return float(x), float(y)


def told(hill: Hill, theta: float, answer: Answer) -> str:
    """The score as a slope, or the name of a common mistake."""
    rises = gradient(hill)
    most = number(float(np.hypot(*rises)))
    if answer.skipped:
        return f"The steepest way up has slope {most}, and it misses the summit."
    mine = number(slope_along(hill, theta))
    off = between(theta, bearing(rises))
    if off <= RIGHT:
        return f"You found it: your slope is {mine}, and the steepest is {most}."
    if between(theta, bearing(np.subtract(hill.summit, hill.at))) <= NEAR:
        return f"Toward the summit, the slope is {mine}, but the steepest is {most}."
    if off >= 180 - NEAR:
        return f"That is straight downhill: your slope is {mine}, and the steepest is {most}."
    if abs(off - 90) <= NEAR:
        return f"You followed a level curve: your slope is {mine}, and the steepest is {most}."
    return f"Your direction has slope {mine}; the steepest has {most}."
