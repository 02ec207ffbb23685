"""Not-to-exceed limits: what fits is committed, in order; what does not fails and says where."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import broken, confirm, create, rows, undone
from tests.operations.entries.working import approve, draft, plant_work, submit, submitted
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.backlog.evaluate_limits import evaluate_limits, reset_limits
from twofold.operations.backlog.limits import Evaluated, list_limits
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.revise import revise_proforma

ALL = Selection()


@pytest.fixture
def working(books: Books) -> Books:
    return plant_work(books)


def limit(books: Books, **limits: int | None) -> None:
    """Set the limits of contract 1, by level; levels not named have none."""
    statements = {
        "contract_line_customer": """
            INSERT INTO operations.contract_line_customer
            VALUES ('USPM', 10, 1, 100, true, %(amount)s)
            ON CONFLICT (company, contract_line_id, customer_id)
            DO UPDATE SET not_to_exceed = excluded.not_to_exceed
        """,
        "contract_line": """
            UPDATE operations.contract_line SET not_to_exceed = %(amount)s
            WHERE contract_line_id = 10
        """,
        "contract_customer": """
            UPDATE operations.contract_customer SET not_to_exceed = %(amount)s
            WHERE contract_customer_id = 1
        """,
        "contract": """
            UPDATE operations.contract SET not_to_exceed = %(amount)s
            WHERE company = 'USPM' AND contract_id = 1
        """,
    }
    assert set(limits) <= set(statements)
    with books.owner_operations.raw() as connection:
        for level, statement in statements.items():
            connection.execute(statement.encode(), {"amount": limits.get(level)})


def works(books: Books, *hours: str) -> None:
    """Work for hours at 200 each, approved at once, in this order."""
    for quantity in hours:
        submitted(books, quantity=Decimal(quantity))
    result = approve(books)
    assert not result.refusals


def backlog(books: Books) -> list[str]:
    """Give hours, state, verdict and the level that did not suffice, by key."""
    found = rows(
        books,
        """
        SELECT trim_scale(quantity), state, not_to_exceed, coalesce(exceeds::text, '-')
        FROM operations.backlog_item ORDER BY actual_id
        """,
    )
    return [" ".join(str(value) for value in row) for row in found]


def evaluate(books: Books, selection: Selection = ALL) -> Evaluated:
    with books.operations.transaction() as transaction:
        return evaluate_limits(
            transaction, company="USPM", selection=selection, actor="ann", at=NOW
        )


def reset(books: Books, selection: Selection = ALL) -> int:
    with books.operations.transaction() as transaction:
        return reset_limits(transaction, company="USPM", selection=selection, actor="ann", at=NOW)


def ready(books: Books) -> list[str]:
    """Mark all ready; give what was refused."""
    with books.operations.transaction() as transaction:
        marked = mark_ready(transaction, company="USPM", selection=ALL, actor="ann", at=NOW)
    return [f"{one.code} {one.value}" for one in marked.refusals]


def keys(books: Books) -> list[int]:
    query = "SELECT actual_id FROM operations.backlog_item ORDER BY actual_id"
    return [key for (key,) in rows(books, query)]


FITS = "created committed -"


@pytest.mark.parametrize(
    ("limits", "hours", "then"),
    [
        # No limit anywhere.
        ({}, ["8"], ["8 created not_applicable -"]),
        # Equal to the limit is within it; a cent more is not.
        ({"contract": 1600}, ["8"], [f"8 {FITS}"]),
        ({"contract": 1600}, ["8.01"], ["8.01 created failed contract"]),
        # Each level by itself, and the first one that does not suffice is named.
        ({"contract_line_customer": 100}, ["8"], ["8 created failed contract_line_customer"]),
        ({"contract_line": 100}, ["8"], ["8 created failed contract_line"]),
        ({"contract_customer": 100}, ["8"], ["8 created failed contract_customer"]),
        (
            {"contract": 100, "contract_customer": 100, "contract_line": 100},
            ["8"],
            ["8 created failed contract_line"],
        ),
        ({"contract": 100, "contract_line": 2000}, ["8"], ["8 created failed contract"]),
        # What fails takes nothing: less may fit after it. No part of an amount is committed.
        (
            {"contract": 1000},
            ["4", "2", "1", "0.01"],
            [f"4 {FITS}", "2 created failed contract", f"1 {FITS}", "0.01 created failed contract"],
        ),
        # An amount that one level refuses is not taken off the others.
        (
            {"contract": 1000, "contract_line": 500},
            ["3", "2"],
            ["3 created failed contract_line", f"2 {FITS}"],
        ),
        # A limit of nothing.
        ({"contract": 0}, ["1"], ["1 created failed contract"]),
    ],
)
def test_work_takes_what_is_left_of_limits_in_order(
    working: Books, limits: dict[str, int], hours: list[str], then: list[str]
) -> None:
    limit(working, **limits)

    works(working, *hours)

    assert backlog(working) == then
    assert broken(working) == []


def test_what_was_committed_before_counts(working: Books) -> None:
    limit(working, contract=2000)
    works(working, "6")
    works(working, "5")
    works(working, "4")

    assert backlog(working) == [f"6 {FITS}", "5 created failed contract", f"4 {FITS}"]


def test_what_is_not_charged_comes_under_no_limit(working: Books) -> None:
    limit(working, contract=1000)
    entry_id = submitted(working)
    with working.operations.transaction() as transaction:
        change_approval(
            transaction,
            company="USPM",
            entry_id=entry_id,
            billable_quantity=Decimal(5),
            actor="ann",
            at=NOW,
        )
    submitted(working, billing_type="non_chargeable")
    approve(working)

    assert sorted(backlog(working)) == [
        "3 created not_applicable -",
        f"5 {FITS}",
        "8 created not_applicable -",
    ]


def test_work_of_another_contract_takes_nothing(working: Books) -> None:
    limit(working, contract=1000)
    submitted(working, project_number="P-5", quantity=Decimal(20))
    works(working, "5")

    assert sorted(backlog(working)) == ["20 created not_applicable -", f"5 {FITS}"]


def test_what_failed_cannot_be_marked_ready(working: Books) -> None:
    limit(working, contract=1000)
    works(working, "4", "2")

    assert ready(working) == ["ERR-B03 failed"]
    assert backlog(working) == ["4 ready committed -", "2 created failed contract"]


def test_a_reset_gives_back_and_an_evaluation_takes_again_in_the_order_named(
    working: Books,
) -> None:
    limit(working, contract=1000)
    works(working, "4", "2", "1")
    ready(working)

    assert reset(working) == 3
    assert backlog(working) == [
        "4 created not_evaluated -",
        "2 created not_evaluated -",
        "1 created not_evaluated -",
    ]
    assert ready(working) == ["ERR-B03 not_evaluated"] * 3

    first, second, third = keys(working)
    named = Selection(actual_ids=(third, second, first))
    assert evaluate(working, named) == Evaluated(2, 1, 0)
    assert backlog(working) == ["4 created failed contract", f"2 {FITS}", f"1 {FITS}"]
    assert broken(working) == []


def test_only_what_is_named_is_evaluated(working: Books) -> None:
    limit(working, contract=1000)
    works(working, "4", "2")
    reset(working)

    evaluate(working, Selection(actual_ids=(keys(working)[1],)))

    assert backlog(working) == ["4 created not_evaluated -", f"2 {FITS}"]


def test_a_raised_limit_commits_what_had_failed_and_keeps_what_was_ready(working: Books) -> None:
    limit(working, contract=1000)
    works(working, "4", "2")
    ready(working)
    limit(working, contract=1200)

    assert evaluate(working) == Evaluated(2, 0, 0)
    assert backlog(working) == ["4 ready committed -", f"2 {FITS}"]


def test_a_lowered_limit_takes_readiness_away_once_evaluated(working: Books) -> None:
    limit(working, contract=1000)
    works(working, "4")
    ready(working)
    limit(working, contract=700)

    evaluate(working)

    assert backlog(working) == ["4 created failed contract"]


def test_a_limit_that_is_gone_limits_nothing(working: Books) -> None:
    limit(working, contract=100)
    works(working, "4")
    limit(working)

    assert evaluate(working) == Evaluated(0, 0, 1)
    assert backlog(working) == ["4 created not_applicable -"]


def test_a_reset_leaves_what_is_billed_drafted_or_free_as_it_is(working: Books) -> None:
    limit(working, contract=10_000)
    works(working, "1")
    ready(working)
    confirm(working, create(working).proformas[0].proforma_id)
    works(working, "2")
    ready(working)
    create(working)
    submitted(working, quantity=Decimal(3), billing_type="non_chargeable")
    works(working, "4")

    assert reset(working) == 1
    assert sorted(backlog(working)) == [
        "2 on_proforma committed -",
        "3 created not_applicable -",
        "4 created not_evaluated -",
    ]
    assert evaluate(working) == Evaluated(1, 0, 0)


def test_what_was_invoiced_counts_and_what_was_credited_does_not(working: Books) -> None:
    limit(working, contract=1600)
    works(working, "8")
    ready(working)
    first = create(working).proformas[0].proforma_id
    confirm(working, first)
    works(working, "1")
    assert backlog(working) == ["1 created failed contract"]

    with working.operations.transaction() as transaction:
        correction = revise_proforma(
            transaction, company="USPM", proforma_id=first, actual_ids=None, actor="pm", at=NOW
        )
    confirm(working, correction.proforma_id)

    # The credited work is evaluated anew, and takes back what it had.
    assert backlog(working) == ["1 created failed contract", f"8 {FITS}"]
    with working.auditor_operations.reader() as reader:
        (shown,) = list_limits(reader, company="USPM")
    assert (shown.amount, shown.committed_amount, shown.invoiced_amount) == (1600, 1600, 0)
    assert shown.remaining_amount == 0


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (DetailChange(quantity=Decimal(8)), []),
        (DetailChange(quantity=Decimal("8.01")), ["ERR-B60"]),
        (DetailChange(price=Decimal(201)), ["ERR-B60"]),
        (DetailChange(quantity=Decimal(20), billing_type="complimentary"), []),
    ],
)
def test_a_draft_that_was_raised_cannot_bill_past_a_limit(
    working: Books, change: DetailChange, codes: list[str]
) -> None:
    limit(working, contract=1600)
    works(working, "8")
    ready(working)
    proforma_id = create(working).proformas[0].proforma_id
    with working.operations.transaction() as transaction:
        edit_details(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            revision=None,
            changes=(change,),
            actor="pm",
            at=NOW,
        )

    told: list[str] = []
    try:
        confirm(working, proforma_id)
    except Refused as refused:
        told = list(refused.codes)

    assert told == codes
    assert broken(working) == []


def test_two_approvals_at_once_do_not_both_take_the_last_of_a_limit(working: Books) -> None:
    limit(working, contract=1600)
    entries = [draft(working), draft(working)]
    submit(working, *entries)
    started = threading.Barrier(2)

    def approve_one(entry_id: int) -> None:
        started.wait()
        approve(working, entry_ids=[entry_id])

    people = [threading.Thread(target=approve_one, args=(entry_id,)) for entry_id in entries]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(backlog(working)) == [f"8 {FITS}", "8 created failed contract"]


AMOUNTS = st.lists(st.integers(-30, 100), max_size=12)
LIMITS = st.lists(st.one_of(st.none(), st.integers(0, 200)), min_size=4, max_size=4)


@given(amounts=AMOUNTS, limits=LIMITS)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_running_state_takes_amounts_as_a_person_would(
    working: Books, amounts: list[int], limits: list[int | None]
) -> None:
    left = list(limits)
    expected: list[int] = []
    for amount in amounts:
        short = [
            level
            for level, rest in enumerate(left, 1)
            if rest is not None and amount > 0 and rest < amount
        ]
        expected.append(short[0] if short else 0)
        if not short:
            left = [None if rest is None else rest - amount for rest in left]

    slots = [None if rest is None else level + 1 for level, rest in enumerate(limits, 1)]
    with undone(working.owner_operations) as (connection, _):
        found = connection.execute(
            """
            SELECT (operations.take_of_limits(%(limits)s::numeric[], amount, %(slots)s::integer[])
                OVER (ORDER BY place ROWS UNBOUNDED PRECEDING))[1]::integer
            FROM unnest(%(amounts)s::numeric[]) WITH ORDINALITY AS one (amount, place)
            ORDER BY place
            """,
            {"limits": [0, *(rest or 0 for rest in limits)], "slots": slots, "amounts": amounts},
        ).fetchall()

    assert [verdict for (verdict,) in found] == expected
