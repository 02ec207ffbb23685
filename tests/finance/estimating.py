"""Fixed prices of the company of the finance tests, and the words to estimate them.

Contract lines of K-3 in USD, line 2 and up, with one milestone each; K-2 is in GBP.
"""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Final

from tests.finance.company import (
    SETUP,
    announce,
    change,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.company import arrive as arrived
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.invariants import check_book
from twofold.finance.estimates.create import CreatedEstimates, create_estimates
from twofold.finance.estimates.eliminate import EliminatedProjects, eliminate_estimates
from twofold.finance.estimates.forecast_file import ForecastLine
from twofold.finance.estimates.load_forecast import LoadedForecast, load_forecast
from twofold.finance.estimates.post import PostedEstimates, post_estimates
from twofold.finance.estimates.reverse import ReversedEstimate, reverse_estimates
from twofold.finance.journal.reads import list_journals
from twofold.finance.posting.invoices import PostedInvoice

CostLine = Mapping[str, str | bool | list[str]]
MONTHS: Final = (date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31))
CATEGORIES: Final = {"Service": "1", "Design": "2", "Parts": "5"}
FIXED: Final = """
    finance.fiscal_period
    company  period_start  period_end  state
    USPM     2026-12-01    2026-12-31  open
    USPM     2027-01-01    2027-01-31  open

    finance.main_account
    company  account  name      kind
    USPM     4400     Variance  revenue

    finance.posting_setup
    company  posting_type         account
    USPM     contract_variance    4400
    USPM     wip_cost_value_item  1320

    finance.cost_template
    company  template  name   completion_based_on  lines
    USPM     ALL       Costs  amount               [{"class":"time","categories":[],"is_counted":true,"uses_forecast":false},{"class":"expense","categories":[],"is_counted":true,"uses_forecast":false},{"class":"material","categories":[],"is_counted":true,"uses_forecast":false}]

    finance.estimate_period
    company  period   name       every
    USPM     MONTH    Monthly    month
    USPM     QUARTER  Quarterly  quarter

    finance.revenue_profile
    company  profile  name      billing_method  hour_costs       expense_costs    item_costs       on_account  accrues_hours  accrues_expenses  accrues_items  accrues_fees  completion            matching     template  period
    USPM     PERCENT  Percent   fixed_price     profit_and_loss  profit_and_loss  profit_and_loss  balance     f              f                 f              f             completed_percentage  sales_value  ALL       MONTH
    USPM     DONE     Contract  fixed_price     profit_and_loss  profit_and_loss  profit_and_loss  balance     f              f                 f              f             completed_contract    sales_value  ALL       MONTH
    USPM     PERCBAL  Percent   fixed_price     balance          balance          balance          balance     f              f                 f              f             completed_percentage  sales_value  ALL       MONTH
    USPM     DONEBAL  Contract  fixed_price     balance          balance          balance          balance     f              f                 f              f             completed_contract    sales_value  ALL       MONTH
"""


class Estimating:
    """The company with fixed prices under one profile."""

    def __init__(
        self,
        books: Books,
        *,
        profile: str = "PERCENT",
        milestones: Mapping[int, object] | None = None,
    ) -> None:
        self.books: Final = books
        self._keys: Final = count(1)
        self._proposals: Final = count(50)
        books.given(SETUP)
        books.given(FIXED)
        self.use(profile)
        for line, amount in (milestones or {2: 5000}).items():
            if line != 2:
                change(
                    books,
                    "INSERT INTO finance.contract_line VALUES"
                    " ('USPM', %s::bigint, 3, %s::integer, 'More', 'fixed_price', 4, 1)",
                    str(98 + line),
                    str(line),
                )
            self.milestone(line, amount)

    def use(self, profile: str) -> None:
        """Have every fixed price under this profile."""
        change(
            self.books,
            "UPDATE finance.profile_rule SET profile = %s"
            " WHERE billing_method = 'fixed_price' AND project_group IS NULL",
            profile,
        )

    def milestone(self, line: int, amount: object) -> None:
        """Let a milestone of a line of K-3 arrive."""
        key = next(self._keys)
        self.books.given(f"""
            finance.on_account_transaction
            company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount    currency  source_version
            USPM     {key}         3            {98 + line}       2            4           Delivered    2026-08-27        {amount}  USD       1
        """)

    def price(self, line: int, standalone_price: object) -> None:
        """Let a line have a standalone selling price."""
        change(
            self.books,
            "UPDATE finance.contract_line SET standalone_price = %s::numeric"
            " WHERE contract_line_id = %s::bigint",
            str(standalone_price),
            str(98 + line),
        )

    def load(self, *lines: ForecastLine) -> LoadedForecast:
        """Load a forecast."""
        with finance_of(self.books) as transaction:
            return load_forecast(transaction, company="USPM", lines=lines, actor="ada", at=NOW)

    def forecast(self, amount: object, *, line: int = 2) -> LoadedForecast:
        """Load a forecast of hours of one amount."""
        return self.load(ForecastLine(f"K-3/{line}", "time", "", Decimal(0), Decimal(str(amount))))

    def post_costs(
        self, *costs: tuple[str, str, object, object], line: int = 2, month: int = 0
    ) -> tuple[int, ...]:
        """Let costs arrive (class, category, quantity, amount), and post them; give their keys."""
        keys = tuple(next(self._keys) for _ in costs)
        day = date(MONTHS[month].year, MONTHS[month].month, 2).isoformat()
        rows = "\n".join(
            f"{key}  cost  {class_}  {CATEGORIES[category]}  {quantity}  {amount}  {98 + line}  {day}  {day}"
            for key, (class_, category, quantity, amount) in zip(keys, costs, strict=True)
        )
        arrived(
            self.books,
            "actual_id  transaction_type  class  category_id  quantity  amount  contract_line_id"
            f"  transaction_date  accounting_date\n{rows}",
            set_id=keys[0],
        )
        self.post_journals()
        return keys

    def post_journals(self) -> None:
        """Import what arrived and post every journal."""
        run_import(self.books)
        with self.books.finance.reader() as reader:
            drafts = [
                one.journal_id
                for one in list_journals(reader, company="USPM", state="draft", limit=1000)
            ]
        for journal_id in sorted(drafts):
            assert not run_journal(self.books, journal_id).refusals

    def create(
        self, *, month: int = 0, period: str = "MONTH", complete: Sequence[str] = ()
    ) -> CreatedEstimates:
        """Create the estimates of a month."""
        with finance_of(self.books) as transaction:
            return create_estimates(
                transaction,
                company="USPM",
                period=period,
                day=MONTHS[month].replace(day=5),
                complete=tuple(complete),
                actor="ada",
                at=NOW,
            )

    def post(self) -> PostedEstimates:
        """Post all drafts."""
        with finance_of(self.books) as transaction:
            return post_estimates(transaction, company="USPM", actor="ada", at=NOW)

    def estimate(self, *, month: int = 0, complete: Sequence[str] = ()) -> PostedEstimates:
        """Create and post."""
        created = self.create(month=month, complete=complete)
        posted = self.post()
        assert (created.declined, posted.declined) == ((), ())
        return posted

    def eliminate(self, *, month: int = 2) -> EliminatedProjects:
        """Eliminate what is complete, at the end of a month."""
        with finance_of(self.books) as transaction:
            return eliminate_estimates(
                transaction, company="USPM", day=MONTHS[month], actor="ada", at=NOW
            )

    def reverse(self, *numbers: str, month: int = 2) -> tuple[ReversedEstimate, ...]:
        """Reverse the last estimate of projects, at the end of a month."""
        with finance_of(self.books) as transaction:
            return reverse_estimates(
                transaction,
                company="USPM",
                numbers=numbers,
                day=MONTHS[month],
                reason="Wrong forecast",
                actor="ada",
                at=NOW,
            )

    def percent(self, based_on: str, lines: Sequence[CostLine]) -> Decimal:
        """Create the estimate with these lines of the cost template; give its percent."""
        whole = [
            {"categories": [], "is_counted": True, "uses_forecast": False, **line} for line in lines
        ]
        change(
            self.books,
            "UPDATE finance.cost_template SET lines = %s::jsonb,"
            " completion_based_on = %s::finance.completion_basis",
            json.dumps(whole),
            based_on,
        )
        (created,) = self.create().created
        return created.percent

    def invoice(self, *lines: int) -> tuple[PostedInvoice, ...]:
        """Invoice the milestones of lines of K-3, or all."""
        with self.books.owner_finance.raw() as connection:
            open_ = connection.execute(
                """
                SELECT milestone_id, contract_line_id, amount, currency
                FROM finance.on_account_transaction JOIN finance.on_account_status
                    USING (company, milestone_id)
                WHERE state = 'open' AND contract_id = 3
                    AND (%(lines)s::bigint[] = '{}' OR contract_line_id = any(%(lines)s::bigint[]))
                ORDER BY milestone_id
                """,
                {"lines": [98 + line for line in lines]},
            ).fetchall()
        proposal = next(self._proposals)
        keys = [next(self._keys) for _ in open_]
        rows = "\n".join(
            f"{key}  billed_sales  milestone  {amount}  {currency}  {milestone}  {proposal}  {line}"
            for key, (milestone, line, amount, currency) in zip(keys, open_, strict=True)
        )
        arrived(
            self.books,
            "actual_id  transaction_type  class  amount  currency  milestone_id  proforma_id"
            "  contract_line_id"
            f"\n{rows}",
            set_id=1000 + proposal,
            kind="confirmation",
        )
        announce(self.books, proposal, tuple(keys), day="2026-11-02", currency="USD")
        change(
            self.books,
            "UPDATE finance.proposal SET currency = contract.currency, contract_id = 3, customer_id = 2"
            " FROM finance.contract WHERE contract.contract_id = 3 AND proposal_id = %s::bigint",
            str(proposal),
        )
        run_import(self.books)
        return run_proposals(self.books, proposal)

    def ledger(self, *types: str) -> dict[str, Decimal]:
        """Add up the ledger by posting type: the types given, or all that are not zero."""
        with self.books.owner_finance.raw() as connection:
            found = connection.execute(
                "SELECT posting_type::text, sum(accounting_amount) FROM finance.ledger_entry"
                " GROUP BY posting_type"
            ).fetchall()
        amounts = {name: amount for name, amount in found if amount}
        return {name: amounts.get(name, Decimal(0)) for name in types} if types else amounts

    def holds(self) -> None:
        """Check every invariant of the finance book."""
        with self.books.owner_finance.reader() as reader:
            broken = check_book(reader, "finance")
        assert not broken, "\n".join(f"{one.invariant}: {one.rows}" for one in broken)
