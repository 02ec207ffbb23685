"""Delivering change sets: whole, in order, once; what is missing parks, what differs stops."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import dataclasses
import re

import msgspec
import pytest

from tests.dualwrite.planted import (
    AFTER_LEASE,
    deliver,
    digest,
    forward,
    plant_costs,
    send,
    send_approval,
    send_confirmation,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.support.books import Books
from tests.support.clock import NOW
from tests.support.views import without_views
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile import compile_map


@pytest.fixture
def company(books: Books) -> Books:
    """One legal entity, known to finance and told to operations."""
    books.given("""
        finance.legal_entity
        company  name      accounting_currency  reporting_currency  change_set_id
        USPM     Fabrikam  USD                  USD                 1
    """)
    return books


def send_company(books: Books, *, change_set_id: int) -> None:
    with books.finance.transaction() as transaction:
        change_set = open_change_set(
            transaction, company="USPM", kind="setup", stream="setup", actor="amy", at=NOW
        )
        assert change_set.set_id == change_set_id


def test_a_set_arrives_whole_and_is_acknowledged(company: Books) -> None:
    send_company(company, change_set_id=1)

    _, back = company.deliver()

    assert (back.applied, back.problems) == (1, [])
    company.then("""
        operations.company
        company  name      accounting_currency  source_version
        USPM     Fabrikam  USD                  1

        finance:dualwrite.pending
        company  set_id

        finance:dualwrite.acknowledged
        company  set_id
        USPM     1

        operations:dualwrite.inbox
        company  source   set_id  kind   stream  version
        USPM     finance  1       setup  setup   1
    """)


def test_delivering_again_changes_nothing(company: Books) -> None:
    send_company(company, change_set_id=1)
    company.deliver()
    company.given("""
        finance:dualwrite.pending
        company  set_id  stream  version
        USPM     1       setup   1
    """)

    _, back = company.deliver()

    assert (back.applied, back.already_applied) == (0, 1)


def test_a_confirmation_arrives_with_its_lines_and_links(world: Books) -> None:
    send_approval(world)
    send_confirmation(world)

    delivery = deliver(world)

    assert (delivery.applied, delivery.rows, delivery.problems) == (2, 6, [])
    world.then("""
        finance.proposal
        company  proposal_id  number  currency  payment_terms  accounting_date  first_actual_id  last_actual_id  billable_count  state
        USPM     4            PF-4    USD       Net30          2026-11-02       11               11              1               header_only

        finance.staged_actual
        company  actual_id  transaction_type  quantity  price  amount  proforma_id  source_set_id
        USPM     1          cost              8         50     400     -            1
        USPM     2          unbilled_sales    8         100    800     -            1
        USPM     11         billed_sales      8         100    800     4            2

        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     2                unbilled_sales     1                cost
        USPM     11               billed_sales       2                unbilled_sales

        finance:dualwrite.inbox
        company  source      set_id  kind          stream        version  key_first  key_last  row_count  actor
        USPM     operations  1       approval      approval/1    1        1          2         3          ann
        USPM     operations  2       confirmation  invoice/PF-4  1        11         12        3          ann

        operations:dualwrite.pending
        set_id  stream

        operations:dualwrite.acknowledged
        company  set_id
        USPM     1
        USPM     2
    """)
    assert not broken_promises(world)


def test_only_the_sets_asked_for_are_delivered(world: Books) -> None:
    for set_id in (1, 2, 3):
        send_costs(world, set_id, first=set_id * 10, count=1)

    assert deliver_sets(forward(world), set_ids=[2]).applied == 1
    assert deliver_sets(forward(world), company="DEPM").applied == 0

    world.then("""
        finance:dualwrite.inbox
        set_id
        2
    """)


def test_a_set_that_misses_a_record_is_parked_and_wakes_when_it_arrives(world: Books) -> None:
    plant_costs(world, set_id=1, first=1, count=3)
    change(
        world.owner_operations, "UPDATE operations.actual SET project_id = 6 WHERE actual_id = 2"
    )
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 3))

    (problem,) = deliver(world).problems

    assert (problem.set_id, problem.code, problem.state) == (1, "ERR-D05", "parked")
    assert str(problem).startswith("finance does not know project 6 (map «")
    world.then("""
        operations:dualwrite.pending
        set_id  state   code     leased_until  next_attempt_at
        1       parked  ERR-D05  -             -

        finance.staged_actual
        actual_id

        finance:dualwrite.inbox
        set_id
    """)
    assert deliver(world).applied == 0

    world.given("""
        operations.project
        company  project_id  number  name  state       change_set_id
        USPM     6           P-6     Dock  in_process  2
    """)
    send(world, 2, kind="setup", stream="setup")
    delivery = deliver(world)

    assert (delivery.applied, delivery.problems) == (2, [])
    world.then("""
        finance.staged_actual
        actual_id
        1
        2
        3
    """)
    assert not broken_promises(world)


def test_a_missing_line_property_parks_with_its_own_code(world: Books) -> None:
    change(world.owner_finance, "DELETE FROM finance.billing_type_line_property")
    send_approval(world)

    (problem,) = deliver(world).problems

    assert (problem.code, problem.state) == ("ERR-D02", "parked")


def test_a_record_of_another_company_does_not_count(world: Books) -> None:
    world.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900
    """)
    change(world.owner_finance, "UPDATE finance.project SET company = 'DEPM'")
    send_approval(world)

    (problem,) = deliver(world).problems

    assert (problem.code, problem.state) == ("ERR-D05", "parked")


def test_a_record_that_arrives_in_another_company_wakes_nothing(world: Books) -> None:
    world.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900
    """)
    send_approval(world)
    change(world.owner_finance, "DELETE FROM finance.project")
    deliver(world)
    send(world, 2, kind="setup", stream="setup", company="DEPM")

    deliver(world)

    world.then("""
        operations:dualwrite.pending
        set_id  state   attempts
        1       parked  1
    """)


@pytest.mark.fault("F049")
def test_the_same_set_with_other_content_stops_and_changes_nothing(world: Books) -> None:
    send_approval(world)
    deliver(world)
    before = digest(world.owner_finance)
    change(
        world.owner_operations, "UPDATE dualwrite.manifest SET totals = '[]' WHERE row_count = 2"
    )
    world.given("""
        operations:dualwrite.pending
        company  set_id  stream      version
        USPM     1       approval/1  1
    """)

    (problem,) = deliver(world).problems

    assert (problem.code, problem.state) == ("ERR-D08", "stopped")
    with world.owner_finance.raw() as connection:
        (held,) = connection.execute("SELECT content_hash FROM dualwrite.inbox").fetchone() or ("",)
    assert f"the inbox holds {held}, the outbox " in str(problem)
    assert digest(world.owner_finance) == before
    world.then("""
        operations:dualwrite.pending
        set_id  state    code     leased_until  next_attempt_at
        1       stopped  ERR-D08  -             -
    """)
    assert deliver(world, now=AFTER_LEASE).problems == []


# What is done to the manifest or the rows of a set after it was sealed, and what is said.
TAMPERED = [
    ("UPDATE dualwrite.manifest SET row_count = 3 WHERE row_count = 2", "2 rows arrived"),
    ("UPDATE dualwrite.manifest SET row_count = 1 WHERE row_count = 2", "2 rows arrived"),
    ("UPDATE dualwrite.manifest SET content_hash = content_hash + 1 WHERE true", "the manifest"),
    ("UPDATE dualwrite.manifest SET totals = '[]' WHERE row_count = 2", "the manifest says []"),
    ("UPDATE operations.actual SET amount = 51 WHERE description LIKE '%1'", "101.0000"),
    ("UPDATE operations.actual SET task_id = 5 WHERE description LIKE '%1'", "the manifest"),
    ("UPDATE operations.actual SET skip_sync = true WHERE description LIKE '%1'", "1 rows"),
    ("DELETE FROM operations.actual WHERE true", "0 rows arrived, the manifest says 2"),
]


def test_what_arrives_must_be_what_was_sealed(world: Books) -> None:
    """Each set is tampered with in its own way; the last one is left alone."""
    for set_id in range(1, len(TAMPERED) + 2):
        send_costs(world, set_id, first=10 * set_id, count=2)
    for set_id, (tampered, _) in enumerate(TAMPERED, start=1):
        column = "change_set_id" if "actual" in tampered else "set_id"
        change(world.owner_operations, f"{tampered} AND {column} = {set_id}")

    delivery = deliver(world)

    assert delivery.applied == 1
    for set_id, (_, said) in enumerate(TAMPERED, start=1):
        (problem,) = [one for one in delivery.problems if one.set_id == set_id]
        assert (problem.code, problem.state) == ("ERR-D19", "stopped")
        assert said in str(problem)
    world.then("""
        finance.staged_actual
        actual_id  source_set_id
        90         9
        91         9

        operations:dualwrite.pending
        set_id  state    attempts
        1       stopped  1
        2       stopped  1
        3       stopped  1
        4       stopped  1
        5       stopped  1
        6       stopped  1
        7       stopped  1
        8       stopped  1
    """)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("ALTER TABLE finance.staged_actual ADD CHECK (amount < 800)", "staged_actual_amount_check"),
        ("ALTER TABLE finance.staged_actual ADD UNIQUE (unit)", "staged_actual_unit_key"),
        ("ALTER TABLE finance.staged_actual ADD sort int", ""),
    ],
    ids=["check", "unique", "still fits"],
)  # fmt: skip
def test_what_the_target_does_not_take_stops_with_its_words(
    world: Books, broken: str, said: str
) -> None:
    send_approval(world)
    change(world.owner_finance, without_views("finance.staged_actual"))
    change(world.owner_finance, broken)

    problems = deliver(world).problems

    assert [(one.code, one.state) for one in problems] == [("ERR-D18", "stopped")][: bool(said)]
    assert said in "".join(map(str, problems))
    assert not any(word in str(one) for one in problems for word in ("DETAIL", "Failing row", "\n"))


@pytest.mark.fault("F081", "F082", "F085")
@pytest.mark.parametrize(
    "drift",
    [
        "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(19, 2)",
        "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(5, 4)",
        "ALTER TABLE finance.staged_actual ADD sort int NOT NULL",
        "ALTER TABLE finance.staged_actual DROP COLUMN description CASCADE",
    ],
    ids=["rounded", "narrowed", "required", "gone"],
)
def test_a_table_that_changed_halts_its_map_and_the_sets_wait(world: Books, drift: str) -> None:
    send_approval(world)
    change(world.owner_finance, without_views("finance.staged_actual"))
    change(world.owner_finance, drift)

    delivery = deliver(world)

    assert (delivery.applied, delivery.problems) == (0, [])
    world.then("""
        operations:dualwrite.pending
        set_id  state    leased_until  attempts  held_by
        1       waiting  -             0         map

        finance.staged_actual
        actual_id

        finance:dualwrite.inbox
        set_id
    """)
    for owner in (world.owner_operations, world.owner_finance):
        with owner.raw() as connection:
            found = connection.execute(
                "SELECT map, cause, remedy FROM dualwrite.map WHERE state = 'halted'"
            ).fetchall()
        assert [name for name, _, _ in found] == ["actuals"]
        assert all(cause.startswith("ERR-D64 finance.staged_actual.") for _, cause, _ in found)


def test_a_fact_that_is_already_there_stops_its_set(world: Books) -> None:
    """Two sets that carry the same keys: the second would change a fact."""
    send_costs(world, 1, first=1, count=2)
    deliver(world)
    before = digest(world.owner_finance)
    change(world.owner_operations, "UPDATE operations.actual SET change_set_id = 2, amount = 51")
    send(world, 2, kind="approval", stream="approval/2", keys=(1, 2))

    (problem,) = deliver(world).problems

    assert (problem.set_id, problem.code) == (2, "ERR-D18")
    assert "staged_actual_pkey" in str(problem)
    assert "already exists" not in str(problem)
    assert digest(world.owner_finance) == before


@pytest.mark.fault("F050")
def test_a_version_that_arrived_with_another_set_stops(world: Books) -> None:
    send_costs(world, 1, first=1, count=1)
    deliver(world)
    change(world.owner_operations, "DELETE FROM dualwrite.outbox", "DELETE FROM dualwrite.stream")
    plant_costs(world, set_id=2, first=2, count=1)
    send(world, 2, kind="approval", stream="approval/1", keys=(2, 2))

    (problem,) = deliver(world).problems

    assert (problem.code, problem.state) == ("ERR-D21", "stopped")
    (inbox, outbox) = re.findall(r"[0-9a-f]{64}", str(problem))
    assert inbox != outbox
    assert "applied with set 1" in str(problem)


def test_one_bad_set_of_a_hundred_does_not_stop_the_others(world: Books) -> None:
    plant_costs(world, set_id=0, first=1, count=101)
    change(world.owner_operations, "UPDATE operations.actual SET change_set_id = actual_id")
    change(
        world.owner_operations, "UPDATE operations.actual SET project_id = 6 WHERE actual_id = 40"
    )
    with world.operations.transaction() as transaction:
        for key in range(1, 102):
            open_change_set(
                transaction, company="USPM", kind="approval", stream=f"approval/{key}", actor="ann", at=NOW
            ).covers(key, key)  # fmt: skip

    delivery = deliver(world)

    assert delivery.applied == 100
    assert [(one.set_id, one.code) for one in delivery.problems] == [(40, "ERR-D05")]
    world.then("""
        operations:dualwrite.pending
        set_id  state
        40      parked
    """)
    assert not broken_promises(world)


def test_later_sets_of_a_stream_wait_for_the_one_that_stopped(world: Books) -> None:
    for set_id, project in ((1, 6), (2, 5), (3, 5), (4, 5)):
        plant_costs(world, set_id=set_id, first=set_id, count=1)
        with world.owner_operations.raw() as connection:
            connection.execute(
                "UPDATE operations.actual SET project_id = %s WHERE actual_id = %s",
                (project, set_id),
            )
        stream = "approval/x" if set_id < 3 else "approval/y"
        send(world, set_id, kind="approval", stream=stream, keys=(set_id, set_id))

    assert deliver(world).applied == 2

    world.then("""
        operations:dualwrite.pending
        set_id  stream      version  state
        1       approval/x  1        parked
        2       approval/x  2        waiting
    """)


def test_companies_do_not_wait_for_each_other(world: Books) -> None:
    """The sets have the same streams and the same keys; one company lacks its project."""
    world.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900

        operations.actual
        company  actual_id  transaction_type  class  billing_type  event     transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  skip_sync  change_set_id
        DEPM     1          cost              time   chargeable    approval  2026-10-30        2026-10-30       1         9      9       EUR       hour  5           false      1
        USPM     1          cost              time   chargeable    approval  2026-10-30        2026-10-30       1         8      8       USD       hour  5           false      2
        USPM     2          cost              time   chargeable    approval  2026-10-30        2026-10-30       1         7      7       USD       hour  5           false      3
    """)
    stream = "approval/1"
    send(world, 1, kind="approval", stream=stream, keys=(1, 1), company="DEPM")
    send(world, 2, kind="approval", stream=stream, keys=(1, 1))

    first = deliver(world)
    send(world, 3, kind="approval", stream=stream, keys=(2, 2))
    second = deliver(world)

    assert [(one.set_id, one.state) for one in first.problems] == [(1, "parked")]
    assert (first.applied, second.applied) == (1, 1)
    world.then("""
        finance.staged_actual
        company  actual_id  price  source_set_id
        USPM     1          8      2
        USPM     2          7      3

        operations:dualwrite.pending
        company  set_id  state   attempts
        DEPM     1       parked  1
    """)


def test_sets_of_two_companies_are_delivered_in_one_run(world: Books) -> None:
    world.given(WORLD_OF_ANOTHER_COMPANY)
    for set_id, company in ((1, "DEPM"), (2, "USPM")):
        plant_costs(world, set_id=set_id, first=set_id, count=1, company=company)
        send(world, set_id, kind="approval", stream="approval/1", keys=(1, 2), company=company)

    assert deliver(world).applied == 2

    world.then("""
        finance.staged_actual
        company  actual_id  source_set_id
        DEPM     1          1
        USPM     2          2

        operations:dualwrite.acknowledged
        company  set_id
        DEPM     1
        USPM     2
    """)


WORLD_OF_ANOTHER_COMPANY = """
    finance.legal_entity
    company  name     accounting_currency  reporting_currency  change_set_id
    DEPM     Contoso  EUR                  EUR                 900

    finance.line_property
    company  line_property  name        is_chargeable  is_accruable
    DEPM     C              Chargeable  true           true

    finance.billing_type_line_property
    company  billing_type  line_property
    DEPM     chargeable    C

    finance.project
    company  project_id  number  name       state       source_version
    DEPM     5           P-5     Warehouse  in_process  1
"""


def test_each_set_keeps_the_problem_it_has(world: Books) -> None:
    """One set differs from its manifest, the other misses its project."""
    send_costs(world, 1, first=10, count=1)
    plant_costs(world, set_id=2, first=20, count=1)
    change(
        world.owner_operations,
        "UPDATE operations.actual SET project_id = 6 WHERE actual_id = 20",
        "UPDATE operations.actual SET amount = 51 WHERE actual_id = 10",
    )
    send(world, 2, kind="approval", stream="approval/20", keys=(20, 20))

    assert deliver(world).applied == 0

    world.then("""
        operations:dualwrite.pending
        set_id  state    code     leased_until
        1       stopped  ERR-D19  -
        2       parked   ERR-D05  -
    """)


GIVEN_UP = """
    operations:dualwrite.dismissed
    company  set_id  reason  dismissed_by  dismissed_at
    USPM     1       wrong   ann           2026-11-02T09:30:00Z
"""


def test_older_state_never_overwrites_newer(world: Books) -> None:
    for set_id, name in ((1, "Ana"), (2, "Anna")):
        change(world.owner_operations, "DELETE FROM operations.resource")
        world.given(f"""
            operations.resource
            company  resource_id  name    change_set_id
            USPM     6            {name}  {set_id}
        """)
        send(world, set_id, kind="setup", stream="setup")
    change(world.owner_operations, "DELETE FROM dualwrite.pending WHERE set_id = 1")
    world.given(GIVEN_UP)
    deliver(world)
    change(world.owner_operations, "DELETE FROM dualwrite.dismissed")
    world.given("""
        operations:dualwrite.pending
        company  set_id  stream  version
        USPM     1       setup   1
    """)

    delivery = deliver(world)

    assert (delivery.applied, delivery.problems) == (1, [])
    world.then("""
        finance.resource
        company  resource_id  name  source_version
        USPM     6            Anna  2
    """)


def test_state_arrives_as_it_was_sealed_though_the_table_changed_since(world: Books) -> None:
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
        USPM     7            Bo    1
    """)
    send(world, 1, kind="setup", stream="setup")
    change(
        world.owner_operations,
        "UPDATE operations.resource SET name = 'Anna' WHERE resource_id = 6",
        "DELETE FROM operations.resource WHERE resource_id = 7",
    )

    assert deliver(world).problems == []

    world.then("""
        finance.resource
        company  resource_id  name  source_version
        USPM     6            Ana   1
        USPM     7            Bo    1
    """)


# How a map rests: wholly, or for the company of the sets.
RESTS = {
    "paused": "UPDATE dualwrite.map SET state = 'paused' WHERE map = 'invoices'",
    "halted": """
        UPDATE dualwrite.map SET state = 'halted', cause = 'c', remedy = 'r' WHERE map = 'invoices'
    """,
    "paused here": """
        INSERT INTO dualwrite.map_company (company, map, state, changed_at, changed_by)
        VALUES ('USPM', 'invoices', 'paused', now(), 'ann')
    """,
}


@pytest.mark.fault("F078")
@pytest.mark.parametrize("rests", list(RESTS))
def test_a_set_waits_while_a_map_it_needs_does_not_run(world: Books, rests: str) -> None:
    send_approval(world)
    send_confirmation(world)
    change(world.owner_operations, RESTS[rests])

    delivery = deliver(world)

    assert (delivery.applied, delivery.problems) == (1, [])
    world.then("""
        operations:dualwrite.pending
        set_id  state    leased_until  attempts  held_by
        2       waiting  -             0         map

        finance:dualwrite.inbox
        set_id
        1
    """)
    change(
        world.owner_operations,
        "UPDATE dualwrite.map SET state = 'running'",
        "DELETE FROM dualwrite.map_company",
    )
    assert deliver(world).applied == 1


def test_a_map_that_rests_in_another_company_holds_nothing(world: Books) -> None:
    send_approval(world)
    send_confirmation(world)
    change(world.owner_operations, RESTS["paused here"].replace("USPM", "DEPM"))

    assert deliver(world).applied == 2


def test_a_code_that_is_not_translated_stops_and_never_becomes_nothing(world: Books) -> None:
    values = {"hour 1": "one"}
    maps = with_column(forward(world).maps, "actuals", "description", values=values)
    plant_costs(world, set_id=1, first=1, count=2)
    sealing = with_sealer(world, maps)
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 2), book=sealing)
    sealing.close()

    (problem,) = deliver_sets(dataclasses.replace(forward(world), maps=maps)).problems

    assert (problem.code, problem.state) == ("ERR-D17", "stopped")
    assert "hour 2 (description)" in str(problem)
    world.then("""
        finance.staged_actual
        actual_id
    """)


STRANGE = [
    "quote ' and \" and \\ and $1 %s %(company)s",
    "'; DROP TABLE finance.staged_actual; --",
    "\N{GRINNING FACE} \N{HEBREW LETTER ALEF}\N{RIGHT-TO-LEFT OVERRIDE}",
    "tab\tline\nend\r\\.",
    "\\N",
    "",
    "x" * 1_000_000,
]


def test_any_text_arrives_byte_for_byte(world: Books) -> None:
    plant_costs(world, set_id=1, first=0, count=len(STRANGE))
    with world.owner_operations.raw() as connection:
        for key, text in enumerate(STRANGE):
            connection.execute(
                "UPDATE operations.actual SET description = %s WHERE actual_id = %s", (text, key)
            )
    send(world, 1, kind="approval", stream="approval/0", keys=(0, len(STRANGE)))

    assert deliver(world).problems == []

    with world.owner_finance.raw() as connection:
        arrived = connection.execute(
            "SELECT description FROM finance.staged_actual ORDER BY actual_id"
        ).fetchall()
    assert [text for (text,) in arrived] == STRANGE


def test_a_set_of_any_size_arrives_whole(world: Books) -> None:
    for set_id, count in enumerate((1, 999, 1_000, 1_001, 20_000), start=1):
        send_costs(world, set_id, first=100_000 * set_id, count=count)

    delivery = deliver(world)

    assert (delivery.applied, delivery.rows) == (5, 23_001)
    assert not broken_promises(world)


def change(book: Book, *statements: str) -> None:
    """Do what no role may do, as owner."""
    with book.raw() as connection:
        for statement in statements:
            connection.execute(statement.encode())


def with_column(
    maps: tuple[ActiveMap, ...], map_id: str, column: str, *, values: dict[str, str]
) -> tuple[ActiveMap, ...]:
    """Give the maps, one of them with a value map for a column."""

    def planted(one: ActiveMap) -> ActiveMap:
        table_map = one.compiled.map
        if table_map.id != map_id:
            return one
        translated = msgspec.structs.replace(table_map.columns[column], values=values)
        columns = {**table_map.columns, column: translated}
        table_map = msgspec.structs.replace(table_map, columns=columns)
        return dataclasses.replace(one, compiled=compile_map(table_map, one.compiled.columns))

    return tuple(planted(one) for one in maps)


def with_sealer(books: Books, maps: tuple[ActiveMap, ...]) -> Book:
    """Give the operations book with other maps than the active ones."""
    return Book(
        "operations",
        books.server.embedded.dsn_to(books.pair.operations, "twofold_operations"),
        "twofold_operations",
        before_commit=Sealer("operations", maps),
    )
