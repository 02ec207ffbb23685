"""A setup that is in use: what stays fixed, numbers without gaps, periods that stay closed."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.finance.company import SETUP, arrive, change, finance_of, run_import, run_journal
from tests.finance.test_apply_setup import EXAMPLE, apply, changed, refused, uspm
from tests.support.books import Books
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.setup.records import (
    CompanySetup,
    FiscalPeriod,
    FiscalYear,
    NumberSequence,
    PaymentTerms,
    TaxCode,
    TaxRate,
)
from twofold.finance.setup.sequences import list_gaps, list_sequences
from twofold.kernel.errors import Refused

# What one posted invoice of November left in the example company.
USED = """
    finance.ledger_entry
    company  voucher  entry_number  accounting_date  account  posting_type  currency  transaction_amount  accounting_amount  reporting_amount
    USPM     V1       1             2026-11-02       401100   cost          USD       0                   0                  0

    finance.tax_transaction
    company  voucher  tax_code  rate  base_amount  tax_amount  accounting_base_amount  accounting_tax_amount
    USPM     V1       US-MA     6.25  100          6.25        100                     6.25

    finance.customer_transaction
    company  voucher  customer_id  transaction_date  due_date    invoice_number  posting_profile  currency  exchange_rate  amount  accounting_amount
    USPM     V1       1            2026-11-02        2026-12-01  I-1             GEN              USD       100            106.25  106.25

    finance.project_transaction
    company  actual_id  journal_id  voucher  accounting_date  category_number  line_property  profile  exchange_rate  accounting_amount  accrued_amount  change_set_id
    USPM     1          1           V2       2026-11-02       X                Chargeable     TM_WIP   100            100                0               1
"""


@pytest.fixture
def used(books: Books) -> Books:
    apply(books)
    books.given(USED)
    return books


def with_account(kind: str, account: str) -> CompanySetup:
    accounts = tuple(
        replace(one, kind=kind) if one.account == account else one for one in uspm().accounts
    )
    return replace(uspm(), accounts=accounts)


def massachusetts(*rates: TaxRate) -> tuple[TaxCode, ...]:
    (code,) = uspm().tax_codes
    return (replace(code, rates=rates),)


def test_an_account_with_entries_keeps_its_kind(used: Books) -> None:
    wrong = with_account("asset", "401100")
    allowed = with_account("asset", "401200")

    assert refused(used, changed(accounts=wrong.accounts)) == [("ERR-S01", "kind", "revenue")]
    assert apply(used, changed(accounts=allowed.accounts)).tables["main_account"].changed == 1


def test_a_rate_that_taxed_something_keeps_its_percent(used: Books) -> None:
    old, new = uspm().tax_codes[0].rates
    wrong = massachusetts(old, replace(new, rate=Decimal("6.5")))
    allowed = massachusetts(replace(old, rate=Decimal(4)), new)
    later = massachusetts(old, new, TaxRate(date(2027, 1, 1), Decimal("6.5")))

    assert refused(used, changed(tax_codes=wrong)) == [("ERR-S01", "rate", "6.25")]
    assert apply(used, changed(tax_codes=allowed)).tables["tax_rate"].changed == 1
    assert apply(used, changed(tax_codes=later)).tables["tax_rate"].added == 1


def test_a_rate_ends_on_the_last_day_it_taxed_at_the_earliest(used: Books) -> None:
    old, new = uspm().tax_codes[0].rates
    early = massachusetts(old, replace(new, valid_to=date(2026, 11, 1)))
    on_the_day = massachusetts(old, replace(new, valid_to=date(2026, 11, 2)))

    assert refused(used, changed(tax_codes=early)) == [("ERR-S01", "valid_to", "")]
    assert apply(used, changed(tax_codes=on_the_day)).tables["tax_rate"].changed == 1


def test_a_property_of_posted_transactions_stays_chargeable(used: Books) -> None:
    properties = tuple(
        replace(one, is_chargeable=not one.is_chargeable) for one in uspm().line_properties
    )

    assert refused(used, changed(line_properties=properties)) == [
        ("ERR-S01", "is_chargeable", "true")
    ]
    assert apply(used, changed(line_properties=properties[1:])).written == 3


# ---- periods


@pytest.mark.parametrize(
    ("given", "stored", "told"),
    [
        ("open", "closed", [("ERR-S04", "closed")]),
        ("on_hold", "closed", [("ERR-S04", "closed")]),
        ("closed", "closed", []),
        ("open", "on_hold", [("ERR-S04", "on_hold")]),
        ("closed", "on_hold", []),
        ("on_hold", "open", []),
    ],
)
def test_a_setup_never_opens_a_period(
    books: Books, given: str, stored: str, told: list[tuple[str, str]]
) -> None:
    apply(books)
    change(
        books,
        "UPDATE finance.fiscal_period SET state = %s::finance.period_state"
        " WHERE company = 'USPM' AND period_start = '2026-10-01'",
        stored,
    )
    period = FiscalPeriod(date(2026, 10, 1), date(2026, 10, 31), given)  # pyright: ignore[reportArgumentType]

    result = apply(books, changed(fiscal_years=(), fiscal_periods=(period,)))

    with books.finance.raw() as connection:
        state = connection.execute(
            "SELECT state::text FROM finance.fiscal_period"
            " WHERE company = 'USPM' AND period_start = '2026-10-01'"
        ).fetchone()
    assert state == (max(given, stored, key=["open", "on_hold", "closed"].index),)
    assert [(one.code, one.value) for one in result.warnings] == told


def test_a_year_of_the_file_leaves_closed_periods_closed_without_a_word(books: Books) -> None:
    apply(books)
    years = (FiscalYear(date(2026, 1, 1)), FiscalYear(date(2027, 1, 1), date(2027, 1, 31)))

    result = apply(books, changed(fiscal_years=years))

    assert result.written == 1
    assert result.warnings == ()


# ---- number sequences


def sequence(**values: object) -> tuple[NumberSequence, ...]:
    """Give the example's sequences with the one of invoices changed."""
    return tuple(
        replace(one, **values) if one.reference == "customer_invoice" else one
        for one in uspm().number_sequences
    )


@pytest.fixture
def numbered(books: Books) -> Books:
    """Give an example company that has given the invoice numbers 1 and 2."""
    apply(books)
    change(
        books,
        "UPDATE finance.number_sequence SET next_number = 3"
        " WHERE company = 'USPM' AND reference = 'customer_invoice'",
    )
    books.given("""
        finance.customer_invoice
        company  proposal_id  invoice_number  voucher          invoice_date  due_date    customer_id  currency  exchange_rate  reporting_rate  net_amount  tax_amount  total_amount  posted_by  posted_at             change_set_id
        USPM     1            USINV-00000001  USPIV-000000001  2026-11-02    2026-12-01  1            USD       100            100             1           0           1             bea        2026-11-02T10:00:00Z  1
        USPM     2            USINV-00000002  USPIV-000000002  2026-11-02    2026-12-01  1            USD       100            100             1           0           1             bea        2026-11-02T10:00:00Z  1
    """)
    return books


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"next_number": 4}, ("next_number", "3")),
        ({"lowest_number": 10}, ("next_number", "3")),
        ({"highest_number": 1}, ("highest_number", "")),
    ],
)
def test_a_continuous_sequence_in_use_skips_no_number(
    numbered: Books, values: dict[str, int], told: tuple[str, str]
) -> None:
    assert refused(numbered, changed(number_sequences=sequence(**values))) == [("ERR-S01", *told)]


def test_a_sequence_in_use_may_end_at_its_last_number_or_begin_anew(numbered: Books) -> None:
    apply(numbered, changed(number_sequences=sequence(highest_number=2)))

    apply(numbered, changed(number_sequences=sequence(prefix="US27-", next_number=500)))

    numbered.then("""
        finance.number_sequence
        company  reference                    prefix  next_number  is_continuous  highest_number
        USPM     integration_journal          USPM-   1            false          -
        USPM     integration_journal_voucher  USPIJ-  1            false          -
        USPM     customer_invoice             US27-   500          true           -
        USPM     customer_invoice_voucher     USPIV-  1            true           -
        GBPM     integration_journal          GBPM-   1            false          -
        GBPM     integration_journal_voucher  GBPIJ-  1            false          -
        GBPM     customer_invoice             GBINV-  1            true           -
        GBPM     customer_invoice_voucher     GBPIV-  1            true           -
    """)


def test_a_sequence_that_may_skip_becomes_continuous_with_another_prefix_only(
    numbered: Books,
) -> None:
    apply(numbered, changed(number_sequences=sequence(is_continuous=False, next_number=9)))

    told = refused(numbered, changed(number_sequences=sequence()))

    assert told == [("ERR-S01", "is_continuous", "false")]
    assert apply(numbered, changed(number_sequences=sequence(prefix="N-"))).written == 1


def test_a_range_is_in_order(books: Books) -> None:
    wrong = sequence(lowest_number=100, highest_number=98)

    assert refused(books, changed(number_sequences=wrong)) == [("ERR-A30", "highest_number", "98")]


def test_a_sequence_begins_at_its_lowest_number(books: Books) -> None:
    apply(books, changed(number_sequences=sequence(lowest_number=100, highest_number=102)))

    with finance_of(books) as transaction:
        block = draw_numbers(transaction, company="USPM", reference="customer_invoice", count=3)
    with finance_of(books) as transaction, pytest.raises(Refused) as caught:
        draw_numbers(transaction, company="USPM", reference="customer_invoice", count=1)

    assert block.first_number == 100
    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.value) == ("ERR-S03", "102")
    assert refusal.reason == "1 numbers are needed, 0 are left."


def test_a_blocked_sequence_posts_nothing(books: Books) -> None:
    books.given(SETUP)
    change(
        books,
        "UPDATE finance.number_sequence SET is_blocked = true"
        " WHERE reference = 'integration_journal'",
    )
    arrive(books, "actual_id  transaction_type  amount\n1  cost  50")

    with pytest.raises(Refused) as caught:
        run_import(books)

    assert caught.value.codes == ("ERR-S02",)
    books.then("finance.journal_line\nactual_id")
    change(books, "UPDATE finance.number_sequence SET is_blocked = false")
    run_import(books)
    assert run_journal(books, 1).posted_count == 1


def test_missing_numbers_are_named(numbered: Books) -> None:
    change(numbered, "DELETE FROM finance.customer_invoice WHERE proposal_id = 1")
    change(
        numbered,
        "UPDATE finance.customer_invoice SET invoice_number = 'OLD-7', voucher = 'USPIV-000000003'",
    )
    numbered.given("""
        finance.journal
        company  journal_id  number       description  state  created_at
        USPM     1           USPM-000002  One          draft  2026-11-02T10:00:00Z
        USPM     2           USPM-000007  Two          draft  2026-11-02T10:00:00Z
        USPM     3           OLD-9        Three        draft  2026-11-02T10:00:00Z
        USPM     4           OLD-11       Four         draft  2026-11-02T10:00:00Z

        finance.journal_line
        company  actual_id  journal_id  voucher          accounting_date  category_number  line_property  exchange_rate
        USPM     1          1           USPIJ-000000001  2026-11-02       X                Chargeable     100
        USPM     2          1           USPIJ-000000001  2026-11-02       X                Chargeable     100
    """)
    change(numbered, "UPDATE finance.number_sequence SET next_number = 8, highest_number = 8")

    with numbered.finance.reader() as reader:
        gaps = list_gaps(reader, company="USPM")
        sequences = list_sequences(reader, company="USPM")

    assert [(one.first_number, one.last_number, one.is_continuous) for one in gaps] == [
        ("OLD-000010", "OLD-000010", False),
        ("USPM-000003", "USPM-000006", False),
        ("USPIJ-000000002", "USPIJ-000000007", False),
        ("USPIV-000000004", "USPIV-000000007", True),
    ]
    assert gaps[-1].reason.startswith("May not be")
    assert [
        (one.reference, one.given_count, one.missing_count, one.left_count) for one in sequences
    ] == [
        ("integration_journal", 4, 5, 1),
        ("integration_journal_voucher", 1, 6, 1),
        ("customer_invoice", 1, 0, 1),
        ("customer_invoice_voucher", 1, 4, 1),
    ]


# ---- terms


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (PaymentTerms("T", "net", cutoff_day=20), "cutoff_day"),
        (PaymentTerms("T", "current_month", cutoff_day=0), "cutoff_day"),
        (PaymentTerms("T", "current_month", cutoff_day=32), "cutoff_day"),
        (PaymentTerms("T", "cash_on_delivery", days=1), "method"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    books: Books, terms: PaymentTerms, field: str
) -> None:
    assert [one[:2] for one in refused(books, changed(payment_terms=(terms,)))] == [
        ("ERR-A33", field)
    ]


def test_a_rate_does_not_end_before_it_begins(books: Books) -> None:
    rate = TaxRate(date(2026, 2, 1), Decimal(5), valid_to=date(2026, 1, 31))

    assert refused(books, changed(tax_codes=massachusetts(rate))) == [
        ("ERR-A34", "valid_to", "2026-01-31")
    ]


def test_the_example_compared_with_itself_changes_nothing(books: Books) -> None:
    assert apply(books).written > 200
    assert apply(books, EXAMPLE).written == 0
