"""oEmbed: static responses that let other sites embed a lesson or a demo from its link.

oEmbed responses need absolute URLs, so they, and the links to them, are written only with
--base-url: pages.py writes the links, sharing.py the responses.

Specification: https://oembed.com/
"""

import json
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image

WIDTH, HEIGHT = 800, 900  # of the frame, in CSS pixels; longer pages scroll in it
KINDS = ("lessons", "demos")


def url(page_url: str) -> str:
    """The URL of the response for a page; "" for a page that is not meant to be embedded."""
    path = PurePosixPath(page_url)
    return f"oembed/{path.stem}.json" if path.parent.name in KINDS else ""


def response(base: str, page_url: str, title: str, poster: str, picture: Path) -> bytes:
    """The response of type "rich" for one page; `poster` is the URL of its picture."""
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
