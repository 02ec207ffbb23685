"""Check what Twofold stands on, and say what to repair."""

from __future__ import annotations

from twofold.cli import printing
from twofold.cli.machine.health import examine
from twofold.cli.opening import settings
from twofold.cli.parameters import AsJson

FAULT = 3


def doctor(*, as_json: AsJson = False) -> int:
    """Check servers, roles, schemas and maps; change nothing."""
    with printing.working("Looking"):
        findings = examine(settings())
    printing.show(
        findings,
        printing.table(
            ("", "Check", "Found", "Remedy"),
            [(one.state, one.check, one.detail, one.remedy) for one in findings],
        ),
        as_json=as_json,
    )
    return FAULT if any(one.state == "fail" for one in findings) else 0
