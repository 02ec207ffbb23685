"""The first page: what waits today in each workplace a person has, and the way to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from twofold.access.people import list_people
from twofold.database.transaction import Reader
from twofold.dualwrite.run.alerts import alert_rules
from twofold.dualwrite.sets.reads import held_up
from twofold.dualwrite.table_maps.states import map_states
from twofold.finance.staging.reads import Inbox, read_inbox
from twofold.operations.waiting import Waiting, read_waiting
from twofold.web.answers import Answer, Shown
from twofold.web.asked import Asked, Page
from twofold.web.both_books import Found, reading_books
from twofold.web.navigation import Area, Entry, areas_of

# Beyond it a page says that there are more.
COUNT_MAX: Final = 1000
# Under each name of navigation.py: what is counted.
MANAGER: Final = (
    "Work to bill", "Milestones due", "Over a limit", "Drafts to confirm", "Not invoiced yet",
)  # fmt: skip
APPROVER: Final = ("To approve",)
ACCOUNTANT: Final = (
    "Arrived, not imported", "Held back", "Journals to post", "Journals in error",
    "Proposals that wait", "Proposals ready",
)  # fmt: skip
INTEGRATION: Final = ("On their way", "Held up", "Maps at rest", "Alerts that fire")
ADMINISTRATOR: Final = ("People without a role",)


@dataclass(frozen=True, slots=True)
class Count:
    """Something that waits: so many of it, the list of it, and whether it is stuck."""

    name: str
    number: int
    to: str
    is_stuck: bool = False


@dataclass(frozen=True, slots=True)
class Workplace:
    """A workplace with what waits in it; ``away`` are the books that did not answer."""

    name: str
    company: str
    counts: tuple[Count, ...]
    pages: tuple[Entry, ...]
    away: tuple[str, ...]


def _show(asked: Asked) -> Answer:
    """Say what waits for who is signed in, in the company they look at."""
    places = [_workplace(asked, one) for one in areas_of(asked)]
    return Shown(
        "home.html",
        {
            "places": places,
            "day": asked.now.date(),
            "count_max": COUNT_MAX,
            "is_idle": all(not count.number for one in places for count in one.counts),
        },
    )


def _workplace(asked: Asked, area: Area) -> Workplace:
    found = Found()
    count = _COUNTS.get(area.name)
    counts = count(asked, area.company, found) if count else ()
    return Workplace(area.name, area.company, counts, area.entries, tuple(found.away))


def _waiting(asked: Asked, company: str, found: Found) -> Waiting | None:
    def read(reader: Reader) -> Waiting:
        return read_waiting(reader, company=company, day=asked.now.date(), count_max=COUNT_MAX + 1)

    return next((one for _, one in found.of([asked.system.auditor_operations], read)), None)


def _manager(asked: Asked, company: str, found: Found) -> tuple[Count, ...]:
    it = _waiting(asked, company, found)
    if it is None:
        return ()
    work, late, limited, drafts, unposted = MANAGER
    at = f"/{company}"
    return (
        Count(work, it.work_count, f"{at}/backlog/time-and-material"),
        Count(late, it.late_count, f"{at}/backlog/milestones?up_to={asked.now.date()}"),
        Count(limited, it.limited_count, f"{at}/backlog/limits", is_stuck=True),
        Count(drafts, it.draft_count, f"{at}/proformas?state=draft"),
        Count(unposted, it.unposted_count, f"{at}/proformas?state=confirmed"),
    )


def _approver(asked: Asked, company: str, found: Found) -> tuple[Count, ...]:
    it = _waiting(asked, company, found)
    return (Count(APPROVER[0], it.submitted_count, f"/{company}/approvals"),) if it else ()


def _accountant(asked: Asked, company: str, found: Found) -> tuple[Count, ...]:
    def read(reader: Reader) -> Inbox:
        return read_inbox(reader, company=company)

    it = next((one for _, one in found.of([asked.system.auditor_finance], read)), None)
    if it is None:
        return ()
    arrived, held, drafts, errors, waiting, ready = ACCOUNTANT
    at = f"/{company}"
    return (
        Count(arrived, it.set_count, f"{at}/inbox"),
        Count(held, it.held_count, f"{at}/staging?place=held", is_stuck=True),
        Count(drafts, it.draft_journal_count, f"{at}/journals?state=draft"),
        Count(errors, it.error_journal_count, f"{at}/journals?state=error", is_stuck=True),
        Count(waiting, it.waiting_proposal_count, f"{at}/proposals?state=header_only"),
        Count(ready, it.ready_proposal_count, f"{at}/proposals?state=ready"),
    )


def _integration(asked: Asked, company: str, found: Found) -> tuple[Count, ...]:
    queue = found.of(reading_books(asked), lambda reader: held_up(reader, company=company or None))
    states = found.of([asked.system.auditor_operations], map_states)
    rules = found.of([asked.system.auditor_operations], alert_rules)
    held = [one for _, each in queue for one in each]
    resting = {one.map for _, each in states for one in each if one.state != "running"}
    firing = [one for _, each in rules for one in each if one.firing_since]
    way, stuck, rest, alerts = INTEGRATION
    return (
        Count(way, sum(one.set_count for one in held), "/integration/sets"),
        Count(
            stuck,
            sum(one.set_count for one in held if one.code),
            "/integration/maps",
            is_stuck=True,
        ),
        Count(rest, len(resting), "/integration/maps"),
        Count(alerts, len(firing), "/integration/alerts", is_stuck=True),
    )


def _administrator(asked: Asked, company: str, found: Found) -> tuple[Count, ...]:
    del company, found
    with asked.system.access.reader() as reader:
        people = list_people(reader)
    number = sum(one.is_active and not one.roles for one in people)
    return (Count(ADMINISTRATOR[0], number, "/people"),)


_COUNTS: Final[Mapping[str, Callable[[Asked, str, Found], tuple[Count, ...]]]] = {
    "Project manager": _manager,
    "Approver": _approver,
    "Accountant": _accountant,
    "Integration admin": _integration,
    "Administrator": _administrator,
}

PAGES: Final = (Page("/", _show, None),)
