"""Payments in the page: a file is tried out as a whole, posted as a whole, and settled by hand."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser

from tests.scenarios.support import Story, Work
from tests.web.site import Site, barriers
from twofold.access.secret import Secret
from twofold.web.guard import form_token

HEAD = "reference,date,amount,currency,customer,invoice,payer\r\n"
CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Ntry>
<Amt Ccy="USD">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>BANK-1</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>{invoice}</EndToEndId></Refs></TxDtls></NtryDtls>
</Ntry></Stmt></BkToCstmrStmt></Document>
"""


def invoiced(story: Story) -> tuple[str, str]:
    """Bill eight hours; give the number of the invoice and the account of its customer."""
    story.approve(Work("ARM", 8))
    story.post_work()
    (invoice,) = story.invoice(story.draft("TM"))
    (row,) = story.in_finance(
        "SELECT customer.account FROM finance.customer_invoice JOIN finance.customer"
        " USING (company, customer_id)"
    )
    return invoice.invoice_number, str(row["account"])


def bank(story: Story) -> str:
    """Give an account of the chart that is none of revenue."""
    (row,) = story.in_finance(
        "SELECT min(account) AS account FROM finance.main_account WHERE kind = 'asset'"
    )
    return str(row["account"])


def give(site: Site, token: Secret, content: str, name: str = "bank.csv") -> httpx.Response:
    with site.client(token) as client:
        return client.post(
            "/USPM/payments",
            data={"token": form_token(token), "bank": bank(site.story)},
            files={"file": (name, content.encode(), "text/csv")},
            headers={"sec-fetch-site": "same-origin"},
        )


def payments(story: Story) -> int:
    return int(story.in_finance("SELECT count(*) FROM finance.customer_payment")[0]["count"])


def test_a_file_is_tried_out_corrected_and_posted(site: Site, chromium: Browser) -> None:
    # Given an invoice, and a file of its payment and one of somebody unknown
    invoice, account = invoiced(site.story)
    token = site.person("ada", "accountant")
    content = (
        f"{HEAD}R1,2026-11-02,1000,USD,{account},{invoice},ARM\r\nR2,2026-11-02,5,USD,,,Who\r\n"
    )

    with site.page(chromium, token) as page:
        # When it is given
        page.goto("/USPM/payments")
        assert barriers(page) == []
        page.locator("input[type=file]").set_input_files(
            {"name": "bank.csv", "mimeType": "text/csv", "buffer": content.encode()}
        )
        page.get_by_label("Bank account").fill(bank(site.story))
        page.get_by_role("button", name="Preview").click()

        # Then the problem is told, and nothing can be posted yet
        assert "ERR-L22" in page.locator(".refusals").inner_text()
        assert page.get_by_role("button", name="Post", exact=True).count() == 0
        assert barriers(page) == []

        # When the payment is left out, and the rest posted
        page.get_by_label("Leave out R2").check()
        page.get_by_role("button", name="Check again").click()
        assert page.get_by_role("cell", name=invoice).count() + page.get_by_text(invoice).count()
        assert payments(site.story) == 0
        page.get_by_role("button", name="Post", exact=True).click()
        page.wait_for_url("**/jobs/*")
        site.work()
        page.locator(".state.done").wait_for()
        page.get_by_role("link", name="Show the result").click()

        # Then the payment is there, and settled as much of the invoice
        assert page.locator("table").first.locator("tbody tr").count() == 1
        assert invoice in page.locator("table").last.inner_text()
        assert payments(site.story) == 1


def test_a_bank_statement_names_its_invoice_and_is_taken_once(site: Site) -> None:
    invoice, _ = invoiced(site.story)
    token = site.person("ada", "accountant")
    content = CAMT.format(amount="1000.00", invoice=invoice)
    tried = give(site, token, content, "bank.xml")
    number = tried.text.split("/USPM/payments/")[1].split("/")[0]
    site.post(token, f"/USPM/payments/{number}/post", bank=bank(site.story))
    site.work()

    again = give(site, token, content, "bank.xml")

    assert (tried.status_code, payments(site.story)) == (200, 1)
    assert (again.status_code, "ERR-L21" in again.text) == (422, True)


def test_every_bad_row_is_told_at_once(site: Site) -> None:
    content = f"{HEAD}R1,2026-02-30,x,USD,,,\r\n,2026-11-02,5,US,,,\r\n"

    tried = give(site, site.person("ada", "accountant"), content)

    assert tried.status_code == 422
    assert tried.text.count("<strong>ERR-L20</strong>") == 4


def test_a_settlement_is_undone_for_a_reason_and_made_by_hand(site: Site) -> None:
    invoice, account = invoiced(site.story)
    token = site.person("ada", "accountant")
    tried = give(site, token, f"{HEAD}R1,2026-11-02,1000,USD,{account},{invoice},\r\n")
    number = tried.text.split("/USPM/payments/")[1].split("/")[0]
    site.post(token, f"/USPM/payments/{number}/post", bank=bank(site.story))
    site.work()
    (made,) = site.story.in_finance("SELECT settlement_id FROM finance.settlement")
    key = str(made["settlement_id"])

    silent = site.post(token, "/USPM/payments/undo", number=key)
    undone = site.post(token, "/USPM/payments/undo", number=key, reason="wrong invoice")
    unreadable = site.post(
        token, "/USPM/payments/settle", credit="R1", debit=invoice, amount="1.234,5"
    )
    settled = site.post(token, "/USPM/payments/settle", credit="R1", debit=invoice, amount="400")

    assert (silent.status_code, "ERR-U32" in silent.text) == (422, True)
    assert ("ERR-U07" in unreadable.text, undone.status_code, settled.status_code) == (
        True, 303, 303,
    )  # fmt: skip
    amounts = site.story.in_finance("SELECT debit_amount::text FROM finance.settlement")
    assert sorted(row["debit_amount"] for row in amounts) == ["1000.0000", "400.0000"]


def test_no_file_is_said(site: Site) -> None:
    answer = site.post(site.person("ada", "accountant"), "/USPM/payments", bank="1010")

    assert (answer.status_code, "ERR-U31" in answer.text) == (422, True)
