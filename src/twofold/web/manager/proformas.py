"""Proforma invoices: the list, and one of them with its lines and details.

What is refused is said on the page of the proforma, where it can be mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from twofold.kernel.errors import Refusal
from twofold.operations.proforma.reads import (
    ListedProforma,
    ProformaFilter,
    ShownDetail,
    ShownLine,
    ShownProforma,
    find_proformas,
    list_details,
    list_lines,
)
from twofold.operations.retainers.reads import list_usable
from twofold.web.answers import Answer
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.listing import (
    Column,
    Field,
    Listing,
    Slice,
    answer,
    choice_of,
    day_of,
    key_of,
    whole,
)
from twofold.web.manager.drafts import OPEN, found

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
    """Show the proformas that the filter leaves, the newest first."""
    only = ProformaFilter(
        choice_of(asked, "state", _STATES),
        asked.text("contract") or None,
        asked.text("customer") or None,
        asked.text("created_by") or None,
        day_of(asked, "from"),
        day_of(asked, "up_to"),
    )

    def page(wanted: Slice) -> Sequence[ListedProforma]:
        with asked.system.auditor_operations.reader() as reader:
            return find_proformas(
                reader,
                company=asked.company,
                only=only,
                before_id=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    return answer(asked, "proformas.html", _of_proformas(asked, page))


def _of_proformas(
    asked: Asked, page: Callable[[Slice], Sequence[ListedProforma]]
) -> Listing[ListedProforma]:
    """Give the list; who may confirm them ticks drafts."""
    address = f"/{asked.company}/proformas"
    return Listing(
        title="Proforma invoices",
        empty="No proforma is here. They are created of what is ready in the billing backlog.",
        fields=(
            Field("contract", "Contract"),
            Field("customer", "Customer"),
            Field("created_by", "Project manager"),
            Field("from", "From", "date"),
            Field("up_to", "Up to", "date"),
            Field("state", "Status", "choice", _STATES),
        ),
        columns=(
            Column("Number", lambda one: one.number, to=lambda one: f"{address}/{one.number}"),
            Column(
                "Contract",
                lambda one: one.contract_number,
                to=lambda one: f"/{asked.company}/contracts/{one.contract_number}",
            ),
            Column(
                "Customer", lambda one: one.customer_account, note=lambda one: one.customer_name
            ),
            Column("Project manager", lambda one: one.created_by),
            Column("Status", lambda one: one.state, "status"),
            Column("Created", lambda one: one.created_at.date(), "date"),
            Column("Accounting date", lambda one: one.accounting_date, "date"),
            Column("Details", lambda one: one.detail_count, "quantity"),
            Column(
                "Total", lambda one: one.total_amount, "money", currency=lambda one: one.currency
            ),
            Column("Invoice", lambda one: one.invoice_number),
        ),
        page=page,
        place=lambda one: str(one.proforma_id),
        pick=_pick_for(asked),
    )


def _pick_for(asked: Asked) -> Callable[[ListedProforma], str] | None:
    """Give the checkbox of drafts, to who may confirm them."""
    if not asked.visitor.may("bill", asked.company):
        return None
    return lambda one: str(one.proforma_id) if one.state in OPEN else ""


def _show(asked: Asked) -> Answer:
    """Show one proforma: its header, totals by billing type, lines and details."""
    return shown(asked, found(asked), ())


def shown(asked: Asked, proforma: ShownProforma, refusals: Sequence[Refusal]) -> Answer:
    """Show a proforma with what finance, or a rule, said of what was asked of it."""
    key, company = proforma.proforma_id, asked.company
    asked = asked.at(f"/{company}/proformas/{proforma.number}") if refusals else asked
    with asked.system.auditor_operations.reader() as reader:
        lines = list_lines(reader, company=company, proforma_id=key)
        held = list_usable(reader, company=company, proforma_id=key)

    def page(wanted: Slice) -> Sequence[ShownDetail]:
        with asked.system.auditor_operations.reader() as reader:
            return list_details(
                reader,
                company=company,
                proforma_id=key,
                after_id=key_of(wanted.after),
                limit=wanted.limit,
            )

    is_open = proforma.state in OPEN
    of_details: Listing[ShownDetail] = Listing(
        key="details",
        title="Details",
        columns=_DETAILS,
        page=page,
        place=lambda one: str(one.proforma_detail_id),
        pick=None if is_open else lambda one: str(one.proforma_detail_id),
        total=proforma.detail_count,
    )
    return answer(
        asked,
        "proforma.html",
        _of_lines(lines),
        of_details,
        status=422 if refusals else 200,
        proforma=proforma,
        refusals=refusals,
        held=held if is_open else (),
        typed=asked.kept if refusals else {},
        date_typed=asked.typed("accounting_date")
        or (proforma.accounting_date.isoformat() if proforma.accounting_date else ""),
        is_much=proforma.detail_count > AT_ONCE_MAX,
    )


def _of_lines(lines: Sequence[ShownLine]) -> Listing[ShownLine]:
    return Listing(
        key="lines",
        title="Lines",
        columns=_LINES,
        page=whole(lines, _LINES),
        place=lambda one: str(one.proforma_line_id),
        per_page=len(lines),
        foot=_sums(lines),
    )


def _sums(lines: Sequence[ShownLine]) -> dict[str, Decimal | int]:
    return {
        "Chargeable": sum((one.chargeable_amount for one in lines), Decimal(0)),
        "Non chargeable": sum((one.non_chargeable_amount for one in lines), Decimal(0)),
        "Complimentary": sum((one.complimentary_amount for one in lines), Decimal(0)),
        "Details": sum(one.detail_count for one in lines),
    }


PAGES: Final = (
    Page("/{company}/proformas", _list, "read_operations"),
    Page("/{company}/proformas/{number}", _show, "read_operations"),
)
