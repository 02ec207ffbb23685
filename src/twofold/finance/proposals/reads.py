"""What pages and commands may ask of invoice proposals: the list, one with lines and problems.

A proposal without lines says per billed sale what it waits for, in words. Lists come in pages:
give the last key seen as ``after``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.narrowing import EVERYTHING, Narrowing
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class ProposalSummary:
    """One proposal of the list; amounts in its currency, zero until it has lines."""

    proposal_id: int
    number: str
    name: str
    description: str | None
    state: str
    contract_number: str | None
    customer_account: str | None
    customer_name: str | None
    bill_to_name: str | None
    payment_terms: str | None
    currency: str
    accounting_date: date
    confirmed_at: datetime
    invoice_date: date | None
    due_date: date | None
    due_date_is_manual: bool
    revision: int
    review: str
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    line_count: int
    billable_count: int
    problem_count: int
    invoice_number: str | None
    dimensions: str | None


@dataclass(frozen=True, slots=True)
class ProposalTotal:
    """The lines of a proposal per class; ``net_amount`` is less ``discount_amount``."""

    class_: str
    line_count: int
    quantity: Decimal
    discount_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One line: what it bills, or credits of which invoice, and the tax on it.

    ``amount`` is less ``discount_amount``; ``fee_amount`` is that of its fee line, whose tax is
    counted in.
    """

    actual_id: int
    transaction_id: int | None
    milestone_id: int | None
    on_account_origin: str | None
    credited_id: int | None
    credited_invoice_number: str | None
    class_: str
    transaction_date: date
    description: str | None
    project_number: str | None
    resource_name: str | None
    category_number: str | None
    quantity: Decimal
    price: Decimal
    currency: str
    tax_group: str | None
    item_tax_group: str | None
    dimensions: str | None
    amount: Decimal
    discount_amount: Decimal
    fee_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class ProposalProblem:
    """What one billed sale of a proposal waits for."""

    proposal_id: int
    actual_id: int
    code: str
    field: str
    value: str
    class_: str | None
    transaction_date: date | None
    quantity: Decimal | None
    amount: Decimal | None
    currency: str | None
    project_number: str | None
    unbilled_id: int | None
    journal_number: str | None
    journal_state: str | None
    held_code: str | None

    @property
    def refusal(self) -> Refusal:
        """The problem in words: the work it is about, and where that work stands."""
        about = ""
        if self.transaction_date is not None:
            about = (
                f"{self.class_} of {self.transaction_date} on {self.project_number}, "
                f"{self.amount} {self.currency}: "
            )
        return refuse(
            self.code,
            f"actual/{self.actual_id}",
            field=self.field,
            value=self.value,
            reason=f"{about}{CATALOGUE[self.code].title}{self._where}",
        )

    @property
    def _where(self) -> str:
        if self.journal_number is not None:
            return f" (journal {self.journal_number}, {self.journal_state})"
        if self.held_code is not None:
            return f" (held back at import: {CATALOGUE[self.held_code].title})"
        return ""


@dataclass(frozen=True, slots=True)
class ProposalSection:
    """The lines of a class on the document: in detail, as a summary, or left out."""

    class_: str
    layout: str


@dataclass(frozen=True, slots=True)
class ProposalEvent:
    """What somebody did to a proposal, or import by itself."""

    act: str
    actor: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its totals, its first lines and problems, and its whole history."""

    summary: ProposalSummary
    totals: tuple[ProposalTotal, ...]
    lines: tuple[ProposalLine, ...]
    problems: tuple[ProposalProblem, ...]
    events: tuple[ProposalEvent, ...]


SQL: Final = SqlFile(__name__)
LIST_PROPOSALS: Final = SQL.query("list_proposals", gives=ProposalSummary)
PROPOSAL_TOTALS: Final = SQL.query("proposal_totals", gives=ProposalTotal)
PROPOSAL_LINES: Final = SQL.query("proposal_lines", gives=ProposalLine)
PROPOSAL_EVENTS: Final = SQL.query("proposal_events", gives=ProposalEvent)
PROPOSAL_SECTIONS: Final = SQL.query("proposal_sections", gives=ProposalSection)
PROPOSAL_PROBLEMS: Final = SQL.query("proposal_problems", gives=ProposalProblem)


def list_proposals(
    reader: Reader,
    *,
    company: str,
    state: str | None = None,
    narrowing: Narrowing = EVERYTHING,
    after: int | None = None,
    limit: int = 50,
) -> tuple[ProposalSummary, ...]:
    """Give the proposals of a company, newest first; ``after`` is a proposal's key.

    The day of a proposal is that of its invoice, or of its accounting while it has none.
    """
    return tuple(
        reader.all(
            LIST_PROPOSALS,
            company=company,
            state=state,
            number=None,
            after=after,
            rows_max=limit,
            **asdict(narrowing),
        )
    )


def show_proposal(
    reader: Reader, *, company: str, number: str, lines: int = 200
) -> Proposal | None:
    """Give one proposal by its number; None when there is none."""
    summary = reader.first(
        LIST_PROPOSALS,
        company=company,
        state=None,
        number=number,
        after=None,
        rows_max=1,
        **asdict(EVERYTHING),
    )
    if summary is None:
        return None
    proposal_id = summary.proposal_id
    return Proposal(
        summary=summary,
        totals=tuple(reader.all(PROPOSAL_TOTALS, company=company, proposal_id=proposal_id)),
        lines=proposal_lines(reader, company=company, proposal_id=proposal_id, limit=lines),
        problems=proposal_problems(reader, company=company, proposal_id=proposal_id, limit=lines),
        events=tuple(reader.all(PROPOSAL_EVENTS, company=company, proposal_id=proposal_id)),
    )


def proposal_lines(
    reader: Reader, *, company: str, proposal_id: int, after: int = 0, limit: int = 200
) -> tuple[ProposalLine, ...]:
    """Give the lines of a proposal; ``after`` is an actual's key."""
    return tuple(
        reader.all(
            PROPOSAL_LINES, company=company, proposal_id=proposal_id, after=after, rows_max=limit
        )
    )


def proposal_problems(
    reader: Reader,
    *,
    company: str,
    proposal_id: int,
    after: ProposalProblem | None = None,
    limit: int = 200,
) -> tuple[ProposalProblem, ...]:
    """Give what a proposal waits for; ``after`` is the last problem of the page before."""
    return tuple(
        reader.all(
            PROPOSAL_PROBLEMS,
            company=company,
            proposal_id=proposal_id,
            after=after.actual_id if after else None,
            after_code=after.code if after else None,
            rows_max=limit,
        )
    )


def proposal_sections(
    reader: Reader, *, company: str, proposal_id: int
) -> tuple[ProposalSection, ...]:
    """Give what somebody said of the layout of the document, in the order of its sections."""
    return tuple(reader.all(PROPOSAL_SECTIONS, company=company, proposal_id=proposal_id))
