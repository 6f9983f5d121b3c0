"""Compare partial redraws of figures with full draws, pixel by pixel.

`python tests/support/partial.py [NAME …]` draws each figure, moves each of its controls to three
values, and compares the canvas with a full draw. test_next_matplotlib.py runs it with
the newest matplotlib first on the path.
"""

import sys
import zlib
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[part]) for part in (1, 2)]
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "py"))

import matplotlib  # noqa: E402
import numpy as np  # noqa: E402

from bundle.states import DEMOS, at_random, demo_of  # noqa: E402
from stage import controls, theme  # noqa: E402
from stage.drawing import Stage  # noqa: E402
from support.pictures import shown  # noqa: E402

MOVES = 3


def wrong_pixels(name: str, width: int = 360) -> dict[str, int]:
    """The controls of a figure that leave wrong pixels, and how many."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    stage, other = (Stage(demo_of(name), width, 1, "light") for _ in range(2))
    fields: dict[str, list[str]] = {}
    screen = shown(stage.draw(fields))
    found = {}
    for key, parameter in stage.parameters.items():
        for _ in range(MOVES):
            fields[key] = at_random(parameter.control, rng)
            screen = shown(stage.draw(fields), screen)
        theme.use("light")
        other.update(**controls.read(other.parameters, fields))
        other.canvas.draw()
        whole = np.asarray(other.canvas.buffer_rgba())
        if count := int((whole != screen).any(axis=2).sum()):
            found[key] = count
    return found


if __name__ == "__main__":
    names = sys.argv[1:] or DEMOS
    results = {name: wrong_pixels(name) for name in names}
    for name, controls_ in results.items():
        print(name, ", ".join(f"{key}: {count} pixels" for key, count in controls_.items()) or "ok")
    right = sum(not found for found in results.values())
    print(f"matplotlib {matplotlib.__version__}: {right} of {len(results)} figures")
    sys.exit(right < len(results))
