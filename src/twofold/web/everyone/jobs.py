"""Jobs: ask for long work, see how far it is, cancel it, read what it declined.

Everybody sees their own; who administers or audits people sees all. Other pages send their forms
to the addresses below: ``key`` names what is chosen, none means all; ``to`` is where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.access.roles import Permission
from twofold.jobs.ask import ask_for, cancel_job, note_seen
from twofold.jobs.orders import (
    ConfirmProformas,
    CreateProformas,
    CreateScheduled,
    ImportStaging,
    Order,
    PostJournals,
    PostProposals,
    PreviewConfirmation,
    read,
)
from twofold.jobs.reads import ShownJob, list_jobs, list_refusals, show_job
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page, inside
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, key_of
from twofold.web.navigation import may_open

_FORBIDDEN: Final = "ERR-U05"
_NOTHING_TICKED: Final = "ERR-U30"

STATES: Final = ("waiting", "running", "done", "refused", "failed", "cancelled")
KINDS: Final[dict[str, tuple[str, str]]] = {
    "apply_setup": ("Apply the setup", "Rows written"),
    "confirm_proformas": ("Confirm proforma invoices", "Confirmed"),
    "create_estimates": ("Create estimates", "Created"),
    "create_proformas": ("Create proforma invoices", "Created"),
    "create_scheduled": ("Create proforma invoices by schedule", "Created"),
    "decide_entries": ("Decide on entries", "Decided"),
    "eliminate_estimates": ("Eliminate estimate projects", "Eliminated"),
    "import_entries": ("Import entries", "Recorded"),
    "import_payments": ("Import payments", "Posted"),
    "import_staging": ("Import from staging", "Imported"),
    "load_forecast": ("Load a forecast", "Lines loaded"),
    "mark_backlog": ("Mark the backlog", "Changed"),
    "post_costs": ("Post costs", "Lines posted"),
    "post_estimates": ("Post estimates", "Posted"),
    "post_journals": ("Post integration journals", "Posted"),
    "post_proposals": ("Post invoice proposals", "Posted"),
    "preview_confirmation": ("Preview a confirmation", "Actuals"),
    "reconcile": ("Reconcile the books", "Differences"),
    "repair": ("Repair differences", "Repaired"),
    "take_costs": ("Take over costs of finance", "Taken over"),
}
"""What each kind is called, and what is counted when it has ended; in English."""


# Where what a job made is listed.
_MADE: Final = {
    "apply_setup": "/{company}/setup",
    "confirm_proformas": "/{company}/proformas?state=confirmed",
    "create_estimates": "/{company}/estimates?state=draft",
    "create_proformas": "/{company}/proformas?state=draft",
    "create_scheduled": "/{company}/proformas?state=draft",
    "decide_entries": "/{company}/approvals",
    "eliminate_estimates": "/{company}/estimates?state=eliminated",
    "import_entries": "/{company}/imports/{job_id}",
    "import_payments": "/{company}/payments",
    "import_staging": "/{company}/inbox",
    "load_forecast": "/{company}/estimates",
    "post_estimates": "/{company}/estimates?state=estimated",
    "post_journals": "/{company}/journals",
    "post_proposals": "/{company}/invoices",
    "take_costs": "/{company}/finance-costs",
}
# The list that has a page of its own for what a job names as its result.
_NAMED: Final = {
    "confirm_proformas": "/{company}/proformas",
    "import_staging": "/{company}/proposals",
    "post_journals": "/{company}/journals",
    "post_proposals": "/{company}/invoices",
    "reconcile": "/integration/reconciliation",
    "repair": "/integration/reconciliation",
}
# What a job of these kinds declined is told by a page of its own.
_REPORTED: Final = frozenset({"import_entries"})


def started(asked: Asked, order: Order, *, company: str) -> Moved:
    """Ask for a job in the name of the visitor, who may, and go to its page."""
    with asked.system.jobs.transaction() as transaction:
        job_id = ask_for(
            transaction,
            company=company,
            order=order,
            actor=asked.visitor.login,
            came_from=inside(asked.typed("to")),
        )
    return Moved(f"/jobs/{job_id}")


def _list(asked: Asked) -> Answer:
    """Show jobs, the newest first: one's own, or all where that is asked for and allowed."""
    sees_all = asked.visitor.may("read_access") or bool(asked.visitor.companies("read_access"))
    is_all = sees_all and asked.text("whose") == "all"
    state = choice_of(asked, "state", STATES)

    def page(wanted: Slice) -> Sequence[ShownJob]:
        with asked.system.jobs.reader() as reader:
            return list_jobs(
                reader,
                companies=_companies(asked) if is_all else None,
                actor=None if is_all else asked.visitor.login,
                state=state,
                before_id=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[ShownJob] = Listing(
        title="Jobs",
        empty="No job is here. Whatever takes longer than a page shows its progress here.",
        fields=(Field("state", "Status", "choice", STATES),),
        columns=(
            Column(
                "Job", lambda one: KINDS[one.kind][0], "term", to=lambda one: f"/jobs/{one.job_id}"
            ),
            Column("Company", lambda one: one.company or None),
            Column("Number", lambda one: one.job_id, "quantity"),
            Column("Started by", lambda one: one.actor),
            Column("Started", lambda one: one.created_at, "moment"),
            Column("Status", lambda one: one.state, "status"),
            Column("Steps done", lambda one: one.done_count, "quantity"),
            Column("Result", lambda one: one.made_count if one.ended_at else None, "quantity"),
            Column("Refused", lambda one: one.refusal_count if one.ended_at else None, "quantity"),
        ),
        page=page,
        place=lambda one: str(one.job_id),
    )
    return answer(
        asked,
        "jobs.html",
        listing,
        sees_all=sees_all,
        is_all=is_all,
        may_start=_may_start(asked),
    )


def _companies(asked: Asked) -> tuple[str, ...] | None:
    """Name the companies whose jobs the visitor may see; None for all."""
    return None if asked.visitor.may("read_access") else asked.visitor.companies("read_access")


def _show(asked: Asked) -> Answer:
    """Show one job; while it runs only the part that changes is asked for."""
    job = found_job(asked)
    after = key_of(asked.text("after"))
    with asked.system.jobs.reader() as reader:
        refusals = list_refusals(
            reader,
            job,
            after=after,
            limit=PER_PAGE + 1,
        )
    has_looked = asked.token.text and job.actor == asked.visitor.login
    if job.ended_at and not job.seen_at and has_looked:
        with asked.system.jobs.transaction() as transaction:
            note_seen(transaction, job_id=job.job_id, actor=job.actor)
    has_more = len(refusals) > PER_PAGE
    leads_to = _leads_to(job)
    values = {
        "job": job,
        "kinds": KINDS,
        "refusals": refusals[:PER_PAGE],
        "leads_to": leads_to if may_open(asked.visitor, leads_to) else "",
        "is_mine": job.actor == asked.visitor.login,
        "may_cancel": _may_cancel(asked, job),
        "following": asked.here(after=str(after + PER_PAGE)) if has_more else "",
        "has_report": job.kind in _REPORTED,
    }
    return Shown("job_state.html" if asked.is_partial else "job.html", values)


def _cancel(asked: Asked) -> Answer:
    """Cancel a job of one's own, or as an administrator."""
    job = found_job(asked)
    if not _may_cancel(asked, job):
        raise Refused(refuse(_FORBIDDEN, f"job/{job.job_id}"))
    with asked.system.jobs.transaction() as transaction:
        cancel_job(transaction, job_id=job.job_id, actor=asked.visitor.login)
    return Moved(f"/jobs/{job.job_id}")


def found_job(asked: Asked) -> ShownJob:
    """Give the job that the address names, to who asked for it or looks after people (404)."""
    with asked.system.jobs.reader() as reader:
        job = show_job(reader, job_id=key_of(asked.path["number"]))
    if job is None or not (
        job.actor == asked.visitor.login or asked.visitor.may("read_access", job.company)
    ):
        raise HTTPException(404)
    return job


def _may_cancel(asked: Asked, job: ShownJob) -> bool:
    return job.actor == asked.visitor.login or asked.visitor.may("administer")


def _leads_to(job: ShownJob) -> str:
    """Give the page that shows what the job made."""
    if job.kind == "preview_confirmation":
        order = read(job.asked)
        assert isinstance(order, PreviewConfirmation), job.kind
        return f"/{job.company}/proformas/{order.number}/preview?job={job.job_id}"
    named = _NAMED.get(job.kind) if job.result else None
    if named:
        return f"{named.format(company=job.company)}/{job.result}"
    made = _MADE.get(job.kind)
    return made.format(company=job.company, job_id=job.job_id) if made else job.came_from


def _may_start(asked: Asked) -> list[tuple[str, str, str, str]]:
    """Give company, address, name and explanation of each job the visitor may ask for here."""
    return [
        (company, address, KINDS[kind][0], words)
        for kind, address, permission, words in STARTS
        for company in asked.visitor.companies(permission)
    ]


def _keys(asked: Asked) -> tuple[int, ...]:
    """Give what the form names: keys of its own, or the rows of a list that are ticked."""
    chosen = (*asked.form.get("key", ()), *asked.form.get("pick", ()))
    return tuple(int(one) for one in chosen if one.isdecimal())


def _confirm(asked: Asked) -> Answer:
    """Confirm the drafts that are ticked, or all where no list was asked about (ERR-U30)."""
    keys = _keys(asked)
    if asked.typed("of") == "selected" and not keys:
        raise Refused(refuse(_NOTHING_TICKED, "proforma"))
    order = ConfirmProformas(on=asked.now.date(), keys=keys)
    return started(asked, order, company=asked.company)


def _create_chosen(asked: Asked) -> Answer:
    """Create drafts of what is ready, of the contracts that are ticked, or of all."""
    order = CreateProformas(on=asked.now.date(), keys=_keys(asked))
    return started(asked, order, company=asked.company)


def _create(asked: Asked) -> Answer:
    """Create the drafts whose run date has come."""
    return started(asked, CreateScheduled(on=asked.now.date()), company=asked.company)


def _import(asked: Asked) -> Answer:
    """Import what has arrived, and judge anew what was held."""
    return started(asked, ImportStaging(on=asked.now.date()), company=asked.company)


def _post_journals(asked: Asked) -> Answer:
    """Post the journals chosen, or all drafts."""
    return started(asked, PostJournals(keys=_keys(asked)), company=asked.company)


def _post_proposals(asked: Asked) -> Answer:
    """Post the proposals chosen, or all that are ready."""
    return started(asked, PostProposals(keys=_keys(asked)), company=asked.company)


# Kind, address, permission, and what pressing the button means; in English.
STARTS: Final[tuple[tuple[str, str, Permission, str], ...]] = (
    (
        "create_proformas", "create-proformas", "bill",
        "Drafts of everything that is ready to invoice, contract by contract.",
    ),
    (
        "create_scheduled", "create-scheduled", "bill",
        "Drafts of every contract line whose run date has come.",
    ),
    (
        "confirm_proformas", "confirm-proformas", "bill",
        "Every draft, each for itself: one that is refused stays a draft.",
    ),
    (
        "import_staging", "import", "account",
        "What has arrived from operations; what was held back is judged again.",
    ),
    (
        "post_journals", "post-journals", "account",
        "Every draft journal; lines that cannot be posted move to one of their own.",
    ),
    (
        "post_proposals", "post-proposals", "account",
        "Every proposal that is ready; one that cannot be posted holds up no other.",
    ),
)  # fmt: skip

PAGES: Final = (
    Page("/jobs", _list, None),
    Page("/jobs/{number}", _show, None),
    Page("/jobs/{number}/cancel", _cancel, None, "POST"),
    Page("/{company}/jobs/confirm-proformas", _confirm, "bill", "POST"),
    Page("/{company}/jobs/create-proformas", _create_chosen, "bill", "POST"),
    Page("/{company}/jobs/create-scheduled", _create, "bill", "POST"),
    Page("/{company}/jobs/import", _import, "account", "POST"),
    Page("/{company}/jobs/post-journals", _post_journals, "account", "POST"),
    Page("/{company}/jobs/post-proposals", _post_proposals, "account", "POST"),
)
