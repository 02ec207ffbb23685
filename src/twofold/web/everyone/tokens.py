"""One's own access tokens: make one, look when it was used, revoke it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.access.people import person_of
from twofold.access.tokens import Token, list_tokens, make_token, revoke_token
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, answer, whole

DAYS: Final = (30, 90, 365)


def _show(asked: Asked) -> Answer:
    """Show one's tokens."""
    return _tokens(asked)


def _tokens(asked: Asked, refusals: Sequence[Refusal] = (), secret: str = "") -> Answer:
    with asked.system.access.reader() as reader:
        tokens = list_tokens(reader, person_id=asked.visitor.person_id)
    columns: tuple[Column[Token], ...] = (
        Column("Name", lambda one: one.name),
        Column("Made", lambda one: one.created_at, "moment"),
        Column("Ends", lambda one: one.ends_at, "moment"),
        Column("Used last", lambda one: one.used_at, "moment"),
        Column("Status", lambda one: "active" if one.ends_at > asked.now else "ended", "status"),
    )
    listing: Listing[Token] = Listing(
        title="Access tokens",
        empty="You have none yet.",
        columns=columns,
        page=whole(tokens, columns),
        place=lambda one: one.name,
        pick=lambda one: one.name,
        per_page=max(len(tokens), 1),
    )
    return answer(
        asked,
        "tokens.html",
        listing,
        status=422 if refusals else 200,
        refusals=refusals,
        secret=secret,
        typed=asked.typed("name"),
        all_days=DAYS,
    )


def _make(asked: Asked) -> Answer:
    """Make one; its text is in this answer, and nowhere else ever."""
    days = asked.typed("days")
    try:
        with asked.system.access.transaction() as transaction:
            secret = make_token(
                transaction,
                person_of(transaction, asked.visitor.login),
                name=asked.typed("name"),
                days=int(days) if days.isdecimal() and len(days) < len("1000") else 0,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _tokens(asked, refused.refusals)
    shown = _tokens(asked, secret=secret.text)
    return (
        Shown(shown.template, {**shown.values, "typed": ""}) if isinstance(shown, Shown) else shown
    )


def _revoke(asked: Asked) -> Answer:
    """Revoke those that are ticked."""
    with asked.system.access.transaction() as transaction:
        person = person_of(transaction, asked.visitor.login)
        revoked = sum(
            revoke_token(transaction, person, name=name, actor=asked.visitor.login, at=asked.now)
            for name in asked.form.get("pick", ())
        )
    return Moved(f"/tokens?done=revoked:{revoked}")


PAGES: Final = (
    Page("/tokens", _show, None),
    Page("/tokens", _make, None, "POST"),
    Page("/tokens/revoke", _revoke, None, "POST"),
)
