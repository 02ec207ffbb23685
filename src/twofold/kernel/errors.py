"""The three ways things go wrong, never mixed.

*Refusal*  one row of a set is declined: data, collected, shown with its remedy.
*Refused*  the business says no to a whole request: an exception that holds every refusal.
*Fault*    the machinery failed: an exception that knows whether trying again can help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

# Who can act on an error: the roles named in the error catalogue.
PROJECT_MANAGER: Final = "project manager"
PROJECT_ACCOUNTANT: Final = "project accountant"
INTEGRATION_ADMIN: Final = "integration admin"
ADMINISTRATOR: Final = "administrator"
ENGINEER: Final = "engineer"
OWNERS: Final = (PROJECT_MANAGER, PROJECT_ACCOUNTANT, INTEGRATION_ADMIN, ADMINISTRATOR, ENGINEER)

# What sort of thing went wrong: decides whether trying again, waiting or a person helps.
ErrorClass = Literal[
    "Transient", "Dependency", "Data", "Business", "Mapping", "Schema", "Conflict", "Security",
    "Bug",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One entry of the error catalogue: what a code means, why it comes up, who does what."""

    code: str
    title: str
    cause: str
    remedy: str
    owner: str
    error_class: ErrorClass = "Business"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One declined row: which record, which field and value, why, and what to do about it."""

    code: str
    record: str
    field: str = ""
    value: str = ""
    reason: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Give the refusal as one readable line."""
        where = f" ({self.field} = {self.value!r})" if self.field else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.code} {self.record}: {self.reason}{where}{remedy}"


class Refused(Exception):
    """The business says no. Holds all reasons at once, so that one repair round is enough."""

    def __init__(self, *refusals: Refusal) -> None:
        assert refusals, "a request is refused for at least one reason"
        self.refusals = refusals
        super().__init__(*refusals)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the refusals, in their order."""
        return tuple(refusal.code for refusal in self.refusals)

    def __str__(self) -> str:
        """Give one line per refusal."""
        return "\n".join(str(refusal) for refusal in self.refusals)


class Fault(Exception):
    """The machinery failed. ``transient`` says whether the same work may succeed if repeated.

    ``state`` is the server's SQLSTATE; empty when there was no answer.
    """

    def __init__(self, message: str, *, transient: bool = False, state: str = "") -> None:
        self.transient = transient
        self.state = state
        super().__init__(message)
