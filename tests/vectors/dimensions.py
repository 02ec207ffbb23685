"""Worked cases of financial dimensions: whose values win on which side."""

from __future__ import annotations

from typing import Final

from tests.scenarios.support import Work
from tests.vectors.case import Case, vector
from tests.vectors.staging import lines
from twofold.finance.setup.dimension_records import DefaultDimension, DimensionAttribute

PERSON: Final = "Bob Kozack"
PROJECT: Final = "ARM"


@vector("IM-20")
def worker_and_project_are_merged(case: Case) -> None:
    # On the cost of an hour the project wins, on the payroll allocation the worker.
    worker, project = case.given["worker"], case.given["project"]
    story = case.story()
    story.change_finance(
        dimension_attributes=tuple(
            DimensionAttribute(
                name, tuple(part[name] for part in (worker, project) if name in part)
            )
            for name in {**worker, **project}
        ),
        default_dimensions=(
            DefaultDimension(resource=PERSON, dimensions=worker),
            DefaultDimension(project=PROJECT, dimensions=project),
        ),
    )
    story.approve(Work(PROJECT, 8, person=PERSON))
    story.post_work()

    (cost,) = (line for line in lines(story) if line.transaction_type == "cost")
    found = story.in_finance("""
        SELECT entry.posting_type::text, own.dimensions
        FROM finance.ledger_entry AS entry
        JOIN finance.dimension_set AS own USING (company, dimension_set_id)
        JOIN finance.project_transaction AS posted USING (company, voucher)
        JOIN finance.staged_actual AS staged USING (company, actual_id)
        WHERE staged.transaction_type = 'cost'
    """)
    sides = {row["posting_type"]: row["dimensions"] for row in found}
    assert sides["cost"] == case.expect["project_cost"]
    assert sides["payroll_allocation"] == case.expect["payroll_allocation"]
    assert cost.dimensions == ", ".join(
        f"{name} {value}" for name, value in sorted(case.expect["project_cost"].items())
    )
    story.holds()
