"""Applying a setup: judged as a whole, written where it differs, a changed company sent on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.architecture.sources import ROOT
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.setup.apply import SetupResult, apply_setup
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.records import (
    CategoryDefault,
    CompanySetup,
    CustomerAccounting,
    ExchangeRate,
    FinanceSetup,
    FiscalPeriod,
    NumberSequence,
    ProfileRule,
    TaxGroup,
)
from twofold.kernel.errors import Refused

EXAMPLE = read_setup(
    (ROOT / "examples" / "finance.toml").read_bytes(), file="examples/finance.toml"
)


def apply(books: Books, setup: FinanceSetup = EXAMPLE) -> SetupResult:
    with books.finance.transaction() as transaction:
        return apply_setup(transaction, setup=setup, actor="ann", at=NOW)


def changed(**values: object) -> FinanceSetup:
    first, *others = EXAMPLE.company
    return FinanceSetup((replace(first, **values), *others))


def uspm() -> CompanySetup:
    return EXAMPLE.company[0]


def refused(books: Books, setup: FinanceSetup) -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as caught:
        apply(books, setup)
    return [(one.code, one.field, one.value) for one in caught.value.refusals]


def test_the_example_applies_without_a_warning(books: Books) -> None:
    result = apply(books)

    assert result.warnings == ()
    assert result.tables["fiscal_period"].added == 48
    books.then("""
        finance.legal_entity
        company  name                  accounting_currency  reporting_currency
        USPM     Fabrikam US  USD                  USD
        GBPM     Fabrikam UK  GBP                  GBP

        finance.exchange_rate
        company  currency  valid_from  rate
        USPM     GBP       2026-01-01  131
        USPM     GBP       2026-10-01  128.5
        USPM     EUR       2026-01-01  117.25
        GBPM     USD       2026-01-01  76.5
        GBPM     USD       2026-10-01  77.8
        GBPM     EUR       2026-01-01  87.4
    """)


def test_the_sample_profiles_are_as_documented(books: Books) -> None:
    """AC-05."""
    apply(books)

    with books.finance.raw() as connection:
        rows = connection.execute("""
            SELECT
                profile, billing_method::text, hour_costs::text, expense_costs::text,
                item_costs::text, on_account::text,
                ARRAY[accrues_hours, accrues_expenses, accrues_items, accrues_fees],
                completion::text, matching::text
            FROM finance.revenue_profile
            WHERE company = 'USPM'
        """).fetchall()

    costs = ("profit_and_loss",) * 3
    no, yes = [False] * 4, [True] * 4
    assert {row[0]: row[1:] for row in rows} == {
        "TM_NoWIP": ("time_and_material", *costs, "profit_and_loss", no, "none", "none"),
        "TM_WIP": ("time_and_material", *costs, "balance", yes, "none", "none"),
        "FP_NoWIP": ("fixed_price", *costs, "profit_and_loss", no, "no_wip", "no_matching"),
        "FP_CompC": ("fixed_price", *costs, "balance", no, "completed_contract", "sales_value"),
        "FP_CompP": ("fixed_price", *costs, "balance", no, "completed_percentage", "sales_value"),
    }


def test_applying_again_writes_nothing(books: Books) -> None:
    first = apply(books)

    again = apply(books)

    assert first.written > 200
    assert again.written == 0
    accounts = sum(len(company.accounts) for company in EXAMPLE.company)
    assert again.tables["main_account"].unchanged == accounts
    books.then("""
        finance:dualwrite.outbox
        company  kind   stream               version  actor
        USPM     setup  legal_entity         1        ann
        USPM     setup  exchange_rate        1        ann
        USPM     setup  customer_accounting  1        ann
        GBPM     setup  legal_entity         1        ann
        GBPM     setup  exchange_rate        1        ann
        GBPM     setup  customer_accounting  1        ann
    """)


def test_only_what_differs_is_written_and_only_a_changed_company_is_sent(books: Books) -> None:
    apply(books)
    rates = tuple(replace(rate, rate=Decimal(120)) for rate in uspm().exchange_rates[2:])
    setup = changed(name="Fabrikam America", exchange_rates=(*uspm().exchange_rates[:2], *rates))

    result = apply(books, setup)

    assert result.tables["exchange_rate"].changed == 1
    assert result.tables["legal_entity"].changed == 1
    assert result.written == 2
    books.then("""
        finance:dualwrite.outbox
        company  stream               version
        USPM     legal_entity         1
        USPM     legal_entity         2
        USPM     exchange_rate        1
        USPM     exchange_rate        2
        USPM     customer_accounting  1
        GBPM     legal_entity         1
        GBPM     exchange_rate        1
        GBPM     customer_accounting  1
    """)


def test_a_next_number_never_goes_back(books: Books) -> None:
    apply(books)
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.number_sequence SET next_number = 42")
    sequences = [replace(one, next_number=1) for one in uspm().number_sequences]
    sequences[0] = replace(sequences[0], next_number=100, digits=7)

    result = apply(books, changed(number_sequences=tuple(sequences)))

    assert result.written == 1
    books.then("""
        finance.number_sequence
        company  reference                    next_number  digits
        USPM     integration_journal          100          7
        USPM     integration_journal_voucher  42           9
        USPM     customer_invoice             42           8
        USPM     customer_invoice_voucher     42           9
        GBPM     integration_journal          42           6
        GBPM     integration_journal_voucher  42           9
        GBPM     customer_invoice             42           8
        GBPM     customer_invoice_voucher     42           9
    """)


def test_a_tax_group_holds_exactly_the_codes_stated(books: Books) -> None:
    apply(books)

    result = apply(books, changed(tax_groups=(TaxGroup("MA", ()), TaxGroup("EXPORT", ("US-MA",)))))

    counts = result.tables["tax_group_code"]
    assert (counts.added, counts.removed) == (1, 1)


def test_what_the_file_does_not_name_stays(books: Books) -> None:
    apply(books)

    result = apply(books, changed(posting_setup=(), customers=(), tax_groups=()))

    assert result.written == 0


def test_a_profile_that_contradicts_itself_is_refused(books: Books) -> None:
    """AC-06, and the constraints CP-1 to CP-4."""
    by_name = {profile.profile: profile for profile in uspm().revenue_profiles}
    profiles = (
        replace(by_name["TM_WIP"], hour_costs="balance"),
        replace(by_name["TM_NoWIP"], completion="no_wip", matching="no_matching"),
        replace(by_name["FP_NoWIP"], on_account="balance", accrues_fees=True),
        replace(by_name["FP_CompC"], completion="none"),
        by_name["FP_CompP"],
    )

    problems = refused(books, changed(revenue_profiles=profiles))

    assert problems == [
        ("ERR-A33", "accrues_hours", "true"),
        ("ERR-A33", "completion", "no_wip"),
        ("ERR-A33", "matching", "no_matching"),
        ("ERR-A33", "accrues_fees", "true"),
        ("ERR-A33", "on_account", "balance"),
        ("ERR-A33", "completion", "none"),
    ]
    books.then("finance.legal_entity\ncompany")


def test_every_reference_leads_somewhere(books: Books) -> None:
    setup = changed(
        exchange_rates=(ExchangeRate("XXX", date(2026, 1, 1), Decimal(1)),),
        customers=(CustomerAccounting("A", "NONE", "NOWHERE"),),
        category_defaults=(CategoryDefault("fee", "LABOR"),),
        posting_setup=(replace(uspm().posting_setup[0], account="999"),),
        reporting_currency="ZZZ",
    )

    assert refused(books, setup) == [
        ("ERR-A31", "currency", "XXX"),
        ("ERR-A31", "category_number", "LABOR (fee)"),
        ("ERR-A31", "account", "999"),
        ("ERR-A31", "tax_group", "NONE"),
        ("ERR-A31", "posting_profile", "NOWHERE"),
        ("ERR-A31", "reporting_currency", "ZZZ"),
    ]


def test_a_reference_may_lead_to_what_the_book_has(books: Books) -> None:
    apply(books)

    result = apply(books, changed(accounts=(), tax_codes=(), line_properties=()))

    assert result.written == 0


def test_rows_stated_twice_are_refused(books: Books) -> None:
    rule = ProfileRule("time_and_material", "TM_NoWIP")
    setup = changed(
        accounts=(*uspm().accounts, uspm().accounts[0]),
        profile_rules=(*uspm().profile_rules, rule),
    )

    assert refused(books, setup) == [
        ("ERR-A32", "account", "110110"),
        (
            "ERR-I08",
            "billing_method, project_number, project_group, contract_number",
            "time_and_material",
        ),
    ]


def test_a_rule_names_one_thing_and_a_profile_of_its_method(books: Books) -> None:
    rules = (
        ProfileRule("fixed_price", "TM_WIP"),
        ProfileRule("time_and_material", "TM_WIP", project_number="P", contract_number="C"),
    )

    assert refused(books, changed(profile_rules=rules)) == [
        ("ERR-A33", "profile", "TM_WIP"),
        ("ERR-A33", "project_number, contract_number", "P, C"),
    ]


def test_an_account_may_be_for_a_payer_of_a_contract_and_for_a_tax_group(books: Books) -> None:
    rule = replace(uspm().posting_setup[0], contract_number="K", payer="A")
    taxed = replace(uspm().posting_setup[0], tax_group=uspm().tax_groups[0].tax_group)
    setup = changed(posting_setup=(*uspm().posting_setup, rule, taxed))

    assert refused(
        books,
        changed(
            posting_setup=(
                replace(rule, payer=None),
                replace(rule, contract_number=None),
                replace(taxed, tax_group="NONE"),
            )
        ),
    ) == [
        ("ERR-A31", "tax_group", "NONE"),
        ("ERR-A33", "contract_number, payer", "K"),
        ("ERR-A33", "contract_number, payer", "A"),
    ]
    apply(books, setup)
    assert apply(books, setup).written == 0
    result = apply(
        books, changed(posting_setup=(replace(rule, account=uspm().posting_setup[1].account),))
    )
    assert result.written == 1


def test_periods_do_not_overlap_not_even_with_those_of_the_book(books: Books) -> None:
    apply(books)
    period = FiscalPeriod(date(2026, 12, 15), date(2027, 1, 1), "open")

    problems = refused(books, changed(fiscal_years=(), fiscal_periods=(period,)))

    assert problems == [
        ("ERR-A34", "period_start", "2026-12-15"),
        ("ERR-A34", "period_start", "2027-01-01"),
    ]


def test_two_sequences_never_give_the_same_number(books: Books) -> None:
    sequences = list(uspm().number_sequences)
    sequences[1] = replace(sequences[1], prefix=sequences[0].prefix)
    sequences[3] = NumberSequence("customer_invoice_voucher", sequences[2].prefix + "0")

    assert refused(books, changed(number_sequences=tuple(sequences))) == [
        ("ERR-A32", "prefix", "USINV-0"),
        ("ERR-A32", "prefix", "USPM-"),
    ]


def test_a_company_needs_all_its_sequences(books: Books) -> None:
    assert refused(books, changed(number_sequences=uspm().number_sequences[1:])) == [
        ("ERR-A30", "reference", "integration_journal")
    ]


def test_a_billing_type_may_be_missing_but_is_told(books: Books) -> None:
    result = apply(books, changed(billing_types=uspm().billing_types[1:]))

    (warning,) = result.warnings
    assert (warning.code, warning.value) == ("ERR-D02", "not_specified")


def test_the_currency_is_fixed_once_there_are_entries(books: Books) -> None:
    apply(books)
    books.given("""
        finance.ledger_entry
        company  voucher  entry_number  accounting_date  account  posting_type  currency  transaction_amount  accounting_amount  reporting_amount
        USPM     V1       1             2026-10-01       1        cost          USD       0                   0                  0
    """)  # noqa: E501

    assert refused(books, changed(accounting_currency="EUR")) == [
        ("ERR-A35", "accounting_currency", "EUR")
    ]
