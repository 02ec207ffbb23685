"""Who pays which share of a contract or a line, and what of a line is billed: read from the file.

The customers that a contract or a line lists are all its customers, and each list holds together
by itself: every customer once, the contract's own customer among those of its contract, and one
who takes what rounding leaves. ``split = "even"`` shares 100 percent evenly instead of by
percentages. Whether percentages add up is for ``apply`` to judge, with the book's rows.

Next    split_guards.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, get_args

from twofold.kernel.money import spread
from twofold.operations.setup.records import (
    Contract,
    ContractCustomer,
    ContractLine,
    LineBillingType,
    LineComponent,
    LineCustomer,
)
from twofold.operations.setup.section import VALUE_INVALID, Section

PRIMARY_LEFT_OUT: Final = "ERR-A04"
CUSTOMER_REPEATED: Final = "ERR-A06"
ROUNDING_UNCLEAR: Final = "ERR-A22"
LIMIT_MISFIT: Final = "ERR-A23"

EVEN_DIGITS: Final = 2

Split = Literal["by_percent", "even"]
_SPLITS: Final[tuple[Split, ...]] = get_args(Split)
_BILLING_TYPES: Final[tuple[LineBillingType, ...]] = get_args(LineBillingType)


@dataclass(frozen=True, slots=True)
class _Payer:
    """One customer of a list, with the rest of its section still to be read."""

    section: Section
    account: str
    percent: Decimal
    is_rounding: bool


def even_percents(count: int, *, rounding: int) -> tuple[Decimal, ...]:
    """Share 100 percent evenly, to two decimals; the one at index ``rounding`` takes the rest.

    Three customers get 33.34, 33.33 and 33.33 (S-5, SB-02).
    """
    return spread(Decimal(100), (Decimal(1),) * count, EVEN_DIGITS, rounding)


def read_contract_customers(section: Section, contract: Contract) -> list[ContractCustomer]:
    """Read the customers of a contract, none where it lists none."""
    payers = _read_payers(section)
    if payers and contract.customer not in {payer.account for payer in payers}:
        reason = "the contract's customer is not among its payers"
        section.refuse(PRIMARY_LEFT_OUT, "customer", value=contract.customer, reason=reason)
    customers: list[ContractCustomer] = []
    for payer in payers:
        customer = ContractCustomer(
            company=contract.company,
            contract=contract.number,
            account=payer.account,
            split_percent=payer.percent,
            is_rounding=payer.is_rounding,
            not_to_exceed=payer.section.amount_or_none("not_to_exceed"),
            bill_to_name=payer.section.text_or_none("bill_to_name"),
            payment_terms=payer.section.text_or_none("payment_terms"),
        )
        customers.append(customer)
        payer.section.close()
    return customers


def read_line_customers(section: Section, line: ContractLine) -> list[LineCustomer]:
    """Read the customers of a line, none where it lists none."""
    customers: list[LineCustomer] = []
    for payer in _read_payers(section):
        customer = LineCustomer(
            company=line.company,
            contract=line.contract,
            line_number=line.line_number,
            account=payer.account,
            split_percent=payer.percent,
            is_rounding=payer.is_rounding,
            not_to_exceed=payer.section.amount_or_none("not_to_exceed"),
        )
        if customer.not_to_exceed is not None:
            refuse_limit(payer.section, line)
        customers.append(customer)
        payer.section.close()
    return customers


def refuse_limit(section: Section, line: ContractLine) -> None:
    """Refuse a limit on a line that does not bill by time and material (3.6)."""
    if line.billing_method != "time_and_material":
        reason = "a fixed price limits itself"
        section.refuse(LIMIT_MISFIT, "not_to_exceed", value=line.billing_method, reason=reason)


def refuse_percents(section: Section, line: ContractLine) -> None:
    """Refuse a discount or a fee on a line that does not bill by time and material (3.6, P33)."""
    if line.billing_method == "time_and_material":
        return
    for field, percent in (
        ("discount_percent", line.discount_percent),
        ("fee_percent", line.fee_percent),
    ):
        if percent:
            section.refuse("ERR-B34", field, value=str(percent), reason=line.billing_method)


def read_components(section: Section, line: ContractLine, key: str) -> list[LineComponent]:
    """Read the tasks, roles or categories of a line, each with whether it is billed."""
    return [
        LineComponent(line.company, line.contract, line.line_number, name, billing_type)
        for name, billing_type in section.words(key, _BILLING_TYPES)
    ]


def refuse_components(section: Section, line: ContractLine) -> None:
    """Refuse tasks of no project, roles where no time is billed, categories where no expense is."""
    for key, is_due, reason in (
        ("tasks", line.project is not None, "the line has no project"),
        ("roles", "time" in line.classes, "the line does not include time"),
        ("categories", "expense" in line.classes, "the line does not include expenses"),
    ):
        if section.has(key) and not is_due:
            section.refuse(VALUE_INVALID, key, reason=reason)


def _read_payers(section: Section) -> list[_Payer]:
    split = section.choice("split", _SPLITS, "by_percent")
    parts = section.sections("payer", "payer", "account")
    if split == "even" and not parts:
        section.refuse(VALUE_INVALID, "split", value=split, reason="no payers are listed")
    accounts = [part.text("account") for part in parts]
    rounding = [part.flag("rounding", default=len(parts) == 1) for part in parts]
    if parts and rounding.count(True) != 1:
        reason = f"{rounding.count(True)} of {len(parts)} payers take the rounding"
        section.refuse(ROUNDING_UNCLEAR, "rounding", reason=reason)
    for account in sorted({name for name in accounts if accounts.count(name) > 1}):
        section.refuse(CUSTOMER_REPEATED, "payer", value=account)
    percents = _percents(parts, split, rounding)
    return [_Payer(*payer) for payer in zip(parts, accounts, percents, rounding, strict=True)]


def _percents(parts: Sequence[Section], split: str, rounding: Sequence[bool]) -> Sequence[Decimal]:
    if split == "even" and parts:
        for part in parts:
            if part.has("percent"):
                part.refuse(VALUE_INVALID, "percent", reason="the split is even")
        return even_percents(len(parts), rounding=rounding.index(True) if True in rounding else 0)
    return [part.percent("percent") for part in parts]
