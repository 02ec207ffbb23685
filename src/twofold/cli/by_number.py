"""Contracts and proformas by the numbers people give, with the company that has them."""

from __future__ import annotations

from twofold.cli.companies import chosen_companies, found_once
from twofold.journey.system import System
from twofold.operations.backlog.reads import find_keys
from twofold.operations.proforma.reads import ShownProforma, show_proforma


def found_contract(system: System, company: str | None, number: str) -> tuple[str, int]:
    """Give the company that has the contract, and the contract's key."""

    def key_in(code: str) -> int | None:
        with system.operations.reader() as reader:
            return find_keys(reader, company=code, contract=number).contract_id

    return found_once(system, company, f"contract {number}", key_in)


def chosen_contracts(
    system: System, company: str | None, number: str | None
) -> list[tuple[str, int | None]]:
    """Give each chosen company, with the key of the contract if one is named."""
    if number is None:
        return [(code, None) for code in chosen_companies(system, company)]
    return [found_contract(system, company, number)]


def found_proforma(system: System, company: str | None, number: str) -> tuple[str, ShownProforma]:
    """Give the company that has the proforma, and its header."""
    with system.operations.reader() as reader:
        return found_once(
            system, company, f"proforma {number}",
            lambda code: show_proforma(reader, company=code, number=number),
        )  # fmt: skip
