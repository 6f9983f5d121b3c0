"""What other sites and search engines read: absolute addresses, so only with --base-url."""

from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bundle import oembed
from bundle.demos import Demo, main

if TYPE_CHECKING:
    from bundle.pages import Page


def add(
    files: dict[str, Path | bytes],
    pages: "list[Page]",
    demos: dict[str, Demo],
    assets: str,
    base: str,
) -> None:
    """Add oEmbed's answers, and the sitemap of all pages that readers should find."""
    if not base:
        return
    for page in pages:
        if oembed.url(page.url) and page.demos:
            demo = main(page.demos, demos)
            poster = f"{assets}/posters/{demo.poster('wide', 'light')}"
            picture = demo.picture("wide", "light")
            files[oembed.url(page.url)] = oembed.answer(base, page.url, page.title, poster, picture)
    listed = sorted(name for name in files if name.endswith(".html") and name != "kiosk.html")
    rows = "".join(f"<url><loc>{escape(address(base, name))}</loc></url>\n" for name in listed)
    files["sitemap.xml"] = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    ).encode()
    if base.count("/") == 3:  # robots.txt counts at the root of a host only
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n".encode()


def address(base: str, url: str) -> str:
    """The absolute address of a page; the front page is its folder."""
    return base if url == "index.html" else base + url


def preview(base: str, url: str, demo: Demo | None, assets: str) -> dict[str, str]:
    """What a link to a page shows elsewhere (site/templates/sharing.html)."""
    if not demo:
        return {
            "address": address(base, url),
            "image": f"{base}icon-512.png",
            "card": "summary",
        }
    return {
        "address": address(base, url),
        "image": f"{base}{assets}/posters/{demo.poster('wide', 'light')}",
        "card": "summary_large_image",
    }
