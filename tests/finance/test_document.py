"""The customer's document read from the book: sections as they were laid out, samples besides."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.finance.company import SETUP, arrive, bill, finance_of, run_import, run_journal
from tests.finance.company import run_proposals as post
from tests.finance.test_post_batch import system_of
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.documents.customer_document import CustomerDocument
from twofold.finance.proposals.document import read_document
from twofold.finance.proposals.edit_format import Section, edit_format
from twofold.journey.preview_posting import preview_posting
from twofold.journey.sample_document import sample_document
from twofold.kernel.errors import Refused


@pytest.fixture
def mixed(books: Books) -> Books:
    """Give a company with two hours, an expense and a part on proposal 7."""
    books.given(SETUP)
    arrive(books, """
        actual_id  class     amount  category_id  transaction_date
        1          time      100     1            2026-08-28
        2          time      300     1            2026-08-27
        3          expense   50      1            2026-08-27
        4          material  20      5            2026-08-27
    """)  # fmt: skip
    run_import(books)
    run_journal(books, 1)
    bill(books, 7, {101: 1, 102: 2, 103: 3, 104: 4})
    run_import(books)
    return books


def lay_out(books: Books, *sections: Section) -> int:
    with finance_of(books) as transaction:
        return edit_format(
            transaction, company="USPM", proposal_id=7, revision=None, sections=sections,
            actor="cleo", at=NOW,
        ).revision  # fmt: skip


def document(books: Books) -> CustomerDocument | None:
    with books.finance.reader() as reader:
        return read_document(reader, company="USPM", proposal_id=7)


def test_without_a_layout_every_class_is_shown_in_detail_in_the_order_of_classes(
    mixed: Books,
) -> None:
    before = document(mixed)
    post(mixed, 7)
    found = document(mixed)

    assert before is None
    assert found is not None
    assert [(one.class_, one.line_count, one.amount) for one in found.sections] == [
        ("time", 2, 400), ("expense", 1, 50), ("material", 1, 20),
    ]  # fmt: skip
    assert [one.amount for one in found.lines] == [300, 100, 50, 20]
    assert (found.header.number, found.header.total_amount) == ("INV-9998", 517)
    assert [(one.tax_code, one.base_amount, one.tax_amount) for one in found.taxes] == [
        ("STATE", 470, 47)
    ]


def test_sections_are_as_they_were_laid_out_last_and_the_rest_follows(mixed: Books) -> None:
    lay_out(mixed, Section("fee"), Section("time", "out"))
    revision = lay_out(mixed, Section("material", "summary"), Section("time", "out"))
    post(mixed, 7)

    found = document(mixed)

    assert revision == 3
    assert found is not None
    assert [(one.class_, one.is_detailed, one.is_included) for one in found.sections] == [
        ("material", False, True), ("time", True, False), ("expense", True, True),
    ]  # fmt: skip
    assert [one.class_ for one in found.lines] == ["expense"]
    assert sum(one.amount for one in found.sections) == found.header.net_amount


def test_a_class_has_one_place_and_what_is_posted_keeps_its_layout(mixed: Books) -> None:
    with pytest.raises(Refused) as twice:
        lay_out(mixed, Section("time"), Section("fee"), Section("time", "out"))
    post(mixed, 7)
    with pytest.raises(Refused) as posted:
        lay_out(mixed)

    assert [(one.code, one.value) for one in twice.value.refusals] == [("ERR-F24", "time")]
    assert posted.value.codes == ("ERR-F05",)


def test_a_sample_and_a_preview_say_what_posting_will_and_change_nothing(mixed: Books) -> None:
    system, later = system_of(mixed), date(2026, 11, 20)
    sample = sample_document(system, company="USPM", proposal_id=7, invoice_date=later, actor="ada")
    preview = preview_posting(
        system, company="USPM", proposal_id=7, invoice_date=later, actor="ada", limit=10
    )

    assert (sample.title, sample.header.number) == ("Pro forma invoice", "PF-7")
    assert sample.header.total_amount == preview.summary.total_amount == Decimal("526.40")
    mixed.then("""
        finance.customer_invoice
        invoice_number

        finance.proposal
        number  state  invoice_date  total_amount
        PF-7    ready  2026-11-02    517
    """)
    (invoice,) = post(mixed, 7)
    assert invoice.invoice_number == preview.summary.invoice_number == "INV-9998"
    found = document(mixed)
    assert found is not None
    assert (found.lines, found.sections) == (sample.lines, sample.sections)


def test_a_preview_tells_what_speaks_against_posting(mixed: Books) -> None:
    with pytest.raises(Refused) as closed:
        preview_posting(
            system_of(mixed), company="USPM", proposal_id=7, invoice_date=date(2026, 9, 1),
            actor="ada", limit=0,
        )  # fmt: skip

    assert closed.value.codes == ("ERR-F08",)
