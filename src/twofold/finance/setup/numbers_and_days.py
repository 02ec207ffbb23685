"""What must hold of number sequences, fiscal periods, payment terms and tax rates. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from twofold.finance.setup.records import (
    CompanySetup,
    FiscalPeriod,
    PeriodState,
    SequenceReference,
)
from twofold.finance.setup.rows import periods_of
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

_STATES: Final = get_args(PeriodState)
_MADE_ON_FIRST_USE: Final = frozenset({
    "customer_payment_voucher", "accrual_adjustment_voucher", "year_end_voucher",
    "estimate_voucher",
    "general_journal", "general_journal_voucher", "vendor_invoice_voucher",
})  # fmt: skip


def number_and_day_problems(
    setup: CompanySetup,
    *,
    known_prefixes: Mapping[str, str],
    periods: Sequence[FiscalPeriod],
) -> Iterator[Refusal]:
    """Give what cannot be; ``known_prefixes`` and ``periods`` are those of the book."""
    yield from _prefixes(setup, known_prefixes)
    yield from _ranges(setup)
    yield from _overlapping_periods(setup, periods)
    yield from _terms(setup)
    yield from _ends_of_rates(setup)


def periods_that_stay(setup: CompanySetup, periods: Sequence[FiscalPeriod]) -> Iterator[Refusal]:
    """Warn of periods that the file states as more open than the book has them (ERR-S04)."""
    states = {period.period_start: period.state for period in periods}
    for period in setup.fiscal_periods:
        state = states.get(period.period_start, period.state)
        if _STATES.index(period.state) < _STATES.index(state):
            record = f"{setup.code}/fiscal_period/{period.period_start}"
            yield refuse("ERR-S04", record, field="state", value=state)


def _prefixes(setup: CompanySetup, known_prefixes: Mapping[str, str]) -> Iterator[Refusal]:
    """Refuse a missing sequence, and two that could give the same number."""
    prefixes = {
        **known_prefixes,
        **{row.reference: row.prefix for row in setup.number_sequences},
    }
    record = f"{setup.code}/number_sequences"
    for reference in get_args(SequenceReference):
        if reference not in prefixes and reference not in _MADE_ON_FIRST_USE:
            reason = "The sequence is missing."
            yield refuse("ERR-A30", record, field="reference", value=reference, reason=reason)
    for reference, prefix in sorted(prefixes.items()):
        for other, longer in sorted(prefixes.items()):
            meets = prefix == longer and reference < other
            if meets or re.fullmatch(re.escape(prefix) + r"\d+", longer):
                reason = f"{reference} and {other} could give out the same number."
                yield refuse("ERR-A32", record, field="prefix", value=longer, reason=reason)


def _ranges(setup: CompanySetup) -> Iterator[Refusal]:
    """Refuse more digits than a number has, and a highest number below the next one."""
    record = f"{setup.code}/number_sequences"
    for row in setup.number_sequences:
        if row.digits > 18:
            value = str(row.digits)
            yield refuse("ERR-A30", record, field="digits", value=value, reason="The most is 18.")
        begins = max(row.next_number, row.lowest_number)
        if row.highest_number is not None and row.highest_number < begins - 1:
            reason = f"The next number of {row.reference} is {begins}."
            value = str(row.highest_number)
            yield refuse("ERR-A30", record, field="highest_number", value=value, reason=reason)


def _overlapping_periods(setup: CompanySetup, periods: Sequence[FiscalPeriod]) -> Iterator[Refusal]:
    """Every date lies in one period at most."""
    by_start = {period.period_start: period for period in (*periods, *periods_of(setup))}
    record = f"{setup.code}/fiscal_periods"
    before: FiscalPeriod | None = None
    for period in sorted(by_start.values(), key=lambda period: period.period_start):
        if period.period_end < period.period_start:
            value = str(period.period_end)
            reason = "The period ends before it starts."
            yield refuse("ERR-A34", record, field="period_end", value=value, reason=reason)
        if before is not None and before.period_end >= period.period_start:
            value = str(period.period_start)
            reason = f"The period from {before.period_start} ends on {before.period_end} only."
            yield refuse("ERR-A34", record, field="period_start", value=value, reason=reason)
        before = period


def _terms(setup: CompanySetup) -> Iterator[Refusal]:
    """Refuse a cut-off day that is none of a month, and cash that is not due at once."""
    for terms in setup.payment_terms:
        record = f"{setup.code}/payment_terms/{terms.payment_terms}"
        cutoff = terms.cutoff_day
        if cutoff is not None and not (terms.method == "current_month" and 1 <= cutoff <= 31):
            reason = "A cut-off day is from 1 to 31, for the method current_month."
            yield refuse("ERR-A33", record, field="cutoff_day", value=str(cutoff), reason=reason)
        if terms.method == "cash_on_delivery" and (terms.months or terms.days):
            reason = "Cash on delivery is due on the invoice date."
            yield refuse("ERR-A33", record, field="method", value=terms.method, reason=reason)


def _ends_of_rates(setup: CompanySetup) -> Iterator[Refusal]:
    """Refuse a tax rate that ends before it begins, and one of which more than all is cost."""
    for code in setup.tax_codes:
        if code.nondeductible_percent > 100:
            record, value = (
                f"{setup.code}/tax_code/{code.tax_code}",
                str(code.nondeductible_percent),
            )
            reason = "No more than 100 percent of a tax is cost."
            yield refuse(
                "ERR-A33", record, field="nondeductible_percent", value=value, reason=reason
            )
        for rate in code.rates:
            if rate.valid_to is not None and rate.valid_to < rate.valid_from:
                record = f"{setup.code}/tax_rate/{code.tax_code}, {rate.valid_from}"
                value, reason = str(rate.valid_to), "The rate ends before it begins."
                yield refuse("ERR-A34", record, field="valid_to", value=value, reason=reason)
