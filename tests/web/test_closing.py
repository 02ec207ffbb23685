"""Accounting adjusted after posting, the end of a year, the last day of opening balances."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.scenarios.support import Story, Work
from tests.web.site import Site, barriers
from twofold.finance.setup.dimension_records import DimensionAttribute
from twofold.finance.setup.records import MainAccount, PostingRule


def vouchers(story: Story) -> int:
    found = story.in_finance("SELECT count(DISTINCT voucher) AS count FROM finance.ledger_entry")
    return int(found[0]["count"])


def with_departments(story: Story) -> None:
    """Give the company a dimension that lines may carry."""
    story.change_finance(dimension_attributes=(DimensionAttribute("Department", ("D10",)),))


def with_retained_earnings(story: Story) -> None:
    """Give the company an account for what a year has earned."""
    setup = story.company_setup
    story.change_finance(
        accounts=(*setup.accounts, MainAccount("3010", "Retained earnings", "equity")),
        posting_setup=(*setup.posting_setup, PostingRule("retained_earnings", "3010")),
    )


def test_accounting_is_adjusted_by_a_voucher_one_sees_first(site: Site, chromium: Browser) -> None:
    # Given posted work
    with_departments(site.story)
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    before = vouchers(site.story)

    with site.page(chromium, site.person("ada", "accountant")) as page:
        # When a line is to get a department
        page.goto("/USPM/journals")
        page.locator("tbody a").first.click()
        assert barriers(page) == []
        page.get_by_role("checkbox").first.check()
        page.locator("select[name=dimension]").select_option("Department")
        page.get_by_label("Value").fill("D10")
        page.get_by_label("Reason").fill("sold by the department")
        page.get_by_role("button", name="Preview").click()

        # Then its voucher is shown, balances, and nothing is posted yet
        assert page.locator("tfoot .figure").last.inner_text() == "0.00"
        assert "D10" in page.locator("table").inner_text()
        assert vouchers(site.story) == before
        assert barriers(page) == []
        page.get_by_role("button", name="Post the adjustment").click()
        page.wait_for_url("**/vouchers/**")
    assert vouchers(site.story) == before + 1
    site.story.deliver()


def test_an_adjustment_needs_a_reason_and_a_line(site: Site) -> None:
    with_departments(site.story)
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    token = site.person("ada", "accountant")
    (row,) = site.story.in_finance("SELECT number FROM finance.journal")
    to = f"/USPM/journals/{row['number']}/preview-adjustment"

    silent = site.post(token, to, dimension="Department", value="D10")
    nothing = site.post(token, to, dimension="Department", value="D10", reason="why")

    assert (silent.status_code, "ERR-U32" in silent.text) == (422, True)
    assert (nothing.status_code, "ERR-J15" in nothing.text) == (422, True)
    site.story.deliver()


def test_a_year_is_closed_after_its_voucher_was_seen(site: Site, chromium: Browser) -> None:
    # Given work of the year, and an account for what it earned
    with_retained_earnings(site.story)
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    before = vouchers(site.story)

    with site.page(chromium, site.person("ada", "accountant")) as page:
        page.goto("/USPM/year-end")
        assert barriers(page) == []
        page.locator("select[name=day]").select_option("2026-12-31")
        page.get_by_role("button", name="Preview").click()
        assert page.locator("tfoot .figure").last.inner_text() == "0.00"
        assert vouchers(site.story) == before
        page.get_by_role("button", name="Close the year").click()
        page.wait_for_url("**/vouchers/**")

    assert vouchers(site.story) == before + 1
    again = site.post(site.person("ada", "accountant"), "/USPM/year-end/close", day="2026-12-31")
    assert (again.status_code, "ERR-L11" in again.text) == (422, True)


def test_the_cut_off_is_stated_until_something_is_posted(site: Site) -> None:
    token = site.person("ada", "accountant")
    stated = site.post(token, "/USPM/year-end/cut-off", cut_off="2026-08-31")
    with site.client(token) as client:
        shown = client.get("/USPM/year-end").text
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    late = site.post(token, "/USPM/year-end/cut-off", cut_off="2026-10-31")

    assert (stated.status_code, "31 Aug 2026" in shown) == (303, True)
    assert (late.status_code, "ERR-I11" in late.text) == (422, True)
