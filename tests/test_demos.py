"""Every demo there is, in plain CPython: captions, pictures, and the stage that draws them.

The baselines are 360 pixels wide. `pytest tests/test_demos.py --renew` takes today's pictures as
new ones; look at them before they are committed. A picture that differs is left in tests/failed/.
"""

import importlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.states import DEMOS, at_random, demo_of, parameters

from stage import controls
from stage.drawing import Picture, Stage

ROOT = Path(__file__).resolve().parent.parent
BASELINES = ROOT / "tests" / "baseline"
FAILED = ROOT / "tests" / "failed"
WALK = 12  # steps of a random walk over the controls
# Mean difference in a block of 8 × 8 pixels, of 255. A line moved by a pixel makes 10 and more.
TOLERANCE = 2.0

Pixels = NDArray[np.uint8]
Fields = dict[str, list[str]]


def shown(picture: Picture, before: Pixels | None = None) -> Pixels:
    """The canvas after a picture has come."""
    screen = (
        np.zeros((picture.down, picture.across, 4), np.uint8) if before is None else before.copy()
    )
    part = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 4)
    screen[picture.y : picture.y + picture.height, picture.x : picture.x + picture.width] = part
    return screen


def drawn(name: str, fields: Fields, width: float, palette: str) -> Pixels:
    """The picture of a stage that has drawn nothing before."""
    return shown(Stage(demo_of(name), width, 1, palette).draw(fields))


def ends(control: controls.Control) -> Iterator[list[str]]:
    """The values at the edges of what a control can hold."""
    match control:
        case controls.Slider(low, high):
            yield from ([format(end, ".12g")] for end in (low, high))
        case controls.Steps(last) | controls.Seed(last=last):
            yield from (["0"], [str(last)])
        case controls.Choice(options=options):
            yield from ([option] for option in options)
        case controls.Toggle():
            yield from (["0"], ["1"])
        case controls.Check():
            yield from (["0"], ["1"], ["skip"])
        case controls.Matrix(rows, columns, low, high):
            size = rows * columns
            yield from (
                [format(number, "g")] * size for number in (low, 0, high) if low <= number <= high
            )
        case controls.Points(x, y, least=least, most=most):
            for count in {least, most}:
                yield [format(low, "g") for _ in range(count) for low, _ in (x, y)]
                yield [format(high, "g") for _ in range(count) for _, high in (x, y)]


CONTROLS = [(name, parameter) for name in DEMOS for parameter in parameters(name)]


def check_caption(caption: object) -> str:
    """A sentence: text, with a beginning, an end, and no number that is none."""
    assert isinstance(caption, str)
    assert caption == caption.strip()
    assert caption[-1:] == "."
    assert not {"nan", "inf"} & set(caption.lower().replace(".", " ").split())
    return caption


def test_there_are_demos() -> None:
    assert DEMOS


@pytest.mark.parametrize("name", DEMOS)
def test_a_demo_says_what_it_shows(name: str) -> None:
    module = importlib.import_module(f"demos.{name}")
    assert (module.__doc__ or "").splitlines()[0].endswith(".")


@pytest.mark.parametrize("width", [720, 360])
@pytest.mark.parametrize(("name", "parameter"), CONTROLS)
def test_both_ends_of_each_control(name: str, parameter: str, width: int) -> None:
    """The picture comes without a warning, and the caption tells pictures apart."""
    stage = Stage(demo_of(name), width, 1, "light")
    first = stage.draw({})
    screen, seen = shown(first), {check_caption(first.caption): shown(first).tobytes()}
    for texts in ends(stage.parameters[parameter].control):
        picture = stage.draw({parameter: texts})
        screen = shown(picture, screen)
        caption = check_caption(picture.caption)
        assert seen.setdefault(caption, screen.tobytes()) == screen.tobytes(), caption


@pytest.mark.parametrize(("width", "palette"), [(720, "light"), (360, "dark")])
@pytest.mark.parametrize("name", DEMOS)
def test_a_random_walk_over_the_controls(name: str, width: int, palette: str) -> None:
    """Each picture is that of a full draw; where pictures differ, their captions do."""
    rng = np.random.default_rng([width, zlib.crc32(f"{name} {palette}".encode())])
    stage, fields, seen = Stage(demo_of(name), width, 1, palette), Fields(), {}
    screen = shown(stage.draw(fields))
    names = list(stage.parameters)
    for _ in range(WALK):
        parameter = names[rng.integers(len(names))]
        for _ in range(2):  # lifted at the first change, drawn on the background at the second
            fields[parameter] = at_random(stage.parameters[parameter].control, rng)
            picture = stage.draw(fields)
            screen = shown(picture, screen)
            caption = check_caption(picture.caption)
            assert seen.setdefault(caption, screen.tobytes()) == screen.tobytes(), caption
        np.testing.assert_array_equal(screen, drawn(name, fields, width, palette), str(fields))


@pytest.mark.parametrize(("name", "parameter"), CONTROLS)
def test_a_control_does_something(name: str, parameter: str) -> None:
    """At some values of the other controls: a demo may have one that counts in one mode only."""
    stage = Stage(demo_of(name), 360, 1, "light")
    rng = np.random.default_rng(1)
    for _ in range(20):
        fields = {key: at_random(known.control, rng) for key, known in stage.parameters.items()}
        before = stage.draw(fields).caption
        fields[parameter] = at_random(stage.parameters[parameter].control, rng)
        if stage.draw(fields).caption != before:
            return
    pytest.fail("no change of it changes the caption")


def blocks(pixels: Pixels) -> NDArray[Any]:
    """Means over blocks of 8 × 8 pixels, what is left over at the edges included."""
    down, across = (-(-size // 8) * 8 for size in pixels.shape[:2])
    padding = ((0, down - pixels.shape[0]), (0, across - pixels.shape[1]), (0, 0))
    whole = np.pad(pixels.astype(float), padding, mode="edge")
    return whole.reshape(down // 8, 8, across // 8, 8, -1).mean((1, 3))


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize("name", DEMOS)
def test_the_first_picture_is_that_of_the_baseline(
    name: str, palette: str, request: pytest.FixtureRequest
) -> None:
    pixels = drawn(name, {}, 360, palette)[:, :, :3]
    baseline = BASELINES / f"{name}-{palette}.png"
    if request.config.getoption("--renew"):
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


def test_every_baseline_has_its_demo() -> None:
    expected = {f"{name}-{palette}.png" for name in DEMOS for palette in ("light", "dark")}
    assert {file.name for file in BASELINES.glob("*")} == expected
