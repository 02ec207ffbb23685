"""Where one is signed in: one's own sessions, and the end of them; other pages list others'."""

from __future__ import annotations

from typing import Final

from twofold.access.sessions import OpenSession, end_one_session, list_sessions
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, answer, whole


def sessions_of(asked: Asked, person_id: int, title: str, *, key: str = "") -> Listing[OpenSession]:
    """Give the sessions of a person that have not ended; the one that asks cannot be chosen."""
    with asked.system.access.reader() as reader:
        sessions = list_sessions(reader, person_id=person_id, token=asked.token, at=asked.now)
    columns: tuple[Column[OpenSession], ...] = (
        Column("From", lambda one: one.began_at, "moment"),
        Column("Used", lambda one: one.seen_at, "moment"),
        Column("Address", lambda one: one.address),
        Column("Browser", lambda one: one.agent),
        Column("Status", lambda one: "this_one" if one.is_this else "", "status"),
    )
    return Listing(
        key=key,
        title=title,
        empty="Nowhere.",
        columns=columns,
        page=whole(sessions, columns),
        place=lambda one: one.key,
        pick=lambda one: "" if one.is_this else one.key,
        per_page=max(len(sessions), 1),
    )


def _show(asked: Asked) -> Answer:
    """Show where the visitor is signed in."""
    if not asked.visitor.login:
        return Moved("/sign-in")
    listing = sessions_of(asked, asked.visitor.person_id, "Where I am signed in")
    return answer(asked, "sessions.html", listing)


def _end(asked: Asked) -> Answer:
    """End the sessions that are ticked."""
    with asked.system.access.transaction() as transaction:
        ended = sum(
            end_one_session(transaction, person_id=asked.visitor.person_id, key=key)
            for key in asked.form.get("pick", ())
        )
    return Moved(f"/sessions?done=ended:{ended}")


PAGES: Final = (
    Page("/sessions", _show, None),
    Page("/sessions", _end, None, "POST"),
)
