"""What is visible without scrolling: the first figure, and links to every lesson."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.pages import FAR
from support.servers import Server

from bundle.page import PARTS
from bundle.project import ROOT

FRONT, PCA = "index.html", "lessons/05-eigenvectors-pca.html"
# Lessons that start with a figure: those with a guess.
LED = [f"lessons/{file.name}" for file in (ROOT / "site" / "lessons").glob("*.html")
       if 'id="guess"' in file.read_text()]  # fmt: skip
OTHERS = ["guide/05-eigenvectors-pca-guide.html", "guide/teachers.html", "gallery.html"]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Without Python, because none of this needs it."""
    with browser.new_context(has_touch=True) as context:
        context.add_init_script(FAR)
        yield context.new_page()


@pytest.mark.parametrize("path", [FRONT, *sorted(LED)])
def test_the_first_figure_is_in_view(page: Page, course_server: Server, path: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(course_server.url + path)
    figure = page.locator("ml-demo").first
    for part in (".demo-title", ".picture", ".caption"):
        expect(figure.locator(part)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", [FRONT, PCA, *OTHERS])
def test_the_navigation_names_the_parts_and_where_the_reader_is(
    page: Page, course_server: Server, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(course_server.url + path)
    header = page.locator(".site-header")
    if width == 390:
        menu = header.locator("summary")
        box = menu.bounding_box()
        assert box
        assert box["height"] >= 44
        menu.tap()
    navigation = header.get_by_role("navigation").filter(visible=True)
    for part in PARTS:
        expect(navigation.get_by_text(part.title)).to_be_visible()
    assert navigation.locator("a[data-lesson]").count() == 19
    if path.startswith("lessons/"):
        here = navigation.locator("[aria-current=page]")
        expect(here).to_have_attribute("data-lesson", str(int(path[8:10])))
        expect(here).to_be_visible()
    elif path == FRONT:
        expect(header.locator(".home")).to_have_attribute("aria-current", "page")
    assert page.evaluate("document.documentElement.scrollWidth") == width


# The pictures whose box has other proportions than their style or their file gives.
DISTORTED = """() => [...document.querySelectorAll("main img")].filter((img) => {
  if (!img.naturalWidth) return false; // not loaded: it is far from the view
  const {aspectRatio, paddingLeft, paddingTop} = getComputedStyle(img);
  const padding = [2 * parseFloat(paddingLeft), 2 * parseFloat(paddingTop)];
  const [across, down] = aspectRatio.split("/").map(Number);
  const {width, height} = img.getBoundingClientRect();
  const [x, y] = across
    ? [width, height]
    : [img.clientWidth - padding[0], img.clientHeight - padding[1]];
  const right = across ? across / down : img.naturalWidth / img.naturalHeight;
  return Math.abs(x / y / right - 1) > 0.02;
}).map((img) => `${img.src}: ${img.clientWidth} by ${img.clientHeight} pixels`)"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["gallery.html", "guide/05-eigenvectors-pca-guide.html"])
def test_pictures_keep_their_proportions(
    page: Page, course_server: Server, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(course_server.url + path)
    assert page.locator("main img").first.evaluate("(img) => img.decode().then(() => img.complete)")
    assert page.evaluate(DISTORTED) == []
