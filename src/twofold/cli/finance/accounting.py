"""What an accountant changes: dimensions and tax groups, before and after posting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies, one_company
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
    day,
    usage,
)
from twofold.finance.journal.adjust_accounting import Adjustment, adjust_accounting
from twofold.finance.journal.edit_lines import LineChange
from twofold.finance.journal.edit_lines import edit_lines as edit_journal_lines
from twofold.finance.journal.reads import show_journal
from twofold.finance.ledger.by_dimension import dimension_balances
from twofold.finance.proposals.edit_header_dimensions import edit_header_dimensions
from twofold.finance.proposals.edit_on_account import OnAccountChange, edit_on_account
from twofold.finance.proposals.on_account_reads import list_on_account
from twofold.finance.proposals.reads import show_proposal

app = App(
    name="accounting", help="Dimensions and tax groups: change them, before and after posting."
)

Dimension = Annotated[
    tuple[str, ...],
    Parameter(
        name="--dimension",
        negative=(),
        help="Attribute and value, as Department=D10; Department= takes it away. May be repeated.",
    ),
]
OfOffset = Annotated[
    bool,
    Parameter(name="--offset", negative=(), help="Change the offset side of costs instead."),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class TaxGroups:
    """The billing tax groups to change; what is left out stays."""

    tax_group: Annotated[
        str | None, Parameter(help='Sales tax group: who is taxed. "" takes it away.')
    ] = None
    item_tax_group: Annotated[
        str | None, Parameter(help='Item sales tax group: what is taxed. "" takes it away.')
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class LineValues(TaxGroups):
    """What lines get, and whether the dimensions are those of the offset side."""

    of_offset: OfOffset = False


_KEPT: Final = TaxGroups()
_KEPT_LINES: Final = LineValues()


@app.command(name="edit-lines")
def edit_lines(
    number: Annotated[str, Parameter(help="Number of the draft journal.")],
    /,
    *,
    actual: Annotated[
        tuple[int, ...], Parameter(negative=(), help="A line, by its actual; left out: all.")
    ] = (),
    dimension: Dimension = (),
    values: LineValues = _KEPT_LINES,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Change billing tax groups and dimensions of lines on a draft journal."""
    change = LineChange(
        tax_group=values.tax_group,
        item_tax_group=values.item_tax_group,
        dimensions=dimensions_of(dimension),
        of_offset=values.of_offset,
    )
    with opened(alone="finance") as system:
        code, journal = find_document(
            system, company, f"journal {number}",
            lambda reader, code: show_journal(reader, company=code, number=number, lines=0),
        )  # fmt: skip
        with system.finance.transaction() as transaction:
            edited = edit_journal_lines(
                transaction,
                company=code,
                journal_id=journal.summary.journal_id,
                change=change,
                actual_ids=actual,
                actor=actor_name(actor),
                at=system.now(),
            )
    shown = (
        ("Journal", f"{edited.journal_number} of {code}"),
        ("Lines edited", edited.edited_count),
        ("Reversals that followed", edited.followed_count),
    )
    printing.show({"company": code, "edited": edited}, printing.facts(shown), as_json=as_json)


@app.command(usage=usage("accounting adjust", "ACTUALS..."))
def adjust(
    *actuals: Annotated[int, Parameter(help="Posted transactions, by their actuals.")],
    dimension: Dimension,
    reason: Annotated[str, Parameter(help="Why; kept with the adjustment.")],
    of_offset: OfOffset = False,
    accounting_date: Annotated[
        date | None, Parameter(name="--date", help="Day of the entries; left out: as posted.")
    ] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Give posted transactions other dimensions, with a voucher that rewrites their entries."""
    adjustment = Adjustment(
        actual_ids=actuals,
        dimensions=dimensions_of(dimension),
        reason=reason,
        of_offset=of_offset,
        accounting_date=accounting_date,
    )
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            adjusted = adjust_accounting(
                transaction,
                company=code,
                adjustment=adjustment,
                actor=actor_name(actor),
                at=system.now(),
            )
    shown = (
        ("Company", code),
        ("Voucher", adjusted.voucher or "none: everything was so already"),
        ("Transactions", adjusted.transaction_count),
        ("Ledger entries", adjusted.entry_count),
    )
    printing.show({"company": code, "adjusted": adjusted}, printing.facts(shown), as_json=as_json)


@app.command
def header(
    number: Annotated[str, Parameter(help="Number of the proposal, which is its proforma's.")],
    /,
    *,
    dimension: Dimension,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Change the dimensions of a proposal's header: those of the customer balance."""
    with opened(alone="finance") as system:
        code, proposal = find_document(
            system, company, f"proposal {number}",
            lambda reader, code: show_proposal(reader, company=code, number=number, lines=0),
        )  # fmt: skip
        with system.finance.transaction() as transaction:
            edited = edit_header_dimensions(
                transaction,
                company=code,
                proposal_id=proposal.summary.proposal_id,
                dimensions=dimensions_of(dimension),
                actor=actor_name(actor),
                at=system.now(),
            )
    shown = (
        ("Proposal", f"{edited.proposal_number} of {code}"),
        ("Dimensions", edited.dimensions or "none"),
    )
    printing.show({"company": code, "edited": edited}, printing.facts(shown), as_json=as_json)


@app.command(name="on-account")
def on_account(
    milestone: Annotated[int, Parameter(help="The on-account transaction, by its milestone.")],
    /,
    *,
    dimension: Dimension = (),
    groups: TaxGroups = _KEPT,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Give an on-account transaction tax groups and dimensions, until a proposal bills it."""
    stated = dimensions_of(dimension)
    change = OnAccountChange(
        tax_group=groups.tax_group,
        item_tax_group=groups.item_tax_group,
        dimensions=stated if dimension else None,
    )
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            edit_on_account(
                transaction,
                company=code,
                milestone_id=milestone,
                change=change,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "milestone_id": milestone},
        printing.facts((("On-account transaction", f"{milestone} of {code}, changed"),)),
        as_json=as_json,
    )


@app.command(name="on-account-list")
def on_account_list(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List on-account transactions, with what was given to them."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_on_account(reader, company=code, limit=rows),
        )  # fmt: skip
    printing.show(
        [{"company": code, "on_account": one} for code, one in found],
        printing.table(
            ("Company", "Milestone", "Contract", "Line", "Project", "Description", "Date",
             "Amount", "Currency", "State", "Tax group", "Item tax group", "Dimensions", "By"),
            [
                (
                    code, one.milestone_id, one.contract_number, one.line_number,
                    one.project_number, one.description, one.transaction_date, one.amount,
                    one.currency, one.state, one.tax_group, one.item_tax_group, one.dimensions,
                    one.changed_by,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def balances(
    attribute: Annotated[str, Parameter(help="Dimension attribute, such as Department.")],
    /,
    *,
    company: Company = None,
    since: Annotated[
        date | None,
        Parameter(name="--from", help="First day; left out: the first of January of --to's year."),
    ] = None,
    until: Annotated[date | None, Parameter(name="--to", help="Last day; left out: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show balance and movement of every account, per value of a dimension."""
    last = day(until)
    period = (since or last.replace(month=1, day=1), last)
    with opened(alone="finance") as system, system.finance.reader() as reader:
        found = [
            (code, one)
            for code in chosen_companies(system, company)
            for one in dimension_balances(
                reader,
                company=code,
                attribute=attribute,
                period_from=period[0],
                period_to=period[1],
            )
        ]
    printing.show(
        [{"company": code, "balance": one} for code, one in found],
        printing.table(
            ("Company", "Account", "Name", attribute, "Opening", "Movement", "Closing"),
            [
                (
                    code, one.account, one.name, one.value or None, one.opening_amount,
                    one.movement_amount, one.closing_amount,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


def dimensions_of(given: tuple[str, ...]) -> dict[str, str]:
    """Read attribute and value of every ``--dimension``; an empty value takes it away."""
    pairs = [tuple(part.strip() for part in one.partition("=")) for one in given]
    if any(not attribute or sign != "=" for attribute, sign, _ in pairs):
        raise Misused("--dimension is written as Attribute=Value, such as Department=D10")
    return {attribute: value for attribute, _, value in pairs}
