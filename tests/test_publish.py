"""What the build writes, and where: the site alone, or with the other forms of the course."""

from pathlib import Path

from bs4 import BeautifulSoup

from bundle import downloads, pages


def lessons() -> list[pages.Page]:
    return sorted((page for page in pages.read_all() if page.part), key=lambda page: page.number)


def test_the_site_has_no_downloads_inside(dist: Path) -> None:
    assert {item.name for item in dist.iterdir() if item.is_dir()} == {
        "assets", "demos", "guide", "lessons", "runtime",
    }  # fmt: skip
    soup = BeautifulSoup((dist / "downloads.html").read_text(), "html.parser")
    assert soup.main.find_all("a") == []
    assert "python build_bundle.py --packages" in soup.main.get_text()


def test_downloads_lead_to_where_they_are_hosted(packages: Path) -> None:
    base = "https://files.example.org/ml/"
    sizes = {file.name: file.stat().st_size for file in packages.iterdir()}
    page = downloads.page(downloads.groups(lessons(), base, sizes), lessons(), "assets/x")
    soup = BeautifulSoup(page, "html.parser")
    links = [str(tag["href"]) for tag in soup.main.find_all("a")]
    assert {link.removeprefix(base) for link in links} == set(sizes)
    assert len(soup.main.select(".size")) == len(links)
    assert "--packages" not in soup.get_text()
