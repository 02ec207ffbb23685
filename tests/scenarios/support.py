"""A story over both books: what each person does, one step a line, with the real processes.

``Story`` applies the setup of both books, then offers the steps of the flow in the words of the
people who take them: record and approve work, bill and confirm it, import and post it. Each
step is one transaction, as an edge would open it, and gives what the process gave. Sets travel
when ``deliver`` says so; ``confirm`` is live and delivers its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal, LiteralString

from psycopg.rows import dict_row

from tests.scenarios.digest import digests
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.database.connection import Book
from twofold.database.invariants import check
from twofold.dualwrite.sets.deliver import Delivery
from twofold.finance.journal.post import PostedJournal, post_journal
from twofold.finance.journal.reads import list_journals
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.post import post_proposals
from twofold.finance.setup import apply as finance_apply
from twofold.finance.setup import file as finance_file
from twofold.finance.setup.records import CompanySetup, FinanceSetup
from twofold.finance.staging.import_from_staging import ImportRun, import_from_staging
from twofold.journey.confirm import Confirmation, confirm_live
from twofold.journey.system import System
from twofold.operations.backlog.mark import Marked, mark_ready
from twofold.operations.backlog.reads import find_keys
from twofold.operations.backlog.selection import Selection
from twofold.operations.entries.approve import ApprovalResult, approve_entries
from twofold.operations.entries.cancel_approval import CancelResult, cancel_approvals
from twofold.operations.entries.formats.records import Export, ExportRow
from twofold.operations.entries.import_entries import import_entries
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas
from twofold.operations.proforma.create import ProformaRun, create_proformas
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.setup import apply as operations_apply
from twofold.operations.setup import file as operations_file
from twofold.operations.setup.records import OperationsSetup

Row = dict[str, Any]
EntryClass = Literal["time", "expense", "material", "fee"]

CAST: Final = Path(__file__).parent.parent / "vectors"
COMPANY: Final = "USPM"


def operations_cast(path: Path = CAST / "operations.toml") -> OperationsSetup:
    """Read the operations setup that the worked cases share."""
    return operations_file.read_setup(path)


def finance_cast(path: Path = CAST / "finance.toml") -> FinanceSetup:
    """Read the finance setup that the worked cases share."""
    return finance_file.read_setup(path.read_bytes(), file=path.name)


def finance_changed(**changes: Any) -> FinanceSetup:  # noqa: ANN401 - fields of CompanySetup
    """Give the shared finance setup with something changed in its company."""
    return FinanceSetup((replace(finance_cast().company[0], **changes),))


@dataclass(frozen=True, slots=True)
class Work:
    """One row of an export: an hour, an expense, a part, a fee. Projects go by their names."""

    project: str
    quantity: Decimal | int = 1
    cls: EntryClass = "time"
    on: date = date(2026, 10, 5)
    person: str = "Bob Kozack"
    role: str = ""
    category: str = ""
    unit_price: Decimal | int | None = None
    currency: str = ""
    billable: bool | None = None
    description: str = ""

    def row(self, line: int) -> ExportRow:
        """Give the work as reading a file would; ``line`` also is its identity."""
        price = None if self.unit_price is None else Decimal(self.unit_price)
        return ExportRow(
            line=line,
            cls=self.cls,
            on=self.on,
            person=self.person,
            person_email="",
            client="",
            project=self.project,
            task="",
            role=self.role,
            category=self.category,
            quantity=Decimal(self.quantity),
            unit_price=price,
            currency=self.currency or ("" if price is None else "USD"),
            unit="hour" if self.cls == "time" else "each",
            description=self.description,
            external_description="",
            billable=self.billable,
            import_key=sha256(str(line).encode()).digest(),
        )


class Story:
    """Both books with their setup, and the people who work in them, in one company."""

    def __init__(
        self,
        books: Books,
        *,
        operations: OperationsSetup | None = None,
        finance: FinanceSetup | None = None,
        company: str = COMPANY,
    ) -> None:
        self.books: Final = books
        self.company: Final = company
        self.operations = operations or operations_cast()
        self.finance = finance or finance_cast()
        self.system: Final = System(
            operations=books.operations,
            finance=books.finance,
            dualwrite_operations=books.dualwrite_operations,
            dualwrite_finance=books.dualwrite_finance,
            auditor_operations=books.auditor_operations,
            auditor_finance=books.auditor_finance,
            access=books.access,
            jobs=books.jobs,
            maps=books.server.active_maps(),
            now=lambda: NOW,
        )
        self._lines: Final = count(1)
        self._set_up()

    def _set_up(self) -> None:
        self.set_up_finance(self.finance)
        self.deliver()
        self.set_up_operations(self.operations)
        self.deliver()

    def in_company(self, company: str) -> Story:
        """Give the same books as the people of another company see them."""
        other = object.__new__(Story)
        other.__dict__.update(self.__dict__)
        other.__dict__["company"] = company
        return other

    # ---- setup

    def set_up_finance(self, setup: FinanceSetup) -> None:
        """Apply a setup of the finance book; it is the story's from now on."""
        with self.books.finance.transaction() as transaction:
            finance_apply.apply_setup(transaction, setup=setup, actor="accountant", at=NOW)
        self.finance = setup

    def set_up_operations(self, setup: OperationsSetup) -> None:
        """Apply a setup of the operations book; it is the story's from now on."""
        with self.books.operations.transaction() as transaction:
            operations_apply.apply_setup(transaction, setup=setup, actor="manager", at=NOW)
        self.operations = setup

    def change_finance(self, **changes: Any) -> None:  # noqa: ANN401 - fields of CompanySetup
        """Change what the finance setup says of the company, and apply it."""
        companies = tuple(
            replace(one, **changes) if one.code == self.company else one
            for one in self.finance.company
        )
        self.set_up_finance(FinanceSetup(company=companies))

    def open_period(self, period_start: date) -> None:
        """Open a period that is closed: no setup file does that."""
        with self.books.owner_finance.raw() as connection:
            connection.execute(
                "UPDATE finance.fiscal_period SET state = 'open'"
                " WHERE company = %s AND period_start = %s",
                (self.company, period_start),
            )

    @property
    def company_setup(self) -> CompanySetup:
        """What the finance setup says of the company."""
        return next(one for one in self.finance.company if one.code == self.company)

    # ---- operations

    def record(self, *work: Work) -> tuple[int, ...]:
        """Import work as submitted entries; give their keys in the order of the work."""
        rows = tuple(one.row(next(self._lines)) for one in work)
        export = Export(
            format="twofold",
            file=f"work-{rows[0].line}.csv",
            rows=rows,
            refusals=(),
            date_format="",
            source=Path("work.csv"),
            digest=b"",
        )
        with self.books.operations.transaction() as transaction:
            import_entries(transaction, export=export, actor="bob", at=NOW)
        found = self.rows(
            self.books.auditor_operations,
            "SELECT entry_id FROM operations.imported_line"
            " WHERE import_key = ANY(%s) ORDER BY line",
            [row.import_key for row in rows],
        )
        return tuple(row["entry_id"] for row in found)

    def approve(self, *work: Work) -> tuple[int, ...]:
        """Import work and approve it as it is; give the entries."""
        entry_ids = self.record(*work)
        self.approve_entries(entry_ids)
        return entry_ids

    def approve_entries(self, entry_ids: Sequence[int]) -> ApprovalResult:
        """Approve submitted entries, none of which is refused."""
        with self.books.operations.transaction() as transaction:
            approved = approve_entries(
                transaction, company=self.company, entry_ids=entry_ids, actor="approver", at=NOW
            )
        assert not approved.refusals, approved.refusals
        return approved

    def cancel(self, entry_ids: Sequence[int]) -> CancelResult:
        """Cancel approvals."""
        with self.books.operations.transaction() as transaction:
            return cancel_approvals(
                transaction, company=self.company, entry_ids=entry_ids, actor="approver", at=NOW
            )

    def ready(self, **selection: Any) -> Marked:  # noqa: ANN401 - fields of Selection
        """Mark what may be invoiced as ready: everything, unless narrowed."""
        with self.books.operations.transaction() as transaction:
            return mark_ready(
                transaction,
                company=self.company,
                selection=Selection(**selection),
                actor="manager",
                at=NOW,
            )

    def contract_id(self, number: str) -> int:
        """Give the key of a contract."""
        with self.books.auditor_operations.reader() as reader:
            key = find_keys(reader, company=self.company, contract=number).contract_id
        assert key is not None, number
        return key

    def create(self, *contracts: str, cutoff: date = TODAY) -> ProformaRun:
        """Create drafts of what is ready, of these contracts or of all."""
        ids = tuple(self.contract_id(number) for number in contracts) or None
        with self.books.operations.transaction() as transaction:
            return create_proformas(
                transaction,
                company=self.company,
                contract_ids=ids,
                cutoff=cutoff,
                actor="manager",
                at=NOW,
            )

    def draft(self, *contracts: str) -> tuple[int, ...]:
        """Mark everything ready and create drafts; give them."""
        self.ready()
        return tuple(one.proforma_id for one in self.create(*contracts).proformas)

    def confirm(self, proforma_ids: Iterable[int], *, on: date = TODAY) -> Confirmation:
        """Confirm drafts live: finance is asked first and has them afterwards."""
        return confirm_live(
            self.system,
            company=self.company,
            proforma_ids=tuple(proforma_ids),
            actor="manager",
            on=on,
        )

    def confirm_queued(self, proforma_ids: Iterable[int]) -> tuple[Confirmed, ...]:
        """Confirm drafts without asking finance; the sets wait to be delivered."""
        with self.books.operations.transaction() as transaction:
            return confirm_proformas(
                transaction,
                company=self.company,
                proforma_ids=tuple(proforma_ids),
                actor="manager",
                at=NOW,
                on=TODAY,
            )

    def edit(self, proforma_id: int, *changes: DetailChange) -> None:
        """Edit details of a draft."""
        with self.books.operations.transaction() as transaction:
            edit_details(
                transaction,
                company=self.company,
                proforma_id=proforma_id,
                revision=None,
                changes=changes,
                actor="manager",
                at=NOW,
            )

    def revise(self, proforma_id: int, *changes: DetailChange) -> int:
        """Open a draft that credits a confirmed proforma, and edit it; give the draft."""
        with self.books.operations.transaction() as transaction:
            draft = revise_proforma(
                transaction,
                company=self.company,
                proforma_id=proforma_id,
                actual_ids=None,
                actor="manager",
                at=NOW,
            )
        if changes:
            self.edit(draft.proforma_id, *changes)
        return draft.proforma_id

    # ---- dual-write

    def deliver(self) -> None:
        """Deliver every set of both books; each arrives without a problem."""
        for delivery in self.deliver_what_can():
            assert not delivery.problems, [str(problem) for problem in delivery.problems]

    def deliver_what_can(self) -> tuple[Delivery, Delivery]:
        """Deliver what can be delivered: operations to finance, then back."""
        return self.books.deliver()

    # ---- finance

    def import_(self) -> ImportRun:
        """Import from staging what has arrived for the company."""
        with self.books.finance.transaction() as transaction:
            return import_from_staging(
                transaction, company=self.company, actor="accountant", at=NOW, on=TODAY
            )

    def draft_journals(self) -> tuple[int, ...]:
        """Give the draft journals, oldest first."""
        with self.books.auditor_finance.reader() as reader:
            found = list_journals(reader, company=self.company, state="draft", limit=1000)
        return tuple(sorted(one.journal_id for one in found))

    def post_journals(self) -> list[PostedJournal]:
        """Post every draft journal, each in a transaction of its own."""
        return [self.post_journal(journal_id) for journal_id in self.draft_journals()]

    def post_journal(self, journal_id: int) -> PostedJournal:
        """Post one journal."""
        with self.books.finance.transaction() as transaction:
            return post_journal(
                transaction,
                company=self.company,
                journal_id=journal_id,
                actor="accountant",
                at=NOW,
            )

    def post_proposals(
        self, proposal_ids: Iterable[int], *, invoice_date: date | None = None
    ) -> tuple[PostedInvoice, ...]:
        """Post proposals that are ready."""
        with self.books.finance.transaction() as transaction:
            return post_proposals(
                transaction,
                company=self.company,
                proposal_ids=tuple(proposal_ids),
                actor="accountant",
                at=NOW,
                invoice_date=invoice_date,
            )

    # ---- several steps at once

    def post_work(self) -> list[PostedJournal]:
        """Deliver what was approved or cancelled, import it, post it, report back."""
        self.deliver()
        self.import_()
        posted = self.post_journals()
        self.deliver()
        return posted

    def invoice(self, proforma_ids: Iterable[int]) -> tuple[PostedInvoice, ...]:
        """Confirm drafts, import their lines, post their invoices, report back."""
        self.confirm(proforma_ids)
        run = self.import_()
        posted = self.post_proposals(run.ready_proposal_ids)
        self.deliver()
        return posted

    def correct(
        self, proforma_id: int, *changes: DetailChange, on: date = TODAY
    ) -> tuple[PostedInvoice, ...]:
        """Revise a proforma, confirm, post what is open again, post the credit, report back."""
        draft = self.revise(proforma_id, *changes)
        self.confirm([draft], on=on)
        self.post_work()
        self.import_()
        posted = self.post_proposals([draft])
        self.deliver()
        return posted

    # ---- looking

    def rows(self, book: Book, query: LiteralString, *given: object) -> list[Row]:
        """Read rows of a book as dictionaries."""
        with book.raw() as connection:
            return connection.cursor(row_factory=dict_row).execute(query, given).fetchall()

    def in_operations(self, query: LiteralString, *given: object) -> list[Row]:
        """Read rows of the operations book."""
        return self.rows(self.books.auditor_operations, query, *given)

    def in_finance(self, query: LiteralString, *given: object) -> list[Row]:
        """Read rows of the finance book."""
        return self.rows(self.books.auditor_finance, query, *given)

    def ledger(self, *vouchers: str) -> dict[str, Decimal]:
        """Add up the ledger by posting type in the accounting currency: of vouchers, or all."""
        found = self.in_finance(
            "SELECT posting_type::text, sum(accounting_amount) AS amount FROM finance.ledger_entry"
            " WHERE company = %s AND (cardinality(%s::text[]) = 0 OR voucher = ANY(%s))"
            " GROUP BY posting_type HAVING sum(accounting_amount) <> 0",
            self.company,
            list(vouchers),
            list(vouchers),
        )
        return {row["posting_type"]: row["amount"] for row in found}

    def digest(self, *, only: str | None = None) -> dict[str, str]:
        """Give a digest of every table of both books: of all rows, or of one company's."""
        return {
            f"{book.name}:{table}": found
            for book in (self.books.owner_operations, self.books.owner_finance)
            for table, found in digests(book, only)
        }

    def holds(self) -> None:
        """Check every invariant of both books and every agreement between them."""
        with (
            self.books.owner_operations.reader() as operations,
            self.books.owner_finance.reader() as finance,
        ):
            broken = check(operations=operations, finance=finance)
        assert not broken, "\n".join(
            f"{one.invariant} ({one.row_count}): {one.sentence}\n  " + "\n  ".join(one.rows)
            for one in broken
        )
