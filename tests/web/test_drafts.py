"""Drafts in the browser: the grid, two people at once, and what confirming would write."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from twofold.access.people import set_language
from twofold.access.secret import Secret


def drafted(site: Site, *work: Work) -> tuple[Secret, str]:
    """Have a draft of approved work, and who may bill it; give their session and its address."""
    site.story.approve(*work)
    token = site.person("pat", "project_manager")
    site.post(token, "/USPM/backlog/mark", do="ready", all="yes", contract="TM", to="/")
    created = site.post(token, "/USPM/backlog/create", contract="TM")
    return token, created.headers["location"]


def cell(page: Page, name: str, row: int = 0) -> str:
    return page.locator(f"[name^='{name}/']").nth(row).input_value()


def fill(page: Page, name: str, value: str, row: int = 0) -> None:
    page.locator(f"[name^='{name}/']").nth(row).fill(value)


def quantities(site: Site) -> list[Decimal]:
    rows = site.story.in_operations(
        "SELECT quantity FROM operations.proforma_detail ORDER BY quantity DESC"
    )
    return [row["quantity"] for row in rows]


def test_a_detail_is_edited_in_french_previewed_and_confirmed(
    site: Site, chromium: Browser
) -> None:
    token, draft = drafted(site, Work("ARM", 8), Work("ARM", 3))
    with site.story.books.access.transaction() as transaction:
        set_language(transaction, person_id=1, language="fr")

    with site.page(chromium, token) as page:
        page.goto(draft)
        page.click("text=Modifier les détails")
        assert barriers(page) == []
        row = 0 if cell(page, "quantity") == "8" else 1
        fill(page, "quantity", "7,5", row)
        fill(page, "description", "Câblage", row)
        page.click("text=Enregistrer")

        assert cell(page, "quantity", row) == "7,5"
        assert page.locator(".done").inner_text() == "Modifiés : 1"

        page.goto(f"{draft}/preview")
        assert barriers(page) == []
        assert page.locator("table").nth(1).locator("tbody tr").count() > 2
        assert site.story.in_operations("SELECT state FROM operations.proforma") == [
            {"state": "draft"}
        ]
        page.click("button.main")
        page.wait_for_url(f"**{draft}?done=confirmed:1")

    assert quantities(site) == [Decimal("7.5"), Decimal(3)]


def test_figures_that_cannot_be_read_change_nothing_and_stay(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8), Work("ARM", 3))
    keys = [
        row["proforma_detail_id"]
        for row in site.story.in_operations(
            "SELECT proforma_detail_id FROM operations.proforma_detail ORDER BY quantity DESC"
        )
    ]
    typed = {
        f"quantity/{keys[0]}": "7,5",
        f"price/{keys[1]}": "abc",
        f"description/{keys[1]}": "kept",
    }

    answer = site.post(token, f"{draft}/edit", to=f"{draft}/edit", **typed)

    assert answer.status_code == 422
    assert answer.text.count("ERR-U07") == 2
    assert all(f'name="{name}" value="{value}"' in answer.text for name, value in typed.items())
    assert quantities(site) == [Decimal(8), Decimal(3)]


def test_of_two_people_the_second_is_told_and_keeps_what_they_typed(site: Site) -> None:
    token, draft = drafted(site, Work("ARM", 8))
    other = site.person("kim", "project_manager")
    ((key, revision),) = [
        (row["proforma_detail_id"], row["revision"])
        for row in site.story.in_operations(
            "SELECT proforma_detail_id, revision FROM operations.proforma_detail"
            " JOIN operations.proforma USING (company, proforma_id)"
        )
    ]
    typed = {"to": f"{draft}/edit", "revision": str(revision)}

    first = site.post(token, f"{draft}/edit", **typed, **{f"quantity/{key}": "7"})
    second = site.post(other, f"{draft}/edit", **typed, **{f"quantity/{key}": "6"})

    assert (first.status_code, second.status_code) == (303, 422)
    assert "ERR-B24" in second.text
    assert f'name="quantity/{key}" value="6"' in second.text
    assert quantities(site) == [Decimal(7)]


def paste(page: Page, text: str) -> None:
    """Paste a block where the cursor is, as a spreadsheet gives it."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData('text/plain', text);
            document.activeElement.dispatchEvent(new ClipboardEvent('paste',
                {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def sums(page: Page) -> list[str]:
    """Give the totals as they stand: chargeable, non chargeable, complimentary."""
    return page.locator("output[data-sum]").all_inner_texts()


def test_a_grid_is_filled_by_keyboard_and_from_a_spreadsheet(site: Site, chromium: Browser) -> None:
    # Given two details of 200 an hour
    token, draft = drafted(site, Work("ARM", 8), Work("ARM", 3))

    with site.page(chromium, token) as page:
        page.goto(f"{draft}/edit")
        told = page.locator(".told")
        assert sums(page) == ["2,200.00", "0.00", "0.00"]

        # When three columns are pasted, with a word for a figure, and more than there are cells
        page.locator("[name^='quantity/']").first.focus()
        paste(page, "1.5\t100\tComplimentary\nmany\t200\tno such type\n9\t9\n")

        # Then what can be taken is, totals follow at once, and the rest is named
        assert sums(page)[1:] == ["0.00", "150.00"]
        assert "Pasted cells: 5" in told.inner_text()
        assert "no such type, 9, 9" in told.inner_text()
        assert "Cells that cannot be read: 1" in told.inner_text()
        assert page.locator("[aria-invalid]").count() == 1
        assert barriers(page) == []

        # When the cell is mended: Enter goes down, Escape gives back
        page.locator("[name^='quantity/']").first.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.value") == "many"
        page.keyboard.type("2.5")
        assert sums(page)[0] == "500.00"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.value") in {"3", "8"}
        page.keyboard.type("2.5")
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.value") == "1.5"
        page.keyboard.press("Control+Enter")
        assert page.locator(".done").inner_text() == "Changed: 2"

        # Then the book says what the totals said
        assert sums(page) == ["500.00", "0.00", "150.00"]

    assert quantities(site) == [Decimal("2.5"), Decimal("1.5")]


def test_what_cannot_be_read_still_stands_when_it_is_saved(site: Site, chromium: Browser) -> None:
    token, draft = drafted(site, Work("ARM", 8))

    with site.page(chromium, token) as page:
        page.goto(f"{draft}/edit")
        fill(page, "quantity", "many")
        page.keyboard.press("Control+Enter")
        assert "ERR-U07" in page.get_by_role("alert").inner_text()

        assert cell(page, "quantity") == "many"
        assert page.locator("[aria-invalid]").count() == 1
        assert sums(page)[0] == "1,600.00"
        fill(page, "quantity", "2")
        assert sums(page)[0] == "400.00"
        assert page.locator("[aria-invalid]").count() == 0


def test_a_draft_is_reviewed_refreshed_emptied_and_deleted(site: Site, chromium: Browser) -> None:
    token, draft = drafted(site, Work("ARM", 8))

    with site.page(chromium, token) as page:
        page.goto(draft)
        page.click("text=More")
        page.click("text=Set in review")
        assert page.locator("h1 .state").inner_text() == "In review"
        page.goto(f"{draft}/edit")
        page.locator("[name=pick]").first.check()
        page.click("text=Take the selected off")
        page.goto(draft)
        page.click("text=More")
        page.click("text=Add what is ready")
        page.goto(f"{draft}/edit")
        assert page.locator("[name=pick]").count() == 1
        page.goto(draft)
        page.click("text=More")
        page.click("text=Delete the draft")
        page.wait_for_url("**/proformas?done=deleted:1")

    assert site.story.in_operations("SELECT state FROM operations.proforma WHERE true") == []


def test_a_confirmed_proforma_is_corrected_from_its_page(site: Site, chromium: Browser) -> None:
    token, draft = drafted(site, Work("ARM", 8))

    with site.page(chromium, token) as page:
        page.goto(draft)
        page.click("text=Confirm")
        page.click("text=Correct this invoice")
        page.wait_for_url(lambda url: "/proformas/" in url and draft not in url)

        assert draft.rpartition("/")[2] in page.locator(".facts").inner_text()
        assert page.locator("h1 .state").inner_text() == "Draft"


@pytest.mark.parametrize("role", ["auditor", "approver", "accountant"])
def test_who_may_not_bill_finds_no_grid(site: Site, role: str) -> None:
    _, draft = drafted(site, Work("ARM", 8))
    other = site.person("oli", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(other) as client:
        seen = [client.get(f"{draft}/{page}").status_code for page in ("edit", "preview")]
    deleted = site.post(other, f"{draft}/delete", to="/")

    assert (seen, deleted.status_code) == ([404, 404], 403)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_draft(site: Site, chromium: Browser, scheme: str) -> None:
    token, draft = drafted(site, Work("ARM", 8))

    with site.page(chromium, token, color_scheme=scheme) as page:
        for path in (draft, f"{draft}/edit", f"{draft}/preview"):
            page.goto(path)
            assert barriers(page) == []
