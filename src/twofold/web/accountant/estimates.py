"""Revenue estimates of fixed prices: load a forecast, create, look, post, eliminate; one, reversed.

What works on all projects of the company is a job; its page names each project that was declined.
The drafts are the preview of posting: how far each project is, and what posting would recognise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.finance.estimates.reads import (
    ShownEstimate,
    ShownProject,
    list_estimate_periods,
    list_estimate_projects,
    list_estimates,
    show_estimate_project,
)
from twofold.finance.estimates.reverse import reverse_estimates
from twofold.jobs.orders import CreateEstimates, EliminateEstimates, LoadForecast, PostEstimates
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.accountant.given_files import FILE_BYTES_MAX, FORM_BYTES, TABLE, keep_file
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, whole

_NO_REASON: Final = "ERR-U32"
_STATES: Final = ("none", "draft", "estimated", "eliminated")


def _list(asked: Asked) -> Answer:
    """Show the estimate projects, and what can be done with them."""
    return _shown(asked)


def _shown(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    state = choice_of(asked, "state", _STATES)

    def page(wanted: Slice) -> Sequence[ShownProject]:
        with asked.system.auditor_finance.reader() as reader:
            return list_estimate_projects(
                reader,
                company=asked.company,
                state=state,
                after=wanted.after,
                limit=wanted.limit,
            )

    with asked.system.auditor_finance.reader() as reader:
        periods = list_estimate_periods(reader, company=asked.company)
    listing: Listing[ShownProject] = Listing(
        title="Revenue estimates",
        empty="No fixed price has a milestone yet.",
        fields=(Field("state", "Status", "choice", _STATES),),
        columns=_columns(asked),
        page=page,
        place=lambda one: one.number,
        pick=lambda one: one.number if one.state != "eliminated" else "",
    )
    return answer(
        asked.at(_address(asked)) if refusals else asked,
        "estimates.html",
        listing,
        status=422 if refusals else 200,
        refusals=refusals,
        periods=periods,
        typed=asked.typed,
        today=asked.now.date(),
        file_kind=TABLE,
        bytes_max=FILE_BYTES_MAX,
        may_account=asked.visitor.may("account", asked.company),
    )


def _columns(asked: Asked) -> tuple[Column[ShownProject], ...]:
    return (
        Column(
            "Estimate project",
            lambda one: one.number,
            to=lambda one: f"{_address(asked)}/of/{one.number}",
            note=lambda one: one.name,
        ),
        Column("Status", lambda one: one.state, "status"),
        Column("Through", lambda one: one.estimated_through, "date"),
        Column("Percent", lambda one: one.percent, "quantity"),
        Column("Forecast", lambda one: one.forecast_amount, "money"),
        Column("Contract amount", lambda one: one.contract_amount, "money"),
        Column("Revenue so far", lambda one: one.accrued_amount or None, "money"),
        Column("To recognise", lambda one: one.draft_accrued_amount, "money"),
        Column("Cost in WIP", lambda one: one.moved_amount or None, "money"),
        Column("To move", lambda one: one.draft_moved_amount or None, "money"),
        Column("Project", lambda one: one.project_number),
    )


def _estimates(asked: Asked, found: Sequence[ShownEstimate]) -> Listing[ShownEstimate]:
    """Give what was posted for a project, oldest first."""
    company = asked.company
    columns: tuple[Column[ShownEstimate], ...] = (
        Column(
            "Voucher", lambda one: one.voucher, to=lambda one: f"/{company}/vouchers/{one.voucher}"
        ),
        Column("Kind", lambda one: one.kind, "term"),
        Column("Through", lambda one: one.estimated_through, "date"),
        Column("Percent", lambda one: one.percent, "quantity"),
        Column("Spent", lambda one: one.counted_amount, "quantity"),
        Column("Of", lambda one: one.total_amount, "quantity"),
        Column("Contract amount", lambda one: one.contract_amount, "money"),
        Column("Revenue", lambda one: one.accrued_amount, "money"),
        Column("Cost in WIP", lambda one: one.moved_amount or None, "money"),
        Column("Variance", lambda one: one.variance_amount or None, "money"),
        Column("Posted", lambda one: one.posted_at.date(), "date", note=lambda x: x.posted_by),
        Column(
            "Reversed by",
            lambda one: one.reversed_by_voucher,
            to=lambda one: f"/{company}/vouchers/{one.reversed_by_voucher}",
        ),
    )
    return Listing(
        title="Posted estimates",
        empty="Nothing was posted yet.",
        columns=columns,
        page=whole(found, columns),
        place=lambda one: one.voucher,
        per_page=max(len(found), 1),
    )


def _show(asked: Asked) -> Answer:
    """Show one project with all that was posted for it."""
    return _shown_project(asked, asked.path["number"])


def _shown_project(asked: Asked, number: str, refusals: Sequence[Refusal] = ()) -> Answer:
    with asked.system.auditor_finance.reader() as reader:
        project = show_estimate_project(reader, company=asked.company, number=number)
        found = list_estimates(reader, company=asked.company, number=number)
    if project is None:
        raise HTTPException(404)
    return answer(
        asked.at(f"{_address(asked)}/of/{number}") if refusals else asked,
        "estimate.html",
        _estimates(asked, found),
        status=422 if refusals else 200,
        project=project,
        refusals=refusals,
        typed=asked.typed,
        today=asked.now.date(),
        may_reverse=asked.visitor.may("account", asked.company)
        and any(one.reversed_by_voucher is None for one in found),
    )


def _forecast(asked: Asked) -> Answer:
    """Load a forecast from a file; what is wrong with it is told by the job, row by row."""
    try:
        upload_id, upload = keep_file(asked, TABLE)
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return started(asked, LoadForecast(upload_id, upload.file), company=asked.company)


def _create(asked: Asked) -> Answer:
    """Create the estimates of a period; what is ticked is complete."""
    order = CreateEstimates(
        on=asked.speech.read_day(asked.typed("day")),
        period=asked.typed("period"),
        complete=tuple(one for one in asked.form.get("pick", ()) if one),
    )
    return started(asked, order, company=asked.company)


def _post(asked: Asked) -> Answer:
    """Post the drafts."""
    return started(asked, PostEstimates(), company=asked.company)


def _eliminate(asked: Asked) -> Answer:
    """Eliminate what is complete and invoiced."""
    order = EliminateEstimates(on=asked.speech.read_day(asked.typed("day")))
    return started(asked, order, company=asked.company)


def _reverse(asked: Asked) -> Answer:
    """Reverse the last estimate of a project, for a reason."""
    number, reason = asked.typed("number"), asked.typed("reason")
    day = asked.speech.read_day(asked.typed("day"))
    if not reason:
        return _shown_project(asked, number, (refuse(_NO_REASON, f"estimate/{number}"),))
    try:
        with asked.system.finance.transaction() as transaction:
            (reversed_,) = reverse_estimates(
                transaction,
                company=asked.company,
                numbers=(number,),
                day=day,
                reason=reason,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown_project(asked, number, refused.refusals)
    return Moved(f"{_address(asked)}/of/{number}?done=reversed:{reversed_.voucher}")


def _address(asked: Asked) -> str:
    return f"/{asked.company}/estimates"


PAGES: Final = (
    Page("/{company}/estimates", _list, "read_finance"),
    Page(
        "/{company}/estimates/forecast", _forecast, "account", "POST", FILE_BYTES_MAX + FORM_BYTES
    ),
    Page("/{company}/estimates/create", _create, "account", "POST"),
    Page("/{company}/estimates/post", _post, "account", "POST"),
    Page("/{company}/estimates/eliminate", _eliminate, "account", "POST"),
    Page("/{company}/estimates/reverse", _reverse, "account", "POST"),
    Page("/{company}/estimates/of/{number:path}", _show, "read_finance"),
)
