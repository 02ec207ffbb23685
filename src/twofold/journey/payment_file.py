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
class TriedPayments:
    """What a file says, what importing it would post, and everything that speaks against it."""

    stated: tuple[StatedPayment, ...]
    imported: ImportedPayments
    refusals: tuple[Refusal, ...]
    left_count: int


def try_file(system: System, *, company: str, file: FileOfPayments, actor: str) -> TriedPayments:
    """Tell what importing would post, or every reason against it; nothing changes."""
    read = read_file(file.content)
    nothing = ImportedPayments((), ())
    if read.refusals:
        return TriedPayments(read.payments, nothing, read.refusals, read.left_count)
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
        return TriedPayments(read.payments, nothing, refused.refusals, read.left_count)
    return TriedPayments(read.payments, imported, (), read.left_count)


def import_file(
    system: System, *, company: str, file: FileOfPayments, actor: str
) -> ImportedPayments:
    """Post the payments and settle what they name; Refused with every reason at once."""
    read = read_file(file.content)
    if read.refusals:
        raise Refused(*read.refusals)
    with system.finance.transaction() as transaction:
        return import_payments(
            transaction, company=company, batch=_batch(file, read), actor=actor, at=system.now()
        )


def _batch(file: FileOfPayments, read: PaymentFile) -> PaymentBatch:
    return PaymentBatch(
        name=file.name,
        content_hash=hashlib.sha256(file.content).hexdigest(),
        bank_account=file.bank_account,
        payments=tuple(one for one in read.payments if one.reference not in file.left_out),
        customers=file.customers,
    )
