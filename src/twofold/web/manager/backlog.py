"""The billing backlog: what is open page by page, ready or not in bulk; totals and ages of it.

Everything together has its totals by contract and by age; time and material, milestones and
retainers each have a list of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from starlette.exceptions import HTTPException

from twofold.database.transaction import Reader, Transaction
from twofold.jobs.orders import CreateProformas, MarkBacklog
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark import Marked, mark_not_ready, mark_ready
from twofold.operations.backlog.reads import (
    BacklogFilter,
    BacklogItem,
    ContractBacklog,
    Keys,
    Place,
    backlog_totals,
    count_backlog,
    find_keys,
    list_backlog,
)
from twofold.operations.backlog.selection import Kind, Selection
from twofold.operations.proforma.create import create_proformas
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, day_of, key_of

_UNKNOWN: Final = "ERR-B22"
_KINDS: Final = ("sale", "milestone", "retainer")
_STATES: Final = ("created", "ready", "on_proforma")
# Contracts on a page of the totals.
_CONTRACTS: Final = 20
# Items that are counted; a page says that there are more.
_COUNT_MAX: Final = 10_000
# Address, kind and name of each list; in English.
TABS: Final[tuple[tuple[str, Kind | None, str], ...]] = (
    ("", None, "Everything"),
    ("/time-and-material", "sale", "Time and material"),
    ("/milestones", "milestone", "Milestones"),
    ("/retainers", "retainer", "Retainers"),
)
# What a mark leaves alone, whatever is asked for: only items in the other of the two states change.
_OTHER: Final = {"ready": "created", "not_ready": "ready"}


def _show(asked: Asked) -> Answer:
    """Show the items that the filter leaves, from where the last page ended; totals of them all."""
    kind = _kind(asked.path.get("kind", ""))
    with asked.system.auditor_operations.reader() as reader:
        keys = _keys(reader, asked)
        only = _only(asked, keys, kind)
        unknown = _unknown(asked, keys)
        count = 0 if unknown else _count(reader, asked, only)

    def page(wanted: Slice) -> Sequence[BacklogItem]:
        if unknown:
            return ()
        with asked.system.auditor_operations.reader() as reader:
            return list_backlog(
                reader,
                company=asked.company,
                only=only,
                after=_place(wanted.after),
                limit=wanted.limit,
            )

    def totals(wanted: Slice) -> Sequence[ContractBacklog]:
        if unknown or kind:
            return ()
        with asked.system.auditor_operations.reader() as reader:
            return backlog_totals(
                reader,
                company=asked.company,
                only=only,
                sort=wanted.sort,
                after=key_of(wanted.after),
                limit=wanted.limit,
            )

    return answer(
        asked,
        "backlog.html",
        _of_totals(asked, totals),
        _of_items(asked, page, count),
        unknown=unknown,
        kind=kind,
        tabs=TABS,
        count=min(count, _COUNT_MAX),
        has_more=count > _COUNT_MAX,
    )


def _keys(reader: Reader, asked: Asked) -> Keys:
    """Give the keys of what the query names."""
    return find_keys(
        reader,
        company=asked.company,
        contract=asked.text("contract") or None,
        project=asked.text("project") or None,
        customer=asked.text("customer") or None,
    )


def _count(reader: Reader, asked: Asked, only: BacklogFilter) -> int:
    return count_backlog(reader, company=asked.company, only=only, count_max=_COUNT_MAX + 1)


def _only(asked: Asked, keys: Keys, kind: Kind | None) -> BacklogFilter:
    return BacklogFilter(
        keys.contract_id,
        keys.customer_id,
        keys.project_id,
        day_of(asked, "up_to"),
        kind,
        choice_of(asked, "state", _STATES),
    )


def _kind(name: str) -> Kind | None:
    """Give the kind that a tab shows (404)."""
    kinds: dict[str, Kind | None] = {address.removeprefix("/"): kind for address, kind, _ in TABS}
    if name not in kinds:
        raise HTTPException(404)
    return kinds[name]


def _unknown(asked: Asked, keys: Keys) -> list[str]:
    """Name what the filter asks for and the book does not know."""
    found = {
        "contract": keys.contract_id,
        "project": keys.project_id,
        "customer": keys.customer_id,
    }
    return [asked.text(name) for name, key in found.items() if asked.text(name) and key is None]


def _of_totals(
    asked: Asked, page: Callable[[Slice], Sequence[ContractBacklog]]
) -> Listing[ContractBacklog]:
    currency: Callable[[ContractBacklog], str] = attrgetter("currency")
    columns: tuple[Column[ContractBacklog], ...] = (
        Column(
            "Contract",
            lambda one: one.contract_number,
            to=lambda one: asked.here(contract=one.contract_number, after="", after_totals=""),
            note=lambda one: one.contract_name,
            sort="contract",
        ),
        Column("Customer", lambda one: one.customer_account, sort="customer"),
        Column(
            "Not ready", lambda one: one.created_amount, "money", currency=currency, sort="created"
        ),
        Column("Ready", lambda one: one.ready_amount, "money", currency=currency, sort="ready"),
        Column(
            "On a proforma",
            lambda one: one.on_proforma_amount,
            "money",
            currency=currency,
            sort="on_proforma",
        ),
    )
    return Listing(
        key="totals",
        title="By contract",
        empty="Nothing is open.",
        columns=columns,
        page=page,
        place=lambda one: str(one.place),
        per_page=_CONTRACTS,
    )


def _of_items(
    asked: Asked, page: Callable[[Slice], Sequence[BacklogItem]], count: int
) -> Listing[BacklogItem]:
    return Listing(
        title="Items",
        empty="Nothing is open.",
        fields=(
            Field("contract", "Contract"),
            Field("customer", "Customer"),
            Field("project", "Project"),
            Field("up_to", "Up to", "date"),
            Field("state", "Status", "choice", _STATES),
        ),
        columns=(
            Column("Date", lambda one: one.transaction_date, "date"),
            Column(
                "Contract",
                lambda one: one.contract_number,
                to=lambda one: f"/{asked.company}/contracts/{one.contract_number}",
            ),
            Column("Line", lambda one: one.contract_line),
            Column("Customer", lambda one: one.customer_account),
            Column("Project", lambda one: one.project_number),
            Column("Who or what", lambda one: one.name),
            Column("Class", lambda one: one.transaction_class, "term"),
            Column("Billing type", lambda one: one.billing_type, "term"),
            Column("Quantity", lambda one: one.quantity, "quantity"),
            Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
            Column("Status", lambda one: one.state, "status"),
            Column("Over the limit of", lambda one: one.exceeds, "term"),
            Column(
                "Proforma",
                lambda one: one.proforma_number,
                to=lambda one: f"/{asked.company}/proformas/{one.proforma_number}",
            ),
        ),
        page=page,
        place=lambda one: _token(one.place),
        pick=lambda one: "" if one.proforma_number else f"{one.kind}/{one.key}",
        total=count if count <= _COUNT_MAX else None,
    )


Mark = Callable[..., Marked]


def _mark(asked: Asked) -> Answer:
    """Mark what was ticked, or all that the filter leaves; say what was refused and why."""
    state = "ready" if asked.typed("do") == "ready" else "not_ready"
    process: Mark = mark_ready if state == "ready" else mark_not_ready
    if asked.typed("all") == "yes" and asked.typed("state") not in {"", _OTHER[state]}:
        return Moved(asked.back("marked:0"))
    with asked.system.operations.transaction() as transaction:
        selection = _selection(asked, transaction)
        if asked.typed("all") == "yes" and _is_much(asked, transaction, selection, _OTHER[state]):
            return started(asked, _order(selection, state), company=asked.company)
        marked = process(
            transaction,
            company=asked.company,
            selection=selection,
            actor=asked.visitor.login,
            at=asked.now,
        )
    changed = marked.item_count + marked.milestone_count + marked.retainer_count
    if marked.refusals:
        values = {"refusals": marked.refusals, "back": asked.back(f"marked:{changed}")}
        return Shown("refused.html", values, status=422)
    return Moved(asked.back(f"marked:{changed}"))


def _is_much(asked: Asked, reader: Reader, selection: Selection, state: str) -> bool:
    """Tell whether what a selection finds in a state is too much for a page to wait for."""
    only = BacklogFilter(
        selection.contract_id,
        selection.customer_id,
        selection.project_id,
        selection.up_to,
        selection.kind,
        state,
    )
    most = AT_ONCE_MAX + 1
    return count_backlog(reader, company=asked.company, only=only, count_max=most) == most


def _order(selection: Selection, state: str) -> MarkBacklog:
    return MarkBacklog(
        state,
        selection.contract_id,
        selection.project_id,
        selection.customer_id,
        selection.up_to,
        selection.kind or "",
    )


def _selection(asked: Asked, transaction: Transaction) -> Selection:
    if asked.typed("all") != "yes":
        picked = {
            kind: tuple(
                int(key)
                for name, _, key in (one.partition("/") for one in asked.form.get("pick", ()))
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
        customer=asked.typed("customer") or None,
    )
    unknown = [
        refuse(_UNKNOWN, f"{name}/{asked.typed(name)}")
        for name, key in (
            ("contract", keys.contract_id),
            ("project", keys.project_id),
            ("customer", keys.customer_id),
        )
        if asked.typed(name) and key is None
    ]
    if unknown:
        raise Refused(*unknown)
    up_to = asked.typed("up_to")
    return Selection(
        contract_id=keys.contract_id,
        project_id=keys.project_id,
        up_to=asked.speech.read_day(up_to) if up_to else None,
        customer_id=keys.customer_id,
        kind=next((one for _, one, _ in TABS if one and one == asked.typed("kind")), None),
    )


def _create(asked: Asked) -> Answer:
    """Make proformas of what is ready of one contract, or of every contract; many by a job."""
    with asked.system.operations.transaction() as transaction:
        number = asked.typed("contract")
        contract_ids = None
        if number:
            keys = find_keys(transaction, company=asked.company, contract=number)
            contract_ids = (keys.contract_id or 0,)
        key = contract_ids[0] if contract_ids else None
        if _is_much(asked, transaction, Selection(contract_id=key), "ready"):
            order = CreateProformas(on=asked.now.date(), keys=contract_ids or ())
            return started(asked, order, company=asked.company)
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
    Page("/{company}/backlog/{kind}", _show, "read_operations"),
    Page("/{company}/backlog/mark", _mark, "bill", "POST"),
    Page("/{company}/backlog/create", _create, "bill", "POST"),
)
