"""Fiscal periods: open, on hold, closed; and where accrued revenue and its reversal differ."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from twofold.finance.closing.accruals import Imbalance, View, imbalances
from twofold.finance.closing.adjust_accruals import Correction, adjust_accruals
from twofold.finance.closing.close_period import close_period
from twofold.finance.closing.periods import ShownPeriod, list_periods
from twofold.finance.closing.reopen_period import reopen_period
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, answer, day_of, whole

_VIEWS: Final[tuple[View, ...]] = ("transaction", "project", "account")
_PERIODS: Final[tuple[Column[ShownPeriod], ...]] = (
    Column("From", lambda one: one.period_start, "date"),
    Column("To", lambda one: one.period_end, "date"),
    Column("Status", lambda one: one.state, "status"),
    Column("Changed by", lambda one: one.actor),
    Column("When", lambda one: one.at, "moment"),
    Column("Explanation", lambda one: one.reason),
)


def _show(asked: Asked) -> Answer:
    """Show the periods of the company."""
    return _shown(asked)


def _shown(asked: Asked, refusals: tuple[Refusal, ...] = (), *, status: int = 200) -> Answer:
    with asked.system.auditor_finance.reader() as reader:
        periods = list_periods(reader, company=asked.company)
    today = asked.now.date()
    current = [one for one in periods if one.period_start <= today <= one.period_end]
    return answer(
        asked.at(f"/{asked.company}/periods") if refusals else asked,
        "periods.html",
        Listing(
            title="Fiscal periods",
            columns=_PERIODS,
            page=whole(periods, _PERIODS),
            place=lambda one: str(one.period_start),
            per_page=max(len(periods), 1),
        ),
        status=status,
        periods=periods,
        refusals=refusals,
        chosen=asked.typed("day") or (str(current[0].period_start) if current else ""),
        step=asked.typed("step"),
        reason=asked.typed("reason"),
        may_account=asked.visitor.may("account", asked.company),
    )


def _change(asked: Asked) -> Answer:
    """Close a period, put it on hold, or open it again; what speaks against closing is listed."""
    day = asked.speech.read_day(asked.typed("day"))
    step = asked.typed("step")
    try:
        if step == "closed":
            _close(asked, day)
        else:
            _put(asked, day, "on_hold" if step == "on_hold" else "open")
    except Refused as refused:
        return _shown(asked, refused.refusals, status=422)
    return Moved(f"/{asked.company}/periods?done={step}")


def _close(asked: Asked, day: date) -> None:
    with asked.system.finance.transaction() as transaction:
        close_period(
            transaction,
            company=asked.company,
            day=day,
            explanation=asked.typed("reason"),
            actor=asked.visitor.login,
            at=asked.now,
        )


def _put(asked: Asked, day: date, to: Literal["open", "on_hold"]) -> None:
    with asked.system.finance.transaction() as transaction:
        reopen_period(
            transaction,
            company=asked.company,
            day=day,
            to=to,
            reason=asked.typed("reason"),
            actor=asked.visitor.login,
            at=asked.now,
        )


def _accruals(asked: Asked) -> Answer:
    """Show what does not balance, by transaction, project or account."""
    return _shown_accruals(asked)


def _shown_accruals(
    asked: Asked, refusals: tuple[Refusal, ...] = (), *, status: int = 200
) -> Answer:
    first, last = _days(asked)
    wanted: dict[str, View] = {one: one for one in _VIEWS}
    view = wanted.get(asked.text("view"), "project")
    with asked.system.auditor_finance.reader() as reader:
        found = imbalances(
            reader,
            company=asked.company,
            period_from=first,
            period_to=last,
            view=view,
            project=asked.text("project") or None,
        )
    columns = _imbalance_columns(asked, view)
    return answer(
        asked.at(f"/{asked.company}/accruals") if refusals else asked,
        "accruals.html",
        Listing(
            title="Accrued revenue",
            empty="Accrued revenue balances.",
            fields=(
                Field("view", "View", "choice", _VIEWS, value=view),
                Field("from", "From", "date", value=first.isoformat()),
                Field("to", "To", "date", value=last.isoformat()),
                Field("project", "Project"),
            ),
            columns=columns,
            page=whole(found, columns),
            place=lambda one: one.name,
            per_page=max(len(found), 1),
            foot={
                "Transactions": sum(one.transaction_count for one in found),
                "Accrued": sum(one.accrued_amount for one in found),
                "Reversed": sum(one.reversed_amount for one in found),
                "Adjusted": sum(one.adjusted_amount for one in found),
                "Imbalance": sum(one.imbalance_amount for one in found),
            },
        ),
        status=status,
        refusals=refusals,
        is_off=bool(found),
        first=first,
        last=last,
        offset=asked.typed("offset_account"),
        description=asked.typed("description"),
        may_account=asked.visitor.may("account", asked.company),
    )


def _imbalance_columns(asked: Asked, view: View) -> tuple[Column[Imbalance], ...]:
    """Give the columns; a project leads to its transactions, each of these to its time entry."""

    def behind(one: Imbalance) -> str:
        if view == "transaction":
            return f"/journey?number=actual/{one.name}"
        if view == "project":
            return asked.here(view="transaction", project=one.name)
        return f"/{asked.company}/ledger/{one.name}"

    return (
        Column("Name", lambda one: one.name, to=behind, sort="name"),
        Column("Transactions", lambda one: one.transaction_count, "quantity", sort="transactions"),
        Column("Accrued", lambda one: one.accrued_amount, "money", sort="accrued"),
        Column("Reversed", lambda one: one.reversed_amount, "money", sort="reversed"),
        Column("Adjusted", lambda one: one.adjusted_amount, "money", sort="adjusted"),
        Column("Imbalance", lambda one: one.imbalance_amount, "money", sort="imbalance"),
    )


def _days(asked: Asked) -> tuple[date, date]:
    today = asked.now.date()
    return day_of(asked, "from") or today.replace(month=1, day=1), day_of(asked, "to") or today


def _correct(asked: Asked) -> Answer:
    """Post one voucher that takes the imbalance out."""
    side = asked.typed("side")
    correction = Correction(
        period_from=asked.speech.read_day(asked.typed("from")),
        period_to=asked.speech.read_day(asked.typed("to")),
        actual_ids=(),
        side="wip" if side == "wip" else "revenue" if side == "revenue" else "both",
        offset_account=asked.typed("offset_account") or None,
        posted_on=asked.now.date(),
        description=asked.typed("description"),
    )
    try:
        with asked.system.finance.transaction() as transaction:
            adjusted = adjust_accruals(
                transaction,
                company=asked.company,
                correction=correction,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown_accruals(asked, refused.refusals, status=422)
    return Moved(f"/{asked.company}/vouchers/{adjusted.voucher}?done=corrected")


PAGES: Final = (
    Page("/{company}/periods", _show, "read_finance"),
    Page("/{company}/periods/change", _change, "account", "POST"),
    Page("/{company}/accruals", _accruals, "read_finance"),
    Page("/{company}/accruals/correct", _correct, "account", "POST"),
)
