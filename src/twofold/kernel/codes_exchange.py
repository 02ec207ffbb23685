"""Error codes of what lies between the books: dual-write (D) and import from staging (I).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import INTEGRATION_ADMIN, PROJECT_ACCOUNTANT, PROJECT_MANAGER, ErrorCode

EXCHANGE_CODES: Final = (
    ErrorCode(
        "ERR-D01",
        title="A table map is not running",
        cause="A map that this change set needs is stopped, paused or halted.",
        remedy=(
            "`twofold map states` says why and since when; `twofold map resume NAME` (or "
            "`twofold map start NAME` when it is stopped) lets it run, then ask again."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Mapping",
    ),
    ErrorCode(
        "ERR-D02",
        title="The line property for the billing type is missing",
        cause="The project parameters name no line property for this billing type.",
        remedy=(
            "State it in the company's `billing_types` in the finance setup file, then "
            "`twofold setup finance FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
        error_class="Dependency",
    ),
    ErrorCode(
        "ERR-D03",
        title="The proposal number may not come from outside",
        cause="The number sequence of proposals does not accept a number given to it.",
        remedy="Allow changes to a higher and to a lower number on the sequence.",
        owner=PROJECT_ACCOUNTANT,
        error_class="Dependency",
    ),
    ErrorCode(
        "ERR-D04",
        title="The proposal number is taken",
        cause="The finance book already has a proposal with this number.",
        remedy="Find out who used the number; give the next proforma another.",
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D05",
        title="A referenced record is unknown on the other side",
        cause=(
            "The unit, product, vendor or category named here has not reached the receiving book."
        ),
        remedy=(
            "`twofold deliver` may bring it; `twofold sets list` shows what holds it up. Where it "
            "was never set up: `twofold setup operations FILE` (payment terms, currencies: "
            "`twofold setup finance FILE`), then deliver. Where it arrived once and is gone: "
            "`twofold reconcile` names the repair."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Dependency",
    ),
    ErrorCode(
        "ERR-D06",
        title="A summary task was used",
        cause="Actuals need a task without subtasks.",
        remedy="Choose a leaf task.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-D07",
        title="The write-back has not arrived",
        cause="The accounting detail could not be delivered to the operations book.",
        remedy="`twofold deliver`; if it stays, `twofold sets list` shows what holds it up.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-I01",
        title="The related unbilled sales are not posted",
        cause=(
            "The billed sale refers to unbilled sales that wait in an integration journal, or "
            "credits an invoice whose proposal waits."
        ),
        remedy=(
            "`twofold journal post NUMBER`, or `twofold proposal post NUMBER` for the invoice that "
            "is corrected; then `twofold finance import-from-staging`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I02",
        title="The staged rows are not the expected set",
        cause="The billed sales that arrived are not exactly those the proforma announced.",
        remedy=(
            "`twofold deliver`, then `twofold finance import-from-staging`; if it stays, "
            "`twofold verify` shows what differs."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-I03",
        title="The two companies have no intercompany relationship",
        cause="No intercompany parameters exist between the selling and the working company.",
        remedy="Set up the intercompany parameters for the two companies.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I04",
        title="The exchange rate is missing",
        cause="No rate is known for this currency pair on this date.",
        remedy="Enter the exchange rate; what waits for it continues by itself.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I05",
        title="The project category is missing",
        cause="The company has neither this project category nor a default one.",
        remedy="Set up the category, or a default.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I06",
        title="The actual no longer exists",
        cause="The operations book no longer has the actual that this staged row came from.",
        remedy=(
            "`twofold verify` shows what differs; a database was restored or changed by hand. "
            "Ignoring a row is not built yet."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-I07",
        title="The milestone has no on-account transaction",
        cause=(
            "The on-account transaction is not in the finance book. It arrives with the milestone; "
            "a retainer needs none."
        ),
        remedy="`twofold deliver`, then `twofold finance import-from-staging`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-I08",
        title="No single profile rule fits",
        cause="The project's posting profile cannot be chosen: no rule, or more than one, fits.",
        remedy="Set up one rule for the project.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I09",
        title="An import is already running",
        cause="One import runs at a time in a company.",
        remedy="Wait until it has finished.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I10",
        title="An expected fee is not posted",
        cause=(
            "The fee of a sale on the proposal is a line of its own, and waits in an integration "
            "journal or in staging."
        ),
        remedy=(
            "`twofold journal post NUMBER` for the journal that holds it, then "
            "`twofold finance import-from-staging`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
)
