"""Confirming proformas: all of those named or none, or each for itself, in bulk."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_proforma
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.operations.proforma_tables import confirmed_table
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name, day
from twofold.journey.confirm import (
    Confirmation,
    Unreachable,
    confirm_in_bulk,
    confirm_live,
)
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.proforma.reads import list_proformas

REFUSED: Final = 1

UNDER_WAY: Final = ("scheduled", "processing")
# Rows read at a time where all of them are wanted.
_PAGE: Final = 1000


@dataclass(slots=True)
class Confirming:
    """What a confirmation of many did: what was confirmed, and what was refused and why."""

    confirmations: list[tuple[str, Confirmation]] = field(
        default_factory=list[tuple[str, Confirmation]]
    )
    refusals: list[Refusal] = field(default_factory=list[Refusal])


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """How many proformas are confirmed, each for itself."""

    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Confirm every draft, in bulk.")
    ] = False
    in_bulk: Annotated[
        bool,
        Parameter(
            name="--bulk",
            negative=(),
            help="Confirm each for itself: one that fails is kept with the reasons, others go on.",
        ),
    ] = False
    left: Annotated[
        bool,
        Parameter(name="--resume", negative=(), help="Go on with a run that was broken off."),
    ] = False


def confirm(
    *numbers: Annotated[str, Parameter(help="Numbers of the proformas.")],
    company: Company = None,
    many: Many | None = None,
    on: Annotated[
        date | None,
        Parameter(help="Accounting date of proformas that have none; left out: today."),
    ] = None,
    when_unreachable: Annotated[
        Unreachable,
        Parameter(help="What to do when finance cannot be reached, or a map is paused or halted."),
    ] = "refuse",
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Confirm proformas: finance agrees first and has them at once, or nothing changes."""
    how = many or Many()
    if bool(numbers) + how.every + how.left != 1:
        raise Misused("name the proformas to confirm, or add --all or --resume")
    with opened(alone="operations") as system:
        if numbers:
            wanted = _named(system, company, numbers)
        else:
            wanted = drafts_of(system, company, bulk_states=UNDER_WAY if how.left else ())
        done = (confirm_drafts if how != Many() else _confirm_together)(
            system,
            wanted,
            actor=actor_name(actor),
            on=day(on),
            when_unreachable=when_unreachable,
        )
    document = {
        "confirmed": [
            {"company": code, "confirmation": _document(one)} for code, one in done.confirmations
        ],
        "refused": done.refusals,
    }
    printing.show(document, confirmed_table(done.confirmations), as_json=as_json)
    printing.tell_refusals(done.refusals, title="Not confirmed")
    _tell_undelivered(done)
    return REFUSED if done.refusals else 0


def drafts_of(
    system: System, company: str | None, *, bulk_states: tuple[str, ...] = ()
) -> dict[str, list[int]]:
    """Give the keys of all drafts of each chosen company, or of those a run has left."""
    found: dict[str, list[int]] = {}
    with system.operations.reader() as reader:
        for code in chosen_companies(system, company):
            keys: list[int] = []
            while page := list_proformas(
                reader,
                company=code,
                state=None if bulk_states else "draft",
                bulk_states=bulk_states,
                after_id=keys[-1] if keys else 0,
                limit=_PAGE,
            ):
                keys += [one.proforma_id for one in page]
            found[code] = keys
    return found


def confirm_drafts(
    system: System,
    wanted: dict[str, list[int]],
    *,
    actor: str,
    on: date,
    when_unreachable: Unreachable = "refuse",
) -> Confirming:
    """Confirm drafts in bulk, company by company: those at fault stay drafts, with the reasons."""
    done = Confirming()
    total = sum(len(keys) for keys in wanted.values())
    with printing.steps("Confirming", total=total) as advance:
        for code, keys in wanted.items():
            try:
                run = confirm_in_bulk(
                    system,
                    company=code,
                    proforma_ids=keys,
                    actor=actor,
                    on=on,
                    when_unreachable=when_unreachable,
                    advance=advance,
                )
            except Refused as refused:
                done.refusals += refused.refusals
            else:
                done.confirmations += [(code, one) for one in run.confirmations]
                done.refusals += run.refusals
    return done


def _confirm_together(
    system: System,
    wanted: dict[str, list[int]],
    *,
    actor: str,
    on: date,
    when_unreachable: Unreachable,
) -> Confirming:
    """Confirm all of these or, for whatever reason, none of a company."""
    done = Confirming()
    for code, keys in wanted.items():
        confirmation = confirm_live(
            system,
            company=code,
            proforma_ids=tuple(keys),
            actor=actor,
            on=on,
            when_unreachable=when_unreachable,
        )
        done.confirmations.append((code, confirmation))
    return done


def _named(system: System, company: str | None, numbers: tuple[str, ...]) -> dict[str, list[int]]:
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for number in numbers:
        code, header = found_proforma(system, company, number)
        keys[code].append(header.proforma_id)
    return keys


def _document(confirmation: Confirmation) -> dict[str, object]:
    delivery = confirmation.delivery
    return {
        "proformas": confirmation.proformas,
        "delivered_sets": None if delivery is None else delivery.applied,
        "problems": [] if delivery is None else [str(one) for one in delivery.problems],
    }


def _tell_undelivered(done: Confirming) -> None:
    """Say which confirmations finance does not have yet; they stand all the same."""
    if any(one.delivery is None for _, one in done.confirmations):
        printing.say("Finance did not answer: the sets are queued, `twofold deliver` brings them.")
    deliveries = [one.delivery for _, one in done.confirmations if one.delivery is not None]
    if any(not one.applied and not one.problems for one in deliveries):
        printing.say("Sets wait to be delivered: `twofold map states` says which maps rest.")
    for _, one in done.confirmations:
        for problem in one.delivery.problems if one.delivery is not None else ():
            printing.say(f"Set {problem.set_id} waits: {problem.code} {problem}")
