"""The text of the pages: typeset formulas with KaTeX, and write the figures' numbers into it."""

import json
import re
import subprocess
from html import escape

from bs4 import BeautifulSoup
from bs4.element import NavigableString

from bundle.demos import Demo
from bundle.page import Page
from bundle.project import NODE, ROOT, BuildError

MATH = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
# expressions without line breaks inside: (2, −1), 10 000, 1 : 99, η = 0.2, x ≤ 5
UNBROKEN = re.compile(
    r"\([−\d.]+(?:,\s+[−\d.]+)+\)|\d\s+(?=\d{3}(?!\d))|\d\s+:\s+(?=\d)|\b\w\s+[=≤≥<>]\s+(?=[−\d(])"
)

# KaTeX's output for each formula, so that --serve typesets only new ones
_typeset: dict[tuple[str, bool], dict[str, str]] = {}


LIVE = re.compile(r"\\live\{([\w.]+)\}")  # a figure's number in a formula: \live{pca.kept}


def _number(demos: dict[str, Demo], place: str) -> str | None:
    """The text of a figure's number `demo.name` at its defaults; None for an unknown name."""
    demo, _, name = place.partition(".")
    return demos[demo].numbers.get(name) if demo in demos else None


def _live(page: Page, tex: str, demos: dict[str, Demo], near: NavigableString) -> str:
    """A formula with the figures' numbers in it, marked so that scripts can update them."""

    def put(match: re.Match[str]) -> str:
        text = _number(demos, match[1])
        if text is None:
            page.wrong(_line(page, match[0], near), f"no figure has the number {match[1]}")
            return "?"
        written = text.replace("−", "-").replace("%", r"\%").replace("°", r"^\circ")
        return f"\\htmlData{{follows={match[1]}}}{{{written}}}"

    return LIVE.sub(put, tex)


def put_numbers(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Write the figures' numbers at their defaults into <span data-follows="pca.kept">."""
    for page in pages:
        for tag in page.soup.select("[data-follows]"):
            text = _number(demos, str(tag["data-follows"]))
            if text is None:
                page.wrong(tag.sourceline, f"no figure has the number {tag['data-follows']}")
            tag.string = text or "?"
            tag["translate"] = "no"


def set_mathematics(pages: list[Page], demos: dict[str, Demo]) -> None:
    """Replace each formula by KaTeX's output: HTML for display, MathML for screen readers."""
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
    _run_katex(sorted(set(formulas) - _typeset.keys()))
    answers = iter([_typeset[formula] for formula in formulas])
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
    """All characters that occur in typeset formulas, each once."""
    formulas = (tag.get_text() for page in pages for tag in page.soup.select(".katex-html"))
    return "".join(sorted(set("".join(formulas))))


def _run_katex(formulas: list[tuple[str, bool]]) -> None:
    """Typeset formulas: pairs of TeX, and whether it is displayed on a line of its own."""
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
    _typeset.update(zip(formulas, json.loads(done.stdout), strict=True))


def keep_together(pages: list[Page]) -> None:
    """Use no-break spaces inside points, long numbers, and similar expressions."""
    for page in pages:
        for text in page.soup.find_all(string=UNBROKEN):
            if not text.find_parent(["code", "pre", "script", "style", "math"]):
                text.replace_with(UNBROKEN.sub(lambda match: _unbroken(match[0]), text))


def _unbroken(words: str) -> str:
    return re.sub(r"\s+", "\N{NO-BREAK SPACE}", words)


def _framed(match: re.Match[str], answer: dict[str, str]) -> str:
    """The HTML of a typeset formula; a displayed formula is in a box that scrolls."""
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
