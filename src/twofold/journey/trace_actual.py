"""The path of one actual: approved, delivered, imported from staging, posted, reported back."""

from __future__ import annotations

from dataclasses import replace

from twofold.finance.posting import trace as finance
from twofold.journey.remarks import Term, remark
from twofold.journey.stations import (
    DELIVER,
    BothBooks,
    Sets,
    Station,
    Wait,
    delivered,
    names,
    said,
    undelivered,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.actuals import reads as operations


def actual_stations(
    books: BothBooks, actual: operations.ShownActual
) -> tuple[list[Station], Wait | None]:
    """Follow one actual: approved, delivered, imported, posted."""
    sets = books.sets_of_operations({actual.change_set_id})
    approved = _approved(actual, sets)
    stations = [approved]
    if actual.skip_sync:
        stays = said("finance does its own")
        stations.append(replace(approved, name="stays in operations", title=None, remarks=stays))
        return stations, None
    stations.append(delivered("change set applied", sets))
    if sets.missing:
        return stations, undelivered(sets)
    reversal = _reversed(books, actual)
    paths = finance.trace_actuals(
        books.finance, company=books.company, actual_ids=[actual.actual_id]
    )
    path = paths[0] if paths else None
    if path is not None and actual.transaction_type != "billed_sales":
        stations.append(_journal_line(path))
        return [*stations, *reversal], _wait_of_line(path)
    return [*stations, *reversal], None


def _approved(actual: operations.ShownActual, sets: Sets) -> Station:
    title = remark(
        "{type} actual ({event})", type=Term(actual.transaction_type), event=Term(actual.event)
    )
    return Station(
        "operations",
        str(title),
        reached=True,
        at=sets.sent[0].created_at if sets.sent else None,
        actor=sets.sent[0].actor if sets.sent else None,
        number=f"actual/{actual.actual_id}",
        count=1,
        amount=actual.amount,
        currency=actual.currency,
        title=title,
        remarks=(
            *said(
                "entry {number}", number=None if actual.entry_id is None else str(actual.entry_id)
            ),
            *said("{term}", term=Term(actual.transaction_class)),
            *names(actual.project_number, actual.resource_name),
            *said("{quantity} {unit}", quantity=actual.quantity, unit=actual.unit),
            *(said("{term}", term=Term(actual.billing_status)) if actual.billing_status else ()),
        ),
    )


def _reversed(books: BothBooks, actual: operations.ShownActual) -> list[Station]:
    """Tell of what took the actual back, if anything but its invoice did."""
    if actual.adjustment_status != "adjusted":
        return []
    found = operations.reversal_of(
        books.operations, company=books.company, actual_id=actual.actual_id
    )
    if found is None:
        return []
    sets = books.sets_of_operations({found.change_set_id})
    return [
        Station(
            "operations",
            "cancelled" if found.event == "cancellation" else "adjusted",
            reached=True,
            at=sets.sent[0].created_at if sets.sent else None,
            actor=sets.sent[0].actor if sets.sent else None,
            number=f"actual/{found.actual_id}",
            count=1,
            amount=found.amount,
            currency=actual.currency,
            remarks=said("{term}", term=Term(found.event)),
        )
    ]


def wait_to_be_billed(actual: operations.ShownActual) -> Wait | None:
    """Tell what an unbilled sale waits for in the backlog."""
    key = actual.actual_id
    match actual.billing_status:
        case "unbilled_sales_created":
            words = remark("The project manager marks it as ready to invoice.")
            return Wait("ready to invoice", words, f"`twofold backlog ready --actual {key}`")
        case "ready_to_invoice":
            words = remark("The project manager creates a proforma invoice.")
            return Wait("proforma created", words, "`twofold proforma create`")
        case _:
            return None


def _journal_line(path: finance.ActualPath) -> Station:
    return Station(
        "finance",
        "journal line posted" if path.posted_at else "journal line",
        reached=path.posted_at is not None,
        at=path.posted_at or path.imported_at,
        actor=path.posted_by,
        number=path.journal_number,
        count=1,
        amount=path.accounting_amount,
        remarks=(
            *said("voucher {number}", number=path.voucher),
            *(said("{term}", term=Term(path.journal_state)) if path.journal_state else ()),
        ),
    )


def _wait_of_line(path: finance.ActualPath) -> Wait | None:
    """Tell what one cost or unbilled sale waits for in finance."""
    if path.posted_at is not None:
        words = remark("Dual-write takes voucher and amount back to operations.")
        return None if path.reported_at is not None else Wait("written back", words, DELIVER)
    if path.journal_number is None:
        return _wait_for_import(path)
    return _wait_to_be_posted(path, path.journal_number)


def _wait_to_be_posted(path: finance.ActualPath, number: str) -> Wait:
    if path.line_code is not None:
        bad = _refusal(path, path.line_code, path.line_field, path.line_value)
        words = remark(
            "An accountant sees to the line, and posts the journal {number}.", number=number
        )
        remedy = f"{bad.remedy} Then `twofold journal to-draft {number}` and post it."
        return Wait("journal posted", words, remedy, (bad,))
    words = remark("An accountant posts the journal {number}.", number=number)
    if path.journal_state == "processing":
        words = remark("The journal {number} is being posted.", number=number)
    return Wait("journal posted", words, f"`twofold journal post {number}`")


def _wait_for_import(path: finance.ActualPath) -> Wait:
    if path.held_code is None:
        words = remark("An accountant imports from staging.")
        return Wait("import from staging", words, "`twofold finance import-from-staging`")
    held = _refusal(path, path.held_code, path.held_field, path.held_value)
    words = remark("It is held back in staging; an accountant sees to the reason.")
    return Wait("import from staging", words, held.remedy, (held,))


def _refusal(path: finance.ActualPath, code: str, field: str | None, value: str | None) -> Refusal:
    return refuse(code, f"actual/{path.actual_id}", field=field or "", value=value or "")
