-- Who funds the sales of a contract: rules by priority, each with shares in percent, and what a source gives at
-- most. Operations splits what is billed (spec S-8); this tells what finance agreed with the sources.

-- What a funding source, a contract with the customer who pays, gives at most, in the contract's currency; all
-- that is asked of it where the amount is NULL or there is no row.
CREATE TABLE finance.funding_limit (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    contract_number text NOT NULL CHECK (contract_number <> ''),
    payer text NOT NULL CHECK (payer <> ''),
    amount numeric(19, 4) CHECK (amount >= 0),
    PRIMARY KEY (company, contract_number, payer)
);

-- shares: an array of objects with payer and percent, which add up to 100; empty where the rule takes nothing.
CREATE TABLE finance.funding_rule (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    contract_number text NOT NULL CHECK (contract_number <> ''),
    priority integer NOT NULL CHECK (priority > 0),
    shares jsonb NOT NULL CHECK (jsonb_typeof(shares) = 'array'),
    PRIMARY KEY (company, contract_number, priority)
);

-- The share of one source in an amount that a rule takes. Shares add up to the amount to the cent, and none is above
-- its percentage rounded up.
CREATE FUNCTION finance.funded_amount(amount numeric, percent_before numeric, percent numeric, digits integer)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(amount * (percent_before + percent) / 100, digits) - round(amount * percent_before / 100, digits);

-- How the sales of a contract fill its sources: a rule takes what lies from amount_from up to amount_to of all sales
-- together, by its percentages, until one of its sources gives no more; then the next rule does. The last step has no
-- end where nothing limits it. percent_before: the shares of the rule that come before this one.
CREATE FUNCTION finance.funding_steps(of_company text, of_contract text, digits integer)
RETURNS TABLE (
    priority integer,
    payer text,
    percent numeric,
    percent_before numeric,
    amount_from numeric,
    amount_to numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog
AS $$
DECLARE
    rule record;
    room numeric;
    reached numeric := 0;
    remaining jsonb := (
        SELECT coalesce(jsonb_object_agg(source.payer, source.amount), '{}')
        FROM finance.funding_limit AS source
        WHERE
            source.company = of_company
            AND source.contract_number = of_contract
            AND source.amount IS NOT NULL
    );
BEGIN
    FOR rule IN
        SELECT
            stated.priority,
            stated.shares
        FROM finance.funding_rule AS stated
        WHERE
            stated.company = of_company
            AND stated.contract_number = of_contract
            AND stated.shares <> '[]'
        ORDER BY stated.priority
    LOOP
        SELECT trunc(min((remaining ->> share.payer)::numeric * 100 / share.percent), digits)
        INTO room
        FROM jsonb_to_recordset(rule.shares) AS share (payer text, percent numeric);
        FOR payer, percent, percent_before IN
            SELECT
                share.payer,
                share.percent,
                sum(share.percent) OVER (ORDER BY share.payer) - share.percent
            FROM jsonb_to_recordset(rule.shares) AS share (payer text, percent numeric)
            ORDER BY share.payer
        LOOP
            priority := rule.priority;
            amount_from := reached;
            amount_to := reached + room;
            IF room IS NULL OR room > 0 THEN
                RETURN NEXT;
            END IF;
            IF remaining ? payer THEN
                remaining := remaining || jsonb_build_object(
                    payer,
                    (remaining ->> payer)::numeric
                    - finance.funded_amount(room, percent_before, percent, digits)
                );
            END IF;
        END LOOP;
        EXIT WHEN room IS NULL;
        reached := reached + room;
    END LOOP;
END
$$;

-- What was sold on contracts and asks for funds: chargeable sales that were posted, and milestones, with discount and
-- fee. A sale that was billed and credited is open again by another one.
CREATE VIEW finance.contract_sale AS
SELECT
    sale.company,
    sale.contract_id,
    'sale' AS kind,
    sale.actual_id AS document_id,
    sale.transaction_date,
    sale.customer_id,
    sale.currency,
    sale.amount - sale.discount_amount + sale.fee_amount AS amount
FROM finance.staged_actual AS sale
JOIN finance.project_transaction AS posted
    ON posted.company = sale.company AND posted.actual_id = sale.actual_id
WHERE
    sale.transaction_type = 'unbilled_sales'
    AND sale.billing_type = 'chargeable'
    AND NOT EXISTS (
        SELECT FROM finance.proposal_line AS bill
        JOIN finance.proposal_line AS credit
            ON credit.company = bill.company AND credit.credited_id = bill.actual_id
        WHERE bill.company = sale.company AND bill.transaction_id = sale.actual_id
    )
UNION ALL
SELECT
    company,
    contract_id,
    'milestone',
    milestone_id,
    transaction_date,
    customer_id,
    currency,
    amount
FROM finance.on_account_transaction;

-- The sales of a contract by date, and what of each comes from which rule and source. What is taken back gives back
-- what was taken last. A sale that nobody funds has one row without a payer.
CREATE FUNCTION finance.funded_sales(of_company text, of_contract text)
RETURNS TABLE (
    kind text,
    document_id bigint,
    transaction_date date,
    amount numeric,
    priority integer,
    payer text,
    funded_amount numeric
)
LANGUAGE sql STABLE
AS $$
    WITH sold AS (
        SELECT
            sale.kind,
            sale.document_id,
            sale.transaction_date,
            sale.amount,
            currency.precision,
            sum(sale.amount) OVER (ORDER BY sale.transaction_date, sale.kind, sale.document_id) AS through_amount
        FROM finance.contract
        JOIN finance.currency ON currency.currency = contract.currency
        JOIN finance.contract_sale AS sale
            ON sale.company = contract.company AND sale.contract_id = contract.contract_id
        WHERE contract.company = of_company AND contract.number = of_contract
    ),

    step AS (
        SELECT step.*
        FROM finance.contract
        JOIN finance.currency ON currency.currency = contract.currency
        CROSS JOIN LATERAL finance.funding_steps(contract.company, contract.number, currency.precision) AS step
        WHERE contract.company = of_company AND contract.number = of_contract
    ),

    -- How far a step is filled before the sale and after it.
    filled AS (
        SELECT
            sold.kind,
            sold.document_id,
            step.priority,
            step.payer,
            finance.funded_amount(
                least(greatest(sold.through_amount, step.amount_from), step.amount_to) - step.amount_from,
                step.percent_before,
                step.percent,
                sold.precision
            )
            - finance.funded_amount(
                least(greatest(sold.through_amount - sold.amount, step.amount_from), step.amount_to)
                - step.amount_from,
                step.percent_before,
                step.percent,
                sold.precision
            ) AS funded_amount
        FROM sold
        CROSS JOIN step
    )

    SELECT
        sold.kind,
        sold.document_id,
        sold.transaction_date,
        sold.amount,
        filled.priority,
        filled.payer,
        coalesce(filled.funded_amount, 0)
    FROM sold
    LEFT JOIN filled
        ON
            filled.kind = sold.kind
            AND filled.document_id = sold.document_id
            AND filled.funded_amount <> 0
$$;

GRANT SELECT ON finance.funding_limit, finance.funding_rule, finance.contract_sale
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (amount) ON finance.funding_limit TO twofold_finance;
GRANT INSERT, UPDATE (shares) ON finance.funding_rule TO twofold_finance;
