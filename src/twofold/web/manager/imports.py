"""Import entries: give a file, follow its job, read what is wrong with which row, try again.

The file stays with its job, so that another date format or leaving bad rows out takes no second
upload. Bad rows come back as a file of the same kind, to be corrected and imported again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from starlette.exceptions import HTTPException

from twofold.jobs.ask import note_seen
from twofold.jobs.orders import ImportEntries, read
from twofold.jobs.reads import ShownJob, list_jobs, list_refusals
from twofold.jobs.uploads import keep_upload, read_upload
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.dates import DATE_FORMATS
from twofold.operations.entries.formats.own import write_template
from twofold.operations.entries.formats.received import laid_down, plain_name
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.formats.records import EntryClass
from twofold.operations.entries.formats.rejects import write_rejects
from twofold.operations.entries.formats.source import open_table
from twofold.operations.entries.formats.workbook import WORKBOOK_MARK
from twofold.web.answers import Answer, Download, Moved
from twofold.web.asked import Asked, Given, Page
from twofold.web.everyone.jobs import found_job, started
from twofold.web.export import CSV_TYPE, XLSX_TYPE
from twofold.web.listing import Column, Listing, Slice, answer, choice_of, key_of

FILE_BYTES_MAX: Final = 32 * 1024 * 1024
"""What a file may be long."""

_KIND: Final = "import_entries"
_NO_FILE: Final = "ERR-U20"
_TOO_LARGE: Final = "ERR-U21"
# Unreadable, of no known format, with dates that may mean two days: about the file, not one row.
_OF_FILE: Final = frozenset({"ERR-E01", "ERR-E02", "ERR-E03"})
# The other fields of the form, and what stands between them.
_FORM_BYTES: Final = 64 * 1024
# A workbook is a packed file: this is what it may be unpacked.
_UNPACKED_BYTES_MAX: Final = 1024 * 1024 * 1024
_SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv", ".xlsx"})
# What browsers say of such files; some say nothing.
_MEDIA: Final = frozenset({
    "", "text/csv", "text/plain", "text/tab-separated-values", "application/csv",
    "application/vnd.ms-excel", "application/octet-stream", XLSX_TYPE,
})  # fmt: skip
_CLASSES: Final = ("time", "expense", "material", "fee")
# Refusals that are read at a time.
_CHUNK: Final = 5000

BadField = tuple[int, Refusal]


def _ask(asked: Asked) -> Answer:
    """Show the form, and what the visitor imported before."""
    return _form(asked)


def _form(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    def page(wanted: Slice) -> Sequence[ShownJob]:
        with asked.system.jobs.reader() as reader:
            return list_jobs(
                reader,
                actor=asked.visitor.login,
                state=None,
                companies=(asked.company,),
                kind=_KIND,
                before_id=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[ShownJob] = Listing(
        title="My imports",
        empty="Nothing was imported yet.",
        columns=(
            Column("File", lambda one: _order(one).file, to=_address),
            Column("Started", lambda one: one.created_at, "moment"),
            Column("Status", lambda one: one.state, "status"),
            Column("Recorded", lambda one: one.made_count if one.ended_at else None, "quantity"),
            Column("Problems", lambda one: one.refusal_count if one.ended_at else None, "quantity"),
        ),
        page=page,
        place=lambda one: str(one.job_id),
    )
    return answer(
        asked,
        "imports.html",
        listing,
        refusals=refusals,
        date_formats=DATE_FORMATS,
        classes=_CLASSES,
        bytes_max=FILE_BYTES_MAX,
        status=422 if refusals else 200,
    )


def _import(asked: Asked) -> Answer:
    """Keep the file and ask for its job; what cannot be a file of entries is said at once."""
    try:
        given = _checked(asked.file)
    except Refused as refused:
        return _form(asked, refused.refusals)
    file = plain_name(given.name)
    with asked.system.jobs.transaction() as transaction:
        upload_id = keep_upload(
            transaction,
            company=asked.company,
            file=file,
            content=given.content,
            actor=asked.visitor.login,
        )
    return started(asked, _wanted(asked, upload_id, file), company=asked.company)


def _checked(given: Given | None) -> Given:
    """Give the file if its name, its kind and its first bytes are those of a table."""
    if given is None or not given.content:
        raise Refused(refuse(_NO_FILE, "file"))
    name = plain_name(given.name)
    kind = given.media_type.partition(";")[0].strip().lower()
    if Path(name).suffix.lower() not in _SUFFIXES:
        raise Refused(refuse(_NO_FILE, name, field="name", value=name))
    if kind not in _MEDIA:
        raise Refused(refuse(_NO_FILE, name, field="content-type", value=kind))
    if len(given.content) > FILE_BYTES_MAX:
        raise Refused(refuse(_TOO_LARGE, name))
    if given.content.startswith(WORKBOOK_MARK) and _unpacked(name, given) > _UNPACKED_BYTES_MAX:
        raise Refused(refuse(_TOO_LARGE, name))
    with laid_down(name, given.content) as path:
        open_table(path)
    return given


def _unpacked(name: str, given: Given) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(given.content)) as packed:
            return sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as error:
        raise Refused(refuse(_NO_FILE, name)) from error


def _wanted(asked: Asked, upload_id: int, file: str) -> ImportEntries:
    date_format = asked.typed("date_format")
    return ImportEntries(
        upload_id,
        file,
        date_format if date_format in DATE_FORMATS else "",
        asked.typed("bad_rows") == "leave_out",
    )


def _show(asked: Asked) -> Answer:
    """Show what became of a file: what was recorded, and every problem with row and remedy."""
    job, order = _found(asked)
    if not job.ended_at:
        return Moved(f"/jobs/{job.job_id}")
    if not job.seen_at and job.actor == asked.visitor.login:
        with asked.system.jobs.transaction() as transaction:
            note_seen(transaction, job_id=job.job_id, actor=job.actor)

    def page(wanted: Slice) -> Sequence[BadField]:
        return _problems(asked, job, key_of(wanted.after), wanted.limit)

    listing: Listing[BadField] = Listing(
        title="Rows with problems",
        empty="Every row is good.",
        columns=(
            Column("Row", lambda one: _row(one[1]), "quantity"),
            Column("Column", lambda one: one[1].field or None),
            Column("Value", lambda one: one[1].value or None),
            Column("Reason", lambda one: asked.speech.meant(one[1].reason)),
            Column("What to do", lambda one: asked.speech.meant(one[1].remedy)),
            Column("Code", lambda one: one[1].code),
        ),
        page=page,
        place=lambda one: str(one[0]),
        total=job.refusal_count,
    )
    return answer(
        asked,
        "import.html",
        listing,
        job=job,
        order=order,
        had_before=int(job.result or 0),
        date_formats=DATE_FORMATS,
        may_import=asked.visitor.may("record_work", asked.company),
    )


def _again(asked: Asked) -> Answer:
    """Ask for the same file again, with other answers."""
    _, order = _found(asked)
    with asked.system.jobs.reader() as reader:
        read_upload(reader, company=asked.company, upload_id=order.upload_id)
    return started(asked, _wanted(asked, order.upload_id, order.file), company=asked.company)


def _bad_rows(asked: Asked) -> Answer:
    """Give the rows with problems as they were written, each with what is wrong behind it."""
    job, order = _found(asked)
    refusals = [one for one in _all_problems(asked, job) if _row(one) is not None]
    if not refusals:
        raise HTTPException(404)
    with asked.system.jobs.reader() as reader:
        upload = read_upload(reader, company=asked.company, upload_id=order.upload_id)
    with laid_down(upload.file, upload.content) as path:
        export = read_export(path, date_format=order.date_format or None)
        target = path.with_name(f"{path.stem}-bad-rows{path.suffix}")
        write_rejects(export, target, refusals=refusals)
        content = target.read_bytes()
    media_type = XLSX_TYPE if content.startswith(WORKBOOK_MARK) else CSV_TYPE
    return Download(target.name, media_type, (content,))


def _template(asked: Asked) -> Answer:
    """Give an empty file to fill in."""
    kind = cast("EntryClass", choice_of(asked, "class", _CLASSES) or "time")
    suffix = ".csv" if asked.text("as") == "csv" else ".xlsx"
    with laid_down(f"{kind}{suffix}", b"") as path:
        path.unlink()
        write_template(path, kind)
        content = path.read_bytes()
    return Download(path.name, CSV_TYPE if suffix == ".csv" else XLSX_TYPE, (content,))


def _found(asked: Asked) -> tuple[ShownJob, ImportEntries]:
    job = found_job(asked)
    if job.company != asked.company or job.kind != _KIND:
        raise HTTPException(404)
    return job, _order(job)


def _order(job: ShownJob) -> ImportEntries:
    order = read(job.asked)
    assert isinstance(order, ImportEntries), job.kind
    return order


def _address(job: ShownJob) -> str:
    return f"/{job.company}/imports/{job.job_id}"


def _problems(asked: Asked, job: ShownJob, after: int, limit: int) -> Sequence[BadField]:
    with asked.system.jobs.reader() as reader:
        found = list_refusals(reader, job, after=after, limit=limit)
    return list(enumerate(found, start=after + 1))


def _all_problems(asked: Asked, job: ShownJob) -> Iterator[Refusal]:
    after = 0
    while found := _problems(asked, job, after, _CHUNK):
        yield from (one for _, one in found)
        after = found[-1][0]


def _row(refusal: Refusal) -> int | None:
    """Give the row of the file that a refusal is about; None where it is about the file."""
    row = refusal.record.rpartition(":")[2]
    return int(row) if row.isdecimal() and refusal.code not in _OF_FILE else None


PAGES: Final = (
    Page("/{company}/imports", _ask, "record_work"),
    Page("/{company}/imports", _import, "record_work", "POST", FILE_BYTES_MAX + _FORM_BYTES),
    Page("/{company}/import-template", _template, "record_work"),
    # Those of a job are for who asked for it, and who looks after people.
    Page("/{company}/imports/{number}", _show, None),
    Page("/{company}/imports/{number}/bad-rows", _bad_rows, None),
    Page("/{company}/imports/{number}/again", _again, "record_work", "POST"),
)
