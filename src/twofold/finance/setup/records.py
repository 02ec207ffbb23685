"""What a setup file says, as records: field for key, so that the file reads like this module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from twofold.finance.setup.dimension_records import (
    AccountStructure,
    DefaultDimension,
    DimensionAttribute,
    DimensionRule,
)
from twofold.finance.setup.estimate_records import CostTemplate, EstimatePeriod
from twofold.finance.setup.funding_records import FundingLimit, FundingRule
from twofold.kernel.calendar import PaymentMethod

AccountKind = Literal["asset", "liability", "equity", "revenue", "expense"]
PeriodState = Literal["open", "on_hold", "closed"]
SequenceReference = Literal[
    "integration_journal",
    "integration_journal_voucher",
    "customer_invoice",
    "customer_invoice_voucher",
    "customer_payment_voucher",
    "accrual_adjustment_voucher",
    "year_end_voucher",
    "estimate_voucher",
    "general_journal",
    "general_journal_voucher",
    "vendor_invoice_voucher",
]
BillingMethod = Literal["time_and_material", "fixed_price"]
BillingType = Literal[
    "not_specified", "non_chargeable", "chargeable", "complimentary", "not_available"
]
TransactionClass = Literal["time", "expense", "material", "milestone", "fee", "retainer"]
LedgerStatus = Literal["no_ledger", "balance", "profit_and_loss", "never_ledger"]
KnownLedgerStatus = Literal["balance", "profit_and_loss"]
CompletionPrinciple = Literal[
    "none", "no_wip", "completed_contract", "completed_percentage", "straight_line"
]
MatchingPrinciple = Literal["none", "no_matching", "sales_value", "production_and_profit"]
PostingType = Literal[
    "cost",
    "wip_cost_value",
    "wip_cost_value_item",
    "payroll_allocation",
    "cost_item",
    "expense_offset",
    "invoiced_revenue",
    "invoiced_revenue_on_account",
    "wip_invoiced_on_account",
    "wip_sales_value",
    "accrued_revenue",
    "customer_balance",
    "sales_tax_payable",
    "penny_difference",
    "exchange_rate_difference",
    "retained_earnings",
    "contract_variance",
    "vendor_balance",
    "sales_tax_receivable",
]


@dataclass(frozen=True, slots=True)
class MainAccount:
    """An account of the chart of accounts."""

    account: str
    name: str
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Twelve months from ``starts_on``; those that end by ``closed_through`` are closed."""

    starts_on: date
    closed_through: date | None = None


@dataclass(frozen=True, slots=True)
class FiscalPeriod:
    """A period on its own, where twelve months do not fit."""

    period_start: date
    period_end: date
    state: PeriodState


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Accounting currency for 100 units of ``currency``, until the next rate."""

    currency: str
    valid_from: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class FixedRateAgreement:
    """A rate per 100 units that holds for the sales of one contract."""

    contract_number: str
    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class NumberSequence:
    """Numbers are the prefix and the next number in ``digits`` digits."""

    reference: SequenceReference
    prefix: str
    digits: int = 6
    next_number: int = 1
    # Whether a number may be missing. Left out: invoices and their vouchers have no gap.
    is_continuous: bool | None = None
    lowest_number: int = 1
    highest_number: int | None = None
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When an invoice is due; see ``twofold.kernel.calendar``.

    ``buffer_days``: how many days later those who have these terms pay.
    """

    payment_terms: str
    method: PaymentMethod
    months: int = 0
    days: int = 0
    cutoff_day: int | None = None
    buffer_days: int = 0


@dataclass(frozen=True, slots=True)
class PostingProfile:
    """Where the balance of a customer is kept."""

    posting_profile: str
    receivable_account: str


@dataclass(frozen=True, slots=True)
class TaxRate:
    """Percent of the base, until the next rate or the end of ``valid_to``."""

    valid_from: date
    rate: Decimal
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class TaxCode:
    """One tax, with its rates by date."""

    tax_code: str
    name: str
    payable_account: str
    rates: tuple[TaxRate, ...]
    # How much of it is part of the cost where the company itself pays it.
    nondeductible_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The taxes that who is billed may owe. Without codes: exempt."""

    tax_group: str
    tax_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemTaxGroup:
    """The taxes that what is billed may carry."""

    item_tax_group: str
    tax_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineProperty:
    """Whether a transaction is charged to the customer, and whether its revenue is accrued."""

    line_property: str
    name: str
    is_chargeable: bool
    is_accruable: bool


@dataclass(frozen=True, slots=True)
class BillingTypeLineProperty:
    """The line property that a billing type becomes."""

    billing_type: BillingType
    line_property: str


@dataclass(frozen=True, slots=True)
class ProjectCategory:
    """A category of operations as this company uses it, for one or more classes."""

    category_number: str
    classes: tuple[TransactionClass, ...]
    category_group: str | None = None
    item_tax_group: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CategoryDefault:
    """The category of a transaction that names none. ``class`` in the file."""

    class_: TransactionClass
    category_number: str


@dataclass(frozen=True, slots=True)
class RevenueProfile:
    """The ledger treatment of the transactions of a project."""

    profile: str
    name: str
    billing_method: BillingMethod
    hour_costs: LedgerStatus
    expense_costs: KnownLedgerStatus
    item_costs: KnownLedgerStatus
    on_account: KnownLedgerStatus
    accrues_hours: bool = False
    accrues_expenses: bool = False
    accrues_items: bool = False
    accrues_fees: bool = False
    completion: CompletionPrinciple = "none"
    matching: MatchingPrinciple = "none"
    template: str | None = None
    period: str | None = None
    sales_value_category: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """Which profile applies: to one project, project group or contract, or to all."""

    billing_method: BillingMethod
    profile: str
    project_number: str | None = None
    project_group: str | None = None
    contract_number: str | None = None


@dataclass(frozen=True, slots=True)
class PostingRule:
    """The account of a posting type: by project or group, by category or group, or for all.

    Also for one funding source, a contract with the account of the customer who pays, and for
    one sales tax group.
    """

    posting_type: PostingType
    account: str
    project_number: str | None = None
    project_group: str | None = None
    category_number: str | None = None
    category_group: str | None = None
    contract_number: str | None = None
    payer: str | None = None
    tax_group: str | None = None


@dataclass(frozen=True, slots=True)
class ExpenseOffset:
    """The account against an expense: by resource, project or category, or for all."""

    account: str
    resource_name: str | None = None
    project_number: str | None = None
    category_number: str | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Project management and accounting parameters of a company."""

    posting_profile: str
    tax_group_method: Literal["project", "contract", "customer", "search"] = "search"
    item_tax_group_method: Literal["item", "category"] = "category"
    milestone_item_tax_group: str | None = None
    line_discount_category: str | None = None
    moves_accounting_date_to_open_period: bool = False
    period_unit: Literal["days", "months", "years", "all"] = "months"
    journal_lines_max: int | None = None
    voucher_per: Literal["line", "journal_and_date", "journal"] = "line"
    profile_rule_order: Literal["group_first", "contract_first"] = "group_first"
    tax_on: Literal["invoice_date", "document_date"] = "invoice_date"
    # How many days the money takes once it is paid.
    payment_buffer_days: int = 0
    # Tax on what the company buys is cost, all of it (apply sales taxation rules).
    purchase_tax_is_cost: bool = False
    receivable_dimensions_may_change: bool = False
    proposals_need_approval: bool = False
    # How many batches of proposals are posted side by side.
    posting_workers: int = 2


@dataclass(frozen=True, slots=True)
class CustomerAccounting:
    """What an accountant adds to a customer of operations; with name and currency, a new one."""

    account: str
    tax_group: str | None = None
    posting_profile: str | None = None
    name: str | None = None
    currency: str | None = None
    payment_terms: str | None = None
    customer_group: str | None = None
    invoice_account: str | None = None
    is_on_hold: bool = False


@dataclass(frozen=True, slots=True)
class ContractAccounting:
    """What an accountant adds to a contract of operations."""

    contract_number: str
    tax_group: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectAccounting:
    """What an accountant adds to a project of operations."""

    project_number: str
    tax_group: str | None = None
    project_group: str | None = None
    account_search: Literal["project_first", "category_first"] = "project_first"


@dataclass(frozen=True, slots=True)
class ItemAccounting:
    """What an accountant adds to a product."""

    product_number: str
    item_tax_group: str


@dataclass(frozen=True, slots=True)
class CompanySetup:
    """One ``[[company]]`` of the file."""

    code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    parameters: Parameters
    accounts: tuple[MainAccount, ...] = ()
    fiscal_years: tuple[FiscalYear, ...] = ()
    fiscal_periods: tuple[FiscalPeriod, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    fixed_rate_agreements: tuple[FixedRateAgreement, ...] = ()
    number_sequences: tuple[NumberSequence, ...] = ()
    payment_terms: tuple[PaymentTerms, ...] = ()
    posting_profiles: tuple[PostingProfile, ...] = ()
    tax_codes: tuple[TaxCode, ...] = ()
    tax_groups: tuple[TaxGroup, ...] = ()
    item_tax_groups: tuple[ItemTaxGroup, ...] = ()
    line_properties: tuple[LineProperty, ...] = ()
    billing_types: tuple[BillingTypeLineProperty, ...] = ()
    project_categories: tuple[ProjectCategory, ...] = ()
    category_defaults: tuple[CategoryDefault, ...] = ()
    cost_templates: tuple[CostTemplate, ...] = ()
    estimate_periods: tuple[EstimatePeriod, ...] = ()
    revenue_profiles: tuple[RevenueProfile, ...] = ()
    profile_rules: tuple[ProfileRule, ...] = ()
    posting_setup: tuple[PostingRule, ...] = ()
    expense_offsets: tuple[ExpenseOffset, ...] = ()
    funding_limits: tuple[FundingLimit, ...] = ()
    funding_rules: tuple[FundingRule, ...] = ()
    customers: tuple[CustomerAccounting, ...] = ()
    contracts: tuple[ContractAccounting, ...] = ()
    projects: tuple[ProjectAccounting, ...] = ()
    items: tuple[ItemAccounting, ...] = ()
    dimension_attributes: tuple[DimensionAttribute, ...] = ()
    account_structures: tuple[AccountStructure, ...] = ()
    default_dimensions: tuple[DefaultDimension, ...] = ()
    dimension_rules: tuple[DimensionRule, ...] = ()


@dataclass(frozen=True, slots=True)
class FinanceSetup:
    """A whole setup file."""

    company: tuple[CompanySetup, ...]
