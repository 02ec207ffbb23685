"""Say what an error code means, why it comes up, what to do and who can do it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.parameters import AsJson, Misused
from twofold.kernel.catalogue import CATALOGUE


def explain(
    code: Annotated[str, Parameter(help="An error code, such as ERR-D05.")],
    /,
    *,
    as_json: AsJson = False,
) -> None:
    """Explain an error code: what it means, its cause, its remedy, who acts."""
    name = code.strip().upper()
    entry = CATALOGUE.get(name if name.startswith("ERR-") else f"ERR-{name}")
    if entry is None:
        families = ", ".join(sorted({one[:5] for one in CATALOGUE}))
        raise Misused(f"there is no code {code}; codes begin with {families}")
    printing.show(
        entry,
        printing.facts(
            (
                ("Code", entry.code),
                ("Meaning", entry.title),
                ("Cause", entry.cause),
                ("Remedy", entry.remedy),
                ("Who acts", entry.owner),
                ("Class", entry.error_class),
            )
        ),
        as_json=as_json,
    )
