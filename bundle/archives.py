"""Reproducible zip files, used by classroom.py and packages.py.

The callers store a hash of the inputs as the zip's comment and compare it (`key_of`), so that an
unchanged zip is not written again.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

ALREADY_COMPRESSED = (".bin", ".webp", ".woff2", ".png")
EXECUTABLE_SUFFIXES = (".sh", ".command")
DATE = (1980, 1, 1, 0, 0, 0)  # the modification time of every file


def add(archive: zipfile.ZipFile, files: Mapping[str, Path | bytes]) -> None:
    """Add files in alphabetical order."""
    for name in sorted(files):
        source = files[name]
        entry = zipfile.ZipInfo(name, DATE)
        entry.create_system = 3  # Unix permissions, whatever system builds the zip
        entry.external_attr = (0o100755 if name.endswith(EXECUTABLE_SUFFIXES) else 0o100644) << 16
        packed = name.endswith(ALREADY_COMPRESSED)
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        archive.writestr(entry, source.read_bytes() if isinstance(source, Path) else source)


def key_of(target: Path) -> bytes:
    """The comment of a zip; empty if the file is missing or broken."""
    try:
        with zipfile.ZipFile(target) as archive:
            return archive.comment
    except (FileNotFoundError, zipfile.BadZipFile):
        return b""
