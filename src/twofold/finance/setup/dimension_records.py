"""What a setup file says of financial dimensions, as records: field for key, as in ``records``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# Attribute to value, as ``{ Department = "D10", Site = "Berlin" }``.
Dimensions = Mapping[str, str]
DimensionPriority = Literal["project", "contract_line"]


@dataclass(frozen=True, slots=True)
class DimensionAttribute:
    """A financial dimension and the values it may have."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """The values of an attribute that an account structure takes, where not all are."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountStructure:
    """Which dimensions the accounts from ``account_from`` to ``account_to`` must and may carry."""

    structure: str
    account_from: str
    account_to: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    allowed: tuple[AllowedValues, ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultDimension:
    """The default dimensions of one record; one of the first six keys names it.

    A contract line is ``contract`` and ``line``, a funding source ``contract`` and ``payer``.
    """

    dimensions: Dimensions
    customer: str | None = None
    contract: str | None = None
    line: int | None = None
    payer: str | None = None
    project: str | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """Whose dimensions win: the project's or the contract line's."""

    priority: DimensionPriority
    profile: str | None = None
    contract_number: str | None = None
    project_number: str | None = None
