"""The error catalogue: every code the product may show, with its remedy and who acts on it.

Codes are never reused and never change their meaning. A test fails when source code names a
code that has no entry here, or when an entry leaves a reader without words.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twofold.kernel.codes_access import ACCESS_CODES
from twofold.kernel.codes_accountant import ACCOUNTANT_CODES
from twofold.kernel.codes_billing import BILLING_CODES
from twofold.kernel.codes_costs import COST_CODES
from twofold.kernel.codes_dimensions import DIMENSION_CODES
from twofold.kernel.codes_discounts import DISCOUNT_CODES
from twofold.kernel.codes_dualwrite import DUALWRITE_CODES
from twofold.kernel.codes_entries import ENTRY_CODES
from twofold.kernel.codes_estimates import ESTIMATE_CODES
from twofold.kernel.codes_exchange import EXCHANGE_CODES
from twofold.kernel.codes_finance import FINANCE_CODES
from twofold.kernel.codes_jobs import JOB_CODES
from twofold.kernel.codes_journal import JOURNAL_CODES
from twofold.kernel.codes_ledger import LEDGER_CODES
from twofold.kernel.codes_manager import MANAGER_CODES
from twofold.kernel.codes_maps import MAP_CODES
from twofold.kernel.codes_operations import OPERATIONS_CODES
from twofold.kernel.codes_retainers import RETAINER_CODES
from twofold.kernel.codes_setup import SETUP_CODES
from twofold.kernel.errors import ErrorCode, Refusal

_ENTRIES: Final = (
    *OPERATIONS_CODES,
    *BILLING_CODES,
    *RETAINER_CODES,
    *DISCOUNT_CODES,
    *ENTRY_CODES,
    *EXCHANGE_CODES,
    *DUALWRITE_CODES,
    *MAP_CODES,
    *FINANCE_CODES,
    *ESTIMATE_CODES,
    *ACCESS_CODES,
    *ACCOUNTANT_CODES,
    *MANAGER_CODES,
    *JOB_CODES,
    *JOURNAL_CODES,
    *SETUP_CODES,
    *DIMENSION_CODES,
    *LEDGER_CODES,
    *COST_CODES,
)

CATALOGUE: Final[Mapping[str, ErrorCode]] = MappingProxyType(
    {entry.code: entry for entry in _ENTRIES}
)
assert len(CATALOGUE) == len(_ENTRIES), "every code has one meaning"


def refuse(
    code: str, record: str, *, field: str = "", value: str = "", reason: str = ""
) -> Refusal:
    """Make the refusal of one record, with the catalogue's remedy.

    Before  ``code`` is in the catalogue.
    After   the refusal has a reason (the one given, else the title of the code) and a remedy.
    """
    assert code in CATALOGUE, f"{code} is not in the error catalogue"
    entry = CATALOGUE[code]
    return Refusal(
        code=code,
        record=record,
        field=field,
        value=value,
        reason=reason or entry.title,
        remedy=entry.remedy,
    )
