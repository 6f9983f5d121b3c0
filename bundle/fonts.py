"""The course's fonts: subsets of Source Serif and Source Sans for the pages and the figures."""

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

# Latin with Western European accents, Greek, punctuation, superscripts and subscripts, arrows, and
# mathematical symbols.
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

# The characters that the course itself uses; base.css repeats them as a unicode-range. All others
# are in separate files (`-more`), for translated pages.
WRITTEN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x101),
    *(0x131, 0x15F, 0x177),  # letters of names, and ŷ
    *range(0x3B1, 0x3CA),  # α to ω
    *range(0x2002, 0x2028),
    *(0x2032, 0x2033, 0x2070, *range(0x2074, 0x207C), *range(0x2080, 0x208A)),
    *(0x2113, 0x2153, 0x2154, *range(0x2190, 0x2194)),
    *(0x2202, 0x2207, 0x2208, 0x220F, 0x2211, 0x2212, 0x221A, 0x221E, 0x2225, 0x2248),
    *(0x2260, 0x2264, 0x2265, 0x22C5),
]

WEB_FEATURES = ("kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum")
# Only the weights that the style sheets use: each extreme weight adds a third to a file.
WEB = {
    "source-sans": (SANS / "VF" / "SourceSans3VF-Upright.ttf", {"wght": (300, 700)}),
    "source-serif": (
        SERIF / "VAR" / "SourceSerif4Variable-Roman.ttf",
        {"opsz": 14, "wght": (300, 700)},
    ),
    "source-serif-italic": (
        SERIF / "VAR" / "SourceSerif4Variable-Italic.ttf",
        {"opsz": 14, "wght": (400, 700)},
    ),
}
KATEX = ROOT / "node_modules" / "katex" / "dist" / "fonts"
FIGURE_NUMBERS = "0123456789.,+−%∞"  # a number in a formula can follow a figure's value
SYMBOLS = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
FIGURES = ("SourceSans3-Regular.ttf", "SourceSans3-It.ttf", "SourceSans3-Semibold.ttf")


def _opened(source: Path | BytesIO) -> TTFont:
    """A font that keeps its timestamp when saved: the same input gives the same bytes."""
    return TTFont(source, recalcTimestamp=False)


def _subset(
    font: TTFont,
    target: Path | BytesIO,
    flavor: str | None = None,
    characters: list[int] = CHARACTERS,
    features: tuple[str, ...] = ("kern",),
) -> None:
    options = subset.Options()
    options.flavor = flavor
    options.layout_features = list(features)
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 6, 13, 14, 16, 17]  # names and license
    options.drop_tables += ["FFTM"]  # FontForge's timestamp
    options.recalc_timestamp = False
    tool = subset.Subsetter(options)
    tool.populate(unicodes=characters)
    tool.subset(font)
    font.flavor = flavor
    subset.save_font(font, target if isinstance(target, BytesIO) else str(target), options)


def made() -> Path:
    """A folder with `web/*.woff2` and `figures/*.ttf`."""
    sources = [source for source, _ in WEB.values()] + [SANS / "TTF" / name for name in FIGURES]
    sources.append(SYMBOLS)

    def make(folder: Path) -> None:
        (folder / "web").mkdir()
        (folder / "figures").mkdir()
        for name, (source, axes) in WEB.items():
            small, light = BytesIO(), BytesIO()
            _subset(_opened(source), small, features=WEB_FEATURES)
            instancer.instantiateVariableFont(_opened(small), axes).save(light)
            for part, characters in (("", WRITTEN), ("-more", sorted({*CHARACTERS} - {*WRITTEN}))):
                target = folder / "web" / f"{name}{part}.woff2"
                _subset(_opened(light), target, "woff2", characters, WEB_FEATURES)
        for name in FIGURES:
            _subset(_opened(SANS / "TTF" / name), folder / "figures" / name)
        font = _opened(SYMBOLS)
        for record in font["name"].names:  # the license requires another name
            record.string = (
                str(record).replace("DejaVu Sans", "Course Symbols").replace("DejaVu", "Course")
            )
        lacking = set(CHARACTERS) - set(TTFont(SANS / "TTF" / FIGURES[0]).getBestCmap())
        _subset(font, folder / "figures" / "CourseSymbols.ttf", characters=sorted(lacking))

    return cache.made("fonts", cache.digest([Path(__file__), *sources]), make)


def mathematics(characters: str) -> Path:
    """A folder with KaTeX's fonts, reduced to the glyphs of these characters."""
    wanted = sorted({ord(one) for one in characters + FIGURE_NUMBERS})
    sources = sorted(KATEX.glob("*.woff2"))

    def make(folder: Path) -> None:
        for source in sources:
            _subset(_opened(source), folder / source.name, "woff2", wanted, ("*",))

    return cache.made("katex", cache.digest([Path(__file__), *map(str, wanted), *sources]), make)


def place(made: Path) -> None:
    """Copy the figures' fonts into py/stage, which needs them here and in the browser."""
    for font in (made / "figures").iterdir():
        cache.place(font, ROOT / "py" / "stage" / "fonts" / font.name)
