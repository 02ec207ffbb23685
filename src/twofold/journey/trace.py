"""Follow one invoice or one actual through both books, and say what it waits for.

A number may be a proforma's, which is also its proposal's; a customer invoice's; a voucher of an
invoice; or an actual's, written ``actual/17``. Each book tells what it knows; dual-write tells
when the sets between them travelled. Nothing is changed.

After   the stations stand in the order in which they are reached. The first that is not reached
        yet comes with what it waits for and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from twofold.finance.posting import trace as finance
from twofold.finance.proposals.reads import proposal_problems
from twofold.journey.stations import (
    DELIVER,
    BothBooks,
    Journey,
    Station,
    Wait,
    delivered,
    in_order,
    joined,
    undelivered,
)
from twofold.journey.system import System
from twofold.journey.trace_actual import actual_stations, wait_to_be_billed
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.actuals import reads as operations
from twofold.operations.proforma.reads import ShownProforma

UNKNOWN: Final = "ERR-B22"
# Sales looked at to find out when and by whom they were approved.
_SALES_MAX: Final = 1000
_PROBLEMS_MAX: Final = 20


def trace(system: System, *, number: str, companies: tuple[str, ...]) -> tuple[Journey, ...]:
    """Follow ``number`` in every company that knows it.

    Raises  Refused when none does.
    """
    found: list[Journey] = []
    with (
        system.auditor_operations.reader() as here,
        system.auditor_finance.reader() as there,
    ):
        for company in companies:
            journey = _trace(BothBooks(here, there, company), number)
            if journey is not None:
                found.append(journey)
    if not found:
        searched = "proformas, proposals, customer invoices, vouchers and actuals"
        reason = f"not among the {searched} of {', '.join(companies) or 'any company'}"
        raise Refused(refuse(UNKNOWN, f"number/{number}", reason=reason))
    return tuple(found)


def _trace(books: BothBooks, number: str) -> Journey | None:
    """Find what the number means: operations knows all but vouchers, which finance knows."""
    here = operations.trace_operations(books.operations, company=books.company, reference=number)
    # A plain number is an actual's key here, where finance would take it for a proposal's too.
    if here is None and not number.removeprefix("actual/").isdigit():
        documents = finance.find_documents(books.finance, company=books.company, number=number)
        for name in (one.name for one in documents if one.kind == "proposal"):
            here = operations.trace_operations(
                books.operations, company=books.company, reference=name
            )
    if here is None:
        return None
    if here.actual is None:
        assert here.proforma is not None, "what was found is an actual or a proforma"
        stations, wait = _proforma_stations(books, here, here.proforma)
    else:
        stations, wait = _actual_path(books, here, here.actual)
    return Journey(books.company, number, tuple(stations), wait)


def _actual_path(
    books: BothBooks, here: operations.Journey, actual: operations.ShownActual
) -> tuple[list[Station], Wait | None]:
    """Follow an actual, and the proforma that bills it."""
    own, wait = actual_stations(books, actual)
    if here.proforma is None:
        return own, wait or wait_to_be_billed(actual)
    path, wait_of_proforma = _proforma_stations(books, here, here.proforma)
    if actual.event == "invoicing":
        # Its set is the confirmation's, which the proforma's path tells of.
        return in_order(path, own[:1]), wait or wait_of_proforma
    return in_order(own, path), wait or wait_of_proforma


def _proforma_stations(
    books: BothBooks, here: operations.Journey, proforma: ShownProforma
) -> tuple[list[Station], Wait | None]:
    """Follow a proforma from its entries to the mirror of its invoice.

    Where one piece of work is followed, the work of all others is left out.
    """
    is_of_work = here.actual is not None and here.actual.event != "invoicing"
    work = () if is_of_work else _work_stations(books, here, proforma)
    stations = [*work, _created(proforma)]
    if proforma.confirmed_at is None or proforma.change_set_id is None:
        stations.append(Station("operations", "proforma confirmed", reached=False))
        remedy = f"`twofold proforma confirm {proforma.number}`"
        return stations, Wait("proforma confirmed", remedy)
    stations.append(_confirmed(proforma))
    sets = books.sets_of_operations({proforma.change_set_id})
    stations.append(delivered("change set applied", sets))
    if sets.missing:
        return stations, undelivered(sets)
    path = finance.trace_proposal(
        books.finance, company=books.company, proposal_id=proforma.proforma_id
    )
    assert path is not None, f"set {proforma.change_set_id} is applied and brought a proposal"
    stations += _finance_stations(books, path)
    stations += _return_stations(here, proforma, path)
    return stations, _wait_of_proposal(books, proforma, path)


def _work_stations(
    books: BothBooks, here: operations.Journey, proforma: ShownProforma
) -> Iterator[Station]:
    """Tell what is billed: entries, their sales, milestones, and when they were approved."""
    kinds = {one.kind: one for one in here.actuals}
    sales = kinds.get("unbilled_sales")
    if sales is not None and here.entries is not None:
        approvals = operations.approvals_of_proforma(
            books.operations,
            company=books.company,
            proforma_id=proforma.proforma_id,
            sales_max=_SALES_MAX,
        )
        sets = books.sets_of_operations(approvals)
        yield Station(
            "operations",
            "entries approved",
            reached=True,
            at=max((one.created_at for one in sets.sent), default=None),
            actor=joined(*sorted({one.actor for one in sets.sent})) or None,
            count=here.entries.entry_count,
            note=f"work of {here.entries.first_date} to {here.entries.last_date}",
        )
        yield Station(
            "operations",
            "unbilled sales",
            reached=True,
            count=sales.actual_count,
            amount=sales.amount,
            currency=sales.currency,
            note=f"quantity {sales.quantity.normalize():f}",
        )
        yield delivered("approvals applied", sets)
    without_sale_count = proforma.detail_count - (sales.actual_count if sales else 0)
    if without_sale_count and proforma.corrects_number is not None:
        note = f"of {proforma.corrects_number}"
        yield Station(
            "operations", "corrections", reached=True, count=without_sale_count, note=note
        )
    elif without_sale_count:
        yield Station("operations", "milestones", reached=True, count=without_sale_count)


def _created(proforma: ShownProforma) -> Station:
    return Station(
        "operations",
        "proforma created",
        reached=True,
        at=proforma.created_at,
        actor=proforma.created_by,
        number=proforma.number,
        count=proforma.detail_count,
        amount=proforma.detail_amount,
        currency=proforma.currency,
        note=joined(proforma.contract_number, proforma.customer_name),
    )


def _confirmed(proforma: ShownProforma) -> Station:
    return Station(
        "operations",
        "proforma confirmed",
        reached=True,
        at=proforma.confirmed_at,
        actor=proforma.confirmed_by,
        number=proforma.number,
        count=proforma.billable_count,
        amount=proforma.total_amount,
        currency=proforma.currency,
        note=f"accounting date {proforma.accounting_date}",
    )


def _finance_stations(books: BothBooks, path: finance.ProposalPath) -> Iterator[Station]:
    """Tell of staging, journals, lines, invoice and ledger."""
    yield Station(
        "finance", "staged", reached=True, at=path.arrived_at, number=path.number,
        count=path.staged_count, note=f"{path.billable_count} to bill",
    )  # fmt: skip
    journals = finance.proposal_journals(
        books.finance, company=books.company, proposal_id=path.proposal_id
    )
    for journal in journals:
        yield Station(
            "finance",
            "journal posted",
            reached=journal.posted_at is not None,
            at=journal.posted_at,
            actor=journal.posted_by,
            number=journal.number,
            count=journal.line_count,
            amount=journal.accounting_amount,
            note=f"vouchers {journal.voucher_first} to {journal.voucher_last}",
        )
    has_lines = path.line_count > 0
    yield Station(
        "finance",
        "proposal lines",
        reached=has_lines,
        number=path.number,
        count=path.line_count,
        amount=path.net_amount if has_lines else None,
        currency=path.currency if has_lines else None,
        note=path.state,
    )
    yield Station(
        "finance",
        "customer invoice posted",
        reached=path.posted_at is not None,
        at=path.posted_at,
        actor=path.posted_by,
        number=path.invoice_number,
        count=path.line_count if path.posted_at else None,
        amount=path.total_amount if path.posted_at else None,
        currency=path.currency if path.posted_at else None,
        note=joined(
            path.voucher and f"voucher {path.voucher}",
            path.due_date and f"due {path.due_date}",
            f"tax {path.tax_amount:.2f}" if path.posted_at else None,
        ),
    )


def _return_stations(
    here: operations.Journey, proforma: ShownProforma, path: finance.ProposalPath
) -> Iterator[Station]:
    """Tell what came back: accounting detail on the actuals, and the mirror of the invoice."""
    billed = next((one for one in here.actuals if one.kind == "billed_sales"), None)
    if billed is not None:
        yield Station(
            "dual-write",
            "written back",
            reached=path.reported_at is not None,
            at=path.reported_at,
            count=billed.accounted_count,
            amount=billed.accounting_amount if billed.accounted_count else None,
            note=f"{billed.accounted_count} of {path.billable_count} billed sales have it",
        )
    yield Station(
        "operations",
        "proforma posted",
        reached=proforma.invoice_number is not None,
        at=path.reported_at if proforma.invoice_number else None,
        number=proforma.invoice_number,
        amount=proforma.invoice_total_amount,
        currency=proforma.currency if proforma.invoice_number else None,
        note=f"invoice date {proforma.invoice_date}" if proforma.invoice_date else "",
    )


def _wait_of_proposal(
    books: BothBooks, proforma: ShownProforma, path: finance.ProposalPath
) -> Wait | None:
    if path.state == "header_only":
        found = proposal_problems(
            books.finance,
            company=books.company,
            proposal_id=path.proposal_id,
            limit=_PROBLEMS_MAX,
        )
        problems = tuple(one.refusal for one in found)
        remedy = "`twofold finance import-from-staging`"
        return Wait("proposal lines", problems[0].remedy if problems else remedy, problems)
    if path.state == "ready":
        return Wait("customer invoice posted", f"`twofold proposal post {path.number}`")
    if path.state == "posted" and proforma.invoice_number is None:
        return Wait("written back", DELIVER)
    return None
