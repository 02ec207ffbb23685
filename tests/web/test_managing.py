"""What a project manager does each month, form by form: what is refused stays as it was typed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from tests.scenarios.support import Story, Work, operations_cast
from tests.support.books import Books
from tests.web.site import Site
from tests.web.test_drafts import drafted
from twofold.access.roles import Role
from twofold.access.secret import Secret
from twofold.operations.setup.records import OperationsSetup
from twofold.web.guard import form_token


def get(site: Site, token: Secret, path: str) -> httpx.Response:
    with site.client(token) as client:
        return client.get(path)


def by_progress() -> OperationsSetup:
    """Give the cast with the robot cell billed by progress."""
    cast = operations_cast()
    lines = tuple(
        replace(one, schedule_type="progress") if one.contract == "FIXED" else one
        for one in cast.contract_lines
    )
    return replace(cast, contract_lines=lines)


# ---- approvals


def test_work_is_sent_back_for_a_reason_that_is_kept(site: Site) -> None:
    (entry, other) = site.story.record(Work("ARM", 8), Work("ARM", 3))
    token = site.person("abe", "approver")
    form = {"pick": str(entry), "do": "reject", "to": "/USPM/approvals"}

    without = site.post(token, "/USPM/approvals", **form)
    done = site.post(token, "/USPM/approvals", **form, reason="Wrong project")
    page = get(site, token, "/USPM/approvals/sent-back").text

    assert (without.status_code, "ERR-U32" in without.text) == (422, True)
    assert done.headers["location"] == "/USPM/approvals?done=rejected%3A1"
    assert "Wrong project" in page
    assert "abe" in page
    waiting = site.story.in_operations("SELECT entry_id FROM operations.approval")
    assert [row["entry_id"] for row in waiting] == [other]


def test_what_waits_is_narrowed_and_decided_whole(site: Site) -> None:
    site.story.record(Work("ARM", 8), Work("UPGRADE", 3), Work("ARM", 2, person="Julia Funderburk"))
    token = site.person("abe", "approver")

    shown = get(site, token, "/USPM/approvals?project=ARM&person=julia").text
    done = site.post(
        token, "/USPM/approvals", do="approve", all="yes", project="ARM", person="", to="/"
    )

    assert shown.count('name="pick"') == 1
    assert "on every page: 1" in shown
    assert done.headers["location"] == "/?done=approved%3A2"
    left = site.story.in_operations("SELECT count(*) FROM operations.approval")
    assert left == [{"count": 1}]


# ---- lists


def test_proformas_are_found_by_period_customer_person_and_state(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8))
    number = draft.rpartition("/")[2]

    def is_found(query: str) -> bool:
        return f">{number}</a>" in get(site, token, f"/USPM/proformas?{query}").text

    assert is_found("")
    assert is_found("contract=TM&customer=ADATUM&created_by=pat&state=draft")
    assert is_found("from=2020-01-01&up_to=2099-12-31")
    assert not is_found("up_to=2020-01-01")
    assert not is_found("from=2099-01-01")
    assert not is_found("customer=NORTHWIND")
    assert not is_found("created_by=kim")
    assert not is_found("state=confirmed")
    assert not is_found("contract=FIXED")


def test_contracts_are_found_by_words_customer_and_state(site: Site) -> None:
    token = site.person("con", "contract_manager")

    def found(query: str) -> list[str]:
        rows = get(site, token, f"/USPM/contracts?{query}&as=json").json()
        return [row["Contract"].split()[0] for row in rows]

    everything = found("")
    assert {"TM", "FIXED", "MIXED"} <= set(everything)
    assert everything == sorted(everything)
    assert found("words=ROBOT") == ["FIXED"]
    assert found("customer=NOBODY") == []
    assert found("state=closed") == []


# ---- drafts


def test_a_head_is_changed_and_its_dates_read_strictly(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8))
    head = {
        "to": draft, "name": "October", "description": "", "payment_terms": "D30",
        "bill_to_name": "Adatum Paris",
    }  # fmt: skip

    bad = site.post(token, f"{draft}/head", **head, accounting_date="the 5th")
    good = site.post(token, f"{draft}/head", **head, accounting_date="2026-10-31")

    assert (bad.status_code, "ERR-U10" in bad.text) == (422, True)
    assert 'name="bill_to_name" value="Adatum Paris"' in bad.text
    assert good.status_code == 303
    (row,) = site.story.in_operations(
        "SELECT name, description, payment_terms, bill_to_name, accounting_date::text"
        " FROM operations.proforma"
    )
    assert row == {
        "name": "October", "description": None, "payment_terms": "D30",
        "bill_to_name": "Adatum Paris", "accounting_date": "2026-10-31",
    }  # fmt: skip


def test_ticked_details_are_filled_in_with_what_was_typed(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8), Work("ARM", 3))
    first, second = (
        row["proforma_detail_id"]
        for row in site.story.in_operations(
            "SELECT proforma_detail_id FROM operations.proforma_detail ORDER BY quantity DESC"
        )
    )
    form = {"to": f"{draft}/edit", "do": "fill", "fill_description": "As agreed"}

    nothing = site.post(token, f"{draft}/edit", **form)
    ticked = site.post(
        token, f"{draft}/edit", **form, **{f"quantity/{second}": "2.5", "pick": str(first)}
    )
    everything = site.post(
        token, f"{draft}/edit", to="/", do="fill", fill_billing_type="complimentary", all="yes"
    )

    assert (nothing.status_code, "ERR-U30" in nothing.text) == (422, True)
    assert 'name="fill_description" value="As agreed"' in nothing.text
    assert ticked.headers["location"].endswith("done=saved%3A2")
    assert everything.headers["location"].endswith("done=saved%3A2")
    rows = site.story.in_operations(
        "SELECT quantity, description, billing_type::text FROM operations.proforma_detail"
        " ORDER BY quantity DESC"
    )
    assert [(row["quantity"], row["description"]) for row in rows] == [
        (8, "As agreed"), (Decimal("2.5"), rows[1]["description"]),
    ]  # fmt: skip
    assert {row["billing_type"] for row in rows} == {"complimentary"}


def test_who_was_overtaken_sees_both_and_may_save_over_it(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8))
    other = site.person("kim", "project_manager")
    (row,) = site.story.in_operations("SELECT proforma_detail_id FROM operations.proforma_detail")
    cell = f"quantity/{row['proforma_detail_id']}"
    to = f"{draft}/edit"

    site.post(token, to, to=to, revision="1", **{cell: "7"})
    told = site.post(other, to, to=to, revision="1", **{cell: "6"})
    over = site.post(other, to, to=to, revision="2", **{cell: "6"})

    assert 'name="revision" value="2"' in told.text
    assert f'name="{cell}" value="6"' in told.text
    assert "Now: 7" in told.text
    assert over.status_code == 303
    (kept,) = site.story.in_operations("SELECT quantity FROM operations.proforma_detail")
    assert kept["quantity"] == 6


def test_what_is_refused_is_said_on_the_page_of_the_proforma(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8))
    site.post(token, f"{draft}/confirm", revision="1")

    answers = [
        site.post(token, f"{draft}/{what}", to=draft, **form)
        for what, form in (
            ("confirm", {}),
            ("review", {"state": "draft"}),
            ("refresh", {}),
            ("delete", {}),
            ("retainer", {"retainer": "1", "amount": "lots"}),
        )
    ]

    assert [one.status_code for one in answers] == [422] * 5
    assert all("<h1>" in one.text and 'role="alert"' in one.text for one in answers)
    assert "ERR-B10" in answers[0].text
    assert "ERR-U07" in answers[4].text


def test_a_chosen_detail_is_corrected(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8), Work("ARM", 3))
    site.post(token, f"{draft}/confirm", revision="1")
    (row, _) = site.story.in_operations(
        "SELECT proforma_detail_id FROM operations.proforma_detail ORDER BY quantity DESC"
    )

    opened = site.post(token, f"{draft}/revise", pick=str(row["proforma_detail_id"]))
    again = site.post(token, f"{draft}/revise", pick=str(row["proforma_detail_id"]))

    details = site.story.in_operations(
        "SELECT count(*) FROM operations.proforma_detail WHERE corrects_id IS NOT NULL"
    )
    assert opened.headers["location"].endswith("done=opened:1")
    assert details == [{"count": 1}]
    assert (again.status_code, "ERR-B06" in again.text) == (422, True)


# ---- contracts


def test_milestones_are_agreed_and_what_does_not_fit_stays_typed(site: Site) -> None:
    token = site.person("con", "contract_manager")
    path = "/USPM/contracts/FIXED/lines/1/milestones"
    rows = {
        "name": ["Cell accepted", "Documents"],
        "day": ["2026-10-15", "2026-11-30"],
        "amount": ["5,000.00", "750.50"],
        "tax": ["0", ""],
    }

    form = get(site, token, path).text
    uneven = site.post(token, path, contracted="5,000.00", **rows)
    unread = site.post(token, path, contracted="lots", **{**rows, "amount": ["5.000,00", "750.50"]})
    done = site.post(token, path, contracted="5,750.50", **rows)

    assert 'name="contracted" value="5,000.00"' in form
    assert (uneven.status_code, "ERR-A08" in uneven.text) == (422, True)
    assert 'value="Documents"' in uneven.text
    assert (unread.status_code, unread.text.count("ERR-U07")) == (422, 2)
    assert done.headers["location"] == "/USPM/contracts/FIXED?tab=milestones&done=saved:1"
    milestones = site.story.in_operations(
        "SELECT milestone.name, milestone.amount FROM operations.milestone"
        " JOIN operations.contract USING (company, contract_id) WHERE number = 'FIXED'"
        " ORDER BY milestone_date"
    )
    assert [(row["name"], row["amount"]) for row in milestones] == [
        ("Cell accepted", 5000), ("Documents", Decimal("750.5")),
    ]  # fmt: skip
    assert get(site, token, "/USPM/contracts/TM/lines/1/milestones").status_code == 404
    assert get(site, site.person("pat", "project_manager"), path).status_code == 404
    site.story.deliver()


def test_progress_is_said_as_a_percentage_or_an_amount(books: Books) -> None:
    story = Story(books, operations=by_progress())
    with Site.served(story) as site:
        token = site.person("pat", "project_manager")
        path = "/USPM/contracts/FIXED"
        (row,) = story.in_operations(
            "SELECT milestone_id FROM operations.milestone"
            " JOIN operations.contract USING (company, contract_id) WHERE number = 'FIXED'"
        )
        key = str(row["milestone_id"])

        shown = get(site, token, f"{path}?tab=milestones").text
        much = site.post(token, f"{path}/progress", milestone=key, next="101", unit="percent")
        done = site.post(token, f"{path}/progress", milestone=key, next="30", unit="percent")
        other = site.post(token, f"{path}/progress", milestone=key, next="2,000", unit="amount")

    assert "Billed by progress" in shown
    assert (much.status_code, "ERR-B44" in much.text) == (422, True)
    assert 'value="101"' in much.text
    assert (done.status_code, other.status_code) == (303, 303)
    ready = story.in_operations("SELECT amount FROM operations.milestone WHERE state = 'ready'")
    assert ready == [{"amount": 2000}]
    story.deliver()
    story.holds()


def test_retainers_are_added_invoiced_and_applied(site: Site) -> None:
    # Given an advance that was invoiced
    con, pat = site.person("con", "contract_manager"), site.person("pat", "project_manager")
    path = "/USPM/contracts/TM"
    form = {
        "total": "500", "number": "1", "first_on": "2026-10-01", "description": "Advance",
        "frequency": "monthly", "customer": "",
    }  # fmt: skip
    refused = site.post(con, f"{path}/retainers", **{**form, "total": "0", "number": "2"})
    added = site.post(con, f"{path}/retainers", **form)
    site.post(pat, "/USPM/backlog/mark", do="ready", all="yes", contract="TM", to="/")
    (first,) = site.story.draft("TM")
    site.story.invoice([first])
    site.story.deliver()
    # When work is drafted after it
    pat, draft = drafted(site, Work("ARM", 8))
    (row,) = site.story.in_operations("SELECT retainer_id FROM operations.retainer")
    key = str(row["retainer_id"])
    shown = get(site, pat, draft).text
    much = site.post(pat, f"{draft}/retainer", retainer=key, amount="501", to=draft)
    applied = site.post(pat, f"{draft}/retainer", retainer=key, amount="120.50", to=draft)

    # Then the draft applies what was said
    assert (refused.status_code, "ERR-B32" in refused.text) == (422, True)
    assert 'name="number"' in refused.text
    assert added.status_code == 303
    assert "500.00\u00a0USD left" in shown
    assert (much.status_code, "ERR-B13" in much.text) == (422, True)
    assert 'value="501"' in much.text
    assert applied.status_code == 303
    (used,) = site.story.in_operations(
        "SELECT amount FROM operations.proforma_detail WHERE retainer_use = 'applied'"
    )
    assert used["amount"] == Decimal("-120.5")


def test_days_are_planned_and_prices_shown(site: Site) -> None:
    token = site.person("pat", "project_manager")

    planned = site.post(token, "/USPM/contracts/MIXED/schedule")
    retried = site.post(token, "/USPM/contracts/MIXED/retry")
    prices = get(site, token, "/USPM/contracts/TM?tab=prices&as=json:").json()

    assert (planned.status_code, retried.status_code) == (303, 303)
    runs = site.story.in_operations("SELECT count(*) FROM operations.contract_line_schedule")
    assert runs == [{"count": 2}]
    assert any(one["What"] == "role" and one["Price"] for one in prices)


# ---- corrections and entry journals


def test_approved_work_is_corrected_after_a_look(site: Site) -> None:
    site.story.approve(Work("ARM", 8))
    (entry,) = site.story.in_operations("SELECT entry_id FROM operations.entry")
    token, key = site.person("pat", "project_manager"), str(entry["entry_id"])

    chosen = site.post(token, "/USPM/corrections/new", pick=key)
    form = get(site, token, chosen.headers["location"]).text
    refused = site.post(token, "/USPM/corrections", pick=key, project="NONE", description="Typo")
    opened = site.post(
        token, "/USPM/corrections", pick=key, person="Julia Funderburk", description="Typo"
    )
    page = get(site, token, opened.headers["location"]).text
    closed = site.post(token, opened.headers["location"].partition("?")[0], do="confirm")
    again = site.post(token, opened.headers["location"].partition("?")[0], do="confirm")

    assert "Bob Kozack" in form
    assert (refused.status_code, "ERR-E16" in refused.text) == (422, True)
    assert 'value="NONE"' in refused.text
    assert "Confirming would write" in page
    assert (closed.status_code, again.status_code) == (303, 422)
    (row,) = site.story.in_operations(
        "SELECT resource.name FROM operations.entry"
        " JOIN operations.resource USING (company, resource_id)"
    )
    assert row["name"] == "Julia Funderburk"
    assert "Typo" in get(site, token, "/USPM/corrections").text


def test_an_entry_journal_is_written_confirmed_and_taken_back(site: Site) -> None:
    token = site.person("pat", "project_manager")
    good = (
        "Type,Class,Date,Project,Quantity,Person,Role,Price,Currency,Description\n"
        "unbilled_sales,time,2026-10-05,ARM,4,Bob Kozack,Field Engineer,100,USD,Opening\n"
    )

    def send(text: str) -> httpx.Response:
        with site.client(token) as client:
            return client.post(
                "/USPM/entry-journals",
                data={"token": form_token(token), "description": "Opening balance"},
                files={"file": ("lines.csv", text.encode(), "text/csv")},
                headers={"sec-fetch-site": "same-origin"},
            )

    bad, written = send(good.replace(",4,", ",four,")), send(good)
    path = written.headers["location"].partition("?")[0]
    page = get(site, token, path).text
    confirmed = site.post(token, f"{path}/confirm")
    (actual,) = site.story.in_operations("SELECT actual_id FROM operations.actual")
    none = site.post(token, f"{path}/cancel")
    cancelled = site.post(token, f"{path}/cancel", pick=str(actual["actual_id"]))

    assert (bad.status_code, "ERR-B57" in bad.text) == (422, True)
    assert 'value="Opening balance"' in bad.text
    assert "Confirming would write" in page
    assert (confirmed.status_code, none.status_code, cancelled.status_code) == (303, 422, 303)
    assert "Opening balance" in get(site, token, "/USPM/entry-journals").text
    count = site.story.in_operations("SELECT count(*) FROM operations.actual")
    assert count == [{"count": 2}]


# ---- who may


@pytest.mark.parametrize(
    ("role", "path", "form", "status"),
    [
        ("approver", "/USPM/corrections", {"pick": "1"}, 403),
        ("contract_manager", "/USPM/entry-journals", {}, 403),
        ("project_manager", "/USPM/contracts/TM/retainers", {}, 403),
        ("approver", "/USPM/contracts/TM/progress", {}, 403),
        ("auditor", "/USPM/contracts/TM/schedule", {}, 403),
    ],
)
def test_who_may_not_is_told(
    site: Site, role: Role, path: str, form: dict[str, str], status: int
) -> None:
    assert site.post(site.person("oli", role), path, **form).status_code == status
