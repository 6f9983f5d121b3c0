"""The colors and fonts of the figures, defined once for matplotlib and for the pages' styles.

A demo names a color by the idea it stands for: `ax.plot(x, y, color="model")`. The hues are from
Okabe and Ito (2008, "Color universal design"), darkened or lightened to a contrast of 4.5:1 against
the surface. For text on a tinted plane or on the page, each idea has a text color, such as
`model-text`, with a contrast of 4.5:1 there, too.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import colors, font_manager

FONTS = Path(__file__).parent / "fonts"  # filled by the build
FAMILIES = ["Source Sans 3", "Course Symbols"]  # the second is the fallback for missing glyphs

_IDEAS_ON_LIGHT = {
    "data": "#0072b2",  # observed data, or the first object (vector a)
    "model": "#c25500",  # fitted models, or the second object (vector b)
    "truth": "#00845f",  # the true curve, or the result (a + b)
    "error": "#b5528b",  # residuals, loss, differences
    "gradient": "#a06a00",  # slopes, derivatives, directions of change
}
_TEXTS_ON_LIGHT = {
    "data-text": "#006eac",
    "model-text": "#af4c00",
    "truth-text": "#007957",
    "error-text": "#a44a7e",
    "gradient-text": "#905f00",
}
_IDEAS_ON_DARK = {
    "data": "#56b4e9",
    "model": "#f0843e",
    "truth": "#2fc498",
    "error": "#dd92bd",
    "gradient": "#e69f00",
}
_TEXTS_ON_DARK = {f"{idea}-text": color for idea, color in _IDEAS_ON_DARK.items()}

PALETTES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": {
            "surface": "#ffffff",
            "ink": "#1d2330",
            "muted": "#5b6475",
            "rule": "#e3e6ec",
            **_IDEAS_ON_LIGHT,
            **_TEXTS_ON_LIGHT,
        },
        "dark": {
            "surface": "#181b22",
            "ink": "#eceef3",
            "muted": "#a4adbd",
            "rule": "#333945",
            **_IDEAS_ON_DARK,
            **_TEXTS_ON_DARK,
        },
        "contrast-light": {
            "surface": "#ffffff",
            "ink": "#000000",
            "muted": "#000000",
            "rule": "#767676",
            **_IDEAS_ON_LIGHT,
            **_TEXTS_ON_LIGHT,
        },
        "contrast-dark": {
            "surface": "#000000",
            "ink": "#ffffff",
            "muted": "#ffffff",
            "rule": "#8a8a8a",
            **_IDEAS_ON_DARK,
            **_TEXTS_ON_DARK,
        },
    }
)


def _settings(palette: Mapping[str, str]) -> dict[str, Any]:
    """matplotlib's settings (rcParams) for a palette."""
    ink, muted, rule = palette["ink"], palette["muted"], palette["rule"]
    return {
        "font.family": FAMILIES if any(FONTS.glob("*.ttf")) else ["DejaVu Sans"],
        "font.size": 10.5,
        "mathtext.fontset": "cm",
        "axes.unicode_minus": True,
        "axes.axisbelow": True,  # so that ticks and grid are part of the static background
        "axes.edgecolor": muted,
        "axes.facecolor": palette["surface"],
        "axes.grid": True,
        "axes.labelcolor": ink,
        "axes.labelsize": 10.5,
        "axes.linewidth": 0.8,
        "axes.prop_cycle": cycler(
            color=[palette[idea] for idea in ("data", "model", "truth", "error", "gradient")]
        ),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": ink,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.titleweight": "semibold",
        "figure.constrained_layout.use": True,
        "figure.edgecolor": palette["surface"],
        "figure.facecolor": palette["surface"],
        "grid.color": rule,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "legend.fontsize": 10,
        "lines.linewidth": 2.2,
        "lines.markersize": 6,
        "patch.edgecolor": ink,
        "savefig.facecolor": palette["surface"],
        "text.color": ink,
        "xtick.color": muted,
        "xtick.labelsize": 9.5,
        "xtick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.color": muted,
        "ytick.labelsize": 9.5,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
    }


_used = ""


def use(name: str) -> None:
    """Draw new figures with the palette `name`. KeyError for an unknown one."""
    global _used
    if name == _used:
        return
    palette = PALETTES[name]
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for font in sorted(FONTS.glob("*.ttf")):
        if str(font) not in known:
            font_manager.fontManager.addfont(font)
    named = colors.get_named_colors_mapping()
    # One by one, because only an assignment clears matplotlib's color cache.
    for idea, color in palette.items():
        named[idea] = color
    mpl.rcParams.update(_settings(palette))
    _used = name


use("light")  # the default, for example in a notebook
