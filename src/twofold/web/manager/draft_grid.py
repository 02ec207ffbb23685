"""The details of a draft in a grid: typed over, filled in together, or taken off.

One form holds all of it, so that whatever is pressed, what was typed is saved with it or still
there. Who comes second is told what the draft says now beside what they typed, and may save again.
Figures are typed and shown in the reader's own format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.proforma.edit_details import BILLING_TYPES, DetailChange, edit_details
from twofold.operations.proforma.reads import (
    ShownDetail,
    ShownLine,
    ShownProforma,
    list_details,
    list_lines,
    precision_of,
)
from twofold.operations.proforma.remove_details import remove_details
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page
from twofold.web.language import LOCALES, Unreadable
from twofold.web.listing import key_of
from twofold.web.manager.drafts import OPEN, OVERTAKEN, found, revision_of

UNREADABLE: Final = "ERR-U07"
NOTHING_TICKED: Final = "ERR-U30"
_FIGURES: Final = ("quantity", "price", "tax_amount")
_TYPED: Final = (*_FIGURES, "description")
# What is filled in for many details at once, by its name in the form.
_FILLED: Final = ("fill_price", "fill_billing_type", "fill_description")


@dataclass(frozen=True, slots=True)
class Line:
    """A detail in the grid: what it says, what stands in its fields, and what stood against it.

    ``now`` has, where somebody else was faster, what the draft says instead of what was typed.
    """

    detail: ShownDetail
    typed: dict[str, str]
    now: dict[str, str]

    @property
    def fees(self) -> Decimal:
        """What is billed besides the amount."""
        return self.detail.fee_amount - self.detail.discount_amount


def _edit(asked: Asked) -> Answer:
    """Show a page of details as fields."""
    return _grid(asked, found(asked), asked.text("after"), ())


def _save(asked: Asked) -> Answer:
    """Change what was typed, fill in or take off what is ticked; refused, all of it stands."""
    proforma, after = found(asked), asked.typed("after")
    try:
        changes = _changes(asked, _page(asked, proforma, after))
        filled = _filled(asked, changes)
        removed = _picked(asked) if asked.typed("do") == "remove" else []
        # Overtaken, even what is the same now is declined: somebody else made it so.
        if filled or removed or revision_of(asked) not in {None, proforma.revision}:
            _write(asked, proforma, filled, removed)
    except Refused as refused:
        return _grid(asked, found(asked), after, refused.refusals)
    done = f"removed:{len(removed)}" if removed else f"saved:{_count(filled, proforma)}"
    return Moved(asked.back(done))


def _count(changes: Sequence[DetailChange], proforma: ShownProforma) -> int:
    is_all = any(one.detail_id is None for one in changes)
    return proforma.detail_count if is_all else len(changes)


def _write(
    asked: Asked,
    proforma: ShownProforma,
    changes: Sequence[DetailChange],
    removed: Sequence[int],
) -> None:
    """Change details and take some off, both or neither."""
    company, actor, at = asked.company, asked.visitor.login, asked.now
    revision, key = revision_of(asked), proforma.proforma_id
    with asked.system.operations.transaction() as transaction:
        if changes or not removed:
            revision = edit_details(
                transaction,
                company=company,
                proforma_id=key,
                revision=revision,
                changes=changes,
                actor=actor,
                at=at,
            ).revision
        if removed:
            remove_details(
                transaction,
                company=company,
                proforma_id=key,
                revision=revision,
                detail_ids=removed,
                actor=actor,
                at=at,
            )


def _picked(asked: Asked) -> list[int]:
    """Give what is ticked, at least one (ERR-U30)."""
    picked = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    if not picked:
        raise Refused(refuse(NOTHING_TICKED, f"proforma/{asked.path['number']}"))
    return picked


def _filled(asked: Asked, changes: Sequence[DetailChange]) -> Sequence[DetailChange]:
    """Add what is filled in for the ticked details, or for all of the draft."""
    if asked.typed("do") != "fill":
        return changes
    billing_type = asked.typed("fill_billing_type")
    price = _fill_price(asked)
    said = DetailChange(
        price=price,
        billing_type=billing_type if billing_type in BILLING_TYPES else None,
        description=asked.typed("fill_description") or None,
    )
    if said == DetailChange():
        return changes
    if asked.typed("all") == "yes":
        return [said, *changes]
    found = {one.detail_id: one for one in changes}
    for key in _picked(asked):
        before = found.get(key, DetailChange(key))
        found[key] = replace(
            before,
            price=before.price if said.price is None else said.price,
            billing_type=said.billing_type or before.billing_type,
            description=said.description or before.description,
        )
    return list(found.values())


def _fill_price(asked: Asked) -> Decimal | None:
    typed = asked.typed("fill_price")
    try:
        return asked.speech.read_number(typed) if typed else None
    except Unreadable as error:
        record = f"proforma/{asked.path['number']}"
        raise Refused(refuse(UNREADABLE, record, field="price", value=typed)) from error


def _grid(asked: Asked, proforma: ShownProforma, after: str, refusals: Sequence[Refusal]) -> Answer:
    if proforma.state not in OPEN and not refusals:
        raise HTTPException(404)
    is_overtaken = any(one.code == OVERTAKEN for one in refusals)
    details = _page(asked, proforma, after)
    shown = details[:PER_PAGE]
    lines = [_line(asked, one, is_kept=bool(refusals), is_told=is_overtaken) for one in shown]
    with asked.system.auditor_operations.reader() as reader:
        totals = list_lines(reader, company=asked.company, proforma_id=proforma.proforma_id)
        precision = precision_of(reader, currency=proforma.currency)
    decimal, groups = asked.speech.signs
    values: dict[str, object] = {
        "proforma": proforma,
        "lines": lines,
        "sums": _sums(totals),
        "precision": precision,
        "signs": {"decimal": decimal, "groups": groups, "group": asked.speech.group},
        "locale": LOCALES[asked.speech.language].replace("_", "-"),
        # Who was told what the draft says now may save over it.
        "revision": proforma.revision if is_overtaken else revision_of(asked) or proforma.revision,
        "refusals": refusals,
        "gone": _gone(asked, details) if refusals else (),
        "after": after,
        "picked": frozenset(asked.form.get("pick", ())),
        "filled": {name: asked.typed(name) for name in _FILLED},
        "is_all": asked.typed("all") == "yes",
        "billing_types": BILLING_TYPES,
        "following": asked.here(after=str(shown[-1].proforma_detail_id))
        if len(details) > PER_PAGE
        else "",
    }
    return Shown("draft.html", values, status=422 if refusals else 200)


def _sums(lines: Sequence[ShownLine]) -> list[tuple[str, Decimal]]:
    """Give the totals of the draft by billing type."""
    return [
        ("chargeable", sum((one.chargeable_amount for one in lines), Decimal(0))),
        ("non_chargeable", sum((one.non_chargeable_amount for one in lines), Decimal(0))),
        ("complimentary", sum((one.complimentary_amount for one in lines), Decimal(0))),
    ]


def _page(asked: Asked, proforma: ShownProforma, after: str) -> list[ShownDetail]:
    with asked.system.auditor_operations.reader() as reader:
        return list_details(
            reader,
            company=asked.company,
            proforma_id=proforma.proforma_id,
            after_id=key_of(after),
            limit=PER_PAGE + 1,
        )


def _line(asked: Asked, one: ShownDetail, *, is_kept: bool, is_told: bool) -> Line:
    shown, typed = _shown(asked, one), _typed(asked, one, is_kept=is_kept)
    differing = {name: value for name, value in shown.items() if typed[name] != value}
    return Line(one, typed, differing if is_told else {})


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


PAGES: Final = (
    Page("/{company}/proformas/{number}/edit", _edit, "bill"),
    Page("/{company}/proformas/{number}/edit", _save, "bill", "POST"),
)
