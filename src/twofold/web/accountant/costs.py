"""General journals and vendor invoices: give a file, see what it would post, post it; the list.

Both are costs that finance posts on projects itself. A file is kept with its preview, so that what
is posted is what was looked at; nothing of it is posted unless all of it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from twofold.finance.costs.cost_file import NEEDED, OPTIONAL, OWN
from twofold.finance.costs.reads import CostsAsked, ShownCost, list_costs
from twofold.finance.costs.stated_cost import DocumentKind
from twofold.jobs.orders import PostCosts
from twofold.jobs.uploads import Upload, read_upload
from twofold.journey.cost_file import FileOfCosts, try_cost_file
from twofold.kernel.errors import Refusal, Refused
from twofold.web.accountant.documents import FROM_TO
from twofold.web.accountant.given_files import FILE_BYTES_MAX, FORM_BYTES, TABLE, keep_file
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, Slice, answer, day_of, key_of, whole

# Rows that a preview shows, of what would be posted or of what is wrong.
_SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class _Book:
    """One kind of document: where its pages are, and what they are called, in English."""

    document: DocumentKind
    place: str
    title: str

    def address(self, asked: Asked) -> str:
        """Give the address of its list."""
        return f"/{asked.company}/{self.place}"

    @property
    def columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the columns that a file must have, and those it may have."""
        return NEEDED[self.document], (*OWN[self.document], *OPTIONAL)


_BOOKS: Final = (
    _Book("general_journal", "general-journals", "General journals"),
    _Book("vendor_invoice", "vendor-invoices", "Vendor invoices"),
)


def _columns(company: str, *, is_posted: bool) -> tuple[Column[ShownCost], ...]:
    """Give the columns of posted lines; a voucher that is not posted has no page."""

    def to_voucher(one: ShownCost) -> str:
        return f"/{company}/vouchers/{one.voucher}" if is_posted else ""

    return (
        Column("Document", lambda one: one.document),
        Column("Voucher", lambda one: one.voucher, to=to_voucher),
        Column("Date", lambda one: one.accounting_date, "date"),
        Column("Project", lambda one: one.project_number),
        Column("Category", lambda one: one.category_number, note=lambda one: one.description),
        Column("Quantity", lambda one: one.quantity, "quantity"),
        Column("Cost", lambda one: one.cost_amount, "money", currency=lambda one: one.currency),
        Column("Tax", lambda one: one.recoverable_tax_amount or None, "money"),
        Column("Accounting amount", lambda one: one.accounting_amount, "money"),
        Column("Account", lambda one: one.cost_account, note=lambda x: f"→ {x.offset_account}"),
        Column("Line", lambda one: one.line_number, "quantity"),
    )


def _list(book: _Book, asked: Asked) -> Answer:
    """Show what was posted, the newest first, and the form for a file."""
    return _shown(book, asked)


def _shown(book: _Book, asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    def page(wanted: Slice) -> Sequence[ShownCost]:
        narrowed = CostsAsked(
            project=asked.text("project"),
            period_from=day_of(asked, "from"),
            period_to=day_of(asked, "to"),
            after=key_of(wanted.after) or None,
        )
        with asked.system.auditor_finance.reader() as reader:
            return list_costs(
                reader,
                company=asked.company,
                kind=book.document,
                limit=wanted.limit,
                asked=narrowed,
            )

    listing: Listing[ShownCost] = Listing(
        title=book.title,
        empty="Nothing was posted yet.",
        fields=(Field("project", "Project"), *FROM_TO),
        columns=_columns(asked.company, is_posted=True),
        page=page,
        place=lambda one: str(one.posted_cost_id),
    )
    return answer(
        asked.at(book.address(asked)) if refusals else asked,
        "costs.html",
        listing,
        status=422 if refusals else 200,
        **_form(book, asked),
        refusals=refusals[:_SHOWN_MAX],
        may_account=asked.visitor.may("account", asked.company),
    )


def _form(book: _Book, asked: Asked) -> dict[str, object]:
    """Give what the form for a file says."""
    return {
        "book": book,
        "here": book.address(asked),
        "file_kind": TABLE,
        "bytes_max": FILE_BYTES_MAX,
        "includes_tax": bool(asked.typed("prices_include_tax")),
        "is_lent": bool(asked.typed("is_intercompany")),
    }


def _give(book: _Book, asked: Asked) -> Answer:
    """Keep the file, and show what it would post, or everything that is wrong with it."""
    try:
        upload_id, upload = keep_file(asked, TABLE)
    except Refused as refused:
        return _shown(book, asked, refused.refusals)
    try:
        tried = try_cost_file(
            asked.system,
            company=asked.company,
            file=_file(book, asked, upload),
            actor=asked.visitor.login,
            lines_max=_SHOWN_MAX,
        )
    except Refused as refused:
        tried, refusals = None, refused.refusals
    else:
        refusals = ()
    lines = tried.lines if tried else ()
    columns = _columns(asked.company, is_posted=False)
    return answer(
        asked.at(book.address(asked)),
        "cost_file.html",
        Listing(
            title="Lines that would be posted",
            columns=columns,
            page=whole(lines, columns),
            place=lambda one: str(one.posted_cost_id),
            per_page=_SHOWN_MAX,
            total=tried.posted.line_count if tried else None,
        ),
        status=422 if refusals else 200,
        **_form(book, asked),
        file=upload.file,
        upload_id=upload_id,
        tried=tried,
        refusals=refusals[:_SHOWN_MAX],
        refusal_count=len(refusals),
    )


def _file(book: _Book, asked: Asked, upload: Upload) -> FileOfCosts:
    return FileOfCosts(
        upload.file,
        upload.content,
        book.document,
        prices_include_tax=bool(asked.typed("prices_include_tax")),
        is_intercompany=bool(asked.typed("is_intercompany")),
    )


def _post(book: _Book, asked: Asked) -> Answer:
    """Post the file as it was previewed."""
    upload_id = key_of(asked.path["number"])
    with asked.system.jobs.reader() as reader:
        upload = read_upload(reader, company=asked.company, upload_id=upload_id)
    file = _file(book, asked, upload)
    order = PostCosts(
        upload_id, upload.file, book.document, file.prices_include_tax, file.is_intercompany
    )
    return started(asked, order, company=asked.company)


PAGES: Final = tuple(
    page
    for book in _BOOKS
    for page in (
        Page(f"/{{company}}/{book.place}", partial(_list, book), "read_finance"),
        Page(
            f"/{{company}}/{book.place}",
            partial(_give, book),
            "account",
            "POST",
            FILE_BYTES_MAX + FORM_BYTES,
        ),
        Page(f"/{{company}}/{book.place}/{{number}}/post", partial(_post, book), "account", "POST"),
    )
)
