"""The chain of applied sets: whoever touches one afterwards is found, with or without a database."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dualwrite.planted import deliver, send_approval, send_costs
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.dualwrite.proof.chain import GENESIS, AppliedSet, canonical_text, link_hash
from twofold.dualwrite.proof.chain_file import check_lines, exported_lines
from twofold.dualwrite.proof.prove_chain import broken_links

ONE = AppliedSet(
    "USPM", "operations", 1, "approval", "approval/1", 1, 1, 2, "abc", 3, "ann", NOW, NOW
)


def change(book: Book, *statements: str) -> None:
    with book.raw() as connection:
        for statement in statements:
            connection.execute(statement)


def found(books: Books) -> list[str]:
    return [
        str(one)
        for source, target in (
            (books.auditor_operations, books.auditor_finance),
            (books.auditor_finance, books.auditor_operations),
        )
        for one in broken_links(source, target)
    ]


def exported(books: Books) -> list[str]:
    return list(exported_lines(books.auditor_operations, books.auditor_finance, at=NOW))


@pytest.fixture
def applied(world: Books) -> Books:
    """Three sets of operations are applied in finance, in three transactions."""
    send_approval(world)
    deliver(world)
    send_costs(world, 2, first=31, count=2)
    deliver(world)
    send_costs(world, 3, first=41, count=2)
    deliver(world)
    return world


def test_untouched_chains_hold_and_so_does_their_file(applied: Books) -> None:
    assert found(applied) == []
    assert list(check_lines(exported(applied))) == []


def test_books_that_never_exchanged_a_set_have_nothing_to_prove(books: Books) -> None:
    assert found(books) == []
    assert list(check_lines(exported(books))) == []


TAMPERED = {
    "an applied set is changed": (
        ["UPDATE dualwrite.inbox SET actor = 'eve' WHERE set_id = 2"],
        ["USPM from operations, link 2, set 2: its applied set is not the one it was hashed over"],
    ),
    "a total of rows is changed": (
        ["UPDATE dualwrite.inbox SET row_count = row_count + 1 WHERE set_id = 3"],
        ["USPM from operations, link 3, set 3: its applied set is not the one it was hashed over"],
    ),
    "an applied set is removed": (
        ["DELETE FROM dualwrite.inbox WHERE set_id = 1"],
        ["USPM from operations, link 1, set 1: its applied set is gone"],
    ),
    "a link is removed with its set": (
        ["DELETE FROM dualwrite.inbox WHERE set_id = 2", "DELETE FROM dualwrite.chain WHERE set_id = 2"],
        [
            "USPM from operations, link 3, set 3: the link before it is 1",
            "USPM from operations, link 2, set 2: operations was told of this link, and it is not there",
        ],
    ),
    "the last set is removed without a trace": (
        [
            "DELETE FROM dualwrite.inbox WHERE set_id = 3",
            "DELETE FROM dualwrite.chain WHERE set_id = 3",
            "UPDATE dualwrite.chain_head SET chain_number = 2, hash = (SELECT hash FROM dualwrite.chain WHERE chain_number = 2)",
        ],
        ["USPM from operations, link 3, set 3: operations was told of this link, and it is not there"],
    ),
    "a set is added past the engine": (
        [
            "INSERT INTO dualwrite.inbox SELECT company, source, 99, kind, 'approval/99', 1, key_first, key_last, content_hash, row_count, actor, created_at, applied_at FROM dualwrite.inbox WHERE set_id = 1"
        ],
        ["USPM from operations, link 0, set 99: no link holds this applied set"],
    ),
    "the head is moved": (
        ["UPDATE dualwrite.chain_head SET chain_number = 7"],
        ["USPM from operations, link 7, set 0: the chain ends with link 3, its head is 7"],
    ),
    "a link is turned to another hash": (
        ["UPDATE dualwrite.chain SET hash = 'x' WHERE chain_number = 1"],
        [
            "USPM from operations, link 1, set 1: its applied set is not the one it was hashed over",
            "USPM from operations, link 1, set 1: operations was told of another: set 1",
            "USPM from operations, link 2, set 2: it does not continue the link before it",
        ],
    ),
}  # fmt: skip


@pytest.mark.fault("F158")
@pytest.mark.parametrize("name", TAMPERED)
def test_what_an_administrator_did_to_an_applied_set_is_named(applied: Books, name: str) -> None:
    statements, wanted = TAMPERED[name]

    change(applied.owner_finance, *statements)

    assert sorted(found(applied)) == sorted(wanted)


@pytest.mark.fault("F158")
def test_a_chain_that_was_forged_to_its_end_contradicts_what_the_source_was_told(
    applied: Books,
) -> None:
    change(applied.owner_finance, "UPDATE dualwrite.inbox SET actor = 'eve' WHERE set_id = 2")
    rebuild(applied.owner_finance)

    told = found(applied)

    assert [one.partition(": ")[0] for one in told] == [
        "USPM from operations, link 2, set 2",
        "USPM from operations, link 3, set 3",
    ]
    assert all("was told of another" in one for one in told)
    # In a file, the last link that the source was told of gives it away.
    (last,) = check_lines(exported(applied))
    assert (last.chain_number, last.set_id) == (3, 3)


def rebuild(book: Book) -> None:
    """Hash the whole chain anew, as a forger who knows the rule would."""
    with book.raw() as connection:
        rows = connection.execute(
            "SELECT company, source, set_id, kind, stream, version, key_first, key_last,"
            " content_hash, row_count, actor, created_at, applied_at, chain_number"
            " FROM dualwrite.inbox JOIN dualwrite.chain USING (company, source, set_id)"
            " ORDER BY chain_number"
        ).fetchall()
        last = GENESIS
        for *values, number in rows:
            previous, last = last, link_hash(last, canonical_text(AppliedSet(*values)))
            connection.execute(
                "UPDATE dualwrite.chain SET previous_hash = %s, hash = %s WHERE chain_number = %s",
                (previous, last, number),
            )
        connection.execute("UPDATE dualwrite.chain_head SET hash = %s", (last,))


@pytest.mark.fault("F158")
@pytest.mark.parametrize(
    ("field", "value"), [("actor", "eve"), ("row_count", 99), ("stream", "x"), ("set_id", 7)]
)
def test_a_file_that_was_edited_is_found_offline(applied: Books, field: str, value: object) -> None:
    lines = exported(applied)
    document = json.loads(lines[2])
    document["link"][field] = value
    lines[2] = json.dumps(document)

    first = next(check_lines(lines))

    assert first.chain_number == 2


def test_a_file_that_was_cut_short_is_found_offline(applied: Books) -> None:
    lines = exported(applied)

    told = [one.problem for one in check_lines(lines[:3])]

    assert told == ["the file ends before the chain does"] * 2
    assert "ends with link 2" in next(check_lines([*lines[:3], *lines[4:]])).problem


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"link": {}}', '{"twofold_chain": 2}'])
def test_what_is_no_such_file_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(check_lines([text]))


def test_the_text_of_a_set_is_written_for_good() -> None:
    """Files of years ago are checked with this rule: it never changes."""
    assert canonical_text(ONE) == (
        "4:USPM;10:operations;1:1;8:approval;10:approval/1;1:1;1:1;1:2;3:abc;1:3;3:ann;"
        "27:2026-11-02T09:30:00.000000Z;27:2026-11-02T09:30:00.000000Z;"
    )
    assert link_hash(GENESIS, canonical_text(ONE)) == (
        "8d1799278c25cdd30fe36d3ff03a367b2fe90c8f1bc0ecfbfa7889ebf9858209"
    )


def test_a_moment_has_one_text_whatever_its_zone() -> None:
    elsewhere = replace(ONE, created_at=NOW.astimezone(timezone(timedelta(hours=5))))

    assert canonical_text(elsewhere) == canonical_text(ONE)


SETS = st.builds(
    AppliedSet,
    company=st.text(min_size=1),
    source=st.sampled_from(["operations", "finance"]),
    set_id=st.integers(0, 2**63 - 1),
    kind=st.text(),
    stream=st.text(),
    version=st.integers(1, 2**63 - 1),
    key_first=st.none() | st.integers(0, 99),
    key_last=st.none() | st.integers(0, 99),
    content_hash=st.text(),
    row_count=st.integers(0, 99),
    actor=st.text(),
    created_at=st.datetimes(timezones=st.just(UTC)),
    applied_at=st.datetimes(timezones=st.just(UTC)),
)


@given(SETS, SETS)
def test_only_equal_sets_have_equal_texts(one: AppliedSet, other: AppliedSet) -> None:
    assert (canonical_text(one) == canonical_text(other)) == (one == other)


@given(SETS)
def test_a_value_may_not_flow_into_the_next(one: AppliedSet) -> None:
    moved = replace(one, kind=one.kind + one.stream[:1], stream=one.stream[1:])

    assert (canonical_text(one) == canonical_text(moved)) == (one == moved)
