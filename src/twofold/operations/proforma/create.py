"""Create draft proformas from what is ready to invoice, one per contract and paying customer.

Ready items dated up to and including the cutoff leave the backlog's ready list and go onto a
draft; milestones and retainers likewise, and refunds of any date. The choice may be narrowed: to
contract lines, each with a cutoff of its own, or to the very items, and then no retainer is taken.
A draft has one line for every contract line of its contract, and one detail per item. What is
available of the customer's retainers is applied to it. What is ready and may not be billed now
stays, and comes back as a refusal.

Before  nothing: contracts that do not bill are refused, not assumed away.
After   each item taken is on exactly one draft, and numbers of a company have no gap.
Next    confirm.py turns drafts into billed sales.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deeds
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.backlog.kept_sums import fold_sums
from twofold.operations.keys import take_keys
from twofold.operations.proforma.available import Applied, apply_available


@dataclass(frozen=True, slots=True)
class Only:
    """What of the ready items to bill; None does not narrow.

    ``line_cutoffs`` gives the contract lines to bill, each up to its own day, included.
    """

    line_cutoffs: Mapping[int, date] | None = None
    actual_ids: Sequence[int] | None = None
    milestone_ids: Sequence[int] | None = None

    def parameters(self) -> dict[str, object]:
        """Give the parameters of the statements. Naming items of one kind leaves out the other."""
        lines = self.line_cutoffs
        is_named = self.actual_ids is not None or self.milestone_ids is not None
        return {
            "line_ids": None if lines is None else list(lines),
            "line_cutoffs": None if lines is None else list(lines.values()),
            "actual_ids": list(self.actual_ids or ()) if is_named else None,
            "milestone_ids": list(self.milestone_ids or ()) if is_named else None,
        }


EVERYTHING: Final = Only()


@dataclass(frozen=True, slots=True)
class OpenedProforma:
    """One draft as it was opened."""

    proforma_id: int
    number: str
    contract_id: int
    contract_number: str
    customer_account: str
    currency: str
    detail_count: int
    detail_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class ProformaRun:
    """What one run did: the drafts it opened, and what it left behind and why."""

    proformas: tuple[OpenedProforma, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _LockedContract:
    contract_id: int
    number: str


@dataclass(frozen=True, slots=True)
class _KeysMax:
    drafts_max: int
    lines_max: int


@dataclass(frozen=True, slots=True)
class _Claimed:
    proforma_count: int
    detail_count: int


@dataclass(frozen=True, slots=True)
class _HeldBack:
    code: str
    contract_id: int
    contract_number: str
    field: str
    value: str
    item_count: int


SQL: Final = SqlFile(__name__)
LOCK_NAMED_CONTRACTS: Final = SQL.query("lock_named_contracts", gives=_LockedContract)
LOCK_READY_CONTRACTS: Final = SQL.query("lock_ready_contracts", gives=_LockedContract)
COUNT_KEYS: Final = SQL.query("count_keys", gives=_KeysMax)
CREATE_CLAIMED_ITEM: Final = SQL.command("create_claimed_item")
ANALYZE_CLAIMED_ITEM: Final = SQL.command("analyze_claimed_item")
DROP_CLAIMED_ITEM: Final = SQL.command("drop_claimed_item")
CLAIM_READY: Final = SQL.query("claim_ready", gives=_Claimed)
OPEN_LINES: Final = SQL.command("open_lines")
OPEN_DETAILS: Final = SQL.command("open_details")
OPEN_HEADERS: Final = SQL.query("open_headers", gives=OpenedProforma)
HELD_BACK: Final = SQL.query("held_back", gives=_HeldBack)

NOTHING_BILLABLE: Final = "ERR-B05"
CONTRACT_UNKNOWN: Final = "ERR-B22"


def create_proformas(
    transaction: Transaction,
    *,
    company: str,
    contract_ids: tuple[int, ...] | None,
    cutoff: date,
    actor: str,
    at: datetime,
    only: Only = EVERYTHING,
) -> ProformaRun:
    """Bill what is ready up to and including ``cutoff``; None means every contract.

    Contracts that were named and have nothing to bill are refused beside the drafts of the
    others; when no named contract has anything to bill, the request is. Where contract lines are
    given, nothing to bill is no refusal.
    """
    if contract_ids is None:
        contracts = transaction.all(LOCK_READY_CONTRACTS, company=company, cutoff=cutoff)
    else:
        contracts = transaction.all(
            LOCK_NAMED_CONTRACTS, company=company, contract_ids=list(contract_ids)
        )
    wanted = {
        "company": company,
        "contract_ids": [contract.contract_id for contract in contracts],
        "cutoff": cutoff,
        **only.parameters(),
    }
    opened = _open_drafts(transaction, wanted, actor, at) if contracts else []
    opened = _with_retainers(transaction, company, opened, cutoff)
    _record(transaction, company, opened, (actor, at))
    held = _held_back(transaction, wanted) if contracts else []
    refusals = [refusal for _, refusal in held]
    if contract_ids is not None and only.line_cutoffs is None:
        explained = {key for key, _ in held} | {draft.contract_id for draft in opened}
        refusals += _unbilled(contract_ids, contracts, explained, cutoff)
        if not opened and refusals:
            raise Refused(*refusals)
    return ProformaRun(tuple(opened), tuple(refusals))


def _open_drafts(
    transaction: Transaction, wanted: Mapping[str, object], actor: str, at: datetime
) -> list[OpenedProforma]:
    """Claim first, so that nobody can take an item away from what is written after."""
    asked = {name: wanted[name] for name in ("company", "contract_ids")}
    keys = transaction.one(COUNT_KEYS, **asked)
    if not keys.drafts_max:
        return []
    first_id = take_keys(transaction, "operations.proforma_key", how_many=keys.drafts_max)
    drafts = {**asked, "first_id": first_id, "last_id": first_id + keys.drafts_max - 1}
    transaction.run(CREATE_CLAIMED_ITEM)
    claimed = transaction.one(CLAIM_READY, first_id=first_id, **wanted)
    opened: list[OpenedProforma] = []
    if claimed.detail_count:
        transaction.run(ANALYZE_CLAIMED_ITEM)
        opened = _write_drafts(transaction, wanted, drafts, keys, claimed, (actor, at))
        contracts = [one.contract_id for one in opened]
        fold_sums(transaction, company=str(wanted["company"]), contract_ids=contracts)
    transaction.run(DROP_CLAIMED_ITEM)
    return opened


def _write_drafts(
    transaction: Transaction,
    wanted: Mapping[str, object],
    drafts: Mapping[str, object],
    keys: _KeysMax,
    claimed: _Claimed,
    by_whom: tuple[str, datetime],
) -> list[OpenedProforma]:
    """Write lines, details and headers of what was claimed."""
    refresh_statistics(transaction, "operations.backlog_item", rows_added=claimed.detail_count)
    first_line = take_keys(transaction, "operations.proforma_line_key", how_many=keys.lines_max)
    transaction.run(OPEN_LINES, first_line_id=first_line, **drafts)
    # Few rows beside the details, but each detail looks for its line and for its header: batch
    # after batch in one job, a plan made for the empty tables would read all that came before.
    refresh_statistics(
        transaction,
        "operations.proforma",
        "operations.proforma_line",
        rows_added=claimed.detail_count,
    )
    first_detail = take_keys(
        transaction, "operations.proforma_detail_key", how_many=claimed.detail_count
    )
    detail_count = transaction.run(
        OPEN_DETAILS, first_detail_id=first_detail, cutoff=wanted["cutoff"], **drafts
    )
    assert detail_count == claimed.detail_count, "every item claimed is one detail"
    refresh_statistics(transaction, "operations.proforma_detail", rows_added=detail_count)
    actor, at = by_whom
    opened = transaction.all(
        OPEN_HEADERS, how_many=claimed.proforma_count, actor=actor, at=at, **drafts
    )
    # One header may have a million details, and confirming must not be planned for a handful.
    refresh_statistics(transaction, "operations.proforma", rows_added=detail_count)
    return opened


def _with_retainers(
    transaction: Transaction, company: str, opened: list[OpenedProforma], cutoff: date
) -> list[OpenedProforma]:
    """Apply what is available to the drafts; give them as they are then."""
    keys = [one.proforma_id for one in opened]
    applied = apply_available(transaction, company=company, proforma_ids=keys, on=cutoff)
    return [_less(one, applied.get(one.proforma_id)) for one in opened]


def _less(opened: OpenedProforma, applied: Applied | None) -> OpenedProforma:
    """Give the draft as it is with what was applied to it."""
    if applied is None:
        return opened
    return replace(
        opened,
        detail_count=opened.detail_count + applied.detail_count,
        detail_amount=opened.detail_amount - applied.amount,
        total_amount=opened.total_amount - applied.amount,
    )


def _record(
    transaction: Transaction,
    company: str,
    opened: list[OpenedProforma],
    by: tuple[str, datetime],
) -> None:
    record_deeds(
        transaction,
        company=company,
        act="proforma_created",
        by=by,
        done={
            one.number: {
                "of": one.contract_number,
                "count": one.detail_count,
                "total": one.total_amount,
            }
            for one in opened
        },
    )


def _held_back(transaction: Transaction, wanted: Mapping[str, object]) -> list[tuple[int, Refusal]]:
    """Tell what is still ready of what was wanted, by contract and reason."""
    rows = transaction.all(HELD_BACK, **wanted)
    return [
        (
            row.contract_id,
            refuse(row.code, f"contract/{row.contract_number}", field=row.field, value=row.value),
        )
        for row in rows
    ]


def _unbilled(
    contract_ids: tuple[int, ...],
    contracts: list[_LockedContract],
    explained: set[int],
    cutoff: date,
) -> list[Refusal]:
    """Refuse named contracts that are unknown, or that nothing was said about so far."""
    known = {contract.contract_id for contract in contracts}
    unknown = sorted(set(contract_ids) - known)
    return [refuse(CONTRACT_UNKNOWN, f"contract/{key}") for key in unknown] + [
        refuse(
            NOTHING_BILLABLE,
            f"contract/{contract.number}",
            field="cutoff",
            value=cutoff.isoformat(),
        )
        for contract in contracts
        if contract.contract_id not in explained
    ]
