"""Sign in, sign out, choose a password or a language."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.access.links import use_link, whose_link
from twofold.access.passwords import is_password
from twofold.access.people import person_of, set_language, set_password
from twofold.access.secret import Secret
from twofold.access.sessions import end_session
from twofold.access.sign_in import admit, decline, find_candidate, take_attempt
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page, inside
from twofold.web.language import LOCALES


def _show(asked: Asked) -> Answer:
    """Ask for login and password."""
    if asked.visitor.login:
        return Moved(inside(asked.text("to")))
    return Shown("sign_in.html", {"login": "", "to": asked.text("to"), "why": ""})


def _enter(asked: Asked) -> Answer:
    """Compare, and open a session; what was typed but the password stays."""
    access, now, login = asked.system.access, asked.now, asked.typed("login")
    with access.transaction() as transaction:
        is_allowed = take_attempt(transaction, address=asked.address, at=now)
        candidate = find_candidate(transaction, login=login)
    typed = {"login": login, "to": asked.typed("to")}
    if not is_allowed:
        return Shown("sign_in.html", {**typed, "why": "too_often"}, status=429)
    # Outside the transaction: it takes half a second, on purpose.
    is_right = is_password(
        (*asked.form.get("password", ()), "")[0], candidate.password_hash if candidate else None
    )
    with access.transaction() as transaction:
        if candidate is None or not is_right or not candidate.may_enter(now):
            decline(transaction, login=login, candidate=candidate, address=asked.address, at=now)
            return Shown("sign_in.html", {**typed, "why": "wrong"}, status=401)
        token = admit(transaction, candidate, address=asked.address, agent=asked.agent, at=now)
    return Moved(inside(asked.typed("to")), cookie=token.text)


def _show_link(asked: Asked) -> Answer:
    """Ask before a sign-in link is used: programs that look at links beforehand do not use it."""
    secret = Secret(asked.path["secret"])
    with asked.system.access.reader() as reader:
        linked = whose_link(reader, secret, at=asked.now)
    return Shown("link.html", {"linked": linked, "secret": secret.text})


def _use_link(asked: Asked) -> Answer:
    """Open a session for whom the link is of; the link is worth nothing afterwards."""
    with asked.system.access.transaction() as transaction:
        linked = use_link(transaction, Secret(asked.path["secret"]), at=asked.now)
        candidate = find_candidate(transaction, login=linked.login)
        if candidate is None:
            raise HTTPException(404)
        token = admit(
            transaction, candidate, address=asked.address, agent=asked.agent, at=asked.now
        )
    return Moved("/", cookie=token.text)


def _leave(asked: Asked) -> Answer:
    """End the session."""
    with asked.system.access.transaction() as transaction:
        end_session(transaction, asked.token)
    return Moved("/sign-in", cookie="")


def _ask_password(asked: Asked) -> Answer:
    """Ask for a new password."""
    if not asked.visitor.login:
        return Moved("/sign-in")
    with asked.system.access.reader() as reader:
        candidate = find_candidate(reader, login=asked.visitor.login)
    has_one = candidate is not None and candidate.password_hash is not None
    return Shown("password.html", {"why": "", "has_one": has_one})


def _change_password(asked: Asked) -> Answer:
    """Set it, when the old one was right and the new one is good."""
    if not asked.visitor.login:
        return Moved("/sign-in")
    access = asked.system.access
    old, new = (asked.form.get(name, ("",))[0] for name in ("old", "new"))
    with access.reader() as reader:
        candidate = find_candidate(reader, login=asked.visitor.login)
        person = person_of(reader, asked.visitor.login)
    # Who came by a link and has no password yet chooses the first one.
    has_one = candidate is not None and candidate.password_hash is not None
    if candidate is None or (has_one and not is_password(old, candidate.password_hash)):
        return Shown("password.html", {"why": "wrong", "has_one": has_one}, status=422)
    try:
        with access.transaction() as transaction:
            set_password(transaction, person, password=new, actor=person.login, at=asked.now)
    except Refused as refused:
        return Shown(
            "password.html",
            {"why": refused.refusals[0].reason, "has_one": has_one},
            status=422,
        )
    return Moved("/")


def _choose_language(asked: Asked) -> Answer:
    """Keep the language, and go back to where the reader was."""
    language = asked.typed("language")
    if asked.visitor.login and language in LOCALES:
        with asked.system.access.transaction() as transaction:
            set_language(transaction, person_id=asked.visitor.person_id, language=language)
    return Moved(inside(asked.typed("to")))


PAGES: Final = (
    Page("/sign-in", _show, None),
    Page("/sign-in", _enter, None, "POST"),
    Page("/enter/{secret}", _show_link, None),
    Page("/enter/{secret}", _use_link, None, "POST"),
    Page("/sign-out", _leave, None, "POST"),
    Page("/password", _ask_password, None),
    Page("/password", _change_password, None, "POST"),
    Page("/language", _choose_language, None, "POST"),
)
