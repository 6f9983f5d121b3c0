"""What the build writes, and where: the site, or the site and the packages."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from lxml import etree

from bundle import demos, downloads, pages, publish, sharing
from bundle.page import Page, read_all
from bundle.project import BuildError

pytestmark = pytest.mark.whole


def lessons() -> list[Page]:
    return sorted((page for page in read_all() if page.part), key=lambda page: page.number)


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


def problem(files: dict[str, Path | bytes]) -> str:
    with pytest.raises(BuildError) as caught:
        publish.check(files)
    return str(caught.value)


def test_a_site_that_hosts_would_refuse_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    publish.check({"index.html": b"fine"})
    big = problem({"index.html": b"", "runtime/big.bin": bytes((24 << 20) + 1)})
    assert "runtime/big.bin has 24.0 MiB; a file may have 24 MiB" in big
    deep = f"guide/{'x' * 200}.html"
    assert f"{deep} has 211 characters; a path may have 200" in problem({deep: b""})
    many = problem({f"lessons/{number}.html": b"" for number in range(901)})
    assert "901 files, 901 of them in lessons/; a site may have 900" in many
    part = bytes(23_000_000)
    heavy = problem({"a": part, "b": part, "c": part, "runtime/d.bin": part + b"-"})
    assert "92.0 MB; it may have 90 MB" in heavy
    assert "The largest file is runtime/d.bin" in heavy


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    publish.check_folder(tmp_path / "new")
    publish.check_folder(tmp_path)
    (tmp_path / "thesis.txt").write_text("my own")
    with pytest.raises(BuildError, match="not of this course"):
        publish.check_folder(tmp_path)
    with pytest.raises(BuildError, match="is a file"):
        publish.check_folder(tmp_path / "thesis.txt")
    (tmp_path / "sw.js").write_text("")
    publish.check_folder(tmp_path)  # an earlier build


def test_the_site_keeps_within_the_limits(dist: Path) -> None:
    files = [file for file in dist.rglob("*") if file.is_file()]
    assert len(files) <= 900
    assert sum(file.stat().st_size for file in files) <= 90_000_000
    assert max(file.stat().st_size for file in files) <= 24 << 20


def test_a_lessons_package_has_at_most_20_mb(packages: Path) -> None:
    sizes = {file.name: file.stat().st_size for file in packages.glob("*-scorm12.zip")}
    course = sizes.pop("math-for-ml-scorm12.zip")
    assert len(sizes) == 19
    assert max(sizes.values()) <= 20_000_000, sizes
    assert course <= 25_000_000  # all lessons, which share one copy of Python


def test_what_other_sites_read_is_made_for_an_address(tmp_path: Path) -> None:
    base = "https://example.org/ml/"
    shown = demos.load_all()
    written = [page for page in read_all() if page.kind == ""]
    html = pages.render(written, shown, "assets/x", base)["index.html"]
    soup = BeautifulSoup(html, "html.parser")

    def meta(name: str) -> str:
        return str(soup.find("meta", property=f"og:{name}")["content"])

    assert meta("title") == soup.title.get_text()
    assert meta("url") == base
    assert meta("image").startswith(f"{base}assets/x/posters/")
    files: dict[str, Path | bytes] = {"index.html": b"", "kiosk.html": b"", "lessons/a.html": b""}
    sharing.add(files, [], {}, "assets/x", base)
    places = etree.fromstring(files["sitemap.xml"]).xpath("//*[local-name()='loc']/text()")
    assert places == [base, f"{base}lessons/a.html"]
    assert "robots.txt" not in files  # it only works at the root of a host
    sharing.add(files, [], {}, "assets/x", "https://example.org/")
    assert b"Sitemap: https://example.org/sitemap.xml" in files["robots.txt"]  # type: ignore[operator]


def test_without_an_address_nothing_is_absolute(dist: Path) -> None:
    assert not (dist / "sitemap.xml").exists()
    assert "og:" not in (dist / "index.html").read_text()
