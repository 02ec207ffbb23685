"""Remove what nobody needs any more: ended sessions and tokens, used links, old jobs."""

from __future__ import annotations

from twofold.access.retention import remove_ended
from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson
from twofold.jobs.retention import remove_old_jobs


def tidy(*, as_json: AsJson = False) -> None:
    """Remove ended sessions, links and tokens, and jobs of more than 90 days; for a daily timer."""
    with opened(alone="operations") as system:
        with system.access.transaction() as transaction:
            removed = remove_ended(transaction, at=system.now())
        with system.jobs.transaction() as transaction:
            removed["jobs"] = remove_old_jobs(transaction, at=system.now())
    shown = [(name, str(count)) for name, count in removed.items()]
    printing.show(removed, printing.facts(shown), as_json=as_json)
