"""Proforma invoices: the list, one of them with its lines and details, and confirming it."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.journey.confirm import confirm_live
from twofold.operations.proforma.reads import (
    ShownProforma,
    list_details,
    list_lines,
    list_proformas,
    show_proforma,
)
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page

_STATES: Final = ("draft", "in_review", "confirmed", "posted")


def _list(asked: Asked) -> Answer:
    """Show the proformas, in the order they were made."""
    state = asked.text("state")
    after = asked.text("after")
    with asked.system.auditor_operations.reader() as reader:
        found = list_proformas(
            reader,
            company=asked.company,
            state=state if state in _STATES else None,
            after_id=int(after) if after.isdecimal() else 0,
            limit=PER_PAGE + 1,
        )
    shown = found[:PER_PAGE]
    has_more = len(found) > PER_PAGE
    values = {
        "proformas": shown,
        "states": _STATES,
        "state": state,
        "following": asked.here(after=str(shown[-1].proforma_id)) if has_more else "",
    }
    return Shown("proformas.html", values)


def _show(asked: Asked) -> Answer:
    """Show one proforma: its header, totals by billing type, lines and details."""
    after = asked.text("after")
    with asked.system.auditor_operations.reader() as reader:
        proforma = show_proforma(reader, company=asked.company, number=asked.path["number"])
        if proforma is None:
            raise HTTPException(404)
        key = proforma.proforma_id
        lines = list_lines(reader, company=asked.company, proforma_id=key)
        details = list_details(
            reader,
            company=asked.company,
            proforma_id=key,
            after_id=int(after) if after.isdecimal() else 0,
            limit=PER_PAGE + 1,
        )
    shown = details[:PER_PAGE]
    has_more = len(details) > PER_PAGE
    values = {
        "proforma": proforma,
        "lines": lines,
        "details": shown,
        "following": (asked.here(after=str(shown[-1].proforma_detail_id)) if has_more else ""),
    }
    return Shown("proforma.html", values)


def _confirm(asked: Asked) -> Answer:
    """Confirm it, with finance's answer; a refusal names the record and the remedy."""
    proforma = _found(asked)
    confirm_live(
        asked.system,
        company=asked.company,
        proforma_ids=(proforma.proforma_id,),
        actor=asked.visitor.login,
        on=asked.now.date(),
    )
    return Moved(f"/{asked.company}/proformas/{proforma.number}?done=confirmed:1")


def _found(asked: Asked) -> ShownProforma:
    with asked.system.auditor_operations.reader() as reader:
        proforma = show_proforma(reader, company=asked.company, number=asked.path["number"])
    if proforma is None:
        raise HTTPException(404)
    return proforma


PAGES: Final = (
    Page("/{company}/proformas", _list, "read_operations"),
    Page("/{company}/proformas/{number}", _show, "read_operations"),
    Page("/{company}/proformas/{number}/confirm", _confirm, "bill", "POST"),
)
