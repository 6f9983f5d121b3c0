"""The pages as written by hand, with mathematics set, demos filled in, and every link checked."""

import json
import math
import posixpath
import re
import subprocess
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bundle import carrier, guide, oembed, questions, sharing, tasks, thumbs
from bundle.demos import Demo, main
from bundle.project import NODE, ROOT, BuildError, at

SITE = ROOT / "site"
# the sections of a page of these folders, in this order
SECTIONS = {
    "lessons": ("idea", "formula", "demo", "notice", "use", "check"),
    "guide": guide.SECTIONS,
}
# sections that a lesson may have besides: where it asks for a guess, and what ends it
MORE_SECTIONS = {"guess", "exercises", "task", "further"}
# pages that the build makes from the others, and their templates
MADE = {
    "gallery.html": "gallery.html",
    "guide/teachers.html": "guide-index.html",
    "kiosk.html": "kiosk.html",
}
MATH = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
# no line ends within (2, −1), 10 000, 1 : 99, η = 0.2, x ≤ 5
KEPT = re.compile(
    r"\([−\d.]+(?:,\s+[−\d.]+)+\)|\d\s+(?=\d{3}(?!\d))|\d\s+:\s+(?=\d)|\b\w\s+[=≤≥<>]\s+(?=[−\d(])"
)

# a letter alone, with what stands below or above it; not the words "a", "A" and "I"
SYMBOL = re.compile(r"(?<![\w&#;-])(?![aAI]\b(?![₀-₉]))[A-Za-zα-ωΑ-Ω][₀-₉′²³]*(?![\w'\u2019-])")
FUNCTION = r"\b(?:tanh|sinh?|cosh?|exp|log|max|min)\b"


@dataclass(frozen=True)
class Part:
    """One of the four parts of the course."""

    number: int
    title: str
    lead: str


PARTS = (
    Part(1, "Linear algebra", "the language data is written in"),
    Part(2, "Calculus", "finding the best"),
    Part(3, "Probability and statistics", "reasoning under uncertainty"),
    Part(4, "Machine-learning concepts", "the mathematics at work"),
)


@dataclass
class Page:
    """A page as written: a fragment of HTML in site/."""

    file: Path
    url: str  # relative to the site's root
    soup: BeautifulSoup
    title: str
    description: str
    kind: str = ""  # "lessons", "guide", "demos", or "" for the front page
    part: int = 0  # 0: not a lesson
    number: int = 0
    questions: int = 0
    demos: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def wrong(self, line: int | None, what: str) -> None:
        """Take down an error of the author."""
        self.errors.append(at(self.file, line or 1, what))


def read_all() -> list[Page]:
    """Every page there is: the front page, the lessons, the teachers' guide to them."""
    files = [SITE / "index.html"]
    for folder in SECTIONS:
        files += sorted((SITE / folder).glob("*.html"))
    return [read(file) for file in files]


def read(file: Path) -> Page:
    """Read a page; the lessons are those in site/lessons/, numbered by their file name."""
    soup = BeautifulSoup(file.read_text(), "html.parser")
    kind = file.parent.name if file.parent.name in SECTIONS else ""
    page = Page(file, file.relative_to(SITE).as_posix(), soup, "", "", kind)
    page.description = _take(page, "meta[name=description]", lambda tag: tag["content"],
                             '<meta name="description" content="one sentence">')  # fmt: skip
    if kind == "guide":
        page.url = guide.url(file)
        for line, what in guide.errors(soup):
            page.wrong(line, what)
    else:
        page.title = _take(page, "title", lambda tag: tag.get_text(strip=True), "<title>…</title>")
    if kind == "lessons":
        number = re.match(r"(\d\d)-[a-z0-9-]+\.html$", file.name)
        if not number:
            page.wrong(1, "a lesson's file is named like 01-vectors.html")
        page.number = int(number[1]) if number else 0
        part = _take(
            page, "meta[name=part]", lambda tag: tag["content"], '<meta name="part" content="1">'
        )
        page.part = next((known.number for known in PARTS if str(known.number) == part), 0)
        if not page.part:
            page.wrong(1, f"there is no part {part!r}, only 1 to {len(PARTS)}")
    if kind:
        wanted = SECTIONS[kind]
        found = [tag.get("id") for tag in soup.find_all("section", recursive=False)]
        if kind == "lessons":
            found = [name for name in found if name not in MORE_SECTIONS]
        if found != list(wanted):
            what = "a lesson" if kind == "lessons" else "a page of the guide"
            page.wrong(
                1, f"{what} has the sections {', '.join(wanted)}, in this order; here: {found}"
            )
        if soup.find("section", id="guess"):
            _check_laboratory(page)
    page.demos = [str(tag.get("name")) for tag in soup.find_all("ml-demo")]
    page.questions = len(soup.select("fieldset.question"))
    return page


def _check_laboratory(page: Page) -> None:
    """Nothing may follow its figure: that stays in view beside the notes, and would cover it."""
    for after in page.soup.select("#demo > ml-demo ~ *"):
        page.wrong(after.sourceline, "nothing follows the figure in the section demo")


def of_demo(demo: Demo) -> Page:
    """The page of one demo: nobody writes it, the demo's presence is enough."""
    tag = f'<ml-demo name="{demo.name}"></ml-demo>'
    file = ROOT / "py" / "demos" / f"{demo.name}.py"
    page = Page(file, f"demos/{demo.name}.html", BeautifulSoup(tag, "html.parser"), demo.title, "")
    page.kind, page.demos = "demos", [demo.name]
    return page


def _take(page: Page, selector: str, value: object, mend: str) -> str:
    tag = page.soup.select_one(selector)
    if tag is None:
        page.wrong(1, f"is missing {mend}")
        return ""
    tag.extract()
    return str(value(tag))  # type: ignore[operator]


# What KaTeX made of each formula: --serve asks only for new ones.
_answers: dict[tuple[str, bool], dict[str, str]] = {}


LIVE = re.compile(r"\\live\{([\w.]+)\}")  # a number of a figure in a formula: \\live{pca.kept}


def _number(demos: dict[str, Demo], place: str) -> str | None:
    """What a figure says at its defaults for a number of it, `demo.name`; None if there is none."""
    demo, _, name = place.partition(".")
    return demos[demo].numbers.get(name) if demo in demos else None


def _live(page: Page, tex: str, demos: dict[str, Demo], near: NavigableString) -> str:
    """A formula with the numbers of figures in it, marked so that they can follow."""

    def put(match: re.Match[str]) -> str:
        text = _number(demos, match[1])
        if text is None:
            page.wrong(_line(page, match[0], near), f"no figure has the number {match[1]}")
            return "?"
        written = text.replace("−", "-").replace("%", r"\%").replace("°", r"^\circ")
        return f"\\htmlData{{follows={match[1]}}}{{{written}}}"

    return LIVE.sub(put, tex)


def put_numbers(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Write what the figures say at their defaults into <span data-follows="pca.kept">."""
    for page in pages:
        for tag in page.soup.select("[data-follows]"):
            text = _number(demos, str(tag["data-follows"]))
            if text is None:
                page.wrong(tag.sourceline, f"no figure has the number {tag['data-follows']}")
            tag.string = text or "?"
            tag["translate"] = "no"


def set_mathematics(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Replace each formula by what KaTeX makes of it: HTML for the eye, MathML for machines."""
    texts = [
        (page, text)
        for page in pages
        for text in page.soup.find_all(string=MATH)
        if text.find_parent(["code", "pre", "script"]) is None
    ]
    formulas = [
        (_live(page, match[1] or match[2], demos, text), match[2] is not None)
        for page, text in texts
        for match in MATH.finditer(text)
    ]
    _set(sorted(set(formulas) - _answers.keys()))
    answers = iter([_answers[formula] for formula in formulas])
    for page, text in texts:
        parts = []
        end = 0
        for match in MATH.finditer(text):
            answer = next(answers)
            if "error" in answer:
                page.wrong(_line(page, match[0], text), answer["error"])
            parts += [escape(text[end : match.start()], quote=False), _framed(match, answer)]
            end = match.end()
        html = "".join([*parts, escape(text[end:], quote=False)])
        text.replace_with(BeautifulSoup(html, "html.parser"))


def in_formulas(pages: list[Page]) -> str:
    """All characters of the formulas that are set, each once."""
    formulas = (tag.get_text() for page in pages for tag in page.soup.select(".katex-html"))
    return "".join(sorted(set("".join(formulas))))


def _set(formulas: list[tuple[str, bool]]) -> None:
    """Have KaTeX set formulas, each with whether it stands on a line of its own."""
    if not formulas:
        return
    done = subprocess.run(
        [NODE, ROOT / "bundle" / "katex.mjs"],
        input=json.dumps([{"tex": tex, "display": display} for tex, display in formulas]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"KaTeX did not run:\n{done.stderr}")
    _answers.update(zip(formulas, json.loads(done.stdout), strict=True))


def keep_together(pages: list[Page]) -> None:
    """Give spaces within a point, a long number and the like to which no line can end."""
    for page in pages:
        for text in page.soup.find_all(string=KEPT):
            if not text.find_parent(["code", "pre", "script", "style", "math"]):
                text.replace_with(KEPT.sub(lambda match: _unbroken(match[0]), text))


def _unbroken(words: str) -> str:
    return re.sub(r"\s+", "\N{NO-BREAK SPACE}", words)


def _framed(match: re.Match[str], answer: dict[str, str]) -> str:
    """A formula that is set; one on lines of its own in a box that scrolls."""
    html = answer.get("html", "")
    if match[2] is None:
        return html
    return f'<div class="formula" tabindex="0" role="group" aria-label="formula">{html}</div>'


def _line(page: Page, excerpt: str, near: NavigableString) -> int | None:
    source = page.file.read_text()
    place = source.find(excerpt)
    if place >= 0:
        return source.count("\n", 0, place) + 1
    return near.parent.sourceline if near.parent else None


def check(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Take down every unknown tag, unused demo, faulty question, and link that leads nowhere."""
    from stage import controls

    guides = {page.file.name for page in pages if page.kind == "guide"}
    for page in pages:
        if page.kind == "guide" and _lesson_of(page, pages) is None:
            page.wrong(1, f"is the guide to no lesson; there is no site/lessons/{page.file.name}")
        if page.kind == "lessons" and page.file.name not in guides:
            page.wrong(1, f"has no page for teachers; write site/guide/{page.file.name}")
        questions.check(page)
        tasks.check(page)
        for tag in page.soup.find_all(re.compile("^ml-")):
            if tag.name != "ml-demo":
                page.wrong(tag.sourceline, f"unknown tag <{tag.name}>; there is <ml-demo name=…>")
            elif tag.get("name") not in demos:
                page.wrong(
                    tag.sourceline,
                    f"there is no demo {tag.get('name')!r}; py/demos/ has {', '.join(demos)}",
                )
            else:
                known_names = [parameter.name for parameter in demos[str(tag["name"])].parameters]
                for control in str(tag.get("controls", "")).split():
                    if control not in known_names:
                        page.wrong(
                            tag.sourceline,
                            f"{tag['name']} has no control {control!r}, "
                            f"only {', '.join(known_names)}",
                        )
        for tag in page.soup.select("summary a"):
            page.wrong(tag.sourceline, "a link in a <summary>: put it into what opens below")
        for tag in page.soup.find_all("a", href=True):
            link = urlsplit(str(tag["href"]))
            if link.scheme or link.netloc:
                if link.scheme not in ("https", "mailto"):
                    page.wrong(
                        tag.sourceline, f"a link to {tag['href']} is neither https nor mailto"
                    )
                continue
            url = _url(page, link.path)
            target = next((other for other in pages if other.url == url), None)
            if target is None and url in MADE and not link.fragment:
                continue
            if target is None:
                page.wrong(tag.sourceline, f"the link {tag['href']} leads nowhere")
                continue
            name, _, query = link.fragment.partition("?")
            if query or name in demos:
                if name not in target.demos:
                    page.wrong(
                        tag.sourceline,
                        f"the link {tag['href']} names a demo that {target.url} does not have",
                    )
                    continue
                known = {parameter.name: parameter for parameter in demos[name].parameters}
                try:
                    controls.read(known, parse_qs(query, strict_parsing=bool(query)))
                except ValueError as error:
                    page.wrong(tag.sourceline, f"the link {tag['href']}: {error}")
            elif name and not target.soup.find(id=name):
                page.wrong(
                    tag.sourceline, f"the link {tag['href']}: {target.url} has no id {name!r}"
                )
    used = {name for page in pages if page.kind != "demos" for name in page.demos}
    unused = [
        at(
            ROOT / "py" / "demos" / f"{name}.py",
            1,
            f'no page uses this demo; put <ml-demo name="{name}"> into a lesson',
        )
        for name in demos
        if name not in used
    ]
    errors = [error for page in pages for error in page.errors] + unused
    if errors:
        raise BuildError("\n".join(errors))


def _url(page: Page, path: str) -> str:
    """Where a relative address in a page leads, from the site's root."""
    return (
        posixpath.normpath(posixpath.join(posixpath.dirname(page.url), path)) if path else page.url
    )


def _lesson_of(page: Page, pages: list[Page]) -> Page | None:
    """The lesson that a page of the guide is for, or that a demo stands in."""
    lessons = sorted((other for other in pages if other.part), key=lambda other: other.number)
    if page.kind == "guide":
        return next((other for other in lessons if other.file.name == page.file.name), None)
    return next((other for other in lessons if set(page.demos) & set(other.demos)), None)


def templates() -> Environment:
    """The templates of the pages."""
    found = Environment(
        loader=FileSystemLoader(SITE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["log10"] = math.log10
    found.filters["able"] = _able
    found.globals |= {"main_demo": main, "parts": PARTS, "preloads": carrier.preloads()}
    found.globals["sandbox_script"] = carrier.sandbox_script()
    found.filters["symbols"] = _symbols
    found.filters["thumb"] = thumbs.name
    found.filters["thumb_size"] = lambda demo: Markup(thumbs.size(demo))
    found.tests["symbol"] = _is_symbol
    return found


def _sources() -> dict[str, str]:
    """The text of every template."""
    return {file.name: file.read_text() for file in (SITE / "templates").glob("*.html")}


# The finished pages of the last build, each with all that went into it: --serve makes only others.
_finished: dict[str, tuple[object, str]] = {}


def render(
    pages: list[Page], demos: dict[str, Demo], assets: str, base: str = "", kiosk: int = 0
) -> dict[str, str]:
    """The finished pages, by URL; `base` is where they will stand, if that is known.

    `kiosk` seconds without input are the end of a visit; 0: no screen in public.
    """
    environment = templates()
    fill = environment.get_template("demo.html").module
    lessons = sorted((page for page in pages if page.part), key=lambda page: page.number)
    guides = {page.file.name: page for page in pages if page.kind == "guide"}
    common = {
        "front": [name for page in pages if not page.kind for name in page.demos],
        "lessons": lessons,
        "guides": guides,
        "demos": demos,
        "kiosk": kiosk,
    }
    known = [(page.url, page.title, page.description, page.part, page.questions) for page in pages]
    everywhere = (_sources(), known, demos, assets, base, kiosk)
    finished = {}
    for page in pages:
        root = "../" * page.url.count("/")
        of = _lesson_of(page, pages) if page.kind in ("guide", "demos") else None
        made_of = (page.file.read_text(), of.file.read_text() if of else "", everywhere)
        if page.url in _finished and _finished[page.url][0] == made_of:
            finished[page.url] = _finished[page.url][1]
            continue
        questions.finish(page)
        tasks.finish(page)
        for tag in page.soup.find_all(["code", "pre", "kbd", "samp", "var"]):
            tag["translate"] = "no"
        for tag in page.soup.find_all("ml-demo"):
            demo = demos[str(tag["name"])]
            headed = tag.find_previous("h2")  # no level may be left out
            heading = "h1" if page.kind == "demos" else "h3" if headed else "h2"
            _fill(tag, demo, fill, root, root + assets, heading)
            leads = tag is page.soup.find("ml-demo")  # its picture is in the first view, or near
            if picture := tag.select_one("picture img"):
                picture["fetchpriority"] = "high" if leads else "low"
                picture["decoding"] = "sync" if leads else "async"
            _place(tag, root, next((item for item in lessons if demo.name in item.demos), None))
        _pin(page)
        shown = main(page.demos, demos) if page.demos else None
        first = page.soup.find("section", id="try", recursive=False)
        context: dict[str, object] = {
            **common,
            "root": root,
            "assets": root + assets,
            "title": page.title,
            "description": page.description,
            "first": Markup(str(first.extract())) if first else "",
            "content": Markup(str(page.soup)),
            "url": page.url,
            "own_demos": page.demos,
            "oembed": base + oembed.url(page.url) if base and page.demos else "",
            "sharing": sharing.preview(base, page.url, shown, assets) if base else None,
            "lesson": None,
        }
        name = "page.html"
        if page in lessons:
            name, place = "lesson.html", lessons.index(page)
            context |= {
                "lesson": page,
                "previous": lessons[place - 1] if place else None,
                "next": lessons[place + 1] if place + 1 < len(lessons) else None,
            }
        elif page.kind == "guide":
            name = "guide.html"
            assert of
            context |= {"title": of.title, "of": of}
            context["questions"] = guide.questions(of.soup, of.url, page.url)
        elif page.kind == "demos":
            name = "demo-page.html"
            context |= {"of": of, "demo": demos[page.demos[0]]}
        finished[page.url] = environment.get_template(name).render(context)
        _finished[page.url] = (made_of, finished[page.url])
    for url, name in MADE.items():
        root = "../" * url.count("/")
        context = {**common, "root": root, "assets": root + assets, "url": url}
        context["sharing"] = sharing.preview(base, url, None, assets) if base else None
        finished[url] = environment.get_template(name).render(context)
    return finished


def _symbols(label: str) -> Markup:
    """A label whose symbols, such as w₁ and μ, a machine leaves untranslated."""
    escaped = str(Markup.escape(label))
    return Markup(SYMBOL.sub(r'<span translate="no">\g<0></span>', escaped))


def _is_symbol(option: str) -> bool:
    """Whether an option, such as x² or XOR, is no word of a language."""
    return not re.search(r"[a-z]{3}", re.sub(FUNCTION, "", option))


def _able(goal: str) -> str:
    """A lesson's goal in a list of them, without the words that all begin with."""
    return goal.replace("You will be able to", "To", 1)


def _fill(tag: Tag, demo: Demo, template: object, root: str, assets: str, heading: str) -> None:
    posters = {
        f"{layout}-{palette}": f"{assets}/posters/{demo.poster(layout, palette)}"
        for layout in ("wide", "narrow")
        for palette in ("light", "dark")
    }
    values: dict[str, Any] = {
        key: getattr(demo, key)
        for key in (
            "name",
            "title",
            "overview",
            "caption",
            "detail",
            "wide",
            "narrow",
            "small",
            "shown",
        )
    }
    values["heading"] = heading
    # a page may show a few of the controls; the others stay at their defaults
    wanted = str(tag.get("controls", "")).split()
    values["parameters"] = [
        parameter for parameter in demo.parameters if not wanted or parameter.name in wanted
    ]
    values["front"], values["back"] = _laid_out(values["parameters"], demo.small)
    html = template.demo({**values, "posters": posters, "assets": assets, "root": root})  # type: ignore[attr-defined]
    tag["id"] = demo.name
    tag["data-title"] = demo.title
    tag["role"] = "group"
    tag["aria-labelledby"] = f"{demo.name}-title"
    tag["tabindex"] = "-1"  # so that a link that changes the figure can lead the focus to it
    if demo.small:
        tag["class"] = "small"
    elif demo.guesses:
        tag["class"] = "guess"
    tag["data-state"] = "poster"
    tag["data-frame"] = "0"
    tag["style"] = f"--wide: {demo.wide:g}; --narrow: {demo.narrow:g}"
    tag.clear()
    tag.append(BeautifulSoup(str(html), "html.parser"))


def _pin(page: Page) -> None:
    """Put the laboratory of a lesson with small figures and its notes into one box.

    There its picture stays in view beside the notes (lesson.css).
    """
    demo = page.soup.find("section", id="demo", recursive=False)
    notice = page.soup.find("section", id="notice", recursive=False)
    if not (demo and notice and page.soup.select_one("ml-demo.small")):
        return
    box = page.soup.new_tag("div", attrs={"class": "lab"})
    demo.insert_before(box)
    box.extend([demo, notice])


def _laid_out(parameters: list[Any], small: bool) -> tuple[list[Any], list[Any]]:
    """The controls that stand in view, and those behind a button.

    In a small figure what has a handle on the picture needs no place beside it.
    """
    from stage import controls

    def is_behind(control: Any) -> bool:
        handled = small and controls.axes_of(control) is not None
        return bool(control.more or (handled and not control.guess))

    front = [known for known in parameters if not is_behind(known.control)]
    return front, [known for known in parameters if is_behind(known.control)]


def _place(tag: Tag, root: str, lesson: Page | None) -> None:
    """Tell a demo the addresses that its "Embed" puts into a snippet."""
    tag["data-alone"] = f"{root}demos/{tag['name']}.html"
    tag["data-parent"] = f"{root}embed-parent.js"
    if lesson:
        tag["data-lesson"], tag["data-lesson-title"] = root + lesson.url, lesson.title
