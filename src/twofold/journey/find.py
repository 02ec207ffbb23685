"""Say what a number means, in both books and in every company: the beginning of every search.

A number may be a proforma's, a proposal's, a customer invoice's, a voucher's, a journal's, a
contract's, a customer's, or the key of an actual, an entry or a change set; a key alone is all
three, ``actual/17``, ``entry/17`` and ``set/17`` are one of them. Small letters will do.

Before  both books are open.
After   nothing has changed.
Next    ``trace`` follows what has a journey.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofold.database.transaction import Reader
from twofold.dualwrite.sets.explain import sent_as
from twofold.finance import find as finance
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations import find as operations

UNKNOWN: Final = "ERR-B22"
KEYED: Final = ("actual", "entry", "set")
# Keys are of 64 bits.
_DIGITS_MAX: Final = 18


@dataclass(frozen=True, slots=True)
class Match:
    """One record that a number means. ``follow`` is what ``trace`` is given, '' for no journey.

    ``book`` is where it was found, for a change set the one that made it.
    """

    company: str
    book: str
    kind: str
    number: str
    name: str
    state: str
    currency: str
    amount: Decimal | None
    follow: str


def find(
    system: System, *, number: str, companies: tuple[str, ...], sets_of_all: bool = False
) -> tuple[Match, ...]:
    """Give everything that ``number`` means in ``companies``.

    ``sets_of_all`` finds change sets of every company.

    Raises  Refused, ERR-B22: it means nothing.
    """
    kind, typed = _parted(number.strip())
    is_key = typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS_MAX
    key = int(typed) if is_key else None
    numbers = () if kind else tuple(dict.fromkeys((typed, typed.upper())))
    found: list[Match] = []
    with (
        system.auditor_operations.reader() as here,
        system.auditor_finance.reader() as there,
    ):
        for company in companies:
            found += _of_books(here, there, company, numbers, key)
        if key is not None:
            for company in (None,) if sets_of_all else companies:
                found += _of_sets(here, there, key, company)
    wanted = {"set": "change_set"}.get(kind, kind)
    matches = tuple(one for one in found if not kind or one.kind == wanted)
    if not matches:
        searched = ", ".join(companies) or "any company"
        raise Refused(refuse(UNKNOWN, f"number/{number}", reason=f"no record of {searched}"))
    return matches


def _parted(number: str) -> tuple[str, str]:
    """Give the kind that a number says it is of, '' where it does not, and the rest."""
    kind, _, rest = number.replace(" ", "/", 1).partition("/")
    return (kind.lower(), rest.strip()) if kind.lower() in KEYED else ("", number)


def _of_books(
    here: Reader, there: Reader, company: str, numbers: tuple[str, ...], key: int | None
) -> Iterator[Match]:
    """Give what both books know, once each: what has the same journey is one thing."""
    known: set[tuple[str, str]] = set()
    for one in operations.find_records(here, company=company, numbers=numbers, key=key):
        known |= {("follow", one.follow), (one.kind, one.number)}
        yield _match("operations", company, one)
    for one in finance.find_records(there, company=company, numbers=numbers):
        is_known = one.follow and ("follow", one.follow) in known
        if not is_known and (one.kind, one.number) not in known:
            known.add(("follow", one.follow))
            yield _match("finance", company, one)


def _match(book: str, company: str, one: operations.FoundRecord | finance.FoundRecord) -> Match:
    return Match(
        company, book, one.kind, one.number, one.name, one.state, one.currency, one.amount,
        one.follow,
    )  # fmt: skip


def _of_sets(here: Reader, there: Reader, set_id: int, company: str | None) -> Iterator[Match]:
    for book, reader in (("operations", here), ("finance", there)):
        for one in sent_as(reader, company=company, set_id=set_id):
            yield Match(
                one.company, book, "change_set", f"set/{set_id}", one.kind, one.state, "", None, ""
            )
