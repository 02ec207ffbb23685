"""The finance setup in the page: what is in force, and a file seen before it is applied."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser

from tests.scenarios.support import CAST
from tests.web.site import Site, barriers
from twofold.access.secret import Secret
from twofold.finance.setup.tables import TABLES
from twofold.web.guard import form_token

FILE = (CAST / "finance.toml").read_text(encoding="utf-8")
OTHER_NAME = FILE.replace('name = "Project cost"', 'name = "Cost of projects"')


def give(site: Site, token: Secret, content: str | bytes) -> httpx.Response:
    raw = content.encode() if isinstance(content, str) else content
    with site.client(token) as client:
        return client.post(
            "/USPM/setup",
            data={"token": form_token(token)},
            files={"file": ("company.toml", raw, "application/toml")},
            headers={"sec-fetch-site": "same-origin"},
        )


def name_of_cost(site: Site) -> str:
    (row,) = site.story.in_finance("SELECT name FROM finance.main_account WHERE account = '5000'")
    return str(row["name"])


def test_every_table_in_force_is_shown_and_downloaded(site: Site) -> None:
    token = site.person("olga", "auditor")

    with site.client(token) as client:
        pages = {table: client.get(f"/USPM/setup?table={table}") for table in TABLES}
        file = client.get("/USPM/setup?table=main_account&as=csv:").text

    assert {page.status_code for page in pages.values()} == {200}
    assert "Project cost" in pages["main_account"].text
    assert "5000,Project cost,expense" in file.replace('"', "")


def test_a_file_is_planned_and_then_applied(site: Site, chromium: Browser) -> None:
    with site.page(chromium, site.person("ada", "accountant")) as page:
        page.goto("/USPM/setup")
        assert barriers(page) == []
        page.locator("input[type=file]").set_input_files(
            {"name": "company.toml", "mimeType": "application/toml", "buffer": OTHER_NAME.encode()}
        )
        page.get_by_role("button", name="Plan").click()

        # Then the plan tells the difference, and the book is as it was
        table = page.locator("table").inner_text()
        assert ("Project cost" in table, "Cost of projects" in table) == (True, True)
        assert name_of_cost(site) == "Project cost"
        assert barriers(page) == []
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**/jobs/*")
        site.work()
        page.locator(".state.done").wait_for()
        assert page.locator("dd strong").first.inner_text() == "1"
    assert name_of_cost(site) == "Cost of projects"
    site.story.deliver()


def test_every_problem_of_a_file_is_told_at_once(site: Site) -> None:
    token = site.person("ada", "accountant")
    wrong = OTHER_NAME.replace('account = "4000" }', 'account = "4999" }').replace(
        'payment_terms = "D14", method = "net", days = 14',
        'payment_terms = "D14", method = "net", days = 14 },\n'
        '  { payment_terms = "D14", method = "net", days = 15',
    )

    planned = give(site, token, wrong)
    unreadable = give(site, token, b"\xff\xfe")

    assert (planned.status_code, unreadable.status_code) == (422, 422)
    assert ("ERR-A31" in planned.text, "ERR-A32" in planned.text) == (True, True)
    assert ("ERR-A30" in unreadable.text, name_of_cost(site)) == (True, "Project cost")


def test_a_file_of_another_company_is_not_for_who_keeps_this_one(site: Site) -> None:
    token = site.person("ada", "accountant")
    strange = OTHER_NAME.replace('code = "USPM"', 'code = "ELSE"')

    planned = give(site, token, strange)
    number = planned.text.partition("/USPM/setup/")[2].partition("/")[0]

    assert (planned.status_code, "ERR-U05" in planned.text, number) == (422, True, "")
    for role in ("auditor", "billing_approver"):
        other = site.person(role, role)
        assert give(site, other, OTHER_NAME).status_code == 403
