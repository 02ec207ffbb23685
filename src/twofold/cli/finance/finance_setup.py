"""The finance setup: what a file would change, applying it, ready-made ones, number sequences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from importlib import resources
from typing import Final, Literal

from cyclopts import App

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name
from twofold.cli.setup import SetupFile, finance
from twofold.database.merge import Difference
from twofold.finance.setup.apply import apply_setup
from twofold.finance.setup.categories import list_shared_categories
from twofold.finance.setup.compare import TableDifferences, compare_setup
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.sequences import list_gaps, list_sequences

app = App(name="setup", help="What accountants state of a company: plan, apply, samples, numbers.")

Country = Literal["us", "fr", "pt", "es"]

# Percent and rates of exchange are shown without the zeros that the column keeps.
_NUMBERS: Final = frozenset({"rate"})

app.command(finance, name="apply", help="Apply a setup file to the finance book.")


@app.command
def plan(file: SetupFile, /, *, actor: ActorName = None, as_json: AsJson = False) -> None:
    """Show what applying a file would do, field by field, and what the file does not name."""
    setup = read_setup(file.read_bytes(), file=file.name)
    with opened(alone="finance") as system, system.finance.trial() as transaction:
        compared = compare_setup(transaction, setup=setup)
        result = apply_setup(transaction, setup=setup, actor=actor_name(actor), at=system.now())
    printing.show(
        {"tables": compared, "warnings": result.warnings},
        printing.table(
            ("Company", "Table", "Added", "Changed", "Removed", "Only in the book"),
            [_counted(one) for one in compared],
            title="What applying the file would do",
        ),
        printing.table(
            ("Company", "Table", "Key", "Row", "Field", "In the book", "In the file"),
            list(_shown(compared)),
            title="Row by row",
        ),
        as_json=as_json,
    )
    printing.tell_refusals(result.warnings, title="Applied, postings would miss this")
    printing.say(f"Nothing was written; {result.written} rows would be.")


def _counted(one: TableDifferences) -> tuple[str, str, int, int, int, int]:
    rows = {(difference.verdict, difference.key) for difference in one.differences}
    found = Counter(verdict for verdict, _ in rows)
    counts = (found["added"], found["changed"], found["removed"], found["unnamed"])
    return (one.company, one.table, *counts)


def _shown(compared: Iterable[TableDifferences]) -> Iterable[tuple[str, ...]]:
    for table in compared:
        for one in table.differences:
            row = "only in the book" if one.verdict == "unnamed" else one.verdict
            values = (_plain(one, one.was), _plain(one, one.becomes))
            yield (table.company, table.table, one.key, row, one.field, *values)


def _plain(one: Difference, value: str) -> str:
    return f"{Decimal(value).normalize():f}" if value and one.field in _NUMBERS else value


@app.command
def sample(country: Country, /) -> None:
    """Print a ready-made setup: `sample fr > company.toml`; change it, plan it, apply it.

    Parameters
    ----------
    country
        us, fr (France), pt (Portugal, mainland) or es (Spain, mainland and Balearic Islands).

    """
    file = resources.files("twofold.finance.setup") / "samples" / f"{country}.toml"
    printing.print_parts(printing.output(), printing.verbatim(file.read_text(encoding="utf-8")))


@app.command
def categories(*, company: Company = None, as_json: AsJson = False) -> None:
    """List the shared categories of what came from operations, and which are set up."""
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one)
                for code in companies
                for one in list_shared_categories(reader, company=code)
            ]
    printing.show(
        [{"company": code, "category": one} for code, one in found],
        printing.table(
            ("Company", "Shared category", "Name", "Class", "Item tax group", "Set up"),
            [
                (code, one.number, one.name, one.class_, one.item_tax_group, one.is_set_up)
                for code, one in found
            ],
            title="Shared categories",
        ),
        as_json=as_json,
    )


@app.command
def sequences(*, company: Company = None, as_json: AsJson = False) -> None:
    """List number sequences, what is left of them, and numbers that no document carries."""
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one) for code in companies for one in list_sequences(reader, company=code)
            ]
            gaps = [(code, one) for code in companies for one in list_gaps(reader, company=code)]
    printing.show(
        {
            "sequences": [{"company": code, "sequence": one} for code, one in found],
            "gaps": [{"company": code, "gap": one} for code, one in gaps],
        },
        printing.table(
            ("Company", "Sequence", "Next", "Highest", "Left", "Continuous", "Blocked", "Given",
             "Missing"),
            [
                (
                    code, one.reference, one.next_number, one.highest_number, one.left_count,
                    one.is_continuous, one.is_blocked, one.given_count, one.missing_count,
                )
                for code, one in found
            ],
            title="Number sequences",
        ),
        printing.table(
            ("Company", "Sequence", "From", "To", "Missing", "Why"),
            [
                (
                    code, one.reference, one.first_number, one.last_number, one.missing_count,
                    one.reason,
                )
                for code, one in gaps
            ],
            title="Numbers that no document carries",
        ),
        as_json=as_json,
    )  # fmt: skip
