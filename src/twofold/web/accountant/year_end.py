"""The end of a year, seen before it is done; and the last day that opening balances cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from twofold.finance.closing.close_year import ClosedYear, close_year
from twofold.finance.closing.periods import list_periods
from twofold.finance.ledger.reads import LedgerEntry, voucher_entries
from twofold.finance.setup.cut_off import StatedCutOff, read_cut_off
from twofold.finance.setup.state_cut_off import state_cut_off
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, answer, whole

_ENTRIES: Final[tuple[Column[LedgerEntry], ...]] = (
    Column("Account", lambda one: one.account),
    Column("Posting type", lambda one: one.posting_type, "term"),
    Column("Accounting amount", lambda one: one.accounting_amount, "money"),
)


def _show(asked: Asked) -> Answer:
    """Show both forms."""
    return _shown(asked)


def _shown(
    asked: Asked,
    refusals: Sequence[Refusal] = (),
    closed: ClosedYear | None = None,
    entries: tuple[LedgerEntry, ...] = (),
) -> Answer:
    with asked.system.auditor_finance.reader() as reader:
        ends = [one.period_end for one in list_periods(reader, company=asked.company)]
        stated = read_cut_off(reader, company=asked.company)
    return answer(
        asked.at(f"/{asked.company}/year-end") if refusals or closed else asked,
        "year_end.html",
        Listing(
            title="Voucher, not posted",
            columns=_ENTRIES,
            page=whole(entries, _ENTRIES),
            place=lambda one: str(one.entry_number),
            per_page=max(len(entries), 1),
            foot={"Accounting amount": sum(one.accounting_amount for one in entries)},
        ),
        status=422 if refusals else 200,
        refusals=refusals,
        ends=ends,
        chosen=asked.typed("day") or str(_last_year(ends, asked.now.date()) or ""),
        closed=closed,
        stated=stated,
        cut_off=asked.typed("cut_off") or _day(stated),
        may_account=asked.visitor.may("account", asked.company),
    )


def _last_year(ends: Sequence[date], today: date) -> date | None:
    """Give the last end of a December, or of any period, before today."""
    past = [one for one in ends if one < today]
    return max((one for one in past if one.month == 12), default=max(past, default=None))


def _day(stated: StatedCutOff | None) -> str:
    return str(stated.cut_off_on) if stated else ""


def _preview(asked: Asked) -> Answer:
    """Show the closing voucher; nothing is posted."""
    day = asked.speech.read_day(asked.typed("day"))
    try:
        with asked.system.finance.trial() as transaction:
            closed = close_year(
                transaction,
                company=asked.company,
                year_end=day,
                actor=asked.visitor.login,
                at=asked.now,
            )
            entries = voucher_entries(transaction, company=asked.company, voucher=closed.voucher)
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return _shown(asked, closed=closed, entries=entries)


def _close(asked: Asked) -> Answer:
    """Post the closing voucher."""
    day = asked.speech.read_day(asked.typed("day"))
    try:
        with asked.system.finance.transaction() as transaction:
            closed = close_year(
                transaction,
                company=asked.company,
                year_end=day,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/vouchers/{closed.voucher}?done=closed")


def _cut_off(asked: Asked) -> Answer:
    """State the last day that opening balances cover."""
    day = asked.speech.read_day(asked.typed("cut_off"))
    try:
        with asked.system.finance.transaction() as transaction:
            state_cut_off(
                transaction,
                company=asked.company,
                cut_off_on=day,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/year-end?done=stated")


PAGES: Final = (
    Page("/{company}/year-end", _show, "read_finance"),
    Page("/{company}/year-end/preview", _preview, "account", "POST"),
    Page("/{company}/year-end/close", _close, "account", "POST"),
    Page("/{company}/year-end/cut-off", _cut_off, "account", "POST"),
)
