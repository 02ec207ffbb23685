-- When contract lines are invoiced by themselves, and fixed prices that are billed by progress.

CREATE TYPE operations.invoice_period AS ENUM ('weekly', 'biweekly', 'monthly');
CREATE TYPE operations.weekday_occurrence AS ENUM ('first', 'second', 'third', 'fourth', 'last');

-- How often a line is invoiced (msdyn_invoicefrequency). A period is a calendar month, or one or two
-- weeks from the Monday of the week in which billing starts. It has one to four runs: on days of the
-- period, a day after its end being its last, or on weekdays (1 Monday to 7 Sunday) of it.
CREATE TABLE operations.invoice_frequency (
    company text NOT NULL REFERENCES operations.company (company),
    invoice_frequency_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    period operations.invoice_period NOT NULL,
    days integer[] CHECK (cardinality(days) BETWEEN 1 AND 4 AND 1 <= all(days) AND 31 >= all(days)),
    weekdays integer[] CHECK (cardinality(weekdays) BETWEEN 1 AND 4 AND 1 <= all(weekdays) AND 7 >= all(weekdays)),
    occurrences operations.weekday_occurrence[],
    PRIMARY KEY (company, invoice_frequency_id),
    CONSTRAINT frequency_name_is_used_once UNIQUE (company, name),
    CONSTRAINT frequency_counts_days_or_weekdays CHECK (
        (days IS NULL) <> (weekdays IS NULL)
        AND cardinality(weekdays) IS NOT DISTINCT FROM cardinality(occurrences)
    )
);

-- completed_milestones: a milestone is billed whole. progress: part by part, as much as is said each time.
CREATE TYPE operations.schedule_type AS ENUM ('completed_milestones', 'progress');

-- The last day that schedules are generated for.
ALTER TABLE operations.contract ADD COLUMN requested_delivery_date date;

-- estimated_tax_amount: of the contracted amount, in the contract's currency.
ALTER TABLE operations.contract_line
ADD COLUMN billing_start_date date,
ADD COLUMN invoice_frequency_id bigint,
ADD COLUMN schedule_type operations.schedule_type NOT NULL DEFAULT 'completed_milestones',
ADD COLUMN estimated_tax_amount numeric(19, 4) NOT NULL DEFAULT 0 CHECK (estimated_tax_amount >= 0),
ADD FOREIGN KEY (company, invoice_frequency_id)
REFERENCES operations.invoice_frequency (company, invoice_frequency_id);

CREATE TYPE operations.invoice_run_state AS ENUM ('not_run', 'successful', 'failed');

-- A day on which a contract line is to be invoiced (msdyn_contractlineinvoiceschedule), and what came
-- of it: the drafts that its contract's run opened, numbered in one block, none where nothing was to
-- be billed; or why it failed.
CREATE TABLE operations.contract_line_schedule (
    company text NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    run_date date NOT NULL,
    cutoff_date date NOT NULL,
    state operations.invoice_run_state NOT NULL DEFAULT 'not_run',
    first_proforma_id bigint,
    last_proforma_id bigint,
    message text,
    run_at timestamptz,
    PRIMARY KEY (company, contract_id, contract_line_id, run_date),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id),
    CONSTRAINT cutoff_is_the_day_before CHECK (cutoff_date = run_date - 1),
    CONSTRAINT run_is_recorded CHECK (
        (state = 'not_run') = (run_at IS NULL)
        AND (state = 'failed') = (message IS NOT NULL)
        AND (first_proforma_id IS NULL) = (last_proforma_id IS NULL)
        AND (state <> 'not_run' OR first_proforma_id IS NULL)
    )
);

-- Query: what is due (schedules.run).
CREATE INDEX schedule_is_due ON operations.contract_line_schedule (company, run_date, contract_id)
WHERE state = 'not_run';

-- Milestones of one line and name are parts of one: those of its customers, and those in which it is
-- billed by progress, numbered from 1.
ALTER TABLE operations.milestone
ADD COLUMN part integer NOT NULL DEFAULT 1 CHECK (part > 0),
DROP CONSTRAINT milestone_name_is_used_once,
ADD CONSTRAINT milestone_name_is_used_once UNIQUE (company, contract_line_id, name, customer_id, part);

-- A milestone over all its parts: what of it is invoiced, what comes next and what remains, the next
-- amount included. not_started: nothing is ready. completed: everything is invoiced.
CREATE VIEW operations.milestone_progress AS
SELECT
    company,
    contract_id,
    contract_line_id,
    name,
    currency,
    sum(amount) AS amount,
    sum(tax_amount) AS tax_amount,
    coalesce(sum(amount) FILTER (WHERE state = 'posted'), 0) AS invoiced_amount,
    coalesce(sum(amount) FILTER (WHERE state IN ('ready', 'on_proforma')), 0) AS next_amount,
    coalesce(sum(amount) FILTER (WHERE state <> 'posted'), 0) AS remaining_amount,
    coalesce(sum(amount) FILTER (WHERE state IN ('not_ready', 'ready')), 0) AS open_amount,
    CASE
        WHEN bool_or(state = 'on_proforma') THEN 'on_proforma'
        WHEN bool_or(state = 'ready') THEN 'ready'
        ELSE 'not_ready'
    END AS next_state,
    CASE
        WHEN bool_and(state = 'not_ready') THEN 'not_started'
        WHEN bool_and(state = 'posted' OR amount = 0) THEN 'completed'
        ELSE 'in_progress'
    END AS state
FROM operations.milestone
GROUP BY company, contract_id, contract_line_id, name, currency;

-- The days on which lines are to be invoiced by their frequency, from the start of billing to the
-- delivery date of the contract, both included. Two runs that fall on one day are one.
CREATE VIEW operations.planned_invoice_run AS
SELECT DISTINCT
    agreed.company,
    agreed.contract_id,
    agreed.contract_line_id,
    planned.run_date
FROM operations.contract_line AS agreed
JOIN operations.contract
    ON contract.company = agreed.company AND contract.contract_id = agreed.contract_id
JOIN operations.invoice_frequency AS frequency
    ON
        frequency.company = agreed.company
        AND frequency.invoice_frequency_id = agreed.invoice_frequency_id
CROSS JOIN
    LATERAL (
        VALUES (
            CASE frequency.period WHEN 'monthly' THEN 'month' ELSE 'week' END,
            CASE frequency.period
                WHEN 'monthly' THEN interval '1 month'
                WHEN 'biweekly' THEN interval '14 days'
                ELSE interval '7 days'
            END
        )
    ) AS counted (unit, length)
CROSS JOIN
    LATERAL generate_series(
        date_trunc(counted.unit, agreed.billing_start_date::timestamp),
        contract.requested_delivery_date::timestamp,
        counted.length
    ) AS step (start)
CROSS JOIN
    LATERAL (
        VALUES (step.start::date, (step.start + counted.length)::date - 1)
    ) AS period (first_day, last_day)
CROSS JOIN LATERAL unnest(frequency.days, frequency.weekdays, frequency.occurrences) AS run (day, weekday, occurrence)
CROSS JOIN
    LATERAL (
        VALUES (
            CASE
                WHEN run.day IS NOT NULL THEN least(period.first_day + run.day - 1, period.last_day)
                WHEN run.occurrence = 'last'
                    THEN period.last_day - (extract(ISODOW FROM period.last_day)::integer - run.weekday + 7) % 7
                ELSE
                    period.first_day + (run.weekday - extract(ISODOW FROM period.first_day)::integer + 7) % 7
                    + 7 * array_position(
                        enum_range(NULL::operations.weekday_occurrence, 'fourth'), run.occurrence
                    ) - 7
            END
        )
    ) AS planned (run_date)
WHERE planned.run_date BETWEEN agreed.billing_start_date AND contract.requested_delivery_date;

-- Milestones that fixed prices without any are going to get: equal parts of the contracted amount and
-- its tax, one for each day, named for it. The last takes the remainder; what cannot be divided so
-- has none. Each is split over the customers of its line: the one that is_rounding takes what
-- rounding leaves, and who has no share gets none.
CREATE VIEW operations.periodic_milestone AS
WITH planned AS (
    SELECT
        planned_run.company,
        planned_run.contract_id,
        planned_run.contract_line_id,
        planned_run.run_date,
        agreed.project_id,
        agreed.contracted_amount,
        agreed.estimated_tax_amount,
        contract.currency,
        currency.precision,
        count(*) OVER line AS run_count,
        row_number() OVER (line ORDER BY planned_run.run_date) AS place
    FROM operations.planned_invoice_run AS planned_run
    JOIN operations.contract_line AS agreed
        ON agreed.company = planned_run.company AND agreed.contract_line_id = planned_run.contract_line_id
    JOIN operations.contract
        ON contract.company = planned_run.company AND contract.contract_id = planned_run.contract_id
    JOIN operations.currency ON currency.currency = contract.currency
    WHERE
        agreed.billing_method = 'fixed_price'
        AND agreed.schedule_type = 'completed_milestones'
        AND agreed.project_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM operations.milestone
            WHERE
                milestone.company = agreed.company
                AND milestone.contract_line_id = agreed.contract_line_id
        )
    WINDOW line AS (PARTITION BY planned_run.company, planned_run.contract_line_id)
),

divided AS (
    SELECT
        planned.*,
        CASE WHEN planned.place < planned.run_count THEN part.amount ELSE part.last_amount END AS amount,
        CASE WHEN planned.place < planned.run_count THEN part.tax_amount ELSE part.last_tax_amount END AS tax_amount
    FROM planned
    CROSS JOIN
        LATERAL (
            VALUES (
                round(planned.contracted_amount / planned.run_count, planned.precision),
                round(planned.estimated_tax_amount / planned.run_count, planned.precision)
            )
        ) AS each (amount, tax_amount)
    CROSS JOIN
        LATERAL (
            VALUES (
                each.amount,
                each.tax_amount,
                planned.contracted_amount - (planned.run_count - 1) * each.amount,
                planned.estimated_tax_amount - (planned.run_count - 1) * each.tax_amount
            )
        ) AS part (amount, tax_amount, last_amount, last_tax_amount)
    WHERE part.amount > 0 AND part.last_amount > 0 AND part.last_tax_amount >= 0
),

shared AS (
    SELECT
        divided.*,
        payer.customer_id,
        payer.is_rounding,
        CASE
            WHEN payer.is_rounding THEN 0
            ELSE round(divided.amount * payer.split_percent / 100, divided.precision)
        END AS amount_share,
        CASE
            WHEN payer.is_rounding THEN 0
            ELSE round(divided.tax_amount * payer.split_percent / 100, divided.precision)
        END AS tax_share
    FROM divided
    JOIN operations.contract_line_customer AS payer
        ON payer.company = divided.company AND payer.contract_line_id = divided.contract_line_id
    WHERE payer.split_percent > 0 OR payer.is_rounding
)

SELECT
    company,
    contract_id,
    contract_line_id,
    customer_id,
    project_id,
    currency,
    run_date AS milestone_date,
    CASE WHEN is_rounding THEN amount - sum(amount_share) OVER whole ELSE amount_share END AS amount,
    CASE WHEN is_rounding THEN tax_amount - sum(tax_share) OVER whole ELSE tax_share END AS tax_amount
FROM shared
WINDOW whole AS (PARTITION BY company, contract_line_id, run_date);

GRANT SELECT ON
operations.invoice_frequency, operations.contract_line_schedule, operations.planned_invoice_run,
operations.periodic_milestone, operations.milestone_progress
TO twofold_operations, twofold_dualwrite, twofold_auditor;

GRANT INSERT, UPDATE (name, period, days, weekdays, occurrences) ON operations.invoice_frequency
TO twofold_operations;
GRANT UPDATE (requested_delivery_date) ON operations.contract TO twofold_operations;
GRANT UPDATE (billing_start_date, invoice_frequency_id, schedule_type, estimated_tax_amount)
ON operations.contract_line TO twofold_operations;
GRANT INSERT, DELETE, UPDATE (state, first_proforma_id, last_proforma_id, message, run_at)
ON operations.contract_line_schedule TO twofold_operations;
