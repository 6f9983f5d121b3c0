"""Move every kind of control there is."""

from typing import Annotated

from stage import (
    Choice,
    Figure,
    Grid,
    Matrix,
    PointList,
    Points,
    Seed,
    Shape,
    Slider,
    Steps,
    Toggle,
    Update,
)


def demo(fig: Annotated[Figure, Shape(wide=2, narrow=1)]) -> Update:
    plane, bars = fig.subplots(1, 2)
    for axes in (plane, bars):
        axes.set(xlim=(-5, 5), ylim=(-5, 5))
    (columns,) = plane.plot([], [], "s", color="model")
    (fixed,) = plane.plot([], [], "o", color="data")
    (cloud,) = bars.plot([], [], "o", color="truth")
    (level,) = bars.plot([-5, 5], [0, 0], color="error")
    words = bars.text(-4.5, 4, "")

    def update(
        x: Annotated[float, Slider(-3, 3, 0.1, label="x", unit="m")] = 0.0,
        rate: Annotated[float, Slider(0.001, 10, 0.1, label="rate", log=True)] = 0.1,
        kind: Annotated[str, Choice("one & only", "two", "three", label="kind")] = "two",
        on: Annotated[bool, Toggle(label="on")] = True,
        idle: Annotated[bool, Toggle(label="changes no pixel")] = False,
        step: Annotated[int, Steps(20, label="step", rate=20)] = 0,
        grid: Annotated[Grid, Matrix(2, 2, -4, 4, 0.5, label="A", handles="columns")] = (
            (1.0, 0.0),
            (0.0, 1.0),
        ),
        pair: Annotated[
            PointList,
            Points((-5, 5), (-5, 5), 0.5, label="pair", names=("a", "b"), least=2, most=2),
        ] = ((2.0, 3.0), (-2.0, 3.0)),
        free: Annotated[
            PointList, Points((-5, 5), (-5, 5), 0.5, label="free", least=0, most=4, axes=1)
        ] = ((0.0, -2.0), (3.0, -2.0)),
        seed: Annotated[int, Seed()] = 7,
    ) -> str:
        level.set_ydata([x, x])
        level.set_linestyle("-" if on else ":")
        words.set_text(f"{rate:.4g}, {kind}, {step}, {seed}")
        columns.set_data(grid[0], grid[1])
        fixed.set_data([a for a, _ in pair], [b for _, b in pair])
        cloud.set_data([a for a, _ in free], [b for _, b in free])
        return (
            f"x={x:g} rate={rate:.4g} kind={kind} on={on:d} idle={idle:d} step={step} "
            f"grid={[list(row) for row in grid]} pair={[list(p) for p in pair]} "
            f"free={[list(p) for p in free]} seed={seed}."
        )

    return update
