"""Retainers and advances: set up, list, apply on a draft, refund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import chosen_contracts, found_contract, found_proforma
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.operations.proforma_drafts import show_totals
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    day,
)
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.operations.retainers.add import (
    AddedRetainer,
    Frequency,
    RetainerPlan,
    add_retainers,
)
from twofold.operations.retainers.reads import ListedRetainer, list_retainers
from twofold.operations.retainers.refund import RefundState, cancel_refund, refund_retainer

app = App(name="retainer", help="What customers pay before the work: retainers and advances.")

Contract = Annotated[str, Parameter(help="Number of the contract.")]
Customer = Annotated[
    str | None, Parameter(help="Account of the customer who pays; left out: the contract's.")
]
Description = Annotated[str, Parameter(help="What the customer reads.")]
Key = Annotated[int, Parameter(help="Key of the retainer, as `twofold retainer list` has it.")]
Amount = Annotated[Decimal, Parameter(help="Amount in the contract's currency.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is divided, and over which days."""

    total: Annotated[Decimal, Parameter(help="Total, divided into equal retainers.")]
    start: Annotated[date, Parameter(help="Day of the first, as YYYY-MM-DD.")]
    end: Annotated[date | None, Parameter(help="Last day; not needed with a number.")] = None
    number: Annotated[int | None, Parameter(help="How many; it goes before the end.")] = None
    every: Annotated[Frequency, Parameter(help="weekly, biweekly or monthly.")] = "monthly"


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How much is paid before the work, and when it is invoiced."""

    amount: Amount
    on: Annotated[date | None, Parameter(help="Day to invoice it; left out: today.")] = None


@app.command
def add(
    contract: Contract,
    /,
    *,
    advance: Advance,
    customer: Customer = None,
    description: Description = "Advance",
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Add one advance to a contract."""
    plan = RetainerPlan(advance.amount, day(advance.on), description, number=1)
    _add(contract, customer, company, plan, actor=actor_name(actor), as_json=as_json)


@app.command
def schedule(
    contract: Contract,
    /,
    *,
    days: Schedule,
    customer: Customer = None,
    description: Description = "Retainer",
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Add equal retainers to a contract, one at a time; the last takes the rounding."""
    plan = RetainerPlan(days.total, days.start, description, days.every, days.number, days.end)
    _add(contract, customer, company, plan, actor=actor_name(actor), as_json=as_json)


@app.command(name="list")
def list_all(
    *,
    contract: Annotated[str | None, Parameter(help="Number of a contract.")] = None,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List retainers, with what is used and available of each."""
    found: list[tuple[str, ListedRetainer]] = []
    with opened(alone="operations") as system:
        chosen = chosen_contracts(system, company, contract)
        with system.operations.reader() as reader:
            for code, key in chosen:
                listed = list_retainers(
                    reader, company=code, contract_id=key, limit=limit - len(found)
                )
                found += [(code, one) for one in listed]
    printing.show(
        [{"company": code, "retainer": one} for code, one in found],
        printing.table(
            ("Company", "Retainer", "Contract", "Customer", "Date", "Amount", "Used", "Available",
             "Currency", "State", "Refund", "Proforma", "Description"),
            [
                (
                    code, one.retainer_id, one.contract_number, one.customer_account,
                    one.invoice_date, one.amount, one.used_amount, one.available_amount,
                    one.currency, one.state, one.refund_state, one.proforma_number,
                    one.description,
                )
                for code, one in found
            ],
            title="Retainers",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def apply(
    number: Annotated[str, Parameter(help="Number of the draft.")],
    retainer: Key,
    /,
    *,
    amount: Amount,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Say how much of a retainer a draft applies: less, more again, or one it does not yet."""
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = use_retainer(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=None,
                wanted=RetainerUse(retainer, "applied", amount, day(None)),
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


@app.command
def refund(
    retainer: Key,
    /,
    *,
    amount: Annotated[
        Decimal | None, Parameter(help="How much; left out: all that is available.")
    ] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Mark a refund: it goes onto the customer's next draft, or one that is refreshed."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            done = refund_retainer(
                transaction,
                company=code,
                retainer_id=retainer,
                amount=amount,
                actor=actor_name(actor),
                at=system.now(),
            )
    _show_refund(code, done, as_json=as_json)


@app.command(name="cancel-refund")
def cancel(
    retainer: Key, /, *, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> None:
    """Take back a refund that is on no draft."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            done = cancel_refund(
                transaction,
                company=code,
                retainer_id=retainer,
                actor=actor_name(actor),
                at=system.now(),
            )
    _show_refund(code, done, as_json=as_json)


def _add(
    contract: str,
    customer: str | None,
    company: str | None,
    plan: RetainerPlan,
    *,
    actor: str,
    as_json: bool,
) -> None:
    with opened(alone="operations") as system:
        code, key = found_contract(system, company, contract)
        with system.operations.transaction() as transaction:
            added = add_retainers(
                transaction,
                company=code,
                contract_id=key,
                customer=customer,
                plan=plan,
                actor=actor,
                at=system.now(),
            )
    _show_added(code, added, as_json=as_json)


def _show_added(code: str, added: tuple[AddedRetainer, ...], *, as_json: bool) -> None:
    printing.show(
        [{"company": code, "retainer": one} for one in added],
        printing.table(
            ("Company", "Retainer", "Date", "Amount", "Currency", "Description"),
            [
                (code, one.retainer_id, one.invoice_date, one.amount, one.currency, one.description)
                for one in added
            ],
        ),
        as_json=as_json,
    )


def _show_refund(code: str, one: RefundState, *, as_json: bool) -> None:
    printing.show(
        {"company": code, "retainer": one},
        printing.table(
            ("Company", "Retainer", "Available", "Refund", "Amount", "Currency"),
            [
                (
                    code, one.retainer_id, one.available_amount, one.refund_state,
                    one.refund_amount, one.currency,
                )
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
