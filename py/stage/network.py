"""Shared by the figures of neural networks: activation functions, and the colored plane."""

from collections.abc import Callable
from typing import Any

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from stage import artists
from stage.linear_algebra import Numbers

SIZE = 3.0  # half the width of the plane
GRID = np.linspace(-SIZE, SIZE, 57)  # sample points along each axis
PLANE = np.column_stack([part.ravel() for part in np.meshgrid(GRID, GRID)])

Function = Callable[[Numbers], Numbers]


def sigmoid(z: Numbers) -> Numbers:
    """σ(z) = 1/(1 + e⁻ᶻ) = ½(1 + tanh(z/2)), which cannot overflow."""
    p: Numbers = 0.5 * (1 + np.tanh(0.5 * z))
    return p


# f(z), and its derivative f′(z) as a function of h = f(z); for ReLU, f′(0) is defined as 0.
ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "ReLU": (lambda z: np.maximum(z, 0), lambda h: np.where(h > 0, 1.0, 0.0)),
    "sigmoid": (sigmoid, lambda h: h * (1 - h)),
}


def bare(ax: Axes, limit: float = SIZE) -> None:
    """A square frame from −limit to limit, without ticks."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set(visible=True, color="rule", zorder=0.5)


def field(ax: Axes) -> Callable[[Numbers], None]:
    """A smoothly colored plane; returns a function that shows values from −1 (blue) to 1 (orange).

    It takes a value for each row of `PLANE`.
    """
    half = SIZE + (GRID[1] - GRID[0]) / 8
    cells = artists.cells(ax, (-half, half, -half, half), _ramp(), zorder=0.4)

    def show(values: Numbers) -> None:
        table = values.reshape(len(GRID), len(GRID))
        for _ in range(2):
            table = _finer(_finer(table).T).T
        cells.set_cells((127.5 * (table.clip(-1, 1) + 1)).round().astype(np.int64))

    return show


def boundary(ax: Axes) -> Callable[[Numbers], None]:
    """A thick zero contour of a function on the plane; returns a function that takes its values."""
    line = artists.segments(ax, colors="ink", linewidths=2, zorder=1.2)

    def show(values: Numbers) -> None:
        line.set_segments(zero_lines(values))

    return show


def zero_lines(values: Numbers) -> list[Numbers]:
    """The zero contours of a function on the plane, each of shape (n, 2)."""
    table = values.reshape(len(GRID), len(GRID))
    found: Any = contour_generator(GRID, GRID, table).lines(0.0)
    return list(found)


def cuts(W: Numbers, b: Numbers) -> Numbers:  # noqa: N803
    """The ends of the line w·x + b = 0 for each nonzero row w of W, shape (n, 2, 2).

    The lines extend beyond the plane on both sides.
    """
    sizes = np.linalg.norm(W, axis=1)
    kept = sizes > 1e-9
    normals = W[kept] / sizes[kept, None]
    feet = -normals * (b[kept] / sizes[kept])[:, None]
    along = 3 * SIZE * np.column_stack([-normals[:, 1], normals[:, 0]])
    found: Numbers = np.stack([feet - along, feet + along], axis=1)
    return found


def _finer(table: Numbers) -> Numbers:
    """The rows of a table, with the mean of each two neighbors between them."""
    found = np.empty((2 * len(table) - 1, table.shape[1]))
    found[::2] = table
    np.add(table[:-1], table[1:], out=found[1::2])
    found[1::2] *= 0.5
    return found


def _ramp() -> NDArray[np.uint8]:
    """The color map for values from −1 to 1, shape (256, 3)."""
    surface, below, above = (np.array(to_rgb(color)) for color in ("surface", "data", "model"))
    value = np.linspace(-1, 1, 256)[:, None]
    ramp = surface + 0.4 * abs(value) * (np.where(value < 0, below, above) - surface)
    colors: NDArray[np.uint8] = (255 * ramp).round().astype(np.uint8)
    return colors
