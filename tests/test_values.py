"""What people type, translate, print, save, copy, and swipe, on a page in Chromium."""

import base64
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.servers import Server

TIMEOUT = 180_000  # ms for Python to start on a slow machine

# As browsers translate: new words for options, and each text in two <font> elements.
TRANSLATE = """() => {
  for (const option of document.querySelectorAll("option:not([translate=no])"))
    option.textContent = "Wort " + option.textContent;
  const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (all.nextNode()) texts.push(all.currentNode);
  for (const text of texts) {
    const {parentElement: inside} = text;
    if (!text.data.trim() || inside.closest("[translate=no], option, script, style, template"))
      continue;
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = text.data.split(" ").reverse().join(" ");
    outer.append(inner);
    text.replaceWith(outer);
  }
}"""

# A checksum of the canvas.
PIXELS = """(canvas) => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
  return sum;
}"""


def started(page: Page, name: str = "every_control") -> Locator:
    demo = page.locator(f"ml-demo[name={name}]")
    demo.scroll_into_view_if_needed()
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    return demo


class Panel:
    """A ready page with every control."""

    def __init__(self, page: Page) -> None:
        self.page, self.errors = page, list[str]()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.demo = page.locator("ml-demo").first

    def field(self, name: str, index: int = 0) -> Locator:
        return self.demo.locator(f"form [name={name}]").nth(index)

    def exact(self, name: str) -> Locator:
        return self.demo.locator(f".control:has([name={name}]) input.exact")

    def says(self, *words: str) -> None:
        for word in words:
            expect(self.demo.locator(".caption")).to_contain_text(word)

    def complaint(self) -> Locator:
        return self.demo.locator("form .misread")

    def go(self, query: str) -> None:
        self.page.evaluate("(hash) => (location.hash = hash)", f"#every_control{query}")

    def of_link(self) -> Locator:
        return self.demo.locator(".from-link")


@pytest.fixture(scope="module")
def panel_page(browser: Browser, test_server: Server) -> Iterator[Panel]:
    context = browser.new_context(viewport={"width": 1280, "height": 1400}, reduced_motion="reduce")
    page = context.new_page()
    panel = Panel(page)
    page.goto(test_server.url + "lessons/01-controls.html")
    started(page)
    yield panel
    context.close()


@pytest.fixture
def panel(panel_page: Panel) -> Iterator[Panel]:
    panel_page.demo.locator("[data-does=reset]").click()
    panel_page.says("x=0 ", "rate=0.1 ", "kind=two ", "seed=7.")
    panel_page.errors.clear()
    yield panel_page
    assert panel_page.errors == []
    assert panel_page.demo.get_attribute("data-state") == "ready"


# Numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,5", "0.5"), ("−1.5", "-1.5"), (" –1,25 ", "-1.25"), ("1/2", "0.5"), ("2e-1", "0.2")],
)
def test_a_field_takes_numbers_as_people_write_them(panel: Panel, text: str, number: str) -> None:
    panel.exact("x").fill(text)
    panel.says(f"x={number} ")
    panel.exact("x").press("Tab")
    expect(panel.exact("x")).to_have_value(number)
    expect(panel.complaint()).to_have_count(0)
    panel.field("grid", 1).fill(text)
    panel.says(f"grid=[[1.0, {float(number)}], ")
    panel.field("pair", 1).fill(text)
    panel.says(f"pair=[[2.0, {float(number)}], ")


def test_what_cannot_be_read_is_said_beside_it_and_changes_nothing(panel: Panel) -> None:
    for field, kept in (
        (panel.exact("x"), "x=1 "),
        (panel.field("seed"), "seed=12."),
        (panel.field("grid", 1), "grid=[[1.0, 1.0], "),
    ):
        field.fill("12" if "seed" in kept else "1")
        panel.says(kept)
        field.fill("one")
        field.press("Tab")
        expect(panel.complaint()).to_contain_text("“one” is not a number")
        expect(field).to_have_attribute("aria-invalid", "true")
        described = str(field.get_attribute("aria-describedby"))
        assert panel.complaint().get_attribute("id") == described
        panel.says(kept)
        field.fill("2")
        expect(panel.complaint()).to_have_count(0)
        expect(field).not_to_have_attribute("aria-invalid", "true")


def test_what_is_being_typed_is_no_mistake(panel: Panel) -> None:
    field = panel.exact("x")
    field.fill("")
    for key in "-1,5":
        field.press(key)
        expect(panel.complaint()).to_have_count(0)
    panel.says("x=-1.5 ")


def test_the_limits_are_said(panel: Panel) -> None:
    panel.exact("x").fill("99")
    panel.exact("x").press("Tab")
    panel.says("x=3 ")
    expect(panel.exact("x")).to_have_value("3")
    expect(panel.complaint()).to_contain_text("−3 to 3")
    panel.field("x").press("ArrowLeft")
    expect(panel.complaint()).to_have_count(0)


def test_reset_takes_back_what_was_said_of_a_field(panel: Panel) -> None:
    panel.exact("x").fill("one")
    expect(panel.complaint()).to_have_count(1)
    panel.demo.locator("[data-does=reset]").click()
    expect(panel.complaint()).to_have_count(0)
    expect(panel.exact("x")).to_have_value("0")


def test_arrow_keys_make_sensible_steps(panel: Panel) -> None:
    rate = panel.exact("rate")
    for key, value in (
        ("ArrowUp", "0.2"),
        ("ArrowUp", "0.5"),
        ("ArrowDown", "0.2"),
        ("PageUp", "2"),
        ("PageUp", "10"),
        ("PageDown", "1"),
    ):
        rate.press(key)
        expect(rate).to_have_value(value)
        panel.says(f"rate={value} ")
    x = panel.exact("x")
    for key, value in (("ArrowUp", "0.1"), ("ArrowDown", "0"), ("PageDown", "-1")):
        x.press(key)
        expect(x).to_have_value(value)
        panel.says(f"x={value} ")


def test_whole_numbers_stay_whole(panel: Panel) -> None:
    panel.field("seed").fill("2,5")
    panel.says("seed=3.")
    panel.field("seed").press("Tab")
    expect(panel.field("seed")).to_have_value("3")
    panel.go("?step=2.5")
    panel.says("step=3 ")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("1,4142", "Right"), ("1.4142 m", "Right"), ("15", "too large"), ("ein", "not a number"),
     ("1,414", "ambiguous")],
)  # fmt: skip
def test_questions_read_the_same_numbers(panel: Panel, text: str, verdict: str) -> None:
    field = panel.page.locator("[name=check-2]")
    field.fill(text)
    field.press("Tab")
    expect(panel.page.locator(".question output").nth(1)).to_contain_text(verdict)


# Links


@pytest.mark.parametrize(
    "hash",
    [
        "#every_control%3Fx%3D2%26kind%3Dthree",
        "#every_control?x=2&amp;kind=three",
        "#every_control?x=2%26kind=three.",
    ],
)
def test_links_that_a_chat_app_changed(panel: Panel, hash: str) -> None:
    panel.page.evaluate("(hash) => (location.hash = hash)", hash)
    panel.says("x=2 ", "kind=three ")
    expect(panel.of_link()).to_be_hidden()


def test_what_a_link_does_not_say_well_is_at_its_default(panel: Panel) -> None:
    panel.go("?x=2&rate=1&kind=three&on=0&step=4&seed=5&free=1&free=1")
    panel.says("x=2 ", "rate=1 ", "kind=three ", "on=0 ", "step=4 ", "free=[[1.0, 1.0]] ")
    panel.go(
        "?x=one&rate=-1&kind=four&on=maybe&step=&seed=-&free=1&constructor=1&__proto__=2"
        "&pair=1&pair=2&pair=3&grid=1"
    )
    panel.says("x=0 ", "rate=0.1 ", "kind=two ", "on=1 ", "step=0 ", "seed=7.")
    panel.says("free=[[0.0, -2.0], [3.0, -2.0]] ", "pair=[[2.0, 3.0], ", "grid=[[1.0, 0.0], ")
    for name in ("x=one", "rate=-1", "kind=four", "constructor=1", "__proto__=2"):
        expect(panel.of_link()).to_contain_text(name)
    expect(panel.of_link()).to_contain_text("could not be read")
    panel.field("x").press("ArrowRight")
    expect(panel.of_link()).to_be_hidden()


def test_words_for_a_switch_and_numbers_out_of_range(panel: Panel) -> None:
    panel.go("?on=false&idle=true&x=99")
    panel.says("on=0 ", "idle=1 ", "x=3 ")
    expect(panel.of_link()).to_contain_text("x=99 became 3")


def test_a_link_to_a_figure_of_another_page_says_so(panel: Panel) -> None:
    panel.page.evaluate("location.hash = '#constructor?x=1'")
    expect(panel.of_link()).to_contain_text("constructor")


def test_names_that_no_control_has_leave_hidden_controls_hidden(
    context: BrowserContext, tests: Server
) -> None:
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    query = "?hide=x,constructor&fix=rate,__proto__#every_control?constructor=2&rate=0.5"
    page.goto(f"{tests.url}lessons/01-controls.html{query}")
    expect(page.locator(".control:has([name=x])")).to_be_hidden()
    expect(page.locator("[name=rate]")).to_be_disabled()
    expect(page.locator(".from-link")).to_contain_text("constructor=2")
    assert errors == []


# Translation


def test_a_translated_page_works_as_before(panel: Panel) -> None:
    """It stays translated, so this is the last test of its page."""
    panel.page.evaluate(TRANSLATE)
    kind = panel.field("kind")
    kind.focus()
    kind.press("End")
    panel.says("kind=three ")
    panel.demo.locator("[data-does=reset]").click()
    panel.says("kind=two ")
    panel.go("?kind=one+%26+only&x=1")
    panel.says("kind=one & only ", "x=1 ")
    expect(panel.page).to_have_url(re.compile(r"kind=one\+%26\+only"))
    panel.demo.locator("[data-does=add]").click()
    panel.says("free=[[0.0, -2.0], [3.0, -2.0], [0.0, 0.0]]")
    handles = panel.demo.locator(".handles button")
    names = handles.evaluate_all("(all) => all.map((e) => e.getAttribute('aria-label'))")
    assert any("point a" in name for name in names)
    assert not any("font" in name or "undefined" in name for name in names)
    panel.field("x").press("ArrowRight")
    assert panel.field("x").get_attribute("aria-valuetext") == "1.1 m"
    panel.demo.locator("[data-does=embed]").click()
    code = panel.demo.locator("textarea.code")
    expect(code).to_have_value(re.compile('title="Move every kind of control there is."'))
    panel.demo.locator("[data-does=close]").click()
    page_radio = panel.page.locator("[name=check-1][value=b]")
    page_radio.check()
    expect(panel.page.locator(".question output").first).to_contain_text("Right")


def test_no_option_has_only_its_words(dist: Path) -> None:
    """In the whole course: every option has a value, and symbols are marked untranslatable."""
    from bs4 import BeautifulSoup

    options = 0
    for file in dist.rglob("*.html"):
        soup = BeautifulSoup(file.read_text(), "html.parser")
        for option in soup.find_all("option"):
            options += 1
            assert option.get("value") == option.get_text(), (file, option)
        for tag in soup.select(".katex, code, pre, output[for], input[data-number], li b"):
            named = tag if tag.name != "b" or tag.find_parent(class_="points") else None
            assert named is None or named.get("translate") == "no", (file, tag)
        assert not soup.select("input[type=number]"), file
    assert options > 50


# Phones


def swipe(page: Page, x: float, y: float, right: float, down: float) -> None:
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    touch("touchStart", (x, y))
    for step in range(1, 13):
        touch("touchMove", (x + right * step / 12, y + down * step / 12))
    touch("touchEnd")
    session.detach()


@pytest.fixture(scope="module")
def phone(browser: Browser, test_server: Server) -> Iterator[Panel]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    panel = Panel(page)
    page.goto(test_server.url + "lessons/01-controls.html")
    started(page)
    yield panel
    context.close()


@pytest.mark.parametrize("name", ["x", "rate", "step"])
def test_a_swipe_that_scrolls_leaves_the_slider(phone: Panel, name: str) -> None:
    slider = phone.field(name)
    slider.scroll_into_view_if_needed()
    caption = phone.demo.locator(".caption").inner_text()
    before, top = slider.input_value(), phone.page.evaluate("scrollY")
    box = slider.bounding_box()
    assert box
    swipe(phone.page, box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2, 3, -160)
    wait(lambda: phone.page.evaluate("scrollY") != top)
    expect(slider).to_have_value(before)
    expect(phone.demo.locator(".caption")).to_have_text(caption)
    box = at_rest(slider)
    swipe(phone.page, box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, 60, 2)
    expect(slider).not_to_have_value(before)


def at_rest(part: Locator) -> Any:
    """The bounding box of a part of the page, once scrolling has ended."""
    boxes: list[Any] = [None]

    def ended() -> bool:
        part.page.wait_for_timeout(150)
        boxes.append(part.bounding_box())
        return bool(boxes[-1] and boxes[-1] == boxes[-2])

    wait(ended)
    return boxes[-1]


def wait(ask: Any) -> None:
    import time

    end = time.monotonic() + 10
    while not ask():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_gets_the_focus_is_not_behind_the_picture(browser: Browser, course: Server) -> None:
    """In the list of coordinates, which has many fields."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    course.faults.of["/runtime/"] = "missing"  # only the layout matters here
    for lesson in ("15-linear-regression", "16-logistic-regression"):
        page.goto(f"{course.url}lessons/{lesson}.html")
        page.locator("#demo details").evaluate_all(
            "(all) => all.forEach((more) => { more.open = true; })"
        )
        stops = page.locator("#demo summary, #demo .points :is(input, button:enabled)")
        count = stops.count()
        assert count > 20
        hidden = page.evaluate(
            """() => [...document.querySelectorAll("#demo summary, #demo .points :is(input, "
              + "button:enabled)")].filter((stop) => {
              stop.focus();
              const box = stop.getBoundingClientRect();
              const {bottom} = stop.closest("ml-demo").querySelector(".picture")
                .getBoundingClientRect();
              const at = document.elementFromPoint(box.left + box.width / 2, box.top + 4);
              return box.top < bottom - 1 || box.bottom > innerHeight + 1 || !stop.contains(at);
            }).map((stop) => stop.outerHTML.slice(0, 80))"""
        )
        assert hidden == [], lesson
    context.close()


# Saved, printed, copied


def pixels(data: str) -> Any:
    """The pixels of a data URL, because the same picture can be compressed in different ways."""
    return np.asarray(Image.open(BytesIO(base64.b64decode(data.partition(",")[2]))).convert("RGB"))


def test_a_saved_page_has_the_picture(
    context: BrowserContext, tests: Server, tmp_path: Path
) -> None:
    """As browsers save: the current document, opened without scripts."""
    page = context.new_page()
    page.goto(tests.url + "lessons/01-controls.html")
    demo = started(page)
    demo.locator("[name=x]").press("End")
    expect(demo.locator(".caption")).to_contain_text("x=3 ")
    expect(demo.locator("img.now")).to_have_count(1)
    wanted = demo.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")
    html = page.evaluate("document.documentElement.outerHTML")
    session = context.new_cdp_session(page)
    archive = session.send("Page.captureSnapshot", {"format": "mhtml"})["data"]
    (tmp_path / "saved.mhtml").write_text(archive)
    browser = context.browser
    assert browser
    still = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    copy = still.new_page()
    copy.route("**/saved.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    for address in (f"{tests.url}lessons/saved.html", f"file://{tmp_path}/saved.mhtml"):
        copy.goto(address)
        shown = copy.locator("ml-demo .picture img:visible")
        expect(shown).to_have_count(1)
        assert shown.evaluate("(img) => img.naturalWidth") > 300
        if address.endswith(".html"):
            assert np.array_equal(pixels(str(shown.get_attribute("src"))), pixels(wanted))
        expect(copy.locator("ml-demo canvas")).to_be_hidden()
        expect(copy.locator(".saved")).to_be_visible()
        expect(copy.locator(".saved")).to_contain_text("saved copy")
        expect(copy.locator("ml-demo form")).to_be_hidden()
    still.close()


def test_a_page_saved_at_the_defaults_has_the_first_picture(
    context: BrowserContext, tests: Server
) -> None:
    page = context.new_page()
    page.goto(tests.url + "lessons/01-controls.html")
    started(page)
    html = page.evaluate("document.documentElement.outerHTML")
    browser = context.browser
    assert browser
    still = browser.new_context(java_script_enabled=False)
    copy = still.new_page()
    copy.route("**/saved.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    copy.goto(f"{tests.url}lessons/saved.html")
    expect(copy.locator("ml-demo picture img")).to_be_visible()
    expect(copy.locator(".saved")).to_be_visible()
    still.close()


def on_paper(page: Page) -> list[float]:
    """The lightness of each printed figure, from 0 to 255."""
    page.emulate_media(media="print")
    boxes = page.locator(".picture, .figures picture + img").all()
    found = []
    for box in boxes:
        image = Image.open(BytesIO(box.screenshot())).convert("L")
        found.append(float(np.asarray(image).mean()))
    page.emulate_media(media="screen")
    return found


def test_paper_is_light(browser: Browser, course: Server, tests: Server) -> None:
    context = browser.new_context(color_scheme="dark", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(tests.url + "lessons/03-several.html")
    page.wait_for_load_state("networkidle")
    expect(page.locator("img.paper")).to_have_count(page.locator("ml-demo").count())
    demo = page.locator("ml-demo").first
    expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    expect(page.locator("img.paper:visible")).to_have_count(0)  # not on the screen
    lightness = on_paper(page)
    assert len(lightness) > 1
    assert min(lightness) > 200  # visible or not, live or not
    page.locator("ml-demo form [name]").first.focus()
    page.locator("ml-demo").first.locator("input[type=range]").first.press("Home")
    expect(demo).to_have_attribute("data-changed", "")
    assert min(on_paper(page)) > 200
    background = "getComputedStyle(document.documentElement).backgroundColor"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 35, 48)"
    assert page.pdf().startswith(b"%PDF")
    context.close()


def test_a_copied_formula_is_its_tex_once(context: BrowserContext, course: Server) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    course.faults.of["/runtime/"] = "missing"
    page.goto(course.url + "lessons/11-normal.html")
    expect(page.locator("ml-demo").first).to_have_attribute("data-woken", "")  # by a script
    tex = page.locator("#formula annotation").evaluate_all("(all) => all.map((e) => e.textContent)")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#formula'))")
    page.keyboard.press("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    flat = " ".join(text.split())  # a line break in TeX is a space
    for formula in set(tex):
        assert f"${' '.join(formula.split())}$" in flat, formula
    assert text.count("\\frac") == "".join(tex).count("\\frac")
    assert len(text.splitlines()) > 3
    assert not [line for line in text.splitlines() if len(line) == 1]
    # a selection from the middle of one formula to the next paragraph copies whole formulas
    page.evaluate(
        """() => {
          const one = document.querySelector("#formula .katex .mord");
          getSelection().setBaseAndExtent(one.firstChild, 0, one.firstChild, 1);
        }"""
    )
    page.keyboard.press("Control+c")
    assert tex[0].strip() in page.evaluate("navigator.clipboard.readText()")
    typed = page.locator("ml-demo input.exact").locator("visible=true").first
    typed.fill("0.25")
    typed.select_text()
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "0.25"


def test_a_kept_answer_that_no_question_knows_is_not_counted(
    context: BrowserContext, tests: Server
) -> None:
    """It may be from another version of the course, so it is kept until the learner answers."""
    page = context.new_page()
    page.goto(tests.url + "lessons/01-controls.html")
    page.evaluate("localStorage.setItem('ml-progress', '1 1r:zz,nonsense')")
    page.reload()
    page.locator("#check").scroll_into_view_if_needed()
    expect(page.locator(".so-far")).to_be_visible()
    expect(page.locator(".so-far .score")).to_be_empty()
    assert page.evaluate("localStorage.getItem('ml-progress')") == "1 1r:zz,nonsense"
    page.locator("[name=check-2]").fill("1,4142")
    page.locator("[name=check-2]").press("Tab")
    expect(page.locator(".so-far .score")).to_contain_text("1 of 2 right")
