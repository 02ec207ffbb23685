"""Prices: which row of which list an entry takes, by what method, in which unit and currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import broken, rows
from tests.operations.entries.working import DAY, draft, plant_work, submit, submitted
from tests.support.books import Books
from twofold.kernel.errors import Refused

MATERIAL: dict[str, Any] = {
    "cls": "material",
    "project_number": "P-5",
    "category": "Servo motor",
    "quantity": Decimal(1),
    "person": None,
}


@pytest.fixture
def work(books: Books) -> Books:
    """Give the usual work, and Chris, who is of another unit than the contract."""
    plant_work(books)
    books.given("""
        operations.organizational_unit
        company  organizational_unit_id  name   currency
        USPM     3                       India  USD

        operations.unit_price_list
        company  organizational_unit_id  price_list_id
        USPM     3                       1

        operations.resource
        company  resource_id  name         role_id  organizational_unit_id  change_set_id
        USPM     5            Chris Green  1        3                       1

        operations.product
        product_id  number  name
        1           M-1     Servo
        2           M-2     Bolt

        operations.time_unit
        time_unit  hours
        Day        8
        India Day  10
    """)
    return books


def price(books: Books, transaction_type: str = "unbilled_sales", **given: Any) -> Decimal:  # noqa: ANN401 - of NewEntry
    """Submit an entry and give the price of one of its lines."""
    entry_id = submitted(books, **given)
    ((found,),) = rows(
        books,
        "SELECT price FROM operations.journal_line"  # noqa: S608 - a key and a type of this module
        f" WHERE entry_id = {entry_id} AND transaction_type = '{transaction_type}'",
    )
    assert not broken(books)
    return found


def on(month: int, day: int) -> date:
    return date(2026, month, day)


# ---- place: resourcing unit, its company, everywhere


def plant_places(books: Books, *, company: str = "USPM") -> None:
    books.given(f"""
        operations.role_price
        company  price_list_id  role_id  resourcing_company  resourcing_unit_id  price
        USPM     2              1        {company}           -                   210
        USPM     2              1        USPM                3                   50
        USPM     1              1        USPM                3                   20
    """)


def test_the_most_exact_place_that_is_priced_counts(work: Books) -> None:
    plant_places(work)

    assert price(work, person="Chris Green") == 50
    assert price(work, person="Chris Green", transaction_type="cost") == 20
    # Bob is of a unit without a price of its own: the unit is dropped, the company counts.
    assert price(work) == 210
    assert price(work, transaction_type="cost") == 100


def test_the_price_of_another_company_s_people_is_not_that_of_our_own(work: Books) -> None:
    plant_places(work, company="GBPM")

    assert price(work) == 200


def test_somebody_without_a_unit_counts_for_the_contract_s(work: Books) -> None:
    work.given("""
        operations.role_price
        company  price_list_id  role_id  resourcing_company  resourcing_unit_id  price
        USPM     2              1        USPM                1                   199
    """)

    assert price(work, person="Molly Clark", role="Engineer") == 199


# ---- overrides: contract, customer, none; from a day on


OVERRIDES = """
    operations.role_price
    company  price_list_id  role_id  contract_id  customer_id  effective_from  price
    USPM     3              1        -            -            2026-11-15      120
    USPM     3              1        -            -            2026-12-01      125
    USPM     3              1        -            1            2026-11-20      118
    USPM     3              1        1            -            2026-11-25      110
    USPM     3              1        2            -            2026-11-01      1
    USPM     3              1        -            2            2026-11-01      2
"""


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (on(11, 1), 220),  # the list's price; those of other contracts and customers are not ours
        (on(11, 14), 220),
        (on(11, 15), 120),  # nobody's override starts
        (on(11, 19), 120),
        (on(11, 20), 118),  # the customer's comes before nobody's
        (on(11, 24), 118),
        (on(11, 25), 110),  # the contract's comes before the customer's
        (on(12, 1), 110),  # and is not ended by a later one of a wider scope
    ],
)
def test_an_override_holds_from_its_day_by_scope(work: Books, day: date, wanted: int) -> None:
    work.given(OVERRIDES)

    assert price(work, on=day) == wanted


def test_an_override_ends_with_the_next_of_its_scope_and_with_its_list(work: Books) -> None:
    work.given("""
        operations.role_price
        company  price_list_id  role_id  contract_id  effective_from  price
        USPM     2              1        1            2026-10-10      300
        USPM     2              1        1            2026-10-20      310
    """)

    found = [price(work, on=on(10, day)) for day in (9, 10, 19, 20, 30)]

    assert found == [200, 300, 300, 310, 310]
    # The list's last day is the other list's first: two lists, no price. Then the other's.
    assert price(work, on=on(10, 31)) == 0
    assert price(work, on=on(11, 1)) == 220


def test_place_comes_before_scope(work: Books) -> None:
    plant_places(work)
    work.given("""
        operations.role_price
        company  price_list_id  role_id  resourcing_company  resourcing_unit_id  contract_id  price
        USPM     2              1        -                   -                   1            400
        USPM     2              1        USPM                3                   1            55
    """)

    assert price(work, person="Chris Green") == 55
    assert price(work) == 210


def test_an_override_of_nothing_counts_where_it_holds(work: Books) -> None:
    # No price before the override: 0, with a warning.
    work.given("""
        operations.role_price
        company  price_list_id  role_id  effective_from  price
        USPM     3              3        2026-11-10      77
    """)

    before = submit(work, draft(work, role="Without rate", on=on(11, 9)))

    assert before.unpriced_count == 1
    assert price(work, role="Without rate", on=on(11, 10)) == 77


def test_a_price_of_nothing_is_a_price(work: Books) -> None:
    work.given("""
        operations.role_price
        company  price_list_id  role_id  contract_id  price
        USPM     2              1        1            0
    """)

    result = submit(work, draft(work))

    assert result.unpriced_count == 0
    assert rows(work, "SELECT price, amount FROM operations.journal_line"
                      " WHERE transaction_type = 'unbilled_sales'") == [(0, 0)]  # fmt: skip


# ---- units


@pytest.mark.parametrize(
    ("unit", "listed", "wanted"),
    [
        ("India Day", "1000", "100"),
        ("Day", "1000", "125"),
        ("hour", "1000", "1000"),
        ("Day", "0.0004", "0.0001"),  # half of the last decimal is rounded away from zero
        ("Day", "100.01", "12.5013"),
    ],
)
def test_a_role_priced_by_the_day_is_sold_by_the_hour(
    work: Books, unit: str, listed: str, wanted: str
) -> None:
    work.given(f"""
        operations.role_price
        company  price_list_id  role_id  contract_id  time_unit    price
        USPM     2              1        1            {unit}  {listed}
    """)

    assert price(work) == Decimal(wanted)


def test_a_unit_of_an_expense_is_matched_and_never_converted(work: Books) -> None:
    work.given("""
        operations.category_price
        company  price_list_id  category_id  unit   method    price  percent
        USPM     2              3            box    per_unit  4000   -
        USPM     3              3            box    per_unit  4000   -
    """)
    motor: dict[str, Any] = {"cls": "expense", "category": "Servo motor", "quantity": Decimal(1)}

    assert price(work, **motor, unit="box") == 4000
    # Any other unit has the price that names none; a list that has only the box has no price.
    assert price(work, **motor, unit="each") == 425
    assert price(work, **motor, unit="each", on=on(11, 1)) == 0


# ---- methods


@pytest.mark.parametrize(
    ("method", "figure", "wanted"),
    [
        ("at_cost", "-       -", "100"),
        ("markup", "-       10", "110"),
        ("markup", "-       0", "100"),
        ("markup", "-       33.3333", "133.3333"),
        ("per_unit", "200     -", "200"),
    ],
)
def test_a_role_follows_its_method(work: Books, method: str, figure: str, wanted: str) -> None:
    work.given(f"""
        operations.role_price
        company  price_list_id  role_id  contract_id  method    price   percent
        USPM     2              1        1            {method}  {figure}
    """)

    assert price(work) == Decimal(wanted)


def test_a_markup_is_rounded_half_away_from_zero_to_four_decimals(work: Books) -> None:
    hotel: dict[str, Any] = {"cls": "expense", "category": "Hotel", "quantity": Decimal(1)}

    found = [
        price(work, **hotel, unit_price=Decimal(cost), currency="USD")
        for cost in ("0.0005", "0.0004", "0")
    ]

    assert found == [Decimal("0.0006"), Decimal("0.0004"), 0]


# ---- products


def plant_products(books: Books) -> None:
    books.given("""
        operations.product_price
        company  price_list_id  product_id  unit  method    price  percent
        USPM     1              1           -     per_unit  100    -
        USPM     5              1           -     per_unit  60     -
        USPM     5              1           box   per_unit  550    -
    """)


def test_material_is_priced_by_its_product_or_written_in_by_its_category(work: Books) -> None:
    plant_products(work)

    assert price(work, **MATERIAL, product="M-1") == 60
    assert price(work, **MATERIAL, product="M-1", unit="box") == 550
    assert price(work, **MATERIAL, product="M-1", transaction_type="cost") == 100
    assert price(work, **MATERIAL) == 335
    assert price(work, **MATERIAL, transaction_type="cost") == 340
    # A product that the list does not price is not sold at the price of its category.
    assert price(work, **MATERIAL, product="M-2") == 0


def test_the_cost_that_was_entered_wins_over_the_product_s(work: Books) -> None:
    plant_products(work)

    cost = price(
        work,
        **MATERIAL,
        product="M-1",
        unit_price=Decimal(90),
        currency="USD",
        transaction_type="cost",
    )

    assert cost == 90


@pytest.mark.parametrize("given", [{**MATERIAL, "product": "M-3"}, {"product": "M-1"}])
def test_a_product_is_known_and_of_material(work: Books, given: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        draft(work, **given)

    assert refused.value.codes == ("ERR-E31",)


# ---- currencies


RATES = """
    operations.exchange_rate
    company  rate_type  from_currency  to_currency  valid_from  rate  source_version
    USPM     Default    GBP            USD          2026-10-01  160   1
    USPM     Default    GBP            USD          2026-10-06  125   1
    USPM     Default    EUR            USD          2026-10-01  120   1
    USPM     Default    JPY            USD          2026-10-10  0.9   1
    USPM     Other      GBP            USD          2026-10-05  999   1
    GBPM     Default    GBP            USD          2026-10-05  1     1
"""


@pytest.mark.parametrize(
    ("day", "cost", "currency", "wanted"),
    [
        (on(10, 1), "80", "USD", "50"),  # the first day of the rate
        (on(10, 5), "80", "USD", "50"),
        (on(10, 6), "80", "USD", "64"),
        (on(10, 6), "80", "GBP", "80"),  # nothing to convert
        (on(10, 5), "80", "EUR", "60"),  # by way of the company's currency
        (on(10, 5), "0.0001", "USD", "0.0001"),  # 0.0000625
        (on(10, 6), "0", "USD", "0"),
    ],
)
def test_a_cost_is_passed_on_at_the_rate_of_the_day(
    work: Books, day: date, cost: str, currency: str, wanted: str
) -> None:
    work.given(RATES)
    travel: dict[str, Any] = {"cls": "expense", "category": "Travel", "project_number": "P-5"}

    found = price(
        work,
        **travel,
        quantity=Decimal(1),
        on=day,
        unit_price=Decimal(cost),
        currency=currency,
    )

    assert found == Decimal(wanted)


def test_without_a_rate_of_the_day_the_entry_is_refused(work: Books) -> None:
    work.given(RATES)
    travel: dict[str, Any] = {
        "cls": "expense",
        "category": "Travel",
        "project_number": "P-5",
        "quantity": Decimal(1),
        "unit_price": Decimal(80),
    }

    result = submit(
        work,
        draft(work, **travel, currency="USD", on=on(9, 30)),
        draft(work, **travel, currency="JPY", on=on(10, 9)),
        draft(work, **travel, currency="JPY", on=on(10, 10)),
        draft(work, **travel, currency="CHF", on=on(10, 10)),
    )

    assert [(one.code, one.value) for one in result.refusals] == [
        ("ERR-E25", "USD"),
        ("ERR-E25", "JPY"),
        ("ERR-E25", "CHF"),
    ]
    assert result.entry_count == 1


def test_a_rate_and_a_markup_are_rounded_once(work: Books) -> None:
    work.given("""
        operations.exchange_rate
        company  rate_type  from_currency  to_currency  valid_from  rate  source_version
        USPM     Default    GBP            USD          2026-10-01  300   1

        operations.role_price
        company  price_list_id  role_id  contract_id  method   price  percent
        USPM     5              2        -            markup   -      50
        USPM     5              1        5            at_cost  -      -
    """)

    # 40 plus half of it, by three; not by the rounded 0.3333. And a third of 100.
    assert price(work, project_number="P-5", role="Trainee") == 20
    assert price(work, project_number="P-5") == Decimal("33.3333")


def test_time_at_cost_needs_a_rate_too(work: Books) -> None:
    work.given("""
        operations.role_price
        company  price_list_id  role_id  contract_id  method   price  percent
        USPM     5              1        5            at_cost  -      -
    """)

    result = submit(work, draft(work, project_number="P-5"), draft(work))

    assert [(one.code, one.value) for one in result.refusals] == [("ERR-E25", "USD")]
    assert result.entry_count == 1


# ---- laws


ROWS: list[tuple[Any, ...]] = [
    # place: company, unit; scope: contract, customer; from; price
    ("-", "-", "-", "-", "-", 200),
    ("USPM", "-", "-", "-", "-", 210),
    ("USPM", "3", "-", "-", "-", 50),
    ("USPM", "-", "-", "-", "2026-11-15", 211),
    ("-", "-", "1", "-", "-", 300),
    ("-", "-", "1", "-", "2026-11-05", 305),
    ("-", "-", "-", "1", "2026-11-01", 320),
    ("USPM", "3", "-", "1", "2026-11-12", 52),
    ("USPM", "3", "1", "-", "2026-11-20", 53),
    ("GBPM", "-", "-", "-", "-", 999),
]
DAYS = (on(11, 1), on(11, 5), on(11, 12), on(11, 15), on(11, 20))


def expected(chosen: list[tuple[Any, ...]], *, unit: str, day: date) -> int:
    """Choose by the rule in words: the narrowest place, then the scope, then the latest start."""
    fitting = [
        row
        for row in chosen
        if row[0] in {"-", "USPM"}
        and row[1] in {"-", unit}
        and (row[4] == "-" or date.fromisoformat(row[4]) <= day)
    ]
    places = [("USPM", unit), ("USPM", "-"), ("-", "-")]
    scopes = [("1", "-"), ("-", "1"), ("-", "-")]
    for place in places:
        for scope in scopes:
            here = [row for row in fitting if row[:2] == place and row[2:4] == scope]
            if here:
                return max(here, key=lambda row: "" if row[4] == "-" else row[4])[5]
    return 0


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(ROWS), st.integers(0, len(ROWS)))
def test_a_price_never_depends_on_the_order_of_the_rows(
    work: Books, order: list[tuple[Any, ...]], count: int
) -> None:
    chosen = order[:count]
    with work.owner_operations.raw() as connection:
        connection.execute("DELETE FROM operations.role_price WHERE price_list_id = 3")
    for company, unit, contract, customer, start, amount in chosen:
        work.given(f"""
            operations.role_price
            company  price_list_id  role_id  resourcing_company  resourcing_unit_id  contract_id  customer_id  effective_from  price
            USPM     3              1        {company}           {unit}              {contract}   {customer}   {start}         {amount}
        """)  # noqa: E501
    wanted: dict[int, int] = {}
    for person, unit in (("Bob Kozack", "1"), ("Chris Green", "3")):
        for day in DAYS:
            entry_id = draft(work, person=person, on=day)
            wanted[entry_id] = expected(chosen, unit=unit, day=day)

    assert submit(work, *wanted).entry_count == len(wanted)

    found = rows(
        work,
        "SELECT entry_id, price FROM operations.journal_line"
        " WHERE transaction_type = 'unbilled_sales'",
    )
    assert {key: amount for key, amount in found if key in wanted} == wanted


def test_many_entries_are_priced_as_one_is(work: Books) -> None:
    plant_places(work)
    work.given(OVERRIDES)
    days = [on(10, 5), on(10, 31), on(11, 15), on(11, 25)]
    people = ["Bob Kozack", "Chris Green"]
    alone = [price(work, person=person, on=day) for person in people for day in days]
    together = [draft(work, person=person, on=day) for person in people for day in days]

    submit(work, *together)

    found = dict(
        rows(
            work,
            "SELECT entry_id, price FROM operations.journal_line"
            " WHERE transaction_type = 'unbilled_sales'",
        )
    )
    assert [found[key] for key in together] == alone
    assert DAY in days
