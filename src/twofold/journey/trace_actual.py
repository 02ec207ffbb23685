"""The path of one actual: approved, delivered, imported from staging, posted, reported back."""

from __future__ import annotations

from dataclasses import replace

from twofold.finance.posting import trace as finance
from twofold.journey.stations import (
    DELIVER,
    BothBooks,
    Station,
    Wait,
    delivered,
    joined,
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
    approved = Station(
        "operations",
        f"{actual.transaction_type} actual ({actual.event})",
        reached=True,
        at=sets.sent[0].created_at if sets.sent else None,
        actor=sets.sent[0].actor if sets.sent else None,
        number=f"actual/{actual.actual_id}",
        count=1,
        amount=actual.amount,
        currency=actual.currency,
        note=joined(
            f"entry {actual.entry_id}" if actual.entry_id is not None else None,
            actual.transaction_class, actual.project_number, actual.resource_name,
            f"{actual.quantity.normalize():f} {actual.unit}", actual.billing_status,
        ),
    )  # fmt: skip
    stations = [approved]
    if actual.skip_sync:
        stations.append(replace(approved, name="stays in operations", note="finance does its own"))
        return stations, None
    stations.append(delivered("change set applied", sets))
    if sets.missing:
        return stations, undelivered(sets)
    paths = finance.trace_actuals(
        books.finance, company=books.company, actual_ids=[actual.actual_id]
    )
    path = paths[0] if paths else None
    if path is not None and actual.transaction_type != "billed_sales":
        stations.append(_journal_line(path))
        return stations, _wait_of_line(path)
    return stations, None


def wait_to_be_billed(actual: operations.ShownActual) -> Wait | None:
    """Tell what an unbilled sale waits for in the backlog."""
    match actual.billing_status:
        case "unbilled_sales_created":
            return Wait("ready to invoice", f"`twofold backlog ready --actual {actual.actual_id}`")
        case "ready_to_invoice":
            return Wait("proforma created", "`twofold proforma create`")
        case _:
            return None


def _journal_line(path: finance.ActualPath) -> Station:
    return Station(
        "finance",
        "journal line posted" if path.posted_at else "journal line",
        reached=path.posted_at is not None,
        at=path.posted_at or path.imported_at,
        number=path.journal_number,
        count=1,
        amount=path.accounting_amount,
        note=joined(path.voucher and f"voucher {path.voucher}", path.journal_state),
    )


def _wait_of_line(path: finance.ActualPath) -> Wait | None:
    """Tell what one cost or unbilled sale waits for in finance."""
    if path.posted_at is not None:
        return None if path.reported_at is not None else Wait("written back", DELIVER)
    if path.journal_number is None:
        return _wait_for_import(path)
    if path.line_code is None:
        return Wait("journal posted", f"`twofold journal post {path.journal_number}`")
    bad = _refusal(path, path.line_code, path.line_field, path.line_value)
    remedy = f"{bad.remedy} Then `twofold journal to-draft {path.journal_number}` and post it."
    return Wait("journal posted", remedy, (bad,))


def _wait_for_import(path: finance.ActualPath) -> Wait:
    if path.held_code is None:
        return Wait("import from staging", "`twofold finance import-from-staging`")
    held = _refusal(path, path.held_code, path.held_field, path.held_value)
    return Wait("import from staging", held.remedy, (held,))


def _refusal(path: finance.ActualPath, code: str, field: str | None, value: str | None) -> Refusal:
    return refuse(code, f"actual/{path.actual_id}", field=field or "", value=value or "")
