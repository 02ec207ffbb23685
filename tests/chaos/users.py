"""The people of both books: they approve, invoice, hire and post, and never stop.

Each works alone in one company of one book, through the real sealing code and against the real
server of that book. While it is down a user waits; while it is up, nobody is ever turned away
(V12): what the other book, the engines or the network do is no concern of theirs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random  # noqa: TID251 - seeded, and the seed is printed
from typing import Any, Final

import psycopg

from tests.dualwrite.planted import WORLD
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.database.transaction import ConstraintBroken, Transaction, connection_of
from twofold.kernel.errors import Fault

COMPANIES: Final = ("USPM", "GBPM", "DEPM")

_TAKE: Final = b"SELECT operations.take_keys('operations.actual_key', $1)"
_COSTS_AND_SALES: Final = b"""
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, resource_id,
        customer_id, source_id, skip_sync, change_set_id, description
    )
    SELECT
        $1, $2::bigint + line, kind::operations.transaction_type, 'time', 'chargeable',
        'approval', '2026-10-30', '2026-10-30', 8, price, 8 * price, 'USD', 'hour', 5, $4::bigint,
        CASE kind WHEN 'cost' THEN NULL ELSE 7 END,
        CASE kind WHEN 'cost' THEN NULL ELSE $2::bigint + line - 1 END,
        false, $5::bigint, 'hour ' || line
    FROM generate_series(0, $3::bigint - 1) AS line
    CROSS JOIN LATERAL (
        VALUES (0, 'cost', 50), (1, 'unbilled_sales', 100)
    ) AS pair (nth, kind, price)
    WHERE line % 2 = nth
"""
_TO_BILL: Final = b"""
    SELECT count(*), count(reversal.actual_id)
    FROM operations.actual AS sale
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = sale.company AND reversal.reverses_id = sale.actual_id
    WHERE sale.company = $1 AND sale.transaction_type = 'unbilled_sales'
        AND sale.reverses_id IS NULL AND sale.actual_id BETWEEN $2 AND $3
"""
_DRAFT: Final = b"""
    INSERT INTO operations.proforma (
        company, proforma_id, number, name, contract_id, customer_id, currency, payment_terms,
        state, detail_amount, tax_amount, total_amount, detail_count, created_by, created_at
    )
    VALUES ($1, $2, 'PF-' || $2, 'Phase', 3, 7, 'USD', 'Net30', 'draft', 0, 0, 0, 0, 'ann', now())
"""
_CONFIRM: Final = b"""
    UPDATE operations.proforma
    SET state = 'confirmed', accounting_date = '2026-11-02', confirmed_by = 'ann',
        confirmed_at = now(), change_set_id = $3, first_actual_id = $4, last_actual_id = $5,
        billable_count = $6, billable_hash = 77
    WHERE company = $1 AND proforma_id = $2
"""
_BILL: Final = b"""
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, customer_id,
        reverses_id, source_id, proforma_id, skip_sync, change_set_id
    )
    SELECT
        sale.company, $4::bigint + bill.nth * sale.how_many + sale.place,
        bill.kind::operations.transaction_type, 'time', 'chargeable', 'invoicing',
        '2026-10-30', '2026-11-02', bill.sign * sale.quantity, sale.price,
        bill.sign * sale.amount, 'USD', 'hour', 5, 7,
        CASE WHEN bill.nth = 1 THEN sale.actual_id END,
        CASE WHEN bill.nth = 1 THEN sale.source_id ELSE sale.actual_id END,
        $3::bigint, bill.nth = 1, $2::bigint
    FROM (
        SELECT *, row_number() OVER (ORDER BY actual_id) - 1 AS place, count(*) OVER () AS how_many
        FROM operations.actual
        WHERE company = $1 AND transaction_type = 'unbilled_sales' AND reverses_id IS NULL
            AND actual_id BETWEEN $5::bigint AND $6::bigint
    ) AS sale
    CROSS JOIN (VALUES (0, 'billed_sales', 1), (1, 'unbilled_sales', -1)) AS bill (nth, kind, sign)
"""
_HIRE: Final = b"""
    INSERT INTO operations.resource (company, resource_id, name, change_set_id)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (company, resource_id) DO UPDATE
    SET name = excluded.name, change_set_id = excluded.change_set_id
"""
_TO_POST: Final = b"""
    SELECT min(actual_id), max(actual_id) FROM (
        SELECT actual_id FROM finance.staged_actual AS staged
        WHERE company = $1 AND transaction_type <> 'billed_sales' AND source_set_id = (
            SELECT source_set_id FROM finance.staged_actual AS unposted
            WHERE unposted.company = $1 AND unposted.transaction_type <> 'billed_sales'
                AND NOT EXISTS (
                    SELECT FROM finance.project_transaction AS done
                    WHERE done.company = $1 AND done.actual_id = unposted.actual_id
                )
            ORDER BY unposted.actual_id LIMIT 1
        )
    ) AS of_one_set
"""
_POST: Final = b"""
    INSERT INTO finance.project_transaction (
        company, actual_id, journal_id, voucher, accounting_date, category_number,
        line_property, profile, exchange_rate, accounting_amount, accrued_amount, change_set_id
    )
    SELECT company, actual_id, 1, 'V-' || actual_id, '2026-10-30', 'LABOUR', 'C', 'TM', 100,
        amount, 0, $2::bigint
    FROM finance.staged_actual
    WHERE company = $1 AND actual_id BETWEEN $3::bigint AND $4::bigint
        AND transaction_type <> 'billed_sales'
"""


@dataclass(slots=True)
class Made:
    """What the users of a run did."""

    sets: int = 0
    waited: int = 0
    turned_away: list[tuple[str, float, str]] = field(default_factory=list)
    # What no trouble excuses: what a user of this program did was not right.
    mistakes: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def plant_companies(books: Books) -> None:
    """Give both books the companies the users work in."""
    for company in COMPANIES:
        books.given(WORLD.replace("USPM", company))


class User(threading.Thread):
    """One person: does one thing again and again until told to stop."""

    def __init__(
        self, name: str, book: Book, act: Callable[[Transaction], bool], made: Made, pause: float
    ) -> None:
        super().__init__(daemon=True, name=name)
        self.book = book
        self.stop = threading.Event()
        self._act, self._made, self._pause = act, made, pause

    def run(self) -> None:
        """Act, pause, act again."""
        while not self.stop.wait(self._pause):
            began = time.monotonic()
            try:
                with self.book.transaction() as transaction:
                    worked = self._act(transaction)
                with self._made.lock:
                    self._made.sets += worked
            except ConstraintBroken as broken:
                self._made.mistakes.append(f"{self.name}: {broken}")
            except (Fault, psycopg.Error) as error:
                with self._made.lock:
                    self._made.waited += 1
                    self._made.turned_away.append((self.book.name, began, str(error)[:200]))


@dataclass(slots=True)
class Staff:
    """Everybody, and what is to be done when they leave."""

    users: list[User]
    companies: list[_Operations]

    def leave(self, books: Books) -> None:
        """Let everybody stop; then hire whoever was booked before being hired."""
        for user in self.users:
            user.stop.set()
        for user in self.users:
            user.join()
        for company in self.companies:
            with books.operations.transaction() as transaction:
                company.hire_the_next(transaction)


def staff_of(books: Books, seed: int, made: Made, *, pause: float) -> Staff:
    """Give the users of all companies; nobody has begun yet."""
    found: list[User] = []
    companies: list[_Operations] = []
    for number, company in enumerate(COMPANIES):
        dice = Random(seed * 1000 + number)  # noqa: S311 - seeded on purpose
        biller = _Operations(company, dice)
        companies.append(biller)
        for name, act in (
            ("approves", biller.approve),
            ("bills", biller.bill),
            ("hires", biller.hire),
        ):
            slower = {"approves": 1.0, "bills": 2.0, "hires": 5.0}[name]
            found.append(User(f"{company} {name}", books.operations, act, made, pause * slower))
        poster = _Finance(company)
        found.append(User(f"{company} posts", books.finance, poster.post, made, pause * 1.5))
    return Staff(found, companies)


class _Operations:
    """What people of one company do in operations."""

    def __init__(self, company: str, dice: Random) -> None:
        self.company = company
        self.dice = dice
        self.lock = threading.Lock()
        self.resources = 0
        self.approvals: list[tuple[int, int]] = []
        self.invoices = 0

    def approve(self, transaction: Transaction) -> bool:
        """Approve some hours; sometimes of a person that finance does not know yet."""
        with self.lock:
            count = 2 * self.dice.choice((1, 2, 3, 5, 10, 40))
            # The next to be hired: the set is parked until the resource arrives.
            resource = self.resources + 1 if self.dice.random() < 0.1 else self.resources
        first = _value(transaction, _TAKE, count)
        set_id = self._open(
            transaction, "approval", f"approval/{first}", (first, first + count - 1)
        )
        who = resource or None
        _run(transaction, _COSTS_AND_SALES, self.company, first, count, who, set_id)
        # Committed or not, billing an approval that was lost finds nothing to bill.
        with self.lock:
            self.approvals.append((first, first + count - 1))
        return True

    def bill(self, transaction: Transaction) -> bool:
        """Confirm the invoice of an approval."""
        with self.lock:
            if not self.approvals:
                return False
            low, high = self.approvals.pop(self.dice.randrange(len(self.approvals)))
        sales, billed = _row(transaction, _TO_BILL, self.company, low, high)
        # Keys of an approval that was lost with its server are given out again: the sales may
        # be another's, and billed.
        if not sales or billed:
            return False
        first = _value(transaction, _TAKE, 2 * sales)
        proforma = _value(transaction, b"SELECT operations.take_keys('operations.proforma_key', 1)")
        set_id = self._open(
            transaction, "confirmation", f"invoice/PF-{proforma}", (first, first + 2 * sales - 1)
        )
        _run(transaction, _DRAFT, self.company, proforma)
        _run(transaction, _BILL, self.company, set_id, proforma, first, low, high)
        _run(
            transaction, _CONFIRM,
            self.company, proforma, set_id, first, first + sales - 1, sales,
        )  # fmt: skip
        return True

    def hire(self, transaction: Transaction) -> bool:
        """Make a resource, or rename one: state, of which only the newest version counts."""
        with self.lock:
            is_new = self.resources == 0 or self.dice.random() < 0.5
            resource = self.resources + 1 if is_new else self.dice.randint(1, self.resources)
            name = f"R{resource} {self.dice.randrange(10**6)}"
        self._hire(transaction, resource, name)
        # Counted before the commit: who was lost with it is hired at the end.
        with self.lock:
            self.resources = max(self.resources, resource)
        return True

    def hire_the_next(self, transaction: Transaction) -> None:
        """Hire whoever an approval may have named already."""
        for resource in range(1, self.resources + 2):
            self._hire(transaction, resource, f"R{resource} at last")

    def _hire(self, transaction: Transaction, resource: int, name: str) -> None:
        found = [one for one in transaction.sets if one.kind == "setup"]
        set_id = found[0].set_id if found else self._open(transaction, "setup", "setup", None)
        _run(transaction, _HIRE, self.company, resource, name, set_id)

    def _open(
        self, transaction: Transaction, kind: str, stream: str, keys: tuple[int, int] | None
    ) -> int:
        change_set = open_change_set(
            transaction, company=self.company, kind=kind, stream=stream, actor="ann", at=NOW
        )
        if keys:
            change_set.covers(*keys)
        return change_set.set_id


class _Finance:
    """What people of one company do in finance."""

    def __init__(self, company: str) -> None:
        self.company = company

    def post(self, transaction: Transaction) -> bool:
        """Post the oldest set that arrived and is not posted."""
        found = _row(transaction, _TO_POST, self.company)
        if found[0] is None:
            return False
        first, last = int(found[0]), int(found[1])
        change_set = open_change_set(
            transaction,
            company=self.company,
            kind="journal_posting",
            stream=f"journal/{first}",
            actor="bob",
            at=NOW,
        )
        change_set.covers(first, last)
        _run(transaction, _POST, self.company, change_set.set_id, first, last)
        return True


def _row(transaction: Transaction, query: bytes, *given: object) -> tuple[Any, ...]:
    with psycopg.RawCursor(connection_of(transaction)) as cursor:
        found = cursor.execute(query, given).fetchone()
    assert found is not None
    return found


def _value(transaction: Transaction, query: bytes, *given: object) -> int:
    return int(_row(transaction, query, *given)[0])


def _run(transaction: Transaction, query: bytes, *given: object) -> None:
    with psycopg.RawCursor(connection_of(transaction)) as cursor:
        cursor.execute(query, given)
