"""Documentation says what is: fresh reference pages, a page per process, codes that exist."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import ROOT, SOURCE
from twofold.database.statement import read_sections
from twofold.kernel.catalogue import CATALOGUE

DOCS: Final = ROOT / "docs"
PAGES: Final = [path for path in sorted((DOCS / "processes").glob("*.md")) if path.stem != "README"]
TEXTS: Final = [
    path
    for path in sorted((*ROOT.glob("*.md"), *DOCS.rglob("*.md")))
    if path.name != "CHANGELOG.md"
]
# A book's process works in a transaction, a flow over both books in the system of them.
PROCESS_WORKS_IN: Final = {
    "operations": "Transaction",
    "finance": "Transaction",
    "journey": "System",
}
# What people do with the bridge itself: each of these modules has its page.
BRIDGE: Final = (
    "dualwrite/activity.py",
    "dualwrite/proof/adopt.py",
    "dualwrite/proof/chain_file.py",
    "dualwrite/run/alerts.py",
    "dualwrite/run/engine.py",
    "dualwrite/sets/deliver.py",
    "dualwrite/standing/initial_write.py",
    "dualwrite/standing/reconcile.py",
    "dualwrite/standing/repair.py",
    "dualwrite/sets/dismiss.py",
    "dualwrite/sets/explain.py",
    "dualwrite/sets/redrive.py",
    "dualwrite/table_maps/activate.py",
    "dualwrite/table_maps/difference.py",
    "dualwrite/table_maps/excluded.py",
    "dualwrite/table_maps/plan.py",
    "dualwrite/table_maps/rollback.py",
    "dualwrite/table_maps/states.py",
    # Long work of the pages, which calls the processes of both books.
    "jobs/ask.py",
)

REFERENCE: Final = runpy.run_path(str(ROOT / "tools" / "docs_reference.py"))


def processes_of(room: str) -> Iterator[str]:
    """Name the process modules of a room.

    A process has a public function that works in a transaction (or a system), and no module of
    its room imports it, because a process never calls another.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in room_modules(room)}
    imported = {
        node.module
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    for path, tree in trees.items():
        name = ".".join(("twofold", *path.relative_to(SOURCE).with_suffix("").parts))
        works = any(works_in(node) == PROCESS_WORKS_IN[room] for node in tree.body)
        if works and name not in imported:
            yield path.relative_to(SOURCE).as_posix()


def room_modules(room: str) -> list[Path]:
    return [path for path in sorted((SOURCE / room).rglob("*.py")) if path.stem != "__init__"]


def works_in(node: ast.stmt) -> str:
    """Give the type of the first argument of a public function; nothing for anything else."""
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or not node.args.args:
        return ""
    annotation = node.args.args[0].annotation
    return ast.unparse(annotation) if annotation else ""


PROCESSES: Final = {*BRIDGE, *(one for room in PROCESS_WORKS_IN for one in processes_of(room))}


def process_of(page: Path) -> str:
    """Name the module a page is about: it stands first in the line below the title."""
    found = re.search(r"^`([\w/]+\.py)` · ", page.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def functions_of(page: Path) -> list[str]:
    line = page.read_text(encoding="utf-8").splitlines()[2]
    return re.findall(r"`([a-z_]+)`", line.partition("·")[2])


def steps_of(page: Path) -> set[str]:
    """Name the statements that the steps of a page name, which stand before the dash."""
    steps = re.findall(r"^\d+\. (.*?) \u2013 ", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {name for step in steps for name in re.findall(r"`([a-z_]+)`", step)}


SECTIONS: Final = {
    name
    for path in SOURCE.rglob("*.sql")
    if not {"migrations", "invariants"} & set(path.parts)
    for name in read_sections(path.read_text(encoding="utf-8"))
}


def test_reference_pages_are_fresh() -> None:
    stale = [path.name for path in REFERENCE["stale_pages"]()]

    assert not stale, "run `make docs`"


def test_every_process_has_one_page() -> None:
    documented = [process_of(page) for page in PAGES]

    assert sorted(documented) == sorted(PROCESSES)


def test_the_list_of_processes_links_every_page() -> None:
    listed = (DOCS / "processes" / "README.md").read_text(encoding="utf-8")

    assert not [page.name for page in PAGES if f"]({page.name})" not in listed]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_functions_and_statements_that_exist(page: Path) -> None:
    defined = {
        node.name
        for node in ast.parse((SOURCE / process_of(page)).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }

    assert set(functions_of(page)) <= defined
    assert functions_of(page)
    assert steps_of(page) <= SECTIONS


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_code_in_the_documentation_exists(path: Path) -> None:
    named = set(re.findall(r"ERR-[A-Z]\d\d", path.read_text(encoding="utf-8")))

    assert not {code for code in named if code not in CATALOGUE}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", path.read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith(("http://", "https://"))]

    assert not [link for link in inside if not (path.parent / link).exists()]
