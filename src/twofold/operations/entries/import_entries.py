"""Record the rows of an exported file as entries, submitted and ready to be approved.

A file names people, clients, projects and tasks; here they become records, or refusals, all of
them at once and together with what reading the file already refused. By default one bad row
keeps the whole file out, because a file that is half in is hard to reason about;
``on_bad_row="leave_out"`` records the rest.

A row is recognised by its import key, so importing a file twice adds nothing.

Before  the setup the rows name is there.
After   each row is an entry in state submitted with journal lines and an approval, or was
        there already, or has a refusal.
Next    approve.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.copy import copy_rows
from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.records import Export
from twofold.operations.entries.pricing import Problem, price_submission
from twofold.operations.entries.submission import (
    SubmittedCounts,
    close_submission,
    open_submission,
    write_submission,
)
from twofold.operations.keys import take_keys

ENTRY_KEY: Final = "operations.entry_key"

_INCOMING_COLUMNS: Final = (
    "entry_id",
    "names_id",
    "line",
    "transaction_date",
    "quantity",
    "unit_price",
    "unit",
    "description",
    "external_description",
    "billable",
    "import_key",
)
_NAME_COLUMNS: Final = (
    "names_id",
    "class",
    "person",
    "person_email",
    "client",
    "project",
    "task",
    "role",
    "category",
    "product",
    "currency",
)


@dataclass(frozen=True, slots=True)
class _Company:
    company: str


@dataclass(frozen=True, slots=True)
class _LineProblem:
    line: int
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Line:
    entry_id: int
    line: int


SQL: Final = SqlFile(__name__)
LOCK_IMPORT: Final = SQL.command("lock_import")
WORKING_TABLES: Final = (
    SQL.command("create_incoming"),
    SQL.command("create_incoming_name"),
    SQL.command("create_known_name"),
    SQL.command("create_resolved"),
    SQL.command("create_name_problem"),
)
DROP_WORKING_TABLES: Final = SQL.command("drop_working_tables")
ANALYZE_INCOMING: Final = SQL.command("analyze_incoming")
ANALYZE_KNOWN_NAME: Final = SQL.command("analyze_known_name")
ANALYZE_RESOLVED: Final = SQL.command("analyze_resolved")
LEARN_NAMES: Final = SQL.command("learn_names")
RESOLVE_NAMES: Final = SQL.command("resolve_names")
JUDGE_NAMES: Final = SQL.command("judge_names")
LIST_COMPANIES: Final = SQL.query("list_companies", gives=_Company)
FORGET_KNOWN_LINES: Final = SQL.command("forget_known_lines")
LIST_NAME_PROBLEMS: Final = SQL.query("list_name_problems", gives=_LineProblem)
GATHER_SUBMISSION: Final = SQL.command("gather_submission")
LIST_LINES: Final = SQL.query("list_lines", gives=_Line)
WRITE_ENTRIES: Final = SQL.command("write_entries")
WRITE_IMPORTED_LINES: Final = SQL.command("write_imported_lines")


@dataclass(frozen=True, slots=True)
class ImportedCompany:
    """What came in for one company."""

    company: str
    entry_count: int
    unpriced_count: int
    uncosted_count: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file: rows added, rows an earlier import brought, rows refused."""

    file: str
    added: int
    already_there: int
    refusals: tuple[Refusal, ...]
    companies: tuple[ImportedCompany, ...]


def import_entries(
    transaction: Transaction,
    *,
    export: Export,
    actor: str,
    at: datetime,
    on_bad_row: Literal["refuse_file", "leave_out"] = "refuse_file",
    company: str | None = None,
) -> ImportResult:
    """Record the rows of one file; refused whole if a row is bad, unless bad rows are left out.

    Rows belong to the company of their project; with ``company``, only its projects and people
    are known (ERR-E16, E19).
    """
    transaction.run(LOCK_IMPORT)
    for create in WORKING_TABLES:
        transaction.run(create)
    open_submission(transaction)
    _load(transaction, export)
    companies = _resolve(transaction, company)
    already_there = sum(
        transaction.run(FORGET_KNOWN_LINES, company=company) for company in companies
    )
    problems = [
        (row.line, _refusal(export, row.line, row.code, row.field, row.value))
        for row in transaction.all(LIST_NAME_PROBLEMS)
    ]
    transaction.run(GATHER_SUBMISSION)
    unpriced = price_submission(transaction, companies=companies)
    problems.extend(_pricing_problems(transaction, export, unpriced))
    refusals = _in_file_order(export, problems)
    if refusals and on_bad_row == "refuse_file":
        raise Refused(*refusals)
    written = tuple(
        _write(transaction, company=company, export=export, actor=actor, at=at)
        for company in companies
    )
    close_submission(transaction)
    transaction.run(DROP_WORKING_TABLES)
    return ImportResult(
        file=export.file,
        added=sum(company.entry_count for company in written),
        already_there=already_there,
        refusals=refusals,
        companies=tuple(company for company in written if company.entry_count),
    )


def _load(transaction: Transaction, export: Export) -> None:
    """Copy the rows into the working tables: each combination of names once."""
    names: dict[tuple[str, ...], int] = {}
    if export.rows:
        first_key = take_keys(transaction, ENTRY_KEY, how_many=len(export.rows))
        copy_rows(
            transaction, "pg_temp.incoming", _INCOMING_COLUMNS, _rows(export, first_key, names)
        )
        combinations = ((number, *texts) for texts, number in names.items())
        copy_rows(transaction, "pg_temp.incoming_name", _NAME_COLUMNS, combinations)
    transaction.run(ANALYZE_INCOMING)


def _rows(
    export: Export, first_key: int, names: dict[tuple[str, ...], int]
) -> Iterator[tuple[object, ...]]:
    """Give the rows one by one and fill ``names`` on the way."""
    known: dict[tuple[str, ...], int] = {}
    for entry_id, row in enumerate(export.rows, start=first_key):
        named = (
            row.person,
            row.person_email,
            row.client,
            row.project,
            row.task,
            row.role,
            row.category,
            row.product,
        )
        key = (row.cls, *named, row.currency)
        names_id = known.get(key)
        if names_id is None:
            spaced = (row.cls, *map(_one_spaced, named), row.currency)
            names_id = known[key] = names.setdefault(spaced, len(names))
        yield (
            entry_id,
            names_id,
            row.line,
            row.on,
            row.quantity,
            row.unit_price,
            row.unit,
            row.description,
            row.external_description,
            row.billable,
            row.import_key,
        )


def _one_spaced(text: str) -> str:
    """Names are the same however they are spaced."""
    return " ".join(text.split())


def _resolve(transaction: Transaction, company: str | None) -> tuple[str, ...]:
    """Find the records that the names mean; give the companies of the rows."""
    transaction.run(LEARN_NAMES, company=company)
    transaction.run(ANALYZE_KNOWN_NAME)
    transaction.run(RESOLVE_NAMES)
    transaction.run(JUDGE_NAMES)
    transaction.run(ANALYZE_RESOLVED)
    return tuple(row.company for row in transaction.all(LIST_COMPANIES))


def _pricing_problems(
    transaction: Transaction, export: Export, problems: list[Problem]
) -> Iterator[tuple[int, Refusal]]:
    if not problems:
        return
    ids = [problem.entry_id for problem in problems]
    lines = {row.entry_id: row.line for row in transaction.all(LIST_LINES, entry_ids=ids)}
    for problem in problems:
        line = lines[problem.entry_id]
        yield line, _refusal(export, line, problem.code, problem.field, problem.value)


def _refusal(export: Export, line: int, code: str, field: str, value: str) -> Refusal:
    return refuse(code, f"{export.file}:{line}", field=field, value=value)


def _in_file_order(export: Export, problems: list[tuple[int, Refusal]]) -> tuple[Refusal, ...]:
    """Merge what reading refused with what the book refuses, by line."""
    read = [(int(refusal.record.rpartition(":")[2]), refusal) for refusal in export.refusals]
    return tuple(refusal for _, refusal in sorted([*read, *problems], key=lambda pair: pair[0]))


def _write(
    transaction: Transaction, *, company: str, export: Export, actor: str, at: datetime
) -> ImportedCompany:
    transaction.run(WRITE_ENTRIES, company=company, actor=actor, at=at)
    transaction.run(WRITE_IMPORTED_LINES, company=company, file=export.file)
    counts: SubmittedCounts = write_submission(transaction, company=company, actor=actor, at=at)
    if counts.entry_count:
        record_deed(
            transaction,
            company=company,
            act="entries_imported",
            by=(actor, at),
            detail={"count": counts.entry_count, "file": export.file},
        )
    return ImportedCompany(
        company=company,
        entry_count=counts.entry_count,
        unpriced_count=counts.unpriced_count,
        uncosted_count=counts.uncosted_count,
    )
