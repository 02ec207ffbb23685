"""Correction journals: what was approved wrongly, and what was right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.changes import change_table
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
from twofold.operations.entries.readjustment import Readjusted
from twofold.operations.journals.confirm_correction import confirm_correction
from twofold.operations.journals.discard_correction import discard_correction
from twofold.operations.journals.open_correction import NewValues, open_correction

app = App(name="correction", help="Correct approved entries: open, look, confirm.")

JournalKey = Annotated[int, Parameter(help="Key of a journal, as `twofold correction list` shows.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Right:
    """What was right; left out, a value stays."""

    project: Annotated[str | None, Parameter(help="The project it was for.")] = None
    task: Annotated[str | None, Parameter(help="A task of that project.")] = None
    on: Annotated[date | None, Parameter(help="The day it was done.")] = None
    person: Annotated[str | None, Parameter(help="Who did it.")] = None
    role: Annotated[str | None, Parameter(help="The role of time.")] = None
    category: Annotated[str | None, Parameter(help="The category of anything else.")] = None


@app.command(name="new", usage=usage("correction new", "ENTRIES..."))
def new(
    *entries: Annotated[
        int, Parameter(help="Keys, as `twofold entries list --state approved` shows them.")
    ],
    right: Right | None = None,
    description: Annotated[str, Parameter(help="Why it is corrected.")] = "Correction",
    company: Company = None,
    actor: ActorName = None,
) -> None:
    """Open a correction journal: the values given are right for all the entries named."""
    if not entries:
        raise Misused("name the entries to correct")
    given = right or Right()
    values = NewValues(
        given.project, given.task, given.on, given.person, given.role, given.category
    )
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            found = open_correction(
                transaction,
                company=code,
                entry_ids=entries,
                values=values,
                description=description,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.say(
        f"Opened: correction {found.journal_id}, "
        f"{printing.counted(found.entry_count, 'entry', 'entries')} with "
        f"{printing.counted(found.actual_count, 'actual')}.\n"
        f"Next: `twofold correction preview {found.journal_id}`, then `confirm` or `discard`."
    )


@app.command(name="list")
def list_all(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """Show the correction journals, the newest first."""
    show_journals(
        "correction",
        company,
        title="Correction journals",
        columns=("Correction", "Actuals"),
        limit=limit,
        as_json=as_json,
    )


@app.command
def preview(journal: JournalKey, /, *, company: Company = None, as_json: AsJson = False) -> None:
    """Show what confirming would write, and write nothing."""
    made = _confirm(journal, company, None, preview=True)
    printing.show(made, change_table(made, title="It would write"), as_json=as_json)


@app.command
def confirm(
    journal: JournalKey,
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Reverse the actuals of the journal's entries and make them anew."""
    made = _confirm(journal, company, actor, preview=False)
    printing.show(made, change_table(made, title="Corrected"), as_json=as_json)
    if not as_json:
        printing.say("Next: `twofold deliver` takes the actuals to finance.")


@app.command
def discard(journal: JournalKey, /, *, company: Company = None, actor: ActorName = None) -> None:
    """Give a correction up: the entries stay as they were approved."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            discard_correction(
                transaction,
                company=code,
                journal_id=journal,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.say(f"Discarded: correction {journal}.")


def _confirm(journal: int, company: str | None, actor: str | None, *, preview: bool) -> Readjusted:
    """Confirm a journal, or see what that would make."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        book = system.operations
        with book.trial() if preview else book.transaction() as transaction:
            return confirm_correction(
                transaction,
                company=code,
                journal_id=journal,
                actor=actor_name(actor),
                at=system.now(),
            )
