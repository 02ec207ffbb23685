"""Record one entry as a draft.

Before  the setup it names is there: project by number, everything else by name.
After   the entry is a draft; nothing is priced and nothing waits.
Next    submit.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.keys import take_keys

ENTRY_KEY: Final = "operations.entry_key"
HOURS_MAX: Final = 24
QUANTITY_MAX: Final = Decimal(10**9)

COMPANY_UNKNOWN: Final = "ERR-A02"
PROJECT_UNKNOWN: Final = "ERR-E16"
PERSON_UNKNOWN: Final = "ERR-E19"
TASK_UNKNOWN: Final = "ERR-E20"
ROLE_UNKNOWN: Final = "ERR-E21"
ROLE_MISSING: Final = "ERR-E22"
CATEGORY_UNKNOWN: Final = "ERR-E23"
PROJECT_COMPLETED: Final = "ERR-E24"
CURRENCY_UNKNOWN: Final = "ERR-E26"
QUANTITY_INVALID: Final = "ERR-E30"
PRODUCT_UNKNOWN: Final = "ERR-E31"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a person records. ``quantity`` is hours for time, units for the other classes.

    ``product`` is the number of what a material entry used; without it, it is a write-in.
    """

    cls: Literal["time", "expense", "material", "fee"]
    on: date
    project_number: str
    quantity: Decimal
    task: str | None = None
    person: str | None = None
    role: str | None = None
    category: str | None = None
    product: str | None = None
    unit: str = "each"
    unit_price: Decimal | None = None
    currency: str | None = None
    billing_type: Literal["chargeable", "non_chargeable"] | None = None
    description: str | None = None
    external_description: str | None = None


@dataclass(frozen=True, slots=True)
class _Setup:
    project_id: int | None
    project_state: str | None
    task_id: int | None
    resource_id: int | None
    role_id: int | None
    category_id: int | None
    product_id: int | None
    currency: str | None


SQL: Final = SqlFile(__name__)
FIND_SETUP: Final = SQL.query("find_setup", gives=_Setup)
WRITE_ENTRY: Final = SQL.command("write_entry")


def create_entry(
    transaction: Transaction, *, company: str, entry: NewEntry, actor: str, at: datetime
) -> int:
    """Record a draft and give its key; refused with everything that is wrong with it."""
    setup = transaction.first(
        FIND_SETUP,
        company=company,
        project_number=entry.project_number,
        task=entry.task,
        person=entry.person,
        role=entry.role,
        category=entry.category,
        product=entry.product,
        currency=entry.currency,
    )
    if setup is None:
        problem = refuse(COMPANY_UNKNOWN, f"company {company}", field="company", value=company)
        raise Refused(problem)
    problems = tuple(_problems(f"entry {company}/new", entry, setup))
    if problems:
        raise Refused(*problems)
    is_time = entry.cls == "time"
    entry_id = take_keys(transaction, ENTRY_KEY, how_many=1)
    transaction.run(
        WRITE_ENTRY,
        company=company,
        entry_id=entry_id,
        **{"class": entry.cls},
        transaction_date=entry.on,
        project_id=setup.project_id,
        task_id=setup.task_id,
        resource_id=setup.resource_id,
        role_id=setup.role_id if is_time else None,
        category_id=setup.category_id,
        product_id=setup.product_id,
        quantity=entry.quantity,
        unit="hour" if is_time else entry.unit,
        unit_price=entry.unit_price,
        currency=entry.currency,
        description=entry.description,
        external_description=entry.external_description,
        billing_type=entry.billing_type,
        actor=actor,
        at=at,
    )
    record_deed(
        transaction, company=company, act="entry_created", by=(actor, at), number=str(entry_id)
    )
    return entry_id


def _problems(record: str, entry: NewEntry, setup: _Setup) -> Iterator[Refusal]:
    """Check the entry against what was found of the records it names."""
    if setup.project_id is None:
        yield refuse(PROJECT_UNKNOWN, record, field="project", value=entry.project_number)
    if setup.project_state == "completed":
        yield refuse(PROJECT_COMPLETED, record, field="project", value=entry.project_number)
    named = (
        (TASK_UNKNOWN, "task", entry.task if setup.project_id else None, setup.task_id),
        (PERSON_UNKNOWN, "person", entry.person, setup.resource_id),
        (ROLE_UNKNOWN, "role", entry.role, setup.role_id),
        (CATEGORY_UNKNOWN, "category", entry.category, setup.category_id),
        (PRODUCT_UNKNOWN, "product", entry.product, setup.product_id),
        (CURRENCY_UNKNOWN, "currency", entry.currency, setup.currency),
    )
    for code, field, value, found in named:
        if value is not None and found is None:
            yield refuse(code, record, field=field, value=value)
    if entry.product is not None and entry.cls != "material":
        reason = "only material is a product"
        yield refuse(PRODUCT_UNKNOWN, record, field="product", value=entry.product, reason=reason)
    yield from _misfits(record, entry, setup)


def _misfits(record: str, entry: NewEntry, setup: _Setup) -> Iterator[Refusal]:
    """Check what an entry of its class needs."""
    is_time = entry.cls == "time"
    if entry.cls in {"time", "expense"} and entry.person is None:
        yield refuse(PERSON_UNKNOWN, record, field="person", reason="the entry names nobody")
    if is_time and entry.role is None and setup.resource_id and not setup.role_id:
        yield refuse(ROLE_MISSING, record, field="role")
    if not is_time and entry.category is None:
        yield refuse(CATEGORY_UNKNOWN, record, field="category", reason="the entry names none")
    if (entry.unit_price is None) != (entry.currency is None) or (is_time and entry.unit_price):
        yield refuse(
            CURRENCY_UNKNOWN,
            record,
            field="unit_price",
            value=str(entry.unit_price or ""),
            reason="price and currency belong together, and time has neither",
        )
    for field, value in (("quantity", entry.quantity), ("unit_price", entry.unit_price)):
        if value is None:
            continue
        least = Decimal("0.0001") if field == "quantity" else Decimal(0)
        most = Decimal(HOURS_MAX) if is_time else QUANTITY_MAX
        if not least <= value <= most or value != round(value, 4):
            yield refuse(QUANTITY_INVALID, record, field=field, value=str(value))
