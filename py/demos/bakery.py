"""Drag the frame over the costs and see which row and column it uses."""

from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from stage import Caption, Drag, Figure, Slider, Small, Update, artists, number
from stage.linear_algebra import Numbers

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
GOODS = ("flour", "butter", "sugar")
SUPPLIERS = ("East", "West")
ORDERS = np.array([(5, 1, 2), (2, 2, 1), (10, 0, 4), (1, 3, 1)], dtype=float)  # kg, a row a day
PRICES = np.array([(1, 2), (8, 6), (2, 1)], dtype=float)  # dollars per kg, a column a supplier

LEFT, TOP = 3.5, 3.6  # of the costs: prices stand above them, orders beside them
LAST = len(DAYS) * len(SUPPLIERS)


def terms(i: int, j: int) -> Numbers:
    """The products a_ik · b_kj of row i of the orders and column j of the prices, shape (3,)."""
    found: Numbers = ORDERS[i] * PRICES[:, j]
    return found


def cost(i: int, j: int) -> float:
    """c_ij = Σ_k a_ik b_kj, what the order of day i costs at supplier j."""
    return float(terms(i, j).sum())


def at(entry: int) -> tuple[int, int]:
    """Row and column of an entry; entries are numbered from 1, row by row."""
    return divmod(entry - 1, len(SUPPLIERS))


def entry_at(x: float, y: float) -> float:
    """The entry whose frame has its right edge nearest to a position on the picture."""
    i = min(max(round(y - TOP - 0.5), 0), len(DAYS) - 1)
    j = min(max(round(x - LEFT - 1), 0), len(SUPPLIERS) - 1)
    return 1 + i * len(SUPPLIERS) + j


def edge(entry: int) -> tuple[float, float]:
    """The middle of the right edge of an entry's frame."""
    i, j = at(entry)
    return LEFT + j + 1, TOP + i + 0.5


def demo(fig: Annotated[Figure, Small(1.0)]) -> Update:
    """Set the scene: orders on the left, prices above, and the costs where they meet."""
    ax = fig.subplots()
    ax.set(xlim=(-1.2, 6.4), ylim=(9.1, -0.75))
    ax.set_axis_off()
    _table(ax, ORDERS, 0, TOP, "data")
    _table(ax, PRICES, LEFT, 0, "model")
    costs = _table(ax, np.zeros((len(DAYS), len(SUPPLIERS))), LEFT, TOP, "truth")
    for k, good in enumerate(GOODS):
        ax.text(k + 0.5, TOP - 0.25, good, ha="center", va="center", color="muted")
        ax.text(LEFT - 0.2, k + 0.5, good, ha="right", va="center", color="muted")
    for i, day in enumerate(DAYS):
        ax.text(-0.15, TOP + i + 0.5, day[:3], ha="right", va="center", color="muted")
    for j, supplier in enumerate(SUPPLIERS):
        ax.text(LEFT + j + 0.5, -0.3, supplier, ha="center", va="center", color="muted")
    for text, x, y, color in (
        ("A", 0.05, TOP - 0.85, "data"),
        ("B", LEFT + 2.2, 1.5, "model"),
        ("AB", LEFT + 2.2, TOP + 2, "truth"),
    ):
        ax.text(x, y, text, color=color, weight="semibold", va="center", size=12)
    bands = []
    for color, width, height in (("data", len(GOODS), 1), ("model", 1, len(GOODS))):
        band = Rectangle((0, 0), width, height, facecolor=(color, 0.22), edgecolor="none")
        ax.add_patch(band)
        bands.append(band)
    frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor="truth", linewidth=2)
    ax.add_patch(frame)
    line = artists.label(ax, 2.2, 8.6, "", ha="center", va="center", size=12)

    def update(
        entry: Annotated[
            int, Slider(1, LAST, 1, label="entry of AB", drag=Drag(at=edge, to=entry_at))
        ] = 1,
    ) -> str:
        i, j = at(entry)
        bands[0].set_xy((0, TOP + i))
        bands[1].set_xy((LEFT + j, 0))
        frame.set_xy((LEFT + j, TOP + i))
        for place, text in enumerate(costs):
            text.set_text(number(cost(*at(place + 1))) if place < entry else "")
        pairs = zip(ORDERS[i], PRICES[:, j], strict=True)
        worked = " + ".join(f"{number(a)} · {number(b)}" for a, b in pairs)
        total = number(cost(i, j))
        line.set_text(f"{worked} = {total}")
        return Caption(
            f"{DAYS[i]}'s order costs ${total} at {SUPPLIERS[j]}.",
            detail=(
                f"Row {i + 1} of the orders A and column {j + 1} of the prices B are lit up: "
                f"{worked} = {total}. {place_of(entry)}"
            ),
            numbers={"sum": worked, "cost": total, "row": str(i + 1), "column": str(j + 1)},
        )

    return update


def place_of(entry: int) -> str:
    """How many of the costs are filled in."""
    filled = "1 of them is" if entry == 1 else f"{entry} of them are"
    return f"The costs AB have {len(DAYS)} rows and {len(SUPPLIERS)} columns; {filled} filled in."


def _table(ax: Axes, entries: Numbers, left: float, top: float, color: str) -> list[artists.Label]:
    """Draw a matrix in brackets, with cells of size 1; return its texts, row by row."""
    rows, columns = entries.shape
    for x, turn in ((left, 0.12), (left + columns, -0.12)):
        ax.plot(
            [x + turn, x, x, x + turn],
            [top, top, top + rows, top + rows],
            color=color,
            linewidth=1.4,
        )
    centered: Any = {"ha": "center", "va": "center"}
    return [
        artists.label(ax, left + j + 0.5, top + i + 0.5, number(float(entries[i, j])), **centered)
        for i, j in np.ndindex(rows, columns)
    ]
