"""Read the lines of an entry journal from a CSV file with a header."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, cast, get_args

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.journals.journal_line import (
    NewJournalLine,
    TransactionClass,
    TransactionType,
)

UNREADABLE: Final = "ERR-B57"
NEEDED: Final = ("Type", "Class", "Date", "Project", "Quantity")
COLUMNS: Final = (
    *NEEDED, "Task", "Person", "Role", "Category", "Unit", "Price", "Currency", "Customer",
    "Description",
)  # fmt: skip


def read_journal_lines(path: Path) -> tuple[NewJournalLine, ...]:
    """Read a file of UTF-8, or refuse it with every value that is none (ERR-B57)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            header = reader.fieldnames or []
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise Refused(refuse(UNREADABLE, path.name, reason=reason)) from error
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8: {error.reason} at byte {error.start}"
        raise Refused(refuse(UNREADABLE, path.name, reason=reason)) from error
    except csv.Error as error:
        raise Refused(refuse(UNREADABLE, path.name, reason=f"is no CSV: {error}")) from error
    wrong = [name for name in NEEDED if name not in header]
    wrong += [name for name in header if name not in COLUMNS]
    if wrong:
        raise Refused(
            refuse(UNREADABLE, path.name, field="header", value=", ".join(map(str, wrong)))
        )
    problems = [
        one for line, row in enumerate(rows, 2) for one in _problems(f"{path.name}:{line}", row)
    ]
    if problems:
        raise Refused(*problems)
    return tuple(_line(row) for row in rows)


def _problems(record: str, row: Mapping[str, str]) -> Iterator[Refusal]:
    for field, allowed in (
        ("Type", get_args(TransactionType)),
        ("Class", get_args(TransactionClass)),
    ):
        if row[field] not in allowed:
            reason = f"known are {', '.join(allowed)}"
            yield refuse(UNREADABLE, record, field=field, value=row[field], reason=reason)
    for field, read in (("Date", date.fromisoformat), ("Quantity", _number), ("Price", _number)):
        text = row.get(field) or ""
        if not text and field == "Price":
            continue
        try:
            read(text)
        except (ValueError, InvalidOperation):
            yield refuse(UNREADABLE, record, field=field, value=text)


def _number(text: str) -> Decimal:
    """Give a number of at most four decimals."""
    number = Decimal(text)
    if not number.is_finite() or abs(number) >= 10**9 or number != round(number, 4):
        raise ValueError(text)
    return number


def _line(row: Mapping[str, str]) -> NewJournalLine:
    def given(name: str) -> str | None:
        return row.get(name) or None

    price = given("Price")
    return NewJournalLine(
        # Checked above.
        transaction_type=cast("TransactionType", row["Type"]),
        cls=cast("TransactionClass", row["Class"]),
        work_on=date.fromisoformat(row["Date"]),
        project=row["Project"],
        quantity=_number(row["Quantity"]),
        task=given("Task"),
        person=given("Person"),
        role=given("Role"),
        category=given("Category"),
        unit=given("Unit") or ("hour" if row["Class"] == "time" else "each"),
        price=_number(price) if price else None,
        currency=given("Currency"),
        customer=given("Customer"),
        description=given("Description"),
    )
