"""Thumbnails of the figures for the gallery and other overview pages."""

from pathlib import Path

from PIL import Image

from bundle import cache
from bundle.demos import PALETTES, Demo

WIDTH = 720  # device pixels; in the gallery a picture is at most 380 CSS pixels wide


def of(demo: Demo) -> list[Path]:
    """The files; none for a small figure, whose own pictures are small enough."""
    if demo.small:
        return []
    sources = [demo.picture("wide", palette) for palette in PALETTES]

    def make(folder: Path) -> None:
        for palette, source in zip(PALETTES, sources, strict=True):
            with Image.open(source) as picture:
                height = round(picture.height * WIDTH / picture.width)
                small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
                small.save(folder / f"thumb-{palette}.webp", quality=80, method=6)

    made = cache.made("thumbs", cache.digest([Path(__file__), *sources]), make)
    return [made / f"thumb-{palette}.webp" for palette in PALETTES]


def name(demo: Demo, palette: str) -> str:
    """The published file name of a thumbnail."""
    return demo.poster("wide", palette) if demo.small else f"{demo.name}-thumb-{palette}.webp"


def size(demo: Demo) -> str:
    """The width and height attributes of the <img>, which reserve its space while it loads."""
    with Image.open(demo.picture("wide", PALETTES[0])) as picture:
        return f'width="{WIDTH}" height="{round(picture.height * WIDTH / picture.width)}"'
