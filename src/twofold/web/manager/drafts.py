"""Changing a draft: its details in a grid, its header, what is on it; preview, delete, revise.

Every form carries the revision it was made from: who comes second is told, and keeps what they
typed. Figures are typed and shown in the reader's own format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from starlette.exceptions import HTTPException

from twofold.journey.preview import preview_confirmation
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.proforma.edit_details import BILLING_TYPES, DetailChange, edit_details
from twofold.operations.proforma.edit_header import HeaderChange, edit_header
from twofold.operations.proforma.reads import (
    ShownDetail,
    ShownProforma,
    list_details,
    show_proforma,
)
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page
from twofold.web.language import Unreadable
from twofold.web.listing import key_of

UNREADABLE: Final = "ERR-U07"
_OPEN: Final = ("draft", "in_review")
OVERTAKEN: Final = "ERR-B24"
_FIGURES: Final = ("quantity", "price", "tax_amount")
_TYPED: Final = (*_FIGURES, "description")
# Actuals of a preview that are listed; its totals count all.
_PREVIEWED: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A detail in the grid: what it says, and what stands in its fields."""

    detail: ShownDetail
    typed: dict[str, str]


def found(asked: Asked) -> ShownProforma:
    """Give the proforma of the address; HTTPException 404 when there is none."""
    with asked.system.auditor_operations.reader() as reader:
        proforma = show_proforma(reader, company=asked.company, number=asked.path["number"])
    if proforma is None:
        raise HTTPException(404)
    return proforma


def _edit(asked: Asked) -> Answer:
    """Show a page of details as fields."""
    return _grid(asked, found(asked), asked.text("after"), ())


def _save(asked: Asked) -> Answer:
    """Change what differs from what the draft says; refused, everything typed is still there."""
    proforma, after = found(asked), asked.typed("after")
    try:
        changes = _changes(asked, _page(asked, proforma, after))
        # Overtaken, even what is the same now is declined: somebody else made it so.
        if changes or _revision(asked) not in {None, proforma.revision}:
            _change(asked, proforma, edit_details, changes=changes)
    except Refused as refused:
        return _grid(asked, proforma, after, refused.refusals)
    return Moved(asked.back(f"saved:{len(changes)}"))


def _grid(asked: Asked, proforma: ShownProforma, after: str, refusals: Sequence[Refusal]) -> Answer:
    if proforma.state not in _OPEN and not refusals:
        raise HTTPException(404)
    details = _page(asked, proforma, after)
    shown = details[:PER_PAGE]
    lines = [Line(one, _typed(asked, one, is_kept=bool(refusals))) for one in shown]
    values = {
        "proforma": proforma,
        "lines": lines,
        "revision": _revision(asked) or proforma.revision,
        "refusals": refusals,
        "gone": _gone(asked, details) if refusals else (),
        "after": after,
        "billing_types": BILLING_TYPES,
        "following": asked.here(after=str(shown[-1].proforma_detail_id))
        if len(details) > PER_PAGE
        else "",
    }
    return Shown("draft.html", values, status=422 if refusals else 200)


def _page(asked: Asked, proforma: ShownProforma, after: str) -> list[ShownDetail]:
    with asked.system.auditor_operations.reader() as reader:
        return list_details(
            reader,
            company=asked.company,
            proforma_id=proforma.proforma_id,
            after_id=key_of(after),
            limit=PER_PAGE + 1,
        )


def _shown(asked: Asked, one: ShownDetail) -> dict[str, str]:
    """Give the values of a detail as its fields show them."""
    speech = asked.speech
    return {
        "quantity": speech.number(one.quantity),
        "price": speech.money(one.price),
        "billing_type": one.billing_type,
        "tax_amount": speech.money(one.tax_amount),
        "description": one.description or "",
    }


def _typed(asked: Asked, one: ShownDetail, *, is_kept: bool) -> dict[str, str]:
    shown = _shown(asked, one)
    if not is_kept:
        return shown
    key = one.proforma_detail_id
    return {
        name: asked.typed(f"{name}/{key}") if f"{name}/{key}" in asked.form else value
        for name, value in shown.items()
    }


def _gone(asked: Asked, details: Sequence[ShownDetail]) -> list[str]:
    """Give what was typed for details that somebody else has taken off the page since."""
    there = {str(one.proforma_detail_id) for one in details}
    typed: dict[str, list[str]] = {}
    for name in asked.form:
        field, _, key = name.partition("/")
        if key and field in _TYPED and key not in there and asked.typed(name):
            typed.setdefault(key, []).append(asked.typed(name))
    return [" · ".join(values) for values in typed.values()]


def assert_seen(asked: Asked, proforma: ShownProforma) -> None:
    """Let nobody confirm what they have not seen (ERR-B24)."""
    seen = _revision(asked)
    if proforma.state in _OPEN and seen not in {None, proforma.revision}:
        record = f"proforma/{proforma.number}"
        raise Refused(refuse(OVERTAKEN, record, field="revision", value=str(seen)))


def _changes(asked: Asked, details: Sequence[ShownDetail]) -> list[DetailChange]:
    """Give what was typed over; Refused (ERR-U07) with every figure that cannot be read."""
    changes: list[DetailChange] = []
    refusals: list[Refusal] = []
    for one in details:
        shown = _shown(asked, one)
        typed = _typed(asked, one, is_kept=True)
        new = {name: value for name, value in typed.items() if value != shown[name]}
        figures = {
            name: _figure(asked, one, name, new[name], refusals) for name in _FIGURES if name in new
        }
        if new:
            changes.append(
                DetailChange(
                    one.proforma_detail_id,
                    quantity=figures.get("quantity"),
                    price=figures.get("price"),
                    billing_type=new.get("billing_type"),
                    tax_amount=figures.get("tax_amount"),
                    description=new.get("description"),
                )
            )
    if refusals:
        raise Refused(*refusals)
    return changes


def _figure(
    asked: Asked, one: ShownDetail, name: str, typed: str, refusals: list[Refusal]
) -> Decimal | None:
    try:
        return asked.speech.read_number(typed)
    except Unreadable:
        record = f"detail/{one.proforma_detail_id}"
        refusals.append(refuse(UNREADABLE, record, field=name, value=typed))
        return None


def _change_all(asked: Asked) -> Answer:
    """Give every detail of the draft one billing type."""
    change = DetailChange(billing_type=asked.typed("billing_type"))
    return _changed(asked, "saved", edit_details, changes=(change,))


def _remove(asked: Asked) -> Answer:
    """Take the ticked details off: they are ready to invoice again."""
    keys = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    return _changed(asked, "removed", remove_details, detail_ids=keys)


def _refresh(asked: Asked) -> Answer:
    """Add what is ready to invoice by today, for the same contract and customer."""
    return _changed(asked, "refreshed", refresh_proforma, wanted=Wanted(asked.now.date()))


def _review(asked: Asked) -> Answer:
    """Set it in review, or back to draft."""
    change = HeaderChange(state="in_review" if asked.typed("state") == "in_review" else "draft")
    return _changed(asked, "saved", edit_header, change=change)


def _delete(asked: Asked) -> Answer:
    """Delete the draft: what was on it is ready to invoice again."""
    _change(asked, found(asked), delete_proforma)
    return Moved(f"/{asked.company}/proformas?done=deleted:1")


def _revise(asked: Asked) -> Answer:
    """Open a draft that corrects all that a confirmed proforma billed."""
    proforma = found(asked)
    with asked.system.operations.transaction() as transaction:
        opened = revise_proforma(
            transaction,
            company=asked.company,
            proforma_id=proforma.proforma_id,
            actual_ids=None,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return Moved(f"/{asked.company}/proformas/{opened.number}")


def _preview(asked: Asked) -> Answer:
    """Show what confirming would write, by the very statements of confirming, rolled back."""
    proforma = found(asked)
    preview = preview_confirmation(
        asked.system,
        company=asked.company,
        proforma_ids=(proforma.proforma_id,),
        actor=asked.visitor.login,
        on=asked.now.date(),
        limit=_PREVIEWED,
    )
    return Shown("draft_preview.html", {"proforma": proforma, "preview": preview})


def _changed(asked: Asked, done: str, process: Callable[..., object], **given: object) -> Answer:
    _change(asked, found(asked), process, **given)
    return Moved(asked.back(f"{done}:1"))


def _change(
    asked: Asked, proforma: ShownProforma, process: Callable[..., object], **given: object
) -> None:
    """Run a process on the draft, as the visitor saw it."""
    with asked.system.operations.transaction() as transaction:
        process(
            transaction,
            company=asked.company,
            proforma_id=proforma.proforma_id,
            revision=_revision(asked),
            actor=asked.visitor.login,
            at=asked.now,
            **given,
        )


def _revision(asked: Asked) -> int | None:
    typed = asked.typed("revision")
    return int(typed) if typed.isdecimal() else None


_ONE: Final = "/{company}/proformas/{number}"
PAGES: Final = (
    Page(f"{_ONE}/edit", _edit, "bill"),
    Page(f"{_ONE}/edit", _save, "bill", "POST"),
    Page(f"{_ONE}/change-all", _change_all, "bill", "POST"),
    Page(f"{_ONE}/remove", _remove, "bill", "POST"),
    Page(f"{_ONE}/refresh", _refresh, "bill", "POST"),
    Page(f"{_ONE}/review", _review, "bill", "POST"),
    Page(f"{_ONE}/delete", _delete, "bill", "POST"),
    Page(f"{_ONE}/revise", _revise, "bill", "POST"),
    Page(f"{_ONE}/preview", _preview, "bill"),
)
