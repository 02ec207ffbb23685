"""Integration journals: what was imported from staging, on its way to the ledger."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.types import PositiveInt

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
from twofold.finance.journal.post import PostedJournal
from twofold.finance.journal.posting_run import Chosen, list_runs
from twofold.finance.journal.reads import Journal, list_journals, show_journal
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.journey.post_journals import post_journals
from twofold.journey.system import System
from twofold.kernel.errors import Refusal

app = App(name="journal", help="Integration journals: look, post.")
app.command(
    "twofold.cli.finance.journal_delete:delete",
    name="delete",
    help="Delete an unposted journal, or lines of it: the next import makes them anew.",
)

REFUSED = 1
# Journals posted at the same time: what two processors can do.
WORKERS = 2
# What the pool of connections allows.
_WORKERS_MAX = 8
RUNS_SHOWN = 20

Workers = Annotated[PositiveInt, Parameter(help="Journals posted at the same time, up to 8.")]
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
    period: Annotated[
        date | None, Parameter(help="With --all: only journals whose period starts on this day.")
    ] = None,
    split_from: Annotated[
        str | None, Parameter(help="With --all: only lines that could not be posted with this one.")
    ] = None,
    workers: Workers = WORKERS,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Post journals; lines that cannot be posted move to a journal of their own."""
    if bool(numbers) == every:
        raise Misused("name the journals to post, or add --all")
    if numbers and (period or split_from):
        raise Misused("--period and --split-from go with --all")
    with opened(alone="finance") as system:
        if numbers:
            chosen = _chosen(system, company, numbers)
        else:
            drafts = Chosen(period_start=period, original_number=split_from)
            chosen = dict.fromkeys(chosen_companies(system, company), drafts)
        posted, refusals = post_chosen(system, chosen, workers=workers, actor=actor_name(actor))
    printing.show(
        [{"company": code, "posted": one} for code, one in posted],
        posted_table(posted),
        as_json=as_json,
    )
    printing.tell_refusals(refusals, title="Not posted")
    return REFUSED if refusals else 0


@app.command
def progress(
    *, company: Company = None, limit: LimitOfRows = RUNS_SHOWN, as_json: AsJson = False
) -> None:
    """Show the runs that post journals, those under way and those that ended, newest first."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_runs(reader, company=code, limit=rows),
        )  # fmt: skip
    printing.show(
        [{"company": code, "run": one} for code, one in found],
        printing.table(
            ("Company", "Run", "By", "Started", "Last", "Workers", "Journals", "Waiting",
             "Processing", "Done", "Refused", "Lines posted", "Lines in error"),
            [
                (
                    code, one.posting_run_id, one.started_by, one.started_at, one.last_at,
                    one.worker_count, one.journal_count, one.waiting_count, one.processing_count,
                    one.done_count, one.refused_count, one.posted_line_count,
                    one.refused_line_count,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


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


def post_chosen(
    system: System, chosen: dict[str, Chosen], *, workers: int, actor: str
) -> tuple[list[tuple[str, PostedJournal]], list[Refusal]]:
    """Post the journals chosen of each company; give them with what was not posted."""
    posted: list[tuple[str, PostedJournal]] = []
    refusals: list[Refusal] = []
    with printing.steps("Posting journals", total=None) as advance:
        for code, of_company in chosen.items():
            run = post_journals(
                system,
                company=code,
                chosen=of_company,
                workers=min(workers, _WORKERS_MAX),
                actor=actor,
                advance=advance,
            )
            posted += [(code, one) for one in run.posted]
            refusals += run.refusals
    return posted, refusals


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


def _chosen(system: System, company: str | None, numbers: tuple[str, ...]) -> dict[str, Chosen]:
    wanted = _wanted(system, company, numbers)
    return {
        code: Chosen(tuple(key for of_company, key in wanted if of_company == code))
        for code, _ in wanted
    }


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
         "Quantity", "Price", "Amount", "Currency", "Accounting amount", "Accrued",
         "Dimensions", "Of the offset", "Code"),
        [
            (
                one.actual_id, one.voucher, one.accounting_date, one.transaction_type, one.class_,
                one.project_number, one.resource_name, one.category_number, one.line_property,
                one.quantity, one.price, one.amount, one.currency, one.accounting_amount,
                one.accrued_amount, one.dimensions,
                one.offset_dimensions if one.offset_dimensions != one.dimensions else None,
                one.code,
            )
            for one in journal.lines
        ],
        title="Lines",
    )  # fmt: skip
