"""Editing the header of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_proforma
from twofold.cli.opening import opened
from twofold.cli.operations.proforma_drafts import Number, Revision
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name
from twofold.operations.proforma.edit_header import Clearable, HeaderChange, edit_header


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewHeader:
    """What the header is to say; what is left out stays."""

    name: Annotated[str | None, Parameter(help="How the proforma is called.")] = None
    description: Annotated[str | None, Parameter(help="What the customer reads.")] = None
    bill_to: Annotated[str | None, Parameter(help="Who it is addressed to.")] = None
    payment_terms: Annotated[str | None, Parameter(help="Terms of payment, by code.")] = None
    accounting_date: Annotated[
        date | None, Parameter(help="Day that decides the period of what it bills.")
    ] = None
    state: Annotated[
        Literal["draft", "in_review"] | None, Parameter(help="Put it in review, or back.")
    ] = None
    clear: Annotated[
        tuple[Clearable, ...], Parameter(negative=(), help="What is to be empty.")
    ] = ()

    def change(self) -> HeaderChange:
        """Give the change of the header."""
        return HeaderChange(
            name=self.name,
            description=self.description,
            bill_to_name=self.bill_to,
            payment_terms=self.payment_terms,
            accounting_date=self.accounting_date,
            state=self.state,
            cleared=self.clear,
        )


def header(
    number: Number,
    /,
    *,
    new: NewHeader | None = None,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Edit the header of a draft."""
    with opened(alone="operations") as system:
        code, found = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            edited = edit_header(
                transaction,
                company=code,
                proforma_id=found.proforma_id,
                revision=revision,
                change=(new or NewHeader()).change(),
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "header": edited},
        printing.table(
            ("Proforma", "State", "Name", "Description", "Bill to", "Terms", "Accounting date"),
            [
                (
                    edited.number, edited.state, edited.name, edited.description,
                    edited.bill_to_name, edited.payment_terms, edited.accounting_date,
                )
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
