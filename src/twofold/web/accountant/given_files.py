"""Files that accountants give a page: of a kind that the page takes, kept for the job to come.

What a browser says of a file is believed only to turn it away: whatever is let in is read strictly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from twofold.jobs.uploads import Upload, keep_upload
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.entries.formats.received import plain_name
from twofold.web.asked import Asked

NO_FILE: Final = "ERR-U31"
NOT_OF_THE_KIND: Final = "ERR-U33"
FILE_BYTES_MAX: Final = 32 * 1024 * 1024
"""What a file of rows may be long."""
FORM_BYTES: Final = 1024 * 1024
"""What the other fields of its form may be long."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a page takes, by the end of the name and by what browsers say of such files."""

    suffixes: tuple[str, ...]
    media: frozenset[str]

    @property
    def accept(self) -> str:
        """What the field of the form offers."""
        return ",".join(self.suffixes)


# Browsers that do not know a kind say nothing, or this.
_UNSAID: Final = frozenset({"", "application/octet-stream", "text/plain"})
_TABLE_MEDIA: Final = frozenset({"text/csv", "application/csv", "application/vnd.ms-excel"})
TABLE: Final = FileKind((".csv", ".txt"), _UNSAID | _TABLE_MEDIA)
STATEMENT: Final = FileKind(
    (".csv", ".xml"), _UNSAID | _TABLE_MEDIA | {"text/xml", "application/xml"}
)
SETUP: Final = FileKind((".toml",), _UNSAID | {"application/toml", "text/x-toml"})


def keep_file(asked: Asked, kind: FileKind) -> tuple[int, Upload]:
    """Keep the file of the form and give its key.

    Raises  Refused: there is none (ERR-U31), or it is of another kind (ERR-U33).
    """
    given = asked.file
    if given is None or not given.content:
        raise Refused(refuse(NO_FILE, "file"))
    name = plain_name(given.name)
    media = given.media_type.partition(";")[0].strip().lower()
    if PurePath(name).suffix.lower() not in kind.suffixes:
        raise Refused(refuse(NOT_OF_THE_KIND, name, field="name", value=kind.accept))
    if media not in kind.media:
        raise Refused(refuse(NOT_OF_THE_KIND, name, field="content-type", value=media))
    with asked.system.jobs.transaction() as transaction:
        upload_id = keep_upload(
            transaction,
            company=asked.company,
            file=name,
            content=given.content,
            actor=asked.visitor.login,
        )
    return upload_id, Upload(name, given.content)
