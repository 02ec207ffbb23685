"""The customer's document: what it is called, what it shows, and that it adds up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from twofold.documents.customer_document import (
    CustomerDocument,
    DocumentHeader,
    DocumentLine,
    DocumentSection,
    DocumentTax,
    render_document,
)

HEADER = DocumentHeader(
    number="INV-1", company="USPM", company_name="Contoso & Sons", name="October",
    description=None, customer_account="C-1", customer_name="Adatum", bill_to_name=None,
    contract_number="K-1", invoice_date=date(2026, 11, 2), due_date=date(2026, 12, 24),
    payment_terms="D14", currency="GBP", precision=2, net_amount=Decimal("1200.20"),
    tax_amount=Decimal("125.03"), total_amount=Decimal("1325.23"),
)  # fmt: skip
LINE = DocumentLine(
    class_="time", transaction_date=date(2026, 10, 5), description="<b>Design</b>",
    project_number="P-1", resource_name="Bob", credited_invoice_number=None,
    quantity=Decimal("4.5000"), unit="hour", price=Decimal(200), amount=Decimal("1000.20"),
)  # fmt: skip


def section(
    of_class: str, count: int, amount: str, *, is_detailed: bool = True, is_included: bool = True
) -> DocumentSection:
    return DocumentSection(
        of_class, is_detailed, is_included, count, Decimal(count), Decimal(amount)
    )


DOCUMENT = CustomerDocument(
    header=HEADER,
    sections=(
        section("fee", 2, "150", is_detailed=False),
        section("time", 1, "1000.20"),
        section("expense", 1, "50", is_included=False),
    ),
    lines=(LINE,),
    taxes=(DocumentTax("STATE", "State", Decimal("12.5000"), Decimal(1000), Decimal("125.03")),),
    is_sample=False,
)


def text(document: CustomerDocument) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", render_document(document)))


@pytest.mark.parametrize(
    ("total", "is_sample", "title"),
    [
        ("0.01", False, "Invoice"),
        ("0", False, "Invoice"),
        ("-0.01", False, "Credit note"),
        ("0.01", True, "Pro forma invoice"),
        ("-0.01", True, "Pro forma credit note"),
    ],
)
def test_the_title_says_what_it_is(total: str, *, is_sample: bool, title: str) -> None:
    header = replace(HEADER, total_amount=Decimal(total))

    document = replace(DOCUMENT, header=header, is_sample=is_sample)

    assert document.title == title
    page = render_document(document)
    assert f"<h1>{title} INV-1</h1>" in page
    assert ("PRO FORMA" in page) == is_sample


def test_sections_stand_in_their_order_and_what_is_left_out_is_in_the_total() -> None:
    page = text(DOCUMENT)

    assert page.index("Fees") < page.index("2 items 150.00") < page.index("Time")
    assert "2026-10-05" in page
    assert "4.5 hour 200.00 1,000.20" in page
    assert "Expenses" not in page
    assert "Not itemised 50.00 Subtotal 1,200.20 State 12.5 % 125.03 Total GBP 1,325.23" in page


def test_rounding_shows_where_there_is_any() -> None:
    rounded = replace(HEADER, total_amount=Decimal("1325.25"))

    assert "Rounding" not in text(DOCUMENT)
    assert "Rounding 0.02 Total GBP 1,325.25" in text(replace(DOCUMENT, header=rounded))


def test_a_credit_names_the_invoice_it_credits_and_yen_have_no_decimals() -> None:
    line = replace(
        LINE, credited_invoice_number="INV-0", quantity=Decimal("-1"), amount=Decimal(-5)
    )
    yen = replace(HEADER, currency="JPY", precision=0)

    page = text(replace(DOCUMENT, header=yen, lines=(line,)))

    assert "credit of INV-0" in page
    assert "-1 hour 200 -5" in page


def test_what_people_wrote_is_text_and_nothing_else_and_the_page_needs_nothing() -> None:
    page = render_document(DOCUMENT)

    assert "&lt;b&gt;Design&lt;/b&gt;, Bob" in page
    assert "Contoso &amp; Sons" in page
    assert not re.search(r"(src|href)=|<script|url\(", page)
    assert page == render_document(DOCUMENT)
