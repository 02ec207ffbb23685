"""Every process that changes a book leaves a trace of who did it: it records a deed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Final, get_args

from tests.architecture.sources import SOURCE
from tests.architecture.test_documented import processes_of, works_in
from twofold.database.deeds import Act

RECORDS: Final = {"record_deed", "record_deeds"}
# What a process offers besides its act, and what changes nothing that a person did.
WITHOUT: Final = {
    # Reads only, and locks what it read.
    "finance/setup/compare.py:compare_setup",
    "operations/schedules/run.py:lock_due",
    # Steps of a run that was started by somebody: its own tables tell how far it is.
    "finance/journal/posting_run.py:take_journal",
    "finance/journal/posting_run.py:note_done",
    "finance/journal/posting_run.py:give_back",
    "operations/proforma/bulk_confirmation.py:begin",
    "operations/proforma/bulk_confirmation.py:record_failure",
}


@cache
def module(name: str) -> ast.Module:
    path = SOURCE / name
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions(name: str) -> dict[str, ast.FunctionDef]:
    return {one.name: one for one in module(name).body if isinstance(one, ast.FunctionDef)}


@cache
def imported(name: str) -> dict[str, tuple[str, str]]:
    """Give what a module takes from modules of a book: its name there, and their path."""
    return {
        alias.asname or alias.name: (
            "/".join(node.module.split(".")[1:]) + ".py",
            alias.name,
        )
        for node in module(name).body
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(("twofold.operations.", "twofold.finance."))
        for alias in node.names
        if (SOURCE / ("/".join(node.module.split(".")[1:]) + ".py")).exists()
    }


def called(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@cache
def leaves_a_trace(name: str, function: str) -> bool:
    """Tell whether a function records a deed, or calls one of its book that does."""
    known, taken = functions(name), imported(name)
    return any(
        one in RECORDS
        or (one in known and one != function and leaves_a_trace(name, one))
        or (one in taken and leaves_a_trace(*taken[one]))
        for one in (called(known[function]) if function in known else ())
    )


def acts() -> Iterator[tuple[str, str]]:
    """Name the public functions of processes that work in a transaction."""
    processes = (*processes_of("operations"), *processes_of("finance"))
    for path in processes:
        for name, node in functions(path).items():
            if works_in(node) == "Transaction":
                yield path, name


ACTS: Final = list(acts())


def test_every_process_that_changes_a_book_leaves_a_trace() -> None:
    silent = {f"{path}:{name}" for path, name in ACTS if not leaves_a_trace(path, name)}

    assert len(ACTS) > 60
    assert sorted(silent) == sorted(WITHOUT)


def test_every_act_is_one_that_somebody_can_do() -> None:
    texts = "".join(
        path.read_text(encoding="utf-8")
        for room in ("operations", "finance")
        for path in (SOURCE / room).rglob("*.py")
    )

    assert [one for one in get_args(Act) if f'"{one}"' not in texts] == []
