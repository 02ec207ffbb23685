"""Not-to-exceed limits: what is left of them, and sales evaluated against them again."""

from __future__ import annotations

from cyclopts import App

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.operations.backlog import (
    Actuals,
    Contract,
    Named,
    Project,
    UpTo,
    companies_of,
    selections,
)
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name
from twofold.operations.backlog.evaluate_limits import evaluate_limits, reset_limits
from twofold.operations.backlog.limits import Evaluated, list_limits
from twofold.operations.backlog.reads import find_keys

app = App(name="limit", help="Not-to-exceed limits of contracts.")


@app.command(name="list")
def list_all(
    *, company: Company = None, contract: Contract = None, as_json: AsJson = False
) -> None:
    """List the limits, with what is committed and invoiced of each."""
    with opened(alone="operations") as system, system.operations.reader() as reader:
        found = [
            (code, one)
            for code in companies_of(system, company, contract=contract, project=None)
            for one in list_limits(
                reader,
                company=code,
                contract_id=find_keys(reader, company=code, contract=contract).contract_id,
            )
        ]
    printing.show(
        [{"company": code, "limit": one} for code, one in found],
        printing.table(
            (
                "Company", "Contract", "Level", "Line", "Customer", "Limit", "Committed",
                "Invoiced", "Remaining", "Currency",
            ),
            [
                (
                    code, one.contract, one.level, one.line_number, one.customer, one.amount,
                    one.committed_amount, one.invoiced_amount, one.remaining_amount, one.currency,
                )
                for code, one in found
            ],
            title="Not-to-exceed limits",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def evaluate(
    *,
    company: Company = None,
    contract: Contract = None,
    project: Project = None,
    up_to: UpTo = None,
    actuals: Actuals = (),
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate sales anew: those named in the order named, else all of the selection by date."""
    chosen = (contract, project, up_to, Named(actuals=actuals))
    with opened(alone="operations") as system:
        done: list[tuple[str, Evaluated]] = []
        for code, selection in selections(system, company, chosen):
            with system.operations.transaction() as transaction:
                found = evaluate_limits(
                    transaction,
                    company=code,
                    selection=selection,
                    actor=actor_name(actor),
                    at=system.now(),
                )
            done.append((code, found))
    printing.show(
        [{"company": code, "evaluated": one} for code, one in done],
        printing.table(
            ("Company", "Committed", "Failed", "Under no limit"),
            [
                (code, one.committed_count, one.failed_count, one.not_applicable_count)
                for code, one in done
            ],
        ),
        as_json=as_json,
    )


@app.command
def reset(
    *,
    company: Company = None,
    contract: Contract = None,
    project: Project = None,
    up_to: UpTo = None,
    actuals: Actuals = (),
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Take back what sales have taken of limits; they wait to be evaluated again."""
    chosen = (contract, project, up_to, Named(actuals=actuals))
    with opened(alone="operations") as system:
        done: list[tuple[str, int]] = []
        for code, selection in selections(system, company, chosen):
            with system.operations.transaction() as transaction:
                count = reset_limits(
                    transaction,
                    company=code,
                    selection=selection,
                    actor=actor_name(actor),
                    at=system.now(),
                )
            done.append((code, count))
    printing.show(
        [{"company": code, "reset_count": count} for code, count in done],
        printing.table(("Company", "Not evaluated now"), done),
        as_json=as_json,
    )
