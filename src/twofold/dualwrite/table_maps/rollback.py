"""Go back to the version of a map that was active before.

Before  the map is active and had another version before.
After   that version is active again in both books, recorded as an activation of its own; values
        of columns that only the newer version filled stay as they are. The text that was rolled
        back from does not become active again by itself: ``map activate NAME`` or a new text
        makes the next version.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime

from twofold.database.connection import Book
from twofold.dualwrite.table_maps.activate import (
    LOCK,
    NO_SUCH_VERSION,
    STANDING,
    VERSION,
    Activation,
    Version,
    examine_declared,
    finish_activation,
    history,
    record,
    record_versions,
    remember,
    switch,
    version_of,
)
from twofold.dualwrite.table_maps.declare import Declaration
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


def _no_failpoint(name: str) -> None:
    """Go on."""


def rollback_map(
    map_id: str,
    *,
    operations: Book,
    finance: Book,
    actor: str,
    at: datetime,
    reason: str = "",
    failpoint: Callable[[str], None] = _no_failpoint,
) -> Version:
    """Make the version before the active one active again, for a reason, and give it.

    Raises  Refused: ERR-D66 there is no such map, or no version before; the findings of
            ``check_map`` when the older version does not fit the books as they are now.
    """
    with operations.reader() as reader:
        before = version_before(history(reader, map_id=map_id), map_id)
        recorded = reader.one(VERSION, map=map_id, content_hash=before.content_hash)
    text = recorded.definition
    declared = Declaration(read_map(tomllib.loads(text), file=map_id), text)
    examined = examine_declared(declared, operations=operations, finance=finance)
    if examined.findings:
        raise Refused(*examined.findings)
    version = version_of(text, examined)
    record_versions(finance, [version], actor=actor, at=at)
    with operations.transaction() as transaction:
        transaction.one(LOCK)
        (active,) = [one for one in transaction.all(STANDING) if one.map == map_id]
        if version_before(history(transaction, map_id=map_id), map_id) != before:
            other = "another version was activated meanwhile"
            raise Refused(refuse(NO_SUCH_VERSION, f"map/{map_id}", reason=other))
        record(transaction, version, actor=actor, at=at)
        switch(
            transaction,
            version,
            active.position,
            actor=actor,
            at=at,
            rolled_back_from=active.content_hash,
        )
        remember(transaction, "rolled back", version, actor=actor, at=at, reason=reason)
    failpoint("CP28")
    finish_activation(operations=operations, finance=finance)
    return version


def version_before(past: Sequence[Activation], map_id: str) -> Activation:
    """Give the version below the active one (ERR-D66); going back twice goes back two versions."""
    below: list[Activation] = []
    for one in past:
        if one.activation == "rolled back":
            below.pop()
        elif one.activation == "activated":
            below.append(one)
    if not past or past[-1].activation == "retired" or len(below) < 2:
        reason = f"{map_id} is not active" if not below else "no version was active before"
        raise Refused(refuse(NO_SUCH_VERSION, f"map/{map_id}", reason=reason))
    return below[-2]
