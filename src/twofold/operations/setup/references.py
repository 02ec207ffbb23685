"""Which records a setup file names, and where: those it does not bring along itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from twofold.operations.setup.records import OperationsSetup, RolePrice

SHARED = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One name of a record elsewhere. ``company`` is empty for what all companies share."""

    record: str
    field: str
    kind: str
    company: str
    value: str


def references_of(setup: OperationsSetup) -> Iterator[Reference]:
    """Give the references that the file does not answer itself."""
    brought = _brought(setup)
    for reference in _references(setup):
        if (reference.kind, reference.company, reference.value) not in brought:
            yield reference


def _brought(setup: OperationsSetup) -> set[tuple[str, str, str]]:
    """Name the records of the file itself."""
    return {
        *(("role", SHARED, role.name) for role in setup.roles),
        *(("category", SHARED, category.name) for category in setup.categories),
        *(("product", SHARED, product.number) for product in setup.products),
        *(("time unit", SHARED, time_unit.name) for time_unit in setup.time_units),
        *(("unit", unit.company, unit.name) for unit in setup.units),
        *(("customer", customer.company, customer.account) for customer in setup.customers),
        *(
            ("invoice frequency", frequency.company, frequency.name)
            for frequency in setup.invoice_frequencies
        ),
        *(("contract", contract.company, contract.number) for contract in setup.contracts),
        *(("project", project.company, project.number) for project in setup.projects),
        *(("task", task.company, f"{task.project}/{task.name}") for task in setup.tasks),
    }


def _references(setup: OperationsSetup) -> Iterator[Reference]:
    for unit in setup.units:
        record = f"company {unit.company}/unit {unit.name}"
        yield Reference(record, "currency", "currency", SHARED, unit.currency)
    for customer in setup.customers:
        record = f"company {customer.company}/customer {customer.account}"
        yield Reference(record, "currency", "currency", SHARED, customer.currency)
    for resource in setup.resources:
        record = f"company {resource.company}/resource {resource.name}"
        if resource.role:
            yield Reference(record, "role", "role", SHARED, resource.role)
        if resource.unit:
            yield Reference(record, "unit", "unit", resource.company, resource.unit)
        if resource.lent_by:
            yield Reference(record, "lent_by", "company", SHARED, resource.lent_by)
    yield from _of_contracts(setup)
    yield from _of_prices(setup)


def _of_contracts(setup: OperationsSetup) -> Iterator[Reference]:
    for contract in setup.contracts:
        company, record = contract.company, f"company {contract.company}/contract {contract.number}"
        yield Reference(record, "customer", "customer", company, contract.customer)
        yield Reference(record, "unit", "unit", company, contract.unit)
        yield Reference(record, "currency", "currency", SHARED, contract.currency)
    for line in setup.contract_lines:
        record = f"company {line.company}/contract {line.contract}/line {line.line_number}"
        if line.project:
            yield Reference(record, "project", "project", line.company, line.project)
        if line.invoice_frequency:
            frequency = line.invoice_frequency
            yield Reference(
                record, "invoice_frequency", "invoice frequency", line.company, frequency
            )
    yield from _of_line_parts(setup)
    for project in setup.projects:
        record = f"company {project.company}/project {project.number}"
        if project.customer:
            yield Reference(record, "customer", "customer", project.company, project.customer)
        if project.contract:
            yield Reference(record, "contract", "contract", project.company, project.contract)


def _of_line_parts(setup: OperationsSetup) -> Iterator[Reference]:
    for payer in setup.contract_customers:
        record = f"company {payer.company}/contract {payer.contract}"
        yield Reference(record, "customer", "customer", payer.company, payer.account)
    for share in setup.line_customers:
        record = f"company {share.company}/contract {share.contract}/line {share.line_number}"
        yield Reference(record, "customer", "customer", share.company, share.account)
    projects = {
        (line.company, line.contract, line.line_number): line.project
        for line in setup.contract_lines
    }
    for field, kind, parts in (
        ("tasks", "task", setup.line_tasks),
        ("roles", "role", setup.line_roles),
        ("categories", "category", setup.line_categories),
    ):
        for part in parts:
            record = f"company {part.company}/contract {part.contract}/line {part.line_number}"
            project = projects[part.company, part.contract, part.line_number]
            value = f"{project}/{part.name}" if kind == "task" else part.name
            company = part.company if kind == "task" else SHARED
            yield Reference(record, field, kind, company, value)


def _of_prices(setup: OperationsSetup) -> Iterator[Reference]:
    for price_list in setup.price_lists:
        record = f"company {price_list.company}/price list {price_list.name}"
        yield Reference(record, "currency", "currency", SHARED, price_list.currency)
        kind = "unit" if price_list.context == "cost" else "contract"
        for owner in price_list.owners:
            yield Reference(record, f"{kind}s", kind, price_list.company, owner)
    for price in setup.role_prices:
        record = f"company {price.company}/price list {price.price_list}"
        yield Reference(record, "role_prices", "role", SHARED, price.role)
        yield from _of_role_price(price)
    for item in setup.category_prices:
        record = f"company {item.company}/price list {item.price_list}/category {item.category}"
        yield Reference(record, "name", "category", SHARED, item.category)
    for item in setup.product_prices:
        record = f"company {item.company}/price list {item.price_list}/product {item.product}"
        yield Reference(record, "number", "product", SHARED, item.product)


def _of_role_price(price: RolePrice) -> Iterator[Reference]:
    record = f"company {price.company}/price list {price.price_list}/role {price.role}"
    yield Reference(record, "time_unit", "time unit", SHARED, price.time_unit)
    if price.resourcing_company:
        yield Reference(record, "resourcing_company", "company", SHARED, price.resourcing_company)
    if price.resourcing_unit:
        employer = price.resourcing_company or price.company
        yield Reference(record, "resourcing_unit", "unit", employer, price.resourcing_unit)
    if price.contract:
        yield Reference(record, "contract", "contract", price.company, price.contract)
    if price.customer:
        yield Reference(record, "customer", "customer", price.company, price.customer)
