-- Not-to-exceed limits: what may be billed at most, on four levels, and what has taken how much.

-- Every limit of a contract. What is blank is not asked: the limit of a line counts all its customers.
CREATE VIEW operations.not_to_exceed_limit AS
SELECT
    share.company,
    line.contract_id,
    share.contract_line_id,
    share.customer_id,
    'contract_line_customer'::operations.limit_level AS level,
    share.not_to_exceed AS amount
FROM operations.contract_line_customer AS share
JOIN operations.contract_line AS line
    ON line.company = share.company AND line.contract_line_id = share.contract_line_id
WHERE share.not_to_exceed IS NOT NULL
UNION ALL
SELECT
    company,
    contract_id,
    contract_line_id,
    NULL,
    'contract_line',
    not_to_exceed
FROM operations.contract_line
WHERE not_to_exceed IS NOT NULL
UNION ALL
SELECT
    company,
    contract_id,
    NULL,
    customer_id,
    'contract_customer',
    not_to_exceed
FROM operations.contract_customer
WHERE not_to_exceed IS NOT NULL
UNION ALL
SELECT
    company,
    contract_id,
    NULL,
    NULL,
    'contract',
    not_to_exceed
FROM operations.contract
WHERE not_to_exceed IS NOT NULL;

-- What counts against limits: chargeable work by time and material, committed in the backlog or
-- invoiced, net of corrections, by its extended amount: what the customer pays. One row per line and customer with any.
CREATE VIEW operations.not_to_exceed_use AS
SELECT
    company,
    contract_id,
    contract_line_id,
    customer_id,
    sum(committed_amount) AS committed_amount,
    sum(invoiced_amount) AS invoiced_amount
FROM (
    SELECT
        company,
        contract_id,
        contract_line_id,
        customer_id,
        amount - discount_amount + fee_amount AS committed_amount,
        0 AS invoiced_amount
    FROM operations.backlog_item
    WHERE not_to_exceed = 'committed'
    UNION ALL
    SELECT
        proforma.company,
        proforma.contract_id,
        line.contract_line_id,
        proforma.customer_id,
        0,
        line.chargeable_amount
    FROM operations.proforma
    JOIN operations.proforma_line AS line
        ON line.company = proforma.company AND line.proforma_id = proforma.proforma_id
    WHERE proforma.state IN ('confirmed', 'paid') AND line.billing_method = 'time_and_material'
) AS part
GROUP BY company, contract_id, contract_line_id, customer_id;

-- Takes an amount off what is left of up to four limits, or none of it off any: the running state
-- is what is left of each limit of a contract, from its second element on. The first is the place
-- in slots of the limit that did not suffice, 0 when all did. A slot that is NULL asks no limit. What
-- takes nothing always fits.
CREATE FUNCTION operations.take_of_limits(
    remaining numeric[], limits numeric[], amount numeric, slots integer[]
) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog
AS $$
DECLARE
    taken numeric[] := coalesce(remaining, limits);
BEGIN
    FOR level IN 1 .. 4 LOOP
        IF amount > 0 AND taken[slots[level]] < amount THEN
            taken[1] := level;
            RETURN taken;
        END IF;
    END LOOP;
    FOR level IN 1 .. 4 LOOP
        IF slots[level] IS NOT NULL THEN
            taken[slots[level]] := taken[slots[level]] - amount;
        END IF;
    END LOOP;
    taken[1] := 0;
    RETURN taken;
END
$$;

-- In a block, because the SQL formatter does not know aggregates.
DO $$
BEGIN
    CREATE AGGREGATE operations.take_of_limits(limits numeric[], amount numeric, slots integer[]) (
        SFUNC = operations.take_of_limits,
        STYPE = numeric[]
    );
END
$$;

REVOKE EXECUTE ON FUNCTION operations.take_of_limits(numeric[], numeric[], numeric, integer[]) FROM public;
REVOKE EXECUTE ON FUNCTION operations.take_of_limits(numeric[], numeric, integer[]) FROM public;
GRANT EXECUTE ON FUNCTION operations.take_of_limits(numeric[], numeric[], numeric, integer[])
TO twofold_operations;
GRANT EXECUTE ON FUNCTION operations.take_of_limits(numeric[], numeric, integer[]) TO twofold_operations;
GRANT SELECT ON operations.not_to_exceed_limit, operations.not_to_exceed_use
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT UPDATE (exceeds) ON operations.backlog_item TO twofold_operations;
