"""The page in Chromium: controls by mouse, touch, and keyboard, both starts of Python, faults.

The figures of tests/site/ have every kind of control, and fail on demand. Starting Python takes
seconds, so tests that leave a page as they found it share one.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    expect,
)
from support import walks
from support.pages import (
    FAR,
    SLOW,
    TIMEOUT,
    Change,
    Visit,
    center,
    drag,
    exact,
    field,
    finger,
    handle,
    lessons,
    mover,
    numbers,
    part,
    tap,
)
from support.servers import Server

# Start


@pytest.mark.parametrize(
    "path", ["index.html", pytest.param("lessons/11-normal.html", marks=pytest.mark.fast)]
)
def test_a_start_from_poster_to_ready(
    browser: Browser, course: Server, boots: tuple[str, ...], path: str
) -> None:
    first_pictures = []
    for boot in boots:
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            first_pictures.append(from_poster_to_ready(context, course, path, boot))
    assert len(set(first_pictures)) == 1  # both starts draw the same pixels


def from_poster_to_ready(
    context: BrowserContext, course: Server, path: str, boot: str
) -> tuple[int, str]:
    """Visit a page with this start, check each step, and return the first picture and caption."""
    visit = Visit(context.new_page(), course, path, boot)
    told = visit.caption()
    place = "(e) => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight]"
    before = visit.demo().locator(".picture").evaluate(place)
    visit.ready()
    page, seen = visit.page, visit.seen()
    expect(visit.demo().locator("picture img")).to_be_hidden()
    expect(visit.demo().locator("canvas")).to_be_visible()
    assert visit.demo().locator(".picture").evaluate(place) == before
    assert seen["states"] == ["poster", "starting", "ready"]
    assert seen["events"] == [["ml:ready", {"boot": boot, "host": "worker"}]]
    assert seen["shifts"] == []
    first = (visit.pixels(), visit.caption())
    assert first[1] == told  # Python gives the same caption as at build time
    assert visit.frame() >= 1
    assert page.evaluate("performance.getEntriesByType('mark').map((mark) => mark.name)") == [
        "ml-start",
        "ml-ready",
    ]
    assert visit.boot() == boot
    slider = mover(visit.demo())
    slider.focus()
    for _ in range(3):
        frame = visit.frame()
        slider.press("ArrowRight")
        expect(visit.demo()).not_to_have_attribute("data-frame", str(frame))
    with Change(visit):
        slider.press("End")
    page.wait_for_load_state("networkidle")
    assert visit.problems == []
    assert visit.foreign == []
    return first


def test_the_canvas_has_the_pixels_of_the_device(browser: Browser, tests: Server) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, device_scale_factor=3)
    visit = Visit(context.new_page(), tests, "lessons/01-controls.html", "snapshot").ready()
    size = (
        visit.demo()
        .locator("canvas")
        .evaluate(
            "(c) => [c.width, Math.round(3 * c.getBoundingClientRect().width), c.width / c.height]"
        )
    )
    assert abs(size[0] - size[1]) <= 1
    assert size[2] == pytest.approx(1, abs=0.01)  # the narrow shape
    context.close()


def test_a_change_of_theme_or_size_draws_anew(context: BrowserContext, tests: Server) -> None:
    visit = Visit(context.new_page(), tests, "lessons/01-controls.html", "snapshot").ready()
    corner = "(c) => [...c.getContext('2d').getImageData(1, 1, 1, 1).data]"
    canvas = visit.demo().locator("canvas")
    assert canvas.evaluate(corner) == [255, 255, 255, 255]
    for change in (
        lambda: visit.page.emulate_media(color_scheme="dark"),
        lambda: visit.page.set_viewport_size({"width": 400, "height": 800}),
        lambda: visit.page.emulate_media(forced_colors="active"),
    ):
        frame = visit.frame()
        change()
        expect(visit.demo()).not_to_have_attribute("data-frame", str(frame))
        assert max(canvas.evaluate(corner)[:3]) < 60
    assert visit.problems == []


def test_a_picture_takes_the_memory_of_the_one_before(
    context: BrowserContext, tests: Server
) -> None:
    visit = Visit(context.new_page(), tests, "lessons/01-controls.html", "snapshot").ready()
    found = visit.page.evaluate(
        """async () => {
          const script = document.querySelector("script[src$='/ml-demo.js']").src;
          const {draw, done} = await import(new URL("python.js", script).href);
          const same = {demo: "every_control", fields: {}, width: 400, theme: "light", whole: true};
          const sum = ({pixels}) => pixels.reduce((sum, value) => sum + value, 0);
          const first = await draw(() => ({...same, ratio: 1}));
          const before = sum(first);
          done(first);
          const second = await draw(() => ({...same, ratio: 1}));
          const again = sum(second);
          done(second);
          const large = await draw(() => ({...same, ratio: 2}));  // has no room there
          const {width, height} = large.frame;
          return [first.pixels.length, second.pixels.length, again === before,
            large.pixels.length === 4 * width * height];
        }"""
    )
    assert found == [0, 0, True, True]  # a transferred buffer is empty here
    assert visit.problems == []


def test_demos_share_one_python_and_start_when_near(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1000, "height": 250})
    visit = Visit(page, tests, "lessons/03-several.html", "snapshot").ready()
    second = page.locator("ml-demo").nth(1)
    if second.get_attribute("data-state") == "poster":
        second.scroll_into_view_if_needed()
    expect(second).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    assert visit.python()
    assert [name for name, _ in visit.seen()["events"]] == ["ml:ready"]


def test_the_address_shows_the_figure_that_was_changed_last(
    context: BrowserContext, tests: Server
) -> None:
    visit = Visit(context.new_page(), tests, "lessons/03-several.html", "snapshot").ready()
    slow, last = visit.demo("trouble"), visit.demo("every_control")
    for figure in (slow, last):
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    visit.python().evaluate(SLOW)
    sliders = [figure.locator("[name=x]").first for figure in (slow, slow, last)]
    for slider in sliders:  # the second picture of the first figure comes last
        slider.press("ArrowLeft")
    expect(slow).to_have_attribute("data-frame", "3", timeout=TIMEOUT)
    expect(slow).to_have_attribute("data-changed", "", timeout=TIMEOUT)  # its interaction has ended
    assert "#every_control?" in visit.page.url


# What the figure says while Python starts.
NOTE_WORDS = """addEventListener("DOMContentLoaded", () => {
  const words = document.querySelector("ml-demo .status .words");
  window.said = [];
  new MutationObserver(() => window.said.push(words.textContent)).observe(words, {childList: true});
})"""


def test_a_start_says_what_it_is_doing(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    page.add_init_script(NOTE_WORDS)
    Visit(page, tests, "lessons/01-controls.html", "snapshot").ready()
    said = page.evaluate("window.said")
    assert any(re.fullmatch(r"Fetching Python, [\d.]+ of [\d.]+ MB", words) for words in said)
    assert said[-1].startswith("Starting Python")


def test_a_demo_far_below_waits(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1000, "height": 100})
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " document.querySelector('#idea').style.minHeight = '3000px'; });"
    )
    asked: list[str] = []  # only by this page: the server may still be busy with the previous one
    page.on("request", lambda request: asked.append(request.url))
    visit = Visit(page, tests, "lessons/01-controls.html", "snapshot")
    page.wait_for_load_state("networkidle")
    assert visit.demo().get_attribute("data-state") == "poster"
    assert not [url for url in asked if "/runtime/" in url]
    visit.ready()
    assert [url for url in asked if "/runtime/" in url]


def test_without_javascript_everything_can_be_read(browser: Browser, course_server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for path in ("index.html", "lessons/11-normal.html"):
        page.goto(course_server.url + path)
        demo = page.locator("ml-demo").first
        expect(demo.locator("picture img")).to_be_visible()
        expect(demo.locator(".caption")).not_to_be_empty()
        words = demo.locator("> noscript").text_content() or ""  # Playwright considers it hidden
        assert "JavaScript is turned off" in words
        expect(page.locator("main")).to_contain_text("probability")
        expect(demo.locator("canvas")).to_be_hidden()
        assert demo.get_attribute("data-state") == "poster"
    context.close()


def test_it_works_from_a_folder_below(
    context: BrowserContext,
    dist: Path,
    serve_folder: Callable[[Path], Server],
    tmp_path: Path,
) -> None:
    (tmp_path / "some" / "deep").mkdir(parents=True)
    (tmp_path / "some" / "deep" / "course").symlink_to(dist)
    server = serve_folder(tmp_path)
    visit = Visit(context.new_page(), server, "some/deep/course/lessons/11-normal.html", "snapshot")
    visit.ready()
    visit.page.wait_for_load_state("networkidle")
    outside = [path for path in server.faults.asked if not path.startswith("/some/deep/course/")]
    assert outside == []
    assert visit.problems == []
    assert visit.boot() == "snapshot"


# Controls


@pytest.fixture(scope="module")
def panel_page(browser: Browser, test_server: Server) -> Iterator[Visit]:
    """One page with every control, started once, with touch enabled."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 1400},
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    visit = Visit(context.new_page(), test_server, "lessons/01-controls.html", "snapshot").ready()
    visit.told = visit.caption()
    yield visit
    context.close()


@pytest.fixture
def panel(panel_page: Visit) -> Iterator[Visit]:
    """The page with every control at its default; no test may leave a browser error."""
    panel_page.page.get_by_role("button", name="Reset", exact=True).click()
    expect(panel_page.demo().locator(".caption")).to_have_text(panel_page.told)
    panel_page.problems.clear()
    yield panel_page
    assert panel_page.problems == []


def test_slider_by_keyboard(panel: Visit) -> None:
    slider = field(panel, "x")
    slider.focus()
    for key, words in {
        "ArrowRight": "x=0.1 ",
        "ArrowLeft": "x=0 ",
        "End": "x=3 ",
        "Home": "x=-3 ",
    }.items():
        with Change(panel):
            panel.page.keyboard.press(key)
        panel.says(words)
    assert exact(panel, "x").input_value() == "-3"
    assert slider.get_attribute("aria-valuetext") == "-3 m"


@pytest.mark.parametrize("by", [drag, finger])
def test_slider_by_pointer(panel: Visit, by: Callable[..., None]) -> None:
    slider = field(panel, "x")
    width = (slider.bounding_box() or {})["width"]
    with Change(panel):
        by(panel, slider, width / 4, 0)
    value = float(slider.input_value())
    assert 1 < value < 2
    panel.says(f"x={value:g} ")


def test_slider_by_typing(panel: Visit) -> None:
    typed = exact(panel, "x")
    with Change(panel):
        typed.fill("1.234")  # between two steps of the slider
    panel.says("x=1.234 ")
    with Change(panel):
        typed.fill("99")
        typed.press("Tab")
    panel.says("x=3 ")
    assert typed.input_value() == "3"
    typed.fill("")
    typed.press("Tab")
    assert typed.input_value() == "3"
    field(panel, "x").press("ArrowLeft")
    panel.says("x=2.9 ")
    assert typed.input_value() == "2.9"


def test_logarithmic_slider(panel: Visit) -> None:
    slider = field(panel, "rate")
    slider.focus()
    with Change(panel):
        slider.press("ArrowRight")
    panel.says("rate=0.126 ")
    assert exact(panel, "rate").input_value() == "0.126"
    with Change(panel):
        slider.press("End")
    panel.says("rate=10 ")
    with Change(panel):
        slider.press("Home")
    panel.says("rate=0.001 ")
    with Change(panel):
        exact(panel, "rate").fill("0.5")
    panel.says("rate=0.5 ")
    with Change(panel):
        drag(panel, slider, -30, 0)
    with Change(panel):
        finger(panel, slider, 60, 0)


def test_choice(panel: Visit) -> None:
    choice = field(panel, "kind")
    with Change(panel):
        choice.select_option("one & only")
    panel.says("kind=one & only ")
    choice.focus()
    with Change(panel):
        choice.press("End")
    panel.says("kind=three ")


def test_toggle(panel: Visit) -> None:
    toggle = field(panel, "on")
    with Change(panel):
        toggle.click()
    panel.says("on=0 ")
    with Change(panel):
        toggle.press("Space")
    panel.says("on=1 ")
    with Change(panel):
        tap(panel.page, *center(toggle))
    panel.says("on=0 ")


def test_a_change_that_moves_no_pixel(panel: Visit) -> None:
    with Change(panel, pixels=False):
        field(panel, "idle").click()
    panel.says("idle=1 ")


def test_steps(panel: Visit) -> None:
    slider = field(panel, "step")
    for act, words in (
        (lambda: part(panel, "step", "forward").click(), "step=1 "),
        (lambda: part(panel, "step", "forward").press("Enter"), "step=2 "),
        (lambda: part(panel, "step", "back").click(), "step=1 "),
        (lambda: slider.press("End"), "step=20 "),
        (lambda: slider.press("ArrowLeft"), "step=19 "),
        (lambda: part(panel, "step", "first").click(), "step=0 "),
        (lambda: tap(panel.page, *center(part(panel, "step", "forward"))), "step=1 "),
    ):
        with Change(panel):
            act()
        panel.says(words)
    assert slider.get_attribute("aria-valuetext") == "1 of 20"


def test_steps_play_and_pause(panel: Visit) -> None:
    play, caption = part(panel, "step", "play"), panel.demo().locator(".caption")

    def says_step(number: str) -> None:
        expect(caption).to_contain_text(re.compile(rf" step={number} "))

    play.press("Space")
    says_step(r"([3-9]|1\d)")
    assert play.get_attribute("aria-label") == "Pause"
    play.press("Space")
    expect(play).to_have_attribute("aria-label", "Play")
    stopped = int(field(panel, "step").input_value())
    assert 3 <= stopped < 20
    play.click()
    panel.says("step=20 ")
    expect(play).to_have_attribute("aria-label", "Play")  # it has reached the end
    play.click()  # restarts at the beginning
    says_step(r"1?\d")
    play.click()


def test_matrix_by_typing_and_keyboard(panel: Visit) -> None:
    cell = field(panel, "grid", 1)
    with Change(panel):
        cell.fill("2.5")
    panel.says("grid=[[1.0, 2.5], [0.0, 1.0]]")
    with Change(panel):
        cell.press("ArrowUp")
    panel.says("grid=[[1.0, 3.0], [0.0, 1.0]]")
    with Change(panel):
        cell.fill("9")
        cell.press("Tab")
    panel.says("grid=[[1.0, 4.0], [0.0, 1.0]]")
    assert cell.input_value() == "4"


@pytest.mark.parametrize("by", [drag, finger])
def test_matrix_by_its_handle(panel: Visit, by: Callable[..., None]) -> None:
    with Change(panel):
        by(panel, handle(panel, 0), 60, -60)
    last = float(field(panel, "grid", 0).input_value())  # after the intermediate pictures
    expect(panel.demo().locator(".caption")).to_contain_text(f"grid=[[{last}, ")
    (a, b), (c, d) = numbers(panel.caption(), "grid")
    assert a > 1
    assert c > 0
    assert (b, d) == (0, 1)
    assert field(panel, "grid", 0).input_value() == f"{a:g}"


def test_matrix_handle_by_keyboard(panel: Visit) -> None:
    handle(panel, 1).focus()
    with Change(panel):
        panel.page.keyboard.press("ArrowRight")
    panel.says("grid=[[1.0, 0.5], [0.0, 1.0]]")
    with Change(panel):
        panel.page.keyboard.press("ArrowDown")
    panel.says("grid=[[1.0, 0.5], [0.0, 0.5]]")


@pytest.mark.parametrize("by", [drag, finger])
def test_point_by_its_handle(panel: Visit, by: Callable[..., None]) -> None:
    grip = handle(panel, 2)
    assert "point a" in (grip.get_attribute("aria-label") or "")
    with Change(panel):
        by(panel, grip, -50, 80)
    # after intermediate pictures, which may show only one direction
    moved = re.compile(r"pair=\[\[(?!2\.0,)[^,]+, (?!3\.0\])")
    expect(panel.demo().locator(".caption")).to_contain_text(moved)
    first, second = numbers(panel.caption(), "pair")
    assert first[0] < 2
    assert first[1] < 3
    assert second == [-2, 3]
    assert [value * 2 % 1 for value in first] == [0, 0]  # rounded to steps
    by(panel, grip, 300, 0)  # beyond the end of the axis
    panel.says("pair=[[5.0, ")


def test_point_by_keyboard(panel: Visit) -> None:
    grip = handle(panel, 2)
    grip.focus()
    for key, words in {
        "ArrowLeft": "pair=[[1.5, 3.0]",
        "ArrowUp": "pair=[[1.5, 3.5]",
        "Shift+ArrowRight": "pair=[[1.55, 3.5]",
    }.items():
        with Change(panel):
            panel.page.keyboard.press(key)
        panel.says(words)
    assert "1.55" in (grip.get_attribute("aria-label") or "")
    panel.page.keyboard.press("Delete")  # there are two, which is the minimum
    assert len(numbers(panel.caption(), "pair")) == 2
    expect(grip).to_be_focused()


def test_point_by_typing(panel: Visit) -> None:
    with Change(panel):
        field(panel, "pair", 3).fill("-4.5")
    panel.says("pair=[[2.0, 3.0], [-2.0, -4.5]]")


def test_a_click_on_the_picture_adds_a_point_there(panel: Visit) -> None:
    canvas = panel.demo().locator("canvas")
    for count, act in enumerate(
        (
            lambda x, y: panel.page.mouse.click(x, y),
            lambda x, y: tap(panel.page, x, y),
        ),
        3,
    ):
        box = canvas.bounding_box()  # where it is now: the caption above it may have grown
        assert box
        with Change(panel):
            act(box["x"] + (0.6 + 0.05 * count) * box["width"], box["y"] + 0.3 * box["height"])
        points = numbers(panel.caption(), "free")
        assert len(points) == count
        assert points[-1][1] > 0
    expect(handle(panel, 7)).to_be_focused()
    panel.page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"])
    assert len(numbers(panel.caption(), "free")) == 4  # the maximum


def test_points_are_added_and_removed_by_keyboard(panel: Visit) -> None:
    add = part(panel, "free", "add")
    with Change(panel):
        add.press("Enter")
    panel.says("free=[[0.0, -2.0], [3.0, -2.0], [0.0, 0.0]]")
    with Change(panel):
        add.press("Space")
    expect(add).to_be_disabled()
    with Change(panel):
        part(panel, "free", "remove").first.press("Enter")
    assert numbers(panel.caption(), "free")[0] == [3, -2]
    expect(add).to_be_enabled()
    handle(panel, 4).focus()
    for left in (2, 1, 0):
        with Change(panel):
            panel.page.keyboard.press("Delete")
        assert len(numbers(panel.caption(), "free")) == left
    panel.says("free=[] ")
    with Change(panel):
        add.click()
    assert numbers(panel.caption(), "free") == [[0, 0]]


def test_seed(panel: Visit) -> None:
    with Change(panel):
        field(panel, "seed").fill("123")
    panel.says("seed=123.")
    with Change(panel):
        part(panel, "seed", "new-data").click()
    with Change(panel):
        part(panel, "seed", "new-data").press("Enter")
    with Change(panel):
        field(panel, "seed").press("ArrowUp")


def test_reset_puts_everything_back(panel: Visit) -> None:
    told, pixels = panel.caption(), panel.pixels()
    field(panel, "x").press("End")
    field(panel, "kind").select_option("three")
    part(panel, "free", "remove").first.click()
    panel.says("x=3 ", "kind=three ", "free=[[3.0, -2.0]] ")
    with Change(panel):
        field(panel, "seed").fill("1")
    panel.page.get_by_role("button", name="Reset", exact=True).click()
    expect(panel.demo().locator(".caption")).to_have_text(told)
    assert panel.pixels() == pixels
    expect(panel.page).to_have_url(re.compile(r"#every_control$|\.html(\?boot=ordinary)?$"))


def test_the_picture_can_be_saved(panel: Visit) -> None:
    with panel.page.expect_download() as saved:
        panel.page.get_by_role("button", name="Save picture").click()
    assert saved.value.suggested_filename == "every-control.png"
    from PIL import Image

    with Image.open(saved.value.path()) as image:
        size = panel.demo().locator("canvas").evaluate("(c) => [c.width, c.height]")
        assert (image.format, list(image.size)) == ("PNG", size)


def test_a_link_carries_the_state_and_restores_it(panel: Visit) -> None:
    field(panel, "x").press("End")
    field(panel, "kind").select_option("one & only")
    field(panel, "on").click()
    exact(panel, "rate").fill("0.0123")
    part(panel, "free", "remove").first.click()
    part(panel, "free", "remove").first.click()
    panel.says("rate=0.0123 ", "free=[] ")
    with Change(panel):
        field(panel, "pair", 1).fill("-1.5")
    panel.says("pair=[[2.0, -1.5], ", "free=[] ")
    panel.page.get_by_role("button", name="Copy link").click()
    expect(panel.page.get_by_role("button", name="Link copied")).to_be_visible()
    link = panel.page.evaluate("navigator.clipboard.readText()")
    expect(panel.page).to_have_url(link)  # the URL has the same state
    page = panel.page.context.new_page()
    other = Visit(page, panel.server, link.removeprefix(panel.server.url), "").ready()
    assert other.caption() == panel.caption()
    assert other.pixels() == panel.pixels()
    assert "seed" not in link  # defaults are left out
    page.close()


def test_links_of_the_lesson_and_of_the_address_bar_set_the_demo(panel: Visit) -> None:
    with Change(panel):
        panel.page.get_by_role("link", name="a state").click()
    panel.says("x=2 ", "kind=three ", "on=0 ", "rate=0.1 ")
    with Change(panel):
        panel.page.evaluate("location.hash = '#every_control?x=-1'")
    panel.says("x=-1 ", "kind=two ", "on=1 ")
    field(panel, "x").press("End")
    panel.says("x=3 ")
    panel.page.get_by_role("link", name="a state").click()
    panel.says("x=2 ", "kind=three ")
    panel.page.get_by_role("link", name="a state").click()  # a second time: nothing changes
    panel.says("x=2 ", "kind=three ")


def test_a_link_counts_while_the_address_is_just_being_written(panel: Visit) -> None:
    panel.page.evaluate(
        "() => { location.hash = '#every_control?x=-1';"
        " history.replaceState(null, '', '#every_control?x=3'); }"
    )
    panel.says("x=-1 ")
    panel.page.wait_for_url(re.compile(r"\?x=-1$"))


def test_wrong_values_in_a_link_are_brought_near(panel: Visit) -> None:
    fragment = "x=99&rate=none&kind=four&on=7&step=-3&grid=1&free=1&nothing=1&seed=1e9"
    with Change(panel):
        panel.page.evaluate(f"location.hash = '#every_control?{fragment}'")
    panel.says("x=3 ", "rate=0.1 ", "kind=two ", "step=0 ", "seed=9999.")
    assert panel.demo().get_attribute("data-state") == "ready"


def test_the_last_picture_of_a_quick_drag_is_right(panel: Visit) -> None:
    slider = field(panel, "x")
    x, y = center(slider)
    width = (slider.bounding_box() or {})["width"]
    frame = panel.frame()
    panel.page.mouse.move(x, y)
    panel.page.mouse.down()
    for move in range(60):
        panel.page.mouse.move(x + width * 0.4 * ((move * 7) % 60 - 30) / 30, y)
    panel.page.mouse.up()
    value = float(slider.input_value())
    panel.says(f"x={value:g} ")
    assert panel.frame() > frame + 5
    pixels = panel.pixels()
    with Change(panel):
        exact(panel, "x").fill("-3")
    panel.says("x=-3 ")
    with Change(panel):
        exact(panel, "x").fill(f"{value:g}")
    panel.says(f"x={value:g} ")
    assert panel.pixels() == pixels


def test_what_changed_is_said_once_an_interaction_ends(panel: Visit) -> None:
    field(panel, "x").press("ArrowRight")
    panel.says("x=0.1 ")
    expect(panel.page.locator("#said")).to_contain_text(panel.caption())
    assert panel.page.locator("[aria-live=polite]").count() == 1


# Accessibility


def test_no_page_scrolls_sideways_at_320_pixels(
    browser: Browser, course_server: Server, dist: Path
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    context.add_init_script(FAR)
    page = context.new_page()
    for path in lessons(dist):
        page.goto(course_server.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        width, culprits = page.evaluate(
            """[document.documentElement.scrollWidth, [...document.querySelectorAll("main *")]
              .filter((e) => e.getBoundingClientRect().right > 321 && !e.closest(".formula"))
              .map((e) => e.outerHTML.slice(0, 100))]"""
        )
        assert width <= 320, (path, culprits[:5])
    context.close()


def test_no_formula_is_cut_on_a_phone(browser: Browser, course_server: Server, dist: Path) -> None:
    """They wrap instead. Code may scroll, because its line breaks matter."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    for name in lessons(dist / "lessons"):
        page.goto(course_server.url + f"lessons/{name}")
        cut = page.locator(".formula:not(:has(pre))").evaluate_all(
            """(formulas) => formulas.filter((e) => e.scrollWidth > e.clientWidth + 1)
              .map((e) => e.querySelector("annotation").textContent)"""
        )
        assert cut == [], name
    context.close()


def test_the_keyboard_reaches_everything_and_is_seen_to(
    context: BrowserContext, course: Server, dist: Path
) -> None:
    """On all pages except lessons, which the keyboard walks below cover."""
    page = context.new_page()
    # Pages of single figures have nothing that a lesson hasn't, and each would start Python.
    for path in (path for path in lessons(dist) if not path.startswith(("demos/", "lessons/"))):
        visit = Visit(page, course, path, "snapshot")
        if visit.demo().count():
            visit.ready()
        walks.check_stops(page)
        assert visit.problems == []


def test_lessons_can_be_walked_by_touch(browser: Browser, course: Server) -> None:
    """Starting at the front page; test_offline.py walks through the whole course by keyboard."""
    size: Any = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, has_touch=True, is_mobile=True) as context:
        visit = Visit(context.new_page(), course, "index.html", "snapshot")
        walks.by_touch(visit, ".ways-in .start")
        for _ in range(2):
            visit.page.wait_for_url("**/lessons/**")
            walks.by_touch(visit, ".neighbors .next")
        for start in ("05-eigenvectors-pca", "19-k-means"):  # small figures first; the last lesson
            Visit(visit.page, course, f"lessons/{start}.html", "snapshot")
            walks.by_touch(visit, ".neighbors .previous")
        assert visit.problems == []


def test_what_was_read_is_remembered(context: BrowserContext, tests: Server) -> None:
    page = context.new_page()
    Visit(page, tests, "index.html", "snapshot")
    start = page.locator(".ways-in .start")
    expect(page.locator(".so-far")).to_be_hidden()
    assert "Start with lesson 1" in start.inner_text()
    page.goto(tests.url + "lessons/01-controls.html")
    current = page.locator(".number-line [aria-current]")
    expect(current).not_to_contain_text("read")
    page.locator("#check").scroll_into_view_if_needed()
    expect(current).to_contain_text(", read")
    page.goto(tests.url + "index.html")
    expect(page.locator(".so-far .score")).to_have_text("You have read 1 of 3 lessons.")
    expect(start).to_have_text(re.compile("^Go on with lesson 2, "))
    assert str(start.get_attribute("href")).endswith("lessons/02-trouble.html")


def test_where_storage_is_refused_nothing_else_suffers(
    context: BrowserContext, tests: Server, noted: Callable[[str, str], None]
) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('refused', 'SecurityError'); }});"
    )
    visit = Visit(context.new_page(), tests, "lessons/01-controls.html", "snapshot").ready()
    visit.page.locator("#check").scroll_into_view_if_needed()
    expect(visit.page.locator(".number-line [aria-current]")).to_contain_text(", read")
    assert visit.problems == []
    noted("storage refused", "the figure works; progress is not remembered")


def test_in_a_frame_the_parent_is_told_the_height(
    context: BrowserContext,
    tests: Server,
    serve_folder: Callable[[Path], Server],
    tmp_path: Path,
) -> None:
    """The parent is on another origin."""
    target = f"{tests.url}lessons/01-controls.html?embed=1"
    (tmp_path / "parent.html").write_text(
        "<!doctype html><title>Parent</title><script>window.got = [];"
        "addEventListener('message', ({data}) => { got.push(data);"
        " if (data.height) document.querySelector('iframe').height = data.height; });</script>"
        f'<iframe title="demo" width="700" height="400" src="{target}"></iframe>'
    )
    parent = serve_folder(tmp_path)
    page = context.new_page()
    page.goto(parent.url + "parent.html")
    frame = page.frames[1]
    frame.locator("ml-demo").scroll_into_view_if_needed()
    expect(frame.locator("ml-demo")).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    expect(frame.locator(".site-header")).to_be_hidden()
    expect(frame.locator(".site-footer")).to_be_hidden()
    expect(frame.get_by_role("link", name="Open the full page")).to_be_visible()
    height = frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    told = page.evaluate("window.got")
    for message in (
        {"subject": "lti.frameResize", "height": height},
        {"type": "plugin.resize", "payload": {"height": height}},
    ):
        assert message in told
    assert json.loads(next(text for text in reversed(told) if isinstance(text, str))) == {
        "subject": "lti.frameResize",
        "height": height,
    }
    frame.evaluate("document.querySelector('#idea').style.paddingTop = '200px'")
    page.wait_for_function(f"got.some((m) => m.height === {height + 200})")


def test_a_sandboxed_frame_leaves_the_lesson_readable(
    context: BrowserContext, tests: Server, serve_folder: Callable[[Path], Server], tmp_path: Path
) -> None:
    target = f"{tests.url}lessons/01-controls.html?embed=1"
    (tmp_path / "parent.html").write_text(
        "<!doctype html><title>Parent</title>"
        '<iframe title="demo" sandbox="allow-scripts" width="700" height="900"'
        f' src="{target}"></iframe>'
    )
    parent = serve_folder(tmp_path)
    page = context.new_page()
    page.goto(parent.url + "parent.html")
    demo = page.frames[1].locator("ml-demo")
    expect(demo.locator("picture img")).to_be_visible()
    expect(demo.locator(".caption")).not_to_be_empty()
