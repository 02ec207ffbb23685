"""What is done with a contract: its life, retainers, the schedule, and progress of milestones.

Refused, the contract says why on the tab it was asked on, and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, cast, get_args

from starlette.exceptions import HTTPException

from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark_progress import NextInvoice, mark_progress
from twofold.operations.contracts.close import complete_contract
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.contracts.hold import hold_contract, resume_contract
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.contracts.reads import show_contract
from twofold.operations.retainers.add import Frequency, RetainerPlan, add_retainers
from twofold.operations.schedules.generate import generate_schedules
from twofold.operations.schedules.retry import retry_failed
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.language import Unreadable
from twofold.web.manager.contracts import shown

UNREADABLE: Final = "ERR-U07"
NO_DAY: Final = "ERR-U10"
Change = Callable[..., object]
_CHANGES: Final[Mapping[str, Change]] = {
    "confirm": confirm_contract,
    "hold": hold_contract,
    "resume": resume_contract,
    "re-evaluate": re_evaluate_contract,
    "complete": complete_contract,
}


def _change(asked: Asked) -> Answer:
    """Confirm, hold, resume, re-evaluate or complete it; a refusal says why not."""
    change, number = _CHANGES.get(asked.path["change"]), asked.path["number"]
    if change is None:
        raise HTTPException(404)
    try:
        with asked.system.operations.transaction() as transaction:
            change(
                transaction,
                company=asked.company,
                number=number,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, "", refused.refusals)
    return Moved(f"/{asked.company}/contracts/{number}?done={asked.path['change']}:1")


def _progress(asked: Asked) -> Answer:
    """Say how much of a milestone is invoiced next: an amount, or a percentage of the whole."""
    key = asked.typed("milestone")
    try:
        figure = read_figure(asked, asked.typed("next"), f"milestone/{key}", "next")
        is_percent = asked.typed("unit") == "percent"
        invoice = NextInvoice(percent=figure) if is_percent else NextInvoice(amount=figure)
        with asked.system.operations.transaction() as transaction:
            mark_progress(
                transaction,
                company=asked.company,
                milestone_id=int(key) if key.isdecimal() else 0,
                invoice=invoice,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, "milestones", refused.refusals)
    return _done(asked, "milestones", "progress:1")


def _retainer(asked: Asked) -> Answer:
    """Add one advance, or a schedule of equal retainers."""
    record = f"contract/{asked.path['number']}"
    try:
        plan = RetainerPlan(
            read_figure(asked, asked.typed("total"), record, "total"),
            read_day(asked, asked.typed("first_on"), record, "first_on"),
            asked.typed("description"),
            _frequency(asked),
            _whole_number(asked, "number", record),
        )
        with asked.system.operations.transaction() as transaction:
            added = add_retainers(
                transaction,
                company=asked.company,
                contract_id=_key(asked, transaction),
                customer=asked.typed("customer") or None,
                plan=plan,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, "retainers", refused.refusals)
    return _done(asked, "retainers", f"added:{len(added)}")


def _frequency(asked: Asked) -> Frequency:
    typed = asked.typed("frequency")
    return cast("Frequency", typed) if typed in get_args(Frequency) else "monthly"


def _whole_number(asked: Asked, name: str, record: str) -> int:
    figure = read_figure(asked, asked.typed(name), record, name)
    if figure != int(figure):
        raise Refused(refuse(UNREADABLE, record, field=name, value=asked.typed(name)))
    return int(figure)


def _generate(asked: Asked) -> Answer:
    """Plan the days on which its lines are invoiced."""
    with asked.system.operations.transaction() as transaction:
        made = generate_schedules(
            transaction,
            company=asked.company,
            contract_ids=(_key(asked, transaction),),
            actor=asked.visitor.login,
            at=asked.now,
        )
    if made.refusals:
        return shown(asked, "schedule", made.refusals)
    return _done(asked, "schedule", f"planned:{made.added_count}")


def _retry(asked: Asked) -> Answer:
    """Make due again what failed."""
    with asked.system.operations.transaction() as transaction:
        key = _key(asked, transaction)
        count = retry_failed(
            transaction,
            company=asked.company,
            contract_id=key,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return _done(asked, "schedule", f"due:{count}")


def read_figure(asked: Asked, typed: str, record: str, field: str) -> Decimal:
    """Read a figure as the reader writes them; Refused (ERR-U07) when it cannot be read."""
    try:
        return asked.speech.read_number(typed)
    except Unreadable as error:
        raise Refused(refuse(UNREADABLE, record, field=field, value=typed)) from error


def read_day(asked: Asked, typed: str, record: str, field: str) -> date:
    """Read a day; Refused (ERR-U10) when it cannot be read."""
    try:
        return asked.speech.read_day(typed)
    except Unreadable as error:
        raise Refused(refuse(NO_DAY, record, field=field, value=typed)) from error


def _key(asked: Asked, transaction: Transaction) -> int:
    found = show_contract(transaction, company=asked.company, number=asked.path["number"])
    if found is None:
        raise HTTPException(404)
    return found.contract_id


def _done(asked: Asked, tab: str, done: str) -> Moved:
    return Moved(f"/{asked.company}/contracts/{asked.path['number']}?tab={tab}&done={done}")


_ONE: Final = "/{company}/contracts/{number}"
PAGES: Final = (
    # Before the page of a change, which would take these names for one.
    Page(f"{_ONE}/progress", _progress, "bill", "POST"),
    Page(f"{_ONE}/retainers", _retainer, "keep_contracts", "POST"),
    Page(f"{_ONE}/schedule", _generate, "bill", "POST"),
    Page(f"{_ONE}/retry", _retry, "bill", "POST"),
    Page(f"{_ONE}/{{change}}", _change, "keep_contracts", "POST"),
)
