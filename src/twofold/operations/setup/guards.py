"""What a setup must not do: everything that is wrong, found in the file and in the book.

``file_problems`` compares the file with the book before anything is written, ``book_problems``
looks at one company after the file's rows are in. Both only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.setup.records import OperationsSetup
from twofold.operations.setup.references import Reference, references_of
from twofold.operations.setup.split_guards import left_out_problems, split_problems

UNIT_CURRENCY_DIFFERS: Final = "ERR-A01"
COMPANY_UNKNOWN: Final = "ERR-A02"
LINES_OVERLAP: Final = "ERR-A07"
MILESTONES_UNEVEN: Final = "ERR-A08"
MILESTONE_MISFIT: Final = "ERR-A09"
TYPE_FORBIDS: Final = "ERR-A11"
REFERENCE_UNKNOWN: Final = "ERR-A18"
CONTRACT_LOCKED: Final = "ERR-A19"
MILESTONE_LOCKED: Final = "ERR-A20"
PRICE_LIST_FOREIGN: Final = "ERR-A21"


@dataclass(frozen=True, slots=True)
class _Company:
    company: str
    accounting_currency: str


@dataclass(frozen=True, slots=True)
class _Ledger:
    company: str


@dataclass(frozen=True, slots=True)
class _UnknownReference:
    record: str
    field: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class _LockedContract:
    contract: str
    value: str
    present: str


@dataclass(frozen=True, slots=True)
class _LockedMilestone:
    contract: str
    line_number: int
    name: str
    field: str
    value: str
    present: str


@dataclass(frozen=True, slots=True)
class _MisfitMilestone:
    contract: str
    line_number: int
    name: str
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class _OverlappingLines:
    contract: str
    project: str
    class_: str
    line_numbers: str


@dataclass(frozen=True, slots=True)
class _UnevenMilestones:
    contract: str
    line_number: int
    contracted_amount: object
    milestone_amount: object


@dataclass(frozen=True, slots=True)
class _RetypedProject:
    project: str
    value: str
    present: str


@dataclass(frozen=True, slots=True)
class _InvestmentLine:
    contract: str
    line_number: int
    project: str


@dataclass(frozen=True, slots=True)
class _ForeignPriceList:
    price_list: str
    currency: str
    contract: str
    contract_currency: str


SQL: Final = SqlFile(__name__)
LIST_LEDGERS: Final = SQL.query("list_ledgers", gives=_Ledger)
LIST_COMPANIES: Final = SQL.query("list_companies", gives=_Company)
FIND_UNKNOWN_REFERENCES: Final = SQL.query("find_unknown_references", gives=_UnknownReference)
FIND_LOCKED_CONTRACTS: Final = SQL.query("find_locked_contracts", gives=_LockedContract)
FIND_LOCKED_MILESTONES: Final = SQL.query("find_locked_milestones", gives=_LockedMilestone)
FIND_MISFIT_MILESTONES: Final = SQL.query("find_misfit_milestones", gives=_MisfitMilestone)
FIND_OVERLAPPING_LINES: Final = SQL.query("find_overlapping_lines", gives=_OverlappingLines)
FIND_UNEVEN_MILESTONES: Final = SQL.query("find_uneven_milestones", gives=_UnevenMilestones)
FIND_RETYPED_PROJECTS: Final = SQL.query("find_retyped_projects", gives=_RetypedProject)
FIND_INVESTMENT_LINES: Final = SQL.query("find_investment_lines", gives=_InvestmentLine)
FIND_FOREIGN_PRICE_LISTS: Final = SQL.query("find_foreign_price_lists", gives=_ForeignPriceList)


def known_companies(reader: Reader) -> dict[str, str]:
    """Companies of the book, each with its accounting currency."""
    return {row.company: row.accounting_currency for row in reader.all(LIST_COMPANIES)}


def file_problems(
    reader: Reader, setup: OperationsSetup, companies: dict[str, str]
) -> Iterator[Refusal]:
    """Problems that show before anything is written: companies, currencies, references."""
    with_ledger = {row.company for row in reader.all(LIST_LEDGERS)}
    for company in setup.companies:
        if company not in companies or company not in with_ledger:
            yield refuse(COMPANY_UNKNOWN, f"company {company}", field="code", value=company)
    for unit in setup.units:
        accounting_currency = companies.get(unit.company, unit.currency)
        if unit.currency != accounting_currency:
            yield refuse(
                UNIT_CURRENCY_DIFFERS,
                f"company {unit.company}/unit {unit.name}",
                field="currency",
                value=unit.currency,
                reason=f"{unit.company} keeps its ledger in {accounting_currency}",
            )
    for milestone in setup.milestones:
        if milestone.amount == 0 and milestone.tax_amount != 0:
            yield refuse(
                MILESTONE_MISFIT,
                _milestone(
                    milestone.company, milestone.contract, milestone.line_number, milestone.name
                ),
                field="tax_amount",
                value=str(milestone.tax_amount),
                reason="there is no tax on nothing",
            )
    for company in sorted(set(setup.companies) & companies.keys()):
        yield from left_out_problems(reader, setup, company)
    yield from _type_problems(reader, setup)
    yield from _unknown_references(reader, references_of(setup))


def _type_problems(reader: Reader, setup: OperationsSetup) -> Iterator[Refusal]:
    """Problems of project types, as long as the book has the types from before the file."""
    for project in setup.projects:
        if project.project_type == "investment" and project.contract:
            yield refuse(
                TYPE_FORBIDS,
                f"company {project.company}/project {project.number}",
                field="contract",
                value=project.contract,
                reason="an investment project carries no contract",
            )
    rows = json.dumps([asdict(project) for project in setup.projects], default=str)
    for company in setup.companies:
        for late in reader.all(FIND_RETYPED_PROJECTS, company=company, projects=rows):
            yield refuse(
                TYPE_FORBIDS,
                f"company {company}/project {late.project}",
                field="type",
                value=late.value,
                reason=f"it has actuals as {late.present}",
            )


def book_problems(reader: Reader, setup: OperationsSetup, company: str) -> Iterator[Refusal]:
    """Problems of one company with the file's rows in."""
    contracts = [item for item in setup.contracts if item.company == company]
    milestones = [item for item in setup.milestones if item.company == company]
    contract_rows = json.dumps([asdict(item) for item in contracts], default=str)
    milestone_rows = json.dumps([asdict(item) for item in milestones], default=str)
    locked = reader.all(FIND_LOCKED_CONTRACTS, company=company, contracts=contract_rows)
    for contract in locked:
        yield refuse(
            CONTRACT_LOCKED,
            f"company {company}/contract {contract.contract}",
            field="currency",
            value=contract.value,
            reason=f"the contract was saved in {contract.present}",
        )
    for late in reader.all(FIND_LOCKED_MILESTONES, company=company, milestones=milestone_rows):
        yield refuse(
            MILESTONE_LOCKED,
            _milestone(company, late.contract, late.line_number, late.name),
            field=late.field,
            value=late.value,
            reason=f"it is on a proforma with {late.present}",
        )
    for misfit in reader.all(FIND_MISFIT_MILESTONES, company=company, milestones=milestone_rows):
        yield refuse(
            MILESTONE_MISFIT,
            _milestone(company, misfit.contract, misfit.line_number, misfit.name),
            field=misfit.field,
            value=misfit.value,
            reason=misfit.reason,
        )
    yield from split_problems(reader, company)
    yield from _line_problems(reader, company)


def _line_problems(reader: Reader, company: str) -> Iterator[Refusal]:
    """Problems between the lines of a contract, and between contracts and price lists."""
    for overlap in reader.all(FIND_OVERLAPPING_LINES, company=company):
        yield refuse(
            LINES_OVERLAP,
            f"company {company}/contract {overlap.contract}",
            field="classes",
            value=overlap.class_,
            reason=f"lines {overlap.line_numbers} bill the same work of {overlap.project}",
        )
    for uneven in reader.all(FIND_UNEVEN_MILESTONES, company=company):
        yield refuse(
            MILESTONES_UNEVEN,
            f"company {company}/contract {uneven.contract}/line {uneven.line_number}",
            field="contracted_amount",
            value=str(uneven.contracted_amount),
            reason=f"its milestones add up to {uneven.milestone_amount}",
        )
    for line in reader.all(FIND_INVESTMENT_LINES, company=company):
        yield refuse(
            TYPE_FORBIDS,
            f"company {company}/contract {line.contract}/line {line.line_number}",
            field="project",
            value=line.project,
            reason="an investment project is billed to nobody",
        )
    for foreign in reader.all(FIND_FOREIGN_PRICE_LISTS, company=company):
        yield refuse(
            PRICE_LIST_FOREIGN,
            f"company {company}/price list {foreign.price_list}",
            field="currency",
            value=foreign.currency,
            reason=f"contract {foreign.contract} is in {foreign.contract_currency}",
        )


def _unknown_references(reader: Reader, references: Iterable[Reference]) -> Iterator[Refusal]:
    rows = json.dumps([asdict(reference) for reference in references])
    for unknown in reader.all(FIND_UNKNOWN_REFERENCES, named=rows):
        yield refuse(
            REFERENCE_UNKNOWN,
            unknown.record,
            field=unknown.field,
            value=unknown.value,
            reason=f"there is no {unknown.kind} of this name, in the file or in the book",
        )


def _milestone(company: str, contract: str, line_number: int, name: str) -> str:
    return f"company {company}/contract {contract}/line {line_number}/milestone {name}"
