"""What the customer's document says, read from a posted invoice.

A sample of one that is not posted is read in the transaction that tried to post it (see
``journey.sample_document``): the same statements, the same figures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.documents.customer_document import (
    CustomerDocument,
    DocumentHeader,
    DocumentLine,
    DocumentSection,
    DocumentTax,
)

SQL: Final = SqlFile(__name__)
DOCUMENT_HEADER: Final = SQL.query("document_header", gives=DocumentHeader)
DOCUMENT_SECTIONS: Final = SQL.query("document_sections", gives=DocumentSection)
DOCUMENT_LINES: Final = SQL.query("document_lines", gives=DocumentLine)
DOCUMENT_TAXES: Final = SQL.query("document_taxes", gives=DocumentTax)


def read_document(
    reader: Reader, *, company: str, proposal_id: int, sample_number: str | None = None
) -> CustomerDocument | None:
    """Give the document of a posted proposal; None where it is not posted.

    ``sample_number`` makes it a sample that goes by this number.
    """
    asked = {"company": company, "proposal_id": proposal_id}
    header = reader.first(DOCUMENT_HEADER, **asked)
    if header is None:
        return None
    return CustomerDocument(
        header=header if sample_number is None else replace(header, number=sample_number),
        sections=tuple(reader.all(DOCUMENT_SECTIONS, **asked)),
        lines=tuple(reader.all(DOCUMENT_LINES, **asked)),
        taxes=tuple(reader.all(DOCUMENT_TAXES, **asked)),
        is_sample=sample_number is not None,
    )
