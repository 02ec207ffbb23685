"""What must hold of dimensions, account structures, default dimensions and their rules. Pure.

Also the rows of default dimensions: whose they are is said by the key that is stated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from twofold.finance.setup.dimension_records import (
    AccountStructure,
    DefaultDimension,
    DimensionAttribute,
)
from twofold.finance.setup.records import CompanySetup
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class DimensionValue:
    """A value that an attribute has."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class AccountRange:
    """The accounts of one structure."""

    structure: str
    account_from: str
    account_to: str


@dataclass(frozen=True, slots=True)
class KnownDimensions:
    """The values and account structures that a company has already."""

    values: tuple[DimensionValue, ...]
    ranges: tuple[AccountRange, ...]


Values = Mapping[str, set[str]]


def value_rows(attributes: Iterable[DimensionAttribute]) -> list[Mapping[str, object]]:
    """Give a row per attribute and value."""
    return [
        {"attribute": one.attribute, "value": value} for one in attributes for value in one.values
    ]


def structure_rows(structures: Iterable[AccountStructure]) -> list[Mapping[str, object]]:
    """Give a row per account structure; ``allowed`` is an object by attribute."""
    return [
        {**asdict(one), "allowed": {part.attribute: list(part.values) for part in one.allowed}}
        for one in structures
    ]


def default_rows(defaults: Iterable[DefaultDimension]) -> list[Mapping[str, object]]:
    """Give a row per record with defaults: whose it is, its number, its detail."""
    return [
        {"owner": owner, "number": number, "detail": detail, "dimensions": dict(one.dimensions)}
        for one in defaults
        for owner, number, detail in [_owner(one)]
    ]


def dimension_problems(setup: CompanySetup, known: KnownDimensions) -> Iterator[Refusal]:
    """Give what is unknown or contradicts itself, in the book and the file together."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for one in known.values:
        values[one.attribute].add(one.value)
    for attribute in setup.dimension_attributes:
        values[attribute.attribute].update(attribute.values)
    for structure in setup.account_structures:
        record = f"{setup.code}/account_structure/{structure.structure}"
        yield from _structure(record, structure, values)
    yield from _overlaps(setup, known)
    for number, default in enumerate(setup.default_dimensions, start=1):
        record = f"{setup.code}/default_dimensions {number}"
        yield from _owners(record, default)
        for name, value in default.dimensions.items():
            yield from _unknown(record, "dimensions", name, value, values)


def _owners(record: str, default: DefaultDimension) -> Iterator[Refusal]:
    named = [
        name
        for name in ("customer", "contract", "project", "resource")
        if getattr(default, name) is not None
    ]
    parts = [name for name in ("line", "payer") if getattr(default, name) is not None]
    if len(named) != 1 or len(parts) > 1 or (parts and named != ["contract"]):
        reason = (
            "Default dimensions belong to one customer, contract, project or resource; line "
            "or payer names a part of a contract."
        )
        shown = ", ".join((*named, *parts))
        yield refuse("ERR-A33", record, field="dimensions", value=shown, reason=reason)


def _structure(record: str, structure: AccountStructure, known: Values) -> Iterator[Refusal]:
    taken = (*structure.required, *structure.optional)
    if structure.account_from > structure.account_to:
        reason = "The range of accounts ends before it begins."
        yield refuse(
            "ERR-A33", record, field="account_to", value=structure.account_to, reason=reason
        )
    for attribute in sorted({one for one in taken if taken.count(one) > 1}):
        reason = "A structure names a dimension once, as required or as optional."
        yield refuse("ERR-A33", record, field="optional", value=attribute, reason=reason)
    yield from (_no_attribute(record, "required", one) for one in taken if one not in known)
    for part in structure.allowed:
        if part.attribute not in taken:
            reason = "The structure does not take this dimension."
            yield refuse("ERR-A33", record, field="allowed", value=part.attribute, reason=reason)
        for value in part.values:
            yield from _unknown(record, "allowed", part.attribute, value, known)


def _overlaps(setup: CompanySetup, known: KnownDimensions) -> Iterator[Refusal]:
    """Refuse ranges that meet: an account has one structure at most."""
    ranges = {one.structure: (one.account_from, one.account_to) for one in known.ranges}
    ranges |= {
        one.structure: (one.account_from, one.account_to) for one in setup.account_structures
    }
    before = ""
    for name, (first, last) in sorted(ranges.items(), key=lambda item: item[1]):
        if before and first <= ranges[before][1]:
            record = f"{setup.code}/account_structure/{name}"
            reason = f"Account {first} belongs to structure {before} already."
            yield refuse("ERR-A33", record, field="account_from", value=first, reason=reason)
        if not before or last > ranges[before][1]:
            before = name


def _unknown(
    record: str, field: str, attribute: str, value: str, known: Values
) -> Iterator[Refusal]:
    if attribute not in known:
        yield _no_attribute(record, field, attribute)
    elif value not in known[attribute]:
        reason = f"The dimension {attribute} has no such value."
        yield refuse("ERR-A31", record, field=field, value=f"{attribute} {value}", reason=reason)


def _no_attribute(record: str, field: str, attribute: str) -> Refusal:
    reason = "There is no dimension attribute with this name."
    return refuse("ERR-A31", record, field=field, value=attribute, reason=reason)


def _owner(default: DefaultDimension) -> tuple[str, str, str]:
    """Give kind, number and detail; a part of a contract comes before the contract itself."""
    contract = default.contract
    found = (
        ("contract_line", contract, default.line),
        ("funding_source", contract, default.payer),
    )
    part = next(
        ((kind, number, str(detail)) for kind, number, detail in found if detail is not None), None
    )
    whole = (
        ("contract", contract),
        ("project", default.project),
        ("customer", default.customer),
        ("resource", default.resource),
    )
    kind, number = next(((kind, name) for kind, name in whole if name), ("customer", ""))
    return (part[0], part[1] or "", part[2]) if part else (kind, number or "", "")
