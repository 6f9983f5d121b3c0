"""What a demo needs: the figure it draws on, and the controls its update function may ask for."""

from matplotlib.figure import Figure

from stage import theme
from stage.controls import (
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
from stage.layout import Shape, narrow
from stage.text import number

__all__ = [
    "Choice",
    "Figure",
    "Grid",
    "Matrix",
    "PointList",
    "Points",
    "Seed",
    "Shape",
    "Slider",
    "Steps",
    "Toggle",
    "Update",
    "narrow",
    "number",
    "theme",
]
