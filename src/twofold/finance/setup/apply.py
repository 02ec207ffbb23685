"""Apply a setup file: write what is new or different, or refuse the whole of it.

The file is judged together with what the book knows, with every problem at once. Each table of
a company is then put by one statement. Rows that the file does not name stay as they are, except
the codes of a tax group it names: a group holds exactly the codes stated.

After   the book holds what the file says; applying the same file again writes nothing.
Next    a company that is new or changed travels to operations as a change set.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.outbox import open_change_set
from twofold.database.statement import Query, SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.setup import attributes, ledger, projects, tax
from twofold.finance.setup.known import read_known
from twofold.finance.setup.records import CompanySetup, FinanceSetup
from twofold.finance.setup.rows import Counts, rows_of
from twofold.finance.setup.rules import problems, warnings
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class _LegalEntity:
    name: str
    accounting_currency: str
    reporting_currency: str


SQL: Final = SqlFile(__name__)
LEGAL_ENTITY: Final = SQL.query("legal_entity", gives=_LegalEntity)
PUT_LEGAL_ENTITY: Final = SQL.command("put_legal_entity")

_PUT: Final[Mapping[str, Query[Counts]]] = {
    **ledger.PUT,
    **tax.PUT,
    **projects.PUT,
    **attributes.PUT,
}


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What applying did, per table, and what postings will still miss."""

    tables: Mapping[str, Counts]
    warnings: tuple[Refusal, ...]

    @property
    def written(self) -> int:
        """How many rows were added, changed or removed."""
        return sum(one.added + one.changed + one.removed for one in self.tables.values())


def apply_setup(
    transaction: Transaction, *, setup: FinanceSetup, actor: str, at: datetime
) -> SetupResult:
    """Write the companies of a setup file into the finance book."""
    known = {one.code: read_known(transaction, company=one.code) for one in setup.company}
    found = [
        *_companies_stated_twice(setup),
        *(problem for one in setup.company for problem in problems(one, known[one.code])),
    ]
    if found:
        raise Refused(*found)

    counts: dict[str, list[Counts]] = defaultdict(list)
    for company in setup.company:
        counts["legal_entity"].append(_put_legal_entity(transaction, company, actor=actor, at=at))
        for table, rows in rows_of(company).items():
            given = json.dumps(rows, default=str)
            counts[table].append(transaction.one(_PUT[table], company=company.code, rows=given))
    return SetupResult(
        tables={table: _total(parts) for table, parts in counts.items()},
        warnings=tuple(
            warning for one in setup.company for warning in warnings(one, known[one.code])
        ),
    )


def _put_legal_entity(
    transaction: Transaction, setup: CompanySetup, *, actor: str, at: datetime
) -> Counts:
    given = _LegalEntity(setup.name, setup.accounting_currency, setup.reporting_currency)
    stored = transaction.first(LEGAL_ENTITY, company=setup.code)
    if stored == given:
        return Counts(added=0, changed=0, removed=0, unchanged=1)
    change_set = open_change_set(
        transaction, company=setup.code, kind="setup", stream="setup", actor=actor, at=at
    )
    transaction.run(
        PUT_LEGAL_ENTITY,
        company=setup.code,
        name=given.name,
        accounting_currency=given.accounting_currency,
        reporting_currency=given.reporting_currency,
        change_set_id=change_set.set_id,
    )
    is_new = stored is None
    return Counts(added=int(is_new), changed=int(not is_new), removed=0, unchanged=0)


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
