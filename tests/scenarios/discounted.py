"""A contract with discount and fee, and the finance setup that posts them on accounts of their own.

Bob's hour is 200 dollars. The contract gives 10 percent off and adds 5 percent: of 1,000 dollars it
bills 1,000 - 100 + 50. Sales tax is 10 percent.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from tests.scenarios.support import finance_cast, finance_changed, operations_cast
from twofold.finance.setup.records import (
    CustomerAccounting,
    FinanceSetup,
    MainAccount,
    PostingRule,
    ProjectCategory,
)
from twofold.operations.setup.records import OperationsSetup

TAXED: Final = (CustomerAccounting("ADATUM", "TAXED"),)
NET: Final = "less discount everywhere"
GROSS: Final = "the discount on its own"


def agreed(discount: str = "10", fee: str = "5") -> OperationsSetup:
    """Give the cast's setup, whose contract TM has a discount and a fee."""
    setup = operations_cast()
    lines = tuple(
        replace(one, discount_percent=Decimal(discount), fee_percent=Decimal(fee))
        if one.contract == "TM"
        else one
        for one in setup.contract_lines
    )
    return replace(setup, contract_lines=lines)


def posting(how: str) -> FinanceSetup:
    """Give the cast's setup, fees on an account of their own, with a discount category or not."""
    (company,) = finance_cast().company
    category = "DISCOUNT" if how == GROSS else None
    return finance_changed(
        customers=TAXED,
        accounts=(
            *company.accounts,
            MainAccount("4010", "Revenue from fees", "revenue"),
            MainAccount("4300", "Discounts given", "revenue"),
        ),
        project_categories=(
            *company.project_categories,
            ProjectCategory("DISCOUNT", ("fee",), category_group="DISCOUNTS"),
        ),
        posting_setup=(
            *company.posting_setup,
            PostingRule("invoiced_revenue", "4300", category_group="DISCOUNTS"),
            PostingRule("invoiced_revenue", "4010", category_group="FEES"),
        ),
        parameters=replace(company.parameters, line_discount_category=category),
    )
