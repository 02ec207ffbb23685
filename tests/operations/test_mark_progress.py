"""Billing a milestone by progress: what is said is ready, what remains is not, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import broken, confirm, create, plant_contracts, rows, undone
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark import mark_not_ready, mark_ready
from twofold.operations.backlog.mark_progress import NextInvoice, Progress, mark_progress
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.remove_details import delete_proforma


@pytest.fixture
def line(books: Books) -> Books:
    """Give the planted contracts, with a milestone of 1,000 on a line billed by progress."""
    plant_contracts(books)
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.contract_line"
            " SET schedule_type = 'progress', contracted_amount = 1000"
            " WHERE contract_line_id = 11"
        )
        connection.execute("SELECT setval('operations.milestone_key', 1000)")
    books.given("""
        operations.milestone
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name  milestone_date  amount  tax_amount  currency  state      change_set_id
        USPM     1             1            11                1            1           Cell  2026-10-31      1000    99.99       USD       not_ready  1
    """)  # fmt: skip # noqa: E501
    return books


def say(books: Books, *, amount: str | None = None, percent: str | None = None) -> Progress:
    """Say what is invoiced next of the milestone."""
    with books.operations.transaction() as transaction:
        return said(transaction, amount=amount, percent=percent)


def said(
    transaction: Transaction, *, amount: str | None = None, percent: str | None = None, key: int = 1
) -> Progress:
    return mark_progress(
        transaction,
        company="USPM",
        milestone_id=key,
        invoice=NextInvoice(
            None if amount is None else Decimal(amount),
            None if percent is None else Decimal(percent),
        ),
        actor="pm",
        at=NOW,
    )


def parts(books: Books) -> list[str]:
    """Give the parts of the milestone: amount, tax and state."""
    found = rows(
        books,
        "SELECT trim_scale(amount), trim_scale(tax_amount), state FROM operations.milestone"
        " ORDER BY customer_id, part",
    )
    return [f"{amount} {tax} {state}" for amount, tax, state in found]


def test_a_percentage_is_of_the_whole_and_the_rest_is_a_part_of_its_own(line: Books) -> None:
    progress = say(line, percent="20")

    assert parts(line) == ["200 20 ready", "800 79.99 not_ready"]
    assert (progress.next_amount, progress.invoiced_amount) == (200, 0)
    assert (progress.remaining_amount, progress.next_state) == (1000, "ready")
    assert progress.state == "in_progress"
    assert broken(line) == []


def test_saying_another_amount_replaces_the_one_before(line: Books) -> None:
    say(line, percent="20")

    say(line, amount="333.33")
    assert parts(line) == ["333.33 33.33 ready", "666.67 66.66 not_ready"]
    say(line, amount="10.01")
    assert parts(line) == ["10.01 1 ready", "989.99 98.99 not_ready"]
    say(line, amount="1000")
    assert parts(line) == ["10.01 1 ready", "989.99 98.99 ready"]
    assert broken(line) == []


def test_part_by_part_until_nothing_remains(line: Books) -> None:
    for amount, shown in (("200", "in_progress"), ("300.5", "in_progress"), ("499.5", "completed")):
        say(line, amount=amount)
        (draft,) = create(line, 1).proformas
        assert draft.detail_amount == Decimal(amount)
        confirm(line, draft.proforma_id)
        assert rows(
            line, "SELECT state, next_state, open_amount FROM operations.milestone_progress"
        )[0][:2] == (shown, "not_ready")

    assert parts(line) == ["200 20 posted", "300.5 30.05 posted", "499.5 49.94 posted"]
    assert broken(line) == []


def test_a_part_on_a_draft_stands_and_comes_back_when_the_draft_goes(line: Books) -> None:
    say(line, amount="200")
    (draft,) = create(line, 1).proformas

    with pytest.raises(Refused) as refused:
        say(line, amount="800.01")
    assert refused.value.codes == ("ERR-B44",)
    say(line, amount="100")
    assert parts(line) == ["200 20 on_proforma", "100 10 ready", "700 69.99 not_ready"]

    with line.operations.transaction() as transaction:
        delete_proforma(
            transaction,
            company="USPM",
            proforma_id=draft.proforma_id,
            revision=None,
            actor="pm",
            at=NOW,
        )
    assert parts(line) == ["200 20 ready", "100 10 ready", "700 69.99 not_ready"]
    say(line, amount="250")
    assert parts(line) == ["200 20 ready", "50 5 ready", "750 74.99 not_ready"]
    assert broken(line) == []


@pytest.mark.parametrize("amount", ["0", "-1", "1000.01", "0.001"])
def test_an_amount_that_does_not_fit_is_refused(line: Books, amount: str) -> None:
    with pytest.raises(Refused) as refused:
        say(line, amount=amount)

    assert refused.value.codes == ("ERR-B44",)
    assert parts(line) == ["1000 99.99 not_ready"]


def test_a_line_is_billed_one_way(line: Books) -> None:
    with line.operations.transaction() as transaction:
        everything = mark_ready(
            transaction, company="USPM", selection=Selection(), actor="ann", at=NOW
        )
        named = mark_ready(
            transaction,
            company="USPM",
            selection=Selection(milestone_ids=(1,)),
            actor="ann",
            at=NOW,
        )
    assert everything.milestone_count == 0
    assert [one.code for one in named.refusals] == ["ERR-B43"]

    say(line, percent="20")
    with line.operations.transaction() as transaction:
        taken_back = mark_not_ready(
            transaction, company="USPM", selection=Selection(), actor="ann", at=NOW
        )
    assert taken_back.milestone_count == 1
    assert parts(line) == ["200 20 not_ready", "800 79.99 not_ready"]
    say(line, percent="30")
    assert parts(line) == ["300 30 ready", "700 69.99 not_ready"]

    with line.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.contract_line SET schedule_type = DEFAULT")
    with pytest.raises(Refused) as refused:
        say(line, percent="20")
    assert refused.value.codes == ("ERR-B43",)


def test_what_is_not_there_or_over_is_refused(line: Books) -> None:
    with undone(line.operations) as (_, transaction), pytest.raises(Refused) as unknown:
        said(transaction, percent="20", key=99)
    with line.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.project SET state = 'completed'")
    with pytest.raises(Refused) as over:
        say(line, percent="20")

    assert (unknown.value.codes, over.value.codes) == (("ERR-B22",), ("ERR-B21",))


def test_each_customer_is_invoiced_its_share(line: Books) -> None:
    with line.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.milestone SET amount = 333.33, tax_amount = 33.33;"
            "INSERT INTO operations.milestone"
            ' SELECT (jsonb_populate_record(one, \'{"milestone_id": 2, "customer_id": 2,'
            ' "amount": 666.67, "tax_amount": 66.66}\')).* FROM operations.milestone AS one'
        )

    say(line, amount="100")

    assert parts(line) == [
        "33.33 3.33 ready",
        "300 30 not_ready",
        "66.67 6.67 ready",
        "600 59.99 not_ready",
    ]
    assert [one.detail_amount for one in create(line, 1).proformas] == [
        Decimal("33.33"),
        Decimal("66.67"),
    ]
    assert broken(line) == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(st.integers(1, 100_000), st.booleans()), min_size=1, max_size=8))
def test_all_parts_are_the_milestone_whatever_is_said(
    line: Books, steps: list[tuple[int, bool]]
) -> None:
    with undone(line.owner_operations) as (connection, transaction):
        for cents, is_invoiced in steps:
            left = connection.execute(
                "SELECT open_amount FROM operations.milestone_progress"
            ).fetchone()
            assert left is not None
            amount = Decimal(cents) / 100
            if amount > left[0]:
                continue
            progress = said(transaction, amount=str(amount))
            assert progress.next_amount == amount
            found = connection.execute(
                "SELECT sum(amount), sum(tax_amount), min(amount), min(tax_amount)"
                " FROM operations.milestone"
            ).fetchone()
            assert found is not None
            assert found[:2] == (1000, Decimal("99.99"))
            assert found[2] > 0
            assert found[3] >= 0
            if is_invoiced:
                connection.execute(
                    "UPDATE operations.milestone SET state = 'posted', proforma_id = 1"
                    " WHERE state = 'ready'"
                )
