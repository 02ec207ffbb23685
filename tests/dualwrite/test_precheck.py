"""The pre-check: finance is asked before the commit, and its reasons come back all at once."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import dataclasses
import tomllib

import pytest

from tests.dualwrite.planted import APPROVAL, CONFIRMATION, deliver, digest_of_both, send_approval
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile import compile_map
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.errors import Refusal, Refused


@pytest.fixture
def confirmed(world: Books) -> Books:
    """Set 1 has arrived; the rows of set 2, a confirmation, are written."""
    send_approval(world)
    deliver(world)
    world.given(CONFIRMATION)
    return world


def confirm(
    books: Books, *, maps: tuple[ActiveMap, ...] | None = None, target: Book | None = None
) -> None:
    """Seal and pre-check the confirmation, and commit it."""
    with books.operations.transaction() as transaction:
        change_set = open_change_set(
            transaction, company="USPM", kind="confirmation", stream="invoice/PF-4", actor="ann", at=NOW
        )  # fmt: skip
        change_set.covers(11, 12)
        precheck_sets(
            transaction,
            sealer=Sealer("operations", maps or books.server.active_maps()),
            target=target or books.dualwrite_finance,
        )


def refusals_of(books: Books, *, maps: tuple[ActiveMap, ...] | None = None) -> tuple[Refusal, ...]:
    """Confirm, expect a refusal, and see that neither book changed."""
    before = digest_of_both(books)
    with pytest.raises(Refused) as refused:
        confirm(books, maps=maps)
    assert digest_of_both(books) == before
    return refused.value.refusals


def test_what_finance_knows_passes_and_is_sealed_once(confirmed: Books) -> None:
    confirm(confirmed)

    confirmed.then("""
        operations:dualwrite.pending
        set_id  stream        version
        2       invoice/PF-4  1
    """)
    assert deliver(confirmed).applied == 1


# What finance lacks, and what is said: code, field and value.
LACKING = [
    ("DELETE FROM finance.billing_type_line_property", "ERR-D02", "billing_type", "chargeable"),
    ("DELETE FROM finance.project", "ERR-D05", "project_id", "5"),
    ("UPDATE finance.project SET company = 'DEPM'", "ERR-D05", "project_id", "5"),
    ("DELETE FROM finance.payment_terms", "ERR-D05", "payment_terms", "Net30"),
]


@pytest.mark.parametrize(("lacking", "code", "field", "value"), LACKING)
def test_what_finance_does_not_know_is_refused_with_its_value(
    confirmed: Books, lacking: str, code: str, field: str, value: str
) -> None:
    confirmed.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900
    """)
    with confirmed.owner_finance.raw() as connection:
        connection.execute(lacking.encode())

    (refusal,) = refusals_of(confirmed)

    assert (refusal.code, refusal.field, refusal.value) == (code, field, value)
    assert refusal.record == "USPM invoice/PF-4"
    words = f"finance does not know {field.removesuffix('_id').replace('_', ' ')} {value} (map «"
    assert refusal.reason.startswith(words)
    assert refusal.remedy


def test_a_number_that_another_proposal_has_is_refused(confirmed: Books) -> None:
    confirmed.given("""
        finance.proposal
        company  proposal_id  number  name   contract_id  customer_id  currency  accounting_date  confirmed_at          first_actual_id  last_actual_id  billable_count  billable_hash
        USPM     88           PF-4    Other  3            7            USD       2026-11-01       2026-11-01T09:00:00Z  81               81              1               5
    """)

    (refusal,) = refusals_of(confirmed)

    assert (refusal.code, refusal.field, refusal.value) == ("ERR-D04", "number", "PF-4")


@pytest.mark.parametrize(
    "taken",
    [
        "USPM     4            PF-4  ",
        "DEPM     88           PF-4  ",
        "USPM     88           PF-44 ",
    ],
    ids=["by itself", "in another company", "almost"],
)
def test_a_number_nobody_else_has_passes(confirmed: Books, taken: str) -> None:
    confirmed.given(f"""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900

        finance.proposal
        company  proposal_id  number  name   contract_id  customer_id  currency  accounting_date  confirmed_at          first_actual_id  last_actual_id  billable_count  billable_hash
        {taken}  Other  3  7  USD  2026-11-01  2026-11-01T09:00:00Z  81  81  1  5
    """)

    confirm(confirmed)


@pytest.mark.parametrize("state", ["paused", "halted"])
def test_a_map_that_does_not_run_is_named(confirmed: Books, state: str) -> None:
    with confirmed.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.map SET state = %s, cause = 'c', remedy = 'r' WHERE map = 'invoices'",
            (state,),
        )

    (refusal,) = refusals_of(confirmed)

    assert (refusal.code, refusal.field, refusal.value) == ("ERR-D01", "map", "invoices")
    assert refusal.reason.endswith(f"is {state}")


def test_a_paused_map_that_carries_none_of_the_set_does_not_matter(confirmed: Books) -> None:
    maps = tuple(
        dataclasses.replace(one, state="paused") if one.compiled.map.id == "customers" else one
        for one in confirmed.server.active_maps()
    )

    confirm(confirmed, maps=maps)


def translating(books: Books, values: dict[str, str]) -> tuple[ActiveMap, ...]:
    """Give the active maps, the one of actuals with a value map for the unit."""
    pairs = ", ".join(f'{code} = "{meaning}"' for code, meaning in values.items())
    maps: list[ActiveMap] = []
    with books.dualwrite_operations.raw() as connection:
        (text,) = connection.execute(
            "SELECT definition FROM dualwrite.map_version WHERE map = 'actuals'"
        ).fetchone() or ("",)
    text = text.replace(
        'unit = { from = "unit" }', f'unit = {{ from = "unit", values = {{ {pairs} }} }}'
    )
    for one in books.server.active_maps():
        if one.compiled.map.id == "actuals":
            compiled = compile_map(
                read_map(tomllib.loads(text), file="actuals"), one.compiled.columns
            )
            maps.append(dataclasses.replace(one, compiled=compiled))
        else:
            maps.append(one)
    return tuple(maps)


def test_a_code_that_is_not_translated_is_refused(confirmed: Books) -> None:
    (refusal,) = refusals_of(confirmed, maps=translating(confirmed, {"day": "d"}))

    assert (refusal.code, refusal.field, refusal.value) == ("ERR-D17", "unit", "hour")


def test_a_code_that_is_translated_passes(confirmed: Books) -> None:
    confirm(confirmed, maps=translating(confirmed, {"hour": "h", "day": "d"}))


def test_finance_out_of_reach_is_told_and_changes_nothing(confirmed: Books) -> None:
    before = digest_of_both(confirmed)
    nowhere = Book("finance", "host=/nonexistent dbname=finance user=x", "x")

    with pytest.raises(Refused) as refused:
        confirm(confirmed, target=nowhere)

    assert refused.value.codes == ("ERR-D09",)
    assert refused.value.refusals[0].record == "finance"
    assert digest_of_both(confirmed) == before


def test_every_reason_comes_at_once(confirmed: Books) -> None:
    with confirmed.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.billing_type_line_property")
        connection.execute("DELETE FROM finance.project")
        connection.execute("DELETE FROM finance.payment_terms")

    refusals = refusals_of(confirmed)

    assert [(one.code, one.field) for one in refusals] == [
        ("ERR-D05", "payment_terms"),
        ("ERR-D02", "billing_type"),
        ("ERR-D05", "project_id"),
    ]


def test_only_what_is_sent_is_asked_about(confirmed: Books) -> None:
    """The reversal is not sent, so finance need not know its project."""
    with confirmed.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET project_id = 6 WHERE skip_sync")

    confirm(confirmed)


def confirm_and_approve(books: Books) -> None:
    """Seal and pre-check sets of two companies in one transaction."""
    with books.operations.transaction() as transaction:
        for company, kind, stream, keys in (
            ("USPM", "confirmation", "invoice/PF-4", (11, 12)),
            ("DEPM", "approval", "approval/1", (1, 2)),
        ):
            open_change_set(
                transaction, company=company, kind=kind, stream=stream, actor="ann", at=NOW
            ).covers(*keys)
        precheck_sets(
            transaction,
            sealer=Sealer("operations", books.server.active_maps()),
            target=books.dualwrite_finance,
        )


def test_the_sets_of_each_company_are_asked_about_in_their_company(confirmed: Books) -> None:
    confirmed.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900
    """)
    confirmed.given(APPROVAL.replace("USPM", "DEPM").replace("false      1", "false      3"))

    with pytest.raises(Refused) as refused:
        confirm_and_approve(confirmed)

    assert {(one.record, one.code, one.field) for one in refused.value.refusals} == {
        ("DEPM approval/1", "ERR-D02", "billing_type"),
        ("DEPM approval/1", "ERR-D05", "project_id"),
        ("DEPM approval/1", "ERR-D05", "customer_id"),
    }
