"""Take over what arrived from operations into the finance book."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.documents import find_document
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name, day
from twofold.finance.proposals.reads import show_proposal
from twofold.finance.staging.import_from_staging import ImportRun
from twofold.finance.staging.import_from_staging import import_from_staging as import_process
from twofold.journey.system import System
from twofold.kernel.errors import Refusal

app = App(name="finance", help="Take over what arrived from operations; the setup of companies.")
app.command(
    "twofold.cli.finance.finance_setup:app",
    name="setup",
    help="What accountants state of a company: plan, apply, samples, numbers.",
)
app.command(
    "twofold.cli.operations.cut_off:cut_off",
    name="cut-off",
    help="State up to which day actuals are opening balances.",
)
app.command(
    "twofold.cli.finance.messages:messages",
    name="messages",
    help="Show what imports and postings could not do, and what to do about it.",
)

REFUSED = 1


@app.command
def import_from_staging(
    *,
    company: Company = None,
    proposal: Annotated[
        str | None,
        Parameter(help="Only what the lines of this proposal need; left out: all that arrived."),
    ] = None,
    on: Annotated[
        date | None,
        Parameter(help="Business day: due date of invoices without terms; left out: today."),
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Make journal lines of costs and unbilled sales, and lines of confirmed proformas."""
    with opened(alone="finance") as system:
        if proposal is None:
            runs = import_companies(system, company, actor=actor_name(actor), on=day(on))
        else:
            runs = [_import_proposal(system, company, proposal, actor_name(actor), day(on))]
    printing.show(
        [{"company": code, "run": run} for code, run in runs], runs_table(runs), as_json=as_json
    )
    refusals = refusals_of(runs)
    printing.tell_refusals(refusals, title="Held or waiting")
    return REFUSED if refusals else 0


def import_companies(
    system: System, company: str | None, *, actor: str, on: date
) -> list[tuple[str, ImportRun]]:
    """Import each chosen company, each in a transaction of its own."""
    runs: list[tuple[str, ImportRun]] = []
    companies = chosen_companies(system, company)
    with printing.steps("Importing from staging", total=len(companies)) as advance:
        for code in companies:
            with system.finance.transaction() as transaction:
                run = import_process(transaction, company=code, actor=actor, at=system.now(), on=on)
            runs.append((code, run))
            advance(1)
    return runs


def _import_proposal(
    system: System, company: str | None, number: str, actor: str, on: date
) -> tuple[str, ImportRun]:
    code, _ = find_document(
        system, company, f"proposal {number}",
        lambda reader, code: show_proposal(reader, company=code, number=number),
    )  # fmt: skip
    with system.finance.transaction() as transaction:
        run = import_process(
            transaction,
            company=code,
            actor=actor,
            at=system.now(),
            on=on,
            proposal_number=number,
        )
    return code, run


def runs_table(runs: list[tuple[str, ImportRun]]) -> printing.RenderableType:
    """Show what imports did."""
    return printing.table(
        ("Company", "Rows", "Journal lines", "Held", "Journals", "Proposals ready", "Waiting",
         "Nothing to bill", "Brought over"),
        [
            (
                code, run.taken_count, run.line_count, run.held_count,
                ", ".join(one.number for one in run.journals), len(run.ready_proposal_ids),
                run.waiting_proposal_count, run.empty_proposal_count,
                run.brought_over_proposal_count,
            )
            for code, run in runs
        ],
        title="Import from staging",
    )  # fmt: skip


def refusals_of(runs: list[tuple[str, ImportRun]]) -> list[Refusal]:
    """Give everything that was held or waits."""
    return [refusal for _, run in runs for refusal in run.refusals]
