"""What the finance book knows of a company already, for judging a setup file together with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.setup.records import CompanySetup, FiscalPeriod
from twofold.finance.setup.rows import as_json, rows_of
from twofold.finance.setup.rules import Fixed, Known, Name


@dataclass(frozen=True, slots=True)
class _Company:
    company: str


SQL: Final = SqlFile(__name__)
KNOWN_NAMES: Final = SQL.query("known_names", gives=Name)
FIXED_BY_USE: Final = SQL.query("fixed_by_use", gives=Fixed)
KNOWN_PERIODS: Final = SQL.query("known_periods", gives=FiscalPeriod)
LEGAL_ENTITIES: Final = SQL.query("legal_entities", gives=_Company)


def legal_entities(reader: Reader) -> tuple[str, ...]:
    """Give the codes of all companies of the book, in their order."""
    return tuple(one.company for one in reader.all(LEGAL_ENTITIES))


def read_known(reader: Reader, *, setup: CompanySetup) -> Known:
    """Read the names and periods a setup may refer to, and what of it is fixed by use."""
    rows = rows_of(setup)
    company = setup.code
    return Known(
        names=tuple(reader.all(KNOWN_NAMES, company=company)),
        periods=tuple(reader.all(KNOWN_PERIODS, company=company)),
        fixed=tuple(
            reader.all(
                FIXED_BY_USE,
                company=company,
                accounts=as_json(rows["main_account"]),
                rates=as_json(rows["tax_rate"]),
                line_properties=as_json(rows["line_property"]),
                sequences=as_json(rows["number_sequence"]),
            )
        ),
    )
