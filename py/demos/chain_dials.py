"""Turn the first dial and see how fast the others turn."""

import math
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

CENTERS = (0.0, 3.0, 6.0)  # of the dials for x, u and y
RADIUS = 1.1
FULL = 4.0  # the end of each scale
NUDGE = 0.5  # length of the colored piece of the scale of x


def inner(x: float) -> float:
    """The function u = g(x) = x/2; its derivative is 1/2."""
    return x / 2


def outer(u: float) -> float:
    """The function y = f(u) = u²; its derivative is 2u."""
    return u**2


def rates(x: float) -> tuple[float, float, float]:
    """The derivatives du/dx = 1/2 and dy/du = 2u at u = g(x), and their product dy/dx."""
    first, second = 0.5, 2 * inner(x)
    return first, second, second * first


def angle(value: ArrayLike) -> Numbers:
    """The angle of a value on its scale, in degrees: 0 at 225°, 4 at −45°, clockwise."""
    return 225 - 270 * np.asarray(value, dtype=np.float64) / FULL


def on_dial(center: float, value: ArrayLike, radius: float) -> Numbers:
    """The position of values on a dial, shape (2, …)."""
    turn = np.radians(angle(value))
    return np.array([center + radius * np.cos(turn), radius * np.sin(turn)])


def value_at(x: float, y: float) -> float:
    """The value on the dial of x in the direction of (x, y); below the scale, its nearer end."""
    turned = (225 - math.degrees(math.atan2(y, x))) % 360
    return (turned if turned < 315 else 0.0) * FULL / 270


def demo(fig: Annotated[Figure, Small(1.9)]) -> Update:
    """Set the scene: three dials, with a pointer and a colored piece on each."""
    ax = fig.subplots()
    ax.set(xlim=(-1.4, 7.4), ylim=(-3.1, 1.5), aspect="equal")
    ax.set_axis_off()
    pointers, names = [], []
    for center in CENTERS:
        ax.plot(*on_dial(center, np.linspace(0, FULL, 61), RADIUS), color="muted", linewidth=1.5)
        for mark in range(int(FULL) + 1):
            ends = np.transpose([on_dial(center, mark, RADIUS - part) for part in (0, 0.12)])
            ax.plot(*ends, color="muted", linewidth=1)
        pointers.append(artists.line(ax, color="ink", linewidth=2.2, zorder=3))
        names.append(artists.label(ax, center, -1.15, ha="center", va="center", weight="semibold"))
    pieces = artists.polygons(ax, facecolors="gradient", zorder=2)
    middle: Any = {"ha": "center", "va": "center", "color": "gradient"}
    between = [artists.label(ax, x, -1.95, **middle) for x in (1.5, 4.5)]
    product = artists.label(ax, 3, -2.75, **middle, weight="semibold", size=12)
    tip = artists.points(ax, color="data", markersize=8, zorder=4)

    def update(
        x: Annotated[
            float,
            Slider(
                0,
                FULL,
                0.1,
                label="x",
                drag=Drag(at=lambda x: tuple(on_dial(0, x, RADIUS).tolist()), to=value_at),
            ),
        ] = 1.0,
    ) -> str:
        values = (x, inner(x), outer(inner(x)))
        first, second, both = rates(x)
        widths = (NUDGE, first * NUDGE, both * NUDGE)
        sectors = []
        for center, value, width, pointer, label, name in zip(
            CENTERS, values, widths, pointers, names, "xuy", strict=True
        ):
            pointer.set_data(*np.transpose([(center, 0), on_dial(center, value, RADIUS)]))
            label.set_text(f"{name} = {number(value, 3)}")
            arc = on_dial(center, value + width * np.linspace(-0.5, 0.5, 13), 0.8)
            sectors.append(np.vstack([(center, 0), arc.T]))
        pieces.set_verts(np.array(sectors))
        tip.set_data(*on_dial(0, [x], RADIUS))
        between[0].set_text(f"du/dx = {number(first)}")
        between[1].set_text(f"dy/du = {number(second)}")
        product.set_text(f"dy/dx = {number(second)} · {number(first)} = {number(both)}")
        return Caption(
            told(both),
            detail=(
                f"Three dials: x = {number(x)}, u = x/2 = {number(values[1])} and y = u² = "
                f"{number(values[2], 3)}. du/dx = {number(first)}, dy/du = {number(second)}, and "
                f"dy/dx is their product, {number(both)}."
            ),
            numbers={
                "x": number(x),
                "u": number(values[1]),
                "first": number(first),
                "second": number(second),
                "both": number(both),
            },
        )

    return update


def told(both: float) -> str:
    """The caption: how fast y turns, compared with x."""
    if not both:
        return "At this point, the pointer of y stands still."
    if both == 1:
        return "At this point, y turns exactly as fast as x."
    return f"At this point, y turns {number(both)} times as fast as x."
