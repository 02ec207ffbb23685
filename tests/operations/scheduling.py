"""What the tests of invoice schedules share."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from psycopg import Connection

from tests.operations.billing import rows, system_of
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.journey.run_schedules import Outcome, run_schedules
from twofold.operations.schedules.generate import Generated, generate_schedules


def plan(books: Books, line: int, frequency: str, start: str, end: str) -> None:
    """Let a planted line be invoiced so often, between two days."""
    with books.owner_operations.raw() as connection:
        plan_in(connection, line, frequency, start, end)


def plan_in(connection: Connection[Any], line: int, frequency: str, start: str, end: str) -> None:
    """As ``plan``. ``frequency`` is a period with its days, or with weekdays/occurrences of it."""
    period, *runs = frequency.split()
    weekdays = [run.split("/") for run in runs if "/" in run]
    connection.execute(
        "INSERT INTO operations.invoice_frequency VALUES"
        " ('USPM', %(line)s, %(name)s, %(period)s, %(days)s, %(weekdays)s,"
        "  %(occurrences)s::text[]::operations.weekday_occurrence[])",
        {
            "line": line,
            "name": f"{frequency} of {line}",
            "period": period,
            "days": None if weekdays else [int(run) for run in runs],
            "weekdays": [WEEKDAYS.index(on) + 1 for on, _ in weekdays] or None,
            "occurrences": [occurrence for _, occurrence in weekdays] or None,
        },
    )
    connection.execute(
        "UPDATE operations.contract_line SET invoice_frequency_id = %s, billing_start_date = %s"
        " WHERE contract_line_id = %s",
        (line, start, line),
    )
    connection.execute(
        "UPDATE operations.contract SET requested_delivery_date = %s"
        " WHERE contract_id = (SELECT contract_id FROM operations.contract_line"
        " WHERE contract_line_id = %s)",
        (end, line),
    )


WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def generate(books: Books, *contract_ids: int) -> Generated:
    """Generate the schedules of these contracts, of all when none is named."""
    with books.operations.transaction() as transaction:
        return generate_schedules(
            transaction,
            company="USPM",
            contract_ids=contract_ids or None,
            actor="pm",
            at=NOW,
        )


def run(books: Books, on: str, *, workers: int = 1) -> Outcome:
    """Run what is due on a day."""
    return run_schedules(
        system_of(books),
        company="USPM",
        on=date.fromisoformat(on),
        actor="job",
        workers=workers,
    )


def states(books: Books) -> list[str]:
    """Give the schedules as line, day and state."""
    found = rows(
        books,
        "SELECT contract_line_id, run_date, state FROM operations.contract_line_schedule"
        " ORDER BY contract_line_id, run_date",
    )
    return [f"{line} {day:%m-%d} {state}" for line, day, state in found]
