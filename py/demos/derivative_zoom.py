"""Drag the point, and magnify the curve around it."""

from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

HALF = 2.0  # half the width of the whole picture
CORNERS = (-1.0, 1.0)
U = np.linspace(-1, 1, 201)  # across the magnified view


def f(x: ArrayLike) -> Numbers:
    """The curve ½|x² − 1|, with corners at −1 and 1."""
    at = np.asarray(x, dtype=np.float64)
    return 0.5 * np.abs(at * at - 1)


def slope(x: float) -> float | None:
    """f′(x) = ±x; None at a corner."""
    if abs(abs(x) - 1) < 1e-9:
        return None
    return x if abs(x) > 1 else -x


def view(x: float, zoom: float) -> tuple[Numbers, Numbers]:
    """The curve around x, `zoom` times as large as in the whole picture; both axes −1 to 1."""
    half = HALF / zoom
    corners = np.clip((np.array(CORNERS) - x) / half, -1, 1)
    across = np.sort(np.append(U, corners))
    return across, (f(x + half * across) - f(x)) / half


def bend(x: float, zoom: float) -> float | None:
    """The maximum distance between curve and tangent in the view, as a share of its width."""
    m = slope(x)
    if m is None:
        return None
    across, up = view(x, zoom)
    return float(np.abs(up - m * across).max()) / 2


def demo(fig: Annotated[Figure, Small(1.75)]) -> Update:
    """Set the scene: the curve on the left, and what lies in the small square on the right."""
    whole, lens = fig.subplots(1, 2)
    for axes, half in ((whole, HALF), (lens, 1)):
        axes.set(xlim=(-half, half), ylim=(-half, half), aspect="equal", xticks=[], yticks=[])
    whole.spines[:].set_visible(False)
    lens.spines[:].set(visible=True, color="muted", linewidth=1.4)
    lens.axhline(0, color="rule", linewidth=1)
    lens.axvline(0, color="rule", linewidth=1)
    grid = np.sort(np.append(np.linspace(-HALF, HALF, 201), CORNERS))
    whole.plot(grid, f(grid), color="data")
    square = artists.line(whole, color="muted", linewidth=1.4)
    point = artists.points(whole, color="data", markersize=7)
    curve = artists.line(lens, color="data", linewidth=4)
    tangent = artists.line(lens, color="gradient", linewidth=1.8)
    middle = artists.points(lens, color="data", markersize=8)
    middle.set_data([0], [0])

    def update(
        x: Annotated[float, Slider(-1.7, 1.7, 0.1, label="point x", drag=Drag.along(f))] = 0.5,
        zoom: Annotated[float, Slider(1, 1000, 0.1, label="magnification", log=True)] = 2.0,
    ) -> str:
        half, height, m = HALF / zoom, float(f(x)), slope(x)
        point.set_data([x], [height])
        square.set_data(
            x + half * np.array([-1, 1, 1, -1, -1]), height + half * np.array([-1, -1, 1, 1, -1])
        )
        curve.set_data(*view(x, zoom))
        tangent.set_visible(m is not None)
        if m is not None:
            tangent.set_data([-1, 1], [-m, m])
        share = bend(x, zoom)
        return Caption(
            told(zoom, share),
            detail=(
                f"A W-shaped curve with a corner at −1 and another at 1, and the point at "
                f"x = {number(x)}. Beside it is the piece around the point, magnified "
                f"{number(zoom)} times"
                + (f", with its tangent of slope {number(m)}." if m is not None else ".")
            ),
            numbers={"zoom": number(zoom)},
        )

    return update


def told(zoom: float, share: float | None) -> str:
    """How straight the curve looks."""
    if share is None:
        return f"Magnified {number(zoom)} times, the corner is still a corner."
    return (
        f"At {number(zoom)}×, the gap between curve and tangent is at most "
        f"{number(100 * share)}% of the view."
    )
