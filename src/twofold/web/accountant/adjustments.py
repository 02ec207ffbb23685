"""Adjust the accounting of posted transactions: other dimensions, by a voucher one sees first."""

from __future__ import annotations

from typing import Final

from twofold.finance.journal.adjust_accounting import (
    AdjustedAccounting,
    Adjustment,
    adjust_accounting,
)
from twofold.finance.ledger.reads import LedgerEntry, voucher_entries
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.web.accountant.journals import address, picked, shown
from twofold.web.accountant.proposal_preview import ENTRIES
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Listing, answer, whole

_NO_REASON: Final = "ERR-U32"


def _preview(asked: Asked) -> Answer:
    """Show the voucher that the adjustment would post; nothing changes."""
    try:
        adjustment = _adjustment(asked)
        adjusted, entries = _tried(asked, adjustment)
    except Refused as refused:
        return shown(asked, refused.refusals, status=422)
    return answer(
        asked.at(address(asked, asked.path["number"])),
        "adjustment.html",
        Listing(
            title="Voucher, not posted",
            empty="Everything is so already: nothing would be posted.",
            columns=ENTRIES,
            page=whole(entries, ENTRIES),
            place=lambda entry: str(entry.entry_number),
            per_page=max(len(entries), 1),
            foot={"Accounting amount": sum(one.accounting_amount for one in entries)},
        ),
        number=asked.path["number"],
        adjusted=adjusted,
        adjustment=adjustment,
        typed=asked.typed,
        picks=asked.form.get("pick", ()),
    )


def _tried(
    asked: Asked, adjustment: Adjustment
) -> tuple[AdjustedAccounting, tuple[LedgerEntry, ...]]:
    with asked.system.finance.trial() as transaction:
        adjusted = adjust_accounting(
            transaction,
            company=asked.company,
            adjustment=adjustment,
            actor=asked.visitor.login,
            at=asked.now,
        )
        if adjusted.voucher is None:
            return adjusted, ()
        entries = voucher_entries(transaction, company=asked.company, voucher=adjusted.voucher)
    return adjusted, entries


def _adjust(asked: Asked) -> Answer:
    """Post the voucher."""
    try:
        adjustment = _adjustment(asked)
        with asked.system.finance.transaction() as transaction:
            adjusted = adjust_accounting(
                transaction,
                company=asked.company,
                adjustment=adjustment,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, refused.refusals, status=422)
    if adjusted.voucher is None:
        return Moved(f"{address(asked, asked.path['number'])}?done=same")
    return Moved(f"/{asked.company}/vouchers/{adjusted.voucher}?done=adjusted")


def _adjustment(asked: Asked) -> Adjustment:
    """Read the form; which transactions, which dimension, and why (ERR-U32)."""
    name, day = asked.typed("dimension"), asked.typed("day")
    if not asked.typed("reason"):
        raise Refused(refuse(_NO_REASON, f"journal/{asked.path['number']}"))
    return Adjustment(
        actual_ids=picked(asked),
        dimensions={name: asked.typed("value")} if name else {},
        reason=asked.typed("reason"),
        of_offset=asked.typed("of_offset") == "yes",
        accounting_date=asked.speech.read_day(day) if day else None,
    )


PAGES: Final = (
    Page("/{company}/journals/{number}/preview-adjustment", _preview, "account", "POST"),
    Page("/{company}/journals/{number}/adjust", _adjust, "account", "POST"),
)
