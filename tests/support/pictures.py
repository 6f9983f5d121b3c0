"""What a figure shows: the canvas after partial pictures, and the bars of a histogram."""

import numpy as np
from numpy.typing import NDArray

from stage.artists import Area
from stage.drawing import Picture

Pixels = NDArray[np.uint8]


def shown(picture: Picture, before: Pixels | None = None) -> Pixels:
    """The canvas after a picture was put on it."""
    screen = (
        np.zeros((picture.down, picture.across, 4), np.uint8) if before is None else before.copy()
    )
    part = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 4)
    screen[picture.y : picture.y + picture.height, picture.x : picture.x + picture.width] = part
    return screen


def bars(histogram: Area) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The heights and edges of the bars made by `artists.steps`."""
    (outline,) = histogram.get_paths()  # the tops from left to right, then back along the bottom
    across, tops = outline.vertices[: len(outline.vertices) // 2].T
    return tops[::2], np.append(across[::2], across[-1])
