"""The build: author errors name file, line, and fix; published files are self-contained."""

import functools
import hashlib
import importlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.error
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from markupsafe import Markup
from packaging.specifiers import SpecifierSet
from PIL import Image
from support.machine import ROOT
from support.sites import build, copy_sources

import demos as demos_package
from bundle import bundler, cache, demos, fonts, formulas, guide, pages, questions, runtime, serve
from bundle import page as written_page
from bundle.project import BuildError

pytestmark = pytest.mark.whole

GOOD_DEMO = '''"""Move a line."""

from typing import Annotated

from stage import Figure, Slider, Update


def demo(fig: Figure) -> Update:
    (line,) = fig.subplots().plot([0, 1], [0, 1])

    def update(
        slope: Annotated[float, Slider(-3, 3, 0.1, label="slope")] = 1.0,
    ) -> str:
        line.set_ydata([0, slope])
        return f"The slope is {slope:g}."

    return update
'''

GOOD_LESSON = """<title>Lines</title>
<meta name="part" content="1">
<meta name="description" content="You will see a line.">
<section id="idea"><h2>Idea</h2></section>
<section id="formula"><h2>Formula</h2>
  \\[ y = ax \\]
</section>
<section id="demo"><h2>Demo</h2><ml-demo name="sloped"></ml-demo></section>
<section id="notice"><h2>Notice</h2>
  <p><a href="#sloped?slope=2">steep</a>, <a href="#idea">idea</a></p>
</section>
<section id="use"><h2>Use</h2></section>
<section id="check"><h2>Check</h2>
  <fieldset class="question">
    <legend>Is 2 more than 1?</legend>
    <label><input type="radio" name="check-1" value="a" data-right> Yes</label>
    <label><input type="radio" name="check-1" value="b"> No</label>
    <details><summary>Answer</summary><p>2 − 1 = 1.</p></details>
  </fieldset>
  <fieldset class="question">
    <legend>What is 1 + 2?</legend>
    <label>Your number <input type="number" step="any" name="check-2" data-right="3" data-within="0"></label>
    <details><summary>Answer</summary><p>3.</p></details>
  </fieldset>
</section>
"""  # noqa: E501 (as authors write it)

GOOD_GUIDE = """<meta name="description" content="The class will see a line.">
<section id="goal"><h2>Goal</h2></section>
<section id="misconception"><h2>Mistake</h2></section>
<section id="plan"><h2>Plan</h2>
  <ol><li>1 minute: <a href="../lessons/01-lines.html#sloped?slope=2">steep</a></li></ol>
</section>
<section id="questions"><h2>Questions</h2>
  <details><summary>Why?</summary><p>So.</p></details>
  <details><summary>How \\(x\\)?</summary><p>Thus.</p></details>
</section>
"""


class Author:
    """A course with one figure, one lesson, and its guide, for tests to break."""

    def __init__(self, root: Path) -> None:
        self.demo = root / "py" / "demos" / "sloped.py"
        self.lesson = root / "site" / "lessons" / "01-lines.html"
        self.guide = root / "site" / "guide" / "01-lines.html"
        for file, text in (
            (self.demo, GOOD_DEMO),
            (self.lesson, GOOD_LESSON),
            (self.guide, GOOD_GUIDE),
        ):
            file.parent.mkdir(parents=True)
            file.write_text(text)

    def change(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new))

    def build(self) -> list[written_page.Page]:
        """Read and check figures and pages as the build does."""
        shown = {name: demos.load(name) for name in demos.names()}
        written = [
            written_page.read(file)
            for place in (self.lesson.parent, self.guide.parent)
            for file in sorted(place.glob("*.html"))
        ]
        formulas.put_numbers(written, shown)
        formulas.set_mathematics(written, shown)
        pages.check(written, shown)
        return written


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    made = Author(tmp_path)
    monkeypatch.setattr(demos, "PY", tmp_path / "py")
    monkeypatch.setattr(demos_package, "__path__", [str(tmp_path / "py" / "demos")])
    for module in (written_page, pages):
        monkeypatch.setattr(module, "SITE", tmp_path / "site")
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    monkeypatch.syspath_prepend(str(ROOT / "py"))
    for name in [name for name in sys.modules if name.startswith("demos.")]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return made


def test_a_good_course_is_built(author: Author) -> None:
    page, guide = author.build()
    assert (page.title, page.part, page.number, page.demos) == ("Lines", 1, 1, ["sloped"])
    assert "katex" in str(page.soup)
    assert (guide.url, guide.description) == (
        "guide/01-lines-guide.html",
        "The class will see a line.",
    )
    assert "katex" in str(guide.soup)


def test_a_page_is_finished_again_only_if_something_that_goes_into_it_changed(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "site" / "templates", author.lesson.parents[1] / "templates")
    monkeypatch.setattr(pages, "_finished", {})

    def finished() -> list[str]:
        """A lesson and its teachers' page."""
        made = pages.render(author.build(), {"sloped": demos.load("sloped")}, "assets/0")
        return [made["lessons/01-lines.html"], made["guide/01-lines-guide.html"]]

    first = finished()
    assert [page is old for page, old in zip(finished(), first, strict=True)] == [True, True]
    author.change(author.guide, "see a line", "draw a line")
    second = finished()
    assert "draw a line" in second[1]
    author.change(author.lesson, "Is 2 more than 1?", "Is 3 more than 1?")
    assert ["Is 3 more" in page for page in finished()] == [True, True]
    author.change(author.demo, "The slope is", "Its slope is")
    serve.forget("demos.sloped")
    assert "Its slope is" in finished()[0]
    template = author.lesson.parents[1] / "templates" / "base.html"
    template.write_text(template.read_text() + "<p>The last words.</p>")
    assert "The last words." in finished()[0]


def test_formulas_beside_each_other_are_set_one_by_one(author: Author) -> None:
    author.change(author.lesson, "y = ax", "y = ax, \\qquad a = 2")
    page, _ = author.build()
    (formula,) = page.soup.select(".formula")
    assert len(formula.select(":scope > .katex-display")) == 2


def test_no_line_ends_within_a_point_or_a_number(author: Author) -> None:
    words = "<p>At (2,\n −1) 10 000 of 12 300 if η = 0.2, (or 3, 4) in 2026.</p>"
    author.change(author.lesson, "<h2>Notice</h2>", words)
    page, _ = author.build()
    formulas.keep_together([page])
    assert (
        "At (2,~−1) 10~000 of 12~300 if η~=~0.2, (or 3, 4) in 2026."
        in page.soup.get_text().replace("\N{NO-BREAK SPACE}", "~")
    )


DEMO_ERRORS = {
    "control without range": (
        'Slider(-3, 3, 0.1, label="slope")',
        'Slider(label="slope")',
        12,
        "low",
    ),
    "range the wrong way round": ("Slider(-3, 3", "Slider(3, -3", 12, "lower end first"),
    "argument without control": (
        'slope: Annotated[float, Slider(-3, 3, 0.1, label="slope")] = 1.0',
        "slope: float = 1.0",
        12,
        "'slope' has no control; write slope: Annotated",
    ),
    "argument without default": ("] = 1.0,", "],", 12, "'slope' has no default"),
    "default out of range": ("] = 1.0,", "] = 4.0,", 12, "slope must lie between -3 and 3"),
    "import of js": ("from typing", "import js\nfrom typing", 3, "imports js; draw on the figure"),
    "import from js": (
        "from typing",
        "from js import document\nfrom typing",
        3,
        "imports js",
    ),
    "import of pyplot": (
        "from typing",
        "import matplotlib.pyplot as plt\nfrom typing",
        3,
        "imports matplotlib.pyplot",
    ),
    "import from matplotlib of pyplot": (
        "from typing",
        "from matplotlib import pyplot\nfrom typing",
        3,
        "imports matplotlib.pyplot",
    ),
    "syntax error": ("def demo(fig: Figure)", "def demo(fig: Figure", 8, "SyntaxError"),
    "error while drawing": ("[0, slope])", "[0, slope / 0])", 14, "ZeroDivisionError"),
    "no docstring": ('"""Move a line."""', "", 1, "has no docstring"),
    "no demo": ("def demo(", "def show(", 1, "has no function demo"),
    "no module": ("from typing import Annotated", "import nowhere", 3, "ModuleNotFoundError"),
}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), DEMO_ERRORS.values(), ids=DEMO_ERRORS.keys()
)
def test_an_error_in_a_demo_is_said_with_file_and_line(
    author: Author, old: str, new: str, line: int, words: str
) -> None:
    author.change(author.demo, old, new)
    with pytest.raises(BuildError, match=re.escape(words)) as caught:
        author.build()
    assert str(caught.value).startswith(f"{author.demo}:{line}: "), str(caught.value)


LESSON_ERRORS = {
    "unknown tag": ("<h2>Use</h2>", "<h2>Use</h2><ml-plot></ml-plot>", 12, "unknown tag <ml-plot>"),
    "unknown demo": ('name="sloped"', 'name="slopped"', 8, "there is no demo 'slopped'"),
    "unknown control": (
        'name="sloped"',
        'name="sloped" controls="slope slant"',
        8,
        "sloped has no control 'slant', only slope",
    ),
    "broken formula": ("y = ax", "y = \\frac{a}", 6, "KaTeX parse error"),
    "unknown command": ("y = ax", "y = \\nonsense x", 6, "nonsense"),
    "dead link in the page": ('"#idea"', '"#ideas"', 10, "has no id 'ideas'"),
    "dead link to a page": ('"#idea"', '"02-planes.html"', 10, "02-planes.html leads nowhere"),
    "state out of range": ("?slope=2", "?slope=5", 10, "slope must lie between -3 and 3"),
    "state of no control": ("?slope=2", "?sloope=2", 10, "no control named sloope"),
    "state of a demo elsewhere": ("#sloped?", "#normal?", 10, "does not have"),
    "link without encryption": ('"#idea"', '"http://example.org/"', 10, "neither https nor mailto"),
    "missing section": ('<section id="use"><h2>Use</h2></section>\n', "", 1, "in this order"),
    "sections in another order": ('id="use"', 'id="usage"', 1, "in this order"),
    "text below a pinned figure": (
        "</ml-demo></section>\n",
        '</ml-demo>\n<p>More.</p></section>\n<section id="guess"></section>\n',
        9,
        "nothing follows the figure",
    ),
    "no title": ("<title>Lines</title>\n", "", 1, "is missing <title>"),
    "no description": ('name="description"', 'name="about"', 1, "is missing <meta name"),
    "no such part": ('content="1"', 'content="7"', 1, "there is no part '7'"),
}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), LESSON_ERRORS.values(), ids=LESSON_ERRORS.keys()
)
def test_an_error_in_a_lesson_is_said_with_file_and_line(
    author: Author, old: str, new: str, line: int, words: str
) -> None:
    author.change(author.lesson, old, new)
    with pytest.raises(BuildError, match=re.escape(words)) as caught:
        author.build()
    said = [text for text in str(caught.value).splitlines() if words in text]
    assert said[0].startswith(f"{author.lesson}:{line}: "), str(caught.value)


GUIDE_ERRORS = {
    "missing section": ('id="plan"', 'id="plans"', 1, "goal, misconception, plan, questions, in"),
    "title of its own": ("<section id=\"goal\">", "<title>T</title><section id=\"goal\">", 2,
                         "needs no <title>"),
    "no description": ('name="description"', 'name="about"', 1, "is missing <meta name"),
    "no heading": ("<h2>Mistake</h2>", "<p>Mistake</p>", 3, "misconception begins with <h2>"),
    "no list": ("<ol><li>", "<p><b>", 4, "the plan is a list"),
    "one question": (
        "  <details><summary>Why?</summary><p>So.</p></details>\n", "", 7,
        "there are 2 or 3 questions to ask, here 1",
    ),
    "no answer": ("<p>So.</p>", "", 8, "write <details><summary>question"),
    "state out of range": ("?slope=2", "?slope=5", 5, "slope must lie between -3 and 3"),
    "state of no demo": ("#sloped?", "#curved?", 5, "does not have"),
    "dead link": ("01-lines.html#sloped", "01-line.html#sloped", 5, "leads nowhere"),
    "link in a summary": (
        "<summary>Why?", '<summary><a href="#goal">Why</a>?', 8, "a link in a <summary>",
    ),
    "broken formula": ("\\(x\\)", "\\(\\frac{x}\\)", 9, "KaTeX parse error"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), GUIDE_ERRORS.values(), ids=GUIDE_ERRORS.keys()
)
def test_an_error_in_the_guide_is_said_with_file_and_line(
    author: Author, old: str, new: str, line: int, words: str
) -> None:
    author.change(author.guide, old, new)
    with pytest.raises(BuildError, match=re.escape(words)) as caught:
        author.build()
    said = [text for text in str(caught.value).splitlines() if words in text]
    assert said[0].startswith(f"{author.guide}:{line}: "), str(caught.value)


def test_a_guide_to_no_lesson_stops_the_build(author: Author) -> None:
    author.guide.rename(author.guide.with_name("02-lines.html"))
    with pytest.raises(BuildError, match=r"02-lines\.html:1: is the guide to no lesson"):
        author.build()


def test_a_lesson_without_a_page_for_teachers_stops_the_build(author: Author) -> None:
    author.guide.unlink()
    with pytest.raises(
        BuildError, match=r"has no page for teachers; write site/guide/01-lines"
    ) as e:
        author.build()
    assert str(e.value).startswith(f"{author.lesson}:1: ")


def test_the_guide_has_the_questions_of_the_lesson_with_their_answers() -> None:
    lesson = BeautifulSoup(
        """<section id="check"><h2>Check</h2>
        <fieldset class="question"><legend>What <b>is</b> it?</legend>
          <label><input type="radio" name="check-1" value="a"> one</label>
          <label><input type="radio" name="check-1" value="b" data-right> two <i>x</i></label>
          <details><summary>Answer</summary><p>See <a href="#sloped?slope=1">here</a>.</p></details>
        </fieldset>
        <fieldset class="question"><legend>How much?</legend>
          <label>Your number <input type="number" data-right="85" data-within="0.5"> degrees</label>
          <details><summary>Answer</summary><p><a href="02-b.html">b</a>
            <a href="https://example.org/">out</a></p></details>
        </fieldset>
        </section>""",
        "html.parser",
    )
    before = str(lesson)
    found = guide.questions(lesson, "lessons/01-a.html", "guide/01-a-guide.html")
    assert found == [
        guide.Question(
            Markup("What <b>is</b> it?"),
            Markup("two <i>x</i>"),
            Markup('<p>See <a href="../lessons/01-a.html#sloped?slope=1">here</a>.</p>'),
        ),
        guide.Question(
            Markup("How much?"),
            Markup("85 degrees (within 0.5)"),
            Markup(
                '<p><a href="../lessons/02-b.html">b</a>\n'
                '<a href="https://example.org/">out</a></p>'
            ),
        ),
    ]
    assert str(lesson) == before


QUESTION_ERRORS = {
    "question elsewhere": (
        "<h2>Use</h2>",
        '<h2>Use</h2><fieldset class="question"></fieldset>',
        12,
        "elsewhere than in the section check",
    ),
    "question without words": (
        "<legend>Is 2 more than 1?</legend>",
        "<legend></legend>",
        14,
        "no <legend> with what is asked",
    ),
    "question without answer": (
        "<details><summary>Answer</summary><p>2 − 1 = 1.</p></details>",
        "<p>2 − 1 = 1.</p>",
        14,
        "has no <details>",
    ),
    "answer without words": ("<p>2 − 1 = 1.</p>", "<p></p>", 14, "has no <details>"),
    "no right option": (
        'value="a" data-right',
        'value="a"',
        14,
        "has 0 options marked data-right, not one",
    ),
    "two right options": (
        'value="b"',
        'value="b" data-right',
        14,
        "has 2 options marked data-right, not one",
    ),
    "one option": (
        '<label><input type="radio" name="check-1" value="b"> No</label>',
        "",
        14,
        "fewer than two options",
    ),
    "formula in a label": ("> Yes<", "> \\(x^2\\)<", 14, "a formula in a <label>"),
    "option without words": ("> Yes<", "><", 14, "an option without words"),
    "option without value": ('value="b"', "", 14, "another value for each option"),
    "options of one value": ('value="b"', 'value="a"', 14, "another value for each option"),
    "option without name": (
        'name="check-1" value="b"',
        'value="b"',
        14,
        "needs one name for its fields",
    ),
    "option without label": (
        '<label><input type="radio" name="check-1" value="b"> No</label>',
        '<input type="radio" name="check-1" value="b">',
        14,
        "a field outside of a <label>",
    ),
    "two questions of one name": ('name="check-2"', 'name="check-1"', 14, "the name 'check-1'"),
    "number without what is right": ('data-right="3"', "", 20, "needs data-right, a number"),
    "right number that is a word": ('"3"', '"three"', 20, "needs data-right, a number"),
    "number without tolerance": (' data-within="0"', "", 20, "needs data-within, a number"),
    "negative tolerance": ('data-within="0"', 'data-within="-1"', 20, "needs data-within"),
    "number in steps": ('step="any"', 'step="1"', 20, 'needs step="any"'),
    "neither options nor number": (
        'type="number"',
        'type="text"',
        20,
        "neither radio buttons alone nor one number field",
    ),
    "a single question": (
        '<fieldset class="question">\n    <legend>What',
        "<fieldset>\n    <legend>What",
        13,
        "asks 2 or 3 questions; here: 1",
    ),
    "no question": (
        '<fieldset class="question">',
        "<fieldset>",
        13,
        "asks 2 or 3 questions; here: 0",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), QUESTION_ERRORS.values(), ids=QUESTION_ERRORS.keys()
)
def test_an_error_in_a_question_is_said_with_file_and_line(
    author: Author, old: str, new: str, line: int, words: str
) -> None:
    author.lesson.write_text(author.lesson.read_text().replace(old, new))
    page = written_page.read(author.lesson)
    questions.check(page)
    assert page.errors
    assert page.errors[0].startswith(f"{author.lesson}:{line}: ")
    assert words in page.errors[0]


def test_questions_stop_the_build(author: Author) -> None:
    author.change(author.lesson, " data-right>", ">")
    with pytest.raises(BuildError, match="has 0 options marked data-right"):
        author.build()


def test_a_demo_that_no_page_uses_stops_the_build(author: Author) -> None:
    shutil.copyfile(author.demo, author.demo.with_name("forgotten.py"))
    with pytest.raises(BuildError, match='put <ml-demo name="forgotten"> into a lesson') as caught:
        author.build()
    assert "forgotten.py:1: " in str(caught.value)


def test_a_lesson_with_a_wrong_name_stops_the_build(author: Author) -> None:
    author.lesson.rename(author.lesson.with_name("lines.html"))
    with pytest.raises(BuildError, match=r"lines\.html:1: .*named like 01-vectors\.html"):
        author.build()


def test_all_errors_are_said_at_once(author: Author) -> None:
    author.change(author.lesson, '"#idea"', '"#ideas"')
    author.change(author.lesson, "y = ax", "y = \\frac{a}")
    with pytest.raises(BuildError) as caught:
        author.build()
    assert len(str(caught.value).splitlines()) == 2


# Where the wheels come from


WHEEL = b"a wheel"


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for one wanted wheel, whose SHA-256 is known."""
    package = {"file_name": "one.whl", "sha256": hashlib.sha256(WHEEL).hexdigest(), "depends": []}
    monkeypatch.setattr(runtime, "lock", lambda: {"one": package})
    monkeypatch.setattr(runtime, "START", ("one",))
    monkeypatch.setattr(runtime, "more", lambda: ())
    monkeypatch.setattr(cache, "FOLDER", tmp_path)
    return tmp_path / "wheels"


def sources(monkeypatch: pytest.MonkeyPatch, cdn: bytes | None, mirror: bytes | None) -> list[str]:
    """Replace the answers of the two sources (None: no answer); return the log of requests."""
    asked = []

    def urlopen(url: str, timeout: float) -> Any:
        asked.append("cdn")
        if cdn is None:
            raise urllib.error.URLError("no such host")
        answer = io.BytesIO(cdn)
        answer.headers = {"content-length": str(len(cdn))}  # type: ignore[attr-defined]
        return answer

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append("mirror")
        if mirror is not None:
            target = Path(command[command.index("--dest") + 1]) / "carrier.whl"
            with zipfile.ZipFile(target, "w") as archive:
                archive.writestr(runtime.MIRROR_FOLDER + "one.whl", mirror)
        return subprocess.CompletedProcess(command, 1 if mirror is None else 0)

    monkeypatch.setattr(runtime.urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(runtime.subprocess, "run", run)
    return asked


def test_a_wheel_comes_from_the_cdn_and_then_from_the_cache(
    wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sources(monkeypatch, WHEEL, None)
    assert runtime.wheels() == {"one": wanted / "one.whl"}
    assert (wanted / "one.whl").read_bytes() == WHEEL
    runtime.wheels()
    assert asked == ["cdn"]


@pytest.mark.parametrize("cdn", [None, b"a wheem", b"<html>Sign in</html>"])
def test_what_the_cdn_lacks_or_gets_wrong_comes_from_the_mirror(
    wanted: Path, monkeypatch: pytest.MonkeyPatch, cdn: bytes | None
) -> None:
    asked = sources(monkeypatch, cdn, WHEEL)
    assert runtime.wheels()["one"].read_bytes() == WHEEL
    assert asked == ["cdn", "mirror"]


def test_a_wheel_with_another_sha256_is_refused_from_both_sources(
    wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources(monkeypatch, b"a wheem", b"a whem")
    with pytest.raises(BuildError) as caught:
        runtime.wheels()
    words = str(caught.value)
    assert "one.whl" in words
    assert words.count("its sha256 differs from pyodide-lock.json") == 2
    assert not list(wanted.glob("*"))


def test_a_wheel_that_was_changed_in_the_cache_is_fetched_anew(
    wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources(monkeypatch, WHEEL, None)
    wanted.mkdir()
    (wanted / "one.whl").write_bytes(b"changed")
    assert runtime.wheels()["one"].read_bytes() == WHEEL


def test_dead_sources_are_named_with_the_file_and_the_next_step(
    wanted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources(monkeypatch, None, None)
    with pytest.raises(BuildError) as caught:
        runtime.wheels()
    words = str(caught.value)
    assert "Could not get one.whl" in words
    assert "Pyodide's CDN, https://" in words
    assert "no such host" in words
    assert runtime.MIRROR in words
    assert f"run the build again, or put the files into {wanted}" in words


def test_needed_follows_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {"a": ["b", "c"], "b": ["c"], "c": [], "d": []}
    monkeypatch.setattr(
        runtime, "lock", lambda: {name: {"depends": depends} for name, depends in packages.items()}
    )
    assert runtime.needed(("a",)) == ["a", "b", "c"]


# What is published


def pages_of(dist: Path) -> list[Path]:
    found = sorted(dist.rglob("*.html"))
    assert dist / "index.html" in found
    return found


@functools.cache
def parsed(page: Path) -> BeautifulSoup:
    """A published page; no test changes it."""
    return BeautifulSoup(page.read_text(), "html.parser")


@functools.cache
def titles() -> dict[str, str]:
    """The title of every figure."""
    return {name: demos.load(name).title for name in demos.names()}


def addresses(page: Path) -> list[str]:
    """Every URL in a page that a browser requests."""
    soup = parsed(page)
    found = [
        str(tag[name])
        for name in ("href", "src", "poster")
        for tag in soup.find_all(**{name: True})
    ]
    for tag in soup.find_all(srcset=True):
        found += [part.split()[0] for part in str(tag["srcset"]).split(",")]
    return found


def test_every_address_in_a_page_is_relative_and_leads_somewhere(dist: Path) -> None:
    for page in pages_of(dist):
        assert addresses(page)
        for address in addresses(page):
            link = urlsplit(address)
            if link.scheme:
                assert link.scheme in ("https", "mailto"), f"{page}: {address}"
                continue
            assert not address.startswith("/"), f"{page}: {address}"
            target = page.parent / unquote(link.path) if link.path else page
            assert target.is_file(), f"{page}: {address}"


def test_a_page_loads_nothing_by_an_absolute_url(dist: Path) -> None:
    for page in pages_of(dist):
        soup = parsed(page)
        loaded = soup.find_all(["link", "script", "img", "source", "iframe"])
        assert loaded
        for tag in loaded:
            for name in ("href", "src", "srcset"):
                assert "//" not in str(tag.get(name, "")), tag


def test_styles_refer_only_to_what_is_there(dist: Path) -> None:
    styles = sorted(dist.rglob("*.css"))
    assert styles
    for style in styles:
        for address in re.findall(r"url\([\"']?([^\"')]+)", style.read_text()):
            if address.startswith(("data:", "#")):
                continue
            if address.endswith((".woff", ".ttf")):  # KaTeX's older fallback formats
                continue
            assert (style.parent / address).is_file(), f"{style}: {address}"


def test_every_class_in_the_styles_is_given_to_something(dist: Path, packages: Path) -> None:
    pages = [*pages_of(dist), packages / "01-vectors.html"]
    given = {name for page in pages for tag in parsed(page)(class_=True) for name in tag["class"]}
    scripts = "".join(file.read_text() for file in (ROOT / "site/scripts").rglob("*.js"))
    given |= set(re.findall(r"[\w-]+", scripts))
    styles = "".join(file.read_text() for file in (ROOT / "site/styles").glob("*.css"))
    rules = re.sub(r"/\*.*?\*/", "", styles, flags=re.DOTALL)
    selectors = " ".join(re.findall(r"[^{};]+(?=\{)", rules))
    assert set(re.findall(r"\.([a-z][\w-]*)", selectors)) - given == set()


def test_a_page_waits_for_one_style_and_one_script(dist: Path) -> None:
    """Every render-blocking file costs one more round trip before the first picture."""
    for page in pages_of(dist):
        head = parsed(page).head
        assert [Path(str(tag["href"])).name for tag in head.select("link[rel=stylesheet]")] == [
            "page.css"
        ], page
        early = head.select("script:not([type=module], [defer], [async])")
        assert [Path(str(tag["src"])).name for tag in early] == ["first.js"], page


def test_the_picture_that_is_seen_first_comes_first(dist: Path) -> None:
    pages = ("index.html", "gallery.html", "demos/normal.html", "lessons/08-gradient-descent.html")
    for name in pages:
        pictures = parsed(dist / name).select("picture img")
        assert pictures[0].get("loading") is None, name
        hurried = [tag for tag in pictures if tag.get("fetchpriority") == "high"]
        assert hurried == pictures[:1], name


def test_no_picture_of_the_gallery_is_larger_than_it_is_shown(dist: Path) -> None:
    soup = parsed(dist / "gallery.html")
    for tag in soup.select("picture img, picture source"):
        with Image.open(dist / str(tag.get("src") or tag["srcset"])) as picture:
            assert picture.width <= 720
            if tag.name == "img":
                assert picture.size == (int(tag["width"]), int(tag["height"]))


def test_the_type_that_comes_first_has_all_that_the_course_is_written_in(dist: Path) -> None:
    """A second font file would arrive late, and would be as large as the first."""
    style = ROOT / "site" / "styles" / "base.css"
    wanted = set(fonts.WRITTEN)
    ranges = re.findall(r"unicode-range: (U\+20-[^;]+);", style.read_text())
    assert len(ranges) == len(fonts.WEB)
    for text in ranges:
        ends = [part.removeprefix("U+").split("-") for part in text.split(", ")]
        assert {n for e in ends for n in range(int(e[0], 16), int(e[-1], 16) + 1)} == wanted
    more = dist.glob("assets/*/fonts/*-more.woff2")
    late = {chr(code) for file in more for code in TTFont(file).getBestCmap()}
    for page in pages_of(dist):
        soup = BeautifulSoup(page.read_text(), "html.parser")
        for tag in soup.select(".katex, script, style"):
            tag.decompose()
        assert not late & set(soup.get_text()), page


def test_a_page_asks_for_few_scripts_and_each_is_there(dist: Path) -> None:
    (folder,) = dist.glob("assets/*/scripts")
    for page in pages_of(dist):
        soup = parsed(page)
        asked = soup.select("link[rel=modulepreload], script[type=module]")
        names = {str(tag.get("href") or tag.get("src")).rpartition("/")[2] for tag in asked}
        for name in names:
            imported = re.findall(
                r"""(?:from|import) ?["']\./([^"']+)""", (folder / name).read_text()
            )
            assert names >= set(imported), (page, name)  # none is discovered only in another file
        assert len(names) <= 12, page


def test_formulas_have_all_their_glyphs(dist: Path) -> None:
    files = dist.glob("assets/*/katex/fonts/*.woff2")
    drawn = {chr(code) for file in files for code in TTFont(file).getBestCmap() or ()}
    for page in pages_of(dist):
        for tag in parsed(page).select(".katex-html"):
            assert set(tag.get_text()) - {"\u200b", " "} <= drawn, (page, tag.get_text())
    assert set(fonts.FIGURE_NUMBERS) <= drawn
    assert len(drawn) < 300, "fonts of formulas with glyphs that no formula has"


def test_own_scripts_name_no_other_host(dist: Path) -> None:
    for script in sorted(dist.glob("assets/*/scripts/*.js")):
        assert not re.findall(r"[\"'`](?:https?:)?//[a-z]", script.read_text()), script


def test_file_types_are_those_that_every_host_knows(dist: Path) -> None:
    """Hosts don't know .mjs; learning platforms refuse files that could be executed or unpacked."""
    published = [file for file in dist.rglob("*") if file.is_file()]
    endings = {file.suffix for file in published}
    assert {".html", ".js", ".wasm", ".bin"} <= endings
    assert not endings & {".mjs", ".py", ".zip", ".dat", ".br", ".whl", ".gz", ".zst", ".php"}
    assert not [file for file in published if file.name.startswith(".")]


def test_every_base_name_is_unique(dist: Path) -> None:
    """Open edX identifies the files of a package by their base names."""
    seen: dict[str, Path] = {}
    for file in sorted(dist.rglob("*")):
        if file.is_file():
            assert file.name not in seen, f"{file} and {seen[file.name]}"
            seen[file.name] = file


def test_a_demo_stands_complete_in_the_page(dist: Path) -> None:
    soup = parsed(dist / "index.html")
    demo = soup.find("ml-demo")
    assert (demo["data-state"], demo["data-frame"]) == ("poster", "0")
    (canvas,) = demo.find_all("canvas")
    assert canvas["role"] == "img"
    assert canvas["aria-label"]
    assert len({source["srcset"] for source in demo.find_all("source")}) == 3
    shown = demos.load(str(demo["name"]))
    assert demo.find(class_="caption").get_text() == shown.caption
    named = {tag["name"] for tag in demo.form.find_all(attrs={"name": True})}
    assert named == {parameter.name for parameter in shown.parameters}


def test_the_front_page_begins_with_one_figure_and_the_lessons(dist: Path) -> None:
    soup = parsed(dist / "index.html")
    assert len(soup.find_all("ml-demo")) == 1
    sections = [str(tag.get("id")) for tag in soup.select(".front > section")]
    assert sections[:2] == ["try", "lessons"]


def test_the_gallery_shows_every_demo_with_its_lesson(dist: Path) -> None:
    soup = parsed(dist / "gallery.html")
    shown = {}
    for item in soup.select(".figures > li"):
        page, _, name = str(item.a["href"]).partition("#")
        target = parsed(dist / page).find(id=name)
        assert (target.name, target["name"]) == ("ml-demo", name)
        assert (dist / str(item.img["src"])).is_file()
        assert str(item.a["href"]) in item.dl.get_text()
        shown[name] = item.b.get_text()
    assert shown == titles()


# What pages need: our own scripts, WebAssembly, blob: and data: for Python's fallback hosts, and
# the one inline script of the sandbox's frame.
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'", "'wasm-unsafe-eval'", "blob:", "data:", bundler.sandbox_script_hash()},
    "worker-src": {"'self'", "blob:", "data:"},
    "connect-src": {"'self'", "blob:", "data:"},
    "img-src": {"'self'", "blob:", "data:"},
    "style-src": {"'self'", "'unsafe-inline'"},
    "font-src": {"'self'", "data:"},
    "manifest-src": {"'self'"},
    "frame-src": {"'self'"},
    "base-uri": {"'none'"},
    "form-action": {"'none'"},
}


def test_every_demo_has_a_page_of_its_own(dist: Path) -> None:
    """It has a heading, the figure, and a link to its lesson; the gallery links to it."""
    gallery = parsed(dist / "gallery.html")
    linked = {str(tag["href"]) for tag in gallery.select("main a[href]")}
    assert {file.stem for file in dist.glob("demos/*.html")} == set(demos.names())
    for name in demos.names():
        page = dist / "demos" / f"{name}.html"
        soup = parsed(page)
        assert [tag["name"] for tag in soup.find_all("ml-demo")] == [name]
        assert [tag.get_text() for tag in soup.find_all("h1")] == [titles()[name]]
        assert not soup.select("header, footer, nav:not(.full-page)")
        (to,) = soup.select("main > article > .to-lesson a")
        lesson, _, fragment = str(to["href"]).partition("#")
        there = parsed((page.parent / lesson).resolve())
        assert there.find("ml-demo", id=fragment)["name"] == name
        assert f"demos/{name}.html" in linked


def test_every_lesson_has_a_page_for_teachers(dist: Path) -> None:
    index = parsed(dist / "guide" / "teachers.html")
    listed = [str(tag["href"]) for tag in index.select(".contents a")]
    lessons = sorted(dist.glob("lessons/*.html"))
    assert listed == [f"../guide/{lesson.stem}-guide.html" for lesson in lessons]
    for lesson in lessons:
        soup = parsed(dist / f"guide/{lesson.stem}-guide.html")
        own = parsed(lesson)
        assert own.h1.get_text() == soup.h1.get_text()
        ids = [section["id"] for section in soup.select("main > article > section")]
        assert ids == [*guide.SECTIONS, "answers"]
        assert soup.select_one(".at-hand img")
        assert len(soup.select(".answers > li")) == len(own.select("#check > .question"))
        assert len(soup.select(".answers .right")) == len(own.select("#check [data-right]"))


def test_oembed_is_made_for_an_address_and_for_none_without(dist: Path, tmp_path: Path) -> None:
    assert not (dist / "oembed").exists()
    assert "oembed" not in (dist / "lessons" / "01-vectors.html").read_text()
    base = "https://example.org/some/ml"
    command = [sys.executable, "build_bundle.py", "--base-url", base, "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    framed = [*tmp_path.glob("lessons/*.html"), *tmp_path.glob("demos/*.html")]
    assert len(framed) == len(list((tmp_path / "oembed").iterdir())) > 30
    for page in framed:
        soup = BeautifulSoup(page.read_text(), "html.parser")
        link = soup.find("link", type="application/json+oembed")
        assert link["rel"] == ["alternate"]
        answer = tmp_path / str(link["href"]).removeprefix(f"{base}/")
        told = json.loads(answer.read_text())
        assert (told["type"], told["version"]) == ("rich", "1.0")
        assert told["title"] == link["title"]
        frame = BeautifulSoup(told["html"], "html.parser").iframe
        assert frame["src"] == f"{base}/{page.relative_to(tmp_path).as_posix()}?embed=1"
        assert frame["title"] == told["title"]
        assert f"height: {told['height']}px" in frame["style"]
        poster = tmp_path / str(told["thumbnail_url"]).removeprefix(f"{base}/")
        with Image.open(poster) as picture:
            assert picture.size == (told["thumbnail_width"], told["thumbnail_height"])


def test_a_base_url_that_is_no_address_is_refused() -> None:
    command = [sys.executable, "build_bundle.py", "--base-url", "example.org"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "example.org is no address such as https://example.org/ml/" in done.stderr


def test_every_page_has_the_policy(dist: Path) -> None:
    """It comes before everything that it applies to, and no page can connect to another host."""
    for page in pages_of(dist):
        soup = parsed(page)
        meta = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        rules = [rule.split() for rule in str(meta["content"]).split(";")]
        found = {name: set(sources) for name, *sources in rules}
        assert len(found) == len(rules), page
        for name, sources in found.items():
            assert sources <= POLICY[name], (page, name)
        for name in ("default-src", "script-src", "base-uri", "form-action"):
            assert name in found, (page, name)
        # What Python needs is allowed only on pages with figures.
        wanted = POLICY["script-src"] if soup.find("ml-demo") else {"'self'"}
        assert found["script-src"] == wanted, page
        assert not meta.find_previous(["script", "link", "style"]), page
        assert not soup.find_all("script", src=False), page
        handlers = [name for tag in soup.find_all(True) for name in tag.attrs if name[:2] == "on"]
        assert handlers == [], page


def test_every_single_file_has_the_policy(dist: Path, packages: Path) -> None:
    """Inline scripts are allowed by their hash; nothing is loaded from outside."""
    files = sorted(packages.glob("*.html"))
    assert len(files) == 1 + len(list(dist.glob("lessons/*.html")))
    for file in files:
        with file.open() as text:
            head = text.read(4000)
        rules = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', head)
        assert len(rules) == 1, file
        assert head.index("Content-Security-Policy") < head.index("<style"), file
        for rule in rules[0].split(";"):
            name, *sources = rule.split()
            wanted = POLICY[name] - {"'self'"}
            assert not [s for s in sources if s not in wanted and s[:8] != "'sha256-"], (file, name)
        assert rules[0].startswith("default-src 'none';")


def test_names_with_a_hash_are_right(dist: Path) -> None:
    files = sorted((dist / "runtime").iterdir())
    assert files
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert f".{digest[:12]}." in file.name, file.name


def content(dist: Path) -> dict[str, str]:
    files = sorted(path for path in dist.rglob("*") if path.is_file())
    return {
        file.relative_to(dist).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_and_a_second_build_changes_only_what_it_must(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another folder with another cache, and first pictures match their baselines."""
    copy, own_cache = copy_sources(tmp_path / "course"), tmp_path / "cache"
    own_cache.mkdir()
    for shared in ("wheels", "pictures"):
        (own_cache / shared).symlink_to(cache.FOLDER / shared)
    monkeypatch.setenv("MATH_FOR_ML_CACHE", str(own_cache))
    done = build(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert content(copy / "dist") == content(dist)

    def times() -> dict[Path, int]:
        files = (copy / "dist").rglob("*")
        return {path: path.stat().st_mtime_ns for path in files if path.is_file()}

    before = times()
    old = copy / "dist" / "assets" / "0123456789ab" / "scripts" / "old.js"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    assert build(copy).returncode == 0
    assert times() == before
    assert not old.parent.parent.exists()  # files that are no longer built are deleted


def test_the_build_command_says_what_to_mend(tmp_path: Path) -> None:
    copy = copy_sources(tmp_path / "course")
    page = copy / "site" / "index.html"
    page.write_text(page.read_text() + '<a href="nowhere.html">nowhere</a>\n')
    done = build(copy)
    assert done.returncode == 1
    line = len(page.read_text().splitlines())
    assert f"site/index.html:{line}: the link nowhere.html leads nowhere" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy / "dist").exists()


def test_a_build_in_a_python_that_is_too_old_says_so() -> None:
    script = (
        "import sys; sys.version_info = (3, 10); "
        "import build_bundle; build_bundle.ensure_environment('x')"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or later" in done.stderr


def test_a_linked_environment_is_entered_once(tmp_path: Path) -> None:
    """Otherwise each Python would start the next one, forever."""
    sources = copy_sources(tmp_path / "course")
    (sources / ".venv").symlink_to(sys.prefix)
    script = (
        "import subprocess; subprocess.run = lambda *_, **__: exit('another one is started');"
        "import build_bundle; build_bundle.ensure_environment('bundle/requirements.txt')"
    )
    command = [sources / ".venv" / "bin" / "python", "-c", script]
    done = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_server_gives_types_and_lets_hashed_names_last(dist: Path) -> None:
    import http.client
    import threading

    site = serve.server(dist, 0)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        for pattern, kind in {
            "index.html": "text/html; charset=utf-8",
            "runtime/*.wasm": "application/wasm",
            "runtime/pyodide.*.js": "text/javascript",
            "assets/*/scripts/ml-demo.js": "text/javascript",
            "assets/*/styles/page.css": "text/css",
            "icon.svg": "image/svg+xml",
        }.items():
            file = next(dist.glob(pattern)).relative_to(dist).as_posix()
            connection = http.client.HTTPConnection("127.0.0.1", site.server_port, timeout=10)
            connection.request("GET", f"/{file}")
            answer = connection.getresponse()
            assert answer.status == 200
            assert answer.read() == (dist / file).read_bytes()
            assert answer.headers["content-type"] == kind
            hashed = file.startswith(("assets/", "runtime/"))
            assert ("immutable" in answer.headers["cache-control"]) == hashed
            connection.close()
    finally:
        site.shutdown()
        site.server_close()


def test_the_manifest_lists_what_is_there(dist: Path) -> None:
    (manifest,) = dist.glob("assets/*/scripts/manifest.js")
    found = re.search(r"export const files = (\{.*?\n\});", manifest.read_text(), re.DOTALL)
    assert found
    files = json.loads(found[1])
    assert files
    for entry in files.values():
        assert (dist / entry["url"]).stat().st_size == entry["bytes"]
    assert {entry["url"] for entry in files.values()} == {
        file.relative_to(dist).as_posix() for file in (dist / "runtime").iterdir()
    }


def test_nothing_published_names_this_machine(dist: Path) -> None:
    """Paths of the machine would change the bytes."""
    here = [str(ROOT), os.path.expanduser("~/")]
    for file in dist.rglob("*"):
        if file.is_file() and file.suffix in (".html", ".js", ".css", ".json"):
            text = file.read_text(errors="replace")
            assert not [path for path in here if path in text], file


def test_every_formula_is_set(dist: Path) -> None:
    """Also for the same source in two places."""
    for page in pages_of(dist):
        text = page.read_text()
        assert "\\(" not in text, page
        assert "\\[" not in text, page


def test_every_pinned_package_runs_on_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2, and the versions are resolved with a newer one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = f"{project['requires-python'].removeprefix('>=')}.0"
    for found in importlib.metadata.distributions():
        needed = found.metadata["Requires-Python"] or ""
        assert SpecifierSet(needed).contains(oldest), f"{found.name} needs Python {needed}"
