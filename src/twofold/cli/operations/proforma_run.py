"""The daily job: drafts of all contract lines whose run date has come."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name, day
from twofold.journey.run_schedules import Outcome, run_schedules

REFUSED = 1


def run(
    *,
    company: Company = None,
    on: Annotated[
        date | None, Parameter(help="Run what is due up to this day; left out: today.")
    ] = None,
    workers: Annotated[PositiveInt, Parameter(help="Batches of contracts at a time.")] = 1,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Create the drafts of contract lines whose run date has come; start it once a day.

    Days that were missed are made up for. Ends with 1 where a line failed; the others stand.
    """
    done: list[tuple[str, Outcome]] = []
    with opened(alone="operations") as system:
        for code in chosen_companies(system, company):
            with printing.working(f"Running the schedules of {code}"):
                outcome = run_schedules(
                    system,
                    company=code,
                    on=day(on),
                    actor=actor_name(actor),
                    workers=workers,
                )
            done.append((code, outcome))
    printing.show(
        [{"company": code, "run": outcome} for code, outcome in done],
        printing.table(
            ("Company", "Drafts", "Items", "Lines run", "Failed"),
            [
                (
                    code, len(one.proformas), sum(each.detail_count for each in one.proformas),
                    one.successful_count, one.failed_count,
                )
                for code, one in done
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
    printing.tell_refusals(
        [refusal for _, one in done for refusal in one.refusals], title="Not billed"
    )
    return REFUSED if any(one.failed_count for _, one in done) else 0
