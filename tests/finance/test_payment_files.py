"""Bank statements and tables of payments: what is read, and everything that is wrong with them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from twofold.finance.receivables.files.camt053 import read_camt053
from twofold.finance.receivables.files.csv_file import read_csv

ENTRY = """
<Ntry>
  <Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}
  <BookgDt><Dt>2026-11-10</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>
  <NtryDtls>{details}</NtryDtls>
</Ntry>"""
DETAIL = """
<TxDtls>
  <Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{amount}
  <RltdPties><Dbtr>{payer}</Dbtr></RltdPties>
  <RmtInf><Ustrd>Invoice</Ustrd><Ustrd>INV-7</Ustrd>
    <Strd><CdtrRefInf><Ref>INV-8</Ref></CdtrRefInf></Strd></RmtInf>
</TxDtls>"""
BOOKED = {"02": "<Sts>BOOK</Sts>", "08": "<Sts><Cd>BOOK</Cd></Sts>"}
PAYER = {"02": "<Nm>Adatum</Nm>", "08": "<Pty><Nm>Adatum</Nm></Pty>"}


def statement(version: str, *entries: str) -> bytes:
    name = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    return (
        f'<?xml version="1.0"?><Document xmlns="{name}"><BkToCstmrStmt><Stmt>'
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(version: str = "08", **given: str) -> str:
    detail = DETAIL.format(
        end_to_end=given.pop("end_to_end", "INV-9"), amount="", payer=PAYER[version]
    )
    values = {
        "amount": "12.50",
        "direction": "CRDT",
        "status": BOOKED[version],
        "reference": "R-1",
        "details": detail,
    }
    return ENTRY.format(**{**values, **given})


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_booked_credit_is_a_payment_in_both_versions(version: str) -> None:
    read = read_camt053(statement(version, entry(version)))

    (payment,) = read.payments
    assert read.refusals == ()
    assert (payment.reference, str(payment.payment_date)) == ("R-1", "2026-11-10")
    assert (payment.amount, payment.currency) == (Decimal("12.50"), "EUR")
    assert payment.named == ("INV-8", "INV-9")
    assert (payment.remittance, payment.payer) == ("Invoice INV-7", "Adatum")


def test_debits_reversals_and_pending_entries_are_no_payments() -> None:
    read = read_camt053(
        statement(
            "08",
            entry(direction="DBIT"),
            entry(status="<Sts><Cd>PDNG</Cd></Sts>"),
            entry(status=f"<RvslInd>true</RvslInd>{BOOKED['08']}"),
            entry(end_to_end="NOTPROVIDED"),
        )
    )

    assert read.left_count == 3
    assert [one.named for one in read.payments] == [("INV-8",)]


def test_a_batch_is_as_many_payments_as_it_has_transactions() -> None:
    details = "".join(
        DETAIL.format(end_to_end=name, amount=f'<Amt Ccy="EUR">{amount}</Amt>', payer="")
        for name, amount in (("INV-1", "10"), ("INV-2", "2.50"))
    )
    read = read_camt053(statement("08", entry(details=details)))
    short = read_camt053(statement("08", entry(details=details, amount="12.51")))

    assert [(one.reference, one.amount) for one in read.payments] == [
        ("R-1/1", 10),
        ("R-1/2", Decimal("2.50")),
    ]
    assert [(one.code, one.record) for one in short.refusals] == [("ERR-L20", "entry/1/2")]


def test_every_bad_entry_is_named() -> None:
    read = read_camt053(
        statement("08", entry(amount="-1", reference=""), entry(amount="x"), entry())
    )

    assert [(one.record, one.field) for one in read.refusals] == [
        ("entry/1", "AcctSvcrRef"),
        ("entry/1", "Amt"),
        ("entry/2", "Amt"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"<Document/>",
        b"<Document",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        statement("08").replace(b"camt.053", b"camt.052"),
    ],
)
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    assert [one.code for one in read_camt053(content).refusals] == ["ERR-L20"]


@pytest.mark.parametrize(
    "content",
    [
        b"reference,date,amount\n",
        b"reference,date,amount,currency,colour\n",
        b"reference,date,date,amount,currency\n",
        b"\xff",
        b"",
    ],
)
def test_a_table_with_other_columns_is_refused(content: bytes) -> None:
    assert [one.code for one in read_csv(content).refusals] == ["ERR-L20"]


def test_a_table_may_be_separated_by_semicolons_and_begin_with_a_mark() -> None:
    read = read_csv(
        "\ufeffReference;Date;Amount;Currency;Customer\nB-1;2026-11-10;1.5;USD;C-1\n".encode()
    )

    (payment,) = read.payments
    assert (payment.reference, payment.amount, payment.customer_account) == (
        "B-1",
        Decimal("1.5"),
        "C-1",
    )
