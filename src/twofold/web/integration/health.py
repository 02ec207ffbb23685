"""Health: what `twofold doctor` finds, for whoever looks after the bridge."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.journey.findings import Finding
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.integration.scope import scope_of
from twofold.web.listing import Column, Listing, answer, whole

_GRAVITY: Final = {"fail": 0, "warn": 1, "ok": 2}


def _show(asked: Asked) -> Answer:
    """Look at servers, roles, schemas, maps and the bridge; what is wrong comes first."""
    scope = scope_of(asked)
    if not scope.sees_all and not asked.visitor.companies("read_access"):
        raise HTTPException(404)
    findings = sorted(asked.examine(), key=lambda one: _GRAVITY[one.state])
    columns: tuple[Column[Finding], ...] = (
        Column("Check", lambda one: one.check),
        Column("Status", lambda one: one.state, "status"),
        Column("Found", lambda one: one.detail),
        Column("What to do", lambda one: one.remedy.replace("`", "")),
    )
    listing: Listing[Finding] = Listing(
        title="Findings",
        columns=columns,
        page=whole(findings, columns),
        place=lambda one: one.check,
        total=len(findings),
        per_page=max(len(findings), 1),
    )
    counts = {state: sum(one.state == state for one in findings) for state in _GRAVITY}
    return answer(asked, "health.html", listing, scope=scope, counts=counts)


PAGES: Final = (Page("/integration/health", _show, None),)
