"""Reading a setup file: every mistake of form at once, each with its place and value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.architecture.sources import ROOT
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.records import ExchangeRate, FiscalPeriod
from twofold.finance.setup.rows import periods_of
from twofold.kernel.errors import Refused

HEAD = """
[[company]]
code = "USPM"
name = "US"
accounting_currency = "USD"
reporting_currency = "USD"
parameters = { posting_profile = "GEN" }
"""


def refused(content: str | bytes) -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as caught:
        read_setup(content.encode() if isinstance(content, str) else content, file="f.toml")
    assert set(caught.value.codes) == {"ERR-A30"}
    assert all(refusal.reason and refusal.remedy for refusal in caught.value.refusals)
    return [(refusal.record, refusal.field, refusal.value) for refusal in caught.value.refusals]


def test_values_have_the_types_of_their_fields() -> None:
    content = (
        HEAD + 'exchange_rates = [{ currency = "GBP", valid_from = 2026-01-01, rate = 131.05 }]'
    )

    setup = read_setup(content.encode(), file="f.toml")

    (company,) = setup.company
    assert company.exchange_rates == (ExchangeRate("GBP", date(2026, 1, 1), Decimal("131.05")),)
    assert company.parameters.period_unit == "months"


def test_all_mistakes_are_reported_together() -> None:
    problems = refused(
        HEAD
        + """
        colour = "red"
        fiscal_years = 2026
        accounts = [
          { account = "", name = "Nothing", kind = "asset" },
          { account = "1", kind = "thing", name = true },
        ]
        number_sequences = [{ reference = "customer_invoice", prefix = "I", digits = "6" }]
        exchange_rates = [{ currency = "GBP", valid_from = "2026-01-01", rate = nan }]
        tax_groups = [{ tax_group = "X", tax_codes = ["A", 1] }]
        """
    )

    assert problems == [
        ("f.toml, company 1 (USPM)", "colour", "red"),
        ("f.toml, company 1 (USPM), accounts 1", "account", ""),
        ("f.toml, company 1 (USPM), accounts 2 (1)", "name", "True"),
        ("f.toml, company 1 (USPM), accounts 2 (1)", "kind", "thing"),
        ("f.toml, company 1 (USPM)", "fiscal_years", "2026"),
        ("f.toml, company 1 (USPM), exchange_rates 1 (GBP)", "valid_from", "2026-01-01"),
        ("f.toml, company 1 (USPM), exchange_rates 1 (GBP)", "rate", "NaN"),
        ("f.toml, company 1 (USPM), number_sequences 1 (customer_invoice)", "digits", "6"),
        ("f.toml, company 1 (USPM), tax_groups 1 (X)", "tax_codes 2", "1"),
    ]


def test_missing_keys_are_named() -> None:
    assert refused('[[company]]\ncode = "USPM"\nparameters = 3') == [
        ("f.toml, company 1 (USPM)", "name", ""),
        ("f.toml, company 1 (USPM)", "accounting_currency", ""),
        ("f.toml, company 1 (USPM)", "reporting_currency", ""),
        ("f.toml, company 1 (USPM), parameters", "", "3"),
    ]
    assert refused("") == [("f.toml", "company", "")]


def test_a_file_that_is_not_toml_is_refused() -> None:
    assert refused("[[company") == [("f.toml", "", "")]


@pytest.mark.parametrize("content", [b"\xff\xfe[\x00[\x00", "name = 'Zürich'".encode("latin-1")])
def test_what_is_not_utf_8_is_refused(content: bytes) -> None:
    assert refused(content) == [("f.toml", "", "")]


def test_a_fiscal_year_is_twelve_months_closed_through_a_day() -> None:
    content = HEAD + "fiscal_years = [{ starts_on = 2027-07-01, closed_through = 2027-09-29 }]"

    setup = read_setup(content.encode(), file="f.toml")

    periods = periods_of(setup.company[0])

    assert len(periods) == 12
    assert periods[1:3] == [
        FiscalPeriod(date(2027, 8, 1), date(2027, 8, 31), "closed"),
        FiscalPeriod(date(2027, 9, 1), date(2027, 9, 30), "open"),
    ]
    assert periods[-1] == FiscalPeriod(date(2028, 6, 1), date(2028, 6, 30), "open")


def test_the_example_is_read() -> None:
    content = (ROOT / "examples" / "finance.toml").read_bytes()

    setup = read_setup(content, file="examples/finance.toml")

    assert [one.code for one in setup.company] == ["USPM", "GBPM"]
