"""The build cache: generated and downloaded files, stored outside the project by input hash."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from platformdirs import user_cache_path

FOLDER = Path(os.environ.get("MATH_FOR_ML_CACHE") or user_cache_path("math-for-ml"))


def digest(parts: Iterable[bytes | str | Path]) -> str:
    """A hash of bytes, strings, files, and folders with everything in them."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = (
                [part]
                if part.is_file()
                else sorted(path for path in part.rglob("*") if path.is_file())
            )
            for file in files:
                if "__pycache__" in file.parts:
                    continue
                total.update(file.relative_to(part.parent).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
        else:
            data = part.encode() if isinstance(part, str) else part
            total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()[:20]


def made(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The cached folder for `kind` and `key`; if it is missing, `make` fills it.

    If `make` fails or is interrupted, nothing is stored.
    """
    folder = FOLDER / kind / key
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            draft = Path(name) / "draft"
            draft.mkdir()
            make(draft)
            try:
                draft.rename(folder)
            except OSError:  # another build created it first
                if not folder.exists():
                    raise
    return folder


def place(source: Path, target: Path) -> None:
    """Copy a file unless the target has the same bytes: its modification time shows changes."""
    if (
        target.exists()
        and target.stat().st_size == source.stat().st_size
        and target.read_bytes() == source.read_bytes()
    ):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
