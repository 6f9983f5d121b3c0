"""Check the pages against each other, and render them with the templates in site/templates/."""

import math
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bundle import bundler, guide, oembed, questions, sharing, tasks, thumbs
from bundle.demos import Demo, main
from bundle.page import PARTS, SITE, Page, resolved
from bundle.project import ROOT, BuildError, at

# generated pages, and their templates
MADE = {
    "gallery.html": "gallery.html",
    "guide/teachers.html": "guide-index.html",
    "kiosk.html": "kiosk.html",
}
# a single letter with subscripts or superscripts; not the words "a", "A" and "I"
SYMBOL = re.compile(r"(?<![\w&#;-])(?![aAI]\b(?![₀-₉]))[A-Za-zα-ωΑ-Ω][₀-₉′²³]*(?![\w'\u2019-])")
FUNCTION = r"\b(?:tanh|sinh?|cosh?|exp|log|max|min)\b"


def check(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Report every unknown tag, unused demo, faulty question or task, and broken link."""
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
            page.wrong(tag.sourceline, "has a link in a <summary>; move it into the <details>")
        for tag in page.soup.find_all("a", href=True):
            link = urlsplit(str(tag["href"]))
            if link.scheme or link.netloc:
                if link.scheme not in ("https", "mailto"):
                    page.wrong(
                        tag.sourceline, f"a link to {tag['href']} is neither https nor mailto"
                    )
                continue
            url = resolved(page.url, link.path)
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


def _lesson_of(page: Page, pages: list[Page]) -> Page | None:
    """The lesson that a page of the guide, or of a demo, belongs to."""
    lessons = sorted((other for other in pages if other.part), key=lambda other: other.number)
    if page.kind == "guide":
        return next((other for other in lessons if other.file.name == page.file.name), None)
    return next((other for other in lessons if set(page.demos) & set(other.demos)), None)


def templates() -> Environment:
    """The Jinja environment with the templates of the pages."""
    found = Environment(
        loader=FileSystemLoader(SITE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["log10"] = math.log10
    found.filters["able"] = _able
    found.globals |= {"main_demo": main, "parts": PARTS, "preloads": bundler.preloads()}
    found.globals["sandbox_script_hash"] = bundler.sandbox_script_hash()
    found.filters["symbols"] = _symbols
    found.filters["thumb"] = thumbs.name
    found.filters["thumb_size"] = lambda demo: Markup(thumbs.size(demo))
    found.tests["symbol"] = _is_symbol
    return found


def _sources() -> dict[str, str]:
    """The text of every template."""
    return {file.name: file.read_text() for file in (SITE / "templates").glob("*.html")}


# The pages of the last build, each with its inputs, so that --serve renders only changed pages.
_finished: dict[str, tuple[object, str]] = {}


def render(
    pages: list[Page], demos: dict[str, Demo], assets: str, base: str = "", kiosk: int = 0
) -> dict[str, str]:
    """The finished pages, by URL; `base` is the URL where they will be hosted, if known.

    A public screen is reset after `kiosk` seconds without input; 0: not a public screen.
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
            headed = tag.find_previous("h2")  # so that no heading level is skipped
            heading = "h1" if page.kind == "demos" else "h3" if headed else "h2"
            _fill(tag, demo, fill, root, root + assets, heading)
            leads = tag is page.soup.find("ml-demo")  # its picture is visible first
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
    """A label whose symbols, such as w₁ and μ, are marked as not to be translated."""
    escaped = str(Markup.escape(label))
    return Markup(SYMBOL.sub(r'<span translate="no">\g<0></span>', escaped))


def _is_symbol(option: str) -> bool:
    """Whether an option, such as x² or XOR, contains no words to translate."""
    return not re.search(r"[a-z]{3}", re.sub(FUNCTION, "", option))


def _able(goal: str) -> str:
    """A lesson's goal, shortened for a list of goals."""
    return goal.replace("You will be able to", "To", 1)


def _fill(tag: Tag, demo: Demo, template: object, root: str, assets: str, heading: str) -> None:
    posters = {
        f"{layout}-{palette}": f"{assets}/posters/{demo.poster(layout, palette)}"
        for layout in ("wide", "narrow")
        for palette in ("light", "dark")
    }
    keys = "name title overview caption detail wide narrow small shown"
    values: dict[str, Any] = {key: getattr(demo, key) for key in keys.split()}
    values["heading"] = heading
    # a page may show only some controls; the others stay at their defaults
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
    tag["tabindex"] = "-1"  # so that a link that changes the figure can move the focus to it
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
    """Wrap the laboratory and its notes in one box, in a lesson with small figures.

    In this box the picture stays in view beside the notes (lesson.css).
    """
    demo = page.soup.find("section", id="demo", recursive=False)
    notice = page.soup.find("section", id="notice", recursive=False)
    if not (demo and notice and page.soup.select_one("ml-demo.small")):
        return
    box = page.soup.new_tag("div", attrs={"class": "lab"})
    demo.insert_before(box)
    box.extend([demo, notice])


def _laid_out(parameters: list[Any], small: bool) -> tuple[list[Any], list[Any]]:
    """The visible controls, and those behind a button.

    In a small figure, controls with a handle on the picture are behind the button.
    """
    from stage import controls

    def is_behind(control: Any) -> bool:
        handled = small and controls.axes_of(control) is not None
        return bool(control.more or (handled and not control.guess))

    front = [known for known in parameters if not is_behind(known.control)]
    return front, [known for known in parameters if is_behind(known.control)]


def _place(tag: Tag, root: str, lesson: Page | None) -> None:
    """Add the URLs that the demo's "Embed" puts into its snippet."""
    tag["data-alone"] = f"{root}demos/{tag['name']}.html"
    tag["data-parent"] = f"{root}embed-parent.js"
    if lesson:
        tag["data-lesson"], tag["data-lesson-title"] = root + lesson.url, lesson.title
