"""Confirm proformas: their details become billed sales, for good.

Everything is checked first and all that is wrong is reported at once; then every proforma asked
for is confirmed, or none is. A detail as it was approved reverses its unbilled sale (finance does
not get the reversal: it marks the sale as invoiced itself) and adds the billed sale. An edited
detail adjusts its sale, in both books, sells anew what it bills, and writes off without charge what
it bills less than approved. A manual detail sells and bills, a milestone bills only. A correction
credits its billed sale whole, bills what is right, and opens the rest again. A retainer bills what
is invoiced, applied or refunded of it, and what is available afterwards stands as an open negative
sale in place of the one before. One change set per proforma carries all of it to finance.

Before  the proformas are drafts or in review, and what backs each detail is still on them.
After   they are confirmed and never change; their items have left the backlog.
Next    the change set reaches finance: the header becomes a proposal, the actuals are staged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.deeds import record_deeds
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.backlog.kept_sums import fold_sums
from twofold.operations.backlog.open_sales import open_sales
from twofold.operations.keys import take_keys
from twofold.operations.proforma.confirmable import DROP_PIECES, lock_confirmable
from twofold.operations.proforma.rules import Header, KeyBlock, lay_out_keys


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
class _Closed:
    item_count: int


SQL: Final = SqlFile(__name__)
CREDIT: Final = SQL.command("credit")
BILL: Final = SQL.command("bill")
REVERSE: Final = SQL.command("reverse")
REVERSE_RETAINERS: Final = SQL.command("reverse_retainers")
SELL_ANEW: Final = SQL.command("sell_anew")
REVERSE_NEW_SALES: Final = SQL.command("reverse_new_sales")
COMPLETE_BULK: Final = SQL.command("complete_bulk")
CLOSE_CORRECTIONS: Final = SQL.command("close_corrections")
REOPEN_MILESTONES: Final = SQL.command("reopen_milestones")
CLOSE_ITEMS: Final = SQL.query("close_items", gives=_Closed)
CLOSE_MILESTONES: Final = SQL.command("close_milestones")
CLOSE_RETAINERS: Final = SQL.command("close_retainers")
CONFIRM_HEADERS: Final = SQL.query("confirm_headers", gives=Confirmed)


def confirm_proformas(
    transaction: Transaction,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    at: datetime,
    on: date,
    in_bulk: bool = False,
) -> tuple[Confirmed, ...]:
    """Confirm all of ``proforma_ids``; ``on`` is the accounting date of headers without one.

    Confirming again is refused and changes nothing; of two at once, the second waits for the first.
    What waits for its run of many is only confirmed ``in_bulk``.
    """
    assert proforma_ids, "a confirmation names at least one proforma"
    keys = sorted(set(proforma_ids))
    headers = lock_confirmable(transaction, company=company, proforma_ids=keys, in_bulk=in_bulk)
    row_count = sum(header.row_count for header in headers)
    first_key = take_keys(transaction, "operations.actual_key", how_many=row_count)
    blocks = lay_out_keys(headers, first_key)
    sets = [
        _opened_set(transaction, company, header, block, actor, at)
        for header, block in zip(headers, blocks, strict=True)
    ]
    asked: dict[str, object] = {
        "company": company,
        "proforma_ids": [header.proforma_id for header in headers],
    }
    given = {**asked, "set_ids": [change_set.set_id for change_set in sets]}
    firsts = {
        "first_credits": [block.first_credit for block in blocks],
        "first_bills": [block.first_bill for block in blocks],
        "first_reversals": [block.first_reversal for block in blocks],
        "first_new_sales": [block.first_new_sale for block in blocks],
    }
    keys_taken = (first_key, blocks[-1].last)
    _write_actuals(transaction, headers, {**given, **firsts}, on, keys_taken)
    transaction.run(DROP_PIECES)
    refresh_statistics(transaction, "operations.actual", rows_added=row_count)
    _close(transaction, headers, asked)
    block = {"first_key": keys_taken[0], "last_key": keys_taken[1]}
    confirmed = transaction.all(
        CONFIRM_HEADERS, actor=actor, at=at, confirmed_on=on, **block, **asked
    )
    _open_the_rest(transaction, company, headers, keys_taken)
    _record(transaction, company, confirmed, (actor, at))
    return tuple(confirmed)


def _record(
    transaction: Transaction,
    company: str,
    confirmed: list[Confirmed],
    by: tuple[str, datetime],
) -> None:
    """Keep who confirmed each proforma."""
    record_deeds(
        transaction,
        company=company,
        act="proforma_confirmed",
        by=by,
        done={
            one.number: {"count": one.billed_count, "total": one.total_amount} for one in confirmed
        },
    )


def _write_actuals(
    transaction: Transaction,
    headers: list[Header],
    confirmed: dict[str, object],
    on: date,
    keys: tuple[int, int],
) -> None:
    """Write what the confirmation makes of each detail; ``keys`` are the first and the last."""

    def those(*names: str) -> dict[str, object]:
        return {name: confirmed[name] for name in ("company", "proforma_ids", "set_ids", *names)}

    correction_count = sum(header.correction_count for header in headers)
    if correction_count:
        credited = transaction.run(CREDIT, **those("first_credits"))
        assert credited == correction_count, "every correction credits"
    bill_count = sum(header.bill_count for header in headers)
    if bill_count:
        billed = transaction.run(BILL, confirmed_on=on, **those("first_bills", "first_new_sales"))
        assert billed == bill_count, "every piece is billed"
    if any(header.new_sale_count for header in headers):
        _sell_anew(transaction, headers, confirmed, on, keys)
    sale_count = sum(header.sale_count for header in headers)
    if sale_count:
        reversed_count = transaction.run(REVERSE, **those("first_reversals"))
        assert reversed_count == sale_count, "every sale is reversed"
    retainer_sale_count = sum(header.retainer_sale_count for header in headers)
    if retainer_sale_count:
        reversed_count = transaction.run(REVERSE_RETAINERS, **those("first_reversals"))
        assert reversed_count == retainer_sale_count, "every open sale of a retainer is reversed"


def _sell_anew(
    transaction: Transaction,
    headers: list[Header],
    confirmed: dict[str, object],
    on: date,
    keys: tuple[int, int],
) -> None:
    """Write the new sales, and the reversals of those that are billed at once."""
    new_count = sum(header.new_sale_count for header in headers)
    named = {
        name: confirmed[name] for name in ("company", "proforma_ids", "set_ids", "first_new_sales")
    }
    sold = transaction.run(SELL_ANEW, confirmed_on=on, **named)
    assert sold == new_count, "every edited, manual or corrected piece has a sale"
    new_sales = {
        "company": confirmed["company"],
        "proforma_ids": confirmed["proforma_ids"],
        "first_new_sales": confirmed["first_new_sales"],
        "new_sale_counts": [header.new_sale_count for header in headers],
        "open_sale_counts": [header.open_sale_count for header in headers],
        "first_key": keys[0],
        "last_key": keys[1],
    }
    open_count = sum(header.open_sale_count for header in headers)
    resold = transaction.run(REVERSE_NEW_SALES, **new_sales)
    assert resold == new_count - open_count, "what is billed at once is reversed"


def _close(transaction: Transaction, headers: list[Header], asked: dict[str, object]) -> None:
    """Let go of what was on the drafts: backlog, milestones, retainers, corrections, runs."""
    transaction.run(COMPLETE_BULK, **asked)
    if any(header.sale_count for header in headers):
        closed = transaction.one(CLOSE_ITEMS, **asked).item_count
        assert closed == sum(header.sale_count for header in headers), "what is billed is closed"
    if any(header.milestone_count for header in headers):
        posted = transaction.run(CLOSE_MILESTONES, **asked)
        assert posted == sum(header.milestone_count for header in headers), "bills post milestones"
    if any(header.retainer_count for header in headers):
        used = transaction.run(CLOSE_RETAINERS, **asked)
        assert used == sum(header.retainer_count for header in headers), "each retainer once"
    if any(header.correction_count for header in headers):
        transaction.run(CLOSE_CORRECTIONS, **asked)
        transaction.run(REOPEN_MILESTONES, **asked)


def _open_the_rest(
    transaction: Transaction, company: str, headers: list[Header], keys: tuple[int, int]
) -> None:
    """Put what is not billed any more into the backlog, whose kept sums are folded."""
    rest_count = sum(header.open_sale_count - header.open_retainer_count for header in headers)
    if rest_count:
        opened = open_sales(transaction, company=company, first_key=keys[0], last_key=keys[1])
        assert opened == rest_count, "what is not billed any more is open"
    contracts = {header.contract_id for header in headers}
    fold_sums(transaction, company=company, contract_ids=sorted(contracts))


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
        # A correction never overtakes what it corrects.
        stream=f"invoice/{header.corrects_number or header.number}",
        actor=actor,
        at=at,
    )
    change_set.covers(block.first_credit, block.last)
    return change_set
