"""The price lists of a setup file: one table of TOML each, with its prices below it.

::

    [[company.price_list]]           name, context, currency, effective_from, effective_to,
                                     units (cost) or contracts (sales),
                                     role_prices: a table of roles and their prices of an hour
    [[company.price_list.role]]      name, resourcing_company, resourcing_unit, contract or
                                     customer, effective_from, time_unit, method, price, percent
    [[company.price_list.category]]  name, unit, method, price, percent
    [[company.price_list.product]]   number, unit, method, price, percent

Before  the file is TOML.
After   the list is a record, each price is one, and what is wrong is among the file's problems.
Next    ``apply`` judges what is named elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from decimal import Decimal
from typing import Final, NamedTuple, get_args

from twofold.operations.setup.records import (
    CategoryPrice,
    OperationsSetup,
    PriceContext,
    PriceList,
    PriceMethod,
    ProductPrice,
    RolePrice,
)
from twofold.operations.setup.section import VALUE_INVALID, Section

PERCENT_LIMIT: Final = 10**5

_CONTEXTS: Final[tuple[PriceContext, ...]] = get_args(PriceContext)
_METHODS: Final[tuple[PriceMethod, ...]] = get_args(PriceMethod)


class PriceListRecords(NamedTuple):
    """A price list and everything on it."""

    price_list: PriceList
    role_prices: tuple[RolePrice, ...]
    category_prices: tuple[CategoryPrice, ...]
    product_prices: tuple[ProductPrice, ...]


class _Figure(NamedTuple):
    method: PriceMethod
    price: Decimal | None
    percent: Decimal | None


def read_price_list(section: Section, company: str) -> PriceListRecords:
    """Read one price list of a company."""
    context = section.choice("context", _CONTEXTS)
    price_list = PriceList(
        company=company,
        name=section.text("name"),
        context=context,
        currency=section.currency("currency"),
        effective_from=section.day("effective_from"),
        effective_to=section.day_or_none("effective_to"),
        owners=section.texts("units" if context == "cost" else "contracts"),
    )
    last = price_list.effective_to
    if last is not None and last < price_list.effective_from:
        section.refuse(VALUE_INVALID, "effective_to", value=str(last), reason="is before its start")
    hourly = [
        RolePrice(company, price_list.name, role, price)
        for role, price in section.prices("role_prices")
    ]
    exact = [_role_price(part, price_list) for part in section.sections("role", "role", "name")]
    categories = [
        _category_price(part, price_list)
        for part in section.sections("category", "category", "name")
    ]
    products = [
        _product_price(part, price_list)
        for part in section.sections("product", "product", "number")
    ]
    section.close()
    return PriceListRecords(price_list, (*hourly, *exact), tuple(categories), tuple(products))


def _role_price(section: Section, price_list: PriceList) -> RolePrice:
    method, price, percent = _figure(
        section, price_list, section.choice("method", _METHODS, "per_unit")
    )
    role_price = RolePrice(
        company=price_list.company,
        price_list=price_list.name,
        role=section.text("name"),
        price=price,
        method=method,
        percent=percent,
        time_unit=section.text_or_none("time_unit") or "hour",
        resourcing_company=section.text_or_none("resourcing_company"),
        resourcing_unit=section.text_or_none("resourcing_unit"),
        contract=section.text_or_none("contract"),
        customer=section.text_or_none("customer"),
        effective_from=section.day_or_none("effective_from"),
    )
    _check_scope(section, price_list, role_price)
    start, last = role_price.effective_from, price_list.effective_to
    if start and not price_list.effective_from <= start <= (last or start):
        reason = "is outside the time of the price list"
        section.refuse(VALUE_INVALID, "effective_from", value=str(start), reason=reason)
    section.close()
    return role_price


def _check_scope(section: Section, price_list: PriceList, role_price: RolePrice) -> None:
    """Refuse a scope that could never apply, or of which two could."""
    for field, value in (("contract", role_price.contract), ("customer", role_price.customer)):
        if value and price_list.context == "cost":
            reason = "narrows a cost price, which holds for all contracts"
            section.refuse(VALUE_INVALID, field, value=value, reason=reason)
    if role_price.contract and role_price.customer:
        reason = "is a second scope beside the contract"
        section.refuse(VALUE_INVALID, "customer", value=role_price.customer, reason=reason)
    if (
        role_price.contract
        and price_list.context == "sales"
        and role_price.contract not in price_list.owners
    ):
        reason = "is not a contract of this price list"
        section.refuse(VALUE_INVALID, "contract", value=role_price.contract, reason=reason)


def _category_price(section: Section, price_list: PriceList) -> CategoryPrice:
    method, price, percent = _figure(section, price_list, section.choice("method", _METHODS))
    category_price = CategoryPrice(
        company=price_list.company,
        price_list=price_list.name,
        category=section.text("name"),
        method=method,
        price=price,
        percent=percent,
        unit=section.text_or_none("unit"),
    )
    section.close()
    return category_price


def _product_price(section: Section, price_list: PriceList) -> ProductPrice:
    method, price, percent = _figure(section, price_list, section.choice("method", _METHODS))
    product_price = ProductPrice(
        company=price_list.company,
        price_list=price_list.name,
        product=section.text("number"),
        method=method,
        price=price,
        percent=percent,
        unit=section.text_or_none("unit"),
    )
    section.close()
    return product_price


def _figure(section: Section, price_list: PriceList, method: PriceMethod) -> _Figure:
    """Read what a method needs: an amount, nothing but the cost, or a percentage on it."""
    if method != "per_unit" and price_list.context == "cost":
        reason = "rests on the cost, which is what a cost list is to tell"
        section.refuse(VALUE_INVALID, "method", value=method, reason=reason)
    percent = section.amount("percent") if method == "markup" else None
    if percent is not None and percent >= PERCENT_LIMIT:
        reason = f"is not below {PERCENT_LIMIT:,}"
        section.refuse(VALUE_INVALID, "percent", value=str(percent), reason=reason)
    return _Figure(method, section.amount("price") if method == "per_unit" else None, percent)


def repeatable_prices(setup: OperationsSetup) -> Iterator[tuple[str, Hashable, str]]:
    """Give the kind of each price, what tells it from others of the kind, and how it is shown."""
    for role in setup.role_prices:
        place = (role.resourcing_company or (role.company if role.resourcing_unit else None),)
        narrowed = (*place, role.resourcing_unit, role.contract, role.customer, role.effective_from)
        yield "role price", (role.company, role.price_list, role.role, *narrowed), role.role
    for category in setup.category_prices:
        key = (category.company, category.price_list, category.category, category.unit)
        yield "category price", key, category.category
    for product in setup.product_prices:
        key = (product.company, product.price_list, product.product, product.unit)
        yield "product price", key, product.product
