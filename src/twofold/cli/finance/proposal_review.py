"""What a clerk changes on a proposal before it is posted, and its review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.documents import find_document
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import ChangedProposal
from twofold.finance.proposals.delete_lines import delete_lines as delete_all_lines
from twofold.finance.proposals.edit_format import Layout, Section, SectionClass, edit_format
from twofold.finance.proposals.edit_header import Clearable, HeaderChange, edit_header
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.finance.proposals.reads import show_proposal
from twofold.finance.proposals.review import Decision, Step, review_proposal

Number = Annotated[str, Parameter(help="Number of the proposal, which is its proforma's.")]
Revision = Annotated[
    int | None,
    Parameter(help="Refuse unless the proposal is at this revision, as `proposal show` told."),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewHeader:
    """What the header is to say; what is left out stays."""

    invoice_date: Annotated[
        date | None, Parameter(help="Date of the invoice; the due date follows.")
    ] = None
    due_date: Annotated[date | None, Parameter(help="Day it is due, whatever the terms.")] = None
    payment_terms: Annotated[str | None, Parameter(help="Terms of payment, by code.")] = None
    clear: Annotated[
        tuple[Clearable, ...],
        Parameter(negative=(), help="Back to what follows by itself, or came with it."),
    ] = ()

    def change(self) -> HeaderChange:
        """Give the change of the header."""
        if self == NewHeader():
            raise Misused("name what is to be another: a date, terms, or --clear")
        given = {"due_date": self.due_date, "payment_terms": self.payment_terms}
        if any(given[one] is not None for one in self.clear):
            raise Misused("a value cannot be given and cleared at once")
        return HeaderChange(
            invoice_date=self.invoice_date,
            due_date=self.due_date,
            payment_terms=self.payment_terms,
            cleared=self.clear,
        )


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroups:
    """Which groups which lines are to have."""

    tax_group: Annotated[
        str | None, Parameter(help="Sales tax group: who is taxed; an empty one takes it away.")
    ] = None
    item_tax_group: Annotated[
        str | None, Parameter(help="Item sales tax group: what is taxed; empty as above.")
    ] = None
    every: Annotated[bool, Parameter(name="--all", negative=(), help="All lines.")] = False
    of_class: Annotated[
        SectionClass | None, Parameter(name="--class", help="All lines of this class.")
    ] = None

    def groups(self, actuals: tuple[int, ...]) -> TaxGroups:
        """Give the groups, and the lines that are to have them."""
        if (bool(actuals), self.every, self.of_class is not None).count(True) != 1:
            raise Misused("name the lines by their actuals, or add --all or --class")
        if self.tax_group is None and self.item_tax_group is None:
            raise Misused("add --tax-group or --item-tax-group")
        return TaxGroups(
            tax_group=self.tax_group,
            item_tax_group=self.item_tax_group,
            actual_ids=actuals or None,
            class_=self.of_class,
        )


def edit(
    number: Number,
    /,
    *,
    new: NewHeader | None = None,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Edit invoice date, due date and payment terms of a proposal."""
    change = (new or NewHeader()).change()
    _change(
        (company, number, as_json),
        lambda transaction, code, key, at: edit_header(
            transaction, company=code, proposal_id=key, revision=revision, change=change,
            actor=actor_name(actor), at=at,
        ),
    )  # fmt: skip


def taxes(
    number: Number,
    /,
    *actuals: Annotated[int, Parameter(help="Lines, by the actuals they bill.")],
    new: NewGroups | None = None,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Give lines of a proposal other tax groups."""
    groups = (new or NewGroups()).groups(actuals)
    _change(
        (company, number, as_json),
        lambda transaction, code, key, at: edit_taxes(
            transaction, company=code, proposal_id=key, revision=revision, groups=groups,
            actor=actor_name(actor), at=at,
        ),
    )  # fmt: skip


def delete_lines(
    number: Number,
    /,
    *,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Delete all lines of a proposal; the next import makes them anew."""
    _change(
        (company, number, as_json),
        lambda transaction, code, key, at: delete_all_lines(
            transaction, company=code, proposal_id=key, revision=revision,
            actor=actor_name(actor), at=at,
        ),
    )  # fmt: skip
    if not as_json:
        printing.say("Next: `twofold finance import-from-staging` makes the lines anew.")


def layout(
    number: Number,
    /,
    *sections: Annotated[
        str, Parameter(help="CLASS, CLASS:summary or CLASS:out, in the order they are printed.")
    ],
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Say how the document is laid out; without sections: every class, in detail."""
    wanted = tuple(map(_section, sections))
    _change(
        (company, number, as_json),
        lambda transaction, code, key, at: edit_format(
            transaction, company=code, proposal_id=key, revision=revision, sections=wanted,
            actor=actor_name(actor), at=at,
        ),
    )  # fmt: skip


def review(
    number: Number,
    step: Annotated[
        Literal["submit", "approve", "reject", "request-change", "reset"],
        Parameter(help="What you decide."),
    ],
    /,
    *,
    note: Annotated[str, Parameter(help="Why; kept in the history of the proposal.")] = "",
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Submit a proposal for approval, or decide about one."""
    steps: dict[str, Step] = {one.replace("_", "-"): one for one in get_args(Step)}
    decision = Decision(steps[step], note)
    _change(
        (company, number, as_json),
        lambda transaction, code, key, at: review_proposal(
            transaction, company=code, proposal_id=key, revision=revision, decision=decision,
            actor=actor_name(actor), at=at,
        ),
    )  # fmt: skip


def _section(text: str) -> Section:
    of_class, _, how = text.partition(":")
    classes: dict[str, SectionClass] = {one: one for one in get_args(SectionClass)}
    layouts: dict[str, Layout] = {one: one for one in get_args(Layout)}
    if of_class not in classes or (how or "detail") not in layouts:
        known = f"{', '.join(classes)}; {', '.join(layouts)}"
        raise Misused(f"{text}: a section is CLASS:LAYOUT of {known}")
    return Section(classes[of_class], layouts[how or "detail"])


def _change(
    which: tuple[str | None, str, bool],
    change: Callable[[Transaction, str, int, datetime], ChangedProposal],
) -> None:
    """Find the proposal, change it in one transaction, and show what it is now."""
    company, number, as_json = which
    with opened(alone="finance") as system:
        code, proposal = find_document(
            system, company, f"proposal {number}",
            lambda reader, code: show_proposal(reader, company=code, number=number, lines=0),
        )  # fmt: skip
        with system.finance.transaction() as transaction:
            changed = change(transaction, code, proposal.summary.proposal_id, system.now())
    printing.show(
        {"company": code, "proposal": changed},
        printing.table(
            ("Proposal", "Revision", "State", "Review", "Invoice date", "Due", "Terms", "Lines",
             "Net", "Tax", "Total", "Currency"),
            [
                (
                    changed.number, changed.revision, changed.state, changed.review,
                    changed.invoice_date, changed.due_date, changed.payment_terms,
                    changed.line_count, changed.net_amount, changed.tax_amount,
                    changed.total_amount, changed.currency,
                )
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
