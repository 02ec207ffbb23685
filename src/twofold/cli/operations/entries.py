"""Entries: what was submitted, and the decisions on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Literal, Protocol

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.clock import now
from twofold.cli.companies import chosen_companies, found_once, one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
    usage,
)
from twofold.database.transaction import Transaction
from twofold.journey.system import System
from twofold.kernel.errors import Refusal
from twofold.operations.backlog.reads import find_keys
from twofold.operations.entries.approve import ApprovalResult, approve_entries
from twofold.operations.entries.approve_recall import approve_recall as approve_recall_process
from twofold.operations.entries.cancel_approval import cancel_approvals
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.entries.reads import (
    EntryCount,
    ListedEntry,
    WaitingEntry,
    WaitingProject,
    count_entries,
    list_entries,
    list_waiting,
    sum_waiting,
)
from twofold.operations.entries.recall import recall_entries
from twofold.operations.entries.refuse_recall import refuse_recall as refuse_recall_process
from twofold.operations.entries.reject import reject_entries
from twofold.operations.entries.request_recall import request_recall as request_recall_process
from twofold.operations.entries.submit import submit_entries

app = App(name="entries", help="List entries, and approve what was submitted.")

REFUSED = 1

EntryState = Literal["draft", "submitted", "approved", "returned", "rejected", "recall_requested"]
EntryKeys = Annotated[
    int, Parameter(help="Keys of entries, as `twofold entries list --state STATE` shows them.")
]


class _Result(Protocol):
    """What every decision gives."""

    @property
    def entry_count(self) -> int: ...

    @property
    def refusals(self) -> tuple[Refusal, ...]: ...


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    waiting: Annotated[
        bool, Parameter(negative=(), help="List what waits for a decision, with cost and sales.")
    ] = False,
    state: Annotated[
        EntryState | None, Parameter(help="List the entries in this state, with their keys.")
    ] = None,
    after: Annotated[
        int, Parameter(show_default=False, help="With --state: only keys above this one.")
    ] = 0,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show how many entries are in which state, and what waits for a decision; or list entries."""
    if waiting and state is not None:
        raise Misused("--waiting lists what is submitted: leave out --state")
    if after and state is None:
        raise Misused("--after goes on with a list: add --state")
    if state is not None:
        _list_in_state(company, state, (after, limit), as_json=as_json)
        return
    with opened(alone="operations") as system, system.operations.reader() as reader:
        companies = chosen_companies(system, company)
        counts = [one for code in companies for one in count_entries(reader, company=code)]
        projects = [(code, one) for code in companies for one in sum_waiting(reader, company=code)]
        entries = [
            (code, one)
            for code in (companies if waiting else ())
            for one in list_waiting(reader, company=code, row_count_max=limit)
        ][:limit]
    document = {
        "counts": counts,
        "waiting": [{"company": code, "project": one} for code, one in projects],
        "entries": [{"company": code, "entry": one} for code, one in entries],
    }
    tables = (
        [_entries_table(entries)] if waiting else [_counts_table(counts), _sums_table(projects)]
    )
    printing.show(document, *tables, as_json=as_json)


@app.command(usage=usage("entries approve", "[ENTRIES...]"))
def approve(
    *entries: EntryKeys,
    company: Company = None,
    project: Annotated[str | None, Parameter(help="Only those of this project.")] = None,
    up_to: Annotated[date | None, Parameter(help="Only work up to this day, inclusive.")] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Approve what was submitted: all of it, or what is named."""
    with opened(alone="operations") as system:
        results = approve_companies(
            system,
            company=company,
            chosen=(entries or None, project, up_to),
            actor=actor_name(actor),
        )
    printing.show(results, approved_table(results), as_json=as_json)
    refusals = [refusal for one in results for refusal in one.refusals]
    printing.tell_refusals(refusals)
    if any(one.set_id is not None for one in results) and not as_json:
        printing.say("Next: `twofold deliver` takes the actuals to finance.")
    return REFUSED if refusals else 0


@app.command(usage=usage("entries reject", "ENTRIES..."))
def reject(
    *entries: EntryKeys,
    reason: Annotated[str, Parameter(help="Why, for who recorded them.")],
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Send submitted entries back to who recorded them, and say why."""
    decision = _by(partial(reject_entries, reason=reason), actor)
    return _decide(entries, company, decision, as_json=as_json)


@app.command
def change(
    entry: EntryKeys,
    /,
    *,
    company: Company = None,
    billable_quantity: Annotated[Decimal | None, Parameter(help="Quantity to bill.")] = None,
    billing_type: Annotated[
        Literal["chargeable", "non_chargeable", "complimentary"] | None,
        Parameter(help="How to bill it."),
    ] = None,
    actor: ActorName = None,
) -> None:
    """Change what of a submitted entry will be billed, before it is approved."""
    with opened(alone="operations") as system, system.operations.transaction() as transaction:
        change_approval(
            transaction,
            company=one_company(system, company),
            entry_id=entry,
            billable_quantity=billable_quantity,
            billing_type=billing_type,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"Changed: entry {entry}.")


@app.command(usage=usage("entries submit", "ENTRIES..."))
def submit(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Submit drafts and entries that came back."""
    return _decide(entries, company, _by(submit_entries, actor), as_json=as_json)


@app.command(usage=usage("entries recall", "ENTRIES..."))
def recall(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Take submitted entries back before anybody has decided."""
    return _decide(entries, company, _by(recall_entries, actor), as_json=as_json)


@app.command(usage=usage("entries cancel-approval", "ENTRIES..."))
def cancel_approval(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Cancel approvals: the entries wait for a decision again."""
    return _decide(entries, company, _by(cancel_approvals, actor), as_json=as_json)


@app.command(usage=usage("entries request-recall", "ENTRIES..."))
def request_recall(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Ask for approved entries back: the approver decides."""
    return _decide(entries, company, _by(request_recall_process, actor), as_json=as_json)


@app.command(usage=usage("entries approve-recall", "ENTRIES..."))
def approve_recall(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Grant requested recalls: the entries go back to who recorded them."""
    return _decide(entries, company, _by(approve_recall_process, actor), as_json=as_json)


@app.command(usage=usage("entries refuse-recall", "ENTRIES..."))
def refuse_recall(
    *entries: EntryKeys, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> int:
    """Decline requested recalls: the entries stay approved."""
    return _decide(entries, company, _by(refuse_recall_process, actor), as_json=as_json)


def approve_companies(
    system: System,
    *,
    company: str | None = None,
    chosen: tuple[Iterable[int] | None, str | None, date | None] = (None, None, None),
    actor: str,
) -> list[ApprovalResult]:
    """Approve what waits in each chosen company, each in a transaction of its own."""
    entry_ids, project, up_to = chosen
    if entry_ids is not None:
        company = one_company(system, company)
    elif project is not None:
        company, _ = found_once(
            system, company, f"project {project}", _has_project(system, project)
        )
    results: list[ApprovalResult] = []
    companies = chosen_companies(system, company)
    with printing.steps("Approving", total=len(companies)) as advance:
        for code in companies:
            with system.operations.transaction() as transaction:
                result = approve_entries(
                    transaction,
                    company=code,
                    actor=actor,
                    at=system.now(),
                    entry_ids=entry_ids,
                    project_number=project,
                    up_to=up_to,
                )
            results.append(result)
            advance(1)
    return results


def approved_table(results: list[ApprovalResult]) -> printing.RenderableType:
    """Show what was approved, and below each company's count of entries what that made."""
    return printing.table(
        ("Company", "Entries", "Made", "Billing", "Actuals", "Quantity", "Amount", "Currency"),
        [
            (
                one.company, None if row else one.entry_count, total.transaction_type,
                total.billing_type, total.actual_count, total.quantity, total.amount,
                total.currency,
            )
            for one in results
            for row, total in enumerate(one.totals)
        ],
        title="Approved",
    )  # fmt: skip


def _list_in_state(
    company: str | None, state: EntryState, page: tuple[int, int], *, as_json: bool
) -> None:
    """List a page of entries in one state, after a key, and say how to see the next page."""
    after, limit = page
    found: list[tuple[str, ListedEntry]] = []
    with opened(alone="operations") as system, system.operations.reader() as reader:
        # A key belongs to one company.
        companies = (one_company(system, company),) if after else chosen_companies(system, company)
        for code in companies:
            left = limit - len(found)
            listed = list_entries(reader, company=code, state=state, after=after, limit=left)
            found += [(code, one) for one in listed]
    document = {"entries": [{"company": code, "entry": one} for code, one in found]}
    printing.show(document, _listed_table(found), as_json=as_json)
    if found and len(found) == limit and not as_json:
        code, last = found[-1]
        printing.say(f"There may be more: add `--company {code} --after {last.entry_id}`.")


def _listed_table(found: list[tuple[str, ListedEntry]]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Entry", "Date", "Who", "Project", "Class", "Quantity", "State", "Description"),
        [
            (
                code, one.entry_id, one.work_on, one.person, one.project_number, one.cls,
                one.quantity, one.state, one.description,
            )
            for code, one in found
        ],
        title="Entries",
    )  # fmt: skip


def _counts_table(counts: list[EntryCount]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Class", "State", "Entries", "Quantity"),
        [(one.company, one.cls, one.state, one.entry_count, one.quantity) for one in counts],
        title="Entries",
    )


def _sums_table(projects: list[tuple[str, WaitingProject]]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Project", "Name", "Class", "Entries", "Quantity", "From", "To"),
        [
            (
                code, one.project_number, one.project_name, one.cls, one.entry_count,
                one.quantity, one.first_on, one.last_on,
            )
            for code, one in projects
        ],
        title="Waiting for a decision",
    )  # fmt: skip


def _entries_table(entries: list[tuple[str, WaitingEntry]]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Entry", "Date", "Project", "Who", "Class", "Quantity", "Billable", "Billing",
         "Cost", "Currency", "Sales", "Currency", "Description"),
        [
            (
                code, one.entry_id, one.work_on, one.project_number, one.person, one.cls,
                one.quantity, one.billable_quantity, one.billing_type, one.cost_amount,
                one.cost_currency, one.sales_amount, one.sales_currency, one.description,
            )
            for code, one in entries
        ],
        title="Waiting for a decision",
    )  # fmt: skip


def _has_project(system: System, project: str) -> Callable[[str], int | None]:
    def has(code: str) -> int | None:
        with system.operations.reader() as reader:
            return find_keys(reader, company=code, project=project).project_id

    return has


class _Process(Protocol):
    """A decision about entries."""

    def __call__(
        self,
        transaction: Transaction,
        *,
        company: str,
        entry_ids: Iterable[int],
        actor: str,
        at: datetime,
    ) -> _Result: ...


_Decision = Callable[[Transaction, str, tuple[int, ...]], _Result]


def _by(process: _Process, actor: str | None) -> _Decision:
    name = actor_name(actor)
    return lambda transaction, code, entries: process(
        transaction, company=code, entry_ids=entries, actor=name, at=now()
    )


def _decide(
    entries: tuple[int, ...], company: str | None, decision: _Decision, *, as_json: bool
) -> int:
    """Run one decision over entries of one company and show what came of it."""
    if not entries:
        raise Misused(
            "name the entries, by the keys that `twofold entries list --state STATE` shows"
        )
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            result = decision(transaction, code, entries)
    pairs = (("Entries", result.entry_count), ("Refused", len(result.refusals)))
    printing.show(result, printing.facts(pairs), as_json=as_json)
    printing.tell_refusals(result.refusals)
    return REFUSED if result.refusals else 0
