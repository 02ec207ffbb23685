"""What a run starts from: both books set up, and submitted time entries on M contracts.

The setup goes through the real processes; the entries are planted as they stand after
submission, because reading export files is not what is measured here.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from psycopg import sql

from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.finance.setup.apply import apply_setup as apply_finance_setup
from twofold.finance.setup.file import read_setup as read_finance_setup
from twofold.journey.system import System
from twofold.operations.setup.apply import apply_setup as apply_operations_setup
from twofold.operations.setup.file import read_setup as read_operations_setup

COMPANY: Final = "USPM"
FIRST_DAY: Final = date(2026, 10, 1)
LAST_DAY: Final = date(2026, 10, 31)
EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"

_OPERATIONS: Final = """
[[role]]
name = "Consultant"

[[category]]
number = "TCN-0000000100-LABOR"
name = "Labour"

[[company]]
code = "USPM"

[[company.unit]]
name = "Fabrikam US"
currency = "USD"

[[company.customer]]
account = "US-001"
name = "Adatum Corporation"
currency = "USD"
payment_terms = "Net30"

[[company.resource]]
name = "Bob Kozack"
role = "Consultant"
unit = "Fabrikam US"
"""

_CONTRACT: Final = """
[[company.project]]
number = "BENCH-P-{number}"
name = "Bench project {number}"
contract = "BENCH-C-{number}"

[[company.contract]]
number = "BENCH-C-{number}"
name = "Bench contract {number}"
customer = "US-001"
unit = "Fabrikam US"
currency = "USD"

[[company.contract.line]]
number = 1
name = "Work"
billing_method = "time_and_material"
project = "BENCH-P-{number}"
classes = ["time"]
"""

_PLANT: Final = (
    "ANALYZE operations.contract_line",
    """
    INSERT INTO operations.entry (
        company, entry_id, class, transaction_date, project_id, resource_id, role_id, category_id,
        quantity, unit, description, state, created_by, created_at
    )
    SELECT
        %(company)s, %(first)s + line - 1, 'time',
        %(day)s::date + (line %% 31)::integer, project.project_id, resource.resource_id,
        role.role_id, category.category_id, 1 + (line %% 8), 'hour', 'Work item ' || line,
        'submitted', 'bench', %(at)s
    FROM generate_series(1, %(lines)s) AS line
    JOIN LATERAL (
        SELECT project_id, row_number() OVER (ORDER BY number) AS place
        FROM operations.project WHERE company = %(company)s
    ) AS project ON project.place = 1 + line %% %(contracts)s
    CROSS JOIN operations.role
    CROSS JOIN operations.transaction_category AS category
    CROSS JOIN operations.resource
    WHERE resource.company = %(company)s
    """,
    """
    INSERT INTO operations.journal_line (
        company, journal_line_id, entry_id, transaction_type, billing_type, quantity, price, amount,
        currency, contract_id, contract_line_id
    )
    SELECT
        entry.company, 2 * entry.entry_id + part.place, entry.entry_id,
        part.kind::operations.transaction_type,
        'chargeable', entry.quantity, part.price, entry.quantity * part.price, 'USD',
        line.contract_id, line.contract_line_id
    FROM operations.entry
    JOIN operations.contract_line AS line
        ON line.company = entry.company AND line.project_id = entry.project_id
    CROSS JOIN (VALUES (0, 'cost', 100), (1, 'unbilled_sales', 200)) AS part (place, kind, price)
    WHERE entry.company = %(company)s AND entry.created_by = 'bench'
    """,
    """
    INSERT INTO operations.approval (
        company, entry_id, billable_quantity, billing_type, submitted_by, submitted_at
    )
    SELECT company, entry_id, quantity, 'chargeable', 'bench', %(at)s
    FROM operations.entry
    WHERE company = %(company)s AND created_by = 'bench'
    """,
    "ANALYZE operations.entry",
    "ANALYZE operations.journal_line",
    "ANALYZE operations.approval",
)


def prepare(system: System, owner: Book, folder: Path, *, lines: int, contracts: int) -> None:
    """Set up both books and plant ``lines`` submitted entries spread over ``contracts``.

    After   the setup has been delivered; nothing is approved.
    """
    finance = EXAMPLES / "finance.toml"
    setup = read_finance_setup(finance.read_bytes(), file=finance.name)
    with system.finance.transaction() as transaction:
        apply_finance_setup(transaction, setup=setup, actor="bench", at=system.now())
    deliver_sets(system.back)
    path = folder / "operations.toml"
    width = len(str(contracts))
    numbers = (str(number).zfill(width) for number in range(1, contracts + 1))
    path.write_text(
        _OPERATIONS + "".join(_CONTRACT.format(number=number) for number in numbers),
        encoding="utf-8",
    )
    with system.operations.transaction() as transaction:
        apply_operations_setup(
            transaction, setup=read_operations_setup(path), actor="bench", at=system.now()
        )
    deliver_sets(system.forward)
    with owner.raw() as connection:
        given = {
            "company": COMPANY, "lines": lines, "contracts": contracts, "first": 1,
            "day": FIRST_DAY, "at": system.now(),
        }  # fmt: skip
        for statement in _PLANT:
            used = {name: value for name, value in given.items() if f"%({name})s" in statement}
            connection.execute(sql.SQL(statement), used or None)
        connection.execute(
            "SELECT setval('operations.entry_key', %s), setval('operations.journal_line_key', %s)",
            (lines + 1, 2 * lines + 2),
        )
