"""Bank statements of ISO 20022, camt.053.001.02 and .08: booked credits are payments.

Elements are those of the standard, by their local names: the two versions differ in where the
name of the debtor stands and in how the status is written. A batch entry is as many payments as
it has transactions. Debits, reversals and entries that are only pending are no payments.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from twofold.finance.receivables.files.rows import Cells, PaymentFile, StatedPayment
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# A transaction without a reference of the payer's says so in this word.
_NO_REFERENCE: Final = "NOTPROVIDED"


def read_camt053(content: bytes) -> PaymentFile:
    """Read the statements of a file."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return _unreadable(f"It is not XML that may be read: {error}.")
    if not root.tag.rpartition("}")[0].startswith("{urn:iso:std:iso:20022:tech:xsd:camt.053.001."):
        return _unreadable("It is no bank statement camt.053.")
    payments: list[StatedPayment] = []
    refusals: list[Refusal] = []
    left = 0
    for number, entry in enumerate(_all(root, "BkToCstmrStmt", "Stmt", "Ntry"), start=1):
        if not _is_payment(entry):
            left += 1
            continue
        for cells, payment in _payments(entry, number):
            payments.append(payment)
            refusals += cells.refusals
    return PaymentFile(tuple(payments), tuple(refusals), left)


def _is_payment(entry: Element) -> bool:
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    is_reversal = _text(entry, "RvslInd") == "true"
    return _text(entry, "CdtDbtInd") == "CRDT" and status == "BOOK" and not is_reversal


def _payments(entry: Element, number: int) -> Iterator[tuple[Cells, StatedPayment]]:
    """Give each transaction of an entry, or the entry itself where it tells of none."""
    own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    details = _all(entry, "NtryDtls", "TxDtls")
    if len(details) < 2:
        cells = Cells(f"entry/{number}")
        yield cells, _payment(cells, entry, details[0] if details else entry, own, entry)
        return
    total = Decimal(0)
    for place, detail in enumerate(details, start=1):
        cells = Cells(f"entry/{number}/{place}")
        reference = _text(detail, "Refs", "AcctSvcrRef") or (own and f"{own}/{place}")
        payment = _payment(cells, entry, detail, reference, detail)
        total += payment.amount
        if place == len(details) and str(total) != "NaN":
            stated = Cells(cells.place).amount("Amt", _text(entry, "Amt"))
            if stated != total:
                cells.bad("Amt", str(stated), f"The transactions of the entry sum to {total}.")
        yield cells, payment


def _payment(
    cells: Cells, entry: Element, detail: Element, reference: str | None, amounts: Element
) -> StatedPayment:
    amount = _one(amounts, "Amt")
    if amount is None:
        amount = _one(amounts, "AmtDtls", "TxAmt", "Amt")
    day = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")
    end_to_end = _text(detail, "Refs", "EndToEndId")
    named = [
        *_texts(detail, "RmtInf", "Strd", "RfrdDocInf", "Nb"),
        *_texts(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref"),
        *([end_to_end] if end_to_end and end_to_end != _NO_REFERENCE else []),
    ]
    payer = _text(detail, "RltdPties", "Dbtr", "Pty", "Nm") or _text(
        detail, "RltdPties", "Dbtr", "Nm"
    )
    return StatedPayment(
        place=cells.place,
        reference=cells.text("AcctSvcrRef", reference),
        payment_date=cells.day("BookgDt", day),
        amount=cells.amount("Amt", None if amount is None else amount.text),
        currency=cells.currency("Ccy", None if amount is None else amount.get("Ccy")),
        named=tuple(named),
        remittance=" ".join(_texts(detail, "RmtInf", "Ustrd")),
        payer=payer or "",
        customer_account=None,
    )


def _all(element: Element, *path: str) -> list[Element]:
    """Give all elements at a path of local names."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one if child.tag.rpartition("}")[2] == name]
    return found


def _one(element: Element, *path: str) -> Element | None:
    return next(iter(_all(element, *path)), None)


def _texts(element: Element, *path: str) -> list[str]:
    return [text for one in _all(element, *path) if (text := (one.text or "").strip())]


def _text(element: Element, *path: str) -> str | None:
    return next(iter(_texts(element, *path)), None)


def _unreadable(reason: str) -> PaymentFile:
    return PaymentFile((), (refuse("ERR-L20", "file", reason=reason),), left_count=0)
