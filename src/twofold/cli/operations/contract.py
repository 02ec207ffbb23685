"""Contracts: confirmed, held, closed, re-evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_contract
from twofold.cli.changes import change_table
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name
from twofold.operations.contracts.close import complete_contract, lose_contract
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.contracts.evaluation import Evaluated
from twofold.operations.contracts.hold import hold_contract, resume_contract
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.contracts.reads import list_contracts

R = TypeVar("R")

app = App(name="contract", help="Contracts: confirm, hold, close, re-evaluate.")

ContractNumber = Annotated[str, Parameter(help="Number of a contract.")]
Preview = Annotated[
    bool, Parameter(negative=(), help="Show what it would write, and write nothing.")
]


@app.command(name="list")
def list_all(*, company: Company = None, as_json: AsJson = False) -> None:
    """Show the contracts and their states."""
    with opened(alone="operations") as system, system.operations.reader() as reader:
        found = [
            one
            for code in chosen_companies(system, company)
            for one in list_contracts(reader, company=code)
        ]
    table = printing.table(
        ("Company", "Contract", "Name", "Customer", "Currency", "State", "Reason"),
        [
            (
                one.company, one.number, one.name, one.customer_account, one.currency, one.state,
                one.reason,
            )
            for one in found
        ],
        title="Contracts",
    )  # fmt: skip
    printing.show({"contracts": found}, table, as_json=as_json)


@app.command
def confirm(
    contract: ContractNumber,
    /,
    *,
    preview: Preview = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Confirm a draft: it may be billed, and what was worked so far is judged anew."""
    result = _change(confirm_contract, contract, company, actor, preview=preview)
    _show(result, "Confirmed", preview=preview, as_json=as_json)


@app.command(name="re-evaluate")
def re_evaluate(
    contract: ContractNumber,
    /,
    *,
    preview: Preview = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Make anew the actuals that no longer fit the setup of the contract."""
    result = _change(re_evaluate_contract, contract, company, actor, preview=preview)
    _show(result, "Re-evaluated", preview=preview, as_json=as_json)


@app.command
def hold(contract: ContractNumber, /, *, company: Company = None, actor: ActorName = None) -> None:
    """Stop billing a contract for a while."""
    _change(hold_contract, contract, company, actor)
    printing.say(f"On hold: contract {contract}.")


@app.command
def resume(
    contract: ContractNumber, /, *, company: Company = None, actor: ActorName = None
) -> None:
    """Let a contract on hold be billed again."""
    _change(resume_contract, contract, company, actor)
    printing.say(f"Active: contract {contract}.")


@app.command
def close(
    contract: ContractNumber,
    /,
    *,
    lost: Annotated[
        bool, Parameter(negative=(), help="It came to nothing: take unbilled sales back.")
    ] = False,
    completed: Annotated[
        bool, Parameter(negative=(), help="It was done, and everything is billed.")
    ] = False,
    company: Company = None,
    actor: ActorName = None,
) -> None:
    """Close a contract for good."""
    if lost == completed:
        raise Misused("say --lost or --completed")
    if completed:
        _change(complete_contract, contract, company, actor)
        said = f"Completed: contract {contract}."
    else:
        one = _change(lose_contract, contract, company, actor)
        said = (
            f"Lost: contract {contract}; "
            f"{printing.counted(one.reversal_count, 'unbilled sale')} taken back, "
            f"{printing.counted(one.project_count, 'project')} completed."
        )
    printing.say(said)


def _change(
    process: Callable[..., R],
    contract: str,
    company: str | None,
    actor: str | None,
    *,
    preview: bool = False,
) -> R:
    """Run a process of one contract, in the company that has it; a preview keeps nothing."""
    with opened(alone="operations") as system:
        code, _ = found_contract(system, company, contract)
        book = system.operations
        with book.trial() if preview else book.transaction() as transaction:
            return process(
                transaction,
                company=code,
                number=contract,
                actor=actor_name(actor),
                at=system.now(),
            )


def _show(result: Evaluated, done: str, *, preview: bool, as_json: bool) -> None:
    """Show what was, or would be, made anew, and how much stays as it is."""
    made = result.made
    title = "It would write" if preview else done
    printing.show(result, change_table(made, title=title), as_json=as_json)
    if as_json:
        return
    count = made.entry_count if made else 0
    verb = "would be" if preview else "was" if count == 1 else "were"
    stays = "stays as it is" if result.untouched_count == 1 else "stay as they are"
    printing.say(
        f"{printing.counted(count, 'entry', 'entries')} {verb} made anew; "
        f"{result.untouched_count} {stays}: "
        "billed, on a draft, on a correction journal or in a completed project."
    )
