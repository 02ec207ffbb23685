"""Post proposals: customer invoices, vouchers, customer and project subledger, tax, ledger.

Everything that speaks against any of the proposals is told at once, and then nothing is posted:
the caller takes the named ones out and posts the rest. One call posts one proposal or a
batch with the same statements, in one transaction.

Before  each proposal is ready: import from staging has made its lines.
After   each is posted with a customer-facing number and a voucher of its own that balances in
        transaction, accounting and reporting currency; accrued revenue of its lines is reversed.
        A line that credits takes back what its original posted, but leaves accrued revenue alone:
        the sale that is open again has put that back (decision Q-41). A negative total is a credit
        note; its number comes from the same sequence (spec P22.4).
Next    one change set per invoice brings number, date, vouchers and amounts to operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.combinations import combination_problems
from twofold.finance.posting.invoiced_lines import close_invoiced_lines, open_invoiced_lines
from twofold.finance.posting.invoices import PostedInvoice, ReadyProposal, post_invoices
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class _Proposal:
    proposal_id: int
    number: str
    state: str
    review: str


@dataclass(frozen=True, slots=True)
class _Rules:
    proposals_need_approval: bool


@dataclass(frozen=True, slots=True)
class _Problem:
    number: str
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
LOCK_PROPOSALS: Final = SQL.query("lock_proposals", gives=_Proposal)
READ_RULES: Final = SQL.query("read_rules", gives=_Rules)
CREATE_POSTING_INVOICE: Final = SQL.command("create_posting_invoice")
FILL_POSTING_INVOICE: Final = SQL.command("fill_posting_invoice")
ANALYZE_POSTING_INVOICE: Final = SQL.command("analyze_posting_invoice")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
READ_READY: Final = SQL.query("read_ready", gives=ReadyProposal)
DROP_POSTING_INVOICE: Final = SQL.command("drop_posting_invoice")


def post_proposals(
    transaction: Transaction,
    *,
    company: str,
    proposal_ids: tuple[int, ...],
    actor: str,
    at: datetime,
    invoice_date: date | None,
    asks_approval: bool = True,
) -> tuple[PostedInvoice, ...]:
    """Post ready proposals. ``invoice_date`` replaces the date they have, due dates follow.

    Without ``asks_approval`` approval is not asked for: to see beforehand what it would be for.

    Refused with everything that is wrong with any of them: unknown (ERR-F09), without lines
    (ERR-F02), posted (ERR-F05), not approved where that is needed (ERR-F04), period, accounts,
    rates, profile, project.
    """
    ids = sorted(set(proposal_ids))
    locked = transaction.all(LOCK_PROPOSALS, company=company, proposal_ids=ids)
    rules = transaction.one(READ_RULES, company=company)
    needs_approval = asks_approval and rules.proposals_need_approval
    refusals = _state_refusals(ids, locked, needs_approval=needs_approval)
    transaction.run(CREATE_POSTING_INVOICE)
    # An invoice without terms is due on the day it is posted, in the time zone of the caller.
    transaction.run(
        FILL_POSTING_INVOICE,
        company=company,
        proposal_ids=ids,
        invoice_date=invoice_date,
        today=at.date(),
    )
    transaction.run(ANALYZE_POSTING_INVOICE)
    open_invoiced_lines(transaction, company=company)
    problems = transaction.all(READ_PROBLEMS, company=company)
    refusals += [
        refuse(problem.code, f"proposal/{problem.number}", field=problem.field, value=problem.value)
        for problem in problems
    ]
    refusals += combination_problems(transaction, company=company)
    if refusals:
        raise Refused(*refusals)

    proposals = tuple(transaction.all(READ_READY))
    invoices = post_invoices(transaction, company=company, proposals=proposals, actor=actor, at=at)
    close_invoiced_lines(transaction)
    transaction.run(DROP_POSTING_INVOICE)
    return invoices


def _state_refusals(
    ids: list[int], locked: list[_Proposal], *, needs_approval: bool
) -> list[Refusal]:
    known = {proposal.proposal_id for proposal in locked}
    refusals = [refuse("ERR-F09", f"proposal/{key}") for key in ids if key not in known]
    for proposal in locked:
        record = f"proposal/{proposal.number}"
        if proposal.state == "posted":
            refusals.append(refuse("ERR-F05", record, field="state", value=proposal.state))
        elif proposal.state != "ready":
            refusals.append(refuse("ERR-F02", record, field="state", value=proposal.state))
        elif needs_approval and proposal.review != "approved":
            refusals.append(refuse("ERR-F04", record, field="review", value=proposal.review))
    return refusals
