"""What confirming a draft would write, by the very statements of confirming, rolled back.

Of a draft with many details it is a job, whose result is shown here.
"""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.jobs.orders import PreviewConfirmation, read
from twofold.jobs.reads import ShownJob, show_job
from twofold.journey.preview import Preview, preview_confirmation
from twofold.journey.preview import read as read_preview
from twofold.kernel.errors import Refused
from twofold.operations.proforma.reads import ShownProforma
from twofold.web.answers import Answer, Shown
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import key_of
from twofold.web.manager.drafts import OPEN, found
from twofold.web.manager.proformas import shown

# Actuals of a preview that are listed; its totals count all.
_PREVIEWED: Final = 50


def _preview(asked: Asked) -> Answer:
    """Show the preview of a draft, or that of the job the query names."""
    proforma = found(asked)
    job = _job_of(asked, proforma)
    if job is not None:
        return _shown(proforma, read_preview(job.result), job)
    if proforma.state in OPEN and proforma.detail_count > AT_ONCE_MAX:
        return Shown("draft_preview.html", {"proforma": proforma, "preview": None, "job": None})
    try:
        preview = preview_confirmation(
            asked.system,
            company=asked.company,
            proforma_ids=(proforma.proforma_id,),
            actor=asked.visitor.login,
            on=asked.now.date(),
            limit=_PREVIEWED,
        )
    except Refused as refused:
        return shown(asked, proforma, refused.refusals)
    return _shown(proforma, preview, None)


def _job_of(asked: Asked, proforma: ShownProforma) -> ShownJob | None:
    """Give the job whose preview is asked for, if it is one of this very draft (404)."""
    number = asked.text("job")
    if not number:
        return None
    with asked.system.jobs.reader() as reader:
        job = show_job(reader, job_id=key_of(number))
    if job is None or job.company != asked.company or not job.result:
        raise HTTPException(404)
    order = read(job.asked)
    if not isinstance(order, PreviewConfirmation) or order.key != proforma.proforma_id:
        raise HTTPException(404)
    return job


def _shown(proforma: ShownProforma, preview: Preview, job: ShownJob | None) -> Answer:
    values = {"proforma": proforma, "preview": preview, "job": job}
    return Shown("draft_preview.html", values)


def _ask(asked: Asked) -> Answer:
    """Ask for the preview of a large draft."""
    proforma = found(asked)
    order = PreviewConfirmation(asked.now.date(), proforma.proforma_id, proforma.number)
    return started(asked, order, company=asked.company)


PAGES: Final = (
    Page("/{company}/proformas/{number}/preview", _preview, "bill"),
    Page("/{company}/proformas/{number}/preview", _ask, "bill", "POST"),
)
