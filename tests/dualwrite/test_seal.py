"""Sealing: what a set says about itself, committed with its rows or not at all."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from typing import LiteralString

import pytest
from psycopg.rows import class_row

from tests.dualwrite.planted import (
    digest_of_both,
    plant_costs,
    send,
    send_approval,
    send_confirmation,
    send_costs,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.outbox import open_change_set
from twofold.database.transaction import ConstraintBroken
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.compiled import Measured


class Interrupted(Exception):
    """Something goes wrong in the middle of a request."""


def test_a_sealed_set_stands_in_the_outbox_and_waits(world: Books) -> None:
    send_approval(world)

    world.then("""
        operations:dualwrite.outbox
        company  set_id  kind      stream      version  key_first  key_last  actor  created_at
        USPM     1       approval  approval/1  1        1          2         ann    2026-11-02T09:30:00Z

        operations:dualwrite.pending
        company  set_id  stream      version  state    lease_token  leased_until  attempts
        USPM     1       approval/1  1        waiting  0            -             0

        operations:dualwrite.stream
        company  stream      version
        USPM     approval/1  1
    """)


def test_the_manifest_counts_what_each_map_carries_and_what_it_leaves_out(world: Books) -> None:
    send_approval(world)
    send_confirmation(world)

    world.then("""
        operations:dualwrite.manifest
        set_id  map                      row_count  excluded_count  totals
        1       actuals                  2          0               [{"rows": 1, "currency": "USD", "transaction_type": "cost", "quantity": 8.0000, "amount": 400.0000}, {"rows": 1, "currency": "USD", "transaction_type": "unbilled_sales", "quantity": 8.0000, "amount": 800.0000}]
        1       transaction_connections  1          0               [{"rows": 1, "transaction1_role": "unbilled_sales"}]
        2       actuals                  1          1               [{"rows": 1, "currency": "USD", "transaction_type": "billed_sales", "quantity": 8.0000, "amount": 800.0000}]
        2       transaction_connections  1          1               [{"rows": 1, "transaction1_role": "billed_sales"}]
        2       invoices                 1          0               [{"rows": 1, "currency": "USD", "billable_count": 1}]
    """)


def test_a_map_without_rows_for_the_set_says_so(world: Books) -> None:
    send_costs(world, 1, first=1, count=3)

    world.then(f"""
        operations:dualwrite.manifest
        map                      row_count  excluded_count  content_hash  totals
        transaction_connections  0          0               0             []
        actuals                  3          0               {content_hash(world)}  [{{"rows": 3, "currency": "USD", "transaction_type": "cost", "quantity": 3.0000, "amount": 150.0000}}]
    """)


def content_hash(books: Books) -> int:
    """Fold the rows of set 1 again, from the table itself, in the order of the map's columns."""
    with books.owner_operations.raw() as connection:
        found = connection.execute(
            """
            SELECT sum(hash_numeric_extended(hash_record_extended(ROW(
                1::bigint, company, actual_id, transaction_type::text, class::text, billing_type::text,
                transaction_date, accounting_date, quantity, price, amount, discount_amount, fee_amount,
                currency, unit, project_id, task_id, resource_id, role_id, category_id, contract_id,
                contract_line_id, customer_id, milestone_id, proforma_id, 1::bigint, description
            ), 0)::numeric, 0)::numeric)
            FROM operations.actual
            WHERE change_set_id = 1
            """
        ).fetchone()
    assert found
    return int(found[0])


SET: LiteralString = """
    INSERT INTO dualwrite.outbox (
        company, set_id, kind, stream, version, key_first, key_last, actor, created_at
    )
    VALUES ('USPM', 1, 'approval', 'approval/1', 1, 1, 9, 'ann', '2026-11-02T09:30:00Z')
"""
FACTS: LiteralString = """
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, skip_sync,
        change_set_id
    )
    SELECT
        'USPM', key, 'cost', 'time', 'chargeable', 'approval', '2026-10-30', '2026-10-30',
        key, 50, 50 * key, 'USD', 'hour', 5, false, 1
    FROM unnest(%s::bigint[]) AS key
"""


def measured_after(books: Books, *steps: tuple[LiteralString, list[list[int]]]) -> Measured:
    """Measure what the map of actuals carries of set 1 after some steps, and undo them."""
    (actuals,) = [
        one.compiled for one in books.server.active_maps() if one.compiled.map.id == "actuals"
    ]
    with (
        books.owner_operations.raw() as connection,
        connection.transaction(force_rollback=True),
        connection.cursor(row_factory=class_row(Measured)) as cursor,
    ):
        connection.execute(SET)
        for statement, given in steps:
            connection.execute(statement, given)
        found = cursor.execute(actuals.measure.text, {"company": "USPM", "set_ids": [1]}).fetchone()
    assert found
    return found


def test_the_order_in_which_rows_were_written_does_not_matter(standing_books: Books) -> None:
    forth = measured_after(standing_books, (FACTS, [[1, 2, 3]]))
    back = measured_after(standing_books, (FACTS, [[3, 1, 2]]))

    assert forth == back
    assert forth.row_count == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE operations.actual SET description = 'by night' WHERE actual_id = 2",
        "UPDATE operations.actual SET quantity = quantity + 0.0001 WHERE actual_id = 2",
        "UPDATE operations.actual SET accounting_date = '2026-10-31' WHERE actual_id = 2",
        "UPDATE operations.actual SET task_id = 7 WHERE actual_id = 2",
        "UPDATE operations.actual SET billing_type = 'non_chargeable' WHERE actual_id = 2",
        "UPDATE operations.actual SET amount = 150 - amount WHERE actual_id < 3",
        "UPDATE operations.actual SET actual_id = 4 WHERE actual_id = 2",
    ],
)
def test_any_other_content_has_another_hash(standing_books: Books, change: LiteralString) -> None:
    before = measured_after(standing_books, (FACTS, [[1, 2]]))
    after = measured_after(standing_books, (FACTS, [[1, 2]]), (change, []))

    assert before.row_count == after.row_count == 2
    assert before.content_hash != after.content_hash


def test_only_rows_of_the_set_within_its_keys_are_in_it(world: Books) -> None:
    plant_costs(world, set_id=1, first=1, count=4)
    plant_costs(world, set_id=99, first=5, count=1)

    send(world, 1, kind="approval", stream="approval/2", keys=(2, 5))

    world.then("""
        operations:dualwrite.manifest
        map                      row_count
        actuals                  3
        transaction_connections  0
    """)


def test_sets_of_one_stream_are_numbered_one_after_the_other(world: Books) -> None:
    for set_id, stream in enumerate(("setup", "setup", "invoice/PF-1", "setup"), start=1):
        send(world, set_id, kind="setup", stream=stream)

    world.then("""
        operations:dualwrite.outbox
        set_id  stream        version
        1       setup         1
        2       setup         2
        3       invoice/PF-1  1
        4       setup         3
    """)


def test_sets_opened_in_one_transaction_are_sealed_together(world: Books) -> None:
    with world.operations.transaction() as transaction:
        for stream in ("setup", "other", "third"):
            open_change_set(
                transaction, company="USPM", kind="setup", stream=stream, actor="ann", at=NOW
            )

    world.then("""
        operations:dualwrite.pending
        set_id  stream  version
        1       setup   1
        2       other   1
        3       third   1
    """)


def seal_and_fail(books: Books) -> None:
    """Open and seal a set in a transaction that then goes wrong."""
    with books.operations.transaction() as transaction:
        open_change_set(
            transaction, company="USPM", kind="setup", stream="setup", actor="ann", at=NOW
        )
        Sealer("operations", books.server.active_maps())(transaction)
        raise Interrupted


def test_a_rolled_back_transaction_leaves_no_trace_of_its_set(world: Books) -> None:
    before = digest_of_both(world)

    with pytest.raises(Interrupted):
        seal_and_fail(world)

    assert digest_of_both(world) == before


def test_a_set_whose_commit_fails_leaves_no_trace(world: Books) -> None:
    """The rows break a constraint that is checked at the commit, after the sealing."""
    with world.owner_operations.raw() as connection:
        connection.execute(
            "ALTER TABLE dualwrite.pending ADD CONSTRAINT late FOREIGN KEY (company, set_id)"
            " REFERENCES dualwrite.acknowledged (company, set_id) DEFERRABLE INITIALLY DEFERRED"
        )
    before = digest_of_both(world)

    with pytest.raises(ConstraintBroken, match="late"):
        send(world, 1, kind="setup", stream="setup")

    assert digest_of_both(world) == before


def test_rows_that_can_change_are_captured_as_they_are(world: Books) -> None:
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     21           Ana   1
        USPM     20           Bo    1
        USPM     22           Cy    900
    """)

    send(world, 1, kind="setup", stream="setup")

    world.then("""
        operations:dualwrite.manifest
        map              row_count
        categories       0
        contract_lines   0
        contracts        0
        customers        0
        funding_sources  0
        milestones       0
        projects         0
        resources        2
        roles            0
        tasks            0

        operations:dualwrite.captured
        set_id  map        row_number  content
        1       resources  1           {"company": "USPM", "resource_id": 20, "name": "Bo", "source_version": 1}
        1       resources  2           {"company": "USPM", "resource_id": 21, "name": "Ana", "source_version": 1}
    """)


def test_what_all_companies_share_travels_for_the_company_of_the_set(world: Books) -> None:
    world.given("""
        operations.company
        company  name     accounting_currency  source_version
        DEPM     Contoso  EUR                  1

        operations.role
        role_id  name
        8        Consultant

        operations.transaction_category
        category_id  number  name
        9            TRAVEL  Travel

        operations.company_role
        company  role_id  name        change_set_id
        DEPM     8        Consultant  1

        operations.company_category
        company  category_id  number  name    change_set_id
        DEPM     9            TRAVEL  Travel  1
    """)

    send(world, 1, kind="setup", stream="setup", company="DEPM")

    world.then("""
        operations:dualwrite.captured
        company  map         content
        DEPM     categories  {"company": "DEPM", "category_id": 9, "number": "TRAVEL", "name": "Travel", "source_version": 1}
        DEPM     roles       {"company": "DEPM", "role_id": 8, "name": "Consultant", "source_version": 1}
    """)


def test_a_set_names_the_maps_that_carry_rows_of_it(world: Books) -> None:
    send_approval(world)
    send(world, 2, kind="setup", stream="setup")

    with world.owner_operations.raw() as connection:
        found = connection.execute(
            "SELECT set_id, maps, row_count FROM dualwrite.pending ORDER BY set_id"
        ).fetchall()
    assert found == [(1, ["actuals", "transaction_connections"], 3), (2, [], 0)]


@pytest.mark.fault("F130")
def test_a_stopped_map_carries_nothing_and_leaves_a_gap(world: Books) -> None:
    with world.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.map SET state = 'stopped' WHERE map IN ('actuals', 'resources')"
        )
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   2
    """)

    send_approval(world)
    send(world, 2, kind="setup", stream="setup")

    world.then("""
        operations:dualwrite.gap
        company  map        set_id  row_count
        USPM     actuals    1       2
        USPM     resources  2       1

        operations:dualwrite.pending
        set_id  row_count
        1       1
        2       0

        operations:dualwrite.captured
        set_id
    """)


@pytest.mark.fault("F086")
def test_a_sealer_takes_the_version_that_is_active_at_that_moment(world: Books) -> None:
    """The program started with the old one; the new one was activated meanwhile."""
    with world.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO dualwrite.map_version SELECT (jsonb_populate_record(version,"
            " jsonb_build_object('content_hash', 'newer', 'map_version', '1.0.1'))).*"
            " FROM dualwrite.map_version AS version WHERE map = 'actuals'"
        )
        connection.execute("UPDATE dualwrite.map SET content_hash = 'newer' WHERE map = 'actuals'")

    send_approval(world)

    with world.owner_operations.raw() as connection:
        found = connection.execute(
            "SELECT map_hash FROM dualwrite.manifest WHERE map = 'actuals'"
        ).fetchall()
    assert found == [("newer",)]
