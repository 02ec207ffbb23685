"""What is done with a proforma as a whole: confirm, correct, refresh, review, change its head.

Refused, its page says why, where it can be mended, and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, cast

from twofold.jobs.orders import ConfirmProformas
from twofold.journey.confirm import confirm_live
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.edit_header import Clearable, HeaderChange, edit_header
from twofold.operations.proforma.reads import billed_of
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.web.answers import Answer, Moved
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.language import Unreadable
from twofold.web.manager.drafts import OPEN, assert_seen, found, revision_of
from twofold.web.manager.proformas import shown

UNREADABLE: Final = "ERR-U07"
_CLEARABLE: Final = ("description", "bill_to_name", "payment_terms", "accounting_date")


def _confirm(asked: Asked) -> Answer:
    """Confirm it, with finance's answer in place; a draft of many details is a job."""
    proforma = found(asked)
    try:
        assert_seen(asked, proforma)
        if proforma.detail_count > AT_ONCE_MAX and proforma.state in OPEN:
            order = ConfirmProformas(on=asked.now.date(), keys=(proforma.proforma_id,))
            return started(asked, order, company=asked.company)
        confirm_live(
            asked.system,
            company=asked.company,
            proforma_ids=(proforma.proforma_id,),
            actor=asked.visitor.login,
            on=asked.now.date(),
        )
    except Refused as refused:
        return shown(asked, found(asked), refused.refusals)
    return Moved(f"/{asked.company}/proformas/{proforma.number}?done=confirmed:1")


def _revise(asked: Asked) -> Answer:
    """Open a draft that corrects what is ticked, or all that a confirmed proforma billed."""
    proforma = found(asked)
    company, key = asked.company, proforma.proforma_id
    picked = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    try:
        with asked.system.operations.transaction() as transaction:
            billed = None
            if picked:
                billed = billed_of(transaction, company=company, proforma_id=key, detail_ids=picked)
            opened = revise_proforma(
                transaction,
                company=company,
                proforma_id=key,
                actual_ids=billed,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, proforma, refused.refusals)
    return Moved(f"/{company}/proformas/{opened.number}?done=opened:1")


def _refresh(asked: Asked) -> Answer:
    """Add what is ready to invoice by today, for the same contract and customer."""
    return _changed(asked, "refreshed", refresh_proforma, wanted=Wanted(asked.now.date()))


def _review(asked: Asked) -> Answer:
    """Set it in review, or back to draft."""
    change = HeaderChange(state="in_review" if asked.typed("state") == "in_review" else "draft")
    return _changed(asked, "saved", edit_header, change=change)


def _head(asked: Asked) -> Answer:
    """Change name, description, bill-to, terms and accounting date, as they stand in the form."""
    typed = {name: asked.typed(name) for name in _CLEARABLE}
    try:
        day = _day(asked, typed["accounting_date"])
    except Refused as refused:
        return shown(asked, found(asked), refused.refusals)
    change = HeaderChange(
        name=asked.typed("name") or None,
        description=typed["description"] or None,
        bill_to_name=typed["bill_to_name"] or None,
        payment_terms=typed["payment_terms"] or None,
        accounting_date=day,
        cleared=tuple(cast("Clearable", name) for name, value in typed.items() if not value),
    )
    return _changed(asked, "saved", edit_header, change=change)


def _day(asked: Asked, typed: str) -> date | None:
    try:
        return asked.speech.read_day(typed) if typed else None
    except Unreadable as error:
        record = f"proforma/{asked.path['number']}"
        refusal = refuse("ERR-U10", record, field="accounting_date", value=typed)
        raise Refused(refusal) from error


def _apply(asked: Asked) -> Answer:
    """Say how much of a retainer the draft applies; nothing takes it off."""
    typed, key = asked.typed("amount"), asked.typed("retainer")
    try:
        amount = asked.speech.read_number(typed)
    except Unreadable:
        refusal = refuse(UNREADABLE, f"retainer/{key}", field="amount", value=typed)
        return shown(asked, found(asked), (refusal,))
    retainer_id = int(key) if key.isdecimal() else 0
    wanted = RetainerUse(retainer_id, "applied", amount, asked.now.date())
    return _changed(asked, "saved", use_retainer, wanted=wanted)


def _delete(asked: Asked) -> Answer:
    """Delete the draft: what was on it is ready to invoice again."""
    answer = _changed(asked, "deleted", delete_proforma)
    is_done = isinstance(answer, Moved)
    return Moved(f"/{asked.company}/proformas?done=deleted:1") if is_done else answer


def _changed(asked: Asked, done: str, process: Callable[..., object], **given: object) -> Answer:
    """Run a process on the draft, as the visitor saw it."""
    proforma = found(asked)
    try:
        with asked.system.operations.transaction() as transaction:
            process(
                transaction,
                company=asked.company,
                proforma_id=proforma.proforma_id,
                revision=revision_of(asked),
                actor=asked.visitor.login,
                at=asked.now,
                **given,
            )
    except Refused as refused:
        return shown(asked, found(asked), refused.refusals)
    return Moved(asked.back(f"{done}:1"))


_ONE: Final = "/{company}/proformas/{number}"
PAGES: Final = (
    Page(f"{_ONE}/confirm", _confirm, "bill", "POST"),
    Page(f"{_ONE}/revise", _revise, "bill", "POST"),
    Page(f"{_ONE}/refresh", _refresh, "bill", "POST"),
    Page(f"{_ONE}/review", _review, "bill", "POST"),
    Page(f"{_ONE}/head", _head, "bill", "POST"),
    Page(f"{_ONE}/retainer", _apply, "bill", "POST"),
    Page(f"{_ONE}/delete", _delete, "bill", "POST"),
)
