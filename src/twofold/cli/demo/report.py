"""What the demo shows at its end: every invoice's journey, the trial balances, the invariants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.finance.ledger import balance_table, trial_balances
from twofold.cli.integration.verify import broken_invariants, sentences
from twofold.database.invariants import Broken
from twofold.finance.ledger.reads import TrialBalance
from twofold.finance.posting.reads import InvoiceSummary, list_invoices
from twofold.journey.stations import Journey
from twofold.journey.system import System
from twofold.journey.trace import trace

YEAR: Final = (date(2026, 1, 1), date(2026, 12, 31))
_PAGE: Final = 200

# Stations whose moments tell how long each step took, in the order in which they are reached.
_STEPS: Final = (
    ("proforma created", "proforma confirmed", "Confirm"),
    ("proforma confirmed", "staged", "Reach finance"),
    ("staged", "customer invoice posted", "Post"),
    ("customer invoice posted", "written back", "Write back"),
)


@dataclass(frozen=True, slots=True)
class InvoiceJourney:
    """One invoice from its proforma to the ledger; seconds from station to station."""

    company: str
    proforma: str
    proposal: str
    invoice: str
    voucher: str
    customer: str | None
    lines: int
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    currency: str
    seconds: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the two books say after the demo."""

    invoices: tuple[InvoiceJourney, ...]
    trial_balances: tuple[tuple[str, TrialBalance], ...]
    invariant_count: int
    broken: tuple[Broken, ...]


def make_report(system: System) -> DemoReport:
    """Follow every invoice, balance every company, check every invariant."""
    invoices: list[InvoiceJourney] = []
    for code in chosen_companies(system, None):
        for invoice in _invoices_of(system, code):
            (journey,) = trace(system, number=invoice.invoice_number, companies=(code,))
            invoices.append(_followed(code, invoice, journey))
    first, last = YEAR
    return DemoReport(
        invoices=tuple(invoices),
        trial_balances=tuple(trial_balances(system, company=None, since=first, until=last)),
        invariant_count=len(sentences()),
        broken=tuple(broken_invariants(system)),
    )


def report_tables(report: DemoReport) -> list[printing.RenderableType]:
    """Show the report to people."""
    steps = [step for _, _, step in _STEPS]
    journeys = printing.table(
        ("Company", "Proforma", "Proposal", "Invoice", "Voucher", "Customer", "Lines", "Net",
         "Tax", "Total", "Currency", *(f"{step} s" for step in steps)),
        [
            (
                one.company, one.proforma, one.proposal, one.invoice, one.voucher, one.customer,
                one.lines, one.net_amount, one.tax_amount, one.total_amount, one.currency,
                *(one.seconds[step] for step in steps),
            )
            for one in report.invoices
        ],
        title="The journey of every invoice",
    )  # fmt: skip
    return [
        journeys,
        *(balance_table(code, balance) for code, balance in report.trial_balances),
        _verdict(report),
    ]


def _invoices_of(system: System, company: str) -> list[InvoiceSummary]:
    found: list[InvoiceSummary] = []
    with system.finance.reader() as reader:
        while page := list_invoices(
            reader,
            company=company,
            after=found[-1].invoice_number if found else None,
            limit=_PAGE,
        ):
            found += page
    return found[::-1]


def _followed(company: str, invoice: InvoiceSummary, journey: Journey) -> InvoiceJourney:
    moments = {stop.name: stop.at for stop in journey.stations}
    numbers = {stop.name: stop.number for stop in journey.stations}
    return InvoiceJourney(
        company=company,
        proforma=numbers["proforma created"] or "",
        proposal=invoice.proposal_number,
        invoice=invoice.invoice_number,
        voucher=invoice.voucher,
        customer=invoice.customer_account,
        lines=invoice.line_count,
        net_amount=invoice.net_amount,
        tax_amount=invoice.tax_amount,
        total_amount=invoice.total_amount,
        currency=invoice.currency,
        seconds={
            step: _between(moments.get(begin), moments.get(end)) for begin, end, step in _STEPS
        },
    )


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    if begin is None or end is None:
        return None
    return round((end - begin).total_seconds(), 2)


def _verdict(report: DemoReport) -> printing.RenderableType:
    if not report.broken:
        return f"twofold verify: all {report.invariant_count} invariants hold"
    return printing.table(
        ("Invariant", "What should hold", "Rows"),
        [(one.invariant, one.sentence, one.row_count) for one in report.broken],
        title="BROKEN",
    )
