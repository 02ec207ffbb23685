"""Refusals read well, and a request carries all of them."""

from __future__ import annotations

import pytest

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused


def test_a_refusal_is_one_readable_line() -> None:
    refusal = Refusal(
        code="ERR-I04",
        record="proforma/PF-000001",
        field="currency",
        value="CHF",
        reason="no rate on 2026-10-31",
        remedy="Enter the rate.",
    )

    assert str(refusal) == (
        "ERR-I04 proforma/PF-000001: no rate on 2026-10-31 (currency = 'CHF') -> Enter the rate."
    )


def test_the_catalogue_fills_reason_and_remedy() -> None:
    refusal = refuse("ERR-B05", "contract/7")

    assert refusal.reason == "Nothing is billable"
    assert refusal.remedy.startswith("Mark items as ready")


def test_refused_holds_every_reason() -> None:
    refused = Refused(refuse("ERR-B05", "contract/7"), refuse("ERR-A03", "contract/7"))

    assert refused.codes == ("ERR-B05", "ERR-A03")
    assert len(str(refused).splitlines()) == 2


def test_a_code_outside_the_catalogue_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError, match="not in the error catalogue"):
        refuse("ERR-" + "Z99", "contract/7")


def test_a_fault_knows_whether_trying_again_can_help() -> None:
    assert Fault("connection lost", transient=True).transient
    assert not Fault("disk full").transient
