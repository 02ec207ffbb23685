"""Follow one invoice or one actual through both books, and say what it waits for.

A number may be a proforma's, which is also its proposal's; a customer invoice's; a voucher of an
invoice; or an actual's, written ``actual/17``. Each book tells what it knows; dual-write tells
when the sets between them travelled. Nothing is changed.

After   the stations stand in the order in which they are reached. The first that is not reached
        yet comes with what it waits for and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from twofold.finance.posting import trace as finance
from twofold.finance.proposals.reads import proposal_problems
from twofold.journey.remarks import Term, remark
from twofold.journey.stations import (
    BRIDGE,
    DELIVER,
    BothBooks,
    Journey,
    Station,
    Wait,
    delivered,
    in_order,
    names,
    said,
    undelivered,
)
from twofold.journey.system import System
from twofold.journey.trace_actual import actual_stations, wait_to_be_billed
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.actuals import reads as operations
from twofold.operations.proforma.reads import ShownProforma
from twofold.operations.proforma.rules import UNDER_WAY

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
        return stations, _wait_of_draft(proforma)
    stations.append(_confirmed(proforma))
    sets = books.sets_of_operations({proforma.change_set_id})
    stations.append(delivered("change set applied", sets))
    if sets.missing:
        return stations, undelivered(sets)
    path = finance.trace_proposal(
        books.finance, company=books.company, proposal_id=proforma.proforma_id
    )
    assert path is not None, f"set {proforma.change_set_id} is applied and brought a proposal"
    corrections = operations.corrections_of(
        books.operations, company=books.company, number=proforma.number
    )
    stations += _finance_stations(books, path)
    stations += _return_stations(here, proforma, path)
    stations += [_corrected(one) for one in corrections]
    return stations, _wait_of_proposal(books, proforma, path) or _wait_of_correction(corrections)


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
        at = max((one.created_at for one in sets.sent), default=None)
        actor = ", ".join(sorted({one.actor for one in sets.sent})) or None
        yield _approved(here.entries, at, actor)
        yield _sold(sales, at, actor)
        yield delivered("approvals applied", sets)
    without_sale_count = proforma.detail_count - (sales.actual_count if sales else 0)
    if without_sale_count and proforma.corrects_number is not None:
        yield Station(
            "operations",
            "corrections",
            reached=True,
            at=proforma.created_at,
            actor=proforma.created_by,
            count=without_sale_count,
            remarks=said("of {number}", number=proforma.corrects_number),
        )
    elif without_sale_count:
        yield Station(
            "operations",
            "milestones",
            reached=True,
            actor=proforma.created_by,
            count=without_sale_count,
        )


def _approved(entries: operations.EntryTotal, at: datetime | None, actor: str | None) -> Station:
    return Station(
        "operations", "entries approved", reached=True, at=at, actor=actor,
        count=entries.entry_count,
        remarks=said(
            "work of {first} to {last}", first=entries.first_date, last=entries.last_date
        ),
    )  # fmt: skip


def _sold(sales: operations.ActualTotal, at: datetime | None, actor: str | None) -> Station:
    return Station(
        "operations", "unbilled sales", reached=True, at=at, actor=actor,
        count=sales.actual_count, amount=sales.amount, currency=sales.currency,
        remarks=said("quantity {quantity}", quantity=sales.quantity),
    )  # fmt: skip


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
        remarks=names(proforma.contract_number, proforma.customer_name),
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
        remarks=said("accounting date {day}", day=proforma.accounting_date),
    )


def _corrected(one: operations.Correction) -> Station:
    """Tell of a proforma that corrects this one."""
    return Station(
        "operations",
        "corrected",
        reached=one.confirmed_at is not None,
        at=one.confirmed_at,
        actor=one.confirmed_by,
        number=one.number,
        amount=one.total_amount if one.confirmed_at else None,
        currency=one.currency if one.confirmed_at else None,
        remarks=() if one.confirmed_at else said("begun by {name}", name=one.created_by),
    )


def _finance_stations(books: BothBooks, path: finance.ProposalPath) -> Iterator[Station]:
    """Tell of staging, journals, lines, invoice and ledger."""
    yield Station(
        "finance", "staged", reached=True, at=path.arrived_at, actor=BRIDGE, number=path.number,
        count=path.staged_count, remarks=said("{count} to bill", count=path.billable_count),
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
            remarks=said(
                "vouchers {first} to {last}",
                first=journal.voucher_first,
                last=journal.voucher_last,
            ),
        )
    has_lines = path.line_count > 0
    yield Station(
        "finance",
        "proposal lines",
        reached=has_lines,
        at=path.imported_at if has_lines else None,
        number=path.number,
        count=path.line_count,
        amount=path.net_amount if has_lines else None,
        currency=path.currency if has_lines else None,
        remarks=(
            *said("{state}", state=Term(path.state)),
            *(said("{state}", state=Term(path.review)) if path.needs_approval else ()),
        ),
    )
    yield _posted(path)


def _posted(path: finance.ProposalPath) -> Station:
    return Station(
        "finance",
        "customer invoice posted",
        reached=path.posted_at is not None,
        at=path.posted_at,
        actor=path.posted_by,
        number=path.invoice_number,
        count=path.line_count if path.posted_at else None,
        amount=path.total_amount if path.posted_at else None,
        currency=path.currency if path.posted_at else None,
        remarks=(
            *said("voucher {number}", number=path.voucher),
            *said("due {day}", day=path.due_date),
            *said("tax {amount}", amount=path.tax_amount if path.posted_at else None),
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
            actor=BRIDGE if path.reported_at else None,
            count=billed.accounted_count,
            amount=billed.accounting_amount if billed.accounted_count else None,
            remarks=said(
                "{count} of {total} billed sales have it",
                count=billed.accounted_count,
                total=path.billable_count,
            ),
        )
    yield Station(
        "operations",
        "proforma posted",
        reached=proforma.invoice_number is not None,
        at=path.reported_at if proforma.invoice_number else None,
        actor=BRIDGE if proforma.invoice_number else None,
        number=proforma.invoice_number,
        amount=proforma.invoice_total_amount,
        currency=proforma.currency if proforma.invoice_number else None,
        remarks=said("invoice date {day}", day=proforma.invoice_date),
    )


def _wait_of_draft(proforma: ShownProforma) -> Wait:
    """Tell who confirms, or what a confirmation in bulk has said."""
    number = proforma.number
    words = remark("The project manager confirms {number}.", number=number)
    if proforma.state == "in_review":
        words = remark(
            "{number} is in review; the project manager confirms it afterwards.", number=number
        )
    elif proforma.bulk_state in UNDER_WAY:
        words = remark("{number} is being confirmed with others.", number=number)
    return Wait("proforma confirmed", words, f"`twofold proforma confirm {number}`")


def _wait_of_correction(corrections: Sequence[operations.Correction]) -> Wait | None:
    """Tell of a correction that is a draft."""
    for one in corrections:
        if one.confirmed_at is None:
            words = remark(
                "The project manager confirms the correction {number}.", number=one.number
            )
            return Wait("corrected", words, f"`twofold proforma confirm {one.number}`")
    return None


def _wait_of_proposal(
    books: BothBooks, proforma: ShownProforma, path: finance.ProposalPath
) -> Wait | None:
    match path.state:
        case "header_only":
            return _wait_for_lines(books, path)
        case "ready":
            return _wait_to_be_posted(path)
        case "posted" if proforma.invoice_number is None:
            words = remark("Dual-write takes invoice, voucher and tax back to operations.")
            return Wait("written back", words, DELIVER)
        case _:
            return None


def _wait_to_be_posted(path: finance.ProposalPath) -> Wait:
    """Tell who posts, or who approves before that."""
    number = path.number
    verb, words = "post", remark("An accountant posts the proposal {number}.", number=number)
    if path.needs_approval and path.review == "submitted":
        verb, words = "approve", remark("A billing approver decides about {number}.", number=number)
    elif path.needs_approval and path.review != "approved":
        verb, words = (
            "submit",
            remark("An accountant submits {number} for approval.", number=number),
        )
    return Wait("customer invoice posted", words, f"`twofold proposal {verb} {number}`")


def _wait_for_lines(books: BothBooks, path: finance.ProposalPath) -> Wait:
    found = proposal_problems(
        books.finance, company=books.company, proposal_id=path.proposal_id, limit=_PROBLEMS_MAX
    )
    problems = tuple(one.refusal for one in found)
    if problems:
        words = remark("An accountant sees to what is in the way of the lines, and imports again.")
        return Wait("proposal lines", words, problems[0].remedy, problems)
    words = remark("An accountant imports from staging.")
    return Wait("proposal lines", words, "`twofold finance import-from-staging`")
