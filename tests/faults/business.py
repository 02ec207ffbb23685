"""A business process to be killed: ``python -m tests.faults.business``, told what to do by JSON.

It runs one transaction of a book that produces a set. It says ``at CP01`` (operations) or
``at CP16`` (finance) when everything is written and nothing is committed, ``at CP02`` after the
commit, and goes on when it reads a line.
"""

from __future__ import annotations

import json
import sys

from tests.faults.driver import say
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.database.transaction import Transaction, connection_of
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import active_maps

_APPROVE = """
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, skip_sync,
        change_set_id
    )
    SELECT 'USPM', key, 'cost', 'time', 'chargeable', 'approval', '2026-10-30', '2026-10-30',
        1, 50, 50, 'USD', 'hour', 5, false, %(set_id)s::bigint
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS key
"""
_POST = """
    INSERT INTO finance.project_transaction (
        company, actual_id, journal_id, voucher, accounting_date, category_number,
        line_property, profile, exchange_rate, accounting_amount, accrued_amount, change_set_id
    )
    SELECT 'USPM', key, 1, 'V-' || key, '2026-10-30', 'LABOUR', 'C', 'TM', 100, 50, 0,
        %(set_id)s::bigint
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS key
"""
_KINDS = {
    "operations": ("approval", _APPROVE, "CP01"),
    "finance": ("journal_posting", _POST, "CP16"),
}


def main() -> None:
    """Write, say where it is, commit, say it again."""
    told = json.loads(sys.argv[1])
    name = told["book"]
    kind, statement, place = _KINDS[name]
    book = Book(name, told["dsn"], f"twofold_{name}")
    with book.reader() as reader:
        maps = active_maps(reader)
    seal = Sealer(name, maps)

    def seal_and_stop(transaction: Transaction) -> None:
        seal(transaction)
        say(f"at {place}")
        sys.stdin.readline()

    book = Book(name, told["dsn"], f"twofold_{name}", before_commit=seal_and_stop)
    with book.transaction() as transaction:
        change_set = open_change_set(
            transaction, company="USPM", kind=kind, stream="of/business", actor="ann", at=NOW
        )
        change_set.covers(told["first"], told["last"])
        connection_of(transaction).execute(
            statement.encode(),
            {"set_id": change_set.set_id, "first": told["first"], "last": told["last"]},
        )
    say("at CP02")
    sys.stdin.readline()


if __name__ == "__main__":
    main()
