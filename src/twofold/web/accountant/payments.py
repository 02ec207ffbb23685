"""Payments of customers: give a file, see what it would post, post it; settle, and undo that.

A file is kept with its preview, so that saying who paid, or leaving a payment out, takes no second
upload. Nothing of a file is posted unless all of it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofold.finance.receivables.files.rows import StatedPayment
from twofold.finance.receivables.import_payments import PostedPayment
from twofold.finance.receivables.reads import (
    OpenTransaction,
    ShownPayment,
    ShownSettlement,
    list_payments,
    list_settlements,
    open_transactions,
)
from twofold.finance.receivables.settle import settle
from twofold.finance.receivables.settlements import Settled
from twofold.finance.receivables.undo_settlement import undo_settlement
from twofold.jobs.orders import ImportPayments
from twofold.jobs.uploads import read_upload
from twofold.journey.payment_file import FileOfPayments, PaymentsOfFile, try_file
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.accountant.documents import NARROWED, narrowing
from twofold.web.accountant.given_files import FILE_BYTES_MAX, FORM_BYTES, STATEMENT, keep_file
from twofold.web.accountant.receivables import open_columns
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.language import Unreadable
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of, whole

_NO_FIGURE: Final = "ERR-U07"
# Names of fields that say who paid.
_CUSTOMER: Final = "customer:"
# Rows that a preview shows of what is right; all that is wrong is shown.
_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class _Row:
    """A payment of a file with what would become of it, or what is wrong with it."""

    stated: StatedPayment
    posted: PostedPayment | None
    refusals: tuple[Refusal, ...]
    customer: str
    is_left_out: bool


def _list(asked: Asked) -> Answer:
    """Show payments, what they settled, what is open, and the form for a file."""
    return _shown(asked)


def _shown(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    company = asked.company
    return answer(
        asked.at(f"/{company}/payments") if refusals else asked,
        "payments.html",
        _payments(asked),
        Listing(
            key="open",
            title="Open transactions",
            empty="Nothing is open.",
            columns=(
                Column(
                    "Customer",
                    lambda one: one.customer_account,
                    to=lambda one: f"/{company}/customers/{one.customer_account}",
                    note=lambda one: one.customer_name,
                ),
                *open_columns(company),
            ),
            page=lambda wanted: _open(asked, wanted),
            place=lambda one: one.voucher,
        ),
        _settlements(asked),
        status=422 if refusals else 200,
        refusals=refusals,
        bytes_max=FILE_BYTES_MAX,
        typed=asked.typed,
        may_account=asked.visitor.may("account", company),
    )


def _payments(asked: Asked) -> Listing[ShownPayment]:
    company = asked.company

    def page(wanted: Slice) -> Sequence[ShownPayment]:
        with asked.system.auditor_finance.reader() as reader:
            return list_payments(
                reader,
                company=company,
                narrowing=narrowing(asked),
                only_open=asked.text("state") == "open",
                after=wanted.after or None,
                limit=wanted.limit,
            )

    return Listing(
        title="Payments",
        empty="No payment was imported yet.",
        fields=(Field("state", "Status", "choice", ("open",)), *NARROWED),
        columns=(
            Column(
                "Voucher",
                lambda one: one.voucher,
                to=lambda one: f"/{company}/vouchers/{one.voucher}",
            ),
            Column("Date", lambda one: one.payment_date, "date"),
            Column("Reference", lambda one: one.reference, note=lambda one: one.remittance),
            Column(
                "Customer",
                lambda one: one.customer_account,
                to=lambda one: f"/{company}/customers/{one.customer_account}",
            ),
            Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
            Column("Open", lambda one: one.open_amount or None, "money"),
            Column("Bank account", lambda one: one.bank_account),
            Column("File", lambda one: one.file_name),
        ),
        page=page,
        place=lambda one: one.voucher,
    )


def _open(asked: Asked, wanted: Slice) -> Sequence[OpenTransaction]:
    with asked.system.auditor_finance.reader() as reader:
        return open_transactions(
            reader, company=asked.company, customer=None, after=wanted.after, limit=wanted.limit
        )


def _settlements(asked: Asked) -> Listing[ShownSettlement]:
    def page(wanted: Slice) -> Sequence[ShownSettlement]:
        with asked.system.auditor_finance.reader() as reader:
            return list_settlements(
                reader,
                company=asked.company,
                after=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    return Listing(
        key="settlements",
        title="Settlements",
        empty="Nothing is settled yet.",
        columns=(
            Column("Number", lambda one: one.settlement_id),
            Column("Date", lambda one: one.settled_on, "date"),
            Column("Invoice", lambda one: one.debit_document),
            Column("Paid by", lambda one: one.credit_document),
            Column("Amount", lambda one: one.debit_amount, "money", currency=lambda x: x.currency),
            Column("Exchange difference", lambda one: one.exchange_difference or None, "money"),
            Column("Who", lambda one: one.settled_by),
            Column("Undone", lambda one: one.undone_at, "moment", note=lambda one: one.reason),
        ),
        page=page,
        place=lambda one: str(one.settlement_id),
    )


def _give(asked: Asked) -> Answer:
    """Keep the file, and show what it would post."""
    try:
        upload_id, _ = keep_file(asked, STATEMENT)
    except Refused as refused:
        return _shown(asked, refused.refusals)
    bank = asked.typed("bank")
    return _preview(asked, upload_id, _file(asked, upload_id, bank))


def _check(asked: Asked) -> Answer:
    """Show the file again, with who paid and what is left out as it was typed."""
    upload_id = key_of(asked.path["number"])
    return _preview(asked, upload_id, _file(asked, upload_id, asked.typed("bank")))


def _file(asked: Asked, upload_id: int, bank: str) -> FileOfPayments:
    with asked.system.jobs.reader() as reader:
        upload = read_upload(reader, company=asked.company, upload_id=upload_id)
    customers = {
        name.removeprefix(_CUSTOMER): asked.typed(name)
        for name in asked.form
        if name.startswith(_CUSTOMER) and asked.typed(name)
    }
    left_out = tuple(asked.form.get("left_out", ()))
    return FileOfPayments(upload.file, upload.content, bank, customers, left_out)


def _preview(asked: Asked, upload_id: int, file: FileOfPayments) -> Answer:
    tried = try_file(asked.system, company=asked.company, file=file, actor=asked.visitor.login)
    rows = _rows(tried, file)
    bad = [one for one in rows if one.refusals]
    places = {one.stated.place for one in rows}
    return answer(
        asked.at(f"/{asked.company}/payments"),
        "payment_file.html",
        Listing(
            title="Settlements",
            empty="Nothing would be settled.",
            columns=_SETTLED,
            page=whole(tried.imported.settled, _SETTLED),
            place=lambda one: str(one.settlement_id),
            per_page=max(len(tried.imported.settled), 1),
        ),
        status=422 if tried.refusals else 200,
        upload_id=upload_id,
        file=file,
        rows=[*bad, *[one for one in rows if not one.refusals][:_SHOWN_MAX]],
        row_count=len(rows),
        general=[one for one in tried.refusals if one.record not in places],
        left_count=tried.left_count,
        is_good=not tried.refusals,
    )


_SETTLED: Final[tuple[Column[Settled], ...]] = (
    Column("Invoice", lambda one: one.debit_document),
    Column("Paid by", lambda one: one.credit_document),
    Column("Amount", lambda one: one.debit_amount, "money", currency=lambda one: one.currency),
)


def _rows(tried: PaymentsOfFile, file: FileOfPayments) -> list[_Row]:
    posted = {one.reference: one for one in tried.imported.payments}
    wrong: dict[str, list[Refusal]] = {}
    for one in tried.refusals:
        wrong.setdefault(one.record, []).append(one)
    return [
        _Row(
            stated,
            posted.get(stated.reference),
            tuple(wrong.get(stated.place, ())),
            file.customers.get(stated.reference, ""),
            stated.reference in file.left_out,
        )
        for stated in tried.stated
    ]


def _post(asked: Asked) -> Answer:
    """Post the payments of the file as it was previewed."""
    upload_id = key_of(asked.path["number"])
    file = _file(asked, upload_id, asked.typed("bank"))
    order = ImportPayments(
        upload_id, file.name, file.bank_account, dict(file.customers), file.left_out
    )
    return started(asked, order, company=asked.company)


def _settle(asked: Asked) -> Answer:
    """Settle an invoice with a payment or a credit note."""
    try:
        amount = _amount(asked)
        with asked.system.finance.transaction() as transaction:
            settle(
                transaction,
                company=asked.company,
                credit=asked.typed("credit"),
                debit=asked.typed("debit"),
                amount=amount,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/payments?done=settled")


def _amount(asked: Asked) -> Decimal | None:
    typed = asked.typed("amount")
    try:
        return asked.speech.read_number(typed) if typed else None
    except Unreadable as error:
        raise Refused(refuse(_NO_FIGURE, "settlement", field="amount", value=typed)) from error


def _undo(asked: Asked) -> Answer:
    """Undo a settlement, for a reason."""
    if not asked.typed("reason"):
        return _shown(asked, (refuse("ERR-U32", f"settlement/{asked.typed('number')}"),))
    try:
        with asked.system.finance.transaction() as transaction:
            undo_settlement(
                transaction,
                company=asked.company,
                settlement_id=key_of(asked.typed("number")),
                reason=asked.typed("reason"),
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/payments?done=undone")


PAGES: Final = (
    Page("/{company}/payments", _list, "read_finance"),
    Page("/{company}/payments", _give, "account", "POST", FILE_BYTES_MAX + FORM_BYTES),
    Page("/{company}/payments/settle", _settle, "account", "POST"),
    Page("/{company}/payments/undo", _undo, "account", "POST"),
    Page("/{company}/payments/{number}/check", _check, "account", "POST"),
    Page("/{company}/payments/{number}/post", _post, "account", "POST"),
)
