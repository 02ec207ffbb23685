"""A file of payments that somebody gave: tried out with everything it would post, or imported.

Before  the bank account is in the chart of accounts.
After   of a trial, nothing: the very statements of the import ran in a transaction that was rolled
        back. Of an import, what ``finance.receivables.import_payments`` says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from twofold.finance.receivables.files.read_file import read_file
from twofold.finance.receivables.files.rows import PaymentFile, StatedPayment
from twofold.finance.receivables.import_payments import (
    ImportedPayments,
    PaymentBatch,
    import_payments,
)
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class FileOfPayments:
    """A file and what somebody says about it: who paid, by reference, and what is left out."""

    name: str
    content: bytes
    bank_account: str
    customers: Mapping[str, str] = field(default_factory=dict[str, str])
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentsOfFile:
    """What a file says, what importing it posts, and everything that speaks against it.

    ``left_count``: entries of the file that are no payments, or were left out.
    """

    stated: tuple[StatedPayment, ...]
    imported: ImportedPayments
    refusals: tuple[Refusal, ...]
    left_count: int


def try_file(system: System, *, company: str, file: FileOfPayments, actor: str) -> PaymentsOfFile:
    """Tell what importing would post, or every reason against it; nothing changes."""
    read = read_file(file.content)
    left_count = _left(file, read)
    nothing = ImportedPayments((), ())
    if read.refusals:
        return PaymentsOfFile(read.payments, nothing, read.refusals, left_count)
    try:
        with system.finance.trial() as transaction:
            imported = import_payments(
                transaction,
                company=company,
                batch=_batch(file, read),
                actor=actor,
                at=system.now(),
            )
    except Refused as refused:
        return PaymentsOfFile(read.payments, nothing, refused.refusals, left_count)
    return PaymentsOfFile(read.payments, imported, (), left_count)


def import_file(
    system: System, *, company: str, file: FileOfPayments, actor: str
) -> PaymentsOfFile:
    """Post the payments and settle what they name; Refused with every reason at once."""
    read = read_file(file.content)
    if read.refusals:
        raise Refused(*read.refusals)
    with system.finance.transaction() as transaction:
        imported = import_payments(
            transaction, company=company, batch=_batch(file, read), actor=actor, at=system.now()
        )
    return PaymentsOfFile(read.payments, imported, (), _left(file, read))


def _left(file: FileOfPayments, read: PaymentFile) -> int:
    return read.left_count + sum(one.reference in file.left_out for one in read.payments)


def _batch(file: FileOfPayments, read: PaymentFile) -> PaymentBatch:
    return PaymentBatch(
        name=file.name,
        content_hash=hashlib.sha256(file.content).hexdigest(),
        bank_account=file.bank_account,
        payments=tuple(one for one in read.payments if one.reference not in file.left_out),
        customers=file.customers,
    )
