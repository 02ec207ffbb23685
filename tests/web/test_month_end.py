"""The accountant's lists and documents at month's end: narrowed, explained, laid out."""

from __future__ import annotations

import re

from tests.scenarios.support import Work
from tests.web.site import Site
from twofold.access.secret import Secret
from twofold.finance.setup.dimension_records import DimensionAttribute


def page(site: Site, token: Secret, address: str) -> str:
    with site.client(token) as client:
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def rows(site: Site, token: Secret, address: str) -> int:
    """Count the rows of the first list of a page."""
    body = re.search(r"<tbody.*?</tbody>", page(site, token, address), re.DOTALL)
    return body.group().count("<tr ") if body else 0


def test_lists_are_narrowed_by_customer_and_days(site: Site) -> None:
    # Given an invoice, and a proposal that is ready
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.invoice(site.story.draft("TM"))
    site.story.approve(Work("ARM", 3))
    site.story.post_work()
    site.story.confirm(site.story.draft("TM"))
    site.story.import_()
    ada = site.person("ada", "accountant")
    (named,) = site.story.in_finance(
        "SELECT min(account) AS account, min(name) AS name, min(invoice_date)::text AS day"
        " FROM finance.customer_invoice JOIN finance.customer USING (company, customer_id)"
    )

    counted = {
        (where, query): rows(site, ada, f"/USPM/{where}?{query}")
        for where in ("proposals", "invoices")
        for query in (
            f"customer={named['account']}",
            f"customer={named['name'][:4].upper()}",
            "customer=nobody",
            f"from={named['day']}&to={named['day']}",
            f"from={named['day']}&to=2026-01-01",
        )
    }
    days = [
        rows(site, ada, f"/USPM/journals?{query}")
        for query in ("from=2026-10-01&to=2026-10-31", "from=2026-11-01", "to=2026-09-30")
    ]

    assert [*counted.values()] == [2, 2, 0, 2, 0, 1, 1, 0, 1, 0]
    assert days == [2, 0, 0]
    assert rows(site, ada, "/USPM/invoices?state=open") == 1
    file = page(site, ada, "/USPM/payments?customer=nobody&from=2026-01-01&to=2026-12-31&as=csv:")
    assert len(file.splitlines()) == 1
    site.story.deliver()


def test_a_document_is_laid_out_and_what_was_typed_is_kept(site: Site) -> None:
    # Given a proposal of hours and an expense
    site.story.approve(Work("ARM", 8), Work("ARM", cls="expense", category="Travel", unit_price=50))
    site.story.post_work()
    site.story.confirm(site.story.draft("TM"))
    site.story.import_()
    ada = site.person("ada", "accountant")
    number = site.story.in_finance("SELECT number FROM finance.proposal")[0]["number"]
    here = f"/USPM/proposals/{number}"
    (revision,) = re.findall(r'name="revision" value="(\d+)"', page(site, ada, here))[:1]
    form = {
        "revision": revision,
        "layout:time": "summary", "place:time": "2", "layout:expense": "out", "place:expense": "1",
    }  # fmt: skip

    # When it is laid out, and by a second person who saw it as it was before
    first = site.post(ada, f"{here}/format", **form)
    second = site.post(ada, f"{here}/format", **{**form, "layout:time": "out"})

    # Then the first is kept, and the second is told and has what they typed
    stated = site.story.in_finance(
        "SELECT class::text, is_detailed, is_included FROM finance.proposal_section"
        " ORDER BY position"
    )
    assert first.status_code == 303
    assert [tuple(row.values()) for row in stated] == [
        ("expense", True, False), ("time", False, True),
    ]  # fmt: skip
    assert (second.status_code, "ERR-F15" in second.text) == (422, True)
    after = second.text.partition('name="layout:time"')[2].partition("</select>")[0]
    assert '<option value="out" selected>' in after
    site.story.deliver()


def test_what_waits_is_told_with_its_remedy_where_it_is_met(site: Site) -> None:
    # Given work on its way, and a journal whose month is on hold
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    ada = site.person("ada", "accountant")
    site.post(ada, "/USPM/periods/change", day="2026-10-01", step="on_hold", reason="checks")
    site.story.post_journals()
    site.story.approve(Work("ARM", 1))

    inbox = page(site, ada, "/USPM/inbox")
    (error,) = site.story.in_finance("SELECT number FROM finance.journal WHERE state = 'error'")
    journal = page(site, ada, f"/USPM/journals/{error['number']}")

    # Then the inbox tells both, and leads to what helps; as does the journal
    assert "On the way" in inbox
    assert ("ERR-J01" in inbox, "/USPM/journals?state=error" in inbox) == (True, True)
    assert 'class="refusals"' in journal
    assert ("Open a period" in journal, 'href="/USPM/periods"' in journal) == (True, True)
    site.story.deliver()


def test_ticks_are_kept_when_a_change_is_declined(site: Site) -> None:
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    ada = site.person("ada", "accountant")
    (line, *_) = site.story.in_finance(
        "SELECT journal.number, actual_id FROM finance.journal_line JOIN finance.journal"
        " USING (company, journal_id) ORDER BY actual_id"
    )

    declined = site.post(
        ada,
        f"/USPM/journals/{line['number']}/edit",
        tax_group="NONE OF OURS",
        pick=[str(line["actual_id"])],
    )

    assert declined.status_code == 422
    ticks = re.findall(r'name="pick" value="(-?\d+)"[^>]*? checked', declined.text)
    assert ticks == [str(line["actual_id"])]


def test_a_trial_balance_by_dimension_adds_up_to_that_by_account(site: Site) -> None:
    # Given work posted, and a department to tell it apart by
    departments = DimensionAttribute("Department", ("D10",))
    site.story.change_finance(dimension_attributes=(departments,))
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    ada = site.person("ada", "accountant")
    period = "from=2026-10-01&to=2026-10-31"

    plain = page(site, ada, f"/USPM/ledger?{period}&as=csv:")
    by_value = page(site, ada, f"/USPM/ledger?{period}&dimension=Department&as=csv:")
    shown = page(site, ada, f"/USPM/ledger?{period}&dimension=Department")

    assert closing(plain) == closing(by_value) != []
    assert "/USPM/ledger/" in shown
    site.story.deliver()


def closing(file: str) -> list[tuple[str, str]]:
    """Give account and closing balance of each row of a file that has one."""
    found = [line.split(",") for line in file.splitlines()[1:]]
    return [(row[0], row[-1]) for row in found if float(row[-1])]
