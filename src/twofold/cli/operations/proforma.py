"""Proforma invoices: drafts made of what is ready, looked at, confirmed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_contract, found_proforma
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.operations.proforma_drafts import add_to as add_drafts_to
from twofold.cli.operations.proforma_tables import (
    details_table,
    header_facts,
    lines_table,
)
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    day,
)
from twofold.journey.system import System
from twofold.operations.proforma.create import ProformaRun, create_proformas
from twofold.operations.proforma.reads import (
    ListedProforma,
    list_details,
    list_lines,
    list_proformas,
)

app = App(name="proforma", help="Proforma invoices: create, edit, look, confirm, revise.")
add_drafts_to(app)

BulkState = Literal["scheduled", "processing", "complete", "failed"]


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    state: Annotated[
        str | None, Parameter(help="Only those in this state: draft, confirmed, posted …")
    ] = None,
    bulk: Annotated[
        tuple[BulkState, ...],
        Parameter(negative=(), help="Only those with this bulk status."),
    ] = (),
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List proformas."""
    found: list[tuple[str, ListedProforma]] = []
    with opened(alone="operations") as system, system.operations.reader() as reader:
        for code in chosen_companies(system, company):
            page = list_proformas(
                reader, company=code, state=state, bulk_states=bulk, limit=limit - len(found)
            )
            found += [(code, one) for one in page]
    printing.show(
        [{"company": code, "proforma": one} for code, one in found],
        printing.table(
            ("Company", "Number", "Name", "Contract", "Customer", "State", "Bulk", "Items", "Total",
             "Currency", "Invoice"),
            [
                (
                    code, one.number, one.name, one.contract_number, one.customer_account,
                    one.state, one.bulk_state, one.detail_count, one.total_amount, one.currency,
                    one.invoice_number,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def create(
    *,
    company: Company = None,
    contract: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Number of a contract; left out: every contract."),
    ] = (),
    on: Annotated[
        date | None, Parameter(help="Take what is dated up to this day; left out: today.")
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Create drafts from what is ready to invoice, one per contract and customer."""
    with opened(alone="operations") as system:
        runs = create_drafts(
            system, company=company, contracts=contract, cutoff=day(on), actor=actor_name(actor)
        )
    printing.show(
        [{"company": code, "run": run} for code, run in runs],
        printing.table(
            ("Company", "Number", "Contract", "Customer", "Items", "Net", "Tax", "Total",
             "Currency"),
            [
                (
                    code, one.number, one.contract_number, one.customer_account, one.detail_count,
                    one.detail_amount, one.tax_amount, one.total_amount, one.currency,
                )
                for code, run in runs
                for one in run.proformas
            ],
            title="Drafts",
        ),
        as_json=as_json,
    )  # fmt: skip
    left = [refusal for _, run in runs for refusal in run.refusals]
    printing.tell_refusals(left, title="Left in the backlog")


@app.command
def show(
    number: Annotated[str, Parameter(help="Number of the proforma.")],
    /,
    *,
    company: Company = None,
    details: Annotated[bool, Parameter(negative=(), help="Show every billed item.")] = False,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show one proforma with its lines."""
    with opened(alone="operations") as system, system.operations.reader() as reader:
        code, header = found_proforma(system, company, number)
        key = header.proforma_id
        lines = list_lines(reader, company=code, proforma_id=key)
        items = list_details(reader, company=code, proforma_id=key, limit=limit) if details else []
    document = {"company": code, "proforma": header, "lines": lines, "details": items}
    tables = [
        header_facts(code, header),
        lines_table(lines),
        *([details_table(items)] if details else []),
    ]
    printing.show(document, *tables, as_json=as_json)


def create_drafts(
    system: System, *, company: str | None, contracts: tuple[str, ...], cutoff: date, actor: str
) -> list[tuple[str, ProformaRun]]:
    """Create the drafts of each chosen company, a company at a time."""
    runs: list[tuple[str, ProformaRun]] = []
    for code, keys in _contracts(system, company, contracts).items():
        with system.operations.transaction() as transaction:
            run = create_proformas(
                transaction,
                company=code,
                contract_ids=keys,
                cutoff=cutoff,
                actor=actor,
                at=system.now(),
            )
        runs.append((code, run))
    return runs


def _contracts(
    system: System, company: str | None, contracts: tuple[str, ...]
) -> dict[str, tuple[int, ...] | None]:
    """Give the contracts to bill per company; None means all of them."""
    if not contracts:
        return dict.fromkeys(chosen_companies(system, company))
    keys: dict[str, tuple[int, ...] | None] = {}
    for number in contracts:
        code, key = found_contract(system, company, number)
        keys[code] = (*(keys.get(code) or ()), key)
    return keys
