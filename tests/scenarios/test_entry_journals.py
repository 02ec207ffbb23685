"""Entry journals keep the order of the file: refusals and stored lines name the line they mean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.scenarios.support import Story
from tests.support.clock import NOW
from tests.vectors.case import PROJECTS
from tests.vectors.journals import HOUR, SALE, save
from twofold.database.statement import Command
from twofold.kernel.errors import Refused
from twofold.operations.journals.write_entry_journal import write_entry_journal

# Plans that read the lines in another order than the file's.
BY_SORTING = Command(
    "by_sorting",
    "SELECT set_config(name, 'off', true) FROM pg_settings"
    " WHERE name IN ('enable_nestloop', 'enable_hashjoin')",
    frozenset(),
)


def test_a_refusal_names_the_line_of_the_file(story: Story) -> None:
    # Given a file whose second and fourth lines are wrong, and whose others name other records
    lines = (
        replace(SALE, quantity=Decimal(1)),
        replace(SALE, project=PROJECTS["fixed_price"], person=None),
        replace(HOUR, quantity=Decimal(3)),
        replace(SALE, cls="fee", project=PROJECTS["fixed_price"], person=None),
    )

    # When it is written
    with pytest.raises(Refused) as refused:
        save(story, *lines)

    # Then exactly these are named, and nothing is kept
    named = {refusal.record.rpartition(" ")[2] for refusal in refused.value.refusals}
    assert named == {"2", "4"}
    assert story.in_operations("SELECT FROM operations.entry_journal_line") == []


def test_lines_are_kept_in_the_order_of_the_file(story: Story) -> None:
    # Given forty lines that alternate between projects, persons and types
    lines = [
        replace(
            (HOUR, SALE)[place % 2],
            quantity=Decimal(place),
            person=(None, "Bob Kozack")[place % 3 > 0],
        )
        for place in range(1, 41)
    ]

    # When they are written, by a plan that sorts them on its way
    with story.books.operations.transaction() as transaction:
        transaction.run(BY_SORTING)
        write_entry_journal(
            transaction,
            company=story.company,
            lines=lines,
            description="Forty",
            actor="manager",
            at=NOW,
        )

    # Then line n holds what line n of the file said
    kept = story.in_operations(
        "SELECT line_number, quantity FROM operations.entry_journal_line ORDER BY line_number"
    )
    assert [(row["line_number"], row["quantity"]) for row in kept] == [
        (place, Decimal(place)) for place in range(1, 41)
    ]
