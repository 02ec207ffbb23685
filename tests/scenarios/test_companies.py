"""Two companies side by side, with the same numbers: what one does never touches the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from tests.scenarios.conftest import Tell
from tests.scenarios.support import COMPANY, Story, Work, finance_cast, operations_cast
from twofold.finance.setup.records import FinanceSetup
from twofold.operations.setup.records import OfCompany, OperationsSetup

OTHER: Final = "ZZPM"

R = TypeVar("R", bound=OfCompany)


def _doubled(rows: tuple[R, ...], moved: Callable[[R], R]) -> tuple[R, ...]:
    return (*rows, *map(moved, rows))


def _moved(row: R) -> R:
    return replace(row, company=OTHER)


def both_operations() -> OperationsSetup:
    """Give the cast twice: every number and name again, but projects are told apart by name."""
    setup = operations_cast()
    return replace(
        setup,
        companies=(COMPANY, OTHER),
        units=_doubled(setup.units, _moved),
        customers=_doubled(setup.customers, _moved),
        resources=_doubled(setup.resources, _moved),
        contracts=_doubled(setup.contracts, _moved),
        projects=_doubled(
            setup.projects, lambda one: replace(one, company=OTHER, name=f"{one.name} {OTHER}")
        ),
        contract_lines=tuple(
            line for one in setup.contract_lines for line in (one, replace(one, company=OTHER))
        ),
        milestones=_doubled(setup.milestones, _moved),
        price_lists=_doubled(setup.price_lists, _moved),
        role_prices=_doubled(setup.role_prices, _moved),
        category_prices=_doubled(setup.category_prices, _moved),
    )


def both_finance() -> FinanceSetup:
    """Give the finance company twice, number sequences and all."""
    (company,) = finance_cast().company
    return FinanceSetup((company, replace(company, code=OTHER, name="Fabrikam beside")))


def bill_hours(story: Story, project: str, hours: int) -> None:
    """Take hours from approval to a posted invoice."""
    story.approve(Work(project, hours))
    story.post_work()
    (invoice,) = story.invoice(story.draft("TM"))
    assert invoice.net_amount == 200 * hours


def test_what_one_company_does_leaves_the_other_as_it_was(tell: Tell) -> None:
    here = tell(operations=both_operations(), finance=both_finance())
    there = here.in_company(OTHER)
    untouched = here.digest(only=OTHER)

    bill_hours(here, "Arm Installation at Adatum", 8)

    assert here.digest(only=OTHER) == untouched
    here.holds()
    finished = here.digest(only=COMPANY)

    bill_hours(there, f"Arm Installation at Adatum {OTHER}", 3)

    assert here.digest(only=COMPANY) == finished
    assert here.ledger()["invoiced_revenue"] == -1600
    assert there.ledger()["invoiced_revenue"] == -600


def test_both_companies_use_the_same_numbers_for_their_own(tell: Tell) -> None:
    here = tell(operations=both_operations(), finance=both_finance())
    there = here.in_company(OTHER)
    here.approve(Work("Arm Installation at Adatum", 8))
    there.approve(Work(f"Arm Installation at Adatum {OTHER}", 3))
    here.deliver()
    for story in (here, there):
        story.import_()
        story.post_journals()
    here.deliver()

    for story in (here, there):
        (invoice,) = story.invoice(story.draft("TM"))
        assert (invoice.invoice_number, invoice.voucher) == ("INV07001", "IV00001")
