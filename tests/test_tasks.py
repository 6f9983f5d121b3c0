"""The tasks in code: each solution passes its check, and the unchanged figure doesn't."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect
from support.pages import TIMEOUT
from support.servers import Server

import edited_figure
from bundle import demos, tasks
from bundle.page import Page as WrittenPage
from bundle.page import read_all

TASKS = tasks.all_of()
SOURCES = demos.sources()
LOOK = (360, 1, "light")


@pytest.fixture(autouse=True)
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sleeping:
        def __init__(self, code: object, pace: float) -> None:
            self.running = nullcontext

    monkeypatch.setattr(edited_figure, "Watch", Sleeping)
    monkeypatch.setattr(edited_figure, "_prepare", lambda: None)


def judged(name: str, source: str) -> str:
    edited_figure.run(name, source, *LOOK)
    edited_figure.draw(name, {}, *LOOK)
    return edited_figure.judge(name, TASKS[name].source)


@pytest.mark.parametrize("name", TASKS)
def test_a_solution_passes_and_the_figure_as_it_is_does_not(name: str) -> None:
    task = TASKS[name]
    wrong = judged(name, SOURCES[name])
    assert re.fullmatch(r"\S.{20,180}\.", wrong), wrong
    assert judged(name, task.solved(SOURCES[name])) == ""
    assert f"def {task.shown}(" in SOURCES[name]


@pytest.mark.parametrize("name", TASKS)
def test_code_without_the_function_is_told_in_a_sentence(name: str) -> None:
    edited_figure.run(name, SOURCES[name], *LOOK)
    shown = TASKS[name].shown
    delattr(edited_figure._edited[name].module, shown)
    said = edited_figure.judge(name, TASKS[name].source)
    assert said.endswith("."), said


def test_what_fails_in_the_readers_code_names_its_line() -> None:
    name = "vector_arrow"
    edited_figure.run(name, SOURCES[name], *LOOK)
    source = SOURCES[name].replace("    return math.hypot(*a)", "    return 1 / (a[1] - 4)")
    edited_figure.run(name, source, *LOOK)
    with pytest.raises(edited_figure.CodeError) as caught:
        edited_figure.judge(name, TASKS[name].source)
    told = json.loads(str(caught.value))
    assert "ZeroDivisionError" in told["sentence"]
    assert "a[1] - 4" in source.splitlines()[told["line"] - 1]


def test_every_lesson_has_one_task_and_every_task_a_lesson() -> None:
    posed = {
        page.number: [str(tag["data-figure"]) for tag in page.soup.select("#task > div.task")]
        for page in read_all()
        if page.part
    }
    assert [number for number, names in posed.items() if len(names) != 1] == []
    assert sorted(name for names in posed.values() for name in names) == sorted(TASKS)


LESSON = """<section id="task"><div class="task" data-figure="{figure}"><p>Do it.</p>
<details><summary>Hint</summary><p>Look.</p></details>
<details><summary>{last}</summary><p>So.</p></details></div></section>"""


def page_of(figure: str, last: str = "Solution") -> WrittenPage:
    soup = BeautifulSoup(LESSON.format(figure=figure, last=last), "html.parser")
    page = WrittenPage(tasks.FOLDER / "a.html", "lessons/a.html", soup, "", "")
    page.demos = ["vector_arrow"]
    return page


def test_the_build_takes_down_what_is_wrong_with_a_task() -> None:
    good = page_of("vector_arrow")
    tasks.check(good)
    assert good.errors == []
    for figure, last, word in (
        ("nowhere", "Solution", "data-figure"),
        ("normal_sample", "Solution", "another page"),
        ("vector_arrow", "Answer", "Hint"),
    ):
        page = page_of(figure, last)
        tasks.check(page)
        assert word in page.errors[0]


def test_a_solution_that_no_longer_fits_the_figure_is_told() -> None:
    with pytest.raises(ValueError, match="hypot"):
        TASKS["vector_arrow"].solved("def magnitude(a): ...\n")


def test_the_lines_of_the_solution_and_the_button_are_put_into_the_page() -> None:
    page = page_of("vector_arrow")
    tasks.finish(page)
    code = page.soup.select_one("details pre code")
    assert code.get_text() == "return abs(a[0]) + abs(a[1])"
    assert page.soup.select_one("div.task button[data-does=task]")
    assert sys.modules.get("tasks") is None  # the build leaves no module behind


# In a page


@pytest.fixture(scope="module")
def lesson(browser: Browser, course_server: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: print(message.text))
    page.goto(course_server.url + "lessons/01-vectors.html")
    expect(page.locator("ml-demo").first).to_have_attribute("data-state", "ready", timeout=TIMEOUT)
    yield page
    context.close()


def test_a_task_is_solved_by_keyboard(lesson: Page) -> None:
    task = lesson.locator("#task .task")
    task.get_by_role("button", name="Open the code").press("Enter")
    panel = lesson.locator("#vector_arrow .code-panel")
    field = panel.locator("textarea")
    expect(field).to_be_focused()
    assert field.input_value().startswith("def magnitude(")
    expect(panel.locator(".task")).to_contain_text("city")
    lesson.keyboard.press("Control+Enter")
    expect(panel.locator(".told")).to_contain_text("Not solved yet", timeout=TIMEOUT)
    expect(task.locator("output")).to_have_text("")
    ((old, new),) = TASKS["vector_arrow"].solution.items()
    field.fill(field.input_value().replace(old, new))
    lesson.keyboard.press("Control+Enter")
    expect(task.locator("output")).to_contain_text("solved", timeout=TIMEOUT)
    expect(panel.locator(".told")).to_contain_text("solved")
    panel.get_by_role("link", name="Back to the task").press("Enter")
    expect(task).to_be_in_viewport()


def test_hint_and_solution_stand_in_the_lesson_and_beside_the_code(lesson: Page) -> None:
    lesson.locator("#task .task").get_by_role("button", name="Open the code").click()
    for place in ("#task .task", "#vector_arrow .code-panel .task"):
        box = lesson.locator(place)
        box.locator("summary", has_text="Solution").click()
        expect(box.locator("pre")).to_have_text("return abs(a[0]) + abs(a[1])")
