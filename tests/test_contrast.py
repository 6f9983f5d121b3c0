"""Every text in every figure has a contrast of at least 4.5:1 (WCAG 1.4.3).

The picture is drawn without its texts. The background of a text is the color that fills most of
its bounding box.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.text import Text
from numpy.typing import NDArray

from bundle.states import DEMOS, demo_of, parameters
from stage import controls, theme
from stage.drawing import Stage

pytestmark = pytest.mark.whole

ENOUGH = 4.5
SURE = 0.02  # tolerance of a ratio: colors have steps of 1/255
IDEAS = ("data", "model", "truth", "error", "gradient")


def luminance(rgb: NDArray[np.floating]) -> NDArray[np.floating]:
    """The relative luminance of sRGB colors from 0 to 1, by WCAG's definition."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    dark, light = sorted((float(luminance(first)), float(luminance(second))))
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    white, black = np.ones(3), np.zeros(3)
    assert contrast(white, black) == pytest.approx(21)
    gray = np.array(colors.to_rgb("#767676"))  # the standard's example that just passes
    assert contrast(gray, white) == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("palette", theme.PALETTES)
@pytest.mark.parametrize("name", ["ink", "muted", *IDEAS, *(f"{idea}-text" for idea in IDEAS)])
def test_each_color_of_a_text_on_the_plain_surface(palette: str, name: str) -> None:
    found = theme.PALETTES[palette]
    ratio = contrast(*(np.array(colors.to_rgb(found[key])) for key in (name, "surface")))
    assert ratio >= ENOUGH


def settings(name: str) -> Iterator[dict[str, list[str]]]:
    """The defaults, and each option, switch, and last step, because they show other texts."""
    yield {}
    for key, parameter in parameters(name).items():
        match parameter.control:
            case controls.Choice(options=options):
                yield from ({key: [option]} for option in options if option != parameter.default)
            case controls.Toggle():
                yield {key: ["0" if parameter.default else "1"]}
            case controls.Steps(last):
                yield {key: [str(last)]}


def pixels(stage: Stage) -> NDArray[np.uint32]:
    """A full draw of the figure, with one number per pixel."""
    stage.canvas.draw()
    return np.asarray(stage.canvas.buffer_rgba()).copy().view(np.uint32)[:, :, 0]


def pale(stage: Stage) -> Iterator[str]:
    """The texts of the current picture whose contrast is too low."""
    drawn = pixels(stage)
    height = drawn.shape[0]
    texts = [
        (text, text.get_window_extent(), colors.to_rgba(text.get_color(), text.get_alpha()))
        for text in stage.figure.findobj(Text)
        if text.get_visible()
        and text.get_text().strip()
        and colors.to_rgba(text.get_color(), text.get_alpha())[3]
    ]
    alphas = [text.get_alpha() for text, *_ in texts]
    for text, *_ in texts:
        text.set_alpha(0)
    behind = pixels(stage)
    for (text, *_), alpha in zip(texts, alphas, strict=True):
        text.set_alpha(alpha)
    for text, place, (*rgb, alpha) in texts:
        rows = slice(max(0, int(height - place.y1)), max(0, int(height - place.y0)))
        columns = slice(max(0, int(place.x0)), max(0, int(place.x1)))
        around = behind[rows, columns]
        if (around == drawn[rows, columns]).all():
            continue  # hidden with its axes, or outside the picture
        found, counts = np.unique(around, return_counts=True)
        ground = found[[counts.argmax()]].view(np.uint8)[:3] / 255
        seen = alpha * np.array(rgb) + (1 - alpha) * ground
        if (ratio := contrast(seen, ground)) < ENOUGH - SURE:
            where = colors.to_hex(ground)
            yield f"{text.get_text()!r} {colors.to_hex(rgb)} on {where}: {ratio:.2f}"


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize("name", DEMOS)
def test_every_text_of_a_figure_can_be_read(name: str, palette: str) -> None:
    stage = Stage(demo_of(name), 360, 1, palette)
    found: set[str] = set()
    for fields in settings(name):
        theme.use(palette)
        stage.update(**controls.read(stage.parameters, fields))
        found |= set(pale(stage))
    assert not found
