"""Apply a setup file: write what is new or different, or refuse the whole of it.

The file is judged together with what the book knows, with every problem at once. Each table of
a company is then merged by natural key. Rows that the file does not name stay as they are, except
the codes of a tax group it names: a group holds exactly the codes stated.

After   the book holds what the file says; applying the same file again writes nothing.
Next    what operations must know of a company travels there, one change set per table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from twofold.database.deeds import KEYS_MAX, Key, record_deed
from twofold.database.merge import Difference
from twofold.database.outbox import open_change_set
from twofold.database.transaction import Transaction
from twofold.finance.setup.known import read_known
from twofold.finance.setup.records import FinanceSetup
from twofold.finance.setup.rows import Counts, rows_of
from twofold.finance.setup.rules import problems, warnings
from twofold.finance.setup.tables import LOCK_SETUP, put_rows
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What applying did, per table, and what postings will still miss."""

    tables: Mapping[str, Counts]
    warnings: tuple[Refusal, ...]

    @property
    def written(self) -> int:
        """How many rows were added, changed or removed."""
        return sum(one.added + one.changed + one.removed for one in self.tables.values())


@dataclass(frozen=True, slots=True)
class _Sets:
    """The change sets of this request: one per company and table whose rows travel."""

    transaction: Transaction
    actor: str
    at: datetime

    def giver(self, company: str, table: str) -> Callable[[], int]:
        """Give what opens the set of a company's table when it is asked."""
        return lambda: (
            open_change_set(
                self.transaction,
                company=company,
                kind="setup",
                stream=table,
                actor=self.actor,
                at=self.at,
            ).set_id
        )


def apply_setup(
    transaction: Transaction, *, setup: FinanceSetup, actor: str, at: datetime
) -> SetupResult:
    """Write the companies of a setup file into the finance book."""
    transaction.run(LOCK_SETUP)
    known = {one.code: read_known(transaction, setup=one) for one in setup.company}
    found = [
        *_companies_stated_twice(setup),
        *(problem for one in setup.company for problem in problems(one, known[one.code])),
    ]
    if found:
        raise Refused(*found)

    sets = _Sets(transaction, actor, at)
    counts: dict[str, list[Counts]] = defaultdict(list)
    for company in setup.company:
        put = {
            table: put_rows(
                transaction,
                table,
                rows,
                company=company.code,
                set_id=sets.giver(company.code, table),
            )
            for table, rows in rows_of(company).items()
        }
        for table, (told, _) in put.items():
            counts[table].append(told)
        _record(transaction, company.code, put, (actor, at))
    return SetupResult(
        tables={table: _total(parts) for table, parts in counts.items()},
        warnings=tuple(
            warning for one in setup.company for warning in warnings(one, known[one.code])
        ),
    )


def _record(
    transaction: Transaction,
    company: str,
    put: Mapping[str, tuple[Counts, list[Difference]]],
    by: tuple[str, datetime],
) -> None:
    """Keep who changed how many rows of which tables, and which values as far as they are few."""
    written = {
        table: number
        for table, (told, _) in put.items()
        if (number := told.added + told.changed + told.removed)
    }
    if not written:
        return
    values = [
        (f"{table} {one.key} {one.field}", {"from": one.was, "to": one.becomes})
        for table, (_, changed) in put.items()
        for one in changed
    ]
    detail: dict[Key, object] = {"count": sum(written.values()), "tables": written}
    if 0 < len(values) <= KEYS_MAX:
        detail["changes"] = dict(values)
    record_deed(transaction, company=company, act="setup_applied", by=by, detail=detail)


def _companies_stated_twice(setup: FinanceSetup) -> list[Refusal]:
    codes = [one.code for one in setup.company]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return [refuse("ERR-A32", code, field="code", value=code) for code in twice]


def _total(parts: list[Counts]) -> Counts:
    return Counts(
        added=sum(part.added for part in parts),
        changed=sum(part.changed for part in parts),
        removed=sum(part.removed for part in parts),
        unchanged=sum(part.unchanged for part in parts),
    )
