"""Questions and progress: feedback, storage, restoring, and reporting.

These tests don't need Python, so the server withholds its files and the pictures stay still.
"""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, FrameLocator, Page, expect
from support.machine import ROOT
from support.servers import Server
from support.sites import build, copy_test_sources

LESSON = "lessons/01-controls.html"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.route("**/runtime/**", lambda route: route.abort())
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, test_server: Server) -> Page:
    made = context.new_page()
    made.goto(test_server.url + LESSON)
    return made


def test_an_option_is_judged_at_once_and_the_next_step_is_named(page: Page) -> None:
    question = page.locator(".question").nth(0)
    said = question.locator("output")
    expect(said).to_be_empty()
    question.get_by_label("12").check()
    expect(said).to_contain_text("Not yet")
    expect(said.get_by_role("link", name="the demo")).to_have_attribute("href", "#demo")
    expect(question).to_have_class(re.compile("is-not-yet"))
    question.get_by_label("3").check()
    expect(said).to_contain_text("Right")
    expect(question).to_have_class(re.compile("is-right"))
    expect(question).not_to_have_class(re.compile("is-not-yet"))
    question.get_by_text("Answer", exact=True).click()
    expect(question.get_by_text("One and two are three.")).to_be_visible()


def test_a_number_is_judged_when_it_is_complete(page: Page) -> None:
    question = page.locator(".question").nth(1)
    said, field = question.locator("output"), question.get_by_label("Your number")
    field.press_sequentially("1.4")
    expect(said).to_be_empty()
    field.press("Enter")
    expect(said).to_contain_text("Not yet: too small.")
    for number, words in {
        "1.43": "Not yet: too large.",
        "1.4042": "Right.",
        "1.4242": "Right.",
        "-1.41": "Not yet: too small.",
        "": "",
    }.items():
        field.fill(number)
        field.blur()
        expect(said).to_have_text(re.compile(f"^{re.escape(words)}.*" if words else "^$"))
    field.press_sequentially("e")
    field.blur()
    expect(said).to_contain_text("is not a number")


def test_without_scripts_questions_can_be_read_and_opened(
    browser: Browser, test_server: Server
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(test_server.url + LESSON)
    question = page.locator(".question").first
    question.get_by_label("12").check()
    question.get_by_text("Answer", exact=True).click()
    expect(question.get_by_text("One and two are three.")).to_be_visible()
    expect(question.locator("output")).to_be_empty()
    context.close()


# Stored in this browser

HERE = "What you read, try, and answer here is saved in this browser and nowhere else."


def answer(page: Page | FrameLocator, *answers: str) -> None:
    """Answer the two questions of the lesson."""
    for question, words in enumerate(answers):
        fields = page.locator(".question").nth(question)
        if question == 0:
            fields.get_by_label(words, exact=True).check()
        else:
            fields.get_by_label("Your number").fill(words)
            fields.get_by_label("Your number").blur()


def answered(page: Page | FrameLocator, option: str, number: str) -> None:
    """Wait until the two questions have these answers."""
    expect(page.locator(".question").nth(0).get_by_label(option, exact=True)).to_be_checked()
    expect(page.locator(".question").nth(1).get_by_label("Your number")).to_have_value(number)


def test_what_was_done_is_kept_and_shown(page: Page, test_server: Server) -> None:
    expect(page.locator(".so-far .where")).to_have_text(HERE)
    answer(page, "12", "1.414")
    expect(page.locator(".so-far .score")).to_have_text("You have 1 of 2 right.")
    page.locator("ml-demo input[type=range]").first.press("ArrowRight")
    page.reload()
    answered(page, "12", "1.414")
    expect(page.locator(".question").nth(0).locator("output")).to_contain_text("Not yet.")
    expect(page.locator(".question").nth(1).locator("output")).to_contain_text("Right.")
    page.goto(test_server.url + "index.html")
    expect(page.locator(".so-far .score")).to_have_text(
        re.compile(
            "You have read 1 of 3 lessons, tried the figures of 1"
            " and answered 2 of . questions, 1 of them right."
        )
    )
    done = page.locator(".contents a").first.locator(".done")
    expect(done).to_have_text("Read, tried, 1 of 2 right")


def test_a_link_that_moves_the_demo_is_a_try(page: Page, test_server: Server) -> None:
    page.get_by_role("link", name="a state").click()
    expect(page.locator("ml-demo input[type=range][name=x]")).to_have_value("2")
    page.goto(test_server.url + "index.html")
    expect(page.locator(".so-far .score")).to_contain_text("tried the figures of 1")


def test_a_guess_is_kept_and_not_shown(page: Page) -> None:
    shown = page.locator(".so-far").inner_text()
    page.locator("ml-demo form").first.evaluate(
        "(form) => form.dispatchEvent(new CustomEvent('ml:guessed', {bubbles: true}))"
    )
    assert page.evaluate("localStorage['ml-progress']").split()[-1] == "1g"
    assert page.locator(".so-far").inner_text() == shown


def test_progress_is_forgotten_at_the_second_press(page: Page) -> None:
    answer(page, "3", "1.414")
    button = page.locator(".so-far button")
    button.click()
    expect(button).to_have_text("Forget all of it? Press again")
    button.blur()
    expect(button).to_have_text("Forget my progress")
    answered(page, "3", "1.414")
    button.click()
    button.click()
    expect(page.locator(".question").nth(0).get_by_label("3", exact=True)).not_to_be_checked()
    expect(page.locator(".question output").first).to_be_empty()
    page.reload()
    expect(page.locator(".so-far .where")).to_have_text(HERE)
    expect(page.locator(".so-far .score")).to_be_empty()


def test_another_tab_takes_nothing_away(
    page: Page, context: BrowserContext, test_server: Server
) -> None:
    other = context.new_page()
    other.goto(test_server.url + LESSON)
    answer(page, "3")
    expect(other.locator(".question").nth(0).get_by_label("3", exact=True)).to_be_checked()
    other.locator(".question").nth(1).get_by_label("Your number").fill("2")
    other.locator(".question").nth(1).get_by_label("Your number").blur()
    page.reload()
    answered(page, "3", "2")


@pytest.mark.parametrize("way", ["the getter", "every call"])
def test_where_nothing_may_be_stored_the_page_says_so(
    context: BrowserContext, test_server: Server, way: str
) -> None:
    refused = "throw new DOMException('refused', 'SecurityError');"
    context.add_init_script(
        f"Object.defineProperty(window, 'localStorage', {{get() {{ {refused} }}}});"
        if way == "the getter"
        else f"Storage.prototype.setItem = Storage.prototype.getItem = () => {{ {refused} }};"
    )
    page = context.new_page()
    page.goto(test_server.url + LESSON)
    expect(page.locator(".so-far .where")).to_contain_text("only while this page is open")
    answer(page, "3", "1.414")
    expect(page.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")


# On a learning platform

PLATFORM = "is saved by the learning platform that shows this page"
Call = tuple[str, list[str], str]


class Platform:
    """A folder with tests/platform/ and the unpacked packages of the site of tests/site/."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.name = self.start = ""

    def launch(self, name: str, start: str) -> FrameLocator:
        """Open a package on the platform with this name; the page that a learner sees."""
        self.name, self.start = name, start
        self.page.goto(f"{self.server.url}index.html?platform={name}&launch={start}")
        self.page.wait_for_function("() => window.launched || document.querySelector('iframe').src")
        return self.inside()

    def remember(self, kept: dict[str, str]) -> None:
        """Progress from an earlier session."""
        self.page.goto(f"{self.server.url}index.html?platform=absent&launch=about:blank")
        self.page.evaluate("kept => sessionStorage.setItem('cmi', JSON.stringify(kept))", kept)

    def inside(self) -> FrameLocator:
        frame = self.page.frame_locator("iframe")
        return frame.frame_locator("iframe") if self.start.endswith("scorm.html") else frame

    def frame(self) -> Frame:
        """The frame that has the session."""
        return self.page.frames[1]

    def leave(self) -> None:
        """Close the package, as when a learner moves on in the platform."""
        self.page.evaluate(
            "new Promise((done) => { const frame = document.querySelector('iframe');"
            " frame.onload = done; frame.src = 'about:blank'; })"
        )

    def calls(self) -> list[Call]:
        found: list[Call] = self.page.evaluate("window.calls")
        return found

    def values(self, element: str) -> list[str]:
        """The values that an element was set to, in order."""
        return [
            args[1]
            for name, args, _ in self.calls()
            if (name, args[:1]) == ("LMSSetValue", [element])
        ]

    def kept(self) -> dict[str, str]:
        """The values that the platform has stored."""
        found: dict[str, str] = self.page.evaluate("window.kept()")
        return found

    def refused(self) -> list[Call]:
        return [call for call in self.calls() if call[2] == "false" or "threw" in str(call[2])]


@pytest.fixture(scope="module")
def unpacked(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Packages next to pages that simulate platforms, from a site that no other test reads."""

    def make(folder: Path) -> None:
        sources = copy_test_sources(folder / "sources")
        done = build(sources, packages=True)
        assert done.returncode == 0, done.stdout + done.stderr
        shutil.copytree(ROOT / "tests" / "platform", folder, dirs_exist_ok=True)
        shutil.copy(ROOT / "node_modules" / "scorm-again" / "dist" / "esm" / "scorm12.js", folder)
        for name in ("math-for-ml-scorm12", "01-controls-scorm12", "math-for-ml-html5"):
            with zipfile.ZipFile(sources / "packages" / f"{name}.zip") as archive:
                pages = [name for name in archive.namelist() if not name.startswith("runtime/")]
                archive.extractall(folder / name, pages)

    return once("platform", make)


@pytest.fixture
def platform(
    context: BrowserContext, unpacked: Path, serve_folder: Callable[[Path], Server]
) -> Iterator[Platform]:
    server = serve_folder(unpacked)
    page = context.new_page()
    page.clock.install()
    yield Platform(page, server)
    server.close()


ONE = f"01-controls-scorm12/{LESSON}"
COURSE = "math-for-ml-scorm12/scorm.html"


def test_a_lesson_on_a_strict_platform(platform: Platform) -> None:
    lesson = platform.launch("strict", ONE)
    expect(lesson.locator(".so-far .where")).to_contain_text(PLATFORM)
    assert platform.values("cmi.core.lesson_status") == ["incomplete"]
    assert platform.values("cmi.core.score.raw") == []
    answer(lesson, "12", "1.414")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 1 of 2 right.")
    assert platform.values("cmi.core.score.raw") == ["0", "50"]
    assert platform.values("cmi.core.lesson_status") == ["incomplete"]
    answer(lesson, "3")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")
    assert platform.values("cmi.core.score.raw") == ["0", "50", "100"]
    assert platform.values("cmi.core.lesson_status") == ["incomplete", "passed"]
    last = [name for name, *_ in platform.calls()][-1]
    assert last == "LMSCommit"  # passing is stored at once
    answer(lesson, "12")
    platform.page.clock.fast_forward(3_723_450)
    platform.leave()
    kept = platform.kept()
    assert kept["cmi.core.lesson_status"] == "passed"
    assert kept["cmi.core.score.raw"] == "50"
    assert (kept["cmi.core.score.min"], kept["cmi.core.score.max"]) == ("0", "100")
    assert kept["cmi.core.lesson_location"] == LESSON
    assert re.fullmatch(r"01:02:0\d\.\d\d", kept["cmi.core.session_time"])
    assert kept["cmi.core.exit"] == "suspend"
    names = [name for name, *_ in platform.calls()]
    assert names.count("LMSInitialize") == names.count("LMSFinish") == 1
    assert names[-1] == "LMSFinish"
    assert platform.refused() == []

    lesson = platform.launch("strict", ONE)
    answered(lesson, "12", "1.414")
    assert platform.values("cmi.core.lesson_status") == []
    assert platform.refused() == []


def test_changes_are_stored_every_ten_seconds_at_most(platform: Platform) -> None:
    lesson = platform.launch("strict", ONE)

    def commits() -> int:
        return [name for name, *_ in platform.calls()].count("LMSCommit")

    expect(lesson.locator(".so-far .where")).to_contain_text(PLATFORM)
    platform.page.clock.pause_at(datetime.now() + timedelta(hours=1))
    before = commits()
    for option in ("12", "3", "12", "3", "12"):
        answer(lesson, option)
    platform.page.clock.run_for(1)
    assert commits() == before + 1
    answer(lesson, "3")
    platform.page.clock.run_for(9_000)
    assert commits() == before + 1
    platform.page.clock.run_for(1_500)
    assert commits() == before + 2
    platform.page.clock.run_for(60_000)
    assert commits() == before + 2
    answer(lesson, "12")
    platform.page.clock.run_for(1)
    answer(lesson, "3")
    assert commits() == before + 3
    platform.frame().evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden'});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    assert commits() == before + 4


@pytest.mark.parametrize("name", ["late", "slow"])
def test_what_was_done_before_a_late_platform_is_added_to_what_it_has(
    platform: Platform, name: str
) -> None:
    lesson = platform.launch("strict", ONE)
    answer(lesson, "12", "1.414")
    platform.leave()
    lesson = platform.launch(name, ONE)
    expect(lesson.locator(".question")).to_have_count(2)
    expect(lesson.locator(".so-far .where")).to_be_empty()
    answer(lesson, "3")
    for _ in range(12):
        platform.page.clock.run_for(500)
    expect(lesson.locator(".so-far .where")).to_contain_text(PLATFORM)
    answered(lesson, "3", "1.414")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")
    platform.leave()
    assert platform.kept()["cmi.core.lesson_status"] == "passed"
    assert platform.kept()["cmi.suspend_data"] == "1 1r:b!,1.414!"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "throwing",
            "respond. What you read, try, and answer here is saved in",
        ),
        ("failing", "accept your results."),
        ("absent", "is saved in this browser"),
    ],
)
def test_a_platform_that_fails_is_named_and_does_no_harm(
    platform: Platform, name: str, words: str
) -> None:
    problems: list[str] = []
    platform.page.on("pageerror", lambda error: problems.append(str(error)))
    lesson = platform.launch(name, ONE)
    expect(lesson.locator(".question")).to_have_count(2)
    platform.page.clock.run_for(12_000)
    answer(lesson, "3", "1.414")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")
    expect(lesson.locator(".so-far .where")).to_contain_text(words)
    platform.leave()
    assert problems == []


@pytest.mark.parametrize(("name", "words"), [("lenient", PLATFORM), ("strict", "respond.")])
def test_back_from_the_cache_of_pages_the_session_begins_anew(
    platform: Platform, name: str, words: str
) -> None:
    lesson = platform.launch(name, ONE)
    answer(lesson, "12", "1.414")
    for event in ("pagehide", "pageshow"):
        platform.frame().evaluate(
            f"dispatchEvent(new PageTransitionEvent('{event}', {{persisted: true}}))"
        )
    platform.page.clock.run_for(12_000)
    answered(lesson, "12", "1.414")
    answer(lesson, "3")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")
    expect(lesson.locator(".so-far .where")).to_contain_text(words)
    platform.leave()
    wanted = "passed" if name == "lenient" else "incomplete"
    assert platform.kept()["cmi.core.lesson_status"] == wanted


@pytest.mark.parametrize("name", ["strict", "late"])
def test_the_course_has_one_session_and_resumes_where_the_learner_left(
    platform: Platform, name: str
) -> None:
    page = platform.launch(name, COURSE)
    page.locator(".contents a").first.click()
    if name == "late":
        for _ in range(8):
            platform.page.clock.run_for(500)
    expect(page.locator(".so-far .where")).to_contain_text(PLATFORM)
    answer(page, "3", "7")
    page.locator(".neighbors .next").click()
    expect(page.locator("h1")).to_contain_text("Trouble")
    page.locator("#check").scroll_into_view_if_needed()
    expect(page.locator(".number-line [aria-current]")).to_contain_text(", read")
    platform.leave()
    kept = platform.kept()
    assert kept["cmi.core.lesson_location"] == "lessons/02-trouble.html"
    assert kept["cmi.suspend_data"].startswith("1 1r:b!,7 2r")
    assert kept["cmi.core.lesson_status"] == "incomplete"
    assert 0 < float(kept["cmi.core.score.raw"]) < 100
    names = [name for name, *_ in platform.calls()]
    assert names.count("LMSInitialize") == names.count("LMSFinish") == 1
    assert platform.refused() == []

    page = platform.launch(name, COURSE)
    if name == "late":
        for _ in range(8):
            platform.page.clock.run_for(500)
    expect(page.locator("h1")).to_contain_text("Trouble")
    page.locator(".neighbors .previous").click()
    answered(page, "3", "7")


def test_the_frame_listens_to_its_own_package_alone(platform: Platform) -> None:
    page = platform.launch("strict", COURSE)
    expect(page.locator(".contents a").first).to_be_visible()
    wrong = {"type": "ml-progress", "report": {"text": "1 1rt:b!,1!", "location": "x",
             "answered": 2, "right": 2, "asked": 2}}  # fmt: skip
    # Malformed values from the platform.
    platform.page.evaluate("([message]) => frames[0].postMessage(message, '*')", [wrong])
    wrong["report"]["asked"] = "2"  # type: ignore[index]
    platform.frame().evaluate("([message]) => frames[0].parent.postMessage(message, '*')", [wrong])
    page.locator(".contents a").first.click()
    expect(page.locator(".so-far .where")).to_contain_text(PLATFORM)
    expect(page.locator(".so-far .score")).to_be_empty()
    assert set(platform.values("cmi.suspend_data")) <= {"1", "1 1r"}


MISSING = ["lessons/99-gone.html", "lessons/01-controls.html?x=1", "https://example.org/index.html",
           "javascript:alert(1)", "../index.html", "//example.org/", "scorm.html"]  # fmt: skip


def test_a_bookmark_to_no_page_of_the_course_opens_its_start(platform: Platform) -> None:
    problems: list[str] = []
    platform.page.on(
        "response", lambda answer: problems.append(answer.url) if answer.status >= 400 else None
    )
    platform.page.on("pageerror", lambda error: problems.append(str(error)))
    note = platform.page.frame_locator("iframe").get_by_role("status")
    for location in MISSING:
        platform.remember({"cmi.core.lesson_location": location, "cmi.suspend_data": "1 1rt"})
        page = platform.launch("strict", COURSE)
        expect(page.locator(".contents a").first).to_be_visible()
        expect(note).to_contain_text("not in this course any more")
    page.locator(".contents a").first.click()
    expect(page.locator(".so-far .where")).to_contain_text(PLATFORM)
    expect(note).to_be_hidden()
    platform.leave()
    assert platform.kept()["cmi.core.lesson_location"] == LESSON
    assert problems == []


def test_resume_data_that_cannot_be_read_is_left_until_the_learner_acts(
    platform: Platform,
) -> None:
    kept = {"cmi.suspend_data": "2 1rt;a", "cmi.core.lesson_status": "passed",
            "cmi.core.score.raw": "90"}  # fmt: skip
    platform.remember(kept)
    lesson = platform.launch("strict", ONE)
    where = lesson.locator(".so-far .where")
    expect(where).to_contain_text("stays unchanged")
    lesson.locator("#check").scroll_into_view_if_needed()
    platform.page.clock.run_for(20_000)
    platform.leave()
    assert kept.items() <= platform.kept().items()
    assert platform.values("cmi.suspend_data") == []

    course = platform.launch("strict", COURSE)
    course.locator(".contents a").first.click()
    expect(course.locator(".so-far .where")).to_contain_text("stays unchanged")
    answer(course, "3")
    expect(course.locator(".so-far .where")).to_contain_text("has replaced it")
    platform.leave()
    assert platform.kept()["cmi.suspend_data"] == "1 1r:b!"
    assert platform.kept()["cmi.core.score.raw"] == "90"


@pytest.mark.parametrize("start", [ONE, COURSE])
def test_after_the_platform_is_closed_nothing_is_said_to_be_kept_there(
    platform: Platform, start: str
) -> None:
    address = f"{platform.server.url}index.html?platform=strict&opens=window&launch={start}"
    with platform.page.expect_popup() as opened:
        platform.page.goto(address)
    window = opened.value
    lesson: Page | FrameLocator = window
    if start == COURSE:
        lesson = window.frame_locator("iframe")
        lesson.locator(".contents a").first.click()
    expect(lesson.locator(".so-far .where")).to_contain_text(PLATFORM)
    answer(lesson, "12")
    platform.page.close()
    window.clock.run_for(2_500)
    expect(lesson.locator(".so-far .where")).to_contain_text(
        "platform that opened this page has been closed"
    )
    answer(lesson, "3")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 1 of 2 right.")
    expect(lesson.locator(".so-far .where")).not_to_contain_text(PLATFORM)


def test_scorm_again_takes_the_lesson_and_gives_it_back(platform: Platform) -> None:
    lesson = platform.launch("again", ONE)
    expect(lesson.locator(".so-far .where")).to_contain_text(PLATFORM)
    answer(lesson, "12", "1.414")
    platform.leave()
    assert platform.refused() == []
    core = platform.page.evaluate("window.kept().cmi.core")
    assert core["lesson_status"] == "incomplete"
    assert core["score"]["raw"] == "50"

    lesson = platform.launch("again", ONE)
    answered(lesson, "12", "1.414")
    answer(lesson, "3")
    expect(lesson.locator(".so-far .score")).to_have_text("You have 2 of 2 right.")
    platform.leave()
    core = platform.page.evaluate("window.kept().cmi.core")
    assert core["lesson_status"] == "passed"
    assert core["score"]["raw"] == "100"
    assert platform.page.evaluate("window.kept().cmi.suspend_data") == "1 1r:b!,1.414!"
    assert platform.refused() == []


def test_scorm_again_takes_the_course_and_resumes_it(platform: Platform) -> None:
    page = platform.launch("again", COURSE)
    page.locator(".contents a").first.click()
    answer(page, "3", "1.414")
    platform.leave()
    cmi = platform.page.evaluate("window.kept().cmi")
    assert cmi["core"]["lesson_location"] == LESSON
    assert float(cmi["core"]["score"]["raw"]) > 0
    page = platform.launch("again", COURSE)
    answered(page, "3", "1.414")
    assert platform.refused() == []


def test_a_page_outside_of_packages_looks_for_no_platform(
    platform: Platform, test_server: Server
) -> None:
    """In a frame of someone else's course, it must not report to that course."""
    folder = Path(platform.server.http.RequestHandlerClass.keywords["directory"])  # type: ignore[attr-defined]
    if not (folder / "plain").exists():
        shutil.copytree(folder / "math-for-ml-html5", folder / "plain")
        for page in (folder / "plain").rglob("*.html"):
            page.write_text(page.read_text().replace(' data-package="html5"', ""))
    lesson = platform.launch("strict", f"plain/{LESSON}")
    expect(lesson.locator(".so-far .where")).to_have_text(HERE)
    answer(lesson, "3")
    assert platform.calls() == []
