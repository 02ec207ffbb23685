"""The records of a setup file, flat: each names what it belongs to by its natural key.

Companies, customers, contracts and projects are named by code, account and number; roles,
categories, units, resources, tasks and price lists by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

BillingType = Literal["chargeable", "non_chargeable", "complimentary", "not_available"]
BillingMethod = Literal["time_and_material", "fixed_price"]
LineBillingType = Literal["chargeable", "non_chargeable"]
IncludedTasks = Literal["all", "selected"]
EntryClass = Literal["time", "expense", "material", "fee"]
PriceContext = Literal["cost", "sales"]
PriceMethod = Literal["per_unit", "at_cost", "markup"]
ContractState = Literal["draft", "on_hold", "active", "closed"]
ProjectState = Literal["in_process", "completed"]
ProjectType = Literal["standard", "investment"]
MilestoneState = Literal["not_ready", "ready"]
InvoicePeriod = Literal["weekly", "biweekly", "monthly"]
Occurrence = Literal["first", "second", "third", "fourth", "last"]
ScheduleType = Literal["completed_milestones", "progress"]


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody does; shared by all companies."""

    name: str
    billing_type: BillingType


@dataclass(frozen=True, slots=True)
class Category:
    """What a cost or fee is for; shared by all companies."""

    number: str
    name: str
    billing_type: BillingType


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """A unit that time is priced by, so many hours long; shared by all companies."""

    name: str
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """Goods that material entries name; shared by all companies."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """Organizational unit of a company: it sells, and it employs."""

    company: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of a company."""

    company: str
    account: str
    name: str
    currency: str
    payment_terms: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A person who works for a company; ``role`` is the one they usually have.

    ``lent_by`` is the company that employs them, where it is another one; it never changes.
    """

    company: str
    name: str
    email: str | None
    role: str | None
    unit: str | None
    lent_by: str | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A project contract; its currency is that of everything sold under it."""

    company: str
    number: str
    name: str
    customer: str
    unit: str
    currency: str
    payment_terms: str | None
    state: ContractState
    not_to_exceed: Decimal | None
    requested_delivery_date: date | None = None


@dataclass(frozen=True, slots=True)
class ContractCustomer:
    """A customer of a contract, with the share that new lines start with.

    Where a contract has any, they are all its customers.
    """

    company: str
    contract: str
    account: str
    split_percent: Decimal
    is_rounding: bool
    not_to_exceed: Decimal | None
    bill_to_name: str | None
    payment_terms: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """A project; without a contract it bills nothing, and an investment never has one."""

    company: str
    number: str
    name: str
    customer: str | None
    contract: str | None
    state: ProjectState
    project_type: ProjectType = "standard"


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a project; ``wbs`` is its place in the project."""

    company: str
    project: str
    name: str
    wbs: str


@dataclass(frozen=True, slots=True)
class ContractLine:
    """A line of a contract: which classes of which project it bills, and how."""

    company: str
    contract: str
    line_number: int
    name: str
    billing_method: BillingMethod
    project: str | None
    classes: tuple[EntryClass, ...]
    included_tasks: IncludedTasks
    contracted_amount: Decimal
    not_to_exceed: Decimal | None
    discount_percent: Decimal = Decimal(0)
    fee_percent: Decimal = Decimal(0)
    estimated_tax_amount: Decimal = Decimal(0)
    billing_start_date: date | None = None
    invoice_frequency: str | None = None
    schedule_type: ScheduleType = "completed_milestones"
    standalone_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineCustomer:
    """A customer who pays a share of a line. Where a line has any, they are all who pay it."""

    company: str
    contract: str
    line_number: int
    account: str
    split_percent: Decimal
    is_rounding: bool
    not_to_exceed: Decimal | None


@dataclass(frozen=True, slots=True)
class LineComponent:
    """A task, role or category by name, and whether the line bills it."""

    company: str
    contract: str
    line_number: int
    name: str
    billing_type: LineBillingType


@dataclass(frozen=True, slots=True)
class InvoiceFrequency:
    """How often lines are invoiced: on ``days`` of a period, or on ``weekdays`` of it.

    Weekdays count from Monday, 1; each has its occurrence within the period beside it.
    """

    company: str
    name: str
    period: InvoicePeriod
    days: tuple[int, ...] | None = None
    weekdays: tuple[int, ...] | None = None
    occurrences: tuple[Occurrence, ...] | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A part of a fixed price. ``state`` is the one a new milestone starts in."""

    company: str
    contract: str
    line_number: int
    name: str
    milestone_date: date
    amount: Decimal
    tax_amount: Decimal
    state: MilestoneState


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices of a period. Cost lists belong to units (by name), sales lists to contracts."""

    company: str
    name: str
    context: PriceContext
    currency: str
    effective_from: date
    effective_to: date | None
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RolePrice:
    """Price of a role, per ``time_unit``, or its override of a place, a customer or a period.

    What is None does not narrow it. A contract or customer is a scope, and a price has one at
    most; ``resourcing_unit`` is of the resourcing company, or of the company itself.
    """

    company: str
    price_list: str
    role: str
    price: Decimal | None
    method: PriceMethod = "per_unit"
    percent: Decimal | None = None
    time_unit: str = "hour"
    resourcing_company: str | None = None
    resourcing_unit: str | None = None
    contract: str | None = None
    customer: str | None = None
    effective_from: date | None = None


@dataclass(frozen=True, slots=True)
class CategoryPrice:
    """Price of a category: an amount per unit, the cost, or the cost and a percentage."""

    company: str
    price_list: str
    category: str
    method: PriceMethod
    price: Decimal | None
    percent: Decimal | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """Price of a product, as of a category. Without ``unit`` it is that of every other unit."""

    company: str
    price_list: str
    product: str
    method: PriceMethod
    price: Decimal | None
    percent: Decimal | None
    unit: str | None = None


OfCompany = (
    Unit
    | Customer
    | Resource
    | Contract
    | Project
    | Task
    | LineComponent
    | InvoiceFrequency
    | Milestone
    | PriceList
    | RolePrice
    | CategoryPrice
    | ProductPrice
)


@dataclass(frozen=True, slots=True)
class OperationsSetup:
    """Everything one setup file says."""

    companies: tuple[str, ...]
    roles: tuple[Role, ...]
    categories: tuple[Category, ...]
    units: tuple[Unit, ...]
    customers: tuple[Customer, ...]
    resources: tuple[Resource, ...]
    contracts: tuple[Contract, ...]
    projects: tuple[Project, ...]
    tasks: tuple[Task, ...]
    contract_customers: tuple[ContractCustomer, ...]
    contract_lines: tuple[ContractLine, ...]
    line_customers: tuple[LineCustomer, ...]
    line_tasks: tuple[LineComponent, ...]
    line_roles: tuple[LineComponent, ...]
    line_categories: tuple[LineComponent, ...]
    milestones: tuple[Milestone, ...]
    price_lists: tuple[PriceList, ...]
    role_prices: tuple[RolePrice, ...]
    category_prices: tuple[CategoryPrice, ...]
    product_prices: tuple[ProductPrice, ...] = ()
    time_units: tuple[TimeUnit, ...] = ()
    products: tuple[Product, ...] = ()
    invoice_frequencies: tuple[InvoiceFrequency, ...] = ()
