"""Words and formats of four languages: all of them there, and read back as strictly as written."""

from __future__ import annotations

import ast
import io
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture.sources import SOURCE
from twofold.database.deeds import Act, Key
from twofold.web import home
from twofold.web.accountant.staging import REMEDY_WORDS
from twofold.web.everyone.jobs import KINDS, STARTS, STATES
from twofold.web.language import LOCALES, Speech, Unreadable, language_of
from twofold.web.manager import approvals, contracts
from twofold.web.manager.backlog import TABS
from twofold.web.manager.backlog_totals import AGES, LEGEND
from twofold.web.navigation import names

LOCALE = SOURCE / "web" / "locale"
OTHERS = sorted(set(LOCALES) - {"en"})
# What values say rather than templates.
VALUES = (
    "Created", "Ready", "On proforma", "Not ready", "Draft", "In review", "Confirmed", "Posted",
    "Time", "Expense", "Material", "Fee", "Milestone", "Retainer", "Chargeable", "Non chargeable",
    "Complimentary", "Not specified", "Not available", "operations", "dual-write", "finance",
    "There is none.", "Add what is ready", "Back to draft", "Set in review", "Delete the draft",
    "Team member", "Approver", "Project manager", "Contract manager", "Accountant",
    "Billing approver", "Integration admin", "Administrator", "Auditor", "Active", "Barred",
    "Arrived", "Held", "Reopened", "This one", "Signed in", "Declined", "Locked",
    "Added", "Password set", "Role given",
    "Role taken", "Let in", "Link made",
    "Identity linked", "Identity unlinked", "Account declined", "Token made", "Token revoked",
    "Ended",
    "Confirm the contract", "Put on hold", "Resume", "Re-evaluate", "Complete",
    "Time and material", "Fixed price", "Contract line customer", "Contract line",
    "Contract customer", "Contract", "Not started", "In progress", "Completed", "Not run",
    "Successful", "Failed", "Lost",
    "Header only", "Nothing to bill", "Processing", "Error", "Deleted", "Submitted", "Approved",
    "Rejected", "Change requested", "Open", "On hold", "Closed", "Invoice", "Credit note",
    "Payment", "Cost", "Unbilled sales", "Billed sales", "Resourcing unit cost",
    "Interorganizational sales", "Asset", "Liability", "Equity", "Revenue", "Expense",
    "Transaction", "Project", "Account", "Header edited", "Taxes edited", "Format edited",
    "Lines deleted", "Reset", "WIP cost value", "WIP cost value item", "Payroll allocation",
    "Cost item", "Expense offset", "Invoiced revenue", "Invoiced revenue on account",
    "WIP invoiced on account", "WIP sales value", "Accrued revenue", "Customer balance",
    "Sales tax payable", "Penny difference", "Bank", "Exchange rate difference", "Accrual offset",
    "Retained earnings", "Year end closing", "Sent back", "Discarded", "Returned", "Monthly",
    "Biweekly", "Weekly", "Role", "Category", "Product", "Per unit", "At cost", "Markup",
    "Reversal", "Replacement", "Corrections", "Entry journals",
)  # fmt: skip

BACKLOG = (
    *(name for *_, name in TABS),
    *(age.capitalize() for age in AGES),
    *(name for _, name in LEGEND),
    *(name for *_, name in approvals.TABS),
    *(name for _, name in contracts.TABS),
    *(name for _, name in contracts.LEGEND),
    "Estimate", "Elimination", "Estimated", "Eliminated", "None", "Taken over", "General journal",
    "Vendor invoice", "In detail", "As a summary", "Left out",
    "Billed of what was contracted", "Yes", "Customers", "Price lists", "Open milestones",
    "Open work by age", "By age", "By customer", "By project", "Age", "Customer", "Project",
)  # fmt: skip

# What the history says that was done, and what of it.
DEEDS = (*(one.replace("_", " ").capitalize() for one in (*get_args(Act), *get_args(Key))),)

WAITING = (
    *home.MANAGER, *home.APPROVER, *home.ACCOUNTANT, *home.INTEGRATION, *home.ADMINISTRATOR,
)  # fmt: skip

JOBS = (
    *REMEDY_WORDS,
    *(words for names_of in KINDS.values() for words in names_of),
    *(words for *_, words in STARTS),
    *(state.capitalize() for state in STATES),
)


def wanted() -> set[str]:
    """Give what the templates say, as the extractor of the library reads them."""
    found = extract_from_dir(
        str(SOURCE / "web"),
        method_map=[("templates/**.html", "jinja2")],
        keywords={"gettext": None, "ngettext": (1, 2)},
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def declared() -> set[str]:
    """Give what lists are made of: titles of columns, of what narrows them, and of themselves."""
    calls = [
        node
        for path in (SOURCE / "web").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    found: set[str] = set()
    for call in calls:
        made = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        name = made.id if isinstance(made, ast.Name) else ""
        values: list[ast.expr] = []
        if name in {"Column", "Field", "Listing"}:
            values = [one.value for one in call.keywords if one.arg in {"title", "empty"}]
            values += call.args[:1] if name == "Column" else call.args[1:2]
        found |= {str(one.value) for one in values if isinstance(one, ast.Constant)}
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_said_in_every_language(language: str) -> None:
    text = (LOCALE / f"{language}.po").read_bytes()
    catalog = read_po(io.BytesIO(text), locale=language)
    said = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }

    assert len(wanted()) > 50
    assert len(declared()) > 20
    values = {*VALUES, *BACKLOG, *DEEDS, *WAITING, *JOBS}
    assert sorted((wanted() | declared() | values | set(names())) - said) == []


@pytest.mark.parametrize(
    ("language", "value", "money", "day"),
    [
        ("en", "-1234567.5", "-1,234,567.50", "2 Nov 2026"),
        ("fr", "-1234567.5", "-1\u202f234\u202f567,50", "02/11/2026"),
        ("pt", "-1234567.5", "-1\u00a0234\u00a0567,50", "02/11/2026"),
        ("es", "-1234567.5", "-1.234.567,50", "02/11/2026"),
    ],
)
def test_figures_and_days_are_written_as_readers_know_them(
    language: str, value: str, money: str, day: str
) -> None:
    speech = Speech(language)

    assert speech.money(Decimal(value)) == money
    assert speech.day(date(2026, 11, 2)) == day


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [
        ("en", "1,234.5", "1234.5"),
        ("en", "1234.5", "1234.5"),
        ("en", "1.234,5", None),
        ("en", "1,23", None),
        ("en", "1,2345", None),
        ("fr", "1 234,5", "1234.5"),
        ("fr", "1\u202f234,5", "1234.5"),
        ("fr", "1.234,5", None),
        ("fr", "1234.5", None),
        ("pt", "1.234,5", "1234.5"),
        ("pt", "1 234,5", "1234.5"),
        ("es", "1.234,5", "1234.5"),
        ("es", "1,234.5", None),
        ("en", "", None),
        ("en", "-", None),
        ("en", "1.", None),
        ("en", "NaN", None),
        ("en", "1e3", None),
        ("en", "\u22125", "-5"),
    ],
)
def test_a_number_is_read_in_the_readers_format_or_not_at_all(
    language: str, typed: str, read: str | None
) -> None:
    speech = Speech(language)
    if read is None:
        with pytest.raises(Unreadable):
            speech.read_number(typed)
    else:
        assert speech.read_number(typed) == Decimal(read)


@given(
    language=st.sampled_from(sorted(LOCALES)),
    value=st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False),
)
def test_figures_are_written_as_the_locale_has_them(language: str, value: Decimal) -> None:
    speech, locale = Speech(language), LOCALES[language]

    assert speech.money(value) == format_decimal(value, "#,##0.00##", locale=locale)
    assert speech.number(value) == format_decimal(value, "#,##0.####", locale=locale)


@given(
    st.sampled_from(sorted(LOCALES)),
    st.decimals(min_value=-(10**12), max_value=10**12, places=4),
)
def test_what_is_written_is_read_back(language: str, value: Decimal) -> None:
    speech = Speech(language)

    assert speech.read_number(speech.number(value)) == value
    assert speech.read_number(speech.money(value)) == value


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_a_day_is_read_back(language: str) -> None:
    speech = Speech(language)

    assert speech.read_day("2026-11-02") == date(2026, 11, 2)
    if language != "en":
        assert speech.read_day("02/11/2026") == date(2026, 11, 2)
    with pytest.raises(Unreadable):
        speech.read_day("2026-02-30")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-CA,fr;q=0.8,en;q=0.5", "fr"),
        ("de,pt-BR;q=0.4,es;q=0.6", "es"),
        ("de", "en"),
        ("", "en"),
        ("fr;q=much", "en"),
    ],
)
def test_a_language_is_chosen_by_what_the_browser_prefers(accepted: str, language: str) -> None:
    assert language_of(accepted) == language
