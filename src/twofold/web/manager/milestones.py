"""The milestones of a fixed price line as a form: what was contracted, and its parts by day.

All of the line stands in one form, because its milestones add up to what was contracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.errors import Refusal, Refused
from twofold.operations.contracts.agree_milestones import (
    AgreedMilestone,
    Agreement,
    agree_milestones,
)
from twofold.operations.contracts.reads import (
    ShownContract,
    ShownContractLine,
    ShownMilestone,
    list_contract_lines,
    list_milestones,
    show_contract,
)
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.manager.contract_changes import read_day, read_figure

# Empty rows for milestones that are to come.
_NEW: Final = 5
_ROWS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A milestone in the form; ``is_fixed`` ones are only read, ``is_new`` ones take a name."""

    name: str
    day: str
    amount: str
    tax: str
    is_fixed: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    contract: ShownContract
    line: ShownContractLine
    milestones: tuple[ShownMilestone, ...]


def _show(asked: Asked) -> Answer:
    """Show the milestones of a line as fields, and room for new ones."""
    found = _found(asked)
    speech = asked.speech
    rows = [
        Row(
            one.name,
            one.milestone_date.isoformat(),
            speech.money(one.amount),
            speech.money(one.tax_amount),
            is_fixed=one.is_fixed,
        )
        for one in found.milestones
    ]
    rows += [Row("", "", "", "", is_new=True)] * _NEW
    return _form(found, speech.money(found.line.contracted_amount), rows, ())


def _form(
    found: _Found, contracted: str, rows: Sequence[Row], refusals: Sequence[Refusal]
) -> Answer:
    values = {
        "contract": found.contract,
        "line": found.line,
        "contracted": contracted,
        "rows": rows,
        "refusals": refusals,
    }
    return Shown("milestones.html", values, status=422 if refusals else 200)


def _found(asked: Asked) -> _Found:
    """Give the fixed price line of the address, and its milestones (404)."""
    with asked.system.auditor_operations.reader() as reader:
        contract = show_contract(reader, company=asked.company, number=asked.path["number"])
        if contract is None:
            raise HTTPException(404)
        key = contract.contract_id
        lines = list_contract_lines(reader, company=asked.company, contract_id=key)
        agreed = list_milestones(reader, company=asked.company, contract_id=key)
    line = next((one for one in lines if str(one.line_number) == asked.path["line"]), None)
    if line is None or line.billing_method != "fixed_price":
        raise HTTPException(404)
    mine = tuple(one for one in agreed if one.line_number == line.line_number)
    return _Found(contract, line, mine)


def _save(asked: Asked) -> Answer:
    """Agree on what the form says; refused, all that was typed still stands."""
    found = _found(asked)
    rows = _typed(asked, found)
    number, line_number = found.contract.number, found.line.line_number
    try:
        agreement = Agreement(*_read(asked, rows))
        with asked.system.operations.transaction() as transaction:
            agree_milestones(
                transaction,
                company=asked.company,
                line=(number, line_number),
                agreement=agreement,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _form(found, asked.typed("contracted"), rows, refused.refusals)
    return Moved(f"/{asked.company}/contracts/{number}?tab=milestones&done=saved:1")


def _typed(asked: Asked, found: _Found) -> list[Row]:
    """Give the rows as they were typed; those that are fixed as they are."""
    fixed = {one.name for one in found.milestones if one.is_fixed}
    known = {one.name for one in found.milestones}
    columns = [asked.form.get(name, ()) for name in ("name", "day", "amount", "tax")]
    return [
        Row(
            name.strip(),
            day.strip(),
            amount.strip(),
            tax.strip(),
            is_fixed=name in fixed,
            is_new=name not in known,
        )
        for name, day, amount, tax in list(zip(*columns, strict=False))[:_ROWS_MAX]
    ]


def _read(asked: Asked, rows: Sequence[Row]) -> tuple[Decimal, tuple[AgreedMilestone, ...]]:
    """Read the figures and days; Refused with every one that cannot be read."""
    refusals: list[Refusal] = []
    contracted = Decimal(0)
    milestones: list[AgreedMilestone] = []
    try:
        contracted = read_figure(asked, asked.typed("contracted"), "line", "contracted_amount")
    except Refused as refused:
        refusals += refused.refusals
    for row in rows:
        if not any((row.name, row.day, row.amount, row.tax)):
            continue
        record = f"milestone {row.name}"
        try:
            milestones.append(
                AgreedMilestone(
                    row.name,
                    read_day(asked, row.day, record, "date"),
                    read_figure(asked, row.amount, record, "amount"),
                    read_figure(asked, row.tax or "0", record, "tax_amount"),
                )
            )
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused(*refusals)
    return contracted, tuple(milestones)


_ONE: Final = "/{company}/contracts/{number}/lines/{line}/milestones"
PAGES: Final = (
    Page(_ONE, _show, "keep_contracts"),
    Page(_ONE, _save, "keep_contracts", "POST"),
)
