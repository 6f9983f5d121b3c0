"""One color, one meaning: words, symbols, and marks of a color are highlighted together.

The tests share one ready page, lesson 5, and leave nothing highlighted.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from support.pages import TIMEOUT, Visit
from support.servers import Server

from stage.theme import PALETTES

LESSON = "lessons/05-eigenvectors-pca.html"

# A point in the window around which a small square of a canvas has exactly this color.
PLACE = """(canvas, [red, green, blue]) => {
  const {width, height} = canvas;
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
  const has = (x, y) =>
    [red, green, blue].every((part, i) => data[4 * (y * width + x) + i] === part);
  const frame = canvas.getBoundingClientRect();
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1)
      if ([-1, 0, 1].every((right) => [-1, 0, 1].every((down) => has(x + right, y + down))))
        return [frame.left + ((x + 0.5) / width) * frame.width,
          frame.top + ((y + 0.5) / height) * frame.height];
}"""

# The number of pixels that a veil leaves uncovered, and how many of them are nearly gray.
LEFT = """(veil) => {
  const picture = veil.parentElement.querySelector("canvas:not(.veil)");
  const pixels = (canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const [over, below] = [pixels(veil), pixels(picture)];
  let [left, gray] = [0, 0];
  for (let at = 0; at < over.length; at += 4)
    if (over[at + 3] === 0) {
      const [red, green, blue] = below.slice(at, at + 3);
      left += 1;
      if (Math.max(red, green, blue) - Math.min(red, green, blue) < 12) gray += 1;
    }
  return [left, gray, over.length / 4];
}"""  # fmt: skip


@pytest.fixture(scope="module")
def shared(browser: Browser, course_server: Server) -> Iterator[Visit]:
    with browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    ) as context:
        yield Visit(context.new_page(), course_server, LESSON, "snapshot").ready()


@pytest.fixture
def lesson(shared: Visit) -> Iterator[Visit]:
    yield shared
    shared.page.mouse.move(2, 2)
    shared.page.evaluate("document.activeElement.blur()")
    expect(shared.page.locator(".is-lit, .veil")).to_have_count(0)
    assert shared.problems == []


def part(lesson: Visit, name: str) -> Locator:
    """A section whose figures have been drawn."""
    section = lesson.page.locator(f"#{name}")
    figure = section.locator("ml-demo").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-live", "", timeout=TIMEOUT)
    return section


def lights(lesson: Visit, section: Locator, *ideas: str) -> None:
    """Exactly the words and symbols of this color in the section, and nothing else."""
    wanted = section.locator(", ".join(f".is-{idea}" for idea in ideas)).count()
    assert wanted
    expect(lesson.page.locator(".is-lit")).to_have_count(wanted)
    for idea in ideas:
        assert section.locator(f".is-{idea}:not(.is-lit)").count() == 0


@pytest.mark.parametrize(
    ("name", "idea"), [("idea", "model"), ("idea", "data"), ("formula", "model")]
)
def test_a_word_lights_the_marks_and_symbols_of_its_color(
    lesson: Visit, name: str, idea: str
) -> None:
    section = part(lesson, name)
    word = section.locator(f"p .is-{idea}:not(.katex *)").first
    for act in (word.hover, word.focus):
        lesson.page.mouse.move(2, 2)
        act()
        lights(lesson, section, idea)
        veil = section.locator(".veil").first
        expect(veil).to_be_visible()
        left, gray, pixels = veil.evaluate(LEFT)
        assert 50 < left < pixels / 4
        assert gray == 0  # neither the axes nor the background


def test_a_symbol_lights_words_and_a_formula_all_that_it_names(lesson: Visit) -> None:
    section = part(lesson, "formula")
    section.locator(".symbols .is-model").first.hover()
    lights(lesson, section, "model")
    expect(section.locator(".veil").first).to_be_visible()
    section.locator(".formula:has(.is-model)").first.focus()
    lesson.page.mouse.move(2, 2)
    lights(lesson, section, "model")


@pytest.mark.parametrize("idea", ["data", "model"])
def test_a_mark_lights_the_words_of_its_color(lesson: Visit, idea: str) -> None:
    section = part(lesson, "idea")
    color = PALETTES["light"][idea]
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    place: Any = section.locator("canvas").first.evaluate(PLACE, parts)
    assert place
    lesson.page.mouse.move(*place)
    lights(lesson, section, idea)
    expect(lesson.page.locator(".veil")).to_have_count(0)  # the picture doesn't change
    frame = section.locator("canvas").first.bounding_box()
    assert frame
    lesson.page.mouse.move(frame["x"] + 2, frame["y"] + 2)  # an empty corner
    expect(lesson.page.locator(".is-lit")).to_have_count(0)


def test_the_focus_on_a_handle_lights_the_words_of_its_mark(lesson: Visit) -> None:
    section = part(lesson, "idea")
    section.locator(".handle").focus()
    lights(lesson, section, "model")
    more = section.locator("details.more")
    more.locator("summary").click()
    lesson.page.mouse.move(2, 2)
    section.locator("[data-name=theta] input").first.focus()
    lights(lesson, section, "model")
    more.locator("summary").click()
