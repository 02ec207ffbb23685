"""The finance setup: what is in force, table by table; a file seen as a plan before it is applied.

A file is kept with its plan, so that what is applied is what was looked at. It may name several
companies; whoever applies it keeps the accounts of every one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from twofold.database.merge import Difference, Stored
from twofold.finance.setup.apply import apply_setup
from twofold.finance.setup.compare import compare_setup
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.records import FinanceSetup
from twofold.finance.setup.tables import TABLES, fields_of, read_rows
from twofold.jobs.orders import ApplySetup
from twofold.jobs.uploads import Upload, read_upload
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.accountant.given_files import SETUP, keep_file
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, answer, key_of, whole

_FORBIDDEN: Final = "ERR-U05"


@dataclass(frozen=True, slots=True)
class _Planned:
    """One difference of the plan, with the table it is in."""

    company: str
    table: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file would do; with refusals it would do nothing."""

    rows: tuple[_Planned, ...]
    written: int
    warnings: tuple[Refusal, ...]
    refusals: tuple[Refusal, ...]


_PLANNED: Final[tuple[Column[_Planned], ...]] = (
    Column("Company", lambda one: one.company),
    Column("Table", lambda one: one.table),
    Column("Key", lambda one: one.difference.key),
    Column("What", lambda one: one.difference.verdict, "term"),
    Column("Field", lambda one: one.difference.field or None),
    Column("In the book", lambda one: one.difference.was or None),
    Column("In the file", lambda one: one.difference.becomes or None),
)


def _show(asked: Asked) -> Answer:
    """Show one table of the setup in force, and the form for a file."""
    return _shown(asked)


def _shown(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    table = asked.text("table") if asked.text("table") in TABLES else "parameter"
    with asked.system.auditor_finance.reader() as reader:
        rows = read_rows(reader, table, company=asked.company)
    columns = tuple(_column(name) for name in fields_of(table))
    listing: Listing[Stored] = Listing(
        title="Setup in force",
        fields=(Field("table", "Table", "value", TABLES, value=table),),
        columns=columns,
        page=whole(rows, columns),
        place=lambda one: one.key,
        per_page=max(len(rows), 1),
    )
    return answer(
        asked.at(f"/{asked.company}/setup") if refusals else asked,
        "setup.html",
        listing,
        status=422 if refusals else 200,
        refusals=refusals,
        may_account=asked.visitor.may("account", asked.company),
    )


def _column(name: str) -> Column[Stored]:
    """Give a column named as the key of the file: what one reads here is what one types there."""
    return Column(name, lambda one: one.fields.get(name), sort=name)


def _give(asked: Asked) -> Answer:
    """Keep the file, and show what applying it would do."""
    try:
        upload_id, upload = keep_file(asked, SETUP)
    except Refused as refused:
        return _shown(asked, refused.refusals)
    plan = _planned(asked, upload)
    return answer(
        asked.at(f"/{asked.company}/setup"),
        "setup_plan.html",
        Listing(
            title="What applying the file would do",
            empty="The book says the same already.",
            columns=_PLANNED,
            page=whole(plan.rows, _PLANNED),
            place=lambda one: one.difference.key,
            per_page=max(len(plan.rows), 1),
        ),
        status=422 if plan.refusals else 200,
        file=upload.file,
        upload_id=upload_id,
        plan=plan,
    )


def _planned(asked: Asked, upload: Upload) -> _Plan:
    try:
        setup = _read(asked, upload)
        with asked.system.finance.trial() as transaction:
            compared = compare_setup(transaction, setup=setup)
            result = apply_setup(transaction, setup=setup, actor=asked.visitor.login, at=asked.now)
    except Refused as refused:
        return _Plan((), 0, (), refused.refusals)
    rows = tuple(
        _Planned(one.company, one.table, difference)
        for one in compared
        for difference in one.differences
    )
    return _Plan(rows, result.written, result.warnings, ())


def _read(asked: Asked, upload: Upload) -> FinanceSetup:
    """Read the file, and refuse companies whose accounts the visitor does not keep (ERR-U05)."""
    setup = read_setup(upload.content, file=upload.file)
    strange = [one.code for one in setup.company if not asked.visitor.may("account", one.code)]
    if strange:
        raise Refused(*(refuse(_FORBIDDEN, f"{asked.visitor.login} in {one}") for one in strange))
    return setup


def _apply(asked: Asked) -> Answer:
    """Apply the file that was planned: all of it, or nothing with every reason."""
    upload_id = key_of(asked.path["number"])
    with asked.system.jobs.reader() as reader:
        upload = read_upload(reader, company=asked.company, upload_id=upload_id)
    return started(asked, ApplySetup(upload_id, upload.file), company=asked.company)


_FILE_BYTES_MAX: Final = 4 * 1024 * 1024

PAGES: Final = (
    Page("/{company}/setup", _show, "read_finance"),
    Page("/{company}/setup", _give, "account", "POST", _FILE_BYTES_MAX),
    Page("/{company}/setup/{number}/apply", _apply, "account", "POST"),
)
