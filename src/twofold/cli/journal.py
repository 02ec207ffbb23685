"""Integration journals: what was imported from staging, on its way to the ledger."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.documents import find_document, list_over_companies
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
from twofold.finance.journal.post import PostedJournal, post_journal
from twofold.finance.journal.reads import Journal, list_journals, show_journal
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.journey.system import System

app = App(name="journal", help="Integration journals: look, post.")
app.command("twofold.cli.journal_delete:delete", name="delete")

REFUSED = 1
# Journals read at a time where all of them are wanted.
_PAGE = 1000

Number = Annotated[str, Parameter(help="Number of the journal.")]


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    state: Annotated[
        str | None, Parameter(help="Only those in this state, such as draft or error.")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List integration journals, newest first."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_journals(
                reader, company=code, state=state, limit=rows
            ),
        )  # fmt: skip
    printing.show(
        [{"company": code, "journal": one} for code, one in found],
        printing.table(
            ("Company", "Number", "Description", "State", "Period", "Lines", "Problems",
             "Split from", "Posted"),
            [
                (
                    code, one.number, one.description, one.state, one.period_start,
                    one.line_count, one.problem_count, one.original_number, one.posted_at,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def show(
    number: Number,
    /,
    *,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show one journal with its lines, and what is wrong with them."""
    with opened(alone="finance") as system:
        code, journal = find_document(
            system, company, f"journal {number}",
            lambda reader, code: show_journal(reader, company=code, number=number, lines=limit),
        )  # fmt: skip
    printing.show(
        {"company": code, "journal": journal},
        _header(code, journal),
        _totals(journal),
        _lines(journal),
        as_json=as_json,
    )
    printing.tell_refusals(
        [one.problem for one in journal.lines if one.problem is not None], title="Problems"
    )


@app.command(usage=usage("journal post", "[NUMBERS...]"))
def post(
    *numbers: Number,
    company: Company = None,
    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Post every draft journal.")
    ] = False,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Post journals; lines that cannot be posted move to a journal of their own."""
    if bool(numbers) == every:
        raise Misused("name the journals to post, or add --all")
    with opened(alone="finance") as system:
        wanted = _wanted(system, company, numbers) if numbers else draft_journals(system, company)
        posted = post_journals(system, wanted, actor=actor_name(actor))
    printing.show(
        [{"company": code, "posted": one} for code, one in posted],
        posted_table(posted),
        as_json=as_json,
    )
    refusals = [refusal for _, one in posted for refusal in one.refusals]
    printing.tell_refusals(refusals, title="Not posted")
    return REFUSED if refusals else 0


@app.command(name="to-draft")
def to_draft(
    number: Number, /, *, company: Company = None, actor: ActorName = None, as_json: AsJson = False
) -> None:
    """Bring a journal in error back to draft, once its reasons are gone."""
    with opened(alone="finance") as system:
        ((code, journal_id),) = _wanted(system, company, (number,))
        with system.finance.transaction() as transaction:
            reopened = update_to_draft(
                transaction,
                company=code,
                journal_id=journal_id,
                actor=actor_name(actor),
                at=system.now(),
            )
    shown = (("Journal", f"{reopened.number} of {code}"), ("Lines", reopened.line_count))
    printing.show({"company": code, "journal": reopened}, printing.facts(shown), as_json=as_json)


def draft_journals(system: System, company: str | None) -> list[tuple[str, int]]:
    """Give the keys of all draft journals of each chosen company, oldest first."""
    keys: list[tuple[str, int]] = []
    with system.finance.reader() as reader:
        for code in chosen_companies(system, company):
            found: list[int] = []
            while page := list_journals(
                reader,
                company=code,
                state="draft",
                after=found[-1] if found else None,
                limit=_PAGE,
            ):
                found += [one.journal_id for one in page]
            keys += [(code, key) for key in sorted(found)]
    return keys


def post_journals(
    system: System, wanted: list[tuple[str, int]], *, actor: str
) -> list[tuple[str, PostedJournal]]:
    """Post journals, each in a transaction of its own."""
    posted: list[tuple[str, PostedJournal]] = []
    with printing.steps("Posting journals", total=len(wanted)) as advance:
        for code, journal_id in wanted:
            with system.finance.transaction() as transaction:
                result = post_journal(
                    transaction,
                    company=code,
                    journal_id=journal_id,
                    actor=actor,
                    at=system.now(),
                )
            posted.append((code, result))
            advance(1)
    return posted


def posted_table(posted: list[tuple[str, PostedJournal]]) -> printing.RenderableType:
    """Show what became of journals."""
    return printing.table(
        ("Company", "Journal", "State", "Lines posted", "Ledger entries", "Not posted", "Moved to"),
        [
            (
                code, one.number, one.state, one.posted_count, one.entry_count,
                one.refused_count, one.error_journal_number,
            )
            for code, one in posted
        ],
        title="Journals",
    )  # fmt: skip


def _wanted(system: System, company: str | None, numbers: tuple[str, ...]) -> list[tuple[str, int]]:
    wanted: list[tuple[str, int]] = []
    for number in numbers:
        code, journal = find_document(
            system, company, f"journal {number}",
            lambda reader, code, number=number: show_journal(
                reader, company=code, number=number, lines=0
            ),
        )  # fmt: skip
        wanted.append((code, journal.summary.journal_id))
    return wanted


def _header(code: str, journal: Journal) -> printing.RenderableType:
    one = journal.summary
    return printing.facts(
        (
            ("Journal", f"{one.number} of {code}"),
            ("Description", one.description),
            ("State", one.state),
            ("Period from", one.period_start),
            ("Split from", one.original_number),
            ("Created", one.created_at),
            (
                "Posted",
                f"{printing.text_of(one.posted_at)} by {one.posted_by}" if one.posted_at else None,
            ),
            ("Lines", one.line_count),
        )
    )


def _totals(journal: Journal) -> printing.RenderableType:
    return printing.table(
        ("Type", "Class", "Lines", "Quantity", "Amount", "Currency"),
        [
            (
                one.transaction_type, one.class_, one.line_count, one.quantity, one.amount,
                one.currency,
            )
            for one in journal.totals
        ],
        title="Totals",
    )  # fmt: skip


def _lines(journal: Journal) -> printing.RenderableType:
    return printing.table(
        ("Actual", "Voucher", "Date", "Type", "Class", "Project", "Who", "Category", "Property",
         "Quantity", "Price", "Amount", "Currency", "Accounting amount", "Accrued", "Code"),
        [
            (
                one.actual_id, one.voucher, one.accounting_date, one.transaction_type, one.class_,
                one.project_number, one.resource_name, one.category_number, one.line_property,
                one.quantity, one.price, one.amount, one.currency, one.accounting_amount,
                one.accrued_amount, one.code,
            )
            for one in journal.lines
        ],
        title="Lines",
    )  # fmt: skip
