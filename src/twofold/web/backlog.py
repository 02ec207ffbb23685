"""The billing backlog: totals by contract, what is open page by page, ready or not in bulk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twofold.database.transaction import Transaction
from twofold.operations.backlog.mark import Marked, mark_not_ready, mark_ready
from twofold.operations.backlog.reads import (
    BacklogFilter,
    Place,
    backlog_totals,
    find_keys,
    list_backlog,
)
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.create import create_proformas
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page

_KINDS: Final = ("sale", "milestone", "retainer")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader narrows the list by, as it stands in the address."""

    contract: str
    project: str
    customer: str
    up_to: str

    @property
    def is_set(self) -> bool:
        """Whether anything is narrowed."""
        return any((self.contract, self.project, self.customer, self.up_to))


def _filter(asked: Asked) -> Filter:
    return Filter(
        asked.text("contract"), asked.text("project"), asked.text("customer"), asked.text("up_to")
    )


def _show(asked: Asked) -> Answer:
    """Show totals and the items that the filter leaves, from where the last page ended."""
    chosen = _filter(asked)
    with asked.system.auditor_operations.reader() as reader:
        keys = find_keys(
            reader,
            company=asked.company,
            contract=chosen.contract or None,
            project=chosen.project or None,
            customer=chosen.customer or None,
        )
        unknown = [
            name
            for name, number, key in (
                ("contract", chosen.contract, keys.contract_id),
                ("project", chosen.project, keys.project_id),
                ("customer", chosen.customer, keys.customer_id),
            )
            if number and key is None
        ]
        only = BacklogFilter(
            keys.contract_id,
            keys.customer_id,
            keys.project_id,
            asked.speech.read_day(chosen.up_to) if chosen.up_to else None,
        )
        totals = [] if unknown else backlog_totals(reader, company=asked.company, only=only)
        items = (
            []
            if unknown
            else list_backlog(
                reader,
                company=asked.company,
                only=only,
                after=_place(asked.text("after")),
                limit=PER_PAGE + 1,
            )
        )
    has_more = len(items) > PER_PAGE
    following = asked.here(after=_token(items[PER_PAGE - 1].place)) if has_more else ""
    values = {
        "totals": totals,
        "items": items[:PER_PAGE],
        "chosen": chosen,
        "unknown": unknown,
        "following": following,
        "asked_now": asked.here(after=""),
    }
    return Shown("backlog_items.html" if asked.is_partial else "backlog.html", values)


Mark = Callable[..., Marked]


def _mark(asked: Asked) -> Answer:
    """Mark what was ticked, or all that the filter leaves; say what was refused and why."""
    process: Mark = mark_ready if asked.typed("do") == "ready" else mark_not_ready
    with asked.system.operations.transaction() as transaction:
        marked = process(
            transaction, company=asked.company, selection=_selection(asked, transaction)
        )
    if marked.refusals:
        return Shown("refused.html", {"refusals": marked.refusals, "done": marked}, status=422)
    changed = marked.item_count + marked.milestone_count + marked.retainer_count
    return Moved(asked.back(f"marked:{changed}"))


def _selection(asked: Asked, transaction: Transaction) -> Selection:
    if asked.typed("all") != "yes":
        picked = {
            kind: tuple(
                int(key)
                for name, _, key in (one.partition("/") for one in asked.form.get("item", ()))
                if name == kind and key.isdecimal()
            )
            for kind in _KINDS
        }
        return Selection(
            actual_ids=picked["sale"],
            milestone_ids=picked["milestone"],
            retainer_ids=picked["retainer"],
        )
    keys = find_keys(
        transaction,
        company=asked.company,
        contract=asked.typed("contract") or None,
        project=asked.typed("project") or None,
    )
    up_to = asked.typed("up_to")
    return Selection(
        contract_id=keys.contract_id,
        project_id=keys.project_id,
        up_to=asked.speech.read_day(up_to) if up_to else None,
    )


def _create(asked: Asked) -> Answer:
    """Make proformas of what is ready of one contract, or of every contract."""
    with asked.system.operations.transaction() as transaction:
        number = asked.typed("contract")
        contract_ids = None
        if number:
            keys = find_keys(transaction, company=asked.company, contract=number)
            contract_ids = (keys.contract_id or 0,)
        run = create_proformas(
            transaction,
            company=asked.company,
            contract_ids=contract_ids,
            cutoff=asked.now.date(),
            actor=asked.visitor.login,
            at=asked.now,
        )
    if not run.proformas or run.refusals:
        values = {"refusals": run.refusals, "back": f"/{asked.company}/proformas"}
        return Shown("refused.html", values, status=422)
    if len(run.proformas) == 1:
        return Moved(f"/{asked.company}/proformas/{run.proformas[0].number}")
    return Moved(f"/{asked.company}/proformas?done=created:{len(run.proformas)}")


def _token(place: Place) -> str:
    return f"{place.contract_id}/{place.kind}/{place.key}"


def _place(token: str) -> Place | None:
    contract, _, rest = token.partition("/")
    kind, _, key = rest.partition("/")
    if kind not in _KINDS or not contract.isdecimal() or not key.isdecimal():
        return None
    return Place(int(contract), kind, int(key))


PAGES: Final = (
    Page("/{company}/backlog", _show, "read_operations"),
    Page("/{company}/backlog/mark", _mark, "bill", "POST"),
    Page("/{company}/backlog/create", _create, "bill", "POST"),
)
