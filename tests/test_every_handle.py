"""Every kind of handle, with Tab, arrows, and Enter alone, and with the mouse.

The tests share one ready page; each resets its handle.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from support.pages import Visit, center, drag, numbers
from support.servers import Server

PAGE = "demos/every_handle.html"

# The handle, its initial value, the keys, and its value after them.
KEYS: dict[str, tuple[str, int, Any, str, Any]] = {
    "a vertical line, or the edge of an area": ("threshold", 0, [0], "ArrowRight", [0.5]),
    "a horizontal line": ("level", 0, [0], "ArrowUp", [0.5]),
    "a point on a curve": ("curve", 0, [1], "ArrowLeft", [0.5]),
    "an angle": ("angle", 0, [90], "ArrowUp", [95]),
    "a handle of its own": ("gap", 0, [1], "ArrowRight", [1.5]),
    "the tip of an arrow": ("tip", 0, [[3, 2]], "ArrowDown", [[3, 1.5]]),
    "one end of a line": ("ends", 0, [[-4, -2], [-2, -1]], "ArrowUp", [[-4, -1.5], [-2, -1]]),
    "its other end": ("ends", 1, [[-4, -2], [-2, -1]], "ArrowLeft", [[-4, -2], [-2.5, -1]]),
    "a whole object": ("square", 0, [[2, -2]], "ArrowRight", [[2.5, -2]]),
    "a column of a matrix": ("columns", 1, [[1, -1], [1, 2]], "ArrowUp", [[1, -1], [1, 2.5]]),
}
BACK = {
    "ArrowRight": "ArrowLeft",
    "ArrowLeft": "ArrowRight",
    "ArrowUp": "ArrowDown",
    "ArrowDown": "ArrowUp",
}


@pytest.fixture(scope="module")
def page(browser: Browser, test_server: Server) -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield Visit(context.new_page(), test_server, PAGE, "snapshot").ready()


def handle(page: Visit, control: str, index: int) -> Locator:
    return page.demo().locator(f".handle[data-control={control}]").nth(index)


def says(page: Visit, control: str, value: Any) -> None:
    """Wait until the caption shows the value."""
    for _ in range(300):
        if (told := numbers(page.caption(), control)) == value:
            return
        page.page.evaluate("() => new Promise(requestAnimationFrame)")
    raise AssertionError(f"{control} is {told}, not {value}")


def test_tab_reaches_every_handle(page: Visit) -> None:
    """In declaration order, each with an accessible name and value."""
    page.page.locator("body").press("Tab")
    reached: list[Any] = []
    for _ in range(60):
        page.page.keyboard.press("Tab")
        found = page.page.evaluate(
            "(({dataset, role, ariaLabel, ariaValueText}) =>"
            " role === 'slider' && dataset.control && [dataset.control, ariaLabel, ariaValueText])"
            "(document.activeElement)"
        )
        if found and found not in reached:  # Tab wraps around
            reached.append(found)
    points = [name for name, _, _, _, _ in KEYS.values()]
    assert sorted(name for name, _, _ in reached) == sorted([*points, "columns"])
    assert all(label and value for _, label, value in reached)


@pytest.mark.parametrize("kind", KEYS)
def test_arrow_keys_move_every_kind_of_handle(page: Visit, kind: str) -> None:
    name, index, before, key, after = KEYS[kind]
    grip = handle(page, name, index)
    says(page, name, before)
    place = center(grip)
    grip.focus()
    page.page.keyboard.press(key)
    says(page, name, after)
    expect(grip).to_be_focused()
    moved = center(grip)
    assert moved != place
    page.page.keyboard.press("Enter")  # to its number field
    assert page.page.evaluate("document.activeElement.closest('.control').dataset.name") == name
    grip.focus()
    page.page.keyboard.press(BACK[key])
    says(page, name, before)
    assert center(grip) == pytest.approx(place, abs=0.2)
    assert page.problems == []


@pytest.mark.parametrize("kind", KEYS)
def test_the_mouse_moves_every_kind_of_handle_to_the_same_place(page: Visit, kind: str) -> None:
    """The position after a key, and after the opposite key."""
    name, index, before, key, after = KEYS[kind]
    grip = handle(page, name, index)
    start = center(grip)
    grip.press(key)
    says(page, name, after)
    end = center(grip)
    grip.press(BACK[key])
    says(page, name, before)
    drag(page, grip, end[0] - start[0], end[1] - start[1])
    says(page, name, after)
    drag(page, grip, start[0] - end[0], start[1] - end[1])
    says(page, name, before)
    assert page.problems == []
