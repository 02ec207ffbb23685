# ruff: noqa: INP001 - a program of its own, not a package
"""Write the reference pages from the code: errors, maps, settings, commands.

``make docs`` writes them; ``--check`` writes nothing and names the pages that are stale.
A reference page is never edited by hand: what it says is in the catalogue, in the map files,
in the settings and in the help texts.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping
from inspect import getsource
from pathlib import Path
from typing import Final

from cyclopts import App

from twofold import settings
from twofold.cli.app import build
from twofold.dualwrite.table_maps.activate import read_maps
from twofold.dualwrite.table_maps.language import Column, TableMap
from twofold.kernel.catalogue import CATALOGUE

REFERENCE: Final = Path(__file__).parents[1] / "docs" / "reference"

FAMILIES: Final = {
    "A": "Setup",
    "B": "Backlog, proforma, entries as they are billed",
    "C": "Corrections",
    "D": "Dual-write",
    "E": "Entries and import files",
    "I": "Import from staging",
    "J": "Integration journals",
    "L": "The ledger: periods, payments, accrued revenue",
    "F": "Customer invoices",
    "W": "Jobs",
    "U": "People, roles, signing in",
    "S": "A finance setup in use",
}

_MADE: Final = "*Made by `make docs` from {source}; edit that.*"


def main() -> int:
    """Write every page, or with ``--check`` name those that differ from the code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; name stale pages")
    is_check = parser.parse_args().check
    stale = stale_pages()
    for path, text in stale.items():
        if not is_check:
            path.write_text(text, encoding="utf-8")
        words = "is stale: run `make docs`" if is_check else "written"
        sys.stdout.write(f"{path.relative_to(REFERENCE.parents[1])} {words}\n")
    return 1 if stale and is_check else 0


def pages() -> Mapping[Path, str]:
    """Give every reference page that is made from code, with the text it should have."""
    return {
        REFERENCE / "errors.md": errors_page(),
        REFERENCE / "maps.md": maps_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "commands.md": commands_page(),
    }


def stale_pages() -> Mapping[Path, str]:
    """Give the pages whose file is missing or says something else."""
    return {
        path: text
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def errors_page() -> str:
    """Write the error catalogue: every code with title, cause, remedy and who acts."""
    parts = [
        "# Errors",
        _made("`src/twofold/kernel/codes_*.py`"),
        (
            "A code never changes its meaning and is never used again. Every refusal names "
            "code, record, field, value, reason and remedy. Some codes belong to rules that are "
            "not built yet; they are reserved."
        ),
    ]
    assert {code[4] for code in CATALOGUE} <= FAMILIES.keys(), "every family has a heading"
    for letter, heading in FAMILIES.items():
        rows = [
            (entry.code, entry.title, entry.cause, entry.remedy, entry.owner)
            for code, entry in sorted(CATALOGUE.items())
            if code[4] == letter
        ]
        parts += [
            f"## {letter}: {heading}",
            _table(("Code", "Title", "Cause", "Remedy", "Who acts"), rows),
        ]
    return _page(parts)


def maps_page() -> str:
    """Write the shipped table maps: what moves where, and where each column comes from."""
    maps = [one.map for one in read_maps("twofold.maps")]
    overview = [
        (
            f"[{one.id}](#{one.id})",
            f"{one.source_book} → {one.target_book}",
            _code(one.source.table),
            _code(one.target.table),
            one.rows,
            ", ".join(one.travels_in),
        )
        for one in maps
    ]
    parts = [
        "# Table maps",
        _made("`src/twofold/maps/*.toml`"),
        (
            "In the order in which they are applied. *Facts* are read where they stand, *state* is "
            "captured when the set is sealed. `twofold map show NAME --sql` prints what a map "
            "compiles to."
        ),
        _table(("Map", "Direction", "From", "To", "Rows", "Travels in"), overview),
        *(part for one in maps for part in _map_parts(one)),
    ]
    return _page(parts)


def _map_parts(one: TableMap) -> Iterator[str]:
    yield f"## {one.id}"
    yield f"{' '.join(one.about.split())}"
    facts = [
        ("Counterpart", one.name),
        ("Version", one.version),
        ("Direction", f"{one.source_book} → {one.target_book}"),
        ("From", _code(one.source.table)),
        ("Only rows", _code(one.source.filter)),
        ("To", _code(one.target.table)),
        ("Key", _codes(one.target.key)),
        ("Must be free", _codes(one.target.free)),
        ("Rows", one.rows),
        ("Travels in", ", ".join(one.travels_in)),
        ("Applied after", ", ".join(one.follows)),
        ("Totals", _codes(one.totals.sum) if one.totals else ""),
    ]
    yield _table(("", ""), [fact for fact in facts if fact[1]])
    columns = [
        (_code(name), _origin(column), _code(column.lookup), _missing(column))
        for name, column in one.columns.items()
    ]
    yield _table(("Column", "Comes from", "Must exist in", "Else"), columns)


def _origin(column: Column) -> str:
    if column.from_set:
        return f"the set's {column.from_set.replace('_', ' ')}"
    if column.constant:
        return f"always {_code(column.constant)}"
    translated = "".join(f"; {code} → {meaning}" for code, meaning in column.values.items())
    return _code(column.source or column.expression) + translated


def _missing(column: Column) -> str:
    return column.missing if column.lookup else ""


def settings_page() -> str:
    """Write the environment variables: those that the settings document, from their docstrings."""
    rows = [(_code(name), words) for name, words in _documented_settings()]
    parts = [
        "# Settings",
        _made("`src/twofold/settings.py`"),
        (
            "Twofold is configured by environment variables only, and runs with none of them. An "
            "empty variable counts as absent."
        ),
        _table(("Variable", "What it says"), rows),
        (
            "`TWOFOLD_OPERATIONS_URL` and `TWOFOLD_FINANCE_URL` are set both or neither. Their "
            "login must be a member of Twofold's roles; `twofold doctor` says what is missing."
        ),
        (
            "Without `TWOFOLD_HOME` each installation has a home of its own: "
            "`~/.local/share/twofold/` (or `$XDG_DATA_HOME/twofold/`), as root "
            "`/var/lib/twofold/`, followed by a mark made from the place of the Python environment."
        ),
    ]
    return _page(parts)


def _documented_settings() -> Iterator[tuple[str, str]]:
    """Give each variable with the words that stand below its field."""
    (record,) = ast.parse(getsource(settings.Settings)).body
    assert isinstance(record, ast.ClassDef)
    for statement in record.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                found = re.match(r"``(\w+)``: (.*)", " ".join(text.split()))
                if found is not None:
                    words = found[2]
                    yield found[1], words[0].upper() + words[1:]
            case _:
                continue


def commands_page() -> str:
    """Write every command with the first line of its help and its options."""
    parts = [
        "# Commands",
        _made("the help texts in `src/twofold/cli/`"),
        (
            "Every command has `--help`, nearly all have `--json` for programs. Exit codes: "
            "0 done, 1 refused, 2 wrong use, 3 fault, 4 broken invariants, 130 interrupted."
        ),
        _table(
            ("Command", "What it does", "Options"),
            [
                (_code(" ".join(("twofold", *path))), _help_line(app), _codes(_options(app)))
                for path, app in _commands(build())
            ],
        ),
    ]
    return _page(parts)


def _commands(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Give every command that can be called, in the order of the help."""
    names = [name for name in app if not name.startswith("-")]
    if path and (app.default_command or not names):
        yield path, app
    for name in names:
        yield from _commands(app[name], (*path, name))


def _help_line(app: App) -> str:
    line = " ".join(str(app.help or "").partition("\n\n")[0].split())
    assert line, f"{app.name} explains itself"
    return line


def _options(app: App) -> list[str]:
    """Give arguments first, then options, each by the name a user types."""
    shown = [argument for argument in app.assemble_argument_collection() if argument.show]
    words: list[str] = []
    options: list[str] = []
    for argument in shown:
        if argument.field_info.is_positional:
            words.append(argument.name.lstrip("-").upper())
        else:
            options.append(argument.name)
    return [*words, *options]


def _made(source: str) -> str:
    return _MADE.format(source=source)


def _page(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _codes(texts: list[str] | tuple[str, ...]) -> str:
    return ", ".join(_code(text) for text in texts)


if __name__ == "__main__":
    sys.exit(main())
