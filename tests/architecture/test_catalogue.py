"""Every code that source names is in the catalogue, and no entry leaves a reader without words."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import SOURCE
from twofold.kernel.catalogue import CATALOGUE
from twofold.kernel.errors import OWNERS, ErrorCode

CODE = re.compile(r"ERR-[A-Z]\d\d")


def test_every_code_in_source_has_an_entry() -> None:
    used = {
        code: path.relative_to(SOURCE)
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql"), *SOURCE.rglob("*.toml"))
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }

    assert not {code: str(path) for code, path in used.items() if code not in CATALOGUE}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_an_entry_says_what_why_and_what_to_do(entry: ErrorCode) -> None:
    assert CODE.fullmatch(entry.code)
    assert entry.title.strip()
    assert entry.cause.endswith(".")
    assert entry.remedy.endswith(".")
    assert entry.owner in OWNERS
