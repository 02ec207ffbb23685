"""The worked cases of vectors.yaml, one test each; those not built yet are known by name."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import pytest

from tests.support.books import Books
from tests.vectors.case import BUILT, Case, data_file

# Every module beside this one that runs cases; the others support them.
SUPPORT: Final = {"__init__", "case", "conftest", "report", "test_vectors"}
MODULES: Final = sorted({one.stem for one in Path(__file__).parent.glob("*.py")} - SUPPORT)
NOT_BUILT: Final = Path(__file__).parent / "not_built.txt"

for _module in MODULES:
    importlib.import_module(f"tests.vectors.{_module}")

VECTORS: Final = {one["id"]: one for one in data_file()["vectors"]}


@pytest.mark.parametrize("vector_id", sorted(BUILT))
def test_vector(vector_id: str, books: Books) -> None:
    vector = VECTORS[vector_id]
    case = Case(vector_id, vector["given"], vector["expect"], books)

    BUILT[vector_id].run(case)


def test_what_is_not_built_is_known() -> None:
    parts = {f"{name}:{part}" for name, built in BUILT.items() for part in built.not_built}
    missing = (VECTORS.keys() - BUILT.keys()) | parts

    # What is left out on purpose has its reason behind it.
    listed = [line.split()[0] for line in NOT_BUILT.read_text(encoding="utf-8").splitlines()]

    assert sorted(missing) == listed
