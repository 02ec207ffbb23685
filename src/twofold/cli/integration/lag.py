"""How late the bridge is: per map and company, and what holds up the queue."""

from __future__ import annotations

from datetime import timedelta

from twofold.cli import printing
from twofold.cli.opening import opened, those_that_answer
from twofold.cli.parameters import AsJson, Company
from twofold.dualwrite.sets.reads import HeldUp, Lag, held_up, lag


def show_lag(*, company: Company = None, as_json: AsJson = False) -> None:
    """Show how late each map is in each company, and what holds up the queue."""
    late: list[tuple[str, Lag]] = []
    held: list[tuple[str, HeldUp]] = []
    with opened(maps="looked at", pair="as it is", alone="operations") as system:
        for book, reader in those_that_answer(system.auditor_operations, system.auditor_finance):
            late += [(book.name, one) for one in lag(reader, company=company)]
            held += [(book.name, one) for one in held_up(reader, company=company)]
    document = {
        "maps": [{"source": source, "lag": one} for source, one in late],
        "queue": [{"source": source, "held": one} for source, one in held],
    }
    maps = printing.table(
        ("From", "Company", "Map", "On their way", "Oldest for", "Arrived", "Half within", "95 %"),
        [
            (
                source, one.company, one.map, one.pending_count, _seconds(one.age),
                one.arrived_count, _seconds(one.p50), _seconds(one.p95),
            )
            for source, one in late
        ],
        title="Seconds from the sender's commit to the receiver's",
    )  # fmt: skip
    queue = printing.table(
        ("From", "Company", "Held up by", "Code", "Sets", "Oldest since"),
        [
            (source, one.company, one.reason, one.code, one.set_count, one.oldest)
            for source, one in held
        ],
        title="Queue",
    )
    printing.show(document, maps, queue, as_json=as_json)


def _seconds(length: timedelta | None) -> str | None:
    return None if length is None else f"{length.total_seconds():.3f}"
