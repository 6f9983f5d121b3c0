"""Small pictures of the figures, for pages that only show what there is to open."""

from pathlib import Path

from PIL import Image

from bundle import cache
from bundle.demos import PALETTES, Demo

WIDTH = 720  # device pixels; a gallery's picture is 380 CSS pixels wide at most


def of(demo: Demo) -> list[Path]:
    """The files; a small figure needs none, its own pictures are of this size."""
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
    """The name under which the small picture is published."""
    return demo.poster("wide", palette) if demo.small else f"{demo.name}-thumb-{palette}.webp"


def size(demo: Demo) -> str:
    """The attributes of the <img>, so that its place is kept until it comes."""
    with Image.open(demo.picture("wide", PALETTES[0])) as picture:
        return f'width="{WIDTH}" height="{round(picture.height * WIDTH / picture.width)}"'
