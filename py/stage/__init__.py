"""Everything that a demo imports: figures, controls, number formats, and fast artists."""

from matplotlib.figure import Figure

from stage import artists, theme
from stage.caption import Caption
from stage.controls import (
    Answer,
    Button,
    Check,
    Choice,
    Grid,
    Matrix,
    PointList,
    Points,
    Seed,
    Slider,
    Steps,
    Toggle,
    Update,
)
from stage.drag import Drag
from stage.layout import Shape, Small, narrow
from stage.text import apart, coordinate, degrees, number, pair, percent, power, rounded

__all__ = [
    "Answer",
    "Button",
    "Caption",
    "Check",
    "Choice",
    "Drag",
    "Figure",
    "Grid",
    "Matrix",
    "PointList",
    "Points",
    "Seed",
    "Shape",
    "Slider",
    "Small",
    "Steps",
    "Toggle",
    "Update",
    "apart",
    "artists",
    "coordinate",
    "degrees",
    "narrow",
    "number",
    "pair",
    "percent",
    "power",
    "rounded",
    "theme",
]
