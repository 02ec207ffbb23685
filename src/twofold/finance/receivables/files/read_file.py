"""A file of payments, whichever of its kinds it is: a bank statement in XML, or a table."""

from __future__ import annotations

from twofold.finance.receivables.files.camt053 import read_camt053
from twofold.finance.receivables.files.csv_file import read_csv
from twofold.finance.receivables.files.rows import PaymentFile


def read_file(content: bytes) -> PaymentFile:
    """Read camt.053 where the file begins as XML does, otherwise CSV."""
    is_xml = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
    return read_camt053(content) if is_xml else read_csv(content)
