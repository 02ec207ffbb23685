"""Confirm proformas: their details become billed sales, for good.

Everything is checked first and all that is wrong is reported at once; then every proforma asked
for is confirmed, or none is. A detail that bills an unbilled sale reverses that sale (finance
does not get the reversal: it marks the sale as invoiced itself) and adds the billed sale. A
milestone adds a billed sale only. One change set per proforma carries all of it to finance.

Before  the proformas are drafts or in review, and each detail still matches what backs it.
After   they are confirmed and never change; their items have left the backlog.
Next    the change set reaches finance: the header becomes a proposal, the actuals are staged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.keys import take_keys
from twofold.operations.proforma.rules import Header, KeyBlock, header_refusals, lay_out_keys


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One proforma as it was confirmed. ``billed_count`` includes what is not chargeable."""

    proforma_id: int
    number: str
    accounting_date: date
    currency: str
    detail_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    billed_count: int
    billable_count: int
    change_set_id: int


@dataclass(frozen=True, slots=True)
class _Ledger:
    accounting_currency: str


@dataclass(frozen=True, slots=True)
class _Locked:
    proforma_id: int


@dataclass(frozen=True, slots=True)
class _Problem:
    code: str
    number: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
LEDGER: Final = SQL.query("ledger", gives=_Ledger)
LOCK_PROFORMAS: Final = SQL.query("lock_proformas", gives=_Locked)
HEADERS: Final = SQL.query("headers", gives=Header)
PROBLEMS: Final = SQL.query("problems", gives=_Problem)
BILL: Final = SQL.command("bill")
REVERSE: Final = SQL.command("reverse")
CLOSE_ITEMS: Final = SQL.command("close_items")
CLOSE_MILESTONES: Final = SQL.command("close_milestones")
CONFIRM_HEADERS: Final = SQL.query("confirm_headers", gives=Confirmed)

PROFORMA_UNKNOWN: Final = "ERR-B22"
COMPANY_HAS_NO_LEDGER: Final = "ERR-A02"


def confirm_proformas(
    transaction: Transaction,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    at: datetime,
    on: date,
) -> tuple[Confirmed, ...]:
    """Confirm all of ``proforma_ids``; ``on`` is the accounting date of headers without one.

    Confirming again is refused and changes nothing; of two at once, the second waits for the first.
    """
    assert proforma_ids, "a confirmation names at least one proforma"
    headers = _checked(transaction, company, sorted(set(proforma_ids)))
    row_count = sum(header.detail_count + header.sale_count for header in headers)
    first_key = take_keys(transaction, "operations.actual_key", how_many=row_count)
    blocks = lay_out_keys(headers, first_key)
    sets = [
        _opened_set(transaction, company, header, block, actor, at)
        for header, block in zip(headers, blocks, strict=True)
    ]
    asked = {"company": company, "proforma_ids": [header.proforma_id for header in headers]}
    confirmed = {**asked, "set_ids": [change_set.set_id for change_set in sets]}
    first_billed = [block.first_billed for block in blocks]
    first_reversal = [block.first_reversal for block in blocks]
    billed = transaction.run(BILL, first_actual_ids=first_billed, confirmed_on=on, **confirmed)
    assert billed == sum(header.detail_count for header in headers), "every detail is billed"
    reversed_count = transaction.run(REVERSE, first_actual_ids=first_reversal, **confirmed)
    assert reversed_count == sum(header.sale_count for header in headers), "every sale is reversed"
    refresh_statistics(transaction, "operations.actual", rows_added=billed + reversed_count)
    closed = transaction.run(CLOSE_ITEMS, **asked)
    assert closed == reversed_count, "what is billed has left the backlog"
    posted = transaction.run(CLOSE_MILESTONES, **asked)
    assert posted == billed - reversed_count, "what backs no sale is a milestone"
    return tuple(
        transaction.all(
            CONFIRM_HEADERS,
            first_key=first_key,
            last_key=blocks[-1].last,
            actor=actor,
            at=at,
            confirmed_on=on,
            **asked,
        )
    )


def _checked(transaction: Transaction, company: str, proforma_ids: list[int]) -> list[Header]:
    """Lock the proformas and check them; give their headers, or refuse with every reason."""
    asked = {"company": company, "proforma_ids": proforma_ids}
    if transaction.first(LEDGER, company=company) is None:
        raise Refused(refuse(COMPANY_HAS_NO_LEDGER, f"company/{company}"))
    # A proforma that is confirmed already is not locked, for it cannot change any more.
    transaction.all(LOCK_PROFORMAS, **asked)
    headers = transaction.all(HEADERS, **asked)
    unknown = sorted(set(proforma_ids) - {header.proforma_id for header in headers})
    refusals: list[Refusal] = [refuse(PROFORMA_UNKNOWN, f"proforma/{key}") for key in unknown]
    for header in headers:
        refusals += header_refusals(header)
    refusals += [
        refuse(problem.code, f"proforma/{problem.number}", field=problem.field, value=problem.value)
        for problem in transaction.all(PROBLEMS, **asked)
    ]
    if refusals:
        raise Refused(*refusals)
    return headers


def _opened_set(
    transaction: Transaction,
    company: str,
    header: Header,
    block: KeyBlock,
    actor: str,
    at: datetime,
) -> ChangeSet:
    change_set = open_change_set(
        transaction,
        company=company,
        kind="confirmation",
        stream=f"invoice/{header.number}",
        actor=actor,
        at=at,
    )
    change_set.covers(block.first_billed, block.last)
    return change_set
