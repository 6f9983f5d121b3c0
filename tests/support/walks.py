"""Walk through the course with the keyboard alone, checking every tab stop, and by touch."""

from playwright.sync_api import Page, expect

from support.pages import TIMEOUT, Visit, center, finger, hold_tab, press_until, tap

# Number everything that the Tab key should reach, in page order.
NUMBER_STOPS = """() => {
  const stops = "a[href], button, input, select, summary, [tabindex='0']";
  const lone = (e) => e.type === "radio" && e !== document.querySelector(`[name="${e.name}"]`);
  return [...document.querySelectorAll(stops)]
    .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled)
    .filter((e) => e.tabIndex >= 0 && !lone(e))
    .map((e, index) => ((e.dataset.walk = index), index));
}"""

# The ones that still exist: a figure replaces some elements when it becomes ready.
STILL_STOPS = """() => [...document.querySelectorAll("[data-walk]")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0)
  .map((e) => Number(e.dataset.walk))"""

# The focused element, and whether its focus is visible.
FOCUS = """() => {
  const e = document.activeElement;
  const rings = [e, e.closest("label") ?? e].map((part) => getComputedStyle(part));
  const outlined = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
  const seen = rings.some((style) => outlined(style) || style.boxShadow !== "none");
  return [e.dataset.walk ?? null, seen, e.outerHTML.slice(0, 120)];
}"""


def check_stops(page: Page) -> None:
    """Check that Tab reaches everything that can be used, and that the focus is visible."""
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
    wanted = page.evaluate(NUMBER_STOPS)
    reached, unseen = set(), []
    page.evaluate(f"window.stops = []; addEventListener('focusin', () => stops.push(({FOCUS})()))")
    # The browser has stops of its own, and figures that come near get handles meanwhile.
    hold_tab(page, len(wanted) + 60)
    for number, seen, html in page.evaluate("stops"):
        if number is not None:
            reached.add(int(number))
            unseen += [] if seen else [html]
    missed = [
        page.locator(f"[data-walk='{number}']").evaluate("(e) => e.outerHTML.slice(0, 120)")
        for number in page.evaluate(STILL_STOPS)
        if number not in reached
    ]
    assert not missed, (page.url, missed)
    assert not unseen, (page.url, unseen)


# A key that changes the focused control: down the list, or up if that was its last option; a handle
# on the picture moves to the right.
KEY = """() => {
  const {type, selectedIndex, length} = document.activeElement;
  if (type === "select-one") return selectedIndex < length - 1 ? "ArrowDown" : "ArrowUp";
  return {text: "ArrowUp", checkbox: "Space"}[type] ?? "ArrowRight";
}"""


def by_keyboard(visit: Visit, link: str) -> None:
    """With keys alone: reach everything, change a figure's first control, follow a link."""
    page = visit.page
    if "/lessons/" in page.url:
        visit.ready()
        check_stops(page)
        press_until(page, "ml-demo form [name], ml-demo .handle")
        demo = page.locator("ml-demo:focus-within")
        expect(demo).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
        before = demo.get_attribute("data-frame")
        key, html = page.evaluate(f"[({KEY})(), document.activeElement.outerHTML]")
        page.keyboard.press(key)
        moved = expect(demo, f"after {key} on {html[:120]} in {page.url}")
        moved.not_to_have_attribute("data-frame", before or "", timeout=TIMEOUT)
    press_until(page, link)
    page.keyboard.press("Enter")


def by_touch(visit: Visit, link: str) -> None:
    """Change a lesson's first figure by touch, then tap a link.

    That means a tap on a slider, or on a switch if there is no slider, or a move of the handle if
    the picture is the only visible control.
    """
    page = visit.page
    if "/lessons/" in page.url:
        demo = visit.ready().demo()
        fields = demo.locator("input[type=range], input[type=checkbox]").locator("visible=true")
        before = visit.frame()
        if fields.count():
            control = fields.first
            x, y = center(control)
            width = (control.bounding_box() or {})["width"]
            part = control.evaluate("(e) => (e.value - e.min) / (e.max - e.min) < 0.5 ? 0.3 : -0.3")
            tap(page, x + part * width, y)
        else:
            finger(visit, demo.locator(".handle").first, -30, 30)
        expect(demo).not_to_have_attribute("data-frame", str(before), timeout=TIMEOUT)
    tap(page, *center(page.locator(link)))
