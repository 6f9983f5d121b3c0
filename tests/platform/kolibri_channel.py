"""Make a Kolibri channel from one HTML5 app, in the format that Kolibri Studio exports.

    kolibri_channel.py FOLDER ZIP CHANNEL NODE

Run it with Kolibri's own libraries. Then import FOLDER with `kolibri manage importchannel disk` and
`importcontent disk`.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import kolibri

# Kolibri ships its libraries.
sys.path.insert(0, str(Path(kolibri.__file__).parent / "dist"))

import sqlalchemy
from kolibri.core.content.contentschema.versions import content_schema_5 as schema
from sqlalchemy.orm import Session


def main(folder: Path, archive: Path, channel: str, node: str) -> None:
    digest = hashlib.md5(archive.read_bytes()).hexdigest()
    stored = folder / "content" / "storage" / digest[0] / digest[1] / f"{digest}.zip"
    stored.parent.mkdir(parents=True)
    shutil.copy(archive, stored)
    databases = folder / "content" / "databases"
    databases.mkdir()
    engine = sqlalchemy.create_engine(f"sqlite:///{databases / channel}.sqlite3")
    schema.metadata.create_all(engine)
    common = {"license_name": "MIT", "license_owner": "", "author": "", "coach_content": False,
              "available": False, "channel_id": channel, "tree_id": 1, "lang_id": "en",
              "options": "{}"}  # fmt: skip
    english = schema.ContentLanguage(
        id="en", lang_code="en", lang_name="English", lang_direction="ltr"
    )
    root = schema.ContentContentnode(
        id=channel,
        title="Channel",
        content_id=channel,
        kind="topic",
        lft=1,
        rght=4,
        level=0,
        **common,
    )
    app = schema.ContentContentnode(
        id=node, title="Math for Machine Learning", content_id=node, kind="html5", lft=2, rght=3,
        level=1, parent_id=channel, sort_order=1, **common,
    )  # fmt: skip
    size = archive.stat().st_size
    local = schema.ContentLocalfile(id=digest, extension="zip", available=False, file_size=size)
    file = schema.ContentFile(
        id=hashlib.md5(b"file").hexdigest(), supplementary=False, thumbnail=False, priority=1,
        preset="html5_zip", contentnode_id=node, local_file_id=digest,
    )  # fmt: skip
    described = schema.ContentChannelmetadata(
        id=channel, name="Channel", description="", author="", version=1, thumbnail="",
        min_schema_version="5", root_id=channel, last_updated="2026-01-01 00:00:00",
    )  # fmt: skip
    with Session(engine) as session:
        session.add_all([english, root, app, local, file, described])
        session.commit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
