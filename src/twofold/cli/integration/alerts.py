"""Alert rules: what to watch between the books, whom to tell, when to pause a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import opened, settings
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
)
from twofold.dualwrite.run.alerts import (
    Action,
    KnownRule,
    Measure,
    Rule,
    Told,
    add_alert,
    alert_history,
    alert_rules,
    change_alert,
    check_alerts,
    remove_alert,
)
from twofold.dualwrite.run.notify import UNTOLD, Notifier, NotTold, notifier_to
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

app = App(name="alert", help="Rules that watch the bridge, and what they told.")

FIRING = 1

Name = Annotated[str, Parameter(help="Name of the rule.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Watch:
    """What a rule watches and does."""

    measure: Annotated[Measure, Parameter(help="What to watch.")]
    threshold: Annotated[
        int,
        Parameter(
            help="Fires at so many errors, sets queued, minutes of lag or of silence, megabytes."
        ),
    ]
    within: Annotated[int | None, Parameter(help="Minutes in which errors are counted.")] = None
    action: Annotated[
        Action, Parameter(help="What to do besides telling: pause or halt the map.")
    ] = "notify"
    map: Annotated[str | None, Parameter(help="Only what this map carries.")] = None
    code: Annotated[str | None, Parameter(help="Only errors with this code.")] = None
    error_class: Annotated[
        str | None, Parameter(name="--class", help="Only errors of this class, such as Data.")
    ] = None
    company: Company = None

    def rule(self, name: str) -> Rule:
        """Give the rule of a name."""
        return Rule(
            name, self.measure, self.threshold, self.action, self.within, self.company, self.map,
            self.code, self.error_class,
        )  # fmt: skip


@app.command
def add(name: Name, /, *, watch: Watch, actor: ActorName = None) -> None:
    """Add a rule; it counts at once, in every engine."""
    rule = watch.rule(name)
    with (
        opened(alone="operations") as system,
        system.dualwrite_operations.transaction() as transaction,
    ):
        add_alert(transaction, rule=rule, actor=actor_name(actor))
    printing.say(f"The alert {name} is watching.")
    if not _notifier().channels:
        printing.say(
            "Nobody is told here: set TWOFOLD_ALERT_WEBHOOK or TWOFOLD_ALERT_COMMAND where "
            "`twofold dualwrite run` runs; `twofold alert history` lists what fired."
        )


@app.command
def change(name: Name, /, *, watch: Watch, actor: ActorName = None) -> None:
    """Let a rule watch something else; it counts anew, in every engine."""
    with (
        opened(alone="operations") as system,
        system.dualwrite_operations.transaction() as transaction,
    ):
        change_alert(transaction, rule=watch.rule(name), actor=actor_name(actor))
    printing.say(f"The alert {name} is watching anew.")


@app.command(name="list")
def list_rules(*, as_json: AsJson = False) -> None:
    """List the rules, and since when one fires."""
    with (
        opened(maps="looked at", alone="operations") as system,
        system.auditor_operations.reader() as reader,
    ):
        rules = alert_rules(reader)
    printing.show(rules, _rule_table(rules), as_json=as_json)


@app.command
def remove(name: Name, /, *, actor: ActorName = None) -> None:
    """Remove a rule; what it told stays in the history."""
    with (
        opened(alone="operations") as system,
        system.dualwrite_operations.transaction() as transaction,
    ):
        remove_alert(transaction, alert=name, actor=actor_name(actor))
    printing.say(f"The alert {name} is removed.")


@app.command(name="test")
def send_test(*, as_json: AsJson = False) -> None:
    """Send a test message to every channel that is configured."""
    notifier = _notifier()
    told: list[str] = []
    problems: list[Refusal] = []
    for channel in notifier.channels:
        try:
            notifier.tell(channel, "twofold: this is a test; nothing is wrong.", {"alert": "test"})
            told.append(channel)
        except NotTold as problem:
            problems.append(refuse(UNTOLD, f"channel/{channel}", reason=str(problem)))
    if not notifier.channels:
        problems.append(refuse(UNTOLD, "channel/none", reason="no channel is configured"))
    if problems:
        raise Refused(*problems)
    printing.show({"told": told}, f"Told: {', '.join(told)}", as_json=as_json)


@app.command
def check(*, as_json: AsJson = False) -> int:
    """Look once, as the engine does; for a timer outside it. Exit code 1 while a rule fires."""
    with opened(alone="operations") as system:
        done = check_alerts(
            operations=system.dualwrite_operations,
            finance=system.dualwrite_finance,
            notifier=_notifier(),
        )
        with system.auditor_operations.reader() as reader:
            firing = [one for one in alert_rules(reader) if one.firing_since is not None]
    printing.show({"done": done, "firing": firing}, _rule_table(firing), as_json=as_json)
    return FIRING if firing else 0


@app.command
def history(
    *,
    name: Annotated[str | None, Parameter(help="Only this rule.")] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what fired, the last first, and how it was told."""
    with (
        opened(maps="looked at", alone="operations") as system,
        system.auditor_operations.reader() as reader,
    ):
        told = alert_history(reader, alert=name, limit=limit)
    printing.show(told, _history_table(told), as_json=as_json)


def _notifier() -> Notifier:
    given = settings()
    return notifier_to(webhook=given.alert_webhook, command=given.alert_command)


def _rule_table(rules: list[KnownRule]) -> printing.RenderableType:
    return printing.table(
        (
            "Alert", "Measure", "Threshold", "Within", "Code", "Class", "Map", "Company", "Action",
            "Added by", "Fires since",
        ),
        [
            (
                one.alert, one.measure, one.threshold, one.within_minutes, one.code,
                one.error_class, one.map, one.company or "all", one.action, one.made_by,
                one.firing_since,
            )
            for one in rules
        ],
        title="Alerts",
    )  # fmt: skip


def _history_table(told: list[Told]) -> printing.RenderableType:
    return printing.table(
        ("Alert", "From", "To", "Text", "Channel", "Attempts", "Sent", "Problem"),
        [
            (
                one.alert, one.began_at, one.ended_at, one.told, one.channel or "none",
                one.attempts, one.sent_at, one.problem,
            )
            for one in told
        ],
        title="What fired",
    )  # fmt: skip
