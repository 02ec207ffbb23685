"""How proformas are shown."""

from __future__ import annotations

from decimal import Decimal

from twofold.cli import printing
from twofold.cli.discounts import sold_columns
from twofold.journey.confirm import Confirmation
from twofold.operations.proforma.reads import ShownDetail, ShownLine, ShownProforma


def confirmed_table(done: list[tuple[str, Confirmation]]) -> printing.RenderableType:
    """Show what was confirmed."""
    return printing.table(
        ("Company", "Number", "Accounting date", "Items", "Net", "Tax", "Total", "Currency"),
        [
            (
                code, one.number, one.accounting_date, one.billed_count, one.detail_amount,
                one.tax_amount, one.total_amount, one.currency,
            )
            for code, confirmation in done
            for one in confirmation.proformas
        ],
        title="Confirmed",
    )  # fmt: skip


def header_facts(code: str, one: ShownProforma) -> printing.RenderableType:
    """Show a header; tax and total as estimated, and as invoiced once finance reported back."""
    return printing.facts(
        (
            ("Proforma", f"{one.number} of {code}"),
            ("Name", one.name),
            ("State", one.state),
            ("Bulk", one.bulk_state),
            ("Not confirmed", "\n".join(one.bulk_reasons) if one.bulk_reasons else None),
            ("Contract", f"{one.contract_number} {one.contract_name}"),
            ("Customer", f"{one.customer_account} {one.customer_name}"),
            ("Bill to", one.bill_to_name),
            ("Payment terms", one.payment_terms),
            ("Accounting date", one.accounting_date),
            ("Items", one.detail_count),
            ("Net", _money(one.detail_amount, one.currency)),
            ("Tax (estimate)", _money(one.tax_amount, one.currency)),
            ("Tax (invoice)", _money(one.invoice_tax_amount, one.currency)),
            ("Total (estimate)", _money(one.total_amount, one.currency)),
            ("Total (invoice)", _money(one.invoice_total_amount, one.currency)),
            ("Corrects", one.corrects_number),
            ("Revision", one.revision),
            (
                "Changed",
                f"{printing.text_of(one.changed_at)} by {one.changed_by}"
                if one.changed_at
                else None,
            ),
            ("Created", f"{printing.text_of(one.created_at)} by {one.created_by}"),
            (
                "Confirmed",
                f"{printing.text_of(one.confirmed_at)} by {one.confirmed_by}"
                if one.confirmed_at
                else None,
            ),
            ("Invoice", one.invoice_number),
            ("Voucher", one.voucher),
            ("Invoice date", one.invoice_date),
            ("Due date", one.due_date),
        )
    )


def _money(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else f"{printing.figure(amount)} {currency}"


def lines_table(lines: list[ShownLine]) -> printing.RenderableType:
    """Show the lines, one per contract line."""
    return printing.table(
        ("Line", "Name", "Billing method", "Project", "Items", "Chargeable", "Non-chargeable",
         "Complimentary", "Tax", "Billed before"),
        [
            (
                one.line_number, one.name, one.billing_method, one.project_number,
                one.detail_count, one.chargeable_amount, one.non_chargeable_amount,
                one.complimentary_amount, one.tax_amount, one.invoiced_till_date_amount,
            )
            for one in lines
        ],
        title="Lines",
    )  # fmt: skip


def details_table(items: list[ShownDetail]) -> printing.RenderableType:
    """Show the billed items."""
    extended, cells = sold_columns(items)
    return printing.table(
        ("Item", "Line", "Date", "Class", "Billing", "Who", "Role", "Category", "Quantity", "Unit",
         "Price", "Amount", *extended, "Tax", "Billed before", "Description"),
        [
            (
                one.proforma_detail_id, one.line_number, one.transaction_date,
                one.transaction_class if one.retainer_use is None
                else f"retainer {one.retainer_id} {one.retainer_use}",
                one.billing_type,
                one.resource_name, one.role_name, one.category_name, one.quantity, one.unit,
                one.price, one.amount, *cells(one), one.tax_amount, one.previous_amount,
                one.description,
            )
            for one in items
        ],
        title="Items",
    )  # fmt: skip
