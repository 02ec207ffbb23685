-- Every section «put_…» takes the rows of one company and table as JSON, adds the new ones, changes
-- those that differ, and gives the counts. A row just added has no earlier version: its xmax is 0.

-- name: put_line_property
WITH given AS (
    SELECT
        given_row.line_property,
        given_row.name,
        given_row.is_chargeable,
        given_row.is_accruable
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        line_property text, name text, is_chargeable boolean, is_accruable boolean
    )
),

written AS (
    INSERT INTO finance.line_property AS stored (company, line_property, name, is_chargeable, is_accruable)
    SELECT
        %(company)s::text,
        line_property,
        name,
        is_chargeable,
        is_accruable
    FROM given
    ORDER BY line_property
    ON CONFLICT (company, line_property) DO UPDATE
        SET
            name = excluded.name,
            is_chargeable = excluded.is_chargeable,
            is_accruable = excluded.is_accruable
        WHERE (stored.name, stored.is_chargeable, stored.is_accruable)
        IS DISTINCT FROM (excluded.name, excluded.is_chargeable, excluded.is_accruable)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_billing_type_line_property
WITH given AS (
    SELECT
        given_row.billing_type,
        given_row.line_property
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (billing_type finance.billing_type, line_property text)
),

written AS (
    INSERT INTO finance.billing_type_line_property AS stored (company, billing_type, line_property)
    SELECT
        %(company)s::text,
        billing_type,
        line_property
    FROM given
    ORDER BY billing_type
    ON CONFLICT (company, billing_type) DO UPDATE
        SET
            line_property = excluded.line_property
        WHERE stored.line_property IS DISTINCT FROM excluded.line_property
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_project_category
WITH given AS (
    SELECT
        given_row.category_number,
        given_row.class,
        given_row.category_group,
        given_row.item_tax_group,
        given_row.is_active
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        category_number text, class finance.transaction_class, category_group text, item_tax_group text,
        is_active boolean
    )
),

written AS (
    INSERT INTO finance.project_category AS stored (
        company, category_number, class, category_group, item_tax_group, is_active
    )
    SELECT
        %(company)s::text,
        category_number,
        class,
        category_group,
        item_tax_group,
        is_active
    FROM given
    ORDER BY category_number, class
    ON CONFLICT (company, category_number, class) DO UPDATE
        SET
            category_group = excluded.category_group,
            item_tax_group = excluded.item_tax_group,
            is_active = excluded.is_active
        WHERE (stored.category_group, stored.item_tax_group, stored.is_active)
        IS DISTINCT FROM (excluded.category_group, excluded.item_tax_group, excluded.is_active)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_category_default
WITH given AS (
    SELECT
        given_row.class,
        given_row.category_number
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (class finance.transaction_class, category_number text)
),

written AS (
    INSERT INTO finance.category_default AS stored (company, class, category_number)
    SELECT
        %(company)s::text,
        class,
        category_number
    FROM given
    ORDER BY class
    ON CONFLICT (company, class) DO UPDATE
        SET
            category_number = excluded.category_number
        WHERE stored.category_number IS DISTINCT FROM excluded.category_number
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_revenue_profile
WITH given AS (
    SELECT
        given_row.profile,
        given_row.name,
        given_row.billing_method,
        given_row.hour_costs,
        given_row.expense_costs,
        given_row.item_costs,
        given_row.on_account,
        given_row.accrues_hours,
        given_row.accrues_expenses,
        given_row.accrues_items,
        given_row.accrues_fees,
        given_row.completion,
        given_row.matching
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        profile text, name text, billing_method finance.billing_method, hour_costs finance.ledger_status,
        expense_costs finance.ledger_status, item_costs finance.ledger_status, on_account finance.ledger_status,
        accrues_hours boolean, accrues_expenses boolean, accrues_items boolean, accrues_fees boolean,
        completion finance.completion_principle, matching finance.matching_principle
    )
),

written AS (
    INSERT INTO finance.revenue_profile AS stored (
        company, profile, name, billing_method, hour_costs, expense_costs, item_costs, on_account,
        accrues_hours, accrues_expenses, accrues_items, accrues_fees, completion, matching
    )
    SELECT
        %(company)s::text,
        profile,
        name,
        billing_method,
        hour_costs,
        expense_costs,
        item_costs,
        on_account,
        accrues_hours,
        accrues_expenses,
        accrues_items,
        accrues_fees,
        completion,
        matching
    FROM given
    ORDER BY profile
    ON CONFLICT (company, profile) DO UPDATE
        SET
            name = excluded.name,
            billing_method = excluded.billing_method,
            hour_costs = excluded.hour_costs,
            expense_costs = excluded.expense_costs,
            item_costs = excluded.item_costs,
            on_account = excluded.on_account,
            accrues_hours = excluded.accrues_hours,
            accrues_expenses = excluded.accrues_expenses,
            accrues_items = excluded.accrues_items,
            accrues_fees = excluded.accrues_fees,
            completion = excluded.completion,
            matching = excluded.matching
        WHERE (
            stored.name, stored.billing_method, stored.hour_costs, stored.expense_costs, stored.item_costs,
            stored.on_account, stored.accrues_hours, stored.accrues_expenses, stored.accrues_items,
            stored.accrues_fees, stored.completion, stored.matching
        ) IS DISTINCT FROM (
            excluded.name, excluded.billing_method, excluded.hour_costs, excluded.expense_costs,
            excluded.item_costs, excluded.on_account, excluded.accrues_hours, excluded.accrues_expenses,
            excluded.accrues_items, excluded.accrues_fees, excluded.completion, excluded.matching
        )
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_profile_rule
WITH given AS (
    SELECT
        given_row.billing_method,
        given_row.project_number,
        given_row.project_group,
        given_row.contract_number,
        given_row.profile
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        billing_method finance.billing_method, project_number text, project_group text, contract_number text,
        profile text
    )
),

written AS (
    INSERT INTO finance.profile_rule AS stored (
        company, billing_method, project_number, project_group, contract_number, profile
    )
    SELECT
        %(company)s::text,
        billing_method,
        project_number,
        project_group,
        contract_number,
        profile
    FROM given
    ORDER BY billing_method, project_number, project_group, contract_number
    ON CONFLICT ON CONSTRAINT rule_is_stated_once DO UPDATE
        SET
            profile = excluded.profile
        WHERE stored.profile IS DISTINCT FROM excluded.profile
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_posting_setup
WITH given AS (
    SELECT
        given_row.posting_type,
        given_row.project_number,
        given_row.project_group,
        given_row.category_number,
        given_row.category_group,
        given_row.account
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        posting_type finance.posting_type, project_number text, project_group text, category_number text,
        category_group text, account text
    )
),

written AS (
    INSERT INTO finance.posting_setup AS stored (
        company, posting_type, project_number, project_group, category_number, category_group, account
    )
    SELECT
        %(company)s::text,
        posting_type,
        project_number,
        project_group,
        category_number,
        category_group,
        account
    FROM given
    ORDER BY posting_type, project_number, project_group, category_number, category_group
    ON CONFLICT ON CONSTRAINT posting_is_stated_once DO UPDATE
        SET
            account = excluded.account
        WHERE stored.account IS DISTINCT FROM excluded.account
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_parameter
WITH given AS (
    SELECT
        given_row.tax_group_method,
        given_row.item_tax_group_method,
        given_row.milestone_item_tax_group,
        given_row.moves_accounting_date_to_open_period,
        given_row.period_unit,
        given_row.journal_lines_max,
        given_row.voucher_per,
        given_row.posting_profile
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        tax_group_method finance.tax_group_method, item_tax_group_method finance.item_tax_group_method,
        milestone_item_tax_group text, moves_accounting_date_to_open_period boolean,
        period_unit finance.period_unit, journal_lines_max integer, voucher_per finance.voucher_unit,
        posting_profile text
    )
),

written AS (
    INSERT INTO finance.parameter AS stored (
        company, tax_group_method, item_tax_group_method, milestone_item_tax_group,
        moves_accounting_date_to_open_period, period_unit, journal_lines_max, voucher_per, posting_profile
    )
    SELECT
        %(company)s::text,
        tax_group_method,
        item_tax_group_method,
        milestone_item_tax_group,
        moves_accounting_date_to_open_period,
        period_unit,
        journal_lines_max,
        voucher_per,
        posting_profile
    FROM given
    ON CONFLICT (company) DO UPDATE
        SET
            tax_group_method = excluded.tax_group_method,
            item_tax_group_method = excluded.item_tax_group_method,
            milestone_item_tax_group = excluded.milestone_item_tax_group,
            moves_accounting_date_to_open_period = excluded.moves_accounting_date_to_open_period,
            period_unit = excluded.period_unit,
            journal_lines_max = excluded.journal_lines_max,
            voucher_per = excluded.voucher_per,
            posting_profile = excluded.posting_profile
        WHERE (
            stored.tax_group_method, stored.item_tax_group_method, stored.milestone_item_tax_group,
            stored.moves_accounting_date_to_open_period, stored.period_unit, stored.journal_lines_max,
            stored.voucher_per, stored.posting_profile
        ) IS DISTINCT FROM (
            excluded.tax_group_method, excluded.item_tax_group_method, excluded.milestone_item_tax_group,
            excluded.moves_accounting_date_to_open_period, excluded.period_unit, excluded.journal_lines_max,
            excluded.voucher_per, excluded.posting_profile
        )
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;
