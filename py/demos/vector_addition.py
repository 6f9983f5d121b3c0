"""Add two vectors, then combine them to reach a target."""

import math
from typing import Annotated, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import ArrayLike

from stage import (
    Caption,
    Choice,
    Figure,
    PointList,
    Points,
    Shape,
    Slider,
    Toggle,
    Update,
    apart,
    artists,
    narrow,
    number,
    pair,
)
from stage.figures import name, place_names, squared_paper, zoom
from stage.linear_algebra import Vector


def combination(a: ArrayLike, b: ArrayLike, alpha: float = 1.0, beta: float = 1.0) -> Vector:
    """αa + βb = (αa₁ + βb₁, αa₂ + βb₂), shape (2,). With α = β = 1 it is the sum a + b."""
    return alpha * np.asarray(a, dtype=float) + beta * np.asarray(b, dtype=float)


def length(v: ArrayLike) -> float:
    """‖v‖ = √(v₁² + v₂²), by Pythagoras."""
    first, second = np.asarray(v, dtype=float)
    return math.hypot(first, second)


def cross(a: ArrayLike, b: ArrayLike) -> float:
    """a₁b₂ − a₂b₁: positive if b is to the left of a, negative to the right, 0 if parallel.

    Up to 1e-9 times ‖a‖‖b‖, it counts as 0 with a rounding error.
    """
    (a1, a2), (b1, b2) = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    found = float(a1 * b2 - a2 * b1)
    return found if abs(found) > 1e-9 * length(a) * length(b) else 0.0


def angle(a: ArrayLike, b: ArrayLike) -> float | None:
    """The angle between a and b in degrees, 0 to 180; None if a vector is zero.

    tan θ = |a₁b₂ − a₂b₁| / (a·b), which unlike arccos is accurate near 0° and 180°.
    """
    if not length(a) or not length(b):
        return None
    return math.degrees(math.atan2(abs(cross(a, b)), float(np.dot(a, b))))


class Reach(NamedTuple):
    """The combination αa + βb that is closest to a target."""

    coefficients: Vector  # (α, β); if not unique, the pair with the smallest α² + β²
    nearest: Vector  # αa + βb with these
    distance: float  # from there to the target
    rank: int  # of the matrix [a b]: 2 reaches the whole plane, 1 a line, 0 the origin


def reach(a: ArrayLike, b: ArrayLike, target: ArrayLike) -> Reach:
    """The α and β that minimize ‖αa + βb − t‖: least squares with a and b as columns of M.

    Uses Cramer's rule if a and b are not parallel (`cross`), and otherwise M⁺t with M⁺ = Mᵀ / ‖M‖²,
    where ‖M‖² is the sum of all squares. This is stable for vectors in steps of 0.1 with lengths up
    to 10, because the angle between nonparallel ones is at least 1e-4.
    """
    goal = np.asarray(target, dtype=float)
    columns = np.column_stack([a, b]).astype(float)
    if area := cross(a, b):
        coefficients = np.array([cross(goal, b), cross(a, goal)]) / area
        return Reach(coefficients, goal, 0.0, 2)
    size = float(np.square(columns).sum())
    coefficients = columns.T @ goal / size if size else np.zeros(2)
    nearest = columns @ coefficients
    return Reach(coefficients, nearest, length(nearest - goal), int(size > 0))


ALMOST = 0.005  # smaller differences are invisible with two decimals
LIMIT = 10.9  # of the plane: sums reach ±10, and labels need space
FRAMES = (5.9, 8.4, LIMIT, 16, 23, 33)  # the plane uses the first limit that fits everything
SCALES = (15, 25, 40, 60)  # ends of the number lines; the last one fits every distance to t
ROOM = 0.9  # space for a label between the farthest point and the edge, at the limit LIMIT
FAR = 60.0  # well outside the plane
TAILS = ((-9.5, 6), (-7.5, 0), (-8.5, -6.5), (-1.5, -8), (4, -6.5), (6, 4.5))  # of the copies


def demo(fig: Annotated[Figure, Shape(wide=1.62, narrow=0.6)]) -> Update:
    """Set the scene: the plane with the arrows, and beside it the same sum in single numbers."""
    phone = narrow(fig)
    if phone:
        cells = fig.add_gridspec(2, 1, height_ratios=(1.5, 1))
    else:
        cells = fig.add_gridspec(1, 2, width_ratios=(1.66, 1))
    plane, aim, ledger = (fig.add_subplot(cells[place]) for place in (0, 0, 1))

    squared_paper(plane, LIMIT)
    plane.set(xticks=(-5, 0, 5), yticks=(-5, 0, 5))  # the same in every frame, for a fixed layout
    unreachable = plane.axhspan(-FAR, FAR, color="muted", alpha=0.25, linewidth=0, zorder=0.6)
    path = artists.line(plane, marker="o", color="surface", linewidth=8, markersize=13, zorder=0.7)
    span = artists.line(plane, marker="o", color="muted", linewidth=1, markersize=3, zorder=0.8)
    walk_a = artists.line(plane, linestyle=":", color="data", linewidth=1.4, zorder=2)
    walk_b = artists.line(plane, linestyle=":", color="model", linewidth=1.4, zorder=2)
    elsewhere = artists.arrows(plane, ["data"] * len(TAILS) + ["model"] * len(TAILS), alpha=0.4)
    unstretched = artists.arrows(plane, ["data", "model"], alpha=0.4)
    other_way = artists.arrows(plane, ["model", "data"], alpha=0.5)
    drawn = artists.arrows(plane, ["data", "model", "truth"])
    name_a, name_b = name(plane, "a", "data"), name(plane, "b", "model")
    name_sum = name(plane, "a + b", "truth")
    tip_a, tip_b = name(plane, "a", "data"), name(plane, "b", "model")

    # The target has separate axes on top of the plane, which are visible while there is a target.
    aim.set(xlim=plane.get_xlim(), ylim=plane.get_ylim(), aspect="equal")
    aim.set(
        xticks=[], yticks=[]
    )  # not set_axis_off, because the stage detects new limits through the axis
    aim.spines[:].set_visible(False)
    aim.patch.set_visible(False)
    answer = artists.line(aim, linestyle="--", color="ink", linewidth=1.4)
    residual = artists.line(aim, color="error", linewidth=2.4)
    gap = artists.line(aim, linestyle="--", color="error", linewidth=1.6)
    ring = artists.points(aim, color="ink", markersize=10, markerfacecolor="none", mew=1.8)
    name_t = name(aim, "t", "ink")

    headings, sums = _ledger(ledger)
    left_over = artists.line(ledger, color="error", solid_capstyle="butt")
    rows = artists.arrows(ledger, ["data", "model", "truth"] * 3 + ["error"], width=0.026)
    goals = artists.points(ledger, color="ink", markersize=9, markerfacecolor="none", mew=1.6)

    pixel = 1 / 14 if phone else 1 / 20  # one CSS pixel in units of the plane, nearly

    def update(
        points: Annotated[
            PointList,
            Points(
                (-5, 5),
                (-5, 5),
                0.1,
                label="components",
                names=("a", "b"),
                least=2,
                most=2,
                sliders=True,
            ),
        ] = ((4.0, 3.0), (-1.0, 4.0)),
        target: Annotated[str, Choice("none", "aim", "solve", label="target t")] = "none",
        alpha: Annotated[
            float, Slider(-3, 3, 0.1, label="factor α of a", when=lambda target: target != "none")
        ] = 1.0,
        beta: Annotated[
            float, Slider(-3, 3, 0.1, label="factor β of b", when=lambda target: target != "none")
        ] = 1.0,
        t: Annotated[
            PointList,
            Points(
                (-8, 8),
                (-8, 8),
                0.1,
                label="coordinates of t",
                names=("t",),
                axes=1,
                more=True,
                when=lambda target: target != "none",
            ),
        ] = ((5.0, -1.0),),
        copies: Annotated[
            bool, Toggle(label="draw a and b from other places, too", more=True)
        ] = False,
    ) -> str:
        a, b = (np.array(point) for point in points)
        goal = np.array(t[0])
        aiming = target != "none"
        if not aiming:
            alpha = beta = 1.0
        alpha_a, beta_b = alpha * a, beta * b
        total = combination(a, b, alpha, beta).round(12) + 0.0  # 0.1 · 3 − 0.3 is 0
        best = reach(a, b, goal)
        limit = frame(a, b, alpha_a, beta_b, total, *([goal] if aiming else []))
        if copies:  # their tips have no labels
            farthest = float(abs(np.vstack([np.add(TAILS, a), np.add(TAILS, b)])).max())
            limit = next(end for end in FRAMES if end >= max(LIMIT, limit, farthest))
        zoom(plane, limit, 5)
        aim.set(xlim=plane.get_xlim(), ylim=plane.get_ylim())

        unstretched.place(((0, 0), a), ((0, 0), b))
        drawn.place(((0, 0), alpha_a), (alpha_a if aiming else (0, 0), beta_b), ((0, 0), total))
        other_way.place((alpha_a, beta_b), (beta_b, alpha_a))
        other_way.set_visible(not aiming)
        elsewhere.place(*((tail, a) for tail in TAILS), *((tail, b) for tail in TAILS))
        elsewhere.set_visible(copies)
        walk_a.set_data([0, alpha_a[0], alpha_a[0]], [0, 0, alpha_a[1]])
        walk_b.set_data([alpha_a[0], total[0], total[0]], [alpha_a[1], alpha_a[1], total[1]])

        name_a.set_text("αa" if aiming else "a")
        name_b.set_text("βb" if aiming else "b")
        name_sum.set_text("αa + βb" if aiming else "a + b")
        turn = 1.0 if cross(alpha_a, beta_b) >= 0 else -1.0
        beside_a = _beside(alpha_a, -turn, beta_b, (-0.7, -0.7))
        beside_b = _beside(beta_b, -turn if aiming else turn, alpha_a, (-0.7, 0.7))
        miss = length(goal - total)
        _scale(ledger, *alpha_a, *total, miss if aiming else 0.0)
        place_names(
            (name_sum, total, _unit(total) if total.any() else -beside_a, True),
            (name_a, alpha_a / 2, beside_a, True),
            (name_b, (alpha_a if aiming else 0) + beta_b / 2, beside_b, True),
            (
                name_t,
                goal,
                2 * _unit(goal - total if miss > 1e-9 else -total),
                aiming,
            ),  # clear of its ring
            (tip_a, a, -beside_a, aiming and bool(a.any())),
            (tip_b, b, -beside_b, aiming and bool(b.any())),
            pixel=pixel * limit / LIMIT,
            limit=limit,
        )

        stuck = aiming and best.rank < 2
        for artist in (unreachable, path, span):
            artist.set_visible(stuck)
        direction = (
            _unit(a) if a.any() else _unit(b)
        )  # (0, 0) where both are zero: a line of one point
        for artist in (path, span):
            artist.set_data(*(FAR * np.outer(direction, (-1, 1))))

        aim.set_visible(aiming)
        ring.set_data(goal[:1], goal[1:])
        gap.set_data([total[0], goal[0]], [total[1], goal[1]])
        residual.set_data([best.nearest[0], goal[0]], [best.nearest[1], goal[1]])
        residual.set_visible(stuck)
        corner = best.coefficients[0] * a
        answer.set_data([0, corner[0], best.nearest[0]], [0, corner[1], best.nearest[1]])
        answer.set_visible(target == "solve")

        lengths = length(alpha_a), length(beta_b), length(total)
        for i, sum_ in enumerate(sums[:2]):
            sum_.set_text(f"{_plus(alpha_a[i], beta_b[i])} = {number(total[i])}")
        if aiming:
            headings[2].set_text("distance to t")
            sums[2].set_text(number(miss))
        else:
            headings[2].set_text("length")
            equal = math.isclose(lengths[0] + lengths[1], lengths[2], rel_tol=1e-9)
            close = abs(lengths[0] + lengths[1] - lengths[2]) < ALMOST
            sign = "=" if equal else "≈" if close else "≠"
            sums[2].set_text(f"{_plus(*lengths[:2])} {sign} {number(lengths[2])}")
        third = (math.nan,) * 3 if aiming else lengths
        rows.place(
            *_tip_to_tail(0, alpha_a[0], beta_b[0], total[0]),
            *_tip_to_tail(1, alpha_a[1], beta_b[1], total[1]),
            *_tip_to_tail(2, *third),
            ((0, LANES[2][0]), (miss if aiming else math.nan, 0)),
        )
        if aiming:
            goals.set_data([*goal, best.distance], [LANES[0][2], LANES[1][2], LANES[2][0]])
            left_over.set_data(
                [total[0], goal[0], math.nan, total[1], goal[1]],
                [LANES[0][3], LANES[0][3], math.nan, LANES[1][3], LANES[1][3]],
            )
        else:
            left_over.set_data([lengths[2], lengths[0] + lengths[1]], [LANES[2][3]] * 2)
        goals.set_visible(aiming)

        detail = _reached(a, b, alpha, beta, goal, target) if aiming else _added(a, b, alpha, beta)
        if copies:
            detail += " Every pale arrow is a or b again, drawn from another place."
        told = _missed(miss, best) if aiming else _compared(*lengths)
        return Caption(told, detail=detail)

    return update


def frame(*drawn: ArrayLike) -> float:
    """The limit of the plane that shows these points with room for their labels."""
    farthest = max(float(abs(np.asarray(point)).max()) for point in drawn)
    fits = (end for end in FRAMES if farthest <= end - ROOM * max(end / LIMIT, 1) + 1e-9)
    return next(fits, FRAMES[-1])


# Drawing

# In each of the ledger's three rows: a, b, the sum, and the difference; y points down.
LANES = tuple((row + 0.40, row + 0.53, row + 0.69, row + 0.80) for row in range(3))


def _ledger(ax: Axes) -> tuple[list[artists.Label], list[artists.Label]]:
    """Three number lines; returns their headings and, at the right, their sums."""
    ax.set(ylim=(3, 0), yticks=[])
    _scale(ax)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_visible(False)
    tops, bottoms = zip(*((lanes[0] - 0.07, lanes[3] + 0.07) for lanes in LANES), strict=True)
    for x in range(-40, 65, 5):  # the lines of the scale stop short of the words
        ax.vlines([x] * 3, tops, bottoms, color="rule" if x else "muted", linewidth=0.8, zorder=0.9)
    ax.grid(visible=False)
    ax.hlines((1.0, 2.0), -45, 60, color="rule", linewidth=0.8)
    headings, sums = [], []
    beside: Any = {"transform": ax.get_yaxis_transform()}  # from 0 at the left to 1
    for row, heading in enumerate(("across", "up", "length")):
        headings.append(artists.label(ax, 0, row + 0.2, heading, weight="semibold", **beside))
        sums.append(artists.label(ax, 1, row + 0.2, ha="right", **beside))
    for text in headings + sums:
        text.set(va="center", clip_on=True, zorder=5)
    return headings, sums


def _scale(ax: Axes, *values: float) -> None:
    """Fit the number lines to these values, with a ratio of 15 : 10.9 between right and left."""
    far = max((value if value > 0 else -value * 15 / LIMIT for value in values), default=0.0)
    end = next(end for end in SCALES if far <= end)
    if ax.get_xlim()[1] != end:
        ax.set_xlim(-end * LIMIT / 15, end)
        ax.xaxis.set_major_locator(MultipleLocator(5 if end == SCALES[0] else 20))


def _tip_to_tail(
    row: int, first: float, second: float, total: float
) -> list[tuple[ArrayLike, ArrayLike]]:
    """The arrows of one row of the ledger."""
    one, two, three, _ = LANES[row]
    start = 0.0 if math.isnan(first) else first
    return [((0, one), (first, 0)), ((start, two), (second, 0)), ((0, three), (total, 0))]


def _unit(v: Vector) -> Vector:
    """v / ‖v‖, and (0, 0) for the zero vector."""
    return v / (length(v) or 1.0)


def _beside(v: Vector, turn: float, other: Vector, otherwise: tuple[float, float]) -> Vector:
    """The direction from v to its name: perpendicular, left of v for turn = 1 and right for −1.

    A zero vector has its name opposite to the other vector; if both are zero, use `otherwise`.
    """
    if v.any():
        return turn * _unit(np.array([-v[1], v[0]]))
    return -_unit(other) if other.any() else np.array(otherwise)


# Captions


def _about(x: float) -> str:
    """`= 0.5`, `≈ 0.333`."""
    return f"{'=' if abs(x - round(x, 3)) < 1e-9 else '≈'} {number(x, 3)}"


def _plus(x: float, y: float) -> str:
    """`4 + 1`, `4 − 1`."""
    return f"{number(x)} {'−' if y < 0 else '+'} {number(abs(y))}"


def _times(factor: float, name: str) -> str:
    """`a`, `−a`, `2.5a`."""
    return {1.0: name, -1.0: f"−{name}"}.get(factor, f"{number(factor)}{name}")


def _combined(alpha: float, beta: float) -> str:
    """`a + b`, `2a − 0.5b`."""
    return f"{_times(alpha, 'a')} {'−' if beta < 0 else '+'} {_times(abs(beta), 'b')}"


def _compared(first: float, second: float, both: float) -> str:
    """The length of the sum, compared with the sum of the lengths."""
    lost = first + second - both
    if lost <= 1e-9:
        less = "exactly as long as"
    else:
        less = "almost as long as" if lost < ALMOST else f"{number(lost)} less than"
    return f"a + b is {number(both)} long, {less} a and b together."


def _missed(miss: float, best: Reach) -> str:
    """The distance of the combination from the target, and the smallest possible distance."""
    if miss < 1e-9:
        return "αa + βb reaches t."
    if best.distance < 1e-9:
        return f"αa + βb misses t by {number(miss)}."
    if miss - best.distance < 1e-9:
        return f"αa + βb misses t by {number(miss)}, and no combination comes closer."
    closest = apart(best.distance, 2, miss)
    return (
        f"αa + βb misses t by {apart(miss, 2, best.distance)}; the closest possible is {closest}."
    )


def _added(a: Vector, b: Vector, alpha: float, beta: float) -> str:
    """The sum, the three lengths, and the angle between a and b."""
    total = combination(a, b, alpha, beta)
    first, second, both = (length(v) for v in (alpha * a, beta * b, total))
    lost = first + second - both
    compared = (
        "exactly as long as"
        if lost <= 1e-9
        else "almost as long as"
        if lost < ALMOST
        else f"{number(lost)} less than"
    )
    told = (
        f"a = {pair(a)} and b = {pair(b)} give {_combined(alpha, beta)} = {pair(total)}"
        f"; {_times(alpha, 'a')} is {number(first)} long, {_times(beta, 'b')} "
        f"{number(second)}, and the sum {number(both)}, {compared} the two together."
    )
    theta = angle(a, b)
    if theta is not None:
        way = {0.0: "the same way", 180.0: "opposite ways"}.get(theta, "")
        way = f", so they point {way}" if way else ""
        return f"{told} The angle between a and b is {apart(theta, 1, 0, 90, 180)}°{way}."
    if a.any() or b.any():
        zero = "b" if a.any() else "a"
        return f"{told} {zero} is the zero vector, which has no direction, so there is no angle."
    return f"{told} Both a and b are the zero vector, which has no direction, so there is no angle."


def _reached(a: Vector, b: Vector, alpha: float, beta: float, goal: Vector, target: str) -> str:
    """The combination, its distance to t, and whether another one would be closer."""
    total = combination(a, b, alpha, beta)
    best = reach(a, b, goal)
    miss = length(total - goal)
    here = f"With a = {pair(a)} and b = {pair(b)}, {_combined(alpha, beta)} = {pair(total)}"
    here += (
        f" reaches t = {pair(goal)}."
        if miss < 1e-9
        else f" misses t = {pair(goal)} by {number(miss)}."
    )
    factors = f"α {_about(best.coefficients[0])} and β {_about(best.coefficients[1])}"
    if best.rank == 2:
        return f"{here} t is reached with {factors}." if target == "solve" else here
    if best.rank == 0:
        why = "Both vectors are zero: whatever α and β are, the result is the origin"
    elif not a.any() or not b.any():
        zero, other = ("a", "b") if not a.any() else ("b", "a")
        why = f"{zero} is the zero vector, so only the line along {other} can be reached"
    else:
        why = "a and b are parallel, so only the one line that both lie on can be reached"
    if best.distance < 1e-9:
        why += ", and t is on it" if best.rank else ", and t is there"
    else:
        why += f"; its nearest point to t is {pair(best.nearest)}, {number(best.distance)} away"
        why = why.replace("its nearest point to t is (0, 0), ", "t is ") if not best.rank else why
    return f"{here} {why}{f', with {factors}' if target == 'solve' and best.rank else ''}."
