"""Alert rules: so many errors in so many minutes, a set too old, a queue too long.

Rules live in the operations book, where it is decided whether maps run: that a rule fired, the
pause it asked for and the news of it are one commit there. A rule counts from the moment it is
added, whichever engine is looking, and whether or not one was started since.

A rule fires once and then not again until what it measures is below the threshold, or until the
map it paused was let run. News is sent until it was taken, at least once, by whichever engine has
a channel. Of the finance book only numbers are asked; while it does not answer, no episode ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.run.notify import Notifier, NotTold
from twofold.dualwrite.table_maps.states import Change, carry_over_states, change_in_operations
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import ErrorClass, Fault, Refusal, Refused

Measure = Literal["errors", "lag", "queue", "silence", "size"]
Action = Literal["notify", "pause", "halt"]

NO_SENSE: Final = "ERR-D28"
ERROR_CLASSES: Final[tuple[str, ...]] = get_args(ErrorClass)
# A slow channel holds up the engine for seconds at most; what is left is told the next time.
TOLD_AT_ONCE_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """What to watch, and what to do about it.

    ``errors`` counts failed attempts within the last ``within_minutes``, of a code or an error
    class; ``lag`` is how many minutes the oldest set is on its way; ``queue`` counts sets. Each of
    a company or of all, of a map or of all. ``silence`` is how many minutes no engine was seen:
    for a timer outside the engine. ``size`` is how many megabytes sets, inbox and log take on disk
    in the book where they take most. ``pause`` and ``halt`` are for the map named.
    """

    alert: str
    measure: Measure
    threshold: int
    action: Action = "notify"
    within_minutes: int | None = None
    company: str | None = None
    map: str | None = None
    code: str | None = None
    error_class: str | None = None


@dataclass(frozen=True, slots=True)
class KnownRule:
    """A rule as the book has it; ``firing_since`` while an episode of it is open."""

    alert: str
    measure: Measure
    threshold: int
    within_minutes: int | None
    action: Action
    company: str | None
    map: str | None
    code: str | None
    error_class: str | None
    made_at: datetime
    made_by: str
    firing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """An episode of a rule and one channel it was told by; no channel when none was configured."""

    episode_id: int
    alert: str
    began_at: datetime
    ended_at: datetime | None
    measured: int
    told: str
    channel: str | None
    attempts: int | None
    sent_at: datetime | None
    problem: str | None


@dataclass(slots=True)
class Check:
    """What one look did: rules that fired, episodes that ended, messages sent and not sent."""

    fired: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])
    sent: int = 0
    not_sent: int = 0


@dataclass(frozen=True, slots=True)
class _Measured:
    measured: int


@dataclass(frozen=True, slots=True)
class _Queue:
    queued: int
    minutes: int


@dataclass(frozen=True, slots=True)
class _Moment:
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class _Is:
    is_there: bool


@dataclass(frozen=True, slots=True)
class _Episode:
    episode_id: int


@dataclass(frozen=True, slots=True)
class _News:
    episode_id: int
    channel: Literal["webhook", "command"]
    attempts: int
    alert: str
    measured: int
    told: str
    began_at: datetime


SQL: Final = SqlFile(__name__)
RULES: Final = SQL.query("rules", gives=KnownRule)
ADD_RULE: Final = SQL.command("add_rule")
REMOVE_RULE: Final = SQL.command("remove_rule")
MAP_EXISTS: Final = SQL.query("map_exists", gives=_Is)
ERRORS: Final = SQL.query("errors", gives=_Measured)
QUEUE: Final = SQL.query("queue", gives=_Queue)
SILENCE: Final = SQL.query("silence", gives=_Measured)
SIZE: Final = SQL.query("size", gives=_Measured)
LET_RUN: Final = SQL.query("let_run", gives=_Moment)
END_EPISODE: Final = SQL.command("end_episode")
BEGIN_EPISODE: Final = SQL.query("begin_episode", gives=_Episode)
ADD_NOTIFICATIONS: Final = SQL.command("add_notifications")
TAKE_NOTIFICATION: Final = SQL.query("take_notification", gives=_News)
MARK_SENT: Final = SQL.command("mark_sent")
MARK_FAILED: Final = SQL.command("mark_failed")
HISTORY: Final = SQL.query("history", gives=Told)


def add_alert(transaction: Transaction, *, rule: Rule, actor: str) -> None:
    """Add a rule to the operations book, as dual-write; it counts from the commit on.

    Raises  Refused, ERR-D28, with everything that is wrong with it.
    """
    mistakes = list(_mistakes(transaction, rule))
    if mistakes:
        raise Refused(*mistakes)
    if not _added(transaction, rule, actor):
        raise Refused(_mistake(rule, "alert", rule.alert, "there is an alert of this name"))
    record_event(transaction, event="alert added", actor=actor, detail=_said(rule))


def change_alert(transaction: Transaction, *, rule: Rule, actor: str) -> None:
    """Let the rule of this name watch something else; it counts anew from the commit on.

    After   an episode of it that was open has ended; what it told stays in the history.
    Raises  Refused, ERR-D28, with everything that is wrong with it, or there is no such rule.
    """
    mistakes = list(_mistakes(transaction, rule))
    if not mistakes and not transaction.run(REMOVE_RULE, alert=rule.alert):
        mistakes = [_mistake(rule, "alert", rule.alert, "there is no alert of this name")]
    if mistakes:
        raise Refused(*mistakes)
    transaction.run(END_EPISODE, alert=rule.alert, began_before=None)
    _added(transaction, rule, actor)
    record_event(transaction, event="alert changed", actor=actor, detail=_said(rule))


def _added(transaction: Transaction, rule: Rule, actor: str) -> int:
    return transaction.run(ADD_RULE, **asdict(rule), actor=actor)


def _said(rule: Rule) -> str:
    return f"{rule.alert}: {rule.measure} from {rule.threshold} on, {rule.action}"


def remove_alert(transaction: Transaction, *, alert: str, actor: str) -> None:
    """Remove a rule and end its episode; what it told stays in the history.

    Raises  Refused, ERR-D28: there is no such rule.
    """
    if not transaction.run(REMOVE_RULE, alert=alert):
        reason = "there is no alert of this name"
        raise Refused(refuse(NO_SENSE, f"alert/{alert}", field="alert", value=alert, reason=reason))
    transaction.run(END_EPISODE, alert=alert, began_before=None)
    record_event(transaction, event="alert removed", actor=actor, detail=alert)


def alert_rules(reader: Reader) -> list[KnownRule]:
    """Give every rule, with the moment it began to fire while it does."""
    return reader.all(RULES)


def alert_history(reader: Reader, *, alert: str | None, limit: int) -> list[Told]:
    """Give what fired, the last first, with how it was told."""
    return reader.all(HISTORY, alert=alert, rows_max=limit)


def check_alerts(*, operations: Book, finance: Book, notifier: Notifier) -> Check:
    """Look once: carry map states over, let rules fire or end, send what is to be sent.

    Every engine calls it every few seconds; ``twofold alert check`` calls it where none runs.

    Raises  Fault, transient, while the operations book does not answer.
    """
    check = Check()
    _carry_over(operations, finance)
    with operations.reader() as reader:
        rules = alert_rules(reader)
    for rule in rules:
        _judge(rule, check, operations=operations, finance=finance, notifier=notifier)
    if any(rule.action != "notify" and rule.alert in check.fired for rule in rules):
        _carry_over(operations, finance)
    _send(check, operations, notifier)
    return check


def _carry_over(operations: Book, finance: Book) -> None:
    try:
        carry_over_states(operations=operations, finance=finance)
    except Fault as fault:
        if not fault.transient:
            raise


def _judge(
    rule: KnownRule, check: Check, *, operations: Book, finance: Book, notifier: Notifier
) -> None:
    """Measure one rule in both books; begin or end its episode."""
    with operations.reader() as reader:
        here = _measured(reader, rule)
        let_run = reader.one(LET_RUN, map=rule.map, company=rule.company).moment
    try:
        with finance.reader() as reader:
            there = _measured(reader, rule)
    except Fault as fault:
        if not fault.transient:
            raise
        there = None
    measured = _over_both(rule.measure, here, there)
    is_over = measured < rule.threshold
    with operations.transaction() as transaction:
        if is_over and there is None:
            return
        if rule.firing_since is not None and (is_over or let_run is not None):
            given = {"alert": rule.alert, "began_before": None if is_over else let_run}
            if transaction.run(END_EPISODE, **given):
                check.ended.append(rule.alert)
        if not is_over and _begin(transaction, rule, measured, notifier):
            check.fired.append(rule.alert)


def _over_both(measure: Measure, here: int, there: int | None) -> int:
    """Put the numbers of both books together; an engine is heard in each of them."""
    match measure:
        case "lag" | "size":
            return max(here, there or 0)
        case "silence":
            return here
        case "errors" | "queue":
            return here + (there or 0)


def _measured(reader: Reader, rule: KnownRule) -> int:
    where = {"company": rule.company, "map": rule.map}
    if rule.measure == "errors":
        codes = list(_codes(rule)) if rule.code or rule.error_class else None
        return reader.one(ERRORS, **where, within_minutes=rule.within_minutes, codes=codes).measured
    if rule.measure == "silence":
        return reader.one(SILENCE, made_at=rule.made_at).measured
    if rule.measure == "size":
        return reader.one(SIZE).measured
    queue = reader.one(QUEUE, **where)
    return queue.minutes if rule.measure == "lag" else queue.queued


def _codes(rule: KnownRule) -> Iterator[str]:
    """Name the codes that count."""
    if rule.code is not None:
        yield rule.code
    if rule.error_class is not None:
        yield from (one.code for one in CATALOGUE.values() if one.error_class == rule.error_class)


def _begin(transaction: Transaction, rule: KnownRule, measured: int, notifier: Notifier) -> bool:
    """Begin an episode, with what it asks for, unless one is open."""
    text = _text(rule, measured)
    begun = transaction.first(BEGIN_EPISODE, alert=rule.alert, measured=measured, told=text)
    if begun is None:
        return False
    transaction.run(
        ADD_NOTIFICATIONS, episode_id=begun.episode_id, channels=list(notifier.channels)
    )
    if rule.action != "notify" and rule.map is not None:
        change_in_operations(
            transaction,
            Change(
                rule.action,
                (rule.map,),
                reason=text,
                actor=f"alert/{rule.alert}",
                company=rule.company,
                by_rule=True,
            ),
        )
    return True


def _text(rule: KnownRule, measured: int) -> str:
    what = {
        "errors": f"{measured} errors in {rule.within_minutes} minutes",
        "lag": f"the oldest change set is {measured} minutes old",
        "queue": f"{measured} change sets on their way",
        "silence": f"no engine was seen for {measured} minutes",
        "size": f"change sets and their log take {measured} MB in one book",
    }[rule.measure]
    of = [rule.code or rule.error_class, rule.map and f"map {rule.map}", rule.company]
    whose = "".join(f", {one}" for one in of if one)
    done = {"notify": "", "pause": " The map is paused.", "halt": " The map is halted."}
    return f"{rule.alert}: {what}{whose} (threshold {rule.threshold}).{done[rule.action]}"


def _send(check: Check, operations: Book, notifier: Notifier) -> None:
    """Send what is due; each message is taken first, so that two engines do not both send it."""
    for _ in range(TOLD_AT_ONCE_MAX):
        with operations.transaction() as transaction:
            news = transaction.first(TAKE_NOTIFICATION, channels=list(notifier.channels))
        if news is None:
            return
        facts = {
            "alert": news.alert,
            "episode": news.episode_id,
            "began_at": news.began_at.isoformat(),
            "measured": news.measured,
        }
        sent = {"episode_id": news.episode_id, "channel": news.channel}
        try:
            notifier.tell(news.channel, news.told, facts)
        except NotTold as problem:
            check.not_sent += 1
            with operations.transaction() as transaction:
                transaction.run(MARK_FAILED, **sent, problem=str(problem))
        else:
            check.sent += 1
            with operations.transaction() as transaction:
                transaction.run(MARK_SENT, **sent)


def _mistake(rule: Rule, field_name: str, value: object, reason: str) -> Refusal:
    return refuse(
        NO_SENSE, f"alert/{rule.alert}", field=field_name, value=str(value), reason=reason
    )


def _mistakes(reader: Reader, rule: Rule) -> Iterator[Refusal]:
    if not rule.alert.strip():
        yield _mistake(rule, "alert", rule.alert, "an alert needs a name")
    if rule.threshold < 1:
        yield _mistake(rule, "threshold", rule.threshold, "it would fire when nothing is wrong")
    if rule.measure == "errors" and (rule.within_minutes or 0) < 1:
        minutes = rule.within_minutes or ""
        yield _mistake(rule, "within", minutes, "errors are counted within some minutes")
    if rule.measure != "errors" and (rule.within_minutes or rule.code or rule.error_class):
        yield _mistake(rule, "measure", rule.measure, "only errors have minutes, codes and classes")
    if rule.action != "notify" and rule.map is None:
        yield _mistake(rule, "map", "", f"name the map to {rule.action}")
    yield from _unknown(reader, rule)


def _unknown(reader: Reader, rule: Rule) -> Iterator[Refusal]:
    if rule.code is not None and rule.code not in CATALOGUE:
        yield _mistake(rule, "code", rule.code, "the catalogue has no such code")
    if rule.error_class is not None and rule.error_class not in ERROR_CLASSES:
        reason = f"error classes are {', '.join(ERROR_CLASSES)}"
        yield _mistake(rule, "class", rule.error_class, reason)
    if rule.code is not None and rule.error_class is not None:
        yield _mistake(rule, "class", rule.error_class, "give a code or a class, not both")
    if rule.map is not None and not reader.one(MAP_EXISTS, map=rule.map).is_there:
        yield _mistake(rule, "map", rule.map, "there is no such map")
