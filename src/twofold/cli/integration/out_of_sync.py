"""Actuals that should have a voucher by now."""

from __future__ import annotations

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.operations.actuals.out_of_sync import OutOfSync, out_of_sync


def show(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List actuals of the last month that were sent over an hour ago and have no voucher.

    A set that was not applied is under `twofold sets list`; one that was waits in finance:
    `twofold trace actual/KEY` says for what.
    """
    found: list[tuple[str, OutOfSync]] = []
    with opened(alone="operations") as system:
        companies = chosen_companies(system, company)
        with system.operations.reader() as reader:
            for code in companies:
                rows = out_of_sync(reader, company=code, at=system.now(), limit=limit - len(found))
                found += [(code, one) for one in rows]
    printing.show(
        [{"company": code, "actual": one} for code, one in found],
        printing.table(
            ("Company", "Actual", "Type", "Class", "Project", "Date", "Amount", "Currency",
             "Set", "Sent", "Applied"),
            [
                (
                    code, one.actual_id, one.transaction_type, one.transaction_class,
                    one.project_number, one.transaction_date, one.amount, one.currency,
                    one.set_id, one.created_at, one.applied_at,
                )
                for code, one in found
            ],
            title="Out of sync",
        ),
        as_json=as_json,
    )  # fmt: skip
