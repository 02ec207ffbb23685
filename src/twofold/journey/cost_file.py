"""A file of costs that somebody gave, a general journal or vendor invoices: tried out, or posted.

Before  the company's accounts and projects are in the finance book.
After   of a trial, nothing but keys that are passed by: the very statements of the posting ran in
        a transaction that was rolled back. Of a posting, what ``post_general_journal`` or
        ``post_vendor_invoice`` says.
Next    dual-write takes the lines to operations, where ``take_costs`` makes cost and sale of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.finance.costs.cost_file import read_costs
from twofold.finance.costs.post_general_journal import post_general_journal
from twofold.finance.costs.post_vendor_invoice import post_vendor_invoice
from twofold.finance.costs.posting import PostedCosts
from twofold.finance.costs.reads import CostsAsked, ShownCost, list_costs
from twofold.finance.costs.stated_cost import CostFile, DocumentKind
from twofold.journey.system import System


@dataclass(frozen=True, slots=True)
class FileOfCosts:
    """A file, what it holds, and what somebody says about it."""

    name: str
    content: bytes
    kind: DocumentKind
    prices_include_tax: bool = False
    is_intercompany: bool = False


@dataclass(frozen=True, slots=True)
class TriedCosts:
    """What posting a file would post, and its last lines as they would be posted, in order."""

    posted: PostedCosts
    lines: tuple[ShownCost, ...]


def try_cost_file(
    system: System, *, company: str, file: FileOfCosts, actor: str, lines_max: int
) -> TriedCosts:
    """Tell what posting would post; nothing changes. Refused with every reason at once."""
    costs = _read(file)
    with system.finance.trial() as transaction:
        posted = _post(transaction, company=company, file=costs, actor=actor, at=system.now())
        lines = list_costs(
            transaction,
            company=company,
            kind=file.kind,
            limit=min(posted.line_count, lines_max),
            asked=CostsAsked(),
        )
    return TriedCosts(posted, lines[::-1])


def post_cost_file(system: System, *, company: str, file: FileOfCosts, actor: str) -> PostedCosts:
    """Post the lines of a file. Refused with every reason at once."""
    costs = _read(file)
    with system.finance.transaction() as transaction:
        return _post(transaction, company=company, file=costs, actor=actor, at=system.now())


def _read(file: FileOfCosts) -> CostFile:
    return read_costs(
        file.content,
        name=file.name,
        kind=file.kind,
        prices_include_tax=file.prices_include_tax,
        is_intercompany=file.is_intercompany,
    )


def _post(
    transaction: Transaction, *, company: str, file: CostFile, actor: str, at: datetime
) -> PostedCosts:
    post = post_general_journal if file.kind == "general_journal" else post_vendor_invoice
    return post(transaction, company=company, file=file, actor=actor, at=at)
