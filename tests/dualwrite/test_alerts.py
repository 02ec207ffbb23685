"""Alert rules: they fire once, at once, whichever engine looks; news is sent until it is taken."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import socket
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dualwrite.listening import Hook, listening, writing_to
from tests.support.books import Books
from twofold.dualwrite.run.alerts import (
    Check,
    Rule,
    add_alert,
    alert_history,
    alert_rules,
    change_alert,
    check_alerts,
    remove_alert,
)
from twofold.dualwrite.run.notify import Notifier, NotTold, notifier_to
from twofold.dualwrite.table_maps.states import Change, change_states, map_states
from twofold.kernel.errors import Refused

SILENT = Notifier()
LEAF = "transaction_connections"


@pytest.fixture
def hook() -> Generator[Hook]:
    """Give a web hook that listens."""
    with listening() as hook:
        yield hook


def add(books: Books, rule: Rule) -> None:
    with books.dualwrite_operations.transaction() as transaction:
        add_alert(transaction, rule=rule, actor="amy")


def look(books: Books, notifier: Notifier = SILENT) -> Check:
    return check_alerts(
        operations=books.dualwrite_operations, finance=books.dualwrite_finance, notifier=notifier
    )


def fail(
    books: Books,
    count: int,
    *,
    code: str = "ERR-D18",
    minutes_ago: float = 0,
    company: str = "USPM",
    map_id: str | None = LEAF,
    book: str = "operations",
) -> None:
    """Write down that sets failed."""
    owner = books.owner_operations if book == "operations" else books.owner_finance
    with owner.raw() as connection:
        connection.execute(
            """
            INSERT INTO dualwrite.event (happened_at, event, company, set_id, map, code, actor)
            SELECT clock_timestamp() - %s * interval '1 minute', 'set stopped', %s, key, %s, %s, 'dual-write'
            FROM generate_series(1, %s) AS key
            """,
            (minutes_ago, company, map_id, code, count),
        )


def state_of(books: Books, name: str) -> set[str]:
    found: set[str] = set()
    for book in (books.auditor_operations, books.auditor_finance):
        with book.reader() as reader:
            found |= {one.state for one in map_states(reader) if one.map == name}
    return found


def make_due(books: Books) -> None:
    """Let the time until the next attempt pass."""
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.alert_notification SET next_attempt_at = now()")


TEN = Rule("ten", "errors", 10, within_minutes=15)


def test_it_fires_at_the_threshold_not_one_below(books: Books) -> None:
    add(books, TEN)
    fail(books, 9)
    assert look(books).fired == []

    fail(books, 1, book="finance")

    assert look(books).fired == ["ten"]


def test_errors_from_before_the_minutes_do_not_count(books: Books) -> None:
    add(books, TEN)
    fail(books, 9, minutes_ago=14.9)
    fail(books, 9, minutes_ago=15.1)

    assert look(books).fired == []
    fail(books, 1)
    assert look(books).fired == ["ten"]


@pytest.mark.parametrize(
    ("rule", "fires"),
    [
        (Rule("r", "errors", 2, within_minutes=5, code="ERR-D18"), True),
        (Rule("r", "errors", 2, within_minutes=5, code="ERR-D19"), False),
        (Rule("r", "errors", 2, within_minutes=5, error_class="Data"), True),
        (Rule("r", "errors", 2, within_minutes=5, error_class="Mapping"), False),
        (Rule("r", "errors", 2, within_minutes=5, company="USPM"), True),
        (Rule("r", "errors", 2, within_minutes=5, company="DEPM"), False),
        (Rule("r", "errors", 2, within_minutes=5, map=LEAF), True),
        (Rule("r", "errors", 2, within_minutes=5, map="customers"), False),
    ],
)
def test_only_what_the_rule_names_counts(books: Books, rule: Rule, *, fires: bool) -> None:
    add(books, rule)
    fail(books, 2)

    assert (look(books).fired == ["r"]) is fires


def test_an_error_without_a_map_counts_for_the_maps_of_its_set(books: Books) -> None:
    books.given("""
        operations:dualwrite.manifest
        company  set_id  map        map_hash  row_count  excluded_count  content_hash  totals
        USPM     1       actuals    h         2          0               1             []
        USPM     1       customers  h         0          0               0             []
    """)
    add(books, Rule("carried", "errors", 1, within_minutes=5, map="actuals"))
    add(books, Rule("empty", "errors", 1, within_minutes=5, map="customers"))

    fail(books, 1, map_id=None)

    assert look(books).fired == ["carried"]


def test_lag_and_queue_are_measured_over_both_books(books: Books) -> None:
    books.given("""
        operations:dualwrite.pending
        company  set_id  stream  version  state    maps       since
        USPM     1       a       1        stopped  {actuals}  2026-01-01T00:00:00Z

        finance:dualwrite.pending
        company  set_id  stream  version  maps
        USPM     1       a       1        {customer_invoices}
    """)
    add(books, Rule("late", "lag", 60))
    add(books, Rule("late there", "lag", 60, map="customer_invoices"))
    add(books, Rule("two", "queue", 2))
    add(books, Rule("three", "queue", 3))
    add(books, Rule("two of USPM actuals", "queue", 2, map="actuals", company="USPM"))

    assert sorted(look(books).fired) == ["late", "two"]


def test_silence_is_measured_since_an_engine_was_seen_or_the_rule_was_made(books: Books) -> None:
    add(books, Rule("silent", "silence", 5))
    assert look(books).fired == []
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.alert_rule SET made_at = made_at - interval '1 h'")
    books.given("""
        operations:dualwrite.engine
        engine  host  pid  format
        e1      here  1    1
    """)
    assert look(books).fired == []
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.engine SET seen_at = seen_at - interval '301 s'")

    assert look(books).fired == ["silent"]
    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert="silent", limit=1)
    assert told.told == "silent: no engine was seen for 5 minutes (threshold 5)."


def test_an_episode_is_told_once_and_again_only_after_it_ended(books: Books) -> None:
    add(books, TEN)
    fail(books, 10)
    assert look(books).fired == ["ten"]
    fail(books, 10)
    assert look(books).fired == []
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.event SET happened_at = happened_at - interval '1 h'")

    assert look(books).ended == ["ten"]
    fail(books, 10)
    assert look(books).fired == ["ten"]

    with books.auditor_operations.reader() as reader:
        assert len(alert_history(reader, alert="ten", limit=10)) == 2


def test_a_map_is_paused_in_both_books_and_counting_begins_anew_when_it_runs(books: Books) -> None:
    add(books, Rule("many", "errors", 10, "pause", 15, map="actuals"))
    fail(books, 10, map_id="actuals")
    assert look(books).fired == ["many"]
    assert state_of(books, "actuals") == {"paused"}
    assert state_of(books, LEAF) == {"running"}
    assert look(books).fired == []

    change_states(
        Change("resume", ("actuals",), reason="repaired", actor="amy"),
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
    )

    assert look(books).fired == []
    assert state_of(books, "actuals") == {"running"}
    fail(books, 9, map_id="actuals")
    assert look(books).fired == []
    fail(books, 1, map_id="actuals")
    assert look(books).fired == ["many"]
    assert state_of(books, "actuals") == {"paused"}


def test_a_map_is_halted_with_cause_and_remedy_for_the_company_of_the_rule(books: Books) -> None:
    add(books, Rule("bad", "errors", 1, "halt", 15, company="USPM", map=LEAF))
    fail(books, 1)

    look(books)

    with books.auditor_finance.reader() as reader:
        (held,) = [one for one in map_states(reader) if one.company is not None]
    assert (held.company, held.map, held.state) == ("USPM", LEAF, "halted")
    assert held.cause
    assert held.cause.startswith("bad: 1 errors in 15 minutes")
    assert held.remedy == f"`twofold map resume {LEAF} --company USPM --reason TEXT`"
    assert held.changed_by == "alert/bad"


def test_a_map_that_rests_already_is_left_and_the_news_is_told(books: Books) -> None:
    change_states(
        Change("stop", (LEAF,), reason="a test", actor="amy"),
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
    )
    add(books, Rule("bad", "errors", 1, "pause", 15, map=LEAF))
    fail(books, 1)

    assert look(books).fired == ["bad"]
    assert state_of(books, LEAF) == {"stopped"}


def test_both_channels_are_told_without_a_value_of_a_row(
    books: Books, hook: Hook, tmp_path: Path
) -> None:
    add(books, Rule("many", "errors", 2, "pause", 15, company="USPM", map=LEAF))
    fail(books, 2)

    done = look(books, notifier_to(webhook=hook.url, command=writing_to(tmp_path / "mail")))

    text = f"many: 2 errors in 15 minutes, map {LEAF}, USPM (threshold 2). The map is paused."
    assert (done.fired, done.sent, done.not_sent) == (["many"], 2, 0)
    (posted,) = hook.posted
    assert posted.pop("began_at")
    assert posted == {"alert": "many", "episode": 1, "measured": 2, "text": text}
    assert (tmp_path / "mail").read_text(encoding="utf-8") == f"{text}\n"


@pytest.mark.fault("F164")
def test_news_is_sent_until_it_is_taken(books: Books, hook: Hook) -> None:
    add(books, TEN)
    fail(books, 10)
    hook.answers = 503
    notifier = notifier_to(webhook=hook.url, command=None)
    assert look(books, notifier).not_sent == 1
    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert=None, limit=10)
    assert (told.attempts, told.sent_at, told.problem) == (1, None, "the web hook answered 503")
    assert look(books, notifier).not_sent == 0, "it pauses before the next attempt"

    hook.answers = 200
    make_due(books)

    assert look(books, notifier).sent == 1
    make_due(books)
    assert look(books, notifier).sent == 0
    assert len(hook.posted) == 2
    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert=None, limit=10)
    assert (told.attempts, told.problem) == (2, None)
    assert told.sent_at


def test_who_dies_between_sending_and_noting_it_sends_twice_not_never(
    books: Books, hook: Hook
) -> None:
    add(books, TEN)
    fail(books, 10)
    notifier = notifier_to(webhook=hook.url, command=None)
    look(books, notifier)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.alert_notification SET sent_at = NULL")
    make_due(books)

    assert look(books, notifier).sent == 1
    assert len(hook.posted) == 2


def test_a_rule_is_told_of_even_where_nobody_is_to_be_told(books: Books) -> None:
    add(books, TEN)
    fail(books, 10)

    look(books)

    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert="ten", limit=10)
    assert (told.channel, told.measured) == (None, 10)


def test_a_removed_rule_ends_and_no_longer_counts(books: Books) -> None:
    add(books, TEN)
    fail(books, 10)
    look(books)

    with books.dualwrite_operations.transaction() as transaction:
        remove_alert(transaction, alert="ten", actor="ben")

    assert look(books).fired == []
    with books.auditor_operations.reader() as reader:
        assert alert_rules(reader) == []
        (told,) = alert_history(reader, alert="ten", limit=10)
    assert told.ended_at is not None


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (Rule(" ", "queue", 1), ["alert"]),
        (Rule("r", "queue", 0), ["threshold"]),
        (Rule("r", "errors", 1), ["within"]),
        (Rule("r", "queue", 1, within_minutes=5), ["measure"]),
        (Rule("r", "lag", 1, code="ERR-D18"), ["measure"]),
        (Rule("r", "queue", 1, "pause"), ["map"]),
        (Rule("r", "queue", 1, map="nothing"), ["map"]),
        (Rule("r", "errors", 1, within_minutes=5, code="ERR-Z99"), ["code"]),
        (Rule("r", "errors", 1, within_minutes=5, error_class="Sad"), ["class"]),
        (Rule("r", "errors", 1, within_minutes=5, code="ERR-D18", error_class="Data"), ["class"]),
        (Rule("", "errors", 0, "halt"), ["alert", "threshold", "within", "map"]),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_every_reason(
    books: Books, rule: Rule, fields: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        add(books, rule)

    assert [one.field for one in refused.value.refusals] == fields
    assert set(refused.value.codes) == {"ERR-D28"}


def test_names_are_given_once_and_removed_once(books: Books) -> None:
    add(books, TEN)

    with pytest.raises(Refused, match="there is an alert of this name"):
        add(books, TEN)
    with (
        pytest.raises(Refused, match="there is no alert of this name"),
        books.dualwrite_operations.transaction() as transaction,
    ):
        remove_alert(transaction, alert="other", actor="ben")


@pytest.mark.parametrize(
    "url",
    ["http://example.org/s3cret", "ftp://localhost/s3cret", "s3cret", "https://", "http://[s3cret"],
)
def test_only_https_goes_to_other_machines(url: str) -> None:
    with pytest.raises(Refused) as refused:
        notifier_to(webhook=url, command=None)

    assert refused.value.codes == ("ERR-D29",)
    assert "s3cret" not in str(refused.value)


def test_addresses_and_programs_are_in_no_text(hook: Hook) -> None:
    notifier = notifier_to(webhook=hook.url, command="mail --password s3cret")
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    nobody = notifier_to(webhook=f"http://127.0.0.1:{closed.getsockname()[1]}/s3cret", command=None)
    said = [repr(notifier), repr(nobody)]
    hook.answers, hook.location = 302, f"{hook.url}/elsewhere"
    for one, channel in ((notifier, "webhook"), (notifier, "command"), (nobody, "webhook")):
        with pytest.raises(NotTold) as problem:
            one.tell("webhook" if channel == "webhook" else "command", "text", {})
        said.append(str(problem.value))
    closed.close()

    assert not [text for text in said if "s3cret" in text]
    assert said[2] == "the web hook answered 302"
    assert len(hook.posted) == 1, "a redirect is not followed"


def test_a_program_that_fails_is_told_again(books: Books) -> None:
    add(books, TEN)
    fail(books, 10)

    done = look(
        books, notifier_to(webhook=None, command=f'{sys.executable} -c "raise SystemExit(3)"')
    )

    assert done.not_sent == 1
    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert="ten", limit=10)
    assert told.problem == "the program ended with 3"


def test_a_command_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        notifier_to(webhook=None, command="mail 's3cret")

    assert refused.value.codes == ("ERR-D29",)
    assert "s3cret" not in str(refused.value)


@pytest.mark.fault("F118")
def test_it_fires_before_sets_and_their_log_fill_the_disk(books: Books) -> None:
    # Pages that earlier tests left behind are on the disk too, and new rows could go into them.
    with books.owner_finance.raw() as connection:
        connection.execute("TRUNCATE dualwrite.captured")
    threshold = megabytes(books) + 5
    add(books, Rule("disk", "size", threshold))
    assert look(books).fired == []

    with books.owner_finance.raw() as connection:
        connection.execute(
            "INSERT INTO dualwrite.captured (company, set_id, map, row_number, content)"
            " SELECT 'USPM', 1, 'customers', key, to_jsonb(repeat(md5(key::text), 30))"
            " FROM generate_series(1, 20000) AS key"
        )

    assert look(books).fired == ["disk"]
    with books.auditor_operations.reader() as reader:
        (told,) = alert_history(reader, alert="disk", limit=5)
    assert f"MB in one book (threshold {threshold})" in told.told


def megabytes(books: Books) -> int:
    """Give the size of the bridge's tables in the book where it is larger, in whole megabytes."""
    sizes: list[int] = []
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            found = connection.execute(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint / 1048576"
                " FROM pg_class WHERE relnamespace = 'dualwrite'::regnamespace AND relkind = 'r'"
            ).fetchone()
        assert found
        sizes.append(found[0])
    return max(sizes)


def test_a_rule_that_is_changed_counts_anew(books: Books) -> None:
    add(books, TEN)
    fail(books, 10)
    look(books)

    for threshold in (11, 10):
        with books.dualwrite_operations.transaction() as transaction:
            change_alert(transaction, rule=replace(TEN, threshold=threshold), actor="ben")
        assert look(books).fired == (["ten"] if threshold == 10 else [])

    with books.auditor_operations.reader() as reader:
        now, before = alert_history(reader, alert="ten", limit=10)
    assert (now.ended_at is None, before.ended_at is None) == (True, False)
    with (
        pytest.raises(Refused, match="there is no alert of this name"),
        books.dualwrite_operations.transaction() as transaction,
    ):
        change_alert(transaction, rule=replace(TEN, alert="other"), actor="ben")


def test_who_added_changed_and_removed_a_rule_stays_on_record(books: Books) -> None:
    add(books, TEN)
    with books.dualwrite_operations.transaction() as transaction:
        change_alert(transaction, rule=replace(TEN, threshold=9), actor="ben")
    with books.dualwrite_operations.transaction() as transaction:
        remove_alert(transaction, alert="ten", actor="ben")

    books.then("""
        operations:dualwrite.event
        event          actor  detail
        alert added    amy    ten: errors from 10 on, notify
        alert changed  ben    ten: errors from 9 on, notify
        alert removed  ben    ten
    """)
