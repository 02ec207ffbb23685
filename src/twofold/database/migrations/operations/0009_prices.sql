-- What work and goods cost and sell for: the rows of a price list, and what they are priced by.

-- Units that time is priced by, each so many hours long (uom of the unit schedule of time); entries
-- are always in hours.
CREATE TABLE operations.time_unit (
    time_unit text PRIMARY KEY CHECK (time_unit <> ''),
    hours numeric(9, 4) NOT NULL CHECK (hours > 0),
    CONSTRAINT hour_is_one_hour CHECK (time_unit <> 'hour' OR hours = 1)
);

INSERT INTO operations.time_unit (time_unit, hours) VALUES ('hour', 1);

-- Goods that material entries name (product); shared by all companies.
CREATE TABLE operations.product (
    product_id bigint PRIMARY KEY,
    number text NOT NULL UNIQUE CHECK (number <> ''),
    name text NOT NULL CHECK (name <> '')
);

-- per_unit: price is an amount. at_cost: the cost price. markup: cost price × (1 + percent / 100).
CREATE TYPE operations.price_method AS ENUM ('per_unit', 'at_cost', 'markup');

-- Price of a role on a list (msdyn_resourcecategorypricelevel), in the list's currency for one
-- time unit; and its overrides. A column left NULL means everywhere, for everybody, or from the
-- start of the list. Of the rows that apply the most exact place counts (the resourcing unit,
-- then its company), then the scope (the contract, then its customer), then the latest start.
-- Resourcing company and unit may be another company's, so no key ties them to it.
CREATE TABLE operations.role_price (
    company text NOT NULL,
    price_list_id bigint NOT NULL,
    role_id bigint NOT NULL REFERENCES operations.role (role_id),
    resourcing_company text,
    resourcing_unit_id bigint,
    contract_id bigint,
    customer_id bigint,
    effective_from date,
    time_unit text NOT NULL DEFAULT 'hour' REFERENCES operations.time_unit (time_unit),
    method operations.price_method NOT NULL DEFAULT 'per_unit',
    price numeric(19, 4) CHECK (price >= 0),
    percent numeric(9, 4),
    CONSTRAINT role_is_priced_once UNIQUE NULLS NOT DISTINCT (
        company, price_list_id, role_id, resourcing_company, resourcing_unit_id, contract_id, customer_id,
        effective_from
    ),
    FOREIGN KEY (company, price_list_id) REFERENCES operations.price_list (company, price_list_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id),
    CONSTRAINT resourcing_unit_has_its_company CHECK (resourcing_unit_id IS NULL OR resourcing_company IS NOT NULL),
    CONSTRAINT price_has_one_scope CHECK (contract_id IS NULL OR customer_id IS NULL),
    CONSTRAINT method_has_its_figure CHECK (
        (method = 'per_unit') = (price IS NOT NULL) AND (method = 'markup') = (percent IS NOT NULL)
    )
);

-- Price of a category on a list (msdyn_transactioncategorypricelevel), for one unit; unit NULL is
-- every unit that has no price of its own. Units are not converted.
CREATE TABLE operations.category_price (
    company text NOT NULL,
    price_list_id bigint NOT NULL,
    category_id bigint NOT NULL REFERENCES operations.transaction_category (category_id),
    unit text CHECK (unit <> ''),
    method operations.price_method NOT NULL,
    price numeric(19, 4) CHECK (price >= 0),
    percent numeric(9, 4),
    CONSTRAINT category_is_priced_once UNIQUE NULLS NOT DISTINCT (company, price_list_id, category_id, unit),
    FOREIGN KEY (company, price_list_id) REFERENCES operations.price_list (company, price_list_id),
    CONSTRAINT method_has_its_figure CHECK (
        (method = 'per_unit') = (price IS NOT NULL) AND (method = 'markup') = (percent IS NOT NULL)
    )
);

-- Price of a product on a list (price list item), for one unit, as a category's.
CREATE TABLE operations.product_price (
    company text NOT NULL,
    price_list_id bigint NOT NULL,
    product_id bigint NOT NULL REFERENCES operations.product (product_id),
    unit text CHECK (unit <> ''),
    method operations.price_method NOT NULL,
    price numeric(19, 4) CHECK (price >= 0),
    percent numeric(9, 4),
    CONSTRAINT product_is_priced_once UNIQUE NULLS NOT DISTINCT (company, price_list_id, product_id, unit),
    FOREIGN KEY (company, price_list_id) REFERENCES operations.price_list (company, price_list_id),
    CONSTRAINT method_has_its_figure CHECK (
        (method = 'per_unit') = (price IS NOT NULL) AND (method = 'markup') = (percent IS NOT NULL)
    )
);

-- Everything a price list can answer, in one shape: time by the hour, the rest by the unit. Whoever
-- looks for a price takes, of the rows that apply, the first by precedence and effective_from, both
-- descending and NULLS LAST; no two rows that apply are equal in both.
CREATE VIEW operations.listed_price AS
SELECT
    role_price.company,
    role_price.price_list_id,
    'role' AS subject,
    role_price.role_id AS subject_id,
    role_price.resourcing_company,
    role_price.resourcing_unit_id,
    role_price.contract_id,
    role_price.customer_id,
    role_price.effective_from,
    NULL AS unit,
    role_price.method,
    round(role_price.price / time_unit.hours, 4) AS price,
    role_price.percent,
    3 * num_nonnulls(role_price.resourcing_company, role_price.resourcing_unit_id)
    + CASE
        WHEN role_price.contract_id IS NOT NULL THEN 2
        WHEN role_price.customer_id IS NOT NULL THEN 1
        ELSE 0
    END AS precedence
FROM operations.role_price
JOIN operations.time_unit ON time_unit.time_unit = role_price.time_unit
UNION ALL
SELECT
    company,
    price_list_id,
    'category',
    category_id,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    unit,
    method,
    price,
    percent,
    num_nonnulls(unit)
FROM operations.category_price
UNION ALL
SELECT
    company,
    price_list_id,
    'product',
    product_id,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    unit,
    method,
    price,
    percent,
    num_nonnulls(unit)
FROM operations.product_price;

GRANT SELECT ON operations.time_unit, operations.product, operations.role_price, operations.category_price,
operations.product_price, operations.listed_price
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (hours) ON operations.time_unit TO twofold_operations;
GRANT INSERT, UPDATE (name) ON operations.product TO twofold_operations;
GRANT INSERT, UPDATE (time_unit, method, price, percent) ON operations.role_price TO twofold_operations;
GRANT INSERT, UPDATE (method, price, percent) ON operations.category_price, operations.product_price
TO twofold_operations;
