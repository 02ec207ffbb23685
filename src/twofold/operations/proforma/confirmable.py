"""What keeps a proforma from being confirmed: all of it, told at once.

Before  nothing.
After   the proformas are locked until the transaction ends, and each can be confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.backlog.limits import over_limit
from twofold.operations.proforma.rules import Header, header_refusals


@dataclass(frozen=True, slots=True)
class _Ledger:
    accounting_currency: str


@dataclass(frozen=True, slots=True)
class _Locked:
    proforma_id: int


@dataclass(frozen=True, slots=True)
class _LockedRetainer:
    retainer_id: int


@dataclass(frozen=True, slots=True)
class _Problem:
    code: str
    number: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
LEDGER: Final = SQL.query("ledger", gives=_Ledger)
LOCK_PROFORMAS: Final = SQL.query("lock_proformas", gives=_Locked)
LOCK_RETAINERS: Final = SQL.query("lock_retainers", gives=_LockedRetainer)
CREATE_PIECES: Final = SQL.command("create_pieces")
ANALYZE_PIECES: Final = SQL.command("analyze_pieces")
DROP_PIECES: Final = SQL.command("drop_pieces")
HEADERS: Final = SQL.query("headers", gives=Header)
PROBLEMS: Final = SQL.query("problems", gives=_Problem)
RETAINER_PROBLEMS: Final = SQL.query("retainer_problems", gives=_Problem)

PROFORMA_UNKNOWN: Final = "ERR-B22"
COMPANY_HAS_NO_LEDGER: Final = "ERR-A02"


def lock_confirmable(
    transaction: Transaction, *, company: str, proforma_ids: list[int], in_bulk: bool
) -> list[Header]:
    """Lock the proformas and check them; give their headers in key order.

    After   ``pg_temp.draft_piece`` holds what confirming makes of their details, until
            ``DROP_PIECES``; refused, there is no such table.

    Raises  Refused, with every reason of every one: ERR-A02 the company has no ledger here,
            ERR-B22 unknown; of a header ERR-B05, B10, B15, B23, B61, C02; of a detail ERR-B02, B03,
            B11, B12, B13, B15, B21, B30, B31, C03; of a limit ERR-B60.
    """
    asked = {"company": company, "proforma_ids": proforma_ids}
    if transaction.first(LEDGER, company=company) is None:
        raise Refused(refuse(COMPANY_HAS_NO_LEDGER, f"company/{company}"))
    # A proforma that is confirmed already is not locked, for it cannot change any more.
    transaction.all(LOCK_PROFORMAS, **asked)
    transaction.all(LOCK_RETAINERS, **asked)
    transaction.run(CREATE_PIECES, **asked)
    transaction.run(ANALYZE_PIECES)
    headers = transaction.all(HEADERS, **asked)
    unknown = sorted(set(proforma_ids) - {header.proforma_id for header in headers})
    refusals: list[Refusal] = [refuse(PROFORMA_UNKNOWN, f"proforma/{key}") for key in unknown]
    for header in headers:
        refusals += header_refusals(header, in_bulk=in_bulk)
    problems = transaction.all(PROBLEMS, **asked)
    if any(header.retainer_count for header in headers):
        problems += transaction.all(RETAINER_PROBLEMS, **asked)
    refusals += [
        refuse(problem.code, f"proforma/{problem.number}", field=problem.field, value=problem.value)
        for problem in problems
    ]
    refusals += over_limit(transaction, company=company, proforma_ids=proforma_ids)
    if refusals:
        transaction.run(DROP_PIECES)
        raise Refused(*refusals)
    return headers
