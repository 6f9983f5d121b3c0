"""The course's type: subsets of Source Serif and Source Sans, for the page and the figures."""

from io import BytesIO
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from bundle import cache
from bundle.project import ROOT

SANS = ROOT / "node_modules" / "source-sans"
SERIF = ROOT / "node_modules" / "source-serif"

# Latin with the accents of western Europe, Greek, punctuation, super- and subscripts, arrows,
# mathematical signs.
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x370, 0x400),
    *range(0x2010, 0x2070),
    *range(0x2070, 0x20A0),
    *range(0x2100, 0x2200),
    *range(0x2200, 0x2300),
    *range(0x25A0, 0x2600),
]

WEB = {
    "source-sans.woff2": (SANS / "VF" / "SourceSans3VF-Upright.ttf", {}),
    "source-serif.woff2": (SERIF / "VAR" / "SourceSerif4Variable-Roman.ttf", {"opsz": 14}),
    "source-serif-italic.woff2": (SERIF / "VAR" / "SourceSerif4Variable-Italic.ttf", {"opsz": 14}),
}
SYMBOLS = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
FIGURES = ("SourceSans3-Regular.ttf", "SourceSans3-It.ttf", "SourceSans3-Semibold.ttf")


def _opened(source: Path | BytesIO) -> TTFont:
    """A font that keeps its date when it is saved: the same input gives the same bytes."""
    return TTFont(source, recalcTimestamp=False)


def _subset(
    font: TTFont, target: Path, flavor: str | None, characters: list[int] = CHARACTERS
) -> None:
    options = subset.Options()
    options.flavor = flavor
    options.layout_features = (
        ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"] if flavor else ["kern"]
    )
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 6, 13, 14, 16, 17]  # names and licence
    options.recalc_timestamp = False
    tool = subset.Subsetter(options)
    tool.populate(unicodes=characters)
    tool.subset(font)
    font.flavor = flavor
    subset.save_font(font, str(target), options)


def made() -> Path:
    """A folder with `web/*.woff2` and `figures/*.ttf`."""
    sources = [source for source, _ in WEB.values()] + [SANS / "TTF" / name for name in FIGURES]
    sources.append(SYMBOLS)

    def make(folder: Path) -> None:
        (folder / "web").mkdir()
        (folder / "figures").mkdir()
        for name, (source, axes) in WEB.items():
            font = _opened(source)
            if axes:
                draft = BytesIO()
                instancer.instantiateVariableFont(font, axes).save(draft)
                font = _opened(draft)  # read again: glyphs that do not vary are then known as such
            _subset(font, folder / "web" / name, "woff2")
        for name in FIGURES:
            _subset(_opened(SANS / "TTF" / name), folder / "figures" / name, None)
        font = _opened(SYMBOLS)
        for record in font["name"].names:  # its licence asks for another name
            record.string = (
                str(record).replace("DejaVu Sans", "Course Symbols").replace("DejaVu", "Course")
            )
        lacking = set(CHARACTERS) - set(TTFont(SANS / "TTF" / FIGURES[0]).getBestCmap())
        _subset(font, folder / "figures" / "CourseSymbols.ttf", None, sorted(lacking))

    return cache.made("fonts", cache.digest([Path(__file__), *sources]), make)


def place(made: Path) -> None:
    """The figures' fonts belong to the Python that draws, here as in the browser."""
    for font in (made / "figures").iterdir():
        cache.place(font, ROOT / "py" / "stage" / "fonts" / font.name)
