"""For other sites and search engines: oEmbed files, link previews, sitemap.xml and robots.txt.

They need absolute URLs, so they are written only with --base-url.
"""

from pathlib import Path
from xml.sax.saxutils import escape

from bundle import oembed
from bundle.demos import Demo, main
from bundle.page import Page


def add(
    files: dict[str, Path | bytes],
    pages: list[Page],
    demos: dict[str, Demo],
    assets: str,
    base: str,
) -> None:
    """Add the oEmbed responses, the sitemap, and robots.txt; nothing without a `base` URL."""
    if not base:
        return
    for page in pages:
        if oembed.url(page.url) and page.demos:
            demo = main(page.demos, demos)
            poster = f"{assets}/posters/{demo.poster('wide', 'light')}"
            picture = demo.picture("wide", "light")
            files[oembed.url(page.url)] = oembed.response(
                base, page.url, page.title, poster, picture
            )
    listed = sorted(name for name in files if name.endswith(".html") and name != "kiosk.html")
    rows = "".join(f"<url><loc>{escape(address(base, name))}</loc></url>\n" for name in listed)
    files["sitemap.xml"] = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
    ).encode()
    if base.count("/") == 3:  # robots.txt is valid only at the root of a host
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n".encode()


def address(base: str, url: str) -> str:
    """The absolute URL of a page; the front page's is the folder."""
    return base if url == "index.html" else base + url


def preview(base: str, url: str, demo: Demo | None, assets: str) -> dict[str, str]:
    """The preview of a link to a page on other sites (site/templates/sharing.html)."""
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
