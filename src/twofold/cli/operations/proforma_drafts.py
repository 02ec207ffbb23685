"""Changing drafts: add and edit items, take them off, delete a draft, open one that corrects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_proforma
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name, day, usage
from twofold.operations.proforma.add_details import NewDetail, add_details
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.proforma.revise import revise_proforma

Number = Annotated[str, Parameter(help="Number of the proforma.")]
Items = Annotated[int, Parameter(help="Keys of items, as `twofold proforma show` lists them.")]
Revision = Annotated[
    int | None,
    Parameter(help="The revision you saw: refused when somebody changed the draft since."),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Work that was never entered."""

    line: Annotated[int, Parameter(help="Number of the contract line.")]
    transaction_class: Annotated[
        Literal["time", "expense", "material", "fee"], Parameter(name="--class", help="Its class.")
    ]
    on: Annotated[date, Parameter(help="Day it was done.")]
    quantity: Annotated[Decimal, Parameter(help="How much.")]
    unit: Annotated[str, Parameter(help="Of what: hour, each …")] = "hour"
    price: Annotated[
        Decimal | None, Parameter(help="Price of one unit; left out: the price list's.")
    ] = None
    tax: Annotated[Decimal, Parameter(help="Estimated tax.")] = Decimal(0)
    project: Annotated[
        str | None, Parameter(help="Number of the project, where the line has none.")
    ] = None
    resource: Annotated[str | None, Parameter(help="Who did it.")] = None
    role: Annotated[str | None, Parameter(help="In which role.")] = None
    category: Annotated[str | None, Parameter(help="Category of an expense or fee.")] = None
    description: Annotated[str | None, Parameter(help="What the customer reads.")] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class NewValues:
    """What an item is to say; what is left out stays."""

    quantity: Annotated[Decimal | None, Parameter(help="Quantity to bill.")] = None
    price: Annotated[Decimal | None, Parameter(help="Price of one unit.")] = None
    billing_type: Annotated[
        str | None, Parameter(help="chargeable, non_chargeable or complimentary.")
    ] = None
    tax: Annotated[
        Decimal | None, Parameter(help="Estimated tax of the item; of a correction, all of it.")
    ] = None
    description: Annotated[str | None, Parameter(help="What the customer reads.")] = None

    def of(self, key: int | None) -> DetailChange:
        """Give the change of one item, or of all."""
        return DetailChange(
            key, self.quantity, self.price, self.billing_type, self.tax, self.description
        )


_MODULES = {
    "header": "proforma_header",
    "preview": "proforma_preview",
    "confirm": "proforma_confirm",
}


def add_to(app: App) -> None:
    """Add the commands to those of ``twofold proforma``; each is loaded when it is called."""
    app.command(
        "twofold.cli.operations.proforma_run:run",
        name="run",
        help="Create the drafts of contract lines whose run date has come.",
    )
    for name, arguments, words in (
        ("confirm", "[NUMBERS...]", "Confirm proformas: finance agrees and has them at once."),
        ("refresh", "NUMBER [SALES...]", "Add to a draft what is ready and not on it."),
        ("add", "NUMBER", "Add work that was never entered to a draft, at once sold and billed."),
        ("edit", "NUMBER [ITEMS...]", "Edit items of a draft: those named, or all with --all."),
        ("remove", "NUMBER ITEMS...", "Take items off a draft: they are ready to invoice again."),
        ("delete", "NUMBER", "Delete a draft: what was on it is ready to invoice again."),
        ("revise", "NUMBER [SALES...]", "Open a draft that credits what a proforma billed."),
        ("header", "NUMBER", "Edit the header of a draft: name, terms, accounting date, review."),
        ("preview", "NUMBER", "See what confirming a draft would write; nothing changes."),
    ):
        app.command(
            f"twofold.cli.operations.{_MODULES.get(name, 'proforma_drafts')}:{name}",
            name=name,
            help=words,
            usage=usage(f"proforma {name}", arguments),
        )


def refresh(
    number: Number,
    /,
    *sales: Annotated[
        int, Parameter(help="Keys of items, as `twofold backlog list` has them; left out: all.")
    ],
    on: Annotated[
        date | None, Parameter(help="Take what is dated up to this day; left out: today.")
    ] = None,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Add to a draft what is ready for its contract and customer, and not on it."""
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = refresh_proforma(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=revision,
                wanted=Wanted(day(on), sales or None),
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


def add(
    number: Number,
    /,
    *,
    work: Work,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Add work that was never entered to a draft; confirming sells and bills it at once."""
    detail = NewDetail(
        line_number=work.line,
        transaction_class=work.transaction_class,
        transaction_date=work.on,
        quantity=work.quantity,
        unit=work.unit,
        price=work.price,
        tax_amount=work.tax,
        project=work.project,
        resource=work.resource,
        role=work.role,
        category=work.category,
        description=work.description,
    )
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = add_details(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=revision,
                details=(detail,),
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


def edit(
    number: Number,
    /,
    *items: Items,
    every: Annotated[bool, Parameter(name="--all", negative=(), help="Edit every item.")] = False,
    new: NewValues | None = None,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Edit items of a draft: those named, or all with --all."""
    if bool(items) == every:
        raise Misused("name the items to edit, or add --all")
    if new is None or new == NewValues():
        raise Misused("say what to change: --quantity, --price, --billing-type, --tax …")
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = edit_details(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=revision,
                changes=[new.of(key) for key in (items or (None,))],
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


def remove(
    number: Number,
    /,
    *items: Items,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Take items off a draft: they are ready to invoice again."""
    if not items:
        raise Misused("name the items to take off")
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = remove_details(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=revision,
                detail_ids=items,
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


def delete(
    number: Number,
    /,
    *,
    company: Company = None,
    revision: Revision = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Delete a draft: what was on it is ready to invoice again."""
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            delete_proforma(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                revision=revision,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "deleted": header.number, "items": header.detail_count},
        printing.verbatim(
            f"{header.number} is deleted; of it "
            f"{printing.counted(header.detail_count, 'item is', 'items are')} ready to invoice."
        ),
        as_json=as_json,
    )


def revise(
    number: Number,
    /,
    *sales: Annotated[
        int,
        Parameter(help="Keys of billed sales, as `twofold trace NUMBER` has them; left out: all."),
    ],
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Open a draft that credits what a confirmed proforma billed, all of it or these sales.

    Items begin at quantity zero, a full credit; `twofold proforma edit` says what is right.
    """
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        with system.operations.transaction() as transaction:
            totals = revise_proforma(
                transaction,
                company=code,
                proforma_id=header.proforma_id,
                actual_ids=sales or None,
                actor=actor_name(actor),
                at=system.now(),
            )
    show_totals(code, totals, header.currency, as_json=as_json)


def show_totals(code: str, one: DraftTotals, currency: str, *, as_json: bool) -> None:
    """Show what a draft comes to after a change."""
    printing.show(
        {"company": code, "proforma": one},
        printing.table(
            ("Company", "Number", "Revision", "Items", "Net", "Tax", "Total", "Currency"),
            [
                (
                    code, one.number, one.revision, one.detail_count, one.detail_amount,
                    one.tax_amount, one.total_amount, currency,
                )
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
