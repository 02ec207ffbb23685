"""The company of the finance tests, USPM in USD, and the words to let rows arrive in it."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final, LiteralString

from psycopg import sql

from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from tests.support.tables import read_tables
from twofold.database.transaction import Transaction
from twofold.finance.journal.post import PostedJournal, post_journal
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.post import post_proposals
from twofold.finance.staging.import_from_staging import ImportRun, import_from_staging

# Time and material accrues (TM_WIP); 100 is fixed price, P-3 is completed.
SETUP: Final = """
    finance.legal_entity
    company  name        accounting_currency  reporting_currency  change_set_id
    USPM     Contoso US  USD                  USD                 1
    OTHER    Neighbour   USD                  USD                 1

    finance.main_account
    company  account  name             kind
    USPM     1100     Receivable       asset
    USPM     1300     WIP sales value  asset
    USPM     1310     WIP cost value   asset
    USPM     1320     WIP other        asset
    USPM     2200     Sales tax        liability
    USPM     2300     On-account       liability
    USPM     4100     Revenue          revenue
    USPM     4110     Design revenue   revenue
    USPM     4200     Accrued revenue  revenue
    USPM     4300     Milestones       revenue
    USPM     5100     Cost             expense
    USPM     5200     Payroll          expense
    USPM     5300     Expense offset   expense
    USPM     5400     Item offset      expense

    finance.fiscal_period
    company  period_start  period_end  state
    USPM     2026-08-01    2026-08-31  open
    USPM     2026-09-01    2026-09-30  closed
    USPM     2026-10-01    2026-10-31  on_hold
    USPM     2026-11-01    2026-11-30  open

    finance.exchange_rate
    company  currency  valid_from  rate  change_set_id
    USPM     GBP       2026-01-01  131   900
    USPM     GBP       2026-11-01  140   900

    finance.fixed_rate_agreement
    company  contract_number  currency  rate
    USPM     K-1              GBP       125

    finance.number_sequence
    company  reference                    prefix  digits  next_number
    USPM     integration_journal          USPM-   6       41
    USPM     integration_journal_voucher  IJV-    4       1
    USPM     customer_invoice             INV-    4       9998
    USPM     customer_invoice_voucher     CIV-    4       1

    finance.payment_terms
    company  payment_terms  method  days
    USPM     D14            net     14

    finance.posting_profile
    company  posting_profile  receivable_account
    USPM     GEN              1100

    finance.tax_code
    company  tax_code  name   payable_account
    USPM     STATE     State  2200
    USPM     CITY      City   2200
    USPM     OLD       Old    2200

    finance.tax_rate
    company  tax_code  valid_from  rate
    USPM     STATE     2026-01-01  10
    USPM     CITY      2026-01-01  2.5
    USPM     STATE     2026-11-20  12

    finance.tax_group_code
    company  tax_group  tax_code
    USPM     DOM        STATE
    USPM     DOM        CITY
    USPM     STATEONLY  STATE
    USPM     OLDONLY    OLD

    finance.item_tax_group_code
    company  item_tax_group  tax_code
    USPM     FULL            STATE
    USPM     FULL            CITY
    USPM     STATE           STATE
    USPM     OLD             OLD

    finance.line_property
    company  line_property  name            is_chargeable  is_accruable
    USPM     Billable       Billable        t              t
    USPM     NonBillable    Non-chargeable  f              f

    finance.billing_type_line_property
    company  billing_type    line_property
    USPM     chargeable      Billable
    USPM     non_chargeable  NonBillable
    USPM     not_specified   NonBillable

    finance.project_category
    company  category_number  class     category_group  item_tax_group  is_active
    USPM     Service          time      Hours           FULL            t
    USPM     Design           time      Hours           FULL            t
    USPM     Retired          time      Hours           FULL            f
    USPM     Service          expense   Costs           STATE           t
    USPM     Parts            material  Items           STATE           t
    USPM     Service          fee       Fees            STATE           t

    finance.category_default
    company  class     category_number
    USPM     time      Service
    USPM     material  Parts

    finance.revenue_profile
    company  profile   name  billing_method     hour_costs       expense_costs    item_costs       on_account       accrues_hours  accrues_expenses  accrues_items  accrues_fees  completion            matching
    USPM     TM_WIP    WIP   time_and_material  profit_and_loss  profit_and_loss  profit_and_loss  balance          t              t                 t              t             none                  none
    USPM     TM_NoWIP  No    time_and_material  profit_and_loss  profit_and_loss  profit_and_loss  profit_and_loss  f              f                 f              f             none                  none
    USPM     FP_NoWIP  No    fixed_price        profit_and_loss  profit_and_loss  profit_and_loss  profit_and_loss  f              f                 f              f             no_wip                no_matching
    USPM     FP_CompP  Perc  fixed_price        profit_and_loss  profit_and_loss  profit_and_loss  balance          f              f                 f              f             completed_percentage  sales_value

    finance.profile_rule
    company  billing_method     project_number  project_group  contract_number  profile
    USPM     time_and_material  -               -              -                TM_WIP
    USPM     fixed_price        -               -              -                FP_NoWIP
    USPM     fixed_price        -               Large          -                FP_CompP

    finance.posting_setup
    company  posting_type                 project_number  category_number  account
    USPM     cost                         -               -                5100
    USPM     payroll_allocation           -               -                5200
    USPM     expense_offset               -               -                5300
    USPM     cost_item                    -               -                5400
    USPM     wip_cost_value               -               -                1310
    USPM     wip_sales_value              -               -                1300
    USPM     accrued_revenue              -               -                4200
    USPM     invoiced_revenue             -               -                4100
    USPM     invoiced_revenue             -               Design           4110
    USPM     invoiced_revenue_on_account  -               -                4300
    USPM     wip_invoiced_on_account      -               -                2300

    finance.parameter
    company  milestone_item_tax_group  posting_profile
    USPM     STATE                     GEN

    finance.customer
    company  customer_id  account  name      currency  payment_terms  source_version
    USPM     1            C-1      Adatum    GBP       D14            1
    USPM     2            C-2      Fabrikam  USD       -              1

    finance.customer_accounting
    company  account  tax_group  change_set_id
    USPM     C-1      DOM        900
    USPM     C-2      STATEONLY  900

    finance.contract
    company  contract_id  number  name         customer_id  currency  source_version
    USPM     1            K-1     Agreed rate  1            GBP       1
    USPM     2            K-2     No rate      1            GBP       1
    USPM     3            K-3     Dollars      2            USD       1

    finance.project
    company  project_id  number  name    contract_id  customer_id  state       source_version
    USPM     1           P-1     Arm     1            1            in_process  1
    USPM     2           P-2     Belt    2            1            in_process  1
    USPM     3           P-3     Crane   3            2            completed   1
    USPM     4           P-4     Dock    3            2            in_process  1

    finance.contract_line
    company  contract_line_id  contract_id  line_number  name      billing_method     project_id  source_version
    USPM     1                 1            1            Work      time_and_material  1           1
    USPM     2                 2            1            Work      time_and_material  2           1
    USPM     3                 3            1            Work      time_and_material  4           1
    USPM     100               3            2            Delivery  fixed_price        4           1

    finance.category
    company  category_id  number   name     source_version
    USPM     1            Service  Service  1
    USPM     2            Design   Design   1
    USPM     3            Retired  Retired  1
    USPM     4            Unknown  Unknown  1
    USPM     5            Parts    Parts    1
"""

_STAGED: Final = {
    "company": "USPM",
    "transaction_type": "unbilled_sales",
    "class": "time",
    "billing_type": "chargeable",
    "transaction_date": "2026-08-27",
    "accounting_date": "2026-08-27",
    "quantity": "1",
    "price": "0",
    "amount": "100",
    "currency": "USD",
    "unit": "hour",
    "project_id": "4",
    "category_id": "1",
    "contract_id": "3",
    "contract_line_id": "3",
    "customer_id": "2",
}


@contextmanager
def finance_of(books: Books) -> Generator[Transaction]:
    """Work in the finance book; who seals its change sets is tested elsewhere."""
    with books.finance.transaction() as transaction:
        yield transaction
        for change_set in transaction.sets:
            change_set.sealed = True


def change(books: Books, statement: LiteralString, *values: str | None) -> None:
    """Change what a person would change in the setup."""
    with books.owner_finance.raw() as connection:
        connection.execute(statement, values or None)


def clear(books: Books, tables: Iterable[str]) -> None:
    """Empty tables, whichever of them refer to which."""
    with books.owner_finance.raw() as connection:
        connection.execute(f"TRUNCATE {', '.join(tables)}".encode())


def arrive(books: Books, text: str, *, set_id: int = 1, kind: str = "approval") -> None:
    """Let staged actuals arrive as one change set; columns left out say nothing special."""
    (table,) = read_tables(f"finance.staged_actual\n{text.strip()}")
    rows: list[dict[str, str | None]] = [
        {
            **_STAGED,
            "source_set_id": str(set_id),
            **dict(zip(table.columns, cells, strict=True)),
        }
        for cells in table.rows
    ]
    keys = [int(row["actual_id"] or 0) for row in rows]
    statement = sql.SQL("INSERT INTO finance.staged_actual ({}) VALUES {}").format(
        sql.SQL(", ").join(map(sql.Identifier, rows[0])),
        sql.SQL(", ").join(
            sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row.values())))
            for row in rows
        ),
    )
    with books.owner_finance.raw() as connection:
        connection.execute(statement)
        connection.execute(
            """
            WITH linked AS (
                INSERT INTO dualwrite.chain (company, source, chain_number, set_id, previous_hash, hash)
                SELECT 'USPM', 'operations', count(*) + 1, %(set)s, '', ''
                FROM dualwrite.chain WHERE company = 'USPM' AND source = 'operations'
            )
            INSERT INTO dualwrite.inbox (
                company, source, set_id, kind, stream, version, key_first, key_last, content_hash,
                row_count, actor, created_at, applied_at
            )
            VALUES ('USPM', 'operations', %(set)s, %(kind)s, %(set)s, 1, %(first)s, %(last)s, '',
                1, 'mover', %(at)s, %(at)s)
            """,
            {"set": set_id, "kind": kind, "first": min(keys), "last": max(keys), "at": NOW},
        )


def announce(
    books: Books, proposal_id: int, keys: tuple[int, ...], *, currency: str = "USD", day: str
) -> None:
    """Let a proposal header arrive that announces the billed sales of these keys."""
    contract, customer = (1, 1) if currency == "GBP" else (3, 2)
    with books.owner_finance.raw() as connection:
        connection.execute(
            """
            INSERT INTO finance.proposal (
                company, proposal_id, number, name, contract_id, customer_id, currency,
                accounting_date, confirmed_at, first_actual_id, last_actual_id, billable_count,
                billable_hash
            )
            SELECT 'USPM', %(id)s, 'PF-' || %(id)s, 'Invoice', %(contract)s, %(customer)s,
                %(currency)s, %(day)s, %(at)s, %(first)s, %(last)s, count(*),
                coalesce(sum(hashtextextended(key::text, 0)::numeric), 0)
            FROM unnest(%(keys)s::bigint[]) AS key
            """,
            {
                "id": proposal_id,
                "contract": contract,
                "customer": customer,
                "currency": currency,
                "day": day,
                "at": NOW,
                "first": min(keys, default=900),
                "last": max(keys, default=900),
                "keys": list(keys),
            },
        )


def run_import(books: Books) -> ImportRun:
    with finance_of(books) as transaction:
        return import_from_staging(transaction, company="USPM", actor="ada", at=NOW, on=TODAY)


def run_journal(books: Books, journal_id: int) -> PostedJournal:
    with finance_of(books) as transaction:
        return post_journal(transaction, company="USPM", journal_id=journal_id, actor="ada", at=NOW)


def run_proposals(books: Books, *proposal_ids: int) -> tuple[PostedInvoice, ...]:
    with finance_of(books) as transaction:
        return post_proposals(
            transaction,
            company="USPM",
            proposal_ids=proposal_ids,
            actor="ada",
            at=NOW,
            invoice_date=None,
        )


def bill(books: Books, proposal_id: int, pairs: dict[int, int], *, day: str = "2026-11-02") -> None:
    """Let billed sales arrive: key to the key of the unbilled sale, with the header."""
    with books.owner_finance.raw() as connection:
        connection.execute(
            """
            INSERT INTO finance.staged_actual
            SELECT (jsonb_populate_record(sale, jsonb_build_object(
                'actual_id', pair.billed_id,
                'transaction_type', 'billed_sales',
                'proforma_id', %(proposal)s::bigint,
                'source_set_id', 1000 + %(proposal)s::bigint))).*
            FROM unnest(%(billed)s::bigint[], %(unbilled)s::bigint[])
                AS pair (billed_id, unbilled_id)
            JOIN finance.staged_actual AS sale ON sale.actual_id = pair.unbilled_id
            """,
            {
                "proposal": proposal_id,
                "billed": list(pairs.keys()),
                "unbilled": list(pairs.values()),
            },
        )
        connection.execute(
            """
            INSERT INTO finance.staged_connection
            SELECT 'USPM', billed, 'billed_sales', unbilled, 'unbilled_sales'
            FROM unnest(%s::bigint[], %s::bigint[]) AS pair (billed, unbilled)
            """,
            (list(pairs.keys()), list(pairs.values())),
        )
        row = connection.execute(
            "SELECT currency FROM finance.staged_actual WHERE actual_id = %s", (min(pairs),)
        ).fetchone()
    assert row is not None
    announce(books, proposal_id, tuple(pairs), currency=row[0], day=day)


def credit(
    books: Books,
    proposal_id: int,
    credited: dict[int, int],
    reopened: dict[int, int],
    *,
    day: str = "2026-11-02",
) -> None:
    """Let a correction arrive: credits by the billed sale each reverses, and sales open again."""
    set_id = 1000 + proposal_id
    with books.owner_finance.raw() as connection:
        connection.execute(
            """
            INSERT INTO finance.staged_actual
            SELECT (jsonb_populate_record(bill, jsonb_build_object(
                'actual_id', pair.key,
                'transaction_type', pair.transaction_type,
                'accounting_date', CASE pair.sign WHEN 1 THEN %(day)s ELSE bill.accounting_date::text END,
                'quantity', pair.sign * bill.quantity,
                'amount', pair.sign * bill.amount,
                'proforma_id', %(proposal)s::bigint,
                'source_set_id', %(set)s::bigint))).*
            FROM (
                SELECT *, -1, 'billed_sales' FROM unnest(%(credits)s::bigint[], %(bills)s::bigint[])
                UNION ALL
                SELECT *, 1, 'unbilled_sales' FROM unnest(%(opened)s::bigint[], %(closed)s::bigint[])
            ) AS pair (key, billed_id, sign, transaction_type)
            JOIN finance.staged_actual AS bill ON bill.actual_id = pair.billed_id
            """,
            {
                "day": day,
                "proposal": proposal_id,
                "set": set_id,
                "credits": list(credited.keys()),
                "bills": list(credited.values()),
                "opened": list(reopened.keys()),
                "closed": list(reopened.values()),
            },
        )
        for role, pairs in (("reversing", credited), ("replacing", reopened)):
            connection.execute(
                """
                INSERT INTO finance.staged_connection
                SELECT 'USPM', newer, %s::finance.connection_role, older, 'original'
                FROM unnest(%s::bigint[], %s::bigint[]) AS pair (newer, older)
                """,
                (role, list(pairs.keys()), list(pairs.values())),
            )
        connection.execute(
            """
            WITH linked AS (
                INSERT INTO dualwrite.chain (company, source, chain_number, set_id, previous_hash, hash)
                SELECT 'USPM', 'operations', count(*) + 1, %(set)s, '', ''
                FROM dualwrite.chain WHERE company = 'USPM' AND source = 'operations'
            )
            INSERT INTO dualwrite.inbox (
                company, source, set_id, kind, stream, version, key_first, key_last, content_hash,
                row_count, actor, created_at, applied_at
            )
            VALUES ('USPM', 'operations', %(set)s, 'confirmation', %(set)s, 1, %(first)s, %(last)s,
                '', 1, 'mover', %(at)s, %(at)s)
            """,
            {
                "set": set_id,
                "first": min(credited),
                "last": max(*credited, *reopened),
                "at": NOW,
            },
        )
        row = connection.execute(
            "SELECT currency FROM finance.staged_actual WHERE actual_id = %s", (min(credited),)
        ).fetchone()
    assert row is not None
    announce(books, proposal_id, tuple(credited), currency=row[0], day=day)
