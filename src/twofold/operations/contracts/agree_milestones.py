"""Agree the milestones of a fixed price line: what was contracted, and its parts by day.

All of the line is said at once, because the milestones add up to the contracted amount. Nothing is
removed: a milestone that is not said stays as it is, and one that is not to be has amount zero.

Before  the line is fixed price and has a project, its contract is not closed.
After   the line and its milestones are as said, each divided over the customers who pay; what
        changed of the line and of milestones is a change set of kind ``setup`` each; or nothing is,
        with every reason.
Next    backlog/mark.py, or mark_progress.py where the line is billed by progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.setup.contract_lines import MILESTONE_TABLES
from twofold.operations.setup.guards import book_problems, file_problems, known_companies
from twofold.operations.setup.merging import merge_table
from twofold.operations.setup.records import Milestone, OperationsSetup


@dataclass(frozen=True, slots=True)
class AgreedMilestone:
    """A milestone by its name on the line; amounts are in the contract's currency."""

    name: str
    milestone_date: date
    amount: Decimal
    tax_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a line is agreed to be: its milestones and the amount they add up to."""

    contracted_amount: Decimal
    milestones: tuple[AgreedMilestone, ...]


@dataclass(frozen=True, slots=True)
class AgreedCount:
    """How many milestones came to be, and how many changed, over the customers who pay."""

    added_count: int
    changed_count: int


@dataclass(frozen=True, slots=True)
class _Line:
    contract_line_id: int
    contract_state: str
    contracted_amount: Decimal
    precision: int


MISWRITTEN: Final = "ERR-U23"

SQL: Final = SqlFile(__name__)
LOCK_LINE: Final = SQL.query("lock_line", gives=_Line)
CHANGE_AMOUNT: Final = SQL.command("change_amount")


def agree_milestones(
    transaction: Transaction,
    *,
    company: str,
    line: tuple[str, int],
    agreement: Agreement,
    actor: str,
    at: datetime,
) -> AgreedCount:
    """Make the ``line``, a contract's number and its own, what the agreement says.

    Raises  Refused: ERR-B22 there is no such line; ERR-B23 its contract is closed; ERR-A08 the
            milestones do not add up; ERR-A09 the line takes none, or a milestone taxes nothing;
            ERR-A20 one that is on a proforma, or billed by progress, would change; ERR-U23 an
            amount has more decimals than the currency, or a name is said twice.
    Source: functional specification 3.17, M-1 to M-3.
    """
    number, line_number = line
    record = f"contract/{number}/line/{line_number}"
    found = transaction.first(
        LOCK_LINE, company=company, contract_number=number, line_number=line_number
    )
    if found is None:
        raise Refused(refuse("ERR-B22", record))
    if found.contract_state == "closed":
        raise Refused(refuse("ERR-B23", record, field="state", value=found.contract_state))
    _assert_written_well(record, found, agreement)
    if agreement.contracted_amount != found.contracted_amount:
        change_set = open_change_set(
            transaction, company=company, kind="setup", stream="contract_line", actor=actor, at=at
        )
        transaction.run(
            CHANGE_AMOUNT,
            company=company,
            contract_line_id=found.contract_line_id,
            contracted_amount=agreement.contracted_amount,
            set_id=change_set.set_id,
        )
    merged = _merge(transaction, company, _setup_of(company, line, agreement), actor, at)
    record_deed(
        transaction,
        company=company,
        act="milestones_agreed",
        by=(actor, at),
        number=number,
        detail={"count": len(agreement.milestones), "total": agreement.contracted_amount},
    )
    return merged


def _assert_written_well(record: str, line: _Line, agreement: Agreement) -> None:
    unit = Decimal(1).scaleb(-line.precision)
    amounts = [(record, "contracted_amount", agreement.contracted_amount)]
    for one in agreement.milestones:
        place = f"{record}/milestone {one.name}"
        amounts += [(place, "amount", one.amount), (place, "tax_amount", one.tax_amount)]
    refusals = [
        refuse(MISWRITTEN, place, field=field, value=f"{amount:f}")
        for place, field, amount in amounts
        if amount % unit or (amount < 0 and field == "tax_amount")
    ]
    names = [one.name for one in agreement.milestones]
    refusals += [
        refuse(MISWRITTEN, record, field="name", value=name)
        for name in sorted(set(names))
        if names.count(name) > 1 or not name
    ]
    if refusals:
        raise Refused(*refusals)


def _setup_of(company: str, line: tuple[str, int], agreement: Agreement) -> OperationsSetup:
    """Write the milestones as a setup that says nothing else."""
    number, line_number = line
    return OperationsSetup(
        companies=(company,),
        roles=(),
        categories=(),
        units=(),
        customers=(),
        resources=(),
        contracts=(),
        projects=(),
        tasks=(),
        contract_customers=(),
        contract_lines=(),
        line_customers=(),
        line_tasks=(),
        line_roles=(),
        line_categories=(),
        milestones=tuple(
            Milestone(
                company=company,
                contract=number,
                line_number=line_number,
                name=one.name,
                milestone_date=one.milestone_date,
                amount=one.amount,
                tax_amount=one.tax_amount,
                state="not_ready",
            )
            for one in agreement.milestones
        ),
        price_lists=(),
        role_prices=(),
        category_prices=(),
    )


def _merge(
    transaction: Transaction, company: str, setup: OperationsSetup, actor: str, at: datetime
) -> AgreedCount:
    """Bring the milestones to what was said, by the rules of every setup."""

    def set_id() -> int:
        return open_change_set(
            transaction, company=company, kind="setup", stream="milestone", actor=actor, at=at
        ).set_id

    problems = list(file_problems(transaction, setup, known_companies(transaction)))
    results = [
        merge_table(transaction, table, setup=setup, company=company, set_id=set_id)
        for table in MILESTONE_TABLES
    ]
    problems += book_problems(transaction, setup, company)
    if problems:
        # What was written goes with the transaction.
        raise Refused(*problems)
    return AgreedCount(sum(one.added for one in results), sum(one.changed for one in results))
