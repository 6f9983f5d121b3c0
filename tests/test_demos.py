"""Every figure in plain CPython: captions, pictures, and partial redraws.

The baselines are 360 pixels wide. `pytest tests/test_demos.py --renew` replaces them; look at the
new ones before you commit them. A picture that differs is saved in tests/failed/.
"""

import importlib
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from support.pictures import Pixels, shown

from bundle.states import DEMOS, at_random, demo_of, ends
from stage import Caption, controls, theme
from stage.drawing import Stage

pytestmark = pytest.mark.whole

ROOT = Path(__file__).resolve().parent.parent
BASELINES = ROOT / "tests" / "baseline"
FAILED = ROOT / "tests" / "failed"
WALK = 8  # length of a random walk over the controls
# Mean difference in a block of 8 × 8 pixels, out of 255. A line moved by one pixel makes over 10.
TOLERANCE = 2.0

Fields = dict[str, list[str]]


def drawn(name: str, fields: Fields, width: float, palette: str) -> Pixels:
    """A picture drawn by a new stage."""
    return shown(Stage(demo_of(name), width, 1, palette).draw(fields))


def check_caption(caption: object) -> str:
    """Check the caption and the longer description: complete sentences, well-formed numbers.

    Returns everything that a screen reader gets about the picture.
    """
    assert isinstance(caption, str)
    told = f"{caption} {Caption.of(caption).detail}".strip()
    assert caption == caption.strip()
    assert caption[-1:] in ".?"
    assert told[-1:] in ".?"
    assert not {"nan", "inf"} & set(told.lower().replace(".", " ").split())
    return told


def test_there_are_demos() -> None:
    assert DEMOS


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_says_what_it_shows(name: str) -> None:
    module = importlib.import_module(f"demos.{name}")
    assert (module.__doc__ or "").splitlines()[0].endswith(".")


class Canvas:
    """A figure on a canvas that shows one picture after the other, and everything shown so far."""

    def __init__(self, name: str, width: int, palette: str) -> None:
        self.name, self.width, self.palette = name, width, palette
        self.stage = Stage(demo_of(name), width, 1, palette)
        self.controls = {key: known.control for key, known in self.stage.parameters.items()}
        self.seen: dict[str, bytes] = {}
        self.other = Stage(demo_of(name), width, 1, palette)  # drawn by matplotlib itself
        self.screen: Pixels | None = None
        self.show({})

    def show(self, fields: Fields) -> None:
        """Draw a change; if pictures differ, their captions have to differ."""
        picture = self.stage.draw(fields)
        self.screen = shown(picture, self.screen)
        caption = check_caption(picture.caption)
        known = self.seen.setdefault(caption, self.screen.tobytes())
        assert known == self.screen.tobytes(), f"two pictures, one of them {fields}: {caption}"

    def check_whole(self, fields: Fields) -> None:
        """Check that the partial redraws equal a full draw by matplotlib."""
        theme.use(self.palette)
        self.other.update(**controls.read(self.other.parameters, fields))
        self.other.canvas.draw()
        whole = np.asarray(self.other.canvas.buffer_rgba())
        np.testing.assert_array_equal(self.screen, whole, str(fields))


@pytest.mark.parametrize(("width", "palette"), [(720, "light"), (360, "dark")])
@pytest.mark.parametrize("name", DEMOS)
def test_every_picture_comes_whole_and_with_a_caption_of_its_own(
    name: str, width: int, palette: str, request: pytest.FixtureRequest
) -> None:
    """Draw the first picture, both ends of each control, and a random walk over all controls."""
    canvas = Canvas(name, width, palette)
    if width == 360:
        check_baseline(name, palette, canvas.screen, request)
    for parameter, control in canvas.controls.items():
        for texts in ends(control):
            canvas.show({parameter: texts})
        canvas.check_whole({parameter: texts})
    rng = np.random.default_rng([width, zlib.crc32(f"{name} {palette}".encode())])
    names, fields = list(canvas.controls), Fields()
    for _ in range(WALK):
        parameter = names[rng.integers(len(names))]
        for _ in range(2):  # live at the first change, drawn over the background at the second
            fields[parameter] = at_random(canvas.controls[parameter], rng)
            canvas.show(fields)
        canvas.check_whole(fields)
    np.testing.assert_array_equal(canvas.screen, drawn(name, fields, width, palette), str(fields))


@pytest.mark.parametrize("name", DEMOS)
def test_each_control_does_something(name: str) -> None:
    """At some values of the other controls, because a control may only matter in one mode."""
    theme.use("light")
    update = demo_of(name)(Figure(figsize=(7.2, 5)))
    known = controls.parameters(update)
    rng = np.random.default_rng(1)

    def caption(fields: Fields) -> str:
        return check_caption(update(**controls.read(known, fields)))

    def does_something(parameter: str) -> bool:
        for _ in range(20):
            fields = {key: at_random(found.control, rng) for key, found in known.items()}
            before = caption(fields)
            fields[parameter] = at_random(known[parameter].control, rng)
            if caption(fields) != before:
                return True
        return False

    idle = [parameter for parameter in known if not does_something(parameter)]
    assert idle == [], "no change of them changes the caption"


def blocks(pixels: Pixels) -> NDArray[Any]:
    """Means over blocks of 8 × 8 pixels, including partial blocks at the edges."""
    down, across = (-(-size // 8) * 8 for size in pixels.shape[:2])
    padding = ((0, down - pixels.shape[0]), (0, across - pixels.shape[1]), (0, 0))
    whole = np.pad(pixels.astype(float), padding, mode="edge")
    return whole.reshape(down // 8, 8, across // 8, 8, -1).mean((1, 3))


def check_baseline(
    name: str, palette: str, picture: Pixels | None, request: pytest.FixtureRequest
) -> None:
    assert picture is not None
    pixels = picture[:, :, :3]
    baseline = BASELINES / f"{name}-{palette}.png"
    if request.config.getoption("--renew"):
        assert any(theme.FONTS.glob("*.ttf")), "the course's fonts are missing: run the build first"
        BASELINES.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(baseline, optimize=True)
    assert baseline.exists(), f"{baseline} is missing: run pytest with --renew and look at it"
    expected = np.asarray(Image.open(baseline).convert("RGB"))
    same_size = pixels.shape == expected.shape
    difference = np.abs(blocks(pixels) - blocks(expected)).max() if same_size else np.inf
    if difference > TOLERANCE:
        FAILED.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(FAILED / baseline.name)
    assert difference <= TOLERANCE, f"see {FAILED / baseline.name}"


@pytest.mark.parametrize("name", DEMOS)
def test_the_first_picture_in_light_colors_is_that_of_the_baseline(
    name: str, request: pytest.FixtureRequest
) -> None:
    check_baseline(name, "light", drawn(name, {}, 360, "light"), request)


def test_every_baseline_has_its_demo() -> None:
    expected = {f"{name}-{palette}.png" for name in DEMOS for palette in ("light", "dark")}
    assert {file.name for file in BASELINES.glob("*")} == expected
