"""oEmbed: what a site that is given a link to a lesson or a demo needs to put it into a frame.

An answer of oEmbed is read far from the page, so that every address in it is absolute. The build
knows no host: these files, and the links to them, are made only with --base-url.
"""

import json
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image

WIDTH, HEIGHT = 800, 900  # CSS pixels of a frame; what does not fit scrolls in it
KINDS = ("lessons", "demos")


def url(page_url: str) -> str:
    """Where the answer for a page lies; "" for a page that is not to be framed."""
    path = PurePosixPath(page_url)
    return f"oembed/{path.stem}.json" if path.parent.name in KINDS else ""


def answer(base: str, page_url: str, title: str, poster: str, picture: Path) -> bytes:
    """The answer of type "rich" for one page, its picture at `poster`."""
    source = f"{base}{page_url}?embed=1"
    with Image.open(picture) as image:
        width, height = image.size
    fields: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Math for Machine Learning",
        "provider_url": base,
        "width": WIDTH,
        "height": HEIGHT,
        "html": f'<iframe src="{escape(source)}" title="{escape(title)}" loading="lazy" '
        'allow="fullscreen; clipboard-write" '
        f'style="width: 100%; height: {HEIGHT}px; border: 0"></iframe>',
        "thumbnail_url": base + poster,
        "thumbnail_width": width,
        "thumbnail_height": height,
    }
    return (json.dumps(fields, ensure_ascii=False, indent=1) + "\n").encode()
