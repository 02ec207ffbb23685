-- name: lock_named_contracts
-- Two creations must not both take one item: they wait for each other at the contract's row,
-- taken in key order. The full lock also holds up new customers and lines of the contract, so
-- that keys counted once are enough.
SELECT
    contract_id,
    number
FROM operations.contract
WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[])
ORDER BY contract_id
FOR UPDATE;

-- name: lock_ready_contracts
-- As above, for every contract with something ready up to the cutoff.
SELECT
    contract.contract_id,
    contract.number
FROM operations.contract
WHERE
    contract.company = %(company)s::text
    AND contract.contract_id IN (
        SELECT item.contract_id FROM operations.backlog_item AS item
        WHERE
            item.company = %(company)s::text
            AND item.state = 'ready'
            AND item.transaction_date <= %(cutoff)s::date
        UNION
        SELECT milestone.contract_id FROM operations.milestone
        WHERE
            milestone.company = %(company)s::text
            AND milestone.state = 'ready'
            AND milestone.milestone_date <= %(cutoff)s::date
        UNION
        SELECT retainer.contract_id FROM operations.retainer_item AS retainer
        WHERE
            retainer.company = %(company)s::text
            AND retainer.state = 'ready'
            AND (retainer.retainer_use = 'refunded' OR retainer.invoice_date <= %(cutoff)s::date)
    )
ORDER BY contract.contract_id
FOR UPDATE OF contract;

-- name: count_keys
-- At most one draft per customer of each contract, each with all lines of the contract.
WITH per_contract AS (
    SELECT
        count(DISTINCT payer.contract_customer_id) AS drafts_max,
        count(DISTINCT agreed.contract_line_id) AS lines_max
    FROM operations.contract_customer AS payer
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_id = payer.contract_id
    WHERE payer.company = %(company)s::text AND payer.contract_id = any(%(contract_ids)s::bigint[])
    GROUP BY payer.contract_id
)

SELECT
    coalesce(sum(drafts_max), 0)::bigint AS drafts_max,
    coalesce(sum(drafts_max * lines_max), 0)::bigint AS lines_max
FROM per_contract;

-- name: create_claimed_item
-- The items that were claimed: each statement below goes on from them, and knows how many they are.
CREATE TEMPORARY TABLE claimed_item (
    proforma_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    billing_type operations.billing_type NOT NULL,
    transaction_date date NOT NULL,
    quantity numeric NOT NULL,
    amount numeric NOT NULL,
    discount_amount numeric NOT NULL,
    fee_amount numeric NOT NULL
) ON COMMIT DROP;

-- name: analyze_claimed_item
ANALYZE pg_temp.claimed_item (proforma_id, contract_id, contract_line_id, customer_id, actual_id, billing_type);

-- name: drop_claimed_item
DROP TABLE pg_temp.claimed_item;

-- name: claim_ready
-- Put ready items, milestones and retainers of the locked contracts on drafts, one draft per contract
-- and customer. What is to be refunded waits for no date, and a retainer for no project or line. What
-- changed in this transaction is unknown to the statistics, and planned as one row: materialised, it
-- is joined by whole keys, which is fast for one row and for a million. Where lines are given, each
-- has its own cutoff and the others bill nothing; otherwise the join finds nobody.
WITH ready AS MATERIALIZED (
    SELECT
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.actual_id,
        NULL::bigint AS milestone_id,
        NULL::bigint AS retainer_id
    FROM operations.backlog_item AS item
    LEFT JOIN unnest(%(line_ids)s::bigint[], %(line_cutoffs)s::date[]) AS due (contract_line_id, cutoff)
        ON due.contract_line_id = item.contract_line_id
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = any(%(contract_ids)s::bigint[])
        AND item.state = 'ready'
        AND item.transaction_date
        <= CASE WHEN %(line_ids)s::bigint[] IS NULL THEN %(cutoff)s::date ELSE due.cutoff END
        AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
    UNION ALL
    SELECT
        milestone.contract_id,
        milestone.customer_id,
        milestone.project_id,
        NULL,
        milestone.milestone_id,
        NULL
    FROM operations.milestone
    LEFT JOIN unnest(%(line_ids)s::bigint[], %(line_cutoffs)s::date[]) AS due (contract_line_id, cutoff)
        ON due.contract_line_id = milestone.contract_line_id
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = any(%(contract_ids)s::bigint[])
        AND milestone.state = 'ready'
        AND milestone.milestone_date
        <= CASE WHEN %(line_ids)s::bigint[] IS NULL THEN %(cutoff)s::date ELSE due.cutoff END
        AND (%(milestone_ids)s::bigint[] IS NULL OR milestone.milestone_id = any(%(milestone_ids)s::bigint[]))
    UNION ALL
    SELECT
        retainer.contract_id,
        retainer.customer_id,
        0 AS project_id,
        NULL,
        NULL,
        retainer.retainer_id
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = any(%(contract_ids)s::bigint[])
        AND retainer.state = 'ready'
        AND (retainer.retainer_use = 'refunded' OR retainer.invoice_date <= %(cutoff)s::date)
        AND %(actual_ids)s::bigint[] IS NULL
),

kind AS (
    SELECT DISTINCT
        contract_id,
        customer_id,
        project_id
    FROM ready
),

draft AS (
    -- Only an active contract bills, only for open projects, and only to its own customers. A retainer
    -- is of no project.
    SELECT
        kind.contract_id,
        kind.customer_id,
        kind.project_id,
        %(first_id)s::bigint
        + dense_rank() OVER (ORDER BY kind.contract_id, kind.customer_id) - 1 AS proforma_id
    FROM kind
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = kind.contract_id
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = kind.project_id
    JOIN operations.contract_customer AS payer
        ON
            payer.company = %(company)s::text
            AND payer.contract_id = kind.contract_id
            AND payer.customer_id = kind.customer_id
    WHERE contract.state = 'active' AND (project.state = 'in_process' OR kind.project_id = 0)
),

billable AS (
    -- Joined from outside and asked for in words of which the planner knows nothing, so that it expects
    -- what is ready, and not the one row that it takes for the part of a draft.
    SELECT
        ready.contract_id,
        ready.actual_id,
        ready.milestone_id,
        ready.retainer_id,
        draft.proforma_id
    FROM ready
    LEFT JOIN draft
        ON
            draft.contract_id = ready.contract_id
            AND draft.customer_id = ready.customer_id
            AND draft.project_id = ready.project_id
    WHERE coalesce(draft.proforma_id, 0) <> 0
),

claimed_item AS (
    UPDATE operations.backlog_item AS item
    SET state = 'on_proforma', proforma_id = billable.proforma_id
    FROM billable
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = billable.contract_id
        AND item.actual_id = billable.actual_id
        AND item.state = 'ready'
    RETURNING
        item.proforma_id,
        item.contract_id,
        item.contract_line_id,
        item.customer_id,
        item.project_id,
        item.actual_id,
        item.class,
        item.billing_type,
        item.transaction_date,
        item.quantity,
        item.amount,
        item.discount_amount,
        item.fee_amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        count(*) AS item_count,
        sum(operations.chargeable_amount(billing_type, amount, discount_amount, fee_amount)) AS amount
    FROM claimed_item
    GROUP BY contract_id, customer_id, project_id, transaction_date
),

kept_sum AS (
    INSERT INTO operations.backlog_sum (
        company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
    )
    SELECT
        %(company)s::text,
        part.contract_id,
        part.customer_id,
        part.project_id,
        part.transaction_date,
        moved.state,
        moved.sign * part.item_count,
        moved.sign * part.amount
    FROM part
    CROSS JOIN (VALUES ('ready'::operations.backlog_state, -1), ('on_proforma', 1)) AS moved (state, sign)
),

kept_item AS (
    INSERT INTO pg_temp.claimed_item (
        proforma_id, contract_id, contract_line_id, customer_id, actual_id, class, billing_type, transaction_date,
        quantity, amount, discount_amount, fee_amount
    )
    SELECT
        proforma_id,
        contract_id,
        contract_line_id,
        customer_id,
        actual_id,
        class,
        billing_type,
        transaction_date,
        quantity,
        amount,
        discount_amount,
        fee_amount
    FROM claimed_item
),

billable_milestone AS MATERIALIZED (
    SELECT
        milestone_id,
        proforma_id
    FROM billable
    WHERE milestone_id IS NOT NULL
),

claimed_milestone AS (
    UPDATE operations.milestone
    SET state = 'on_proforma', proforma_id = billable_milestone.proforma_id
    FROM billable_milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.milestone_id = billable_milestone.milestone_id
        AND milestone.state = 'ready'
    RETURNING milestone.proforma_id
),

claimed_retainer AS (
    UPDATE operations.retainer
    SET
        state = CASE retainer.state WHEN 'ready' THEN 'on_proforma' ELSE retainer.state END,
        refund_state = CASE retainer.refund_state WHEN 'ready' THEN 'on_proforma' ELSE retainer.refund_state END,
        proforma_id = billable.proforma_id
    FROM billable
    WHERE
        retainer.company = %(company)s::text
        AND retainer.retainer_id = billable.retainer_id
        AND (retainer.state = 'ready' OR retainer.refund_state = 'ready')
    RETURNING retainer.proforma_id
),

claimed AS (
    SELECT proforma_id FROM claimed_item
    UNION ALL
    SELECT proforma_id FROM claimed_milestone
    UNION ALL
    SELECT proforma_id FROM claimed_retainer
)

SELECT
    count(DISTINCT proforma_id) AS proforma_count,
    count(*) AS detail_count
FROM claimed;

-- name: open_lines
-- Every contract line of the contract gets a line, with or without an item on this draft.
-- Amounts of each kind are rows, added up once per line.
WITH claimed AS (
    SELECT
        item.proforma_id,
        item.contract_id,
        item.contract_line_id,
        item.billing_type,
        item.amount - item.discount_amount + item.fee_amount AS amount,
        0 AS tax_amount
    FROM pg_temp.claimed_item AS item
    UNION ALL
    SELECT
        milestone.proforma_id,
        milestone.contract_id,
        milestone.contract_line_id,
        'chargeable',
        milestone.amount,
        milestone.tax_amount
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = any(%(contract_ids)s::bigint[])
        AND milestone.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
),

draft AS (
    SELECT
        proforma_id,
        contract_id
    FROM claimed
    UNION
    SELECT
        retainer.proforma_id,
        retainer.contract_id
    FROM operations.retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = any(%(contract_ids)s::bigint[])
        AND retainer.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
),

part AS (
    SELECT
        proforma_id,
        contract_line_id,
        billing_type::text AS kind,
        amount,
        tax_amount
    FROM claimed
    UNION ALL
    SELECT
        draft.proforma_id,
        agreed.contract_line_id,
        'invoiced',
        0,
        0
    FROM draft
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_id = draft.contract_id
    UNION ALL
    -- What confirmed proformas of the contract have billed so far.
    SELECT
        draft.proforma_id,
        earlier_line.contract_line_id,
        'invoiced',
        earlier_line.chargeable_amount,
        0
    FROM draft
    JOIN operations.proforma AS earlier
        ON earlier.company = %(company)s::text AND earlier.contract_id = draft.contract_id
    JOIN operations.proforma_line AS earlier_line
        ON earlier_line.company = %(company)s::text AND earlier_line.proforma_id = earlier.proforma_id
    WHERE earlier.state IN ('confirmed', 'paid')
),

line AS (
    SELECT
        proforma_id,
        contract_line_id,
        coalesce(sum(amount) FILTER (WHERE kind = 'invoiced'), 0) AS invoiced_till_date_amount,
        coalesce(sum(amount) FILTER (WHERE kind = 'chargeable'), 0) AS chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE kind = 'non_chargeable'), 0) AS non_chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE kind = 'complimentary'), 0) AS complimentary_amount,
        sum(tax_amount) AS tax_amount
    FROM part
    GROUP BY proforma_id, contract_line_id
)

INSERT INTO operations.proforma_line (
    company, proforma_line_id, proforma_id, contract_line_id, name, billing_method, project_id,
    invoiced_till_date_amount, chargeable_amount, non_chargeable_amount, complimentary_amount, tax_amount
)
SELECT
    %(company)s::text,
    %(first_line_id)s::bigint + row_number() OVER (ORDER BY line.proforma_id, agreed.line_number) - 1,
    line.proforma_id,
    line.contract_line_id,
    agreed.name,
    agreed.billing_method,
    agreed.project_id,
    line.invoiced_till_date_amount,
    line.chargeable_amount,
    line.non_chargeable_amount,
    line.complimentary_amount,
    line.tax_amount
FROM line
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = line.contract_line_id;

-- name: open_details
-- One detail per item claimed, numbered by date. A milestone is one piece at its amount, and so is a
-- retainer, which is on no line.
WITH claimed AS (
    SELECT
        item.proforma_id,
        item.contract_line_id,
        item.actual_id,
        NULL::bigint AS milestone_id,
        NULL::bigint AS retainer_id,
        NULL::operations.retainer_use AS retainer_use,
        item.class,
        item.billing_type,
        item.transaction_date,
        item.quantity,
        sale.price,
        item.amount,
        sale.discount_percent,
        sale.fee_percent,
        item.discount_amount,
        item.fee_amount,
        0 AS tax_amount,
        sale.unit,
        sale.description
    FROM pg_temp.claimed_item AS item
    JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = item.actual_id
    UNION ALL
    SELECT
        milestone.proforma_id,
        milestone.contract_line_id,
        NULL,
        milestone.milestone_id,
        NULL,
        NULL,
        'milestone',
        'chargeable',
        milestone.milestone_date,
        1,
        milestone.amount AS price,
        milestone.amount,
        0,
        0,
        0,
        0,
        milestone.tax_amount,
        'each',
        milestone.name
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = any(%(contract_ids)s::bigint[])
        AND milestone.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
    UNION ALL
    SELECT
        retainer.proforma_id,
        NULL,
        NULL,
        NULL,
        retainer.retainer_id,
        retainer.retainer_use,
        'retainer',
        'chargeable',
        CASE retainer.retainer_use WHEN 'refunded' THEN %(cutoff)s::date ELSE retainer.invoice_date END,
        1,
        retainer.amount AS price,
        retainer.amount,
        0,
        0,
        0,
        0,
        0,
        'each',
        retainer.description
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = any(%(contract_ids)s::bigint[])
        AND retainer.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
)

INSERT INTO operations.proforma_detail (
    company, proforma_id, proforma_detail_id, proforma_line_id, contract_line_id, actual_id, milestone_id,
    retainer_id,
    retainer_use,
    class,
    billing_type,
    transaction_date,
    quantity,
    price,
    amount,
    discount_percent,
    fee_percent,
    discount_amount,
    fee_amount,
    tax_amount,
    unit,
    description
)
SELECT
    %(company)s::text,
    claimed.proforma_id,
    %(first_detail_id)s::bigint + row_number() OVER (
        ORDER BY
            claimed.proforma_id, claimed.transaction_date, claimed.actual_id, claimed.milestone_id, claimed.retainer_id
    ) - 1,
    line.proforma_line_id,
    claimed.contract_line_id,
    claimed.actual_id,
    claimed.milestone_id,
    claimed.retainer_id,
    claimed.retainer_use,
    claimed.class,
    claimed.billing_type,
    claimed.transaction_date,
    claimed.quantity,
    claimed.price,
    claimed.amount,
    claimed.discount_percent,
    claimed.fee_percent,
    claimed.discount_amount,
    claimed.fee_amount,
    claimed.tax_amount,
    claimed.unit,
    claimed.description
FROM claimed
LEFT JOIN operations.proforma_line AS line
    ON
        line.company = %(company)s::text
        AND line.proforma_id = claimed.proforma_id
        AND line.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
        AND line.contract_line_id = claimed.contract_line_id;

-- name: open_headers
-- Headers come last, because their numbers do: the row of proforma_number stays locked until
-- commit, so that numbers have no gap, and should be for as short a time as can be.
WITH claimed AS MATERIALIZED (
    SELECT
        item.proforma_id,
        item.contract_id,
        item.customer_id,
        0 AS retainer_amount
    FROM pg_temp.claimed_item AS item
    UNION ALL
    SELECT
        milestone.proforma_id,
        milestone.contract_id,
        milestone.customer_id,
        0
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = any(%(contract_ids)s::bigint[])
        AND milestone.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
    UNION ALL
    SELECT
        retainer.proforma_id,
        retainer.contract_id,
        retainer.customer_id,
        retainer.amount AS retainer_amount
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = any(%(contract_ids)s::bigint[])
        AND retainer.proforma_id BETWEEN %(first_id)s::bigint AND %(last_id)s::bigint
),

draft AS (
    SELECT
        proforma_id,
        contract_id,
        customer_id,
        count(*) AS detail_count,
        sum(retainer_amount) AS retainer_amount,
        row_number() OVER (ORDER BY proforma_id) AS place
    FROM claimed
    GROUP BY proforma_id, contract_id, customer_id
),

drawn AS (
    INSERT INTO operations.proforma_number AS counter (company, last_number)
    VALUES (%(company)s::text, %(how_many)s::bigint)
    ON CONFLICT (company) DO UPDATE SET last_number = counter.last_number + excluded.last_number
    RETURNING counter.last_number
),

numbered AS (
    SELECT
        draft.*,
        (drawn.last_number - %(how_many)s::bigint + draft.place)::text AS digits
    FROM draft
    CROSS JOIN drawn
),

opened AS (
    INSERT INTO operations.proforma (
        company, proforma_id, number, name, contract_id, customer_id, currency, payment_terms, bill_to_name,
        state, detail_amount, tax_amount, total_amount, detail_count, created_by, created_at
    )
    SELECT
        %(company)s::text,
        numbered.proforma_id,
        %(company)s::text || '-PF-' || lpad(numbered.digits, greatest(6, length(numbered.digits)), '0'),
        contract.name,
        numbered.contract_id,
        numbered.customer_id,
        contract.currency,
        coalesce(payer.payment_terms, contract.payment_terms, customer.payment_terms),
        coalesce(payer.bill_to_name, customer.name),
        'draft',
        total.detail_amount + numbered.retainer_amount,
        total.tax_amount,
        total.detail_amount + numbered.retainer_amount + total.tax_amount,
        numbered.detail_count,
        %(actor)s::text,
        %(at)s::timestamptz
    FROM numbered
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = numbered.contract_id
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = numbered.customer_id
    JOIN operations.contract_customer AS payer
        ON
            payer.company = %(company)s::text
            AND payer.contract_id = numbered.contract_id
            AND payer.customer_id = numbered.customer_id
    CROSS JOIN
        LATERAL (
            SELECT
                sum(line.chargeable_amount) AS detail_amount,
                sum(line.tax_amount) AS tax_amount
            FROM operations.proforma_line AS line
            WHERE line.company = %(company)s::text AND line.proforma_id = numbered.proforma_id
        ) AS total
    RETURNING *
)

SELECT
    opened.proforma_id,
    opened.number,
    opened.contract_id,
    contract.number AS contract_number,
    customer.account AS customer_account,
    opened.currency,
    opened.detail_count,
    opened.detail_amount,
    opened.tax_amount,
    opened.total_amount
FROM opened
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = opened.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = opened.customer_id
ORDER BY opened.proforma_id;

-- name: held_back
-- What is still ready up to the cutoff after the claim, and the first reason why.
WITH ready AS (
    SELECT
        item.contract_id,
        item.customer_id,
        item.project_id
    FROM operations.backlog_item AS item
    LEFT JOIN unnest(%(line_ids)s::bigint[], %(line_cutoffs)s::date[]) AS due (contract_line_id, cutoff)
        ON due.contract_line_id = item.contract_line_id
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = any(%(contract_ids)s::bigint[])
        AND item.state = 'ready'
        AND item.transaction_date
        <= CASE WHEN %(line_ids)s::bigint[] IS NULL THEN %(cutoff)s::date ELSE due.cutoff END
        AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
    UNION ALL
    SELECT
        milestone.contract_id,
        milestone.customer_id,
        milestone.project_id
    FROM operations.milestone
    LEFT JOIN unnest(%(line_ids)s::bigint[], %(line_cutoffs)s::date[]) AS due (contract_line_id, cutoff)
        ON due.contract_line_id = milestone.contract_line_id
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = any(%(contract_ids)s::bigint[])
        AND milestone.state = 'ready'
        AND milestone.milestone_date
        <= CASE WHEN %(line_ids)s::bigint[] IS NULL THEN %(cutoff)s::date ELSE due.cutoff END
        AND (%(milestone_ids)s::bigint[] IS NULL OR milestone.milestone_id = any(%(milestone_ids)s::bigint[]))
    UNION ALL
    SELECT
        retainer.contract_id,
        retainer.customer_id,
        NULL
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = any(%(contract_ids)s::bigint[])
        AND retainer.state = 'ready'
        AND (retainer.retainer_use = 'refunded' OR retainer.invoice_date <= %(cutoff)s::date)
        AND %(actual_ids)s::bigint[] IS NULL
),

kind AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        count(*) AS item_count
    FROM ready
    GROUP BY contract_id, customer_id, project_id
),

judged AS (
    SELECT
        kind.contract_id,
        contract.number AS contract_number,
        kind.item_count,
        CASE
            WHEN contract.state <> 'active' THEN ARRAY['ERR-B23', 'state', contract.state::text]
            WHEN project.state <> 'in_process' THEN ARRAY['ERR-B21', 'project', project.number]
            ELSE ARRAY['ERR-B04', 'customer', coalesce(customer.account, '')]
        END AS verdict
    FROM kind
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = kind.contract_id
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = kind.project_id
    LEFT JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = kind.customer_id
)

SELECT
    contract_id,
    contract_number,
    verdict[1] AS code,
    verdict[2] AS field,
    verdict[3] AS value,
    sum(item_count)::bigint AS item_count
FROM judged
GROUP BY verdict, contract_id, contract_number
ORDER BY contract_id, verdict;
