"""Revenue estimates of fixed prices, from the command line, on the books of the demo."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

NUMBER = "US-C-002/1"
IN_NOVEMBER = ("estimate", "create", "2026-11-05", "--company", "USPM", "--period", "EstMonth")


@pytest.fixture(scope="module")
def estimated(shared: Program, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Give the demo with its fixed price by percentage from now on, and its forecast loaded."""
    shared.ok("demo")
    folder = tmp_path_factory.mktemp("estimates")
    text = (ROOT / "examples" / "finance.toml").read_text(encoding="utf-8")
    setup = folder / "finance.toml"
    setup.write_text(
        text.replace(
            '{ billing_method = "fixed_price", profile = "FP_NoWIP" }',
            '{ billing_method = "fixed_price", profile = "FP_CompP" }',
            1,
        ),
        encoding="utf-8",
    )
    shared.ok("finance", "setup", "apply", str(setup))
    return shared


def load(folder: Path, project: str, amount: str) -> tuple[str, ...]:
    file = folder / "forecast.csv"
    file.write_text(
        f"project,class,category,quantity,amount\n{project},time,,100,{amount}\n", encoding="utf-8"
    )
    return ("estimate", "forecast", str(file), "--company", "USPM")


def test_a_fixed_price_is_estimated_posted_and_reversed(estimated: Program, tmp_path: Path) -> None:
    before = estimated.ok("estimate", "show", NUMBER, "--company", "USPM")
    declined = estimated.ok(*IN_NOVEMBER)
    loaded = estimated.ok(*load(tmp_path, NUMBER, "10000"), "--json").json
    created = estimated.ok(*IN_NOVEMBER, "--json").json["created"]
    posted = estimated.ok("estimate", "post", "--company", "USPM", "--json").json["posted"]
    listed = estimated.ok("estimate", "list", "--company", "USPM")
    eliminated = estimated.ok("estimate", "eliminate", "--company", "USPM", "--on", "2026-11-30")
    shown = estimated.ok("estimate", "show", NUMBER, "--company", "USPM")
    reversed_ = estimated.ok(
        "estimate", "reverse", NUMBER, "--reason", "Wrong forecast", "--on", "2026-11-30",
        "--company", "USPM",
    )  # fmt: skip
    again = estimated.ok("estimate", "show", NUMBER, "--company", "USPM", "--json").json

    assert "ERR-F83" in declined.err
    assert loaded["loaded"] == {"project_count": 1, "line_count": 1}
    assert [one["number"] for one in created] == [NUMBER]
    assert Decimal(created[0]["accrued_amount"]) > 0
    assert [one["voucher"] for one in posted] == ["EST-00000001"]
    assert "estimated" in listed.out
    assert "none" in eliminated.out
    assert f"Estimates of {NUMBER} in USPM: none" in before.out
    assert "EST-00000001" in shown.out
    assert "EST-00000002" in reversed_.out
    assert again["estimates"][0]["reversed_by_voucher"] == "EST-00000002"
    assert estimated("verify").code == 0


def test_what_is_not_known_is_refused(estimated: Program, tmp_path: Path) -> None:
    forecast = estimated(*load(tmp_path, "US-C-999/1", "1"))
    shown = estimated("estimate", "show", "US-C-999/1", "--company", "USPM")
    created = estimated(*IN_NOVEMBER[:-1], "EstWeek")

    assert (forecast.code, "ERR-F81" in forecast.err) == (1, True)
    assert (shown.code, "ERR-F81" in shown.err) == (1, True)
    assert (created.code, "ERR-F81" in created.err) == (1, True)
