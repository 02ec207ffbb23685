"""Proforma invoices: drafts made of what is ready, looked at, confirmed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_contract, found_proforma
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
    day,
    usage,
)
from twofold.cli.proforma_drafts import add_to as add_drafts_to
from twofold.cli.proforma_tables import (
    confirmed_table,
    details_table,
    header_facts,
    lines_table,
)
from twofold.journey.confirm import Confirmation, Unreachable, confirm_live
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.proforma.create import ProformaRun, create_proformas
from twofold.operations.proforma.reads import (
    ListedProforma,
    list_details,
    list_lines,
    list_proformas,
)

app = App(name="proforma", help="Proforma invoices: create, edit, look, confirm, revise.")
add_drafts_to(app)

REFUSED = 1

# Proformas confirmed in one transaction when all of them are asked for.
BATCH_MAX = 100
# Rows read at a time where all of them are wanted.
_PAGE = 1000


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    state: Annotated[
        str | None, Parameter(help="Only those in this state: draft, confirmed, posted …")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List proformas."""
    found: list[tuple[str, ListedProforma]] = []
    with opened(alone="operations") as system, system.operations.reader() as reader:
        for code in chosen_companies(system, company):
            page = list_proformas(reader, company=code, state=state, limit=limit - len(found))
            found += [(code, one) for one in page]
    printing.show(
        [{"company": code, "proforma": one} for code, one in found],
        printing.table(
            ("Company", "Number", "Name", "Contract", "Customer", "State", "Items", "Total",
             "Currency", "Invoice"),
            [
                (
                    code, one.number, one.name, one.contract_number, one.customer_account,
                    one.state, one.detail_count, one.total_amount, one.currency,
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


@app.command(usage=usage("proforma confirm", "[NUMBERS...]"))
def confirm(
    *numbers: Annotated[str, Parameter(help="Numbers of the proformas.")],
    company: Company = None,
    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Confirm every draft.")
    ] = False,
    on: Annotated[
        date | None,
        Parameter(help="Accounting date of proformas that have none; left out: today."),
    ] = None,
    when_unreachable: Annotated[
        Unreachable, Parameter(help="What to do when finance cannot be reached.")
    ] = "refuse",
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Confirm proformas: finance agrees first and has them at once, or nothing changes."""
    if bool(numbers) == every:
        raise Misused("name the proformas to confirm, or add --all")
    with opened(alone="operations") as system:
        wanted = _wanted(system, company, numbers) if numbers else drafts_of(system, company)
        done = confirm_drafts(
            system,
            wanted,
            actor=actor_name(actor),
            on=day(on),
            when_unreachable=when_unreachable,
            when_refused="go_on" if every else "stop",
        )
    document = {
        "confirmed": [
            {"company": code, "confirmation": _document(one)} for code, one in done.confirmations
        ],
        "refused": done.refusals,
    }
    printing.show(document, confirmed_table(done.confirmations), as_json=as_json)
    printing.tell_refusals(done.refusals, title="Not confirmed")
    _tell_undelivered(done)
    return REFUSED if done.refusals else 0


@dataclass(slots=True)
class Confirming:
    """What a confirmation of many did: what was confirmed, and what was refused and why."""

    confirmations: list[tuple[str, Confirmation]] = field(
        default_factory=list[tuple[str, Confirmation]]
    )
    refusals: list[Refusal] = field(default_factory=list[Refusal])


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


def drafts_of(system: System, company: str | None) -> dict[str, list[int]]:
    """Give the keys of all drafts of each chosen company."""
    found: dict[str, list[int]] = {}
    with system.operations.reader() as reader:
        for code in chosen_companies(system, company):
            keys: list[int] = []
            while page := list_proformas(
                reader,
                company=code,
                state="draft",
                after_id=keys[-1] if keys else 0,
                limit=_PAGE,
            ):
                keys += [one.proforma_id for one in page]
            found[code] = keys
    return found


def confirm_drafts(
    system: System,
    wanted: dict[str, list[int]],
    *,
    actor: str,
    on: date,
    when_unreachable: Unreachable = "refuse",
    when_refused: Literal["stop", "go_on"] = "go_on",
) -> Confirming:
    """Confirm drafts live, in batches that are confirmed whole.

    A batch that is refused is taken apart, so that only the drafts at fault stay drafts; or it
    ends the work with its refusals.
    """
    done = Confirming()

    def confirm_batch(code: str, keys: tuple[int, ...]) -> None:
        try:
            confirmation = confirm_live(
                system,
                company=code,
                proforma_ids=keys,
                actor=actor,
                on=on,
                when_unreachable=when_unreachable,
            )
        except Refused as refused:
            if when_refused == "stop":
                raise
            if len(keys) == 1:
                done.refusals += refused.refusals
            else:
                for key in keys:
                    confirm_batch(code, (key,))
            return
        done.confirmations.append((code, confirmation))

    total = sum(len(keys) for keys in wanted.values())
    with printing.steps("Confirming", total=total) as advance:
        for code, keys in wanted.items():
            for first in range(0, len(keys), BATCH_MAX):
                batch = tuple(keys[first : first + BATCH_MAX])
                confirm_batch(code, batch)
                advance(len(batch))
    return done


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


def _wanted(system: System, company: str | None, numbers: tuple[str, ...]) -> dict[str, list[int]]:
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for number in numbers:
        code, header = found_proforma(system, company, number)
        keys[code].append(header.proforma_id)
    return keys


def _document(confirmation: Confirmation) -> dict[str, object]:
    delivery = confirmation.delivery
    return {
        "proformas": confirmation.proformas,
        "delivered_sets": None if delivery is None else delivery.applied,
        "problems": [] if delivery is None else [str(one) for one in delivery.problems],
    }


def _tell_undelivered(done: Confirming) -> None:
    """Say which confirmations finance does not have yet; they stand all the same."""
    if any(one.delivery is None for _, one in done.confirmations):
        printing.say("Finance did not answer: the sets are queued, `twofold deliver` brings them.")
    for _, one in done.confirmations:
        for problem in one.delivery.problems if one.delivery is not None else ():
            printing.say(f"Set {problem.set_id} waits: {problem.code} {problem}")
