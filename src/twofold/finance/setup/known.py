"""What the finance book knows of a company already, for judging a setup file together with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.setup.records import FiscalPeriod
from twofold.finance.setup.rules import Known, Name


@dataclass(frozen=True, slots=True)
class _Company:
    company: str


SQL: Final = SqlFile(__name__)
KNOWN_NAMES: Final = SQL.query("known_names", gives=Name)
KNOWN_PERIODS: Final = SQL.query("known_periods", gives=FiscalPeriod)
LEGAL_ENTITIES: Final = SQL.query("legal_entities", gives=_Company)


def legal_entities(reader: Reader) -> tuple[str, ...]:
    """Give the codes of all companies of the book, in their order."""
    return tuple(one.company for one in reader.all(LEGAL_ENTITIES))


def read_known(reader: Reader, *, company: str) -> Known:
    """Read the names and periods a setup may refer to."""
    return Known(
        names=tuple(reader.all(KNOWN_NAMES, company=company)),
        periods=tuple(reader.all(KNOWN_PERIODS, company=company)),
    )
