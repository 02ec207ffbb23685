"""Proforma invoices: the list, one of them with its lines and details, and confirming it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.journey.confirm import confirm_live
from twofold.operations.proforma.reads import (
    ListedProforma,
    ShownDetail,
    ShownLine,
    list_details,
    list_lines,
    list_proformas,
)
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, key_of, whole
from twofold.web.manager.drafts import assert_seen, found

_STATES: Final = ("draft", "in_review", "confirmed", "posted")
_LINES: Final[tuple[Column[ShownLine], ...]] = (
    Column("Line", lambda one: f"{one.line_number} {one.name}"),
    Column("Project", lambda one: one.project_number),
    Column("Chargeable", lambda one: one.chargeable_amount, "money"),
    Column("Non chargeable", lambda one: one.non_chargeable_amount, "money"),
    Column("Complimentary", lambda one: one.complimentary_amount, "money"),
    Column("Details", lambda one: one.detail_count, "quantity"),
)
_DETAILS: Final[tuple[Column[ShownDetail], ...]] = (
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Line", lambda one: one.line_number),
    Column("Class", lambda one: one.transaction_class, "term"),
    Column(
        "Who or what",
        lambda one: one.resource_name or one.category_name,
        note=lambda one: one.description,
    ),
    Column("Billing type", lambda one: one.billing_type, "term"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Price", lambda one: one.price, "money"),
    Column("Amount", lambda one: one.amount, "money"),
    Column(
        "Extended amount",
        lambda one: one.amount - one.discount_amount + one.fee_amount,
        "money",
    ),
)


def _list(asked: Asked) -> Answer:
    """Show the proformas, in the order they were made."""
    state = choice_of(asked, "state", _STATES)
    address = f"/{asked.company}/proformas"

    def page(wanted: Slice) -> Sequence[ListedProforma]:
        with asked.system.auditor_operations.reader() as reader:
            return list_proformas(
                reader,
                company=asked.company,
                state=state,
                after_id=key_of(wanted.after),
                limit=wanted.limit,
            )

    listing: Listing[ListedProforma] = Listing(
        title="Proforma invoices",
        empty="No proforma is here. They are created of what is ready in the billing backlog.",
        fields=(Field("state", "Status", "choice", _STATES),),
        columns=(
            Column("Number", lambda one: one.number, to=lambda one: f"{address}/{one.number}"),
            Column("Contract", lambda one: one.contract_number),
            Column(
                "Customer", lambda one: one.customer_account, note=lambda one: one.customer_name
            ),
            Column("Status", lambda one: one.state, "status"),
            Column("Accounting date", lambda one: one.accounting_date, "date"),
            Column("Details", lambda one: one.detail_count, "quantity"),
            Column(
                "Total", lambda one: one.total_amount, "money", currency=lambda one: one.currency
            ),
            Column("Invoice", lambda one: one.invoice_number),
        ),
        page=page,
        place=lambda one: str(one.proforma_id),
    )
    return answer(asked, "proformas.html", listing)


def _show(asked: Asked) -> Answer:
    """Show one proforma: its header, totals by billing type, lines and details."""
    proforma = found(asked)
    key = proforma.proforma_id
    with asked.system.auditor_operations.reader() as reader:
        lines = list_lines(reader, company=asked.company, proforma_id=key)

    def page(wanted: Slice) -> Sequence[ShownDetail]:
        with asked.system.auditor_operations.reader() as reader:
            return list_details(
                reader,
                company=asked.company,
                proforma_id=key,
                after_id=key_of(wanted.after),
                limit=wanted.limit,
            )

    of_lines: Listing[ShownLine] = Listing(
        key="lines",
        title="Lines",
        columns=_LINES,
        page=whole(lines, _LINES),
        place=lambda one: str(one.proforma_line_id),
        per_page=len(lines),
    )
    of_details: Listing[ShownDetail] = Listing(
        key="details",
        title="Details",
        columns=_DETAILS,
        page=page,
        place=lambda one: str(one.proforma_detail_id),
        total=proforma.detail_count,
    )
    return answer(asked, "proforma.html", of_lines, of_details, proforma=proforma)


def _confirm(asked: Asked) -> Answer:
    """Confirm it, with finance's answer; a refusal names the record and the remedy."""
    proforma = found(asked)
    assert_seen(asked, proforma)
    confirm_live(
        asked.system,
        company=asked.company,
        proforma_ids=(proforma.proforma_id,),
        actor=asked.visitor.login,
        on=asked.now.date(),
    )
    return Moved(f"/{asked.company}/proformas/{proforma.number}?done=confirmed:1")


PAGES: Final = (
    Page("/{company}/proformas", _list, "read_operations"),
    Page("/{company}/proformas/{number}", _show, "read_operations"),
    Page("/{company}/proformas/{number}/confirm", _confirm, "bill", "POST"),
)
