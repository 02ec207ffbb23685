"""What imports cannot show: a statement of one book names nothing of the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import SOURCE

OTHER = {"operations": "finance", "finance": "operations"}
FOLDERS = (
    "operations",
    "finance",
    "database/migrations/operations",
    "database/migrations/finance",
    "database/invariants/operations",
    "database/invariants/finance",
)
FILES = [
    (path, Path(folder).name)
    for folder in FOLDERS
    for path in sorted((SOURCE / folder).rglob("*.sql"))
]
NEUTRAL = sorted((SOURCE / "dualwrite").rglob("*.sql"))


def named_schemas(path: Path) -> set[str]:
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    return set(re.findall(r"\b(operations|finance)\.", text))


@pytest.mark.parametrize(
    ("path", "book"), FILES, ids=[str(path.relative_to(SOURCE)) for path, _ in FILES]
)
def test_a_book_names_its_own_schema_only(path: Path, book: str) -> None:
    assert OTHER[book] not in named_schemas(path)


def test_dualwrite_knows_neither_book() -> None:
    assert not {str(path) for path in NEUTRAL if named_schemas(path)}
