"""Revenue estimates of fixed prices: forecast, create, look, post, reverse, eliminate."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    day,
    usage,
)
from twofold.finance.estimates.create import create_estimates
from twofold.finance.estimates.eliminate import eliminate_estimates
from twofold.finance.estimates.forecast_file import read_forecast
from twofold.finance.estimates.load_forecast import load_forecast
from twofold.finance.estimates.post import post_estimates
from twofold.finance.estimates.reads import (
    is_estimate_project,
    list_estimate_projects,
    list_estimates,
)
from twofold.finance.estimates.reverse import reverse_estimates
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

app = App(name="estimate", help="Revenue estimates of fixed prices.")

On = Annotated[date | None, Parameter(help="Voucher date; left out: today.")]


@app.command
def forecast(
    file: Annotated[Path, Parameter(help="CSV: project, class, category, quantity, amount.")],
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Load what estimate projects will have cost in the end, in the place of what they had."""
    lines = read_forecast(file.read_bytes())
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            loaded = load_forecast(
                transaction, company=code, lines=lines, actor=actor_name(actor), at=system.now()
            )
    printing.show(
        {"company": code, "loaded": loaded},
        printing.facts((
            ("Company", code), ("Projects", loaded.project_count), ("Lines", loaded.line_count),
        )),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="list")
def list_projects(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List estimate projects: state, percent complete, revenue and cost by estimates so far."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.reader() as reader:
            found = list_estimate_projects(reader, company=code, limit=limit)
    printing.show(
        {"company": code, "projects": found},
        printing.table(
            ("Number", "Name", "Project", "State", "Through", "Percent", "Revenue", "Cost in WIP"),
            [
                (
                    one.number, one.name, one.project_number, one.state, one.estimated_through,
                    one.percent, one.accrued_amount, one.moved_amount,
                )
                for one in found
            ],
            title=f"Estimate projects of {code}",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def show(
    number: Annotated[str, Parameter(help="Contract and line, such as C-100/1.")],
    /,
    *,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show what was posted for an estimate project."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.reader() as reader:
            if not is_estimate_project(reader, company=code, number=number):
                raise Refused(refuse("ERR-F81", f"estimate/{number}", field="number", value=number))
            found = list_estimates(reader, company=code, number=number)
    printing.show(
        {"company": code, "number": number, "estimates": found},
        printing.table(
            ("Voucher", "Kind", "Through", "Percent", "Contract", "Revenue", "Cost in WIP",
             "Variance", "Reversed by"),
            [
                (
                    one.voucher, one.kind, one.estimated_through, one.percent, one.contract_amount,
                    one.accrued_amount, one.moved_amount, one.variance_amount,
                    one.reversed_by_voucher,
                )
                for one in found
            ],
            title=f"Estimates of {number} in {code}",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def create(
    on: Annotated[date, Parameter(help="A day of the period, as YYYY-MM-DD.")],
    /,
    *,
    period: Annotated[str, Parameter(help="Period code of the profiles, such as EstMonth.")],
    complete: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Estimate projects that nothing more is spent on."),
    ] = (),
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Create the estimates of a period, to look at; nothing is posted."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            done = create_estimates(
                transaction,
                company=code,
                period=period,
                day=on,
                complete=complete,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "created": done.created, "declined": done.declined},
        printing.table(
            ("Number", "Through", "Percent", "Contract", "Revenue", "Cost into WIP"),
            [
                (
                    one.number, one.estimated_through, one.percent, one.contract_amount,
                    one.accrued_amount, one.moved_amount,
                )
                for one in done.created
            ],
            title=f"Estimates created in {code}",
        ),
        as_json=as_json,
    )  # fmt: skip
    printing.tell_refusals(done.declined, title="Not created")


@app.command
def post(*, company: Company = None, actor: ActorName = None, as_json: AsJson = False) -> None:
    """Post the estimates that were created."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            done = post_estimates(
                transaction, company=code, actor=actor_name(actor), at=system.now()
            )
    printing.show(
        {"company": code, "posted": done.posted, "declined": done.declined},
        printing.table(
            ("Number", "Voucher", "Through", "Percent", "Revenue", "Cost into WIP"),
            [
                (
                    one.number, one.voucher, one.estimated_through, one.percent,
                    one.accrued_amount, one.moved_amount,
                )
                for one in done.posted
            ],
            title=f"Estimates posted in {code}",
        ),
        as_json=as_json,
    )  # fmt: skip
    printing.tell_refusals(done.declined, title="Not posted")


@app.command(usage=usage("estimate reverse", "NUMBERS... --reason WORDS"))
def reverse(
    number: Annotated[str, Parameter(help="Contract and line, such as C-100/1.")],
    /,
    *more: str,
    reason: Annotated[str, Parameter(help="Why; it is kept.")],
    on: On = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Reverse the last estimate of estimate projects, or their elimination."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            found = reverse_estimates(
                transaction,
                company=code,
                numbers=(number, *more),
                day=day(on),
                reason=reason,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "reversed": found},
        printing.table(
            ("Number", "Kind", "Reversed", "Voucher"),
            [(one.number, one.kind, one.reversed_voucher, one.voucher) for one in found],
            title=f"Estimates reversed in {code}",
        ),
        as_json=as_json,
    )


@app.command
def eliminate(
    *,
    on: On = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Eliminate every estimate project that is at 100 percent and invoiced."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            done = eliminate_estimates(
                transaction,
                company=code,
                day=day(on),
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "eliminated": done.eliminated, "declined": done.declined},
        printing.table(
            ("Number", "Voucher", "Revenue", "Variance"),
            [
                (one.number, one.voucher, one.contract_amount, one.variance_amount)
                for one in done.eliminated
            ],
            title=f"Estimate projects eliminated in {code}",
        ),
        as_json=as_json,
    )
    printing.tell_refusals(done.declined, title="Not eliminated")
