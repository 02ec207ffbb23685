"""Proforma rules that need no rows: which header may be confirmed, and where its keys lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

OPEN_STATES: Final = frozenset({"draft", "in_review"})


@dataclass(frozen=True, slots=True)
class Header:
    """A proforma as its confirmation finds it. ``sale_count`` details have an unbilled sale."""

    proforma_id: int
    number: str
    state: str
    accounting_date: date | None
    currency: str
    contract_number: str
    contract_state: str
    contract_currency: str
    detail_count: int
    sale_count: int


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """The keys of one confirmation: its billed sales first, then its reversals, without a gap."""

    first_billed: int
    first_reversal: int
    last: int


def header_refusals(header: Header) -> list[Refusal]:
    """Give every reason in the header why the proforma cannot be confirmed."""
    record = f"proforma/{header.number}"
    if header.state not in OPEN_STATES:
        return [refuse("ERR-B10", record, field="state", value=header.state)]
    refusals: list[Refusal] = []
    if not header.detail_count:
        refusals.append(refuse("ERR-B05", record, reason="The proforma has no detail"))
    if header.contract_state != "active":
        refusals.append(refuse("ERR-B23", record, field="contract", value=header.contract_number))
    if header.currency != header.contract_currency:
        refusals.append(refuse("ERR-B15", record, field="currency", value=header.currency))
    return refusals


def lay_out_keys(headers: Iterable[Header], first_key: int) -> list[KeyBlock]:
    """Give each proforma its block, one after the other from ``first_key``."""
    blocks: list[KeyBlock] = []
    for header in headers:
        first_reversal = first_key + header.detail_count
        last = first_reversal + header.sale_count - 1
        blocks.append(KeyBlock(first_key, first_reversal, last))
        first_key = last + 1
    return blocks
