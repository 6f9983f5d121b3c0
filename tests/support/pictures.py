"""Pictures of a stage, put together as a canvas does."""

import numpy as np
from numpy.typing import NDArray

from stage.drawing import Picture

Pixels = NDArray[np.uint8]


def shown(picture: Picture, before: Pixels | None = None) -> Pixels:
    """The canvas after a picture has come."""
    screen = (
        np.zeros((picture.down, picture.across, 4), np.uint8) if before is None else before.copy()
    )
    part = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 4)
    screen[picture.y : picture.y + picture.height, picture.x : picture.x + picture.width] = part
    return screen
