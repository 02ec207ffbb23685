"""What the tests of entries share: a company with one project of each kind, and its people.

Project 1 sells by time and material, 2 at a fixed price, 3 has no contract, 4 is completed,
and 5 sells by time and material in pounds. Bob costs 100 and sells for 200 an hour.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from tests.support.books import Books
from tests.support.clock import NOW
from twofold.operations.entries.approve import ApprovalResult, approve_entries
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.submit import SubmitResult, submit_entries

DAY: Final = date(2026, 10, 5)

SETUP: Final = """
    operations.company
    company  name     accounting_currency  source_version
    USPM     US firm  USD                  1
    GBPM     GB firm  GBP                  1

    operations.role
    role_id  name         billing_type
    1        Engineer     chargeable
    2        Trainee      non_chargeable
    3        Without rate  chargeable

    operations.transaction_category
    category_id  number  name
    1            T-1     Travel
    2            H-1     Hotel
    3            S-1     Servo motor
    4            L-1     Licence fee

    operations.organizational_unit
    company  organizational_unit_id  name  currency
    USPM     1                       US    USD
    GBPM     2                       GB    GBP

    operations.customer
    company  customer_id  account  name     currency  change_set_id
    USPM     1            C-1      Adatum   USD       1
    USPM     2            C-2      Contoso  USD       1
    GBPM     3            C-3      Coffee   GBP       1

    operations.resource
    company  resource_id  name          email             role_id  organizational_unit_id  change_set_id
    USPM     1            Bob Kozack    bob@example.com   1        1                       1
    USPM     2            Amy Alberts   -                 2        1                       1
    USPM     3            Molly Clark   -                 -        1                       1
    GBPM     4            Bob Kozack    bob@example.com   1        2                       1

    operations.contract
    company  contract_id  number  name     customer_id  organizational_unit_id  currency  change_set_id
    USPM     1            K-1     Arm      1            1                       USD       1
    USPM     2            K-2     Cell     2            1                       USD       1
    USPM     5            K-5     Pounds   1            1                       GBP       1
    GBPM     6            K-6     Roaster  3            2                       GBP       1

    operations.contract_customer
    company  contract_customer_id  contract_id  customer_id  split_percent  is_rounding  is_primary  change_set_id
    USPM     1                     1            1            100            true         true        1
    USPM     2                     2            2            100            true         true        1
    USPM     5                     5            1            100            true         true        1
    GBPM     6                     6            3            100            true         true        1

    operations.project
    company  project_id  number  name      customer_id  contract_id  state       change_set_id
    USPM     1           P-1     Arm       1            1            in_process  1
    USPM     2           P-2     Cell      2            2            in_process  1
    USPM     3           P-3     Internal  -            -            in_process  1
    USPM     4           P-4     Old       1            1            completed   1
    USPM     5           P-5     Pounds    1            5            in_process  1
    GBPM     6           P-1     Arm       3            6            in_process  1

    operations.task
    company  task_id  project_id  name    wbs  change_set_id
    USPM     1        1           Design  1    1
    USPM     2        2           Design  1    1

    operations.contract_line
    company  contract_line_id  contract_id  line_number  name  billing_method     project_id  includes_time  includes_expense  includes_material  includes_fee  change_set_id
    USPM     10                1            1            Work  time_and_material  1           true           true              false              true          1
    USPM     20                2            1            Work  fixed_price        2           true           true              true               true          1
    USPM     50                5            1            Work  time_and_material  5           true           true              true               true          1
    GBPM     60                6            1            Work  time_and_material  6           true           true              true               true          1

    operations.contract_line_customer
    company  contract_line_id  customer_id  split_percent  is_rounding
    USPM     10                1            100            true
    USPM     20                2            100            true
    USPM     50                1            100            true
    GBPM     60                3            100            true

    operations.price_list
    company  price_list_id  name    context  currency  effective_from  effective_to
    USPM     1              Cost    cost     USD       2026-01-01      -
    USPM     2              Sales   sales    USD       2026-01-01      2026-10-31
    USPM     3              Later   sales    USD       2026-10-31      -
    USPM     5              Pounds  sales    GBP       2026-01-01      -

    operations.unit_price_list
    company  organizational_unit_id  price_list_id
    USPM     1                       1

    operations.contract_price_list
    company  contract_id  price_list_id
    USPM     1            2
    USPM     1            3
    USPM     5            5

    operations.role_price
    company  price_list_id  role_id  price
    USPM     1              1        100
    USPM     1              2        40
    USPM     2              1        200
    USPM     2              2        90
    USPM     3              1        220
    USPM     5              1        160

    operations.category_price
    company  price_list_id  category_id  method    price  percent
    USPM     2              1            at_cost   -      -
    USPM     2              2            markup    -      10
    USPM     2              3            per_unit  425    -
    USPM     2              4            per_unit  99.50  -
    USPM     5              1            at_cost   -      -
    USPM     5              3            per_unit  335    -
    USPM     1              3            per_unit  340    -
"""  # noqa: E501


def plant_work(books: Books) -> Books:
    """Plant the setup."""
    books.given(SETUP)
    return books


def draft(books: Books, **given: Any) -> int:  # noqa: ANN401 - fields of NewEntry
    """Record a draft of USPM: eight hours of Bob's on project 1 unless told otherwise."""
    values: dict[str, Any] = {
        "cls": "time",
        "on": DAY,
        "project_number": "P-1",
        "quantity": Decimal(8),
        "person": "Bob Kozack",
        **given,
    }
    with books.operations.transaction() as transaction:
        return create_entry(
            transaction, company="USPM", entry=NewEntry(**values), actor="bob", at=NOW
        )


def submit(books: Books, *entry_ids: int) -> SubmitResult:
    """Submit entries of USPM."""
    with books.operations.transaction() as transaction:
        return submit_entries(transaction, company="USPM", entry_ids=entry_ids, actor="bob", at=NOW)


def submitted(books: Books, **given: Any) -> int:  # noqa: ANN401 - see draft
    """Record an entry and submit it."""
    entry_id = draft(books, **given)
    result = submit(books, entry_id)
    assert not result.refusals, result.refusals
    return entry_id


def approve(books: Books, **given: Any) -> ApprovalResult:  # noqa: ANN401 - as the process takes it
    """Approve what waits in USPM."""
    with books.operations.transaction() as transaction:
        return approve_entries(transaction, company="USPM", actor="pm", at=NOW, **given)
