"""The billing backlog: what is still to be invoiced, and what of it is ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies, found_once, one_company
from twofold.cli.discounts import sold_columns
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    usage,
)
from twofold.journey.system import System
from twofold.operations.backlog.mark import Marked, mark_not_ready, mark_ready
from twofold.operations.backlog.reads import (
    BacklogFilter,
    BacklogItem,
    ContractBacklog,
    backlog_totals,
    find_keys,
    list_backlog,
)
from twofold.operations.backlog.selection import Selection

app = App(name="backlog", help="What is still to be invoiced.")
app.command(
    "twofold.cli.operations.backlog_totals:totals",
    name="totals",
    help="Add up what is still to be invoiced, by customer, project or age.",
)
app.command(
    "twofold.cli.operations.backlog_invoice:invoice",
    name="invoice",
    help="Add items to the latest draft of their contract and customer, or to a new one.",
)
app.command(
    "twofold.cli.operations.backlog_invoice:progress",
    name="progress",
    help="Make a part of a milestone ready to invoice.",
    usage=usage("backlog progress", "MILESTONE"),
)

Contract = Annotated[str | None, Parameter(help="Number of a contract.")]
Project = Annotated[str | None, Parameter(help="Number of a project.")]
UpTo = Annotated[date | None, Parameter(help="Last date, inclusive, as YYYY-MM-DD.")]


Actuals = Annotated[
    tuple[int, ...], Parameter(name="--actual", negative=(), help="Exactly these sales, by key.")
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Exactly these, by key."""

    actuals: Actuals = ()
    milestones: Annotated[
        tuple[int, ...],
        Parameter(name="--milestone", negative=(), help="Exactly these milestones, by key."),
    ] = ()
    retainers: Annotated[
        tuple[int, ...],
        Parameter(name="--retainer", negative=(), help="Exactly these retainers, by key."),
    ] = ()


NOTHING: Final = Named()


@app.command(name="list")
def list_items(
    *,
    company: Company = None,
    contract: Contract = None,
    up_to: UpTo = None,
    items: Annotated[
        bool, Parameter(negative=(), help="List the items, not only totals per contract.")
    ] = False,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what is still to be invoiced, by contract."""
    with opened(alone="operations") as system:
        totals = totals_of(system, company=company, contract=contract, up_to=up_to)
        listed = (
            _items_of(system, company=company, contract=contract, up_to=up_to, limit=limit)
            if items
            else []
        )
    tables = [totals_table(totals)]
    document: object = [{"company": code, "backlog": one} for code, one in totals]
    if items:
        tables = [_items_table(listed)]
        document = [{"company": code, "item": one} for code, one in listed]
    printing.show(document, *tables, as_json=as_json)


@app.command
def ready(
    *,
    company: Company = None,
    contract: Contract = None,
    project: Project = None,
    up_to: UpTo = None,
    named: Named = NOTHING,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Mark items, milestones and retainers ready to invoice; without a selection, all of them."""
    selection = (contract, project, up_to, named)
    with opened(alone="operations") as system:
        marked = mark(system, company, selection, state="ready", actor=actor_name(actor))
    _show(marked, as_json=as_json)


@app.command
def unready(
    *,
    company: Company = None,
    contract: Contract = None,
    project: Project = None,
    up_to: UpTo = None,
    named: Named = NOTHING,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Take items, milestones and retainers off the list of what is to be invoiced."""
    selection = (contract, project, up_to, named)
    with opened(alone="operations") as system:
        marked = mark(system, company, selection, state="not_ready", actor=actor_name(actor))
    _show(marked, as_json=as_json)


Chosen = tuple[str | None, str | None, date | None, Named]
EVERYTHING: Final[Chosen] = (None, None, None, NOTHING)


def mark(
    system: System, company: str | None, chosen: Chosen, *, state: str, actor: str
) -> list[tuple[str, Marked]]:
    """Mark what was chosen in each company; give what came of it."""
    process = mark_ready if state == "ready" else mark_not_ready
    done: list[tuple[str, Marked]] = []
    for code, selection in selections(system, company, chosen):
        with system.operations.transaction() as transaction:
            marked = process(
                transaction, company=code, selection=selection, actor=actor, at=system.now()
            )
        done.append((code, marked))
    return done


def selections(
    system: System, company: str | None, chosen: Chosen
) -> Iterator[tuple[str, Selection]]:
    """Give what was chosen, company by company; naming keys needs one company."""
    contract, project, up_to, named = chosen
    if named != NOTHING:
        company = one_company(system, company)
    for code in companies_of(system, company, contract=contract, project=project):
        with system.operations.reader() as reader:
            keys = find_keys(reader, company=code, contract=contract, project=project)
        yield (
            code,
            Selection(
                contract_id=keys.contract_id,
                project_id=keys.project_id,
                up_to=up_to,
                actual_ids=named.actuals or None,
                milestone_ids=named.milestones or None,
                retainer_ids=named.retainers or None,
            ),
        )


def totals_of(
    system: System,
    *,
    company: str | None = None,
    contract: str | None = None,
    up_to: date | None = None,
) -> list[tuple[str, ContractBacklog]]:
    """Give the backlog per contract."""
    found: list[tuple[str, ContractBacklog]] = []
    with system.operations.reader() as reader:
        for code in companies_of(system, company, contract=contract, project=None):
            keys = find_keys(reader, company=code, contract=contract)
            only = BacklogFilter(contract_id=keys.contract_id, as_of=up_to)
            totals = backlog_totals(reader, company=code, only=only)
            found += [(code, one) for one in totals]
    return found


def totals_table(totals: list[tuple[str, ContractBacklog]]) -> printing.RenderableType:
    """Show the backlog per contract: how much is open, ready and on a draft."""
    return printing.table(
        (
            "Company", "Contract", "Name", "Customer", "Currency", "Open", "Amount",
            "Ready", "Amount", "On draft", "Amount",
        ),
        [
            (
                code, one.contract_number, one.contract_name, one.customer_account, one.currency,
                one.created_count, one.created_amount, one.ready_count, one.ready_amount,
                one.on_proforma_count, one.on_proforma_amount,
            )
            for code, one in totals
        ],
        title="Backlog",
    )  # fmt: skip


def companies_of(
    system: System, company: str | None, *, contract: str | None, project: str | None
) -> tuple[str, ...]:
    """Give the companies to work on: the one that has the contract or project, if one is named."""
    if contract is None and project is None:
        return chosen_companies(system, company)

    def has(code: str) -> bool | None:
        with system.operations.reader() as reader:
            keys = find_keys(reader, company=code, contract=contract, project=project)
        known = (contract is None or keys.contract_id is not None) and (
            project is None or keys.project_id is not None
        )
        return known or None

    name = " with ".join(
        f"{kind} {number}"
        for kind, number in (("contract", contract), ("project", project))
        if number is not None
    )
    code, _ = found_once(system, company, name, has)
    return (code,)


def _items_of(
    system: System,
    *,
    company: str | None,
    contract: str | None,
    up_to: date | None,
    limit: int,
) -> list[tuple[str, BacklogItem]]:
    found: list[tuple[str, BacklogItem]] = []
    with system.operations.reader() as reader:
        for code in companies_of(system, company, contract=contract, project=None):
            keys = find_keys(reader, company=code, contract=contract)
            only = BacklogFilter(contract_id=keys.contract_id, as_of=up_to)
            items = list_backlog(reader, company=code, only=only, limit=limit - len(found))
            found += [(code, one) for one in items]
    return found


def _items_table(items: list[tuple[str, BacklogItem]]) -> printing.RenderableType:
    extended, cells = sold_columns([one for _, one in items])
    return printing.table(
        (
            "Company", "Item", "Contract", "Line", "Project", "Class", "Billing", "Date",
            "Quantity", "Amount", *extended, "Currency", "State", "Proforma",
        ),
        [
            (
                code, f"{_KINDS[one.kind]}/{one.key}", one.contract_number, one.contract_line,
                one.project_number, one.transaction_class, one.billing_type,
                one.transaction_date, one.quantity, one.amount, *cells(one), one.currency,
                one.state, one.proforma_number,
            )
            for code, one in items
        ],
        title="Backlog items",
    )  # fmt: skip


_KINDS = {"sale": "actual", "milestone": "milestone", "retainer": "retainer"}


def _show(marked: list[tuple[str, Marked]], *, as_json: bool) -> None:
    rows = [
        (
            code,
            one.item_count,
            one.milestone_count,
            one.retainer_count,
            one.already_count,
            len(one.refusals),
        )
        for code, one in marked
    ]
    printing.show(
        [{"company": code, "marked": one} for code, one in marked],
        printing.table(
            ("Company", "Items", "Milestones", "Retainers", "Already so", "Refused"), rows
        ),
        as_json=as_json,
    )
    printing.tell_refusals([refusal for _, one in marked for refusal in one.refusals])
