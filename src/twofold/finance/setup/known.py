"""What the finance book knows of a company already, for judging a setup file together with it."""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.setup.records import FiscalPeriod
from twofold.finance.setup.rules import Known, Name

SQL: Final = SqlFile(__name__)
KNOWN_NAMES: Final = SQL.query("known_names", gives=Name)
KNOWN_PERIODS: Final = SQL.query("known_periods", gives=FiscalPeriod)


def read_known(reader: Reader, *, company: str) -> Known:
    """Read the names and periods a setup may refer to."""
    return Known(
        names=tuple(reader.all(KNOWN_NAMES, company=company)),
        periods=tuple(reader.all(KNOWN_PERIODS, company=company)),
    )
