"""What an accountant finds in the inbox, and what editing a document offers to choose from."""

from __future__ import annotations

from tests.scenarios.support import Story, Work, finance_cast, finance_changed
from tests.support.books import Books
from twofold.finance.setup.choices import read_choices
from twofold.finance.staging.reads import Inbox, list_held, read_inbox


def inbox(story: Story) -> Inbox:
    with story.books.auditor_finance.reader() as reader:
        return read_inbox(reader, company="USPM")


def test_the_inbox_counts_what_waits_and_where(books: Books) -> None:
    story = Story(books)
    story.approve(Work("ARM", 8))
    nothing = inbox(story)
    story.deliver()
    arrived = inbox(story)
    story.import_()
    imported = inbox(story)
    story.post_journals()
    story.deliver()
    story.confirm(story.draft("TM"))
    confirmed = inbox(story)
    story.import_()
    ready = inbox(story)

    assert [one.set_count for one in (nothing, arrived, imported, confirmed, ready)] == [
        0,
        1,
        0,
        1,
        0,
    ]
    assert (arrived.last_arrived_at is None, nothing.last_arrived_at) == (False, None)
    assert (arrived.draft_journal_count, imported.draft_journal_count) == (0, 1)
    assert (ready.draft_journal_count, ready.error_journal_count) == (0, 0)
    assert (confirmed.waiting_proposal_count, confirmed.ready_proposal_count) == (1, 0)
    assert (ready.waiting_proposal_count, ready.ready_proposal_count) == (0, 1)
    story.holds()


def test_what_is_held_says_why_page_by_page(books: Books) -> None:
    # Given work of a category that finance does not know as one of hours
    setup = finance_cast().company[0].project_categories
    known = tuple(one for one in setup if one.category_number != "LABOUR")
    story = Story(books, finance=finance_changed(project_categories=known, category_defaults=()))
    story.approve(Work("ARM", 8), Work("ARM", 2))
    story.deliver()
    story.import_()

    with books.auditor_finance.reader() as reader:
        every = list_held(reader, company="USPM", limit=10)
        first = list_held(reader, company="USPM", limit=1)
        rest = list_held(reader, company="USPM", after=first[0].actual_id, limit=10)
        other = list_held(reader, company="ELSE", limit=10)

    assert (len(every), inbox(story).held_count, other) == (4, 4, ())
    assert (*first, *rest) == every
    assert all(one.refusal.remedy and one.refusal.reason for one in every)


def test_choices_are_those_of_the_company(books: Books) -> None:
    story = Story(books)

    with books.auditor_finance.reader() as reader:
        choices = read_choices(reader, company="USPM")
        other = read_choices(reader, company="ELSE")

    assert choices.tax_groups == ["EXEMPT", "TAXED"]
    assert choices.item_tax_groups == ["GOODS", "PRODUCT", "SERVICE", "STAGE"]
    assert "D14" in choices.payment_terms
    assert (other.tax_groups, other.payment_terms, other.dimensions) == ([], [], [])
    story.holds()
