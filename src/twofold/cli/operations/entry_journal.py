"""Entry journals: costs and unbilled sales that no entry stands behind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.operations.journal_lists import show_journals
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
from twofold.operations.entries.approving import ActualTotal, total_actuals
from twofold.operations.journals.cancel_journal_actuals import cancel_journal_actuals
from twofold.operations.journals.confirm_entry_journal import confirm_entry_journal
from twofold.operations.journals.journal_file import read_journal_lines
from twofold.operations.journals.write_entry_journal import write_entry_journal

app = App(name="entry-journal", help="Costs and sales without an entry.")

JournalKey = Annotated[
    int, Parameter(help="Key of a journal, as `twofold entry-journal list` shows.")
]


@app.command(name="new")
def new(
    file: Annotated[
        Path,
        Parameter(
            help="CSV with a header: Type, Class, Date, Project, Quantity; and if you like Task, "
            "Person, Role, Category, Unit, Price, Currency, Customer, Description."
        ),
    ],
    /,
    *,
    description: Annotated[str, Parameter(help="What it is about.")] = "Entry journal",
    company: Company = None,
    actor: ActorName = None,
) -> None:
    """Write the lines of a file into a new journal."""
    lines = read_journal_lines(file)
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            journal_id = write_entry_journal(
                transaction,
                company=code,
                lines=lines,
                description=description,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.say(
        f"Written: entry journal {journal_id}, {printing.counted(len(lines), 'line')}.\n"
        f"Next: `twofold entry-journal preview {journal_id}`, then `confirm`."
    )


@app.command(name="list")
def list_all(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """Show the entry journals, the newest first."""
    show_journals(
        "entry",
        company,
        title="Entry journals",
        columns=("Journal", "Lines"),
        limit=limit,
        as_json=as_json,
    )


@app.command
def preview(journal: JournalKey, /, *, company: Company = None, as_json: AsJson = False) -> None:
    """Show what confirming would write, and write nothing."""
    totals = _confirm(journal, company, None, preview=True)
    printing.show(totals, _table(totals, "It would write"), as_json=as_json)


@app.command
def confirm(
    journal: JournalKey,
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Make an actual of every line."""
    totals = _confirm(journal, company, actor, preview=False)
    printing.show(totals, _table(totals, "Confirmed"), as_json=as_json)
    if not as_json:
        printing.say("Next: `twofold deliver` takes the actuals to finance.")


@app.command(name="cancel-actuals", usage=usage("entry-journal cancel-actuals", "ACTUALS..."))
def cancel_actuals(
    *actuals: Annotated[int, Parameter(help="Keys of actuals that entry journals made.")],
    company: Company = None,
    actor: ActorName = None,
) -> None:
    """Take actuals of entry journals back."""
    if not actuals:
        raise Misused("name the actuals to cancel")
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            cancel_journal_actuals(
                transaction,
                company=code,
                actual_ids=actuals,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.say(f"Cancelled: {printing.counted(len(set(actuals)), 'actual')}.")


def _confirm(
    journal: int, company: str | None, actor: str | None, *, preview: bool
) -> list[ActualTotal]:
    """Confirm a journal, or see what that would be; give what its lines came to."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        book = system.operations
        with book.trial() if preview else book.transaction() as transaction:
            made = confirm_entry_journal(
                transaction,
                company=code,
                journal_id=journal,
                actor=actor_name(actor),
                at=system.now(),
            )
            block = (made.first_actual_id, made.last_actual_id)
            return total_actuals(transaction, company=code, block=block)


def _table(totals: list[ActualTotal], title: str) -> printing.RenderableType:
    return printing.table(
        ("Made", "Billing", "Actuals", "Quantity", "Amount", "Currency"),
        [
            (
                one.transaction_type, one.billing_type, one.actual_count, one.quantity,
                one.amount, one.currency,
            )
            for one in totals
        ],
        title=title,
    )  # fmt: skip
