"""What all pages of one proforma share: which one it is, and that it is as its reader saw it."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.reads import ShownProforma, show_proforma
from twofold.web.asked import Asked

OPEN: Final = ("draft", "in_review")
OVERTAKEN: Final = "ERR-B24"


def found(asked: Asked) -> ShownProforma:
    """Give the proforma of the address; HTTPException 404 when there is none."""
    with asked.system.auditor_operations.reader() as reader:
        proforma = show_proforma(reader, company=asked.company, number=asked.path["number"])
    if proforma is None:
        raise HTTPException(404)
    return proforma


def revision_of(asked: Asked) -> int | None:
    """Give the revision that a form was made from; None when it does not say."""
    typed = asked.typed("revision")
    return int(typed) if typed.isdecimal() else None


def assert_seen(asked: Asked, proforma: ShownProforma) -> None:
    """Let nobody confirm what they have not seen (ERR-B24)."""
    seen = revision_of(asked)
    if proforma.state in OPEN and seen not in {None, proforma.revision}:
        record = f"proforma/{proforma.number}"
        raise Refused(refuse(OVERTAKEN, record, field="revision", value=str(seen)))
