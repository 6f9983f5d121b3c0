"""Drag the second column and watch the area."""

from typing import Annotated, Any

import numpy as np
from matplotlib.patches import Polygon

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number
from stage.linear_algebra import LETTER, SQUARE, Numbers, away, image

FIRST = (1.5, 0.5)  # the first column stays


def determinant(a: Numbers) -> float:
    """The signed area of the image of the unit square: det A = a₁₁a₂₂ − a₁₂a₂₁.

    Entries are in tenths, so values below 1e-9 are rounding errors of 0.
    """
    return round(float(a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]), 9)


def demo(fig: Annotated[Figure, Small(1.15)]) -> Update:
    """Set the scene: the unit square, and the parallelogram it becomes, each with an F."""
    ax = fig.subplots()
    ax.set(xlim=(-2.6, 3.9), ylim=(-2.6, 3.05), aspect="equal")
    ax.set(xticks=range(-2, 4), yticks=range(-2, 4))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.add_patch(Polygon(SQUARE, closed=True, fill=False, edgecolor="muted", linestyle="--"))
    square = Polygon(SQUARE, closed=True, facecolor=("truth", 0.3), edgecolor="truth", zorder=1.2)
    letter = Polygon(LETTER, closed=True, color="ink", linewidth=1, zorder=1.4)
    ax.add_patch(square)
    ax.add_patch(letter)
    columns = artists.arrows(ax, ["data", "model"])
    text: Any = {"weight": "semibold", "size": 12, "ha": "center", "va": "center", "zorder": 4}
    names = [
        artists.label(ax, 0, 0, f"Ae{sign}", color=color, **text)
        for sign, color in (("₁", "data"), ("₂", "model"))
    ]

    def update(
        column: Annotated[
            PointList, Points((-2, 2), (-2, 2), 0.1, label="second column of A", names=("Ae₂",))
        ] = ((0.5, 1.5),),
    ) -> str:
        a = np.column_stack([FIRST, column[0]])
        det = determinant(a)
        color = "error" if det < 0 else "truth"
        square.set(facecolor=(color, 0.3), edgecolor=color, xy=image(a, SQUARE))
        letter.set_xy(image(a, LETTER))
        columns.set_arrows(np.zeros((2, 2)), a.T)
        for name, v, other in zip(names, a.T, a.T[::-1], strict=True):
            name.set_visible(bool(v.any()))
            name.set_position(tuple(0.6 * v + (0.4, 0.3) * away(v, other)))
        return Caption(
            told(det),
            detail=(
                f"A moves e₁ to ({number(a[0, 0])}, {number(a[1, 0])}) and e₂ to "
                f"({number(a[0, 1])}, {number(a[1, 1])}). The unit square with its F becomes "
                + ("a parallelogram." if det else "a line segment.")
            ),
            numbers={"p": number(a[0, 1]), "q": number(a[1, 1]), "det": number(det)},
        )

    return update


def told(det: float) -> str:
    """The caption: what the determinant says about area and orientation."""
    if det == 0:
        return "The determinant is 0: the plane collapses onto a line."
    start = f"The determinant is {number(det)}: every area is multiplied by {number(abs(det))}"
    return f"{start}{', and the F is mirrored' if det < 0 else ''}."
