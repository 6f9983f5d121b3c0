"""Make the illness more common and count the positive results."""

from typing import Annotated, Any

import numpy as np
from matplotlib.colors import to_rgb

from stage import Caption, Choice, Drag, Figure, Slider, Small, Update, artists, percent
from stage.linear_algebra import Numbers

SIDE = 100  # people along each side of the square
LOW, HIGH = SIDE + 9, SIDE + 18  # the bar above it
TESTS = {"99 times in 100": 1, "90 times in 100": 10}  # wrong results in 100, ill or healthy


def counts(ill: int, wrong: int) -> tuple[int, int, int, int]:
    """Of 10,000 people with `ill` in 100 ill: missed, found, falsely alarmed, cleared.

    These are whole numbers, since both arguments are.
    """
    missed, alarmed = ill * wrong, (100 - ill) * wrong
    return missed, 100 * ill - missed, alarmed, 100 * (100 - ill) - alarmed


def bar(kinds: tuple[int, int, int, int]) -> tuple[Numbers, Numbers]:
    """The bar of all positives, ill and healthy, and the lines that connect it to the square.

    Two rectangles, shape (2, 4, 2), and two lines, shape (2, 2, 2).
    """
    missed, found, alarmed, _ = kinds
    end = SIDE * found / (found + alarmed)
    boxes = [[(a, LOW), (b, LOW), (b, HIGH), (a, HIGH)] for a, b in ((0, end), (end, SIDE))]
    left, right = missed / SIDE, (missed + found + alarmed) / SIDE
    return np.array(boxes), np.array([[(left, SIDE), (0, LOW)], [(right, SIDE), (SIDE, LOW)]])


def demo(fig: Annotated[Figure, Small(0.83)]) -> Update:
    """Set the scene: 10,000 people in columns, the ill first; above, a bar of the positives."""
    ax = fig.subplots()
    ax.set(xlim=(0, SIDE), ylim=(-5, SIDE + 34))
    ax.set_axis_off()
    surface = np.array(to_rgb("surface"))
    missed = 0.4 * np.array(to_rgb("truth")) + 0.6 * surface
    colors = np.array([missed, to_rgb("truth"), to_rgb("error"), to_rgb("rule")])
    palette = np.round(255 * colors).astype(np.uint8)
    crowd = artists.cells(ax, (0, SIDE, 0, SIDE), palette)
    style: Any = {"weight": "semibold", "va": "center"}
    found = artists.label(ax, 0, SIDE + 30, **style, color="truth")
    alarm = artists.label(ax, SIDE, SIDE + 23, **style, color="error", ha="right")
    positives = artists.polygons(ax, facecolors=["truth", "error"])
    joints = artists.segments(ax, colors="muted", linewidths=1)
    edge = artists.line(ax, color="data", linewidth=2)

    def update(
        prior: Annotated[
            int, Slider(0, 50, 1, label="prior P(ill)", unit="%", drag=Drag.horizontal(-2.5))
        ] = 1,
        test: Annotated[str, Choice(*TESTS, label="the test is right")] = "99 times in 100",
    ) -> str:
        kinds = counts(prior, TESTS[test])
        crowd.set_cells(np.repeat(np.arange(4), kinds).reshape(SIDE, SIDE).T)
        edge.set_data([prior, prior], [-5, 0])
        parts, lines = bar(kinds)
        positives.set_verts(parts)
        joints.set_segments(lines)
        missing, ill, alarms, clear = kinds
        found.set_text(f"{ill:,} ill and positive")
        alarm.set_text(f"{alarms:,} healthy and positive")
        both = ill + alarms
        who = f"{ill:,} are ill" if ill > 1 else "1 is ill" if ill else "none is ill"
        return Caption(
            f"Of {both:,} people who test positive, {who}.",
            detail=(
                f"10,000 people, {100 * prior:,} of them ill. The test is right {test}. In order: "
                f"{missing:,} ill and negative, {ill:,} ill and positive, {alarms:,} healthy and "
                f"positive, {clear:,} healthy and negative. A bar shows the positives alone: "
                f"{percent(ill / both)} of them are ill."
            ),
            numbers={
                "ill": f"{ill:,}",
                "alarms": f"{alarms:,}",
                "both": f"{both:,}",
                "posterior": percent(ill / both),
            },
        )

    return update
