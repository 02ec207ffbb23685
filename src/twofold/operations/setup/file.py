"""Read a setup file: TOML in, typed records out, all problems of the file at once.

Roles, categories, products and time units stand at the top, everything else under its company::

    [[role]]                 name, billing_type
    [[category]]             number, name, billing_type
    [[product]]              number, name
    [[time_unit]]            name, hours
    [[company]]              code
    [[company.unit]]         name, currency
    [[company.customer]]     account, name, currency, payment_terms
    [[company.resource]]     name, email, role, unit
    [[company.invoice_frequency]]        name, period
    [[company.invoice_frequency.run]]    day, or weekday and occurrence
    [[company.contract]]     number, name, customer, unit, currency, payment_terms, state,
                             not_to_exceed, split, requested_delivery_date
    [[company.contract.payer]]           account, percent, rounding, not_to_exceed,
                                         bill_to_name, payment_terms
    [[company.contract.line]]            number, name, billing_method, project, classes,
                                         contracted_amount, not_to_exceed, split, tasks,
                                         roles, categories, estimated_tax, schedule_type,
                                         billing_start_date, invoice_frequency,
                                         discount_percent, fee_percent, standalone_price
    [[company.contract.line.payer]]      account, percent, rounding, not_to_exceed
    [[company.contract.line.milestone]]  name, date, amount, tax_amount, state
    [[company.project]]      number, name, type, customer, contract, state, tasks
    [[company.price_list]]   see ``price_sections``

Whether what is named elsewhere exists, and whether the records agree with each other and with
the book, is for ``apply`` to judge: a file may add to what the book already has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.setup.frequencies import read_frequency
from twofold.operations.setup.price_sections import read_price_list, repeatable_prices
from twofold.operations.setup.records import (
    BillingMethod,
    BillingType,
    Category,
    CategoryPrice,
    Contract,
    ContractCustomer,
    ContractLine,
    ContractState,
    Customer,
    EntryClass,
    InvoiceFrequency,
    LineComponent,
    LineCustomer,
    Milestone,
    MilestoneState,
    OperationsSetup,
    PriceList,
    Product,
    ProductPrice,
    Project,
    ProjectState,
    ProjectType,
    Resource,
    Role,
    RolePrice,
    ScheduleType,
    Task,
    TimeUnit,
    Unit,
)
from twofold.operations.setup.section import VALUE_INVALID, Section
from twofold.operations.setup.shares import (
    read_components,
    read_contract_customers,
    read_line_customers,
    refuse_components,
    refuse_limit,
    refuse_percents,
)

FILE_UNREADABLE: Final = "ERR-A13"
NAME_REPEATED: Final = "ERR-A17"

# Finance derives five categories of its own from each number, so it is kept short.
CATEGORY_NUMBER_LENGTH_MAX: Final = 28
HOURS_LIMIT: Final = 10**5

_BILLING_TYPES: Final[tuple[BillingType, ...]] = get_args(BillingType)
_BILLING_METHODS: Final[tuple[BillingMethod, ...]] = get_args(BillingMethod)
_CLASSES: Final[tuple[EntryClass, ...]] = get_args(EntryClass)
_CONTRACT_STATES: Final[tuple[ContractState, ...]] = get_args(ContractState)
_PROJECT_STATES: Final[tuple[ProjectState, ...]] = get_args(ProjectState)
_PROJECT_TYPES: Final[tuple[ProjectType, ...]] = get_args(ProjectType)
_MILESTONE_STATES: Final[tuple[MilestoneState, ...]] = get_args(MilestoneState)
_SCHEDULE_TYPES: Final[tuple[ScheduleType, ...]] = get_args(ScheduleType)


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    problems: list[Refusal]
    companies: list[str] = field(default_factory=list[str])
    units: list[Unit] = field(default_factory=list[Unit])
    customers: list[Customer] = field(default_factory=list[Customer])
    resources: list[Resource] = field(default_factory=list[Resource])
    contracts: list[Contract] = field(default_factory=list[Contract])
    projects: list[Project] = field(default_factory=list[Project])
    tasks: list[Task] = field(default_factory=list[Task])
    contract_customers: list[ContractCustomer] = field(default_factory=list[ContractCustomer])
    contract_lines: list[ContractLine] = field(default_factory=list[ContractLine])
    line_customers: list[LineCustomer] = field(default_factory=list[LineCustomer])
    line_tasks: list[LineComponent] = field(default_factory=list[LineComponent])
    line_roles: list[LineComponent] = field(default_factory=list[LineComponent])
    line_categories: list[LineComponent] = field(default_factory=list[LineComponent])
    milestones: list[Milestone] = field(default_factory=list[Milestone])
    price_lists: list[PriceList] = field(default_factory=list[PriceList])
    role_prices: list[RolePrice] = field(default_factory=list[RolePrice])
    category_prices: list[CategoryPrice] = field(default_factory=list[CategoryPrice])
    product_prices: list[ProductPrice] = field(default_factory=list[ProductPrice])
    invoice_frequencies: list[InvoiceFrequency] = field(default_factory=list[InvoiceFrequency])


def read_setup(path: Path) -> OperationsSetup:
    """Read a setup file into records, or refuse it with everything that is wrong with it."""
    content = _content(path)
    problems: list[Refusal] = []
    top = Section(content, "", problems)
    roles = [_role(section) for section in top.sections("role", "role", "name")]
    categories = [_category(section) for section in top.sections("category", "category", "number")]
    products = [_product(section) for section in top.sections("product", "product", "number")]
    time_units = [_time_unit(part) for part in top.sections("time_unit", "time unit", "name")]
    found = _Found(problems)
    for section in top.sections("company", "company", "code"):
        _company(section, found)
    top.close()
    setup = OperationsSetup(
        companies=tuple(found.companies),
        roles=tuple(roles),
        categories=tuple(categories),
        units=tuple(found.units),
        customers=tuple(found.customers),
        resources=tuple(found.resources),
        contracts=tuple(found.contracts),
        projects=tuple(found.projects),
        tasks=tuple(found.tasks),
        contract_customers=tuple(found.contract_customers),
        contract_lines=tuple(found.contract_lines),
        line_customers=tuple(found.line_customers),
        line_tasks=tuple(found.line_tasks),
        line_roles=tuple(found.line_roles),
        line_categories=tuple(found.line_categories),
        milestones=tuple(found.milestones),
        price_lists=tuple(found.price_lists),
        role_prices=tuple(found.role_prices),
        category_prices=tuple(found.category_prices),
        product_prices=tuple(found.product_prices),
        time_units=tuple(time_units),
        products=tuple(products),
        invoice_frequencies=tuple(found.invoice_frequencies),
    )
    problems.extend(_repeated(setup))
    if problems:
        raise Refused(*problems)
    return setup


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise Refused(refuse(FILE_UNREADABLE, path.name, reason=reason)) from error
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8: {error.reason} at byte {error.start}"
        raise Refused(refuse(FILE_UNREADABLE, path.name, reason=reason)) from error
    except tomllib.TOMLDecodeError as error:
        reason = f"is not TOML: {error}"
        raise Refused(refuse(FILE_UNREADABLE, path.name, reason=reason)) from error


def _role(section: Section) -> Role:
    role = Role(section.text("name"), _billing_type(section))
    section.close()
    return role


def _category(section: Section) -> Category:
    category = Category(section.text("number"), section.text("name"), _billing_type(section))
    if len(category.number) > CATEGORY_NUMBER_LENGTH_MAX:
        reason = f"has more than {CATEGORY_NUMBER_LENGTH_MAX} characters"
        section.refuse(VALUE_INVALID, "number", value=category.number, reason=reason)
    section.close()
    return category


def _product(section: Section) -> Product:
    product = Product(section.text("number"), section.text("name"))
    section.close()
    return product


def _time_unit(section: Section) -> TimeUnit:
    unit = TimeUnit(section.text("name"), section.amount("hours"))
    if not 0 < unit.hours < HOURS_LIMIT or (unit.name == "hour" and unit.hours != 1):
        reason = f"is not above 0 and below {HOURS_LIMIT:,}, or not the 1 that an hour has"
        section.refuse(VALUE_INVALID, "hours", value=str(unit.hours), reason=reason)
    section.close()
    return unit


def _billing_type(section: Section) -> BillingType:
    return section.choice("billing_type", _BILLING_TYPES, "chargeable")


def _company(section: Section, found: _Found) -> None:
    company = section.text("code")
    found.companies.append(company)
    for part in section.sections("unit", "unit", "name"):
        found.units.append(Unit(company, part.text("name"), part.currency("currency")))
        part.close()
    for part in section.sections("customer", "customer", "account"):
        found.customers.append(_customer(part, company))
    for part in section.sections("resource", "resource", "name"):
        found.resources.append(_resource(part, company))
    for part in section.sections("invoice_frequency", "invoice frequency", "name"):
        found.invoice_frequencies.append(read_frequency(part, company))
    for part in section.sections("contract", "contract", "number"):
        _contract(part, company, found)
    for part in section.sections("project", "project", "number"):
        _project(part, company, found)
    for part in section.sections("price_list", "price list", "name"):
        price_list, roles, categories, products = read_price_list(part, company)
        found.price_lists.append(price_list)
        found.role_prices.extend(roles)
        found.category_prices.extend(categories)
        found.product_prices.extend(products)
    section.close()


def _customer(section: Section, company: str) -> Customer:
    customer = Customer(
        company=company,
        account=section.text("account"),
        name=section.text("name"),
        currency=section.currency("currency"),
        payment_terms=section.text_or_none("payment_terms"),
    )
    section.close()
    return customer


def _resource(section: Section, company: str) -> Resource:
    resource = Resource(
        company=company,
        name=section.text("name"),
        email=section.text_or_none("email"),
        role=section.text_or_none("role"),
        unit=section.text_or_none("unit"),
        lent_by=section.text_or_none("lent_by"),
    )
    if resource.lent_by is not None and (resource.unit or resource.lent_by == company):
        reason = "Another company lends a person, who has no unit here then."
        section.refuse(VALUE_INVALID, "lent_by", value=resource.lent_by, reason=reason)
    section.close()
    return resource


def _contract(section: Section, company: str, found: _Found) -> None:
    contract = Contract(
        company=company,
        number=section.text("number"),
        name=section.text("name"),
        customer=section.text("customer"),
        unit=section.text("unit"),
        currency=section.currency("currency"),
        payment_terms=section.text_or_none("payment_terms"),
        state=section.choice("state", _CONTRACT_STATES, "active"),
        not_to_exceed=section.amount_or_none("not_to_exceed"),
        requested_delivery_date=section.day_or_none("requested_delivery_date"),
    )
    found.contracts.append(contract)
    found.contract_customers.extend(read_contract_customers(section, contract))
    for part in section.sections("line", "line", "number"):
        _contract_line(part, contract, found)
    section.close()


def _contract_line(section: Section, contract: Contract, found: _Found) -> None:
    line = ContractLine(
        company=contract.company,
        contract=contract.number,
        line_number=section.number("number"),
        name=section.text("name"),
        billing_method=section.choice("billing_method", _BILLING_METHODS),
        project=section.text_or_none("project"),
        classes=section.choices("classes", _CLASSES),
        included_tasks="selected" if section.has("tasks") else "all",
        contracted_amount=section.amount("contracted_amount", Decimal(0)),
        not_to_exceed=section.amount_or_none("not_to_exceed"),
        discount_percent=section.percent("discount_percent", Decimal(0)),
        fee_percent=section.percent("fee_percent", Decimal(0)),
        estimated_tax_amount=section.amount("estimated_tax", Decimal(0)),
        billing_start_date=section.day_or_none("billing_start_date"),
        invoice_frequency=section.text_or_none("invoice_frequency"),
        schedule_type=section.choice("schedule_type", _SCHEDULE_TYPES, "completed_milestones"),
        standalone_price=section.amount_or_none("standalone_price"),
    )
    found.contract_lines.append(line)
    if line.not_to_exceed is not None:
        refuse_limit(section, line)
    refuse_percents(section, line)
    refuse_components(section, line)
    found.line_tasks.extend(read_components(section, line, "tasks"))
    found.line_roles.extend(read_components(section, line, "roles"))
    found.line_categories.extend(read_components(section, line, "categories"))
    found.line_customers.extend(read_line_customers(section, line))
    for part in section.sections("milestone", "milestone", "name"):
        found.milestones.append(_milestone(part, line))
    section.close()


def _milestone(section: Section, line: ContractLine) -> Milestone:
    milestone = Milestone(
        company=line.company,
        contract=line.contract,
        line_number=line.line_number,
        name=section.text("name"),
        milestone_date=section.day("date"),
        amount=section.amount("amount"),
        tax_amount=section.amount("tax_amount", Decimal(0)),
        state=section.choice("state", _MILESTONE_STATES, "not_ready"),
    )
    section.close()
    return milestone


def _project(section: Section, company: str, found: _Found) -> None:
    project = Project(
        company=company,
        number=section.text("number"),
        name=section.text("name"),
        customer=section.text_or_none("customer"),
        contract=section.text_or_none("contract"),
        state=section.choice("state", _PROJECT_STATES, "in_process"),
        project_type=section.choice("type", _PROJECT_TYPES, "standard"),
    )
    found.projects.append(project)
    tasks = section.texts_or_none("tasks")
    found.tasks.extend(
        Task(company, project.number, name, wbs=str(place))
        for place, name in enumerate(tasks, start=1)
    )
    section.close()


def _repeated(setup: OperationsSetup) -> Iterable[Refusal]:
    """Refuse records that the file has twice: which of them counts would be a guess."""
    named: list[tuple[str, Hashable, str]] = [
        *(("role", role.name, role.name) for role in setup.roles),
        *(("category", item.number, item.number) for item in setup.categories),
        *(("category", (item.name,), item.name) for item in setup.categories),
        *(("company", code, code) for code in setup.companies),
        *(("unit", (item.company, item.name), item.name) for item in setup.units),
        *(("customer", (item.company, item.account), item.account) for item in setup.customers),
        *(("resource", (item.company, item.name), item.name) for item in setup.resources),
        *(
            ("invoice frequency", (item.company, item.name), item.name)
            for item in setup.invoice_frequencies
        ),
        *(("contract", (item.company, item.number), item.number) for item in setup.contracts),
        *(("project", (item.company, item.number), item.number) for item in setup.projects),
        *(("price list", (item.company, item.name), item.name) for item in setup.price_lists),
        *(
            ("line", (item.company, item.contract, item.line_number), str(item.line_number))
            for item in setup.contract_lines
        ),
        *(
            ("milestone", (item.company, item.contract, item.line_number, item.name), item.name)
            for item in setup.milestones
        ),
        *(("product", item.number, item.number) for item in setup.products),
        *(("time unit", item.name, item.name) for item in setup.time_units),
        *repeatable_prices(setup),
    ]
    seen: set[tuple[str, Hashable]] = set()
    for kind, key, shown in named:
        if (kind, key) in seen:
            yield refuse(NAME_REPEATED, f"{kind} {shown}", value=shown)
        seen.add((kind, key))
