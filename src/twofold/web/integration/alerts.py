"""Alerts: the rules that watch the bridge, what they told, and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args
from urllib.parse import urlencode

from twofold.dualwrite.run.alerts import (
    ERROR_CLASSES,
    NO_SENSE,
    Action,
    KnownRule,
    Measure,
    Rule,
    Told,
    add_alert,
    alert_history,
    alert_rules,
    change_alert,
    remove_alert,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.integration.scope import assert_may_act, scope_of
from twofold.web.listing import Column, Listing, answer, whole

MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_MEASURE_OF: Final[dict[str, Measure]] = {one: one for one in MEASURES}
_ACTION_OF: Final[dict[str, Action]] = {one: one for one in ACTIONS}
_TYPED: Final = (
    "alert", "measure", "threshold", "within", "action", "map", "code", "class", "company", "edit",
)  # fmt: skip
TOLD_MAX: Final = 200


def _list(asked: Asked) -> Answer:
    """Show the rules and what they told."""
    return _page(asked)


def _page(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    scope = scope_of(asked)
    with asked.system.auditor_operations.reader() as reader:
        rules = alert_rules(reader)
        told = alert_history(reader, alert=None, limit=TOLD_MAX)
    if not scope.sees_all:
        # Rules of other companies are none of an auditor's concern.
        rules = [one for one in rules if one.company in (None, *scope.companies)]
        named = {one.alert for one in rules}
        told = [one for one in told if one.alert in named]
    edited = next((one for one in rules if one.alert == asked.text("edit")), None)
    typed = {name: asked.typed(name) for name in _TYPED}
    page = answer(
        asked,
        "alerts.html",
        _of_rules(rules, may_act=scope.may_act),
        _of_history(told),
        scope=scope,
        firing=[one.alert for one in rules if one.firing_since],
        measures=MEASURES,
        actions=ACTIONS,
        maps=[one.compiled.map.id for one in asked.system.maps],
        refusals=refusals,
        classes=ERROR_CLASSES,
        typed=_of_rule(edited) if edited and not refusals else typed,
    )
    if refusals and isinstance(page, Shown):
        return Shown(page.template, page.values, status=422)
    return page


def _of_rule(rule: KnownRule) -> dict[str, str]:
    """Give what a form would have to say for the rule to be as it is."""
    return {
        "alert": rule.alert,
        "measure": rule.measure,
        "threshold": str(rule.threshold),
        "within": str(rule.within_minutes or ""),
        "action": rule.action,
        "map": rule.map or "",
        "code": rule.code or "",
        "class": rule.error_class or "",
        "company": rule.company or "",
        "edit": rule.alert,
    }


def _of_rules(rules: Sequence[KnownRule], *, may_act: bool) -> Listing[KnownRule]:
    columns: tuple[Column[KnownRule], ...] = (
        Column(
            "Alert",
            lambda one: one.alert,
            to=lambda one: (
                f"/integration/alerts?{urlencode({'edit': one.alert})}#rule" if may_act else ""
            ),
        ),
        Column("Measure", lambda one: one.measure, "term"),
        Column("Threshold", lambda one: one.threshold, "quantity"),
        Column("Within (minutes)", lambda one: one.within_minutes, "quantity"),
        Column("Code", lambda one: one.code or one.error_class),
        Column("Map", lambda one: one.map),
        Column("Company", lambda one: one.company),
        Column("Action", lambda one: one.action, "term"),
        Column("Added by", lambda one: one.made_by),
        Column("Status", lambda one: "firing" if one.firing_since else "watching", "status"),
        Column("Fires since", lambda one: one.firing_since, "moment"),
    )
    return Listing(
        title="Rules",
        empty="No rule watches the bridge.",
        columns=columns,
        page=whole(rules, columns),
        place=lambda one: one.alert,
        pick=lambda one: one.alert,
        per_page=max(len(rules), 1),
    )


def _of_history(told: Sequence[Told]) -> Listing[Told]:
    columns: tuple[Column[Told], ...] = (
        Column("Alert", lambda one: one.alert),
        Column("From", lambda one: one.began_at, "moment"),
        Column("To", lambda one: one.ended_at, "moment"),
        Column("Text", lambda one: one.told),
        Column("Told by", lambda one: one.channel, "term"),
        Column("Told", lambda one: one.sent_at, "moment"),
        Column("Problem", lambda one: one.problem),
    )
    return Listing(
        key="history",
        title="What fired",
        empty="Nothing has fired yet.",
        columns=columns,
        page=whole(told, columns),
        place=lambda one: str(one.episode_id),
        per_page=max(len(told), 1),
    )


def _add(asked: Asked) -> Answer:
    """Add a rule, or change one; what makes no sense is told at once, with what was typed."""
    assert_may_act(asked)
    is_change = asked.typed("edit") != ""
    try:
        rule = _rule(asked)
        put = change_alert if is_change else add_alert
        with asked.system.dualwrite_operations.transaction() as transaction:
            put(transaction, rule=rule, actor=asked.visitor.login)
    except Refused as refused:
        return _page(asked, refused.refusals)
    return Moved(f"/integration/alerts?done={'changed' if is_change else 'added'}:1")


def _rule(asked: Asked) -> Rule:
    typed = {name: asked.typed(name) for name in _TYPED}
    return Rule(
        # A rule keeps its name.
        alert=typed["edit"] or typed["alert"],
        measure=_MEASURE_OF.get(typed["measure"], "lag"),
        threshold=_whole(typed["alert"], "threshold", typed["threshold"]) or 0,
        action=_ACTION_OF.get(typed["action"], "notify"),
        within_minutes=_whole(typed["alert"], "within", typed["within"]),
        company=typed["company"] or None,
        map=typed["map"] or None,
        code=typed["code"] or None,
        error_class=typed["class"] or None,
    )


def _whole(alert: str, name: str, typed: str) -> int | None:
    """Read a whole number, of at most nine digits (ERR-D28)."""
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 9:
        reason = "this is no whole number"
        raise Refused(refuse(NO_SENSE, f"alert/{alert}", field=name, value=typed, reason=reason))
    return int(typed)


def _remove(asked: Asked) -> Answer:
    """Remove the rules chosen; what they told stays."""
    assert_may_act(asked)
    chosen = asked.form.get("pick", ())
    with asked.system.dualwrite_operations.transaction() as transaction:
        for alert in chosen:
            remove_alert(transaction, alert=alert, actor=asked.visitor.login)
    return Moved(f"/integration/alerts?done=removed:{len(chosen)}")


PAGES: Final = (
    Page("/integration/alerts", _list, None),
    Page("/integration/alerts", _add, None, "POST"),
    Page("/integration/alerts/remove", _remove, None, "POST"),
)
