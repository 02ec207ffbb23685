"""Laws of accounts and profiles over generated setups: the most specific row counts.

Each example empties what was posted and begins anew in the same company. The reference is the
rule as the specification says it, in Python; what is compared is what posting left in the book.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.finance.company import (
    SETUP,
    arrive,
    change,
    clear,
    run_import,
    run_journal,
)
from tests.finance.dimensions import rows
from tests.finance.laws import CLEAN, LAW
from tests.support.books import Books


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    books.given("""
        finance.project_accounting
        company  project_number  project_group
        USPM     P-1             Small
        USPM     P-2             Small

        finance.dimension_value
        company  attribute  value
        USPM     Dept       D1
        USPM     Dept       D2
    """)
    return books


# ---- accounts: the most specific row, the project side varying slowest or the category side


@dataclass(frozen=True, slots=True)
class Work:
    """Work of a project and its group, in a category and its group; the key of its actual."""

    actual_id: int
    project: str
    project_group: str
    category: str
    category_group: str
    arrives: str


WORK: Final = tuple(
    Work(
        actual_id=number,
        project=project,
        project_group=group,
        category=category,
        category_group=category_group,
        arrives=f"{number}  cost  {project[-1]}  {category_id}  {kind}",
    )
    for number, (project, group, category, category_group, category_id, kind) in enumerate(
        (
            (project, group, category, category_group, category_id, kind)
            for project, group in (("P-1", "Small"), ("P-2", "Small"), ("P-4", ""))
            for category, category_group, category_id, kind in (
                ("Design", "Hours", 2, "time"),
                ("Service", "Hours", 1, "time"),
                ("Service", "Costs", 1, "expense"),
            )
        ),
        start=1,
    )
)
PROJECT_SIDES: Final = (("", ""), ("P-1", ""), ("", "Small"))
CATEGORY_SIDES: Final = (("", ""), ("Design", ""), ("", "Hours"))
# Account 5100 is for all; the others are for one combination of the two sides each.
RULES: Final = {
    f"51{number:02}": (*project, *category)
    for number, (project, category) in enumerate(
        (project, category) for project in PROJECT_SIDES for category in CATEGORY_SIDES
    )
}


def account_of(work: Work, accounts: set[str], *, category_first: bool) -> str:
    """Say which account the specification means (4.15): exact, then the group, then all."""
    best = ((-1, -1), "")
    for account in accounts:
        project, project_group, category, category_group = RULES[account]
        fits = (
            project in {"", work.project}
            and project_group in {"", work.project_group}
            and category in {"", work.category}
            and category_group in {"", work.category_group}
        )
        sides = (
            (2 if project else 1 if project_group else 0),
            (2 if category else 1 if category_group else 0),
        )
        if fits:
            best = max(best, (sides[::-1] if category_first else sides, account))
    return best[1]


@given(accounts=st.sets(st.sampled_from(sorted(RULES)[1:])), category_first=st.booleans())
@LAW
def test_the_most_specific_row_of_the_posting_setup_gives_the_account(
    company: Books, accounts: set[str], *, category_first: bool
) -> None:
    chosen = {"5100", *accounts}
    clear(company, CLEAN)
    change(company, "DELETE FROM finance.posting_setup WHERE posting_type = 'cost'")
    for account in sorted(chosen):
        change(
            company,
            "INSERT INTO finance.main_account (company, account, name, kind)"
            " VALUES ('USPM', %s, 'Cost', 'expense') ON CONFLICT DO NOTHING",
            account,
        )
        change(
            company,
            "INSERT INTO finance.posting_setup (company, posting_type, account, project_number,"
            " project_group, category_number, category_group)"
            " VALUES ('USPM', 'cost', %s, nullif(%s, ''), nullif(%s, ''), nullif(%s, ''),"
            " nullif(%s, ''))",
            account,
            *RULES[account],
        )
    # P-4 states nothing of its own: there the project always comes first.
    change(
        company,
        "UPDATE finance.project_accounting SET account_search = %s",
        "category_first" if category_first else "project_first",
    )
    header = "actual_id  transaction_type  project_id  category_id  class\n"
    arrive(company, header + "\n".join(one.arrives for one in WORK))
    posted = run_journal(company, run_import(company).journals[0].journal_id)

    found = rows(
        company,
        "SELECT actual_id, cost_account FROM finance.project_transaction ORDER BY actual_id",
    )
    assert posted.posted_count == len(WORK)
    assert found == [
        (
            one.actual_id,
            account_of(one, chosen, category_first=category_first and bool(one.project_group)),
        )
        for one in WORK
    ]


# ---- profiles: project, then group, then contract, then all; or the contract before the group

PROFILES: Final = {"project": "A_PROJECT", "group": "B_GROUP", "contract": "C_CONTRACT"}
SALES: Final = (
    # key, project, contract; what of the three a rule may name
    (1, 1, 1, {"project", "group"}),
    (2, 2, 2, {"group"}),
    (3, 2, 3, {"group", "contract"}),
    (4, 4, 3, {"contract"}),
    (5, 1, 3, {"project", "group", "contract"}),
)


@given(
    stated=st.sets(st.sampled_from(sorted(PROFILES))),
    order=st.sampled_from(["group_first", "contract_first"]),
    accruing=st.sets(st.sampled_from(["TM_WIP", *PROFILES.values()])),
)
@LAW
def test_the_most_specific_rule_gives_the_profile_and_the_profile_says_what_accrues(
    company: Books, stated: set[str], order: str, accruing: set[str]
) -> None:
    clear(company, CLEAN)
    change(company, "UPDATE finance.parameter SET profile_rule_order = %s", order)
    change(company, "DELETE FROM finance.profile_rule WHERE profile LIKE '_\\_%'")
    for name in ("TM_WIP", *PROFILES.values()):
        change(
            company,
            "INSERT INTO finance.revenue_profile AS known (company, profile, name, billing_method,"
            " hour_costs, expense_costs, item_costs, on_account, accrues_hours, accrues_expenses,"
            " accrues_items, accrues_fees, completion, matching)"
            " VALUES ('USPM', %s, 'x', 'time_and_material', 'profit_and_loss', 'profit_and_loss',"
            " 'profit_and_loss', 'balance', %s::boolean, false, false, false, 'none', 'none')"
            " ON CONFLICT (company, profile) DO UPDATE SET accrues_hours = excluded.accrues_hours",
            name,
            str(name in accruing),
        )
    for what in sorted(stated):
        change(
            company,
            "INSERT INTO finance.profile_rule"
            " SELECT 'USPM', 'time_and_material', CASE %s WHEN 'project' THEN 'P-1' END,"
            " CASE %s WHEN 'group' THEN 'Small' END,"
            " CASE %s WHEN 'contract' THEN 'K-3' END, %s",
            what, what, what, PROFILES[what],
        )  # fmt: skip
    # Of each sale a free one too, and one of nothing: only what is accruable and not nil accrues.
    arrive(
        company,
        "actual_id  project_id  contract_id  contract_line_id  amount  billing_type\n"
        + "\n".join(
            f"{key + more}  {project}  {contract}  {contract}  {amount}  {billing_type}"
            for key, project, contract, _ in SALES
            for more, amount, billing_type in (
                (0, 100, "chargeable"),
                (10, 100, "non_chargeable"),
                (20, 0, "chargeable"),
            )
        ),
    )
    run_journal(company, run_import(company).journals[0].journal_id)

    precedence = ["project", "group", "contract"]
    if order == "contract_first":
        precedence = ["project", "contract", "group"]
    expected = {
        key: next((PROFILES[one] for one in precedence if one in stated & named), "TM_WIP")
        for key, _, _, named in SALES
    }
    found = rows(
        company,
        "SELECT actual_id, profile, accrued_amount <> 0, wip_account IS NOT NULL"
        " FROM finance.project_transaction ORDER BY actual_id",
    )
    assert found == [
        (key + more, expected[key], accrues, accrues)
        for more in (0, 10, 20)
        for key, _, _, _ in SALES
        for accrues in (more == 0 and expected[key] in accruing,)
    ]
