"""What a job may be asked to do: one record a kind, and the permission it takes.

Every order can be carried out again after its worker died: what was done is done, and the
processes pass it by.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec
from msgspec import Struct

from twofold.access.roles import Permission


class ConfirmProformas(Struct, frozen=True, tag_field="kind", tag="confirm_proformas"):
    """Confirm drafts in bulk; without keys, every draft of the company. ``on`` dates the others."""

    on: date
    keys: tuple[int, ...] = ()


class CreateProformas(Struct, frozen=True, tag_field="kind", tag="create_proformas"):
    """Create drafts of what is ready up to ``on``: of contracts, or of all that have any."""

    on: date
    keys: tuple[int, ...] = ()


class CreateScheduled(Struct, frozen=True, tag_field="kind", tag="create_scheduled"):
    """Create the drafts of contract lines whose run date is ``on`` or before."""

    on: date


class DecideEntries(Struct, frozen=True, tag_field="kind", tag="decide_entries"):
    """Approve or reject what waits for a decision: all of it, or what the filter leaves.

    ``verdict`` is approve or reject; who rejects gives a ``reason``.
    """

    verdict: str
    reason: str = ""
    project: str = ""
    cls: str = ""
    person: str = ""
    up_to: date | None = None


class MarkBacklog(Struct, frozen=True, tag_field="kind", tag="mark_backlog"):
    """Make what is open ready to invoice, or not ready: all of it, or what the filter leaves.

    ``state`` is ready or not_ready; ``item_kind`` '' is every kind.
    """

    state: str
    contract_id: int | None = None
    project_id: int | None = None
    customer_id: int | None = None
    up_to: date | None = None
    item_kind: str = ""


class PreviewConfirmation(Struct, frozen=True, tag_field="kind", tag="preview_confirmation"):
    """See what confirming a draft would write, and write nothing; ``on`` dates it."""

    on: date
    key: int
    number: str


class ImportStaging(Struct, frozen=True, tag_field="kind", tag="import_staging"):
    """Import what has arrived from operations, or what one proposal needs; ``on`` is the day."""

    on: date
    proposal: str = ""


class ImportPayments(Struct, frozen=True, tag_field="kind", tag="import_payments"):
    """Post the payments of an uploaded file, and settle what they name.

    ``customers`` says by reference who paid; payments of ``left_out`` are not posted.
    """

    upload_id: int
    file: str
    bank_account: str
    customers: dict[str, str] = {}
    left_out: tuple[str, ...] = ()


class PostCosts(Struct, frozen=True, tag_field="kind", tag="post_costs"):
    """Post an uploaded file of costs: a general journal, or vendor invoices."""

    upload_id: int
    file: str
    document: Literal["general_journal", "vendor_invoice"]
    prices_include_tax: bool = False
    is_intercompany: bool = False


class TakeCosts(Struct, frozen=True, tag_field="kind", tag="take_costs"):
    """Make costs and sales of what finance posted itself and nobody took over yet."""


class LoadForecast(Struct, frozen=True, tag_field="kind", tag="load_forecast"):
    """Load the uploaded forecast of estimate projects in the place of what they had."""

    upload_id: int
    file: str


class CreateEstimates(Struct, frozen=True, tag_field="kind", tag="create_estimates"):
    """Create the estimates of a period code through the end of the period that holds ``on``.

    ``complete`` names estimate projects that nothing more is spent on.
    """

    on: date
    period: str
    complete: tuple[str, ...] = ()


class PostEstimates(Struct, frozen=True, tag_field="kind", tag="post_estimates"):
    """Post every estimate that was created."""


class EliminateEstimates(Struct, frozen=True, tag_field="kind", tag="eliminate_estimates"):
    """Eliminate every estimate project that is complete and invoiced; ``on`` dates the vouchers."""

    on: date


class ApplySetup(Struct, frozen=True, tag_field="kind", tag="apply_setup"):
    """Apply an uploaded file of the finance setup; it may name several companies."""

    upload_id: int
    file: str


class PostJournals(Struct, frozen=True, tag_field="kind", tag="post_journals"):
    """Post integration journals; without keys, every draft of the company."""

    keys: tuple[int, ...] = ()


class PostProposals(Struct, frozen=True, tag_field="kind", tag="post_proposals"):
    """Post proposals that are ready; without keys, all. ``on`` replaces their invoice dates."""

    keys: tuple[int, ...] = ()
    on: date | None = None


class Reconcile(Struct, frozen=True, tag_field="kind", tag="reconcile"):
    """Compare the rows of both books; of one map or all, of the job's company or all."""

    map: str = ""


class Repair(Struct, frozen=True, tag_field="kind", tag="repair"):
    """Do, for a reason, what the plan says about the differences of a reconciliation."""

    run: str
    map: str
    reason: str
    row_keys: tuple[str, ...] = ()


class ImportEntries(Struct, frozen=True, tag_field="kind", tag="import_entries"):
    """Record the rows of an uploaded file; ``accept_good`` leaves bad rows out.

    ``date_format`` '' is the one that the file's own dates tell.
    """

    upload_id: int
    file: str
    date_format: str = ""
    accept_good: bool = False


Order = (
    ApplySetup
    | ConfirmProformas
    | CreateEstimates
    | CreateProformas
    | CreateScheduled
    | DecideEntries
    | EliminateEstimates
    | ImportEntries
    | ImportPayments
    | ImportStaging
    | LoadForecast
    | MarkBacklog
    | PostCosts
    | PostEstimates
    | PostJournals
    | PostProposals
    | PreviewConfirmation
    | Reconcile
    | Repair
    | TakeCosts
)

PERMISSIONS: Final[dict[type[Order], Permission]] = {
    ApplySetup: "account",
    ConfirmProformas: "bill",
    CreateEstimates: "account",
    CreateProformas: "bill",
    CreateScheduled: "bill",
    DecideEntries: "approve_work",
    EliminateEstimates: "account",
    ImportEntries: "record_work",
    ImportPayments: "account",
    ImportStaging: "account",
    LoadForecast: "account",
    MarkBacklog: "bill",
    PostCosts: "account",
    PostEstimates: "account",
    PostJournals: "account",
    PostProposals: "account",
    PreviewConfirmation: "bill",
    Reconcile: "integrate",
    Repair: "integrate",
    TakeCosts: "bill",
}
"""What the person who asks must be allowed, when they ask and when the job is run."""


def permission_for(order: Order) -> Permission:
    """Give the permission an order takes."""
    return PERMISSIONS[type(order)]


def kind_of(order: Order) -> str:
    """Name the kind of an order."""
    return str(type(order).__struct_config__.tag)


def written(order: Order) -> str:
    """Write an order as the document that is kept."""
    return msgspec.json.encode(order).decode()


def read(text: str) -> Order:
    """Read an order that was kept."""
    return msgspec.json.decode(text, type=Order)
