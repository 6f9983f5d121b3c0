"""Drag x or w and watch the dot product and both rankings."""

import math
from collections.abc import Sequence
from operator import mul
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes

from stage import (
    Caption,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Update,
    apart,
    artists,
    narrow,
    number,
    pair,
)
from stage.figures import mixed, name, place_names, squared_paper
from stage.linear_algebra import Numbers, Vector, grid_lines

Pair = tuple[float, float]


def dot(a: Sequence[float], b: Sequence[float]) -> float:
    """a·b = a₁b₁ + … + aₙbₙ for two vectors of n numbers; ValueError if their lengths differ.

    Rounded to 10 decimals, which is exact for entries in steps of 0.1.
    """
    if len(a) != len(b):
        raise ValueError(f"there is no dot product of {len(a)} and {len(b)} numbers")
    return round(float(sum(map(mul, a, b))), 10) + 0.0  # + 0.0: no −0


def length(a: Sequence[float]) -> float:
    """‖a‖ = √(a·a)."""
    return math.hypot(*a)


def cosine(a: Sequence[float], b: Sequence[float]) -> float | None:
    """The cosine a·b / (‖a‖‖b‖) = cos θ, −1 to 1; None if a vector is zero and has no direction."""
    both = length(a) * length(b)
    return min(max(dot(a, b) / both, -1.0), 1.0) if both else None


def angle(a: Sequence[float], b: Sequence[float]) -> float | None:
    """The angle of a and b in degrees, 0 to 180, in two dimensions; None if a vector is zero.

    tan θ = |a₁b₂ − a₂b₁| / (a·b), which unlike arccos is accurate near 0° and 180°.
    """
    if not length(a) or not length(b):
        return None
    (a1, a2), (b1, b2) = a, b
    return math.degrees(math.atan2(abs(dot((a1, a2), (b2, -b1))), dot(a, b)))


def shadow(x: Sequence[float], w: Sequence[float]) -> float:
    """The scalar projection of x on w: x·w / ‖w‖, and 0 for w = 0."""
    size = length(w)
    return dot(x, w) / size if size else 0.0


def foot(x: Sequence[float], w: Sequence[float]) -> list[float]:
    """The projection of x on the line of w: (x·w / w·w) w, and the origin for w = 0."""
    size = length(w)
    return [shadow(x, w) * along / size if size else 0.0 for along in w]


def ranking(scores: list[float | None]) -> list[int]:
    """The indices, highest score first; ties keep their order, and None comes last."""
    return sorted(
        range(len(scores)),
        key=lambda i: math.inf if (score := scores[i]) is None else -round(score, 10),
    )


def standing(scores: list[float | None], which: int) -> int | None:
    """The rank of one score, 1 for the highest, equal for ties; None for a score of None."""
    own = scores[which]
    if own is None:
        return None
    return 1 + sum(round(score - own, 10) > 0 for score in scores if score is not None)


LIMIT = 4.6  # of the plane
CORNER = 6.6  # a distance from the center beyond the corners
FAR = 8.0  # well outside of the plane
GAP = 3  # between two level lines, in units of w·x
MOST = 16.0  # |w·x| for w = (2, 2) and x = (4, 4): the end of the scale of the bars
DOCUMENTS = ((3.5, -1.0), (1.0, 1.0), (-1.5, 3.0), (-3.0, -2.0))
NAMES = ("A", "B", "C", "D", "x")


def demo(fig: Annotated[Figure, Shape(wide=1.37, narrow=0.6)]) -> Update:
    """Set the scene: the painted plane, and beside it the two rankings of the documents."""
    phone = narrow(fig)
    if phone:
        plane, lists = fig.subplots(2, 1, height_ratios=(1.45, 1))
    else:
        plane, lists = fig.subplots(1, 2, width_ratios=(1.7, 1))

    squared_paper(plane, LIMIT, 2)
    field = _Field(plane, pixel=1 / 35 if phone else 1 / 41)  # a CSS pixel in its units, nearly
    drop = artists.line(plane, linestyle=":", color="ink", linewidth=1.6, zorder=2.1)
    fallen = artists.line(plane, linewidth=7, alpha=0.55, solid_capstyle="butt", zorder=2.1)
    both = artists.arrows(plane, ["model", "data"])
    name_x = name(plane, "x", "data")
    sum_ = artists.label(plane, 0, 1.075, size=12, weight="semibold")
    sizes = [artists.label(plane, left, 1.02) for left in (0, 0.3)]
    turned = artists.label(plane, 1, 1.02, ha="right")
    for text in (sum_, *sizes, turned):
        text.set(transform=plane.transAxes, zorder=5)

    by_dot = _Board(lists, 0, "dot product with w", MOST)
    by_cosine = _Board(lists, 7, "cosine similarity with w", 1)

    def update(
        x: Annotated[PointList, Points((-4, 4), (-4, 4), 0.1, label="document x", names=("x",))] = (
            (1.0, 2.0),
        ),
        w: Annotated[PointList, Points((-2, 2), (-2, 2), 0.1, label="w", names=("w",))] = (
            (2.0, 1.0),
        ),
        c: Annotated[float, Slider(-9, 9, 0.5, label="dashed level c")] = 3.0,
    ) -> str:
        (weights,), (point,) = w, x
        score, end = dot(weights, point), foot(point, weights)

        field.paint(weights, c)
        both.place(((0, 0), weights), ((0, 0), point))
        drop.set_data([point[0], end[0]], [point[1], end[1]])
        fallen.set_data([0, end[0]], [0, end[1]])
        fallen.set_color("error" if score < 0 else "truth")
        field.keep_clear(name_x, point, _beside(point, weights))

        pairs = zip(weights, point, strict=True)
        products = " + ".join(f"{_factor(a)}·{_factor(b)}" for a, b in pairs)
        sum_.set_text(f"w·x = {products} = {number(score)}")
        turn = angle(weights, point)
        for text, symbol, vector in zip(sizes, "wx", (weights, point), strict=True):
            text.set_text(f"‖{symbol}‖ = {number(length(vector))}")
        turned.set_text("" if turn is None else f"cos {_degrees(turn)} = {_cos(turn)}")

        documents = [*DOCUMENTS, point]
        scores: list[float | None] = [dot(weights, document) for document in documents]
        cosines = [cosine(weights, document) for document in documents]
        turns = [angle(weights, document) for document in documents]
        by_dot.show(scores, [number(float(value or 0)) for value in scores])
        by_cosine.show(cosines, ["none" if t is None else _cos(t) for t in turns])

        return Caption(
            _told(weights, point, c),
            detail=f"{_score(weights, point, c)} {_ranked(scores, cosines, turns)}",
        )

    return update


# Drawing

Box = tuple[float, float, float, float]  # center and half size of an area that texts avoid

UP = np.array((0.7, 0.7))  # direction from a document to its letter
LEVELS = np.arange(-7, 8) * GAP  # between the painted bands: |w·x| < 18.4 on the whole plane
NUMBERED = LEVELS[5:10]
SKEW = np.array([(0.7, 0.7), (-0.7, 0.7)])  # from the direction of w to its name
CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
ALONG = np.linspace(6.4, -6.4, 65)  # positions of a number along its level line, from the w axis
MIDDLE, REACH = 0.45, 0.36  # of the bars, in widths of their axes


class _Field:
    """The plane painted by w·x: bands between level lines, their numbers, the documents.

    It is redrawn only when w or c changes, and is below everything that moves with x.
    """

    def __init__(self, ax: Axes, pixel: float) -> None:
        self.pixel = pixel
        self.laid: tuple[float, ...] = ()
        self.taken: list[Box] = []
        strengths = [0.07 + 0.06 * k for k in range(7)]
        colors = [mixed("error", s) for s in strengths[::-1]]
        colors += [mixed("truth", s) for s in strengths]
        self.bands = artists.polygons(ax, facecolors=colors, antialiased=False, zorder=0.6)
        self.ends = np.zeros((17, 2, 2))
        self.lines = artists.segments(
            ax,
            colors=["error"] * 7 + ["ink"] + ["truth"] * 7 + ["ink", "model"],
            linewidths=[0.9] * 7 + [1.6] + [0.9] * 7 + [1.8, 0.9],
            linestyles=["-"] * 15 + [(0, (5, 3)), "-"],
            zorder=0.95,
        )
        ax.plot(*grid_lines(4, LIMIT).T, color="surface", linewidth=0.7, zorder=0.7)
        ax.plot(*np.transpose(DOCUMENTS), "o", color="ink", markersize=5, zorder=1)
        self.plates = artists.polygons(ax, facecolors="surface", zorder=1.5)
        self.goal = artists.label(ax, 0, 0, weight="semibold")
        self.numbers = [artists.label(ax, 0, 0, number(level)) for level in NUMBERED]
        for text in (self.goal, *self.numbers):
            text.set(size=9.5, ha="center", va="center", clip_on=True)
        self.letters = [name(ax, letter, "ink") for letter in NAMES[:-1]]
        self.name = name(ax, "w", "model")
        for text in (self.goal, *self.numbers, *self.letters, self.name):
            text.set_zorder(2)
        place_names(
            *((t, np.array(d), UP, True) for t, d in zip(self.letters, DOCUMENTS, strict=True)),
            pixel=pixel,
            limit=LIMIT,
        )
        self.still = [self._box(text) for text in self.letters]
        self.still += [(*spot, *(pixel * np.array((5, 5)))) for spot in DOCUMENTS]

    def paint(self, w: Pair, c: float) -> None:
        """Place bands and lines perpendicular to w; number the lines where there is room."""
        now = (*w, c)
        if self.laid == now:
            return
        turned = self.laid[:2] != now[:2]
        self.laid = now
        size = length(w)
        self.taken = list(self.still)
        self.keep_clear(self.name, w, SKEW @ w / size if size else -UP)
        self.taken.append(self._box(self.name))
        for artist in (self.bands, self.lines, self.plates, self.goal, *self.numbers):
            artist.set_visible(size > 0)
        if not size:
            return
        unit = np.divide(w, size)
        side = np.array([unit[1], -unit[0]])
        away = (np.append(LEVELS, c) / size).clip(-CORNER, CORNER)  # bands beyond have no width
        middles = np.multiply.outer(away, unit)
        one, other = middles - FAR * side, middles + FAR * side
        if turned:
            self.bands.set_verts(np.stack([one[:-2], one[1:-1], other[1:-1], other[:-2]], axis=1))
        self.ends[:-1, 0] = one
        self.ends[:-1, 1] = np.where(abs(away[:, None]) < CORNER, other, one)  # nor lines a length
        self.ends[-1] = -FAR * unit, FAR * unit
        self.lines.set_segments(self.ends)

        across, up, wide = *w, 5 * self.pixel
        ahead = [(part * across, part * up, wide, wide) for part in (0, 0.25, 0.5, 0.75, 1)]
        self.goal.set_text(f"w·x = {number(c)}")
        self._number([self.goal], middles[-1:], side, [*self.taken, *ahead])
        if self.goal.get_visible():
            self.taken.append(self._box(self.goal))
        self._number(self.numbers, middles[5:10], side, [*self.taken, *ahead])
        for text, level in zip(self.numbers, NUMBERED, strict=True):
            if abs(level - c) < 0.4 * size:
                text.set_visible(False)  # the line w·x = c is there
        self.taken += [self._box(text) for text in self.numbers if text.get_visible()]
        shown = [self._box(text) for text in (self.goal, *self.numbers) if text.get_visible()]
        boxes = np.reshape(shown, (-1, 1, 4))
        self.plates.set_verts(boxes[..., :2] + CORNERS * (1, 0.8) * boxes[..., 2:])

    def keep_clear(self, text: artists.Label, spot: Pair, direction: Vector) -> None:
        """Put a name next to its spot, in its direction if that is free, or else around it."""
        _, _, across, up = self._box(text)
        edge = LIMIT - 0.25
        least = math.inf
        for right, above in (spot + self.pixel * (TRIES @ direction)).clip(-edge, edge).tolist():
            shared = sum(
                max(across + wide - abs(right - x), 0) * max(up + high - abs(above - y), 0)
                for x, y, wide, high in self.taken
            )
            if shared < least - 1e-9:  # in a tie, the first
                least = shared
                text.set_position((right, above))
            if not shared:
                break

    def _number(
        self, texts: list[artists.Label], middles: Numbers, side: Vector, taken: list[Box]
    ) -> None:
        """Put each text on its line, at the outermost free position, or hide it."""
        at = middles[:, None] + np.multiply.outer(ALONG, side)
        across, up = map(max, zip(*(self._box(text)[2:] for text in texts), strict=True))
        x, y, wide, high = np.transpose(taken)[..., None, None]
        shared = abs(at[..., 0] - x) <= across + wide
        shared &= abs(at[..., 1] - y) <= up + high
        free = (abs(at[..., 0]) < LIMIT - across) & (abs(at[..., 1]) < LIMIT - up)
        free &= ~shared.any(axis=0)
        first = free.argmax(axis=1).tolist()
        for text, places, possible, found in zip(texts, at, free, first, strict=True):
            text.set_visible(bool(possible[found]))
            text.set_position(places[found].tolist())

    def _box(self, text: artists.Label) -> Box:
        x, y = text.get_position()
        return (x, y, self.pixel * (3.2 * len(text.get_text()) + 4), self.pixel * 9)


TRIES = np.array(  # candidate positions of a name: distance in pixels times a rotation matrix
    [
        gap * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        for gap in (16, 26, 36)
        for turn in np.radians((0, 45, -45, 90, -90, 135, -135, 180))
    ]
)


def _beside(v: Pair, other: Pair) -> Vector:
    """The direction from the tip of v to its name: onward, and away from the other arrow."""
    size = length(v)
    if not size:
        return -UP
    x, y = v[0] / size, v[1] / size
    turn = -1 if dot((-y, x), other) > 0 else 1  # to the right or to the left
    return np.array((0.7 * (x - turn * y), 0.7 * (y + turn * x)))


class _Board:
    """The five documents in order of one score, with bars; y points down, a row is 1 high.

    The artists of x are drawn last, so that the rest stays unchanged while x keeps its rank.
    """

    def __init__(self, ax: Axes, top: float, heading: str, most: float) -> None:
        self.most, self.top = most, top + 1.2
        self.shown: list[tuple[int, str]] = [(0, "")] * len(NAMES)
        ax.set(xlim=(0, 1), ylim=(12.8, -0.4))
        ax.set_axis_off()
        ax.text(0, top, heading, weight="semibold", va="center", zorder=1)
        ax.plot([MIDDLE] * 2, [top + 0.7, top + 5.7], color="muted", linewidth=0.8, zorder=1)
        self.ends = np.full((len(NAMES), 2, 2), MIDDLE)
        self.bars = artists.segments(
            ax,
            self.ends,
            colors=["data" if letter == "x" else "muted" for letter in NAMES],
            linewidths=8,
            capstyle="butt",
            zorder=3,
        )
        self.letters, self.values = [], []
        for letter in NAMES:
            color, weight = ("data", "semibold") if letter == "x" else ("ink", "normal")
            style: dict[str, Any] = {
                "color": color,
                "weight": weight,
                "va": "center",
                "clip_on": True,
            }
            self.letters.append(artists.label(ax, 0, 0, letter, zorder=2, **style))
            last = 5 if letter == "x" else 4
            self.values.append(artists.label(ax, 1, 0, ha="right", zorder=last, **style))

    def show(self, scores: list[float | None], said: list[str]) -> None:
        """Sort the rows by `scores`; `said` are their texts."""
        for row, i in enumerate(ranking(scores)):
            if self.shown[i] == (row, said[i]):
                continue
            if self.shown[i][0] != row or not self.shown[i][1]:
                self.letters[i].set_y(self.top + row)
            self.values[i].set_text(said[i])
            self.values[i].set_y(self.top + row)
            self.shown[i] = (row, said[i])
            self.ends[i, 1, 0] = MIDDLE + REACH * (scores[i] or 0) / self.most
            self.ends[i, :, 1] = self.top + row
        self.bars.set_segments(self.ends)


# Captions


def _factor(value: float) -> str:
    """`2`, `(−2)`."""
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _degrees(turn: float) -> str:
    """An angle with one decimal; more if it would be rounded to 0°, 90° or 180°."""
    return f"{apart(turn, 1, 0, 90, 180)}°"


def _cos(turn: float) -> str:
    """The cosine of an angle in degrees; a bound if three decimals would be rounded to ±1."""
    value = math.cos(math.radians(turn))
    if abs(value) >= 0.9995 and min(turn, 180 - turn) > 1e-9:
        return "> 0.999" if value > 0 else "< −0.999"
    return number(value, 3)


def _told(w: Pair, x: Pair, c: float) -> str:
    """The dot product, and how it compares with the level c."""
    if not any(w):
        return "w is the zero vector, so w·x is 0 everywhere."
    score = dot(w, x)
    if score == c:
        return f"w·x is {number(score)}: x is on the dashed line."
    side = "above" if score > c else "below"
    return f"w·x is {apart(score, 2, c)}, {side} the dashed level {number(c)}."


def _score(w: Pair, x: Pair, c: float) -> str:
    """w·x, where it comes from, and how it compares with the level c."""
    score = dot(w, x)
    start = f"With w = {pair(w)} and x = {pair(x)}, w·x = {apart(score, 2, c)}"
    if not any(w):
        reached = "every x has w·x = 0" if c == 0 else f"no x has w·x = {number(c)}"
        return f"{start}. w is the zero vector, so {reached}."
    over = round(score - c, 10)
    where = f"{number(abs(over))} {'above' if over > 0 else 'below'} the level {number(c)}"
    start += f", {where}." if over else f", on the line of all x with w·x = {number(c)}."
    if not any(x):
        return f"{start} x is the zero vector, which has no direction."
    turn = angle(w, x)
    assert turn is not None
    if score == 0:
        return f"{start} The vectors are orthogonal: the angle between them is 90°."
    start += f" The angle between w and x is {_degrees(turn)}."
    long = number(abs(shadow(x, w)))
    side = "opposite to w" if score < 0 else "along w"
    return f"{start} The shadow of x on the line of w is {long} long and points {side}."


def _place(place: int) -> str:
    return ("first", "second", "third", "fourth", "last")[place - 1]


def _ranked(
    scores: list[float | None], cosines: list[float | None], turns: list[float | None]
) -> str:
    """The place of x among the documents in both rankings, and which document is first."""
    mine = len(NAMES) - 1
    if all(value is None for value in cosines):
        return "All dot products are 0 and no cosine is defined, so there is nothing to rank."
    by_dot = standing(scores, mine)
    assert by_dot is not None
    leader = ranking(scores)[0]
    told = f"Of the five documents, x is {_place(by_dot)} by dot product"
    if by_dot > 1:
        told += f" (first is {NAMES[leader]} with {number(scores[leader] or 0)})"
    by_cosine = standing(cosines, mine)
    if by_cosine is None:
        return f"{told} and has no cosine."
    told += f" and {_place(by_cosine)} by cosine with {_cos(turns[mine] or 0)}"
    if by_cosine > 1:
        leader = ranking(cosines)[0]
        told += f" (first is {NAMES[leader]} with {_cos(turns[leader] or 0)})"
    return f"{told}.".replace("> ", "above ").replace("< ", "below ")
