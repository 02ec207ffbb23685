"""The bridge itself: which two books it joins, and how to join them again."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import dsn_of, embedded_server, is_embedded, settings
from twofold.cli.parameters import ActorName, AsJson, Misused, actor_name
from twofold.dualwrite.proof.adopt import Adoption
from twofold.journey.pairing import adopt_books, look_at_adoption

app = App(name="dualwrite", help="The bridge itself: which two books it joins.")


@app.command
def adopt(
    *,
    reason: Annotated[str, Parameter(help="Why, in words that someone else understands.")] = "",
    as_copy: Annotated[
        bool, Parameter(negative=(), help="Both books are copies: make them a pair of their own.")
    ] = False,
    show: Annotated[
        bool, Parameter(negative=(), help="Only show what differs; change nothing.")
    ] = False,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Make two books a pair again after one was restored, moved or copied."""
    given = settings()
    if is_embedded(given):
        embedded_server(given).ensure()
    dsn = dsn_of(given)
    if show:
        _tell(look_at_adoption(dsn), "would be", as_json=as_json)
        return
    if not reason.strip():
        raise Misused("--reason is needed: it is kept with every set concerned (--show only looks)")
    done = adopt_books(
        dsn,
        environment=given.environment,
        as_copy=as_copy,
        reason=reason.strip(),
        actor=actor_name(actor),
    )
    _tell(done, "is", as_json=as_json)
    if not as_json:
        printing.say("Next: `twofold deliver`, then `twofold verify`.")


def _tell(adoption: Adoption, verb: str, *, as_json: bool) -> None:
    rows = [
        (one.source, one.target, what, name.company, name.set_id)
        for one in adoption.directions
        for what, names in (
            (f"{verb} sent again: {one.target} lost it", one.send_again),
            (f"{verb} accepted as lost by {one.source}; {one.target} keeps it", one.lost),
        )
        for name in names
    ]
    printing.show(
        adoption,
        printing.table(
            ("From", "To", "What becomes of it", "Company", "Set"),
            rows,
            title="Sets that one book has and the other lost",
        ),
        printing.facts([("moved", ", ".join(adoption.moved) or "neither book")]),
        as_json=as_json,
    )
