"""Invoice schedules: when contract lines are invoiced by themselves, and what came of it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import chosen_contracts
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, ActorName, AsJson, Company, LimitOfRows, actor_name
from twofold.operations.schedules.generate import Generated, generate_schedules
from twofold.operations.schedules.reads import ScheduledRun, list_schedules
from twofold.operations.schedules.retry import retry_failed

app = App(name="schedule", help="Invoice schedules of contract lines.")

Contract = Annotated[str | None, Parameter(help="Number of a contract; left out: every contract.")]


@app.command
def generate(
    *,
    company: Company = None,
    contract: Contract = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Plan the days on which lines are invoiced; divide fixed prices that have no milestones."""
    done: list[tuple[str, Generated]] = []
    with opened(alone="operations") as system:
        for code, key in chosen_contracts(system, company, contract):
            with system.operations.transaction() as transaction:
                generated = generate_schedules(
                    transaction,
                    company=code,
                    contract_ids=None if key is None else (key,),
                    actor=actor_name(actor),
                    at=system.now(),
                )
            done.append((code, generated))
    printing.show(
        [{"company": code, "generated": one} for code, one in done],
        printing.table(
            ("Company", "Milestones", "Days added", "Days removed", "Not planned"),
            [
                (code, one.milestone_count, one.added_count, one.removed_count, len(one.refusals))
                for code, one in done
            ],
        ),
        as_json=as_json,
    )
    printing.tell_refusals([one for _, each in done for one in each.refusals], title="Not planned")


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    contract: Contract = None,
    state: Annotated[
        str | None, Parameter(help="Only those in this state: not_run, successful or failed.")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List the days on which contract lines are invoiced, and what came of them."""
    found: list[tuple[str, ScheduledRun]] = []
    with opened(alone="operations") as system:
        for code, key in chosen_contracts(system, company, contract):
            with system.operations.reader() as reader:
                page = list_schedules(
                    reader,
                    company=code,
                    contract_id=key,
                    state=state,
                    limit=limit - len(found),
                )
            found += [(code, one) for one in page]
    printing.show(
        [{"company": code, "run": one} for code, one in found],
        printing.table(
            ("Company", "Contract", "Line", "Name", "Run", "Cutoff", "State", "Drafts", "Message"),
            [
                (
                    code, one.contract_number, one.line_number, one.line_name, one.run_date,
                    one.cutoff_date, one.state, one.proforma_numbers, one.message,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def retry(
    *,
    company: Company = None,
    contract: Contract = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Make due again what failed; `twofold proforma run` takes it."""
    done: list[tuple[str, int]] = []
    with opened(alone="operations") as system:
        for code, key in chosen_contracts(system, company, contract):
            with system.operations.transaction() as transaction:
                count = retry_failed(
                    transaction,
                    company=code,
                    contract_id=key,
                    actor=actor_name(actor),
                    at=system.now(),
                )
            done.append((code, count))
    printing.show(
        [{"company": code, "due_again": count} for code, count in done],
        printing.table(("Company", "Due again"), done),
        as_json=as_json,
    )
