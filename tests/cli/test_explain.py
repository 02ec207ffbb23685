"""Codes explained, however they are written."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from twofold.kernel.catalogue import CATALOGUE


@pytest.mark.parametrize("written", ["ERR-D05", "err-d05", "D05"])
def test_a_code_says_what_why_and_what_to_do(written: str) -> None:
    shown = Program({}).ok("explain", written).out
    entry = CATALOGUE["ERR-D05"]

    for words in (entry.code, entry.title, entry.owner, "Dependency", "twofold deliver"):
        assert words in shown
    assert Program({}).ok("explain", written, "--json").json["remedy"] == entry.remedy


def test_a_code_that_does_not_exist_is_wrong_use() -> None:
    assert Program({})("explain", "ERR-Z99").code == 2
