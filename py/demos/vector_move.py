"""Drag the arrow and compare its two ends."""

from typing import Annotated, Any

from stage import Caption, Figure, PointList, Points, Small, Update, artists, number, pair

A = (3.0, 2.0)  # the vector, wherever it is drawn

Place = tuple[float, float]


def ends(middle: Place) -> tuple[Place, Place]:
    """The tail and the tip of the arrow A with this midpoint."""
    (x, y), (across, up) = middle, A
    return (x - across / 2, y - up / 2), (x + across / 2, y + up / 2)


def vector(tail: Place, tip: Place) -> Place:
    """The vector from one point to another: tip − tail, component by component."""
    return tip[0] - tail[0], tip[1] - tail[1]


def demo(fig: Annotated[Figure, Small(1.25)]) -> Update:
    """Set the scene: squared paper with an origin, an arrow, and its two components as legs."""
    ax = fig.subplots()
    ax.set(xlim=(-6.5, 6.5), ylim=(-5.2, 5.2), aspect="equal")
    ax.set(xticks=range(-6, 7), yticks=range(-5, 6))
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.spines[:].set_visible(False)
    ax.axhline(0, color="muted", linewidth=0.8)
    ax.axvline(0, color="muted", linewidth=0.8)
    legs = artists.line(ax, color="data", linewidth=1.6, linestyle=":")
    arrow = artists.arrows(ax, ["data"])
    centered: Any = {"ha": "center", "va": "center"}
    across, up = (artists.label(ax, 0, 0, number(size), color="data", **centered) for size in A)
    start, end = (artists.label(ax, 0, 0, **centered) for _ in range(2))

    def update(
        middle: Annotated[
            PointList,
            Points((-3.5, 3.5), (-3, 3), 1, label="middle of a", names=("a",)),
        ] = ((1.5, 1.0),),
    ) -> str:
        tail, tip = ends(middle[0])
        arrow.place((tail, A))
        legs.set_data([tail[0], tip[0], tip[0]], [tail[1], tail[1], tip[1]])
        across.set_position((tail[0] + 1.8, tail[1] - 0.5))
        up.set_position((tip[0] + 0.4, tail[1] + A[1] / 2))
        start.set(text=pair(tail), position=(tail[0], tail[1] - 0.6))
        end.set(text=pair(tip), position=(tip[0], tip[1] + 0.6))
        return Caption(
            f"Tip minus tail is ({number(A[0])}, {number(A[1])}), wherever the arrow starts.",
            detail=f"The arrow goes from {pair(tail)} to {pair(tip)}.",
            numbers={
                "tail_x": number(tail[0]),
                "tail_y": number(tail[1]),
                "tip_x": number(tip[0]),
                "tip_y": number(tip[1]),
            },
        )

    return update
