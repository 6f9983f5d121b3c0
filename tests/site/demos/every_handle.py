"""Move every kind of handle there is."""

import math
from typing import Annotated

from stage import Drag, Figure, Grid, Matrix, PointList, Points, Shape, Slider, Update


def bend(x: float) -> float:
    return x * x / 4 - 2


def demo(fig: Annotated[Figure, Shape(wide=1.6, narrow=1)]) -> Update:
    ax = fig.subplots()
    ax.set(xlim=(-5, 5), ylim=(-5, 5))
    (edge,) = ax.plot([], [], color="muted")
    (line,) = ax.plot([], [], color="model")
    (marks,) = ax.plot([], [], "o", color="data")

    def update(
        threshold: Annotated[float, Slider(-4, 4, 0.5, label="x", drag=Drag.horizontal(4))] = 0.0,
        level: Annotated[float, Slider(-4, 4, 0.5, label="level", drag=Drag.vertical(-4))] = 0.0,
        curve: Annotated[float, Slider(-4, 4, 0.5, label="t", drag=Drag.along(bend))] = 1.0,
        angle: Annotated[float, Slider(0, 355, 5, label="angle", drag=Drag.around(2.5))] = 90.0,
        gap: Annotated[
            float,
            Slider(
                *(0.5, 3, 0.5),
                label="gap",
                drag=Drag(
                    at=lambda gap, threshold: (threshold + gap, -3.0),
                    to=lambda x, _y, threshold: abs(x - threshold),
                ),
            ),
        ] = 1.0,
        tip: Annotated[
            PointList, Points((-4, 4), (-4, 4), 0.5, label="arrow", names=("tip",))
        ] = ((3.0, 2.0),),
        ends: Annotated[
            PointList,
            Points((-4, 4), (-4, 4), 0.5, label="line", names=("p", "q"), least=2, most=2),
        ] = ((-4.0, -2.0), (-2.0, -1.0)),
        square: Annotated[
            PointList, Points((-4, 4), (-4, 4), 0.5, label="square", names=("middle",))
        ] = ((2.0, -2.0),),
        columns: Annotated[
            Grid, Matrix(2, 2, -4, 4, 0.5, label="A", handles="columns")
        ] = ((1.0, -1.0), (1.0, 2.0)),
    ) -> str:  # fmt: skip
        edge.set_data([threshold, threshold, threshold + gap], [level, 4, -3])
        line.set_data(*zip(*ends, strict=True))
        turned = 2.5 * math.cos(math.radians(angle)), 2.5 * math.sin(math.radians(angle))
        shown = [(curve, bend(curve)), turned, *tip, *square, *zip(*columns, strict=True)]
        marks.set_data(*zip(*shown, strict=True))
        return (
            f"threshold={[threshold]} level={[level]} curve={[curve]} angle={[angle]} "
            f"gap={[gap]} tip={list(map(list, tip))} ends={list(map(list, ends))} "
            f"square={list(map(list, square))} columns={list(map(list, columns))}."
        )

    return update
