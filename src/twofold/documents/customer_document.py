"""The invoice or credit note as the customer gets it: one page of HTML that needs nothing else.

It prints from any browser on A4 or letter. Whoever reads the book fills the records; this module
turns them into text. Amounts are in the currency of the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Final


@dataclass(frozen=True, slots=True)
class DocumentHeader:
    """What the head and the foot of the document say."""

    number: str
    company: str
    company_name: str
    name: str
    description: str | None
    customer_account: str
    customer_name: str
    bill_to_name: str | None
    contract_number: str | None
    invoice_date: date
    due_date: date
    payment_terms: str | None
    currency: str
    precision: int
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class DocumentSection:
    """The lines of one class: each by itself, summed up, or not shown (then only in the total)."""

    class_: str
    is_detailed: bool
    is_included: bool
    line_count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a section that is shown in detail."""

    class_: str
    transaction_date: date
    description: str | None
    project_number: str | None
    resource_name: str | None
    credited_invoice_number: str | None
    quantity: Decimal
    unit: str
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DocumentTax:
    """What one tax code comes to."""

    tax_code: str
    name: str
    rate: Decimal
    base_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class CustomerDocument:
    """Everything the document says; sections in their order, lines in the order of sections.

    ``is_sample``: it is not posted yet.
    """

    header: DocumentHeader
    sections: tuple[DocumentSection, ...]
    lines: tuple[DocumentLine, ...]
    taxes: tuple[DocumentTax, ...]
    is_sample: bool

    @property
    def title(self) -> str:
        """Invoice, or credit note where the total is negative; a sample says that it is one."""
        title = "Credit note" if self.header.total_amount < 0 else "Invoice"
        return f"Pro forma {title.lower()}" if self.is_sample else title


_HEADINGS: Final = {
    "time": "Time", "expense": "Expenses", "material": "Materials", "milestone": "Milestones",
    "fee": "Fees", "retainer": "Advances",
}  # fmt: skip
_STYLE: Final = """
body { font: 10pt/1.4 "Helvetica Neue", Arial, sans-serif; color: #222; margin: 2cm; }
h1 { font-size: 20pt; margin: 0 0 .2cm; } h2 { font-size: 11pt; margin: .6cm 0 .1cm; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .1cm .2cm; text-align: left; }
th { border-bottom: 1px solid #222; } td { border-bottom: 1px solid #ddd; vertical-align: top; }
.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.parties { display: flex; justify-content: space-between; margin: .6cm 0; }
.totals { width: 45%; margin-left: auto; margin-top: .6cm; } .total td { font-weight: bold; }
.sample { border: 2px solid #a00; color: #a00; padding: .2cm .4cm; margin-bottom: .5cm; }
tr { break-inside: avoid; } thead { display: table-header-group; }
@page { margin: 1.5cm; } @media print { body { margin: 0; } }
"""


def render_document(document: CustomerDocument) -> str:
    """Write the document as HTML; the same values always give the same text."""
    header = document.header
    title = f"{document.title} {header.number}"
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
    ]
    if document.is_sample:
        parts.append(
            '<p class="sample">PRO FORMA: a sample to look at. It is not posted, and not a demand '
            "for payment.</p>"
        )
    parts += [
        f"<h1>{escape(title)}</h1>",
        _parties(header),
        *(_section(document, one) for one in document.sections if one.is_included),
        _totals(document),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _parties(header: DocumentHeader) -> str:
    to = header.bill_to_name or header.customer_name
    facts = [
        ("Date", header.invoice_date.isoformat()),
        ("Due", header.due_date.isoformat()),
        ("Payment terms", header.payment_terms),
        ("Customer", header.customer_account),
        ("Contract", header.contract_number),
        ("Currency", header.currency),
    ]
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in facts if value
    )
    about = " ".join(escape(one) for one in (header.name, header.description) if one)
    return (
        f'<div class="parties"><div><strong>{escape(to)}</strong><br>from '
        f'{escape(header.company_name)}</div><table style="width: auto">{rows}</table></div>'
        f"<p>{about}</p>"
    )


def _section(document: CustomerDocument, section: DocumentSection) -> str:
    heading = _HEADINGS[section.class_]
    precision = document.header.precision
    if not section.is_detailed:
        items = "item" if section.line_count == 1 else "items"
        body = f"<tr><td>{section.line_count} {items}</td>{_figure(section.amount, precision)}</tr>"
        head = _head("Summary", amount_only=True)
    else:
        lines = [one for one in document.lines if one.class_ == section.class_]
        body = "\n".join(_line(one, precision) for one in lines)
        span = '<td colspan="5">'
        body += f'\n<tr class="total">{span}{heading}</td>{_figure(section.amount, precision)}</tr>'
        head = _head("Date", amount_only=False)
    return f"<h2>{heading}</h2>\n<table>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>"


def _head(first: str, *, amount_only: bool) -> str:
    middle = "" if amount_only else (
        '<th>Description</th><th>Project</th><th class="figure">Quantity</th>'
        '<th class="figure">Price</th>'
    )  # fmt: skip
    return f'<thead><tr><th>{first}</th>{middle}<th class="figure">Amount</th></tr></thead>'


def _line(line: DocumentLine, precision: int) -> str:
    words = [line.description, line.resource_name]
    if line.credited_invoice_number:
        words.append(f"credit of {line.credited_invoice_number}")
    about = ", ".join(escape(one) for one in words if one)
    quantity = f"{line.quantity.normalize():f} {escape(line.unit)}"
    return (
        f"<tr><td>{line.transaction_date.isoformat()}</td><td>{about}</td>"
        f"<td>{escape(line.project_number or '')}</td>"
        f'<td class="figure">{quantity}</td>{_figure(line.price, precision)}'
        f"{_figure(line.amount, precision)}</tr>"
    )


def _totals(document: CustomerDocument) -> str:
    header = document.header
    hidden = [one for one in document.sections if not one.is_included]
    rows: list[tuple[str, Decimal]] = []
    if hidden:
        rows.append(("Not itemised", sum((one.amount for one in hidden), Decimal(0))))
    rows.append(("Subtotal", header.net_amount))
    rows += [
        (f"{one.name or one.tax_code} {one.rate.normalize():f} %", one.tax_amount)
        for one in document.taxes
    ]
    rounding = header.total_amount - header.net_amount - header.tax_amount
    if rounding:
        rows.append(("Rounding", rounding))
    body = "\n".join(
        f"<tr><td>{escape(name)}</td>{_figure(amount, header.precision)}</tr>"
        for name, amount in rows
    )
    total = _figure(header.total_amount, header.precision)
    return (
        f'<table class="totals">\n{body}\n<tr class="total">'
        f"<td>Total {escape(header.currency)}</td>{total}</tr>\n</table>"
    )


def _figure(amount: Decimal, precision: int) -> str:
    return f'<td class="figure">{amount:,.{precision}f}</td>'
