"""Take lines of an unposted journal back to staging."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.documents import find_document
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name
from twofold.finance.journal.delete import delete_lines
from twofold.finance.journal.reads import show_journal


def delete(
    number: Annotated[str, Parameter(help="Number of the journal.")],
    /,
    *,
    actuals: Annotated[
        list[int] | None,
        Parameter(name="--actual", help="Only the line of this actual; may be repeated."),
    ] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Delete an unposted journal, or lines of it: the next import makes them anew."""
    with opened(alone="finance") as system:
        code, journal = find_document(
            system, company, f"journal {number}",
            lambda reader, code: show_journal(reader, company=code, number=number, lines=0),
        )  # fmt: skip
        with system.finance.transaction() as transaction:
            deleted = delete_lines(
                transaction,
                company=code,
                journal_id=journal.summary.journal_id,
                actual_ids=tuple(actuals) if actuals else None,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "deleted": deleted},
        printing.facts(
            (
                ("Journal", f"{deleted.number} of {code}"),
                ("State", deleted.state),
                ("Lines deleted", deleted.deleted_count),
                ("Lines left", deleted.left_count),
            )
        ),
        as_json=as_json,
    )
    if not as_json:
        printing.say("Next: `twofold finance import-from-staging` makes the lines again.")
