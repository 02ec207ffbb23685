"""What waits in staging: each row in one place, with its reason, page by page."""

from __future__ import annotations

from decimal import Decimal

from tests.finance.company import SETUP, arrive
from tests.scenarios.support import Story, Work, finance_cast, finance_changed
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.delete import delete_lines
from twofold.finance.staging.waiting_rows import (
    BEFORE_ALL,
    PLACES,
    Place,
    WaitingRow,
    count_reasons,
    waiting_rows,
)


def rows(story: Story, place: Place, *, after: int = BEFORE_ALL, **wanted: str) -> list[WaitingRow]:
    with story.books.auditor_finance.reader() as reader:
        return list(
            waiting_rows(reader, company="USPM", place=place, after=after, limit=50, **wanted)
        )


def counts(story: Story) -> dict[Place, int]:
    return {place: len(found) for place in PLACES if (found := rows(story, place))}


def reasons(story: Story) -> list[tuple[str, str, int]]:
    with story.books.auditor_finance.reader() as reader:
        found = count_reasons(reader, company="USPM")
    return [(one.place, one.code, one.row_count) for one in found]


def test_a_row_waits_in_one_place_until_it_is_posted(books: Books) -> None:
    story = Story(books)
    story.approve(Work("ARM", 8))
    nothing = counts(story)
    story.deliver()
    arrived = counts(story)
    story.import_()
    draft = counts(story)
    with books.finance.transaction() as transaction:
        delete_lines(
            transaction,
            company="USPM",
            journal_id=story.draft_journals()[0],
            actual_ids=None,
            actor="accountant",
            at=NOW,
        )
    deleted = counts(story)
    story.import_()
    again = counts(story)
    story.post_journals()
    story.deliver()

    assert [nothing, arrived, draft, deleted, again, counts(story)] == [
        {}, {"arrived": 2}, {"draft": 2}, {"reopened": 2}, {"draft": 2}, {},
    ]  # fmt: skip
    assert reasons(story) == []
    story.holds()


def test_what_is_held_says_why_and_is_found_by_its_code(books: Books) -> None:
    # Given work of a category that finance does not know as one of hours
    setup = finance_cast().company[0].project_categories
    known = tuple(one for one in setup if one.category_number != "LABOUR")
    story = Story(books, finance=finance_changed(project_categories=known, category_defaults=()))
    story.approve(Work("ARM", 8))
    story.deliver()
    story.import_()

    held = rows(story, "held")
    assert [one.refusal.code for one in held if one.refusal] == ["ERR-I05", "ERR-I05"]
    assert reasons(story) == [("held", "ERR-I05", 2)]
    assert [len(rows(story, "held", code=code)) for code in ("ERR-I05", "ERR-J01")] == [2, 0]
    assert rows(story, "held", after=held[0].actual_id) == held[1:]
    with books.auditor_finance.reader() as reader:
        assert count_reasons(reader, company="ELSE") == ()
    story.holds()


def test_a_proposal_tells_the_sales_it_waits_for(books: Books) -> None:
    # Given a confirmed proforma whose work is on a journal that is not posted
    story = Story(books)
    story.approve(Work("ARM", 8))
    story.deliver()
    story.import_()
    story.confirm(story.draft("TM"))
    story.import_()

    (waiting,) = rows(story, "proposal")
    assert (waiting.code, waiting.proposal_number is not None) == ("ERR-I01", True)
    assert rows(story, "proposal", proposal=waiting.proposal_number or "") == [waiting]
    assert rows(story, "proposal", proposal="NONE") == []
    assert ("proposal", "ERR-I01", 1) in reasons(story)
    story.post_journals()
    story.deliver()
    story.import_()
    assert rows(story, "proposal") == []
    story.holds()


def test_an_amount_is_what_is_left_after_the_discount(books: Books) -> None:
    books.given(SETUP)
    arrive(books, """
        actual_id  transaction_type  amount  discount_amount
        1          unbilled_sales    100     7.5
    """)  # fmt: skip

    with books.auditor_finance.reader() as reader:
        (row,) = waiting_rows(reader, company="USPM", place="arrived", after=BEFORE_ALL, limit=50)

    assert row.amount == Decimal("92.5")
